/* The tree over a stored body's pieces, and the path of one piece in a single pass. */
#include "tlog/path.h"

void tlog_chunks_begin(struct tlog_chunks *chunks) {
    memset(chunks, 0, sizeof *chunks);
    tlog_tree_init(&chunks->tree);
}

uint64_t tlog_chunks_count(uint64_t bytes) {
    return bytes / LIMIT_STORED_PIECE_BYTES + (bytes % LIMIT_STORED_PIECE_BYTES != 0);
}

/* Feeds the piece under way with what fits of `bytes`; returns how much that was. */
static size_t piece_fill(struct tlog_chunks *chunks, const void *bytes, size_t count) {
    if (chunks->piece_bytes == 0) {
        sha256_begin(&chunks->piece);
        sha256_add(&chunks->piece, "\x00", 1);
    }
    assert(chunks->piece_bytes < LIMIT_STORED_PIECE_BYTES);
    size_t fits = size_min(count, (size_t)(LIMIT_STORED_PIECE_BYTES - chunks->piece_bytes));
    sha256_add(&chunks->piece, bytes, fits);
    chunks->piece_bytes += fits;
    chunks->bytes += fits;
    return fits;
}

static digest piece_end(struct tlog_chunks *chunks) {
    chunks->piece_bytes = 0;
    return sha256_end(&chunks->piece);
}

static void piece_append(struct tlog_chunks *chunks) {
    digest leaf = piece_end(chunks);
    tlog_tree_append(&chunks->tree, &leaf, NULL);
}

void tlog_chunks_add(struct tlog_chunks *chunks, const void *bytes, size_t count) {
    const unsigned char *next = bytes;
    while (count > 0) {
        size_t took = piece_fill(chunks, next, count);
        next += took;
        count -= took;
        if (chunks->piece_bytes == LIMIT_STORED_PIECE_BYTES) piece_append(chunks);
    }
}

digest tlog_chunks_end(struct tlog_chunks *chunks) {
    if (chunks->piece_bytes > 0) piece_append(chunks);
    assert(chunks->tree.size == tlog_chunks_count(chunks->bytes));
    return tlog_tree_root(&chunks->tree);
}

enum error_code tlog_chunk_proof_begin(struct tlog_chunk_proof *proof, uint64_t bytes,
                                       uint64_t index, struct error *e) {
    uint64_t count = tlog_chunks_count(bytes);
    if (index >= count)
        return error_set(e, FAIL_USAGE, "a body of %llu bytes has no piece %llu",
                         (unsigned long long)bytes, (unsigned long long)index);
    memset(proof, 0, sizeof *proof);
    proof->bytes = bytes;
    proof->index = index;
    tlog_chunks_begin(&proof->run);
    proof->path.count = path_siblings(0, index, count, proof->siblings);
    return OK;
}

/* A piece is complete: it is the one asked for, or one leaf of one sibling. */
static void chunk_proof_piece(struct tlog_chunk_proof *proof) {
    digest leaf = piece_end(&proof->run);
    uint64_t at = proof->at++;
    if (at == proof->index) {
        proof->leaf = leaf;
        return;
    }
    unsigned i = 0;
    while (at < proof->siblings[i].first ||
           at - proof->siblings[i].first >= proof->siblings[i].count) {
        i++;
        assert(i < proof->path.count);
    }
    tlog_tree_append(&proof->run.tree, &leaf, NULL);
    if (proof->run.tree.size < proof->siblings[i].count) return;
    proof->path.at[i] = tlog_tree_root(&proof->run.tree);
    tlog_tree_init(&proof->run.tree);
}

enum error_code tlog_chunk_proof_add(struct tlog_chunk_proof *proof, const void *bytes,
                                     size_t count, struct error *e) {
    if (count > proof->bytes - proof->run.bytes)
        return error_set(e, FAIL_USAGE, "the body is longer than the %llu bytes announced",
                         (unsigned long long)proof->bytes);
    const unsigned char *next = bytes;
    while (count > 0) {
        size_t took = piece_fill(&proof->run, next, count);
        next += took;
        count -= took;
        if (proof->run.piece_bytes == LIMIT_STORED_PIECE_BYTES) chunk_proof_piece(proof);
    }
    return OK;
}

enum error_code tlog_chunk_proof_end(struct tlog_chunk_proof *proof, struct tlog_path *path,
                                     digest *leaf, struct error *e) {
    if (proof->run.bytes != proof->bytes)
        return error_set(e, FAIL_USAGE, "the body ended after %llu of %llu bytes",
                         (unsigned long long)proof->run.bytes, (unsigned long long)proof->bytes);
    if (proof->run.piece_bytes > 0) chunk_proof_piece(proof);
    assert(proof->at == tlog_chunks_count(proof->bytes));
    *path = proof->path;
    *leaf = proof->leaf;
    return OK;
}
