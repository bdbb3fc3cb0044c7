/* Inner: a body on its way out. */
#ifndef AZEKURA_GATE_OBJECT_READING_H
#define AZEKURA_GATE_OBJECT_READING_H

#include "gate/rules/rules.h"
#include "gate/thread.h"

/* Frames of a body in a file that are read in one go: fewer trips to the disk's queue, and what comes
 * stays within a core's cache until it is opened and sent. */
enum { READING_FRAMES = 2 };

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
    /* Stored bytes from window_first to window_end of the part's file; frames are opened where they
     * lie, so what is before window_next is not ciphertext any more. */
    uint64_t window_first, window_next, window_end;
    unsigned char window[READING_FRAMES * SEAL_FRAME_BYTES];
};

#endif
