/* The local engine's inside: RocksDB for rows, files for blobs, one directory.
 *
 *   DATA/FORMAT            "azekura-data 1"; what we do not know by name we do not open
 *   DATA/LOCK              held (flock) while the engine is open
 *   DATA/epoch             the last boot epoch that was begun, with a checksum
 *   DATA/reserve           room that is given back when a full disk must be recovered
 *   DATA/rocks/            RocksDB
 *   DATA/blobs/EPOCH/XX/ID one file a blob
 *
 * Who may do what: one thread (the committer) writes and reopens; any thread reads; the reaper
 * thread unlinks dropped blobs, lets go of old moments and watches the disk's room.
 *
 *   handle.c  opening, closing and reopening RocksDB     moment.c  views
 *   open.c    the directory around it                    scan.c    scans
 *   turn.c    turns                                      blob.c    blobs, sweep
 *   writes.c  what a turn has written so far
 *   reaper.c  dropped blobs, room on the disk            forget.c  rows gone from every file
 *   near.c    what reactors keep near                    checksum.c  RocksDB's CRC */
#ifndef AZEKURA_ENGINE_LOCAL_LOCAL_H
#define AZEKURA_ENGINE_LOCAL_LOCAL_H

#include "engine/inner.h"

#include <pthread.h>
#include <rocksdb/c.h>
#include <stdatomic.h>
#include <stdio.h>

enum {
    LOCAL_OWN = ENGINE_FAMILY_COUNT, /* RocksDB's "default" family: drops and the epoch */
    LOCAL_FAMILY_COUNT,
    LOCAL_LANES = 64,
    LOCAL_BLOB_DIRS = 256,
    LOCAL_BACKGROUND_JOBS = 4, /* flushes and compactions at once: one and three */
};

/* Counts the calls that are inside RocksDB, so that a reopening can wait for them. Spread over
 * lanes, so that threads do not share a cache line. */
struct local_lane {
    _Alignas(64) _Atomic uint32_t inside;
};

/* A moment is what all views share that were opened between two commits: a snapshot and its read
 * options. A view is a reference to one. The memory of a moment is reused but never given back
 * while the engine lives, so a reader may look at one that has just died.
 *
 *   refs 0, snapshot NULL   free
 *   refs > 0                alive; the newest one (local.now) has one reference by the engine
 *   refs 0, snapshot set    dead; moments_collect makes it free */
struct local_moment {
    struct engine_view view;
    _Atomic uint32_t refs;
    uint64_t turn;       /* the last turn it sees */
    uint64_t generation; /* of the handle that the snapshot belongs to */
    const rocksdb_snapshot_t *snapshot;
    /* cached: never waits for the disk; past: leaves RocksDB's cache as it is */
    rocksdb_readoptions_t *read_any, *read_cached, *read_past;
    struct local_moment *next;
};

struct local_drop {
    struct engine_blob_id id;
    uint64_t turn; /* that dropped it */
};

/* A list that grows; the committer's and the reaper's. */
struct local_drops {
    struct local_drop *at;
    size_t count, room;
};

/* See writes.c. */
struct local_write {
    uint32_t hash;                                 /* local_near_hash */
    uint32_t key_at, key_len, value_at, value_len; /* places in the turn's bytes */
    uint32_t covers; /* 1 + the write of the same key before this one; 0: none */
    uint8_t family;
    bool deletes;
};
struct local_writes {
    rocksdb_writebatch_t *batch; /* filled at commit */
    char *bytes;
    size_t bytes_used, bytes_room;
    struct local_write *at;
    uint32_t *order; /* for the commit, which must not want for memory */
    size_t count, room;
    uint32_t *slots;
    size_t slot_count; /* a power of two */
};

struct local_turn {
    struct engine_turn turn;
    struct local_writes writes;
    struct local_drops drops; /* blobs this turn drops */
    size_t write_marks[ENGINE_MARK_DEPTH];
    size_t drop_marks[ENGINE_MARK_DEPTH];
    bool is_open;
    /* The last row that was looked for beneath the turn and was not there: a put asks twice whether
     * its name is taken, and what lies beneath stays as it is until the turn ends. */
    char missed[ENGINE_KEY_BYTES_MAX];
    size_t missed_len; /* 0: none */
    enum engine_family missed_family;
};

/* Rows and small bodies, one table a reactor, see near.c. */
struct local_near;

