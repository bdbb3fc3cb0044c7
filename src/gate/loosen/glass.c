/* Broken glass: one person opens it and says why, a second confirms it, and for at most 72 hours the
 * named clauses of the operator's own making, or of a contract, let acts through; never law. Each act
 * under it is listed for review. It ends by itself, or when somebody closes it.
 *
 *   B/ ID                 what was opened, by whom, until when
 *   G/ ID NUL log entry   an act done under it; without `log` in rows of format 1 */
#include "gate/loosen/loosen.h"

#include <stdio.h>

static str key_of(const char *prefix, str id, char memory[64]) {
    int used = snprintf(memory, 64, "%s%.*s", prefix, STR_FMT(id));
    return str_of(memory, used > 0 && used < 64 ? (size_t)used : 2);
}

static enum error_code row_write(struct gate_turn *turn, const struct gate_glass *g,
                                 struct error *e) {
    struct arena scratch = turn->scratch;
    char *memory = arena_bytes(&scratch, LOOSEN_ROW_BYTES), key[64];
    if (memory == NULL) return error_set(e, FAIL_MEMORY, "no room for broken glass");
    struct pack p = pack_into(memory, LOOSEN_ROW_BYTES);
    str row;
    pack_u8(&p, 1);
    pack_u8(&p, (uint8_t)g->state);
    pack_i64(&p, g->opened_ns);
    pack_i64(&p, g->length_ns);
    pack_i64(&p, g->from_ns);
    pack_i64(&p, g->until_ns);
    const str *texts[] = {&g->dataset, &g->site, &g->reason, &g->opener, &g->confirmer, &g->closer};
    for (size_t i = 0; i < COUNT_OF(texts); i++) pack_str(&p, *texts[i]);
    pack_u32(&p, (uint32_t)g->clause_count);
    for (size_t i = 0; i < g->clause_count; i++) pack_str(&p, g->clauses[i]);
    TRY(pack_done(&p, "broken glass", &row, e));
    turn->wrote = true;
    return engine_turn_put(turn->engine, ENGINE_META, key_of("B/", g->id, key), row, e);
}

static enum error_code row_read(str id, str row, struct arena *arena, struct gate_glass *g,
                                struct error *e) {
    struct unpack u = unpack_from(row);
    unsigned format = unpack_u8(&u);
    if (format != 1) return error_set(e, FAIL_VERSION, "broken glass of format %u", format);
    *g = (struct gate_glass){0};
    TRY(arena_copy(arena, id, &g->id, e));
    g->state = unpack_u8(&u);
    g->opened_ns = unpack_i64(&u);
    g->length_ns = unpack_i64(&u);
    g->from_ns = unpack_i64(&u);
    g->until_ns = unpack_i64(&u);
    str *texts[] = {&g->dataset, &g->site, &g->reason, &g->opener, &g->confirmer, &g->closer};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        TRY(arena_copy(arena, unpack_str(&u), texts[i], e));
    uint32_t count = unpack_u32(&u);
    if (count > GATE_GLASS_CLAUSES || g->state > GATE_GLASS_EXPIRED) u.broken = true;
    if (u.broken) count = 0;
    str *clauses = arena_new(arena, str, count);
    if (clauses == NULL) return error_set(e, FAIL_MEMORY, "no room for broken glass");
    for (uint32_t i = 0; i < count; i++) TRY(arena_copy(arena, unpack_str(&u), &clauses[i], e));
    g->clauses = clauses;
    g->clause_count = count;
    return unpack_done(&u, "broken glass", e);
}

static enum error_code row_get(struct gate_turn *turn, str id, struct arena *arena,
                               struct gate_glass *out, struct error *e) {
    char key[64];
    str row;
    bool found;
    TRY(engine_turn_get(turn->engine, ENGINE_META, key_of("B/", id, key), arena, &row, &found, e));
    if (!found)
        return error_set(e, FAIL_NOT_FOUND, "there is no broken glass \"%.*s\"", STR_FMT(id));
    return row_read(id, row, arena, out, e);
}

/* ---- which clauses may be broken ---- */

/* What is compelled beyond `own` and `contract` where it binds stays in force even so: the rules see
 * to it act by act. */
