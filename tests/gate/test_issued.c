/* Signed rulebooks at the gate: what an issuer signs for is loaded only as it signed it, a bad set
 * disturbs nothing that runs, and an older edition never comes back. Source: facts/evidence.md 5.3
 * row 26. */
#include "gate/rules/issued.h"
#include "issuer/issuer.h"
#include "tests/gate/hall.h"

#include <unistd.h>

static struct tlog_signer issuer, stranger;
static char issuer_text[TLOG_VKEY_TEXT_BYTES + 1], stranger_text[TLOG_VKEY_TEXT_BYTES + 1];
static const char *issuers[2] = {issuer_text, stranger_text};
static char sig_path[160];
static struct error why;

static void key_make(const char *name, unsigned char fill, struct tlog_signer *out, char *vkey) {
    struct secret seed;
    memset(seed.at, fill, sizeof seed.at);
    assert_ok(tlog_signer_make(str_from_c(name), TLOG_KEY_ED25519, &seed, out, &why), &why);
    vkey[tlog_vkey_write(&out->vkey, vkey)] = 0;
}

/* ---- files ---- */

struct kept {
    char bytes[32768];
    size_t len;
};
static void keep(const char *path, struct kept *out) {
    FILE *f = fopen(path, "r");
    if (f == NULL) fail_msg("no file %s", path);
    out->len = fread(out->bytes, 1, sizeof out->bytes, f);
    fclose(f);
}
static void put_back(const char *path, const struct kept *from) {
    FILE *f = fopen(path, "w");
    assert_int_equal(fwrite(from->bytes, 1, from->len, f), from->len);
    assert_int_equal(fclose(f), 0);
}

static const char *sig(struct hall *hall) {
    snprintf(sig_path, sizeof sig_path, "%s.sig", hall_rules(hall));
    return sig_path;
}

/* Signs the rules file as it lies there, as it says it is. */
static void sign(struct hall *hall, const struct tlog_signer *key, const char *issued) {
    static struct kept file;
    static char memory[1 << 21];
    struct arena_space space;
    struct arena arena = arena_over(memory, sizeof memory), scratch;
    struct rulebook_read read;
    struct issuer_statement s = {0};
    str note, bytes;
    keep(hall_rules(hall), &file);
    bytes = str_of(file.bytes, file.len);
    assert_ok(arena_space_open(&space, 4 << 20, &scratch, &why), &why);
    assert_ok(rulebook_read(STR("test.yaml"), bytes, &arena, scratch, &read, &why), &why);
    assert_true(clock_iso_read(str_from_c(issued), &s.issued_ns));
    for (; s.count < read.count; s.count++) {
        const struct rulebook *b = read.rulebooks[s.count];
        s.claims[s.count] = (struct issuer_claim){b->name, b->line.len > 0 ? b->line : b->name,
                                                  b->in_force.from_ns, sha256_of(bytes)};
    }
    assert_ok(issuer_sign(&s, key, &arena, &note, &why), &why);
    FILE *f = fopen(sig(hall), "w");
    assert_int_equal(fwrite(note.at, 1, note.len, f), note.len);
    assert_int_equal(fclose(f), 0);
    arena_space_release(&space);
}

static void edition_make(struct hall *hall, const char *from_name, const char *from_day,
                         const char *to_name, const char *to_day) {
    char from[128], to[128];
    snprintf(from, sizeof from, "rulebook: %s\n", from_name);
    snprintf(to, sizeof to, "rulebook: %s\nline: test-rules\n", to_name);
    hall_edit(hall, hall_rules(hall), from, to);
    snprintf(from, sizeof from, "in_force: {from: \"%s\"}", from_day);
    snprintf(to, sizeof to, "in_force: {from: \"%s\"}", to_day);
    hall_edit(hall, hall_rules(hall), from, to);
}

/* ---- starting and asking again ---- */

static void stop_and_trust(struct hall *hall, size_t count) {
    hall_stop(hall);
    hall->options.issuers = issuers;
    hall->options.issuer_count = count;
}

static void does_not_start(struct hall *hall, const char *part) {
    struct gate *gate;
    assert_int_equal(gate_open(&hall->options, &gate, &why), FAIL_PROOF);
    if (strstr(why.message, part) == NULL) fail_msg("\"%s\" has no \"%s\"", why.message, part);
}

