/* The ledger: an append-only Merkle log that lives in the engine's turns and is published as files.
 *
 * An entry (bytes; what they say is not known here) is appended in the same turn as the change it
 * speaks of, so neither exists without the other. A publisher signs the tree at most every
 * LIMIT_CHECKPOINT_MS and moves full bundles of 256 entries and their hash tiles into files in
 * tlog-tiles layout; only then may they be trimmed from the engine. Guards see a history that
 * became shorter or another one: the watermark in the directory, an anchor file on another disk,
 * witnesses.
 *
 * Threads: functions that take a turn belong to the committer. ledger_publish and
 * ledger_witness_round each want one caller at a time (a worker). Reading is for any thread. What
 * touches files parks. Source: CORE 2, 3, 6; docs/formats/ledger.md; c2sp.org/tlog-tiles,
 * tlog-checkpoint, tlog-witness. */
#ifndef AZEKURA_LEDGER_LEDGER_H
#define AZEKURA_LEDGER_LEDGER_H

#include "base/base.h"
#include "engine/engine.h"
#include "seal/seal.h"
#include "tlog/tlog.h"

struct ledger;

enum {
    LEDGER_WITNESSES_MAX =
        16, /* signature lines every reader of notes must accept; c2sp signed-note */
    LEDGER_RECEIPT_BYTES = TLOG_NAME_BYTES_MAX + 1 + 20 + 1 + 20 + 1, /* ORIGIN#FIRST-LAST */
    LEDGER_TRIM_MAX = 4096, /* entries one trim forgets: bounds the turn */
};

struct ledger_witness {
    str name;
    str vkey; /* its cosignature key (type 0x04), as text */
    str url;  /* "http://host:port/prefix"; add-checkpoint is asked below it */
};

struct ledger_options {
    const char *dir;         /* DATA/ledger; made if missing */
    str origin;              /* name of a log that begins now; an existing one keeps its own */
    const char *anchor_path; /* NULL: none */
    const struct ledger_witness *witnesses;
    size_t witness_count;
    bool without_start_witnesses; /* do not ask witnesses at open: for tools that only read */
};

/* Loads the tree from the engine, compares it with the files, and asks the guards. Parks.
 *   FAIL_ROLLED_BACK  the engine's tree is shorter than, or another than, what watermark, anchor or
 *                     a witness has seen, or one of them knows a log that came after this one: the
 *                     message says which, the sizes, and the way out
 *   FAIL_VERSION      a file or row of a format we do not know
 *   FAIL_CORRUPT      tiles, rows and tree do not agree
 *   FAIL_SYNTAX       origin or a witness key
 * An unreachable witness is no error: the log opens, ledger_state says LEDGER_UNCONFIRMED until one of
 * the guards has answered, and rounds ask on; what one then knows stops the log. */
enum error_code ledger_open(struct engine *engine, struct seal_keys *keys,
                            const struct ledger_options *options, struct ledger **out,
                            struct error *e) MUST_USE;
void ledger_close(struct ledger *ledger); /* no turn open; NULL is fine */
/* Asserts every invariant of what is in memory; compares with the rows under a view. For tests. */
enum error_code ledger_check(struct ledger *ledger, struct error *e) MUST_USE;

str ledger_origin(const struct ledger *ledger);
uint32_t ledger_number(const struct ledger *ledger); /* 1; one more after each succession */
/* What verifies checkpoints: "ORIGIN+hex8+base64". */
const struct tlog_vkey *ledger_vkey(const struct ledger *ledger);

/* ---- in a turn ----
 *
 * begin; then for each request: mark, append…, keep or rewind; then end; then commit the engine's
 * turn; then done, or after a failed commit and engine_reopen, reload. abandon forgets a turn not
 * committed. */

