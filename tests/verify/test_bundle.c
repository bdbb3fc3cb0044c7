/* Bundles forged in every part: by somebody without the log's key, and by the operator, who signs the
 * forgery. Each kind is told in its own words. */
#include "tests/verify/forged.h"

#include <sys/stat.h>
#include <unistd.h>

/* ---- as it should be ---- */

static bool item_has(const char *part) {
    static char memory[1 << 16];
    struct text all = text_into(memory, sizeof memory);
    for (size_t i = 0; i < result.item_count; i++) {
        text_add(&all, str_from_c(result.items[i].name));
        text_add_c(&all, ": ");
        text_add(&all, result.items[i].value);
        text_add_c(&all, "\n");
    }
    size_t at;
    return str_find(text_str(&all), str_from_c(part), &at);
}

static void a_bundle_that_nobody_bent_holds(void **state) {
    world_make();
    world_seal();
    struct forgery f = forgery_none();
    f.has_rulebook = true;
    f.rulebook_by = &issuer;
    bundle_write(&f);
    assert_ok(bundle_check(true), &error);
    if (result.finding_count > 0) fail_msg("%.*s", STR_FMT(result.findings[0]));
    assert_true(item_has("aoba-own of line aoba-own: signed by aoba"));
    assert_true(item_has("290, numbers 10 until before 300"));
    assert_ok(bundle_check(false), &error); /* without the issuer's key */
    assert_int_equal(result.finding_count, 0);
    assert_true(item_has("signature kept, issuer not given"));
    world_remove();
}

/* Those of format 1 go on to verify; where they lack the entries beside the period, that is said. */
static void a_bundle_of_format_1_holds(void **state) {
    for (unsigned open = 0; open < 2; open++) {
        world_make();
        world_seal();
        struct forgery f = forgery_none();
        f.version = 1;
        if (open) { /* before everything: nothing of the log had to be there */
            f.from = 1, f.until = 2;
            f.first = f.end = 0;
            f.without = "ledger/tile/entries/000";
        }
        bundle_write(&f);
        assert_ok(bundle_check(true), &error);
        if (result.finding_count > 0) fail_msg("%.*s", STR_FMT(result.findings[0]));
        assert_true(item_has("edges of the period: not shown") == open);
        world_remove();
    }
}

/* ---- by somebody without the log's key ---- */

static const struct {
    const char *name, *file, *what; /* flip, add, cut, remove */
    const char *says;
} tampered[] = {
    {"a byte of the cover sheet", "cover.json", "flip", "cover.json: other bytes than were signed"},
    {"a byte of what was opened", "opened", "flip", "opened: other bytes than were signed"},
    {"a byte of an entry", "ledger/tile/entries/000", "flip",
     "ledger/tile/entries/000: other bytes"},
    {"a byte of a tile", "ledger/tile/1/000.p/1", "flip", "ledger/tile/1/000.p/1: other bytes"},
    {"a byte of the checkpoint", "ledger/checkpoint", "flip", "ledger/checkpoint: other bytes"},
    {"a byte of a rulebook", "rulebooks/000001.yaml", "flip", "rulebooks/000001.yaml: other bytes"},
    {"a byte of its signature", "rulebooks/000001.yaml.sig", "flip",
     "rulebooks/000001.yaml.sig: other bytes"},
    {"a byte of the list", "files", "flip", "files: other bytes than were signed"},
    {"a byte of the manifest", "manifest", "flip", ""},
    {"a cover sheet cut short", "cover.json", "cut", "cover.json: other bytes than were signed"},
    {"a cover sheet taken away", "cover.json", "remove", "cover.json: "},
    {"a rulebook taken away", "rulebooks/000001.yaml", "remove", "rulebooks/000001.yaml: "},
    {"an entry bundle taken away", "ledger/tile/entries/000", "remove",
     "ledger/tile/entries/000: "},
    {"the list taken away", "files", "remove", "files"},
    {"the manifest taken away", "manifest", "remove", "manifest"},
    {"a file slipped in", "rulebooks/000002.yaml", "add",
     "rulebooks/000002.yaml: it is not among the files that were signed"},
    {"a file slipped in at the top", "readme.txt", "add",
     "readme.txt: it is not among the files that were signed"},
};

