/* Derived sets: who is in because of what it is, and who because of who owns it.
 *
 * Two least fixed points are computed together, who is surely in and who is possibly in, so that an
 * entity ends as in, out or open. Both only ever grow, a round looks at every entity once, and
 * chains of owners are short: rounds are few. Source: RULEBOOK 2 (derived), 28 CFR 202.211 (owned
 * 50 % or more, directly or indirectly, in the aggregate; by a tracker). */
#include <stdio.h>
#include <stdlib.h>

#include "base/numbers.h"
#include "rulebook/set/set.h"

#define WHOLE (100 * RULEBOOK_MILLI) /* per cent */

enum { NO_ROW = UINT32_MAX, FIELDS_MAX = 8 };

/* A holder of one entity. */
struct hold {
    uint32_t holder;              /* among the universe; NO_ROW: the register has none */
    bool has_seats;               /* the holding itself says where the holder sits, */
    enum rulebook_truth by_seats; /* which is in a plain set that the derived set spreads from */
    struct {
        int64_t low, high;
    } shares[FIELDS_MAX];
};
struct holders {
    struct hold *at;
    size_t count;
    bool is_open;
};

struct group {
    const struct rulebook *book;
    const struct derived *derived;
    const struct group **from; /* the derived sets it spreads from */
    size_t from_count;
    enum rulebook_truth *starts, *by_seats; /* of each entity, by its own row */
    bool *sure, *possible;
    struct holders *holders;
};

struct indexed {
    str id;
    uint32_t which;
};
struct spreading {
    const struct rulebook_universe *universe;
    struct group *groups;
    size_t group_count;
    struct indexed *ids; /* sorted by id */
    int64_t at_ns;
    struct arena arena; /* of the closure: nothing in it outlives the call */
    struct error *e;
};

static enum error_code no_room(struct spreading *s) {
    return error_set(s->e, FAIL_MEMORY, "no room for derived sets of %zu entities",
                     s->universe->count);
}

/* ---- who has which id ---- */

static int compare_ids(const void *a, const void *b) {
    return str_compare(((const struct indexed *)a)->id, ((const struct indexed *)b)->id);
}

static enum error_code ids_index(struct spreading *s) {
    size_t n = s->universe->count;
    s->ids = arena_new(&s->arena, struct indexed, n);
    if (s->ids == NULL) return no_room(s);
    for (size_t i = 0; i < n; i++)
        s->ids[i] = (struct indexed){s->universe->id(s->universe->self, i), (uint32_t)i};
    if (n > 0) qsort(s->ids, n, sizeof *s->ids, compare_ids);
    return OK;
}

static uint32_t entity_of(const struct spreading *s, const struct rulebook_value *id) {
    if (id == NULL || id->kind != RULEBOOK_TEXT || s->universe->count == 0) return NO_ROW;
    struct indexed key = {id->text, 0};
    const struct indexed *found =
        bsearch(&key, s->ids, s->universe->count, sizeof key, compare_ids);
    return found != NULL ? found->which : NO_ROW;
}

/* ---- what is known of one entity ---- */

static enum rulebook_truth any_start(const struct derived *d, const struct rulebook_facts *facts,
                                     int64_t at_ns) {
    struct evaluation ev = {.facts = facts, .now_ns = at_ns};
    enum rulebook_truth truth = RULEBOOK_FALSE;
    for (size_t i = 0; i < d->starts->part_count && truth != RULEBOOK_TRUE; i++)
        truth = truth_or(truth, condition_evaluate(&d->starts->parts[i], &ev));
    return truth;
}

/* Seats against the plain sets ($concern). */
static enum rulebook_truth in_plain_sets(const struct group *g,
                                         const struct rulebook_value *seats) {
    const struct rulebook_more *more = g->book->more;
    enum rulebook_truth truth = RULEBOOK_FALSE;
    for (size_t i = 0; i < g->derived->from_count; i++)
        for (size_t k = 0; k < more->set_count; k++)
            if (str_equal(g->derived->from[i], more->sets[k].name))
                truth = truth_or(truth, seats == NULL ? RULEBOOK_UNKNOWN_TRUTH
                                                      : value_compare(VALUE_INTERSECTS, seats,
                                                                      &more->sets[k].value));
    return truth;
}

static void shares_read(const struct derived *d, const struct rulebook_record *holder,
                        struct hold *h) {
    for (size_t f = 0; f < d->field_count && f < FIELDS_MAX; f++) {
        const struct rulebook_value *share = rulebook_record_find(holder, d->fields[f]);
        h->shares[f].low = 0;
        h->shares[f].high = WHOLE;
        if (share == NULL || share->kind != RULEBOOK_NUMBER) continue;
        h->shares[f].low = i64_max(0, share->number.low);
        h->shares[f].high = i64_min(WHOLE, share->number.high);
    }
}

