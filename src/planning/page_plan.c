/* The page of a plan: first today's worst shared risk and its remedy. */
#include "planning/page.h"

#include <math.h>
#include <stdio.h>

static const char *result_word(const struct page *p, enum siting_result result) {
    return result == SITING_LOSS
               ? in(p, "More copies are lost than may be", "許される数を超える複製の喪失：")
               : in(p, "More copies are out of service than may be",
                    "許される数を超える複製の停止：");
}

/* ---- the first sheet ---- */

/* Those of a set of which no event of the table speaks, by name. */
static void unspoken_names(struct page *p, const struct planning_set *set) {
    size_t named = 0;
    for (size_t i = 0; i < set->count; i++) {
        if (!planning_is_beyond(p->w, set->sites[i])) continue;
        if (named++ > 0) report_add_c(p->out, in(p, ", ", "、"));
        page_names(p, &set->sites[i], 1);
    }
}

static size_t unspoken(const struct page *p, const struct planning_set *set) {
    size_t count = 0;
    for (size_t i = 0; i < set->count; i++) count += planning_is_beyond(p->w, set->sites[i]);
    return count;
}

static void unspoken_say(struct page *p, const struct planning_set *set) {
    report_add_c(p->out, in(p, "<p>No event of the table speaks of where <b>",
                            "<p>表のどの事象も対象としない所にある拠点：<b>"));
    unspoken_names(p, set);
    report_format(p->out,
                  in(p, "</b> %s: that little strikes this set is no sign of safety.</p>",
                     "</b>。この組の頻度が低いことは安全を意味しない。</p>"),
                  unspoken(p, set) > 1 ? "stand" : "stands");
}

static void worst(struct page *p, const struct planning_plan *plan) {
    enum siting_result objective = plan->request->objective;
    str id = STR_EMPTY, name = STR_EMPTY;
    report_add_c(p->out, "<div class=\"worst\"><p>");
    report_add_c(p->out, in(p, "Today: ", "今日："));
    page_names(p, plan->today.sites, plan->today.count);
    report_add_c(p->out, "</p>");
    if (plan->today.top_count > 0) {
        page_event_name(p, plan->today.top[0].event, &id, &name);
        report_add_c(p->out, in(p, "<p>The worst risk that they share</p><p class=\"big\">",
                                "<p>共有する最大のリスク</p><p class=\"big\">"));
        report_html_text(p->out, name);
        report_add_c(p->out, "</p>");
    }
    report_add_c(p->out, "<p>");
    report_add_c(p->out, result_word(p, objective));
    report_add_c(p->out, in(p, " ", ""));
    page_years(p, plan->today.rate[objective]);
    if (plan->today.top_count > 0)
        report_format(p->out,
                      in(p, "; where it is most often, %.0f %% of the times by this",
                         "。最も多い場合、その%.0f %%がこれによる"),
                      100 * plan->today.top[0].rate / plan->today.rate[objective][SITING_HI]);
    report_add_c(p->out, in(p, ".</p>", "。</p>"));
    if (plan->today_unplaced > 0)
        report_format(
            p->out,
            in(p, "<p>Not counted, as nobody says where they stand: %zu of today's copies.</p>",
               "<p>今日の複製のうちさらに%zuは所在が示されておらず、数えていない。</p>"),
            plan->today_unplaced);
    if (plan->today_beyond > 0) unspoken_say(p, &plan->today);
    if (plan->today.shared_count > 0) {
        report_add_c(p->out, in(p, "<p>All of them are in: ", "<p>全拠点に共通する群："));
        page_groups(p, plan->today.shared, plan->today.shared_count);
        report_add_c(p->out, "</p>");
    }
    report_add_c(p->out, "</div>\n");
}

/* A best set in places that nobody asked to leave out. */
static void abroad(struct page *p, const struct planning_plan *plan) {
    if (plan->abroad == 0) return;
    report_format(p->out,
                  in(p,
                     "<p>%zu of these %s not said to stand in %.*s, the home of the dataset's "
                     "operator: <code>--country %.*s</code> leaves such sites out.</p>",
                     "<p>うち%zu拠点%sは、事業者の本拠国%.*sにあると示されていない。"
                     "<code>--country %.*s</code> で除外できる。</p>"),
                  plan->abroad,
                  p->japanese        ? ""
                  : plan->abroad > 1 ? "are"
                                     : "is",
                  STR_FMT(plan->home), STR_FMT(plan->home));
}

