/* Any bytes at all: they read to a tree that keeps its promises, or they do not. */
#include <assert.h>
#include <stdlib.h>

#include "base/limits.h"
#include "doc/doc.h"

enum { MEMORY_BYTES = 64 << 20 };

/* Each reader of scalars answers; what it refuses it says where and why. */
static void check_scalar(const struct doc_node *node) {
    struct error e = {0};
    str text;
    uint64_t number;
    int64_t at_ns;
    bool yes;
    if (doc_text(node, &text, &e) == OK)
        assert(text.len > 0);
    else
        assert(e.code == FAIL_SYNTAX && e.message[0] != 0);
    bool is_code = doc_code(node, &text, &e) == OK;
    assert(!is_code || (!doc_is_ambiguous(node) && str_equal(text, node->text)));
    bool is_number = doc_u64(node, &number, &e) == OK;
    assert(!is_number || node->text.len > 0);
    bool is_yes_no = doc_bool(node, &yes, &e) == OK;
    assert(!is_yes_no || !is_number);
    bool is_time = doc_time_ns(node, &at_ns, &e) == OK;
    assert(!is_time || !is_yes_no);
}

static bool has_twice; /* keys may be there twice, which was told */

static void check_map(const struct doc_node *map) {
    struct error e = {0};
    const struct doc_node *value;
    const str one = map->keys[0]->text;
    assert(doc_map_get(map, one, &value, &e) == OK);
    assert(has_twice || value == map->items[0]);
    assert(has_twice || (doc_map_only(map, &one, 1, &e) == OK) == (map->count == 1));
    str absent = STR("\n absent \n");
    assert((doc_map_get(map, absent, &value, &e) == OK) == (doc_map_find(map, absent) != NULL));
    assert(doc_want(map, DOC_LIST, "a list", &e) == FAIL_SYNTAX);
}

static size_t check_node(const struct doc_node *node, unsigned depth) {
    assert(depth <= LIMIT_DOC_DEPTH);
    assert(node->line >= 1 && node->column >= 1);
    assert(str_is_utf8(node->text));
    size_t count = 1;
    check_scalar(node);
    if (node->kind == DOC_MAP && node->count > 0) check_map(node);
    for (size_t i = 0; i < node->count; i++) {
        if (node->kind == DOC_MAP) {
            assert(node->keys[i]->kind == DOC_SCALAR);
            const struct doc_node *found = doc_map_find(node, node->keys[i]->text);
            assert(has_twice ? found != NULL : found == node->items[i]);
        }
        count += check_node(node->items[i], depth + 1);
    }
    return count;
}

static void same(const struct doc_node *a, const struct doc_node *b) {
    assert(a->kind == b->kind && a->count == b->count && str_equal(a->text, b->text));
    for (size_t i = 0; i < a->count; i++) {
        if (a->kind == DOC_MAP) assert(str_equal(a->keys[i]->text, b->keys[i]->text));
        same(a->items[i], b->items[i]);
    }
}

/* Rows read apart from their header, as those of very large files are, say what they said whole. */
static void in_parts(str text, const struct doc *whole, struct arena arena, struct arena scratch) {
    struct doc part;
    struct error e = {0};
    str rest = text, head;
    if (!str_cut(&rest, '\n', &head) || head.len == 0) return;
    if (doc_read_csv_part(STR("f"), head, rest, 2, NULL, &arena, scratch, &part, &e) != OK) {
        assert(memchr(head.at, '"', head.len) != NULL); /* a name with a line end in it */
        return;
    }
    if (memchr(head.at, '"', head.len) != NULL) return;
    assert(part.count == whole->count);
    for (size_t i = 0; i < part.count; i++) same(part.documents[i], whole->documents[i]);
}

static void count_told(void *self, const struct error *why) {
    assert(why->message[0] != 0);
    ++*(size_t *)self;
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
    size_t told = 0;
    const struct doc_faults faults = {count_told, &told};
    has_twice = bytes[0] == 2;
    enum error_code code =
        has_twice          ? doc_read_yaml_all(STR("f"), text, &faults, &arena, scratch, &doc, &e)
        : bytes[0] >= 0xc0 ? doc_read_json(STR("f"), text, &arena, scratch, &doc, &e)
        : bytes[0] & 1     ? doc_read_csv(STR("f"), text, &arena, scratch, &doc, &e)
                           : doc_read_yaml(STR("f"), text, &arena, scratch, &doc, &e);
    if (code != OK) {
        assert(e.message[0] != 0);
        return 0;
    }
    /* What nobody was told of is what the strict reader reads, but for anchors, aliases and tags. */
    struct doc strict;
    if (has_twice && told == 0 &&
        doc_read_yaml(STR("f"), text, &arena, scratch, &strict, &e) == OK) {
        assert(strict.count == doc.count);
        for (size_t i = 0; i < doc.count; i++) same(strict.documents[i], doc.documents[i]);
    }
    if (bytes[0] < 0xc0 && bytes[0] & 1) in_parts(text, &doc, arena, scratch);
    for (size_t i = 0; i < doc.count; i++)
        assert(check_node(doc.documents[i], 1) <= LIMIT_DOC_NODES);
    return 0;
}
