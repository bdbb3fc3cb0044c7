/* A bundle of a log of more than 65,536 entries: hash tiles of level 1 are full there, and held against
 * level 2, which no smaller log has. */
#include "tests/verify/forged.h"

enum { COUNT = 65536 + 300, PERIOD = 100 };

static digest nodes[3][COUNT]; /* of tree levels 0, 8, 16 */
static uint64_t node_count[3];

static void node_keep(void *self, unsigned level, uint64_t index, const digest *hash) {
    if (level % 8 != 0) return;
    nodes[level / 8][index] = *hash;
    node_count[level / 8] = index + 1;
}

/* One entry a minute. */
static str entry_make(uint64_t i, char memory[WORLD_ENTRY_BYTES]) {
    struct evidence_entry entry = {.type = EVIDENCE_START, .minute = 29000000 + (uint32_t)i};
    struct evidence_salt salt = {{0}};
    struct evidence_values values = {{{0}}};
    struct error e;
    str bytes;
    entry.fields_root = evidence_fields_root(entry.type, &salt, &values);
    assert_ok(evidence_entry_encode(&entry, memory, WORLD_ENTRY_BYTES, &bytes, &e), &e);
    return bytes;
}

static void tile_put(unsigned level, uint64_t index, bool is_entries) {
    static char memory[TLOG_TILE_WIDTH * (2 + WORLD_ENTRY_BYTES)];
    struct tlog_tile tile = {.is_entries = is_entries,
                             .level = level,
                             .index = index,
                             .width = tlog_tile_width(level, index, COUNT)};
    char name[TLOG_TILE_PATH_BYTES], path[TLOG_TILE_PATH_BYTES + 8], entry[WORLD_ENTRY_BYTES];
    struct pack pack = pack_into(memory, sizeof memory);
    struct error e;
    for (unsigned i = 0; i < tile.width; i++) {
        uint64_t at = index * TLOG_TILE_WIDTH + i;
        if (is_entries)
            assert_ok(tlog_bundle_add(&pack, entry_make(at, entry), &e), &e);
        else
            pack_raw(&pack, nodes[level][at].at, DIGEST_BYTES);
    }
    tlog_tile_path_write(&tile, name);
    snprintf(path, sizeof path, "ledger/%s", name);
    assert_false(pack.overflow);
    bundle_file(path, str_of(memory, pack.len));
}

static void checkpoint_put(const struct tlog_tree *tree) {
    char memory[1024];
    struct text note = text_into(memory, sizeof memory);
    struct tlog_checkpoint head = {
        .origin = tlog_vkey_name(&world->log.vkey), .size = COUNT, .root = tlog_tree_root(tree)};
    struct error e;
    assert_ok(tlog_checkpoint_sign(&note, &head, &world->log, &e), &e);
    bundle_file("ledger/checkpoint", text_str(&note));
}

static struct forgery large_write(void) {
    struct tlog_tree tree;
    struct tlog_node_listener listener = {.node = node_keep};
    char entry[WORLD_ENTRY_BYTES], cover[512];
    struct forgery f = forgery_none();
    world_remove(); /* of a small log nothing stays but the folder's name */
    tlog_tree_init(&tree);
    for (uint64_t i = 0; i < COUNT; i++) {
        digest leaf = tlog_leaf_hash(entry_make(i, entry));
        tlog_tree_append(&tree, &leaf, &listener);
    }
    assert_int_equal(node_count[2], 1);
    for (unsigned level = 1; level < 3; level++)
        for (uint64_t i = 0; i < tlog_tile_count(level, COUNT); i++) tile_put(level, i, false);
    tile_put(0, COUNT / TLOG_TILE_WIDTH, false); /* the right edge */
    f.first = 65536 - PERIOD / 2;
    f.end = 65536 + PERIOD / 2;
    f.from = 29000000 + f.first;
    f.until = 29000000 + f.end;
    for (uint64_t i = f.first / TLOG_TILE_WIDTH; i <= f.end / TLOG_TILE_WIDTH; i++)
        tile_put(0, i, true);
    checkpoint_put(&tree);
    struct evidence_entry start = {.type = EVIDENCE_START};
    char hex[2 * DIGEST_BYTES + 1] = "";
    hex_write(start.rules.at, DIGEST_BYTES, hex);
    bool names_rules = (evidence_type_parts(EVIDENCE_START) & EVIDENCE_RULES) != 0;
    snprintf(cover, sizeof cover, "{\"counts\":{\"type\":{\"start\":%d},\"rules\":{%s%s%s}}}\n",
             PERIOD, names_rules ? "\"" : "", names_rules ? hex : "", names_rules ? "\":100" : "");
    bundle_file("cover.json", str_from_c(cover));
    bundle_file("opened", STR_EMPTY);
    return f;
}

static void sign(const struct forgery *f) {
    list_write();
    manifest_write(f);
}

static const struct {
    const char *name, *file, *says;
} bent[] = {
    {"a hash of a full tile of level 1", "ledger/tile/1/000",
     "tile 1/0 does not hash to its place above"},
    {"the right edge of level 1", "ledger/tile/1/001.p/1", "the tiles do not make the root"},
    {"level 2", "ledger/tile/2/000.p/1", "the tiles do not make the root"},
    {"an entry before the border", "ledger/tile/entries/255", ""},
    {"an entry behind it", "ledger/tile/entries/256", ""},
};

static void a_log_of_three_levels_is_held_against_its_root(void **state) {
    world_make();
    world_seal();
    world_write();
    struct forgery f = large_write();
    sign(&f);
    enum error_code code = bundle_check(false);
    if (code != OK || result.finding_count > 0)
        fail_msg("%s; %.*s", error.message,
                 STR_FMT(result.finding_count > 0 ? result.findings[0] : STR_EMPTY));
    for (size_t i = 0; i < COUNT_OF(bent); i++) {
        file_flip(bent[i].file, 8);
        sign(&f); /* by the operator, who has the key */
        code = bundle_check(false);
        if (code == OK && result.finding_count == 0) fail_msg("%s: not noticed", bent[i].name);
        if (!is_told(code, bent[i].says))
            fail_msg("%s: %s; %.*s", bent[i].name, error.message,
                     STR_FMT(result.finding_count > 0 ? result.findings[0] : STR_EMPTY));
        file_flip(bent[i].file, 8); /* back again */
    }
    sign(&f);
    assert_ok(bundle_check(false), &error);
    assert_int_equal(result.finding_count, 0);
    world_remove();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_log_of_three_levels_is_held_against_its_root)};
    signers_make();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
