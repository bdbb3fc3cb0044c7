/* Making rows out of the documents of others: nodes as the row reader takes them, each with the
 * place in the document it came from, so that a complaint points there. */
#include "register/making.h"

#include <stdio.h>
#include <stdlib.h>

const struct doc_node *made_text(struct making *m, const struct doc_node *at, str text) {
    struct doc_node *node = arena_new(m->arena, struct doc_node, 1);
    if (node == NULL) return m->is_full = true, NULL;
    *node = (struct doc_node){.kind = DOC_SCALAR,
                              .quoted = true,
                              .line = at->line,
                              .column = at->column,
                              .file = at->file,
                              .text = text};
    return node;
}

struct made *made_open(struct making *m, const struct doc_node *at, enum doc_kind kind,
                       size_t most) {
    struct made *made = arena_new(m->arena, struct made, 1);
    const struct doc_node **items = arena_new(m->arena, const struct doc_node *, most);
    const struct doc_node **keys = NULL;
    uint32_t *sorted = NULL;
    if (kind == DOC_MAP) {
        keys = arena_new(m->arena, const struct doc_node *, most);
        sorted = arena_new(m->arena, uint32_t, most);
    }
    if (made == NULL || items == NULL || (kind == DOC_MAP && (keys == NULL || sorted == NULL)))
        return m->is_full = true, NULL;
    *made = (struct made){.node = {.kind = kind,
                                   .flow = true,
                                   .line = at->line,
                                   .column = at->column,
                                   .file = at->file,
                                   .items = items,
                                   .keys = keys,
                                   .sorted = sorted},
                          .items = items,
                          .keys = keys,
                          .sorted = sorted,
                          .most = most};
    return made;
}

void made_add(struct making *m, struct made *list, const struct doc_node *item) {
    if (m->is_full || item == NULL) return;
    assert(list->node.count < list->most);
    list->items[list->node.count++] = item;
}

void made_put_as(struct making *m, struct made *map, const struct doc_node *key,
                 const struct doc_node *value) {
    if (m->is_full || key == NULL || value == NULL) return;
    assert(map->node.count < map->most);
    size_t at = map->node.count, slot = at;
    map->keys[at] = key;
    map->items[at] = value;
    /* maps of a row have a few keys: each finds its slot from behind */
    for (; slot > 0 && str_compare(map->keys[map->sorted[slot - 1]]->text, key->text) > 0; slot--)
        map->sorted[slot] = map->sorted[slot - 1];
    map->sorted[slot] = (uint32_t)at;
    map->node.count++;
}

void made_put(struct making *m, struct made *map, str key, const struct doc_node *value) {
    if (m->is_full || value == NULL) return;
    made_put_as(m, map, made_text(m, value, key), value);
}

const struct doc_node *made_node(const struct made *made) {
    return made != NULL ? &made->node : NULL;
}

const struct doc_node *made_with(struct making *m, const struct doc_node *map, str key,
                                 const struct doc_node *value) {
    struct doc_node *out = arena_new(m->arena, struct doc_node, 1);
    const struct doc_node **items = arena_new(m->arena, const struct doc_node *, map->count);
    if (out == NULL || items == NULL) return m->is_full = true, NULL;
    for (size_t i = 0; i < map->count; i++)
        items[i] = str_equal(map->keys[i]->text, key) ? value : map->items[i];
    *out = *map;
    out->items = items;
    return out;
}

str made_source(const struct doc_node *at) {
    str base = *at->file;
    for (str head; str_cut(&base, '/', &head);) {
    }
    return base;
}

static const struct doc_node *said_as(struct making *m, const struct doc_node *value,
                                      const char *inside) {
    if (value == NULL) return NULL;
    struct made *map = made_open(m, value, DOC_MAP, 3);
    made_put(m, map, str_from_c(inside), value);
    made_put(m, map, STR("by"), made_text(m, value, STR("document")));
    made_put(m, map, STR("source"), made_text(m, value, made_source(value)));
    return made_node(map);
}
const struct doc_node *made_said(struct making *m, const struct doc_node *value) {
    return said_as(m, value, "value");
}
const struct doc_node *made_said_list(struct making *m, const struct doc_node *list) {
    return said_as(m, list, "items");
}

str made_id(struct making *m, str text) {
    char *out = arena_new(m->arena, char, text.len);
    if (out == NULL && text.len > 0) return m->is_full = true, STR_EMPTY;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        out[i] = c <= ' ' || c == 0x7f || c == '/' || c == '"' ? '-' : (char)c;
    }
    return str_of(out, text.len);
}

/* ---- who is named ---- */

/* "Aoba Electric K.K." is aoba-electric-k-k: letters and digits, small; all else one hyphen. What is
 * not ASCII stays as it is. */
static str party_id(struct making *m, str name) {
    char *out = arena_new(m->arena, char, name.len);
    size_t used = 0;
    if (out == NULL && name.len > 0) return m->is_full = true, STR_EMPTY;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        if (c >= 'A' && c <= 'Z') c = (char)(c | 0x20);
        bool stays = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80) != 0;
        if (stays)
            out[used++] = c;
        else if (used > 0 && out[used - 1] != '-')
            out[used++] = '-';
    }
    while (used > 0 && out[used - 1] == '-') used--;
    return str_of(out, used);
}

