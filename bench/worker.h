/* One thread of the load generator: its share of the connections on one epoll, each with one
 * request under way, and what came of them. */
#ifndef AZEKURA_BENCH_WORKER_H
#define AZEKURA_BENCH_WORKER_H

#include "bench/work.h"

struct tally {
    uint64_t answered;    /* as wished */
    uint64_t failed;      /* another status, a wrong length, a broken connection */
    uint64_t bytes;       /* of bodies, both ways */
    uint64_t pages, keys; /* of listings whose keys were counted */
    int64_t last_ns;      /* when the last one was answered, steady time */
    struct histogram latency;
    char first_failure[600];
};

struct worker {
    struct work *work;    /* shared */
    unsigned connections; /* of this thread */
    struct tally tally;   /* from work->measured_ns on */
    enum error_code code; /* FAIL_SYSTEM: it could not even start */
    struct error error;
};

/* The thread: returns once the work is stopped or there is no more of it. Argument: struct worker. */
void *worker_run(void *worker);

#endif
