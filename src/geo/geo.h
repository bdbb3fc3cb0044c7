/* Where: addresses and networks, what public data, providers and registers say of an address, points,
 * distances, and what a round trip proves about them.
 *
 * An address's country is where a network is said to be, not where a person sits: whoever shows it
 * says so. Data are dated, replaceable files; nothing here is truth. Pure but for geo_data_open.
 */
#ifndef AZEKURA_GEO_GEO_H
#define AZEKURA_GEO_GEO_H

#include "base/base.h"

/* ---- addresses and networks ---- */

/* Bytes in network order. An IPv4-mapped IPv6 address (::ffff:a.b.c.d) is always held as IPv4, so
 * that one host has one spelling. */
struct geo_address {
    unsigned char at[16];
    unsigned len; /* 4 or 16; 0: no address */
};

/* "192.0.2.1" and "2001:db8::1"; no port, no brackets, no zone, no leading zeros in IPv4. False:
 * not that, *out untouched. Source: RFC 4291 2.2, RFC 6943 3.1.1 (one strict spelling of IPv4). */
bool geo_address_read(str text, struct geo_address *out);
/* From 4 or 16 bytes in network order, as net_address_bytes gives them; false for other lengths. */
bool geo_address_of(const void *bytes, size_t count, struct geo_address *out);
enum { GEO_TEXT_BYTES = 56 };
/* Closed with a zero; the length without it is returned. IPv6 as RFC 5952 writes it. */
size_t geo_address_write(const struct geo_address *address, char out[GEO_TEXT_BYTES]);
bool geo_address_equal(const struct geo_address *a, const struct geo_address *b);

/* What the address is for, by the special-purpose registries. Only GEO_PUBLIC ones have a country.
 * Source: RFC 6890 and its successors' IANA registries (IPv4 and IPv6 Special-Purpose Address). */
enum geo_use {
    GEO_PUBLIC,
    GEO_LOOPBACK,      /* 127.0.0.0/8, ::1 */
    GEO_PRIVATE,       /* RFC 1918, fc00::/7 */
    GEO_SHARED,        /* 100.64.0.0/10: behind a carrier's translator */
    GEO_LINK_LOCAL,    /* 169.254.0.0/16, fe80::/10 */
    GEO_DOCUMENTATION, /* 192.0.2.0/24 and its like, 2001:db8::/32, 3fff::/20 */
    GEO_MULTICAST,
    GEO_RESERVED, /* this network, benchmarks, protocol assignments, class E */
    GEO_USE_COUNT
};
enum geo_use geo_address_use(const struct geo_address *address);
const char *geo_use_name(enum geo_use use); /* "private" */

struct geo_network {
    struct geo_address base; /* host bits zero */
    unsigned bits;           /* 0..32 or 0..128 */
};
/* "192.0.2.0/24", "2001:db8::/32"; a bare address is the network of it alone. A network of
 * IPv4-mapped addresses with /96 or more is the IPv4 network.
 *   FAIL_SYNTAX  no network, or host bits set: the message names the network that was meant */
enum error_code geo_network_read(str text, struct geo_network *out, struct error *e) MUST_USE;
size_t geo_network_write(const struct geo_network *network, char out[GEO_TEXT_BYTES]);
bool geo_network_has(const struct geo_network *network, const struct geo_address *address);

/* ---- tables of networks: the longest prefix wins ---- */

struct geo_row {
    struct geo_network network;
    uint32_t value; /* whatever the caller counts with */
};
struct geo_run {
    unsigned bits;
    size_t first, count; /* rows of this prefix length, ordered by base */
};
struct geo_table {
    const struct geo_row *rows; /* these three lie in the arena the table was built in */
    const struct geo_run *runs_v4, *runs_v6; /* longest prefix first */
    size_t count, runs_v4_count, runs_v6_count;
};
/* Copies the rows. 0.0.0.0/0 holds no IPv6 address and ::/0 no IPv4 one.
 *   FAIL_EXISTS  one network stands twice with different values; the message names it
 *   FAIL_MEMORY  the arena is full */
enum error_code geo_table_build(const struct geo_row *rows, size_t count, struct arena *arena,
                                struct geo_table *out, struct error *e) MUST_USE;
/* At most one binary search per prefix length that occurs. */
bool geo_table_find(const struct geo_table *table, const struct geo_address *address,
                    const struct geo_row **row);

/* ---- countries ---- */

typedef struct {
    char at[2];
} geo_country; /* ISO 3166-1 alpha-2, upper case; zero bytes: none */

enum { GEO_COUNTRIES = 249 }; /* that ISO 3166-1 assigns a code to */
/* The n-th of them by code, from 0; n < GEO_COUNTRIES. */
geo_country geo_country_nth(size_t n);
/* Officially assigned codes only, in upper case. False: *out untouched. Source: ISO 3166-1 (249
 * codes); user-assigned ones such as XK are none. */
