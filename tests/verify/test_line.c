/* A log that another one succeeded: as it should be, and bent in every way we could think of. CORE
 * section 3; docs/formats/ledger.md. */
#include "tests/verify/world.h"

#include <stdlib.h>
#include <sys/stat.h>

enum { LOST = 40 }; /* entries that were known of the old log beyond what is left */

/* The old log as it was before the new one was made. */
static struct old {
    char dir[64];
    str rows; /* of its listing */
    uint64_t count, row_count, put_plain, known;
    digest root, known_root;
    struct evidence_entry succession;
} old;
static char rows_memory[1 << 20];

static void shell(const char *format, const char *a, const char *b) {
    char command[600];
    snprintf(command, sizeof command, format, a, b);
    if (system(command) != 0) fail_msg("%s", command);
}

static str file_of(const char *dir, const char *name, char *memory, size_t cap) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *file = fopen(path, "rb");
    if (!file) fail_msg("cannot open %s", path);
    size_t got = fread(memory, 1, cap, file);
    fclose(file);
    return str_of(memory, got);
}

/* Rows of a listing, without head and end. */
static str rows_of(const char *dir, char *memory, size_t cap) {
    str text = file_of(dir, "export/listing", memory, cap), line;
    while (str_cut(&text, '\n', &line) && line.len > 0) {
    }
    size_t at;
    assert_true(str_find(text, STR("end "), &at));
    while (at > 0 && text.at[at - 1] != '\n') at--;
    return str_slice(text, 0, at);
}

static struct world_row *row_of(uint64_t index) {
    for (uint64_t i = 0; i < world->row_count; i++)
        if (world->rows[i].row.index == index) return &world->rows[i];
    fail_msg("no row of entry %llu", (unsigned long long)index);
    return NULL;
}

static const char *seed_text = "log"; /* the world's: one key signs a whole line */

/* A checkpoint of the old log. */
static str checkpoint_sign(uint64_t size, const digest *root, char memory[1024]) {
    struct error e;
    struct text note = text_into(memory, 1024);
    struct tlog_signer signer;
    struct secret seed;
    digest hash = sha256_of(str_from_c(seed_text));
    memcpy(seed.at, hash.at, sizeof seed.at);
    struct tlog_checkpoint checkpoint = {
        .origin = STR("ledger.example.jp/sendai"), .size = size, .root = *root};
    assert_ok(tlog_signer_make(checkpoint.origin, TLOG_KEY_ED25519, &seed, &signer, &e), &e);
    assert_ok(tlog_checkpoint_sign(&note, &checkpoint, &signer, &e), &e);
    return text_str(&note);
}

static digest root_at(uint64_t size) {
    struct tlog_tree tree;
    tlog_tree_init(&tree);
    for (uint64_t i = 0; i < size; i++) {
        digest leaf = tlog_leaf_hash(world->entries[i].bytes);
        tlog_tree_append(&tree, &leaf, NULL);
    }
    return tlog_tree_root(&tree);
}

/* ---- ways to bend it. In the old log before it is sealed; in what the new log says of it; in the
 * files. */

static void nothing(void) {}

static digest other_root(void) {
    return sha256_of(STR("another history"));
}
static void name_another_root(void) {
    old.succession.left_root = other_root();
}
static void name_fewer(void) {
    old.succession.left_size--;
}
static void name_more(void) {
    old.succession.left_size++;
}
static void name_another_log(void) {
    old.succession.prior_origin = STR("ledger.example.jp/tokyo");
}
static void know_a_replaced_history(void) { /* others had seen 100 entries of which these are not */
    old.succession.known_size = 100;
    old.succession.known_root = other_root();
}
static void know_nothing_more(void) {
    old.succession.known_size = old.count;
    old.succession.known_root = old.root;
}
static void time_goes_back(void) {
    for (uint64_t i = 0; i < world->count; i++) world->entries[i].entry.minute = 28000000;
}
static void succeed_in_the_middle(void) {
    struct world_entry *w = &world->entries[9];
    w->entry.type = EVIDENCE_SUCCESSION;
    w->entry.prior_origin = STR("ledger.example.jp/sendai");
    row_of(9)->left_out = true;
}
static void name_a_class_of_the_old_table(void) { /* codes are of one log */
    world->entries[4].entry.code = 9;
}
static void keep_what_was_deleted(void) {
    row_of(world->deleting)->left_out = true;
}

