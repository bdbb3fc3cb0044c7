/* What each thread keeps: a scratch, and pools of the two large things a request needs. A fiber
 * never changes its thread, so nothing here is locked; all of it goes when the thread ends. */
#include "gate/thread.h"

#include <stdlib.h>

struct kept {
    struct arena_space scratch;
    struct gate_pool pools[GATE_POOL_KINDS];
};
static _Thread_local struct kept *mine;
static pthread_key_t at_end;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void kept_free(void *self) {
    struct kept *kept = self;
    for (size_t i = 0; i < GATE_POOL_KINDS; i++)
        while (kept->pools[i].first != NULL) {
            void *next = *(void **)kept->pools[i].first;
            free(kept->pools[i].first);
            kept->pools[i].first = next;
        }
    arena_space_release(&kept->scratch);
    free(kept);
    mine = NULL;
}

static void key_make(void) {
    if (pthread_key_create(&at_end, kept_free) != 0) abort(); /* the first of a thousand keys */
}

static struct kept *kept_here(void) {
    if (mine != NULL) return mine;
    pthread_once(&once, key_make);
    struct kept *fresh = calloc(1, sizeof *fresh);
    if (fresh == NULL) return NULL;
    if (pthread_setspecific(at_end, fresh) != 0) {
        free(fresh);
        return NULL;
    }
    mine = fresh;
    return fresh;
}

enum error_code gate_scratch(struct arena *out, struct error *e) {
    struct kept *kept = kept_here();
    if (kept == NULL) return error_set(e, FAIL_MEMORY, "no room for a thread's scratch");
    if (kept->scratch.at == NULL)
        return arena_space_open(&kept->scratch, GATE_SCRATCH_BYTES, out, e);
    *out = arena_over(kept->scratch.at, kept->scratch.bytes);
    return OK;
}

void *gate_pool_take(enum gate_pool_kind kind, size_t bytes) {
    struct kept *kept = kept_here();
    if (kept == NULL) return NULL;
    void *at = kept->pools[kind].first;
    if (at == NULL) return malloc(bytes);
    kept->pools[kind].first = *(void **)at;
    kept->pools[kind].count--;
    return at;
}

void gate_pool_give(enum gate_pool_kind kind, void *at) {
    struct kept *kept = kept_here();
    if (kept == NULL || kept->pools[kind].count == GATE_POOL_KEPT) {
        free(at);
        return;
    }
    *(void **)at = kept->pools[kind].first;
    kept->pools[kind].first = at;
    kept->pools[kind].count++;
}
