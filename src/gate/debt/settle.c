/* What becomes of debts: late when their time passes, met when the register comes to show it, when
 * the object is gone, or when somebody pays with a document. The keeper looks at the soonest of each
 * account, and at all of an account only where there is something to do with all of them. */
#include "gate/debt/debt.h"
#include "gate/turn/committer.h"
#include "gate/turn/past.h"

enum { MOVES_A_TURN = 128, DEBTS_OF_AN_ACT = 64 };

/* ---- ranges of one account ---- */

struct range {
    enum debt_state state;
    int64_t from_due_ns, until_due_ns; /* both in it */
    struct debt_id ids[MOVES_A_TURN];
    size_t count;
    int64_t next_due_ns; /* of the first row after what was taken; DEBT_NO_DUE: none */
};

/* Takes up to `room` ids; a scan is closed before anything is written. */
static enum error_code range_take(struct gate_turn *turn, uint64_t account, struct range *r,
                                  size_t room, struct error *e) {
    unsigned char from[DEBT_KEY_BYTES], until[DEBT_KEY_BYTES + 1];
    struct engine_scan *scan;
    str first = debt_key(account, r->state, r->from_due_ns, (struct debt_id){0}, from);
    debt_key(account, r->state, INT64_MAX, (struct debt_id){UINT32_MAX, UINT64_MAX}, until);
    until[DEBT_KEY_BYTES] = 0;
    r->count = 0;
    r->next_due_ns = DEBT_NO_DUE;
    TRY(engine_turn_scan(turn->engine, ENGINE_META, first, str_of(until, sizeof until), &scan, e));
    enum error_code code = OK;
    for (bool more = true; code == OK && more;) {
        str key, row;
        code = engine_scan_next(scan, &more, &key, &row, e);
        if (code != OK || !more) break;
        int64_t due_ns;
        struct debt_id id;
        code = debt_key_read(key, &due_ns, &id, e);
        if (code != OK) break;
        if (due_ns > r->until_due_ns || r->count == size_min(room, MOVES_A_TURN)) {
            r->next_due_ns = due_ns;
            break;
        }
        r->ids[r->count++] = id;
    }
    engine_scan_close(scan);
    return code;
}

/* ---- tending ---- */

struct tending {
    struct gate_work work;
    bool look; /* the rules are others than when the accounts were last looked at */
    uint64_t from, next_due_account;
    int64_t next_due_ns;
    size_t room, late, met;
    bool more;
    struct debt_id first_late;
    char first_text[256];
};

static enum error_code late_all(struct gate_turn *turn, struct tending *t,
                                const struct debt_account *account, struct error *e) {
    struct range r = {.state = DEBT_OWED, .until_due_ns = i64_min(turn->now_ns, DEBT_NO_DUE - 1)};
    TRY(range_take(turn, account->id, &r, t->room, e));
    for (size_t i = 0; i < r.count; i++) {
        struct debt debt;
        TRY(debt_read(turn, r.ids[i], &debt, e));
        struct debt_move late = {
            .state = DEBT_LATE, .due_ns = debt.due_ns, .how = STR(": late, its time has passed")};
        TRY(debt_move(turn, &debt, &late, e));
        if (t->late++ > 0) continue;
        struct text text = text_into(t->first_text, sizeof t->first_text - 1);
        t->first_late = debt.id;
        debt_terms_text(account, &text);
        t->first_text[text.len] = 0;
    }
    t->room -= r.count;
    t->next_due_ns = i64_min(t->next_due_ns, r.next_due_ns);
    return OK;
}

/* A start that was unknown and is known now gives its debts a due time. */
static enum error_code date_all(struct gate_turn *turn, struct tending *t,
                                const struct gate_rules *rules, const struct debt_account *account,
                                struct error *e) {
    const struct gate_dataset *dataset = gate_dataset_find(rules, account->dataset);
    int64_t start_ns, due_ns;
    if (!account->from_start || account->start.len == 0 || dataset == NULL) return OK;
    if (!debt_start_find(dataset->facts, account->start, account->dataset, false, &start_ns))
        return OK;
    due_ns = debt_due(rules, account, turn->now_ns, start_ns);
    if (due_ns == DEBT_NO_DUE) return OK;
    struct range r = {.state = DEBT_OWED, .from_due_ns = DEBT_NO_DUE, .until_due_ns = DEBT_NO_DUE};
    TRY(range_take(turn, account->id, &r, t->room, e));
    for (size_t i = 0; i < r.count; i++) {
        struct debt debt;
        TRY(debt_read(turn, r.ids[i], &debt, e));
        struct debt_move dated = {.state = DEBT_OWED, .due_ns = due_ns};
        TRY(debt_move(turn, &debt, &dated, e));
    }
    t->room -= r.count;
    return OK;
}

