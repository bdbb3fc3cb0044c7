/* The recursion against the plain sum it stands for, and against the two traps. */
#include <math.h>

#include "tests/siting/table.h"

/* The formula as it is written down, event by event, without lattice or memory. */
static double p_exactly(const struct table *t, size_t row, unsigned struck, unsigned of) {
    double p = 1;
    for (unsigned i = 0; i < SITING_SET_MAX; i++)
        if ((of & 1u << i) != 0) p *= (struck & 1u << i) != 0 ? t->p[i][row] : 1 - t->p[i][row];
    return p;
}
static double plain_q(const struct table *t, unsigned rest, int need, int d, double window) {
    if (need <= 0) return 1;
    if (need > __builtin_popcount(rest)) return 0;
    double sum = 0;
    for (size_t row = 0; row < t->rows.row_count; row++)
        for (unsigned u = rest; u != 0; u = (u - 1) & rest)
            sum += t->weight[row] * p_exactly(t, row, u, rest) *
                   plain_q(t, rest & ~u, need - __builtin_popcount(u), d + 1, window);
    return window / d * sum;
}
static double plain(const struct table *t, size_t count, size_t tolerate, double window) {
    unsigned all = (1u << count) - 1;
    double sum = 0;
    for (size_t row = 0; row < t->rows.row_count; row++)
        for (unsigned u = all; u != 0; u = (u - 1) & all)
            sum += t->weight[row] * p_exactly(t, row, u, all) *
                   plain_q(t, all & ~u, (int)tolerate + 1 - __builtin_popcount(u), 1, window);
    return sum;
}

static void the_lattice_is_the_plain_recursion(void **state) {
    struct random_seeded r;
    random_seed(&r, 7);
    for (int turn = 0; turn < 60; turn++) {
        struct table t;
        size_t count = 1 + random_below(&r, 4), rows = 1 + random_below(&r, 6),
               tolerate = random_below(&r, count);
        table_init(&t, rows, count);
        for (size_t row = 0; row < rows; row++) {
            t.weight[row] = (double)random_below(&r, 1000) / 1000;
            for (size_t i = 0; i < count; i++) t.p[i][row] = (double)random_below(&r, 101) / 100;
        }
        double a = joint(&t, count, tolerate, 0.08), b = plain(&t, count, tolerate, 0.08);
        if (fabs(a - b) > 1e-12 * fmax(1, b)) fail_msg("turn %d: %.17g, plainly %.17g", turn, a, b);
    }
}

/* Trap 1: multiplying the probabilities of 30 years forgets that copies are rebuilt, and that one event
 * strikes both. */
static void thirty_year_probabilities_are_not_to_be_multiplied(void **state) {
    struct table t;
    double window = 30 / 365.25, rate = 0.01, p30 = 1 - exp(-30 * rate);
    table_init(&t, 2, 2);
    t.weight[0] = t.weight[1] = rate;
    t.p[0][0] = t.p[1][1] = 1;
    double independent = 1 - exp(-30 * joint(&t, 2, 1, window));
    assert_true(p30 * p30 / independent >
                100);            /* the product is more than a hundred times too dark */
    t.p[0][1] = t.p[1][0] = 0.5; /* the same sites under shared events */
    double shared = 1 - exp(-30 * joint(&t, 2, 1, window));
    assert_true(shared > 100 * independent);
}

/* The first version lacked the window's division and was twice too dark for three. */
static void further_events_in_one_window_have_no_order(void **state) {
    struct table t;
    table_init(&t, 3, 3);
    for (size_t i = 0; i < 3; i++) {
        t.weight[i] = 0.01;
        t.p[i][i] = 1;
    }
    double window = 0.1, expected = 3 * 0.01 * (2 * 0.01 * window) * (0.01 * window) / 2;
    assert_true(fabs(joint(&t, 3, 2, window) / expected - 1) < 1e-12);
}

