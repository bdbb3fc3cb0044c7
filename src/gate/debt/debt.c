/* Debts: obligations that have time. Each is an entry `owed`, a row until it is met, and a line in
 * its account. What it is about is in terms.c, what becomes of it in settle.c; the rows are drawn in debt.h. */
#include "gate/debt/debt.h"

#include "gate/turn/committer.h"

/* ---- rows ---- */

str debt_key(uint64_t account, enum debt_state state, int64_t due_ns, struct debt_id id,
             unsigned char memory[DEBT_KEY_BYTES]) {
    memory[0] = 'd';
    memory[1] = '/';
    write_be64(memory + 2, account);
    memory[10] = (unsigned char)state;
    write_be64(memory + 11, (uint64_t)i64_max(due_ns, 0)); /* before 1970 is long overdue */
    write_be32(memory + 19, id.log);
    write_be64(memory + 23, id.index);
    return str_of(memory, DEBT_KEY_BYTES);
}

enum error_code debt_key_read(str key, int64_t *due_ns, struct debt_id *id, struct error *e) {
    if (key.len != DEBT_KEY_BYTES)
        return error_set(e, FAIL_CORRUPT, "a debt's place has %zu bytes", key.len);
    *due_ns = (int64_t)read_be64(key.at + 11);
    *id = (struct debt_id){read_be32(key.at + 19), read_be64(key.at + 23)};
    return OK;
}

str debt_account_key(uint64_t account, unsigned char memory[DEBT_ACCOUNT_KEY_BYTES]) {
    memory[0] = 'D';
    memory[1] = '/';
    write_be64(memory + 2, account);
    return str_of(memory, DEBT_ACCOUNT_KEY_BYTES);
}

str debt_id_key(struct debt_id id, unsigned char memory[DEBT_ID_KEY_BYTES]) {
    memory[0] = 'j';
    memory[1] = '/';
    write_be32(memory + 2, id.log);
    write_be64(memory + 6, id.index);
    return str_of(memory, DEBT_ID_KEY_BYTES);
}

enum error_code debt_account_decode(str key, str row, struct arena *arena, struct debt_account *out,
                                    struct error *e) {
    struct unpack u = unpack_from(row);
    unsigned version = unpack_u8(&u);
    if (version != 1)
        return error_set(e, FAIL_VERSION, "an account of debts has version %u", version);
    uint64_t owed = unpack_u64(&u), late = unpack_u64(&u), met = unpack_u64(&u);
    str terms;
    TRY(arena_copy(arena, unpack_str(&u), &terms, e));
    TRY(unpack_done(&u, "an account of debts", e));
    TRY(debt_terms_read(terms, arena, out, e));
    if (key.len != DEBT_ACCOUNT_KEY_BYTES || out->id != read_be64(key.at + 2))
        return error_set(e, FAIL_CORRUPT, "an account is not its terms'");
    out->owed = owed;
    out->late = late;
    out->met = met;
    return OK;
}

enum error_code debt_account_read(struct gate_turn *turn, uint64_t id, struct arena *arena,
                                  struct debt_account *out, struct error *e) {
    unsigned char memory[DEBT_ACCOUNT_KEY_BYTES];
    str key = debt_account_key(id, memory), row;
    bool found;
    TRY(engine_turn_get(turn->engine, ENGINE_META, key, arena, &row, &found, e));
    if (!found) return error_set(e, FAIL_NOT_FOUND, "there is no such account of debts");
    return debt_account_decode(key, row, arena, out, e);
}

static enum error_code account_write(struct gate_turn *turn, const struct debt_account *a,
                                     struct error *e) {
    struct arena scratch = turn->scratch;
    unsigned char memory[DEBT_ACCOUNT_KEY_BYTES];
    size_t cap = a->terms.len + 64;
    struct pack p = pack_into(arena_bytes(&scratch, cap), cap);
    str row;
    if (p.at == NULL) return error_set(e, FAIL_MEMORY, "no room for an account of debts");
    pack_u8(&p, 1);
    pack_u64(&p, a->owed);
    pack_u64(&p, a->late);
    pack_u64(&p, a->met);
    pack_str(&p, a->terms);
    TRY(pack_done(&p, "an account of debts", &row, e));
    turn->wrote = true;
    return engine_turn_put(turn->engine, ENGINE_META, debt_account_key(a->id, memory), row, e);
}

