/* What people and reports saw: facts countersigned by an inspector, findings of an assessment, a survey, a
 * watch. */
#ifndef AZEKURA_GATE_FRONT_FINDINGS_H
#define AZEKURA_GATE_FRONT_FINDINGS_H

#include "gate/front/visit.h"

/* ---- inspections: an inspector countersigns a fact of the register (docs/decisions/inspector.md) ----
 */

struct gate_inspection {
    str id;
    str subject, field; /* "sites/sendai", "country" */
    str said, found;    /* by the register when it was inspected; by the inspector */
    bool agrees;
    str reason;    /* how it was inspected; once withdrawn, why that */
    str requester; /* who asked for it; may be empty */
    str inspector; /* user/key */
    str entry;     /* "ORIGIN#INDEX" */
    enum gate_inspection_state { GATE_CONFIRMED, GATE_WITHDRAWN, GATE_INSPECTION_EXPIRED } state;
    int64_t at_ns, until_ns,
        ended_ns; /* until: INT64_MAX: until it is withdrawn; ended: 0: holds */
};
/* Of `x` are read: subject, field (RULEBOOK's names too: site.country, place.country), found, reason,
 * requester, until_ns. The rest is filled in. In force on return: the fact's source is `inspected`; where
 * the register says something else it is a finding, and the gate goes on by what is declared.
 *   FAIL_ACCESS_DENIED  the visitor is no inspector, or asked for it
 *   FAIL_USAGE, FAIL_NOT_FOUND, FAIL_SYNTAX  as register_compare; no reason, an end that is over */
enum error_code gate_inspect_confirm(struct gate_visit *visit, struct gate_inspection *x,
                                     struct gate_answer *answer, struct error *e) MUST_USE;
/* FAIL_ACCESS_DENIED: another inspector's. FAIL_EXISTS: over already. FAIL_NOT_FOUND. */
enum error_code gate_inspect_withdraw(struct gate_visit *visit, str id, str reason,
                                      struct gate_answer *answer, struct error *e) MUST_USE;
/* Those that hold, then those that are over. Needs `admin` or `inspect`. */
enum error_code gate_inspect_list(struct gate_visit *visit,
                                  enum error_code (*each)(void *self,
                                                          const struct gate_inspection *,
                                                          struct error *e),
                                  void *self, struct error *e) MUST_USE;
/* For whoever lays them over a register of their own (register_inspect), as of any time. */
struct register_inspected;
enum error_code gate_inspection_said(const struct gate_inspection *x, struct arena *arena,
                                     struct register_inspected *out, struct error *e) MUST_USE;

/* ---- findings: what an assessment, a survey, a watch noticed (docs/formats/findings.md) ---- */

enum {
    GATE_FINDINGS_MAX =
        100000, /* that stand, of one kind; ours: an assessment folds at as many rows */
    GATE_FINDING_TEXT_BYTES = 2048,
    GATE_FINDING_CLAUSES = 16,
};
struct gate_finding {
    str id;           /* of source, kind, subject and clauses: the same in each report */
    str source, kind; /* "azekura assess sector=gas"; "assessment", "inspection", "survey" … */
    str subject;      /* "sendai"; "DATASET@SITE" */
    const str *clauses;
    size_t clause_count;
    str verdict, text; /* "fail", "unknown" …; what to do, or what was seen */
    digest facts;      /* of the facts it rests on: another one is another saying */
    bool stands;
    int64_t first_ns, last_ns, gone_ns; /* stands since; heard of last; 0: stands */
    uint64_t times;                     /* reports that had it, since it stands */
    str first_entry, last_entry;        /* receipts */
    digest report;                      /* the last that had it */
};
/* A report, or a page of one: `findings` with kind, subject, clauses, verdict, text and facts. */
struct gate_report {
    str source;
    digest digest; /* of the whole report, as its JSON has it */
    str detail;    /* what it says of itself: totals */
    const struct gate_finding *findings;
    size_t count;
    bool is_last; /* what this source found before and no page of this report has is gone */
};
struct gate_report_taken {
    uint64_t standing, entered, gone; /* of this page: all; new or changed; ended */
};
/* An entry for what is new, says something new or is gone, and with the last page one for the report.
 * Needs `admin`. FAIL_USAGE: a text that is empty or too long; FAIL_LIMIT: GATE_FINDINGS_MAX. */
enum error_code gate_report_take(struct gate_visit *visit, const struct gate_report *report,
                                 struct gate_report_taken *out, struct gate_answer *answer,
                                 struct error *e) MUST_USE;
struct gate_finding_filter {
    str kind, clause, subject; /* empty: any */
    str after;                 /* ids greater than this one; pages go by it */
    bool gone_too;
    size_t max;
};
/* By id. Needs `admin` or `inspect`. */
enum error_code
gate_finding_list(struct gate_visit *visit, const struct gate_finding_filter *filter,
                  enum error_code (*each)(void *self, const struct gate_finding *, struct error *e),
                  void *self, struct error *e) MUST_USE;
/* In the visit's arena. FAIL_NOT_FOUND. */
enum error_code gate_finding_show(struct gate_visit *visit, str id, struct gate_finding *out,
                                  struct error *e) MUST_USE;

#endif
