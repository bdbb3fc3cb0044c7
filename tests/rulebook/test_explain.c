/* What people read: asked, wanted, basis, found, what would make it pass; in two languages, and the
 * same as JSON. */
#include "tests/rulebook/support.h"

static struct error e;

static const char *const rules =
    "rulebook: med\nissuer: Ministry\nclauses:\n"
    "  - id: \"6.1\"\n    about: copy\n"
    "    title: {en: Within reach of domestic law, ja: 国内法の及ぶ範囲}\n"
    "    source: {basis: primary, where: \"MED-P:1\", quote: \"国内法の執行\"}\n    strength: "
    "should\n"
    "    compelled:\n      - {strength: contract, by: the hospital's contract, when: "
    "\"contract.requires has med\"}\n"
    "    require:\n      - place.country in [\"JP\"]\n"
    "      - any:\n          - keys.holder.countries has \"JP\"\n          - keys.holder is "
    "@operator.id\n"
    "  - id: tracked\n    about: copy\n    source: {basis: tracker, where: \"a tracker\"}\n    "
    "strength: law\n"
    "    require:\n      - entity.holders known\n"
    "    oblige: {copies: {value: 2, within: 24 h}, encrypt: aes-256}\n"
    "  - id: passes\n    about: copy\n    source: {basis: own, where: w}\n    strength: own\n    "
    "require:\n      - operator.id known\n"
    "  - id: later\n    about: entity\n    source: {basis: own, where: w}\n    strength: own\n    "
    "require:\n      - entity.seats known\n";

static const char *const facts_abroad =
    "{operator.id: aoba, place.country: {value: US, by: measured, since: 2026-11-01, source: "
    "landmark L}, "
    "contract.requires: [med], keys.holder: cloud, keys.holder.countries: [US]}";

static struct rulebook_decision decide_on(const char *facts) {
    support_begin();
    struct rulebook_read read = support_rulebooks("explain", str_from_c(rules));
    const struct rulebook_set *set = support_what_if(&read);
    struct rulebook_facts *given = arena_new(&support_arena, struct rulebook_facts, 1);
    *given = support_facts("facts", facts);
    struct rulebook_subject subject = {.about = RULEBOOK_ABOUT_COPY,
                                       .act = STR("put"),
                                       .dataset_id = STR("patients"),
                                       .site_id = STR("oregon")};
    return support_decide(set, &subject, given, support_time("2026-11-21"));
}

static void assert_says(str text, const char *const *wanted, size_t count) {
    size_t at;
    for (size_t i = 0; i < count; i++)
        if (!str_find(text, str_from_c(wanted[i]), &at))
            fail_msg("\"%s\" is not in:\n%.*s", wanted[i], STR_FMT(text));
}

static void a_refusal_is_never_the_end(void **state) {
    static const char *const english[] = {
        "Asked: put of dataset patients at site oregon, 2026-11-21T00:00:00Z",
        "Answer: refused",
        "[refuse] med/6.1: Within reach of domestic law",
        "Basis: the text itself, MED-P:1: “国内法の執行”",
        "By Ministry it is should; through the hospital's contract it is contract here",
        "(when contract.requires has med)",
        "place.country must be one of [JP]",
        "place.country = US (measured, since 2026-11-01, landmark L)",
        "What would make it pass:",
        "one of these:",
        "keys.holder.countries must contain JP",
        "[refuse] med/tracked",
        "a tracker of law, a tracker (text not seen)",
        "entity.holders = unknown (nobody has said so)",
        "Passed: 1 of 3 clauses",
        "copies 2: within 24 h",
        "encrypt 256: before the act is acknowledged",
        "Not decided at this gate:\n  med/later (entity)",
        "or an exception, proposed and approved by two people",
    };
    static const char *const japanese[] = {
        "問い：put、データセット patients、拠点 oregon",
        "答え：拒否",
        "med/6.1：国内法の及ぶ範囲",
        "根拠：本文, MED-P:1：「国内法の執行」",
        "Ministry の文言は「すべき」だが、the hospital's contract を通じてここでは「契約」",
        "place.country は [JP] のいずれかであること",
        "place.country = US（測定、2026-11-01 から, landmark L）",
        "通すには：",
        "次のいずれか：",
        "（本文未見）",
        "entity.holders = 不明（誰も述べていない）",
        "この門では判定しない：\n  med/later (事業体)",
    };
    static char buffer[1 << 16];
    struct rulebook_decision d = decide_on(facts_abroad);
    for (int l = RULEBOOK_ENGLISH; l <= RULEBOOK_JAPANESE; l++) {
        struct rulebook_explain options = {(enum rulebook_language)l, true, false};
        struct text out = text_into(buffer, sizeof buffer);
        assert_ok(rulebook_explain_text(&d, &options, support_scratch, &out, &e), &e);
        if (l == RULEBOOK_ENGLISH)
            assert_says(text_str(&out), english, COUNT_OF(english));
        else
            assert_says(text_str(&out), japanese, COUNT_OF(japanese));
    }
    struct text small = text_into(buffer, 100);
    struct rulebook_explain options = {0};
    assert_int_equal(rulebook_explain_text(&d, &options, support_scratch, &small, &e), FAIL_MEMORY);
}

