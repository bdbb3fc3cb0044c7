/* azekura site check: the clauses of adopted rulebooks that ask where copies stand, over the register and
 * the table of events. */
#include "app/site/siting.h"

#include "app/assess/judging.h"
#include "app/reach/call.h"
#include "assess/assess.h"

struct checking {
    struct siting_call *call;
    struct judging judging;
    struct siting_model model;
    struct assess_work *work;
    const struct assessment *result;
};

/* ---- text: today's copies first, and what passes by name ---- */

static const char *say(const struct checking *c, const char *en, const char *ja) {
    return c->judging.language == RULEBOOK_JAPANESE ? ja : en;
}

static enum error_code today_say(struct checking *c, struct report_out *out, struct error *e) {
    struct judging *j = &c->judging;
    struct planning_world world;
    struct planning_copies today;
    const struct planning_options options = {
        .snapshot = j->snapshot, .model = &c->model, .at_ns = j->at_ns, .language = STR("en")};
    if (c->call->dataset == NULL) return OK;
    TRY(planning_world_make(&options, &j->arena, j->scratch, &world, e));
    TRY(planning_today(&world, str_from_c(c->call->dataset), str_from_c(c->call->store_site),
                       &j->arena, &today, e));
    report_format(out, say(c, "Copies of %s today: ", "%sの今日の複製："), c->call->dataset);
    if (today.count == 0) report_add_c(out, say(c, "nobody says where", "所在は示されていない"));
    for (size_t i = 0; i < today.count; i++)
        report_format(out, "%s%.*s", i > 0 ? ", " : "", STR_FMT(world.sites[today.sites[i]].id));
    if (today.count > 0 && today.unplaced > 0)
        report_format(out, say(c, ", and %zu of which nobody says where", "、ほか所在不明%zu"),
                      today.unplaced);
    report_add_c(out, "\n\n");
    return OK;
}

static void passes_say(const struct checking *c, struct report_out *out) {
    const struct assessment *a = c->result;
    bool any = false;
    for (size_t i = 0; i < a->row_count; i++) {
        const struct assess_row *row = &a->rows[i];
        if (row->verdict != ASSESS_PASS && row->verdict != ASSESS_ATTESTED) continue;
        if (!any) report_format(out, "\n%s\n", assess_verdict_word(ASSESS_PASS, a->language));
        any = true;
        report_format(out, "  %.*s/%.*s  %.*s\n", STR_FMT(row->clause->rulebook->name),
                      STR_FMT(row->clause->id), STR_FMT(row->subject));
        for (size_t k = 0; k < row->fact_count; k++) {
            const struct assess_fact *f = &row->facts[k];
            bool is_place =
                str_starts(f->path, STR("place.")) || str_starts(f->path, STR("copies."));
            if (is_place)
                report_format(out, "    %.*s = %.*s (%.*s)\n", STR_FMT(f->path), STR_FMT(f->value),
                              STR_FMT(f->source));
        }
    }
}

static enum error_code check(struct checking *c, struct error *e) {
    struct siting_call *x = c->call;
    struct judging *j = &c->judging;
    struct report_out out;
    assess_writer *write;
    TRY(judging_writer(x->format != NULL ? x->format : "text", &write, e));
    TRY(judging_open(j, NULL, false, e));
    TRY(events_open(&x->events, &j->arena, j->scratch, &c->model, e));
    struct assess_options options = judging_options(j);
    options.store_site = str_from_c(x->store_site);
    options.dataset = str_from_c(x->dataset);
    options.events = &c->model;
    options.placement = true;
    TRY(assess_run(&options, &c->work, &c->result, e));
    TRY(report_open(x->out, &out, e));
    bool is_text = write == assess_write_text;
    enum error_code code = is_text ? today_say(c, &out, e) : OK;
    if (code != OK) {
        report_abandon(&out);
        return code;
    }
    write(c->result, &out);
    if (is_text) passes_say(c, &out);
    return report_close(&out, e);
}

int site_check(struct siting_call *x, const char *command) {
    struct checking c = {.call = x,
                         .judging = {.registers = x->registers,
                                     .rulebooks = x->rulebooks,
                                     .as_of = x->as_of,
                                     .lang = x->lang,
                                     .what_if = x->what_if}};
    struct error e = {0};
    enum error_code code = check(&c, &e);
    int status = code == OK           ? assess_exit_code(c.result)
                 : code == FAIL_USAGE ? EXIT_USAGE
                                      : EXIT_FAILED;
    if (code != OK) command_fail(command, &e);
    assess_release(c.work);
    judging_close(&c.judging);
    return status;
}
