/* Succession: a new log after a loss, beginning with what was known of the old one. The code table
 * begins anew with it: its words were entries of the old log, and stay with that. */
#include "gate/turn/past.h"

enum { OPENING_BYTES = 2 * EVIDENCE_VALUE_BYTES }; /* it says no facts */

struct succeeding {
    struct gate *gate;
    str reason;
    struct text *said;
    int64_t now_ns;
};

static enum error_code first_entry(void *self, struct engine_turn *turn,
                                   const struct ledger_succession *s, struct arena *arena,
                                   str *entry, struct error *e) {
    struct succeeding *x = self;
    int64_t last_ns;
    TRY(gate_last_time(turn, &last_ns, e));
    x->now_ns = i64_max(x->now_ns, last_ns); /* time does not go back from a log to the next */
    unsigned char time[8];
    struct evidence_opening opening = {.type = EVIDENCE_SUCCESSION};
    struct evidence_entry first = {.type = EVIDENCE_SUCCESSION,
                                   .minute = evidence_minute(x->now_ns),
                                   .prior_origin = s->old_origin,
                                   .known_size = s->known_size,
                                   .left_size = s->left_size,
                                   .known_root = s->known_root,
                                   .left_root = s->left_root};
    char *memory = arena_bytes(arena, LIMIT_ENTRY_BYTES),
         *plain = arena_bytes(arena, OPENING_BYTES),
         *sealed = arena_bytes(arena, OPENING_BYTES + SEAL_RECORD_EXTRA_BYTES);
    uint32_t number;
    str bytes;
    if (memory == NULL || plain == NULL || sealed == NULL)
        return error_set(e, FAIL_MEMORY, "no room for the first entry");
    opening.values.of[EVIDENCE_TIME] = evidence_value_time(time, x->now_ns);
    opening.values.of[EVIDENCE_DETAIL] = x->reason;
    random_fill(opening.osalt.at, sizeof opening.osalt.at);
    first.fields_root = evidence_fields_root(EVIDENCE_SUCCESSION, &opening.osalt, &opening.values);
    TRY(evidence_entry_encode(&first, memory, LIMIT_ENTRY_BYTES, entry, e));
    TRY(evidence_opening_encode(&opening, plain, OPENING_BYTES, &bytes, e));
    struct secret secret;
    TRY(seal_key_current(x->gate->keys, SEAL_KEY_OPENING, STR("(store)"), seal_month_of(x->now_ns),
                         &number, &secret, e));
    secret_wipe(&secret);
    struct gate_opening_key key = gate_opening_key(s->new_number, s->index);
    str about = str_of(key.at, sizeof key.at);
    TRY(seal_record_seal(x->gate->keys, number, about, bytes, sealed, e));
    TRY(engine_turn_put(turn, ENGINE_OPENING, about,
                        str_of(sealed, bytes.len + SEAL_RECORD_EXTRA_BYTES), e));
    text_format(x->said, "the log %.*s was known up to %llu entries; %llu are left.\n",
                STR_FMT(s->old_origin), (unsigned long long)s->known_size,
                (unsigned long long)s->left_size);
    if (!s->is_last) return OK;
    text_format(x->said, "A new log begins: %.*s\n", STR_FMT(s->new_origin));
    return gate_era_end(turn, s->old_number, e);
}

enum error_code gate_succeed_in(struct gate *gate, const struct ledger_options *ledger, str reason,
                                struct text *said, struct error *e) {
    struct succeeding x = {.gate = gate, .reason = reason, .said = said, .now_ns = clock_wall_ns()};
    return ledger_succeed(gate->engine, gate->keys, ledger, first_entry, &x, e);
}
