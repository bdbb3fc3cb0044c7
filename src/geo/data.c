/* The country a MaxMind DB file gives for an address, and the edition that says so. */
#include "geo/layer.h"

#include <errno.h>
#include <maxminddb.h>
#include <netinet/in.h>
#include <stdlib.h>

struct geo_data {
    MMDB_s file;
    struct geo_edition edition;
    bool fills_in;            /* with the registry's seat: see `filled_in` */
    struct arena_space space; /* texts of the edition */
};

/* Whom editions that we know want to be named, by how their file names begin. Shown with results.
 */
static const struct {
    const char *name_starts, *attribution;
} known_editions[] = {
    {"geo-whois-asn-country", "geo-whois-asn-country by ip-location-db, with data of the Number "
                              "Resource Organization (nro.net), CC BY 4.0"},
    {"dbip-country", "IP Geolocation by DB-IP (https://db-ip.com), CC BY 4.0"},
    {"GeoLite2-Country", "This product includes GeoLite2 data created by MaxMind, available from "
                         "https://www.maxmind.com"},
    {"iptoasn-country",
     "iptoasn-country by ip-location-db (PDDL): the country an autonomous system "
     "is registered in, not where it is"},
};

static str name_of_path(const char *path) {
    const char *slash = strrchr(path, '/');
    str name = str_from_c(slash != NULL ? slash + 1 : path);
    return str_ends(name, STR(".mmdb")) ? str_slice(name, 0, name.len - 5) : name;
}

static str attribution_of(const struct geo_data *data, str name) {
    for (size_t i = 0; i < COUNT_OF(known_editions); i++)
        if (str_starts(name, str_from_c(known_editions[i].name_starts)))
            return str_from_c(known_editions[i].attribution);
    const MMDB_metadata_s *metadata = &data->file.metadata;
    for (size_t i = 0; i < metadata->description.count; i++)
        if (strcmp(metadata->description.descriptions[i]->language, "en") == 0)
            return str_from_c(metadata->description.descriptions[i]->description);
    return STR_EMPTY;
}

static enum error_code edition_set(struct geo_data *data, const struct geo_data_options *options,
                                   struct arena *arena, struct error *e) {
    struct geo_edition *edition = &data->edition;
    uint64_t built_s = data->file.metadata.build_epoch;
    if (built_s > INT64_MAX / (uint64_t)NS_PER_S)
        return error_set(e, FAIL_CORRUPT, "%s: its day lies beyond the calendar", options->path);
    edition->built_ns = (int64_t)built_s * NS_PER_S;
    edition->bytes = (uint64_t)data->file.file_size;
    edition->sha256 = sha256_of(str_of(data->file.file_content, (size_t)data->file.file_size));
    char date[CLOCK_TEXT_BYTES];
    clock_iso_s_write(edition->built_ns, date);
    str name = options->name.len > 0 ? options->name : name_of_path(options->path);
    str attribution =
        options->attribution.len > 0 ? options->attribution : attribution_of(data, name);
    TRY(arena_copy(arena, str_slice(str_from_c(date), 0, 10), &edition->date, e));
    TRY(arena_copy(arena, name, &edition->name, e));
    data->fills_in = str_starts(name, STR("geo-whois-asn-country"));
    return arena_copy(arena, attribution, &edition->attribution, e);
}

static enum error_code open_failed(int status, const char *path, struct error *e) {
    if (status == MMDB_IO_ERROR || status == MMDB_FILE_OPEN_ERROR)
        return error_set_errno(e, errno != 0 ? errno : EIO, "address data %s", path);
    return error_set(e, FAIL_CORRUPT, "address data %s: %s", path, MMDB_strerror(status));
}

enum error_code geo_data_open(const struct geo_data_options *options, struct geo_data **out,
                              struct error *e) {
    size_t texts = options->name.len + options->attribution.len + strlen(options->path) + 65536;
    struct geo_data *data = calloc(1, sizeof *data);
    if (data == NULL) return error_set(e, FAIL_MEMORY, "no room for address data");
    errno = 0;
    int status = MMDB_open(options->path, MMDB_MODE_MMAP, &data->file);
    if (status != MMDB_SUCCESS) {
        free(data);
        return open_failed(status, options->path, e);
    }
    struct arena arena;
    enum error_code code = arena_space_open(&data->space, texts, &arena, e);
    if (code == OK) code = edition_set(data, options, &arena, e);
    if (code != OK) {
        geo_data_close(data);
        return code;
    }
    *out = data;
    return OK;
}

