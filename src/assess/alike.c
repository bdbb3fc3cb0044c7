/* Subjects that are alike in all a group of clauses hangs on: found by a hash of just that, and what was
 * answered for one kept for the others. */
#include "assess/alike.h"

enum { CACHE_MOST = 1 << 17 };

/* ---- hashing what a group hangs on ---- */

static void mix(struct key *k, str bytes) {
    k->a = str_hash(bytes, k->a + 0x9e3779b97f4a7c15u);
    k->b = str_hash(bytes, k->b ^ 0xc2b2ae3d27d4eb4fu);
}
static void mix_u64(struct key *k, uint64_t n) {
    mix(k, str_of(&n, sizeof n));
}

static void mix_value(struct key *k, const struct register_value *v, int64_t at_ns);

static void mix_record(struct key *k, const struct register_record *record, int64_t at_ns) {
    mix_u64(k, record->count);
    mix_u64(k, (uint64_t)(record->valid_from_ns <= at_ns) << 1 |
                   (uint64_t)(at_ns < record->valid_until_ns));
    for (size_t i = 0; i < record->count; i++) {
        mix(k, record->values[i].name);
        mix_value(k, &record->values[i], at_ns);
    }
}

/* Whether it counts, and as whose word. */
static uint64_t standing(const struct register_value *v, int64_t at_ns) {
    bool is_empty = v->field->shape != REGISTER_ONE && v->count == 0 && !v->is_complete;
    return (uint64_t)v->state | (uint64_t)v->by << 4 | (uint64_t)(at_ns < v->since_ns) << 8 |
           (uint64_t)(at_ns >= v->until_ns) << 9 | (uint64_t)is_empty << 10;
}

static void mix_value(struct key *k, const struct register_value *v, int64_t at_ns) {
    mix_u64(k, standing(v, at_ns));
    mix(k, v->text);
    mix_u64(k, v->count << 1 | v->is_complete);
    if (v->texts != NULL)
        for (size_t i = 0; i < v->count; i++) mix(k, v->texts[i]);
    size_t records = v->records == NULL ? 0 : v->field->shape == REGISTER_RECORDS ? v->count : 1;
    for (size_t i = 0; i < records; i++) mix_record(k, &v->records[i], at_ns);
}

static bool hangs_so(const struct mask *all, size_t position, unsigned how) {
    return (all->by[position] >> how & 1) != 0;
}

void row_keys_make(const struct assess_work *w, const struct mask *all,
                   const struct register_row *row, struct row_keys *out) {
    const struct register_field *fields = register_kind_of(row->kind)->fields;
    int64_t at_ns = w->options.at_ns;
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < row->fields.count; i++) {
        const struct register_value *v = &row->fields.values[i];
        size_t position = (size_t)(v->field - fields); /* of the kind's own table */
        if (position >= FIELD_MOST || all->by[position] <= 1) continue;
        bool is_named = hangs_so(all, position, HANGS_NAMED);
        out->known[position] = standing(v, at_ns) + 1;
        if (is_named) out->is_named[position] = v->text.len > 0 && named_has(&w->named, v->text);
        if (is_named || hangs_so(all, position, HANGS_VALUE))
            mix_value(&out->value[position], v, at_ns);
    }
    if (all->by[FIELD_MOST] <= 1) return;
    out->is_named[FIELD_MOST] = named_has(&w->named, row->id);
    mix(&out->value[FIELD_MOST], row->id);
}

/* Keys are hashes already: multiplying and folding joins them well enough for 128 bits. */
static void join(struct key *k, uint64_t a, uint64_t b) {
    k->a = (k->a ^ a) * 0x9e3779b97f4a7c15u;
    k->b = (k->b ^ b) * 0xc2b2ae3d27d4eb4fu;
    k->a ^= k->a >> 31;
    k->b ^= k->b >> 29;
}

struct key group_key(const struct mask *mask, const struct row_keys *keys) {
    struct key k = {1, 2};
    for (size_t i = 0; i < mask->used_count; i++) {
        size_t at = mask->used[i];
        bool is_value =
            mask->by[at] == HANGS_VALUE || (mask->by[at] == HANGS_NAMED && keys->is_named[at]);
        if (is_value)
            join(&k, keys->value[at].a, keys->value[at].b);
        else
            join(&k, keys->known[at], ~keys->known[at]);
    }
    if (k.a == 0 && k.b == 0) k.a = 1;
    return k;
}

/* ---- caches ---- */

size_t cache_slot(const struct cache *c, struct key key) {
    size_t at = (size_t)key.a & (c->slots - 1);
    while ((c->keys[at].a != 0 || c->keys[at].b != 0) &&
           (c->keys[at].a != key.a || c->keys[at].b != key.b))
        at = (at + 1) & (c->slots - 1);
    return at;
}

bool cache_open(struct cache *c, size_t slots, size_t members, struct arena *arena) {
    c->keys = arena_new(arena, struct key, slots);
    c->verdicts = (unsigned char *)arena_bytes(arena, slots * members);
    c->slots = slots;
    c->used = 0;
    return c->keys != NULL && c->verdicts != NULL;
}

void cache_put(struct cache *c, struct key key, const unsigned char *verdicts, size_t members,
               struct arena *arena) {
    if (c->used * 2 >= c->slots) {
        struct cache larger;
        if (c->slots == CACHE_MOST || !cache_open(&larger, c->slots * 2, members, arena)) return;
        for (size_t i = 0; i < c->slots; i++)
            if (c->keys[i].a != 0 || c->keys[i].b != 0)
                cache_put(&larger, c->keys[i], c->verdicts + i * members, members, arena);
        *c = larger;
    }
    size_t at = cache_slot(c, key);
    c->keys[at] = key;
    memcpy(c->verdicts + at * members, verdicts, members);
    c->used++;
}