static const struct doc_node *find(const struct doc_node *map, const char *key) {
    const struct doc_node *node = doc_map_find(map, str_from_c(key));
    if (node == NULL) fail_msg("no \"%s\"", key);
    return node;
}

static void json_says_the_same(void **state) {
    static char buffer[1 << 16];
    struct rulebook_decision d = decide_on(facts_abroad);
    struct rulebook_explain options = {RULEBOOK_ENGLISH, true, true};
    struct text out = text_into(buffer, sizeof buffer);
    assert_ok(rulebook_explain_json(&d, &options, support_scratch, &out, &e), &e);
    struct doc doc; /* what we write as JSON, our YAML reads */
    assert_ok(doc_read_yaml(STR("json"), text_str(&out), &support_arena, support_scratch, &doc, &e),
              &e);
    const struct doc_node *root = doc.documents[0];
    assert_str(find(root, "decision")->text, STR("refuse"));
    assert_str(find(root, "act")->text, STR("put"));
    const struct doc_node *clauses = find(root, "clauses");
    assert_int_equal(clauses->count, 3);
    const struct doc_node *first = clauses->items[0]; /* by rulebook and id */
    assert_str(find(first, "rulebook")->text, STR("med"));
    assert_str(find(first, "clause")->text, STR("6.1"));
    assert_str(find(first, "effect")->text, STR("refuse"));
    assert_str(find(first, "truth")->text, STR("false"));
    assert_str(find(first, "strength")->text, STR("contract"));
    assert_str(find(first, "stated_strength")->text, STR("should"));
    assert_str(find(first, "compelled_by")->text, STR("the hospital's contract"));
    assert_str(find(first, "basis")->text, STR("primary"));
    assert_str(find(first, "text_seen")->text, STR("true"));
    bool found = false;
    const struct doc_node *facts = find(first, "facts");
    for (size_t i = 0; i < facts->count; i++) {
        if (!str_equal(find(facts->items[i], "path")->text, STR("place.country"))) continue;
        assert_str(find(facts->items[i], "value")->text, STR("US"));
        assert_str(find(facts->items[i], "by")->text, STR("measured"));
        found = true;
    }
    assert_true(found);
    assert_str(find(clauses->items[2], "truth")->text, STR("false")); /* `known` never is unknown */
    assert_str(find(clauses->items[2], "text_seen")->text, STR("false"));
    const struct doc_node *obligations = find(root, "obligations");
    assert_int_equal(obligations->count, 2);
    assert_str(find(obligations->items[0], "kind")->text, STR("encrypt"));
    assert_str(find(obligations->items[1], "due")->text, STR("within"));
    assert_int_equal(find(root, "elsewhere")->count, 1);
}

