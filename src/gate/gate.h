/* The gate: THE crossing. Authorise, decide, act and record, in one turn.
 *
 * Whoever wants something of the store comes here as a visit: who asks, from where, for what. The
 * gate checks grants, gathers facts, asks the rulebook, and only then acts; what changes state,
 * what is refused and what a rule wants recorded becomes a ledger entry in the same turn. There is
 * no other way in: s3, the console and the command line hold no turn and no view.
 *
 * Answers. A call gives OK, or an error whose code and message go to the client as they are:
 *   FAIL_ACCESS_DENIED  no grant (never reached a decision; no entry)
 *   FAIL_NO_DATASET     the bucket belongs to no dataset of the register
 *   FAIL_REFUSED        the rulebook said no: the message names the clause and what would make it
 *                       pass; the answer carries decision, clauses and receipt
 * Every call that changes something parks until its turn is durable.
 * Source: DESIGN 4 (one write, followed), CORE 1, 2, 5, 6, 7; docs/acts.md. */
#ifndef AZEKURA_GATE_GATE_H
#define AZEKURA_GATE_GATE_H

#include "base/base.h"
#include "base/runtime.h"
#include "ledger/ledger.h" /* these two for their types alone: without a turn or a view nothing in them
                              * can be called */
#include "store/store.h"

struct gate;

/* ---- opening ---- */

struct gate_witness {
    const char *name, *vkey, *url;
};
struct gate_options {
    const char *data_dir;
    const char *site;            /* id of this store's row in the register */
    const char **register_paths; /* imported at opening where their digest has changed */
    size_t register_count;
    const char **rulebook_paths; /* made available; only adoption binds */
    size_t rulebook_count;
    const char *
        *event_paths; /* tables of events that places are laid over; none: rows alone speak */
    size_t event_count;
    const char **issuers; /* verifier keys: lines that one speaks for must be signed by it */
    size_t issuer_count;
    const char **trusted_proxies; /* CIDR */
    size_t proxy_count;
    const char *geo_path;     /* address data (MMDB); NULL: none, reader.country stays unknown */
    const char *dmi_dir;      /* NULL: the kernel's; "off" */
    const char *metadata_url; /* NULL: the provider's own, asked only where DMI names one; "off" */
    bool own_addresses;       /* ask in which country this machine's addresses are */
    const char *origin; /* the log's name; NULL: kept from the first start, or made from the site */
    const char *key_dir;     /* NULL: DATA/keys, or where the server that ran last had them */
    const char *anchor_path; /* a checkpoint on another disk; NULL: none */
    const struct gate_witness *witnesses;
    size_t witness_count;
    uint64_t cache_bytes, write_buffer_bytes; /* 0: the engine's defaults */
    uint64_t log_bytes_max, low_water_bytes;  /* 0: likewise */
    uint64_t part_bytes_min; /* of every part but an upload's last; 0: S3's 5 MiB */
    struct runtime *runtime; /* of a server; NULL: a command line tool */
    bool is_command; /* opened for one command: not a start of the store, so no entry says so */
};

/* Opens DATA exclusively: recovers, checks the guards, imports, compiles, sweeps.
 *   FAIL_LOCKED       a server owns it: use the door (gate_door_call)
 *   FAIL_ROLLED_BACK  the ledger is shorter than it was; the message says the way out
 *   FAIL_VERSION, FAIL_CORRUPT, FAIL_SYNTAX (register, rulebooks) */
enum error_code gate_open(const struct gate_options *options, struct gate **out,
                          struct error *e) MUST_USE;
/* Waits for the turn under way, signs a last checkpoint, closes. No visit may be open. */
void gate_close(struct gate *gate);

/* The way out of FAIL_ROLLED_BACK: opens a successor log whose first entry names the old one's last
 * known checkpoint and the range lost, and says in words what it did. Nothing may have DATA open.
 * FAIL_USAGE: the ledger opens as it is. */
enum error_code gate_succeed(const struct gate_options *options, str reason, struct text *said,
                             struct error *e) MUST_USE;

/* HUP: reads register and rulebooks again; on an error the old ones stay in force. */
enum error_code gate_reload(struct gate *gate, struct error *e) MUST_USE;
/* Asks again what speaks for or against the declared place. Every ten minutes by the app. Parks. */
void gate_place_check(struct gate *gate);

/* "origin+hash+key": what a verifier needs. Lives as long as the gate. */
str gate_ledger_vkey(const struct gate *gate);
str gate_origin(const struct gate *gate);
/* The first key of the user root that works, for --print-keys and the first hour; empty when there
 * is none any more. In the arena; wipe the secret. */
enum error_code gate_root_key(struct gate *gate, struct arena *arena, str *access_key, str *secret,
                              struct error *e) MUST_USE;

/* ---- a visit: one request ---- */

struct gate_visit {
    struct gate *gate;
    struct arena *arena; /* the request's: answers live in it */
    str request_id;
    struct net_address peer; /* the other end of the socket */
    str forwarded_for;       /* X-Forwarded-For as it came; believed of trusted proxies only */
    str purpose;             /* act.purpose; empty: none stated */
    const struct gate_world *world;    /* inner: what is in force for this visit */
    unsigned world_slot;               /* inner */
    const void *user;                  /* inner: the identity's user, once vouched for */
    const void *over;                  /* inner: the same of an inspector whose time has ended */
    const struct facts_reader *reader; /* inner: found at the first decision */
    str who, address;                  /* inner: hidden fields, made at the first record */
    str access_key;
    struct arena_space long_space; /* inner: facts too long for the request's arena; at need */
    struct arena long_facts;
};

