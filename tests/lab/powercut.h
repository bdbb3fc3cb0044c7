/* What the commands of powercut share: options, a scratch folder, running a program. */
#ifndef AZEKURA_TESTS_LAB_POWERCUT_H
#define AZEKURA_TESTS_LAB_POWERCUT_H

#include "base/base.h"

#include <limits.h>

enum { WORDS_MAX = 128, FAILURES_SHOWN = 5 };

struct options {
    uint64_t cuts;   /* most points of the tape (or failing calls of a kind), at random; 0: all */
    uint64_t random; /* random remains at each, beside the four plain ones */
    uint64_t seed;
    bool expect_failure;
    const char *only;              /* this kind of failing call; NULL: all */
    const char *keep, *tape, *dir; /* keep: where the first folder that failed goes */
    char *work[WORDS_MAX], *check[WORDS_MAX];
};

struct run {
    struct options *options;
    char root[64], data[80], tape[80], cut[80], marks[80], output[80];
    digest *seen; /* folders that were checked */
    size_t seen_count, seen_room;
    uint64_t points, folders, failures;
};

__attribute__((noreturn)) void stop(const char *why, const char *what);

/* Runs the words with @DIR@ and @MARKS@ filled in; with a tape, recorded and (`fault` not NULL) with
 * a call that fails. Output goes to a file where there is one. The exit status; 128 + n: signal n. */
int run_words(char *const words[], const char *dir, const char *marks, const char *output,
              const char *tape, const char *fault);
/* Makes a folder that was there empty. */
void folder_empty(const char *path);
/* A check said no: says so, shows what it printed, keeps `folder` if it is the first. */
void say_failure(struct run *run, const char *what, int status, const char *folder);
void show_output(const char *path); /* of a program that was run, indented */
/* The tape as it lies on the disk; unmap with munmap. */
char *tape_map(const char *path, size_t *len);

void cut_file(struct run *run, const char *tape);
void fail_each(struct run *run);

#endif
