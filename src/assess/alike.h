/* Inner: keys of what a group of clauses hangs on in a row, and answers kept by them. */
#ifndef AZEKURA_ASSESS_ALIKE_H
#define AZEKURA_ASSESS_ALIKE_H

#include "assess/inner.h"

struct key {
    uint64_t a, b; /* 0, 0: nobody */
};

/* Field by field, values and standings, in one walk over the row. */
struct row_keys {
    struct key value[FIELD_MOST + 1];
    uint64_t known[FIELD_MOST + 1];
    bool is_named[FIELD_MOST + 1];
};
/* Only what some group hangs on is looked at. */
void row_keys_make(const struct assess_work *w, const struct mask *all,
                   const struct register_row *row, struct row_keys *out);
/* Rows with one key are alike to the group of that mask. */
struct key group_key(const struct mask *mask, const struct row_keys *keys);

/* Answers by what they hang on; open addressing, at most half full. */
struct cache {
    struct key *keys;
    unsigned char *verdicts; /* member_count a slot */
    size_t slots, used;
};
/* `slots` is a power of two. false: the arena is full. */
bool cache_open(struct cache *c, size_t slots, size_t members, struct arena *arena);
/* The slot of that key, or the free one it belongs in: there keys[slot] is nobody's. */
size_t cache_slot(const struct cache *c, struct key key);
/* Grows while it may and the arena has room; then it keeps no more. */
void cache_put(struct cache *c, struct key key, const unsigned char *verdicts, size_t members,
               struct arena *arena);

#endif
