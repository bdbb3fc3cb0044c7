/* A decision's bytes read back: what `why` shows of the facts. The writer is rulebook's; this reader
 * goes by docs/formats/decision.md alone, as anybody's would. */
#include "gate/decision.h"

#include "rulebook/rulebook.h"

enum { DECISION_VERSION = 1, VALUE_DEPTH = 8, JOINED_DEPTH = 8 };

struct reader {
    struct unpack u;
    struct arena arena;
};

static uint32_t count_read(struct reader *r, size_t least_bytes) {
    uint32_t count = unpack_u32(&r->u);
    if (count > r->u.rest.len / least_bytes) r->u.broken = true;
    return r->u.broken ? 0 : count;
}

static void value_read(struct reader *r, unsigned depth, struct rulebook_value *out);

static void records_read(struct reader *r, unsigned depth, struct rulebook_value *out) {
    uint32_t count = count_read(r, 4);
    struct rulebook_record *at = arena_new(&r->arena, struct rulebook_record, count);
    if (at == NULL || depth == VALUE_DEPTH) r->u.broken = true;
    if (out->kind == RULEBOOK_RECORD && count != 1) r->u.broken = true;
    for (uint32_t i = 0; i < count && !r->u.broken; i++) {
        uint32_t fields = count_read(r, 4 + 35);
        struct rulebook_fact *facts = arena_new(&r->arena, struct rulebook_fact, fields);
        if (facts == NULL) r->u.broken = true;
        for (uint32_t k = 0; k < fields && !r->u.broken; k++) {
            facts[k].path = unpack_str(&r->u);
            value_read(r, depth + 1, &facts[k].value);
        }
        at[i] = (struct rulebook_record){facts, r->u.broken ? 0 : fields};
    }
    out->list.at = at;
    out->list.count = r->u.broken ? 0 : count;
}

static void set_read(struct reader *r, struct rulebook_value *out) {
    uint32_t count = count_read(r, 4);
    str *at = arena_new(&r->arena, str, count);
    if (at == NULL) r->u.broken = true;
    for (uint32_t i = 0; i < count && !r->u.broken; i++) at[i] = unpack_str(&r->u);
    out->set.at = at;
    out->set.count = r->u.broken ? 0 : count;
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

static void before_facts_skip(struct unpack *u) {
    digest rules;
    unpack_raw(u, rules.at, sizeof rules.at);
    unpack_u32(u);
    for (int i = 0; i < 4; i++) unpack_str(u);
    unpack_u8(u);
    uint32_t clauses = unpack_u32(u);
    for (uint32_t i = 0; i < clauses && !u->broken; i++) {
        unpack_str(u);
        unpack_str(u);
        unpack_u8(u);
    }
    uint32_t obligations = unpack_u32(u);
    for (uint32_t i = 0; i < obligations && !u->broken; i++) obligation_skip(u);
}

/* ---- telling ---- */

static void fact_tell(str path, const struct rulebook_value *value, struct text *out) {
    text_format(out, "fact      %.*s is ", STR_FMT(path));
    rulebook_value_text(value, out);
    if (value->by != RULEBOOK_BY_NOBODY) text_format(out, ", %s", rulebook_by_name(value->by));
    if (value->source.len > 0) text_format(out, " by %.*s", STR_FMT(value->source));
    text_add_char(out, '\n');
}

static enum error_code one_tell(str bytes, struct arena arena, struct text *out, struct error *e) {
    struct reader r = {unpack_from(bytes), arena};
    unsigned version = unpack_u8(&r.u);
    if (version == GATE_DECISION_DIGEST) {
        digest sum;
        char hex[2 * DIGEST_BYTES];
        unpack_raw(&r.u, sum.at, sizeof sum.at);
        hex_write(sum.at, sizeof sum.at, hex);
        text_format(out, "facts     too many to be kept: SHA-256 %.*s\n", (int)sizeof hex, hex);
        return unpack_done(&r.u, "a decision's digest", e);
    }
    if (version != DECISION_VERSION)
        return error_set(e, FAIL_VERSION, "a decision of format %u", version);
    before_facts_skip(&r.u);
    uint32_t count = unpack_u32(&r.u);
    for (uint32_t i = 0; i < count && !r.u.broken; i++) {
        str path = unpack_str(&r.u);
        if (unpack_u8(&r.u) != 0) {
            digest commitment;
            unpack_raw(&r.u, commitment.at, sizeof commitment.at);
            text_format(out, "fact      %.*s is held as a commitment only\n", STR_FMT(path));
            continue;
        }
        struct rulebook_value value;
        r.arena = arena;
        value_read(&r, 0, &value);
        if (!r.u.broken) fact_tell(path, &value, out);
    }
    return unpack_done(&r.u, "a decision", e);
}

static enum error_code tell(str bytes, unsigned depth, struct arena arena, struct text *out,
                            struct error *e) {
    /* A version is never 0, and the length of what is joined is below 2^24: the first byte tells. */
    if (bytes.len == 0 || bytes.at[0] != 0) return one_tell(bytes, arena, out, e);
    struct unpack u = unpack_from(bytes);
    str a = unpack_str(&u), b = unpack_str(&u);
    TRY(unpack_done(&u, "joined decisions", e));
    if (depth == JOINED_DEPTH) return error_set(e, FAIL_CORRUPT, "decisions joined too often");
    TRY(tell(a, depth + 1, arena, out, e));
    return tell(b, depth + 1, arena, out, e);
}

enum error_code gate_decision_tell(str bytes, struct arena arena, struct text *out,
                                   struct error *e) {
    return tell(bytes, 0, arena, out, e);
}
