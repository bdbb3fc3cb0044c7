/* What an implementation of the engine is: a table of functions, and the heads that its objects
 * begin with. engine.c checks arguments once for all of them and calls through the table. */
#ifndef AZEKURA_ENGINE_INNER_H
#define AZEKURA_ENGINE_INNER_H

#include "engine/engine.h"

enum { ENGINE_MARK_DEPTH = 8 }; /* savepoints in savepoints; a request needs two */

struct engine_operations {
    void (*close)(struct engine *engine);
    enum error_code (*reopen)(struct engine *engine, struct error *e);
    bool (*is_broken)(const struct engine *engine);

    enum error_code (*turn_begin)(struct engine *engine, struct engine_turn **out, struct error *e);
    enum error_code (*turn_get)(struct engine_turn *turn, enum engine_family family, str key,
                                struct arena *arena, str *value, bool *found, struct error *e);
    enum error_code (*turn_put)(struct engine_turn *turn, enum engine_family family, str key,
                                str value, struct error *e);
    enum error_code (*turn_delete)(struct engine_turn *turn, enum engine_family family, str key,
                                   struct error *e);
    enum error_code (*turn_scan)(struct engine_turn *turn, enum engine_family family, str from,
                                 str until, struct engine_scan **out, struct error *e);
    void (*turn_mark)(struct engine_turn *turn);
    void (*turn_keep)(struct engine_turn *turn);
    void (*turn_rewind)(struct engine_turn *turn);
    enum error_code (*turn_blob_drop)(struct engine_turn *turn, struct engine_blob_id id,
                                      struct error *e);
    enum error_code (*turn_commit)(struct engine_turn *turn, struct error *e);
    void (*turn_abandon)(struct engine_turn *turn);

    enum error_code (*view_open)(struct engine *engine, struct engine_view **out, struct error *e);
    enum error_code (*view_get)(struct engine_view *view, enum engine_family family, str key,
                                struct arena *arena, str *value, bool *found, struct error *e);
    enum error_code (*view_get_led)(struct engine_view *view, enum engine_family family, str key,
                                    struct engine_lead *lead, struct arena *arena, str *value,
                                    bool *found, struct error *e); /* NULL: two gets */
    enum error_code (*view_scan)(struct engine_view *view, enum engine_family family, str from,
                                 str until, struct engine_scan **out, struct error *e);
    void (*view_close)(struct engine_view *view);

    enum error_code (*scan_next)(struct engine_scan *scan, bool *more, str *key, str *value,
                                 struct error *e);
    enum error_code (*scan_seek)(struct engine_scan *scan, str key, struct error *e);
    void (*scan_close)(struct engine_scan *scan);

    struct engine_blob_id (*blob_id_new)(struct engine *engine);
    enum error_code (*blob_create)(struct engine *engine, struct engine_blob_writer **out,
                                   struct error *e);
    enum error_code (*blob_append)(struct engine_blob_writer *writer, str bytes, struct error *e);
    enum error_code (*blob_finish)(struct engine_blob_writer *writer, struct error *e);
    void (*blob_abandon)(struct engine_blob_writer *writer);
    enum error_code (*blob_open)(struct engine *engine, struct engine_blob_id id,
                                 struct engine_blob **out, struct error *e);
    enum error_code (*blob_read)(struct engine_blob *blob, uint64_t offset, void *bytes,
                                 size_t count, size_t *got, struct error *e);
    int (*blob_file)(const struct engine_blob *blob); /* NULL: blobs lie in no files */
    void (*blob_close)(struct engine_blob *blob);
    enum error_code (*blobs_sweep)(struct engine *engine,
                                   bool (*is_named)(void *self, struct engine_view *view,
                                                    struct engine_blob_id id),
                                   void *self, uint64_t *removed, struct error *e);

    void (*numbers)(struct engine *engine, struct engine_numbers *out);
    bool (*is_low)(struct engine *engine);
    enum error_code (*forget)(struct engine *engine, enum engine_family family, str from, str until,
                              struct error *e);
};

struct engine {
    const struct engine_operations *operations;
};

struct engine_turn {
    struct engine *engine;
    uint64_t bytes;      /* keys and values written and not rewound */
    unsigned scans_open; /* while any is, the turn must not be written */
    unsigned depth; /* marks that stand; in turn_mark, _keep and _rewind the mark in question */
    uint64_t mark_bytes[ENGINE_MARK_DEPTH];
};

struct engine_view {
    struct engine *engine;
};

struct engine_scan {
    struct engine *engine;
    struct engine_turn *turn; /* NULL: the scan belongs to a view */
};

struct engine_blob_writer {
    struct engine *engine;
    struct engine_blob_id id;
    uint64_t bytes;
};

struct engine_blob {
    struct engine *engine;
    struct engine_blob_id id;
    uint64_t bytes;
};

struct engine_blob_id engine_blob_id_make(uint64_t epoch, uint64_t counter);
uint64_t engine_blob_id_epoch(struct engine_blob_id id);

static inline str engine_blob_id_str(const struct engine_blob_id *id) {
    return str_of(id->at, ENGINE_BLOB_ID_BYTES);
}

#endif
