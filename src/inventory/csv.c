/* Rows of a spreadsheet: cells with comma, semicolon or tab between them, names in the first row, or below a title.
 *
 * doc.h reads CSV to a tree, all or nothing; here a row that is wrong is told, and the next one read.
 * Source: RFC 4180; a bare LF ends a row too. */
#include "inventory/reading.h"

struct cell {
    str text;
    bool is_whole; /* false: a quote is out of place, or has no partner */
};

struct scanner {
    str bytes;
    size_t at;
    char separator;
};

struct column {
    const struct word *word; /* NULL: it says nothing we know */
};

struct table {
    struct reading *reading;
    struct making *making;
    struct scanner scanner;
    struct column *columns;
    struct cell *cells;
    size_t column_count;
};

/* ---- cells ---- */

/* The text between quotes; doubled ones are halved in `arena`. */
static struct cell quoted_scan(struct scanner *s, struct arena *arena) {
    size_t begin = ++s->at;
    bool has_doubled = false;
    for (; s->at < s->bytes.len; s->at++) {
        if (s->at - begin > LIMIT_INVENTORY_ROW_BYTES) break;
        if (s->bytes.at[s->at] != '"') continue;
        if (s->at + 1 < s->bytes.len && s->bytes.at[s->at + 1] == '"') {
            has_doubled = true;
            s->at++;
            continue;
        }
        str text = str_slice(s->bytes, begin, s->at++ - begin);
        if (!has_doubled) return (struct cell){text, true};
        char *own = arena_bytes(arena, text.len);
        if (own == NULL) return (struct cell){0};
        size_t used = 0;
        for (size_t i = 0; i < text.len; i++) {
            own[used++] = text.at[i];
            if (text.at[i] == '"') i++;
        }
        return (struct cell){str_of(own, used), true};
    }
    return (struct cell){0};
}

static struct cell plain_scan(struct scanner *s) {
    size_t begin = s->at;
    bool is_whole = true;
    for (; s->at < s->bytes.len; s->at++) {
        char c = s->bytes.at[s->at];
        if (c == s->separator || c == '\n') break;
        is_whole = is_whole && c != '"';
    }
    str text = str_slice(s->bytes, begin, s->at - begin);
    if (str_ends(text, STR("\r"))) text.len--;
    return (struct cell){str_trim(text), is_whole};
}

/* One cell and what is behind it. *is_last: the row is over. */
static struct cell cell_scan(struct scanner *s, struct arena *arena, bool *is_last) {
    bool is_quoted = s->at < s->bytes.len && s->bytes.at[s->at] == '"';
    struct cell cell = is_quoted ? quoted_scan(s, arena) : plain_scan(s);
    if (s->at < s->bytes.len && s->bytes.at[s->at] == '\r') s->at++;
    *is_last = s->at >= s->bytes.len || s->bytes.at[s->at] == '\n';
    if (!*is_last && s->bytes.at[s->at] != s->separator) cell.is_whole = false;
    if (s->at < s->bytes.len) s->at++;
    return cell;
}

static size_t line_end(str bytes, size_t at) {
    const char *end = at < bytes.len ? memchr(bytes.at + at, '\n', bytes.len - at) : NULL;
    return end != NULL ? (size_t)(end - bytes.at) + 1 : bytes.len;
}

/* ---- the first row ---- */

/* What stands most often in the first line, outside of quotes. */
static char separator_of(str line) {
    static const char separators[] = {',', ';', '\t'};
    size_t counts[COUNT_OF(separators)] = {0}, best = 0;
    bool is_quoted = false;
    for (size_t i = 0; i < line.len; i++) {
        if (line.at[i] == '"') is_quoted = !is_quoted;
        for (size_t k = 0; k < COUNT_OF(separators); k++)
            counts[k] += !is_quoted && line.at[i] == separators[k];
    }
    for (size_t k = 1; k < COUNT_OF(separators); k++)
        if (counts[k] > counts[best]) best = k;
    return separators[best];
}

/* "sep=;" before the first row, by which spreadsheets are told; it is passed over. */
static bool separator_said(struct scanner *s) {
    size_t end = line_end(s->bytes, s->at);
    str line = str_slice(s->bytes, s->at, end - s->at);
    while (str_ends(line, STR("\n")) || str_ends(line, STR("\r"))) line.len--;
    if (s->separator != 0 || line.len != 5 || !str_equal_nocase(str_slice(line, 0, 4), STR("sep=")))
        return false;
    s->separator = line.at[4];
    s->at = end;
    return true;
}

