/* What the two readers share. */
#include "doc/build.h"

#include "base/limits.h"

static enum error_code find_bad_byte(str file, str bytes, struct error *e) {
    size_t line = 1, start = 0, bad = 0;
    if (!str_find_char(bytes, 0, &bad)) {
        /* Not UTF-8 somewhere: the first line that is not. */
        for (size_t i = 0; i <= bytes.len; i++) {
            if (i < bytes.len && bytes.at[i] != '\n') continue;
            if (!str_is_utf8(str_slice(bytes, start, i - start))) break;
            line++;
            start = i + 1;
        }
        return error_set(e, FAIL_SYNTAX, "%.*s:%zu:1: expected UTF-8, found other bytes",
                         STR_FMT(file), line);
    }
    for (size_t i = 0; i < bad; i++)
        if (bytes.at[i] == '\n') {
            line++;
            start = i + 1;
        }
    return error_set(e, FAIL_SYNTAX, "%.*s:%zu:%zu: expected text, found a NUL byte", STR_FMT(file),
                     line, bad - start + 1);
}

enum error_code doc_build_begin(struct doc_build *b, str file, str *bytes, struct arena *arena,
                                struct arena *scratch, struct error *e) {
    if (bytes->len > LIMIT_DOC_BYTES)
        return error_set(e, FAIL_LIMIT, "%.*s: %zu bytes are over %d", STR_FMT(file), bytes->len,
                         LIMIT_DOC_BYTES);
    if (str_starts(*bytes, STR("\xef\xbb\xbf"))) *bytes = str_skip(*bytes, 3);
    size_t at;
    if (str_find_char(*bytes, 0, &at) || !str_is_utf8(*bytes))
        return find_bad_byte(file, *bytes, e);
    str *name = arena_new(arena, str, 1);
    if (name == NULL) return error_set(e, FAIL_MEMORY, "%.*s: no room to read it", STR_FMT(file));
    TRY(arena_copy(arena, file, name, e));
    *b = (struct doc_build){.file = name, .arena = arena, .scratch = scratch};
    return OK;
}

enum error_code doc_node_new(struct doc_build *b, size_t line, size_t column, struct doc_node **out,
                             struct error *e) {
    if (b->node_count >= LIMIT_DOC_NODES)
        return error_set(e, FAIL_LIMIT, "%.*s:%zu:%zu: more than %d values in one file",
                         STR_FMT(*b->file), line, column, LIMIT_DOC_NODES);
    struct doc_node *node = arena_new(b->arena, struct doc_node, 1);
    if (node == NULL)
        return error_set(e, FAIL_MEMORY, "%.*s: no room to read it", STR_FMT(*b->file));
    b->node_count++;
    node->file = b->file;
    node->line = (uint32_t)line; /* a file has at most LIMIT_DOC_BYTES lines */
    node->column = (uint32_t)column;
    *out = node;
    return OK;
}

enum error_code doc_chain_add(struct doc_build *b, struct doc_chain *chain,
                              const struct doc_node *node, struct error *e) {
    struct doc_link *link = arena_new(b->scratch, struct doc_link, 1);
    if (link == NULL)
        return error_set(e, FAIL_MEMORY, "%.*s: no room to read it", STR_FMT(*b->file));
    link->node = node;
    if (chain->last == NULL)
        chain->first = link;
    else
        chain->last->next = link;
    chain->last = link;
    chain->count++;
    return OK;
}

enum error_code doc_chain_array(struct doc_build *b, const struct doc_chain *chain,
                                const struct doc_node *const **out, struct error *e) {
    const struct doc_node **array = arena_new(b->arena, const struct doc_node *, chain->count);
    if (array == NULL)
        return error_set(e, FAIL_MEMORY, "%.*s: no room to read it", STR_FMT(*b->file));
    size_t i = 0;
    for (const struct doc_link *link = chain->first; link != NULL; link = link->next)
        array[i++] = link->node;
    assert(i == chain->count);
    *out = array;
    return OK;
}

static int compare_keys(const void *a, const void *b, void *map) {
    const struct doc_node *m = map;
    uint32_t i = *(const uint32_t *)a, k = *(const uint32_t *)b;
    int order = str_compare(m->keys[i]->text, m->keys[k]->text);
    return order != 0 ? order : (i > k) - (i < k);
}

enum error_code doc_map_sort(struct doc_build *b, struct doc_node *map, struct error *e) {
    uint32_t *sorted = arena_new(b->arena, uint32_t, map->count);
    if (sorted == NULL)
        return error_set(e, FAIL_MEMORY, "%.*s: no room to read it", STR_FMT(*b->file));
    for (size_t i = 0; i < map->count; i++) sorted[i] = (uint32_t)i;
    qsort_r(sorted, map->count, sizeof *sorted, compare_keys, map);
    map->sorted = sorted;
    for (size_t i = 1; i < map->count; i++) {
        const struct doc_node *first = map->keys[sorted[i - 1]], *second = map->keys[sorted[i]];
        if (str_equal(first->text, second->text))
            return doc_error(second, e, "expected each key once, found \"%.*s\" again (line %u)",
                             STR_FMT(second->text), first->line);
    }
    return OK;
}
