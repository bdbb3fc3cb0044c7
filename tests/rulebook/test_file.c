/* Rulebook files: what is refused, where, and what was expected instead; what is only warned of. */
#include "tests/rulebook/support.h"

#include "base/limits.h"

#define HEAD   "rulebook: r\nissuer: i\nclauses:\n"
#define CLAUSE "  - id: c\n    about: copy\n    source: {basis: own, where: w}\n    strength: law\n"
#define LONG                                                                                       \
    "a123456789b123456789c123456789d123456789e123456789f123456789g123456789h123456789"             \
    "i123456789j123456789k123456789l123456789m12345678"
#define REQ "    require:\n      - place.country in [\"JP\"]\n"

static const struct {
    const char *name, *text, *says;
} bad[] = {
    {"nothing", "", "r.yaml:1:1: expected a rulebook, found nothing"},
    {"a list", "- a\n", "r.yaml:1:1: expected a rulebook, found a list"},
    {"no clauses", "rulebook: r\nissuer: i\n", "expected the key \"clauses\""},
    {"no issuer", "rulebook: r\nclauses: []\n", "expected the key \"issuer\""},
    {"unknown key", "rulebook: r\nissuer: i\nauthor: me\nclauses: []\n",
     "r.yaml:3:1: expected one of rulebook, line, issuer"},
    {"name with a slash", "rulebook: a/b\nissuer: i\nclauses: []\n", "expected a name without"},
    {"unknown key of a clause", HEAD CLAUSE "    requires: []\n",
     "r.yaml:8:5: expected one of id, about"},
    {"no source", HEAD "  - id: c\n    about: copy\n    strength: law\n" REQ,
     "expected the key \"source\""},
    {"no strength", HEAD "  - id: c\n    about: copy\n    source: {basis: own, where: w}\n" REQ,
     "expected the key \"strength\""},
    {"no such strength",
     HEAD
     "  - id: c\n    about: copy\n    source: {basis: own, where: w}\n    strength: must\n" REQ,
     "expected law, contract, own, elected, should, desirable or score, found \"must\""},
    {"no such subject",
     HEAD "  - id: c\n    about: file\n    source: {basis: own, where: w}\n    strength: law\n" REQ,
     "r.yaml:5:12: expected copy, dataset, system"},
    {"no such basis",
     HEAD
     "  - id: c\n    about: copy\n    source: {basis: rumour, where: w}\n    strength: law\n" REQ,
     "expected primary, carried, press, tracker or own, found \"rumour\""},
    {"nothing wanted", HEAD CLAUSE, "expected `require`, `oblige` or `duty`"},
    {"id twice", HEAD CLAUSE REQ CLAUSE REQ, "expected an id no other clause has, found \"c\""},
    {"rulebook twice", HEAD CLAUSE REQ "---\n" HEAD CLAUSE REQ,
     "expected a name no other rulebook"},
    {"Norway in applies", HEAD CLAUSE "    applies: {place.country: [SE, NO]}\n" REQ,
     "r.yaml:8:35: expected text in quotes (\"NO\" if Norway is meant)"},
    {"Norway in a set", "rulebook: r\nissuer: i\nsets: {n: [SE, NO]}\nclauses: []\n",
     "Norway is meant"},
    {"on in a set", "rulebook: r\nissuer: i\nsets: {n: [on]}\nclauses: []\n",
     "expected text in quotes"},
    {"leading zero in a set", "rulebook: r\nissuer: i\nsets: {n: [010]}\nclauses: []\n",
     "leading zero"},
    {"unknown root", HEAD CLAUSE "    applies: {plaze.country: [JP]}\n" REQ,
     "expected a path that begins with"},
    {"conditions in brackets", HEAD CLAUSE "    require: [place.encrypted]\n",
     "expected conditions as block items"},
    {"conditions in braces", HEAD CLAUSE "    require:\n      - {any: [place.a]}\n",
     "expected a condition, or any:"},
    {"empty list of conditions", HEAD CLAUSE "    require:\n",
     "expected a list of conditions, found nothing"},
    {"neither any nor all", HEAD CLAUSE "    require:\n      - either:\n          - place.a\n",
     "expected any, all or not"},
    {"a condition with its place", HEAD CLAUSE "    require:\n      - place.country in JP\n",
     "r.yaml:9:26: expected [\"…\"], $name or @path"},
    {"lifts without unless", HEAD CLAUSE REQ "    lifts: [law]\n",
     "expected `unless` beside `lifts`"},
    {"lifts something else", HEAD CLAUSE REQ "    unless:\n      - place.a\n    lifts: [own]\n",
     "expected [law]"},
    {"an act that is none, so that the clause never applied",
     HEAD CLAUSE REQ "    applies: {act: [put, puts]}\n",
     "r.yaml:10:26: expected an act: put, copy"},
    {"an act alone that is none", HEAD CLAUSE REQ "    applies: {act: write}\n",
     "expected an act: put, copy"},
    {"an act that is none in a condition",
     HEAD CLAUSE REQ "    when:\n      - act in [\"put\", \"puut\"]\n",
     "r.yaml:11:9: expected an act: put, copy"},
    {"reads of a fact that no condition names, so that what was declared passed",
     HEAD CLAUSE REQ "    reads: {place.contry: measured}\n",
     "r.yaml:10:13: expected a fact that a condition of the clause names"},
    {"accepts what no condition names", HEAD CLAUSE REQ "    accepts: {place.contry: [withheld]}\n",
     "r.yaml:10:15: expected a fact that a condition of the clause names"},
    {"a clause after the rulebook's end, which never was in force",
     "rulebook: r\nissuer: i\nin_force: {until: 2026-01-01}\nclauses:\n" CLAUSE REQ
     "    in_force: {from: 2026-01-01}\n",
     "r.yaml:11:15: expected days on which the rulebook itself is in force"},
    {"a parameter in the shadow of a set",
     "rulebook: r\nissuer: i\nsets: {p: [a]}\nclauses:\n" CLAUSE REQ
     "    params: {p: {set_by: operator}}\n",
     "r.yaml:11:14: expected a name no set has"},
    {"an empty set", "rulebook: r\nissuer: i\nsets: {n: []}\nclauses: []\n",
     "r.yaml:3:11: expected a list of texts, found an empty one"},
    {"a unit that is none", HEAD CLAUSE "    require:\n      - copies.distance_km > 50 miles\n",
     "r.yaml:9:33: expected one of the units %, m, km"},
    {"accepts something else", HEAD CLAUSE REQ "    accepts: {place.country: [unknown]}\n",
     "expected [withheld]"},
    {"reads nothing known", HEAD CLAUSE REQ "    reads: {place.country: guessed}\n",
     "expected declared, document"},
    {"evidence", HEAD CLAUSE REQ "    evidence: [rumour]\n",
     "expected measured, record or document, found \"rumour\""},
    {"a word in a list was told as the list",
     HEAD CLAUSE REQ "    accepts: {place.country: [unknown]}\n",
     "expected [withheld], found [unknown]"},
    {"compelled to less", HEAD CLAUSE REQ "    compelled:\n      - {strength: should, by: x}\n",
     "expected a strength above law"},
    {"compelled by nobody",
     HEAD
     "  - id: c\n    about: copy\n    source: {basis: own, where: w}\n    strength: should\n" REQ
     "    compelled:\n      - {strength: law}\n",
     "expected the key \"by\""},
    {"a parameter of both", HEAD CLAUSE "    params: {p: {set_by: operator, value: 5}}\n" REQ,
     "expected no value: the operator sets it"},
    {"a parameter of nobody", HEAD CLAUSE "    params: {p: {set_by: rulebook}}\n" REQ,
     "expected `value` or `values`"},
    {"from after until",
     "rulebook: r\nissuer: i\nin_force: {from: 2026-01-01, until: 2026-01-01}\nclauses: []\n",
     "expected a day after `from`"},
    {"no day", "rulebook: r\nissuer: i\nin_force: {from: soon}\nclauses: []\n",
     "expected a day (2026-11-21)"},
    {"no zone", "rulebook: r\nissuer: i\nin_force: {from: 2026-01-01, zone: Tokyo}\nclauses: []\n",
     "expected a zone as +09:00"},
    {"no obligation", HEAD CLAUSE "    oblige: {pray: 1}\n", "expected one of encrypt, keys_in"},
    {"no cipher", HEAD CLAUSE "    oblige: {encrypt: rot13}\n",
     "expected aes-128, aes-192 or aes-256"},
    {"no number", HEAD CLAUSE "    oblige: {copies: many}\n", "expected a whole number over 0"},
    {"keep for how long", HEAD CLAUSE "    oblige: {keep_at_least: {start: act.at}}\n",
     "expected the key \"length\""},
    {"no length of time", HEAD CLAUSE "    oblige: {keep_at_least: {length: soon}}\n",
     "expected a length (24 h"},
    {"ack and within", HEAD CLAUSE "    oblige: {copies: {value: 2, by: ack, within: 1 h}}\n",
     "not both"},
    {"no such calendar",
     HEAD CLAUSE "    oblige: {begin: {within: 1 business-day in-bank, start: act.at}}\n",
     "expected a calendar of this rulebook"},
    {"return what", HEAD CLAUSE "    oblige: {return: {start: act.at, within: 1 h, do: [smile]}}\n",
     "expected keep_copy_in"},
    {"a duty to nobody",
     HEAD CLAUSE "    duty:\n      - {stage: first, start: incident.at, within: promptly}\n",
     "expected the key \"to\""},
    {"a measure that is none",
     "rulebook: r\nissuer: i\nmeasures: {m: {per: [operator], window: 1 h}}\nclauses: []\n",
     "expected `count_distinct` or `sum`"},
    {"a derived set from nowhere",
     "rulebook: r\nissuer: i\nderived: {d: {of: entity, starts: [], spreads: {}}}\nclauses: []\n",
     "expected a list of conditions"},
    {"spreads from an unknown set",
     "rulebook: r\nissuer: i\nderived:\n  d:\n    of: entity\n    starts:\n      - entity.a\n    "
     "spreads: {over: holders, of: [capital], from: [$x], together_at_least: 50 %}\nclauses: []\n",
     "expected the $name of a set"},
    {"raises no clause of a line",
     "rulebook: r\nissuer: i\nraises: [{clause: c, to: law}]\nclauses: []\n", "expected LINE/ID"},
    {"raises to nothing known",
     "rulebook: r\nissuer: i\nraises: [{clause: l/c, to: must}]\nclauses: []\n",
     "r.yaml:3:28: expected a strength, found \"must\""},
    {"a calendar of no days",
     "rulebook: r\nissuer: i\ncalendars: {c: {country: IN, zone: \"+05:30\"}}\nclauses: []\n",
     "expected the key \"days\""},
    {"Norway has a calendar",
     "rulebook: r\nissuer: i\ncalendars: {c: {country: NO, zone: \"+01:00\", days: x}}\nclauses: "
     "[]\n",
     "r.yaml:3:26: expected text in quotes (\"NO\" if Norway is meant)"},
    {"a day of rest that is none",
     "rulebook: r\nissuer: i\ncalendars: {c: {country: IN, zone: \"+05:30\", days: x, rests: "
     "[sun]}}\n"
     "clauses: []\n",
     "expected a day of the week as sunday, monday …, found \"sun\""},
    {"holidays of nobody knows when",
     "rulebook: r\nissuer: i\ncalendars: {c: {country: IN, zone: \"+05:30\", days: x, holidays: "
     "[2026-01-26]}}\nclauses: []\n",
     "expected `holidays` and `known` together"},
    {"a holiday that is no day",
     "rulebook: r\nissuer: i\ncalendars: {c: {country: IN, zone: \"+05:30\", days: x, holidays: "
     "[Diwali], known: {from: 2026-01-01, until: 2027-01-01}}}\nclauses: []\n",
     "expected a day such as 2026-11-23, found \"Diwali\""},
    {"holidays known backwards",
     "rulebook: r\nissuer: i\ncalendars: {c: {country: IN, zone: \"+05:30\", days: x, holidays: "
     "[], "
     "known: {from: 2027-01-01, until: 2026-01-01}}}\nclauses: []\n",
     "expected a day after `from`"},
    {"holidays of a country whose law is not known",
     "rulebook: r\nissuer: i\ncalendars: {c: {country: IN, zone: \"+05:30\", days: x, holidays: "
     "{law: IN}}}\nclauses: []\n",
     "expected a country whose public holidays are told: JP, found \"IN\""},
    {"holidays of a law, and known until when",
     "rulebook: r\nissuer: i\ncalendars: {c: {country: JP, zone: \"+09:00\", days: x, holidays: "
     "{law: JP}, known: {from: 2026-01-01, until: 2027-01-01}}}\nclauses: []\n",
     "what a law gives says itself for which years"},
    {"a day of no year",
     "rulebook: r\nissuer: i\ncalendars: {c: {country: JP, zone: \"+09:00\", days: x, holidays: "
     "{law: JP, also: [\"12-32\"]}}}\nclauses: []\n",
     "expected a day of every year such as \"12-29\", found \"12-32\""},
    {"days of a calendar without a zone",
     "rulebook: r\nissuer: i\ncalendars: {c: {country: IN, zone: Asia/Kolkata, days: "
     "x}}\nclauses:\n" CLAUSE
     "    duty:\n      - {stage: s, start: incident.at, within: 30 calendar-days c, to: [x]}\n",
     "expected a calendar with a zone as +09:00"},
    {"a duty that starts with nothing known",
     HEAD CLAUSE "    duty:\n      - {stage: s, start: yesterday, within: 1 d, to: [x]}\n",
     "expected a path that begins with act, operator"},
    {"a set derived of things",
     "rulebook: r\nissuer: i\nderived:\n  d:\n    of: equipment\n    starts:\n      - entity.a\n"
     "clauses: []\n",
     "r.yaml:5:9: expected entity: the register derives sets of entities, found \"equipment\""},
    {"a derived set named as a set",
     "rulebook: r\nissuer: i\nsets: {d: [a]}\nderived:\n  d:\n    of: entity\n    starts:\n      - "
     "entity.a\nclauses: []\n",
     "expected a name no set has"},
    {"a share without per cent",
     "rulebook: r\nissuer: i\nsets: {s: [a]}\nderived:\n  d:\n    of: entity\n    starts:\n      - "
     "entity.a\n    spreads: {over: holders, of: [capital], from: [$s], together_at_least: 50}\n"
     "clauses: []\n",
     "expected a share such as 50 %"},
    {"a share nobody can have",
     "rulebook: r\nissuer: i\nsets: {s: [a]}\nderived:\n  d:\n    of: entity\n    starts:\n      - "
     "entity.a\n    spreads: {over: holders, of: [capital], from: [$s], together_at_least: 150 %}\n"
     "clauses: []\n",
     "expected a share over 0 % and at most 100 %"},
    {"a measure of two things",
     "rulebook: r\nissuer: i\nmeasures: {m: {sum: persons, count_distinct: persons, per: "
     "[operator], "
     "window: 1 h}}\nclauses: []\n",
     "expected `count_distinct` or `sum`"},
    {"a window that is no length",
     "rulebook: r\nissuer: i\nmeasures: {m: {sum: persons, per: [operator], window: 12}}\nclauses: "
     "[]\n",
     "expected a length of time such as 12 months"},
    {"a measure of too many keys",
     "rulebook: r\nissuer: i\nmeasures: {m: {sum: persons, per: [operator, dataset, far.entity, "
     "place.country, contract.id], window: 1 d}}\nclauses: []\n",
     "expected at most four paths to count per"},
    {"unknown counts that are something else",
     "rulebook: r\nissuer: i\nmeasures: {m: {sum: persons, per: [operator], window: 1 d, unknown: "
     "zero}}\n"
     "clauses: []\n",
     "expected unbounded, found \"zero\""},
    {"a measure nobody declared", HEAD CLAUSE "    when:\n      - measure.m > 5\n" REQ,
     "r.yaml:9:9: expected a measure of this rulebook, found \"measure.m\""},
    {"every without has", HEAD CLAUSE "    require:\n      - every entity.holders\n",
     "r.yaml:9:29: expected has (…) after every, found the end"},
    {"a list within a list",
     HEAD CLAUSE "    require:\n      - some reviews where (some documents where (it.valid))\n",
     "expected a condition on it. (lists are not walked in lists)"},
    {"a comparison with nothing", HEAD CLAUSE "    require:\n      - place.country in\n",
     "expected [\"…\"], $name or @path, found the end"},
    {"the latest of how many",
     HEAD CLAUSE
     "    require:\n      - every latest of entity.sales by it.year has (it.percent < 25 %)\n",
     "expected how many after latest, found \"of\""},
    {"a name of blanks", "rulebook: r\nissuer: \" \"\nclauses: []\n", "expected text, found"},
    {"a name with blanks around it", "rulebook: \" r\"\nissuer: i\nclauses: []\n",
     "expected a name without blanks at its ends"},
    {"an id without end", "rulebook: r\nissuer: i\nsets: {" LONG ": [a]}\nclauses: []\n",
     "expected a name of at most 128 bytes"},
    {"an act to record that is none", HEAD CLAUSE "    oblige: {record: [reed]}\n",
     "r.yaml:8:22: expected read, write or an act: put, copy"},
    {"further than the earth is wide", HEAD CLAUSE "    oblige: {distance_km: 20038}\n",
     "expected kilometres from 1 to 20037, the other side of the earth, found \"20038\""},
    {"returned in no way",
     HEAD CLAUSE "    oblige: {return: {start: act.at, within: 1 h, do: []}}\n",
     "expected keep_copy_in: [COUNTRY] or delete-here, found an empty list"},
    {"known in no way", HEAD CLAUSE REQ "    reads: {place.country: []}\n",
     "expected a kind or more, found an empty list"},
    {"a zone misspelt",
     "rulebook: r\nissuer: i\ncalendars: {c: {country: JP, zone: \"+9:00\", days: work}}\n"
     "clauses: []\n",
     "expected a zone as +09:00, or the name of one, found \"+9:00\""},
    {"a unit of a parameter misspelt",
     HEAD CLAUSE REQ "    params: {p: {unit: kn, set_by: operator}}\n",
     "r.yaml:10:24: expected one of the units %, m, km"},
    {"a value with its unit misspelt",
     HEAD CLAUSE REQ "    params: {p: {set_by: rulebook, value: 5 kn}}\n",
     "expected a number, one of the units"},
    {"a value in another unit",
     HEAD CLAUSE REQ "    params: {p: {unit: km, set_by: rulebook, value: 5 W}}\n",
     "expected a value in km, found \"5 W\""},
    {"a list as one value", HEAD CLAUSE REQ "    params: {p: {set_by: rulebook, value: [a]}}\n",
     "expected one value (a list of texts is `values`)"},
    {"counted for whom nobody knows",
     "rulebook: r\nissuer: i\nmeasures: {m: {sum: persons, per: [operater], window: 1 d}}\n"
     "clauses: []\n",
     "expected a path that begins with"},
    {"first of one length",
     HEAD CLAUSE "    oblige: {begin: {within: {first_of: [1 h]}, start: act.at}}\n",
     "expected a list of two lengths or more"},
};

