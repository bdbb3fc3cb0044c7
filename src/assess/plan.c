/* What is asked of whom: the clauses that bind, by kind of subject, and grouped by the fields their
 * answers hang on. */
#include <stdlib.h>

#include "assess/inner.h"

/* ---- masks ---- */

struct mask_visitor {
    struct rulebook_path_visitor visitor;
    enum register_kind kind;
    struct mask *mask;
};

static int position_of(enum register_kind kind, str field) {
    const struct register_field *fields = register_kind_of(kind)->fields;
    if (str_equal(field, STR("id"))) return FIELD_MOST;
    for (int i = 0; fields[i].name != NULL; i++)
        if (str_equal(field, str_from_c(fields[i].name))) return i < FIELD_MOST ? i : -1;
    return -1;
}

static void hang(struct mask *mask, enum register_kind kind, str field, unsigned char how) {
    int position = position_of(kind, field);
    if (position < 0)
        mask->whole = true;
    else
        mask->by[position] = mask->by[position] > how ? mask->by[position] : how;
}

/* NOUN.FIELD itself, not what lies below it or behind it. */
static bool is_field_itself(enum register_kind kind, str path, str field) {
    str noun = str_from_c(register_kind_of(kind)->noun);
    return path.len == noun.len + 1 + field.len && str_starts(path, noun);
}

/* One word that is compared as it stands. */
static bool is_word(enum register_kind kind, str field) {
    if (str_equal(field, STR("id"))) return true;
    const struct register_field *f = register_kind_of(kind)->fields;
    while (f->name != NULL && !str_equal(field, str_from_c(f->name))) f++;
    return f->name != NULL && f->shape == REGISTER_ONE &&
           (f->type == REGISTER_CODE || f->type == REGISTER_REF);
}

static bool is_shared_list(enum register_kind kind, str list) {
    str field;
    return facts_row_field(kind, list, &field) && field.len == 0;
}

/* What was seen of a thing may let one suspect more than is declared, unless a part explains it; and
 * it tells since when the thing is there. */
static void hang_on_what_was_seen(struct mask *mask, enum register_kind kind, str path) {
    static const str fields[] = {{"observations", 12}, {"macs", 4}, {"components", 10}};
    if (kind != REGISTER_EQUIPMENT) return;
    if (str_equal(path, STR("equipment.first_seen"))) hang(mask, kind, fields[0], HANGS_VALUE);
    if (!str_ends(path, STR(".lists"))) return;
    for (size_t i = 0; i < COUNT_OF(fields); i++) hang(mask, kind, fields[i], HANGS_VALUE);
}

static void visit(struct rulebook_path_visitor *self, str path, enum rulebook_use use, str list) {
    struct mask_visitor *v = (struct mask_visitor *)self;
    str field;
    if (!facts_row_field(v->kind, path, &field)) {
        v->mask->whole = true;
        return;
    }
    if (field.len == 0) return;
    hang_on_what_was_seen(v->mask, v->kind, path);
    unsigned char how = HANGS_VALUE;
    if (is_field_itself(v->kind, path, field)) {
        if (use == RULEBOOK_USE_KNOWN) how = HANGS_KNOWN;
        if (use == RULEBOOK_USE_NAMED && is_word(v->kind, field) && is_shared_list(v->kind, list))
            how = HANGS_NAMED;
    }
    hang(v->mask, v->kind, field, how);
}

static bool has_field(enum register_kind kind, str field) {
    return position_of(kind, field) >= 0;
}

/* Does an adoption or an exception name datasets; an exception sites? */
static bool names_datasets(const struct assess_options *o) {
    for (size_t i = 0; i < o->adoption_count; i++)
        if (o->adoptions[i].dataset_count > 0) return true;
    for (size_t i = 0; i < o->exception_count; i++)
        if (o->exceptions[i].dataset.len > 0) return true;
    return false;
}
static bool names_sites(const struct assess_options *o) {
    for (size_t i = 0; i < o->exception_count; i++)
        if (o->exceptions[i].site.len > 0) return true;
    return false;
}

