/* Pages of ranks, plans and drills: what they share, and the page of a rank. */
#include "planning/page.h"

enum { OUTSIDE_NAMED = 8 };

static const char style[] =
    "main{max-width:84rem}.sheet{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);"
    "gap:0 1.6rem;align-items:start}"
    ".worst{border-left:.4rem solid #8b1a1a;padding:.1rem 0 .1rem .8rem;margin:.6rem 0}"
    ".remedy{border-left:.4rem solid #14532d;padding:.1rem 0 .1rem .8rem;margin:.6rem 0}"
    ".big{font-size:1.3rem;line-height:1.35;font-weight:600}"
    "ul.causes{margin:0;padding-left:1rem;min-width:15rem}"
    "@media (max-width:56rem){.sheet{grid-template-columns:minmax(0,1fr)}}"
    "@media print{.sheet{grid-template-columns:minmax(0,1fr) minmax(0,1fr)}ul.causes{min-width:0}}";

void page_begin(struct page *p, const struct planning_world *w, struct arena scratch,
                struct report_out *out, str title) {
    char day[CLOCK_TEXT_BYTES];
    *p = (struct page){.w = w,
                       .out = out,
                       .scratch = scratch,
                       .japanese = str_equal(w->options.language, STR("ja"))};
    map_open(&p->map, w, out);
    const struct report_page page = {.language = p->japanese ? "ja" : "en", .title = title};
    clock_iso_s_write(w->options.at_ns, day); /* of which a planner wants day and minute */
    report_html_begin(out, &page);
    report_format(out, "<style>%s%s</style>\n", style, map_style);
    report_html_element(out, "h1", title);
    report_format(
        out,
        in(p, "<p class=\"quiet\">As of %.10s, %.5s UTC; %zu sites, %zu events and groups.</p>\n",
           "<p class=\"quiet\">基準日時：%.10s %.5s UTC。%zu拠点、事象と群%zu。</p>\n"),
        day, day + 11, w->site_count, w->options.model->event_count);
    report_add_c(out, "<div class=\"sheet\"><div>\n");
}

void page_words_end(struct page *p) {
    report_add_c(p->out, "</div><div>\n");
}

/* Some by name: a register may have every region of every cloud, without a place. */
static void page_outside(struct page *p) {
    size_t count = 0;
    for (uint32_t i = 0; i < p->w->site_count; i++) {
        if (map_has(&p->map, i) || count++ >= OUTSIDE_NAMED) continue;
        report_add_c(p->out, count > 1 ? ", "
                             : p->japanese ? "<p class=\"quiet\">地図の外、または位置不明："
                                           : "<p class=\"quiet\">Not on the map, being far away "
                                             "or of unknown place: ");
        report_html_text(p->out, p->w->sites[i].id);
    }
    if (count > OUTSIDE_NAMED)
        report_format(p->out, in(p, ", and %zu more", "、ほか%zu"), count - OUTSIDE_NAMED);
    if (count > 0) report_add_c(p->out, "</p>\n");
}

void page_sheet_end(struct page *p) {
    page_outside(p);
    report_add_c(p->out, "</div></div>\n");
}

void page_end(struct page *p) {
    page_heading(p, "How to read this", "読み方");
    report_html_element(
        p->out, "p",
        str_from_c(in(
            p,
            "Every rate is a range: the low end takes the low rates and spares a site of which "
            "nobody knows whether an event reaches it; the high end takes the high rates and "
            "strikes it. What is not mapped is therefore never safe. The rates are those of the "
            "files of events, somebody's estimates with their sources; no hazard counts that no "
            "file names.",
            "頻度は範囲で示す。下端は低い頻度をとり、及ぶかどうか不明な拠点は免れるとする。上端は高"
            "い頻度をとり、不明な拠点も被害を受けるとする。したがって、調べられていない所が安全とさ"
            "れることはない。頻度は事象の表による推定であり、出典は表にある。表にない災害は数えられ"
            "ていない。")));
#ifdef PLANNING_COAST
    report_html_class(p->out, "p", "quiet",
                      str_from_c(in(p, "Coast of Japan on the map: Natural Earth.",
                                    "地図の海岸線：Natural Earth。")));
#endif
    report_html_end(p->out);
}

