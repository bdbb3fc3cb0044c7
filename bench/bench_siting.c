/* How long it takes to choose among sites, and how far the best set may be from the one found:
 *
 *   all sets of four of 47 and of 60 sites under 60 events (under 5 and 15 s on one core are wanted), and
 *   three to five of 100, 200 and 500 sites, which are too many to try, over two kinds of tables: `country`
 *   as a planner's are, where neighbours share nearly all that strikes them, and `chance`, where each
 *   event strikes a quarter of the sites at random, so that no two are alike and no bound says much.
 *
 *   bench_siting [country|chance SITES COPIES] */
#include <stdio.h>
#include <stdlib.h>

#include "siting/siting.h"

enum { EVENTS = 60, PREFECTURES = 47, MAKERS = 8 };

static char memory[1 << 29];

struct making {
    struct random_seeded random;
    struct siting_rows *rows;
    uint32_t *event;
    double *weight, *p;
};

static double chance(struct making *m, unsigned percent_most) {
    return (double)(1 + random_below(&m->random, percent_most)) / 100;
}
static void row_begin(struct making *m, size_t event, double rate) {
    m->event[m->rows->row_count] = (uint32_t)event;
    m->weight[m->rows->row_count++] = rate;
}
static double *cell(struct making *m, size_t site) {
    return &m->p[site * m->rows->stride + m->rows->row_count - 1];
}

/* Two or three branches an event, each of which reaches a quarter of the sites. */
static void by_chance(struct making *m) {
    for (size_t i = 0; i < EVENTS * 5 / 2; i++) {
        row_begin(m, i * 2 / 5, (double)(1 + random_below(&m->random, 300)) / 1e5);
        for (size_t site = 0; site < m->rows->site_count; site++)
            if (random_below(&m->random, 4) == 0) *cell(m, site) = chance(m, 60);
    }
}

/* A long country: prefectures in a row, several sites in each. Earthquakes of three severities shake some
 * prefectures beside each other, hard in their middle; floods take some sites of a prefecture or two;
 * makers and operators have sites everywhere. */
static void by_country(struct making *m) {
    size_t sites = m->rows->site_count;
    for (size_t i = 0; i < EVENTS / 3; i++) {
        size_t middle = random_below(&m->random, PREFECTURES), width = random_below(&m->random, 8);
        double rate = (double)(1 + random_below(&m->random, 300)) / 1e4;
        for (size_t severity = 1; severity <= 3; severity++) {
            row_begin(m, i, rate / 3);
            for (size_t site = 0; site < sites; site++) {
                size_t prefecture = site * PREFECTURES / sites,
                       off = prefecture > middle ? prefecture - middle : middle - prefecture;
                if (off <= width * severity / 3)
                    *cell(m, site) = off <= width * severity / 6 ? 0.2 : 0.02;
            }
        }
    }
    for (size_t i = EVENTS / 3; i < EVENTS - MAKERS; i++) {
        size_t where = random_below(&m->random, PREFECTURES);
        row_begin(m, i, (double)(1 + random_below(&m->random, 100)) / 1e4);
        for (size_t site = 0; site < sites; site++)
            if (site * PREFECTURES / sites - where <= 1 && random_below(&m->random, 3) == 0)
                *cell(m, site) = 0.3;
    }
    for (size_t i = EVENTS - MAKERS; i < EVENTS; i++) {
        row_begin(m, i, 0.05);
        for (size_t site = 0; site < sites; site++)
            if (random_below(&m->random, MAKERS / 2) == 0) *cell(m, site) = 0.02;
    }
}

static struct siting_rows rows_make(struct arena *arena, size_t sites, bool is_country) {
    struct siting_rows rows = {.site_count = sites, .stride = EVENTS * 5 / 2 + sites};
    struct making m = {.rows = &rows};
    random_seed(&m.random, 47);
    rows.event = m.event = arena_new(arena, uint32_t, rows.stride);
    m.weight = arena_new(arena, double, rows.stride);
    m.p = arena_new(arena, double, rows.stride *sites);
    assert(m.event != NULL && m.weight != NULL && m.p != NULL);
    if (is_country)
        by_country(&m);
    else
        by_chance(&m);
    for (size_t site = 0; site < sites; site++) { /* a risk of its own */
        row_begin(&m, EVENTS + site, (double)(1 + random_below(&m.random, 300)) / 1e5);
        *cell(&m, site) = is_country ? 0.2 : chance(&m, 60);
    }
    for (int end = 0; end < SITING_END_COUNT; end++) {
        rows.weight[end] = m.weight;
        for (int result = 0; result < SITING_RESULT_COUNT; result++) rows.p[result][end] = m.p;
    }
    return rows;
}

static void run(bool is_country, size_t sites, size_t copies) {
    struct arena arena = arena_over(memory, sizeof memory);
    struct siting_rows rows = rows_make(&arena, sites, is_country);
    struct siting_problem problem = {
        .rows = &rows, .copies = copies, .tolerate = copies - 1, .window_years = 30 / 365.25};
    struct siting_answer answer;
    struct error e;
    char text[1024];
    int64_t began_ns = clock_steady_ns();
    if (siting_choose(&problem, arena, &answer, &e) != OK) {
        fprintf(stderr, "bench_siting: %s\n", error_text(&e, text, sizeof text));
        exit(1);
    }
    double seconds = (double)(clock_steady_ns() - began_ns) / 1e9,
           best = answer.best[0].rate[SITING_LOSS][SITING_HI];
    printf("%-8s %3zu sites, %zu copies %9llu sets in %6.2f s, best %.4g a year, %s %.4g (gap %.3g "
           "%%)\n",
           is_country ? "country" : "chance", sites, copies, (unsigned long long)answer.looked_at,
           seconds, best, answer.is_proved ? "proved" : "none below", answer.bound,
           best > 0 ? 100 * (best - answer.bound) / best : 0);
    fflush(stdout);
}

int main(int argc, char **argv) {
    static const size_t many[] = {100, 200, 500};
    if (argc == 4) {
        run(strcmp(argv[1], "country") == 0, (size_t)atoi(argv[2]), (size_t)atoi(argv[3]));
        return 0;
    }
    for (int kind = 0; kind < 2; kind++) {
        run(kind == 0, 47, 4);
        run(kind == 0, 60, 4);
        for (size_t i = 0; i < COUNT_OF(many); i++)
            for (size_t copies = 3; copies <= 5; copies++) run(kind == 0, many[i], copies);
    }
    return 0;
}
