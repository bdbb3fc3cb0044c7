/* azekura site: where copies and services should stand. Reads files alone: no store is opened. */
#include "app/commands.h"
#include "app/reach/call.h"
#include "app/site/siting.h"

#include <stdio.h>
#include <stdlib.h>

enum { SITES_NAMED = 5 };

/* ---- words of the command line ---- */

static enum error_code format_of(const char *format, enum planning_format *out, struct error *e) {
    static const char *const names[] = {"text", "json", "html", "geojson"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (strcmp(format, names[i]) == 0) {
            *out = (enum planning_format)i;
            return OK;
        }
    return error_set(e, FAIL_USAGE, "--format takes text, json, html or geojson, not \"%s\"",
                     format);
}

static enum error_code words_read(struct siting_call *x, struct planning_options *options,
                                  struct error *e) {
    const char *format = x->format != NULL ? x->format : "text",
               *lang = x->lang != NULL ? x->lang : "en";
    options->at_ns = clock_wall_ns();
    if (x->as_of != NULL && !clock_iso_read(str_from_c(x->as_of), &options->at_ns))
        return error_set(e, FAIL_USAGE,
                         "--as-of takes a day or time such as 2024-05-17, not \"%s\"", x->as_of);
    if (strcmp(lang, "en") != 0 && strcmp(lang, "ja") != 0)
        return error_set(e, FAIL_USAGE, "--lang takes en or ja, not \"%s\"", lang);
    TRY(format_of(format, &x->format_kind, e));
    options->language = str_from_c(lang);
    if (x->registers.count == 0)
        return error_set(e, FAIL_USAGE, "--register is missing: whose sites?");
    return x->down_longer_than == NULL ? OK
                                       : hours_of("--down-longer-than", x->down_longer_than,
                                                  &options->down_longer_than_h, e);
}

/* ---- files ---- */

static enum error_code register_open(struct siting_call *x, struct error *e) {
    str paths[OPTION_LIST_MAX];
    for (size_t i = 0; i < x->registers.count; i++) paths[i] = str_from_c(x->registers.at[i]);
    return register_load(paths, x->registers.count, &x->snapshot, NULL, e);
}

/* What would count as safe in silence. */
static void uncounted_say(const struct planning_world *world) {
    const struct siting_model *model = world->options.model;
    size_t known = 0;
    if (model->event_count == 0 && model->background.len == 0)
        fprintf(stderr, "azekura site: warning: the tables have no event and no group: nothing "
                        "strikes any site, which is no sign of safety\n");
    for (size_t i = 0; i < world->site_count; i++) known += world->sites[i].background_known;
    if (known > 0 && model->background.len == 0)
        fprintf(
            stderr,
            "azekura site: warning: hazard.quake_30y is known of %zu sites and does not count: no "
            "table says \"background: GRADE\", with which such quakes strike\n",
            known);
}

/* Of places where no map has looked a table without `within` and `mapped` says that nothing strikes there. */
static void unstruck_say(const struct planning_world *world) {
    char named[200] = "";
    struct text names = text_into(named, sizeof named - 1);
    size_t count = 0;
    for (uint32_t i = 0; i < world->site_count; i++) {
        bool is_struck = planning_is_beyond(world, i); /* of which it is said otherwise */
        for (int result = 0; result < SITING_RESULT_COUNT && !is_struck; result++)
            is_struck = siting_joint_rate(&world->table, (enum siting_result)result, SITING_HI, &i,
                                          1, 0, 0) > 0;
        if (is_struck) continue;
        if (++count <= SITES_NAMED)
            text_format(&names, "%s%.*s", count > 1 ? ", " : "", STR_FMT(world->sites[i].id));
    }
    if (count == 0 || count == world->site_count) return;
    fprintf(stderr,
            "azekura site: warning: nothing in the tables strikes %.*s%s: where nobody has looked "
            "that is no sign of safety; within and mapped of an event say where somebody has\n",
            STR_FMT(text_str(&names)), count > SITES_NAMED ? " and others" : "");
}

static void strangers_say(const struct planning_world *world) {
    struct planning_stranger strangers[5];
    size_t count = planning_strangers(world, strangers, COUNT_OF(strangers));
    for (size_t i = 0; i < count && i < COUNT_OF(strangers); i++)
        fprintf(stderr,
                strangers[i].is_group
                    ? "azekura site: warning: \"%.*s\" names the group \"%.*s\", in which no site "
                      "is on that day: it strikes nothing there\n"
                    : "azekura site: warning: \"%.*s\" names the site \"%.*s\", which the "
                      "register does not have on that day: it strikes nothing there\n",
                STR_FMT(strangers[i].event), STR_FMT(strangers[i].id));
    if (count > COUNT_OF(strangers))
        fprintf(stderr, "azekura site: warning: and %zu more such names\n",
                count - COUNT_OF(strangers));
}

static enum error_code world_open(struct siting_call *x, struct error *e) {
    const size_t bytes = (size_t)3 << 30; /* address space: pages cost once touched */
    struct planning_options options = {.model = &x->model};
    TRY(words_read(x, &options, e));
    TRY(arena_space_open(&x->space, bytes, &x->arena, e));
    TRY(arena_space_open(&x->scratch_space, bytes, &x->scratch, e));
    TRY(events_open(&x->events, &x->arena, x->scratch, &x->model, e));
    TRY(register_open(x, e));
    options.snapshot = x->snapshot;
    TRY(planning_world_make(&options, &x->arena, x->scratch, &x->world, e));
    strangers_say(&x->world);
    uncounted_say(&x->world);
    unstruck_say(&x->world);
    return OK;
}

/* ---- rank, plan, drill ---- */

static enum error_code rank(struct siting_call *x, struct error *e) {
    const struct planning_ranked *ranked;
    struct report_out out;
    TRY(planning_rank(&x->world, &x->arena, &ranked, e));
    TRY(report_open(x->out, &out, e));
    planning_write_rank(&x->world, ranked, x->scratch, x->format_kind, &out);
    return report_close(&out, e);
}

static enum error_code plan(struct siting_call *x, bool *has_set, struct error *e) {
    struct planning_request request;
    struct planning_plan *result = arena_new(&x->arena, struct planning_plan, 1);
    struct report_out out;
    if (result == NULL) return error_set(e, FAIL_MEMORY, "no memory for a plan");
    TRY(plan_request_read(x, &request, e));
    TRY(planning_plan(&x->world, &request, &x->arena, x->scratch, result, e));
    TRY(report_open(x->out, &out, e));
    planning_write_plan(&x->world, result, x->scratch, x->format_kind, &out);
    *has_set = result->set_count > 0;
    return report_close(&out, e);
}

static enum error_code drill(struct siting_call *x, const char *event, struct error *e) {
    struct planning_drill_request request = {.event = str_from_c(event),
                                             .branch = str_from_c(x->branch),
                                             .outage_h = -1,
                                             .store_site = str_from_c(x->store_site)};
    struct planning_drill result;
    struct report_out out;
    if (x->outage != NULL) TRY(hours_of("--outage", x->outage, &request.outage_h, e));
    TRY(planning_drill(&x->world, &request, &x->arena, &result, e));
    TRY(report_open(x->out, &out, e));
    planning_write_drill(&x->world, &result, x->scratch, x->format_kind, &out);
    return report_close(&out, e);
}

static int schema(void) {
    static char memory[1 << 16];
    struct text out = text_into(memory, sizeof memory);
    siting_schema_write(&out);
    fwrite(out.at, 1, out.len, stdout);
    return 0;
}

static int run(struct siting_call *x, const char *command, const char *const *words) {
    const char *what = words[0];
    struct error e = {0};
    bool has_set = true;
    enum error_code code = world_open(x, &e);
    if (code == OK && strcmp(what, "rank") == 0) code = rank(x, &e);
    if (code == OK && strcmp(what, "plan") == 0) code = plan(x, &has_set, &e);
    if (code == OK && strcmp(what, "drill") == 0) code = drill(x, words[1], &e);
    if (code == OK && strcmp(what, "explain") == 0) code = site_explain(x, words + 1, &e);
    if (code != OK) command_fail(command, &e);
    register_release(x->snapshot);
    arena_space_release(&x->scratch_space);
    arena_space_release(&x->space);
    return code == OK ? (has_set ? 0 : EXIT_NO_SET) : code == FAIL_USAGE ? EXIT_USAGE : EXIT_FAILED;
}

int command_site(int argc, char **argv) {
    static struct siting_call x = {.copies = UINT64_MAX, .tolerate = UINT64_MAX};
    const struct option options[] = {
        {"register", OPTION_LIST, &x.registers, "PATH", "register file or folder (repeatable)"},
        {"events", OPTION_LIST, &x.events, "PATH",
         "file or folder of events (repeatable; the tables that came with the program)"},
        {"rulebook", OPTION_LIST, &x.rulebooks, "PATH",
         "check: rulebook file or folder (repeatable; those that came with the program)"},
        {"dataset", OPTION_TEXT, &x.dataset, "ID",
         "plan, explain: whose copies; check: only what belongs to it"},
        {"copies", OPTION_NUMBER, &x.copies, "K", "plan: how many, 1 to 8"},
        {"tolerate", OPTION_NUMBER, &x.tolerate, "M",
         "plan, explain: how many of them may be lost at once (all but one)"},
        {"rebuild", OPTION_TEXT, &x.rebuild, "TIME",
         "plan, explain: until a lost copy is made again (30 d)"},
        {"down-longer-than", OPTION_TEXT, &x.down_longer_than, "TIME",
         "rank, plan, explain: an interruption up to this long is none (0 h)"},
        {"by", OPTION_TEXT, &x.by, "loss|down",
         "plan, explain: what is to be rare, loss of data or interruption (loss)"},
        {"store-site", OPTION_TEXT, &x.store_site, "ID",
         "plan, explain, check, drill: where the store stands that keeps what the register says is "
         "kept here"},
        {"country", OPTION_LIST, &x.countries, "CC",
         "plan, explain: only sites in this country (repeatable)"},
        {"min-km", OPTION_TEXT, &x.min_km, "KM", "plan: between any two copies"},
        {"near", OPTION_TEXT, &x.near, "SITE", "plan: all copies within --near-km of this site"},
        {"near-km", OPTION_TEXT, &x.near_km, "KM", "plan: how far from it"},
        {"disjoint", OPTION_LIST, &x.disjoint, "GROUP",
         "plan: no two copies in one group of this scheme (grid, pref, maker), kind or name, nor "
         "where that is not known (repeatable)"},
        {"known", OPTION_FLAG, &x.known_only, NULL, "plan: only sites of which nothing is unknown"},
        {"simulate", OPTION_NUMBER, &x.simulate_years, "YEARS",
         "plan: also by chance, over that many years"},
        {"what-if", OPTION_FLAG, &x.what_if, NULL, "check: as if every rulebook were adopted"},
        {"branch", OPTION_TEXT, &x.branch, "NAME",
         "drill: this severity (the one that takes most)"},
        {"outage", OPTION_TEXT, &x.outage, "TIME",
         "drill: without power for so long (the table's median)"},
        {"as-of", OPTION_TEXT, &x.as_of, "TIME", "with the rows of then (now)"},
        {"lang", OPTION_TEXT, &x.lang, "en|ja", "language (en)"},
        {"format", OPTION_TEXT, &x.format, "text|json|html|geojson|csv|oscal",
         "how to answer (text); geojson: rank, plan and drill; csv and oscal: check"},
        {"o", OPTION_TEXT, &x.out, "FILE", "write there (standard output)"},
        {0}};
    const struct command_line line = {
        .command = "azekura site",
        .synopsis =
            "rank | plan | explain [SITE…] | check | drill EVENT | schema | import [options]",
        .about =
            "Where copies and services should stand. `rank` orders the sites by how often they "
            "are\n"
            "struck, with what is not known of each; `plan` finds the set of sites that should "
            "hold "
            "the\n"
            "copies of a dataset, the runner-up, the constraint that binds and the events that "
            "count;\n"
            "`explain` says why a set is as good or bad as it is: each event's part, what is not "
            "known, and\n"
            "what would change it; `check` holds today's copies against the clauses of the adopted "
            "rulebooks\n"
            "that ask where they stand; `drill` replays one event: who goes dark when, on how much "
            "fuel, and\n"
            "what people lose; `schema` prints the JSON Schema of a file of events; `import` makes "
            "one of\n"
            "official hazard maps (azekura site import --help). Rates are ranges: the high end "
            "strikes what\n"
            "nobody has looked at. Exit: 0 done, 1 no set keeps the constraints or a clause fails, "
            "2 wrong\n"
            "usage, 3 no clause fails but something is unknown, 4 it could not be done.",
        .examples =
            "  azekura site rank --register examples/register\n"
            "  azekura site plan --register examples/register --dataset patient-records --copies 3 "
            "\\\n"
            "      --country JP --disjoint grid --min-km 100 --store-site sendai\n"
            "  azekura site explain sendai osaka --register examples/register\n"
            "  azekura site check --register examples/register --rulebook rulebooks \\\n"
            "      --rulebook examples/rulebooks --dataset patient-records --store-site sendai\n"
            "  azekura site drill 2018-09-06-hokkaido --register examples/register --lang ja\n"
            "  azekura site drill nankai --register examples/register --format html -o "
            "nankai.html\n",
        .options = options,
        .positional_min = 1,
        .positional_max = 1 + SITING_SET_MAX};
    const char *words[2 + SITING_SET_MAX];
    if (argc > 1 && strcmp(argv[1], "import") == 0) return command_site_import(argc - 1, argv + 1);
    int ended;
    if (!options_read(&line, argc, argv, words, COUNT_OF(words), &ended)) return ended;
    static const char *const alone[] = {"rank", "plan", "explain", "check", "schema"};
    size_t count = 0;
    while (words[count] != NULL) count++;
    bool is_known =
        strcmp(words[0], "explain") == 0 || (strcmp(words[0], "drill") == 0 && count == 2);
    for (size_t i = 0; i < COUNT_OF(alone) && count == 1; i++)
        is_known |= strcmp(words[0], alone[i]) == 0;
    if (!is_known) {
        fprintf(stderr, "azekura site: expected %s\n", line.synopsis);
        return EXIT_USAGE;
    }
    if (strcmp(words[0], "schema") == 0) return schema();
    if (strcmp(words[0], "check") == 0) return site_check(&x, line.command);
    return run(&x, line.command, words);
}
