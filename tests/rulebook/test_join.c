/* Obligations of several clauses come to one, or to a conflict that names both. */
#include "tests/rulebook/support.h"

#define C(id, strength, oblige)                                                                    \
    "  - id: " id "\n    about: copy\n    source: {basis: own, where: w}\n    strength: " strength \
    "\n    oblige: " oblige "\n"

static struct error e;

static void show_periods(const struct rulebook_periods *p, struct text *t) {
    for (size_t i = 0; i < p->count; i++) {
        struct rulebook_value v = {.kind = RULEBOOK_DURATION, .duration = p->at[i].length};
        text_add_c(t, " ");
        rulebook_value_text(&v, t);
    }
}

/* "copies 3 ack; keys_in [JP]": what the table writes. */
static void show(const struct rulebook_decision *d, struct text *t) {
    for (size_t i = 0; i < d->obligation_count; i++) {
        const struct rulebook_obligation *o = &d->obligations[i];
        text_format(t, "%s%s", i > 0 ? "; " : "", rulebook_obligation_name(o->kind));
        if (o->number > 0) text_format(t, " %u", (unsigned)o->number);
        if (o->word_count > 0 || o->kind == RULEBOOK_OBLIGE_KEYS_IN) text_add_c(t, " [");
        for (size_t k = 0; k < o->word_count; k++)
            text_format(t, "%s%.*s", k > 0 ? " " : "", STR_FMT(o->words[k]));
        if (o->word_count > 0 || o->kind == RULEBOOK_OBLIGE_KEYS_IN) text_add_c(t, "]");
        show_periods(&o->periods, t);
        if (o->by_ack) text_add_c(t, " ack");
        if (o->within.count > 0) text_add_c(t, " within");
        show_periods(&o->within, t);
        if (o->asked) text_add_c(t, " asked");
    }
}

static const struct {
    const char *name, *clauses, *joined;
    enum rulebook_effect effect;
    size_t conflicts; /* of the decision; as many of the set where both are adopted */
} rows[] = {
    {"one", C("a", "law", "{copies: 2}"), "copies 2", RULEBOOK_ALLOW, 0},
    {"the strongest encryption",
     C("a", "law", "{encrypt: aes-128}") C("b", "law", "{encrypt: aes-256}"), "encrypt 256 ack",
     RULEBOOK_ALLOW, 0},
    {"the most copies", C("a", "law", "{copies: 3}") C("b", "law", "{copies: 2}"), "copies 3",
     RULEBOOK_ALLOW, 0},
    {"the shortest time to pay",
     C("a", "law", "{copies: {value: 3, within: 24 h}}")
         C("b", "law", "{copies: {value: 2, within: 1 h}}"),
     "copies 3 within 1 h", RULEBOOK_ALLOW, 0},
    {"before the answer and later",
     C("a", "law", "{copies: {value: 3, within: 24 h}}")
         C("b", "law", "{copies: {value: 2, by: ack}}"),
     "copies 3 within 1 d; copies 2 ack", RULEBOOK_ALLOW, 0},
    {"keys in what all allow",
     C("a", "law", "{keys_in: [JP, SE, FI]}") C("b", "law", "{keys_in: [SE, JP]}"),
     "keys_in [JP SE] ack", RULEBOOK_ALLOW, 0},
    {"keys in no country", C("a", "law", "{keys_in: [JP]}") C("b", "law", "{keys_in: [SE]}"),
     "keys_in [] ack", RULEBOOK_REFUSE, 1},
    {"keys in no country, asked for",
     C("a", "law", "{keys_in: [JP]}") C("b", "should", "{keys_in: [SE]}"),
     "keys_in [JP] ack; keys_in [SE] ack asked", RULEBOOK_WARN, 1},
    {"keep the longest",
     C("a", "law", "{keep_at_least: {length: 12 months}}")
         C("b", "law", "{keep_at_least: {length: 24 months}}"),
     "keep_at_least 24 months ack", RULEBOOK_ALLOW, 0},
    {"keep by place",
     C("a", "law", "{keep_at_least: {length: 12 months, place: [JP]}}")
         C("b", "law", "{keep_at_least: {length: 24 months, place: [SE]}}"),
     "keep_at_least [JP] 12 months ack; keep_at_least [SE] 24 months ack", RULEBOOK_ALLOW, 0},
    {"keep the shortest",
     C("a", "law", "{keep_at_most: {length: 12 months}}")
         C("b", "law", "{keep_at_most: {length: 24 months}}"),
     "keep_at_most 12 months ack", RULEBOOK_ALLOW, 0},
    {"ten years at least, five at most",
     C("a", "law", "{keep_at_least: {length: 10 years}}")
         C("b", "law", "{keep_at_most: {length: 5 years}}"),
     "keep_at_least 120 months ack; keep_at_most 60 months ack", RULEBOOK_REFUSE, 1},
    {"five at least, ten at most",
     C("a", "law", "{keep_at_least: {length: 5 years}}")
         C("b", "law", "{keep_at_most: {length: 10 years}}"),
     "keep_at_least 60 months ack; keep_at_most 120 months ack", RULEBOOK_ALLOW, 0},
    {"a year and 365 days may be one",
     C("a", "law", "{keep_at_least: {length: 12 months}}")
         C("b", "law", "{keep_at_most: {length: 365 d}}"),
     "keep_at_least 12 months ack; keep_at_most 365 d ack", RULEBOOK_ALLOW, 0},
    {"a year and 364 days are not",
     C("a", "law", "{keep_at_least: {length: 12 months}}")
         C("b", "law", "{keep_at_most: {length: 364 d}}"),
     "keep_at_least 12 months ack; keep_at_most 364 d ack", RULEBOOK_REFUSE, 1},
    {"from other events",
     C("a", "law", "{keep_at_least: {length: 10 years, start: act.at}}")
         C("b", "law", "{keep_at_most: {length: 5 years, start: contract.ends}}"),
     "keep_at_least 120 months ack; keep_at_most 60 months ack", RULEBOOK_ALLOW, 0},
    {"the most approvals", C("a", "law", "{approvals: 1}") C("b", "law", "{approvals: 2}"),
     "approvals 2 ack", RULEBOOK_ALLOW, 0},
    {"all records", C("a", "law", "{record: [read]}") C("b", "law", "{record: [list, read]}"),
     "record [list read] ack", RULEBOOK_ALLOW, 0},
    {"demanded and asked for", C("a", "law", "{copies: 2}") C("b", "should", "{copies: 3}"),
     "copies 2; copies 3 asked", RULEBOOK_ALLOW, 0},
    {"a score obliges nobody", C("a", "score", "{copies: 2}"), "", RULEBOOK_ALLOW, 0},
    {"in the order of kinds",
     C("a", "law", "{record: [read], copies: 2, encrypt: aes-256, distance_km: 400}"),
     "encrypt 256 ack; copies 2; distance_km 400; record [read] ack", RULEBOOK_ALLOW, 0},
};

