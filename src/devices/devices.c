/* Devices as they are noted: which row a device is, and what was seen of it. */
#include "devices/inner.h"

#include <stdio.h>

enum {
    KEY_SLOTS = 1 << 19, /* at most half full: see key_set */
    SAYS_BYTES = 200,    /* of what a device says; more tells nobody more about its maker */
};
_Static_assert(LIMIT_DEVICES_ROWS * 4 <= KEY_SLOTS, "each device has its id and keys besides");

static enum error_code no_room(struct error *e) {
    return error_set(e, FAIL_MEMORY, "no room for devices");
}

/* ---- texts ---- */

/* One line of plain text: control characters and white space as single spaces, bytes that are no UTF-8 as
 * question marks, cut between characters. */
static enum error_code text_keep(struct devices *d, str text, str *out, struct error *e) {
    char memory[SAYS_BYTES];
    struct text plain = text_into(memory, sizeof memory);
    bool was_space = true;
    while (text.len > 0) {
        unsigned char c = (unsigned char)text.at[0];
        size_t len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
        str one = str_slice(text, 0, len);
        bool is_good = one.len == len && str_is_utf8(one);
        bool is_control =
            is_good && (c < 0x20 || c == 0x7f || (c == 0xc2 && (unsigned char)one.at[1] < 0xa0));
        bool is_break = str_equal(one, STR("\xe2\x80\xa8")) ||
                        str_equal(one, STR("\xe2\x80\xa9")) ||
                        str_equal(one, STR("\xef\xbb\xbf")) ||
                        str_equal(one, STR("\xef\xbf\xbe")) || str_equal(one, STR("\xef\xbf\xbf"));
        bool is_space = c == ' ' || is_control || is_break;
        text = str_skip(text, is_good ? len : 1);
        if (is_space && was_space) continue;
        was_space = is_space;
        text_add(&plain, is_space ? STR(" ") : is_good ? one : STR("?"));
        if (plain.overflow) break;
    }
    return arena_copy(d->arena, str_trim(text_str(&plain)), out, e);
}

/* ---- what finds a device ---- */

static struct device_key *slot_of(const struct devices *d, char kind, str text) {
    size_t at = (size_t)str_hash(text, (uint64_t)kind) & (d->key_slots - 1);
    while (d->keys[at].text.at != NULL &&
           (d->keys[at].kind != kind || !str_equal(d->keys[at].text, text)))
        at = (at + 1) & (d->key_slots - 1);
    return &d->keys[at];
}

static struct device *device_by(const struct devices *d, char kind, str text) {
    return text.len > 0 ? slot_of(d, kind, text)->device : NULL;
}

/* The text lies in the arena. Who was found by it last is found by it from now on. */
static enum error_code key_set(struct devices *d, char kind, str text, struct device *device,
                               struct error *e) {
    struct device_key *slot = slot_of(d, kind, text);
    if (slot->text.at == NULL && ++d->key_count > d->key_slots / 2)
        return error_set(e, FAIL_LIMIT, "devices have over %zu addresses", d->key_slots / 2);
    *slot = (struct device_key){text, kind, device};
    return OK;
}

static bool words_have(const struct words *words, str text) {
    for (; words != NULL; words = words->next)
        if (str_equal(words->text, text)) return true;
    return false;
}

static enum error_code word_add(struct devices *d, struct words **words, str text,
                                struct error *e) {
    while (*words != NULL) words = &(*words)->next;
    struct words *word = arena_new(d->arena, struct words, 1);
    if (word == NULL) return no_room(e);
    word->text = text;
    *words = word;
    return OK;
}

static str mac_text(const struct inventory_mac *mac, char memory[INVENTORY_MAC_TEXT_BYTES]) {
    return str_of(memory, inventory_mac_write(mac, memory));
}

/* ---- devices ---- */

static enum error_code device_add(struct devices *d, str id, struct device **out, struct error *e) {
    if (d->count == LIMIT_DEVICES_ROWS)
        return error_set(e, FAIL_LIMIT, "over %d devices", LIMIT_DEVICES_ROWS);
    struct device *device = arena_new(d->arena, struct device, 1);
    if (device == NULL) return no_room(e);
    device->id = id;
    d->list[d->count++] = device;
    *out = device;
    return key_set(d, 'i', id, device, e);
}