static enum error_code clauses_check(const struct rulebook_set *set, const struct gate_glass *g,
                                     int64_t at_ns, struct error *e) {
    if (g->clause_count == 0 || g->clause_count > GATE_GLASS_CLAUSES)
        return error_set(e, FAIL_USAGE, "broken glass names 1 to %d clauses", GATE_GLASS_CLAUSES);
    for (size_t i = 0; i < g->clause_count; i++) {
        const struct rulebook_clause *c;
        TRY(loosen_clause(set, g->clauses[i], at_ns, &c, e));
        if (c->strength != RULEBOOK_OWN && c->strength != RULEBOOK_CONTRACT)
            return error_set(e, FAIL_USAGE,
                             "%.*s is of strength %s: glass breaks own and contract clauses only, "
                             "never law",
                             STR_FMT(g->clauses[i]), rulebook_strength_name(c->strength));
    }
    return OK;
}

/* ---- steps ---- */

enum step { OPEN, CONFIRM, CLOSE };
struct glass_change {
    struct gate_work work;
    struct gate_visit *visit;
    struct gate_glass glass;
    enum step step;
    uint64_t entry;
};

static enum error_code entry_write(struct gate_turn *turn, const struct gate_glass *g,
                                   const char *said, struct gate_visit *visit, uint64_t *entry,
                                   struct error *e) {
    struct gate_turn narrower = *turn;
    struct gate_decided_clause *clauses =
        arena_new(&narrower.scratch, struct gate_decided_clause, g->clause_count);
    struct gate_decided decided = {
        .dataset = g->dataset, .clauses = clauses, .clause_count = g->clause_count};
    struct evidence_values who = {0};
    char until[CLOCK_TEXT_BYTES];
    str detail;
    if (clauses == NULL) return error_set(e, FAIL_MEMORY, "no room for broken glass");
    for (size_t i = 0; i < g->clause_count; i++)
        clauses[i] =
            (struct gate_decided_clause){.name = g->clauses[i], .effect = EVIDENCE_EFFECT_BROKEN};
    if (visit != NULL) TRY(gate_visit_values(visit, STR_EMPTY, STR_EMPTY, &who, e));
    clock_iso_s_write(g->until_ns, until);
    TRY(arena_format(&narrower.scratch, &detail, e, "%s: %.*s%s%s", said, STR_FMT(g->reason),
                     g->until_ns > 0 ? "; until " : "", g->until_ns > 0 ? until : ""));
    TRY(loosen_record(&narrower, EVIDENCE_BREAK_GLASS, &decided, g->id, detail,
                      visit != NULL ? &who : NULL, entry, e));
    turn->wrote = true;
    return OK;
}

static enum error_code confirm(struct gate_turn *turn, struct gate_glass *g, str who,
                               struct error *e) {
    if (g->state == GATE_GLASS_IN_EFFECT)
        return error_set(e, FAIL_EXISTS, "\"%.*s\" is in effect already", STR_FMT(g->id));
    if (str_equal(loosen_user(who), loosen_user(g->opener)))
        return error_set(e, FAIL_ACCESS_DENIED, "%.*s opened it; a second person must confirm it",
                         STR_FMT(loosen_user(who)));
    g->state = GATE_GLASS_IN_EFFECT;
    g->confirmer = who;
    g->from_ns = turn->now_ns;
    g->until_ns = turn->now_ns + g->length_ns;
    return OK;
}

/* Until confirmed it lapses after as long as it could have lasted. */
static int64_t end_of(const struct gate_glass *g) {
    return g->state == GATE_GLASS_IN_EFFECT ? g->until_ns : g->opened_ns + GATE_GLASS_MOST_NS;
}

static enum error_code step_take(struct gate_turn *turn, struct glass_change *c, struct error *e) {
    struct gate_glass *g = &c->glass;
    str who;
    TRY(loosen_who(c->visit, &who, e));
    if (c->step == OPEN) {
        const struct gate_rules *rules = atomic_load(&turn->gate->world)->rules;
        g->opener = who;
        g->opened_ns = turn->now_ns;
        return clauses_check(rules->set, g, turn->now_ns, e);
    }
    TRY(row_get(turn, g->id, c->visit->arena, g, e));
    bool is_over = g->state == GATE_GLASS_CLOSED || g->state == GATE_GLASS_EXPIRED;
    if (is_over || turn->now_ns >= end_of(g))
        return error_set(e, FAIL_USAGE, "\"%.*s\" is over; open a new one", STR_FMT(g->id));
    if (c->step == CONFIRM) return confirm(turn, g, who, e);
    g->state = GATE_GLASS_CLOSED;
    g->closer = who;
    return OK;
}

