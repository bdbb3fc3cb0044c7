/* What the gate decides, says and records: one clause a class of data (tests/data/gate). */
#include "tests/gate/hall.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

static struct seen seen;

static void is_entry(struct hall *hall, const char *receipt, enum evidence_type type) {
    entry_read(hall, receipt_index(receipt), &seen);
    if (seen.entry.type != type)
        fail_msg("entry %s is a %s", receipt, evidence_type_name(seen.entry.type));
}

static void allowed_acts_are_kept_with_their_entry(void **state) {
    struct hall *hall = *state;
    char text[64];
    struct once made = root_makes(hall, "plain-a");
    assert_int_equal(made.code, OK);
    is_entry(hall, made.receipt, EVIDENCE_BUCKET_CREATE);
    struct once kept = root_puts(hall, "plain-a", "k", "hello");
    assert_int_equal(kept.code, OK);
    assert_true(kept.answer.decided);
    assert_int_equal(kept.answer.effect, GATE_ALLOW);
    assert_string_equal(kept.clauses, "");
    assert_string_equal(kept.version, "");
    is_entry(hall, kept.receipt, EVIDENCE_PUT);
    assert_int_equal(seen.entry.decision, EVIDENCE_ALLOW);
    assert_true(seen.opened);
    const str *of = seen.opening.values.of;
    char who[128];
    snprintf(who, sizeof who, "root/%s", hall->root_key);
    assert_str(of[EVIDENCE_BUCKET], STR("plain-a"));
    assert_str(of[EVIDENCE_KEY], STR("k"));
    assert_str(of[EVIDENCE_VERSION], STR("null"));
    assert_str(of[EVIDENCE_USER], str_from_c(who));
    assert_str(of[EVIDENCE_ADDRESS], str_of("\xc0\x00\x02\x07", 4));
    assert_str(of[EVIDENCE_DATASET], STR("plain"));
    assert_str(of[EVIDENCE_REQUEST], STR("request-1"));
    assert_int_equal(read_be64(of[EVIDENCE_SIZE].at), 5);
    assert_true(of[EVIDENCE_FACTS].len > 0);
    /* An ordinary read leaves nothing. */
    uint64_t before = entries(hall);
    struct once got = root_gets(hall, "plain-a", "k", text);
    assert_int_equal(got.code, OK);
    assert_string_equal(text, "hello");
    assert_string_equal(got.receipt, "");
    assert_int_equal(entries(hall), before);
    struct once gone = root_deletes(hall, "plain-a", "k");
    assert_int_equal(gone.code, OK);
    is_entry(hall, gone.receipt, EVIDENCE_DELETE);
    assert_int_equal(root_gets(hall, "plain-a", "k", text).code, FAIL_NO_SUCH_KEY);
}

/* A clause about what partners may reach was unknown at every gate: session.target was given by none. */
static void a_session_reaches_what_the_contract_lets_it_reach(void **state) {
    struct hall *hall = *state;
    hall_edit(hall, hall_register(hall), "datasets:\n",
              "contracts:\n  - {id: care, access: {complete: true, as_of: 2026-01-01, items: "
              "[meters]}}\n"
              "systems:\n  - {id: meters}\n"
              "datasets:\n"
              "  - {id: cared, operator: acme-op, class: cared, systems: [meters], contract: care, "
              "buckets: [\"cared-*\"]}\n"
              "  - {id: astray, operator: acme-op, class: cared, contract: care, buckets: "
              "[\"astray-*\"]}\n"
              "  - {id: unsaid, operator: acme-op, class: cared, buckets: [\"unsaid-*\"]}\n");
    hall_edit(hall, hall_rules(hall), "clauses:\n",
              "clauses:\n  - id: access\n    about: session\n"
              "    source: {basis: own, where: \"tests, 30\"}\n    strength: own\n"
              "    applies: {act: [administer], dataset.class: [cared]}\n"
              "    require:\n      - session.target in @contract.access\n");
    hall_stop(hall);
    hall_start(hall);
    assert_int_equal(root_makes(hall, "cared-a").code, OK);
    static const struct {
        const char *bucket;
        bool is_unknown;
    } refused[] = {{"astray-a", false}, {"unsaid-a", true}};
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        uint64_t before = entries(hall);
        struct once made = root_makes(hall, refused[i].bucket);
        assert_int_equal(made.code, FAIL_REFUSED);
        assert_string_equal(made.clauses, "test-rules/access");
        entry_read(hall, before, &seen);
        assert_int_equal(seen.entry.type, EVIDENCE_REFUSE);
        bool was_unknown = (seen.entry.clauses[0].effect & EVIDENCE_EFFECT_UNKNOWN) != 0;
        assert_row(refused[i].bucket, was_unknown == refused[i].is_unknown);
    }
}

