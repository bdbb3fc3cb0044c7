/* One event, replayed over a register: which sites fall when, and what people lose. */
#include <math.h>
#include <stdio.h>

#include "planning/set.h"

const char *planning_state_name(enum planning_state state) {
    static const char *const names[] = {"answers", "dark", "may-be-dark"};
    assert(state < PLANNING_STATE_COUNT);
    return names[state];
}

struct drilling {
    const struct planning_world *world;
    const struct planning_drill_request *request;
    struct arena *arena;
    struct planning_drill drill;
    struct planning_struck_site *sites;
};

/* ---- which event, which branch ---- */

static enum error_code find_event(struct drilling *d, struct error *e) {
    const struct siting_model *model = d->world->options.model;
    TRY(siting_event_of(model, d->request->event, d->arena, &d->drill.event, e));
    if (d->drill.event != NULL) return OK;
    char known[700] = "";
    size_t used = 0;
    for (size_t i = 0; i < model->event_count && used < sizeof known - 1; i++) {
        int wrote = snprintf(known + used, sizeof known - used, "%s%.*s", i > 0 ? ", " : "",
                             STR_FMT(model->events[i].id));
        used += wrote > 0 ? (size_t)wrote : 0;
    }
    return error_set(e, FAIL_NOT_FOUND, "no event \"%.*s\"; there are %s",
                     STR_FMT(d->request->event), known);
}

/* How much a branch takes, in expected sites: data and service alike. */
static double weight_of(const struct drilling *d, const struct siting_branch *branch) {
    double sum = 0;
    for (size_t i = 0; i < d->world->site_count; i++) {
        struct siting_harm harm;
        siting_strike(d->world->options.model, d->drill.event, branch, &d->world->sites[i], &harm);
        sum += harm.p_loss[SITING_HI] + harm.p_down[SITING_HI];
    }
    return sum;
}

static enum error_code find_branch(struct drilling *d, struct error *e) {
    const struct siting_event *event = d->drill.event;
    double most = 0; /* of branches that weigh the same the first in the table stands */
    for (size_t i = 0; i < event->branch_count; i++) {
        const struct siting_branch *branch = &event->branches[i];
        if (d->request->branch.len > 0) {
            if (!str_equal(branch->name, d->request->branch) &&
                !str_equal(branch->name_ja, d->request->branch))
                continue;
            d->drill.branch = branch;
            return OK;
        }
        double weight = weight_of(d, branch);
        if (d->drill.branch != NULL && siting_compare(weight, most) <= 0) continue;
        most = weight;
        d->drill.branch = branch;
    }
    if (d->drill.branch != NULL) return OK;
    char known[300] = "";
    size_t used = 0;
    for (size_t i = 0; i < event->branch_count && used < sizeof known - 1; i++) {
        if (event->branches[i].name.len == 0) continue;
        int wrote = snprintf(known + used, sizeof known - used, "%s%.*s", used > 0 ? ", " : "",
                             STR_FMT(event->branches[i].name));
        used += wrote > 0 ? (size_t)wrote : 0;
    }
    return error_set(e, FAIL_NOT_FOUND, "the event \"%.*s\" has no branch \"%.*s\"; it has %s",
                     STR_FMT(event->id), STR_FMT(d->request->branch),
                     used > 0 ? known : "none with a name");
}

/* ---- sites ---- */

/* The outage is taken at its median, or as long as it was asked for. Without one, what is struck is out
 * from the first hour until it is repaired. */
static void strike(struct drilling *d, uint32_t at) {
    const struct siting_site *site = &d->world->sites[at];
    struct siting_harm harm;
    siting_strike(d->world->options.model, d->drill.event, d->drill.branch, site, &harm);
    struct planning_struck_site struck = {.site = at,
                                          .reach = harm.reach,
                                          .grade = harm.grade,
                                          .p_loss = harm.p_loss[SITING_HI],
                                          .p_down = harm.p_down[SITING_HI],
                                          .fuel_known = site->fuel_known};
    bool is_power = d->drill.outage_h > 0;
    double bridged_h = is_power && site->fuel_known ? site->fuel_h : 0,
           lasts_h = is_power ? d->drill.outage_h : d->drill.repair_h;
    if (harm.reach != SITING_OUTSIDE && struck.p_down > 0) {
        struck.bridged = is_power && site->fuel_known && bridged_h >= lasts_h;
        if (!struck.bridged) {
            bool is_sure = harm.reach == SITING_INSIDE && struck.p_down >= 1 &&
                           (!is_power || site->fuel_known);
            struck.state = is_sure ? PLANNING_DARK : PLANNING_MAY_BE_DARK;
            struck.from_h = bridged_h;
            struck.until_h = lasts_h;
        }
    }
    d->sites[at] = struck;
}

