/* What a rulebook names beside its clauses: sets, calendars, derived sets, measures, raises. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "rulebook/read/file.h"

static enum error_code no_room(struct file_reader *r) {
    return error_set(r->e, FAIL_MEMORY, "no room for a rulebook");
}

static enum error_code read_sets(struct file_reader *r, const struct doc_node *map) {
    TRY(doc_want(map, DOC_MAP, "a map of sets", r->e));
    struct named_set *sets = arena_new(r->arena, struct named_set, map->count);
    if (sets == NULL) return no_room(r);
    for (size_t i = 0; i < map->count; i++) {
        const str *items;
        size_t count;
        TRY(file_name(r, map->keys[i], &sets[i].name));
        TRY(doc_want(map->items[i], DOC_LIST, "a list of texts", r->e));
        TRY(file_codes(r, map->items[i], &items, &count));
        sets[i].value = rulebook_set_of(items, count);
        sets[i].value.by = RULEBOOK_BY_NOBODY;
    }
    r->more->sets = sets;
    r->more->set_count = map->count;
    r->scope.sets = sets;
    r->scope.set_count = map->count;
    return OK;
}

/* ---- calendars ---- */

static enum error_code read_day(struct file_reader *r, const struct doc_node *node, int64_t *day) {
    int64_t ns;
    if (node->kind != DOC_SCALAR || node->text.len != 10 || !clock_iso_read(node->text, &ns))
        return doc_expected(node, r->e, "a day such as 2026-11-23");
    *day = ns / (86400 * NS_PER_S);
    return OK;
}

static int compare_days(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static enum error_code read_holidays(struct file_reader *r, const struct doc_node *list,
                                     struct calendar *c) {
    TRY(doc_want(list, DOC_LIST, "a list of days", r->e));
    int64_t *days = arena_new(r->arena, int64_t, list->count);
    if (days == NULL) return no_room(r);
    for (size_t i = 0; i < list->count; i++) TRY(read_day(r, list->items[i], &days[i]));
    if (list->count > 0) qsort(days, list->count, sizeof *days, compare_days);
    c->holidays = days;
    c->holiday_count = list->count;
    return OK;
}

/* "12-29" in a year; false: it has no such day. */
static bool day_in_year(int year, str month_day, int64_t *day) {
    char text[16];
    int64_t ns;
    if (month_day.len != 5) return false;
    snprintf(text, sizeof text, "%04d-%.5s", year, month_day.at);
    if (!clock_iso_read(str_from_c(text), &ns)) return false;
    *day = ns / (86400 * NS_PER_S);
    return true;
}

/* What the law gives in a year, and the days that are none in any year. */
static void year_add(str law, int year, const struct doc_node *also, int64_t *days, size_t *used) {
    struct rulebook_holiday of[RULEBOOK_HOLIDAYS_MOST];
    size_t count = rulebook_holidays(law, year, of, COUNT_OF(of));
    for (size_t i = 0; i < count; i++) days[(*used)++] = of[i].day;
    for (size_t i = 0; also != NULL && i < also->count; i++)
        *used += day_in_year(year, also->items[i]->text, &days[*used]);
}

static enum error_code read_also(struct file_reader *r, const struct doc_node *list) {
    enum { LEAP_YEAR = 2024 };
    int64_t ignored;
    TRY(doc_want(list, DOC_LIST, "a list of days such as \"12-29\"", r->e));
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i]->kind != DOC_SCALAR ||
            !day_in_year(LEAP_YEAR, list->items[i]->text, &ignored))
            return doc_expected(list->items[i], r->e, "a day of every year such as \"12-29\"");
    return OK;
}

/* {law: JP, also: ["12-29", …]}: known for the years for which the law's days are told. */
static enum error_code read_law(struct file_reader *r, const struct doc_node *map,
                                struct calendar *c) {
    static const str keys[] = {{"law", 3}, {"also", 4}};
    const struct doc_node *law, *also = doc_map_find(map, keys[1]);
    int first, last;
    TRY(doc_map_only(map, keys, COUNT_OF(keys), r->e));
    TRY(doc_map_get(map, keys[0], &law, r->e));
    if (law->kind != DOC_SCALAR || !rulebook_holidays_known(law->text, &first, &last))
        return doc_expected(law, r->e, "a country whose public holidays are told: JP");
    if (also != NULL) TRY(read_also(r, also));
    size_t a_year = RULEBOOK_HOLIDAYS_MOST + (also != NULL ? also->count : 0), used = 0;
    int64_t *days = arena_new(r->arena, int64_t, a_year * (size_t)(last - first + 1));
    if (days == NULL) return no_room(r);
    for (int year = first; year <= last; year++) year_add(law->text, year, also, days, &used);
    qsort(days, used, sizeof *days, compare_days);
    c->holidays = days;
    c->holiday_count = used;
    bool is_day = day_in_year(first, STR("01-01"), &c->known_from) &&
                  day_in_year(last + 1, STR("01-01"), &c->known_until);
    assert(is_day);
    return OK;
}

