/* Ranks, plans and drills for a terminal: first what a planner must know, then why. */
#include <math.h>

#include "planning/written.h"

struct saying {
    const struct planning_world *w;
    struct arena scratch;
    struct report_out *out;
    bool japanese;
};

static const char *say(const struct saying *s, const char *en, const char *ja) {
    return s->japanese ? ja : en;
}

static void say_years(const struct saying *s, const double rate[SITING_END_COUNT]) {
    planning_years(s->out, s->japanese, rate);
}

static str name_of_site(const struct saying *s, uint32_t site) {
    return register_row_name(s->w->rows[site], s->w->options.language);
}

static void say_sites(const struct saying *s, const uint32_t *sites, size_t count) {
    for (size_t i = 0; i < count; i++)
        report_format(s->out, "%s%.*s", i > 0 ? ", " : "", STR_FMT(s->w->sites[sites[i]].id));
}

static void say_top(const struct saying *s, const struct siting_share *top, size_t count,
                    double whole, const char *indent) {
    for (size_t i = 0; i < count; i++) {
        struct arena scratch = s->scratch;
        str id = STR_EMPTY, name = STR_EMPTY;
        error_ignore(planning_event_name(s->w, top[i].event, &scratch, &id, &name,
                                         NULL)); /* empty when memory is out */
        report_format(s->out, "%s%4.1f %%  %.*s (%.*s)\n", indent,
                      whole > 0 ? 100 * top[i].rate / whole : 0, STR_FMT(name), STR_FMT(id));
    }
}

static void say_texts(const struct saying *s, const str *texts, size_t count) {
    for (size_t i = 0; i < count; i++)
        report_format(s->out, "%s%.*s", i > 0 ? ", " : "", STR_FMT(texts[i]));
}

/* ---- rank ---- */

static void say_unknown(const struct saying *s, const str *unknown, size_t count) {
    struct arena scratch = s->scratch;
    str words = planning_unknown_say(s->w, unknown, count, &scratch);
    report_add(s->out, words);
}

/* By name alone: their numbers would say that they are the safest. */
static void say_beyond(const struct saying *s, const struct planning_ranked *ranked, size_t count) {
    if (count == 0) return;
    report_format(
        s->out,
        say(s,
            "\n%zu sites stand where no event of the table speaks of. Nobody has looked, "
            "so they are not ranked:\n  ",
            "\n次の%zu拠点は表のどの事象も対象としない所にある。調べられていないため順位は"
            "付けない。\n  "),
        count);
    for (size_t i = 0; i < count; i++)
        report_format(s->out, "%s%.*s", i > 0 ? ", " : "", STR_FMT(s->w->sites[ranked[i].site].id));
    report_add_c(s->out, "\n");
}

static void say_rank(const struct saying *s, const struct planning_ranked *ranked) {
    size_t known = planning_ranked_known(s->w, ranked);
    report_add_c(s->out, say(s,
                             "Sites, those struck least first. Each alone; ranges are the ends of "
                             "what is not known.\n",
                             "被害の少ない順の拠点。各拠点単独の値。範囲は不確かさの両端。\n"));
    for (size_t i = 0; i < known; i++) {
        const struct planning_ranked *r = &ranked[i];
        report_format(s->out, "\n%3zu  %.*s  %.*s\n", i + 1, STR_FMT(s->w->sites[r->site].id),
                      STR_FMT(name_of_site(s, r->site)));
        report_add_c(s->out, say(s, "     data lost:      ", "     データ喪失：    "));
        say_years(s, r->rate[SITING_LOSS]);
        report_add_c(s->out, say(s, "\n     out of service: ", "\n     サービス停止：  "));
        say_years(s, r->rate[SITING_DOWN]);
        report_add_c(s->out, "\n");
        say_top(s, r->top, r->top_count, r->rate[SITING_LOSS][SITING_HI], "       ");
        if (r->unknown_count == 0) continue;
        report_add_c(s->out, say(s, "     not known: ", "     不明："));
        say_unknown(s, r->unknown, r->unknown_count);
        report_add_c(s->out, "\n");
    }
    say_beyond(s, ranked + known, s->w->site_count - known);
}

/* ---- plan ---- */

