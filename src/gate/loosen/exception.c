/* Exceptions: proposed by one, approved by another, renewed by two again, ended by a date or by hand;
 * an entry before each takes effect. Rows e/ID; those approved are compiled into the rules beside the
 * register's own. */
#include "gate/loosen/loosen.h"

#include <stdio.h>

static str key_of(str id, char memory[64]) {
    int used = snprintf(memory, 64, "e/%.*s", STR_FMT(id));
    return str_of(memory, used > 0 && used < 64 ? (size_t)used : 2);
}

/* Format 2; format 1 had no renewals. */
static enum error_code row_write(struct gate_turn *turn, const struct gate_exception *x,
                                 struct error *e) {
    struct arena scratch = turn->scratch;
    char *memory = arena_bytes(&scratch, LOOSEN_ROW_BYTES), key[64];
    if (memory == NULL) return error_set(e, FAIL_MEMORY, "no room for an exception");
    struct pack p = pack_into(memory, LOOSEN_ROW_BYTES);
    str row;
    pack_u8(&p, 2);
    pack_u8(&p, (uint8_t)x->state);
    pack_i64(&p, x->from_ns);
    pack_i64(&p, x->until_ns);
    const str *texts[] = {&x->clause,  &x->dataset,   &x->site,    &x->reason,
                          &x->measure, &x->requester, &x->approver};
    for (size_t i = 0; i < COUNT_OF(texts); i++) pack_str(&p, *texts[i]);
    pack_u32(&p, x->renewals);
    pack_i64(&p, x->renewal_until_ns);
    pack_str(&p, x->renewal_by);
    TRY(pack_done(&p, "an exception", &row, e));
    turn->wrote = true;
    return engine_turn_put(turn->engine, ENGINE_META, key_of(x->id, key), row, e);
}

static enum error_code row_read(str id, str row, struct arena *arena, struct gate_exception *x,
                                struct error *e) {
    struct unpack u = unpack_from(row);
    unsigned format = unpack_u8(&u);
    if (format != 1 && format != 2)
        return error_set(e, FAIL_VERSION, "an exception of format %u", format);
    *x = (struct gate_exception){0};
    TRY(arena_copy(arena, id, &x->id, e));
    x->state = unpack_u8(&u);
    x->from_ns = unpack_i64(&u);
    x->until_ns = unpack_i64(&u);
    str *texts[] = {&x->clause,  &x->dataset,   &x->site,    &x->reason,
                    &x->measure, &x->requester, &x->approver};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        TRY(arena_copy(arena, unpack_str(&u), texts[i], e));
    if (format == 2) {
        x->renewals = unpack_u32(&u);
        x->renewal_until_ns = unpack_i64(&u);
        TRY(arena_copy(arena, unpack_str(&u), &x->renewal_by, e));
    }
    if (x->state > GATE_EXPIRED) u.broken = true;
    return unpack_done(&u, "an exception", e);
}

static enum error_code row_get(struct gate_turn *turn, str id, struct arena *arena,
                               struct gate_exception *out, struct error *e) {
    char key[64];
    str row;
    bool found;
    TRY(engine_turn_get(turn->engine, ENGINE_META, key_of(id, key), arena, &row, &found, e));
    if (!found) return error_set(e, FAIL_NOT_FOUND, "there is no exception \"%.*s\"", STR_FMT(id));
    return row_read(id, row, arena, out, e);
}

/* ---- steps ---- */

enum step { PROPOSE, APPROVE, RENEW, END };
struct exception_change {
    struct gate_work work;
    struct gate_visit *visit;
    struct gate_exception exception;
    enum step step;
    const char *said;
    int64_t until_ns; /* of a renewal */
    uint64_t entry;
};

static struct rulebook_exception compiled_of(const struct gate_exception *x) {
    return (struct rulebook_exception){.kind = RULEBOOK_EXCEPTION,
                                       .id = x->id,
                                       .clause = x->clause,
                                       .dataset = x->dataset,
                                       .site = x->site,
                                       .span = {x->from_ns, x->until_ns},
                                       .requester = x->requester,
                                       .approver = x->approver,
                                       .reason = x->reason,
                                       .measure = x->measure,
                                       .renewals = x->renewals};
}

static enum error_code other_needed(str who, str asked, struct error *e) {
    if (!str_equal(loosen_user(who), loosen_user(asked))) return OK;
    return error_set(e, FAIL_ACCESS_DENIED,
                     "%.*s asked for this exception; somebody else must approve it",
                     STR_FMT(loosen_user(who)));
}

