/* Facts gathered under paths, and a row of the register as such facts. */
#include "facts/inner.h"

enum error_code layer_open(struct layer *layer, size_t cap, struct arena *arena,
                           struct arena scratch, int64_t at_ns, struct error *e) {
    *layer = (struct layer){.cap = cap, .arena = arena, .scratch = scratch, .at_ns = at_ns};
    layer->at = arena_new(arena, struct rulebook_fact, cap);
    return layer->at != NULL ? OK : error_set(e, FAIL_MEMORY, "no room for %zu facts", cap);
}

static bool path_is(str path, str root, str name) {
    if (name.len == 0) return str_equal(path, root);
    return path.len == root.len + 1 + name.len && str_starts(path, root) &&
           path.at[root.len] == '.' && str_ends(path, name);
}

static struct rulebook_fact *fact_find(const struct layer *layer, str root, str name) {
    for (size_t i = 0; i < layer->count; i++)
        if (path_is(layer->at[i].path, root, name)) return &layer->at[i];
    return NULL;
}

const struct rulebook_value *layer_find(const struct layer *layer, str root, str name) {
    const struct rulebook_fact *fact = fact_find(layer, root, name);
    return fact != NULL ? &fact->value : NULL;
}

enum error_code layer_set(struct layer *layer, str root, str name, struct rulebook_value value,
                          struct error *e) {
    struct rulebook_fact *fact = fact_find(layer, root, name);
    if (fact == NULL) {
        if (layer->count == layer->cap)
            return error_set(e, FAIL_LIMIT, "over %zu facts about one subject", layer->cap);
        fact = &layer->at[layer->count];
        TRY(arena_format(layer->arena, &fact->path, e, "%.*s%s%.*s", STR_FMT(root),
                         name.len > 0 ? "." : "", STR_FMT(name)));
        layer->count++;
    }
    fact->value = value;
    return OK;
}

struct rulebook_facts layer_close(struct layer *layer, const struct rulebook_facts *next) {
    rulebook_facts_sort(layer->at, layer->count);
    return (struct rulebook_facts){layer->at, layer->count, next};
}

enum error_code origin_of(const struct register_row *row, struct arena *arena, str *out,
                          struct error *e) {
    return arena_format(arena, out, e, "%s/%.*s", register_kind_of(row->kind)->key,
                        STR_FMT(row->id));
}

/* What a map or sets by name hold, each under its own path as well. */
static enum error_code names_add(struct layer *layer, str root, const struct register_value *value,
                                 str origin, struct error *e) {
    str path;
    TRY(arena_format(layer->arena, &path, e, "%.*s.%.*s", STR_FMT(root), STR_FMT(value->name)));
    for (size_t i = 0; i < value->records->count; i++) {
        struct rulebook_value inside;
        const struct register_value *of = &value->records->values[i];
        TRY(facts_value_of(of, origin, layer->at_ns, layer->arena, layer->scratch, &inside, e));
        TRY(layer_set(layer, path, of->name, inside, e));
    }
    return OK;
}

enum error_code layer_add_row(struct layer *layer, str root, const struct register_row *row,
                              struct error *e) {
    str origin, not_said;
    TRY(origin_of(row, layer->arena, &origin, e));
    TRY(arena_format(layer->arena, &not_said, e, "%.*s does not say", STR_FMT(origin)));
    TRY(layer_set(layer, root, STR("id"), computed_text(row->id, origin), e));
    for (const struct register_field *f = register_kind_of(row->kind)->fields; f->name != NULL;
         f++) {
        const struct register_value *said = register_value_find(&row->fields, str_from_c(f->name));
        struct rulebook_value value = unknown_because(not_said);
        if (said != NULL)
            TRY(facts_value_of(said, origin, layer->at_ns, layer->arena, layer->scratch, &value,
                               e));
        bool by_name = said != NULL && said->state == REGISTER_KNOWN && said->records != NULL &&
                       (f->shape == REGISTER_MAP || f->shape == REGISTER_SETS);
        if (by_name) TRY(names_add(layer, root, said, origin, e));
        if (by_name && f->shape == REGISTER_MAP) continue;
        TRY(layer_set(layer, root, str_from_c(f->name), value, e));
    }
    return OK;
}
