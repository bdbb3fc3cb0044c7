/* azekura register: check files, print their schema, import them into a store; its other words are in
 * files of their own. */
#include "app/commands.h"
#include "app/register/commands.h"
#include "register/register.h"

#include <stdio.h>
#include <stdlib.h>

enum { REGISTER_TEXT_BYTES = 8 << 20 };

/* Equipment too large to hold: what is wrong in it instead of warnings about the rest, or its rows
 * beside them. */
static enum error_code check_walked(const struct register_parts *parts,
                                    struct register_report *report, struct error *e) {
    struct register_report walked;
    enum error_code code = register_parts_check(parts, &walked, e);
    if (code == OK) {
        report->row_count += walked.row_count;
        register_report_release(&walked);
    } else {
        register_report_release(report);
        *report = walked;
    }
    return code;
}

static int check(const char **paths, const char *format) {
    static char memory[REGISTER_TEXT_BYTES];
    struct text out = text_into(memory, sizeof memory);
    struct register_snapshot *snapshot = NULL;
    struct register_parts *parts = NULL;
    struct register_report report = {0};
    struct error e = {0};
    str at[OPTION_LIST_MAX];
    size_t count = 0;
    while (count < OPTION_LIST_MAX && paths[count] != NULL) {
        at[count] = str_from_c(paths[count]);
        count++;
    }
    enum error_code code = register_load_parts(at, count, NULL, &snapshot, &parts, &report, &e);
    if (code == OK && parts != NULL) code = check_walked(parts, &report, &e);
    register_check_write(&report, code == OK ? snapshot : NULL,
                         format != NULL && strcmp(format, "json") == 0, &out);
    fwrite(out.at, 1, out.len, stdout);
    if (code != OK && report.error_count == 0) command_fail("azekura register check", &e);
    register_report_release(&report);
    register_parts_release(parts);
    register_release(snapshot);
    return code == OK ? 0 : 1;
}

static int schema(void) {
    static char memory[REGISTER_TEXT_BYTES];
    struct text out = text_into(memory, sizeof memory);
    register_schema_write(&out);
    fwrite(out.at, 1, out.len, stdout);
    return 0;
}

static int import(struct call *call, const char **paths) {
    json_t *list = json_array();
    for (size_t i = 0; paths[i] != NULL; i++) {
        char full[4096];
        if (realpath(paths[i], full) == NULL) {
            fprintf(stderr, "azekura register import: there is no \"%s\"\n", paths[i]);
            json_decref(list);
            return 1;
        }
        json_array_append_new(list, json_string(full));
    }
    if (!call_begin(call, "azekura register import")) return 1;
    json_object_set_new(call->request, "paths", list);
    bool done = call_run(call, "register/import");
    if (done) printf("imported\n");
    call_end(call);
    return done ? 0 : 1;
}

/* show and history: of a store where --data names one, else of files. */
static int word_told(struct register_words *words, const char *id, bool at_one_time) {
    const char *format = words->call.format != NULL ? words->call.format : "text";
    if (words->call.data == NULL) return register_show(words, id, at_one_time);
    if (words->registers.count > 0) {
        fprintf(stderr, "azekura register: --data asks a store and --register files: name one\n");
        return EXIT_USAGE;
    }
    if (strcmp(format, "text") != 0 && strcmp(format, "json") != 0) {
        fprintf(stderr, "azekura register: --format takes text or json, not \"%s\"\n", format);
        return EXIT_USAGE;
    }
    return at_one_time ? register_told_show(&words->call, id, words->at)
                       : register_told_history(&words->call, id);
}

