/* Seal: what keeps stored bytes secret and whole, and the store of keys for it.
 *
 * Bodies are sealed in frames of LIMIT_FRAME_BYTES under a key of their own; that key is wrapped by
 * the key of the dataset. Openings are sealed as records under a key per dataset and month, which
 * can be destroyed. All keys live in one directory, one small file a key, wrapped by the master
 * key, whose file may lie on another disk. The seed of the ledger's signing key is among them.
 *
 * Every function here may be called from any thread unless it says otherwise. None parks but those
 * that make, destroy or open keys. A cipher context is kept per thread; sealing allocates nothing.
 * Source: CORE 5, 6; docs/formats/frames.md, docs/formats/keys.md; NIST SP 800-38D. */
#ifndef AZEKURA_SEAL_SEAL_H
#define AZEKURA_SEAL_SEAL_H

#include "base/base.h"

enum {
    SEAL_TAG_BYTES = 16,
    SEAL_FRAME_BYTES = LIMIT_FRAME_BYTES + SEAL_TAG_BYTES, /* a full frame as stored */
    SEAL_BLOB_ID_BYTES = 16,
    SEAL_WRAPPED_BYTES = 16 + SECRET_BYTES + SEAL_TAG_BYTES, /* a key wrapped by another */
    SEAL_RECORD_EXTRA_BYTES = 4 + 16 + SEAL_TAG_BYTES, /* key number, nonce, tag around a record */
    SEAL_NAME_BYTES = 255,                             /* name of a key: a dataset's id */
};

/* ---- frames ---- */

/* A body of n bytes is max(1, ceil(n / LIMIT_FRAME_BYTES)) frames; only the last may be short, and
 * an empty body is one empty frame, so that cutting a body at a frame is seen. */
uint64_t seal_frame_count(uint64_t plain_bytes);
uint64_t seal_stored_bytes(uint64_t plain_bytes); /* plain_bytes <= LIMIT_OBJECT_BYTES */
/* false: no body is stored in so many bytes. */
bool seal_plain_bytes(uint64_t stored_bytes, uint64_t *plain_bytes);

/* Where the frame that holds a plaintext offset lies. */
struct seal_place {
    uint64_t frame;         /* number, from 0 */
    uint64_t stored_offset; /* first byte of the frame among the stored bytes */
    size_t stored_bytes;    /* of the frame, tag included */
    size_t skip;            /* bytes of its plaintext before the offset */
    bool is_last;
};
/* plain_offset < plain_bytes, or both 0. */
struct seal_place seal_place_of(uint64_t plain_bytes, uint64_t plain_offset);

/* What binds a frame to its place. A (key, blob, number) is sealed once, ever: a key belongs to one
 * blob, and a blob is written once. */
struct seal_frame {
    unsigned char blob[SEAL_BLOB_ID_BYTES];
    uint64_t number;
    bool is_last;
};
/* Writes plain.len + SEAL_TAG_BYTES bytes; out may be plain.at (in place) but not overlap
 * otherwise. plain.len is LIMIT_FRAME_BYTES, or less in the last frame. FAIL_CRYPTO: OpenSSL
 * failed. */
enum error_code seal_frame_seal(const struct secret *key, const struct seal_frame *frame, str plain,
                                void *out, struct error *e) MUST_USE;
/* Writes sealed.len - SEAL_TAG_BYTES bytes, in place allowed. FAIL_CORRUPT: changed, of another
 * blob or place, cut, or another key; `out` then holds zeros. */
enum error_code seal_frame_open(const struct secret *key, const struct seal_frame *frame,
                                str sealed, void *out, struct error *e) MUST_USE;

/* ---- keys ---- */

void seal_key_new(struct secret *out); /* fresh randomness */
/* 64 bytes, others each time; 2 µs, and so is unwrapping. */
enum error_code seal_key_wrap(const struct secret *by, const struct secret *key,
                              unsigned char out[SEAL_WRAPPED_BYTES], struct error *e) MUST_USE;
/* FAIL_CORRUPT: not wrapped by this key, or changed; *out zero. */
enum error_code seal_key_unwrap(const struct secret *by,
                                const unsigned char wrapped[SEAL_WRAPPED_BYTES], struct secret *out,
                                struct error *e) MUST_USE;