static void warnings_let_through_and_say_so(void **state) {
    struct hall *hall = *state;
    assert_int_equal(root_makes(hall, "advised-a").code, OK);
    struct once kept = root_puts(hall, "advised-a", "k", "hello");
    assert_int_equal(kept.code, OK);
    assert_int_equal(kept.answer.effect, GATE_WARN);
    assert_string_equal(kept.clauses, "test-rules/advice");
    is_entry(hall, kept.receipt, EVIDENCE_PUT);
    assert_int_equal(seen.entry.decision, EVIDENCE_WARN);
    assert_int_equal(seen.entry.clause_count, 1);
    /* place.kind is not in the register: unknown, which is never a pass. */
    assert_int_equal(seen.entry.clauses[0].effect, EVIDENCE_EFFECT_WARN | EVIDENCE_EFFECT_UNKNOWN);
}

static uint64_t bodies(struct hall *hall) {
    struct engine_numbers numbers;
    engine_numbers(hall->gate->engine, &numbers);
    return numbers.rows_estimate[ENGINE_BODY];
}

static void a_refusal_names_its_clause_and_stores_nothing(void **state) {
    struct hall *hall = *state;
    hall_stop(hall);
    hall->options.site = "there";
    hall_start(hall);
    assert_int_equal(root_makes(hall, "critical-a").code, OK);
    uint64_t before = bodies(hall);
    struct once refused = root_puts(hall, "critical-a", "k", "hello");
    assert_int_equal(refused.code, FAIL_REFUSED);
    assert_int_equal(refused.answer.effect, GATE_REFUSE);
    assert_string_equal(refused.clauses, "test-rules/keep.at-home");
    assert_non_null(strstr(refused.message, "test-rules/keep.at-home"));
    assert_non_null(strstr(refused.message, "US"));
    is_entry(hall, refused.receipt, EVIDENCE_REFUSE);
    assert_int_equal(seen.entry.decision, EVIDENCE_REFUSED);
    assert_int_equal(seen.entry.clauses[0].effect, EVIDENCE_EFFECT_REFUSE);
    assert_int_equal(bodies(hall), before);
    store_is_sound(hall); /* no body without a row */
    char text[64];
    struct guest *g = root_enters(hall);
    g->visit.purpose = STR("duty");
    assert_int_equal(get_text(g, "critical-a", "k", text), FAIL_NO_SUCH_KEY);
    leaves(g);
}

static void what_is_not_known_refuses(void **state) {
    struct hall *hall = *state;
    assert_int_equal(root_makes(hall, "mystery-a").code, OK);
    struct once refused = root_puts(hall, "mystery-a", "k", "hello");
    assert_int_equal(refused.code, FAIL_REFUSED);
    is_entry(hall, refused.receipt, EVIDENCE_REFUSE);
    assert_int_equal(seen.entry.clauses[0].effect,
                     EVIDENCE_EFFECT_REFUSE | EVIDENCE_EFFECT_UNKNOWN);
}

static void a_bucket_of_no_dataset_is_none(void **state) {
    struct hall *hall = *state;
    uint64_t before = entries(hall);
    struct once made = root_makes(hall, "nobody-knows");
    assert_int_equal(made.code, FAIL_NO_DATASET);
    assert_non_null(strstr(made.message, "nobody-knows"));
    assert_int_equal(entries(hall), before);
}

/* ---- who may ---- */

/* Whoever has no right hears the same words about what is there and what is not, and leaves no
 * entry. Attack rows 6 and 11. */
static void no_right_tells_nothing(void **state) {
    struct hall *hall = *state;
    const char *reader = user_makes(hall, "reader", "plain-other", "read");
    assert_int_equal(root_makes(hall, "plain-a").code, OK);
    assert_int_equal(root_puts(hall, "plain-a", "there", "x").code, OK);
    uint64_t before = entries(hall);
    static const struct {
        const char *bucket, *key;
    } places[] = {{"plain-a", "there"}, {"plain-a", "not there"}, {"no-such-bucket", "k"}};
    char first[ERROR_MESSAGE_BYTES] = "";
    for (int who = 0; who < 2; who++)
        for (size_t i = 0; i < COUNT_OF(places); i++)
            for (int act = 0; act < 6; act++) {
                struct guest *g =
                    who == 0 ? stranger_enters(hall) : guest_enters(hall, str_from_c(reader));
                struct gate_get what = {.bucket = str_from_c(places[i].bucket),
                                        .key = str_from_c(places[i].key)};
                struct gate_delete row = {.key = what.key};
                struct gate_put target = {.bucket = what.bucket, .key = what.key};
                struct gate_copy copy = {.source = what, .target = target};
                struct store_listing listing = {.max = 10};
                struct store_listed listed;
                char text[64];
                str version;
                enum error_code code = OK;
                switch (act) {
                case 0: code = get_text(g, places[i].bucket, places[i].key, text); break;
                case 1: code = put_opened(g, &target, STR("x")); break;
                case 2:
                    code = gate_delete(&g->visit, what.bucket, &row, 1, &g->answer, &g->e);
                    break;
                case 3:
                    code = gate_list(&g->visit, what.bucket, &listing, NULL, NULL, &listed,
                                     &g->answer, &g->e);
                    break;
                case 4:
                    code = gate_copy(&g->visit, &copy, &g->stored, &version, &g->answer, &g->e);
                    break;
                case 5: code = gate_bucket_create(&g->visit, what.bucket, &g->answer, &g->e);
                }
                assert_int_equal(code, FAIL_ACCESS_DENIED);
                assert_false(g->answer.decided);
                if (first[0] == 0) strcpy(first, g->e.message);
                assert_string_equal(g->e.message, first);
                leaves(g);
            }
    assert_int_equal(entries(hall), before);
    assert_int_equal(atomic_load(&hall->gate->counters.denied), 2 * 3 * 6);
}

