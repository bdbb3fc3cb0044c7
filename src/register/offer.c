/* What somebody offers, in their own words: a CSV file whose columns bear other names than the register's
 * fields, and makers by name instead of by id. */
#include <stdlib.h>

#include "register/making.h"

enum { COLUMNS_MOST = 256, HEAD_BYTES = 16384 };

/* ---- the first line ---- */

/* One cell of the first line, its quotes off; `is_last`: the line ends behind it. False: a quote is out
 * of place. */
static bool cell_next(str *rest, uint32_t *line, char *memory, size_t room, str *out,
                      bool *is_last) {
    bool is_quoted = str_starts(*rest, STR("\"")), inside = is_quoted;
    size_t at = is_quoted, len = 0;
    for (; at < rest->len; at++) {
        char c = rest->at[at];
        bool is_pair = inside && c == '"' && at + 1 < rest->len && rest->at[at + 1] == '"';
        if (inside && c == '"' && !is_pair) {
            inside = false;
            continue;
        }
        if (!inside && (c == ',' || c == '\n')) break;
        if (is_quoted && !inside && c != '\r') return false;
        if (c == '\n') ++*line;
        if (len < room) memory[len++] = c;
        at += is_pair;
    }
    if (inside) return false;
    *is_last = at >= rest->len || rest->at[at] == '\n';
    *out = str_trim(str_of(memory, len));
    if (str_ends(*out, STR("\r"))) *out = str_trim(str_slice(*out, 0, out->len - 1));
    *rest = str_skip(*rest, size_min(at + 1, rest->len));
    return true;
}

struct head {
    const struct register_text *text;
    str cells[COLUMNS_MOST];
    size_t count;
    str rest;
    uint32_t line;
};

static enum error_code head_scan(const struct register_text *text, struct arena *arena,
                                 struct head *out, struct error *e) {
    char memory[1024];
    out->text = text;
    out->rest = text->bytes;
    out->line = 1;
    if (str_starts(out->rest, STR("\xef\xbb\xbf"))) out->rest = str_skip(out->rest, 3);
    for (bool is_last = false; !is_last; out->count++) {
        str cell;
        if (out->count == COLUMNS_MOST)
            return error_set(e, FAIL_LIMIT, "%.*s:1:1: over %d columns", STR_FMT(text->name),
                             COLUMNS_MOST);
        if (!cell_next(&out->rest, &out->line, memory, sizeof memory, &cell, &is_last))
            return error_set(e, FAIL_SYNTAX, "%.*s:1:1: a quote is out of place in the first line",
                             STR_FMT(text->name));
        if (!str_is_utf8(cell))
            return error_set(e, FAIL_SYNTAX, "%.*s:1:1: expected UTF-8", STR_FMT(text->name));
        TRY(arena_copy(arena, cell, &out->cells[out->count], e));
    }
    out->line++;
    return OK;
}

/* ---- fields and headers ---- */

static str without_brackets(str field) {
    return str_ends(field, STR("[]")) ? str_slice(field, 0, field.len - 2) : field;
}

static const struct register_field *field_of(str path) {
    str rest = without_brackets(path), first = rest;
    str_cut(&rest, '.', &first);
    const struct register_field *f = register_kind_of(REGISTER_EQUIPMENT)->fields;
    while (f->name != NULL && !str_equal(first, str_from_c(f->name))) f++;
    return f->name != NULL && f->shape != REGISTER_RECORDS ? f : NULL;
}

static bool is_field(str path) {
    static const str others[] = {
        {"id", 2}, {"note", 4}, {"valid.from", 10}, {"valid.until", 11}, {"-", 1}};
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (str_equal(path, others[i])) return true;
    return field_of(path) != NULL;
}

/* As a register file would have it: a set's name ends in []. */
static enum error_code name_add(struct text *head, str path, struct error *e) {
    const struct register_field *f = field_of(path);
    bool is_set = f != NULL && f->shape == REGISTER_SET;
    if (head->len > 0) text_add_char(head, ',');
    text_add(head, without_brackets(path));
    if (is_set) text_add_c(head, "[]");
    return head->overflow ? error_set(e, FAIL_LIMIT, "the first line of an offer is too long") : OK;
}

static enum error_code columns_check(const struct register_offer *offer, struct error *e) {
    for (size_t i = 0; i < offer->column_count; i++) {
        str field = offer->columns[i].field;
        if (is_field(field)) continue;
        str shown = str_slice(field, 0, 40);
        const char *near = register_field_near(field, register_kind_of(REGISTER_EQUIPMENT)->fields);
        return error_set(e, FAIL_USAGE,
                         "equipment has no field \"%.*s\" that a cell can hold%s%s%s",
                         STR_FMT(shown), near != NULL ? "; did you mean \"" : "",
                         near != NULL ? near : "", near != NULL ? "\"?" : "");
    }
    return OK;
}

