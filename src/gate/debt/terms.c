/* The terms of a debt: what is owed, by when and by which clause, as bytes and as text. */
#include "gate/debt/debt.h"

enum { TERMS_BYTES = 16384, WORDS_MAX = 512, PERIODS_MAX = 16 };

static void periods_pack(struct pack *p, const struct rulebook_periods *periods) {
    pack_u32(p, (uint32_t)periods->count);
    for (size_t i = 0; i < periods->count; i++) {
        const struct rulebook_period *one = &periods->at[i];
        pack_u8(p, (uint8_t)one->kind);
        pack_i64(p, one->length.months);
        pack_i64(p, one->length.ns);
        pack_i64(p, one->zone_ns);
        pack_u32(p, one->days);
        pack_str(p, one->calendar);
    }
}

static enum error_code periods_unpack(struct unpack *u, struct arena *arena,
                                      struct rulebook_periods *out, struct error *e) {
    uint32_t count = unpack_u32(u);
    if (count > PERIODS_MAX) u->broken = true;
    if (u->broken) count = 0;
    struct rulebook_period *at = arena_new(arena, struct rulebook_period, count);
    if (at == NULL) return error_set(e, FAIL_MEMORY, "no room for a debt's periods");
    for (uint32_t i = 0; i < count; i++) {
        at[i].kind = unpack_u8(u);
        at[i].length.months = unpack_i64(u);
        at[i].length.ns = unpack_i64(u);
        at[i].zone_ns = unpack_i64(u);
        at[i].days = unpack_u32(u);
        at[i].calendar = unpack_str(u);
        if (at[i].kind > RULEBOOK_PERIOD_NO_NUMBER) u->broken = true;
    }
    *out = (struct rulebook_periods){at, count};
    return OK;
}

/* Kinds whose own periods say when they are due; the others are due `within`. */
static bool is_from_start(enum rulebook_obligation_kind kind) {
    return kind == RULEBOOK_OBLIGE_KEEP_AT_MOST || kind == RULEBOOK_OBLIGE_RETURN ||
           kind == RULEBOOK_OBLIGE_BEGIN;
}

enum error_code debt_new_pack(struct pack *p, const struct rulebook_obligation *o,
                              const struct gate_dataset *dataset, const struct debt_new *new,
                              struct arena scratch, struct error *e) {
    struct pack terms = pack_into(arena_bytes(&scratch, TERMS_BYTES), TERMS_BYTES);
    bool from_start = is_from_start(o->kind);
    str clause = STR_EMPTY, bytes;
    if (terms.at == NULL) return error_set(e, FAIL_MEMORY, "no room for a debt");
    if (o->clause != NULL)
        TRY(arena_format(&scratch, &clause, e, "%.*s/%.*s", STR_FMT(o->clause->rulebook->name),
                         STR_FMT(o->clause->id)));
    pack_u8(&terms, 1);
    pack_u8(&terms, (uint8_t)o->kind);
    pack_u64(&terms, o->number);
    pack_u32(&terms, (uint32_t)o->word_count);
    for (size_t i = 0; i < o->word_count; i++) pack_str(&terms, o->words[i]);
    pack_u8(&terms, o->delete_here);
    pack_u8(&terms, from_start);
    pack_str(&terms, o->start);
    periods_pack(&terms, from_start ? &o->periods : &o->within);
    periods_pack(&terms, &o->periods);
    pack_str(&terms, o->shown_by);
    pack_str(&terms, clause);
    pack_str(&terms, dataset->id);
    pack_str(&terms, dataset->sector);
    pack_str(&terms, dataset->class_);
    TRY(pack_done(&terms, "what a debt is about", &bytes, e));
    pack_str(p, bytes);
    pack_u8(p, new->start_known);
    pack_i64(p, new->start_ns);
    pack_u8(p, new->is_done);
    return OK;
}

enum error_code debt_terms_read(str terms, struct arena *arena, struct debt_account *out,
                                struct error *e) {
    struct unpack u = unpack_from(terms);
    unsigned version = unpack_u8(&u);
    if (version != 1) return error_set(e, FAIL_VERSION, "a debt's terms have version %u", version);
    digest sum = sha256_of(terms);
    *out = (struct debt_account){.id = read_be64(sum.at), .terms = terms};
    out->kind = unpack_u8(&u);
    out->number = unpack_u64(&u);
    uint32_t count = unpack_u32(&u);
    if (out->kind > RULEBOOK_OBLIGE_BEGIN || count > WORDS_MAX) u.broken = true;
    if (u.broken) count = 0;
    str *words = arena_new(arena, str, count);
    if (words == NULL) return error_set(e, FAIL_MEMORY, "no room for a debt's words");
    for (uint32_t i = 0; i < count; i++) words[i] = unpack_str(&u);
    out->words = words;
    out->word_count = count;
    out->delete_here = unpack_u8(&u) != 0;
    out->from_start = unpack_u8(&u) != 0;
    out->start = unpack_str(&u);
    TRY(periods_unpack(&u, arena, &out->due, e));
    TRY(periods_unpack(&u, arena, &out->periods, e));
    str *texts[] = {&out->shown_by, &out->clause, &out->dataset, &out->sector, &out->class_};
    for (size_t i = 0; i < COUNT_OF(texts); i++) *texts[i] = unpack_str(&u);
    return unpack_done(&u, "a debt's terms", e);
}

static void periods_text(const struct rulebook_periods *periods, struct text *out) {
    for (size_t i = 0; i < periods->count; i++) {
        const struct rulebook_period *one = &periods->at[i];
        struct rulebook_value length = {.kind = RULEBOOK_DURATION, .duration = one->length};
        if (i > 0) text_add_c(out, " or ");
        switch (one->kind) {
        case RULEBOOK_PERIOD_LENGTH: rulebook_value_text(&length, out); break;
        case RULEBOOK_PERIOD_BUSINESS_DAYS:
            text_format(out, "%u business days %.*s", one->days, STR_FMT(one->calendar));
            break;
        case RULEBOOK_PERIOD_CALENDAR_DAYS:
            text_format(out, "%u calendar days %.*s", one->days, STR_FMT(one->calendar));
            break;
        case RULEBOOK_PERIOD_PROMPTLY: text_add_c(out, "promptly"); break;
        case RULEBOOK_PERIOD_NO_NUMBER: text_add_c(out, "no number in the text"); break;
        }
    }
}

void debt_terms_text(const struct debt_account *a, struct text *out) {
    text_add_c(out, rulebook_obligation_name(a->kind));
    if (a->number > 0) text_format(out, " %llu", (unsigned long long)a->number);
    if (a->periods.count > 0) {
        text_add_char(out, ' ');
        periods_text(&a->periods, out);
    }
    if (a->start.len > 0) text_format(out, " from %.*s", STR_FMT(a->start));
    for (size_t i = 0; i < a->word_count; i++) text_format(out, " %.*s", STR_FMT(a->words[i]));
    if (a->delete_here) text_add_c(out, " delete-here");
    if (a->clause.len > 0) text_format(out, " (%.*s)", STR_FMT(a->clause));
}
