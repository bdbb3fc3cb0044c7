/* Loosening: exceptions that are renewed and end by themselves, and glass that two people break. */
#include "tests/gate/hall.h"

#include <unistd.h>

#define HOUR_NS (3600 * NS_PER_S)

static struct seen seen;

static void is_entry(struct hall *hall, const char *receipt, enum evidence_type type) {
    entry_read(hall, receipt_index(receipt), &seen);
    if (seen.entry.type != type)
        fail_msg("entry %s is a %s", receipt, evidence_type_name(seen.entry.type));
}

static void wait_for(struct hall *hall, enum evidence_type type, unsigned count) {
    for (int i = 0; i < 200 && entries_of(hall, type, 0) < count; i++) usleep(50000);
    assert_int_equal(entries_of(hall, type, 0), count);
}
static void stays_at(struct hall *hall, enum evidence_type type, unsigned count) {
    usleep(1300000);
    assert_int_equal(entries_of(hall, type, 0), count);
}

static void last_says(struct hall *hall, enum evidence_type type, const char *part) {
    for (uint64_t i = entries(hall); i-- > 0;) {
        char text[1024];
        entry_read(hall, i, &seen);
        if (seen.entry.type != type) continue;
        snprintf(text, sizeof text, "%.*s", STR_FMT(seen.opening.values.of[EVIDENCE_DETAIL]));
        if (strstr(text, part) == NULL) fail_msg("\"%s\" has no \"%s\"", text, part);
        return;
    }
    fail_msg("no entry of type %s", evidence_type_name(type));
}

/* ---- glass ---- */

static const str own_clause[] = {{"test-rules/where.unknown", 24}};
static char id[64];

static enum error_code open_glass(struct hall *hall, const str *clauses, size_t count,
                                  const char *reason, int64_t length_ns, char receipt[128]) {
    struct guest *g = root_enters(hall);
    struct gate_glass glass = {.clauses = clauses,
                               .clause_count = count,
                               .reason = str_from_c(reason),
                               .length_ns = length_ns};
    enum error_code code = gate_glass_open(&g->visit, &glass, &g->answer, &g->e);
    snprintf(id, sizeof id, "%.*s", STR_FMT(glass.id));
    snprintf(receipt, 128, "%.*s", STR_FMT(g->answer.receipt));
    leaves(g);
    return code;
}

static enum error_code confirm_as(struct hall *hall, const char *key) {
    struct guest *g = guest_enters(hall, str_from_c(key));
    enum error_code code = gate_glass_confirm(&g->visit, str_from_c(id), &g->answer, &g->e);
    leaves(g);
    return code;
}
static enum error_code close_as(struct hall *hall, const char *key) {
    struct guest *g = guest_enters(hall, str_from_c(key));
    enum error_code code = gate_glass_close(&g->visit, str_from_c(id), &g->answer, &g->e);
    leaves(g);
    return code;
}

struct review {
    unsigned acts, puts, reads;
    char last_key[64];
};
static enum error_code act_count(void *self, const struct gate_glass_act *act, struct error *e) {
    struct review *r = self;
    r->acts++;
    r->puts += strcmp(act->type, "put") == 0;
    r->reads += strcmp(act->type, "read") == 0;
    snprintf(r->last_key, sizeof r->last_key, "%.*s", STR_FMT(act->key));
    return OK;
}
static struct review review_of(struct hall *hall, enum gate_glass_state state) {
    struct review review = {0};
    struct gate_glass glass;
    struct guest *g = root_enters(hall);
    assert_ok(gate_glass_review(&g->visit, str_from_c(id), &glass, act_count, &review, &g->e),
              &g->e);
    assert_int_equal(glass.state, state);
    leaves(g);
    return review;
}

