/* How many servers are alike in everything that is counted. Different combinations are few where servers
 * are many, so these are what is kept. */
#include "census/inner.h"

enum { CELLS_MOST = 1 << 20 };
#define CELLS_SPACE (CELLS_MOST * sizeof(struct census_cell))

struct cells {
    struct arena_space space, index_space;
    struct census_cell *at;
    size_t count;
    uint32_t *index; /* 1 + position; 0: empty. Twice as many as there can be cells */
};

enum error_code cells_open(struct cells **out, struct arena *arena, struct error *e) {
    struct arena cells_arena, index_arena;
    struct cells *cells = arena_new(arena, struct cells, 1);
    if (cells == NULL) return error_set(e, FAIL_MEMORY, "no room to count");
    *out = cells;
    TRY(arena_space_open(&cells->space, CELLS_SPACE + 64, &cells_arena, e));
    TRY(arena_space_open(&cells->index_space, 2 * CELLS_MOST * sizeof *cells->index + 64,
                         &index_arena, e));
    cells->at = (struct census_cell *)cells->space.at;
    cells->index = (uint32_t *)cells->index_space.at;
    return OK;
}

void cells_close(struct cells *cells) {
    if (cells == NULL) return;
    arena_space_release(&cells->space);
    arena_space_release(&cells->index_space);
}

static bool is_same(const struct census_cell *a, const struct census_cell *b) {
    return a->answer == b->answer && a->match == b->match && a->ruling == b->ruling &&
           a->is_again == b->is_again && a->is_law_known == b->is_law_known &&
           geo_country_equal(a->country, b->country) && str_equal(a->operator_id, b->operator_id) &&
           str_equal(a->sector, b->sector) && str_equal(a->class_name, b->class_name) &&
           str_equal(a->kinds, b->kinds) && str_equal(a->provider, b->provider) &&
           str_equal(a->region, b->region) && str_equal(a->law, b->law);
}

static uint64_t hash_of(const struct census_cell *cell) {
    const str texts[] = {cell->operator_id, cell->sector, cell->class_name, cell->kinds,
                         cell->provider,    cell->region, cell->law};
    uint64_t hash = (uint64_t)cell->answer << 24 | (uint64_t)cell->match << 16 |
                    (uint64_t)cell->ruling << 8 | (uint64_t)cell->is_again << 1 |
                    (uint64_t)cell->is_law_known;
    for (size_t i = 0; i < COUNT_OF(texts); i++) hash = str_hash(texts[i], hash);
    return str_hash(str_of(cell->country.at, 2), hash);
}

static enum error_code keep(struct census *census, const struct census_cell *cell,
                            struct census_cell *out, struct error *e) {
    str *const texts[] = {&out->operator_id, &out->sector, &out->class_name, &out->kinds,
                          &out->provider,    &out->region, &out->law};
    *out = *cell;
    out->servers = 0;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        TRY(intern_take(&census->texts, *texts[i], &census->arena, texts[i], e));
    return OK;
}

enum error_code cells_count(struct census *census, const struct census_cell *cell,
                            struct error *e) {
    struct cells *cells = census->cells;
    const size_t mask = 2 * CELLS_MOST - 1;
    size_t at = (size_t)hash_of(cell) & mask;
    while (cells->index[at] != 0 && !is_same(&cells->at[cells->index[at] - 1], cell))
        at = (at + 1) & mask;
    if (cells->index[at] == 0) {
        if (cells->count == CELLS_MOST)
            return error_set(
                e, FAIL_LIMIT,
                "over %d different combinations of operator, field, class, kinds, place "
                "and law: survey in parts, and merge them",
                (int)CELLS_MOST);
        TRY(keep(census, cell, &cells->at[cells->count], e));
        cells->index[at] = (uint32_t)++cells->count;
    }
    cells->at[cells->index[at] - 1].servers += cell->servers;
    return OK;
}

size_t cells_number(const struct cells *cells) {
    return cells->count;
}
const struct census_cell *cells_at(const struct cells *cells, size_t index) {
    assert(index < cells->count);
    return &cells->at[index];
}