static enum error_code read_rest_days(struct file_reader *r, const struct doc_node *list,
                                      struct calendar *c) {
    static const str names[] = {{"sunday", 6},   {"monday", 6}, {"tuesday", 7}, {"wednesday", 9},
                                {"thursday", 8}, {"friday", 6}, {"saturday", 8}};
    TRY(doc_want(list, DOC_LIST, "a list of days of the week", r->e));
    for (size_t i = 0; i < list->count; i++) {
        size_t day = 0;
        const struct doc_node *node = list->items[i];
        while (day < COUNT_OF(names) &&
               (node->kind != DOC_SCALAR || !str_equal(node->text, names[day])))
            day++;
        if (day == COUNT_OF(names))
            return doc_expected(node, r->e, "a day of the week as sunday, monday …");
        c->rest_days |= 1u << day;
    }
    return OK;
}

/* Which years the holidays are all listed for. */
static enum error_code read_known(struct file_reader *r, const struct doc_node *map,
                                  struct calendar *c) {
    static const str keys[] = {{"from", 4}, {"until", 5}};
    const struct doc_node *at;
    TRY(doc_want(map, DOC_MAP, "{from: DAY, until: DAY}", r->e));
    TRY(doc_map_only(map, keys, COUNT_OF(keys), r->e));
    TRY(doc_map_get(map, keys[0], &at, r->e));
    TRY(read_day(r, at, &c->known_from));
    TRY(doc_map_get(map, keys[1], &at, r->e));
    TRY(read_day(r, at, &c->known_until));
    if (c->known_until <= c->known_from) return doc_expected(at, r->e, "a day after `from`");
    return OK;
}

/* A name, as Asia/Tokyo, is for people: nothing here knows when its days begin. */
static bool is_zone_name(str zone) {
    for (size_t i = 0; i < zone.len; i++) {
        char c = zone.at[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!is_letter && (i == 0 || strchr("/_-+0123456789", c) == NULL)) return false;
    }
    return zone.len > 0;
}

static enum error_code read_calendar(struct file_reader *r, const struct doc_node *map,
                                     struct calendar *c) {
    static const str keys[] = {{"country", 7}, {"zone", 4},     {"days", 4},
                               {"rests", 5},   {"holidays", 8}, {"known", 5}};
    const struct doc_node *at;
    TRY(doc_map_only(map, keys, COUNT_OF(keys), r->e));
    TRY(doc_map_get(map, keys[0], &at, r->e));
    TRY(doc_code(at, &c->country, r->e));
    TRY(doc_map_get(map, keys[1], &at, r->e));
    TRY(doc_text(at, &c->zone, r->e));
    c->has_offset = file_zone_read(c->zone, &c->offset_ns);
    if (!c->has_offset && !is_zone_name(c->zone))
        return doc_expected(at, r->e, "a zone as +09:00, or the name of one");
    TRY(doc_map_get(map, keys[2], &at, r->e));
    TRY(doc_text(at, &c->days, r->e));
    at = doc_map_find(map, keys[3]);
    if (at != NULL) TRY(read_rest_days(r, at, c));
    const struct doc_node *holidays = doc_map_find(map, keys[4]),
                          *known = doc_map_find(map, keys[5]);
    if (holidays != NULL && holidays->kind == DOC_MAP) {
        if (known != NULL)
            return doc_error(known, r->e, "what a law gives says itself for which years");
        return read_law(r, holidays, c);
    }
    if ((holidays == NULL) != (known == NULL))
        return doc_expected(map, r->e,
                            "`holidays` and `known` together: which days they are all of");
    if (holidays == NULL) return OK;
    TRY(read_holidays(r, holidays, c));
    return read_known(r, known, c);
}

static enum error_code read_calendars(struct file_reader *r, const struct doc_node *map) {
    TRY(doc_want(map, DOC_MAP, "a map of calendars", r->e));
    struct calendar *calendars = arena_new(r->arena, struct calendar, map->count);
    if (calendars == NULL) return no_room(r);
    for (size_t i = 0; i < map->count; i++) {
        TRY(file_name(r, map->keys[i], &calendars[i].name));
        calendars[i].node = map->items[i];
        TRY(read_calendar(r, map->items[i], &calendars[i]));
    }
    r->more->calendars = calendars;
    r->more->calendar_count = map->count;
    return OK;
}

