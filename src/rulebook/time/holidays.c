/* Public holidays as the law gives them, year by year.
 *
 * Japan: days by date, Mondays by count, the equinoxes as they are announced (they agree with the
 * mean sun of 1980 to 2099), a holiday on a Sunday moved to the next day that is none, and a day between
 * two holidays. The years told are those in which the law is known: from 2007, when the rule of the
 * moved day became what it is, to the last year whose equinoxes are announced.
 * Source: Act on National Holidays (Act 178 of 1948) with its amendments to Act 57 of 2018; Act 99 of
 * 2018 (2019: accession); Acts 68 of 2020 (2020, 2021: Olympic games); the equinoxes of 2027 announced in
 * February 2026 by the National Astronomical Observatory. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "rulebook/rulebook.h"

enum { JAPAN_FIRST = 2007, JAPAN_LAST = 2027, MONDAY = 1 };

struct year_list {
    int year;
    struct rulebook_holiday *out;
    size_t count, most;
};

/* Days since 1970 of a date of the Gregorian calendar. */
static int64_t day_number(int year, int month, int day) {
    char text[16];
    int64_t ns;
    int wrote = snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, day);
    bool is_day = wrote == 10 && clock_iso_read(str_from_c(text), &ns);
    assert(is_day);
    return ns / (86400 * NS_PER_S);
}

static int weekday(int64_t day) {
    return (int)(((day + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday; 0: Sunday */
}

static void add(struct year_list *y, int month, int day, const char *en, const char *ja) {
    assert(y->count < y->most);
    y->out[y->count++] = (struct rulebook_holiday){day_number(y->year, month, day), en, ja};
}

/* The n-th Monday of a month. */
static void add_monday(struct year_list *y, int month, int nth, const char *en, const char *ja) {
    int first = weekday(day_number(y->year, month, 1));
    add(y, month, 1 + (MONDAY - first + 7) % 7 + (nth - 1) * 7, en, ja);
}

static int equinox(int year, double of_1980) {
    int since = year - 1980;
    return (int)(of_1980 + 0.242194 * since) - since / 4;
}

/* The days of Olympic games: three holidays were moved in 2020 and in 2021. */
static void summer_add(struct year_list *y) {
    static const char marine[] = "Marine Day", mountain[] = "Mountain Day", sports[] = "Sports Day";
    bool is_2020 = y->year == 2020, is_2021 = y->year == 2021;
    if (is_2020 || is_2021) {
        add(y, 7, is_2020 ? 23 : 22, marine, "海の日");
        add(y, 7, is_2020 ? 24 : 23, sports, "スポーツの日");
        add(y, 8, is_2020 ? 10 : 8, mountain, "山の日");
        return;
    }
    add_monday(y, 7, 3, marine, "海の日");
    if (y->year >= 2016) add(y, 8, 11, mountain, "山の日");
    if (y->year < 2020)
        add_monday(y, 10, 2, "Health and Sports Day", "体育の日");
    else
        add_monday(y, 10, 2, sports, "スポーツの日");
}

static void emperor_add(struct year_list *y) {
    static const char birthday[] = "Emperor's Birthday";
    if (y->year >= 2020) add(y, 2, 23, birthday, "天皇誕生日");
    if (y->year <= 2018) add(y, 12, 23, birthday, "天皇誕生日");
    if (y->year != 2019) return;
    add(y, 5, 1, "Accession to the Throne", "天皇の即位の日");
    add(y, 10, 22, "Enthronement Ceremony", "即位礼正殿の儀");
}

static bool is_among(const struct year_list *y, size_t count, int64_t day) {
    for (size_t i = 0; i < count; i++)
        if (y->out[i].day == day) return true;
    return false;
}

/* Article 3: what falls on a Sunday is moved; what lies between two is one. */
static void rests_add(struct year_list *y) {
    size_t named = y->count;
    for (size_t i = 0; i < named; i++) {
        int64_t day = y->out[i].day;
        if (weekday(day) == 0) {
            while (is_among(y, named, day)) day++;
            assert(y->count < y->most);
            y->out[y->count++] = (struct rulebook_holiday){day, "Substitute holiday", "振替休日"};
        }
        int64_t between = y->out[i].day + 1;
        bool is_between = is_among(y, named, between + 1) && !is_among(y, y->count, between);
        if (!is_between || weekday(between) == 0) continue; /* a Sunday rests as it is */
        assert(y->count < y->most);
        y->out[y->count++] =
            (struct rulebook_holiday){between, "Holiday between two", "国民の休日"};
    }
}

static int compare_days(const void *a, const void *b) {
    int64_t x = ((const struct rulebook_holiday *)a)->day,
            y = ((const struct rulebook_holiday *)b)->day;
    return x < y ? -1 : x > y;
}

bool rulebook_holidays_known(str country, int *first_year, int *last_year) {
    if (!str_equal(country, STR("JP"))) return false;
    *first_year = JAPAN_FIRST;
    *last_year = JAPAN_LAST;
    return true;
}

size_t rulebook_holidays(str country, int year, struct rulebook_holiday *out, size_t most) {
    struct year_list y = {.year = year, .out = out, .most = most};
    int first, last;
    assert(most >= RULEBOOK_HOLIDAYS_MOST);
    if (!rulebook_holidays_known(country, &first, &last) || year < first || year > last) return 0;
    add(&y, 1, 1, "New Year's Day", "元日");
    add_monday(&y, 1, 2, "Coming of Age Day", "成人の日");
    add(&y, 2, 11, "National Foundation Day", "建国記念の日");
    add(&y, 3, equinox(year, 20.8431), "Vernal Equinox Day", "春分の日");
    add(&y, 4, 29, "Showa Day", "昭和の日");
    add(&y, 5, 3, "Constitution Memorial Day", "憲法記念日");
    add(&y, 5, 4, "Greenery Day", "みどりの日");
    add(&y, 5, 5, "Children's Day", "こどもの日");
    summer_add(&y);
    add_monday(&y, 9, 3, "Respect for the Aged Day", "敬老の日");
    add(&y, 9, equinox(year, 23.2488), "Autumnal Equinox Day", "秋分の日");
    add(&y, 11, 3, "Culture Day", "文化の日");
    add(&y, 11, 23, "Labour Thanksgiving Day", "勤労感謝の日");
    emperor_add(&y);
    rests_add(&y);
    qsort(out, y.count, sizeof *out, compare_days);
    return y.count;
}
