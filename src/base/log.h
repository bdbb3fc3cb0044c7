/* The program's own log: one JSON object a line, through a ring to a writer thread, so that a full
 * pipe never stops a reactor. When the ring is full lines are dropped and counted.
 *
 * Secrets, keys' names, request headers and object contents never go in here. */
#ifndef AZEKURA_BASE_LOG_H
#define AZEKURA_BASE_LOG_H

#include "base/base.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

struct log_field {
    const char *name;
    enum { LOG_END, LOG_TEXT, LOG_NUMBER } kind;
    str text;
    int64_t number;
};
#define LOG_STR(name_, s_) ((struct log_field){.name = (name_), .kind = LOG_TEXT, .text = (s_)})
#define LOG_INT(name_, n_)                                                                         \
    ((struct log_field){.name = (name_), .kind = LOG_NUMBER, .number = (int64_t)(n_)})

/* Starts the writer on a descriptor (2 for stderr; borrowed). Before it, and in tests, lines from
 * LOG_INFO up go to stderr at once. A line over 1,008 bytes ends at the field that did not fit,
 * with "cut":true; lost lines are reported by a line "log-dropped" once there is room. */
enum error_code log_open(int fd, enum log_level least, struct error *e) MUST_USE;
/* Writes what waits; from a reader that reads nothing for a second it turns away. */
void log_close(void);
uint64_t log_dropped(void);

/* log_event(LOG_INFO, "listening", LOG_STR("address", a), LOG_INT("port", p)) */
void log_event_fields(enum log_level level, const char *event, const struct log_field *fields);
#define log_event(level, ...)                                                                      \
    LOG_EVENT_PICK(level, __VA_ARGS__, (struct log_field){.kind = LOG_END})
#define LOG_EVENT_PICK(level, event, ...)                                                          \
    log_event_fields((level), (event), (const struct log_field[]){__VA_ARGS__})

/* A failure on its way out: message and trail. */
void log_error(const char *event, const struct error *e);

#endif
