/* Makers by name: who bears one, and where what was seen of a thing speaks against what is declared. */
#include "register/inner.h"

static bool names_meet(const struct register_name *a, const struct register_name *b) {
    for (size_t i = 0; i < a->count; i++)
        for (size_t k = 0; k < b->count; k++)
            if (str_equal(a->keys[i], b->keys[k])) return true;
    return false;
}

/* One begins with the other: "Kaze" and "Kaze Networks" may well be one company. */
static bool names_resemble(const struct register_name *a, const struct register_name *b) {
    enum { LETTERS_LEAST = 3 };
    for (size_t i = 0; i < a->count; i++)
        for (size_t k = 0; k < b->count; k++) {
            bool is_long = a->keys[i].len >= LETTERS_LEAST && b->keys[k].len >= LETTERS_LEAST;
            if (is_long &&
                (str_starts(a->keys[i], b->keys[k]) || str_starts(b->keys[k], a->keys[i])))
                return true;
        }
    return false;
}

typedef bool names_compare(const struct register_name *a, const struct register_name *b);

static bool name_is(str name, const struct register_name *wanted, names_compare *compare,
                    struct arena scratch) {
    struct register_name folded;
    struct error e;
    return register_name_fold(name, &scratch, &folded, &e) == OK && compare(&folded, wanted);
}

static bool entity_is(const struct register_row *entity, const struct register_name *wanted,
                      names_compare *compare, int64_t at_ns, struct arena scratch) {
    const struct register_value *name = register_value_find(&entity->fields, STR("name"));
    const struct register_value *aliases = register_value_find(&entity->fields, STR("aliases"));
    if (register_value_is_good(name, at_ns)) {
        if (name->records == NULL && name_is(name->text, wanted, compare, scratch)) return true;
        for (size_t i = 0; name->records != NULL && i < name->records->count; i++)
            if (name_is(name->records->values[i].text, wanted, compare, scratch)) return true;
    }
    for (size_t i = 0; register_value_is_good(aliases, at_ns) && i < aliases->count; i++)
        if (name_is(aliases->texts[i], wanted, compare, scratch)) return true;
    return false;
}

bool register_entity_bears(const struct register_snapshot *snapshot, str id, str name,
                           int64_t at_ns, struct arena scratch) {
    struct register_name wanted;
    struct error e;
    const struct register_row *entity = register_row_at(snapshot, REGISTER_ENTITIES, id, at_ns);
    return entity != NULL && register_name_fold(name, &scratch, &wanted, &e) == OK &&
           entity_is(entity, &wanted, names_meet, at_ns, scratch);
}

bool register_part_bears(const struct register_snapshot *snapshot,
                         const struct register_row *equipment, str name, int64_t at_ns,
                         struct arena scratch) {
    const struct register_value *parts = register_value_find(&equipment->fields, STR("components"));
    for (size_t i = 0; register_value_is_good(parts, at_ns) && i < parts->count; i++) {
        const struct register_value *maker = register_value_find(&parts->records[i], STR("maker"));
        if (register_value_is_good(maker, at_ns) &&
            register_entity_bears(snapshot, maker->text, name, at_ns, scratch))
            return true;
    }
    return false;
}

/* ---- contradictions ---- */

/* The entity, or one of those who control it, bears a name like that; or it has no name to compare. */
static bool family_resembles(const struct register_snapshot *s, str id,
                             const struct register_name *wanted, int64_t at_ns, unsigned steps,
                             struct arena scratch) {
    const struct register_row *entity = register_row_at(s, REGISTER_ENTITIES, id, at_ns);
    if (entity == NULL) return true;
    const struct register_value *parents = register_value_find(&entity->fields, STR("parents"));
    bool has_name =
        register_value_is_good(register_value_find(&entity->fields, STR("name")), at_ns);
    if (!has_name && name_is(entity->id, wanted, names_resemble, scratch)) return true;
    if (entity_is(entity, wanted, names_resemble, at_ns, scratch)) return true;
    for (size_t i = 0; steps > 0 && register_value_is_good(parents, at_ns) && i < parents->count;
         i++)
        if (family_resembles(s, parents->texts[i], wanted, at_ns, steps - 1, scratch)) return true;
    return false;
}

bool observation_contradicts(const struct register_snapshot *s,
                             const struct register_row *equipment,
                             const struct register_record *observation, struct arena scratch) {
    enum { PARENT_STEPS = 4 };
    const struct register_value *maker = register_value_find(&equipment->fields, STR("maker"));
    const struct register_value *seen = register_value_find(observation, STR("maker"));
    const struct register_value *last = register_value_find(observation, STR("last_seen"));
    struct register_name wanted;
    struct error e;
    bool has_both = maker != NULL && maker->state == REGISTER_KNOWN && seen != NULL &&
                    seen->state == REGISTER_KNOWN;
    if (!has_both) return false;
    int64_t at_ns = last != NULL && last->state == REGISTER_KNOWN ? last->time_ns
                                                                  : equipment->valid_until_ns - 1;
    if (register_name_fold(seen->text, &scratch, &wanted, &e) != OK || wanted.count == 0)
        return false;
    return !family_resembles(s, maker->text, &wanted, at_ns, PARENT_STEPS, scratch) &&
           !register_part_bears(s, equipment, seen->text, at_ns, scratch);
}
