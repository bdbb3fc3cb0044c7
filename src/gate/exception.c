/* Exceptions: proposed by one, approved by another, ended by a date or by hand; an entry before
 * each takes effect. Rows e/ID; those approved are compiled into the rules beside the register's
 * own. */
#include "gate/committer.h"

#include <stdio.h>

enum { EXCEPTION_ROW_BYTES = 8192, EXCEPTIONS_MAX = 4096 };

static str key_of(str id, char memory[64]) {
    int used = snprintf(memory, 64, "e/%.*s", STR_FMT(id));
    return str_of(memory, used > 0 && used < 64 ? (size_t)used : 2);
}

static enum error_code row_write(struct gate_turn *turn, const struct gate_exception *x,
                                 struct error *e) {
    struct arena scratch = turn->scratch;
    char *memory = arena_bytes(&scratch, EXCEPTION_ROW_BYTES), key[64];
    if (memory == NULL) return error_set(e, FAIL_MEMORY, "no room for an exception");
    struct pack p = pack_into(memory, EXCEPTION_ROW_BYTES);
    str row;
    pack_u8(&p, 1);
    pack_u8(&p, (uint8_t)x->state);
    pack_i64(&p, x->from_ns);
    pack_i64(&p, x->until_ns);
    const str *texts[] = {&x->clause,  &x->dataset,   &x->site,    &x->reason,
                          &x->measure, &x->requester, &x->approver};
    for (size_t i = 0; i < COUNT_OF(texts); i++) pack_str(&p, *texts[i]);
    TRY(pack_done(&p, "an exception", &row, e));
    return engine_turn_put(turn->engine, ENGINE_META, key_of(x->id, key), row, e);
}

static enum error_code row_read(str id, str row, struct arena *arena, struct gate_exception *x,
                                struct error *e) {
    struct unpack u = unpack_from(row);
    unsigned format = unpack_u8(&u);
    if (format != 1) return error_set(e, FAIL_VERSION, "an exception of format %u", format);
    *x = (struct gate_exception){0};
    TRY(arena_copy(arena, id, &x->id, e));
    x->state = unpack_u8(&u);
    x->from_ns = unpack_i64(&u);
    x->until_ns = unpack_i64(&u);
    str *texts[] = {&x->clause,  &x->dataset,   &x->site,    &x->reason,
                    &x->measure, &x->requester, &x->approver};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        TRY(arena_copy(arena, unpack_str(&u), texts[i], e));
    if (x->state > GATE_ENDED) u.broken = true;
    return unpack_done(&u, "an exception", e);
}

/* ---- changing ---- */

struct exception_change {
    struct gate_work work;
    struct gate_visit *visit;
    struct gate_exception exception;
    enum gate_exception_state to;
    uint64_t entry;
};

static enum error_code identifier(struct gate_visit *visit, str *out, struct error *e) {
    return arena_format(visit->arena, out, e, "%.*s/%.*s", STR_FMT(gate_visit_user(visit)),
                        STR_FMT(visit->access_key));
}

static str user_part(str identifier_) {
    str user = identifier_, rest = identifier_;
    return str_cut(&rest, '/', &user) ? user : identifier_;
}

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
                                       .measure = x->measure};
}

static enum error_code state_move(struct gate_turn *turn, struct exception_change *c,
                                  struct error *e) {
    struct gate_exception *x = &c->exception;
    char key[64];
    str row, who;
    bool found;
    TRY(engine_turn_get(turn->engine, ENGINE_META, key_of(x->id, key), c->visit->arena, &row,
                        &found, e));
    if (!found)
        return error_set(e, FAIL_NOT_FOUND, "there is no exception \"%.*s\"", STR_FMT(x->id));
    TRY(row_read(x->id, row, c->visit->arena, x, e));
    TRY(identifier(c->visit, &who, e));
    if (x->state == GATE_ENDED)
        return error_set(e, FAIL_USAGE, "the exception \"%.*s\" has ended; propose a new one",
                         STR_FMT(x->id));
    if (c->to == GATE_APPROVED) {
        if (x->state == GATE_APPROVED)
            return error_set(e, FAIL_EXISTS, "the exception \"%.*s\" is approved already",
                             STR_FMT(x->id));
        if (str_equal(user_part(who), user_part(x->requester)))
            return error_set(e, FAIL_ACCESS_DENIED,
                             "%.*s asked for this exception; somebody else must approve it",
                             STR_FMT(user_part(who)));
        x->approver = who;
        /* What the rules would not compile with must not become a row: the store could not open. */
        struct rulebook_exception compiled = compiled_of(x);
        TRY(rulebook_exception_check(&compiled, e));
    }
    x->state = c->to;
    return OK;
}

static enum error_code change_apply(struct gate_turn *turn, void *self, struct error *e) {
    static const char *const words[] = {"proposed", "approved", "ended"};
    struct exception_change *c = self;
    struct gate_exception *x = &c->exception;
    struct gate_decided decided = {.act = STR("change"), .dataset = x->dataset};
    struct gate_record record = {.type = EVIDENCE_EXCEPTION, .decided = &decided};
    TRY(gate_still_allowed(turn, c->visit, IDENTITY_ADMIN, STR_EMPTY, e));
    if (c->to != GATE_PROPOSED) TRY(state_move(turn, c, e));
    decided.dataset = x->dataset;
    decided.rule_digest = *gate_rules_digest(atomic_load(&turn->gate->world)->rules);
    struct gate_decided_clause clause = {x->clause, EVIDENCE_EFFECT_EXCEPTED};
    decided.clauses = &clause;
    decided.clause_count = 1;
    TRY(gate_visit_values(c->visit, STR_EMPTY, STR_EMPTY, &record.values, e));
    record.values.of[EVIDENCE_SUBJECT] = x->id;
    TRY(arena_format(c->visit->arena, &record.values.of[EVIDENCE_DETAIL], e,
                     "%s: %.*s; instead: %.*s", words[c->to], STR_FMT(x->reason),
                     STR_FMT(x->measure)));
    TRY(gate_record_append(turn, &record, &c->entry, e));
    return row_write(turn, x, e);
}

