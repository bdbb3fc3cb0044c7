/* What binds whom and what follows: adoption, editions, strength, raises, extends, exceptions. */
#include "tests/rulebook/support.h"

#define C(id, strength, more)                                                                      \
    "  - id: " id "\n    about: copy\n    source: {basis: own, where: w}\n    strength: " strength \
    "\n" more
#define HOME "    require:\n      - place.country in [\"JP\"]\n"

static struct error e;

static struct rulebook_decision decide_at(const struct rulebook_set *set, const char *facts,
                                          const char *dataset, const char *at) {
    struct rulebook_facts *given = arena_new(&support_arena, struct rulebook_facts, 1);
    *given = support_facts(facts, facts);
    struct rulebook_subject subject = {.about = RULEBOOK_ABOUT_COPY,
                                       .act = STR("put"),
                                       .operator_id = STR("o1"),
                                       .dataset_id = str_from_c(dataset),
                                       .site_id = STR("s1")};
    return support_decide(set, &subject, given, support_time(at));
}

static const struct rulebook_set *compile(const struct rulebook_read *read,
                                          const struct rulebook_adoption *adoptions, size_t count) {
    struct rulebook_set_input input = {.rulebooks = read->rulebooks,
                                       .rulebook_count = read->count,
                                       .adoptions = adoptions,
                                       .adoption_count = count};
    const struct rulebook_set *set = NULL;
    assert_ok(rulebook_set_compile(&input, &support_arena, support_scratch, &set, &e), &e);
    return set;
}

static const char *const two_editions =
    "rulebook: l-1\nline: l\nissuer: i\nin_force: {from: 2020-01-01, until: "
    "2022-01-01}\nclauses:\n" C("c", "law",
                                HOME) "---\nrulebook: l-2\nline: l\nissuer: i\nin_force: {from: "
                                      "2022-06-01}\nclauses:\n" C("c", "should", HOME);

static void a_rulebook_binds_where_it_is_adopted(void **state) {
    static const str o1[] = {{"o1", 2}}, o2[] = {{"o2", 2}}, d1[] = {{"d1", 2}};
    static const struct {
        const char *name;
        const char *rulebook;
        const str *operators, *datasets;
        const char *from, *at;
        enum rulebook_effect effect;
    } rows[] = {
        {"the line, first edition", "l", NULL, NULL, "2019-01-01", "2020-01-01", RULEBOOK_REFUSE},
        {"the day before it", "l", NULL, NULL, "2019-01-01", "2019-12-31", RULEBOOK_ALLOW},
        {"the last day of it", "l", NULL, NULL, "2019-01-01", "2021-12-31", RULEBOOK_REFUSE},
        {"between editions", "l", NULL, NULL, "2019-01-01", "2022-01-01", RULEBOOK_ALLOW},
        {"the second edition", "l", NULL, NULL, "2019-01-01", "2022-06-01", RULEBOOK_WARN},
        {"one edition by name", "l-1", NULL, NULL, "2019-01-01", "2022-06-01", RULEBOOK_ALLOW},
        {"adopted later", "l", NULL, NULL, "2021-01-01", "2020-06-01", RULEBOOK_ALLOW},
        {"by this operator", "l", o1, NULL, "2019-01-01", "2020-06-01", RULEBOOK_REFUSE},
        {"by another operator", "l", o2, NULL, "2019-01-01", "2020-06-01", RULEBOOK_ALLOW},
        {"for this dataset", "l", NULL, d1, "2019-01-01", "2020-06-01", RULEBOOK_REFUSE},
        {"for another dataset", "l", o1, o2, "2019-01-01", "2020-06-01", RULEBOOK_ALLOW},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        support_begin();
        struct rulebook_read read = support_rulebooks("two", str_from_c(two_editions));
        struct rulebook_adoption a = {.rulebook = str_from_c(rows[i].rulebook),
                                      .operators = rows[i].operators,
                                      .operator_count = rows[i].operators != NULL,
                                      .datasets = rows[i].datasets,
                                      .dataset_count = rows[i].datasets != NULL,
                                      .span = {support_time(rows[i].from), RULEBOOK_ALWAYS}};
        struct rulebook_decision d =
            decide_at(compile(&read, &a, 1), "place.country: US", "d1", rows[i].at);
        assert_row(rows[i].name, d.effect == rows[i].effect);
        const str *gaps;
        size_t gap_count;
        assert_ok(rulebook_decision_gaps(&d, &support_arena, &gaps, &gap_count, &e), &e);
        bool no_edition = d.effect == RULEBOOK_ALLOW && rows[i].operators != o2 &&
                          rows[i].datasets != o2 && strcmp(rows[i].name, "adopted later") != 0;
        assert_row(rows[i].name, (gap_count == 1) == no_edition);
    }
    support_begin();
    struct rulebook_read read = support_rulebooks("two", str_from_c(two_editions));
    struct rulebook_decision d =
        decide_at(compile(&read, NULL, 0), "place.country: US", "d1", "2020-06-01");
    assert_int_equal(d.effect, RULEBOOK_ALLOW); /* at hand and not adopted: nothing */
    assert_int_equal(d.fixed_count + d.spoke_count, 0);
    d = decide_at(support_what_if(&read), "place.country: US", "d1", "2020-06-01");
    assert_int_equal(d.effect, RULEBOOK_REFUSE);
}

static void what_cannot_be_compiled_says_why(void **state) {
    support_begin();
    struct rulebook_read read = support_rulebooks("two", str_from_c(two_editions));
    struct rulebook_adoption a = {.rulebook = STR("nobody")};
    struct rulebook_set_input input = {
        .rulebooks = read.rulebooks, .rulebook_count = 2, .adoptions = &a, .adoption_count = 1};
    const struct rulebook_set *set;
    assert_int_equal(rulebook_set_compile(&input, &support_arena, support_scratch, &set, &e),
                     FAIL_NOT_FOUND);
    assert_non_null(strstr(e.message, "nobody is adopted"));
    input.missing_allowed = true;
    assert_ok(rulebook_set_compile(&input, &support_arena, support_scratch, &set, &e), &e);
    size_t count;
    assert_non_null(rulebook_set_warnings(set, &count));
    assert_int_equal(count, 1);
    /* two different rulebooks of one name; the same one twice is one */
    struct rulebook_read other =
        support_rulebooks("other", STR("rulebook: l-1\nissuer: x\nclauses: []\n"));
    const struct rulebook *both[] = {read.rulebooks[0], other.rulebooks[0]};
    input = (struct rulebook_set_input){.rulebooks = both, .rulebook_count = 2};
    assert_int_equal(rulebook_set_compile(&input, &support_arena, support_scratch, &set, &e),
                     FAIL_EXISTS);
    assert_non_null(strstr(e.message, ":1:11: expected a name of its own, found l-1 as at "));
    /* What extends nobody was named without its file and line. */
    other =
        support_rulebooks("x.yaml", STR("rulebook: x\nissuer: i\nextends: nobody\nclauses: []\n"));
    both[1] = other.rulebooks[0];
    assert_int_equal(rulebook_set_compile(&input, &support_arena, support_scratch, &set, &e),
                     FAIL_NOT_FOUND);
    assert_non_null(strstr(e.message, "x.yaml:3:10: expected a rulebook or line that is there"));
    /* What extends itself was told that it is not there. */
    other = support_rulebooks("x.yaml", STR("rulebook: x\nissuer: i\nextends: x\nclauses: []\n"));
    both[1] = other.rulebooks[0];
    assert_int_equal(rulebook_set_compile(&input, &support_arena, support_scratch, &set, &e),
                     FAIL_SYNTAX);
    assert_non_null(strstr(e.message, "x.yaml:3:10: expected another rulebook than itself"));
    both[1] = read.rulebooks[0];
    assert_ok(rulebook_set_compile(&input, &support_arena, support_scratch, &set, &e), &e);
    assert_non_null(rulebook_set_rulebooks(set, &count));
    assert_int_equal(count, 1);
}

