/* Tables: everything that is the same for every request of one act, dataset and place is decided
 * once; what remains are few comparisons of what only the request knows.
 *
 *   build    each clause is asked with the facts at hand. What no request can change is done: it
 *            spoke, or it did not. Of the others the conditions are folded: known parts become
 *            constants, `all` and `any` shrink, and the comparisons left become atoms. Equal atoms
 * of different clauses are one. decide   a request fills the slots (the paths atoms read), and each
 * clause left is a small tree over atoms, each evaluated at most once.
 *
 * What folding does not know (lists that come with the request, clauses whose strength, reads or
 * acceptance hang on it) is asked slowly, clause by clause: rare, and never wrong.
 * Source: RULEBOOK 6. */
#include <assert.h>
#include <stdlib.h>

#include "base/numbers.h"
#include "rulebook/decision.h"

struct slot {
    str path;
    bool is_clock;                         /* time.now */
    const struct rulebook_value *fallback; /* what the table's facts say */
};

enum atom_kind { ATOM_COMPARE, ATOM_HOLDS, ATOM_KNOWN, ATOM_AMONG, ATOM_TREE };
enum { NO_SLOT = UINT32_MAX, TRUTH_NOT_YET = 3 };

struct atom {
    enum atom_kind kind;
    enum value_op op;
    bool negated;
    uint32_t left_slot, right_slot;
    const struct rulebook_value *left, *right; /* where there is no slot */
    const struct condition *condition;
    const struct set_clause *clause; /* TREE: whose rules evaluate it */
};

enum node_kind { NODE_CONSTANT, NODE_ATOM, NODE_ALL, NODE_ANY, NODE_NOT };
struct node {
    enum node_kind kind;
    enum rulebook_truth truth; /* constant */
    uint32_t atom;
    const struct node *parts;
    size_t part_count;
};

/* A clause whose outcome hangs on the request. */
struct rest {
    const struct set_clause *clause;
    bool slowly;
    struct node applies, require, unless;
    struct rulebook_spoke model; /* clause, strength and adoption, as they will be */
    size_t group;
};

struct outcome {
    struct rulebook_spoken spoken; /* first: a decision points here */
    enum rulebook_effect effect;   /* the worst of them */
};

/* Clauses of the same trees. */
struct group {
    struct node applies, require, unless;
    const struct set_clause *slow;    /* asked slowly, alone; NULL: the outcomes answer */
    struct outcome outcomes[2][3][2]; /* applied surely; truth; unless */
    bool obliges;
    const uint32_t *paths; /* read beside those always read, if it speaks */
    size_t path_count;
};

struct table_path {
    str path;
    const struct rulebook_value *fixed; /* NULL: the request may say otherwise */
    bool always;                        /* read by every decision of the table */
};

struct rulebook_table {
    const struct rulebook_set *set;
    struct rulebook_subject subject;
    const struct rulebook_facts *facts;
    const str *request;
    size_t request_count;
    struct rulebook_span span;
    bool reads_clock, needs_layers;
    const struct rulebook_spoke *fixed;
    size_t fixed_count;
    struct rulebook_decision model; /* effect, obligations, conflicts of the fixed */
    const struct group *groups;
    size_t group_count;
    const struct slot *slots; /* sorted by path */
    size_t slot_count;
    const struct atom *atoms;
    size_t atom_count;
    const struct table_path *paths; /* sorted */
    size_t path_count;
};

struct rulebook_span rulebook_table_span(const struct rulebook_table *table) {
    return table->span;
}

/* ==== building =============================================================================== */

struct builder {
    struct rulebook_table *table;
    struct rest *rests; /* in scratch */
    size_t rest_count;
    struct group *groups;
    struct question q;
    struct arena *arena;
    struct arena scratch;
    struct slot *slots; /* in scratch until their number is known */
    size_t slot_room;
    struct atom *atoms;
    size_t atom_room;
    struct error *e;
};