static enum error_code change_apply(struct gate_turn *turn, void *self, struct error *e) {
    static const char *const said[] = {"opened, not in effect yet", "confirmed, in effect",
                                       "closed"};
    struct glass_change *c = self;
    TRY(gate_still_allowed(turn, c->visit, IDENTITY_ADMIN, STR_EMPTY, e));
    TRY(step_take(turn, c, e));
    TRY(entry_write(turn, &c->glass, said[c->step], c->visit, &c->entry, e));
    return row_write(turn, &c->glass, e);
}

static enum error_code change_run(struct glass_change *c, struct gate_answer *answer,
                                  struct error *e) {
    struct gate *gate = c->visit->gate;
    *answer = (struct gate_answer){0};
    TRY(gate_allow(c->visit, IDENTITY_ADMIN, STR_EMPTY, e));
    c->work = (struct gate_work){.apply = change_apply, .self = c, .bytes = 2 * LOOSEN_ROW_BYTES};
    TRY(gate_submit(gate, &c->work, e));
    loosening_due_sooner(gate, end_of(&c->glass));
    TRY(gate_receipt(c->visit, c->entry, c->entry, &answer->receipt, e));
    if (c->step == OPEN) return OK;
    log_event(LOG_WARNING, c->step == CONFIRM ? "glass-broken" : "glass-closed",
              LOG_STR("id", c->glass.id));
    return gate_rules_change(gate, NULL, false,
                             c->step == CONFIRM ? STR("glass broken") : STR("glass closed"), e);
}

enum error_code gate_glass_open(struct gate_visit *visit, struct gate_glass *g,
                                struct gate_answer *answer, struct error *e) {
    if (g->reason.len == 0) return error_set(e, FAIL_USAGE, "breaking the glass needs a reason");
    if (g->length_ns <= 0 || g->length_ns > GATE_GLASS_MOST_NS)
        return error_set(e, FAIL_USAGE, "glass is broken for a time, of at most 72 hours");
    TRY(loosen_id(visit, "g-", &g->id, e));
    g->state = GATE_GLASS_OPENED;
    g->from_ns = g->until_ns = 0;
    g->confirmer = g->closer = STR_EMPTY;
    struct glass_change c = {.visit = visit, .glass = *g, .step = OPEN};
    TRY(change_run(&c, answer, e));
    *g = c.glass;
    return OK;
}

enum error_code gate_glass_confirm(struct gate_visit *visit, str id, struct gate_answer *answer,
                                   struct error *e) {
    struct glass_change c = {.visit = visit, .glass = {.id = id}, .step = CONFIRM};
    return change_run(&c, answer, e);
}

enum error_code gate_glass_close(struct gate_visit *visit, str id, struct gate_answer *answer,
                                 struct error *e) {
    struct glass_change c = {.visit = visit, .glass = {.id = id}, .step = CLOSE};
    return change_run(&c, answer, e);
}

enum error_code glass_expire(struct gate_turn *turn, str id, int64_t *until_ns, struct error *e) {
    struct gate_turn narrower = *turn;
    struct gate_glass g;
    uint64_t entry;
    TRY(row_get(turn, id, &narrower.scratch, &g, e));
    if (g.state == GATE_GLASS_CLOSED || g.state == GATE_GLASS_EXPIRED) return OK;
    if (turn->now_ns < end_of(&g)) {
        *until_ns = end_of(&g);
        return OK;
    }
    const char *said = g.state == GATE_GLASS_OPENED ? "expired, never confirmed" : "expired";
    g.state = GATE_GLASS_EXPIRED;
    TRY(entry_write(&narrower, &g, said, NULL, &entry, e));
    TRY(row_write(&narrower, &g, e));
    turn->wrote = true;
    return OK;
}

/* ---- acts under it ---- */

enum {
    ACT_PLACE_BYTES = 4 + 8, /* log, entry */
    ACT_PLACE_1_BYTES = 8,   /* of format 1: the entry alone */
    READ_SPACE_BYTES = 2 << 20,
};