/* Takes what is in force now; the caller has set request_id, peer, forwarded_for and purpose, or
 * sets them before the first question. Ends with gate_visit_end, whatever happens between. */
void gate_visit_begin(struct gate *gate, struct gate_visit *visit, struct arena *arena);
void gate_visit_end(struct gate_visit *visit);

/* Who says to come: looks up an access key and gives its secret for checking a signature. The
 * visitor counts as that key's user only after gate_visit_vouch (the signature held).
 * FAIL_ACCESS_KEY: unknown or disabled. *secret is valid until gate_visit_end; wipe copies. */
enum error_code gate_visit_key(struct gate_visit *visit, str access_key, str *secret,
                               struct error *e) MUST_USE;
void gate_visit_vouch(struct gate_visit *visit);
/* The same, for who signs in: FAIL_ACCESS_DENIED says when an inspector's time ended. */
enum error_code gate_visit_admit(struct gate_visit *visit, struct error *e) MUST_USE;
/* The user id of a vouched visitor; empty: anonymous. */
str gate_visit_user(const struct gate_visit *visit);

enum gate_effect { GATE_ALLOW, GATE_WARN, GATE_REFUSE };
struct gate_answer {
    bool decided; /* the rulebook was asked */
    enum gate_effect effect;
    str clauses; /* "rulebook/clause rulebook/clause", those that spoke; may be empty */
    str receipt; /* "ORIGIN#INDEX" or "ORIGIN#FIRST-LAST"; empty: no entry */
};

/* ---- buckets ---- */

/* Those the visitor has any grant on, sorted by name, in the visit's world. */
enum error_code gate_bucket_list(struct gate_visit *visit,
                                 enum error_code (*each)(void *self, const struct store_bucket *,
                                                         struct error *e),
                                 void *self, struct gate_answer *answer, struct error *e) MUST_USE;
/* Whose it is said to be: FAIL_ACCESS_DENIED, in the words of a missing grant, where the bucket is
 * there and belongs to another user. Decides nothing; who may do nothing with a bucket learns
 * nothing, since what comes next answers the same. */
enum error_code gate_bucket_expect(struct gate_visit *visit, str bucket, str owner,
                                   struct error *e) MUST_USE;
/* HeadBucket, and what it is made of. FAIL_NO_SUCH_BUCKET only to who may list it. */
enum error_code gate_bucket_get(struct gate_visit *visit, str bucket,
                                const struct store_bucket **out, struct gate_answer *answer,
                                struct error *e) MUST_USE;
enum error_code gate_bucket_create(struct gate_visit *visit, str bucket, struct gate_answer *answer,
                                   struct error *e) MUST_USE;
enum error_code gate_bucket_delete(struct gate_visit *visit, str bucket, struct gate_answer *answer,
                                   struct error *e) MUST_USE;
enum error_code gate_bucket_versioning(struct gate_visit *visit, str bucket,
                                       enum store_versioning versioning, struct gate_answer *answer,
                                       struct error *e) MUST_USE;
enum error_code gate_bucket_tags(struct gate_visit *visit, str bucket, struct store_pairs tags,
                                 struct gate_answer *answer, struct error *e) MUST_USE;

/* ---- writing an object or a part ---- */

struct gate_writing;

struct gate_put {
    str bucket, key;
    struct store_pairs headers, tags;
    struct store_condition condition;
    /* A part: both set; headers, tags and condition are the upload's. */
    bool is_part;
    struct store_upload_id upload;
    uint16_t part_number;
    uint64_t expected_bytes; /* UINT64_MAX: not known */
    bool encrypt;            /* the client asks for it: also where the dataset may lie in clear */
};
/* Authorises and decides before the first body byte is read. On OK the caller owes commit or
 * abandon. */
enum error_code gate_put_open(struct gate_visit *visit, const struct gate_put *put,
                              struct gate_writing **out, struct gate_answer *answer,
                              struct error *e) MUST_USE;
/* Hashes, encrypts, stores. Parks. FAIL_ENTITY_TOO_LARGE over LIMIT_PUT_BYTES, FAIL_DISK_FULL. */
enum error_code gate_put_write(struct gate_writing *writing, str bytes, struct error *e) MUST_USE;
/* No more bytes: what they hashed to, so that the caller can hold them against what was promised.
 */
struct gate_digests {
    uint64_t bytes;
    unsigned char md5[MD5_BYTES];
    digest sha256;
};
enum error_code gate_put_finish(struct gate_writing *writing, struct gate_digests *out,
                                struct error *e) MUST_USE;

struct gate_stored {
    struct store_etag etag;
    struct store_checksum checksum;
    str version; /* text of the version id; empty in a bucket never versioned */
    int64_t modified_ns;
    uint64_t bytes;
    bool encrypted; /* as it lies on disk; a body of no bytes is not */
};
/* Makes it so: version, entry, opening and tree in one turn. Frees the writing on every outcome. */
enum error_code gate_put_commit(struct gate_writing *writing, const struct store_checksum *checksum,
                                struct gate_stored *out, struct gate_answer *answer,
                                struct error *e) MUST_USE;
void gate_put_abandon(struct gate_writing *writing);

/* ---- reading an object ---- */

