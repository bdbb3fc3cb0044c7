/* Values: spelling, comparing, showing. */
#include "rulebook/value/value.h"

#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/numbers.h"
#include "rulebook/value/truth.h"

const struct rulebook_value value_unknown = {.kind = RULEBOOK_UNKNOWN};

enum { HOUR_S = 3600, DAY_S = 86400 };
#define NS_PER_DAY (DAY_S * NS_PER_S)
/* Longer durations and larger numbers are not read, so that sums and calendars stay in range: 280
 * years of nanoseconds fit into 63 bits. */
#define MONTHS_MAX ((int64_t)2400) /* 200 years */
#define NS_MAX     (80 * 366 * NS_PER_DAY)
#define MILLI_MAX  ((int64_t)1 << 60)

static const struct {
    str name;
    enum rulebook_unit unit;
    int64_t factor;
} number_units[] = {
    {{"%", 1}, RULEBOOK_UNIT_PERCENT, 1},       {{"m", 1}, RULEBOOK_UNIT_METRE, 1},
    {{"km", 2}, RULEBOOK_UNIT_METRE, 1000},     {{"W", 1}, RULEBOOK_UNIT_WATT, 1},
    {{"kW", 2}, RULEBOOK_UNIT_WATT, 1000},      {{"MW", 2}, RULEBOOK_UNIT_WATT, 1000000},
    {{"persons", 7}, RULEBOOK_UNIT_PERSONS, 1}, {{"users", 5}, RULEBOOK_UNIT_PERSONS, 1},
    {{"bytes", 5}, RULEBOOK_UNIT_BYTES, 1},     {{"KiB", 3}, RULEBOOK_UNIT_BYTES, 1 << 10},
    {{"MiB", 3}, RULEBOOK_UNIT_BYTES, 1 << 20}, {{"GiB", 3}, RULEBOOK_UNIT_BYTES, 1 << 30},
};

static const struct {
    str name;
    int64_t months, seconds; /* of one; fractions only of seconds */
} duration_units[] = {
    {{"s", 1}, 0, 1},       {{"min", 3}, 0, 60},     {{"h", 1}, 0, HOUR_S}, {{"d", 1}, 0, DAY_S},
    {{"day", 3}, 0, DAY_S}, {{"days", 4}, 0, DAY_S}, {{"month", 5}, 1, 0},  {{"months", 6}, 1, 0},
    {{"year", 4}, 12, 0},   {{"years", 5}, 12, 0},
};

/* ---- in C ---- */

static struct rulebook_value declared(enum rulebook_kind kind) {
    return (struct rulebook_value){
        .kind = kind, .by = RULEBOOK_BY_DECLARED, .since_ns = RULEBOOK_EVER};
}
struct rulebook_value rulebook_text(str text) {
    struct rulebook_value v = declared(RULEBOOK_TEXT);
    v.text = text;
    return v;
}
struct rulebook_value rulebook_set_of(const str *items, size_t count) {
    for (size_t i = 1; i < count; i++) assert(str_compare(items[i - 1], items[i]) < 0);
    struct rulebook_value v = declared(RULEBOOK_SET);
    v.set.at = items;
    v.set.count = count;
    return v;
}
struct rulebook_value rulebook_number(int64_t whole, enum rulebook_unit unit) {
    assert(whole <= MILLI_MAX / RULEBOOK_MILLI);
    assert(whole >= -MILLI_MAX / RULEBOOK_MILLI);
    struct rulebook_value v = declared(RULEBOOK_NUMBER);
    v.number = (struct rulebook_number){whole * RULEBOOK_MILLI, whole * RULEBOOK_MILLI, unit};
    return v;
}
struct rulebook_value rulebook_yes_no(bool yes) {
    struct rulebook_value v = declared(RULEBOOK_YES_NO);
    v.yes = yes;
    return v;
}
struct rulebook_value rulebook_date(int64_t wall_ns) {
    struct rulebook_value v = declared(RULEBOOK_DATE);
    v.date_ns = wall_ns;
    return v;
}
struct rulebook_value rulebook_unknown(void) {
    return value_unknown;
}

