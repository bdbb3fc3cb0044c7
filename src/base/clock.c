/* Time: the seam, and dates by arithmetic (no locale, no time zone database). */
#include "base/clock.h"

#include <time.h>

static int64_t real_wall_ns(void *self) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static int64_t real_steady_ns(void *self) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static const struct clock_source real = {real_wall_ns, real_steady_ns, NULL};
static const struct clock_source *current = &real;

void clock_use(const struct clock_source *source) {
    current = source != NULL ? source : &real;
}
int64_t clock_wall_ns(void) {
    return current->wall_ns(current->self);
}
int64_t clock_steady_ns(void) {
    return current->steady_ns(current->self);
}

/* Days since 1970-01-01 of a civil date. The year begins in March, so leap days come last. */
static int64_t days_of(int64_t year, int month, int day) {
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

struct clock_date clock_date_of(int64_t wall_ns) {
    int64_t seconds = wall_ns / NS_PER_S - (wall_ns % NS_PER_S < 0);
    int64_t days = seconds / 86400 - (seconds % 86400 < 0);
    int rest = (int)(seconds - days * 86400);
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t day_of_era = z - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted = (5 * day_of_year + 2) / 153;
    struct clock_date date;
    date.day = (int)(day_of_year - (153 * shifted + 2) / 5 + 1);
    date.month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
    date.year = (int)(year_of_era + era * 400 + (date.month <= 2));
    date.hour = rest / 3600;
    date.minute = rest / 60 % 60;
    date.second = rest % 60;
    date.weekday = (int)(((days + 4) % 7 + 7) % 7);
    return date;
}

bool clock_seconds_of(const struct clock_date *d, int64_t *seconds) {
    static const int month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (d->month < 1 || d->month > 12) return false;
    bool leap = (d->year % 4 == 0 && d->year % 100 != 0) || d->year % 400 == 0;
    int days = month_days[d->month - 1] + (leap && d->month == 2);
    if (d->day < 1 || d->day > days) return false;
    if (d->hour < 0 || d->hour > 23 || d->minute < 0 || d->minute > 59) return false;
    if (d->second < 0 || d->second > 60) return false;
    if (d->year < 1 || d->year > 9999) return false;
    *seconds =
        days_of(d->year, d->month, d->day) * 86400 + d->hour * 3600 + d->minute * 60 + d->second;
    return true;
}

static const char weekdays[] = "SunMonTueWedThuFriSat";
static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

/* Digits from the left, as many as asked. Dates are written a thousand times a listing, where
 * snprintf was a sixth of the work. */
static char *digits_put(char *to, int value, int digits, char behind) {
    for (int i = digits; i > 0; i--, value /= 10) to[i - 1] = (char)('0' + value % 10);
    to[digits] = behind;
    return to + digits + 1;
}

static char *time_put(char *to, const struct clock_date *d, char behind) {
    to = digits_put(to, d->hour, 2, ':');
    to = digits_put(to, d->minute, 2, ':');
    return digits_put(to, d->second, 2, behind);
}

static char *iso_put(char *to, const struct clock_date *d, char behind) {
    to = digits_put(to, d->year, 4, '-'); /* 64 bits of nanoseconds begin in 1677, end in 2262 */
    to = digits_put(to, d->month, 2, '-');
    to = digits_put(to, d->day, 2, 'T');
    return time_put(to, d, behind);
}

static size_t text_end(const char *out, char *to) {
    *to = 0;
    return (size_t)(to - out);
}

size_t clock_iso_write(int64_t wall_ns, char out[CLOCK_TEXT_BYTES]) {
    struct clock_date d = clock_date_of(wall_ns);
    int64_t ms = (wall_ns % NS_PER_S + NS_PER_S) % NS_PER_S / NS_PER_MS;
    return text_end(out, digits_put(iso_put(out, &d, '.'), (int)ms, 3, 'Z'));
}

size_t clock_iso_s_write(int64_t wall_ns, char out[CLOCK_TEXT_BYTES]) {
    struct clock_date d = clock_date_of(wall_ns);
    return text_end(out, iso_put(out, &d, 'Z'));
}

size_t clock_http_write(int64_t wall_ns, char out[CLOCK_TEXT_BYTES]) {
    struct clock_date d = clock_date_of(wall_ns);
    char *to = out;
    memcpy(to, weekdays + 3 * d.weekday, 3);
    memcpy(to + 3, ", ", 2);
    to = digits_put(to + 5, d.day, 2, ' ');
    memcpy(to, months + 3 * (d.month - 1), 3);
    to[3] = ' ';
    to = digits_put(to + 4, d.year, 4, ' ');
    to = time_put(to, &d, ' ');
    memcpy(to, "GMT", 3);
    return text_end(out, to + 3);
}

size_t clock_amz_write(int64_t wall_ns, char out[CLOCK_TEXT_BYTES]) {
    struct clock_date d = clock_date_of(wall_ns);
    char *to = out;
    to = digits_put(to, d.year, 4, 0) - 1; /* nothing stands between */
    to = digits_put(to, d.month, 2, 0) - 1;
    to = digits_put(to, d.day, 2, 'T');
    to = digits_put(to, d.hour, 2, 0) - 1;
    to = digits_put(to, d.minute, 2, 0) - 1;
    return text_end(out, digits_put(to, d.second, 2, 'Z'));
}

/* Takes `count` digits from the front. */
static bool take_digits(str *s, size_t count, int *out) {
    uint32_t value;
    if (s->len < count || !str_u32(str_slice(*s, 0, count), &value)) return false;
    *out = (int)value;
    *s = str_skip(*s, count);
    return true;
}

static bool take_char(str *s, char c) {
    if (s->len == 0 || s->at[0] != c) return false;
    *s = str_skip(*s, 1);
    return true;
}

static bool seconds_to_ns(const struct clock_date *d, int64_t offset_s, int64_t *wall_ns) {
    int64_t seconds;
    if (!clock_seconds_of(d, &seconds)) return false;
    seconds -= offset_s;
    if (__builtin_mul_overflow(seconds, NS_PER_S, wall_ns)) return false;
    return true;
}

static bool take_fraction(str *s, int64_t *ns) {
    int64_t scale = NS_PER_S / 10;
    size_t digits = 0;
    *ns = 0;
    while (s->len > 0 && s->at[0] >= '0' && s->at[0] <= '9') {
        *ns += (s->at[0] - '0') * scale;
        scale /= 10;
        digits++;
        *s = str_skip(*s, 1);
    }
    return digits > 0 && digits <= 9;
}

static bool take_zone(str *s, int64_t *offset_s) {
    *offset_s = 0;
    if (take_char(s, 'Z')) return true;
    int sign = 1;
    if (take_char(s, '-'))
        sign = -1;
    else if (!take_char(s, '+'))
        return false;
    int hours, minutes;
    if (!take_digits(s, 2, &hours) || !take_char(s, ':') || !take_digits(s, 2, &minutes))
        return false;
    if (hours > 23 || minutes > 59) return false;
    *offset_s = sign * (hours * 3600 + minutes * 60);
    return true;
}

bool clock_iso_read(str text, int64_t *wall_ns) {
    struct clock_date d = {0};
    str s = text;
    int64_t fraction = 0, offset = 0, out;
    if (!take_digits(&s, 4, &d.year) || !take_char(&s, '-')) return false;
    if (!take_digits(&s, 2, &d.month) || !take_char(&s, '-')) return false;
    if (!take_digits(&s, 2, &d.day)) return false;
    if (s.len > 0) {
        if (!take_char(&s, 'T')) return false;
        if (!take_digits(&s, 2, &d.hour) || !take_char(&s, ':')) return false;
        if (!take_digits(&s, 2, &d.minute)) return false;
        if (take_char(&s, ':')) {
            if (!take_digits(&s, 2, &d.second)) return false;
            if (take_char(&s, '.') && !take_fraction(&s, &fraction)) return false;
        }
        if (!take_zone(&s, &offset) || s.len > 0) return false;
    }
    if (!seconds_to_ns(&d, offset, &out)) return false;
    *wall_ns = out + fraction;
    return true;
}

static bool take_month(str *s, int *month) {
    for (int m = 0; m < 12; m++)
        if (str_starts(*s, str_of(months + 3 * m, 3))) {
            *month = m + 1;
            *s = str_skip(*s, 3);
            return true;
        }
    return false;
}

static bool take_time(str *s, struct clock_date *d) {
    return take_digits(s, 2, &d->hour) && take_char(s, ':') && take_digits(s, 2, &d->minute) &&
           take_char(s, ':') && take_digits(s, 2, &d->second);
}

/* "Sat, 21 Nov 2026 08:09:10 GMT" and, with a full weekday, "Saturday, 21-Nov-26 08:09:10 GMT". */
static bool http_comma_read(str s, struct clock_date *d) {
    char separator = s.len > 2 && s.at[2] == '-' ? '-' : ' ';
    if (!take_digits(&s, 2, &d->day) || !take_char(&s, separator)) return false;
    if (!take_month(&s, &d->month) || !take_char(&s, separator)) return false;
    if (separator == ' ') {
        if (!take_digits(&s, 4, &d->year)) return false;
    } else {
        if (!take_digits(&s, 2, &d->year)) return false;
        d->year += d->year < 70 ? 2000 : 1900;
    }
    return take_char(&s, ' ') && take_time(&s, d) && str_equal(s, STR(" GMT"));
}

/* "Sat Nov 21 08:09:10 2026", the day padded with a space. */
static bool http_asctime_read(str s, struct clock_date *d) {
    if (s.len < 4 || s.at[3] != ' ') return false;
    s = str_skip(s, 4);
    if (!take_month(&s, &d->month) || !take_char(&s, ' ')) return false;
    if (take_char(&s, ' ')) {
        if (!take_digits(&s, 1, &d->day)) return false;
    } else if (!take_digits(&s, 2, &d->day)) {
        return false;
    }
    return take_char(&s, ' ') && take_time(&s, d) && take_char(&s, ' ') &&
           take_digits(&s, 4, &d->year) && s.len == 0;
}

bool clock_http_read(str text, int64_t *wall_ns) {
    struct clock_date d = {0};
    size_t comma;
    bool read = str_find(text, STR(", "), &comma) ? http_comma_read(str_skip(text, comma + 2), &d)
                                                  : http_asctime_read(text, &d);
    return read && seconds_to_ns(&d, 0, wall_ns);
}

bool clock_amz_read(str text, int64_t *wall_ns) {
    struct clock_date d = {0};
    str s = text;
    return take_digits(&s, 4, &d.year) && take_digits(&s, 2, &d.month) &&
           take_digits(&s, 2, &d.day) && take_char(&s, 'T') && take_digits(&s, 2, &d.hour) &&
           take_digits(&s, 2, &d.minute) && take_digits(&s, 2, &d.second) &&
           str_equal(s, STR("Z")) && seconds_to_ns(&d, 0, wall_ns);
}
