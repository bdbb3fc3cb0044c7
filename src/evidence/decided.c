/* The field "facts" for a person: a decision's bytes read without the rulebook, so that whoever holds a
 * proof sees on what it was decided, and who said so.
 * Source: docs/formats/decision.md. */
#include "evidence/evidence.h"

enum {
    VERSION = 1,
    DIGEST_ONLY = 2,   /* instead of a version: only the digest of the bytes is kept */
    JOINED_DEPTH = 8,  /* decisions of several datasets, one within the other */
    NESTED_DEPTH = 16, /* records within lists within records */
};
enum { UNKNOWN, WITHHELD, TEXT, SET, NUMBER, YES_NO, DATE, DURATION, RECORD, LIST, KIND_COUNT };

struct decided {
    struct unpack u;
    struct text line;
    bool bad; /* a number that stands for nothing */
    void (*each)(void *self, const char *name, str text);
    void *self;
};

static void line_give(struct decided *d, const char *name) {
    d->each(d->self, name, text_str(&d->line));
    d->line.len = 0;
    d->line.overflow = false;
}

/* A count of things that each take a byte or more: more than there are bytes is none. */
static uint32_t count_take(struct decided *d) {
    uint32_t count = unpack_u32(&d->u);
    if (count <= d->u.rest.len) return count;
    d->bad = true;
    return 0;
}

static void plain_add(struct decided *d, str text) {
    evidence_value_write(EVIDENCE_DETAIL, text, &d->line);
}

/* ---- values ---- */

static void number_add(struct decided *d, int64_t thousandths) {
    uint64_t size = thousandths < 0 ? 0 - (uint64_t)thousandths : (uint64_t)thousandths;
    if (thousandths == INT64_MAX || thousandths == INT64_MIN) {
        text_add_c(&d->line, thousandths > 0 ? "unbounded" : "-unbounded");
        return;
    }
    if (thousandths < 0) text_add_char(&d->line, '-');
    text_format(&d->line, "%llu", (unsigned long long)(size / 1000));
    if (size % 1000 == 0) return;
    text_format(&d->line, ".%03u", (unsigned)(size % 1000));
    while (d->line.len > 0 && d->line.at[d->line.len - 1] == '0') d->line.len--;
}

static void interval_add(struct decided *d, bool is_spelt) {
    static const char *const units[] = {"", " %", " m", " W", " persons", " bytes"};
    int64_t low = unpack_i64(&d->u), high = unpack_i64(&d->u);
    uint8_t unit = unpack_u8(&d->u);
    d->bad = d->bad || unit >= COUNT_OF(units);
    if (is_spelt || d->bad) return;
    number_add(d, low);
    if (high != low) {
        text_add_c(&d->line, " to ");
        number_add(d, high);
    }
    text_add_c(&d->line, units[unit]);
}

static void date_add(struct decided *d, bool is_spelt) {
    char when[CLOCK_TEXT_BYTES];
    int64_t wall_ns = unpack_i64(&d->u);
    if (!is_spelt) text_add(&d->line, str_of(when, clock_iso_s_write(wall_ns, when)));
}

static void duration_add(struct decided *d, bool is_spelt) {
    int64_t months = unpack_i64(&d->u), ns = unpack_i64(&d->u);
    if (is_spelt) return;
    if (months != 0) text_format(&d->line, "%lld months", (long long)months);
    if (months != 0 && ns != 0) text_add_c(&d->line, " ");
    if (ns != 0 || months == 0) text_format(&d->line, "%lld s", (long long)(ns / NS_PER_S));
}

static void set_add(struct decided *d, bool open) {
    uint32_t count = count_take(d);
    text_add_char(&d->line, '[');
    for (uint32_t i = 0; i < count && !d->u.broken; i++) {
        if (i > 0) text_add_c(&d->line, ", ");
        plain_add(d, unpack_str(&d->u));
    }
    text_add_c(&d->line, open ? ", …]" : "]");
}

struct said {
    uint8_t by;
    str source;
};
static struct said value_add(struct decided *d, unsigned depth);

