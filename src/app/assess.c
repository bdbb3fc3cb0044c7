/* azekura assess: every clause that binds about everything the register knows, as of any day. Reads
 * files alone: no store is opened. */
#include "assess/assess.h"
#include "app/call.h"
#include "app/commands.h"
#include "app/rulebooks.h"
#include "base/disk.h"

#include <fcntl.h>
#include <stdio.h>

enum { EXIT_USAGE = 2, EXIT_FAILED = 4 };

struct assessing {
    struct option_list registers, rulebooks;
    const char *diff, *equipment, *act, *as_of, *sector, *operator_id, *site, *dataset, *store_site,
        *format, *out, *lang;
    uint64_t rows, threads;
    bool what_if, progress;
    struct arena_space space, scratch_space;
    struct arena arena, scratch;
    struct register_snapshot *snapshot;
    struct register_parts *parts;
    struct assess_work *work;
    const struct assessment *result;
};

static enum rulebook_language language_of(const struct assessing *x) {
    return x->lang != NULL && strcmp(x->lang, "ja") == 0 ? RULEBOOK_JAPANESE : RULEBOOK_ENGLISH;
}

static enum error_code register_open(struct assessing *x, struct error *e) {
    str paths[OPTION_LIST_MAX + 1];
    if (x->equipment != NULL) paths[x->registers.count] = str_from_c(x->equipment);
    for (size_t i = 0; i < x->registers.count; i++) paths[i] = str_from_c(x->registers.at[i]);
    return register_load_parts(paths, x->registers.count + (x->equipment != NULL), &x->snapshot,
                               &x->parts, NULL, e);
}

static enum error_code set_open(struct assessing *x, struct assess_options *options,
                                struct error *e) {
    struct rulebook_set_input input = {.what_if = x->what_if, .missing_allowed = true};
    struct facts_binding binding;
    static char shipped[4096];
    if (x->rulebooks.count == 0) {
        TRY(rulebooks_shipped(shipped, sizeof shipped, e));
        x->rulebooks.at[x->rulebooks.count++] = shipped;
    }
    TRY(rulebooks_load(&x->rulebooks, &x->arena, x->scratch, &input, e));
    TRY(facts_binding_of(x->snapshot, &x->arena, x->scratch, &binding, e));
    if (!x->what_if) {
        input.adoptions = options->adoptions = binding.adoptions;
        input.adoption_count = options->adoption_count = binding.adoption_count;
        input.exceptions = options->exceptions = binding.exceptions;
        input.exception_count = options->exception_count = binding.exception_count;
    }
    options->what_if = x->what_if;
    return rulebook_set_compile(&input, &x->arena, x->scratch, &options->set, e);
}

static enum error_code options_take(struct assessing *x, struct assess_options *options,
                                    struct error *e) {
    *options = (struct assess_options){.at_ns = clock_wall_ns(),
                                       .store_site = str_from_c(x->store_site),
                                       .sector = str_from_c(x->sector),
                                       .operator_id = str_from_c(x->operator_id),
                                       .site = str_from_c(x->site),
                                       .dataset = str_from_c(x->dataset),
                                       .purchase_file = str_from_c(x->equipment),
                                       .language = language_of(x),
                                       .row_limit = x->rows,
                                       .threads = (unsigned)u64_min(x->threads, 64),
                                       .progress = x->progress};
    if (x->as_of != NULL && !clock_iso_read(str_from_c(x->as_of), &options->at_ns))
        return error_set(e, FAIL_USAGE,
                         "--as-of takes a day or time such as 2024-05-17, not \"%s\"", x->as_of);
    if (x->equipment != NULL)
        options->act = x->act != NULL ? str_from_c(x->act) : STR("purchase");
    else if (x->act != NULL)
        return error_set(e, FAIL_USAGE, "--act goes with --equipment");
    bool is_buying =
        str_equal(options->act, STR("purchase")) || str_equal(options->act, STR("install"));
    if (options->act.len > 0 && !is_buying)
        return error_set(e, FAIL_USAGE, "--act takes purchase or install, not \"%s\"", x->act);
    if (x->registers.count == 0)
        return error_set(e, FAIL_USAGE, "--register is missing: what is to be assessed?");
    return OK;
}

static enum error_code write_diff(struct assessing *x, const char *format, struct error *e) {
    enum { EARLIER_BYTES_MOST = 1 << 30 };
    struct report_out out;
    str earlier;
    bool as_json = strcmp(format, "json") == 0;
    if (!as_json && strcmp(format, "text") != 0)
        return error_set(e, FAIL_USAGE, "--diff is written as text or json, not \"%s\"", format);
    TRY(disk_file_read(AT_FDCWD, x->diff, EARLIER_BYTES_MOST, &x->arena, &earlier, e));
    TRY(report_open(x->out, &out, e));
    enum error_code code = assess_write_diff(x->result, earlier, as_json, &out, e);
    if (code != OK) {
        report_abandon(&out);
        return code;
    }
    return report_close(&out, e);
}

