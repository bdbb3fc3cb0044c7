/* Values as people and JSON readers see them. */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "rulebook/value/value.h"

static const char *const unit_names[] = {"", " %", " m", " W", " persons", " bytes"};

static void add_milli(struct text *t, int64_t milli) {
    uint64_t size = milli < 0 ? 0 - (uint64_t)milli : (uint64_t)milli;
    text_format(t, "%s%" PRIu64, milli < 0 ? "-" : "", size / 1000);
    unsigned fraction = (unsigned)(size % 1000);
    if (fraction == 0) return;
    char digits[8];
    int len = snprintf(digits, sizeof digits, ".%03u", fraction);
    while (len > 0 && digits[len - 1] == '0') len--;
    text_add(t, str_of(digits, (size_t)len));
}

static void add_number(struct text *t, struct rulebook_number n) {
    if (n.low == n.high) {
        add_milli(t, n.low);
    } else if (n.high == RULEBOOK_UNBOUNDED && n.low == -RULEBOOK_UNBOUNDED) {
        text_add_c(t, "any number");
    } else if (n.high == RULEBOOK_UNBOUNDED) {
        text_add_c(t, "at least ");
        add_milli(t, n.low);
    } else if (n.low == -RULEBOOK_UNBOUNDED) {
        text_add_c(t, "at most ");
        add_milli(t, n.high);
    } else {
        add_milli(t, n.low);
        text_add_c(t, " to ");
        add_milli(t, n.high);
    }
    text_add_c(t, unit_names[n.unit]);
}

static void add_duration(struct text *t, struct rulebook_duration d) {
    bool has_months = d.months != 0;
    if (has_months) text_format(t, "%" PRId64 " month%s", d.months, d.months == 1 ? "" : "s");
    if (d.ns == 0 && has_months) return;
    if (has_months) text_add_c(t, " + ");
    static const struct {
        int64_t seconds;
        const char *name;
    } units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}};
    for (size_t i = 0; i < COUNT_OF(units); i++)
        if (d.ns != 0 && d.ns % (units[i].seconds * NS_PER_S) == 0) {
            text_format(t, "%" PRId64 " %s", d.ns / (units[i].seconds * NS_PER_S), units[i].name);
            return;
        }
    add_milli(t, d.ns / (NS_PER_S / 1000));
    text_add_c(t, " s");
}

static void add_date(struct text *t, int64_t date_ns) {
    char iso[CLOCK_TEXT_BYTES];
    size_t len = clock_iso_s_write(date_ns, iso);
    bool is_day = date_ns % (86400 * NS_PER_S) == 0;
    text_add(t, str_of(iso, is_day ? len - 10 : len));
}

static void add_record(struct text *t, const struct rulebook_record *record) {
    text_add_c(t, "{");
    for (size_t i = 0; i < record->count; i++) {
        if (i > 0) text_add_c(t, ", ");
        text_add(t, record->at[i].path);
        text_add_c(t, ": ");
        rulebook_value_text(&record->at[i].value, t);
    }
    text_add_c(t, "}");
}

void rulebook_value_text(const struct rulebook_value *v, struct text *t) {
    switch (v->kind) {
    case RULEBOOK_UNKNOWN: text_add_c(t, "unknown"); return;
    case RULEBOOK_WITHHELD: text_add_c(t, "withheld"); return;
    case RULEBOOK_TEXT: text_add(t, v->text); return;
    case RULEBOOK_YES_NO: text_add_c(t, v->yes ? "true" : "false"); return;
    case RULEBOOK_RECORD: add_record(t, v->list.at); return;
    case RULEBOOK_NUMBER:
        if (v->text.len > 0)
            text_add(t, v->text);
        else
            add_number(t, v->number);
        return;
    case RULEBOOK_DATE:
        if (v->text.len > 0)
            text_add(t, v->text);
        else
            add_date(t, v->date_ns);
        return;
    case RULEBOOK_DURATION:
        if (v->text.len > 0)
            text_add(t, v->text);
        else
            add_duration(t, v->duration);
        return;
    case RULEBOOK_SET:
        text_add_c(t, "[");
        for (size_t i = 0; i < v->set.count; i++) {
            if (i > 0) text_add_c(t, ", ");
            text_add(t, v->set.at[i]);
        }
        text_add_c(t, v->open ? ", …]" : "]");
        return;
    case RULEBOOK_LIST:
        text_add_c(t, "[");
        for (size_t i = 0; i < v->list.count; i++) {
            if (i > 0) text_add_c(t, ", ");
            add_record(t, &v->list.at[i]);
        }
        text_add_c(t, v->open ? ", …]" : "]");
        return;
    }
}

static void add_json_record(struct text *t, const struct rulebook_record *record) {
    text_add_c(t, "{");
    for (size_t i = 0; i < record->count; i++) {
        if (i > 0) text_add_c(t, ",");
        text_add_json(t, record->at[i].path);
        text_add_c(t, ":");
        rulebook_value_json(&record->at[i].value, t);
    }
    text_add_c(t, "}");
}

void rulebook_value_json(const struct rulebook_value *v, struct text *t) {
    switch (v->kind) {
    case RULEBOOK_UNKNOWN: text_add_c(t, "null"); return;
    case RULEBOOK_YES_NO: text_add_c(t, v->yes ? "true" : "false"); return;
    case RULEBOOK_RECORD: add_json_record(t, v->list.at); return;
    case RULEBOOK_SET:
        if (v->open) text_add_c(t, "{\"complete\":false,\"items\":");
        text_add_c(t, "[");
        for (size_t i = 0; i < v->set.count; i++) {
            if (i > 0) text_add_c(t, ",");
            text_add_json(t, v->set.at[i]);
        }
        text_add_c(t, v->open ? "]}" : "]");
        return;
    case RULEBOOK_LIST:
        text_add_c(t,
                   v->open ? "{\"complete\":false,\"items\":[" : "{\"complete\":true,\"items\":[");
        for (size_t i = 0; i < v->list.count; i++) {
            if (i > 0) text_add_c(t, ",");
            add_json_record(t, &v->list.at[i]);
        }
        text_add_c(t, "]}");
        return;
    case RULEBOOK_NUMBER:
        if (v->number.unit == RULEBOOK_UNIT_ONE && v->number.low == v->number.high) {
            add_milli(t, v->number.low);
            return;
        }
        break;
    default: break;
    }
    char buffer[256];
    struct text plain = text_into(buffer, sizeof buffer);
    str shown = v->text;
    if (v->kind != RULEBOOK_TEXT && (shown.len == 0 || v->kind == RULEBOOK_WITHHELD)) {
        rulebook_value_text(v, &plain); /* scalars only: at most two numbers and words */
        shown = text_str(&plain);
    }
    text_add_json(t, shown);
}
