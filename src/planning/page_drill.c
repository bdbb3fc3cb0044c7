/* The page of a drill: first who loses a service, and which sites go dark at which hour. */
#include <stdio.h>

#include "planning/page.h"

static const char *state_word(const struct page *p, enum planning_state state) {
    return state == PLANNING_ANSWERS ? in(p, "answers", "応答")
           : state == PLANNING_DARK  ? in(p, "dark", "停止")
                                     : in(p, "may be dark", "停止のおそれ");
}

static void badge(const struct page *p, enum planning_state state) {
    static const char *const kinds[] = {"pass", "fail", "unknown"};
    report_html_badge(p->out, str_from_c(kinds[state]), str_from_c(state_word(p, state)));
}

/* "30,600,000": people read it. */
static void people(const struct page *p, double count) {
    char digits[32];
    int len = snprintf(digits, sizeof digits, "%.0f", count);
    for (int i = 0; i < len; i++)
        report_format(p->out, "%s%c", i > 0 && (len - i) % 3 == 0 ? "," : "", digits[i]);
}

/* ---- the first sheet ---- */

static void toll(struct page *p, const struct planning_drill *d) {
    size_t dark = 0, may_be = 0;
    for (size_t i = 0; i < d->site_count; i++) {
        dark += d->sites[i].state == PLANNING_DARK;
        may_be += d->sites[i].state == PLANNING_MAY_BE_DARK;
    }
    report_format(p->out, "<div class=\"%s\"><p class=\"big\">",
                  d->users_dark > 0 || dark > 0 ? "worst" : "remedy");
    people(p, d->users_dark);
    report_add_c(p->out, in(p, " people lose a service", "人がサービスを失う"));
    report_add_c(p->out, "</p><p>");
    people(p, d->users_may_be);
    report_format(
        p->out,
        in(p, " more may; %zu of %zu sites go dark, %zu more may.</p><p>",
           "人がさらに失うおそれ。%2$zu拠点のうち%1$zuが停止、さらに%3$zuにおそれ。</p><p>"),
        dark, d->site_count, may_be);
    if (d->outage_h > 0)
        report_format(p->out, in(p, "Without power for %.4g h. ", "停電%.4g時間。"), d->outage_h);
    if (d->branch->name.len > 0) {
        report_add_c(p->out, in(p, "Severity: ", "規模："));
        report_html_text(p->out, p->japanese ? d->branch->name_ja : d->branch->name);
    }
    report_add_c(p->out, "</p></div>\n");
}

static void hours(const struct page *p, enum planning_state state, double from_h, double until_h) {
    report_add_c(p->out, "<td class=\"number\">");
    if (state != PLANNING_ANSWERS) report_format(p->out, "%.4g", from_h);
    report_add_c(p->out, "</td><td class=\"number\">");
    if (state != PLANNING_ANSWERS && until_h > from_h)
        report_format(p->out, "%.4g", until_h);
    else if (state != PLANNING_ANSWERS)
        report_add_c(p->out, in(p, "not said", "不明"));
    report_add_c(p->out, "</td>");
}

static void site_row(struct page *p, const struct planning_struck_site *s) {
    report_add_c(p->out, "<tr><td>");
    page_site(p, s->site);
    report_add_c(p->out, "</td><td>");
    badge(p, s->state);
    report_add_c(p->out, "</td>");
    hours(p, s->state, s->from_h, s->until_h);
    report_add_c(p->out, "<td>");
    if (s->fuel_known)
        report_format(p->out, in(p, "%.4g h%s", "%.4g時間%s"), p->w->sites[s->site].fuel_h,
                      s->bridged ? in(p, ", enough", "（足りる）") : "");
    else
        report_add_c(p->out, in(p, "not known", "不明"));
    report_add_c(p->out, "</td><td>");
    if (s->reach == SITING_UNMAPPED)
        report_add_c(p->out, in(p, "nobody knows whether it is reached ", "及ぶかどうか不明 "));
    page_grade(p, s->grade);
    if (s->p_loss > 0)
        report_format(p->out, in(p, " data lost with %.3g %%", " データ喪失 %.3g %%"),
                      100 * s->p_loss);
    report_add_c(p->out, "</td></tr>\n");
}

/* In the order in which they fall; those of which nobody knows whether they are reached come last. */
static bool falls_before(const struct planning_struck_site *a,
                         const struct planning_struck_site *b) {
    bool a_falls = a->state != PLANNING_ANSWERS, b_falls = b->state != PLANNING_ANSWERS;
    if (a->reach != b->reach) return a->reach == SITING_INSIDE;
    if (a_falls != b_falls) return a_falls;
    if (a->from_h != b->from_h) return a->from_h < b->from_h;
    return a->state < b->state;
}

static void site_table(struct page *p, const struct planning_drill *d) {
    const char *const head[] = {in(p, "site", "拠点"),
                                in(p, "state", "状態"),
                                in(p, "dark from h", "停止（時間後）"),
                                in(p, "until h", "復旧（時間後）"),
                                in(p, "fuel", "燃料"),
                                in(p, "struck by", "受ける被害")};
    const struct planning_struck_site **order =
        arena_new(&p->scratch, const struct planning_struck_site *, d->site_count);
    size_t count = 0;
    for (size_t i = 0; order != NULL && i < d->site_count; i++) {
        if (d->sites[i].reach == SITING_OUTSIDE) continue;
        size_t at = count++;
        for (; at > 0 && falls_before(&d->sites[i], order[at - 1]); at--) order[at] = order[at - 1];
        order[at] = &d->sites[i];
    }
    report_html_table(p->out, head, COUNT_OF(head));
    for (size_t i = 0; i < count; i++) site_row(p, order[i]);
    report_html_table_end(p->out);
    report_format(p->out,
                  in(p, "<p class=\"quiet\">%zu sites are not reached.</p>\n",
                     "<p class=\"quiet\">%zu拠点には及ばない。</p>\n"),
                  d->site_count - count);
}