enum error_code debt_decode(str key, str row, struct debt *out, struct error *e) {
    struct unpack u = unpack_from(row);
    unsigned version = unpack_u8(&u);
    if (version != 2) return error_set(e, FAIL_VERSION, "a debt has version %u", version);
    if (key.len != DEBT_ID_KEY_BYTES)
        return error_set(e, FAIL_CORRUPT, "a debt's key has %zu bytes", key.len);
    struct debt debt = {.id = {read_be32(key.at + 2), read_be64(key.at + 6)}};
    unsigned char expected[DEBT_ID_KEY_BYTES];
    if (!str_equal(key, debt_id_key(debt.id, expected)))
        return error_set(e, FAIL_CORRUPT, "a debt's key is of another kind of row");
    debt.account = unpack_u64(&u);
    debt.state = unpack_u8(&u);
    debt.due_ns = unpack_i64(&u);
    debt.since_ns = unpack_i64(&u);
    debt.act = unpack_u64(&u);
    debt.settled_log = unpack_u32(&u);
    debt.settled = unpack_u64(&u);
    unsigned gone = unpack_u8(&u);
    if (debt.state > DEBT_MET || gone > 1) u.broken = true;
    debt.object_gone = gone == 1;
    TRY(unpack_done(&u, "a debt", e));
    *out = debt;
    return OK;
}

enum error_code debt_read(struct gate_turn *turn, struct debt_id id, struct debt *out,
                          struct error *e) {
    unsigned char memory[DEBT_ID_KEY_BYTES];
    struct arena scratch = turn->scratch;
    str key = debt_id_key(id, memory), row;
    bool found;
    TRY(engine_turn_get(turn->engine, ENGINE_META, key, &scratch, &row, &found, e));
    if (!found)
        return error_set(e, FAIL_NOT_FOUND, "there is no debt %llu of log %u",
                         (unsigned long long)id.index, id.log);
    return debt_decode(key, row, out, e);
}

void debt_encode(const struct debt *debt, char row[DEBT_ROW_BYTES]) {
    struct pack p = pack_into(row, DEBT_ROW_BYTES);
    pack_u8(&p, 2);
    pack_u64(&p, debt->account);
    pack_u8(&p, (uint8_t)debt->state);
    pack_i64(&p, debt->due_ns);
    pack_i64(&p, debt->since_ns);
    pack_u64(&p, debt->act);
    pack_u32(&p, debt->settled_log);
    pack_u64(&p, debt->settled);
    pack_u8(&p, debt->object_gone);
    assert(p.len == DEBT_ROW_BYTES);
}

enum error_code debt_put(struct engine_turn *turn, const struct debt *debt, struct error *e) {
    unsigned char key[DEBT_KEY_BYTES], id[DEBT_ID_KEY_BYTES];
    char row[DEBT_ROW_BYTES];
    debt_encode(debt, row);
    TRY(engine_turn_put(turn, ENGINE_META, debt_id_key(debt->id, id), str_of(row, sizeof row), e));
    if (debt->state == DEBT_MET) return OK;
    str place = debt_key(debt->account, debt->state, debt->due_ns, debt->id, key);
    return engine_turn_put(turn, ENGINE_META, place, STR("2"), e);
}

static enum error_code debt_write(struct gate_turn *turn, const struct debt *debt,
                                  struct error *e) {
    turn->wrote = true;
    return debt_put(turn->engine, debt, e);
}

/* ---- entries ---- */

static uint64_t *count_of(struct debt_account *a, enum debt_state state) {
    return state == DEBT_OWED ? &a->owed : state == DEBT_LATE ? &a->late : &a->met;
}

