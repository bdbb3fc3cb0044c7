/* azekura survey: where servers are, whose law reaches them, and how we know. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/commands.h"
#include "app/reach/call.h"
#include "app/survey/forming.h"
#include "app/survey/surveying.h"
#include "base/clock.h"

enum { EXIT_PART = 3, EXIT_FAILED = 4 };
enum { TARGETS_MOST = 4096 };

struct survey_call {
    struct option_list registers, clouds, address_data, asn;
    struct option_list named;
    const char *home, *as_of, *resolver, *format, *out, *input, *vantage_word;
    bool no_cloud_lists, probe, probe_all, merges, resumes, reverses;
    uint64_t probe_port;
    struct survey_vantage vantage;
    char vantage_room[256];
    struct survey_resume resume;
    struct forming forming;
    /* What it becomes: */
    struct survey_data shipped;
    struct survey_list lists[OPTION_LIST_MAX];
    char list_paths[4][64];
    const char *data[OPTION_LIST_MAX], *asn_files[OPTION_LIST_MAX];
    struct inventory_column columns[OPTION_LIST_MAX];
    struct inventory_options inventory;
    struct survey_options options;
    struct survey_world *world;
    enum survey_format kind;   /* of servers, where they are told */
    enum forming_kind writing; /* else what is */
};

/* ---- words of the command line ---- */

/* "aws=ip-ranges.json" */
static enum error_code cloud_read(struct survey_call *x, const char *word, struct error *e) {
    const char *equals = strchr(word, '=');
    static char names[OPTION_LIST_MAX][16];
    size_t len = equals == NULL ? 0 : (size_t)(equals - word);
    if (len == 0 || len >= sizeof names[0] || equals[1] == 0)
        return error_set(e, FAIL_USAGE,
                         "--cloud takes NAME=FILE, such as aws=ip-ranges.json, not "
                         "\"%.80s\"",
                         word);
    memcpy(names[x->options.cloud_count], word, len);
    x->lists[x->options.cloud_count] =
        (struct survey_list){names[x->options.cloud_count], equals + 1};
    x->options.cloud_count++;
    return OK;
}

/* Lists that somebody keeps where the system's configuration is. */
static void clouds_find(struct survey_call *x) {
    static const char *const names[] = {"aws", "azure", "gcp", "google"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char *path = x->list_paths[i];
        snprintf(path, sizeof x->list_paths[i], "/etc/azekura/cloud-lists/%s.json", names[i]);
        if (access(path, R_OK) == 0)
            x->lists[x->options.cloud_count++] = (struct survey_list){names[i], path};
    }
}

static enum error_code clouds_choose(struct survey_call *x, struct error *e) {
    if (x->no_cloud_lists && x->clouds.count > 0)
        return error_set(e, FAIL_USAGE, "--cloud and --no-cloud-lists exclude one another");
    for (size_t i = 0; i < x->clouds.count; i++) TRY(cloud_read(x, x->clouds.at[i], e));
    if (x->clouds.count == 0 && !x->no_cloud_lists) clouds_find(x);
    x->options.clouds = x->lists;
    return OK;
}

static void data_choose(struct survey_call *x) {
    struct survey_options *o = &x->options;
    survey_data_find(&x->shipped);
    for (size_t i = 0; i < x->address_data.count; i++) x->data[i] = x->address_data.at[i];
    o->address_data_count = x->address_data.count;
    if (o->address_data_count == 0 && x->shipped.address[0] != 0)
        x->data[o->address_data_count++] = x->shipped.address;
    o->address_data = x->data;
    for (size_t i = 0; i < x->asn.count; i++) x->asn_files[i] = x->asn.at[i];
    o->asn_count = x->asn.count;
    if (o->asn_count == 0 && x->shipped.asn_v4[0] != 0 && x->shipped.asn_v6[0] != 0) {
        x->asn_files[o->asn_count++] = x->shipped.asn_v4;
        x->asn_files[o->asn_count++] = x->shipped.asn_v6;
        o->asn_date = str_from_c(x->shipped.asn_date);
    }
    o->asn = x->asn_files;
}

