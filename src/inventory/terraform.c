/* A Terraform state: each instance of a managed resource that has addresses or host names, or that keeps
 * data in a region.
 *
 * Attributes go by the keys that providers use for addresses and endpoints, whatever the type of the
 * resource, so that a provider nobody has heard of is read too. No other attribute is looked at, and none
 * enters a message: states hold secrets. Source: Terraform, "State" (statefile version 4); the providers'
 * documentation of the resources named below. */
#include <stdio.h>

#include "inventory/items.h"

struct resource {
    str module, mode, type, name, provider;
};

struct terraform {
    struct items items;
    struct making *making;
    struct resource resource;
};

/* ---- what attributes mean ---- */

/* Addresses and host names of the resource itself, by key at any depth. Not among them: what other ends
 * are called (gateways, name servers, allowed networks). */
static bool is_host_key(str key) {
    static const char *const keys[] = {"public_ip",
                                       "private_ip",
                                       "ipv6_addresses",
                                       "ipv6_address",
                                       "ipv4_address",
                                       "ipv4_address_private",
                                       "public_dns",
                                       "private_dns",
                                       "public_ips",
                                       "private_ips",
                                       "public_ip_address",
                                       "public_ip_addresses",
                                       "private_ip_address",
                                       "private_ip_addresses",
                                       "ip_address",
                                       "ip_addresses",
                                       "ips",
                                       "nat_ip",
                                       "network_ip",
                                       "external_ipv6",
                                       "access_ip_v4",
                                       "access_ip_v6",
                                       "fixed_ip_v4",
                                       "fixed_ip_v6",
                                       "default_ip_address",
                                       "guest_ip_addresses",
                                       "fqdn",
                                       "fqdns",
                                       "hostname",
                                       "dns_name",
                                       "address",
                                       "endpoint",
                                       "reader_endpoint",
                                       "configuration_endpoint",
                                       "configuration_endpoint_address",
                                       "primary_endpoint_address",
                                       "reader_endpoint_address",
                                       "bucket_regional_domain_name",
                                       "website_endpoint",
                                       "domain_name",
                                       "primary_blob_host",
                                       "primary_web_host",
                                       "default_hostname",
                                       "default_host_name",
                                       "login_server",
                                       "vault_uri",
                                       "first_ip_address",
                                       "public_ip_address_fqdn",
                                       "ip",
                                       "ipv4",
                                       "ipv6",
                                       "main_ip",
                                       "v6_main_ip",
                                       "internal_ip",
                                       "external_ip",
                                       "kube_config_host",
                                       "invoke_url",
                                       "service_url",
                                       "uri",
                                       "url"};
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        if (str_equal(key, str_from_c(keys[i]))) return true;
    return false;
}

/* Whose address is that of another resource: the machine it is attached to, which stands in the state
 * too. `unless`: an attribute that says so by not being empty. */
static bool is_attached(const struct resource *resource, const struct doc_node *attributes) {
    static const struct {
        const char *type, *by;
    } rows[] = {{"aws_eip", "instance"},
                {"aws_eip", "network_interface"},
                {"aws_eip_association", "public_ip"},
                {"aws_network_interface", "attachment"},
                {"azurerm_network_interface", "virtual_machine_id"},
                {"google_compute_address", "users"},
                {"openstack_networking_floatingip_v2", "port_id"},
                {"openstack_compute_floatingip_associate_v2", "instance_id"}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (!str_equal(resource->type, str_from_c(rows[i].type))) continue;
        const struct doc_node *by = doc_map_find(attributes, str_from_c(rows[i].by));
        if (tree_is_null(by)) continue;
        if (by->kind == DOC_SCALAR ? by->text.len > 0 : by->count > 0) return true;
    }
    return false;
}

/* What keeps data without being a machine: its name, and how it is said. */
struct store_type {
    const char *type, *key, *scheme;
};
static const struct store_type *store_type_of(str type) {
    static const struct store_type rows[] = {
        {"aws_s3_bucket", "bucket", "s3://"},
        {"google_storage_bucket", "name", "gs://"},
        {"azurerm_storage_account", "name", "azure-storage://"},
        {"azurerm_storage_container", "name", "azure-container://"},
        {"aws_dynamodb_table", "name", "dynamodb://"},
        {"aws_efs_file_system", "id", "efs://"},
        {"aws_db_instance", "identifier", "rds://"},
        {"aws_rds_cluster", "cluster_identifier", "rds://"},
        {"google_sql_database_instance", "name", "cloudsql://"},
        {"google_bigquery_dataset", "dataset_id", "bigquery://"},
        {"azurerm_mssql_server", "name", "mssql://"},
        {"azurerm_cosmosdb_account", "name", "cosmosdb://"},
        {"sakuracloud_database", "name", "database://"}};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (str_equal(type, str_from_c(rows[i].type))) return &rows[i];
    return NULL;
}

