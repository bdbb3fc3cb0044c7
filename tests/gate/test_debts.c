/* Obligations at the gate: each of the ten kinds is done, owed or refused; what is owed is met or
 * late, each once; what must be kept is not deleted. The rules are written by each test. */
#include "gate/decide/decision.h"
#include "gate/rules/rules.h"
#include "tests/gate/hall.h"

#include <unistd.h>

#define HOUR_NS (3600 * NS_PER_S)
#define DAY_NS  (24 * HOUR_NS)

static struct seen seen;

/* ---- rules of a test's own ---- */

static const char *const head = "rulebook: debt-rules\n"
                                "issuer: \"the tests\"\n"
                                "title: {en: \"Debts\", ja: \"義務\"}\n"
                                "in_force: {from: \"2020-01-01\"}\n"
                                "clauses:\n";

static void file_put(const char *path, const char *a, const char *b) {
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fprintf(f, "%s%s", a, b) > 0);
    assert_int_equal(fclose(f), 0);
}

static void rules_put(struct hall *hall, const char *clauses) {
    char path[160];
    struct error e;
    snprintf(path, sizeof path, "%s/debts.yaml", hall->rulebooks);
    file_put(path, head, clauses);
    assert_ok(gate_reload(hall->gate, &e), &e);
}

/* Clause `it` about data of class `tested` (buckets tested-*), with these lines below it. */
static void clause_put(struct hall *hall, const char *strength, const char *below) {
    char clauses[4096];
    snprintf(clauses, sizeof clauses,
             "  - id: it\n    about: copy\n    source: {basis: own, where: \"here\"}\n"
             "    strength: %s\n    applies: {act: [put, copy], dataset.class: [tested]}\n%s",
             strength, below);
    rules_put(hall, clauses);
}

static void oblige_put(struct hall *hall, const char *strength, const char *oblige) {
    char below[2048];
    snprintf(below, sizeof below, "    oblige:\n      %s\n", oblige);
    clause_put(hall, strength, below);
}

static int hall_with_rules(void **state, bool lab) {
    if ((lab ? hall_open_lab(state) : hall_open(state)) != 0) return 1;
    struct hall *hall = *state;
    hall_edit(hall, hall_register(hall), "adopts:\n",
              "  - {id: tested, operator: acme-op, sector: tests, class: tested, buckets: "
              "[\"tested-*\"]}\n"
              "documents:\n"
              "  - {id: paper, kind: certificate, date: 2026-11-01, sha256: "
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855}\n"
              "  - {id: loose, kind: certificate}\n"
              "adopts:\n  - rulebook: debt-rules\n    from: 2020-01-01\n    by: the tests\n");
    oblige_put(hall, "own", "copies: {value: 2, within: 24 h}");
    assert_int_equal(root_makes(hall, "tested-a").code, OK);
    return 0;
}
static int with_rules(void **state) {
    return hall_with_rules(state, false);
}
static int with_rules_in_a_lab(void **state) {
    return hall_with_rules(state, true);
}

static void reload(struct hall *hall) {
    struct error e;
    assert_ok(gate_reload(hall->gate, &e), &e);
}

/* ---- looking ---- */

static struct gate_state state_of(struct hall *hall) {
    struct gate_state *s = calloc(1, sizeof *s), out;
    struct arena_space space;
    struct arena arena;
    struct error e;
    assert_ok(arena_space_open(&space, 4 << 20, &arena, &e), &e);
    assert_ok(gate_state_read(hall->gate, &arena, s, &e), &e);
    out = *s; /* numbers alone: the rest goes with the arena */
    arena_space_release(&space);
    free(s);
    return out;
}

struct found {
    struct gate_debt first;
    char what[256];
    size_t count;
};
static enum error_code found_add(void *self, const struct gate_debt *debt, struct error *e) {
    struct found *f = self;
    if (f->count++ > 0) return OK;
    f->first = *debt;
    snprintf(f->what, sizeof f->what, "%.*s", STR_FMT(debt->what));
    return OK;
}
static struct found debts_of(struct hall *hall, bool only_late) {
    struct found found = {0};
    struct guest *g = local_enters(hall);
    struct gate_debt_filter filter = {.only_late = only_late, .max = 1000};
    assert_ok(gate_debt_list(&g->visit, &filter, found_add, &found, &g->e), &g->e);
    leaves(g);
    return found;
}

/* The keeper is awake twice a second. */
static void wait_for(struct hall *hall, enum evidence_type type, unsigned count) {
    for (int i = 0; i < 200 && entries_of(hall, type, 0) < count; i++) usleep(50000);
    assert_int_equal(entries_of(hall, type, 0), count);
}

/* Nothing more comes of it: two rounds of the keeper go by. */
static void stays_at(struct hall *hall, enum evidence_type type, unsigned count) {
    usleep(1300000);
    assert_int_equal(entries_of(hall, type, 0), count);
}

static void detail_is(struct hall *hall, enum evidence_type type, const char *part) {
    for (uint64_t i = entries(hall); i-- > 0;) {
        entry_read(hall, i, &seen);
        if (seen.entry.type != type) continue;
        char text[1024];
        snprintf(text, sizeof text, "%.*s", STR_FMT(seen.opening.values.of[EVIDENCE_DETAIL]));
        if (strstr(text, part) == NULL) fail_msg("\"%s\" has no \"%s\"", text, part);
        return;
    }
    fail_msg("no entry of type %s", evidence_type_name(type));
}

/* ---- the ten kinds ---- */

