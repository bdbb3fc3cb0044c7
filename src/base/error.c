/* Errors: setting them, adding to their trail, and the table's columns. */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

static const struct {
    const char *name;
    int http_status;
    const char *s3_name;
    bool may_retry;
} rows[ERROR_CODE_COUNT] = {[OK] = {"OK", 200, "", false},
#define ERROR_ROW(code_, http_status_, s3_name_, may_retry_)                                       \
    [code_] = {#code_, http_status_, s3_name_, may_retry_},
                            ERROR_TABLE(ERROR_ROW)
#undef ERROR_ROW
};

enum error_code error_set(struct error *e, enum error_code code, const char *format, ...) {
    if (e == NULL) return code;
    e->code = code;
    e->depth = 0;
    va_list values;
    va_start(values, format);
    vsnprintf(e->message, sizeof e->message, format, values);
    va_end(values);
    return code;
}

enum error_code error_set_errno(struct error *e, int errnum, const char *format, ...) {
    enum error_code code = errnum == ENOSPC || errnum == EDQUOT ? FAIL_DISK_FULL
                           : errnum == ENOENT                   ? FAIL_NOT_FOUND
                                                                : FAIL_SYSTEM;
    if (e == NULL) return code;
    e->code = code;
    e->depth = 0;
    va_list values;
    va_start(values, format);
    int used = vsnprintf(e->message, sizeof e->message, format, values);
    va_end(values);
    char reason[80];
    const char *text = strerror_r(errnum, reason, sizeof reason);
    if (used >= 0 && (size_t)used < sizeof e->message)
        snprintf(e->message + used, sizeof e->message - (size_t)used, ": %s", text);
    return code;
}

enum error_code error_note(struct error *e, const char *in, const char *format, ...) {
    if (e == NULL) return FAIL_INTERNAL;
    if (e->depth < ERROR_TRAIL_DEPTH) {
        e->trail[e->depth].in = in;
        va_list values;
        va_start(values, format);
        vsnprintf(e->trail[e->depth].note, ERROR_NOTE_BYTES, format, values);
        va_end(values);
        e->depth++;
    }
    return e->code;
}

void error_clear(struct error *e) {
    e->code = OK;
    e->depth = 0;
    e->message[0] = 0;
}

const char *error_text(const struct error *e, char *text, size_t bytes) {
    if (bytes == 0) return text;
    int used = snprintf(text, bytes, "%s", e->message);
    for (unsigned i = 0; i < e->depth && used >= 0 && (size_t)used < bytes; i++)
        used += snprintf(text + used, bytes - (size_t)used, ", while %s", e->trail[i].note);
    return text;
}

const char *error_name(enum error_code code) {
    return rows[code].name;
}
int error_http_status(enum error_code code) {
    return rows[code].http_status;
}
const char *error_s3_name(enum error_code code) {
    return rows[code].s3_name;
}
bool error_may_retry(enum error_code code) {
    return rows[code].may_retry;
}
