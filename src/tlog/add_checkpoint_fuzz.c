/* Any bytes as a witness request: what is accepted is written back the same. */
#include "tlog/tlog.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t count);

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t count) {
    static char memory[2 * TLOG_ADD_CHECKPOINT_BYTES_MAX];
    struct tlog_add_checkpoint request;
    if (tlog_add_checkpoint_parse(str_of(bytes, count), &request, NULL) != OK) return 0;
    assert(request.path.count <= TLOG_PATH_MAX);
    struct text out = text_into(memory, sizeof memory);
    assert(tlog_add_checkpoint_write(&out, &request, NULL) == OK);
    assert(str_equal(text_str(&out), str_of(bytes, count)));
    return 0;
}
