/* Places over a table of events: what maps and groups of the table add to what rows say. */
#include "facts/facts.h"
#include "tests/test.h"

static char memory[64 << 20], scratch_memory[64 << 20];
static struct arena arena, scratch;
static struct register_snapshot *snapshot;
static struct siting_model model;
static struct facts_world *world;

static const char rows[] =
    "entities:\n- {id: acme}\n"
    "sites:\n"
    "- {id: a, country: JP, region: JP-13, lat: 35.7, lon: 139.7, grid: {area: tokyo}, groups: "
    "{complete: "
    "true, as_of: 2026-01-01, items: [hall]}}\n"
    "- {id: b, country: JP, region: JP-14, lat: 35.4, lon: 139.6, grid: {area: tokyo}, groups: "
    "{complete: "
    "true, as_of: 2026-01-01, items: [hall, pier]}, hazard: {flood_depth: 7 m}}\n"
    "- {id: c, country: JP, region: JP-27, lat: 34.7, lon: 135.5, grid: {area: kansai}, groups: "
    "{complete: "
    "true, as_of: 2026-01-01, items: []}}\n"
    "- {id: d, country: JP, region: JP-27}\n"
    "datasets:\n"
    "- {id: two, store: here, copies: {complete: true, as_of: 2026-01-01, items: [{site: b}]}}\n"
    "- {id: apart, store: here, chosen: [a, c], copies: {complete: true, as_of: 2026-01-01, items: "
    "[{site: c}]}}\n"
    "- {id: away, store: here, chosen: [b, c], copies: {complete: true, as_of: 2026-01-01, items: "
    "[{site: c}]}}\n"
    "- {id: dim, store: here, copies: {complete: true, as_of: 2026-01-01, items: [{site: d}]}}\n"
    "- {id: open, store: here, chosen: [c]}\n";
static const char events[] =
    "events:\n"
    "- id: quake\n"
    "  kind: quake\n"
    "  rate: 0.01\n"
    "  branches:\n"
    "  - {name: north, prob: 0.5, footprint: {groups: ['pref:JP-13', 'pref:JP-14'], p_loss: 0.1, "
    "p_down: 1}}\n"
    "  - {name: south, prob: 0.5, footprint: {groups: ['pref:JP-27'], p_loss: 0.1, p_down: 1}}\n"
    "- {id: replay, rate: 0, footprint: {sites: [a, b, c], p_loss: 0, p_down: 1}}\n"
    "groups:\n- {id: 'grid:tokyo', kind: grid, rate: 0.1, p_loss: 0, p_down: 1}\n"
    "hazards:\n"
    "- {name: flood_depth, unit: m, source: a survey, edition: '2025', licence: CC BY, values: "
    "[{low: 0.5, high: 3, circle: {lat: 35.7, lon: 139.7, km: 1}}, {value: 1, circle: {lat: 35.4, "
    "lon: 139.6, km: 1}}]}\n";

static int begin(void **state) {
    struct error e;
    struct doc doc;
    const struct register_text text = {STR("rows.yaml"), str_from_c(rows)};
    struct facts_world_options options = {.events = &model};
    arena = arena_over(memory, sizeof memory);
    scratch = arena_over(scratch_memory, sizeof scratch_memory);
    model = (struct siting_model){0};
    assert_true(clock_iso_read(STR("2026-11-21"), &options.at_ns));
    assert_ok(doc_read_yaml(STR("events.yaml"), str_from_c(events), &arena, scratch, &doc, &e), &e);
    assert_ok(siting_model_read(doc.documents[0], &arena, &model, &e), &e);
    assert_ok(siting_model_check(&model, &e), &e);
    assert_ok(register_load_texts(&text, 1, &snapshot, NULL, &e), &e);
    options.snapshot = snapshot;
    assert_ok(facts_world_open(&options, &world, &e), &e);
    return 0;
}
static int end(void **state) {
    facts_world_close(world);
    register_release(snapshot);
    return 0;
}

