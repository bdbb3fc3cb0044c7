/* Conditions: their tree, how it is read from text, and what it evaluates to over facts.
 *
 *   condition  = PATH op value | PATH "known" | PATH | quantified | aggregate
 *              | all: / any: / not: with conditions below
 *   op         = is | is not | [not] in | [not] has | [not] intersects | disjoint
 *              | [not] subset of | < | <= | > | >=
 *   value      = literal | ["a", "b"] | $name | @path
 *   quantified = (every | some | no) LIST ["has" "(" conditions ")"]
 *   aggregate  = (sum | max | min) PATH.FIELD ["where" "(" conditions ")"] op value
 *              | count LIST op value
 *   LIST       = PATH ["where" "(" … ")"]
 *              | latest N of PATH by it.FIELD ["until" value] ["where" "(" … ")"]
 *
 * Inside parentheses `it.` is the element, conditions join with `and`, and no further list is
 * walked: time stays linear in the size of rule and facts. Source: RULEBOOK 4. */
#ifndef AZEKURA_RULEBOOK_CONDITION_H
#define AZEKURA_RULEBOOK_CONDITION_H

#include "rulebook/value/value.h"

enum operand_kind {
    OPERAND_LITERAL, /* also $set and the parameters a rulebook sets: `value` */
    OPERAND_FACT,    /* PATH, @path */
    OPERAND_ELEMENT, /* it.field, @it.field: `path` is the field */
    OPERAND_DERIVED, /* $name of a derived set: the register supplies who is in it */
    OPERAND_LIST,    /* $name that the file does not define: a list of the register */
    OPERAND_PARAM,   /* $name of a parameter the operator sets */
};

struct operand {
    enum operand_kind kind;
    str path;  /* of the fact that answers: "derived.RULEBOOK/NAME", "param.RULEBOOK/CLAUSE/NAME" */
    str brief; /* the same without the rulebook: "derived.NAME"; asked when `path` has no answer */
    str unit;  /* of a parameter given as a bare number */
    struct rulebook_value value;
};

enum condition_kind {
    CONDITION_ALL,
    CONDITION_ANY,
    CONDITION_NOT, /* of all its parts together */
    CONDITION_COMPARE,
    CONDITION_KNOWN,
    CONDITION_HOLDS,
    CONDITION_QUANTIFIED,
    CONDITION_AGGREGATE,
};
enum quantifier { QUANTIFIER_EVERY, QUANTIFIER_SOME, QUANTIFIER_NO };
enum aggregate { AGGREGATE_SUM, AGGREGATE_MAX, AGGREGATE_MIN, AGGREGATE_COUNT };

struct condition;
struct condition_list {
    str path;
    uint64_t latest; /* 0: all */
    str latest_by;   /* field */
    bool has_until;
    struct operand until;
    const struct condition *where; /* an ALL, or NULL */
};

struct condition {
    enum condition_kind kind;
    enum value_op op;
    bool negated;
    str text; /* as written, for people */
    uint32_t line, column;
    struct operand left, right;
    const struct condition *parts; /* ALL, ANY, NOT */
    size_t part_count;
    enum quantifier quantifier;
    enum aggregate aggregate;
    str field; /* sum, max, min */
    struct condition_list list;
    const struct condition *has; /* an ALL, or NULL */
};

/* ---- reading ---- */

struct param {
    str name, unit, note;
    bool by_operator;
    bool has_value;
    struct rulebook_value value;
};
struct named_set {
    str name;
    struct rulebook_value value;
};

/* What the names in a condition may stand for. */
struct scope {
    str rulebook, clause;
    const struct named_set *sets;
    size_t set_count;
    const str *derived;
    size_t derived_count;
    const str *measures;
    size_t measure_count;
    const struct param *params;
    size_t param_count;
    struct arena *arena;
    /* Called for a $name that nothing in the file defines: a warning, not an error. */
    enum error_code (*unknown_name)(void *self, const struct doc_node *at, str name,
                                    struct error *e);
    void *self;
};

/* A block list of conditions as one ALL. FAIL_SYNTAX, FAIL_LIMIT, FAIL_MEMORY. */
enum error_code condition_read_list(const struct scope *scope, const struct doc_node *list,
                                    const struct condition **out, struct error *e) MUST_USE;
/* One condition in a scalar. */
enum error_code condition_read_text(const struct scope *scope, const struct doc_node *scalar,
                                    const struct condition **out, struct error *e) MUST_USE;
/* `$name` alone, as in `applies`. */
enum error_code condition_read_name(const struct scope *scope, const struct doc_node *at, str name,
                                    struct operand *out, struct error *e) MUST_USE;

/* Calls `visit` with every path the condition reads. */
struct condition_visitor {
    void (*visit)(struct condition_visitor *self, str path, str brief);
};
void condition_visit(const struct condition *condition, struct condition_visitor *visitor);
void operand_visit(const struct operand *operand, struct condition_visitor *visitor);

/* ---- evaluating: evaluate.c ---- */

struct reads_entry {
    str path;       /* of a fact, or LIST.FIELD of the elements of a list */
    unsigned kinds; /* bits 1 << enum rulebook_by */
};

struct evaluation {
    const struct rulebook_facts *facts;
    int64_t now_ns;
    const struct reads_entry *reads; /* of the clause */
    size_t read_count;
    const str *accepts; /* paths whose being withheld counts as met; NULL outside requirements */
    size_t accept_count;
    const struct rulebook_facts *params;   /* of the adoption, or NULL */
    const struct rulebook_record *element; /* inside parentheses */
    str element_list;
};

/* The value of a fact as it counts for the clause: unknown where nothing was said, where it has run
 * out, or where the clause reads another kind of saying. */
const struct rulebook_value *evaluation_fact(struct evaluation *ev, str path);
/* The same of a field of an element of the list that is walked (ev->element_list). */
const struct rulebook_value *evaluation_field(const struct evaluation *ev,
                                              const struct rulebook_record *element, str field);
/* The same for what an operand stands for; `room` holds a value that had to be made. */
const struct rulebook_value *evaluation_operand(struct evaluation *ev,
                                                const struct operand *operand,
                                                struct rulebook_value *room);

enum rulebook_truth condition_evaluate(const struct condition *condition, struct evaluation *ev);

/* list.c: quantified and aggregate conditions. */
enum rulebook_truth condition_quantified(const struct condition *condition, struct evaluation *ev,
                                         bool positive);
enum rulebook_truth condition_aggregate(const struct condition *condition, struct evaluation *ev,
                                        bool positive);
enum rulebook_truth condition_evaluate_as(const struct condition *condition, struct evaluation *ev,
                                          bool positive);

#endif
