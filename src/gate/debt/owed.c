/* Debts shown and paid: what people see of them, and what a document settles. */
#include "gate/debt/debt.h"
#include "gate/state.h"
#include "gate/turn/committer.h"

static const char in_which_log[] = " (a number alone is of the newest log: ORIGIN#INDEX)";

enum { TERMS_TEXT_BYTES = 1024, LIST_MAX = 10000, WALK_SPACE_BYTES = 64 << 20 };

static enum error_code may_look(struct gate_visit *visit, struct error *e) {
    TRY(gate_allow_look(visit, e));
    return gate_look(visit, "debts", STR("debts"), e);
}

/* ---- accounts, one after the other ---- */

static enum error_code
accounts_walk(struct engine_view *view, struct arena *arena,
              enum error_code (*each)(void *self, const struct debt_account *, struct error *e),
              void *self, struct error *e) {
    struct engine_scan *scan;
    TRY(engine_view_scan(view, ENGINE_META, STR("D/"), STR("D0"), &scan, e));
    enum error_code code = OK;
    for (bool more = true; code == OK && more;) {
        struct arena once = *arena;
        struct debt_account account;
        str key, row;
        code = engine_scan_next(scan, &more, &key, &row, e);
        if (code != OK || !more) break;
        code = debt_account_decode(key, row, &once, &account, e);
        if (code == OK) code = each(self, &account, e);
    }
    engine_scan_close(scan);
    return code;
}

/* Rows of one account in one state, the soonest first, until `each` says *stop. */
static enum error_code
places_walk(struct engine_view *view, uint64_t account, enum debt_state state,
            void (*each)(void *self, int64_t due_ns, struct debt_id id, bool *stop), void *self,
            struct error *e) {
    unsigned char from[DEBT_KEY_BYTES], until[DEBT_KEY_BYTES + 1];
    struct engine_scan *scan;
    str first = debt_key(account, state, 0, (struct debt_id){0}, from);
    debt_key(account, state, INT64_MAX, (struct debt_id){UINT32_MAX, UINT64_MAX}, until);
    until[DEBT_KEY_BYTES] = 0;
    TRY(engine_view_scan(view, ENGINE_META, first, str_of(until, sizeof until), &scan, e));
    enum error_code code = OK;
    for (bool more = true, stop = false; code == OK && more && !stop;) {
        str key, row;
        code = engine_scan_next(scan, &more, &key, &row, e);
        if (code != OK || !more) break;
        int64_t due_ns;
        struct debt_id id;
        code = debt_key_read(key, &due_ns, &id, e);
        if (code == OK) each(self, due_ns, id, &stop);
    }
    engine_scan_close(scan);
    return code;
}

/* ---- sums: for the page and the metrics ---- */

struct summing {
    struct gate *gate;
    struct engine_view *view;
    struct arena *arena;
    struct gate_state *out;
};

struct soonest {
    int64_t due_ns;
    struct debt_id id;
};

static void first_due(void *self, int64_t due_ns, struct debt_id id, bool *stop) {
    *(struct soonest *)self = (struct soonest){due_ns, id};
    *stop = true;
}

static enum error_code account_sum(void *self, const struct debt_account *a, struct error *e) {
    struct summing *s = self;
    struct gate_state *out = s->out;
    char memory[TERMS_TEXT_BYTES];
    struct text text = text_into(memory, sizeof memory);
    struct soonest first = {.due_ns =
                                DEBT_NO_DUE}; /* late ones are sooner than those not due yet */
    out->debts_owed += a->owed;
    out->debts_late += a->late;
    if (a->owed + a->late == 0) return OK;
    if (a->owed > 0) TRY(places_walk(s->view, a->id, DEBT_OWED, first_due, &first, e));
    int64_t due_ns = first.due_ns;
    out->debts_due_ns = i64_min(out->debts_due_ns, due_ns);
    if (a->late > 0) TRY(places_walk(s->view, a->id, DEBT_LATE, first_due, &first, e));
    debt_terms_text(a, &text);
    size_t i = 0;
    while (i < out->owed_count && !str_equal(out->owed[i].what, text_str(&text))) i++;
    if (i == GATE_OWED_KINDS) return OK; /* the sum still counts it */
    struct gate_owed *owed = &out->owed[i];
    if (i == out->owed_count) {
        *owed = (struct gate_owed){.due_ns = DEBT_NO_DUE, .first_due_ns = first.due_ns};
        TRY(gate_entry_name(s->gate, first.id.log, first.id.index, s->arena, &owed->first, e));
        TRY(arena_copy(s->arena, text_str(&text), &owed->what, e));
        out->owed_count++;
    }
    owed->count += a->owed;
    owed->late += a->late;
    owed->due_ns = i64_min(owed->due_ns, due_ns);
    if (first.due_ns >= owed->first_due_ns) return OK;
    owed->first_due_ns = first.due_ns;
    return gate_entry_name(s->gate, first.id.log, first.id.index, s->arena, &owed->first, e);
}