/* What the words ask for; -1: nothing that is known. */
static int word_run(struct register_words *words, const char **at) {
    bool is_alone = at[1] == NULL;
    if (strcmp(at[0], "schema") == 0 && is_alone) return schema();
    if (strcmp(at[0], "check") == 0 && !is_alone) return check(at + 1, words->call.format);
    if (strcmp(at[0], "import") == 0 && !is_alone) return import(&words->call, at + 1);
    if (strcmp(at[0], "observe") == 0 && !is_alone) return register_observe(words, at + 1);
    if (strcmp(at[0], "list") == 0 && (is_alone || at[2] == NULL))
        return register_list(words, at[1]);
    bool has_id = !is_alone && at[2] == NULL;
    if (strcmp(at[0], "show") == 0 && has_id) return word_told(words, at[1], true);
    if (strcmp(at[0], "history") == 0 && (has_id || (is_alone && words->call.data != NULL)))
        return word_told(words, at[1], false);
    return -1;
}

int command_register(int argc, char **argv) {
    struct register_words words = {0};
    const struct option options[] = {
        {"register", OPTION_LIST, &words.registers, "PATH",
         "show, history, observe: file or folder of the register; may be repeated"},
        {"at", OPTION_TEXT, &words.at, "TIME",
         "show: true at this day or time (now); of a store, and as it said then; observe: when "
         "that was seen"},
        {"into", OPTION_TEXT, &words.into, "FILE",
         "observe: go on from the rows of this file; what they say stays"},
        {"as", OPTION_TEXT, &words.as, "ip-neigh|arp|snmpwalk|lldp",
         "observe: what the files are (by how they begin)"},
        {"o", OPTION_TEXT, &words.out, "FILE", "observe: write there (standard output)"},
        {"lang", OPTION_TEXT, &words.lang, "en|ja", "list: language of the heads (en)"},
        {"year", OPTION_NUMBER, &words.year, "N", "list holidays: only of this year (all)"},
        {"data", OPTION_TEXT, &words.call.data, "DIR",
         "folder of the store (import: ./data); show, history: what its register said"},
        {"credentials", OPTION_TEXT, &words.call.credentials, "FILE",
         "come as this key: lines access_key=…, secret_key=… (else as the store's owner)"},
        {"format", OPTION_TEXT, &words.call.format, "text|json|csv|yaml",
         "how to answer (text; observe: yaml)"},
        {0}};
    const struct command_line line = {
        .command = "azekura register",
        .synopsis = "check PATH… | show ID | history [ID] | schema | list [NAME] | import PATH… | "
                    "observe FILE…",
        .about =
            "The register: what is known about operators, sites, datasets, and who said so.\n"
            "`check` reads files (YAML, CSV, CycloneDX, GeoJSON) and names every problem with its\n"
            "place; `show` prints the rows of an id that are true at a time, and `history` all of\n"
            "them in order of time: of files with --register, of a store with --data, and then by\n"
            "generation, with who brought it when and the entry of the ledger that says so.\n"
            "`schema` prints the JSON Schema of a file; `list` a list that comes along: capitals,\n"
            "enterprises, grids, networks, regions, holidays; `import` makes files the register of "
            "a store,\n"
            "running or not; `observe` reads neighbour tables (ip neigh, arp, SNMP walks, LLDP, or "
            "a\n"
            "CSV of sightings) and writes rows of equipment with what was seen, whom that "
            "suggests\n"
            "as maker, and when it was seen first and last.",
        .examples =
            "  azekura register check examples/register\n"
            "  azekura register check equipment.cdx.json sites.geojson\n"
            "  azekura register show sendai --at 2025-04-01 --register examples/register\n"
            "  azekura register history sendai --data /var/lib/azekura\n"
            "  azekura register schema > register.schema.json\n"
            "  azekura register list capitals --lang ja\n"
            "  ip neigh > neigh.txt; lldpctl -f json > lldp.json\n"
            "  azekura register observe neigh.txt lldp.json --into seen.yaml -o seen.yaml\n",
        .options = options,
        .positional_min = 1,
        .positional_max = OPTION_LIST_MAX};
    const char *at[OPTION_LIST_MAX + 1];
    int ended;
    if (!options_read(&line, argc, argv, at, OPTION_LIST_MAX + 1, &ended)) return ended;
    int code = word_run(&words, at);
    if (code >= 0) return code;
    fprintf(stderr, "azekura register: expected %s\n", line.synopsis);
    return EXIT_USAGE;
}