struct gate_reading {
    struct store_version version; /* in the visit's arena */
    str version_text;             /* empty in a bucket never versioned */
    bool bucket_versioned;        /* show version ids */
    struct gate_inner_reading *inner;
};
struct gate_get {
    str bucket, key;
    bool with_version;
    str version;    /* text; "null" is one */
    bool head_only; /* no body will be read */
    bool for_proof; /* inner: neither that; inspectors need no right to read the object */
};
/* Authorises, decides, then looks; a `record` obligation is durable on return.
 *   FAIL_NO_SUCH_BUCKET, FAIL_NO_SUCH_KEY, FAIL_NO_SUCH_VERSION (only to who may read there)
 *   FAIL_METHOD_NOT_ALLOWED  the version named is a delete marker
 * A current delete marker gives FAIL_NO_SUCH_KEY with reading->version filled in (sequence,
 * is_null, is_delete_marker), for x-amz-delete-marker. On OK the caller owes gate_read_close.
 * Parks. */
enum error_code gate_read_open(struct gate_visit *visit, const struct gate_get *get,
                               struct gate_reading *reading, struct gate_answer *answer,
                               struct error *e) MUST_USE;
/* The range to be read: first + count <= version.body.bytes. Before the first gate_read_next. */
enum error_code gate_read_range(struct gate_reading *reading, uint64_t first, uint64_t count,
                                struct error *e) MUST_USE;
/* Part `number` (1-based) of an object made of parts: its range, and how many there are. A plain
 * object is its own part 1. FAIL_INVALID_PART_NUMBER. */
enum error_code gate_read_part(struct gate_reading *reading, uint32_t number, uint64_t *first,
                               uint64_t *count, uint32_t *part_count, struct error *e) MUST_USE;
/* The parts of an object made of parts after position `after`, at most `max`, in order; of a plain
 * object none. Parks. */
enum error_code gate_read_parts(struct gate_reading *reading, uint32_t after, uint32_t max,
                                enum error_code (*each)(void *self, const struct store_part *part,
                                                        struct error *e),
                                void *self, struct error *e) MUST_USE;
/* The next piece, decrypted, valid until the next call; empty at the end of the range. Parks.
 * FAIL_CORRUPT: what lies on disk is not what was stored; nothing of the bad frame is given. */
enum error_code gate_read_next(struct gate_reading *reading, str *piece, struct error *e) MUST_USE;
/* The next run that lies in the clear in a file, to be sent as it is before the next call; `bytes` 0:
 * what comes next does not, and is gate_read_next's. Parks. FAIL_CORRUPT as there. */
struct gate_run {
    int file;
    uint64_t offset, bytes;
};
enum error_code gate_read_run(struct gate_reading *reading, struct gate_run *out,
                              struct error *e) MUST_USE;
void gate_read_close(struct gate_reading *reading); /* safe on a zeroed one, and twice */

/* ---- deleting ---- */

struct gate_delete {
    str key;
    bool with_version;
    str version;
    struct store_condition condition;
    /* results, set by the gate */
    enum error_code code; /* OK, or what befell this key */
    str message;
    struct store_deleted deleted;
    str deleted_version; /* text of the version removed or the marker made */
    struct gate_answer answer;
};
/* One or many of a bucket: a decision and an entry per key, all in as few turns as fit. The
 * answer's receipt covers them. An error is one of the whole call; a key's own is in its row. */
enum error_code gate_delete(struct gate_visit *visit, str bucket, struct gate_delete *rows,
                            size_t count, struct gate_answer *answer, struct error *e) MUST_USE;

/* ---- copying, tagging ---- */

struct gate_copy {
    struct gate_get source;
    struct gate_put target; /* headers, tags: used where replaced */
    bool replace_headers, replace_tags;
    bool with_range; /* parts only */
    uint64_t first, count;
    enum store_checksum_kind checksum_kind; /* NONE: the source's, or CRC64NVME */
    /* Called once the source is open, to judge x-amz-copy-source-if-*; an error ends the copy. */
    enum error_code (*judge)(void *self, const struct gate_reading *source, struct error *e);
    void *judge_self;
};
/* Decided with the stricter of source and target dataset; the row keeps both. Parks long. */
enum error_code gate_copy(struct gate_visit *visit, const struct gate_copy *copy,
                          struct gate_stored *out, str *source_version, struct gate_answer *answer,
                          struct error *e) MUST_USE;

enum error_code gate_tags_set(struct gate_visit *visit, const struct gate_get *which,
                              struct store_pairs tags, str *version, struct gate_answer *answer,
                              struct error *e) MUST_USE;

/* ---- uploads in parts ---- */

struct gate_upload_new {
    str bucket, key;
    struct store_pairs headers, tags;
    enum store_checksum_kind checksum_kind;
    bool checksum_composite;
};
enum error_code gate_upload_create(struct gate_visit *visit, const struct gate_upload_new *new,
                                   struct store_upload_id *id, struct gate_answer *answer,
                                   struct error *e) MUST_USE;
/* The upload itself, for ListParts and for judging checksums. FAIL_NO_SUCH_UPLOAD. */
enum error_code gate_upload_get(struct gate_visit *visit, str bucket, str key,
                                struct store_upload_id id, struct store_upload *out,
                                struct gate_answer *answer, struct error *e) MUST_USE;
/* Its parts after number `after`, at most `max`. */
enum error_code
gate_part_list(struct gate_visit *visit, str bucket, str key, struct store_upload_id id,
               uint16_t after, uint32_t max,
               enum error_code (*each)(void *self, const struct store_part *part, struct error *e),
               void *self, bool *truncated, struct gate_answer *answer, struct error *e) MUST_USE;
/* All its parts, for whoever is about to complete it: asks for the right to write, and decides
 * nothing, since completing is decided. FAIL_NO_SUCH_UPLOAD. */
