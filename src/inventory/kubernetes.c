/* Nodes of a cluster, as `kubectl get nodes -o json` or `-o yaml` prints them: a list, or one alone.
 *
 * Source: Kubernetes API reference, Node v1 (metadata, spec.providerID, status.addresses); "Well-Known Labels,
 * Annotations and Taints" (topology.kubernetes.io). */
#include "inventory/items.h"

/* ---- a node ---- */

/* What its addresses are called, those of the outside first: which of them answers is nothing a list tells. */
static const struct {
    const char *type;
    bool is_name;
} kinds[] = {{"ExternalIP", false},
             {"InternalIP", false},
             {"ExternalDNS", true},
             {"Hostname", true},
             {"InternalDNS", true}};

static void address_take(struct making *m, const struct doc_node *row, const char *type,
                         bool is_name) {
    struct geo_address address;
    str text = tree_text(row, "address"), name;
    const char *why = NULL;
    if (text.len == 0) return;
    if (geo_address_read(text, &address))
        making_address(m, &address); /* some clusters call their nodes so */
    else if (!is_name)
        why = "it is none";
    else if ((why = host_name_any(text, &m->arena, &name)) == NULL)
        making_name(m, name);
    if (why != NULL)
        reading_problem(m->reading, row->line,
                        "expected an address or a name in %s: %s, found "
                        "\"%.*s\"",
                        type, why, STR_FMT(reading_shown(text)));
}

static void addresses_take(struct making *m, const struct doc_node *node) {
    const struct doc_node *list = tree_list(tree_map(node, "status"), "addresses");
    for (size_t k = 0; list != NULL && k < COUNT_OF(kinds); k++)
        for (size_t i = 0; i < list->count; i++) {
            const struct doc_node *row = list->items[i];
            if (row->kind == DOC_MAP &&
                str_equal(tree_text(row, "type"), str_from_c(kinds[k].type)))
                address_take(m, row, kinds[k].type, kinds[k].is_name);
        }
}

/* "aws:///ap-northeast-1a/i-0abc": whose cloud it is. What runs at home (kind, k3s, vsphere) is no provider. */
static str provider_of(const struct doc_node *node) {
    static const struct {
        const char *scheme, *provider;
    } rows[] = {{"aws", "aws"},
                {"azure", "azure"},
                {"gce", "gcp"},
                {"alicloud", "alibaba"},
                {"digitalocean", "digitalocean"},
                {"hcloud", "hetzner"},
                {"ibm", "ibm"},
                {"linode", "linode"},
                {"oci", "oracle"},
                {"vultr", "vultr"}};
    str id = tree_text(tree_map(node, "spec"), "providerID");
    size_t colon;
    if (!str_find_char(id, ':', &colon)) return STR_EMPTY;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (str_equal(str_slice(id, 0, colon), str_from_c(rows[i].scheme)))
            return str_from_c(rows[i].provider);
    return STR_EMPTY;
}

static enum error_code node_read(struct making *m, const struct doc_node *node) {
    struct reading *r = m->reading;
    const struct doc_node *about = tree_map(node, "metadata"), *labels = tree_map(about, "labels");
    static const char *const places[] = {
        "topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region",
        "topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone"};
    bool was_server;
    str name;
    if (node->kind != DOC_MAP || !str_equal(tree_text(node, "kind"), STR("Node"))) {
        r->report.passed_over++; /* `kubectl get nodes,pods` */
        return OK;
    }
    making_said(m, INVENTORY_LABEL, tree_text(about, "name"));
    making_said(m, INVENTORY_KIND, STR("Node"));
    making_said(m, INVENTORY_PROVIDER, provider_of(node));
    for (size_t i = 0; i < COUNT_OF(places); i++)
        making_said(m, INVENTORY_REGION, tree_text(labels, places[i]));
    if (host_name_any(tree_text(about, "name"), &m->arena, &name) == NULL) making_name(m, name);
    addresses_take(m, node);
    TRY(making_end(m, &was_server));
    if (!was_server)
        reading_problem(r, m->server.line, "expected a node with a name or an address, found none");
    return OK;
}

/* ---- JSON: a node at a time ---- */

static enum error_code item_read(struct items *items, struct making *m) {
    str value;
    items_making(items, m);
    if (!items_skip(items, &value)) return OK;
    const struct doc_node *tree = items_tree(items, value, m->server.line, &m->arena);
    return tree == NULL ? OK : node_read(m, tree);
}

/* Whether what comes is a list of them; looked up on a copy. */
static bool is_list(struct items items) {
    str key, value;
    if (!items_enter(&items, '{')) return false;
    while (items_key(&items, &key)) {
        if (str_equal(key, STR("items")) && items_next(&items) == '[') return true;
        if (!items_skip(&items, &value)) return false;
    }
    return false;
}

static enum error_code list_take(struct items *items, struct making *m) {
    str key, value;
    items_enter(items, '{');
    while (items_key(items, &key)) {
        if (str_equal(key, STR("items")) && items_enter(items, '[')) {
            while (items_element(items)) TRY(item_read(items, m));
        } else {
            items_skip(items, &value);
        }
    }
    return OK;
}

static enum error_code json_take(struct reading *r, struct making *m) {
    struct items items;
    items_begin(&items, r);
    while (items_next(&items) != 0 && items.expected == NULL) {
        if (is_list(items))
            TRY(list_take(&items, m));
        else
            TRY(item_read(&items, m));
    }
    items_end(&items);
    return OK;
}

/* ---- YAML: the whole of it ---- */

static enum error_code yaml_node(struct making *m, struct reading *r, const struct doc_node *node) {
    making_begin(m, r, node->line, tree_offset(r, node));
    return node_read(m, node);
}

static enum error_code yaml_take(struct reading *r, struct making *m) {
    struct doc doc = {0};
    TRY(whole_read(r, false, "give what `kubectl get nodes -o json` prints", &doc));
    for (size_t i = 0; i < doc.count; i++) {
        const struct doc_node *root = doc.documents[i], *list = tree_list(root, "items");
        if (list == NULL && !tree_is_null(root)) TRY(yaml_node(m, r, root));
        for (size_t k = 0; list != NULL && k < list->count; k++)
            TRY(yaml_node(m, r, list->items[k]));
        if (list == NULL || tree_text(root, "kind").len > 0) continue;
        r->report.problems.is_cut = true; /* kubectl sorts the keys of a list */
        reading_problem(r, root->line,
                        "expected a list with its kind behind its items, found none: it may have "
                        "been cut");
    }
    whole_unended(r);
    return OK;
}

enum error_code kubernetes_read(struct reading *r) {
    struct making *m = arena_new(&r->scratch, struct making, 1);
    size_t i = 0;
    if (m == NULL)
        return error_set(r->e, FAIL_MEMORY, "%.*s: no room to read it", STR_FMT(r->file));
    while (i < r->bytes.len && strchr(" \t\r\n", r->bytes.at[i]) != NULL && r->bytes.at[i] != 0)
        i++;
    bool is_json = i < r->bytes.len && (r->bytes.at[i] == '{' || r->bytes.at[i] == '[');
    return is_json ? json_take(r, m) : yaml_take(r, m);
}
