/* The facts of a row: as short as a cell of a table wants them, and who said the weakest. */
#include "assess/inner.h"

enum { VALUE_BYTES_MOST = 2048, LIST_BYTES_MOST = 320, IDS_MOST = 8 };

static const struct rulebook_value *field_of(const struct rulebook_record *record, str name) {
    for (size_t i = 0; i < record->count; i++)
        if (str_equal(record->at[i].path, name)) return &record->at[i].value;
    return NULL;
}

/* What the records say, but for their age, which moves by itself. */
static void digest_say(const struct rulebook_value *v, struct text *t) {
    char room[VALUE_BYTES_MOST], hex[2 * DIGEST_BYTES];
    struct sha256 h;
    sha256_begin(&h);
    for (size_t i = 0; i < v->list.count; i++)
        for (size_t k = 0; k < v->list.at[i].count; k++) {
            const struct rulebook_fact *f = &v->list.at[i].at[k];
            struct text value = text_into(room, sizeof room);
            if (str_equal(f->path, STR("age"))) continue;
            rulebook_value_json(&f->value, &value);
            sha256_add(&h, f->path.at, f->path.len);
            sha256_add(&h, value.at, value.len);
        }
    digest d = sha256_end(&h);
    hex_write(d.at, DIGEST_BYTES, hex);
    text_format(t, ",\"digest\":\"%.12s\"", hex);
}

/* {"count": 40, "complete": false, "valid": 31, "digest": "…", "ids": ["a", …]}: nobody reads forty
 * records in a cell. */
static void count_say(const struct rulebook_value *v, struct text *t) {
    bool is_set = v->kind == RULEBOOK_SET, any = false;
    size_t count = is_set ? v->set.count : v->list.count, valid = 0;
    text_format(t, "{\"count\":%zu,\"complete\":%s", count, v->open ? "false" : "true");
    for (size_t i = 0; !is_set && i < count; i++) {
        const struct rulebook_value *is_valid = field_of(&v->list.at[i], STR("valid"));
        valid += is_valid != NULL && is_valid->kind == RULEBOOK_YES_NO && is_valid->yes;
    }
    if (!is_set) text_format(t, ",\"valid\":%zu", valid);
    if (!is_set) digest_say(v, t);
    for (size_t i = 0; !is_set && i < count && i < IDS_MOST; i++) {
        const struct rulebook_value *id = field_of(&v->list.at[i], STR("id"));
        if (id == NULL) continue;
        text_add_c(t, any ? "," : ",\"ids\":[");
        text_add_json(t, id->text);
        any = true;
    }
    if (any && count > IDS_MOST) text_add_c(t, ",\"…\"");
    text_add_c(t, any ? "]}" : "}");
}

/* Rows of the register, which have ids, are told by their number; records within a row as they are. */
static bool is_of_rows(const struct rulebook_value *v) {
    return v->kind == RULEBOOK_LIST && v->list.count > 0 &&
           field_of(&v->list.at[0], STR("id")) != NULL;
}

static enum error_code value_say(const struct rulebook_value *v, struct arena *arena, str *out,
                                 struct error *e) {
    char room[VALUE_BYTES_MOST];
    bool is_set = v->kind == RULEBOOK_SET, is_list = v->kind == RULEBOOK_LIST;
    struct text t = text_into(room, is_list ? LIST_BYTES_MOST : sizeof room);
    if (!is_of_rows(v)) rulebook_value_json(v, &t);
    if (is_of_rows(v) || t.overflow) {
        t = text_into(room, sizeof room);
        if (is_set || is_list)
            count_say(v, &t);
        else
            text_format(&t, "\"… (over %d bytes)\"", VALUE_BYTES_MOST);
    }
    return arena_copy(arena, text_str(&t), out, e);
}

/* How far a saying goes; computed facts come from what was declared. */
static int reach_of(enum rulebook_by by) {
    static const int reach[] = {
        [RULEBOOK_BY_NOBODY] = 0,   [RULEBOOK_BY_DECLARED] = 1,  [RULEBOOK_BY_COMPUTED] = 2,
        [RULEBOOK_BY_DOCUMENT] = 3, [RULEBOOK_BY_INSPECTED] = 4, [RULEBOOK_BY_MEASURED] = 5,
    };
    return reach[by];
}

static enum rulebook_by grounds_of(const struct assess_fact *facts, size_t count) {
    enum rulebook_by weakest = RULEBOOK_BY_NOBODY;
    for (size_t i = 0; i < count; i++) {
        bool counts = facts[i].known && facts[i].by != RULEBOOK_BY_NOBODY &&
                      !str_equal(facts[i].path, STR("time.now"));
        if (counts && (weakest == RULEBOOK_BY_NOBODY || reach_of(facts[i].by) < reach_of(weakest)))
            weakest = facts[i].by;
    }
    return weakest;
}

enum error_code row_facts(const struct rulebook_reading *readings, size_t count,
                          struct arena *arena, struct assess_row *out, struct error *e) {
    struct assess_fact *facts = arena_new(arena, struct assess_fact, count);
    if (facts == NULL) return error_set(e, FAIL_MEMORY, "no room for an assessment's facts");
    for (size_t i = 0; i < count; i++) {
        const struct rulebook_value *v = readings[i].value;
        facts[i] = (struct assess_fact){.by = v->by,
                                        .known = rulebook_value_is_known(v),
                                        .since_ns = v->since_ns,
                                        .until_ns = v->until_ns};
        TRY(arena_copy(arena, readings[i].path, &facts[i].path, e));
        TRY(arena_copy(arena, v->source, &facts[i].source, e));
        TRY(value_say(v, arena, &facts[i].value, e));
    }
    out->facts = facts;
    out->fact_count = count;
    out->grounds = grounds_of(facts, count);
    return OK;
}
