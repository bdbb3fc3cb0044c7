/* Randomness: getrandom(2) behind a seam, and a seeded generator (xoshiro256**) for tests. */
#include "base/random.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

static void real_fill(void *self, void *bytes, size_t count) {
    unsigned char *at = bytes;
    while (count > 0) {
        ssize_t got = getrandom(at, count, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) {
            fputs("azekura: the kernel gives no random bytes; stopping\n", stderr);
            abort(); /* keys from anything weaker would be worse than no service */
        }
        at += got;
        count -= (size_t)got;
    }
}

static const struct random_source real = {real_fill, NULL};
static const struct random_source *current = &real;

void random_use(const struct random_source *source) {
    current = source != NULL ? source : &real;
}
void random_fill(void *bytes, size_t count) {
    current->fill(current->self, bytes, count);
}

uint64_t random_u64(void) {
    uint64_t value;
    random_fill(&value, sizeof value);
    return value;
}

void random_seed(struct random_seeded *r, uint64_t seed) {
    for (int i = 0; i < 4; i++) { /* splitmix64 */
        seed += 0x9e3779b97f4a7c15u;
        uint64_t z = seed;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
        z = (z ^ z >> 27) * 0x94d049bb133111ebu;
        r->state[i] = z ^ z >> 31;
    }
}

static uint64_t rotate(uint64_t x, int by) {
    return x << by | x >> (64 - by);
}

uint64_t random_next(struct random_seeded *r) {
    uint64_t *s = r->state, result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

uint64_t random_below(struct random_seeded *r, uint64_t bound) {
    uint64_t limit = UINT64_MAX - UINT64_MAX % bound, value;
    do value = random_next(r);
    while (value >= limit);
    return value % bound;
}
