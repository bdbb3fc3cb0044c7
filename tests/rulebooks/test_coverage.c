/* docs/coverage.md, written from rulebooks/requirements.csv and the rulebooks beside it.
 *
 *   test_coverage         holds the page against them: no stale page, no clause that is not there
 *   test_coverage write   writes the page to standard output; `make coverage` does that */
#include "tests/rulebooks/shipped.h"

#include "base/clock.h"
#include "doc/doc.h"

#define TABLE_FILE RULEBOOKS_DIR "requirements.csv"
#define PAGE_FILE  AZEKURA_SOURCE_ROOT "/docs/coverage.md"

enum {
    PAGE_BYTES = 1 << 20,
    REQUIREMENTS = 103, /* the needs that were gathered before the rulebooks were written */
    COVERED_LEAST = 70,
    STRENGTHS = RULEBOOK_LAW + 1,
    BASES = RULEBOOK_BASIS_OWN + 1,
};

static const struct doc_node *table; /* a list of rows */

static int all_read(void **state) {
    struct error e = {0};
    struct doc doc;
    shipped_read();
    if (doc_read_csv(STR("rulebooks/requirements.csv"), file_bytes(TABLE_FILE), &shipped.arena,
                     shipped.scratch, &doc, &e) != OK)
        fail_msg("%s", e.message);
    table = doc.documents[0];
    return 0;
}

/* "RULEBOOK/ID"; NULL: there is no such clause. */
static const struct rulebook_clause *clause_of(str id) {
    str rulebook;
    if (!str_cut(&id, '/', &rulebook)) return NULL;
    for (size_t i = 0; i < shipped.count; i++)
        for (size_t k = 0; str_equal(shipped.rulebooks[i]->name, rulebook) &&
                           k < shipped.rulebooks[i]->clause_count;
             k++)
            if (str_equal(shipped.rulebooks[i]->clauses[k].id, id))
                return &shipped.rulebooks[i]->clauses[k];
    return NULL;
}

static str cell(const struct doc_node *row, str key) {
    const struct doc_node *node = doc_map_find(row, key);
    return node == NULL || node->kind != DOC_SCALAR ? STR_EMPTY : node->text;
}

static const struct doc_node *clauses_of(const struct doc_node *row) {
    const struct doc_node *list = doc_map_find(row, STR("clauses"));
    return list != NULL && list->kind == DOC_LIST && list->count > 0 ? list : NULL;
}

static size_t covered_count(void) {
    size_t covered = 0;
    for (size_t i = 0; i < table->count; i++) covered += clauses_of(table->items[i]) != NULL;
    return covered;
}

/* ---- the page ---- */

/* "desirable, should" of the bits that are set, weakest first. */
static void words_add(struct text *t, unsigned bits, unsigned count,
                      const char *(*name)(unsigned)) {
    const char *between = "";
    for (unsigned i = 0; i < count; i++) {
        if ((bits >> i & 1) == 0) continue;
        text_format(t, "%s%s", between, name(i));
        between = ", ";
    }
}
static const char *strength_name(unsigned i) {
    return rulebook_strength_name((enum rulebook_strength)i);
}
static const char *basis_name(unsigned i) {
    return rulebook_basis_name((enum rulebook_basis)i);
}

struct sum {
    unsigned strengths, compelled, bases;
    size_t attested, count;
};
static void sum_add(struct sum *sum, const struct rulebook_clause *c) {
    sum->strengths |= 1u << c->strength;
    sum->bases |= 1u << c->basis;
    sum->attested += c->only_documents;
    sum->count++;
    for (size_t i = 0; i < c->compelled_count; i++)
        sum->compelled |= 1u << c->compelled[i].strength;
}

/* `RULEBOOK`: ID, ID; `RULEBOOK`: ID. The table lists the clauses of a rulebook together. */
static void clauses_add(struct text *t, const struct doc_node *list, struct sum *sum) {
    const struct rulebook *last = NULL;
    for (size_t i = 0; i < list->count; i++) {
        const struct rulebook_clause *c = clause_of(list->items[i]->text);
        if (c == NULL) fail_msg("requirements.csv: no clause %.*s", STR_FMT(list->items[i]->text));
        if (c->rulebook != last)
            text_format(t, "%s`%.*s`: ", last == NULL ? "" : "; ", STR_FMT(c->rulebook->name));
        else
            text_add_c(t, ", ");
        text_format(t, "%.*s%s", STR_FMT(c->id), c->only_documents ? "°" : "");
        last = c->rulebook;
        sum_add(sum, c);
    }
}

static void row_write(struct text *t, const struct doc_node *row) {
    const struct doc_node *list = clauses_of(row);
    struct sum sum = {0};
    text_format(t, "| %.*s | %.*s<br>%.*s | ", STR_FMT(cell(row, STR("number"))),
                STR_FMT(cell(row, STR("en"))), STR_FMT(cell(row, STR("ja"))));
    if (list == NULL) {
        text_format(t, "— %.*s | | | |\n", STR_FMT(cell(row, STR("why_not"))));
        return;
    }
    clauses_add(t, list, &sum);
    text_add_c(t, " | ");
    words_add(t, sum.strengths, STRENGTHS, strength_name);
    if (sum.compelled != 0) {
        text_add_c(t, "; compelled: ");
        words_add(t, sum.compelled, STRENGTHS, strength_name);
    }
    text_add_c(t, " | ");
    words_add(t, sum.bases, BASES, basis_name);
    text_format(t, " | %.*s |\n", STR_FMT(cell(row, STR("limits"))));
}