static void flip(const char *name, size_t at) {
    file_flip(name, at);
}
static void flip_an_old_entry(void) {
    flip("ledger/old/1/tile/entries/000", 60);
}
static void flip_an_old_tile(void) {
    flip("ledger/old/1/tile/0/000", 500);
}
static void flip_an_old_partial_tile(void) {
    flip("ledger/old/1/tile/1/000.p/1", 5);
}
static void flip_the_old_signature(void) {
    flip("ledger/old/1/checkpoint", 10);
}
static void old_path(char path[256], const char *name) {
    snprintf(path, 256, "%s/ledger/old/%s", world->dir, name);
}
static void lose_the_old_log(void) {
    char path[256];
    old_path(path, "1");
    shell("rm -r '%s'%s", path, "");
}
static void lose_all_old_logs(void) {
    shell("rm -r '%s/ledger/old'%s", world->dir, "");
}
static void lose_the_last_bundle(void) {
    char path[256], name[64];
    snprintf(name, sizeof name, "1/tile/entries/001.p/%u", tlog_tile_width(0, 1, old.count));
    old_path(path, name);
    shell("rm '%s'%s", path, "");
}
static void shorten_the_last_bundle(void) {
    char path[256], name[64];
    snprintf(name, sizeof name, "1/tile/entries/001.p/%u", tlog_tile_width(0, 1, old.count));
    old_path(path, name);
    shell("truncate -s -150 '%s'%s", path, "");
}
static void lose_the_old_checkpoint(void) {
    char path[256];
    old_path(path, "1/checkpoint");
    shell("rm '%s'%s", path, "");
}
static void leave_a_second_old_log(void) {
    char path[256], from[256];
    old_path(path, "2");
    old_path(from, "1");
    shell("cp -r '%s' '%s'", from, path);
}
static void leave_a_stranger(void) {
    char path[256];
    old_path(path, "01");
    shell("mkdir '%s'%s", path, "");
}
static void swap_the_old_log(void) { /* for one of another time, whole in itself */
    char path[256];
    char made[64];
    old_path(path, "1");
    struct world *line = world;
    world = NULL;
    world_make();
    for (uint64_t i = 0; i < world->count; i++) world->entries[i].entry.minute -= 1;
    world_seal();
    world_write();
    memcpy(made, world->dir, sizeof made);
    free(world);
    world = line;
    shell("rm -r '%s'%s", path, "");
    shell("mv '%s/ledger' '%s'", made, path);
    shell("rm -r '%s'%s", made, "");
}
static void checkpoint_put(uint64_t size, const digest *root) {
    char path[256], memory[1024];
    old_path(path, "1/checkpoint");
    file_write(path, checkpoint_sign(size, root, memory));
}
static void sign_more_than_is_admitted(void) {
    digest root = other_root();
    checkpoint_put(old.known + 1, &root);
}
static void sign_another_known_root(void) {
    digest root = other_root();
    checkpoint_put(old.known, &root);
}
static void sign_another_beginning(void) {
    digest root = other_root();
    checkpoint_put(100, &root);
}
static void sign_what_was_known(void) {
    checkpoint_put(old.known, &old.known_root);
}
static void sign_with_another_key(void) {
    seed_text = "another key";
    checkpoint_put(old.count, &old.root);
    seed_text = "log";
}
static void sign_for_another_log(void) {
    char path[256];
    old_path(path, "1/checkpoint");
    file_write(path, world->checkpoint);
}

