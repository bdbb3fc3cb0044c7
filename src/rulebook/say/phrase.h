/* Conditions as sentences, in English and Japanese. */
#ifndef AZEKURA_RULEBOOK_PHRASE_H
#define AZEKURA_RULEBOOK_PHRASE_H

#include "rulebook/decide/decision.h"

/* One of two texts. */
static inline const char *in_language(enum rulebook_language l, const char *en, const char *ja) {
    return l == RULEBOOK_JAPANESE ? ja : en;
}

/* "place.country must be one of [JP]". */
void phrase_wanted(const struct condition *c, enum rulebook_language language, struct text *out);

/* "place.country is one of [JP]": of a case, without wanting it. */
void phrase_said(const struct condition *c, enum rulebook_language language, struct text *out);
void phrase_value(const struct rulebook_value *value, enum rulebook_language language,
                  struct text *out);

/* What would make it pass, given what was found: "say what place.country is; it must be …". One
 * line a part, each begun with `indent`. Only what does not hold now. */
void phrase_advice(const struct condition *c, struct evaluation *ev,
                   enum rulebook_language language, const char *indent, struct text *out);

void phrase_periods(const struct rulebook_periods *periods, enum rulebook_language language,
                    struct text *out);
void phrase_obligation(const struct rulebook_obligation *o, enum rulebook_language language,
                       struct text *out);

const char *phrase_by(enum rulebook_by by, enum rulebook_language language);
const char *phrase_effect(enum rulebook_effect effect, enum rulebook_language language);
const char *phrase_strength(enum rulebook_strength strength, enum rulebook_language language);
const char *phrase_basis(enum rulebook_basis basis, enum rulebook_language language);
const char *phrase_verdict(enum rulebook_verdict verdict, enum rulebook_language language);
const char *phrase_about(enum rulebook_about about, enum rulebook_language language);
/* The text itself was not at hand when the clause was written. */
static inline bool is_text_unseen(const struct rulebook_clause *c) {
    return c->basis == RULEBOOK_PRESS || c->basis == RULEBOOK_TRACKER;
}
str phrase_title(const struct rulebook_title *title, enum rulebook_language language);

#endif
