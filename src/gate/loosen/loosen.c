/* What exceptions and broken glass have in common: who, an id, an entry a step, an end. */
#include "gate/loosen/loosen.h"
#include "gate/state.h"

#include <stdlib.h>

enum { ENDED_A_TURN = 64 };

enum error_code loosen_who(struct gate_visit *visit, str *out, struct error *e) {
    return arena_format(visit->arena, out, e, "%.*s/%.*s", STR_FMT(gate_visit_user(visit)),
                        STR_FMT(visit->access_key));
}

str loosen_user(str who) {
    str user = who, rest = who;
    return str_cut(&rest, '/', &user) ? user : who;
}

static const struct rulebook_clause *clause_find(const struct rulebook_set *set, str name,
                                                 int64_t at_ns) {
    str id = name, book;
    if (!str_cut(&id, '/', &book)) return NULL;
    const struct rulebook *edition = rulebook_set_edition(set, book, at_ns);
    for (size_t i = 0; edition != NULL && i < edition->clause_count; i++)
        if (str_equal(edition->clauses[i].id, id)) return &edition->clauses[i];
    return NULL;
}

enum error_code loosen_clause(const struct rulebook_set *set, str name, int64_t at_ns,
                              const struct rulebook_clause **out, struct error *e) {
    *out = clause_find(set, name, at_ns);
    if (*out != NULL) return OK;
    return error_set(e, FAIL_NOT_FOUND,
                     "no rulebook in force has a clause \"%.*s\" (RULEBOOK/ID or LINE/ID)",
                     STR_FMT(name));
}

enum error_code loosen_id(struct gate_visit *visit, const char *prefix, str *out, struct error *e) {
    unsigned char random[6];
    char hex[2 * sizeof random];
    random_fill(random, sizeof random);
    hex_write(random, sizeof random, hex);
    return arena_format(visit->arena, out, e, "%s%.*s", prefix, (int)sizeof hex, hex);
}

enum error_code loosen_record(struct gate_turn *turn, enum evidence_type type,
                              struct gate_decided *decided, str id, str detail,
                              const struct evidence_values *who, uint64_t *entry, struct error *e) {
    const struct gate_rules *rules = atomic_load(&turn->gate->world)->rules;
    struct gate_record record = {.type = type, .decided = decided};
    decided->act = STR("change");
    decided->site = rules->site;
    decided->rule_digest = *gate_rules_digest(rules);
    if (who != NULL) record.values = *who;
    record.values.of[EVIDENCE_SUBJECT] = id;
    record.values.of[EVIDENCE_DETAIL] = detail;
    return gate_record_append(turn, &record, entry, e);
}

enum error_code loosen_walk(struct gate *gate, str from, str until, struct arena *arena, bool keep,
                            enum error_code (*each)(void *self, str id, str row,
                                                    struct arena *arena, struct error *e),
                            void *self, struct error *e) {
    struct engine_view *view;
    struct engine_scan *scan;
    TRY(engine_view_open(gate->engine, &view, e));
    enum error_code code = engine_view_scan(view, ENGINE_META, from, until, &scan, e);
    if (code != OK) {
        engine_view_close(view);
        return code;
    }
    for (bool more = true; code == OK && more;) {
        str key, row;
        code = engine_scan_next(scan, &more, &key, &row, e);
        if (code != OK || !more) break;
        struct arena once = *arena;
        code = each(self, str_skip(key, from.len), row, keep ? arena : &once, e);
    }
    engine_scan_close(scan);
    engine_view_close(view);
    return code;
}

/* ---- what is in force, for the rules ---- */

enum error_code loosen_add(struct loosen_list *list, const struct rulebook_exception *x,
                           struct error *e) {
    if (list->count == list->cap)
        return error_set(e, FAIL_LIMIT, "more than %d exceptions are in force", LOOSENINGS_MAX);
    list->at[list->count++] = *x;
    return OK;
}

enum error_code gate_exceptions_add(struct gate *gate, struct arena *arena,
                                    struct rulebook_set_input *input, struct error *e) {
    struct loosen_list list = {.count = input->exception_count,
                               .cap = input->exception_count + LOOSENINGS_MAX};
    list.at = arena_new(arena, struct rulebook_exception, list.cap);
    if (list.at == NULL) return error_set(e, FAIL_MEMORY, "no room for exceptions");
    if (list.count > 0) memcpy(list.at, input->exceptions, list.count * sizeof *list.at);
    TRY(gate_exceptions_list_add(gate, arena, &list, e));
    TRY(gate_glass_list_add(gate, arena, &list, e));
    input->exceptions = list.at;
    input->exception_count = list.count;
    return OK;
}

