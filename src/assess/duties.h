/* Duties with clocks: what must be told to whom by when. Part of the front door: include assess/assess.h.
 *
 * For each record of the register (an incident, a change, a request, a thing put into use) every
 * clause that imposes duties is asked, by the edition of the day of the event; each duty becomes a
 * row: stage, addressees, form, the event that starts its clock, the deadline and how much is left.
 * No number is invented: where a text has none, the row says so, and the operator's own value (the
 * adoption's parameter within_STAGE, or CLAUSE/within_STAGE) stands in its place. Where the start is
 * not known, the next event that is known bounds it: "overdue no later than …", unknown and urgent.
 *
 * Source: RULEBOOK 5 (duties). */
#ifndef AZEKURA_ASSESS_DUTIES_H
#define AZEKURA_ASSESS_DUTIES_H

#include "facts/facts.h"
#include "report/report.h"
#include "rulebook/rulebook.h"

enum duty_state {
    DUTY_MET,     /* sent in time, or where no time is told */
    DUTY_LATE,    /* sent, after its deadline */
    DUTY_OPEN,    /* not sent; its time is not over, or no time is told */
    DUTY_OVERDUE, /* not sent, and its time is over */
    DUTY_UNKNOWN, /* when its clock began is not known */
    DUTY_STATE_COUNT
};
const char *duty_state_name(enum duty_state state); /* "overdue" */

struct duty_row {
    const struct rulebook_clause *clause;
    const struct rulebook_duty *duty;
    const struct register_row *record; /* the incident, change …; borrowed from the snapshot */
    str operator_name;
    enum rulebook_strength strength;
    bool applies_unknown; /* the clause may not apply: counted as applying */
    bool has_start, has_deadline;
    bool has_own_value;  /* the deadline comes from the operator's own value */
    bool has_no_number;  /* the text has none: promptly, or nothing at all */
    bool lacks_holidays; /* working days whose holidays nobody listed: only a bound */
    bool is_urgent;
    int64_t start_ns, deadline_ns, not_before_ns;
    int64_t no_later_ns; /* of an unknown start: by the next event known; 0: none is */
    str next_event;      /* that event: "detected" */
    bool is_sent;
    int64_t sent_ns;
    enum duty_state state;
};

struct duties {
    int64_t at_ns;
    enum rulebook_language language;
    const struct duty_row *rows; /* overdue and unknown first, then by deadline */
    size_t count;
    size_t by_state[DUTY_STATE_COUNT];
};

struct duties_options {
    const struct register_snapshot *snapshot; /* borrowed, as all here */
    const struct rulebook_set *set;
    int64_t at_ns;
    str record; /* only this record's; empty: all */
    str stage;  /* only this stage; empty: all */
    enum rulebook_language language;
};
/* Rows in the arena. FAIL_NOT_FOUND: no such record imposes duties. FAIL_MEMORY. */
enum error_code duties_find(const struct duties_options *options, struct arena *arena,
                            struct arena scratch, struct duties *out, struct error *e) MUST_USE;

/* How the clocks of one record stand, for an explanation of what was decided about it. */
struct duties_standing {
    struct rulebook_clocks clocks; /* what rulebook_explain is given; stands first */
    const struct register_row *record;
    const struct rulebook_facts *facts;
    int64_t now_ns;
};
/* Judges a decision about a record by its clocks too, as an assessment does: a clause whose conditions
 * are met, and whose report is late, fails. Record and facts are borrowed; what of the decision
 * changes lies in the arena. FAIL_MEMORY. */
enum error_code duties_stand(const struct register_row *record, const struct rulebook_facts *facts,
                             int64_t now_ns, struct rulebook_decision *decision,
                             struct arena *arena, struct duties_standing *out,
                             struct error *e) MUST_USE;

void duties_write_text(const struct duties *d, struct report_out *out);
void duties_write_json(const struct duties *d, struct report_out *out);
void duties_write_csv(const struct duties *d, struct report_out *out);
void duties_write_html(const struct duties *d, struct report_out *out);

/* A text a person can complete and send: what is known, said plainly, and a blank for what is not
 * known yet. Of the first duty. */
void duties_write_draft(const struct duties *d, const struct register_snapshot *snapshot,
                        struct report_out *out);

#endif
