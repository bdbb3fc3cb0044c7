/* Adoptions and exceptions: rows of the register in the rulebook's shape. */
#include "facts/inner.h"

static int64_t time_of(const struct register_row *row, const char *field, int64_t absent) {
    const struct register_value *v = register_value_find(&row->fields, str_from_c(field));
    return v != NULL && v->state == REGISTER_KNOWN ? v->time_ns : absent;
}

static str text_of(const struct register_row *row, const char *field) {
    const struct register_value *v = register_value_find(&row->fields, str_from_c(field));
    return v != NULL && v->state == REGISTER_KNOWN ? v->text : STR_EMPTY;
}

static void set_of(const struct register_row *row, const char *field, const str **at,
                   size_t *count) {
    const struct register_value *v = register_value_find(&row->fields, str_from_c(field));
    *at = v != NULL ? v->texts : NULL;
    *count = v != NULL ? v->count : 0;
}

/* A row binds while it is true and its own span lasts. */
static struct rulebook_span span_of(const struct register_row *row) {
    return (struct rulebook_span){
        i64_max(row->valid_from_ns, time_of(row, "from", RULEBOOK_EVER)),
        i64_min(row->valid_until_ns, time_of(row, "until", RULEBOOK_ALWAYS))};
}

static enum error_code params_of(const struct register_row *row, struct arena *arena,
                                 struct arena scratch, struct rulebook_facts *out,
                                 struct error *e) {
    const struct register_value *params = register_value_find(&row->fields, STR("params"));
    *out = (struct rulebook_facts){0};
    if (params == NULL || params->state != REGISTER_KNOWN) return OK;
    const struct register_record *map = params->records;
    struct rulebook_fact *facts = arena_new(arena, struct rulebook_fact, map->count);
    if (facts == NULL) return error_set(e, FAIL_MEMORY, "no room for parameters");
    for (size_t i = 0; i < map->count; i++) {
        const struct register_value *v = &map->values[i];
        enum error_code code = rulebook_value_read(row->file.len > 0 ? row->file : STR("register"),
                                                   v->text, arena, scratch, &facts[i].value, e);
        if (code != OK)
            return error_note(e, __func__, "reading the parameter \"%.*s\" of adoption \"%.*s\"",
                              STR_FMT(v->name), STR_FMT(row->id));
        facts[i].path = v->name;
        TRY(origin_of(row, arena, &facts[i].value.source, e));
    }
    rulebook_facts_sort(facts, map->count);
    *out = (struct rulebook_facts){facts, map->count, NULL};
    return OK;
}

static enum error_code adoptions_of(const struct register_snapshot *snapshot, struct arena *arena,
                                    struct arena scratch, struct facts_binding *out,
                                    struct error *e) {
    size_t count;
    const struct register_row *rows = register_rows(snapshot, REGISTER_ADOPTS, &count);
    struct rulebook_adoption *list = arena_new(arena, struct rulebook_adoption, count);
    if (list == NULL) return error_set(e, FAIL_MEMORY, "no room for adoptions");
    for (size_t i = 0; i < count; i++) {
        struct rulebook_adoption *a = &list[i];
        a->rulebook = text_of(&rows[i], "rulebook");
        a->by = text_of(&rows[i], "by");
        a->span = span_of(&rows[i]);
        if (rows[i].file.len > 0)
            TRY(arena_format(arena, &a->place, e, "%.*s:%u:%u", STR_FMT(rows[i].file), rows[i].line,
                             rows[i].column));
        else
            TRY(origin_of(&rows[i], arena, &a->place, e));
        set_of(&rows[i], "operators", &a->operators, &a->operator_count);
        set_of(&rows[i], "datasets", &a->datasets, &a->dataset_count);
        set_of(&rows[i], "elects", &a->elects, &a->elect_count);
        TRY(params_of(&rows[i], arena, scratch, &a->params, e));
    }
    out->adoptions = list;
    out->adoption_count = count;
    return OK;
}

static enum error_code exceptions_of(const struct register_snapshot *snapshot, struct arena *arena,
                                     struct facts_binding *out, struct error *e) {
    size_t count;
    const struct register_row *rows = register_rows(snapshot, REGISTER_EXCEPTIONS, &count);
    struct rulebook_exception *list = arena_new(arena, struct rulebook_exception, count);
    if (list == NULL) return error_set(e, FAIL_MEMORY, "no room for exceptions");
    for (size_t i = 0; i < count; i++) {
        const struct register_row *row = &rows[i];
        const struct register_value *renewals = register_value_find(&row->fields, STR("renewals"));
        bool breaks_glass = str_equal(text_of(row, "kind"), STR("break-glass"));
        list[i] = (struct rulebook_exception){
            .kind = breaks_glass ? RULEBOOK_BREAK_GLASS : RULEBOOK_EXCEPTION,
            .id = row->id,
            .clause = text_of(row, "clause"),
            .dataset = text_of(row, "dataset"),
            .site = text_of(row, "site"),
            .span = span_of(row),
            .requester = text_of(row, "requester"),
            .approver = text_of(row, "approver"),
            .second = text_of(row, "second"),
            .reason = text_of(row, "reason"),
            .measure = text_of(row, "measure"),
            .renewals = renewals != NULL && renewals->number > 0 && renewals->number < 1e6
                            ? (uint32_t)renewals->number
                            : 0};
    }
    out->exceptions = list;
    out->exception_count = count;
    return OK;
}

enum error_code facts_binding_of(const struct register_snapshot *snapshot, struct arena *arena,
                                 struct arena scratch, struct facts_binding *out, struct error *e) {
    TRY(adoptions_of(snapshot, arena, scratch, out, e));
    return exceptions_of(snapshot, arena, out, e);
}
