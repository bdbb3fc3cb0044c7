/* Asking a store for what it alone knows. */
#include "app/reach/kept.h"

#include "base/pack.h"
#include "base/text.h"

enum {
    KEPT_SPACE_BYTES = 256 << 20,
    KEPT_CLAUSES_MAX = 4096, /* that ever spoke; as many as rulebook try tells apart */
    JOINED_DEPTH = 8,        /* as deep as decisions are joined */
};

static str text_of(const json_t *object, const char *name) {
    const json_t *value = json_object_get(object, name);
    return json_is_string(value) ? str_of(json_string_value(value), json_string_length(value))
                                 : STR_EMPTY;
}

static uint64_t number_of(const json_t *object, const char *name) {
    json_int_t number = json_integer_value(json_object_get(object, name));
    return number > 0 ? (uint64_t)number : 0;
}

static enum error_code text_keep(struct kept *k, const json_t *object, const char *name, str *out,
                                 struct error *e) {
    return arena_copy(&k->arena, text_of(object, name), out, e);
}

static enum error_code ask(struct kept *k, const char *method, struct error *e) {
    json_decref(k->call.reply);
    k->call.reply = NULL;
    if (call_run(&k->call, method)) return OK;
    return error_set(e, FAIL_INTERNAL, "the store did not tell (%s)", method);
}

/* ---- exceptions, broken glass ---- */

static bool span_read(const json_t *row, struct rulebook_span *out) {
    return clock_iso_read(text_of(row, "from"), &out->from_ns) &&
           clock_iso_read(text_of(row, "until"), &out->until_ns);
}

static enum error_code exception_keep(struct kept *k, const json_t *row,
                                      struct rulebook_exception *out, struct error *e) {
    str state = text_of(row, "state");
    *out = (struct rulebook_exception){.kind = RULEBOOK_EXCEPTION};
    if (!str_equal(state, STR("approved")) && !str_equal(state, STR("expired"))) return OK;
    if (!span_read(row, &out->span)) return error_set(e, FAIL_INTERNAL, "an exception has no end");
    TRY(text_keep(k, row, "id", &out->id, e));
    TRY(text_keep(k, row, "clause", &out->clause, e));
    TRY(text_keep(k, row, "dataset", &out->dataset, e));
    TRY(text_keep(k, row, "site", &out->site, e));
    TRY(text_keep(k, row, "reason", &out->reason, e));
    TRY(text_keep(k, row, "measure", &out->measure, e));
    TRY(text_keep(k, row, "requester", &out->requester, e));
    return text_keep(k, row, "approver", &out->approver, e);
}

static enum error_code glass_keep(struct kept *k, const json_t *row, const json_t *clause,
                                  struct rulebook_exception *out, struct error *e) {
    str state = text_of(row, "state");
    *out = (struct rulebook_exception){.kind = RULEBOOK_BREAK_GLASS};
    if (!str_equal(state, STR("in-effect")) && !str_equal(state, STR("expired"))) return OK;
    if (!span_read(row, &out->span)) return OK; /* opened, and nobody confirmed it in time */
    TRY(arena_copy(&k->arena, str_from_c(json_string_value(clause)), &out->clause, e));
    TRY(text_keep(k, row, "id", &out->id, e));
    TRY(text_keep(k, row, "dataset", &out->dataset, e));
    TRY(text_keep(k, row, "site", &out->site, e));
    TRY(text_keep(k, row, "reason", &out->reason, e));
    TRY(text_keep(k, row, "opener", &out->requester, e));
    out->approver = out->requester;
    return text_keep(k, row, "confirmer", &out->second, e);
}

static enum error_code exceptions_read(struct kept *k, struct error *e) {
    struct rulebook_exception *list = NULL;
    size_t count = 0;
    TRY(ask(k, "exception/list", e));
    json_t *exceptions = json_incref(json_object_get(k->call.reply, "exceptions"));
    enum error_code code = ask(k, "break-glass/list", e);
    const json_t *glass = json_object_get(k->call.reply, "glass");
    size_t most = json_array_size(exceptions);
    for (size_t i = 0; i < json_array_size(glass); i++)
        most += json_array_size(json_object_get(json_array_get(glass, i), "clauses"));
    if (code == OK) list = arena_new(&k->arena, struct rulebook_exception, most);
    if (code == OK && list == NULL) code = error_set(e, FAIL_MEMORY, "no room for exceptions");
    for (size_t i = 0; code == OK && i < json_array_size(exceptions); i++) {
        code = exception_keep(k, json_array_get(exceptions, i), &list[count], e);
        count += code == OK && list[count].id.len > 0;
    }
    for (size_t i = 0; code == OK && i < json_array_size(glass); i++) {
        const json_t *row = json_array_get(glass, i), *clauses = json_object_get(row, "clauses");
        for (size_t c = 0; code == OK && c < json_array_size(clauses); c++) {
            code = glass_keep(k, row, json_array_get(clauses, c), &list[count], e);
            count += code == OK && list[count].id.len > 0;
        }
    }
    json_decref(exceptions);
    k->exceptions = list;
    k->exception_count = count;
    return code;
}

/* ---- debts ---- */

