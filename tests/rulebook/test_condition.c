/* Conditions over facts: each operator, both sides of each number, and what is unknown. The rows
 * name the condition, the facts as YAML, and the truth. */
#include "tests/rulebook/support.h"

#include "rulebook/read/condition.h"

enum { F = RULEBOOK_FALSE, U = RULEBOOK_UNKNOWN_TRUTH, T = RULEBOOK_TRUE };

#define HOLDERS(complete, items) "entity.holders: {complete: " complete ", items: [" items "]}"

static const struct {
    const char *condition, *facts;
    int truth;
} rows[] = {
    /* texts */
    {"place.country is JP", "place.country: JP", T},
    {"place.country is JP", "place.country: US", F},
    {"place.country is JP", "", U},
    {"place.country is JP", "place.country: unknown", U},
    {"place.country is JP", "place.country: withheld", U},
    {"place.country is not JP", "place.country: US", T},
    {"place.country is not JP", "", U},
    {"place.country is \"NO\"", "place.country: \"NO\"", T},
    {"place.country in [\"JP\", \"NO\"]", "place.country: \"NO\"", T},
    {"place.country in [JP, SE]", "place.country: FI", F},
    {"place.country not in [JP, SE]", "place.country: FI", T},
    {"place.country not in [JP, SE]", "", U},
    {"place.region is \"13\"", "place.region: \"13\"", T}, /* a code that looks like a number */
    {"place.region in [\"13\", \"14\"]", "place.region: 13", T},
    {"place.region in [\"13\", \"14\"]", "place.region: 15", F},
    /* sets */
    {"dataset.kinds has medical", "dataset.kinds: [medical, personal]", T},
    {"dataset.kinds has payment", "dataset.kinds: [medical, personal]", F},
    {"dataset.kinds has payment", "dataset.kinds: {complete: false, items: [medical]}", U},
    {"dataset.kinds has medical", "dataset.kinds: {complete: false, items: [medical]}", T},
    {"dataset.kinds not has payment", "dataset.kinds: [medical]", T},
    {"dataset.kinds intersects [\"a\", \"b\"]", "dataset.kinds: [b, c]", T},
    {"dataset.kinds intersects [\"a\", \"b\"]", "dataset.kinds: [c]", F},
    {"dataset.kinds disjoint [\"a\", \"b\"]", "dataset.kinds: [c]", T},
    {"dataset.kinds disjoint [\"a\", \"b\"]", "dataset.kinds: [a]", F},
    {"dataset.kinds disjoint [\"a\"]", "dataset.kinds: {complete: false, items: [c]}", U},
    {"entity.seats subset of [FR, DE]", "entity.seats: [FR]", T},
    {"entity.seats subset of [FR, DE]", "entity.seats: [FR, US]", F},
    {"entity.seats subset of [FR]", "entity.seats: {complete: false, items: [FR]}", U},
    {"entity.seats subset of [FR]", "entity.seats: {complete: false, items: [US]}", F},
    {"entity.seats not subset of [FR]", "entity.seats: [US]", T},
    {"entity.seats subset of [FR]", "entity.seats: FR", T}, /* one text is a set of one */
    {"dataset.kinds has medical", "dataset.kinds: []", U},  /* an empty open list */
    {"dataset.kinds has medical", "dataset.kinds: {complete: true, items: []}", F},
    /* another fact */
    {"place.region in @contract.regions", "{place.region: kanto, contract.regions: [kanto]}", T},
    {"place.region in @contract.regions", "{place.region: kansai, contract.regions: [kanto]}", F},
    {"place.region in @contract.regions", "place.region: kansai", U},
    {"keys.holder is @operator.id", "{keys.holder: aoba, operator.id: aoba}", T},
    /* known, yes/no */
    {"place.country known", "place.country: JP", T},
    {"place.country known", "", F},
    {"place.country known", "place.country: withheld", F},
    {"entity.holders known", "entity.holders: []", F},
    {"entity.holders known", "entity.holders: {complete: true, items: []}", T},
    {"dataset.encrypted", "dataset.encrypted: true", T},
    {"dataset.encrypted", "dataset.encrypted: false", F},
    {"dataset.encrypted", "", U},
    {"dataset.encrypted", "dataset.encrypted: maybe", U}, /* a text is no yes */
    {"dataset.encrypted is true", "dataset.encrypted: true", T},
    /* numbers, both sides */
    {"dataset.persons > 1000", "dataset.persons: 1000", F},
    {"dataset.persons > 1000", "dataset.persons: 1001", T},
    {"dataset.persons >= 1000", "dataset.persons: 999", F},
    {"dataset.persons >= 1000", "dataset.persons: 1000", T},
    {"entity.share <= 24 %", "entity.share: 24 %", T},
    {"entity.share <= 24 %", "entity.share: 24.001 %", F},
    {"entity.share < 25 %", "entity.share: 24.999 %", T},
    {"entity.share < 25 %", "entity.share: 25 %", F},
    {"copies.distance >= 100 km", "copies.distance: 100000 m", T},
    {"copies.distance >= 100 km", "copies.distance: 99999 m", F},
    {"copies.distance >= 100 km", "copies.distance: 100", F},  /* without unit: base units */
    {"copies.distance >= 100 km", "copies.distance: 50 %", U}, /* units differ */
    {"dataset.persons > 1000", "dataset.persons: many", U},
    {"dataset.persons is 5", "dataset.persons: 5", T},
    {"dataset.persons is 5", "dataset.persons: 5.001", F},
    /* lengths of time; a month is 28 to 31 days */
    {"incident.duration >= 2 h", "incident.duration: 120 min", T},
    {"incident.duration >= 2 h", "incident.duration: 7199 s", F},
    {"documents.age <= 12 months", "documents.age: 365 d", T},
    {"documents.age <= 12 months", "documents.age: 366 d", U},
    {"documents.age <= 12 months", "documents.age: 367 d", F},
    /* A log kept for 5 years was not surely kept for 5 years: months were compared by their days. */
    {"log.keep >= 5 years", "log.keep: 5 years", T},
    {"log.keep >= 5 years", "log.keep: 60 months", T},
    {"log.keep >= 5 years", "log.keep: 59 months", F},
    {"log.keep > 5 years", "log.keep: 60 months", F},
    {"log.keep > 5 years", "log.keep: 61 months", T},
    /* Two years were taken for 729 days at least, so that a paper of 730 days was not within them. */
    {"documents.age <= 24 months", "documents.age: 730 d", T},
    {"documents.age <= 24 months", "documents.age: 731 d", U},
    {"documents.age > 13 months", "documents.age: 397 d", U},
    {"documents.age < 13 months", "documents.age: 392 d", T},
    {"documents.age <= 1 year", "documents.age: 12 months", T},
    {"documents.age is 1 year", "documents.age: 12 months", T},
    {"documents.age > 1 month", "documents.age: 31 d", U},
    {"documents.age > 1 month", "documents.age: 32 d", T},
    /* dates */
    {"plan.ended <= @time.now", "plan.ended: 2026-11-21", T},
    {"plan.ended <= @time.now", "plan.ended: 2026-11-21T00:00:01Z", F},
    {"plan.ended > 2026-11-20", "plan.ended: \"2026-11-21\"", T},
    {"plan.ended > \"2026-11-20\"", "plan.ended: 2026-11-20", F},
    /* what was said has run out at 2026-11-21 */
    {"place.country is JP", "place.country: {value: JP, until: 2026-11-21}", U},
    {"place.country is JP", "place.country: {value: JP, until: 2026-11-22}", T},
    /* records */
    {"keys.holder.name is aoba", "keys: {holder: {name: aoba}}", T},
    {"keys.holder.name is aoba", "keys.holder: {name: aoba}", T},
    {"keys.holder.city is sendai", "keys.holder: {name: aoba}", U},
    /* every: over an open list it can become false, never true */
    {"every entity.holders has (it.capital <= 24 %)", HOLDERS("true", "{capital: 24 %}"), T},
    {"every entity.holders has (it.capital <= 24 %)",
     HOLDERS("true", "{capital: 24 %}, {capital: 25 %}"), F},
    {"every entity.holders has (it.capital <= 24 %)", HOLDERS("false", "{capital: 24 %}"), U},
    {"every entity.holders has (it.capital <= 24 %)", HOLDERS("false", "{capital: 25 %}"), F},
    {"every entity.holders has (it.capital <= 24 %)", HOLDERS("true", ""), T},
    {"every entity.holders has (it.capital <= 24 %)", HOLDERS("false", ""), U},
    {"every entity.holders has (it.capital <= 24 %)", HOLDERS("true", "{votes: 1 %}"), U},
    {"every entity.holders has (it.capital <= 24 %)", "", U},
    {"every entity.holders where (it.seat is US) has (it.capital <= 24 %)",
     HOLDERS("true", "{seat: JP, capital: 90 %}, {seat: US, capital: 10 %}"), T},
    {"every entity.holders where (it.seat is US) has (it.capital <= 24 %)",
     HOLDERS("true", "{capital: 90 %}"), U}, /* perhaps it is one */
    {"every entity.holders where (it.seat is US) has (it.capital <= 24 %)",
     HOLDERS("true", "{capital: 9 %}"), T}, /* even if it is one */
    /* some: over an open list it can become true, never false */
    {"some entity.holders where (it.seat is US)", HOLDERS("false", "{seat: US}"), T},
    {"some entity.holders where (it.seat is US)", HOLDERS("false", "{seat: JP}"), U},
    {"some entity.holders where (it.seat is US)", HOLDERS("true", "{seat: JP}"), F},
    {"some entity.holders where (it.seat is US)", HOLDERS("true", ""), F},
    {"some entity.holders where (it.seat is US and it.capital > 5 %)",
     HOLDERS("true", "{seat: US, capital: 5 %}, {seat: JP, capital: 90 %}"), F},
    {"some entity.holders where (it.seat is US) has (it.capital > 5 %)",
     HOLDERS("true", "{seat: US, capital: 6 %}"), T},
    /* no */
    {"no entity.holders where (it.seat is US)", HOLDERS("true", "{seat: JP}"), T},
    {"no entity.holders where (it.seat is US)", HOLDERS("false", "{seat: JP}"), U},
    {"no entity.holders where (it.seat is US)", HOLDERS("false", "{seat: US}"), F},
    /* count */
    {"count entity.holders >= 2", HOLDERS("false", "{a: 1}, {a: 2}"), T},
    {"count entity.holders >= 3", HOLDERS("false", "{a: 1}, {a: 2}"), U},
    {"count entity.holders >= 3", HOLDERS("true", "{a: 1}, {a: 2}"), F},
    {"count entity.holders <= 2", HOLDERS("false", "{a: 1}, {a: 2}"), U},
    {"count entity.holders <= 1", HOLDERS("false", "{a: 1}, {a: 2}"), F},
    {"count entity.holders <= 2", HOLDERS("true", "{a: 1}, {a: 2}"), T},
    {"count entity.holders where (it.seat is US) is 1", HOLDERS("true", "{seat: US}, {seat: JP}"),
     T},
    {"count entity.holders where (it.seat is US) <= 1", HOLDERS("true", "{seat: US}, {}"), U},
    {"count entity.holders where (it.seat is US) <= 2", HOLDERS("true", "{seat: US}, {}"), T},
    /* sum; shares above an open list reach up to 100 % */
    {"sum entity.holders.capital <= 39 %", HOLDERS("true", "{capital: 20 %}, {capital: 19 %}"), T},
    {"sum entity.holders.capital <= 39 %", HOLDERS("true", "{capital: 20 %}, {capital: 19.001 %}"),
     F},
    {"sum entity.holders.capital <= 39 %", HOLDERS("false", "{capital: 20 %}"), U},
    {"sum entity.holders.capital <= 39 %", HOLDERS("false", "{capital: 40 %}"), F},
    {"sum entity.holders.capital >= 39 %", HOLDERS("false", "{capital: 39 %}"), T},
    {"sum entity.holders.capital >= 39 %", HOLDERS("false", "{capital: 38 %}"), U},
    {"sum entity.holders.capital > 100 %", HOLDERS("false", "{capital: 38 %}"), U},
    {"sum entity.holders.capital <= 39 %", HOLDERS("true", "{capital: 20 %}, {votes: 1 %}"), U},
    {"sum entity.holders.capital <= 39 %", HOLDERS("true", "{capital: 40 %}, {votes: 1 %}"), F},
    {"sum entity.holders.capital <= 39 %", HOLDERS("true", ""), T},
    {"sum entity.holders.capital where (it.seat is US) <= 39 %",
     HOLDERS("true", "{seat: US, capital: 39 %}, {seat: JP, capital: 61 %}"), T},
    {"sum entity.holders.capital where (it.seat is US) <= 39 %",
     HOLDERS("true", "{seat: US, capital: 39 %}, {capital: 1 %}"), U},
    {"sum incident.impacts.users where (it.duration >= 2 h) >= 30000",
     "incident.impacts: [{users: 29999, duration: 2 h}, {users: 1, duration: 2 h}]", T},
    {"sum incident.impacts.users where (it.duration >= 2 h) >= 30000",
     "incident.impacts: {complete: true, items: [{users: 29999, duration: 2 h}]}", F},
    {"sum incident.impacts.duration >= 3 h", "incident.impacts: [{duration: 1 h}, {duration: 2 h}]",
     T},
    /* max, min */
    {"max entity.holders.capital <= 24 %", HOLDERS("true", "{capital: 24 %}, {capital: 3 %}"), T},
    {"max entity.holders.capital <= 24 %", HOLDERS("false", "{capital: 24 %}"), U},
    {"max entity.holders.capital <= 24 %", HOLDERS("false", "{capital: 25 %}"), F},
    {"max entity.holders.capital >= 24 %", HOLDERS("false", "{capital: 24 %}"), T},
    {"max entity.holders.capital <= 24 %", HOLDERS("true", ""), U},
    {"min entity.holders.capital >= 5 %", HOLDERS("true", "{capital: 5 %}, {capital: 6 %}"), T},
    {"min entity.holders.capital >= 5 %", HOLDERS("false", "{capital: 5 %}"), U},
    {"min entity.holders.capital <= 5 %", HOLDERS("false", "{capital: 5 %}"), T},
    {"min entity.holders.capital >= 5 %", HOLDERS("false", "{capital: 4 %}"), F},
    /* latest */
    {"every latest 2 of drills by it.day has (it.passed)",
     "drills: {complete: true, items: [{day: 2026-01-01, passed: true}, {day: 2025-01-01, passed: "
     "true}, {day: 2024-01-01, passed: false}]}",
     T},
    {"every latest 3 of drills by it.day has (it.passed)",
     "drills: {complete: true, items: [{day: 2026-01-01, passed: true}, {day: 2025-01-01, passed: "
     "true}, {day: 2024-01-01, passed: false}]}",
     F},
    {"every latest 1 of drills by it.day until 2025-06-01 has (it.passed)",
     "drills: {complete: true, items: [{day: 2026-01-01, passed: false}, {day: 2025-01-01, passed: "
     "true}]}",
     T},
    {"every latest 1 of drills by it.day has (it.passed)",
     "drills: [{day: 2026-01-01, passed: true}]", U}, /* a later one may not be named */
    {"every latest 1 of drills by it.day has (it.passed)",
     "drills: {complete: true, items: [{day: 2026-01-01, passed: true}, {passed: false}]}", U},
    {"every latest 1 of drills by it.day has (it.passed)",
     "drills: {complete: true, items: [{day: 2026-01-01, passed: true}, {day: 2026-01-01, passed: "
     "false}]}",
     U}, /* which of the two is the latest? */
    {"some latest 2 of drills by it.day where (it.kind is restore) has (it.passed)",
     "drills: {complete: true, items: [{day: 2026-03-01, kind: fire, passed: true}, {day: "
     "2026-01-01, kind: restore, passed: false}, {day: 2025-01-01, kind: restore, passed: true}]}",
     T},
    /* elements compared with facts, and among themselves */
    {"some reviews where (it.country is @place.country and it.covers has @dataset.id and it.valid)",
     "{place.country: US, dataset.id: d1, reviews: [{country: US, covers: [d1], valid: true}]}", T},
    {"some reviews where (it.country is @place.country and it.covers has @dataset.id and it.valid)",
     "{place.country: US, dataset.id: d1, reviews: {complete: true, items: [{country: US, covers: "
     "[d1], valid: false}]}}",
     F},
    {"some reviews where (it.from is @it.to)", "reviews: [{from: a, to: a}]", T},
};