void geo_data_close(struct geo_data *data) {
    if (data == NULL) return;
    MMDB_close(&data->file);
    arena_space_release(&data->space);
    free(data);
}

const struct geo_edition *geo_data_edition(const struct geo_data *data) {
    return &data->edition;
}

/* ---- what is no country of a network ---- */

/* Blocks of which the registrations of the edition of 2026-06-17 know only the registry: it says the country where that sits of
 * whatever has no row of its own. Of 3,308 ranges announced in those of APNIC and said to be in Australia 2,691 are of
 * systems whose IPv4 addresses are mostly said to be elsewhere: KDDI's, WIDE's and NTT's in Japan among them.
 * Source: IANA, "IPv6 Global Unicast Address Assignments", for whose they are. */
static const struct {
    uint32_t first; /* the first 32 bits */
    unsigned bits;
    geo_country seat;
} filled_in[] = {{0x20010200, 23, {{'A', 'U'}}},
                 {0x20010c00, 22, {{'A', 'U'}}},
                 {0x20014400, 23, {{'A', 'U'}}},
                 {0x20014200, 23, {{'M', 'U'}}}};

/* Nothing is known then: an Australian network among them cannot be told from the others. */
static bool is_filled_in(const struct geo_data *data, uint32_t first, unsigned bits,
                         geo_country country) {
    for (size_t i = 0; data->fills_in && i < COUNT_OF(filled_in); i++)
        if (bits >= filled_in[i].bits && geo_country_equal(country, filled_in[i].seat) &&
            (first ^ filled_in[i].first) >> (32 - filled_in[i].bits) == 0)
            return true;
    return false;
}

/* ---- looking up ---- */

static MMDB_lookup_result_s address_look_up(const struct geo_data *data,
                                            const struct geo_address *address, int *status) {
    if (address->len == 4) {
        struct sockaddr_in v4 = {.sin_family = AF_INET};
        memcpy(&v4.sin_addr, address->at, 4);
        return MMDB_lookup_sockaddr(&data->file, (const struct sockaddr *)&v4, status);
    }
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    memcpy(&v6.sin6_addr, address->at, 16);
    return MMDB_lookup_sockaddr(&data->file, (const struct sockaddr *)&v6, status);
}

static int code_read(MMDB_lookup_result_s *found, MMDB_entry_data_s *value) {
    int status = MMDB_get_value(&found->entry, value, "country_code", NULL);
    if (status == MMDB_LOOKUP_PATH_DOES_NOT_MATCH_DATA_ERROR)
        status = MMDB_get_value(&found->entry, value, "country", "iso_code", NULL);
    return status;
}

struct geo_place geo_data_find(const struct geo_data *data, const struct geo_address *address) {
    struct geo_place place = {.why = GEO_NOT_PUBLIC, .use = geo_address_use(address)};
    if (place.use != GEO_PUBLIC) return place;
    place.why = GEO_NO_DATA;
    if (data == NULL) return place;
    int status = MMDB_SUCCESS;
    MMDB_lookup_result_s found = address_look_up(data, address, &status);
    place.why = GEO_NOT_LISTED;
    if (status == MMDB_IPV6_LOOKUP_IN_IPV4_DATABASE_ERROR) return place;
    if (status == MMDB_SUCCESS && !found.found_entry) return place;
    MMDB_entry_data_s value = {0};
    if (status == MMDB_SUCCESS) status = code_read(&found, &value);
    if (status == MMDB_LOOKUP_PATH_DOES_NOT_MATCH_DATA_ERROR) return place;
    if (status != MMDB_SUCCESS) {
        place.why = GEO_UNREADABLE;
        return place;
    }
    /* Codes that ISO has not assigned ("EU", "AP", "ZZ") name no country. */
    if (!value.has_data || value.type != MMDB_DATA_TYPE_UTF8_STRING ||
        !geo_country_read(str_of(value.utf8_string, value.data_size), &place.country))
        return place;
    if (address->len == 16 &&
        is_filled_in(data, (uint32_t)(geo_key_of(address) >> 96), found.netmask, place.country)) {
        place.country = (geo_country){{0}};
        return place;
    }
    bool v4_in_v6 = address->len == 4 && data->file.metadata.ip_version == 6;
    place.why = GEO_KNOWN;
    place.prefix_bits =
        (unsigned)(v4_in_v6 && found.netmask >= 96 ? found.netmask - 96 : found.netmask);
    return place;
}