/* The right to write at the target is no right to read the source. Attack rows 7 and 8. */
static void a_copy_needs_both_rights(void **state) {
    struct hall *hall = *state;
    const char *writer = user_makes(hall, "writer", "plain-b", "all");
    assert_int_equal(root_makes(hall, "plain-a").code, OK);
    assert_int_equal(root_makes(hall, "plain-b").code, OK);
    assert_int_equal(root_puts(hall, "plain-a", "secret", "x").code, OK);
    for (int with_version = 0; with_version < 2; with_version++) {
        struct guest *g = guest_enters(hall, str_from_c(writer));
        struct gate_copy copy = {.source = {.bucket = STR("plain-a"),
                                            .key = STR("secret"),
                                            .with_version = with_version != 0,
                                            .version = STR("null")},
                                 .target = {.bucket = STR("plain-b"), .key = STR("mine")}};
        str version;
        assert_int_equal(gate_copy(&g->visit, &copy, &g->stored, &version, &g->answer, &g->e),
                         FAIL_ACCESS_DENIED);
        leaves(g);
    }
}

static enum error_code judge_no(void *self, const struct gate_reading *source, struct error *e) {
    return error_set(e, FAIL_PRECONDITION, "x-amz-copy-source-if-match does not hold");
}

static void conditions_of_a_copy_hold_at_both_ends(void **state) {
    struct hall *hall = *state;
    assert_int_equal(root_makes(hall, "plain-a").code, OK);
    assert_int_equal(root_puts(hall, "plain-a", "one", "x").code, OK);
    assert_int_equal(root_puts(hall, "plain-a", "two", "y").code, OK);
    struct gate_copy copy = {.source = {.bucket = STR("plain-a"), .key = STR("one")},
                             .target = {.bucket = STR("plain-a"), .key = STR("two")},
                             .judge = judge_no};
    str version;
    struct guest *g = root_enters(hall);
    assert_int_equal(gate_copy(&g->visit, &copy, &g->stored, &version, &g->answer, &g->e),
                     FAIL_PRECONDITION);
    leaves(g);
    copy.judge = NULL;
    copy.target.condition.if_none = true;
    g = root_enters(hall);
    assert_int_equal(gate_copy(&g->visit, &copy, &g->stored, &version, &g->answer, &g->e),
                     FAIL_PRECONDITION);
    leaves(g);
    char text[64];
    root_gets(hall, "plain-a", "two", text);
    assert_string_equal(text, "y");
}

static void keys_that_cannot_be(void **state) {
    struct hall *hall = *state;
    char longer[LIMIT_KEY_BYTES + 1];
    memset(longer, 'k', sizeof longer);
    const struct {
        str key;
        enum error_code code;
    } cases[] = {{str_of(longer, sizeof longer), FAIL_KEY_TOO_LONG},
                 {STR("a\0b"), FAIL_INVALID_ARGUMENT},
                 {STR_EMPTY, FAIL_INVALID_ARGUMENT},
                 {str_of(longer, LIMIT_KEY_BYTES), OK},
                 {STR("../../etc/passwd"), OK},
                 {STR("//"), OK}};
    assert_int_equal(root_makes(hall, "plain-a").code, OK);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct guest *g = root_enters(hall);
        struct gate_put put = {.bucket = STR("plain-a"), .key = cases[i].key};
        assert_int_equal(put_opened(g, &put, STR("x")), cases[i].code);
        leaves(g);
        g = root_enters(hall);
        struct gate_get what = {.bucket = STR("plain-a"), .key = cases[i].key};
        struct gate_reading reading;
        enum error_code code = gate_read_open(&g->visit, &what, &reading, &g->answer, &g->e);
        assert_int_equal(code, cases[i].code);
        if (code == OK) gate_read_close(&reading);
        leaves(g);
        g = root_enters(hall);
        struct gate_delete row = {.key = cases[i].key};
        assert_ok(gate_delete(&g->visit, STR("plain-a"), &row, 1, &g->answer, &g->e), &g->e);
        assert_int_equal(row.code, cases[i].code);
        leaves(g);
    }
}

