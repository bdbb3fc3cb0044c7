/* azekura prove, why, store export, ledger export: what shows others what the store did. */
#include "app/commands.h"
#include "app/reach/call.h"
#include "app/reach/remote.h"
#include "base/disk.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static enum error_code write_out(const char *path, str bytes, struct error *e) {
    if (path == NULL || strcmp(path, "-") == 0) {
        fwrite(bytes.at, 1, bytes.len, stdout);
        return OK;
    }
    return disk_file_replace(AT_FDCWD, path, bytes, 0644, e);
}

static bool wants_bundle(int argc, char **argv) {
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--bundle") == 0) return true;
    return false;
}

int command_prove(int argc, char **argv) {
    if (wants_bundle(argc, argv)) return command_bundle(argc, argv);
    struct call call = {0};
    const char *url = NULL, *version = NULL, *out = NULL, *ca = NULL;
    struct option_list open = {0};
    const struct option options[] = {
        {"url", OPTION_TEXT, &url, "URL",
         "ask a store's console over the network (needs --credentials)"},
        {"ca", OPTION_TEXT, &ca, "FILE", "PEM certificates to trust for an https URL"},
        {"version", OPTION_TEXT, &version, "ID", "this version (the current one)"},
        {"open", OPTION_LIST, &open, "FIELD",
         "show this field: bucket key version size digest time user address facts (repeatable)"},
        {"o", OPTION_TEXT, &out, "FILE", "write there (standard output)"},
        CALL_OPTIONS(call),
        {0}};
    const struct command_line line = {
        .command = "azekura prove",
        .synopsis = "[--data DIR | --url URL] BUCKET KEY [--version ID] [--open FIELD]… -o FILE",
        .about =
            "Writes a proof that an object's entry is in the ledger, with the fields you choose "
            "to\n"
            "open and nothing else. Anybody checks it offline: azekura-verify --key VKEY FILE.\n"
            "It is checked with the newest log's key, for objects from before a succession too.\n"
            "With --bundle: everything of a period, for an inspector; see prove --bundle --help.",
        .examples = "  azekura prove grid-telemetry 2026/11/21/feeder-7.json --open key --open "
                    "time -o p.tlog-proof\n"
                    "  azekura prove --bundle --from 2026-11-01 --to 2026-11-30 --for \"METI, "
                    "Sendai\" -o ./november\n",
        .options = options,
        .positional_min = 2,
        .positional_max = 2};
    const char *words[3];
    int ended;
    if (!options_read(&line, argc, argv, words, 3, &ended)) return ended;
    struct error e = {0};
    if (!call_begin(&call, line.command)) return 1;
    str proof = STR_EMPTY;
    enum error_code code = OK;
    if (url != NULL) {
        struct remote_prove ask = {.url = url,
                                   .credentials = call.credentials,
                                   .ca = ca,
                                   .bucket = words[0],
                                   .key = words[1],
                                   .version = version,
                                   .open = &open};
        code = remote_prove(&ask, &call.arena, &proof, &e);
    } else {
        json_t *fields = json_array();
        for (size_t i = 0; i < open.count; i++)
            json_array_append_new(fields, json_string(open.at[i]));
        json_object_set_new(call.request, "open", fields);
        call_put(&call, "bucket", words[0]);
        call_put(&call, "key", words[1]);
        call_put(&call, "version", version);
        if (!call_run(&call, "prove")) {
            call_end(&call);
            return 1;
        }
        proof = str_from_c(call_text(&call, "proof"));
    }
    if (code == OK) code = write_out(out, proof, &e);
    if (code != OK) command_fail(line.command, &e);
    call_end(&call);
    return code == OK ? 0 : 1;
}

