/* The rulebooks that are shipped: every quote stands at its cited place, and they decide what the
 * product promises about them. */
#include "tests/rulebook/support.h"

#include <dirent.h>

#define ROOT  AZEKURA_SOURCE_ROOT
#define TEXTS ROOT "/../shared/texts/"

/* What the sample adopts. */
static const char *const sample[] = {ROOT "/rulebooks/jp-guideline.yaml",
                                     ROOT "/rulebooks/jp-medical-provider.yaml",
                                     ROOT "/examples/rulebooks/aoba-own.yaml"};

static void rulebooks_add(const char *path, struct rulebook_read *all,
                          const struct rulebook **together, size_t room) {
    struct rulebook_read read = support_rulebooks(path, support_file(path));
    for (size_t i = 0; i < read.warning_count; i++) /* but lists that the register brings */
        assert_non_null(strstr(read.warnings[i].text.at, "it is read from the register's list"));
    for (size_t k = 0; k < read.count; k++) {
        assert_true(all->count < room);
        together[all->count++] = read.rulebooks[k];
    }
}

static struct rulebook_read sample_rulebooks(void) {
    static const struct rulebook *together[32];
    struct rulebook_read all = {.rulebooks = together};
    for (size_t i = 0; i < COUNT_OF(sample); i++)
        rulebooks_add(sample[i], &all, together, COUNT_OF(together));
    return all;
}

static int is_rulebook(const struct dirent *entry) {
    return str_ends(str_from_c(entry->d_name), STR(".yaml"));
}

/* Everything that is shipped, with the sample's own and the language's ten. */
static struct rulebook_read all_rulebooks(bool with_ten) {
    static const struct rulebook *together[256];
    struct rulebook_read all = {.rulebooks = together};
    struct dirent **entries;
    int count = scandir(ROOT "/rulebooks", &entries, is_rulebook, alphasort);
    assert_true(count > 0);
    for (int i = 0; i < count; i++) {
        char path[512];
        snprintf(path, sizeof path, ROOT "/rulebooks/%s", entries[i]->d_name);
        rulebooks_add(path, &all, together, COUNT_OF(together));
        free(entries[i]);
    }
    free(entries);
    rulebooks_add(sample[2], &all, together, COUNT_OF(together));
    if (with_ten)
        rulebooks_add(ROOT "/tests/data/ten-rules.yaml", &all, together, COUNT_OF(together));
    return all;
}

/* ---- quotes ---- */

/* Without white space: line ends and indents of the texts mean nothing. */
static str folded(str text) {
    char *out = arena_bytes(&support_arena, text.len);
    assert_non_null(out);
    size_t used = 0;
    for (size_t i = 0; i < text.len; i++)
        if (strchr(" \t\r\n\f", text.at[i]) == NULL) out[used++] = text.at[i];
    return str_of(out, used);
}

static str lines_of(str text, uint64_t first, uint64_t last) {
    size_t start = 0, end = 0;
    uint64_t line = 1;
    for (size_t i = 0; i < text.len; i++) {
        if (line < first) start = i + 1;
        if (text.at[i] != '\n') continue;
        if (line == first - 1) start = i + 1;
        if (line == last) end = i;
        line++;
    }
    assert_true(end > start);
    return str_slice(text, start, end - start);
}

/* "AP:2942-2945": file and lines; YAML and JSON texts are cited by the id of the requirement. */
static bool cited(const struct rulebook_clause *c, char file[128], uint64_t *first,
                  uint64_t *last) {
    str rest = c->where, tag, from;
    if (!str_cut(&rest, ':', &tag)) return false;
    bool range = str_cut(&rest, '-', &from);
    if (!range) from = rest;
    snprintf(file, 128, TEXTS "%.*s.txt", STR_FMT(tag));
    return str_u64(from, first) && str_u64(rest, last);
}

