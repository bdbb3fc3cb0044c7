/* One text as a host, an address, a network or a URL; and, where it is none, why not. */
#include <idn2.h>
#include <stdio.h>

#include "inventory/reading.h"

/* ---- host names ---- */

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Underscores stand in names of services and of Windows machines, '*' for all names below. */
static const char *label_check(str label, bool is_first) {
    if (label.len == 0) return "a name has an empty part between two dots";
    if (label.len > 63) return "a part of a name is over 63 characters";
    if (is_first && str_equal(label, STR("*"))) return NULL;
    for (size_t i = 0; i < label.len; i++) {
        char c = label.at[i];
        if ((unsigned char)c >= 0x80) return "a name outside ASCII is written as \"xn--…\"";
        if (!is_letter(c) && !is_digit(c) && c != '-' && c != '_')
            return "a character that no name has";
    }
    if (label.at[0] == '-' || label.at[label.len - 1] == '-')
        return "a part of a name begins or ends with '-'";
    return NULL;
}

static bool is_number(str label) {
    for (size_t i = 0; i < label.len; i++)
        if (!is_digit(label.at[i])) return false;
    return label.len > 0;
}

/* Source: RFC 1123 2.1, RFC 1035 2.3.4 (lengths). */
const char *host_name_read(str text, struct arena *arena, str *out) {
    str name = text, last = STR_EMPTY;
    if (str_ends(name, STR("."))) name.len--;
    if (name.len == 0) return "nothing there";
    if (name.len > 253) return "a name is over 253 characters";
    bool has_upper = false;
    for (size_t begin = 0, i = 0; i <= name.len; i++) {
        has_upper = has_upper || (i < name.len && name.at[i] >= 'A' && name.at[i] <= 'Z');
        if (i < name.len && name.at[i] != '.') continue;
        last = str_slice(name, begin, i - begin);
        const char *why = label_check(last, begin == 0);
        if (why != NULL) return why;
        begin = i + 1;
    }
    if (is_number(last)) return "neither an address nor a name: names do not end in a number";
    if (!has_upper) return *out = name, NULL;
    char *lower = arena_bytes(arena, name.len);
    if (lower == NULL) return "there is no room for it";
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        lower[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    return *out = str_of(lower, name.len), NULL;
}

static bool is_ascii(str text) {
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] >= 0x80) return false;
    return true;
}

/* A word alone that is outside ASCII is what people call a thing, not a name of DNS.
 * Source: RFC 5891 (IDNA 2008), UTS 46 (non-transitional). */