/* Whom a clause binds and what excepts it hang on these, whatever the clause reads: of a dataset and
 * of a site on itself, and of a dataset on the site it is first kept at. */
static void hang_binding(const struct assess_work *w, enum register_kind kind, struct mask *mask) {
    static const str always[] = {{"operator", 8}, {"dataset", 7}};
    for (size_t i = 0; i < COUNT_OF(always); i++)
        if (has_field(kind, always[i])) hang(mask, kind, always[i], HANGS_VALUE);
    if (kind == REGISTER_DATASETS && (names_datasets(&w->options) || names_sites(&w->options)))
        hang(mask, kind, STR("id"), HANGS_VALUE);
    if (!names_sites(&w->options)) return;
    if (kind == REGISTER_SITES) hang(mask, kind, STR("id"), HANGS_VALUE);
    if (has_field(kind, STR("site"))) hang(mask, kind, STR("site"), HANGS_VALUE);
}

/* A clock begins where its duty says and stops with a report. The next time that the row tells, which
 * bounds a clock whose beginning nobody knows, changes words alone: the verdict is unknown either way. */
static void hang_clocks(const struct assess_work *w, uint32_t clause, struct mask_visitor *v) {
    const struct rulebook_clause *c = rulebook_set_clause(w->options.set, clause);
    for (size_t i = 0; i < c->duty_count; i++)
        if (!c->duties[i].starts_on_day)
            visit(&v->visitor, c->duties[i].start, RULEBOOK_USE_VALUE, STR_EMPTY);
    if (c->duty_count > 0 && has_field(v->kind, STR("reports")))
        hang(v->mask, v->kind, STR("reports"), HANGS_VALUE);
}

static struct mask mask_of(const struct assess_work *w, const struct subjects *s, uint32_t clause,
                           bool applies_only) {
    struct mask mask = {0};
    struct mask_visitor v = {{visit}, s->kind, &mask};
    if (s->about == RULEBOOK_ABOUT_COPY || facts_is_event(s->about))
        return (struct mask){.whole = true};
    rulebook_clause_paths(w->options.set, clause, applies_only, &v.visitor);
    hang_binding(w, s->kind, &mask);
    if (!applies_only) hang_clocks(w, clause, &v);
    if (mask.whole) return (struct mask){.whole = true};
    for (unsigned i = 0; i <= FIELD_MOST; i++)
        if (mask.by[i] != 0) mask.used[mask.used_count++] = (unsigned char)i;
    return mask;
}

/* ---- groups ---- */

static enum error_code groups_make(struct assess_work *w, struct plan_kind *k, struct arena scratch,
                                   struct error *e) {
    size_t count = k->clause_count, group_count = 0;
    struct clause_group *masks = arena_new(&scratch, struct clause_group, count);
    struct clause_group *groups = arena_new(&w->arena, struct clause_group, count);
    uint32_t *members = arena_new(&w->arena, uint32_t, count);
    bool *taken = arena_new(&scratch, bool, count);
    if (masks == NULL || groups == NULL || members == NULL || taken == NULL)
        return error_set(e, FAIL_MEMORY, "no room for %zu clauses", count);
    for (size_t i = 0; i < count; i++) {
        masks[i].applies = mask_of(w, &k->subjects, k->clauses[i], true);
        masks[i].mask = mask_of(w, &k->subjects, k->clauses[i], false);
    }
    for (size_t i = 0; i < count; i++) {
        if (taken[i]) continue;
        struct clause_group *g = &groups[group_count++];
        *g = (struct clause_group){masks[i].applies, masks[i].mask, members, 0};
        for (unsigned f = 0; f <= FIELD_MOST; f++) {
            k->all.by[f] |= (unsigned char)(1u << masks[i].mask.by[f]);
            k->all.by[f] |= (unsigned char)(1u << masks[i].applies.by[f]);
        }
        for (size_t j = i; j < count; j++) {
            if (taken[j] || memcmp(&masks[i], &masks[j], sizeof masks[i]) != 0) continue;
            taken[j] = true;
            *members++ = (uint32_t)j;
            g->member_count++;
        }
    }
    k->groups = groups;
    k->group_count = group_count;
    return OK;
}

