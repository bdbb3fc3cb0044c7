/* Opening a world: files read, lists that come along, all compiled to one table. */
#include "survey/world.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/disk.h"

enum { WARNINGS_MOST = 64, FILE_BYTES_MOST = 256 << 20 };

struct opening {
    const struct survey_options *options;
    struct survey_world *world;
    struct arena work;    /* gone once the table is compiled */
    struct arena scratch; /* of one call */
    struct error *e;
    str *warnings;
};

static enum error_code warn(struct opening *o, str text) {
    struct survey_world *w = o->world;
    if (w->warning_count == WARNINGS_MOST) return OK;
    return arena_copy(&w->arena, text, &o->warnings[w->warning_count++], o->e);
}

static enum error_code problems_warn(struct opening *o, const struct geo_problems *problems) {
    for (size_t i = 0; i < problems->count; i++) TRY(warn(o, problems->at[i]));
    if (problems->total <= problems->count) return OK;
    str more;
    TRY(arena_format(&o->work, &more, o->e, "and %llu further problems there",
                     (unsigned long long)(problems->total - problems->count)));
    return warn(o, more);
}

/* ---- lists that come along ---- */

static geo_country country_cell(const struct register_prefilled *list, size_t row,
                                const char *column) {
    geo_country country = {{0}};
    str cell = register_prefilled_cell(list, row, str_from_c(column));
    return geo_country_read(cell, &country) ? country : (geo_country){{0}};
}

static enum error_code regions_read(struct opening *o) {
    struct survey_world *w = o->world;
    struct register_prefilled list;
    TRY(register_prefilled_read(STR("regions"), &w->arena, o->scratch, &list, o->e));
    struct geo_region *rows = arena_new(&w->arena, struct geo_region, list.row_count);
    if (rows == NULL) return error_set(o->e, FAIL_MEMORY, "no room for the list of regions");
    for (size_t i = 0; i < list.row_count; i++)
        rows[i] =
            (struct geo_region){.provider = register_prefilled_cell(&list, i, STR("provider")),
                                .code = register_prefilled_cell(&list, i, STR("region")),
                                .named = register_prefilled_cell(&list, i, STR("named")),
                                .country = country_cell(&list, i, "country")};
    w->regions = rows;
    w->region_count = list.row_count;
    w->regions_date = list.as_of;
    return OK;
}

static enum error_code holders_read(struct opening *o) {
    struct survey_world *w = o->world;
    struct register_prefilled list;
    TRY(register_prefilled_read(STR("networks"), &w->arena, o->scratch, &list, o->e));
    struct geo_holder *rows = arena_new(&w->arena, struct geo_holder, list.row_count);
    bool *is_abroad = arena_new(&w->arena, bool, list.row_count);
    if (rows == NULL || is_abroad == NULL)
        return error_set(o->e, FAIL_MEMORY, "no room for the list of networks");
    for (size_t i = 0; i < list.row_count; i++) {
        str kind = register_prefilled_cell(&list, i, STR("kind"));
        rows[i] =
            (struct geo_holder){.provider = register_prefilled_cell(&list, i, STR("provider")),
                                .seat = country_cell(&list, i, "seat"),
                                .parent = country_cell(&list, i, "parent"),
                                .is_many = str_equal(kind, STR("anycast")),
                                .is_edge = str_equal(kind, STR("cache"))};
        is_abroad[i] = str_equal(register_prefilled_cell(&list, i, STR("abroad")), STR("yes"));
        if (!str_u32(register_prefilled_cell(&list, i, STR("asn")), &rows[i].asn))
            return error_set(o->e, FAIL_SYNTAX, "networks: row %zu has no AS number", i + 1);
    }
    w->holders = rows;
    w->is_abroad = is_abroad;
    w->holder_count = list.row_count;
    w->holders_date = list.as_of;
    return OK;
}

const struct geo_holder *survey_holder_find(const struct survey_world *w, str provider) {
    for (size_t i = 0; provider.len > 0 && i < w->holder_count; i++)
        if (str_equal(w->holders[i].provider, provider)) return &w->holders[i];
    return NULL;
}

