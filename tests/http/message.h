/* A whole request or response read by our parsers alone, from memory: what the tables, the
 * comparison with llhttp and the fuzzers ask. */
#ifndef AZEKURA_TESTS_HTTP_MESSAGE_H
#define AZEKURA_TESTS_HTTP_MESSAGE_H

#include "base/base.h"
#include "http/chunk.h"
#include "http/head.h"
#include "tests/http/reference.h"

enum message_answer { MESSAGE_ACCEPTED, MESSAGE_SHORT, MESSAGE_REFUSED };

struct message {
    struct http_request_head request;
    struct http_response_head response;
    size_t consumed; /* of head and body */
    uint64_t body_bytes;
    uint64_t body_hash; /* of the decoded body */
    enum error_code code;
    struct error e;
};

static inline enum message_answer message_body(str bytes, size_t at, enum http_body kind,
                                               uint64_t length, struct message *m) {
    str rest = str_skip(bytes, at), data;
    m->body_bytes = 0;
    m->body_hash = REFERENCE_HASH_START;
    m->consumed = at;
    if (kind == HTTP_BODY_LENGTH) {
        if (rest.len < length) return MESSAGE_SHORT;
        rest = str_slice(rest, 0, (size_t)length);
        m->body_bytes = length;
        m->body_hash = reference_hash(m->body_hash, rest);
        m->consumed += (size_t)length;
    }
    if (kind != HTTP_BODY_CHUNKED) return MESSAGE_ACCEPTED;
    struct http_chunk_decoder d = {0};
    do {
        m->code = http_chunk_next(&d, &rest, &data, &m->e);
        if (m->code != OK) return MESSAGE_REFUSED;
        m->body_bytes += data.len;
        m->body_hash = reference_hash(m->body_hash, data);
    } while (data.len > 0);
    m->consumed = bytes.len - rest.len;
    return d.state == HTTP_CHUNK_DONE ? MESSAGE_ACCEPTED : MESSAGE_SHORT;
}

static inline enum message_answer message_read_request(str bytes, struct message *m) {
    size_t head_bytes;
    m->code = http_request_head_parse(bytes, &m->request, &head_bytes, &m->e);
    if (m->code != OK) return MESSAGE_REFUSED;
    if (head_bytes == 0) return MESSAGE_SHORT;
    return message_body(bytes, head_bytes, m->request.body, m->request.body_bytes, m);
}

static inline enum message_answer message_read_response(str bytes, struct message *m) {
    size_t head_bytes;
    m->code = http_response_head_parse(bytes, false, &m->response, &head_bytes, &m->e);
    if (m->code != OK) return MESSAGE_REFUSED;
    if (head_bytes == 0) return MESSAGE_SHORT;
    return message_body(bytes, head_bytes, m->response.body, m->response.body_bytes, m);
}

#endif
