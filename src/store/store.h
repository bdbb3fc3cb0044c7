/* The object model: buckets, objects with versions from the first day, uploads in parts.
 *
 * Pure bookkeeping over the engine's rows. Reading needs a view, changing needs a turn, and both
 * are the gate's to give: who cannot get one can do nothing with this header but read its types.
 * The store knows no users' rights, no rules and no ciphers; bodies are bytes it keeps the address
 * of.
 *
 * Times and sequences: the gate hands out `sequence`, nanoseconds since 1970 that strictly grow
 * over the whole store, so it orders versions and names them. Source: CORE 4, 5; S3 API reference
 * (versioning, multipart upload, listing). */
#ifndef AZEKURA_STORE_STORE_H
#define AZEKURA_STORE_STORE_H

#include "base/base.h"
#include "engine/engine.h"

/* ---- values ---- */

struct store_pair {
    str name, value;
};
struct store_pairs {
    const struct store_pair *at;
    size_t count;
};
/* Case-sensitive; STR_EMPTY when there is none. */
str store_pairs_find(struct store_pairs pairs, str name);

enum store_versioning { STORE_UNVERSIONED, STORE_ENABLED, STORE_SUSPENDED };

struct store_bucket {
    uint64_t id; /* never used again, even when the name is */
    str name;
    int64_t created_ns;
    str owner; /* user id */
    enum store_versioning versioning;
    struct store_pairs tags;
};

enum store_body_kind {
    STORE_BODY_EMPTY,  /* no bytes at all */
    STORE_BODY_INLINE, /* in ENGINE_BODY under its blob id */
    STORE_BODY_FILE,   /* an engine blob */
    STORE_BODY_PARTS,  /* the parts of a finished upload */
};
enum { STORE_KEY_WRAP_BYTES_MAX = 128, STORE_UPLOAD_ID_BYTES = 16 };

struct store_upload_id {
    unsigned char at[STORE_UPLOAD_ID_BYTES];
};

struct store_body {
    enum store_body_kind kind;
    struct engine_blob_id blob;    /* INLINE, FILE */
    struct store_upload_id upload; /* PARTS */
    uint16_t part_count;           /* PARTS */
    uint64_t bytes;                /* as the client sent them */
    uint64_t stored_bytes;         /* as they lie on disk */
    bool encrypted;                /* PARTS: every part that has bytes is */
    str key_dataset;               /* whose key wraps the blob's key; empty when not encrypted */
    str key_wrap;                  /* opaque; opened by seal */
    digest stored_root;            /* RFC 6962 root over stored bytes in 4 KiB pieces */
};

struct store_etag {
    unsigned char md5[MD5_BYTES];
    uint16_t parts; /* 0: a plain MD5; else "MD5OFMD5S-parts" */
};

enum store_checksum_kind {
    STORE_CHECKSUM_NONE,
    STORE_CHECKSUM_CRC32,
    STORE_CHECKSUM_CRC32C,
    STORE_CHECKSUM_CRC64NVME,
    STORE_CHECKSUM_SHA1,
    STORE_CHECKSUM_SHA256,
};
struct store_checksum {
    enum store_checksum_kind kind;
    bool composite;       /* of the parts' checksums, not of the bytes */
    uint8_t len;          /* 4, 8, 20 or 32 */
    unsigned char at[32]; /* big-endian */
};

/* One version of an object. Slices live in the arena it was read into. */
struct store_version {
    str key;
    uint64_t sequence;
    bool is_null; /* its id is "null": written while the bucket was not versioned */
    bool is_delete_marker;
    bool is_current;
    int64_t modified_ns;
    struct store_etag etag;
    struct store_checksum checksum;
    digest content; /* SHA-256 of the plaintext; of parts: over the parts' SHA-256 in order */
    struct store_pairs headers; /* lower-case names: content-type, x-amz-meta-… */
    struct store_pairs tags;
    str owner;                   /* user id */
    struct store_pairs datasets; /* dataset ids it is decided by: its own, and a copy's source */
    uint64_t entry;              /* ledger index of the entry that wrote it */
    struct store_body body;
};

enum { STORE_VERSION_TEXT_BYTES = 20 };
/* "null", or 16 hex digits of the sequence. Returns the length. */
size_t store_version_text(const struct store_version *v, char out[STORE_VERSION_TEXT_BYTES]);
/* false: no version id of ours. *is_null true: "null", *sequence untouched. */
bool store_version_read(str text, bool *is_null, uint64_t *sequence);