static void record_add(struct decided *d, unsigned depth) {
    uint32_t count = count_take(d);
    text_add_char(&d->line, '{');
    for (uint32_t i = 0; i < count && !d->u.broken && !d->bad; i++) {
        if (i > 0) text_add_c(&d->line, ", ");
        plain_add(d, unpack_str(&d->u));
        text_add_c(&d->line, ": ");
        value_add(d, depth + 1);
    }
    text_add_char(&d->line, '}');
}

static void records_add(struct decided *d, bool is_list, bool open, unsigned depth) {
    uint32_t count = count_take(d);
    if (is_list) text_add_char(&d->line, '[');
    for (uint32_t i = 0; i < count && !d->u.broken && !d->bad; i++) {
        if (i > 0) text_add_c(&d->line, ", ");
        record_add(d, depth);
    }
    if (is_list) text_add_c(&d->line, open ? ", …]" : "]");
}

static struct said value_add(struct decided *d, unsigned depth) {
    uint8_t kind = unpack_u8(&d->u);
    struct said said = {.by = unpack_u8(&d->u)};
    bool open = unpack_u8(&d->u) != 0;
    for (int i = 0; i < 3; i++) unpack_i64(&d->u); /* since, until, as of */
    said.source = unpack_str(&d->u);
    str spelling = unpack_str(&d->u);
    bool is_spelt = spelling.len > 0 && kind >= NUMBER && kind <= DURATION && kind != YES_NO;
    if (kind >= KIND_COUNT || depth == NESTED_DEPTH) d->bad = true;
    if (d->bad) return said;
    if (is_spelt || kind == TEXT) plain_add(d, spelling);
    switch (kind) {
    case UNKNOWN: text_add_c(&d->line, "unknown"); break;
    case WITHHELD: text_add_c(&d->line, "withheld"); break;
    case SET: set_add(d, open); break;
    case NUMBER: interval_add(d, is_spelt); break;
    case YES_NO: text_add_c(&d->line, unpack_u8(&d->u) != 0 ? "true" : "false"); break;
    case DATE: date_add(d, is_spelt); break;
    case DURATION: duration_add(d, is_spelt); break;
    case RECORD: records_add(d, false, open, depth); break;
    case LIST: records_add(d, true, open, depth); break;
    default: break;
    }
    return said;
}

/* ---- a decision ---- */

static void about_give(struct decided *d) {
    static const char *const names[] = {"operator", "dataset", "site"};
    unpack_str(&d->u); /* the act, which the entry says */
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        str id = unpack_str(&d->u);
        if (id.len == 0) continue;
        if (d->line.len > 0) text_add_c(&d->line, ", ");
        text_format(&d->line, "%s ", names[i]);
        plain_add(d, id);
    }
    if (d->line.len > 0) line_give(d, "decided about");
}

static void clauses_skip(struct decided *d) {
    uint32_t count = count_take(d);
    for (uint32_t i = 0; i < count && !d->u.broken; i++) { /* the entry names them */
        unpack_str(&d->u);
        unpack_str(&d->u);
        unpack_u8(&d->u);
    }
}

static void periods_skip(struct decided *d) {
    uint32_t count = count_take(d);
    for (uint32_t i = 0; i < count && !d->u.broken; i++) {
        unpack_u8(&d->u);
        unpack_i64(&d->u);
        unpack_i64(&d->u);
        unpack_u32(&d->u);
        unpack_str(&d->u);
    }
}