bool geo_country_read(str code, geo_country *out);
static inline str geo_country_str(const geo_country *country) {
    return country->at[0] != 0 ? str_of(country->at, 2) : STR_EMPTY;
}
static inline bool geo_country_equal(geo_country a, geo_country b) {
    return a.at[0] == b.at[0] && a.at[1] == b.at[1];
}

/* ---- address data: what country a file says ---- */

struct geo_data;

struct geo_data_options {
    const char *path; /* a MaxMind DB with key country_code, or country.iso_code */
    str name;         /* empty: the file's name without its ending */
    str attribution;  /* empty: what is known for that name, else the file's own description */
};
/* What must stand wherever results are shown. Views live as long as the data. */
struct geo_edition {
    str name; /* "geo-whois-asn-country" */
    str date; /* day the file was built, "2026-06-17" */
    int64_t built_ns;
    str attribution; /* who is to be named, and under which licence; empty: none is known */
    digest sha256;   /* of the whole file */
    uint64_t bytes;
};

/* Maps the file; look-ups may then come from any thread. Replace the file by renaming another over
 * it (a file cut short in place would end the program), and open again.
 *   FAIL_NOT_FOUND  no such file        FAIL_CORRUPT  not such a file, with the library's reason */
enum error_code geo_data_open(const struct geo_data_options *options, struct geo_data **out,
                              struct error *e) MUST_USE;
void geo_data_close(struct geo_data *data); /* NULL is fine */
const struct geo_edition *geo_data_edition(const struct geo_data *data);

enum geo_why {
    GEO_KNOWN,
    GEO_NOT_PUBLIC, /* `use` says what it is */
    GEO_NOT_LISTED, /* the data have no country for it */
    GEO_NO_DATA,    /* no file was given */
    GEO_UNREADABLE, /* the file is damaged there */
};
struct geo_place {
    enum geo_why why;
    enum geo_use use;
    geo_country country;  /* only with GEO_KNOWN */
    unsigned prefix_bits; /* how coarse: the network this was said of; only with GEO_KNOWN */
};
/* Never fails: not knowing is an answer. `data` NULL gives GEO_NO_DATA for public addresses. */
struct geo_place geo_data_find(const struct geo_data *data, const struct geo_address *address);
/* "203.0.113.9 is a documentation address" and its like: why nothing is known. Empty for GEO_KNOWN.
 */
const char *geo_why_text(const struct geo_place *place);

/* ---- what was read, and what could not be ---- */

/* The first problems of a file in words, "file:line: expected …"; what could be read was kept. */
enum { GEO_PROBLEMS_SHOWN = 20 };
struct geo_problems {
    const str *at; /* GEO_PROBLEMS_SHOWN at most */
    size_t count;
    uint64_t total; /* all of them, told or not */
    bool is_cut;    /* the file ends in the middle, or is damaged so that the rest was not read */
};
/* For whoever reads such files: room for GEO_PROBLEMS_SHOWN; FAIL_MEMORY. */
enum error_code geo_problems_begin(struct geo_problems *problems, struct arena *arena,
                                   struct error *e) MUST_USE;