/* ---- what stands on sites ---- */

/* Out of service while none of its sites answers: from when the last one falls until the first is back. What nobody
 * says where it stands may stand at the worst place. */
static void sum_up(const struct drilling *d, struct planning_struck *out) {
    bool any_may_answer = out->unplaced > 0;
    double from_h = 0, until_h = HUGE_VAL;
    for (size_t i = 0; i < out->site_count; i++) {
        const struct planning_struck_site *site = &d->sites[out->sites[i]];
        if (site->state == PLANNING_ANSWERS) out->answering++;
        if (site->state == PLANNING_MAY_BE_DARK) any_may_answer = true;
        from_h = fmax(from_h, site->from_h);
        until_h = fmin(until_h, site->until_h);
    }
    if (out->answering > 0) return;
    if (out->site_count == 0) {
        out->state = PLANNING_MAY_BE_DARK;
        return;
    }
    out->state = any_may_answer ? PLANNING_MAY_BE_DARK : PLANNING_DARK;
    out->from_h = from_h;
    out->until_h = fmax(from_h, until_h);
}

static void add_site(uint32_t *sites, size_t *count, uint32_t site) {
    for (size_t i = 0; i < *count; i++)
        if (sites[i] == site) return;
    sites[(*count)++] = site;
}

static enum error_code copies_of(struct drilling *d, const struct register_row *row,
                                 struct planning_struck *out, struct error *e) {
    struct planning_copies copies;
    TRY(planning_copies_find(d->world, row, d->request->store_site, d->arena, &copies, e));
    out->sites = copies.sites;
    out->site_count = copies.count;
    out->unplaced = copies.unplaced;
    out->p_loss = out->site_count > 0 ? 1 : -1;
    for (size_t i = 0; i < out->site_count; i++) out->p_loss *= d->sites[out->sites[i]].p_loss;
    return OK;
}

static enum error_code sites_of_system(struct drilling *d, const struct register_row *row,
                                       struct planning_struck *out, struct error *e) {
    const struct register_value *named = register_value_find(&row->fields, STR("sites"));
    bool is_good = register_value_is_good(named, d->world->options.at_ns);
    uint32_t *sites = arena_new(d->arena, uint32_t, is_good ? named->count : 0), site;
    if (sites == NULL) return error_set(e, FAIL_MEMORY, "no memory for systems");
    for (size_t i = 0; is_good && i < named->count; i++)
        if (planning_site_find(d->world, named->texts[i], &site, NULL) == OK)
            add_site(sites, &out->site_count, site);
    out->sites = sites;
    return OK;
}

typedef enum error_code (*standing)(struct drilling *d, const struct register_row *row,
                                    struct planning_struck *out, struct error *e);

static enum error_code walk(struct drilling *d, enum register_kind kind, standing where,
                            struct planning_struck **out, size_t *count, struct error *e) {
    const struct planning_options *o = &d->world->options;
    size_t cursor = 0, cap = 0;
    const struct register_row *row;
    while (register_row_next(o->snapshot, kind, o->at_ns, &cursor) != NULL) cap++;
    struct planning_struck *list = arena_new(d->arena, struct planning_struck, cap);
    if (list == NULL)
        return error_set(e, FAIL_MEMORY, "no memory for %zu rows of the register", cap);
    for (cursor = 0, *count = 0;
         (row = register_row_next(o->snapshot, kind, o->at_ns, &cursor)) != NULL; ++*count) {
        list[*count].row = row;
        if (where == NULL) continue;
        TRY(where(d, row, &list[*count], e));
        sum_up(d, &list[*count]);
    }
    *out = list;
    return OK;
}

static struct planning_struck *system_find(struct planning_struck *systems, size_t count, str id) {
    for (size_t i = 0; i < count; i++)
        if (str_equal(systems[i].row->id, id)) return &systems[i];
    return NULL;
}

/* A system that others can take over for answers while one of them stands on its own. */
static void substitute(struct drilling *d, struct planning_struck *systems, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const struct register_value *others =
            register_value_find(&systems[i].row->fields, STR("substitutes"));
        if (systems[i].state == PLANNING_ANSWERS ||
            !register_value_is_good(others, d->world->options.at_ns))
            continue;
        for (size_t k = 0; k < others->count; k++) {
            const struct planning_struck *other = system_find(systems, count, others->texts[k]);
            if (other == NULL || other->site_count == 0 || other->answering == 0) continue;
            systems[i].state = PLANNING_ANSWERS;
            systems[i].from_h = systems[i].until_h = 0;
        }
    }
}

bool planning_is_placeless(const struct planning_struck *struck) {
    return struck->row->kind == REGISTER_SERVICES ? struck->system_count == 0
                                                  : struck->site_count == 0;
}

