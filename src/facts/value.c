/* A value of the register as a value of the rulebook, with who said so and until when it is good.
 */
#include <math.h>

#include "facts/inner.h"

struct rulebook_value unknown_because(str why) {
    return (struct rulebook_value){
        .kind = RULEBOOK_UNKNOWN, .source = why, .since_ns = RULEBOOK_EVER};
}

struct rulebook_value computed_text(str text, str source) {
    struct rulebook_value v = rulebook_text(text);
    v.by = RULEBOOK_BY_COMPUTED;
    v.source = source;
    return v;
}

static enum rulebook_by by_of(enum register_by by) {
    switch (by) {
    case REGISTER_DECLARED: return RULEBOOK_BY_DECLARED;
    case REGISTER_MEASURED: return RULEBOOK_BY_MEASURED;
    case REGISTER_DOCUMENT: return RULEBOOK_BY_DOCUMENT;
    case REGISTER_INSPECTED: return RULEBOOK_BY_INSPECTED;
    case REGISTER_COMPUTED: return RULEBOOK_BY_COMPUTED;
    case REGISTER_BY_COUNT: break;
    }
    return RULEBOOK_BY_NOBODY;
}

/* Exact where thousandths hold it; else the thousandths on both sides of it. */
static enum error_code number_of(const struct register_value *value, struct arena *arena,
                                 struct arena scratch, struct rulebook_value *out,
                                 struct error *e) {
    TRY(rulebook_value_read(STR("register"), value->text, arena, scratch, out, e));
    if (out->kind == RULEBOOK_NUMBER || out->kind == RULEBOOK_DURATION) return OK;
    double milli = value->number * (double)RULEBOOK_MILLI;
    if (fabs(milli) > 9e18) {
        *out = unknown_because(STR("the number is too large to compare"));
        return OK;
    }
    *out = (struct rulebook_value){.kind = RULEBOOK_NUMBER, .text = value->text};
    out->number =
        (struct rulebook_number){(int64_t)floor(milli), (int64_t)ceil(milli), RULEBOOK_UNIT_ONE};
    return OK;
}

/* A map, by name; sorted as the register keeps it. */
static enum error_code map_of(const struct register_record *map, str origin, int64_t at_ns,
                              struct arena *arena, struct arena scratch,
                              struct rulebook_record *out, struct error *e) {
    struct rulebook_fact *facts = arena_new(arena, struct rulebook_fact, map->count);
    if (facts == NULL) return error_set(e, FAIL_MEMORY, "no room for facts");
    for (size_t i = 0; i < map->count; i++) {
        facts[i].path = map->values[i].name;
        TRY(facts_value_of(&map->values[i], origin, at_ns, arena, scratch, &facts[i].value, e));
    }
    rulebook_facts_sort(facts, map->count);
    *out = (struct rulebook_record){facts, map->count};
    return OK;
}

/* How old at `at_ns`, which is not before it, in fixed time: dates compare by the calendar where a rule
 * says months. */
static struct rulebook_value age_at(const struct register_value *date, int64_t at_ns, str origin) {
    struct rulebook_value age = {.kind = RULEBOOK_DURATION,
                                 .by = RULEBOOK_BY_COMPUTED,
                                 .since_ns = RULEBOOK_EVER,
                                 .source = origin};
    age.duration.ns = at_ns - date->time_ns;
    return age;
}

enum error_code record_of(const struct register_record *record, str id, int64_t valid_from_ns,
                          int64_t valid_until_ns, str origin, int64_t at_ns, struct arena *arena,
                          struct arena scratch, struct rulebook_record *out, struct error *e) {
    size_t count = 0;
    struct rulebook_fact *facts = arena_new(arena, struct rulebook_fact, record->count + 3);
    if (facts == NULL) return error_set(e, FAIL_MEMORY, "no room for facts");
    for (size_t i = 0; i < record->count; i++, count++) {
        facts[count].path = record->values[i].name;
        TRY(facts_value_of(&record->values[i], origin, at_ns, arena, scratch, &facts[count].value,
                           e));
    }
    if (id.len > 0) facts[count++] = (struct rulebook_fact){STR("id"), computed_text(id, origin)};
    /* What is dated later is not there yet: it has no age, and does not hold. */
    const struct register_value *date = register_value_find(record, STR("date"));
    bool is_dated = register_value_is_good(date, at_ns),
         is_early = is_dated && date->time_ns > at_ns;
    struct rulebook_value valid =
        rulebook_yes_no(valid_from_ns <= at_ns && at_ns < valid_until_ns && !is_early);
    valid.by = RULEBOOK_BY_COMPUTED;
    valid.source = origin;
    facts[count++] = (struct rulebook_fact){STR("valid"), valid};
    if (is_dated && !is_early)
        facts[count++] = (struct rulebook_fact){STR("age"), age_at(date, at_ns, origin)};
    rulebook_facts_sort(facts, count);
    *out = (struct rulebook_record){facts, count};
    return OK;
}

