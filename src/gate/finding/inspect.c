/* Inspections: an inspector, with a key of their own, countersigns what the register says of a fact, or
 * says that it is otherwise. Rows N/ID while it holds, H/ID after; those that hold are laid over the register when rules are
 * compiled (register_inspect), and end by themselves. Nothing here changes the register: its rows and
 * digest stay what its keepers said. */
#include "gate/finding/finding.h"
#include "gate/loosen/loosen.h"
#include "gate/rules/rules.h"

#include <stdio.h>

enum { INSPECTIONS_MAX = LOOSENINGS_MAX, REASON_BYTES = 1024, NAME_BYTES = 128 };

static str key_of(const char *prefix, str id, char memory[64]) {
    int used = snprintf(memory, 64, "%s%.*s", prefix, STR_FMT(str_slice(id, 0, LOOSEN_ID_BYTES)));
    return str_of(memory, used > 0 && used < 64 ? (size_t)used : 2);
}

static enum error_code row_write(struct gate_turn *turn, const struct gate_inspection *x,
                                 struct error *e) {
    struct arena scratch = turn->scratch;
    char *memory = arena_bytes(&scratch, LOOSEN_ROW_BYTES), key[64];
    if (memory == NULL) return error_set(e, FAIL_MEMORY, "no room for an inspection");
    struct pack p = pack_into(memory, LOOSEN_ROW_BYTES);
    str row;
    pack_u8(&p, 1);
    pack_u8(&p, (uint8_t)x->state);
    pack_u8(&p, x->agrees);
    pack_i64(&p, x->at_ns);
    pack_i64(&p, x->until_ns);
    pack_i64(&p, x->ended_ns);
    const str texts[] = {x->subject, x->field,     x->said,      x->found,
                         x->reason,  x->requester, x->inspector, x->entry};
    for (size_t i = 0; i < COUNT_OF(texts); i++) pack_str(&p, texts[i]);
    TRY(pack_done(&p, "an inspection", &row, e));
    turn->wrote = true;
    bool holds = x->state == GATE_CONFIRMED;
    if (!holds) TRY(engine_turn_delete(turn->engine, ENGINE_META, key_of("N/", x->id, key), e));
    return engine_turn_put(turn->engine, ENGINE_META, key_of(holds ? "N/" : "H/", x->id, key), row,
                           e);
}

static enum error_code row_read(str id, str row, struct arena *arena, struct gate_inspection *x,
                                struct error *e) {
    struct unpack u = unpack_from(row);
    unsigned format = unpack_u8(&u);
    if (format != 1) return error_set(e, FAIL_VERSION, "an inspection of format %u", format);
    *x = (struct gate_inspection){.state = unpack_u8(&u)};
    x->agrees = unpack_u8(&u) == 1;
    x->at_ns = unpack_i64(&u);
    x->until_ns = unpack_i64(&u);
    x->ended_ns = unpack_i64(&u);
    str *texts[] = {&x->subject, &x->field,     &x->said,      &x->found,
                    &x->reason,  &x->requester, &x->inspector, &x->entry};
    TRY(arena_copy(arena, id, &x->id, e));
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        TRY(arena_copy(arena, unpack_str(&u), texts[i], e));
    if (x->state > GATE_INSPECTION_EXPIRED) u.broken = true;
    return unpack_done(&u, "an inspection", e);
}

static enum error_code row_get(struct gate_turn *turn, str id, struct arena *arena,
                               struct gate_inspection *out, struct error *e) {
    char key[64];
    str row;
    bool found;
    TRY(engine_turn_get(turn->engine, ENGINE_META, key_of("N/", id, key), arena, &row, &found, e));
    if (!found)
        TRY(engine_turn_get(turn->engine, ENGINE_META, key_of("H/", id, key), arena, &row, &found,
                            e));
    if (!found)
        return error_set(e, FAIL_NOT_FOUND, "there is no inspection \"%.*s\"",
                         STR_FMT(str_slice(id, 0, 40)));
    return row_read(id, row, arena, out, e);
}

/* ---- entries ---- */

