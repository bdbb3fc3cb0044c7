/* What the local engine costs: durable turns of puts with body, entry and opening, and reading them
 * back. Says what a 4 KiB fdatasync took just before, since that decides the first figure.
 *
 *   bench_engine DIR      a folder on the disk to be measured; it is made and stays */
#include "engine/engine.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { BODY_BYTES = 4096, META_BYTES = 300, ENTRY_BYTES = 200, OPENING_BYTES = 400 };
static const int64_t time_each_ns = 2 * NS_PER_S;

static void must(enum error_code code, const struct error *e) {
    char text[512];
    if (code == OK) return;
    fprintf(stderr, "bench_engine: %s\n", error_text(e, text, sizeof text));
    exit(1);
}

static int64_t cpu_ns(void) { /* of the whole process: RocksDB's threads count */
    struct timespec at;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
    return at.tv_sec * NS_PER_S + at.tv_nsec;
}

static int by_size(const void *a, const void *b) {
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static void calibrate(const char *dir) {
    char path[1024], block[4096] = {1};
    int64_t took[200];
    snprintf(path, sizeof path, "%s/calibration", dir);
    int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);
    for (size_t i = 0; fd >= 0 && i < COUNT_OF(took); i++) {
        int64_t from = clock_steady_ns();
        if (pwrite(fd, block, sizeof block, 0) != sizeof block || fdatasync(fd) != 0) exit(1);
        took[i] = clock_steady_ns() - from;
    }
    if (fd < 0) exit(1);
    close(fd);
    unlink(path);
    qsort(took, COUNT_OF(took), sizeof took[0], by_size);
    printf("fdatasync of 4 KiB: median %lld us, 99th of 100 %lld us\n",
           (long long)(took[100] / NS_PER_US), (long long)(took[198] / NS_PER_US));
}

static void object_key(uint64_t i, char key[64]) {
    snprintf(key, 64, "o/0000000001/2026/11/21/feeder-%016llx.json",
             (unsigned long long)(i * 0x9e3779b97f4a7c15u)); /* random order */
}

static void put_object(struct engine *engine, struct engine_turn *turn, uint64_t i,
                       struct engine_blob_id *id, const char *bytes, struct error *e) {
    char key[64];
    unsigned char index[8];
    write_be64(index, i);
    object_key(i, key);
    *id = engine_blob_id_new(engine);
    must(engine_turn_put(turn, ENGINE_META, str_from_c(key), str_of(bytes, META_BYTES), e), e);
    must(engine_turn_put(turn, ENGINE_BODY, str_of(id->at, sizeof id->at),
                         str_of(bytes, BODY_BYTES), e),
         e);
    must(engine_turn_put(turn, ENGINE_LEDGER, str_of(index, 8), str_of(bytes, ENTRY_BYTES), e), e);
    must(engine_turn_put(turn, ENGINE_OPENING, str_of(index, 8), str_of(bytes, OPENING_BYTES), e),
         e);
}

static uint64_t bench_turns(struct engine *engine, unsigned batch, uint64_t first,
                            struct engine_blob_id *id) {
    struct random_seeded random;
    char bytes[BODY_BYTES];
    struct error e;
    uint64_t puts = 0;
    random_seed(&random, first);
    for (size_t at = 0; at < sizeof bytes; at += 8) {
        uint64_t word = random_next(&random); /* as ciphertext: does not compress */
        memcpy(bytes + at, &word, 8);
    }
    int64_t from = clock_steady_ns(), cpu = cpu_ns();
    while (clock_steady_ns() - from < time_each_ns) {
        struct engine_turn *turn;
        must(engine_turn_begin(engine, &turn, &e), &e);
        for (unsigned i = 0; i < batch; i++, puts++)
            put_object(engine, turn, first + puts, id, bytes, &e);
        must(engine_turn_commit(turn, &e), &e);
    }
    double s = (double)(clock_steady_ns() - from) / NS_PER_S;
    printf("turns of %3u: %8.0f durable puts/s, %5.1f us of CPU a put\n", batch, (double)puts / s,
           (double)(cpu_ns() - cpu) / 1e3 / (double)puts);
    return puts;
}

static void bench_gets(struct engine *engine, uint64_t count) {
    static char memory[16384];
    struct random_seeded random;
    struct error e;
    uint64_t gets = 0;
    random_seed(&random, 1);
    int64_t from = clock_steady_ns(), cpu = cpu_ns();
    while (clock_steady_ns() - from < time_each_ns) {
        struct engine_view *view;
        char key[64];
        must(engine_view_open(engine, &view, &e), &e);
        for (int i = 0; i < 16; i++, gets++) {
            struct arena arena = arena_over(memory, sizeof memory);
            str value;
            bool found;
            object_key(random_below(&random, count), key);
            must(engine_view_get(view, ENGINE_META, str_from_c(key), &arena, &value, &found, &e),
                 &e);
            if (!found) exit(1);
        }
        engine_view_close(view);
    }
    printf("rows of %llu read in random order: %.1f us of CPU a row\n", (unsigned long long)count,
           (double)(cpu_ns() - cpu) / 1e3 / (double)gets);
}

static void bench_views(struct engine *engine) {
    enum { VIEWS = 1000000 };
    struct error e;
    int64_t from = clock_steady_ns();
    for (int i = 0; i < VIEWS; i++) {
        struct engine_view *view;
        must(engine_view_open(engine, &view, &e), &e);
        engine_view_close(view);
    }
    printf("a view opened and closed: %lld ns\n", (long long)((clock_steady_ns() - from) / VIEWS));
}

int main(int count, char **words) {
    if (count != 2) {
        fprintf(stderr, "bench_engine DIR\n");
        return 2;
    }
    struct engine_local_options options = {.dir = words[1]};
    struct engine *engine;
    struct engine_blob_id id;
    struct error e;
    must(engine_open_local(&options, &engine, &e), &e);
    static const unsigned batches[] = {1, 16, 64, 256};
    uint64_t puts = 0;
    for (size_t i = 0; i < COUNT_OF(batches); i++) {
        calibrate(words[1]);
        puts += bench_turns(engine, batches[i], puts, &id);
    }
    bench_gets(engine, puts);
    bench_views(engine);
    engine_close(engine);
    return 0;
}
