/* What the register computes for rules: who is in a derived set, how much was done within a window,
 * and when a length of time has ended. Tables that a person can check. */
#include "tests/rulebook/support.h"

#include "rulebook/read/file.h"

/* ---- derived sets ---- */

#define OWNED                                                                                      \
    "rulebook: r\nissuer: i\nsets:\n  concern: [CN, RU]\nderived:\n  covered:\n    of: entity\n"   \
    "    starts:\n      - entity.seats intersects $concern\n      - entity.lists has named\n"      \
    "    spreads: {over: holders, of: [capital, votes], from: [$covered, $concern], "              \
    "together_at_least: 50 %, indirect: "
#define FAR      OWNED "true}\nclauses: []\n"
#define NEAR     OWNED "false}\nclauses: []\n"
#define NOT_CN   "entity.lists: [none], entity.seats: [JP]"
#define ALL(x)   "entity.holders: {complete: true, items: [" x "]}"
#define SOME(x)  "entity.holders: [" x "]"
#define CHINESE  "entity.lists: [none], entity.seats: [CN], " ALL("")
#define JAPANESE NOT_CN ", " ALL("")

struct known {
    const char *id, *facts;
};
enum { KNOWN_MAX = 5 };

static const struct {
    const char *name, *rulebook;
    bool is_complete;
    struct known entities[KNOWN_MAX];
    const char *in, *out; /* the rest may be */
} sets[] = {
    {"by its seat", FAR, true, {{"a", CHINESE}, {"b", JAPANESE}}, "[a]", "[b]"},
    {"by a list", FAR, true, {{"a", "entity.lists: [named], entity.seats: [JP]"}}, "[a]", "[]"},
    {"one seat of two",
     FAR,
     true,
     {{"a", "entity.lists: [none], entity.seats: [JP, CN], " ALL("")}},
     "[a]",
     "[]"},
    {"an unknown seat", FAR, true, {{"a", "entity.lists: [none], " ALL("")}}, "[]", "[]"},
    {"half owned",
     FAR,
     true,
     {{"a", CHINESE}, {"b", NOT_CN ", " ALL("{entity: a, capital: 50 %, votes: 0 %}")}},
     "[a, b]",
     "[]"},
    {"a hair under half",
     FAR,
     true,
     {{"a", CHINESE}, {"b", NOT_CN ", " ALL("{entity: a, capital: 49.999 %, votes: 0 %}")}},
     "[a]",
     "[b]"},
    {"half of the votes",
     FAR,
     true,
     {{"a", CHINESE}, {"b", NOT_CN ", " ALL("{entity: a, capital: 1 %, votes: 50 %}")}},
     "[a, b]",
     "[]"},
    {"capital and votes are not added",
     FAR,
     true,
     {{"a", CHINESE}, {"b", NOT_CN ", " ALL("{entity: a, capital: 30 %, votes: 30 %}")}},
     "[a]",
     "[b]"},
    {"together",
     FAR,
     true,
     {{"a", CHINESE},
      {"b", CHINESE},
      {"c", NOT_CN ", " ALL("{entity: a, capital: 25 %, votes: 0 %}, {entity: b, capital: 25 %, "
                            "votes: 0 %}, {entity: d, capital: 50 %, votes: 100 %}")},
      {"d", JAPANESE}},
     "[a, b, c]",
     "[d]"},
    {"together a hair under half",
     FAR,
     true,
     {{"a", CHINESE},
      {"b", CHINESE},
      {"c", NOT_CN ", " ALL("{entity: a, capital: 25 %, votes: 0 %}, {entity: b, capital: 24.999 "
                            "%, votes: 0 %}")}},
     "[a, b]",
     "[c]"},
    {"a holder without a row, seated in one of the countries",
     FAR,
     true,
     {{"a", NOT_CN ", " ALL("{seats: [RU], capital: 60 %, votes: 0 %}")}},
     "[a]",
     "[]"},
    {"a holder without a row, seated elsewhere, may be owned by anyone",
     FAR,
     true,
     {{"a", NOT_CN ", " ALL("{seats: [JP], capital: 60 %, votes: 0 %}")}},
     "[]",
     "[]"},
    {"a small holder without a row",
     FAR,
     true,
     {{"a", NOT_CN ", " ALL("{seats: [JP], capital: 49 %, votes: 49 %}")}},
     "[]",
     "[a]"},
    {"through a daughter, with half of half",
     FAR,
     true,
     {{"a", CHINESE},
      {"b", NOT_CN ", " ALL("{entity: a, capital: 50 %, votes: 0 %}")},
      {"c", NOT_CN ", " ALL("{entity: b, capital: 50 %, votes: 0 %}")}},
     "[a, b, c]",
     "[]"},
    {"only one step",
     NEAR,
     true,
     {{"a", CHINESE},
      {"b", NOT_CN ", " ALL("{entity: a, capital: 50 %, votes: 0 %}")},
      {"c", NOT_CN ", " ALL("{entity: b, capital: 50 %, votes: 0 %}")}},
     "[a, b]",
     "[c]"},
    {"owners in a circle are not in for owning each other",
     FAR,
     true,
     {{"a", NOT_CN ", " ALL("{entity: b, capital: 100 %, votes: 100 %}")},
      {"b", NOT_CN ", " ALL("{entity: a, capital: 100 %, votes: 100 %}")}},
     "[]",
     "[a, b]"},
    {"a circle that somebody in it pulls in",
     FAR,
     true,
     {{"a", NOT_CN ", " ALL("{entity: b, capital: 60 %, votes: 0 %}")},
      {"b", NOT_CN ", " ALL("{entity: a, capital: 50 %, votes: 0 %}, {entity: c, capital: 50 %, "
                            "votes: 0 %}")},
      {"c", CHINESE}},
     "[a, b, c]",
     "[]"},
    {"an open list of holders: the rest may be anyone's",
     FAR,
     true,
     {{"a", CHINESE}, {"b", NOT_CN ", " SOME("{entity: a, capital: 1 %, votes: 1 %}")}},
     "[a]",
     "[]"},
    {"an open list whose outsiders have more than half",
     FAR,
     true,
     {{"a", JAPANESE}, {"b", NOT_CN ", " SOME("{entity: a, capital: 51 %, votes: 51 %}")}},
     "[]",
     "[a, b]"},
    {"an open list whose outsiders have just half",
     FAR,
     true,
     {{"a", JAPANESE}, {"b", NOT_CN ", " SOME("{entity: a, capital: 50 %, votes: 51 %}")}},
     "[]",
     "[a]"},
    {"an open list already over half",
     FAR,
     true,
     {{"a", CHINESE}, {"b", NOT_CN ", " SOME("{entity: a, capital: 50 %, votes: 0 %}")}},
     "[a, b]",
     "[]"},
    {"a share nobody knows",
     FAR,
     true,
     {{"a", CHINESE}, {"b", NOT_CN ", " ALL("{entity: a, votes: 1 %}")}},
     "[a]",
     "[]"},
    {"holders nobody knows", FAR, true, {{"a", NOT_CN}}, "[]", "[]"},
    {"owned by who may be",
     FAR,
     true,
     {{"a", "entity.lists: [none], " ALL("")},
      {"b", NOT_CN ", " ALL("{entity: a, capital: 50 %, votes: 0 %}")}},
     "[]",
     "[]"},
    {"shares over the whole contradict each other",
     FAR,
     true,
     {{"a", JAPANESE},
      {"b", NOT_CN ", " SOME("{entity: a, capital: 90 %, votes: 90 %}, {entity: a, "
                             "capital: 90 %, votes: 90 %}")}},
     "[]",
     "[a]"},
    {"perhaps there are entities without a row",
     FAR,
     false,
     {{"a", CHINESE}, {"b", JAPANESE}},
     "[a]",
     "[b]"},
};

