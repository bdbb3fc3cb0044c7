/* What a rulebook file holds beyond what rulebook.h shows. */
#ifndef AZEKURA_RULEBOOK_FILE_H
#define AZEKURA_RULEBOOK_FILE_H

#include "rulebook/read/condition.h"

/* `applies`: equality and membership only. */
struct applies {
    str path;
    struct operand among; /* a set */
};

enum { EVIDENCE_MEASURED = 1, EVIDENCE_RECORD = 2, EVIDENCE_DOCUMENT = 4 };

struct clause_rule {
    const struct applies *applies;
    size_t applies_count;
    const struct condition *when, *require, *unless; /* ALLs, or NULL */
    const struct reads_entry *reads;
    size_t read_count;
    const str *accepts; /* paths; never NULL */
    size_t accept_count;
    const struct param *params;
    size_t param_count;
    unsigned evidence;
    bool never_applies, never_passes, never_lifts; /* never.c: no facts make it true */
    const struct doc_node *node;                   /* for messages */
};

/* The parts of a derived set, for the register to compute. */
struct derived {
    str name, of, over;
    const struct condition *starts; /* an ALL whose parts are alternatives: any of them starts */
    const str *fields;              /* capital, votes */
    size_t field_count;
    const str *from; /* names without $ */
    size_t from_count;
    struct rulebook_value together_at_least;
    bool indirect;
};

struct measure {
    str name, kind, of; /* count_distinct persons */
    const str *per;
    size_t per_count;
    struct rulebook_duration window;
    bool unknown_unbounded;
    const struct applies *only; /* `for`: which acts count */
    size_t only_count;
    const struct doc_node *node; /* for messages */
};

/* `offset_ns` is what to add to a day's midnight UTC for where the day begins; only with has_offset. Holidays are days (their
 * number since 1970), sorted, and all of them from `known_from` until before `known_until`. */
struct calendar {
    str name, country, zone, days;
    bool has_offset;
    int64_t offset_ns;
    unsigned rest_days; /* bits 1 << weekday, 0 Sunday */
    const int64_t *holidays;
    size_t holiday_count;
    int64_t known_from, known_until;
    const struct doc_node *node; /* for messages */
};

struct raise {
    str clause; /* LINE/ID or RULEBOOK/ID */
    enum rulebook_strength to;
    const struct applies *only; /* `for` */
    size_t only_count;
    const struct doc_node *node;
};

enum { RULEBOOK_LISTS_MOST = 64 }; /* more are read, and not told of when they are missing */
struct rulebook_more {
    const struct named_set *sets;
    size_t set_count;
    const struct derived *derived;
    size_t derived_count;
    const struct measure *measures;
    size_t measure_count;
    const struct calendar *calendars;
    size_t calendar_count;
    const struct raise *raises;
    size_t raise_count;
    const struct doc_node *node;     /* the document */
    const struct doc_node *named_at; /* where its name stands */
    str extends;                     /* empty: nothing */
    const struct doc_node *extends_at;
    str list_names[RULEBOOK_LISTS_MOST]; /* that it reads from the register, each once */
    size_t list_name_count;
};

/* What reading a file carries along. */
struct file_reader {
    struct arena *arena;
    struct arena *scratch;
    struct error *e;
    struct scope scope;
    struct rulebook *rulebook;
    struct rulebook_more *more;
    struct rulebook_warning *warnings;
    size_t warning_count, warning_room;
};

enum error_code file_warn(struct file_reader *r, const struct doc_node *at, const char *format, ...)
    PRINTF_LIKE(3, 4);

#define ACT_WORDS                                                                                  \
    "an act: put, copy, restore, replicate, get, list, delete, place, connect, process, derive, "  \
    "transit, administer, support, maintain, purchase, install or change"

/* After a number, in a format: "%" is doubled. */
#define UNIT_WORDS                                                                                 \
    "one of the units %%, m, km, W, kW, MW, persons, users, bytes, KiB, MiB, GiB, s, min, h, d, "  \
    "days, months, years"

/* Shared helpers. Each names the key in its complaint through the node. */
enum error_code file_optional_text(struct file_reader *r, const struct doc_node *map, str key,
                                   str *out) MUST_USE;
/* What other places call it by: a code of at most LIMIT_RULE_NAME_BYTES, without blanks at its ends. */
enum error_code file_name(struct file_reader *r, const struct doc_node *node, str *out) MUST_USE;
/* A list of codes, or one code; sorted and unique. */
enum error_code file_codes(struct file_reader *r, const struct doc_node *node, const str **out,
                           size_t *count) MUST_USE;
/* "+09:00": what to add to a day's midnight UTC for where the day begins. */
bool file_zone_read(str zone, int64_t *offset_ns);
/* A day as it begins where `zone_ns` says; an instant as it is. */
enum error_code file_day_or_instant(const struct file_reader *r, const struct doc_node *node,
                                    int64_t zone_ns, int64_t *out) MUST_USE;
/* Days begin in its own `zone`, else in the rulebook's. */
enum error_code file_span(struct file_reader *r, const struct doc_node *node,
                          struct rulebook_span *out) MUST_USE;
enum error_code file_applies(struct file_reader *r, const struct doc_node *map,
                             const struct applies **out, size_t *count) MUST_USE;
enum error_code file_title(struct file_reader *r, const struct doc_node *node,
                           struct rulebook_title *out) MUST_USE;

enum error_code file_clause(struct file_reader *r, const struct doc_node *map,
                            struct rulebook_clause *out) MUST_USE; /* clause.c */

/* forget.c: warns of what is met by saying nothing. `all` may be NULL. */
enum error_code file_forgetting(struct file_reader *r, const struct doc_node *node, str clause,
                                const char *key, const struct condition *all) MUST_USE;

/* idle.c: warns of what a rulebook, or a clause that is read, says in vain. */
enum error_code file_idle(struct file_reader *r, const struct doc_node *map) MUST_USE;
enum error_code file_idle_clause(struct file_reader *r, const struct doc_node *map,
                                 const struct rulebook_clause *clause) MUST_USE;

/* never.c: warns of conditions that no facts make true together, and says so in the rule. */
enum error_code file_never(struct file_reader *r, const struct doc_node *map, str clause,
                           struct clause_rule *rule) MUST_USE;

/* uses.c: what a condition, or all of a clause that is read, names; `file` is empty. */
void condition_uses(const struct condition *condition, struct rulebook_use_visitor *visitor);
void clause_uses(const struct rulebook_clause *clause, struct rulebook_use_visitor *visitor);

/* oblige.c */
enum error_code file_periods(struct file_reader *r, const struct doc_node *node,
                             struct rulebook_periods *out) MUST_USE;
enum error_code file_obligations(struct file_reader *r, const struct doc_node *map,
                                 struct rulebook_clause *clause) MUST_USE;
enum error_code file_duties(struct file_reader *r, const struct doc_node *node,
                            struct rulebook_clause *clause) MUST_USE;

/* names.c: sets, calendars, derived sets, measures, raises */
enum error_code file_names(struct file_reader *r, const struct doc_node *map) MUST_USE;

/* canonical.c: bytes that do not depend on the order of keys, on quotes or on comments. */
void doc_canonical(const struct doc_node *node, struct sha256 *h);

#endif
