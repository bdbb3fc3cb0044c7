/* Location proofs: a landmark of the site's row asks for stored pieces (docs/formats/locproof.md).
 * Everything here on plain threads, no fiber; what is of one session never on two at once. */
#ifndef AZEKURA_GATE_FRONT_LOCATION_H
#define AZEKURA_GATE_FRONT_LOCATION_H

#include "gate/front/visit.h"

/* Does the site's row name a landmark with a key that could come? */
bool gate_location_expected(struct gate *gate);

/* Did a landmark of the site's row sign this opening? Costs one signature and changes nothing.
 * FAIL_ACCESS_DENIED, FAIL_SYNTAX, FAIL_PROOF. */
enum error_code gate_location_vouch(struct gate_visit *visit, str note, struct error *e) MUST_USE;

struct gate_location; /* one session: what the store held at one checkpoint */
/* The landmark's signed opening (locproof_opening). The act `administer` for `location-proof`, decided
 * for each dataset that is kept here; a refusal is an entry. Signs a checkpoint first. The visit stays
 * open as long as the session.
 *   FAIL_ACCESS_DENIED  no landmark of the site's row signed it
 *   FAIL_USAGE          of another site than this store's
 *   FAIL_REFUSED        the rules say no; the message names the clause */
enum error_code gate_location_open(struct gate_visit *visit, str note, struct gate_location **out,
                                   struct gate_answer *answer, struct error *e) MUST_USE;
void gate_location_close(struct gate_location *location); /* NULL is fine */

struct locproof_opening;
struct locproof_place;
/* Where the register says that the landmark stands. */
const struct locproof_place *gate_location_place(const struct gate_location *location);
const struct locproof_opening *gate_location_opening(const struct gate_location *location);
str gate_location_note(const struct gate_location *location); /* the checkpoint */
/* On what stored bodies lie: an enum locproof_medium, as the kernel says of the disk. */
unsigned gate_location_medium(const struct gate_location *location);

struct locproof_draw;
struct gate_piece {
    bool is_there;
    unsigned why;   /* enum locproof_why where it is not */
    const char *at; /* of the session; until the next */
    size_t bytes;
};
/* The piece drawn, as it is stored: read past the page cache where the file system can, never
 * deciphered. What goes wrong with reading it is an answer (UNREADABLE), not an error. */
void gate_location_piece(struct gate_location *location, const struct locproof_draw *draw,
                         struct gate_piece *out);
/* What shows it (locproof_shown): reads the whole body. In the arena. FAIL_CORRUPT, FAIL_NOT_FOUND:
 * it cannot be shown. */
enum error_code gate_location_shown(struct gate_location *location,
                                    const struct locproof_draw *draw, struct arena *arena,
                                    str *bytes, struct error *e) MUST_USE;
/* What the landmark signed of the session becomes an entry, the newest of that landmark counts for the
 * place, and a failure is a finding; rules that read the place are compiled anew. Decided once
 * more. FAIL_PROOF: not signed by it, or about something else; FAIL_REFUSED. */
enum error_code gate_location_take(struct gate_visit *visit, struct gate_location *location,
                                   str note, struct gate_answer *answer, struct error *e) MUST_USE;

#endif
