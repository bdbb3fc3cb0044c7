/* azekura finding: what assessments, inspections and the like noticed, as the store keeps it. */
#include "app/commands.h"
#include "app/reach/call.h"

#include <stdio.h>

static const char *of(const json_t *row, const char *name) {
    const char *text = json_string_value(json_object_get(row, name));
    return text != NULL ? text : "";
}

static void finding_print(const json_t *f, bool whole) {
    size_t i;
    json_t *clause;
    printf("%s  %s  %s  %s  %s", of(f, "id"), of(f, "state"), of(f, "kind"), of(f, "verdict"),
           of(f, "subject"));
    json_array_foreach(json_object_get(f, "clauses"), i, clause) {
        printf("%s%s", i == 0 ? "  " : " ", json_string_value(clause));
    }
    printf("\n  %s\n", of(f, "text"));
    if (!whole) return;
    printf("  by %s, first %s (entry %s), last %s (entry %s), in %lld reports\n", of(f, "source"),
           of(f, "first"), of(f, "first_entry"), of(f, "last"), of(f, "last_entry"),
           (long long)json_integer_value(json_object_get(f, "times")));
    if (of(f, "gone")[0] != 0) printf("  not found any more since %s\n", of(f, "gone"));
    printf("  report sha256 %s\n  facts sha256 %s\n", of(f, "report"), of(f, "facts"));
}

/* All pages, as one list. */
static bool list_run(struct call *call, json_t *all) {
    for (;;) {
        size_t i;
        json_t *row;
        json_decref(call->reply);
        call->reply = NULL;
        if (!call_run(call, "finding/list")) return false;
        const json_t *page = json_object_get(call->reply, "findings");
        json_array_foreach(page, i, row) json_array_append(all, row);
        size_t count = json_array_size(page);
        if (count == 0) return true;
        call_put(call, "after", of(json_array_get(page, count - 1), "id"));
    }
}

static int list(struct call *call) {
    json_t *all = json_object(), *rows = json_array(), *row;
    size_t i;
    json_object_set_new(all, "findings", rows);
    bool ok = list_run(call, rows);
    if (ok && call_wants_json(call)) {
        json_dumpf(all, stdout, JSON_INDENT(2));
        printf("\n");
    } else if (ok) {
        json_array_foreach(rows, i, row) finding_print(row, false);
        if (json_array_size(rows) == 0) printf("no findings\n");
    }
    json_decref(all);
    call_end(call);
    return ok ? 0 : 1;
}

static int show(struct call *call, const char *id) {
    call_put(call, "id", id);
    bool ok = call_run(call, "finding/show");
    if (ok && call_wants_json(call))
        call_print_json(call);
    else if (ok)
        finding_print(call->reply, true);
    call_end(call);
    return ok ? 0 : 1;
}

int command_finding(int argc, char **argv) {
    struct call call = {0};
    const char *kind = NULL, *clause = NULL, *subject = NULL;
    bool all = false;
    const struct option options[] = {
        {"kind", OPTION_TEXT, &kind, "NAME", "only assessment, inspection … (any)"},
        {"clause", OPTION_TEXT, &clause, "RULEBOOK/ID", "only what concerns this clause (any)"},
        {"subject", OPTION_TEXT, &subject, "ID", "only what is about this (any)"},
        {"all", OPTION_FLAG, &all, NULL, "also those that a later report did not find any more"},
        CALL_OPTIONS(call),
        {0}};
    const struct command_line line = {
        .command = "azekura finding",
        .synopsis = "list [--kind NAME] [--clause RULEBOOK/ID] [--subject ID] [--all] | show ID",
        .about =
            "What was noticed and came into the ledger: by `azekura assess --record`, and where "
            "an\n"
            "inspector found something else than the register says. A finding is an entry when it\n"
            "is new, when it says something new, and when a later report does not find it any "
            "more.",
        .examples = "  azekura finding list --kind assessment --format json\n"
                    "  azekura finding show 8c1f2e0a9b3d4f56\n",
        .options = options,
        .positional_min = 1,
        .positional_max = 2};
    const char *words[3];
    int ended;
    if (!options_read(&line, argc, argv, words, 3, &ended)) return ended;
    if (!call_begin(&call, line.command)) return 1;
    call_put(&call, "kind", kind);
    call_put(&call, "clause", clause);
    call_put(&call, "subject", subject);
    json_object_set_new(call.request, "all", json_boolean(all));
    if (strcmp(words[0], "list") == 0 && words[1] == NULL) return list(&call);
    if (strcmp(words[0], "show") == 0 && words[1] != NULL) return show(&call, words[1]);
    fprintf(stderr, "azekura finding: expected %s\n", line.synopsis);
    call_end(&call);
    return EXIT_USAGE;
}
