/* Places over a table of events: what a map says of the ground is decided by, and a placement that falls out
 * of its rule when the table changes is a finding. */
#include "tests/gate/hall.h"

#include <unistd.h>

static char events_path[128];
static const char *event_paths[1] = {events_path};

static const char dry[] =
    "hazards:\n"
    "- {name: flood_depth, unit: m, source: a survey, edition: '2025', values: [{site: here, "
    "value: 0}]}\n"
    "groups:\n- {id: river, rate: 0.01, p_loss: 0.1, p_down: 1, members: [there]}\n";
static const char wet[] =
    "hazards:\n"
    "- {name: flood_depth, unit: m, source: a survey, edition: '2026', values: [{site: here, low: "
    "3, high: 5}]}\n"
    "groups:\n- {id: river, rate: 0.01, p_loss: 0.1, p_down: 1, members: [there, here]}\n";
static const char clauses[] = "\n  - id: dry\n"
                              "    about: copy\n"
                              "    source: {basis: own, where: test}\n"
                              "    strength: own\n"
                              "    applies: {act: [put], dataset.id: [plain]}\n"
                              "    require:\n"
                              "      - place.hazard.flood_depth <= 1 m\n"
                              "  - id: apart\n"
                              "    about: dataset\n"
                              "    source: {basis: own, where: test}\n"
                              "    strength: should\n"
                              "    applies: {dataset.id: [plain]}\n"
                              "    require:\n"
                              "      - copies.shared disjoint [\"river\"]\n";

