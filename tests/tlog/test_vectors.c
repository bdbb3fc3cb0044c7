/* Every outside vector verifies, and from the same inputs we write the same bytes. */
#include "tests/tlog/vectors.h"

#include <dirent.h>

#define LOG_SIZE ((uint64_t)70000)

static json_t *vectors;
static struct tlog_signer log_signer, witness_signer;

/* All complete nodes of the 70,000-entry log, level by level. */
static digest *nodes[TLOG_LEVELS];
static struct tlog_tree tree;

static void node_keep(void *self, unsigned level, uint64_t index, const digest *hash) {
    if (!nodes[level]) nodes[level] = calloc((LOG_SIZE >> level) + 1, sizeof(digest));
    assert_non_null(nodes[level]);
    assert_true(index < LOG_SIZE >> level);
    nodes[level][index] = *hash;
}

static enum error_code node_read(void *self, unsigned level, uint64_t index, digest *out,
                                 struct error *e) {
    assert_true(index < LOG_SIZE >> level);
    *out = nodes[level][index];
    return OK;
}
static const struct tlog_nodes node_source = {.read = node_read};

static int setup(void **state) {
    json_error_t problem;
    vectors = json_load_file(VECTORS "vectors.json", JSON_REJECT_DUPLICATES, &problem);
    if (!vectors) fail_msg("vectors.json: %s", problem.text);
    log_signer = vector_signer(vectors, "log_seed_sha256_of", "log_vkey");
    witness_signer = vector_signer(vectors, "witness_seed_sha256_of", "witness_vkey");
    tlog_tree_init(&tree);
    struct tlog_node_listener listener = {.node = node_keep};
    for (uint64_t i = 0; i < LOG_SIZE; i++) {
        char entry[32];
        digest leaf = tlog_leaf_hash(str_of(entry, vector_entry(i, entry)));
        tlog_tree_append(&tree, &leaf, &listener);
    }
    return 0;
}

static int teardown(void **state) {
    json_decref(vectors);
    for (unsigned level = 0; level < TLOG_LEVELS; level++) free(nodes[level]);
    return 0;
}

static void leaves_and_roots(void **state) {
    const char *name;
    json_t *value;
    unsigned seen = 0;
    digest empty = tlog_empty_root(), expected = hex_digest(json_str(vectors, "empty_root"));
    assert_true(digest_equal(&empty, &expected));
    json_object_foreach(json_object_get(vectors, "leaf_hash"), name, value) {
        digest leaf = hex_digest(str_from_c(json_string_value(value)));
        assert_row(name, digest_equal(&leaf, &nodes[0][strtoull(name, NULL, 10)]));
        seen++;
    }
    json_object_foreach(json_object_get(vectors, "roots"), name, value) {
        digest root = hex_digest(str_from_c(json_string_value(value))), made;
        uint64_t size = strtoull(name, NULL, 10);
        struct error e;
        assert_ok(tlog_root_make(&node_source, size, &made, &e), &e);
        assert_row(name, digest_equal(&root, &made));
        made = tlog_root_of(nodes[0], size);
        assert_row(name, digest_equal(&root, &made));
        seen++;
    }
    assert_true(seen >= 22);
}

static digest root_at(uint64_t size) {
    char name[24];
    snprintf(name, sizeof name, "%llu", (unsigned long long)size);
    json_t *roots = json_object_get(vectors, "roots");
    if (json_object_get(roots, name)) return hex_digest(json_str(roots, name));
    digest root;
    struct error e;
    assert_ok(tlog_root_make(&node_source, size, &root, &e), &e);
    return root;
}

static bool path_equal(const struct tlog_path *a, const struct tlog_path *b) {
    return a->count == b->count && memcmp(a->at, b->at, a->count * sizeof a->at[0]) == 0;
}

static uint64_t json_u64(json_t *object, const char *name) {
    return (uint64_t)json_integer_value(json_object_get(object, name));
}

static void inclusion(void **state) {
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(vectors, "inclusion"), i, row) {
        uint64_t index = json_u64(row, "index"), size = json_u64(row, "size");
        struct tlog_path expected = hex_path(json_object_get(row, "proof")), made;
        digest root = root_at(size);
        struct error e;
        assert_ok(tlog_inclusion_verify(index, size, &nodes[0][index], &expected, &root, &e), &e);
        assert_ok(tlog_inclusion_make(&node_source, index, size, &made, &e), &e);
        assert_true(path_equal(&made, &expected));
    }
    assert_true(i >= 9);
}

