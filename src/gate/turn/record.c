/* Records: a decision and what happened, made into an entry and its opening in one turn. */
#include "gate/decide/effect.h"
#include "gate/state.h"
#include "gate/turn/committer.h"

#include <stdlib.h>

static int by_code(const void *a, const void *b) {
    uint32_t x = ((const struct evidence_clause *)a)->code,
             y = ((const struct evidence_clause *)b)->code;
    return x < y ? -1 : x > y;
}

/* The clauses as codes, ascending; one that spoke twice (a copy's two datasets) counts with its
 * worse effect. */
static enum error_code clauses_of(struct gate_turn *turn, const struct gate_decided *decided,
                                  struct arena *scratch, struct evidence_entry *entry,
                                  struct error *e) {
    size_t count = size_min(decided->clause_count, EVIDENCE_CLAUSES_MAX), kept = 0;
    struct evidence_clause *clauses = arena_new(scratch, struct evidence_clause, count);
    if (clauses == NULL) return error_set(e, FAIL_MEMORY, "no room for %zu clauses", count);
    for (size_t i = 0; i < count; i++) {
        TRY(gate_code_of(turn, EVIDENCE_CODE_CLAUSE, decided->clauses[i].name, &clauses[i].code,
                         e));
        clauses[i].effect = decided->clauses[i].effect;
    }
    qsort(clauses, count, sizeof *clauses, by_code);
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && clauses[kept - 1].code == clauses[i].code) {
            uint8_t worse =
                gate_effect_rank(clauses[i].effect) < gate_effect_rank(clauses[kept - 1].effect)
                    ? clauses[i].effect
                    : clauses[kept - 1].effect;
            clauses[kept - 1].effect = worse;
        } else {
            clauses[kept++] = clauses[i];
        }
    }
    entry->clauses = clauses;
    entry->clause_count = kept;
    return OK;
}

static enum error_code code16(struct gate_turn *turn, enum evidence_code_kind kind, str word,
                              uint16_t *out, struct error *e) {
    uint32_t code;
    TRY(gate_code_of(turn, kind, word, &code, e));
    if (code > UINT16_MAX)
        return error_set(e, FAIL_LIMIT, "more than %u codes of one kind", UINT16_MAX);
    *out = (uint16_t)code;
    return OK;
}

static enum error_code decision_of(struct gate_turn *turn, const struct gate_decided *decided,
                                   struct arena *scratch, struct evidence_entry *entry,
                                   struct error *e) {
    uint16_t *site = arena_new(scratch, uint16_t, 1);
    if (site == NULL) return error_set(e, FAIL_MEMORY, "no room for an entry");
    entry->rules = decided->rule_digest;
    entry->decision = (enum evidence_decision)decided->effect;
    TRY(code16(turn, EVIDENCE_CODE_ACT, decided->act, &entry->act, e));
    TRY(code16(turn, EVIDENCE_CODE_SECTOR, decided->sector, &entry->sector, e));
    TRY(code16(turn, EVIDENCE_CODE_CLASS, decided->class_, &entry->data_class, e));
    TRY(code16(turn, EVIDENCE_CODE_SITE, decided->site, site, e));
    entry->sites = site;
    entry->site_count = *site != 0;
    return clauses_of(turn, decided, scratch, entry, e);
}

/* What the page counts: kept, warned, refused, read. */
static void tally(struct gate_turn *turn, const struct gate_record *record) {
    struct gate_tallies *t = turn->gate->tallies;
    const struct gate_decided *d = record->decided;
    if (d == NULL || !d->asked) return;
    switch (record->type) {
    case EVIDENCE_PUT:
    case EVIDENCE_COPY:
    case EVIDENCE_UPLOAD_COMPLETE:
        gate_tallies_note(t, d, d->effect == GATE_WARN ? GATE_WARNED : GATE_KEPT, 1, turn->now_ns,
                          true);
        return;
    case EVIDENCE_REFUSE: gate_tallies_note(t, d, GATE_REFUSED, 1, turn->now_ns, true); return;
    case EVIDENCE_READ: gate_tallies_note(t, d, GATE_READ, 1, turn->now_ns, true); return;
    case EVIDENCE_FOLD:
        gate_tallies_note(t, d, d->effect == GATE_REFUSE ? GATE_REFUSED : GATE_READ,
                          record->span_count, turn->now_ns, false);
        return;
    case EVIDENCE_DEBT_OWED:
    case EVIDENCE_DEBT_MET:
    case EVIDENCE_DEBT_LATE: return; /* the act that owes is shown already */
    default: gate_tallies_note(t, d, GATE_KEPT, 0, turn->now_ns, true); return;
    }
}