void page_heading(const struct page *p, const char *en, const char *ja) {
    report_html_element(p->out, "h2", str_from_c(in(p, en, ja)));
}

void page_years(const struct page *p, const double rate[SITING_END_COUNT]) {
    planning_years(p->out, p->japanese, rate);
}

void page_site(const struct page *p, uint32_t site) {
    str name = register_row_name(p->w->rows[site], p->w->options.language);
    report_html_text(p->out, name);
    if (str_equal(name, p->w->sites[site].id)) return;
    report_add_c(p->out, " <code>");
    report_html_text(p->out, p->w->sites[site].id);
    report_add_c(p->out, "</code>");
}

void page_sites(const struct page *p, const uint32_t *sites, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (i > 0) report_add_c(p->out, "<br>");
        page_site(p, sites[i]);
    }
}

void page_names(const struct page *p, const uint32_t *sites, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (i > 0) report_add_c(p->out, in(p, ", ", "、"));
        report_html_text(p->out, register_row_name(p->w->rows[sites[i]], p->w->options.language));
    }
}

void page_unknown(struct page *p, const str *unknown, size_t count) {
    struct arena scratch = p->scratch;
    report_html_text(p->out, planning_unknown_say(p->w, unknown, count, &scratch));
}

void page_event_name(struct page *p, uint32_t event, str *id, str *name) {
    *id = *name = STR_EMPTY;
    error_ignore(planning_event_name(p->w, event, &p->scratch, id, name, NULL));
}

void page_causes(struct page *p, const struct siting_share *top, size_t count, double whole) {
    report_add_c(p->out, "<ul class=\"causes\">");
    for (size_t i = 0; i < count; i++) {
        str id, name;
        page_event_name(p, top[i].event, &id, &name);
        report_format(p->out, "<li>%.0f %% ", whole > 0 ? 100 * top[i].rate / whole : 0);
        report_html_text(p->out, name);
        report_add_c(p->out, "</li>");
    }
    report_add_c(p->out, "</ul>");
}

/* ---- rank ---- */

/* Thirds of the order; what is not known of a site has already counted at its high end. */
static enum map_mark mark_of(size_t at, size_t count) {
    return at < (count + 2) / 3 ? MAP_GOOD : at >= count - count / 3 ? MAP_BAD : MAP_PLAIN;
}

static void rank_map(struct page *p, const struct planning_ranked *ranked) {
    size_t all = p->w->site_count, count = planning_ranked_known(p->w, ranked);
    enum map_mark *marks = arena_new(&p->scratch, enum map_mark, all);
    if (p->map.is_empty || marks == NULL) return;
    for (size_t i = 0; i < all; i++)
        marks[ranked[i].site] = i < count ? mark_of(i, count) : MAP_UNKNOWN;
    map_begin(&p->map, in(p, "Map of the sites", "拠点の地図"));
    for (size_t i = 0; i < p->w->options.model->event_count; i++) {
        const struct siting_event *event = &p->w->options.model->events[i];
        for (size_t b = 0; b < event->branch_count; b++) map_branch(&p->map, &event->branches[b]);
    }
    map_marks(&p->map, marks);
    map_end(&p->map);
    report_add_c(p->out, "<div class=\"legend\">");
    map_legend(p->out, MAP_GOOD, in(p, "the third struck least", "被害の少ない3分の1"));
    map_legend(p->out, MAP_PLAIN, in(p, "between", "中間"));
    map_legend(p->out, MAP_BAD, in(p, "the third struck most", "被害の多い3分の1"));
    if (count < all)
        map_legend(p->out, MAP_UNKNOWN, in(p, "nobody has looked", "調べられていない"));
    report_add_c(p->out, "</div>\n");
}

