/* The store's rows: their keys and their bytes. docs/formats/store-rows.md draws them. */
#ifndef AZEKURA_STORE_ROWS_H
#define AZEKURA_STORE_ROWS_H

#include "store/store.h"

enum { ROW_KEY_BYTES = 2 + 8 + 1 + LIMIT_KEY_BYTES + 1 + 16, ROW_BYTES_MAX = 49152 };

struct row_key {
    unsigned char at[ROW_KEY_BYTES];
    size_t len;
};
static inline str row_key_str(const struct row_key *k) {
    return str_of(k->at, k->len);
}

/* Keys of LIMIT_KEY_BYTES at most; asserted, since callers have checked what strangers sent. */
struct row_key row_bucket(str name);
struct row_key row_object(uint64_t bucket_id, str key);
struct row_key row_versions(uint64_t bucket_id, str key); /* the first of a key's versions */
struct row_key row_version(uint64_t bucket_id, str key, uint64_t sequence);
struct row_key row_null(uint64_t bucket_id, str key);
struct row_key row_uploads(uint64_t bucket_id, str key);
struct row_key row_upload(uint64_t bucket_id, str key, struct store_upload_id id);
struct row_key row_part(struct store_upload_id id, uint16_t number);
struct row_key row_page(struct store_upload_id id, uint64_t end, uint16_t first);
struct row_key row_change(struct store_upload_id id);
struct row_key row_garbage(struct store_upload_id id);
struct row_key row_expiry(int64_t finished_ns, struct store_upload_id id);
struct row_key row_blob(struct engine_blob_id id);
/* The least key after every key that starts with this one. */
struct row_key row_after(struct row_key prefix);

/* Reading keys back. false: not such a key. */
bool row_object_key(str row, str *key);                      /* of row_object */
bool row_version_key(str row, str *key, uint64_t *sequence); /* of row_version */
bool row_upload_key(str row, str *key, struct store_upload_id *id);

enum error_code row_bucket_write(const struct store_bucket *b, struct arena *arena, str *out,
                                 struct error *e) MUST_USE;
enum error_code row_bucket_read(str name, str row, struct arena *arena, struct store_bucket *out,
                                struct error *e) MUST_USE;
enum error_code row_version_write(const struct store_version *v, struct arena *arena, str *out,
                                  struct error *e) MUST_USE;
/* Copies what it needs of `row` and `key` into the arena. */
enum error_code row_version_read(str key, str row, struct arena *arena, struct store_version *out,
                                 struct error *e) MUST_USE;
/* Whether the row of a version is a delete marker's, without reading the rest. */
bool row_version_is_marker(str row);
enum error_code row_upload_write(const struct store_upload *u, struct arena *arena, str *out,
                                 struct error *e) MUST_USE;
enum error_code row_upload_read(str key, struct store_upload_id id, str row, struct arena *arena,
                                struct store_upload *out, struct error *e) MUST_USE;
enum error_code row_part_write(const struct store_part *p, struct arena *arena, str *out,
                               struct error *e) MUST_USE;
enum error_code row_part_read(uint16_t number, str row, struct arena *arena, struct store_part *out,
                              struct error *e) MUST_USE;

#endif