enum error_code gate_debts_sum(struct gate *gate, struct arena *arena, struct gate_state *out,
                               struct error *e) {
    struct summing s = {.gate = gate, .arena = arena, .out = out};
    struct arena_space space;
    struct arena scratch;
    out->debts_due_ns = DEBT_NO_DUE;
    out->owed = arena_new(arena, struct gate_owed, GATE_OWED_KINDS);
    if (out->owed == NULL) return error_set(e, FAIL_MEMORY, "no room for debts");
    if (!atomic_load(&gate->debts_any)) return OK;
    TRY(arena_space_open(&space, 1 << 20, &scratch, e));
    enum error_code code = engine_view_open(gate->engine, &s.view, e);
    if (code == OK) {
        code = accounts_walk(s.view, &scratch, account_sum, &s, e);
        engine_view_close(s.view);
    }
    arena_space_release(&space);
    out->debts = out->debts_owed + out->debts_late;
    return code;
}

/* ---- account by account ---- */

struct telling {
    struct engine_view *view;
    enum error_code (*each)(void *self, const struct gate_debt_account *, struct error *e);
    void *self;
};

static enum error_code account_tell(void *self, const struct debt_account *a, struct error *e) {
    struct telling *t = self;
    char memory[TERMS_TEXT_BYTES];
    struct text text = text_into(memory, sizeof memory);
    struct gate_debt_account out = {.clause = a->clause,
                                    .dataset = a->dataset,
                                    .owed = a->owed,
                                    .late = a->late,
                                    .met = a->met,
                                    .due_ns = DEBT_NO_DUE};
    struct soonest first = {.due_ns = DEBT_NO_DUE};
    if (a->owed > 0) TRY(places_walk(t->view, a->id, DEBT_OWED, first_due, &first, e));
    out.due_ns = first.due_ns;
    debt_terms_text(a, &text);
    out.what = text_str(&text);
    return t->each(t->self, &out, e);
}

enum error_code gate_debt_accounts(struct gate_visit *visit,
                                   enum error_code (*each)(void *self,
                                                           const struct gate_debt_account *,
                                                           struct error *e),
                                   void *self, struct error *e) {
    struct telling t = {.each = each, .self = self};
    struct arena_space space;
    struct arena scratch;
    TRY(may_look(visit, e));
    TRY(arena_space_open(&space, 1 << 20, &scratch, e));
    enum error_code code = engine_view_open(visit->gate->engine, &t.view, e);
    if (code == OK) {
        code = accounts_walk(t.view, &scratch, account_tell, &t, e);
        engine_view_close(t.view);
    }
    arena_space_release(&space);
    return code;
}

/* ---- the list ---- */

struct listed {
    int64_t due_ns;
    struct debt_id id;
};
struct listing {
    const struct gate *gate;
    struct engine_view *view;
    const struct gate_debt_filter *filter;
    struct listed *at; /* the soonest so far, sorted */
    size_t count, cap;
};

/* The older of two that fall due together is the one of the earlier log. */
static bool is_before(const struct listed *a, const struct listed *b) {
    if (a->due_ns != b->due_ns) return a->due_ns < b->due_ns;
    return a->id.log != b->id.log ? a->id.log < b->id.log : a->id.index < b->id.index;
}

static void listed_add(void *self, int64_t due_ns, struct debt_id id, bool *stop) {
    struct listing *l = self;
    if (l->count == l->cap && due_ns >= l->at[l->cap - 1].due_ns) {
        *stop = true; /* those that follow are later still */
        return;
    }
    size_t i = l->count == l->cap ? l->cap - 1 : l->count++;
    struct listed new = {due_ns, id};
    for (; i > 0 && is_before(&new, &l->at[i - 1]); i--) l->at[i] = l->at[i - 1];
    l->at[i] = new;
}