/* The header that is most like the name; letters apart count, however long. */
static str nearest_header(const struct head *head, str name) {
    str best = head->cells[0];
    unsigned least = UINT32_MAX;
    for (size_t i = 0; i < head->count; i++) {
        char spelled[64];
        str cell = head->cells[i];
        if (cell.len >= sizeof spelled) continue;
        memcpy(spelled, cell.at, cell.len);
        spelled[cell.len] = 0;
        unsigned apart = register_name_distance(name, spelled);
        if (apart < least) least = apart, best = cell;
    }
    return best;
}

static enum error_code headers_check(const struct head *head, struct error *e) {
    const struct register_offer *offer = head->text->offer;
    for (size_t i = 0; i < offer->column_count; i++) {
        str header = offer->columns[i].header;
        size_t at = 0;
        while (at < head->count && !str_equal_nocase(head->cells[at], header)) at++;
        if (at < head->count) continue;
        return error_set(e, FAIL_USAGE, "%.*s has no column \"%.*s\"; the nearest is \"%.*s\"",
                         STR_FMT(head->text->name), STR_FMT(str_slice(header, 0, 40)),
                         STR_FMT(str_slice(nearest_header(head, header), 0, 40)));
    }
    return OK;
}

/* Which field a column is: as it was mapped, else by its own name. */
static bool field_find(const struct head *head, size_t column, str *field) {
    const struct register_offer *offer = head->text->offer;
    str header = head->cells[column];
    *field = header;
    for (size_t i = 0; i < offer->column_count; i++)
        if (str_equal_nocase(offer->columns[i].header, header)) {
            *field = offer->columns[i].field;
            return true;
        }
    return is_field(header);
}

static enum error_code header_unknown(const struct head *head, str header, struct error *e) {
    str shown = str_slice(header, 0, 32);
    const char *near = register_field_near(header, register_kind_of(REGISTER_EQUIPMENT)->fields);
    return error_set(e, FAIL_SYNTAX,
                     "%.*s:1:1: no field is called \"%.*s\"%s%s%s: say --columns "
                     "FIELD=\"%.*s\", or -=\"%.*s\" to pass it over",
                     STR_FMT(head->text->name), STR_FMT(shown),
                     near != NULL ? ", the nearest is \"" : "", near != NULL ? near : "",
                     near != NULL ? "\"" : "", STR_FMT(shown), STR_FMT(shown));
}

/* Rows are not read before it is known what their cells are; but all that is unknown is said at once. */
enum error_code offer_head(const struct register_text *text, struct problems *problems,
                           struct arena *arena, str *head, str *rest, uint32_t *line,
                           struct error *e) {
    struct head *h = arena_new(arena, struct head, 1);
    char *memory = arena_bytes(arena, HEAD_BYTES);
    enum error_code code = OK;
    if (h == NULL || memory == NULL) return error_set(e, FAIL_MEMORY, "no room for an offer");
    struct text names = text_into(memory, HEAD_BYTES);
    TRY(columns_check(text->offer, e));
    TRY(head_scan(text, arena, h, e));
    TRY(headers_check(h, e));
    for (size_t i = 0; i < h->count; i++) {
        str field;
        if (field_find(h, i, &field)) {
            TRY(name_add(&names, field, e));
            continue;
        }
        if (code != OK) problem_add(problems, e, false);
        code = header_unknown(h, h->cells[i], e);
    }
    TRY(code);
    *head = text_str(&names);
    *rest = h->rest;
    *line = h->line;
    return OK;
}

/* ---- makers by name ---- */

static int texts_order(const void *a, const void *b) {
    return str_compare(*(const str *)a, *(const str *)b);
}

/* The id of a cell that names somebody; NULL: it is an id, or says nothing. */
static enum error_code party_of(struct making *m, const struct doc_node *row, str field,
                                const str *ids, size_t id_count, const struct doc_node **id,
                                struct error *e) {
    const struct doc_node *cell = doc_map_find(row, field);
    *id = NULL;
    bool is_said = cell != NULL && cell->kind == DOC_SCALAR && str_trim(cell->text).len > 0;
    bool is_unsaid = is_said && (str_equal(cell->text, STR("unknown")) ||
                                 str_equal(cell->text, STR("withheld")));
    if (!is_said || is_unsaid) return OK;
    if (id_count > 0 && bsearch(&cell->text, ids, id_count, sizeof *ids, texts_order) != NULL)
        return OK;
    struct made *organization = made_open(m, cell, DOC_MAP, 1);
    made_put(m, organization, STR("name"), cell);
    return organization != NULL ? made_party(m, made_node(organization), id, e) : OK;
}

enum error_code offer_make(struct making *m, const struct doc_node *rows, const str *ids,
                           size_t id_count, const struct doc_node **out, struct error *e) {
    static const str fields[] = {{"maker", 5}, {"supplier", 8}};
    struct made *list = made_open(m, rows, DOC_LIST, rows->count);
    for (size_t i = 0; i < rows->count && !m->is_full; i++) {
        const struct doc_node *row = rows->items[i], *id;
        for (size_t f = 0; f < COUNT_OF(fields); f++) {
            TRY(party_of(m, row, fields[f], ids, id_count, &id, e));
            if (id != NULL) row = made_with(m, row, fields[f], id);
            if (row == NULL) break;
        }
        made_add(m, list, row);
    }
    *out = made_node(list);
    return made_done(m, e);
}
