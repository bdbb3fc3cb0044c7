/* Texts to a snapshot: each to a tree, the trees to rows, the rows to one immutable whole; with every
 * complaint in order. Which files they come from: register/files.c. */
#include "register/inner.h"

#include <stdio.h>
#include <stdlib.h>

#include "register/making.h"

/* ---- a loading ---- */

struct loading {
    struct arena_space names_space, doc_space;
    struct arena names, docs; /* paths and bytes of files; trees and references */
    struct register_text *texts;
    const struct doc_node *
        *tops; /* of each text; NULL: it holds nothing, or was complained about */
    struct making making;
    struct near_lists near;
    const struct doc_node *entities; /* rows of whom the documents of others name; NULL: none */
    size_t text_count, bytes, rows_max;
    struct problems problems;
    struct register_report *report;
    const struct register_parts *parts; /* whose ids rows may name as well */
    struct untaken_rows untaken;
};

static bool is_yaml(str name) {
    return str_ends(name, STR(".yaml")) || str_ends(name, STR(".yml"));
}
static bool is_csv(str name) {
    return str_ends(name, STR(".csv"));
}
static bool is_json(str name) {
    return str_ends(name, STR(".json")) || str_ends(name, STR(".geojson"));
}

/* The kind a CSV file holds: by its name; an offer is of equipment. */
static enum error_code csv_kind(const struct register_text *text, enum register_kind *out,
                                struct error *e) {
    str name = text->name, base = name;
    *out = REGISTER_EQUIPMENT;
    if (text->offer != NULL) return OK;
    for (str head; str_cut(&base, '/', &head);) {
    }
    base = str_slice(base, 0, base.len - 4);
    if (register_kind_find(base, out)) return OK;
    const char *near = nearest_kind(base);
    return error_set(e, FAIL_SYNTAX, "%.*s:1:1: a CSV file is named after what it holds%s%s.csv%s",
                     STR_FMT(name), near != NULL ? "; did you mean " : ", such as ",
                     near != NULL ? near : "equipment", near != NULL ? "?" : "");
}

static enum error_code rows_read(struct loading *l, struct register_snapshot *s,
                                 enum register_kind kind, const struct doc_node *rows, str file,
                                 struct reading *reading, struct error *e) {
    if (rows->kind != DOC_LIST) {
        untaken_add(&l->untaken, &l->docs, kind, STR_EMPTY);
        return problem_note(
            &l->problems,
            doc_expected(rows, e, "a list of rows for \"%s\"", register_kind_of(kind)->key), e);
    }
    for (size_t i = 0; i < rows->count; i++) {
        struct register_row *row = &s->rows[s->row_count];
        bool is_good;
        TRY(row_read(reading, kind, rows->items[i], row, &is_good, e));
        if (!is_good) {
            untaken_row(&l->untaken, &l->docs, kind, rows->items[i]);
            continue;
        }
        row->file = file;
        if (file.len == 0) TRY(arena_copy(&s->arena, *rows->items[i]->file, &row->file, e));
        enum error_code code = row_canonical(row, &s->arena, e);
        if (code == FAIL_LIMIT) {
            struct error why = *e;
            code = doc_error(rows->items[i], e, "%s", why.message);
        }
        if (code != OK) {
            untaken_row(&l->untaken, &l->docs, kind, rows->items[i]);
            TRY(problem_note(&l->problems, code, e));
            continue;
        }
        s->row_count++;
    }
    return OK;
}