/* A day begins where the instrument is from, up to half a day before or after it does in UTC: half a
 * day on, it is the same day of the calendar there and here. */
static void day_add(struct text *t, int64_t ns) {
    if (ns == RULEBOOK_EVER || ns == RULEBOOK_ALWAYS) return;
    struct clock_date d = clock_date_of(ns + 12 * 3600 * NS_PER_S);
    text_format(t, "%04d-%02d-%02d", (int)d.year, (int)d.month, (int)d.day);
}

static void rulebook_write(struct text *t, const struct rulebook *b) {
    struct sum sum = {0};
    for (size_t i = 0; i < b->clause_count; i++) sum_add(&sum, &b->clauses[i]);
    text_format(t, "| `%.*s` | %.*s<br>%.*s | ", STR_FMT(b->name), STR_FMT(b->title.en),
                STR_FMT(b->title.ja));
    day_add(t, b->in_force.from_ns);
    text_add_c(t, " | ");
    day_add(t, b->in_force.until_ns);
    text_format(t, " | %zu | %zu | ", sum.count, sum.attested);
    words_add(t, sum.bases, BASES, basis_name);
    text_add_c(t, " |\n");
}

static str page_write(void) {
    char *memory = arena_bytes(&shipped.arena, PAGE_BYTES);
    assert_non_null(memory);
    struct text t = text_into(memory, PAGE_BYTES);
    struct sum all = {0};
    size_t unseen = 0;
    for (size_t i = 0; i < shipped.count; i++)
        for (size_t k = 0; k < shipped.rulebooks[i]->clause_count; k++) {
            const struct rulebook_clause *c = &shipped.rulebooks[i]->clauses[k];
            sum_add(&all, c);
            unseen += c->basis == RULEBOOK_PRESS || c->basis == RULEBOOK_TRACKER;
        }
    text_format(
        &t,
        "# Requirements and the clauses that ask for them\n\n"
        "Written by `make coverage` from `rulebooks/requirements.csv` and the rulebooks beside it; "
        "a "
        "test holds it against them.\n\n"
        "**%zu of %zu requirements** are asked for by clauses of the shipped rulebooks. There are "
        "%zu "
        "rulebooks (editions) with %zu clauses; %zu of these can only be shown by papers (°: met "
        "is "
        "*attested*, never verified), and of %zu the text was not seen (basis press or tracker). "
        "The requirements are numbered and worded by us; what binds is the text that a clause "
        "cites.\n",
        covered_count(), table->count, shipped.count, all.count, all.attested, unseen);
    str last = STR_EMPTY;
    for (size_t i = 0; i < table->count; i++) {
        str instrument = cell(table->items[i], STR("instrument"));
        if (!str_equal(instrument, last))
            text_format(&t,
                        "\n## From: %.*s\n\n| | requirement | clauses | strength | basis | what "
                        "they go by |\n"
                        "| --- | --- | --- | --- | --- | --- |\n",
                        STR_FMT(instrument));
        last = instrument;
        row_write(&t, table->items[i]);
    }
    text_add_c(&t, "\n## The rulebooks\n\n| rulebook | | from | until | clauses | ° | basis |\n"
                   "| --- | --- | --- | --- | --- | --- | --- |\n");
    for (size_t i = 0; i < shipped.count; i++) rulebook_write(&t, shipped.rulebooks[i]);
    assert_false(t.overflow);
    return text_str(&t);
}

/* ---- tests ---- */

static void each_requirement_has_clauses_or_a_reason(void **state) {
    assert_int_equal(table->count, REQUIREMENTS);
    for (size_t i = 0; i < table->count; i++) {
        const struct doc_node *row = table->items[i], *list = clauses_of(row);
        uint64_t number;
        char name[48];
        snprintf(name, sizeof name, "requirement %zu", i + 1);
        assert_row(name, str_u64(cell(row, STR("number")), &number) && number == i + 1);
        assert_row(name, cell(row, STR("en")).len > 0 && cell(row, STR("ja")).len > 0);
        assert_row(name, (list == NULL) == (cell(row, STR("why_not")).len > 0));
        for (size_t k = 0; list != NULL && k < list->count; k++) {
            if (clause_of(list->items[k]->text) == NULL)
                fail_msg("%s names a clause that is not there: %.*s", name,
                         STR_FMT(list->items[k]->text));
            for (size_t m = 0; m < k; m++)
                assert_row(name, !str_equal(list->items[m]->text, list->items[k]->text));
        }
    }
    if (covered_count() < COVERED_LEAST)
        fail_msg("%zu of %d requirements have clauses; %d are promised", covered_count(),
                 REQUIREMENTS, COVERED_LEAST);
}

static void the_page_is_not_stale(void **state) {
    if (!str_equal(file_bytes(PAGE_FILE), page_write()))
        fail_msg("docs/coverage.md is not what `make coverage` would write now");
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "write") == 0) {
        all_read(NULL);
        str page = page_write();
        return fwrite(page.at, 1, page.len, stdout) == page.len ? 0 : 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_requirement_has_clauses_or_a_reason),
        cmocka_unit_test(the_page_is_not_stale),
    };
    return cmocka_run_group_tests(tests, all_read, NULL);
}