static const struct {
    const char *oblige;
    const char *strength;
    enum error_code put;
    enum gate_effect effect;
    unsigned owed;    /* debts of one put */
    const char *says; /* of the refusal, or of the debt */
} kinds[] = {
    {"encrypt: aes-256", "own", OK, GATE_ALLOW, 0, ""},
    {"encrypt: {value: aes-256, within: 24 h}", "own", OK, GATE_ALLOW, 0, ""},
    {"keys_in: [\"JP\"]", "own", OK, GATE_ALLOW, 0, ""},
    {"keys_in: [\"NZ\"]", "own", FAIL_REFUSED, GATE_REFUSE, 0, "keys_in NZ"},
    {"keys_in: [\"NZ\"]", "should", OK, GATE_WARN, 0, ""},
    {"keys_in: {value: [\"NZ\"], within: 24 h}", "own", OK, GATE_ALLOW, 1, "keys_in NZ"},
    {"copies: {value: 1, by: ack}", "own", OK, GATE_ALLOW, 0, ""},
    {"copies: {value: 2, by: ack}", "own", FAIL_REFUSED, GATE_REFUSE, 0, "copies 2"},
    {"copies: {value: 2, by: ack}", "desirable", OK, GATE_WARN, 0, ""},
    {"copies: 2", "own", OK, GATE_ALLOW, 1, "copies 2"},
    {"copies: {value: 2, within: 24 h}", "own", OK, GATE_ALLOW, 1, "copies 2"},
    {"distance_km: {value: 100, by: ack}", "own", FAIL_REFUSED, GATE_REFUSE, 0, "distance_km 100"},
    {"distance_km: 100", "own", OK, GATE_ALLOW, 1, "distance_km 100"},
    {"keep_at_least: {length: 1 d}", "own", OK, GATE_ALLOW, 0, ""},
    {"keep_at_least: {length: 1 d, within: 24 h}", "own", OK, GATE_ALLOW, 0, ""},
    {"keep_at_least: {length: 1 d, place: [\"NZ\"]}", "own", FAIL_REFUSED, GATE_REFUSE, 0,
     "keep_at_least NZ"},
    {"keep_at_least: {length: 1 d, place: [\"NZ\"], within: 24 h}", "own", OK, GATE_ALLOW, 1,
     "keep_at_least 1 d NZ"},
    {"keep_at_least: {length: 1 d, place: [\"NZ\"], other_copies: allowed}", "own", OK, GATE_ALLOW,
     1, "keep_at_least 1 d NZ"},
    {"keep_at_most: {length: 30 d}", "own", OK, GATE_ALLOW, 1, "keep_at_most 30 d"},
    {"keep_at_most: {length: 30 d, start: request.received}", "own", FAIL_REFUSED, GATE_REFUSE, 0,
     "over already"},
    {"keep_at_most: {length: 30 d, start: plan.begins}", "own", OK, GATE_ALLOW, 1, "plan.begins"},
    {"approvals: 1", "own", FAIL_REFUSED, GATE_REFUSE, 0, "approvals 1"},
    {"approvals: {value: 1, within: 7 d}", "own", OK, GATE_ALLOW, 1, "approvals 1"},
    {"record: [write]", "own", OK, GATE_ALLOW, 0, ""},
    {"return: {start: act.processed_at, within: 24 h, do: [{keep_copy_in: [\"NZ\"]}, delete-here]}",
     "own", OK, GATE_ALLOW, 1, "return 1 d from act.processed_at NZ delete-here"},
    {"begin: {start: plan.begins, within: 12 months}", "own", OK, GATE_ALLOW, 1, "begin 12 months"},
};

static void each_kind_is_done_owed_or_refused(void **state) {
    struct hall *hall = *state;
    hall_edit(hall, hall_register(hall), "documents:\n",
              "requests:\n"
              "  - {id: r-1, kind: store-in-country, covers: [tested], received: 2020-03-01}\n"
              "documents:\n");
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        char key[32];
        snprintf(key, sizeof key, "k%zu", i);
        oblige_put(hall, kinds[i].strength, kinds[i].oblige);
        uint64_t before = entries(hall);
        struct once put_ = root_puts(hall, "tested-a", key, "x");
        if (put_.code != kinds[i].put || put_.answer.effect != kinds[i].effect)
            fail_msg("%s, %s: code %d, effect %d: %s", kinds[i].oblige, kinds[i].strength,
                     put_.code, put_.answer.effect, put_.message);
        if (entries_of(hall, EVIDENCE_DEBT_OWED, before) != kinds[i].owed)
            fail_msg("%s, %s owes %u", kinds[i].oblige, kinds[i].strength,
                     entries_of(hall, EVIDENCE_DEBT_OWED, before));
        if (put_.code != OK) {
            if (strstr(put_.message, kinds[i].says) == NULL ||
                strstr(put_.message, "debt-rules/it") == NULL)
                fail_msg("%s: \"%s\"", kinds[i].oblige, put_.message);
            assert_string_equal(put_.clauses, "debt-rules/it");
            entry_read(hall, receipt_index(put_.receipt), &seen);
            assert_int_equal(seen.entry.type, EVIDENCE_REFUSE);
            assert_int_equal(seen.entry.clauses[0].effect, EVIDENCE_EFFECT_REFUSE);
        } else if (kinds[i].owed > 0) {
            detail_is(hall, EVIDENCE_DEBT_OWED, kinds[i].says);
            assert_int_equal(seen.entry.span_first, receipt_index(put_.receipt));
            assert_int_equal(seen.entry.span_count, 1);
        }
    }
    assert_int_equal(entries_of(hall, EVIDENCE_DEBT_LATE, 0), 0);
}

/* ---- late ---- */