/* How much rarer, where both sets stand where somebody has looked. */
static void gain(struct page *p, double now, double best) {
    char room[48];
    if (best > 0 && now > best * 1.005)
        report_format(p->out,
                      in(p, "makes it <b>%.*s times rarer</b>: ", "頻度は<b>%.*s分の1</b>："),
                      STR_FMT(planning_round(now / best, p->japanese, room)));
}

/* Beside a best set that owes its place to nobody having looked: the best of where somebody has. */
static void known(struct page *p, const struct planning_plan *plan) {
    enum siting_result objective = plan->request->objective;
    if (plan->beyond == 0) return;
    unspoken_say(p, &plan->sets[0]);
    if (!plan->has_known) {
        report_add_c(p->out, in(p, "<p>The other sites are too few for a set.</p>",
                                "<p>ほかの拠点だけでは組にならない。</p>"));
        return;
    }
    report_add_c(p->out, in(p, "<p>Best of where somebody has looked</p><p class=\"big\">",
                            "<p>調べられた拠点での最良</p><p class=\"big\">"));
    page_names(p, plan->known.sites, plan->known.count);
    report_add_c(p->out, "</p><p>");
    if (plan->has_today && plan->today_beyond == 0)
        gain(p, plan->today.rate[objective][SITING_HI], plan->known.rate[objective][SITING_HI]);
    page_years(p, plan->known.rate[objective]);
    report_add_c(p->out, in(p, ".</p>", "。</p>"));
}

static void one_more(struct page *p, const struct planning_plan *plan) {
    char room[48];
    enum siting_result objective = plan->request->objective;
    double best = plan->sets[0].rate[objective][SITING_HI],
           more = plan->more.rate[objective][SITING_HI];
    if (!plan->has_more) return;
    report_add_c(p->out, in(p, "<p>One copy more (", "<p>複製をもう一つ増やすと（"));
    page_names(p, plan->more.sites, plan->more.count);
    report_add_c(p->out, in(p, ") ", "）"));
    if (unspoken(p, &plan->more) > 0)
        report_add_c(p->out, in(p, "stands in part where nobody has looked: ",
                                "一部は調べられていない所にある："));
    else if (more > 0 && best > more * 1.005)
        report_format(
            p->out,
            in(p, "makes it <b>%.*s times rarer again</b>: ", "さらに<b>%.*s分の1</b>になる："),
            STR_FMT(planning_round(best / more, p->japanese, room)));
    else
        report_add_c(p->out, in(p, "brings nothing: ", "変わらない："));
    page_years(p, plan->more.rate[objective]);
    report_add_c(p->out, in(p, ".</p>", "。</p>"));
}

static const char *remedy_head(const struct page *p, const struct planning_plan *plan) {
    enum siting_result objective = plan->request->objective;
    double best = plan->sets[0].rate[objective][SITING_HI],
           now = plan->has_today ? plan->today.rate[objective][SITING_HI] : 0;
    if (plan->beyond > 0) return in(p, "Struck least by the table", "表の上で最も被害の少ない組");
    return !plan->has_today || now > best * 1.005 || plan->today_breaks.len > 0 ||
                   plan->today_beyond > 0
               ? in(p, "The remedy: copies at", "対策：次の拠点に置く")
               : in(p, "Today's set is as good as the best", "今日の組は最良に劣らない");
}

static void remedy(struct page *p, const struct planning_plan *plan) {
    enum siting_result objective = plan->request->objective;
    report_format(p->out, "<div class=\"remedy\"><p>%s</p><p class=\"big\">", remedy_head(p, plan));
    page_names(p, plan->sets[0].sites, plan->sets[0].count);
    report_add_c(p->out, "</p><p>");
    if (plan->today_breaks.len > 0) {
        report_add_c(p->out, in(p, "Today's set does not keep: ", "今日の組が満たさない制約："));
        report_html_text(p->out, p->japanese ? plan->today_breaks_ja : plan->today_breaks);
        report_add_c(p->out, in(p, ". ", "。"));
    }
    if (plan->has_today && plan->beyond + plan->today_beyond == 0)
        gain(p, plan->today.rate[objective][SITING_HI], plan->sets[0].rate[objective][SITING_HI]);
    page_years(p, plan->sets[0].rate[objective]);
    report_add_c(p->out, in(p, ".</p>", "。</p>"));
    abroad(p, plan);
    known(p, plan);
    one_more(p, plan);
    report_add_c(p->out, "</div>\n");
}

