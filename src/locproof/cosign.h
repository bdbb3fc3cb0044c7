/* What peers add to a result: each was shown the transcript's digest by the landmark, and signs how far
 * that landmark seems from it, so that the place and the hour of a result are not one landmark's word.
 *
 *   azekura-location-cosign-v1   the landmark's wish: its name, where it says it stands, the transcript
 *   azekura-location-seen-v1     a peer's answer: itself, the landmark, the least round trip it took of it
 *
 * Both are signed notes with the landmarks' own keys (type 0x01). cosignature/v1 of c2sp.org is for
 * checkpoints and says that one history was seen; a peer has to say a figure of its own.
 *
 * A report keeps of an answer what its other lines do not tell: round trip, time, signature. */
#ifndef AZEKURA_LOCPROOF_COSIGN_H
#define AZEKURA_LOCPROOF_COSIGN_H

#include "locproof/report.h"

struct locproof_wish {
    str name;
    struct locproof_place place;
    digest transcript;
    int64_t time_ns; /* whole seconds */
};
enum error_code locproof_wish_write(const struct locproof_wish *wish, struct text *out,
                                    struct error *e) MUST_USE;
enum error_code locproof_wish_read(str text, struct locproof_wish *out, struct error *e) MUST_USE;
/* FAIL_PROOF where `key` did not sign it, or signed for another name. Views into `note`, as below. */
enum error_code locproof_wish_open(str note, const struct tlog_vkey *key, struct locproof_wish *out,
                                   struct error *e) MUST_USE;

struct locproof_seen {
    str name; /* of who answers */
    struct locproof_place place;
    str of; /* the landmark it was asked by, and where that one says it stands */
    struct locproof_place of_place;
    int64_t rtt_ns;
    digest transcript;
    int64_t time_ns;
};
enum error_code locproof_seen_write(const struct locproof_seen *seen, struct text *out,
                                    struct error *e) MUST_USE;
enum error_code locproof_seen_read(str text, struct locproof_seen *out, struct error *e) MUST_USE;
enum error_code locproof_seen_open(str note, const struct tlog_vkey *key, struct locproof_seen *out,
                                   struct error *e) MUST_USE;

/* Of an answer what a report keeps, for its peer of the key's name. FAIL_PROOF: not signed by `key`,
 * or about another landmark, place or transcript than the report. */
enum error_code locproof_cosigned_take(const struct locproof_report *report, size_t peer, str note,
                                       const struct tlog_vkey *key, struct locproof_cosigned *out,
                                       struct error *e) MUST_USE;
/* Holds what a report keeps against the peer's key. FAIL_PROOF: `key` did not sign that, or the round
 * trip is one that cannot be between the two places. FAIL_NOT_FOUND: that peer did not cosign. */
enum error_code locproof_cosigned_check(const struct locproof_report *report, size_t peer,
                                        const struct tlog_vkey *key, struct error *e) MUST_USE;

#endif
