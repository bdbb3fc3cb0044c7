/* What the register shows of a debt: where the copies of a dataset are, and when things began. The
 * same facts as the rules read, so what a rule may demand and what pays a debt never differ. */
#include "gate/debt/debt.h"

/* ---- placement ---- */

static const struct rulebook_value *fact_of(const struct gate_rules *rules, str dataset,
                                            const char *path) {
    const struct gate_dataset *d = gate_dataset_find(rules, dataset);
    return d == NULL ? NULL : rulebook_facts_find(d->facts, str_from_c(path));
}

/* At least so many for sure, in thousandths of the base unit. */
static bool is_at_least(const struct rulebook_value *value, uint64_t number, int64_t unit) {
    int64_t want;
    if (value == NULL || value->kind != RULEBOOK_NUMBER) return false;
    if (__builtin_mul_overflow((int64_t)number, unit, &want)) return false;
    return value->number.low >= want;
}

static bool one_is_in(const struct rulebook_value *countries, const struct debt_account *a) {
    if (countries == NULL || countries->kind != RULEBOOK_SET) return false;
    for (size_t i = 0; i < countries->set.count; i++)
        if (gate_words_have(a->words, a->word_count, countries->set.at[i])) return true;
    return false;
}

static enum error_code say(struct arena *arena, const struct rulebook_value *value,
                           const char *what, struct debt_shown *out, struct error *e) {
    char memory[512];
    struct text shown = text_into(memory, sizeof memory);
    rulebook_value_text(value, &shown);
    if (shown.overflow) shown.len = 0;
    out->is_met = true;
    return arena_format(arena, &out->how, e, ": met, the register shows %s %.*s (%s%s%.*s)", what,
                        STR_FMT(text_str(&shown)), rulebook_by_name(value->by),
                        value->source.len > 0 ? " by " : "", STR_FMT(value->source));
}

/* A set of sites that somebody chose is where copies are owed: others do not do. */
static bool stands_as_chosen(const struct gate_rules *rules, str dataset) {
    const struct rulebook_value *chosen = fact_of(rules, dataset, "dataset.chosen"),
                                *missing = fact_of(rules, dataset, "copies.missing");
    if (chosen == NULL || chosen->kind != RULEBOOK_SET || chosen->set.count == 0) return true;
    return missing != NULL && missing->kind == RULEBOOK_SET && missing->set.count == 0;
}

enum error_code debt_shown_by_register(const struct gate_rules *rules, const struct debt_account *a,
                                       bool object_gone, struct arena *arena,
                                       struct debt_shown *out, struct error *e) {
    const struct rulebook_value *v;
    *out = (struct debt_shown){0};
    switch (a->kind) {
    case RULEBOOK_OBLIGE_COPIES:
        if (!stands_as_chosen(rules, a->dataset)) return OK;
        v = fact_of(rules, a->dataset, "copies.count");
        return is_at_least(v, a->number, 1000) ? say(arena, v, "copies.count", out, e) : OK;
    case RULEBOOK_OBLIGE_DISTANCE_KM:
        if (!stands_as_chosen(rules, a->dataset)) return OK;
        v = fact_of(rules, a->dataset, "copies.distance_km");
        return is_at_least(v, a->number, 1000 * 1000) ? say(arena, v, "copies.distance_km", out, e)
                                                      : OK;
    case RULEBOOK_OBLIGE_RETURN: /* gone from here, and home */
        if (a->delete_here && !object_gone) return OK;
        if (a->word_count == 0) return OK;
        v = fact_of(rules, a->dataset, "copies.countries");
        return one_is_in(v, a) ? say(arena, v, "copies.countries", out, e) : OK;
    case RULEBOOK_OBLIGE_KEEP_AT_LEAST:
        v = fact_of(rules, a->dataset, "copies.countries");
        return one_is_in(v, a) ? say(arena, v, "copies.countries", out, e) : OK;
    case RULEBOOK_OBLIGE_BEGIN:
        if (a->word_count == 0) {
            *out = (struct debt_shown){true, STR(": met, the act that owes it began it")};
            return OK;
        }
        v = fact_of(rules, a->dataset, "copies.countries");
        return one_is_in(v, a) ? say(arena, v, "copies.countries", out, e) : OK;
    default: return OK; /* a document shows it: `azekura debt pay` */
    }
}

