/* What a store knows of itself, for the cover of a bundle: whose it is, where it stands, which rulebooks
 * bind it, what was let through, what is owed, who watches the log. */
#include "gate/show/bundle.h"

#include "gate/rules/rules.h"

enum { LATE_SHOWN = 20 };

static void text_set(json_t *out, const char *name, str value) {
    json_object_set_new(out, name, json_stringn(value.at != NULL ? value.at : "", value.len));
}

static void number_set(json_t *out, const char *name, uint64_t value) {
    json_object_set_new(out, name, json_integer((json_int_t)value));
}

static void time_set(json_t *out, const char *name, int64_t wall_ns) {
    char text[CLOCK_TEXT_BYTES];
    clock_iso_s_write(wall_ns, text);
    json_object_set_new(out, name, json_string(text));
}

/* From the register's row: both names, or the id where it is gone. */
static json_t *named(const struct register_snapshot *snapshot, enum register_kind kind, str id) {
    const struct register_row *row = register_row_at(snapshot, kind, id, clock_wall_ns());
    json_t *out = json_object();
    text_set(out, "id", id);
    text_set(out, "en", row != NULL ? register_row_name(row, STR("en")) : id);
    text_set(out, "ja", row != NULL ? register_row_name(row, STR("ja")) : id);
    return out;
}

/* ---- who ---- */

static void operators_tell(const struct gate_rules *rules, json_t *out) {
    json_t *list = json_array();
    int64_t now = clock_wall_ns();
    size_t count;
    const struct register_row *rows = register_rows(rules->snapshot, REGISTER_OPERATORS, &count);
    for (size_t i = 0; i < count; i++) {
        str id = rows[i].id;
        if (register_row_at(rules->snapshot, REGISTER_OPERATORS, id, now) == &rows[i])
            json_array_append_new(list, named(rules->snapshot, REGISTER_OPERATORS, id));
    }
    json_object_set_new(out, "operators", list);
}

static void site_tell(const struct gate_rules *rules, json_t *out) {
    str owner;
    const struct register_row *row =
        register_row_at(rules->snapshot, REGISTER_SITES, rules->site, clock_wall_ns());
    json_t *site = named(rules->snapshot, REGISTER_SITES, rules->site);
    text_set(site, "country", rules->site_country);
    text_set(site, "standing", rules->evidence.standing);
    json_object_set_new(site, "contradicted", json_boolean(rules->evidence.contradicted));
    if (row != NULL && register_text_at(row, STR("owner"), clock_wall_ns(), &owner))
        json_object_set_new(site, "owner", named(rules->snapshot, REGISTER_ENTITIES, owner));
    json_object_set_new(out, "site", site);
}

/* ---- by which rules ---- */

static void rulebook_tell(const struct rulebook *rulebook, json_t *list) {
    json_t *row = json_object();
    char hex[2 * DIGEST_BYTES];
    hex_write(rulebook->canonical.at, DIGEST_BYTES, hex);
    text_set(row, "name", rulebook->name);
    text_set(row, "en", rulebook->title.en);
    text_set(row, "ja", rulebook->title.ja);
    text_set(row, "digest", str_of(hex, sizeof hex));
    json_array_append_new(list, row);
}

/* Those with a clause that binds at the period's end, or now where that is later. */
static void rules_tell(const struct gate_rules *rules, int64_t at_ns, json_t *out) {
    json_t *list = json_array();
    char hex[2 * DIGEST_BYTES];
    const struct rulebook *last = NULL;
    size_t count = rulebook_set_clause_count(rules->set);
    for (size_t i = 0; i < count; i++) { /* clauses of one rulebook stand together */
        const struct rulebook_clause *clause = rulebook_set_clause(rules->set, i);
        if (clause->rulebook == last || !rulebook_set_clause_binds(rules->set, i, at_ns)) continue;
        rulebook_tell(clause->rulebook, list);
        last = clause->rulebook;
    }
    hex_write(gate_rules_digest(rules)->at, DIGEST_BYTES, hex);
    text_set(out, "rules", str_of(hex, sizeof hex));
    json_object_set_new(out, "rulebooks", list);
}

/* ---- what was let through ---- */

struct overlap {
    int64_t from_ns, until_ns;
    json_t *list;
};

static bool overlaps(const struct overlap *o, int64_t from_ns, int64_t until_ns) {
    return from_ns < o->until_ns && until_ns > o->from_ns;
}

static enum error_code exception_tell(void *self, const struct gate_exception *x, struct error *e) {
    static const char *const states[] = {"proposed", "approved", "ended", "expired"};
    const struct overlap *o = self;
    if (x->state == GATE_PROPOSED || !overlaps(o, x->from_ns, x->until_ns)) return OK;
    json_t *row = json_object();
    text_set(row, "id", x->id);
    text_set(row, "clause", x->clause);
    text_set(row, "dataset", x->dataset);
    text_set(row, "site", x->site);
    text_set(row, "reason", x->reason);
    text_set(row, "measure", x->measure);
    time_set(row, "from", x->from_ns);
    time_set(row, "until", x->until_ns);
    json_object_set_new(row, "state", json_string(states[x->state]));
    json_array_append_new(o->list, row);
    return OK;
}