static void two_people_break_the_glass(void **state) {
    struct hall *hall = *state;
    char receipt[128], text[64];
    const char *second = user_makes(hall, "second", "*", "admin");
    const char *reader = user_makes(hall, "reader", "*", "read");
    assert_int_equal(root_makes(hall, "mystery-a").code, OK);
    assert_int_equal(open_glass(hall, own_clause, 1, "flood", 2 * HOUR_NS, receipt), OK);
    is_entry(hall, receipt, EVIDENCE_BREAK_GLASS);
    assert_int_equal(seen.entry.clauses[0].effect, EVIDENCE_EFFECT_BROKEN);
    assert_int_equal(root_puts(hall, "mystery-a", "k", "x").code,
                     FAIL_REFUSED);                                         /* by one: nothing */
    assert_int_equal(confirm_as(hall, hall->root_key), FAIL_ACCESS_DENIED); /* the opener */
    struct guest *g = root_enters(hall);
    struct gate_new_key another; /* another key of the same person */
    assert_ok(gate_key_add(&g->visit, STR("root"), &another, &g->answer, &g->e), &g->e);
    char another_id[32];
    snprintf(another_id, sizeof another_id, "%.*s", STR_FMT(another.id));
    leaves(g);
    assert_int_equal(confirm_as(hall, another_id), FAIL_ACCESS_DENIED);
    assert_int_equal(confirm_as(hall, reader), FAIL_ACCESS_DENIED); /* no admin */
    assert_int_equal(root_puts(hall, "mystery-a", "k", "x").code, FAIL_REFUSED);
    assert_int_equal(confirm_as(hall, second), OK);
    assert_int_equal(confirm_as(hall, second), FAIL_EXISTS);
    struct once kept = root_puts(hall, "mystery-a", "k", "x");
    assert_int_equal(kept.code, OK);
    assert_int_equal(kept.answer.effect, GATE_WARN);
    assert_string_equal(kept.clauses, "test-rules/where.unknown");
    is_entry(hall, kept.receipt, EVIDENCE_PUT);
    assert_int_equal(seen.entry.clauses[0].effect & 0x7f, EVIDENCE_EFFECT_BROKEN);
    assert_int_equal(root_puts(hall, "mystery-a", "k2", "x").code, OK);
    /* It outlives a restart, and names what was done, and only that. */
    hall_stop(hall);
    hall_start(hall);
    assert_int_equal(root_puts(hall, "mystery-a", "k3", "x").code, OK);
    assert_int_equal(root_gets(hall, "mystery-a", "k3", text).code, OK); /* no clause: no act */
    struct review review = review_of(hall, GATE_GLASS_IN_EFFECT);
    assert_int_equal(review.acts, 3);
    assert_int_equal(review.puts, 3);
    assert_string_equal(review.last_key, "k3");
    assert_int_equal(close_as(hall, second), OK);
    assert_int_equal(root_puts(hall, "mystery-a", "k4", "x").code, FAIL_REFUSED);
    assert_int_equal(close_as(hall, second), FAIL_USAGE);
    assert_int_equal(confirm_as(hall, second), FAIL_USAGE);
    assert_int_equal(review_of(hall, GATE_GLASS_CLOSED).acts, 3);
    assert_int_equal(entries_of(hall, EVIDENCE_BREAK_GLASS, 0), 3);
    hall_clock_ahead(80 * HOUR_NS); /* what was closed does not expire */
    stays_at(hall, EVIDENCE_BREAK_GLASS, 3);
}

static void glass_ends_by_itself_and_once(void **state) {
    struct hall *hall = *state;
    char receipt[128];
    const char *second = user_makes(hall, "second", "*", "admin");
    assert_int_equal(root_makes(hall, "mystery-a").code, OK);
    assert_int_equal(open_glass(hall, own_clause, 1, "flood", 72 * HOUR_NS, receipt), OK);
    hall_clock_ahead(HOUR_NS); /* the time runs from the confirmation */
    assert_int_equal(confirm_as(hall, second), OK);
    hall_clock_ahead(72 * HOUR_NS - 60 * NS_PER_S);
    assert_int_equal(root_puts(hall, "mystery-a", "k", "x").code, OK);
    hall_clock_ahead(61 * NS_PER_S);
    assert_int_equal(root_puts(hall, "mystery-a", "k", "y").code, FAIL_REFUSED);
    wait_for(hall, EVIDENCE_BREAK_GLASS, 3);
    last_says(hall, EVIDENCE_BREAK_GLASS, "expired: flood");
    hall_stop(hall);
    hall_start(hall);
    stays_at(hall, EVIDENCE_BREAK_GLASS, 3);
    assert_int_equal(review_of(hall, GATE_GLASS_EXPIRED).acts, 1);
    /* One that nobody confirms lapses, also while the store is down. */
    assert_int_equal(open_glass(hall, own_clause, 1, "drill", HOUR_NS, receipt), OK);
    hall_stop(hall);
    hall_clock_ahead(73 * HOUR_NS);
    hall_start(hall);
    assert_int_equal(confirm_as(hall, second), FAIL_USAGE);
    wait_for(hall, EVIDENCE_BREAK_GLASS, 5);
    last_says(hall, EVIDENCE_BREAK_GLASS, "expired, never confirmed: drill");
}