static void a_debt_is_late_when_its_time_passes_and_once(void **state) {
    struct hall *hall = *state;
    struct once kept = root_puts(hall, "tested-a", "k", "x");
    assert_int_equal(kept.code, OK);
    struct found owed = debts_of(hall, false);
    assert_int_equal(owed.count, 1);
    assert_int_equal(owed.first.due_ns - owed.first.since_ns, DAY_NS);
    assert_string_equal(owed.what, "copies 2 (debt-rules/it)");
    assert_int_equal(owed.first.act, receipt_index(kept.receipt));
    hall_clock_ahead(DAY_NS - 60 * NS_PER_S); /* a minute before */
    stays_at(hall, EVIDENCE_DEBT_LATE, 0);
    assert_int_equal(state_of(hall).debts_owed, 1);
    hall_clock_ahead(61 * NS_PER_S);
    wait_for(hall, EVIDENCE_DEBT_LATE, 1);
    detail_is(hall, EVIDENCE_DEBT_LATE, "copies 2 (debt-rules/it): late");
    assert_int_equal(seen.entry.span_first, owed.first.index);
    assert_int_equal(seen.entry.decision, EVIDENCE_WARN);
    stays_at(hall, EVIDENCE_DEBT_LATE, 1);
    struct gate_state s = state_of(hall);
    assert_int_equal(s.debts_owed, 0);
    assert_int_equal(s.debts_late, 1);
    assert_int_equal(s.debts_late_since, 1);
    assert_true(s.debts_due_ns == INT64_MAX);
    hall_stop(hall);
    hall_start(hall);
    stays_at(hall, EVIDENCE_DEBT_LATE, 1);
    assert_int_equal(debts_of(hall, true).count, 1);
}

static void a_debt_falls_due_while_the_store_is_down(void **state) {
    struct hall *hall = *state;
    assert_int_equal(root_puts(hall, "tested-a", "k", "x").code, OK);
    hall_stop(hall);
    hall_clock_ahead(25 * HOUR_NS);
    hall->options.is_command = true; /* a command that opens DATA leaves it to the store */
    hall_start(hall);
    stays_at(hall, EVIDENCE_DEBT_LATE, 0);
    hall_stop(hall);
    hall->options.is_command = false;
    hall_start(hall);
    wait_for(hall, EVIDENCE_DEBT_LATE, 1);
    stays_at(hall, EVIDENCE_DEBT_LATE, 1);
}

/* More at once than one turn takes, in two accounts; the next due is of those that are left. */
static void many_are_late_and_the_next_is_known(void **state) {
    struct hall *hall = *state;
    for (int i = 0; i < 150; i++) {
        char key[16];
        snprintf(key, sizeof key, "k%d", i);
        assert_int_equal(root_puts(hall, "tested-a", key, "x").code, OK);
        if (i % 10 == 0)
            assert_int_equal(root_makes(hall, "owing-a").code, i == 0 ? OK : FAIL_BUCKET_OWNED);
    }
    hall_clock_ahead(12 * HOUR_NS);
    assert_int_equal(root_puts(hall, "owing-a", "k", "x").code, OK);
    hall_clock_ahead(13 * HOUR_NS);
    wait_for(hall, EVIDENCE_DEBT_LATE, 150);
    struct gate_state s = state_of(hall);
    assert_int_equal(s.debts_late, 150);
    assert_int_equal(s.debts_owed, 1);
    assert_int_equal(s.owed_count, 2);
    assert_true(s.debts_due_ns > clock_wall_ns() + 10 * HOUR_NS);
    assert_true(s.debts_due_ns < clock_wall_ns() + 12 * HOUR_NS);
    struct found late = debts_of(hall, true);
    assert_int_equal(late.count, 150);
    hall_clock_ahead(12 * HOUR_NS);
    wait_for(hall, EVIDENCE_DEBT_LATE, 151);
}

/* ---- met ---- */

static void the_register_comes_to_show_the_copies(void **state) {
    struct hall *hall = *state;
    for (int i = 0; i < 3; i++) {
        char key[16];
        snprintf(key, sizeof key, "k%d", i);
        assert_int_equal(root_puts(hall, "tested-a", key, "x").code, OK);
    }
    hall_clock_ahead(25 * HOUR_NS);
    wait_for(hall, EVIDENCE_DEBT_LATE, 3);
    assert_int_equal(root_puts(hall, "tested-a", "in time", "x").code, OK);
    hall_edit(hall, hall_register(hall), "class: tested,",
              "class: tested, copies: [{site: there, kind: replica}],");
    reload(hall);
    wait_for(hall, EVIDENCE_DEBT_MET, 4); /* late ones too */
    detail_is(hall, EVIDENCE_DEBT_MET, "met, the register shows copies.count");
    assert_int_equal(state_of(hall).debts, 0);
    assert_int_equal(debts_of(hall, false).count, 0);
    /* What the register places is not owed in the first place. */
    uint64_t before = entries(hall);
    assert_int_equal(root_puts(hall, "tested-a", "after", "x").code, OK);
    assert_int_equal(entries_of(hall, EVIDENCE_DEBT_OWED, before), 0);
    hall_stop(hall);
    hall_start(hall);
    stays_at(hall, EVIDENCE_DEBT_MET, 4);
}

static void a_start_that_becomes_known_gives_a_due_time(void **state) {
    struct hall *hall = *state;
    oblige_put(hall, "own", "keep_at_most: {length: 30 d, start: request.received}");
    assert_int_equal(root_puts(hall, "tested-a", "k", "x").code, OK);
    detail_is(hall, EVIDENCE_DEBT_OWED, "due unknown: request.received is not known");
    struct found owed = debts_of(hall, false);
    assert_true(owed.first.due_ns == INT64_MAX);
    char row[256], day[CLOCK_TEXT_BYTES];
    clock_iso_s_write(clock_wall_ns() - 10 * DAY_NS, day);
    snprintf(row, sizeof row,
             "requests:\n  - {id: r-1, kind: deletion, covers: [tested], received: \"%.10s\"}\n"
             "documents:\n",
             day);
    hall_edit(hall, hall_register(hall), "documents:\n", row);
    reload(hall);
    for (int i = 0; i < 100 && debts_of(hall, false).first.due_ns == INT64_MAX; i++) usleep(50000);
    owed = debts_of(hall, false);
    assert_true(owed.first.due_ns < clock_wall_ns() + 20 * DAY_NS);
    assert_true(owed.first.due_ns > clock_wall_ns() + 18 * DAY_NS);
    hall_clock_ahead(21 * DAY_NS);
    wait_for(hall, EVIDENCE_DEBT_LATE, 1);
}