static enum error_code glass_tell(void *self, const struct gate_glass *g, struct error *e) {
    static const char *const states[] = {"opened", "in effect", "closed", "expired"};
    const struct overlap *o = self;
    /* Never confirmed: it was never in effect. */
    if (g->confirmer.len == 0 || !overlaps(o, g->from_ns, g->until_ns)) return OK;
    json_t *row = json_object(), *clauses = json_array();
    for (size_t i = 0; i < g->clause_count; i++)
        json_array_append_new(clauses, json_stringn(g->clauses[i].at, g->clauses[i].len));
    text_set(row, "id", g->id);
    json_object_set_new(row, "clauses", clauses);
    text_set(row, "reason", g->reason);
    time_set(row, "from", g->from_ns);
    time_set(row, "until", g->until_ns);
    json_object_set_new(row, "state", json_string(states[g->state]));
    json_array_append_new(o->list, row);
    return OK;
}

static enum error_code loosened_tell(struct gate_visit *visit, struct overlap o, json_t *out,
                                     struct error *e) {
    o.list = json_array();
    json_object_set_new(out, "exceptions", o.list);
    TRY(gate_exception_list(visit, exception_tell, &o, e));
    o.list = json_array();
    json_object_set_new(out, "broken_glass", o.list);
    return gate_glass_list(visit, glass_tell, &o, e);
}

/* ---- what is owed, who watches ---- */

static enum error_code debt_tell(void *self, const struct gate_debt *d, struct error *e) {
    json_t *row = json_object();
    text_set(row, "what", d->what);
    text_set(row, "dataset", d->dataset);
    if (d->due_ns != INT64_MAX) time_set(row, "due", d->due_ns);
    text_set(row, "entry", d->name);
    json_array_append_new(self, row);
    return OK;
}

static enum error_code debts_tell(struct gate_visit *visit, const struct gate_state *state,
                                  json_t *out, struct error *e) {
    struct gate_debt_filter filter = {.only_late = true, .max = LATE_SHOWN};
    json_t *debts = json_object(), *kinds = json_array(), *late = json_array();
    json_object_set_new(out, "debts", debts);
    number_set(debts, "owed", state->debts_owed);
    number_set(debts, "late", state->debts_late);
    if (state->debts_due_ns != INT64_MAX) time_set(debts, "next_due", state->debts_due_ns);
    json_object_set_new(debts, "kinds", kinds);
    json_object_set_new(debts, "late_first", late);
    for (size_t i = 0; i < state->owed_count; i++) {
        json_t *row = json_object();
        text_set(row, "what", state->owed[i].what);
        number_set(row, "owed", state->owed[i].count);
        number_set(row, "late", state->owed[i].late);
        json_array_append_new(kinds, row);
    }
    return gate_debt_list(visit, &filter, debt_tell, late, e);
}

static void findings_tell(const struct gate_state *state, json_t *out) {
    json_t *findings = json_object(), *kinds = json_object();
    number_set(findings, "standing", state->findings);
    for (size_t i = 0; i < state->finding_kind_count; i++) {
        const struct gate_count_of *of = &state->finding_kinds[i];
        json_object_setn_new(kinds, of->name.at, of->name.len, json_integer((json_int_t)of->count));
    }
    json_object_set_new(findings, "kinds", kinds);
    json_object_set_new(out, "findings", findings);
}

static void guards_tell(const struct ledger_state *ledger, json_t *out) {
    json_t *witnesses = json_array();
    json_object_set_new(out, "guard", json_string(ledger_rollback_name(ledger->rollback)));
    for (size_t i = 0; i < ledger->witness_count; i++) {
        json_t *row = json_object();
        text_set(row, "name", ledger->witnesses[i].name);
        number_set(row, "size", ledger->witnesses[i].cosigned_size);
        json_array_append_new(witnesses, row);
    }
    json_object_set_new(out, "witnesses", witnesses);
}

enum error_code bundle_about(struct gate_visit *visit, const struct gate_bundle_ask *ask,
                             json_t *out, struct error *e) {
    const struct gate_rules *rules = visit->world->rules;
    const int64_t minute_ns = 60 * NS_PER_S, now = clock_wall_ns();
    struct overlap period = {.from_ns = ask->from * minute_ns, .until_ns = ask->until * minute_ns};
    struct gate_state *state = arena_new(visit->arena, struct gate_state, 1);
    if (state == NULL) return error_set(e, FAIL_MEMORY, "no room for the store's state");
    operators_tell(rules, out);
    site_tell(rules, out);
    rules_tell(rules, period.until_ns < now ? period.until_ns - 1 : now, out);
    TRY(loosened_tell(visit, period, out, e));
    TRY(gate_state_read(visit->gate, visit->arena, state, e));
    TRY(debts_tell(visit, state, out, e));
    findings_tell(state, out);
    guards_tell(&state->ledger, out);
    time_set(out, "made", now);
    return OK;
}
