/* Running the work and the checks. */
#include "tests/lab/powercut.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORD_BYTES = 4096 };

void stop(const char *why, const char *what) {
    fprintf(stderr, "powercut: %s: %s\n", why, what);
    exit(2);
}

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

int run_words(char *const words[], const char *dir, const char *marks, const char *output,
              const char *tape, const char *fault) {
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
            if (fault != NULL) setenv("AZEKURA_FAULT", fault, 1);
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

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *ftw) {
    return remove(path);
}

void folder_empty(const char *path) {
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    if (mkdir(path, 0700) != 0) stop("cannot make the folder", path);
}

void show_output(const char *path) {
    char line[512];
    FILE *file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) printf("    %s", line);
    if (file != NULL) fclose(file);
}

void say_failure(struct run *run, const char *what, int status, const char *folder) {
    if (run->failures++ < FAILURES_SHOWN) {
        printf("%s: the check ended with %d:\n", what, status);
        show_output(run->output);
        fflush(stdout);
    }
    if (run->options->keep == NULL) return;
    char *words[] = {(char[]){"cp"}, (char[]){"-a"}, (char *)(uintptr_t)folder,
                     (char *)(uintptr_t)run->options->keep, NULL};
    run_words(words, "", "", NULL, NULL, NULL);
    run->options->keep = NULL;
}

char *tape_map(const char *path, size_t *len) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat info;
    if (fd < 0 || fstat(fd, &info) != 0 || info.st_size == 0) stop("no tape", path);
    *len = (size_t)info.st_size;
    char *tape = mmap(NULL, *len, PROT_READ, MAP_PRIVATE, fd, 0);
    if (tape == MAP_FAILED) stop("cannot map the tape", path);
    close(fd);
    return tape;
}
