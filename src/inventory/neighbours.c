/* The door for devices, and the tables that have one on a line: `ip neigh` and `arp`. */
#include "inventory/neighbours.h"

#include <stdio.h>

/* ---- hardware addresses ---- */

static bool hex_cut(str *text, size_t most, char separator, unsigned *out) {
    size_t digits = 0;
    *out = 0;
    while (digits < text->len && text->at[digits] != separator) {
        uint64_t value;
        if (digits == most || !str_hex_u64(str_slice(*text, digits, 1), &value)) return false;
        *out = *out << 4 | (unsigned)value;
        digits++;
    }
    *text = str_skip(*text, digits + 1);
    return digits > 0;
}

bool inventory_mac_read(str text, struct inventory_mac *out) {
    struct inventory_mac mac;
    size_t at = 0;
    text = str_trim(text);
    while (at < text.len && strchr(":-. ", text.at[at]) == NULL) at++;
    if (at == text.len) return false;
    char separator = text.at[at];
    unsigned groups = separator == '.' ? 3 : 6, value;
    for (unsigned i = 0; i < groups; i++) {
        bool is_last = i + 1 == groups;
        if (is_last && str_find_char(text, separator, &at)) return false;
        if (!hex_cut(&text, separator == '.' ? 4 : 2, separator, &value)) return false;
        if (separator == '.') {
            mac.at[2 * i] = (unsigned char)(value >> 8);
            mac.at[2 * i + 1] = (unsigned char)value;
        } else {
            mac.at[i] = (unsigned char)value;
        }
    }
    *out = mac;
    return true;
}

size_t inventory_mac_write(const struct inventory_mac *mac, char out[INVENTORY_MAC_TEXT_BYTES]) {
    return (size_t)snprintf(out, INVENTORY_MAC_TEXT_BYTES, "%02x:%02x:%02x:%02x:%02x:%02x",
                            mac->at[0], mac->at[1], mac->at[2], mac->at[3], mac->at[4], mac->at[5]);
}

/* ---- one device ---- */

void sighting_begin(struct sighting *s, const struct neighbours *n, uint64_t line) {
    s->device = (struct inventory_device){
        .by = n->format, .addresses = s->addresses, .macs = s->macs, .line = line};
}

void sighting_address(struct sighting *s, const struct geo_address *address) {
    enum geo_use use = geo_address_use(address);
    if (use == GEO_LOOPBACK || use == GEO_MULTICAST || address->len == 0) return;
    for (size_t i = 0; i < s->device.address_count; i++)
        if (geo_address_equal(&s->addresses[i], address)) return;
    if (s->device.address_count < LIMIT_INVENTORY_NAMES)
        s->addresses[s->device.address_count++] = *address;
}

/* The lowest bit of the first byte says "group": multicast and broadcast. Source: IEEE 802, 8.2. */
void sighting_mac(struct sighting *s, const struct inventory_mac *mac) {
    static const struct inventory_mac none;
    if ((mac->at[0] & 1) != 0 || memcmp(mac, &none, sizeof none) == 0) return;
    for (size_t i = 0; i < s->device.mac_count; i++)
        if (memcmp(&s->macs[i], mac, sizeof *mac) == 0) return;
    if (s->device.mac_count < LIMIT_INVENTORY_NAMES) s->macs[s->device.mac_count++] = *mac;
}

enum error_code sighting_tell(struct neighbours *n, struct sighting *s) {
    str *const texts[] = {&s->device.name,     &s->device.description, &s->device.manufacturer,
                          &s->device.model,    &s->device.serial,      &s->device.version,
                          &s->device.interface};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (!str_is_utf8(*texts[i])) *texts[i] = STR_EMPTY;
    TRY(n->sink->device(n->sink->self, &s->device, n->reading.e));
    n->devices++;
    return OK;
}

/* ---- lines ---- */

str word_next(str *line) {
    size_t begin = 0, end;
    while (begin < line->len && (line->at[begin] == ' ' || line->at[begin] == '\t')) begin++;
    for (end = begin; end < line->len && line->at[end] != ' ' && line->at[end] != '\t';) end++;
    str word = str_slice(*line, begin, end - begin);
    *line = str_skip(*line, end);
    return word;
}