_Static_assert(COUNT_OF(bad) >= 60, "sixty kinds of mistakes in rulebooks alone");

static void each_error_says_where_and_what(void **state) {
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        support_begin();
        struct rulebook_read read;
        struct error e = {0};
        enum error_code code = rulebook_read(STR("r.yaml"), str_from_c(bad[i].text), &support_arena,
                                             support_scratch, &read, &e);
        if (code != FAIL_SYNTAX) fail_msg("row \"%s\": %s", bad[i].name, error_name(code));
        if (strstr(e.message, bad[i].says) == NULL)
            fail_msg("row \"%s\": said \"%s\"", bad[i].name, e.message);
        assert_row(bad[i].name, strncmp(e.message, "r.yaml:", 7) == 0);
    }
}

static void depth_is_limited_on_both_sides(void **state) {
    for (unsigned depth = LIMIT_RULE_DEPTH - 1; depth <= LIMIT_RULE_DEPTH; depth++) {
        support_begin();
        char buffer[8192];
        struct text t = text_into(buffer, sizeof buffer);
        text_add_c(&t, "rulebook: r\nissuer: i\nclauses:\n" CLAUSE "    require:\n");
        for (unsigned i = 0; i < depth; i++) text_format(&t, "%*s- all:\n", (int)(6 + 4 * i), "");
        text_format(&t, "%*s- place.a\n", (int)(6 + 4 * depth), "");
        struct rulebook_read read;
        struct error e = {0};
        /* documents are limited too: their depth is twice that of conditions, and some */
        enum error_code code =
            rulebook_read(STR("r.yaml"), text_str(&t), &support_arena, support_scratch, &read, &e);
        assert_true(code == OK || code == FAIL_LIMIT);
        if (depth == LIMIT_RULE_DEPTH) assert_int_equal(code, FAIL_LIMIT);
    }
}