static enum error_code in_force(struct gate *gate,
                                enum error_code (*add)(struct gate *gate, struct arena *arena,
                                                       struct loosen_list *list, struct error *e),
                                struct arena scratch, uint64_t *count, struct error *e) {
    int64_t now_ns = clock_wall_ns();
    struct loosen_list list = {.cap = LOOSENINGS_MAX};
    list.at = arena_new(&scratch, struct rulebook_exception, list.cap);
    if (list.at == NULL) return error_set(e, FAIL_MEMORY, "no room for exceptions");
    TRY(add(gate, &scratch, &list, e));
    for (size_t i = 0; i < list.count; i++) {
        bool again = i > 0 && str_equal(list.at[i].id, list.at[i - 1].id); /* one for each clause */
        *count += !again && rulebook_span_has(list.at[i].span, now_ns);
    }
    return OK;
}

enum error_code gate_loosenings_count(struct gate *gate, struct arena scratch,
                                      struct gate_state *out, struct error *e) {
    TRY(in_force(gate, gate_exceptions_list_add, scratch, &out->exceptions_in_force, e));
    return in_force(gate, gate_glass_list_add, scratch, &out->glass_in_effect, e);
}

/* ---- ends that come by themselves ---- */

void loosening_due_sooner(struct gate *gate, int64_t due_ns) {
    int64_t now = atomic_load(&gate->loosening_due_ns);
    while (due_ns < now && !atomic_compare_exchange_weak(&gate->loosening_due_ns, &now, due_ns)) {
    }
}

struct ending {
    struct gate_work work;
    int64_t next_ns;
    size_t ended;
    bool more;
};

struct ids {
    char at[2 * LOOSENINGS_MAX][LOOSEN_ID_BYTES];
    uint8_t len[2 * LOOSENINGS_MAX];
    size_t count;
};

/* Ids alone: a scan is closed before anything is written. */
static enum error_code ids_take(struct gate_turn *turn, str from, str until, struct ids *ids,
                                struct error *e) {
    struct engine_scan *scan;
    TRY(engine_turn_scan(turn->engine, ENGINE_META, from, until, &scan, e));
    enum error_code code = OK;
    for (bool more = true; code == OK && more && ids->count < COUNT_OF(ids->at);) {
        str key, row;
        code = engine_scan_next(scan, &more, &key, &row, e);
        if (code != OK || !more) break;
        str id = str_skip(key, from.len);
        if (id.len == 0 || id.len > LOOSEN_ID_BYTES) continue; /* no row of ours */
        memcpy(ids->at[ids->count], id.at, id.len);
        ids->len[ids->count++] = (uint8_t)id.len;
    }
    engine_scan_close(scan);
    return code;
}

static enum error_code end_some(struct gate_turn *turn, struct ending *x, str from, str until,
                                enum error_code (*expire)(struct gate_turn *turn, str id,
                                                          int64_t *until_ns, struct error *e),
                                struct error *e) {
    struct gate_turn narrower = *turn;
    struct ids *ids = arena_new(&narrower.scratch, struct ids, 1);
    if (ids == NULL) return error_set(e, FAIL_MEMORY, "no room for exceptions");
    TRY(ids_take(turn, from, until, ids, e));
    for (size_t i = 0; i < ids->count && !x->more; i++) {
        int64_t until_ns = INT64_MAX;
        uint64_t before = ledger_next_index(turn->gate->ledger);
        TRY(expire(&narrower, str_of(ids->at[i], ids->len[i]), &until_ns, e));
        x->next_ns = i64_min(x->next_ns, until_ns);
        x->ended += ledger_next_index(turn->gate->ledger) != before;
        x->more = x->ended == ENDED_A_TURN;
    }
    turn->wrote = turn->wrote || narrower.wrote;
    return OK;
}

static enum error_code ending_apply(struct gate_turn *turn, void *self, struct error *e) {
    struct ending *x = self;
    TRY(end_some(turn, x, STR("e/"), STR("e0"), exception_expire, e));
    TRY(end_some(turn, x, STR("B/"), STR("B0"), glass_expire, e));
    return end_some(turn, x, STR("N/"), STR("N0"), inspection_expire, e);
}

bool gate_loosenings_end(struct gate *gate) {
    struct ending x = {.next_ns = INT64_MAX};
    struct error e;
    if (clock_wall_ns() < atomic_load(&gate->loosening_due_ns)) return false;
    atomic_store(&gate->loosening_due_ns, INT64_MAX); /* what is approved meanwhile lowers it */
    x.work = (struct gate_work){.apply = ending_apply, .self = &x, .bytes = 64 << 10};
    if (gate_submit(gate, &x.work, &e) != OK) {
        if (x.work.code != FAIL_STOPPING) log_error("exceptions-not-ended", &e);
        atomic_store(&gate->loosening_due_ns, 0);
        return false;
    }
    if (x.ended > 0) log_event(LOG_INFO, "exceptions-ended", LOG_INT("count", x.ended));
    loosening_due_sooner(gate, x.more ? 0 : x.next_ns);
    return x.more;
}
