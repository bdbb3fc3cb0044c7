/* CSV to the same tree as YAML: a list of maps, one a row, keys from the first row.
 *
 * The scanner gives cells with their places; the rest puts them where the header says. A name with
 * dots goes into maps, one level a dot. Source: RFC 4180; a bare LF ends a row too. */
#include "base/limits.h"
#include "doc/build.h"

struct scanner {
    struct doc_build build;
    str rest;
    size_t line, column; /* of the next character */
    struct error *e;
    const struct doc_faults *faults; /* NULL: the first fault ends the reading */
};

struct cell {
    str text;
    bool quoted;
    size_t line, column;
    bool last; /* of its row */
};

static enum error_code fail_here(struct scanner *s, const char *what) {
    return error_set(s->e, FAIL_SYNTAX, "%.*s:%zu:%zu: %s", STR_FMT(*s->build.file), s->line,
                     s->column, what);
}

static void step(struct scanner *s, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) {
        unsigned char c = (unsigned char)s->rest.at[i];
        if (c == '\n') {
            s->line++;
            s->column = 1;
        } else if ((c & 0xc0) != 0x80) { /* continuation bytes are no characters */
            s->column++;
        }
    }
    s->rest = str_skip(s->rest, bytes);
}

/* The text between quotes, doubled ones halved; the opening quote is at hand. */
static enum error_code scan_quoted(struct scanner *s, struct cell *cell) {
    step(s, 1);
    char *text = arena_bytes(s->build.arena, s->rest.len);
    if (text == NULL) return error_set(s->e, FAIL_MEMORY, "%.*s: no room", STR_FMT(*s->build.file));
    size_t used = 0, i = 0;
    for (;; i++) {
        if (i >= s->rest.len) return fail_here(s, "expected a closing quote, found the end");
        bool is_quote = s->rest.at[i] == '"';
        bool doubled = is_quote && i + 1 < s->rest.len && s->rest.at[i + 1] == '"';
        if (is_quote && !doubled) break;
        if (doubled) i++;
        text[used++] = s->rest.at[i];
    }
    s->build.arena->next = (unsigned char *)text + used; /* give back what was not needed */
    cell->text = str_of(text, used);
    cell->quoted = true;
    step(s, i + 1);
    return OK;
}

static enum error_code scan_plain(struct scanner *s, struct cell *cell) {
    size_t i = 0;
    while (i < s->rest.len && s->rest.at[i] != ',' && s->rest.at[i] != '\n') {
        if (s->rest.at[i] == '"') {
            step(s, i);
            return fail_here(s, "expected a quote only around a whole cell");
        }
        i++;
    }
    str text = str_slice(s->rest, 0, i);
    if (str_ends(text, STR("\r"))) text = str_slice(text, 0, text.len - 1);
    step(s, i);
    return arena_copy(s->build.arena, str_trim(text), &cell->text, s->e);
}

/* One cell with the comma or line end behind it. */
static enum error_code scan_cell(struct scanner *s, struct cell *cell) {
    *cell = (struct cell){.line = s->line, .column = s->column};
    if (str_starts(s->rest, STR("\"")))
        TRY(scan_quoted(s, cell));
    else
        TRY(scan_plain(s, cell));
    if (str_starts(s->rest, STR("\r\n"))) step(s, 1);
    if (s->rest.len == 0) {
        cell->last = true;
        return OK;
    }
    if (s->rest.at[0] != ',' && s->rest.at[0] != '\n')
        return fail_here(s, "expected a comma or the end of the row after a quoted cell");
    cell->last = s->rest.at[0] == '\n';
    step(s, 1);
    return OK;
}

/* ---- rows into maps ---- */

struct column {
    str name; /* without [] */
    bool is_list;
};

static enum error_code scalar_of(struct scanner *s, const struct cell *cell, str text,
                                 struct doc_node **out) {
    TRY(doc_node_new(&s->build, cell->line, cell->column, out, s->e));
    (*out)->text = text;
    (*out)->quoted = true;
    return OK;
}

