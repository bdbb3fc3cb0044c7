/* What a decision costs: rulebook_decide over 10,000 tables, each folded from 500 clauses for a
 * context of its own (dataset, place, act), asked in random order with facts of a request at hand,
 * so that a table is as cold as a busy store leaves it. A sample is held against the slow evaluator.
 *
 *   bench_decide [contexts [clauses [seconds]]]
 *
 * Rules are generated, the same every time: they bind by sector, class and kind of data; of four
 * requirements one reads the place, one the dataset, one the keys, one who reads. Prints one line of
 * JSON. Source: RULEBOOK 6. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/base.h"
#include "rulebook/rulebook.h"

enum { CLAUSES_A_BOOK = 25, SECTORS = 14, REQUESTS = 64, BATCH = 1000, BATCHES_MAX = 100000 };
#define NOW_NS ((int64_t)1795305600 * NS_PER_S) /* 2026-11-22 */

static struct random_seeded dice;
static const char *const countries[] = {"JP", "US", "SG", "SE", "DE"};
static const char *const classes[] = {"critical", "important", "general"};
static const char *const kinds[] = {"medical", "payment", "personal", "operations"};
static const char *const acts[] = {"put", "get", "list", "delete"};
static const str request_paths[] = {{"reader", 6},
                                    {"act.purpose", 11}}; /* what only a request knows */

static void or_die(enum error_code code, const struct error *e) {
    char text[1400];
    if (code == OK) return;
    fprintf(stderr, "bench_decide: %s\n", error_text(e, text, sizeof text));
    exit(1);
}

static size_t pick(size_t count) {
    return (size_t)random_below(&dice, count);
}

/* ---- the rules ---- */

static void clause_write(struct text *t, size_t number) {
    static const char *const strengths[] = {"law", "contract", "own", "should", "desirable"};
    static const char *const requirements[] = {
        "place.country in [\"JP\", \"SG\"]", "dataset.owner is \"o1\"",
        "keys.countries subset of [\"JP\"]", "reader.country in [\"JP\"]"};
    size_t sector = pick(SECTORS);
    text_format(t,
                "  - id: c%zu\n    about: %s\n    source: {basis: own, where: bench}\n"
                "    strength: %s\n    applies: {act: [put, get, list, delete], "
                "dataset.sector: [s%zu, s%zu], dataset.class: [%s, %s]}\n",
                number, number % 4 == 3 ? "session" : "copy", strengths[pick(COUNT_OF(strengths))],
                sector, (sector + 1) % SECTORS, classes[pick(2)], classes[2]);
    if (pick(3) == 0)
        text_format(t, "    when:\n      - dataset.kinds has %s\n", kinds[pick(COUNT_OF(kinds))]);
    text_format(t, "    require:\n      - %s\n", requirements[number % 4]);
}

static const struct rulebook_set *set_make(size_t clauses, struct arena *arena,
                                           struct arena scratch) {
    struct rulebook_set_input input = {.what_if = true};
    struct rulebook_read read;
    struct error e;
    const struct rulebook_set *set;
    size_t cap = 1024 + clauses * 512;
    char *memory = arena_bytes(arena, cap);
    struct text t = text_into(memory, memory != NULL ? cap : 0);
    for (size_t i = 0; i < clauses; i++) {
        if (i % CLAUSES_A_BOOK == 0)
            text_format(&t, "---\nrulebook: r%zu\nissuer: bench\nclauses:\n", i / CLAUSES_A_BOOK);
        clause_write(&t, i);
    }
    if (t.overflow) exit(1);
    or_die(rulebook_read(STR("rules"), text_str(&t), arena, scratch, &read, &e), &e);
    input.rulebooks = read.rulebooks;
    input.rulebook_count = read.count;
    or_die(rulebook_set_compile(&input, arena, scratch, &set, &e), &e);
    return set;
}

/* ---- contexts and requests ---- */

struct context {
    struct rulebook_subject subject;
    struct rulebook_facts facts;
    const struct rulebook_table *table;
};

static str kept(struct arena *arena, const char *prefix, size_t number) {
    struct error e;
    str out;
    or_die(arena_format(arena, &out, &e, "%s%zu", prefix, number), &e);
    return out;
}

