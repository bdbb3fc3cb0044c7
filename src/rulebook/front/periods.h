/* Lengths of time that texts ask for, the working days of countries, and when a length has ended. */
#ifndef AZEKURA_RULEBOOK_FRONT_PERIODS_H
#define AZEKURA_RULEBOOK_FRONT_PERIODS_H

#include "rulebook/front/values.h"

/* Half open: `until` is the first instant not in force. */
struct rulebook_span {
    int64_t from_ns, until_ns;
};
static inline bool rulebook_span_has(struct rulebook_span span, int64_t at_ns) {
    return at_ns >= span.from_ns && at_ns < span.until_ns;
}

/* Working days of a country: rulebook/file.h. */
struct calendar;

/* One length of time a text may ask for. */
enum rulebook_period_kind {
    RULEBOOK_PERIOD_LENGTH,        /* 24 h, 30 d, 12 months */
    RULEBOOK_PERIOD_BUSINESS_DAYS, /* 1 business-day CALENDAR: to the end of the n-th working day
                                      after the day it began */
    RULEBOOK_PERIOD_CALENDAR_DAYS, /* 30 calendar-days CALENDAR: the day it began is the first; to
                                      the end of the last, or of the working day that follows it */
    RULEBOOK_PERIOD_PROMPTLY,
    RULEBOOK_PERIOD_NO_NUMBER, /* the text has none; we invent none */
};
struct rulebook_period {
    enum rulebook_period_kind kind;
    struct rulebook_duration length;
    str text;        /* a length as the rule spells it; empty: not read from a rule */
    int64_t zone_ns; /* of the instrument: from a day's midnight UTC to where its days begin */
    uint32_t days;
    str calendar;                       /* its name, */
    const struct calendar *by_calendar; /* and what it says */
};
/* The first of `count` periods to end. */
struct rulebook_periods {
    const struct rulebook_period *at;
    size_t count;
};

/* When the periods that began at `start_ns` have ended: the first of those whose end can be told.
 * Months are counted by the days of the instrument's zone.
 * Working days can be told where the calendar has a zone and its holidays for those days; calendar
 * days where it has a zone (where holidays are not known, the last day itself, which is never
 * late). false: none can be told. */
bool rulebook_periods_latest(const struct rulebook_periods *periods, int64_t start_ns,
                             int64_t *end_ns);

/* A public holiday; days are counted from 1970-01-01, names are for people. */
struct rulebook_holiday {
    int64_t day;
    const char *en, *ja;
};
enum { RULEBOOK_HOLIDAYS_MOST = 40 }; /* in one year */
/* For which years the holidays that the law of a country (ISO 3166-1) gives are told; false: for none.
 * Beyond them the law or what it leaves to be announced is not known. Japan only. */
bool rulebook_holidays_known(str country, int *first_year, int *last_year);
/* Those of a year in order, moved ones and days between among them; 0: not told. `most` is at least
 * RULEBOOK_HOLIDAYS_MOST. */
size_t rulebook_holidays(str country, int year, struct rulebook_holiday *out, size_t most);

#endif