static void consistency(void **state) {
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(vectors, "consistency"), i, row) {
        uint64_t old_size = json_u64(row, "old"), new_size = json_u64(row, "new");
        struct tlog_path expected = hex_path(json_object_get(row, "proof")), made;
        digest old_root = root_at(old_size), new_root = root_at(new_size);
        struct error e;
        assert_ok(tlog_consistency_verify(old_size, &old_root, new_size, &new_root, &expected, &e),
                  &e);
        assert_ok(tlog_consistency_make(&node_source, old_size, new_size, &made, &e), &e);
        assert_true(path_equal(&made, &expected));
    }
    assert_true(i >= 9);
}

static void tile_names(void **state) {
    static const struct {
        const char *name;
        struct tlog_tile tile;
    } cases[] = {
        {"level0 index1234067 full", {.level = 0, .index = 1234067, .width = 256}},
        {"entries 1234067 partial 8", {.is_entries = true, .index = 1234067, .width = 8}},
        {"level2 index0 partial1", {.level = 2, .index = 0, .width = 1}},
    };
    json_t *paths = json_object_get(vectors, "tile_paths");
    assert_int_equal(json_object_size(paths), COUNT_OF(cases));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char path[TLOG_TILE_PATH_BYTES];
        size_t count = tlog_tile_path_write(&cases[i].tile, path);
        assert_str(str_of(path, count), json_str(paths, cases[i].name));
        struct tlog_tile tile = {0};
        struct error e;
        assert_ok(tlog_tile_path_parse(str_of(path, count), &tile, &e), &e);
        assert_memory_equal(&tile, &cases[i].tile, sizeof tile);
    }
}

/* ---- the whole tile tree, byte for byte */

static str tile_bytes(const struct tlog_tile *tile, char *memory, size_t cap) {
    struct pack pack = pack_into(memory, cap);
    struct error e;
    for (unsigned i = 0; i < tile->width; i++) {
        uint64_t number = tile->index * TLOG_TILE_WIDTH + i;
        char entry[32];
        if (tile->is_entries) {
            assert_ok(tlog_bundle_add(&pack, str_of(entry, vector_entry(number, entry)), &e), &e);
        } else {
            pack_raw(&pack, nodes[8 * tile->level][number].at, DIGEST_BYTES);
        }
    }
    str out;
    assert_ok(pack_done(&pack, "tile", &out, &e), &e);
    return out;
}

static unsigned tiles_compare(bool is_entries, unsigned level) {
    static char memory[TLOG_TILE_WIDTH * 64];
    uint64_t count = tlog_tile_count(level, LOG_SIZE);
    for (uint64_t index = 0; index < count; index++) {
        struct tlog_tile tile = {.is_entries = is_entries,
                                 .level = level,
                                 .index = index,
                                 .width = tlog_tile_width(level, index, LOG_SIZE)};
        char path[sizeof VECTORS "log70000/" + TLOG_TILE_PATH_BYTES] = VECTORS "log70000/";
        tlog_tile_path_write(&tile, path + strlen(path));
        str expected = file_read(path);
        assert_str(tile_bytes(&tile, memory, sizeof memory), expected);
        free((void *)(uintptr_t)expected.at);
    }
    return (unsigned)count;
}

static unsigned files_under(const char *path) {
    unsigned count = 0;
    DIR *dir = opendir(path);
    assert_non_null(dir);
    for (struct dirent *row; (row = readdir(dir));) {
        if (row->d_name[0] == '.') continue;
        char inner[1024];
        snprintf(inner, sizeof inner, "%s/%s", path, row->d_name);
        count += row->d_type == DT_DIR ? files_under(inner) : 1;
    }
    closedir(dir);
    return count;
}