/* "seen-001b54aabbcc", else by address, else by name; a number behind it where that id is taken. */
static enum error_code id_make(struct devices *d, const struct inventory_device *seen, str *out,
                               struct error *e) {
    char memory[GEO_TEXT_BYTES], id[LIMIT_REGISTER_ID_BYTES];
    struct text text = text_into(id, sizeof id - 8);
    text_add_c(&text, "seen-");
    if (seen->mac_count > 0)
        for (size_t i = 0; i < 6; i++) text_format(&text, "%02x", seen->macs[0].at[i]);
    else if (seen->address_count > 0)
        text_add(&text, str_of(memory, geo_address_write(&seen->addresses[0], memory)));
    else
        for (size_t i = 0; i < seen->name.len && i < 60; i++) {
            char c = seen->name.at[i];
            bool stays = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                         (c >= '0' && c <= '9') || c == '.' || c == '_';
            text_add_char(&text, stays ? c : '-');
        }
    size_t plain = text.len;
    text = text_into(id, sizeof id);
    text.len = plain;
    for (unsigned more = 2; device_by(d, 'i', text_str(&text)) != NULL; more++) {
        text.len = plain;
        text_format(&text, "-%u", more);
    }
    return arena_copy(d->arena, text_str(&text), out, e);
}

/* What a device says of itself joins what is known already; the first word stands. */
static enum error_code says_join(struct devices *d, struct device *device,
                                 const struct inventory_device *seen, struct error *e) {
    const struct {
        str *into, said;
    } all[] = {{&device->name, seen->name},
               {&device->model, seen->model},
               {&device->serial, seen->serial},
               {&device->version, seen->version}};
    for (size_t i = 0; i < COUNT_OF(all); i++)
        if (all[i].into->len == 0 && all[i].said.len > 0)
            TRY(text_keep(d, all[i].said, all[i].into, e));
    if (device->serial.len > 0) TRY(key_set(d, 's', device->serial, device, e));
    return OK;
}

static enum error_code addresses_join(struct devices *d, struct device *device,
                                      const struct inventory_device *seen, struct error *e) {
    char memory[GEO_TEXT_BYTES];
    str text;
    for (size_t i = 0; i < seen->mac_count; i++) {
        TRY(arena_copy(d->arena, mac_text(&seen->macs[i], memory), &text, e));
        if (!words_have(device->macs, text)) TRY(word_add(d, &device->macs, text, e));
        TRY(key_set(d, 'm', text, device, e));
    }
    for (size_t i = 0; i < seen->address_count; i++) {
        size_t len = geo_address_write(&seen->addresses[i], memory);
        TRY(arena_copy(d->arena, str_of(memory, len), &text, e));
        if (!words_have(device->addresses, text)) TRY(word_add(d, &device->addresses, text, e));
        TRY(key_set(d, 'a', text, device, e));
    }
    return OK;
}

/* The same thing seen again is one observation with a longer life. */
static enum error_code observe(struct devices *d, struct device *device, const char *means,
                               str maker, str says, int64_t at_ns, struct error *e) {
    struct observation **at = &device->observations;
    TRY(text_keep(d, says, &says, e));
    TRY(text_keep(d, maker, &maker, e));
    if (says.len == 0 && maker.len == 0) return OK;
    for (; *at != NULL; at = &(*at)->next) {
        struct observation *o = *at;
        if (!str_equal(o->means, str_from_c(means)) || !str_equal(o->says, says)) continue;
        if (maker.len > 0) o->maker = maker;
        o->first_ns = o->first_ns == REGISTER_ALWAYS_NS ? at_ns : i64_min(o->first_ns, at_ns);
        o->last_ns = i64_max(o->last_ns, at_ns);
        return OK;
    }
    struct observation *o = arena_new(d->arena, struct observation, 1);
    if (o == NULL) return no_room(e);
    *o = (struct observation){.maker = maker, .says = says, .first_ns = at_ns, .last_ns = at_ns};
    *at = o;
    return arena_copy(d->arena, str_from_c(means), &o->means, e);
}

