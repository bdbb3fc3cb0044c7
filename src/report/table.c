/* CSV cells, and tables for a terminal. */
#include "report/report.h"

/* ---- CSV ---- */

void report_csv_cell(struct report_out *out, str text, bool is_last) {
    size_t at;
    bool is_formula = text.len > 0 && memchr("=+-@\t\r", text.at[0], 6) != NULL;
    bool is_quoted = is_formula || str_find_char(text, ',', &at) || str_find_char(text, '"', &at) ||
                     str_find_char(text, '\n', &at) || str_find_char(text, '\r', &at);
    if (is_quoted) report_add_c(out, "\"");
    if (is_formula) report_add_c(out, "'");
    for (str head; str_cut(&text, '"', &head);) {
        report_add(out, head);
        report_add_c(out, "\"\"");
    }
    report_add(out, text);
    report_add_c(out, is_quoted ? "\"" : "");
    report_add_c(out, is_last ? "\n" : ",");
}

/* ---- widths ---- */

/* Source: Unicode 15 EastAsianWidth.txt, W and F, by blocks; combining marks take none. */
static size_t columns_of(uint32_t c) {
    if ((c >= 0x0300 && c <= 0x036f) || c == 0x200b || (c >= 0xfe00 && c <= 0xfe0f)) return 0;
    bool is_wide = (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0x303e) ||
                   (c >= 0x3041 && c <= 0x33ff) || (c >= 0x3400 && c <= 0x4dbf) ||
                   (c >= 0x4e00 && c <= 0x9fff) || (c >= 0xa000 && c <= 0xa4cf) ||
                   (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) ||
                   (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff01 && c <= 0xff60) ||
                   (c >= 0xffe0 && c <= 0xffe6) || (c >= 0x1f300 && c <= 0x1faff) ||
                   (c >= 0x20000 && c <= 0x3fffd);
    return is_wide ? 2 : 1;
}

/* The character at the front; bytes that are not UTF-8 count one by one. */
static uint32_t next_character(str *rest) {
    unsigned char first = (unsigned char)rest->at[0];
    size_t more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc0 ? 1 : 0;
    uint32_t c = more == 3 ? first & 7u : more == 2 ? first & 15u : more == 1 ? first & 31u : first;
    if (more >= rest->len) more = 0;
    for (size_t i = 1; i <= more; i++) c = c << 6 | ((unsigned char)rest->at[i] & 0x3fu);
    *rest = str_skip(*rest, more + 1);
    return c;
}

size_t report_columns(str text) {
    size_t columns = 0;
    while (text.len > 0) columns += columns_of(next_character(&text));
    return columns;
}

/* ---- tables ---- */

enum error_code report_table_open(struct report_table *table, const char *const *head,
                                  size_t column_count, size_t rows, struct arena *arena,
                                  struct error *e) {
    assert(column_count <= REPORT_TABLE_COLUMNS);
    *table =
        (struct report_table){.arena = arena, .column_count = column_count, .row_cap = rows + 1};
    table->cells = arena_new(arena, str, table->row_cap * column_count);
    if (table->cells == NULL) return error_set(e, FAIL_MEMORY, "no room for a table");
    for (size_t i = 0; i < column_count; i++) table->cells[i] = str_from_c(head[i]);
    table->row_count = 1;
    return OK;
}

void report_table_right(struct report_table *table, size_t column) {
    assert(column < table->column_count);
    table->align[column] = REPORT_RIGHT;
}

enum error_code report_table_row(struct report_table *table, const str *cells, struct error *e) {
    if (table->row_count == table->row_cap)
        return error_set(e, FAIL_LIMIT, "a table has over %zu rows", table->row_cap - 1);
    str *row = table->cells + table->row_count * table->column_count;
    for (size_t i = 0; i < table->column_count; i++)
        TRY(arena_copy(table->arena, cells[i], &row[i], e));
    table->row_count++;
    return OK;
}

static void pad(struct report_out *out, size_t columns) {
    while (columns-- > 0) report_add_c(out, " ");
}

void report_table_write(const struct report_table *table, struct report_out *out) {
    size_t width[REPORT_TABLE_COLUMNS] = {0};
    for (size_t r = 0; r < table->row_count; r++)
        for (size_t c = 0; c < table->column_count; c++)
            width[c] =
                size_max(width[c], report_columns(table->cells[r * table->column_count + c]));
    for (size_t r = 0; r < table->row_count; r++)
        for (size_t c = 0; c < table->column_count; c++) {
            str cell = table->cells[r * table->column_count + c];
            size_t space = width[c] - report_columns(cell);
            bool is_last = c + 1 == table->column_count;
            if (table->align[c] == REPORT_RIGHT) pad(out, space);
            report_add(out, cell);
            if (table->align[c] == REPORT_LEFT && !is_last) pad(out, space);
            report_add_c(out, is_last ? "\n" : "  ");
        }
}
