/* The handle on RocksDB: how it is set up, and how it ends while others are reading.
 *
 * A reader counts itself in (local_enter), then looks whether its handle is still the one; whoever
 * ends the handle changes the generation, then waits until nobody is counted in. Both orders are
 * sequentially consistent, so one of the two always sees the other. After that nobody looks at
 * RocksDB's memory: gets have copied what they found, scans hold rows in buffers of their own. */
#include "engine/local/local.h"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

static const char *const family_names[LOCAL_FAMILY_COUNT] = {
    [ENGINE_META] = "meta",       [ENGINE_BODY] = "body",  [ENGINE_LEDGER] = "ledger",
    [ENGINE_OPENING] = "opening", [LOCAL_OWN] = "default",
};

static bool says(const char *said, const char *words) {
    return strstr(said, words) != NULL;
}

enum error_code local_said(struct error *e, char *said, const char *doing) {
    /* RocksDB's C interface has no codes, only the text of its Status. */
    enum error_code code = says(said, "Corruption")                  ? FAIL_CORRUPT
                           : says(said, "No space left")             ? FAIL_DISK_FULL
                           : says(said, "No such file or directory") ? FAIL_CORRUPT
                           : says(said, "does not exist")            ? FAIL_CORRUPT
                           : says(said, "lock ")                     ? FAIL_LOCKED
                                                                     : FAIL_SYSTEM;
    error_set(e, code, "%s: RocksDB says: %s", doing, said);
    rocksdb_free(said);
    return code;
}

enum error_code local_ended(struct error *e) {
    return error_set(e, FAIL_ENGINE_BROKEN, "opened before the engine was reopened");
}

static unsigned lane_of_thread(void) {
    static _Atomic unsigned threads;
    static _Thread_local unsigned lane = UINT32_MAX;
    if (lane == UINT32_MAX) lane = atomic_fetch_add(&threads, 1) % LOCAL_LANES;
    return lane;
}

bool local_enter(struct local *local, uint64_t generation, unsigned *lane) {
    unsigned l = lane_of_thread();
    atomic_fetch_add(&local->lanes[l].inside, 1);
    if (atomic_load(&local->generation) == generation) {
        *lane = l;
        return true;
    }
    atomic_fetch_sub(&local->lanes[l].inside, 1);
    return false;
}

void local_leave(struct local *local, unsigned lane) {
    atomic_fetch_sub_explicit(&local->lanes[lane].inside, 1, memory_order_release);
}

static void wait_until_nobody_is_inside(struct local *local) {
    for (int i = 0; i < LOCAL_LANES; i++)
        for (int tries = 0; atomic_load(&local->lanes[i].inside) != 0; tries++)
            if (tries < 1000)
                sched_yield();
            else
                usleep(100);
}

/* ---- settings ---- */

static void set_table(rocksdb_options_t *options, rocksdb_cache_t *cache, bool is_searched) {
    rocksdb_block_based_table_options_t *table = rocksdb_block_based_options_create();
    rocksdb_block_based_options_set_block_cache(table, cache);
    if (is_searched)
        rocksdb_block_based_options_set_filter_policy(table,
                                                      rocksdb_filterpolicy_create_bloom_full(10));
    /* Index and filters live in the one cache too, so that its size bounds memory. */
    rocksdb_block_based_options_set_cache_index_and_filter_blocks(table, 1);
    rocksdb_block_based_options_set_pin_l0_filter_and_index_blocks_in_cache(table, 1);
    rocksdb_options_set_block_based_table_factory(options, table);
    rocksdb_block_based_options_destroy(table);
}

