/* Inside the ledger: its parts and who owns which. Inner header. README.md draws the picture. */
#ifndef AZEKURA_LEDGER_INNER_H
#define AZEKURA_LEDGER_INNER_H

#include "ledger/ledger.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
    LEDGER_PATH_BYTES = 4096,
    LEDGER_NOTE_BYTES =
        8192, /* a checkpoint and LEDGER_WITNESSES_MAX cosignatures, 400 bytes each */
    LEDGER_MARKS = 8,
    LEDGER_BUNDLE_BYTES = TLOG_TILE_WIDTH * (2 + LIMIT_ENTRY_BYTES),
    LEDGER_TURN_ROOM = 2 << 20, /* entries of a turn; grows when one request has more … */
    LEDGER_TURN_ROOM_MAX =
        64 << 20,           /* … up to here: 1,000 deletes with the longest entries are 4 MiB */
    LEDGER_TRIM_DUE = 1024, /* rows in files already before a trim is worth its bytes in a turn */
};

/* ---- rows: docs/formats/ledger.md ---- */

/* The tree as the engine has it: written once a turn. */
struct ledger_row {
    uint32_t number;  /* of the log; 0: there is no row, nothing was ever appended */
    uint64_t trimmed; /* entries below lie in files alone; a multiple of 256 */
    struct tlog_tree tree;
};
enum { LEDGER_ENTRY_KEY_BYTES = 9, LEDGER_ROW_BYTES = 13 + TLOG_TREE_BYTES_MAX };
extern const str ledger_row_key;
str ledger_entry_key(uint64_t index, char memory[LEDGER_ENTRY_KEY_BYTES]);
/* A run: entries of one turn that lie side by side in one bundle, each after its u16 length, under the
 * index of the first. One row for many entries, written once and deleted once. */
struct ledger_run {
    uint64_t first, next; /* indexes: of the run's first entry, of the one to be taken next */
    str rest;
};
enum { LEDGER_RUN_BYTES = 65536 }; /* a run ends once it is so long; ours: rows stay small */
/* FAIL_CORRUPT: not a key of a run, or an empty value. */
enum error_code ledger_run_begin(str key, str value, struct ledger_run *out,
                                 struct error *e) MUST_USE;
/* The next entry, a view; FAIL_CORRUPT when it is cut, empty, too long, or of the next bundle.
 * While run->rest.len > 0. */
enum error_code ledger_run_next(struct ledger_run *run, str *entry, struct error *e) MUST_USE;
/* The runs of bundle `index` under a view: its first `width` entries, each after its length. *found
 * false: some are not in the engine. FAIL_LIMIT: over the pack. */
enum error_code ledger_run_bundle(struct engine_view *view, uint64_t index, unsigned width,
                                  struct pack *bundle, bool *found, struct error *e) MUST_USE;
/* Deletes the runs that begin in [from, until), with the scans that takes. */
enum error_code ledger_run_delete(struct engine_turn *turn, uint64_t from, uint64_t until,
                                  struct error *e) MUST_USE;

/* The row as bytes into `memory`; and back: FAIL_VERSION, FAIL_CORRUPT. */
str ledger_row_write(const struct ledger_row *row, char memory[LEDGER_ROW_BYTES]);
enum error_code ledger_row_read(str bytes, struct ledger_row *out, struct error *e) MUST_USE;
enum error_code ledger_row_load(struct engine_view *view, struct ledger_row *out,
                                struct error *e) MUST_USE;

/* ---- files ---- */

/* DIR for the first log, DIR/log-N for the others. FAIL_LIMIT: too long. */
enum error_code ledger_log_dir(const char *dir, uint32_t number, char out[LEDGER_PATH_BYTES],
                               struct error *e) MUST_USE;
enum error_code ledger_path(const char *dir, const char *name, char out[LEDGER_PATH_BYTES],
                            struct error *e) MUST_USE;
enum error_code ledger_tile_path(const char *dir, const struct tlog_tile *tile,
                                 char out[LEDGER_PATH_BYTES], struct error *e) MUST_USE;

/* "signed": the newest head that may have been signed. Durable before any signature is made. */
struct ledger_signed {
    uint32_t number, key_id;
    char origin[TLOG_NAME_BYTES_MAX];
    size_t origin_bytes;
    uint64_t size;
    digest root;
};
enum error_code ledger_signed_parse(str bytes, struct ledger_signed *out,
                                    struct error *e) MUST_USE; /* FAIL_VERSION, FAIL_CORRUPT */