/* {complete, as_of, items} at the top, or the list itself. */
static enum error_code list_read(struct loading *l, struct register_snapshot *s,
                                 enum register_kind kind, const struct doc_node *node, str file,
                                 struct reading *reading, struct error *e) {
    static const str keys[] = {{"complete", 8}, {"as_of", 5}, {"items", 5}};
    struct list_state *list = &s->lists[kind];
    bool is_complete = false;
    int64_t as_of_ns = REGISTER_ALWAYS_NS;
    const struct doc_node *rows = node;
    if (node->kind == DOC_MAP) {
        enum error_code code = doc_map_only(node, keys, COUNT_OF(keys), e);
        const struct doc_node *complete = doc_map_find(node, keys[0]);
        const struct doc_node *as_of = doc_map_find(node, keys[1]);
        if (code == OK) code = doc_map_get(node, keys[2], &rows, e);
        if (code == OK && complete != NULL) code = doc_bool(complete, &is_complete, e);
        if (code == OK && as_of != NULL) code = doc_time_ns(as_of, &as_of_ns, e);
        if (code == OK && is_complete && as_of == NULL)
            code =
                doc_error(complete, e, "a complete list says as of which day: expected \"as_of\"");
        if (code != OK) {
            untaken_add(&l->untaken, &l->docs, kind, STR_EMPTY);
            return problem_note(&l->problems, code, e);
        }
    }
    list->is_complete = is_complete && (!list->is_named || list->is_complete);
    list->as_of_ns = !list->is_complete ? REGISTER_ALWAYS_NS
                     : list->is_named   ? i64_min(list->as_of_ns, as_of_ns)
                                        : as_of_ns;
    list->is_named = true;
    return rows_read(l, s, kind, rows, file, reading, e);
}

static enum error_code top_read(struct loading *l, struct register_snapshot *s,
                                const struct doc_node *top, str file, struct reading *reading,
                                struct error *e) {
    if (top->kind != DOC_MAP) {
        untaken_all(&l->untaken);
        return problem_note(
            &l->problems,
            doc_expected(top, e, "a map with keys such as \"sites\" and \"datasets\""), e);
    }
    for (size_t i = 0; i < top->count; i++) {
        enum register_kind kind;
        const struct doc_node *key = top->keys[i];
        const struct register_kind_row *found = NULL;
        if (register_kind_find(key->text, &kind)) found = register_kind_of(kind);
        if (found != NULL && str_equal(key->text, str_from_c(found->key))) {
            TRY(list_read(l, s, kind, top->items[i], file, reading, e));
            continue;
        }
        const char *near = found != NULL ? found->key : nearest_kind(key->text);
        if (found != NULL)
            untaken_add(&l->untaken, &l->docs, kind, STR_EMPTY);
        else
            untaken_all(&l->untaken); /* what is near need not be what was meant */
        error_ignore(doc_error(key, e, "a register has no \"%.*s\"; %s%s",
                               STR_FMT(str_slice(key->text, 0, 60)),
                               near != NULL ? "did you mean " : "see `azekura register schema`",
                               near != NULL ? near : ""));
        problem_add(&l->problems, e, false);
    }
    return OK;
}

/* ---- texts to trees ---- */

static size_t rows_at_most(const struct doc_node *top) {
    size_t count = 0;
    if (top->kind == DOC_LIST) return top->count;
    for (size_t i = 0; i < top->count; i++) {
        const struct doc_node *list = top->items[i], *items;
        if (list->kind == DOC_MAP && (items = doc_map_find(list, STR("items"))) != NULL)
            list = items;
        if (list->kind == DOC_LIST) count += list->count;
    }
    return count;
}

static enum error_code offer_read(struct loading *l, const struct register_text *text,
                                  const struct doc_faults *faults, struct arena scratch,
                                  struct doc *doc, struct error *e) {
    str head, rest;
    uint32_t line;
    TRY(offer_head(text, &l->problems, &l->docs, &head, &rest, &line, e));
    return doc_read_csv_part(text->name, head, rest, line, faults, &l->docs, scratch, doc, e);
}

struct table_faults {
    struct loading *l;
    enum register_kind kind;
    bool has_kind; /* false: the file's name says none, which is told later */
};

static void csv_fault(void *self, const struct error *why) {
    problem_add(&((struct table_faults *)self)->l->problems, why, false);
}

static void csv_passed_over(void *self, str cell) {
    const struct table_faults *of = self;
    struct loading *l = of->l;
    struct error ignored;
    str id = STR_EMPTY; /* cells may lie in what is used again */
    if (!of->has_kind) return;
    error_ignore(arena_copy(&l->docs, cell, &id, &ignored));
    untaken_add(&l->untaken, &l->docs, of->kind, id);
}

