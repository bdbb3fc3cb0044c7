/* Errors as values that tell a story: a code for the program, a message for a person, a trail. */
#ifndef AZEKURA_BASE_ERROR_H
#define AZEKURA_BASE_ERROR_H

#include "base/error_table.h"
#include "base/str.h"

enum error_code {
    OK = 0,
#define ERROR_ROW(code, http_status, s3_name, may_retry) code,
    ERROR_TABLE(ERROR_ROW)
#undef ERROR_ROW
        ERROR_CODE_COUNT
};

enum { ERROR_MESSAGE_BYTES = 1024, ERROR_NOTE_BYTES = 96, ERROR_TRAIL_DEPTH = 8 };

struct error {
    enum error_code code;
    char message[ERROR_MESSAGE_BYTES]; /* what failed, with the value; no secrets */
    unsigned depth;
    struct {
        const char *in;
        char note[ERROR_NOTE_BYTES];
    } trail[ERROR_TRAIL_DEPTH]; /* outward: "while completing upload u-7" */
};

/* Sets the error and returns `code`, so that `return error_set(e, ...)` reads well. `e` may be NULL
 * where the caller wants the code alone. Starts a new story: an earlier trail is forgotten. */
enum error_code error_set(struct error *e, enum error_code code, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* The same, ending in the text of errno value `errnum`; ENOSPC, EDQUOT give FAIL_DISK_FULL. */
enum error_code error_set_errno(struct error *e, int errnum, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* Adds what we were doing, and returns the code that was there. */
enum error_code error_note(struct error *e, const char *in, const char *format, ...)
    PRINTF_LIKE(3, 4);

void error_clear(struct error *e);

/* Writes message and trail on one line, cut to `bytes`, closed with a zero; returns `text`. */
const char *error_text(const struct error *e, char *text, size_t bytes);

const char *error_name(enum error_code code);    /* "FAIL_NO_SUCH_KEY" */
int error_http_status(enum error_code code);     /* 200 for OK */
const char *error_s3_name(enum error_code code); /* "NoSuchKey" */
bool error_may_retry(enum error_code code);

/* Dropping an error on purpose shows: error_ignore(f(x)) with a word why. */
static inline void error_ignore(enum error_code code) {
    (void)code;
}

/* For functions that hold nothing. One that holds something has a single `done:` at its foot. */
#define TRY(call)                                                                                  \
    do {                                                                                           \
        enum error_code try_code_ = (call);                                                        \
        if (try_code_ != OK) return try_code_;                                                     \
    } while (0)

#endif