/* ---- folding ---- */

static void refused_again(struct hall *hall, unsigned times, char receipt[128]) {
    for (unsigned i = 0; i < times; i++) {
        struct once refused = root_puts(hall, "mystery-a", "k", "x");
        assert_int_equal(refused.code, FAIL_REFUSED);
        snprintf(receipt, 128, "%s", refused.receipt);
    }
}

static void refusals_alike_fold(void **state) {
    struct hall *hall = *state;
    char first[128], later[128];
    assert_int_equal(root_makes(hall, "mystery-a").code, OK);
    refused_again(hall, 1, first);
    uint64_t after_first = entries(hall);
    refused_again(hall, 4, later);
    assert_string_equal(first, later);
    assert_int_equal(entries(hall), after_first);
    /* Another user's are another's. */
    const char *other = user_makes(hall, "other", "mystery-*", "write");
    uint64_t before = entries(hall);
    struct guest *g = guest_enters(hall, str_from_c(other));
    assert_int_equal(put(g, "mystery-a", "k", STR("x")), FAIL_REFUSED);
    leaves(g);
    assert_int_equal(entries(hall), before + 1);
    /* When the minute is over the count is an entry, and the next one begins anew. */
    hall_clock_ahead(61 * NS_PER_S);
    for (int i = 0; i < 100 && entries_of(hall, EVIDENCE_FOLD, before) == 0; i++) usleep(50000);
    assert_int_equal(entries_of(hall, EVIDENCE_FOLD, before), 1); /* the other's was only one */
    for (uint64_t i = before; i < entries(hall); i++) {
        entry_read(hall, i, &seen);
        if (seen.entry.type != EVIDENCE_FOLD) continue;
        assert_int_equal(seen.entry.span_first, receipt_index(first));
        assert_int_equal(seen.entry.span_count, 4);
    }
    refused_again(hall, 1, later);
    assert_string_not_equal(first, later);
    /* Closing counts what is still folded. */
    refused_again(hall, 2, later);
    hall_stop(hall);
    hall_start(hall);
    assert_int_equal(entries_of(hall, EVIDENCE_FOLD, before), 2);
}

static void warnings_on_reads_fold_too(void **state) {
    struct hall *hall = *state;
    char text[64];
    assert_int_equal(root_makes(hall, "advised-a").code, OK);
    assert_int_equal(root_puts(hall, "advised-a", "k", "x").code, OK);
    struct once first = root_gets(hall, "advised-a", "k", text);
    assert_int_equal(first.code, OK);
    assert_int_equal(first.answer.effect, GATE_WARN);
    is_entry(hall, first.receipt, EVIDENCE_READ);
    uint64_t before = entries(hall);
    for (int i = 0; i < 5; i++)
        assert_string_equal(root_gets(hall, "advised-a", "k", text).receipt, first.receipt);
    assert_int_equal(entries(hall), before);
}

static void each_read_a_rule_wants_recorded_is(void **state) {
    struct hall *hall = *state;
    char text[64];
    assert_int_equal(root_makes(hall, "watched-a").code, OK);
    assert_int_equal(root_puts(hall, "watched-a", "k", "x").code, OK);
    uint64_t before = entries(hall);
    for (int i = 0; i < 3; i++) {
        struct once got = root_gets(hall, "watched-a", "k", text);
        assert_int_equal(got.code, OK);
        is_entry(hall, got.receipt, EVIDENCE_READ);
        assert_str(seen.opening.values.of[EVIDENCE_KEY], STR("k"));
    }
    assert_int_equal(entries_of(hall, EVIDENCE_READ, before), 3);
    /* What is not there was not read. */
    assert_int_equal(root_gets(hall, "watched-a", "none", text).code, FAIL_NO_SUCH_KEY);
    assert_int_equal(entries_of(hall, EVIDENCE_READ, before), 3);
}

/* ---- what is owed ---- */

static void what_has_time_becomes_a_debt(void **state) {
    struct hall *hall = *state;
    struct gate_state *s = calloc(1, sizeof *s);
    struct arena_space space;
    struct arena arena;
    struct error e;
    assert_int_equal(root_makes(hall, "owing-a").code, OK);
    uint64_t before = entries(hall);
    struct once kept = root_puts(hall, "owing-a", "k", "x");
    assert_int_equal(kept.code, OK);
    assert_int_equal(entries_of(hall, EVIDENCE_DEBT_OWED, before), 1);
    entry_read(hall, entries(hall) - 1, &seen);
    assert_int_equal(seen.entry.type, EVIDENCE_DEBT_OWED);
    assert_int_equal(seen.entry.span_first, receipt_index(kept.receipt));
    assert_true(str_starts(seen.opening.values.of[EVIDENCE_DETAIL],
                           STR("copies 2 (test-rules/two.copies), due 2")));
    assert_ok(arena_space_open(&space, 4 << 20, &arena, &e), &e);
    assert_ok(gate_state_read(hall->gate, &arena, s, &e), &e);
    assert_int_equal(s->debts, 1);
    assert_int_equal(s->tally_count, 1);
    assert_int_equal(s->tallies[0].counts[GATE_KEPT], 1);
    arena_space_release(&space);
    free(s);
}

