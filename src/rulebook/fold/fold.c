/* Folding: known parts of a condition become constants, `all` and `any` shrink, and the comparisons
 * that hang on the request become atoms over slots. Equal atoms of different clauses are one. */
#include <assert.h>
#include <stdlib.h>

#include "rulebook/fold/table.h"

/* ---- what a request may say ---- */

static bool is_under(str path, str root) {
    return str_starts(path, root) && (path.len == root.len || path.at[root.len] == '.');
}

bool fold_is_request_path(const struct rulebook_table *t, str path) {
    if (is_under(path, STR("time"))) return true;
    for (size_t i = 0; i < t->request_count; i++)
        if (is_under(path, t->request[i])) return true;
    return false;
}

struct request_visitor {
    struct condition_visitor visitor;
    const struct rulebook_table *table;
    bool found;
};
static void visit_request(struct condition_visitor *self, str path, str brief) {
    struct request_visitor *v = (struct request_visitor *)self;
    v->found |= fold_is_request_path(v->table, path) ||
                (brief.len > 0 && fold_is_request_path(v->table, brief));
}

static bool hangs_on_request(struct builder *b, const struct condition *c) {
    struct request_visitor v = {.visitor = {visit_request}, .table = b->table};
    condition_visit(c, &v.visitor);
    return v.found;
}

static bool operand_hangs(struct builder *b, const struct operand *operand) {
    struct request_visitor v = {.visitor = {visit_request}, .table = b->table};
    operand_visit(operand, &v.visitor);
    return v.found;
}

bool fold_clause_hangs(struct builder *b, const struct set_clause *sc) {
    struct request_visitor v = {.visitor = {visit_request}, .table = b->table};
    question_visit(&b->q, sc, RULEBOOK_TRUE, &v.visitor);
    return v.found;
}

/* Strength, reads or acceptance of the clause hang on the request. */
static bool is_for_slow(struct builder *b, const struct set_clause *sc) {
    const struct clause_rule *rule = sc->clause->rule;
    if (rule->read_count > 0 || rule->accept_count > 0) return true;
    for (size_t i = 0; i < sc->clause->compelled_count; i++)
        if (hangs_on_request(b, sc->clause->compelled[i].condition)) return true;
    for (size_t i = 0; i < sc->raise_count; i++)
        for (size_t k = 0; k < sc->raises[i].raise->only_count; k++)
            if (fold_is_request_path(b->table, sc->raises[i].raise->only[k].path)) return true;
    for (size_t i = 0; i < rule->applies_count; i++)
        if (operand_hangs(b, &rule->applies[i].among)) return true;
    return false;
}

/* ---- slots and atoms ---- */

static enum error_code slot_of(struct builder *b, str path, uint32_t *out) {
    for (size_t i = 0; i < b->slot_count; i++)
        if (str_equal(b->slots[i].path, path)) {
            *out = (uint32_t)i;
            return OK;
        }
    if (b->slot_count == b->slot_room) return table_no_room(b);
    struct evaluation ev = {.facts = b->q.facts, .now_ns = b->q.at_ns};
    b->slots[b->slot_count] =
        (struct slot){path, str_equal(path, STR("time.now")), evaluation_fact(&ev, path)};
    *out = (uint32_t)b->slot_count++;
    return OK;
}

static bool same_value(const struct rulebook_value *a, const struct rulebook_value *b) {
    if (a == b) return true;
    if (a == NULL || b == NULL || a->kind != b->kind || a->open != b->open) return false;
    return value_compare(VALUE_IS, a, b) == RULEBOOK_TRUE && str_equal(a->text, b->text);
}

static bool same_atom(const struct atom *a, const struct atom *b) {
    return a->kind == b->kind && a->kind != ATOM_TREE && a->op == b->op &&
           a->negated == b->negated && a->left_slot == b->left_slot &&
           a->right_slot == b->right_slot && same_value(a->left, b->left) &&
           same_value(a->right, b->right);
}

static enum error_code atom_node(struct builder *b, const struct atom *atom, struct node *out) {
    size_t i = 0;
    while (i < b->atom_count && !same_atom(&b->atoms[i], atom)) i++;
    if (i == b->atom_count) {
        if (b->atom_count == b->atom_room) return table_no_room(b);
        b->atoms[b->atom_count++] = *atom;
        b->table->needs_layers |= atom->kind == ATOM_TREE;
    }
    *out = (struct node){.kind = NODE_ATOM, .atom = (uint32_t)i};
    return OK;
}