enum error_code
gate_part_look(struct gate_visit *visit, str bucket, str key, struct store_upload_id id,
               enum error_code (*each)(void *self, const struct store_part *part, struct error *e),
               void *self, struct error *e) MUST_USE;
/* A finished upload asked again within 24 h gives the same result. `checksum` NULL: none kept. */
enum error_code
gate_upload_complete(struct gate_visit *visit, str bucket, str key, struct store_upload_id id,
                     const struct store_part_claim *claims, size_t count,
                     const struct store_checksum *checksum, const struct store_condition *condition,
                     struct gate_stored *out, struct gate_answer *answer, struct error *e) MUST_USE;
enum error_code gate_upload_abort(struct gate_visit *visit, str bucket, str key,
                                  struct store_upload_id id, struct gate_answer *answer,
                                  struct error *e) MUST_USE;
enum error_code
gate_upload_list(struct gate_visit *visit, str bucket, const struct store_listing *listing,
                 struct store_upload_id after_id,
                 enum error_code (*each)(void *self, const struct store_upload *upload,
                                         str prefix_only, struct error *e),
                 void *self, struct store_listed *out, struct store_upload_id *next_id,
                 struct gate_answer *answer, struct error *e) MUST_USE;

/* ---- listing ---- */

enum error_code gate_list(struct gate_visit *visit, str bucket, const struct store_listing *listing,
                          enum error_code (*each)(void *self, const struct store_version *version,
                                                  str prefix_only, struct error *e),
                          void *self, struct store_listed *out, struct gate_answer *answer,
                          struct error *e) MUST_USE;

/* ---- proving, exporting, asking why ---- */

/* A proof file of the version's entry with the named fields opened ("bucket" "key" "version" "size"
 * "digest" "time" "user" "address" "facts" …). Needs the right to read the object, and is a read of
 * it. A delete marker named by its version has its proof too. FAIL_USAGE: no such field. */
enum error_code gate_prove(struct gate_visit *visit, const struct gate_get *which,
                           const str *fields, size_t count, struct text *out,
                           struct gate_answer *answer, struct error *e) MUST_USE;

/* Writes the store's listing, and its stored bytes when `bodies`, into a folder of this machine.
 * Needs `admin`. Format: docs/formats/store-listing.md. Parks long. */
enum error_code gate_export(struct gate_visit *visit, const char *dir, bool bodies,
                            void (*progress)(void *self, uint64_t done, uint64_t all), void *self,
                            struct error *e) MUST_USE;

/* Writes the ledger at its newest checkpoint in tlog-tiles layout. Needs `inspect` or `admin`. */
enum error_code gate_ledger_export(struct gate_visit *visit, const char *dir,
                                   void (*progress)(void *self, uint64_t done, uint64_t all),
                                   void *self, struct error *e) MUST_USE;

/* A file of the ledger by its path below /ledger/: "checkpoint", "tile/0/000", "tile/entries/000".
 * Entry bundles need `inspect`; the rest is for anyone. FAIL_NOT_FOUND, FAIL_ACCESS_DENIED. */
enum error_code gate_ledger_file(struct gate_visit *visit, str path, struct arena *arena,
                                 str *bytes, bool *immutable, struct error *e) MUST_USE;

/* What is known of logs of the line that were lost whole, or whose files are gone: a line each; nothing
 * where there are none. *incomplete: of one of them entries were left, which no export has. */
enum error_code gate_lost_tell(struct gate_visit *visit, struct text *out, bool *incomplete,
                               struct error *e) MUST_USE;

/* Why a request was decided as it was: act, decision, clauses, facts read and who said each, as
 * text for a person. Looks at the newest WHY_ENTRIES_MAX entries, those of logs before this one too. Needs `admin`. FAIL_NOT_FOUND: no
 * entry names the request; a read that no rule wants recorded leaves none. */
enum { WHY_ENTRIES_MAX = 200000 };
enum error_code gate_why(struct gate_visit *visit, str request_id, struct text *out,
                         struct error *e) MUST_USE;

/* Recorded acts with the bytes of their decision (docs/formats/decision.md; two joined where a copy was
 * decided by two datasets), in order, from the oldest log of the line on. Acts whose opening is gone
 * are left out. Needs `admin` or `inspect`. Looks at some 20,000 entries of one log and gives some `bytes_most`
 * bytes at most; *next is where to go on. FAIL_USAGE: `first` is over what the log has. */
struct gate_act_page {
    uint32_t log; /* number of the log, 0: the oldest of the line */
    uint64_t first;
    int64_t from_ns, until_ns; /* when they were done */
    uint64_t bytes_most;
};
struct gate_act {
    str name; /* ORIGIN#INDEX of its entry */
    int64_t time_ns;
    str decision;
};
struct gate_act_next {
    uint32_t log;
    uint64_t first;
    bool is_end;        /* there are no more; log and first are those of the next entry to come */
    uint64_t done, all; /* entries of the whole line: before that one; there are */
};
enum error_code gate_act_list(struct gate_visit *visit, const struct gate_act_page *ask,
                              enum error_code (*each)(void *self, const struct gate_act *,
                                                      struct error *e),
                              void *self, struct gate_act_next *next, struct error *e) MUST_USE;

/* What the newest entries are about, for a visitor who signed in: at most GATE_RECENT_MAX, newest
 * first, only of buckets the visitor may list. */
struct gate_named {
    uint64_t index;
    int64_t time_ns;
    const char *type; /* of the entry: "put", "refuse" … */
    str bucket, key, user;
};
enum error_code gate_named_list(struct gate_visit *visit,
                                enum error_code (*each)(void *self, const struct gate_named *,
                                                        struct error *e),
                                void *self, struct error *e) MUST_USE;

