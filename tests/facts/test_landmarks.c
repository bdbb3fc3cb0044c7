/* What landmarks found becomes facts: a country measured and a bound, or neither, or doubt. */
#include "facts/facts.h"
#include "tests/test.h"

static const char yaml[] = "sites:\n"
                           "  - {id: sendai, country: JP, lat: 38.268737, lon: 140.872183}\n"
                           "  - {id: niigata, country: JP}\n"
                           "datasets: [{id: grid, class: important}]\n";

static struct register_snapshot *snapshot;
static char memory[8 << 20], scratch_memory[8 << 20];
static int64_t now;

static int begin(void **state) {
    struct register_text text = {STR("r.yaml"), str_from_c(yaml)};
    struct error e;
    assert_ok(register_load_texts(&text, 1, &snapshot, NULL, &e), &e);
    assert_true(clock_iso_read(STR("2026-11-22T10:00:00Z"), &now));
    return 0;
}
static int end(void **state) {
    register_release(snapshot);
    return 0;
}

struct found {
    struct arena arena;
    struct facts_evidence evidence;
    struct facts_world *world;
    struct rulebook_facts facts;
};

/* One landmark beside the site whose report has these times; at another site than `site` nothing follows. */
static double foreign_km = 929; /* from Sendai to Vladivostok */

static void find(struct found *f, const struct locproof_report *report, struct geo_point at,
                 const char *site) {
    static struct locproof_witness witness;
    static struct facts_location location;
    struct geo_point sendai = {38.268737, 140.872183};
    struct error e;
    witness = (struct locproof_witness){.name = STR("near.test"),
                                        .place = {.at = at},
                                        .foreign_km = foreign_km,
                                        .home_km = -1,
                                        .report = report};
    location =
        (struct facts_location){.witnesses = &witness, .count = 1, .until_ns = now + NS_PER_S};
    locproof_stand(&witness, 1, &sendai, &location.standing);
    f->arena = arena_over(memory, sizeof memory);
    struct facts_evidence_options about = {.snapshot = snapshot,
                                           .site = STR("sendai"),
                                           .dmi_dir = "off",
                                           .metadata_url = "off",
                                           .location = &location,
                                           .at_ns = now};
    assert_ok(facts_evidence_gather(&about, &f->arena, &f->evidence, &e), &e);
    struct facts_world_options options = {
        .snapshot = snapshot, .site = STR("sendai"), .evidence = &f->evidence, .at_ns = now};
    assert_ok(facts_world_open(&options, &f->world, &e), &e);
    assert_ok(facts_static(f->world, STR("grid"), str_from_c(site), &f->arena,
                           arena_over(scratch_memory, sizeof scratch_memory), &f->facts, &e),
              &e);
}

static const struct rulebook_value *value(const struct found *f, const char *path) {
    const struct rulebook_value *v = rulebook_facts_find(&f->facts, str_from_c(path));
    assert_non_null(v);
    return v;
}

static struct locproof_report report_of(enum locproof_verdict verdict, int64_t min_ns,
                                        int64_t p95_ns) {
    return (struct locproof_report){
        .time_ns = now - NS_PER_S,
        .figures = {.verdict = verdict, .min_ns = min_ns, .median_ns = min_ns, .p95_ns = p95_ns}};
}

static const struct geo_point beside = {38.2688, 140.8722}, osaka = {34.6863, 135.52};