static void say_set(const struct saying *s, const struct planning_plan *plan, const char *title,
                    const struct planning_set *set) {
    report_format(s->out, "\n%s: ", title);
    say_sites(s, set->sites, set->count);
    report_add_c(s->out, say(s, "\n  data lost:      ", "\n  データ喪失：    "));
    say_years(s, set->rate[SITING_LOSS]);
    report_add_c(s->out, say(s, "\n  out of service: ", "\n  サービス停止：  "));
    say_years(s, set->rate[SITING_DOWN]);
    if (set->nearest_km >= 0) {
        report_add_c(s->out, say(s, "\n  nearest two:    ", "\n  最も近い2拠点： "));
        planning_km(s->out, s->japanese, set->nearest_km, set->nearest_most_km);
    }
    if (set->shared_count > 0) {
        report_add_c(s->out, say(s, "\n  all share:      ", "\n  全拠点に共通：  "));
        say_texts(s, set->shared, set->shared_count);
    }
    if (set->by_chance >= 0)
        report_format(s->out,
                      say(s, "\n  by chance:      %.3g a year (computed: %.3g)",
                          "\n  模擬：          年%.3g（計算値 %.3g）"),
                      set->by_chance, set->rate[plan->request->objective][SITING_HI]);
    report_add_c(s->out,
                 set->top_count == 0 ? "\n" : say(s, "\n  it comes from:\n", "\n  主な原因：\n"));
    say_top(s, set->top, set->top_count, set->rate[plan->request->objective][SITING_HI], "    ");
}

static void say_unplaced(const struct saying *s, const struct planning_plan *plan) {
    if (plan->today_unplaced > 0)
        report_format(s->out,
                      say(s,
                          "\nNot counted, as nobody says where they stand: %zu of today's copies "
                          "(--store-site is where this store does).\n",
                          "\n今日の複製のうちさらに%zuは所在が示されておらず、数えていない"
                          "（このストアの拠点は --store-site で示す）。\n"),
                      plan->today_unplaced);
}

/* A best set in places that nobody asked to leave out. */
static void say_abroad(const struct saying *s, const struct planning_plan *plan) {
    if (plan->abroad > 0)
        report_format(s->out,
                      say(s,
                          "\n%zu of the best set %s not said to stand in %.*s, the home of the "
                          "dataset's operator: --country %.*s leaves such sites out.\n",
                          "\n最良の組のうち%zu拠点%sは、事業者の本拠国%.*sにあると示されていない。"
                          "--country %.*s で除外できる。\n"),
                      plan->abroad,
                      s->japanese        ? ""
                      : plan->abroad > 1 ? "are"
                                         : "is",
                      STR_FMT(plan->home), STR_FMT(plan->home));
}

/* A best set of which some stand where nobody has looked, and the best of where somebody has. */
static void say_unspoken(const struct saying *s, const struct planning_plan *plan) {
    if (plan->beyond == 0) return;
    report_add_c(s->out, say(s, "\nNo event of the table speaks of where ",
                             "\n表のどの事象も対象としない所にある拠点："));
    for (size_t i = 0, named = 0; i < plan->sets[0].count; i++) {
        if (!planning_is_beyond(s->w, plan->sets[0].sites[i])) continue;
        if (named++ > 0) report_add_c(s->out, say(s, ", ", "、"));
        say_sites(s, &plan->sets[0].sites[i], 1);
    }
    report_add_c(s->out, say(s, plan->beyond > 1 ? " stand: " : " stands: ", "。"));
    report_add_c(s->out, say(s, "that little strikes this set is no sign of safety.\n",
                             "この組の頻度が低いことは安全を意味しない。\n"));
    if (plan->has_known)
        say_set(s, plan, say(s, "Best of where somebody has looked", "調べられた拠点での最良"),
                &plan->known);
    else
        report_add_c(s->out, say(s, "The other sites are too few for a set.\n",
                                 "ほかの拠点だけでは組にならない。\n"));
}

