/* What the files that write the page share. */
#ifndef AZEKURA_ASSESS_PAGE_H
#define AZEKURA_ASSESS_PAGE_H

#include "assess/written.h"

struct page {
    const struct assessment *a;
    enum rulebook_language l;
    struct report_out *out;
};

static inline const char *in(const struct page *p, const char *en, const char *ja) {
    return say(p->l, en, ja);
}
static inline void heading(const struct page *p, const char *en, const char *ja) {
    report_html_element(p->out, "h2", str_from_c(in(p, en, ja)));
}
static inline void paragraph(const struct page *p, const char *en, const char *ja) {
    report_html_element(p->out, "p", str_from_c(in(p, en, ja)));
}
static inline void badge(const struct page *p, enum assess_verdict v) {
    report_html_badge(p->out, str_from_c(assess_verdict_name(v)),
                      str_from_c(assess_verdict_word(v, p->l)));
}
/* RULEBOOK/CLAUSE, leading to where it is told in full, if it is. */
void page_anchor(const struct page *p, const struct assess_tally *t);

/* What is owed, in the page's language. */
void page_terms(const struct page *p, str terms);

/* sheet.c: the first sheet, which is one page of A4 when printed. */
void page_sheet(const struct page *p);

#endif