static void beginning_is_owed_once_and_met_by_the_act(void **state) {
    struct hall *hall = *state;
    char row[256], day[CLOCK_TEXT_BYTES];
    clock_iso_s_write(clock_wall_ns() - 10 * DAY_NS, day);
    oblige_put(hall, "own", "begin: {start: request.received, within: 12 months}");
    assert_int_equal(root_puts(hall, "tested-a", "k1", "x").code, OK);
    assert_int_equal(root_puts(hall, "tested-a", "k2", "x").code, OK);
    assert_int_equal(entries_of(hall, EVIDENCE_DEBT_OWED, 0), 1);
    stays_at(hall, EVIDENCE_DEBT_MET, 0); /* nobody knows whether it is in time */
    snprintf(row, sizeof row,
             "requests:\n  - {id: r-1, kind: store-in-country, received: \"%.10s\"}\ndocuments:\n",
             day);
    hall_edit(hall, hall_register(hall), "documents:\n", row);
    reload(hall);
    wait_for(hall, EVIDENCE_DEBT_MET, 1);
    assert_int_equal(root_puts(hall, "tested-a", "k3", "x").code, OK);
    assert_int_equal(entries_of(hall, EVIDENCE_DEBT_OWED, 0), 1);
}

static void what_is_deleted_is_not_owed_any_more(void **state) {
    struct hall *hall = *state;
    assert_int_equal(root_puts(hall, "tested-a", "deleted", "x").code, OK);
    assert_int_equal(root_puts(hall, "tested-a", "replaced", "x").code, OK);
    oblige_put(hall, "own", "keep_at_most: {length: 1 d}");
    assert_int_equal(root_puts(hall, "tested-a", "kept too long", "x").code, OK);
    assert_int_equal(state_of(hall).debts_owed, 3);
    struct once gone = root_deletes(hall, "tested-a", "deleted");
    assert_int_equal(gone.code, OK);
    assert_int_equal(entries_of(hall, EVIDENCE_DEBT_MET, 0), 1);
    char by[64];
    snprintf(by, sizeof by, "gone by entry %llu", (unsigned long long)receipt_index(gone.receipt));
    detail_is(hall, EVIDENCE_DEBT_MET, by);
    assert_int_equal(root_puts(hall, "tested-a", "replaced", "y").code, OK);
    assert_int_equal(entries_of(hall, EVIDENCE_DEBT_MET, 0), 2);
    hall_clock_ahead(25 * HOUR_NS);
    wait_for(hall, EVIDENCE_DEBT_LATE, 2); /* the one kept too long, and what replaced */
    assert_int_equal(root_deletes(hall, "tested-a", "kept too long").code, OK);
    assert_int_equal(entries_of(hall, EVIDENCE_DEBT_MET, 0), 3);
    assert_int_equal(state_of(hall).debts_late, 1);
}

static void a_return_is_shown_by_the_deletion_and_the_copy(void **state) {
    struct hall *hall = *state;
    oblige_put(hall, "own",
               "return: {start: act.processed_at, within: 24 h, do: [{keep_copy_in: [\"US\"]}, "
               "delete-here], shown_by: deletion-receipt}");
    assert_int_equal(root_puts(hall, "tested-a", "k", "x").code, OK);
    assert_int_equal(root_puts(hall, "tested-a", "stays", "x").code, OK);
    assert_int_equal(root_deletes(hall, "tested-a", "k").code, OK);
    assert_int_equal(entries_of(hall, EVIDENCE_DEBT_MET, 0), 0); /* no copy in US is shown */
    assert_true(debts_of(hall, false).first.object_gone);
    hall_edit(hall, hall_register(hall), "class: tested,",
              "class: tested, copies: [{site: there, kind: replica}],");
    reload(hall);
    wait_for(hall, EVIDENCE_DEBT_MET, 1); /* the other is still here */
    assert_int_equal(root_deletes(hall, "tested-a", "stays").code, OK);
    assert_int_equal(entries_of(hall, EVIDENCE_DEBT_MET, 0), 2);
}

/* ---- paid by hand ---- */

static void a_document_pays_and_says_so(void **state) {
    struct hall *hall = *state;
    const char *reader = user_makes(hall, "reader", "*", "read");
    oblige_put(hall, "own", "approvals: {value: 2, within: 7 d}");
    assert_int_equal(root_puts(hall, "tested-a", "k", "x").code, OK);
    char index[32], id[128];
    snprintf(index, sizeof index, "%llu", (unsigned long long)debts_of(hall, false).first.index);
    snprintf(id, sizeof id, "hall.example/log#%s", index);
    const struct {
        const char *id, *document;
        enum error_code code;
    } cases[] = {{id, "no-such-paper", FAIL_NOT_FOUND},
                 {id, "loose", FAIL_USAGE}, /* without its digest nothing is attested */
                 {"hall.example/log#1000000", "paper", FAIL_NOT_FOUND},
                 {"hall.example/log/2#1", "paper", FAIL_NOT_FOUND},
                 {"the first", "paper", FAIL_USAGE},
                 {index, "paper", OK},
                 {id, "paper", FAIL_EXISTS}};
    struct guest *g = guest_enters(hall, str_from_c(reader));
    assert_int_equal(gate_debt_pay(&g->visit, str_from_c(id), STR("paper"), &g->answer, &g->e),
                     FAIL_ACCESS_DENIED);
    struct gate_debt_filter filter = {.max = 10};
    struct found found = {0};
    assert_int_equal(gate_debt_list(&g->visit, &filter, found_add, &found, &g->e),
                     FAIL_ACCESS_DENIED);
    leaves(g);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        g = root_enters(hall);
        enum error_code code = gate_debt_pay(&g->visit, str_from_c(cases[i].id),
                                             str_from_c(cases[i].document), &g->answer, &g->e);
        if (code != cases[i].code) fail_msg("%s: %s", cases[i].document, g->e.message);
        leaves(g);
    }
    assert_int_equal(entries_of(hall, EVIDENCE_DEBT_MET, 0), 1);
    detail_is(hall, EVIDENCE_DEBT_MET, "attested by documents/paper (2026-11-01");
    g = root_enters(hall);
    struct gate_debt shown;
    assert_ok(gate_debt_show(&g->visit, str_from_c(id), &shown, &g->e), &g->e);
    assert_int_equal(shown.state, GATE_DEBT_MET);
    assert_str(shown.bucket, STR("tested-a"));
    assert_str(shown.key, STR("k"));
    leaves(g);
}