/* Who held shares until last year holds none now. What bears a date has happened, and is listed after
 * it has run out: that it does not hold any more is a fact of it (it.valid). */
static bool is_so(const struct register_record *r, int64_t at_ns) {
    if (r->valid_from_ns > at_ns) return false;
    return at_ns < r->valid_until_ns || register_value_find(r, STR("date")) != NULL;
}

static enum error_code records_of(const struct register_value *value, str origin, int64_t at_ns,
                                  struct arena *arena, struct arena scratch,
                                  struct rulebook_value *out, struct error *e) {
    struct rulebook_record *records = arena_new(arena, struct rulebook_record, value->count);
    size_t count = 0;
    if (records == NULL) return error_set(e, FAIL_MEMORY, "no room for facts");
    for (size_t i = 0; i < value->count; i++) {
        const struct register_record *r = &value->records[i];
        if (!is_so(r, at_ns)) continue;
        TRY(record_of(r, STR_EMPTY, r->valid_from_ns, r->valid_until_ns, origin, at_ns, arena,
                      scratch, &records[count++], e));
    }
    *out = (struct rulebook_value){.kind = RULEBOOK_LIST};
    out->list.at = records;
    out->list.count = count;
    return OK;
}

/* The value alone, without who said so. */
static enum error_code inside_of(const struct register_value *value, str origin, int64_t at_ns,
                                 struct arena *arena, struct arena scratch,
                                 struct rulebook_value *out, struct error *e) {
    struct rulebook_record *record;
    switch (value->field->shape) {
    case REGISTER_SET:
    case REGISTER_SETS: *out = rulebook_set_of(value->texts, value->count); return OK;
    case REGISTER_RECORDS: return records_of(value, origin, at_ns, arena, scratch, out, e);
    case REGISTER_MAP:
    case REGISTER_RECORD:
        record = arena_new(arena, struct rulebook_record, 1);
        if (record == NULL) return error_set(e, FAIL_MEMORY, "no room for facts");
        TRY(map_of(value->records, origin, at_ns, arena, scratch, record, e));
        *out = (struct rulebook_value){.kind = RULEBOOK_RECORD};
        out->list.at = record;
        out->list.count = 1;
        return OK;
    case REGISTER_ONE:
    case REGISTER_SHAPE_COUNT: break;
    }
    switch (value->field->type) {
    case REGISTER_NUMBER:
    case REGISTER_DURATION: return number_of(value, arena, scratch, out, e);
    case REGISTER_YES_NO: *out = rulebook_yes_no(value->yes); return OK;
    case REGISTER_TIME:
        *out = rulebook_date(value->time_ns);
        out->text = value->text;
        return OK;
    default: break;
    }
    bool by_language = value->field->type == REGISTER_NAME && value->records != NULL;
    *out = rulebook_text(by_language ? value->records->values[0].text : value->text);
    return OK;
}

enum error_code facts_value_of(const struct register_value *value, str origin, int64_t at_ns,
                               struct arena *arena, struct arena scratch,
                               struct rulebook_value *out, struct error *e) {
    struct rulebook_value v;
    if (value->since_ns > at_ns) {
        *out = unknown_because(STR("the register knows it from a later day on"));
        return OK;
    }
    if (value->state != REGISTER_KNOWN)
        v = (struct rulebook_value){.kind = value->state == REGISTER_WITHHELD ? RULEBOOK_WITHHELD
                                                                              : RULEBOOK_UNKNOWN};
    else
        TRY(inside_of(value, origin, at_ns, arena, scratch, &v, e));
    v.by = by_of(value->by);
    v.since_ns = value->since_ns;
    v.until_ns = value->until_ns;
    v.open = !value->is_complete;
    v.as_of_ns = value->is_complete ? value->as_of_ns : 0;
    if (v.kind != RULEBOOK_SET && v.kind != RULEBOOK_LIST) v.open = false;
    v.source = origin;
    if (value->source.len > 0)
        TRY(arena_format(arena, &v.source, e, "%.*s: %.*s", STR_FMT(origin),
                         STR_FMT(value->source)));
    *out = v;
    return OK;
}
_Static_assert(REGISTER_ALWAYS_NS == RULEBOOK_EVER, "from ever is spelled alike");
_Static_assert(REGISTER_NEVER_NS == RULEBOOK_ALWAYS, "for good is spelled alike");
