/* What the register says: its networks and things with addresses, and of a server whose system or dataset
 * it knows whose it is, how much its data matter and where it is said to stand. */
#include "survey/world.h"

#include <stdlib.h>

static geo_country country_at(const struct register_row *row, str field, int64_t at_ns) {
    geo_country country = {{0}};
    str text;
    if (row != NULL && register_text_at(row, field, at_ns, &text) &&
        geo_country_read(text, &country))
        return country;
    return (geo_country){{0}};
}

static const struct register_row *row_of(const struct survey_world *w, enum register_kind kind,
                                         const struct register_row *row, str field) {
    str id;
    if (row == NULL || !register_text_at(row, field, w->at_ns, &id)) return NULL;
    return register_row_at(w->snapshot, kind, id, w->at_ns);
}

/* Values of a set that are good then; none: NULL. */
static const struct register_value *set_of(const struct survey_world *w,
                                           const struct register_row *row, str field) {
    const struct register_value *value =
        row == NULL ? NULL : register_value_find(&row->fields, field);
    return register_value_is_good(value, w->at_ns) ? value : NULL;
}

/* ---- networks ---- */

static const struct register_row *entity_of(const struct survey_world *w,
                                            const struct register_row *row) {
    const struct register_row *entity = row_of(w, REGISTER_ENTITIES, row, STR("entity"));
    if (entity != NULL) return entity;
    /* The party may be an operator, who is an entity in turn. */
    return row_of(w, REGISTER_ENTITIES, row_of(w, REGISTER_OPERATORS, row, STR("entity")),
                  STR("entity"));
}

static size_t networks_count(const struct survey_world *w) {
    size_t count = 0, cursor = 0;
    const struct register_row *row;
    while ((row = register_row_next(w->snapshot, REGISTER_NETWORKS, w->at_ns, &cursor)) != NULL) {
        const struct register_value *cidr = set_of(w, row, STR("cidr"));
        count += cidr == NULL ? 0 : cidr->count;
    }
    return count;
}

static enum error_code networks_read(struct survey_world *w, struct geo_own_list *out,
                                     struct error *e) {
    size_t count = networks_count(w), used = 0, cursor = 0;
    struct geo_own *rows = arena_new(&w->arena, struct geo_own, count);
    struct survey_own *own = arena_new(&w->arena, struct survey_own, count);
    const struct register_row *row;
    if (rows == NULL || own == NULL)
        return error_set(e, FAIL_MEMORY, "no room for the register's networks");
    while ((row = register_row_next(w->snapshot, REGISTER_NETWORKS, w->at_ns, &cursor)) != NULL) {
        const struct register_value *cidr = set_of(w, row, STR("cidr"));
        struct survey_own about = {.network = row,
                                   .site = row_of(w, REGISTER_SITES, row, STR("site")),
                                   .entity = entity_of(w, row),
                                   .country = country_at(row, STR("country"), w->at_ns)};
        if (about.country.at[0] == 0)
            about.country = country_at(about.site, STR("country"), w->at_ns);
        for (size_t i = 0; cidr != NULL && i < cidr->count; i++) {
            own[used] = about;
            rows[used] = (struct geo_own){
                .value = (uint32_t)used, .name = row->id, .country = about.country};
            TRY(geo_network_read(cidr->texts[i], &rows[used].network, e));
            used++;
        }
    }
    w->own = own;
    *out = (struct geo_own_list){.rows = rows, .count = used};
    out->edition.name = STR("register");
    out->edition.sha256 = register_digest(w->snapshot);
    return OK;
}

/* ---- things with addresses ---- */

struct thing {
    struct geo_row row;
    const struct register_row *equipment;
};

static int thing_compare(const void *left, const void *right) {
    const struct thing *a = left, *b = right;
    int order = memcmp(&a->row.network, &b->row.network, sizeof a->row.network);
    if (order != 0) return order;
    return str_compare(a->equipment->id, b->equipment->id);
}

static enum error_code things_gather(const struct survey_world *w, struct thing *things,
                                     size_t *count, struct error *e) {
    const struct register_row *row;
    size_t cursor = 0, used = 0;
    while ((row = register_row_next(w->snapshot, REGISTER_EQUIPMENT, w->at_ns, &cursor)) != NULL) {
        const struct register_value *addresses = set_of(w, row, STR("addresses"));
        for (size_t i = 0; addresses != NULL && i < addresses->count; i++, used++) {
            if (things == NULL) continue;
            memset(&things[used], 0, sizeof things[used]); /* compared as bytes */
            things[used].equipment = row;
            TRY(geo_network_read(addresses->texts[i], &things[used].row.network, e));
        }
    }
    *count = used;
    return OK;
}

/* Of two things that say the same network the first by its id is believed. */
static enum error_code equipment_read(struct survey_world *w, struct error *e) {
    size_t count, kept = 0;
    TRY(things_gather(w, NULL, &count, e));
    struct thing *things = arena_new(&w->arena, struct thing, count);
    struct geo_row *rows = arena_new(&w->arena, struct geo_row, count);
    const struct register_row **named = arena_new(&w->arena, const struct register_row *, count);
    if (things == NULL || rows == NULL || named == NULL)
        return error_set(e, FAIL_MEMORY, "no room for the register's equipment");
    TRY(things_gather(w, things, &count, e));
    if (count > 0) qsort(things, count, sizeof *things, thing_compare);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && memcmp(&things[i].row.network, &things[i - 1].row.network,
                            sizeof things[i].row.network) == 0)
            continue;
        rows[kept] = things[i].row;
        rows[kept].value = (uint32_t)kept;
        named[kept++] = things[i].equipment;
    }
    w->equipment_rows = named;
    return geo_table_build(rows, kept, &w->arena, &w->equipment, e);
}

