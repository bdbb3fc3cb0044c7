/* Values: how they are spelled and how two of them compare. */
#ifndef AZEKURA_RULEBOOK_VALUE_H
#define AZEKURA_RULEBOOK_VALUE_H

#include "base/pack.h"
#include "rulebook/rulebook.h"

/* The comparisons of a condition; `is not`, `not in` and the like are these, negated. */
enum value_op {
    VALUE_IS,
    VALUE_IN,
    VALUE_HAS,
    VALUE_INTERSECTS,
    VALUE_SUBSET,
    VALUE_LESS,
    VALUE_AT_MOST,
    VALUE_OVER,
    VALUE_AT_LEAST,
};
static inline bool value_op_orders(enum value_op op) {
    return op >= VALUE_LESS;
}

/* Unknown where either side is unknown, where kinds or units do not fit, where an interval or an
 * open set leaves it so. */
enum rulebook_truth value_compare(enum value_op op, const struct rulebook_value *left,
                                  const struct rulebook_value *right);

/* Is the value known: neither unknown nor withheld, nor an empty open set or list. */
bool value_is_known(const struct rulebook_value *value);

/* Is `item` in the sorted set? */
bool value_set_has(const struct rulebook_value *set, str item);

/* A text's one spelling: number with unit, duration, date, or text. Never yes/no. */
struct rulebook_value value_of_text(str text);

/* "24", "-0.5" to thousandths; false: not a number, more than three decimals, out of range. */
bool value_milli_read(str text, int64_t *milli);

/* number + unit word ("24", "%"): NUMBER or DURATION. false: no such unit or out of range. */
bool value_with_unit(int64_t milli, str unit, struct rulebook_value *out);

/* The shortest and longest length the duration can have. */
void value_duration_bounds(struct rulebook_duration d, int64_t *low_ns, int64_t *high_ns);

/* An instant plus a duration, by the calendar: 31 January plus a month is the last of February.
 * Saturates. */
int64_t value_date_plus(int64_t date_ns, struct rulebook_duration d);

void value_pack(const struct rulebook_value *value, struct pack *p);

/* A field of a record, also inside a record in it; NULL: it has none. */
const struct rulebook_value *rulebook_record_find(const struct rulebook_record *record, str path);

/* What a rule names by `$` has two names, the full one with the rulebook and `brief`: under which of
 * them it is read. The full one, unless only the brief one has an answer. `brief` may be empty. */
str facts_name_read(const struct rulebook_facts *facts, str path, str brief);

/* words.c: what makes a copy. A clause about copies that names no act means these: it asks where data may
 * lie, and reading or deleting a copy that lies wrong is not what it forbids. */
bool act_makes_copy(str act);

extern const struct rulebook_value value_unknown;

#endif