static bool stands_in_yaml(const struct rulebook_clause *c, str text) {
    str rest = c->where, file_name, quote = folded(c->quote);
    assert_true(str_cut(&rest, ' ', &file_name));
    struct doc doc;
    struct error e = {0};
    assert_ok(doc_read_yaml(file_name, text, &support_arena, support_scratch, &doc, &e), &e);
    const struct doc_node *nodes =
        doc_map_find(doc_map_find(doc_map_find(doc.documents[0], STR("objects")), STR("framework")),
                     STR("requirement_nodes"));
    assert_non_null(nodes);
    uint64_t below = 0; /* depth of the cited requirement; what is deeper after it belongs to it */
    for (size_t i = 0; i < nodes->count; i++) {
        const struct doc_node *node = nodes->items[i];
        const struct doc_node *id = doc_map_find(node, STR("ref_id")),
                              *said = doc_map_find(node, STR("description"));
        uint64_t depth;
        assert_ok(doc_u64(doc_map_find(node, STR("depth")), &depth, &e), &e);
        if (below > 0 && depth <= below) return false;
        if (below == 0 && id != NULL && str_equal(id->text, rest)) below = depth;
        size_t at;
        if (below > 0 && said != NULL && str_find(folded(said->text), quote, &at)) return true;
    }
    return false;
}

/* A list of criteria, each with its id and its words. */
static bool stands_in_json(const struct rulebook_clause *c, str text) {
    str rest = c->where, file_name;
    struct doc doc;
    struct error e = {0};
    assert_true(str_cut(&rest, ' ', &file_name));
    assert_ok(doc_read_yaml(file_name, text, &support_arena, support_scratch, &doc, &e), &e);
    for (size_t i = 0; i < doc.documents[0]->count; i++) {
        const struct doc_node *id =
                                  doc_map_find(doc.documents[0]->items[i], STR("Subcriterion ID")),
                              *said = doc_map_find(doc.documents[0]->items[i], STR("Criterion"));
        size_t at;
        if (id != NULL && str_equal(id->text, rest))
            return said != NULL && str_find(folded(said->text), folded(c->quote), &at);
    }
    return false;
}

static bool quote_stands(const struct rulebook_clause *c) {
    char file[128];
    uint64_t first, last;
    size_t at;
    if (cited(c, file, &first, &last))
        return str_find(folded(lines_of(support_file(file), first, last)), folded(c->quote), &at);
    if (str_starts(c->where, STR("C5-2026.json ")))
        return stands_in_json(c, support_file(TEXTS "C5-2026.json"));
    return stands_in_yaml(c, support_file(TEXTS "SecNumCloud-3.2.yaml"));
}

static void every_quote_stands_where_it_says(void **state) {
    size_t checked = 0;
    support_begin();
    if (support_file(TEXTS "AP.txt").len == 0) {
        printf("the cited texts are not at hand (%s): quotes not checked\n", TEXTS);
        skip();
    }
    struct rulebook_read all = all_rulebooks(true);
    for (size_t i = 0; i < all.count; i++)
        for (size_t k = 0; k < all.rulebooks[i]->clause_count; k++) {
            const struct rulebook_clause *c = &all.rulebooks[i]->clauses[k];
            if (c->quote.len == 0) continue;
            struct arena kept = support_arena;
            char name[200];
            snprintf(name, sizeof name, "%.*s/%.*s", STR_FMT(c->rulebook->name), STR_FMT(c->id));
            assert_row(name, quote_stands(c));
            assert_row(name, c->basis == RULEBOOK_PRIMARY || c->basis == RULEBOOK_CARRIED);
            support_arena = kept;
            checked++;
        }
    assert_true(checked >= 15);
}

static void what_was_not_seen_is_never_quoted(void **state) {
    support_begin();
    struct rulebook_read all = all_rulebooks(false);
    for (size_t i = 0; i < all.count; i++)
        for (size_t k = 0; k < all.rulebooks[i]->clause_count; k++) {
            const struct rulebook_clause *c = &all.rulebooks[i]->clauses[k];
            assert_true(c->title.en.len > 0 && c->title.ja.len > 0);
            size_t at;
            bool own = c->basis == RULEBOOK_BASIS_OWN;
            assert_true(own || str_find(c->title.en, STR("(summary)"), &at));
            assert_true(own || str_find(c->title.ja, STR("（要約）"), &at));
            bool unseen = c->basis == RULEBOOK_PRESS || c->basis == RULEBOOK_TRACKER;
            if (unseen) assert_int_equal(c->quote.len, 0);
        }
}

/* ---- editions ---- */

