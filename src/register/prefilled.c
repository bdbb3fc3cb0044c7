/* The lists that come along, read from the files that are in the program (register-data/). */
#include "register/prefilled.h"

#include "doc/doc.h"
#include "register/register.h"

const char *register_prefilled_name(size_t index) {
    return index < prefilled_texts_count ? prefilled_texts[index].name : NULL;
}

static enum error_code text_get(const struct doc_node *map, str key, str *out, struct error *e) {
    const struct doc_node *node;
    TRY(doc_map_get(map, key, &node, e));
    return doc_text(node, out, e);
}

static str text_of(const struct doc_node *map, str key) {
    const struct doc_node *node = doc_map_find(map, key);
    return node != NULL && node->kind == DOC_SCALAR ? node->text : STR_EMPTY;
}

static enum error_code sources_read(const struct doc_node *top, struct arena *arena,
                                    struct register_prefilled *out, struct error *e) {
    const struct doc_node *map;
    TRY(doc_map_get(top, STR("sources"), &map, e));
    TRY(doc_want(map, DOC_MAP, "a map of sources", e));
    struct register_prefilled_source *sources =
        arena_new(arena, struct register_prefilled_source, map->count);
    if (sources == NULL) return error_set(e, FAIL_MEMORY, "no room for a list's sources");
    for (size_t i = 0; i < map->count; i++) {
        sources[i].name = map->keys[i]->text;
        TRY(doc_text(map->items[i], &sources[i].text, e));
    }
    out->sources = sources;
    out->source_count = map->count;
    return OK;
}

static enum error_code columns_read(const struct doc_node *top, struct arena *arena,
                                    struct register_prefilled *out, struct error *e) {
    const struct doc_node *list;
    TRY(doc_map_get(top, STR("columns"), &list, e));
    TRY(doc_want(list, DOC_LIST, "a list of columns", e));
    struct register_prefilled_column *columns =
        arena_new(arena, struct register_prefilled_column, list->count);
    if (columns == NULL) return error_set(e, FAIL_MEMORY, "no room for a list's columns");
    for (size_t i = 0; i < list->count; i++) {
        TRY(text_get(list->items[i], STR("name"), &columns[i].name, e));
        TRY(text_get(list->items[i], STR("en"), &columns[i].title_en, e));
        TRY(text_get(list->items[i], STR("ja"), &columns[i].title_ja, e));
        columns[i].source = text_of(list->items[i], STR("source"));
        columns[i].since = text_of(list->items[i], STR("since"));
    }
    out->columns = columns;
    out->column_count = list->count;
    return OK;
}

static enum error_code rows_read(const struct doc_node *top, struct arena *arena,
                                 struct register_prefilled *out, struct error *e) {
    const struct doc_node *rows;
    TRY(doc_map_get(top, STR("rows"), &rows, e));
    TRY(doc_want(rows, DOC_LIST, "a list of rows", e));
    str *cells = arena_new(arena, str, rows->count * out->column_count);
    if (cells == NULL) return error_set(e, FAIL_MEMORY, "no room for a list's rows");
    for (size_t i = 0; i < rows->count; i++) {
        const struct doc_node *row = rows->items[i];
        TRY(doc_want(row, DOC_LIST, "a row as a list of cells", e));
        if (row->count != out->column_count)
            return doc_expected(row, e, "%zu cells, one a column", out->column_count);
        for (size_t c = 0; c < row->count; c++) {
            TRY(doc_want(row->items[c], DOC_SCALAR, "a cell", e));
            cells[i * out->column_count + c] = row->items[c]->text;
        }
    }
    out->cells = cells;
    out->row_count = rows->count;
    return OK;
}

enum error_code register_prefilled_read(str name, struct arena *arena, struct arena scratch,
                                        struct register_prefilled *out, struct error *e) {
    size_t at = 0;
    struct doc doc;
    const struct doc_node *title;
    while (at < prefilled_texts_count && !str_equal(name, str_from_c(prefilled_texts[at].name)))
        at++;
    if (at == prefilled_texts_count)
        return error_set(e, FAIL_NOT_FOUND,
                         "there is no list \"%.*s\"; `azekura register list` names those there are",
                         STR_FMT(str_slice(name, 0, 60)));
    str bytes = str_of((const char *)prefilled_texts[at].bytes, prefilled_texts[at].len);
    TRY(doc_read_yaml(name, bytes, arena, scratch, &doc, e));
    if (doc.count != 1) return error_set(e, FAIL_SYNTAX, "a list is one document");
    const struct doc_node *top = doc.documents[0];
    struct register_prefilled list = {0};
    TRY(text_get(top, STR("list"), &list.name, e));
    TRY(doc_map_get(top, STR("name"), &title, e));
    TRY(text_get(title, STR("en"), &list.title_en, e));
    TRY(text_get(title, STR("ja"), &list.title_ja, e));
    TRY(text_get(top, STR("as_of"), &list.as_of, e));
    TRY(text_get(top, STR("licence"), &list.licence, e));
    TRY(sources_read(top, arena, &list, e));
    TRY(columns_read(top, arena, &list, e));
    TRY(rows_read(top, arena, &list, e));
    *out = list;
    return OK;
}

str register_prefilled_cell(const struct register_prefilled *list, size_t row, str column) {
    assert(row < list->row_count);
    for (size_t c = 0; c < list->column_count; c++)
        if (str_equal(list->columns[c].name, column))
            return list->cells[row * list->column_count + c];
    return STR_EMPTY;
}