static const struct condition *read_condition(const char *text, struct error *e) {
    static const str name = {"c.yaml", 6};
    struct scope scope = {.rulebook = STR("r"), .clause = STR("c"), .arena = &support_arena};
    struct doc_node *node = arena_new(&support_arena, struct doc_node, 1);
    const struct condition *condition = NULL;
    *node = (struct doc_node){.line = 1, .column = 1, .file = &name, .text = str_from_c(text)};
    return condition_read_text(&scope, node, &condition, e) == OK ? condition : NULL;
}

static void conditions_have_the_truth_of_the_table(void **state) {
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        support_begin();
        struct error e = {0};
        const struct condition *condition = read_condition(rows[i].condition, &e);
        if (condition == NULL) fail_msg("row %zu \"%s\": %s", i, rows[i].condition, e.message);
        struct rulebook_facts facts = support_facts(rows[i].condition, rows[i].facts);
        struct rulebook_fact now = {STR("time.now"), rulebook_date(support_time("2026-11-21"))};
        struct rulebook_facts top = {&now, 1, &facts};
        struct evaluation ev = {.facts = &top, .now_ns = support_time("2026-11-21")};
        enum rulebook_truth truth = condition_evaluate(condition, &ev);
        if ((int)truth != rows[i].truth)
            fail_msg("row %zu \"%s\" over {%s}: %s, expected %s", i, rows[i].condition,
                     rows[i].facts, rulebook_truth_name(truth),
                     rulebook_truth_name((enum rulebook_truth)rows[i].truth));
    }
}

