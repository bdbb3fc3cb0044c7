/* What a check found, kept until its end and then said, as text or JSON: who signed, what was
 * shown, what is wrong, and what all this does not show. */
#ifndef AZEKURA_VERIFY_RESULT_H
#define AZEKURA_VERIFY_RESULT_H

#include "base/base.h"

#include <stdio.h>

enum {
    VERIFY_ITEMS_MAX = 2048,
    VERIFY_FINDINGS_SHOWN = 100, /* of those that follow only the number is told */
};

/* What a result does not show; each is printed where it applies. Source: DESIGN section 7. */
enum verify_limit {
    VERIFY_LIMIT_FACTS = 1,         /* declared facts may be untrue */
    VERIFY_LIMIT_COPIES = 2,        /* other copies may exist */
    VERIFY_LIMIT_ROOT = 4,          /* who has root can go round the program */
    VERIFY_LIMIT_ALONE = 8,         /* no witness: another history may have been shown to others */
    VERIFY_LIMIT_WITNESSED = 16,    /* witnesses saw the history, not what the entries mean */
    VERIFY_LIMIT_NAMES = 32,        /* names of codes that nothing shows */
    VERIFY_LIMIT_HIDDEN = 64,       /* fields that were not opened */
    VERIFY_LIMIT_LISTING = 128,     /* the listing is what the store says of itself */
    VERIFY_LIMIT_BODIES = 256,      /* stored bytes were not looked at */
    VERIFY_LIMIT_CIPHER = 512,      /* stored bytes were, but not deciphered */
    VERIFY_LIMIT_REDACTED = 1024,   /* openings were destroyed */
    VERIFY_LIMIT_AGE = 2048,        /* nothing after this checkpoint */
    VERIFY_LIMIT_SUCCESSION = 4096, /* how far an old log went is a later one's word */
    VERIFY_LIMIT_TIMES = 8192,      /* round trips are the landmark's word */
    VERIFY_LIMIT_FIBRE = 16384,     /* a bound is that of glass fibre */
    VERIFY_LIMIT_RULES = 32768,     /* entries name a set of rules, not the files they stood in */
    VERIFY_LIMIT_FILES = 65536,     /* of an export's rulebook files nobody keeps account */
};

/* More to be said under a result that holds: a summary, a list. In JSON it writes ",\"name\":value"
 * pairs. */
struct verify_more {
    void (*print)(const void *self, bool json, FILE *out);
    const void *self;
};

struct verify_result {
    struct arena *arena; /* texts live in it */
    str signed_by;       /* the first line; empty while no signature has been seen to hold */
    struct verify_item {
        const char *name;
        str value;
    } items[VERIFY_ITEMS_MAX];
    size_t item_count;
    str findings[VERIFY_FINDINGS_SHOWN];
    uint64_t finding_count;
    unsigned limits;         /* enum verify_limit, or-ed */
    struct verify_more more; /* print NULL: nothing */
    bool cut; /* the arena or a list was too small: said at the end, and never a pass */
};

void verify_item(struct verify_result *result, const char *name, const char *format, ...)
    PRINTF_LIKE(3, 4);
void verify_finding(struct verify_result *result, const char *format, ...) PRINTF_LIKE(2, 3);

/* A string as JSON, whatever its length. */
void verify_json_string(str s, FILE *out);

/* `failed`: the error that ended the check early; NULL: none. Returns whether all holds. */
bool verify_result_print(const struct verify_result *result, const struct error *failed, bool json,
                         FILE *out);

#endif
