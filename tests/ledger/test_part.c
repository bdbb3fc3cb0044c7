/* Part of a log for somebody who is shown some of its entries, and notes that are no checkpoints. */
#include "base/disk.h"
#include "tests/ledger/world.h"

#include <fcntl.h>
#include <unistd.h>

static char big[1 << 20];

struct wanted {
    uint64_t first, end; /* bundles */
};
static bool wants(void *self, uint64_t bundle) {
    const struct wanted *w = self;
    return bundle >= w->first && bundle < w->end;
}

static bool file_at(const char *dir, const char *name, str *bytes) {
    static char memory[1 << 20];
    struct arena arena = arena_over(memory, sizeof memory);
    char path[512];
    struct error e;
    snprintf(path, sizeof path, "%s/%s", dir, name);
    enum error_code code = disk_file_read(AT_FDCWD, path, 1 << 19, &arena, bytes, &e);
    if (code != OK && code != FAIL_NOT_FOUND) fail_msg("%s: %s", name, e.message);
    return code == OK;
}

static const struct {
    const char *name;
    uint64_t size, first, end;
    const char *there[6], *away[6];
} parts[] = {
    {"an empty log", 0, 0, 0, {"checkpoint"}, {"tile/0/000.p/1"}},
    {"one entry, asked for",
     1,
     0,
     1,
     {"checkpoint", "tile/0/000.p/1", "tile/entries/000.p/1"},
     {"tile/1/000.p/1"}},
    {"one entry, not asked for",
     1,
     1,
     1,
     {"checkpoint", "tile/0/000.p/1"},
     {"tile/entries/000.p/1"}},
    {"a full tile",
     256,
     0,
     1,
     {"tile/1/000.p/1", "tile/entries/000"},
     {"tile/0/000", "tile/0/001.p/1"}},
    {"the edge alone",
     300,
     1,
     2,
     {"tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/001.p/44"},
     {"tile/0/000", "tile/entries/000"}},
    {"the first alone",
     300,
     0,
     1,
     {"tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/000"},
     {"tile/0/000", "tile/entries/001.p/44"}},
    {"three levels, around the border",
     65536 + 300,
     255,
     257,
     {"tile/1/000", "tile/1/001.p/1", "tile/2/000.p/1", "tile/entries/255", "tile/entries/256",
      "tile/0/257.p/44"},
     {"tile/0/000", "tile/0/255", "tile/entries/254", "tile/entries/257.p/44", "tile/0/256"}},
};

/* What is there is held against the root by itself, as a verifier would. */
static void part_is_right(struct world *w, const char *dir, size_t row) {
    struct tlog_checkpoint head;
    struct error e;
    char memory[256];
    str note, bytes, entries[TLOG_TILE_WIDTH];
    assert_true(file_at(dir, "checkpoint", &note));
    assert_ok(tlog_checkpoint_open(note, ledger_vkey(w->ledger), NULL, &head, &e), &e);
    assert_int_equal(head.size, parts[row].size);
    digest root = world_root(head.size);
    assert_memory_equal(head.root.at, root.at, DIGEST_BYTES);
    for (uint64_t at = parts[row].first; at < parts[row].end && at * 256 < head.size; at++) {
        struct tlog_tile tile = {
            .is_entries = true, .index = at, .width = tlog_tile_width(0, at, head.size)};
        char name[TLOG_TILE_PATH_BYTES];
        tlog_tile_path_write(&tile, name);
        if (!file_at(dir, name, &bytes)) fail_msg("%s: no %s", parts[row].name, name);
        assert_ok(tlog_bundle_read(bytes, tile.width, entries, &e), &e);
        for (unsigned i = 0; i < tile.width; i++)
            assert_str(entries[i], entry_of(at * 256 + i, memory));
    }
}

static void a_part_has_what_was_asked_for_and_what_proves_it(void **state) {
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        struct world w;
        struct error e;
        struct wanted asked = {parts[i].first, parts[i].end};
        char dir[400];
        str bytes;
        world_begin(&w);
        world_open(&w);
        world_fill(&w, parts[i].size);
        assert_ok(ledger_publish(w.ledger, &e), &e);
        snprintf(dir, sizeof dir, "%s/part", w.dir.path);
        assert_ok(ledger_export_part(w.ledger, dir, wants, &asked, &e), &e);
        for (size_t k = 0; k < 6 && parts[i].there[k] != NULL; k++)
            if (!file_at(dir, parts[i].there[k], &bytes))
                fail_msg("%s: no %s", parts[i].name, parts[i].there[k]);
        for (size_t k = 0; k < 6 && parts[i].away[k] != NULL; k++)
            if (file_at(dir, parts[i].away[k], &bytes))
                fail_msg("%s: %s is there", parts[i].name, parts[i].away[k]);
        part_is_right(&w, dir, i);
        world_end(&w);
    }
}

