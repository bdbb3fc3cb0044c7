/* A walk of one device: its own words, addresses and interfaces, and the ARP table it keeps.
 *
 * Objects go by their numbers; names are taken for the few that are read here, since without `-On` and with
 * MIBs installed snmpwalk prints those. Source: RFC 3418 (sysDescr, sysObjectID, sysName), 2863
 * (ifPhysAddress), 4293 (ipAddressTable, ipNetToPhysicalTable and the tables before them), 6933 (ENTITY-MIB);
 * net-snmp, snmpcmd(1), "Output options". */
#include <stdio.h>

#include "inventory/neighbours.h"

enum object {
    OBJECT_OTHER,
    SYS_DESCR,
    SYS_OBJECT_ID,
    SYS_NAME,
    IF_PHYS_ADDRESS,
    IP_AD_ENT_ADDR,  /* its addresses */
    IP_ADDRESS_IF,   /* its addresses, in the index */
    IP_NET_TO_MEDIA, /* neighbours: interface and address in the index */
    IP_NET_TO_PHYSICAL,
    ENT_FIRMWARE,
    ENT_SOFTWARE,
    ENT_SERIAL,
    ENT_MAKER,
    ENT_MODEL,
};

enum { DESCRIPTION_BYTES = 4096 };

struct walk {
    struct neighbours *n;
    struct sighting *own, *other;
    struct text description;
    enum object last; /* whose text the lines without a number go on with */
    bool has_any;
    bool has_open; /* a text in quotes that has not ended */
};

/* ---- numbers ---- */

/* Which object, and what is behind its number: the index. */
static enum object object_of(str oid, str *index) {
    static const struct {
        const char *number, *name;
        enum object object;
    } rows[] = {
        {"1.3.6.1.2.1.1.1.", "SNMPv2-MIB::sysDescr.", SYS_DESCR},
        {"1.3.6.1.2.1.1.2.", "SNMPv2-MIB::sysObjectID.", SYS_OBJECT_ID},
        {"1.3.6.1.2.1.1.5.", "SNMPv2-MIB::sysName.", SYS_NAME},
        {"1.3.6.1.2.1.2.2.1.6.", "IF-MIB::ifPhysAddress.", IF_PHYS_ADDRESS},
        {"1.3.6.1.2.1.4.20.1.1.", "IP-MIB::ipAdEntAddr.", IP_AD_ENT_ADDR},
        {"1.3.6.1.2.1.4.34.1.3.", "IP-MIB::ipAddressIfIndex.", IP_ADDRESS_IF},
        {"1.3.6.1.2.1.4.22.1.2.", "IP-MIB::ipNetToMediaPhysAddress.", IP_NET_TO_MEDIA},
        {"1.3.6.1.2.1.4.35.1.4.", "IP-MIB::ipNetToPhysicalPhysAddress.", IP_NET_TO_PHYSICAL},
        {"1.3.6.1.2.1.47.1.1.1.1.9.", "ENTITY-MIB::entPhysicalFirmwareRev.", ENT_FIRMWARE},
        {"1.3.6.1.2.1.47.1.1.1.1.10.", "ENTITY-MIB::entPhysicalSoftwareRev.", ENT_SOFTWARE},
        {"1.3.6.1.2.1.47.1.1.1.1.11.", "ENTITY-MIB::entPhysicalSerialNum.", ENT_SERIAL},
        {"1.3.6.1.2.1.47.1.1.1.1.12.", "ENTITY-MIB::entPhysicalMfgName.", ENT_MAKER},
        {"1.3.6.1.2.1.47.1.1.1.1.13.", "ENTITY-MIB::entPhysicalModelName.", ENT_MODEL}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        str number = str_from_c(rows[i].number), name = str_from_c(rows[i].name);
        bool is_number = str_starts(oid, number);
        if (!is_number && !(name.len > 0 && str_starts(oid, name))) continue;
        *index = str_skip(oid, is_number ? number.len : name.len);
        return rows[i].object;
    }
    return OBJECT_OTHER;
}

/* Digits and dots, without a dot in front; "iso" and "enterprises" are written out. Empty: none. */
static str oid_plain(str text, struct arena *arena) {
    static const struct {
        const char *word, *digits;
    } rows[] = {{".", ""},
                {"iso.", "1."},
                {"SNMPv2-SMI::enterprises.", "1.3.6.1.4.1."},
                {"SNMPv2-SMI::mib-2.", "1.3.6.1.2.1."},
                {"enterprises.", "1.3.6.1.4.1."}};
    str out = text;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        str word = str_from_c(rows[i].word);
        struct error full;
        if (!str_starts(text, word)) continue;
        str rest = str_skip(text, word.len);
        if (rows[i].digits[0] == 0) return rest;
        return arena_format(arena, &out, &full, "%s%.*s", rows[i].digits, STR_FMT(rest)) == OK
                   ? out
                   : STR_EMPTY;
    }
    return out;
}