void ledger_turn_begin(struct ledger *ledger, struct engine_turn *turn);
void ledger_turn_mark(struct ledger *ledger);   /* with engine_turn_mark; they nest, 8 deep */
void ledger_turn_keep(struct ledger *ledger);   /* with engine_turn_keep */
void ledger_turn_rewind(struct ledger *ledger); /* with engine_turn_rewind */
/* entry: 1..LIMIT_ENTRY_BYTES. *index is its place in the log, should the turn commit.
 * FAIL_LIMIT; FAIL_STOPPING once ledger_stopped. */
enum error_code ledger_append(struct ledger *ledger, str entry, uint64_t *index,
                              struct error *e) MUST_USE;
uint64_t ledger_next_index(const struct ledger *ledger); /* of the turn under way */
/* Writes the new tree head into the turn. After it nothing more may be appended. */
enum error_code ledger_turn_end(struct ledger *ledger, struct error *e) MUST_USE;
void ledger_turn_done(struct ledger *ledger); /* the engine's commit was OK */
void ledger_turn_abandon(struct ledger *ledger);
/* After a failed commit and engine_reopen: takes the tree recovery shows.
 * FAIL_ROLLED_BACK when it is shorter than what was signed. */
enum error_code ledger_reload(struct ledger *ledger, struct error *e) MUST_USE;

/* Deletes rows of entries that lie sealed in files, at most LEDGER_TRIM_MAX; any turn, between
 * ledger_turn_begin and ledger_turn_end. *count tells how many: 0 when there is nothing to do. */
enum error_code ledger_trim(struct ledger *ledger, uint64_t *count, struct error *e) MUST_USE;
bool ledger_trim_due(const struct ledger *ledger);

/* ---- publishing ---- */

/* Seals what is full, writes the watermark, signs, publishes: what was committed when it was called
 * is in the checkpoint when it returns. Nothing new: does nothing. Parks; on a worker, please.
 *   FAIL_CORRUPT      rows do not hash to the committed tree: nothing is signed, ledger_stopped is set
 *   FAIL_DISK_FULL, FAIL_SYSTEM, FAIL_ENGINE_BROKEN   nothing is signed; try again later */
enum error_code ledger_publish(struct ledger *ledger, struct error *e) MUST_USE;
/* Is there something committed that no checkpoint has? */
bool ledger_publish_due(const struct ledger *ledger);

/* Asks each witness that has not said so yet whether it knows a log after this one; then
 * shows the newest checkpoint to each that has not cosigned it, and writes cosignatures
 * into the published note. Parks up to `deadline_ns` (steady). Errors of single witnesses are
 * states, not errors here.
 *   FAIL_ROLLED_BACK  a witness has seen another history, or a log after this one; ledger_stopped
 *                     is set */
enum error_code ledger_witness_round(struct ledger *ledger, int64_t deadline_ns,
                                     struct error *e) MUST_USE;
bool ledger_witness_due(const struct ledger *ledger);

/* Has something shown that this history must not go on (a witness's 409 or 422, rows that do not
 * hash)? Any thread, one atomic read. The story: ledger_state. */
bool ledger_stopped(const struct ledger *ledger);

enum ledger_rollback {
    LEDGER_UNGUARDED,   /* neither anchor nor witness: a restored copy of DATA would not be seen */
    LEDGER_UNCONFIRMED, /* guards are configured, none has answered since the start */
    LEDGER_GUARDED,     /* anchor or a witness has confirmed this history since the start */
};
struct ledger_witness_state {
    str name;       /* lives as long as the ledger */
    bool reachable; /* at the last try */
    bool tried;
    uint64_t cosigned_size; /* newest checkpoint it cosigned, as we know; 0: none */
    int64_t cosigned_s;     /* its own time for that */
    char problem[160];      /* closed text; empty: none */
    bool is_blind; /* it cosigns and shows no checkpoints: later logs it would not tell of */
};
struct ledger_state {
    uint64_t committed_size, published_size, sealed_size, trimmed_size;
    int64_t published_ns; /* wall time of the newest checkpoint; 0: none since start */
    enum ledger_rollback rollback;
    bool anchor_current; /* the anchor file holds the newest checkpoint */
    bool stopped;
    char story[320]; /* why it stopped; closed text */
    size_t witness_count;
    size_t cosigned_count; /* witnesses that cosigned the newest checkpoint */
    struct ledger_witness_state witnesses[LEDGER_WITNESSES_MAX];
};
void ledger_state(const struct ledger *ledger, struct ledger_state *out);
enum ledger_rollback ledger_rollback_of(const struct ledger *ledger); /* any thread */
const char *ledger_rollback_name(enum ledger_rollback rollback);      /* "unguarded" … */

