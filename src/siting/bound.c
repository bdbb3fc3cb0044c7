/* The best set out of many, proved, or how far it may be from the best found: best-first over sets of clusters.
 *
 * Nothing is worse for striking a site more surely. So every set that takes its sites from some clusters is at
 * least as bad as the set of these clusters' ideals. The search begins with all copies in the cluster of
 * all sites, takes the set of clusters whose bound is least, and parts one cluster into its halves, in all
 * ways in which its copies may fall on them. Once sets are of single sites, the bound is their rate. When the
 * effort is spent, the least bound still open is what no set is below. */
#include <math.h>

#include "siting/choose.h"
#include "siting/joint.h"

enum { OPEN_MOST = 1 << 22 };
/* A bound that after a part of the effort is that far off will be so at its end: sites that have nothing in
 * common. */
enum { ENOUGH = 8, FAR = 50 };

struct open_set { /* copies of one cluster stand side by side */
    double bound;
    uint32_t cluster[];
};
struct search {
    struct choosing *c;
    unsigned char *heap; /* of open sets, the least bound first */
    size_t entry_bytes, count, most;
    double lost; /* the least bound of what found no room */
};

/* Below a part in 10^9 it is the order of adding up. */
static double wanted_below(const struct search *s) {
    const struct siting_answer *answer = s->c->answer;
    return answer->count > 0
               ? answer->best[0].rate[s->c->problem->objective][SITING_HI] * (1 - 1e-9)
               : HUGE_VAL;
}

/* ---- the heap ---- */

static struct open_set *entry(const struct search *s, size_t at) {
    return (struct open_set *)(void *)(s->heap + at * s->entry_bytes);
}

static void push(struct search *s, const struct open_set *set) {
    size_t at = s->count;
    if (at == s->most) {
        s->lost = fmin(s->lost, set->bound);
        return;
    }
    s->count++;
    for (; at > 0 && entry(s, (at - 1) / 2)->bound > set->bound; at = (at - 1) / 2)
        memcpy(entry(s, at), entry(s, (at - 1) / 2), s->entry_bytes);
    memcpy(entry(s, at), set, s->entry_bytes);
}

static void pop(struct search *s, struct open_set *out) {
    memcpy(out, entry(s, 0), s->entry_bytes);
    const struct open_set *last = entry(s, --s->count);
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < s->count; at = child) {
        if (child + 1 < s->count && entry(s, child + 1)->bound < entry(s, child)->bound) child++;
        if (entry(s, child)->bound >= last->bound) break;
        memcpy(entry(s, at), entry(s, child), s->entry_bytes);
    }
    memmove(entry(s, at), last, s->entry_bytes);
}

/* ---- bounds ---- */

/* The formula counts what comes within a window as if nothing else did, which keeps "more surely struck is
 * worse" while a set expects no more than one event a window: then no set of sites gone is made up for by
 * the events that are still to come. Else only what single events do is counted, of which it always holds. */
static double window_for(const struct search *s, double events_a_year) {
    double window_years = s->c->problem->window_years;
    return events_a_year * window_years <= 1 ? window_years : 0;
}

static double most_events(const struct search *s, const uint32_t *set, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += s->c->tree.at[set[i]].alone_most;
    return sum;
}

/* Where all of a set must be lost, what its sites are struck by besides their ideals counts too, as if by events
 * of their own: to share them would only make it more frequent. But for this: sites lost twice within a
 * window, once by an event that would have done alone, are counted again, for each of the sites and event
 * that a window expects. That is taken off. */
static double apart_rate(const struct search *s, const uint32_t *set, size_t count,
                         double exactly[JOINT_SUBSETS]) {
    double window_years = s->c->problem->window_years,
           again = (double)count * window_years * most_events(s, set, count);
    if (again >= 1) return 0;
    for (size_t i = 0; i < count; i++) {
        double alone = 0;
        for (unsigned t = 1; t < 1u << count; t++) alone += (t >> i & 1) != 0 ? exactly[t] : 0;
        exactly[1u << i] += fmax(0, s->c->tree.at[set[i]].alone_least - alone);
    }
    return (1 - again) * joint_rate(exactly, count, count - 1, window_years);
}

/* The loss of a set that bears some holds the loss of any that many and one more: of those struck most. */
static double worst_apart(const struct search *s, const uint32_t *set) {
    const struct siting_problem *p = s->c->problem;
    uint32_t worst[SITING_SET_MAX + 1];
    double exactly[JOINT_SUBSETS];
    size_t count = 0;
    for (size_t i = 0; i < p->copies; i++) {
        size_t at = count;
        for (;
             at > 0 && s->c->tree.at[worst[at - 1]].alone_least < s->c->tree.at[set[i]].alone_least;
             at--)
            worst[at] = worst[at - 1];
        worst[at] = set[i];
        if (count <= p->tolerate) count++;
    }
    cluster_exactly(&s->c->tree, worst, count, exactly);
    return apart_rate(s, worst, count, exactly);
}