static void what_glass_does_not_break(void **state) {
    struct hall *hall = *state;
    char receipt[128];
    struct error e;
    static const str none[] = {{"test-rules/no-such", 18}}, slashless[] = {{"where.unknown", 13}},
                     advice[] = {{"test-rules/advice", 17}},
                     two[] = {{"test-rules/where.unknown", 24}, {"test-rules/keep.at-home", 23}};
    static str many[GATE_GLASS_CLAUSES + 1];
    for (size_t i = 0; i < COUNT_OF(many); i++) many[i] = own_clause[0];
    hall_edit(hall, hall_rules(hall), "where: \"tests, 1\"}\n    strength: own",
              "where: \"tests, 1\"}\n    strength: law");
    assert_ok(gate_reload(hall->gate, &e), &e);
    const struct {
        const str *clauses;
        size_t count;
        const char *reason;
        int64_t length_ns;
        enum error_code code;
    } cases[] = {
        {own_clause, 0, "r", HOUR_NS, FAIL_USAGE},
        {many, COUNT_OF(many), "r", HOUR_NS, FAIL_USAGE},
        {own_clause, 1, "", HOUR_NS, FAIL_USAGE},
        {own_clause, 1, "r", 0, FAIL_USAGE},
        {own_clause, 1, "r", 72 * HOUR_NS + 1, FAIL_USAGE},
        {none, 1, "r", HOUR_NS, FAIL_NOT_FOUND},
        {slashless, 1, "r", HOUR_NS, FAIL_NOT_FOUND},
        {advice, 1, "r", HOUR_NS, FAIL_USAGE}, /* should: nothing to break */
        {two, 2, "r", HOUR_NS, FAIL_USAGE},    /* one of them is law */
        {own_clause, 1, "r", 72 * HOUR_NS, OK},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        enum error_code code = open_glass(hall, cases[i].clauses, cases[i].count, cases[i].reason,
                                          cases[i].length_ns, receipt);
        if (code != cases[i].code) fail_msg("row %zu: %d, not %d", i, code, cases[i].code);
    }
    assert_int_equal(entries_of(hall, EVIDENCE_BREAK_GLASS, 0), 1);
    /* A clause that was the operator's own when it was opened, and is law when it is needed. */
    const char *second = user_makes(hall, "second", "*", "admin");
    assert_int_equal(root_makes(hall, "mystery-a").code, OK);
    hall_edit(hall, hall_rules(hall), "where: \"tests, 5\"}\n    strength: own",
              "where: \"tests, 5\"}\n    strength: law");
    assert_ok(gate_reload(hall->gate, &e), &e);
    assert_int_equal(confirm_as(hall, second), OK);
    assert_int_equal(root_puts(hall, "mystery-a", "k", "x").code, FAIL_REFUSED);
    assert_int_equal(review_of(hall, GATE_GLASS_IN_EFFECT).acts, 0);
    strcpy(id, "g-000000000000");
    assert_int_equal(confirm_as(hall, second), FAIL_NOT_FOUND);
    assert_int_equal(close_as(hall, second), FAIL_NOT_FOUND);
}

/* Reads alike fold; under broken glass each is an act of its own, with its key. */
static void each_read_under_glass_is_listed(void **state) {
    struct hall *hall = *state;
    char receipt[128], text[64];
    static const str clause[] = {{"test-rules/read.on-duty", 23}};
    const char *second = user_makes(hall, "second", "*", "admin");
    assert_int_equal(root_makes(hall, "critical-a").code, OK);
    assert_int_equal(root_puts(hall, "critical-a", "k", "x").code, OK);
    assert_int_equal(root_gets(hall, "critical-a", "k", text).code, FAIL_REFUSED);
    assert_int_equal(open_glass(hall, clause, 1, "flood", HOUR_NS, receipt), OK);
    assert_int_equal(confirm_as(hall, second), OK);
    for (int i = 0; i < 5; i++) assert_int_equal(root_gets(hall, "critical-a", "k", text).code, OK);
    assert_int_equal(root_deletes(hall, "critical-a", "k").code, OK);
    struct review review = review_of(hall, GATE_GLASS_IN_EFFECT);
    assert_int_equal(review.reads, 5);
    assert_int_equal(review.acts, 6);
}

