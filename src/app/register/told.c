/* azekura register show and history of a store: what its register said on a day, who brought it, and
 * the entry of the ledger that says so. */
#include "app/register/commands.h"

#include <stdio.h>
#include <string.h>

static const char *text_of(const json_t *row, const char *name, const char *without) {
    const char *text = json_string_value(json_object_get(row, name));
    return text != NULL ? text : without;
}

static long long number_of(const json_t *row, const char *name) {
    return (long long)json_integer_value(json_object_get(row, name));
}

/* ---- text ---- */

static void generation_print(const json_t *g) {
    printf("generation %lld", number_of(g, "generation"));
    if (json_object_get(g, "time") != NULL)
        printf("  %s  %lld rows", text_of(g, "time", ""), number_of(g, "rows"));
    if (!json_is_true(json_object_get(g, "recorded"))) {
        printf("  (imported before this store kept who, when and the entry)\n");
        return;
    }
    printf(", %lld changed\n", number_of(g, "changed"));
    printf("  by      %s\n", json_is_true(json_object_get(g, "redacted"))
                                 ? "(redacted)"
                                 : text_of(g, "who", "the store itself"));
    if (json_object_get(g, "why") != NULL) printf("  why     %s\n", text_of(g, "why", ""));
    printf("  entry   %s%s\n", text_of(g, "entry", ""),
           json_is_true(json_object_get(g, "in_ledger")) ? "" : "  (that log is no longer here)");
    printf("  digest  %s\n", text_of(g, "digest", ""));
}

static void row_print(const json_t *row) {
    char *text = json_dumps(json_object_get(row, "row"), JSON_COMPACT);
    printf("%s %s  from %s", text_of(row, "kind", ""), text_of(row, "id", ""),
           text_of(row, "from", "the beginning"));
    if (json_object_get(row, "until") != NULL) printf(" until %s", text_of(row, "until", ""));
    if (json_object_get(row, "came_with") != NULL)
        printf("  told from generation %lld", number_of(row, "came_with"));
    if (json_object_get(row, "replaced_by") != NULL)
        printf(" to %lld, on %s", number_of(row, "replaced_by"), text_of(row, "replaced", ""));
    printf("\n  %s\n", text != NULL ? text : "");
    free(text);
}

static void rows_print(const json_t *rows) {
    for (size_t i = 0; i < json_array_size(rows); i++) row_print(json_array_get(rows, i));
}

/* ---- asking ---- */

/* Page after page; all generations end up in the first reply. */
static bool generations_all(struct call *call) {
    json_t *all = json_incref(json_object_get(call->reply, "generations"));
    bool good = true;
    for (json_t *next; good && (next = json_object_get(call->reply, "next")) != NULL;) {
        json_object_set_new(call->request, "first", json_integer(json_integer_value(next)));
        json_decref(call->reply);
        call->reply = NULL;
        good = call_run(call, "register/history");
        if (good) json_array_extend(all, json_object_get(call->reply, "generations"));
    }
    if (good) json_object_set(call->reply, "generations", all);
    json_decref(all);
    return good;
}

int register_told_history(struct call *call, const char *id) {
    if (!call_begin(call, "azekura register history")) return 1;
    call_put(call, "id", id);
    bool good = call_run(call, "register/history") && generations_all(call);
    if (good && call_wants_json(call)) {
        call_print_json(call);
    } else if (good) {
        const json_t *list = json_object_get(call->reply, "generations");
        for (size_t i = 0; i < json_array_size(list); i++)
            generation_print(json_array_get(list, i));
        if (json_array_size(list) == 0) printf("the store has no register\n");
        rows_print(json_object_get(call->reply, "rows"));
    }
    call_end(call);
    return good ? 0 : 1;
}

int register_told_show(struct call *call, const char *id, const char *at) {
    if (!call_begin(call, "azekura register show")) return 1;
    call_put(call, "id", id);
    call_put(call, "at", at);
    bool good = call_run(call, "register/show");
    if (good && call_wants_json(call)) {
        call_print_json(call);
    } else if (good) {
        rows_print(json_object_get(call->reply, "rows"));
        generation_print(json_object_get(call->reply, "generation"));
    }
    call_end(call);
    return good ? 0 : 1;
}
