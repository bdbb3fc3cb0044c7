/* Every quote of a shipped rulebook stands, white space folded, at the cited place of the cited text;
 * what was not seen is not quoted; titles in two languages say that they are summaries.
 *
 * A place is FILE:LINE or FILE:FIRST-LAST of a text, or FILE.json ID and FILE.yaml ID of a catalogue
 * of criteria. The texts lie beside the source tree; without them the test says so and skips. */
#include "tests/rulebooks/shipped.h"

#include "doc/doc.h"

#include <jansson.h>

#define TEXTS AZEKURA_SOURCE_ROOT "/../shared/texts/"

enum { FILES_MAX = 96 };

/* The file's bytes for as long as the program; empty where it is not there. Read once a name. */
static str text_of(const char *path) {
    static struct {
        char path[300];
        str bytes;
    } known[FILES_MAX];
    static size_t count;
    for (size_t i = 0; i < count; i++)
        if (strcmp(known[i].path, path) == 0) return known[i].bytes;
    assert_true(count < COUNT_OF(known));
    snprintf(known[count].path, sizeof known[count].path, "%s", path);
    return known[count++].bytes = file_bytes(path);
}

static int all_read(void **state) {
    shipped_read();
    return 0;
}

/* Runs the check for each clause of each shipped rulebook; counts what it says false of. */
static size_t clauses_failing(bool (*is_good)(const struct rulebook_clause *c), const char *what) {
    size_t failing = 0;
    for (size_t i = 0; i < shipped.count; i++)
        for (size_t k = 0; k < shipped.rulebooks[i]->clause_count; k++) {
            const struct rulebook_clause *c = &shipped.rulebooks[i]->clauses[k];
            if (is_good(c)) continue;
            print_message("%.*s/%.*s (%.*s): %s\n", STR_FMT(shipped.rulebooks[i]->name),
                          STR_FMT(c->id), STR_FMT(c->where), what);
            failing++;
        }
    return failing;
}

/* ---- quotes ---- */

/* Without white space: line ends and indents of the texts mean nothing. */
static str folded(str text, struct arena *room) {
    char *out = arena_bytes(room, text.len + 1);
    assert_non_null(out);
    size_t used = 0;
    for (size_t i = 0; i < text.len; i++)
        if (strchr(" \t\r\n\f", text.at[i]) == NULL || text.at[i] == 0) out[used++] = text.at[i];
    return str_of(out, used);
}

static bool has_quote(str text, str quote) {
    struct arena room = shipped.scratch;
    size_t at;
    str whole = folded(text, &room);
    return str_find(whole, folded(quote, &room), &at);
}

static str lines_of(str text, uint64_t first, uint64_t last) {
    size_t start = text.len, end = text.len;
    uint64_t line = 1;
    if (first == 1) start = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] != '\n') continue;
        if (line == last) {
            end = i;
            break;
        }
        line++;
        if (line == first) start = i + 1;
    }
    return start < end ? str_slice(text, start, end - start) : STR_EMPTY;
}

/* "AP:2942-2945". False: the place is not of that form. */
static bool lines_cited(str where, char path[300], uint64_t *first, uint64_t *last) {
    str rest = where, tag, from;
    if (!str_cut(&rest, ':', &tag)) return false;
    if (!str_cut(&rest, '-', &from)) from = rest;
    snprintf(path, 300, TEXTS "%.*s.txt", STR_FMT(tag));
    return str_u64(from, first) && str_u64(rest, last);
}

/* "C5-2026.json PSS-12.01B", "SecNumCloud-3.2.yaml 19.6.b" */
static bool criterion_cited(str where, str *file, char path[300], str *id) {
    *id = where;
    if (!str_cut(id, ' ', file)) return false;
    snprintf(path, 300, TEXTS "%.*s", STR_FMT(*file));
    return str_ends(*file, STR(".json")) || str_ends(*file, STR(".yaml"));
}

/* "C5-2026.json PSS-12.01B": the criterion of that id, in all its parts. */
static bool stands_in_json(str text, str id, str quote) {
    static json_t *criteria;
    size_t i;
    const char *key;
    json_t *criterion, *part;
    if (criteria == NULL) criteria = json_loadb(text.at, text.len, 0, NULL);
    assert_non_null(criteria);
    json_array_foreach(criteria, i, criterion) {
        const char *its = json_string_value(json_object_get(criterion, "Subcriterion ID"));
        if (its == NULL || !str_equal(str_from_c(its), id)) continue;
        json_object_foreach(criterion, key, part) {
            if (json_is_string(part) && has_quote(str_from_c(json_string_value(part)), quote))
                return true;
        }
    }
    return false;
}

