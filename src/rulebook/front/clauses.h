/* Rulebooks and their clauses, as they are read from YAML: what a text asks for, how strongly, on what
 * basis. Errors name file, line and column. */
#ifndef AZEKURA_RULEBOOK_FRONT_CLAUSES_H
#define AZEKURA_RULEBOOK_FRONT_CLAUSES_H

#include "base/digest.h"
#include "rulebook/front/periods.h"

/* Weakest first. law, contract, own, elected: not met is refused; should, desirable: warned;
 * score: only counted. */
enum rulebook_strength {
    RULEBOOK_SCORE,
    RULEBOOK_DESIRABLE,
    RULEBOOK_SHOULD,
    RULEBOOK_ELECTED,
    RULEBOOK_OWN,
    RULEBOOK_CONTRACT,
    RULEBOOK_LAW,
};
enum rulebook_basis {
    RULEBOOK_PRIMARY,
    RULEBOOK_CARRIED,
    RULEBOOK_PRESS,
    RULEBOOK_TRACKER,
    RULEBOOK_BASIS_OWN
};

/* The kinds of subject, as bits: a store request is a copy and a session at once. */
enum rulebook_about {
    RULEBOOK_ABOUT_COPY = 1 << 0,
    RULEBOOK_ABOUT_DATASET = 1 << 1,
    RULEBOOK_ABOUT_SYSTEM = 1 << 2,
    RULEBOOK_ABOUT_SITE = 1 << 3,
    RULEBOOK_ABOUT_ENTITY = 1 << 4,
    RULEBOOK_ABOUT_SUPPLY = 1 << 5,
    RULEBOOK_ABOUT_EQUIPMENT = 1 << 6,
    RULEBOOK_ABOUT_CONTRACT = 1 << 7,
    RULEBOOK_ABOUT_TRANSFER = 1 << 8,
    RULEBOOK_ABOUT_SESSION = 1 << 9,
    RULEBOOK_ABOUT_LOG = 1 << 10,
    RULEBOOK_ABOUT_PLAN = 1 << 11,
    RULEBOOK_ABOUT_CHANGE = 1 << 12,
    RULEBOOK_ABOUT_INCIDENT = 1 << 13,
    RULEBOOK_ABOUT_DRILL = 1 << 14,
    RULEBOOK_ABOUT_REQUEST = 1 << 15,
};
enum { RULEBOOK_ABOUT_COUNT = 16 };

const char *rulebook_strength_name(enum rulebook_strength strength); /* "law" */
const char *rulebook_basis_name(enum rulebook_basis basis);
const char *rulebook_about_name(enum rulebook_about one); /* "copy" */
bool rulebook_strength_find(str name, enum rulebook_strength *out);
bool rulebook_about_find(str name, enum rulebook_about *out);

struct rulebook_title {
    str en, ja; /* either may be empty */
};

enum rulebook_obligation_kind {
    RULEBOOK_OBLIGE_ENCRYPT,       /* number: key bits; joined: the most */
    RULEBOOK_OBLIGE_KEYS_IN,       /* words: countries; joined: those in all */
    RULEBOOK_OBLIGE_COPIES,        /* number; the most */
    RULEBOOK_OBLIGE_DISTANCE_KM,   /* number: between copies; the most */
    RULEBOOK_OBLIGE_KEEP_AT_LEAST, /* periods, start, words: places; the longest per place */
    RULEBOOK_OBLIGE_KEEP_AT_MOST,  /* periods, start; the shortest */
    RULEBOOK_OBLIGE_APPROVALS,     /* number of people; the most */
    RULEBOOK_OBLIGE_RECORD,        /* words: what to record; all of them */
    RULEBOOK_OBLIGE_RETURN, /* periods, start, words: countries a copy goes to, delete_here */
    RULEBOOK_OBLIGE_BEGIN,  /* periods, start: the latest day to begin */
};
enum { RULEBOOK_OBLIGATION_COUNT = 10 };
const char *rulebook_obligation_name(enum rulebook_obligation_kind kind); /* "keys_in" */

struct rulebook_warning {
    str text; /* "file:line:column: …" */
    bool
        of_list; /* it only says that a list of the register is read: whether that is there shows there */
};

struct rulebook;
struct rulebook_clause;