static const struct {
    const char *name;
    void (*said)(void), (*made)(void), (*after)(void);
    const char *finding; /* NULL: all is well */
    const char *item;    /* and this is said; NULL: not looked at */
    enum error_code code;
} cases[] = {
    {"as it should be", nothing, nothing, nothing, NULL, "of 320 entries, signed with the newest"},
    {"nothing lost", know_nothing_more, nothing, nothing, NULL, "nothing that anybody knew of"},
    {"a replaced history", know_a_replaced_history, nothing, nothing, NULL,
     "what others knew of ledger.example.jp/sendai at 100 entries is not its history"},
    {"another root named", name_another_root, nothing, nothing,
     "do not hash to the root that entry 0"},
    {"fewer named", name_fewer, nothing, nothing, NULL, NULL, FAIL_NOT_FOUND},
    {"more named", name_more, nothing, nothing, NULL, NULL, FAIL_NOT_FOUND},
    {"another log named", name_another_log, nothing, nothing, "which is not the one before"},
    {"time goes back", nothing, time_goes_back, nothing, "minutes earlier than one before it"},
    {"succession in the middle", nothing, succeed_in_the_middle, nothing,
     "only a first entry can be"},
    {"words of the old log used", nothing, name_a_class_of_the_old_table, nothing,
     "of ledger.example.jp/sendai/2 uses class code 1"},
    {"a delete without row", nothing, keep_what_was_deleted, nothing,
     "of ledger.example.jp/sendai/2 is not opened in the listing"},
    {"an old entry flipped", nothing, nothing, flip_an_old_entry,
     "do not hash to the root that entry 0"},
    {"an old tile flipped", nothing, nothing, flip_an_old_tile, "old/1/tile/0/000 is not what"},
    {"an old partial tile flipped", nothing, nothing, flip_an_old_partial_tile,
     "old/1/tile/1/000.p/1 is not what"},
    {"the old signature flipped", nothing, nothing, flip_the_old_signature, "old/1/checkpoint"},
    {"the old log swapped", nothing, nothing, swap_the_old_log,
     "of ledger.example.jp/sendai carries another entry"},
    {"the old log missing", nothing, nothing, lose_the_old_log, "320 entries, is not there"},
    {"all old logs missing", nothing, nothing, lose_all_old_logs, "320 entries, is not there"},
    {"the last bundle missing", nothing, nothing, lose_the_last_bundle, NULL, NULL, FAIL_NOT_FOUND},
    {"the last bundle shortened", nothing, nothing, shorten_the_last_bundle, NULL, NULL,
     FAIL_SYNTAX},
    {"no old checkpoint", nothing, nothing, lose_the_old_checkpoint, NULL, "did not survive"},
    {"a second old log", nothing, nothing, leave_a_second_old_log,
     "old/2 is there, and no log names"},
    {"a stranger beside it", nothing, nothing, leave_a_stranger, "old/01 is there"},
    {"more signed than admitted", nothing, nothing, sign_more_than_is_admitted, "admits to 360"},
    {"another root signed", nothing, nothing, sign_another_known_root, "with another root than"},
    {"another beginning signed", nothing, nothing, sign_another_beginning,
     "is not a beginning of what is left"},
    {"the lost range signed", nothing, nothing, sign_what_was_known, NULL,
     "of more entries than are left"},
    {"signed by a stranger", nothing, nothing, sign_with_another_key, NULL,
     "not checked: it is signed"},
    {"another log's checkpoint", nothing, nothing, sign_for_another_log,
     "old/1/checkpoint is of the log"},
};

static bool is_deleted = true; /* by an entry of the new log, and so gone from the store */

static void old_world(void) {
    world_make();
    for (uint64_t i = 0; i < world->row_count && is_deleted; i++)
        if (str_equal(world->rows[i].row.key, STR("meter/7")))
            world->rows[i].row.kind = EVIDENCE_LISTED_ACT;
}

static void old_make(void) {
    old_world();
    world_seal();
    world_write();
    memcpy(old.dir, world->dir, sizeof old.dir);
    old.rows = rows_of(old.dir, rows_memory, sizeof rows_memory);
    old.count = world->count;
    old.row_count = world->row_count;
    old.put_plain = world->put_plain;
    old.root = world->root;
    old.known = old.count + LOST;
    old.known_root = sha256_of(STR("what nobody has any more"));
    old.succession = (struct evidence_entry){.prior_origin = STR("ledger.example.jp/sendai"),
                                             .known_size = old.known,
                                             .known_root = old.known_root,
                                             .left_size = old.count,
                                             .left_root = old.root};
}

/* One listing of both logs. */
static void listing_join(void) {
    static char memory[1 << 20], rows[1 << 18];
    struct text out = text_into(memory, sizeof memory);
    str added = rows_of(world->dir, rows, sizeof rows), line, rest = added;
    struct evidence_listing_head head = {
        .logs = {{STR("ledger.example.jp/sendai"), old.succession.left_size},
                 {tlog_vkey_name(&world->log.vkey), world->count}},
        .log_count = 2};
    uint64_t count = old.row_count;
    while (str_cut(&rest, '\n', &line)) count++;
    evidence_listing_head_write(&out, &head);
    text_add(&out, old.rows);
    text_add(&out, added);
    evidence_listing_end_write(&out, count);
    assert_false(out.overflow);
    char path[256];
    world_path(path, sizeof path, "export/listing");
    file_write(path, text_str(&out));
}