/* "country=Stands in" */
static enum error_code column_read(struct survey_call *x, str word, struct error *e) {
    struct inventory_column *column = &x->columns[x->inventory.column_count];
    char fields[256];
    struct text known = text_into(fields, sizeof fields);
    str field;
    column->header = word;
    if (str_cut(&column->header, '=', &field) && column->header.len > 0 &&
        inventory_field_find(field, &column->field)) {
        x->inventory.column_count++;
        return OK;
    }
    for (unsigned i = 0; i < INVENTORY_FIELD_COUNT; i++)
        text_format(&known, "%s%s", i > 0 ? ", " : "",
                    inventory_field_name((enum inventory_field)i));
    return error_set(
        e, FAIL_USAGE,
        "--column takes FIELD=HEADER, such as country=\"Stands in\", not \"%.*s\"; fields "
        "are %.*s",
        STR_FMT(str_slice(word, 0, 80)), STR_FMT(text_str(&known)));
}

static enum error_code inventory_choose(struct survey_call *x, struct error *e) {
    const char *input = x->input != NULL ? x->input : "any";
    if (!inventory_format_find(str_from_c(input), &x->inventory.format))
        return error_set(e, FAIL_USAGE,
                         "--input takes list, zone, csv, json, ansible, cyclonedx, terraform, ec2 "
                         "or kubernetes, "
                         "not \"%.40s\"",
                         input);
    for (size_t i = 0; i < x->named.count; i++) TRY(column_read(x, str_from_c(x->named.at[i]), e));
    x->inventory.columns = x->columns;
    return OK;
}

/* Two letters, as in all that is written; who gives another name for a country is told its letters. */
static enum error_code home_choose(struct survey_call *x, struct error *e) {
    geo_country country;
    x->options.home = str_from_c(x->home);
    if (x->home == NULL || geo_country_read(x->options.home, &country)) return OK;
    if (inventory_country_read(x->options.home, &country))
        return error_set(e, FAIL_USAGE,
                         "--home takes two capital letters: write --home %.2s for \"%.40s\"",
                         country.at, x->home);
    return error_set(e, FAIL_USAGE,
                     "--home takes the two capital letters of a country, such as JP; \"%.40s\" is "
                     "no country of ISO 3166-1",
                     x->home);
}

static enum error_code words_read(struct survey_call *x, struct error *e) {
    TRY(inventory_choose(x, e));
    TRY(home_choose(x, e));
    x->options.at_ns = clock_wall_ns();
    if (x->as_of != NULL && !clock_iso_read(str_from_c(x->as_of), &x->options.at_ns))
        return error_set(e, FAIL_USAGE,
                         "--as-of takes a day or time such as 2026-05-17, not \"%.40s\"", x->as_of);
    if (x->format == NULL) x->format = "text";
    TRY(forming_choose(&x->forming, x->format, &x->writing, e));
    if (x->writing == FORMING_SERVERS && !survey_format_find(str_from_c(x->format), &x->kind))
        return error_set(e, FAIL_USAGE,
                         "--format takes text, json, jsonl, csv, geojson or html, not \"%.40s\"",
                         x->format);
    if (x->probe_port > UINT16_MAX)
        return error_set(e, FAIL_USAGE, "--probe-port takes a port, 1 to 65535, not %llu",
                         (unsigned long long)x->probe_port);
    if (x->reverses && x->resolver != NULL && strcmp(x->resolver, "none") == 0)
        return error_set(e, FAIL_USAGE, "--reverse asks a resolver: --resolver none asks nobody");
    if (x->probe && !x->probe_all && x->registers.count == 0)
        return error_set(e, FAIL_USAGE,
                         "--probe asks servers in the register's own networks: name a "
                         "--register, or --probe-all");
    data_choose(x);
    return clouds_choose(x, e);
}

