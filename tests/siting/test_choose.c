/* The best sets against all sets tried one by one, and the bound against the truth. */
#include <math.h>

#include "siting/choose.h"
#include "tests/siting/model.h"

struct table {
    struct siting_rows rows;
    double weight[80], p[SITING_RESULT_COUNT][64 * 80];
    uint32_t event[80];
};
/* `floor_percent` above 0: no site escapes any event, so that even a bound that knows little has
 * something to say. */
static void table_dense(struct table *t, size_t rows, size_t sites, uint64_t seed,
                        double floor_percent) {
    struct random_seeded r;
    random_seed(&r, seed);
    memset(t, 0, sizeof *t);
    t->rows = (struct siting_rows){
        .row_count = rows, .site_count = sites, .stride = 80, .event = t->event};
    for (int result = 0; result < SITING_RESULT_COUNT; result++)
        for (int end = 0; end < SITING_END_COUNT; end++) t->rows.p[result][end] = t->p[result];
    for (int end = 0; end < SITING_END_COUNT; end++) t->rows.weight[end] = t->weight;
    for (size_t row = 0; row < rows; row++) {
        t->weight[row] = (double)(1 + random_below(&r, 200)) / 10000;
        t->event[row] = (uint32_t)row;
        for (size_t site = 0; site < sites; site++)
            for (int result = 0; result < SITING_RESULT_COUNT; result++) {
                double p = random_below(&r, 3) == 0 ? (double)random_below(&r, 101) : 0;
                t->p[result][site * 80 + row] = fmax(p, floor_percent) / 100;
            }
        if (row < sites) t->p[SITING_LOSS][row * 80 + row] = 0.5; /* no site without any risk */
    }
}

static void table_random(struct table *t, size_t rows, size_t sites, uint64_t seed) {
    table_dense(t, rows, sites, seed, 0);
}

/* The least objective of all sets that keep the constraints, by trying each with siting_joint_rate. */
static double brute(const struct siting_problem *p, uint32_t *set, size_t depth, uint32_t from,
                    uint32_t *best_set) {
    double best = HUGE_VAL;
    size_t sites = p->rows->site_count;
    if (depth == p->copies) {
        memcpy(best_set, set, depth * sizeof *set);
        return siting_joint_rate(p->rows, p->objective, SITING_HI, set, depth, p->tolerate,
                                 p->window_years);
    }
    for (uint32_t site = from; site < sites; site++) {
        bool ok = true;
        for (size_t k = 0; k < p->constraint_count; k++) {
            const struct siting_constraint *c = &p->constraints[k];
            ok = ok && (c->site_ok == NULL || c->site_ok[site]);
            for (size_t i = 0; i < depth; i++)
                ok = ok && (c->pair_ok == NULL || c->pair_ok[set[i] * sites + site]);
        }
        uint32_t found[SITING_SET_MAX];
        if (!ok) continue;
        set[depth] = site;
        double rate = brute(p, set, depth + 1, site + 1, found);
        if (rate >= best * (1 - 1e-9)) continue;
        best = rate;
        memcpy(best_set, found, sizeof found);
    }
    return best;
}

static void the_best_of_all_sets_is_found(void **state) {
    static struct table t;
    static bool apart[12 * 12], allowed[12];
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct random_seeded r;
        random_seed(&r, seed * 31);
        table_random(&t, 12 + random_below(&r, 20), 12, seed);
        for (size_t i = 0; i < 12; i++)
            for (size_t k = 0; k < 12; k++)
                apart[i * 12 + k] = (i * k * seed) % 5 != 0 && (k * i * seed) % 5 != 0;
        for (size_t i = 0; i < 12; i++) allowed[i] = (i + seed) % 6 != 0;
        const struct siting_constraint constraints[] = {{STR("far apart"), NULL, apart},
                                                        {STR("at home"), allowed, NULL}};
        struct siting_problem p = {.rows = &t.rows,
                                   .copies = 1 + random_below(&r, 4),
                                   .window_years = 0.1,
                                   .objective = seed % 2 == 0 ? SITING_DOWN : SITING_LOSS,
                                   .constraints = constraints,
                                   .constraint_count = seed % 3};
        p.tolerate = random_below(&r, p.copies);
        struct siting_answer answer;
        struct error e;
        uint32_t set[SITING_SET_MAX], best[SITING_SET_MAX];
        assert_ok(siting_choose(&p, arena_over(model_memory, sizeof model_memory), &answer, &e),
                  &e);
        double expected = brute(&p, set, 0, 0, best);
        if (expected == HUGE_VAL) {
            assert_int_equal(answer.count, 0);
            continue;
        }
        assert_true(answer.is_proved);
        double got = answer.best[0].rate[p.objective][SITING_HI];
        if (fabs(got - expected) > 1e-9 * expected)
            fail_msg("seed %d: %.12g, by hand %.12g", (int)seed, got, expected);
        for (size_t i = 1; i < answer.count; i++)
            assert_true(answer.best[i].rate[p.objective][SITING_HI] >=
                        answer.best[i - 1].rate[p.objective][SITING_HI] * (1 - 1e-9));
    }
}