static void a_name_nobody_defines_is_a_warning(void **state) {
    support_begin();
    struct rulebook_read read = support_rulebooks(
        "r.yaml",
        STR(HEAD CLAUSE "    require:\n      - equipment.maker.lists disjoint $ndaa-889\n"));
    assert_int_equal(read.warning_count, 1);
    size_t at;
    assert_true(str_find(read.warnings[0].text, STR("r.yaml:9:9: $ndaa-889 is no set"), &at));
}

/* `not: [x known]` passed for whoever forgot to say x, and nothing told the author. */
static const struct {
    const char *text, *says; /* says NULL: no warning */
} forgetting[] = {
    {"    require:\n      - not:\n          - contract.ends known\n",
     "r.yaml:10:13: clause c: `require` is met by forgetting contract.ends, since \"contract.ends "
     "known\" is wanted to be false: ask for its value, or for a record"},
    {"    require:\n      - any:\n          - place.shared\n          - not:\n              - "
     "place.owner known\n",
     "met by forgetting place.owner"},
    {REQ "    unless:\n      - not:\n          - entity.seats known\n",
     "`unless` is met by forgetting entity.seats"},
    {"    require:\n      - no reviews has (it.expires known)\n", "met by forgetting expires"},
    {"    require:\n      - every supplies where (it.maker known) has (it.country is JP)\n",
     "met by forgetting maker"},
    {"    require:\n      - count reviews where (it.refused known) <= 1\n",
     "met by forgetting refused"},
    {"    require:\n      - contract.ends known\n", NULL},
    {"    require:\n      - not:\n          - not:\n              - contract.ends known\n", NULL},
    {"    require:\n      - some reviews where (it.signed_by known) has (it.valid)\n", NULL},
    {"    require:\n      - count reviews where (it.valid known) >= 1\n", NULL},
    {"    require:\n      - no reviews has (it.expires > 1)\n", NULL},
    {"    when:\n      - not:\n          - contract.ends known\n" REQ, NULL}, /* then it applies */
};

