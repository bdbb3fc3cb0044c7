/* llhttp in strict mode, asked about one message. In a file of its own: its names collide with
 * ours. */
#ifndef AZEKURA_TESTS_HTTP_REFERENCE_H
#define AZEKURA_TESTS_HTTP_REFERENCE_H

#include "base/base.h"

enum { REFERENCE_BYTES_MAX = 2048 };
#define REFERENCE_HASH_START 0xcbf29ce484222325ull

struct reference_view {
    unsigned messages, headers;
    uint64_t body_bytes, body_hash;
    str method;
    int status;
    struct text target;
    char memory[REFERENCE_BYTES_MAX];
};

/* true: llhttp takes exactly these bytes for one message. */
bool reference_accepts(bool is_request, str bytes, bool until_close, struct reference_view *seen);

static inline uint64_t reference_hash(uint64_t hash, str piece) { /* FNV-1a */
    for (size_t i = 0; i < piece.len; i++)
        hash = (hash ^ (unsigned char)piece.at[i]) * 0x100000001b3ull;
    return hash;
}

#endif
