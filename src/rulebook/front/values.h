/* Values and facts: typed values with who said so, and layers of facts that a request shares. */
#ifndef AZEKURA_RULEBOOK_FRONT_VALUES_H
#define AZEKURA_RULEBOOK_FRONT_VALUES_H

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "doc/doc.h"

/* Kleene's three values. The order is that of `and`: the least of its parts. */
enum rulebook_truth { RULEBOOK_FALSE, RULEBOOK_UNKNOWN_TRUTH, RULEBOOK_TRUE };

enum rulebook_kind {
    RULEBOOK_UNKNOWN,  /* not known; what a zeroed value is */
    RULEBOOK_WITHHELD, /* lawfully not told to us; counts as unknown unless a clause accepts it */
    RULEBOOK_TEXT,
    RULEBOOK_SET, /* of text; sorted, no two alike */
    RULEBOOK_NUMBER,
    RULEBOOK_YES_NO,
    RULEBOOK_DATE, /* an instant; a day is its midnight UTC */
    RULEBOOK_DURATION,
    RULEBOOK_RECORD,
    RULEBOOK_LIST, /* of records */
};

/* Who said so. RULEBOOK_BY_NOBODY is for unknown values and for constants of a rule. */
enum rulebook_by {
    RULEBOOK_BY_NOBODY,
    RULEBOOK_BY_DECLARED,
    RULEBOOK_BY_DOCUMENT,
    RULEBOOK_BY_INSPECTED,
    RULEBOOK_BY_MEASURED,
    RULEBOOK_BY_COMPUTED,
};

/* Numbers are exact: thousandths of the base unit (metre, watt, byte, person, percent, one).
 * A number without unit compares with any; two different units compare as unknown. */
enum rulebook_unit {
    RULEBOOK_UNIT_ONE,
    RULEBOOK_UNIT_PERCENT,
    RULEBOOK_UNIT_METRE,
    RULEBOOK_UNIT_WATT,
    RULEBOOK_UNIT_PERSONS,
    RULEBOOK_UNIT_BYTES,
};
#define RULEBOOK_MILLI ((int64_t)1000)
#define RULEBOOK_UNBOUNDED                                                                         \
    INT64_MAX                     /* as `high`: no upper bound is known; `low` has -INT64_MAX      \
                                   */
#define RULEBOOK_ALWAYS INT64_MAX /* as an `until`: no end */
#define RULEBOOK_EVER   INT64_MIN /* as a `from` or `since`: no beginning */

struct rulebook_number {
    int64_t low, high; /* thousandths; equal when exact */
    enum rulebook_unit unit;
};

/* Calendar months and a fixed part; 12 months is 365 or 366 days, and compares so. */
struct rulebook_duration {
    int64_t months, ns;
};

struct rulebook_fact;
struct rulebook_record; /* fields: facts sorted by name */

struct rulebook_value {
    enum rulebook_kind kind;
    enum rulebook_by by;
    bool open;        /* set or list: there may be more than is named; false: complete */
    int64_t since_ns; /* said, measured or signed then; RULEBOOK_EVER: not said */
    int64_t until_ns; /* from then on the value counts as unknown; 0 and RULEBOOK_ALWAYS: no end */
    int64_t as_of_ns; /* complete list: the day it was complete; 0: not said */
    str source;       /* which file, document or measurement said so, for people; may be empty */
    str text;         /* TEXT; for numbers, dates, durations the spelling, where there was one */
    union {
        struct {
            const str *at;
            size_t count;
        } set;
        struct rulebook_number number;
        bool yes;
        int64_t date_ns;
        struct rulebook_duration duration;
        struct {
            const struct rulebook_record *at;
            size_t count;
        } list; /* a RECORD has count 1 */
    };
};

struct rulebook_record {
    const struct rulebook_fact *at; /* sorted by path, no two alike */
    size_t count;
};

struct rulebook_fact {
    str path; /* "place.country"; inside a record the field's name, "capital" */
    struct rulebook_value value;
};

/* Facts in layers: a request puts a few on top of what dataset, place and operator share. The first
 * layer that has a path answers, also with unknown. A path under a record ("keys.holder.name" where
 * "keys.holder" is a record) is found in the record. */
struct rulebook_facts {
    const struct rulebook_fact *at; /* sorted by path (rulebook_facts_sort), no two alike */
    size_t count;
    const struct rulebook_facts *next; /* borrowed; NULL: the last layer */
};

void rulebook_facts_sort(struct rulebook_fact *facts, size_t count);

/* The value of a path, or NULL when no layer says anything. Ignores `until_ns`. */
const struct rulebook_value *rulebook_facts_find(const struct rulebook_facts *facts, str path);

/* Values in C, all by `declared`, without source. Sets: `items` must be sorted and unique. */
struct rulebook_value rulebook_text(str text);
struct rulebook_value rulebook_set_of(const str *items, size_t count);
struct rulebook_value rulebook_number(int64_t whole, enum rulebook_unit unit);
struct rulebook_value rulebook_yes_no(bool yes);
struct rulebook_value rulebook_date(int64_t wall_ns);
struct rulebook_value rulebook_unknown(void);

/* Sorts and makes unique in place; returns the new count. */
size_t rulebook_items_sort(str *items, size_t count);

/* A value in the spelling of a condition's literal: `24 %`, `2 h`,
 * `12 months`, `2026-04-30`, `true`, `false`, `unknown`, `withheld`, `"quoted text"` or bare text.
 * Text that starts with [ or { is read as JSON. The value is by `declared`.
 *   FAIL_SYNTAX  unquoted yes, no, on, off (NO is Norway: quote it), a number over the range */
enum error_code rulebook_value_read(str file, str text, struct arena *arena, struct arena scratch,
                                    struct rulebook_value *out, struct error *e) MUST_USE;

/* The same from a node. A sequence of scalars is a set, complete unless said otherwise; a sequence
 * of maps is a list, open unless said otherwise; [] is an empty open list. A map with `value` or
 * `items` among `value items complete as_of by since until source` is a value with its provenance;
 * any other map is a record. Quoted scalars may still be numbers, dates and durations; only bare
 * true and false are yes/no. */
enum error_code rulebook_value_of(const struct doc_node *node, struct arena *arena,
                                  struct arena scratch, struct rulebook_value *out,
                                  struct error *e) MUST_USE;

/* A map of facts, `{"place.country": "JP"}` or nested `place: {country: "JP"}`, as one layer. */
enum error_code rulebook_facts_of(const struct doc_node *map, struct arena *arena,
                                  struct arena scratch, struct rulebook_facts *out,
                                  struct error *e) MUST_USE;

/* The value as a person or a JSON reader would write it; deterministic. */
void rulebook_value_text(const struct rulebook_value *value, struct text *out);
void rulebook_value_json(const struct rulebook_value *value, struct text *out);

const char *rulebook_by_name(enum rulebook_by by); /* "declared"; "" for nobody */
bool rulebook_by_find(str name, enum rulebook_by *out);

/* FAIL_SYNTAX when the path is not spelled as one, or its root is none of RULEBOOK 2 (nor
 * `derived`, `list`, `param`: see README.md). For what people type; rules are checked as they are
 * read. */
enum error_code rulebook_path_check(str path, struct error *e) MUST_USE;

#endif
