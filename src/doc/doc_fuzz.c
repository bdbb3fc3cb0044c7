/* Any bytes at all: they read to a tree that keeps its promises, or they do not. */
#include <assert.h>
#include <stdlib.h>

#include "base/limits.h"
#include "doc/doc.h"

enum { MEMORY_BYTES = 64 << 20 };

static size_t check_node(const struct doc_node *node, unsigned depth) {
    assert(depth <= LIMIT_DOC_DEPTH);
    assert(node->line >= 1 && node->column >= 1);
    assert(str_is_utf8(node->text));
    size_t count = 1;
    for (size_t i = 0; i < node->count; i++) {
        if (node->kind == DOC_MAP) {
            assert(node->keys[i]->kind == DOC_SCALAR);
            assert(doc_map_find(node, node->keys[i]->text) == node->items[i]);
        }
        count += check_node(node->items[i], depth + 1);
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    static unsigned char *memory;
    if (memory == NULL) memory = malloc(2 * (size_t)MEMORY_BYTES);
    if (memory == NULL || count == 0) return 0;
    struct arena arena = arena_over(memory, MEMORY_BYTES);
    struct arena scratch = arena_over(memory + MEMORY_BYTES, MEMORY_BYTES);
    struct error e = {0};
    struct doc doc = {0};
    str text = str_of(bytes + 1, count - 1);
    enum error_code code =
        bytes[0] >= 0xc0 ? doc_read_json(STR("f"), text, &arena, scratch, &doc, &e)
        : bytes[0] & 1   ? doc_read_csv(STR("f"), text, &arena, scratch, &doc, &e)
                         : doc_read_yaml(STR("f"), text, &arena, scratch, &doc, &e);
    if (code != OK) {
        assert(e.message[0] != 0);
        return 0;
    }
    for (size_t i = 0; i < doc.count; i++)
        assert(check_node(doc.documents[i], 1) <= LIMIT_DOC_NODES);
    return 0;
}