static void what_is_met_by_forgetting_is_a_warning(void **state) {
    for (size_t i = 0; i < COUNT_OF(forgetting); i++) {
        support_begin();
        char text[1024];
        snprintf(text, sizeof text, "%s%s", HEAD CLAUSE, forgetting[i].text);
        struct rulebook_read read = support_rulebooks("r.yaml", str_from_c(text));
        size_t wanted = forgetting[i].says != NULL ? 1 : 0, at;
        if (read.warning_count != wanted) fail_msg("%zu warnings: %s", read.warning_count, text);
        if (wanted > 0 && !str_find(read.warnings[0].text, str_from_c(forgetting[i].says), &at))
            fail_msg("it said: %.*s", STR_FMT(read.warnings[0].text));
    }
}

/* Each of these was taken without a word, and nothing of it ever counted. */
static const struct {
    const char *name, *text, *says; /* says NULL: no warning */
} idle[] = {
    {"a set", "rulebook: r\nissuer: i\nsets: {near: [JP]}\nclauses: []\n",
     "r.yaml:3:8: nothing in this rulebook reads the set near"},
    {"a set whose name only begins so",
     "rulebook: r\nissuer: i\nsets: {a: [JP], a-b: [JP]}\nclauses:\n" CLAUSE
     "    require:\n      - place.country in $a-b\n",
     "r.yaml:3:8: nothing in this rulebook reads the set a"},
    {"a set that is read",
     "rulebook: r\nissuer: i\nsets: {a: [JP]}\nclauses:\n" CLAUSE
     "    applies: {place.country: $a}\n" REQ,
     NULL},
    {"a calendar",
     "rulebook: r\nissuer: i\ncalendars: {c: {country: JP, zone: Asia/Tokyo, days: work}}\n"
     "clauses: []\n",
     "reads the calendar c"},
    {"holidays of a calendar whose days begin nobody knows when",
     "rulebook: r\nissuer: i\ncalendars: {c: {country: JP, zone: Asia/Tokyo, days: work, rests: "
     "[sunday], holidays: {law: JP}}}\nclauses:\n" CLAUSE
     "    duty:\n      - {stage: a, start: \"2026-01-01\", within: 1 business-day c, to: [b]}\n",
     "r.yaml:3:36: the name Asia/Tokyo does not tell when days begin, so `holidays` counts for "
     "nothing: expected a zone as +09:00"},
    {"a measure",
     "rulebook: r\nissuer: i\nmeasures: {m: {sum: persons, per: [operator], window: 1 d}}\n"
     "clauses: []\n",
     "reads the measure m"},
    {"a derived set that only names itself",
     "rulebook: r\nissuer: i\nderived:\n  d:\n    of: entity\n    starts:\n"
     "      - entity.seats has CN\n    spreads: {over: holders, of: [capital], from: [$d], "
     "together_at_least: 50 %}\nclauses: []\n",
     "r.yaml:4:3: nothing in this rulebook reads the derived set d"},
    {"a parameter", HEAD CLAUSE REQ "    params: {p: {set_by: operator}}\n",
     "r.yaml:10:14: clause c: none of its conditions reads $p"},
    {"a parameter that is read",
     HEAD CLAUSE "    params: {p: {set_by: operator}}\n    require:\n      - place.country in $p\n",
     NULL},
    {"nothing", HEAD CLAUSE REQ "    applies: {}\n", "r.yaml:10:14: `applies` says nothing"},
    {"acts about something else", HEAD CLAUSE REQ "    applies: {act: [purchase, install]}\n",
     "r.yaml:10:20: clause c: none of these acts is about its subject, copy: no gate asks it"},
    {"one act of several", HEAD CLAUSE REQ "    applies: {act: [purchase, put]}\n", NULL},
    {"what lifts nothing",
     HEAD CLAUSE "    oblige: {copies: 2}\n    unless:\n      - dataset.test\n",
     "requires nothing, and `unless` lifts only what is required"},
    {"compelled too late",
     "rulebook: r\nissuer: i\nin_force: {until: \"2026-01-01\"}\nclauses:\n"
     "  - id: c\n    about: copy\n    source: {basis: own, where: w}\n    strength: should\n" REQ
     "    compelled: [{strength: law, by: x, since: \"2026-01-01\"}]\n",
     "clause c is in force no longer on the day since when this compels"},
    {"compelled on its last day",
     "rulebook: r\nissuer: i\nin_force: {until: \"2026-01-01\"}\nclauses:\n"
     "  - id: c\n    about: copy\n    source: {basis: own, where: w}\n    strength: should\n" REQ
     "    compelled: [{strength: law, by: x, since: \"2025-12-31\"}]\n",
     NULL},
    {"obliged about entities",
     HEAD "  - id: c\n    about: entity\n    source: {basis: own, where: w}\n    strength: law\n"
          "    oblige: {copies: 2}\n",
     "nobody asks for it of its subject, entity"},
    {"obliged of what only reads",
     HEAD CLAUSE "    applies: {act: [get, list]}\n    oblige:\n      encrypt: aes-256\n",
     "r.yaml:10:7: clause c: no gate asks for encrypt of these acts, none of which makes a copy: "
     "name one that does, such as put, or state it under `require`"},
    {"approvals of a delete",
     HEAD CLAUSE "    applies: {act: [delete]}\n    oblige: {approvals: 2}\n",
     "no gate asks for approvals of these acts"},
    {"keeping, where deletes are named: it is what is put that is kept",
     HEAD CLAUSE "    applies: {act: [delete]}\n    oblige: {keep_at_least: {length: 24 months}}\n",
     "no gate asks for keep_at_least of these acts"},
    {"obliged of reads and writes",
     HEAD CLAUSE "    applies: {act: [get, put]}\n    oblige: {copies: 2}\n", NULL},
    {"obliged of whatever makes a copy", HEAD CLAUSE "    oblige: {copies: 2, record: [write]}\n",
     NULL},
    {"reads recorded of what makes a copy", HEAD CLAUSE "    oblige: {record: [read]}\n",
     "r.yaml:8:14: clause c: `record` asks for read, which is none of the acts it applies to "
     "(about "
     "copies and without `act`, what makes one): name those acts in `applies`"},
    {"reads recorded of writes",
     HEAD CLAUSE "    applies: {act: [put]}\n    oblige: {record: [read, put]}\n",
     "`record` asks for read, which is none of the acts it applies to: name"},
    {"reads recorded of reads",
     HEAD CLAUSE "    applies: {act: [list]}\n    oblige: {record: [read]}\n", NULL},
    {"reads recorded of sessions",
     HEAD "  - id: c\n    about: session\n    source: {basis: own, where: w}\n    strength: law\n"
          "    oblige: {record: [read]}\n",
     NULL},
    {"a duty of another record",
     HEAD "  - id: c\n    about: change\n    source: {basis: own, where: w}\n    strength: law\n"
          "    duty: [{stage: s, start: incident.detected, within: 1 h, to: [m]}]\n",
     "begins with incident.detected, which is not known of its subject, change"},
};