static void is_not_taken(struct hall *hall, const char *part) {
    const struct gate_rules *before = atomic_load(&hall->gate->world)->rules;
    assert_int_equal(gate_reload(hall->gate, &why), FAIL_PROOF);
    if (strstr(why.message, part) == NULL) fail_msg("\"%s\" has no \"%s\"", why.message, part);
    assert_ptr_equal(atomic_load(&hall->gate->world)->rules, before); /* undisturbed */
    assert_int_equal(root_puts(hall, "clear-a", "k", "x").code, OK);
}

static void is_taken(struct hall *hall) {
    assert_ok(gate_reload(hall->gate, &why), &why);
}

static int issued_open(void **state) {
    key_make("test-rules", 5, &issuer, issuer_text);
    key_make("test", 6, &stranger, stranger_text);
    if (hall_open(state) != 0) return -1;
    struct hall *hall = *state;
    if (root_makes(hall, "clear-a").code != OK) return -1;
    return 0;
}

static struct seen seen;
static void last_rules_entry_says(struct hall *hall, const char *part) {
    for (uint64_t i = entries(hall); i-- > 0;) {
        char text[1024];
        entry_read(hall, i, &seen);
        if (seen.entry.type != EVIDENCE_RULE_CHANGE) continue;
        snprintf(text, sizeof text, "%.*s", STR_FMT(seen.opening.values.of[EVIDENCE_DETAIL]));
        if (strstr(text, part) == NULL) fail_msg("\"%s\" has no \"%s\"", text, part);
        return;
    }
    fail_msg("no change of the rules is an entry");
}

/* ---- what is signed ---- */

static void a_line_with_an_issuer_must_be_signed(void **state) {
    struct hall *hall = *state;
    stop_and_trust(hall, 1);
    does_not_start(hall, "test.yaml: rulebook test-rules of line test-rules is for test-rules to "
                         "sign, but there is no ");
    sign(hall, &issuer, "2026-01-01");
    hall_start(hall);
    last_rules_entry_says(hall, "start: rulebooks are signed by test-rules+");
    assert_int_equal(root_puts(hall, "clear-a", "k", "x").code, OK);
    uint64_t count = entries(hall);
    is_taken(hall); /* the same again is no news */
    assert_int_equal(entries(hall), count);
}

static void what_is_wrong_with_it_is_told_and_disturbs_nothing(void **state) {
    struct hall *hall = *state;
    stop_and_trust(hall, 1);
    sign(hall, &issuer, "2026-01-01");
    hall_start(hall);
    hall_edit(hall, hall_rules(hall), "[\"JP\"]", "[\"NZ\"]");
    is_not_taken(hall, "rulebook test-rules was changed after it was signed");
    sign(hall, &stranger, "2026-01-02");
    is_not_taken(hall, "signed by no key that is trusted for that line");
    assert_int_equal(unlink(sig(hall)), 0);
    is_not_taken(hall, "there is no ");
    FILE *f = fopen(sig(hall), "w");
    fputs("rulebook: x\n", f);
    fclose(f);
    assert_int_equal(gate_reload(hall->gate, &why), FAIL_SYNTAX);
    hall_edit(hall, hall_rules(hall), "rulebook: test-rules\n",
              "rulebook: test-rules\nline: elsewhere\n");
    assert_int_equal(unlink(sig(hall)), 0);
    is_not_taken(hall, "rulebook test-rules of line elsewhere is for test-rules to sign");
}

static void a_key_whose_name_begins_the_line_signs_too(void **state) {
    struct hall *hall = *state;
    stop_and_trust(hall, 2); /* test-rules, and test, which speaks for test-… */
    sign(hall, &stranger, "2026-01-01");
    hall_start(hall);
    hall_stop(hall);
    hall->options.issuer_count = 0;
    hall_start(hall); /* nobody is trusted: nothing is asked, and that is an entry */
    last_rules_entry_says(hall, "rulebooks are signed by nobody any more");
}

static void a_key_that_is_none_is_named(void **state) {
    struct hall *hall = *state;
    struct gate *gate;
    const char *odd[] = {"test-rules+00000000+AAAA"};
    hall_stop(hall);
    hall->options.issuers = odd;
    hall->options.issuer_count = 1;
    assert_int_equal(gate_open(&hall->options, &gate, &why), FAIL_USAGE);
    assert_non_null(strstr(why.message, "rulebook-issuers: \"test-rules+00000000+AAAA\""));
    hall->options.issuer_count = 0;
    hall_start(hall);
}