/* ---- keeping ---- */

static enum error_code delete_version(struct hall *hall, const char *bucket, const char *key,
                                      const char *version) {
    struct guest *g = root_enters(hall);
    struct gate_delete row = {
        .key = str_from_c(key), .with_version = true, .version = str_from_c(version)};
    enum error_code code = gate_delete(&g->visit, str_from_c(bucket), &row, 1, &g->answer, &g->e);
    leaves(g);
    return code == OK ? row.code : code;
}

static void what_must_be_kept_is_not_deleted(void **state) {
    struct hall *hall = *state;
    char text[64];
    oblige_put(hall, "own", "keep_at_least: {length: 10 d}");
    assert_int_equal(root_puts(hall, "tested-a", "k", "x").code, OK);
    uint64_t before = entries(hall);
    struct once refused = root_deletes(hall, "tested-a", "k");
    assert_int_equal(refused.code, FAIL_REFUSED);
    assert_string_equal(refused.clauses, "debt-rules/it");
    entry_read(hall, receipt_index(refused.receipt), &seen);
    assert_int_equal(seen.entry.type, EVIDENCE_REFUSE);
    assert_int_equal(seen.entry.clauses[0].effect, EVIDENCE_EFFECT_REFUSE);
    assert_str(seen.opening.values.of[EVIDENCE_KEY], STR("k"));
    assert_string_equal(root_deletes(hall, "tested-a", "k").receipt, refused.receipt); /* folded */
    /* Writing over it is deleting it. */
    struct once over = root_puts(hall, "tested-a", "k", "y");
    assert_int_equal(over.code, FAIL_REFUSED);
    assert_non_null(strstr(over.message, "debt-rules/it: it must be kept until"));
    assert_int_equal(entries_of(hall, EVIDENCE_REFUSE, before), 2);
    root_gets(hall, "tested-a", "k", text);
    assert_string_equal(text, "x");
    assert_int_equal(root_deletes(hall, "tested-a", "never was").code, OK);
    /* Allowed once the time is over, not a minute before. */
    hall_clock_ahead(10 * DAY_NS - 60 * NS_PER_S);
    assert_int_equal(root_deletes(hall, "tested-a", "k").code, FAIL_REFUSED);
    hall_clock_ahead(61 * NS_PER_S);
    assert_int_equal(root_deletes(hall, "tested-a", "k").code, OK);
}

static void versions_that_must_be_kept(void **state) {
    struct hall *hall = *state;
    struct error e;
    oblige_put(hall, "own", "keep_at_least: {length: 10 d}");
    struct guest *g = root_enters(hall);
    assert_ok(gate_bucket_versioning(&g->visit, STR("tested-a"), STORE_ENABLED, &g->answer, &g->e),
              &g->e);
    leaves(g);
    struct once first = root_puts(hall, "tested-a", "k", "x");
    assert_int_equal(root_puts(hall, "tested-a", "k", "y").code, OK); /* the older one stays */
    assert_int_equal(root_deletes(hall, "tested-a", "k").code, OK);   /* a marker hides, no more */
    assert_int_equal(delete_version(hall, "tested-a", "k", first.version), FAIL_REFUSED);
    /* Suspended: a null version goes with the next one, or with a marker. */
    g = root_enters(hall);
    assert_ok(
        gate_bucket_versioning(&g->visit, STR("tested-a"), STORE_SUSPENDED, &g->answer, &g->e),
        &g->e);
    leaves(g);
    assert_int_equal(root_puts(hall, "tested-a", "n", "x").code, OK);
    assert_int_equal(root_puts(hall, "tested-a", "n", "y").code, FAIL_REFUSED);
    assert_int_equal(root_deletes(hall, "tested-a", "n").code, FAIL_REFUSED);
    assert_int_equal(delete_version(hall, "tested-a", "n", "null"), FAIL_REFUSED);
    (void)e;
}

/* Of a call of many keys each is judged for itself, and the visit's memory is enough. */
static void many_keys_of_which_some_must_be_kept(void **state) {
    struct hall *hall = *state;
    enum { KEYS = 300 };
    static char keys[KEYS][8];
    static struct gate_delete rows[KEYS];
    oblige_put(hall, "own", "copies: 1");
    for (int i = 0; i < KEYS; i++) {
        snprintf(keys[i], sizeof keys[i], "k%d", i);
        if (i == 10) {
            oblige_put(hall, "own", "keep_at_least: {length: 10 d}");
            hall_clock_ahead(11 * DAY_NS); /* the first ten are old enough */
        }
        assert_int_equal(root_puts(hall, "tested-a", keys[i], "x").code, OK);
    }
    memset(rows, 0, sizeof rows);
    for (int i = 0; i < KEYS; i++) rows[i].key = str_from_c(keys[i]);
    uint64_t before = entries(hall);
    struct guest *g = root_enters(hall);
    assert_ok(gate_delete(&g->visit, STR("tested-a"), rows, KEYS, &g->answer, &g->e), &g->e);
    for (int i = 0; i < KEYS; i++) {
        assert_int_equal(rows[i].code, i < 10 ? OK : FAIL_REFUSED);
        if (i >= 10) assert_true(rows[i].message.len > 0);
    }
    leaves(g);
    assert_int_equal(entries_of(hall, EVIDENCE_DELETE, before), 10);
    assert_int_equal(entries_of(hall, EVIDENCE_REFUSE, before), 1);
}