static enum error_code write_result(struct assessing *x, struct error *e) {
    static const struct {
        const char *name;
        void (*write)(const struct assessment *a, struct report_out *out);
    } formats[] = {{"text", assess_write_text},
                   {"json", assess_write_json},
                   {"csv", assess_write_csv},
                   {"html", assess_write_html},
                   {"oscal", assess_write_oscal}};
    const char *format = x->format != NULL ? x->format : "text";
    struct report_out out;
    if (x->diff != NULL) return write_diff(x, format, e);
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        if (strcmp(formats[i].name, format) != 0) continue;
        TRY(report_open(x->out, &out, e));
        formats[i].write(x->result, &out);
        return report_close(&out, e);
    }
    return error_set(e, FAIL_USAGE, "--format takes text, json, csv, html or oscal, not \"%s\"",
                     format);
}

static enum error_code run(struct assessing *x, struct error *e) {
    struct assess_options options;
    const size_t bytes = (size_t)3 << 30; /* address space */
    TRY(arena_space_open(&x->space, bytes, &x->arena, e));
    TRY(arena_space_open(&x->scratch_space, bytes, &x->scratch, e));
    TRY(options_take(x, &options, e));
    TRY(register_open(x, e));
    options.snapshot = x->snapshot;
    options.parts = x->parts;
    TRY(set_open(x, &options, e));
    TRY(assess_run(&options, &x->work, &x->result, e));
    return write_result(x, e);
}

int command_assess(int argc, char **argv) {
    static struct assessing x;
    const struct option options[] = {
        {"register", OPTION_LIST, &x.registers, "PATH", "register file or folder (repeatable)"},
        {"rulebook", OPTION_LIST, &x.rulebooks, "PATH",
         "rulebook file or folder (repeatable; the ones that came with the program)"},
        {"as-of", OPTION_TEXT, &x.as_of, "TIME", "with the editions and rows of that day (now)"},
        {"operator", OPTION_TEXT, &x.operator_id, "ID", "only what is this operator's"},
        {"sector", OPTION_TEXT, &x.sector, "NAME", "only what belongs to this field"},
        {"site", OPTION_TEXT, &x.site, "ID", "only what stands at this site"},
        {"dataset", OPTION_TEXT, &x.dataset, "ID", "only what belongs to this dataset"},
        {"store-site", OPTION_TEXT, &x.store_site, "ID",
         "where the store stands that keeps what the register says is kept here"},
        {"equipment", OPTION_TEXT, &x.equipment, "FILE",
         "before buying: ask only about the things in this file (YAML, or equipment.csv)"},
        {"act", OPTION_TEXT, &x.act, "purchase|install", "what is to be done with them (purchase)"},
        {"diff", OPTION_TEXT, &x.diff, "EARLIER.json",
         "what changed since that assessment, and which fact moved"},
        {"what-if", OPTION_FLAG, &x.what_if, NULL, "as if every rulebook were adopted"},
        {"format", OPTION_TEXT, &x.format, "text|json|csv|html|oscal", "how to answer (text)"},
        {"o", OPTION_TEXT, &x.out, "FILE", "write there (standard output)"},
        {"lang", OPTION_TEXT, &x.lang, "en|ja", "language (en)"},
        {"rows", OPTION_NUMBER, &x.rows, "N",
         "rows told one by one; above, equal ones are folded (100000)"},
        {"threads", OPTION_NUMBER, &x.threads, "N", "at once (one a processor)"},
        {"progress", OPTION_FLAG, &x.progress, NULL,
         "show progress also where standard error is no terminal"},
        {0}};
    const struct command_line line = {
        .command = "azekura assess",
        .synopsis = "--register PATH… [options]",
        .about = "Gives every clause that binds a verdict about everything the register knows: "
                 "pass,\nfail, unknown, attested, excepted or not applicable, with the facts it "
                 "read, who\nsaid each, and what would change it. Exit: 0 nothing fails or is "
                 "unknown, 1 something\nfails, 3 nothing fails but something is unknown, 2 wrong "
                 "usage, 4 it could not be done.",
        .examples = "  azekura assess --register examples/register --rulebook rulebooks \\\n"
                    "      --rulebook examples/rulebooks --store-site sendai\n"
                    "  azekura assess --register my-register --as-of 2024-05-17 --format html -o "
                    "report.html\n",
        .options = options};
    const char *words[1];
    switch (options_read(&line, argc, argv, words, 1)) {
    case OPTIONS_HELPED: return 0;
    case OPTIONS_WRONG: return EXIT_USAGE;
    case OPTIONS_GO: break;
    }
    struct error e = {0};
    enum error_code code = run(&x, &e);
    int status = code == OK           ? assess_exit_code(x.result)
                 : code == FAIL_USAGE ? EXIT_USAGE
                                      : EXIT_FAILED;
    if (code != OK) command_fail(line.command, &e);
    assess_release(x.work);
    register_parts_release(x.parts);
    register_release(x.snapshot);
    arena_space_release(&x.scratch_space);
    arena_space_release(&x.space);
    return status;
}
