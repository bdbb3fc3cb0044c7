/* Inner: register and rulebooks opened together, for commands that judge and open no store. */
#ifndef AZEKURA_APP_JUDGING_H
#define AZEKURA_APP_JUDGING_H

#include "app/rules/rulebooks.h"
#include "assess/assess.h"
#include "facts/facts.h"

struct judging {
    struct option_list registers, rulebooks; /* from the command line */
    const char *as_of, *lang;
    bool what_if;
    const char *data,
        *credentials; /* the store whose register to take where none is named; NULL: none */
    int64_t held_ns;  /* that register as it was held then; 0: now */
    /* What judging_open fills: */
    int64_t at_ns;
    enum rulebook_language language;
    struct arena_space space, scratch_space;
    struct arena arena, scratch;
    struct register_snapshot *snapshot;
    struct register_parts *parts; /* NULL: none, or not asked for */
    struct facts_binding binding;
    const struct rulebook_exception *approved; /* in a store, beside those of the register */
    size_t approved_count;
    const struct rulebook_set *set;
};
#define JUDGING_OPTIONS(j)                                                                         \
    {"register", OPTION_LIST, &(j).registers, "PATH", "register file or folder (repeatable)"},     \
        {"rulebook", OPTION_LIST, &(j).rulebooks, "PATH",                                          \
         "rulebook file or folder (repeatable; those that came with the program)"},                \
        {"as-of", OPTION_TEXT, &(j).as_of, "TIME", "with the editions and rows of then (now)"}, {  \
        "lang", OPTION_TEXT, &(j).lang, "en|ja", "language (en)"                                   \
    }

/* Reads the register (and `offer`, things to be bought, unless NULL; equipment too large to hold becomes
 * parts where `walks`) and the rulebooks, and compiles what the register adopts. On failure too,
 * judging_close releases it.
 *   FAIL_USAGE  no register, or a time or language that is none; else as loading says */
enum error_code judging_open(struct judging *j, const struct register_offer *offer, bool walks,
                             struct error *e) MUST_USE;
void judging_close(struct judging *j);

/* Equipment that is walked is read while it is judged: where that came upon a mistake, all are said. */
enum error_code judging_mistakes(const struct judging *j, enum error_code code,
                                 struct error *e) MUST_USE;

/* What to assess with, as it was opened; whoever asks adds what is to be asked about. */
struct assess_options judging_options(const struct judging *j);

/* How an assessment is written: text, json, csv, html, oscal. FAIL_USAGE: there is no such format. */
typedef void assess_writer(const struct assessment *a, struct report_out *out);
enum error_code judging_writer(const char *format, assess_writer **out, struct error *e) MUST_USE;

#endif
