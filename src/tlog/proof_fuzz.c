/* Any bytes as a proof file: what is accepted is written back the same. */
#include "tlog/tlog.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t count);

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t count) {
    static char memory[2 * TLOG_PROOF_BYTES_MAX], extra[TLOG_EXTRA_BYTES_MAX];
    struct arena arena = arena_over(extra, sizeof extra);
    struct tlog_proof proof;
    if (tlog_proof_parse(str_of(bytes, count), &arena, &proof, NULL) != OK) return 0;
    struct text out = text_into(memory, sizeof memory);
    assert(tlog_proof_write(&out, &proof, NULL) == OK);
    assert(str_equal(text_str(&out), str_of(bytes, count)));
    digest root = tlog_empty_root();
    error_ignore(
        tlog_inclusion_verify(proof.index, TLOG_SIZE_MAX, &root, &proof.path, &root, NULL));
    return 0;
}
