/* Any bytes as the extra of a proof: what is read writes the same bytes again, and can be checked.
 */
#include "evidence/evidence.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static _Alignas(16) unsigned char memory[1 << 20];
    str bytes = str_of(data, size);
    struct evidence_extra extra;
    struct arena arena = arena_over(memory, sizeof memory);
    if (evidence_extra_decode(bytes, &arena, &extra, NULL) != OK) return 0;
    static char again[1 << 20];
    str written;
    if (evidence_extra_encode(&extra, again, sizeof again, &written, NULL) != OK) abort();
    if (!str_equal(written, bytes)) abort();
    struct evidence_entry entry;
    size_t shown;
    digest root = sha256_of(bytes);
    uint64_t tree_size = 5;
    for (size_t i = 0; i < extra.step_count; i++) {
        struct arena step = arena;
        if (evidence_step_check(&extra, i, &step, &entry, NULL) != OK) continue;
        if (i + 1 < extra.step_count) continue;
        root = entry.left_root;
        tree_size = entry.left_size;
    }
    if (extra.name_count == 1 && extra.names[0].path_count == 0) { /* the log's only entry */
        root = tlog_leaf_hash(extra.names[0].entry);
        tree_size = 1;
    }
    str leaf = evidence_extra_leaf(&extra), name;
    if (leaf.len > bytes.len) abort();
    struct arena checking = arena;
    if (evidence_extra_check(&extra, tree_size, &root, &checking, &entry, &shown, NULL) == OK &&
        shown > extra.name_count)
        abort();
    for (int kind = EVIDENCE_CODE_ACT; kind <= EVIDENCE_CODE_KIND_LAST; kind++)
        if (evidence_name_find(&extra, (enum evidence_code_kind)kind, 1, arena, &name) &&
            extra.name_count == 0)
            abort();
    return 0;
}
