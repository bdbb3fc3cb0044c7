/* What `ansible-inventory --list` prints: variables by host under _meta, and groups with their hosts.
 *
 * A host without variables stands in its groups alone, so groups are gone through for hosts not met
 * under _meta. Source: Ansible, "Developing dynamic inventory". */
#include "inventory/ansible/estate.h"
#include "inventory/items.h"

struct ansible {
    struct reading *reading;
    struct making *making;
    struct seen seen;
};

/* ---- servers ---- */

static void host_add(struct making *m, str host) {
    const char *why = making_host(m, host, false);
    if (why != NULL && m->server.address_count == 0 && m->name_count == 0)
        reading_problem(m->reading, m->server.line, "expected a host: %s, found \"%.*s\"", why,
                        STR_FMT(reading_shown(host)));
}

static void variable_take(struct making *m, str key, const struct doc_node *value) {
    bool is_host = ansible_is_host_key(key);
    const struct word *word = is_host ? NULL : word_of(m->reading, key);
    const char *unknown = ansible_unknown(value);
    if (!is_host && word == NULL) return;
    if (unknown != NULL)
        ansible_unknown_tell(m->reading, value->line, key, unknown);
    else if (is_host && value->kind == DOC_SCALAR && !tree_is_null(value))
        ansible_host_take(m, key, value->text, value->line);
    else if (!is_host)
        tree_word(m, word, value, true);
}

static enum error_code host_read(struct items *items, struct ansible *a, str host) {
    struct making *m = a->making;
    str value;
    bool is_new, was_server;
    TRY(seen_add(&a->seen, a->reading, host,
                 &is_new)); /* before the server begins: it may take of the scratch */
    items_making(items, m);
    if (!items_skip(items, &value)) return OK;
    const struct doc_node *vars = items_tree(items, value, m->server.line, &m->arena);
    if (vars == NULL || !is_new) return OK;
    making_said(m, INVENTORY_LABEL, host);
    for (size_t i = 0; vars->kind == DOC_MAP && i < vars->count; i++)
        variable_take(m, vars->keys[i]->text, vars->items[i]);
    host_add(m, host);
    return making_end(m, &was_server);
}

static enum error_code hostvars_read(struct items *items, struct ansible *a) {
    str key, value;
    if (!items_enter(items, '{')) return items_skip(items, &value), OK;
    while (items_key(items, &key)) {
        if (str_equal(key, STR("hostvars")) && items_enter(items, '{')) {
            str host;
            while (items_key(items, &host)) TRY(host_read(items, a, host));
        } else {
            items_skip(items, &value);
        }
    }
    return OK;
}

/* ---- groups ---- */

static enum error_code member_read(struct items *items, struct ansible *a, str group) {
    struct making *m = a->making;
    bool is_new, was_server;
    (void)items_next(items); /* past white space */
    size_t begin = items->at;
    str host = items_text(items);
    if (items->expected != NULL) return OK;
    uint64_t line = reading_line(a->reading, size_max(begin, a->reading->counted));
    if (host.len == 0)
        reading_problem(a->reading, line, "expected the name of a host, found something else");
    TRY(seen_add(&a->seen, a->reading, host, &is_new));
    if (!is_new) return OK;
    making_begin(m, a->reading, line, begin);
    making_said(m, INVENTORY_LABEL, host);
    making_said(m, INVENTORY_KIND, group);
    host_add(m, host);
    return making_end(m, &was_server);
}

static enum error_code group_read(struct items *items, struct ansible *a, str group) {
    str key, value;
    if (!items_enter(items, '{')) return items_skip(items, &value), OK;
    while (items_key(items, &key)) {
        if (str_equal(key, STR("hosts")) && items_enter(items, '[')) {
            while (items_element(items)) TRY(member_read(items, a, group));
        } else {
            items_skip(items, &value);
        }
    }
    return OK;
}

/* Once for _meta, once for all else. */
static enum error_code pass(struct ansible *a, bool is_meta) {
    struct items items;
    str key, value;
    items_begin(&items, a->reading);
    a->reading->counted = 0;
    a->reading->line = 1;
    if (!items_enter(&items, '{')) {
        items.expected = "an object";
    }
    while (items.expected == NULL && items_key(&items, &key)) {
        if (str_equal(key, STR("_meta")) != is_meta)
            items_skip(&items, &value);
        else if (is_meta)
            TRY(hostvars_read(&items, a));
        else
            TRY(group_read(&items, a, key));
    }
    if (!is_meta) items_end(&items); /* the first pass met the same damage */
    return OK;
}

enum error_code ansible_listing_read(struct reading *r) {
    struct ansible a = {.reading = r, .making = arena_new(&r->scratch, struct making, 1)};
    if (a.making == NULL)
        return error_set(r->e, FAIL_MEMORY, "%.*s: no room to read it", STR_FMT(r->file));
    TRY(pass(&a, true));
    return pass(&a, false);
}