static void the_constraint_that_binds_is_named(void **state) {
    static struct table t;
    static bool none[8] = {false}, some[8] = {true, true, true, true, true, true, true, false},
                all[8];
    table_random(&t, 8, 8, 3);
    memset(all, true, sizeof all);
    const struct siting_constraint constraints[] = {
        {STR("all"), all, NULL}, {STR("none"), none, NULL}, {STR("some"), some, NULL}};
    struct siting_problem p = {&t.rows, 2, 1, 0.1, SITING_LOSS, constraints, 3, 0};
    struct siting_answer answer;
    struct error e;
    assert_ok(siting_choose(&p, arena_over(model_memory, sizeof model_memory), &answer, &e), &e);
    assert_int_equal(answer.count, 0);
    assert_int_equal(answer.binding, 1); /* impossible, and this alone is why */
    for (size_t row = 0; row < 8; row++)
        t.p[SITING_LOSS][7 * 80 + row] = 0; /* the site nobody may use is the best */
    const struct siting_constraint two[] = {constraints[0], constraints[2]};
    p.constraints = two;
    p.constraint_count = 2;
    assert_ok(siting_choose(&p, arena_over(model_memory, sizeof model_memory), &answer, &e), &e);
    assert_true(answer.count > 0);
    assert_int_equal(answer.binding, 1);
    assert_true(answer.without_binding < answer.best[0].rate[SITING_LOSS][SITING_HI]);
}

/* Neighbours are struck by the same events, nearly as surely; some exactly so. */
static void table_neighbours(struct table *t, size_t sites, struct random_seeded *r) {
    for (size_t site = 1; site < sites; site++) {
        size_t like = random_below(r, site);
        if (random_below(r, 3) == 0) continue;
        for (int result = 0; result < SITING_RESULT_COUNT; result++)
            for (size_t row = sites; row < t->rows.row_count; row++) {
                double p = t->p[result][like * 80 + row];
                t->p[result][site * 80 + row] = random_below(r, 8) == 0 ? p / 2 : p;
            }
    }
}

/* The search alone, which siting_choose asks only where sets are too many: it must find what trying every set
 * finds, prove it, and never say more than is so when it is stopped early. */