void ledger_signed_print(const struct ledger_signed *file, struct text *out);
/* *found false: no such file. */
enum error_code ledger_signed_read(const char *dir, struct ledger_signed *out, bool *found,
                                   struct error *e) MUST_USE;
enum error_code ledger_signed_write(const char *dir, const struct ledger_signed *file,
                                    struct error *e) MUST_USE;

/* Writes a tile or bundle once: the file is whole and synced, its name is not yet: `fresh`
 * remembers the directory to sync. One that is there must be the same: FAIL_CORRUPT otherwise. */
struct ledger_fresh {
    char dir[LEDGER_PATH_BYTES]; /* empty: nothing to sync */
};
enum error_code ledger_file_put(const char *path, str bytes, struct ledger_fresh *fresh,
                                struct error *e) MUST_USE;
enum error_code ledger_fresh_sync(struct ledger_fresh *fresh, struct error *e) MUST_USE;
/* FAIL_NOT_FOUND; FAIL_CORRUPT unless it has exactly `bytes`. */
enum error_code ledger_file_get(const char *path, void *out, size_t bytes,
                                struct error *e) MUST_USE;

/* ---- the right edge: the tiles that are not full, level by level ---- */

struct ledger_edge {
    struct {
        unsigned count; /* (size / 256^level) % 256 */
        digest hashes[TLOG_TILE_WIDTH];
    } levels[TLOG_TILE_LEVELS];
};

/* Hash tiles of one log at one size: full ones from files, the others from an edge. Then
 * tlog_tiles_nodes(&source.tiles) gives any node, and so any root, path or proof. About 64 KiB. */
struct ledger_source {
    const char *dir;
    const struct ledger_edge *edge; /* at `tiles.size`; NULL: compute from the tiles below … */
    bool partials_in_files;         /* … or read: a log that has ended keeps them as files */
    struct tlog_tiles tiles;
};
void ledger_source_init(struct ledger_source *source, const char *dir,
                        const struct ledger_edge *edge, uint64_t size);

/* ---- the publisher: what has been read from the rows, hashed and put into files ---- */

struct ledger_publisher {
    bool loaded; /* false: start again from what is in files */
    struct tlog_tree seen;
    struct ledger_edge edge; /* at seen.size */
    struct pack bundle;      /* entries after the last full one */
    struct ledger_source source;
    struct ledger_fresh fresh[TLOG_TILE_LEVELS + 1]; /* by level; the last for bundles */
    enum error_code code;                            /* of the listener */
    struct error *e;
    const char *dir;
};
/* Takes up at row->trimmed. Reads files. */
enum error_code ledger_publisher_load(struct ledger_publisher *p, const struct ledger_row *row,
                                      struct error *e) MUST_USE;
/* Reads entries up to row->tree.size under the view, writes what becomes full, durably, and
 * compares the root with the row's. On error the publisher is no longer loaded. */
enum error_code ledger_publisher_advance(struct ledger_publisher *p, struct engine_view *view,
                                         const struct ledger_row *row, struct error *e) MUST_USE;
/* The root of the first `size` entries, size <= seen.size. */
enum error_code ledger_publisher_root(struct ledger_publisher *p, uint64_t size, digest *root,
                                      struct error *e) MUST_USE;

/* ---- the head that everybody sees ---- */

struct ledger_head {
    bool is_there;
    struct tlog_checkpoint checkpoint; /* origin views the ledger's */
    size_t note_bytes;
    char note[LEDGER_NOTE_BYTES];
    struct ledger_edge edge;
    int64_t published_ns;
    bool anchor_current;
};

struct ledger_witness_entry {
    char name[TLOG_NAME_BYTES_MAX], url[1024];
    size_t name_bytes, url_bytes;
    struct tlog_vkey key;
    uint64_t known_size; /* what it has cosigned, as its last answer said; where a proof begins */
    uint64_t shown_size; /* newest of our checkpoints it cosigned */
    bool later_asked;    /* it has said that it knows of no log after this one */
    bool sight_asked;    /* whether it shows what it has cosigned is known */
    int64_t next_try_ns; /* steady; under `shared` */
    struct ledger_witness_state state; /* under `shared` */
};

/* The run under way in a turn: not yet a row. */
struct ledger_run_place {
    size_t at;      /* in turn_memory; it ends at turn_used */
    uint64_t first; /* index of its first entry */
};
struct ledger_mark {
    struct tlog_tree tree;
    struct ledger_run_place run;
    size_t used;
};

struct ledger {
    struct engine *engine;
    struct tlog_signer signer;
    char base_dir[LEDGER_PATH_BYTES], dir[LEDGER_PATH_BYTES], anchor_path[LEDGER_PATH_BYTES];
    bool has_anchor;
    uint32_t number;
    char origin[TLOG_NAME_BYTES_MAX];
    size_t origin_bytes;