static void tiles_are_the_same(void **state) {
    json_t *counts = json_object_get(vectors, "tile_count_by_level");
    unsigned files = tiles_compare(true, 0);
    for (unsigned level = 0; level < TLOG_TILE_LEVELS; level++) {
        char name[8];
        snprintf(name, sizeof name, "%u", level);
        unsigned count = tiles_compare(false, level);
        assert_int_equal(count, json_u64(counts, name));
        files += count;
    }
    assert_int_equal(files, files_under(VECTORS "log70000/tile"));
    const char *path;
    json_t *value;
    json_object_foreach(json_object_get(vectors, "tile_sha256"), path, value) {
        static char memory[TLOG_TILE_BYTES];
        struct tlog_tile tile;
        struct error e;
        assert_ok(tlog_tile_path_parse(str_from_c(path), &tile, &e), &e);
        digest got = sha256_of(tile_bytes(&tile, memory, sizeof memory));
        digest expected = hex_digest(str_from_c(json_string_value(value)));
        assert_row(path, digest_equal(&got, &expected));
    }
}

static enum error_code tile_file_read(void *self, const struct tlog_tile *tile,
                                      digest hashes[TLOG_TILE_WIDTH], struct error *e) {
    char path[sizeof VECTORS "log70000/" + TLOG_TILE_PATH_BYTES] = VECTORS "log70000/";
    tlog_tile_path_write(tile, path + strlen(path));
    str bytes = file_read(path);
    assert_int_equal(bytes.len, tile->width * DIGEST_BYTES);
    memcpy(hashes, bytes.at, bytes.len);
    free((void *)(uintptr_t)bytes.at);
    ++*(unsigned *)self;
    return OK;
}

static void proofs_come_out_of_tiles(void **state) {
    unsigned reads = 0;
    struct tlog_tiles *tiles = calloc(1, sizeof *tiles);
    *tiles = (struct tlog_tiles){.read = tile_file_read, .self = &reads, .size = LOG_SIZE};
    struct tlog_nodes from_tiles = tlog_tiles_nodes(tiles);
    static const uint64_t indexes[] = {0, 255, 256, 12345, 65535, 65536, 69887, 69888, 69999};
    for (size_t i = 0; i < COUNT_OF(indexes); i++) {
        struct tlog_path a, b;
        struct error e;
        assert_ok(tlog_inclusion_make(&from_tiles, indexes[i], LOG_SIZE, &a, &e), &e);
        assert_ok(tlog_inclusion_make(&node_source, indexes[i], LOG_SIZE, &b, &e), &e);
        assert_true(path_equal(&a, &b));
    }
    assert_true(reads <= 4 * COUNT_OF(indexes)); /* at most a partial and a full one a level */
    struct tlog_tree loaded;
    struct error e;
    assert_ok(tlog_tree_load(&from_tiles, LOG_SIZE, &loaded, &e), &e);
    digest root = tlog_tree_root(&loaded), expected = root_at(LOG_SIZE);
    assert_true(digest_equal(&root, &expected));
    free(tiles);
}

/* ---- texts */

static struct text memory_text(void) {
    static char memory[65536];
    return text_into(memory, sizeof memory);
}

static void checkpoint_with_cosignature(void **state) {
    str expected = json_str(vectors, "checkpoint_70000");
    struct error e;
    struct tlog_note note;
    struct tlog_checkpoint checkpoint;
    assert_ok(tlog_checkpoint_open(expected, &log_signer.vkey, &note, &checkpoint, &e), &e);
    assert_int_equal(checkpoint.size, LOG_SIZE);
    digest root = tlog_tree_root(&tree);
    assert_true(digest_equal(&root, &checkpoint.root));
    assert_int_equal(checkpoint.extensions.len, 0);
    struct tlog_signed by_witness;
    assert_ok(tlog_note_verify(&note, &witness_signer.vkey, 1, &by_witness, &e), &e);
    assert_true(by_witness.valid);

    struct text out = memory_text();
    struct tlog_checkpoint same = {.origin = json_str(vectors, "origin"),
                                   .size = LOG_SIZE,
                                   .root = root,
                                   .extensions = STR_EMPTY};
    assert_ok(tlog_checkpoint_sign(&out, &same, &log_signer, &e), &e);
    str file = file_read(VECTORS "log70000/checkpoint");
    bool file_is_cosigned = file.len > out.len;
    if (!file_is_cosigned) assert_str(text_str(&out), file);
    assert_ok(tlog_note_sign(&out, note.text, &witness_signer, by_witness.time_s, &e), &e);
    assert_str(text_str(&out), expected);
    if (file_is_cosigned) assert_str(text_str(&out), file);
    free((void *)(uintptr_t)file.at);
}