/* HUGE_VAL: above what is wanted, by single events alone. */
static double ideal_rate(const struct search *s, const uint32_t *set) {
    const struct siting_problem *p = s->c->problem;
    double exactly[JOINT_SUBSETS], at_once = 0, wanted = wanted_below(s);
    cluster_exactly(&s->c->tree, set, p->copies, exactly);
    for (unsigned t = 1; t < 1u << p->copies; t++)
        if ((size_t)__builtin_popcount(t) > p->tolerate) at_once += exactly[t];
    if (at_once >= wanted) return HUGE_VAL;
    double window_years = window_for(s, most_events(s, set, p->copies)),
           bound = joint_rate(exactly, p->copies, p->tolerate, window_years);
    if (bound >= wanted) return bound;
    return fmax(bound, p->tolerate + 1 < p->copies ? worst_apart(s, set)
                                                   : apart_rate(s, set, p->copies, exactly));
}

/* ---- parting ---- */

static bool fits(const struct search *s, const uint32_t *set) {
    size_t copies = s->c->problem->copies;
    for (size_t i = 0; i < copies; i++)
        for (size_t k = 0; k < i; k++)
            if (!s->c->tree.together[set[i] * s->c->tree.count + set[k]]) return false;
    return true;
}

static bool is_sites(const struct search *s, const uint32_t *set) {
    for (size_t i = 0; i < s->c->problem->copies; i++)
        if (s->c->tree.at[set[i]].size > 1) return false;
    return true;
}

/* A set that a parted one gave. */
static void consider(struct search *s, struct open_set *set, double parent) {
    if (!fits(s, set->cluster)) return;
    s->c->effort_left -= s->c->effort_left > 0;
    set->bound = fmax(parent, ideal_rate(s, set->cluster));
    if (set->bound >= wanted_below(s)) return;
    if (is_sites(s, set->cluster))
        choosing_offer(s->c, set->cluster, set->bound);
    else
        push(s, set);
}

/* The cluster whose ideal says least of its sites. */
static size_t widest(const struct search *s, const struct open_set *set) {
    size_t found = 0;
    double most = -1;
    for (size_t i = 0; i < s->c->problem->copies; i++) {
        const struct cluster *cluster = &s->c->tree.at[set->cluster[i]];
        double times = cluster->spread / (cluster->alone_least + 1e-12);
        if (cluster->size == 1 || times <= most) continue;
        most = times;
        found = i;
    }
    return found;
}

static void part(struct search *s, const struct open_set *set, struct open_set *room) {
    size_t copies = s->c->problem->copies, first = widest(s, set), past = first;
    const struct cluster *cluster = &s->c->tree.at[set->cluster[first]],
                         *one = &s->c->tree.at[cluster->half[0]],
                         *other = &s->c->tree.at[cluster->half[1]];
    while (past < copies && set->cluster[past] == set->cluster[first]) past++;
    for (size_t in_one = 0; in_one <= past - first; in_one++) {
        if (in_one > one->size || past - first - in_one > other->size) continue;
        memcpy(room, set, s->entry_bytes);
        for (size_t i = first; i < past; i++)
            room->cluster[i] = cluster->half[i - first < in_one ? 0 : 1];
        consider(s, room, set->bound);
    }
}

static enum error_code begin(struct search *s, struct arena *arena, struct open_set **room,
                             struct error *e) {
    size_t copies = s->c->problem->copies;
    s->entry_bytes = (sizeof **room + copies * sizeof(uint32_t) + 7) / 8 * 8;
    for (size_t i = 0; i < 2; i++) {
        room[i] = arena_take(arena, s->entry_bytes, _Alignof(struct open_set), 1);
        if (room[i] == NULL) return error_set(e, FAIL_MEMORY, "no memory for a search");
    }
    size_t bytes = arena_left(arena) / 2;
    s->most = (size_t)u64_min(bytes / s->entry_bytes, OPEN_MOST);
    s->heap = (unsigned char *)arena_bytes(arena, s->most * s->entry_bytes + 8);
    if (s->heap == NULL) return error_set(e, FAIL_MEMORY, "no memory for a search");
    s->heap += -(uintptr_t)s->heap % 8;
    return OK;
}

enum error_code choose_bound(struct choosing *c, struct arena scratch, struct error *e) {
    struct search s = {.c = c, .lost = HUGE_VAL};
    struct open_set *room[2];
    TRY(begin(&s, &scratch, room, e));
    for (size_t i = 0; i < c->problem->copies; i++)
        room[0]->cluster[i] = (uint32_t)c->tree.count - 1;
    consider(&s, room[0], 0);
    uint64_t enough = c->effort_left / ENOUGH;
    while (s.count > 0 && entry(&s, 0)->bound < wanted_below(&s) && c->effort_left > 0) {
        if (c->effort_left < enough * (ENOUGH - 1) && entry(&s, 0)->bound < wanted_below(&s) / FAR)
            break;
        pop(&s, room[0]);
        part(&s, room[0], room[1]);
    }
    double open = fmin(s.lost, s.count > 0 ? entry(&s, 0)->bound : HUGE_VAL);
    c->answer->is_proved = open >= wanted_below(&s);
    if (c->answer->count > 0)
        open = fmin(open, c->answer->best[0].rate[c->problem->objective][SITING_HI]);
    c->answer->bound = isfinite(open) ? open : 0;
    return OK;
}