/* "SecNumCloud-3.2.yaml 19.6.b": the requirement of that id and what is deeper below it. */
static bool stands_in_yaml(str name, str text, str id, str quote) {
    static struct doc doc;
    struct error e = {0};
    uint64_t below = 0, depth;
    if (doc.count == 0)
        assert_ok(doc_read_yaml(name, text, &shipped.arena, shipped.scratch, &doc, &e), &e);
    const struct doc_node *objects = doc_map_find(doc.documents[0], STR("objects")),
                          *nodes = doc_map_find(doc_map_find(objects, STR("framework")),
                                                STR("requirement_nodes"));
    assert_non_null(nodes);
    for (size_t i = 0; i < nodes->count; i++) {
        const struct doc_node *ref = doc_map_find(nodes->items[i], STR("ref_id")),
                              *said = doc_map_find(nodes->items[i], STR("description"));
        assert_ok(doc_u64(doc_map_find(nodes->items[i], STR("depth")), &depth, &e), &e);
        if (below > 0 && depth <= below) return false;
        if (below == 0 && ref != NULL && str_equal(ref->text, id)) below = depth;
        if (below > 0 && said != NULL && has_quote(said->text, quote)) return true;
    }
    return false;
}

static size_t quotes_checked;

static bool quote_stands(const struct rulebook_clause *c) {
    uint64_t first, last;
    str file, id;
    char path[300];
    if (c->quote.len == 0) return true;
    quotes_checked++;
    if (lines_cited(c->where, path, &first, &last))
        return has_quote(lines_of(text_of(path), first, last), c->quote);
    if (!criterion_cited(c->where, &file, path, &id) || text_of(path).len == 0) return false;
    return str_ends(file, STR(".json")) ? stands_in_json(text_of(path), id, c->quote)
                                        : stands_in_yaml(file, text_of(path), id, c->quote);
}

static void every_quote_stands_where_it_says(void **state) {
    if (text_of(TEXTS "AP.txt").len == 0) {
        print_message("the cited texts are not at hand (%s): quotes not checked\n", TEXTS);
        skip();
    }
    size_t failing = clauses_failing(quote_stands, "the quote does not stand there");
    print_message("%zu quotes of %zu rulebooks\n", quotes_checked, shipped.count);
    assert_true(quotes_checked >= 200);
    if (failing > 0) fail_msg("%zu quotes", failing);
}

/* ---- what the words claim ---- */

static bool quotes_what_was_seen(const struct rulebook_clause *c) {
    bool is_unseen = c->basis == RULEBOOK_PRESS || c->basis == RULEBOOK_TRACKER;
    return !is_unseen || c->quote.len == 0;
}
static void what_was_not_seen_is_not_quoted(void **state) {
    if (clauses_failing(quotes_what_was_seen, "its text was not seen, yet it is quoted") > 0)
        fail();
}

static bool quote_is_there(const struct rulebook_clause *c) {
    uint64_t first, last;
    str file, id;
    char path[300];
    bool is_at_hand =
        lines_cited(c->where, path, &first, &last) || criterion_cited(c->where, &file, path, &id);
    return !is_at_hand || c->quote.len > 0;
}
static void what_is_cited_by_its_place_is_quoted(void **state) {
    if (clauses_failing(quote_is_there, "its place is cited, yet it is not quoted") > 0) fail();
}

static bool title_is_a_summary(const struct rulebook_clause *c) {
    return c->basis == RULEBOOK_BASIS_OWN ||
           (str_ends(c->title.en, STR("(summary)")) && str_ends(c->title.ja, STR("（要約）")));
}
static void titles_say_that_they_are_summaries(void **state) {
    if (clauses_failing(title_is_a_summary, "the titles do not say summary, 要約") > 0) fail();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_quote_stands_where_it_says),
        cmocka_unit_test(what_was_not_seen_is_not_quoted),
        cmocka_unit_test(what_is_cited_by_its_place_is_quoted),
        cmocka_unit_test(titles_say_that_they_are_summaries),
    };
    return cmocka_run_group_tests(tests, all_read, NULL);
}