/* ---- derived sets: the register computes them ---- */

static enum error_code read_from(struct file_reader *r, const struct doc_node *list,
                                 struct derived *d) {
    TRY(doc_want(list, DOC_LIST, "a list of $names", r->e));
    str *from = arena_new(r->arena, str, list->count);
    if (from == NULL) return no_room(r);
    for (size_t i = 0; i < list->count; i++) {
        str name;
        TRY(doc_text(list->items[i], &name, r->e));
        bool known = false;
        for (size_t k = 0; k < r->scope.set_count; k++)
            known |= str_equal(str_skip(name, 1), r->scope.sets[k].name);
        for (size_t k = 0; k < r->scope.derived_count; k++)
            known |= str_equal(str_skip(name, 1), r->scope.derived[k]);
        if (!str_starts(name, STR("$")) || !known)
            return doc_expected(list->items[i], r->e, "the $name of a set or derived set here");
        from[i] = str_skip(name, 1);
    }
    d->from = from;
    d->from_count = list->count;
    return OK;
}

static enum error_code read_spreads(struct file_reader *r, const struct doc_node *map,
                                    struct derived *d) {
    static const str keys[] = {
        {"over", 4}, {"of", 2}, {"from", 4}, {"together_at_least", 17}, {"indirect", 8}};
    const struct doc_node *at;
    TRY(doc_map_only(map, keys, COUNT_OF(keys), r->e));
    TRY(doc_map_get(map, keys[0], &at, r->e));
    TRY(doc_code(at, &d->over, r->e));
    TRY(doc_map_get(map, keys[1], &at, r->e));
    TRY(file_codes(r, at, &d->fields, &d->field_count));
    if (d->field_count > 8) return doc_expected(at, r->e, "at most eight fields of a holder");
    TRY(doc_map_get(map, keys[2], &at, r->e));
    TRY(read_from(r, at, d));
    TRY(doc_map_get(map, keys[3], &at, r->e));
    TRY(rulebook_value_of(at, r->arena, *r->scratch, &d->together_at_least, r->e));
    if (d->together_at_least.kind != RULEBOOK_NUMBER ||
        d->together_at_least.number.unit != RULEBOOK_UNIT_PERCENT)
        return doc_expected(at, r->e, "a share such as 50 %%");
    if (d->together_at_least.number.low <= 0 ||
        d->together_at_least.number.low > 100 * RULEBOOK_MILLI)
        return doc_expected(at, r->e, "a share over 0 %% and at most 100 %%");
    at = doc_map_find(map, keys[4]);
    return at == NULL ? OK : doc_bool(at, &d->indirect, r->e);
}

static enum error_code read_derived(struct file_reader *r, const struct doc_node *map) {
    static const str keys[] = {{"of", 2}, {"starts", 6}, {"spreads", 7}};
    TRY(doc_want(map, DOC_MAP, "a map of derived sets", r->e));
    struct derived *all = arena_new(r->arena, struct derived, map->count);
    str *names = arena_new(r->arena, str, map->count);
    if (all == NULL || names == NULL) return no_room(r);
    for (size_t i = 0; i < map->count; i++) {
        TRY(file_name(r, map->keys[i], &names[i]));
        for (size_t k = 0; k < r->scope.set_count; k++)
            if (str_equal(names[i], r->scope.sets[k].name))
                return doc_expected(map->keys[i], r->e, "a name no set has");
    }
    r->scope.derived = names; /* they may name one another */
    r->scope.derived_count = map->count;
    for (size_t i = 0; i < map->count; i++) {
        const struct doc_node *node = map->items[i], *at;
        all[i].name = names[i];
        TRY(doc_map_only(node, keys, COUNT_OF(keys), r->e));
        TRY(doc_map_get(node, keys[0], &at, r->e));
        TRY(doc_code(at, &all[i].of, r->e));
        if (!str_equal(all[i].of, STR("entity")))
            return doc_expected(at, r->e, "entity: the register derives sets of entities");
        TRY(doc_map_get(node, keys[1], &at, r->e));
        TRY(condition_read_list(&r->scope, at, &all[i].starts, r->e));
        at = doc_map_find(node, keys[2]);
        if (at != NULL) TRY(read_spreads(r, at, &all[i]));
    }
    r->more->derived = all;
    r->more->derived_count = map->count;
    return OK;
}

/* ---- measures: the gate counts them ---- */

