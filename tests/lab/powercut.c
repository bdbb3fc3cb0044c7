/* powercut: records a program, then cuts the power at every point where something became durable, or
 * fails one call after the other, and asks a check about each folder that is left. See README.md. */
#include "tests/lab/powercut.h"
#include "tests/lab/tape.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void record(const struct options *options, const char *dir, const char *tape) {
    int fd = open(tape, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    if (fd < 0) stop("cannot make the tape", tape);
    close(fd);
    int status = run_words(options->work, dir, "", NULL, tape, NULL);
    if (status == 77) exit(77); /* it said why it cannot be run here */
    if (status != 0) {
        fprintf(stderr, "powercut: the work itself ended with %d\n", status);
        exit(2);
    }
}

static void run_begin(struct run *run, struct options *options) {
    *run = (struct run){.options = options};
    const char *parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(run->root, sizeof run->root, "%s/powercut-XXXXXX", parent);
    if (mkdtemp(run->root) == NULL) stop("no scratch folder in", parent);
    snprintf(run->data, sizeof run->data, "%s/data", run->root);
    snprintf(run->tape, sizeof run->tape, "%s/tape", run->root);
    snprintf(run->cut, sizeof run->cut, "%s/cut", run->root);
    snprintf(run->marks, sizeof run->marks, "%s/marks", run->root);
    snprintf(run->output, sizeof run->output, "%s/output", run->root);
    FILE *marks = fopen(run->marks, "w"); /* a check may read it before there is any */
    if (marks == NULL || mkdir(run->data, 0700) != 0) stop("cannot write in", run->root);
    fclose(marks);
}

static int run_end(struct run *run) {
    bool failed = run->failures > 0;
    folder_empty(run->root);
    rmdir(run->root);
    free(run->seen);
    if (run->options->expect_failure && !failed)
        printf("no cut failed, though the store was built wrong: this test proves nothing\n");
    return failed == run->options->expect_failure ? 0 : 1;
}

static int usage(void) {
    fprintf(stderr,
            "powercut try [options] -- WORK... -- CHECK...   records, then cuts\n"
            "powercut fail [options] -- WORK... -- CHECK...  each call fails once\n"
            "powercut record --tape FILE --dir DIR -- WORK...\n"
            "powercut replay --tape FILE [options] -- CHECK...\n"
            "powercut mark TEXT                              in a script that is being recorded\n"
            "options: --cuts N --random N --seed N --expect-failure --keep DIR\n"
            "         --only write|sync|open|name|room (fail)\n"
            "@DIR@ and @MARKS@ in WORK and CHECK are filled in.\n");
    return 2;
}

static bool read_options(int count, char **words, struct options *o) {
    int i = 2, group = 0;
    for (; i < count && strcmp(words[i], "--") != 0; i++) {
        str number = i + 1 < count ? str_from_c(words[i + 1]) : STR_EMPTY;
        if (strcmp(words[i], "--expect-failure") == 0)
            o->expect_failure = true;
        else if (i + 1 == count)
            return false;
        else if (strcmp(words[i], "--cuts") == 0 && str_u64(number, &o->cuts))
            i++;
        else if (strcmp(words[i], "--random") == 0 && str_u64(number, &o->random))
            i++;
        else if (strcmp(words[i], "--seed") == 0 && str_u64(number, &o->seed))
            i++;
        else if (strcmp(words[i], "--keep") == 0)
            o->keep = words[++i];
        else if (strcmp(words[i], "--only") == 0)
            o->only = words[++i];
        else if (strcmp(words[i], "--tape") == 0)
            o->tape = words[++i];
        else if (strcmp(words[i], "--dir") == 0)
            o->dir = words[++i];
        else
            return false;
    }
    char **groups[2] = {o->work, o->check};
    for (int n = 0; i < count; i++) {
        if (strcmp(words[i], "--") == 0) {
            group++;
            n = 0;
        } else if (group <= 2 && n < WORDS_MAX - 1) {
            groups[group - 1][n++] = words[i];
        }
    }
    return true;
}

int main(int count, char **words) {
    struct options options = {.random = 2, .seed = 20181106};
    const char *seed = getenv("SEED");
    if (seed != NULL) options.seed = strtoull(seed, NULL, 0);
    if (count == 3 && strcmp(words[1], "mark") == 0) {
        tape_mark(words[2]);
        return 0;
    }
    if (count < 3 || !read_options(count, words, &options) || options.work[0] == NULL)
        return usage();
    struct run run;
    if (strcmp(words[1], "record") == 0 && options.tape != NULL && options.dir != NULL) {
        record(&options, options.dir, options.tape);
        return 0;
    }
    printf("SEED=%llu\n", (unsigned long long)options.seed);
    run_begin(&run, &options);
    if (strcmp(words[1], "replay") == 0 && options.tape != NULL) {
        memcpy(options.check, options.work, sizeof options.check);
        cut_file(&run, options.tape);
        return run_end(&run);
    }
    if (options.check[0] == NULL) return usage();
    if (strcmp(words[1], "fail") == 0) {
        fail_each(&run);
        return run_end(&run);
    }
    if (strcmp(words[1], "try") != 0) return usage();
    record(&options, run.data, run.tape);
    cut_file(&run, run.tape);
    return run_end(&run);
}
