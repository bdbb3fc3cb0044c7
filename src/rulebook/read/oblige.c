/* Obligations of the gate and duties of people, and the lengths of time in both. */
#include "base/clock.h"
#include "rulebook/read/file.h"

static enum error_code no_room(struct file_reader *r) {
    return error_set(r->e, FAIL_MEMORY, "no room for a rulebook");
}

/* ---- periods ---- */

static bool period_of(str text, struct rulebook_period *out) {
    *out = (struct rulebook_period){0};
    if (str_equal(text, STR("promptly"))) {
        out->kind = RULEBOOK_PERIOD_PROMPTLY;
        return true;
    }
    if (str_equal(text, STR("no-number-in-text"))) {
        out->kind = RULEBOOK_PERIOD_NO_NUMBER;
        return true;
    }
    str rest = text, number, unit;
    bool has_calendar = str_cut(&rest, ' ', &number) && str_cut(&rest, ' ', &unit);
    bool is_business = has_calendar && (str_equal(unit, STR("business-day")) ||
                                        str_equal(unit, STR("business-days")));
    bool counts_all = has_calendar && (str_equal(unit, STR("calendar-day")) ||
                                       str_equal(unit, STR("calendar-days")));
    if (is_business || counts_all) {
        out->kind = is_business ? RULEBOOK_PERIOD_BUSINESS_DAYS : RULEBOOK_PERIOD_CALENDAR_DAYS;
        out->calendar = str_trim(rest);
        return str_u32(number, &out->days) && out->days > 0 && out->calendar.len > 0;
    }
    struct rulebook_value v = value_of_text(text);
    out->length = v.duration;
    out->text = text;
    return v.kind == RULEBOOK_DURATION && (v.duration.months > 0 || v.duration.ns > 0);
}

static enum error_code read_period(struct file_reader *r, const struct doc_node *node,
                                   struct rulebook_period *out) {
    if (node->kind != DOC_SCALAR || !period_of(node->text, out))
        return doc_expected(node, r->e,
                            "a length (24 h, 30 d, 12 months), 1 business-day CALENDAR, "
                            "30 calendar-days CALENDAR, promptly or no-number-in-text");
    out->zone_ns = r->rulebook->zone_ns;
    if (out->calendar.len == 0) return OK;
    for (size_t i = 0; i < r->more->calendar_count; i++)
        if (str_equal(r->more->calendars[i].name, out->calendar))
            out->by_calendar = &r->more->calendars[i];
    if (out->by_calendar == NULL) return doc_expected(node, r->e, "a calendar of this rulebook");
    bool needs_zone = out->kind == RULEBOOK_PERIOD_CALENDAR_DAYS && !out->by_calendar->has_offset;
    return !needs_zone ? OK
                       : doc_expected(node, r->e,
                                      "a calendar with a zone as +09:00, to know where its days "
                                      "begin");
}

enum error_code file_periods(struct file_reader *r, const struct doc_node *node,
                             struct rulebook_periods *out) {
    const struct doc_node *list = NULL;
    if (node->kind == DOC_MAP) {
        static const str only[] = {{"first_of", 8}};
        TRY(doc_map_only(node, only, 1, r->e));
        TRY(doc_map_get(node, only[0], &list, r->e));
        if (list->kind != DOC_LIST || list->count < 2)
            return doc_expected(list, r->e, "a list of two lengths or more");
    }
    size_t count = list == NULL ? 1 : list->count;
    struct rulebook_period *periods = arena_new(r->arena, struct rulebook_period, count);
    if (periods == NULL) return no_room(r);
    for (size_t i = 0; i < count; i++)
        TRY(read_period(r, list == NULL ? node : list->items[i], &periods[i]));
    *out = (struct rulebook_periods){periods, count};
    return OK;
}

/* ---- obligations ---- */