/* Kept while there is room, cut to 300 bytes; counted always. */
void geo_problems_add(struct geo_problems *problems, struct arena *arena, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* ---- the address lists that cloud providers publish ---- */

struct geo_cloud_place {
    str region; /* "ap-northeast-1"; "GLOBAL"; empty: the list says none */
    str zone; /* a part of the region that stands elsewhere: "ap-northeast-1-tpe-1" is in Taipei */
    str service;  /* "S3"; empty: none in particular */
    bool is_many; /* announced from many places */
    bool is_edge; /* a cache or relay answers there; what is behind it may be anywhere */
};
struct geo_cloud_row {
    struct geo_network network;
    uint32_t place; /* which of the places */
};
struct geo_cloud {
    str provider; /* "aws", "azure", "gcp", "google" */
    struct geo_edition
        edition; /* date as the file has it; Azure's has a number only, in its name */
    const struct geo_cloud_row *rows;
    const struct geo_cloud_place *places;
    size_t row_count, place_count;
    struct geo_problems problems;
};
/* Reads ip-ranges.json (aws), ServiceTags_*.json (azure), cloud.json (gcp) or goog.json (google), as
 * they are published. What stands before a damage is kept and the damage told in `problems`; a row
 * that is none is left out and told. All texts are copied; at most 20 bytes of arena a byte read and
 * 64 KiB.
 *   FAIL_USAGE   no such provider; the message lists them
 *   FAIL_SYNTAX  nothing could be read at all: other JSON, or none
 *   FAIL_MEMORY  the arena is full
 * Source: AWS, "AWS IP address ranges, syntax"; Microsoft, "Virtual network service tags"; Google Cloud,
 * "IP address ranges". */
enum error_code geo_cloud_read(str provider, str file, str bytes, struct arena *arena,
                               struct geo_cloud *out, struct error *e) MUST_USE;

/* ---- autonomous systems ---- */

struct geo_asn_range {
    struct geo_address first, last; /* both in it; of one family */
    uint32_t asn;
    str organisation;
};
struct geo_asn {
    struct geo_edition edition;
    const struct geo_asn_range *ranges; /* ascending, none meets another */
    size_t count;
    struct geo_problems problems;
};
/* Reads CSV without a header: first address, last address, number, organisation. `date` is that of the
 * edition, which the file does not tell. Texts are views of `bytes`, but for names with quotes in them.
 *   FAIL_SYNTAX, FAIL_MEMORY  as geo_cloud_read; 64 bytes of arena a line and as many as were read
 * Source: RFC 4180; the README of @ip-location-db/asn. */
enum error_code geo_asn_read(str file, str date, str bytes, struct arena *arena,
                             struct geo_asn *out, struct error *e) MUST_USE;

/* ---- one compiled table of all that is said of an address ---- */

/* Where a region or zone of a provider is: a row of register-data/regions.yaml. */
struct geo_region {
    str provider, code, named;
    geo_country country;
};
/* Who is behind an autonomous system: a row of register-data/networks.yaml. */
struct geo_holder {
    uint32_t asn;
    str provider;     /* the word that cloud lists go by: "aws" */
    geo_country seat; /* where the company that holds it sits; zero: not known */
    geo_country
        parent;   /* where the company that controls that one sits; zero: none, or not known */
    bool is_many; /* known to announce its addresses from many places */
    bool is_edge; /* known for caches that stand in front of somebody's machine */
};
/* A network of one's own, from a register or from a file of exceptions to it. */
struct geo_own {
    struct geo_network network;
    uint32_t value; /* whatever the caller counts with */
    str name, provider;
    geo_country country, seat; /* zero: says nothing about that */
    bool is_many;
};
struct geo_own_list {
    struct geo_edition edition;
    const struct geo_own *rows;
    size_t count;
};
struct geo_atlas_options {
    const struct geo_data *data; /* NULL: none. Needed only while building, like all that is here */
    const struct geo_asn *asn;
    const struct geo_cloud *clouds; /* of two that list one network the first is believed */
    const struct geo_region *regions;
    const struct geo_holder *holders;
    size_t asn_count, cloud_count, region_count, holder_count;
    const struct geo_own_list *own;      /* the register's; NULL: none */
    const struct geo_own_list *override; /* said here and now, and believed before all others */
};

struct geo_atlas; /* immutable; look-ups may come from any thread */
/* Copies what it needs. About 2 s for the address data, three lists and 515,000 ranges; 28 MB stay.
 *   FAIL_CORRUPT  the address data cannot be walked     FAIL_MEMORY */
enum error_code geo_atlas_build(const struct geo_atlas_options *options, struct geo_atlas **out,
                                struct error *e) MUST_USE;
void geo_atlas_close(struct geo_atlas *atlas); /* NULL is fine */

/* Who says where it stands, the most believed first. */
enum geo_basis { GEO_BY_NOBODY, GEO_BY_OVERRIDE, GEO_BY_REGISTER, GEO_BY_REGION, GEO_BY_NETWORK };

/* Where it stands, whose it is, where its owner sits and who can reach the owner are four answers, and
 * each names the edition it is from. A NULL edition: nobody said. All lie in the atlas. */
struct geo_answer {
    enum geo_use use;
    /* where the machine stands */
    geo_country country; /* by the first of `basis` that knows; none when is_many */
    enum geo_basis basis;
    const struct geo_edition *country_by;
    bool is_many, is_edge;
    geo_country network_country, region_country; /* what each says, whoever was believed */
    const struct geo_edition *network_by, *region_by;
    str region, zone, named;
    /* whose it is */
    str provider, service; /* a provider without a region: its list does not tell where */
    const struct geo_edition *provider_by;
    uint32_t asn; /* 0: none known */
    str organisation;
    const struct geo_edition *asn_by;
    bool
        is_between; /* nobody announces it, but the provider announces what is on both sides of it */
    /* where its owner sits, and the country that reaches the owner through who controls it */
    geo_country seat, parent;
    /* ours; `value` leads to the caller's row. NULL: not ours */
    const struct geo_own *own, *override;
};
/* One look-up: a number that is the same for all addresses of which the same is said, for keeping with
 * a flow; the answer can be had from it later. */
uint32_t geo_atlas_record(const struct geo_atlas *atlas, const struct geo_address *address);
void geo_atlas_answer(const struct geo_atlas *atlas, uint32_t record, struct geo_answer *out);
static inline void geo_atlas_find(const struct geo_atlas *atlas, const struct geo_address *address,
                                  struct geo_answer *out) {
    geo_atlas_answer(atlas, geo_atlas_record(atlas, address), out);
}
/* The same, and the last address up to which all have this record, beginning with `address`. */
uint32_t geo_atlas_run(const struct geo_atlas *atlas, const struct geo_address *address,
                       struct geo_address *last);
struct geo_atlas_sizes {
    size_t records, cuts_v4, cuts_v6, bytes;
};
struct geo_atlas_sizes geo_atlas_sizes(const struct geo_atlas *atlas);
/* All editions it was made of, for evidence and for whom to name. */
const struct geo_edition *geo_atlas_editions(const struct geo_atlas *atlas, size_t *count);

/* ---- the ground ---- */

struct geo_point {
    double lat_deg, lon_deg; /* WGS 84; -90..90, -180..180 */
};
bool geo_point_is_valid(struct geo_point point); /* finite and within range */
/* Great circle on a sphere of 6,371.0088 km (the IUGG mean radius); off by up to 0.56 % from the
 * ellipsoid, so no reader may take it as a survey. Both points valid. */
double geo_distance_km(struct geo_point a, struct geo_point b);

/* ---- what a round trip proves ---- */

/* Half of two thirds of the speed of light, in a millisecond: how far away, at most, whoever answered
 * over fibre can be for each ms of round trip. A link by radio or through hollow fibre reaches up to
 * half as far again. Too fast an answer proves; a slow one proves nothing, and a relay, proxy or cache
 * answers for itself. Source: Gueye and others, Constraint-Based Geolocation (IMC 2004). */
#define GEO_KM_PER_MS 99.93
double geo_bound_km(int64_t rtt_ns);      /* not negative */
int64_t geo_bound_ns(double distance_km); /* the least round trip over that distance */

struct geo_landmark {
    struct geo_point at;
    double error_km; /* its own place is known no better */
    int64_t rtt_ns;  /* the least it saw */
};
/* A disc that holds all of what it stands for: a town, an island, a part of a country. */
struct geo_disc {
    struct geo_point at;
    double radius_km;
};
/* True: whoever answered all landmarks in their times is not in the disc, with 0.56 % given away for
 * the earth being no sphere; *by is the landmark that shows it best. */
bool geo_landmarks_exclude(const struct geo_landmark *landmarks, size_t count,
                           const struct geo_disc *disc, size_t *by);
/* True: none of the discs, which together must cover the country, can hold it. No discs: false. */
bool geo_landmarks_exclude_all(const struct geo_landmark *landmarks, size_t count,
                               const struct geo_disc *discs, size_t disc_count);
/* False: two landmarks (*first, *second) cannot both have met one place. Then many places answer, or
 * a landmark is not where it says. */
bool geo_landmarks_agree(const struct geo_landmark *landmarks, size_t count, size_t *first,
                         size_t *second);

/* How far it is, at the least, from a point to where a machine of that country can stand; 0: it may be right
 * there. Too low by up to 60 km, of which 25 are given away for the sea: territorial waters are 12 nautical miles
 * (22.2 km) wide, with platforms, cables' ends and islets that no map of the world draws, and outlines are coarse by a
 * kilometre or two. Never too high, as far as Natural Earth's outlines at 1:10m hold the country, parts that are drawn
 * without a code of their own and overseas parts with one included. Its borders are no statement of position.
 * False: it draws nothing of that country, which then can be excluded from nowhere. Takes some 0.1 ms. `from` valid.
 * Source: Natural Earth, admin 0 countries; UNCLOS article 3 (12 nautical miles). */
#define GEO_GROUND_MARGIN_KM 25.0
bool geo_country_distance_km(geo_country country, struct geo_point from, double *km);

/* ---- the grid square code of Japan ---- */

/* Squares of 80 km, 10 km, 1 km, 500 m and 250 m, by the digits of their codes. Source: JIS X 0410. */
enum geo_mesh {
    GEO_MESH_80KM = 4,
    GEO_MESH_10KM = 6,
    GEO_MESH_1KM = 8,
    GEO_MESH_500M = 9,
    GEO_MESH_250M = 10
};
enum { GEO_MESH_DIGITS = 10 };
/* The code of the square that holds the point, as many digits as `mesh`, closed with a zero. False: the
 * grid has no square there (0 to 66.67 degrees north, 100 to 180 east); nothing is written. */
bool geo_mesh_write(struct geo_point point, enum geo_mesh mesh, char out[GEO_MESH_DIGITS + 1]);
/* The south-western corner of a square and its extent. False: no such code. */
bool geo_mesh_read(str code, struct geo_point *corner, double *lat_extent_deg,
                   double *lon_extent_deg);

#endif
