/* Randomness: a seam over getrandom(2). */
#ifndef AZEKURA_BASE_RANDOM_H
#define AZEKURA_BASE_RANDOM_H

#include "base/error.h"

struct random_source {
    void (*fill)(void *self, void *bytes, size_t count);
    void *self;
};
void random_use(const struct random_source *source); /* NULL: the real one; borrowed */
void random_fill(void *bytes, size_t count);         /* never fails; stops the program if it must */
uint64_t random_u64(void);

/* A seeded generator for tests and sample data: same seed, same run. Never for secrets. */
struct random_seeded {
    uint64_t state[4];
};
void random_seed(struct random_seeded *r, uint64_t seed);
uint64_t random_next(struct random_seeded *r);
uint64_t random_below(struct random_seeded *r, uint64_t bound); /* bound > 0 */

#endif
