/* azekura assess: every clause that binds about everything the register knows, as of any day: of files,
 * or of a store, which can also keep what is found. */
#include "assess/assess.h"
#include "app/assess/judging.h"
#include "app/assess/recording.h"
#include "app/commands.h"
#include "app/reach/call.h"
#include "app/reach/kept.h"
#include "app/reach/stored.h"
#include "app/site/events.h"
#include "base/disk.h"

#include <fcntl.h>
#include <stdio.h>

enum { EXIT_FAILED = 4, EARLIER_BYTES_MOST = 1 << 30, COLUMNS_MOST = 64 };

struct assessing {
    struct judging judging;
    struct option_list events;
    struct siting_model model;
    const char *diff, *equipment, *act, *sector, *operator_id, *site, *dataset, *store_site;
    const char *format, *out;
    struct option_list columns;
    struct register_column column_list[COLUMNS_MOST];
    struct register_offer offer;
    uint64_t rows, threads;
    bool progress, record;
    struct kept kept;
    struct recorded recorded;
    struct assess_work *work;
    const struct assessment *result;
};

static enum error_code act_take(const struct assessing *x, str *act, struct error *e) {
    if (x->equipment == NULL && x->act != NULL)
        return error_set(e, FAIL_USAGE, "--act goes with --equipment");
    if (x->equipment == NULL) return OK;
    *act = x->act != NULL ? str_from_c(x->act) : STR("purchase");
    if (str_equal(*act, STR("purchase")) || str_equal(*act, STR("install"))) return OK;
    return error_set(e, FAIL_USAGE, "--act takes purchase or install, not \"%s\"", x->act);
}

/* FIELD=HEADER. A comma ends a header where a FIELD= follows it: headers may have commas. */
static enum error_code column_take(struct assessing *x, str *rest, struct error *e) {
    size_t equals, comma = 0, next;
    if (!str_find_char(*rest, '=', &equals) || equals == 0)
        return error_set(e, FAIL_USAGE, "--columns takes FIELD=HEADER,…, such as maker=Hersteller");
    str field = str_trim(str_slice(*rest, 0, equals)), header = str_skip(*rest, equals + 1);
    *rest = STR_EMPTY;
    for (size_t at = 0; str_find_char(str_skip(header, at), ',', &comma); at += comma + 1) {
        str after = str_skip(header, at + comma + 1);
        if (!str_find_char(after, '=', &next)) break;
        if (memchr(after.at, ',', next) != NULL) continue;
        *rest = after;
        header = str_slice(header, 0, at + comma);
        break;
    }
    if (x->offer.column_count == COLUMNS_MOST)
        return error_set(e, FAIL_USAGE, "--columns takes at most %d columns", COLUMNS_MOST);
    x->column_list[x->offer.column_count++] = (struct register_column){field, str_trim(header)};
    return OK;
}

static enum error_code offer_take(struct assessing *x, struct error *e) {
    if (x->equipment == NULL && x->columns.count > 0)
        return error_set(e, FAIL_USAGE, "--columns goes with --equipment");
    x->offer = (struct register_offer){.path = str_from_c(x->equipment), .columns = x->column_list};
    for (size_t i = 0; i < x->columns.count; i++)
        for (str rest = str_from_c(x->columns.at[i]); rest.len > 0;) TRY(column_take(x, &rest, e));
    return OK;
}

static enum error_code write_diff(const struct assessing *x, const char *format, struct error *e) {
    struct report_out out;
    struct arena arena = x->judging.arena;
    str earlier;
    bool as_json = strcmp(format, "json") == 0;
    if (!as_json && strcmp(format, "text") != 0)
        return error_set(e, FAIL_USAGE, "--diff is written as text or json, not \"%s\"", format);
    TRY(disk_file_read(AT_FDCWD, x->diff, EARLIER_BYTES_MOST, &arena, &earlier, e));
    TRY(report_open(x->out, &out, e));
    enum error_code code = assess_write_diff(x->result, earlier, as_json, &out, e);
    if (code == OK) return report_close(&out, e);
    report_abandon(&out);
    return code;
}

