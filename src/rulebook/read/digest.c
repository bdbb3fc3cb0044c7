/* Bytes that name a document. The same one gives the same bytes, whatever order its keys came in.
 * Format: docs/formats/decision.md. */
#include "base/numbers.h"
#include "rulebook/read/file.h"

static void add_sized(struct sha256 *h, char kind, str text) {
    unsigned char head[9] = {(unsigned char)kind};
    write_be64(head + 1, text.len);
    sha256_add(h, head, sizeof head);
    sha256_add(h, text.at, text.len);
}

static void add_count(struct sha256 *h, char kind, size_t count) {
    unsigned char head[9] = {(unsigned char)kind};
    write_be64(head + 1, count);
    sha256_add(h, head, sizeof head);
}

void doc_canonical(const struct doc_node *node, struct sha256 *h) {
    switch (node->kind) {
    case DOC_SCALAR: add_sized(h, 's', node->text); return;
    case DOC_LIST:
        add_count(h, 'l', node->count);
        for (size_t i = 0; i < node->count; i++) doc_canonical(node->items[i], h);
        return;
    case DOC_MAP:
        add_count(h, 'm', node->count);
        for (size_t i = 0; i < node->count; i++) {
            add_sized(h, 's', node->keys[node->sorted[i]]->text);
            doc_canonical(node->items[node->sorted[i]], h);
        }
        return;
    }
}
