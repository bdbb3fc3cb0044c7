/* The lab engine: the engine's promise in memory, failing on command, losing power on command.
 *
 * One mutex guards it: tests want the promise, not speed. Rows keep versions (rows.h); the open
 * turn writes under the number committed + 1, which no view can see. */
#include "engine/lab/lab.h"

#include <stdlib.h>

static void *take(size_t bytes) {
    void *at = calloc(1, bytes);
    if (at == NULL) abort(); /* a test without memory says nothing about the engine */
    return at;
}

enum error_code lab_call(struct lab *lab, struct error *e) {
    lab->calls++;
    if (lab->fail_at != 0 && lab->calls == lab->fail_at)
        return error_set(e, FAIL_SYSTEM, "the lab made call %llu fail",
                         (unsigned long long)lab->calls);
    return OK;
}

enum error_code lab_alive(const struct lab *lab, uint64_t generation, struct error *e) {
    if (generation == lab->generation) return OK;
    return error_set(e, FAIL_ENGINE_BROKEN, "opened before the engine was reopened");
}

static void lock(struct lab *lab) {
    pthread_mutex_lock(&lab->mutex);
}

static void unlock(struct lab *lab) {
    pthread_mutex_unlock(&lab->mutex);
}

/* The oldest turn a reading may still look at. Views of an earlier handle are dead, but the bytes
 * they gave out stay valid until their scans move on, so they count where versions are freed. */
static uint64_t oldest_turn(const struct lab *lab, bool with_dead) {
    uint64_t oldest = lab->committed;
    for (const struct lab_view *view = lab->views; view != NULL; view = view->next)
        if (with_dead || view->generation == lab->generation) oldest = u64_min(oldest, view->turn);
    return oldest;
}

/* ---- turns ---- */

static void undo_to(struct lab_turn *turn, size_t count) {
    while (turn->write_count > count) lab_row_pop(turn->writes[--turn->write_count].row);
}

static void write_row(struct lab *lab, int family, str key, bool is_deleted, str value) {
    struct lab_turn *turn = &lab->turn;
    assert(turn->is_open);
    if (turn->write_count == turn->write_room) {
        turn->write_room = turn->write_room == 0 ? 256 : 2 * turn->write_room;
        turn->writes = realloc(turn->writes, turn->write_room * sizeof *turn->writes);
        if (turn->writes == NULL) abort();
    }
    struct lab_row *row = lab_rows_make(&lab->rows[family], key);
    lab_row_push(row, lab->committed + 1, is_deleted, value);
    turn->writes[turn->write_count++] = (struct lab_write){row};
}

static void make_committed(struct lab *lab) {
    lab->committed++;
    uint64_t oldest = oldest_turn(lab, true);
    for (size_t i = 0; i < lab->turn.write_count; i++)
        lab_row_prune(lab->turn.writes[i].row, oldest);
    lab->turn.write_count = 0;
    lab_reap(lab);
}

static enum error_code lab_turn_begin(struct engine *engine, struct engine_turn **out,
                                      struct error *e) {
    struct lab *lab = lab_of(engine);
    lock(lab);
    assert(!lab->turn.is_open);
    enum error_code code = lab_call(lab, e);
    if (code == OK && lab->is_broken)
        code = error_set(e, FAIL_ENGINE_BROKEN, "a commit failed; the engine must be reopened");
    if (code == OK) {
        lab->turn.turn = (struct engine_turn){.engine = engine};
        lab->turn.is_open = true;
        lab->turn.write_count = 0;
        *out = &lab->turn.turn;
    }
    unlock(lab);
    return code;
}

static enum error_code get_at(struct lab *lab, uint64_t turn, enum engine_family family, str key,
                              struct arena *arena, str *value, bool *found, struct error *e) {
    TRY(lab_call(lab, e));
    const struct lab_version *version = lab_rows_find(&lab->rows[family], key, turn);
    if (version != NULL) TRY(arena_copy(arena, str_of(version->at, version->len), value, e));
    *found = version != NULL;
    return OK;
}