static void what_cannot_be_done_at_once_refuses(void **state) {
    struct hall *hall = *state;
    assert_int_equal(root_makes(hall, "impossible-a").code, OK);
    struct once refused = root_puts(hall, "impossible-a", "k", "x");
    assert_int_equal(refused.code, FAIL_REFUSED);
    assert_non_null(strstr(refused.message, "test-rules/three.at-once"));
}

/* ---- while a body is on its way ---- */

/* Opens a put of a body of two frames, writes it, and leaves the commit to the caller. */
static struct gate_writing *half_way(struct guest *g, const char *bucket) {
    static char body[100000];
    struct gate_put put = {.bucket = str_from_c(bucket), .key = STR("k")};
    struct gate_writing *w;
    struct gate_digests digests;
    assert_ok(gate_put_open(&g->visit, &put, &w, &g->answer, &g->e), &g->e);
    assert_ok(gate_put_write(w, str_of(body, sizeof body), &g->e), &g->e);
    assert_ok(gate_put_finish(w, &digests, &g->e), &g->e);
    assert_int_equal(digests.bytes, sizeof body);
    return w;
}

static void a_key_disabled_on_the_way_writes_nothing(void **state) {
    struct hall *hall = *state;
    char text[64];
    const char *writer = user_makes(hall, "writer", "plain-*", "all");
    assert_int_equal(root_makes(hall, "plain-a").code, OK);
    struct guest *g = guest_enters(hall, str_from_c(writer)), *admin = root_enters(hall);
    struct gate_writing *w = half_way(g, "plain-a");
    assert_ok(gate_key_enable(&admin->visit, str_from_c(writer), false, &admin->answer, &admin->e),
              &admin->e);
    leaves(admin);
    uint64_t before = entries(hall);
    assert_int_equal(gate_put_commit(w, NULL, &g->stored, &g->answer, &g->e), FAIL_ACCESS_DENIED);
    /* The same visit may do nothing else either. */
    struct gate_delete row = {.key = STR("k")};
    assert_int_equal(gate_delete(&g->visit, STR("plain-a"), &row, 1, &g->answer, &g->e),
                     FAIL_ACCESS_DENIED);
    assert_int_equal(gate_bucket_create(&g->visit, STR("plain-b"), &g->answer, &g->e),
                     FAIL_ACCESS_DENIED);
    leaves(g);
    assert_int_equal(entries(hall), before);
    assert_int_equal(root_gets(hall, "plain-a", "k", text).code, FAIL_NO_SUCH_KEY);
}

static void rules_that_change_on_the_way_count(void **state) {
    struct hall *hall = *state;
    char text[64];
    struct error e;
    assert_int_equal(root_makes(hall, "critical-a").code, OK);
    struct guest *g = root_enters(hall);
    struct gate_writing *w = half_way(g, "critical-a");
    assert_int_equal(g->answer.effect, GATE_ALLOW);
    hall_edit(hall, hall_rules(hall), "place.country in [\"JP\"]", "place.country in [\"NZ\"]");
    assert_ok(gate_reload(hall->gate, &e), &e);
    assert_int_equal(gate_put_commit(w, NULL, &g->stored, &g->answer, &g->e), FAIL_REFUSED);
    assert_int_equal(g->answer.effect, GATE_REFUSE);
    assert_str(g->answer.clauses, STR("test-rules/keep.at-home"));
    char receipt[128];
    snprintf(receipt, sizeof receipt, "%.*s", STR_FMT(g->answer.receipt));
    is_entry(hall, receipt, EVIDENCE_REFUSE);
    assert_true(entries_of(hall, EVIDENCE_RULE_CHANGE, 0) == 2);
    leaves(g);
    g = root_enters(hall);
    g->visit.purpose = STR("duty");
    assert_int_equal(get_text(g, "critical-a", "k", text), FAIL_NO_SUCH_KEY);
    leaves(g);
}

/* The other way round: what was refused before the reload is allowed after it, and rules that do
 * not read leave the old ones in force. */