static enum error_code mac_observe(struct devices *d, struct device *device,
                                   const struct inventory_mac *mac, int64_t at_ns,
                                   struct error *e) {
    char memory[INVENTORY_MAC_TEXT_BYTES];
    str maker = STR_EMPTY;
    unsigned bits;
    if (!devices_maker_of_mac(d->makers, mac, &maker, &bits)) d->counts.unnamed_macs++;
    return observe(d, device, "mac", maker, mac_text(mac, memory), at_ns, e);
}

static enum error_code all_observe(struct devices *d, struct device *device,
                                   const struct inventory_device *seen, struct error *e) {
    str maker = STR_EMPTY, says;
    for (size_t i = 0; i < seen->mac_count; i++)
        TRY(mac_observe(d, device, &seen->macs[i], d->seen_ns, e));
    if (seen->object_id.len > 0) {
        devices_maker_of_object(d->makers, seen->object_id, &maker);
        TRY(observe(d, device, "sysobjectid", maker, seen->object_id, d->seen_ns, e));
    }
    if (seen->manufacturer.len > 0) {
        TRY(arena_format(d->arena, &says, e, "%.*s%s%.*s", STR_FMT(seen->manufacturer),
                         seen->model.len > 0 ? " " : "", STR_FMT(seen->model)));
        TRY(observe(d, device, "lldp-med", seen->manufacturer, says, d->seen_ns, e));
    }
    if (seen->description.len == 0) return OK;
    maker = STR_EMPTY;
    devices_maker_of_text(d->makers, seen->description, &maker);
    return observe(d, device, seen->by == INVENTORY_LLDP ? "lldp" : "sysdescr", maker,
                   seen->description, d->seen_ns, e);
}

/* ---- finding the row ---- */

static struct device *device_find(const struct devices *d, const struct inventory_device *seen) {
    char memory[GEO_TEXT_BYTES];
    for (size_t i = 0; i < seen->mac_count; i++) {
        struct device *found = device_by(d, 'm', mac_text(&seen->macs[i], memory));
        if (found != NULL) return found;
    }
    struct device *found = device_by(d, 's', seen->serial);
    bool is_same_model = found != NULL && (found->model.len == 0 || seen->model.len == 0 ||
                                           str_equal(found->model, seen->model));
    if (is_same_model) return found;
    for (size_t i = 0; i < seen->address_count; i++) {
        size_t len = geo_address_write(&seen->addresses[i], memory);
        found = device_by(d, 'a', str_of(memory, len));
        if (found != NULL && (seen->mac_count == 0 || found->macs == NULL)) return found;
    }
    return NULL;
}

static enum error_code device_take(struct devices *d, const struct inventory_device *seen,
                                   struct device **out, struct error *e) {
    str id;
    d->counts.noted++;
    *out = device_find(d, seen);
    if (*out == NULL) {
        TRY(id_make(d, seen, &id, e));
        TRY(device_add(d, id, out, e));
        d->counts.fresh++;
    }
    TRY(addresses_join(d, *out, seen, e));
    return says_join(d, *out, seen, e);
}

enum error_code devices_note(struct devices *devices, const struct inventory_device *device,
                             struct error *e) {
    struct device *row;
    TRY(device_take(devices, device, &row, e));
    return all_observe(devices, row, device, e);
}

/* ---- what somebody saw with a tool of their own ---- */

static enum error_code maker_by_means(struct devices *d, const struct devices_sighting *s,
                                      const char *means, str *maker, struct error *e) {
    struct inventory_mac mac;
    unsigned bits;
    *maker = s->maker;
    if (maker->len > 0) return OK;
    if (strcmp(means, "mac") == 0) {
        if (!inventory_mac_read(s->says, &mac))
            return error_set(e, FAIL_SYNTAX, "expected a hardware address, found \"%.*s\"",
                             STR_FMT(str_slice(s->says, 0, 40)));
        devices_maker_of_mac(d->makers, &mac, maker, &bits);
    } else if (strcmp(means, "sysobjectid") == 0) {
        devices_maker_of_object(d->makers, s->says, maker);
    } else if (strcmp(means, "certificate") == 0) {
        devices_maker_of_subject(s->says, d->arena, maker);
    } else {
        devices_maker_of_text(d->makers, s->says, maker);
    }
    return OK;
}

