/* Rulebooks: clauses, facts, decisions.
 *
 * A rulebook states one instrument in one edition; it binds where it is adopted. Given a subject
 * and facts, the adopted rules answer with a decision: allow, warn or refuse, the clauses that
 * spoke, the facts they read, and what they oblige the gate to do. Everything here is a function of
 * its arguments: no clock, no disk, so a decision can be replayed years later to the same bytes.
 *
 * Four steps, each with its own part of this header:
 *   facts      typed values with who said so; layers that a request shares
 *   rulebooks  read from YAML, errors with file, line and column
 *   sets       rulebooks with adoptions and exceptions: what binds whom, digest, conflicts
 *   decisions  by the slow reference evaluator, or by a table folded for one act, dataset and place
 *
 * Everything read or compiled is immutable and lies in the arena it was made in; what it was made
 * from (documents, rulebooks, facts) is borrowed and must live as long.
 *
 * Source: RULEBOOK.md (the meaning), docs/formats/rulebook.md (the spelling). */
#ifndef AZEKURA_RULEBOOK_RULEBOOK_H
#define AZEKURA_RULEBOOK_RULEBOOK_H

#include "base/arena.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/text.h"
#include "doc/doc.h"

/* ==== values and facts ======================================================================= */

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

/* ==== rulebooks ============================================================================== */

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

/* Half open: `until` is the first instant not in force. */
struct rulebook_span {
    int64_t from_ns, until_ns;
};
static inline bool rulebook_span_has(struct rulebook_span span, int64_t at_ns) {
    return at_ns >= span.from_ns && at_ns < span.until_ns;
}

struct rulebook_title {
    str en, ja; /* either may be empty */
};

/* Working days of a country: rulebook/file.h. */
struct calendar;

/* One length of time a text may ask for. */
enum rulebook_period_kind {
    RULEBOOK_PERIOD_LENGTH,        /* 24 h, 30 d, 12 months */
    RULEBOOK_PERIOD_BUSINESS_DAYS, /* 1 business-day CALENDAR: to the end of the n-th working day
                                      after the day it began */
    RULEBOOK_PERIOD_CALENDAR_DAYS, /* 30 calendar-days CALENDAR: the day it began is the first; to
                                      the end of the last, or of the working day that follows it */
    RULEBOOK_PERIOD_PROMPTLY,
    RULEBOOK_PERIOD_NO_NUMBER, /* the text has none; we invent none */
};
struct rulebook_period {
    enum rulebook_period_kind kind;
    struct rulebook_duration length;
    str text;        /* a length as the rule spells it; empty: not read from a rule */
    int64_t zone_ns; /* of the instrument: from a day's midnight UTC to where its days begin */
    uint32_t days;
    str calendar;                       /* its name, */
    const struct calendar *by_calendar; /* and what it says */
};
/* The first of `count` periods to end. */
struct rulebook_periods {
    const struct rulebook_period *at;
    size_t count;
};

/* When the periods that began at `start_ns` have ended: the first of those whose end can be told.
 * Months are counted by the days of the instrument's zone.
 * Working days can be told where the calendar has a zone and its holidays for those days; calendar
 * days where it has a zone (where holidays are not known, the last day itself, which is never
 * late). false: none can be told. */
bool rulebook_periods_latest(const struct rulebook_periods *periods, int64_t start_ns,
                             int64_t *end_ns);

/* A public holiday; days are counted from 1970-01-01, names are for people. */
struct rulebook_holiday {
    int64_t day;
    const char *en, *ja;
};
enum { RULEBOOK_HOLIDAYS_MOST = 40 }; /* in one year */
/* For which years the holidays that the law of a country (ISO 3166-1) gives are told; false: for none.
 * Beyond them the law or what it leaves to be announced is not known. Japan only. */
bool rulebook_holidays_known(str country, int *first_year, int *last_year);
/* Those of a year in order, moved ones and days between among them; 0: not told. `most` is at least
 * RULEBOOK_HOLIDAYS_MOST. */
size_t rulebook_holidays(str country, int year, struct rulebook_holiday *out, size_t most);

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
    digest canonical;                 /* of the document: order of keys, quotes, comments aside */
    const struct rulebook_more *more; /* sets, calendars, derived …: rulebook/file.h */
};

