/* Where: addresses and networks, what country public data give for an address, points and
 * distances.
 *
 * An address's country is where a network is said to be, not where a person sits: whoever shows it
 * says so. Data are a dated, replaceable file; nothing here is truth. Pure but for geo_data_open.
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

/* ---- the ground ---- */

struct geo_point {
    double lat_deg, lon_deg; /* WGS 84; -90..90, -180..180 */
};
bool geo_point_is_valid(struct geo_point point); /* finite and within range */
/* Great circle on a sphere of 6,371.0088 km (the IUGG mean radius); off by up to 0.56 % from the
 * ellipsoid, so no reader may take it as a survey. Both points valid. */
double geo_distance_km(struct geo_point a, struct geo_point b);

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