static void no_set(struct page *p, const struct planning_plan *plan) {
    report_add_c(p->out, "<div class=\"worst\"><p class=\"big\">");
    report_add_c(p->out, in(p, "No set keeps all constraints.", "制約をすべて満たす組はない。"));
    report_add_c(p->out, "</p><p>");
    if (plan->binding.len > 0) {
        report_add_c(p->out, in(p, "Without this one there is a set: ", "次の制約を外せばある："));
        report_html_text(p->out, p->japanese ? plan->binding_ja : plan->binding);
    } else
        report_add_c(p->out, in(p, "No single one of them is why.", "一つを外しても変わらない。"));
    report_add_c(p->out, "</p></div>\n");
}

/* ---- the map ---- */

static bool has(const struct planning_set *set, uint32_t site) {
    for (size_t i = 0; i < set->count; i++)
        if (set->sites[i] == site) return true;
    return false;
}

static void draw_lines(const struct page *p, const struct planning_set *set, const char *kind) {
    for (size_t i = 0; i < set->count; i++)
        for (size_t k = 0; k < i; k++) map_line(&p->map, set->sites[k], set->sites[i], kind);
}

static void draw(struct page *p, const struct planning_plan *plan) {
    const struct siting_model *model = p->w->options.model;
    enum map_mark *marks = arena_new(&p->scratch, enum map_mark, p->w->site_count);
    if (p->map.is_empty || marks == NULL) return;
    for (uint32_t i = 0; i < p->w->site_count; i++) {
        bool now = plan->has_today && has(&plan->today, i),
             best = plan->set_count > 0 && has(&plan->sets[0], i);
        marks[i] = now && best ? MAP_BOTH : now ? MAP_BAD : best ? MAP_GOOD : MAP_PLAIN;
    }
    map_begin(&p->map,
              in(p, "Map of today's copies and the best set", "今日の複製と最良の組の地図"));
    for (size_t i = 0; plan->has_today && i < plan->today.top_count; i++) {
        uint32_t event = plan->today.top[i].event;
        for (size_t b = 0; event < model->event_count && b < model->events[event].branch_count; b++)
            map_branch(&p->map, &model->events[event].branches[b]);
    }
    if (plan->has_today) draw_lines(p, &plan->today, "now");
    if (plan->set_count > 0) draw_lines(p, &plan->sets[0], "best");
    map_marks(&p->map, marks);
    map_end(&p->map);
    report_add_c(p->out, "<div class=\"legend\">");
    if (plan->has_today) map_legend(p->out, MAP_BAD, in(p, "a copy today", "今日の複製"));
    map_legend(p->out, MAP_GOOD, in(p, "the best set", "最良の組"));
    if (plan->has_today) map_legend(p->out, MAP_BOTH, in(p, "both", "両方"));
    map_legend(p->out, MAP_PLAIN, in(p, "other sites", "ほかの拠点"));
    report_add_c(p->out, "</div>\n");
}

/* ---- all sets ---- */

static void set_row(struct page *p, const struct planning_plan *plan, const char *what,
                    const struct planning_set *set) {
    report_format(p->out, "<tr><td>%s</td><td>", what);
    page_sites(p, set->sites, set->count);
    report_add_c(p->out, "</td><td>");
    page_years(p, set->rate[SITING_LOSS]);
    report_add_c(p->out, "</td><td>");
    page_years(p, set->rate[SITING_DOWN]);
    report_add_c(p->out, "</td><td>");
    if (set->nearest_km >= 0)
        planning_km(p->out, p->japanese, set->nearest_km, set->nearest_most_km);
    report_add_c(p->out, "</td><td>");
    page_groups(p, set->shared, set->shared_count);
    report_add_c(p->out, "</td><td>");
    page_causes(p, set->top, set->top_count, set->rate[plan->request->objective][SITING_HI]);
    report_add_c(p->out, "</td></tr>\n");
}

