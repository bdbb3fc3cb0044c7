/* A running store's console as the source of a ledger's files. */
#ifndef AZEKURA_VERIFY_WEB_H
#define AZEKURA_VERIFY_WEB_H

#include "http/http.h"
#include "verify/sign.h"
#include "verify/source.h"

struct verify_web {
    struct http_client *client;
    struct http_url url;
    str base; /* "https://host:9001/ledger" */
    bool has_key;
    struct verify_credentials key;
};

bool verify_web_is_url(const char *text);
/* Where the URL has no path, the ledger is under /ledger. `credentials` and `ca` are names of
 * files or NULL. Checkpoint and hash tiles are public; entry bundles want the key of an inspector:
 * FAIL_ACCESS_DENIED says so. */
enum error_code verify_web_open(const char *url, const char *credentials, const char *ca,
                                struct arena *arena, struct verify_web *out,
                                struct verify_source *source, struct error *e) MUST_USE;
void verify_web_close(struct verify_web *web); /* wipes the key */

#endif