static enum error_code meet_range(struct gate_turn *turn, struct tending *t,
                                  const struct gate_rules *rules,
                                  const struct debt_account *account, enum debt_state state,
                                  struct error *e) {
    struct range r = {.state = state, .until_due_ns = DEBT_NO_DUE};
    /* When the start is unknown, nobody can say that it began in time. */
    if (account->kind == RULEBOOK_OBLIGE_BEGIN) r.until_due_ns--;
    TRY(range_take(turn, account->id, &r, t->room, e));
    for (size_t i = 0; i < r.count; i++) {
        struct arena scratch = turn->scratch;
        struct debt debt;
        struct debt_shown shown;
        TRY(debt_read(turn, r.ids[i], &debt, e));
        TRY(debt_shown_by_register(rules, account, debt.object_gone, &scratch, &shown, e));
        if (!shown.is_met) continue;
        struct debt_move met = {.state = DEBT_MET, .due_ns = debt.due_ns, .how = shown.how};
        struct gate_turn narrower = *turn;
        narrower.scratch = scratch;
        TRY(debt_move(&narrower, &debt, &met, e));
        turn->wrote = true;
        t->met++;
        t->room--;
    }
    return OK;
}

static enum error_code meet_all(struct gate_turn *turn, struct tending *t,
                                const struct gate_rules *rules, const struct debt_account *account,
                                struct error *e) {
    struct arena scratch = turn->scratch;
    struct debt_shown shown;
    /* Asked once as if the objects were gone; those that are not say so one by one. */
    TRY(debt_shown_by_register(rules, account, true, &scratch, &shown, e));
    if (!shown.is_met) return OK;
    TRY(meet_range(turn, t, rules, account, DEBT_LATE, e));
    return t->room == 0 ? OK : meet_range(turn, t, rules, account, DEBT_OWED, e);
}

/* The first account from `t->from` on that has debts; false: none is left. */
static enum error_code account_next(struct gate_turn *turn, struct tending *t, struct arena *arena,
                                    struct debt_account *out, bool *found, struct error *e) {
    unsigned char memory[DEBT_ACCOUNT_KEY_BYTES];
    struct engine_scan *scan;
    *found = false;
    TRY(engine_turn_scan(turn->engine, ENGINE_META, debt_account_key(t->from, memory), STR("D0"),
                         &scan, e));
    enum error_code code = OK;
    for (bool more = true; code == OK && more && !*found;) {
        struct arena once = *arena;
        str key, row;
        code = engine_scan_next(scan, &more, &key, &row, e);
        if (code != OK || !more) break;
        code = debt_account_decode(key, row, &once, out, e);
        *found = code == OK && out->owed + out->late > 0;
        if (*found) *arena = once;
    }
    engine_scan_close(scan);
    return code;
}

static enum error_code tend_apply(struct gate_turn *turn, void *self, struct error *e) {
    struct tending *t = self;
    const struct gate_rules *rules = atomic_load(&turn->gate->world)->rules;
    t->room = MOVES_A_TURN;
    for (;;) {
        struct gate_turn narrower = *turn;
        struct debt_account account;
        bool found;
        TRY(account_next(turn, t, &narrower.scratch, &account, &found, e));
        if (!found) return OK;
        if (t->look) TRY(date_all(&narrower, t, rules, &account, e));
        if (t->room > 0) TRY(late_all(&narrower, t, &account, e));
        if (t->look && t->room > 0) TRY(meet_all(&narrower, t, rules, &account, e));
        turn->wrote = turn->wrote || narrower.wrote;
        t->from = account.id;
        if (t->room == 0) {
            t->more = true; /* this account again, next turn */
            return OK;
        }
        if (account.id == UINT64_MAX) return OK;
        t->from = account.id + 1;
    }
}

bool gate_debts_tend(struct gate *gate) {
    uint64_t generation = atomic_load(&gate->generation);
    struct gate_debts_tending *kept = &gate->debts_tending; /* the keeper's own */
    bool look = kept->looking || generation != kept->generation;
    bool due = kept->from > 0 || clock_wall_ns() >= atomic_load(&gate->debts_due_ns);
    if (!atomic_load(&gate->debts_any) || (!look && !due)) return false;
    struct error e;
    if (generation != kept->generation) kept->from = 0; /* under new rules all of them again */
    if (kept->from == 0) {
        /* What is owed while this goes on lowers it again; too low only costs a look. */
        atomic_store(&gate->debts_due_ns, DEBT_NO_DUE);
        kept->next_due_ns = DEBT_NO_DUE;
    }
    struct tending t = {.look = look, .from = kept->from, .next_due_ns = kept->next_due_ns};
    t.work = (struct gate_work){.apply = tend_apply, .self = &t, .bytes = 1024 * MOVES_A_TURN};
    if (gate_submit(gate, &t.work, &e) != OK) {
        if (t.work.code != FAIL_STOPPING) log_error("debts-not-tended", &e);
        atomic_store(&gate->debts_due_ns, 0); /* again, from the first account on */
        kept->from = 0;
        kept->looking = look;
        return false;
    }
    if (t.late > 0)
        log_event(LOG_WARNING, "debts-late", LOG_INT("count", t.late),
                  LOG_INT("first", t.first_late.index), LOG_INT("log", t.first_late.log),
                  LOG_STR("what", str_from_c(t.first_text)));
    if (t.met > 0) log_event(LOG_INFO, "debts-met", LOG_INT("count", t.met));
    atomic_fetch_add_explicit(&gate->counters.debts_late, t.late, memory_order_relaxed);
    atomic_fetch_add_explicit(&gate->counters.debts_met, t.met, memory_order_relaxed);
    kept->looking = look && t.more;
    kept->generation = generation;
    kept->from = t.more ? t.from : 0;
    kept->next_due_ns = t.next_due_ns;
    if (t.more) return true;
    gate_debts_due_sooner(gate, t.next_due_ns);
    return false;
}