enum error_code gate_glass_note(struct gate_turn *turn, const struct gate_decided *decided,
                                uint64_t entry, struct error *e) {
    unsigned char memory[2 + 128 + 1 + ACT_PLACE_BYTES];
    if (!decided->asked || decided->effect == GATE_REFUSE) return OK; /* nothing was done */
    for (size_t i = 0; i < decided->clause_count; i++) {
        const struct gate_decided_clause *clause = &decided->clauses[i];
        if ((clause->effect & 0x7f) != EVIDENCE_EFFECT_BROKEN || clause->loosened.len == 0)
            continue;
        struct pack key = pack_into(memory, sizeof memory);
        str bytes;
        pack_raw(&key, "G/", 2);
        pack_raw(&key, clause->loosened.at, clause->loosened.len);
        pack_u8(&key, 0);
        pack_u32(&key, ledger_number(turn->gate->ledger));
        pack_u64(&key, entry);
        TRY(pack_done(&key, "an act under broken glass", &bytes, e));
        TRY(engine_turn_put(turn->engine, ENGINE_META, bytes, STR("1"), e));
    }
    return OK;
}

struct reviewing {
    struct gate_visit *visit;
    struct engine_view *view;
    const struct gate_glass *glass;
    enum error_code (*each)(void *self, const struct gate_glass_act *, struct error *e);
    void *self;
};

static enum error_code act_show(struct reviewing *r, uint32_t log, uint64_t entry,
                                struct arena arena, struct error *e) {
    struct gate *gate = r->visit->gate;
    struct evidence_opening opening;
    struct gate_glass_act act = {.log = log, .entry = entry, .type = "redacted"};
    TRY(gate_entry_name(gate, log, entry, &arena, &act.name, e));
    enum error_code code = gate_opening_read(gate, r->view, log, entry, &arena, &opening, e);
    if (code != OK && code != FAIL_NOT_FOUND) return code;
    if (code == OK) {
        const str *of = opening.values.of;
        act.type = evidence_type_name(opening.type);
        act.bucket = of[EVIDENCE_BUCKET];
        act.key = of[EVIDENCE_KEY];
        act.user = of[EVIDENCE_USER];
        act.request = of[EVIDENCE_REQUEST];
        if (of[EVIDENCE_TIME].len == 8) act.time_ns = (int64_t)read_be64(of[EVIDENCE_TIME].at);
    }
    return r->each(r->self, &act, e);
}

/* Was the entry of that number in log `log` let through by broken glass, while this one was in effect? */
static enum error_code act_was(struct reviewing *r, uint32_t log, uint64_t index,
                               struct arena scratch, bool *out, struct error *e) {
    struct evidence_entry entry;
    struct arena_space space;
    struct arena room;
    str bytes;
    *out = false;
    TRY(arena_space_open(&space, READ_SPACE_BYTES, &room, e));
    enum error_code code =
        ledger_entry_read(r->visit->gate->ledger, log, index, r->view, &scratch, room, &bytes, e);
    arena_space_release(&space);
    if (code == FAIL_NOT_FOUND) return OK;
    if (code != OK) return code;
    TRY(evidence_entry_decode(bytes, &scratch, &entry, e));
    if (entry.type == EVIDENCE_BREAK_GLASS || /* its own steps say so too */
        entry.minute < evidence_minute(r->glass->from_ns) ||
        entry.minute > evidence_minute(r->glass->until_ns))
        return OK;
    for (size_t i = 0; i < entry.clause_count; i++)
        *out |= (entry.clauses[i].effect & 0x7f) == EVIDENCE_EFFECT_BROKEN;
    return OK;
}

/* A row of format 1 names no log, and one of the new log took the place of one of the old log that had
 * the same number: whichever logs have such an act there, theirs are shown. */
static enum error_code act_1_show(struct reviewing *r, uint64_t entry, struct arena arena,
                                  struct error *e) {
    uint32_t newest = ledger_number(r->visit->gate->ledger);
    for (uint32_t log = 1; log <= newest; log++) {
        bool was = newest == 1;
        if (newest > 1) TRY(act_was(r, log, entry, arena, &was, e));
        if (was) TRY(act_show(r, log, entry, arena, e));
    }
    return OK;
}

