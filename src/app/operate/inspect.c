/* azekura inspect: an inspector countersigns facts of the register. */
#include "app/commands.h"
#include "app/reach/call.h"

#include <stdio.h>

static const char *of(const json_t *row, const char *name) {
    const char *text = json_string_value(json_object_get(row, name));
    return text != NULL ? text : "";
}

static void inspection_print(const json_t *x) {
    const char *until = of(x, "until"), *ended = of(x, "ended");
    printf("%s  %s  %s %s\n  found %s, the register said %s%s\n  by %s at %s, entry %s\n  %s: %s\n",
           of(x, "id"), of(x, "state"), of(x, "subject"), of(x, "fact"), of(x, "found"),
           of(x, "register"), json_is_true(json_object_get(x, "agrees")) ? "" : ": CONTRADICTED",
           of(x, "inspector"), of(x, "at"), of(x, "entry"), ended[0] != 0 ? "ended" : "how",
           of(x, "reason"));
    if (of(x, "requester")[0] != 0) printf("  asked for by %s\n", of(x, "requester"));
    if (ended[0] != 0)
        printf("  over since %s\n", ended);
    else
        printf("  until %s\n", until[0] != 0 ? until : "it is withdrawn");
}

static int done(struct call *call, bool ok) {
    if (ok && call_wants_json(call)) call_print_json(call);
    call_end(call);
    return ok ? 0 : 1;
}

static int confirm(struct call *call, const char *subject, const char *said) {
    char fact[256];
    const char *value = strchr(said, '=');
    if (value == NULL || value == said || (size_t)(value - said) >= sizeof fact) {
        fprintf(stderr, "azekura inspect: expected FACT=VALUE, not \"%s\"\n", said);
        call_end(call);
        return EXIT_USAGE;
    }
    snprintf(fact, sizeof fact, "%.*s", (int)(value - said), said);
    call_put(call, "subject", subject);
    call_put(call, "fact", fact);
    call_put(call, "value", value + 1);
    bool ok = call_run(call, "inspect/confirm");
    bool agrees = ok && json_is_true(json_object_get(call->reply, "agrees"));
    if (ok && !call_wants_json(call) && agrees)
        printf("confirmed %s: %s %s is %s (entry %s)\n", call_text(call, "id"),
               call_text(call, "subject"), call_text(call, "fact"), call_text(call, "found"),
               call_text(call, "receipt"));
    else if (ok && !call_wants_json(call))
        printf("recorded %s, a finding: the register says %s %s is %s, you found %s (entry %s)\n",
               call_text(call, "id"), call_text(call, "subject"), call_text(call, "fact"),
               call_text(call, "register"), call_text(call, "found"), call_text(call, "receipt"));
    return done(call, ok);
}

static int list(struct call *call) {
    size_t i;
    json_t *row;
    bool ok = call_run(call, "inspect/list");
    if (ok && !call_wants_json(call)) {
        json_array_foreach(json_object_get(call->reply, "inspections"), i, row) {
            inspection_print(row);
        }
    }
    return done(call, ok);
}

int command_inspect(int argc, char **argv) {
    struct call call = {0};
    const char *reason = NULL, *until = NULL, *requester = NULL;
    const struct option options[] = {
        {"reason", OPTION_TEXT, &reason, "TEXT", "how it was inspected, or why it is withdrawn"},
        {"until", OPTION_TEXT, &until, "TIME", "good until then (until it is withdrawn)"},
        {"requester", OPTION_TEXT, &requester, "NAME", "who asked for it: somebody else"},
        CALL_OPTIONS(call),
        {0}};
    const struct command_line line = {
        .command = "azekura inspect",
        .synopsis = "confirm SUBJECT FACT=VALUE --reason TEXT [--until TIME] [--requester NAME] | "
                    "withdraw ID --reason TEXT | list",
        .about =
            "An inspector, with a key of their own, says of a fact of the store's register what "
            "they\n"
            "found. SUBJECT is KIND/ID of a row, FACT one of its fields. Where the register says "
            "so\n"
            "too, the fact counts as inspected from then on, with who, when and which entry; "
            "where\n"
            "not, it is a finding, and assessments take the fact as unknown. Each step is an entry "
            "of\n"
            "the ledger.",
        .examples = "  azekura inspect confirm sites/sendai country=JP --reason 'visited, "
                    "cadastral map' \\\n"
                    "      --until 2027-11-22 --credentials sato.credentials\n"
                    "  azekura inspect withdraw n-3f29c0a1b2c3 --reason 'wrong building' "
                    "--credentials \\\n"
                    "      sato.credentials\n",
        .options = options,
        .positional_min = 1,
        .positional_max = 3};
    const char *words[4];
    int ended;
    if (!options_read(&line, argc, argv, words, 4, &ended)) return ended;
    if (!call_begin(&call, line.command)) return 1;
    str verb = str_from_c(words[0]);
    call_put(&call, "reason", reason);
    call_put(&call, "until", until);
    call_put(&call, "requester", requester);
    if (str_equal(verb, STR("list")) && words[1] == NULL) return list(&call);
    if (str_equal(verb, STR("confirm")) && words[1] != NULL && words[2] != NULL)
        return confirm(&call, words[1], words[2]);
    if (str_equal(verb, STR("withdraw")) && words[1] != NULL && words[2] == NULL) {
        call_put(&call, "id", words[1]);
        bool ok = call_run(&call, "inspect/withdraw");
        if (ok && !call_wants_json(&call))
            printf("withdrawn (entry %s)\n", call_text(&call, "receipt"));
        return done(&call, ok);
    }
    fprintf(stderr, "azekura inspect: expected %s\n", line.synopsis);
    call_end(&call);
    return EXIT_USAGE;
}