static enum error_code change_run(struct exception_change *c, struct gate_answer *answer,
                                  struct error *e) {
    *answer = (struct gate_answer){0};
    TRY(gate_allow(c->visit, IDENTITY_ADMIN, STR_EMPTY, e));
    c->work = (struct gate_work){.apply = change_apply, .self = c, .bytes = 16384};
    TRY(gate_submit(c->visit->gate, &c->work, e));
    TRY(gate_receipt(c->visit, c->entry, c->entry, &answer->receipt, e));
    if (c->to == GATE_PROPOSED) return OK;
    return gate_rules_change(
        c->visit->gate, NULL, false,
        c->to == GATE_APPROVED ? STR("exception approved") : STR("exception ended"), e);
}

enum error_code gate_exception_propose(struct gate_visit *visit, struct gate_exception *x,
                                       struct gate_answer *answer, struct error *e) {
    if (x->reason.len == 0) return error_set(e, FAIL_USAGE, "an exception needs a reason");
    if (x->clause.len == 0)
        return error_set(e, FAIL_USAGE, "an exception names a clause: RULEBOOK/ID or LINE/ID");
    if (x->until_ns <= x->from_ns)
        return error_set(e, FAIL_USAGE, "an exception ends, and after it begins");
    unsigned char random[6];
    char id[2 * sizeof random];
    random_fill(random, sizeof random);
    hex_write(random, sizeof random, id);
    TRY(arena_format(visit->arena, &x->id, e, "x-%.*s", (int)sizeof id, id));
    TRY(identifier(visit, &x->requester, e));
    x->approver = STR_EMPTY;
    x->state = GATE_PROPOSED;
    struct exception_change c = {.visit = visit, .exception = *x, .to = GATE_PROPOSED};
    return change_run(&c, answer, e);
}

enum error_code gate_exception_approve(struct gate_visit *visit, str id, struct gate_answer *answer,
                                       struct error *e) {
    struct exception_change c = {.visit = visit, .exception = {.id = id}, .to = GATE_APPROVED};
    return change_run(&c, answer, e);
}

enum error_code gate_exception_end(struct gate_visit *visit, str id, struct gate_answer *answer,
                                   struct error *e) {
    struct exception_change c = {.visit = visit, .exception = {.id = id}, .to = GATE_ENDED};
    return change_run(&c, answer, e);
}

/* ---- reading ---- */

/* `keep`: what `each` is given stays in the arena; else its memory is used again for the next. */
static enum error_code rows_walk(struct gate *gate, struct arena *arena, bool keep,
                                 enum error_code (*each)(void *self, const struct gate_exception *,
                                                         struct error *e),
                                 void *self, struct error *e) {
    struct engine_view *view;
    struct engine_scan *scan;
    TRY(engine_view_open(gate->engine, &view, e));
    enum error_code code = engine_view_scan(view, ENGINE_META, STR("e/"), STR("e0"), &scan, e);
    if (code != OK) {
        engine_view_close(view);
        return code;
    }
    while (code == OK) {
        struct gate_exception x;
        bool more;
        str key, row;
        code = engine_scan_next(scan, &more, &key, &row, e);
        if (code != OK || !more) break;
        struct arena once = *arena;
        code = row_read(str_skip(key, 2), row, keep ? arena : &once, &x, e);
        if (code == OK) code = each(self, &x, e);
    }
    engine_scan_close(scan);
    engine_view_close(view);
    return code;
}

enum error_code gate_exception_list(struct gate_visit *visit,
                                    enum error_code (*each)(void *self,
                                                            const struct gate_exception *,
                                                            struct error *e),
                                    void *self, struct error *e) {
    TRY(gate_allow(visit, IDENTITY_ADMIN, STR_EMPTY, e));
    return rows_walk(visit->gate, visit->arena, false, each, self, e);
}

struct adding {
    struct rulebook_exception *list;
    size_t count;
};

static enum error_code approved_add(void *self, const struct gate_exception *x, struct error *e) {
    struct adding *a = self;
    if (x->state != GATE_APPROVED) return OK;
    if (a->count == EXCEPTIONS_MAX)
        return error_set(e, FAIL_LIMIT, "more than %d exceptions are in force", EXCEPTIONS_MAX);
    a->list[a->count++] = compiled_of(x);
    return OK;
}

enum error_code gate_exceptions_add(struct gate *gate, struct arena *arena,
                                    struct rulebook_set_input *input, struct error *e) {
    struct adding a = {.count = input->exception_count};
    a.list = arena_new(arena, struct rulebook_exception, input->exception_count + EXCEPTIONS_MAX);
    if (a.list == NULL) return error_set(e, FAIL_MEMORY, "no room for exceptions");
    if (a.count > 0) memcpy(a.list, input->exceptions, a.count * sizeof *a.list);
    TRY(rows_walk(gate, arena, true, approved_add, &a, e));
    input->exceptions = a.list;
    input->exception_count = a.count;
    return OK;
}