static enum error_code doc_read(struct loading *l, const struct register_text *text,
                                struct arena scratch, struct doc *doc, struct error *e) {
    struct error ignored;
    struct table_faults table = {.l = l};
    table.has_kind = is_csv(text->name) && csv_kind(text, &table.kind, &ignored) == OK;
    const struct doc_faults faults = {csv_fault, &table, csv_passed_over, STR("id")};
    if (is_csv(text->name) && text->offer != NULL && text->bytes.len > 0)
        return offer_read(l, text, &faults, scratch, doc, e);
    if (is_csv(text->name))
        return doc_read_csv_all(text->name, text->bytes, &faults, &l->docs, scratch, doc, e);
    if (is_json(text->name))
        return doc_read_json(text->name, text->bytes, &l->docs, scratch, doc, e);
    return doc_read_yaml(text->name, text->bytes, &l->docs, scratch, doc, e);
}

/* The documents of others become files of the register. */
static enum error_code top_make(struct loading *l, const struct doc_node **top, struct error *e) {
    if (bom_is(*top)) return bom_make(&l->making, &l->problems, *top, top, e);
    if (features_are(*top)) return features_make(&l->making, &l->problems, *top, top, e);
    return OK;
}

/* Sites of a file with what they leave unsaid filled in. */
static enum error_code sites_fill(struct loading *l, const struct register_text *text,
                                  const struct doc_node **top, struct error *e) {
    const struct doc_node *rows = doc_map_find(*top, STR("sites")), *items;
    enum register_kind kind;
    struct error ignored;
    if (is_csv(text->name)) {
        bool is_sites = csv_kind(text, &kind, &ignored) == OK && kind == REGISTER_SITES;
        return is_sites ? near_fill(&l->near, &l->problems, top, e) : OK;
    }
    if (rows == NULL) return OK;
    bool has_items = rows->kind == DOC_MAP && (items = doc_map_find(rows, STR("items"))) != NULL;
    const struct doc_node *filled = has_items ? items : rows;
    TRY(near_fill(&l->near, &l->problems, &filled, e));
    if (has_items) filled = made_with(&l->making, rows, STR("items"), filled);
    *top = made_with(&l->making, *top, STR("sites"), filled);
    return made_done(&l->making, e);
}

/* Nothing of it was read: which rows there are nobody knows. */
static enum error_code text_untaken(struct loading *l, const struct register_text *text,
                                    enum error_code code, struct error *e) {
    enum register_kind kind;
    struct error ignored;
    if (is_csv(text->name) && csv_kind(text, &kind, &ignored) == OK)
        untaken_add(&l->untaken, &l->docs, kind, STR_EMPTY);
    else
        untaken_all(&l->untaken);
    return problem_note(&l->problems, code, e);
}

static enum error_code tree_read(struct loading *l, const struct register_text *text,
                                 struct arena scratch, const struct doc_node **out,
                                 struct error *e) {
    struct doc doc = {0};
    enum error_code code = doc_read(l, text, scratch, &doc, e);
    if (code != OK) return text_untaken(l, text, code, e);
    if (doc.count == 0) return OK;
    if (doc.count > 1 && is_yaml(text->name)) {
        error_ignore(doc_error(doc.documents[1], e, "expected one document a file, found another"));
        problem_add(&l->problems, e, false);
    }
    const struct doc_node *top = doc.documents[0];
    if (is_json(text->name)) {
        code = top_make(l, &top, e);
        if (code != OK) return text_untaken(l, text, code, e);
    }
    TRY(sites_fill(l, text, &top, e));
    l->rows_max += rows_at_most(top);
    *out = top;
    return OK;
}

static int ids_order(const void *a, const void *b) {
    return str_compare(*(const str *)a, *(const str *)b);
}

