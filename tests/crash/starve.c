/* Lets memory run out once (LD_PRELOAD): after SIGUSR2 the n-th allocation from then on fails, n being
 * AZEKURA_STARVE. Only the program's own calls and its libraries' are counted, all threads together. */
#include <errno.h>
#include <execinfo.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OUR_OWN __attribute__((visibility("default")))

/* glibc's own, under the names it keeps for this. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t align, size_t size);

static atomic_long left; /* until the one that fails; below 1: none does */
static long wanted;

static void begin_counting(int number) {
    atomic_store(&left, wanted);
}

__attribute__((constructor)) static void begin(void) {
    const char *text = getenv("AZEKURA_STARVE");
    void *call[1];
    if (text == NULL) return;
    backtrace(call, 1); /* the first one allocates */
    wanted = atol(text);
    signal(SIGUSR2, begin_counting);
}

static int starves(void) {
    if (atomic_load_explicit(&left, memory_order_relaxed) <= 0) return 0;
    if (atomic_fetch_sub(&left, 1) != 1) return 0;
    static const char said[] = "starve: no memory\n";
    if (write(2, said, sizeof said - 1) < 0) abort(); /* the test counts these */
    void *calls[24];
    backtrace_symbols_fd(calls, backtrace(calls, 24), 2); /* whom it was taken from */
    errno = ENOMEM;
    return 1;
}

OUR_OWN void *malloc(size_t size) {
    return starves() ? NULL : __libc_malloc(size);
}

OUR_OWN void *calloc(size_t count, size_t size) {
    return starves() ? NULL : __libc_calloc(count, size);
}

OUR_OWN void *realloc(void *old, size_t size) {
    return starves() ? NULL : __libc_realloc(old, size);
}

OUR_OWN void *aligned_alloc(size_t align, size_t size) {
    return starves() ? NULL : __libc_memalign(align, size);
}

OUR_OWN int posix_memalign(void **out, size_t align, size_t size) {
    if (starves()) return ENOMEM;
    *out = __libc_memalign(align, size);
    return *out == NULL ? ENOMEM : 0;
}
