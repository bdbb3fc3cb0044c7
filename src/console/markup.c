/* What the page is written with: text made safe, headings, terms and tables. */
#include "console/page.h"

/* Text between tags; what could end it is spelled out. */
void console_escape(struct text *out, str s) {
    for (size_t i = 0; i < s.len; i++) {
        char c = s.at[i];
        if (c == '<')
            text_add_c(out, "&lt;");
        else if (c == '>')
            text_add_c(out, "&gt;");
        else if (c == '&')
            text_add_c(out, "&amp;");
        else if (c == '"')
            text_add_c(out, "&quot;");
        else if ((unsigned char)c >= 0x20 || c == '\n')
            text_add_char(out, c);
    }
}

void console_escaped(struct text *out, const char *before, str s, const char *after) {
    text_add_c(out, before);
    console_escape(out, s);
    text_add_c(out, after);
}

void console_title(struct text *out, const char *ja, const char *en) {
    text_format(out, "<section><h2>%s <span lang=\"en\">%s</span></h2>", ja, en);
}

void console_term(struct text *out, const char *ja, const char *en) {
    text_format(out, "<dt>%s <span lang=\"en\">%s</span></dt>", ja, en);
}

void console_table_begin(struct text *out, const struct console_column *columns, size_t count) {
    text_add_c(out, "<div class=\"wide\"><table><thead><tr>");
    for (size_t i = 0; i < count; i++)
        text_format(out, "<th%s>%s <span lang=\"en\">%s</span></th>",
                    columns[i].is_number ? " class=\"n\"" : "", columns[i].ja, columns[i].en);
    text_add_c(out, "</tr></thead><tbody>");
}

void console_table_end(struct text *out) {
    text_add_c(out, "</tbody></table></div>");
}

void console_cell(struct text *out, str s) {
    console_escaped(out, "<td>", s.len > 0 ? s : STR("-"), "</td>");
}

void console_cell_code(struct text *out, str s) {
    console_escaped(out, "<td><code>", s.len > 0 ? s : STR("-"), "</code></td>");
}

void console_cell_number(struct text *out, const char *kind, uint64_t n) {
    text_format(out, "<td class=\"n %s\">", n == 0 ? "zero" : kind);
    console_number(out, n);
    text_add_c(out, "</td>");
}