static bool is_code(str means) {
    for (size_t i = 0; i < means.len; i++) {
        char c = means.at[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')) return false;
    }
    return means.len > 0 && means.len <= 32;
}

enum error_code devices_note_sighting(struct devices *devices,
                                      const struct devices_sighting *sighting, struct error *e) {
    struct inventory_device seen = {.name = sighting->name};
    struct inventory_mac mac;
    struct geo_address address;
    struct device *row;
    str maker;
    char means[40];
    if (!is_code(sighting->means))
        return error_set(e, FAIL_SYNTAX,
                         "expected \"means\" of small letters, such as certificate, found \"%.*s\"",
                         STR_FMT(str_slice(sighting->means, 0, 40)));
    if (sighting->mac.len > 0 && !inventory_mac_read(sighting->mac, &mac))
        return error_set(e, FAIL_SYNTAX, "expected a hardware address, found \"%.*s\"",
                         STR_FMT(str_slice(sighting->mac, 0, 40)));
    if (sighting->address.len > 0 && !geo_address_read(sighting->address, &address))
        return error_set(e, FAIL_SYNTAX, "expected an address, found \"%.*s\"",
                         STR_FMT(str_slice(sighting->address, 0, 40)));
    if (sighting->mac.len + sighting->address.len + sighting->name.len == 0)
        return error_set(e, FAIL_SYNTAX, "expected a mac, an address or a name");
    seen.macs = &mac;
    seen.mac_count = sighting->mac.len > 0;
    seen.addresses = &address;
    seen.address_count = sighting->address.len > 0;
    snprintf(means, sizeof means, "%.*s", STR_FMT(sighting->means));
    TRY(maker_by_means(devices, sighting, means, &maker, e));
    int64_t at_ns = sighting->seen_ns != 0 ? sighting->seen_ns : devices->seen_ns;
    TRY(device_take(devices, &seen, &row, e));
    if (seen.mac_count > 0) TRY(mac_observe(devices, row, &mac, at_ns, e));
    return observe(devices, row, means, maker, sighting->says, at_ns, e);
}

/* ---- going on from earlier rows ---- */

static str text_of(const struct register_record *record, str field) {
    const struct register_value *v = register_value_find(record, field);
    bool is_text = v != NULL && v->state == REGISTER_KNOWN && v->records == NULL;
    return is_text ? v->text : STR_EMPTY;
}

static int64_t time_of(const struct register_record *record, str field) {
    const struct register_value *v = register_value_find(record, field);
    return v != NULL && v->state == REGISTER_KNOWN ? v->time_ns : REGISTER_ALWAYS_NS;
}

static enum error_code observations_take(struct devices *d, struct device *device,
                                         struct error *e) {
    const struct register_value *seen =
        register_value_find(&device->row->fields, STR("observations"));
    struct observation **at = &device->observations;
    for (size_t i = 0; seen != NULL && seen->state == REGISTER_KNOWN && i < seen->count; i++) {
        const struct register_record *record = &seen->records[i];
        struct observation *o = arena_new(d->arena, struct observation, 1);
        if (o == NULL) return no_room(e);
        *o = (struct observation){.means = text_of(record, STR("means")),
                                  .maker = text_of(record, STR("maker")),
                                  .says = text_of(record, STR("says")),
                                  .first_ns = time_of(record, STR("first_seen")),
                                  .last_ns = time_of(record, STR("last_seen"))};
        *at = o;
        at = &o->next;
    }
    return OK;
}

/* The register writes one address as the network of it alone. */
static enum error_code address_text(struct devices *d, str network, str *out, struct error *e) {
    char memory[GEO_TEXT_BYTES];
    struct geo_network read;
    struct error ignored;
    *out = network;
    bool is_one =
        geo_network_read(network, &read, &ignored) == OK && read.bits == read.base.len * 8;
    if (!is_one) return OK;
    size_t len = geo_address_write(&read.base, memory);
    return arena_copy(d->arena, str_of(memory, len), out, e);
}

static enum error_code keys_take(struct devices *d, struct device *device, struct error *e) {
    const struct register_record *fields = &device->row->fields;
    const struct register_value *macs = register_value_find(fields, STR("macs"));
    const struct register_value *addresses = register_value_find(fields, STR("addresses"));
    struct inventory_mac mac;
    char memory[INVENTORY_MAC_TEXT_BYTES];
    str text;
    for (size_t i = 0; macs != NULL && i < macs->count; i++) {
        bool is_mac = inventory_mac_read(macs->texts[i], &mac);
        str spelled = is_mac ? mac_text(&mac, memory) : macs->texts[i];
        TRY(arena_copy(d->arena, spelled, &text, e));
        TRY(word_add(d, &device->macs, text, e));
        TRY(key_set(d, 'm', text, device, e));
    }
    for (size_t i = 0; addresses != NULL && i < addresses->count; i++) {
        TRY(address_text(d, addresses->texts[i], &text, e));
        TRY(word_add(d, &device->addresses, text, e));
        TRY(key_set(d, 'a', text, device, e));
    }
    device->name = text_of(fields, STR("name"));
    device->model = text_of(fields, STR("model"));
    device->serial = text_of(fields, STR("serial"));
    device->version = text_of(fields, STR("version"));
    return device->serial.len > 0 ? key_set(d, 's', device->serial, device, e) : OK;
}

static enum error_code row_take(struct devices *d, const struct register_row *row,
                                struct error *e) {
    struct device *device;
    TRY(device_add(d, row->id, &device, e));
    device->row = row;
    device->is_as_it_was = d->seen_ns < row->valid_from_ns || d->seen_ns >= row->valid_until_ns;
    if (device->is_as_it_was) return OK;
    TRY(keys_take(d, device, e));
    return observations_take(d, device, e);
}

enum error_code devices_go_on(struct devices *devices, const struct register_snapshot *snapshot,
                              str file, struct error *e) {
    size_t count;
    int64_t as_of_ns;
    for (unsigned k = 0; k < REGISTER_KIND_COUNT; k++) {
        const struct register_row *rows = register_rows(snapshot, (enum register_kind)k, &count);
        for (size_t i = 0; i < count; i++) {
            if (!str_equal(rows[i].file, file)) continue;
            if (k != REGISTER_EQUIPMENT)
                return error_set(e, FAIL_USAGE,
                                 "%.*s holds %s as well: what is seen goes on from a file of "
                                 "equipment alone",
                                 STR_FMT(file), register_kind_of((enum register_kind)k)->key);
            TRY(row_take(devices, &rows[i], e));
        }
    }
    if (register_is_complete(snapshot, REGISTER_EQUIPMENT, &as_of_ns))
        return error_set(e, FAIL_USAGE,
                         "%.*s says that its list is complete: what was merely seen is not",
                         STR_FMT(file));
    return OK;
}

/* ---- opening ---- */

enum error_code devices_open(const struct devices_makers *makers, int64_t seen_ns,
                             struct arena *arena, struct devices **out, struct error *e) {
    struct devices *d = arena_new(arena, struct devices, 1);
    if (d == NULL) return no_room(e);
    *d = (struct devices){
        .makers = makers, .arena = arena, .seen_ns = seen_ns, .key_slots = KEY_SLOTS};
    d->list = arena_new(arena, struct device *, LIMIT_DEVICES_ROWS);
    d->keys = arena_new(arena, struct device_key, KEY_SLOTS);
    if (d->list == NULL || d->keys == NULL) return no_room(e);
    *out = d;
    return OK;
}

struct devices_counts devices_count(const struct devices *devices) {
    struct devices_counts counts = devices->counts;
    counts.rows = devices->count;
    return counts;
}