static enum error_code lab_turn_get(struct engine_turn *turn, enum engine_family family, str key,
                                    struct arena *arena, str *value, bool *found, struct error *e) {
    struct lab *lab = lab_of(turn->engine);
    lock(lab);
    enum error_code code = get_at(lab, lab->committed + 1, family, key, arena, value, found, e);
    unlock(lab);
    return code;
}

static enum error_code turn_write(struct engine_turn *turn, int family, str key, bool is_deleted,
                                  str value, struct error *e) {
    struct lab *lab = lab_of(turn->engine);
    lock(lab);
    enum error_code code = lab_call(lab, e);
    if (code == OK) write_row(lab, family, key, is_deleted, value);
    unlock(lab);
    return code;
}

static enum error_code lab_turn_put(struct engine_turn *turn, enum engine_family family, str key,
                                    str value, struct error *e) {
    return turn_write(turn, (int)family, key, false, value, e);
}

static enum error_code lab_turn_delete(struct engine_turn *turn, enum engine_family family, str key,
                                       struct error *e) {
    return turn_write(turn, (int)family, key, true, STR_EMPTY, e);
}

static enum error_code lab_turn_blob_drop(struct engine_turn *turn, struct engine_blob_id id,
                                          struct error *e) {
    return turn_write(turn, LAB_DROPS, engine_blob_id_str(&id), false, STR_EMPTY, e);
}

static void lab_turn_mark(struct engine_turn *turn) {
    struct lab_turn *t = (struct lab_turn *)turn;
    t->marks[turn->depth] = t->write_count;
}

static void lab_turn_keep(struct engine_turn *turn) {
    (void)turn; /* the writes since the mark already stand after those before it */
}

static void lab_turn_rewind(struct engine_turn *turn) {
    struct lab *lab = lab_of(turn->engine);
    lock(lab);
    undo_to(&lab->turn, lab->turn.marks[turn->depth]);
    unlock(lab);
}

static enum error_code lab_turn_commit(struct engine_turn *turn, struct error *e) {
    struct lab *lab = lab_of(turn->engine);
    lock(lab);
    assert(lab->turn.is_open);
    lab->turn.is_open = false;
    struct error why;
    enum error_code code = lab_call(lab, &why);
    if (code == OK) {
        lab->turn_count++;
        lab->turn_bytes += turn->bytes;
        make_committed(lab);
    } else {
        lab->is_broken = true;
        lab->is_kept = lab->fail_keeps; /* the writes wait for the reopening that shows them */
        if (!lab->is_kept) undo_to(&lab->turn, 0);
        code = error_set(e, FAIL_ENGINE_BROKEN, "a commit failed: %s", why.message);
    }
    unlock(lab);
    return code;
}

static void lab_turn_abandon(struct engine_turn *turn) {
    struct lab *lab = lab_of(turn->engine);
    lock(lab);
    assert(lab->turn.is_open);
    undo_to(&lab->turn, 0);
    lab->turn.is_open = false;
    unlock(lab);
}

/* ---- views ---- */

static enum error_code lab_view_open(struct engine *engine, struct engine_view **out,
                                     struct error *e) {
    struct lab *lab = lab_of(engine);
    lock(lab);
    enum error_code code = lab_call(lab, e);
    if (code == OK) {
        struct lab_view *view = take(sizeof *view);
        view->view.engine = engine;
        view->turn = lab->committed;
        view->generation = lab->generation;
        view->next = lab->views;
        if (lab->views != NULL) lab->views->previous = view;
        lab->views = view;
        *out = &view->view;
    }
    unlock(lab);
    return code;
}

static enum error_code lab_view_get(struct engine_view *view, enum engine_family family, str key,
                                    struct arena *arena, str *value, bool *found, struct error *e) {
    struct lab *lab = lab_of(view->engine);
    const struct lab_view *v = (const struct lab_view *)view;
    lock(lab);
    enum error_code code = lab_alive(lab, v->generation, e);
    if (code == OK) code = get_at(lab, v->turn, family, key, arena, value, found, e);
    unlock(lab);
    return code;
}