static void obligation_give(struct decided *d) {
    static const char *const kinds[] = {"encrypt",       "keys_in",      "copies",    "distance_km",
                                        "keep_at_least", "keep_at_most", "approvals", "record",
                                        "return",        "begin"};
    uint8_t kind = unpack_u8(&d->u);
    if (kind >= COUNT_OF(kinds)) {
        d->bad = true;
        return;
    }
    text_add_c(&d->line, kinds[kind]);
    bool at_once = unpack_u8(&d->u) != 0, is_asked = unpack_u8(&d->u) != 0;
    periods_skip(d); /* within */
    uint64_t number = unpack_u64(&d->u);
    if (number != 0) text_format(&d->line, " %llu", (unsigned long long)number);
    uint32_t words = count_take(d);
    for (uint32_t i = 0; i < words && !d->u.broken; i++) {
        text_add_char(&d->line, ' ');
        plain_add(d, unpack_str(&d->u));
    }
    periods_skip(d); /* length */
    unpack_str(&d->u);
    unpack_u8(&d->u);
    unpack_u8(&d->u);
    unpack_str(&d->u);
    text_add_c(&d->line, at_once ? ", at once" : ", in time");
    if (is_asked) text_add_c(&d->line, ", asked for only");
    if (!d->u.broken) line_give(d, "obligation");
}

static void fact_give(struct decided *d) {
    static const char *const sayers[] = {"",          "declared", "document",
                                         "inspected", "measured", "computed"};
    digest commitment;
    plain_add(d, unpack_str(&d->u));
    if (unpack_u8(&d->u) != 0) {
        unpack_raw(&d->u, commitment.at, sizeof commitment.at);
        text_add_c(&d->line, " is held as a commitment only");
    } else {
        text_add_c(&d->line, " is ");
        struct said said = value_add(d, 0);
        d->bad = d->bad || said.by >= COUNT_OF(sayers);
        if (d->bad) return;
        if (said.by != 0) text_format(&d->line, ", %s", sayers[said.by]);
        if (said.source.len > 0) text_add_c(&d->line, " by ");
        plain_add(d, said.source);
    }
    if (!d->u.broken) line_give(d, "fact");
}

static void digest_give(struct decided *d) {
    digest sum;
    char hex[2 * DIGEST_BYTES];
    unpack_raw(&d->u, sum.at, sizeof sum.at);
    hex_write(sum.at, sizeof sum.at, hex);
    text_format(&d->line, "too many to be kept: SHA-256 %.*s", (int)sizeof hex, hex);
    if (!d->u.broken) line_give(d, "facts");
}

static enum error_code one_tell(struct decided *d, str bytes, struct error *e) {
    digest rules;
    d->u = unpack_from(bytes);
    uint8_t version = unpack_u8(&d->u);
    if (version == DIGEST_ONLY) {
        digest_give(d);
        return unpack_done(&d->u, "a decision's digest", e);
    }
    if (version != VERSION)
        return error_set(e, FAIL_VERSION, "a decision of format %u; this program reads %d", version,
                         VERSION);
    unpack_raw(&d->u, rules.at, sizeof rules.at); /* the entry says them */
    unpack_u32(&d->u);
    about_give(d);
    unpack_u8(&d->u); /* the effect, which the entry says */
    clauses_skip(d);
    uint32_t obligations = count_take(d);
    for (uint32_t i = 0; i < obligations && !d->u.broken && !d->bad; i++) obligation_give(d);
    uint32_t facts = count_take(d);
    for (uint32_t i = 0; i < facts && !d->u.broken && !d->bad; i++) fact_give(d);
    if (d->bad)
        return error_set(e, FAIL_CORRUPT, "a decision holds a number that stands for nothing");
    return unpack_done(&d->u, "a decision", e);
}

static enum error_code tell(struct decided *d, str bytes, unsigned depth, struct error *e) {
    /* A version is never 0, and the length of what is joined is below 2^24: the first byte tells. */
    if (bytes.len == 0 || bytes.at[0] != 0) return one_tell(d, bytes, e);
    struct unpack u = unpack_from(bytes);
    str a = unpack_str(&u), b = unpack_str(&u);
    TRY(unpack_done(&u, "joined decisions", e));
    if (depth == JOINED_DEPTH) return error_set(e, FAIL_CORRUPT, "decisions joined too often");
    TRY(tell(d, a, depth + 1, e));
    return tell(d, b, depth + 1, e);
}

enum error_code evidence_facts_tell(str facts, struct text line,
                                    void (*each)(void *self, const char *name, str text),
                                    void *self, struct error *e) {
    struct decided d = {.line = line, .each = each, .self = self};
    return tell(&d, facts, 0, e);
}