static void a_reload_that_fails_changes_nothing(void **state) {
    struct hall *hall = *state;
    struct error e;
    assert_int_equal(root_makes(hall, "mystery-a").code, OK);
    hall_edit(hall, hall_rules(hall), "place.region in [\"JP-04\"]",
              "place.region inn [\"JP-04\"]");
    uint64_t before = entries(hall);
    assert_int_equal(gate_reload(hall->gate, &e), FAIL_SYNTAX);
    assert_non_null(strstr(e.message, "test.yaml"));
    assert_int_equal(root_puts(hall, "mystery-a", "k", "x").code, FAIL_REFUSED);
    assert_int_equal(entries_of(hall, EVIDENCE_RULE_CHANGE, before), 0);
    hall_edit(hall, hall_rules(hall), "place.region inn [\"JP-04\"]", "place.country in [\"JP\"]");
    assert_ok(gate_reload(hall->gate, &e), &e);
    assert_int_equal(root_puts(hall, "mystery-a", "k", "x").code, OK);
}

/* A bucket whose dataset is another by the time the body is there is judged by the new one. */
static void a_dataset_that_changes_on_the_way_counts(void **state) {
    struct hall *hall = *state;
    struct error e;
    assert_int_equal(root_makes(hall, "clear-a").code, OK);
    struct guest *g = root_enters(hall);
    struct gate_writing *w = half_way(g, "clear-a");
    hall_edit(hall, hall_register(hall), "[\"clear-*\"]", "[\"nothing-*\"]");
    hall_edit(hall, hall_register(hall), "[\"mystery-*\"]", "[\"mystery-*\", \"clear-*\"]");
    assert_ok(gate_reload(hall->gate, &e), &e);
    assert_int_equal(gate_put_commit(w, NULL, &g->stored, &g->answer, &g->e), FAIL_REFUSED);
    assert_str(g->answer.clauses, STR("test-rules/where.unknown"));
    leaves(g);
    /* And one that now wants encryption does not take a body that was stored in clear. */
    hall_edit(hall, hall_register(hall), "\"nothing-*\"", "\"clear-*\"");
    hall_edit(hall, hall_register(hall), "[\"mystery-*\", \"clear-*\"]", "[\"mystery-*\"]");
    assert_ok(gate_reload(hall->gate, &e), &e);
    g = root_enters(hall);
    w = half_way(g, "clear-a");
    hall_edit(hall, hall_register(hall), "encrypted: no", "encrypted: yes");
    assert_ok(gate_reload(hall->gate, &e), &e);
    assert_int_equal(gate_put_commit(w, NULL, &g->stored, &g->answer, &g->e),
                     FAIL_CONDITION_CONFLICT);
    leaves(g);
}

/* ---- exceptions ---- */

static void two_people_and_an_end(void **state) {
    struct hall *hall = *state;
    const char *second = user_makes(hall, "second", "*", "admin");
    assert_int_equal(root_makes(hall, "mystery-a").code, OK);
    assert_int_equal(root_puts(hall, "mystery-a", "k", "x").code, FAIL_REFUSED);
    int64_t now = clock_wall_ns();
    struct gate_exception x = {.clause = STR("test-rules/where.unknown"),
                               .dataset = STR("mystery"),
                               .from_ns = now,
                               .until_ns = now + 3600 * NS_PER_S,
                               .reason = STR("moving"),
                               .measure = STR("a guard")};
    struct gate_exception bad = x;
    struct guest *g = root_enters(hall);
    bad.until_ns = bad.from_ns;
    assert_int_equal(gate_exception_propose(&g->visit, &bad, &g->answer, &g->e), FAIL_USAGE);
    bad = x;
    bad.reason = STR_EMPTY;
    assert_int_equal(gate_exception_propose(&g->visit, &bad, &g->answer, &g->e), FAIL_USAGE);
    assert_ok(gate_exception_propose(&g->visit, &x, &g->answer, &g->e), &g->e);
    assert_int_equal(root_puts(hall, "mystery-a", "k", "x").code, FAIL_REFUSED); /* not yet */
    assert_int_equal(gate_exception_approve(&g->visit, x.id, &g->answer, &g->e),
                     FAIL_ACCESS_DENIED); /* whoever asked */
    struct guest *other = guest_enters(hall, str_from_c(second));
    assert_int_equal(
        gate_exception_approve(&other->visit, STR("x-none"), &other->answer, &other->e),
        FAIL_NOT_FOUND);
    assert_ok(gate_exception_approve(&other->visit, x.id, &other->answer, &other->e), &other->e);
    assert_int_equal(gate_exception_approve(&other->visit, x.id, &other->answer, &other->e),
                     FAIL_EXISTS);
    leaves(other);
    struct once kept = root_puts(hall, "mystery-a", "k", "x");
    assert_int_equal(kept.code, OK);
    is_entry(hall, kept.receipt, EVIDENCE_PUT);
    assert_int_equal(seen.entry.clauses[0].effect & 0x7f, EVIDENCE_EFFECT_EXCEPTED);
    /* It survives a restart, and ends by hand. */
    char id[64];
    snprintf(id, sizeof id, "%.*s", STR_FMT(x.id));
    leaves(g);
    hall_stop(hall);
    hall_start(hall);
    assert_int_equal(root_puts(hall, "mystery-a", "k", "x").code, OK);
    g = root_enters(hall);
    assert_ok(gate_exception_end(&g->visit, str_from_c(id), &g->answer, &g->e), &g->e);
    leaves(g);
    assert_int_equal(root_puts(hall, "mystery-a", "k", "x").code, FAIL_REFUSED);
    assert_int_equal(entries_of(hall, EVIDENCE_EXCEPTION, 0), 3);
}

