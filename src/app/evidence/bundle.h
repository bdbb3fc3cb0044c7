/* Inner: what the parts of `azekura prove --bundle` share. */
#ifndef AZEKURA_APP_BUNDLE_H
#define AZEKURA_APP_BUNDLE_H

#include "app/options.h"

#include <jansson.h>

/* verify.html, made of web/verify when the program was built. */
extern const unsigned char bundle_page[];
extern const size_t bundle_page_bytes;

struct bundle_assessing {
    const struct option_list *registers, *rulebooks; /* no register: the store's */
    const char *data, *credentials;
    const char *store_site;
    int64_t at_ns, held_ns; /* held: that of then; 0: of now */
};
/* An assessment in short, for the cover: totals, what fails, what is unknown and why. What
 * `azekura assess` would say of the same files. *out is new. */
enum error_code bundle_assess(const struct bundle_assessing *ask, json_t **out,
                              struct error *e) MUST_USE;

/* The cover sheet as a page: English, then Japanese; each begins with one printed page that answers who,
 * when, what was refused, what is unknown, what was let through and what is owed. */
enum error_code cover_write(const json_t *cover, const char *path, struct error *e) MUST_USE;

#endif
