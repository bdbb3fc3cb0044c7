/* Asking the compiled table: one search among cuts, and the words of the record it leads to. */
#include "geo/atlas.h"

#include <stdlib.h>

/* The last cut at or before the key: between low and high, both cuts. */
static uint32_t cut_find_v4(const struct geo_atlas *a, uint32_t key) {
    uint32_t piece = key >> (32 - INDEX_BITS_V4);
    uint32_t low = a->index_v4[piece], high = a->index_v4[piece + 1];
    while (low < high) {
        uint32_t middle = low + (high - low + 1) / 2;
        if (a->starts_v4[middle] <= key)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

static bool is_at_or_before(struct geo_half a, struct geo_half b) {
    return a.high != b.high ? a.high < b.high : a.low <= b.low;
}

static uint32_t cut_find_v6(const struct geo_atlas *a, struct geo_half key) {
    uint64_t piece = key.high >> (64 - INDEX_BITS_V6);
    uint32_t low = a->index_v6[piece], high = a->index_v6[piece + 1];
    while (low < high) {
        uint32_t middle = low + (high - low + 1) / 2;
        if (is_at_or_before(a->starts_v6[middle], key))
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

uint32_t geo_atlas_record(const struct geo_atlas *a, const struct geo_address *address) {
    assert(address->len == 4 || address->len == 16);
    geo_key key = geo_key_of(address);
    if (address->len == 4) return a->records_v4[cut_find_v4(a, (uint32_t)key)];
    return a->records_v6[cut_find_v6(a, (struct geo_half){(uint64_t)(key >> 64), (uint64_t)key})];
}

uint32_t geo_atlas_run(const struct geo_atlas *a, const struct geo_address *address,
                       struct geo_address *last) {
    assert(address->len == 4 || address->len == 16);
    geo_key key = geo_key_of(address), end = geo_key_max(address->len);
    if (address->len == 4) {
        uint32_t cut = cut_find_v4(a, (uint32_t)key);
        if (cut + 1 < a->cuts_v4) end = a->starts_v4[cut + 1] - 1;
        *last = geo_key_address(end, 4);
        return a->records_v4[cut];
    }
    uint32_t cut = cut_find_v6(a, (struct geo_half){(uint64_t)(key >> 64), (uint64_t)key});
    if (cut + 1 < a->cuts_v6) {
        struct geo_half next = a->starts_v6[cut + 1];
        end = ((geo_key)next.high << 64 | next.low) - 1;
    }
    *last = geo_key_address(end, 16);
    return a->records_v6[cut];
}

/* ---- what a record says ---- */

static const struct geo_edition *edition_at(const struct geo_atlas *a, uint32_t which) {
    return which > 0 ? &a->editions[which - 1] : NULL;
}

static geo_country country_of(uint32_t word) {
    return (geo_country){{(char)(word >> 8), (char)word}};
}

static void holder_say(const struct geo_atlas *a, uint32_t which, struct geo_answer *out) {
    if (which == 0) return;
    const struct geo_holder *holder = &a->holders[which - 1];
    if (out->provider.len == 0) out->provider = holder->provider;
    out->is_edge = out->is_edge || holder->is_edge;
    out->seat = holder->seat;
    out->parent = holder->parent;
}

static void network_say(const struct geo_atlas *a, const uint32_t *says, struct geo_answer *out) {
    if (says[SAYS_NETWORK] != 0) {
        out->network_country = country_of(says[SAYS_NETWORK]);
        out->network_by = edition_at(a, a->data_edition);
    }
    if (says[SAYS_ASN] == 0) return;
    const struct geo_atlas_asn *asn = &a->asns[says[SAYS_ASN] - 1];
    out->is_between = asn->is_between;
    out->asn = asn->asn;
    out->organisation = asn->organisation;
    out->asn_by = edition_at(a, asn->edition);
    holder_say(a, asn->holder, out);
}

/* The provider's own word: whose network it is it knows better than who announces it. */
static void place_say(const struct geo_atlas *a, const struct geo_atlas_place *place,
                      struct geo_answer *out) {
    out->provider = place->provider;
    out->provider_by = edition_at(a, place->edition);
    out->is_edge = out->is_edge || place->place.is_edge;
    if (place->place.service.len > 0) out->service = place->place.service;
    holder_say(a, place->holder, out);
}

static void cloud_say(const struct geo_atlas *a, const uint32_t *says, struct geo_answer *out) {
    const struct geo_atlas_place *region = says[SAYS_REGION] == 0
                                               ? NULL
                                               : &a->places[says[SAYS_REGION] - 1],
                                 *service = says[SAYS_SERVICE] == 0
                                                ? NULL
                                                : &a->places[says[SAYS_SERVICE] - 1];
    if (service != NULL) place_say(a, service, out);
    if (region == NULL) {
        /* Who announces from everywhere, and nobody names a region: it is anywhere. */
        uint32_t holder =
            says[SAYS_ASN] == 0 || out->is_between ? 0 : a->asns[says[SAYS_ASN] - 1].holder;
        out->is_many = (service != NULL && service->place.is_many) ||
                       (holder > 0 && a->holders[holder - 1].is_many);
        return;
    }
    str named_service = out->service;
    place_say(a, region, out);
    if (named_service.len > 0 && service != NULL && str_equal(service->provider, region->provider))
        out->service = named_service;
    out->is_many = region->place.is_many;
    out->region = region->place.region;
    out->zone = region->place.zone;
    out->named = region->named;
    out->region_country = region->country;
    out->region_by = edition_at(a, region->edition);
}

static void own_say(const struct geo_own *own, struct geo_answer *out) {
    if (own->provider.len > 0) out->provider = own->provider;
    if (own->seat.at[0] != 0) {
        out->seat = own->seat;
        out->parent = (geo_country){{0}};
    }
    if (own->is_many) out->is_many = true;
    if (own->country.at[0] != 0) out->is_many = own->is_many;
}

static void stand_say(const struct geo_atlas *a, struct geo_answer *out) {
    const struct {
        geo_country country;
        enum geo_basis basis;
        const struct geo_edition *by;
    } said[] = {
        {out->override != NULL ? out->override->country : (geo_country){{0}}, GEO_BY_OVERRIDE,
         edition_at(a, a->override_edition)},
        {out->own != NULL ? out->own->country : (geo_country){{0}}, GEO_BY_REGISTER,
         edition_at(a, a->own_edition)},
        {out->region_country, GEO_BY_REGION, out->region_by},
        /* A region whose country is not in the table: the network's is a guess beside it. */
        {out->network_country, GEO_BY_NETWORK, out->network_by},
    };
    if (out->is_many || (out->use != GEO_PUBLIC && out->own == NULL && out->override == NULL))
        return;
    for (size_t i = 0; i < COUNT_OF(said); i++) {
        if (said[i].country.at[0] == 0) continue;
        out->country = said[i].country;
        out->basis = said[i].basis;
        out->country_by = said[i].by;
        return;
    }
}

void geo_atlas_answer(const struct geo_atlas *a, uint32_t record, struct geo_answer *out) {
    assert(record < a->record_count);
    const uint32_t *says = a->records[record].says;
    *out = (struct geo_answer){0};
    out->use = says[SAYS_USE] == 0 ? GEO_PUBLIC : (enum geo_use)(says[SAYS_USE] - 1);
    if (out->use == GEO_PUBLIC) {
        network_say(a, says, out);
        cloud_say(a, says, out);
    }
    if (says[SAYS_OWN] != 0) {
        out->own = &a->own[says[SAYS_OWN] - 1];
        own_say(out->own, out);
    }
    if (says[SAYS_OVERRIDE] != 0) {
        out->override = &a->override[says[SAYS_OVERRIDE] - 1];
        own_say(out->override, out);
    }
    stand_say(a, out);
}

struct geo_atlas_sizes geo_atlas_sizes(const struct geo_atlas *a) {
    return (struct geo_atlas_sizes){a->record_count, a->cuts_v4, a->cuts_v6, a->bytes};
}

const struct geo_edition *geo_atlas_editions(const struct geo_atlas *a, size_t *count) {
    *count = a->edition_count;
    return a->editions;
}

void geo_atlas_close(struct geo_atlas *a) {
    if (a == NULL) return;
    arena_space_release(&a->space);
    free(a);
}