struct across {
    size_t count;
    char acts[16][96]; /* "ORIGIN#INDEX KEY" */
};
static enum error_code act_keep(void *self, const struct gate_glass_act *act, struct error *e) {
    struct across *a = self;
    assert_true(a->count < COUNT_OF(a->acts));
    snprintf(a->acts[a->count++], sizeof a->acts[0], "%.*s %.*s", STR_FMT(act->name),
             STR_FMT(act->key));
    return OK;
}
static struct across across_of(struct hall *hall) {
    struct across across = {0};
    struct gate_glass glass;
    struct guest *g = root_enters(hall);
    assert_ok(gate_glass_review(&g->visit, str_from_c(id), &glass, act_keep, &across, &g->e),
              &g->e);
    leaves(g);
    return across;
}

/* Rows as a program before format 2 wrote them: the same number in two logs is one row. */
static void rows_of_format_1_write(struct hall *hall) {
    struct engine_view *view;
    struct engine_turn *turn;
    struct engine_scan *scan;
    struct error e;
    char keys[16][128];
    size_t lens[16], count = 0;
    str key, row;
    bool more = true;
    assert_ok(engine_view_open(hall->gate->engine, &view, &e), &e);
    assert_ok(engine_view_scan(view, ENGINE_META, STR("G/"), STR("G0"), &scan, &e), &e);
    for (;;) {
        assert_ok(engine_scan_next(scan, &more, &key, &row, &e), &e);
        if (!more) break;
        assert_true(count < COUNT_OF(keys) && key.len <= sizeof keys[0]);
        memcpy(keys[count], key.at, key.len);
        lens[count++] = key.len;
    }
    engine_scan_close(scan);
    engine_view_close(view);
    assert_ok(engine_turn_begin(hall->gate->engine, &turn, &e), &e);
    for (size_t i = 0; i < count; i++) {
        assert_ok(engine_turn_delete(turn, ENGINE_META, str_of(keys[i], lens[i]), &e), &e);
        memmove(keys[i] + lens[i] - 12, keys[i] + lens[i] - 8, 8);
        key = str_of(keys[i], lens[i] - 4);
        assert_ok(engine_turn_put(turn, ENGINE_META, key, STR("1"), &e), &e);
    }
    assert_ok(engine_turn_commit(turn, &e), &e);
}

static void across_is(const struct across *a, size_t of_1, size_t of_2) {
    size_t found_1 = 0, found_2 = 0;
    for (size_t i = 0; i < a->count; i++) {
        bool is_new = strncmp(a->acts[i], "hall.example/log/2#", 19) == 0;
        if (strstr(a->acts[i], is_new ? " new-" : " old-") == NULL) fail_msg("%s", a->acts[i]);
        found_1 += !is_new;
        found_2 += is_new;
    }
    assert_int_equal(found_1, of_1);
    assert_int_equal(found_2, of_2);
}

/* Acts under broken glass were listed by a number alone: after a succession those of the log before were
 * looked for in the new log, and one of the new log took the place of one that had its number. */
static void acts_under_glass_across_a_succession_are_all_listed(void **state) {
    struct hall *hall = *state;
    char receipt[128], key[16];
    const char *second = user_makes(hall, "second", "*", "admin");
    assert_int_equal(root_makes(hall, "mystery-a").code, OK);
    assert_int_equal(open_glass(hall, own_clause, 1, "flood", 2 * HOUR_NS, receipt), OK);
    assert_int_equal(confirm_as(hall, second), OK);
    for (int i = 0; i < 5; i++) {
        snprintf(key, sizeof key, "old-%d", i);
        assert_int_equal(root_puts(hall, "mystery-a", key, "x").code, OK);
    }
    hall_copy_takes(hall);
    assert_int_equal(root_puts(hall, "mystery-a", "lost", "x").code, OK);
    hall_stop(hall);
    (void)hall_history_loses(hall, 1);
    hall_start(hall);
    for (int i = 0; i < 9; i++) { /* at the same numbers too */
        snprintf(key, sizeof key, "new-%d", i);
        assert_int_equal(root_puts(hall, "mystery-a", key, "x").code, OK);
    }
    struct across found = across_of(hall);
    across_is(&found, 5, 9);
    rows_of_format_1_write(hall);
    found = across_of(hall);
    across_is(&found, 5, 9);
}

