/* Making the table: a layer for each source and family, merged cut by cut to records.
 *
 * What is only needed on the way lies in a space of its own; pages of both cost memory only once
 * touched, so their sizes are generous. */
#include <stdlib.h>

#include "base/numbers.h"
#include "geo/atlas.h"

struct compile {
    const struct geo_atlas_options *options;
    struct geo_atlas *atlas;
    struct arena arena, work; /* what stays; what goes */
    struct error *e;
    uint32_t *asn_slots; /* by number: which + 1 */
    size_t asn_mask;
    struct geo_atlas_asn *asns;
    struct geo_atlas_place *places;
    struct geo_edition *editions;
    struct geo_record *records; /* on the way: in order of being met */
    uint32_t *record_slots;
    size_t record_cap, record_mask;
};

static enum error_code no_room(struct compile *c) {
    return error_set(c->e, FAIL_MEMORY, "no room for the table of networks");
}
#define TAKE(to, arena, type, count)                                                               \
    do {                                                                                           \
        (to) = arena_new((arena), type, (count));                                                  \
        if ((to) == NULL) return no_room(c);                                                       \
    } while (0)

static size_t power_above(size_t count) {
    size_t power = 16;
    while (power < count) power *= 2;
    return power;
}

/* ---- editions, holders, own networks: copied ---- */

static enum error_code edition_add(struct compile *c, const struct geo_edition *edition,
                                   uint32_t *which) {
    struct geo_edition *kept = &c->editions[c->atlas->edition_count];
    *kept = *edition;
    TRY(arena_copy(&c->arena, edition->name, &kept->name, c->e));
    TRY(arena_copy(&c->arena, edition->date, &kept->date, c->e));
    TRY(arena_copy(&c->arena, edition->attribution, &kept->attribution, c->e));
    *which = (uint32_t)++c->atlas->edition_count;
    return OK;
}

static enum error_code holders_copy(struct compile *c) {
    struct geo_holder *holders;
    size_t count = c->options->holder_count;
    TAKE(holders, &c->arena, struct geo_holder, count);
    for (size_t i = 0; i < count; i++) {
        holders[i] = c->options->holders[i];
        TRY(arena_copy(&c->arena, holders[i].provider, &holders[i].provider, c->e));
    }
    c->atlas->holders = holders;
    c->atlas->holder_count = count;
    return OK;
}

static enum error_code own_copy(struct compile *c, const struct geo_own_list *list,
                                const struct geo_own **out, size_t *count, uint32_t *edition) {
    struct geo_own *rows;
    if (list == NULL) return OK;
    TRY(edition_add(c, &list->edition, edition));
    TAKE(rows, &c->arena, struct geo_own, list->count);
    for (size_t i = 0; i < list->count; i++) {
        rows[i] = list->rows[i];
        TRY(arena_copy(&c->arena, rows[i].name, &rows[i].name, c->e));
        TRY(arena_copy(&c->arena, rows[i].provider, &rows[i].provider, c->e));
    }
    *out = rows;
    *count = list->count;
    return OK;
}

static uint32_t holder_of_asn(const struct geo_atlas *a, uint32_t asn) {
    for (uint32_t i = 0; i < a->holder_count; i++)
        if (a->holders[i].asn == asn) return i + 1;
    return 0;
}
/* The first row of a provider speaks for the provider. */
static uint32_t holder_of_provider(const struct geo_atlas *a, str provider) {
    for (uint32_t i = 0; i < a->holder_count; i++)
        if (str_equal(a->holders[i].provider, provider)) return i + 1;
    return 0;
}

/* ---- autonomous systems: one row a number ---- */

static enum error_code asn_intern(struct compile *c, const struct geo_asn_range *range,
                                  uint32_t edition, uint32_t *which) {
    size_t i = (size_t)(range->asn * UINT64_C(0x9e3779b97f4a7c15) >> 32) & c->asn_mask;
    for (; c->asn_slots[i] != 0; i = (i + 1) & c->asn_mask)
        if (c->asns[c->asn_slots[i] - 1].asn == range->asn) {
            *which = c->asn_slots[i];
            return OK;
        }
    struct geo_atlas_asn *asn = &c->asns[c->atlas->asn_count];
    *asn = (struct geo_atlas_asn){
        .asn = range->asn, .holder = holder_of_asn(c->atlas, range->asn), .edition = edition};
    TRY(arena_copy(&c->arena, range->organisation, &asn->organisation, c->e));
    *which = c->asn_slots[i] = (uint32_t)++c->atlas->asn_count;
    return OK;
}

