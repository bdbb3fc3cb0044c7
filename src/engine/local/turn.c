/* Turns: one indexed write batch, durable at commit.
 *
 * The batch is indexed so that the turn reads its own writes: with a plain one, two "create if
 * there is none" of one turn both succeed. A mark becomes a savepoint of RocksDB only when
 * something is written under it, because rewinding builds the whole index anew and most requests
 * that are withdrawn have written nothing. RocksDB's C interface cannot pop a savepoint, so keeping
 * a mark leaves its savepoints standing and counts them to the mark around it. */
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
    turn->drops.count = turn->deleted.count = 0;
    turn->is_open = true;
    *out = &turn->turn;
    return OK;
}

static void turn_end(struct local_turn *turn) {
    turn->is_open = false;
    if (turn->batch != NULL) rocksdb_writebatch_wi_clear(turn->batch);
}

enum error_code local_turn_get(struct engine_turn *turn, enum engine_family family, str key,
                               struct arena *arena, str *value, bool *found, struct error *e) {
    struct local *local = local_of(turn->engine);
    char *said = NULL;
    size_t len;
    char *at = rocksdb_writebatch_wi_get_from_batch_and_db_cf(
        turn_of(turn)->batch, local->rocks, local->read_turn, local->families[family], key.at,
        key.len, &len, &said);
    if (said != NULL) return local_said(e, said, "reading a row in a turn");
    enum error_code code = OK;
    if (at != NULL) code = arena_copy(arena, str_of(at, len), value, e);
    if (code == OK) *found = at != NULL;
    rocksdb_free(at);
    return code;
}

/* ---- writing ---- */

static void marks_make_real(struct local_turn *turn) {
    for (unsigned i = 0; i < turn->turn.depth; i++) {
        if (turn->saves[i] > 0) continue;
        rocksdb_writebatch_wi_set_save_point(turn->batch);
        turn->saves[i] = 1;
    }
}

enum error_code local_turn_put(struct engine_turn *turn, enum engine_family family, str key,
                               str value, struct error *e) {
    struct local *local = local_of(turn->engine);
    marks_make_real(turn_of(turn));
    rocksdb_writebatch_wi_put_cf(turn_of(turn)->batch, local->families[family], key.at, key.len,
                                 value.len > 0 ? value.at : "", value.len);
    return OK;
}

enum error_code local_turn_delete(struct engine_turn *turn, enum engine_family family, str key,
                                  struct error *e) {
    struct local *local = local_of(turn->engine);
    struct local_turn *t = turn_of(turn);
    marks_make_real(t);
    rocksdb_writebatch_wi_delete_cf(t->batch, local->families[family], key.at, key.len);
    if (family == ENGINE_BODY && key.len == ENGINE_BLOB_ID_BYTES) {
        struct engine_blob_id id;
        memcpy(id.at, key.at, sizeof id.at);
        local_drops_add(&t->deleted, id, 0);
    }
    return OK;
}

enum error_code local_turn_blob_drop(struct engine_turn *turn, struct engine_blob_id id,
                                     struct error *e) {
    struct local *local = local_of(turn->engine);
    struct local_turn *t = turn_of(turn);
    marks_make_real(t);
    char key[LOCAL_DROP_KEY_BYTES];
    local_drop_key(id, key);
    rocksdb_writebatch_wi_put_cf(t->batch, local->families[LOCAL_OWN], key, sizeof key, "", 0);
    local_drops_add(&t->drops, id, 0);
    return OK;
}

/* ---- marks ---- */

void local_turn_mark(struct engine_turn *turn) {
    struct local_turn *t = turn_of(turn);
    t->saves[turn->depth] = 0;
    t->drop_marks[turn->depth] = t->drops.count;
    t->deleted_marks[turn->depth] = t->deleted.count;
}

void local_turn_keep(struct engine_turn *turn) {
    struct local_turn *t = turn_of(turn);
    if (turn->depth > 0) t->saves[turn->depth - 1] += t->saves[turn->depth];
}

void local_turn_rewind(struct engine_turn *turn) {
    struct local_turn *t = turn_of(turn);
    for (unsigned i = 0; i < t->saves[turn->depth]; i++) {
        char *said = NULL;
        rocksdb_writebatch_wi_rollback_to_save_point(t->batch, &said);
        assert(said == NULL); /* there is such a savepoint, and the batch is well formed */
    }
    t->drops.count = t->drop_marks[turn->depth];
    t->deleted.count = t->deleted_marks[turn->depth];
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
        rocksdb_writebatch_wi_delete_cf(local->turn.batch, local->families[LOCAL_OWN], key,
                                        sizeof key);
    }
    pthread_mutex_unlock(&local->reaper_mutex);
    return count;
}

static void committed(struct local *local) {
    struct local_turn *turn = &local->turn;
    local->turn_number++;
    for (size_t i = 0; i < turn->deleted.count; i++)
        local_bodies_forget(local->bodies, engine_blob_id_str(&turn->deleted.at[i].id),
                            local->turn_number);
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
    if (rocksdb_writebatch_wi_count(t->batch) == 0) {
        turn_end(t);
        return OK;
    }
    delete_drop_rows(local);
    char *said = NULL;
    rocksdb_write_writebatch_wi(local->rocks, local->write_sync, t->batch, &said);
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
