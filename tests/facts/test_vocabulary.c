/* Slips between rulebooks and registers: each of these was silent, and a clause never applied. */
#include "facts/facts.h"
#include "register/register.h"
#include "tests/test.h"

static unsigned char memory[8 << 20], scratch_memory[8 << 20];

static const struct rulebook *read_rulebook(const char *yaml, struct arena *arena) {
    struct rulebook_read read;
    struct error e = {0};
    struct arena scratch = arena_over(scratch_memory, sizeof scratch_memory);
    if (rulebook_read(STR("r.yaml"), str_from_c(yaml), arena, scratch, &read, &e) != OK)
        fail_msg("%s", e.message);
    return read.rulebooks[0];
}

#define CLAUSE                                                                                     \
    "rulebook: r\nissuer: i\nclauses:\n  - id: c\n    about: copy\n"                               \
    "    source: {basis: own, where: w}\n    strength: law\n"
#define HOME "    require:\n      - place.country in [\"JP\"]\n"

static const struct {
    const char *name, *yaml, *says; /* NULL: nothing */
} slips[] = {
    {"all is well", CLAUSE HOME "    applies: {dataset.class: [critical], act: [put]}\n", NULL},
    {"a field of a row", CLAUSE "    require:\n      - place.contry in [\"JP\"]\n",
     "r.yaml:9:9: clause c: nobody says place.contry; did you mean \"country\" for \"contry\"?"},
    {"a field nobody has", CLAUSE "    require:\n      - place.weather is fine\n",
     "r.yaml:9:9: clause c: nobody says place.weather: a register has no \"weather\" there"},
    {"in applies", CLAUSE HOME "    applies: {dataset.clas: [critical]}\n",
     "r.yaml:10:29: clause c: nobody says dataset.clas; did you mean \"class\""},
    {"a field of a listed row", CLAUSE "    require:\n      - some reviews where (it.knd is x)\n",
     "r.yaml:9:29: clause c: nobody says reviews.knd; did you mean \"kind\""},
    {"a field of a record", CLAUSE "    require:\n      - sum entity.holders.capitl < 5 %\n",
     "clause c: nobody says entity.holders.capitl; did you mean \"capital\""},
    {"what is computed of it",
     CLAUSE "    require:\n      - some reviews where (it.age < 5 d and it.valid)\n", NULL},
    {"beyond what it names", CLAUSE "    require:\n      - equipment.maker.seats has \"JP\"\n",
     NULL},
    {"beyond what it names, misspelt",
     CLAUSE "    require:\n      - equipment.maker.seets has \"JP\"\n",
     "nobody says equipment.maker.seets"},
    {"a name of one's own", CLAUSE "    require:\n      - place.hazard.flood < 1 m\n", NULL},
    {"what is computed", CLAUSE "    require:\n      - copies.cout >= 2\n",
     "nobody says copies.cout; did you mean \"count\""},
    {"a country in small letters", CLAUSE HOME "    applies: {place.country: [jp]}\n",
     "r.yaml:10:30: clause c: place.country is compared with \"jp\", which no row can bear; "
     "expected "
     "a country by its two capital letters"},
    {"a country by its name, in a set",
     "rulebook: r\nissuer: i\nsets: {far: [Japan]}\nclauses:\n  - id: c\n    about: entity\n"
     "    source: {basis: own, where: w}\n    strength: law\n    require:\n"
     "      - entity.seats disjoint $far\n",
     "entity.seats is compared with \"Japan\""},
    {"full-width letters", CLAUSE "    require:\n      - place.country is ＪＰ\n",
     "place.country is compared with \"ＪＰ\""},
    {"keys in no country", CLAUSE "    oblige: {keys_in: [jp]}\n", "compared with \"jp\""},
    {"a word of no closed list", CLAUSE HOME "    applies: {dataset.store: [heer]}\n",
     "dataset.store is compared with \"heer\", which no row can bear; expected one of the words "
     "here "
     "external"},
    {"a length with a number", CLAUSE "    require:\n      - dataset.retention >= 5\n",
     "dataset.retention is a length of time, and is compared with something else"},
    {"persons with kilometres", CLAUSE "    require:\n      - dataset.persons < 5 km\n",
     "dataset.persons is a number of persons, and is compared with something else"},
    {"a day with a word", CLAUSE "    require:\n      - contract.ends is soon\n",
     "contract.ends is a day or instant, and is compared with something else"},
    {"a text alone", CLAUSE "    require:\n      - dataset.class\n",
     "dataset.class stands alone, and is not said with yes or no"},
    {"where an obligation begins",
     CLAUSE "    oblige: {keep_at_least: {length: 5 years, start: act.att}}\n",
     "nobody says act.att; did you mean \"at\""},
    {"where a duty begins",
     CLAUSE "    duty:\n      - {stage: s, start: incident.ocurred, within: 1 h, to: [x]}\n",
     "nobody says incident.ocurred; did you mean \"occurred\""},
    {"over whom a set spreads, which left it empty",
     "rulebook: r\nissuer: i\nsets: {s: [a]}\nderived:\n  d:\n    of: entity\n    starts:\n"
     "      - entity.country is CN\n    spreads: {over: holdrs, of: [capital], from: [$s], "
     "together_at_least: 50 %}\nclauses: []\n",
     "r.yaml:1:11: rulebook r: nobody says entity.holdrs; did you mean \"holders\""},
    {"by which share it spreads",
     "rulebook: r\nissuer: i\nsets: {s: [a]}\nderived:\n  d:\n    of: entity\n    starts:\n"
     "      - entity.country is CN\n    spreads: {over: holders, of: [capitl], from: [$s], "
     "together_at_least: 50 %}\nclauses: []\n",
     "nobody says entity.holders.capitl"},
    {"what a measure counts",
     "rulebook: r\nissuer: i\nmeasures: {m: {sum: person, per: [operator], window: 1 d}}\n"
     "clauses: []\n",
     "r.yaml:3:15: rulebook r: a measure counts \"person\", which is no number of a transfer or a "
     "dataset; expected one such as persons"},
    {"for whom a measure counts",
     "rulebook: r\nissuer: i\nmeasures: {m: {sum: persons, per: [operator, far.entitty], window: 1 "
     "d}}\nclauses: []\n",
     "nobody says far.entitty; did you mean \"entity\""},
    {"a measure as it should be",
     "rulebook: r\nissuer: i\nmeasures: {m: {sum: persons, per: [operator, far.entity], window: 1 "
     "d}}\nclauses: []\n",
     NULL},
    {"a calendar's country",
     "rulebook: r\nissuer: i\ncalendars: {c: {country: Japan, zone: Asia/Tokyo, days: w}}\n"
     "clauses: []\n",
     "r.yaml:3:16: rulebook r: place.country is compared with \"Japan\""},
    {"a duty that begins with a word",
     CLAUSE "    duty:\n      - {stage: s, start: incident.cause, within: 1 h, to: [x]}\n",
     "incident.cause: something begins with it, and it is a word: expected a day or instant"},
    {"a sum of words", CLAUSE "    require:\n      - sum incident.impacts.kind >= 5\n",
     "incident.impacts.kind: it is summed, and is a word: expected a number"},
    {"the most of words", CLAUSE "    require:\n      - max incident.impacts.kind >= 5\n",
     "the most or least of it is taken, and it is a word"},
    {"a share over all there is",
     CLAUSE "    require:\n      - no entity.holders has (it.capital >= 101 %)\n",
     "entity.holders.capital is compared with a number that no row can bear; expected at least 0 % "
     "and at most 100 %"},
    {"a share of all there is",
     CLAUSE "    require:\n      - no entity.holders has (it.capital >= 100 %)\n", NULL},
    {"fewer than nobody", CLAUSE "    require:\n      - dataset.persons >= -1\n",
     "expected at least 0 persons"},
    {"a number among words", CLAUSE HOME "    applies: {dataset.persons: [5]}\n",
     "dataset.persons is a number of persons, and `applies` compares words; ask for it in `when`"},
    {"a reader's country in small letters",
     CLAUSE "    require:\n      - reader.country in [\"jp\"]\n",
     "reader.country is compared with \"jp\""},
    {"a distance in hours", CLAUSE "    require:\n      - copies.distance_km >= 5 h\n",
     "copies.distance_km is a number of m, and is compared with something else"},
    {"a distance in kilometres", CLAUSE "    require:\n      - copies.distance_km >= 400 km\n",
     NULL},
    {"a number of copies", CLAUSE "    require:\n      - copies.count >= 2\n", NULL},
    {"for whom a clause is raised",
     "rulebook: r\nissuer: i\nraises: [{clause: l/c, to: law, for: {dataset.clas: [x]}}]\n"
     "clauses: []\n",
     "r.yaml:3:53: rulebook r: nobody says dataset.clas"},
};