static void one_line_names_clause_and_fact(void **state) {
    static const struct {
        const char *facts, *clause, *en, *ja;
    } rows[] = {
        {"{place.country: US, keys.holder.countries: [JP]}", "6.1",
         "med/6.1: place.country must be one of [JP], but it is US",
         "med/6.1：place.country は [JP] のいずれかであること。現状は US"},
        {"{keys.holder.countries: [JP]}", "6.1",
         "med/6.1: place.country must be one of [JP], but it is unknown",
         "med/6.1：place.country は [JP] のいずれかであること。現状は 不明"},
        {"{place.country: JP}", "tracked",
         "med/tracked (text not seen): entity.holders must be known", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct rulebook_decision d = decide_on(rows[i].facts);
        const struct rulebook_spoke *s = support_spoke(&d, rows[i].clause);
        char buffer[400];
        struct text out = text_into(buffer, sizeof buffer);
        assert_ok(rulebook_explain_line(&d, s, RULEBOOK_ENGLISH, support_scratch, &out, &e), &e);
        assert_str(text_str(&out), str_from_c(rows[i].en));
        if (rows[i].ja == NULL) continue;
        out = text_into(buffer, sizeof buffer);
        assert_ok(rulebook_explain_line(&d, s, RULEBOOK_JAPANESE, support_scratch, &out, &e), &e);
        assert_str(text_str(&out), str_from_c(rows[i].ja));
    }
}

/* What stands in the way is named: not said, not enough, run out, withheld, an open list. */
static void advice_says_what_is_missing(void **state) {
    static const struct {
        const char *facts, *says;
    } rows[] = {
        {"{}", "first say: place.country (unknown); then place.country must be one of [JP]"},
        {"{place.country: withheld}", "first say: place.country (withheld)"},
        {"{place.country: {value: JP, until: 2026-01-01}}",
         "first say: place.country (what was said has run out)"},
        {"{place.country: JP, keys.holder.countries: {complete: false, items: [SE]}}",
         "first say: keys.holder.countries (a list not said to be complete)"},
    };
    static char buffer[1 << 16];
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct rulebook_decision d = decide_on(rows[i].facts);
        struct rulebook_explain options = {RULEBOOK_ENGLISH, false, false};
        struct text out = text_into(buffer, sizeof buffer);
        assert_ok(rulebook_explain_text(&d, &options, support_scratch, &out, &e), &e);
        assert_says(text_str(&out), &rows[i].says, 1);
    }
}

static void a_day_without_an_edition_says_so(void **state) {
    support_begin();
    struct rulebook_read read = support_rulebooks(
        "old",
        STR("rulebook: l-1\nline: l\nissuer: i\nin_force: {until: 2020-01-01}\nclauses: []\n"));
    struct rulebook_adoption a = {.rulebook = STR("l")};
    struct rulebook_set_input input = {
        .rulebooks = read.rulebooks, .rulebook_count = 1, .adoptions = &a, .adoption_count = 1};
    const struct rulebook_set *set;
    assert_ok(rulebook_set_compile(&input, &support_arena, support_scratch, &set, &e), &e);
    struct rulebook_subject subject = {.about = RULEBOOK_ABOUT_COPY, .act = STR("put")};
    struct rulebook_facts facts = {0};
    struct rulebook_decision d = support_decide(set, &subject, &facts, support_time("2026-11-21"));
    static char buffer[4096];
    static const char *const says[][2] = {
        {"No clause that binds here applies.", "No edition of l is in force on 2026-11-21."},
        {"ここで拘束する条項のうち適用されるものはない。",
         "2026-11-21 に施行されている l の版はない。"}};
    for (int l = RULEBOOK_ENGLISH; l <= RULEBOOK_JAPANESE; l++) {
        struct rulebook_explain options = {(enum rulebook_language)l, true, true};
        struct text out = text_into(buffer, sizeof buffer);
        assert_ok(rulebook_explain_text(&d, &options, support_scratch, &out, &e), &e);
        assert_says(text_str(&out), says[l], 2);
    }
}