static void lab_view_close(struct engine_view *view) {
    struct lab *lab = lab_of(view->engine);
    struct lab_view *v = (struct lab_view *)view;
    lock(lab);
    if (v->previous != NULL)
        v->previous->next = v->next;
    else
        lab->views = v->next;
    if (v->next != NULL) v->next->previous = v->previous;
    free(v);
    lab_reap(lab);
    unlock(lab);
}

/* ---- scans ---- */

struct lab_scan {
    struct engine_scan scan;
    enum engine_family family;
    uint64_t turn, generation;
    size_t at_len, until_len; /* the next row is the first >= at; until empty: no end */
    char at[ENGINE_KEY_BYTES_MAX + 1], until[ENGINE_KEY_BYTES_MAX];
};

static enum error_code scan_open(struct lab *lab, struct engine_turn *turn, uint64_t at_turn,
                                 enum engine_family family, str from, str until,
                                 struct engine_scan **out, struct error *e) {
    TRY(lab_call(lab, e));
    struct lab_scan *scan = take(sizeof *scan);
    scan->scan = (struct engine_scan){.engine = &lab->engine, .turn = turn};
    scan->family = family;
    scan->turn = at_turn;
    scan->generation = lab->generation;
    scan->at_len = from.len;
    scan->until_len = until.len;
    if (from.len > 0) memcpy(scan->at, from.at, from.len);
    if (until.len > 0) memcpy(scan->until, until.at, until.len);
    *out = &scan->scan;
    return OK;
}

static enum error_code lab_turn_scan(struct engine_turn *turn, enum engine_family family, str from,
                                     str until, struct engine_scan **out, struct error *e) {
    struct lab *lab = lab_of(turn->engine);
    lock(lab);
    enum error_code code = scan_open(lab, turn, lab->committed + 1, family, from, until, out, e);
    unlock(lab);
    return code;
}

static enum error_code lab_view_scan(struct engine_view *view, enum engine_family family, str from,
                                     str until, struct engine_scan **out, struct error *e) {
    struct lab *lab = lab_of(view->engine);
    const struct lab_view *v = (const struct lab_view *)view;
    lock(lab);
    enum error_code code = lab_alive(lab, v->generation, e);
    if (code == OK) code = scan_open(lab, NULL, v->turn, family, from, until, out, e);
    unlock(lab);
    return code;
}

static enum error_code scan_step(struct lab *lab, struct lab_scan *scan, bool *more, str *key,
                                 str *value, struct error *e) {
    TRY(lab_alive(lab, scan->generation, e));
    TRY(lab_call(lab, e));
    const struct lab_version *version;
    const struct lab_row *row = lab_rows_at_or_after(
        &lab->rows[scan->family], str_of(scan->at, scan->at_len), scan->turn, &version);
    if (row != NULL && scan->until_len > 0 &&
        str_compare(lab_row_key(row), str_of(scan->until, scan->until_len)) >= 0)
        row = NULL;
    *more = row != NULL;
    if (row == NULL) return OK;
    *key = lab_row_key(row);
    *value = str_of(version->at, version->len);
    memcpy(scan->at, key->at, key->len); /* key · 00 is the very next key there can be */
    scan->at[key->len] = 0;
    scan->at_len = key->len + 1;
    return OK;
}

static enum error_code lab_scan_next(struct engine_scan *scan, bool *more, str *key, str *value,
                                     struct error *e) {
    struct lab *lab = lab_of(scan->engine);
    lock(lab);
    enum error_code code = scan_step(lab, (struct lab_scan *)scan, more, key, value, e);
    unlock(lab);
    return code;
}

static enum error_code lab_scan_seek(struct engine_scan *scan, str key, struct error *e) {
    struct lab *lab = lab_of(scan->engine);
    struct lab_scan *s = (struct lab_scan *)scan;
    lock(lab);
    enum error_code code = lab_alive(lab, s->generation, e);
    if (code == OK) code = lab_call(lab, e);
    if (code == OK && str_compare(key, str_of(s->at, s->at_len)) > 0) {
        memcpy(s->at, key.at, key.len);
        s->at_len = key.len;
    }
    unlock(lab);
    return code;
}

