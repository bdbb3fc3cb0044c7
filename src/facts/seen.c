/* What machines saw of a thing: the lists it is suspected of, and since when it is there.
 *
 * Whatever is seen only suggests who made a thing: a module in another maker's product has its own
 * maker's address, and a text is whatever somebody set. So equipment.maker stays as it is declared, and
 * what is seen makes suspected, until a record explains it. Source: docs/decisions/lists.md. */
#include "facts/inner.h"

/* ---- suspicion ---- */

struct suspicion {
    struct layer *layer;
    const struct facts_world *world;
    const struct register_row *equipment;
    str lists[LISTED_MOST];
    size_t count;
    str source, suspecting; /* what suggests somebody; the first that suggests somebody on a list */
};

/* An inspector read the plate, or something was measured: that is more than was seen from afar. */
static bool is_settled(const struct register_row *equipment, int64_t at_ns) {
    const struct register_value *maker = register_value_find(&equipment->fields, STR("maker"));
    return register_value_is_good(maker, at_ns) &&
           (maker->by == REGISTER_INSPECTED || maker->by == REGISTER_MEASURED);
}

/* Somebody's name was seen. The maker of a part explains it: then the part answers for its maker. */
static enum error_code maker_seen(struct suspicion *s, str maker, str source, struct error *e) {
    struct facts_listed listed[LISTED_MOST];
    if (register_part_bears(s->world->options.snapshot, s->equipment, maker,
                            s->world->options.at_ns, s->layer->scratch))
        return OK;
    size_t found = facts_lists_of_name(s->world, maker, s->layer->scratch, listed, LISTED_MOST);
    for (size_t i = 0; i < found; i++) {
        bool is_there = false;
        for (size_t k = 0; k < s->count; k++) is_there |= str_equal(s->lists[k], listed[i].list);
        if (!is_there && s->count < LISTED_MOST) s->lists[s->count++] = listed[i].list;
    }
    if (s->source.len == 0) s->source = source;
    if (s->suspecting.len == 0 && found > 0) s->suspecting = source;
    return OK;
}

static enum error_code address_seen(struct suspicion *s, str mac, struct error *e) {
    struct facts_listed holder;
    str source;
    if (!facts_mac_holder(s->world, mac, &holder)) return OK;
    TRY(arena_format(s->layer->arena, &source, e, "%.*s lies in a block of \"%.*s\" (%.*s)",
                     STR_FMT(mac), STR_FMT(holder.entry), STR_FMT(holder.list)));
    return maker_seen(s, holder.entry, source, e);
}

static bool text_good(const struct register_record *record, str name, int64_t at_ns, str *out) {
    const struct register_value *v = register_value_find(record, name);
    if (!register_value_is_good(v, at_ns)) return false;
    *out = v->text;
    return true;
}

static enum error_code
observation_seen(struct suspicion *s, const struct register_record *observation, struct error *e) {
    int64_t at_ns = s->world->options.at_ns;
    const struct register_value *first = register_value_find(observation, STR("first_seen"));
    str means = STR("observation"), says = STR_EMPTY, maker, source;
    if (register_value_is_good(first, at_ns) && first->time_ns > at_ns) return OK; /* not yet */
    text_good(observation, STR("means"), at_ns, &means);
    text_good(observation, STR("says"), at_ns, &says);
    if (str_equal(means, STR("mac"))) TRY(address_seen(s, says, e));
    if (!text_good(observation, STR("maker"), at_ns, &maker)) return OK;
    TRY(arena_format(s->layer->arena, &source, e, "%.*s%s%.*s suggests \"%.*s\"", STR_FMT(means),
                     says.len > 0 ? " " : "", STR_FMT(says), STR_FMT(maker)));
    return maker_seen(s, maker, source, e);
}

enum error_code layer_add_suspicion(struct layer *layer, const struct facts_world *w,
                                    const struct register_row *equipment, struct error *e) {
    int64_t at_ns = w->options.at_ns;
    const struct register_value *macs = register_value_find(&equipment->fields, STR("macs"));
    const struct register_value *seen =
        register_value_find(&equipment->fields, STR("observations"));
    bool is_seen = register_value_is_good(macs, at_ns) || register_value_is_good(seen, at_ns);
    if (!is_seen || is_settled(equipment, at_ns)) return OK;
    struct suspicion *s = arena_new(layer->arena, struct suspicion, 1);
    if (s == NULL) return error_set(e, FAIL_MEMORY, "no room for suspected lists");
    *s = (struct suspicion){.layer = layer, .world = w, .equipment = equipment};
    for (size_t i = 0; register_value_is_good(macs, at_ns) && i < macs->count; i++)
        TRY(address_seen(s, macs->texts[i], e));
    for (size_t i = 0; register_value_is_good(seen, at_ns) && i < seen->count; i++)
        TRY(observation_seen(s, &seen->records[i], e));
    if (s->source.len == 0) return OK;
    struct rulebook_value lists =
        rulebook_set_of(s->lists, rulebook_items_sort(s->lists, s->count));
    lists.by = RULEBOOK_BY_COMPUTED;
    lists.open = true;
    lists.source = s->suspecting.len > 0 ? s->suspecting : s->source;
    return layer_set(layer, STR("equipment"), STR("suspected_lists"), lists, e);
}

/* ---- since when ---- */

enum error_code layer_add_first_seen(struct layer *layer, const struct facts_world *w,
                                     const struct register_row *equipment, struct error *e) {
    int64_t at_ns = w->options.at_ns;
    const struct register_value *said = register_value_find(&equipment->fields, STR("first_seen"));
    const struct register_value *seen =
        register_value_find(&equipment->fields, STR("observations"));
    const struct register_value *earliest = NULL;
    if (said != NULL) return OK; /* also that it is unknown */
    for (size_t i = 0; register_value_is_good(seen, at_ns) && i < seen->count; i++) {
        const struct register_value *first =
            register_value_find(&seen->records[i], STR("first_seen"));
        bool is_past = register_value_is_good(first, at_ns) && first->time_ns <= at_ns;
        if (is_past && (earliest == NULL || first->time_ns < earliest->time_ns)) earliest = first;
    }
    if (earliest == NULL) return OK;
    struct rulebook_value value;
    str origin;
    TRY(arena_format(layer->arena, &origin, e, "equipment/%.*s: its first observation",
                     STR_FMT(equipment->id)));
    TRY(facts_value_of(earliest, origin, at_ns, layer->arena, layer->scratch, &value, e));
    value.by = RULEBOOK_BY_COMPUTED;
    return layer_set(layer, STR("equipment"), STR("first_seen"), value, e);
}