static enum error_code account_list(void *self, const struct debt_account *a, struct error *e) {
    struct listing *l = self;
    if (l->filter->dataset.len > 0 && !str_equal(l->filter->dataset, a->dataset)) return OK;
    if (a->late > 0) TRY(places_walk(l->view, a->id, DEBT_LATE, listed_add, l, e));
    if (a->owed > 0 && !l->filter->only_late)
        TRY(places_walk(l->view, a->id, DEBT_OWED, listed_add, l, e));
    return OK;
}

static enum error_code row_get(struct engine_view *view, str key, const char *what,
                               struct arena *arena, str *row, struct error *e) {
    bool found;
    TRY(engine_view_get(view, ENGINE_META, key, arena, row, &found, e));
    return found ? OK : error_set(e, FAIL_NOT_FOUND, "there is no such %s", what);
}

/* Everything of one debt, but for the object: that is in the opening of the act. */
static enum error_code debt_fill(const struct gate *gate, struct engine_view *view,
                                 struct debt_id id, struct arena *arena, struct gate_debt *out,
                                 struct error *e) {
    static const enum gate_debt_state states[] = {GATE_DEBT_OWED, GATE_DEBT_LATE, GATE_DEBT_MET};
    unsigned char id_key[DEBT_ID_KEY_BYTES], account_key[DEBT_ACCOUNT_KEY_BYTES];
    char memory[TERMS_TEXT_BYTES];
    struct text text = text_into(memory, sizeof memory);
    struct debt_account account;
    struct debt debt;
    str key = debt_id_key(id, id_key), row;
    TRY(row_get(view, key, "debt", arena, &row, e));
    TRY(debt_decode(key, row, &debt, e));
    key = debt_account_key(debt.account, account_key);
    TRY(row_get(view, key, "account of debts", arena, &row, e));
    TRY(debt_account_decode(key, row, arena, &account, e));
    debt_terms_text(&account, &text);
    *out = (struct gate_debt){.log = id.log,
                              .index = id.index,
                              .state = states[debt.state],
                              .clause = account.clause,
                              .dataset = account.dataset,
                              .start = account.from_start ? account.start : STR_EMPTY,
                              .since_ns = debt.since_ns,
                              .due_ns = debt.due_ns,
                              .act = debt.act,
                              .object_gone = debt.object_gone};
    TRY(gate_entry_name(gate, id.log, id.index, arena, &out->name, e));
    TRY(gate_entry_name(gate, id.log, debt.act, arena, &out->act_name, e));
    if (debt.settled_log > 0)
        TRY(gate_entry_name(gate, debt.settled_log, debt.settled, arena, &out->settled_name, e));
    return arena_copy(arena, text_str(&text), &out->what, e);
}

static enum error_code object_fill(struct gate *gate, struct engine_view *view, struct arena *arena,
                                   struct gate_debt *debt, struct error *e) {
    struct evidence_opening opening;
    enum error_code code = gate_opening_read(gate, view, debt->log, debt->act, arena, &opening, e);
    if (code == FAIL_NOT_FOUND) return OK; /* forgotten: the debt is not */
    if (code != OK) return code;
    debt->bucket = opening.values.of[EVIDENCE_BUCKET];
    debt->key = opening.values.of[EVIDENCE_KEY];
    debt->version = opening.values.of[EVIDENCE_VERSION];
    return OK;
}

enum error_code gate_debt_list(struct gate_visit *visit, const struct gate_debt_filter *filter,
                               enum error_code (*each)(void *self, const struct gate_debt *,
                                                       struct error *e),
                               void *self, struct error *e) {
    struct listing l = {.filter = filter, .cap = size_min(filter->max, LIST_MAX)};
    struct arena_space space;
    struct arena arena;
    TRY(may_look(visit, e));
    if (l.cap == 0) return OK;
    TRY(arena_space_open(&space, WALK_SPACE_BYTES, &arena, e));
    l.at = arena_new(&arena, struct listed, l.cap);
    assert(l.at != NULL); /* 160 KB of 64 MiB */
    enum error_code code = engine_view_open(visit->gate->engine, &l.view, e);
    if (code == OK) {
        code = accounts_walk(l.view, &arena, account_list, &l, e);
        for (size_t i = 0; code == OK && i < l.count; i++) {
            struct arena once = arena;
            struct gate_debt debt;
            code = debt_fill(visit->gate, l.view, l.at[i].id, &once, &debt, e);
            if (code == OK) code = object_fill(visit->gate, l.view, &once, &debt, e);
            if (code == OK) code = each(self, &debt, e);
        }
        engine_view_close(l.view);
    }
    arena_space_release(&space);
    return code;
}