static void lab_scan_close(struct engine_scan *scan) {
    free(scan);
}

/* ---- the handle ---- */

void lab_reap(struct lab *lab) {
    uint64_t oldest = oldest_turn(lab, false);
    const struct lab_version *version;
    str from = STR_EMPTY;
    for (;;) {
        const struct lab_row *row =
            lab_rows_at_or_after(&lab->rows[LAB_DROPS], from, oldest, &version);
        if (row == NULL) return;
        struct engine_blob_id id;
        memcpy(id.at, row->key, sizeof id.at);
        lab_blob_remove(lab, id);
        struct lab_row *done = lab_rows_make(&lab->rows[LAB_DROPS], lab_row_key(row));
        lab_row_push(done, oldest, true, STR_EMPTY);
        lab_row_prune(done, oldest);
        from = lab_row_key(row);
    }
}

/* What a new handle begins with. */
static void begin_generation(struct lab *lab) {
    if (lab->is_kept) make_committed(lab);
    lab->is_kept = lab->is_broken = false;
    lab->generation++;
    lab_reap(lab);
}

static enum error_code lab_reopen(struct engine *engine, struct error *e) {
    struct lab *lab = lab_of(engine);
    lock(lab);
    assert(!lab->turn.is_open);
    enum error_code code = lab_call(lab, e);
    if (code == OK) begin_generation(lab);
    unlock(lab);
    return code;
}

static bool lab_is_broken(const struct engine *engine) {
    struct lab *lab = lab_of(engine);
    lock(lab);
    bool is_broken = lab->is_broken;
    unlock(lab);
    return is_broken;
}

static void lab_close(struct engine *engine) {
    struct lab *lab = lab_of(engine);
    assert(!lab->turn.is_open);
    assert(lab->views == NULL);
    for (int i = 0; i < LAB_FAMILY_COUNT; i++) lab_rows_release(&lab->rows[i]);
    lab_blobs_release(lab);
    free(lab->turn.writes);
    pthread_mutex_destroy(&lab->mutex);
    free(lab);
}

/* Deleting is a turn of its own; a view from before still reads the rows, so it must close first.
 */
static enum error_code lab_forget(struct engine *engine, enum engine_family family, str from,
                                  str until, struct error *e) {
    struct lab *lab = lab_of(engine);
    lock(lab);
    assert(!lab->turn.is_open);
    enum error_code code = lab_call(lab, e);
    if (code == OK && lab->is_broken)
        code = error_set(e, FAIL_ENGINE_BROKEN, "a commit failed; the engine must be reopened");
    if (code == OK) {
        lab->turn.is_open = true;
        const struct lab_version *version;
        const struct lab_row *row;
        while ((row = lab_rows_at_or_after(&lab->rows[family], from, lab->committed + 1,
                                           &version)) != NULL &&
               (until.len == 0 || str_compare(lab_row_key(row), until) < 0))
            write_row(lab, (int)family, lab_row_key(row), true, STR_EMPTY);
        make_committed(lab);
        lab->turn.is_open = false;
        if (oldest_turn(lab, false) < lab->committed)
            code = error_set(e, FAIL_BUSY, "a view from before the deletion is still open");
    }
    unlock(lab);
    return code;
}

static uint64_t count_rows(const struct lab *lab, int family) {
    uint64_t count = 0;
    const struct lab_version *version;
    char next[ENGINE_KEY_BYTES_MAX + 1];
    str from = STR_EMPTY;
    const struct lab_row *row;
    while ((row = lab_rows_at_or_after(&lab->rows[family], from, lab->committed, &version)) !=
           NULL) {
        count++;
        memcpy(next, row->key, row->key_len);
        next[row->key_len] = 0;
        from = str_of(next, row->key_len + 1);
    }
    return count;
}

