/* What is known about a dataset kept at a site: names, provenance, and what stays unknown. */
#include "facts/facts.h"
#include "tests/test.h"

static const char yaml[] =
    "operators:\n"
    "  - {id: aoba, entity: aoba-kk, home: JP, sectors: {complete: true, as_of: 2026-11-01, items: "
    "[electricity]}}\n"
    "entities:\n"
    "  - {id: aoba-kk, seats: [JP], reach: {complete: true, as_of: 2026-11-01, items: [JP]}}\n"
    "  - {id: parent, seats: [US], reach: {complete: true, as_of: 2026-10-01, items: [US]}, "
    "parents: [daughter]}\n"
    "  - {id: daughter, seats: [JP], reach: {complete: true, as_of: 2026-11-01, items: [JP]}, "
    "parents: [parent]}\n"
    "sites:\n"
    "  - {id: sendai, country: {value: JP, by: inspected, since: 2026-01-01, source: audit-3}, "
    "region: JP-04,\n"
    "     lat: 38.268737, lon: 140.872183, entity: aoba-kk, hazard: {quake_30y: 7.6 %},\n"
    "     groups: {complete: true, as_of: 2026-11-01, items: [tohoku-grid, plain]}, fuel: 72 h}\n"
    "  - {id: niigata, country: JP, lat: 37.901699, lon: 139.022728, entity: aoba,\n"
    "     groups: {complete: true, as_of: 2026-11-01, items: [coast, tohoku-grid]}}\n"
    "  - {id: tokyo, country: JP, entity: daughter}\n"
    "  - {id: dark}\n"
    "  - {id: bay, country: JP, mesh: '533945'}\n"
    "contracts:\n"
    "  - {id: c1, governing_law: JP, regions: {customer: [JP-04], account: [JP-13]}}\n"
    "systems:\n"
    "  - {id: meters, operator: aoba, sites: [sendai, niigata]}\n"
    "  - {id: spread, sites: [sendai, dark]}\n"
    "datasets:\n"
    "  - {id: grid, operator: aoba, class: important, contract: c1, systems: [meters], persons: "
    "20000 persons,\n"
    "     kinds: {complete: true, as_of: 2026-11-01, items: [meter-readings]}, keys: {holder: "
    "aoba, colocated: yes},\n"
    "     copies: {complete: true, as_of: 2026-11-01, items: [{site: niigata, kind: backup}]}}\n"
    "  - {id: open, systems: [spread], copies: [{country: US}]}\n"
    "  - {id: far, copies: {complete: true, as_of: 2026-11-01, items: [{site: niigata}]}}\n"
    "  - {id: twice, systems: [meters, spread]}\n"
    "  - {id: model, derived_from: [grid], kinds: {complete: true, as_of: 2026-11-01, items: "
    "[derived]}}\n"
    "documents:\n"
    "  - {id: d1, kind: foreign-law, covers: [grid], date: 2026-11-12, valid: {from: 2026-01-01, "
    "until: 2027-01-01}}\n"
    "  - {id: d0, kind: foreign-law, covers: [grid], date: 2020-01-01, valid: {until: "
    "2021-01-01}}\n";

static struct register_snapshot *snapshot;
static struct facts_world *world;
static char memory[8 << 20], scratch_memory[8 << 20];
static struct arena arena;
static int64_t now;

static int begin(void **state) {
    struct register_text text = {STR("r.yaml"), str_from_c(yaml)};
    struct error e;
    assert_ok(register_load_texts(&text, 1, &snapshot, NULL, &e), &e);
    assert_true(clock_iso_read(STR("2026-11-22T10:00:00Z"), &now));
    struct facts_world_options options = {
        .snapshot = snapshot, .site = STR("sendai"), .at_ns = now};
    assert_ok(facts_world_open(&options, &world, &e), &e);
    return 0;
}
static int end(void **state) {
    facts_world_close(world);
    register_release(snapshot);
    return 0;
}

static struct rulebook_facts facts_at(const struct facts_world *of, const char *dataset,
                                      const char *site) {
    struct rulebook_facts facts = {0};
    struct error e;
    arena = arena_over(memory, sizeof memory);
    assert_ok(facts_static(of, str_from_c(dataset), str_from_c(site), &arena,
                           arena_over(scratch_memory, sizeof scratch_memory), &facts, &e),
              &e);
    for (size_t i = 1; i < facts.count; i++)
        assert_true(str_compare(facts.at[i - 1].path, facts.at[i].path) < 0);
    return facts;
}

