/* What the parts of the witness share. */
#ifndef AZEKURA_WITNESS_INNER_H
#define AZEKURA_WITNESS_INNER_H

#include "witness/witness.h"

enum { STATE_NAME_BYTES = 2 * DIGEST_BYTES + 16 };

/* One origin: who may sign for it, and what was cosigned last. */
struct witness_log {
    struct tlog_vkey keys[4];
    unsigned key_count;
    char hex[2 * DIGEST_BYTES + 1]; /* of SHA-256(origin): name of its state file */
    struct fiber_lock lock;         /* held from the check to the answer */
    bool is_known;                  /* something was cosigned */
    uint64_t size;                  /* of that; 0 before */
    digest root;
};
static inline str witness_log_origin(const struct witness_log *log) {
    return tlog_vkey_name(&log->keys[0]);
}

struct witness {
    struct arena_space space;
    struct tlog_signer signer;
    int dir_fd, lock_fd;
    struct witness_log *logs;
    size_t log_count;
};

/* Reads what was cosigned last, if anything. */
enum error_code state_load(struct witness *witness, struct witness_log *log, struct arena scratch,
                           struct error *e) MUST_USE;
/* Makes `note` the one cosigned last, durably. Parks. */
enum error_code state_save(struct witness *witness, const struct witness_log *log, str note,
                           struct error *e) MUST_USE;
/* Keeps a signed request that did not follow: it may be the proof of a fork. Parks. */
void state_keep_refused(struct witness *witness, const struct witness_log *log, str body);
enum error_code state_read(struct witness *witness, const struct witness_log *log,
                           struct arena *arena, str *note, struct error *e) MUST_USE;

/* By name; NULL: no such log. */
struct witness_log *witness_log_find(struct witness *witness, str origin);
/* A checkpoint signed by one of the log's keys: FAIL_PROOF otherwise. *signed_by is which. */
enum error_code witness_note_check(const struct witness_log *log, const struct tlog_note *note,
                                   const struct tlog_vkey **signed_by, struct error *e) MUST_USE;

#endif
