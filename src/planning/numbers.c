/* Rates, distances and counts of people as people weigh them. */
#include <math.h>
#include <stdio.h>

#include "planning/written.h"

str planning_round(double number, bool japanese, char room[48]) {
    char digits[32];
    size_t used = 0;
    double unit = number >= 10 ? pow(10, floor(log10(number)) - 1) : 0.1,
           rounded = round(number / unit) * unit,
           large = !japanese        ? 1e6
                   : rounded >= 1e8 ? 1e8
                                    : 1e4;
    if (rounded >= large) {
        const char *format = !japanese ? "%g million" : rounded >= 1e8 ? "%g億" : "%g万";
        int wrote = snprintf(room, 48, format, rounded / large);
        return str_of(room, wrote > 0 ? (size_t)wrote : 0);
    }
    int len = snprintf(digits, sizeof digits, "%.*f", number < 10 ? 1 : 0, rounded);
    for (int i = 0; i < len; i++) {
        if (rounded >= 1000 && i > 0 && (len - i) % 3 == 0) room[used++] = ',';
        room[used++] = digits[i];
    }
    return str_of(room, used);
}

void planning_km(struct report_out *out, bool japanese, double low, double high) {
    if (high - low < 0.5)
        report_format(out, "%.0f km", low);
    else
        report_format(out, japanese ? "%.0f～%.0f km" : "%.0f to %.0f km", floor(low), ceil(high));
}

/* Twice a year and more: "once in 0.0 years" says nothing. */
static void times_say(struct report_out *out, bool japanese, const double rate[SITING_END_COUNT],
                      double seldom) {
    char most_room[48], least_room[48];
    double least = rate[SITING_LO];
    str most = planning_round(rate[SITING_HI], japanese, most_room);
    if (seldom > 1e9)
        report_format(out, japanese ? "多くて年に%.*s回" : "at most %.*s times a year",
                      STR_FMT(most));
    else if (least < 2)
        report_format(
            out, japanese ? "%.*s年に1回～年に%.*s回" : "once in %.*s years to %.*s times a year",
            STR_FMT(planning_round(seldom, japanese, least_room)), STR_FMT(most));
    else if (rate[SITING_HI] / least < 1.05)
        report_format(out, japanese ? "年に%.*s回" : "%.*s times a year", STR_FMT(most));
    else
        report_format(out, japanese ? "年に%.*s～%.*s回" : "%.*s to %.*s times a year",
                      STR_FMT(planning_round(least, japanese, least_room)), STR_FMT(most));
}

/* Above a thousand million years a number says nothing: there is no such table. */
void planning_years(struct report_out *out, bool japanese, const double rate[SITING_END_COUNT]) {
    double often = rate[SITING_HI] > 0 ? 1 / rate[SITING_HI] : HUGE_VAL,
           seldom = rate[SITING_LO] > 0 ? 1 / rate[SITING_LO] : HUGE_VAL;
    char often_room[48], seldom_room[48];
    if (often > 1e9) {
        report_add_c(
            out, isinf(often)
                     ? (japanese ? "この表の限りでは起きない" : "never, as far as the table goes")
                     : (japanese ? "10億年に1回未満" : "less than once in 1,000 million years"));
        return;
    }
    if (rate[SITING_HI] >= 2) {
        times_say(out, japanese, rate, seldom);
        return;
    }
    str a = planning_round(often, japanese, often_room);
    if (seldom > 1e9)
        report_format(out, japanese ? "多くて%.*s年に1回" : "at most once in %.*s years",
                      STR_FMT(a));
    else if (seldom / often < 1.05)
        report_format(out, japanese ? "%.*s年に1回" : "once in %.*s years", STR_FMT(a));
    else
        report_format(out, japanese ? "%.*s～%.*s年に1回" : "once in %.*s to %.*s years",
                      STR_FMT(a), STR_FMT(planning_round(seldom, japanese, seldom_room)));
}