struct listing {
    const struct known *known;
    size_t count;
};
static str known_id(void *self, size_t i) {
    return str_from_c(((struct listing *)self)->known[i].id);
}
static enum error_code known_facts(void *self, size_t i, struct arena *arena,
                                   struct rulebook_facts *out, struct error *e) {
    char yaml[2048];
    struct doc doc;
    struct arena scratch = support_arena; /* the other lies under the closure */
    snprintf(yaml, sizeof yaml, "{%s}", ((struct listing *)self)->known[i].facts);
    TRY(doc_read_yaml(STR("facts"), str_from_c(yaml), arena, scratch, &doc, e));
    return rulebook_facts_of(doc.documents[0], arena, scratch, out, e);
}

static void said(const struct rulebook_fact *facts, size_t count, const char *path, char *out,
                 size_t room) {
    struct text t = text_into(out, room);
    for (size_t i = 0; i < count; i++)
        if (str_equal(facts[i].path, str_from_c(path))) {
            text_add_c(&t, "[");
            for (size_t k = 0; k < facts[i].value.set.count; k++)
                text_format(&t, "%s%.*s", k > 0 ? ", " : "", STR_FMT(facts[i].value.set.at[k]));
            text_add_c(&t, "]");
        }
    text_add_char(&t, 0);
}