/* Needs the register: it may be one of its sites. */
static enum error_code vantage_choose(struct survey_call *x, struct error *e) {
    struct arena arena = arena_over(x->vantage_room, sizeof x->vantage_room);
    x->options.probes = x->probe || x->probe_all;
    if (x->vantage_word == NULL) return OK;
    if (!x->options.probes)
        return error_set(e, FAIL_USAGE,
                         "--vantage says where probes start: it goes with --probe or --probe-all");
    TRY(survey_vantage_read(str_from_c(x->vantage_word), x->options.snapshot, x->options.at_ns,
                            &arena, &x->vantage, e));
    x->options.vantage = &x->vantage;
    return OK;
}

/* ---- from servers to a report ---- */

static enum error_code all_feed(struct survey_call *x, struct survey_feed *feed,
                                const char *const *targets, struct error *e) {
    TRY(survey_feed_open(feed, e));
    TRY(survey_feed_targets(feed, targets, e));
    if (targets[0] == NULL) TRY(survey_feed_register(feed, e));
    return survey_feed_walk(feed, e);
}

static enum error_code server_form(void *owner, const struct survey_server *server, str *more,
                                   struct error *e) {
    return forming_take(owner, server, more, e);
}

/* A million addresses are told as lines without being counted, unless somebody asks what is allowed. */
static bool is_counted(const struct survey_call *x) {
    return x->writing != FORMING_DIFFERENCE &&
           (x->writing != FORMING_SERVERS || x->kind == SURVEY_JSON || x->registers.count > 0);
}

static enum error_code servers_end(struct survey_call *x, struct survey_writer *writer,
                                   struct error *e) {
    struct report_json *json = survey_writer_members(writer);
    return json != NULL ? forming_json(&x->forming, json, e) : OK;
}

static enum error_code report_write(struct survey_call *x, struct survey_judge *judge,
                                    const char *const *targets, bool *is_cut, struct error *e) {
    bool asks_nobody = x->resolver != NULL && strcmp(x->resolver, "none") == 0;
    struct survey_feed feed = {.judge = judge,
                               .world = x->world,
                               .snapshot = x->forming.judging.snapshot,
                               .at_ns = x->options.at_ns,
                               .inventory = x->inventory,
                               .resolve = {.resolvers = str_from_c(x->resolver)},
                               .resolves = !asks_nobody,
                               .reverses = x->reverses,
                               .resumes = x->resumes,
                               .wants_all = x->forming.records,
                               .probes = x->probe || x->probe_all,
                               .probes_all = x->probe_all,
                               .probe = {.port = (uint16_t)x->probe_port},
                               .also = server_form,
                               .owner = &x->forming};
    struct report_out out;
    struct error ignored;
    TRY(x->resumes
            ? survey_resume_open(&x->resume, x->world, feed.snapshot, &out, &feed.passed_over, e)
            : report_open(x->out, &out, e));
    enum error_code code = OK;
    if (x->writing == FORMING_SERVERS)
        code = survey_writer_open(x->world, x->kind, x->forming.language, &out, &feed.writer, e);
    if (code == OK) code = all_feed(x, &feed, targets, e);
    survey_feed_close(&feed);
    *is_cut = feed.is_cut;
    if (code == OK) code = forming_record(&x->forming, e);
    if (code == OK && feed.writer != NULL) code = servers_end(x, feed.writer, e);
    if (feed.writer != NULL) {
        enum error_code closed = survey_writer_close(feed.writer, code == OK ? e : &ignored);
        if (code == OK) code = closed;
    } else if (code == OK)
        code = forming_write(&x->forming, x->writing, x->format, &out, e);
    if (code == OK) {
        TRY(report_close(&out, e));
        return x->resumes ? survey_resume_close(&x->resume, e) : OK;
    }
    if (x->resumes)
        report_leave(&out);
    else
        report_abandon(&out);
    return code;
}

