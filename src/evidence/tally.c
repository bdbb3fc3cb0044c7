/* Counting entries: one table of (kind, code, effect) -> count, and beside it what codes mean. */
#include "evidence/evidence.h"

#include <stdlib.h>

struct evidence_tally_slot {
    uint64_t key; /* 0: empty */
    uint64_t count;
    str name; /* of a code: its text; of a rule set: its digest's bytes */
};

enum { SLOTS = 2 * EVIDENCE_TALLY_NAMES, KIND_OF_NAME = 0x40 };

static const char *const kind_names[] = {"type",   "decision", "act",  "sector", "class",
                                         "clause", "unknown",  "site", "rules"};
_Static_assert(COUNT_OF(kind_names) == EVIDENCE_TALLY_KINDS, "a name for each kind");
static const char *const decision_names[] = {"allow", "warn", "refuse"};
static const char *const effect_names[] = {"allow",    "warn",   "refuse",
                                           "excepted", "lifted", "broken"};
_Static_assert(COUNT_OF(effect_names) == EVIDENCE_EFFECT_COUNT, "a name for each effect");

const char *evidence_tally_name(enum evidence_tally_kind kind) {
    assert((unsigned)kind < EVIDENCE_TALLY_KINDS);
    return kind_names[kind];
}

const char *evidence_effect_name(unsigned effect) {
    effect &= ~(unsigned)EVIDENCE_EFFECT_UNKNOWN;
    assert(effect < EVIDENCE_EFFECT_COUNT);
    return effect_names[effect];
}

const char *evidence_decision_name(unsigned decision) {
    assert(decision < COUNT_OF(decision_names));
    return decision_names[decision];
}

enum error_code evidence_tally_open(struct evidence_tally *tally, struct arena *arena,
                                    struct error *e) {
    *tally = (struct evidence_tally){.arena = arena};
    tally->slots = arena_new(arena, struct evidence_tally_slot, SLOTS);
    return tally->slots != NULL ? OK : error_set(e, FAIL_MEMORY, "no room to count entries");
}

/* Kinds begin at 1 in a key, so that no key is 0. */
static uint64_t key_of(unsigned kind, unsigned effect, uint32_t code) {
    return (uint64_t)(kind + 1) << 56 | (uint64_t)(effect & 0xff) << 48 | code;
}

static size_t place_of(uint64_t key) {
    key *= 0x9e3779b97f4a7c15U; /* Fibonacci hashing: codes are small and dense */
    return (size_t)(key >> 40) % SLOTS;
}

/* The slot of the key; of a rule set also of that digest. An empty one: it is not there. */
static struct evidence_tally_slot *slot_find(const struct evidence_tally *tally, uint64_t key,
                                             str name) {
    size_t at = place_of(key);
    for (;; at = (at + 1) % SLOTS) {
        struct evidence_tally_slot *slot = &tally->slots[at];
        if (slot->key == 0) return slot;
        if (slot->key == key && (name.at == NULL || str_equal(slot->name, name))) return slot;
    }
}

static enum error_code slot_take(struct evidence_tally *tally, uint64_t key, str name,
                                 struct evidence_tally_slot **out, struct error *e) {
    struct evidence_tally_slot *slot = slot_find(tally, key, name);
    if (slot->key == 0) {
        if (tally->used == EVIDENCE_TALLY_NAMES)
            return error_set(e, FAIL_LIMIT, "over %d different names to count",
                             EVIDENCE_TALLY_NAMES);
        if (name.at != NULL) TRY(arena_copy(tally->arena, name, &slot->name, e));
        slot->key = key;
        tally->used++;
    }
    *out = slot;
    return OK;
}

enum error_code evidence_tally_learn(struct evidence_tally *tally,
                                     const struct evidence_entry *entry, struct error *e) {
    struct evidence_tally_slot *slot;
    if (entry->type != EVIDENCE_CODE_ROW) return OK;
    TRY(slot_take(tally, key_of(KIND_OF_NAME, entry->code_kind, entry->code), STR_EMPTY, &slot, e));
    if (slot->name.at == NULL) return arena_copy(tally->arena, entry->code_text, &slot->name, e);
    if (str_equal(slot->name, entry->code_text)) return OK;
    return error_set(e, FAIL_CORRUPT, "%s %u is \"%.*s\" and \"%.*s\"",
                     evidence_code_kind_name(entry->code_kind), entry->code, STR_FMT(slot->name),
                     STR_FMT(entry->code_text));
}

/* ---- counting ---- */

static enum error_code one(struct evidence_tally *tally, enum evidence_tally_kind kind,
                           unsigned effect, uint32_t code, uint64_t times, struct error *e) {
    struct evidence_tally_slot *slot;
    TRY(slot_take(tally, key_of(kind, effect, code), STR_EMPTY, &slot, e));
    slot->count += times;
    return OK;
}

static enum error_code code_one(struct evidence_tally *tally, enum evidence_tally_kind kind,
                                uint32_t code, uint64_t times, struct error *e) {
    return code == 0 ? OK : one(tally, kind, 0, code, times, e);
}

