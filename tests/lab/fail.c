/* Failing: runs the work again and again, each time with one call that fails, and has the folder
 * checked that it leaves. The work may end as it likes, by a signal too: what it acknowledged counts. */
#include "tests/lab/powercut.h"
#include "tests/lab/tape.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

static const struct {
    const char *kind, *errnum;
    bool for_ever;
} ways[] = {
    {"write", "EIO", false},   {"write", "ENOSPC", true}, {"sync", "EIO", false},
    {"sync", "EIO", true},     {"open", "EMFILE", false}, {"name", "EIO", false},
    {"room", "ENOSPC", false},
};

/* Was the call reached? And what was acknowledged, into the file of marks. */
static bool read_tape(struct run *run) {
    size_t len;
    bool was_hit = false;
    struct tape_record record;
    char *tape = tape_map(run->tape, &len);
    FILE *marks = fopen(run->marks, "w");
    if (marks == NULL) stop("cannot write", run->marks);
    for (size_t at = 0; tape_next(tape, len, &at, &record);) {
        if (record.kind == TAPE_FAULT) was_hit = true;
        if (record.kind == TAPE_MARK) fprintf(marks, "%.*s\n", (int)record.data_len, record.data);
    }
    fclose(marks);
    munmap(tape, len);
    return was_hit;
}

/* false: the work never made so many calls of the kind. */
static bool fail_one(struct run *run, size_t way, uint64_t n, uint64_t *by_signal) {
    char fault[64], story[128];
    snprintf(fault, sizeof fault, "%s:%llu:%s:%s", ways[way].kind, (unsigned long long)n,
             ways[way].errnum, ways[way].for_ever ? "for-ever" : "once");
    folder_empty(run->data);
    FILE *tape = fopen(run->tape, "w");
    if (tape == NULL) stop("cannot make the tape", run->tape);
    fclose(tape);
    int ended = run_words(run->options->work, run->data, "", run->output, run->tape, fault);
    if (!read_tape(run)) return false;
    run->points++;
    if (ended > 128 && (*by_signal)++ < FAILURES_SHOWN) {
        printf("failing %s, the work ended with %d:\n", fault, ended);
        show_output(run->output);
    }
    int status = run_words(run->options->check, run->data, run->marks, run->output, NULL, NULL);
    snprintf(story, sizeof story, "failing %s, the work ended with %d", fault, ended);
    if (status != 0) say_failure(run, story, status, run->data);
    return true;
}

/* Every n, or where only some are wanted, strides of random length. */
void fail_each(struct run *run) {
    struct random_seeded random;
    random_seed(&random, run->options->seed);
    for (size_t way = 0; way < COUNT_OF(ways); way++) {
        const char *only = run->options->only;
        if (only != NULL && strcmp(only, ways[way].kind) != 0) continue;
        uint64_t before = run->points, by_signal = 0, stride = 1;
        if (run->options->cuts > 0) {
            uint64_t last = 1; /* how many there are, within a factor of two */
            while (fail_one(run, way, last, &by_signal)) last *= 2;
            stride = last / run->options->cuts + 1;
        }
        uint64_t n = 1;
        while (fail_one(run, way, n, &by_signal)) n += 1 + random_below(&random, 2 * stride - 1);
        printf("%s %s%s: %llu runs, %llu ended by a signal\n", ways[way].kind, ways[way].errnum,
               ways[way].for_ever ? " for ever" : "", (unsigned long long)(run->points - before),
               (unsigned long long)by_signal);
        fflush(stdout);
    }
    printf("%llu failing calls, %llu failed checks\n", (unsigned long long)run->points,
           (unsigned long long)run->failures);
}