/* ---- reading. Everything that speaks of hashes speaks of the newest checkpoint. ---- */

/* The newest checkpoint, with the cosignatures it has. FAIL_NOT_FOUND before the first. */
enum error_code ledger_checkpoint(struct ledger *ledger, struct arena *arena,
                                  struct tlog_checkpoint *checkpoint, str *note,
                                  struct error *e) MUST_USE;
/* FAIL_NOT_FOUND: no such tile, or wider than the checkpoint's tree. */
enum error_code
ledger_tile_read(struct ledger *ledger, const struct tlog_tile *tile, struct engine_view *view,
                 struct arena *arena, str *bytes,
                 struct error *e) MUST_USE; /* view: for bundles; NULL for hashes; one
                                                   * opened after the checkpoint was seen */
/* One entry that the view shows; of log `number` (an earlier one lies in files alone). Needs 1 MiB
 * of scratch at most. FAIL_NOT_FOUND. */
enum error_code ledger_entry_read(struct ledger *ledger, uint32_t number, uint64_t index,
                                  struct engine_view *view, struct arena *arena,
                                  struct arena scratch, str *entry, struct error *e) MUST_USE;

struct ledger_proof {
    uint64_t index, size;
    digest root;
    struct tlog_path path;
    str note;
};
/* Inclusion of an entry in the newest checkpoint of its log. Publish first if it is younger: an
 * index beyond the checkpoint is FAIL_NOT_FOUND. Needs about 160 KiB of scratch. */
enum error_code ledger_prove(struct ledger *ledger, uint32_t number, uint64_t index,
                             struct arena *arena, struct arena scratch, struct ledger_proof *out,
                             struct error *e) MUST_USE;

/* The same in the newest log as it was at `size`, which is not over its newest checkpoint's: for who was
 * shown a checkpoint and holds on to it while newer ones are signed. FAIL_NOT_FOUND: a greater size, or
 * index >= size. Needs about 160 KiB of scratch. */
enum error_code ledger_path_at(struct ledger *ledger, uint64_t index, uint64_t size,
                               struct arena scratch, struct tlog_path *out,
                               struct error *e) MUST_USE;

/* Writes the log as it stands at its newest checkpoint (publish first) into a directory:
 * checkpoint, all tiles and bundles, partial ones too; and below old/N/ the same of every log that
 * came before, as far as it is left; of one whose files are gone its last note alone, or nothing: who
 * exports says so. The directory must be empty or an earlier export of the same
 * log. Anyone can check it offline with azekura-verify --ledger. */
enum error_code ledger_export(struct ledger *ledger, struct engine_view *view, const char *dir,
                              void (*progress)(void *self, uint64_t done, uint64_t all), void *self,
                              struct error *e) MUST_USE;

/* Part of the newest log at its newest checkpoint, for somebody who is shown some of its entries: the
 * checkpoint, the hash tiles of level 1 and above, the right edge of level 0, and those entry bundles
 * that `wants` asks for. Each of these can be held against the root by itself. The directory must
 * be empty or hold an earlier checkpoint of this log. Opens its own view. */
enum error_code ledger_export_part(struct ledger *ledger, const char *dir,
                                   bool (*wants)(void *self, uint64_t bundle), void *self,
                                   struct error *e) MUST_USE;
/* Signs a note that is no checkpoint with the log's key: its first line names a format ("azekura-…") and
 * never the log, so that neither can be taken for the other. FAIL_USAGE: another first line. */