static enum error_code entry_write(struct gate_turn *turn, const struct gate_inspection *x,
                                   const char *said, const struct evidence_values *who,
                                   uint64_t *entry, struct error *e) {
    const struct gate_rules *rules = atomic_load(&turn->gate->world)->rules;
    struct gate_turn narrower = *turn;
    struct gate_decided decided = {.act = STR("inspect"),
                                   .effect = x->agrees ? GATE_ALLOW : GATE_WARN,
                                   .site = rules->site,
                                   .rule_digest = *gate_rules_digest(rules)};
    struct gate_record record = {.type = EVIDENCE_INSPECTION, .decided = &decided};
    char until[CLOCK_TEXT_BYTES] = "it is withdrawn";
    if (who != NULL) record.values = *who;
    if (x->until_ns != INT64_MAX) clock_iso_s_write(x->until_ns, until);
    TRY(arena_format(&narrower.scratch, &record.values.of[EVIDENCE_SUBJECT], e, "%.*s %.*s",
                     STR_FMT(x->subject), STR_FMT(x->field)));
    TRY(arena_format(&narrower.scratch, &record.values.of[EVIDENCE_DETAIL], e,
                     "%s %.*s: found %.*s, the register says %.*s; %.*s; until %s", said,
                     STR_FMT(x->id), STR_FMT(x->found), STR_FMT(x->said), STR_FMT(x->reason),
                     until));
    TRY(gate_record_append(&narrower, &record, entry, e));
    turn->wrote = true;
    return OK;
}

/* ---- a contradiction is a finding ---- */

static const str inspection_kind = {"inspection", 10};

static enum error_code contradiction_stands(struct gate_turn *turn, const struct gate_inspection *x,
                                            const struct evidence_values *who, struct error *e) {
    struct gate_turn narrower = *turn;
    struct gate_finding f = {.kind = inspection_kind, .verdict = STR("fail")};
    uint64_t entry;
    str said;
    TRY(arena_format(&narrower.scratch, &f.source, e, "azekura inspect %.*s", STR_FMT(x->id)));
    TRY(arena_format(&narrower.scratch, &f.subject, e, "%.*s %.*s", STR_FMT(x->subject),
                     STR_FMT(x->field)));
    TRY(arena_format(&narrower.scratch, &f.text, e,
                     "the register says %.*s; an inspector found %.*s", STR_FMT(x->said),
                     STR_FMT(x->found)));
    TRY(arena_format(&narrower.scratch, &said, e, "%.*s=%.*s", STR_FMT(f.subject),
                     STR_FMT(x->found)));
    f.facts = sha256_of(said);
    TRY(finding_stands(&narrower, &f, &f.facts, who, &entry, e));
    turn->wrote = true;
    return OK;
}

static enum error_code contradiction_ends(struct gate_turn *turn, const struct gate_inspection *x,
                                          const char *why, const struct evidence_values *who,
                                          struct error *e) {
    struct gate_turn narrower = *turn;
    char id[FINDING_ID_BYTES];
    bool gone;
    str source, subject;
    if (x->agrees) return OK;
    TRY(arena_format(&narrower.scratch, &source, e, "azekura inspect %.*s", STR_FMT(x->id)));
    TRY(arena_format(&narrower.scratch, &subject, e, "%.*s %.*s", STR_FMT(x->subject),
                     STR_FMT(x->field)));
    finding_id(source, inspection_kind, subject, NULL, 0, id);
    TRY(finding_ends(&narrower, str_of(id, sizeof id), NULL, why, who, &gone, e));
    turn->wrote = turn->wrote || gone;
    return OK;
}

/* ---- confirming, withdrawing ---- */

struct inspecting {
    struct gate_work work;
    struct gate_visit *visit;
    struct gate_inspection *x;
    str value; /* as it was given */
    uint64_t entry;
};

static enum error_code confirm_apply(struct gate_turn *turn, void *self, struct error *e) {
    struct inspecting *c = self;
    struct gate_inspection *x = c->x;
    struct gate_visit *visit = c->visit;
    const struct register_snapshot *snapshot = atomic_load(&turn->gate->world)->rules->snapshot;
    struct register_compared compared;
    struct evidence_values who;
    char text[LEDGER_RECEIPT_BYTES];
    TRY(gate_still_allowed(turn, visit, IDENTITY_INSPECT, STR_EMPTY, e));
    TRY(register_compare(snapshot, x->subject, x->field, c->value, turn->now_ns, visit->arena,
                         &compared, e));
    TRY(arena_format(visit->arena, &x->subject, e, "%s/%.*s", register_kind_of(compared.kind)->key,
                     STR_FMT(compared.id)));
    x->field = compared.field;
    x->said = compared.said;
    x->found = compared.found;
    x->agrees = compared.agrees;
    x->at_ns = turn->now_ns;
    TRY(gate_visit_values(visit, STR_EMPTY, STR_EMPTY, &who, e));
    TRY(entry_write(turn, x, x->agrees ? "confirmed" : "contradicted", &who, &c->entry, e));
    size_t len = ledger_receipt_write(turn->gate->ledger, c->entry, c->entry, text);
    TRY(arena_copy(visit->arena, str_of(text, len), &x->entry, e));
    if (!x->agrees) TRY(contradiction_stands(turn, x, &who, e));
    return row_write(turn, x, e);
}