/* ---- kinds ---- */

int64_t subject_day(const struct assess_work *w, const struct subject *s) {
    return s->row != NULL ? facts_rules_day(s->row, w->options.at_ns) : w->options.at_ns;
}

static enum error_code clauses_find(struct assess_work *w, enum rulebook_about about,
                                    struct plan_kind *k, struct error *e) {
    const struct rulebook_set *set = w->options.set;
    size_t all = rulebook_set_clause_count(set);
    uint32_t *clauses = arena_new(&w->arena, uint32_t, all);
    if (clauses == NULL) return error_set(e, FAIL_MEMORY, "no room for %zu clauses", all);
    for (size_t i = 0; i < all; i++) {
        const struct rulebook_clause *c = rulebook_set_clause(set, i);
        if (c == NULL || c->about != about) continue;
        if (w->filter != NULL && !w->filter->asks(w->filter, c)) continue;
        if (w->options.placement && !facts_clause_is_placement(set, i)) continue;
        if (facts_is_event(about) || rulebook_set_clause_binds(set, i, w->options.at_ns))
            clauses[k->clause_count++] = (uint32_t)i;
    }
    k->clauses = clauses;
    return OK;
}

static enum error_code kind_make(struct assess_work *w, enum rulebook_about about,
                                 struct plan_kind *k, struct arena scratch, struct error *e) {
    TRY(clauses_find(w, about, k, e));
    if (k->clause_count == 0) return OK;
    TRY(subjects_find(w, about, &k->subjects, e));
    k->tally_first = w->tally_count;
    for (size_t i = 0; i < k->clause_count; i++)
        w->tallies[w->tally_count++] =
            (struct assess_tally){.clause = rulebook_set_clause(w->options.set, k->clauses[i]),
                                  .clause_index = k->clauses[i],
                                  .unchecked = k->subjects.unchecked};
    TRY(groups_make(w, k, scratch, e));
    size_t cells;
    if (!size_mul(k->clause_count, k->subjects.count, &cells))
        return error_set(e, FAIL_LIMIT, "too many subjects");
    k->verdicts = (unsigned char *)arena_bytes(&w->arena, cells);
    k->owner_count = w->hangs != NULL ? w->hangs->owner_count : 1;
    k->folds = arena_new(&w->arena, struct fold_at *, fold_places(k));
    if (w->hangs != NULL) k->owners = arena_new(&w->arena, uint32_t, k->subjects.count);
    bool has_owners = w->hangs == NULL || k->owners != NULL;
    if (k->verdicts == NULL || k->folds == NULL || !has_owners)
        return error_set(e, FAIL_MEMORY, "no room for %zu verdicts", cells);
    return OK;
}

enum error_code plan_make(struct assess_work *w, struct arena scratch, struct error *e) {
    size_t clauses = rulebook_set_clause_count(w->options.set);
    w->tallies = arena_new(&w->arena, struct assess_tally, clauses);
    if (w->tallies == NULL) return error_set(e, FAIL_MEMORY, "no room for %zu clauses", clauses);
    for (unsigned i = 0; i < RULEBOOK_ABOUT_COUNT; i++) {
        bool is_asked =
            w->options.purchase_file.len == 0 || 1u << i == (unsigned)RULEBOOK_ABOUT_EQUIPMENT;
        if (is_asked) TRY(kind_make(w, (enum rulebook_about)(1u << i), &w->kinds[i], scratch, e));
    }
    return OK;
}
