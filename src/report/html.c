/* Pages that need nothing but themselves: legible on screen, on paper and in grey. */
#include "report/report.h"

/* Colours have a contrast of at least 4.5 against their ground (WCAG 2.1, 1.4.3). */
static const char style[] =
    "@page{size:A4;margin:16mm 14mm}"
    "*{box-sizing:border-box}"
    "body{margin:0;background:#f4f4f0;color:#1d1d1b;font:15px/1.55 system-ui,\"Noto Sans JP\","
    "\"Hiragino Sans\",\"Yu Gothic\",Meiryo,sans-serif}"
    "main{max-width:72rem;margin:0 auto;padding:2rem 1.5rem 4rem;background:#fff}"
    "h1{font-size:1.6rem;line-height:1.3;margin:0 0 .4rem}"
    "h2{font-size:1.15rem;margin:2.2rem 0 .6rem;padding-bottom:.25rem;border-bottom:2px solid "
    "#1d1d1b;break-after:avoid}"
    "h3{font-size:1rem;margin:1.4rem 0 .3rem;break-after:avoid}"
    "p{margin:.35rem 0}.quiet{color:#565650}.lead{font-size:1.05rem}"
    "table{border-collapse:collapse;width:100%;margin:.5rem 0 1rem;font-size:.9rem}"
    "thead{display:table-header-group}"
    "th{text-align:left;font-weight:600;border-bottom:1px solid #1d1d1b}"
    "td,th{padding:.3rem .5rem;vertical-align:top;overflow-wrap:anywhere}"
    "th{overflow-wrap:normal;min-width:5.2rem}" /* a column of short words is not broken in them */
    "td{border-bottom:1px solid #deded8}tr{break-inside:avoid}"
    ".number{text-align:right;font-variant-numeric:tabular-nums}"
    "code,.code{font-family:ui-monospace,\"DejaVu Sans Mono\",monospace;font-size:.86em}"
    "ul{margin:.3rem 0;padding-left:1.2rem}"
    ".cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));gap:.6rem;"
    "margin:1rem 0}"
    ".card{border:1px solid #c9c9c2;border-radius:.3rem;padding:.5rem .7rem}"
    ".card b{display:block;font-size:1.5rem;line-height:1.2;font-variant-numeric:tabular-nums}"
    ".badge{display:inline-block;padding:0 .45rem;border-radius:.2rem;border:1px solid;font-size:"
    ".82rem;font-weight:600;white-space:nowrap}"
    ".pass{color:#14532d;background:#e6f4ea}.fail{color:#8b1a1a;background:#fbe9e7}"
    ".unknown{color:#6b4a00;background:#fdf3d7}.attested{color:#1e3a6e;background:#e8eef9}"
    ".excepted{color:#5b2a7a;background:#f2e9f8}.not-applicable{color:#565650;background:#f0f0ec}"
    "details>summary{cursor:pointer}"
    /* a telephone: a wide table is pushed aside by itself, and not the page under it */
    "@media screen and (max-width:44rem){main{padding:1.2rem .9rem 3rem}"
    "table{display:block;overflow-x:auto}td{min-width:6.5rem}td.number{min-width:0}}"
    "@media print{body{background:#fff;font-size:10pt}main{max-width:none;padding:0}"
    "table{font-size:9pt}h2{font-size:12pt;margin-top:1.1rem}h3{font-size:10pt}"
    "td,th{padding:.2rem .4rem}"
    ".page-break{break-before:page}}";

void report_html_begin(struct report_out *out, const struct report_page *page) {
    report_format(out,
                  "<!doctype html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width\">\n"
                  "<meta http-equiv=\"content-security-policy\" content=\"default-src 'none'; "
                  "style-src 'unsafe-inline'\">\n<title>",
                  page->language);
    report_html_text(out, page->title);
    report_format(out, "</title>\n<style>%s</style></head>\n<body><main>\n", style);
}

void report_html_end(struct report_out *out) {
    report_add_c(out, "</main></body></html>\n");
}

void report_html_text(struct report_out *out, str text) {
    size_t done = 0;
    for (size_t i = 0; i < text.len; i++) {
        const char *as = NULL;
        switch (text.at[i]) {
        case '&': as = "&amp;"; break;
        case '<': as = "&lt;"; break;
        case '>': as = "&gt;"; break;
        case '"': as = "&quot;"; break;
        default: continue;
        }
        report_add(out, str_slice(text, done, i - done));
        report_add_c(out, as);
        done = i + 1;
    }
    report_add(out, str_skip(text, done));
}

void report_html_element(struct report_out *out, const char *tag, str text) {
    report_format(out, "<%s>", tag);
    report_html_text(out, text);
    report_format(out, "</%s>\n", tag);
}

void report_html_class(struct report_out *out, const char *tag, const char *class_name, str text) {
    report_format(out, "<%s class=\"%s\">", tag, class_name);
    report_html_text(out, text);
    report_format(out, "</%s>\n", tag);
}

void report_html_table(struct report_out *out, const char *const *head, size_t column_count) {
    report_add_c(out, "<table><thead><tr>");
    for (size_t i = 0; i < column_count; i++) {
        report_add_c(out, "<th>");
        report_html_text(out, str_from_c(head[i]));
        report_add_c(out, "</th>");
    }
    report_add_c(out, "</tr></thead><tbody>\n");
}

void report_html_row(struct report_out *out, const str *cells, size_t column_count) {
    report_add_c(out, "<tr>");
    for (size_t i = 0; i < column_count; i++) {
        uint64_t number;
        report_add_c(out, str_u64(cells[i], &number) ? "<td class=\"number\">" : "<td>");
        report_html_text(out, cells[i]);
        report_add_c(out, "</td>");
    }
    report_add_c(out, "</tr>\n");
}

void report_html_table_end(struct report_out *out) {
    report_add_c(out, "</tbody></table>\n");
}

void report_html_badge(struct report_out *out, str kind, str shown) {
    static const struct {
        const char *kind, *mark;
    } marks[] = {{"pass", "✓ "},     {"fail", "✕ "},     {"unknown", "? "},
                 {"attested", "▤ "}, {"excepted", "↷ "}, {"not-applicable", "– "}};
    for (size_t i = 0; i < COUNT_OF(marks); i++) {
        if (!str_equal(kind, str_from_c(marks[i].kind))) continue;
        report_format(out, "<span class=\"badge %s\">%s", marks[i].kind, marks[i].mark);
        report_html_text(out, shown);
        report_add_c(out, "</span>");
        return;
    }
    report_html_text(out, shown);
}