static enum error_code value_of(struct scanner *s, const struct column *column,
                                const struct cell *cell, struct doc_node **out) {
    if (!column->is_list) return scalar_of(s, cell, cell->text, out);
    struct doc_node *list = NULL;
    TRY(doc_node_new(&s->build, cell->line, cell->column, &list, s->e));
    list->kind = DOC_LIST;
    struct doc_chain items = {0};
    str rest = cell->text;
    for (bool more = true; more;) {
        str head;
        more = str_cut(&rest, ';', &head);
        str item = str_trim(more ? head : rest);
        if (item.len == 0) continue;
        struct doc_node *node = NULL;
        TRY(scalar_of(s, cell, item, &node));
        TRY(doc_chain_add(&s->build, &items, node, s->e));
    }
    list->count = items.count;
    TRY(doc_chain_array(&s->build, &items, &list->items, s->e));
    *out = list;
    return OK;
}

/* The row's cells as a map; columns [from, to) share the first `depth` parts of their names. */
struct row {
    const struct column *columns;
    const struct cell *cells;
    const size_t *order; /* columns sorted by name: those of one prefix lie together */
};

static str part_of(str name, size_t skip, bool *is_leaf) {
    str rest = str_skip(name, skip), head;
    *is_leaf = !str_cut(&rest, '.', &head);
    return *is_leaf ? rest : head;
}

static enum error_code map_of(struct scanner *s, const struct row *row, size_t from, size_t to,
                              size_t skip, unsigned depth, struct doc_node **out) {
    const struct cell *place = &row->cells[row->order[from]];
    if (depth > LIMIT_DOC_DEPTH)
        return error_set(s->e, FAIL_LIMIT, "%.*s:1:1: a name with more than %d dots",
                         STR_FMT(*s->build.file), LIMIT_DOC_DEPTH);
    struct doc_node *map = NULL;
    TRY(doc_node_new(&s->build, place->line, place->column, &map, s->e));
    map->kind = DOC_MAP;
    struct doc_chain keys = {0}, values = {0};
    while (from < to) {
        const struct column *column = &row->columns[row->order[from]];
        const struct cell *cell = &row->cells[row->order[from]];
        bool is_leaf;
        str part = part_of(column->name, skip, &is_leaf);
        size_t end = from + 1;
        struct doc_node *key = NULL, *value = NULL;
        if (is_leaf) {
            if (cell->text.len > 0 || cell->quoted) TRY(value_of(s, column, cell, &value));
        } else {
            for (bool leaf; end < to; end++)
                if (!str_equal(part_of(row->columns[row->order[end]].name, skip, &leaf), part) ||
                    leaf)
                    break;
            TRY(map_of(s, row, from, end, skip + part.len + 1, depth + 1, &value));
            if (value->count == 0) value = NULL; /* all its cells were empty */
        }
        if (value != NULL) {
            TRY(scalar_of(s, cell, part, &key));
            TRY(doc_chain_add(&s->build, &keys, key, s->e));
            TRY(doc_chain_add(&s->build, &values, value, s->e));
        }
        from = end;
    }
    map->count = keys.count;
    TRY(doc_chain_array(&s->build, &keys, &map->keys, s->e));
    TRY(doc_chain_array(&s->build, &values, &map->items, s->e));
    *out = map;
    return doc_map_sort(&s->build, map, s->e);
}

struct header {
    struct column *columns;
    size_t *order; /* those that say something */
    size_t count, said;
};

static int compare_columns(const void *a, const void *b, void *columns) {
    const struct column *c = columns;
    return str_compare(c[*(const size_t *)a].name, c[*(const size_t *)b].name);
}

static bool is_name(str s) {
    bool was_dot = true;
    for (size_t i = 0; i < s.len; i++) {
        bool is_dot = s.at[i] == '.';
        if (is_dot && was_dot) return false;
        was_dot = is_dot;
    }
    return !was_dot;
}

