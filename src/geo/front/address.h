/* Addresses and networks, and tables of networks in which the longest prefix wins. */
#ifndef AZEKURA_GEO_FRONT_ADDRESS_H
#define AZEKURA_GEO_FRONT_ADDRESS_H

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

#endif
