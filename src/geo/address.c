/* Addresses in one spelling, networks, and what the special-purpose registries set aside. */
#include "geo/layer.h"

#include <arpa/inet.h>
#include <stdio.h>

static const unsigned char mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static bool is_mapped(const struct geo_address *a) {
    return a->len == 16 && memcmp(a->at, mapped_prefix, sizeof mapped_prefix) == 0;
}

static struct geo_address unmapped(const struct geo_address *a) {
    struct geo_address v4 = {.len = 4};
    memcpy(v4.at, a->at + 12, 4);
    return v4;
}

/* As written: a mapped address stays one. */
static bool address_read_raw(str text, struct geo_address *out) {
    char closed[INET6_ADDRSTRLEN];
    if (text.len == 0 || text.len >= sizeof closed || memchr(text.at, 0, text.len) != NULL)
        return false;
    memcpy(closed, text.at, text.len);
    closed[text.len] = 0;
    struct geo_address a = {0};
    if (inet_pton(AF_INET, closed, a.at) == 1)
        a.len = 4;
    else if (inet_pton(AF_INET6, closed, a.at) == 1)
        a.len = 16;
    else
        return false;
    *out = a;
    return true;
}

bool geo_address_read(str text, struct geo_address *out) {
    struct geo_address a;
    if (!address_read_raw(text, &a)) return false;
    *out = is_mapped(&a) ? unmapped(&a) : a;
    return true;
}

bool geo_address_of(const void *bytes, size_t count, struct geo_address *out) {
    if (count != 4 && count != 16) return false;
    struct geo_address a = {.len = (unsigned)count};
    memcpy(a.at, bytes, count);
    *out = is_mapped(&a) ? unmapped(&a) : a;
    return true;
}

size_t geo_address_write(const struct geo_address *address, char out[GEO_TEXT_BYTES]) {
    _Static_assert(GEO_TEXT_BYTES >= INET6_ADDRSTRLEN + 4, "an address and /128 fit");
    out[0] = 0;
    if (address->len == 4) inet_ntop(AF_INET, address->at, out, GEO_TEXT_BYTES);
    if (address->len == 16) inet_ntop(AF_INET6, address->at, out, GEO_TEXT_BYTES);
    return strlen(out);
}

bool geo_address_equal(const struct geo_address *a, const struct geo_address *b) {
    return a->len == b->len && memcmp(a->at, b->at, a->len) == 0;
}

/* ---- networks ---- */

