/* Neighbours as `lldpctl -f json` prints them: an object for each interface, or a list of such objects.
 * Source: lldpd, lldpctl(8); IEEE 802.1AB 8.5 (identities); ANSI/TIA-1057 10.2.6 (inventory). */
#include "inventory/items.h"
#include "inventory/neighbours.h"

/* {"type": "mac", "value": "00:1b:54:aa:bb:cc"}, "ip" as well. */
static void identity_add(struct sighting *s, const struct doc_node *id) {
    struct inventory_mac mac;
    struct geo_address address;
    str type = tree_text(id, "type"), value = tree_text(id, "value");
    if (str_equal(type, STR("mac")) && inventory_mac_read(value, &mac)) sighting_mac(s, &mac);
    if (str_equal(type, STR("ip")) && geo_address_read(value, &address))
        sighting_address(s, &address);
}

static void managements_add(struct sighting *s, const struct doc_node *chassis) {
    const struct doc_node *node = doc_map_find(chassis, STR("mgmt-ip"));
    struct geo_address address;
    if (node == NULL) return;
    if (node->kind == DOC_SCALAR && geo_address_read(node->text, &address))
        sighting_address(s, &address);
    for (size_t i = 0; node->kind == DOC_LIST && i < node->count; i++)
        if (geo_address_read(node->items[i]->text, &address)) sighting_address(s, &address);
}

/* {"switch-1": {"id": …}}, or {"id": …} of one without a name. */
static const struct doc_node *chassis_of(const struct doc_node *neighbour, str *name) {
    const struct doc_node *outer = tree_map(neighbour, "chassis");
    if (outer == NULL || tree_map(outer, "id") != NULL) return outer;
    if (outer->count != 1 || outer->items[0]->kind != DOC_MAP) return NULL;
    *name = outer->keys[0]->text;
    return outer->items[0];
}

static enum error_code neighbour_read(struct neighbours *n, struct sighting *s, str interface,
                                      const struct doc_node *tree) {
    struct inventory_device *device = &s->device;
    const struct doc_node *chassis = chassis_of(tree, &device->name);
    const struct doc_node *inventory = tree_map(tree_map(tree, "lldp-med"), "inventory");
    if (chassis == NULL) {
        reading_problem(&n->reading, device->line,
                        "expected a neighbour with a chassis, found none");
        return OK;
    }
    device->interface = interface;
    device->description = tree_text(chassis, "descr");
    device->manufacturer = tree_text(inventory, "manufacturer");
    device->model = tree_text(inventory, "model");
    device->serial = tree_text(inventory, "serial");
    device->version = tree_text(inventory, "software");
    if (device->version.len == 0) device->version = tree_text(inventory, "firmware");
    const struct doc_node *id = tree_map(chassis, "id");
    if (id != NULL) identity_add(s, id);
    const struct doc_node *port = tree_map(tree_map(tree, "port"), "id");
    if (port != NULL) identity_add(s, port);
    managements_add(s, chassis);
    if (device->mac_count > 0 || device->address_count > 0) return sighting_tell(n, s);
    reading_problem(&n->reading, device->line,
                    "expected a neighbour with a hardware address or an address, found neither");
    return OK;
}

/* {"eth0": {…}}: the neighbours on each interface. */
static enum error_code interfaces_read(struct neighbours *n, struct items *items,
                                       struct sighting *s) {
    struct reading *r = items->reading;
    str interface, value;
    while (items_key(items, &interface)) {
        (void)items_next(items); /* past white space */
        uint64_t line = reading_line(r, size_max(items->at, r->counted));
        if (!items_skip(items, &value)) return OK;
        struct arena trees = r->scratch;
        const struct doc_node *tree = items_tree(items, value, line, &trees);
        if (tree == NULL) continue;
        sighting_begin(s, n, line);
        TRY(neighbour_read(n, s, interface, tree));
    }
    return OK;
}

static enum error_code list_or_object(struct neighbours *n, struct items *items,
                                      struct sighting *s) {
    str value;
    if (items_enter(items, '{')) return interfaces_read(n, items, s);
    if (!items_enter(items, '[')) return items_skip(items, &value), OK;
    while (items_element(items)) {
        if (items_enter(items, '{'))
            TRY(interfaces_read(n, items, s));
        else
            items_skip(items, &value);
    }
    return OK;
}

enum error_code lldp_read(struct neighbours *n) {
    struct reading *r = &n->reading;
    if (str_starts(str_trim(r->bytes), STR("lldp."))) return lldp_keyvalue_read(n);
    struct sighting *s = arena_new(&r->scratch, struct sighting, 1);
    struct items items;
    str key, value;
    if (s == NULL)
        return error_set(r->e, FAIL_MEMORY, "%.*s: no room to read it", STR_FMT(r->file));
    items_begin(&items, r);
    if (!items_enter(&items, '{')) items.expected = "an object";
    while (items.expected == NULL && items_key(&items, &key)) {
        if (!str_equal(key, STR("lldp")) || !items_enter(&items, '{')) {
            items_skip(&items, &value);
            continue;
        }
        while (items_key(&items, &key)) {
            if (str_equal(key, STR("interface")))
                TRY(list_or_object(n, &items, s));
            else
                items_skip(&items, &value);
        }
    }
    items_end(&items);
    return OK;
}