/* ---- obligations are loosened too ---- */

static void an_exception_lifts_what_a_clause_obliges_to(void **state) {
    struct hall *hall = *state;
    const char *second = user_makes(hall, "second", "*", "admin");
    assert_int_equal(root_makes(hall, "impossible-a").code, OK);
    assert_int_equal(root_puts(hall, "impossible-a", "k", "x").code, FAIL_REFUSED);
    struct guest *g = root_enters(hall), *other = guest_enters(hall, str_from_c(second));
    struct gate_exception x = {.clause = STR("test-rules/three.at-once"),
                               .from_ns = clock_wall_ns(),
                               .until_ns = clock_wall_ns() + HOUR_NS,
                               .reason = STR("one site only")};
    assert_ok(gate_exception_propose(&g->visit, &x, &g->answer, &g->e), &g->e);
    assert_ok(gate_exception_approve(&other->visit, x.id, &other->answer, &other->e), &other->e);
    leaves(other);
    leaves(g);
    struct once kept = root_puts(hall, "impossible-a", "k", "x");
    assert_int_equal(kept.code, OK);
    assert_int_equal(kept.answer.effect, GATE_WARN);
    is_entry(hall, kept.receipt, EVIDENCE_PUT);
    assert_int_equal(seen.entry.clauses[0].effect, EVIDENCE_EFFECT_EXCEPTED);
    hall_clock_ahead(HOUR_NS);
    assert_int_equal(root_puts(hall, "impossible-a", "k2", "x").code, FAIL_REFUSED);
}

/* ---- exceptions: renewals and ends ---- */

static enum gate_exception_state state_of;
static uint32_t renewals_of;
static enum error_code last_state(void *self, const struct gate_exception *x, struct error *e) {
    state_of = x->state;
    renewals_of = x->renewals;
    return OK;
}

static void an_exception_is_renewed_by_two_and_ends_once(void **state) {
    struct hall *hall = *state;
    const char *second = user_makes(hall, "second", "*", "admin");
    assert_int_equal(root_makes(hall, "mystery-a").code, OK);
    struct guest *g = root_enters(hall), *other = guest_enters(hall, str_from_c(second));
    int64_t now = clock_wall_ns();
    struct gate_exception x = {.clause = STR("test-rules/where.unknown"),
                               .from_ns = now,
                               .until_ns = now + HOUR_NS,
                               .reason = STR("moving"),
                               .measure = STR("a guard")};
    assert_ok(gate_exception_propose(&g->visit, &x, &g->answer, &g->e), &g->e);
    assert_int_equal(gate_exception_renew(&g->visit, x.id, now + 2 * HOUR_NS, &g->answer, &g->e),
                     FAIL_USAGE); /* not in force */
    assert_ok(gate_exception_approve(&other->visit, x.id, &other->answer, &other->e), &other->e);
    assert_int_equal(gate_exception_renew(&g->visit, x.id, now + HOUR_NS, &g->answer, &g->e),
                     FAIL_USAGE); /* no later */
    assert_int_equal(
        gate_exception_renew(&g->visit, STR("x-none"), now + HOUR_NS, &g->answer, &g->e),
        FAIL_NOT_FOUND);
    assert_ok(
        gate_exception_renew(&other->visit, x.id, now + 3 * HOUR_NS, &other->answer, &other->e),
        &other->e);
    assert_int_equal(gate_exception_approve(&other->visit, x.id, &other->answer, &other->e),
                     FAIL_ACCESS_DENIED); /* who asks for the renewal does not approve it */
    assert_ok(gate_exception_approve(&g->visit, x.id, &g->answer, &g->e), &g->e);
    char xid[64];
    snprintf(xid, sizeof xid, "%.*s", STR_FMT(x.id));
    leaves(other);
    leaves(g);
    assert_int_equal(entries_of(hall, EVIDENCE_EXCEPTION, 0), 4);
    hall_clock_ahead(2 * HOUR_NS); /* past the first end, before the renewed one */
    hall_stop(hall);
    hall_start(hall);
    assert_int_equal(root_puts(hall, "mystery-a", "k", "x").code, OK);
    stays_at(hall, EVIDENCE_EXCEPTION, 4);
    g = root_enters(hall);
    assert_ok(gate_exception_list(&g->visit, last_state, NULL, &g->e), &g->e);
    leaves(g);
    assert_int_equal(state_of, GATE_APPROVED);
    assert_int_equal(renewals_of, 1);
    hall_clock_ahead(HOUR_NS + NS_PER_S);
    assert_int_equal(root_puts(hall, "mystery-a", "k", "y").code, FAIL_REFUSED);
    wait_for(hall, EVIDENCE_EXCEPTION, 5);
    last_says(hall, EVIDENCE_EXCEPTION, "expired: moving");
    hall_stop(hall);
    hall_start(hall);
    stays_at(hall, EVIDENCE_EXCEPTION, 5);
    g = root_enters(hall);
    assert_int_equal(gate_exception_end(&g->visit, str_from_c(xid), &g->answer, &g->e), FAIL_USAGE);
    assert_ok(gate_exception_list(&g->visit, last_state, NULL, &g->e), &g->e);
    leaves(g);
    assert_int_equal(state_of, GATE_EXPIRED);
}