static void context_make(size_t i, struct arena *arena, struct context *out) {
    struct rulebook_fact *facts = arena_new(arena, struct rulebook_fact, 8);
    str *lists = arena_new(arena, str, 2);
    if (facts == NULL || lists == NULL) exit(1);
    size_t dataset = i / COUNT_OF(acts);
    lists[0] = str_from_c(kinds[pick(COUNT_OF(kinds))]);
    lists[1] = str_from_c(countries[pick(COUNT_OF(countries))]);
    out->subject = (struct rulebook_subject){.about = RULEBOOK_ABOUT_COPY | RULEBOOK_ABOUT_SESSION,
                                             .act = str_from_c(acts[i % COUNT_OF(acts)]),
                                             .operator_id = STR("o1"),
                                             .dataset_id = kept(arena, "d", dataset),
                                             .site_id = kept(arena, "p", dataset % 50)};
    size_t n = 0;
    facts[n++] = (struct rulebook_fact){STR("dataset.id"), rulebook_text(out->subject.dataset_id)};
    facts[n++] =
        (struct rulebook_fact){STR("dataset.sector"), rulebook_text(kept(arena, "s", pick(14)))};
    facts[n++] =
        (struct rulebook_fact){STR("dataset.class"), rulebook_text(str_from_c(classes[pick(3)]))};
    facts[n++] = (struct rulebook_fact){STR("dataset.kinds"), rulebook_set_of(&lists[0], 1)};
    facts[n++] = (struct rulebook_fact){STR("dataset.owner"),
                                        rulebook_text(pick(8) == 0 ? STR("o2") : STR("o1"))};
    facts[n++] = (struct rulebook_fact){STR("place.country"), rulebook_text(lists[1])};
    facts[n++] = (struct rulebook_fact){STR("place.site"), rulebook_text(out->subject.site_id)};
    facts[n++] = (struct rulebook_fact){STR("keys.countries"), rulebook_set_of(&lists[1], 1)};
    rulebook_facts_sort(facts, n);
    out->facts = (struct rulebook_facts){.at = facts, .count = n};
}

struct request {
    struct rulebook_fact at[5];
};

static struct rulebook_facts request_make(struct request *r) {
    size_t n = 0;
    r->at[n++] = (struct rulebook_fact){STR("reader.country"),
                                        rulebook_text(str_from_c(countries[pick(5)]))};
    r->at[n++] = (struct rulebook_fact){STR("reader.entity"), rulebook_text(STR("e1"))};
    r->at[n++] = (struct rulebook_fact){STR("reader.network"), rulebook_text(STR("n1"))};
    r->at[n++] = (struct rulebook_fact){STR("reader.role"), rulebook_text(STR("staff"))};
    r->at[n++] = (struct rulebook_fact){STR("act.purpose"), rulebook_unknown()};
    rulebook_facts_sort(r->at, n);
    return (struct rulebook_facts){.at = r->at, .count = n};
}

/* ---- agreement ---- */

static str canonical(const struct rulebook_decision *decision, struct arena *arena,
                     struct arena scratch) {
    struct error e;
    str out;
    or_die(rulebook_decision_canonical(decision, NULL, 0, arena, scratch, &out, &e), &e);
    return out;
}

static void compare(const struct rulebook_set *set, const struct context *c,
                    const struct rulebook_facts *request, struct arena arena,
                    struct arena scratch) {
    struct rulebook_facts all = *request;
    struct rulebook_decision fast, slow;
    struct error e;
    all.next = &c->facts;
    or_die(rulebook_decide(c->table, request, NOW_NS, &arena, scratch, &fast, &e), &e);
    or_die(rulebook_evaluate_slow(set, &c->subject, &all, NOW_NS, &arena, scratch, &slow, &e), &e);
    str a = canonical(&fast, &arena, scratch), b = canonical(&slow, &arena, scratch);
    if (str_equal(a, b)) return;
    fprintf(stderr, "bench_decide: table and slow evaluator differ\n");
    exit(1);
}

/* ---- measuring ---- */

static int64_t cpu_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

struct outcome {
    double p50_ns, p99_ns, mean_ns, spoke;
    uint64_t decisions, refused;
};

/* Batches of 1,000 decisions: a clock read a decision would be part of what is measured. Tables are
 * handed in by their addresses alone: looking for one is not deciding, and a walk through the
 * contexts would be one more wait for memory each, of this program's own making. */
