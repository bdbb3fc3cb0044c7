/* Any bytes as each kind of row: what is read writes the same bytes again. */
#include "identity/rows.h"

#include <stdlib.h>

static void same(str written, str bytes) {
    if (!str_equal(written, bytes)) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    str bytes = str_of(data, size);
    char memory[IDENTITY_ROW_BYTES];
    struct identity_total_row total;
    struct identity_user_row user;
    struct identity_grant_row grant;
    struct identity_key_row key;
    if (identity_total_read(bytes, &total, NULL) == OK)
        same(identity_total_write(&total, memory), bytes);
    if (identity_user_read(bytes, &user, NULL) == OK)
        same(identity_user_write(&user, memory), bytes);
    if (identity_grant_read(bytes, &grant, NULL) == OK)
        same(identity_grant_write(&grant, memory), bytes);
    if (identity_key_read(bytes, &key, NULL) == OK) same(identity_key_write(&key, memory), bytes);
    return 0;
}