static enum error_code approve(struct exception_change *c, str who, struct error *e) {
    struct gate_exception *x = &c->exception;
    if (x->state == GATE_APPROVED && x->renewal_until_ns == 0)
        return error_set(e, FAIL_EXISTS, "the exception \"%.*s\" is approved already",
                         STR_FMT(x->id));
    if (x->state == GATE_APPROVED) {
        TRY(other_needed(who, x->renewal_by, e));
        x->requester = x->renewal_by; /* of what holds from now on */
        x->until_ns = x->renewal_until_ns;
        x->renewal_until_ns = 0;
        x->renewal_by = STR_EMPTY;
        x->renewals++;
        c->said = "renewed";
    } else {
        TRY(other_needed(who, x->requester, e));
        c->said = "approved";
    }
    x->approver = who;
    x->state = GATE_APPROVED;
    /* What the rules would not compile with must not become a row: the store could not open. */
    struct rulebook_exception compiled = compiled_of(x);
    return rulebook_exception_check(&compiled, e);
}

static enum error_code renew(struct exception_change *c, str who, struct error *e) {
    struct gate_exception *x = &c->exception;
    if (x->state != GATE_APPROVED)
        return error_set(e, FAIL_USAGE, "the exception \"%.*s\" is not in force: approve it first",
                         STR_FMT(x->id));
    if (c->until_ns <= x->until_ns)
        return error_set(e, FAIL_USAGE, "a renewal ends later than the exception does");
    x->renewal_until_ns = c->until_ns;
    x->renewal_by = who;
    c->said = "renewal proposed";
    return OK;
}

/* A name that is none would be an exception from nothing, approved and recorded in good faith. */
static enum error_code scope_check(const struct gate_rules *rules, const struct gate_exception *x,
                                   struct error *e) {
    const struct rulebook_clause *clause;
    TRY(loosen_clause(rules->set, x->clause, x->from_ns, &clause, e));
    if (x->dataset.len > 0 &&
        register_row_at(rules->snapshot, REGISTER_DATASETS, x->dataset, x->from_ns) == NULL)
        return error_set(e, FAIL_NOT_FOUND, "the register has no dataset \"%.*s\" at that time",
                         STR_FMT(x->dataset));
    if (x->site.len > 0 &&
        register_row_at(rules->snapshot, REGISTER_SITES, x->site, x->from_ns) == NULL)
        return error_set(e, FAIL_NOT_FOUND, "the register has no site \"%.*s\" at that time",
                         STR_FMT(x->site));
    return OK;
}

static enum error_code step_take(struct gate_turn *turn, struct exception_change *c,
                                 struct error *e) {
    struct gate_exception *x = &c->exception;
    str who;
    if (c->step == PROPOSE) return scope_check(atomic_load(&turn->gate->world)->rules, x, e);
    TRY(row_get(turn, x->id, c->visit->arena, x, e));
    TRY(loosen_who(c->visit, &who, e));
    if (x->state == GATE_ENDED || x->state == GATE_EXPIRED || turn->now_ns >= x->until_ns)
        return error_set(e, FAIL_USAGE, "the exception \"%.*s\" has ended; propose a new one",
                         STR_FMT(x->id));
    if (c->step == APPROVE) return approve(c, who, e);
    if (c->step == RENEW) return renew(c, who, e);
    x->state = GATE_ENDED;
    return OK;
}

static enum error_code entry_write(struct gate_turn *turn, const struct gate_exception *x,
                                   const char *said, struct gate_visit *visit, uint64_t *entry,
                                   struct error *e) {
    struct arena scratch = turn->scratch;
    struct gate_decided_clause clause = {.name = x->clause, .effect = EVIDENCE_EFFECT_EXCEPTED};
    struct gate_decided decided = {.dataset = x->dataset, .clauses = &clause, .clause_count = 1};
    struct evidence_values who = {0};
    char until[CLOCK_TEXT_BYTES];
    str detail;
    if (visit != NULL) TRY(gate_visit_values(visit, STR_EMPTY, STR_EMPTY, &who, e));
    clock_iso_s_write(x->renewal_until_ns > 0 ? x->renewal_until_ns : x->until_ns, until);
    TRY(arena_format(&scratch, &detail, e, "%s: %.*s; instead: %.*s; until %s", said,
                     STR_FMT(x->reason), STR_FMT(x->measure), until));
    struct gate_turn narrower = *turn;
    narrower.scratch = scratch;
    TRY(loosen_record(&narrower, EVIDENCE_EXCEPTION, &decided, x->id, detail,
                      visit != NULL ? &who : NULL, entry, e));
    turn->wrote = true;
    return OK;
}

static enum error_code change_apply(struct gate_turn *turn, void *self, struct error *e) {
    struct exception_change *c = self;
    TRY(gate_still_allowed(turn, c->visit, IDENTITY_ADMIN, STR_EMPTY, e));
    TRY(step_take(turn, c, e));
    TRY(entry_write(turn, &c->exception, c->said, c->visit, &c->entry, e));
    return row_write(turn, &c->exception, e);
}

