/* Rows and values: what is said, by whom, and when it is good. */
#ifndef AZEKURA_REGISTER_FRONT_ROWS_H
#define AZEKURA_REGISTER_FRONT_ROWS_H

#include "register/front/fields.h"

/* Who said so. */
enum register_by {
    REGISTER_DECLARED,
    REGISTER_MEASURED,
    REGISTER_DOCUMENT,
    REGISTER_INSPECTED,
    REGISTER_COMPUTED,
    REGISTER_BY_COUNT
};
const char *register_by_name(enum register_by by); /* "declared" */

enum register_state {
    REGISTER_KNOWN,
    REGISTER_UNKNOWN,  /* the row says that nobody knows */
    REGISTER_WITHHELD, /* lawfully not told to us */
};

#define REGISTER_ALWAYS_NS INT64_MIN /* since, valid from: from ever */
#define REGISTER_NEVER_NS  INT64_MAX /* until: for good */

struct register_record;

struct register_value {
    str name;                           /* the field's name; in a map, the writer's */
    const struct register_field *field; /* never NULL */
    enum register_state state;
    enum register_by by;
    str source;                 /* the paper, file or measurement that says so; or empty */
    int64_t since_ns, until_ns; /* good in [since, until); outside it is not known any more */
    uint32_t line, column;      /* where it was written; 0 for what came from the engine */

    /* Only with REGISTER_KNOWN; by shape. */
    str text;         /* ONE: as written, white space at its ends gone; numbers and durations as
                         "NUMBER UNIT", times as ISO 8601, yes or no */
    double number;    /* ONE of NUMBER or DURATION (seconds; 30-day months, 365-day years) */
    int64_t time_ns;  /* ONE of TIME */
    bool yes;         /* ONE of YES_NO */
    bool is_complete; /* SET, SETS, RECORDS: what is not listed is not so, as of … */
    int64_t as_of_ns; /* … then; REGISTER_ALWAYS_NS when open */
    size_t count;     /* SET, SETS: texts; RECORD: 1; RECORDS: records; MAP: records is 1 */
    const str *texts; /* SET, SETS: sorted, no two alike */
    /* RECORD, RECORDS, MAP (names to values), SETS by name and NAME by language (one record) */
    const struct register_record *records;
};

struct register_record {
    size_t count;
    const struct register_value *values; /* in the order of the field table; maps: of their names */
    int64_t valid_from_ns, valid_until_ns; /* `valid` of a record in a list; else always, never */
};

struct register_row {
    enum register_kind kind;
    str id;
    int64_t valid_from_ns, valid_until_ns; /* true in [from, until) */
    struct register_record fields;
    str note;
    str canonical; /* the row as canonical JSON; what history and ledger hold */
    str file;      /* empty for what came from the engine */
    uint32_t line, column;
    bool
        gives_way; /* inner: named by a document of others; a written row of that id counts instead */
};

/* By dotted path: "country", "hazard.quake", "name.ja"; NULL: the row says nothing. */
const struct register_value *register_value_find(const struct register_record *record, str path);
/* Known, and good at that time. NULL is not. */
bool register_value_is_good(const struct register_value *value, int64_t at_ns);
/* The text of ONE value that is good at that time. False: *out untouched. */
bool register_text_at(const struct register_row *row, str path, int64_t at_ns, str *out);
/* Its name in that language, else in any, else its id. */
str register_row_name(const struct register_row *row, str language);

struct register_snapshot; /* all rows, immutable */

#endif
