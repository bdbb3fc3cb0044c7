/* An explanation for a terminal, for programs, and as a page. */
#include <stdio.h>

#include "planning/page.h"

static const char *const kind_names[PLANNING_CHANGE_COUNT] = {"swap", "add", "learn"};
static const char *const reach_names[] = {"outside", "inside", "unmapped"};

/* ---- what text and page share ---- */

struct telling {
    const struct planning_world *w;
    const struct planning_explanation *x;
    struct report_out *out;
    struct arena scratch;
    bool japanese;
};

static const char *say(const struct telling *t, const char *en, const char *ja) {
    return t->japanese ? ja : en;
}

static str site_name(const struct telling *t, uint32_t site) {
    return register_row_name(t->w->rows[site], t->w->options.language);
}

static void cause_name(const struct telling *t, uint32_t event, struct arena *arena, str *id,
                       str *name) {
    *id = *name = STR_EMPTY;
    error_ignore(
        planning_event_name(t->w, event, arena, id, name, NULL)); /* empty: memory is out */
}

/* "sendai 6-upper, osaka not known" */
static void reach_text(const struct telling *t, const struct planning_cause *cause,
                       struct text *out) {
    bool any = false;
    for (size_t i = 0; i < t->x->set.count; i++) {
        const struct planning_cause_site *s = &cause->sites[i];
        if (s->reach == SITING_OUTSIDE) continue;
        text_format(out, "%s%.*s", any ? say(t, ", ", "、") : "",
                    STR_FMT(t->w->sites[t->x->set.sites[i]].id));
        any = true;
        if (s->grade.len > 0) text_format(out, " %.*s", STR_FMT(planning_grade(t->w, s->grade)));
        if (s->reach == SITING_UNMAPPED) text_add_c(out, say(t, " (not known)", "（不明）"));
    }
}

static void change_text(const struct telling *t, const struct planning_change *c,
                        struct text *out) {
    str site = site_name(t, c->site), other = site_name(t, c->other);
    switch (c->kind) {
    case PLANNING_SWAP:
        if (t->japanese)
            text_format(out, "%.*sの代わりに%.*s", STR_FMT(other), STR_FMT(site));
        else
            text_format(out, "%.*s instead of %.*s", STR_FMT(site), STR_FMT(other));
        break;
    case PLANNING_ADD:
        text_format(out, say(t, "one copy more at %.*s", "%.*sに複製を一つ増やす"), STR_FMT(site));
        break;
    case PLANNING_LEARN:
        text_format(out,
                    say(t, "learning what is unknown of %.*s, if it is as good as it may be",
                        "%.*sの不明な点が明らかになり、最も良い結果であった場合"),
                    STR_FMT(site));
        break;
    case PLANNING_CHANGE_COUNT: break;
    }
}

static double share_of(const struct telling *t, const struct planning_cause *cause) {
    enum siting_result objective = t->x->request.objective;
    double whole = t->x->set.rate[objective][SITING_HI];
    return whole > 0 ? cause->rate[objective][SITING_HI] / whole : 0;
}

static double times_rarer(const struct telling *t, const struct planning_change *c) {
    double now = t->x->set.rate[t->x->request.objective][SITING_HI];
    return c->rate[SITING_HI] > 0 ? now / c->rate[SITING_HI] : 0;
}

/* ---- text ---- */

static void text_head(const struct telling *t) {
    const struct planning_set *set = &t->x->set;
    const char *what = t->x->dataset != NULL ? say(t, "Copies of %.*s: ", "%.*sの複製：")
                                             : say(t, "Sites%.*s: ", "拠点%.*s：");
    report_format(t->out, what,
                  STR_FMT(t->x->dataset != NULL
                              ? register_row_name(t->x->dataset, t->w->options.language)
                              : STR_EMPTY));
    for (size_t i = 0; i < set->count; i++)
        report_format(t->out, "%s%.*s", i > 0 ? ", " : "", STR_FMT(t->w->sites[set->sites[i]].id));
    report_format(t->out,
                  say(t, "; %zu of %zu may be lost\n", "。%2$zuのうち%1$zuまで失ってよい\n"),
                  t->x->request.tolerate, set->count);
    report_add_c(t->out, say(t, "  data lost:      ", "  データ喪失：    "));
    planning_years(t->out, t->japanese, set->rate[SITING_LOSS]);
    report_add_c(t->out, say(t, "\n  out of service: ", "\n  サービス停止：  "));
    planning_years(t->out, t->japanese, set->rate[SITING_DOWN]);
    report_add_c(t->out, "\n");
    for (size_t i = 0; i < set->shared_count; i++)
        report_format(t->out, "%s%.*s",
                      i > 0 ? ", " : say(t, "  all share:      ", "  全拠点に共通：  "),
                      STR_FMT(set->shared[i]));
    if (set->shared_count > 0) report_add_c(t->out, "\n");
}