static void each_day_has_its_edition_or_none(void **state) {
    static const struct {
        const char *at, *edition; /* NULL: none is in force */
    } days[] = {
        {"2019-05-22T14:59:59Z", NULL}, /* midnight in Japan is 15:00 UTC the day before */
        {"2019-05-22T15:00:00Z", "jp-guideline-2019"},
        {"2023-07-03T14:59:59Z", "jp-guideline-2019"},
        {"2023-07-03T15:00:00Z", "jp-guideline-2023"},
        {"2025-06-26T14:59:59Z", "jp-guideline-2023"},
        {"2025-06-26T15:00:00Z", "jp-guideline-2025"},
        {"2026-09-10T14:59:59Z", "jp-guideline-2025"},
        {"2026-09-10T15:00:00Z", NULL},
        {"2026-09-30T14:59:59Z", NULL},
        {"2026-09-30T15:00:00Z", "jp-unified-standards-2026"},
        {"2026-11-21", "jp-unified-standards-2026"},
    };
    support_begin();
    struct rulebook_read all = sample_rulebooks();
    const struct rulebook_set *set = support_what_if(&all);
    for (size_t i = 0; i < COUNT_OF(days); i++) {
        const struct rulebook *edition =
            rulebook_set_edition(set, STR("jp-guideline"), support_time(days[i].at));
        assert_row(days[i].at, (edition == NULL) == (days[i].edition == NULL));
        if (edition != NULL) assert_str(edition->name, str_from_c(days[i].edition));
    }
}

/* ---- what the sample decides ---- */

#define HOME                                                                                       \
    "place.country: JP, system.country: JP, keys.holder.countries: [JP], entity.reach: [JP], "     \
    "entity.roles: [utility]"
#define FOREIGN_OWNED                                                                              \
    "place.country: JP, system.country: JP, keys.holder.countries: [JP], entity.reach: [JP, US], " \
    "entity.roles: [cloud-provider]"
#define ABROAD                                                                                     \
    "place.country: US, system.country: JP, keys.holder.countries: [JP], entity.reach: [US], "     \
    "entity.roles: [cloud-provider]"
#define NO_COUNTRY                                                                                 \
    "system.country: JP, keys.holder.countries: [JP], entity.reach: [JP], entity.roles: [utility]"
#define MEDICAL                                                                                    \
    "operator.id: hospital, dataset.id: patients, dataset.class: critical, dataset.kinds: "        \
    "[medical, personal], contract.requires: [jp-medical-provider], "
#define GRID                                                                                       \
    "operator.id: aoba, dataset.id: meters, dataset.class: important, dataset.kinds: "             \
    "[meter-readings], contract.requires: {complete: true, items: []}, "

static const struct {
    const char *name, *act, *facts, *at;
    enum rulebook_effect effect;
    const char *speaks; /* a clause that warns or refuses; NULL: none does */
} rows[] = {
    {"medical at home", "put", "{" MEDICAL HOME "}", "2026-11-21", RULEBOOK_ALLOW, NULL},
    {"medical abroad", "put", "{" MEDICAL ABROAD "}", "2026-11-21", RULEBOOK_REFUSE,
     "keep.at-home"},
    {"medical abroad, by the contract", "put", "{" MEDICAL ABROAD "}", "2026-06-01",
     RULEBOOK_REFUSE, "6.1"},
    {"medical, country unknown", "put", "{" MEDICAL NO_COUNTRY "}", "2026-11-21", RULEBOOK_REFUSE,
     "keep.at-home"},
    {"medical in foreign hands", "put", "{" MEDICAL FOREIGN_OWNED "}", "2026-11-21", RULEBOOK_WARN,
     "reach.foreign"},
    {"medical read at home", "get", "{" MEDICAL HOME ", reader.country: JP}", "2026-11-21",
     RULEBOOK_ALLOW, NULL},
    {"medical read from abroad", "get", "{" MEDICAL HOME ", reader.country: US}", "2026-11-21",
     RULEBOOK_REFUSE, "read.at-home"},
    {"medical listed from abroad", "list", "{" MEDICAL HOME ", reader.country: US}", "2026-11-21",
     RULEBOOK_REFUSE, "read.at-home"},
    {"medical read from nobody knows where", "get", "{" MEDICAL HOME "}", "2026-11-21",
     RULEBOOK_REFUSE, "read.at-home"},
    {"medical deleted from abroad", "delete", "{" MEDICAL ABROAD ", reader.country: US}",
     "2026-11-21", RULEBOOK_ALLOW, NULL},
    {"keys abroad", "put",
     "{" MEDICAL "place.country: JP, system.country: JP, keys.holder: cloud, "
     "keys.holder.countries: [US], entity.reach: [JP], entity.roles: []}",
     "2026-11-21", RULEBOOK_REFUSE, "6.1"},
    {"readings at home", "put", "{" GRID HOME "}", "2026-11-21", RULEBOOK_ALLOW, NULL},
    {"readings abroad today: no law says where", "put", "{" GRID ABROAD "}", "2026-11-21",
     RULEBOOK_WARN, "reach.foreign"},
    {"readings abroad in 2020", "put", "{" GRID ABROAD "}", "2020-01-01", RULEBOOK_WARN,
     "data.at-home"},
    {"readings abroad in 2024", "put", "{" GRID ABROAD "}", "2024-03-08", RULEBOOK_WARN,
     "5.1.1.3.law"},
    {"readings abroad in early 2026", "put", "{" GRID ABROAD "}", "2026-03-08", RULEBOOK_WARN,
     "5.5.law"},
    {"readings abroad between editions", "put", "{" GRID ABROAD "}", "2019-05-01", RULEBOOK_ALLOW,
     NULL},
    {"readings read from abroad", "get", "{" GRID HOME ", reader.country: US}", "2026-11-21",
     RULEBOOK_ALLOW, NULL},
};