    /* the committer's */
    struct engine_turn *turn;
    struct ledger_row row, work; /* committed; of the turn under way */
    bool ended;
    struct ledger_mark marks[LEDGER_MARKS];
    unsigned mark_count;
    char *
        turn_memory; /* the turn's entries from `run.at` on, and those before that a rewind needs */
    size_t turn_room, turn_used;
    struct ledger_run_place run;

    /* from the committer and the publisher to everybody */
    _Atomic uint64_t committed_size, published_size, trimmed_size;
    _Atomic bool stopped, confirmed;

    /* the publisher's; `publishing` lets one work at a time */
    pthread_mutex_t publishing;
    struct ledger_publisher publisher;
    struct ledger_signed last_signed;
    char *bundle_memory;

    /* `shared` guards these, for moments only */
    pthread_mutex_t shared;
    struct ledger_head head;
    char story[320];
    struct ledger_witness_entry witnesses[LEDGER_WITNESSES_MAX];
    size_t witness_count;

    pthread_mutex_t witnessing; /* one round at a time */
    struct http_client *client; /* NULL without witnesses */
};

/* Stops this history: nothing more is appended or signed. The first story stays. */
void ledger_stop(struct ledger *ledger, const struct error *e);
static inline str ledger_origin_of(const struct ledger *ledger) {
    return str_of(ledger->origin, ledger->origin_bytes);
}
/* A copy of the head, in an arena. FAIL_NOT_FOUND before the first. */
enum error_code ledger_head_take(struct ledger *ledger, struct arena *arena,
                                 struct ledger_head **out, struct error *e) MUST_USE;

/* guard.c: what was known of this log before this start. */
enum error_code ledger_guard_signed(struct ledger *ledger, const struct ledger_row *row,
                                    struct error *e) MUST_USE;
enum error_code ledger_guard_anchor(struct ledger *ledger, struct error *e) MUST_USE;
/* Reads an anchor file: *found false when there is none, or it speaks of an earlier log.
 * FAIL_ROLLED_BACK: it speaks of a later one. */
enum error_code ledger_anchor_read(const char *path, const struct tlog_vkey *vkey, uint32_t number,
                                   struct arena *arena, struct tlog_checkpoint *out, bool *found,
                                   struct error *e) MUST_USE;
/* After the publisher has read everything: the watermark's head is in the tree. */
enum error_code ledger_guard_watermark(struct ledger *ledger, struct error *e) MUST_USE;
/* "name", "name/2", "name/3": what log `number` of the line is called in which `origin` is number
 * `origin_number`. FAIL_LIMIT. */
enum error_code ledger_origin_of_number(str origin, uint32_t origin_number, uint32_t number,
                                        char out[TLOG_NAME_BYTES_MAX], size_t *bytes,
                                        struct error *e) MUST_USE;

/* witness.c */
enum error_code ledger_witnesses_open(struct ledger *ledger, const struct ledger_options *options,
                                      struct error *e) MUST_USE;
void ledger_witnesses_close(struct ledger *ledger);
/* The checkpoint of a log that a witness shows, signed by the key of that log; *note: with its
 * cosignature. Parks. FAIL_NOT_FOUND: it has none (or shows none); others: it could not be asked, or
 * shows something that the key did not sign. Source: c2sp.org/tlog-witness, monitoring. */
enum error_code ledger_witness_known(struct ledger *ledger, const struct ledger_witness_entry *w,
                                     const struct tlog_vkey *vkey, int64_t deadline_ns,
                                     struct arena *arena, struct tlog_checkpoint *out, str *note,
                                     struct error *e) MUST_USE;
/* How many numbers past the newest log known are looked at: one that no guard ever saw may lie
 * between. Ours. */
enum { LEDGER_LATER_LOGS = 4 };
/* The key of log `number` of the line: one key signs them all, each under its own name. FAIL_LIMIT. */
enum error_code ledger_vkey_of_number(const struct ledger *ledger, uint32_t number,
                                      struct tlog_vkey *out, struct error *e) MUST_USE;

/* Writes the tiles and the bundle at the right edge into the log's own directory, as partial ones.
 */
enum error_code ledger_partials_write(const char *dir, struct engine_view *view, uint64_t size,
                                      const struct ledger_edge *edge, struct error *e) MUST_USE;
/* "left": where a log that was succeeded ended. */
enum error_code ledger_left_read(const char *dir, uint64_t *size, digest *root,
                                 struct error *e) MUST_USE;

#endif
