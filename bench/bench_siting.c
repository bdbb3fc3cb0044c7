/* How long it takes to look at all sets of four: 47 sites and 60 events (under 5 s on one core are wanted),
 * 60 sites and 60 events (under 15 s), and 200 sites by exchange, with the gap that is left. */
#include <stdio.h>
#include <stdlib.h>

#include "siting/siting.h"

static char memory[1 << 28];

/* Events with two or three branches, of which each reaches a part of the sites; and a risk of its own for
 * each site. */
static struct siting_rows rows_make(struct arena *arena, size_t sites, size_t events) {
    struct random_seeded r;
    struct siting_rows rows = {.site_count = sites, .row_count = events * 5 / 2 + sites};
    rows.stride = rows.row_count;
    random_seed(&r, 47);
    uint32_t *event = arena_new(arena, uint32_t, rows.row_count);
    double *weight = arena_new(arena, double, rows.row_count),
           *p = arena_new(arena, double, rows.row_count *sites);
    assert(event != NULL && weight != NULL && p != NULL);
    for (size_t row = 0; row < rows.row_count; row++) {
        bool is_own = row >= events * 5 / 2;
        event[row] = (uint32_t)(is_own ? events + row - events * 5 / 2 : row * 2 / 5);
        weight[row] = (double)(1 + random_below(&r, 300)) / 1e5;
        for (size_t site = 0; site < sites; site++) {
            bool reached = is_own ? row - events * 5 / 2 == site : random_below(&r, 4) == 0;
            p[site * rows.stride + row] = reached ? (double)(1 + random_below(&r, 60)) / 100 : 0;
        }
    }
    rows.event = event;
    for (int end = 0; end < SITING_END_COUNT; end++) {
        rows.weight[end] = weight;
        for (int result = 0; result < SITING_RESULT_COUNT; result++) rows.p[result][end] = p;
    }
    return rows;
}

static void run(const char *what, size_t sites, size_t copies) {
    struct arena arena = arena_over(memory, sizeof memory);
    struct siting_rows rows = rows_make(&arena, sites, 60);
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
    printf("%-22s %9llu sets in %6.2f s, best %.4g a year, %s %.4g (gap %.3g %%)\n", what,
           (unsigned long long)answer.looked_at, seconds, best,
           answer.is_proved ? "proved" : "none below", answer.bound,
           best > 0 ? 100 * (best - answer.bound) / best : 0);
}

int main(void) {
    run("47 sites, 4 copies", 47, 4);
    run("60 sites, 4 copies", 60, 4);
    run("47 sites, 5 copies", 47, 5);
    run("200 sites, 4 copies", 200, 4);
    return 0;
}