static void say_gain(const struct saying *s, const struct planning_plan *plan) {
    enum siting_result objective = plan->request->objective;
    const struct planning_set *to = plan->has_known ? &plan->known : &plan->sets[0];
    double now = plan->today.rate[objective][SITING_HI], best = to->rate[objective][SITING_HI];
    char room[48];
    if (plan->today_breaks.len > 0)
        report_format(
            s->out,
            say(s, "Today's set does not keep \"%.*s\".\n", "今日の組は「%.*s」を満たさない。\n"),
            STR_FMT(s->japanese ? plan->today_breaks_ja : plan->today_breaks));
    if (!plan->has_today || plan->set_count == 0 || best <= 0 || now <= 0) return;
    if (plan->today_beyond > 0)
        report_format(
            s->out,
            say(s,
                "No event of the table speaks of where %zu of today's copies stand: how "
                "much better another set is, nobody knows.\n",
                "今日の複製のうち%zuは表のどの事象も対象としない所にあり、他の組がどれほど"
                "良いかは不明。\n"),
            plan->today_beyond);
    if (plan->today_beyond > 0 || (plan->beyond > 0 && !plan->has_known)) return;
    if (now > best * 1.005)
        report_format(s->out,
                      plan->has_known
                          ? say(s,
                                "Moving to the best set of where somebody has looked makes it %.*s "
                                "times rarer than today.\n",
                                "調べられた拠点での最良の組へ移すと、今日より%.*s分の1に減る。\n")
                          : say(s, "Moving to the best set makes it %.*s times rarer than today.\n",
                                "最良の組へ移すと、今日より%.*s分の1に減る。\n"),
                      STR_FMT(planning_round(now / best, s->japanese, room)));
    else if (plan->today_breaks.len == 0)
        report_add_c(s->out, say(s, "Today's set is as good as the best.\n",
                                 "今日の組は最良の組に劣らない。\n"));
}

static void say_plan(const struct saying *s, const struct planning_plan *plan) {
    const struct planning_request *r = plan->request;
    report_format(
        s->out,
        say(s,
            "%.*s: %zu copies, of which %zu may be lost; a lost copy is made again in %.4g days.\n",
            "%.*s：複製%zu、うち%zuまで失ってよい。失った複製は%.4g日で作り直す。\n"),
        STR_FMT(register_row_name(plan->dataset, s->w->options.language)), r->copies, r->tolerate,
        r->window_years * SITING_HOURS_PER_YEAR / 24);
    say_gain(s, plan);
    if (plan->set_count == 0 && plan->binding.len > 0)
        report_format(s->out,
                      say(s, "No set keeps all constraints; without \"%.*s\" there is one.\n",
                          "制約をすべて満たす組はない。「%.*s」を外せばある。\n"),
                      STR_FMT(s->japanese ? plan->binding_ja : plan->binding));
    if (plan->set_count == 0 && plan->binding.len == 0)
        report_add_c(s->out,
                     say(s, "No set keeps all constraints, and no single one of them is why.\n",
                         "制約をすべて満たす組はなく、一つを外しても変わらない。\n"));
    if (plan->has_today) say_set(s, plan, say(s, "Today", "今日"), &plan->today);
    say_unplaced(s, plan);
    if (plan->set_count > 0) say_set(s, plan, say(s, "Best", "最良"), &plan->sets[0]);
    say_abroad(s, plan);
    say_unspoken(s, plan);
    if (plan->set_count > 1) say_set(s, plan, say(s, "Runner-up", "次点"), &plan->sets[1]);
    if (plan->set_count > 0 && plan->binding.len > 0) {
        report_format(s->out,
                      say(s, "\nWhat binds: %.*s; without it, at its most often, ",
                          "\n効いている制約：%.*s。外した場合（多くて）："),
                      STR_FMT(s->japanese ? plan->binding_ja : plan->binding));
        say_years(s, (const double[]){plan->without_binding, plan->without_binding});
        report_add_c(s->out, say(s, ".\n", "。\n"));
    }
    if (plan->has_more)
        say_set(s, plan, say(s, "With one copy more", "複製を一つ増やすと"), &plan->more);
    report_format(s->out, say(s, "\n%llu sets looked at; ", "\n%llu組を調べた。"),
                  (unsigned long long)plan->looked_at);
    if (plan->is_proved && plan->set_count == 0)
        report_add_c(s->out,
                     say(s, "none keeps all constraints.\n", "すべての制約を満たす組はない。\n"));
    else if (plan->is_proved)
        report_add_c(s->out, say(s, "no set is better.\n", "これより良い組はない。\n"));
    else if (isinf(planning_gap(plan)))
        report_add_c(s->out, say(s, "whether others are better is not proved.\n",
                                 "他により良い組があるかは証明していない。\n"));
    else
        report_format(s->out,
                      say(s,
                          "no set is below %.3g a year: the best there is may be up to %.2g times "
                          "rarer.\n",
                          "どの組も年%.3gを下回らない。最良の組でも頻度は最大%.2g分の1まで。\n"),
                      plan->bound, planning_gap(plan));
}

