/* Packing: what folding left in pieces, laid side by side in the order in which a decision reads it
 * (table.h draws it). The pieces go with the builder's arena. */
#include <assert.h>

#include "rulebook/fold/table.h"

/* A value that outlives the builder: what folding made itself is copied, shallow, since what it
 * points to belongs to rules, facts or subject. */
static const struct rulebook_value *keep_value(struct builder *b,
                                               const struct rulebook_value *value) {
    const unsigned char *at = (const unsigned char *)value;
    if (at < b->building.next || at >= b->building.end) return value; /* NULL too */
    struct rulebook_value *kept = arena_new(b->keep, struct rulebook_value, 1);
    if (kept != NULL) *kept = *value;
    return kept;
}

static size_t count_parts(const struct node *node) {
    size_t count = node->part_count;
    for (size_t i = 0; i < node->part_count; i++) count += count_parts(&node->parts[i]);
    return count;
}

/* Parts go behind all that is there, side by side, then theirs. */
static struct table_node pack_node(const struct node *node, struct table_node *nodes,
                                   uint32_t *used) {
    struct table_node out = {.kind = (uint8_t)node->kind,
                             .truth = (uint8_t)node->truth,
                             .at = node->atom,
                             .part_count = (uint32_t)node->part_count};
    if (node->part_count == 0) return out;
    out.at = *used;
    *used += out.part_count;
    for (uint32_t i = 0; i < out.part_count; i++)
        nodes[out.at + i] = pack_node(&node->parts[i], nodes, used);
    return out;
}

static uint32_t count_outcomes(const struct group *g) {
    const struct outcome *all = &g->outcomes[0][0][0];
    uint32_t count = 0;
    for (size_t i = 0; i < sizeof g->outcomes / sizeof *all; i++) count += all[i].spoken.at != NULL;
    return count;
}

static struct table_group pack_group(const struct group *g, struct table_node *nodes,
                                     uint32_t *node_count, struct table_outcome *outcomes,
                                     uint32_t *outcome_count) {
    struct table_group out = {.applies = pack_node(&g->applies, nodes, node_count),
                              .require = pack_node(&g->require, nodes, node_count),
                              .unless = pack_node(&g->unless, nodes, node_count),
                              .obliges = g->obliges,
                              .first_outcome = *outcome_count,
                              .slow = g->slow};
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < 3; k++)
            for (size_t m = 0; m < 2; m++) {
                const struct outcome *from = &g->outcomes[i][k][m];
                if (from->spoken.at == NULL) continue;
                outcomes[(*outcome_count)++] = (struct table_outcome){from->spoken, from->effect};
                out.outcome[i][k][m] = (uint8_t)++out.outcome_count;
            }
    return out;
}

/* What looking back reads. */
static enum error_code pack_rest(struct builder *b, struct table_outcome *outcomes, uint32_t count,
                                 struct rulebook_table *t) {
    for (uint32_t i = 0; i < count; i++) {
        struct rulebook_spoken *spoken = &outcomes[i].spoken;
        struct rulebook_spoke *kept = arena_new(b->keep, struct rulebook_spoke, spoken->count);
        if (kept == NULL) return table_no_room(b);
        memcpy(kept, spoken->at, spoken->count * sizeof *kept);
        spoken->at = kept;
    }
    struct table_path *paths = arena_new(b->keep, struct table_path, t->path_count);
    struct table_reads *reads = arena_new(b->keep, struct table_reads, b->group_count);
    if (paths == NULL || reads == NULL) return table_no_room(b);
    for (size_t i = 0; i < t->path_count; i++) {
        paths[i] = t->paths[i];
        paths[i].fixed = keep_value(b, paths[i].fixed);
        if (t->paths[i].fixed != NULL && paths[i].fixed == NULL) return table_no_room(b);
    }
    for (size_t i = 0; i < b->group_count; i++) {
        const struct group *g = &b->groups[i];
        uint32_t *own = arena_new(b->keep, uint32_t, g->path_count);
        if (own == NULL) return table_no_room(b);
        for (size_t k = 0; k < g->path_count; k++) own[k] = g->paths[k];
        reads[i] = (struct table_reads){own, g->path_count};
    }
    t->paths = paths;
    t->reads = reads;
    return OK;
}

static enum error_code pack_atoms(struct builder *b, struct table_slot *slots,
                                  struct table_atom *atoms) {
    for (size_t i = 0; i < b->slot_count; i++) {
        const struct slot *from = &b->slots[i];
        slots[i] = (struct table_slot){from->path, keep_value(b, from->fallback), from->is_clock};
        if (slots[i].fallback == NULL) return table_no_room(b);
    }
    for (size_t i = 0; i < b->atom_count; i++) {
        const struct atom *from = &b->atoms[i];
        struct table_atom *to = &atoms[i];
        *to = (struct table_atom){.kind = (uint8_t)from->kind,
                                  .op = (uint8_t)from->op,
                                  .negated = from->negated,
                                  .left_slot = from->left_slot,
                                  .right_slot = from->right_slot};
        if (from->kind == ATOM_TREE) {
            to->condition = from->condition;
            to->clause = from->clause;
            continue;
        }
        to->left = keep_value(b, from->left);
        to->right = keep_value(b, from->right);
        bool is_full =
            (from->left != NULL && to->left == NULL) || (from->right != NULL && to->right == NULL);
        if (is_full) return table_no_room(b);
    }
    return OK;
}

enum error_code pack_table(struct builder *b, const struct rulebook_table **out) {
    size_t node_count = 0, outcome_count = 0;
    for (size_t i = 0; i < b->group_count; i++) {
        const struct group *g = &b->groups[i];
        node_count += count_parts(&g->applies) + count_parts(&g->require) + count_parts(&g->unless);
        outcome_count += count_outcomes(g);
    }
    if (node_count > UINT32_MAX || outcome_count > UINT32_MAX) return table_no_room(b);
    struct rulebook_table *t =
        arena_take(b->keep, sizeof *t, LINE_BYTES, 1); /* in lines of its own */
    struct table_slot *slots = arena_new(b->keep, struct table_slot, b->slot_count);
    struct table_atom *atoms = arena_new(b->keep, struct table_atom, b->atom_count);
    struct table_node *nodes = arena_new(b->keep, struct table_node, node_count);
    struct table_group *groups = arena_new(b->keep, struct table_group, b->group_count);
    struct table_outcome *outcomes = arena_new(b->keep, struct table_outcome, outcome_count);
    if (t == NULL || slots == NULL || atoms == NULL || nodes == NULL || groups == NULL ||
        outcomes == NULL)
        return table_no_room(b);
    *t = *b->table;
    uint32_t nodes_used = 0, outcomes_used = 0;
    for (size_t i = 0; i < b->group_count; i++)
        groups[i] = pack_group(&b->groups[i], nodes, &nodes_used, outcomes, &outcomes_used);
    assert(nodes_used == node_count);
    assert(outcomes_used == outcome_count);
    TRY(pack_atoms(b, slots, atoms));
    TRY(pack_rest(b, outcomes, outcomes_used, t));
    t->slots = slots;
    t->atoms = atoms;
    t->nodes = nodes;
    t->groups = groups;
    t->outcomes = outcomes;
    t->slot_count = (uint32_t)b->slot_count;
    t->atom_count = (uint32_t)b->atom_count;
    t->group_count = (uint32_t)b->group_count;
    t->model.table = t;
    *out = t;
    return OK;
}