static enum error_code holders_read(struct spreading *s, struct group *g,
                                    const struct rulebook_facts *facts, struct holders *out) {
    char path[128];
    int len = snprintf(path, sizeof path, "%.*s.%.*s", STR_FMT(g->derived->of),
                       STR_FMT(g->derived->over));
    const struct rulebook_value *list =
        len < (int)sizeof path ? rulebook_facts_find(facts, str_of(path, (size_t)len)) : NULL;
    out->is_open = true;
    if (list == NULL || list->kind != RULEBOOK_LIST) return OK;
    out->is_open = list->open;
    out->at = arena_new(&s->arena, struct hold, list->list.count);
    if (out->at == NULL) return no_room(s);
    for (size_t i = 0; i < list->list.count; i++) {
        const struct rulebook_record *holder = &list->list.at[i];
        struct hold *h = &out->at[out->count++];
        h->holder = entity_of(s, rulebook_record_find(holder, STR("entity")));
        const struct rulebook_value *seats = rulebook_record_find(holder, STR("seats"));
        h->has_seats = seats != NULL && value_is_known(seats);
        h->by_seats = in_plain_sets(g, seats);
        shares_read(g->derived, holder, h);
    }
    return OK;
}

static enum error_code entity_read(struct spreading *s, size_t i, struct arena scratch) {
    struct rulebook_facts facts;
    TRY(s->universe->facts(s->universe->self, i, &scratch, &facts, s->e));
    for (size_t k = 0; k < s->group_count; k++) {
        struct group *g = &s->groups[k];
        g->starts[i] = any_start(g->derived, &facts, s->at_ns);
        g->sure[i] = g->starts[i] == RULEBOOK_TRUE;
        g->possible[i] = g->starts[i] != RULEBOOK_FALSE;
        g->by_seats[i] = in_plain_sets(g, rulebook_facts_find(&facts, STR("entity.seats")));
        if (g->derived->field_count > 0) TRY(holders_read(s, g, &facts, &g->holders[i]));
    }
    return OK;
}

/* ---- spreading ---- */

/* Is the holder in what the set spreads from? Owners of owners count only where it says so. */
static enum rulebook_truth is_member(const struct group *g, const struct hold *h) {
    enum rulebook_truth truth = h->by_seats,
                        own = h->holder != NO_ROW ? g->by_seats[h->holder] : truth;
    if (!h->has_seats || own == RULEBOOK_TRUE) truth = own;
    for (size_t i = 0; i < g->from_count && truth != RULEBOOK_TRUE; i++) {
        const struct group *from = g->from[i];
        enum rulebook_truth in = RULEBOOK_UNKNOWN_TRUTH;
        if (h->holder != NO_ROW && !g->derived->indirect)
            in = from->starts[h->holder];
        else if (h->holder != NO_ROW)
            in = from->sure[h->holder]       ? RULEBOOK_TRUE
                 : from->possible[h->holder] ? RULEBOOK_UNKNOWN_TRUTH
                                             : RULEBOOK_FALSE;
        truth = truth_or(truth, in);
    }
    return truth;
}

/* What members hold together in one field, at least and at most. Shares that sum to more than the
 * whole contradict each other: then outsiders' shares take nothing off. */
static void together(const struct group *g, const struct holders *holders, size_t field,
                     int64_t *low, int64_t *high) {
    int64_t inside = 0, maybe = 0, outside = 0, all = 0;
    for (size_t i = 0; i < holders->count; i++) {
        const struct hold *h = &holders->at[i];
        all += h->shares[field].low;
        switch (is_member(g, h)) {
        case RULEBOOK_TRUE:
            inside += h->shares[field].low;
            maybe += h->shares[field].high;
            break;
        case RULEBOOK_UNKNOWN_TRUTH: maybe += h->shares[field].high; break;
        case RULEBOOK_FALSE: outside += h->shares[field].low; break;
        }
    }
    int64_t rest = all > WHOLE ? WHOLE : WHOLE - outside;
    *low = inside;
    *high = holders->is_open ? rest : i64_min(maybe, rest);
}

static bool spread_once(struct group *g, size_t count) {
    const struct derived *d = g->derived;
    bool grew = false;
    for (size_t i = 0; i < count; i++)
        for (size_t f = 0; f < d->field_count && !g->sure[i]; f++) {
            int64_t low, high, share = d->together_at_least.number.low;
            together(g, &g->holders[i], f, &low, &high);
            if (low >= share) g->sure[i] = grew = true;
            if (high >= share && !g->possible[i]) g->possible[i] = grew = true;
        }
    return grew;
}

