/* Objects: written, read, deleted, copied, tagged. Bodies go piece by piece, each call parks. */
#ifndef AZEKURA_GATE_FRONT_OBJECTS_H
#define AZEKURA_GATE_FRONT_OBJECTS_H

#include "gate/front/visit.h"
#include "store/store.h"

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

#endif