static enum error_code scan_header(struct scanner *s, struct header *out) {
    size_t room = 1;
    for (size_t i = 0; i < s->rest.len && s->rest.at[i] != '\n'; i++) room += s->rest.at[i] == ',';
    struct header h = {.columns = arena_new(s->build.arena, struct column, room),
                       .order = arena_new(s->build.arena, size_t, room)};
    if (h.columns == NULL || h.order == NULL)
        return error_set(s->e, FAIL_MEMORY, "%.*s: no room to read it", STR_FMT(*s->build.file));
    for (bool last = false; !last;) {
        struct cell cell;
        TRY(scan_cell(s, &cell));
        last = cell.last;
        bool is_list = str_ends(cell.text, STR("[]"));
        str name = is_list ? str_slice(cell.text, 0, cell.text.len - 2) : cell.text;
        if (!is_name(name))
            return error_set(s->e, FAIL_SYNTAX,
                             "%.*s:%zu:%zu: expected the name of a field, found \"%.*s\"",
                             STR_FMT(*s->build.file), cell.line, cell.column, STR_FMT(cell.text));
        if (h.count >= room) /* a quoted name with a line end in it */
            return error_set(s->e, FAIL_SYNTAX, "%.*s:%zu:%zu: expected names on one line",
                             STR_FMT(*s->build.file), cell.line, cell.column);
        if (!str_equal(name, STR("-"))) h.order[h.said++] = h.count;
        h.columns[h.count++] = (struct column){name, is_list};
    }
    size_t at;
    str only = h.columns[0].name;
    if (h.count == 1 && (str_find(only, STR(";"), &at) || str_find(only, STR("\t"), &at)))
        return error_set(s->e, FAIL_SYNTAX, "%.*s:1:%zu: expected a comma between cells, found %s",
                         STR_FMT(*s->build.file), at + 1, only.at[at] == ';' ? "\";\"" : "a tab");
    if (h.said == 0)
        return error_set(s->e, FAIL_SYNTAX, "%.*s:1:1: expected a column that says something",
                         STR_FMT(*s->build.file));
    qsort_r(h.order, h.said, sizeof *h.order, compare_columns, h.columns);
    for (size_t i = 1; i < h.said; i++) {
        str a = h.columns[h.order[i - 1]].name, b = h.columns[h.order[i]].name;
        bool alike = str_equal(a, b);
        bool inside = str_starts(b, a) && b.len > a.len && b.at[a.len] == '.';
        if (alike || inside)
            return error_set(s->e, FAIL_SYNTAX,
                             "%.*s:1:1: expected each field once, found \"%.*s\" beside \"%.*s\"",
                             STR_FMT(*s->build.file), STR_FMT(b), STR_FMT(a));
    }
    *out = h;
    return OK;
}

/* Of a row's first `count` cells that of the column by which rows are known. */
static void passed_over(const struct doc_faults *faults, const struct header *h,
                        const struct cell *cells, size_t count) {
    str cell = STR_EMPTY;
    if (faults->passed_over == NULL) return;
    for (size_t i = 0; i < count; i++)
        if (str_equal(h->columns[i].name, faults->key)) cell = cells[i].text;
    faults->passed_over(faults->self, cell);
}

/* *is_good false: the row has other cells than the header, which was told; it is passed over. */
static enum error_code scan_row(struct scanner *s, const struct header *h, struct cell *cells,
                                bool *is_good) {
    *is_good = true;
    for (size_t i = 0; i < h->count; i++) {
        TRY(scan_cell(s, &cells[i]));
        bool should_end = i + 1 == h->count;
        if (cells[i].last == should_end) continue;
        struct cell more = cells[i];
        struct error why;
        enum error_code code =
            error_set(&why, FAIL_SYNTAX, "%.*s:%zu:%zu: expected %zu cells, found %s",
                      STR_FMT(*s->build.file), more.line, more.column, h->count,
                      should_end ? "more" : "fewer");
        if (s->faults == NULL) return *s->e = why, code;
        while (!more.last) TRY(scan_cell(s, &more));
        s->faults->told(s->faults->self, &why);
        passed_over(s->faults, h, cells, i + 1);
        *is_good = false;
        return OK;
    }
    return OK;
}