/* What nobody announces between two ranges of one provider is taken for the provider's too, up to a
 * block's size: providers hold more than they announce at any time. `before` and `after` are rows. */
enum { BETWEEN_MOST = 1 << 20 };

static bool is_between(const struct compile *c, uint32_t before, uint32_t after, geo_key first,
                       geo_key next) {
    if (before == 0 || first >= next || next - first > BETWEEN_MOST) return false;
    uint32_t holder = c->asns[before - 1].holder, other = c->asns[after - 1].holder;
    return holder != 0 && other != 0 &&
           str_equal(c->atlas->holders[holder - 1].provider, c->atlas->holders[other - 1].provider);
}

/* The row of what lies between ranges of a holder. */
static uint32_t between_row(struct compile *c, uint32_t *rows, uint32_t holder, uint32_t edition) {
    if (rows[holder - 1] == 0) {
        c->asns[c->atlas->asn_count] =
            (struct geo_atlas_asn){.holder = holder, .edition = edition, .is_between = true};
        rows[holder - 1] = (uint32_t)++c->atlas->asn_count;
    }
    return rows[holder - 1];
}

/* Of two files of IPv4 neither knows what the other has between its ranges. */
static bool has_one_v4_file(const struct geo_atlas_options *options) {
    size_t count = 0;
    for (size_t i = 0; i < options->asn_count; i++)
        count += options->asn[i].count > 0 && options->asn[i].ranges[0].first.len == 4;
    return count == 1;
}

static size_t asn_ranges(const struct geo_atlas_options *options) {
    size_t count = 0;
    for (size_t i = 0; i < options->asn_count; i++) count += options->asn[i].count;
    return count;
}

static enum error_code asn_layers(struct compile *c, struct geo_layer *v4, struct geo_layer *v6) {
    size_t count = asn_ranges(c->options), used[2] = {0};
    struct geo_span *spans[2];
    bool seeks_between = has_one_v4_file(c->options);
    uint32_t *between;
    TAKE(spans[0], &c->work, struct geo_span, 2 * count);
    TAKE(spans[1], &c->work, struct geo_span, count);
    TAKE(c->asns, &c->work, struct geo_atlas_asn, count + c->atlas->holder_count);
    TAKE(between, &c->work, uint32_t, c->atlas->holder_count);
    TAKE(c->asn_slots, &c->work, uint32_t, power_above(2 * count));
    c->asn_mask = power_above(2 * count) - 1;
    for (size_t f = 0; f < c->options->asn_count; f++) {
        const struct geo_asn *file = &c->options->asn[f];
        uint32_t edition, before = 0;
        geo_key next = 0; /* the first address after the range before */
        TRY(edition_add(c, &file->edition, &edition));
        for (size_t i = 0; i < file->count; i++) {
            const struct geo_asn_range *range = &file->ranges[i];
            bool is_v6 = range->first.len == 16;
            geo_key first = geo_key_of(&range->first);
            uint32_t which;
            TRY(asn_intern(c, range, edition, &which));
            if (seeks_between && !is_v6 && is_between(c, before, which, next, first))
                spans[0][used[0]++] = (struct geo_span){
                    next, first - 1, between_row(c, between, c->asns[before - 1].holder, edition),
                    (uint32_t)f};
            spans[is_v6][used[is_v6]++] =
                (struct geo_span){first, geo_key_of(&range->last), which, (uint32_t)f};
            before = which;
            next = geo_key_of(&range->last) + 1;
        }
    }
    TRY(geo_layer_build(spans[0], used[0], 4, &c->work, v4, c->e));
    return geo_layer_build(spans[1], used[1], 16, &c->work, v6, c->e);
}

/* ---- cloud lists ---- */

static const struct geo_region *region_find(const struct geo_atlas_options *options, str provider,
                                            str code) {
    for (size_t i = 0; i < options->region_count; i++)
        if (str_equal(options->regions[i].provider, provider) &&
            str_equal_nocase(options->regions[i].code, code))
            return &options->regions[i];
    return NULL;
}

static enum error_code place_copy(struct compile *c, const struct geo_cloud *cloud,
                                  const struct geo_cloud_place *place, uint32_t edition,
                                  struct geo_atlas_place *out) {
    str code = place->zone.len > 0 ? place->zone : place->region;
    const struct geo_region *region = region_find(c->options, cloud->provider, code);
    *out = (struct geo_atlas_place){.place = *place, .edition = edition};
    out->holder = holder_of_provider(c->atlas, cloud->provider);
    TRY(arena_copy(&c->arena, cloud->provider, &out->provider, c->e));
    TRY(arena_copy(&c->arena, place->region, &out->place.region, c->e));
    TRY(arena_copy(&c->arena, place->zone, &out->place.zone, c->e));
    TRY(arena_copy(&c->arena, place->service, &out->place.service, c->e));
    if (region == NULL) return OK;
    out->country = region->country;
    return arena_copy(&c->arena, region->named, &out->named, c->e);
}