static enum error_code no_room(struct builder *b) {
    return error_set(b->e, FAIL_MEMORY, "no room to fold %zu clauses", b->q.set->clause_count);
}

/* ---- what a request may say ---- */

static bool is_under(str path, str root) {
    return str_starts(path, root) && (path.len == root.len || path.at[root.len] == '.');
}

static bool is_request_path(const struct rulebook_table *t, str path) {
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
    v->found |=
        is_request_path(v->table, path) || (brief.len > 0 && is_request_path(v->table, brief));
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

static bool clause_hangs(struct builder *b, const struct set_clause *sc) {
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
            if (is_request_path(b->table, sc->raises[i].raise->only[k].path)) return true;
    for (size_t i = 0; i < rule->applies_count; i++)
        if (operand_hangs(b, &rule->applies[i].among)) return true;
    return false;
}

/* ---- slots and atoms ---- */

static enum error_code slot_of(struct builder *b, str path, uint32_t *out) {
    struct rulebook_table *t = b->table;
    for (size_t i = 0; i < t->slot_count; i++)
        if (str_equal(b->slots[i].path, path)) {
            *out = (uint32_t)i;
            return OK;
        }
    if (t->slot_count == b->slot_room) return no_room(b);
    struct evaluation ev = {.facts = b->q.facts, .now_ns = b->q.at_ns};
    b->slots[t->slot_count] =
        (struct slot){path, str_equal(path, STR("time.now")), evaluation_fact(&ev, path)};
    *out = (uint32_t)t->slot_count++;
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
    struct rulebook_table *t = b->table;
    size_t i = 0;
    while (i < t->atom_count && !same_atom(&b->atoms[i], atom)) i++;
    if (i == t->atom_count) {
        if (t->atom_count == b->atom_room) return no_room(b);
        b->atoms[t->atom_count++] = *atom;
        t->needs_layers |= atom->kind == ATOM_TREE;
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
    if (operand->kind == OPERAND_FACT && is_request_path(b->table, operand->path))
        return slot_of(b, operand->path, slot);
    struct rulebook_value *room = arena_new(b->arena, struct rulebook_value, 1);
    if (room == NULL) return no_room(b);
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
    struct node *parts = arena_new(b->arena, struct node, c->part_count);
    if (parts == NULL) return no_room(b);
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
    struct node *inner = arena_new(b->arena, struct node, 1);
    if (inner == NULL) return no_room(b);
    *inner = *out;
    *out = (struct node){.kind = NODE_NOT, .parts = inner, .part_count = 1};
    return OK;
}

/* `applies` and `when` as one ALL. */
static enum error_code fold_applies(struct builder *b, const struct set_clause *sc,
                                    struct evaluation *ev, struct node *out) {
    const struct clause_rule *rule = sc->clause->rule;
    struct node *parts = arena_new(b->arena, struct node, rule->applies_count + 1);
    if (parts == NULL) return no_room(b);
    bool assessing = b->q.subject->act.len == 0;
    for (size_t i = 0; i < rule->applies_count; i++) {
        const struct applies *entry = &rule->applies[i];
        bool is_settled = assessing && str_equal(entry->path, STR("act"));
        if (is_settled || !is_request_path(b->table, entry->path)) {
            parts[i] = constant(applies_truth(entry, 1, ev, assessing));
            continue;
        }
        struct atom atom = {.kind = ATOM_AMONG, .right_slot = NO_SLOT};
        struct rulebook_value *room = arena_new(b->arena, struct rulebook_value, 1);
        if (room == NULL) return no_room(b);
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

static enum error_code fold_clause(struct builder *b, const struct set_clause *sc,
                                   struct rest *out) {
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

static bool never_applies(const struct rest *rest) {
    return !rest->slowly && rest->applies.kind == NODE_CONSTANT &&
           rest->applies.truth == RULEBOOK_FALSE;
}

/* ---- paths read ---- */

struct path_visitor {
    struct condition_visitor visitor;
    const struct rulebook_facts *facts;
    str *paths;
    size_t count, room;
};
static void visit_path(struct condition_visitor *self, str path, str brief) {
    struct path_visitor *v = (struct path_visitor *)self;
    if (brief.len > 0 && rulebook_facts_find(v->facts, path) == NULL &&
        rulebook_facts_find(v->facts, brief) != NULL)
        path = brief;
    if (v->count < v->room) v->paths[v->count] = path;
    v->count++;
}

static enum error_code visit_twice(struct builder *b, const struct set_clause *sc,
                                   enum rulebook_truth applied, struct path_visitor *v) {
    *v = (struct path_visitor){.visitor = {visit_path}, .facts = b->q.facts};
    question_visit(&b->q, sc, applied, &v->visitor);
    v->room = v->count;
    v->count = 0;
    v->paths = arena_new(&b->scratch, str, v->room);
    if (v->paths == NULL) return no_room(b);
    question_visit(&b->q, sc, applied, &v->visitor);
    return OK;
}

static size_t path_at(const struct rulebook_table *t, str path) {
    size_t low = 0, high = t->path_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (str_compare(t->paths[middle].path, path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    assert(low < t->path_count);
    return low;
}

struct considered {
    const struct set_clause *clause;
    bool settled, spoke; /* settled: whether it spoke is known now */
    struct rulebook_spoke out;
    size_t rest; /* its rest, if it is not settled */
};

static int compare_strings(const void *a, const void *b) {
    return str_compare(*(const str *)a, *(const str *)b);
}

/* The group's paths with those of one more of its clauses. */
static enum error_code add_paths(struct builder *b, struct group *group,
                                 const struct path_visitor *v) {
    uint32_t *own = arena_new(b->arena, uint32_t, group->path_count + v->count);
    if (own == NULL) return no_room(b);
    size_t count = 0;
    for (; count < group->path_count; count++) own[count] = group->paths[count];
    for (size_t i = 0; i < v->count; i++) {
        uint32_t at = (uint32_t)path_at(b->table, v->paths[i]);
        bool known = false;
        for (size_t k = 0; k < count && !known; k++) known = own[k] == at;
        if (!known) own[count++] = at;
    }
    if (count == group->path_count) return OK;
    group->paths = own;
    group->path_count = count;
    return OK;
}

/* All paths any considered clause may read, then which are always read and which by whom. */
static enum error_code build_paths(struct builder *b, const struct considered *all, size_t count) {
    struct rulebook_table *t = b->table;
    struct arena keep = b->scratch;
    struct path_visitor v;
    size_t room = 0;
    for (size_t i = 0; i < count; i++) {
        b->scratch = keep;
        TRY(visit_twice(b, all[i].clause, RULEBOOK_TRUE, &v));
        room += v.count;
    }
    b->scratch = keep;
    str *names = arena_new(&b->scratch, str, room);
    if (names == NULL) return no_room(b);
    keep = b->scratch;
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        b->scratch = keep;
        TRY(visit_twice(b, all[i].clause, RULEBOOK_TRUE, &v));
        for (size_t k = 0; k < v.count; k++) names[used++] = v.paths[k];
    }
    if (used > 1) qsort(names, used, sizeof *names, compare_strings);
    struct table_path *paths = arena_new(b->arena, struct table_path, used);
    if (paths == NULL) return no_room(b);
    struct evaluation ev = {.facts = b->q.facts, .now_ns = b->q.at_ns};
    for (size_t i = 0; i < used; i++) {
        if (t->path_count > 0 && str_equal(paths[t->path_count - 1].path, names[i])) continue;
        struct table_path *p = &paths[t->path_count++];
        p->path = names[i];
        if (!is_request_path(t, p->path)) p->fixed = evaluation_fact(&ev, p->path);
        t->reads_clock |= str_equal(p->path, STR("time.now"));
    }
    t->paths = paths;
    for (size_t i = 0; i < count; i++) {
        bool speaks = all[i].settled && all[i].spoke;
        b->scratch = keep;
        TRY(visit_twice(b, all[i].clause, speaks ? RULEBOOK_TRUE : RULEBOOK_FALSE, &v));
        for (size_t k = 0; k < v.count; k++) paths[path_at(t, v.paths[k])].always = true;
        if (all[i].settled) continue;
        TRY(visit_twice(b, all[i].clause, RULEBOOK_TRUE, &v));
        TRY(add_paths(b, &b->groups[b->rests[all[i].rest].group], &v));
    }
    return OK;
}

/* ---- slots in order ---- */

static int compare_slots(const void *a, const void *b) {
    return str_compare(((const struct slot *)a)->path, ((const struct slot *)b)->path);
}

/* Sorts the slots by path, so that a request's facts meet them in one walk. */
static enum error_code settle_slots(struct builder *b) {
    struct rulebook_table *t = b->table;
    struct slot *slots = arena_new(b->arena, struct slot, t->slot_count);
    struct atom *atoms = arena_new(b->arena, struct atom, t->atom_count);
    uint32_t *moved = arena_new(&b->scratch, uint32_t, t->slot_count);
    if (slots == NULL || atoms == NULL || moved == NULL) return no_room(b);
    for (size_t i = 0; i < t->slot_count; i++) slots[i] = b->slots[i];
    if (t->slot_count > 1) qsort(slots, t->slot_count, sizeof *slots, compare_slots);
    for (size_t i = 0; i < t->slot_count; i++)
        for (size_t k = 0; k < t->slot_count; k++)
            if (str_equal(b->slots[i].path, slots[k].path)) moved[i] = (uint32_t)k;
    for (size_t i = 0; i < t->atom_count; i++) {
        atoms[i] = b->atoms[i];
        if (atoms[i].left_slot != NO_SLOT) atoms[i].left_slot = moved[atoms[i].left_slot];
        if (atoms[i].right_slot != NO_SLOT) atoms[i].right_slot = moved[atoms[i].right_slot];
    }
    t->slots = slots;
    t->atoms = atoms;
    return OK;
}

/* ---- the whole ---- */

static size_t count_leaves(const struct condition *c) {
    if (c == NULL) return 0;
    if (c->kind != CONDITION_ALL && c->kind != CONDITION_ANY && c->kind != CONDITION_NOT) return 1;
    size_t count = 0;
    for (size_t i = 0; i < c->part_count; i++) count += count_leaves(&c->parts[i]);
    return count;
}

static size_t count_atoms(const struct set_clause *sc) {
    const struct clause_rule *rule = sc->clause->rule;
    return rule->applies_count + count_leaves(rule->when) + count_leaves(rule->require) +
           count_leaves(rule->unless);
}

static enum error_code settle(struct builder *b, struct considered *all, size_t *count) {
    struct rulebook_table *t = b->table;
    const struct rulebook_clause *last = NULL;
    for (size_t i = 0; i < b->q.set->clause_count; i++) {
        const struct set_clause *sc = &b->q.set->clauses[i];
        if (sc->clause == last || !question_considers(&b->q, sc)) continue;
        last = sc->clause;
        struct considered *c = &all[(*count)++];
        *c = (struct considered){.clause = sc, .settled = true};
        if (!clause_hangs(b, sc)) {
            c->spoke = question_ask(&b->q, sc, &c->out);
            t->fixed_count += c->spoke;
            continue;
        }
        struct rest *rest = &b->rests[b->rest_count];
        TRY(fold_clause(b, sc, rest));
        if (never_applies(rest)) continue;
        c->settled = false;
        c->rest = b->rest_count++;
    }
    return OK;
}

/* ---- groups ---- */

static bool same_node(const struct node *a, const struct node *b) {
    if (a->kind != b->kind || a->truth != b->truth || a->atom != b->atom ||
        a->part_count != b->part_count)
        return false;
    for (size_t i = 0; i < a->part_count; i++)
        if (!same_node(&a->parts[i], &b->parts[i])) return false;
    return true;
}

static size_t group_of(struct builder *b, const struct rest *rest) {
    struct rulebook_table *t = b->table;
    size_t i = rest->slowly ? t->group_count : 0;
    for (; i < t->group_count; i++) {
        const struct group *g = &b->groups[i];
        if (g->slow == NULL && same_node(&g->applies, &rest->applies) &&
            same_node(&g->require, &rest->require) && same_node(&g->unless, &rest->unless))
            return i;
    }
    b->groups[t->group_count++] = (struct group){.applies = rest->applies,
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
    struct rulebook_spoke *spoke = arena_new(b->arena, struct rulebook_spoke, count);
    if (spoke == NULL) return no_room(b);
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

static enum error_code build_groups(struct builder *b) {
    struct rulebook_table *t = b->table;
    for (size_t i = 0; i < b->rest_count; i++) {
        b->rests[i].group = group_of(b, &b->rests[i]);
        b->groups[b->rests[i].group].obliges |= b->rests[i].clause->clause->obligation_count > 0;
    }
    for (size_t i = 0; i < t->group_count; i++) TRY(write_outcomes(b, i));
    return OK;
}

static enum error_code keep_groups(struct builder *b) {
    struct rulebook_table *t = b->table;
    struct group *groups = arena_new(b->arena, struct group, t->group_count);
    if (groups == NULL) return no_room(b);
    for (size_t i = 0; i < t->group_count; i++) groups[i] = b->groups[i];
    t->groups = groups;
    return OK;
}

static enum error_code join_fixed(struct builder *b, const struct considered *all, size_t count) {
    struct rulebook_table *t = b->table;
    struct rulebook_spoke *fixed = arena_new(b->arena, struct rulebook_spoke, t->fixed_count);
    const struct rulebook_spoke **order =
        arena_new(&b->scratch, const struct rulebook_spoke *, t->fixed_count);
    if (fixed == NULL || order == NULL) return no_room(b);
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        if (!all[i].settled || !all[i].spoke) continue;
        fixed[used] = all[i].out;
        order[used] = &fixed[used];
        if (fixed[used].effect > t->model.effect) t->model.effect = fixed[used].effect;
        used++;
    }
    t->fixed = fixed;
    return join_obligations(order, used, b->arena, &t->model, b->e);
}

enum error_code rulebook_table_build(const struct rulebook_set *set,
                                     const struct rulebook_subject *subject,
                                     const struct rulebook_facts *facts, const str *request,
                                     size_t request_count, int64_t at_ns, struct arena *arena,
                                     struct arena scratch, const struct rulebook_table **out,
                                     struct error *e) {
    struct builder b = {.arena = arena, .scratch = scratch, .e = e};
    struct rulebook_table *t = b.table = arena_new(arena, struct rulebook_table, 1);
    struct rulebook_subject *own = arena_new(arena, struct rulebook_subject, 1);
    if (t == NULL || own == NULL) return error_set(e, FAIL_MEMORY, "no room for a table");
    *own = *subject; /* the question below keeps a pointer to it */
    *t = (struct rulebook_table){.set = set,
                                 .subject = *subject,
                                 .facts = facts,
                                 .request = request,
                                 .request_count = request_count};
    TRY(question_begin(set, own, facts, at_ns, arena, &b.q, e));
    t->span = (struct rulebook_span){question_boundary_before(&b.q), question_boundary(&b.q)};
    for (size_t i = 0; i < set->clause_count; i++) b.atom_room += count_atoms(&set->clauses[i]);
    b.slot_room = 2 * b.atom_room; /* a comparison has two sides */
    b.slots = arena_new(&b.scratch, struct slot, b.slot_room);
    b.atoms = arena_new(&b.scratch, struct atom, b.atom_room);
    struct considered *all = arena_new(&b.scratch, struct considered, set->clause_count);
    b.rests = arena_new(&b.scratch, struct rest, set->clause_count);
    b.groups = arena_new(&b.scratch, struct group, set->clause_count);
    if (b.slots == NULL || b.atoms == NULL || all == NULL || b.rests == NULL || b.groups == NULL)
        return no_room(&b);
    size_t count = 0;
    TRY(settle(&b, all, &count));
    TRY(build_groups(&b));
    TRY(build_paths(&b, all, count));
    TRY(keep_groups(&b));
    TRY(settle_slots(&b));
    TRY(join_fixed(&b, all, count));
    *out = t;
    return OK;
}

/* ==== deciding =============================================================================== */

struct request {
    const struct rulebook_table *table;
    const struct rulebook_value **values; /* one a slot */
    unsigned char *truths;                /* one an atom; TRUTH_NOT_YET */
    struct question q;
    struct rulebook_fact own[2]; /* act, time.now */
    struct rulebook_facts own_layer, request_layer;
    struct rulebook_value now;
    int64_t until_ns; /* the first of the request's facts to run out */
};

/* Slots and facts are sorted alike: one walk meets both. */
static void fill_slots(struct request *r, const struct rulebook_facts *facts) {
    const struct rulebook_table *t = r->table;
    size_t k = 0;
    for (size_t i = 0; i < t->slot_count; i++) {
        const struct slot *slot = &t->slots[i];
        int order = 1;
        while (k < facts->count && (order = str_compare(facts->at[k].path, slot->path)) < 0) k++;
        const struct rulebook_value *value = NULL;
        if (k < facts->count && order == 0) {
            value = &facts->at[k].value;
        } else if (k > 0) { /* below a record, which sorts before */
            struct rulebook_record layer = {facts->at, facts->count};
            value = rulebook_record_find(&layer, slot->path);
        }
        if (slot->is_clock) value = &r->now;
        if (value == NULL)
            value = slot->fallback;
        else if (value->until_ns != 0 && r->q.at_ns >= value->until_ns)
            value = &value_unknown;
        r->values[i] = value;
    }
    for (size_t i = 0; i < facts->count; i++) {
        int64_t until_ns = facts->at[i].value.until_ns;
        if (until_ns > r->q.at_ns) r->until_ns = i64_min(r->until_ns, until_ns);
    }
}

static enum rulebook_truth among(const struct rulebook_value *value,
                                 const struct rulebook_value *set) {
    struct rulebook_value word;
    if (value->kind == RULEBOOK_YES_NO) {
        word = rulebook_text(value->yes ? STR("true") : STR("false"));
        value = &word;
    }
    bool is_set = value->kind == RULEBOOK_SET || value->kind == RULEBOOK_LIST;
    return value_compare(is_set ? VALUE_INTERSECTS : VALUE_IN, value, set);
}

static enum rulebook_truth atom_truth(struct request *r, const struct atom *a) {
    const struct rulebook_value *left = a->left_slot == NO_SLOT ? a->left : r->values[a->left_slot];
    enum rulebook_truth truth = RULEBOOK_UNKNOWN_TRUTH;
    switch (a->kind) {
    case ATOM_COMPARE:
        truth = value_compare(a->op, left,
                              a->right_slot == NO_SLOT ? a->right : r->values[a->right_slot]);
        return a->negated ? truth_not(truth) : truth;
    case ATOM_HOLDS: return left->kind == RULEBOOK_YES_NO ? truth_of(left->yes) : truth;
    case ATOM_KNOWN: return truth_of(value_is_known(left));
    case ATOM_AMONG: return among(left, a->right);
    case ATOM_TREE: {
        struct evaluation ev = question_evaluation(&r->q, a->clause);
        return condition_evaluate(a->condition, &ev);
    }
    }
    return truth;
}

static enum rulebook_truth node_truth(struct request *r, const struct node *node) {
    enum rulebook_truth truth;
    switch (node->kind) {
    case NODE_CONSTANT: return node->truth;
    case NODE_ATOM:
        if (r->truths[node->atom] == TRUTH_NOT_YET)
            r->truths[node->atom] = (unsigned char)atom_truth(r, &r->table->atoms[node->atom]);
        return (enum rulebook_truth)r->truths[node->atom];
    case NODE_NOT: return truth_not(node_truth(r, node->parts));
    case NODE_ALL:
        truth = RULEBOOK_TRUE;
        for (size_t i = 0; i < node->part_count && truth != RULEBOOK_FALSE; i++)
            truth = truth_and(truth, node_truth(r, &node->parts[i]));
        return truth;
    case NODE_ANY:
        truth = RULEBOOK_FALSE;
        for (size_t i = 0; i < node->part_count && truth != RULEBOOK_TRUE; i++)
            truth = truth_or(truth, node_truth(r, &node->parts[i]));
        return truth;
    }
    return RULEBOOK_UNKNOWN_TRUTH;
}

/* The outcome of a group; NULL: it does not apply. */
static const struct outcome *ask_group(struct request *r, const struct group *g) {
    enum rulebook_truth applied = node_truth(r, &g->applies), unless = RULEBOOK_FALSE;
    if (applied == RULEBOOK_FALSE) return NULL;
    enum rulebook_truth truth = node_truth(r, &g->require);
    if (truth != RULEBOOK_TRUE) unless = node_truth(r, &g->unless);
    return &g->outcomes[applied == RULEBOOK_TRUE][truth][unless == RULEBOOK_TRUE];
}

/* The same for a clause that is asked slowly; *out is NULL when it does not apply. */
static enum error_code ask_slowly(struct request *r, const struct group *g, struct arena *arena,
                                  const struct outcome **out, struct error *e) {
    struct rulebook_spoke one;
    *out = NULL;
    if (!question_ask(&r->q, g->slow, &one)) return OK;
    struct outcome *outcome = arena_new(arena, struct outcome, 1);
    struct rulebook_spoke *spoke = arena_new(arena, struct rulebook_spoke, 1);
    if (outcome == NULL || spoke == NULL) return error_set(e, FAIL_MEMORY, "no room to decide");
    *spoke = one;
    *outcome = (struct outcome){{spoke, 1}, one.effect};
    *out = outcome;
    return OK;
}

/* act and time.now, the request, the table's facts: what slow questions read. */
static enum error_code lay_out(struct request *r, const struct rulebook_facts *facts,
                               struct arena *scratch, struct error *e) {
    const struct rulebook_table *t = r->table;
    r->request_layer = (struct rulebook_facts){facts->at, facts->count, t->facts};
    return question_begin(t->set, &t->subject, &r->request_layer, r->q.at_ns, scratch, &r->q, e);
}

/* Some clause of the request obliges: join anew, all of them in their order. */
static enum error_code join_again(struct rulebook_decision *d, struct arena *arena,
                                  struct arena scratch, struct error *e) {
    const struct rulebook_spoke *const *order;
    size_t count;
    TRY(decision_in_order(d, &scratch, &order, &count, e));
    d->obligations = NULL;
    d->obligation_count = d->conflict_count = 0;
    return join_obligations(order, count, arena, d, e);
}

static enum error_code decide_outside(const struct rulebook_table *t,
                                      const struct rulebook_facts *request, int64_t now_ns,
                                      struct arena *arena, struct arena scratch,
                                      struct rulebook_decision *out, struct error *e) {
    struct rulebook_facts facts = {request->at, request->count, t->facts};
    return rulebook_evaluate_slow(t->set, &t->subject, &facts, now_ns, arena, scratch, out, e);
}

enum error_code rulebook_decide(const struct rulebook_table *t,
                                const struct rulebook_facts *request, int64_t now_ns,
                                struct arena *arena, struct arena scratch,
                                struct rulebook_decision *out, struct error *e) {
    if (!rulebook_span_has(t->span, now_ns))
        return decide_outside(t, request, now_ns, arena, scratch, out, e);
    struct request r = {.table = t, .until_ns = t->span.until_ns};
    r.q = (struct question){.set = t->set, .subject = &t->subject, .at_ns = now_ns};
    r.values = (const struct rulebook_value **)(void *)arena_take(
        &scratch, sizeof *r.values, _Alignof(struct rulebook_value *), t->slot_count);
    r.truths = (unsigned char *)arena_bytes(&scratch, t->atom_count);
    if (r.values == NULL || r.truths == NULL) return error_set(e, FAIL_MEMORY, "no room to decide");
    memset(r.truths, TRUTH_NOT_YET, t->atom_count);
    if (t->reads_clock) r.now = rulebook_date(now_ns);
    fill_slots(&r, request);
    if (t->needs_layers) TRY(lay_out(&r, request, &scratch, e));
    struct rulebook_decision d = t->model;
    d.set = t->set;
    d.subject = t->subject;
    d.facts = (struct rulebook_facts){request->at, request->count, t->facts};
    d.at_ns = now_ns;
    d.fixed = t->fixed;
    d.fixed_count = t->fixed_count;
    d.good_until_ns = t->reads_clock ? now_ns + 1 : r.until_ns;
    d.table = t;
    const struct rulebook_spoken **groups =
        arena_new(arena, const struct rulebook_spoken *, t->group_count);
    if (groups == NULL) return error_set(e, FAIL_MEMORY, "no room to decide");
    bool obliges = false;
    for (size_t i = 0; i < t->group_count; i++) {
        const struct group *g = &t->groups[i];
        const struct outcome *outcome;
        if (g->slow != NULL)
            TRY(ask_slowly(&r, g, arena, &outcome, e));
        else
            outcome = ask_group(&r, g);
        if (outcome == NULL) continue;
        groups[d.group_count++] = &outcome->spoken;
        d.spoke_count += outcome->spoken.count;
        if (outcome->effect > d.effect) d.effect = outcome->effect;
        obliges |= g->obliges;
    }
    d.groups = groups;
    if (obliges) TRY(join_again(&d, arena, scratch, e));
    *out = d;
    return OK;
}

/* ---- facts read ---- */

enum error_code table_facts(const struct rulebook_table *t, const struct rulebook_decision *d,
                            struct arena *arena, struct arena scratch,
                            const struct rulebook_reading **out, size_t *count, struct error *e) {
    struct question *q = arena_new(arena, struct question, 1);
    unsigned char *read = arena_new(&scratch, unsigned char, t->path_count);
    struct rulebook_reading *readings = arena_new(arena, struct rulebook_reading, t->path_count);
    if (q == NULL || read == NULL || readings == NULL)
        return error_set(e, FAIL_MEMORY, "no room for facts");
    TRY(decision_question(d, arena, q, e));
    size_t next = 0; /* the groups that spoke, in the table's order */
    for (size_t i = 0; i < t->group_count && next < d->group_count; i++) {
        const struct group *g = &t->groups[i];
        const struct rulebook_spoken *spoken = d->groups[next];
        bool is_it = false;
        if (g->slow != NULL)
            is_it = spoken->at->clause == g->slow->clause;
        else
            for (size_t k = 0; k < COUNT_OF(g->outcomes); k++)
                for (size_t m = 0; m < COUNT_OF(g->outcomes[k]); m++)
                    is_it |= spoken == &g->outcomes[k][m][0].spoken ||
                             spoken == &g->outcomes[k][m][1].spoken;
        if (!is_it) continue;
        next++;
        for (size_t k = 0; k < g->path_count; k++) read[g->paths[k]] = 1;
    }
    assert(next == d->group_count);
    struct evaluation ev = {.facts = q->facts, .now_ns = d->at_ns};
    size_t used = 0;
    for (size_t i = 0; i < t->path_count; i++) {
        const struct table_path *p = &t->paths[i];
        if (!p->always && !read[i]) continue;
        readings[used++] = (struct rulebook_reading){
            p->path, p->fixed != NULL ? p->fixed : evaluation_fact(&ev, p->path)};
    }
    *out = readings;
    *count = used;
    return OK;
}