/* ---- what the gate shows of itself: codes and counts, no names of users, buckets or keys ---- */

enum gate_count { GATE_KEPT, GATE_WARNED, GATE_REFUSED, GATE_READ, GATE_COUNT_KINDS };
enum { GATE_RECENT_MAX = 50, GATE_OWED_KINDS = 32 };
struct gate_tally {
    str sector, class_;
    uint64_t counts[GATE_COUNT_KINDS];
};
struct gate_recent {
    int64_t minute_ns;
    str sector, class_, act, clause;
    enum gate_effect effect;
    bool unknown; /* a fact the clause reads was not known */
};
/* What is owed, counted by kind and clause: "copies 2 (aoba-own/keep.at-home)". */
struct gate_owed {
    str what;
    uint64_t count, late; /* owed and not due yet; due and not met */
    int64_t due_ns;       /* the next of those not due yet; INT64_MAX: not known, or none */
    str first;            /* the one that was or is due first: ORIGIN#INDEX */
    int64_t first_due_ns;
};
enum { GATE_FINDING_KINDS = 16 };
struct gate_count_of {
    str name;
    uint64_t count;
};
struct gate_state {
    str site, site_name_en, site_name_ja;
    str country;     /* as decided by; empty: unknown */
    str standing;    /* how the place is known, in words */
    str standing_ja; /* the same in Japanese, closed by a zero, where it is a bound; else empty */
    bool contradicted;
    const str *evidence, *evidence_ja; /* a line for each source asked, in English and Japanese */
    size_t evidence_count;
    str address_data, address_data_date; /* attribution and day; may be empty */
    digest rules;
    const struct gate_tally *tallies;
    size_t tally_count;
    const struct gate_recent *recent; /* newest first */
    size_t recent_count;
    uint64_t buckets;
    uint64_t debts, debts_owed, debts_late;     /* not met: all of them; not due yet; due */
    uint64_t debts_met_since, debts_late_since; /* since the start: settled; become late */
    int64_t debts_due_ns;                       /* the next to fall due; INT64_MAX: none is known */
    struct gate_owed *owed;                     /* the first GATE_OWED_KINDS kinds of them */
    size_t owed_count;
    uint64_t exceptions_in_force, glass_in_effect;
    uint64_t findings; /* that stand */
    const struct gate_count_of *finding_kinds;
    size_t finding_kind_count;
    struct ledger_state ledger;
    struct engine_numbers engine;
    bool low; /* the disk is nearly full */
    uint64_t visits, denied, allowed, warned, refused, entries, turns, turns_failed, bytes_in,
        bytes_out;
};
/* In the arena. */
enum error_code gate_state_read(struct gate *gate, struct arena *arena, struct gate_state *out,
                                struct error *e) MUST_USE;
/* One atomic read each. */
bool gate_is_healthy(const struct gate *gate);
/* Has a guard confirmed the history since the start? Any thread. */
enum ledger_rollback gate_rollback(const struct gate *gate);

/* ---- the door: DATA/azekura.sock ---- */

/* The socket through which commands reach a running server; JSON over HTTP. */
struct gate_door;
enum error_code gate_door_open(struct gate *gate, struct runtime *runtime, const char *data_dir,
                               struct gate_door **out, struct error *e) MUST_USE;
void gate_door_close(struct gate_door *door); /* NULL is fine */

/* One call from a command: to the running server if there is one, else to the store in `data_dir`,
 * opened exclusively for the call. `request` and `*reply` are JSON objects. `access_key` and
 * `secret_key` name who comes; empty: whoever owns the process, as "local".
 * The error is the one the gate gave. */
struct gate_call {
    const char *data_dir;
    str method; /* "user/add", "prove" …: docs/formats/door.md */
    str request;
    str access_key, secret_key;
};
enum error_code gate_door_call(const struct gate_call *call, struct arena *arena, str *reply,
                               struct error *e) MUST_USE;

/* ---- keeping the store: identities, exceptions. All need the right `admin`, have an entry each
 * and are durable on return. ---- */

/* Whoever sits at the machine and owns the process (peer credentials of the Unix socket, or the
 * command that opened DATA itself) comes as the user "local" from 127.0.0.1, who may administer,
 * inspect and read, by the same rules as any reader. */
void gate_visit_local(struct gate_visit *visit);

struct gate_new_key {
    str id, secret; /* in the visit's arena; shown once; wipe it */
};
enum error_code gate_user_add(struct gate_visit *visit, str user, struct gate_answer *answer,
                              struct error *e) MUST_USE;
/* One who reads for a time: `inspect`, and what is granted of read and list. Each look at what is no
 * object is an entry, repeats within a minute a count. FAIL_USAGE: that time is over. */
enum error_code gate_inspector_add(struct gate_visit *visit, str user, int64_t until_ns,
                                   struct gate_answer *answer, struct error *e) MUST_USE;
/* Another end, later or sooner. FAIL_USAGE: no inspector, or a time that is over. */
enum error_code gate_inspector_until(struct gate_visit *visit, str user, int64_t until_ns,
                                     struct gate_answer *answer, struct error *e) MUST_USE;
enum error_code gate_user_enable(struct gate_visit *visit, str user, bool enabled,
                                 struct gate_answer *answer, struct error *e) MUST_USE;
enum error_code gate_key_add(struct gate_visit *visit, str user, struct gate_new_key *out,
                             struct gate_answer *answer, struct error *e) MUST_USE;