/* Which store: its register where no other is named, and where findings go. */
static enum error_code store_take(struct assessing *x, struct error *e) {
    struct judging *j = &x->judging;
    struct call *call = &x->kept.call;
    if (x->record && j->what_if)
        return error_set(e, FAIL_USAGE, "--record keeps what binds: leave --what-if out");
    if (x->record && x->equipment != NULL)
        return error_set(e, FAIL_USAGE, "an offer is no finding: leave --record out");
    if (x->record && j->as_of != NULL)
        return error_set(e, FAIL_USAGE, "--record keeps what is found now: leave --as-of out");
    if (x->record && call->data == NULL) call->data = "./data";
    j->data = call->data;
    j->credentials = call->credentials;
    return OK;
}

/* What is approved in the store lifts here as it does at the gate. */
static enum error_code store_read(struct assessing *x, struct error *e) {
    int64_t at_ns = clock_wall_ns();
    if (x->kept.call.data == NULL && x->kept.call.credentials != NULL)
        return error_set(e, FAIL_USAGE, "--credentials goes with --data");
    if (x->kept.call.data == NULL) return OK;
    if (x->judging.as_of != NULL && !clock_iso_read(str_from_c(x->judging.as_of), &at_ns))
        return OK; /* judging_open says what a time looks like */
    TRY(kept_read(&x->kept, "azekura assess", at_ns, x->progress, e));
    x->judging.approved = x->kept.exceptions;
    x->judging.approved_count = x->kept.exception_count;
    return OK;
}

/* Named tables, else those that the store's gate decides by, so that both say the same of a place. */
static enum error_code events_take(struct assessing *x, bool *has_events, struct error *e) {
    struct judging *j = &x->judging;
    const struct stored stored = {
        .data = j->data, .credentials = j->credentials, .held_ns = INT64_MAX, .at_ns = j->at_ns};
    *has_events = x->events.count > 0;
    if (*has_events) return events_open(&x->events, &j->arena, j->scratch, &x->model, e);
    return j->data == NULL
               ? OK
               : stored_events(&stored, &j->arena, j->scratch, &x->model, has_events, e);
}

static enum error_code run(struct assessing *x, struct error *e) {
    struct judging *j = &x->judging;
    struct report_out out;
    str act = STR_EMPTY;
    assess_writer *write;
    const char *format = x->format != NULL ? x->format : "text";
    TRY(act_take(x, &act, e));
    TRY(judging_writer(format, &write,
                       e)); /* before the work: a misspelled one should not cost a minute */
    TRY(offer_take(x, e));
    TRY(store_take(x, e));
    TRY(store_read(x, e));
    TRY(judging_open(j, x->equipment != NULL ? &x->offer : NULL, true, e));
    bool has_events;
    TRY(events_take(x, &has_events, e));
    struct assess_options options = judging_options(j);
    options.store_site = str_from_c(x->store_site);
    options.sector = str_from_c(x->sector);
    options.operator_id = str_from_c(x->operator_id);
    options.site = str_from_c(x->site);
    options.dataset = str_from_c(x->dataset);
    options.purchase_file = str_from_c(x->equipment);
    options.act = act;
    options.ledger = x->kept.call.data != NULL ? &x->kept.ledger : NULL;
    options.events = has_events ? &x->model : NULL;
    options.row_limit = x->rows;
    options.threads = (unsigned)u64_min(x->threads, 64);
    options.progress = x->progress;
    TRY(judging_mistakes(j, assess_run(&options, &x->work, &x->result, e), e));
    if (x->record) TRY(recording_make(&x->kept.call, x->result, &x->recorded, e));
    if (x->diff != NULL) return write_diff(x, format, e);
    TRY(report_open(x->out, &out, e));
    write(x->result, &out);
    return report_close(&out, e);
}