bool line_next(const struct neighbours *n, size_t *at, str *line) {
    str bytes = n->reading.bytes;
    if (*at >= bytes.len) return false;
    const char *end = memchr(bytes.at + *at, '\n', bytes.len - *at);
    size_t stop = end != NULL ? (size_t)(end - bytes.at) : bytes.len;
    *line = str_slice(bytes, *at, stop - *at);
    if (str_ends(*line, STR("\r"))) line->len--;
    *at = stop + 1;
    return true;
}

/* One reader's line: a device, none that counts, or a problem, which it returns. */
typedef const char *line_reader(struct sighting *s, str line, str *interface, bool *is_one);

static enum error_code lines_read(struct neighbours *n, line_reader *read) {
    struct reading *r = &n->reading;
    struct sighting *s = arena_new(&r->scratch, struct sighting, 1);
    size_t at = 0;
    str line, interface = STR_EMPTY;
    if (s == NULL)
        return error_set(r->e, FAIL_MEMORY, "%.*s: no room to read it", STR_FMT(r->file));
    for (; line_next(n, &at, &line); r->line++) {
        bool is_one = false;
        sighting_begin(s, n, r->line);
        if (str_trim(line).len == 0) continue;
        const char *why = read(s, line, &interface, &is_one);
        if (why != NULL)
            reading_problem(r, r->line, "expected a line of %s: %s, found \"%.*s\"",
                            n->format == INVENTORY_IP_NEIGH ? "`ip neigh`" : "`arp`", why,
                            STR_FMT(reading_shown(line)));
        else if (is_one)
            TRY(sighting_tell(n, s));
        else
            n->passed_over++;
    }
    if (at > r->bytes.len) reading_unended(r, r->line - 1);
    return OK;
}

/* "192.0.2.1 dev eth0 lladdr 00:1b:54:aa:bb:cc REACHABLE" */
static const char *ip_neigh_line(struct sighting *s, str line, str *interface, bool *is_one) {
    static const char *const good[] = {"REACHABLE", "STALE",     "DELAY",
                                       "PROBE",     "PERMANENT", "NOARP"};
    static const char *const bad[] = {"FAILED", "INCOMPLETE", "NONE"};
    struct geo_address address;
    struct inventory_mac mac;
    bool has_state = false, has_failed = false;
    if (!geo_address_read(word_next(&line), &address)) return "an address is first";
    sighting_address(s, &address);
    for (str word; (word = word_next(&line)).len > 0;) {
        if (str_equal(word, STR("dev"))) s->device.interface = word_next(&line);
        if (str_equal(word, STR("lladdr"))) {
            if (!inventory_mac_read(word_next(&line), &mac))
                return "a hardware address follows lladdr";
            sighting_mac(s, &mac);
        }
        for (size_t i = 0; i < COUNT_OF(good); i++)
            has_state = has_state || str_equal(word, str_from_c(good[i]));
        for (size_t i = 0; i < COUNT_OF(bad); i++)
            has_failed = has_failed || str_equal(word, str_from_c(bad[i]));
    }
    if (!has_state && !has_failed) return "its state is last";
    *is_one = has_state && s->device.mac_count > 0 && s->device.address_count > 0;
    return NULL;
}

/* net-tools and BSD: "gw (192.0.2.1) at 00:1b:54:aa:bb:cc [ether] on eth0" */
static const char *arp_sentence(struct sighting *s, str name, str line, bool *is_one) {
    struct geo_address address;
    struct inventory_mac mac;
    str bracketed = word_next(&line);
    if (bracketed.len < 3 || bracketed.at[0] != '(' || bracketed.at[bracketed.len - 1] != ')' ||
        !geo_address_read(str_slice(bracketed, 1, bracketed.len - 2), &address))
        return "an address in parentheses is second";
    if (!str_equal(word_next(&line), STR("at"))) return "\"at\" follows the address";
    str hardware = word_next(&line);
    bool is_incomplete = str_equal(hardware, STR("<incomplete>")) ||
                         str_equal(hardware, STR("(incomplete)")) ||
                         str_equal(hardware, STR("<from_interface>"));
    if (!is_incomplete && !inventory_mac_read(hardware, &mac))
        return "a hardware address follows \"at\"";
    for (str word; (word = word_next(&line)).len > 0;)
        if (str_equal(word, STR("on"))) s->device.interface = word_next(&line);
    if (s->device.interface.len == 0) return "the interface follows \"on\"";
    sighting_address(s, &address);
    if (!is_incomplete) sighting_mac(s, &mac);
    if (!str_equal(name, STR("?"))) s->device.name = name;
    *is_one = s->device.mac_count > 0 && s->device.address_count > 0;
    return NULL;
}