static bool is_digits(str oid) {
    for (size_t i = 0; i < oid.len; i++)
        if ((oid.at[i] < '0' || oid.at[i] > '9') && oid.at[i] != '.') return false;
    return oid.len > 0;
}

/* The last `count` numbers of an index as bytes; false: fewer, or no bytes. */
static bool bytes_of_index(str index, size_t count, unsigned char *out) {
    while (count > 0) {
        size_t dot = index.len;
        while (dot > 0 && index.at[dot - 1] != '.') dot--;
        uint32_t value;
        if (!str_u32(str_skip(index, dot), &value) || value > 255) return false;
        out[--count] = (unsigned char)value;
        index = str_slice(index, 0, dot > 0 ? dot - 1 : 0);
    }
    return true;
}

/* With MIBs: "2.ipv4."192.0.2.1"" and "2.ipv6."20:01:0d:b8:…"", byte by byte. */
static bool inet_address_in_words(str index, struct geo_address *out) {
    size_t at, end;
    unsigned char bytes[16];
    if (!str_find(index, STR("ipv4.\""), &at) && !str_find(index, STR("ipv6.\""), &at))
        return false;
    str text = str_skip(index, at + 6);
    if (!str_find_char(text, '"', &end)) return false;
    text = str_slice(text, 0, end);
    if (text.len != 3 * sizeof bytes - 1) return geo_address_read(text, out);
    for (size_t i = 0; i < sizeof bytes; i++) {
        uint64_t value;
        if (!str_hex_u64(str_slice(text, 3 * i, 2), &value)) return false;
        bytes[i] = (unsigned char)value;
    }
    return geo_address_of(bytes, sizeof bytes, out);
}

/* Type (1 IPv4, 2 IPv6), length and bytes; an interface may stand before. Source: RFC 4001. */
static bool inet_address_of(str index, struct geo_address *out) {
    unsigned char bytes[18];
    if (inet_address_in_words(index, out)) return true;
    if (bytes_of_index(index, 18, bytes) && bytes[0] == 2 && bytes[1] == 16)
        return geo_address_of(bytes + 2, 16, out);
    if (bytes_of_index(index, 6, bytes) && bytes[0] == 1 && bytes[1] == 4)
        return geo_address_of(bytes + 2, 4, out);
    return false;
}

/* ---- values ---- */

struct value {
    str type;     /* "STRING"; empty: none is said */
    str text;     /* without quotes */
    bool is_open; /* a quote that does not end on this line */
};

static struct value value_of(str text) {
    struct value value = {.text = str_trim(text)};
    size_t colon;
    bool has_type = str_find(value.text, STR(": "), &colon) && colon < 20 && colon > 0 &&
                    value.text.at[0] >= 'A' && value.text.at[0] <= 'Z';
    if (!has_type && str_ends(value.text, STR(":")) && value.text.len < 20) {
        has_type = true;
        colon = value.text.len - 1;
    }
    if (has_type) {
        value.type = str_slice(value.text, 0, colon);
        value.text = str_trim(str_skip(value.text, colon + 1));
    }
    if (!str_starts(value.text, STR("\""))) return value;
    value.text = str_skip(value.text, 1);
    value.is_open = !str_ends(value.text, STR("\""));
    if (!value.is_open) value.text.len--;
    return value;
}

static void text_said(str *field, str text) {
    if (field->len == 0) *field = str_trim(text);
}

static void mac_said(struct walk *w, struct sighting *s, const struct value *value) {
    struct inventory_mac mac;
    if (value->text.len == 0) return; /* an interface without any, such as loopback */
    if (inventory_mac_read(value->text, &mac))
        sighting_mac(s, &mac);
    else
        w->n->passed_over++; /* of another length: a tunnel's, InfiniBand's */
}

/* A row of the device's ARP table is a device of its own. */
static enum error_code neighbour_tell(struct walk *w, const struct geo_address *address, str index,
                                      const struct value *value) {
    struct sighting *s = w->other;
    size_t dot;
    sighting_begin(s, w->n, w->n->reading.line);
    sighting_address(s, address);
    mac_said(w, s, value);
    if (str_find_char(index, '.', &dot)) s->device.interface = str_slice(index, 0, dot);
    if (s->device.mac_count > 0 && s->device.address_count > 0) return sighting_tell(w->n, s);
    w->n->passed_over++;
    return OK;
}

static void object_id_said(struct walk *w, str text) {
    str oid = oid_plain(text, &w->n->reading.scratch);
    if (is_digits(oid))
        text_said(&w->own->device.object_id, oid);
    else
        reading_problem(&w->n->reading, w->n->reading.line,
                        "expected the number of an object for sysObjectID, found \"%.*s\"; "
                        "`snmpwalk -On` prints numbers",
                        STR_FMT(reading_shown(text)));
}