enum error_code gate_key_enable(struct gate_visit *visit, str key_id, bool enabled,
                                struct gate_answer *answer, struct error *e) MUST_USE;
/* rights: "read,write", "all", "inspect"; empty removes the grant. */
enum error_code gate_grant(struct gate_visit *visit, str user, str pattern, str rights,
                           struct gate_answer *answer, struct error *e) MUST_USE;
/* Users with keys and grants as JSON, without secrets. */
enum error_code gate_identities_json(struct gate_visit *visit, struct text *out,
                                     struct error *e) MUST_USE;

/* ---- debts: obligations that have time (docs/formats/debts.md) ---- */

enum gate_debt_state { GATE_DEBT_OWED, GATE_DEBT_LATE, GATE_DEBT_MET };
struct gate_debt {
    str name; /* ORIGIN#INDEX of the entry that says it is owed */
    uint32_t log;
    uint64_t index; /* the same: number of the log, place in it */
    enum gate_debt_state state;
    str what; /* "copies 2 (aoba-own/keep.at-home)" */
    str clause, dataset;
    str start;                /* the fact its time counts from; empty: the act */
    str bucket, key, version; /* empty: redacted, or of the whole dataset */
    int64_t since_ns, due_ns; /* due: INT64_MAX where nobody knows */
    uint64_t act;             /* index of the entry of the act that owes, in the same log */
    str act_name;
    str settled_name; /* entry of the last change; empty: none, or in which log it is was not kept */
    bool object_gone;
};
struct gate_debt_filter {
    str dataset; /* empty: all */
    bool only_late;
    size_t max; /* at most 10,000 */
};
/* Those not met, the soonest due first. Need `admin` or `inspect`. */
enum error_code gate_debt_list(struct gate_visit *visit, const struct gate_debt_filter *filter,
                               enum error_code (*each)(void *self, const struct gate_debt *,
                                                       struct error *e),
                               void *self, struct error *e) MUST_USE;
/* All debts alike, counted: one clause, one dataset, one obligation. */
struct gate_debt_account {
    str what, clause, dataset; /* what: as in gate_debt */
    uint64_t owed, late, met;
    int64_t due_ns; /* the next of those owed; INT64_MAX: none, or nobody knows */
};
/* Every account there ever was, those with nothing owed too. Needs `admin` or `inspect`. */
enum error_code gate_debt_accounts(struct gate_visit *visit,
                                   enum error_code (*each)(void *self,
                                                           const struct gate_debt_account *,
                                                           struct error *e),
                                   void *self, struct error *e) MUST_USE;
/* Also one that is met, by its name, or by its index where it is of the newest log. In the visit's
 * arena. FAIL_NOT_FOUND; FAIL_USAGE: no such name. */
enum error_code gate_debt_show(struct gate_visit *visit, str name, struct gate_debt *out,
                               struct error *e) MUST_USE;
/* Met, as a document of the register attests. FAIL_NOT_FOUND: no such debt or document; FAIL_USAGE: the
 * document's row has no digest; FAIL_EXISTS: met already. */
enum error_code gate_debt_pay(struct gate_visit *visit, str name, str document,
                              struct gate_answer *answer, struct error *e) MUST_USE;

struct gate_exception {
    str id;
    str clause;        /* RULEBOOK/ID or LINE/ID */
    str dataset, site; /* empty: any */
    int64_t from_ns, until_ns;
    str reason, measure;     /* why, and what stands in for the rule meanwhile */
    str requester, approver; /* user/key */
    enum gate_exception_state { GATE_PROPOSED, GATE_APPROVED, GATE_ENDED, GATE_EXPIRED } state;
    uint32_t renewals;
    int64_t renewal_until_ns; /* asked for, not approved yet; 0: none */
    str renewal_by;
};
/* Writes it as proposed; `id` is given out. FAIL_USAGE: no reason, no end, an end before its start.
 */
enum error_code gate_exception_propose(struct gate_visit *visit, struct gate_exception *exception,
                                       struct gate_answer *answer, struct error *e) MUST_USE;
/* In force on return. FAIL_ACCESS_DENIED: the requester's own key or user. */
enum error_code gate_exception_approve(struct gate_visit *visit, str id, struct gate_answer *answer,
                                       struct error *e) MUST_USE;
/* Asks for a later end; in force once somebody else has approved that too. FAIL_USAGE: it is not in
 * force, or would not end later. */
enum error_code gate_exception_renew(struct gate_visit *visit, str id, int64_t until_ns,
                                     struct gate_answer *answer, struct error *e) MUST_USE;
enum error_code gate_exception_end(struct gate_visit *visit, str id, struct gate_answer *answer,
                                   struct error *e) MUST_USE;
enum error_code gate_exception_list(struct gate_visit *visit,
                                    enum error_code (*each)(void *self,
                                                            const struct gate_exception *,
                                                            struct error *e),
                                    void *self, struct error *e) MUST_USE;

/* ---- broken glass: own and contract clauses let acts through, for a while, by two people ---- */

#define GATE_GLASS_MOST_NS (72 * 3600 * NS_PER_S) /* RULEBOOK 5 */
enum { GATE_GLASS_CLAUSES = 16 };
enum gate_glass_state {
    GATE_GLASS_OPENED, /* by one: not in effect */
    GATE_GLASS_IN_EFFECT,
    GATE_GLASS_CLOSED,
    GATE_GLASS_EXPIRED,
};
struct gate_glass {
    str id;
    const str *clauses; /* RULEBOOK/ID or LINE/ID, at most GATE_GLASS_CLAUSES */
    size_t clause_count;
    str dataset, site; /* empty: any */
    str reason;
    str opener, confirmer, closer;                   /* user/key */
    int64_t opened_ns, length_ns, from_ns, until_ns; /* the last two once confirmed */
    enum gate_glass_state state;
};
struct gate_glass_act {
    uint64_t entry;
    int64_t time_ns;
    const char *type; /* of the entry: "put", "read" …; "redacted": its opening was destroyed */
    str bucket, key, user, request;
};
/* Writes it as opened; `id` is given out. FAIL_USAGE: no reason, over 72 h, a clause of another
 * strength than own and contract; FAIL_NOT_FOUND: no such clause is in force. */
