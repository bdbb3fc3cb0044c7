/* Whatever is said to be never true is never true: random conditions that meet in few facts, asked over
 * random facts of every kind. And what is said is worth saying: many are found, and what nothing is said
 * of is mostly true somewhere. The seed is printed; SEED=… repeats a run. */
#include "tests/rulebook/support.h"

#include "rulebook/read/file.h"

#include <time.h>

enum { BOOKS = 100, CLAUSES = 40, ASKED = 150 };

static struct random_seeded dice;
static size_t pick(size_t count) {
    return (size_t)random_below(&dice, count);
}
static bool chance(unsigned percent) {
    return pick(100) < percent;
}
#define ONE_OF(array) ((array)[pick(COUNT_OF(array))])

/* Spelled so that one value can be a text, a number, a day or a length. */
static const char *const words[] = {"a", "b", "c", "5", "\"5\"", "5.0", "true"};
static const char *const items[] = {"a", "b", "c", "\"5\"", "\"5.0\"", "\"true\""};
static const char *const amounts[] = {"5",       "5.0",       "6",     "5 %",
                                      "7 %",     "1 d",       "31 d",  "24 h",
                                      "1 month", "12 months", "366 d", "2026-01-01"};
static const char *const orders[] = {"<", "<=", ">", ">="};
static const char *const facts[] = {"place.x", "place.y"};

static void add_set(struct text *t) {
    size_t count = 1 + pick(3);
    text_add_c(t, "[");
    for (size_t i = 0; i < count; i++) text_format(t, "%s%s", i > 0 ? ", " : "", ONE_OF(items));
    text_add_c(t, "]");
}

static void add_comparison(struct text *t, const char *fact) {
    static const char *const ones[] = {"is", "is not", "has", "not has"};
    static const char *const manies[] = {"in",       "not in",    "intersects",
                                         "disjoint", "subset of", "not subset of"};
    static const char *const others[] = {"@place.x", "@place.y", "@place.z"};
    switch (pick(8)) {
    case 0: text_format(t, "%s %s %s", fact, ONE_OF(orders), ONE_OF(amounts)); return;
    case 1: text_format(t, "%s %s %s", fact, ONE_OF(orders), ONE_OF(others)); return;
    case 2:
    case 3: text_format(t, "%s %s %s", fact, ONE_OF(ones), ONE_OF(words)); return;
    case 4: text_format(t, "%s %s %s", fact, chance(70) ? "is" : "is not", ONE_OF(amounts)); return;
    case 5: text_format(t, "%s%s", fact, chance(50) ? " known" : ""); return;
    default: text_format(t, "%s %s ", fact, ONE_OF(manies)); add_set(t);
    }
}

static void add_atom(struct text *t) {
    static const char *const quantifiers[] = {"every", "some", "no"};
    static const char *const aggregates[] = {"count documents", "sum documents.n",
                                             "max documents.n"};
    if (chance(75)) {
        add_comparison(t, ONE_OF(facts));
    } else if (chance(40)) {
        text_format(t, "%s %s %s", ONE_OF(aggregates), ONE_OF(orders), chance(70) ? "5" : "6");
    } else {
        text_format(t, "%s documents where (", ONE_OF(quantifiers));
        add_comparison(t, "it.x");
        text_add_c(t, ") has (");
        add_comparison(t, "it.x");
        if (chance(30)) {
            text_add_c(t, " and ");
            add_comparison(t, "place.x");
        }
        text_add_c(t, ")");
    }
}

static void add_conditions(struct text *t, unsigned indent, unsigned depth) {
    static const char *const joins[] = {"any", "all", "not"};
    size_t count = 1 + pick(3);
    for (size_t i = 0; i < count; i++) {
        text_format(t, "%*s- ", (int)indent, "");
        if (depth > 0 && chance(30)) {
            text_format(t, "%s:\n", ONE_OF(joins));
            add_conditions(t, indent + 4, depth - 1);
            continue;
        }
        add_atom(t);
        text_add_c(t, "\n");
    }
}

static void add_clause(struct text *t, size_t number) {
    size_t begins = t->len, at;
    text_format(t,
                "  - id: c%zu\n    about: copy\n    source: {basis: own, where: test}\n"
                "    strength: own\n",
                number);
    if (chance(40)) {
        text_format(t, "    applies: {%s: ", ONE_OF(facts));
        add_set(t);
        text_add_c(t, "}\n");
    }
    if (chance(60)) {
        text_add_c(t, "    when:\n");
        add_conditions(t, 6, 2);
    }
    text_add_c(t, "    require:\n");
    add_conditions(t, 6, 2);
    if (chance(40)) {
        text_add_c(t, "    unless:\n");
        add_conditions(t, 6, 1);
    }
    str clause = str_skip(text_str(t), begins);
    if (chance(60) && str_find(clause, STR("place.x "), &at))
        text_add_c(t, "    accepts: {place.x: [withheld]}\n");
    else if (chance(30) && str_find(clause, STR(" documents "), &at) &&
             str_find(clause, STR("it.x "), &at))
        text_add_c(t, "    accepts: {documents.x: [withheld]}\n");
}