static void each_set_holds_whom_it_should(void **state) {
    for (size_t r = 0; r < COUNT_OF(sets); r++) {
        support_begin();
        struct rulebook_read read = support_rulebooks(sets[r].name, str_from_c(sets[r].rulebook));
        struct listing listing = {sets[r].entities, 0};
        while (listing.count < KNOWN_MAX && listing.known[listing.count].id != NULL)
            listing.count++;
        struct rulebook_universe universe = {listing.count, sets[r].is_complete, &listing, known_id,
                                             known_facts};
        struct rulebook_fact *facts;
        size_t count;
        struct error e = {0};
        char in[200], out[200];
        assert_ok(rulebook_derive(support_what_if(&read), &universe, support_time("2026-11-21"),
                                  &support_arena, support_scratch, &facts, &count, &e),
                  &e);
        assert_int_equal(count, 2);
        said(facts, count, "derived.r/covered", in, sizeof in);
        said(facts, count, "derived.r/covered.not", out, sizeof out);
        if (strcmp(in, sets[r].in) != 0 || strcmp(out, sets[r].out) != 0)
            fail_msg("row \"%s\": in %s, out %s", sets[r].name, in, out);
        size_t placed = facts[0].value.set.count + facts[1].value.set.count;
        bool is_open = !sets[r].is_complete || placed < listing.count;
        assert_row(sets[r].name, facts[0].value.open == is_open);
    }
}

static void little_memory_for_sets_is_an_error(void **state) {
    support_begin();
    struct rulebook_read read = support_rulebooks("r", STR(FAR));
    const struct rulebook_set *set = support_what_if(&read);
    struct listing listing = {sets[8].entities, 4};
    struct rulebook_universe universe = {4, true, &listing, known_id, known_facts};
    static unsigned char memory[1 << 16];
    bool failed = false, done = false;
    for (size_t bytes = 0; bytes < sizeof memory; bytes += 251) {
        struct arena arena = support_arena, scratch = arena_over(memory, bytes);
        struct rulebook_fact *facts;
        size_t count;
        struct error e = {0};
        enum error_code code = rulebook_derive(set, &universe, support_time("2026-11-21"), &arena,
                                               scratch, &facts, &count, &e);
        assert_true(code == OK || code == FAIL_MEMORY);
        failed |= code != OK;
        done |= code == OK;
    }
    assert_true(failed && done);
}

/* ---- measures ---- */

