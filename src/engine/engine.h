/* The engine: ordered keys, blobs, turns and views; the same promise from every implementation.
 *
 * A turn is one atomic, durable batch: all of it or nothing, before and after a power cut. Only one
 * turn is open at a time, by one thread (the committer). A view is a consistent reading of one
 * moment. A blob is an immutable run of bytes with an id that is never used again; it becomes part
 * of the state when a turn writes a row that names it.
 *
 * Implementations: local (RocksDB and files in one directory), lab (in memory, failing on command).
 * Source: CORE 2, 3, 5. */
#ifndef AZEKURA_ENGINE_ENGINE_H
#define AZEKURA_ENGINE_ENGINE_H

#include "base/base.h"

struct engine;
struct engine_turn;
struct engine_view;
struct engine_scan;

enum { ENGINE_KEY_BYTES_MAX = 4096, ENGINE_VALUE_BYTES_MAX = 1 << 20 };

/* Families of keys; a row lives in one. Keys are 1..ENGINE_KEY_BYTES_MAX bytes, values up to
 * ENGINE_VALUE_BYTES_MAX, else FAIL_LIMIT. Keys sort as unsigned bytes. */
enum engine_family {
    ENGINE_META,    /* buckets, objects, versions, uploads, identities, register, small state */
    ENGINE_BODY,    /* small bodies, by blob id; written once under an id that is never used again:
                     * a second value for a key is not promised to be seen, a deletion is */
    ENGINE_LEDGER,  /* entries and tree hashes not yet sealed into tiles */
    ENGINE_OPENING, /* sealed openings of entries */
    ENGINE_FAMILY_COUNT
};

struct engine_local_options {
    const char *dir;      /* DATA; made if missing; locked against a second opener */
    uint64_t cache_bytes; /* block and blob cache together; 0: 256 MiB */
    /* What all reactors together keep near: small bodies, and rows of ENGINE_META. 0: a quarter and
     * an eighth of cache_bytes, but 256 KiB a reactor at least. */
    uint64_t body_cache_bytes, row_cache_bytes;
    uint64_t write_buffer_bytes; /* all memtables together; 0: 64 MiB */
    uint64_t wal_bytes_max;      /* 0: 64 MiB; the reserve file is at least twice this */
    uint64_t low_water_bytes;    /* engine_is_low below so much free room; 0: what
                                  * compactions may take: 7 write buffers and 2 logs */
    const char *log_dir; /* RocksDB's own LOG; never on the data disk; NULL: a temporary one */
    /* For tests that must fail: a store built wrong on purpose. Never set in the program. */
    bool sabotage_no_wal_sync, sabotage_no_dir_sync, sabotage_link_after_commit;
};

/* Opens or creates. FAIL_LOCKED: another process has it. FAIL_VERSION: a format we do not know,
 * named. FAIL_CORRUPT: names file and offset where the engine tells them. */
enum error_code engine_open_local(const struct engine_local_options *options, struct engine **out,
                                  struct error *e) MUST_USE;

/* In memory; `engine_close` forgets everything, `engine_lab_crash` only what was not committed. */
struct engine_lab_options {
    uint64_t fail_at; /* the n-th engine call that may fail fails, 1-based; 0: never */
    bool fail_keeps;  /* a commit that fails has nevertheless been written, as RocksDB can do */
};
enum error_code engine_open_lab(const struct engine_lab_options *options, struct engine **out,
                                struct error *e) MUST_USE;
void engine_lab_fail_at(struct engine *engine, uint64_t n); /* counts from now; 0: never */
uint64_t engine_lab_calls(const struct engine *engine);     /* since the last fail_at */
void engine_lab_low(struct engine *engine, bool is_low);    /* the disk seems to be full, or not */
/* The power goes and comes back: an open turn is gone (its handle too), unfinished blobs are gone
 * (their writers must still be finished, which fails, or abandoned), what was committed is there.
 * Views answer FAIL_ENGINE_BROKEN and must still be closed. */
