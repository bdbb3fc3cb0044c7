/* Neighbours as `lldpctl -f keyvalue` prints them: "lldp.eth0.chassis.mac=00:1b:54:aa:bb:cc", each key on a line.
 *
 * An interface may have dots in its name ("bond0.100"), so a key is known by how it ends. "….via=" begins a
 * neighbour; a line that is no key goes on with the text of the line before. Source: lldpd, lldpctl(8). */
#include "inventory/neighbours.h"

enum key {
    KEY_OTHER,
    KEY_VIA,
    KEY_MAC,
    KEY_ADDRESS,
    KEY_TEXT, /* one of the texts of the device */
};

static enum key key_of(struct inventory_device *device, str name, size_t *ends_at, str **text) {
    const struct {
        const char *end;
        enum key key;
        str *text;
    } rows[] = {{".via", KEY_VIA, NULL},
                {".chassis.mac", KEY_MAC, NULL},
                {".port.mac", KEY_MAC, NULL},
                {".chassis.ip", KEY_ADDRESS, NULL},
                {".chassis.mgmt-ip", KEY_ADDRESS, NULL},
                {".chassis.name", KEY_TEXT, &device->name},
                {".chassis.descr", KEY_TEXT, &device->description},
                {".lldp-med.inventory.manufacturer", KEY_TEXT, &device->manufacturer},
                {".lldp-med.inventory.model", KEY_TEXT, &device->model},
                {".lldp-med.inventory.serial", KEY_TEXT, &device->serial},
                {".lldp-med.inventory.software", KEY_TEXT, &device->version},
                {".lldp-med.inventory.firmware", KEY_TEXT, &device->version}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        str end = str_from_c(rows[i].end);
        if (!str_ends(name, end) || name.len <= STR("lldp.").len + end.len) continue;
        *ends_at = name.len - end.len;
        *text = rows[i].text;
        return rows[i].key;
    }
    return KEY_OTHER;
}

static enum error_code neighbour_end(struct neighbours *n, struct sighting *s) {
    if (s->device.interface.len == 0) return OK; /* none has begun */
    if (s->device.mac_count > 0 || s->device.address_count > 0) return sighting_tell(n, s);
    reading_problem(&n->reading, s->device.line,
                    "expected a neighbour with a hardware address or an address, found neither");
    return OK;
}

/* *text: what a line that follows without a key goes on with; NULL: nothing that is kept. */
static enum error_code key_take(struct neighbours *n, struct sighting *s, str name, str value,
                                str **text) {
    struct inventory_mac mac;
    struct geo_address address;
    size_t end = 0;
    switch (key_of(&s->device, name, &end, text)) {
    case KEY_VIA:
        TRY(neighbour_end(n, s));
        sighting_begin(s, n, n->reading.line);
        s->device.interface = str_slice(name, STR("lldp.").len, end - STR("lldp.").len);
        break;
    case KEY_MAC:
        if (inventory_mac_read(value, &mac)) sighting_mac(s, &mac);
        break;
    case KEY_ADDRESS:
        if (geo_address_read(value, &address)) sighting_address(s, &address);
        break;
    case KEY_TEXT:
        if ((*text)->len > 0)
            *text = NULL; /* software before firmware: the first word stands */
        else
            **text = value;
        break;
    case KEY_OTHER: *text = NULL; break;
    }
    return OK;
}

enum error_code lldp_keyvalue_read(struct neighbours *n) {
    struct reading *r = &n->reading;
    struct sighting *s = arena_new(&r->scratch, struct sighting, 1);
    str line, *text = NULL;
    size_t at = 0, equals;
    if (s == NULL)
        return error_set(r->e, FAIL_MEMORY, "%.*s: no room to read it", STR_FMT(r->file));
    sighting_begin(s, n, r->line);
    for (; line_next(n, &at, &line); r->line++) {
        bool is_key = str_starts(line, STR("lldp.")) && str_find_char(line, '=', &equals) &&
                      equals > STR("lldp.").len;
        if (is_key)
            TRY(key_take(n, s, str_slice(line, 0, equals), str_skip(line, equals + 1), &text));
        else if (text != NULL)
            *text = str_of(text->at, (size_t)(line.at + line.len - text->at));
    }
    if (at > r->bytes.len) reading_unended(r, r->line - 1);
    return neighbour_end(n, s);
}
