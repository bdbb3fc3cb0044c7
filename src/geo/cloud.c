/* The address lists of cloud providers.
 *
 *   flat   {"prefixes": [{"ip_prefix": "3.5.140.0/22", "region": …, "service": …}, …]}
 *   tags   {"values": [{"name": …, "properties": {"region": …, "addressPrefixes": ["…", …]}}, …]}
 *
 * Read as they go by, so that a file cut in the middle still gives what stood before. */
#include <stdio.h>

#include "geo/scan.h"

/* ---- the formats ---- */

struct format {
    const char *provider;
    bool is_tags;
    const char *region_key, *zone_key, *date_key, *serial_key;
    bool is_many; /* all of it: Google's own services answer from wherever is near */
    const char *attribution;
};
static const struct format formats[] = {
    {"aws", false, "region", "network_border_group", "createDate", "syncToken", false,
     "AWS IP address ranges, as Amazon Web Services publishes them"},
    {"azure", true, "region", "", "", "changeNumber", false,
     "Azure IP ranges and service tags, as Microsoft publishes them"},
    {"gcp", false, "scope", "", "creationTime", "syncToken", false,
     "Google Cloud IP ranges, as Google publishes them"},
    {"google", false, "", "", "creationTime", "syncToken", true,
     "Google IP ranges, as Google publishes them"},
};

/* What stands for no service in particular. */
static bool is_umbrella(str service) {
    return str_equal(service, STR("AMAZON")) || str_equal(service, STR("Google Cloud"));
}

/* Services whose machines stand in front of somebody's. Source: AWS, "AWS IP address ranges"; Microsoft,
 * "Available service tags". */
static bool is_edge(str service) {
    return str_starts(service, STR("CLOUDFRONT")) || str_equal(service, STR("GLOBALACCELERATOR")) ||
           str_starts(service, STR("AzureFrontDoor"));
}

/* Codes that stand for everywhere. Front Door's two are told as anycast where no region is. */
static bool is_many(const struct format *format, str region, str service) {
    if (region.len > 0) return str_equal_nocase(region, STR("global"));
    return format->is_many || str_equal(service, STR("AzureFrontDoor.Frontend")) ||
           str_equal(service, STR("AzureFrontDoor.FirstParty"));
}

/* ---- what is being read ---- */

struct reader {
    const struct format *format;
    struct geo_scan scan;
    str file;
    struct arena *arena;
    struct error *e;
    struct geo_cloud cloud;
    struct geo_cloud_row *rows;
    struct geo_cloud_place *places;
    uint32_t *slots; /* twice the places: a table by hash of place numbers + 1 */
    size_t row_cap, place_cap, row_begin; /* rows from row_begin on are of the object at hand */
    str prefix, name;
    struct geo_cloud_place place; /* of the object at hand */
    str date, serial;
};

static enum error_code grow(struct reader *r, void **at, size_t size, size_t *cap) {
    size_t cap_new = *cap == 0 ? 64 : *cap * 2;
    void *larger = arena_take(r->arena, size, _Alignof(max_align_t), cap_new);
    if (larger == NULL)
        return error_set(r->e, FAIL_MEMORY, "no room for the networks of %.*s", STR_FMT(r->file));
    if (*cap > 0) memcpy(larger, *at, *cap * size);
    *at = larger;
    *cap = cap_new;
    return OK;
}

static uint64_t place_hash(const struct geo_cloud_place *place) {
    return str_hash(place->service, str_hash(place->zone, str_hash(place->region, 0)));
}
static bool place_equal(const struct geo_cloud_place *a, const struct geo_cloud_place *b) {
    return str_equal(a->region, b->region) && str_equal(a->zone, b->zone) &&
           str_equal(a->service, b->service);
}

/* Where the place is, or the free slot for it. */
static uint32_t *slot_find(struct reader *r, const struct geo_cloud_place *place) {
    size_t mask = r->place_cap * 2 - 1, i = (size_t)place_hash(place) & mask;
    while (r->slots[i] != 0 && !place_equal(&r->places[r->slots[i] - 1], place)) i = (i + 1) & mask;
    return &r->slots[i];
}

static enum error_code places_grow(struct reader *r) {
    TRY(grow(r, (void **)&r->places, sizeof *r->places, &r->place_cap));
    r->slots = arena_new(r->arena, uint32_t, r->place_cap * 2);
    if (r->slots == NULL)
        return error_set(r->e, FAIL_MEMORY, "no room for the regions of %.*s", STR_FMT(r->file));
    for (uint32_t i = 0; i < r->cloud.place_count; i++) *slot_find(r, &r->places[i]) = i + 1;
    return OK;
}