enum error_code gate_debt_show(struct gate_visit *visit, str name, struct gate_debt *out,
                               struct error *e) {
    struct engine_view *view;
    struct debt_id id;
    TRY(may_look(visit, e));
    TRY(gate_entry_named(visit->gate, name, &id.log, &id.index, e));
    TRY(engine_view_open(visit->gate->engine, &view, e));
    enum error_code code = debt_fill(visit->gate, view, id, visit->arena, out, e);
    if (code == FAIL_NOT_FOUND)
        error_set(e, FAIL_NOT_FOUND, "there is no debt %.*s%s", STR_FMT(str_slice(name, 0, 100)),
                  id.log > 1 ? in_which_log : "");
    if (code == OK) code = object_fill(visit->gate, view, visit->arena, out, e);
    engine_view_close(view);
    return code;
}

/* ---- paying ---- */

struct paying {
    struct gate_work work;
    struct gate_visit *visit;
    struct debt_id id;
    uint64_t entry;
    str document;
};

/* What a paper shows is attested: said with its digest and its age, never as measured. */
static enum error_code document_say(struct gate_turn *turn, str id, struct arena *arena, str *how,
                                    struct error *e) {
    const struct gate_rules *rules = atomic_load(&turn->gate->world)->rules;
    const struct register_row *row =
        register_row_at(rules->snapshot, REGISTER_DOCUMENTS, id, turn->now_ns);
    str sum = STR_EMPTY, date = STR_EMPTY;
    if (row == NULL)
        return error_set(e, FAIL_NOT_FOUND,
                         "the register has no document \"%.*s\" today: name the paper there first",
                         STR_FMT(id));
    if (!register_text_at(row, STR("sha256"), turn->now_ns, &sum))
        return error_set(e, FAIL_USAGE,
                         "the document \"%.*s\" has no sha256 in the register: what is attested is "
                         "held by its digest",
                         STR_FMT(id));
    if (!register_text_at(row, STR("date"), turn->now_ns, &date)) date = STR("no date");
    return arena_format(arena, how, e, ": met, attested by documents/%.*s (%.*s, sha256 %.*s)",
                        STR_FMT(id), STR_FMT(date), STR_FMT(sum));
}

static enum error_code met_already(struct gate_turn *turn, const struct debt *debt,
                                   struct arena *arena, struct error *e) {
    str by = STR("of an earlier log");
    if (debt->settled_log > 0)
        TRY(gate_entry_name(turn->gate, debt->settled_log, debt->settled, arena, &by, e));
    return error_set(e, FAIL_EXISTS, "the debt %llu is met already, by entry %.*s",
                     (unsigned long long)debt->id.index, STR_FMT(by));
}

static enum error_code paying_apply(struct gate_turn *turn, void *self, struct error *e) {
    struct paying *p = self;
    struct debt debt;
    struct evidence_values who;
    struct debt_move move = {.state = DEBT_MET, .who = &who};
    TRY(gate_still_allowed(turn, p->visit, IDENTITY_ADMIN, STR_EMPTY, e));
    TRY(debt_read(turn, p->id, &debt, e));
    if (debt.state == DEBT_MET) return met_already(turn, &debt, p->visit->arena, e);
    move.due_ns = debt.due_ns;
    TRY(document_say(turn, p->document, p->visit->arena, &move.how, e));
    TRY(gate_visit_values(p->visit, STR_EMPTY, STR_EMPTY, &who, e));
    who.of[EVIDENCE_SUBJECT] = p->document;
    TRY(debt_move(turn, &debt, &move, e));
    p->entry = debt.settled;
    return OK;
}

enum error_code gate_debt_pay(struct gate_visit *visit, str name, str document,
                              struct gate_answer *answer, struct error *e) {
    struct paying p = {.visit = visit, .document = document};
    *answer = (struct gate_answer){0};
    TRY(gate_allow(visit, IDENTITY_ADMIN, STR_EMPTY, e));
    TRY(gate_entry_named(visit->gate, name, &p.id.log, &p.id.index, e));
    p.work = (struct gate_work){.apply = paying_apply, .self = &p, .bytes = 4096};
    TRY(gate_submit(visit->gate, &p.work, e));
    atomic_fetch_add_explicit(&visit->gate->counters.debts_met, 1, memory_order_relaxed);
    return gate_receipt(visit, p.entry, p.entry, &answer->receipt, e);
}