/* Lines come out one by one and are told again by nobody: only they can go on. */
static enum error_code resume_find(struct survey_call *x, const char *const *targets,
                                   struct error *e) {
    if (!x->resumes) return OK;
    if (x->out == NULL || x->writing != FORMING_SERVERS || x->kind != SURVEY_JSONL || x->probe ||
        x->probe_all)
        return error_set(e, FAIL_USAGE,
                         "--resume goes with --format jsonl and -o FILE, and not with --probe");
    x->resume = (struct survey_resume){.out = x->out,
                                       .targets = targets,
                                       .resolver = x->resolver,
                                       .input = x->input,
                                       .columns = &x->named,
                                       .as_of = x->as_of,
                                       .reverses = x->reverses,
                                       .is_japanese = x->forming.lang != NULL &&
                                                      strcmp(x->forming.lang, "ja") == 0,
                                       .at_ns = x->options.at_ns};
    TRY(survey_resume_find(&x->resume, e));
    if (x->as_of == NULL) x->options.at_ns = x->resume.at_ns;
    return OK;
}

static enum error_code survey(struct survey_call *x, const char *const *targets, bool *is_cut,
                              struct error *e) {
    struct survey_judge *judge;
    TRY(words_read(x, e));
    TRY(resume_find(x, targets, e));
    TRY(forming_open(&x->forming, &x->registers, x->as_of, e));
    x->options.snapshot = x->forming.judging.snapshot;
    TRY(vantage_choose(x, e));
    TRY(survey_world_open(&x->options, &x->world, e));
    TRY(forming_begin(&x->forming, x->world, x->options.at_ns, targets, is_counted(x), e));
    TRY(survey_judge_open(x->world, &judge, e));
    enum error_code code = report_write(x, judge, targets, is_cut, e);
    survey_judge_close(judge);
    return code;
}