enum error_code gate_glass_open(struct gate_visit *visit, struct gate_glass *glass,
                                struct gate_answer *answer, struct error *e) MUST_USE;
/* In effect on return, for its length. FAIL_ACCESS_DENIED: the opener's own key or user; FAIL_EXISTS:
 * confirmed already; FAIL_USAGE: it is over. */
enum error_code gate_glass_confirm(struct gate_visit *visit, str id, struct gate_answer *answer,
                                   struct error *e) MUST_USE;
enum error_code gate_glass_close(struct gate_visit *visit, str id, struct gate_answer *answer,
                                 struct error *e) MUST_USE;
enum error_code gate_glass_list(struct gate_visit *visit,
                                enum error_code (*each)(void *self, const struct gate_glass *,
                                                        struct error *e),
                                void *self, struct error *e) MUST_USE;
/* Every act done under it, oldest first; while it is in effect reads are acts like others, one entry
 * each. */
enum error_code gate_glass_review(struct gate_visit *visit, str id, struct gate_glass *out,
                                  enum error_code (*each)(void *self, const struct gate_glass_act *,
                                                          struct error *e),
                                  void *self, struct error *e) MUST_USE;

/* ---- inspections: an inspector countersigns a fact of the register (docs/decisions/inspector.md) ----
 */

struct gate_inspection {
    str id;
    str subject, field; /* "sites/sendai", "country" */
    str said, found;    /* by the register when it was inspected; by the inspector */
    bool agrees;
    str reason;    /* how it was inspected; once withdrawn, why that */
    str requester; /* who asked for it; may be empty */
    str inspector; /* user/key */
    str entry;     /* "ORIGIN#INDEX" */
    enum gate_inspection_state { GATE_CONFIRMED, GATE_WITHDRAWN, GATE_INSPECTION_EXPIRED } state;
    int64_t at_ns, until_ns,
        ended_ns; /* until: INT64_MAX: until it is withdrawn; ended: 0: holds */
};
/* Of `x` are read: subject, field (RULEBOOK's names too: site.country, place.country), found, reason,
 * requester, until_ns. The rest is filled in. In force on return: the fact's source is `inspected`; where
 * the register says something else it is a finding, and the gate goes on by what is declared.
 *   FAIL_ACCESS_DENIED  the visitor is no inspector, or asked for it
 *   FAIL_USAGE, FAIL_NOT_FOUND, FAIL_SYNTAX  as register_compare; no reason, an end that is over */
enum error_code gate_inspect_confirm(struct gate_visit *visit, struct gate_inspection *x,
                                     struct gate_answer *answer, struct error *e) MUST_USE;
/* FAIL_ACCESS_DENIED: another inspector's. FAIL_EXISTS: over already. FAIL_NOT_FOUND. */
enum error_code gate_inspect_withdraw(struct gate_visit *visit, str id, str reason,
                                      struct gate_answer *answer, struct error *e) MUST_USE;
/* Those that hold, then those that are over. Needs `admin` or `inspect`. */
enum error_code gate_inspect_list(struct gate_visit *visit,
                                  enum error_code (*each)(void *self,
                                                          const struct gate_inspection *,
                                                          struct error *e),
                                  void *self, struct error *e) MUST_USE;
/* For whoever lays them over a register of their own (register_inspect), as of any time. */
struct register_inspected;
enum error_code gate_inspection_said(const struct gate_inspection *x, struct arena *arena,
                                     struct register_inspected *out, struct error *e) MUST_USE;

/* ---- findings: what an assessment, a survey, a watch noticed (docs/formats/findings.md) ---- */

enum {
    GATE_FINDINGS_MAX =
        100000, /* that stand, of one kind; ours: an assessment folds at as many rows */
    GATE_FINDING_TEXT_BYTES = 2048,
    GATE_FINDING_CLAUSES = 16,
};
struct gate_finding {
    str id;           /* of source, kind, subject and clauses: the same in each report */
    str source, kind; /* "azekura assess sector=gas"; "assessment", "inspection", "survey" … */
    str subject;      /* "sendai"; "DATASET@SITE" */
    const str *clauses;
    size_t clause_count;
    str verdict, text; /* "fail", "unknown" …; what to do, or what was seen */
    digest facts;      /* of the facts it rests on: another one is another saying */
    bool stands;
    int64_t first_ns, last_ns, gone_ns; /* stands since; heard of last; 0: stands */
    uint64_t times;                     /* reports that had it, since it stands */
    str first_entry, last_entry;        /* receipts */
    digest report;                      /* the last that had it */
};
/* A report, or a page of one: `findings` with kind, subject, clauses, verdict, text and facts. */
struct gate_report {
    str source;
    digest digest; /* of the whole report, as its JSON has it */
    str detail;    /* what it says of itself: totals */
    const struct gate_finding *findings;
    size_t count;
    bool is_last; /* what this source found before and no page of this report has is gone */
};
struct gate_report_taken {
    uint64_t standing, entered, gone; /* of this page: all; new or changed; ended */
};
/* An entry for what is new, says something new or is gone, and with the last page one for the report.
 * Needs `admin`. FAIL_USAGE: a text that is empty or too long; FAIL_LIMIT: GATE_FINDINGS_MAX. */
