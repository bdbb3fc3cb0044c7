/* Reading HTTP/1.1 replies as they come in, piece by piece, for the load generator. The body is
 * counted and thrown away. It trusts its server: replies are short of nothing but checked only as
 * far as the next one depends on it. */
#ifndef AZEKURA_BENCH_REPLY_H
#define AZEKURA_BENCH_REPLY_H

#include "base/base.h"

enum { REPLY_HEAD_BYTES = 16384, REPLY_START_BYTES = 400 };

enum reply_state {
    REPLY_HEAD,
    REPLY_BODY,
    REPLY_CHUNK_LINE,
    REPLY_CHUNK,
    REPLY_TRAILER,
    REPLY_OVER
};

struct reply {
    enum reply_state state;
    int status;
    bool closes;         /* the server ends the connection after it */
    bool counts_keys;    /* look for <Key> in the body: costs the client a pass over it */
    uint64_t left;       /* of the body, or of the chunk */
    uint64_t body_bytes; /* so far */
    uint64_t keys;
    size_t head_bytes, start_bytes;
    unsigned matched; /* of "<Key>" */
    char head[REPLY_HEAD_BYTES];
    char start[REPLY_START_BYTES]; /* beginning of the body, to show of an error */
};

void reply_begin(struct reply *reply, bool counts_keys);
/* Takes what it needs of `bytes` and says how much; state is REPLY_OVER when the reply is whole.
 *   FAIL_HTTP_SYNTAX  not a reply, or one without length */
enum error_code reply_take(struct reply *reply, str bytes, size_t *used, struct error *e) MUST_USE;

#endif