struct rulebook_warning {
    str text; /* "file:line:column: …" */
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

/* ==== sets: what binds whom ================================================================== */

struct rulebook_adoption {
    str rulebook;         /* a rulebook's name or a line's: the edition in force on the day */
    const str *operators; /* sorted; none: every operator */
    size_t operator_count;
    const str *datasets; /* sorted; none: every dataset; subjects without dataset always */
    size_t dataset_count;
    const str *elects; /* sorted ids of `elected` clauses that were ticked */
    size_t elect_count;
    bool elects_all; /* what-if: as if all were ticked */
    struct rulebook_span span;
    str by;                       /* who decided to adopt */
    struct rulebook_facts params; /* "CLAUSE/NAME" or "NAME": what the operator set for `params` */
};

enum rulebook_loosening { RULEBOOK_EXCEPTION, RULEBOOK_BREAK_GLASS };

/* Loosens one clause for a scope and a time. An exception needs one approver who is not the
 * requester; breaking the glass two people, only `own` and `contract` strength, at most 72 h. */
struct rulebook_exception {
    enum rulebook_loosening kind;
    str id;
    str clause;        /* RULEBOOK/ID or LINE/ID */
    str dataset, site; /* empty: any */
    struct rulebook_span span;
    str requester, approver, second; /* second: of break-glass */
    str reason, measure;
    uint32_t renewals;
};
/* FAIL_USAGE with what is missing; what rulebook_set_compile would refuse. */
enum error_code rulebook_exception_check(const struct rulebook_exception *exception,
                                         struct error *e) MUST_USE;

struct rulebook_set; /* opaque */

struct rulebook_set_input {
    const struct rulebook *const *rulebooks;
    size_t rulebook_count;
    const struct rulebook_adoption *adoptions;
    size_t adoption_count;
    const struct rulebook_exception *exceptions;
    size_t exception_count;
    bool what_if;         /* every rulebook binds everyone, every elected clause is ticked */
    bool missing_allowed; /* an adoption of a rulebook that is not there is a warning */
};

/* Compiles. Editions, `raises` and `extends` are resolved here; the input is copied, rulebooks are
 * borrowed.
 *   FAIL_EXISTS     two rulebooks of one name and different content
 *   FAIL_NOT_FOUND  an adoption or an `extends` names a rulebook that is not there (an adoption:
 *                   unless missing_allowed)
 *   FAIL_SYNTAX     an `extends` that is not proved to tighten (clause and part are named)
 *   FAIL_USAGE      an exception that rulebook_exception_check refuses
 *   FAIL_MEMORY */
enum error_code rulebook_set_compile(const struct rulebook_set_input *input, struct arena *arena,
                                     struct arena scratch, const struct rulebook_set **out,
                                     struct error *e) MUST_USE;

/* Of everything adopted and the adoptions; exceptions are entries of their own. */
const digest *rulebook_set_digest(const struct rulebook_set *set);

/* The rulebook of that name, or the edition of that line in force then; NULL: none is. */
const struct rulebook *rulebook_set_edition(const struct rulebook_set *set, str name_or_line,
                                            int64_t at_ns);

const struct rulebook *const *rulebook_set_rulebooks(const struct rulebook_set *set, size_t *count);

/* Sentences for people: raises without a clause, editions that overlap, lists nobody defines. */
const struct rulebook_warning *rulebook_set_warnings(const struct rulebook_set *set, size_t *count);

/* Two adopted clauses whose obligations no value can meet at once. */
struct rulebook_conflict {
    enum rulebook_obligation_kind kind; /* of the first */
    const struct rulebook_clause *first, *second;
    str text; /* names both and what each wants, English */
};
const struct rulebook_conflict *rulebook_set_conflicts(const struct rulebook_set *set,
                                                       size_t *count);

/* ==== computed facts: derived sets and measures ============================================== */

/* The entities a register knows, one at a time. `facts` gives what is known of the i-th under
 * entity.*, in the arena, good until the next call; `id` its id, good as long as the universe. */
struct rulebook_universe {
    size_t count;
    bool is_complete; /* there are no others */
    void *self;
    str (*id)(void *self, size_t i);
    enum error_code (*facts)(void *self, size_t i, struct arena *arena, struct rulebook_facts *out,
                             struct error *e);
};

/* Who is in each derived set of the set's rulebooks, as facts for rules to read: derived.RULEBOOK/
 * NAME, who surely is (open: others may be), and derived.RULEBOOK/NAME.not, who surely is not. An
 * entity is in a set when it `starts` one, or when holders that are in it, or in a set it spreads
 * `from`, together hold at least the share: in one of the fields, through any number of entities
 * (`indirect`) or one. What is not known of a share or of a holder makes it possible, never sure;
 * over an open list of holders the rest up to 100 % is possible. The least such sets: owners in a
 * circle are not in for owning each other. Facts sorted, in the arena; none: *count 0.
 *   FAIL_MEMORY, and what `facts` fails with */
enum error_code rulebook_derive(const struct rulebook_set *set,
                                const struct rulebook_universe *universe, int64_t at_ns,
                                struct arena *arena, struct arena scratch,
                                struct rulebook_fact **out, size_t *count,
                                struct error *e) MUST_USE;

/* An act that a measure may count. */
struct rulebook_act {
    struct rulebook_facts facts;
    bool has_time;
    int64_t at_ns;
};
/* The acts a register knows, one at a time: what is known of the i-th, in the arena, good until the
 * next call. */
struct rulebook_acts {
    size_t count;
    bool is_complete; /* there were no others */
    void *self;
    enum error_code (*act)(void *self, size_t i, struct arena *arena, struct rulebook_act *out,
                           struct error *e);
};
/* What was counted, act by act. Opaque. */
struct rulebook_counted;

/* Looks at each act for every measure of the set's rulebooks. Acts after `at_ns` do not count. NULL
 * in *out: the set has no measures. FAIL_MEMORY, and what `act` fails with. */
enum error_code rulebook_measures_count(const struct rulebook_set *set,
                                        const struct rulebook_acts *acts, int64_t at_ns,
                                        struct arena *arena, struct arena scratch,
                                        const struct rulebook_counted **out,
                                        struct error *e) MUST_USE;
/* The facts measure.NAME for the i-th act: for each measure the most that any window of its length
 * which holds the act has counted, since crossing a number judges the whole window again. An
 * interval: distinct persons are at least those of the largest act and at most those of all; an
 * unknown count, time or key, and acts nobody told us of, leave it open above. Sorted, in the arena.
 *   FAIL_MEMORY */
enum error_code rulebook_measures_of(const struct rulebook_counted *counted, size_t act,
                                     struct arena *arena, struct rulebook_fact **out, size_t *count,
                                     struct error *e) MUST_USE;

/* ==== decisions ============================================================================== */

enum rulebook_effect { RULEBOOK_ALLOW, RULEBOOK_WARN, RULEBOOK_REFUSE };
const char *rulebook_effect_name(enum rulebook_effect effect); /* "allow" */
const char *rulebook_truth_name(enum rulebook_truth truth);    /* "true", "false", "unknown" */

/* How one clause came out. */
enum rulebook_verdict {
    RULEBOOK_PASS,
    RULEBOOK_FAIL,
    RULEBOOK_VERDICT_UNKNOWN,
    RULEBOOK_ATTESTED, /* met, by documents only */
    RULEBOOK_LIFTED,   /* not met; `unless` lets the act through */
    RULEBOOK_EXCEPTED, /* not met; an exception or broken glass lets the act through */
};
const char *rulebook_verdict_name(enum rulebook_verdict verdict);

/* What is decided about. `act` empty: an assessment, where `applies.act` does not limit.
 * `act` and `time.now` are facts of their own accord; the others must be among the facts. */
struct rulebook_subject {
    unsigned about; /* bits of enum rulebook_about */
    str act;
    str operator_id, dataset_id, site_id;
};

/* The subject a word means: an act (`put`: a copy and a session) or a kind (`entity`: assessed).
 * `copy` and `change` are both; they are read as the kind. false: neither. */
bool rulebook_subject_of_word(str word, struct rulebook_subject *out);

/* A clause that applied. */
struct rulebook_spoke {
    const struct rulebook_clause *clause;
    uint32_t rank; /* among the set's clauses, by rulebook and id */
    enum rulebook_effect effect;
    enum rulebook_truth truth;   /* of the requirement */
    enum rulebook_truth applied; /* true or unknown: unknown counts as applying */
    enum rulebook_verdict verdict;
    enum rulebook_strength strength;            /* in force here, after compelled and raises */
    const struct rulebook_compelled *compelled; /* what made it so, or NULL */
    const struct rulebook *raised_by;           /* or NULL */
    const struct rulebook_exception *exception; /* or NULL */
    const struct rulebook_adoption *adoption;   /* why it binds; NULL: what-if */
};

/* Clauses that always speak together; borrowed from the table. */
struct rulebook_spoken {
    const struct rulebook_spoke *at;
    size_t count;
};

struct rulebook_table; /* opaque */

struct rulebook_decision {
    enum rulebook_effect effect;
    const struct rulebook_set *set;
    struct rulebook_subject subject;
    struct rulebook_facts facts; /* as given, for the explanation; borrowed */
    int64_t at_ns;
    const struct rulebook_spoke *fixed; /* same for every request of a table; of the slow: all */
    size_t fixed_count;
    const struct rulebook_spoken *const *groups; /* the others; look with rulebook_decision_spoke */
    size_t group_count;
    size_t spoke_count;                            /* in all groups */
    const struct rulebook_obligation *obligations; /* joined: one a kind, due, start and place */
    size_t obligation_count;
    const struct rulebook_conflict *conflicts; /* that this decision touches */
    size_t conflict_count;
    int64_t good_until_ns;              /* the passing of time alone does not change it before */
    const struct rulebook_table *table; /* NULL: by the slow evaluator */
};

/* Decides straight from the rules: the reference the tables must agree with. Order of rulebooks,
 * clauses and facts never matters.
 *   FAIL_MEMORY  the arena or the scratch is full; no other error */
enum error_code rulebook_evaluate_slow(const struct rulebook_set *set,
                                       const struct rulebook_subject *subject,
                                       const struct rulebook_facts *facts, int64_t at_ns,
                                       struct arena *arena, struct arena scratch,
                                       struct rulebook_decision *out, struct error *e) MUST_USE;

/* Folds everything static for a subject: what remains are comparisons of facts under `request`
 * paths ("reader", "act.purpose": a path itself or everything below it). `time` is always one. The
 * facts, the request paths and the subject's texts are borrowed. Good for any time: outside the span it was folded for, it evaluates slowly.
 *   FAIL_MEMORY */
enum error_code rulebook_table_build(const struct rulebook_set *set,
                                     const struct rulebook_subject *subject,
                                     const struct rulebook_facts *facts, const str *request,
                                     size_t request_count, int64_t at_ns, struct arena *arena,
                                     struct arena scratch, const struct rulebook_table **out,
                                     struct error *e) MUST_USE;

/* When the table's folding holds; outside, build anew for speed. */
struct rulebook_span rulebook_table_span(const struct rulebook_table *table);

/* Decides one request. `request` holds the facts under the table's request paths, in one layer
 * whose `next` is ignored; facts elsewhere are ignored too. Nothing is taken from `arena` but the
 * spoke and obligations that depend on the request.
 *   FAIL_MEMORY  no other error */
enum error_code rulebook_decide(const struct rulebook_table *table,
                                const struct rulebook_facts *request, int64_t now_ns,
                                struct arena *arena, struct arena scratch,
                                struct rulebook_decision *out, struct error *e) MUST_USE;

/* The i-th of fixed_count + spoke_count clauses that spoke. */
static inline const struct rulebook_spoke *
rulebook_decision_spoke(const struct rulebook_decision *d, size_t i) {
    if (i < d->fixed_count) return &d->fixed[i];
    i -= d->fixed_count;
    size_t k = 0;
    for (; i >= d->groups[k]->count; k++) i -= d->groups[k]->count;
    return &d->groups[k]->at[i];
}

/* When a duty's clock began: the text's own day, or the fact its `start` names. false: not known. */
bool rulebook_duty_start(const struct rulebook_duty *duty, const struct rulebook_facts *facts,
                         int64_t *start_ns);

/* Lines and rulebooks adopted for the subject of which no edition is in force at the time. */
enum error_code rulebook_decision_gaps(const struct rulebook_decision *decision,
                                       struct arena *arena, const str **names, size_t *count,
                                       struct error *e) MUST_USE;

/* A fact that was read: path and what was said; unknown where nothing was, or where it had run out.
 * (Where a clause reads another kind of saying, it counted as unknown for that clause.) */
struct rulebook_reading {
    str path;
    const struct rulebook_value *value; /* never NULL */
};
/* Every fact the decision depended on, sorted by path: enough to replay it. */
enum error_code rulebook_decision_facts(const struct rulebook_decision *decision,
                                        struct arena *arena, struct arena scratch,
                                        const struct rulebook_reading **out, size_t *count,
                                        struct error *e) MUST_USE;
/* The same for one clause that spoke, for people: parameters show what the adoption sets. */
enum error_code rulebook_spoke_facts(const struct rulebook_decision *decision,
                                     const struct rulebook_spoke *spoke, struct arena *arena,
                                     struct arena scratch, const struct rulebook_reading **out,
                                     size_t *count, struct error *e) MUST_USE;

/* Bytes of a value, the same for equal values, different for different ones. Who said so and since
 * when are part of it. Format: docs/formats/decision.md. */
enum error_code rulebook_value_canonical(const struct rulebook_value *value, struct arena *arena,
                                         str *out, struct error *e) MUST_USE;

/* A fact the ledger holds as a commitment only. */
struct rulebook_hidden {
    str path;
    digest commitment;
};
/* The decision's canonical bytes: digest of the adopted rules, subject, facts read (hidden ones as
 * their commitment), clauses with effects, obligations. `hidden` sorted by path.
 * Format: docs/formats/decision.md. Source: RULEBOOK 5. */
enum error_code rulebook_decision_canonical(const struct rulebook_decision *decision,
                                            const struct rulebook_hidden *hidden,
                                            size_t hidden_count, struct arena *arena,
                                            struct arena scratch, str *out,
                                            struct error *e) MUST_USE;

/* A decision's bytes read back. Texts are views into the bytes, the rest lies in the arena. Facts that
 * were hidden are not among the facts: they are not known any more. */
struct rulebook_recorded_clause {
    str rulebook, clause;
    enum rulebook_effect effect;
};
struct rulebook_recorded {
    digest rules;
    struct rulebook_subject subject;
    enum rulebook_effect effect;
    struct rulebook_facts facts;
    const struct rulebook_hidden *hidden; /* by path */
    size_t hidden_count;
    const struct rulebook_recorded_clause *clauses; /* that spoke, by rulebook and id */
    size_t clause_count;
};
/* Deciding again by the same rules, at the same time, gives the same bytes.
 *   FAIL_CORRUPT  not a decision's bytes     FAIL_VERSION  of another format     FAIL_MEMORY */
enum error_code rulebook_recorded_read(str bytes, struct arena *arena,
                                       struct rulebook_recorded *out, struct error *e) MUST_USE;

/* ==== one clause at a time: assessments ====================================================== */

/* The clauses of a set by rulebook and id. NULL at an index that repeats the one before it: a clause
 * that another rulebook extends stands there once for each. */
size_t rulebook_set_clause_count(const struct rulebook_set *set);
const struct rulebook_clause *rulebook_set_clause(const struct rulebook_set *set, size_t index);
/* Does it bind anybody then: in force, of a rulebook that is adopted (or what-if), elected? */
bool rulebook_set_clause_binds(const struct rulebook_set *set, size_t index, int64_t at_ns);

/* Which facts a clause reads, and how much of each it looks at. A path may come more than once. */
enum rulebook_use {
    RULEBOOK_USE_KNOWN, /* only whether it is known: two known values are the same to it */
    RULEBOOK_USE_NAMED, /* only whether elements of `list` name it: two texts that none of them
                           names are the same to it */
    RULEBOOK_USE_VALUE,
};
struct rulebook_path_visitor {
    void (*visit)(struct rulebook_path_visitor *self, str path, enum rulebook_use use, str list);
};
/* All of it, or only what `applies` reads. */
void rulebook_clause_paths(const struct rulebook_set *set, size_t index, bool applies_only,
                           struct rulebook_path_visitor *visitor);

struct rulebook_asking; /* opaque: a subject with its facts, to be asked about */
/* Everything is borrowed, the asking lies in the arena. FAIL_MEMORY. */
enum error_code rulebook_asking_begin(const struct rulebook_set *set,
                                      const struct rulebook_subject *subject,
                                      const struct rulebook_facts *facts, int64_t at_ns,
                                      struct arena *arena, const struct rulebook_asking **out,
                                      struct error *e) MUST_USE;
enum rulebook_asked {
    RULEBOOK_NOT_CONSIDERED, /* does not bind this subject, or is about others */
    RULEBOOK_NOT_APPLICABLE, /* binds, but does not apply to it */
    RULEBOOK_SPOKE,          /* *out is filled */
};
/* By `applies` alone: RULEBOOK_SPOKE means that it may apply. */
enum rulebook_asked rulebook_ask_applies(const struct rulebook_asking *asking, size_t index);
/* What rulebook_evaluate_slow would say of this clause. */
enum rulebook_asked rulebook_ask(const struct rulebook_asking *asking, size_t index,
                                 struct rulebook_spoke *out);
/* One fact as it counts: never NULL, unknown where nothing was said. */
const struct rulebook_value *rulebook_asking_fact(const struct rulebook_asking *asking, str path);
/* The facts of one answer, sorted by path; of a clause that did not apply (`spoke` NULL), those
 * that kept it from applying. FAIL_MEMORY. */
enum error_code rulebook_asking_facts(const struct rulebook_asking *asking, size_t index,
                                      const struct rulebook_spoke *spoke, struct arena *arena,
                                      struct arena scratch, const struct rulebook_reading **out,
                                      size_t *count, struct error *e) MUST_USE;

/* ==== shown to people ======================================================================== */

enum rulebook_language { RULEBOOK_ENGLISH, RULEBOOK_JAPANESE };

struct rulebook_explain {
    enum rulebook_language language;
    bool elsewhere; /* also name the bound clauses on other subjects: "not decided at this gate" */
    bool passed;    /* also the clauses that passed */
};

/* A decision as sentences: what was asked, what the rule wants, on what basis and why it binds,
 * what was found and who said so, what would make it pass. FAIL_MEMORY when `out` overflowed. */
enum error_code rulebook_explain_text(const struct rulebook_decision *decision,
                                      const struct rulebook_explain *options, struct arena scratch,
                                      struct text *out, struct error *e) MUST_USE;
/* {decision, clauses: [{rulebook, clause, effect, truth, facts: […], basis, …}], obligations: […]}
 */
enum error_code rulebook_explain_json(const struct rulebook_decision *decision,
                                      const struct rulebook_explain *options, struct arena scratch,
                                      struct text *out, struct error *e) MUST_USE;
/* One line for a refusal's message: "jp-medical-provider/6.1: place.country is US …". */
enum error_code rulebook_explain_line(const struct rulebook_decision *decision,
                                      const struct rulebook_spoke *spoke,
                                      enum rulebook_language language, struct arena scratch,
                                      struct text *out, struct error *e) MUST_USE;

/* What would make a clause that was asked pass, a line each; nothing where it passes. */
void rulebook_asking_advice(const struct rulebook_asking *asking, size_t index,
                            const struct rulebook_spoke *spoke, enum rulebook_language language,
                            struct text *out);
/* What a clause wants, a line each: "place.country must be one of [JP]". */
void rulebook_clause_wants(const struct rulebook_clause *clause, enum rulebook_language language,
                           struct text *out);
/* The words people read for "law", "fail", "declared", "press" and the kinds of subject. */
const char *rulebook_strength_word(enum rulebook_strength strength,
                                   enum rulebook_language language);
const char *rulebook_by_word(enum rulebook_by by, enum rulebook_language language);
const char *rulebook_basis_word(enum rulebook_basis basis, enum rulebook_language language);
const char *rulebook_about_word(enum rulebook_about about, enum rulebook_language language);
/* "copies", 「写し」 */
const char *rulebook_obligation_word(enum rulebook_obligation_kind kind,
                                     enum rulebook_language language);
/* A length or a debt's terms as rulebooks and ledgers spell them ("24 h", "copies 2 (own/keep)"), in
 * a language: what is no word of theirs stays as it is. */
void rulebook_terms_text(str terms, enum rulebook_language language, struct text *out);
void rulebook_periods_text(const struct rulebook_periods *periods, enum rulebook_language language,
                           struct text *out);
/* Unknown, withheld, or an empty open set or list: not known. */
bool rulebook_value_is_known(const struct rulebook_value *value);

/* A clause, or a rulebook with all its clauses, as sentences. */
void rulebook_clause_text(const struct rulebook_clause *clause, enum rulebook_language language,
                          struct text *out);
void rulebook_text_of(const struct rulebook *rulebook, enum rulebook_language language,
                      struct text *out);

#endif
