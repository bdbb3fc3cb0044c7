/* Any bytes as a checkpoint's text: what is accepted is written back the same. */
#include "tlog/tlog.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t count);

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t count) {
    static char memory[1 << 20];
    struct tlog_checkpoint checkpoint;
    if (tlog_checkpoint_parse(str_of(bytes, count), &checkpoint, NULL) != OK) return 0;
    assert(checkpoint.size <= TLOG_SIZE_MAX);
    struct text out = text_into(memory, sizeof memory);
    tlog_checkpoint_write(&out, &checkpoint);
    assert(out.overflow || str_equal(text_str(&out), str_of(bytes, count)));
    return 0;
}
