/* Inner: what azekura survey makes of servers beside telling them: the form, differences, findings. */
#ifndef AZEKURA_APP_FORMING_H
#define AZEKURA_APP_FORMING_H

#include "app/assess/judging.h"
#include "app/assess/recording.h"
#include "census/census.h"

struct survey_answers; /* what the ledger keeps of servers, and what goes into it */

struct forming {
    struct option_list rulebooks, earlier; /* --rulebook, --diff */
    const char *lang, *data, *credentials;
    bool is_form, records, recalls; /* --form, --record, --history */
    /* What it becomes: */
    str language;
    struct judging judging; /* register and rulebooks; not opened without a --register */
    struct facts_world *world;
    struct arena_space space;
    struct arena arena;
    struct census *census;    /* NULL: nothing is counted */
    struct census_diff *diff; /* NULL: nothing is compared */
    char *members;            /* of the server under way, as JSON */
    struct report_out said;
    struct recorded recorded;
    struct survey_answers *answers; /* NULL: the ledger is not asked */
    str source;                     /* "azekura survey servers.csv": whose findings they are */
    const struct census_edition *editions;
    size_t edition_count;
    const str *warnings;
    size_t warning_count;
    int64_t at_ns;
};
#define FORMING_OPTIONS(f)                                                                         \
    {"rulebook", OPTION_LIST, &(f).rulebooks, "PATH",                                              \
     "what is allowed: rulebook file or folder (repeatable; those that came with the program)"},   \
        {"form", OPTION_FLAG, &(f).is_form, NULL,                                                  \
         "the counts alone, by operator, field, class and kind of the data: text, json, csv"},     \
        {"diff", OPTION_LIST, &(f).earlier, "EARLIER.json",                                        \
         "what changed since that survey, and which answers flap (repeatable; text, json)"},       \
        {"data", OPTION_TEXT, &(f).data, "DIR", "a store's folder, for --record and --history"},   \
        {"credentials", OPTION_TEXT, &(f).credentials, "FILE",                                     \
         "ask the store as this key: lines access_key=…, secret_key=… (else as its owner)"},       \
        {"record", OPTION_FLAG, &(f).records, NULL,                                                \
         "each answer and each finding goes into the store's ledger (./data)"},                    \
        {"history", OPTION_FLAG, &(f).recalls, NULL,                                               \
         "what changed since the surveys that the store's ledger keeps (./data; text, json)"},     \
    {                                                                                              \
        "lang", OPTION_TEXT, &(f).lang, "en|ja", "language (en)"                                   \
    }

/* What can be written besides the formats of a survey. */
enum forming_kind {
    FORMING_SERVERS,
    FORMING_FORM,
    FORMING_GEOJSON,
    FORMING_HTML,
    FORMING_DIFFERENCE
};
/* Which of them `format` and the options ask for. FAIL_USAGE: they exclude one another. */
enum error_code forming_choose(const struct forming *f, const char *format, enum forming_kind *out,
                               struct error *e) MUST_USE;

/* Opens register and rulebooks where registers are named. On failure too, forming_close releases it. */
enum error_code forming_open(struct forming *f, const struct option_list *registers,
                             const char *as_of, struct error *e) MUST_USE;
/* Once the survey's own world is open: from now on servers may come. `counts`: something of `kind` or of
 * the options needs them counted. */
enum error_code forming_begin(struct forming *f, const struct survey_world *world, int64_t at_ns,
                              const char *const *targets, bool counts, struct error *e) MUST_USE;
/* One server. *members: what its JSON has more, without braces; lives until the next. */
enum error_code forming_take(struct forming *f, const struct survey_server *server, str *members,
                             struct error *e) MUST_USE;
/* After the last: what is to be recorded is, and the report but for servers is written. */
enum error_code forming_record(struct forming *f, struct error *e) MUST_USE;
enum error_code forming_write(struct forming *f, enum forming_kind kind, const char *format,
                              struct report_out *out, struct error *e) MUST_USE;
/* "form": {…} into an object that is open. */
enum error_code forming_json(struct forming *f, struct report_json *j, struct error *e) MUST_USE;
void forming_close(struct forming *f);

/* azekura survey --merge: surveys of several operators as one form. */
enum error_code survey_merge(const char *const *paths, str language, const char *format,
                             const char *out, struct error *e) MUST_USE;

/* ---- the ledger: survey_record.c ---- */

/* Asks the store what it keeps of earlier surveys from the same source. FAIL_INTERNAL: it did not answer;
 * call_run has said why. */
enum error_code survey_answers_recall(struct forming *f, struct error *e) MUST_USE;
/* FAIL_LIMIT: over CENSUS_FINDINGS servers. */
enum error_code survey_answers_take(struct forming *f, const struct survey_server *server,
                                    struct error *e) MUST_USE;

#endif