static void obligations_join_as_the_table_says(void **state) {
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        support_begin();
        char buffer[2048];
        snprintf(buffer, sizeof buffer, "rulebook: r\nissuer: i\nclauses:\n%s", rows[i].clauses);
        struct rulebook_read read = support_rulebooks(rows[i].name, str_from_c(buffer));
        const struct rulebook_set *set = support_what_if(&read);
        struct rulebook_subject subject = {.about = RULEBOOK_ABOUT_COPY, .act = STR("put")};
        struct rulebook_facts facts = {0};
        struct rulebook_decision d =
            support_decide(set, &subject, &facts, support_time("2026-11-21"));
        char shown[512];
        struct text t = text_into(shown, sizeof shown);
        show(&d, &t);
        if (!str_equal(text_str(&t), str_from_c(rows[i].joined)))
            fail_msg("row \"%s\": %.*s", rows[i].name, STR_FMT(text_str(&t)));
        assert_row(rows[i].name, d.effect == rows[i].effect);
        assert_row(rows[i].name, d.conflict_count == rows[i].conflicts);
        size_t count;
        const struct rulebook_conflict *conflicts = rulebook_set_conflicts(set, &count);
        assert_row(rows[i].name, count == rows[i].conflicts);
        for (size_t k = 0; k < count; k++) {
            size_t at;
            assert_row(rows[i].name, str_find(conflicts[k].text, STR("r/a and r/b conflict"), &at));
        }
    }
}

static void three_that_agree_two_by_two_can_conflict(void **state) {
    support_begin();
    struct rulebook_read read = support_rulebooks(
        "three", STR("rulebook: r\nissuer: i\nclauses:\n" C("a", "law", "{keys_in: [JP, SE]}") C(
                     "b", "law", "{keys_in: [SE, FI]}") C("c", "law", "{keys_in: [FI, JP]}")));
    const struct rulebook_set *set = support_what_if(&read);
    size_t count;
    rulebook_set_conflicts(set, &count);
    assert_int_equal(count, 0); /* no pair conflicts */
    struct rulebook_subject subject = {.about = RULEBOOK_ABOUT_COPY, .act = STR("put")};
    struct rulebook_facts facts = {0};
    struct rulebook_decision d = support_decide(set, &subject, &facts, support_time("2026-11-21"));
    assert_int_equal(d.conflict_count, 1);
    assert_int_equal(d.effect, RULEBOOK_REFUSE);
}

/* Rules that never meet do not conflict: other acts, other operators, other days. */
static void what_never_meets_does_not_conflict(void **state) {
    static const struct {
        const char *name, *first, *second;
        bool same_operator;
        size_t conflicts;
    } cases[] = {
        {"meet", "", "", true, 1},
        {"other operators", "", "", false, 0},
        {"other acts", "    applies: {act: [put]}\n", "    applies: {act: [restore]}\n", true, 0},
        {"other days", "    in_force: {until: 2026-01-01}\n", "    in_force: {from: 2026-01-01}\n",
         true, 0},
    };
    static const str o1[] = {{"o1", 2}}, o2[] = {{"o2", 2}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        support_begin();
        char buffer[2048];
        snprintf(buffer, sizeof buffer,
                 "rulebook: r\nissuer: i\nclauses:\n" C(
                     "a", "law",
                     "{keys_in: [JP]}") "%s---\nrulebook: s\nissuer: i\nclauses:\n" C("b", "law",
                                                                                      "{keys_in: "
                                                                                      "[SE]}") "%s",
                 cases[i].first, cases[i].second);
        struct rulebook_read read = support_rulebooks(cases[i].name, str_from_c(buffer));
        struct rulebook_adoption adoptions[] = {
            {.rulebook = STR("r"), .operators = o1, .operator_count = 1},
            {.rulebook = STR("s"),
             .operators = cases[i].same_operator ? o1 : o2,
             .operator_count = 1}};
        struct rulebook_set_input input = {.rulebooks = read.rulebooks,
                                           .rulebook_count = 2,
                                           .adoptions = adoptions,
                                           .adoption_count = 2};
        const struct rulebook_set *set;
        assert_ok(rulebook_set_compile(&input, &support_arena, support_scratch, &set, &e), &e);
        size_t count;
        rulebook_set_conflicts(set, &count);
        assert_row(cases[i].name, count == cases[i].conflicts);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(obligations_join_as_the_table_says),
        cmocka_unit_test(three_that_agree_two_by_two_can_conflict),
        cmocka_unit_test(what_never_meets_does_not_conflict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
