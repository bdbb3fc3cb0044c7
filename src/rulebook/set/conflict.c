/* Obligations that cannot be met together. Two are compared at a time, so that the message can name
 * both; joining a decision's obligations (join.c) finds what takes three. */
#include <inttypes.h>
#include <stdio.h>

#include "rulebook/set/set.h"

static bool is_common_word(const struct rulebook_obligation *a,
                           const struct rulebook_obligation *b) {
    for (size_t i = 0; i < a->word_count; i++)
        for (size_t k = 0; k < b->word_count; k++)
            if (str_equal(a->words[i], b->words[k])) return true;
    return false;
}

/* The bounds of the length that ends first; false: none has a number. */
static bool bounds_of(const struct rulebook_periods *periods, int64_t *low, int64_t *high) {
    bool found = false;
    for (size_t i = 0; i < periods->count; i++) {
        if (periods->at[i].kind != RULEBOOK_PERIOD_LENGTH) continue;
        int64_t l, h;
        value_duration_bounds(periods->at[i].length, &l, &h);
        if (!found || l < *low) *low = l;
        if (!found || h < *high) *high = h;
        found = true;
    }
    return found;
}

static bool keeps_too_long(const struct rulebook_obligation *least,
                           const struct rulebook_obligation *most) {
    int64_t least_low, least_high, most_low, most_high;
    /* Lengths from different events may overlap: nothing is sure then. */
    if (least->start.len > 0 && most->start.len > 0 && !str_equal(least->start, most->start))
        return false;
    /* Keeping there and not keeping here can both be had. */
    if (least->word_count > 0 && most->word_count > 0 && !is_common_word(least, most)) return false;
    return bounds_of(&least->periods, &least_low, &least_high) &&
           bounds_of(&most->periods, &most_low, &most_high) && least_low > most_high;
}

bool conflict_between(const struct rulebook_obligation *a, const struct rulebook_obligation *b,
                      char *why, size_t why_bytes) {
    if (a->kind == RULEBOOK_OBLIGE_KEYS_IN && b->kind == RULEBOOK_OBLIGE_KEYS_IN) {
        snprintf(why, why_bytes, "keys would be allowed in no country");
        return !is_common_word(a, b);
    }
    const struct rulebook_obligation *least = a, *most = b;
    if (a->kind == RULEBOOK_OBLIGE_KEEP_AT_MOST) {
        least = b;
        most = a;
    }
    if (least->kind != RULEBOOK_OBLIGE_KEEP_AT_LEAST || most->kind != RULEBOOK_OBLIGE_KEEP_AT_MOST)
        return false;
    snprintf(why, why_bytes, "what must be kept at least is longer than what may be kept at most");
    return keeps_too_long(least, most);
}

enum error_code conflict_name(const struct rulebook_obligation *a,
                              const struct rulebook_obligation *b, const char *why,
                              struct arena *arena, struct rulebook_conflict *out, struct error *e) {
    *out = (struct rulebook_conflict){.kind = a->kind, .first = a->clause, .second = b->clause};
    return arena_format(arena, &out->text, e, "%.*s/%.*s and %.*s/%.*s conflict: %s",
                        STR_FMT(a->clause->rulebook->name), STR_FMT(a->clause->id),
                        STR_FMT(b->clause->rulebook->name), STR_FMT(b->clause->id), why);
}

/* ---- which clauses of a set can meet ---- */

static bool words_meet(const str *a, size_t a_count, const str *b, size_t b_count) {
    if (a_count == 0 || b_count == 0) return true; /* none named: all */
    for (size_t i = 0; i < a_count; i++)
        for (size_t k = 0; k < b_count; k++)
            if (str_equal(a[i], b[k])) return true;
    return false;
}

static bool spans_meet(struct rulebook_span a, struct rulebook_span b) {
    return a.from_ns < b.until_ns && b.from_ns < a.until_ns;
}

static bool books_meet(const struct rulebook_set *set, const struct rulebook *a,
                       const struct rulebook *b) {
    if (!spans_meet(a->in_force, b->in_force)) return false;
    if (set->what_if) return true;
    for (size_t i = 0; i < set->adoption_count; i++)
        for (size_t k = 0; k < set->adoption_count; k++) {
            const struct rulebook_adoption *x = &set->adoptions[i], *y = &set->adoptions[k];
            if (adoption_names(x, a) && adoption_names(y, b) && spans_meet(x->span, y->span) &&
                words_meet(x->operators, x->operator_count, y->operators, y->operator_count) &&
                words_meet(x->datasets, x->dataset_count, y->datasets, y->dataset_count))
                return true;
        }
    return false;
}

static bool acts_meet(const struct rulebook_clause *a, const struct rulebook_clause *b) {
    for (size_t i = 0; i < a->rule->applies_count; i++)
        for (size_t k = 0; k < b->rule->applies_count; k++) {
            const struct applies *x = &a->rule->applies[i], *y = &b->rule->applies[k];
            if (!str_equal(x->path, STR("act")) || !str_equal(y->path, STR("act"))) continue;
            if (value_compare(VALUE_INTERSECTS, &x->among.value, &y->among.value) == RULEBOOK_FALSE)
                return false;
        }
    return true;
}

static bool clauses_meet(const struct rulebook_set *set, const struct set_clause *a,
                         const struct set_clause *b) {
    return a->clause->about == b->clause->about &&
           spans_meet(a->clause->in_force, b->clause->in_force) &&
           books_meet(set, set->books[a->book], set->books[b->book]) &&
           acts_meet(a->clause, b->clause);
}

static size_t find_pairs(const struct rulebook_set *set, const struct set_clause *a,
                         const struct set_clause *b, struct arena *arena,
                         struct rulebook_conflict *out, enum error_code *code, struct error *e) {
    size_t count = 0;
    char why[120];
    for (size_t i = 0; i < a->clause->obligation_count; i++)
        for (size_t k = 0; k < b->clause->obligation_count; k++) {
            const struct rulebook_obligation *x = &a->clause->obligations[i],
                                             *y = &b->clause->obligations[k];
            if (a == b && k <= i) continue;
            if (!conflict_between(x, y, why, sizeof why) || !clauses_meet(set, a, b)) continue;
            if (out != NULL && *code == OK) *code = conflict_name(x, y, why, arena, &out[count], e);
            count++;
        }
    return count;
}

enum error_code conflict_find(struct rulebook_set *set, struct arena *arena, struct error *e) {
    struct rulebook_conflict *conflicts = NULL;
    enum error_code code = OK;
    for (int pass = 0; pass < 2; pass++) {
        size_t count = 0;
        for (size_t i = 0; i < set->clause_count; i++) {
            if (set->clauses[i].clause->obligation_count == 0) continue;
            for (size_t k = i; k < set->clause_count; k++) {
                if (set->clauses[k].clause->obligation_count == 0) continue;
                if (i != k && set->clauses[i].clause == set->clauses[k].clause) continue;
                count += find_pairs(set, &set->clauses[i], &set->clauses[k], arena,
                                    conflicts == NULL ? NULL : conflicts + count, &code, e);
            }
        }
        if (code != OK) return code;
        if (pass == 0) {
            conflicts = arena_new(arena, struct rulebook_conflict, count);
            if (conflicts == NULL) return error_set(e, FAIL_MEMORY, "no room for conflicts");
        }
        set->conflict_count = count;
    }
    set->conflicts = conflicts;
    return OK;
}