/* As a person would write it: `JP`, `["JP"]`, `unknown`. */
static void says(const struct rulebook_facts *facts, const char *path, const char *wanted) {
    char text[2000];
    struct text t = text_into(text, sizeof text);
    const struct rulebook_value *v = rulebook_facts_find(facts, str_from_c(path));
    if (v == NULL) fail_msg("nothing is said of %s", path);
    rulebook_value_json(v, &t);
    if (!str_equal(text_str(&t), str_from_c(wanted)))
        fail_msg("%s is %.*s, not %s", path, (int)t.len, t.at, wanted);
}

static void facts_bear_the_names_rules_use(void **state) {
    struct rulebook_facts f = facts_at(world, "grid", "sendai");
    static const char *const texts[][2] = {
        {"dataset.id", "grid"},   {"dataset.class", "important"}, {"operator.id", "aoba"},
        {"operator.home", "JP"},  {"contract.id", "c1"},          {"contract.governing_law", "JP"},
        {"place.site", "sendai"}, {"place.country", "JP"},        {"place.region", "JP-04"},
        {"entity.id", "aoba-kk"}, {"system.country", "JP"},       {"keys.holder", "aoba"},
        {"system.id", "meters"},  {"place.entity", "aoba-kk"},    {"session.target", "meters"}};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        const struct rulebook_value *v = rulebook_facts_find(&f, str_from_c(texts[i][0]));
        assert_row(texts[i][0], v != NULL && v->kind == RULEBOOK_TEXT);
        assert_str(v->text, str_from_c(texts[i][1]));
    }
    const struct rulebook_value *v = rulebook_facts_find(&f, STR("place.hazard.quake_30y"));
    assert_non_null(v);
    assert_int_equal(v->kind, RULEBOOK_NUMBER);
    assert_int_equal(v->number.low, 7600);
    assert_int_equal(v->number.unit, RULEBOOK_UNIT_PERCENT);
    v = rulebook_facts_find(&f, STR("place.fuel"));
    assert_int_equal(v->kind, RULEBOOK_DURATION);
    v = rulebook_facts_find(&f, STR("dataset.persons"));
    assert_int_equal(v->number.low, 20000 * RULEBOOK_MILLI);
    v = rulebook_facts_find(&f, STR("contract.regions"));
    assert_int_equal(v->set.count, 2);
    v = rulebook_facts_find(&f, STR("contract.regions.customer"));
    assert_int_equal(v->set.count, 1);
    /* six digits after the point are more than thousandths hold: an interval around the value */
    v = rulebook_facts_find(&f, STR("place.lat"));
    assert_int_equal(v->kind, RULEBOOK_NUMBER);
    assert_int_equal(v->number.low, 38268);
    assert_int_equal(v->number.high, 38269);
}

/* What partners may reach stayed unknown at the gate: no gate said what a session reaches. */
static void a_session_reaches_the_system_of_the_data_or_the_data(void **state) {
    static const char *const rows[][2] = {
        {"grid", "meters"}, {"open", "spread"}, {"model", "model"}, {"twice", "twice"}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct rulebook_facts f = facts_at(world, rows[i][0], "sendai");
        const struct rulebook_value *v = rulebook_facts_find(&f, STR("session.target"));
        assert_row(rows[i][0], v != NULL && v->kind == RULEBOOK_TEXT);
        assert_row(rows[i][0], str_equal(v->text, str_from_c(rows[i][1])));
        assert_int_equal(v->by, RULEBOOK_BY_COMPUTED);
    }
}

static void each_value_says_who_said_so(void **state) {
    struct rulebook_facts f = facts_at(world, "grid", "sendai");
    const struct rulebook_value *v = rulebook_facts_find(&f, STR("place.country"));
    int64_t since;
    assert_true(clock_iso_read(STR("2026-01-01"), &since));
    assert_int_equal(v->by, RULEBOOK_BY_INSPECTED);
    assert_str(v->source, STR("sites/sendai: audit-3"));
    assert_true(v->since_ns == since);
    v = rulebook_facts_find(&f, STR("dataset.class"));
    assert_int_equal(v->by, RULEBOOK_BY_DECLARED);
    assert_str(v->source, STR("datasets/grid"));
    v = rulebook_facts_find(&f, STR("system.country"));
    assert_int_equal(v->by, RULEBOOK_BY_COMPUTED);
}