/* A duty was told without the form it takes: who had to report could not tell how. */
static void a_duty_says_to_whom_in_which_form(void **state) {
    static const char *const rule =
        "rulebook: law\nissuer: Ministry\nclauses:\n  - id: \"28\"\n    about: incident\n"
        "    title: {en: An outage is reported, ja: 障害を報告する}\n"
        "    source: {basis: tracker, where: w}\n    strength: law\n    note: Act, article 28\n"
        "    duty:\n      - {stage: full, start: incident.occurred, within: 30 d, to: [mic], form: "
        "form 50-3}\n";
    static const char *const wanted[2][2] = {
        {"full, 30 d from incident.occurred, to mic; form 50-3", "Note: Act, article 28"},
        {"届出先 mic；form 50-3", "注：Act, article 28"}};
    static char memory[1 << 14];
    struct rulebook_subject subject;
    assert_true(rulebook_subject_of_word(STR("incident"), &subject));
    for (int l = 0; l < 2; l++) {
        support_begin();
        struct rulebook_read read = support_rulebooks("duty", str_from_c(rule));
        struct rulebook_facts none = {0};
        struct rulebook_decision d =
            support_decide(support_what_if(&read), &subject, &none, support_time("2026-11-21"));
        struct rulebook_explain options = {.language = (enum rulebook_language)l, .passed = true};
        struct text out = text_into(memory, sizeof memory), shown;
        assert_ok(rulebook_explain_text(&d, &options, support_scratch, &out, &e), &e);
        assert_says(text_str(&out), wanted[l], 2);
        shown = text_into(memory, sizeof memory);
        rulebook_clause_text(&read.rulebooks[0]->clauses[0], options.language, &shown);
        assert_says(text_str(&shown), wanted[l], 2);
        out = text_into(memory, sizeof memory);
        assert_ok(rulebook_explain_json(&d, &options, support_scratch, &out, &e), &e);
        static const char *const json[] = {"\"form\":\"form 50-3\"",
                                           "\"note\":\"Act, article 28\""};
        assert_says(text_str(&out), json, 2);
    }
}

/* A rulebook that only raised clauses of others was shown as if it asked for nothing, and $far of nobody. */
static void what_a_rulebook_raises_extends_and_leaves_open_was_not_shown(void **state) {
    static const char *const rule =
        "rulebook: own\nissuer: Board\nextends: law\n"
        "raises:\n  - {clause: law/home, to: contract, for: {dataset.id: [d1]}}\n"
        "  - {clause: law/keys, to: own}\n"
        "clauses:\n  - id: far\n    about: copy\n    source: {basis: own, where: w}\n"
        "    strength: own\n    params:\n      far: {unit: km, set_by: operator, note: the text "
        "has "
        "no number}\n      stages: {values: [built], set_by: rulebook}\n    require:\n"
        "      - copies.distance_km >= $far\n      - equipment.stage in $stages\n";
    static const char *const wanted[2][5] = {
        {"  extends law: its clauses come along\n",
         "  raises law/home to contract, when:\n    dataset.id is one of [d1]\n",
         "  raises law/keys to own\n",
         "  $far is set by whoever adopts it, in km (the text has no number)\n",
         "  $stages is [built]\n"},
        {"  law の条項をすべて引き継ぐ\n", "  law/home を「契約」に引き上げる：次のとき\n",
         "  law/keys を「自社の決定」に引き上げる\n",
         "  $far は採択する者が定める（単位 km）（the text has no number）\n",
         "  $stages は [built]\n"}};
    static char memory[1 << 14];
    for (int l = 0; l < 2; l++) {
        support_begin();
        struct rulebook_read read = support_rulebooks("own", str_from_c(rule));
        struct text shown = text_into(memory, sizeof memory);
        rulebook_text_of(read.rulebooks[0], (enum rulebook_language)l, &shown);
        assert_says(text_str(&shown), wanted[l], 5);
    }
}

