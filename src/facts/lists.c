/* Lists of the register: who stands on them, by whole folded names and by address blocks. */
#include "facts/inner.h"

#include <stdlib.h>

/* A folded name of an entry. */
struct list_name {
    str key;
    const struct register_row *list;
    const struct register_record *entry;
};
/* A block of hardware addresses: its first bits, aligned to the left of 48. */
struct list_block {
    uint64_t first;
    unsigned bits;
    const struct register_row *list;
    const struct register_record *entry;
};
struct list_index {
    struct list_name *names; /* sorted by key */
    size_t name_count;
    struct list_block *blocks; /* sorted by bits, longest first, then by first */
    size_t block_count;
};

/* ---- address blocks ---- */

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Hex digits with any of : - . between them. False: something else is in it. */
static bool prefix_read(str text, uint64_t *value, unsigned *digits) {
    *value = 0;
    *digits = 0;
    for (size_t i = 0; i < text.len; i++) {
        int digit = hex_digit(text.at[i]);
        if (digit < 0 && strchr(":-.", text.at[i]) == NULL) return false;
        if (digit < 0) continue;
        if (++*digits > 12) return false;
        *value = *value << 4 | (uint64_t)digit;
    }
    return true;
}

static enum error_code block_read(const struct register_row *list, str text, struct list_block *out,
                                  struct error *e) {
    uint64_t value;
    unsigned digits;
    bool is_hex = prefix_read(text, &value, &digits);
    if (!is_hex || (digits != 6 && digits != 7 && digits != 9))
        return error_set(e, FAIL_SYNTAX,
                         "lists/%.*s: expected a prefix of 6, 7 or 9 hex digits, found \"%.*s\"",
                         STR_FMT(list->id), STR_FMT(text));
    out->bits = digits * 4;
    out->first = value << (48 - out->bits);
    out->list = list;
    return OK;
}

static int compare_blocks(const void *a, const void *b) {
    const struct list_block *x = a, *y = b;
    if (x->bits != y->bits) return x->bits > y->bits ? -1 : 1;
    return x->first < y->first ? -1 : x->first > y->first;
}

bool facts_mac_holder(const struct facts_world *world, str mac, struct facts_listed *out) {
    const struct list_index *index = world->list_index;
    uint64_t value;
    unsigned digits;
    bool is_whole = prefix_read(mac, &value, &digits) && digits == 12;
    bool is_made_up = is_whole && (value >> 40 & 3) != 0; /* local or to many: no maker's */
    if (!is_whole || is_made_up) return false;
    for (size_t i = 0; i < index->block_count; i++) { /* longest first */
        const struct list_block *b = &index->blocks[i];
        if (value >> (48 - b->bits) != b->first >> (48 - b->bits)) continue;
        *out = (struct facts_listed){.list = b->list->id, .prefix_bits = b->bits};
        register_text_at(b->list, STR("edition"), world->options.at_ns, &out->edition);
        out->entry = register_value_find(b->entry, STR("name"))->text;
        return true;
    }
    return false;
}

/* ---- names ---- */

static int compare_names(const void *a, const void *b) {
    return str_compare(((const struct list_name *)a)->key, ((const struct list_name *)b)->key);
}

