/* Blobs in memory, with the life that files have: unfinished ones vanish with the power, finished
 * ones stay until they are dropped or swept, open ones stay readable. */
#include "engine/lab/lab.h"

#include <stdlib.h>

struct lab_writer {
    struct engine_blob_writer writer;
    uint64_t generation;
    char *at;
    size_t len, room;
};

struct lab_blob {
    struct engine_blob blob;
    struct lab_blob_bytes *bytes;
};

static void *take(size_t bytes) {
    void *at = calloc(1, bytes);
    if (at == NULL) abort();
    return at;
}

static void lock(struct lab *lab) {
    pthread_mutex_lock(&lab->mutex);
}

static void unlock(struct lab *lab) {
    pthread_mutex_unlock(&lab->mutex);
}

static struct lab_blob_bytes **bucket_of(struct lab *lab, struct engine_blob_id id) {
    return &lab->blobs[read_be64(id.at + 8) % LAB_BLOB_BUCKETS];
}

static void free_bytes(struct lab_blob_bytes *bytes) {
    free(bytes->at);
    free(bytes);
}

struct engine_blob_id lab_blob_id_new(struct engine *engine) {
    struct lab *lab = lab_of(engine);
    lock(lab);
    struct engine_blob_id id = engine_blob_id_make(lab->epoch, ++lab->blob_counter);
    unlock(lab);
    return id;
}

enum error_code lab_blob_create(struct engine *engine, struct engine_blob_writer **out,
                                struct error *e) {
    struct lab *lab = lab_of(engine);
    lock(lab);
    enum error_code code = lab_call(lab, e);
    if (code == OK && lab->is_low) code = error_set(e, FAIL_DISK_FULL, "the lab's disk is low");
    if (code == OK) {
        struct lab_writer *w = take(sizeof *w);
        w->writer.engine = engine;
        w->writer.id = engine_blob_id_make(lab->epoch, ++lab->blob_counter);
        w->generation = lab->generation;
        *out = &w->writer;
    }
    unlock(lab);
    return code;
}

enum error_code lab_blob_append(struct engine_blob_writer *writer, str bytes, struct error *e) {
    struct lab *lab = lab_of(writer->engine);
    struct lab_writer *w = (struct lab_writer *)writer;
    lock(lab);
    enum error_code code = lab_call(lab, e);
    unlock(lab);
    if (code != OK) return code;
    if (bytes.len > w->room - w->len) {
        w->room = size_max(2 * w->room, w->len + bytes.len);
        w->at = realloc(w->at, w->room);
        if (w->at == NULL) abort();
    }
    if (bytes.len > 0) memcpy(w->at + w->len, bytes.at, bytes.len);
    w->len += bytes.len;
    return OK;
}

enum error_code lab_blob_finish(struct engine_blob_writer *writer, struct error *e) {
    struct lab *lab = lab_of(writer->engine);
    struct lab_writer *w = (struct lab_writer *)writer;
    lock(lab);
    enum error_code code = lab_call(lab, e);
    /* A reopening keeps the process and its files; only a crash (a later epoch) loses them. */
    if (code == OK && engine_blob_id_epoch(writer->id) != lab->epoch)
        code = error_set(e, FAIL_ENGINE_BROKEN, "the power went while the blob was written");
    if (code == OK) {
        struct lab_blob_bytes *bytes = take(sizeof *bytes), **bucket = bucket_of(lab, writer->id);
        *bytes =
            (struct lab_blob_bytes){.next = *bucket, .id = writer->id, .at = w->at, .len = w->len};
        *bucket = bytes;
        w->at = NULL;
    }
    unlock(lab);
    lab_blob_abandon(writer);
    return code;
}

void lab_blob_abandon(struct engine_blob_writer *writer) {
    struct lab_writer *w = (struct lab_writer *)writer;
    free(w->at);
    free(w);
}

enum error_code lab_blob_open(struct engine *engine, struct engine_blob_id id,
                              struct engine_blob **out, struct error *e) {
    struct lab *lab = lab_of(engine);
    lock(lab);
    enum error_code code = lab_call(lab, e);
    struct lab_blob_bytes *bytes = *bucket_of(lab, id);
    while (bytes != NULL && memcmp(&bytes->id, &id, sizeof id) != 0) bytes = bytes->next;
    if (code == OK && bytes == NULL)
        code =
            error_set(e, FAIL_NOT_FOUND, "no blob %llx-%llx", (unsigned long long)read_be64(id.at),
                      (unsigned long long)read_be64(id.at + 8));
    if (code == OK) {
        struct lab_blob *b = take(sizeof *b);
        b->blob = (struct engine_blob){.engine = engine, .id = id, .bytes = bytes->len};
        b->bytes = bytes;
        bytes->readers++;
        lab->blobs_open++;
        *out = &b->blob;
    }
    unlock(lab);
    return code;
}

enum error_code lab_blob_read(struct engine_blob *blob, uint64_t offset, void *to, size_t count,
                              size_t *got, struct error *e) {
    struct lab *lab = lab_of(blob->engine);
    const struct lab_blob_bytes *bytes = ((struct lab_blob *)blob)->bytes;
    lock(lab);
    enum error_code code = lab_call(lab, e);
    unlock(lab);
    if (code != OK) return code;
    size_t from = offset < bytes->len ? (size_t)offset : bytes->len;
    *got = size_min(count, bytes->len - from);
    if (*got > 0) memcpy(to, bytes->at + from, *got);
    return OK;
}

void lab_blob_close(struct engine_blob *blob) {
    struct lab *lab = lab_of(blob->engine);
    struct lab_blob_bytes *bytes = ((struct lab_blob *)blob)->bytes;
    lock(lab);
    lab->blobs_open--;
    if (--bytes->readers == 0 && bytes->is_gone) free_bytes(bytes);
    unlock(lab);
    free(blob);
}

void lab_blob_remove(struct lab *lab, struct engine_blob_id id) {
    for (struct lab_blob_bytes **at = bucket_of(lab, id); *at != NULL; at = &(*at)->next) {
        struct lab_blob_bytes *bytes = *at;
        if (memcmp(&bytes->id, &id, sizeof id) != 0) continue;
        *at = bytes->next;
        bytes->is_gone = true;
        if (bytes->readers == 0) free_bytes(bytes);
        return;
    }
}

enum error_code lab_blobs_sweep(struct engine *engine,
                                bool (*is_named)(void *self, struct engine_view *view,
                                                 struct engine_blob_id id),
                                void *self, uint64_t *removed, struct error *e) {
    struct lab *lab = lab_of(engine);
    struct engine_view *view;
    TRY(engine_view_open(engine, &view, e));
    *removed = 0;
    for (int i = 0; i < LAB_BLOB_BUCKETS; i++) {
        struct lab_blob_bytes *next = lab->blobs[i];
        while (next != NULL) { /* nothing else runs before the first turn */
            struct lab_blob_bytes *bytes = next;
            next = bytes->next;
            if (engine_blob_id_epoch(bytes->id) >= lab->epoch) continue;
            if (is_named(self, view, bytes->id)) continue;
            lock(lab);
            lab_blob_remove(lab, bytes->id);
            unlock(lab);
            ++*removed;
        }
    }
    engine_view_close(view);
    return OK;
}

void lab_blobs_release(struct lab *lab) {
    assert(lab->blobs_open == 0);
    for (int i = 0; i < LAB_BLOB_BUCKETS; i++)
        while (lab->blobs[i] != NULL) {
            struct lab_blob_bytes *bytes = lab->blobs[i];
            lab->blobs[i] = bytes->next;
            free_bytes(bytes);
        }
}
