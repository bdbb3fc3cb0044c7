/* Any bytes as a row: the readers answer, and what they read they write back to the same bytes. A key
 * that was made is read back. */
#include "store/rows.h"

static char memory[4 << 20];

static void must_be(str written, str row) {
    if (!str_equal(written, row)) __builtin_trap();
}

static void one_row(unsigned which, str row) {
    static const struct store_upload_id id;
    struct arena arena = arena_over(memory, sizeof memory);
    struct error e;
    union {
        struct store_bucket bucket;
        struct store_version version;
        struct store_upload upload;
        struct store_part part;
    } v;
    str written;
    switch (which % 4) {
    case 0:
        if (row_bucket_read(STR("b"), row, &arena, &v.bucket, &e) != OK) return;
        if (row_bucket_write(&v.bucket, &arena, &written, &e) != OK) return;
        break;
    case 1:
        if (row_version_read(STR("k"), row, &arena, &v.version, &e) != OK) return;
        if (row_version_write(&v.version, &arena, &written, &e) != OK) return;
        if (row_version_is_marker(row) != v.version.is_delete_marker) __builtin_trap();
        break;
    case 2:
        if (row_upload_read(STR("k"), id, row, &arena, &v.upload, &e) != OK) return;
        if (row_upload_write(&v.upload, &arena, &written, &e) != OK) return;
        break;
    default:
        if (row_part_read(1, row, &arena, &v.part, &e) != OK) return;
        if (row_part_write(&v.part, &arena, &written, &e) != OK) return;
    }
    must_be(written, row);
}

static void one_key(str row) {
    struct store_upload_id id;
    uint64_t sequence;
    str key;
    if (row_object_key(row, &key) && key.len + 11 != row.len) __builtin_trap();
    if (row_version_key(row, &key, &sequence) && key.len + 20 != row.len) __builtin_trap();
    if (row_upload_key(row, &key, &id) && key.len + 28 != row.len) __builtin_trap();
}

/* Keys that were made read back, and sort inside what they belong to. */
static void keys_made(uint64_t bucket, str key) {
    struct store_upload_id id = {.at = {(unsigned char)bucket}}, id_read;
    str read;
    uint64_t sequence;
    if (key.len > LIMIT_KEY_BYTES || (key.len > 0 && memchr(key.at, 0, key.len) != NULL)) return;
    struct row_key object = row_object(bucket, key), versions = row_versions(bucket, key);
    struct row_key version = row_version(bucket, key, bucket), after = row_after(versions);
    struct row_key uploads = row_uploads(bucket, key), upload = row_upload(bucket, key, id);
    if (!row_object_key(row_key_str(&object), &read)) __builtin_trap();
    must_be(read, key);
    if (!row_version_key(row_key_str(&version), &read, &sequence)) __builtin_trap();
    must_be(read, key);
    if (sequence != bucket) __builtin_trap();
    if (!row_upload_key(row_key_str(&upload), &read, &id_read)) __builtin_trap();
    must_be(read, key);
    must_be(str_of(id_read.at, sizeof id_read.at), str_of(id.at, sizeof id.at));
    if (!str_starts(row_key_str(&version), row_key_str(&versions))) __builtin_trap();
    if (!str_starts(row_key_str(&upload), row_key_str(&uploads))) __builtin_trap();
    if (str_compare(row_key_str(&version), row_key_str(&after)) >= 0) __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) return 0;
    str row = str_of(data + 1, size - 1);
    one_row(data[0], row);
    one_key(row);
    keys_made(data[0], row);
    return 0;
}