int command_why(int argc, char **argv) {
    struct call call = {0};
    const struct option options[] = {CALL_OPTIONS(call), {0}};
    const struct command_line line = {
        .command = "azekura why",
        .synopsis = "REQUEST-ID",
        .about =
            "Says what was decided on a request, by which clauses, and where the ledger holds it.\n"
            "The id is the reply's x-amz-request-id.",
        .examples = "  azekura why 5f3a9c0011223344\n",
        .options = options,
        .positional_min = 1,
        .positional_max = 1};
    const char *words[2];
    int ended;
    if (!options_read(&line, argc, argv, words, 2, &ended)) return ended;
    if (!call_begin(&call, line.command)) return 1;
    call_put(&call, "request", words[0]);
    bool done = call_run(&call, "why");
    if (done && call_wants_json(&call))
        call_print_json(&call);
    else if (done)
        fputs(call_text(&call, "text"), stdout);
    call_end(&call);
    return done ? 0 : 1;
}

static int export(int argc, char **argv, const char *command, const char *method,
                  bool may_have_bodies, const char *about, const char *examples) {
    struct call call = {0};
    const char *to = NULL;
    bool bodies = false;
    char full[4096];
    struct option options[8] = {{"to", OPTION_TEXT, &to, "DIR", "folder to write to; needed"}};
    const struct option shared[] = {CALL_OPTIONS(call)};
    size_t count = 1;
    if (may_have_bodies)
        options[count++] =
            (struct option){"bodies", OPTION_FLAG, &bodies, NULL, "write the stored bytes too"};
    for (size_t i = 0; i < COUNT_OF(shared); i++) options[count++] = shared[i];
    const struct command_line line = {
        .command = command,
        .synopsis = may_have_bodies ? "--to DIR [--bodies] [--data DIR]" : "--to DIR [--data DIR]",
        .about = about,
        .examples = examples,
        .options = options};
    const char *none[1];
    int ended;
    if (!options_read(&line, argc, argv, none, 1, &ended)) return ended;
    if (to == NULL) {
        fprintf(stderr, "%s: say where with --to DIR\n", command);
        return EXIT_USAGE;
    }
    if (!call_folder(command, to, full) || !call_begin(&call, command)) return 1;
    call_put(&call, "to", full);
    json_object_set_new(call.request, "bodies", json_boolean(bodies));
    bool done = call_run(&call, method);
    if (done && call_wants_json(&call))
        call_print_json(&call);
    else if (done && call_text(&call, "vkey")[0] != 0) {
        printf("exported to %s; check with: azekura-verify --key '%s' --ledger ", to,
               call_text(&call, "vkey"));
        call_print_path(to);
        putchar('\n');
    } else if (done)
        printf("exported to %s\n", to);
    if (done) fputs(call_text(&call, "lost"), stderr);
    bool incomplete = done && json_is_true(json_object_get(call.reply, "incomplete"));
    if (incomplete)
        fprintf(stderr,
                "%s: the rest is exported; without those entries the whole does not verify\n",
                command);
    call_end(&call);
    return done && !incomplete ? 0 : 1;
}

int command_store(int argc, char **argv) {
    if (argc < 2 || strcmp(argv[1], "export") != 0) {
        bool helped = argc >= 2 && strcmp(argv[1], "--help") == 0;
        fprintf(helped ? stdout : stderr,
                "usage: azekura store export --to DIR [--bodies] [--data DIR]\n");
        return helped ? 0 : 2;
    }
    return export(argc - 1, argv + 1, "azekura store export", "export/store", true,
                  "Writes what the store holds, beside the opened entries that say why it may:\n"
                  "azekura-verify --ledger DIR --store DIR holds the two against each other.",
                  "  azekura store export --data ./data --to /tmp/listing --bodies\n");
}

int command_ledger(int argc, char **argv) {
    if (argc >= 2 && strcmp(argv[1], "export") == 0)
        return export(
            argc - 1, argv + 1, "azekura ledger export", "export/ledger", false,
            "Writes the ledger at its newest checkpoint as tiles and entry bundles, which\n"
            "anybody checks offline; below old/ what is left of logs that came before.",
            "  azekura ledger export --to /tmp/ledger\n");
    if (argc >= 2 && strcmp(argv[1], "succeed") == 0) return command_succeed(argc - 1, argv + 1);
    bool helped = argc >= 2 && strcmp(argv[1], "--help") == 0;
    fprintf(helped ? stdout : stderr,
            "usage: azekura ledger export --to DIR | succeed --reason TEXT\n");
    return helped ? 0 : 2;
}