static void what_a_rulebook_says_in_vain_is_a_warning(void **state) {
    for (size_t i = 0; i < COUNT_OF(idle); i++) {
        support_begin();
        struct rulebook_read read = support_rulebooks("r.yaml", str_from_c(idle[i].text));
        size_t wanted = idle[i].says != NULL ? 1 : 0, at;
        if (read.warning_count != wanted)
            fail_msg("row \"%s\": %zu warnings", idle[i].name, read.warning_count);
        if (wanted > 0 && !str_find(read.warnings[0].text, str_from_c(idle[i].says), &at))
            fail_msg("row \"%s\": said %.*s", idle[i].name, STR_FMT(read.warnings[0].text));
    }
}

/* Each of these applied to nothing, or failed for everyone, without a word. */
#define WHEN(conditions) HEAD CLAUSE REQ "    when:\n" conditions
#define MUST(conditions) HEAD CLAUSE "    require:\n" conditions
#define IN_R(more)       HEAD CLAUSE more
static const struct {
    const char *name, *text, *says; /* says NULL: no warning */
} never[] = {
    {"two texts", WHEN("      - place.country is JP\n      - place.country is US\n"),
     "r.yaml:12:9: clause c: \"place.country is US\" and \"place.country is JP\" (11:9) are never "
     "true together: the clause applies only where this is not known"},
    {"a text and its denial",
     WHEN("      - place.country is JP\n      - place.country is not JP\n"), "r.yaml:12:9"},
    {"two other texts are denied",
     WHEN("      - place.country is not JP\n      - place.country is not US\n"), NULL},
    {"sets without a common text",
     WHEN("      - place.country in [JP, SE]\n      - place.country in [US, SG]\n"), "never true"},
    {"sets with a common text",
     WHEN("      - place.country in [JP, SE]\n      - place.country in [US, SE]\n"), NULL},
    {"no text is left",
     WHEN("      - place.country in [JP]\n      - place.country not in [JP, SE]\n"), "never true"},
    {"applies says another",
     IN_R("    applies: {place.country: [JP]}\n    when:\n      - place.country is US\n" REQ),
     "r.yaml:10:9: clause c: \"place.country is US\" and `applies` of \"place.country\" (8:15)"},
    {"applies says one of them",
     IN_R("    applies: {entity.reach: [JP, US]}\n    when:\n      - entity.reach has US\n" REQ),
     NULL},
    {"a set has two", WHEN("      - entity.reach has JP\n      - entity.reach has US\n"), NULL},
    {"a set within two that share nothing may be empty",
     WHEN("      - entity.reach subset of [JP]\n      - entity.reach subset of [US]\n"), NULL},
    {"a set within what it has more than",
     WHEN("      - entity.reach subset of [JP]\n      - entity.reach has US\n"), "never true"},
    {"a set that meets what it is disjoint from",
     WHEN("      - entity.reach intersects [JP]\n      - entity.reach disjoint [JP, US]\n"),
     "never true"},
    {"a set that meets more than it is disjoint from",
     WHEN("      - entity.reach intersects [JP, SE]\n      - entity.reach disjoint [JP]\n"), NULL},
    {"ranges", WHEN("      - place.power < 5 kW\n      - place.power > 9000 W\n"), "never true"},
    {"ranges that touch", WHEN("      - place.power <= 5 kW\n      - place.power >= 5000 W\n"),
     NULL},
    {"ranges that nearly touch",
     WHEN("      - place.power <= 5 kW\n      - place.power > 5000 W\n"), "never true"},
    {"a number beyond a bound", WHEN("      - place.power is 5\n      - place.power > 6\n"),
     "never true"},
    {"one number spelled twice", WHEN("      - place.power is 5\n      - place.power is 5.0\n"),
     NULL},
    {"days", WHEN("      - time.now < 2026-01-01\n      - time.now >= 2026-01-01T00:00:00Z\n"),
     "never true"},
    {"a month is sometimes under 30 days and never over 32",
     WHEN("      - system.age < 1 month\n      - system.age > 32 d\n"), "never true"},
    {"a month may be over 30 days",
     WHEN("      - system.age <= 1 month\n      - system.age > 30 d\n"), NULL},
    {"another fact on both sides",
     WHEN("      - plan.ended < @time.now\n      - plan.ended >= @time.now\n"), "never true"},
    {"bounds that the operator sets",
     WHEN("      - place.power < $p\n      - place.power > $q\n"
          "    params: {p: {set_by: operator}, q: {set_by: operator}}\n"),
     NULL},
    {"counts", WHEN("      - count documents >= 3\n      - count documents <= 2\n"), "never true"},
    {"counts of other elements",
     WHEN("      - count documents where (it.valid) >= 3\n      - count documents <= 2\n"), NULL},
    {"yes and no", WHEN("      - dataset.encrypted\n      - dataset.encrypted is false\n"),
     "never true"},
    {"not known, and compared",
     WHEN("      - not:\n          - place.country known\n      - place.country is JP\n"),
     "\"place.country is JP\" and not \"place.country known\" (12:13)"},
    {"known, and compared", WHEN("      - place.country known\n      - place.country is JP\n"),
     NULL},
    {"within all",
     WHEN("      - all:\n          - place.country is JP\n      - place.country is US\n"),
     "never true"},
    {"alternatives",
     WHEN("      - any:\n          - place.country is JP\n          - place.country is US\n"),
     NULL},
    {"an alternative",
     WHEN("      - place.country is JP\n      - any:\n          - place.country is US\n"
          "          - dataset.class is a\n"),
     "r.yaml:13:13: clause c: \"place.country is US\" and \"place.country is JP\" (11:9) are never "
     "true together: this alternative is never met"},
    {"not all together",
     WHEN("      - not:\n          - place.country is JP\n          - place.country is US\n"),
     NULL},
    {"neither of two",
     WHEN("      - not:\n          - any:\n              - place.country is JP\n"
          "              - dataset.class is a\n      - place.country is JP\n"),
     "\"place.country is JP\" and not \"place.country is JP\" (13:17)"},
    {"an element", WHEN("      - some reviews where (it.kind is a) has (it.kind is b)\n"),
     "r.yaml:11:48: clause c: \"it.kind is b\" and \"it.kind is a\" (11:29)"},
    {"no element", WHEN("      - no reviews has (it.kind is a and it.kind is b)\n"), NULL},
    {"elements of two lists",
     WHEN("      - some reviews has (it.kind is a)\n      - some documents has (it.kind is b)\n"),
     NULL},
    {"nothing passes",
     MUST("      - place.country in [\"JP\"]\n      - place.country in [\"SE\"]\n"),
     "nothing meets `require`"},
    {"what is withheld passes both",
     MUST("      - place.country is JP\n      - place.country is US\n"
          "    accepts: {place.country: [withheld]}\n"),
     NULL},
    {"required where it applies: that is how something is forbidden",
     IN_R("    when:\n      - place.country is US\n" REQ), NULL},
    {"nothing lifts",
     IN_R(REQ "    unless:\n      - dataset.class is a\n      - dataset.class is b\n"),
     "`unless` lifts nothing"},
};