static void text_causes(const struct telling *t) {
    report_add_c(t->out, say(t, "\nWhat it comes from (share at the high end)\n",
                             "\n原因（上端での割合）\n"));
    for (size_t i = 0; i < t->x->cause_count; i++) {
        char memory[1024];
        struct text reach = text_into(memory, sizeof memory);
        struct arena scratch = t->scratch;
        const struct planning_cause *cause = &t->x->causes[i];
        str id, name;
        cause_name(t, cause->event, &scratch, &id, &name);
        reach_text(t, cause, &reach);
        report_format(t->out, "  %5.1f %%  %.*s (%.*s)\n           ", 100 * share_of(t, cause),
                      STR_FMT(name), STR_FMT(id));
        planning_years(t->out, t->japanese, cause->rate[t->x->request.objective]);
        report_format(t->out, say(t, "; reaches %.*s\n", "。及ぶ拠点：%.*s\n"),
                      STR_FMT(text_str(&reach)));
    }
}

static void text_unknown(const struct telling *t) {
    bool any = false;
    for (size_t i = 0; i < t->x->set.count; i++) {
        if (t->x->unknown_count[i] == 0) continue;
        if (!any) report_add_c(t->out, say(t, "\nWhat is not known\n", "\n不明な点\n"));
        any = true;
        report_format(t->out, "  %.*s: ", STR_FMT(t->w->sites[t->x->set.sites[i]].id));
        struct arena scratch = t->scratch;
        report_add(t->out,
                   planning_unknown_say(t->w, t->x->unknown[i], t->x->unknown_count[i], &scratch));
        report_add_c(t->out, "\n");
    }
    if (t->x->unplaced > 0)
        report_format(t->out,
                      say(t, "%s  %zu more copies, of which nobody says where they stand\n",
                          "%s  さらに複製%zuの所在は示されていない\n"),
                      any ? "" : say(t, "\nWhat is not known\n", "\n不明な点\n"), t->x->unplaced);
    any |= t->x->unplaced > 0;
    if (!any) report_add_c(t->out, say(t, "\nNothing is unknown.\n", "\n不明な点はない。\n"));
}

static void text_changes(const struct telling *t) {
    report_add_c(t->out, say(t, "\nWhat would change it\n", "\n変えるには\n"));
    for (size_t i = 0; i < t->x->change_count; i++) {
        char memory[1024];
        struct text what = text_into(memory, sizeof memory);
        const struct planning_change *c = &t->x->changes[i];
        double times = times_rarer(t, c);
        change_text(t, c, &what);
        report_format(t->out, "  %.*s: ", STR_FMT(text_str(&what)));
        planning_years(t->out, t->japanese, c->rate);
        char room[48];
        if (times > 0)
            report_format(t->out, say(t, " (%.*s times rarer)", "（%.*s分の1）"),
                          STR_FMT(planning_round(times, t->japanese, room)));
        report_add_c(t->out, "\n");
    }
    if (t->x->change_count == 0)
        report_add_c(t->out, say(t, "  no single site, and nothing that could be learnt\n",
                                 "  一つの拠点の変更でも、調査でも良くならない\n"));
}

/* ---- JSON ---- */

static void put_number(struct report_json *j, double number) {
    char digits[32];
    int wrote = snprintf(digits, sizeof digits, "%.7g", number);
    report_json_raw(j, str_of(digits, (size_t)wrote));
}

static void put_ends(struct report_json *j, const char *key, const double rate[SITING_END_COUNT]) {
    report_json_key(j, key);
    report_json_array(j);
    for (int end = 0; end < SITING_END_COUNT; end++) put_number(j, rate[end]);
    report_json_array_end(j);
}

