/* The lab engine's inside: shared by lab.c (rows, turns, views) and blobs.c. */
#ifndef AZEKURA_ENGINE_LAB_LAB_H
#define AZEKURA_ENGINE_LAB_LAB_H

#include "engine/inner.h"
#include "engine/lab/rows.h"

#include <pthread.h>

enum { LAB_DROPS = ENGINE_FAMILY_COUNT, LAB_FAMILY_COUNT, LAB_BLOB_BUCKETS = 1024 };

struct lab_write { /* one version pushed by the open turn */
    struct lab_row *row;
};

struct lab_turn {
    struct engine_turn turn;
    bool is_open;
    struct lab_write *writes; /* in order; undone from the end */
    size_t write_count, write_room;
    size_t marks[ENGINE_MARK_DEPTH]; /* write_count at each mark */
};

struct lab_view {
    struct engine_view view;
    uint64_t turn, generation;
    struct lab_view *next, *previous;
};

struct lab_blob_bytes {
    struct lab_blob_bytes *next;
    struct engine_blob_id id;
    char *at;
    size_t len;
    unsigned readers;
    bool is_gone; /* dropped; freed with its last reader */
};

struct lab {
    struct engine engine;
    pthread_mutex_t mutex; /* guards everything below */
    struct lab_rows rows[LAB_FAMILY_COUNT];
    struct lab_turn turn;
    struct lab_view *views;
    struct lab_blob_bytes *blobs[LAB_BLOB_BUCKETS];
    uint64_t committed;  /* number of the last turn that was committed */
    uint64_t generation; /* of the handle: counts reopens and crashes */
    uint64_t epoch, blob_counter;
    uint64_t fail_at, calls;
    uint64_t turn_count, turn_bytes, blobs_open;
    bool fail_keeps, is_broken, is_kept, is_low;
};

static inline struct lab *lab_of(const struct engine *engine) {
    return (struct lab *)(uintptr_t)engine;
}

/* Counts a call that may fail, and fails the chosen one. Under the mutex. */
enum error_code lab_call(struct lab *lab, struct error *e) MUST_USE;
enum error_code lab_alive(const struct lab *lab, uint64_t generation, struct error *e) MUST_USE;
/* Removes the blobs whose drop every open view has seen. Under the mutex. */
void lab_reap(struct lab *lab);

struct engine_blob_id lab_blob_id_new(struct engine *engine);
enum error_code lab_blob_create(struct engine *engine, struct engine_blob_writer **out,
                                struct error *e);
enum error_code lab_blob_append(struct engine_blob_writer *writer, str bytes, struct error *e);
enum error_code lab_blob_finish(struct engine_blob_writer *writer, struct error *e);
void lab_blob_abandon(struct engine_blob_writer *writer);
enum error_code lab_blob_open(struct engine *engine, struct engine_blob_id id,
                              struct engine_blob **out, struct error *e);
enum error_code lab_blob_read(struct engine_blob *blob, uint64_t offset, void *bytes, size_t count,
                              size_t *got, struct error *e);
void lab_blob_close(struct engine_blob *blob);
enum error_code lab_blobs_sweep(struct engine *engine,
                                bool (*is_named)(void *self, struct engine_view *view,
                                                 struct engine_blob_id id),
                                void *self, uint64_t *removed, struct error *e);
void lab_blob_remove(struct lab *lab, struct engine_blob_id id); /* under the mutex */
void lab_blobs_release(struct lab *lab);

#endif
