/* The body of a message, read from a wire: by length, in chunks, or up to the end; never faster
 * than it is asked for, never slower than its pace. Servers and clients use it alike. */
#ifndef AZEKURA_HTTP_BODY_H
#define AZEKURA_HTTP_BODY_H

#include "http/chunk.h"
#include "http/head.h"
#include "http/wire.h"

/* What has come and was not yet read. */
struct http_input {
    char *at;
    size_t from, to, cap;
    size_t floor; /* bytes before it are the head and stay where they are */
};
/* Room for body bytes behind the largest head: a whole chunk line and then some. */
enum { HTTP_BODY_ROOM = 4096, HTTP_INPUT_BYTES = LIMIT_HEAD_BYTES + HTTP_BODY_ROOM };
_Static_assert((int)HTTP_BODY_ROOM > (int)LIMIT_CHUNK_LINE_BYTES, "a line of a chunk fits");

static inline str input_bytes(const struct http_input *in) {
    return str_of(in->at + in->from, in->to - in->from);
}

/* How slow the sender may be. Only time spent waiting for it counts. */
struct http_pace {
    int64_t pause_ns;      /* between bytes; INT64_MAX: any */
    int64_t window_ns;     /* in so much waiting … */
    uint64_t window_bytes; /* … at least so many bytes; 0: any */
    int64_t deadline_ns;   /* of all of it, steady */
    int64_t waited_ns;     /* in this window */
    uint64_t came_bytes;
};

struct http_body_reader {
    struct http_wire *wire;
    struct http_input *input;
    struct http_pace pace;
    enum http_body kind;
    uint64_t left;  /* of HTTP_BODY_LENGTH */
    uint64_t bytes; /* given out */
    bool is_done;
    enum error_code broken; /* why no more can be read; OK: more can */
    struct http_chunk_decoder chunks;
};

/* `pace` is filled in by the caller beforehand. */
void body_begin(struct http_body_reader *b, struct http_wire *wire, struct http_input *input,
                enum http_body kind, uint64_t bytes);
/* As http_body_read promises. */
enum error_code body_read(struct http_body_reader *b, void *bytes, size_t cap, size_t *got,
                          struct error *e) MUST_USE;
/* Has everything been read, or is the end of a chunked body all that waits in the input? */
bool body_is_done(struct http_body_reader *b);

/* One recv at this pace. Parks. */
enum error_code pace_recv(struct http_pace *pace, struct http_wire *wire, void *bytes, size_t cap,
                          size_t *got, struct error *e) MUST_USE;

#endif
