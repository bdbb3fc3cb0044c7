/* The tape: what happened below one folder, record by record.
 *
 *   "TAPE" · kind 4 · name bytes 4 · data bytes 4 · object 8 · a 8 · b 8 · name · data
 *
 * Integers are big-endian. A record is written by one append, so processes may share a tape. An
 * object is a file whatever its name: its number is the process's and a counter. Names are relative
 * to the folder; "" is the folder itself. */
#ifndef AZEKURA_TESTS_LAB_TAPE_H
#define AZEKURA_TESTS_LAB_TAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tape_kind {
    TAPE_CREATE = 1, /* object gets the name; it is new and empty */
    TAPE_NAMELESS,   /* object is new and has no name (O_TMPFILE) */
    TAPE_KNOWN,      /* object is what has that name already */
    TAPE_WRITE,      /* data at byte a of object */
    TAPE_SIZE,       /* object is a bytes long now */
    TAPE_GROW,       /* object is at least a bytes long now */
    TAPE_ZERO,       /* b bytes from a are zero now */
    TAPE_SYNC,       /* object's bytes are durable */
    TAPE_DIR_SYNC,   /* the names in folder `name` are durable */
    TAPE_LINK,       /* object gets the name beside any it has */
    TAPE_RENAME,     /* from name to data */
    TAPE_UNLINK,
    TAPE_MKDIR,
    TAPE_RMDIR,
    TAPE_MARK,  /* data: something was acknowledged */
    TAPE_FAULT, /* a call was made to fail */
    TAPE_KIND_COUNT
};

enum { TAPE_HEAD_BYTES = 40 };

struct tape_record {
    enum tape_kind kind;
    uint64_t object, a, b;
    const char *name, *data;
    size_t name_len, data_len;
};

extern const char *const tape_kind_names[TAPE_KIND_COUNT];

/* Appends to the tape open on `fd`. Stops the process when it cannot: half a tape proves nothing.
 */
void tape_append(int fd, const struct tape_record *record);
/* Reads the record at *at and moves on; false at the end. Stops the program on what is no tape. */
bool tape_next(const char *tape, size_t len, size_t *at, struct tape_record *record);
/* Says on the tape of this run ($AZEKURA_TAPE; none: does nothing) that `text` was acknowledged. */
void tape_mark(const char *text);

#endif
