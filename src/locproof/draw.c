/* The draws, and the way down a tree. */
#include "locproof/draw.h"

digest locproof_nonce_hash(const struct locproof_nonce *nonce) {
    return sha256_of(str_of(nonce->at, sizeof nonce->at));
}

digest locproof_seed(const struct locproof_nonce *landmark, const struct locproof_nonce *store,
                     str checkpoint_note) {
    static const str context = {"azekura-locproof-v1", 19};
    digest beacon = sha256_of(checkpoint_note);
    struct sha256 h;
    sha256_begin(&h);
    sha256_add(&h, context.at, context.len);
    sha256_add(&h, landmark->at, sizeof landmark->at);
    sha256_add(&h, store->at, sizeof store->at);
    sha256_add(&h, beacon.at, sizeof beacon.at);
    return sha256_end(&h);
}

struct locproof_draw locproof_draw_of(const digest *seed, uint32_t number, uint64_t ledger_size) {
    unsigned char bytes[DIGEST_BYTES + 4];
    assert(ledger_size > 0);
    memcpy(bytes, seed->at, DIGEST_BYTES);
    write_be32(bytes + DIGEST_BYTES, number);
    digest d = sha256_of(str_of(bytes, sizeof bytes));
    return (struct locproof_draw){.entry = read_be64(d.at) % ledger_size,
                                  .piece_bits = read_be64(d.at + 8),
                                  .list_bits = read_be64(d.at + 16)};
}

uint64_t locproof_leaf_of(uint64_t bits, uint64_t count) {
    uint64_t first = 0;
    assert(count > 0 && count <= TLOG_SIZE_MAX);
    while (count > 1) {
        uint64_t left = (uint64_t)1
                        << (63 - __builtin_clzll(count - 1)); /* most, and under count */
        bool right = bits >> 63;
        bits <<= 1;
        first += right ? left : 0;
        count = right ? count - left : left;
    }
    return first;
}

digest locproof_root_from(uint64_t bits, const digest *leaf, const struct tlog_path *path) {
    digest hash = *leaf;
    assert(path->count <= TLOG_PATH_MAX);
    for (unsigned i = 0; i < path->count; i++) { /* path.at[0] is the leaf's sibling, deepest */
        bool right = bits >> (63 - (path->count - 1 - i)) & 1;
        hash = right ? tlog_node_hash(&path->at[i], &hash) : tlog_node_hash(&hash, &path->at[i]);
    }
    return hash;
}
