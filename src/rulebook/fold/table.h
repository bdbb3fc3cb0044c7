/* Tables from the inside: what is folded, and into what. fold.c folds conditions, group.c writes
 * outcomes down, table.c builds the whole, pack.c lays it out, ask.c decides with it. */
#ifndef AZEKURA_RULEBOOK_TABLE_H
#define AZEKURA_RULEBOOK_TABLE_H

#include "rulebook/decide/decision.h"

/* ---- a table, as decisions read it ----
 *
 * A busy store asks thousands of tables, so a decision meets its own one cold, and waits for memory
 * more than it computes. What every decision reads therefore lies in one run, front to back, without
 * pointers from part to part: about ten lines of the cache, which are asked for at once. What only
 * looking back reads lies behind it.
 *
 *   table | slots | atoms | nodes | groups | outcomes || what spoke, paths, values
 */

enum { NO_SLOT = UINT32_MAX, TRUTH_NOT_YET = 3, TABLE_LINES = 10, LINE_BYTES = 64 };

struct table_slot {
    str path;
    const struct rulebook_value *fallback; /* what the table's facts say */
    bool is_clock;                         /* time.now */
};

enum atom_kind { ATOM_COMPARE, ATOM_HOLDS, ATOM_KNOWN, ATOM_AMONG, ATOM_TREE };
struct table_atom {
    uint8_t kind, op; /* atom_kind, value_op */
    bool negated;
    uint32_t left_slot, right_slot;
    union {
        struct {
            const struct rulebook_value *left, *right; /* where there is no slot */
        };
        struct { /* TREE */
            const struct condition *condition;
            const struct set_clause *clause; /* whose rules evaluate it */
        };
    };
};

enum node_kind { NODE_CONSTANT, NODE_ATOM, NODE_ALL, NODE_ANY, NODE_NOT };
struct table_node {
    uint8_t kind, truth;     /* node_kind; rulebook_truth of a constant */
    uint32_t at, part_count; /* the atom; the first of the parts, which lie side by side */
};

struct table_outcome {
    struct rulebook_spoken spoken; /* first: a decision points here */
    enum rulebook_effect effect;   /* the worst of them */
};

/* Clauses of the same trees. */
struct table_group {
    struct table_node applies, require, unless;
    uint8_t outcome[2][3][2]; /* applied surely; truth; unless: 1 + its place among the group's */
    bool obliges;
    uint32_t first_outcome, outcome_count;
    const struct set_clause *slow; /* asked slowly, alone; NULL: the outcomes answer */
};
_Static_assert(sizeof(struct table_group) <= LINE_BYTES + 8, "a group is read at once");

struct table_path {
    str path;
    const struct rulebook_value *fixed; /* NULL: the request may say otherwise */
    bool always;                        /* read by every decision of the table */
};

/* Paths read beside those always read, if the group speaks. */
struct table_reads {
    const uint32_t *paths;
    size_t count;
};

struct rulebook_table {
    struct rulebook_span span;
    bool reads_clock, needs_layers;
    uint32_t slot_count, atom_count, group_count;
    const struct table_slot *slots; /* sorted by path */
    const struct table_atom *atoms;
    const struct table_node *nodes;
    const struct table_group *groups;
    const struct table_outcome *outcomes;
    struct rulebook_decision model; /* what no request changes of one: most of it */
    /* looking back */
    const str *request;
    size_t request_count;
    const struct table_path *paths; /* sorted */
    size_t path_count;
    const struct table_reads *reads; /* one a group */
};

/* ---- while building ---- */

struct slot {
    str path;
    bool is_clock;
    const struct rulebook_value *fallback;
};

struct atom {
    enum atom_kind kind;
    enum value_op op;
    bool negated;
    uint32_t left_slot, right_slot;
    const struct rulebook_value *left, *right;
    const struct condition *condition;
    const struct set_clause *clause;
};

struct node {
    enum node_kind kind;
    enum rulebook_truth truth;
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
    struct rulebook_spoken spoken; /* at NULL: cannot be */
    enum rulebook_effect effect;
};

struct group {
    struct node applies, require, unless;
    const struct set_clause *slow;
    struct outcome outcomes[2][3][2]; /* applied surely; truth; unless */
    bool obliges;
    uint32_t *paths;
    size_t path_count;
};

struct builder {
    struct rulebook_table *table;
    struct arena *keep; /* the table's */
    struct arena building,
        arena;            /* the whole that goes once the table is built; what is left of it */
    struct arena scratch; /* by turns */
    struct question q;
    struct rest *rests;
    size_t rest_count;
    struct group *groups;
    size_t group_count;
    struct slot *slots;
    size_t slot_count, slot_room;
    struct atom *atoms;
    size_t atom_count, atom_room;
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
/* Sorts slots by path, so that a request's facts meet them in one walk. */
enum error_code fold_settle_slots(struct builder *b) MUST_USE;

/* group.c. Groups the rests. */
enum error_code group_rests(struct builder *b) MUST_USE;

/* pack.c. Lays out what decisions read, dense; *out is the table from then on. */
enum error_code pack_table(struct builder *b, const struct rulebook_table **out) MUST_USE;

#endif