/* ---- buckets ---- */

/* Every bucket, sorted by name, in the arena. */
struct store_buckets {
    const struct store_bucket *at;
    size_t count;
};
enum error_code store_buckets_load(struct engine_view *view, struct arena *arena,
                                   struct store_buckets *out, struct error *e) MUST_USE;
const struct store_bucket *store_bucket_find(const struct store_buckets *buckets, str name);

/* The same, as the turn sees it. FAIL_NO_SUCH_BUCKET. */
enum error_code store_bucket_get(struct engine_turn *turn, str name, struct arena *arena,
                                 struct store_bucket *out, struct error *e) MUST_USE;
/* FAIL_BUCKET_OWNED: there is one of this owner; FAIL_BUCKET_EXISTS: of another;
 * FAIL_TOO_MANY_BUCKETS. `new->id` is given out here. */
enum error_code store_bucket_create(struct engine_turn *turn, const struct store_bucket *new,
                                    struct arena scratch, struct store_bucket *out,
                                    struct error *e) MUST_USE;
/* FAIL_BUCKET_NOT_EMPTY: a version, a delete marker or an open upload is in it. */
enum error_code store_bucket_delete(struct engine_turn *turn, str name, struct arena scratch,
                                    struct error *e) MUST_USE;
/* Writes versioning and tags of an existing bucket. */
enum error_code store_bucket_update(struct engine_turn *turn, const struct store_bucket *bucket,
                                    struct arena scratch, struct error *e) MUST_USE;

/* ---- objects: changing ---- */

/* What must hold of the current version for a write to happen. Source: RFC 9110 13.1, S3 API
 * conditional writes. Judged inside the turn, so two writers cannot both win. */
struct store_condition {
    bool if_none; /* If-None-Match: * — there must be no current object */
    bool if_any;  /* If-Match: * — there must be one */
    bool if_match;
    struct store_etag etag; /* If-Match */
};

/* Makes `version` the current one of its key. In a bucket that is unversioned or suspended it
 * replaces the null version, whose body is dropped. `version->is_null` is set here.
 *   FAIL_PRECONDITION   the condition does not hold
 *   FAIL_NO_SUCH_KEY    If-Match, of any or of one, on a key with no current object */
enum error_code store_put(struct engine_turn *turn, const struct store_bucket *bucket,
                          struct store_version *version, const struct store_condition *condition,
                          struct arena scratch, struct error *e) MUST_USE;

struct store_deleted {
    bool found;                   /* something was there */
    bool marker_made;             /* a delete marker was written: `version` is it */
    bool marker_removed;          /* the version removed was a delete marker */
    struct store_version version; /* the one removed, or the marker made; key and sequence */
};
/* Without a version: S3's plain DELETE (a marker where versioned, a removal where not). With one:
 * removes exactly it, and the next older version becomes current. A missing one is not an error.
 * FAIL_PRECONDITION, FAIL_NO_SUCH_KEY: the condition does not hold, as of store_put. */
enum error_code store_delete(struct engine_turn *turn, const struct store_bucket *bucket, str key,
                             bool with_version, bool version_is_null, uint64_t version_sequence,
                             const struct store_condition *condition, uint64_t sequence, str owner,
                             uint64_t entry, struct arena *arena, struct store_deleted *out,
                             struct error *e) MUST_USE;

/* Writes the row of an existing version anew: tags, entry. Key, sequence and body stay. */
enum error_code store_version_update(struct engine_turn *turn, const struct store_bucket *bucket,
                                     const struct store_version *version, struct arena scratch,
                                     struct error *e) MUST_USE;
/* The version as the turn sees it. FAIL_NO_SUCH_KEY, FAIL_NO_SUCH_VERSION. */
enum error_code store_version_get(struct engine_turn *turn, const struct store_bucket *bucket,
                                  str key, bool with_version, bool version_is_null,
                                  uint64_t version_sequence, struct arena *arena,
                                  struct store_version *out, struct error *e) MUST_USE;

/* ---- objects: reading ---- */

/* The same under a view. A delete marker is found: look at is_delete_marker. */
enum error_code store_version_find(struct engine_view *view, uint64_t bucket_id, str key,
                                   bool with_version, bool version_is_null,
                                   uint64_t version_sequence, struct arena *arena,
                                   struct store_version *out, bool *found,
                                   struct error *e) MUST_USE;
