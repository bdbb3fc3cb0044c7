/* What a master file says: names with their addresses and aliases, and the servers it points to.
 *
 * Records of one name that stand together are one server. Mail and name servers inside the zone have address
 * records of their own; those outside are told once each. Source: RFC 1035 5 (files), 3.3 and 3.4 (records),
 * RFC 3596 (AAAA), 2782 (SRV), 2308 4 ($TTL), 3597 (unknown types). */
#include "inventory/zone.h"

enum { NAME_BYTES = 254, OWNER_BYTES = 1 << 14 };

struct name {
    char at[NAME_BYTES];
    size_t len;
};

struct zone {
    struct reading *reading;
    struct making *owner, *other; /* of the records at hand; of what they point to */
    struct arena owner_arena;     /* one name, its target, its texts */
    bool is_open;                 /* `owner` holds something */
    struct name origin, name;     /* name: of the last entry that had one */
    struct name apex;             /* the zone's own: of its SOA */
    struct seen seen;             /* servers outside that were told */
    str top;                      /* the file that was given */
    unsigned depth, included;     /* files within files at hand; in all */
};

/* ---- names ---- */

/* Absolute, lower case, without the final dot. Why not, or NULL. */
static const char *name_make(const struct zone *z, str text, struct name *out) {
    char memory[2 * NAME_BYTES];
    struct text full = text_into(memory, sizeof memory);
    if (str_equal(text, STR("@"))) {
        text_add(&full, str_of(z->origin.at, z->origin.len));
    } else if (str_ends(text, STR("."))) {
        text_add(&full, str_slice(text, 0, text.len - 1));
    } else {
        text_add(&full, text);
        if (z->origin.len == 0) return "a name that ends without a dot, and no $ORIGIN";
        text_add_char(&full, '.');
        text_add(&full, str_of(z->origin.at, z->origin.len));
    }
    if (full.overflow || full.len >= NAME_BYTES) return "a name is over 253 characters";
    for (size_t i = 0; i < full.len; i++) {
        char c = memory[i];
        out->at[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    out->len = full.len;
    return NULL;
}

static str name_str(const struct name *name) {
    return str_of(name->at, name->len);
}

/* Why a name, which is in lower case already, is no host's; NULL: it is. */
static const char *host_wrong(str name) {
    struct arena nothing = {0};
    str checked;
    return host_name_read(name, &nothing, &checked);
}

/* The zone's name from that of its file: "example.jp.zone", "db.example.jp". */
static void origin_guess(struct zone *z) {
    str name = z->reading->options->origin;
    size_t slash;
    if (name.len == 0) {
        name = z->reading->file;
        while (str_find_char(name, '/', &slash)) name = str_skip(name, slash + 1);
        if (str_starts(name, STR("db."))) name = str_skip(name, 3);
        if (str_ends(name, STR(".zone"))) name = str_slice(name, 0, name.len - 5);
    }
    char memory[NAME_BYTES + 1];
    if (str_ends(name, STR("."))) name.len--;
    if (name.len >= NAME_BYTES || name.len == 0) return;
    memcpy(memory, name.at, name.len);
    memory[name.len] = '.'; /* so that it stands for itself */
    if (name_make(z, str_of(memory, name.len + 1), &z->origin) != NULL) return;
    size_t dot;
    str origin = name_str(&z->origin);
    if (host_wrong(origin) != NULL || !str_find_char(origin, '.', &dot)) z->origin.len = 0;
}

static bool is_reverse(str name) {
    return str_ends(name, STR(".in-addr.arpa")) || str_ends(name, STR(".ip6.arpa"));
}

/* "64/26", "64-127": a part of a network of its own, and no part of the address. Source: RFC 2317 4. */
static bool is_classless(str part) {
    size_t at;
    return str_find_char(part, '/', &at) || str_find_char(part, '-', &at);
}

/* The address of a name under in-addr.arpa or ip6.arpa. Source: RFC 1035 3.5, RFC 3596 2.5. */
static bool reverse_address(str name, struct geo_address *out) {
    bool is_v6 = str_ends(name, STR(".ip6.arpa"));
    if (!is_reverse(name)) return false;
    str rest = str_slice(name, 0, name.len - (is_v6 ? 8 : 12)), part; /* with the dot before it */
    unsigned char bytes[16] = {0};
    unsigned count = 0, most = is_v6 ? 32 : 4;
    for (; str_cut(&rest, '.', &part); count++) {
        uint64_t value;
        if (!is_v6 && count == 1 && is_classless(part) && !str_cut(&rest, '.', &part)) return false;
        if (count == most || part.len > (is_v6 ? 1 : 3)) return false;
        if (is_v6 ? !str_hex_u64(part, &value) : !str_u64(part, &value) || value > 255)
            return false;
        unsigned at = most - 1 - count;
        if (is_v6)
            bytes[at / 2] |= (unsigned char)(value << (at % 2 == 0 ? 4 : 0));
        else
            bytes[at] = (unsigned char)value;
    }
    return rest.len == 0 && count == most && geo_address_of(bytes, is_v6 ? 16 : 4, out);
}

/* ---- servers ---- */

static enum error_code owner_end(struct zone *z) {
    bool was_server;
    if (!z->is_open) return OK;
    z->is_open = false;
    return making_end(z->owner, &was_server);
}

/* The server of the entry's name; NULL: the name is none, which is told. */
static enum error_code owner_of(struct zone *z, const struct zone_entry *entry,
                                struct making **out) {
    struct making *m = z->owner;
    str name;
    *out = NULL;
    if (z->is_open && str_equal(m->names[0], name_str(&z->name))) return *out = m, OK;
    TRY(owner_end(z));
    making_begin(m, z->reading, entry->line, entry->offset);
    m->arena = z->owner_arena;
    const char *why = host_name_read(name_str(&z->name), &m->arena, &name);
    if (why != NULL) {
        reading_problem(z->reading, entry->line, "expected the name of a host: %s, found \"%.*s\"",
                        why, STR_FMT(reading_shown(name_str(&z->name))));
        return OK;
    }
    TRY(arena_copy(&m->arena, name, &name, z->reading->e));
    making_name(m, name);
    z->is_open = true;
    *out = m;
    return OK;
}

static void wrong(struct zone *z, const struct zone_entry *entry, const char *expected,
                  const char *why, str found) {
    reading_problem(z->reading, entry->line, "expected %s%s%s, found \"%.*s\"", expected,
                    why != NULL ? ": " : "", why != NULL ? why : "", STR_FMT(reading_shown(found)));
}

static enum error_code address_take(struct zone *z, const struct zone_entry *entry, str text,
                                    unsigned len) {
    struct geo_address address;
    struct making *m;
    if (!geo_address_read(text, &address) ||
        (address.len != len && !str_starts(text, STR("::ffff:")))) {
        wrong(z, entry, len == 4 ? "an IPv4 address" : "an IPv6 address", NULL, text);
        return OK;
    }
    TRY(owner_of(z, entry, &m));
    if (m != NULL) making_address(m, &address);
    return OK;
}

static enum error_code alias_take(struct zone *z, const struct zone_entry *entry, str text) {
    struct name target;
    struct making *m;
    if (is_reverse(name_str(&z->name))) { /* where another has the PTR: RFC 2317 */
        z->reading->report.passed_over++;
        return OK;
    }
    const char *why = name_make(z, text, &target);
    if (why == NULL) why = host_wrong(name_str(&target));
    if (why != NULL) return wrong(z, entry, "the name of a host", why, text), OK;
    TRY(owner_of(z, entry, &m));
    if (m == NULL || m->server.target.len > 0) return OK;
    return arena_copy(&m->arena, name_str(&target), &m->server.target, z->reading->e);
}

static bool is_inside(const struct zone *z, str name) {
    str apex = name_str(z->apex.len > 0 ? &z->apex : &z->origin);
    if (apex.len == 0 || !str_ends(name, apex)) return false;
    return name.len == apex.len || name.at[name.len - apex.len - 1] == '.';
}

/* What MX, NS and SRV point to. "." is nothing. */
static enum error_code other_take(struct zone *z, const struct zone_entry *entry, str text,
                                  str type) {
    struct reading *r = z->reading;
    struct name target;
    bool is_new, was_server;
    str name;
    const char *why = str_equal(text, STR(".")) ? NULL : name_make(z, text, &target);
    if (why == NULL && !str_equal(text, STR("."))) why = host_wrong(name_str(&target));
    if (why != NULL) return wrong(z, entry, "the name of a host", why, text), OK;
    if (str_equal(text, STR(".")) || is_inside(z, name_str(&target))) {
        r->report.passed_over++;
        return OK;
    }
    if (seen_has(&z->seen, name_str(&target))) {
        r->report.passed_over++;
        return OK;
    }
    TRY(arena_copy(&r->scratch, name_str(&target), &name, r->e));
    TRY(seen_add(&z->seen, r, name, &is_new));
    making_begin(z->other, r, entry->line, entry->offset);
    making_name(z->other, name);
    making_said(z->other, INVENTORY_KIND, type);
    making_said(z->other, INVENTORY_LABEL, name_str(&z->name));
    return making_end(z->other, &was_server);
}

/* A name for an address, in a reverse zone. */
static enum error_code pointer_take(struct zone *z, const struct zone_entry *entry, str text) {
    struct geo_address address;
    struct name target;
    bool was_server;
    if (!reverse_address(name_str(&z->name), &address)) {
        z->reading->report.passed_over++; /* PTR of services and the like */
        return OK;
    }
    const char *why = name_make(z, text, &target);
    if (why == NULL) why = host_wrong(name_str(&target));
    if (why != NULL) return wrong(z, entry, "the name of a host", why, text), OK;
    TRY(owner_end(z));
    making_begin(z->other, z->reading, entry->line, entry->offset);
    making_name(z->other, name_str(&target));
    making_address(z->other, &address);
    return making_end(z->other, &was_server);
}

/* ---- records ---- */

/* "3600", "1h30m". Source: BIND 9, "TTL" (units); RFC 2308 4. */
static bool is_ttl(str token) {
    bool has_digit = false;
    for (size_t i = 0; i < token.len; i++) {
        char c = token.at[i];
        if (c >= '0' && c <= '9')
            has_digit = true;
        else if (!has_digit || strchr("smhdwSMHDW", c) == NULL)
            return false;
    }
    return has_digit;
}
static bool is_class(str token) {
    return str_equal_nocase(token, STR("IN")) || str_equal_nocase(token, STR("CH")) ||
           str_equal_nocase(token, STR("HS")) || str_equal_nocase(token, STR("CS"));
}

/* Types that say nothing of servers. Source: IANA, "Resource Record (RR) TYPEs". */
static bool is_other_type(str type) {
    static const char *const types[] = {
        "SOA",   "TXT",        "SPF",    "CAA",     "DS",   "DNSKEY", "RRSIG",      "NSEC",
        "NSEC3", "NSEC3PARAM", "CDS",    "CDNSKEY", "TLSA", "SSHFP",  "NAPTR",      "HINFO",
        "RP",    "LOC",        "AFSDB",  "DNAME",   "URI",  "SMIMEA", "OPENPGPKEY", "CERT",
        "HTTPS", "SVCB",       "ZONEMD", "CSYNC",   "APL",  "DHCID",  "HIP",        "IPSECKEY",
        "KEY",   "KX",         "MINFO",  "MB",      "MG",   "MR",     "NULL",       "WKS",
        "X25",   "ISDN",       "RT",     "NSAP",    "PX",   "SIG",    "EUI48",      "EUI64",
        "NID",   "L32",        "L64",    "LP",      "DLV",  "TA",     "ALIAS",      "ANAME"};
    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (str_equal_nocase(type, str_from_c(types[i]))) return true;
    uint32_t number;
    return type.len > 4 && str_equal_nocase(str_slice(type, 0, 4), STR("TYPE")) &&
           str_u32(str_skip(type, 4), &number) && number <= 65535;
}

static enum error_code record_take(struct zone *z, const struct zone_entry *entry, str type,
                                   const str *data, size_t count) {
    static const struct {
        const char *type;
        size_t count;
    } rows[] = {{"A", 1}, {"AAAA", 1}, {"CNAME", 1}, {"MX", 2}, {"NS", 1}, {"SRV", 4}, {"PTR", 1}};
    size_t i = 0;
    while (i < COUNT_OF(rows) && !str_equal_nocase(type, str_from_c(rows[i].type))) i++;
    if (i == COUNT_OF(rows)) {
        if (is_other_type(type))
            z->reading->report.passed_over++;
        else
            wrong(z, entry, "a type of record", NULL, type);
        return OK;
    }
    if (count != rows[i].count) {
        reading_problem(z->reading, entry->line, "expected %zu values of a record %s, found %zu",
                        rows[i].count, rows[i].type, count);
        return OK;
    }
    str last = data[count - 1];
    switch (i) {
    case 0: return address_take(z, entry, last, 4);
    case 1: return address_take(z, entry, last, 16);
    case 2: return alias_take(z, entry, last);
    case 6: return pointer_take(z, entry, last);
    default: return other_take(z, entry, last, str_from_c(rows[i].type));
    }
}

/* [owner] [TTL] [class] type data, TTL and class in either order. */
static enum error_code entry_take(struct zone *z, const struct zone_entry *entry) {
    size_t at = 0;
    if (entry->has_owner) {
        const char *why = name_make(z, entry->tokens[at++], &z->name);
        if (why != NULL) {
            z->name.len = 0; /* what follows without an owner is its, and nobody's */
            return wrong(z, entry, "the name of a record", why, entry->tokens[0]), OK;
        }
        if (z->is_open && !str_equal(z->owner->names[0], name_str(&z->name))) TRY(owner_end(z));
    } else if (z->name.len == 0) {
        return wrong(z, entry, "a name before the first record without one", NULL,
                     entry->tokens[0]),
               OK;
    }
    for (unsigned i = 0; i < 2 && at < entry->count; i++)
        if (is_class(entry->tokens[at]) || is_ttl(entry->tokens[at])) at++;
    if (at == entry->count)
        return wrong(z, entry, "a type of record", NULL, entry->tokens[at - 1]), OK;
    str type = entry->tokens[at++];
    if (str_equal_nocase(type, STR("SOA"))) z->apex = z->name;
    return record_take(z, entry, type, &entry->tokens[at], entry->count - at);
}

/* ---- directives ---- */

static enum error_code generate_take(struct zone *z, const struct zone_entry *entry) {
    struct zone_range range;
    if (entry->count < 5)
        return wrong(z, entry, "$GENERATE range name [TTL] [class] type data", NULL,
                     entry->tokens[0]),
               OK;
    const char *why = zone_range_read(entry->tokens[1], &range);
    if (why != NULL) return wrong(z, entry, "a range", why, entry->tokens[1]), OK;
    uint64_t count = ((uint64_t)range.last - range.first) / range.step + 1;
    for (uint64_t i = 0; i < count; i++) {
        struct zone_entry made = {.has_owner = true, .line = entry->line, .offset = entry->offset};
        char memory[1024];
        struct text text = text_into(memory, sizeof memory);
        uint32_t value = range.first + (uint32_t)i * range.step;
        for (size_t k = 2; k < entry->count; k++) {
            size_t begin = text.len;
            why = zone_generate(entry->tokens[k], value, &text);
            if (why != NULL) return wrong(z, entry, "a template", why, entry->tokens[k]), OK;
            made.tokens[made.count++] = str_of(memory + begin, text.len - begin);
        }
        uint64_t problems = z->reading->report.problems.total;
        TRY(entry_take(z, &made));
        if (z->reading->report.problems.total > problems) break; /* the others are as wrong */
    }
    return OK;
}

static enum error_code entries_take(struct zone *z);

/* The bytes of a file that is to be included; why not, or NULL. */
static const char *included_open(struct zone *z, str value, str *name, str *bytes) {
    struct reading *r = z->reading;
    const struct inventory_opener *opener = r->options->opener;
    const char *why = NULL;
    if (value.len == 0) return "nothing there";
    if (opener == NULL) return "none is opened here: give that file as well";
    if (z->depth == LIMIT_INVENTORY_INCLUDE_DEPTH) return "files within files over 8 deep";
    if (z->included == LIMIT_INVENTORY_INCLUDED) return "over 256 files in all";
    if (!opener->open(opener->self, z->top, value, &r->scratch, name, bytes, &why)) return why;
    if (str_starts(*bytes, STR("\xef\xbb\xbf"))) *bytes = str_skip(*bytes, 3);
    return NULL;
}

/* $INCLUDE file [origin]: neither its $ORIGIN nor its last name reaches what stands behind. Source: RFC 1035 5.1. */
static enum error_code include_take(struct zone *z, const struct zone_entry *entry) {
    struct reading *r = z->reading;
    struct name origin = z->origin, name = z->name;
    str file = r->file, bytes = r->bytes, value = entry->count > 1 ? entry->tokens[1] : STR_EMPTY;
    size_t skipped = r->skipped;
    str own_name, own;
    const char *why = entry->count > 2 ? name_make(z, entry->tokens[2], &z->origin) : NULL;
    if (why != NULL) return wrong(z, entry, "the name of a zone", why, entry->tokens[2]), OK;
    why = included_open(z, value, &own_name, &own);
    if (why != NULL) {
        z->origin = origin;
        return wrong(z, entry, "a file to include", why, value), OK;
    }
    TRY(owner_end(z));
    z->depth++;
    z->included++;
    r->file = own_name;
    r->bytes = own;
    r->skipped = 0;
    TRY(entries_take(z));
    r->file = file;
    r->bytes = bytes;
    r->skipped = skipped;
    z->depth--;
    z->origin = origin;
    z->name = name;
    return OK;
}

static enum error_code directive_take(struct zone *z, const struct zone_entry *entry) {
    str word = entry->tokens[0], value = entry->count > 1 ? entry->tokens[1] : STR_EMPTY;
    if (str_equal_nocase(word, STR("$ORIGIN"))) {
        struct name origin;
        const char *why = value.len > 0 ? name_make(z, value, &origin) : "nothing there";
        if (why != NULL) return wrong(z, entry, "the name of a zone", why, value), OK;
        z->origin = origin;
    } else if (str_equal_nocase(word, STR("$TTL"))) {
        if (!is_ttl(value)) wrong(z, entry, "a time to live", NULL, value);
    } else if (str_equal_nocase(word, STR("$GENERATE"))) {
        return generate_take(z, entry);
    } else if (str_equal_nocase(word, STR("$INCLUDE"))) {
        return include_take(z, entry);
    } else {
        wrong(z, entry, "$ORIGIN, $TTL, $GENERATE or $INCLUDE", NULL, word);
    }
    return OK;
}

/* ---- the whole file ---- */

static enum error_code entries_take(struct zone *z) {
    struct reading *r = z->reading;
    struct zone_scan scan = {.bytes = r->bytes, .line = 1};
    struct zone_entry entry;
    uint64_t last_line = 1;
    while (zone_scan_next(&scan, &entry)) {
        last_line = entry.line;
        if (entry.wrong != NULL) {
            reading_problem(r, entry.line, "expected an entry of a zone: %s at byte %zu",
                            entry.wrong, entry.offset + r->skipped);
            r->report.problems.is_cut = r->report.problems.is_cut || entry.is_cut;
        } else if (entry.has_owner && str_starts(entry.tokens[0], STR("$"))) {
            TRY(directive_take(z, &entry));
        } else {
            TRY(entry_take(z, &entry));
        }
    }
    TRY(owner_end(z));
    if (r->bytes.len > 0 && r->bytes.at[r->bytes.len - 1] != '\n') reading_unended(r, last_line);
    return OK;
}

enum error_code zone_read(struct reading *r) {
    struct zone z = {.reading = r,
                     .top = r->file,
                     .owner = arena_new(&r->scratch, struct making, 1),
                     .other = arena_new(&r->scratch, struct making, 1)};
    char *memory = arena_bytes(&r->scratch, OWNER_BYTES);
    if (z.owner == NULL || z.other == NULL || memory == NULL)
        return error_set(r->e, FAIL_MEMORY, "%.*s: no room to read it", STR_FMT(r->file));
    z.owner_arena = arena_over(memory, OWNER_BYTES);
    origin_guess(&z);
    return entries_take(&z);
}