static void a_start_nobody_knows_keeps_for_good(void **state) {
    struct hall *hall = *state;
    oblige_put(hall, "own", "keep_at_least: {length: 1 d, start: contract.ends}");
    assert_int_equal(root_puts(hall, "tested-a", "k", "x").code, OK);
    hall_clock_ahead(400 * DAY_NS);
    struct once refused = root_deletes(hall, "tested-a", "k");
    assert_int_equal(refused.code, FAIL_REFUSED);
    /* A clause that only asks lets it go, and warns. */
    oblige_put(hall, "should", "keep_at_least: {length: 1 d, start: contract.ends}");
    struct once gone = root_deletes(hall, "tested-a", "k");
    assert_int_equal(gone.code, OK);
    entry_read(hall, receipt_index(gone.receipt), &seen);
    assert_int_equal(seen.entry.decision, EVIDENCE_WARN);
    assert_int_equal(seen.entry.clauses[0].effect, EVIDENCE_EFFECT_WARN);
}

/* A purpose the deleter states does not undo what bound the writer. */
static void another_purpose_does_not_let_it_go(void **state) {
    struct hall *hall = *state;
    rules_put(hall, "  - id: it\n    about: copy\n    source: {basis: own, where: \"here\"}\n"
                    "    strength: own\n    applies: {act: [put], dataset.class: [tested], "
                    "act.purpose: [billing]}\n    oblige:\n      keep_at_least: {length: 10 d}\n");
    struct guest *g = root_enters(hall);
    g->visit.purpose = STR("billing");
    assert_int_equal(put(g, "tested-a", "k", STR("x")), OK);
    leaves(g);
    g = root_enters(hall);
    g->visit.purpose = STR("cleaning");
    struct gate_delete row = {.key = STR("k")};
    assert_ok(gate_delete(&g->visit, STR("tested-a"), &row, 1, &g->answer, &g->e), &g->e);
    assert_int_equal(row.code, FAIL_REFUSED);
    leaves(g);
}

/* ---- what refuses comes first, and what is excepted does not refuse ---- */

static void clauses_by_weight(void **state) {
    struct hall *hall = *state;
    const char *second = user_makes(hall, "second", "*", "admin");
    static const char clause[] =
        "  - id: %s\n    about: copy\n    source: {basis: own, where: \"here\"}\n"
        "    strength: %s\n    applies: {act: [put], dataset.class: [tested]}\n"
        "    require:\n      - place.country in [\"%s\"]\n";
    static const struct {
        const char *id, *strength, *country;
    } all[] = {{"a.passes", "own", "JP"},     {"b.asks", "should", "NZ"},
               {"c.own", "own", "NZ"},        {"d.law", "law", "NZ"},
               {"e.wish", "desirable", "NZ"}, {"f.contract", "contract", "NZ"},
               {"a.own", "own", "NZ"}};
    char clauses[4096] = "";
    for (size_t i = 0; i < COUNT_OF(all); i++)
        snprintf(clauses + strlen(clauses), sizeof clauses - strlen(clauses), clause, all[i].id,
                 all[i].strength, all[i].country);
    rules_put(hall, clauses);
    struct once refused = root_puts(hall, "tested-a", "k", "x");
    assert_int_equal(refused.code, FAIL_REFUSED);
    assert_string_equal(refused.clauses,
                        "debt-rules/d.law debt-rules/f.contract debt-rules/a.own debt-rules/c.own "
                        "debt-rules/b.asks debt-rules/e.wish debt-rules/a.passes");
    /* With the two own clauses excepted they come behind what warns, and the text names them not. */
    struct guest *g = root_enters(hall), *other = guest_enters(hall, str_from_c(second));
    static const char *const excepted[] = {"debt-rules/a.own", "debt-rules/c.own"};
    for (size_t i = 0; i < COUNT_OF(excepted); i++) {
        struct gate_exception x = {.clause = str_from_c(excepted[i]),
                                   .from_ns = clock_wall_ns(),
                                   .until_ns = clock_wall_ns() + HOUR_NS,
                                   .reason = STR("moving")};
        assert_ok(gate_exception_propose(&g->visit, &x, &g->answer, &g->e), &g->e);
        assert_ok(gate_exception_approve(&other->visit, x.id, &other->answer, &other->e),
                  &other->e);
    }
    leaves(other);
    leaves(g);
    refused = root_puts(hall, "tested-a", "k", "x");
    assert_int_equal(refused.code, FAIL_REFUSED);
    assert_string_equal(refused.clauses,
                        "debt-rules/d.law debt-rules/f.contract debt-rules/b.asks "
                        "debt-rules/e.wish debt-rules/a.own debt-rules/c.own debt-rules/a.passes");
    assert_null(strstr(refused.message, "a.own"));
    assert_null(strstr(refused.message, "c.own"));
    assert_non_null(strstr(refused.message, "debt-rules/d.law"));
    /* What the page calls the deciding clause is one that refused. */
    struct gate_state *s = calloc(1, sizeof *s);
    struct arena_space space;
    struct arena arena;
    struct error e;
    assert_ok(arena_space_open(&space, 4 << 20, &arena, &e), &e);
    assert_ok(gate_state_read(hall->gate, &arena, s, &e), &e);
    assert_int_equal(s->recent[0].effect, GATE_REFUSE);
    assert_null(strstr(s->recent[0].clause.at, "own"));
    arena_space_release(&space);
    free(s);
}

/* ---- facts that are long ---- */

