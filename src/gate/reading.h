/* Inner: a body on its way out. */
#ifndef AZEKURA_GATE_READING_H
#define AZEKURA_GATE_READING_H

#include "gate/rules.h"
#include "gate/thread.h"

struct gate_inner_reading {
    struct gate *gate;
    struct arena *arena;
    struct engine_view *view; /* kept open for objects made of parts: their rows may go */
    uint64_t at, end;         /* plaintext offsets of what is still to be read */
    struct store_part part;   /* the one being read, or the whole body as one */
    uint64_t part_first;
    bool has_part;
    struct engine_blob *blob;
    str inline_stored;
    struct secret key;
    struct arena part_arena; /* where the part's row was read into */
    unsigned char part_memory[2048];
    unsigned char sealed[SEAL_FRAME_BYTES];
    unsigned char plain[LIMIT_FRAME_BYTES];
};

#endif
