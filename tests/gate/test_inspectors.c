/* Inspectors: who reads for a time, and whose every look is an entry. */
#include "tests/gate/hall.h"

#include <unistd.h>

#define HOUR_NS (3600 * NS_PER_S)

static struct seen seen;

static void says(str said, const char *part) {
    size_t at;
    if (!str_find(said, str_from_c(part), &at))
        fail_msg("\"%.*s\" has no \"%s\"", STR_FMT(said), part);
}

/* The key of a new inspector. */
static const char *inspector_comes(struct hall *hall, const char *name, int64_t for_ns) {
    static char ids[4][32];
    static unsigned next;
    char *id = ids[next++ % COUNT_OF(ids)];
    struct gate_new_key key;
    struct guest *g = root_enters(hall);
    assert_ok(gate_inspector_add(&g->visit, str_from_c(name), clock_wall_ns() + for_ns, &g->answer,
                                 &g->e),
              &g->e);
    assert_ok(gate_key_add(&g->visit, str_from_c(name), &key, &g->answer, &g->e), &g->e);
    snprintf(id, sizeof ids[0], "%.*s", STR_FMT(key.id));
    leaves(g);
    return id;
}

/* The newest entry of that type into `seen`. */
static uint64_t newest(struct hall *hall, enum evidence_type type) {
    for (uint64_t i = entries(hall); i-- > 0;) {
        entry_read(hall, i, &seen);
        if (seen.entry.type == type) return i;
    }
    fail_msg("no entry of type %s", evidence_type_name(type));
    return 0;
}

static enum error_code file_of(struct guest *g, const char *path, str *bytes) {
    static char memory[1 << 20]; /* not the visit's own, where it keeps who came */
    struct arena arena = arena_over(memory, sizeof memory);
    bool immutable;
    return gate_ledger_file(&g->visit, str_from_c(path), &arena, bytes, &immutable, &g->e);
}

/* A path of the newest entry bundle. */
static const char *bundle_name(struct hall *hall) {
    static char name[TLOG_TILE_PATH_BYTES];
    struct ledger_state state;
    assert_int_equal(gate_publish_now(hall->gate, NULL), OK);
    ledger_state(hall->gate->ledger, &state);
    uint64_t at = (state.published_size - 1) / TLOG_TILE_WIDTH;
    struct tlog_tile tile = {
        .is_entries = true, .index = at, .width = tlog_tile_width(0, at, state.published_size)};
    tlog_tile_path_write(&tile, name);
    return name;
}

static void an_inspector_reads_what_is_shown_and_changes_nothing(void **state) {
    struct hall *hall = *state;
    char text[64];
    assert_int_equal(root_makes(hall, "plain-a").code, OK);
    assert_int_equal(root_puts(hall, "plain-a", "k", "body").code, OK);
    const char *key = inspector_comes(hall, "sato", HOUR_NS);
    struct guest *g = guest_enters(hall, str_from_c(key));
    str bytes, name = STR("plain-a");
    struct gate_debt_filter filter = {.max = 1};
    assert_ok(file_of(g, bundle_name(hall), &bytes), &g->e);
    assert_ok(file_of(g, "checkpoint", &bytes), &g->e);
    assert_ok(gate_debt_list(&g->visit, &filter, NULL, NULL, &g->e), &g->e);
    assert_int_equal(get_text(g, "plain-a", "k", text), FAIL_ACCESS_DENIED); /* no body */
    assert_int_equal(put(g, "plain-a", "k", STR("x")), FAIL_ACCESS_DENIED);
    assert_int_equal(gate_bucket_create(&g->visit, STR("plain-b"), &g->answer, &g->e),
                     FAIL_ACCESS_DENIED);
    struct gate_delete row = {.key = STR("k")};
    assert_int_equal(gate_delete(&g->visit, name, &row, 1, &g->answer, &g->e), FAIL_ACCESS_DENIED);
    assert_int_equal(gate_user_add(&g->visit, STR("another"), &g->answer, &g->e),
                     FAIL_ACCESS_DENIED);
    assert_int_equal(gate_export(&g->visit, hall->dir, false, NULL, NULL, &g->e),
                     FAIL_ACCESS_DENIED);
    leaves(g);
    /* What is granted of objects, and no more than that. */
    struct guest *root = root_enters(hall);
    assert_int_equal(
        gate_grant(&root->visit, STR("sato"), STR("*"), STR("write"), &root->answer, &root->e),
        FAIL_USAGE);
    assert_ok(gate_grant(&root->visit, STR("sato"), name, STR("read"), &root->answer, &root->e),
              &root->e);
    leaves(root);
    g = guest_enters(hall, str_from_c(key));
    assert_int_equal(get_text(g, "plain-a", "k", text), OK);
    leaves(g);
    newest(hall, EVIDENCE_READ); /* no rule wants it: it is because an inspector read */
    says(seen.opening.values.of[EVIDENCE_USER], "sato/");
    says(seen.opening.values.of[EVIDENCE_KEY], "k");
}