static enum error_code entry_write(struct gate_turn *turn, const struct debt_account *a,
                                   struct gate_record *record, str how, uint64_t *index,
                                   struct error *e) {
    const struct gate_rules *rules = atomic_load(&turn->gate->world)->rules;
    struct arena scratch = turn->scratch;
    char *memory = arena_bytes(&scratch, EVIDENCE_VALUE_BYTES);
    if (memory == NULL) return error_set(e, FAIL_MEMORY, "no room for a debt's entry");
    struct text detail = text_into(memory, EVIDENCE_VALUE_BYTES);
    struct gate_decided_clause clause = {.name = a->clause, .effect = EVIDENCE_EFFECT_WARN};
    struct gate_decided decided = {.act = STR("put"),
                                   .dataset = a->dataset,
                                   .sector = a->sector,
                                   .class_ = a->class_,
                                   .site = rules->site,
                                   .rule_digest = *gate_rules_digest(rules),
                                   .effect =
                                       record->type == EVIDENCE_DEBT_LATE ? GATE_WARN : GATE_ALLOW,
                                   .clauses = &clause,
                                   .clause_count = a->clause.len > 0};
    if (record->type == EVIDENCE_DEBT_MET) clause.effect = EVIDENCE_EFFECT_ALLOW;
    debt_terms_text(a, &detail);
    text_add(&detail, how);
    record->decided = &decided;
    record->values.of[EVIDENCE_DETAIL] = text_str(&detail);
    struct gate_turn narrower = *turn;
    narrower.scratch = scratch;
    TRY(gate_record_append(&narrower, record, index, e));
    turn->wrote = true;
    return OK;
}

static void due_text(const struct debt_account *a, int64_t due_ns, struct text *out) {
    char time[CLOCK_TEXT_BYTES];
    if (due_ns != DEBT_NO_DUE) {
        clock_iso_s_write(due_ns, time);
        text_format(out, ", due %s", time);
    } else if (a->from_start && a->start.len > 0) {
        text_format(out, ", due unknown: %.*s is not known, or no number is stated",
                    STR_FMT(a->start));
    } else {
        text_add_c(out, ", due unknown: no number is stated");
    }
}

static enum error_code how_of_old(const struct gate *gate, const struct debt *debt, str how,
                                  struct arena *arena, str *out, struct error *e) {
    str name;
    TRY(gate_entry_name(gate, debt->id.log, debt->id.index, arena, &name, e));
    return arena_format(arena, out, e, "%.*s; owed by entry %.*s", STR_FMT(how), STR_FMT(name));
}

enum error_code debt_move(struct gate_turn *turn, struct debt *debt, const struct debt_move *move,
                          struct error *e) {
    struct arena scratch = turn->scratch;
    struct debt_account account;
    unsigned char key[DEBT_KEY_BYTES];
    struct debt before = *debt;
    assert(before.state != DEBT_MET);
    struct gate_turn narrower = *turn;
    TRY(debt_account_read(turn, debt->account, &scratch, &account, e));
    narrower.scratch = scratch;
    debt->state = move->state;
    debt->due_ns = move->due_ns;
    debt->object_gone = before.object_gone || move->object_gone;
    if (debt->state != before.state) {
        bool is_here = debt->id.log == ledger_number(turn->gate->ledger);
        str how = move->how;
        /* A span is of entries of its own log: a debt of an earlier one is named in words. */
        if (!is_here) TRY(how_of_old(turn->gate, debt, move->how, &scratch, &how, e));
        narrower.scratch = scratch;
        struct gate_record record = {.type = debt->state == DEBT_LATE ? EVIDENCE_DEBT_LATE
                                                                      : EVIDENCE_DEBT_MET,
                                     .span_first = is_here ? debt->id.index : 0,
                                     .span_count = is_here};
        if (move->who != NULL) record.values = *move->who;
        TRY(entry_write(&narrower, &account, &record, how, &debt->settled, e));
        debt->settled_log = ledger_number(turn->gate->ledger);
        if (*count_of(&account, before.state) == 0)
            return error_set(e, FAIL_CORRUPT, "an account of debts counts fewer than there are");
        --*count_of(&account, before.state);
        ++*count_of(&account, debt->state);
        TRY(account_write(&narrower, &account, e));
    }
    TRY(engine_turn_delete(turn->engine, ENGINE_META,
                           debt_key(before.account, before.state, before.due_ns, before.id, key),
                           e));
    turn->wrote = true;
    return debt_write(turn, debt, e);
}

