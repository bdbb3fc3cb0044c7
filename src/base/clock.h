/* Time: a seam, so that a test can be the clock; and calendar text.
 *
 * Instants are int64_t nanoseconds since 1970-01-01 UTC, named _ns; monotonic ones are for waiting
 * and never leave the process. */
#ifndef AZEKURA_BASE_CLOCK_H
#define AZEKURA_BASE_CLOCK_H

#include "base/error.h"

#define NS_PER_S  ((int64_t)1000000000)
#define NS_PER_MS ((int64_t)1000000)
#define NS_PER_US ((int64_t)1000)

struct clock_source {
    int64_t (*wall_ns)(void *self);
    int64_t (*steady_ns)(void *self);
    void *self;
};
/* Process-wide; set before threads start. NULL puts the real one back. The source is borrowed. */
void clock_use(const struct clock_source *source);
int64_t clock_wall_ns(void);
int64_t clock_steady_ns(void);

struct clock_date {
    int year, month, day, hour, minute, second; /* UTC; month 1..12, day 1..31 */
    int weekday;                                /* 0 Sunday */
};
struct clock_date clock_date_of(int64_t wall_ns); /* proleptic Gregorian, any int64_t */
/* Seconds since 1970 of a UTC date; false when a field is out of its range. */
bool clock_seconds_of(const struct clock_date *date, int64_t *seconds);

enum { CLOCK_TEXT_BYTES = 32 };
/* Closed with a zero; the length without it is returned. */
size_t clock_iso_write(int64_t wall_ns, char out[CLOCK_TEXT_BYTES]); /* 2026-11-21T08:09:10.123Z */
size_t clock_iso_s_write(int64_t wall_ns, char out[CLOCK_TEXT_BYTES]); /* 2026-11-21T08:09:10Z */
size_t clock_http_write(int64_t wall_ns,
                        char out[CLOCK_TEXT_BYTES]); /* Sat, 21 Nov 2026 08:09:10 GMT */
size_t clock_amz_write(int64_t wall_ns, char out[CLOCK_TEXT_BYTES]); /* 20261121T080910Z */
/* Accepts YYYY-MM-DD (midnight UTC) and YYYY-MM-DDThh:mm[:ss[.fff]](Z|+hh:mm|-hh:mm). */
bool clock_iso_read(str text, int64_t *wall_ns);
bool clock_http_read(str text,
                     int64_t *wall_ns); /* IMF-fixdate, RFC 850 and asctime; RFC 9110 5.6.7 */
bool clock_amz_read(str text, int64_t *wall_ns);

#endif