static enum error_code places_copy(struct compile *c, uint32_t *first_place) {
    size_t count = 0;
    for (size_t f = 0; f < c->options->cloud_count; f++) count += c->options->clouds[f].place_count;
    TAKE(c->places, &c->arena, struct geo_atlas_place, count);
    for (size_t f = 0; f < c->options->cloud_count; f++) {
        const struct geo_cloud *cloud = &c->options->clouds[f];
        uint32_t edition;
        TRY(edition_add(c, &cloud->edition, &edition));
        first_place[f] = (uint32_t)c->atlas->place_count;
        for (size_t i = 0; i < cloud->place_count; i++)
            TRY(place_copy(c, cloud, &cloud->places[i], edition,
                           &c->places[c->atlas->place_count++]));
    }
    c->atlas->places = c->places;
    return OK;
}

/* Rows that name a region make one layer, rows that name a service another: a service of everywhere lists
 * single addresses out of networks that a region's row tells the place of. */
static enum error_code cloud_layer(struct compile *c, unsigned len, bool is_region,
                                   const uint32_t *first_place, struct geo_layer *out) {
    enum { NO_SERVICE = 1u << 31 }; /* a named service is told before none in particular */
    size_t count = 0, used = 0;
    struct geo_span *spans;
    for (size_t f = 0; f < c->options->cloud_count; f++) count += c->options->clouds[f].row_count;
    TAKE(spans, &c->work, struct geo_span, count);
    for (size_t f = 0; f < c->options->cloud_count; f++) {
        const struct geo_cloud *cloud = &c->options->clouds[f];
        for (size_t i = 0; i < cloud->row_count; i++) {
            const struct geo_cloud_row *row = &cloud->rows[i];
            const struct geo_cloud_place *place = &cloud->places[row->place];
            bool has_region = place->region.len > 0, has_service = place->service.len > 0;
            if (row->network.base.len != len ||
                (is_region ? !has_region : has_region && !has_service))
                continue;
            uint32_t rank = (uint32_t)f << 24 | (has_service ? 0 : NO_SERVICE);
            spans[used++] = geo_span_of(&row->network, first_place[f] + row->place + 1, rank);
        }
    }
    return geo_layer_build(spans, used, len, &c->work, out, c->e);
}

/* ---- the other layers ---- */

struct countries {
    struct geo_span *spans; /* NULL: only counted */
    size_t count;
    unsigned len;
};

static enum error_code country_take(void *owner, geo_key at, unsigned bits, geo_country country,
                                    struct error *e) {
    struct countries *t = owner;
    if (t->spans != NULL) {
        struct geo_network network = {geo_key_address(at, t->len), bits};
        uint32_t word = (uint32_t)(unsigned char)country.at[0] << 8 | (unsigned char)country.at[1];
        t->spans[t->count] = geo_span_of(&network, word, 0);
    }
    t->count++;
    return OK;
}

static enum error_code country_layer(struct compile *c, unsigned len, struct geo_layer *out) {
    struct countries t = {.len = len};
    if (c->options->data != NULL) {
        TRY(geo_data_walk(c->options->data, len, country_take, &t, c->e));
        TAKE(t.spans, &c->work, struct geo_span, t.count);
        t.count = 0;
        TRY(geo_data_walk(c->options->data, len, country_take, &t, c->e));
    }
    return geo_layer_build(t.spans, t.count, len, &c->work, out, c->e);
}

static enum error_code use_layer(struct compile *c, unsigned len, struct geo_layer *out) {
    struct geo_span spans[64];
    struct geo_network network;
    enum geo_use use;
    size_t used = 0;
    for (size_t i = 0; geo_set_aside(i, &network, &use); i++) {
        assert(used < COUNT_OF(spans));
        if (network.base.len == len) spans[used++] = geo_span_of(&network, (uint32_t)use + 1, 0);
    }
    return geo_layer_build(spans, used, len, &c->work, out, c->e);
}

