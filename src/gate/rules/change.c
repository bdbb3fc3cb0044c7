/* Changing what is in force: register and rulebooks. Compiled aside, swapped whole, and an entry
 * each for what is different. The rulebooks' own bytes are kept in the store, so that a command
 * that opens DATA later, and whoever asks years later, has them.
 *
 *   k/ number   a rulebook file and its signature
 *   E/ number   a table of events, likewise, without one
 *   q/ line …   an edition that was vouched for: gate/rules/issued.c
 *   t/issuers   the keys that vouch for rulebooks here
 *   t/rules     digest of the adopted rules of the last change
 *   t/site      the store's site */
#include "gate/finding/placement.h"
#include "gate/rules/issued.h"
#include "gate/turn/committer.h"

struct rules_change {
    struct gate_work work;
    struct gate *gate;
    struct gate_rules *rules;
    const struct gate_rules *before; /* NULL: the store opens */
    bool taken;                      /* the turn puts them in force, or releases them */
    str why;
    struct evidence_values by; /* who, from where; empty: nobody's hand */
    struct arena arena;
};

static enum error_code row_get(struct gate_turn *turn, str key, struct arena *arena, str *value,
                               bool *found, struct error *e) {
    return engine_turn_get(turn->engine, ENGINE_META, key, arena, value, found, e);
}

static enum error_code row_put(struct gate_turn *turn, str key, str value, struct error *e) {
    turn->wrote = true;
    return engine_turn_put(turn->engine, ENGINE_META, key, value, e);
}

static enum error_code register_take(struct gate_turn *turn, struct rules_change *c,
                                     struct error *e) {
    struct register_changes changes = {0};
    struct register_head head;
    struct arena arena = c->arena;
    TRY(register_import(turn->engine, c->rules->snapshot, turn->now_ns, &arena, &changes, &head,
                        e));
    if (changes.count == 0) return OK;
    struct gate_record record = {.type = EVIDENCE_REGISTER_CHANGE,
                                 .rules = gate_rules_digest(c->rules),
                                 .other = register_digest(c->rules->snapshot),
                                 .values = c->by};
    str detail;
    uint64_t index;
    TRY(arena_format(&arena, &detail, e, "%.*s: generation %llu, %zu rows changed", STR_FMT(c->why),
                     (unsigned long long)head.generation, changes.count));
    record.values.of[EVIDENCE_DETAIL] = detail;
    TRY(gate_record_append(turn, &record, &index, e));
    return register_generation_write(
        turn->engine,
        &(struct register_generation){.generation = head.generation,
                                      .sha256 = head.sha256,
                                      .imported_ns = head.imported_ns,
                                      .row_count = head.row_count,
                                      .changed_count = changes.count,
                                      .log_number = ledger_number(turn->gate->ledger),
                                      .origin = ledger_origin(turn->gate->ledger),
                                      .entry = index},
        e);
}

/* There may have been more files before: the list ends here now. */
static enum error_code files_end(struct gate_turn *turn, char prefix, size_t count,
                                 struct error *e) {
    for (size_t i = count;; i++) {
        struct arena scratch = turn->scratch;
        str key, value;
        bool found;
        TRY(arena_format(&scratch, &key, e, "%c/%06zu", prefix, i));
        TRY(row_get(turn, key, &scratch, &value, &found, e));
        if (!found) return OK;
        turn->wrote = true;
        TRY(engine_turn_delete(turn->engine, ENGINE_META, key, e));
    }
}

/* Files that are the same stay untouched. */
static enum error_code files_keep(struct gate_turn *turn, char prefix,
                                  const struct gate_files *files, struct error *e) {
    for (size_t i = 0; i < files->count; i++) {
        struct arena scratch = turn->scratch;
        str key, value;
        bool found;
        TRY(arena_format(&scratch, &key, e, "%c/%06zu", prefix, i));
        size_t room = files->at[i].bytes.len + files->at[i].signature.len + 4400;
        struct pack p = pack_into(arena_bytes(&scratch, room), room);
        if (p.at == NULL) return error_set(e, FAIL_MEMORY, "no room to keep a file");
        pack_str(&p, files->at[i].name);
        pack_str(&p, files->at[i].bytes);
        pack_str(&p, files->at[i].signature);
        str row;
        TRY(pack_done(&p, "a file", &row, e));
        TRY(row_get(turn, key, &scratch, &value, &found, e));
        if (!found || !str_equal(value, row)) TRY(row_put(turn, key, row, e));
    }
    return files_end(turn, prefix, files->count, e);
}