static void lists_are_open_unless_declared_complete(void **state) {
    struct rulebook_facts f = facts_at(world, "grid", "sendai");
    assert_false(rulebook_facts_find(&f, STR("operator.sectors"))->open);
    assert_true(rulebook_facts_find(&f, STR("entity.seats"))->open);
    assert_false(rulebook_facts_find(&f, STR("entity.reach"))->open);
    assert_true(rulebook_facts_find(&f, STR("documents"))->open);
}

static void what_nobody_says_is_unknown_with_a_reason(void **state) {
    struct rulebook_facts f = facts_at(world, "open", "dark");
    static const char *const paths[] = {"place.country", "dataset.class", "system.country",
                                        "keys.holder.countries", "copies.shared"};
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        const struct rulebook_value *v = rulebook_facts_find(&f, str_from_c(paths[i]));
        assert_row(paths[i], v != NULL && v->kind == RULEBOOK_UNKNOWN);
        assert_row(paths[i], v->source.len > 0);
    }
    assert_str(rulebook_facts_find(&f, STR("place.country"))->source,
               STR("sites/dark does not say"));
    assert_null(rulebook_facts_find(&f, STR("entity.reach")));
}

static void reach_counts_the_parents(void **state) {
    struct rulebook_facts f = facts_at(world, "grid", "tokyo");
    says(&f, "entity.reach", "[\"JP\",\"US\"]");
    const struct rulebook_value *v = rulebook_facts_find(&f, STR("entity.reach"));
    assert_false(v->open);
    assert_int_equal(v->by, RULEBOOK_BY_COMPUTED);
    assert_non_null(strstr(v->source.at, "parents"));
    f = facts_at(world, "grid", "sendai");
    says(&f, "entity.reach", "[\"JP\"]");
}

static void an_operator_stands_for_the_entity_it_is(void **state) {
    struct rulebook_facts f = facts_at(world, "grid", "niigata");
    says(&f, "entity.id", "\"aoba-kk\"");
    says(&f, "keys.holder.countries",
         "{\"complete\":false,\"items\":[\"JP\"]}"); /* the holder's seats */
}

static void copies_are_counted_as_far_as_they_are_known(void **state) {
    struct rulebook_facts f = facts_at(world, "grid", "sendai");
    const struct rulebook_value *v = rulebook_facts_find(&f, STR("copies.count"));
    assert_true(v->number.low == 2000 && v->number.high == 2000);
    says(&f, "copies.countries", "[\"JP\"]");
    says(&f, "copies.shared", "[\"tohoku-grid\"]");
    v = rulebook_facts_find(&f, STR("copies.distance_km")); /* 167 km on the sphere */
    assert_int_equal(v->number.unit, RULEBOOK_UNIT_METRE);
    assert_true(v->number.low >= 165000000 && v->number.high <= 169000000);
    assert_true(v->number.low < v->number.high);
    /* the declared copy is the one at hand */
    f = facts_at(world, "grid", "niigata");
    v = rulebook_facts_find(&f, STR("copies.count"));
    assert_true(v->number.low == 1000 && v->number.high == 1000);
    /* an open list has no upper end */
    f = facts_at(world, "open", "sendai");
    v = rulebook_facts_find(&f, STR("copies.count"));
    assert_true(v->number.low == 2000 && v->number.high == RULEBOOK_UNBOUNDED);
    assert_true(rulebook_facts_find(&f, STR("copies.countries"))->open);
    assert_true(rulebook_facts_find(&f, STR("copies.distance_km"))->number.high ==
                RULEBOOK_UNBOUNDED);
}

/* A site with a grid square and no coordinates had no distance at all. */
static void a_grid_square_gives_a_range_of_distances(void **state) {
    struct rulebook_facts f = facts_at(world, "far", "bay"); /* 250 km to the square's middle */
    const struct rulebook_value *v = rulebook_facts_find(&f, STR("copies.distance_km"));
    assert_int_equal(v->kind, RULEBOOK_NUMBER);
    assert_true(v->number.low >= 238000000 && v->number.low <= 245000000);
    assert_true(v->number.high >= 256000000 && v->number.high <= 262000000);
}

static void derivatives_inherit(void **state) {
    struct rulebook_facts f = facts_at(world, "model", "sendai");
    says(&f, "dataset.kinds", "[\"derived\",\"meter-readings\"]");
    says(&f, "dataset.class", "\"important\"");
    assert_false(rulebook_facts_find(&f, STR("dataset.kinds"))->open);
    assert_str(rulebook_facts_find(&f, STR("dataset.class"))->source, STR("datasets/grid"));
}