static enum error_code own_layer(struct compile *c, unsigned len, const struct geo_own *rows,
                                 size_t count, struct geo_layer *out) {
    struct geo_span *spans;
    size_t used = 0;
    TAKE(spans, &c->work, struct geo_span, count);
    for (uint32_t i = 0; i < count; i++)
        if (rows[i].network.base.len == len)
            spans[used++] = geo_span_of(&rows[i].network, i + 1, i);
    return geo_layer_build(spans, used, len, &c->work, out, c->e);
}

/* ---- merging ---- */

static enum error_code record_intern(struct compile *c, const struct geo_record *record,
                                     uint32_t *which) {
    size_t i = (size_t)str_hash(str_of(record, sizeof *record), 0) & c->record_mask;
    for (; c->record_slots[i] != 0; i = (i + 1) & c->record_mask) {
        *which = c->record_slots[i] - 1;
        if (memcmp(&c->records[*which], record, sizeof *record) == 0) return OK;
    }
    if (c->atlas->record_count == c->record_cap) return no_room(c);
    *which = (uint32_t)c->atlas->record_count++;
    c->records[*which] = *record;
    c->record_slots[i] = *which + 1;
    return OK;
}

static size_t cuts_max(const struct geo_layer layers[SAYS_COUNT]) {
    size_t count = 0;
    for (size_t i = 0; i < SAYS_COUNT; i++) count += layers[i].count;
    return count;
}

/* Steps over the cuts of all layers in order; *out gets a cut wherever the record changes. */
static enum error_code layers_merge(struct compile *c, const struct geo_layer layers[SAYS_COUNT],
                                    struct geo_layer *out) {
    size_t at[SAYS_COUNT] = {0}, count = 0;
    struct geo_cut *cuts;
    TAKE(cuts, &c->work, struct geo_cut, cuts_max(layers));
    for (geo_key start = 0;;) {
        struct geo_record record;
        uint32_t which = 0;
        for (size_t i = 0; i < SAYS_COUNT; i++) record.says[i] = layers[i].at[at[i]].value;
        TRY(record_intern(c, &record, &which));
        if (count == 0 || cuts[count - 1].value != which)
            cuts[count++] = (struct geo_cut){start, which};
        geo_key next = 0;
        for (size_t i = 0; i < SAYS_COUNT; i++) {
            if (at[i] + 1 == layers[i].count) continue;
            geo_key candidate = layers[i].at[at[i] + 1].start;
            if (next == 0 || candidate < next) next = candidate;
        }
        if (next == 0) break;
        for (size_t i = 0; i < SAYS_COUNT; i++)
            if (at[i] + 1 < layers[i].count && layers[i].at[at[i] + 1].start == next) at[i]++;
        start = next;
    }
    *out = (struct geo_layer){cuts, count};
    return OK;
}

/* ---- laying it out ---- */

static void index_fill(const struct geo_layer *layer, unsigned shift, size_t pieces,
                       uint32_t *index) {
    uint32_t at = 0;
    for (size_t piece = 0; piece < pieces; piece++) {
        geo_key first = (geo_key)piece << shift;
        while (at + 1 < layer->count && layer->at[at + 1].start <= first) at++;
        index[piece] = at;
    }
    index[pieces] = (uint32_t)layer->count - 1;
}

static enum error_code lay_v4(struct compile *c, const struct geo_layer *layer) {
    uint32_t *starts, *records, *index;
    TAKE(starts, &c->arena, uint32_t, layer->count);
    TAKE(records, &c->arena, uint32_t, layer->count);
    TAKE(index, &c->arena, uint32_t, ((size_t)1 << INDEX_BITS_V4) + 1);
    for (size_t i = 0; i < layer->count; i++) {
        starts[i] = (uint32_t)layer->at[i].start;
        records[i] = layer->at[i].value;
    }
    index_fill(layer, 32 - INDEX_BITS_V4, (size_t)1 << INDEX_BITS_V4, index);
    c->atlas->starts_v4 = starts;
    c->atlas->records_v4 = records;
    c->atlas->index_v4 = index;
    c->atlas->cuts_v4 = layer->count;
    return OK;
}

static enum error_code lay_v6(struct compile *c, const struct geo_layer *layer) {
    struct geo_half *starts;
    uint32_t *records, *index;
    TAKE(starts, &c->arena, struct geo_half, layer->count);
    TAKE(records, &c->arena, uint32_t, layer->count);
    TAKE(index, &c->arena, uint32_t, ((size_t)1 << INDEX_BITS_V6) + 1);
    for (size_t i = 0; i < layer->count; i++) {
        geo_key start = layer->at[i].start;
        starts[i] = (struct geo_half){(uint64_t)(start >> 64), (uint64_t)start};
        records[i] = layer->at[i].value;
    }
    index_fill(layer, 128 - INDEX_BITS_V6, (size_t)1 << INDEX_BITS_V6, index);
    c->atlas->starts_v6 = starts;
    c->atlas->records_v6 = records;
    c->atlas->index_v6 = index;
    c->atlas->cuts_v6 = layer->count;
    return OK;
}

