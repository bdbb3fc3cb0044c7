/* A kept transcript and the report on it, held against public keys by whoever has them: no store, no
 * network, no clock.
 *
 * What follows from what:
 *   the report        from the landmark's signature
 *   the transcript    from the digest in the report
 *   the draws         from both nonces and the checkpoint, made again
 *   each answer       from paths to the checkpoint, which the ledger's key signed
 *   figures, verdict  from the answers and their times, made again
 *   peers' words      from their own signatures over the transcript's digest
 * The times alone have to be believed of the landmark. */
#ifndef AZEKURA_LOCPROOF_CHECK_H
#define AZEKURA_LOCPROOF_CHECK_H

#include "locproof/report.h"

/* Why a landmark withdraws a result that holds by its transcript: the one word in a report that a
 * transcript does not give. */
extern const char locproof_withdrawn[];

struct locproof_kept {
    str note, transcript;         /* the report signed; the bytes it is about */
    const struct tlog_vkey *keys; /* of landmarks: who signed, and peers, found by name */
    size_t key_count;             /* > 0 */
    const struct tlog_vkey
        *ledger; /* NULL: as the transcript says, which only its landmark vouches for */
};
enum locproof_word {
    LOCPROOF_SILENT,  /* that peer did not cosign */
    LOCPROOF_NO_KEY,  /* it did, and no key of its name was given */
    LOCPROOF_VOUCHED, /* it did, and the signature holds */
};
struct locproof_checked {
    struct locproof_report report; /* views the note */
    struct locproof_transcript transcript;
    struct locproof_figures figures; /* made again */
    bool withdrawn;                  /* the report says less than its transcript shows */
    bool ledger_given;
    enum locproof_word words[LOCPROOF_PEERS_MAX]; /* of report.peers */
    size_t cosigned;
};
/* OK: everything holds; the verdict may be any. `arena` takes the rounds, some 12 KB a piece at most.
 *   FAIL_NOT_FOUND  no key of the landmark's name was given
 *   FAIL_PROOF      what does not hold, named: a signature, the digest, a word, a figure
 *   FAIL_SYNTAX, FAIL_VERSION, FAIL_MEMORY */
enum error_code locproof_check(const struct locproof_kept *kept, struct arena *arena,
                               struct locproof_checked *out, struct error *e) MUST_USE;

#endif