enum error_code ledger_note_sign(const struct ledger *ledger, str text, struct text *note,
                                 struct error *e) MUST_USE;

/* "ORIGIN#INDEX", or "ORIGIN#FIRST-LAST" when they differ; closed text, length returned. */
size_t ledger_receipt_write(const struct ledger *ledger, uint64_t first, uint64_t last,
                            char out[LEDGER_RECEIPT_BYTES]);

/* What log `number` of this line is called: one that came before, or this one. FAIL_NOT_FOUND: there
 * has been no such log. */
enum error_code ledger_origin_find(const struct ledger *ledger, uint32_t number,
                                   char out[TLOG_NAME_BYTES_MAX], size_t *bytes,
                                   struct error *e) MUST_USE;

/* ---- logs before this one: what was left of them lies in files alone ---- */

struct ledger_old {
    uint32_t number;
    char origin[TLOG_NAME_BYTES_MAX];
    size_t origin_bytes;
    uint64_t size; /* entries left; 0: it was lost whole */
    digest root;   /* of those; the log after it names both */
};
/* FAIL_NOT_FOUND: no log of this number came before. */
enum error_code ledger_old_find(struct ledger *ledger, uint32_t number, struct ledger_old *out,
                                struct error *e) MUST_USE;
/* The newest of its signed notes that survived, also of one of which nothing else did. FAIL_NOT_FOUND:
 * no such log, or no note. Parks. */
enum error_code ledger_old_note(struct ledger *ledger, uint32_t number, struct arena *arena,
                                str *note, struct error *e) MUST_USE;
/* A file of an old log by its name in it: "checkpoint", the newest of its signed notes that
 * survived (it may be of more entries than are left), tiles and bundles of what is left.
 * FAIL_NOT_FOUND. Parks. */
enum error_code ledger_old_file(struct ledger *ledger, uint32_t number, str name,
                                struct arena *arena, str *bytes, struct error *e) MUST_USE;
/* Part of an old log, as ledger_export_part writes it of the newest: of what is left. Its checkpoint is
 * the newest of its notes that survived, if one did. FAIL_NOT_FOUND: no such log, or nothing of it is
 * there. */
enum error_code ledger_old_export_part(struct ledger *ledger, uint32_t number, const char *dir,
                                       bool (*wants)(void *self, uint64_t bundle), void *self,
                                       struct error *e) MUST_USE;

/* ---- the way out of a refusal ---- */

/* What the guards knew and the engine shows, for the first entry of the new log. */
struct ledger_succession {
    str old_origin;
    uint32_t old_number;
    uint64_t known_size; /* largest checkpoint that watermark, anchor or a witness knows */
    digest known_root;
    uint64_t left_size; /* what recovery shows; lost are [left_size, known_size) */
    digest left_root;
    str new_origin; /* the old one with "/2", "/3", … */
    uint32_t new_number;
    uint64_t index; /* of this entry in the new log */
    bool is_last;   /* this old log is the one whose rows, and objects, the engine shows */
};
/* Opens a new log after ledger_open was refused: seals what is left of the old one into its
 * directory, then in one turn forgets its rows and appends the first entry of the new log, which
 * `first` encodes (and may write an opening for into the turn). Where the engine is from before an
 * earlier succession, `first` is called for every log that came after the one it shows, newest
 * first, and for that one last; of the others nothing is left. No ledger may be open on the
 * engine. The new log lives in DIR/log-N. Can be repeated after a crash at any point.
 *   FAIL_USAGE  the ledger opens as it is
 *   FAIL_LIMIT  over 63 logs came after the one the engine shows */
enum error_code
ledger_succeed(struct engine *engine, struct seal_keys *keys, const struct ledger_options *options,
               enum error_code (*first)(void *self, struct engine_turn *turn,
                                        const struct ledger_succession *succession,
                                        struct arena *arena, str *entry, struct error *e),
               void *self, struct error *e) MUST_USE;

#endif
