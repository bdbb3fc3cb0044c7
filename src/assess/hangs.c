/* What hangs on a subject: whose it is, and which services stop with it. Both are looked up for each
 * subject of a register that may have a million, so they are tables, made once for a moment. */
#include <stdlib.h>

#include "assess/inner.h"

/* ---- tables ---- */

/* An operator by its id, and by the entity that it is. */
struct hangs_name {
    str name;
    uint32_t owner;
};
/* A service that hangs on a row. */
struct hangs_link {
    enum register_kind kind;
    str id;
    uint32_t service;
};

static int names_order(const void *a, const void *b) {
    const struct hangs_name *x = a, *y = b;
    int order = str_compare(x->name, y->name);
    return order != 0 ? order : x->owner < y->owner ? -1 : x->owner > y->owner;
}

static int link_compare(const struct hangs_link *link, enum register_kind kind, str id) {
    if (link->kind != kind) return link->kind < kind ? -1 : 1;
    return str_compare(link->id, id);
}

static int links_order(const void *a, const void *b) {
    const struct hangs_link *x = a, *y = b;
    int order = link_compare(x, y->kind, y->id);
    return order != 0 ? order : x->service < y->service ? -1 : x->service > y->service;
}

/* ---- whose it is ---- */

static enum error_code owners_make(const struct assess_work *w, struct arena *arena,
                                   struct hangs *out, struct error *e) {
    const struct assess_options *o = &w->options;
    const struct register_row *row;
    size_t all, cursor = 0;
    register_rows(o->snapshot, REGISTER_OPERATORS, &all);
    str *owners = arena_new(arena, str, all + 1);
    struct hangs_name *names = arena_new(arena, struct hangs_name, 2 * all);
    if (owners == NULL || names == NULL) return error_set(e, FAIL_MEMORY, "no room for operators");
    out->owner_count = 1; /* the first: nobody is named */
    while ((row = register_row_next(o->snapshot, REGISTER_OPERATORS, o->at_ns, &cursor)) != NULL) {
        uint32_t owner = (uint32_t)out->owner_count++;
        str entity;
        owners[owner] = row->id;
        names[out->name_count++] = (struct hangs_name){row->id, owner};
        if (register_text_at(row, STR("entity"), o->at_ns, &entity))
            names[out->name_count++] = (struct hangs_name){entity, owner};
    }
    if (out->name_count > 1) qsort(names, out->name_count, sizeof *names, names_order);
    out->owners = owners;
    out->names = names;
    return OK;
}

/* The operator of that id, or that is the entity; 0: none. */
static uint32_t owner_named(const struct hangs *h, str party) {
    size_t low = 0, high = h->name_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (str_compare(h->names[middle].name, party) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    bool is_found = low < h->name_count && str_equal(h->names[low].name, party);
    return is_found ? h->names[low].owner : 0;
}

uint32_t hangs_owner(const struct hangs *h, const struct register_row *row, int64_t at_ns) {
    static const str fields[] = {{"operator", 8}, {"owner", 5}, {"entity", 6}};
    bool is_party = row->kind == REGISTER_OPERATORS || row->kind == REGISTER_ENTITIES;
    str party;
    if (is_party) return owner_named(h, row->id);
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        uint32_t owner = 0;
        if (register_text_at(row, fields[i], at_ns, &party)) owner = owner_named(h, party);
        if (owner > 0) return owner;
    }
    return h->owner_else;
}

/* ---- what stops with it ---- */

static const struct register_value *words_of(const struct register_row *row, const char *field,
                                             int64_t at_ns) {
    const struct register_value *v = register_value_find(&row->fields, str_from_c(field));
    return register_value_is_good(v, at_ns) && v->texts != NULL ? v : NULL;
}

static size_t word_count(const struct register_value *words) {
    return words == NULL ? 0 : words->count;
}

