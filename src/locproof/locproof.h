/* Location proofs: a landmark asks a store for random stored pieces and times the answers.
 *
 * A piece that was on its way for t milliseconds came from no farther than t x GEO_KM_PER_MS, and
 * Merkle paths show that it is what the ledger says was stored. This module is the protocol without
 * the world: datagrams, which pieces are asked for, what shows that an answer was right, the report
 * a landmark signs, and what follows from several of them. No clock, no socket, no disk.
 *
 *   locproof/message.h     datagrams, one table of kinds
 *   locproof/draw.h        which piece of which entry, and the way down its tree
 *   locproof/shown.h       what shows afterwards that a piece was the right one
 *   locproof/transcript.h  everything both sides said, and the figures that follow from it
 *   locproof/report.h      the texts that landmarks sign
 *   locproof/cosign.h      what peers add to a report
 *   locproof/check.h       a kept transcript and its report, held against public keys alone
 *   locproof/attest.h      an asset tag that a TPM certified for a transcript
 *   locproof/abroad.h      how near other countries come to a landmark
 *   locproof/standing.h    what the reports of several landmarks say of a place, together
 *
 * What timing cannot show is part of it: locproof_limits, printed with every result.
 * Source: docs/formats/locproof.md; CORE 5 (stored_root); Gondree and Peterson, CBDG (CODASPY 2013);
 * Juels and Kaliski, PoR (CCS 2007). */
#ifndef AZEKURA_LOCPROOF_LOCPROOF_H
#define AZEKURA_LOCPROOF_LOCPROOF_H

#include "locproof/abroad.h"
#include "locproof/attest.h"
#include "locproof/check.h"
#include "locproof/cosign.h"
#include "locproof/draw.h"
#include "locproof/message.h"
#include "locproof/report.h"
#include "locproof/shown.h"
#include "locproof/standing.h"
#include "locproof/transcript.h"

/* What a result does not show, a sentence each, in English and Japanese. */
struct locproof_limit {
    const char *en, *ja;
};
extern const struct locproof_limit locproof_limits[];
extern const size_t locproof_limit_count;
extern const struct locproof_limit locproof_tag_limit; /* of an asset tag */

#endif