/* A parameter or a tick that names nothing was set in vain, and nothing said so. */
static void an_adoption_that_sets_or_ticks_nothing_is_told(void **state) {
    static const str elects[] = {{"c", 1}, {"t", 1}, {"tock", 4}};
    support_begin();
    struct rulebook_read read =
        support_rulebooks("r", STR("rulebook: r\nline: l\nissuer: i\nclauses:\n" C(
                                   "c", "law",
                                   HOME "    params: {p: {set_by: operator}, q: {set_by: rulebook, "
                                        "value: 5}}\n") C("t", "elected", HOME)));
    struct rulebook_adoption a = {
        .rulebook = STR("l"),
        .elects = elects,
        .elect_count = COUNT_OF(elects),
        .place = STR("adopts.yaml:2:3"),
    };
    struct rulebook_fact params[] = {{STR("c/p"), rulebook_number(1, RULEBOOK_UNIT_ONE)},
                                     {STR("c/pp"), rulebook_number(1, RULEBOOK_UNIT_ONE)},
                                     {STR("p"), rulebook_number(1, RULEBOOK_UNIT_ONE)},
                                     {STR("q"), rulebook_number(1, RULEBOOK_UNIT_ONE)},
                                     {STR("t/p"), rulebook_number(1, RULEBOOK_UNIT_ONE)}};
    static const char *const says[] = {
        "adopts.yaml:2:3: the adoption of l ticks c, which is no elected clause of it",
        "adopts.yaml:2:3: the adoption of l ticks tock, which is no elected clause of it",
        "adopts.yaml:2:3: the adoption of l sets c/pp, which no clause of it leaves",
        "adopts.yaml:2:3: the adoption of l sets q, which no clause of it leaves",
        "adopts.yaml:2:3: the adoption of l sets t/p, which no clause of it leaves"};
    a.params = (struct rulebook_facts){params, COUNT_OF(params), NULL};
    size_t count;
    const struct rulebook_warning *told = rulebook_set_warnings(compile(&read, &a, 1), &count);
    assert_int_equal(count, COUNT_OF(says));
    for (size_t i = 0; i < count; i++)
        assert_row(says[i], str_starts(told[i].text, str_from_c(says[i])));
}

