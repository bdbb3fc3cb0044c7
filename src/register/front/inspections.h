/* Inspections: what somebody came to see, held against what the register says. */
#ifndef AZEKURA_REGISTER_FRONT_INSPECTIONS_H
#define AZEKURA_REGISTER_FRONT_INSPECTIONS_H

#include "register/front/snapshot.h"

/* What was found, held against what the row says then. `subject` is KIND/ID, `fact` a field by its
 * dotted path, with or without the kind's noun ("country", "site.country", "place.country"); of a set
 * the items, by commas. Texts lie in the arena or are views.
 *   FAIL_USAGE      no subject, or a field that holds several
 *   FAIL_NOT_FOUND  no such row then, or it says nothing of that field
 *   FAIL_SYNTAX     no value of the field's type */
struct register_compared {
    enum register_kind kind;
    str id, field;
    str said, found;     /* as text; said: "unknown" or "withheld" where the row says so */
    enum register_by by; /* who said it */
    bool agrees;
};
enum error_code register_compare(const struct register_snapshot *s, str subject, str fact,
                                 str value, int64_t at_ns, struct arena *arena,
                                 struct register_compared *out, struct error *e) MUST_USE;

struct register_inspected {
    enum register_kind kind;
    str id, field, value;
    bool agreed; /* the register said so when it was inspected */
    int64_t since_ns, until_ns;
    str source; /* who, when, which entry: stands as the value's source */
};
/* Makes values that were found so `inspected` (measured ones stay that) in a snapshot nobody else
 * reads yet; rows' canonical bytes and the digest stay. A value that was found to be otherwise gets the
 * source, and with `doubts` it is not known any more. One the register has changed since a confirmation
 * stays as it is. What is copied lies in the arena, for as long as the snapshot. *next_ns: right until
 * then. FAIL_MEMORY */
enum error_code register_inspect(struct register_snapshot *s, const struct register_inspected *list,
                                 size_t count, int64_t at_ns, bool doubts, struct arena *arena,
                                 int64_t *next_ns, struct error *e) MUST_USE;

#endif