static void bend(const char *file, const char *what) {
    char path[256];
    world_path(path, sizeof path, file);
    struct stat about;
    if (strcmp(what, "flip") == 0) file_flip(file, 12);
    if (strcmp(what, "add") == 0) file_write(path, STR("x"));
    if (strcmp(what, "cut") == 0) {
        assert_int_equal(stat(path, &about), 0);
        assert_int_equal(truncate(path, about.st_size - 1), 0);
    }
    if (strcmp(what, "remove") == 0 && unlink(path) != 0) fail_msg("there is no %s", path);
}

static void what_was_tampered_with_is_told(void **state) {
    for (size_t i = 0; i < COUNT_OF(tampered); i++) {
        world_make();
        world_seal();
        struct forgery f = forgery_none();
        f.has_rulebook = true;
        f.rulebook_by = &issuer;
        bundle_write(&f);
        bend(tampered[i].file, tampered[i].what);
        enum error_code code = bundle_check(true);
        if (code == OK && result.finding_count == 0) fail_msg("%s: not noticed", tampered[i].name);
        if (!is_told(code, tampered[i].says))
            fail_msg("%s: %s; %.*s", tampered[i].name, error.message,
                     STR_FMT(result.finding_count > 0 ? result.findings[0] : STR_EMPTY));
        world_remove();
    }
}

/* ---- a signature left out ---- */

/* A file of a line whose issuer was given passed without a signature: nothing said that it needed one. */
static const struct {
    const char *name, *text;
    bool is_signed;
    const char *says; /* NULL: nothing is wrong */
} covered[] = {
    {"signed", "rulebook: aoba-own\nline: aoba-own\n", true, NULL},
    {"of its line", "rulebook: x\nline: aoba-own\n", false,
     "rulebook x is of a line whose issuer was given, and comes without"},
    {"of its name", "rulebook: aoba-own\n", false, "rulebook aoba-own is of a line"},
    {"of its name, in another line", "rulebook: aoba-own\nline: else\n", false,
     "rulebook aoba-own is of a line"},
    {"behind a comment and a border", "# ours\n---\n\nrulebook: \"aoba-own\" # two\n", false,
     "rulebook aoba-own is of a line"},
    {"the second of two", "rulebook: x\n---\nrulebook: y\nline: 'aoba-own'\n", false,
     "rulebook y is of a line"},
    {"keys in quotes", "\"rulebook\": x\n'line' : aoba-own\n", false, "rulebook x is of a line"},
    {"of somebody else", "rulebook: borea\nline: borea-own\n", false, NULL},
    {"whose name only begins alike", "rulebook: aobae\n", false, NULL},
    {"no name", "title: aoba-own\n", false, "cannot be told"},
    {"a map in braces", "{rulebook: aoba-own}\n", false, "cannot be told"},
    {"behind a border", "--- {rulebook: aoba-own}\n", false, "cannot be told"},
    {"an escape", "rulebook: \"\\x61oba-own\"\n", false, "cannot be told"},
    {"a folded text", "rulebook: >\n  aoba-own\n", false, "cannot be told"},
    {"on the next line", "rulebook:\n  aoba-own\n", false, "cannot be told"},
    {"an alias", "rulebook: *a\n", false, "cannot be told"},
    {"two names", "rulebook: x\nrulebook: y\n", false, "cannot be told"},
    {"nothing", "# nothing\n", false, NULL},
};

static void a_rulebook_that_its_issuer_should_have_signed_is_told(void **state) {
    for (size_t i = 0; i < COUNT_OF(covered); i++) {
        world_make();
        world_seal();
        struct forgery f = forgery_none();
        f.has_rulebook = covered[i].is_signed;
        f.rulebook_by = &issuer;
        bundle_write(&f);
        bundle_file("rulebooks/000001.yaml", str_from_c(covered[i].text));
        list_write();
        manifest_write(&f);
        assert_ok(bundle_check(true), &error);
        bool is_right = covered[i].says == NULL ? result.finding_count == 0
                                                : result_has(&result, covered[i].says);
        if (!is_right)
            fail_msg("%s: %.*s", covered[i].name,
                     STR_FMT(result.finding_count > 0 ? result.findings[0] : STR("nothing")));
        assert_ok(bundle_check(false), &error); /* nobody can tell without an issuer's key */
        assert_row(covered[i].name, result.finding_count == 0);
        world_remove();
    }
}