/* "5 s" where kilometres are asked for compared as unknown, as if nobody had set it. */
static void an_adoption_that_sets_what_cannot_be_compared_is_told(void **state) {
    static const struct {
        const char *param, *condition, *set, *says; /* NULL: it fits */
    } rows[] = {
        {"unit: km, set_by: operator", "copies.distance_km >= $p", "400", NULL},
        {"unit: km, set_by: operator", "copies.distance_km >= $p", "400 km", NULL},
        {"unit: km, set_by: operator", "copies.distance_km >= $p", "400000 m", NULL},
        {"unit: km, set_by: operator", "copies.distance_km >= $p", "5 s",
         "the adoption of r sets p to 5 s, which clause c cannot compare: it counts as not set; "
         "expected a number of km"},
        {"unit: km, set_by: operator", "copies.distance_km >= $p", "400 kn", "sets p to 400 kn"},
        {"unit: days, set_by: operator", "dataset.retention >= $p", "30", NULL},
        {"unit: days, set_by: operator", "dataset.retention >= $p", "1 months", NULL},
        {"unit: days, set_by: operator", "dataset.retention >= $p", "30 km", "a number of days"},
        {"set_by: operator", "dataset.persons >= $p", "1000", NULL},
        {"set_by: operator", "dataset.persons >= $p", "many", "a value of the kind it asks for"},
        {"set_by: operator", "count reviews >= $p", "some", "a value of the kind it asks for"},
        {"set_by: operator", "place.country in $p", "[JP, SE]", NULL},
        {"set_by: operator", "place.country in $p", "JP", NULL},
        {"set_by: operator", "place.country in $p", "81", "a value of the kind it asks for"},
        {"set_by: operator", "some reviews where (it.age <= $p)", "soon", "sets p to"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        support_begin();
        char text[600];

        snprintf(
            text, sizeof text,
            "rulebook: r\nissuer: i\nclauses:\n  - id: c\n    about: copy\n    source: {basis: "
            "own, where: w}\n    strength: law\n    params: {p: {%s}}\n    require:\n      - "
            "%s\n",
            rows[i].param, rows[i].condition);
        struct rulebook_read read = support_rulebooks("r.yaml", str_from_c(text));
        struct rulebook_fact set = {.path = STR("p")};
        assert_ok(rulebook_value_read(STR("a.yaml"), str_from_c(rows[i].set), &support_arena,
                                      support_scratch, &set.value, &e),
                  &e);
        struct rulebook_adoption a = {.rulebook = STR("r"), .params = {&set, 1, NULL}};
        size_t count, at;
        const struct rulebook_warning *told = rulebook_set_warnings(compile(&read, &a, 1), &count);
        if (count != (rows[i].says != NULL))
            fail_msg("\"%s\" with %s: %zu warnings", rows[i].condition, rows[i].set, count);
        if (count > 0 && !str_find(told[0].text, str_from_c(rows[i].says), &at))
            fail_msg("said: %.*s", STR_FMT(told[0].text));
    }
}

/* The operator's own length for a duty without a number was told to be of no clause. */
static void an_own_length_of_a_duty_is_no_vain_parameter(void **state) {
    static const struct {
        const char *path, *set, *says;
    } rows[] = {{"within_first", "24 h", NULL},
                {"c/within_first", "24 h", NULL},
                {"within_firts", "24 h", "which no clause of it leaves to the operator"},
                {"within_first", "soon", "expected a length of time such as 24 h"}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        support_begin();
        struct rulebook_read read = support_rulebooks(
            "r.yaml", STR("rulebook: r\nissuer: i\nclauses:\n  - id: c\n    about: incident\n    "
                          "source: {basis: own, where: w}\n    strength: law\n    duty: [{stage: "
                          "first, start: incident.detected, within: promptly, to: [m]}]\n"));
        struct rulebook_fact set = {.path = str_from_c(rows[i].path)};
        assert_ok(rulebook_value_read(STR("a.yaml"), str_from_c(rows[i].set), &support_arena,
                                      support_scratch, &set.value, &e),
                  &e);
        struct rulebook_adoption a = {.rulebook = STR("r"), .params = {&set, 1, NULL}};
        size_t count, at;
        const struct rulebook_warning *told = rulebook_set_warnings(compile(&read, &a, 1), &count);
        assert_row(rows[i].path, count == (rows[i].says != NULL));
        if (count > 0 && !str_find(told[0].text, str_from_c(rows[i].says), &at))
            fail_msg("said: %.*s", STR_FMT(told[0].text));
    }
}

/* What supersedes an edition was any word at all, and a raise might have raised nothing. */
static void successors_that_are_not_there_and_raises_that_raise_nothing_are_told(void **state) {
    static const struct {
        const char *name, *head, *says;
    } rows[] = {
        {"by name", "superseded_by: other", NULL},
        {"by its line", "superseded_by: ol", NULL},
        {"a sentence", "superseded_by: \"the revision of 2026, not at hand\"", NULL},
        {"misspelt", "superseded_by: othre",
         "r.yaml:2:16: r is superseded by othre, which is not among the rulebooks"},
        {"itself", "superseded_by: r", "r is superseded by r, which is itself"},
        {"a raise", "raises: [{clause: ol/c, to: law}]", NULL},
        {"a raise to what it is", "raises: [{clause: ol/c, to: should}]",
         "raises ol/c to should, and it is should already"},
        {"a raise below it", "raises: [{clause: ol/c, to: score}]",
         "raises ol/c to score, and it is should already"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        support_begin();
        char text[600];
        snprintf(text, sizeof text,
                 "rulebook: r\n%s\nissuer: i\nclauses: []\n---\nrulebook: other\nline: ol\nissuer: "
                 "i\nclauses:\n%s",
                 rows[i].head, C("c", "should", HOME));
        struct rulebook_read read = support_rulebooks("r.yaml", str_from_c(text));
        size_t count, at;
        const struct rulebook_warning *told = rulebook_set_warnings(support_what_if(&read), &count);
        assert_row(rows[i].name, count == (rows[i].says != NULL));
        if (count > 0 && !str_find(told[0].text, str_from_c(rows[i].says), &at))
            fail_msg("row \"%s\" said: %.*s", rows[i].name, STR_FMT(told[0].text));
    }
}

/* ---- strength ---- */

static const struct {
    const char *name, *clause, *facts;
    enum rulebook_effect effect;
    enum rulebook_verdict verdict;
} strengths[] = {
    {"law", C("c", "law", HOME), "place.country: US", RULEBOOK_REFUSE, RULEBOOK_FAIL},
    {"contract", C("c", "contract", HOME), "place.country: US", RULEBOOK_REFUSE, RULEBOOK_FAIL},
    {"own", C("c", "own", HOME), "place.country: US", RULEBOOK_REFUSE, RULEBOOK_FAIL},
    {"elected", C("c", "elected", HOME), "place.country: US", RULEBOOK_REFUSE, RULEBOOK_FAIL},
    {"should", C("c", "should", HOME), "place.country: US", RULEBOOK_WARN, RULEBOOK_FAIL},
    {"desirable", C("c", "desirable", HOME), "place.country: US", RULEBOOK_WARN, RULEBOOK_FAIL},
    {"score", C("c", "score", HOME), "place.country: US", RULEBOOK_ALLOW, RULEBOOK_FAIL},
    {"unknown under law", C("c", "law", HOME), "", RULEBOOK_REFUSE, RULEBOOK_VERDICT_UNKNOWN},
    {"unknown under should", C("c", "should", HOME), "", RULEBOOK_WARN, RULEBOOK_VERDICT_UNKNOWN},
    {"met", C("c", "law", HOME), "place.country: JP", RULEBOOK_ALLOW, RULEBOOK_PASS},
    {"met by documents", C("c", "law", HOME "    evidence: [document]\n"), "place.country: JP",
     RULEBOOK_ALLOW, RULEBOOK_ATTESTED},
    /* applies */
    {"unknown applies", C("c", "law", HOME "    applies: {dataset.class: [critical]}\n"),
     "place.country: US", RULEBOOK_REFUSE, RULEBOOK_FAIL},
    {"yes/no in applies", C("c", "law", HOME "    applies: {dataset.personal: true}\n"),
     "{place.country: US, dataset.personal: true}", RULEBOOK_REFUSE, RULEBOOK_FAIL},
    {"a set in applies", C("c", "law", HOME "    applies: {dataset.kinds: [b, z]}\n"),
     "{place.country: US, dataset.kinds: [a, b]}", RULEBOOK_REFUSE, RULEBOOK_FAIL},
    {"unknown when", C("c", "law", HOME "    when:\n      - dataset.persons > 5\n"),
     "place.country: US", RULEBOOK_REFUSE, RULEBOOK_FAIL},
    /* unless */
    {"own lifted", C("c", "own", HOME "    unless:\n      - dataset.ok\n"),
     "{place.country: US, dataset.ok: true}", RULEBOOK_WARN, RULEBOOK_LIFTED},
    {"unknown lifts nothing", C("c", "own", HOME "    unless:\n      - dataset.ok\n"),
     "place.country: US", RULEBOOK_REFUSE, RULEBOOK_FAIL},
    {"law is not lifted", C("c", "law", HOME "    unless:\n      - dataset.ok\n"),
     "{place.country: US, dataset.ok: true}", RULEBOOK_REFUSE, RULEBOOK_FAIL},
    {"law that says so is",
     C("c", "law", HOME "    unless:\n      - dataset.ok\n    lifts: [law]\n"),
     "{place.country: US, dataset.ok: true}", RULEBOOK_WARN, RULEBOOK_LIFTED},
    {"compelled is not lifted",
     C("c", "should",
       HOME
       "    unless:\n      - dataset.ok\n    compelled:\n      - {strength: contract, by: x}\n"),
     "{place.country: US, dataset.ok: true}", RULEBOOK_REFUSE, RULEBOOK_FAIL},
    {"unknown truth is lifted too", C("c", "own", HOME "    unless:\n      - dataset.ok\n"),
     "dataset.ok: true", RULEBOOK_WARN, RULEBOOK_LIFTED},
    /* compelled */
    {"compelled when true",
     C("c", "should",
       HOME
       "    compelled:\n      - {strength: law, by: x, when: \"dataset.class is critical\"}\n"),
     "{place.country: US, dataset.class: critical}", RULEBOOK_REFUSE, RULEBOOK_FAIL},
    {"not compelled when false",
     C("c", "should",
       HOME
       "    compelled:\n      - {strength: law, by: x, when: \"dataset.class is critical\"}\n"),
     "{place.country: US, dataset.class: other}", RULEBOOK_WARN, RULEBOOK_FAIL},
    {"compelled when unknown",
     C("c", "should",
       HOME
       "    compelled:\n      - {strength: law, by: x, when: \"dataset.class is critical\"}\n"),
     "place.country: US", RULEBOOK_REFUSE, RULEBOOK_FAIL},
    {"not yet compelled",
     C("c", "should",
       HOME "    compelled:\n      - {strength: law, by: x, since: \"2026-11-22\"}\n"),
     "place.country: US", RULEBOOK_WARN, RULEBOOK_FAIL},
    {"compelled since today",
     C("c", "should",
       HOME "    compelled:\n      - {strength: law, by: x, since: \"2026-11-21\"}\n"),
     "place.country: US", RULEBOOK_REFUSE, RULEBOOK_FAIL},
    /* reads, accepts */
    {"declared is not measured", C("c", "law", HOME "    reads: {place.country: measured}\n"),
     "place.country: JP", RULEBOOK_REFUSE, RULEBOOK_VERDICT_UNKNOWN},
    {"measured is measured", C("c", "law", HOME "    reads: {place.country: measured}\n"),
     "place.country: {value: JP, by: measured}", RULEBOOK_ALLOW, RULEBOOK_PASS},
    {"measured will do for declared", C("c", "law", HOME "    reads: {place.country: declared}\n"),
     "place.country: {value: JP, by: measured}", RULEBOOK_ALLOW, RULEBOOK_PASS},
    {"of a paper, declared is not measured: an element's fields went unasked who said so",
     C("c", "law",
       "    require:\n      - some reviews where (it.kind is law)\n"
       "    reads: {reviews.kind: document}\n"),
     "reviews: {complete: true, items: [{kind: law}]}", RULEBOOK_REFUSE, RULEBOOK_VERDICT_UNKNOWN},
    {"of a paper, a document will do",
     C("c", "law",
       "    require:\n      - some reviews where (it.kind is law)\n"
       "    reads: {reviews.kind: document}\n"),
     "reviews: {complete: true, items: [{kind: {value: law, by: document}}]}", RULEBOOK_ALLOW,
     RULEBOOK_PASS},
    {"a sum of what somebody else said",
     C("c", "law",
       "    require:\n      - sum entity.holders.capital <= 50 %\n"
       "    reads: {entity.holders.capital: document}\n"),
     "entity: {holders: {complete: true, items: [{capital: 10 %}]}}", RULEBOOK_REFUSE,
     RULEBOOK_VERDICT_UNKNOWN},
    {"one of two kinds", C("c", "law", HOME "    reads: {place.country: [document, inspected]}\n"),
     "place.country: {value: JP, by: inspected}", RULEBOOK_ALLOW, RULEBOOK_PASS},
    {"withheld", C("c", "law", HOME), "place.country: withheld", RULEBOOK_REFUSE,
     RULEBOOK_VERDICT_UNKNOWN},
    {"withheld and accepted", C("c", "law", HOME "    accepts: {place.country: [withheld]}\n"),
     "place.country: withheld", RULEBOOK_ALLOW, RULEBOOK_PASS},
    {"accepted is not unknown", C("c", "law", HOME "    accepts: {place.country: [withheld]}\n"),
     "", RULEBOOK_REFUSE, RULEBOOK_VERDICT_UNKNOWN},
    {"accepted below not",
     C("c", "law",
       "    require:\n      - not:\n          - place.country is US\n    accepts: {place.country: "
       "[withheld]}\n"),
     "place.country: withheld", RULEBOOK_ALLOW, RULEBOOK_PASS},
    {"accepted inside a list",
     C("c", "law",
       "    require:\n      - every entity.holders has (it.seat is JP)\n    accepts: "
       "{entity.holders.seat: [withheld]}\n"),
     "entity.holders: {complete: true, items: [{seat: withheld}]}", RULEBOOK_ALLOW, RULEBOOK_PASS},
    {"withheld inside a list",
     C("c", "law", "    require:\n      - every entity.holders has (it.seat is JP)\n"),
     "entity.holders: {complete: true, items: [{seat: withheld}]}", RULEBOOK_REFUSE,
     RULEBOOK_VERDICT_UNKNOWN},
    {"a list that was withheld and accepted left a sum unknown, where `every` took it as met",
     C("c", "law",
       "    require:\n      - sum entity.holders.capital <= 39 %\n    accepts: {entity.holders: "
       "[withheld]}\n"),
     "entity.holders: withheld", RULEBOOK_ALLOW, RULEBOOK_PASS},
    {"and a count, also below not",
     C("c", "law",
       "    require:\n      - not:\n          - count entity.holders >= 2\n    accepts: "
       "{entity.holders: [withheld]}\n"),
     "entity.holders: withheld", RULEBOOK_ALLOW, RULEBOOK_PASS},
    {"a list that nobody withheld is not taken so",
     C("c", "law",
       "    require:\n      - sum entity.holders.capital <= 39 %\n    accepts: {entity.holders: "
       "[withheld]}\n"),
     "entity.holders: unknown", RULEBOOK_REFUSE, RULEBOOK_VERDICT_UNKNOWN},
#define COUNTED "accepts: {entity.holders.seat: [withheld]}\n"
    {"accepted is not counted where few are wanted",
     C("c", "law",
       "    require:\n      - count entity.holders where (it.seat is US) <= 0\n    " COUNTED),
     "entity.holders: {complete: true, items: [{seat: withheld}, {seat: JP}]}", RULEBOOK_ALLOW,
     RULEBOOK_PASS},
    {"accepted is counted where many are wanted",
     C("c", "law",
       "    require:\n      - count entity.holders where (it.seat is JP) >= 2\n    " COUNTED),
     "entity.holders: {complete: true, items: [{seat: withheld}, {seat: JP}]}", RULEBOOK_ALLOW,
     RULEBOOK_PASS},
    {"accepting does not make a count fail that held without it",
     C("c", "law",
       "    require:\n      - count entity.holders where (it.seat known) <= 1\n    " COUNTED),
     "entity.holders: {complete: true, items: [{seat: withheld}, {seat: JP}]}", RULEBOOK_ALLOW,
     RULEBOOK_PASS},
};

static void each_strength_has_its_effect(void **state) {
    for (size_t i = 0; i < COUNT_OF(strengths); i++) {
        support_begin();
        char buffer[2048];
        snprintf(buffer, sizeof buffer, "rulebook: r\nissuer: i\nclauses:\n%s",
                 strengths[i].clause);
        struct rulebook_read read = support_rulebooks(strengths[i].name, str_from_c(buffer));
        struct rulebook_decision d =
            decide_at(support_what_if(&read), strengths[i].facts, "d1", "2026-11-21");
        const struct rulebook_spoke *s = support_spoke(&d, "c");
        assert_row(strengths[i].name, s != NULL);
        assert_row(strengths[i].name, s->effect == strengths[i].effect);
        assert_row(strengths[i].name, s->verdict == strengths[i].verdict);
        assert_row(strengths[i].name, d.effect == s->effect);
    }
}

/* Of two adoptions that bind the same subject only one could set parameters, and which was chosen by
 * the order of their bytes. */
static void several_adoptions_set_parameters(void **state) {
    static const struct {
        const char *name, *one, *other;
        enum rulebook_verdict verdict;
    } rows[] = {{"the first sets it", "{far: 300 km}", "", RULEBOOK_PASS},
                {"the second sets it", "", "{far: 300 km}", RULEBOOK_PASS},
                {"both say the same", "{far: 300 km}", "{far: 300000 m}", RULEBOOK_PASS},
                {"they differ", "{far: 300 km}", "{far: 100 km}", RULEBOOK_VERDICT_UNKNOWN},
                {"neither", "", "", RULEBOOK_VERDICT_UNKNOWN}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        support_begin();
        struct rulebook_read read = support_rulebooks(
            "r", STR("rulebook: r\nissuer: i\nclauses:\n" C(
                     "c", "own",
                     "    params: {far: {unit: km, set_by: operator}}\n    require:\n      - "
                     "copies.distance_km >= $far\n")));
        struct rulebook_adoption both[] = {
            {.rulebook = STR("r"), .span = {RULEBOOK_EVER, RULEBOOK_ALWAYS}, .by = STR("a")},
            {.rulebook = STR("r"), .span = {RULEBOOK_EVER, RULEBOOK_ALWAYS}, .by = STR("b")}};
        both[0].params = support_facts("one", rows[i].one);
        both[1].params = support_facts("other", rows[i].other);
        struct rulebook_decision d =
            decide_at(compile(&read, both, 2), "copies.distance_km: 300 km", "d1", "2026-11-21");
        assert_row(rows[i].name, support_spoke(&d, "c")->verdict == rows[i].verdict);
    }
}

static void an_elected_clause_binds_once_ticked(void **state) {
    support_begin();
    static const str ticked[] = {{"c", 1}};
    struct rulebook_read read =
        support_rulebooks("r", STR("rulebook: r\nissuer: i\nclauses:\n" C("c", "elected", HOME)));
    struct rulebook_adoption a = {.rulebook = STR("r"), .span = {RULEBOOK_EVER, RULEBOOK_ALWAYS}};
    struct rulebook_decision d =
        decide_at(compile(&read, &a, 1), "place.country: US", "d1", "2026-11-21");
    assert_int_equal(d.effect, RULEBOOK_ALLOW);
    a.elects = ticked;
    a.elect_count = 1;
    d = decide_at(compile(&read, &a, 1), "place.country: US", "d1", "2026-11-21");
    assert_int_equal(d.effect, RULEBOOK_REFUSE);
}

static void an_operator_raises_a_clause_of_a_line(void **state) {
    static const struct {
        const char *name, *raise, *facts, *at;
        enum rulebook_effect effect;
        bool is_vain;
    } rows[] = {
        {"raised", "{clause: l/c, to: own}", "place.country: US", "2022-06-01", RULEBOOK_REFUSE},
        {"for this class", "{clause: l/c, to: own, for: {dataset.class: [critical]}}",
         "{place.country: US, dataset.class: critical}", "2022-06-01", RULEBOOK_REFUSE},
        {"for another class", "{clause: l/c, to: own, for: {dataset.class: [critical]}}",
         "{place.country: US, dataset.class: other}", "2022-06-01", RULEBOOK_WARN},
        {"class unknown", "{clause: l/c, to: own, for: {dataset.class: [critical]}}",
         "place.country: US", "2022-06-01", RULEBOOK_REFUSE},
        {"not lowered", "{clause: l/c, to: desirable}", "place.country: US", "2020-06-01",
         RULEBOOK_REFUSE, true},
        {"by the edition's name", "{clause: l-2/c, to: own}", "place.country: US", "2022-06-01",
         RULEBOOK_REFUSE},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        support_begin();
        char buffer[4096];
        snprintf(buffer, sizeof buffer,
                 "%s---\nrulebook: mine\nissuer: me\nraises:\n  - %s\nclauses: []\n", two_editions,
                 rows[i].raise);
        struct rulebook_read read = support_rulebooks(rows[i].name, str_from_c(buffer));
        const struct rulebook_set *set = support_what_if(&read);
        struct rulebook_decision d = decide_at(set, rows[i].facts, "d1", rows[i].at);
        assert_row(rows[i].name, d.effect == rows[i].effect);
        size_t count;
        rulebook_set_warnings(set, &count);
        assert_row(rows[i].name, count == rows[i].is_vain);
    }
    support_begin();
    char buffer[4096];
    snprintf(buffer, sizeof buffer,
             "%s---\nrulebook: mine\nissuer: me\nraises:\n  - {clause: l/gone, to: own}\n  - "
             "{clause: nobody/c, to: own}\nclauses: []\n",
             two_editions);
    struct rulebook_read read = support_rulebooks("warned", str_from_c(buffer));
    size_t count, at;
    const struct rulebook_warning *warnings = rulebook_set_warnings(support_what_if(&read), &count);
    assert_int_equal(count, 3); /* each edition lacks it, and there is no such line */
    assert_true(str_find(warnings[0].text, STR("raises l/gone, which l-1 does not have"), &at));
    assert_true(str_find(warnings[2].text, STR("there is no rulebook of that line"), &at));
}

/* ---- extends ---- */

static void extends_may_only_tighten(void **state) {
#define BASE                                                                                       \
    C("c", "should",                                                                               \
      "    applies: {dataset.class: [critical, important]}\n    require:\n"                        \
      "      - place.country in [\"JP\", \"SE\"]\n      - entity.share <= 24 %\n"                  \
      "    oblige:\n      copies: 2\n      keys_in: [JP, SE]\n"                                    \
      "      keep_at_least: {length: 12 months}\n")
#define TIGHT(strength, applies, places, share, more)                                              \
    C("c", strength,                                                                               \
      "    applies: " applies "\n    require:\n      - place.country " places "\n"                 \
      "      - entity.share " share "\n" more)
#define CLASSES "{dataset.class: [critical, important]}"
#define SAME    "    oblige: {copies: 2, keys_in: [JP, SE], keep_at_least: {length: 12 months}}\n"
    static const struct {
        const char *name, *clause, *says; /* NULL: it is proved */
    } rows[] = {
        {"the same", TIGHT("should", CLASSES, "in [\"JP\", \"SE\"]", "<= 24 %", SAME), NULL},
        {"stronger", TIGHT("law", CLASSES, "in [\"JP\", \"SE\"]", "<= 24 %", SAME), NULL},
        {"weaker", TIGHT("desirable", CLASSES, "in [\"JP\", \"SE\"]", "<= 24 %", SAME),
         "is weaker than"},
        {"fewer places", TIGHT("should", CLASSES, "in [\"JP\"]", "<= 24 %", SAME), NULL},
        {"one place", TIGHT("should", CLASSES, "is JP", "<= 24 %", SAME), NULL},
        {"more places", TIGHT("should", CLASSES, "in [\"JP\", \"SE\", \"US\"]", "<= 24 %", SAME),
         "require as much"},
        {"a smaller share", TIGHT("should", CLASSES, "in [\"JP\"]", "<= 20 %", SAME), NULL},
        {"a larger share", TIGHT("should", CLASSES, "in [\"JP\"]", "<= 25 %", SAME),
         "require as much"},
        {"for more classes",
         TIGHT("should", "{dataset.class: [critical, important, other]}", "is JP", "<= 24 %", SAME),
         NULL},
        {"for fewer classes",
         TIGHT("should", "{dataset.class: [critical]}", "is JP", "<= 24 %", SAME),
         "apply as widely"},
        {"with a new limit",
         TIGHT("should", "{dataset.class: [critical, important], dataset.kinds: [a]}", "is JP",
               "<= 24 %", SAME),
         "apply as widely"},
        {"with a new when",
         TIGHT("should", CLASSES, "is JP", "<= 24 %", SAME "    when:\n      - dataset.ok\n"),
         "apply as widely"},
        {"with a new excuse",
         TIGHT("should", CLASSES, "is JP", "<= 24 %", SAME "    unless:\n      - dataset.ok\n"),
         "excuses more"},
        {"accepting more",
         TIGHT("should", CLASSES, "is JP", "<= 24 %",
               SAME "    accepts: {place.country: [withheld]}\n"),
         "content with less"},
        {"in force later",
         TIGHT("should", CLASSES, "is JP", "<= 24 %",
               SAME "    in_force: {from: \"2026-01-01\"}\n"),
         "in force for less time"},
        {"three copies",
         TIGHT("should", CLASSES, "is JP", "<= 24 %",
               "    oblige: {copies: 3, keys_in: [JP], keep_at_least: {length: 24 months}}\n"),
         NULL},
        {"one copy",
         TIGHT("should", CLASSES, "is JP", "<= 24 %",
               "    oblige: {copies: 1, keys_in: [JP], keep_at_least: {length: 24 months}}\n"),
         "oblige as much"},
        {"keys in more places",
         TIGHT("should", CLASSES, "is JP", "<= 24 %",
               "    oblige: {copies: 3, keys_in: [JP, SE, US], keep_at_least: {length: 24 "
               "months}}\n"),
         "oblige as much"},
        {"kept shorter",
         TIGHT("should", CLASSES, "is JP", "<= 24 %",
               "    oblige: {copies: 3, keys_in: [JP], keep_at_least: {length: 11 months}}\n"),
         "oblige as much"},
        {"about something else",
         "  - id: c\n    about: entity\n    source: {basis: own, where: w}\n    strength: "
         "law\n" HOME,
         "is about something else"},
        {"a clause of its own", C("d", "score", HOME), NULL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        support_begin();
        char buffer[4096];
        snprintf(buffer, sizeof buffer,
                 "rulebook: base\nissuer: i\nclauses:\n%s---\nrulebook: mine\nissuer: me\nextends: "
                 "base\nclauses:\n%s",
                 BASE, rows[i].clause);
        struct rulebook_read read = support_rulebooks(rows[i].name, str_from_c(buffer));
        struct rulebook_set_input input = {
            .rulebooks = read.rulebooks, .rulebook_count = 2, .what_if = true};
        const struct rulebook_set *set;
        enum error_code code =
            rulebook_set_compile(&input, &support_arena, support_scratch, &set, &e);
        if (rows[i].says == NULL) {
            if (code != OK) fail_msg("row \"%s\": %s", rows[i].name, e.message);
            continue;
        }
        assert_row(rows[i].name, code == FAIL_SYNTAX);
        if (strstr(e.message, rows[i].says) == NULL)
            fail_msg("row \"%s\": %s", rows[i].name, e.message);
    }
    /* adopting only the tighter one brings the base's other clauses along */
    support_begin();
    struct rulebook_read read = support_rulebooks(
        "inherit",
        STR("rulebook: base\nissuer: i\nclauses:\n" C(
            "c", "law",
            HOME) "---\nrulebook: mine\nissuer: me\nextends: base\nclauses:\n" C("d", "score",
                                                                                 HOME)));
    struct rulebook_adoption a = {.rulebook = STR("mine"),
                                  .span = {RULEBOOK_EVER, RULEBOOK_ALWAYS}};
    struct rulebook_decision d =
        decide_at(compile(&read, &a, 1), "place.country: US", "d1", "2026-11-21");
    assert_int_equal(d.effect, RULEBOOK_REFUSE);
    assert_int_equal(d.fixed_count + d.spoke_count, 2);
}

/* ---- exceptions ---- */

static struct rulebook_exception good_exception(void) {
    return (struct rulebook_exception){
        .id = STR("x1"),
        .clause = STR("r/c"),
        .span = {support_time("2026-11-01"), support_time("2026-12-01")},
        .requester = STR("ann"),
        .approver = STR("ben"),
        .reason = STR("moving house")};
}

static void an_exception_needs_two_people_and_an_end(void **state) {
    struct rulebook_exception x = good_exception();
    assert_ok(rulebook_exception_check(&x, &e), &e);
    static const struct {
        const char *name;
        size_t offset;
    } needed[] = {{"id", offsetof(struct rulebook_exception, id)},
                  {"clause", offsetof(struct rulebook_exception, clause)},
                  {"requester", offsetof(struct rulebook_exception, requester)},
                  {"approver", offsetof(struct rulebook_exception, approver)},
                  {"reason", offsetof(struct rulebook_exception, reason)}};
    for (size_t i = 0; i < COUNT_OF(needed); i++) {
        x = good_exception();
        *(str *)((char *)&x + needed[i].offset) = STR_EMPTY;
        assert_row(needed[i].name, rulebook_exception_check(&x, &e) == FAIL_USAGE);
    }
    x = good_exception();
    x.approver = x.requester;
    assert_int_equal(rulebook_exception_check(&x, &e), FAIL_USAGE);
    x = good_exception();
    x.span.until_ns = RULEBOOK_ALWAYS;
    assert_int_equal(rulebook_exception_check(&x, &e), FAIL_USAGE);
    x = good_exception();
    x.kind = RULEBOOK_BREAK_GLASS;
    x.second = STR("cem");
    x.span.until_ns = x.span.from_ns + 72 * 3600 * NS_PER_S;
    assert_ok(rulebook_exception_check(&x, &e), &e);
    x.span.until_ns++;
    assert_int_equal(rulebook_exception_check(&x, &e), FAIL_USAGE);
    x.span.until_ns--;
    x.second = x.approver;
    assert_int_equal(rulebook_exception_check(&x, &e), FAIL_USAGE);
}

static void an_exception_loosens_and_ends(void **state) {
    static const struct {
        const char *name, *strength, *clause, *dataset, *site, *at;
        enum rulebook_loosening kind;
        enum rulebook_effect effect;
    } rows[] = {
        {"own", "own", "r/c", "", "", "2026-11-21", RULEBOOK_EXCEPTION, RULEBOOK_WARN},
        {"before it begins", "own", "r/c", "", "", "2026-10-31", RULEBOOK_EXCEPTION,
         RULEBOOK_REFUSE},
        {"its first moment", "own", "r/c", "", "", "2026-11-01", RULEBOOK_EXCEPTION, RULEBOOK_WARN},
        {"when it has ended", "own", "r/c", "", "", "2026-12-01", RULEBOOK_EXCEPTION,
         RULEBOOK_REFUSE},
        {"another clause", "own", "r/d", "", "", "2026-11-21", RULEBOOK_EXCEPTION, RULEBOOK_REFUSE},
        {"by the line", "own", "line/c", "", "", "2026-11-21", RULEBOOK_EXCEPTION, RULEBOOK_WARN},
        {"this dataset", "own", "r/c", "d1", "s1", "2026-11-21", RULEBOOK_EXCEPTION, RULEBOOK_WARN},
        {"another dataset", "own", "r/c", "d2", "", "2026-11-21", RULEBOOK_EXCEPTION,
         RULEBOOK_REFUSE},
        {"another site", "own", "r/c", "", "s2", "2026-11-21", RULEBOOK_EXCEPTION, RULEBOOK_REFUSE},
        {"glass over own", "own", "r/c", "", "", "2026-11-02", RULEBOOK_BREAK_GLASS, RULEBOOK_WARN},
        {"glass over contract", "contract", "r/c", "", "", "2026-11-02", RULEBOOK_BREAK_GLASS,
         RULEBOOK_WARN},
        {"glass over law", "law", "r/c", "", "", "2026-11-02", RULEBOOK_BREAK_GLASS,
         RULEBOOK_REFUSE},
        {"glass after 72 hours", "own", "r/c", "", "", "2026-11-04", RULEBOOK_BREAK_GLASS,
         RULEBOOK_REFUSE},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        support_begin();
        char buffer[1024];
        snprintf(buffer, sizeof buffer,
                 "rulebook: r\nline: line\nissuer: i\nclauses:\n  - id: c\n    about: copy\n    "
                 "source: {basis: own, where: w}\n    strength: %s\n" HOME,
                 rows[i].strength);
        struct rulebook_read read = support_rulebooks(rows[i].name, str_from_c(buffer));
        struct rulebook_exception x = good_exception();
        x.clause = str_from_c(rows[i].clause);
        x.dataset = str_from_c(rows[i].dataset);
        x.site = str_from_c(rows[i].site);
        x.kind = rows[i].kind;
        if (x.kind == RULEBOOK_BREAK_GLASS) {
            x.second = STR("cem");
            x.span.until_ns = x.span.from_ns + 72 * 3600 * NS_PER_S;
        }
        struct rulebook_set_input input = {.rulebooks = read.rulebooks,
                                           .rulebook_count = 1,
                                           .exceptions = &x,
                                           .exception_count = 1,
                                           .what_if = true};
        const struct rulebook_set *set;
        assert_ok(rulebook_set_compile(&input, &support_arena, support_scratch, &set, &e), &e);
        struct rulebook_decision d = decide_at(set, "place.country: US", "d1", rows[i].at);
        assert_row(rows[i].name, d.effect == rows[i].effect);
        const struct rulebook_spoke *s = support_spoke(&d, "c");
        assert_row(rows[i].name, (s->exception != NULL) == (d.effect == RULEBOOK_WARN));
        assert_row(rows[i].name, d.good_until_ns > d.at_ns);
        if (s->exception != NULL) assert_row(rows[i].name, d.good_until_ns == x.span.until_ns);
    }
}

/* ---- time, replay ---- */

static void a_decision_says_how_long_it_is_good(void **state) {
    static const struct {
        const char *name, *clause, *facts, *until;
    } rows[] = {
        {"for ever", C("c", "law", HOME), "place.country: JP", NULL},
        {"until a fact runs out", C("c", "law", HOME),
         "place.country: {value: JP, until: 2027-01-01}", "2027-01-01"},
        {"until the clause ends", C("c", "law", HOME "    in_force: {until: 2026-12-01}\n"),
         "place.country: JP", "2026-12-01"},
        {"until it is compelled",
         C("c", "should",
           HOME "    compelled:\n      - {strength: law, by: x, since: \"2026-11-30\"}\n"),
         "place.country: JP", "2026-11-30"},
        {"not at all: it reads the clock",
         C("c", "law", "    require:\n      - plan.ended <= @time.now\n"), "plan.ended: 2026-01-01",
         "2026-11-21T00:00:00.000000001Z"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        support_begin();
        char buffer[1024];
        snprintf(buffer, sizeof buffer, "rulebook: r\nissuer: i\nclauses:\n%s", rows[i].clause);
        struct rulebook_read read = support_rulebooks(rows[i].name, str_from_c(buffer));
        struct rulebook_decision d =
            decide_at(support_what_if(&read), rows[i].facts, "d1", "2026-11-21");
        int64_t until = rows[i].until == NULL ? RULEBOOK_ALWAYS : support_time(rows[i].until);
        assert_row(rows[i].name, d.good_until_ns == until);
    }
}

/* Whoever has the rules and the opened facts gets the same bytes again. */
static void a_decision_replays_to_the_same_bytes(void **state) {
    support_begin();
    struct rulebook_read read = support_rulebooks(
        "r", STR("rulebook: r\nissuer: i\nclauses:\n" C(
                 "c", "law", "    applies: {dataset.class: [critical]}\n" HOME)
                     C("d", "should", "    require:\n      - every reviews has (it.valid)\n")));
    const struct rulebook_set *set = support_what_if(&read);
    struct rulebook_decision first =
        decide_at(set,
                  "{place.country: {value: US, by: document, since: 2026-01-01, source: deed}, "
                  "dataset.class: critical, reviews: [{valid: true}], place.unread: x}",
                  "d1", "2026-11-21");
    const struct rulebook_reading *readings;
    size_t count;
    struct arena scratch = support_scratch;
    assert_ok(rulebook_decision_facts(&first, &support_arena, scratch, &readings, &count, &e), &e);
    assert_int_equal(count, 3); /* what no clause read is not among them */
    struct rulebook_fact *opened = arena_new(&support_arena, struct rulebook_fact, count);
    for (size_t i = 0; i < count; i++)
        opened[i] = (struct rulebook_fact){readings[i].path, *readings[i].value};
    struct rulebook_facts facts = {opened, count, NULL};
    struct rulebook_decision again;
    assert_ok(rulebook_evaluate_slow(set, &first.subject, &facts, first.at_ns, &support_arena,
                                     scratch, &again, &e),
              &e);
    str a, b, hidden_bytes;
    assert_ok(rulebook_decision_canonical(&first, NULL, 0, &support_arena, scratch, &a, &e), &e);
    assert_ok(rulebook_decision_canonical(&again, NULL, 0, &support_arena, scratch, &b, &e), &e);
    assert_true(str_equal(a, b));
    /* a hidden fact is its commitment, and its value is nowhere in the bytes */
    struct rulebook_hidden hidden = {STR("place.country"), {{7}}};
    size_t at;
    assert_true(str_find(a, STR("deed"), &at));
    assert_ok(
        rulebook_decision_canonical(&first, &hidden, 1, &support_arena, scratch, &hidden_bytes, &e),
        &e);
    assert_false(str_find(hidden_bytes, STR("deed"), &at));
    assert_true(str_find(hidden_bytes, digest_str(&hidden.commitment), &at));
    /* another fact, other bytes */
    opened[0].value = rulebook_text(STR("JP"));
    assert_ok(rulebook_evaluate_slow(set, &first.subject, &facts, first.at_ns, &support_arena,
                                     scratch, &again, &e),
              &e);
    assert_ok(rulebook_decision_canonical(&again, NULL, 0, &support_arena, scratch, &b, &e), &e);
    assert_false(str_equal(a, b));
}

static void the_digest_names_what_is_adopted(void **state) {
    support_begin();
    struct rulebook_read read = support_rulebooks("two", str_from_c(two_editions));
    static const str o1[] = {{"o1", 2}};
    struct rulebook_adoption both[] = {{.rulebook = STR("l-1"), .span = {0, 5}},
                                       {.rulebook = STR("l-2"), .span = {0, 5}}};
    struct rulebook_adoption turned[] = {both[1], both[0]};
    const digest *first = rulebook_set_digest(compile(&read, both, 2));
    assert_true(digest_equal(first, rulebook_set_digest(compile(&read, turned, 2))));
    assert_false(digest_equal(first, rulebook_set_digest(compile(&read, both, 1))));
    both[0].operators = o1;
    both[0].operator_count = 1;
    assert_false(digest_equal(first, rulebook_set_digest(compile(&read, both, 2))));
    assert_false(digest_equal(first, rulebook_set_digest(support_what_if(&read))));
}

/* Days of a clause, and the day since when it is compelled, began at midnight UTC, nine hours late
 * for a rulebook from Japan; instants beside a zone were moved by it. */
static void days_begin_where_the_instrument_is_from(void **state) {
#define FROM(rulebook, clause, since)                                                              \
    "rulebook: r\nissuer: i\nin_force: {" rulebook "}\nclauses:\n" C(                              \
        "c", "should", HOME) "    in_force: {" clause                                              \
                             "}\n    compelled:\n      - {strength: law, by: x, since: \"" since   \
                             "\"}\n"
#define JAPAN "zone: \"+09:00\""
    static const struct {
        const char *name, *rulebook, *at;
        enum rulebook_effect effect;
    } rows[] = {
        {"the clause's first day",
         FROM("from: 2020-01-01, " JAPAN, "from: 2024-04-01", "2030-01-01"), "2024-03-31T15:00:00Z",
         RULEBOOK_WARN},
        {"a moment earlier", FROM("from: 2020-01-01, " JAPAN, "from: 2024-04-01", "2030-01-01"),
         "2024-03-31T14:59:59Z", RULEBOOK_ALLOW},
        {"its own zone counts", FROM(JAPAN, "from: 2024-04-01, zone: \"+00:00\"", "2030-01-01"),
         "2024-03-31T15:00:00Z", RULEBOOK_ALLOW},
        {"an instant stays what it is", FROM(JAPAN, "from: \"2024-04-01T00:00:00Z\"", "2030-01-01"),
         "2024-03-31T15:00:00Z", RULEBOOK_ALLOW},
        {"the rulebook's too",
         FROM("from: \"2024-04-01T00:00:00Z\", " JAPAN, "until: 2030-01-01", "2030-01-01"),
         "2024-03-31T15:00:00Z", RULEBOOK_ALLOW},
        {"compelled since the day", FROM(JAPAN, "from: 2020-01-01", "2024-04-01"),
         "2024-03-31T15:00:00Z", RULEBOOK_REFUSE},
        {"not a moment earlier", FROM(JAPAN, "from: 2020-01-01", "2024-04-01"),
         "2024-03-31T14:59:59Z", RULEBOOK_WARN},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        support_begin();
        struct rulebook_read read = support_rulebooks(rows[i].name, str_from_c(rows[i].rulebook));
        struct rulebook_decision d =
            decide_at(support_what_if(&read), "place.country: US", "d1", rows[i].at);
        assert_row(rows[i].name, d.effect == rows[i].effect);
    }
}

static void words_are_acts_or_kinds(void **state) {
    static const struct {
        const char *word, *act;
        unsigned about;
    } rows[] = {{"put", "put", RULEBOOK_ABOUT_COPY | RULEBOOK_ABOUT_SESSION},
                {"delete", "delete", RULEBOOK_ABOUT_COPY | RULEBOOK_ABOUT_SESSION},
                {"copy", "", RULEBOOK_ABOUT_COPY},
                {"entity", "", RULEBOOK_ABOUT_ENTITY},
                {"purchase", "purchase", RULEBOOK_ABOUT_EQUIPMENT | RULEBOOK_ABOUT_SUPPLY},
                {"request", "", RULEBOOK_ABOUT_REQUEST}};
    struct rulebook_subject subject;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_row(rows[i].word, rulebook_subject_of_word(str_from_c(rows[i].word), &subject));
        assert_row(rows[i].word, subject.about == rows[i].about);
        assert_str(subject.act, str_from_c(rows[i].act));
    }
    assert_false(rulebook_subject_of_word(STR("dance"), &subject));
    /* The acts copy and change could not be asked about: their words are kinds as well. */
    assert_true(rulebook_subject_of_act(STR("copy"), &subject));
    assert_true(subject.about == (RULEBOOK_ABOUT_COPY | RULEBOOK_ABOUT_SESSION));
    assert_true(rulebook_subject_of_act(STR("change"), &subject));
    assert_true(subject.about == RULEBOOK_ABOUT_CHANGE);
    assert_false(rulebook_subject_of_act(STR("entity"), &subject));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rulebook_binds_where_it_is_adopted),
        cmocka_unit_test(what_cannot_be_compiled_says_why),
        cmocka_unit_test(an_adoption_that_sets_or_ticks_nothing_is_told),
        cmocka_unit_test(an_adoption_that_sets_what_cannot_be_compared_is_told),
        cmocka_unit_test(an_own_length_of_a_duty_is_no_vain_parameter),
        cmocka_unit_test(successors_that_are_not_there_and_raises_that_raise_nothing_are_told),
        cmocka_unit_test(each_strength_has_its_effect),
        cmocka_unit_test(several_adoptions_set_parameters),
        cmocka_unit_test(an_elected_clause_binds_once_ticked),
        cmocka_unit_test(an_operator_raises_a_clause_of_a_line),
        cmocka_unit_test(extends_may_only_tighten),
        cmocka_unit_test(an_exception_needs_two_people_and_an_end),
        cmocka_unit_test(an_exception_loosens_and_ends),
        cmocka_unit_test(a_decision_says_how_long_it_is_good),
        cmocka_unit_test(a_decision_replays_to_the_same_bytes),
        cmocka_unit_test(the_digest_names_what_is_adopted),
        cmocka_unit_test(days_begin_where_the_instrument_is_from),
        cmocka_unit_test(words_are_acts_or_kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