struct local {
    struct engine engine;
    struct engine_local_options options; /* with the defaults filled in */
    char log_dir[128];
    bool log_is_ours;  /* removed when we close */
    bool log_is_apart; /* on another disk than the data */
    int dir_fd, lock_fd, blobs_fd;
    uint64_t epoch;      /* of this boot */
    uint64_t epoch_file; /* as the file said at opening; 0: none, nothing was ever kept here */

    /* the handle; changed only by handle.c while nobody is inside */
    rocksdb_t *rocks;
    rocksdb_column_family_handle_t *families[LOCAL_FAMILY_COUNT];
    rocksdb_cache_t *cache;
    rocksdb_writeoptions_t *write_sync;
    rocksdb_readoptions_t *read_turn;
    _Atomic uint64_t generation; /* counts handles */
    _Atomic bool is_broken;
    struct local_lane lanes[LOCAL_LANES];

    struct local_turn turn; /* the committer's */
    uint64_t turn_number;

    _Atomic(struct local_moment *) now; /* NULL while there is no handle */
    pthread_mutex_t moments_mutex;      /* guards the list and the snapshots, not the references */
    struct local_moment *moments;

    pthread_mutex_t scans_mutex;
    struct local_scan *scans;
    _Atomic int64_t suggested_ns; /* when a compaction was last suggested */

    /* blobs */
    _Atomic uint64_t blob_counter, blobs_open;
    _Atomic int blob_dirs[LOCAL_BLOB_DIRS]; /* descriptors + 1 of this epoch's folders, durable */
    struct local_blob_link *late_links;     /* sabotage_link_after_commit */

    /* the reaper */
    pthread_t reaper;
    pthread_mutex_t reaper_mutex; /* guards the five below */
    pthread_cond_t reaper_wake;
    bool reaper_stops, reaper_runs;
    struct local_drops dropped, unlinked; /* waiting for views; rows to be deleted by a turn */
    size_t reaping;                       /* taken from dropped, not yet in unlinked */

    /* garbage.c */
    pthread_mutex_t garbage_mutex; /* guards RocksDB's share, and what we know of it */
    bool collects_garbage;

    _Atomic uint64_t disk_bytes_free, disk_bytes_taken; /* as last asked; written since then */
    _Atomic bool has_reserve;
    _Atomic uint64_t turns, turn_bytes, syncs, compactions_suggested;

    struct local_near *near;
};

static inline struct local *local_of(const struct engine *engine) {
    return (struct local *)(uintptr_t)engine;
}

/* ---- handle.c ---- */

/* What RocksDB said, as an error of ours; frees `said`. */
enum error_code local_said(struct error *e, char *said, const char *doing);
/* Opens DATA/rocks. `create`: only where no data was ever kept. */
enum error_code local_rocks_open(struct local *local, bool create, struct error *e) MUST_USE;
/* Ends every view, waits until nobody is inside, closes. Safe when closed already. */
void local_rocks_close(struct local *local);
/* For the time of one call into RocksDB: false when the handle of `generation` is no more, else
 * *lane must be given to local_leave. */
bool local_enter(struct local *local, uint64_t generation, unsigned *lane);
void local_leave(struct local *local, unsigned lane);
enum error_code local_ended(struct error *e);

/* ---- checksum.c ---- */

/* Asserts that RocksDB's checksum is what it must be: data written with another could not be read.
 */
void local_checksum_check(void);

/* ---- open.c ---- */

enum error_code local_epoch_begin(struct local *local, struct error *e) MUST_USE;
enum error_code local_reopen(struct engine *engine, struct error *e);

/* ---- turn.c ---- */

extern const struct engine_operations local_operations;
enum error_code local_turn_begin(struct engine *engine, struct engine_turn **out, struct error *e);
enum error_code local_turn_get(struct engine_turn *turn, enum engine_family family, str key,
                               struct arena *arena, str *value, bool *found, struct error *e);
enum error_code local_turn_put(struct engine_turn *turn, enum engine_family family, str key,
                               str value, struct error *e);
enum error_code local_turn_delete(struct engine_turn *turn, enum engine_family family, str key,
                                  struct error *e);
void local_turn_mark(struct engine_turn *turn);
void local_turn_keep(struct engine_turn *turn);
void local_turn_rewind(struct engine_turn *turn);
enum error_code local_turn_blob_drop(struct engine_turn *turn, struct engine_blob_id id,
                                     struct error *e);
