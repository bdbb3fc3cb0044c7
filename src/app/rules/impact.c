/* azekura rulebook impact: what rulebooks would change that are not adopted yet. Reads files alone. */
#include "app/reach/call.h"
#include "app/rules/commands.h"
#include "app/rules/rulebooks.h"
#include "assess/assess.h"

#include <stdio.h>
#include <string.h>

enum { EXIT_UNKNOWN = 3, EXIT_FAILED = 4 };

struct impacting {
    struct option_list registers, rulebooks, planned;
    const char *as_of, *store_site, *operator_id, *sector, *site, *format, *out, *lang;
    uint64_t rows;
    struct arena_space space, scratch_space;
    struct arena arena, scratch;
    struct register_snapshot *snapshot;
    struct register_parts *parts;
    struct assess_impact_options options;
    struct assess_impact_work *work;
    const struct assess_impact *result;
};

static enum error_code options_take(struct impacting *x, struct error *e) {
    struct assess_options *now = &x->options.now;
    bool ja = x->lang != NULL && strcmp(x->lang, "ja") == 0;
    *now = (struct assess_options){.at_ns = clock_wall_ns(),
                                   .store_site = str_from_c(x->store_site),
                                   .operator_id = str_from_c(x->operator_id),
                                   .sector = str_from_c(x->sector),
                                   .site = str_from_c(x->site),
                                   .row_limit = x->rows > 0 ? x->rows : LIMIT_ASSESS_ROWS,
                                   .language = ja ? RULEBOOK_JAPANESE : RULEBOOK_ENGLISH};
    bool is_text = x->format == NULL || strcmp(x->format, "text") == 0;
    if (!is_text && strcmp(x->format, "json") != 0)
        return error_set(e, FAIL_USAGE, "--format takes text or json, not \"%s\"", x->format);
    if (x->as_of != NULL && !clock_iso_read(str_from_c(x->as_of), &now->at_ns))
        return error_set(e, FAIL_USAGE,
                         "--as-of takes a day or time such as 2024-05-17, not \"%s\"", x->as_of);
    if (x->registers.count > 0) return OK;
    return error_set(e, FAIL_USAGE, "--register is missing: whom would it touch?");
}

static enum error_code register_open(struct impacting *x, struct error *e) {
    str paths[OPTION_LIST_MAX];
    for (size_t i = 0; i < x->registers.count; i++) paths[i] = str_from_c(x->registers.at[i]);
    TRY(register_load_parts(paths, x->registers.count, NULL, &x->snapshot, &x->parts, NULL, e));
    x->options.now.snapshot = x->snapshot;
    x->options.now.parts = x->parts;
    return OK;
}

static enum error_code rules_open(struct impacting *x, struct error *e) {
    struct assess_options *now = &x->options.now;
    struct rulebook_set_input input = {.missing_allowed = true}, planned = {0};
    struct facts_binding binding;
    static char shipped[4096];
    if (x->rulebooks.count == 0) {
        TRY(rulebooks_shipped(shipped, sizeof shipped, e));
        x->rulebooks.at[x->rulebooks.count++] = shipped;
    }
    TRY(rulebooks_load(&x->rulebooks, &x->arena, x->scratch, &input, e));
    TRY(rulebooks_load(&x->planned, &x->arena, x->scratch, &planned, e));
    TRY(facts_binding_of(x->snapshot, &x->arena, x->scratch, &binding, e));
    input.adoptions = now->adoptions = binding.adoptions;
    input.adoption_count = now->adoption_count = binding.adoption_count;
    input.exceptions = now->exceptions = binding.exceptions;
    input.exception_count = now->exception_count = binding.exception_count;
    x->options.rulebooks = input.rulebooks;
    x->options.rulebook_count = input.rulebook_count;
    x->options.planned = planned.rulebooks;
    x->options.planned_count = planned.rulebook_count;
    return rulebook_set_compile(&input, &x->arena, x->scratch, &now->set, e);
}

static enum error_code run(struct impacting *x, struct error *e) {
    const size_t bytes = (size_t)1 << 30; /* address space */
    struct report_out out;
    TRY(arena_space_open(&x->space, bytes, &x->arena, e));
    TRY(arena_space_open(&x->scratch_space, bytes, &x->scratch, e));
    TRY(options_take(x, e));
    TRY(register_open(x, e));
    TRY(rules_open(x, e));
    TRY(assess_impact(&x->options, &x->work, &x->result, e));
    TRY(report_open(x->out, &out, e));
    if (x->format != NULL && strcmp(x->format, "json") == 0)
        assess_write_impact_json(x->result, &out);
    else
        assess_write_impact_text(x->result, &out);
    return report_close(&out, e);
}

int rulebook_impact_command(int argc, char **argv) {
    static struct impacting x;
    const struct option options[] = {
        {"register", OPTION_LIST, &x.registers, "PATH", "register file or folder (repeatable)"},
        {"rulebook", OPTION_LIST, &x.rulebooks, "PATH",
         "rulebooks of today (repeatable; the ones that came with the program)"},
        {"as-of", OPTION_TEXT, &x.as_of, "TIME", "what \"now\" is (now)"},
        {"store-site", OPTION_TEXT, &x.store_site, "ID",
         "where the store stands that keeps what the register says is kept here"},
        {"operator", OPTION_TEXT, &x.operator_id, "ID", "only what is this operator's"},
        {"sector", OPTION_TEXT, &x.sector, "NAME", "only what belongs to this field"},
        {"site", OPTION_TEXT, &x.site, "ID", "only what stands at this site"},
        {"rows", OPTION_NUMBER, &x.rows, "N",
         "new rows of a day told one by one; above, alike ones are folded (100000)"},
        {"format", OPTION_TEXT, &x.format, "text|json", "how to answer (text)"},
        {"lang", OPTION_TEXT, &x.lang, "en|ja", "language (en)"},
        {"o", OPTION_TEXT, &x.out, "FILE", "write there (standard output)"},
        {0}};
    const struct command_line line = {
        .command = "azekura rulebook impact",
        .synopsis = "NEW… --register PATH… [options]",
        .about = "Which sites, equipment, datasets and services would newly fail, or be newly\n"
                 "unknown, if the rulebooks in NEW were adopted, and from which day. A clause of\n"
                 "the same line and id is the same clause in another edition: what fails today is\n"
                 "not new. Exit: 0 nothing new, 1 something newly fails, 3 something is newly\n"
                 "unknown, 2 wrong usage, 4 it could not be done.",
        .examples = "  azekura rulebook impact next-edition.yaml --register examples/register \\\n"
                    "      --store-site sendai --format json -o impact.json\n",
        .options = options,
        .positional_min = 1,
        .positional_max = OPTION_LIST_MAX};
    const char *words[OPTION_LIST_MAX + 1];
    int ended;
    if (!options_read(&line, argc, argv, words, OPTION_LIST_MAX + 1, &ended)) return ended;
    for (; words[x.planned.count] != NULL; x.planned.count++)
        x.planned.at[x.planned.count] = words[x.planned.count];
    struct error e = {0};
    enum error_code code = run(&x, &e);
    int status = code == FAIL_USAGE       ? EXIT_USAGE
                 : code != OK             ? EXIT_FAILED
                 : x.result->fails > 0    ? 1
                 : x.result->unknowns > 0 ? EXIT_UNKNOWN
                                          : 0;
    if (code != OK) command_fail(line.command, &e);
    assess_impact_release(x.work);
    register_parts_release(x.parts);
    register_release(x.snapshot);
    arena_space_release(&x.scratch_space);
    arena_space_release(&x.space);
    return status;
}