static enum error_code value_take(struct walk *w, enum object object, str index,
                                  const struct value *value) {
    struct inventory_device *own = &w->own->device;
    struct geo_address address;
    unsigned char bytes[4];
    switch (object) {
    case SYS_DESCR: text_add(&w->description, value->text); break;
    case SYS_OBJECT_ID: object_id_said(w, value->text); break;
    case SYS_NAME: text_said(&own->name, value->text); break;
    case IF_PHYS_ADDRESS: mac_said(w, w->own, value); break;
    case IP_AD_ENT_ADDR:
        if (geo_address_read(value->text, &address)) sighting_address(w->own, &address);
        break;
    case IP_ADDRESS_IF:
        if (inet_address_of(index, &address)) sighting_address(w->own, &address);
        break;
    case IP_NET_TO_MEDIA:
        if (bytes_of_index(index, 4, bytes) && geo_address_of(bytes, 4, &address))
            return neighbour_tell(w, &address, index, value);
        break;
    case IP_NET_TO_PHYSICAL:
        if (inet_address_of(index, &address)) return neighbour_tell(w, &address, index, value);
        break;
    case ENT_FIRMWARE:
    case ENT_SOFTWARE: text_said(&own->version, value->text); break;
    case ENT_SERIAL: text_said(&own->serial, value->text); break;
    case ENT_MAKER: text_said(&own->manufacturer, value->text); break;
    case ENT_MODEL: text_said(&own->model, value->text); break;
    case OBJECT_OTHER: w->n->passed_over++; break;
    }
    return OK;
}

/* ---- lines ---- */

/* What has no number goes on with the text of the line before. */
static void line_goes_on(struct walk *w, str line) {
    bool is_end = w->has_open && str_ends(line, STR("\""));
    if (is_end) line.len--;
    if (w->last == SYS_DESCR) {
        text_add_char(&w->description, '\n');
        text_add(&w->description, line);
    }
    if (is_end) w->has_open = false;
}

static bool is_object_line(str line, size_t *equals) {
    if (!str_find(line, STR(" = "), equals)) {
        if (!str_ends(line, STR(" ="))) return false;
        *equals = line.len - 2;
    }
    str oid = str_slice(line, 0, *equals);
    size_t found;
    if (str_find_char(oid, ' ', &found)) return false;
    return str_starts(oid, STR(".1.")) || str_starts(oid, STR("iso.")) ||
           str_find(oid, STR("::"), &found);
}

static enum error_code line_take(struct walk *w, str line) {
    struct reading *r = &w->n->reading;
    struct arena whole = r->scratch;
    size_t equals;
    if (!is_object_line(line, &equals)) {
        if (w->last == OBJECT_OTHER && !w->has_any)
            reading_problem(r, r->line,
                            "expected an object and its value, as \".1.3.6.1.2.1.1.1.0 = "
                            "STRING: …\", found \"%.*s\"",
                            STR_FMT(reading_shown(line)));
        line_goes_on(w, line);
        return OK;
    }
    if (w->has_open)
        reading_problem(r, r->line, "expected the closing quote of a text, found another object");
    str index = STR_EMPTY, oid = oid_plain(str_slice(line, 0, equals), &r->scratch);
    struct value value = value_of(str_skip(line, equals + 2));
    enum object object = object_of(oid, &index);
    bool is_nothing_there = value.type.len == 0 && str_starts(value.text, STR("No "));
    if (is_nothing_there) object = OBJECT_OTHER; /* "No Such Object available on this agent …" */
    w->has_any = true;
    w->has_open = value.is_open;
    w->last = object;
    enum error_code code = value_take(w, object, index, &value);
    /* Only a sysObjectID in words takes of it for good. */
    if (object != SYS_OBJECT_ID) r->scratch = whole;
    return code;
}

static bool is_known(const struct inventory_device *device) {
    return device->address_count > 0 || device->mac_count > 0 || device->object_id.len > 0 ||
           device->description.len > 0 || device->name.len > 0;
}

enum error_code snmp_read(struct neighbours *n) {
    struct reading *r = &n->reading;
    struct walk w = {.n = n,
                     .own = arena_new(&r->scratch, struct sighting, 1),
                     .other = arena_new(&r->scratch, struct sighting, 1)};
    char *description = arena_bytes(&r->scratch, DESCRIPTION_BYTES);
    size_t at = 0;
    str line;
    if (w.own == NULL || w.other == NULL || description == NULL)
        return error_set(r->e, FAIL_MEMORY, "%.*s: no room to read it", STR_FMT(r->file));
    w.description = text_into(description, DESCRIPTION_BYTES);
    sighting_begin(w.own, n, 1);
    for (; line_next(n, &at, &line); r->line++) TRY(line_take(&w, line));
    if (at > r->bytes.len) reading_unended(r, r->line - 1);
    if (w.has_open) {
        r->report.problems.is_cut = true;
        reading_problem(r, r->line,
                        "expected the closing quote of a text, found the end of the file");
    }
    w.own->device.description = str_trim(text_str(&w.description));
    return is_known(&w.own->device) ? sighting_tell(n, w.own) : OK;
}
