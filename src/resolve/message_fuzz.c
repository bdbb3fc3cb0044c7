/* Any bytes as a DNS message that answers a question, whose type the first byte chooses. What is told lies in
 * its limits, and the chain never comes back to a name. */
#include <stdlib.h>

#include "resolve/resolve.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void name_check(str name) {
    for (size_t i = 0; i < name.len; i++) assert(name.at[i] > ' ' && name.at[i] < 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    static const unsigned types[] = {1, 28, 12};
    static unsigned char memory[64 << 10];
    if (count == 0) return 0;
    struct arena arena = arena_over(memory, bytes[0] >= 128 ? sizeof memory : 6000);
    struct resolve_message message;
    char *own = malloc(count); /* of its exact size, so that a byte too far is seen */
    assert(own != NULL);
    memcpy(own, bytes + 1, count - 1);
    resolve_message_read(str_of(own, count - 1), STR("a.Test"), types[bytes[0] % 3], &arena,
                         &message);
    free(own);
    assert(message.status < RESOLVE_STATUS_COUNT);
    assert(message.address_count <= LIMIT_RESOLVE_ADDRESSES);
    assert(message.name_count <= LIMIT_RESOLVE_NAMES);
    assert(message.chain_count <= LIMIT_RESOLVE_CHAIN);
    for (size_t i = 0; i < message.address_count; i++)
        assert(message.addresses[i].len == (types[bytes[0] % 3] == 1 ? 4 : 16));
    for (size_t i = 0; i < message.name_count; i++) name_check(message.names[i]);
    for (size_t i = 0; i < message.chain_count; i++) {
        name_check(message.chain[i]);
        assert(!str_equal(message.chain[i], STR("a.test")));
        for (size_t k = 0; k < i; k++) assert(!str_equal(message.chain[i], message.chain[k]));
    }
    bool has_any = message.address_count + message.name_count > 0;
    assert((message.status == RESOLVE_FOUND) == has_any);
    assert(!message.leads_out || message.chain_count > 0);
    return 0;
}
