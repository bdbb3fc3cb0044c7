/* Any text as a file of events: what is read keeps what the header promises, and lies over sites
 * without giving a probability or a rate that is none. */
#include <math.h>

#include "siting/siting.h"

/* Form feeds part files; what they begin with says what they are. */
static str name_of(str file) {
    if (str_starts(file, STR("{"))) return STR("e.geojson");
    return str_starts(file, STR("id,")) ? STR("e.csv") : STR("e.yaml");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void look(const struct siting_model *model, struct arena *arena) {
    static const str groups[] = {{"grid:a", 6}, {"g", 1}};
    const struct siting_site sites[] = {
        {.id = STR("a"), .has_point = true, .point = {35, 139}, .groups = groups, .group_count = 2},
        {.id = STR("b"), .fuel_known = true, .fuel_h = 48},
    };
    struct siting_told told;
    for (size_t i = 0; i < model->hazard_count; i++)
        for (size_t k = 0; k < COUNT_OF(sites); k++)
            if (siting_hazard_at(model, model->hazards[i].name, &sites[k], &told))
                assert(told.low <= told.high && told.from != NULL);
    struct siting_rows rows;
    struct siting_options options = {4};
    struct error e;
    static const uint32_t set[] = {0, 1};
    if (siting_rows_make(model, sites, COUNT_OF(sites), &options, arena, &rows, &e) != OK) return;
    for (int result = 0; result < SITING_RESULT_COUNT; result++) {
        double rate[SITING_END_COUNT];
        for (int end = 0; end < SITING_END_COUNT; end++) {
            for (size_t row = 0; row < rows.row_count; row++) {
                double p = rows.p[result][end][row];
                assert(p >= 0 && p <= 1 && rows.weight[end][row] >= 0);
            }
            rate[end] = siting_joint_rate(&rows, (enum siting_result)result, (enum siting_end)end,
                                          set, 2, 1, 0.01);
            assert(isfinite(rate[end]) && rate[end] >= 0);
        }
        assert(rate[SITING_LO] <= rate[SITING_HI] * (1 + 1e-9));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    static char memory[1 << 25], scratch[1 << 24];
    struct arena arena = arena_over(memory, sizeof memory);
    str rest = str_of(bytes, count), file;
    struct error e;
    struct siting_model model = {0};
    for (bool more = true; more;) {
        more = str_cut(&rest, '\f', &file);
        if (!more) file = rest;
        if (siting_file_read(name_of(file), file, &arena, arena_over(scratch, sizeof scratch),
                             &model, &e) != OK)
            return 0;
    }
    if (siting_model_check(&model, &e) == OK) look(&model, &arena);
    return 0;
}