/* What the gate must do. `by_ack`: before the act is acknowledged, else refuse; otherwise a debt:
 * the act proceeds and the debt is owed, `within` from the act (no period: no number is stated). */
struct rulebook_obligation {
    enum rulebook_obligation_kind kind;
    bool by_ack;
    bool asked; /* joined: only should or desirable clauses ask: warn where it cannot be done */
    struct rulebook_periods within;
    uint64_t number;
    const str *words; /* sorted */
    size_t word_count;
    struct rulebook_periods periods;
    str start;         /* path of the fact that starts the periods: "request.received" */
    bool delete_here;  /* return: the copy here goes */
    bool other_copies; /* keep_at_least: copies elsewhere are allowed beside */
    str shown_by;      /* return: what shows it was done */
    const struct rulebook_clause *clause; /* whose value this is; one of them where several agree */
};

/* What people must do. `start` is the path of an event's time, or a day or instant of the text's
 * own ("2026-10-01"): rulebook_duty_start. */
struct rulebook_duty {
    str stage, start, form;
    bool starts_on_day; /* `start` is a day, */
    int64_t start_ns;   /* this one */
    struct rulebook_periods within;
    const str *to;
    size_t to_count;
};

struct rulebook_compelled {
    enum rulebook_strength strength;
    str by, where, when; /* `when` as written; empty: always */
    struct rulebook_span since;
    const struct condition *condition; /* NULL: always */
};

/* Conditions are read through the functions below; their inside is rulebook/condition.h. */
struct condition;

struct rulebook_clause {
    const struct rulebook *rulebook;
    str id;
    enum rulebook_about about;
    struct rulebook_title title; /* may be empty: then the requirement speaks for itself */
    enum rulebook_basis basis;
    str where, quote;
    enum rulebook_strength strength;
    struct rulebook_span in_force; /* within the rulebook's own */
    bool lifts_law;                /* `unless` may lift law and compelled strength */
    bool only_documents;           /* evidence: [document]: met is attested, never passed */
    str note;
    const struct rulebook_compelled *compelled;
    size_t compelled_count;
    const struct rulebook_obligation *obligations;
    size_t obligation_count;
    const struct rulebook_duty *duties;
    size_t duty_count;
    const struct clause_rule *rule; /* applies, when, require …: rulebook/file.h */
};

struct rulebook {
    str name; /* jp-guideline-2019 */
    str line; /* jp-guideline; empty: an edition of its own line */
    str issuer, addressed_to, superseded_by;
    struct rulebook_title title;
    struct rulebook_span in_force;
    int64_t zone_ns;                       /* of in_force: what to add to a day's midnight UTC */
    const struct rulebook_clause *clauses; /* in the order written */
    size_t clause_count;
    digest canonical; /* of the document: order of keys, quotes, comments aside */
    const struct rulebook_warning *warnings; /* of those of its file, those about it */
    size_t warning_count;
    const struct rulebook_more *more; /* sets, calendars, derived …: rulebook/file.h */
};

struct rulebook_read {
    const struct rulebook *const *rulebooks;
    size_t count;
    const struct rulebook_warning *warnings;
    size_t warning_count;
};

/* Reads a file of one or more rulebooks.
 *   FAIL_SYNTAX  "file:line:column: expected …, found …": an unknown key, a missing `source` or
 *                `strength`, a condition that is none, a set member that YAML would take for yes or
 *                no, a name that stands for nothing, two clauses or rulebooks of one name
 *   FAIL_LIMIT   conditions nested over LIMIT_RULE_DEPTH, or a limit of doc_read_yaml
 *   FAIL_MEMORY  the arena or the scratch is full */
enum error_code rulebook_read(str file, str bytes, struct arena *arena, struct arena scratch,
                              struct rulebook_read *out, struct error *e) MUST_USE;

/* Which keys of two clauses, or beside the clauses of two rulebooks, say something else, whatever the order
 * and the quotes; how many. */
enum { RULEBOOK_KEYS_MOST = 18 };
size_t rulebook_clause_differs(const struct rulebook_clause *a, const struct rulebook_clause *b,
                               str out[RULEBOOK_KEYS_MOST]);
size_t rulebook_differs(const struct rulebook *a, const struct rulebook *b,
                        str out[RULEBOOK_KEYS_MOST]);

#endif