#define COUNTS(kind)                                                                               \
    "rulebook: r\nissuer: i\nmeasures:\n  m: {" kind                                               \
    ": persons, per: [operator, far.entity], window: 12 months, "                                  \
    "unknown: unbounded, for: {dataset.kinds: [health]}}\nclauses: []\n"
#define ACT(day, to, persons) "at: " day ", operator.id: o, far.entity: " to ", " persons HEALTH
#define HEALTH                ", dataset.kinds: [health]"
#define P(n)                  "transfer.persons: " n

enum { ACTS_MAX = 4 };
static const struct {
    const char *name, *rulebook;
    bool is_complete;
    const char *acts[ACTS_MAX]; /* the first is asked about */
    int64_t low, high;          /* -1: no bound */
} counts[] = {
    {"one act", COUNTS("sum"), true, {ACT("2026-06-01", "x", P("7"))}, 7, 7},
    {"one act, distinct", COUNTS("count_distinct"), true, {ACT("2026-06-01", "x", P("7"))}, 7, 7},
    {"two acts add up",
     COUNTS("sum"),
     true,
     {ACT("2026-06-01", "x", P("7")), ACT("2026-05-01", "x", P("5"))},
     12,
     12},
    {"two acts may be about the same persons",
     COUNTS("count_distinct"),
     true,
     {ACT("2026-06-01", "x", P("7")), ACT("2026-05-01", "x", P("5"))},
     7,
     12},
    {"a day short of twelve months before",
     COUNTS("sum"),
     true,
     {ACT("2026-06-01", "x", P("7")), ACT("2025-06-02", "x", P("5"))},
     12,
     12},
    {"twelve months before",
     COUNTS("sum"),
     true,
     {ACT("2026-06-01", "x", P("7")), ACT("2025-06-01", "x", P("5"))},
     7,
     7},
    {"later acts judge the window again",
     COUNTS("sum"),
     true,
     {ACT("2026-06-01", "x", P("7")), ACT("2026-09-01", "x", P("5"))},
     12,
     12},
    {"the fullest window that holds the act",
     COUNTS("sum"),
     true,
     {ACT("2026-06-01", "x", P("1")), ACT("2025-07-01", "x", P("100")),
      ACT("2026-08-01", "x", P("20"))},
     101,
     101},
    {"but not acts after the day asked",
     COUNTS("sum"),
     true,
     {ACT("2026-06-01", "x", P("7")), ACT("2026-11-22", "x", P("5"))},
     7,
     7},
    {"to somebody else",
     COUNTS("sum"),
     true,
     {ACT("2026-06-01", "x", P("7")), ACT("2026-05-01", "y", P("5"))},
     7,
     7},
    {"other data",
     COUNTS("sum"),
     true,
     {ACT("2026-06-01", "x", P("7")), "at: 2026-05-01, operator.id: o, far.entity: x, "
                                      "transfer.persons: 5, dataset.kinds: [telemetry]"},
     7,
     7},
    {"data nobody says the kind of",
     COUNTS("sum"),
     true,
     {ACT("2026-06-01", "x", P("7")),
      "at: 2026-05-01, operator.id: o, far.entity: x, transfer.persons: 5"},
     7,
     12},
    {"nobody knows to whom",
     COUNTS("sum"),
     true,
     {ACT("2026-06-01", "x", P("7")), "at: 2026-05-01, operator.id: o, transfer.persons: 5" HEALTH},
     7,
     12},
    {"nobody knows how many",
     COUNTS("sum"),
     true,
     {ACT("2026-06-01", "x", P("7")), ACT("2026-05-01", "x", "transfer.id: t")},
     7,
     -1},
    {"nobody knows how many of the act itself",
     COUNTS("count_distinct"),
     true,
     {ACT("2026-06-01", "x", "transfer.id: t")},
     0,
     -1},
    {"nobody knows when",
     COUNTS("sum"),
     true,
     {ACT("2026-06-01", "x", P("7")), "operator.id: o, far.entity: x, transfer.persons: 5" HEALTH},
     7,
     12},
    {"nobody knows when the act itself was",
     COUNTS("sum"),
     true,
     {"operator.id: o, far.entity: x, transfer.persons: 5" HEALTH},
     5,
     5},
    {"the data say how many where the transfer does not",
     COUNTS("sum"),
     true,
     {ACT("2026-06-01", "x", "dataset.persons: 9")},
     9,
     9},
    {"there may be acts nobody told us of",
     COUNTS("sum"),
     false,
     {ACT("2026-06-01", "x", P("7"))},
     7,
     -1},
};