static const str names[RULEBOOK_OBLIGATION_COUNT] = {
    {"encrypt", 7},        {"keys_in", 7},       {"copies", 6},    {"distance_km", 11},
    {"keep_at_least", 13}, {"keep_at_most", 12}, {"approvals", 9}, {"record", 6},
    {"return", 6},         {"begin", 5}};

const char *rulebook_obligation_name(enum rulebook_obligation_kind kind) {
    return names[kind].at;
}

/* Keys beside the value of each kind. */
static enum error_code only_keys(struct file_reader *r, const struct doc_node *map,
                                 enum rulebook_obligation_kind kind) {
    static const str plain[] = {{"value", 5}, {"by", 2}, {"within", 6}};
    static const str keep[] = {{"length", 6},        {"start", 5}, {"place", 5},
                               {"other_copies", 12}, {"by", 2},    {"within", 6}};
    static const str back[] = {{"within", 6}, {"start", 5}, {"do", 2}, {"shown_by", 8}};
    static const str begin[] = {{"within", 6}, {"start", 5}};
    switch (kind) {
    case RULEBOOK_OBLIGE_KEEP_AT_LEAST:
    case RULEBOOK_OBLIGE_KEEP_AT_MOST: return doc_map_only(map, keep, COUNT_OF(keep), r->e);
    case RULEBOOK_OBLIGE_RETURN: return doc_map_only(map, back, COUNT_OF(back), r->e);
    case RULEBOOK_OBLIGE_BEGIN: return doc_map_only(map, begin, COUNT_OF(begin), r->e);
    default: return doc_map_only(map, plain, COUNT_OF(plain), r->e);
    }
}

/* "aes-128", "aes-256": what matters for joining is how many bits. */
static enum error_code read_encrypt(struct file_reader *r, const struct doc_node *node,
                                    uint64_t *bits) {
    str text = node->kind == DOC_SCALAR ? node->text : STR_EMPTY;
    if (str_starts(text, STR("aes-")) && str_u64(str_skip(text, 4), bits) &&
        (*bits == 128 || *bits == 192 || *bits == 256))
        return OK;
    return doc_expected(node, r->e, "aes-128, aes-192 or aes-256");
}

static enum error_code read_due(struct file_reader *r, const struct doc_node *map,
                                struct rulebook_obligation *o) {
    const struct doc_node *by = doc_map_find(map, STR("by")),
                          *within = doc_map_find(map, STR("within"));
    if (by != NULL && within != NULL)
        return doc_expected(by, r->e, "`by: ack` or `within`, not both");
    if (by != NULL) {
        if (by->kind != DOC_SCALAR || !str_equal(by->text, STR("ack")))
            return doc_expected(by, r->e, "ack");
        o->by_ack = true;
    }
    if (within == NULL) return OK;
    o->by_ack = false;
    return file_periods(r, within, &o->within);
}

static enum error_code read_start(struct file_reader *r, const struct doc_node *map, str *out) {
    const struct doc_node *at;
    struct error why;
    TRY(doc_map_get(map, STR("start"), &at, r->e));
    TRY(doc_text(at, out, r->e));
    if (rulebook_path_check(*out, &why) != OK) return doc_error(at, r->e, "%s", why.message);
    return OK;
}

static enum error_code read_keep(struct file_reader *r, const struct doc_node *map,
                                 struct rulebook_obligation *o) {
    const struct doc_node *at;
    TRY(doc_map_get(map, STR("length"), &at, r->e));
    TRY(file_periods(r, at, &o->periods));
    at = doc_map_find(map, STR("start"));
    if (at != NULL) TRY(read_start(r, map, &o->start));
    at = doc_map_find(map, STR("place"));
    if (at != NULL) TRY(file_codes(r, at, &o->words, &o->word_count));
    at = doc_map_find(map, STR("other_copies"));
    if (at == NULL) return OK;
    if (at->kind != DOC_SCALAR || !str_equal(at->text, STR("allowed")))
        return doc_expected(at, r->e, "allowed");
    o->other_copies = true;
    return OK;
}

