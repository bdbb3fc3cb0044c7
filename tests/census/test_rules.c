/* Declared, measured, allowed: rulebooks asked about data standing where a survey found it. */
#include "tests/census/made.h"

static const char rows[] =
    "operators: [{id: aoba, home: JP, entity: aoba-co}]\n"
    "entities: [{id: aoba-co, seats: {complete: true, as_of: 2026-01-01, items: [JP]}}]\n"
    "sites:\n"
    "- {id: tokyo, country: JP, region: JP-13, entity: aoba-co, lat: 35.7, lon: 139.7, cloud: "
    "{provider: aws, region: ap-northeast-1}}\n"
    "datasets:\n"
    "- {id: plant, operator: aoba, class: critical, store: external, copies: [{site: tokyo}]}\n"
    "- {id: mail, operator: aoba, class: ordinary, store: external}\n"
    "adopts: [{id: own, rulebook: own, from: 2026-01-01, by: the board}]\n";
static const char book[] =
    "rulebook: own\n"
    "issuer: the board\n"
    "in_force: {from: \"2026-01-01\"}\n"
    "clauses:\n"
    "- id: keep\n"
    "  about: copy\n"
    "  title: {en: Critical data stay, ja: 重要なデータは国内に置く}\n"
    "  source: {basis: own, where: \"item 1\"}\n"
    "  strength: own\n"
    "  applies: {dataset.class: [critical]}\n"
    "  require:\n"
    "  - place.country in [\"JP\"]\n"
    "- id: reach\n"
    "  about: copy\n"
    "  title: {en: Nobody abroad can compel the keeper, ja: 国外から強制されない}\n"
    "  source: {basis: own, where: \"item 2\"}\n"
    "  strength: should\n"
    "  applies: {dataset.class: [critical]}\n"
    "  require:\n"
    "  - entity.reach disjoint [\"US\"]\n"
    "- id: count\n" /* says nothing of place or law: not asked */
    "  about: copy\n"
    "  title: {en: Two copies, ja: 複製}\n"
    "  source: {basis: own, where: \"item 3\"}\n"
    "  strength: own\n"
    "  require:\n"
    "  - copies.count >= 2\n";

static struct arena_space spaces[2];
static struct arena arena, scratch;
static struct register_snapshot *snapshot;
static struct facts_world *world;
static const struct rulebook_set *set;
static int64_t at_ns;

static int begin(void **state) {
    const struct register_text texts[] = {{STR("rows.yaml"), str_from_c(rows)}};
    struct rulebook_read read;
    struct facts_binding binding;
    struct error e = {0};
    assert_true(clock_iso_read(STR("2026-11-22T00:00:00Z"), &at_ns));
    assert_ok(arena_space_open(&spaces[0], (size_t)64 << 20, &arena, &e), &e);
    assert_ok(arena_space_open(&spaces[1], (size_t)64 << 20, &scratch, &e), &e);
    assert_ok(register_load_texts(texts, 1, &snapshot, NULL, &e), &e);
    assert_ok(rulebook_read(STR("own.yaml"), str_from_c(book), &arena, scratch, &read, &e), &e);
    assert_ok(facts_binding_of(snapshot, &arena, scratch, &binding, &e), &e);
    const struct rulebook_set_input input = {.rulebooks = read.rulebooks,
                                             .rulebook_count = read.count,
                                             .adoptions = binding.adoptions,
                                             .adoption_count = binding.adoption_count};
    assert_ok(rulebook_set_compile(&input, &arena, scratch, &set, &e), &e);
    const struct facts_world_options options = {.snapshot = snapshot, .rules = set, .at_ns = at_ns};
    assert_ok(facts_world_open(&options, &world, &e), &e);
    return 0;
}
static int end(void **state) {
    facts_world_close(world);
    register_release(snapshot);
    arena_space_release(&spaces[0]);
    arena_space_release(&spaces[1]);
    return 0;
}

/* One server over the rules; `members` as a survey writes them. */
static struct census_ruled rule(struct census *census, const char *members, const char *declared) {
    static char memory[1 << 20], text[1 << 16];
    char path[64];
    struct arena own = arena_over(memory, sizeof memory);
    struct census_reader *reader;
    struct survey_server server;
    struct census_ruled before, out;
    struct error e = {0};
    bool more;
    snprintf(text, sizeof text,
             "{\"name\":\"s\",\"home\":\"JP\",%s,\"declared\":{\"by\":\"x\",%s}}", members,
             declared);
    made_file(path, text);
    assert_ok(census_reader_open(path, &reader, &e), &e);
    unlink(path);
    assert_ok(census_reader_next(reader, &own, &server, &before, &more, &e), &e);
    assert_true(more);
    assert_ok(census_add(census, &server, NULL, false, &out, &e), &e);
    census_reader_close(reader);
    return out;
}

static struct census *open_asking(void) {
    const struct census_options options = {
        .at_ns = at_ns, .home = {{'J', 'P'}}, .world = world, .set = set, .tells_servers = true};
    struct census *census;
    struct error e = {0};
    assert_ok(census_open(&options, &census, &e), &e);
    return census;
}

