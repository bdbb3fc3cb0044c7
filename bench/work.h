/* What the load generator asks for, over and over: the operations and the keys they name. */
#ifndef AZEKURA_BENCH_WORK_H
#define AZEKURA_BENCH_WORK_H

#include <stdatomic.h>
#include <sys/socket.h>

#include "bench/measure.h"
#include "bench/signer.h"

enum operation {
    OPERATION_BUCKET, /* create the bucket; once */
    OPERATION_FILL,   /* PUT each of the keys once */
    OPERATION_PUT,    /* PUT new keys, in random order */
    OPERATION_GET,    /* GET one of the keys */
    OPERATION_MIX,    /* half GET, half PUT */
    OPERATION_LIST,   /* ListObjectsV2, a page of 1,000 from a random key on */
    OPERATION_DEL,    /* DELETE each of the keys once */
    OPERATION_RAW,    /* GET one of the keys as a file, unsigned */
    OPERATION_PART,   /* PUT each part of an upload once: of the key that the prefix names */
    OPERATION_COUNT
};
extern const char *const operation_names[OPERATION_COUNT];

/* One run; immutable while it lasts, but for the counters at its foot. */
struct work {
    enum operation operation;
    str host;           /* with port */
    str upload;         /* for PART: its id */
    str bucket, prefix; /* of letters, digits, '-', '_' and '.': nothing to encode */
    str access_key, secret_key, region;
    str payload;      /* hex SHA-256 of the body, or UNSIGNED-PAYLOAD */
    const char *body; /* object_bytes of them */
    uint64_t object_bytes, key_count, count_max;
    uint64_t run; /* random: new keys of two runs do not meet */
    unsigned connections, threads;
    int64_t duration_ns, warmup_ns;
    struct sockaddr_storage address;
    socklen_t address_bytes;

    _Atomic uint64_t next;       /* the next request's number */
    _Atomic bool stopped;        /* nobody starts another one, and nobody waits */
    _Atomic int64_t measured_ns; /* steady time from which results count */
    _Atomic unsigned working;    /* threads that have not ended */
};

enum { WORK_TARGET_BYTES = 1280 };
/* What request number `number` is: written into memory[], signer's request filled in. False: there
 * are no more. */
struct work_target {
    char path[WORK_TARGET_BYTES], query[WORK_TARGET_BYTES];
    struct signer_request request;
    bool is_signed, has_body;
    uint64_t expected_bytes; /* of the reply's body; UINT64_MAX: any */
};
bool work_target_make(struct work *work, struct random_seeded *dice, struct work_target *out);

#endif