static enum error_code withdraw_apply(struct gate_turn *turn, void *self, struct error *e) {
    struct inspecting *c = self;
    struct gate_inspection *x = c->x;
    struct evidence_values who;
    str reason = x->reason, mine = gate_visit_user(c->visit);
    TRY(gate_still_allowed(turn, c->visit, IDENTITY_INSPECT, STR_EMPTY, e));
    TRY(row_get(turn, x->id, c->visit->arena, x, e));
    if (!str_equal(loosen_user(x->inspector), mine))
        return error_set(e, FAIL_ACCESS_DENIED,
                         "the inspection %.*s is %.*s's: nobody else withdraws it", STR_FMT(x->id),
                         STR_FMT(loosen_user(x->inspector)));
    if (x->state != GATE_CONFIRMED)
        return error_set(e, FAIL_EXISTS, "the inspection %.*s is over already", STR_FMT(x->id));
    x->state = GATE_WITHDRAWN;
    x->ended_ns = turn->now_ns;
    x->reason = reason;
    TRY(gate_visit_values(c->visit, STR_EMPTY, STR_EMPTY, &who, e));
    TRY(entry_write(turn, x, "withdrawn", &who, &c->entry, e));
    TRY(contradiction_ends(turn, x, "withdrawn:", &who, e));
    return row_write(turn, x, e);
}

static enum error_code inspector_needed(struct gate_visit *visit, struct error *e) {
    if (gate_visit_is_inspector(visit)) return OK;
    return gate_denied(visit,
                       "facts are countersigned by an inspector's own key: --credentials FILE of a "
                       "user added with --role inspector",
                       e);
}

static enum error_code step_run(struct inspecting *c,
                                enum error_code (*apply)(struct gate_turn *turn, void *self,
                                                         struct error *e),
                                struct gate_answer *answer, struct error *e) {
    *answer = (struct gate_answer){0};
    c->work = (struct gate_work){.apply = apply, .self = c, .bytes = 2 * LOOSEN_ROW_BYTES};
    TRY(gate_submit(c->visit->gate, &c->work, e));
    TRY(gate_receipt(c->visit, c->entry, c->entry, &answer->receipt, e));
    return gate_rules_change(c->visit->gate, NULL, false, STR("inspection"), e);
}

static enum error_code row_count(void *self, str id, str row, struct arena *arena,
                                 struct error *e) {
    ++*(size_t *)self;
    return OK;
}

enum error_code gate_inspect_confirm(struct gate_visit *visit, struct gate_inspection *x,
                                     struct gate_answer *answer, struct error *e) {
    struct inspecting c = {.visit = visit, .x = x, .value = x->found};
    size_t standing = 0;
    TRY(inspector_needed(visit, e));
    if (x->reason.len == 0 || x->reason.len > REASON_BYTES)
        return error_set(e, FAIL_USAGE, "--reason says in 1 to %d bytes how it was inspected",
                         REASON_BYTES);
    if (x->requester.len > NAME_BYTES || x->subject.len > 2 * NAME_BYTES ||
        x->field.len > NAME_BYTES)
        return error_set(e, FAIL_USAGE, "a name is over %d bytes", NAME_BYTES);
    if (str_equal(x->requester, gate_visit_user(visit)))
        return error_set(e, FAIL_ACCESS_DENIED,
                         "%.*s asked for this inspection; somebody else must make it",
                         STR_FMT(x->requester));
    if (x->until_ns <= clock_wall_ns())
        return error_set(e, FAIL_USAGE, "--until is over already: nothing would be inspected");
    TRY(loosen_walk(visit->gate, STR("N/"), STR("N0"), visit->arena, false, row_count, &standing,
                    e));
    if (standing >= INSPECTIONS_MAX)
        return error_set(e, FAIL_LIMIT, "%d inspections hold already", INSPECTIONS_MAX);
    TRY(loosen_id(visit, "n-", &x->id, e));
    TRY(loosen_who(visit, &x->inspector, e));
    x->state = GATE_CONFIRMED;
    x->ended_ns = 0;
    TRY(step_run(&c, confirm_apply, answer, e));
    loosening_due_sooner(visit->gate, x->until_ns);
    return OK;
}

enum error_code gate_inspect_withdraw(struct gate_visit *visit, str id, str reason,
                                      struct gate_answer *answer, struct error *e) {
    struct gate_inspection x = {.id = id, .reason = reason};
    struct inspecting c = {.visit = visit, .x = &x};
    TRY(inspector_needed(visit, e));
    if (reason.len == 0 || reason.len > REASON_BYTES)
        return error_set(e, FAIL_USAGE, "--reason says in 1 to %d bytes why it is withdrawn",
                         REASON_BYTES);
    return step_run(&c, withdraw_apply, answer, e);
}