static void conditions_that_exclude_each_other_are_a_warning(void **state) {
    for (size_t i = 0; i < COUNT_OF(never); i++) {
        support_begin();
        struct rulebook_read read = support_rulebooks("r.yaml", str_from_c(never[i].text));
        size_t wanted = never[i].says != NULL ? 1 : 0, met = 0, at;
        for (size_t k = 0; k < read.warning_count; k++)
            met += str_find(read.warnings[k].text, STR("never true together"), &at);
        if (met != wanted) fail_msg("row \"%s\": %zu warnings", never[i].name, read.warning_count);
        if (wanted > 0 && !str_find(read.warnings[0].text, str_from_c(never[i].says), &at))
            fail_msg("row \"%s\": said %.*s", never[i].name, STR_FMT(read.warnings[0].text));
    }
}

static void when_no_alternative_is_left_that_is_said_too(void **state) {
    support_begin();
    struct rulebook_read read = support_rulebooks(
        "r.yaml",
        STR(WHEN("      - place.country is JP\n      - any:\n          - place.country is US\n"
                 "          - place.country is SE\n")));
    size_t at;
    assert_int_equal(read.warning_count, 3);
    assert_true(str_find(read.warnings[2].text,
                         STR("r.yaml:12:9: clause c: none of the alternatives below `any` is ever "
                             "met: the clause applies only where this is not known"),
                         &at));
}