/* ---- facts ---- */

static void add_value(struct text *t) {
    switch (pick(6)) {
    case 0: text_add_c(t, ONE_OF(amounts)); return;
    case 1: text_add_c(t, chance(50) ? "true" : "false"); return;
    case 2:
        text_format(t, "{complete: %s, items: ", chance(70) ? "true" : "false");
        if (chance(20))
            text_add_c(t, "[]");
        else
            add_set(t);
        text_add_c(t, "}");
        return;
    case 3: text_add_c(t, chance(50) ? "unknown" : "withheld"); return;
    default: text_add_c(t, ONE_OF(words));
    }
}

static struct rulebook_facts make_facts(void) {
    static char buffer[4096];
    struct text t = text_into(buffer, sizeof buffer - 1);
    text_add_c(&t, "{place.x: ");
    add_value(&t);
    text_add_c(&t, ", place.y: ");
    add_value(&t);
    text_add_c(&t, ", place.z: ");
    add_value(&t);
    text_format(&t, ", documents: {complete: %s, items: [", chance(70) ? "true" : "false");
    for (size_t i = 0, count = pick(4); i < count; i++) {
        text_format(&t, "%s{n: %s, x: ", i > 0 ? ", " : "", chance(50) ? "5" : "3");
        add_value(&t);
        text_add_c(&t, "}");
    }
    text_add_c(&t, "]}}");
    assert_false(t.overflow);
    buffer[t.len] = 0;
    return support_facts(buffer, buffer);
}

/* ---- what is said, held against what is so ---- */

struct seen {
    bool applied, passed, lifted;
};
static size_t said, silent, true_somewhere;

static void count_one(bool is_said, bool was_true) {
    said += is_said;
    silent += !is_said;
    true_somewhere += !is_said && was_true;
}

static void ask(const struct rulebook *book, struct seen *seen, uint64_t seed) {
    static const struct rulebook_subject subject = {
        .about = RULEBOOK_ABOUT_COPY, .act = {"put", 3}, .operator_id = {"o", 1}};
    struct rulebook_read read = {.rulebooks = &book, .count = 1};
    const struct rulebook_set *set = support_what_if(&read);
    for (size_t k = 0; k < ASKED; k++) {
        struct arena kept = support_arena;
        struct rulebook_facts layer = make_facts();
        struct rulebook_decision d;
        struct error e = {0};
        assert_ok(rulebook_evaluate_slow(set, &subject, &layer, support_time("2026-11-21"),
                                         &support_arena, support_scratch, &d, &e),
                  &e);
        for (size_t i = 0; i < book->clause_count; i++) {
            const struct rulebook_clause *c = &book->clauses[i];
            const struct rulebook_spoke *spoke = NULL;
            for (size_t m = 0; m < d.fixed_count && spoke == NULL; m++)
                if (d.fixed[m].clause == c) spoke = &d.fixed[m];
            if (spoke == NULL) continue;
            seen[i].applied |= spoke->applied == RULEBOOK_TRUE;
            seen[i].passed |= spoke->truth == RULEBOOK_TRUE;
            seen[i].lifted |= spoke->verdict == RULEBOOK_LIFTED;
            if ((c->rule->never_applies && seen[i].applied) ||
                (c->rule->never_passes && seen[i].passed) ||
                (c->rule->never_lifts && seen[i].lifted))
                fail_msg("what is never true was: clause %.*s, SEED=%llu", STR_FMT(c->id),
                         (unsigned long long)seed);
        }
        support_arena = kept;
    }
}

static void what_is_said_to_be_never_true_never_is(void **state) {
    const char *given = getenv("SEED");
    uint64_t seed = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
    static char buffer[1 << 19];
    random_seed(&dice, seed);
    printf("SEED=%llu\n", (unsigned long long)seed);
    for (size_t run = 0; run < BOOKS; run++) {
        support_begin();
        struct text t = text_into(buffer, sizeof buffer - 1);
        text_add_c(&t, "rulebook: r\nissuer: i\nclauses:\n");
        for (size_t i = 0; i < CLAUSES; i++) add_clause(&t, i);
        assert_false(t.overflow);
        struct rulebook_read read = support_rulebooks("random", text_str(&t));
        const struct rulebook *book = read.rulebooks[0];
        struct seen seen[CLAUSES] = {0};
        ask(book, seen, seed);
        for (size_t i = 0; i < CLAUSES; i++) {
            const struct clause_rule *rule = book->clauses[i].rule;
            if (rule->when != NULL) count_one(rule->never_applies, seen[i].applied);
            count_one(rule->never_passes, seen[i].passed);
        }
    }
    printf("%zu are never true, %zu may be, %zu of these were\n", said, silent, true_somewhere);
    assert_true(said > 20);
    assert_true(3 * true_somewhere > silent);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_said_to_be_never_true_never_is)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