void gate_debts_due_sooner(struct gate *gate, int64_t due_ns) {
    int64_t now = atomic_load(&gate->debts_due_ns);
    while (due_ns < now && !atomic_compare_exchange_weak(&gate->debts_due_ns, &now, due_ns)) {
    }
}

/* ---- an object is gone ---- */

/* Entries that owe follow their act's in one run of the log, broken only by rows of the code table. */
static enum error_code debts_of_act(struct gate_turn *turn, struct debt_id act, struct debt *out,
                                    size_t *count, struct error *e) {
    unsigned char memory[DEBT_ID_KEY_BYTES];
    struct engine_scan *scan;
    *count = 0;
    TRY(engine_turn_scan(turn->engine, ENGINE_META, debt_id_key(act, memory), STR("j0"), &scan, e));
    enum error_code code = OK;
    for (bool more = true; code == OK && more && *count < DEBTS_OF_AN_ACT;) {
        str key, row;
        code = engine_scan_next(scan, &more, &key, &row, e);
        if (code != OK || !more) break;
        code = debt_decode(key, row, &out[*count], e);
        if (code != OK || out[*count].id.log != act.log || out[*count].act != act.index) break;
        ++*count;
    }
    engine_scan_close(scan);
    return code;
}

static enum error_code gone_settle(struct gate_turn *turn, struct debt *debt, uint64_t by,
                                   struct error *e) {
    struct gate_turn narrower = *turn;
    struct debt_account account;
    struct debt_move move = {.state = DEBT_MET, .due_ns = debt->due_ns, .object_gone = true};
    TRY(debt_account_read(turn, debt->account, &narrower.scratch, &account, e));
    TRY(arena_format(&narrower.scratch, &move.how, e, ": met, the object is gone by entry %llu",
                     (unsigned long long)by));
    switch (account.kind) {
    case RULEBOOK_OBLIGE_COPIES: /* of nothing no copies are owed */
    case RULEBOOK_OBLIGE_DISTANCE_KM:
    case RULEBOOK_OBLIGE_ENCRYPT:
    case RULEBOOK_OBLIGE_KEYS_IN:
    case RULEBOOK_OBLIGE_KEEP_AT_MOST: break;
    case RULEBOOK_OBLIGE_RETURN: {
        const struct gate_rules *rules = atomic_load(&turn->gate->world)->rules;
        struct debt_shown shown = {.is_met = account.word_count == 0};
        if (!account.delete_here) return OK;
        if (!shown.is_met)
            TRY(debt_shown_by_register(rules, &account, true, &narrower.scratch, &shown, e));
        if (!shown.is_met) move.state = debt->state;
        break;
    }
    default: return OK; /* the object's going does not undo them */
    }
    TRY(debt_move(&narrower, debt, &move, e));
    turn->wrote = true;
    if (move.state == DEBT_MET)
        atomic_fetch_add_explicit(&turn->gate->counters.debts_met, 1, memory_order_relaxed);
    return OK;
}

enum error_code debt_version_gone(struct gate_turn *turn, const struct store_version *version,
                                  uint64_t by, struct error *e) {
    struct debt debts[DEBTS_OF_AN_ACT];
    size_t count;
    if (version->is_delete_marker || !atomic_load(&turn->gate->debts_any)) return OK;
    struct debt_id act = {gate_eras_find(turn->gate->eras, version->sequence), version->entry};
    TRY(debts_of_act(turn, act, debts, &count, e));
    for (size_t i = 0; i < count; i++)
        if (debts[i].state != DEBT_MET) TRY(gone_settle(turn, &debts[i], by, e));
    return OK;
}

/* ---- opening ---- */

enum error_code gate_debts_open(struct gate *gate, struct error *e) {
    struct engine_view *view;
    struct engine_scan *scan;
    bool any = false;
    str key, row;
    TRY(debt_rows_migrate(gate, e));
    TRY(engine_view_open(gate->engine, &view, e));
    enum error_code code = engine_view_scan(view, ENGINE_META, STR("D/"), STR("D0"), &scan, e);
    if (code == OK) {
        code = engine_scan_next(scan, &any, &key, &row, e);
        engine_scan_close(scan);
    }
    engine_view_close(view);
    atomic_store(&gate->debts_any, any);
    return code;
}