static enum error_code rules_note(struct gate_turn *turn, struct rules_change *c, struct error *e) {
    const digest *now = gate_rules_digest(c->rules);
    struct arena scratch = turn->scratch;
    str value;
    bool found;
    TRY(row_get(turn, STR("t/rules"), &scratch, &value, &found, e));
    if (found && str_equal(value, digest_str(now))) return OK;
    struct gate_record record = {.type = EVIDENCE_RULE_CHANGE, .rules = now};
    uint64_t index;
    if (found && value.len == DIGEST_BYTES) memcpy(record.other.at, value.at, DIGEST_BYTES);
    record.values.of[EVIDENCE_DETAIL] = c->why;
    TRY(gate_record_append(turn, &record, &index, e));
    return row_put(turn, STR("t/rules"), digest_str(now), e);
}

/* A place that was not contradicted before and is now, or the other way round, is a finding. */
static enum error_code place_note(struct gate_turn *turn, struct rules_change *c, struct error *e) {
    const struct facts_evidence *now = &c->rules->evidence;
    bool before = c->before != NULL && c->before->evidence.contradicted;
    if (now->contradicted == before) return OK;
    struct gate_decided decided = {.act = STR("place"),
                                   .site = c->rules->site,
                                   .rule_digest = *gate_rules_digest(c->rules),
                                   .effect = now->contradicted ? GATE_WARN : GATE_ALLOW};
    struct gate_record record = {.type = now->contradicted ? EVIDENCE_FINDING : EVIDENCE_PLACE,
                                 .decided = &decided};
    uint64_t index;
    record.values.of[EVIDENCE_SUBJECT] = c->rules->site;
    record.values.of[EVIDENCE_DETAIL] = now->contradicted ? now->finding : now->standing;
    return gate_record_append(turn, &record, &index, e);
}

static enum error_code change_apply(struct gate_turn *turn, void *self, struct error *e) {
    struct rules_change *c = self;
    TRY(register_take(turn, c, e));
    TRY(files_keep(turn, 'k', &c->rules->rulebooks, e));
    TRY(files_keep(turn, 'E', &c->rules->events, e));
    TRY(gate_issued_keep(turn, c->rules, c->why, c->arena, e));
    TRY(rules_note(turn, c, e));
    TRY(place_note(turn, c, e));
    if (c->before == NULL) return OK; /* the store opens: they are in force already */
    turn->new_rules = c->rules;
    c->taken = true;
    return OK;
}

static enum error_code rules_record(struct rules_change *c, struct error *e) {
    struct arena_space space;
    if (arena_space_open(&space, (size_t)256 << 20, &c->arena, e) != OK) {
        if (c->before != NULL) gate_rules_release(c->rules);
        return e->code;
    }
    c->work = (struct gate_work){.apply = change_apply, .self = c, .bytes = LIMIT_TURN_BYTES};
    enum error_code code = gate_submit(c->gate, &c->work, e);
    arena_space_release(&space);
    if (c->before != NULL && !c->taken) gate_rules_release(c->rules);
    return code == OK ? gate_placements_record(c->gate, c->rules, e) : code;
}

enum error_code gate_rules_record(struct gate *gate, struct gate_rules *rules,
                                  const struct gate_rules *before, str why, struct error *e) {
    struct rules_change c = {.gate = gate, .rules = rules, .before = before, .why = why};
    return rules_record(&c, e);
}

enum error_code gate_rules_change_by(struct gate *gate, struct register_snapshot *snapshot,
                                     bool reread, str why, const struct evidence_values *by,
                                     struct error *e) {
    struct rules_change c = {.gate = gate, .why = why, .by = *by};
    unsigned slot;
    pthread_mutex_lock(&gate->rules_lock);
    struct gate_world *world = gate_world_take(gate, &slot);
    c.before = world->rules;
    enum error_code code = OK;
    if (snapshot == NULL) code = gate_register_reread(gate, reread, &snapshot, e);
    if (code == OK) code = gate_rules_build(gate, snapshot, reread, c.before, &c.rules, e);
    if (code == OK) code = rules_record(&c, e);
    /* Whoever asks to read them again is told all of it again. */
    if (code == OK) gate_rules_tell(c.rules, reread ? NULL : c.before);
    gate_world_give(world, slot);
    pthread_mutex_unlock(&gate->rules_lock);
    return code;
}

enum error_code gate_rules_change(struct gate *gate, struct register_snapshot *snapshot,
                                  bool reread, str why, struct error *e) {
    return gate_rules_change_by(gate, snapshot, reread, why, &(struct evidence_values){0}, e);
}

enum error_code gate_reload(struct gate *gate, struct error *e) {
    return gate_rules_change(gate, NULL, true, STR("reload"), e);
}

void gate_place_check(struct gate *gate) {
    struct error e;
    if (gate_rules_change(gate, NULL, false, STR("place checked"), &e) != OK)
        log_error("place-check-failed", &e);
}