static void what_is_no_condition_is_refused(void **state) {
    static const struct {
        const char *text, *says;
    } bad[] = {
        {"place.country in [NO, SE]",
         "c.yaml:1:19: expected text in quotes (\"NO\" if Norway is meant)"},
        {"place.country is NO", "Norway"},
        {"place.country is on", "expected text in quotes"},
        {"place.region is 013", "a leading zero would be lost"},
        {"place.country in JP", "c.yaml:1:18: expected [\"…\"], $name or @path"},
        {"place.country is [\"JP\"]", "expected one value"},
        {"place.country in []", "expected text in a set"},
        {"place.country in [\"JP\"", "expected \",\", found the end"},
        {"place.country", NULL},
        {"place.country is JP and dataset.class is x", "expected the end of the condition"},
        {"place.country = JP", "expected is, in, has"},
        {"place.country not is JP", "expected is, in, has"},
        {"place.country not disjoint [\"a\"]", "expected is, in, has"},
        {"place.country subset [\"a\"]", "expected \"of\""},
        {"plce.country is JP", "c.yaml:1:1: expected a path that begins with"},
        {"place..country is JP", "expected the path of a fact"},
        {"it.country is JP", "it. stands only in parentheses"},
        {"dataset.persons > many", "expected a number, a date or a length of time (a number below"},
        {"dataset.persons > 99999999999999999999", "expected a number"},
        {"dataset.persons > 1.2345", "expected a number"},
        {"every entity.holders", "expected has (…) after every"},
        {"every entity.holders where (it.a is b)", "expected has (…) after every"},
        {"some entity.holders where it.a is b", "expected \"(\""},
        {"some entity.holders where (it.a is b", "expected \")\""},
        {"some entity.holders where (some it.b where (it.c is d))",
         "lists are not walked in lists"},
        {"some entity.holders where (it.)", "expected a field after it."},
        {"sum entity <= 5", "expected PATH.FIELD"},
        {"sum entity.holders.capital in [\"a\"]", "expected is, <, <=, > or >="},
        {"sum entity.holders.capital <= x", "expected a number"},
        {"count entity.holders", "found the end"},
        {"latest 3 of drills by it.day", "expected"},
        {"every latest 0 of drills by it.day has (it.a)", "how many after latest"},
        {"every latest 3 of drills by day has (it.a)", "expected it.FIELD"},
        {"measure.volume > 5", "expected a measure of this rulebook"},
        {"place.country is", "expected a value, found the end"},
        {"", "expected the path of a fact, found the end"},
        {"place.country is \"JP", "expected a closing quote"},
        {"place.country in $", "expected a name after $"},
    };
    _Static_assert(COUNT_OF(bad) >= 38, "kinds of mistakes in conditions");
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        support_begin();
        struct error e = {0};
        const struct condition *condition = read_condition(bad[i].text, &e);
        if (bad[i].says == NULL) {
            if (condition == NULL) fail_msg("\"%s\": %s", bad[i].text, e.message);
            continue;
        }
        if (condition != NULL) fail_msg("\"%s\" was read", bad[i].text);
        if (strstr(e.message, bad[i].says) == NULL)
            fail_msg("\"%s\": said \"%s\", expected \"%s\"", bad[i].text, e.message, bad[i].says);
    }
}

