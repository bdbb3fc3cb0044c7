/* Cutting: walks along the tape and has every folder checked that a cut could have left. */
#include "tests/lab/image.h"
#include "tests/lab/powercut.h"
#include "tests/lab/tape.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

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

static void check_one(struct run *run, const struct image *image, enum image_cut cut,
                      struct random_seeded *random, uint64_t mark_count, const char *where) {
    digest what;
    struct random_seeded again = *random;
    image_build(image, cut, random, run->cut, &what);
    what.at[0] ^= (unsigned char)mark_count; /* the same folder must answer to more, later */
    what.at[1] ^= (unsigned char)(mark_count >> 8);
    if (is_seen(run, &what)) return;
    if (run->options->expect_failure && run->failures > 0) return; /* it is proved */
    run->folders++;
    int status = run_words(run->options->check, run->cut, run->marks, run->output, NULL, NULL);
    if (status == 0) return;
    char story[512];
    snprintf(story, sizeof story, "cut %s, left: %s; %llu marks", where, image_cut_names[cut],
             (unsigned long long)mark_count);
    image_build(image, cut, &again, run->cut, &what); /* as it was before the check */
    say_failure(run, story, status, run->cut);
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
            memcpy(where, " after", 6);
            cut_here(run, image, &random, marks, where);
        }
    }
    cut_here(run, image, &random, marks, "at the end");
    image_free(image);
    printf("%llu records, %llu marks, cut at %llu points, %llu folders differ, %llu failed\n",
           (unsigned long long)number, (unsigned long long)marks, (unsigned long long)run->points,
           (unsigned long long)run->folders, (unsigned long long)run->failures);
}

void cut_file(struct run *run, const char *path) {
    size_t len;
    char *tape = tape_map(path, &len);
    replay(run, tape, len);
    munmap(tape, len);
}