static enum error_code act_of(void *self, size_t i, struct arena *arena, struct rulebook_act *out,
                              struct error *e) {
    const char *text = ((const char *const *)self)[i];
    char yaml[512];
    struct doc doc;
    struct arena scratch = support_arena;
    if (strncmp(text, "at: ", 4) == 0) {
        assert_true(clock_iso_read(str_of(text + 4, 10), &out->at_ns));
        out->has_time = true;
        text += 16; /* "at: 2026-06-01, " */
    }
    snprintf(yaml, sizeof yaml, "{%s}", text);
    /* what is left of the arena is free until the next act */
    scratch.next += arena_left(&scratch) / 2;
    TRY(doc_read_yaml(STR("facts"), str_from_c(yaml), arena, scratch, &doc, e));
    return rulebook_facts_of(doc.documents[0], arena, scratch, &out->facts, e);
}

static void each_window_counts_what_it_should(void **state) {
    for (size_t r = 0; r < COUNT_OF(counts); r++) {
        support_begin();
        struct rulebook_read read =
            support_rulebooks(counts[r].name, str_from_c(counts[r].rulebook));
        struct rulebook_acts acts = {0, counts[r].is_complete, (void *)(uintptr_t)counts[r].acts,
                                     act_of};
        size_t fact_count;
        while (acts.count < ACTS_MAX && counts[r].acts[acts.count] != NULL) acts.count++;
        const struct rulebook_counted *counted;
        struct rulebook_fact *facts;
        struct error e = {0};
        assert_ok(rulebook_measures_count(support_what_if(&read), &acts, support_time("2026-11-21"),
                                          &support_arena, support_scratch, &counted, &e),
                  &e);
        assert_non_null(counted);
        assert_ok(rulebook_measures_of(counted, 0, &support_arena, &facts, &fact_count, &e), &e);
        assert_int_equal(fact_count, 1);
        assert_str(facts[0].path, STR("measure.m"));
        struct rulebook_number n = facts[0].value.number;
        int64_t high = n.high == RULEBOOK_UNBOUNDED ? -1 : n.high / RULEBOOK_MILLI;
        if (n.low / RULEBOOK_MILLI != counts[r].low || high != counts[r].high)
            fail_msg("row \"%s\": [%lld, %lld]", counts[r].name,
                     (long long)(n.low / RULEBOOK_MILLI), (long long)high);
    }
}

/* ---- when a length has ended ---- */

#define CALENDARS                                                                                  \
    "calendars:\n"                                                                                 \
    "  jp: {country: JP, zone: \"+09:00\", days: offices, rests: [saturday, sunday], holidays: "   \
    "[2026-11-23, 2026-12-29, 2026-12-30, 2026-12-31], known: {from: 2026-01-01, until: "          \
    "2027-01-01}}\n"                                                                               \
    "  law: {country: JP, zone: \"+09:00\", days: offices, rests: [saturday, sunday], holidays: "  \
    "{law: JP, also: [\"12-29\", \"12-30\", \"12-31\", \"01-02\", \"01-03\"]}}\n"                  \
    "  bare: {country: IN, zone: \"+05:30\", days: bank}\n"                                        \
    "  named: {country: IN, zone: Asia/Kolkata, days: bank}\n"

