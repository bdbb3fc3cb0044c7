/* Decisions, clauses and values in sentences, for people who read English or Japanese. */
#ifndef AZEKURA_RULEBOOK_FRONT_WORDS_H
#define AZEKURA_RULEBOOK_FRONT_WORDS_H

#include "rulebook/front/asking.h"

enum rulebook_language { RULEBOOK_ENGLISH, RULEBOOK_JAPANESE };

/* How the clocks of duties stand, which hangs on what was reported: said by whoever knows the record. */
struct rulebook_clocks {
    /* One line without its end: "overdue since …". */
    void (*say)(const struct rulebook_clocks *self, const struct rulebook_spoke *spoke,
                const struct rulebook_duty *duty, enum rulebook_language language,
                struct text *out);
    /* Members of the duty's object, each begun with a comma: `,"state":"overdue"`. */
    void (*json)(const struct rulebook_clocks *self, const struct rulebook_spoke *spoke,
                 const struct rulebook_duty *duty, struct text *out);
    /* What would make a clause pass whose conditions are met and whose clocks are not; else nothing. */
    void (*advise)(const struct rulebook_clocks *self, const struct rulebook_spoke *spoke,
                   enum rulebook_language language, struct text *out);
};

struct rulebook_explain {
    enum rulebook_language language;
    bool elsewhere; /* also name the bound clauses on other subjects: "not decided at this gate" */
    bool passed;    /* also the clauses that passed */
    const struct rulebook_clocks *clocks; /* NULL: about no record, nothing is said of clocks */
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
