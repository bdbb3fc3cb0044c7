/* Everything both sides said in one session, as one file, and the figures that follow from it.
 *
 * The landmark keeps it and signs its digest; whoever has it and the ledger's verifier key makes the
 * draws again, holds every answer against the ledger, and gets the same figures. Only the times have
 * to be believed of the landmark: nobody else saw its clock. */
#ifndef AZEKURA_LOCPROOF_TRANSCRIPT_H
#define AZEKURA_LOCPROOF_TRANSCRIPT_H

#include "locproof/shown.h"

enum {
    LOCPROOF_ROUNDS_MAX = 1024,  /* 459 find 1 % missing with 99 % confidence */
    LOCPROOF_DRAWS_A_ROUND = 32, /* entries drawn for each piece: most entries may store nothing */
    LOCPROOF_DRAWS_MAX = LOCPROOF_ROUNDS_MAX * LOCPROOF_DRAWS_A_ROUND,
    LOCPROOF_TRANSCRIPT_BYTES = 512 << 20, /* of the longest; 32 rounds are about 40 KB */
};

enum locproof_outcome { LOCPROOF_ANSWERED, LOCPROOF_LOST, LOCPROOF_FALSE };
struct locproof_round {
    enum locproof_outcome outcome; /* LOST: no whole answer came in time */
    struct locproof_answer answer;
    int64_t rtt_ns;      /* of the whole piece; 0 where lost */
    uint32_t service_us; /* as the store says */
    str shown;           /* locproof_shown's bytes; empty where lost */
};
struct locproof_transcript {
    struct locproof_nonce landmark, store;
    str name, site; /* the landmark's, the site's id */
    str ledger;     /* verifier key of the log */
    str checkpoint; /* note of the log */
    int64_t begun_ns;
    enum locproof_medium medium;
    uint32_t wanted;               /* pieces */
    struct locproof_round *rounds; /* number j drew draw j */
    size_t count;
};
/* FAIL_LIMIT: over `cap`. */
enum error_code locproof_transcript_write(const struct locproof_transcript *t, void *out,
                                          size_t cap, str *bytes, struct error *e) MUST_USE;
/* FAIL_SYNTAX, FAIL_VERSION, FAIL_MEMORY; views into `bytes`, rounds in the arena. */
enum error_code locproof_transcript_read(str bytes, struct arena *arena,
                                         struct locproof_transcript *out, struct error *e) MUST_USE;

enum locproof_verdict {
    LOCPROOF_WITHIN,       /* every piece was right: the bound holds */
    LOCPROOF_FAILED,       /* one was wrong, unreadable or not shown */
    LOCPROOF_INCONCLUSIVE, /* too few pieces, or over 5 % without an answer */
    LOCPROOF_VERDICT_LAST = LOCPROOF_INCONCLUSIVE
};
const char *locproof_verdict_name(enum locproof_verdict verdict); /* "within" … */

struct locproof_figures {
    enum locproof_verdict verdict;
    uint32_t pieces, lost, no_body, gone, untold, bad;
    int64_t min_ns, median_ns, p95_ns; /* over pieces and what was lost; -1: not known */
    int64_t service_ns;                /* median of what the store says it read for */
    uint64_t ledger_size;
    digest ledger_root;
    char why[200]; /* closed: what was bad first, or why nothing can be said; else empty */
};
/* Draws again and checks every round; a round that does not hold becomes LOCPROOF_FALSE. A piece too
 * late to count is as good as lost: the 95th percentile is over both.
 *   FAIL_PROOF, FAIL_SYNTAX  the checkpoint is none of that log's: nothing can be checked
 *   FAIL_MEMORY */
enum error_code locproof_transcript_check(struct locproof_transcript *t, struct arena scratch,
                                          struct locproof_figures *out, struct error *e) MUST_USE;

/* The value that at least `percent` of the times do not exceed (nearest rank). count > 0; sorts. */
int64_t locproof_percentile(int64_t *times_ns, size_t count, unsigned percent);

#endif