enum error_code local_turn_commit(struct engine_turn *turn, struct error *e);
void local_turn_abandon(struct engine_turn *turn);
enum error_code local_copy_out(struct arena *arena, str bytes, str *value, struct error *e);

/* ---- writes.c: the committer's ---- */

enum error_code local_writes_open(struct local_writes *writes, struct error *e) MUST_USE;
void local_writes_close(struct local_writes *writes); /* safe when closed already */
void local_writes_clear(struct local_writes *writes);
/* FAIL_MEMORY, FAIL_LIMIT (2 GiB): nothing was written. */
enum error_code local_writes_put(struct local_writes *writes, unsigned family, str key, str value,
                                 struct error *e) MUST_USE;
enum error_code local_writes_delete(struct local_writes *writes, unsigned family, str key,
                                    struct error *e) MUST_USE;
/* Forgets all but the first `count`. */
void local_writes_rewind(struct local_writes *writes, size_t count);
/* Puts the newest write of each key into the batch, by family and key. */
void local_writes_batch(struct local_writes *writes,
                        rocksdb_column_family_handle_t *const *families);
/* The newest write of a key; NULL: the turn has not touched it. It and its bytes are gone with the
 * next write. */
const struct local_write *local_writes_find(const struct local_writes *writes, unsigned family,
                                            str key);
str local_write_key(const struct local_writes *writes, const struct local_write *write);
str local_write_value(const struct local_writes *writes, const struct local_write *write);
/* The newest writes of keys in [from, until) by key, as places in `at`; to be freed. Until empty: to
 * the end. FAIL_MEMORY. */
enum error_code local_writes_order(const struct local_writes *writes, unsigned family, str from,
                                   str until, uint32_t **out, size_t *count,
                                   struct error *e) MUST_USE;

/* ---- moment.c ---- */

void local_moment_publish(struct local *local);  /* the committer: what is committed is now seen */
void local_moments_collect(struct local *local); /* lets go of snapshots nobody reads */
void local_moment_retire(struct local *local);   /* no view can be opened any more */
void local_moments_end(struct local *local);     /* of all snapshots: the handle goes */
void local_moments_release(struct local *local);
uint64_t local_moments_oldest(struct local *local); /* turn of the oldest one alive */
uint64_t local_views_open(struct local *local);
enum error_code local_view_open(struct engine *engine, struct engine_view **out, struct error *e);
enum error_code local_view_get(struct engine_view *view, enum engine_family family, str key,
                               struct arena *arena, str *value, bool *found, struct error *e);
enum error_code local_view_get_led(struct engine_view *view, enum engine_family family, str key,
                                   struct engine_lead *lead, struct arena *arena, str *value,
                                   bool *found, struct error *e);
void local_view_close(struct engine_view *view);

/* ---- scan.c ---- */

enum error_code local_view_scan(struct engine_view *view, enum engine_family family, str from,
                                str until, struct engine_scan **out, struct error *e);
enum error_code local_turn_scan(struct engine_turn *turn, enum engine_family family, str from,
                                str until, struct engine_scan **out, struct error *e);
enum error_code local_scan_next(struct engine_scan *scan, bool *more, str *key, str *value,
                                struct error *e);
enum error_code local_scan_seek(struct engine_scan *scan, str key, struct error *e);
void local_scan_close(struct engine_scan *scan);
void local_scans_end(struct local *local); /* of all iterators: the handle goes */

/* ---- blob.c ---- */

struct engine_blob_id local_blob_id_new(struct engine *engine);
enum error_code local_blob_create(struct engine *engine, struct engine_blob_writer **out,
                                  struct error *e);
enum error_code local_blob_append(struct engine_blob_writer *writer, str bytes, struct error *e);
enum error_code local_blob_finish(struct engine_blob_writer *writer, struct error *e);
void local_blob_abandon(struct engine_blob_writer *writer);
enum error_code local_blob_open(struct engine *engine, struct engine_blob_id id,
                                struct engine_blob **out, struct error *e);
enum error_code local_blob_read(struct engine_blob *blob, uint64_t offset, void *bytes,
                                size_t count, size_t *got, struct error *e);
int local_blob_file(const struct engine_blob *blob);
void local_blob_close(struct engine_blob *blob);
enum { LOCAL_BLOB_PATH_BYTES = 64 };
/* "EPOCH/XX/ID", closed with a zero; *name is ID's place in it */
void local_blob_path(struct engine_blob_id id, char path[LOCAL_BLOB_PATH_BYTES], size_t *name);
void local_blob_links_make(struct local *local); /* sabotage_link_after_commit */
void local_blob_dirs_release(struct local *local);