static void lab_numbers(struct engine *engine, struct engine_numbers *out) {
    struct lab *lab = lab_of(engine);
    lock(lab);
    out->disk_bytes_low = (uint64_t)1 << 20;
    out->disk_bytes_free = lab->is_low ? 0 : (uint64_t)1 << 40;
    out->turns = out->syncs = lab->turn_count;
    out->turn_bytes = lab->turn_bytes;
    out->blobs_open = lab->blobs_open;
    out->drops_waiting = count_rows(lab, LAB_DROPS);
    for (const struct lab_view *view = lab->views; view != NULL; view = view->next)
        out->views_open++;
    for (int i = 0; i < ENGINE_FAMILY_COUNT; i++) out->rows_estimate[i] = count_rows(lab, i);
    unlock(lab);
}

static bool lab_is_low(struct engine *engine) {
    struct lab *lab = lab_of(engine);
    lock(lab);
    bool is_low = lab->is_low;
    unlock(lab);
    return is_low;
}

/* ---- what only the lab can do ---- */

void engine_lab_fail_at(struct engine *engine, uint64_t n) {
    struct lab *lab = lab_of(engine);
    lock(lab);
    lab->fail_at = n;
    lab->calls = 0;
    unlock(lab);
}

uint64_t engine_lab_calls(const struct engine *engine) {
    struct lab *lab = lab_of(engine);
    lock(lab);
    uint64_t calls = lab->calls;
    unlock(lab);
    return calls;
}

void engine_lab_low(struct engine *engine, bool is_low) {
    struct lab *lab = lab_of(engine);
    lock(lab);
    lab->is_low = is_low;
    unlock(lab);
}

void engine_lab_crash(struct engine *engine) {
    struct lab *lab = lab_of(engine);
    lock(lab);
    if (lab->turn.is_open) undo_to(&lab->turn, 0);
    lab->turn.is_open = false;
    begin_generation(lab);
    lab->epoch++;
    lab->blob_counter = 0;
    unlock(lab);
}

static const struct engine_operations lab_operations = {
    .close = lab_close,
    .reopen = lab_reopen,
    .is_broken = lab_is_broken,
    .turn_begin = lab_turn_begin,
    .turn_get = lab_turn_get,
    .turn_put = lab_turn_put,
    .turn_delete = lab_turn_delete,
    .turn_scan = lab_turn_scan,
    .turn_mark = lab_turn_mark,
    .turn_keep = lab_turn_keep,
    .turn_rewind = lab_turn_rewind,
    .turn_blob_drop = lab_turn_blob_drop,
    .turn_commit = lab_turn_commit,
    .turn_abandon = lab_turn_abandon,
    .view_open = lab_view_open,
    .view_get = lab_view_get,
    .view_scan = lab_view_scan,
    .view_close = lab_view_close,
    .scan_next = lab_scan_next,
    .scan_seek = lab_scan_seek,
    .scan_close = lab_scan_close,
    .blob_id_new = lab_blob_id_new,
    .blob_create = lab_blob_create,
    .blob_append = lab_blob_append,
    .blob_finish = lab_blob_finish,
    .blob_abandon = lab_blob_abandon,
    .blob_open = lab_blob_open,
    .blob_read = lab_blob_read,
    .blob_close = lab_blob_close,
    .blobs_sweep = lab_blobs_sweep,
    .numbers = lab_numbers,
    .is_low = lab_is_low,
    .forget = lab_forget,
};

enum error_code engine_open_lab(const struct engine_lab_options *options, struct engine **out,
                                struct error *e) {
    struct lab *lab = calloc(1, sizeof *lab);
    if (lab == NULL) return error_set(e, FAIL_MEMORY, "no memory for a lab engine");
    lab->engine.operations = &lab_operations;
    lab->fail_at = options->fail_at;
    lab->fail_keeps = options->fail_keeps;
    lab->generation = lab->epoch = 1;
    pthread_mutex_init(&lab->mutex, NULL);
    *out = &lab->engine;
    return OK;
}