static enum error_code place_intern(struct reader *r, uint32_t *number) {
    struct geo_cloud_place *place = &r->place;
    if (is_umbrella(place->service)) place->service = STR_EMPTY;
    if (str_equal(place->zone, place->region)) place->zone = STR_EMPTY;
    if (r->cloud.place_count == r->place_cap) TRY(places_grow(r));
    uint32_t *slot = slot_find(r, place);
    if (*slot == 0) {
        struct geo_cloud_place *kept = &r->places[r->cloud.place_count];
        TRY(arena_copy(r->arena, place->region, &kept->region, r->e));
        TRY(arena_copy(r->arena, place->zone, &kept->zone, r->e));
        TRY(arena_copy(r->arena, place->service, &kept->service, r->e));
        kept->is_many = is_many(r->format, kept->region, kept->service);
        kept->is_edge = is_edge(kept->service);
        *slot = (uint32_t)++r->cloud.place_count;
    }
    *number = *slot - 1;
    return OK;
}

static enum error_code row_add(struct reader *r, str prefix) {
    struct geo_network network;
    struct error why;
    size_t slash;
    if (!str_find_char(prefix, '/', &slash) || geo_network_read(prefix, &network, &why) != OK) {
        geo_problems_add(&r->cloud.problems, r->arena,
                         "%.*s:%zu: expected a network such as 192.0.2.0/24, found \"%.*s\"",
                         STR_FMT(r->file), geo_scan_line(&r->scan),
                         STR_FMT(str_slice(prefix, 0, 60)));
        return OK;
    }
    if (network.bits < (network.base.len == 4 ? 8 : 16)) {
        geo_problems_add(&r->cloud.problems, r->arena,
                         "%.*s:%zu: a network so wide is no provider's: registries hand out a /8 "
                         "at most, found \"%.*s\"; it was left out",
                         STR_FMT(r->file), geo_scan_line(&r->scan),
                         STR_FMT(str_slice(prefix, 0, 60)));
        return OK;
    }
    if (r->cloud.row_count == r->row_cap)
        TRY(grow(r, (void **)&r->rows, sizeof *r->rows, &r->row_cap));
    r->rows[r->cloud.row_count++] = (struct geo_cloud_row){.network = network};
    return OK;
}

/* ---- objects: begun, filled and ended ---- */

static void object_begin(struct reader *r) {
    r->row_begin = r->cloud.row_count;
    r->place = (struct geo_cloud_place){0};
    r->prefix = r->name = STR_EMPTY;
}

static enum error_code object_end(struct reader *r) {
    if (!r->format->is_tags) {
        TRY(row_add(r, r->prefix));
    } else {
        /* "AzureCloud.japaneast" is no service but all of a region. */
        bool is_all = str_starts(r->name, STR("AzureCloud"));
        r->place.service = is_all ? STR_EMPTY : r->name;
    }
    uint32_t number = 0;
    if (r->cloud.row_count > r->row_begin) TRY(place_intern(r, &number));
    for (size_t i = r->row_begin; i < r->cloud.row_count; i++) r->rows[i].place = number;
    r->row_begin = r->cloud.row_count;
    return OK;
}

static bool key_is(const struct geo_scan_event *event, const char *key) {
    return event->key.len > 0 && str_equal(event->key, str_from_c(key));
}

static void flat_text(struct reader *r, const struct geo_scan_event *event) {
    const struct format *format = r->format;
    if (key_is(event, "ip_prefix") || key_is(event, "ipv6_prefix") || key_is(event, "ipv4Prefix") ||
        key_is(event, "ipv6Prefix"))
        r->prefix = event->text;
    if (key_is(event, format->region_key)) r->place.region = event->text;
    if (key_is(event, format->zone_key)) r->place.zone = event->text;
    if (key_is(event, "service")) r->place.service = event->text;
}

static void head_text(struct reader *r, const struct geo_scan_event *event) {
    if (key_is(event, r->format->date_key)) r->date = event->text;
    if (key_is(event, r->format->serial_key)) r->serial = event->text;
}

/* Objects of the lists lie at depth 3: the top, a list of it, the object. Tags keep what counts in
 * "properties" below, and the addresses in a list below that. */
