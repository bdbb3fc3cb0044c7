/* azekura break-glass: two people let acts through that their own rules would refuse, for a while. */
#include "app/commands.h"
#include "app/reach/call.h"

#include <stdio.h>

enum { CLAUSES_MAX = 16 };

static void glass_print(const json_t *row) {
    size_t i;
    json_t *clause;
    printf("%s  %s ", call_row_text(row, "id", "-"), call_row_text(row, "state", "-"));
    json_array_foreach(json_object_get(row, "clauses"), i, clause)
        printf(" %s", json_string_value(clause));
    printf("\n  reason: %s\n  dataset %s, site %s\n", call_row_text(row, "reason", "-"),
           call_row_text(row, "dataset", "any"), call_row_text(row, "site", "any"));
    printf("  opened %s by %s for %lld min, confirmed by %s, in effect from %s until %s\n",
           call_row_text(row, "opened", "-"), call_row_text(row, "opener", "-"),
           (long long)json_integer_value(json_object_get(row, "for_s")) / 60,
           call_row_text(row, "confirmer", "nobody"), call_row_text(row, "from", "-"),
           call_row_text(row, "until", "-"));
}

static int list(struct call *call) {
    size_t i;
    json_t *row;
    bool done = call_run(call, "break-glass/list");
    if (done && call_wants_json(call)) {
        call_print_json(call);
    } else if (done) {
        json_array_foreach(json_object_get(call->reply, "glass"), i, row) glass_print(row);
    }
    call_end(call);
    return done ? 0 : 1;
}

static int review(struct call *call) {
    size_t i;
    json_t *act;
    bool done = call_run(call, "break-glass/review");
    if (done && call_wants_json(call)) {
        call_print_json(call);
    } else if (done) {
        json_t *acts = json_object_get(call->reply, "acts");
        glass_print(call->reply);
        printf("%zu acts under it:\n", json_array_size(acts));
        json_array_foreach(acts, i, act) {
            printf("  %s  %s  %s  %s/%s  by %s\n", call_row_text(act, "entry", "-"),
                   call_row_text(act, "time", "-"), call_row_text(act, "type", "-"),
                   call_row_text(act, "bucket", "-"), call_row_text(act, "key", "-"),
                   call_row_text(act, "user", "-"));
        }
    }
    call_end(call);
    return done ? 0 : 1;
}

/* "8h" is "8 h". */
static void length_put(struct call *call, const char *length) {
    char spaced[64];
    size_t digits = 0;
    while (length[digits] >= '0' && length[digits] <= '9') digits++;
    const char *unit = length + digits;
    bool joined = digits > 0 && *unit != 0 && *unit != ' ';
    snprintf(spaced, sizeof spaced, "%.*s%s%s", (int)digits, length, joined ? " " : "", unit);
    call_put(call, "for", spaced);
}

static int open_(struct call *call, const char **clauses, const char *length) {
    json_t *list_ = json_array();
    for (size_t i = 0; clauses[i] != NULL; i++)
        json_array_append_new(list_, json_string(clauses[i]));
    json_object_set_new(call->request, "clauses", list_);
    length_put(call, length);
    return call_change(call, "break-glass/open",
                       "opened; in effect once a second person confirms it:");
}

int command_break_glass(int argc, char **argv) {
    struct call call = {0};
    const char *reason = NULL, *length = "24 h", *dataset = NULL, *site = NULL;
    const struct option options[] = {
        {"reason", OPTION_TEXT, &reason, "TEXT", "open: why; needed"},
        {"for", OPTION_TEXT, &length, "DURATION", "open: how long once confirmed, ≤ 72 h (24 h)"},
        {"dataset", OPTION_TEXT, &dataset, "ID", "open: only for this dataset (any)"},
        {"site", OPTION_TEXT, &site, "ID", "open: only at this site (any)"},
        CALL_OPTIONS(call),
        {0}};
    const struct command_line line = {
        .command = "azekura break-glass",
        .synopsis =
            "open CLAUSE… --reason TEXT [options] | confirm ID | close ID | list | review ID",
        .about =
            "In an emergency the named clauses of strength own or contract let acts through, for\n"
            "at most 72 hours; law is never lifted. One person opens, a second one confirms, and\n"
            "only then is it in effect. Opening, confirming, closing and the end that comes by\n"
            "itself are entries of the ledger; `review` lists every act done under it.",
        .examples = "  azekura break-glass open aoba-own/keep.at-home --for 8h --dataset "
                    "plant-telemetry \\\n"
                    "      --reason 'site flooded, restoring abroad' --credentials suzuki\n"
                    "  azekura break-glass confirm g-3f29c0a1b2c3 --credentials tanaka\n"
                    "  azekura break-glass review g-3f29c0a1b2c3 --format json\n",
        .options = options,
        .positional_min = 1,
        .positional_max = CLAUSES_MAX + 1};
    const char *words[CLAUSES_MAX + 2];
    int ended;
    if (!options_read(&line, argc, argv, words, CLAUSES_MAX + 2, &ended)) return ended;
    if (!call_begin(&call, line.command)) return 1;
    str verb = str_from_c(words[0]);
    bool one = words[1] != NULL && words[2] == NULL;
    if (words[1] == NULL && str_equal(verb, STR("list"))) return list(&call);
    if (words[1] != NULL && reason != NULL && str_equal(verb, STR("open"))) {
        call_put(&call, "reason", reason);
        call_put(&call, "dataset", dataset);
        call_put(&call, "site", site);
        return open_(&call, words + 1, length);
    }
    call_put(&call, "id", words[1]);
    if (one && str_equal(verb, STR("confirm")))
        return call_change(&call, "break-glass/confirm", "in effect");
    if (one && str_equal(verb, STR("close")))
        return call_change(&call, "break-glass/close", "closed");
    if (one && str_equal(verb, STR("review"))) return review(&call);
    fprintf(stderr, "azekura break-glass: expected %s\n", line.synopsis);
    call_end(&call);
    return EXIT_USAGE;
}
