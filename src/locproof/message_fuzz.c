/* Any bytes as a datagram: what is accepted is written back to the same bytes, inside its limits. */
#include "locproof/locproof.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t count);

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t count) {
    unsigned char memory[LOCPROOF_DATAGRAM_BYTES];
    struct locproof_message m;
    if (locproof_message_read(str_of(bytes, count), &m, NULL) != OK) return 0;
    assert(m.bytes.len <= LOCPROOF_TEXT_BYTES);
    assert(str_equal(locproof_message_write(&m, memory), str_of(bytes, count)));
    if (m.kind == LOCPROOF_PIECE) {
        assert(m.fragment * LOCPROOF_FRAGMENT_BYTES + m.bytes.len <= LIMIT_STORED_PIECE_BYTES);
        assert(m.fragment < locproof_fragment_count(m.total));
    }
    return 0;
}