/* The same with the body as it is stored, where that lies in a row: one wait for both. Empty for a
 * body of another kind. FAIL_CORRUPT: the row names a body that is not there. */
enum error_code store_version_fetch(struct engine_view *view, uint64_t bucket_id, str key,
                                    bool with_version, bool version_is_null,
                                    uint64_t version_sequence, struct arena *arena,
                                    struct store_version *out, str *stored, bool *found,
                                    struct error *e) MUST_USE;

struct store_listing {
    str prefix, delimiter;
    str after;     /* key marker: strictly after this key (or common prefix) */
    bool versions; /* ListObjectVersions: every version, delete markers too */
    uint64_t
        after_sequence; /* with versions: within key `after`, versions older than this; 0: none */
    bool after_null;    /* … older than its null version; none where it has none */
    uint32_t max;       /* 0..LIMIT_LIST_KEYS */
};
struct store_listed {
    bool truncated;
    str next_key; /* in the arena: key or common prefix to go on after */
    uint64_t next_sequence;
    uint32_t count; /* keys and common prefixes together */
};
/* Gives each row in key order (versions: newest first) to `each`, which must copy what it keeps;
 * `prefix_only` non-empty: a common prefix, version is NULL. Skips past a prefix by seeking. Parks.
 */
enum error_code store_list(struct engine_view *view, uint64_t bucket_id,
                           const struct store_listing *listing,
                           enum error_code (*each)(void *self, const struct store_version *version,
                                                   str prefix_only, struct error *e),
                           void *self, struct arena *arena, struct store_listed *out,
                           struct error *e) MUST_USE;

/* ---- uploads in parts ---- */

struct store_upload {
    struct store_upload_id id;
    str key;
    int64_t initiated_ns;
    str owner;
    struct store_pairs headers, tags, datasets;
    enum store_checksum_kind checksum_kind;
    bool checksum_composite;
    uint64_t entry;
    bool finished;               /* completed within the last 24 h: `result` is the answer */
    struct store_version result; /* sequence, is_null, etag, checksum, body.bytes */
};
struct store_part {
    uint16_t number; /* 1..LIMIT_PART_COUNT */
    int64_t modified_ns;
    unsigned char md5[MD5_BYTES];
    struct store_checksum checksum;
    digest content;         /* SHA-256 of the part's plaintext */
    struct store_body body; /* INLINE, FILE or EMPTY */
};

enum { STORE_UPLOAD_TEXT_BYTES = 2 * STORE_UPLOAD_ID_BYTES };
void store_upload_text(struct store_upload_id id, char out[STORE_UPLOAD_TEXT_BYTES]);
bool store_upload_read(str text, struct store_upload_id *id);

enum error_code store_upload_create(struct engine_turn *turn, const struct store_bucket *bucket,
                                    const struct store_upload *upload, struct arena scratch,
                                    struct error *e) MUST_USE;
/* Writes or replaces a part. FAIL_NO_SUCH_UPLOAD: never was, aborted, or finished. */
enum error_code store_part_put(struct engine_turn *turn, const struct store_bucket *bucket, str key,
                               struct store_upload_id id, const struct store_part *part,
                               struct arena scratch, struct error *e) MUST_USE;

/* Adds dataset ids to an open upload, for a part copied from elsewhere; those it has stay once.
 * FAIL_NO_SUCH_UPLOAD: never was, aborted, or finished. */
enum error_code store_upload_datasets_add(struct engine_turn *turn,
                                          const struct store_bucket *bucket, str key,
                                          struct store_upload_id id, struct store_pairs datasets,
                                          struct arena scratch, struct error *e) MUST_USE;

/* One part a client names when it completes. */
struct store_part_claim {
    uint16_t number;
    unsigned char md5[MD5_BYTES];
};
/* What completing will write, worked out under a view so that the turn itself stays short. */
struct store_completion;
/* Checks the claims against the part rows. Parks; runs long for many parts.
 *   FAIL_NO_SUCH_UPLOAD, FAIL_INVALID_PART, FAIL_INVALID_PART_ORDER
 *   FAIL_ENTITY_TOO_SMALL  a part but the last has fewer than `part_bytes_min` bytes
 * A finished upload gives *finished true and `upload->result`. Memory in `arena` (about 64 bytes a
 * part). */
enum error_code store_completion_prepare(struct engine_view *view, uint64_t bucket_id, str key,
                                         struct store_upload_id id,
                                         const struct store_part_claim *claims, size_t count,
                                         uint64_t part_bytes_min, struct arena *arena,
                                         struct store_upload *upload, bool *finished,
                                         struct store_completion **out, struct error *e) MUST_USE;