static void papers_say_whether_they_hold_and_how_old_they_are(void **state) {
    struct rulebook_facts f = facts_at(world, "grid", "sendai");
    const struct rulebook_value *v = rulebook_facts_find(&f, STR("documents"));
    assert_int_equal(v->kind, RULEBOOK_LIST);
    assert_int_equal(v->list.count, 2);
    for (size_t i = 0; i < 2; i++) {
        struct rulebook_facts paper = {v->list.at[i].at, v->list.at[i].count, NULL};
        bool is_new = str_equal(rulebook_facts_find(&paper, STR("id"))->text, STR("d1"));
        assert_true(rulebook_facts_find(&paper, STR("valid"))->yes == is_new);
        const struct rulebook_value *age = rulebook_facts_find(&paper, STR("age"));
        if (is_new) assert_true(age->duration.ns == (int64_t)(10 * 24 + 10) * 3600 * NS_PER_S);
    }
    /* so the world is right until the next midnight at the latest */
    int64_t midnight;
    assert_true(clock_iso_read(STR("2026-11-23"), &midnight));
    assert_true(facts_world_until_ns(world) == midnight);
}

/* A review dated next month, and one that begins to hold then, answered for today; who held shares
 * until last year was counted among the holders. */
static void what_is_not_yet_or_no_more_is_not_listed(void **state) {
    static const char *later =
        "entities:\n"
        "  - {id: kaze, holders: {complete: true, as_of: 2026-01-01, items: [\n"
        "     {name: before, capital: 60 %, valid: {until: 2026-01-01}},\n"
        "     {name: now, capital: 30 %}, {name: next, capital: 10 %, valid: {from: "
        "2027-01-01}}]}}\n"
        "equipment:\n"
        "  - {id: e1, maker: kaze, approvals: [{scheme: a, date: 2020-01-01, valid: {until: "
        "2021-01-01}},\n"
        "     {scheme: b, date: 2026-12-01}]}\n"
        "reviews:\n"
        "  - {id: r0, kind: k, date: 2026-01-01}\n"
        "  - {id: r1, kind: k, date: 2026-11-22T12:00:00Z}\n"
        "  - {id: r2, kind: k, valid: {from: 2026-12-01}}\n"
        "drills: [{id: p1, kind: restore, date: 2026-12-01}]\n"
        "requests: [{id: q1, kind: disclosure, received: 2026-12-01}]\n";
    struct register_text text = {STR("later.yaml"), str_from_c(later)};
    struct register_snapshot *rows;
    struct facts_world *day;
    struct rulebook_facts f;
    struct rulebook_subject subject;
    struct error e;
    assert_ok(register_load_texts(&text, 1, &rows, NULL, &e), &e);
    struct facts_world_options options = {.snapshot = rows, .at_ns = now};
    assert_ok(facts_world_open(&options, &day, &e), &e);
    struct arena scratch = arena_over(scratch_memory, sizeof scratch_memory);
    assert_ok(facts_of_row(day, REGISTER_ENTITIES, STR("kaze"), &arena, scratch, &f, &subject, &e),
              &e);
    assert_int_equal(rulebook_facts_find(&f, STR("entity.holders"))->list.count, 1);
    assert_int_equal(rulebook_facts_find(&f, STR("reviews"))->list.count, 1);
    assert_int_equal(rulebook_facts_find(&f, STR("drills"))->list.count, 0);
    assert_int_equal(rulebook_facts_find(&f, STR("requests"))->list.count, 0);
    assert_ok(facts_of_row(day, REGISTER_EQUIPMENT, STR("e1"), &arena, scratch, &f, &subject, &e),
              &e);
    const struct rulebook_value *approvals = rulebook_facts_find(&f, STR("equipment.approvals"));
    assert_int_equal(approvals->list.count, 2); /* papers: they say that they do not hold */
    for (size_t i = 0; i < 2; i++) {
        struct rulebook_facts paper = {approvals->list.at[i].at, approvals->list.at[i].count, NULL};
        bool is_early = str_equal(rulebook_facts_find(&paper, STR("scheme"))->text, STR("b"));
        assert_false(rulebook_facts_find(&paper, STR("valid"))->yes);
        assert_true((rulebook_facts_find(&paper, STR("age")) == NULL) == is_early);
    }
    /* and the world is right until the review at noon */
    int64_t noon;
    assert_true(clock_iso_read(STR("2026-11-22T12:00:00Z"), &noon));
    assert_true(facts_world_until_ns(day) == noon);
    facts_world_close(day);
    register_release(rows);
}