static void the_sample_decides_as_promised(void **state) {
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        support_begin();
        struct rulebook_read all = sample_rulebooks();
        const struct rulebook_set *set = support_what_if(&all);
        struct rulebook_facts facts = support_facts(rows[i].name, rows[i].facts);
        struct rulebook_subject subject;
        assert_true(rulebook_subject_of_word(str_from_c(rows[i].act), &subject));
        struct rulebook_decision d =
            support_decide(set, &subject, &facts, support_time(rows[i].at));
        if (d.effect != rows[i].effect)
            fail_msg("row \"%s\": %s", rows[i].name, rulebook_effect_name(d.effect));
        for (size_t k = 0; k < d.fixed_count && rows[i].speaks == NULL; k++)
            assert_row(rows[i].name, d.fixed[k].effect == RULEBOOK_ALLOW);
        if (rows[i].speaks == NULL) continue;
        const struct rulebook_spoke *s = support_spoke(&d, rows[i].speaks);
        assert_row(rows[i].name, s != NULL);
        assert_row(rows[i].name, s->effect == rows[i].effect);
        char buffer[600];
        struct text line = text_into(buffer, sizeof buffer);
        struct error e = {0};
        assert_ok(rulebook_explain_line(&d, s, RULEBOOK_ENGLISH, support_scratch, &line, &e), &e);
        size_t at;
        assert_row(rows[i].name, str_find(text_str(&line), s->clause->id, &at));
        bool names_reach = str_equal(s->clause->id, STR("reach.foreign"));
        if (names_reach) assert_row(rows[i].name, str_find(text_str(&line), STR("US"), &at));
        bool is_unknown = s->truth == RULEBOOK_UNKNOWN_TRUTH;
        if (is_unknown) assert_row(rows[i].name, str_find(text_str(&line), STR("unknown"), &at));
    }
}

static void what_others_decide_is_named(void **state) {
    support_begin();
    struct rulebook_read all = sample_rulebooks();
    const struct rulebook_set *set = support_what_if(&all);
    struct rulebook_facts facts = support_facts("grid", "{" GRID HOME "}");
    struct rulebook_subject subject;
    struct error e = {0};
    assert_true(rulebook_subject_of_word(STR("put"), &subject));
    struct rulebook_decision d = support_decide(set, &subject, &facts, support_time("2026-11-21"));
    static char buffer[1 << 16];
    struct text out = text_into(buffer, sizeof buffer);
    struct rulebook_explain options = {RULEBOOK_ENGLISH, true, true};
    assert_ok(rulebook_explain_text(&d, &options, support_scratch, &out, &e), &e);
    size_t at;
    assert_true(str_find(text_str(&out), STR("Not decided at this gate:"), &at));
    assert_true(str_find(text_str(&out), STR("jp-unified-standards-2026/3.4.3.3 (dataset)"), &at));
    assert_true(str_find(text_str(&out), STR("jp-medical-provider/table-4-1 (contract)"), &at));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_quote_stands_where_it_says),
        cmocka_unit_test(what_was_not_seen_is_never_quoted),
        cmocka_unit_test(each_day_has_its_edition_or_none),
        cmocka_unit_test(the_sample_decides_as_promised),
        cmocka_unit_test(what_others_decide_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