static void the_digest_is_of_the_meaning(void **state) {
    static const struct {
        const char *name, *a, *b;
        bool same;
    } pairs[] = {
        {"quotes, order and comments", "rulebook: r\nissuer: i\nclauses: []\n",
         "# new\nclauses: []\nissuer: \"i\"\nrulebook: r\n", true},
        {"a word", "rulebook: r\nissuer: i\nclauses: []\n", "rulebook: r\nissuer: j\nclauses: []\n",
         false},
        {"order in a list", "rulebook: r\nissuer: i\nsets: {a: [x, y]}\nclauses: []\n",
         "rulebook: r\nissuer: i\nsets: {a: [y, x]}\nclauses: []\n", false},
    };
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        support_begin();
        struct rulebook_read a = support_rulebooks("a", str_from_c(pairs[i].a));
        struct rulebook_read b = support_rulebooks("b", str_from_c(pairs[i].b));
        assert_row(pairs[i].name, digest_equal(&a.rulebooks[0]->canonical,
                                               &b.rulebooks[0]->canonical) == pairs[i].same);
    }
}

static void little_memory_is_an_error(void **state) {
    static unsigned char memory[1 << 19], other[1 << 19];
    str yaml = support_file(AZEKURA_SOURCE_ROOT "/rulebooks/jp-medical-provider.yaml");
    bool failed = false, read_it = false;
    for (size_t bytes = 0; bytes < sizeof memory; bytes += 997) {
        struct arena arena = arena_over(memory, bytes), scratch = arena_over(other, sizeof other);
        struct rulebook_read read;
        struct error e;
        enum error_code code = rulebook_read(STR("m"), yaml, &arena, scratch, &read, &e);
        assert_true(code == OK || code == FAIL_MEMORY);
        failed |= code != OK;
        read_it |= code == OK;
    }
    assert_true(failed && read_it);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_error_says_where_and_what),
        cmocka_unit_test(depth_is_limited_on_both_sides),
        cmocka_unit_test(a_name_nobody_defines_is_a_warning),
        cmocka_unit_test(what_is_met_by_forgetting_is_a_warning),
        cmocka_unit_test(what_a_rulebook_says_in_vain_is_a_warning),
        cmocka_unit_test(conditions_that_exclude_each_other_are_a_warning),
        cmocka_unit_test(when_no_alternative_is_left_that_is_said_too),
        cmocka_unit_test(the_digest_is_of_the_meaning),
        cmocka_unit_test(little_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
