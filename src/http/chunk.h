/* The chunked coding, decoded from whatever pieces the network gives. Pure: no allocation, no I/O.
 *
 *     1a;name=value CRLF   26 bytes CRLF   0 CRLF   Trailer: value CRLF   CRLF
 *
 * Extensions and trailers are checked and dropped: nothing we speak gives them a meaning.
 * Source: RFC 9112 section 7.1. */
#ifndef AZEKURA_HTTP_CHUNK_H
#define AZEKURA_HTTP_CHUNK_H

#include "base/base.h"

enum http_chunk_state {
    HTTP_CHUNK_SIZE, /* zero value: a fresh decoder is a zeroed one */
    HTTP_CHUNK_DATA,
    HTTP_CHUNK_DATA_END,
    HTTP_CHUNK_TRAILER,
    HTTP_CHUNK_DONE,
    HTTP_CHUNK_BAD
};

struct http_chunk_decoder {
    enum http_chunk_state state;
    uint64_t left;                     /* of the chunk whose data we are in */
    uint64_t trailer_bytes;            /* so far */
    unsigned line_bytes;               /* in `line` */
    char line[LIMIT_CHUNK_LINE_BYTES]; /* the size or trailer line so far, if it came in pieces */
};

/* Takes from the front of *in until there is data, the input is used up, or the body has ended.
 *
 * *data is a view of the input, or empty when more input is needed or `state` is HTTP_CHUNK_DONE;
 * what stands behind the end of the body stays in *in. After an error the decoder answers only
 * errors.
 *   FAIL_HTTP_SYNTAX  a size that is not 1 to 15 hex digits, a bare CR or LF, data not followed by
 *                     CRLF, a malformed extension or trailer, a trailer that would frame a message
 *   FAIL_LIMIT        a line over LIMIT_CHUNK_LINE_BYTES, trailers over LIMIT_TRAILER_BYTES */
enum error_code http_chunk_next(struct http_chunk_decoder *d, str *in, str *data,
                                struct error *e) MUST_USE;

/* How much data may be read past the decoder, straight to where it is wanted; then say how much it
 * was. 0: the next bytes are not data. */
uint64_t http_chunk_data_left(const struct http_chunk_decoder *d);
void http_chunk_data_taken(struct http_chunk_decoder *d, uint64_t count);

#endif