static enum error_code read_return(struct file_reader *r, const struct doc_node *map,
                                   struct rulebook_obligation *o) {
    const struct doc_node *within, *todo;
    TRY(read_start(r, map, &o->start));
    TRY(doc_map_get(map, STR("within"), &within, r->e));
    TRY(file_periods(r, within, &o->periods));
    TRY(doc_map_get(map, STR("do"), &todo, r->e));
    TRY(doc_want(todo, DOC_LIST, "a list of keep_copy_in and delete-here", r->e));
    if (todo->count == 0)
        return doc_error(todo, r->e,
                         "expected keep_copy_in: [COUNTRY] or delete-here, found an empty list");
    for (size_t i = 0; i < todo->count; i++) {
        const struct doc_node *step = todo->items[i],
                              *places = doc_map_find(step, STR("keep_copy_in"));
        if (places != NULL && step->count == 1)
            TRY(file_codes(r, places, &o->words, &o->word_count));
        else if (step->kind == DOC_SCALAR && str_equal(step->text, STR("delete-here")))
            o->delete_here = true;
        else
            return doc_expected(step, r->e, "keep_copy_in: [COUNTRY] or delete-here");
    }
    return file_optional_text(r, map, STR("shown_by"), &o->shown_by);
}

/* What is to be recorded: reads, writes, or single acts. */
static enum error_code read_record(struct file_reader *r, const struct doc_node *node,
                                   struct rulebook_obligation *o) {
    struct rulebook_subject subject;
    TRY(file_codes(r, node, &o->words, &o->word_count));
    for (size_t i = 0; i < o->word_count; i++) {
        str word = o->words[i];
        bool is_word = str_equal(word, STR("read")) || str_equal(word, STR("write")) ||
                       rulebook_subject_of_act(word, &subject);
        if (!is_word)
            return doc_error(node, r->e, "expected read, write or " ACT_WORDS ", found \"%.*s\"",
                             STR_FMT(str_slice(word, 0, 60)));
    }
    return OK;
}

enum {
    FARTHEST_KM = 20037
}; /* half of the equator; Source: WGS 84, semi-major axis 6,378.137 km */

static enum error_code read_value(struct file_reader *r, const struct doc_node *node,
                                  struct rulebook_obligation *o) {
    switch (o->kind) {
    case RULEBOOK_OBLIGE_ENCRYPT: return read_encrypt(r, node, &o->number);
    case RULEBOOK_OBLIGE_KEYS_IN: return file_codes(r, node, &o->words, &o->word_count);
    case RULEBOOK_OBLIGE_RECORD: return read_record(r, node, o);
    case RULEBOOK_OBLIGE_DISTANCE_KM:
        if (node->kind == DOC_SCALAR && str_u64(node->text, &o->number) && o->number > 0 &&
            o->number <= FARTHEST_KM)
            return OK;
        return doc_expected(node, r->e, "kilometres from 1 to %d, the other side of the earth",
                            FARTHEST_KM);
    default:
        if (node->kind != DOC_SCALAR || !str_u64(node->text, &o->number) || o->number == 0 ||
            o->number > 1000000)
            return doc_expected(node, r->e, "a whole number over 0");
        return OK;
    }
}