/* ---- drill ---- */

static double tenths(double hours) {
    return round(hours * 10) / 10;
}

static void say_state(const struct saying *s, enum planning_state state, double from_h,
                      double until_h) {
    if (state == PLANNING_ANSWERS) {
        report_add_c(s->out, say(s, "answers", "応答する"));
        return;
    }
    if (state == PLANNING_MAY_BE_DARK) report_add_c(s->out, say(s, "may be ", "おそらく"));
    report_format(s->out, say(s, "dark from hour %.6g", "%.6g時間後に停止"), tenths(from_h));
    if (until_h > from_h)
        report_format(s->out, say(s, " for %.6g h", "、%.6g時間続く"), tenths(until_h - from_h));
    else
        report_add_c(s->out, say(s, ", for how long is not said", "、期間は不明"));
}

static void say_struck_site(const struct saying *s, const struct planning_struck_site *site) {
    report_format(s->out, "  %.*s  ", STR_FMT(s->w->sites[site->site].id));
    if (site->reach == SITING_UNMAPPED)
        report_add_c(s->out, say(s, "nobody knows whether it is reached; ", "及ぶかどうか不明。"));
    if (site->grade.len > 0)
        report_format(s->out, say(s, "%.*s; ", "%.*s。"),
                      STR_FMT(planning_grade(s->w, site->grade)));
    if (site->bridged)
        report_format(
            s->out,
            say(s, "without power, on %.4g h of fuel: answers", "停電、燃料%.4g時間で持ちこたえる"),
            s->w->sites[site->site].fuel_h);
    else
        say_state(s, site->state, site->from_h, site->until_h);
    if (site->state == PLANNING_MAY_BE_DARK && !site->fuel_known)
        report_add_c(s->out, say(s, " (fuel not known)", "（燃料不明）"));
    if (site->p_loss > 0)
        report_format(s->out, say(s, "; data lost with %.3g %%", "。データ喪失 %.3g %%"),
                      100 * site->p_loss);
    report_add_c(s->out, "\n");
}

static void say_struck(const struct saying *s, const char *title, const char *where,
                       const struct planning_struck *list, size_t count) {
    size_t answering = 0, placeless = 0;
    report_format(s->out, "\n%s\n", title);
    for (size_t i = 0; i < count; i++) {
        const struct planning_struck *r = &list[i];
        if (planning_is_placeless(r) && r->state != PLANNING_ANSWERS) {
            placeless++;
            continue;
        }
        if (r->state == PLANNING_ANSWERS && r->p_loss == 0) {
            answering++;
            continue;
        }
        report_format(s->out, "  %.*s  %.*s: ", STR_FMT(r->row->id),
                      STR_FMT(register_row_name(r->row, s->w->options.language)));
        say_state(s, r->state, r->from_h, r->until_h);
        if (r->answering > 0)
            report_format(s->out, say(s, " from %zu of %zu sites", "（%2$zu拠点中%1$zu）"),
                          r->answering, r->site_count);
        if (r->p_loss > 0)
            report_format(s->out,
                          say(s, "; all copies lost with %.3g %%", "。全複製の喪失 %.3g %%"),
                          100 * r->p_loss);
        if (r->users > 0) report_format(s->out, say(s, "; %.0f users", "。利用者%.0f"), r->users);
        report_add_c(s->out, "\n");
    }
    report_format(s->out, say(s, "  %zu untouched\n", "  影響なし %zu\n"), answering);
    if (placeless == 0) return;
    report_format(s->out,
                  say(s, "  %zu of which nobody says %s\n", "  %2$sが示されていないもの %1$zu\n"),
                  placeless, where);
}