/* ---- by the operator, who signs it ---- */

struct forged {
    const char *name;
    void (*bend)(struct forgery *f);
    const char *says;
};

static void by_stranger(struct forgery *f) {
    f->manifest_by = &stranger;
}
static void by_two(struct forgery *f) {
    f->also_by = &stranger;
}
static void of_other_log(struct forgery *f) {
    f->origin = "another.example.jp/log";
}
static void of_other_key(struct forgery *f) {
    f->foreign_key = true;
}
static void first_left_out(struct forgery *f) {
    f->first++;
}
static void last_left_out(struct forgery *f) {
    f->end--;
}
static void one_more(struct forgery *f) {
    f->end++;
}
static void longer_period(struct forgery *f) {
    f->until++;
}
static void beyond_the_log(struct forgery *f) {
    f->end = world->count + 1;
}
static void turned_round(struct forgery *f) {
    f->first = END, f->end = FIRST;
}
static void count_of_puts(struct forgery *f) {
    f->count_table = "type", f->count_name = "put";
}
static void count_of_warnings(struct forgery *f) {
    f->count_table = "decision", f->count_name = "warn";
}
static void count_of_class(struct forgery *f) {
    f->count_table = "class", f->count_name = "important";
}
static void count_of_clause(struct forgery *f) {
    f->count_table = "clause", f->count_name = "jp-guideline-2019/data.at-home warn";
}
static void count_of_site(struct forgery *f) {
    f->count_table = "site", f->count_name = "sendai";
}
static void count_of_nothing(struct forgery *f) {
    f->count_table = "sector", f->count_name = "new gas";
}
static void no_counts(struct forgery *f) {
    f->cover = "{}";
}
static void counts_of_words(struct forgery *f) {
    f->cover = "{\"counts\":{\"type\":{\"put\":\"many\"}}}";
}
static void no_cover(struct forgery *f) {
    f->cover = "all is well";
}
static void two_covers(struct forgery *f) {
    f->cover = "{\"counts\":{},\"counts\":{}}";
}
static void opened_elsewhere(struct forgery *f) {
    f->opened_of = FIRST + 6, f->opened_as = FIRST + 5;
}
static void opened_other_value(struct forgery *f) {
    f->opened_value = true;
}
static void opened_no_base64(struct forgery *f) {
    f->opened_damaged = true;
}
static void opened_two_times(struct forgery *f) {
    f->opened_twice = true;
}
static void opened_after(struct forgery *f) {
    f->opened_more = "310 AAAA\n";
}
static void opened_no_number(struct forgery *f) {
    f->opened_more = "three AAAA\n";
}
static void opened_no_end(struct forgery *f) {
    f->opened_more = "310 AAAA";
}
static void entry_swapped(struct forgery *f) {
    f->entry_swapped = FIRST + 20;
}
static void entry_swapped_in_the_last(struct forgery *f) {
    f->entry_swapped = 280;
}
static void left_out_before_a_bundle(struct forgery *f) {
    f->first = TLOG_TILE_WIDTH;
    f->without = "ledger/tile/entries/000";
}
static void no_such_log_before(struct forgery *f) {
    f->earlier = "earlier 1 0 0\n";
}
static void other_history(struct forgery *f) {
    f->checkpoint_other_root = true;
}
static void rulebook_other_bytes(struct forgery *f) {
    f->has_rulebook = f->rulebook_changed = true;
    f->rulebook_by = &issuer;
}
static void rulebook_by_namesake(struct forgery *f) {
    f->has_rulebook = true;
    f->rulebook_by = &namesake;
}