static void sets(struct page *p, const struct planning_plan *plan) {
    const char *const head[] = {in(p, "set", "組"),
                                in(p, "sites", "拠点"),
                                in(p, "data lost", "データ喪失"),
                                in(p, "out of service", "サービス停止"),
                                in(p, "nearest two", "最も近い2拠点"),
                                in(p, "all are in", "全拠点に共通"),
                                in(p, "it comes from", "主な原因")};
    page_heading(p, "The sets", "拠点の組");
    report_html_table(p->out, head, COUNT_OF(head));
    if (plan->has_today) set_row(p, plan, in(p, "today", "今日"), &plan->today);
    for (size_t i = 0; i < plan->set_count; i++) {
        char place[24];
        snprintf(place, sizeof place, in(p, "no. %zu", "%zu位"), i + 1);
        set_row(p, plan,
                i == 0   ? in(p, "best", "最良")
                : i == 1 ? in(p, "runner-up", "次点")
                         : place,
                &plan->sets[i]);
    }
    if (plan->has_known)
        set_row(p, plan, in(p, "best where somebody has looked", "調べられた拠点での最良"),
                &plan->known);
    if (plan->has_more) set_row(p, plan, in(p, "one copy more", "もう一つ増やす"), &plan->more);
    report_html_table_end(p->out);
}

static void how(struct page *p, const struct planning_plan *plan) {
    const struct planning_request *r = plan->request;
    page_heading(p, "What was asked, and how sure the answer is", "条件と確かさ");
    report_format(p->out,
                  in(p,
                     "<p>%zu copies, of which %zu may be lost; a lost copy is made again in %.4g "
                     "days; an interruption up to %.4g h is none.</p>\n",
                     "<p>複製%zu、うち%zuまで失ってよい。失った複製は%.4g日で作り直す。%.4g時間まで"
                     "の停止は数えない。</p>\n"),
                  r->copies, r->tolerate, r->window_years * SITING_HOURS_PER_YEAR / 24,
                  p->w->options.down_longer_than_h);
    if (plan->set_count > 0 && plan->binding.len > 0) {
        report_add_c(p->out, in(p, "<p>What binds: ", "<p>効いている制約："));
        report_html_text(p->out, p->japanese ? plan->binding_ja : plan->binding);
        report_add_c(p->out,
                     in(p, "; without it, at its most often, ", "。外した場合（多くて）："));
        page_years(p, (const double[]){plan->without_binding, plan->without_binding});
        report_add_c(p->out, in(p, ".</p>\n", "。</p>\n"));
    }
    report_format(p->out, in(p, "<p>%llu sets looked at; ", "<p>%llu組を調べた。"),
                  (unsigned long long)plan->looked_at);
    if (plan->is_proved && plan->set_count == 0)
        report_add_c(p->out, in(p, "none keeps all constraints.</p>\n",
                                "すべての制約を満たす組はない。</p>\n"));
    else if (plan->is_proved)
        report_add_c(p->out, in(p, "no set is better.</p>\n", "これより良い組はない。</p>\n"));
    else if (isinf(planning_gap(plan)))
        report_add_c(p->out, in(p, "whether others are better is not proved.</p>\n",
                                "他により良い組があるかは証明していない。</p>\n"));
    else
        report_format(p->out,
                      in(p,
                         "no set is below %.3g a year: the best there is may be up to %.2g times "
                         "rarer.</p>\n",
                         "どの組も年%.3gを下回らない。最良の組でも頻度は最大%.2g分の1まで。</p>\n"),
                      plan->bound, planning_gap(plan));
}

void planning_html_plan(const struct planning_world *w, const struct planning_plan *plan,
                        struct arena scratch, struct report_out *out) {
    struct page p;
    bool japanese = str_equal(w->options.language, STR("ja"));
    str title = register_row_name(plan->dataset, w->options.language);
    error_ignore(arena_format(&scratch, &title, NULL,
                              japanese ? "%.*sの複製を置くべき拠点"
                                       : "Where the copies of %.*s should stand",
                              STR_FMT(title))); /* the name alone when memory is out */
    page_begin(&p, w, scratch, out, title);
    if (plan->has_today)
        worst(&p, plan);
    else
        report_html_element(out, "p",
                            str_from_c(in(&p,
                                          "Where the copies are today is not known: neither the "
                                          "register nor --store-site says so.",
                                          "今日の複製の所在は不明：登録簿にも --store-site "
                                          "にも示されていない。")));
    if (plan->set_count > 0)
        remedy(&p, plan);
    else
        no_set(&p, plan);
    page_words_end(&p);
    draw(&p, plan);
    page_sheet_end(&p);
    sets(&p, plan);
    how(&p, plan);
    page_end(&p);
}
