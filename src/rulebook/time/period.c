/* When a length of time has ended: plain lengths, working days, days counted from the first. */
#include "base/clock.h"
#include "rulebook/read/file.h"

#define NS_PER_DAY (86400 * NS_PER_S)

enum { DAYS_LOOKED_AT = 4000 }; /* working days further away than ten years are not told */

static int64_t day_of(const struct calendar *c, int64_t ns) {
    int64_t local = ns - c->offset_ns, day = local / (NS_PER_DAY);
    return local < 0 && local % (NS_PER_DAY) != 0 ? day - 1 : day;
}

static int64_t day_ends(const struct calendar *c, int64_t day) {
    return (day + 1) * NS_PER_DAY + c->offset_ns;
}

static bool is_known(const struct calendar *c, int64_t day) {
    return day >= c->known_from && day < c->known_until;
}

static bool is_working(const struct calendar *c, int64_t day) {
    int64_t weekday = ((day + 4) % 7 + 7) % 7; /* 1970-01-01 was a Thursday */
    if (c->rest_days >> weekday & 1) return false;
    for (size_t i = 0; i < c->holiday_count; i++)
        if (c->holidays[i] == day) return false;
    return true;
}

static bool business_days_end(const struct rulebook_period *p, int64_t start_ns, int64_t *end_ns) {
    const struct calendar *c = p->by_calendar;
    if (c == NULL || !c->has_offset) return false;
    int64_t day = day_of(c, start_ns);
    uint32_t left = p->days;
    for (int looked = 0; left > 0; looked++) {
        day++;
        if (looked == DAYS_LOOKED_AT || !is_known(c, day)) return false;
        left -= is_working(c, day);
    }
    *end_ns = day_ends(c, day);
    return true;
}

static bool calendar_days_end(const struct rulebook_period *p, int64_t start_ns, int64_t *end_ns) {
    const struct calendar *c = p->by_calendar;
    if (c == NULL || !c->has_offset) return false;
    int64_t last = day_of(c, start_ns) + p->days - 1, day = last;
    while (is_known(c, day) && !is_working(c, day)) day++;
    *end_ns = day_ends(c, is_known(c, day) ? day : last);
    return true;
}

static bool period_end(const struct rulebook_period *p, int64_t start_ns, int64_t *end_ns) {
    switch (p->kind) {
    case RULEBOOK_PERIOD_LENGTH:
        *end_ns = value_date_plus(start_ns - p->zone_ns, p->length);
        if (*end_ns < RULEBOOK_ALWAYS - NS_PER_DAY) *end_ns += p->zone_ns; /* else past all days */
        return true;
    case RULEBOOK_PERIOD_BUSINESS_DAYS: return business_days_end(p, start_ns, end_ns);
    case RULEBOOK_PERIOD_CALENDAR_DAYS: return calendar_days_end(p, start_ns, end_ns);
    case RULEBOOK_PERIOD_PROMPTLY:
    case RULEBOOK_PERIOD_NO_NUMBER: break;
    }
    return false;
}

bool rulebook_periods_latest(const struct rulebook_periods *periods, int64_t start_ns,
                             int64_t *end_ns) {
    int64_t earliest = INT64_MAX, end;
    bool found = false;
    for (size_t i = 0; i < periods->count; i++) {
        if (!period_end(&periods->at[i], start_ns, &end)) continue;
        if (!found || end < earliest) earliest = end;
        found = true;
    }
    if (found) *end_ns = earliest;
    return found;
}

bool rulebook_duty_start(const struct rulebook_duty *duty, const struct rulebook_facts *facts,
                         int64_t *start_ns) {
    if (duty->starts_on_day) {
        *start_ns = duty->start_ns;
        return true;
    }
    const struct rulebook_value *value = rulebook_facts_find(facts, duty->start);
    if (value == NULL || value->kind != RULEBOOK_DATE) return false;
    *start_ns = value->date_ns;
    return true;
}