static void a_search_finds_what_all_sets_tried_give(void **state) {
    static struct table t;
    static bool apart[14 * 14], allowed[14];
    size_t proved_early = 0;
    for (uint64_t seed = 1; seed <= 400; seed++) {
        struct random_seeded r;
        random_seed(&r, seed * 97);
        size_t sites = 6 + random_below(&r, 9), rows = sites + random_below(&r, 40);
        table_dense(&t, rows, sites, seed, seed % 7 == 0 ? 5 : 0);
        if (seed % 3 != 0) table_neighbours(&t, sites, &r);
        for (size_t row = 0; seed % 5 == 0 && row < rows; row++) t.weight[row] *= 20;
        memset(apart, true, sizeof apart);
        for (size_t i = 0; i < sites; i++) {
            allowed[i] = random_below(&r, 6) != 0;
            for (size_t k = 0; k < i && seed % 2 == 0; k++)
                apart[i * sites + k] = apart[k * sites + i] = random_below(&r, 5) != 0;
        }
        const struct siting_constraint constraints[] = {{STR("far apart"), NULL, apart},
                                                        {STR("at home"), allowed, NULL}};
        struct siting_problem p = {.rows = &t.rows,
                                   .copies = 1 + random_below(&r, 5),
                                   .window_years = (double)(1 + random_below(&r, 40)) / 40,
                                   .objective = seed % 4 == 0 ? SITING_DOWN : SITING_LOSS,
                                   .constraints = constraints,
                                   .constraint_count = 2};
        p.tolerate = seed % 3 == 0 ? random_below(&r, p.copies) : p.copies - 1;
        struct siting_answer answer = {0}, early = {0};
        struct choosing c = {.problem = &p, .answer = &answer, .effort_left = 1000000};
        struct arena arena = arena_over(model_memory, sizeof model_memory);
        struct error e;
        uint32_t set[SITING_SET_MAX], best[SITING_SET_MAX];
        size_t candidates = 0;
        for (size_t i = 0; i < sites; i++) candidates += allowed[i];
        if (candidates == 0) continue;
        assert_ok(cluster_tree_make(&p, allowed, apart, &arena, &c.tree, &e), &e);
        assert_ok(choose_bound(&c, arena, &e), &e);
        double truth = brute(&p, set, 0, 0, best);
        assert_true(answer.is_proved);
        double got = answer.count > 0 ? answer.best[0].rate[p.objective][SITING_HI] : HUGE_VAL;
        if (got > truth * (1 + 1e-9) || got < truth * (1 - 1e-9))
            fail_msg("seed %d: %.12g, by hand %.12g", (int)seed, got, truth);
        if (answer.count > 0) assert_true(fabs(answer.bound - truth) <= 2e-9 * truth);
        struct choosing short_one = c;
        short_one.answer = &early;
        short_one.effort_left = random_below(&r, 60);
        assert_ok(choose_bound(&short_one, arena, &e), &e);
        assert_true(early.bound <= truth * (1 + 1e-9));
        proved_early += early.is_proved;
        if (early.is_proved && truth < HUGE_VAL)
            assert_true(early.best[0].rate[p.objective][SITING_HI] <= truth * (1 + 1e-9));
    }
    assert_true(proved_early > 0 && proved_early < 400);
}

/* Two hundred sites in forty places: all are far too many to try, and the best set is proved all the same. */
static void many_sites_in_few_places_are_proved(void **state) {
    static struct siting_rows rows;
    enum { SITES = 200, PLACES = 40, STRIDE = PLACES + 2 + SITES };
    static double weight[STRIDE], p[SITES * STRIDE];
    static uint32_t event[STRIDE];
    struct random_seeded r;
    random_seed(&r, 5);
    rows = (struct siting_rows){
        .row_count = STRIDE, .site_count = SITES, .stride = STRIDE, .event = event};
    for (int end = 0; end < SITING_END_COUNT; end++) {
        rows.weight[end] = weight;
        for (int result = 0; result < SITING_RESULT_COUNT; result++) rows.p[result][end] = p;
    }
    for (size_t row = 0; row < STRIDE; row++) {
        weight[row] = (double)(1 + random_below(&r, 200)) / 1e4;
        event[row] = (uint32_t)row;
    }
    for (size_t site = 0; site < SITES; site++) {
        p[site * STRIDE + site % PLACES] = 0.3;
        p[site * STRIDE + PLACES + site % 2] = 0.01;
        p[site * STRIDE + PLACES + 2 + site] = 0.2;
    }
    struct siting_problem problem = {
        .rows = &rows, .copies = 4, .tolerate = 3, .window_years = 0.08};
    struct siting_answer answer;
    struct error e;
    assert_ok(siting_choose(&problem, arena_over(model_memory, sizeof model_memory), &answer, &e),
              &e);
    assert_true(answer.is_proved);
    assert_true(answer.bound <= answer.best[0].rate[SITING_LOSS][SITING_HI]);
    assert_true(answer.bound >= answer.best[0].rate[SITING_LOSS][SITING_HI] * (1 - 1e-8));
    bool of_both[2] = {false, false};
    for (size_t i = 0; i < 4; i++) of_both[answer.best[0].set[i] % 2] = true;
    assert_true(of_both[0] &&
                of_both[1]); /* not all under one of the two that reach half of them */
}

/* With little effort the answer is an exchange's; its bound must never be above the truth, and with
 * enough effort it is the truth. */