/* Entries whose rows were trimmed come from the files; and a later part of the same log joins an earlier. */
static void a_part_goes_on_and_belongs_to_one_log(void **state) {
    struct world w, other;
    struct error e;
    struct wanted first = {0, 1}, second = {1, 2};
    char dir[400];
    str bytes;
    world_begin(&w);
    world_open(&w);
    world_fill(&w, 1100);
    assert_ok(ledger_publish(w.ledger, &e), &e);
    while (world_trim(&w) > 0) {
    }
    snprintf(dir, sizeof dir, "%s/part", w.dir.path);
    assert_ok(ledger_export_part(w.ledger, dir, wants, &first, &e), &e);
    world_fill(&w, 300);
    assert_ok(ledger_publish(w.ledger, &e), &e);
    assert_ok(ledger_export_part(w.ledger, dir, wants, &second, &e), &e);
    assert_true(file_at(dir, "tile/entries/000", &bytes));
    assert_true(file_at(dir, "tile/entries/001", &bytes));
    assert_true(file_at(dir, "tile/0/005.p/120", &bytes));
    world_begin(&other);
    other.options.origin = STR("another.aoba/log");
    world_open(&other);
    assert_ok(ledger_publish(other.ledger, &e), &e);
    assert_int_not_equal(ledger_export_part(other.ledger, dir, wants, &first, &e), OK);
    world_end(&other);
    world_end(&w);
}

static const struct {
    const char *name, *text;
    enum error_code code;
} notes[] = {
    {"a format of ours", "azekura-bundle@v1\nlog l\n", OK},
    {"one line", "azekura-word@v1\n", OK},
    {"somebody else's format", "sunlight-word@v1\n", FAIL_USAGE},
    {"a checkpoint", "ledger.aoba/sendai\n5\nAAAA\n", FAIL_USAGE},
    {"what only looks like ours", "Azekura-bundle@v1\n", FAIL_USAGE},
    {"ours in the second line", "x\nazekura-bundle@v1\n", FAIL_USAGE},
    {"no end of line", "azekura-bundle@v1", FAIL_USAGE},
    {"nothing", "", FAIL_USAGE},
    {"an empty line, which would end the text", "azekura-bundle@v1\n\nlog l\n", OK},
    {"a control character", "azekura-bundle@v1\nlog\tl\n", FAIL_SYNTAX},
};

static void a_log_signs_what_is_of_our_formats_and_no_checkpoint(void **state) {
    struct world w;
    struct error e;
    world_begin(&w);
    world_open(&w);
    for (size_t i = 0; i < COUNT_OF(notes); i++) {
        struct text note = text_into(big, sizeof big);
        struct tlog_note parsed;
        struct tlog_signed said;
        str text = str_from_c(notes[i].text);
        enum error_code code = ledger_note_sign(w.ledger, text, &note, &e);
        if (code != notes[i].code) fail_msg("%s: %d", notes[i].name, code);
        if (code != OK) continue;
        assert_ok(tlog_note_parse(text_str(&note), &parsed, &e), &e);
        assert_str(parsed.text, text);
        assert_ok(tlog_note_verify(&parsed, ledger_vkey(w.ledger), 1, &said, &e), &e);
        assert_row(notes[i].name, said.valid && parsed.count == 1);
        struct tlog_checkpoint head; /* and nobody takes it for a checkpoint */
        assert_row(notes[i].name, tlog_checkpoint_open(text_str(&note), ledger_vkey(w.ledger), NULL,
                                                       &head, &e) != OK);
    }
    char small[24];
    struct text note = text_into(small, sizeof small);
    assert_int_equal(ledger_note_sign(w.ledger, STR("azekura-word@v1\n"), &note, &e), FAIL_LIMIT);
    world_end(&w);
}

/* A log may be called so that its checkpoints begin as our formats do: its name alone is refused. */
static void a_log_that_is_called_as_a_format_signs_no_checkpoint_by_that_door(void **state) {
    struct world w;
    struct error e;
    world_begin(&w);
    w.options.origin = STR("azekura-bundle@v1");
    world_open(&w);
    struct text note = text_into(big, sizeof big);
    assert_int_equal(ledger_note_sign(w.ledger, STR("azekura-bundle@v1\n5\nAAAA\n"), &note, &e),
                     FAIL_USAGE);
    world_end(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_part_has_what_was_asked_for_and_what_proves_it),
        cmocka_unit_test(a_part_goes_on_and_belongs_to_one_log),
        cmocka_unit_test(a_log_signs_what_is_of_our_formats_and_no_checkpoint),
        cmocka_unit_test(a_log_that_is_called_as_a_format_signs_no_checkpoint_by_that_door),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