void engine_lab_crash(struct engine *engine);

void engine_close(struct engine *engine); /* no turn or view may be open; NULL is fine */

/* After FAIL_ENGINE_BROKEN: closes the handle and opens what recovery shows. Views opened before
 * are ended with FAIL_ENGINE_BROKEN on their next use and must still be closed. The committer only.
 */
enum error_code engine_reopen(struct engine *engine, struct error *e) MUST_USE;
bool engine_is_broken(const struct engine *engine);

/* ---- turns ---- */

enum error_code engine_turn_begin(struct engine *engine, struct engine_turn **out,
                                  struct error *e) MUST_USE;
/* Reads the turn's own writes. *found false: no such row, *value untouched. value lives in arena.
 */
enum error_code engine_turn_get(struct engine_turn *turn, enum engine_family family, str key,
                                struct arena *arena, str *value, bool *found,
                                struct error *e) MUST_USE;
enum error_code engine_turn_put(struct engine_turn *turn, enum engine_family family, str key,
                                str value, struct error *e) MUST_USE;
enum error_code engine_turn_delete(struct engine_turn *turn, enum engine_family family, str key,
                                   struct error *e) MUST_USE; /* a missing row is fine */
/* Rows of [from, until) in key order, the turn's own writes among them. The turn must not be
 * written while a scan is open. until empty: to the end of the family. */
enum error_code engine_turn_scan(struct engine_turn *turn, enum engine_family family, str from,
                                 str until, struct engine_scan **out, struct error *e) MUST_USE;

/* A savepoint: keep makes what was written since part of the turn, rewind forgets it. They nest. */
void engine_turn_mark(struct engine_turn *turn);
void engine_turn_keep(struct engine_turn *turn);
void engine_turn_rewind(struct engine_turn *turn);

uint64_t engine_turn_bytes(const struct engine_turn *turn); /* written so far */

/* Durable on OK. On any error the turn is over, the engine is broken (FAIL_ENGINE_BROKEN) and it is
 * unknown whether the batch was written: engine_reopen, and read. The turn is freed either way. */
enum error_code engine_turn_commit(struct engine_turn *turn, struct error *e) MUST_USE;
void engine_turn_abandon(struct engine_turn *turn);

/* ---- views: any thread; parks on a fiber when the disk must be read ---- */

enum error_code engine_view_open(struct engine *engine, struct engine_view **out,
                                 struct error *e) MUST_USE;
enum error_code engine_view_get(struct engine_view *view, enum engine_family family, str key,
                                struct arena *arena, str *value, bool *found,
                                struct error *e) MUST_USE;
/* A row, and in the same go the row that it names: a fiber that must wait for the disk waits once
 * and not twice. `next` reads the first row, where it was found, and says the key of the second,
 * or an empty one: then there is none to read. It may run on another thread while the caller waits,
 * so it must touch nothing but *lead, what the caller gave it there, and the arena. */
struct engine_lead {
    enum engine_family family; /* of the second row */
    enum error_code (*next)(struct engine_lead *lead, str value, str *key, struct error *e);
    bool found; /* out: the second row, value in the arena */
    str value;
};
enum error_code engine_view_get_led(struct engine_view *view, enum engine_family family, str key,
                                    struct engine_lead *lead, struct arena *arena, str *value,
                                    bool *found, struct error *e) MUST_USE;
enum error_code engine_view_scan(struct engine_view *view, enum engine_family family, str from,
                                 str until, struct engine_scan **out, struct error *e) MUST_USE;
void engine_view_close(struct engine_view *view);

/* ---- scans ---- */

/* *more false: the end; else key and value are views valid until the next call on the scan. Parks:
 * long scans run on a worker in slices of LIMIT_SCAN_STEPS. */
enum error_code engine_scan_next(struct engine_scan *scan, bool *more, str *key, str *value,
                                 struct error *e) MUST_USE;
