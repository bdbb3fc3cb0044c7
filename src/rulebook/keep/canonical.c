/* Bytes that name a decision. The same one gives the same bytes, whatever order its parts came in. Format: docs/formats/decision.md. */
#include "rulebook/decide/decision.h"

enum error_code rulebook_decision_facts(const struct rulebook_decision *decision,
                                        struct arena *arena, struct arena scratch,
                                        const struct rulebook_reading **out, size_t *count,
                                        struct error *e) {
    if (decision->table != NULL)
        return table_facts(decision->table, decision, arena, scratch, out, count, e);
    return decision_readings(decision, NULL, arena, scratch, out, count, e);
}

enum { CANONICAL_VERSION = 1 };

static void pack_periods(const struct rulebook_periods *periods, struct pack *p) {
    pack_u32(p, (uint32_t)periods->count);
    for (size_t i = 0; i < periods->count; i++) {
        const struct rulebook_period *period = &periods->at[i];
        pack_u8(p, (uint8_t)period->kind);
        pack_i64(p, period->length.months);
        pack_i64(p, period->length.ns);
        pack_u32(p, period->days);
        pack_str(p, period->calendar);
    }
}

static void pack_obligation(const struct rulebook_obligation *o, struct pack *p) {
    pack_u8(p, (uint8_t)o->kind);
    pack_u8(p, o->by_ack);
    pack_u8(p, o->asked);
    pack_periods(&o->within, p);
    pack_u64(p, o->number);
    pack_u32(p, (uint32_t)o->word_count);
    for (size_t i = 0; i < o->word_count; i++) pack_str(p, o->words[i]);
    pack_periods(&o->periods, p);
    pack_str(p, o->start);
    pack_u8(p, o->delete_here);
    pack_u8(p, o->other_copies);
    pack_str(p, o->shown_by);
}

static const struct rulebook_hidden *find_hidden(const struct rulebook_hidden *hidden, size_t count,
                                                 str path) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_compare(hidden[middle].path, path);
        if (order == 0) return &hidden[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

enum error_code rulebook_decision_canonical(const struct rulebook_decision *d,
                                            const struct rulebook_hidden *hidden,
                                            size_t hidden_count, struct arena *arena,
                                            struct arena scratch, str *out, struct error *e) {
    const struct rulebook_spoke *const *order;
    const struct rulebook_reading *readings;
    size_t count, reading_count;
    TRY(decision_in_order(d, &scratch, &order, &count, e));
    struct arena left = scratch;
    struct arena half = arena_over(left.next, arena_left(&left) / 2);
    left.next = half.end;
    TRY(rulebook_decision_facts(d, &half, left, &readings, &reading_count, e));
    struct pack p = pack_into(arena->next, arena_left(arena));
    pack_u8(&p, CANONICAL_VERSION);
    pack_raw(&p, d->set->digest.at, DIGEST_BYTES);
    pack_u32(&p, d->subject.about);
    pack_str(&p, d->subject.act);
    pack_str(&p, d->subject.operator_id);
    pack_str(&p, d->subject.dataset_id);
    pack_str(&p, d->subject.site_id);
    pack_u8(&p, (uint8_t)d->effect);
    pack_u32(&p, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        pack_str(&p, order[i]->clause->rulebook->name);
        pack_str(&p, order[i]->clause->id);
        pack_u8(&p, (uint8_t)order[i]->effect);
    }
    pack_u32(&p, (uint32_t)d->obligation_count);
    for (size_t i = 0; i < d->obligation_count; i++) pack_obligation(&d->obligations[i], &p);
    pack_u32(&p, (uint32_t)reading_count);
    for (size_t i = 0; i < reading_count; i++) {
        const struct rulebook_hidden *h = find_hidden(hidden, hidden_count, readings[i].path);
        pack_str(&p, readings[i].path);
        pack_u8(&p, h != NULL);
        if (h != NULL)
            pack_raw(&p, h->commitment.at, DIGEST_BYTES);
        else
            value_pack(readings[i].value, &p);
    }
    if (p.overflow) return error_set(e, FAIL_MEMORY, "no room for a decision");
    arena->next += p.len;
    *out = str_of(p.at, p.len);
    return OK;
}