static void a_contradicted_place_has_no_country(void **state) {
    struct facts_evidence evidence = {
        .site = STR("sendai"), .contradicted = true, .finding = STR("the machine says US")};
    struct facts_world_options options = {
        .snapshot = snapshot, .site = STR("sendai"), .evidence = &evidence, .at_ns = now};
    struct facts_world *doubtful;
    struct error e;
    assert_ok(facts_world_open(&options, &doubtful, &e), &e);
    struct rulebook_facts f = facts_at(doubtful, "grid", "sendai");
    static const char *const paths[] = {"place.country", "place.region", "place.law",
                                        "system.country"};
    for (size_t i = 0; i < COUNT_OF(paths); i++)
        assert_row(paths[i],
                   rulebook_facts_find(&f, str_from_c(paths[i]))->kind == RULEBOOK_UNKNOWN);
    assert_str(rulebook_facts_find(&f, STR("place.country"))->source, STR("the machine says US"));
    f = facts_at(doubtful, "grid", "niigata"); /* the doubt is about one site */
    says(&f, "place.country", "\"JP\"");
    facts_world_close(doubtful);
}

static void what_is_not_in_the_register_is_not_found(void **state) {
    struct rulebook_facts facts;
    struct error e;
    arena = arena_over(memory, sizeof memory);
    struct arena scratch = arena_over(scratch_memory, sizeof scratch_memory);
    assert_int_equal(
        facts_static(world, STR("nothing"), STR("sendai"), &arena, scratch, &facts, &e),
        FAIL_NOT_FOUND);
    assert_int_equal(facts_static(world, STR("grid"), STR("nowhere"), &arena, scratch, &facts, &e),
                     FAIL_NOT_FOUND);
    assert_ok(facts_static(world, STR_EMPTY, STR_EMPTY, &arena, scratch, &facts, &e), &e);
    assert_null(rulebook_facts_find(&facts, STR("place.country")));
    assert_non_null(rulebook_facts_find(&facts, STR("reviews")));
}

/* An arena that ends anywhere: an error, never a fault. */
static void a_full_arena_is_an_error(void **state) {
    size_t good = 0;
    for (size_t bytes = 0; bytes < 400000; bytes += 997) {
        struct rulebook_facts facts;
        struct error e;
        struct arena small = arena_over(memory, bytes);
        enum error_code code =
            facts_static(world, STR("grid"), STR("sendai"), &small,
                         arena_over(scratch_memory, sizeof scratch_memory), &facts, &e);
        assert_true(code == OK || code == FAIL_MEMORY);
        good += code == OK;
    }
    assert_true(good > 0);
}

static void rows_are_subjects(void **state) {
    static const struct {
        enum register_kind kind;
        const char *id;
        enum rulebook_about about;
        const char *path, *value;
    } rows[] = {
        {REGISTER_ENTITIES, "daughter", RULEBOOK_ABOUT_ENTITY, "entity.reach", "[\"JP\",\"US\"]"},
        {REGISTER_SITES, "tokyo", RULEBOOK_ABOUT_SITE, "entity.id", "\"daughter\""},
        {REGISTER_SITES, "tokyo", RULEBOOK_ABOUT_SITE, "site.country", "\"JP\""},
        {REGISTER_SYSTEMS, "meters", RULEBOOK_ABOUT_SYSTEM, "operator.id", "\"aoba\""},
        {REGISTER_CONTRACTS, "c1", RULEBOOK_ABOUT_CONTRACT, "contract.governing_law", "\"JP\""},
        {REGISTER_DATASETS, "grid", RULEBOOK_ABOUT_DATASET, "place.site", "\"niigata\""},
    };
    struct arena scratch = arena_over(scratch_memory, sizeof scratch_memory);
    struct rulebook_facts facts;
    struct rulebook_subject subject;
    struct error e;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        arena = arena_over(memory, sizeof memory);
        assert_ok(facts_of_row(world, rows[i].kind, str_from_c(rows[i].id), &arena, scratch, &facts,
                               &subject, &e),
                  &e);
        assert_int_equal(subject.about, rows[i].about);
        says(&facts, rows[i].path, rows[i].value);
    }
    assert_int_equal(
        facts_of_row(world, REGISTER_DOCUMENTS, STR("d1"), &arena, scratch, &facts, &subject, &e),
        FAIL_USAGE);
    assert_int_equal(
        facts_of_row(world, REGISTER_SITES, STR("x"), &arena, scratch, &facts, &subject, &e),
        FAIL_NOT_FOUND);
}