/* Moves on to the first row >= key (never back). The next engine_scan_next gives it. */
enum error_code engine_scan_seek(struct engine_scan *scan, str key, struct error *e) MUST_USE;
void engine_scan_close(struct engine_scan *scan);

/* ---- blobs ---- */

enum { ENGINE_BLOB_ID_BYTES = 16 };
/* Boot epoch (8 bytes, big-endian) and a counter (8 bytes): sorts by age, never used twice. */
struct engine_blob_id {
    unsigned char at[ENGINE_BLOB_ID_BYTES];
};
struct engine_blob_writer;
struct engine_blob;

struct engine_blob_id engine_blob_id_new(struct engine *engine); /* for inline bodies too */

/* Writes a body of unknown length to a file (lab: to memory). All park. After finish the bytes and
 * the name are durable; a blob no row ever names is removed at a later start. */
enum error_code engine_blob_create(struct engine *engine, struct engine_blob_writer **out,
                                   struct error *e) MUST_USE;
struct engine_blob_id engine_blob_writer_id(const struct engine_blob_writer *writer);
enum error_code engine_blob_append(struct engine_blob_writer *writer, str bytes,
                                   struct error *e) MUST_USE;
/* Frees the writer on every outcome. */
enum error_code engine_blob_finish(struct engine_blob_writer *writer, struct error *e) MUST_USE;
void engine_blob_abandon(struct engine_blob_writer *writer);

/* FAIL_NOT_FOUND: no such blob. A blob stays readable while it is open, dropped or not. */
enum error_code engine_blob_open(struct engine *engine, struct engine_blob_id id,
                                 struct engine_blob **out, struct error *e) MUST_USE;
uint64_t engine_blob_bytes(const struct engine_blob *blob);
enum error_code engine_blob_read(struct engine_blob *blob, uint64_t offset, void *bytes,
                                 size_t count, size_t *got, struct error *e) MUST_USE;
/* The descriptor of the file that holds the blob, for as long as it is open, so that its bytes can be
 * sent without a copy; -1: it lies in none. */
int engine_blob_file(const struct engine_blob *blob);
void engine_blob_close(struct engine_blob *blob);

/* The row that named the blob goes in this turn; the file goes once every view opened before the
 * commit has closed. */
enum error_code engine_turn_blob_drop(struct engine_turn *turn, struct engine_blob_id id,
                                      struct error *e) MUST_USE;

/* Removes files of earlier boot epochs that no row names. `is_named` is asked per blob id, under a
 * view of its own; called once at start, before turns. *removed counts. */
enum error_code engine_blobs_sweep(struct engine *engine,
                                   bool (*is_named)(void *self, struct engine_view *view,
                                                    struct engine_blob_id id),
                                   void *self, uint64_t *removed, struct error *e) MUST_USE;

/* ---- health ---- */

struct engine_numbers {
    uint64_t disk_bytes_free, disk_bytes_low; /* below low: only deletes */
    uint64_t turns, turn_bytes, syncs;
    uint64_t blobs_open, drops_waiting, views_open;
    uint64_t body_hits, body_misses; /* of the reactors' cache of small bodies */
    uint64_t compactions_suggested;  /* because a scan walked over many deleted rows */
    uint64_t rows_estimate[ENGINE_FAMILY_COUNT];
};
void engine_numbers(struct engine *engine, struct engine_numbers *out);
bool engine_is_low(struct engine *engine); /* below the low-water mark: puts get FAIL_DISK_FULL */

/* Deletes rows of [from, until) so that no file of the engine holds them when it returns: delete,
 * flush, compaction of the range, and old logs gone. For forgetting openings; slow. Committer only,
 * between turns. FAIL_BUSY: the rows are deleted, but views from before are still open (local waits
 * for them a while) and keep them in the files: call again, it takes up where it stopped. */
enum error_code engine_forget(struct engine *engine, enum engine_family family, str from, str until,
                              struct error *e) MUST_USE;

#endif