/* The fourth part of "arn:aws:rds:ap-northeast-1:123456789012:db:x". */
static str arn_region(str arn) {
    str head = STR_EMPTY;
    for (unsigned i = 0; i < 4; i++)
        if (!str_cut(&arn, ':', &head)) return STR_EMPTY;
    return head;
}

/* "provider[\"registry.terraform.io/hashicorp/aws\"].tokyo" is aws; so is "provider.aws". */
static str provider_of(str provider) {
    size_t at, end = provider.len;
    if (str_find_char(provider, '"', &at)) {
        provider = str_skip(provider, at + 1);
        end = provider.len;
        if (str_find_char(provider, '\\', &at) || str_find_char(provider, '"', &at)) end = at;
    } else if (str_starts(provider, STR("provider."))) {
        provider = str_skip(provider, 9);
        end = str_find_char(provider, '.', &at) ? at : provider.len;
    }
    str path = str_slice(provider, 0, end);
    while (str_find_char(path, '/', &at)) path = str_skip(path, at + 1);
    return path;
}

/* ---- one instance ---- */

static void hosts_add(struct making *m, const struct doc_node *node, bool is_host) {
    if (node->kind == DOC_SCALAR) {
        str bad;
        /* What is no host under such a key is something else by the same word: passed over. */
        if (is_host && node->quoted && !is_nothing(node->text))
            (void)making_hosts(m, node->text, true, &bad);
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        bool is_key = node->kind == DOC_MAP && is_host_key(node->keys[i]->text);
        hosts_add(m, node->items[i], node->kind == DOC_MAP ? is_key : is_host);
    }
}

static void place_said(struct making *m, const struct doc_node *attributes) {
    static const char *const keys[] = {"availability_zone", "zone", "region", "location",
                                       "datacenter"};
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        making_said(m, INVENTORY_REGION, tree_text(attributes, keys[i]));
    making_said(m, INVENTORY_REGION, arn_region(tree_text(attributes, "arn")));
}

static void tags_said(struct making *m, const struct doc_node *attributes) {
    static const enum inventory_field fields[] = {
        INVENTORY_OPERATOR, INVENTORY_COUNTRY, INVENTORY_SYSTEM, INVENTORY_DATASET,
        INVENTORY_OWNER,    INVENTORY_SECTOR,  INVENTORY_CLASS};
    static const char *const maps[] = {"tags", "tags_all", "labels"};
    for (size_t i = 0; i < COUNT_OF(maps); i++) {
        const struct doc_node *tags = tree_map(attributes, maps[i]);
        for (size_t k = 0; tags != NULL && k < tags->count; k++)
            for (size_t f = 0; f < COUNT_OF(fields); f++)
                if (tags->items[k]->kind == DOC_SCALAR &&
                    str_equal_nocase(tags->keys[k]->text,
                                     str_from_c(inventory_field_name(fields[f]))))
                    making_said(m, fields[f], tags->items[k]->text);
    }
}

/* "module.web.aws_instance.front[0]", as Terraform writes it. */
static str address_of(struct making *m, const struct resource *resource,
                      const struct doc_node *instance) {
    const struct doc_node *key = doc_map_find(instance, STR("index_key"));
    bool has_key = key != NULL && key->kind == DOC_SCALAR && !tree_is_null(key);
    const char *quote = has_key && key->quoted ? "\"" : "";
    str out;
    struct error full;
    enum error_code code =
        arena_format(&m->arena, &out, &full, "%.*s%s%.*s.%.*s%s%s%.*s%s%s",
                     STR_FMT(resource->module), resource->module.len > 0 ? "." : "",
                     STR_FMT(resource->type), STR_FMT(resource->name), has_key ? "[" : "", quote,
                     STR_FMT(has_key ? key->text : STR_EMPTY), quote, has_key ? "]" : "");
    if (code != OK) return STR_EMPTY;
    /* the module stands here as in the file: module.web[\"tokyo\"] */
    char *at = (char *)(uintptr_t)out.at;
    size_t used = 0;
    for (size_t i = 0; i < out.len; i++)
        if (at[i] != '\\') at[used++] = at[i];
    return str_of(at, used);
}

static void store_said(struct making *m, const struct resource *resource,
                       const struct doc_node *attributes) {
    const struct store_type *store = store_type_of(resource->type);
    str name = store != NULL ? tree_text(attributes, store->key) : STR_EMPTY, text;
    struct error full;
    if (name.len > 0 &&
        arena_format(&m->arena, &text, &full, "%s%.*s", store->scheme, STR_FMT(name)) == OK)
        making_said(m, INVENTORY_STORE, text);
}