enum error_code made_party(struct making *m, const struct doc_node *organization,
                           const struct doc_node **id, struct error *e) {
    const struct doc_node *name, *address = doc_map_find(organization, STR("address"));
    str text;
    TRY(doc_map_get(organization, STR("name"), &name, e));
    TRY(doc_text(name, &text, e));
    if (address != NULL) TRY(doc_want(address, DOC_MAP, "an address", e));
    struct party *party = arena_new(m->arena, struct party, 1);
    str slug = party_id(m, text);
    if (m->is_full || party == NULL) return m->is_full = true, OK;
    if (slug.len == 0) return doc_expected(name, e, "a name with letters or digits");
    *party = (struct party){.id = slug, .name = name, .address = address, .next = m->parties};
    m->parties = party;
    m->party_count++;
    *id = made_text(m, name, slug);
    return OK;
}

static int parties_order(const void *a, const void *b) {
    const struct party *p = *(const struct party *const *)a, *q = *(const struct party *const *)b;
    int order = str_compare(p->id, q->id);
    if (order == 0) order = str_compare(*p->name->file, *q->name->file);
    if (order == 0) order = (p->name->line > q->name->line) - (p->name->line < q->name->line);
    return order != 0 ? order
                      : (p->name->column > q->name->column) - (p->name->column < q->name->column);
}

/* "Street 1, Town, Region, 980-0811, JP"; NULL: nothing of it is said, or only the country, which is
 * a seat. */
static const struct doc_node *address_text(struct making *m, const struct doc_node *address) {
    static const str keys[] = {
        {"streetAddress", 13}, {"locality", 8}, {"region", 6}, {"postalCode", 10}, {"country", 7}};
    char memory[512];
    struct text text = text_into(memory, sizeof memory);
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        const struct doc_node *part = doc_map_find(address, keys[i]);
        if (text.len == 0 && i == COUNT_OF(keys) - 1) break;
        if (part == NULL || part->kind != DOC_SCALAR || !part->quoted || part->text.len == 0)
            continue;
        if (text.len > 0) text_add_c(&text, ", ");
        text_add(&text, part->text);
    }
    str copy;
    struct error ignored;
    if (text.len == 0 || text.overflow) return NULL;
    if (arena_copy(m->arena, text_str(&text), &copy, &ignored) != OK)
        return m->is_full = true, NULL;
    return made_text(m, address, copy);
}

static const struct doc_node *country_of(const struct party *party) {
    geo_country ignored;
    const struct doc_node *country =
        party->address != NULL ? doc_map_find(party->address, STR("country")) : NULL;
    bool is_code =
        country != NULL && country->kind == DOC_SCALAR && geo_country_read(country->text, &ignored);
    return is_code ? country : NULL;
}

/* One row of all mentions of one id: the first name, every country, the first address. */
static const struct doc_node *entity_make(struct making *m, struct party *const *mentions,
                                          size_t count) {
    struct made *row = made_open(m, mentions[0]->name, DOC_MAP, 4);
    struct made *seats = made_open(m, mentions[0]->name, DOC_LIST, count);
    const struct doc_node *address = NULL;
    for (size_t i = 0; i < count; i++) {
        made_add(m, seats, country_of(mentions[i]));
        if (address == NULL && mentions[i]->address != NULL)
            address = address_text(m, mentions[i]->address);
    }
    made_put(m, row, STR("id"), made_text(m, mentions[0]->name, mentions[0]->id));
    made_put(m, row, STR("name"), made_said(m, mentions[0]->name));
    if (!m->is_full && seats->node.count > 0) {
        seats->node.file = seats->items[0]->file;
        made_put(m, row, STR("seats"), made_said_list(m, made_node(seats)));
    }
    made_put(m, row, STR("address"), made_said(m, address));
    return made_node(row);
}

enum error_code made_entities(struct making *m, const struct doc_node **out, struct error *e) {
    struct party **all = arena_new(m->arena, struct party *, m->party_count);
    size_t count = 0;
    if (all == NULL || m->party_count == 0) return made_done(m, e);
    for (struct party *p = m->parties; p != NULL; p = p->next) all[count++] = p;
    qsort(all, count, sizeof(struct party *), parties_order);
    struct made *rows = made_open(m, all[0]->name, DOC_LIST, count);
    for (size_t i = 0, end; i < count && !m->is_full; i = end) {
        for (end = i + 1; end < count && str_equal(all[end]->id, all[i]->id);) end++;
        made_add(m, rows, entity_make(m, &all[i], end - i));
    }
    *out = made_node(rows);
    return made_done(m, e);
}

enum error_code made_done(const struct making *m, struct error *e) {
    return m->is_full ? error_set(e, FAIL_MEMORY, "no room for rows out of a document") : OK;
}
