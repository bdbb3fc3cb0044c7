/* Rows without a model: weights and probabilities as a test gives them. */
#ifndef AZEKURA_TESTS_SITING_TABLE_H
#define AZEKURA_TESTS_SITING_TABLE_H

#include "siting/siting.h"
#include "tests/test.h"

struct table {
    struct siting_rows rows;
    double weight[64], p[SITING_SET_MAX][64];
    uint32_t event[64];
};
static inline void table_init(struct table *t, size_t rows, size_t sites) {
    memset(t, 0, sizeof *t);
    t->rows = (struct siting_rows){
        .row_count = rows, .site_count = sites, .stride = 64, .event = t->event};
    for (int end = 0; end < SITING_END_COUNT; end++) {
        t->rows.weight[end] = t->weight;
        for (int result = 0; result < SITING_RESULT_COUNT; result++)
            t->rows.p[result][end] = &t->p[0][0];
    }
    for (size_t i = 0; i < rows; i++) t->event[i] = (uint32_t)i;
}
static inline double joint(const struct table *t, size_t count, size_t tolerate, double window) {
    static const uint32_t set[] = {0, 1, 2, 3, 4, 5, 6, 7};
    return siting_joint_rate(&t->rows, SITING_LOSS, SITING_HI, set, count, tolerate, window);
}

#endif
