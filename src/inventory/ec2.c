/* What `aws ec2 describe-instances` prints. Source: Amazon EC2 API reference, DescribeInstances. */
#include "inventory/items.h"

/* The value of the tag of that name. */
static str tag_of(const struct doc_node *instance, str name) {
    const struct doc_node *tags = tree_list(instance, "Tags");
    for (size_t i = 0; tags != NULL && i < tags->count; i++)
        if (str_equal_nocase(tree_text(tags->items[i], "Key"), name))
            return tree_text(tags->items[i], "Value");
    return STR_EMPTY;
}

static void key_add(struct making *m, const struct doc_node *map, const char *key) {
    str text = tree_text(map, key), bad;
    const char *why = making_hosts(m, text, true, &bad);
    if (why != NULL)
        reading_problem(m->reading, map->line,
                        "expected an address or a name in %s: %s, found \"%.*s\"", key, why,
                        STR_FMT(reading_shown(bad)));
}

static void interfaces_add(struct making *m, const struct doc_node *instance) {
    const struct doc_node *list = tree_list(instance, "NetworkInterfaces");
    for (size_t i = 0; list != NULL && i < list->count; i++) {
        const struct doc_node *privates = tree_list(list->items[i], "PrivateIpAddresses");
        const struct doc_node *v6 = tree_list(list->items[i], "Ipv6Addresses");
        for (size_t k = 0; privates != NULL && k < privates->count; k++) {
            key_add(m, tree_map(privates->items[k], "Association"), "PublicIp");
            key_add(m, privates->items[k], "PrivateIpAddress");
        }
        for (size_t k = 0; v6 != NULL && k < v6->count; k++)
            key_add(m, v6->items[k], "Ipv6Address");
    }
}

/* Tags that people give for what the register knows by the same words. */
static void tags_said(struct making *m, const struct doc_node *instance) {
    static const enum inventory_field fields[] = {INVENTORY_OPERATOR, INVENTORY_SYSTEM,
                                                  INVENTORY_DATASET,  INVENTORY_OWNER,
                                                  INVENTORY_SECTOR,   INVENTORY_CLASS};
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        making_said(m, fields[i], tag_of(instance, str_from_c(inventory_field_name(fields[i]))));
}

static enum error_code instance_read(struct making *m, struct reading *r,
                                     const struct doc_node *instance, str owner, uint64_t offset) {
    bool was_server;
    if (instance->kind != DOC_MAP) {
        reading_problem(r, instance->line, "expected an instance, found something else");
        return OK;
    }
    making_begin(m, r, instance->line, offset);
    making_said(m, INVENTORY_LABEL, tag_of(instance, STR("Name")));
    making_said(m, INVENTORY_LABEL, tree_text(instance, "InstanceId"));
    making_said(m, INVENTORY_PROVIDER, STR("aws"));
    making_said(m, INVENTORY_KIND, STR("ec2-instance"));
    making_said(m, INVENTORY_REGION,
                tree_text(tree_map(instance, "Placement"), "AvailabilityZone"));
    tags_said(m, instance);
    making_said(m, INVENTORY_OWNER, owner);
    static const char *const keys[] = {"PublicDnsName", "PublicIpAddress", "Ipv6Address",
                                       "PrivateIpAddress", "PrivateDnsName"};
    for (size_t i = 0; i < COUNT_OF(keys); i++) key_add(m, instance, keys[i]);
    interfaces_add(m, instance);
    TRY(making_end(m, &was_server));
    if (!was_server) r->report.passed_over++; /* terminated: it has no address any more */
    return OK;
}

static enum error_code reservation_read(struct items *items, struct making *m) {
    struct reading *r = items->reading;
    str value;
    items_making(items, m);
    uint64_t line = m->server.line;
    size_t offset = items->at;
    if (!items_skip(items, &value)) return OK;
    struct arena whole = r->scratch;
    const struct doc_node *tree = items_tree(items, value, line, &r->scratch);
    const struct doc_node *list = tree_list(tree, "Instances");
    enum error_code code = OK;
    if (tree != NULL && list == NULL)
        reading_problem(r, line, "expected a reservation with \"Instances\", found none");
    for (size_t i = 0; list != NULL && i < list->count && code == OK; i++)
        code = instance_read(m, r, list->items[i], tree_text(tree, "OwnerId"), offset);
    r->scratch = whole;
    return code;
}

/* Servers that are not here are in no count. */
static void page_tell(struct reading *r, size_t at) {
    reading_problem(r, reading_line(r, at),
                    "expected all instances, found one page of several (\"NextToken\"): give the "
                    "others as well, or leave --max-items out");
    r->report.problems.is_cut = true;
}

enum error_code ec2_read(struct reading *r) {
    struct making *m = arena_new(&r->scratch, struct making, 1);
    struct items items;
    str key, value;
    if (m == NULL)
        return error_set(r->e, FAIL_MEMORY, "%.*s: no room to read it", STR_FMT(r->file));
    items_begin(&items, r);
    if (!items_enter(&items, '{')) items.expected = "an object";
    while (items.expected == NULL && items_key(&items, &key)) {
        if (!str_equal(key, STR("Reservations")) || !items_enter(&items, '[')) {
            bool is_page = items_skip(&items, &value) && str_equal(key, STR("NextToken")) &&
                           str_starts(value, STR("\"")) && value.len > 2;
            if (is_page) page_tell(r, items.at);
            continue;
        }
        while (items_element(&items)) TRY(reservation_read(&items, m));
    }
    items_end(&items);
    return OK;
}