/* ---- files ---- */

static enum error_code data_open(struct opening *o, struct geo_data **first) {
    const struct survey_options *options = o->options;
    struct survey_world *w = o->world;
    if (options->address_data_count > 1 + SURVEY_MORE_DATA)
        return error_set(o->e, FAIL_USAGE, "at most %d files of address data are asked, not %zu",
                         1 + SURVEY_MORE_DATA, options->address_data_count);
    if (options->address_data_count == 0)
        return warn(o,
                    STR("no address data were given: of an address that no list names nothing is "
                        "known"));
    TRY(geo_data_open(&(struct geo_data_options){.path = options->address_data[0]}, first, o->e));
    for (size_t i = 1; i < options->address_data_count; i++) {
        TRY(geo_data_open(&(struct geo_data_options){.path = options->address_data[i]},
                          &w->more[w->more_count], o->e));
        w->more_count++;
    }
    return OK;
}

static enum error_code clouds_read(struct opening *o, struct geo_atlas_options *atlas) {
    size_t count = o->options->cloud_count;
    struct geo_cloud *clouds = arena_new(&o->work, struct geo_cloud, count);
    if (clouds == NULL) return error_set(o->e, FAIL_MEMORY, "no room for the providers' lists");
    for (size_t i = 0; i < count; i++) {
        const struct survey_list *list = &o->options->clouds[i];
        struct arena file = o->scratch;
        str bytes;
        TRY(disk_file_read(AT_FDCWD, list->path, FILE_BYTES_MOST, &file, &bytes, o->e));
        TRY(geo_cloud_read(str_from_c(list->provider), str_from_c(list->path), bytes, &o->work,
                           &clouds[i], o->e));
        TRY(problems_warn(o, &clouds[i].problems));
    }
    atlas->clouds = clouds;
    atlas->cloud_count = count;
    return OK;
}

static enum error_code asn_read(struct opening *o, struct geo_atlas_options *atlas) {
    size_t count = o->options->asn_count;
    struct geo_asn *asns = arena_new(&o->work, struct geo_asn, count);
    if (asns == NULL) return error_set(o->e, FAIL_MEMORY, "no room for autonomous systems");
    for (size_t i = 0; i < count; i++) {
        const char *path = o->options->asn[i], *slash = strrchr(path, '/');
        str bytes, name = str_from_c(slash != NULL ? slash + 1 : path);
        TRY(disk_file_read(AT_FDCWD, path, FILE_BYTES_MOST, &o->work, &bytes, o->e));
        TRY(geo_asn_read(name, o->options->asn_date, bytes, &o->work, &asns[i], o->e));
        TRY(problems_warn(o, &asns[i].problems));
    }
    atlas->asn = asns;
    atlas->asn_count = count;
    o->world->has_asn = count > 0;
    if (count > 0) return OK;
    return warn(o, STR("no data of autonomous systems were given: who announces an address is not "
                       "known, nor whether address data only repeat where its owner sits"));
}

/* ---- in which country a system's addresses are said to be ---- */

enum { DOMESTIC_PERCENT = 97 };
struct votes {
    struct survey_asn asn;
    uint32_t leads, ranges, agreeing;
};

static struct votes *votes_find(struct votes *table, size_t mask, uint32_t asn) {
    size_t i = (size_t)(asn * UINT64_C(0x9e3779b97f4a7c15) >> 32) & mask;
    while (table[i].asn.asn != 0 && table[i].asn.asn != asn) i = (i + 1) & mask;
    table[i].asn.asn = asn;
    return &table[i];
}

/* Who has most of the votes is left over when each two that differ cancel out. */
static void vote(struct votes *v, geo_country country) {
    v->ranges++;
    if (v->leads == 0) v->asn.country = country;
    if (geo_country_equal(v->asn.country, country))
        v->leads++;
    else
        v->leads--;
}

static size_t ranges_count(const struct geo_atlas_options *atlas) {
    size_t count = 0;
    for (size_t i = 0; i < atlas->asn_count; i++) count += atlas->asn[i].count;
    return count;
}