static enum error_code acts_walk(struct reviewing *r, str id, struct arena arena, struct error *e) {
    unsigned char from[2 + 64 + 1], until[2 + 64 + 1];
    struct engine_scan *scan;
    size_t len = 2 + id.len + 1;
    memcpy(from, "G/", 2);
    memcpy(from + 2, id.at, id.len);
    from[len - 1] = 0;
    memcpy(until, from, len);
    until[len - 1] = 1;
    TRY(engine_view_scan(r->view, ENGINE_META, str_of(from, len), str_of(until, len), &scan, e));
    enum error_code code = OK;
    for (bool more = true; code == OK && more;) {
        str key, row;
        code = engine_scan_next(scan, &more, &key, &row, e);
        if (code != OK || !more) break;
        if (key.len == len + ACT_PLACE_BYTES)
            code = act_show(r, read_be32(key.at + len), read_be64(key.at + len + 4), arena, e);
        else if (key.len == len + ACT_PLACE_1_BYTES)
            code = act_1_show(r, read_be64(key.at + len), arena, e);
        else
            code = error_set(e, FAIL_CORRUPT, "an act under broken glass has a strange key");
    }
    engine_scan_close(scan);
    return code;
}

enum error_code gate_glass_review(struct gate_visit *visit, str id, struct gate_glass *out,
                                  enum error_code (*each)(void *self, const struct gate_glass_act *,
                                                          struct error *e),
                                  void *self, struct error *e) {
    struct reviewing r = {.visit = visit, .glass = out, .each = each, .self = self};
    char key[64];
    str row;
    bool found = false;
    TRY(gate_allow_look(visit, e));
    TRY(gate_look(visit, "exceptions", STR("broken glass"), e));
    if (id.len == 0 || id.len > LOOSEN_ID_BYTES)
        return error_set(e, FAIL_NOT_FOUND, "there is no broken glass \"%.*s\"", STR_FMT(id));
    TRY(engine_view_open(visit->gate->engine, &r.view, e));
    enum error_code code =
        engine_view_get(r.view, ENGINE_META, key_of("B/", id, key), visit->arena, &row, &found, e);
    if (code == OK && !found)
        code = error_set(e, FAIL_NOT_FOUND, "there is no broken glass \"%.*s\"", STR_FMT(id));
    if (code == OK) code = row_read(id, row, visit->arena, out, e);
    if (code == OK) code = acts_walk(&r, id, *visit->arena, e);
    engine_view_close(r.view);
    return code;
}

/* ---- reading ---- */

struct listing {
    enum error_code (*each)(void *self, const struct gate_glass *, struct error *e);
    void *self;
};

static enum error_code row_list(void *self, str id, str row, struct arena *arena, struct error *e) {
    struct listing *l = self;
    struct gate_glass g;
    TRY(row_read(id, row, arena, &g, e));
    return l->each(l->self, &g, e);
}

enum error_code gate_glass_list(struct gate_visit *visit,
                                enum error_code (*each)(void *self, const struct gate_glass *,
                                                        struct error *e),
                                void *self, struct error *e) {
    struct listing l = {each, self};
    TRY(gate_allow_look(visit, e));
    TRY(gate_look(visit, "exceptions", STR("broken glass"), e));
    return loosen_walk(visit->gate, STR("B/"), STR("B0"), visit->arena, false, row_list, &l, e);
}

static enum error_code row_add(void *self, str id, str row, struct arena *arena, struct error *e) {
    struct gate_glass g;
    TRY(row_read(id, row, arena, &g, e));
    if (g.state != GATE_GLASS_IN_EFFECT) return OK;
    for (size_t i = 0; i < g.clause_count; i++) {
        struct rulebook_exception x = {.kind = RULEBOOK_BREAK_GLASS,
                                       .id = g.id,
                                       .clause = g.clauses[i],
                                       .dataset = g.dataset,
                                       .site = g.site,
                                       .span = {g.from_ns, g.until_ns},
                                       .requester = g.opener,
                                       .approver = g.opener,
                                       .second = g.confirmer,
                                       .reason = g.reason};
        TRY(loosen_add(self, &x, e));
    }
    return OK;
}

enum error_code gate_glass_list_add(struct gate *gate, struct arena *arena,
                                    struct loosen_list *list, struct error *e) {
    return loosen_walk(gate, STR("B/"), STR("B0"), arena, true, row_add, list, e);
}
