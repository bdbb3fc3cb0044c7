/* Any bytes, given whole and in pieces of a size the first byte names: both decode the same. */
#include "http/chunk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct outcome {
    enum http_chunk_state state;
    uint64_t data_bytes, hash;
    size_t consumed;
};

static struct outcome decode(str body, size_t piece_bytes) {
    struct http_chunk_decoder d = {0};
    struct outcome o = {.hash = 1};
    size_t at = 0;
    while (at < body.len && d.state != HTTP_CHUNK_DONE) {
        str piece = str_slice(body, at, piece_bytes), in = piece, out;
        at += piece.len;
        do {
            if (http_chunk_next(&d, &in, &out, NULL) != OK) return o.state = HTTP_CHUNK_BAD, o;
            for (size_t i = 0; i < out.len; i++) o.hash = o.hash * 31 + (unsigned char)out.at[i];
            o.data_bytes += out.len;
        } while (out.len > 0);
        at -= in.len;
        assert(in.len == 0 || d.state == HTTP_CHUNK_DONE);
    }
    o.state = d.state;
    o.consumed = at;
    return o;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2) return 0;
    str body = str_of(data + 1, size - 1);
    struct outcome whole = decode(body, body.len), pieces = decode(body, 1 + data[0] % 16);
    assert(whole.state == pieces.state);
    assert(whole.data_bytes == pieces.data_bytes);
    assert(whole.hash == pieces.hash);
    assert(whole.consumed == pieces.consumed);
    assert(whole.data_bytes <= body.len);
    return 0;
}
