/* A decision's bytes read back, so that it can be decided again: by the same rules to the same bytes,
 * or by others to see what they would have said. Goes by docs/formats/decision.md alone, as anybody's
 * reader would; canonical.c and pack.c write what is read here. */
#include "rulebook/rulebook.h"

#include "base/pack.h"

enum {
    DECISION_VERSION = 1,
    VALUE_DEPTH = 8,
    FACT_BYTES_LEAST = 4 + 1 + 32,
    CLAUSE_BYTES_LEAST = 4 + 4 + 1
};

struct reader {
    struct unpack u;
    struct arena arena;
    bool full;
};

static uint32_t count_read(struct reader *r, size_t least_bytes) {
    uint32_t count = unpack_u32(&r->u);
    if (count > r->u.rest.len / least_bytes) r->u.broken = true;
    return r->u.broken || r->full ? 0 : count;
}

static void value_read(struct reader *r, unsigned depth, struct rulebook_value *out);

static void records_read(struct reader *r, unsigned depth, struct rulebook_value *out) {
    uint32_t count = count_read(r, 4);
    struct rulebook_record *at = arena_new(&r->arena, struct rulebook_record, count);
    if (depth == VALUE_DEPTH) r->u.broken = true;
    if (at == NULL) r->full = true;
    if (out->kind == RULEBOOK_RECORD && count != 1) r->u.broken = true;
    for (uint32_t i = 0; i < count && !r->u.broken && !r->full; i++) {
        uint32_t fields = count_read(r, 4 + 35);
        struct rulebook_fact *facts = arena_new(&r->arena, struct rulebook_fact, fields);
        if (facts == NULL) r->full = true;
        for (uint32_t k = 0; k < fields && !r->u.broken && !r->full; k++) {
            facts[k].path = unpack_str(&r->u);
            value_read(r, depth + 1, &facts[k].value);
        }
        at[i] = (struct rulebook_record){facts, r->u.broken || r->full ? 0 : fields};
    }
    out->list.at = at;
    out->list.count = r->u.broken || r->full ? 0 : count;
}

static void set_read(struct reader *r, struct rulebook_value *out) {
    uint32_t count = count_read(r, 4);
    str *at = arena_new(&r->arena, str, count);
    if (at == NULL) r->full = true;
    for (uint32_t i = 0; i < count && !r->u.broken && !r->full; i++) at[i] = unpack_str(&r->u);
    out->set.at = at;
    out->set.count = r->u.broken || r->full ? 0 : count;
}

static void value_read(struct reader *r, unsigned depth, struct rulebook_value *out) {
    struct unpack *u = &r->u;
    *out = (struct rulebook_value){.kind = unpack_u8(u)};
    out->by = unpack_u8(u);
    out->open = unpack_u8(u) != 0;
    out->since_ns = unpack_i64(u);
    out->until_ns = unpack_i64(u);
    out->as_of_ns = unpack_i64(u);
    out->source = unpack_str(u);
    out->text = unpack_str(u);
    if (out->by > RULEBOOK_BY_COMPUTED) u->broken = true;
    switch (out->kind) {
    case RULEBOOK_UNKNOWN:
    case RULEBOOK_WITHHELD:
    case RULEBOOK_TEXT: return;
    case RULEBOOK_SET: set_read(r, out); return;
    case RULEBOOK_NUMBER:
        out->number.low = unpack_i64(u);
        out->number.high = unpack_i64(u);
        out->number.unit = unpack_u8(u);
        if (out->number.unit > RULEBOOK_UNIT_BYTES) u->broken = true;
        return;
    case RULEBOOK_YES_NO: out->yes = unpack_u8(u) != 0; return;
    case RULEBOOK_DATE: out->date_ns = unpack_i64(u); return;
    case RULEBOOK_DURATION:
        out->duration.months = unpack_i64(u);
        out->duration.ns = unpack_i64(u);
        return;
    case RULEBOOK_RECORD:
    case RULEBOOK_LIST: records_read(r, depth, out); return;
    }
    u->broken = true;
}

/* ---- what stands before the facts ---- */

