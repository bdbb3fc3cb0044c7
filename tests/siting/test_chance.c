/* The recursion against chance. Seeds are fixed, so that a run is the same run each time. */
#include <math.h>

#include "tests/siting/table.h"

static double by_chance(const struct table *t, size_t count, size_t tolerate, double window,
                        double years) {
    static const uint32_t set[] = {0, 1, 2, 3, 4, 5, 6, 7};
    return siting_simulate(&t->rows, SITING_LOSS, SITING_HI, set, count, tolerate, window, years,
                           20180906);
}

/* Independent sites, each lost 0.25 times a year: absurdly often, so that chance has something to
 * count. The error is of the order of rate times window and vanishes at real rates. */
static void independent_sites_agree_with_chance(void **state) {
    static const struct { size_t count, tolerate; } cases[] = {{2, 1}, {3, 2}, {4, 2}};
    for (size_t c = 0; c < COUNT_OF(cases); c++) {
        struct table t;
        table_init(&t, cases[c].count, cases[c].count);
        for (size_t i = 0; i < cases[c].count; i++) {
            t.weight[i] = 0.25;
            t.p[i][i] = 1;
        }
        double exact = joint(&t, cases[c].count, cases[c].tolerate, 30 / 365.25);
        double chance = by_chance(&t, cases[c].count, cases[c].tolerate, 30 / 365.25, 8e6);
        if (fabs(exact / chance - 1) > 0.10)
            fail_msg("%zu sites: %g, by chance %g", cases[c].count, exact, chance);
    }
}

static void mixed_tables_agree_with_chance(void **state) {
    static const double weights[] = {0.02, 0.006, 0.05, 0.01, 0.03};
    static const double p[4][5] = {
        {0.9, 0.2, 1, 0, 0.1}, {0.5, 0.9, 0, 1, 0.1}, {0.3, 0.4, 0, 0, 0.6}, {0, 0.7, 0.2, 0, 0.5}};
    static const struct {
        size_t count, tolerate;
    } cases[] = {{2, 1}, {2, 0}, {3, 2}, {3, 1}, {4, 2}, {4, 3}};
    struct table t;
    table_init(&t, 5, 4);
    for (size_t row = 0; row < 5; row++) {
        t.weight[row] = weights[row];
        for (size_t i = 0; i < 4; i++) t.p[i][row] = p[i][row];
    }
    for (size_t c = 0; c < COUNT_OF(cases); c++) {
        double exact = joint(&t, cases[c].count, cases[c].tolerate, 0.1);
        double chance = by_chance(&t, cases[c].count, cases[c].tolerate, 0.1, 2e7);
        if (fabs(exact / chance - 1) > 0.03)
            fail_msg("%zu sites, %zu may be lost: %g, by chance %g", cases[c].count,
                     cases[c].tolerate, exact, chance);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(independent_sites_agree_with_chance),
        cmocka_unit_test(mixed_tables_agree_with_chance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