static enum error_code family_layers(struct compile *c, unsigned len, const uint32_t *first_place,
                                     struct geo_layer layers[SAYS_COUNT]) {
    const struct geo_atlas *a = c->atlas;
    TRY(use_layer(c, len, &layers[SAYS_USE]));
    TRY(country_layer(c, len, &layers[SAYS_NETWORK]));
    TRY(cloud_layer(c, len, true, first_place, &layers[SAYS_REGION]));
    TRY(cloud_layer(c, len, false, first_place, &layers[SAYS_SERVICE]));
    TRY(own_layer(c, len, a->own, a->own_count, &layers[SAYS_OWN]));
    return own_layer(c, len, a->override, a->override_count, &layers[SAYS_OVERRIDE]);
}

static enum error_code copies_make(struct compile *c, uint32_t *first_place) {
    const struct geo_atlas_options *o = c->options;
    struct geo_atlas *a = c->atlas;
    TAKE(c->editions, &c->arena, struct geo_edition, o->asn_count + o->cloud_count + 3);
    a->editions = c->editions;
    if (o->data != NULL) TRY(edition_add(c, geo_data_edition(o->data), &a->data_edition));
    TRY(holders_copy(c));
    TRY(places_copy(c, first_place));
    TRY(own_copy(c, o->own, &a->own, &a->own_count, &a->own_edition));
    return own_copy(c, o->override, &a->override, &a->override_count, &a->override_edition);
}

static enum error_code records_lay(struct compile *c) {
    struct geo_atlas *a = c->atlas;
    struct geo_record *records;
    struct geo_atlas_asn *asns;
    TAKE(records, &c->arena, struct geo_record, a->record_count);
    TAKE(asns, &c->arena, struct geo_atlas_asn, a->asn_count);
    memcpy(records, c->records, a->record_count * sizeof *records);
    if (a->asn_count > 0) memcpy(asns, c->asns, a->asn_count * sizeof *asns);
    a->records = records;
    a->asns = asns;
    return OK;
}

static enum error_code compile_all(struct compile *c) {
    struct geo_layer v4[SAYS_COUNT], v6[SAYS_COUNT], merged_v4, merged_v6;
    uint32_t *first_place;
    TAKE(first_place, &c->work, uint32_t, c->options->cloud_count);
    TRY(copies_make(c, first_place));
    TRY(asn_layers(c, &v4[SAYS_ASN], &v6[SAYS_ASN]));
    TRY(family_layers(c, 4, first_place, v4));
    TRY(family_layers(c, 16, first_place, v6));
    c->record_cap = cuts_max(v4) + cuts_max(v6);
    c->record_mask = power_above(2 * c->record_cap) - 1;
    TAKE(c->records, &c->work, struct geo_record, c->record_cap);
    TAKE(c->record_slots, &c->work, uint32_t, c->record_mask + 1);
    TRY(layers_merge(c, v4, &merged_v4));
    TRY(layers_merge(c, v6, &merged_v6));
    TRY(records_lay(c));
    TRY(lay_v4(c, &merged_v4));
    return lay_v6(c, &merged_v6);
}

enum error_code geo_atlas_build(const struct geo_atlas_options *options, struct geo_atlas **out,
                                struct error *e) {
    enum { ROOM = 1 << 30 }; /* of address space each; 18 times what the shipped data take */
    struct compile c = {.options = options, .e = e};
    struct arena_space work = {0};
    struct geo_atlas *atlas = calloc(1, sizeof *atlas);
    if (atlas == NULL) return error_set(e, FAIL_MEMORY, "no room for the table of networks");
    c.atlas = atlas;
    enum error_code code = arena_space_open(&atlas->space, ROOM, &c.arena, e);
    if (code == OK) code = arena_space_open(&work, ROOM, &c.work, e);
    if (code == OK) arena_space_dense(&atlas->space);
    if (code == OK) code = compile_all(&c);
    if (code == OK) atlas->bytes = ROOM - arena_left(&c.arena);
    arena_space_release(&work);
    if (code != OK) {
        geo_atlas_close(atlas);
        return code;
    }
    *out = atlas;
    return OK;
}