/* ---- row 26: an old signed rulebook replayed ---- */

static void an_older_edition_never_replaces_a_newer_one(void **state) {
    struct hall *hall = *state;
    static struct kept old_rules, old_sig, new_rules, new_sig;
    stop_and_trust(hall, 1);
    sign(hall, &issuer, "2026-01-01");
    keep(hall_rules(hall), &old_rules);
    keep(sig(hall), &old_sig);
    hall_start(hall);
    edition_make(hall, "test-rules", "2020-01-01", "test-rules-2026", "2026-01-01");
    sign(hall, &issuer, "2026-02-01");
    keep(hall_rules(hall), &new_rules);
    keep(sig(hall), &new_sig);
    is_taken(hall);

    put_back(hall_rules(hall), &old_rules);
    put_back(sig(hall), &old_sig);
    is_not_taken(hall, "rulebook test-rules, in force from 2020-01-01T00:00:00Z, is the newest of "
                       "line test-rules there, but this store has had test-rules-2026, in force "
                       "from 2026-01-01T00:00:00Z");
    hall_stop(hall);
    does_not_start(hall, "an older edition cannot replace a newer one; put that file back");
    assert_int_equal(unlink(hall_rules(hall)), 0); /* nor does leaving it out */
    does_not_start(hall, "no rulebook of line test-rules is there, but this store has had "
                         "test-rules-2026");
    put_back(hall_rules(hall), &new_rules);
    put_back(sig(hall), &new_sig);
    hall_start(hall);
    edition_make(hall, "test-rules-2026\nline: test-rules", "2026-01-01", "test-rules-2026b",
                 "2026-03-01");
    sign(hall, &issuer, "2026-01-15"); /* later in force, whenever it was signed */
    is_taken(hall);
}

static void a_corrected_edition_is_not_taken_back(void **state) {
    struct hall *hall = *state;
    static struct kept first, first_sig;
    stop_and_trust(hall, 1);
    sign(hall, &issuer, "2026-01-01");
    keep(hall_rules(hall), &first);
    keep(sig(hall), &first_sig);
    hall_start(hall);
    hall_edit(hall, hall_rules(hall), "tests, 1", "tests, one"); /* the same first day */
    sign(hall, &issuer, "2026-01-01"); /* in the same second: which of two is meant? */
    is_not_taken(hall, "as it was signed 2026-01-01T00:00:00Z cannot replace the one signed "
                       "2026-01-01T00:00:00Z");
    sign(hall, &issuer, "2026-01-01T00:00:01Z");
    is_taken(hall);
    put_back(hall_rules(hall), &first);
    put_back(sig(hall), &first_sig);
    is_not_taken(hall, "rulebook test-rules as it was signed 2026-01-01T00:00:00Z cannot replace "
                       "the one signed 2026-01-01T00:00:01Z");
    sign(hall, &issuer, "2026-01-03"); /* the issuer goes back to it */
    is_taken(hall);
}

static void an_issuer_takes_a_coming_edition_back(void **state) {
    struct hall *hall = *state;
    stop_and_trust(hall, 1);
    edition_make(hall, "test-rules", "2020-01-01", "test-rules-next", "2026-10-01");
    sign(hall, &issuer, "2026-01-01");
    hall_start(hall);
    hall_edit(hall, hall_rules(hall), "2026-10-01", "2026-09-01");
    sign(hall, &issuer, "2026-01-02");
    is_taken(hall);
}

/* ---- what is kept ---- */

static enum error_code old_row_apply(struct gate_turn *turn, void *self, struct error *e) {
    const struct kept *rules = self;
    struct arena scratch = turn->scratch;
    struct pack p = pack_into(arena_bytes(&scratch, 65536), 65536);
    str row;
    pack_str(&p, STR("rulebooks/test.yaml"));
    pack_str(&p, str_of(rules->bytes, rules->len));
    TRY(pack_done(&p, "a row", &row, e));
    turn->wrote = true;
    return engine_turn_put(turn->engine, ENGINE_META, STR("k/000000"), row, e);
}

