/* Inner: what the files that write pages share. */
#ifndef AZEKURA_PLANNING_PAGE_H
#define AZEKURA_PLANNING_PAGE_H

#include "planning/map.h"
#include "planning/written.h"

struct page {
    const struct planning_world *w;
    struct report_out *out;
    struct arena scratch;
    bool japanese;
    struct map map;
};

static inline const char *in(const struct page *p, const char *en, const char *ja) {
    return p->japanese ? ja : en;
}
/* Head, heading, and what day it is of; the first sheet is open after it: words on the left, map on the right. */
void page_begin(struct page *p, const struct planning_world *w, struct arena scratch,
                struct report_out *out, str title);
void page_words_end(struct page *p); /* of the left half */
void page_sheet_end(struct page *p); /* of the right half; says which sites the map does not show */
void page_end(struct page *p);       /* what rates mean, and of what this is not */

void page_heading(const struct page *p, const char *en, const char *ja);
void page_years(const struct page *p, const double rate[SITING_END_COUNT]);
void page_site(const struct page *p, uint32_t site); /* its name, and its id */
void page_sites(const struct page *p, const uint32_t *sites, size_t count);
void page_names(const struct page *p, const uint32_t *sites, size_t count); /* "Sendai, Morioka" */
void page_unknown(struct page *p, const str *unknown, size_t count); /* planning_unknown_say */
/* "grid area tohoku, operator Aoba Electric Power"; a group of no scheme that is known, as it is */
void page_group(const struct page *p, str group);
void page_groups(const struct page *p, const str *groups, size_t count);
void page_grade(const struct page *p, str grade); /* "JMA 6-lower" */
/* id and name of an event; empty when memory is out */
void page_event_name(struct page *p, uint32_t event, str *id, str *name);
void page_causes(struct page *p, const struct siting_share *top, size_t count, double whole);

#endif