static enum error_code debts_read(struct kept *k, struct error *e) {
    TRY(ask(k, "debt/accounts", e));
    const json_t *accounts = json_object_get(k->call.reply, "accounts");
    size_t count = json_array_size(accounts);
    struct assess_debt *debts = arena_new(&k->arena, struct assess_debt, count);
    if (debts == NULL) return error_set(e, FAIL_MEMORY, "no room for %zu debts", count);
    for (size_t i = 0; i < count; i++) {
        const json_t *row = json_array_get(accounts, i);
        struct assess_debt *d = &debts[i];
        TRY(text_keep(k, row, "what", &d->what, e));
        TRY(text_keep(k, row, "clause", &d->clause, e));
        TRY(text_keep(k, row, "dataset", &d->dataset, e));
        d->owed = number_of(row, "owed");
        d->late = number_of(row, "late");
        d->met = number_of(row, "met");
        if (!clock_iso_read(text_of(row, "next_due"), &d->due_ns)) d->due_ns = INT64_MAX;
    }
    k->ledger.debts = debts;
    k->ledger.debt_count = count;
    return OK;
}

/* ---- acts ---- */

static enum error_code clause_count(struct kept *k, struct assess_gate_tally *tallies,
                                    const struct rulebook_recorded_clause *c, struct error *e) {
    size_t i = 0;
    for (; i < k->ledger.clause_count; i++) {
        str name = tallies[i].clause;
        if (name.len == c->rulebook.len + 1 + c->clause.len && str_starts(name, c->rulebook) &&
            str_ends(name, c->clause))
            break;
    }
    if (i == KEPT_CLAUSES_MAX)
        return error_set(e, FAIL_LIMIT, "over %d clauses in the ledger", KEPT_CLAUSES_MAX);
    if (i == k->ledger.clause_count) {
        TRY(arena_format(&k->arena, &tallies[i].clause, e, "%.*s/%.*s", STR_FMT(c->rulebook),
                         STR_FMT(c->clause)));
        k->ledger.clause_count++;
    }
    switch (c->effect) {
    case RULEBOOK_ALLOW: tallies[i].allowed++; break;
    case RULEBOOK_WARN: tallies[i].warned++; break;
    case RULEBOOK_REFUSE: tallies[i].refused++; break;
    }
    return OK;
}

/* One decision, or two that were joined; as docs/formats/decision.md tells them apart. */
static enum error_code decision_count(struct kept *k, struct assess_gate_tally *tallies, str bytes,
                                      struct arena scratch, unsigned depth, struct error *e) {
    struct rulebook_recorded recorded;
    if (bytes.len > 0 && bytes.at[0] == 0) {
        struct unpack u = unpack_from(bytes);
        str a = unpack_str(&u), b = unpack_str(&u);
        TRY(unpack_done(&u, "joined decisions", e));
        if (depth == JOINED_DEPTH) return error_set(e, FAIL_CORRUPT, "decisions joined too often");
        TRY(decision_count(k, tallies, a, scratch, depth + 1, e));
        return decision_count(k, tallies, b, scratch, depth + 1, e);
    }
    TRY(rulebook_recorded_read(bytes, &scratch, &recorded, e));
    for (size_t i = 0; i < recorded.clause_count; i++)
        TRY(clause_count(k, tallies, &recorded.clauses[i], e));
    return OK;
}

static enum error_code act_count(struct kept *k, struct assess_gate_tally *tallies,
                                 const json_t *act, struct error *e) {
    struct arena memory = k->call.arena;
    str text = text_of(act, "decision");
    size_t len = 0;
    char *bytes = arena_bytes(&memory, text.len);
    if (bytes == NULL || !base64_read(text, bytes, text.len, &len))
        return error_set(e, FAIL_CORRUPT, "a decision is not base64");
    enum error_code code = decision_count(k, tallies, str_of(bytes, len), memory, 0, e);
    if (code == FAIL_VERSION) { /* kept by a digest alone, or written by a later program */
        k->ledger.untold++;
        return OK;
    }
    k->ledger.acts += code == OK;
    return code;
}

static enum error_code acts_read(struct kept *k, int64_t at_ns, struct report_progress *progress,
                                 struct error *e) {
    struct assess_gate_tally *tallies =
        arena_new(&k->arena, struct assess_gate_tally, KEPT_CLAUSES_MAX);
    char until[CLOCK_TEXT_BYTES];
    if (tallies == NULL) return error_set(e, FAIL_MEMORY, "no room for clauses");
    k->ledger.clauses = tallies;
    clock_iso_write(at_ns, until);
    call_put(&k->call, "to", until);
    for (uint64_t done = 0;;) {
        TRY(ask(k, "act/list", e));
        const json_t *acts = json_object_get(k->call.reply, "acts");
        for (size_t i = 0; i < json_array_size(acts); i++)
            TRY(act_count(k, tallies, json_array_get(acts, i), e));
        k->ledger.entries = number_of(k->call.reply, "entries");
        report_progress_total(progress, k->ledger.entries);
        report_progress_step(progress, number_of(k->call.reply, "done") - done);
        done = number_of(k->call.reply, "done");
        if (!json_is_false(json_object_get(k->call.reply, "end"))) return OK;
        json_object_set(k->call.request, "log", json_object_get(k->call.reply, "log"));
        json_object_set(k->call.request, "first", json_object_get(k->call.reply, "first"));
    }
}

enum error_code kept_read(struct kept *k, const char *command, int64_t at_ns, bool progress,
                          struct error *e) {
    if (!call_begin(&k->call, command))
        return error_set(e, FAIL_MEMORY, "no room to ask the store");
    TRY(arena_space_open(&k->space, KEPT_SPACE_BYTES, &k->arena, e));
    TRY(exceptions_read(k, e));
    TRY(debts_read(k, e));
    struct report_progress *shown = report_progress_begin("reading the ledger", 0, progress);
    enum error_code code = acts_read(k, at_ns, shown, e);
    report_progress_end(shown);
    return code;
}

void kept_close(struct kept *k) {
    if (k->call.request == NULL) return; /* never begun */
    call_end(&k->call);
    arena_space_release(&k->space);
}
