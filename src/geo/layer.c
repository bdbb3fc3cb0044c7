/* Spans that lie inside one another, flattened to cuts by one sweep with a stack. */
#include "geo/layer.h"

#include <stdlib.h>

struct geo_address geo_key_address(geo_key key, unsigned len) {
    struct geo_address address = {.len = len};
    for (unsigned i = len; i-- > 0; key >>= 8) address.at[i] = (unsigned char)key;
    return address;
}

struct geo_span geo_span_of(const struct geo_network *network, uint32_t value, uint32_t rank) {
    unsigned left = network->base.len * 8 - network->bits;
    geo_key first = geo_key_of(&network->base);
    geo_key inside = left == 128 ? ~(geo_key)0 : ((geo_key)1 << left) - 1;
    return (struct geo_span){first, first | inside, value, rank};
}

/* Outer before inner; of two alike the more believed first. */
static int span_compare(const void *a_, const void *b_) {
    const struct geo_span *a = a_, *b = b_;
    if (a->first != b->first) return a->first < b->first ? -1 : 1;
    if (a->last != b->last) return a->last > b->last ? -1 : 1;
    return a->rank < b->rank ? -1 : a->rank > b->rank;
}

struct sweep {
    struct geo_cut *cuts;
    size_t count;
    const struct geo_span *open[129]; /* one a prefix length at most */
    unsigned depth;
    geo_key max;
};

static void cut_add(struct sweep *s, geo_key start, uint32_t value) {
    if (s->cuts[s->count - 1].start == start) s->count--;
    if (s->count > 0 && s->cuts[s->count - 1].value == value) return;
    s->cuts[s->count++] = (struct geo_cut){start, value};
}

static void span_close(struct sweep *s) {
    geo_key last = s->open[--s->depth]->last;
    if (last < s->max) cut_add(s, last + 1, s->depth > 0 ? s->open[s->depth - 1]->value : 0);
}

enum error_code geo_layer_build(struct geo_span *spans, size_t count, unsigned len,
                                struct arena *arena, struct geo_layer *out, struct error *e) {
    struct sweep s = {.max = geo_key_max(len)};
    s.cuts = arena_new(arena, struct geo_cut, 2 * count + 1);
    if (s.cuts == NULL) return error_set(e, FAIL_MEMORY, "no room for %zu networks", count);
    if (count > 0) qsort(spans, count, sizeof *spans, span_compare);
    s.cuts[s.count++] = (struct geo_cut){0, 0};
    for (size_t i = 0; i < count; i++) {
        const struct geo_span *span = &spans[i];
        while (s.depth > 0 && s.open[s.depth - 1]->last < span->first) span_close(&s);
        const struct geo_span *outer = s.depth > 0 ? s.open[s.depth - 1] : NULL;
        if (outer != NULL && outer->first == span->first && outer->last == span->last) continue;
        assert(outer == NULL || span->last <= outer->last);
        assert(s.depth < COUNT_OF(s.open));
        s.open[s.depth++] = span;
        cut_add(&s, span->first, span->value);
    }
    while (s.depth > 0) span_close(&s);
    *out = (struct geo_layer){s.cuts, s.count};
    return OK;
}