static bool word_is_server(const struct word *word) {
    return word->field == INVENTORY_HOST || word->field == INVENTORY_LABEL ||
           word->field == INVENTORY_STORE;
}

static enum error_code columns_lack(struct table *t, const str *headers) {
    char shown[200];
    struct text text = text_into(shown, sizeof shown);
    for (size_t i = 0; i < t->column_count; i++) {
        if (i > 0) text_add_c(&text, ", ");
        text_add(&text, reading_shown(headers[i]));
    }
    struct reading *r = t->reading;
    return error_set(
        r->e, FAIL_SYNTAX,
        "%.*s:%llu: expected a column with hosts or addresses; if one of these is it, say "
        "--column host=NAME: %.*s",
        STR_FMT(r->file), (unsigned long long)r->line, STR_FMT(text_str(&text)));
}

/* Every column that options name is there. */
static enum error_code named_check(struct table *t, const str *headers) {
    struct reading *r = t->reading;
    for (size_t i = 0; i < r->options->column_count; i++) {
        const struct inventory_column *named = &r->options->columns[i];
        size_t k = 0;
        while (k < t->column_count && !str_equal_nocase(headers[k], str_trim(named->header))) k++;
        if (k == t->column_count)
            return error_set(
                r->e, FAIL_SYNTAX, "%.*s:%llu: there is no column \"%.*s\" (--column %s=…)",
                STR_FMT(r->file), (unsigned long long)r->line,
                STR_FMT(reading_shown(named->header)), inventory_field_name(named->field));
    }
    return OK;
}

static enum error_code head_read(struct table *t) {
    struct reading *r = t->reading;
    struct scanner *s = &t->scanner;
    str head = str_slice(s->bytes, s->at, line_end(s->bytes, s->at) - s->at);
    if (s->separator == 0) s->separator = separator_of(head);
    t->columns = arena_new(&r->scratch, struct column, LIMIT_INVENTORY_COLUMNS);
    t->cells = arena_new(&r->scratch, struct cell, LIMIT_INVENTORY_COLUMNS);
    str *headers = arena_new(&r->scratch, str, LIMIT_INVENTORY_COLUMNS);
    if (t->columns == NULL || t->cells == NULL || headers == NULL)
        return error_set(r->e, FAIL_MEMORY, "%.*s: no room to read it", STR_FMT(r->file));
    if (!str_is_utf8(head))
        return error_set(r->e, FAIL_SYNTAX,
                         "%.*s:%llu: expected UTF-8, found other bytes; a file saved by a Japanese "
                         "spreadsheet is converted with `iconv -f CP932 -t UTF-8`",
                         STR_FMT(r->file), (unsigned long long)r->line);
    bool is_last = false, has_host = false;
    while (!is_last) {
        struct cell cell = cell_scan(s, &r->scratch, &is_last);
        if (!cell.is_whole || t->column_count == LIMIT_INVENTORY_COLUMNS)
            return error_set(r->e, FAIL_SYNTAX,
                             "%.*s:%llu: expected at most %d names of columns in quotes "
                             "or without",
                             STR_FMT(r->file), (unsigned long long)r->line,
                             LIMIT_INVENTORY_COLUMNS);
        const struct word *word = word_of(r, cell.text);
        headers[t->column_count] = str_trim(cell.text);
        t->columns[t->column_count++].word = word;
        has_host = has_host || (word != NULL && word_is_server(word));
    }
    TRY(named_check(t, headers));
    return has_host ? OK : columns_lack(t, headers);
}

/* Whether the row that begins `at` has `least` names of columns, and one of a host. */
static bool is_head(const struct table *t, size_t at, size_t least) {
    struct arena scratch = t->reading->scratch;
    struct scanner s = t->scanner;
    size_t known = 0, count = 0;
    bool has_host = false, is_last = false;
    s.at = at;
    if (s.separator == 0)
        s.separator = separator_of(str_slice(s.bytes, at, line_end(s.bytes, at) - at));
    for (; !is_last && count < LIMIT_INVENTORY_COLUMNS; count++) {
        struct cell cell = cell_scan(&s, &scratch, &is_last);
        const struct word *word = cell.is_whole ? word_of(t->reading, cell.text) : NULL;
        if (!cell.is_whole) return false;
        known += word != NULL;
        has_host = has_host || (word != NULL && word_is_server(word));
    }
    return has_host && known >= least;
}