/* ---- sweep.c ---- */

enum error_code local_blobs_sweep(struct engine *engine,
                                  bool (*is_named)(void *self, struct engine_view *view,
                                                   struct engine_blob_id id),
                                  void *self, uint64_t *removed, struct error *e);
/* The highest epoch that has a folder; 0: none. */
enum error_code local_blobs_epoch(struct local *local, uint64_t *epoch, struct error *e) MUST_USE;

/* ---- reaper.c ---- */

void local_drops_add(struct local_drops *drops, struct engine_blob_id id, uint64_t turn);
/* Key of the row that says a blob is dropped, in LOCAL_OWN. */
enum { LOCAL_DROP_KEY_BYTES = 1 + ENGINE_BLOB_ID_BYTES };
void local_drop_key(struct engine_blob_id id, char key[LOCAL_DROP_KEY_BYTES]);
/* Takes up the drops whose rows are in RocksDB: at opening and reopening. */
enum error_code local_drops_load(struct local *local, struct error *e) MUST_USE;
enum error_code local_reaper_start(struct local *local, struct error *e) MUST_USE;
void local_reaper_stop(struct local *local);
/* The turn's drops become the reaper's; called once they are durable. */
void local_reaper_take(struct local *local, const struct local_drops *drops, uint64_t turn);

/* ---- room.c ---- */

void local_room_ask(struct local *local); /* how much is free now */
void local_room_taken(struct local *local, uint64_t bytes);
void local_reserve_make(struct local *local); /* if there is room for it and it is not there */
void local_reserve_free(struct local *local);
bool local_is_low(struct engine *engine);

/* ---- garbage.c ---- */

void local_garbage_options(rocksdb_options_t *bodies); /* at opening: nothing is collected */
/* Is it worth copying what lives among `garbage_bytes`, in files of `bytes`? `collects`: it is done
 * already, and goes on until little is left. */
bool local_garbage_worth(uint64_t bytes, uint64_t garbage_bytes, bool is_low, bool collects);
void local_garbage_look(struct local *local); /* the reaper, now and then */
/* Has all blob files written anew by `compact`, whatever they hold. */
enum error_code local_garbage_take_all(struct local *local, void (*compact)(struct local *local),
                                       struct error *e) MUST_USE;

/* ---- forget.c ---- */

enum error_code local_forget(struct engine *engine, enum engine_family family, str from, str until,
                             struct error *e);

/* ---- near.c ---- */

/* Bytes of all reactors together. */
struct local_near *local_near_new(uint64_t row_bytes, uint64_t body_bytes);
void local_near_release(struct local_near *near);
uint32_t local_near_hash(unsigned family, str key);
/* On a reactor, of ENGINE_META and ENGINE_BODY; else nothing is found and nothing kept. Copies into
 * arena. */
bool local_near_find(struct local_near *near, const struct local_moment *moment,
                     enum engine_family family, uint32_t hash, str key, struct arena *arena,
                     str *value);
/* Stamp of a key before it is read from RocksDB, to be handed to keep. Any thread. */
uint64_t local_near_stamp(const struct local_near *near, uint32_t hash);
void local_near_keep(struct local_near *near, const struct local_moment *moment,
                     enum engine_family family, uint32_t hash, str key, str value, uint64_t stamp);
/* What is not near may be in RocksDB's cache, where a look costs half a look-up: worth it while such
 * looks mostly find something; now and then one is made to learn whether they would again. */
bool local_near_try_cached(struct local_near *near);
void local_near_tried(struct local_near *near, bool was_there);
/* Whether what is read now shall go into RocksDB's cache. Where looks there mostly find nothing, what
 * is asked for is more than it holds, and putting each block and body in only drives others out, at a
 * sixteenth of a request's cost: then one in eight, which is enough to learn what is asked for again. */
bool local_near_fills(struct local_near *near);
void local_near_count(struct local_near *near, uint64_t *hits, uint64_t *misses); /* adds */
/* The committer, of each key that a turn wrote and before the turn can be seen. A body written needs
 * none, since nobody can have read it before. */
void local_near_forget(struct local_near *near, uint32_t hash, uint64_t turn);

#endif