/* ---- services: what people lose ---- */

static void depend(struct planning_struck *service, const struct planning_struck *system) {
    if (system->state == PLANNING_ANSWERS) return;
    bool is_first = service->state == PLANNING_ANSWERS,
         is_surer = system->state == PLANNING_DARK && service->state == PLANNING_MAY_BE_DARK;
    if (is_first || is_surer) {
        service->state = system->state;
        service->from_h = system->from_h;
        service->until_h = system->until_h;
        return;
    }
    if (system->state != service->state) return;
    service->from_h = fmin(service->from_h, system->from_h);
    service->until_h = fmax(service->until_h, system->until_h);
}

static bool names(const struct register_row *row, const char *path, str id, int64_t at_ns) {
    const struct register_value *set = register_value_find(&row->fields, str_from_c(path));
    if (!register_value_is_good(set, at_ns)) return false;
    for (size_t i = 0; i < set->count; i++)
        if (str_equal(set->texts[i], id)) return true;
    return false;
}

/* Bit by bit which systems a service hangs on, folded: equal services have equal words. Of none that anybody knows,
 * the service may be dark. Where it does not say who uses it, those of its most used system do, at least. */
static uint64_t hang(struct drilling *d, struct planning_struck *service,
                     const struct planning_struck *systems, size_t count) {
    int64_t at_ns = d->world->options.at_ns;
    uint64_t which = 14695981039346656037u;
    for (size_t i = 0; i < count; i++) {
        bool hangs = names(service->row, "systems", systems[i].row->id, at_ns) ||
                     names(systems[i].row, "services", service->row->id, at_ns);
        if (!hangs) continue;
        which = str_hash(systems[i].row->id, which);
        service->system_count++;
        depend(service, &systems[i]);
        const struct register_value *users =
            register_value_find(&systems[i].row->fields, STR("users"));
        if (register_value_is_good(users, at_ns))
            service->users = fmax(service->users, users->number);
    }
    const struct register_value *users = register_value_find(&service->row->fields, STR("users"));
    if (register_value_is_good(users, at_ns)) service->users = users->number;
    if (service->system_count == 0) service->state = PLANNING_MAY_BE_DARK;
    return which;
}

static enum error_code add_services(struct drilling *d, const struct planning_struck *systems,
                                    size_t system_count, struct error *e) {
    struct planning_struck *services;
    size_t count;
    TRY(walk(d, REGISTER_SERVICES, NULL, &services, &count, e));
    uint64_t *which = arena_new(d->arena, uint64_t, count);
    if (which == NULL) return error_set(e, FAIL_MEMORY, "no memory for services");
    for (size_t i = 0; i < count; i++) {
        which[i] = hang(d, &services[i], systems, system_count);
        double already = 0; /* the most users of services before it that hang on the same systems */
        for (size_t k = 0; k < i; k++)
            if (which[k] == which[i] && services[i].system_count > 0)
                already = fmax(already, services[k].users);
        double more = fmax(0, services[i].users - already);
        if (services[i].state == PLANNING_DARK) d->drill.users_dark += more;
        if (services[i].state == PLANNING_MAY_BE_DARK) d->drill.users_may_be += more;
    }
    d->drill.services = services;
    d->drill.service_count = count;
    return OK;
}

enum error_code planning_drill(const struct planning_world *world,
                               const struct planning_drill_request *request, struct arena *arena,
                               struct planning_drill *out, struct error *e) {
    struct drilling d = {.world = world, .request = request, .arena = arena};
    struct planning_struck *datasets, *systems;
    TRY(find_event(&d, e));
    TRY(find_branch(&d, e));
    d.drill.outage_h = request->outage_h >= 0 ? request->outage_h : d.drill.branch->outage_h;
    d.drill.repair_h = d.drill.branch->repair_h;
    d.sites = arena_new(arena, struct planning_struck_site, world->site_count);
    if (d.sites == NULL)
        return error_set(e, FAIL_MEMORY, "no memory for %zu sites", world->site_count);
    for (uint32_t i = 0; i < world->site_count; i++) strike(&d, i);
    TRY(walk(&d, REGISTER_DATASETS, copies_of, &datasets, &d.drill.dataset_count, e));
    TRY(walk(&d, REGISTER_SYSTEMS, sites_of_system, &systems, &d.drill.system_count, e));
    substitute(&d, systems, d.drill.system_count);
    TRY(add_services(&d, systems, d.drill.system_count, e));
    d.drill.sites = d.sites;
    d.drill.site_count = world->site_count;
    d.drill.datasets = datasets;
    d.drill.systems = systems;
    *out = d.drill;
    return OK;
}
