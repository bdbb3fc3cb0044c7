/* Stored bytes against their roots: in one run, or part by part. */
#include "verify/bodies.h"

#include "base/disk.h"

#include <fcntl.h>
#include <stdio.h>

enum { BODY_PIECE_BYTES = 1 << 20 };

/* Opens a file of bodies/; *fd is the caller's to close. */
static enum error_code body_open(const struct verify_store *s, const digest *root, int *fd,
                                 struct error *e) {
    char hex[2 * DIGEST_BYTES], path[96];
    hex_write(root->at, DIGEST_BYTES, hex);
    snprintf(path, sizeof path, "bodies/%.2s/%.*s", hex, (int)sizeof hex, hex);
    return disk_open(s->dir_fd, path, O_RDONLY, 0, fd, e);
}

/* Stored bytes in one run, against their root. FAIL_PROOF: they are others. */
static enum error_code run_check(struct verify_store *s, const digest *root, struct arena scratch,
                                 struct error *e) {
    char *piece = arena_bytes(&scratch, BODY_PIECE_BYTES);
    assert(piece != NULL);
    struct tlog_chunks chunks;
    uint64_t offset = 0;
    size_t got;
    int fd;
    enum error_code code;
    TRY(body_open(s, root, &fd, e));
    tlog_chunks_begin(&chunks);
    while ((code = disk_read(fd, piece, BODY_PIECE_BYTES, offset, &got, "a body", e)) == OK &&
           got > 0) {
        tlog_chunks_add(&chunks, piece, got);
        offset += got;
    }
    disk_close(fd);
    TRY(code);
    digest found = tlog_chunks_end(&chunks);
    if (!digest_equal(&found, root)) return error_set(e, FAIL_PROOF, "they hash to another root");
    s->bodies++;
    s->body_bytes += offset;
    return OK;
}

/* An object of parts: its file lists the parts' roots, 32 bytes each, and hashes to its root with
 * each of them as a leaf; each part is a run of its own. */
static enum error_code parts_check(struct verify_store *s, const digest *root, struct arena scratch,
                                   struct error *e) {
    const size_t cap = (size_t)LIMIT_PART_COUNT * DIGEST_BYTES + 1;
    char *list = arena_bytes(&scratch, cap);
    assert(list != NULL);
    size_t got;
    int fd;
    TRY(body_open(s, root, &fd, e));
    enum error_code code = disk_read(fd, list, cap, 0, &got, "a list of parts", e);
    disk_close(fd);
    TRY(code);
    if (got == cap || got % DIGEST_BYTES != 0)
        return error_set(e, FAIL_PROOF, "its list of parts has a length no list has");
    struct tlog_tree tree;
    tlog_tree_init(&tree);
    for (size_t at = 0; at < got; at += DIGEST_BYTES) {
        digest leaf = tlog_leaf_hash(str_of(list + at, DIGEST_BYTES));
        tlog_tree_append(&tree, &leaf, NULL);
    }
    digest found = tlog_tree_root(&tree);
    if (!digest_equal(&found, root))
        return error_set(e, FAIL_PROOF, "its list of parts hashes to another root");
    for (size_t at = 0; at < got; at += DIGEST_BYTES) {
        digest part;
        memcpy(part.at, list + at, DIGEST_BYTES);
        TRY(run_check(s, &part, scratch, e));
    }
    return OK;
}

enum error_code bodies_check(struct verify_store *s, const struct evidence_entry *entry,
                             struct arena scratch, struct error *e) {
    if (entry->type == EVIDENCE_UPLOAD_COMPLETE)
        return parts_check(s, &entry->stored_root, scratch, e);
    return run_check(s, &entry->stored_root, scratch, e);
}
