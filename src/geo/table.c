/* Networks to values, the longest prefix wins: one sorted run of rows a prefix length. Registers
 * hold some hundreds of networks of a handful of lengths, so a few short binary searches do. */
#include "geo/geo.h"

#include <stdlib.h>

static int row_compare(const void *a_, const void *b_) {
    const struct geo_network *a = &((const struct geo_row *)a_)->network;
    const struct geo_network *b = &((const struct geo_row *)b_)->network;
    if (a->base.len != b->base.len) return a->base.len < b->base.len ? -1 : 1;
    if (a->bits != b->bits) return a->bits > b->bits ? -1 : 1;
    return memcmp(a->base.at, b->base.at, a->base.len);
}

/* Leaves one of rows alike. */
static enum error_code rows_fold(struct geo_row *rows, size_t *count, struct error *e) {
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++) {
        if (kept > 0 && row_compare(&rows[kept - 1], &rows[i]) == 0) {
            if (rows[kept - 1].value == rows[i].value) continue;
            char text[GEO_TEXT_BYTES];
            geo_network_write(&rows[i].network, text);
            return error_set(e, FAIL_EXISTS, "the network %s stands twice", text);
        }
        rows[kept++] = rows[i];
    }
    *count = kept;
    return OK;
}

/* One family's rows begin at *at; writes its runs and moves *at behind them. */
static size_t runs_write(const struct geo_row *rows, size_t count, unsigned len, size_t *at,
                         struct geo_run *runs) {
    size_t runs_count = 0;
    for (; *at < count && rows[*at].network.base.len == len; (*at)++) {
        unsigned bits = rows[*at].network.bits;
        if (runs_count == 0 || runs[runs_count - 1].bits != bits)
            runs[runs_count++] = (struct geo_run){bits, *at, 0};
        runs[runs_count - 1].count++;
    }
    return runs_count;
}

enum error_code geo_table_build(const struct geo_row *rows, size_t count, struct arena *arena,
                                struct geo_table *out, struct error *e) {
    enum { LENGTHS_V4 = 33, LENGTHS_V6 = 129 };
    struct geo_row *sorted = arena_new(arena, struct geo_row, count);
    struct geo_run *runs = arena_new(arena, struct geo_run, LENGTHS_V4 + LENGTHS_V6);
    if (sorted == NULL || runs == NULL)
        return error_set(e, FAIL_MEMORY, "no room for a table of %zu networks", count);
    if (count > 0) {
        memcpy(sorted, rows, count * sizeof *rows);
        qsort(sorted, count, sizeof *sorted, row_compare);
    }
    TRY(rows_fold(sorted, &count, e));
    struct geo_table table = {.rows = sorted, .count = count};
    size_t at = 0;
    table.runs_v4 = runs;
    table.runs_v4_count = runs_write(sorted, count, 4, &at, runs);
    table.runs_v6 = runs + LENGTHS_V4;
    table.runs_v6_count = runs_write(sorted, count, 16, &at, runs + LENGTHS_V4);
    assert(at == count);
    *out = table;
    return OK;
}

static const struct geo_row *run_find(const struct geo_table *table, const struct geo_run *run,
                                      const struct geo_address *address) {
    size_t low = run->first, high = run->first + run->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct geo_row *row = &table->rows[middle];
        if (geo_network_has(&row->network, address)) return row;
        if (memcmp(row->network.base.at, address->at, address->len) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

bool geo_table_find(const struct geo_table *table, const struct geo_address *address,
                    const struct geo_row **row) {
    bool is_v4 = address->len == 4;
    const struct geo_run *runs = is_v4 ? table->runs_v4 : table->runs_v6;
    size_t runs_count = is_v4 ? table->runs_v4_count : table->runs_v6_count;
    for (size_t i = 0; i < runs_count; i++) {
        const struct geo_row *found = run_find(table, &runs[i], address);
        if (found == NULL) continue;
        *row = found;
        return true;
    }
    return false;
}
