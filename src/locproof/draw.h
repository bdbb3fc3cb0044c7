/* Which pieces are asked for: both sides' nonces and a checkpoint of the ledger decide, and neither
 * side alone.
 *
 * The store knows H(landmark's nonce) before it gives its own, and the nonce itself only after the
 * last round: it can neither choose the pieces nor know them beforehand. Whoever has the transcript
 * makes them again, so the landmark did not choose them either.
 *
 * A piece is found by going down from stored_root: at each node one bit says left or right. So the
 * path that shows the piece shows also that it was the one asked for, and the store need not be
 * believed how many pieces a body has. Each piece of n is asked for with a chance of at least
 * 1/(2n): the left subtree of a tree holds at least half of the leaves, and gets half of the draws. */
#ifndef AZEKURA_LOCPROOF_DRAW_H
#define AZEKURA_LOCPROOF_DRAW_H

#include "tlog/tlog.h"

enum { LOCPROOF_NONCE_BYTES = 32 };
struct locproof_nonce {
    unsigned char at[LOCPROOF_NONCE_BYTES];
};

/* SHA-256("azekura-locproof-v1" || landmark's nonce || store's nonce || SHA-256(checkpoint note)) */
digest locproof_seed(const struct locproof_nonce *landmark, const struct locproof_nonce *store,
                     str checkpoint_note);
/* What the store is told of the landmark's nonce beforehand: its SHA-256. */
digest locproof_nonce_hash(const struct locproof_nonce *nonce);

struct locproof_draw {
    uint64_t entry;      /* index in the ledger */
    uint64_t piece_bits; /* the way down to the piece, highest bit first */
    uint64_t list_bits;  /* of a body of parts: the way down to one of them first */
};
/* SHA-256(seed || u32 number), its first three numbers; the first modulo `ledger_size`, which is not 0. */
struct locproof_draw locproof_draw_of(const digest *seed, uint32_t number, uint64_t ledger_size);

/* The leaf that the bits lead to in a tree of `count` leaves, 1 .. 2^62. */
uint64_t locproof_leaf_of(uint64_t bits, uint64_t count);
/* The root that a leaf's hash, its path and the bits lead to: the same bits that led to the leaf. */
digest locproof_root_from(uint64_t bits, const digest *leaf, const struct tlog_path *path);

#endif