static void line_make(void (*said)(void), void (*made)(void), void (*after)(void)) {
    char path[256];
    old_make();
    said();
    world_make_successor(&old.succession);
    made();
    world_seal();
    world_write();
    world_path(path, sizeof path, "ledger/old");
    assert_int_equal(mkdir(path, 0755), 0);
    snprintf(path, sizeof path, "%s/ledger/old/1", world->dir);
    shell("mv '%s/ledger' '%s'", old.dir, path);
    shell("rm -r '%s'%s", old.dir, "");
    listing_join();
    after();
}

static bool item_has(const struct verify_result *result, const char *part) {
    size_t at;
    for (size_t i = 0; i < result->item_count; i++)
        if (str_find(result->items[i].value, str_from_c(part), &at)) return true;
    return false;
}

static void lines(void **state) {
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error e;
        enum error_code code;
        line_make(cases[i].said, cases[i].made, cases[i].after);
        const struct verify_result *result = world_check(true, STR_EMPTY, &code, &e);
        bool may_end = cases[i].finding && result_has(result, cases[i].finding);
        if (code != cases[i].code && !may_end)
            fail_msg("row \"%s\": %d %s", cases[i].name, code, e.message);
        if (cases[i].finding && !result_has(result, cases[i].finding))
            fail_msg("row \"%s\": %.*s", cases[i].name,
                     STR_FMT(result->finding_count > 0 ? result->findings[0] : STR("no finding")));
        if (!cases[i].finding && result->finding_count > 0)
            fail_msg("row \"%s\": %.*s", cases[i].name, STR_FMT(result->findings[0]));
        if (cases[i].item) assert_row(cases[i].name, item_has(result, cases[i].item));
        assert_row(cases[i].name, !result->cut);
        world_remove();
    }
}

/* ---- the store across both logs */

static void listing_edit(const char *from, const char *to) {
    static char memory[1 << 20], out_memory[1 << 20];
    str text = file_of(world->dir, "export/listing", memory, sizeof memory);
    struct text out = text_into(out_memory, sizeof out_memory);
    size_t at;
    if (!str_find(text, str_from_c(from), &at)) fail_msg("no \"%s\" in the listing", from);
    text_add(&out, str_slice(text, 0, at));
    text_add_c(&out, to);
    text_add(&out, str_skip(text, at + strlen(from)));
    char path[256];
    world_path(path, sizeof path, "export/listing");
    file_write(path, text_str(&out));
}

static void objects_of_both_logs(void **state) {
    static const struct {
        const char *from, *to, *finding;
        enum error_code code;
    } rows[] = {
        {"", "", NULL, OK},
        {" grid-a meter/8 ", " grid-a meter/planted ",
         "of ledger.example.jp/sendai, which is about", OK},
        {" grid-a later/3 ", " grid-a later/planted ", "of ledger.example.jp/sendai/2, which is",
         OK},
        {"version 1:12 ", "version 2:1 ", NULL, FAIL_SYNTAX}, /* rows ascend by log and index */
        {"log ledger.example.jp/sendai 320", "log ledger.example.jp/sendai 333", NULL, FAIL_PROOF},
        {"log ledger.example.jp/sendai 320\n", "", NULL, FAIL_PROOF},
        {"log ledger.example.jp/sendai 320\n", "log ledger.example.jp/tokyo 320\n", NULL,
         FAIL_PROOF},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct error e;
        enum error_code code;
        line_make(nothing, nothing, nothing);
        if (rows[i].from[0]) listing_edit(rows[i].from, rows[i].to);
        const struct verify_result *result = world_check(true, STR_EMPTY, &code, &e);
        if (code != rows[i].code) fail_msg("row %zu: %d %s", i, code, code == OK ? "" : e.message);
        if (code == OK)
            assert_row(rows[i].from, (result->finding_count > 0) == (rows[i].finding != NULL));
        if (rows[i].finding) assert_row(rows[i].from, result_has(result, rows[i].finding));
        world_remove();
    }
    struct error e;
    enum error_code code;
    line_make(nothing, nothing, nothing);
    char end[32], more[32];
    snprintf(end, sizeof end, "end %llu\n", (unsigned long long)(old.row_count + world->row_count));
    snprintf(more, sizeof more, "end %llu\n",
             (unsigned long long)(old.row_count + world->row_count + 1));
    listing_edit(end, more);
    listing_edit("bodies no\n\n",
                 "bodies no\n\nversion - 5 "
                 "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824 grid-a "
                 "planted null -\n");
    const struct verify_result *result = world_check(true, STR_EMPTY, &code, &e);
    assert_ok(code, &e);
    assert_true(result_has(result, "grid-a/planted version null has no entry"));
    world_remove();

    is_deleted = false;
    line_make(nothing, nothing, nothing);
    is_deleted = true;
    result = world_check(true, STR_EMPTY, &code, &e);
    assert_ok(code, &e);
    assert_true(result_has(result, "the store still holds the version of entry 13 of "
                                   "ledger.example.jp/sendai, which entry 16 of "
                                   "ledger.example.jp/sendai/2 ended"));
    world_remove();
}