static enum error_code asns_count(struct opening *o, const struct geo_atlas_options *atlas) {
    size_t count = ranges_count(atlas), slots = 16, at = 0;
    while (slots < 2 * count) slots *= 2;
    struct votes *table = arena_new(&o->work, struct votes, slots);
    geo_country *said = arena_new(&o->work, geo_country, count);
    struct survey_asn *kept = arena_new(&o->world->arena, struct survey_asn, slots);
    if (table == NULL || said == NULL || kept == NULL)
        return error_set(o->e, FAIL_MEMORY, "no room for autonomous systems");
    for (size_t f = 0; f < atlas->asn_count; f++)
        for (size_t i = 0; i < atlas->asn[f].count; i++, at++) {
            const struct geo_asn_range *range = &atlas->asn[f].ranges[i];
            said[at] = geo_data_find(atlas->data, &range->first).country;
            if (range->asn != 0 && said[at].at[0] != 0)
                vote(votes_find(table, slots - 1, range->asn), said[at]);
        }
    at = 0;
    for (size_t f = 0; f < atlas->asn_count; f++)
        for (size_t i = 0; i < atlas->asn[f].count; i++, at++) {
            if (atlas->asn[f].ranges[i].asn == 0) continue;
            struct votes *v = votes_find(table, slots - 1, atlas->asn[f].ranges[i].asn);
            v->agreeing += said[at].at[0] != 0 && geo_country_equal(said[at], v->asn.country);
        }
    for (size_t i = 0; i < slots; i++) {
        const struct votes *v = &table[i];
        kept[i] = v->asn;
        if (v->agreeing * 2 <= v->ranges) kept[i].country = (geo_country){{0}};
        kept[i].is_domestic =
            v->ranges > 0 && (uint64_t)v->agreeing * 100 >= (uint64_t)v->ranges * DOMESTIC_PERCENT;
    }
    o->world->asns = kept;
    o->world->asn_mask = slots - 1;
    return OK;
}

const struct survey_asn *survey_asn_find(const struct survey_world *w, uint32_t asn) {
    if (asn == 0 || w->asns == NULL) return NULL;
    size_t i = (size_t)(asn * UINT64_C(0x9e3779b97f4a7c15) >> 32) & w->asn_mask;
    while (w->asns[i].asn != 0 && w->asns[i].asn != asn) i = (i + 1) & w->asn_mask;
    return w->asns[i].asn == asn ? &w->asns[i] : NULL;
}

/* ---- all of it ---- */

struct counting {
    struct opening opening; /* its own error, and nothing else that the other thread writes */
    const struct geo_atlas_options *atlas;
    struct error e;
    enum error_code code;
};

static void *count_beside(void *context) {
    struct counting *c = context;
    c->code = asns_count(&c->opening, c->atlas);
    return NULL;
}

/* The table is compiled while another thread counts in which countries systems are: both read the same, and
 * together they are most of what opening costs. */
static enum error_code compile(struct opening *o, const struct geo_atlas_options *atlas) {
    struct counting c = {.opening = *o, .atlas = atlas};
    pthread_t thread;
    c.opening.e = &c.e;
    bool is_beside = pthread_create(&thread, NULL, count_beside, &c) == 0;
    if (!is_beside) count_beside(&c);
    enum error_code code = geo_atlas_build(atlas, &o->world->atlas, o->e);
    if (is_beside) pthread_join(thread, NULL);
    o->work = c.opening.work;
    if (code == OK && c.code != OK) {
        *o->e = c.e;
        code = c.code;
    }
    return code;
}

static enum error_code editions_gather(struct opening *o) {
    struct survey_world *w = o->world;
    size_t count;
    const struct geo_edition *compiled = geo_atlas_editions(w->atlas, &count);
    struct geo_edition *all = arena_new(&w->arena, struct geo_edition, count + w->more_count);
    if (all == NULL) return error_set(o->e, FAIL_MEMORY, "no room for editions");
    if (count > 0) memcpy(all, compiled, count * sizeof *all);
    for (size_t i = 0; i < w->more_count; i++) all[count + i] = *geo_data_edition(w->more[i]);
    w->editions = all;
    w->edition_count = count + w->more_count;
    return OK;
}