static const struct {
    const char *within, *start, *end; /* NULL: cannot be told */
} lengths[] = {
    {"24 h", "2026-11-20T10:00:00Z", "2026-11-21T10:00:00Z"},
    {"1 month", "2026-01-31", "2026-02-28"},
    {"4 months", "2026-10-01", "2027-02-01"},
    {"promptly", "2026-10-01", NULL},
    {"no-number-in-text", "2026-10-01", NULL},
    /* Friday noon in Japan; Monday is a holiday: to the end of Tuesday there */
    {"1 business-day jp", "2026-11-20T03:00:00Z", "2026-11-24T15:00:00Z"},
    {"2 business-days jp", "2026-11-20T03:00:00Z", "2026-11-25T15:00:00Z"},
    /* late on Thursday in UTC is Friday in Japan */
    {"1 business-day jp", "2026-11-19T14:59:59Z", "2026-11-20T15:00:00Z"},
    {"1 business-day jp", "2026-11-19T15:00:00Z", "2026-11-24T15:00:00Z"},
    {"{first_of: [24 h, 1 business-day jp]}", "2026-11-18T03:00:00Z", "2026-11-19T03:00:00Z"},
    {"{first_of: [10 d, 1 business-day jp]}", "2026-11-18T03:00:00Z", "2026-11-19T15:00:00Z"},
    /* next year's holidays are not listed */
    {"1 business-day jp", "2026-12-28T03:00:00Z", NULL},
    {"1 business-day bare", "2026-11-20", NULL},
    {"{first_of: [24 h, 1 business-day bare]}", "2026-11-20", "2026-11-21"},
    {"{first_of: [24 h, 1 business-day named]}", "2026-11-20", "2026-11-21"},
    /* 30 days from 2 November, that day the first: 1 December, to its end in Japan */
    {"30 calendar-days jp", "2026-11-02T00:00:00Z", "2026-12-01T15:00:00Z"},
    {"30 calendar-days jp", "2026-11-02T14:59:59Z", "2026-12-01T15:00:00Z"},
    {"30 calendar-days jp", "2026-11-02T15:00:00Z", "2026-12-02T15:00:00Z"},
    /* the last day is a Saturday; Monday is a holiday: to the end of Tuesday */
    {"30 calendar-days jp", "2026-10-23T01:00:00Z", "2026-11-24T15:00:00Z"},
    /* where holidays are not known, the last day itself */
    {"30 calendar-days jp", "2026-12-04T01:00:00Z", "2027-01-02T15:00:00Z"},
    {"30 calendar-days bare", "2026-10-23T01:00:00Z", "2026-11-21T18:30:00Z"},
    /* the Friday before the holidays of May: the next working day is Thursday the 7th */
    {"1 business-day law", "2026-05-01T03:00:00Z", "2026-05-07T15:00:00Z"},
    /* offices close on 28 December, a Monday, and open on 4 January */
    {"1 business-day law", "2026-12-28T03:00:00Z", "2027-01-04T15:00:00Z"},
    /* the 30th day is 23 September, the last of three holidays */
    {"30 calendar-days law", "2026-08-25T03:00:00Z", "2026-09-24T15:00:00Z"},
    /* nobody has announced the equinoxes of 2028 */
    {"1 business-day law", "2027-12-30T03:00:00Z", NULL},
};