struct seal_keys; /* a key store */

struct seal_keys_options {
    const char *master_path; /* NULL: DIR/master; elsewhere to keep it on another disk */
};
/* Opens DIR (DATA/keys), or makes it with a master key, a local key and a signing key. Reads all
 * keys; parks. Files have mode 0600, the directory 0700.
 *   FAIL_NOT_FOUND  there are keys but no master key: names the path
 *   FAIL_CRYPTO     the master key does not open them; or OpenSSL failed
 *   FAIL_VERSION    a file of a format we do not know, named
 *   FAIL_CORRUPT    a file that does not parse, named */
enum error_code seal_keys_open(const char *dir, const struct seal_keys_options *options,
                               struct seal_keys **out, struct error *e) MUST_USE;
void seal_keys_close(struct seal_keys *keys); /* wipes; NULL is fine */

/* Keys are known by a number that rows carry, never used again. 0 is none. */
enum seal_key_kind {
    SEAL_KEY_DATASET = 1, /* wraps the keys of a dataset's blobs; may be renewed */
    SEAL_KEY_OPENING,     /* seals openings of a dataset's entries of one month; may be destroyed */
    SEAL_KEY_LOCAL,       /* seals this store's own secrets (access keys' secrets) */
    SEAL_KEY_LEDGER,      /* seed of the ledger's Ed25519 key */
};
struct seal_key_info {
    uint32_t number;
    enum seal_key_kind kind;
    uint32_t month; /* SEAL_KEY_OPENING: months since 1970-01; else 0 */
    bool destroyed;
    str name; /* dataset id; lives as long as the store of keys */
};

/* The key in use for a dataset, or for its openings of a month; made, durably, if there is none
 * (parks). The newest one when there are several. name: 1..SEAL_NAME_BYTES without control
 * characters. */
enum error_code seal_key_current(struct seal_keys *keys, enum seal_key_kind kind, str name,
                                 uint32_t month, uint32_t *number, struct secret *key,
                                 struct error *e) MUST_USE;
/* A new key for a dataset; older ones stay readable. Parks. */
enum error_code seal_key_renew(struct seal_keys *keys, str dataset, uint32_t *number,
                               struct error *e) MUST_USE;
/* FAIL_NOT_FOUND: no such key, or it was destroyed: says which. */
enum error_code seal_key_get(struct seal_keys *keys, uint32_t number, struct secret *key,
                             struct error *e) MUST_USE;
/* false: `number` and all above are free. Walk from 1. */
bool seal_key_info(struct seal_keys *keys, uint32_t number, struct seal_key_info *out);

/* Forgets the openings of a dataset and month for good: the key files are overwritten and replaced
 * by a note that they were destroyed, durably, before this returns. *count: keys destroyed now,
 * perhaps 0. Copies of DATA/keys made before are the operator's to destroy. Parks. */
enum error_code seal_month_destroy(struct seal_keys *keys, str dataset, uint32_t month,
                                   uint32_t *count, struct error *e) MUST_USE;
uint32_t seal_month_of(int64_t wall_ns); /* months since 1970-01, UTC */

/* ---- records: small sealed things with a key number in front ---- */

/* Seals under the key of that number: out gets plain.len + SEAL_RECORD_EXTRA_BYTES bytes. `about`
 * is bound, not stored: what the record belongs to (a ledger index, a key id); at most 1,024 bytes.
 */
enum error_code seal_record_seal(struct seal_keys *keys, uint32_t number, str about, str plain,
                                 void *out, struct error *e) MUST_USE;
/* FAIL_NOT_FOUND: its key was destroyed. FAIL_CORRUPT: changed, or about something else. */
enum error_code seal_record_open(struct seal_keys *keys, str about, str sealed, struct arena *arena,
                                 str *plain, struct error *e) MUST_USE;
uint32_t seal_local_number(const struct seal_keys *keys); /* the SEAL_KEY_LOCAL key's */

/* The seed of the ledger's Ed25519 key; tlog signs with it. Wipe it after. */
void seal_ledger_seed(const struct seal_keys *keys, struct secret *seed);

#endif
