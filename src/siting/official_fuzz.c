/* Any bytes as an official map of each kind, as CSV and as GeoJSON: what is taken is written to a file of events
 * that is read again, and says of a site what was taken. */
#include <math.h>

#include "base/limits.h"
#include "siting/area.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static const struct siting_site sites[] = {
    {.id = {"a", 1}, .has_point = true, .point = {35.689185, 139.691648}},
    {.id = {"b", 1}, .has_point = true, .point = {38.268737, 140.872183}},
    {.id = {"c", 1}},
};

static void read_again(const struct siting_official *o, struct text *out, struct arena *arena,
                       struct arena scratch) {
    struct doc doc;
    struct siting_model model = {0};
    struct error e;
    enum error_code code = doc_read_yaml(STR("made.yaml"), text_str(out), arena, scratch, &doc, &e);
    if (code == FAIL_LIMIT || code == FAIL_MEMORY) return; /* more nodes than a reader takes */
    assert(code == OK);
    code = siting_model_read(doc.documents[0], arena, &model, &e);
    if (code == FAIL_LIMIT || code == FAIL_MEMORY) return;
    assert(code == OK && model.hazard_count == 1);
    for (size_t i = 0; i < o->site_count; i++) {
        struct siting_told told;
        bool is_known = siting_hazard_at(&model, model.hazards[0].name, &sites[i], &told);
        assert(is_known == o->worst[i].is_known);
        if (is_known) assert(told.low <= told.high && fabs(told.low - o->worst[i].low) < 1e-6);
    }
}

/* Coordinates of large shapes are read without a tree: what that takes, the tree's reader takes too. */
static void coordinates_read(str json, bool is_multi, struct arena arena, struct arena scratch) {
    const struct siting_area *area, *same;
    struct doc doc;
    struct error e;
    str whole;
    if (area_read_coordinates(STR("map"), json, is_multi, &arena, &area, &e) != OK) return;
    assert(area->ring_count > 0 && area->circle_count == 0);
    if (arena_format(&arena, &whole, &e, "{\"type\": \"%sPolygon\", \"coordinates\": %.*s}",
                     is_multi ? "Multi" : "", STR_FMT(json)) != OK)
        return;
    if (doc_read_json(STR("map"), whole, &arena, scratch, &doc, &e) != OK) return;
    if (area_read(doc.documents[0], &arena, &same, &e) != OK) return;
    assert(same->ring_count == area->ring_count);
    for (size_t i = 0; i < area->ring_count; i++)
        assert(same->rings[i].count == area->rings[i].count &&
               same->rings[i].west <= area->rings[i].west + 1e-9);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    static char memory[1 << 25], scratch[1 << 24], values[1 << 20], written[1 << 21];
    if (count == 0) return 0;
    struct arena arena = arena_over(memory, sizeof memory);
    if ((bytes[0] & 64) != 0) {
        coordinates_read(str_of(bytes + 1, count - 1), (bytes[0] & 1) != 0, arena,
                         arena_over(scratch, sizeof scratch));
        return 0;
    }
    struct text kept = text_into(values, sizeof values), out = text_into(written, sizeof written);
    struct siting_official o;
    struct error e;
    const struct siting_official_head head = {.edition = STR("1"), .licence = STR("\"any\"")};
    bool is_csv = (bytes[0] & 1) != 0, has_sites = (bytes[0] & 2) != 0;
    str file = is_csv ? STR("map.csv") : STR("map.geojson");
    enum siting_official_kind kind = (enum siting_official_kind)((bytes[0] >> 2) % SITING_COUNT);
    if (siting_official_begin(kind, has_sites ? sites : NULL, has_sites ? COUNT_OF(sites) : 0,
                              &arena, &kept, &o, &e) != OK)
        return 0;
    if (siting_official_read(&o, file, str_of(bytes + 1, count - 1),
                             arena_over(scratch, sizeof scratch), &e) != OK)
        return 0;
    if (siting_official_write(&o, &head, &out, &e) != OK) return 0;
    read_again(&o, &out, &arena, arena_over(scratch, sizeof scratch));
    return 0;
}