static bool service_find(const struct hangs *h, str id, uint32_t *out) {
    size_t low = 0, high = h->service_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (str_compare(h->services[middle].id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *out = (uint32_t)low;
    return low < h->service_count && str_equal(h->services[low].id, id);
}

/* Those of a row lie together. */
static const struct hangs_link *links_of(const struct hangs *h, enum register_kind kind, str id,
                                         size_t *count) {
    size_t low = 0, high = h->link_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (link_compare(&h->links[middle], kind, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *count = 0;
    while (low + *count < h->link_count && link_compare(&h->links[low + *count], kind, id) == 0)
        ++*count;
    return &h->links[low];
}

static enum error_code services_make(const struct assess_work *w, struct arena *arena,
                                     struct hangs *out, struct error *e) {
    const struct assess_options *o = &w->options;
    const struct register_row *row;
    size_t all, cursor = 0;
    register_rows(o->snapshot, REGISTER_SERVICES, &all);
    out->services = arena_new(arena, struct hangs_service, all);
    if (out->services == NULL) return error_set(e, FAIL_MEMORY, "no room for services");
    while ((row = register_row_next(o->snapshot, REGISTER_SERVICES, o->at_ns, &cursor)) != NULL) {
        struct hangs_service *service = &out->services[out->service_count++];
        service->id = row->id;
        service->owner = hangs_owner(out, row, o->at_ns);
    }
    return OK;
}

/* Written down if there is room, counted in any case. */
struct link_list {
    struct hangs_link *at; /* NULL: only counting */
    size_t count;
};
static void link_add(struct link_list *list, enum register_kind kind, str id, uint32_t service) {
    if (list->at != NULL) list->at[list->count] = (struct hangs_link){kind, id, service};
    list->count++;
}

/* A system carries a service where either of them says so. */
static void systems_link(const struct assess_work *w, const struct hangs *h,
                         struct link_list *list) {
    const struct assess_options *o = &w->options;
    const struct register_row *row;
    uint32_t service;
    for (size_t cursor = 0;
         (row = register_row_next(o->snapshot, REGISTER_SYSTEMS, o->at_ns, &cursor)) != NULL;) {
        const struct register_value *services = words_of(row, "services", o->at_ns);
        for (size_t i = 0; i < word_count(services); i++)
            if (service_find(h, services->texts[i], &service))
                link_add(list, REGISTER_SYSTEMS, row->id, service);
    }
    for (size_t cursor = 0;
         (row = register_row_next(o->snapshot, REGISTER_SERVICES, o->at_ns, &cursor)) != NULL;) {
        const struct register_value *systems = words_of(row, "systems", o->at_ns);
        bool is_found = service_find(h, row->id, &service);
        for (size_t i = 0; is_found && i < word_count(systems); i++)
            if (register_row_at(o->snapshot, REGISTER_SYSTEMS, systems->texts[i], o->at_ns) != NULL)
                link_add(list, REGISTER_SYSTEMS, systems->texts[i], service);
    }
}

/* What its services hang on, they hang on too. */
static void places_link(const struct assess_work *w, const struct hangs *h,
                        struct link_list *list) {
    static const struct {
        const char *field;
        enum register_kind kind;
    } below[] = {{"sites", REGISTER_SITES}, {"datasets", REGISTER_DATASETS}};
    const struct assess_options *o = &w->options;
    const struct register_row *row;
    for (size_t cursor = 0;
         (row = register_row_next(o->snapshot, REGISTER_SYSTEMS, o->at_ns, &cursor)) != NULL;) {
        size_t count;
        const struct hangs_link *own = links_of(h, REGISTER_SYSTEMS, row->id, &count);
        for (size_t f = 0; f < COUNT_OF(below); f++) {
            const struct register_value *words = words_of(row, below[f].field, o->at_ns);
            for (size_t i = 0; i < word_count(words); i++)
                for (size_t s = 0; s < count; s++)
                    link_add(list, below[f].kind, words->texts[i], own[s].service);
        }
    }
}

/* Sorted, each once. */
static void links_settle(struct hangs *h, struct link_list *list) {
    size_t kept = 0;
    if (list->count > 1) qsort(list->at, list->count, sizeof *list->at, links_order);
    for (size_t i = 0; i < list->count; i++)
        if (kept == 0 || links_order(&list->at[kept - 1], &list->at[i]) != 0)
            list->at[kept++] = list->at[i];
    h->links = list->at;
    h->link_count = kept;
}

static enum error_code links_make(const struct assess_work *w, struct arena *arena, struct hangs *h,
                                  struct error *e) {
    struct link_list systems = {0}, places = {0};
    systems_link(w, h, &systems);
    systems.at = arena_new(arena, struct hangs_link, systems.count);
    if (systems.at == NULL) return error_set(e, FAIL_MEMORY, "no room for systems' services");
    systems.count = 0;
    systems_link(w, h, &systems);
    links_settle(h, &systems);
    places_link(w, h, &places);
    size_t first = h->link_count;
    places.at = arena_new(arena, struct hangs_link, first + places.count);
    if (places.at == NULL) return error_set(e, FAIL_MEMORY, "no room for what services hang on");
    for (size_t i = 0; i < first; i++) places.at[i] = h->links[i];
    places.count = first;
    places_link(w, h, &places);
    links_settle(h, &places);
    return OK;
}

enum error_code hangs_make(const struct assess_work *w, struct arena *arena, struct hangs **out,
                           struct error *e) {
    struct hangs *h = arena_new(arena, struct hangs, 1);
    if (h == NULL) return error_set(e, FAIL_MEMORY, "no room for what hangs on what");
    TRY(owners_make(w, arena, h, e));
    h->owner_else = owner_named(h, facts_operator_of(w->world, STR_EMPTY));
    TRY(services_make(w, arena, h, e));
    TRY(links_make(w, arena, h, e));
    *out = h;
    return OK;
}

static int services_order(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

enum error_code hangs_services(const struct hangs *h, const struct register_row *row, int64_t at_ns,
                               struct arena *arena, const uint32_t **out, size_t *count,
                               struct error *e) {
    bool names_systems = row->kind == REGISTER_DATASETS || row->kind == REGISTER_EQUIPMENT;
    const struct register_value *systems = names_systems ? words_of(row, "systems", at_ns) : NULL;
    size_t own_count, room, used = 0, kept = 0;
    const struct hangs_link *own = links_of(h, row->kind, row->id, &own_count);
    room = own_count;
    for (size_t i = 0; i < word_count(systems); i++) {
        size_t more;
        links_of(h, REGISTER_SYSTEMS, systems->texts[i], &more);
        room += more;
    }
    uint32_t *found = arena_new(arena, uint32_t, room);
    if (found == NULL) return error_set(e, FAIL_MEMORY, "no room for %zu services", room);
    for (size_t i = 0; i < own_count; i++) found[used++] = own[i].service;
    for (size_t i = 0; i < word_count(systems); i++) {
        size_t more;
        const struct hangs_link *of = links_of(h, REGISTER_SYSTEMS, systems->texts[i], &more);
        for (size_t k = 0; k < more; k++) found[used++] = of[k].service;
    }
    assert(used == room);
    if (used > 1) qsort(found, used, sizeof *found, services_order);
    for (size_t i = 0; i < used; i++)
        if (kept == 0 || found[kept - 1] != found[i]) found[kept++] = found[i];
    *out = found;
    *count = kept;
    return OK;
}