static void periods_skip(struct unpack *u) {
    uint32_t count = unpack_u32(u);
    for (uint32_t i = 0; i < count && !u->broken; i++) {
        unpack_u8(u);
        unpack_i64(u);
        unpack_i64(u);
        unpack_u32(u);
        unpack_str(u);
    }
}

static void obligation_skip(struct unpack *u) {
    for (int i = 0; i < 3; i++) unpack_u8(u);
    periods_skip(u);
    unpack_u64(u);
    uint32_t words = unpack_u32(u);
    for (uint32_t i = 0; i < words && !u->broken; i++) unpack_str(u);
    periods_skip(u);
    unpack_str(u);
    unpack_u8(u);
    unpack_u8(u);
    unpack_str(u);
}

static void subject_read(struct reader *r, struct rulebook_recorded *out) {
    struct unpack *u = &r->u;
    unpack_raw(u, out->rules.at, sizeof out->rules.at);
    out->subject.about = unpack_u32(u);
    out->subject.act = unpack_str(u);
    out->subject.operator_id = unpack_str(u);
    out->subject.dataset_id = unpack_str(u);
    out->subject.site_id = unpack_str(u);
    uint8_t effect = unpack_u8(u);
    if (effect > RULEBOOK_REFUSE || out->subject.about >= 1u << RULEBOOK_ABOUT_COUNT)
        u->broken = true;
    out->effect = effect;
}

static void spoken_read(struct reader *r, struct rulebook_recorded *out) {
    uint32_t count = count_read(r, CLAUSE_BYTES_LEAST);
    struct rulebook_recorded_clause *clauses =
        arena_new(&r->arena, struct rulebook_recorded_clause, count);
    if (clauses == NULL) r->full = true;
    for (uint32_t i = 0; i < count && !r->u.broken && !r->full; i++) {
        clauses[i].rulebook = unpack_str(&r->u);
        clauses[i].clause = unpack_str(&r->u);
        uint8_t effect = unpack_u8(&r->u);
        if (effect > RULEBOOK_REFUSE) r->u.broken = true;
        clauses[i].effect = effect;
        out->clause_count++;
    }
    out->clauses = clauses;
}

static void owed_skip(struct unpack *u) {
    uint32_t obligations = unpack_u32(u);
    for (uint32_t i = 0; i < obligations && !u->broken; i++) obligation_skip(u);
}

/* ---- facts ---- */

static void facts_read(struct reader *r, struct rulebook_recorded *out) {
    uint32_t count = count_read(r, FACT_BYTES_LEAST);
    struct rulebook_fact *facts = arena_new(&r->arena, struct rulebook_fact, count);
    struct rulebook_hidden *hidden = arena_new(&r->arena, struct rulebook_hidden, count);
    if (facts == NULL || hidden == NULL) r->full = true;
    str before = STR_EMPTY;
    for (uint32_t i = 0; i < count && !r->u.broken && !r->full; i++) {
        str path = unpack_str(&r->u);
        if (i > 0 && str_compare(before, path) >= 0) r->u.broken = true;
        before = path;
        if (unpack_u8(&r->u) != 0) {
            struct rulebook_hidden *h = &hidden[out->hidden_count++];
            h->path = path;
            unpack_raw(&r->u, h->commitment.at, sizeof h->commitment.at);
            continue;
        }
        facts[out->facts.count].path = path;
        value_read(r, 0, &facts[out->facts.count++].value);
    }
    out->facts.at = facts;
    out->hidden = hidden;
}

enum error_code rulebook_recorded_read(str bytes, struct arena *arena,
                                       struct rulebook_recorded *out, struct error *e) {
    struct reader r = {.u = unpack_from(bytes), .arena = *arena};
    struct rulebook_recorded read = {0};
    unsigned version = unpack_u8(&r.u);
    if (!r.u.broken && version != DECISION_VERSION)
        return error_set(e, FAIL_VERSION, "a decision of format %u", version);
    subject_read(&r, &read);
    spoken_read(&r, &read);
    owed_skip(&r.u);
    facts_read(&r, &read);
    if (r.full) return error_set(e, FAIL_MEMORY, "no room for the facts of a decision");
    TRY(unpack_done(&r.u, "a decision", e));
    *arena = r.arena;
    *out = read;
    return OK;
}