/* The ids of entities that files have rows of, sorted. */
static enum error_code entity_ids(struct loading *l, str **out, size_t *count, struct error *e) {
    size_t most = 0;
    for (size_t i = 0; i < l->text_count; i++)
        if (l->tops[i] != NULL) most += rows_at_most(l->tops[i]);
    str *ids = arena_new(&l->docs, str, most);
    if (ids == NULL) return error_set(e, FAIL_MEMORY, "no room for ids of entities");
    *count = 0;
    for (size_t i = 0; i < l->text_count; i++) {
        enum register_kind kind;
        struct error ignored;
        const struct doc_node *rows = l->tops[i], *items;
        bool is_table = rows != NULL && is_csv(l->texts[i].name);
        if (is_table &&
            (csv_kind(&l->texts[i], &kind, &ignored) != OK || kind != REGISTER_ENTITIES))
            continue;
        if (rows != NULL && !is_table) rows = doc_map_find(rows, STR("entities"));
        if (rows != NULL && (items = doc_map_find(rows, STR("items"))) != NULL) rows = items;
        for (size_t k = 0; rows != NULL && rows->kind == DOC_LIST && k < rows->count; k++) {
            const struct doc_node *id = doc_map_find(rows->items[k], STR("id"));
            if (id != NULL && id->kind == DOC_SCALAR) ids[(*count)++] = id->text;
        }
    }
    if (*count > 1) qsort(ids, *count, sizeof *ids, ids_order);
    *out = ids;
    return OK;
}

/* Offers in CSV name makers as people do; once it is known whose ids there are. */
static enum error_code offers_make(struct loading *l, struct error *e) {
    str *ids = NULL;
    size_t count = 0;
    for (size_t i = 0; i < l->text_count; i++) {
        if (l->texts[i].offer == NULL || l->tops[i] == NULL || !is_csv(l->texts[i].name)) continue;
        if (ids == NULL) TRY(entity_ids(l, &ids, &count, e));
        enum error_code code = offer_make(&l->making, l->tops[i], ids, count, &l->tops[i], e);
        if (code != OK) TRY(text_untaken(l, &l->texts[i], code, e));
    }
    return OK;
}

static enum error_code texts_read(struct loading *l, struct arena scratch, struct error *e) {
    l->making = (struct making){.arena = &l->docs};
    l->near = (struct near_lists){.making = &l->making, .scratch = scratch};
    for (size_t i = 0; i < l->text_count; i++)
        TRY(tree_read(l, &l->texts[i], scratch, &l->tops[i], e));
    TRY(offers_make(l, e));
    TRY(made_entities(&l->making, &l->entities, e));
    if (l->entities != NULL) l->rows_max += l->entities->count;
    return OK;
}

static enum error_code trees_read(struct loading *l, struct error *e) {
    struct arena_space scratch_space = {0};
    struct arena scratch;
    size_t largest = 0;
    for (size_t i = 0; i < l->text_count; i++) {
        largest = size_max(largest, l->texts[i].bytes.len);
        l->bytes += l->texts[i].bytes.len;
    }
    if (l->bytes > LIMIT_REGISTER_BYTES)
        return error_set(e, FAIL_LIMIT, "the register is over %d bytes", LIMIT_REGISTER_BYTES);
    l->tops = arena_new(&l->names, const struct doc_node *, l->text_count);
    if (l->tops == NULL) return error_set(e, FAIL_MEMORY, "no room for the register's files");
    enum { DOC_BYTES_A_BYTE = 64, DOC_BYTES_LEAST = 1 << 20 }; /* doc.h: at most some 40 */
    TRY(arena_space_open(&l->doc_space, DOC_BYTES_LEAST * 4 + l->bytes * DOC_BYTES_A_BYTE * 4,
                         &l->docs, e)); /* twice for trees and references, twice for what is made;
                                           the lists that come along are some 20 KB */
    TRY(arena_space_open(&scratch_space, DOC_BYTES_LEAST + largest * DOC_BYTES_A_BYTE, &scratch,
                         e));
    enum error_code code = texts_read(l, scratch, e);
    arena_space_release(&scratch_space);
    if (code == OK && l->rows_max > LIMIT_REGISTER_ROWS)
        code = error_set(e, FAIL_LIMIT, "the register has over %d rows", LIMIT_REGISTER_ROWS);
    return code;
}

/* ---- trees to a snapshot ---- */