static const struct forged forgeries[] = {
    {"signed with another key", by_stranger, "the manifest is not signed by"},
    {"signed with two", by_two, "the manifest is not signed by"},
    {"a manifest of another log", of_other_log, "is of another log or key than signed it"},
    {"a manifest with another key", of_other_key, "is of another log or key than signed it"},
    {"the first entry left out", first_left_out,
     "entry 10 is by its time on the other side of the period's edge"},
    {"the last entry left out", last_left_out,
     "entry 299 is by its time on the other side of the period's edge"},
    {"an entry of later", one_more, "entry 300 is by its time on the other side"},
    {"a longer period than its entries", longer_period,
     "entry 300 is by its time on the other side"},
    {"entries that the log has not", beyond_the_log, "range is not within the log's entries"},
    {"a range turned round", turned_round, "range is not within the log's entries"},
    {"one put too many", count_of_puts, "cover.json: type put: it says "},
    {"one warning too many", count_of_warnings, "cover.json: decision warn: it says "},
    {"one act of a class too many", count_of_class, "cover.json: class important: it says "},
    {"a clause that spoke once more", count_of_clause,
     "cover.json: clause jp-guideline-2019/data.at-home warn: it says "},
    {"one act at a site too many", count_of_site, "cover.json: site sendai: it says "},
    {"a sector that no act has", count_of_nothing,
     "cover.json: sector new gas: it says 1, the entries say 0"},
    {"no counts at all", no_counts, "cover.json: type put: it says 0"},
    {"counts that are words", counts_of_words, "cover.json: type put: it says 0"},
    {"a cover sheet that is no JSON", no_cover, "cover.json is no JSON"},
    {"a cover sheet that says two things", two_covers, "cover.json is no JSON"},
    {"fields of another entry", opened_elsewhere, "opened fields of another entry"},
    {"a field with another value", opened_other_value, ""},
    {"an opening that is no base64", opened_no_base64, "opened: not base64"},
    {"an entry opened twice", opened_two_times, "opened: a line that is none, or out of order"},
    {"an entry opened that is not in the period", opened_after,
     "opened: entry 310 is not in the period"},
    {"an opened line without a number", opened_no_number,
     "opened: a line that is none, or out of order"},
    {"an opened line that does not end", opened_no_end,
     "opened: a line that is none, or out of order"},
    {"another entry in a full bundle", entry_swapped,
     "the entries from 0 on are not those of the tree"},
    {"another entry in the last bundle", entry_swapped_in_the_last,
     "the entries from 256 on are not those of the tree"},
    /* Nothing showed that the period begins where the bundle begins. */
    {"entries left out up to where a bundle begins", left_out_before_a_bundle,
     "ledger/tile/entries/000"},
    {"a log before the first", no_such_log_before, "no log of the period leads to log 1"},
    {"another history", other_history, "the tiles do not make the root that was signed"},
    {"a rulebook of other bytes than its issuer signed", rulebook_other_bytes,
     "rulebooks/000001.yaml: rulebook aoba-own was signed with other bytes"},
    {"a rulebook signed with another key of the issuer's name", rulebook_by_namesake,
     "rulebook aoba-own is signed by no issuer given for line aoba-own"},
};

static void what_the_operator_forged_and_signed_is_told(void **state) {
    for (size_t i = 0; i < COUNT_OF(forgeries); i++) {
        world_make();
        world_seal();
        struct forgery f = forgery_none();
        forgeries[i].bend(&f);
        bundle_write(&f);
        enum error_code code = bundle_check(true);
        if (code == OK && result.finding_count == 0) fail_msg("%s: not noticed", forgeries[i].name);
        if (!is_told(code, forgeries[i].says))
            fail_msg("%s: %s; %.*s", forgeries[i].name, error.message,
                     STR_FMT(result.finding_count > 0 ? result.findings[0] : STR_EMPTY));
        world_remove();
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bundle_that_nobody_bent_holds),
        cmocka_unit_test(a_bundle_of_format_1_holds),
        cmocka_unit_test(what_was_tampered_with_is_told),
        cmocka_unit_test(a_rulebook_that_its_issuer_should_have_signed_is_told),
        cmocka_unit_test(what_the_operator_forged_and_signed_is_told),
    };
    signers_make();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