static rocksdb_options_t *family_options(const struct local *local, int family) {
    rocksdb_options_t *options = rocksdb_options_create();
    /* Bodies, entries and openings have numbers that grow: their tables hardly overlap, and whoever
     * asks for one knows that it is there. Names come in any order, and most of those that are
     * written were not there before: filters say so without a search, in memory too. */
    bool is_searched = family == ENGINE_META || family == LOCAL_OWN;
    set_table(options, local->cache, is_searched);
    if (is_searched) {
        rocksdb_options_set_memtable_prefix_bloom_size_ratio(options, 0.02);
        rocksdb_options_set_memtable_whole_key_filtering(options, 1);
    }
    rocksdb_options_set_write_buffer_size(options, (size_t)local->options.write_buffer_bytes);
    /* A compaction writes its result before it gives its inputs back. What all of them may take in
     * between must fit under the low water mark (see local_new), or a disk that is low becomes
     * full by itself. */
    rocksdb_options_set_max_bytes_for_level_base(options, 2 * local->options.write_buffer_bytes);
    rocksdb_options_set_target_file_size_base(options, local->options.write_buffer_bytes / 4);
    rocksdb_options_set_max_compaction_bytes(options, 2 * local->options.write_buffer_bytes);
    /* Object rows repeat names and shrink; the rest is ciphertext and digests and does not. */
    rocksdb_options_set_compression(options, family == ENGINE_META ? rocksdb_lz4_compression
                                                                   : rocksdb_no_compression);
    if (family != ENGINE_BODY) return options;
    /* Bodies are written once and not again at every compaction. Without a blob cache a cached-only
     * read answers "incomplete" for every one of them. It holds what was read, not what was written:
     * a burst of writes would drive all else out of it. */
    rocksdb_options_set_enable_blob_files(options, 1);
    rocksdb_options_set_min_blob_size(options, 512);
    rocksdb_options_set_blob_file_size(options, 64 << 20);
    rocksdb_options_set_blob_cache(options, local->cache);
    local_garbage_options(options);
    return options;
}

/* Half of the descriptors this process may have are RocksDB's; sockets and bodies share the rest.
 * Without a bound it keeps every table open, and ends where the limit ends. */
static int open_files_max(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > 1 << 20) return 1 << 19;
    return (int)(limit.rlim_cur / 2);
}

static rocksdb_options_t *database_options(const struct local *local, bool create) {
    rocksdb_options_t *options = family_options(local, LOCAL_OWN);
    rocksdb_options_set_create_if_missing(options, create);
    rocksdb_options_set_create_missing_column_families(options, create);
    rocksdb_options_set_paranoid_checks(options, 1);
    rocksdb_options_set_db_write_buffer_size(options, (size_t)local->options.write_buffer_bytes);
    rocksdb_options_set_max_total_wal_size(options, local->options.wal_bytes_max);
    /* Modes 0 and 1 refuse after an ordinary power cut. CORE 3. */
    rocksdb_options_set_wal_recovery_mode(options, 2);
    rocksdb_options_set_bytes_per_sync(options, 1 << 20); /* no long flush at a table's end */
    rocksdb_options_set_max_background_jobs(options, LOCAL_BACKGROUND_JOBS);
    rocksdb_options_set_max_open_files(options, open_files_max());
    rocksdb_options_set_db_log_dir(options, local->log_dir);
    rocksdb_options_set_keep_log_file_num(options, 2);
    /* After a failed write its logger asserts on the next one, which stops the program: on a disk
     * that may fill up it must not talk at all. 2: warnings, 4: fatal only. */
    rocksdb_options_set_info_log_level(options, local->log_is_apart ? 2 : 4);
    return options;
}

/* ---- opening and closing ---- */

enum error_code local_rocks_open(struct local *local, bool create, struct error *e) {
    assert(local->rocks == NULL);
    local_checksum_check();
    char path[1024];
    snprintf(path, sizeof path, "%s/rocks", local->options.dir);
    TRY(local_writes_open(&local->turn.writes, e));
    rocksdb_options_t *database = database_options(local, create);
    rocksdb_options_t *families[LOCAL_FAMILY_COUNT];
    const rocksdb_options_t *borrowed[LOCAL_FAMILY_COUNT];
    for (int i = 0; i < LOCAL_FAMILY_COUNT; i++)
        borrowed[i] = families[i] = family_options(local, i);
    char *said = NULL;
    local->rocks = rocksdb_open_column_families(database, path, LOCAL_FAMILY_COUNT, family_names,
                                                borrowed, local->families, &said);
    for (int i = 0; i < LOCAL_FAMILY_COUNT; i++) rocksdb_options_destroy(families[i]);
    rocksdb_options_destroy(database);
    if (said != NULL) {
        local->rocks = NULL;
        local_writes_close(&local->turn.writes);
        return local_said(e, said, "opening DATA/rocks");
    }
    local->collects_garbage = false;
    return OK;
}

void local_rocks_close(struct local *local) {
    if (local->rocks == NULL) return;
    local_moment_retire(local);
    atomic_fetch_add(&local->generation, 1);
    wait_until_nobody_is_inside(local);
    local_scans_end(local);
    local_moments_end(local);
    local_writes_close(&local->turn.writes);
    for (int i = 0; i < LOCAL_FAMILY_COUNT; i++)
        rocksdb_column_family_handle_destroy(local->families[i]);
    rocksdb_close(local->rocks);
    local->rocks = NULL;
}
