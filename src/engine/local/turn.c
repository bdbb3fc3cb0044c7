/* Turns: one write batch, durable at commit.
 *
 * The turn reads its own writes: else two "create if there is none" of one turn both succeed. What
 * it has written is in writes.c; what lies beneath is read from RocksDB. */
#include "engine/local/local.h"

static enum error_code turn_broken(struct error *e) {
    return error_set(e, FAIL_ENGINE_BROKEN, "a commit failed; the engine must be reopened");
}

static struct local_turn *turn_of(struct engine_turn *turn) {
    return (struct local_turn *)turn;
}

enum error_code local_turn_begin(struct engine *engine, struct engine_turn **out, struct error *e) {
    struct local *local = local_of(engine);
    struct local_turn *turn = &local->turn;
    assert(!turn->is_open);
    if (atomic_load(&local->is_broken)) return turn_broken(e);
    turn->turn = (struct engine_turn){.engine = engine};
    turn->drops.count = 0;
    turn->missed_len = 0;
    turn->is_open = true;
    *out = &turn->turn;
    return OK;
}

static void turn_end(struct local_turn *turn) {
    turn->is_open = false;
    if (turn->writes.batch != NULL) local_writes_clear(&turn->writes);
}

static bool was_missed(const struct local_turn *turn, enum engine_family family, str key) {
    return turn->missed_len > 0 && turn->missed_family == family &&
           str_equal(str_of(turn->missed, turn->missed_len), key);
}

static void missed_keep(struct local_turn *turn, enum engine_family family, str key) {
    assert(key.len <= sizeof turn->missed);
    memcpy(turn->missed, key.at, key.len);
    turn->missed_len = key.len;
    turn->missed_family = family;
}

static enum error_code get_beneath(struct local *local, enum engine_family family, str key,
                                   struct arena *arena, str *value, bool *found, struct error *e) {
    char *said = NULL;
    if (was_missed(&local->turn, family, key)) {
        *found = false;
        return OK;
    }
    rocksdb_pinnableslice_t *slice = rocksdb_get_pinned_cf(
        local->rocks, local->read_turn, local->families[family], key.at, key.len, &said);
    if (said != NULL) return local_said(e, said, "reading a row in a turn");
    enum error_code code = OK;
    if (slice != NULL) {
        size_t len;
        const char *at = rocksdb_pinnableslice_value(slice, &len);
        code = arena_copy(arena, str_of(at, len), value, e);
        rocksdb_pinnableslice_destroy(slice);
    } else {
        missed_keep(&local->turn, family, key);
    }
    if (code == OK) *found = slice != NULL;
    return code;
}

enum error_code local_turn_get(struct engine_turn *turn, enum engine_family family, str key,
                               struct arena *arena, str *value, bool *found, struct error *e) {
    const struct local_writes *writes = &turn_of(turn)->writes;
    const struct local_write *write = local_writes_find(writes, family, key);
    if (write == NULL)
        return get_beneath(local_of(turn->engine), family, key, arena, value, found, e);
    if (!write->deletes) TRY(arena_copy(arena, local_write_value(writes, write), value, e));
    *found = !write->deletes;
    return OK;
}

/* ---- writing ---- */

enum error_code local_turn_put(struct engine_turn *turn, enum engine_family family, str key,
                               str value, struct error *e) {
    return local_writes_put(&turn_of(turn)->writes, family, key, value, e);
}

enum error_code local_turn_delete(struct engine_turn *turn, enum engine_family family, str key,
                                  struct error *e) {
    return local_writes_delete(&turn_of(turn)->writes, family, key, e);
}

enum error_code local_turn_blob_drop(struct engine_turn *turn, struct engine_blob_id id,
                                     struct error *e) {
    struct local_turn *t = turn_of(turn);
    char key[LOCAL_DROP_KEY_BYTES];
    local_drop_key(id, key);
    TRY(local_writes_put(&t->writes, LOCAL_OWN, str_of(key, sizeof key), STR_EMPTY, e));
    local_drops_add(&t->drops, id, 0);
    return OK;
}

/* ---- marks ---- */

void local_turn_mark(struct engine_turn *turn) {
    struct local_turn *t = turn_of(turn);
    t->write_marks[turn->depth] = t->writes.count;
    t->drop_marks[turn->depth] = t->drops.count;
}

void local_turn_keep(struct engine_turn *turn) {
    (void)turn; /* what was written since stays as it is */
}

void local_turn_rewind(struct engine_turn *turn) {
    struct local_turn *t = turn_of(turn);
    local_writes_rewind(&t->writes, t->write_marks[turn->depth]);
    t->drops.count = t->drop_marks[turn->depth];
}

/* ---- the end ---- */

/* Rows of drops whose files are gone: they go along with the next turn, so that the committer is
 * the only writer there is. */
static size_t delete_drop_rows(struct local *local) {
    pthread_mutex_lock(&local->reaper_mutex);
    size_t count = size_min(local->unlinked.count, 1000); /* a turn stays a turn */
    for (size_t i = 0; i < count; i++) {
        char key[LOCAL_DROP_KEY_BYTES];
        local_drop_key(local->unlinked.at[--local->unlinked.count].id, key);
        rocksdb_writebatch_delete_cf(local->turn.writes.batch, local->families[LOCAL_OWN], key,
                                     sizeof key);
    }
    pthread_mutex_unlock(&local->reaper_mutex);
    return count;
}

static void committed(struct local *local) {
    struct local_turn *turn = &local->turn;
    local->turn_number++;
    for (size_t i = 0; i < turn->writes.count; i++) {
        const struct local_write *write = &turn->writes.at[i];
        if (write->family == ENGINE_META || (write->family == ENGINE_BODY && write->deletes))
            local_near_forget(local->near, write->hash, local->turn_number);
    }
    local_reaper_take(local, &turn->drops, local->turn_number);
    local_moment_publish(local);
    local_room_taken(local, turn->turn.bytes);
    atomic_fetch_add(&local->turns, 1);
    atomic_fetch_add(&local->turn_bytes, turn->turn.bytes);
}

enum error_code local_turn_commit(struct engine_turn *turn, struct error *e) {
    struct local *local = local_of(turn->engine);
    struct local_turn *t = turn_of(turn);
    assert(t->is_open);
    if (t->writes.count == 0) {
        turn_end(t);
        return OK;
    }
    local_writes_batch(&t->writes, local->families);
    delete_drop_rows(local);
    char *said = NULL;
    rocksdb_write(local->rocks, local->write_sync, t->writes.batch, &said);
    if (said != NULL) {
        /* Never again on this handle: later writes fail for ever, and whether this batch was
         * written is known only to the disk. CORE 3. */
        atomic_store(&local->is_broken, true);
        error_set(e, FAIL_ENGINE_BROKEN, "a commit failed: RocksDB says: %s", said);
        rocksdb_free(said);
        turn_end(t);
        return FAIL_ENGINE_BROKEN;
    }
    atomic_fetch_add(&local->syncs, 1);
    committed(local);
    turn_end(t);
    if (local->options.sabotage_link_after_commit) local_blob_links_make(local);
    return OK;
}

void local_turn_abandon(struct engine_turn *turn) {
    assert(turn_of(turn)->is_open);
    turn_end(turn_of(turn));
}