static void each_length_ends_when_it_should(void **state) {
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        char yaml[2048], name[200];
        support_begin();
        snprintf(name, sizeof name, "%s from %s", lengths[i].within, lengths[i].start);
        snprintf(yaml, sizeof yaml,
                 "rulebook: r\nissuer: i\n" CALENDARS
                 "clauses:\n  - id: c\n    about: incident\n    source: {basis: own, where: w}\n"
                 "    strength: law\n    duty:\n      - {stage: s, start: incident.detected, "
                 "within: %s, to: [x]}\n",
                 lengths[i].within);
        struct rulebook_read read = support_rulebooks(name, str_from_c(yaml));
        const struct rulebook_duty *duty = &read.rulebooks[0]->clauses[0].duties[0];
        int64_t end = 0;
        bool told = rulebook_periods_latest(&duty->within, support_time(lengths[i].start), &end);
        assert_row(name, told == (lengths[i].end != NULL));
        if (told && end != support_time(lengths[i].end)) {
            char iso[CLOCK_TEXT_BYTES];
            size_t len = clock_iso_s_write(end, iso);
            fail_msg("row \"%s\": %.*s", name, (int)len, iso);
        }
    }
}

static void a_clock_starts_with_an_event_or_on_a_day(void **state) {
    support_begin();
    struct rulebook_read read = support_rulebooks(
        "r", STR("rulebook: r\nissuer: i\nclauses:\n  - id: c\n    about: incident\n    source: "
                 "{basis: own, where: w}\n    strength: law\n    duty:\n      - {stage: a, start: "
                 "incident.detected, within: 1 d, to: [x]}\n      - {stage: b, start: "
                 "\"2026-10-01T00:00:00+09:00\", within: 6 months, to: [x]}\n"));
    const struct rulebook_duty *duties = read.rulebooks[0]->clauses[0].duties;
    struct rulebook_facts facts = support_facts("f", "{incident.detected: 2026-11-21}");
    struct rulebook_facts nothing = {0}, vague = support_facts("v", "{incident.detected: soon}");
    int64_t at, end;
    assert_true(rulebook_duty_start(&duties[0], &facts, &at));
    assert_true(at == support_time("2026-11-21"));
    assert_false(rulebook_duty_start(&duties[0], &nothing, &at));
    assert_false(rulebook_duty_start(&duties[0], &vague, &at));
    assert_true(rulebook_duty_start(&duties[1], &nothing, &at));
    assert_true(at == support_time("2026-09-30T15:00:00Z"));
    assert_true(rulebook_periods_latest(&duties[1].within, at, &end));
    assert_true(end == support_time("2027-03-30T15:00:00Z"));
    /* Six months from 1 October in Japan ended a day early: months are counted where days begin. */
    read = support_rulebooks(
        "j", STR("rulebook: r\nissuer: i\nin_force: {from: 2026-10-01, zone: "
                 "\"+09:00\"}\nclauses:\n  - id: c\n    about: incident\n    source: "
                 "{basis: own, where: w}\n    strength: law\n    duty:\n      - {stage: b, start: "
                 "\"2026-10-01T00:00:00+09:00\", within: 6 months, to: [x]}\n"));
    duties = read.rulebooks[0]->clauses[0].duties;
    assert_true(rulebook_duty_start(&duties[0], &nothing, &at));
    assert_true(rulebook_periods_latest(&duties[0].within, at, &end));
    assert_true(end == support_time("2027-03-31T15:00:00Z"));
    /* A day without a zone of its own began nine hours late. */
    read = support_rulebooks(
        "d", STR("rulebook: r\nissuer: i\nin_force: {from: 2026-10-01, zone: "
                 "\"+09:00\"}\nclauses:\n  - id: c\n    about: incident\n    source: "
                 "{basis: own, where: w}\n    strength: law\n    duty:\n      - {stage: b, start: "
                 "\"2026-10-01\", within: 6 months, to: [x]}\n"));
    assert_true(rulebook_duty_start(&read.rulebooks[0]->clauses[0].duties[0], &nothing, &at));
    assert_true(at == support_time("2026-09-30T15:00:00Z"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_set_holds_whom_it_should),
        cmocka_unit_test(little_memory_for_sets_is_an_error),
        cmocka_unit_test(each_window_counts_what_it_should),
        cmocka_unit_test(each_length_ends_when_it_should),
        cmocka_unit_test(a_clock_starts_with_an_event_or_on_a_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