/* Either a slot, or the value that the table's facts give. */
static enum error_code side_of(struct builder *b, const struct operand *operand,
                               struct evaluation *ev, uint32_t *slot,
                               const struct rulebook_value **value) {
    *slot = NO_SLOT;
    *value = NULL;
    if (operand->kind == OPERAND_FACT && fold_is_request_path(b->table, operand->path))
        return slot_of(b, operand->path, slot);
    struct rulebook_value *room = arena_new(&b->arena, struct rulebook_value, 1);
    if (room == NULL) return table_no_room(b);
    *value = evaluation_operand(ev, operand, room);
    return OK;
}

/* Sides that are slots or settled; anything else keeps its tree. */
static bool is_plain_side(const struct operand *operand) {
    return operand->kind == OPERAND_FACT || operand->kind == OPERAND_LITERAL ||
           operand->kind == OPERAND_LIST || operand->kind == OPERAND_PARAM;
}

static enum error_code fold_atom(struct builder *b, const struct set_clause *sc,
                                 const struct condition *c, struct evaluation *ev,
                                 struct node *out) {
    struct atom atom = {.condition = c,
                        .clause = sc,
                        .op = c->op,
                        .negated = c->negated,
                        .left_slot = NO_SLOT,
                        .right_slot = NO_SLOT};
    bool plain =
        is_plain_side(&c->left) && (c->kind != CONDITION_COMPARE || is_plain_side(&c->right));
    switch (c->kind) {
    case CONDITION_COMPARE: atom.kind = ATOM_COMPARE; break;
    case CONDITION_HOLDS: atom.kind = ATOM_HOLDS; break;
    case CONDITION_KNOWN: atom.kind = ATOM_KNOWN; break;
    default: plain = false; break;
    }
    if (!plain) {
        atom.kind = ATOM_TREE;
        return atom_node(b, &atom, out);
    }
    TRY(side_of(b, &c->left, ev, &atom.left_slot, &atom.left));
    if (c->kind == CONDITION_COMPARE) TRY(side_of(b, &c->right, ev, &atom.right_slot, &atom.right));
    return atom_node(b, &atom, out);
}

/* ---- folding ---- */

static struct node constant(enum rulebook_truth truth) {
    return (struct node){.kind = NODE_CONSTANT, .truth = truth};
}

/* Keeps the parts that are no constants, with what the constants come to. */
static void shrink(struct node *node) {
    bool is_all = node->kind == NODE_ALL;
    struct node *parts = (struct node *)node->parts;
    enum rulebook_truth sum = is_all ? RULEBOOK_TRUE : RULEBOOK_FALSE;
    size_t kept = 0;
    for (size_t i = 0; i < node->part_count; i++) {
        if (parts[i].kind != NODE_CONSTANT)
            parts[kept++] = parts[i];
        else
            sum = is_all ? truth_and(sum, parts[i].truth) : truth_or(sum, parts[i].truth);
    }
    enum rulebook_truth settles = is_all ? RULEBOOK_FALSE : RULEBOOK_TRUE;
    if (sum == settles || kept == 0) {
        *node = constant(sum);
        return;
    }
    if (sum == RULEBOOK_UNKNOWN_TRUTH)
        parts[kept++] = constant(sum); /* kept < part_count: it was one */
    node->part_count = kept;
    if (kept == 1) *node = parts[0];
}

static enum error_code fold(struct builder *b, const struct set_clause *sc,
                            const struct condition *c, struct evaluation *ev, struct node *out) {
    if (!hangs_on_request(b, c)) {
        *out = constant(condition_evaluate(c, ev));
        return OK;
    }
    if (c->kind != CONDITION_ALL && c->kind != CONDITION_ANY && c->kind != CONDITION_NOT)
        return fold_atom(b, sc, c, ev, out);
    struct node *parts = arena_new(&b->arena, struct node, c->part_count);
    if (parts == NULL) return table_no_room(b);
    for (size_t i = 0; i < c->part_count; i++) TRY(fold(b, sc, &c->parts[i], ev, &parts[i]));
    *out = (struct node){.kind = c->kind == CONDITION_ANY ? NODE_ANY : NODE_ALL,
                         .parts = parts,
                         .part_count = c->part_count};
    shrink(out);
    if (c->kind != CONDITION_NOT) return OK;
    if (out->kind == NODE_CONSTANT) {
        out->truth = truth_not(out->truth);
        return OK;
    }
    struct node *inner = arena_new(&b->arena, struct node, 1);
    if (inner == NULL) return table_no_room(b);
    *inner = *out;
    *out = (struct node){.kind = NODE_NOT, .parts = inner, .part_count = 1};
    return OK;
}