static enum error_code read_obligation(struct file_reader *r, const struct doc_node *node,
                                       struct rulebook_obligation *o) {
    /* Copies take their time; what must hold for the bytes themselves holds before the answer. */
    o->by_ack = o->kind != RULEBOOK_OBLIGE_COPIES && o->kind != RULEBOOK_OBLIGE_DISTANCE_KM &&
                o->kind != RULEBOOK_OBLIGE_RETURN && o->kind != RULEBOOK_OBLIGE_BEGIN;
    bool is_map_only = o->kind == RULEBOOK_OBLIGE_KEEP_AT_LEAST ||
                       o->kind == RULEBOOK_OBLIGE_KEEP_AT_MOST ||
                       o->kind == RULEBOOK_OBLIGE_RETURN || o->kind == RULEBOOK_OBLIGE_BEGIN;
    if (node->kind != DOC_MAP && !is_map_only) return read_value(r, node, o);
    TRY(only_keys(r, node, o->kind));
    if (o->kind == RULEBOOK_OBLIGE_RETURN) return read_return(r, node, o);
    if (o->kind == RULEBOOK_OBLIGE_BEGIN) {
        const struct doc_node *within;
        TRY(read_start(r, node, &o->start));
        TRY(doc_map_get(node, STR("within"), &within, r->e));
        return file_periods(r, within, &o->periods);
    }
    TRY(read_due(r, node, o));
    if (is_map_only) return read_keep(r, node, o);
    const struct doc_node *value;
    TRY(doc_map_get(node, STR("value"), &value, r->e));
    return read_value(r, value, o);
}

enum error_code file_obligations(struct file_reader *r, const struct doc_node *map,
                                 struct rulebook_clause *clause) {
    TRY(doc_want(map, DOC_MAP, "a map of obligations", r->e));
    TRY(doc_map_only(map, names, COUNT_OF(names), r->e));
    struct rulebook_obligation *all = arena_new(r->arena, struct rulebook_obligation, map->count);
    if (all == NULL) return no_room(r);
    for (size_t i = 0; i < map->count; i++) {
        size_t kind = 0;
        while (!str_equal(map->keys[i]->text, names[kind])) kind++;
        all[i].kind = (enum rulebook_obligation_kind)kind;
        all[i].clause = clause;
        TRY(read_obligation(r, map->items[i], &all[i]));
    }
    clause->obligations = all;
    clause->obligation_count = map->count;
    return OK;
}

/* ---- duties ---- */

static enum error_code read_duty(struct file_reader *r, const struct doc_node *map,
                                 struct rulebook_duty *duty) {
    static const str keys[] = {{"stage", 5}, {"start", 5}, {"within", 6}, {"to", 2}, {"form", 4}};
    const struct doc_node *at;
    TRY(doc_map_only(map, keys, COUNT_OF(keys), r->e));
    TRY(doc_map_get(map, STR("stage"), &at, r->e));
    TRY(doc_text(at, &duty->stage, r->e));
    TRY(doc_map_get(map, STR("start"), &at, r->e));
    int64_t day_ns;
    duty->starts_on_day = at->kind == DOC_SCALAR && clock_iso_read(at->text, &day_ns);
    if (duty->starts_on_day) {
        duty->start = at->text;
        TRY(file_day_or_instant(r, at, r->rulebook->zone_ns, &duty->start_ns));
    } else {
        TRY(read_start(r, map, &duty->start));
    }
    TRY(doc_map_get(map, STR("within"), &at, r->e));
    TRY(file_periods(r, at, &duty->within));
    TRY(doc_map_get(map, STR("to"), &at, r->e));
    TRY(file_codes(r, at, &duty->to, &duty->to_count));
    return file_optional_text(r, map, STR("form"), &duty->form);
}

enum error_code file_duties(struct file_reader *r, const struct doc_node *node,
                            struct rulebook_clause *clause) {
    if (node->kind == DOC_SCALAR || node->count == 0)
        return doc_expected(node, r->e, "a list of duties");
    size_t count = node->kind == DOC_LIST ? node->count : 1;
    struct rulebook_duty *duties = arena_new(r->arena, struct rulebook_duty, count);
    if (duties == NULL) return no_room(r);
    for (size_t i = 0; i < count; i++)
        TRY(read_duty(r, node->kind == DOC_LIST ? node->items[i] : node, &duties[i]));
    clause->duties = duties;
    clause->duty_count = count;
    return OK;
}
