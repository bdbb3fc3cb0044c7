/* A wall clock that is wrong by as many seconds as the file SHIFT says (LD_PRELOAD): what a program asks
 * is shifted, what the kernel waits by is not. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define OUR_OWN __attribute__((visibility("default")))

OUR_OWN int clock_gettime(clockid_t clock, struct timespec *now) {
    int result = (int)syscall(SYS_clock_gettime, clock, now);
    const char *path = getenv("SHIFT");
    FILE *file = clock == CLOCK_REALTIME && path != NULL ? fopen(path, "re") : NULL;
    long seconds = 0;
    if (file == NULL) return result;
    if (fscanf(file, "%ld", &seconds) == 1) now->tv_sec += seconds;
    fclose(file);
    return result;
}