static enum error_code scan_rows(struct scanner *s, const struct header *h, struct doc_node *list) {
    struct cell *cells = arena_new(s->build.scratch, struct cell, h->count);
    if (cells == NULL)
        return error_set(s->e, FAIL_MEMORY, "%.*s: no room to read it", STR_FMT(*s->build.file));
    struct doc_chain rows = {0};
    while (s->rest.len > 0) {
        if (str_starts(s->rest, STR("\n")) || str_starts(s->rest, STR("\r\n"))) {
            step(s, s->rest.at[0] == '\r' ? 2 : 1); /* an empty line is no row */
            continue;
        }
        bool is_good;
        enum error_code code = scan_row(s, h, cells, &is_good);
        if (code == FAIL_SYNTAX &&
            s->faults != NULL) { /* where the next row begins, nobody knows */
            s->faults->told(s->faults->self, s->e);
            passed_over(s->faults, h, cells, 0);
            break;
        }
        TRY(code);
        if (!is_good) continue;
        struct row row = {h->columns, cells, h->order};
        struct doc_node *map = NULL;
        TRY(map_of(s, &row, 0, h->said, 0, 2, &map));
        TRY(doc_chain_add(&s->build, &rows, map, s->e));
    }
    list->count = rows.count;
    return doc_chain_array(&s->build, &rows, &list->items, s->e);
}

/* From the first line on, or, where that was read, from `rows` on. */
static enum error_code scan_file(struct scanner *s, const str *rows, size_t line, struct doc *out) {
    struct arena *arena = s->build.arena;
    const struct doc_node **documents = arena_new(arena, const struct doc_node *, 1);
    if (documents == NULL)
        return error_set(s->e, FAIL_MEMORY, "%.*s: no room", STR_FMT(*s->build.file));
    if (s->rest.len == 0) {
        *out = (struct doc){0, documents};
        return OK;
    }
    struct doc_node *list = NULL;
    TRY(doc_node_new(&s->build, 1, 1, &list, s->e));
    list->kind = DOC_LIST;
    struct header header = {0};
    TRY(scan_header(s, &header));
    if (rows != NULL) {
        s->rest = *rows;
        s->line = line;
        s->column = 1;
    }
    TRY(scan_rows(s, &header, list));
    documents[0] = list;
    *out = (struct doc){1, documents};
    return OK;
}

enum error_code doc_read_csv_all(str file, str bytes, const struct doc_faults *faults,
                                 struct arena *arena, struct arena scratch, struct doc *out,
                                 struct error *e) {
    struct scanner s = {.line = 1, .column = 1, .e = e, .faults = faults};
    TRY(doc_build_begin(&s.build, file, &bytes, arena, &scratch, e));
    s.rest = bytes;
    return scan_file(&s, NULL, 1, out);
}

enum error_code doc_read_csv(str file, str bytes, struct arena *arena, struct arena scratch,
                             struct doc *out, struct error *e) {
    return doc_read_csv_all(file, bytes, NULL, arena, scratch, out, e);
}

enum error_code doc_read_csv_part(str file, str head, str bytes, uint32_t line,
                                  const struct doc_faults *faults, struct arena *arena,
                                  struct arena scratch, struct doc *out, struct error *e) {
    struct scanner s = {.line = 1, .column = 1, .e = e, .faults = faults};
    str rows = bytes; /* a byte order mark stands before a file, not before some of its rows */
    TRY(doc_build_begin(&s.build, file, &rows, arena, &scratch, e));
    TRY(doc_build_begin(&s.build, file, &head, arena, &scratch, e));
    s.rest = head;
    return scan_file(&s, &bytes, line, out);
}