static void a_bound_is_never_above_the_best(void **state) {
    static struct table t;
    size_t proved = 0;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        table_random(&t, 40, 24, seed);
        struct siting_problem p = {.rows = &t.rows,
                                   .copies = 2 + seed % 2,
                                   .tolerate = seed % 2 + seed / 2 % 2,
                                   .window_years = 0.1};
        struct siting_answer all, some;
        struct error e;
        assert_ok(siting_choose(&p, arena_over(model_memory, sizeof model_memory), &all, &e), &e);
        double truth = all.best[0].rate[SITING_LOSS][SITING_HI];
        for (uint64_t effort = 50; effort < 276 * (1 + 6 * (p.copies - 2));
             effort = effort * 3 / 2) { /* fewer than sets: 276, 2024 */
            p.effort_max = effort;
            assert_ok(siting_choose(&p, arena_over(model_memory, sizeof model_memory), &some, &e),
                      &e);
            assert_true(some.count > 0);
            assert_true(some.best[0].rate[SITING_LOSS][SITING_HI] >= truth * (1 - 1e-9));
            assert_true(some.bound <= truth * (1 + 1e-9));
            if (some.is_proved)
                assert_true(some.best[0].rate[SITING_LOSS][SITING_HI] <= truth * (1 + 1e-9));
            proved += some.is_proved;
        }
    }
    assert_true(proved > 0);
}

/* What the bound rests on: sharing events never makes the loss of all rarer than independence would. */
static void independence_is_the_least_for_the_loss_of_all(void **state) {
    static struct table t, apart;
    for (uint64_t seed = 1; seed <= 400; seed++) {
        struct random_seeded r;
        static const uint32_t set[] = {0, 1, 2, 3};
        random_seed(&r, seed * 7);
        size_t count = 2 + random_below(&r, 3);
        double window = (double)(1 + random_below(&r, 100)) / 200;
        table_random(&t, 12, count, seed);
        table_random(&apart, count, count, seed);
        memset(apart.p, 0, sizeof apart.p);
        for (uint32_t site = 0; site < count; site++) {
            apart.p[SITING_LOSS][site * 80 + site] = 1;
            apart.weight[site] = siting_joint_rate(&t.rows, SITING_LOSS, SITING_HI, &site, 1, 0, 0);
        }
        double shared =
            siting_joint_rate(&t.rows, SITING_LOSS, SITING_HI, set, count, count - 1, window);
        double own =
            siting_joint_rate(&apart.rows, SITING_LOSS, SITING_HI, set, count, count - 1, window);
        if (shared < own * (1 - 1e-9))
            fail_msg("seed %d: %.12g shared, %.12g apart", (int)seed, shared, own);
    }
}

static void what_cannot_be_asked_is_said(void **state) {
    static struct table t;
    table_random(&t, 4, 4, 1);
    static const struct {
        size_t copies, tolerate;
        const char *message;
    } cases[] = {{5, 1, "5 copies, but only 4 sites"},
                 {9, 1, "9 copies: a set has 1 to 8"},
                 {0, 0, "0 copies"},
                 {2, 2, "a set of 2 copies cannot tolerate the loss of 2"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct siting_problem p = {
            .rows = &t.rows, .copies = cases[i].copies, .tolerate = cases[i].tolerate};
        struct siting_answer answer;
        struct error e;
        assert_int_equal(
            siting_choose(&p, arena_over(model_memory, sizeof model_memory), &answer, &e),
            FAIL_USAGE);
        assert_row(cases[i].message, strstr(e.message, cases[i].message) != NULL);
    }
    assert_int_equal(siting_set_count(47, 4), 178365);
    assert_int_equal(siting_set_count(60, 4), 487635);
    assert_int_equal(siting_set_count(3, 4), 0);
    assert_int_equal(siting_set_count(UINT64_MAX, 2), UINT64_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_of_all_sets_is_found),
        cmocka_unit_test(the_constraint_that_binds_is_named),
        cmocka_unit_test(a_search_finds_what_all_sets_tried_give),
        cmocka_unit_test(many_sites_in_few_places_are_proved),
        cmocka_unit_test(a_bound_is_never_above_the_best),
        cmocka_unit_test(independence_is_the_least_for_the_loss_of_all),
        cmocka_unit_test(what_cannot_be_asked_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