static enum error_code change_run(struct exception_change *c, struct gate_answer *answer,
                                  struct error *e) {
    *answer = (struct gate_answer){0};
    TRY(gate_allow(c->visit, IDENTITY_ADMIN, STR_EMPTY, e));
    c->work = (struct gate_work){.apply = change_apply, .self = c, .bytes = 2 * LOOSEN_ROW_BYTES};
    TRY(gate_submit(c->visit->gate, &c->work, e));
    loosening_due_sooner(c->visit->gate, c->exception.until_ns);
    TRY(gate_receipt(c->visit, c->entry, c->entry, &answer->receipt, e));
    if (c->step == PROPOSE || c->step == RENEW) return OK; /* nothing is in force by it */
    return gate_rules_change(
        c->visit->gate, NULL, false,
        c->step == APPROVE ? STR("exception approved") : STR("exception ended"), e);
}

enum error_code gate_exception_propose(struct gate_visit *visit, struct gate_exception *x,
                                       struct gate_answer *answer, struct error *e) {
    if (x->reason.len == 0) return error_set(e, FAIL_USAGE, "an exception needs a reason");
    if (x->clause.len == 0)
        return error_set(e, FAIL_USAGE, "an exception names a clause: RULEBOOK/ID or LINE/ID");
    if (x->until_ns <= x->from_ns)
        return error_set(e, FAIL_USAGE, "an exception ends, and after it begins");
    TRY(loosen_id(visit, "x-", &x->id, e));
    TRY(loosen_who(visit, &x->requester, e));
    x->approver = x->renewal_by = STR_EMPTY;
    x->renewals = 0;
    x->renewal_until_ns = 0;
    x->state = GATE_PROPOSED;
    struct exception_change c = {
        .visit = visit, .exception = *x, .step = PROPOSE, .said = "proposed"};
    return change_run(&c, answer, e);
}

enum error_code gate_exception_approve(struct gate_visit *visit, str id, struct gate_answer *answer,
                                       struct error *e) {
    struct exception_change c = {.visit = visit, .exception = {.id = id}, .step = APPROVE};
    return change_run(&c, answer, e);
}

enum error_code gate_exception_renew(struct gate_visit *visit, str id, int64_t until_ns,
                                     struct gate_answer *answer, struct error *e) {
    struct exception_change c = {
        .visit = visit, .exception = {.id = id}, .step = RENEW, .until_ns = until_ns};
    return change_run(&c, answer, e);
}

enum error_code gate_exception_end(struct gate_visit *visit, str id, struct gate_answer *answer,
                                   struct error *e) {
    struct exception_change c = {
        .visit = visit, .exception = {.id = id}, .step = END, .said = "ended"};
    return change_run(&c, answer, e);
}

/* ---- the end that comes by itself ---- */

enum error_code exception_expire(struct gate_turn *turn, str id, int64_t *until_ns,
                                 struct error *e) {
    struct gate_turn narrower = *turn;
    struct gate_exception x;
    uint64_t entry;
    TRY(row_get(turn, id, &narrower.scratch, &x, e));
    if (x.state == GATE_ENDED || x.state == GATE_EXPIRED) return OK;
    if (turn->now_ns < x.until_ns) {
        *until_ns = x.until_ns;
        return OK;
    }
    const char *said = x.state == GATE_PROPOSED ? "expired, never approved" : "expired";
    x.state = GATE_EXPIRED;
    x.renewal_until_ns = 0;
    TRY(entry_write(&narrower, &x, said, NULL, &entry, e));
    TRY(row_write(&narrower, &x, e));
    turn->wrote = true;
    return OK;
}

/* ---- reading ---- */

struct listing {
    enum error_code (*each)(void *self, const struct gate_exception *, struct error *e);
    void *self;
};

static enum error_code row_list(void *self, str id, str row, struct arena *arena, struct error *e) {
    struct listing *l = self;
    struct gate_exception x;
    TRY(row_read(id, row, arena, &x, e));
    return l->each(l->self, &x, e);
}

enum error_code gate_exception_list(struct gate_visit *visit,
                                    enum error_code (*each)(void *self,
                                                            const struct gate_exception *,
                                                            struct error *e),
                                    void *self, struct error *e) {
    struct listing l = {each, self};
    TRY(gate_allow_look(visit, e));
    TRY(gate_look(visit, "exceptions", STR("exceptions"), e));
    return loosen_walk(visit->gate, STR("e/"), STR("e0"), visit->arena, false, row_list, &l, e);
}

static enum error_code row_add(void *self, str id, str row, struct arena *arena, struct error *e) {
    struct gate_exception x;
    TRY(row_read(id, row, arena, &x, e));
    if (x.state != GATE_APPROVED) return OK;
    struct rulebook_exception compiled = compiled_of(&x);
    return loosen_add(self, &compiled, e);
}

enum error_code gate_exceptions_list_add(struct gate *gate, struct arena *arena,
                                         struct loosen_list *list, struct error *e) {
    return loosen_walk(gate, STR("e/"), STR("e0"), arena, true, row_add, list, e);
}