/* Seen once: a register row of many holders made each decision that read it an error. */
static void facts_of_any_length_are_recorded(void **state) {
    struct hall *hall = *state;
    static const unsigned holders[] = {10, 40, 80, 120, 600, 3000};
    static char row[1 << 19];
    char before_row[64] = "seats: {complete: true, as_of: 2026-01-01, items: [JP]}";
    rules_put(hall, "  - id: it\n    about: copy\n    source: {basis: own, where: \"here\"}\n"
                    "    strength: should\n    applies: {act: [put, copy, get], dataset.class: "
                    "[tested]}\n    require:\n      - every entity.holders has (it.seats subset of "
                    "[\"JP\"])\n");
    char *had = NULL;
    for (size_t i = 0; i < COUNT_OF(holders); i++) {
        struct text text = text_into(row, sizeof row - 1);
        text_format(&text, "%s\n    holders:\n", before_row);
        for (unsigned k = 0; k < holders[i]; k++)
            text_format(&text,
                        "      - {name: \"holder number %u of the company\", kind: person, "
                        "seats: [JP], capital: 0.01 %%}\n",
                        k);
        assert_false(text.overflow);
        row[text.len] = 0;
        char path[160];
        snprintf(path, sizeof path, "%s", hall_register(hall));
        /* The fixture's editing is for small files: this one is written whole. */
        if (had == NULL) {
            FILE *f = fopen(path, "r");
            had = calloc(1, 65536);
            assert_true(fread(had, 1, 65535, f) > 0);
            fclose(f);
        }
        char *at = strstr(had, before_row);
        assert_non_null(at);
        FILE *f = fopen(path, "w");
        fwrite(had, 1, (size_t)(at - had), f);
        fputs(row, f);
        fputs(at + strlen(before_row), f);
        fclose(f);
        reload(hall);
        char key[16];
        snprintf(key, sizeof key, "k%zu", i);
        struct guest *g = root_enters(hall);
        g->visit.request_id = str_from_c(key);
        enum error_code code = put(g, "tested-a", key, STR("x"));
        if (code != OK) fail_msg("%u holders: %s", holders[i], g->e.message);
        leaves(g);
        struct gate_copy copy = {.source = {.bucket = STR("tested-a"), .key = str_from_c(key)},
                                 .target = {.bucket = STR("tested-a"), .key = STR("copied")}};
        str version;
        g = root_enters(hall);
        assert_ok(gate_copy(&g->visit, &copy, &g->stored, &version, &g->answer, &g->e), &g->e);
        leaves(g);
        g = local_enters(hall);
        static char memory[1 << 20];
        struct text why = text_into(memory, sizeof memory - 1);
        assert_ok(gate_why(&g->visit, str_from_c(key), &why, &g->e), &g->e);
        memory[why.len] = 0;
        leaves(g);
        bool whole = strstr(memory, "holder number 0 of the company") != NULL;
        bool committed = strstr(memory, "entity.holders is held as a commitment only") != NULL;
        assert_int_equal(whole, holders[i] <= 80);
        assert_int_equal(committed, holders[i] > 80);
    }
    free(had);
}

static void fact_collect(void *self, const char *name, str text) {
    if (strncmp(name, "fact", 4) == 0) text_format(self, "%-9s %.*s\n", name, STR_FMT(text));
}

/* The verifier reads a decision without the rulebook, by a reader of its own. */
static void verifier_says_the_same(str bytes, const char *told) {
    static char line[1 << 18], memory[65536];
    struct text collected = text_into(memory, sizeof memory - 1);
    struct error e;
    assert_ok(
        evidence_facts_tell(bytes, text_into(line, sizeof line), fact_collect, &collected, &e), &e);
    memory[collected.len] = 0;
    assert_string_equal(memory, told);
}

/* However little room there is, something true is kept: all, all but the longest, or a digest. */
static void a_decision_too_long_even_so_is_held_by_its_digest(void **state) {
    struct hall *hall = *state;
    static char memory[1 << 20], told[65536];
    const struct gate_rules *rules = atomic_load(&hall->gate->world)->rules;
    const struct gate_dataset *dataset = gate_dataset_find(rules, STR("mystery"));
    struct rulebook_decision decision;
    struct rulebook_facts nobody = {0};
    struct error e;
    size_t before = SIZE_MAX;
    for (size_t i = 0; i < 3; i++) {
        size_t room = i == 0 ? LIMIT_DECISION_BYTES : i == 1 ? before - 1 : 40;
        struct arena near = arena_over(memory, sizeof memory / 2),
                     scratch = arena_over(memory + sizeof memory / 2, sizeof memory / 2);
        str bytes;
        assert_ok(rulebook_decide(gate_table_find(dataset, STR("put")), &nobody, clock_wall_ns(),
                                  &near, scratch, &decision, &e),
                  &e);
        assert_ok(gate_facts_write(&decision, room, &near, scratch, &bytes, &e), &e);
        assert_true(bytes.len <= room && bytes.len < before);
        before = bytes.len;
        struct text text = text_into(told, sizeof told - 1);
        assert_ok(gate_decision_tell(bytes, near, &text, &e), &e);
        told[text.len] = 0;
        assert_int_equal(strstr(told, "too many to be kept: SHA-256") != NULL, i == 2);
        assert_int_equal(strstr(told, "commitment only") != NULL, i == 1);
        verifier_says_the_same(bytes, told);
    }
}

/* ---- why, of what was only counted ---- */

static enum error_code why_of(struct hall *hall, const char *request, char out[8192]) {
    struct guest *g = local_enters(hall);
    struct text text = text_into(out, 8191);
    enum error_code code = gate_why(&g->visit, str_from_c(request), &text, &g->e);
    out[text.len] = 0;
    leaves(g);
    return code;
}

