/* Randomness: getrandom(2) behind a seam, and a seeded generator (xoshiro256**) for tests. */
#include "base/random.h"

#include "base/secret.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* Keys, nonces and salts are 16 and 32 bytes, five of them a put, and the way into the kernel costs
 * more than they do. So each thread fetches some at once. What was given out is wiped here at once;
 * a child of fork begins with none. */
enum { KEPT_BYTES = 512, SMALL_BYTES = 64 };
static _Thread_local struct {
    unsigned char bytes[KEPT_BYTES];
    size_t left;
} kept;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void kept_forget(void) {
    memory_wipe(kept.bytes, sizeof kept.bytes);
    kept.left = 0;
}

static void fork_watch(void) {
    if (pthread_atfork(NULL, NULL, kept_forget) != 0) abort(); /* no memory, at the very start */
}

static void kernel_fill(void *bytes, size_t count) {
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

static void real_fill(void *self, void *bytes, size_t count) {
    if (count > SMALL_BYTES) {
        kernel_fill(bytes, count);
        return;
    }
    if (kept.left < count) {
        pthread_once(&once, fork_watch);
        kernel_fill(kept.bytes, sizeof kept.bytes);
        kept.left = sizeof kept.bytes;
    }
    kept.left -= count;
    memcpy(bytes, kept.bytes + kept.left, count);
    memory_wipe(kept.bytes + kept.left, count);
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
