/* What both the first sheet and the rest of the page say alike. */
#include "assess/page.h"

void page_anchor(const struct page *p, const struct assess_tally *t) {
    uint64_t told = t->unchecked != NULL;
    for (unsigned v = 0; v < ASSESS_NOT_APPLICABLE; v++) told += t->count[v];
    if (told > 0) report_format(p->out, "<a href=\"#c%u\">", (unsigned)t->clause_index);
    report_add_c(p->out, "<code>");
    report_html_text(p->out, t->clause->rulebook->name);
    report_add_c(p->out, "/");
    report_html_text(p->out, t->clause->id);
    report_add_c(p->out, told > 0 ? "</code></a>" : "</code>");
}

void page_terms(const struct page *p, str terms) {
    char room[512];
    struct text t = text_into(room, sizeof room);
    rulebook_terms_text(terms, p->l, &t);
    report_html_text(p->out, text_str(&t));
}
