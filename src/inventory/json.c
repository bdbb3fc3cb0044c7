/* Inventories in JSON of no particular program: arrays of texts or objects, objects by name, one a line. */
#include "inventory/items.h"

/* Keys under which programs put their lists. */
static bool is_container(str key) {
    static const char *const keys[] = {"servers",   "hosts",   "items", "instances", "nodes",
                                       "machines",  "results", "data",  "inventory", "resources",
                                       "addresses", "value",   "vms",   "devices",   "endpoints"};
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        if (str_equal(key, str_from_c(keys[i]))) return true;
    return false;
}

/* Objects or lists of them, and no word of ours: what is called so is a folder and no server. */
static bool is_folder(const struct reading *r, const struct doc_node *tree) {
    size_t nested = 0;
    for (size_t i = 0; i < tree->count; i++) {
        const struct doc_node *value = tree->items[i];
        if (word_of(r, tree->keys[i]->text) != NULL) return false;
        nested += value->kind == DOC_MAP ||
                  (value->kind == DOC_LIST && value->count > 0 && value->items[0]->kind == DOC_MAP);
    }
    return nested > 0 && nested == tree->count;
}

static enum error_code object_read(struct items *items, struct making *m, str name, str value) {
    struct reading *r = items->reading;
    uint64_t problems = r->report.problems.total;
    const struct doc_node *tree = items_tree(items, value, m->server.line, &m->arena);
    bool was_server;
    if (tree == NULL) return OK;
    making_said(m, INVENTORY_LABEL, name);
    tree_words(m, tree, false);
    tree_addresses(m, tree);
    str bare;
    if (tree->kind == DOC_MAP && is_folder(r, tree))
        reading_problem(r, m->server.line,
                        "expected a server, found objects in it: give them as a list or by name");
    else if (name.len > 0 && host_name_read(name, &m->arena, &bare) == NULL)
        making_name(m, bare);
    TRY(making_end(m, &was_server));
    if (!was_server && r->report.problems.total == problems)
        reading_problem(
            r, m->server.line,
            "expected a host, an address, a network or a URL in the object, found none");
    return OK;
}

/* What comes, as one server. `name`: its key, if it has one. */
static enum error_code item_read(struct items *items, struct making *m, str name) {
    str value, bad;
    bool was_server;
    items_making(items, m);
    if (!items_skip(items, &value)) return OK;
    if (value.at[0] == '{') return object_read(items, m, name, value);
    const struct doc_node *tree = items_tree(items, value, m->server.line, &m->arena);
    if (tree == NULL) return OK;
    const char *why = tree->kind != DOC_SCALAR || !tree->quoted
                          ? "neither text nor object"
                          : making_hosts(m, tree->text, false, &bad);
    if (why != NULL)
        reading_problem(items->reading, m->server.line,
                        "expected a host, an address, a network or a URL: %s, found %.*s", why,
                        STR_FMT(reading_shown(value)));
    if (name.len > 0) making_said(m, INVENTORY_LABEL, name);
    return making_end(m, &was_server);
}

/* The list or the objects by name that come. */
static enum error_code many_read(struct items *items, struct making *m) {
    str key;
    if (items_enter(items, '[')) {
        while (items_element(items)) TRY(item_read(items, m, STR_EMPTY));
    } else if (items_enter(items, '{')) {
        while (items_key(items, &key)) TRY(item_read(items, m, key));
    }
    return OK;
}

/* Whether the object that comes holds servers, rather than being one; looked up on a copy. */
enum shape { SHAPE_SERVER, SHAPE_CONTAINER, SHAPE_BY_NAME };
static enum shape shape_of(struct items items) {
    bool is_first = true, has_word = false, is_nested = false;
    str key, value;
    if (!items_enter(&items, '{')) return SHAPE_SERVER;
    while (items_key(&items, &key)) {
        char c = items_next(&items);
        if (is_container(key) && (c == '[' || c == '{')) return SHAPE_CONTAINER;
        has_word = has_word || (word_of(items.reading, key) != NULL && c != '{');
        if (is_first) is_nested = c == '{';
        is_first = false;
        if (!items_skip(&items, &value)) break;
    }
    return is_nested && !has_word ? SHAPE_BY_NAME : SHAPE_SERVER;
}

static enum error_code container_read(struct items *items, struct making *m) {
    str key, value;
    items_enter(items, '{');
    while (items_key(items, &key)) {
        char c = items_next(items);
        if (is_container(key) && (c == '[' || c == '{'))
            TRY(many_read(items, m));
        else
            items_skip(items, &value);
    }
    return OK;
}

static enum error_code value_read(struct items *items, struct making *m) {
    if (items_next(items) == '[') return many_read(items, m);
    enum shape shape = shape_of(*items);
    if (shape == SHAPE_CONTAINER) return container_read(items, m);
    return shape == SHAPE_BY_NAME ? many_read(items, m) : item_read(items, m, STR_EMPTY);
}

/* A damaged line of JSON lines costs that line alone. */
static bool line_next(struct items *items, size_t begin) {
    struct reading *r = items->reading;
    const char *end = memchr(items->bytes.at + begin, '\n', items->bytes.len - begin);
    if (end == NULL) return false;
    size_t next = (size_t)(end - items->bytes.at) + 1;
    if (next < r->counted) return false;
    reading_problem(r, reading_line(r, size_max(begin, r->counted)),
                    "expected %s at byte %zu; the line was left out", items->expected,
                    items->at + r->skipped);
    items_begin(items, r);
    items->at = next;
    return true;
}

enum error_code json_read(struct reading *r) {
    struct making *m = arena_new(&r->scratch, struct making, 1);
    struct items items;
    if (m == NULL)
        return error_set(r->e, FAIL_MEMORY, "%.*s: no room to read it", STR_FMT(r->file));
    items_begin(&items, r);
    bool is_lines = str_ends(r->file, STR(".jsonl"));
    while (items_next(&items) != 0) {
        size_t begin = items.at;
        TRY(value_read(&items, m));
        if (items.expected != NULL && !(is_lines && line_next(&items, begin))) break;
        is_lines = true;
    }
    items_end(&items);
    bool is_open = str_ends(r->file, STR(".jsonl")) && !str_ends(r->bytes, STR("\n"));
    if (is_open && items.expected == NULL) reading_unended(r, reading_line(r, r->bytes.len));
    return OK;
}