/* `applies` and `when` as one ALL. */
static enum error_code fold_applies(struct builder *b, const struct set_clause *sc,
                                    struct evaluation *ev, struct node *out) {
    const struct clause_rule *rule = sc->clause->rule;
    struct node *parts = arena_new(&b->arena, struct node, rule->applies_count + 1);
    if (parts == NULL) return table_no_room(b);
    bool assessing = b->q.subject->act.len == 0;
    for (size_t i = 0; i < rule->applies_count; i++) {
        const struct applies *entry = &rule->applies[i];
        bool is_settled = assessing && str_equal(entry->path, STR("act"));
        if (is_settled || !fold_is_request_path(b->table, entry->path)) {
            parts[i] = constant(applies_truth(entry, 1, ev, assessing));
            continue;
        }
        struct atom atom = {.kind = ATOM_AMONG, .right_slot = NO_SLOT};
        struct rulebook_value *room = arena_new(&b->arena, struct rulebook_value, 1);
        if (room == NULL) return table_no_room(b);
        TRY(slot_of(b, entry->path, &atom.left_slot));
        atom.right = evaluation_operand(ev, &entry->among, room);
        TRY(atom_node(b, &atom, &parts[i]));
    }
    parts[rule->applies_count] = constant(RULEBOOK_TRUE);
    if (rule->when != NULL) TRY(fold(b, sc, rule->when, ev, &parts[rule->applies_count]));
    *out = (struct node){.kind = NODE_ALL, .parts = parts, .part_count = rule->applies_count + 1};
    shrink(out);
    return OK;
}

enum error_code fold_clause(struct builder *b, const struct set_clause *sc, struct rest *out) {
    const struct clause_rule *rule = sc->clause->rule;
    struct evaluation ev = question_evaluation(&b->q, sc);
    *out = (struct rest){
        .clause = sc, .require = constant(RULEBOOK_TRUE), .unless = constant(RULEBOOK_FALSE)};
    out->model = (struct rulebook_spoke){.clause = sc->clause,
                                         .rank = (uint32_t)(sc - b->q.set->clauses),
                                         .adoption = b->q.bindings[sc->book].adoption};
    out->slowly = is_for_slow(b, sc);
    if (out->slowly) {
        b->table->needs_layers = true;
        return OK;
    }
    question_strength(&b->q, sc, &out->model);
    TRY(fold_applies(b, sc, &ev, &out->applies));
    if (rule->require != NULL) TRY(fold(b, sc, rule->require, &ev, &out->require));
    if (rule->unless != NULL) TRY(fold(b, sc, rule->unless, &ev, &out->unless));
    return OK;
}

bool fold_never_applies(const struct rest *rest) {
    return !rest->slowly && rest->applies.kind == NODE_CONSTANT &&
           rest->applies.truth == RULEBOOK_FALSE;
}
/* ---- slots in order ---- */

static int compare_slots(const void *a, const void *b) {
    return str_compare(((const struct slot *)a)->path, ((const struct slot *)b)->path);
}

/* Sorts the slots by path, so that a request's facts meet them in one walk. */
enum error_code fold_settle_slots(struct builder *b) {
    struct slot *slots = arena_new(&b->arena, struct slot, b->slot_count);
    uint32_t *moved = arena_new(&b->scratch, uint32_t, b->slot_count);
    if (slots == NULL || moved == NULL) return table_no_room(b);
    for (size_t i = 0; i < b->slot_count; i++) slots[i] = b->slots[i];
    if (b->slot_count > 1) qsort(slots, b->slot_count, sizeof *slots, compare_slots);
    for (size_t i = 0; i < b->slot_count; i++)
        for (size_t k = 0; k < b->slot_count; k++)
            if (str_equal(b->slots[i].path, slots[k].path)) moved[i] = (uint32_t)k;
    for (size_t i = 0; i < b->atom_count; i++) {
        struct atom *atom = &b->atoms[i];
        if (atom->left_slot != NO_SLOT) atom->left_slot = moved[atom->left_slot];
        if (atom->right_slot != NO_SLOT) atom->right_slot = moved[atom->right_slot];
    }
    b->slots = slots;
    return OK;
}

static size_t count_leaves(const struct condition *c) {
    if (c == NULL) return 0;
    if (c->kind != CONDITION_ALL && c->kind != CONDITION_ANY && c->kind != CONDITION_NOT) return 1;
    size_t count = 0;
    for (size_t i = 0; i < c->part_count; i++) count += count_leaves(&c->parts[i]);
    return count;
}

size_t fold_count_atoms(const struct set_clause *sc) {
    const struct clause_rule *rule = sc->clause->rule;
    return rule->applies_count + count_leaves(rule->when) + count_leaves(rule->require) +
           count_leaves(rule->unless);
}