static enum error_code home_choose(struct opening *o) {
    struct survey_world *w = o->world;
    str home = o->options->home;
    if (home.len > 0 && !geo_country_read(home, &w->home))
        return error_set(o->e, FAIL_USAGE,
                         "\"%.*s\" is no country; a home is two letters such as %.2s",
                         STR_FMT(str_slice(home, 0, 20)), w->weights.home.at);
    if (w->home.at[0] == 0) w->home = w->weights.home;
    return OK;
}

static enum error_code vantage_take(struct opening *o) {
    if (o->options->vantage != NULL)
        return survey_reach_measure(o->world, o->options->vantage, o->e);
    if (!o->options->probes) return OK;
    return warn(
        o,
        STR("nobody says where this machine stands, so round trips bound distances and exclude no "
            "country: give --vantage LAT,LON or --vantage SITE"));
}

static enum error_code world_fill(struct opening *o) {
    struct survey_world *w = o->world;
    struct geo_data *data = NULL;
    struct geo_own_list own = {0};
    o->warnings = arena_new(&w->arena, str, WARNINGS_MOST);
    if (o->warnings == NULL) return error_set(o->e, FAIL_MEMORY, "no room for a survey");
    w->warnings = o->warnings;
    TRY(survey_weights_read(&w->arena, o->scratch, &w->weights, o->e));
    TRY(regions_read(o));
    TRY(holders_read(o));
    TRY(survey_names_read(w->regions, w->region_count, &w->arena, o->scratch, &w->names, o->e));
    TRY(survey_register_read(w, &own, o->e));
    TRY(home_choose(o));
    TRY(vantage_take(o));
    struct geo_atlas_options atlas = {.regions = w->regions,
                                      .holders = w->holders,
                                      .region_count = w->region_count,
                                      .holder_count = w->holder_count,
                                      .own = own.count > 0 ? &own : NULL,
                                      .override = o->options->override};
    TRY(clouds_read(o, &atlas));
    TRY(asn_read(o, &atlas));
    enum error_code code = data_open(o, &data);
    atlas.data = data;
    if (code == OK) code = compile(o, &atlas);
    geo_data_close(data);
    return code == OK ? editions_gather(o) : code;
}

enum error_code survey_world_open(const struct survey_options *options, struct survey_world **out,
                                  struct error *e) {
    enum { ROOM = 1 << 30, WORK = 2000 << 20 }; /* of address space */
    struct survey_world *world = calloc(1, sizeof *world);
    struct opening o = {.options = options, .world = world, .e = e};
    struct arena_space work = {0}, scratch = {0};
    if (world == NULL) return error_set(e, FAIL_MEMORY, "no room for a survey");
    world->snapshot = options->snapshot;
    world->at_ns = options->at_ns;
    enum error_code code = arena_space_open(&world->space, ROOM, &world->arena, e);
    if (code == OK) code = arena_space_open(&work, WORK, &o.work, e);
    if (code == OK) code = arena_space_open(&scratch, ROOM, &o.scratch, e);
    if (code == OK) code = world_fill(&o);
    arena_space_release(&scratch);
    arena_space_release(&work);
    if (code != OK) {
        survey_world_close(world);
        return code;
    }
    *out = world;
    return OK;
}

void survey_world_close(struct survey_world *w) {
    if (w == NULL) return;
    geo_atlas_close(w->atlas);
    for (size_t i = 0; i < w->more_count; i++) geo_data_close(w->more[i]);
    arena_space_release(&w->space);
    free(w);
}

bool survey_world_is_own(const struct survey_world *w, const struct geo_address *address) {
    struct geo_answer answer;
    geo_atlas_find(w->atlas, address, &answer);
    return answer.own != NULL;
}
geo_country survey_world_home(const struct survey_world *w) {
    return w->home;
}
const struct geo_edition *survey_world_editions(const struct survey_world *w, size_t *count) {
    *count = w->edition_count;
    return w->editions;
}
const str *survey_world_warnings(const struct survey_world *w, size_t *count) {
    *count = w->warning_count;
    return w->warnings;
}