/* People put a title, a date and empty rows above the names of the columns; two names are none by chance. */
static void head_find(struct table *t) {
    enum { ROWS_ABOVE = 20 };
    struct scanner *s = &t->scanner;
    if (is_head(t, s->at, 1)) return;
    size_t at = line_end(s->bytes, s->at);
    for (unsigned row = 0; row < ROWS_ABOVE && at < s->bytes.len; row++) {
        if (is_head(t, at, 2)) {
            s->at = at;
            return;
        }
        at = line_end(s->bytes, at);
    }
}

/* ---- rows ---- */

/* Fills the cells; why the row cannot be read, or NULL. */
static const char *row_scan(struct table *t) {
    struct scanner *s = &t->scanner;
    size_t begin = s->at, count = 0;
    bool is_last = false, is_whole = true;
    while (!is_last) {
        struct cell cell = cell_scan(s, &t->making->arena, &is_last);
        is_whole = is_whole && cell.is_whole;
        if (!is_whole) break;
        if (count < t->column_count) t->cells[count] = cell;
        count++;
        if (s->at - begin > LIMIT_INVENTORY_ROW_BYTES) break;
    }
    const char *why = NULL;
    if (!is_whole)
        why = "a quote is out of place, or has no partner";
    else if (!is_last)
        why = "a row is over 64 KiB";
    else if (count < t->column_count)
        why = "a row with fewer cells than the first";
    else if (count > t->column_count)
        why = "a row with more cells than the first";
    else if (!str_is_utf8(str_slice(s->bytes, begin, s->at - begin)))
        why = "bytes that are not UTF-8; see `iconv -f CP932 -t UTF-8`";
    /* A lost quote would swallow all rows up to the next one. */
    if (!is_whole || !is_last) s->at = line_end(s->bytes, begin);
    return why;
}

static bool row_is_empty(const struct table *t) {
    for (size_t i = 0; i < t->column_count; i++)
        if (t->cells[i].text.len > 0) return false;
    return true;
}

static enum error_code row_read(struct table *t, uint64_t line) {
    struct reading *r = t->reading;
    struct making *m = t->making;
    const char *why = row_scan(t);
    if (why != NULL) {
        reading_problem(r, line, "expected %zu cells: %s; the row was left out", t->column_count,
                        why);
        return OK;
    }
    if (row_is_empty(t)) return OK;
    uint64_t problems = r->report.problems.total;
    for (size_t i = 0; i < t->column_count; i++)
        if (t->columns[i].word != NULL)
            making_word(m, t->columns[i].word, t->cells[i].text, line, false);
    bool was_server;
    TRY(making_end(m, &was_server));
    if (!was_server && r->report.problems.total == problems)
        reading_problem(r, line,
                        "expected a host, an address, a network or a URL in the row, found none");
    return OK;
}

enum error_code csv_read(struct reading *r) {
    struct table t = {.reading = r,
                      .making = arena_new(&r->scratch, struct making, 1),
                      .scanner = {.bytes = r->bytes}};
    struct scanner *s = &t.scanner;
    if (t.making == NULL)
        return error_set(r->e, FAIL_MEMORY, "%.*s: no room to read it", STR_FMT(r->file));
    bool has_head = false;
    while (s->at < s->bytes.len) {
        size_t begin = s->at;
        uint64_t line = reading_line(r, begin);
        str next = str_slice(s->bytes, begin, 2);
        if (str_starts(next, STR("\n")) || str_starts(next, STR("\r\n"))) {
            s->at += next.at[0] == '\r' ? 2 : 1; /* an empty line is no row */
            continue;
        }
        if (!has_head && separator_said(s)) continue;
        if (!has_head) {
            head_find(&t);
            begin = s->at;
            line = reading_line(r, begin);
        }
        making_begin(t.making, r, line, begin);
        if (!has_head)
            TRY(head_read(&t));
        else
            TRY(row_read(&t, line));
        has_head = true;
        if (s->at >= s->bytes.len && s->bytes.at[s->bytes.len - 1] != '\n')
            reading_unended(r, line);
    }
    return OK;
}