static void rank_first(struct page *p, const struct planning_ranked *ranked) {
    const struct planning_ranked *best = &ranked[0],
                                 *worst = &ranked[planning_ranked_known(p->w, ranked) - 1];
    report_add_c(p->out, "<div class=\"remedy\"><p>");
    report_add_c(p->out, in(p, "Struck least", "被害が最も少ない"));
    report_add_c(p->out, "</p><p class=\"big\">");
    page_names(p, &best->site, 1);
    report_add_c(p->out, "</p><p>");
    report_add_c(p->out, in(p, "data lost ", "データ喪失 "));
    page_years(p, best->rate[SITING_LOSS]);
    report_add_c(p->out, "</p></div>\n<div class=\"worst\"><p>");
    report_add_c(p->out, in(p, "Struck most", "被害が最も多い"));
    report_add_c(p->out, "</p><p class=\"big\">");
    page_names(p, &worst->site, 1);
    report_add_c(p->out, "</p><p>");
    report_add_c(p->out, in(p, "data lost ", "データ喪失 "));
    page_years(p, worst->rate[SITING_LOSS]);
    report_add_c(p->out, "</p>");
    page_causes(p, worst->top, worst->top_count, worst->rate[SITING_LOSS][SITING_HI]);
    report_add_c(p->out, "</div>\n");
}

static void rank_row(struct page *p, const struct planning_ranked *r, size_t at) {
    report_format(p->out, "<tr><td class=\"number\">%zu</td><td>", at + 1);
    page_site(p, r->site);
    report_add_c(p->out, "</td><td>");
    page_years(p, r->rate[SITING_LOSS]);
    report_add_c(p->out, "</td><td>");
    page_years(p, r->rate[SITING_DOWN]);
    report_add_c(p->out, "</td><td>");
    page_causes(p, r->top, r->top_count, r->rate[SITING_LOSS][SITING_HI]);
    report_add_c(p->out, "</td><td>");
    page_unknown(p, r->unknown, r->unknown_count);
    report_add_c(p->out, "</td></tr>\n");
}

/* By name alone: their numbers would say that they are the safest. */
static void rank_beyond(struct page *p, const struct planning_ranked *ranked, size_t count) {
    if (count == 0) return;
    page_heading(p, "Sites of which nobody knows", "調べられていない拠点");
    report_format(
        p->out,
        in(p,
           "<p>These %zu stand where no event of the table speaks of. That is no sign of "
           "safety, so they have no place in the order.</p><p class=\"quiet\">",
           "<p>次の%zu拠点は表のどの事象も対象としない所にある。安全を意味しないため、順位は"
           "付けない。</p><p class=\"quiet\">"),
        count);
    for (size_t i = 0; i < count; i++) {
        if (i > 0) report_add_c(p->out, in(p, ", ", "、"));
        report_html_text(p->out, p->w->sites[ranked[i].site].id);
    }
    report_add_c(p->out, "</p>\n");
}

void planning_html_rank(const struct planning_world *w, const struct planning_ranked *ranked,
                        struct arena scratch, struct report_out *out) {
    struct page p;
    bool japanese = str_equal(w->options.language, STR("ja"));
    page_begin(&p, w, scratch, out,
               japanese ? STR("被害の少ない順の拠点") : STR("Sites, those struck least first"));
    rank_first(&p, ranked);
    page_words_end(&p);
    rank_map(&p, ranked);
    page_sheet_end(&p);
    const char *const head[] = {in(&p, "rank", "順位"),
                                in(&p, "site", "拠点"),
                                in(&p, "data lost", "データ喪失"),
                                in(&p, "out of service", "サービス停止"),
                                in(&p, "loss comes from", "喪失の原因"),
                                in(&p, "not known", "不明")};
    page_heading(&p, "Each site by itself", "拠点ごとの値");
    report_html_table(out, head, COUNT_OF(head));
    size_t known = planning_ranked_known(w, ranked);
    for (size_t i = 0; i < known; i++) rank_row(&p, &ranked[i], i);
    report_html_table_end(out);
    rank_beyond(&p, ranked + known, w->site_count - known);
    page_end(&p);
}
