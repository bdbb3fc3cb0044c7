/* Garbage: bodies that were dropped and still lie in blob files, among others that live.
 *
 * RocksDB gets room back by writing anew what lives in the oldest files. With the share that it
 * takes by itself, a quarter at every compaction that comes by, it copied bodies of which none was
 * ever dropped: a kilobyte a put of 4 KiB. So the share is nothing while there is little garbage,
 * and RocksDB's own once there is enough to be worth the copying, or room is what we lack. */
#include "engine/local/local.h"

#include "base/log.h"

enum { GARBAGE_BEGIN_PERCENT = 20, GARBAGE_END_PERCENT = 10 };

#define SHARE_NONE   "0.0"
#define SHARE_OLDEST "0.25" /* RocksDB's own value */
#define SHARE_ALL    "1.0"

static enum error_code share_set(struct local *local, const char *share, struct error *e) {
    const char *names[] = {"blob_garbage_collection_age_cutoff"}, *values[] = {share};
    char *said = NULL;
    rocksdb_set_options_cf(local->rocks, local->families[ENGINE_BODY], 1, names, values, &said);
    return said == NULL ? OK : local_said(e, said, "choosing what blob files are written anew");
}

bool local_garbage_worth(uint64_t bytes, uint64_t garbage_bytes, bool is_low, bool collects) {
    if (garbage_bytes == 0) return false;
    unsigned percent = is_low ? 0 : collects ? GARBAGE_END_PERCENT : GARBAGE_BEGIN_PERCENT;
    return garbage_bytes >= bytes / 100 * percent;
}

/* Under the mutex, inside the handle. */
static void look(struct local *local) {
    uint64_t bytes = 0, garbage_bytes = 0;
    rocksdb_column_family_handle_t *bodies = local->families[ENGINE_BODY];
    rocksdb_property_int_cf(local->rocks, bodies, "rocksdb.live-blob-file-size", &bytes);
    rocksdb_property_int_cf(local->rocks, bodies, "rocksdb.live-blob-file-garbage-size",
                            &garbage_bytes);
    bool worth = local_garbage_worth(bytes, garbage_bytes, local_is_low(&local->engine),
                                     local->collects_garbage);
    if (worth == local->collects_garbage) return;
    struct error e;
    if (share_set(local, worth ? SHARE_OLDEST : SHARE_NONE, &e) == OK)
        local->collects_garbage = worth;
    else
        log_error("garbage of bodies stays as it is", &e);
}

/* A reopening says that the engine is broken before it changes the generation: whoever came in with
 * the new one, while RocksDB is still being opened, sees it here. */
void local_garbage_look(struct local *local) {
    unsigned lane;
    if (!local_enter(local, atomic_load(&local->generation), &lane)) return;
    if (!atomic_load(&local->is_broken) && pthread_mutex_trylock(&local->garbage_mutex) == 0) {
        look(local);
        pthread_mutex_unlock(&local->garbage_mutex);
    } /* else all of it is being taken just now */
    local_leave(local, lane);
}

enum error_code local_garbage_take_all(struct local *local, void (*compact)(struct local *local),
                                       struct error *e) {
    pthread_mutex_lock(&local->garbage_mutex);
    enum error_code code = share_set(local, SHARE_ALL, e);
    if (code == OK) {
        local->collects_garbage = true; /* and if it cannot be ended below, the next look does it */
        compact(local);
        code = share_set(local, SHARE_NONE, e);
        if (code == OK) local->collects_garbage = false;
    }
    pthread_mutex_unlock(&local->garbage_mutex);
    return code;
}

void local_garbage_options(rocksdb_options_t *bodies) {
    rocksdb_options_set_enable_blob_gc(bodies, 1);
    rocksdb_options_set_blob_gc_force_threshold(bodies, 0.5);
    rocksdb_options_set_blob_gc_age_cutoff(bodies, 0); /* SHARE_NONE */
}