static void values_read_as_they_are_spelled(void **state) {
    static const struct {
        const char *text;
        enum rulebook_kind kind;
        const char *shown, *json;
    } values[] = {
        {"JP", RULEBOOK_TEXT, "JP", "\"JP\""},
        {"\"NO\"", RULEBOOK_TEXT, "NO", "\"NO\""},
        {"24 %", RULEBOOK_NUMBER, "24 %", "\"24 %\""},
        {"10000", RULEBOOK_NUMBER, "10000", "10000"},
        {"0.5", RULEBOOK_NUMBER, "0.5", "0.5"},
        {"-3", RULEBOOK_NUMBER, "-3", "-3"},
        {"1199 km", RULEBOOK_NUMBER, "1199 km", "\"1199 km\""},
        {"2 h", RULEBOOK_DURATION, "2 h", "\"2 h\""},
        {"12 months", RULEBOOK_DURATION, "12 months", "\"12 months\""},
        {"2026-04-30", RULEBOOK_DATE, "2026-04-30", "\"2026-04-30\""},
        {"true", RULEBOOK_YES_NO, "true", "true"},
        {"false", RULEBOOK_YES_NO, "false", "false"},
        {"unknown", RULEBOOK_UNKNOWN, "unknown", "null"},
        {"withheld", RULEBOOK_WITHHELD, "withheld", "\"withheld\""},
        {"[b, a, b]", RULEBOOK_SET, "[a, b]", "[\"a\",\"b\"]"},
        {"[\"NO\"]", RULEBOOK_SET, "[NO]", "[\"NO\"]"},
        {"{\"complete\": false, \"items\": [\"a\"]}", RULEBOOK_SET, "[a, …]",
         "{\"complete\":false,\"items\":[\"a\"]}"},
        {"[{\"capital\": \"24 %\"}]", RULEBOOK_LIST, "[{capital: 24 %}, …]",
         "{\"complete\":false,\"items\":[{\"capital\":\"24 %\"}]}"},
        {"{\"a\": 1}", RULEBOOK_RECORD, "{a: 1}", "{\"a\":1}"},
        {"{\"value\": \"JP\", \"by\": \"measured\"}", RULEBOOK_TEXT, "JP", "\"JP\""},
        {"half a loaf", RULEBOOK_TEXT, "half a loaf", "\"half a loaf\""},
    };
    static const char *const bad[] = {"NO",          "yes",
                                      "on",          "007",
                                      "[NO]",        "[a, {b: c}]",
                                      "{\"a\": no}", "{\"value\": 1, \"items\": [a]}",
                                      "[a",          "{\"value\": 1, \"by\": \"me\"}"};
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        support_begin();
        struct error e = {0};
        struct rulebook_value v;
        if (rulebook_value_read(STR("v"), str_from_c(values[i].text), &support_arena,
                                support_scratch, &v, &e) != OK)
            fail_msg("\"%s\": %s", values[i].text, e.message);
        assert_row(values[i].text, v.kind == values[i].kind);
        char buffer[200];
        struct text t = text_into(buffer, sizeof buffer);
        rulebook_value_text(&v, &t);
        assert_str(text_str(&t), str_from_c(values[i].shown));
        t = text_into(buffer, sizeof buffer);
        rulebook_value_json(&v, &t);
        assert_str(text_str(&t), str_from_c(values[i].json));
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        support_begin();
        struct error e = {0};
        struct rulebook_value v;
        assert_row(bad[i], rulebook_value_read(STR("v"), str_from_c(bad[i]), &support_arena,
                                               support_scratch, &v, &e) == FAIL_SYNTAX);
    }
}