static enum error_code decision_add(struct evidence_tally *tally,
                                    const struct evidence_entry *entry, uint64_t times,
                                    struct error *e) {
    TRY(one(tally, EVIDENCE_TALLY_DECISION, 0, (uint32_t)entry->decision, times, e));
    TRY(code_one(tally, EVIDENCE_TALLY_ACT, entry->act, times, e));
    TRY(code_one(tally, EVIDENCE_TALLY_SECTOR, entry->sector, times, e));
    TRY(code_one(tally, EVIDENCE_TALLY_CLASS, entry->data_class, times, e));
    for (size_t i = 0; i < entry->site_count; i++)
        TRY(code_one(tally, EVIDENCE_TALLY_SITE, entry->sites[i], times, e));
    for (size_t i = 0; i < entry->clause_count; i++) {
        const struct evidence_clause *c = &entry->clauses[i];
        unsigned effect = c->effect & ~(unsigned)EVIDENCE_EFFECT_UNKNOWN;
        TRY(one(tally, EVIDENCE_TALLY_CLAUSE, effect, c->code, times, e));
        if (c->effect & EVIDENCE_EFFECT_UNKNOWN)
            TRY(one(tally, EVIDENCE_TALLY_UNKNOWN, 0, c->code, times, e));
    }
    return OK;
}

enum error_code evidence_tally_add(struct evidence_tally *tally, const struct evidence_entry *entry,
                                   struct error *e) {
    unsigned parts = evidence_type_parts(entry->type);
    uint64_t times = entry->type == EVIDENCE_FOLD ? entry->span_count : 1;
    struct evidence_tally_slot *slot;
    TRY(one(tally, EVIDENCE_TALLY_TYPE, 0, (uint32_t)entry->type, 1, e));
    if (parts & EVIDENCE_RULES) {
        uint64_t key = key_of(EVIDENCE_TALLY_RULES, 0, read_be32(entry->rules.at));
        TRY(slot_take(tally, key, digest_str(&entry->rules), &slot, e));
        slot->count++;
    }
    return parts & EVIDENCE_DECISION ? decision_add(tally, entry, times, e) : OK;
}

/* ---- saying it ---- */

static enum error_code code_name(const struct evidence_tally *tally, enum evidence_code_kind kind,
                                 uint32_t code, str *out, struct error *e) {
    const struct evidence_tally_slot *slot =
        slot_find(tally, key_of(KIND_OF_NAME, kind, code), STR_EMPTY);
    *out = slot->name;
    if (slot->key != 0) return OK;
    return arena_format(tally->arena, out, e, "%s %u", evidence_code_kind_name(kind), code);
}

static enum error_code hex_name(const struct evidence_tally *tally, str bytes, str *out,
                                struct error *e) {
    char *hex = arena_bytes(tally->arena, 2 * DIGEST_BYTES);
    if (hex == NULL) return error_set(e, FAIL_MEMORY, "no room for counts");
    hex_write(bytes.at, bytes.len, hex);
    *out = str_of(hex, 2 * bytes.len);
    return OK;
}

static enum error_code row_name(const struct evidence_tally *tally,
                                const struct evidence_tally_slot *slot,
                                enum evidence_tally_kind kind, str *out, struct error *e) {
    uint32_t code = (uint32_t)slot->key;
    str clause;
    switch (kind) {
    case EVIDENCE_TALLY_TYPE:
        *out = str_from_c(evidence_type_name((enum evidence_type)code));
        return OK;
    case EVIDENCE_TALLY_DECISION: *out = str_from_c(evidence_decision_name(code)); return OK;
    case EVIDENCE_TALLY_ACT: return code_name(tally, EVIDENCE_CODE_ACT, code, out, e);
    case EVIDENCE_TALLY_SECTOR: return code_name(tally, EVIDENCE_CODE_SECTOR, code, out, e);
    case EVIDENCE_TALLY_CLASS: return code_name(tally, EVIDENCE_CODE_CLASS, code, out, e);
    case EVIDENCE_TALLY_SITE: return code_name(tally, EVIDENCE_CODE_SITE, code, out, e);
    case EVIDENCE_TALLY_UNKNOWN: return code_name(tally, EVIDENCE_CODE_CLAUSE, code, out, e);
    case EVIDENCE_TALLY_RULES: return hex_name(tally, slot->name, out, e);
    case EVIDENCE_TALLY_CLAUSE:
        TRY(code_name(tally, EVIDENCE_CODE_CLAUSE, code, &clause, e));
        return arena_format(tally->arena, out, e, "%.*s %s", STR_FMT(clause),
                            evidence_effect_name((unsigned)(slot->key >> 48) & 0xff));
    case EVIDENCE_TALLY_KINDS: break;
    }
    return error_set(e, FAIL_INTERNAL, "a count of no kind");
}

static int by_kind_and_name(const void *a, const void *b) {
    const struct evidence_tally_row *x = a, *y = b;
    if (x->kind != y->kind) return x->kind < y->kind ? -1 : 1;
    return str_compare(x->name, y->name);
}

enum error_code evidence_tally_rows(struct evidence_tally *tally,
                                    const struct evidence_tally_row **rows, size_t *count,
                                    struct error *e) {
    struct evidence_tally_row *out =
        arena_new(tally->arena, struct evidence_tally_row, tally->used);
    size_t n = 0;
    if (out == NULL) return error_set(e, FAIL_MEMORY, "no room for counts");
    for (size_t i = 0; i < SLOTS; i++) {
        const struct evidence_tally_slot *slot = &tally->slots[i];
        unsigned kind = (unsigned)(slot->key >> 56) - 1;
        if (slot->key == 0 || kind >= EVIDENCE_TALLY_KINDS) continue;
        out[n] = (struct evidence_tally_row){.kind = (enum evidence_tally_kind)kind,
                                             .count = slot->count};
        TRY(row_name(tally, slot, out[n].kind, &out[n].name, e));
        n++;
    }
    qsort(out, n, sizeof *out, by_kind_and_name);
    *rows = out;
    *count = n;
    return OK;
}