/* ---- due ---- */

/* A row keeps lengths and names; what a calendar says is in the rulebook. */
static const struct rulebook_periods *
periods_in_force(const struct gate_rules *rules, const struct debt_account *a, int64_t at_ns) {
    str id = a->clause, book;
    if (!str_cut(&id, '/', &book)) return NULL;
    const struct rulebook *edition = rulebook_set_edition(rules->set, book, at_ns);
    for (size_t i = 0; edition != NULL && i < edition->clause_count; i++) {
        const struct rulebook_clause *c = &edition->clauses[i];
        if (!str_equal(c->id, id)) continue;
        for (size_t k = 0; k < c->obligation_count; k++) {
            const struct rulebook_obligation *o = &c->obligations[k];
            const struct rulebook_periods *p = a->from_start ? &o->periods : &o->within;
            if (o->kind == a->kind && str_equal(o->start, a->start) && p->count == a->due.count)
                return p;
        }
    }
    return NULL;
}

int64_t debt_due(const struct gate_rules *rules, const struct debt_account *a, int64_t at_ns,
                 int64_t start_ns) {
    const struct rulebook_periods *periods = periods_in_force(rules, a, at_ns);
    int64_t due_ns;
    if (periods == NULL) periods = &a->due;
    return rulebook_periods_latest(periods, start_ns, &due_ns) ? due_ns : DEBT_NO_DUE;
}

/* ---- starts ---- */

static bool date_of(const struct rulebook_value *value, int64_t *out_ns) {
    if (value == NULL || value->kind != RULEBOOK_DATE) return false;
    *out_ns = value->date_ns;
    return true;
}

static const struct rulebook_value *field_of(const struct rulebook_record *record, str name) {
    for (size_t i = 0; i < record->count; i++)
        if (str_equal(record->at[i].path, name)) return &record->at[i].value;
    return NULL;
}

static bool covers(const struct rulebook_record *record, str dataset) {
    const struct rulebook_value *v = field_of(record, STR("covers"));
    if (v == NULL || v->kind == RULEBOOK_UNKNOWN) return true; /* about all of them */
    return v->kind == RULEBOOK_SET && gate_words_have(v->set.at, v->set.count, dataset);
}

/* "request.received" where the facts have the list `requests`. */
static bool start_in_list(const struct rulebook_facts *facts, str path, str dataset, bool latest,
                          int64_t *out_ns) {
    char memory[LIMIT_REGISTER_ID_BYTES];
    struct text list = text_into(memory, sizeof memory);
    str field = path, root;
    bool found = false;
    if (!str_cut(&field, '.', &root)) return false;
    text_format(&list, "%.*ss", STR_FMT(root));
    const struct rulebook_value *v =
        list.overflow ? NULL : rulebook_facts_find(facts, text_str(&list));
    if (v == NULL || v->kind != RULEBOOK_LIST) return false;
    for (size_t i = 0; i < v->list.count; i++) {
        int64_t at;
        const struct rulebook_record *record = &v->list.at[i];
        if (!covers(record, dataset) || !date_of(field_of(record, field), &at)) continue;
        if (!found || (latest ? at > *out_ns : at < *out_ns)) *out_ns = at;
        found = true;
    }
    return found;
}

bool debt_start_find(const struct rulebook_facts *facts, str path, str dataset, bool latest,
                     int64_t *out_ns) {
    int64_t found = 0;
    if (date_of(rulebook_facts_find(facts, path), &found) ||
        start_in_list(facts, path, dataset, latest, &found)) {
        *out_ns = found;
        return true;
    }
    return false;
}