static void an_inspector_proves_without_reading(void **state) {
    struct hall *hall = *state;
    static char memory[TLOG_PROOF_BYTES_MAX];
    const str open[] = {{"size", 4}, {"digest", 6}};
    struct gate_get what = {.bucket = STR("plain-a"), .key = STR("k")};
    struct text proof = text_into(memory, sizeof memory);
    assert_int_equal(root_makes(hall, "plain-a").code, OK);
    assert_int_equal(root_puts(hall, "plain-a", "k", "body").code, OK);
    const char *other = user_makes(hall, "other", "*", "inspect");
    struct guest *g = guest_enters(hall, str_from_c(other));
    assert_int_equal(gate_prove(&g->visit, &what, open, 2, &proof, &g->answer, &g->e),
                     FAIL_ACCESS_DENIED);
    leaves(g);
    g = guest_enters(hall, str_from_c(inspector_comes(hall, "sato", HOUR_NS)));
    assert_ok(gate_prove(&g->visit, &what, open, 2, &proof, &g->answer, &g->e), &g->e);
    assert_true(proof.len > 0);
    leaves(g);
    newest(hall, EVIDENCE_LOOK);
    assert_str(seen.opening.values.of[EVIDENCE_SUBJECT], STR("proof:plain-a/k?size&digest"));
    says(seen.opening.values.of[EVIDENCE_USER], "sato/");
}

static void looks_alike_within_a_minute_are_counted(void **state) {
    struct hall *hall = *state;
    str bytes;
    char name[TLOG_TILE_PATH_BYTES];
    struct gate_debt_filter filter = {.max = 1};
    snprintf(name, sizeof name, "%s", bundle_name(hall));
    struct guest *g = guest_enters(hall, str_from_c(inspector_comes(hall, "sato", HOUR_NS)));
    uint64_t before = entries(hall);
    for (int i = 0; i < 10; i++) assert_ok(file_of(g, name, &bytes), &g->e);
    assert_ok(gate_debt_list(&g->visit, &filter, NULL, NULL, &g->e), &g->e);
    leaves(g);
    assert_int_equal(entries_of(hall, EVIDENCE_LOOK, before), 2); /* of each kind of thing one */
    uint64_t first = newest(hall, EVIDENCE_LOOK) - 1;
    hall_clock_ahead(61 * NS_PER_S);
    for (int i = 0; i < 200 && entries_of(hall, EVIDENCE_FOLD, before) == 0; i++) usleep(20000);
    newest(hall, EVIDENCE_FOLD);
    assert_int_equal(seen.entry.span_first, first);
    assert_int_equal(seen.entry.span_count, 9);
    says(seen.opening.values.of[EVIDENCE_REQUEST], name); /* at what */
    /* Another inspector's looks are their own. */
    before = entries(hall);
    g = guest_enters(hall, str_from_c(inspector_comes(hall, "kato", HOUR_NS)));
    assert_ok(file_of(g, name, &bytes), &g->e);
    leaves(g);
    assert_int_equal(entries_of(hall, EVIDENCE_LOOK, before), 1);
}

static void after_the_end_nothing_more_is_shown(void **state) {
    struct hall *hall = *state;
    str bytes, secret;
    const char *key = inspector_comes(hall, "sato", HOUR_NS), *name = bundle_name(hall);
    struct guest *early = guest_enters(hall, str_from_c(key)); /* a visit that goes on over it */
    hall_clock_ahead(HOUR_NS);
    assert_int_equal(file_of(early, name, &bytes), FAIL_ACCESS_DENIED);
    leaves(early);
    struct guest *g = stranger_enters(hall);
    assert_ok(gate_visit_key(&g->visit, str_from_c(key), &secret, &g->e), &g->e);
    assert_int_equal(gate_visit_admit(&g->visit, &g->e), FAIL_ACCESS_DENIED);
    says(str_from_c(g->e.message), "the time of the inspector sato ended at 20");
    says(str_from_c(g->e.message), "whoever administers this store can extend it");
    assert_int_equal(file_of(g, name, &bytes), FAIL_ACCESS_DENIED);
    says(str_from_c(g->e.message), "the time of the inspector sato ended at 20");
    assert_ok(file_of(g, "checkpoint", &bytes), &g->e); /* that is for anyone */
    leaves(g);
    g = root_enters(hall);
    int64_t now = clock_wall_ns();
    assert_int_equal(gate_inspector_until(&g->visit, STR("sato"), now, &g->answer, &g->e),
                     FAIL_USAGE);
    assert_ok(gate_inspector_until(&g->visit, STR("sato"), now + 2 * HOUR_NS, &g->answer, &g->e),
              &g->e);
    leaves(g);
    g = guest_enters(hall, str_from_c(key));
    assert_ok(file_of(g, name, &bytes), &g->e);
    leaves(g);
}

#define IN_A_HALL(f) cmocka_unit_test_setup_teardown(f, hall_open, hall_close)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_A_HALL(an_inspector_reads_what_is_shown_and_changes_nothing),
        IN_A_HALL(an_inspector_proves_without_reading),
        IN_A_HALL(looks_alike_within_a_minute_are_counted),
        IN_A_HALL(after_the_end_nothing_more_is_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