static int compare_items(const void *a, const void *b) {
    return str_compare(*(const str *)a, *(const str *)b);
}
size_t rulebook_items_sort(str *items, size_t count) {
    if (count == 0) return 0;
    qsort(items, count, sizeof *items, compare_items);
    size_t kept = 1;
    for (size_t i = 1; i < count; i++)
        if (!str_equal(items[i], items[kept - 1])) items[kept++] = items[i];
    return kept;
}

/* ---- spelling ---- */

bool value_milli_read(str text, int64_t *milli) {
    bool negative = str_starts(text, STR("-"));
    str rest = negative ? str_skip(text, 1) : text, whole;
    bool has_point = str_cut(&rest, '.', &whole);
    if (!has_point) {
        whole = rest;
        rest = STR_EMPTY;
    }
    uint64_t units, fraction = 0;
    if (!str_u64(whole, &units) || units > (uint64_t)(MILLI_MAX / RULEBOOK_MILLI) - 1) return false;
    if (has_point && (rest.len > 3 || !str_u64(rest, &fraction))) return false;
    for (size_t i = rest.len; i < 3; i++) fraction *= 10;
    int64_t value = (int64_t)units * RULEBOOK_MILLI + (int64_t)fraction;
    *milli = negative ? -value : value;
    return true;
}

bool value_with_unit(int64_t milli, str unit, struct rulebook_value *out) {
    for (size_t i = 0; i < COUNT_OF(number_units); i++) {
        if (!str_equal(unit, number_units[i].name)) continue;
        int64_t scaled;
        if (__builtin_mul_overflow(milli, number_units[i].factor, &scaled) || scaled > MILLI_MAX ||
            scaled < -MILLI_MAX)
            return false;
        *out = declared(RULEBOOK_NUMBER);
        out->number = (struct rulebook_number){scaled, scaled, number_units[i].unit};
        return true;
    }
    for (size_t i = 0; i < COUNT_OF(duration_units); i++) {
        if (!str_equal(unit, duration_units[i].name)) continue;
        *out = declared(RULEBOOK_DURATION);
        if (duration_units[i].months > 0) {
            if (milli < 0 || milli % RULEBOOK_MILLI != 0) return false;
            out->duration.months = milli / RULEBOOK_MILLI;
            if (out->duration.months > MONTHS_MAX / duration_units[i].months) return false;
            out->duration.months *= duration_units[i].months;
            return true;
        }
        int64_t ns_each = duration_units[i].seconds * (NS_PER_S / RULEBOOK_MILLI);
        if (__builtin_mul_overflow(milli, ns_each, &out->duration.ns)) return false;
        return out->duration.ns <= NS_MAX && out->duration.ns >= -NS_MAX;
    }
    return false;
}

/* "24 %", "24%", "2 h" into number and unit. */
static bool split_unit(str text, str *number, str *unit) {
    size_t i = 0;
    while (i < text.len && ((text.at[i] >= '0' && text.at[i] <= '9') || text.at[i] == '.' ||
                            (i == 0 && text.at[i] == '-')))
        i++;
    *number = str_slice(text, 0, i);
    *unit = str_trim(str_skip(text, i));
    return i > 0;
}

struct rulebook_value value_of_text(str text) {
    str number, unit;
    int64_t milli, date_ns;
    struct rulebook_value v;
    if (text.len >= 10 && clock_iso_read(text, &date_ns)) {
        v = rulebook_date(date_ns);
        v.text = text;
        return v;
    }
    if (!split_unit(text, &number, &unit) || !value_milli_read(number, &milli))
        return rulebook_text(text);
    if (unit.len == 0) {
        v = declared(RULEBOOK_NUMBER);
        v.number = (struct rulebook_number){milli, milli, RULEBOOK_UNIT_ONE};
    } else if (!value_with_unit(milli, unit, &v)) {
        return rulebook_text(text);
    }
    v.text = text;
    return v;
}

/* ---- calendar ---- */