/* ---- an auditor who was there before */

static void an_older_checkpoint(void **state) {
    static char memory[4][1024];
    struct error e;
    enum error_code code;
    old_world();
    world_seal();
    digest early = root_at(100), wrong = other_root();
    line_make(nothing, nothing, nothing);
    const struct {
        str note;
        const char *finding, *item;
        enum error_code code;
    } rows[] = {
        {checkpoint_sign(100, &early, memory[0]), NULL, "100 entries of ledger.example.jp/sendai",
         OK},
        {checkpoint_sign(100, &wrong, memory[1]), "is not a beginning of this log", NULL, OK},
        {checkpoint_sign(old.known - 1, &wrong, memory[2]), NULL, "it ends in what was lost", OK},
        {checkpoint_sign(old.known + 1, &wrong, memory[3]), "admits were known (360)", NULL, OK},
        {world->checkpoint, NULL, "of ledger.example.jp/sendai/2", OK},
    };
    /* the old log's name under the line's key */
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct verify_result *result = world_check(true, rows[i].note, &code, &e);
        if (code != rows[i].code) fail_msg("row %zu: %d %s", i, code, e.message);
        assert_int_equal(result->finding_count > 0, rows[i].finding != NULL);
        if (rows[i].finding) assert_true(result_has(result, rows[i].finding));
        if (rows[i].item) assert_true(item_has(result, rows[i].item));
    }
    world_remove();
}

/* ---- other people's code */

/* Go's own packages for such logs, where Debian's golang-go and golang-golang-x-mod-dev are installed. */
static void other_peoples_tools(void **state) {
    char vkey[TLOG_VKEY_TEXT_BYTES + 1], tool[128], command[1200];
    line_make(nothing, nothing, nothing);
    snprintf(tool, sizeof tool, "%s/sumdb", world->dir);
    snprintf(command, sizeof command,
             "command -v go >/dev/null && HOME='%s' GO111MODULE=off GOPATH=/usr/share/gocode "
             "GOCACHE='" TEST_GO_CACHE "' go build -o '%s' '" TEST_SUMDB "' 2>/dev/null",
             world->dir, tool);
    if (system(command) != 0) {
        world_remove();
        skip();
    }
    vkey[tlog_vkey_write(&world->log.vkey, vkey)] = 0;
    snprintf(command, sizeof command, "'%s' '%s' '%s/ledger'", tool, vkey, world->dir);
    assert_int_equal(system(command), 0);
    flip_an_old_entry();
    assert_int_not_equal(system(command), 0);
    flip_an_old_entry();
    file_flip("ledger/tile/0/000.p/17", 3);
    assert_int_not_equal(system(command), 0);
    world_remove();
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines),
        cmocka_unit_test(objects_of_both_logs),
        cmocka_unit_test(an_older_checkpoint),
    };
    const struct CMUnitTest others[] = {cmocka_unit_test(other_peoples_tools)};
    if (argc > 1) /* takes its time: Go compiles its own library first */
        return cmocka_run_group_tests(others, NULL, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
