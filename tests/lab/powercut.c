/* powercut: records a program, then cuts the power at every point where something became durable
 * and asks a check about each folder that could be left. See README.md. */
#include "tests/lab/image.h"
#include "tests/lab/tape.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORDS_MAX = 128, FAILURES_SHOWN = 5, WORD_BYTES = 4096 };

struct options {
    uint64_t cuts;   /* most points of the tape to cut at, chosen at random; 0: all */
    uint64_t random; /* random remains at each, beside the four plain ones */
    uint64_t seed;
    bool expect_failure;
    const char *keep, *tape, *dir; /* keep: where the first folder that failed goes */
    char *work[WORDS_MAX], *check[WORDS_MAX];
};

struct run {
    const struct options *options;
    char root[PATH_MAX], data[PATH_MAX], tape[PATH_MAX], cut[PATH_MAX], marks[PATH_MAX],
        output[PATH_MAX];
    digest *seen;
    size_t seen_count, seen_room;
    uint64_t points, folders, failures;
};

static void stop(const char *why, const char *what) {
    fprintf(stderr, "powercut: %s: %s\n", why, what);
    exit(2);
}

/* ---- running things ---- */

static void fill_in(const char *word, const char *dir, const char *marks, char out[WORD_BYTES]) {
    size_t len = 0;
    while (*word != 0 && len < WORD_BYTES - 1) {
        const char *put = NULL;
        size_t skip = 0;
        if (strncmp(word, "@DIR@", 5) == 0)
            put = dir, skip = 5;
        else if (strncmp(word, "@MARKS@", 7) == 0)
            put = marks, skip = 7;
        if (put == NULL) {
            out[len++] = *word++;
            continue;
        }
        len += (size_t)snprintf(out + len, WORD_BYTES - len, "%s", put);
        word += skip;
    }
    out[size_min(len, WORD_BYTES - 1)] = 0;
}

/* Runs the words; output goes to a file where there is one. The exit status; 128 + n by a signal.
 */
