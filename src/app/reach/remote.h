/* Inner: asking a store's console over the network. */
#ifndef AZEKURA_APP_REMOTE_H
#define AZEKURA_APP_REMOTE_H

#include "app/options.h"

struct remote_prove {
    const char *url, *credentials, *ca, *bucket, *key, *version;
    const struct option_list *open;
};
/* The proof file in the arena. FAIL_USAGE: no credentials; what http_client_fetch gives; what the
 * console answered. */
enum error_code remote_prove(const struct remote_prove *ask, struct arena *arena, str *proof,
                             struct error *e) MUST_USE;

#endif