/* ---- home ---- */

/* Where all operators say they are at home, when that is one country. */
static geo_country home_of(const struct survey_world *w) {
    geo_country home = {{0}};
    const struct register_row *row;
    size_t cursor = 0;
    while ((row = register_row_next(w->snapshot, REGISTER_OPERATORS, w->at_ns, &cursor)) != NULL) {
        geo_country one = country_at(row, STR("home"), w->at_ns);
        if (home.at[0] != 0 && !geo_country_equal(home, one)) return (geo_country){{0}};
        home = one;
    }
    return home;
}

enum error_code survey_register_read(struct survey_world *w, struct geo_own_list *own,
                                     struct error *e) {
    if (w->snapshot == NULL) return OK;
    TRY(networks_read(w, own, e));
    TRY(equipment_read(w, e));
    w->home = home_of(w);
    return OK;
}

/* ---- what is declared of a server ---- */

static void text_fill(const struct survey_world *w, const struct register_row *row, str field,
                      str *out) {
    if (out->len == 0 && row != NULL && register_text_at(row, field, w->at_ns, out)) return;
}

static enum error_code datasets_find(const struct survey_world *w, struct survey_declared *d,
                                     struct arena *arena, struct error *e) {
    const struct register_value *set =
        d->dataset.len > 0 ? NULL : set_of(w, d->system_row, STR("datasets"));
    size_t count = d->dataset.len > 0 ? 1 : set == NULL ? 0 : set->count;
    const struct register_row **rows = arena_new(arena, const struct register_row *, count);
    if (rows == NULL) return error_set(e, FAIL_MEMORY, "no room for a server's datasets");
    d->dataset_count = 0;
    for (size_t i = 0; i < count; i++) {
        str id = d->dataset.len > 0 ? d->dataset : set->texts[i];
        rows[d->dataset_count] = register_row_at(w->snapshot, REGISTER_DATASETS, id, w->at_ns);
        d->dataset_count += rows[d->dataset_count] != NULL;
    }
    d->dataset_rows = rows;
    return OK;
}

static void kinds_fill(const struct survey_world *w, struct survey_declared *d) {
    for (size_t i = 0; i < d->dataset_count && d->kind_count == 0; i++) {
        const struct register_value *kinds = set_of(w, d->dataset_rows[i], STR("kinds"));
        if (kinds == NULL) continue;
        d->kinds = kinds->texts;
        d->kind_count = kinds->count;
    }
}

/* A thing of the register at that address, else with that id: what it says counts where the inventory is
 * silent. */
static enum error_code thing_fill(const struct survey_world *w, const struct geo_address *address,
                                  str name, struct survey_declared *d, struct arena *arena,
                                  struct error *e) {
    const struct geo_row *found;
    const struct register_row *thing =
        address != NULL && geo_table_find(&w->equipment, address, &found)
            ? w->equipment_rows[found->value]
        : name.len > 0 ? register_row_at(w->snapshot, REGISTER_EQUIPMENT, name, w->at_ns)
                       : NULL;
    if (thing == NULL) return OK;
    const struct register_value *systems = set_of(w, thing, STR("systems"));
    if (d->by.len == 0) TRY(arena_format(arena, &d->by, e, "equipment/%.*s", STR_FMT(thing->id)));
    if (d->system.len == 0 && systems != NULL && systems->count > 0) d->system = systems->texts[0];
    text_fill(w, thing, STR("operator"), &d->operator_id);
    text_fill(w, thing, STR("site"), &d->site);
    return OK;
}

static void place_fill(const struct survey_world *w, struct survey_declared *d) {
    const struct register_row *site =
        register_row_at(w->snapshot, REGISTER_SITES, d->site, w->at_ns);
    if (d->country.at[0] == 0) d->country = country_at(site, STR("country"), w->at_ns);
    if (d->country.at[0] == 0) d->country = country_at(d->system_row, STR("country"), w->at_ns);
}

void survey_declared_region(const struct survey_world *w, struct survey_declared *d) {
    for (size_t i = 0; d->country.at[0] == 0 && d->region.len > 0 && i < w->region_count; i++)
        if (str_equal(w->regions[i].code, d->region) &&
            (d->provider.len == 0 || str_equal_nocase(w->regions[i].provider, d->provider)))
            d->country = w->regions[i].country;
}

enum error_code survey_declared_fill(const struct survey_world *w,
                                     const struct geo_address *address, str name,
                                     struct survey_declared *d, struct arena *arena,
                                     struct error *e) {
    survey_declared_region(w, d);
    if (w->snapshot == NULL) return OK;
    TRY(thing_fill(w, address, name, d, arena, e));
    if (d->by.len == 0) return OK;
    d->system_row = register_row_at(w->snapshot, REGISTER_SYSTEMS, d->system, w->at_ns);
    TRY(datasets_find(w, d, arena, e));
    text_fill(w, d->system_row, STR("operator"), &d->operator_id);
    for (size_t i = 0; i < d->dataset_count; i++) {
        text_fill(w, d->dataset_rows[i], STR("operator"), &d->operator_id);
        text_fill(w, d->dataset_rows[i], STR("sector"), &d->sector);
        text_fill(w, d->dataset_rows[i], STR("class"), &d->class_name);
    }
    text_fill(w, d->system_row, STR("class"), &d->class_name);
    kinds_fill(w, d);
    place_fill(w, d);
    return OK;
}
