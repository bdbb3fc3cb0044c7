/* azekura exception: loosening a clause for a while, by two people. */
#include "app/commands.h"
#include "app/reach/call.h"

#include <stdio.h>

static int list(struct call *call) {
    size_t i;
    json_t *row;
    if (!call_run(call, "exception/list")) {
        call_end(call);
        return 1;
    }
    if (call_wants_json(call)) {
        call_print_json(call);
    } else {
        json_array_foreach(json_object_get(call->reply, "exceptions"), i, row) {
            const char *measure = json_string_value(json_object_get(row, "measure"));
            if (measure == NULL) measure = "";
            printf("%s  %s  %s  from %s until %s\n  reason: %s\n%s%s%s  asked by %s, "
                   "approved by %s, renewals: %lld\n",
                   json_string_value(json_object_get(row, "id")),
                   json_string_value(json_object_get(row, "state")),
                   json_string_value(json_object_get(row, "clause")),
                   json_string_value(json_object_get(row, "from")),
                   json_string_value(json_object_get(row, "until")),
                   json_string_value(json_object_get(row, "reason")),
                   measure[0] != 0 ? "  instead: " : "", measure, measure[0] != 0 ? "\n" : "",
                   json_string_value(json_object_get(row, "requester")),
                   json_string_value(json_object_get(row, "approver")),
                   (long long)json_integer_value(json_object_get(row, "renewals")));
            if (json_object_get(row, "renewal_until") != NULL)
                printf("  renewal until %s asked by %s, not approved yet\n",
                       json_string_value(json_object_get(row, "renewal_until")),
                       json_string_value(json_object_get(row, "renewal_by")));
        }
    }
    call_end(call);
    return 0;
}

int command_exception(int argc, char **argv) {
    struct call call = {0};
    const char *dataset = NULL, *site = NULL, *from = NULL, *until = NULL, *reason = NULL,
               *measure = NULL;
    const struct option options[] = {
        {"dataset", OPTION_TEXT, &dataset, "ID", "only for this dataset (any)"},
        {"site", OPTION_TEXT, &site, "ID", "only at this site (any)"},
        {"from", OPTION_TEXT, &from, "TIME", "begins then (now)"},
        {"until", OPTION_TEXT, &until, "TIME", "ends then; needed"},
        {"reason", OPTION_TEXT, &reason, "TEXT", "why; needed"},
        {"measure", OPTION_TEXT, &measure, "TEXT", "what stands in for the rule meanwhile"},
        CALL_OPTIONS(call),
        {0}};
    const struct command_line line = {
        .command = "azekura exception",
        .synopsis = "propose CLAUSE --until TIME --reason TEXT [options] | approve ID | renew ID "
                    "--until TIME | "
                    "end ID | list",
        .about =
            "An exception lets acts through that a clause would refuse, for a scope and a time.\n"
            "Somebody else than the one who asked must approve it. Each step is an entry of the\n"
            "ledger before it takes effect; the end comes by itself, with an entry. `renew` asks "
            "for\n"
            "a later end, which somebody else approves again.",
        .examples = "  azekura exception propose aoba-own/keep.at-home --dataset drills --until "
                    "2026-12-01 \\\n"
                    "      --reason 'restore drill abroad' --measure 'data is synthetic' "
                    "--credentials suzuki\n"
                    "  azekura exception approve x-3f29c0a1b2c3 --credentials tanaka\n"
                    "  azekura exception renew x-3f29c0a1b2c3 --until 2027-01-01 --credentials "
                    "suzuki\n",
        .options = options,
        .positional_min = 1,
        .positional_max = 2};
    const char *words[3];
    int ended;
    if (!options_read(&line, argc, argv, words, 3, &ended)) return ended;
    if (!call_begin(&call, line.command)) return 1;
    str verb = str_from_c(words[0]);
    if (str_equal(verb, STR("list"))) return list(&call);
    if (words[1] != NULL && str_equal(verb, STR("propose"))) {
        call_put(&call, "clause", words[1]);
        call_put(&call, "dataset", dataset);
        call_put(&call, "site", site);
        call_put(&call, "from", from);
        call_put(&call, "until", until);
        call_put(&call, "reason", reason);
        call_put(&call, "measure", measure);
        return call_change(&call, "exception/propose", "proposed");
    }
    call_put(&call, "id", words[1]);
    if (words[1] != NULL && str_equal(verb, STR("approve")))
        return call_change(&call, "exception/approve", "approved");
    if (words[1] != NULL && str_equal(verb, STR("renew"))) {
        call_put(&call, "until", until);
        return call_change(&call, "exception/renew", "renewal proposed");
    }
    if (words[1] != NULL && str_equal(verb, STR("end")))
        return call_change(&call, "exception/end", "ended");
    fprintf(stderr, "azekura exception: expected %s\n", line.synopsis);
    call_end(&call);
    return EXIT_USAGE;
}