const char *host_name_any(str text, struct arena *arena, str *out) {
    size_t at;
    str own, name;
    char *ascii = NULL;
    struct error full;
    if (is_ascii(text)) return host_name_read(text, arena, out);
    if (!str_find_char(text, '.', &at) && !str_find(text, STR("\u3002"), &at))
        return "a word outside ASCII is no name of a host";
    if (text.len > LIMIT_INVENTORY_ROW_BYTES || arena_copy(arena, text, &own, &full) != OK)
        return "there is no room for it";
    if (memchr(own.at, 0, own.len) != NULL) return "a character that no name has";
    if (idn2_to_ascii_8z(own.at, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK)
        return "a name that IDNA 2008 does not allow";
    enum error_code code = arena_copy(arena, str_from_c(ascii), &name, &full);
    idn2_free(ascii);
    return code == OK ? host_name_read(name, arena, out) : "there is no room for it";
}

/* U+FF01 to U+FF5E, the space U+3000, and the comma and full stops of Japanese. */
static size_t narrow_char(str text, char *out) {
    if (text.len < 3) return 0;
    unsigned char a = (unsigned char)text.at[0], b = (unsigned char)text.at[1],
                  c = (unsigned char)text.at[2];
    if (a == 0xef && b == 0xbc && c >= 0x81 && c <= 0xbf)
        *out = (char)(c - 0x60);
    else if (a == 0xef && b == 0xbd && c >= 0x80 && c <= 0x9e)
        *out = (char)(c - 0x20);
    else if ((a == 0xef && b == 0xbd && c == 0xa1) || (a == 0xe3 && b == 0x80 && c == 0x82))
        *out = '.';
    else if (a == 0xe3 && b == 0x80 && (c == 0x80 || c == 0x81))
        *out = c == 0x80 ? ' ' : ',';
    else
        return 0;
    return 3;
}

str making_narrow(struct making *m, str text) {
    if (is_ascii(text)) return text;
    char *out = arena_bytes(&m->arena, text.len);
    size_t len = 0;
    if (out == NULL) return text;
    for (str rest = text; rest.len > 0;) {
        size_t used = narrow_char(rest, &out[len]);
        if (used == 0) out[len] = rest.at[0];
        len++;
        rest = str_skip(rest, used > 0 ? used : 1);
    }
    return str_of(out, len);
}

/* ---- hosts with ports, and URLs ---- */

/* What people and programs write for several hosts in one word; NULL: nothing of that. */
static const char *several_of(str text) {
    struct geo_address first, last;
    size_t at;
    if (str_find_char(text, ',', &at)) return "several in one word: leave a space between them";
    if (str_find_char(text, '[', &at))
        return "a pattern for several names: write each, or say --input ansible";
    if (str_find_char(text, '-', &at) && geo_address_read(str_slice(text, 0, at), &first) &&
        geo_address_read(str_skip(text, at + 1), &last))
        return "a range of addresses: write it as networks, such as 192.0.2.0/28";
    return NULL;
}

static bool is_port(str text) {
    uint32_t port;
    return str_u32(text, &port) && port <= 65535;
}

/* "192.0.2.1", "[2001:db8::1]:443", "db.example.jp:5432", "admin@db.example.jp". */
static const char *host_add(struct making *m, str text, bool is_strict) {
    struct geo_address address;
    size_t at;
    while (str_find_char(text, '@', &at)) text = str_skip(text, at + 1);
    if (str_starts(text, STR("["))) {
        if (!str_find_char(text, ']', &at)) return "a '[' without its ']'";
        str after = str_skip(text, at + 1);
        if (after.len > 0 && !(after.at[0] == ':' && is_port(str_skip(after, 1))))
            return "a port is a number up to 65535";
        text = str_slice(text, 1, at - 1);
        if (!geo_address_read(text, &address) || address.len != 16)
            return "brackets hold an IPv6 address";
    } else if (!geo_address_read(text, &address)) {
        const char *several = several_of(text);
        if (several != NULL) return several;
        address.len = 0;
        if (str_find_char(text, ':', &at)) {
            if (str_find_char(str_skip(text, at + 1), ':', &at)) {
                if (str_find_char(text, '%', &at))
                    return "an address with a zone ('%') means something on one machine alone";
                return "an IPv6 address that is none";
            }
            if (!is_port(str_skip(text, at + 1))) return "a port is a number up to 65535";
            text = str_slice(text, 0, at);
            is_strict = false;
            if (!geo_address_read(text, &address)) address.len = 0;
        }
    }
    if (address.len != 0) return making_address(m, &address), NULL;
    if (is_strict && !str_find_char(text, '.', &at)) return "a word is no address";
    str name;
    const char *why = host_name_any(text, &m->arena, &name);
    if (why != NULL) return why;
    making_name(m, name);
    return NULL;
}

/* A bucket has a host too, if its name can be one. Source: Amazon S3, "Virtual hosting of buckets". */
static const char *bucket_add(struct making *m, str url, str bucket, bool is_s3) {
    making_said(m, INVENTORY_STORE, url);
    making_said(m, INVENTORY_PROVIDER, is_s3 ? STR("aws") : STR("gcp"));
    if (!is_s3) return NULL;
    str host, name;
    struct error full;
    if (arena_format(&m->arena, &host, &full, "%.*s.s3.amazonaws.com", STR_FMT(bucket)) != OK)
        return "there is no room for it";
    if (host_name_read(host, &m->arena, &name) == NULL) making_name(m, name);
    return NULL;
}

/* The URL without user and password. */
static str url_bare(struct making *m, str url, str authority, size_t user) {
    if (user == 0) return url;
    size_t before = (size_t)(authority.at - url.at);
    str after = str_skip(url, before + user), bare;
    struct error full;
    bool is_made = arena_format(&m->arena, &bare, &full, "%.*s%.*s",
                                STR_FMT(str_slice(url, 0, before)), STR_FMT(after)) == OK;
    return is_made ? bare : STR_EMPTY;
}

/* `colon`: where "://" is. Source: RFC 3986 3.2; "jdbc:" and lists of hosts as database clients write them. */
static const char *url_add(struct making *m, str url, size_t colon) {
    str scheme = str_slice(url, 0, colon), authority = str_skip(url, colon + 3), head;
    size_t end = 0, at, user = 0;
    while (end < authority.len && strchr("/?#;\\", authority.at[end]) == NULL) end++;
    authority = str_slice(authority, 0, end);
    for (size_t i = 0; i < authority.len; i++)
        if (authority.at[i] == '@') user = i + 1;
    str hosts = str_skip(authority, user);
    if (hosts.len == 0) return "a URL that names no host";
    m->server.url = url_bare(m, url, authority, user);
    bool is_s3 = str_equal_nocase(scheme, STR("s3")) || str_equal_nocase(scheme, STR("s3a"));
    if (is_s3 || str_equal_nocase(scheme, STR("gs")))
        return bucket_add(m, m->server.url, hosts, is_s3);
    if (str_find_char(hosts, ',', &at) && str_starts(hosts, STR("[")))
        return "a list of hosts in a URL";
    for (bool more = true; more;) {
        more = str_cut(&hosts, ',', &head);
        const char *why = host_add(m, more ? head : hosts, false);
        if (why != NULL) return why;
    }
    return NULL;
}

/* ---- networks and shares ---- */

/* "10.0.0.1/24" where an address is wanted: an interface's, with the network it is in beside it, as NetBox and `ip addr`
 * write it. False: it is none. */
static bool interface_add(struct making *m, str text) {
    struct geo_address address;
    struct geo_network network;
    struct error why;
    size_t slash;
    uint32_t bits;
    if (!str_find_char(text, '/', &slash) || geo_network_read(text, &network, &why) == OK ||
        !geo_address_read(str_slice(text, 0, slash), &address) ||
        !str_u32(str_skip(text, slash + 1), &bits) || bits > address.len * 8)
        return false;
    making_address(m, &address);
    return true;
}

static const char *network_add(struct making *m, str text) {
    struct geo_network network;
    struct error why;
    if (geo_network_read(text, &network, &why) != OK) {
        struct geo_address base;
        size_t slash;
        bool has_base =
            str_find_char(text, '/', &slash) && geo_address_read(str_slice(text, 0, slash), &base);
        return has_base ? "a network has an address without host bits and a number of bits, as "
                          "192.0.2.0/24"
                        : "a path without its \"https://\"";
    }
    if (network.bits < (network.base.len == 4 ? 8 : 7))
        return "a network so wide is a route or a rule and nobody's: registries hand out a /8 at "
               "most";
    if (network.bits == network.base.len * 8) return making_address(m, &network.base), NULL;
    if (m->server.has_network) return "more than one network for one server";
    m->server.has_network = true;
    m->server.network = network;
    return NULL;
}

/* \\server\share and //server/share */
static const char *share_add(struct making *m, str text) {
    str host = str_skip(text, 2);
    size_t end = 0;
    while (end < host.len && host.at[end] != '/' && host.at[end] != '\\') end++;
    const char *why = host_add(m, str_slice(host, 0, end), false);
    if (why == NULL) making_said(m, INVENTORY_STORE, text);
    return why;
}

const char *making_host(struct making *m, str text, bool is_strict) {
    size_t at;
    text = str_trim(text);
    if (text.len == 0) return "nothing there";
    if (!str_is_utf8(text)) return "bytes that are not UTF-8";
    text = making_narrow(m, text);
    if (str_starts(text, STR("\\\\")) || str_starts(text, STR("//"))) return share_add(m, text);
    if (str_find(text, STR("://"), &at)) return url_add(m, text, at);
    if (is_strict && interface_add(m, text)) return NULL;
    if (str_find_char(text, '/', &at)) return network_add(m, text);
    return host_add(m, text, is_strict);
}

static bool is_gap(char c) {
    return c == ' ' || c == '\t' || c == ',' || c == ';' || c == '\n' || c == '\r';
}

const char *making_hosts(struct making *m, str texts, bool is_strict, str *bad) {
    size_t at;
    if (str_find(texts, STR("://"), &at) && !str_find_char(texts, ' ', &at)) {
        *bad = texts; /* a URL may hold commas and semicolons itself */
        return making_host(m, texts, is_strict);
    }
    for (size_t i = 0; i < texts.len;) {
        size_t begin = i;
        while (i < texts.len && !is_gap(texts.at[i])) i++;
        *bad = str_slice(texts, begin, i - begin);
        const char *why = bad->len > 0 ? making_host(m, *bad, is_strict) : NULL;
        if (why != NULL) return why;
        while (i < texts.len && is_gap(texts.at[i])) i++;
    }
    return NULL;
}

/* ---- the door's one text ---- */

enum error_code inventory_target_read(str text, struct arena *arena, struct inventory_server *out,
                                      struct error *e) {
    struct making *m = arena_new(arena, struct making, 1);
    str own;
    if (m == NULL) return error_set(e, FAIL_MEMORY, "no room to read a host");
    TRY(arena_copy(arena, str_trim(text), &own, e));
    m->arena = *arena;
    const char *why = making_host(m, own, false);
    *arena = m->arena;
    if (why != NULL)
        return error_set(e, FAIL_SYNTAX, "\"%.*s\" is no host, address, network or URL: %s",
                         STR_FMT(reading_shown(own)), why);
    *out = m->server;
    if (m->name_count > 0) out->name = m->names[0];
    out->aliases = &m->names[1];
    out->alias_count = m->name_count > 0 ? m->name_count - 1 : 0;
    out->addresses = m->addresses;
    return OK;
}
