/* Any bytes as a row: the readers answer, and what they read they write back to the same bytes. */
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) return 0;
    str row = str_of(data + 1, size - 1);
    one_row(data[0], row);
    one_key(row);
    return 0;
}
