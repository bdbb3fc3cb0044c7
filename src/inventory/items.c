/* Walking JSON by its brackets, and looking around in trees. Source: RFC 8259. */
#include "inventory/items.h"

void items_begin(struct items *items, struct reading *r) {
    *items = (struct items){.reading = r, .bytes = r->bytes};
    items->is_first[0] = true;
}

static void bad(struct items *items, const char *expected) {
    if (items->expected == NULL) items->expected = expected;
}

char items_next(struct items *items) {
    while (items->at < items->bytes.len) {
        char c = items->bytes.at[items->at];
        if (c != ' ' && c != '\n' && c != '\r' && c != '\t') return c;
        items->at++;
    }
    return 0;
}

/* ---- structure ---- */

bool items_enter(struct items *items, char open) {
    if (items->expected != NULL || items_next(items) != open) return false;
    if (items->depth == ITEMS_DEPTH) return bad(items, "no deeper nesting"), false;
    items->depth++;
    items->is_first[items->depth] = true;
    items->at++;
    return true;
}

/* What is between two members or elements. False: the end of what encloses them, or damage. */
static bool step(struct items *items, char close) {
    assert(items->depth > 0);
    if (items->expected != NULL) return false;
    bool was_first = items->is_first[items->depth];
    char c = items_next(items);
    if (c == close) {
        items->depth--;
        items->at++;
        return false;
    }
    if (!was_first) {
        if (c != ',') return bad(items, close == '}' ? "',' or '}'" : "',' or ']'"), false;
        items->at++;
    }
    items->is_first[items->depth] = false;
    if (items_next(items) == 0) return bad(items, "a value"), false;
    return true;
}

/* Past the closing quote; the opening one is at hand. */
static bool text_skip(struct items *items) {
    const char *at = items->bytes.at + items->at + 1, *end = items->bytes.at + items->bytes.len;
    for (; at < end; at++) {
        if (*at == '\\') {
            at++;
        } else if (*at == '"') {
            items->at = (size_t)(at - items->bytes.at) + 1;
            return true;
        } else if ((unsigned char)*at < 0x20) {
            items->at = (size_t)(at - items->bytes.at);
            return bad(items, "the end of a text"), false;
        }
    }
    items->at = items->bytes.len;
    bad(items, "the end of a text");
    return false;
}

bool items_key(struct items *items, str *key) {
    if (!step(items, '}')) return false;
    if (items_next(items) != '"') return bad(items, "a key in quotes"), false;
    size_t begin = items->at + 1;
    if (!text_skip(items)) return false;
    *key = str_slice(items->bytes, begin, items->at - begin - 1);
    if (!str_is_utf8(*key)) return bad(items, "a key in UTF-8"), false;
    if (items_next(items) != ':') return bad(items, "':'"), false;
    items->at++;
    if (items_next(items) == 0) return bad(items, "a value"), false;
    return true;
}

bool items_element(struct items *items) {
    return step(items, ']');
}