static void draw(struct page *p, const struct planning_drill *d) {
    static const enum map_mark of_state[] = {MAP_GOOD, MAP_BAD, MAP_UNKNOWN};
    enum map_mark *marks = arena_new(&p->scratch, enum map_mark, p->w->site_count);
    if (p->map.is_empty || marks == NULL) return;
    for (size_t i = 0; i < d->site_count; i++)
        marks[d->sites[i].site] =
            d->sites[i].reach == SITING_OUTSIDE ? MAP_PLAIN : of_state[d->sites[i].state];
    map_begin(&p->map, in(p, "Map of what the event reaches", "事象が及ぶ範囲の地図"));
    map_branch(&p->map, d->branch);
    map_marks(&p->map, marks);
    map_end(&p->map);
    report_add_c(p->out, "<div class=\"legend\">");
    map_legend(p->out, MAP_BAD, state_word(p, PLANNING_DARK));
    map_legend(p->out, MAP_UNKNOWN, state_word(p, PLANNING_MAY_BE_DARK));
    map_legend(p->out, MAP_GOOD, in(p, "reached, and answers", "及ぶが応答する"));
    map_legend(p->out, MAP_PLAIN, in(p, "not reached", "及ばない"));
    report_add_c(p->out, "</div>\n");
}

/* ---- what stands on the sites ---- */

static void struck_row(struct page *p, const struct planning_struck *s, bool is_service) {
    report_add_c(p->out, "<tr><td>");
    report_html_text(p->out, register_row_name(s->row, p->w->options.language));
    report_add_c(p->out, " <code>");
    report_html_text(p->out, s->row->id);
    report_add_c(p->out, "</code></td><td>");
    badge(p, s->state);
    if (s->state != PLANNING_ANSWERS && planning_is_placeless(s))
        report_add_c(p->out, is_service
                                 ? in(p, " no system of it is known", " 依存するシステムが不明")
                                 : in(p, " nobody says where it stands", " 所在が不明"));
    report_add_c(p->out, "</td>");
    hours(p, s->state, s->from_h, s->until_h);
    report_add_c(p->out, "<td class=\"number\">");
    if (is_service && s->users > 0) people(p, s->users);
    if (!is_service) report_format(p->out, "%zu / %zu", s->answering, s->site_count);
    report_add_c(p->out, "</td><td class=\"number\">");
    if (s->p_loss > 0) report_format(p->out, "%.3g %%", 100 * s->p_loss);
    report_add_c(p->out, "</td></tr>\n");
}

static bool is_untouched(const struct planning_struck *s) {
    return s->state == PLANNING_ANSWERS && s->p_loss == 0;
}

static void struck_table(struct page *p, const char *en, const char *ja,
                         const struct planning_struck *list, size_t count, bool is_service) {
    const char *const head[] = {in(p, en, ja),
                                in(p, "state", "状態"),
                                in(p, "dark from h", "停止（時間後）"),
                                in(p, "until h", "復旧（時間後）"),
                                is_service ? in(p, "users", "利用者")
                                           : in(p, "sites that answer", "応答する拠点"),
                                is_service ? "" : in(p, "all copies lost", "全複製の喪失")};
    size_t untouched = 0;
    page_heading(p, en, ja);
    for (size_t i = 0; i < count; i++) untouched += is_untouched(&list[i]);
    if (untouched < count) report_html_table(p->out, head, COUNT_OF(head));
    for (int state = PLANNING_STATE_COUNT - 1; state >= 0; state--)
        for (size_t i = 0; i < count; i++)
            if ((int)list[i].state == state && !is_untouched(&list[i]))
                struck_row(p, &list[i], is_service);
    if (untouched < count) report_html_table_end(p->out);
    report_format(p->out,
                  in(p, "<p class=\"quiet\">%zu untouched.</p>\n",
                     "<p class=\"quiet\">影響なし：%zu。</p>\n"),
                  untouched);
}

void planning_html_drill(const struct planning_world *w, const struct planning_drill *d,
                         struct arena scratch, struct report_out *out) {
    struct page p;
    bool japanese = str_equal(w->options.language, STR("ja"));
    page_begin(&p, w, scratch, out, japanese ? d->event->name_ja : d->event->name_en);
    toll(&p, d);
    site_table(&p, d);
    page_words_end(&p);
    draw(&p, d);
    page_sheet_end(&p);
    struck_table(&p, "Services", "サービス", d->services, d->service_count, true);
    struck_table(&p, "Systems", "システム", d->systems, d->system_count, false);
    struck_table(&p, "Datasets", "データ", d->datasets, d->dataset_count, false);
    if (d->event->source.len > 0) {
        page_heading(&p, "Source of the event", "事象の出典");
        report_html_element(out, "p", d->event->source);
    }
    page_end(&p);
}