/* ---- crashes ---- */

/* Every call of the engine fails once while glass is opened, confirmed and ends: what is in force is
 * what an entry says, and the end is said once. */
static void every_call_fails_once(void **state) {
    struct hall *hall = *state;
    const char *second = user_makes(hall, "second", "*", "admin");
    char receipt[128];
    assert_int_equal(root_makes(hall, "mystery-a").code, OK);
    gate_keeper_close(hall->gate);
    enum error_code code = FAIL_INTERNAL;
    bool failed = false;
    for (uint64_t n = 1; n < 400 && code != OK; n++) {
        unsigned before = entries_of(hall, EVIDENCE_BREAK_GLASS, 0);
        engine_lab_fail_at(hall->gate->engine, n);
        code = open_glass(hall, own_clause, 1, "flood", HOUR_NS, receipt);
        engine_lab_fail_at(hall->gate->engine, 0);
        failed = failed || code != OK;
        assert_int_equal(entries_of(hall, EVIDENCE_BREAK_GLASS, 0) - before, code == OK);
    }
    assert_true(failed && code == OK);
    unsigned opened = entries_of(hall, EVIDENCE_BREAK_GLASS, 0);
    for (uint64_t n = 1; n < 400; n++) {
        engine_lab_fail_at(hall->gate->engine, n);
        code = confirm_as(hall, second);
        engine_lab_fail_at(hall->gate->engine, 0);
        unsigned entries_now = entries_of(hall, EVIDENCE_BREAK_GLASS, 0) - opened;
        assert_true(entries_now <= 1);
        if (code == OK || code == FAIL_EXISTS) break; /* confirmed, though the answer was lost */
    }
    assert_int_equal(entries_of(hall, EVIDENCE_BREAK_GLASS, 0) - opened, 1);
    struct error e;
    assert_ok(gate_reload(hall->gate, &e), &e); /* as a start would: the row is there */
    assert_int_equal(root_puts(hall, "mystery-a", "k", "x").code, OK);
    hall_clock_ahead(HOUR_NS + NS_PER_S);
    failed = false;
    for (uint64_t n = 1; n < 400 && entries_of(hall, EVIDENCE_BREAK_GLASS, 0) == opened + 1; n++) {
        engine_lab_fail_at(hall->gate->engine, n);
        while (gate_loosenings_end(hall->gate)) {
        }
        engine_lab_fail_at(hall->gate->engine, 0);
        failed = failed || entries_of(hall, EVIDENCE_BREAK_GLASS, 0) == opened + 1;
    }
    while (gate_loosenings_end(hall->gate)) {
    }
    assert_true(failed);
    assert_int_equal(entries_of(hall, EVIDENCE_BREAK_GLASS, 0), opened + 2);
    assert_int_equal(root_puts(hall, "mystery-a", "k", "x").code, FAIL_REFUSED);
}

#define IN_A_HALL(f) cmocka_unit_test_setup_teardown(f, hall_open, hall_close)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_A_HALL(two_people_break_the_glass),
        IN_A_HALL(glass_ends_by_itself_and_once),
        IN_A_HALL(what_glass_does_not_break),
        IN_A_HALL(each_read_under_glass_is_listed),
        IN_A_HALL(acts_under_glass_across_a_succession_are_all_listed),
        IN_A_HALL(an_exception_lifts_what_a_clause_obliges_to),
        IN_A_HALL(an_exception_is_renewed_by_two_and_ends_once),
        cmocka_unit_test_setup_teardown(every_call_fails_once, hall_open_lab, hall_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