uint64_t store_completion_bytes(const struct store_completion *c);
struct store_etag store_completion_etag(const struct store_completion *c);
/* Part `i` of 0..count-1 as claimed, for the root over the parts' roots. */
size_t store_completion_count(const struct store_completion *c);
digest store_completion_part_root(const struct store_completion *c, size_t i);
digest store_completion_part_content(const struct store_completion *c, size_t i);
/* In the turn: FAIL_CONDITION_CONFLICT when a part changed since (prepare again),
 * FAIL_NO_SUCH_UPLOAD, and the failures of store_put. version->body is set here. */
enum error_code store_complete(struct engine_turn *turn, const struct store_bucket *bucket,
                               const struct store_completion *completion,
                               struct store_version *version,
                               const struct store_condition *condition, struct arena scratch,
                               struct error *e) MUST_USE;
/* FAIL_NO_SUCH_UPLOAD. */
enum error_code store_upload_abort(struct engine_turn *turn, const struct store_bucket *bucket,
                                   str key, struct store_upload_id id, struct arena scratch,
                                   struct error *e) MUST_USE;

enum error_code store_upload_find(struct engine_view *view, uint64_t bucket_id, str key,
                                  struct store_upload_id id, struct arena *arena,
                                  struct store_upload *out, bool *found, struct error *e) MUST_USE;
/* The upload as the turn sees it. FAIL_NO_SUCH_UPLOAD. */
enum error_code store_upload_get(struct engine_turn *turn, const struct store_bucket *bucket,
                                 str key, struct store_upload_id id, struct arena *arena,
                                 struct store_upload *out, struct error *e) MUST_USE;
/* Open uploads in key order, then by id; `after_id` all zero: from the first of key `after`. */
enum error_code
store_upload_list(struct engine_view *view, uint64_t bucket_id, const struct store_listing *listing,
                  struct store_upload_id after_id,
                  enum error_code (*each)(void *self, const struct store_upload *upload,
                                          str prefix_only, struct error *e),
                  void *self, struct arena *arena, struct store_listed *out,
                  struct store_upload_id *next_id, struct error *e) MUST_USE;
/* Part rows of an upload, open or finished, after number `after`. */
enum error_code
store_part_list(struct engine_view *view, struct store_upload_id id, uint16_t after, uint32_t max,
                enum error_code (*each)(void *self, const struct store_part *part, struct error *e),
                void *self, struct arena scratch, bool *truncated, struct error *e) MUST_USE;

/* The part of a finished object that holds byte `offset`, and where the part begins.
 * FAIL_CORRUPT when the rows do not cover it. */
enum error_code store_part_at(struct engine_view *view, const struct store_version *version,
                              uint64_t offset, struct arena *arena, struct store_part *out,
                              uint64_t *first, struct error *e) MUST_USE;
/* Part number `number` (1-based, by position) of a finished object. FAIL_INVALID_PART_NUMBER. */
enum error_code store_part_nth(struct engine_view *view, const struct store_version *version,
                               uint32_t number, struct arena *arena, struct store_part *out,
                               uint64_t *first, struct error *e) MUST_USE;

/* ---- upkeep ---- */

/* Removes a slice of what deletes and aborts left behind (part rows, their bodies) and of finished
 * uploads older than 24 h. *more: there is more to do. Called in turns of its own. */
enum error_code store_tidy(struct engine_turn *turn, int64_t now_ns, uint32_t rows_max,
                           struct arena scratch, bool *more, struct error *e) MUST_USE;

/* For engine_blobs_sweep. */
bool store_blob_is_named(void *self, struct engine_view *view, struct engine_blob_id id);

/* Walks every version of every bucket, for exports and counting; `each` must copy what it keeps. */
enum error_code store_walk(struct engine_view *view,
                           enum error_code (*each)(void *self, const struct store_bucket *bucket,
                                                   const struct store_version *version,
                                                   struct error *e),
                           void *self, struct arena scratch, struct error *e) MUST_USE;

/* Every invariant between the rows, for tests and for whoever doubts a disk: reads all of them.
 * FAIL_CORRUPT says which does not hold. Half of `scratch` is for uploads, 20 bytes each. */
enum error_code store_check(struct engine_view *view, struct arena scratch,
                            struct error *e) MUST_USE;

#endif
