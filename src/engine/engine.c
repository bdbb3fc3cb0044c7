/* The engine's front: what holds for every implementation is checked here once, then the call goes
 * through the table. See inner.h; local/ and lab/ are the implementations. */
#include "engine/engine.h"

#include "engine/inner.h"

static enum error_code key_check(enum engine_family family, str key, struct error *e) {
    assert((unsigned)family < ENGINE_FAMILY_COUNT);
    if (key.len == 0) return error_set(e, FAIL_LIMIT, "a key of no bytes");
    if (key.len > ENGINE_KEY_BYTES_MAX)
        return error_set(e, FAIL_LIMIT, "a key of %zu bytes is over %d", key.len,
                         ENGINE_KEY_BYTES_MAX);
    return OK;
}

static enum error_code bounds_check(enum engine_family family, str from, str until,
                                    struct error *e) {
    assert((unsigned)family < ENGINE_FAMILY_COUNT);
    if (from.len > ENGINE_KEY_BYTES_MAX || until.len > ENGINE_KEY_BYTES_MAX)
        return error_set(e, FAIL_LIMIT, "a bound of %zu bytes is over %d",
                         size_max(from.len, until.len), ENGINE_KEY_BYTES_MAX);
    return OK;
}

void engine_close(struct engine *engine) {
    if (engine != NULL) engine->operations->close(engine);
}

enum error_code engine_reopen(struct engine *engine, struct error *e) {
    return engine->operations->reopen(engine, e);
}

bool engine_is_broken(const struct engine *engine) {
    return engine->operations->is_broken(engine);
}

/* ---- turns ---- */

enum error_code engine_turn_begin(struct engine *engine, struct engine_turn **out,
                                  struct error *e) {
    return engine->operations->turn_begin(engine, out, e);
}

enum error_code engine_turn_get(struct engine_turn *turn, enum engine_family family, str key,
                                struct arena *arena, str *value, bool *found, struct error *e) {
    TRY(key_check(family, key, e));
    return turn->engine->operations->turn_get(turn, family, key, arena, value, found, e);
}

enum error_code engine_turn_put(struct engine_turn *turn, enum engine_family family, str key,
                                str value, struct error *e) {
    assert(turn->scans_open == 0);
    TRY(key_check(family, key, e));
    if (value.len > ENGINE_VALUE_BYTES_MAX)
        return error_set(e, FAIL_LIMIT, "a value of %zu bytes is over %d", value.len,
                         ENGINE_VALUE_BYTES_MAX);
    TRY(turn->engine->operations->turn_put(turn, family, key, value, e));
    turn->bytes += key.len + value.len;
    return OK;
}

enum error_code engine_turn_delete(struct engine_turn *turn, enum engine_family family, str key,
                                   struct error *e) {
    assert(turn->scans_open == 0);
    TRY(key_check(family, key, e));
    TRY(turn->engine->operations->turn_delete(turn, family, key, e));
    turn->bytes += key.len;
    return OK;
}

enum error_code engine_turn_scan(struct engine_turn *turn, enum engine_family family, str from,
                                 str until, struct engine_scan **out, struct error *e) {
    TRY(bounds_check(family, from, until, e));
    TRY(turn->engine->operations->turn_scan(turn, family, from, until, out, e));
    turn->scans_open++;
    return OK;
}

void engine_turn_mark(struct engine_turn *turn) {
    assert(turn->depth < ENGINE_MARK_DEPTH);
    turn->mark_bytes[turn->depth] = turn->bytes;
    turn->engine->operations->turn_mark(turn);
    turn->depth++;
}

void engine_turn_keep(struct engine_turn *turn) {
    assert(turn->depth > 0);
    turn->depth--;
    turn->engine->operations->turn_keep(turn);
}

void engine_turn_rewind(struct engine_turn *turn) {
    assert(turn->scans_open == 0);
    assert(turn->depth > 0);
    turn->depth--;
    turn->bytes = turn->mark_bytes[turn->depth];
    turn->engine->operations->turn_rewind(turn);
}

uint64_t engine_turn_bytes(const struct engine_turn *turn) {
    return turn->bytes;
}

enum error_code engine_turn_blob_drop(struct engine_turn *turn, struct engine_blob_id id,
                                      struct error *e) {
    assert(turn->scans_open == 0);
    TRY(turn->engine->operations->turn_blob_drop(turn, id, e));
    turn->bytes += ENGINE_BLOB_ID_BYTES;
    return OK;
}

enum error_code engine_turn_commit(struct engine_turn *turn, struct error *e) {
    assert(turn->scans_open == 0);
    return turn->engine->operations->turn_commit(turn, e);
}

void engine_turn_abandon(struct engine_turn *turn) {
    assert(turn->scans_open == 0);
    turn->engine->operations->turn_abandon(turn);
}

/* ---- views and scans ---- */

enum error_code engine_view_open(struct engine *engine, struct engine_view **out, struct error *e) {
    return engine->operations->view_open(engine, out, e);
}

enum error_code engine_view_get(struct engine_view *view, enum engine_family family, str key,
                                struct arena *arena, str *value, bool *found, struct error *e) {
    TRY(key_check(family, key, e));
    return view->engine->operations->view_get(view, family, key, arena, value, found, e);
}