/* ---- owing ---- */

/* Beginning is owed once for a dataset, not with every object. */
static enum error_code account_open(struct gate_turn *turn, str terms, struct arena *arena,
                                    struct debt_account *out, struct error *e) {
    struct debt_account kept;
    TRY(debt_terms_read(terms, arena, out, e));
    enum error_code code = debt_account_read(turn, out->id, arena, &kept, e);
    if (code == FAIL_NOT_FOUND) return OK;
    if (code != OK) return code;
    if (!str_equal(kept.terms, terms))
        return error_set(e, FAIL_CORRUPT, "two accounts of debts have one id");
    out->owed = kept.owed;
    out->late = kept.late;
    out->met = kept.met;
    return OK;
}

static enum error_code owe(struct gate_turn *turn, const struct debt_new *new,
                           const struct evidence_values *values, uint64_t act, struct error *e) {
    struct arena scratch = turn->scratch;
    struct debt_account account;
    char memory[512];
    struct text how = text_into(memory, sizeof memory);
    TRY(account_open(turn, new->terms, &scratch, &account, e));
    if (account.kind == RULEBOOK_OBLIGE_BEGIN && account.owed + account.late + account.met > 0)
        return OK;
    struct debt debt = {.id = {.log = ledger_number(turn->gate->ledger)},
                        .account = account.id,
                        .act = act,
                        .since_ns = turn->now_ns,
                        .due_ns = DEBT_NO_DUE};
    int64_t start_ns = account.from_start && account.start.len > 0 ? new->start_ns : turn->now_ns;
    bool start_known = new->start_known || !account.from_start || account.start.len == 0;
    if (start_known)
        debt.due_ns =
            debt_due(atomic_load(&turn->gate->world)->rules, &account, turn->now_ns, start_ns);
    due_text(&account, debt.due_ns, &how);
    struct gate_record record = {.type = EVIDENCE_DEBT_OWED, .span_first = act, .span_count = 1};
    record.values.of[EVIDENCE_USER] = values->of[EVIDENCE_USER];
    record.values.of[EVIDENCE_SUBJECT] = values->of[EVIDENCE_BUCKET];
    struct gate_turn narrower = *turn;
    narrower.scratch = scratch;
    TRY(entry_write(&narrower, &account, &record, text_str(&how), &debt.id.index, e));
    turn->wrote = true;
    account.owed++;
    TRY(account_write(&narrower, &account, e));
    TRY(debt_write(turn, &debt, e));
    atomic_store(&turn->gate->debts_any, true);
    gate_debts_due_sooner(turn->gate, debt.due_ns);
    /* With the start unknown nobody can say yet whether it began in time. */
    if (!new->is_done || !start_known || debt.due_ns <= turn->now_ns) return OK;
    struct debt_move begun = {
        .state = DEBT_MET, .due_ns = debt.due_ns, .how = STR(": met, this act begins it")};
    return debt_move(&narrower, &debt, &begun, e);
}

enum error_code gate_debts_owe(struct gate_turn *turn, const struct gate_decided *decided,
                               const struct evidence_values *values, uint64_t entry,
                               struct error *e) {
    struct unpack u = unpack_from(decided->debts);
    while (u.rest.len > 0 && !u.broken) {
        struct debt_new new = {.terms = unpack_str(&u)};
        new.start_known = unpack_u8(&u) != 0;
        new.start_ns = unpack_i64(&u);
        new.is_done = unpack_u8(&u) != 0;
        assert(!u.broken); /* packed by debt_new_pack a moment ago */
        TRY(owe(turn, &new, values, entry, e));
    }
    return OK;
}