static int days_in(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

static int64_t days_from(int year, int month, int64_t months) {
    int64_t days = 0;
    for (int i = month; i < month + (int)months; i++)
        days += days_in(year + i / 12 % 4, i % 12 + 1);
    return days;
}

/* Over every start in four years with a leap day in them. A century may have one day less, but no
 * length has fewer days than it has where there is no leap year: 24 months are at least 730 days. */
void value_duration_bounds(struct rulebook_duration d, int64_t *low_ns, int64_t *high_ns) {
    if (d.months == 0) {
        *low_ns = *high_ns = d.ns;
        return;
    }
    int64_t whole = d.months / 48, rest = d.months % 48, low = INT64_MAX, high = 0;
    int64_t common = INT64_MAX; /* a year's rest where no year is a leap year */
    for (int start = 0; start < 48; start++) {
        int64_t days = days_from(2001, start, rest);
        low = i64_min(low, days);
        high = i64_max(high, days);
        common = i64_min(common, days_from(2001, start % 12, d.months % 12));
    }
    int64_t centuries = d.months / 1200 + 1;
    low = i64_max(whole * 1461 + low - centuries, d.months / 12 * 365 + common);
    *low_ns = low * NS_PER_DAY + d.ns;
    *high_ns = (whole * 1461 + high) * NS_PER_DAY + d.ns;
}

int64_t value_date_plus(int64_t date_ns, struct rulebook_duration d) {
    int64_t ns = date_ns;
    if (d.months != 0) {
        struct clock_date date = clock_date_of(date_ns);
        int64_t months = (int64_t)date.year * 12 + date.month - 1 + d.months;
        struct clock_date moved = date;
        if (months / 12 > 2261) return INT64_MAX; /* past what nanoseconds since 1970 hold */
        moved.year = (int)(months / 12);
        moved.month = (int)(months % 12) + 1;
        if (moved.day > days_in(moved.year, moved.month))
            moved.day = days_in(moved.year, moved.month);
        int64_t from_s, to_s, shift;
        if (!clock_seconds_of(&date, &from_s) || !clock_seconds_of(&moved, &to_s) ||
            __builtin_mul_overflow(to_s - from_s, NS_PER_S, &shift) ||
            __builtin_add_overflow(ns, shift, &ns))
            return INT64_MAX;
    }
    if (__builtin_add_overflow(ns, d.ns, &ns)) return d.ns > 0 ? INT64_MAX : INT64_MIN;
    return ns;
}

/* ---- comparing ---- */

bool value_is_known(const struct rulebook_value *v) {
    if (v->kind == RULEBOOK_UNKNOWN || v->kind == RULEBOOK_WITHHELD) return false;
    if (v->kind == RULEBOOK_SET) return !(v->open && v->set.count == 0);
    if (v->kind == RULEBOOK_LIST) return !(v->open && v->list.count == 0);
    return true;
}

/* A value as a set: a text is one item, an empty list is an empty set. false: it is none. */
struct items {
    const str *at;
    size_t count;
    bool open;
};
static bool items_of(const struct rulebook_value *v, struct items *out) {
    if (v->kind == RULEBOOK_SET)
        *out = (struct items){v->set.at, v->set.count, v->open};
    else if (v->kind == RULEBOOK_LIST && v->list.count == 0)
        *out = (struct items){NULL, 0, v->open};
    else if (v->kind == RULEBOOK_TEXT || v->text.len > 0) /* a number by its spelling */
        *out = (struct items){&v->text, 1, false};
    else
        return false;
    return true;
}

static bool items_have(struct items items, str item) {
    size_t low = 0, high = items.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_compare(items.at[middle], item);
        if (order == 0) return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

bool value_set_has(const struct rulebook_value *set, str item) {
    return items_have((struct items){set->set.at, set->set.count, false}, item);
}

static enum rulebook_truth member(str item, struct items set) {
    if (items_have(set, item)) return RULEBOOK_TRUE;
    return set.open ? RULEBOOK_UNKNOWN_TRUTH : RULEBOOK_FALSE;
}

static enum rulebook_truth intersects(struct items a, struct items b) {
    for (size_t i = 0; i < a.count; i++)
        if (items_have(b, a.at[i])) return RULEBOOK_TRUE;
    return a.open || b.open ? RULEBOOK_UNKNOWN_TRUTH : RULEBOOK_FALSE;
}

static enum rulebook_truth subset(struct items a, struct items b) {
    enum rulebook_truth truth = a.open ? RULEBOOK_UNKNOWN_TRUTH : RULEBOOK_TRUE;
    for (size_t i = 0; i < a.count; i++) truth = truth_and(truth, member(a.at[i], b));
    return truth;
}

static enum rulebook_truth compare_items_by(enum value_op op, const struct rulebook_value *left,
                                            const struct rulebook_value *right) {
    struct items a, b;
    if (!items_of(left, &a) || !items_of(right, &b)) return RULEBOOK_UNKNOWN_TRUTH;
    bool left_is_one = left->kind != RULEBOOK_SET && left->kind != RULEBOOK_LIST;
    bool right_is_one = right->kind != RULEBOOK_SET && right->kind != RULEBOOK_LIST;
    switch (op) {
    case VALUE_IS: return truth_and(subset(a, b), subset(b, a));
    case VALUE_IN: return left_is_one ? member(*a.at, b) : RULEBOOK_UNKNOWN_TRUTH;
    case VALUE_HAS: return right_is_one ? member(*b.at, a) : RULEBOOK_UNKNOWN_TRUTH;
    case VALUE_INTERSECTS: return intersects(a, b);
    case VALUE_SUBSET: return subset(a, b);
    default: return RULEBOOK_UNKNOWN_TRUTH;
    }
}

struct interval {
    int64_t low, high;
};

static bool interval_of(const struct rulebook_value *v, struct interval *out) {
    switch (v->kind) {
    case RULEBOOK_NUMBER: *out = (struct interval){v->number.low, v->number.high}; return true;
    case RULEBOOK_DATE: *out = (struct interval){v->date_ns, v->date_ns}; return true;
    case RULEBOOK_YES_NO: *out = (struct interval){v->yes, v->yes}; return true;
    default: return false;
    }
}

static enum rulebook_truth compare_intervals(enum value_op op, struct interval a,
                                             struct interval b) {
    enum rulebook_truth less = a.high < b.low    ? RULEBOOK_TRUE
                               : a.low >= b.high ? RULEBOOK_FALSE
                                                 : RULEBOOK_UNKNOWN_TRUTH;
    enum rulebook_truth over = a.low > b.high    ? RULEBOOK_TRUE
                               : a.high <= b.low ? RULEBOOK_FALSE
                                                 : RULEBOOK_UNKNOWN_TRUTH;
    switch (op) {
    case VALUE_LESS: return less;
    case VALUE_OVER: return over;
    case VALUE_AT_MOST: return truth_not(over);
    case VALUE_AT_LEAST: return truth_not(less);
    case VALUE_IS:
        if (a.low == a.high && b.low == b.high) return truth_of(a.low == b.low);
        return a.high < b.low || a.low > b.high ? RULEBOOK_FALSE : RULEBOOK_UNKNOWN_TRUTH;
    default: return RULEBOOK_UNKNOWN_TRUTH;
    }
}

/* Months that both have are alike, however many days they are: 5 years are at least 60 months. */
static enum rulebook_truth compare_durations(enum value_op op, struct rulebook_duration a,
                                             struct rulebook_duration b) {
    struct interval left, right;
    int64_t common = i64_min(a.months, b.months);
    a.months -= common;
    b.months -= common;
    value_duration_bounds(a, &left.low, &left.high);
    value_duration_bounds(b, &right.low, &right.high);
    return compare_intervals(op, left, right);
}

static enum rulebook_truth compare_measured(enum value_op op, const struct rulebook_value *left,
                                            const struct rulebook_value *right) {
    struct interval a, b;
    if (left->kind != right->kind) return RULEBOOK_UNKNOWN_TRUTH;
    if (left->kind == RULEBOOK_DURATION)
        return compare_durations(op, left->duration, right->duration);
    if (!interval_of(left, &a) || !interval_of(right, &b)) return RULEBOOK_UNKNOWN_TRUTH;
    if (left->kind == RULEBOOK_NUMBER && left->number.unit != right->number.unit &&
        left->number.unit != RULEBOOK_UNIT_ONE && right->number.unit != RULEBOOK_UNIT_ONE)
        return RULEBOOK_UNKNOWN_TRUTH;
    if (left->kind == RULEBOOK_YES_NO && op != VALUE_IS) return RULEBOOK_UNKNOWN_TRUTH;
    return compare_intervals(op, a, b);
}

enum rulebook_truth value_compare(enum value_op op, const struct rulebook_value *left,
                                  const struct rulebook_value *right) {
    if (!value_is_known(left) || !value_is_known(right)) return RULEBOOK_UNKNOWN_TRUTH;
    if (value_op_orders(op)) {
        /* A text among numbers: what the register took for text may spell a number. */
        struct rulebook_value a = left->kind == RULEBOOK_TEXT ? value_of_text(left->text) : *left;
        struct rulebook_value b =
            right->kind == RULEBOOK_TEXT ? value_of_text(right->text) : *right;
        return compare_measured(op, &a, &b);
    }
    if (op == VALUE_IS && left->kind == right->kind && left->kind != RULEBOOK_TEXT &&
        left->kind != RULEBOOK_SET && left->kind != RULEBOOK_LIST)
        return compare_measured(op, left, right);
    return compare_items_by(op, left, right);
}

/* ---- names ---- */

static const char *const by_names[] = {"",          "declared", "document",
                                       "inspected", "measured", "computed"};
const char *rulebook_by_name(enum rulebook_by by) {
    return by_names[by];
}
bool rulebook_by_find(str name, enum rulebook_by *out) {
    for (size_t i = 1; i < COUNT_OF(by_names); i++)
        if (str_equal(name, str_from_c(by_names[i]))) {
            *out = (enum rulebook_by)i;
            return true;
        }
    return false;
}

/* ---- bytes ---- */

static void pack_record(const struct rulebook_record *record, struct pack *p) {
    pack_u32(p, (uint32_t)record->count);
    for (size_t i = 0; i < record->count; i++) {
        pack_str(p, record->at[i].path);
        value_pack(&record->at[i].value, p);
    }
}

void value_pack(const struct rulebook_value *v, struct pack *p) {
    pack_u8(p, (uint8_t)v->kind);
    pack_u8(p, (uint8_t)v->by);
    pack_u8(p, v->open);
    pack_i64(p, v->since_ns);
    pack_i64(p, v->until_ns);
    pack_i64(p, v->as_of_ns);
    pack_str(p, v->source);
    pack_str(p, v->text);
    switch (v->kind) {
    case RULEBOOK_UNKNOWN:
    case RULEBOOK_WITHHELD:
    case RULEBOOK_TEXT: break;
    case RULEBOOK_SET:
        pack_u32(p, (uint32_t)v->set.count);
        for (size_t i = 0; i < v->set.count; i++) pack_str(p, v->set.at[i]);
        break;
    case RULEBOOK_NUMBER:
        pack_i64(p, v->number.low);
        pack_i64(p, v->number.high);
        pack_u8(p, (uint8_t)v->number.unit);
        break;
    case RULEBOOK_YES_NO: pack_u8(p, v->yes); break;
    case RULEBOOK_DATE: pack_i64(p, v->date_ns); break;
    case RULEBOOK_DURATION:
        pack_i64(p, v->duration.months);
        pack_i64(p, v->duration.ns);
        break;
    case RULEBOOK_RECORD:
    case RULEBOOK_LIST:
        pack_u32(p, (uint32_t)v->list.count);
        for (size_t i = 0; i < v->list.count; i++) pack_record(&v->list.at[i], p);
        break;
    }
}

enum error_code rulebook_value_canonical(const struct rulebook_value *value, struct arena *arena,
                                         str *out, struct error *e) {
    struct pack p = pack_into(arena->next, arena_left(arena));
    value_pack(value, &p);
    if (p.overflow) return error_set(e, FAIL_MEMORY, "no room for a value of %zu bytes", p.len);
    arena->next += p.len;
    *out = str_of(p.at, p.len);
    return OK;
}