/* `arp -n`: "192.0.2.1 ether 00:1b:54:aa:bb:cc C eth0"; Windows: "192.0.2.1 00-1b-54-aa-bb-cc dynamic". */
static const char *arp_columns(struct sighting *s, const struct geo_address *address, str line,
                               str interface, bool *is_one) {
    struct inventory_mac mac;
    str word = word_next(&line);
    bool is_windows = inventory_mac_read(word, &mac);
    if (str_equal(word, STR("(incomplete)"))) return NULL;
    if (!is_windows && !inventory_mac_read(word_next(&line), &mac))
        return "a hardware address follows the address";
    while ((word = word_next(&line)).len > 0) s->device.interface = word;
    if (is_windows) s->device.interface = interface;
    if (s->device.interface.len == 0 && !is_windows) return "the interface is last";
    sighting_address(s, address);
    sighting_mac(s, &mac);
    *is_one = s->device.mac_count > 0 && s->device.address_count > 0;
    return NULL;
}

/* Routers: "Internet  192.0.2.1  5  001b.54aa.bbcc  ARPA  Vlan10", where 5 is minutes and '-' their own. */
static const char *arp_of_router(struct sighting *s, const struct geo_address *address, str line,
                                 bool *is_one) {
    struct inventory_mac mac;
    (void)word_next(&line);
    str hardware = word_next(&line);
    if (str_equal_nocase(hardware, STR("Incomplete"))) return NULL;
    if (!inventory_mac_read(hardware, &mac)) return "a hardware address follows the age";
    (void)word_next(&line);
    s->device.interface = word_next(&line);
    sighting_address(s, address);
    sighting_mac(s, &mac);
    *is_one = s->device.mac_count > 0 && s->device.address_count > 0;
    return NULL;
}

/* `arp` without -n, which says the name in place of the address: "gw.example.jp ether 00:1b:54:aa:bb:cc C eth0". */
static bool arp_by_name(struct sighting *s, str name, str line, bool *is_one) {
    struct inventory_mac mac;
    str word = word_next(&line);
    if (str_equal(word, STR("(incomplete)"))) return true;
    if (!str_equal(word, STR("ether")) || !inventory_mac_read(word_next(&line), &mac)) return false;
    while ((word = word_next(&line)).len > 0) s->device.interface = word;
    sighting_mac(s, &mac);
    s->device.name = name;
    *is_one = s->device.mac_count > 0;
    return true;
}

static const char *arp_line(struct sighting *s, str line, str *interface, bool *is_one) {
    struct geo_address address;
    str first = word_next(&line), after = line;
    if (str_equal(first, STR("Interface:"))) {
        *interface = word_next(&line);
        return NULL;
    }
    if (str_equal(first, STR("Internet")) && geo_address_read(word_next(&after), &address))
        return arp_of_router(s, &address, after, is_one);
    /* the heads of tables, in English; whatever they are in another language stands out as a problem */
    if (str_equal(first, STR("Address")) || str_equal(first, STR("Internet")) ||
        str_equal(first, STR("Protocol")))
        return NULL;
    if (geo_address_read(first, &address))
        return arp_columns(s, &address, line, *interface, is_one);
    if (arp_by_name(s, first, line, is_one)) return NULL;
    return arp_sentence(s, first, line, is_one);
}

enum error_code ip_neigh_read(struct neighbours *n) {
    return lines_read(n, ip_neigh_line);
}
enum error_code arp_read(struct neighbours *n) {
    return lines_read(n, arp_line);
}

/* ---- the door ---- */