struct gate_opening_key gate_opening_key(uint32_t log_number, uint64_t index) {
    struct gate_opening_key key;
    write_be32(key.at, log_number);
    write_be64(key.at + 4, index);
    return key;
}

static size_t opening_bytes_most(const struct evidence_opening *opening) {
    size_t bytes = 64;
    for (size_t i = 1; i <= EVIDENCE_FIELD_LAST; i++) bytes += 2 + opening->values.of[i].len;
    return bytes;
}

static enum error_code opening_write(struct gate_turn *turn, const struct evidence_opening *opening,
                                     str dataset, uint64_t index, struct arena *scratch,
                                     struct error *e) {
    struct gate *gate = turn->gate;
    size_t cap = opening_bytes_most(opening);
    char *plain = arena_bytes(scratch, cap);
    char *sealed = arena_bytes(scratch, cap + SEAL_RECORD_EXTRA_BYTES);
    str bytes;
    uint32_t number;
    struct secret secret;
    if (plain == NULL || sealed == NULL) return error_set(e, FAIL_MEMORY, "no room for an opening");
    TRY(evidence_opening_encode(opening, plain, cap, &bytes, e));
    TRY(seal_key_current(gate->keys, SEAL_KEY_OPENING, dataset.len > 0 ? dataset : STR("(store)"),
                         seal_month_of(turn->now_ns), &number, &secret, e));
    secret_wipe(&secret);
    struct gate_opening_key key = gate_opening_key(ledger_number(gate->ledger), index);
    str about = str_of(key.at, sizeof key.at);
    TRY(seal_record_seal(gate->keys, number, about, bytes, sealed, e));
    return engine_turn_put(turn->engine, ENGINE_OPENING, about,
                           str_of(sealed, bytes.len + SEAL_RECORD_EXTRA_BYTES), e);
}

enum error_code gate_record_append(struct gate_turn *turn, const struct gate_record *record,
                                   uint64_t *index, struct error *e) {
    struct gate *gate = turn->gate;
    struct arena scratch = turn->scratch;
    struct evidence_opening opening = {.type = record->type, .values = record->values};
    unsigned char time[8];
    struct evidence_entry entry = {.type = record->type,
                                   .minute = evidence_minute(turn->now_ns),
                                   .stored_root = record->stored_root,
                                   .other = record->other,
                                   .span_first = record->span_first,
                                   .span_count = record->span_count};
    str dataset = STR_EMPTY, bytes;
    opening.values.of[EVIDENCE_TIME] = evidence_value_time(time, turn->now_ns);
    if (record->decided != NULL) {
        dataset = record->decided->dataset;
        opening.values.of[EVIDENCE_DATASET] = dataset;
        opening.values.of[EVIDENCE_FACTS] = record->decided->facts;
        TRY(decision_of(turn, record->decided, &scratch, &entry, e));
    } else {
        entry.rules = record->rules != NULL ? *record->rules
                                            : *gate_rules_digest(atomic_load(&gate->world)->rules);
    }
    random_fill(opening.osalt.at, sizeof opening.osalt.at);
    entry.fields_root = evidence_fields_root(record->type, &opening.osalt, &opening.values);
    char *memory = arena_bytes(&scratch, LIMIT_ENTRY_BYTES);
    if (memory == NULL) return error_set(e, FAIL_MEMORY, "no room for an entry");
    TRY(evidence_entry_encode(&entry, memory, LIMIT_ENTRY_BYTES, &bytes, e));
    TRY(ledger_append(gate->ledger, bytes, index, e));
    turn->wrote = true;
    tally(turn, record);
    if (record->decided != NULL) TRY(gate_glass_note(turn, record->decided, *index, e));
    const enum evidence_field *fields;
    if (evidence_type_fields(record->type, &fields) == 0) return OK;
    return opening_write(turn, &opening, dataset, *index, &scratch, e);
}

enum error_code gate_opening_read(struct gate *gate, struct engine_view *view, uint32_t log_number,
                                  uint64_t index, struct arena *arena, struct evidence_opening *out,
                                  struct error *e) {
    struct gate_opening_key key = gate_opening_key(log_number, index);
    str about = str_of(key.at, sizeof key.at), sealed, plain;
    bool found;
    TRY(engine_view_get(view, ENGINE_OPENING, about, arena, &sealed, &found, e));
    if (!found)
        return error_set(e, FAIL_NOT_FOUND,
                         "entry %llu has no opening: it hides nothing, or was redacted",
                         (unsigned long long)index);
    TRY(seal_record_open(gate->keys, about, sealed, arena, &plain, e));
    return evidence_opening_decode(plain, out, e);
}