static enum error_code event_take(struct reader *r, const struct geo_scan_event *event,
                                  unsigned depth_before, bool *in_list, bool *in_addresses) {
    unsigned depth = r->scan.depth;
    bool is_tags = r->format->is_tags;
    if (event->kind == GEO_SCAN_OPEN && depth == 2)
        *in_list = is_tags ? key_is(event, "values")
                           : key_is(event, "prefixes") || key_is(event, "ipv6_prefixes");
    if (depth_before == 1 && event->kind != GEO_SCAN_OPEN) head_text(r, event);
    if (!*in_list) return OK;
    if (event->kind == GEO_SCAN_OPEN && depth == 3) object_begin(r);
    if (event->kind == GEO_SCAN_OPEN && depth == 5)
        *in_addresses = is_tags && key_is(event, "addressPrefixes");
    if (event->kind == GEO_SCAN_CLOSE && depth == 2) return object_end(r);
    if (event->kind != GEO_SCAN_TEXT) return OK;
    if (!is_tags && depth == 3) flat_text(r, event);
    if (is_tags && depth == 3 && key_is(event, "name")) r->name = event->text;
    if (is_tags && depth == 4 && key_is(event, "region")) r->place.region = event->text;
    if (is_tags && depth == 5 && *in_addresses) return row_add(r, event->text);
    return OK;
}

static enum error_code events_take(struct reader *r) {
    bool in_list = false, in_addresses = false;
    for (;;) {
        struct geo_scan_event event;
        unsigned depth_before = r->scan.depth;
        geo_scan_next(&r->scan, &event);
        if (event.kind == GEO_SCAN_END) return OK;
        if (event.kind != GEO_SCAN_BAD) {
            TRY(event_take(r, &event, depth_before, &in_list, &in_addresses));
            continue;
        }
        bool is_end = r->scan.at == r->scan.bytes.len;
        r->cloud.problems.is_cut = true;
        r->cloud.row_count = r->row_begin; /* what belongs to an unfinished object is not known */
        geo_problems_add(&r->cloud.problems, r->arena,
                         "%.*s:%zu: expected %s at byte %zu%s; what stands before was read",
                         STR_FMT(r->file), geo_scan_line(&r->scan), r->scan.expected, r->scan.at,
                         is_end ? ", where the file ends" : "");
        return OK;
    }
}

/* ---- the whole file ---- */

/* "2026-08-22-15-17-05" and "2022-02-08T10:02:55" begin with the day; else nothing is known. */
static str day_of(str date) {
    str day = str_slice(date, 0, 10);
    int64_t at_ns;
    return clock_iso_read(day, &at_ns) ? day : STR_EMPTY;
}

static enum error_code edition_set(struct reader *r, str bytes) {
    struct geo_edition *edition = &r->cloud.edition;
    str serial = str_slice(r->serial, 0, 40), day = day_of(r->date);
    TRY(arena_format(r->arena, &edition->name, r->e, "%s%s%.*s", r->format->provider,
                     serial.len > 0 ? " " : "", STR_FMT(serial)));
    TRY(arena_copy(r->arena, day, &edition->date, r->e));
    if (day.len > 0 && !clock_iso_read(day, &edition->built_ns)) edition->built_ns = 0;
    edition->attribution = str_from_c(r->format->attribution);
    edition->bytes = bytes.len;
    edition->sha256 = sha256_of(bytes);
    return OK;
}

static const struct format *format_find(str provider) {
    for (size_t i = 0; i < COUNT_OF(formats); i++)
        if (str_equal(provider, str_from_c(formats[i].provider))) return &formats[i];
    return NULL;
}

enum error_code geo_cloud_read(str provider, str file, str bytes, struct arena *arena,
                               struct geo_cloud *out, struct error *e) {
    const struct format *format = format_find(provider);
    if (format == NULL)
        return error_set(e, FAIL_USAGE,
                         "\"%.*s\" is no provider whose list is read: aws, azure, gcp or google",
                         STR_FMT(str_slice(provider, 0, 40)));
    struct reader r = {.format = format, .file = file, .arena = arena, .e = e};
    r.cloud.provider = str_from_c(format->provider);
    str text = str_starts(bytes, STR("\xef\xbb\xbf")) ? str_skip(bytes, 3) : bytes;
    geo_scan_begin(&r.scan, text);
    TRY(geo_problems_begin(&r.cloud.problems, arena, e));
    TRY(events_take(&r));
    if (r.cloud.row_count == 0 && r.cloud.problems.count > 0)
        return error_set(e, FAIL_SYNTAX, "%.*s", STR_FMT(r.cloud.problems.at[0]));
    if (r.cloud.row_count == 0)
        return error_set(e, FAIL_SYNTAX,
                         "%.*s: expected the address list of %s, found none of its networks",
                         STR_FMT(file), format->provider);
    TRY(edition_set(&r, bytes));
    r.cloud.rows = r.rows;
    r.cloud.places = r.places;
    *out = r.cloud;
    return OK;
}