static const struct {
    const char *name;
    enum error_code (*read)(struct neighbours *n);
    const char *expected;
} formats[INVENTORY_NEIGHBOURS_COUNT] = {
    [INVENTORY_NEIGHBOURS_ANY] = {"any", NULL, ""},
    [INVENTORY_IP_NEIGH] = {"ip-neigh", ip_neigh_read, "neighbours with hardware addresses"},
    [INVENTORY_ARP] = {"arp", arp_read, "addresses with hardware addresses"},
    [INVENTORY_SNMPWALK] = {"snmpwalk", snmp_read,
                            "what `snmpwalk -On` prints of system, interfaces or ip"},
    [INVENTORY_LLDP] = {"lldp", lldp_read,
                        "neighbours as `lldpctl -f json` or `-f keyvalue` prints them"},
};

const char *inventory_neighbours_name(enum inventory_neighbours format) {
    assert(format < INVENTORY_NEIGHBOURS_COUNT);
    return formats[format].name;
}

bool inventory_neighbours_find(str name, enum inventory_neighbours *out) {
    for (size_t i = 0; i < COUNT_OF(formats); i++)
        if (str_equal(name, str_from_c(formats[i].name)))
            return *out = (enum inventory_neighbours)i, true;
    return false;
}

static enum inventory_neighbours guess(const struct neighbours *n) {
    size_t at = 0, found;
    str line = STR_EMPTY;
    while (line_next(n, &at, &line) && str_trim(line).len == 0) {
    }
    line = str_trim(line);
    if (str_starts(line, STR("{")) || str_starts(line, STR("lldp."))) return INVENTORY_LLDP;
    bool is_walk = str_starts(line, STR(".1.")) || str_starts(line, STR("iso.")) ||
                   (str_find(line, STR("::"), &found) && str_find(line, STR(" = "), &found));
    if (is_walk) return INVENTORY_SNMPWALK;
    return str_find(line, STR(" dev "), &found) ? INVENTORY_IP_NEIGH : INVENTORY_ARP;
}

enum error_code inventory_devices_read(str file, str bytes, enum inventory_neighbours format,
                                       const struct inventory_device_sink *sink,
                                       struct arena *arena, struct arena scratch,
                                       struct inventory_device_report *out, struct error *e) {
    assert(format < INVENTORY_NEIGHBOURS_COUNT);
    if (str_starts(bytes, STR("\xff\xfe")) || str_starts(bytes, STR("\xfe\xff")))
        return error_set(e, FAIL_SYNTAX,
                         "%.*s: expected UTF-8, found UTF-16, as PowerShell writes it: convert it "
                         "with `iconv -f UTF-16 -t UTF-8`",
                         STR_FMT(file));
    size_t skipped = str_starts(bytes, STR("\xef\xbb\xbf")) ? 3 : 0;
    struct neighbours n = {.reading = {.file = file,
                                       .bytes = str_skip(bytes, skipped),
                                       .skipped = skipped,
                                       .arena = arena,
                                       .scratch = scratch,
                                       .line = 1,
                                       .e = e},
                           .sink = sink};
    n.format = format != INVENTORY_NEIGHBOURS_ANY ? format : guess(&n);
    TRY(geo_problems_begin(&n.reading.report.problems, arena, e));
    TRY(formats[n.format].read(&n));
    const struct geo_problems *problems = &n.reading.report.problems;
    if (n.devices == 0 && format == INVENTORY_NEIGHBOURS_ANY && n.format == INVENTORY_ARP)
        return error_set(e, FAIL_SYNTAX,
                         "%.*s: expected a device in what `ip neigh`, `arp`, `snmpwalk -On` or "
                         "`lldpctl -f json` prints, found none",
                         STR_FMT(file));
    if (n.devices == 0 && problems->count > 0)
        return error_set(e, FAIL_SYNTAX, "%.*s", STR_FMT(problems->at[0]));
    if (n.devices == 0)
        return error_set(e, FAIL_SYNTAX, "%.*s: expected %s, found none", STR_FMT(file),
                         formats[n.format].expected);
    *out = (struct inventory_device_report){n.format, n.devices, n.passed_over, *problems};
    return OK;
}