static enum error_code instance_read(struct terraform *t) {
    struct items *items = &t->items;
    struct making *m = t->making;
    struct reading *r = items->reading;
    str value;
    bool was_server;
    items_making(items, m);
    if (!items_skip(items, &value)) return OK;
    const struct doc_node *tree = items_tree(items, value, m->server.line, &m->arena);
    if (tree == NULL) return OK;
    const struct doc_node *attributes = tree_map(tree, "attributes");
    if (attributes == NULL) {
        reading_problem(r, m->server.line, "expected an instance with \"attributes\" of %.*s.%.*s",
                        STR_FMT(t->resource.type), STR_FMT(t->resource.name));
        return OK;
    }
    if (is_attached(&t->resource, attributes)) {
        r->report.passed_over++;
        return OK;
    }
    making_said(m, INVENTORY_LABEL, address_of(m, &t->resource, tree));
    making_said(m, INVENTORY_KIND, t->resource.type);
    making_said(m, INVENTORY_PROVIDER, provider_of(t->resource.provider));
    place_said(m, attributes);
    tags_said(m, attributes);
    store_said(m, &t->resource, attributes);
    hosts_add(m, attributes, false);
    /* A network says nothing of a machine. */
    bool has_host = m->name_count > 0 || m->server.address_count > 0;
    if (!has_host && m->server.said[INVENTORY_STORE].len == 0) {
        r->report.passed_over++;
        return OK;
    }
    m->server.has_network = false;
    TRY(making_end(m, &was_server));
    if (!was_server) r->report.passed_over++;
    return OK;
}

/* ---- resources ---- */

static bool is_server_resource(const struct resource *resource) {
    /* What is looked up ("data") is somebody else's, or is managed elsewhere. */
    size_t at; /* a certificate has names, and answers nobody */
    return str_equal(resource->mode, STR("managed")) && resource->type.len > 0 &&
           !str_find(resource->type, STR("certificate"), &at);
}

static enum error_code instances_read(struct terraform *t) {
    struct items *items = &t->items;
    str value;
    if (!is_server_resource(&t->resource)) {
        items->reading->report.passed_over++;
        return items_skip(items, &value), OK;
    }
    if (!items_enter(items, '[')) return items_skip(items, &value), OK;
    while (items_element(items)) TRY(instance_read(t));
    return OK;
}

/* What stands behind the instances is looked up first: files sorted by key have them in front. */
static void resource_head(struct items items, struct resource *out) {
    static const char *const keys[] = {"module", "mode", "type", "name", "provider"};
    str *const texts[] = {&out->module, &out->mode, &out->type, &out->name, &out->provider};
    str key, value;
    *out = (struct resource){0};
    if (!items_enter(&items, '{')) return;
    while (items_key(&items, &key)) {
        /* As Terraform writes it the head is whole before the instances: no need to go on. */
        if (str_equal(key, STR("instances")) && out->type.len > 0 && out->provider.len > 0) return;
        size_t k = 0;
        while (k < COUNT_OF(keys) && !str_equal(key, str_from_c(keys[k]))) k++;
        if (!items_skip(&items, &value)) return;
        if (k < COUNT_OF(keys) && value.at[0] == '"' && str_is_utf8(value))
            *texts[k] = str_slice(value, 1, value.len - 2);
    }
}

static enum error_code resource_read(struct terraform *t) {
    struct items *items = &t->items;
    str key, value;
    resource_head(*items, &t->resource);
    if (!items_enter(items, '{')) return items_skip(items, &value), OK;
    while (items_key(items, &key)) {
        if (str_equal(key, STR("instances")))
            TRY(instances_read(t));
        else
            items_skip(items, &value);
    }
    return OK;
}

static enum error_code version_check(struct terraform *t) {
    struct reading *r = t->items.reading;
    str value = STR_EMPTY;
    uint64_t version = 0;
    size_t begin = t->items.at;
    if (!items_skip(&t->items, &value)) return OK;
    if (str_u64(value, &version) && version == 4) return OK;
    return error_set(
        r->e, FAIL_SYNTAX,
        "%.*s:%llu: expected a Terraform state of version 4, found %.*s; `terraform state pull` "
        "of Terraform 0.12 or later writes it",
        STR_FMT(r->file), (unsigned long long)reading_line(r, begin),
        STR_FMT(reading_shown(value)));
}

enum error_code terraform_read(struct reading *r) {
    struct terraform t = {.making = arena_new(&r->scratch, struct making, 1)};
    struct items *items = &t.items;
    str key, value;
    if (t.making == NULL)
        return error_set(r->e, FAIL_MEMORY, "%.*s: no room to read it", STR_FMT(r->file));
    items_begin(items, r);
    if (!items_enter(items, '{')) items->expected = "an object";
    while (items->expected == NULL && items_key(items, &key)) {
        if (str_equal(key, STR("version"))) {
            TRY(version_check(&t));
        } else if (str_equal(key, STR("resources")) && items_enter(items, '[')) {
            while (items_element(items)) TRY(resource_read(&t));
        } else {
            items_skip(items, &value);
        }
    }
    items_end(items);
    return OK;
}