/* Seen once: an approved exception that names no clause kept the rules from compiling for ever, and one
 * with a name misspelt was approved and excepted nothing. */
static void an_exception_from_what_is_not_there_is_not_proposed(void **state) {
    struct hall *hall = *state;
    struct guest *g = root_enters(hall);
    int64_t now = clock_wall_ns();
    struct gate_exception good = {.clause = STR("test-rules/where.unknown"),
                                  .from_ns = now,
                                  .until_ns = now + NS_PER_S,
                                  .reason = STR("r")};
    struct gate_exception wrong[] = {good, good, good, good, good};
    wrong[0].clause = STR("no-slash");
    wrong[1].clause = STR("test-rules/where.unknwon");
    wrong[2].clause = STR("tset-rules/where.unknown");
    wrong[3].dataset = STR("no-such-dataset");
    wrong[4].site = STR("no-such-site");
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_int_equal(gate_exception_propose(&g->visit, &wrong[i], &g->answer, &g->e),
                         FAIL_NOT_FOUND);
    assert_ok(gate_exception_propose(&g->visit, &good, &g->answer, &g->e), &g->e);
    leaves(g);
    hall_stop(hall);
    hall_start(hall);
}

static void an_exception_ends_by_itself(void **state) {
    struct hall *hall = *state;
    const char *second = user_makes(hall, "second", "*", "admin");
    assert_int_equal(root_makes(hall, "mystery-a").code, OK);
    struct guest *g = root_enters(hall), *other = guest_enters(hall, str_from_c(second));
    int64_t now = clock_wall_ns();
    struct gate_exception x = {.clause = STR("test-rules/where.unknown"),
                               .from_ns = now,
                               .until_ns = now + 3600 * NS_PER_S,
                               .reason = STR("moving")};
    assert_ok(gate_exception_propose(&g->visit, &x, &g->answer, &g->e), &g->e);
    assert_ok(gate_exception_approve(&other->visit, x.id, &other->answer, &other->e), &other->e);
    leaves(other);
    leaves(g);
    g = root_enters(hall);
    struct gate_writing *w = half_way(g, "mystery-a");
    hall_clock_ahead(3601 * NS_PER_S);
    assert_int_equal(gate_put_commit(w, NULL, &g->stored, &g->answer, &g->e), FAIL_REFUSED);
    leaves(g);
}

/* ---- opening again ---- */

static void a_restart_keeps_everything(void **state) {
    struct hall *hall = *state;
    char text[64];
    assert_int_equal(root_makes(hall, "advised-a").code, OK);
    struct once kept = root_puts(hall, "advised-a", "k", "hello");
    entry_read(hall, receipt_index(kept.receipt), &seen);
    uint32_t clause = seen.entry.clauses[0].code;
    uint16_t act = seen.entry.act;
    char key[32];
    strcpy(key, hall->root_key);
    hall_stop(hall);
    hall_start(hall);
    assert_string_equal(hall->root_key, key);
    assert_int_equal(root_gets(hall, "advised-a", "k", text).code, OK);
    assert_string_equal(text, "hello");
    uint64_t before = entries(hall);
    struct once again = root_puts(hall, "advised-a", "k", "hello again");
    entry_read(hall, receipt_index(again.receipt), &seen);
    assert_int_equal(seen.entry.clauses[0].code, clause); /* the code table is stable */
    assert_int_equal(seen.entry.act, act);
    assert_int_equal(entries(hall), before + 1);
    /* Same register, same rules: a start is all that was added. */
    uint64_t size = entries(hall);
    hall_stop(hall);
    hall_start(hall);
    assert_int_equal(entries(hall), size + 1);
    entry_read(hall, size, &seen);
    assert_int_equal(seen.entry.type, EVIDENCE_START);
}

static void an_unchanged_register_makes_no_entry(void **state) {
    struct hall *hall = *state;
    str path = str_from_c(hall_register(hall));
    struct guest *g = root_enters(hall);
    uint64_t before = entries(hall);
    assert_ok(gate_register_import(&g->visit, &path, 1, &g->e), &g->e);
    assert_int_equal(entries(hall), before);
    hall_edit(hall, hall_register(hall), "name: {en: There, ja: 向こう}", "name: {en: Yonder}");
    assert_ok(gate_register_import(&g->visit, &path, 1, &g->e), &g->e);
    assert_int_equal(entries_of(hall, EVIDENCE_REGISTER_CHANGE, before), 1);
    leaves(g);
}

