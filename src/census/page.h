/* Inner: what the files that write the page share. */
#ifndef AZEKURA_CENSUS_PAGE_H
#define AZEKURA_CENSUS_PAGE_H

#include "census/inner.h"

struct page {
    const struct census_report *r;
    const struct census_form *form;
    struct report_out *out;
    str language;
};
static inline const char *in(const struct page *p, const char *en, const char *ja) {
    return say(p->language, en, ja);
}
static inline void heading(const struct page *p, const char *en, const char *ja) {
    report_html_element(p->out, "h2", str_from_c(in(p, en, ja)));
}
static inline void quiet(const struct page *p, const char *en, const char *ja) {
    report_html_class(p->out, "p", "quiet", str_from_c(in(p, en, ja)));
}

/* The world, a mark for each country with servers: how many, by the size. */
extern const char page_map_style[];
void page_map(const struct page *p);

/* Findings, servers told by name, surveys that were merged, whom to name. */
void page_lists(const struct page *p);

#endif