static void put_cause(const struct telling *t, struct report_json *j,
                      const struct planning_cause *cause) {
    struct arena scratch = t->scratch;
    str id, name;
    cause_name(t, cause->event, &scratch, &id, &name);
    report_json_object(j);
    report_json_put(j, "id", id);
    report_json_put(j, "name", name);
    put_ends(j, "loss_per_year", cause->rate[SITING_LOSS]);
    put_ends(j, "down_per_year", cause->rate[SITING_DOWN]);
    report_json_key(j, "share");
    put_number(j, share_of(t, cause));
    report_json_key(j, "sites");
    report_json_array(j);
    for (size_t i = 0; i < t->x->set.count; i++) {
        const struct planning_cause_site *s = &cause->sites[i];
        report_json_object(j);
        report_json_put(j, "site", t->w->sites[t->x->set.sites[i]].id);
        report_json_put_c(j, "reach", reach_names[s->reach]);
        if (s->grade.len > 0) report_json_put(j, "grade", s->grade);
        report_json_object_end(j);
    }
    report_json_array_end(j);
    report_json_object_end(j);
}

static void put_texts(struct report_json *j, const char *key, const str *texts, size_t count) {
    report_json_key(j, key);
    report_json_array(j);
    for (size_t i = 0; i < count; i++) report_json_str(j, texts[i]);
    report_json_array_end(j);
}

static void put_sites(const struct telling *t, struct report_json *j) {
    report_json_key(j, "sites");
    report_json_array(j);
    for (size_t i = 0; i < t->x->set.count; i++) {
        report_json_object(j);
        report_json_put(j, "site", t->w->sites[t->x->set.sites[i]].id);
        report_json_put(j, "name", site_name(t, t->x->set.sites[i]));
        put_texts(j, "unknown", t->x->unknown[i], t->x->unknown_count[i]);
        report_json_object_end(j);
    }
    report_json_array_end(j);
}

static void json_write(const struct telling *t) {
    const struct planning_explanation *x = t->x;
    struct report_json j = report_json_begin(t->out, 3);
    report_json_object(&j);
    report_json_put_time(&j, "as_of", t->w->options.at_ns);
    report_json_put(&j, "dataset", x->dataset != NULL ? x->dataset->id : STR_EMPTY);
    report_json_put_u64(&j, "tolerate", x->request.tolerate);
    report_json_put_c(&j, "objective", x->request.objective == SITING_LOSS ? "loss" : "down");
    put_sites(t, &j);
    put_ends(&j, "loss_per_year", x->set.rate[SITING_LOSS]);
    put_ends(&j, "down_per_year", x->set.rate[SITING_DOWN]);
    put_texts(&j, "shared_groups", x->set.shared, x->set.shared_count);
    report_json_key(&j, "events");
    report_json_array(&j);
    for (size_t i = 0; i < x->cause_count; i++) put_cause(t, &j, &x->causes[i]);
    report_json_array_end(&j);
    report_json_key(&j, "changes");
    report_json_array(&j);
    for (size_t i = 0; i < x->change_count; i++) {
        const struct planning_change *c = &x->changes[i];
        report_json_object(&j);
        report_json_put_c(&j, "kind", kind_names[c->kind]);
        report_json_put(&j, "site", t->w->sites[c->site].id);
        if (c->kind == PLANNING_SWAP) report_json_put(&j, "instead_of", t->w->sites[c->other].id);
        put_ends(&j, "per_year", c->rate);
        report_json_object_end(&j);
    }
    report_json_array_end(&j);
    report_json_object_end(&j);
    report_add_c(t->out, "\n");
}

/* ---- the page ---- */

static void page_first(struct page *p, const struct telling *t) {
    const struct planning_explanation *x = t->x;
    report_add_c(p->out, "<div class=\"worst\"><p>");
    page_names(p, x->set.sites, x->set.count);
    report_add_c(p->out, "</p><p class=\"big\">");
    page_years(p, x->set.rate[x->request.objective]);
    report_add_c(p->out, "</p>");
    page_causes(p, x->set.top, x->set.top_count, x->set.rate[x->request.objective][SITING_HI]);
    report_add_c(p->out, "</div>\n<div class=\"remedy\"><p>");
    report_add_c(p->out, in(p, "What would change it", "変えるには"));
    report_add_c(p->out, "</p><ul class=\"causes\">");
    for (size_t i = 0; i < x->change_count; i++) {
        char memory[1024];
        struct text what = text_into(memory, sizeof memory);
        change_text(t, &x->changes[i], &what);
        report_add_c(p->out, "<li>");
        report_html_text(p->out, text_str(&what));
        report_add_c(p->out, in(p, ": ", "："));
        page_years(p, x->changes[i].rate);
        report_add_c(p->out, "</li>");
    }
    if (x->change_count == 0)
        report_add_c(p->out, in(p, "<li>no single site, and nothing that could be learnt</li>",
                                "<li>一つの拠点の変更でも、調査でも良くならない</li>"));
    report_add_c(p->out, "</ul></div>\n");
}