const char *geo_why_text(const struct geo_place *place) {
    static const char *const not_public[GEO_USE_COUNT] = {
        [GEO_PUBLIC] = "",
        [GEO_LOOPBACK] = "a loopback address has no country",
        [GEO_PRIVATE] = "a private address has no country",
        [GEO_SHARED] = "an address behind a carrier's translator has no country",
        [GEO_LINK_LOCAL] = "a link-local address has no country",
        [GEO_DOCUMENTATION] = "an address set aside for documentation has no country",
        [GEO_MULTICAST] = "a multicast address has no country",
        [GEO_RESERVED] = "a reserved address has no country",
    };
    switch (place->why) {
    case GEO_KNOWN: return "";
    case GEO_NOT_PUBLIC: return not_public[place->use];
    case GEO_NOT_LISTED: return "the address data name no country for this address";
    case GEO_NO_DATA: return "there are no address data";
    case GEO_UNREADABLE: return "the address data are damaged there";
    }
    return "";
}

/* ---- walking all of it ---- */

struct walk {
    const struct geo_data *data;
    const MMDB_s *file; /* its */
    unsigned bits;      /* of the family: 32 or 128 */
    uint32_t skipped;   /* a node below which it is not gone: the other family's */
    uint32_t steps;     /* a damaged file whose nodes point at each other in a lattice ends there */
    geo_data_each_f *each;
    void *owner;
};
/* Three times the nodes of the largest country edition, which has 1.4 million. */
enum { WALK_STEPS = 1 << 22 };

static enum error_code walk_node(struct walk *w, uint32_t number, geo_key at, unsigned depth,
                                 struct error *e);

static enum error_code walk_child(struct walk *w, uint64_t record, uint8_t type,
                                  MMDB_entry_s *entry, geo_key at, unsigned depth,
                                  struct error *e) {
    if (type == MMDB_RECORD_TYPE_EMPTY || record == w->skipped) return OK;
    if (type == MMDB_RECORD_TYPE_SEARCH_NODE) return walk_node(w, (uint32_t)record, at, depth, e);
    if (type != MMDB_RECORD_TYPE_DATA)
        return error_set(e, FAIL_CORRUPT, "the address data have a record that is none");
    MMDB_lookup_result_s found = {.found_entry = true, .entry = *entry};
    MMDB_entry_data_s value = {0};
    geo_country country;
    int status = code_read(&found, &value);
    if (status == MMDB_LOOKUP_PATH_DOES_NOT_MATCH_DATA_ERROR) return OK;
    if (status != MMDB_SUCCESS)
        return error_set(e, FAIL_CORRUPT, "the address data: %s", MMDB_strerror(status));
    if (!value.has_data || value.type != MMDB_DATA_TYPE_UTF8_STRING ||
        !geo_country_read(str_of(value.utf8_string, value.data_size), &country))
        return OK;
    if (w->bits == 128 && is_filled_in(w->data, (uint32_t)(at >> 96), depth, country)) return OK;
    return w->each(w->owner, at, depth, country, e);
}

static enum error_code walk_node(struct walk *w, uint32_t number, geo_key at, unsigned depth,
                                 struct error *e) {
    MMDB_search_node_s node;
    if (depth == w->bits || ++w->steps > WALK_STEPS)
        return error_set(e, FAIL_CORRUPT, "the address data are no tree of %u bits", w->bits);
    if (MMDB_read_node(w->file, number, &node) != MMDB_SUCCESS)
        return error_set(e, FAIL_CORRUPT, "the address data have no node %u", number);
    geo_key right = at | (geo_key)1 << (w->bits - depth - 1);
    TRY(walk_child(w, node.left_record, node.left_record_type, &node.left_record_entry, at,
                   depth + 1, e));
    return walk_child(w, node.right_record, node.right_record_type, &node.right_record_entry, right,
                      depth + 1, e);
}

enum error_code geo_data_walk(const struct geo_data *data, unsigned len, geo_data_each_f *each,
                              void *owner, struct error *e) {
    const MMDB_s *file = &data->file;
    bool is_wide = file->metadata.ip_version == 6;
    uint32_t v4_node = is_wide ? file->ipv4_start_node.node_value : 0;
    struct walk w = {.data = data,
                     .file = file,
                     .bits = len * 8,
                     .skipped = UINT32_MAX,
                     .each = each,
                     .owner = owner};
    if (len == 4) return v4_node < file->metadata.node_count ? walk_node(&w, v4_node, 0, 0, e) : OK;
    if (!is_wide) return OK;
    w.skipped = v4_node; /* IPv4 below ::/96, and where it is mapped to */
    return walk_node(&w, 0, 0, 0, e);
}