static bool prefix_equal(const unsigned char *a, const unsigned char *b, unsigned bits) {
    unsigned whole = bits / 8, rest = bits % 8;
    if (memcmp(a, b, whole) != 0) return false;
    return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

static void host_bits_clear(struct geo_address *a, unsigned bits) {
    for (unsigned i = 0; i < a->len; i++) {
        unsigned kept = bits > 8 * i ? bits - 8 * i : 0;
        if (kept < 8) a->at[i] = (unsigned char)(a->at[i] & (0xff00u >> kept));
    }
}

enum error_code geo_network_read(str text, struct geo_network *out, struct error *e) {
    str rest = text, head = text;
    bool has_bits = str_cut(&rest, '/', &head);
    struct geo_address base;
    uint32_t bits = 0;
    if (!address_read_raw(head, &base) || (has_bits && (rest.len > 3 || !str_u32(rest, &bits))))
        return error_set(e, FAIL_SYNTAX, "expected a network such as 192.0.2.0/24, found \"%.*s\"",
                         (int)size_min(text.len, 60), text.at ? text.at : "");
    if (!has_bits) bits = 8 * base.len;
    if (bits > 8 * base.len)
        return error_set(e, FAIL_SYNTAX, "a prefix of an IPv%d address has at most %u bits, not %u",
                         base.len == 4 ? 4 : 6, 8 * base.len, bits);
    if (is_mapped(&base) && bits >= 96) {
        base = unmapped(&base);
        bits -= 96;
    }
    struct geo_network network = {base, bits};
    host_bits_clear(&network.base, bits);
    if (!geo_address_equal(&network.base, &base)) {
        char meant[GEO_TEXT_BYTES];
        geo_network_write(&network, meant);
        return error_set(e, FAIL_SYNTAX, "\"%.*s\" has bits beyond its prefix; the network is %s",
                         STR_FMT(text), meant);
    }
    *out = network;
    return OK;
}

size_t geo_network_write(const struct geo_network *network, char out[GEO_TEXT_BYTES]) {
    size_t len = geo_address_write(&network->base, out);
    return len + (size_t)snprintf(out + len, GEO_TEXT_BYTES - len, "/%u", network->bits);
}

bool geo_network_has(const struct geo_network *network, const struct geo_address *address) {
    return network->base.len == address->len &&
           prefix_equal(network->base.at, address->at, network->bits);
}

/* ---- what addresses are set aside for ---- */

/* No row lies inside another. What the registries mark globally reachable inside these blocks
 * (anycast of protocols) has no country either. */
static const struct {
    struct geo_network network;
    enum geo_use use;
} set_aside[] = {
    {{{{127}, 4}, 8}, GEO_LOOPBACK},
    {{{{10}, 4}, 8}, GEO_PRIVATE},
    {{{{172, 16}, 4}, 12}, GEO_PRIVATE},
    {{{{192, 168}, 4}, 16}, GEO_PRIVATE},
    {{{{169, 254}, 4}, 16}, GEO_LINK_LOCAL},
    {{{{100, 64}, 4}, 10}, GEO_SHARED},
    {{{{192, 0, 2}, 4}, 24}, GEO_DOCUMENTATION},
    {{{{198, 51, 100}, 4}, 24}, GEO_DOCUMENTATION},
    {{{{203, 0, 113}, 4}, 24}, GEO_DOCUMENTATION},
    {{{{0}, 4}, 8}, GEO_RESERVED},
    {{{{192}, 4}, 24}, GEO_RESERVED},
    {{{{192, 88, 99}, 4}, 24}, GEO_RESERVED},
    {{{{198, 18}, 4}, 15}, GEO_RESERVED},
    {{{{224}, 4}, 4}, GEO_MULTICAST},
    {{{{240}, 4}, 4}, GEO_RESERVED},
    {{{{[15] = 1}, 16}, 128}, GEO_LOOPBACK},
    {{{{0xfc}, 16}, 7}, GEO_PRIVATE},
    {{{{0xfe, 0x80}, 16}, 10}, GEO_LINK_LOCAL},
    {{{{0x20, 0x01, 0x0d, 0xb8}, 16}, 32}, GEO_DOCUMENTATION},
    {{{{0x3f, 0xff}, 16}, 20}, GEO_DOCUMENTATION},
    {{{{0x20, 0x01}, 16}, 23}, GEO_RESERVED}, /* protocol assignments, Teredo among them */
    {{{{0x20, 0x02}, 16}, 16}, GEO_RESERVED}, /* 6to4: says where a relay is */
    {{{{0xff}, 16}, 8}, GEO_MULTICAST},
};

enum geo_use geo_address_use(const struct geo_address *address) {
    for (size_t i = 0; i < COUNT_OF(set_aside); i++)
        if (geo_network_has(&set_aside[i].network, address)) return set_aside[i].use;
    /* Global unicast is handed out from 2000::/3 alone. Source: IANA IPv6 address space */
    if (address->len == 16 && (address->at[0] & 0xe0) != 0x20) return GEO_RESERVED;
    return address->len == 0 ? GEO_RESERVED : GEO_PUBLIC;
}

/* The rows above, and what lies around them. */
bool geo_set_aside(size_t index, struct geo_network *network, enum geo_use *use) {
    static const struct geo_network all_v6 = {{{0}, 16}, 0}, unicast_v6 = {{{0x20}, 16}, 3};
    if (index < COUNT_OF(set_aside)) {
        *network = set_aside[index].network;
        *use = set_aside[index].use;
        return true;
    }
    *network = index == COUNT_OF(set_aside) ? all_v6 : unicast_v6;
    *use = index == COUNT_OF(set_aside) ? GEO_RESERVED : GEO_PUBLIC;
    return index < COUNT_OF(set_aside) + 2;
}

const char *geo_use_name(enum geo_use use) {
    static const char *const names[GEO_USE_COUNT] = {
        [GEO_PUBLIC] = "public",         [GEO_LOOPBACK] = "loopback",
        [GEO_PRIVATE] = "private",       [GEO_SHARED] = "shared",
        [GEO_LINK_LOCAL] = "link-local", [GEO_DOCUMENTATION] = "documentation",
        [GEO_MULTICAST] = "multicast",   [GEO_RESERVED] = "reserved",
    };
    assert(use < GEO_USE_COUNT);
    return names[use];
}
