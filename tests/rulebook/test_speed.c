/* How long a decision takes with facts at hand: 500 clauses, 10,000 contexts, tables built before.
 * The clauses look like real ones: each names acts, a kind or class of data, and asks about place,
 * reader or entity. The figure is printed; the test fails only where folding stopped working. */
#include "tests/rulebook/support.h"

#include <time.h>

enum { CLAUSES = 500, DATASETS = 125, ACTS = 4, PER_TABLE = 20, ROUNDS = 50 };

/* Of this thread alone: what else the machine does is not our figure. */
static int64_t cpu_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return t.tv_sec * NS_PER_S + t.tv_nsec;
}

static const char *const acts[ACTS] = {"put", "get", "list", "copy"};
static const char *const classes[] = {"critical", "important", "ordinary"};
static const char *const kinds[] = {"medical",  "payment", "meter-readings", "telemetry", "logs",
                                    "personal", "derived", "customer",       "video",     "design"};
static const char *const countries[] = {"JP", "US", "DE", "SG", "IN"};

static struct rulebook_read make_rulebook(void) {
    static char buffer[1 << 20];
    struct text t = text_into(buffer, sizeof buffer);
    text_add_c(&t, "rulebook: many\nissuer: test\nclauses:\n");
    for (size_t i = 0; i < CLAUSES; i++) {
        bool session = i % 3 == 0;
        text_format(
            &t,
            "  - id: c%zu\n    about: %s\n    source: {basis: own, where: test}\n"
            "    strength: %s\n    applies: {act: [%s], dataset.%s: [%s]}\n    require:\n",
            i, session ? "session" : "copy", i % 5 == 0 ? "should" : "law",
            session ? "get, list" : "put, copy, restore, replicate", i % 2 == 0 ? "kinds" : "class",
            i % 2 == 0 ? kinds[i / 2 % COUNT_OF(kinds)] : classes[i / 2 % COUNT_OF(classes)]);
        if (session)
            text_format(&t, "      - reader.country in [\"JP\", \"%s\"]\n", countries[i % 4]);
        else
            text_format(&t,
                        "      - place.country in [\"JP\", \"%s\"]\n      - entity.reach subset of "
                        "[\"JP\", \"US\"]\n",
                        countries[i % 4]);
        if (i % 7 == 0) text_add_c(&t, "      - act.purpose not in [\"resale\"]\n");
    }
    assert_false(t.overflow);
    return support_rulebooks("many", text_str(&t));
}

static const struct rulebook_table *build(const struct rulebook_set *set, size_t dataset,
                                          size_t act) {
    static const str request[] = {{"act.purpose", 11}, {"reader", 6}};
    char yaml[400];
    snprintf(yaml, sizeof yaml,
             "{dataset.id: d%zu, dataset.class: %s, dataset.kinds: [%s, %s], place.country: JP, "
             "entity.reach: [JP]}",
             dataset, classes[dataset % COUNT_OF(classes)], kinds[dataset % COUNT_OF(kinds)],
             kinds[(dataset / 3) % COUNT_OF(kinds)]);
    struct rulebook_facts *facts = arena_new(&support_arena, struct rulebook_facts, 1);
    *facts = support_facts(yaml, yaml);
    struct rulebook_subject subject = {.about = RULEBOOK_ABOUT_COPY | RULEBOOK_ABOUT_SESSION,
                                       .act = str_from_c(acts[act])};
    const struct rulebook_table *table;
    struct error e = {0};
    assert_ok(rulebook_table_build(set, &subject, facts, request, COUNT_OF(request),
                                   support_time("2026-11-21"), &support_arena, support_scratch,
                                   &table, &e),
              &e);
    return table;
}

static void a_decision_takes_nanoseconds(void **state) {
    static const struct rulebook_table *tables[DATASETS * ACTS];
    static struct rulebook_facts requests[PER_TABLE];
    support_begin();
    struct rulebook_read read = make_rulebook();
    const struct rulebook_set *set = support_what_if(&read);
    int64_t began = cpu_ns();
    for (size_t i = 0; i < COUNT_OF(tables); i++) tables[i] = build(set, i / ACTS, i % ACTS);
    int64_t built = cpu_ns();
    for (size_t i = 0; i < PER_TABLE; i++) {
        char yaml[200];
        snprintf(yaml, sizeof yaml,
                 "{reader.country: %s, reader.network: office, reader.role: staff, reader.entity: "
                 "aoba, act.purpose: %s}",
                 countries[i % COUNT_OF(countries)], i % 2 ? "use" : "backup");
        requests[i] = support_facts(yaml, yaml);
    }
    static unsigned char memory[1 << 18], other[1 << 18];
    size_t effects[3] = {0}, spoken = 0, decisions = 0;
    int64_t now_ns = support_time("2026-11-21"), start = cpu_ns();
    for (size_t round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < COUNT_OF(tables); i++)
            for (size_t k = 0; k < PER_TABLE; k++) {
                struct arena arena = arena_over(memory, sizeof memory);
                struct rulebook_decision d;
                struct error e;
                if (rulebook_decide(tables[i], &requests[k], now_ns, &arena,
                                    arena_over(other, sizeof other), &d, &e) != OK)
                    fail();
                effects[d.effect]++;
                spoken += d.fixed_count + d.spoke_count;
                decisions++;
            }
    double each_ns = (double)(cpu_ns() - start) / (double)decisions;
    printf("%d clauses, %zu tables (%.0f us each to build), %zu contexts: %.0f ns a decision; "
           "%.1f clauses spoke, %zu/%zu/%zu\n",
           CLAUSES, COUNT_OF(tables), (double)(built - began) / 1e3 / COUNT_OF(tables),
           COUNT_OF(tables) * PER_TABLE, each_ns, (double)spoken / (double)decisions, effects[0],
           effects[1], effects[2]);
    size_t bytes = 0;
    start = cpu_ns();
    for (size_t i = 0; i < COUNT_OF(tables) * PER_TABLE; i++) {
        struct arena arena = arena_over(memory, sizeof memory);
        struct arena scratch = arena_over(other, sizeof other);
        struct rulebook_decision d;
        struct error e;
        str canonical;
        if (rulebook_decide(tables[i / PER_TABLE], &requests[i % PER_TABLE], now_ns, &arena,
                            scratch, &d, &e) != OK ||
            rulebook_decision_canonical(&d, NULL, 0, &arena, scratch, &canonical, &e) != OK)
            fail();
        bytes += canonical.len;
    }
    printf("with its canonical bytes: %.0f ns, %zu bytes each\n",
           (double)(cpu_ns() - start) / (COUNT_OF(tables) * PER_TABLE),
           bytes / (COUNT_OF(tables) * PER_TABLE));
    assert_true(effects[0] > 0 && effects[2] > 0);
    assert_true(each_ns < 20000); /* ten slow clauses would take longer, on any machine */
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_decision_takes_nanoseconds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