static void why_finds_a_repeat(void **state) {
    struct hall *hall = *state;
    char text[8192], first_said[64], id[32];
    oblige_put(hall, "own", "approvals: 1");
    uint64_t first = 0;
    for (int i = 0; i < 5; i++) {
        struct guest *g = root_enters(hall);
        snprintf(id, sizeof id, "repeat-%d", i);
        g->visit.request_id = str_from_c(id);
        struct once refused = once_of(g, put(g, "tested-a", "k", STR("x")));
        assert_int_equal(refused.code, FAIL_REFUSED);
        if (i == 0) first = receipt_index(refused.receipt);
    }
    snprintf(first_said, sizeof first_said, "hall.example/log#%llu", (unsigned long long)first);
    assert_int_equal(why_of(hall, "repeat-0", text), OK);
    assert_null(strstr(text, "repeat    "));
    assert_int_equal(why_of(hall, "repeat-3", text), OK); /* while the minute runs */
    assert_non_null(strstr(text, "4 so far"));
    assert_non_null(strstr(text, first_said));
    assert_non_null(strstr(text, "debt-rules/it refuses"));
    hall_clock_ahead(61 * NS_PER_S);
    wait_for(hall, EVIDENCE_FOLD, 1);
    for (int restarted = 0; restarted < 2; restarted++) {
        assert_int_equal(why_of(hall, "repeat-4", text), OK);
        assert_non_null(strstr(text, "one of 4 that followed"));
        assert_non_null(strstr(text, first_said));
        assert_non_null(strstr(text, "debt-rules/it refuses"));
        assert_int_equal(why_of(hall, "repeat-5", text), FAIL_NOT_FOUND);
        assert_int_equal(why_of(hall, "repeat", text), FAIL_NOT_FOUND);
        hall_stop(hall);
        hall_start(hall);
    }
}

/* ---- crashes ---- */

static void counts_hold(struct hall *hall) {
    struct gate_state s = state_of(hall);
    struct found all = debts_of(hall, false), late = debts_of(hall, true);
    assert_int_equal(s.debts, all.count);
    assert_int_equal(s.debts_late, late.count);
    assert_int_equal(s.debts_owed + s.debts_late, s.debts);
    assert_int_equal(entries_of(hall, EVIDENCE_DEBT_OWED, 0),
                     s.debts + entries_of(hall, EVIDENCE_DEBT_MET, 0));
}

/* Every call of the engine fails once, while a debt is made, becomes late and is met: whatever was
 * withdrawn, rows, counts and entries agree, and nothing happens twice. */
static void every_call_fails_once(void **state) {
    struct hall *hall = *state;
    gate_keeper_close(hall->gate); /* its turns would take the failure */
    bool any = false;
    uint64_t n = 1;
    for (; n < 400; n++) {
        char key[16];
        snprintf(key, sizeof key, "k%llu", (unsigned long long)n);
        engine_lab_fail_at(hall->gate->engine, n);
        struct guest *g = root_enters(hall);
        enum error_code code = put(g, "tested-a", key, STR("x"));
        bool reached = engine_lab_calls(hall->gate->engine) >= n;
        engine_lab_fail_at(hall->gate->engine, 0);
        leaves(g);
        any = any || code != OK;
        counts_hold(hall);
        if (!reached) break;
    }
    assert_true(any && n < 400);
    unsigned owed = entries_of(hall, EVIDENCE_DEBT_OWED, 0);
    hall_clock_ahead(25 * HOUR_NS);
    any = false;
    for (n = 1; n < 4000; n++) {
        engine_lab_fail_at(hall->gate->engine, n);
        while (gate_debts_tend(hall->gate)) {
        }
        bool reached = engine_lab_calls(hall->gate->engine) >= n;
        engine_lab_fail_at(hall->gate->engine, 0);
        if (n % 16 == 1 || !reached) counts_hold(hall);
        any = any || entries_of(hall, EVIDENCE_DEBT_LATE, 0) == 0;
        if (!reached || entries_of(hall, EVIDENCE_DEBT_LATE, 0) == owed) break;
    }
    assert_true(any);
    assert_int_equal(entries_of(hall, EVIDENCE_DEBT_LATE, 0), owed);
    counts_hold(hall);
    hall_edit(hall, hall_register(hall), "class: tested,",
              "class: tested, copies: [{site: there, kind: replica}],");
    reload(hall);
    for (n = 1; n < 4000 && entries_of(hall, EVIDENCE_DEBT_MET, 0) < owed; n++) {
        engine_lab_fail_at(hall->gate->engine, n);
        while (gate_debts_tend(hall->gate)) {
        }
        engine_lab_fail_at(hall->gate->engine, 0);
        if (n % 16 == 1) counts_hold(hall);
    }
    assert_true(n > 2);
    assert_int_equal(entries_of(hall, EVIDENCE_DEBT_MET, 0), owed);
    assert_int_equal(entries_of(hall, EVIDENCE_DEBT_LATE, 0), owed);
    counts_hold(hall);
}

#define IN_A_HALL(f) cmocka_unit_test_setup_teardown(f, with_rules, hall_close)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_A_HALL(each_kind_is_done_owed_or_refused),
        IN_A_HALL(a_debt_is_late_when_its_time_passes_and_once),
        IN_A_HALL(a_debt_falls_due_while_the_store_is_down),
        IN_A_HALL(many_are_late_and_the_next_is_known),
        IN_A_HALL(the_register_comes_to_show_the_copies),
        IN_A_HALL(a_start_that_becomes_known_gives_a_due_time),
        IN_A_HALL(beginning_is_owed_once_and_met_by_the_act),
        IN_A_HALL(what_is_deleted_is_not_owed_any_more),
        IN_A_HALL(a_return_is_shown_by_the_deletion_and_the_copy),
        IN_A_HALL(a_document_pays_and_says_so),
        IN_A_HALL(what_must_be_kept_is_not_deleted),
        IN_A_HALL(versions_that_must_be_kept),
        IN_A_HALL(many_keys_of_which_some_must_be_kept),
        IN_A_HALL(a_start_nobody_knows_keeps_for_good),
        IN_A_HALL(another_purpose_does_not_let_it_go),
        IN_A_HALL(clauses_by_weight),
        IN_A_HALL(facts_of_any_length_are_recorded),
        IN_A_HALL(a_decision_too_long_even_so_is_held_by_its_digest),
        IN_A_HALL(why_finds_a_repeat),
        cmocka_unit_test_setup_teardown(every_call_fails_once, with_rules_in_a_lab, hall_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