static bool is_scalar_end(char c) {
    return c == ',' || c == ']' || c == '}' || c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* Objects and arrays by counting brackets: what is in them is read strictly as a tree, or not at all. */
static bool nest_skip(struct items *items) {
    size_t depth = 0;
    while (items->at < items->bytes.len) {
        char c = items->bytes.at[items->at];
        if (c == '"') {
            if (!text_skip(items)) return false;
            continue;
        }
        items->at++;
        if (c == '{' || c == '[') depth++;
        if ((c == '}' || c == ']') && --depth == 0) return true;
    }
    bad(items, "the end of an object or array");
    return false;
}

bool items_skip(struct items *items, str *value) {
    if (items->expected != NULL) return false;
    char c = items_next(items);
    size_t begin = items->at;
    if (c == 0 || is_scalar_end(c)) return bad(items, "a value"), false;
    if (c == '{' || c == '[') {
        if (!nest_skip(items)) return false;
    } else if (c == '"') {
        if (!text_skip(items)) return false;
    } else {
        while (items->at < items->bytes.len && !is_scalar_end(items->bytes.at[items->at]))
            items->at++;
    }
    *value = str_slice(items->bytes, begin, items->at - begin);
    return true;
}

str items_text(struct items *items) {
    str value;
    size_t escape;
    if (!items_skip(items, &value)) return STR_EMPTY;
    if (value.at[0] != '"' || !str_is_utf8(value) || str_find_char(value, '\\', &escape))
        return STR_EMPTY;
    return str_slice(value, 1, value.len - 2);
}

void items_end(struct items *items) {
    struct reading *r = items->reading;
    if (items->expected == NULL && items_next(items) != 0) bad(items, "the end of the file");
    if (items->expected == NULL) return;
    r->report.problems.is_cut = true;
    size_t at = size_max(items->at, r->counted); /* lines are counted forward only */
    reading_problem(r, reading_line(r, at),
                    "expected %s at byte %zu%s; what stands before was read", items->expected,
                    items->at + r->skipped,
                    items->at == items->bytes.len ? ", where the file ends" : "");
}

/* ---- items ---- */

void items_making(struct items *items, struct making *m) {
    error_ignore(
        (enum error_code)items_next(items)); /* past white space, to where the item begins */
    size_t at = size_max(items->at, items->reading->counted);
    making_begin(m, items->reading, reading_line(items->reading, at), items->at);
}

const struct doc_node *items_tree(struct items *items, str value, uint64_t at_line,
                                  struct arena *arena) {
    struct reading *r = items->reading;
    struct doc doc;
    struct error why;
    size_t half = arena_left(arena) / 2;
    struct arena scratch = arena_over(arena->next + half, half);
    struct arena trees = arena_over(arena->next, half);
    uint32_t line = (uint32_t)u64_min(at_line, UINT32_MAX);
    enum error_code code = doc_read_json_part(r->file, value, line, &trees, scratch, &doc, &why);
    arena->next = trees.next;
    if (code == OK) return doc.documents[0];
    if (code == FAIL_SYNTAX)
        geo_problems_add(&r->report.problems, r->arena, "%s; the item was left out", why.message);
    else
        reading_problem(r, at_line, "an item of %zu bytes is too large: %s", value.len,
                        why.message);
    return NULL;
}

/* ---- trees ---- */

bool tree_is_null(const struct doc_node *node) {
    return node == NULL ||
           (node->kind == DOC_SCALAR && !node->quoted && str_equal(node->text, STR("null")));
}

str tree_text(const struct doc_node *map, const char *key) {
    const struct doc_node *node = map != NULL ? doc_map_find(map, str_from_c(key)) : NULL;
    return node != NULL && node->kind == DOC_SCALAR && !tree_is_null(node) ? node->text : STR_EMPTY;
}

static const struct doc_node *tree_of(const struct doc_node *map, const char *key,
                                      enum doc_kind kind) {
    const struct doc_node *node = map != NULL ? doc_map_find(map, str_from_c(key)) : NULL;
    return node != NULL && node->kind == kind ? node : NULL;
}
const struct doc_node *tree_map(const struct doc_node *map, const char *key) {
    return tree_of(map, key, DOC_MAP);
}
const struct doc_node *tree_list(const struct doc_node *map, const char *key) {
    return tree_of(map, key, DOC_LIST);
}

/* Objects are for tree_inner. */
void tree_word(struct making *m, const struct word *word, const struct doc_node *value,
               bool is_guess) {
    if (value->kind == DOC_SCALAR && !tree_is_null(value))
        making_word(m, word, value->text, value->line, is_guess);
    for (size_t i = 0; value->kind == DOC_LIST && i < value->count; i++)
        if (value->items[i]->kind == DOC_SCALAR) tree_word(m, word, value->items[i], is_guess);
}

/* Addresses in the objects within: "networkInterfaces": [{"networkIP": …}]. */
static void tree_inner(struct making *m, const struct doc_node *node) {
    struct geo_address address;
    for (size_t i = 0; node->kind != DOC_SCALAR && i < node->count; i++) {
        const struct doc_node *value = node->items[i];
        const struct word *word = node->kind == DOC_MAP ? word_find(node->keys[i]->text) : NULL;
        bool is_known = word != NULL && word->wants == WANTS_ADDRESS;
        if (is_known && value->kind == DOC_SCALAR && geo_address_read(value->text, &address))
            making_address(m, &address);
        for (size_t k = 0; is_known && value->kind == DOC_LIST && k < value->count; k++)
            if (geo_address_read(value->items[k]->text, &address)) making_address(m, &address);
        tree_inner(m, value);
    }
}

void tree_words(struct making *m, const struct doc_node *map, bool is_guess) {
    for (size_t i = 0; i < map->count; i++) {
        const struct word *word = word_of(m->reading, map->keys[i]->text);
        if (word != NULL) tree_word(m, word, map->items[i], is_guess);
    }
}

void tree_addresses(struct making *m, const struct doc_node *map) {
    for (size_t i = 0; i < map->count; i++) tree_inner(m, map->items[i]);
}