static enum error_code text_rows_read(struct loading *l, struct register_snapshot *s, size_t i,
                                      struct reading *reading, struct error *e) {
    const struct register_text *text = &l->texts[i];
    str file;
    TRY(arena_copy(&s->arena, text->name, &file, e));
    const struct doc_node *top = l->tops[i];
    if (top == NULL) return OK;
    reading->is_csv = is_csv(text->name);
    if (!reading->is_csv) return top_read(l, s, top, file, reading, e);
    enum register_kind kind;
    enum error_code code = csv_kind(text, &kind, e);
    if (code != OK) return text_untaken(l, text, code, e);
    return list_read(l, s, kind, top, file, reading, e);
}

/* Whom documents name; such a row gives way to one of that id that somebody wrote. */
static enum error_code entities_read(struct loading *l, struct register_snapshot *s,
                                     struct reading *reading, struct error *e) {
    size_t first = s->row_count;
    reading->is_csv = false;
    TRY(rows_read(l, s, REGISTER_ENTITIES, l->entities, STR_EMPTY, reading, e));
    for (size_t i = first; i < s->row_count; i++) s->rows[i].gives_way = true;
    return OK;
}

static enum error_code snapshot_read(struct loading *l, struct register_snapshot *s,
                                     struct error *e) {
    struct reading reading = {.arena = &s->arena, .doc_arena = &l->docs, .problems = &l->problems};
    for (size_t i = 0; i < l->text_count; i++) TRY(text_rows_read(l, s, i, &reading, e));
    if (l->entities != NULL) TRY(entities_read(l, s, &reading, e));
    TRY(snapshot_close(s, e));
    TRY(snapshot_check(s, reading.references, &l->untaken, l->docs, &l->problems, e));
    if (l->problems.errors == 0) return OK;
    return problems_fail(&l->problems, e);
}

/* From l->texts on. */
static enum error_code loading_run(struct loading *l, struct register_snapshot **out,
                                   struct error *e) {
    struct register_snapshot *s = NULL;
    TRY(trees_read(l, e));
    enum { SNAPSHOT_BYTES_A_BYTE = 160, SNAPSHOT_BYTES_LEAST = 4 << 20 };
    size_t bytes = SNAPSHOT_BYTES_LEAST + l->bytes * SNAPSHOT_BYTES_A_BYTE +
                   l->rows_max * sizeof(struct register_row);
    TRY(snapshot_open(bytes, l->rows_max, &s, e));
    s->parts = l->parts;
    enum error_code code = snapshot_read(l, s, e);
    if (l->report != NULL) l->report->row_count = s->row_count;
    if (code != OK) {
        register_release(s);
        return code;
    }
    *out = s;
    return OK;
}

static void loading_close(struct loading *l, struct arena_space *problem_space) {
    arena_space_release(&l->doc_space);
    arena_space_release(&l->names_space);
    if (l->report == NULL) {
        arena_space_release(problem_space);
        return;
    }
    l->report->space = *problem_space;
    l->report->problems = l->problems.list;
    l->report->problem_count = l->problems.kept;
    l->report->error_count = l->problems.errors;
    l->report->file_count = l->text_count;
}

enum error_code texts_load(const struct register_text *texts, size_t text_count,
                           const struct register_parts *parts, struct register_snapshot **out,
                           struct register_report *report, struct error *e) {
    struct arena_space problem_space = {0};
    struct loading l = {.report = report, .parts = parts};
    if (report != NULL) *report = (struct register_report){0};
    TRY(problems_open(&l.problems, &problem_space, e));
    enum error_code code = arena_space_open(&l.names_space, 65536 + text_count * 128, &l.names, e);
    if (code == OK) {
        l.texts = arena_new(&l.names, struct register_text, text_count);
        assert(l.texts != NULL);
        if (text_count > 0) memcpy(l.texts, texts, text_count * sizeof *texts);
        l.text_count = text_count;
        code = loading_run(&l, out, e);
    }
    loading_close(&l, &problem_space);
    return code;
}

bool text_is_readable(str name) {
    return is_yaml(name) || is_csv(name) || is_json(name);
}

enum error_code register_load_texts(const struct register_text *texts, size_t text_count,
                                    struct register_snapshot **out, struct register_report *report,
                                    struct error *e) {
    return texts_load(texts, text_count, NULL, out, report, e);
}
