/* Inner: a roll as it lies in memory: what each source said, and which of it is of one server. */
#ifndef AZEKURA_SURVEY_ROLL_H
#define AZEKURA_SURVEY_ROLL_H

#include "survey/survey.h"

/* What a source says besides one address: most lists say nothing more. */
struct roll_said {
    str name;
    bool is_label;
    const struct geo_address *addresses; /* further ones: the first is the record's */
    const str *named, *aliases;
    const struct geo_network *network;
    const struct survey_declared
        *declared; /* shared by all that declare alike, without `by`; NULL: nothing */
    str unresolved;
    const struct survey_found
        *found; /* of the server, at its first record; NULL: nobody was asked */
    uint32_t address_count, named_count, alias_count;
};
struct roll_record {
    struct geo_address address; /* len 0: none */
    uint32_t file, line;
    uint32_t parent;        /* towards the first record of the same server */
    uint32_t next;          /* of the same server; 0: the last */
    uint32_t last;          /* of a first record: the last of its server */
    struct roll_said *said; /* NULL: nothing but the address */
};
struct survey_roll {
    struct arena_space space, record_space, text_space;
    struct arena arena;
    struct roll_record *records;
    size_t count;
    const str *files; /* ROLL_FILES */
    size_t file_count;
    const struct survey_declared **declared; /* a table by what they say */
    size_t declared_cap, declared_count;
};

/* The first record of the server that a record is of. */
uint32_t roll_first(struct survey_roll *roll, uint32_t record);
/* match.c: what is of one server gets one first record. FAIL_MEMORY */
enum error_code roll_unite(struct survey_roll *roll, struct error *e) MUST_USE;

#endif