/* ---- the place ---- */

/* A metadata service that says one thing to whoever asks: the machine is in Virginia. */
struct service {
    int fd;
    pthread_t thread;
    char url[96];
};

static void *service_run(void *self) {
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n"
                                 "Content-Type: text/plain\r\n\r\nus-east-1";
    struct service *service = self;
    for (;;) {
        char head[2048];
        int fd = accept(service->fd, NULL, NULL);
        if (fd < 0) return NULL;
        ssize_t got = read(fd, head, sizeof head);
        if (got > 0) got = write(fd, answer, sizeof answer - 1);
        close(fd);
    }
}

static void service_open(struct service *service) {
    struct net_address at;
    struct error e;
    char text[NET_TEXT_BYTES];
    assert_ok(net_address_read(STR("127.0.0.1:0"), &at, &e), &e);
    assert_ok(net_listen(&at, &service->fd, &e), &e);
    assert_int_equal(fcntl(service->fd, F_SETFL, 0), 0); /* a thread of its own may block */
    net_address_write(&at, text);
    snprintf(service->url, sizeof service->url, "http://%s", text);
    assert_int_equal(pthread_create(&service->thread, NULL, service_run, service), 0);
}

static void service_close(struct service *service) {
    shutdown(service->fd, SHUT_RDWR);
    pthread_join(service->thread, NULL);
    close(service->fd);
}

static void a_machine_that_contradicts_its_row(void **state) {
    struct hall *hall = *state;
    struct service service;
    struct error e;
    assert_int_equal(root_makes(hall, "critical-a").code, OK);
    assert_int_equal(root_puts(hall, "critical-a", "k", "x").code, OK);
    assert_int_equal(entries_of(hall, EVIDENCE_FINDING, 0), 0);
    hall_stop(hall);
    service_open(&service);
    hall->options.metadata_url = service.url;
    hall_start(hall);
    /* One finding, and the country counts as unknown: what needs it refuses. */
    assert_int_equal(entries_of(hall, EVIDENCE_FINDING, 0), 1);
    struct once refused = root_puts(hall, "critical-a", "k", "y");
    assert_int_equal(refused.code, FAIL_REFUSED);
    is_entry(hall, refused.receipt, EVIDENCE_REFUSE);
    assert_int_equal(seen.entry.clauses[0].effect,
                     EVIDENCE_EFFECT_REFUSE | EVIDENCE_EFFECT_UNKNOWN);
    assert_ok(gate_reload(hall->gate, &e), &e);
    assert_int_equal(entries_of(hall, EVIDENCE_FINDING, 0), 1); /* said once */
    /* It stops contradicting: an entry, and the same put is kept. */
    service_close(&service);
    gate_place_check(hall->gate);
    assert_int_equal(entries_of(hall, EVIDENCE_PLACE, 0), 1);
    assert_int_equal(root_puts(hall, "critical-a", "k", "y").code, OK);
}

#define IN_A_HALL(f) cmocka_unit_test_setup_teardown(f, hall_open, hall_close)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_A_HALL(allowed_acts_are_kept_with_their_entry),
        IN_A_HALL(a_session_reaches_what_the_contract_lets_it_reach),
        IN_A_HALL(warnings_let_through_and_say_so),
        IN_A_HALL(a_refusal_names_its_clause_and_stores_nothing),
        IN_A_HALL(what_is_not_known_refuses),
        IN_A_HALL(a_bucket_of_no_dataset_is_none),
        IN_A_HALL(no_right_tells_nothing),
        IN_A_HALL(a_copy_needs_both_rights),
        IN_A_HALL(conditions_of_a_copy_hold_at_both_ends),
        IN_A_HALL(keys_that_cannot_be),
        IN_A_HALL(refusals_alike_fold),
        IN_A_HALL(warnings_on_reads_fold_too),
        IN_A_HALL(each_read_a_rule_wants_recorded_is),
        IN_A_HALL(what_has_time_becomes_a_debt),
        IN_A_HALL(what_cannot_be_done_at_once_refuses),
        IN_A_HALL(a_key_disabled_on_the_way_writes_nothing),
        IN_A_HALL(rules_that_change_on_the_way_count),
        IN_A_HALL(a_reload_that_fails_changes_nothing),
        IN_A_HALL(a_dataset_that_changes_on_the_way_counts),
        IN_A_HALL(two_people_and_an_end),
        IN_A_HALL(an_exception_from_what_is_not_there_is_not_proposed),
        IN_A_HALL(an_exception_ends_by_itself),
        IN_A_HALL(a_restart_keeps_everything),
        IN_A_HALL(an_unchanged_register_makes_no_entry),
        IN_A_HALL(a_machine_that_contradicts_its_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