/* By the calendar of years that were, not by a mean month. */
static void lengths_of_time_know_the_calendar(void **state) {
    static const struct {
        int64_t months;
        int low_days, high_days;
    } lengths[] = {{1, 28, 31},    {2, 59, 62},      {12, 365, 366},  {13, 393, 397},
                   {24, 730, 731}, {48, 1460, 1461}, {60, 1825, 1827}};
    static const struct {
        const char *from;
        int64_t months;
        const char *to;
    } sums[] = {{"2026-01-31", 1, "2026-02-28"},
                {"2024-01-31", 1, "2024-02-29"},
                {"2026-11-21", 12, "2027-11-21"},
                {"2024-02-29", 12, "2025-02-28"},
                {"2026-12-15", 1, "2027-01-15"}};
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        int64_t low, high, day_ns = 86400 * NS_PER_S;
        value_duration_bounds((struct rulebook_duration){lengths[i].months, 0}, &low, &high);
        assert_int_equal(low / day_ns, lengths[i].low_days);
        assert_int_equal(high / day_ns, lengths[i].high_days);
    }
    for (size_t i = 0; i < COUNT_OF(sums); i++)
        assert_row(sums[i].from, value_date_plus(support_time(sums[i].from),
                                                 (struct rulebook_duration){sums[i].months, 0}) ==
                                     support_time(sums[i].to));
    assert_true(value_date_plus(INT64_MAX - 5, (struct rulebook_duration){0, 10}) == INT64_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conditions_have_the_truth_of_the_table),
        cmocka_unit_test(what_is_no_condition_is_refused),
        cmocka_unit_test(values_read_as_they_are_spelled),
        cmocka_unit_test(lengths_of_time_know_the_calendar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
