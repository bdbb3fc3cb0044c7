/* azekura duties: what must be told to whom by when, and a draft a person can send. Reads files
 * alone: no store is opened. */
#include "app/assess/judging.h"
#include "app/commands.h"
#include "app/reach/call.h"
#include "assess/assess.h"

#include <stdio.h>

enum { EXIT_URGENT = 1, EXIT_FAILED = 4 };

struct dutying {
    struct judging judging;
    const char *stage, *format, *out;
    struct duties result;
};

static const struct {
    const char *name;
    void (*write)(const struct duties *d, struct report_out *out);
} formats[] = {{"text", duties_write_text},
               {"json", duties_write_json},
               {"csv", duties_write_csv},
               {"html", duties_write_html}};

static enum error_code run(struct dutying *x, const char *record, bool is_draft, struct error *e) {
    struct judging *j = &x->judging;
    const char *format = x->format != NULL ? x->format : "text";
    struct report_out out;
    size_t which = 0;
    while (which < COUNT_OF(formats) && strcmp(formats[which].name, format) != 0) which++;
    if (which == COUNT_OF(formats))
        return error_set(e, FAIL_USAGE, "--format takes text, json, csv or html, not \"%s\"",
                         format);
    if (is_draft && which != 0) return error_set(e, FAIL_USAGE, "a draft is written as text");
    TRY(judging_open(j, NULL, false, e));
    const struct duties_options options = {.snapshot = j->snapshot,
                                           .set = j->set,
                                           .at_ns = j->at_ns,
                                           .record = str_from_c(record),
                                           .stage = str_from_c(x->stage),
                                           .language = j->language};
    TRY(duties_find(&options, &j->arena, j->scratch, &x->result, e));
    TRY(report_open(x->out, &out, e));
    if (is_draft)
        duties_write_draft(&x->result, j->snapshot, &out);
    else
        formats[which].write(&x->result, &out);
    return report_close(&out, e);
}

int command_duties(int argc, char **argv) {
    static struct dutying x;
    const struct option options[] = {
        JUDGING_OPTIONS(x.judging),
        {"stage", OPTION_TEXT, &x.stage, "STAGE", "only this stage: first, full …"},
        {"what-if", OPTION_FLAG, &x.judging.what_if, NULL, "as if every rulebook were adopted"},
        {"format", OPTION_TEXT, &x.format, "text|json|csv|html", "how to answer (text)"},
        {"o", OPTION_TEXT, &x.out, "FILE", "write there (standard output)"},
        {0}};
    const struct command_line line = {
        .command = "azekura duties",
        .synopsis = "[show [ID]] | draft ID --stage STAGE [options]",
        .about = "What must be told to whom by when: for each incident, change, request or thing "
                 "of the\nregister the stage, addressees, form, the event that starts the clock, "
                 "the deadline and\nwhat is left of it. `draft` writes a text a person can "
                 "complete and send. Exit: 0 nothing\nis overdue or unknown, 1 something is, 2 "
                 "wrong usage, 4 it could not be done.",
        .examples =
            "  azekura duties --register examples/register --what-if\n"
            "  azekura duties draft outage-2018-12-06 --stage first --lang ja --what-if \\\n"
            "      --register examples/register\n",
        .options = options,
        .positional_max = 2};
    const char *words[3];
    int ended;
    if (!options_read(&line, argc, argv, words, 3, &ended)) return ended;
    bool is_draft = words[0] != NULL && strcmp(words[0], "draft") == 0;
    bool is_known = words[0] == NULL || is_draft || strcmp(words[0], "show") == 0;
    const char *record = words[0] != NULL ? words[1] : NULL;
    if (!is_known || (is_draft && record == NULL)) {
        fprintf(stderr, "azekura duties: expected %s\n", line.synopsis);
        return EXIT_USAGE;
    }
    struct error e = {0};
    enum error_code code = run(&x, record, is_draft, &e);
    bool is_urgent = x.result.by_state[DUTY_OVERDUE] > 0 || x.result.by_state[DUTY_UNKNOWN] > 0;
    int status = code == OK           ? (is_urgent && !is_draft ? EXIT_URGENT : 0)
                 : code == FAIL_USAGE ? EXIT_USAGE
                                      : EXIT_FAILED;
    if (code != OK) command_fail(line.command, &e);
    judging_close(&x.judging);
    return status;
}