size_t facts_lists_of_name(const struct facts_world *world, str name, struct arena scratch,
                           struct facts_listed *out, size_t most) {
    const struct list_index *index = world->list_index;
    struct register_name folded;
    struct error e;
    size_t count = 0;
    if (register_name_fold(name, &scratch, &folded, &e) != OK) return 0;
    for (size_t k = 0; k < folded.count; k++) {
        size_t low = 0, high = index->name_count;
        while (low < high) { /* the first with this key */
            size_t middle = low + (high - low) / 2;
            if (str_compare(index->names[middle].key, folded.keys[k]) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        for (; low < index->name_count && str_equal(index->names[low].key, folded.keys[k]); low++) {
            const struct list_name *n = &index->names[low];
            bool is_there = false;
            for (size_t i = 0; i < count; i++) is_there |= str_equal(out[i].list, n->list->id);
            if (is_there || count == most) continue;
            out[count] = (struct facts_listed){.list = n->list->id};
            register_text_at(n->list, STR("edition"), world->options.at_ns, &out[count].edition);
            out[count++].entry = register_value_find(n->entry, STR("name"))->text;
        }
    }
    return count;
}

/* ---- the index ---- */

static bool is_good_entry(const struct facts_world *w, const struct register_record *entry) {
    const struct register_value *name = register_value_find(entry, STR("name"));
    return register_value_is_good(name, w->options.at_ns) &&
           entry->valid_from_ns <= w->options.at_ns && w->options.at_ns < entry->valid_until_ns;
}

static enum error_code name_add(struct facts_world *w, struct list_index *index, str name,
                                const struct register_row *list,
                                const struct register_record *entry, struct error *e) {
    struct register_name folded;
    TRY(register_name_fold(name, &w->arena, &folded, e));
    for (size_t i = 0; i < folded.count; i++)
        index->names[index->name_count++] = (struct list_name){folded.keys[i], list, entry};
    return OK;
}

static size_t item_count(const struct facts_world *w, const struct register_record *entry,
                         str field) {
    const struct register_value *v = register_value_find(entry, field);
    return register_value_is_good(v, w->options.at_ns) ? v->count : 0;
}

static enum error_code entry_add(struct facts_world *w, struct list_index *index,
                                 const struct register_row *list,
                                 const struct register_record *entry, struct error *e) {
    const struct register_value *aliases = register_value_find(entry, STR("aliases"));
    const struct register_value *prefixes = register_value_find(entry, STR("prefixes"));
    str kind;
    bool is_registry = register_text_at(list, STR("kind"), w->options.at_ns, &kind) &&
                       str_equal(kind, STR("registry"));
    if (!is_registry)
        TRY(name_add(w, index, register_value_find(entry, STR("name"))->text, list, entry, e));
    for (size_t i = 0; !is_registry && i < item_count(w, entry, STR("aliases")); i++)
        TRY(name_add(w, index, aliases->texts[i], list, entry, e));
    for (size_t i = 0; i < item_count(w, entry, STR("prefixes")); i++) {
        struct list_block *block = &index->blocks[index->block_count];
        TRY(block_read(list, prefixes->texts[i], block, e));
        block->entry = entry;
        index->block_count++;
    }
    return OK;
}

struct entries {
    const struct register_row *list;
    const struct register_value *value;
    size_t at;
};
static const struct register_record *next_entry(const struct facts_world *w, size_t *cursor,
                                                struct entries *of) {
    for (;;) {
        while (of->value != NULL && of->at < of->value->count)
            if (is_good_entry(w, &of->value->records[of->at++]))
                return &of->value->records[of->at - 1];
        of->list = register_row_next(w->options.snapshot, REGISTER_LISTS, w->options.at_ns, cursor);
        if (of->list == NULL) return NULL;
        const struct register_value *v = register_value_find(&of->list->fields, STR("entries"));
        of->value = register_value_is_good(v, w->options.at_ns) ? v : NULL;
        of->at = 0;
    }
}

enum error_code list_index_make(struct facts_world *w, struct error *e) {
    size_t names = 0, blocks = 0, cursor = 0;
    const struct register_record *entry;
    struct entries of = {0};
    while ((entry = next_entry(w, &cursor, &of)) != NULL) {
        names += 2 * (1 + item_count(w, entry, STR("aliases"))); /* a name has at most two keys */
        blocks += item_count(w, entry, STR("prefixes"));
    }
    struct list_index *index = arena_new(&w->arena, struct list_index, 1);
    if (index == NULL) return error_set(e, FAIL_MEMORY, "no room for lists");
    index->names = arena_new(&w->arena, struct list_name, names);
    index->blocks = arena_new(&w->arena, struct list_block, blocks);
    if (index->names == NULL || index->blocks == NULL)
        return error_set(e, FAIL_MEMORY, "no room for lists of %zu names", names);
    cursor = 0;
    of = (struct entries){0};
    while ((entry = next_entry(w, &cursor, &of)) != NULL)
        TRY(entry_add(w, index, of.list, entry, e));
    if (index->name_count > 0)
        qsort(index->names, index->name_count, sizeof *index->names, compare_names);
    if (index->block_count > 0)
        qsort(index->blocks, index->block_count, sizeof *index->blocks, compare_blocks);
    w->list_index = index;
    return OK;
}

/* ---- facts ---- */

/* list.ID: how a rule names the list ($ID): what stands on it has ID among its lists. */
enum error_code list_facts_add(const struct facts_world *w, struct layer *layer, struct error *e) {
    const struct register_row *row;
    size_t cursor = 0;
    while ((row = register_row_next(w->options.snapshot, REGISTER_LISTS, w->options.at_ns,
                                    &cursor)) != NULL) {
        str *id = arena_new(layer->arena, str, 1), origin;
        if (id == NULL) return error_set(e, FAIL_MEMORY, "no room for a list's name");
        *id = row->id;
        struct rulebook_value value = rulebook_set_of(id, 1);
        TRY(origin_of(row, layer->arena, &origin, e));
        value.by = RULEBOOK_BY_COMPUTED;
        value.source = origin;
        TRY(layer_set(layer, STR("list"), row->id, value, e));
    }
    return OK;
}

size_t list_count(const struct facts_world *w) {
    size_t count;
    register_rows(w->options.snapshot, REGISTER_LISTS, &count);
    return count;
}

/* All names of an entity, against all lists. */
static size_t entity_listed(const struct facts_world *w, const struct register_row *entity,
                            struct arena scratch, struct facts_listed *out) {
    const struct register_value *name = register_value_find(&entity->fields, STR("name"));
    const struct register_value *aliases = register_value_find(&entity->fields, STR("aliases"));
    int64_t at_ns = w->options.at_ns;
    size_t count = 0;
    if (register_value_is_good(name, at_ns) && name->records == NULL)
        count = facts_lists_of_name(w, name->text, scratch, out, LISTED_MOST);
    for (size_t i = 0;
         register_value_is_good(name, at_ns) && name->records != NULL && i < name->records->count;
         i++)
        count += facts_lists_of_name(w, name->records->values[i].text, scratch, out + count,
                                     LISTED_MOST - count);
    for (size_t i = 0; register_value_is_good(aliases, at_ns) && i < aliases->count; i++)
        count +=
            facts_lists_of_name(w, aliases->texts[i], scratch, out + count, LISTED_MOST - count);
    return count;
}

enum error_code layer_add_lists(struct layer *layer, const struct facts_world *w,
                                const struct register_row *entity, str root, struct error *e) {
    struct facts_listed listed[LISTED_MOST];
    size_t count = entity_listed(w, entity, layer->scratch, listed);
    if (count == 0) return OK; /* as its row says */
    const struct rulebook_value *said = layer_find(layer, root, STR("lists"));
    size_t said_count = said != NULL && said->kind == RULEBOOK_SET ? said->set.count : 0;
    str *all = arena_new(layer->arena, str, said_count + count);
    if (all == NULL) return error_set(e, FAIL_MEMORY, "no room for an entity's lists");
    for (size_t i = 0; i < said_count; i++) all[i] = said->set.at[i];
    for (size_t i = 0; i < count; i++) all[said_count + i] = listed[i].list;
    struct rulebook_value lists =
        rulebook_set_of(all, rulebook_items_sort(all, said_count + count));
    lists.by = RULEBOOK_BY_COMPUTED;
    lists.open = said == NULL || said->kind != RULEBOOK_SET || said->open;
    TRY(arena_format(layer->arena, &lists.source, e, "%.*s names \"%.*s\" (edition %.*s)",
                     STR_FMT(listed[0].list), STR_FMT(listed[0].entry),
                     STR_FMT(listed[0].edition)));
    return layer_set(layer, root, STR("lists"), lists, e);
}