static void adoptions_and_exceptions_take_the_rulebooks_shape(void **state) {
    static const char binding_yaml[] =
        "operators: [{id: aoba}]\n"
        "datasets: [{id: grid}]\n"
        "adopts:\n"
        "  - {rulebook: jp-guideline, operators: [aoba], from: 2026-07-01, by: the board,\n"
        "     params: {review_every: 12 months, \"5.1/far\": 300 km}, elects: [a, b], valid: "
        "{until: 2027-01-01}}\n"
        "exceptions:\n"
        "  - {id: x1, clause: aoba-own/keep.at-home, dataset: grid, reason: r, measure: m, "
        "requester: p,\n"
        "     approver: q, from: 2026-01-01, until: 2026-02-01, renewals: 2}\n"
        "  - {id: x2, clause: aoba-own/keep.at-home, kind: break-glass, reason: r, requester: p, "
        "approver: q,\n"
        "     second: s, from: 2026-01-01, until: 2026-01-02}\n";
    struct register_text text = {STR("b.yaml"), str_from_c(binding_yaml)};
    struct register_snapshot *s;
    struct facts_binding binding;
    struct error e;
    int64_t from, until;
    arena = arena_over(memory, sizeof memory);
    assert_ok(register_load_texts(&text, 1, &s, NULL, &e), &e);
    assert_ok(facts_binding_of(s, &arena, arena_over(scratch_memory, sizeof scratch_memory),
                               &binding, &e),
              &e);
    assert_true(clock_iso_read(STR("2026-07-01"), &from));
    assert_true(clock_iso_read(STR("2027-01-01"), &until));
    assert_int_equal(binding.adoption_count, 1);
    const struct rulebook_adoption *a = &binding.adoptions[0];
    assert_str(a->rulebook, STR("jp-guideline"));
    assert_int_equal(a->operator_count, 1);
    assert_int_equal(a->dataset_count, 0);
    assert_int_equal(a->elect_count, 2);
    assert_true(a->span.from_ns == from && a->span.until_ns == until);
    assert_str(a->by, STR("the board"));
    assert_int_equal(rulebook_facts_find(&a->params, STR("review_every"))->duration.months, 12);
    assert_int_equal(rulebook_facts_find(&a->params, STR("5.1/far"))->number.low, 300000000);
    assert_int_equal(binding.exception_count, 2);
    for (size_t i = 0; i < 2; i++)
        assert_ok(rulebook_exception_check(&binding.exceptions[i], &e), &e);
    assert_int_equal(binding.exceptions[0].renewals, 2);
    assert_str(binding.exceptions[0].dataset, STR("grid"));
    assert_int_equal(binding.exceptions[1].kind, RULEBOOK_BREAK_GLASS);
    register_release(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(facts_bear_the_names_rules_use),
        cmocka_unit_test(a_session_reaches_the_system_of_the_data_or_the_data),
        cmocka_unit_test(each_value_says_who_said_so),
        cmocka_unit_test(lists_are_open_unless_declared_complete),
        cmocka_unit_test(what_nobody_says_is_unknown_with_a_reason),
        cmocka_unit_test(reach_counts_the_parents),
        cmocka_unit_test(an_operator_stands_for_the_entity_it_is),
        cmocka_unit_test(copies_are_counted_as_far_as_they_are_known),
        cmocka_unit_test(a_grid_square_gives_a_range_of_distances),
        cmocka_unit_test(derivatives_inherit),
        cmocka_unit_test(papers_say_whether_they_hold_and_how_old_they_are),
        cmocka_unit_test(what_is_not_yet_or_no_more_is_not_listed),
        cmocka_unit_test(a_contradicted_place_has_no_country),
        cmocka_unit_test(what_is_not_in_the_register_is_not_found),
        cmocka_unit_test(a_full_arena_is_an_error),
        cmocka_unit_test(rows_are_subjects),
        cmocka_unit_test(adoptions_and_exceptions_take_the_rulebooks_shape),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