static void text_write(const char *path, const char *text) {
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void text_append(const char *path, const char *text) {
    FILE *f = fopen(path, "a");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

/* The hall's store, with a table of events and clauses that ask of it. */
static void table_begins(struct hall *hall, const char *table) {
    hall_stop(hall);
    snprintf(events_path, sizeof events_path, "%s/events.yaml", hall->dir);
    text_write(events_path, table);
    text_append(hall_rules(hall), clauses);
    hall_edit(hall, hall_register(hall), "buckets: [\"plain-*\"]",
              "buckets: [\"plain-*\"], copies: {complete: true, as_of: 2026-01-01, items: [{site: "
              "there}]}");
    hall_edit(hall, hall_register(hall), "    entity: acme\n",
              "    entity: acme\n    groups: {complete: true, as_of: 2026-01-01, items: []}\n");
    hall->options.event_paths = event_paths;
    hall->options.event_count = 1;
    hall_start(hall);
}

static void table_becomes(struct hall *hall, const char *table) {
    struct error e;
    text_write(events_path, table);
    assert_ok(gate_reload(hall->gate, &e), &e);
}

static char told[2048];
static enum error_code finding_take(void *self, const struct gate_finding *f, struct error *e) {
    size_t used = strlen(told);
    snprintf(told + used, sizeof told - used, "%.*s %.*s %.*s; ", STR_FMT(f->subject),
             STR_FMT(f->clauses[0]), STR_FMT(f->verdict));
    return OK;
}
static const char *findings(struct hall *hall) {
    struct guest *g = root_enters(hall);
    struct gate_finding_filter filter = {.kind = STR("placement"), .max = 100};
    told[0] = 0;
    assert_ok(gate_finding_list(&g->visit, &filter, finding_take, NULL, &g->e), &g->e);
    leaves(g);
    return told;
}
static bool has(const char *text, const char *part) {
    return strstr(text, part) != NULL;
}

static void a_place_in_a_hazard_area_refuses_by_clause(void **state) {
    struct hall *hall = *state;
    table_begins(hall, dry);
    assert_int_equal(root_makes(hall, "plain-a").code, OK);
    assert_int_equal(root_puts(hall, "plain-a", "k", "body").code, OK);
    table_becomes(hall, wet);
    struct once once = root_puts(hall, "plain-a", "k", "body");
    assert_int_equal(once.code, FAIL_REFUSED);
    if (!has(once.message, "dry") || !has(once.message, "flood_depth"))
        fail_msg("%s", once.message);
    table_becomes(hall, dry);
    assert_int_equal(root_puts(hall, "plain-a", "k", "body").code, OK);
}

static void what_no_map_has_looked_at_is_unknown_and_refuses(void **state) {
    struct hall *hall = *state;
    table_begins(hall,
                 "hazards:\n- {name: flood_depth, unit: m, values: [{site: there, value: 0}]}\n");
    assert_int_equal(root_makes(hall, "plain-a").code, OK);
    assert_int_equal(root_puts(hall, "plain-a", "k", "body").code, FAIL_REFUSED);
}

static void a_table_with_a_mistake_leaves_the_old_one_in_force(void **state) {
    struct hall *hall = *state;
    struct error e;
    table_begins(hall, dry);
    text_write(events_path, "hazards:\n- {name: flood_depth, unit: m, values: [{value: 0}]}\n");
    assert_int_equal(gate_reload(hall->gate, &e), FAIL_SYNTAX);
    if (!has(e.message, "events.yaml:2:")) fail_msg("%s", e.message);
    assert_int_equal(root_makes(hall, "plain-a").code, OK);
    assert_int_equal(root_puts(hall, "plain-a", "k", "body").code, OK);
}

/* Whoever assesses beside the gate reads the table it decides by, in pieces that end with a character. */
static void the_table_in_force_is_read_in_pieces(void **state) {
    struct hall *hall = *state;
    static const char table[] = "hazards:\n- {name: flood_depth, unit: m, source: 測量, values: "
                                "[{site: here, value: 0}]}\n";
    char whole[sizeof table] = "";
    size_t used = 0, pieces = 0;
    table_begins(hall, table);
    text_write(events_path, dry); /* edited, but not in force yet */
    struct guest *g = root_enters(hall);
    struct gate_events_page ask = {.bytes_most = 7};
    for (struct gate_events_piece piece = {0}; !piece.is_last; pieces++) {
        assert_ok(gate_events_show(&g->visit, &ask, &piece, &g->e), &g->e);
        assert_true(str_ends(piece.name, STR("events.yaml")));
        assert_true(str_is_utf8(piece.bytes) && used + piece.bytes.len < sizeof whole);
        memcpy(whole + used, piece.bytes.at, piece.bytes.len);
        used += piece.bytes.len;
        ask.file = piece.file;
        ask.at = piece.at;
    }
    assert_int_equal(used, sizeof table - 1);
    assert_memory_equal(whole, table, used);
    assert_true(pieces > used / 7);
    struct gate_events_piece piece;
    ask = (struct gate_events_page){.file = 1, .bytes_most = 7};
    assert_int_equal(gate_events_show(&g->visit, &ask, &piece, &g->e), FAIL_USAGE);
    ask = (struct gate_events_page){.at = sizeof table, .bytes_most = 7};
    assert_int_equal(gate_events_show(&g->visit, &ask, &piece, &g->e), FAIL_USAGE);
    leaves(g);
}

static void a_placement_that_falls_out_of_its_rule_is_a_finding(void **state) {
    struct hall *hall = *state;
    table_begins(hall, dry);
    assert_string_equal(findings(hall), ""); /* nothing has fallen, whatever was never met */
    uint64_t first = entries(hall);
    table_becomes(hall, wet);
    const char *now = findings(hall);
    assert_true(has(now, "plain@here test-rules/dry fail; "));
    assert_true(has(now, "plain test-rules/apart fail; "));
    assert_int_equal(entries_of(hall, EVIDENCE_FINDING, first), 2);
    first = entries(hall);
    gate_place_check(hall->gate); /* nothing new: no entry */
    assert_int_equal(entries_of(hall, EVIDENCE_FINDING, first), 0);
    table_becomes(hall, dry);
    assert_string_equal(findings(hall), "");
    assert_int_equal(entries_of(hall, EVIDENCE_FINDING, first), 2); /* gone: one each */
}

static void what_fell_while_the_store_was_down_is_found_at_its_start(void **state) {
    struct hall *hall = *state;
    table_begins(hall, dry);
    hall_stop(hall);
    text_write(events_path, wet);
    hall_start(hall);
    assert_true(has(findings(hall), "plain@here test-rules/dry fail; "));
}

static void a_command_without_a_table_takes_the_one_that_is_kept(void **state) {
    struct hall *hall = *state;
    table_begins(hall, wet);
    hall_stop(hall);
    hall->options.event_count = 0;
    hall->options.is_command = true;
    assert_int_equal(unlink(events_path), 0);
    hall_start(hall);
    assert_int_equal(root_makes(hall, "plain-a").code, OK);
    struct once once = root_puts(hall, "plain-a", "k", "body");
    assert_int_equal(once.code, FAIL_REFUSED);
    assert_true(has(once.message, "dry"));
}

/* More than one turn takes, and then all of them again. */
static void many_that_fall_at_once_are_each_a_finding(void **state) {
    static char rows[16384];
    struct hall *hall = *state;
    struct text text = text_into(rows, sizeof rows);
    text_add_c(&text, "datasets:\n");
    for (int i = 0; i < 150; i++)
        text_format(
            &text,
            "  - {id: many-%03d, operator: acme-op, class: many, buckets: [\"many-%03d-*\"]}\n", i,
            i);
    rows[text.len] = 0;
    hall_edit(hall, hall_register(hall), "datasets:\n", rows);
    table_begins(hall, dry);
    uint64_t first = entries(hall);
    hall_edit(hall, hall_rules(hall), "dataset.id: [plain]}\n    require:\n      - place",
              "dataset.class: [many]}\n    require:\n      - place");
    table_becomes(hall, dry);
    assert_int_equal(entries_of(hall, EVIDENCE_FINDING, first), 0);
    table_becomes(hall, wet);
    assert_int_equal(entries_of(hall, EVIDENCE_FINDING, first), 150 + 1); /* and that of `apart` */
    first = entries(hall);
    gate_place_check(hall->gate);
    assert_int_equal(entries_of(hall, EVIDENCE_FINDING, first), 0);
    table_becomes(hall, dry);
    assert_int_equal(entries_of(hall, EVIDENCE_FINDING, first), 150 + 1); /* gone */
    assert_string_equal(findings(hall), "");
}

static void copies_elsewhere_than_chosen_leave_the_debt(void **state) {
    struct hall *hall = *state;
    struct error e;
    uint64_t first = entries(hall);
    hall_edit(hall, hall_register(hall), "class: owing,",
              "class: owing, chosen: [aws.us-east-1], copies: {complete: true, as_of: 2026-01-01, "
              "items: [{site: there}]},");
    assert_ok(gate_reload(hall->gate, &e), &e);
    assert_int_equal(root_makes(hall, "owing-a").code, OK);
    assert_int_equal(root_puts(hall, "owing-a", "k", "body").code, OK);
    assert_int_equal(entries_of(hall, EVIDENCE_DEBT_OWED, first),
                     1); /* two copies, one elsewhere */
    hall_edit(hall, hall_register(hall), "chosen: [aws.us-east-1]", "chosen: [there, here]");
    assert_ok(gate_reload(hall->gate, &e), &e);
    first = entries(hall);
    assert_int_equal(root_puts(hall, "owing-a", "k2", "body").code, OK);
    assert_int_equal(entries_of(hall, EVIDENCE_DEBT_OWED, first), 0); /* they stand as chosen */
}

#define IN_A_HALL(test) cmocka_unit_test_setup_teardown(test, hall_open, hall_close)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_A_HALL(a_place_in_a_hazard_area_refuses_by_clause),
        IN_A_HALL(what_no_map_has_looked_at_is_unknown_and_refuses),
        IN_A_HALL(the_table_in_force_is_read_in_pieces),
        IN_A_HALL(a_table_with_a_mistake_leaves_the_old_one_in_force),
        IN_A_HALL(a_placement_that_falls_out_of_its_rule_is_a_finding),
        IN_A_HALL(many_that_fall_at_once_are_each_a_finding),
        IN_A_HALL(copies_elsewhere_than_chosen_leave_the_debt),
        IN_A_HALL(what_fell_while_the_store_was_down_is_found_at_its_start),
        IN_A_HALL(a_command_without_a_table_takes_the_one_that_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