static enum error_code read_measure(struct file_reader *r, const struct doc_node *map,
                                    struct measure *m) {
    static const str keys[] = {{"count_distinct", 14}, {"sum", 3},     {"per", 3},
                               {"window", 6},          {"unknown", 7}, {"for", 3}};
    const struct doc_node *at;
    TRY(doc_map_only(map, keys, COUNT_OF(keys), r->e));
    const struct doc_node *distinct = doc_map_find(map, keys[0]), *sum = doc_map_find(map, keys[1]);
    if ((distinct == NULL) == (sum == NULL))
        return doc_expected(map, r->e, "`count_distinct` or `sum` in a measure");
    m->kind = distinct != NULL ? keys[0] : keys[1];
    TRY(doc_code(distinct != NULL ? distinct : sum, &m->of, r->e));
    TRY(doc_map_get(map, keys[2], &at, r->e));
    TRY(file_codes(r, at, &m->per, &m->per_count));
    if (m->per_count > 4) return doc_expected(at, r->e, "at most four paths to count per");
    for (size_t i = 0; i < m->per_count; i++) {
        struct error why;
        if (rulebook_path_check(m->per[i], &why) != OK)
            return doc_error(at, r->e, "%s", why.message);
    }
    TRY(doc_map_get(map, keys[3], &at, r->e));
    struct rulebook_value window;
    TRY(rulebook_value_of(at, r->arena, *r->scratch, &window, r->e));
    if (window.kind != RULEBOOK_DURATION)
        return doc_expected(at, r->e, "a length of time such as 12 months");
    m->window = window.duration;
    at = doc_map_find(map, keys[5]);
    if (at != NULL) TRY(file_applies(r, at, &m->only, &m->only_count));
    at = doc_map_find(map, keys[4]);
    if (at == NULL) return OK;
    if (at->kind != DOC_SCALAR || !str_equal(at->text, STR("unbounded")))
        return doc_expected(at, r->e, "unbounded");
    m->unknown_unbounded = true;
    return OK;
}

static enum error_code read_measures(struct file_reader *r, const struct doc_node *map) {
    TRY(doc_want(map, DOC_MAP, "a map of measures", r->e));
    struct measure *all = arena_new(r->arena, struct measure, map->count);
    str *names = arena_new(r->arena, str, map->count);
    if (all == NULL || names == NULL) return no_room(r);
    for (size_t i = 0; i < map->count; i++) {
        TRY(file_name(r, map->keys[i], &names[i]));
        all[i].name = names[i];
        all[i].node = map->items[i];
        TRY(read_measure(r, map->items[i], &all[i]));
    }
    r->more->measures = all;
    r->more->measure_count = map->count;
    r->scope.measures = names;
    r->scope.measure_count = map->count;
    return OK;
}

/* ---- raises ---- */

static enum error_code read_raises(struct file_reader *r, const struct doc_node *list) {
    static const str keys[] = {{"clause", 6}, {"to", 2}, {"for", 3}};
    TRY(doc_want(list, DOC_LIST, "a list of raises", r->e));
    struct raise *raises = arena_new(r->arena, struct raise, list->count);
    if (raises == NULL) return no_room(r);
    for (size_t i = 0; i < list->count; i++) {
        const struct doc_node *node = list->items[i], *at;
        raises[i].node = node;
        TRY(doc_map_only(node, keys, COUNT_OF(keys), r->e));
        TRY(doc_map_get(node, keys[0], &at, r->e));
        TRY(doc_text(at, &raises[i].clause, r->e));
        str rest = raises[i].clause, line;
        if (!str_cut(&rest, '/', &line) || line.len == 0 || rest.len == 0)
            return doc_expected(at, r->e, "LINE/ID");
        TRY(doc_map_get(node, keys[1], &at, r->e));
        if (at->kind != DOC_SCALAR || !rulebook_strength_find(at->text, &raises[i].to))
            return doc_expected(at, r->e, "a strength");
        at = doc_map_find(node, keys[2]);
        if (at != NULL) TRY(file_applies(r, at, &raises[i].only, &raises[i].only_count));
    }
    r->more->raises = raises;
    r->more->raise_count = list->count;
    return OK;
}

enum error_code file_names(struct file_reader *r, const struct doc_node *map) {
    const struct doc_node *at = doc_map_find(map, STR("sets"));
    if (at != NULL) TRY(read_sets(r, at));
    at = doc_map_find(map, STR("calendars"));
    if (at != NULL) TRY(read_calendars(r, at));
    at = doc_map_find(map, STR("measures"));
    if (at != NULL) TRY(read_measures(r, at));
    at = doc_map_find(map, STR("derived"));
    if (at != NULL) TRY(read_derived(r, at));
    at = doc_map_find(map, STR("raises"));
    return at == NULL ? OK : read_raises(r, at);
}
