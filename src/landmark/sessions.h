/* Inner: a store's sessions with landmarks, several at once, and the two threads that serve them.
 *
 *   answerer   the socket: whatever is timed, and what costs nothing (store.c)
 *   worker     what takes long: an opening with its signature, checkpoint and turn; what shows a piece,
 *              which reads a whole body; a report with its turn (session.c)
 *
 * `lock` guards the places. A session that is `working` is the worker's alone until it is not; every
 * other is the answerer's. So one session's long work is in no other's times but as load. */
#ifndef AZEKURA_LANDMARK_SESSIONS_H
#define AZEKURA_LANDMARK_SESSIONS_H

#include "landmark/inner.h"

#include <pthread.h>
#include <stdatomic.h>

enum session_job { SESSION_NONE, SESSION_SHOW, SESSION_TAKE };

struct landmark_session {
    bool open, revealed;
    bool working;         /* the worker has it */
    enum session_job job; /* waits for the worker, or is under way */
    uint32_t fragment;    /* of what the job answers */
    uint64_t id;
    struct net_address peer;
    digest landmark; /* SHA-256 of its name */
    digest hash;
    struct locproof_nonce nonce; /* the store's own */
    digest seed;                 /* once revealed */
    int64_t begun_ns, last_ns;
    struct gate_visit visit;
    struct arena_space space;
    struct arena arena;
    struct gate_location *location;
    str head;
    uint64_t ledger_size;
    uint32_t next;         /* the least number that may still be asked for */
    uint32_t shown_number; /* which `shown` is, or is to be; UINT32_MAX: none */
    str shown;
    char shown_memory[LOCPROOF_SHOWN_BYTES];
    char result[LOCPROOF_REPORT_BYTES];
    uint32_t result_bytes, result_has; /* has: a bit a fragment */
    bool taken;
    struct locproof_message answer; /* to the result; bytes in answer_text */
    char answer_text[LOCPROOF_TEXT_BYTES];
};

struct landmark_store {
    struct gate *gate;
    struct net_address address;
    int fd;
    _Atomic(bool) stop;
    bool answering, has_worker; /* threads that were started */
    pthread_t answerer, worker;
    struct secret secret;
    struct landmark_bucket strangers; /* the answerer's */
    struct {                          /* sessions begun in this minute; the worker's */
        uint64_t minute;
        digest name;
        unsigned count;
    } begun[LOCPROOF_LANDMARKS_MAX];
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t work;
    bool has_opening; /* one waits; the next is lost meanwhile, and asked again by its landmark */
    struct landmark_datagram opening;
    struct landmark_session sessions[LIMIT_LOCATION_SESSIONS];
    unsigned after; /* the place that was worked for last: the next one comes first */
};

/* The worker's thread; `self` a landmark_store. Ends when `stop` is set and `work` is signalled. */
void *landmark_sessions_work(void *self);
/* Under the lock, not while it is working. */
void landmark_session_end(struct landmark_session *x);
bool landmark_session_is_silent(const struct landmark_session *x, int64_t for_ns);
void landmark_commit_send(const struct landmark_store *s, const struct landmark_session *x,
                          const struct net_address *to);
/* A fragment of what shows the piece of shown_number. False: it has no such fragment. */
bool landmark_shown_send(const struct landmark_store *s, const struct landmark_session *x,
                         uint32_t fragment);

#endif
