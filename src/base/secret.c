/* Wiping. */
#include "base/secret.h"

void memory_wipe(void *bytes, size_t count) {
    explicit_bzero(bytes, count);
}
void secret_wipe(struct secret *s) {
    memory_wipe(s->at, sizeof s->at);
}