static void what_no_register_can_say_is_told(void **state) {
    for (size_t i = 0; i < COUNT_OF(slips); i++) {
        struct arena arena = arena_over(memory, sizeof memory);
        struct error e = {0};
        const struct rulebook *book = read_rulebook(slips[i].yaml, &arena);
        const str *told;
        size_t count;
        assert_ok(facts_vocabulary_check(&book, 1, &arena, &told, &count, &e), &e);
        assert_row(slips[i].name, count == (slips[i].says != NULL));
        size_t at;
        if (count > 0 && !str_find(told[0], str_from_c(slips[i].says), &at))
            fail_msg("row \"%s\": told \"%.*s\"", slips[i].name, STR_FMT(told[0]));
    }
}

/* A dataset of class "critcal" was asked nothing, and the assessment ended with nothing that fails. */
static void words_that_are_nearly_asked_for_are_told(void **state) {
    static const struct {
        const char *word;
        bool is_told;
    } rows[] = {{"critical", false}, {"critcal", true},          {"Critical", true},
                {"crtiical", true},  {"ｃｒｉｔｉｃａｌ", true}, {"public", false},
                {"impotrant", true}, {"tier-2", false},          {"Tier_1", true}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena arena = arena_over(memory, sizeof memory);
        struct arena scratch = arena_over(scratch_memory, sizeof scratch_memory);
        struct error e = {0};
        const struct rulebook *book = read_rulebook(
            CLAUSE HOME "    applies: {dataset.class: [critical, important, tier-1]}\n", &arena);
        char yaml[200];
        snprintf(yaml, sizeof yaml,
                 "datasets:\n- {id: a, class: \"%s\"}\n- {id: b, class: \"%s\"}\n", rows[i].word,
                 rows[i].word);
        struct register_text text = {STR("reg.yaml"), str_from_c(yaml)};
        struct register_snapshot *s;
        assert_ok(register_load_texts(&text, 1, &s, NULL, &e), &e);
        const str *told;
        size_t count, at;
        assert_ok(facts_unheard_words(s, &book, 1, &arena, scratch, &told, &count, &e), &e);
        assert_row(rows[i].word, count == rows[i].is_told);
        if (count > 0)
            assert_row(rows[i].word,
                       str_starts(told[0], STR("reg.yaml:2:18: dataset \"a\" says \"")) &&
                           str_find(told[0], STR("did you mean \""), &at));
        register_release(s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_no_register_can_say_is_told),
        cmocka_unit_test(words_that_are_nearly_asked_for_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