static struct outcome measure(const struct rulebook_table *const *tables, size_t count,
                              const struct rulebook_facts *requests, double seconds,
                              struct arena arena, struct arena scratch) {
    static double batches[BATCHES_MAX];
    struct outcome out = {0};
    struct rulebook_decision decision;
    struct error e;
    size_t n = 0;
    uint64_t spoke = 0;
    int64_t end_ns = clock_steady_ns() + (int64_t)(seconds * 1e9), used_ns = 0;
    while (n < BATCHES_MAX && clock_steady_ns() < end_ns) {
        size_t order[BATCH], asks[BATCH];
        for (size_t i = 0; i < BATCH; i++) order[i] = pick(count), asks[i] = pick(REQUESTS);
        int64_t from_ns = cpu_ns();
        for (size_t i = 0; i < BATCH; i++) {
            struct arena fresh = arena;
            or_die(rulebook_decide(tables[order[i]], &requests[asks[i]], NOW_NS, &fresh, scratch,
                                   &decision, &e),
                   &e);
            spoke += decision.fixed_count + decision.spoke_count;
            out.refused += decision.effect == RULEBOOK_REFUSE;
        }
        int64_t took_ns = cpu_ns() - from_ns;
        used_ns += took_ns;
        batches[n++] = (double)took_ns / BATCH;
    }
    qsort(batches, n, sizeof *batches, by_value);
    out.decisions = (uint64_t)n * BATCH;
    out.p50_ns = batches[n / 2];
    out.p99_ns = batches[n * 99 / 100];
    out.mean_ns = (double)used_ns / (double)out.decisions;
    out.spoke = (double)spoke / (double)out.decisions;
    return out;
}

int main(int argc, char **argv) {
    uint64_t context_count = 10000, clauses = 500;
    double seconds = 3;
    static struct request memory[REQUESTS];
    struct rulebook_facts requests[REQUESTS];
    struct arena_space space, scratch_space;
    struct arena arena, scratch;
    struct error e;
    if ((argc > 1 && !str_u64(str_from_c(argv[1]), &context_count)) ||
        (argc > 2 && !str_u64(str_from_c(argv[2]), &clauses)) || context_count == 0 ||
        clauses == 0) {
        fprintf(stderr, "usage: bench_decide [contexts [clauses [seconds]]]\n");
        return 2;
    }
    if (argc > 3) seconds = strtod(argv[3], NULL);
    random_seed(&dice, 2018);
    or_die(arena_space_open(&space, (size_t)16 << 30, &arena, &e), &e);
    arena_space_dense(&space); /* as the gate has its rules */
    or_die(arena_space_open(&scratch_space, (size_t)256 << 20, &scratch, &e), &e);
    const struct rulebook_set *set = set_make(clauses, &arena, scratch);
    struct context *contexts = arena_new(&arena, struct context, context_count);
    if (contexts == NULL) return 1;
    for (size_t i = 0; i < context_count; i++) context_make(i, &arena, &contexts[i]);
    size_t before = arena_left(&arena);
    int64_t from_ns = cpu_ns();
    for (size_t i = 0; i < context_count; i++)
        or_die(rulebook_table_build(set, &contexts[i].subject, &contexts[i].facts, request_paths,
                                    COUNT_OF(request_paths), NOW_NS, &arena, scratch,
                                    &contexts[i].table, &e),
               &e);
    double build_us = (double)(cpu_ns() - from_ns) / 1e3 / (double)context_count;
    double table_bytes = (double)(before - arena_left(&arena)) / (double)context_count;
    for (size_t i = 0; i < REQUESTS; i++) requests[i] = request_make(&memory[i]);
    uint64_t compared = u64_min(context_count, 500);
    for (size_t i = 0; i < compared; i++)
        compare(set, &contexts[pick(context_count)], &requests[i % REQUESTS], arena, scratch);
    const struct rulebook_table **tables =
        arena_new(&arena, const struct rulebook_table *, context_count);
    if (tables == NULL) return 1;
    for (size_t i = 0; i < context_count; i++) tables[i] = contexts[i].table;
    struct outcome o = measure(tables, context_count, requests, seconds, arena, scratch);
    printf("{\"contexts\": %llu, \"clauses\": %llu, \"decisions\": %llu, \"p50_ns\": %.1f, "
           "\"p99_ns\": %.1f, \"mean_ns\": %.1f, \"decisions_per_s\": %.0f, "
           "\"clauses_spoke\": %.1f, \"refused_percent\": %.1f, \"table_build_us\": %.1f, "
           "\"table_bytes\": %.0f, \"compared_with_slow\": %llu}\n",
           (unsigned long long)context_count, (unsigned long long)clauses,
           (unsigned long long)o.decisions, o.p50_ns, o.p99_ns, o.mean_ns, 1e9 / o.mean_ns, o.spoke,
           100.0 * (double)o.refused / (double)o.decisions, build_us, table_bytes,
           (unsigned long long)compared);
    arena_space_release(&scratch_space);
    arena_space_release(&space);
    return 0;
}
