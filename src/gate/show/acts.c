/* Recorded acts with what was known when they were decided, so that other rules can be asked about
 * them. A page at a time: whoever asks goes on where the page ended. */
#include "gate/inner.h"

enum { ACTS_SPACE_BYTES = 8 << 20, LOOKED_AT_MOST = 20000 };

/* An entry without an opening hides nothing, or was redacted: it is not an act that can be told. */
static enum error_code act_read(struct gate *gate, struct engine_view *view, uint32_t number,
                                uint64_t index, struct arena *arena, struct gate_act *out,
                                struct error *e) {
    struct evidence_opening opening;
    *out = (struct gate_act){0};
    enum error_code code = gate_opening_read(gate, view, number, index, arena, &opening, e);
    if (code != OK) return code == FAIL_NOT_FOUND ? OK : code;
    str time = opening.values.of[EVIDENCE_TIME];
    out->decision = opening.values.of[EVIDENCE_FACTS];
    if (time.len == 8) out->time_ns = (int64_t)read_be64(time.at);
    return gate_entry_name(gate, number, index, arena, &out->name, e);
}

static enum error_code page(struct gate_visit *visit, const struct gate_act_page *ask,
                            struct engine_view *view, uint64_t size, struct arena arena,
                            enum error_code (*each)(void *self, const struct gate_act *,
                                                    struct error *e),
                            void *self, uint64_t *next, struct error *e) {
    uint64_t bytes = 0, index = ask->first, end = u64_min(size, ask->first + LOOKED_AT_MOST);
    for (; index < end && bytes < ask->bytes_most; index++) {
        struct arena fresh = arena;
        struct gate_act act;
        TRY(act_read(visit->gate, view, ask->log, index, &fresh, &act, e));
        bool is_asked =
            act.decision.len > 0 && act.time_ns >= ask->from_ns && act.time_ns < ask->until_ns;
        if (!is_asked) continue;
        bytes += act.decision.len;
        TRY(each(self, &act, e));
    }
    *next = index;
    return OK;
}

/* How many entries a log has, or has left; one that was lost whole has none. */
static enum error_code size_of(struct gate *gate, uint32_t number, uint64_t *size,
                               struct error *e) {
    struct ledger_old old = {0};
    struct ledger_state state;
    ledger_state(gate->ledger, &state);
    *size = state.committed_size;
    if (number == ledger_number(gate->ledger)) return OK;
    enum error_code code = ledger_old_find(gate->ledger, number, &old, e);
    *size = old.size;
    return code == FAIL_NOT_FOUND && number < ledger_number(gate->ledger) ? OK : code;
}

enum error_code gate_act_list(struct gate_visit *visit, const struct gate_act_page *asked,
                              enum error_code (*each)(void *self, const struct gate_act *,
                                                      struct error *e),
                              void *self, struct gate_act_next *next, struct error *e) {
    struct gate_act_page ask = *asked;
    uint32_t newest = ledger_number(visit->gate->ledger);
    uint64_t size, first;
    struct arena_space space;
    struct arena arena;
    struct engine_view *view;
    TRY(gate_allow_look(visit, e));
    TRY(gate_look(visit, "acts", STR("acts"), e));
    if (ask.log == 0) ask.log = 1;
    TRY(size_of(visit->gate, ask.log, &size, e));
    if (ask.first > size)
        return error_set(e, FAIL_USAGE, "log %u of the line has %llu entries", ask.log,
                         (unsigned long long)size);
    TRY(arena_space_open(&space, ACTS_SPACE_BYTES, &arena, e));
    enum error_code code = engine_view_open(visit->gate->engine, &view, e);
    if (code == OK) {
        code = page(visit, &ask, view, size, arena, each, self, &first, e);
        engine_view_close(view);
    }
    arena_space_release(&space);
    if (code != OK) return code;
    bool log_ends = first == size;
    struct gate_act_next after = {.log = ask.log, .first = first, .is_end = log_ends};
    if (log_ends && ask.log < newest) after = (struct gate_act_next){.log = ask.log + 1};
    for (uint32_t n = 1; n <= newest; n++) {
        TRY(size_of(visit->gate, n, &size, e));
        after.all += size;
        if (n < after.log) after.done += size;
    }
    after.done += after.first;
    *next = after;
    return OK;
}
