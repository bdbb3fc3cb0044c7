/* Tables from the inside: what is folded, and into what. fold.c folds conditions, group.c writes
 * outcomes down, table.c builds the whole, ask.c decides with it. */
#ifndef AZEKURA_RULEBOOK_TABLE_H
#define AZEKURA_RULEBOOK_TABLE_H

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

/* ---- while building ---- */

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

enum error_code table_no_room(struct builder *b);

/* fold.c. Does anything the clause reads come with the request? */
bool fold_clause_hangs(struct builder *b, const struct set_clause *sc);
bool fold_is_request_path(const struct rulebook_table *t, str path);
/* The clause with its conditions folded. */
enum error_code fold_clause(struct builder *b, const struct set_clause *sc,
                            struct rest *out) MUST_USE;
/* No request makes it apply. */
bool fold_never_applies(const struct rest *rest);
/* Atoms the clause can come to, at most. */
size_t fold_count_atoms(const struct set_clause *sc);
/* Sorts slots by path, so that a request's facts meet them in one walk; moves both to the arena. */
enum error_code fold_settle_slots(struct builder *b) MUST_USE;

/* group.c. Groups the rests; then their final place in the arena. */
enum error_code group_rests(struct builder *b) MUST_USE;
enum error_code group_keep(struct builder *b) MUST_USE;

#endif