static void say_drill(const struct saying *s, const struct planning_drill *d) {
    size_t dark = 0, may_be = 0;
    for (size_t i = 0; i < d->site_count; i++) {
        dark += d->sites[i].state == PLANNING_DARK;
        may_be += d->sites[i].state == PLANNING_MAY_BE_DARK;
    }
    report_format(s->out, "%.*s%s%.*s\n",
                  STR_FMT(s->japanese ? d->event->name_ja : d->event->name_en),
                  d->branch->name.len > 0 ? say(s, ": ", "：") : "",
                  STR_FMT(s->japanese ? d->branch->name_ja : d->branch->name));
    report_format(
        s->out,
        say(s,
            "%.0f people lose a service, %.0f more may; %zu of %zu sites go dark, %zu more may.\n",
            "サービスを失う人は%.0f、さらに%.0fが失うおそれ。%zu拠点（全%zu）が停止、さらに%"
            "zu拠点におそれ。\n"),
        d->users_dark, d->users_may_be, dark, d->site_count, may_be);
    if (d->outage_h > 0)
        report_format(s->out, say(s, "Without power for %.4g h.\n", "停電 %.4g時間。\n"),
                      d->outage_h);
    report_format(s->out, "\n%s\n", say(s, "Sites", "拠点"));
    size_t untouched = 0;
    for (size_t i = 0; i < d->site_count; i++) {
        if (d->sites[i].reach == SITING_OUTSIDE)
            untouched++;
        else
            say_struck_site(s, &d->sites[i]);
    }
    report_format(s->out, say(s, "  %zu untouched\n", "  影響なし %zu\n"), untouched);
    say_struck(s, say(s, "Datasets", "データ"),
               say(s, "where any copy stands (--store-site is where this store does)",
                   "複製の所在（このストアの拠点は --store-site で示す）"),
               d->datasets, d->dataset_count);
    say_struck(s, say(s, "Systems", "システム"), say(s, "where they stand", "所在"), d->systems,
               d->system_count);
    say_struck(s, say(s, "Services", "サービス"),
               say(s, "on which systems they hang", "依存するシステム"), d->services,
               d->service_count);
    if (d->event->source.len > 0)
        report_format(s->out, say(s, "\nSource: %.*s\n", "\n出典：%.*s\n"),
                      STR_FMT(d->event->source));
}

/* ---- the door ---- */

static struct saying saying_of(const struct planning_world *w, struct arena scratch,
                               struct report_out *out) {
    return (struct saying){w, scratch, out, str_equal(w->options.language, STR("ja"))};
}

void planning_write_rank(const struct planning_world *world, const struct planning_ranked *ranked,
                         struct arena scratch, enum planning_format format,
                         struct report_out *out) {
    struct saying s = saying_of(world, scratch, out);
    switch (format) {
    case PLANNING_TEXT: say_rank(&s, ranked); break;
    case PLANNING_JSON: planning_json_rank(world, ranked, scratch, out); break;
    case PLANNING_HTML: planning_html_rank(world, ranked, scratch, out); break;
    case PLANNING_GEOJSON: planning_geojson_rank(world, ranked, out); break;
    }
}

void planning_write_plan(const struct planning_world *world, const struct planning_plan *plan,
                         struct arena scratch, enum planning_format format,
                         struct report_out *out) {
    struct saying s = saying_of(world, scratch, out);
    switch (format) {
    case PLANNING_TEXT: say_plan(&s, plan); break;
    case PLANNING_JSON: planning_json_plan(world, plan, scratch, out); break;
    case PLANNING_HTML: planning_html_plan(world, plan, scratch, out); break;
    case PLANNING_GEOJSON: planning_geojson_plan(world, plan, out); break;
    }
}

void planning_write_drill(const struct planning_world *world, const struct planning_drill *drill,
                          struct arena scratch, enum planning_format format,
                          struct report_out *out) {
    struct saying s = saying_of(world, scratch, out);
    switch (format) {
    case PLANNING_TEXT: say_drill(&s, drill); break;
    case PLANNING_JSON: planning_json_drill(world, drill, out); break;
    case PLANNING_HTML: planning_html_drill(world, drill, scratch, out); break;
    case PLANNING_GEOJSON: planning_geojson_drill(world, drill, out); break;
    }
}