enum error_code inspection_expire(struct gate_turn *turn, str id, int64_t *until_ns,
                                  struct error *e) {
    struct gate_turn narrower = *turn;
    struct gate_inspection x;
    uint64_t entry;
    TRY(row_get(turn, id, &narrower.scratch, &x, e));
    if (x.state != GATE_CONFIRMED) return OK;
    if (turn->now_ns < x.until_ns) {
        *until_ns = x.until_ns;
        return OK;
    }
    x.state = GATE_INSPECTION_EXPIRED;
    x.ended_ns = turn->now_ns;
    TRY(entry_write(&narrower, &x, "expired", NULL, &entry, e));
    TRY(contradiction_ends(&narrower, &x, "expired:", NULL, e));
    TRY(row_write(&narrower, &x, e));
    turn->wrote = true;
    return OK;
}

/* ---- shown, and laid over the register ---- */

struct listing {
    enum error_code (*each)(void *self, const struct gate_inspection *, struct error *e);
    void *self;
};

static enum error_code row_list(void *self, str id, str row, struct arena *arena, struct error *e) {
    struct listing *l = self;
    struct gate_inspection x;
    TRY(row_read(id, row, arena, &x, e));
    return l->each(l->self, &x, e);
}

enum error_code gate_inspect_list(struct gate_visit *visit,
                                  enum error_code (*each)(void *self,
                                                          const struct gate_inspection *,
                                                          struct error *e),
                                  void *self, struct error *e) {
    struct listing l = {each, self};
    TRY(gate_allow_look(visit, e));
    TRY(gate_look(visit, "inspections", STR("inspections"), e));
    TRY(loosen_walk(visit->gate, STR("N/"), STR("N0"), visit->arena, false, row_list, &l, e));
    return loosen_walk(visit->gate, STR("H/"), STR("H0"), visit->arena, false, row_list, &l, e);
}

enum error_code gate_inspection_said(const struct gate_inspection *x, struct arena *arena,
                                     struct register_inspected *out, struct error *e) {
    char at[CLOCK_TEXT_BYTES];
    str rest = x->subject, key;
    clock_iso_s_write(x->at_ns, at);
    if (!str_cut(&rest, '/', &key) || !register_kind_find(key, &out->kind))
        return error_set(e, FAIL_CORRUPT, "an inspection of \"%.*s\"", STR_FMT(x->subject));
    out->id = rest;
    out->field = x->field;
    out->value = x->found;
    out->agreed = x->agrees;
    out->since_ns = x->at_ns;
    out->until_ns = x->state == GATE_CONFIRMED ? x->until_ns : x->ended_ns;
    if (x->agrees)
        return arena_format(arena, &out->source, e, "inspected by %.*s at %s, entry %.*s",
                            STR_FMT(loosen_user(x->inspector)), at, STR_FMT(x->entry));
    return arena_format(arena, &out->source, e, "contradicted: %.*s found %.*s at %s, entry %.*s",
                        STR_FMT(loosen_user(x->inspector)), STR_FMT(x->found), at,
                        STR_FMT(x->entry));
}

struct laying {
    struct register_inspected *at;
    size_t count;
};

static enum error_code row_lay(void *self, str id, str row, struct arena *arena, struct error *e) {
    struct laying *l = self;
    struct gate_inspection x;
    TRY(row_read(id, row, arena, &x, e));
    if (l->count == INSPECTIONS_MAX + 1)
        return error_set(e, FAIL_LIMIT, "more than %d inspections hold", INSPECTIONS_MAX);
    return gate_inspection_said(&x, arena, &l->at[l->count++], e);
}

enum error_code gate_inspections_lay(struct gate *gate, struct register_snapshot *snapshot,
                                     int64_t at_ns, struct arena *arena, int64_t *next_ns,
                                     struct error *e) {
    struct laying l = {.at = arena_new(arena, struct register_inspected, INSPECTIONS_MAX + 1)};
    if (l.at == NULL) return error_set(e, FAIL_MEMORY, "no room for inspections");
    TRY(loosen_walk(gate, STR("N/"), STR("N0"), arena, true, row_lay, &l, e));
    /* Whoever may change nothing stops no write either: a contradiction is a finding, and the gate goes
     * on by what is declared. docs/decisions/inspector.md */
    return register_inspect(snapshot, l.at, l.count, at_ns, false, arena, next_ns, e);
}
