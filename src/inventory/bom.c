/* CycloneDX: services with the URLs they answer at, and components whose properties tell an address.
 *
 * What the bill is about (metadata.component) is the system that all of them serve. Source: CycloneDX 1.6,
 * services, properties, data; ECMA-424. */
#include "inventory/items.h"

struct bom {
    struct items items;
    struct making *making;
    str system; /* what the bill is about */
};

/* ---- one service or component ---- */

static void data_said(struct making *m, const struct doc_node *service) {
    const struct doc_node *data = tree_list(service, "data");
    for (size_t i = 0; data != NULL && i < data->count; i++) {
        making_said(m, INVENTORY_CLASS, tree_text(data->items[i], "classification"));
        making_said(m, INVENTORY_DATASET, tree_text(data->items[i], "name"));
    }
}

/* "cdx:device:ipAddress" goes by what is behind its last colon. */
static void properties_said(struct making *m, const struct doc_node *thing) {
    const struct doc_node *list = tree_list(thing, "properties");
    for (size_t i = 0; list != NULL && i < list->count; i++) {
        str name = tree_text(list->items[i], "name"), value = tree_text(list->items[i], "value");
        size_t colon;
        while (str_find_char(name, ':', &colon)) name = str_skip(name, colon + 1);
        const struct word *word = word_find(name);
        if (word != NULL) making_word(m, word, value, list->items[i]->line, true);
    }
}

static void endpoints_add(struct making *m, const struct doc_node *service) {
    const struct doc_node *list = tree_list(service, "endpoints");
    for (size_t i = 0; list != NULL && i < list->count; i++) {
        const struct doc_node *url = list->items[i];
        const char *why = url->kind == DOC_SCALAR ? making_host(m, url->text, false) : "not a text";
        if (why != NULL)
            reading_problem(m->reading, url->line, "expected an endpoint's URL: %s, found \"%.*s\"",
                            why, STR_FMT(reading_shown(url->text)));
    }
}

static enum error_code thing_read(struct bom *b, const struct doc_node *thing, uint64_t offset,
                                  bool is_service) {
    struct making *m = b->making;
    struct reading *r = b->items.reading;
    bool was_server;
    if (thing->kind != DOC_MAP) {
        reading_problem(r, thing->line, "expected a %s, found something else",
                        is_service ? "service" : "component");
        return OK;
    }
    making_begin(m, r, thing->line, offset);
    making_said(m, INVENTORY_LABEL, tree_text(thing, "name"));
    if (is_service) endpoints_add(m, thing);
    properties_said(m, thing);
    making_said(m, INVENTORY_PROVIDER, tree_text(tree_map(thing, "provider"), "name"));
    making_said(m, INVENTORY_KIND, is_service ? STR("service") : tree_text(thing, "type"));
    making_said(m, INVENTORY_SYSTEM, b->system);
    data_said(m, thing);
    /* a component's name such as "log4j.core" is no host's */
    if (!is_service && m->name_count == 0 && m->server.address_count == 0 &&
        !m->server.has_network) {
        r->report.passed_over++;
        return OK;
    }
    TRY(making_end(m, &was_server));
    if (!was_server) r->report.passed_over++;
    return OK;
}

/* A thing and those within it. */
static enum error_code things_read(struct bom *b, const struct doc_node *thing, uint64_t offset,
                                   bool is_service) {
    TRY(thing_read(b, thing, offset, is_service));
    const struct doc_node *inner = tree_list(thing, is_service ? "services" : "components");
    for (size_t i = 0; inner != NULL && i < inner->count; i++)
        TRY(things_read(b, inner->items[i], offset, is_service));
    return OK;
}

/* ---- the bill ---- */

static enum error_code list_items(struct bom *b, bool is_service) {
    struct items *items = &b->items;
    struct reading *r = items->reading;
    str value;
    if (!items_enter(items, '[')) return items_skip(items, &value), OK;
    while (items_element(items)) {
        items_making(items, b->making);
        uint64_t line = b->making->server.line;
        size_t offset = items->at;
        struct arena whole = r->scratch;
        if (!items_skip(items, &value)) return OK;
        const struct doc_node *tree = items_tree(items, value, line, &r->scratch);
        enum error_code code = tree != NULL ? things_read(b, tree, offset, is_service) : OK;
        r->scratch = whole;
        TRY(code);
    }
    return OK;
}

static enum error_code metadata_read(struct bom *b) {
    struct items *items = &b->items;
    struct reading *r = items->reading;
    str value;
    items_making(items, b->making);
    if (!items_skip(items, &value)) return OK;
    struct arena trees = b->making->arena;
    const struct doc_node *tree = items_tree(items, value, b->making->server.line, &trees);
    if (tree == NULL) return OK;
    return arena_copy(&r->scratch, tree_text(tree_map(tree, "component"), "name"), &b->system,
                      r->e);
}

/* What it is about stands in front of what it lists, but if it does not, it is looked up first. */
static enum error_code pass(struct bom *b, bool is_metadata) {
    struct items *items = &b->items;
    str key, value;
    items_begin(items, b->items.reading);
    items->reading->counted = 0;
    items->reading->line = 1;
    if (!items_enter(items, '{')) items->expected = "an object";
    while (items->expected == NULL && items_key(items, &key)) {
        bool is_service = str_equal(key, STR("services"));
        if (is_metadata && str_equal(key, STR("metadata"))) return metadata_read(b);
        if (!is_metadata && (is_service || str_equal(key, STR("components"))))
            TRY(list_items(b, is_service));
        else
            items_skip(items, &value);
    }
    if (!is_metadata) items_end(items); /* the first pass met the same damage */
    return OK;
}

enum error_code bom_read(struct reading *r) {
    struct bom b = {.making = arena_new(&r->scratch, struct making, 1)};
    if (b.making == NULL)
        return error_set(r->e, FAIL_MEMORY, "%.*s: no room to read it", STR_FMT(r->file));
    b.items.reading = r;
    TRY(pass(&b, true));
    return pass(&b, false);
}