static void opens_as_command(struct hall *hall) {
    hall->options.rulebook_count = 0;
    hall->options.issuer_count = 0;
    hall->options.is_command = true;
    hall_start(hall);
    hall->options.is_command = false;
    hall->options.rulebook_count = 1;
}

static void the_signature_is_kept_with_the_rulebook(void **state) {
    struct hall *hall = *state;
    static struct kept rules;
    stop_and_trust(hall, 1);
    sign(hall, &issuer, "2026-01-01");
    hall_start(hall);
    hall_stop(hall);
    opens_as_command(hall);
    const struct gate_rules *in_force = atomic_load(&hall->gate->world)->rules;
    assert_int_equal(in_force->rulebooks.count, 1);
    assert_true(str_starts(in_force->rulebooks.at[0].signature, STR("azekura rulebook 1\n")));
    gate_place_check(hall->gate); /* compiled anew from what is in memory */
    in_force = atomic_load(&hall->gate->world)->rules;
    assert_true(str_starts(in_force->rulebooks.at[0].signature, STR("azekura rulebook 1\n")));
    /* Rows were shorter once. */
    keep(hall_rules(hall), &rules);
    struct gate_work work = {.apply = old_row_apply, .self = &rules, .bytes = rules.len};
    assert_ok(gate_submit(hall->gate, &work, &why), &why);
    hall_stop(hall);
    opens_as_command(hall);
    in_force = atomic_load(&hall->gate->world)->rules;
    assert_int_equal(in_force->rulebooks.count, 1);
    assert_int_equal(in_force->rulebooks.at[0].signature.len, 0);
}

static void is_file(const char *dir, const char *name, str bytes) {
    static struct kept there;
    char path[256];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    keep(path, &there);
    assert_str(str_of(there.bytes, there.len), bytes);
}

static void export_to(struct hall *hall, const char *dir) {
    struct guest *g = local_enters(hall);
    assert_ok(gate_export(&g->visit, dir, false, NULL, NULL, &g->e), &g->e);
    leaves(g);
}

/* An export had the listing and no word of what was decided by. */
static void an_export_has_the_rulebooks_and_their_signatures(void **state) {
    struct hall *hall = *state;
    static struct kept rules, note;
    char dir[128], path[192];
    stop_and_trust(hall, 1);
    sign(hall, &issuer, "2026-01-01");
    hall_start(hall);
    keep(hall_rules(hall), &rules);
    keep(sig(hall), &note);
    snprintf(dir, sizeof dir, "%s/store-export", hall->dir);
    export_to(hall, dir);
    is_file(dir, "rulebooks/000000.yaml", str_of(rules.bytes, rules.len));
    is_file(dir, "rulebooks/000000.yaml.sig", str_of(note.bytes, note.len));
    /* Into the same folder, unsigned and with what an earlier export of more files left. */
    snprintf(path, sizeof path, "%s/rulebooks/000001.yaml", dir);
    put_back(path, &rules);
    snprintf(path, sizeof path, "%s/rulebooks/000001.yaml.sig", dir);
    put_back(path, &note);
    stop_and_trust(hall, 0);
    assert_int_equal(unlink(sig(hall)), 0);
    hall_start(hall);
    export_to(hall, dir);
    is_file(dir, "rulebooks/000000.yaml", str_of(rules.bytes, rules.len));
    static const char *const gone[] = {"000000.yaml.sig", "000001.yaml", "000001.yaml.sig"};
    for (size_t i = 0; i < COUNT_OF(gone); i++) {
        snprintf(path, sizeof path, "%s/rulebooks/%s", dir, gone[i]);
        assert_row(gone[i], access(path, F_OK) != 0);
    }
}

#define WITH(f) cmocka_unit_test_setup_teardown(f, issued_open, hall_close)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH(a_line_with_an_issuer_must_be_signed),
        WITH(what_is_wrong_with_it_is_told_and_disturbs_nothing),
        WITH(a_key_whose_name_begins_the_line_signs_too),
        WITH(a_key_that_is_none_is_named),
        WITH(an_older_edition_never_replaces_a_newer_one),
        WITH(a_corrected_edition_is_not_taken_back),
        WITH(an_issuer_takes_a_coming_edition_back),
        WITH(the_signature_is_kept_with_the_rulebook),
        WITH(an_export_has_the_rulebooks_and_their_signatures),
    };
    return cmocka_run_group_tests_name("gate: signed rulebooks", tests, NULL, NULL);
}