static void page_map(struct page *p, const struct planning_explanation *x) {
    const struct siting_model *model = p->w->options.model;
    enum map_mark *marks = arena_new(&p->scratch, enum map_mark, p->w->site_count);
    if (p->map.is_empty || marks == NULL) return;
    for (size_t i = 0; i < p->w->site_count; i++) marks[i] = MAP_PLAIN;
    for (size_t i = 0; i < x->set.count; i++) marks[x->set.sites[i]] = MAP_BAD;
    map_begin(&p->map, in(p, "Map of the set", "拠点の組の地図"));
    for (size_t i = 0; i < x->set.top_count; i++) {
        uint32_t event = x->set.top[i].event;
        for (size_t b = 0; event < model->event_count && b < model->events[event].branch_count; b++)
            map_branch(&p->map, &model->events[event].branches[b]);
    }
    map_marks(&p->map, marks);
    map_end(&p->map);
}

static void page_cause_rows(struct page *p, const struct telling *t) {
    const char *const head[] = {
        in(p, "share", "割合"), in(p, "event", "事象"), in(p, "data lost", "データ喪失"),
        in(p, "out of service", "サービス停止"), in(p, "reaches", "及ぶ拠点")};
    page_heading(p, "What it comes from", "原因");
    report_html_table(p->out, head, COUNT_OF(head));
    for (size_t i = 0; i < t->x->cause_count; i++) {
        char memory[1024];
        struct text reach = text_into(memory, sizeof memory);
        const struct planning_cause *cause = &t->x->causes[i];
        str id, name;
        page_event_name(p, cause->event, &id, &name);
        reach_text(t, cause, &reach);
        report_format(p->out, "<tr><td class=\"number\">%.1f %%</td><td>",
                      100 * share_of(t, cause));
        report_html_text(p->out, name);
        report_add_c(p->out, "</td><td>");
        page_years(p, cause->rate[SITING_LOSS]);
        report_add_c(p->out, "</td><td>");
        page_years(p, cause->rate[SITING_DOWN]);
        report_add_c(p->out, "</td><td>");
        report_html_text(p->out, text_str(&reach));
        report_add_c(p->out, "</td></tr>\n");
    }
    report_html_table_end(p->out);
}

static void page_unknowns(struct page *p, const struct planning_explanation *x) {
    page_heading(p, "What is not known", "不明な点");
    report_add_c(p->out, "<ul>");
    for (size_t i = 0; i < x->set.count; i++) {
        report_add_c(p->out, "<li>");
        page_site(p, x->set.sites[i]);
        report_add_c(p->out, in(p, ": ", "："));
        page_unknown(p, x->unknown[i], x->unknown_count[i]);
        if (x->unknown_count[i] == 0) report_add_c(p->out, in(p, "nothing", "なし"));
        report_add_c(p->out, "</li>");
    }
    if (x->unplaced > 0)
        report_format(p->out,
                      in(p, "<li>%zu more copies, of which nobody says where they stand</li>",
                         "<li>さらに複製%zuの所在は示されていない</li>"),
                      x->unplaced);
    report_add_c(p->out, "</ul>\n");
}

static void html_write(const struct telling *t) {
    struct page p;
    page_begin(&p, t->w, t->scratch, t->out,
               t->japanese ? STR("この組の危険の内訳") : STR("Why this set is at risk"));
    page_first(&p, t);
    page_words_end(&p);
    page_map(&p, t->x);
    page_sheet_end(&p);
    page_cause_rows(&p, t);
    page_unknowns(&p, t->x);
    page_end(&p);
}

/* ---- the door ---- */

void planning_write_explanation(const struct planning_world *world,
                                const struct planning_explanation *explanation,
                                struct arena scratch, enum planning_format format,
                                struct report_out *out) {
    struct telling t = {world, explanation, out, scratch,
                        str_equal(world->options.language, STR("ja"))};
    assert(format != PLANNING_GEOJSON); /* its map is that of a plan */
    if (format == PLANNING_JSON) {
        json_write(&t);
        return;
    }
    if (format == PLANNING_HTML) {
        html_write(&t);
        return;
    }
    text_head(&t);
    text_causes(&t);
    text_unknown(&t);
    text_changes(&t);
}
