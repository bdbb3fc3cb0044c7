/* Counting entries: what a supervisor may count without opening anything, by type, decision, act,
 * sector, class, clause, site, unknown facts and rule set. One counter for whoever writes counts and
 * whoever holds them against the entries. Pure but for the arena. Source: docs/formats/bundle.md. */
#ifndef AZEKURA_EVIDENCE_TALLY_H
#define AZEKURA_EVIDENCE_TALLY_H

#include "base/base.h"

struct evidence_entry;

enum { EVIDENCE_TALLY_NAMES = 1 << 16 }; /* different names, and names of codes, together */

enum evidence_tally_kind {
    EVIDENCE_TALLY_TYPE,
    EVIDENCE_TALLY_DECISION,
    EVIDENCE_TALLY_ACT,
    EVIDENCE_TALLY_SECTOR,
    EVIDENCE_TALLY_CLASS,
    EVIDENCE_TALLY_CLAUSE,  /* "RULEBOOK/CLAUSE EFFECT" */
    EVIDENCE_TALLY_UNKNOWN, /* "RULEBOOK/CLAUSE": a fact it reads was not known */
    EVIDENCE_TALLY_SITE,
    EVIDENCE_TALLY_RULES, /* hex of a rule set's digest */
    EVIDENCE_TALLY_KINDS
};
const char *evidence_tally_name(enum evidence_tally_kind kind); /* "type" */
const char *evidence_effect_name(unsigned effect);              /* "refuse"; UNKNOWN set aside */
const char *evidence_decision_name(unsigned decision);          /* "allow" */

struct evidence_tally_row {
    enum evidence_tally_kind kind;
    str name;
    uint64_t count;
};

struct evidence_tally {
    struct arena *arena; /* texts and tables live in it */
    struct evidence_tally_slot *slots;
    size_t used;
};
enum error_code evidence_tally_open(struct evidence_tally *tally, struct arena *arena,
                                    struct error *e) MUST_USE;
/* What a code means, of an entry of type `code`: before the first entry that uses it is counted.
 * Others teach nothing. FAIL_CORRUPT: a second text for one code; FAIL_LIMIT, FAIL_MEMORY. */
enum error_code evidence_tally_learn(struct evidence_tally *tally,
                                     const struct evidence_entry *entry, struct error *e) MUST_USE;
/* A fold counts as the acts it stands for. FAIL_LIMIT, FAIL_MEMORY. */
enum error_code evidence_tally_add(struct evidence_tally *tally, const struct evidence_entry *entry,
                                   struct error *e) MUST_USE;
/* All of them, by kind and name; a code nobody named is "act 7". In the tally's arena. */
enum error_code evidence_tally_rows(struct evidence_tally *tally,
                                    const struct evidence_tally_row **rows, size_t *count,
                                    struct error *e) MUST_USE;

#endif
