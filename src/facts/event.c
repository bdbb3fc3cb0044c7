/* Something that happened is judged by the rules of its day. Source: RULEBOOK 1. */
#include "facts/facts.h"

bool facts_is_event(enum rulebook_about about) {
    const unsigned events = RULEBOOK_ABOUT_INCIDENT | RULEBOOK_ABOUT_CHANGE |
                            RULEBOOK_ABOUT_REQUEST | RULEBOOK_ABOUT_TRANSFER | RULEBOOK_ABOUT_DRILL;
    return (about & events) != 0;
}

bool facts_event_of(const struct register_row *row, int64_t at_ns, int64_t *event_ns) {
    for (const struct register_field *f = register_kind_of(row->kind)->fields; f->name != NULL;
         f++) {
        const struct register_value *v = register_value_find(&row->fields, str_from_c(f->name));
        if (f->type != REGISTER_TIME || f->shape != REGISTER_ONE) continue;
        if (!register_value_is_good(v, at_ns)) continue;
        *event_ns = v->time_ns;
        return true;
    }
    return false;
}

int64_t facts_rules_day(const struct register_row *row, int64_t at_ns) {
    enum rulebook_about about;
    int64_t event_ns;
    if (!rulebook_about_find(str_from_c(register_kind_of(row->kind)->noun), &about) ||
        !facts_is_event(about) || !facts_event_of(row, at_ns, &event_ns))
        return at_ns;
    return i64_min(event_ns, at_ns);
}