/* What an operator set at adoption was shown as `null (nobody has said so)`. */
static void a_parameter_shows_what_the_adoption_sets(void **state) {
    static const char *const rule =
        "rulebook: l-1\nline: l\nissuer: Ministry\nclauses:\n  - id: far\n    about: copy\n"
        "    source: {basis: own, where: w}\n    strength: law\n"
        "    params: {enough: {unit: km, set_by: operator}}\n"
        "    require:\n      - copies.distance_km >= $enough\n";
    static const char *const keys[] = {"far/enough", "enough"};
    static char memory[1 << 14];
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        support_begin();
        struct rulebook_read read = support_rulebooks("params", str_from_c(rule));
        struct rulebook_fact set = {str_from_c(keys[i]), rulebook_number(300, RULEBOOK_UNIT_ONE)};
        set.value.source = STR("adopts.yaml:7");
        struct rulebook_adoption a = {.rulebook = STR("l"),
                                      .span = {RULEBOOK_EVER, RULEBOOK_ALWAYS},
                                      .params = {&set, 1, NULL}};
        struct rulebook_set_input input = {
            .rulebooks = read.rulebooks, .rulebook_count = 1, .adoptions = &a, .adoption_count = 1};
        const struct rulebook_set *compiled;
        assert_ok(rulebook_set_compile(&input, &support_arena, support_scratch, &compiled, &e), &e);
        struct rulebook_subject subject = {.about = RULEBOOK_ABOUT_COPY, .act = STR("put")};
        struct rulebook_facts facts = support_facts("facts", "{copies.distance_km: 120 km}");
        struct rulebook_decision d =
            support_decide(compiled, &subject, &facts, support_time("2026-11-21"));
        static const char *const says[2] = {
            "= 300000 m (declared, set at adoption in adopts.yaml:7)",
            "= 300000 m（申告, 採択時に adopts.yaml:7 で設定）"};
        for (int l = RULEBOOK_ENGLISH; l <= RULEBOOK_JAPANESE; l++) {
            struct rulebook_explain options = {(enum rulebook_language)l, true, true};
            struct text out = text_into(memory, sizeof memory);
            assert_ok(rulebook_explain_text(&d, &options, support_scratch, &out, &e), &e);
            assert_says(text_str(&out), &says[l], 1);
        }
        struct rulebook_explain options = {RULEBOOK_ENGLISH, true, true};
        struct text out = text_into(memory, sizeof memory);
        assert_ok(rulebook_explain_json(&d, &options, support_scratch, &out, &e), &e);
        static const char *const json[] = {"\"source\":\"set at adoption in adopts.yaml:7\""};
        assert_says(text_str(&out), json, 1);
    }
}

/* A clause that says 24 hours was told as one day. */
/* On a Japanese page "copies 2" and "1 d" stayed English. */
static void terms_are_told_in_japanese(void **state) {
    static const struct {
        const char *terms, *ja;
    } cases[] = {
        {"24 h", "24 時間"},
        {"1 d", "1 日"},
        {"18 months", "18 か月"},
        {"copies 2 (aoba-own/keep.at-home)", "写しの数 2 (aoba-own/keep.at-home)"},
        {"keep_at_least 5 years from request.received",
         "最短の保存期間 5 年 起点 request.received"},
        {"h", "h"},
        {"", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char room[256];
        struct text en = text_into(room, 128), ja = text_into(room + 128, 128);
        str terms = str_from_c(cases[i].terms);
        rulebook_terms_text(terms, RULEBOOK_ENGLISH, &en);
        rulebook_terms_text(terms, RULEBOOK_JAPANESE, &ja);
        assert_str(text_str(&en), terms);
        assert_str(text_str(&ja), str_from_c(cases[i].ja));
    }
    for (unsigned i = 0; i < RULEBOOK_OBLIGATION_COUNT; i++)
        assert_true((rulebook_obligation_word(i, RULEBOOK_JAPANESE)[0] & 0x80) != 0);
}

static void a_length_is_told_as_the_rule_spells_it(void **state) {
    static const char *const rule =
        "rulebook: law\nissuer: Ministry\nclauses:\n  - id: \"8\"\n    about: incident\n"
        "    source: {basis: own, where: w}\n    strength: law\n"
        "    duty:\n      - {stage: first, start: incident.detected, within: 24 h, to: [m]}\n"
        "      - {stage: last, start: incident.detected, within: 12 months, to: [m]}\n";
    static char memory[1 << 14];
    static const char *const wanted[] = {"first, 24 h from", "last, 12 months from"};
    support_begin();
    struct rulebook_read read = support_rulebooks("length", str_from_c(rule));
    struct text out = text_into(memory, sizeof memory);
    rulebook_text_of(read.rulebooks[0], RULEBOOK_ENGLISH, &out);
    assert_says(text_str(&out), wanted, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refusal_is_never_the_end),
        cmocka_unit_test(json_says_the_same),
        cmocka_unit_test(one_line_names_clause_and_fact),
        cmocka_unit_test(advice_says_what_is_missing),
        cmocka_unit_test(a_day_without_an_edition_says_so),
        cmocka_unit_test(a_duty_says_to_whom_in_which_form),
        cmocka_unit_test(what_a_rulebook_raises_extends_and_leaves_open_was_not_shown),
        cmocka_unit_test(a_parameter_shows_what_the_adoption_sets),
        cmocka_unit_test(a_length_is_told_as_the_rule_spells_it),
        cmocka_unit_test(terms_are_told_in_japanese),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