enum error_code gate_report_take(struct gate_visit *visit, const struct gate_report *report,
                                 struct gate_report_taken *out, struct gate_answer *answer,
                                 struct error *e) MUST_USE;
struct gate_finding_filter {
    str kind, clause, subject; /* empty: any */
    str after;                 /* ids greater than this one; pages go by it */
    bool gone_too;
    size_t max;
};
/* By id. Needs `admin` or `inspect`. */
enum error_code
gate_finding_list(struct gate_visit *visit, const struct gate_finding_filter *filter,
                  enum error_code (*each)(void *self, const struct gate_finding *, struct error *e),
                  void *self, struct error *e) MUST_USE;
/* In the visit's arena. FAIL_NOT_FOUND. */
enum error_code gate_finding_show(struct gate_visit *visit, str id, struct gate_finding *out,
                                  struct error *e) MUST_USE;

/* ---- location proofs: a landmark of the site's row asks for stored pieces
 * (docs/formats/locproof.md). Everything here on one plain thread, no fiber. ---- */

/* Does the site's row name a landmark with a key that could come? */
bool gate_location_expected(struct gate *gate);

/* Did a landmark of the site's row sign this opening? Costs one signature and changes nothing.
 * FAIL_ACCESS_DENIED, FAIL_SYNTAX, FAIL_PROOF. */
enum error_code gate_location_vouch(struct gate_visit *visit, str note, struct error *e) MUST_USE;

struct gate_location; /* one session: what the store held at one checkpoint */
/* The landmark's signed opening (locproof_opening). The act `administer` for `location-proof`, decided
 * for each dataset that is kept here; a refusal is an entry. Signs a checkpoint first. The visit stays
 * open as long as the session.
 *   FAIL_ACCESS_DENIED  no landmark of the site's row signed it
 *   FAIL_USAGE          of another site than this store's
 *   FAIL_REFUSED        the rules say no; the message names the clause */
enum error_code gate_location_open(struct gate_visit *visit, str note, struct gate_location **out,
                                   struct gate_answer *answer, struct error *e) MUST_USE;
void gate_location_close(struct gate_location *location); /* NULL is fine */

struct locproof_opening;
struct locproof_place;
/* Where the register says that the landmark stands. */
const struct locproof_place *gate_location_place(const struct gate_location *location);
const struct locproof_opening *gate_location_opening(const struct gate_location *location);
str gate_location_note(const struct gate_location *location); /* the checkpoint */
/* On what stored bodies lie: an enum locproof_medium, as the kernel says of the disk. */
unsigned gate_location_medium(const struct gate_location *location);

struct locproof_draw;
struct gate_piece {
    bool is_there;
    unsigned why;   /* enum locproof_why where it is not */
    const char *at; /* of the session; until the next */
    size_t bytes;
};
/* The piece drawn, as it is stored: read past the page cache where the file system can, never
 * deciphered. What goes wrong with reading it is an answer (UNREADABLE), not an error. */
void gate_location_piece(struct gate_location *location, const struct locproof_draw *draw,
                         struct gate_piece *out);
/* What shows it (locproof_shown): reads the whole body. In the arena. FAIL_CORRUPT, FAIL_NOT_FOUND:
 * it cannot be shown. */
enum error_code gate_location_shown(struct gate_location *location,
                                    const struct locproof_draw *draw, struct arena *arena,
                                    str *bytes, struct error *e) MUST_USE;
/* The landmark's signed report on this session becomes an entry, the newest of that landmark counts
 * for the place, and a failure is a finding; rules that read the place are compiled anew. Decided once
 * more. FAIL_PROOF: not signed by it, or about something else; FAIL_REFUSED. */
enum error_code gate_location_take(struct gate_visit *visit, struct gate_location *location,
                                   str note, struct gate_answer *answer, struct error *e) MUST_USE;

/* ---- what the store decides from, for a command that judges by it ---- */

/* Rows of the register as canonical JSON, as the store held it at `held_ns` (INT64_MAX: now): some
 * `bytes_most` bytes from row number `first` on, each with its kind's key ("sites"). *next: where to go on,
 * 0: all were given. Needs `admin` or `inspect`. FAIL_NOT_FOUND: nothing was held then, or nobody noted
 * when it came. */
struct gate_register_page {
    int64_t held_ns;
    uint64_t first;
    uint64_t bytes_most;
};
struct gate_register_row {
    str kind, canonical; /* empty canonical: the kind's list is complete, as of `as_of_ns` */
    int64_t as_of_ns;
};
enum error_code gate_register_show(
    struct gate_visit *visit, const struct gate_register_page *ask,
    enum error_code (*each)(void *self, const struct gate_register_row *, struct error *e),
    void *self, uint64_t *next, digest *sha256, struct error *e) MUST_USE;
/* The rulebook files in force, as they were read. Needs `admin` or `inspect`. */
enum error_code gate_rulebooks_show(struct gate_visit *visit,
                                    enum error_code (*each)(void *self, str name, str bytes,
                                                            struct error *e),
                                    void *self, struct error *e) MUST_USE;

/* The register of those paths takes the place of the one in force; an unchanged one changes
 * nothing. Parks; on no reactor. */
enum error_code gate_register_import(struct gate_visit *visit, const str *paths, size_t count,
                                     struct error *e) MUST_USE;

#endif