int command_assess(int argc, char **argv) {
    static struct assessing x;
    const struct option options[] = {
        JUDGING_OPTIONS(x.judging),
        {"operator", OPTION_TEXT, &x.operator_id, "ID", "only what is this operator's"},
        {"sector", OPTION_TEXT, &x.sector, "NAME", "only what belongs to this field"},
        {"site", OPTION_TEXT, &x.site, "ID", "only what stands at this site"},
        {"dataset", OPTION_TEXT, &x.dataset, "ID", "only what belongs to this dataset"},
        {"store-site", OPTION_TEXT, &x.store_site, "ID",
         "where the store stands that keeps what the register says is kept here"},
        {"events", OPTION_LIST, &x.events, "PATH",
         "file or folder of events and hazard maps, which places are laid over (repeatable; "
         "the store's, none without one)"},
        {"equipment", OPTION_TEXT, &x.equipment, "FILE",
         "before buying: ask only about the things in this file (YAML, CSV, CycloneDX)"},
        {"columns", OPTION_LIST, &x.columns, "FIELD=HEADER,…",
         "what columns of that CSV file are called there; -=HEADER passes one over"},
        {"act", OPTION_TEXT, &x.act, "purchase|install", "what is to be done with them (purchase)"},
        {"diff", OPTION_TEXT, &x.diff, "EARLIER.json",
         "what changed since that assessment, and which fact moved"},
        {"data", OPTION_TEXT, &x.kept.call.data, "DIR",
         "a store's folder: its exceptions count, its ledger tells debts and what the gate did; "
         "without --register its register, as inspectors found it, and its rulebooks; without "
         "--events its tables of events"},
        {"credentials", OPTION_TEXT, &x.kept.call.credentials, "FILE",
         "ask the store as this key: lines access_key=…, secret_key=… (else as its owner)"},
        {"what-if", OPTION_FLAG, &x.judging.what_if, NULL, "as if every rulebook were adopted"},
        {"format", OPTION_TEXT, &x.format, "text|json|csv|html|oscal", "how to answer (text)"},
        {"o", OPTION_TEXT, &x.out, "FILE", "write there (standard output)"},
        {"rows", OPTION_NUMBER, &x.rows, "N",
         "rows told one by one; above, equal ones are folded (100000)"},
        {"threads", OPTION_NUMBER, &x.threads, "N", "at once (one a processor)"},
        {"record", OPTION_FLAG, &x.record, NULL,
         "what fails and what is unknown goes into the store's ledger as findings (./data)"},
        {"progress", OPTION_FLAG, &x.progress, NULL,
         "show progress also where standard error is no terminal"},
        {0}};
    const struct command_line line = {
        .command = "azekura assess",
        .synopsis = "--register PATH… | --data DIR [options]",
        .about =
            "Gives every clause that binds a verdict about everything the register knows: "
            "pass,\nfail, unknown, attested, excepted or not applicable, with the facts it "
            "read, who\nsaid each, and what would change it. Exit: 0 nothing fails or is "
            "unknown, 1 something\nfails, 3 nothing fails but something is unknown or an adopted "
            "rulebook is not at\nhand, 2 wrong usage, 4 it could not be done.",
        .examples =
            "  azekura assess --register examples/register --rulebook rulebooks \\\n"
            "      --rulebook examples/rulebooks --store-site sendai\n"
            "  azekura assess --register my-register --as-of 2024-05-17 --format html -o "
            "report.html\n"
            "  azekura assess --register my-register --equipment offer.yaml\n"
            "  azekura assess --register my-register --equipment angebot.csv \\\n"
            "      --columns id=Pos,maker=Hersteller,macs=MAC,-=Preis\n"
            "  azekura assess --register my-register --data /var/lib/azekura\n"
            "  azekura assess --data /var/lib/azekura --record --format json -o today.json\n",
        .options = options};
    const char *words[1];
    int ended;
    if (!options_read(&line, argc, argv, words, 1, &ended)) return ended;
    struct error e = {0};
    enum error_code code = run(&x, &e);
    int status = code == OK           ? assess_exit_code(x.result)
                 : code == FAIL_USAGE ? EXIT_USAGE
                                      : EXIT_FAILED;
    if (code != OK) command_fail(line.command, &e);
    if (code == OK && x.record)
        fprintf(stderr,
                "recorded: %llu findings stand, %llu of them new or changed, %llu are gone (entry "
                "%s)\n",
                (unsigned long long)x.recorded.standing, (unsigned long long)x.recorded.entered,
                (unsigned long long)x.recorded.gone, x.recorded.receipt);
    assess_release(x.work);
    judging_close(&x.judging);
    kept_close(&x.kept);
    return status;
}
