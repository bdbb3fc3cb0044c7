/* The outside vectors: made by one implementation and accepted by a second, neither of them ours.
 * tests/data/vectors/README.md says where they come from. */
#ifndef AZEKURA_TESTS_TLOG_VECTORS_H
#define AZEKURA_TESTS_TLOG_VECTORS_H

#include <jansson.h>

#include "tests/test.h"
#include "tlog/tlog.h"

#define VECTORS TEST_DATA "/vectors/"

/* A whole file; the caller frees .at. */
static inline str file_read(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) fail_msg("cannot open %s", path);
    char *bytes = NULL;
    size_t count = 0, cap = 0, got;
    do {
        cap += 65536;
        bytes = realloc(bytes, cap);
        assert_non_null(bytes);
        got = fread(bytes + count, 1, cap - count, file);
        count += got;
    } while (got > 0);
    fclose(file);
    return str_of(bytes, count);
}

static inline str json_str(json_t *object, const char *name) {
    json_t *value = json_object_get(object, name);
    if (!json_is_string(value)) fail_msg("vectors.json has no text \"%s\"", name);
    return str_of(json_string_value(value), json_string_length(value));
}

static inline digest hex_digest(str hex) {
    digest hash;
    assert_true(hex_read(hex, hash.at, sizeof hash.at));
    return hash;
}

static inline struct tlog_path hex_path(json_t *list) {
    struct tlog_path path = {.count = (unsigned)json_array_size(list)};
    for (unsigned i = 0; i < path.count; i++) {
        json_t *item = json_array_get(list, i);
        path.at[i] = hex_digest(str_of(json_string_value(item), json_string_length(item)));
    }
    return path;
}

/* Entry i is "entry <i>\n". */
static inline size_t vector_entry(uint64_t i, char out[32]) {
    return (size_t)snprintf(out, 32, "entry %llu\n", (unsigned long long)i);
}

/* The Ed25519 seed of a key is the SHA-256 of a sentence. */
static inline struct tlog_signer vector_signer(json_t *vectors, const char *seed_name,
                                               const char *vkey_name) {
    struct error e;
    struct tlog_vkey expected;
    struct tlog_signer signer;
    assert_ok(tlog_vkey_parse(json_str(vectors, vkey_name), &expected, &e), &e);
    digest hash = sha256_of(json_str(vectors, seed_name));
    struct secret seed;
    memcpy(seed.at, hash.at, sizeof seed.at);
    assert_ok(tlog_signer_make(tlog_vkey_name(&expected), expected.type, &seed, &signer, &e), &e);
    assert_true(tlog_vkey_equal(&signer.vkey, &expected));
    return signer;
}

#endif
