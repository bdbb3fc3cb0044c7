/* Obligations of all clauses that spoke, joined to one a kind: the strongest encryption, the
 * countries all agree on, the most copies, the longest keeping. Those that refuse where they are
 * not met and those that only ask are joined apart, and so are those due before the answer and
 * those due later. Source: RULEBOOK 5. */
#include <assert.h>

#include "rulebook/set/set.h"

struct joiner {
    struct rulebook_obligation *joined;
    size_t count;
    struct rulebook_conflict *conflicts;
    size_t conflict_count, conflict_room;
    bool refuses, warns; /* through conflicts */
    struct arena *arena;
    struct error *e;
};

static enum error_code no_room(struct joiner *j) {
    return error_set(j->e, FAIL_MEMORY, "no room to join obligations");
}

static bool same_words(const struct rulebook_obligation *a, const struct rulebook_obligation *b) {
    if (a->word_count != b->word_count) return false;
    for (size_t i = 0; i < a->word_count; i++)
        if (!str_equal(a->words[i], b->words[i])) return false;
    return true;
}

/* Do the two say one thing, more or less strongly? */
static bool joins(const struct rulebook_obligation *a, const struct rulebook_obligation *b) {
    if (a->kind != b->kind || a->asked != b->asked || a->by_ack != b->by_ack ||
        !str_equal(a->start, b->start))
        return false;
    bool by_place = a->kind == RULEBOOK_OBLIGE_KEEP_AT_LEAST || a->kind == RULEBOOK_OBLIGE_RETURN;
    return !by_place || same_words(a, b);
}

/* Lengths by their bounds; without a number the end is nowhere. */
static int64_t length_of(const struct rulebook_periods *periods) {
    int64_t shortest = INT64_MAX;
    for (size_t i = 0; i < periods->count; i++) {
        if (periods->at[i].kind != RULEBOOK_PERIOD_LENGTH) continue;
        int64_t low, high;
        value_duration_bounds(periods->at[i].length, &low, &high);
        if (high < shortest) shortest = high;
    }
    return shortest;
}

static enum error_code unite(struct joiner *j, struct rulebook_obligation *into,
                             const struct rulebook_obligation *from) {
    str *words = arena_new(j->arena, str, into->word_count + from->word_count);
    if (words == NULL) return no_room(j);
    for (size_t i = 0; i < into->word_count; i++) words[i] = into->words[i];
    for (size_t i = 0; i < from->word_count; i++) words[into->word_count + i] = from->words[i];
    into->word_count = rulebook_items_sort(words, into->word_count + from->word_count);
    into->words = words;
    return OK;
}

static enum error_code add_conflict(struct joiner *j, const struct rulebook_obligation *a,
                                    const struct rulebook_obligation *b, const char *why) {
    if (a->asked || b->asked)
        j->warns = true;
    else
        j->refuses = true;
    if (j->conflict_count == j->conflict_room) return OK; /* each pair once is enough to refuse */
    return conflict_name(a, b, why, j->arena, &j->conflicts[j->conflict_count++], j->e);
}

static enum error_code intersect(struct joiner *j, struct rulebook_obligation *into,
                                 const struct rulebook_obligation *from) {
    str *words = arena_new(j->arena, str, into->word_count);
    if (words == NULL) return no_room(j);
    size_t count = 0;
    for (size_t i = 0; i < into->word_count; i++)
        for (size_t k = 0; k < from->word_count; k++)
            if (str_equal(into->words[i], from->words[k])) words[count++] = into->words[i];
    bool had_some = into->word_count > 0;
    into->words = words;
    into->word_count = count;
    if (count > 0 || !had_some) return OK;
    return add_conflict(j, into, from, "keys would be allowed in no country");
}