int command_survey(int argc, char **argv) {
    static struct survey_call x;
    static const char *targets[TARGETS_MOST + 1];
    const struct option options[] = {
        {"cloud", OPTION_LIST, &x.clouds, "NAME=FILE",
         "a provider's own address list: aws, azure, gcp, google (repeatable; those in "
         "/etc/azekura/cloud-lists)"},
        {"no-cloud-lists", OPTION_FLAG, &x.no_cloud_lists, NULL, "believe no provider's list"},
        {"address-data", OPTION_LIST, &x.address_data, "FILE",
         "country data, MaxMind DB (repeatable, at most 3; what came with the program)"},
        {"asn", OPTION_LIST, &x.asn, "FILE",
         "who announces what, CSV (repeatable; what came with the program)"},
        {"register", OPTION_LIST, &x.registers, "PATH",
         "register file or folder: what is declared (repeatable)"},
        {"input", OPTION_TEXT, &x.input,
         "list|zone|csv|json|ansible|cyclonedx|terraform|ec2|kubernetes",
         "what the files are: list, zone, csv, json, ansible, cyclonedx, terraform, ec2, "
         "kubernetes (recognised)"},
        {"column", OPTION_LIST, &x.named, "FIELD=HEADER",
         "which column or key says host, country, system … (their usual words; repeatable)"},
        {"resolver", OPTION_TEXT, &x.resolver, "ADDR",
         "ask this resolver; none asks nobody (the system's)"},
        {"reverse", OPTION_FLAG, &x.reverses, NULL,
         "ask for the names of addresses that have none, as hints; each is one more question"},
        {"probe", OPTION_FLAG, &x.probe, NULL,
         "connect to servers in the register's own networks: round trips, certificate, headers"},
        {"probe-all", OPTION_FLAG, &x.probe_all, NULL, "connect to any server that is named"},
        {"probe-port", OPTION_NUMBER, &x.probe_port, "PORT", "which port to connect to (443)"},
        {"vantage", OPTION_TEXT, &x.vantage_word, "LAT,LON[,KM]|SITE",
         "where this machine stands, in degrees (and how well that is known) or as a site of the "
         "register: what "
         "answers too fast to be in a country is not there"},
        {"home", OPTION_TEXT, &x.home, "CC",
         "the country that is inside (that of the register's operators, else JP)"},
        {"as-of", OPTION_TEXT, &x.as_of, "TIME", "with the register's rows of then (now)"},
        FORMING_OPTIONS(x.forming),
        {"merge", OPTION_FLAG, &x.merges, NULL,
         "the files are surveys, as JSON or JSON lines: one form over all of them"},
        {"format", OPTION_TEXT, &x.format, "text|json|jsonl|csv|geojson|html",
         "how to answer (text)"},
        {"o", OPTION_TEXT, &x.out, "FILE", "write there (standard output)"},
        {"resume", OPTION_FLAG, &x.resumes, NULL,
         "go on where a survey into that FILE was interrupted (jsonl)"},
        {0}};
    const struct command_line line = {
        .command = "azekura survey",
        .synopsis = "FILE|HOST... [options]",
        .about =
            "Where servers are, who runs them, whose law reaches the owner, and how that is known. "
            "Takes\n"
            "hosts, URLs, addresses, networks, and files of them: lists, zone files, CSV, JSON,\n"
            "CycloneDX, Terraform state, Ansible and EC2 inventories; without any, what the "
            "register\n"
            "says has addresses or is kept by others. An answer is inside, outside, undetermined "
            "or\n"
            "many, with the evidence it rests on and what contradicts. Nothing is sent to the "
            "servers\nunless --probe says so. Exit: 0\n"
            "done, 2 wrong usage, 3 something could not be read, 4 it could not be done.",
        .examples =
            "  azekura survey servers.csv --cloud aws=ip-ranges.json --register examples/register\n"
            "  azekura survey ledger.csv --column host='Machine' --column country='Stands in'\n"
            "  azekura survey www.example.jp 203.0.113.0/24 --resolver 192.0.2.53\n"
            "  azekura survey hosts.txt --format jsonl -o servers.jsonl\n"
            "  azekura survey --register examples/register --home JP\n"
            "  azekura survey hosts.txt --register examples/register --probe --vantage "
            "35.68,139.77\n"
            "  azekura survey servers.csv --register examples/register --format html -o "
            "form.html\n"
            "  azekura survey --merge aoba.json keyaki.json --format html --lang ja -o "
            "form.html\n"
            "  azekura survey servers.csv --diff 2026-09.json --diff 2026-10.json\n"
            "  azekura survey servers.csv --data /var/lib/azekura --record --history\n",
        .options = options,
        .positional_min = 0,
        .positional_max = TARGETS_MOST};
    struct error e = {0};
    bool is_cut = false;
    int ended;
    if (!options_read(&line, argc, argv, targets, TARGETS_MOST + 1, &ended)) return ended;
    if (targets[0] == NULL && x.registers.count == 0 && !x.merges) {
        fprintf(stderr, "azekura survey: of what? name files or hosts, or a --register\n");
        return EXIT_USAGE;
    }
    enum error_code code = x.merges ? survey_merge(targets, str_from_c(x.forming.lang),
                                                   x.format != NULL ? x.format : "text", x.out, &e)
                                    : survey(&x, targets, &is_cut, &e);
    if (code != OK) command_fail(line.command, &e);
    if (code == OK && x.forming.records)
        fprintf(
            stderr,
            "recorded: %llu answers and findings stand, %llu of them new or changed, %llu are gone "
            "(entry %s)\n",
            (unsigned long long)x.forming.recorded.standing,
            (unsigned long long)x.forming.recorded.entered,
            (unsigned long long)x.forming.recorded.gone, x.forming.recorded.receipt);
    forming_close(&x.forming);
    survey_world_close(x.world);
    return code == FAIL_USAGE ? EXIT_USAGE : code != OK ? EXIT_FAILED : is_cut ? EXIT_PART : 0;
}