/* "{"items":["hall"],"complete":true}" and who said so. */
static const char *fact(const char *dataset, const char *site, const char *path) {
    static char text[512];
    struct rulebook_facts facts;
    struct error e;
    struct arena own = arena;
    struct text out = text_into(text, sizeof text - 1);
    assert_ok(facts_static(world, str_from_c(dataset), str_from_c(site), &own, scratch, &facts, &e),
              &e);
    const struct rulebook_value *v = rulebook_facts_find(&facts, str_from_c(path));
    if (v == NULL || v->kind == RULEBOOK_UNKNOWN) {
        text_format(&out, "unknown: %.*s", STR_FMT(v != NULL ? v->source : STR_EMPTY));
    } else {
        rulebook_value_text(v, &out);
        text_format(&out, " by %s, %.*s", rulebook_by_name(v->by), STR_FMT(v->source));
    }
    text[out.len] = 0;
    return text;
}
#define SAYS(dataset, site, path, wanted) assert_string_equal(fact(dataset, site, path), wanted)

static void a_map_speaks_where_the_row_is_silent(void **state) {
    SAYS("", "a", "place.hazard.flood_depth",
         "0.5 to 3 m by document, a survey, edition 2025 (CC BY)");
    SAYS("", "b", "place.hazard.flood_depth", "7 m by declared, sites/b");
    SAYS("", "c", "place.hazard.flood_depth",
         "unknown: no map of this hazard has looked at the place");
    SAYS("", "d", "place.hazard.flood_depth",
         "unknown: no map of this hazard has looked at the place");
}

static void groups_of_a_place_are_those_of_its_row_and_of_the_table(void **state) {
    SAYS("", "a", "place.groups",
         "[grid:tokyo, hall, quake] by computed, sites/a and the table of events");
    SAYS("", "c", "place.groups", "[quake] by computed, sites/c and the table of events");
    SAYS("", "d", "place.groups", "[quake, …] by computed, sites/d and the table of events");
}

static void what_strikes_all_copies_at_once_is_shared(void **state) {
    SAYS("two", "a", "copies.shared", "[grid:tokyo, hall, quake] by computed, datasets/two");
    SAYS("apart", "a", "copies.shared",
         "[] by computed, datasets/apart"); /* by other branches each */
    SAYS("dim", "c", "copies.shared", "[quake, …] by computed, datasets/dim");
    SAYS("open", "a", "copies.shared", "unknown: not every copy's shared risks are known");
}

static void chosen_sites_without_a_copy_are_missing(void **state) {
    SAYS("apart", "a", "copies.missing", "[] by computed, datasets/apart");
    SAYS("away", "a", "copies.missing", "[b] by computed, datasets/away");
    SAYS("two", "a", "copies.missing", "unknown: nobody has chosen where its copies are to stand");
    SAYS("open", "a", "copies.missing",
         "unknown: copies that nobody lists may stand at the chosen sites");
}

static void a_site_in_too_many_groups_is_told(void **state) {
    static char yaml[1 << 16];
    struct text out = text_into(yaml, sizeof yaml);
    struct register_snapshot *many;
    struct facts_grounds grounds;
    struct error e;
    text_add_c(&out, "sites:\n- id: a\n  groups: [g0");
    for (int i = 1; i < 300; i++) text_format(&out, ", g%d", i);
    text_add_c(&out, "]\n");
    const struct register_text text = {STR("rows.yaml"), text_str(&out)};
    assert_ok(register_load_texts(&text, 1, &many, NULL, &e), &e);
    const struct facts_grounds_options about = {many, &model, 0};
    struct arena own = arena;
    assert_int_equal(facts_grounds_make(&about, &own, scratch, &grounds, &e), FAIL_LIMIT);
    register_release(many);
}

#define IN_A_WORLD(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(a_map_speaks_where_the_row_is_silent),
        IN_A_WORLD(groups_of_a_place_are_those_of_its_row_and_of_the_table),
        IN_A_WORLD(what_strikes_all_copies_at_once_is_shared),
        IN_A_WORLD(chosen_sites_without_a_copy_are_missing),
        IN_A_WORLD(a_site_in_too_many_groups_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