/* Trap 2: one average probability in place of branches of severity loses the correlation. */
static void branches_carry_the_correlation(void **state) {
    struct table branched, averaged;
    table_init(&branched, 2, 2);
    branched.weight[0] = 0.01 * 0.2; /* the severe fifth takes both, the rest neither */
    branched.weight[1] = 0.01 * 0.8;
    branched.p[0][0] = branched.p[1][0] = 1;
    table_init(&averaged, 1, 2);
    averaged.weight[0] = 0.01;
    averaged.p[0][0] = averaged.p[1][0] = 0.2;
    double right = joint(&branched, 2, 1, 0), wrong = joint(&averaged, 2, 1, 0);
    assert_true(fabs(right - 0.002) < 1e-15);
    assert_true(fabs(wrong - 0.0004) < 1e-15); /* a fifth of the risk, and nothing to see */
}

static void shares_of_events_add_up(void **state) {
    struct table t;
    struct siting_share top[8];
    static const uint32_t set[] = {0, 1, 2};
    table_init(&t, 6, 3);
    for (size_t row = 0; row < 6; row++) {
        t.weight[row] = 0.01 * (double)(row + 1);
        t.event[row] = (uint32_t)(row / 2);
        for (size_t i = 0; i < 3; i++) t.p[i][row] = (double)((row * 3 + i * 5) % 7) / 7;
    }
    size_t count = siting_joint_top(&t.rows, SITING_LOSS, SITING_HI, set, 3, 2, 0.1, top, 8);
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += top[i].rate;
        assert_true(i == 0 || top[i - 1].rate >= top[i].rate);
    }
    assert_int_equal(count, 3);
    assert_true(fabs(sum / joint(&t, 3, 2, 0.1) - 1) < 1e-12);
}

/* 0.1 + 0.2 + 0.3 is more than 0.3 + 0.2 + 0.1 by its last bit, and that bit put the second event first. */
static void the_last_bit_of_a_sum_ordered_the_events(void **state) {
    static const double parts[][3] = {{0.3, 0.2, 0.1}, {0.1, 0.2, 0.3}};
    static const uint32_t set[] = {0};
    struct table t;
    struct siting_share top[2];
    table_init(&t, 6, 1);
    for (size_t row = 0; row < 6; row++) {
        t.weight[row] = parts[row / 3][row % 3];
        t.event[row] = (uint32_t)(row / 3);
        t.p[0][row] = 1;
    }
    assert_int_equal(
        siting_joint_top(&t.rows, SITING_LOSS, SITING_HI, set, 1, 0, 0.1, top, COUNT_OF(top)), 2);
    assert_true(top[0].event == 0 && top[1].event == 1);
    assert_true(top[0].rate < top[1].rate); /* else this test tries nothing */
    assert_int_equal(siting_joint_top(&t.rows, SITING_LOSS, SITING_HI, set, 1, 0, 0.1, top, 1), 1);
    assert_int_equal(top[0].event, 0);
}

static void what_differs_by_the_last_bits_is_the_same(void **state) {
    static const struct {
        double a, b;
        int order;
    } cases[] = {
        {0.3, 0.1 + 0.2, 0}, {1, 1 + 1e-10, 0}, {1, 1 + 1e-8, -1}, {1e-20, 1.1e-20, -1},
        {0, 0, 0},           {0, 1e-300, -1},   {1, HUGE_VAL, -1}, {HUGE_VAL, HUGE_VAL, 0}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(siting_compare(cases[i].a, cases[i].b), cases[i].order);
        assert_int_equal(siting_compare(cases[i].b, cases[i].a), -cases[i].order);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_lattice_is_the_plain_recursion),
        cmocka_unit_test(thirty_year_probabilities_are_not_to_be_multiplied),
        cmocka_unit_test(further_events_in_one_window_have_no_order),
        cmocka_unit_test(branches_carry_the_correlation),
        cmocka_unit_test(shares_of_events_add_up),
        cmocka_unit_test(the_last_bit_of_a_sum_ordered_the_events),
        cmocka_unit_test(what_differs_by_the_last_bits_is_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