/* "Measured" was once said of a country at any distance: 1,199 km around Sendai are in four. */
static void a_bound_is_a_fact_and_the_country_is_measured_where_it_leaves_no_other(void **state) {
    static const struct {
        const char *name;
        int64_t p95_ns, metres;
        double foreign_km;
        bool measures;
        const char *word;
    } rows[] = {
        {"0.3 ms", 300000, 29979, 929, true, "excludes every other country"},
        {"12 ms: 1,199 km", 12000000, 1199160, 929, false, "another country may be 929 km from"},
        {"0.3 ms, and abroad is nearer", 300000, 29979, 29.9, false, "stays declared"},
        {"nobody says how near", 300000, 29979, -1, false, "landmarks[].foreign"}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct locproof_report r = report_of(LOCPROOF_WITHIN, 250000, rows[i].p95_ns);
        struct found f;
        foreign_km = rows[i].foreign_km;
        find(&f, &r, beside, "sendai");
        const struct rulebook_value *bound = value(&f, "place.bound_km"),
                                    *country = value(&f, "place.country");
        assert_row(rows[i].name, bound->kind == RULEBOOK_NUMBER);
        assert_row(rows[i].name, bound->number.unit == RULEBOOK_UNIT_METRE);
        assert_row(rows[i].name, bound->number.low == rows[i].metres * 1000);
        assert_row(rows[i].name, bound->by == RULEBOOK_BY_MEASURED);
        assert_row(rows[i].name,
                   country->by == (rows[i].measures ? RULEBOOK_BY_MEASURED : RULEBOOK_BY_DECLARED));
        assert_str(country->text, STR("JP"));
        assert_str(value(&f, "place.landmark")->text, STR("near.test"));
        assert_int_equal(value(&f, "place.landmarks")->number.low, RULEBOOK_MILLI);
        assert_int_equal(value(&f, "place.landmark_operators")->number.low, RULEBOOK_MILLI);
        assert_int_equal(value(&f, "place.cosigned")->number.low, 0);
        assert_true(str_starts(f.evidence.standing, STR("measured: within ")));
        assert_row(rows[i].name, strstr(f.evidence.standing.at, rows[i].word) != NULL);
        facts_world_close(f.world);
    }
    foreign_km = 929;
}

static void without_a_report_it_stays_declared(void **state) {
    struct locproof_report r = report_of(LOCPROOF_INCONCLUSIVE, -1, -1);
    const struct locproof_report *reports[] = {NULL, &r};
    for (size_t i = 0; i < COUNT_OF(reports); i++) {
        struct found f;
        find(&f, reports[i], beside, "sendai");
        assert_int_equal(value(&f, "place.bound_km")->kind, RULEBOOK_UNKNOWN);
        assert_int_equal(value(&f, "place.country")->by, RULEBOOK_BY_DECLARED);
        assert_str(f.evidence.standing, STR("declared, nothing speaks against it"));
        facts_world_close(f.world);
    }
}

static void a_contradiction_leaves_neither(void **state) {
    struct locproof_report fast = report_of(LOCPROOF_WITHIN, 250000, 300000),
                           failed = report_of(LOCPROOF_FAILED, 250000, 300000);
    const struct {
        const struct locproof_report *report;
        struct geo_point at;
    } rows[] = {{&fast, osaka}, {&failed, beside}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct found f;
        find(&f, rows[i].report, rows[i].at, "sendai");
        assert_true(f.evidence.contradicted);
        assert_int_equal(value(&f, "place.country")->kind, RULEBOOK_UNKNOWN);
        assert_int_equal(value(&f, "place.bound_km")->kind, RULEBOOK_UNKNOWN);
        facts_world_close(f.world);
    }
}

static void it_is_about_one_site(void **state) {
    struct locproof_report r = report_of(LOCPROOF_WITHIN, 250000, 300000);
    struct found f;
    find(&f, &r, beside, "niigata");
    assert_int_equal(value(&f, "place.bound_km")->kind, RULEBOOK_UNKNOWN);
    assert_int_equal(value(&f, "place.country")->by, RULEBOOK_BY_DECLARED);
    facts_world_close(f.world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bound_is_a_fact_and_the_country_is_measured_where_it_leaves_no_other),
        cmocka_unit_test(without_a_report_it_stays_declared),
        cmocka_unit_test(a_contradiction_leaves_neither),
        cmocka_unit_test(it_is_about_one_site),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