static enum error_code get_led(struct engine_view *view, enum engine_family family, str key,
                               struct engine_lead *lead, struct arena *arena, str *value,
                               bool *found, struct error *e) {
    str next = STR_EMPTY;
    TRY(engine_view_get(view, family, key, arena, value, found, e));
    if (!*found) return OK;
    TRY(lead->next(lead, *value, &next, e));
    if (next.len == 0) return OK;
    return engine_view_get(view, lead->family, next, arena, &lead->value, &lead->found, e);
}

enum error_code engine_view_get_led(struct engine_view *view, enum engine_family family, str key,
                                    struct engine_lead *lead, struct arena *arena, str *value,
                                    bool *found, struct error *e) {
    TRY(key_check(family, key, e));
    lead->found = false;
    lead->value = STR_EMPTY;
    const struct engine_operations *operations = view->engine->operations;
    return (operations->view_get_led != NULL ? operations->view_get_led : get_led)(
        view, family, key, lead, arena, value, found, e);
}

enum error_code engine_view_scan(struct engine_view *view, enum engine_family family, str from,
                                 str until, struct engine_scan **out, struct error *e) {
    TRY(bounds_check(family, from, until, e));
    return view->engine->operations->view_scan(view, family, from, until, out, e);
}

void engine_view_close(struct engine_view *view) {
    if (view != NULL) view->engine->operations->view_close(view);
}

enum error_code engine_scan_next(struct engine_scan *scan, bool *more, str *key, str *value,
                                 struct error *e) {
    return scan->engine->operations->scan_next(scan, more, key, value, e);
}

enum error_code engine_scan_seek(struct engine_scan *scan, str key, struct error *e) {
    if (key.len > ENGINE_KEY_BYTES_MAX)
        return error_set(e, FAIL_LIMIT, "a key of %zu bytes is over %d", key.len,
                         ENGINE_KEY_BYTES_MAX);
    return scan->engine->operations->scan_seek(scan, key, e);
}

void engine_scan_close(struct engine_scan *scan) {
    if (scan == NULL) return;
    if (scan->turn != NULL) scan->turn->scans_open--;
    scan->engine->operations->scan_close(scan);
}

/* ---- blobs ---- */

struct engine_blob_id engine_blob_id_make(uint64_t epoch, uint64_t counter) {
    struct engine_blob_id id;
    write_be64(id.at, epoch);
    write_be64(id.at + 8, counter);
    return id;
}

uint64_t engine_blob_id_epoch(struct engine_blob_id id) {
    return read_be64(id.at);
}

struct engine_blob_id engine_blob_id_new(struct engine *engine) {
    return engine->operations->blob_id_new(engine);
}

enum error_code engine_blob_create(struct engine *engine, struct engine_blob_writer **out,
                                   struct error *e) {
    return engine->operations->blob_create(engine, out, e);
}

struct engine_blob_id engine_blob_writer_id(const struct engine_blob_writer *writer) {
    return writer->id;
}

enum error_code engine_blob_append(struct engine_blob_writer *writer, str bytes, struct error *e) {
    TRY(writer->engine->operations->blob_append(writer, bytes, e));
    writer->bytes += bytes.len;
    return OK;
}

enum error_code engine_blob_finish(struct engine_blob_writer *writer, struct error *e) {
    return writer->engine->operations->blob_finish(writer, e);
}

void engine_blob_abandon(struct engine_blob_writer *writer) {
    if (writer != NULL) writer->engine->operations->blob_abandon(writer);
}

enum error_code engine_blob_open(struct engine *engine, struct engine_blob_id id,
                                 struct engine_blob **out, struct error *e) {
    return engine->operations->blob_open(engine, id, out, e);
}

uint64_t engine_blob_bytes(const struct engine_blob *blob) {
    return blob->bytes;
}

enum error_code engine_blob_read(struct engine_blob *blob, uint64_t offset, void *bytes,
                                 size_t count, size_t *got, struct error *e) {
    return blob->engine->operations->blob_read(blob, offset, bytes, count, got, e);
}

int engine_blob_file(const struct engine_blob *blob) {
    const struct engine_operations *operations = blob->engine->operations;
    return operations->blob_file != NULL ? operations->blob_file(blob) : -1;
}

void engine_blob_close(struct engine_blob *blob) {
    if (blob != NULL) blob->engine->operations->blob_close(blob);
}

enum error_code engine_blobs_sweep(struct engine *engine,
                                   bool (*is_named)(void *self, struct engine_view *view,
                                                    struct engine_blob_id id),
                                   void *self, uint64_t *removed, struct error *e) {
    return engine->operations->blobs_sweep(engine, is_named, self, removed, e);
}

/* ---- health ---- */

void engine_numbers(struct engine *engine, struct engine_numbers *out) {
    *out = (struct engine_numbers){0};
    engine->operations->numbers(engine, out);
}

bool engine_is_low(struct engine *engine) {
    return engine->operations->is_low(engine);
}

enum error_code engine_forget(struct engine *engine, enum engine_family family, str from, str until,
                              struct error *e) {
    TRY(bounds_check(family, from, until, e));
    return engine->operations->forget(engine, family, from, until, e);
}