static void the_worst_clause_about_place_and_reach_decides(void **state) {
    static const struct {
        const char *name, *members, *declared;
        enum census_match match;
        enum census_ruling ruling;
        const char *clauses;
    } cases[] = {
        {"at home, ours", JP_OWN, "\"dataset\":\"plant\",\"country\":\"JP\"", CENSUS_AGREES,
         CENSUS_UNDECIDED, "own/reach"}, /* who else owns the owner is not known */
        {"at home, under a foreign law", JP_AWS, "\"dataset\":\"plant\",\"site\":\"tokyo\"",
         CENSUS_NOT_DECLARED, CENSUS_WARNED, "own/reach"},
        {"abroad", US_AWS, "\"dataset\":\"plant\",\"country\":\"JP\"", CENSUS_CONTRADICTED,
         CENSUS_REFUSED, "own/keep own/reach"},
        {"nobody knows where", OPEN, "\"dataset\":\"plant\",\"country\":\"JP\"", CENSUS_NOT_SHOWN,
         CENSUS_UNDECIDED, "own/keep own/reach"},
        {"many places, one of them abroad", MANY, "\"dataset\":\"plant\"", CENSUS_NOT_DECLARED,
         CENSUS_REFUSED, "own/keep own/reach"},
        {"a class no clause is about", US_AWS, "\"dataset\":\"mail\"", CENSUS_NOT_DECLARED,
         CENSUS_NOT_ASKED, ""},
        {"data nobody has declared", US_AWS, "\"country\":\"US\"", CENSUS_AGREES, CENSUS_NOT_ASKED,
         ""},
        {"a dataset the register has not", US_AWS, "\"dataset\":\"ghost\"", CENSUS_NOT_DECLARED,
         CENSUS_NOT_ASKED, ""},
    };
    struct census *census = open_asking();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char clauses[256] = "";
        struct census_ruled ruled = rule(census, cases[i].members, cases[i].declared);
        for (size_t k = 0; k < ruled.clause_count; k++)
            snprintf(clauses + strlen(clauses), sizeof clauses - strlen(clauses), "%s%.*s",
                     k > 0 ? " " : "", STR_FMT(ruled.clauses[k]));
        if (ruled.match != cases[i].match || ruled.ruling != cases[i].ruling ||
            strcmp(clauses, cases[i].clauses) != 0)
            fail_msg("row \"%s\": %s, %s by \"%s\"", cases[i].name, census_match_name(ruled.match),
                     census_ruling_name(ruled.ruling), clauses);
    }
    census_close(census);
}

static void findings_cite_clauses_and_say_what_would_change_them(void **state) {
    struct census *census = open_asking();
    const struct census_form *form;
    struct error e = {0};
    rule(census, US_AWS, "\"dataset\":\"plant\",\"country\":\"JP\",\"class\":\"critical\"");
    rule(census, US_AWS, "\"dataset\":\"plant\",\"country\":\"JP\",\"class\":\"critical\"");
    assert_ok(census_form_make(census, &form, &e), &e);
    assert_int_equal(form->finding_count, 4); /* of each: not allowed, and not where declared */
    const struct census_finding *not_allowed = &form->findings[0], *elsewhere = &form->findings[1];
    assert_str(not_allowed->subject, STR("s/plant"));
    assert_true(not_allowed->is_ruling && not_allowed->ruling == CENSUS_REFUSED);
    assert_int_equal(not_allowed->clause_count, 2);
    assert_str(not_allowed->clauses[0], STR("own/keep"));
    assert_non_null(strstr(not_allowed->text.at, "place.country"));
    assert_non_null(strstr(not_allowed->text.at, "JP"));
    assert_true(not_allowed->text_ja.len > 0);
    assert_false(elsewhere->is_ruling);
    assert_str(elsewhere->text, STR("x declares JP; measured is US: correct the record or move the "
                                    "server"));
    assert_true(digest_equal(&form->findings[0].facts, &form->findings[2].facts));
    assert_int_equal(form->three[CENSUS_CONTRADICTED][CENSUS_REFUSED], 2);
    assert_true(form->is_judged);
    census_close(census);
}

static void a_region_of_the_register_gives_its_point(void **state) {
    struct census *census = open_asking();
    struct census_report report = {.language = STR("en")};
    struct report_out out;
    struct error e = {0};
    rule(census, JP_AWS, "\"dataset\":\"plant\"");
    rule(census, US_AWS, "\"dataset\":\"plant\"");
    assert_ok(census_form_make(census, &report.form, &e), &e);
    MADE_WRITTEN(out, census_geojson(&report, &out));
    assert_non_null(strstr(made_written, "[139.7, 35.7]"));
    assert_non_null(strstr(made_written, "\"precision\":\"region\""));
    assert_non_null(
        strstr(made_written, "\"precision\":\"country\"")); /* of us-west-2 none is known */
    census_close(census);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worst_clause_about_place_and_reach_decides),
        cmocka_unit_test(findings_cite_clauses_and_say_what_would_change_them),
        cmocka_unit_test(a_region_of_the_register_gives_its_point),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