static void policy_accepts_it(void **state) {
    str text = file_read(VECTORS "policy.txt");
    struct tlog_policy *policy = calloc(1, sizeof *policy);
    struct tlog_checkpoint checkpoint;
    struct tlog_policy_result result;
    struct error e;
    assert_ok(tlog_policy_parse(text, policy, &e), &e);
    str note = json_str(vectors, "checkpoint_70000");
    assert_ok(tlog_policy_open(policy, NULL, note, &checkpoint, &result, &e), &e);
    assert_int_equal(result.witnesses_signed, 1);
    assert_int_equal(checkpoint.size, LOG_SIZE);
    free(policy);
    free((void *)(uintptr_t)text.at);
}

static void witness_request(void **state) {
    str expected = json_str(vectors, "add_checkpoint_body");
    str file = file_read(VECTORS "add-checkpoint.req");
    assert_str(file, expected);
    struct tlog_add_checkpoint request;
    struct tlog_checkpoint checkpoint;
    struct error e;
    assert_ok(tlog_add_checkpoint_parse(file, &request, &e), &e);
    assert_ok(tlog_checkpoint_open(request.checkpoint, &log_signer.vkey, NULL, &checkpoint, &e),
              &e);
    digest old_root = root_at(request.old_size);
    assert_ok(tlog_consistency_verify(request.old_size, &old_root, checkpoint.size,
                                      &checkpoint.root, &request.path, &e),
              &e);

    struct tlog_add_checkpoint made = {.old_size = request.old_size};
    struct text note = memory_text();
    assert_ok(tlog_consistency_make(&node_source, made.old_size, LOG_SIZE, &made.path, &e), &e);
    assert_ok(tlog_checkpoint_sign(&note, &checkpoint, &log_signer, &e), &e);
    made.checkpoint = text_str(&note);
    char memory[8192];
    struct text out = text_into(memory, sizeof memory);
    assert_ok(tlog_add_checkpoint_write(&out, &made, &e), &e);
    assert_str(text_str(&out), expected);
    free((void *)(uintptr_t)file.at);
}

static void proof_file(void **state) {
    str expected = json_str(vectors, "tlog_proof_12345");
    str file = file_read(VECTORS "entry12345.tlog-proof");
    assert_str(file, expected);
    char memory[4096];
    struct arena arena = arena_over(memory, sizeof memory);
    struct tlog_proof proof;
    struct tlog_checkpoint checkpoint;
    struct error e;
    assert_ok(tlog_proof_parse(file, &arena, &proof, &e), &e);
    assert_int_equal(proof.index, 12345);
    assert_null(proof.extra.at);
    assert_ok(tlog_checkpoint_open(proof.checkpoint, &log_signer.vkey, NULL, &checkpoint, &e), &e);
    char entry[32];
    digest leaf = tlog_leaf_hash(str_of(entry, vector_entry(12345, entry)));
    assert_ok(tlog_inclusion_verify(proof.index, checkpoint.size, &leaf, &proof.path,
                                    &checkpoint.root, &e),
              &e);

    struct tlog_proof made = {.index = 12345, .checkpoint = json_str(vectors, "checkpoint_70000")};
    assert_ok(tlog_inclusion_make(&node_source, 12345, LOG_SIZE, &made.path, &e), &e);
    struct text out = memory_text();
    assert_ok(tlog_proof_write(&out, &made, &e), &e);
    assert_str(text_str(&out), expected);
    free((void *)(uintptr_t)file.at);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves_and_roots),
        cmocka_unit_test(inclusion),
        cmocka_unit_test(consistency),
        cmocka_unit_test(tile_names),
        cmocka_unit_test(tiles_are_the_same),
        cmocka_unit_test(proofs_come_out_of_tiles),
        cmocka_unit_test(checkpoint_with_cosignature),
        cmocka_unit_test(policy_accepts_it),
        cmocka_unit_test(witness_request),
        cmocka_unit_test(proof_file),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
