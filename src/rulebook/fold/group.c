/* Groups: clauses whose conditions came to the same trees always speak together. What each group
 * comes to, for each truth it can have, is written down here and only looked up later. */
#include "rulebook/fold/table.h"

static bool same_node(const struct node *a, const struct node *b) {
    if (a->kind != b->kind || a->truth != b->truth || a->atom != b->atom ||
        a->part_count != b->part_count)
        return false;
    for (size_t i = 0; i < a->part_count; i++)
        if (!same_node(&a->parts[i], &b->parts[i])) return false;
    return true;
}

static size_t group_of(struct builder *b, const struct rest *rest) {
    size_t i = rest->slowly ? b->group_count : 0;
    for (; i < b->group_count; i++) {
        const struct group *g = &b->groups[i];
        if (g->slow == NULL && same_node(&g->applies, &rest->applies) &&
            same_node(&g->require, &rest->require) && same_node(&g->unless, &rest->unless))
            return i;
    }
    b->groups[b->group_count++] = (struct group){.applies = rest->applies,
                                                 .require = rest->require,
                                                 .unless = rest->unless,
                                                 .slow = rest->slowly ? rest->clause : NULL};
    return i;
}

static bool can_be(const struct node *node, enum rulebook_truth truth) {
    return node->kind != NODE_CONSTANT || node->truth == truth;
}

/* What the group's clauses come to when they applied, are met and excused as said. */
static enum error_code write_outcome(struct builder *b, size_t group, enum rulebook_truth applied,
                                     enum rulebook_truth truth, enum rulebook_truth unless,
                                     struct outcome *out) {
    size_t count = 0;
    for (size_t i = 0; i < b->rest_count; i++) count += b->rests[i].group == group;
    struct rulebook_spoke *spoke = arena_new(&b->arena, struct rulebook_spoke, count);
    if (spoke == NULL) return table_no_room(b);
    out->spoken = (struct rulebook_spoken){spoke, count};
    for (size_t i = 0; i < b->rest_count; i++) {
        const struct rest *rest = &b->rests[i];
        if (rest->group != group) continue;
        *spoke = rest->model;
        spoke->applied = applied;
        question_outcome(&b->q, rest->clause, truth, unless, spoke);
        if (spoke->effect > out->effect) out->effect = spoke->effect;
        spoke++;
    }
    return OK;
}

static enum error_code write_outcomes(struct builder *b, size_t group) {
    struct group *g = &b->groups[group];
    if (g->slow != NULL) return OK;
    for (int applied = RULEBOOK_UNKNOWN_TRUTH; applied <= RULEBOOK_TRUE; applied++)
        for (int truth = RULEBOOK_FALSE; truth <= RULEBOOK_TRUE; truth++)
            for (int lifted = 0; lifted < 2; lifted++) {
                enum rulebook_truth unless = lifted ? RULEBOOK_TRUE : RULEBOOK_FALSE;
                bool possible =
                    can_be(&g->applies, (enum rulebook_truth)applied) &&
                    can_be(&g->require, (enum rulebook_truth)truth) &&
                    (!lifted || (truth != RULEBOOK_TRUE && can_be(&g->unless, RULEBOOK_TRUE)));
                if (!possible) continue;
                TRY(write_outcome(b, group, (enum rulebook_truth)applied,
                                  (enum rulebook_truth)truth, unless,
                                  &g->outcomes[applied == RULEBOOK_TRUE][truth][lifted]));
            }
    return OK;
}

enum error_code group_rests(struct builder *b) {
    for (size_t i = 0; i < b->rest_count; i++) {
        b->rests[i].group = group_of(b, &b->rests[i]);
        b->groups[b->rests[i].group].obliges |= b->rests[i].clause->clause->obligation_count > 0;
    }
    for (size_t i = 0; i < b->group_count; i++) TRY(write_outcomes(b, i));
    return OK;
}