static void spread(struct spreading *s) {
    for (bool grew = true; grew;) {
        grew = false;
        for (size_t k = 0; k < s->group_count; k++)
            grew |= spread_once(&s->groups[k], s->universe->count);
    }
}

/* ---- groups ---- */

static enum error_code group_open(struct spreading *s, struct group *g) {
    size_t n = s->universe->count;
    g->starts = arena_new(&s->arena, enum rulebook_truth, n);
    g->by_seats = arena_new(&s->arena, enum rulebook_truth, n);
    g->sure = arena_new(&s->arena, bool, n);
    g->possible = arena_new(&s->arena, bool, n);
    g->holders = arena_new(&s->arena, struct holders, n);
    g->from = arena_new(&s->arena, const struct group *, s->group_count);
    if (g->starts == NULL || g->by_seats == NULL || g->sure == NULL || g->possible == NULL ||
        g->holders == NULL || g->from == NULL)
        return no_room(s);
    for (size_t k = 0; k < s->group_count; k++) {
        const struct group *other = &s->groups[k];
        bool is_named = false;
        for (size_t i = 0; i < g->derived->from_count && other->book == g->book; i++)
            is_named |= str_equal(g->derived->from[i], other->derived->name);
        if (is_named) g->from[g->from_count++] = other;
    }
    return OK;
}

static enum error_code groups_open(struct spreading *s, const struct rulebook_set *set) {
    for (size_t i = 0; i < set->book_count; i++)
        s->group_count += set->books[i]->more->derived_count;
    s->groups = arena_new(&s->arena, struct group, s->group_count);
    if (s->groups == NULL) return no_room(s);
    size_t count = 0;
    for (size_t i = 0; i < set->book_count; i++)
        for (size_t k = 0; k < set->books[i]->more->derived_count; k++)
            s->groups[count++] =
                (struct group){.book = set->books[i], .derived = &set->books[i]->more->derived[k]};
    for (size_t i = 0; i < s->group_count; i++) TRY(group_open(s, &s->groups[i]));
    return OK;
}

/* ---- as facts ---- */

static enum error_code fact_of(struct spreading *s, const struct group *g, bool inside,
                               struct arena *arena, struct rulebook_fact *out) {
    size_t count = 0;
    bool is_open = inside && !s->universe->is_complete;
    str *ids = arena_new(arena, str, s->universe->count);
    if (ids == NULL) return no_room(s);
    for (size_t i = 0; i < s->universe->count; i++) {
        uint32_t which = s->ids[i].which;
        is_open |= inside && g->possible[which] && !g->sure[which];
        if (inside ? g->sure[which] : !g->possible[which]) ids[count++] = s->ids[i].id;
    }
    TRY(arena_format(arena, &out->path, s->e, "derived.%.*s/%.*s%s", STR_FMT(g->book->name),
                     STR_FMT(g->derived->name), inside ? "" : ".not"));
    out->value = rulebook_set_of(ids, count);
    out->value.by = RULEBOOK_BY_COMPUTED;
    out->value.open = is_open;
    out->value.source = STR("entities and who holds them");
    return OK;
}

enum error_code rulebook_derive(const struct rulebook_set *set,
                                const struct rulebook_universe *universe, int64_t at_ns,
                                struct arena *arena, struct arena scratch,
                                struct rulebook_fact **out, size_t *count, struct error *e) {
    struct spreading s = {.universe = universe, .at_ns = at_ns, .arena = scratch, .e = e};
    TRY(groups_open(&s, set));
    *count = 0;
    *out = NULL;
    if (s.group_count == 0) return OK;
    TRY(ids_index(&s));
    /* What an entity's facts take is given back after each; what is kept of them lies below. */
    size_t half = arena_left(&s.arena) / 2;
    struct arena one = arena_over(s.arena.end - half, half);
    s.arena.end -= half;
    for (size_t i = 0; i < universe->count; i++) TRY(entity_read(&s, i, one));
    spread(&s);
    struct rulebook_fact *facts = arena_new(arena, struct rulebook_fact, 2 * s.group_count);
    if (facts == NULL) return no_room(&s);
    for (size_t i = 0; i < s.group_count; i++) {
        TRY(fact_of(&s, &s.groups[i], true, arena, &facts[2 * i]));
        TRY(fact_of(&s, &s.groups[i], false, arena, &facts[2 * i + 1]));
    }
    rulebook_facts_sort(facts, 2 * s.group_count);
    *out = facts;
    *count = 2 * s.group_count;
    return OK;
}
