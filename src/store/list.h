/* Inner: the one walk that lists rows in key order and jumps over what a delimiter folds away. What
 * the rows are, versions or uploads, its kind says. */
#ifndef AZEKURA_STORE_LIST_H
#define AZEKURA_STORE_LIST_H

#include "store/rows.h"

/* What is listed. A row is sifted first; one that is to be listed is then shown, or folded into a
 * common prefix, or is the one too many. `self` is the caller's. */
struct list_kind {
    char family; /* 'o', 'v' or 'u': its rows begin with it, then bucket id, NUL, key */
    /* Gives the key of a row; *listed false when it lies before the marker or is not for showing.
     * `row` is valid until the walk's next step, so for `show` too. */
    enum error_code (*sift)(void *self, str row_key, str row, str *key, bool *listed,
                            struct error *e);
    /* The row sifted last. `is_last`: the page is full with it, so the next one begins after it. */
    enum error_code (*show)(void *self, str key, str row, bool is_last, struct error *e);
    enum error_code (*fold)(void *self, str prefix, struct error *e);
};

/* Walks the rows of a bucket under listing->prefix from listing->after on, and fills *out but for
 * next_sequence, which is the kind's to know. Texts in the arena. Parks. */
enum error_code list_rows(struct engine_view *view, uint64_t bucket_id,
                          const struct store_listing *listing, const struct list_kind *kind,
                          void *self, struct arena *arena, struct store_listed *out,
                          struct error *e) MUST_USE;

#endif
