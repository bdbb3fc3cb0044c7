/* azekura debt: obligations that have time: listed, looked at, paid with a document. */
#include "app/commands.h"
#include "app/reach/call.h"

#include <stdio.h>

static void row_print(const json_t *row) {
    printf("%s  %s  %s  due %s\n", call_row_text(row, "id", "-"), call_row_text(row, "state", "-"),
           call_row_text(row, "what", "-"), call_row_text(row, "due", "unknown"));
    printf("  dataset %s, object %s/%s, since %s\n", call_row_text(row, "dataset", "-"),
           call_row_text(row, "bucket", "-"), call_row_text(row, "key", "-"),
           call_row_text(row, "since", "-"));
}

static int list(struct call *call) {
    size_t i;
    json_t *row;
    bool done = call_run(call, "debt/list");
    if (done && call_wants_json(call)) {
        call_print_json(call);
    } else if (done) {
        json_t *rows = json_object_get(call->reply, "debts");
        json_array_foreach(rows, i, row) row_print(row);
        if (json_array_size(rows) == 0) printf("nothing is owed\n");
    }
    call_end(call);
    return done ? 0 : 1;
}

static int show(struct call *call) {
    bool done = call_run(call, "debt/show");
    if (done && call_wants_json(call)) {
        call_print_json(call);
    } else if (done) {
        const json_t *settled = json_object_get(call->reply, "settled");
        row_print(call->reply);
        printf("  owed by entry %s", call_row_text(call->reply, "act", "-"));
        if (settled != NULL)
            printf(", %s by entry %s", call_text(call, "state"), json_string_value(settled));
        printf("\n");
        if (json_object_get(call->reply, "due") == NULL)
            printf("  no due time: %s is not known, or the text states no number\n",
                   call_row_text(call->reply, "start", "the start"));
    }
    call_end(call);
    return done ? 0 : 1;
}

int command_debt(int argc, char **argv) {
    struct call call = {0};
    const char *dataset = NULL, *by = NULL;
    bool late = false;
    uint64_t max = 1000;
    const struct option options[] = {
        {"dataset", OPTION_TEXT, &dataset, "ID", "list: only of this dataset (all)"},
        {"late", OPTION_FLAG, &late, NULL, "list: only those whose time has passed"},
        {"max", OPTION_NUMBER, &max, "N", "list: at most so many, the soonest due (1000)"},
        {"by", OPTION_TEXT, &by, "DOCUMENT", "pay: id of the register's document that attests it"},
        CALL_OPTIONS(call),
        {0}};
    const struct command_line line = {
        .command = "azekura debt",
        .synopsis = "list [options] | show ID | pay ID --by DOCUMENT",
        .about =
            "A debt is an obligation that has time: two copies within a day, a return within 24\n"
            "hours. The store sees by itself when the register shows the copies or the object is\n"
            "deleted; what only a document shows is paid by hand and said to be attested. The id\n"
            "is the entry that says it is owed, LOG#INDEX; its index alone is enough for one of\n"
            "the newest log. Debts that are late stay until they are met.",
        .examples = "  azekura debt list --late\n"
                    "  azekura debt show 1042\n"
                    "  azekura debt pay 1042 --by restore-report-2026-11 --credentials tanaka\n",
        .options = options,
        .positional_min = 1,
        .positional_max = 2};
    const char *words[3];
    int ended;
    if (!options_read(&line, argc, argv, words, 3, &ended)) return ended;
    if (!call_begin(&call, line.command)) return 1;
    str verb = str_from_c(words[0]);
    call_put(&call, "id", words[1]);
    if (words[1] == NULL && str_equal(verb, STR("list"))) {
        call_put(&call, "dataset", dataset);
        json_object_set_new(call.request, "late", json_boolean(late));
        json_object_set_new(call.request, "max", json_integer((json_int_t)u64_min(max, 10000)));
        return list(&call);
    }
    if (words[1] != NULL && str_equal(verb, STR("show"))) return show(&call);
    if (words[1] != NULL && by != NULL && str_equal(verb, STR("pay"))) {
        call_put(&call, "by", by);
        return call_change(&call, "debt/pay", "met, as attested");
    }
    fprintf(stderr, "azekura debt: expected %s\n", line.synopsis);
    call_end(&call);
    return EXIT_USAGE;
}