static enum error_code merge(struct joiner *j, struct rulebook_obligation *into,
                             const struct rulebook_obligation *from) {
    if (length_of(&from->within) < length_of(&into->within)) into->within = from->within;
    switch (into->kind) {
    case RULEBOOK_OBLIGE_ENCRYPT:
    case RULEBOOK_OBLIGE_COPIES:
    case RULEBOOK_OBLIGE_DISTANCE_KM:
    case RULEBOOK_OBLIGE_APPROVALS:
        if (from->number > into->number) {
            into->number = from->number;
            into->clause = from->clause;
        }
        return OK;
    case RULEBOOK_OBLIGE_KEEP_AT_LEAST:
        into->other_copies &= from->other_copies;
        if (length_of(&from->periods) > length_of(&into->periods)) {
            into->periods = from->periods;
            into->clause = from->clause;
        }
        return OK;
    case RULEBOOK_OBLIGE_RETURN: into->delete_here |= from->delete_here; /* fall through */
    case RULEBOOK_OBLIGE_KEEP_AT_MOST:
    case RULEBOOK_OBLIGE_BEGIN:
        if (length_of(&from->periods) < length_of(&into->periods)) {
            into->periods = from->periods;
            into->clause = from->clause;
        }
        return OK;
    case RULEBOOK_OBLIGE_RECORD: return unite(j, into, from);
    case RULEBOOK_OBLIGE_KEYS_IN: return intersect(j, into, from);
    }
    return OK;
}

static enum error_code add(struct joiner *j, const struct rulebook_obligation *o) {
    for (size_t i = 0; i < j->count; i++)
        if (joins(&j->joined[i], o)) return merge(j, &j->joined[i], o);
    size_t at = j->count++;
    while (at > 0 && j->joined[at - 1].kind > o->kind) {
        j->joined[at] = j->joined[at - 1];
        at--;
    }
    j->joined[at] = *o;
    return OK;
}

/* What is left to find: keeping at least and at most, and keys asked for and demanded. */
static enum error_code find_conflicts(struct joiner *j) {
    char why[120];
    for (size_t i = 0; i < j->count; i++)
        for (size_t k = i + 1; k < j->count; k++) {
            const struct rulebook_obligation *a = &j->joined[i], *b = &j->joined[k];
            if (a->kind == RULEBOOK_OBLIGE_KEYS_IN && (a->word_count == 0 || b->word_count == 0))
                continue; /* said already */
            if (conflict_between(a, b, why, sizeof why)) TRY(add_conflict(j, a, b, why));
        }
    return OK;
}

enum error_code join_obligations(const struct rulebook_spoke *const *spoke, size_t count,
                                 struct arena *arena, struct rulebook_decision *decision,
                                 struct error *e) {
    struct joiner j = {.arena = arena, .e = e};
    size_t room = 0;
    for (size_t i = 0; i < count; i++) room += spoke[i]->clause->obligation_count;
    if (room == 0) return OK;
    j.joined = arena_new(arena, struct rulebook_obligation, room);
    j.conflict_room = room;
    j.conflicts = arena_new(arena, struct rulebook_conflict, room);
    if (j.joined == NULL || j.conflicts == NULL) return no_room(&j);
    for (size_t i = 0; i < count; i++) {
        if (spoke[i]->strength == RULEBOOK_SCORE) continue; /* only counted */
        if (spoke[i]->exception != NULL) continue; /* loosened: it obliges to nothing now */
        for (size_t k = 0; k < spoke[i]->clause->obligation_count; k++) {
            struct rulebook_obligation o = spoke[i]->clause->obligations[k];
            o.asked = spoke[i]->strength <= RULEBOOK_SHOULD;
            TRY(add(&j, &o));
        }
    }
    TRY(find_conflicts(&j));
    decision->obligations = j.joined;
    decision->obligation_count = j.count;
    decision->conflicts = j.conflicts;
    decision->conflict_count = j.conflict_count;
    if (j.warns && decision->effect < RULEBOOK_WARN) decision->effect = RULEBOOK_WARN;
    if (j.refuses) decision->effect = RULEBOOK_REFUSE;
    return OK;
}