static int run_words(char *const words[], const char *dir, const char *marks, const char *output,
                     const char *tape) {
    char recorder[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", recorder, sizeof recorder - 16);
    if (len < 0) stop("cannot find", "recorder.so");
    recorder[len] = 0;
    strcpy(strrchr(recorder, '/'), "/recorder.so");
    pid_t child = fork();
    if (child == 0) {
        static char filled[WORDS_MAX][WORD_BYTES];
        char *argv[WORDS_MAX + 1] = {0};
        for (int i = 0; words[i] != NULL; i++) {
            fill_in(words[i], dir, marks, filled[i]);
            argv[i] = filled[i];
        }
        if (tape != NULL) {
            setenv("AZEKURA_TAPE", tape, 1);
            setenv("AZEKURA_TAPE_DIR", dir, 1);
            setenv("LD_PRELOAD", recorder, 1);
        }
        int fd = output != NULL ? open(output, O_CREAT | O_TRUNC | O_WRONLY, 0600) : -1;
        if (fd >= 0 && (dup2(fd, 1) < 0 || dup2(fd, 2) < 0)) _exit(126);
        execvp(argv[0], argv);
        fprintf(stderr, "powercut: cannot run %s: %s\n", argv[0], strerror(errno));
        _exit(127);
    }
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) stop("lost", words[0]);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void record(const struct options *options, const char *dir, const char *tape) {
    int fd = open(tape, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    if (fd < 0) stop("cannot make the tape", tape);
    close(fd);
    int status = run_words(options->work, dir, "", NULL, tape);
    if (status != 0) {
        fprintf(stderr, "powercut: the work itself ended with %d\n", status);
        exit(2);
    }
}

/* ---- cutting ---- */

static bool is_seen(struct run *run, const digest *what) {
    for (size_t i = 0; i < run->seen_count; i++)
        if (digest_equal(&run->seen[i], what)) return true;
    if (run->seen_count == run->seen_room) {
        run->seen_room = run->seen_room == 0 ? 256 : 2 * run->seen_room;
        run->seen = realloc(run->seen, run->seen_room * sizeof *run->seen);
        if (run->seen == NULL) stop("no memory", "digests");
    }
    run->seen[run->seen_count++] = *what;
    return false;
}

static void show_output(const char *path) {
    char line[512];
    FILE *file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) printf("    %s", line);
    if (file != NULL) fclose(file);
}

static void keep_folder(struct run *run) {
    if (run->options->keep == NULL) return;
    char *words[] = {(char[]){"cp"}, (char[]){"-a"}, run->cut,
                     (char *)(uintptr_t)run->options->keep, NULL};
    run_words(words, "", "", NULL, NULL);
    ((struct options *)(uintptr_t)run->options)->keep = NULL;
}

static void check_one(struct run *run, const struct image *image, enum image_cut cut,
                      struct random_seeded *random, uint64_t mark_count, const char *where) {
    digest what;
    image_build(image, cut, random, run->cut, &what);
    what.at[0] ^= (unsigned char)mark_count; /* the same folder must answer to more, later */
    what.at[1] ^= (unsigned char)(mark_count >> 8);
    if (is_seen(run, &what)) return;
    run->folders++;
    if (run->options->keep != NULL) { /* the check itself changes the folder */
        char *words[] = {(char[]){"sh"}, (char[]){"-c"},
                         (char[]){"rm -rf @DIR@.before && cp -a @DIR@ @DIR@.before"}, NULL};
        run_words(words, run->cut, "", NULL, NULL);
    }
    int status =
        run_words((char *const *)run->options->check, run->cut, run->marks, run->output, NULL);
    if (status == 0) return;
    if (run->failures++ < FAILURES_SHOWN) {
        printf("cut %s, left: %s; %llu marks; the check ended with %d:\n", where,
               image_cut_names[cut], (unsigned long long)mark_count, status);
        show_output(run->output);
    }
    keep_folder(run);
}

static void cut_here(struct run *run, const struct image *image, struct random_seeded *random,
                     uint64_t mark_count, const char *where) {
    run->points++;
    for (int cut = 0; cut < CUT_SOME; cut++)
        check_one(run, image, (enum image_cut)cut, random, mark_count, where);
    for (uint64_t i = 0; i < run->options->random; i++)
        check_one(run, image, CUT_SOME, random, mark_count, where);
}

static bool is_boundary(const struct tape_record *record) {
    return record->kind == TAPE_SYNC || record->kind == TAPE_DIR_SYNC;
}

static uint64_t count_boundaries(const char *tape, size_t len) {
    struct tape_record record;
    uint64_t count = 0;
    for (size_t at = 0; tape_next(tape, len, &at, &record);) count += is_boundary(&record);
    return count;
}

static void add_mark(const char *path, const struct tape_record *record) {
    FILE *file = fopen(path, "a");
    if (file == NULL) stop("cannot write", path);
    fprintf(file, "%.*s\n", (int)record->data_len, record->data);
    fclose(file);
}

/* Before each boundary most is at stake, after it most is promised. */
static void replay(struct run *run, const char *tape, size_t len) {
    const struct options *options = run->options;
    struct random_seeded random;
    random_seed(&random, options->seed);
    uint64_t left = count_boundaries(tape, len);
    uint64_t wanted = options->cuts == 0 || options->cuts > left ? left : options->cuts;
    struct image *image = image_new();
    struct tape_record record;
    uint64_t number = 0, marks = 0;
    for (size_t at = 0; tape_next(tape, len, &at, &record); number++) {
        char where[256];
        bool is_chosen = is_boundary(&record) && random_below(&random, left) < wanted;
        if (is_boundary(&record)) left--;
        if (is_chosen) {
            wanted--;
            snprintf(where, sizeof where, "before record %llu (%s %.*s)",
                     (unsigned long long)number, tape_kind_names[record.kind], (int)record.name_len,
                     record.name);
            cut_here(run, image, &random, marks, where);
        }
        image_apply(image, &record);
        if (record.kind == TAPE_MARK) {
            add_mark(run->marks, &record);
            marks++;
        }
        if (is_chosen) {
            memcpy(where, "after ", 6);
            cut_here(run, image, &random, marks, where);
        }
    }
    cut_here(run, image, &random, marks, "at the end");
    image_free(image);
    printf("%llu records, %llu marks, cut at %llu points, %llu folders differ, %llu failed\n",
           (unsigned long long)number, (unsigned long long)marks, (unsigned long long)run->points,
           (unsigned long long)run->folders, (unsigned long long)run->failures);
}

static void replay_file(struct run *run, const char *path) {
    int fd = open(path, O_RDONLY);
    struct stat info;
    if (fd < 0 || fstat(fd, &info) != 0 || info.st_size == 0) stop("no tape", path);
    char *tape = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (tape == MAP_FAILED) stop("cannot map the tape", path);
    replay(run, tape, (size_t)info.st_size);
    munmap(tape, (size_t)info.st_size);
    close(fd);
}

/* ---- commands ---- */

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *ftw) {
    return remove(path);
}

static void run_begin(struct run *run, const struct options *options) {
    *run = (struct run){.options = options};
    const char *parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(run->root, 64, "%s/powercut-XXXXXX", parent);
    if (mkdtemp(run->root) == NULL) stop("no scratch folder in", parent);
    snprintf(run->data, 128, "%.64s/data", run->root);
    snprintf(run->tape, 128, "%.64s/tape", run->root);
    snprintf(run->cut, 128, "%.64s/cut", run->root);
    snprintf(run->marks, 128, "%.64s/marks", run->root);
    snprintf(run->output, 128, "%.64s/output", run->root);
    FILE *marks = fopen(run->marks, "w"); /* a check may read it before there is any */
    if (marks == NULL || mkdir(run->data, 0700) != 0) stop("cannot write in", run->root);
    fclose(marks);
}

static int run_end(struct run *run) {
    bool failed = run->failures > 0;
    nftw(run->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(run->seen);
    if (run->options->expect_failure && !failed)
        printf("no cut failed, though the store was built wrong: this test proves nothing\n");
    return failed == run->options->expect_failure ? 0 : 1;
}

static int usage(void) {
    fprintf(stderr,
            "powercut try [options] -- WORK... -- CHECK...   records, then cuts\n"
            "powercut record --tape FILE --dir DIR -- WORK...\n"
            "powercut replay --tape FILE [options] -- CHECK...\n"
            "powercut mark TEXT                              in a script that is being recorded\n"
            "options: --cuts N --random N --seed N --expect-failure --keep DIR\n"
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
        replay_file(&run, options.tape);
        return run_end(&run);
    }
    if (strcmp(words[1], "try") != 0 || options.check[0] == NULL) return usage();
    record(&options, run.data, run.tape);
    replay_file(&run, run.tape);
    return run_end(&run);
}
