/* The table of kinds and fields: what a register may say, which drives the loader, the JSON Schema and the
 * pages. */
#ifndef AZEKURA_REGISTER_FRONT_FIELDS_H
#define AZEKURA_REGISTER_FRONT_FIELDS_H

#include "base/base.h"

enum register_kind {
    REGISTER_OPERATORS,
    REGISTER_ENTITIES,
    REGISTER_SITES,
    REGISTER_NETWORKS,
    REGISTER_SYSTEMS,
    REGISTER_SERVICES,
    REGISTER_EQUIPMENT,
    REGISTER_DATASETS,
    REGISTER_CONTRACTS,
    REGISTER_SUPPLIES,
    REGISTER_TRANSFERS,
    REGISTER_REQUESTS,
    REGISTER_PLANS,
    REGISTER_CHANGES,
    REGISTER_DOCUMENTS,
    REGISTER_REVIEWS,
    REGISTER_INCIDENTS,
    REGISTER_DRILLS,
    REGISTER_ADOPTS,
    REGISTER_EXCEPTIONS,
    REGISTER_LISTS,
    REGISTER_KIND_COUNT
};

enum register_type {
    REGISTER_TEXT,     /* any text of one line or more, no control characters */
    REGISTER_CODE,     /* a word that rules compare: no spaces at its ends, not an unquoted NO */
    REGISTER_NAME,     /* text, or one text a language: {en: …, ja: …} */
    REGISTER_COUNTRY,  /* ISO 3166-1 alpha-2 */
    REGISTER_NUMBER,   /* decimal, with or without the field's unit */
    REGISTER_YES_NO,   /* yes, no, true, false */
    REGISTER_TIME,     /* a day or an instant */
    REGISTER_DURATION, /* a number and s, min, h, d, months or years */
    REGISTER_REF,      /* the id of a row of one of the field's kinds */
    REGISTER_NETWORK,  /* an address or a network */
    REGISTER_PATTERN,  /* a bucket name in which * stands for any characters */
    REGISTER_NONE,     /* a record has members instead */
    REGISTER_TYPE_COUNT
};

enum register_shape {
    REGISTER_ONE,
    REGISTER_SET,     /* a sequence (open), or {complete: true, as_of: DAY, items: […]} */
    REGISTER_SETS,    /* a set, or a map of sets by name: the set is then all of them together */
    REGISTER_MAP,     /* names of the writer's choosing to values of the type */
    REGISTER_RECORD,  /* a map of the members */
    REGISTER_RECORDS, /* a list of such maps; open or complete as a set is */
    REGISTER_SHAPE_COUNT
};

struct register_field {
    const char *name;
    enum register_type type;
    enum register_shape shape;
    const char *unit;   /* numbers: "%", "m", "persons", "any unit" …; NULL: a plain number */
    uint32_t kinds;     /* refs: bit (1 << kind) for each kind it may point to */
    double least, most; /* numbers, in the unit's base (m, W, bytes) */
    const char *words;  /* codes: these alone, told apart by blanks; NULL: any */
    const char *about;  /* one sentence for people */
    const struct register_field *members; /* records; closed by a row without a name */
    bool required;
};

struct register_kind_row {
    const char *key;  /* top-level key and CSV file name: "sites" */
    const char *noun; /* "site" */
    const char *about;
    const struct register_field *fields; /* besides id, valid and note; closed as above */
};
const struct register_kind_row *register_kind_of(enum register_kind kind);
bool register_kind_find(str key_or_noun, enum register_kind *out); /* "sites" or "site" */
/* The field a name was perhaps meant for; NULL: none is near. */
const char *register_field_near(str name, const struct register_field *fields);
/* How many letters to change, add or leave out; 40: far. */
unsigned register_name_distance(str a, const char *b);
/* May the field bear the word? Yes, where it has no closed list. */
bool register_word_fits(const struct register_field *field, str word);

#endif
