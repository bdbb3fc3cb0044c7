/* The store's listing: every version beside the opened entry that says why it may be there, and
 * every other entry of the five types, for a verifier who never opens the engine. Format:
 * docs/formats/store-listing.md. */
#include "gate/rules/rules.h"
#include "gate/show/bundle.h"
#include "gate/turn/past.h"

#include "base/disk.h"

#include <fcntl.h>
#include <stdio.h>

enum { EXPORT_SPACE_BYTES = 64 << 20, EXPORT_BUFFER_BYTES = 1 << 20 };

struct exporting {
    struct gate *gate;
    struct engine_view *view;
    struct store_buckets buckets;
    struct evidence_listing_head head; /* log N of the line is logs[N - 1] */
    bool is_gone[EVIDENCE_LOGS_MAX];   /* nothing of that log can be read */
    const char *dir;
    bool bodies;
    int fd;
    uint64_t written, rows, entries;
    struct text buffer;
    struct arena arena; /* of one row; passed by copy */
    void (*progress)(void *self, uint64_t done, uint64_t all);
    void *progress_self;
};

/* ---- one moment: view and size that belong together ---- */

struct moment {
    struct gate_work work;
    struct engine_view *view;
    uint64_t size;
};

static enum error_code moment_apply(struct gate_turn *turn, void *self, struct error *e) {
    struct moment *m = self;
    struct ledger_state state;
    TRY(engine_view_open(turn->gate->engine, &m->view, e));
    ledger_state(turn->gate->ledger, &state);
    m->size = state.committed_size;
    return OK;
}

/* ---- writing ---- */

static enum error_code flush(struct exporting *x, struct error *e) {
    TRY(disk_write(x->fd, x->buffer.at, x->buffer.len, x->written, "the listing", e));
    x->written += x->buffer.len;
    x->buffer.len = 0;
    return OK;
}

static enum error_code row_write(struct exporting *x, const struct evidence_listing_row *row,
                                 struct error *e) {
    if (x->buffer.cap - x->buffer.len < EVIDENCE_LISTING_LINE_BYTES) TRY(flush(x, e));
    evidence_listing_row_write(&x->buffer, row);
    if (x->buffer.overflow) return error_set(e, FAIL_LIMIT, "a row of the listing is too long");
    x->rows++;
    return OK;
}

/* ---- what an entry says ---- */

struct act {
    str bytes; /* the entry's */
    struct evidence_entry entry;
    bool of_five; /* put, copy, upload-complete, delete-marker, delete */
    bool opened;
    struct evidence_opening opening;
};

static enum error_code act_read(struct exporting *x, uint32_t number, uint64_t index,
                                struct arena *arena, struct act *out, struct error *e) {
    struct ledger *ledger = x->gate->ledger;
    struct arena scratch = *arena;
    *out = (struct act){0};
    scratch.next += 1 << 16;
    TRY(ledger_entry_read(ledger, number, index, x->view, arena, scratch, &out->bytes, e));
    TRY(evidence_entry_decode(out->bytes, arena, &out->entry, e));
    switch (out->entry.type) {
    case EVIDENCE_PUT:
    case EVIDENCE_COPY:
    case EVIDENCE_UPLOAD_COMPLETE:
    case EVIDENCE_DELETE_MARKER:
    case EVIDENCE_DELETE: out->of_five = true; break;
    default: return OK;
    }
    enum error_code code =
        gate_opening_read(x->gate, x->view, number, index, arena, &out->opening, e);
    out->opened = code == OK;
    return code == FAIL_NOT_FOUND ? OK : code;
}

static enum error_code extra_make(const struct act *act, bool with_content, struct arena *arena,
                                  str *out, struct error *e) {
    static const enum evidence_field fields[] = {EVIDENCE_BUCKET, EVIDENCE_KEY, EVIDENCE_VERSION,
                                                 EVIDENCE_SIZE, EVIDENCE_CONTENT};
    struct evidence_open opens[COUNT_OF(fields)];
    size_t count = with_content ? COUNT_OF(fields) : 3;
    struct evidence_extra extra = {.entry = act->bytes, .opens = opens, .open_count = count};
    char *memory = arena_bytes(arena, EVIDENCE_LISTING_LINE_BYTES);
    if (memory == NULL) return error_set(e, FAIL_MEMORY, "no room for a row");
    for (size_t i = 0; i < count; i++)
        TRY(evidence_open_make(act->opening.type, &act->opening.osalt, &act->opening.values,
                               fields[i], &opens[i], e));
    return evidence_extra_encode(&extra, memory, EVIDENCE_LISTING_LINE_BYTES, out, e);
}

/* ---- bodies ---- */

static enum error_code body_file(struct exporting *x, const digest *root, int *fd,
                                 struct error *e) {
    char hex[2 * DIGEST_BYTES], path[4096];
    hex_write(root->at, sizeof root->at, hex);
    int used = snprintf(path, sizeof path, "%s/bodies/%.2s", x->dir, hex);
    if (used < 0 || (size_t)used + 80 > sizeof path)
        return error_set(e, FAIL_LIMIT, "the folder's path is too long");
    TRY(disk_make_dirs(AT_FDCWD, path, 0700, e));
    snprintf(path + used, sizeof path - (size_t)used, "/%.*s", (int)sizeof hex, hex);
    return disk_open(AT_FDCWD, path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600, fd, e);
}

static enum error_code stored_copy(struct exporting *x, const struct store_body *body, int fd,
                                   uint64_t *at, struct arena scratch, struct error *e) {
    if (body->kind == STORE_BODY_INLINE) {
        str bytes;
        bool found;
        TRY(engine_view_get(x->view, ENGINE_BODY, str_of(body->blob.at, sizeof body->blob.at),
                            &scratch, &bytes, &found, e));
        if (!found)
            return error_set(e, FAIL_CORRUPT, "a body that a row names is not in the engine");
        TRY(disk_write(fd, bytes.at, bytes.len, *at, "a body", e));
        *at += bytes.len;
        return OK;
    }
    struct engine_blob *blob;
    char *piece = arena_bytes(&scratch, LIMIT_PIECE_BYTES);
    if (piece == NULL) return error_set(e, FAIL_MEMORY, "no room for a piece");
    TRY(engine_blob_open(x->gate->engine, body->blob, &blob, e));
    enum error_code code = OK;
    for (uint64_t from = 0; code == OK && from < engine_blob_bytes(blob);) {
        size_t got = 0;
        code = engine_blob_read(blob, from, piece, LIMIT_PIECE_BYTES, &got, e);
        if (code == OK && got == 0) code = error_set(e, FAIL_CORRUPT, "a body ends too early");
        if (code == OK) code = disk_write(fd, piece, got, *at, "a body", e);
        from += got;
        *at += got;
    }
    engine_blob_close(blob);
    return code;
}

static enum error_code one_body(struct exporting *x, const struct store_body *body,
                                struct arena scratch, struct error *e) {
    int fd;
    uint64_t at = 0;
    TRY(body_file(x, &body->stored_root, &fd, e));
    enum error_code code =
        body->kind == STORE_BODY_EMPTY ? OK : stored_copy(x, body, fd, &at, scratch, e);
    disk_close(fd);
    return code;
}

/* An object of parts: a file a part, and one that lists their roots, 32 bytes each. */
struct parts_run {
    struct exporting *x;
    int fd;
    uint64_t at;
    struct arena scratch;
};

static enum error_code part_body(void *self, const struct store_part *part, struct error *e) {
    struct parts_run *run = self;
    TRY(disk_write(run->fd, part->body.stored_root.at, DIGEST_BYTES, run->at, "a body", e));
    run->at += DIGEST_BYTES;
    return one_body(run->x, &part->body, run->scratch, e);
}

static enum error_code body_write(struct exporting *x, const struct store_body *body,
                                  struct arena scratch, struct error *e) {
    if (body->kind != STORE_BODY_PARTS) return one_body(x, body, scratch, e);
    struct parts_run run = {.x = x, .scratch = scratch};
    bool truncated;
    run.scratch.next += 1 << 16;
    TRY(body_file(x, &body->stored_root, &run.fd, e));
    enum error_code code = store_part_list(x->view, body->upload, 0, LIMIT_PART_COUNT, part_body,
                                           &run, scratch, &truncated, e);
    disk_close(run.fd);
    return code;
}

/* ---- pass one: what the store holds without an entry that says so ---- */

static str version_of(const struct store_version *version, char text[STORE_VERSION_TEXT_BYTES]) {
    return str_of(text, store_version_text(version, text));
}

static bool is_said_by(const struct act *act, str bucket, const struct store_version *version) {
    char text[STORE_VERSION_TEXT_BYTES];
    const struct evidence_values *values = &act->opening.values;
    return act->of_five && act->entry.type != EVIDENCE_DELETE && act->opened &&
           str_equal(values->of[EVIDENCE_BUCKET], bucket) &&
           str_equal(values->of[EVIDENCE_KEY], version->key) &&
           str_equal(values->of[EVIDENCE_VERSION], version_of(version, text));
}

static enum error_code stray_find(void *self, const struct store_bucket *bucket,
                                  const struct store_version *version, struct error *e) {
    struct exporting *x = self;
    struct arena arena = x->arena;
    struct act act = {0};
    char text[STORE_VERSION_TEXT_BYTES];
    uint32_t number = gate_eras_find(x->gate->eras, version->sequence);
    if (x->is_gone[number - 1]) return OK; /* nobody can tell what it said of it */
    if (version->entry < x->head.logs[number - 1].size)
        TRY(act_read(x, number, version->entry, &arena, &act, e));
    if (act.of_five && !act.opened) return OK; /* redacted: cannot be told */
    if (is_said_by(&act, bucket->name, version)) return OK;
    struct evidence_listing_row row = {.kind = version->is_delete_marker ? EVIDENCE_LISTED_MARKER
                                                                         : EVIDENCE_LISTED_VERSION,
                                       .index = EVIDENCE_LISTING_NO_INDEX,
                                       .bytes = version->body.bytes,
                                       .content = version->content,
                                       .bucket = bucket->name,
                                       .key = version->key,
                                       .version = version_of(version, text)};
    return row_write(x, &row, e);
}

/* ---- pass two: entries in order ---- */

static enum error_code version_behind(struct exporting *x, const struct act *act, uint32_t number,
                                      uint64_t index, struct arena *arena,
                                      struct store_version *version, bool *there, struct error *e) {
    const struct evidence_values *values = &act->opening.values;
    bool is_null = false;
    uint64_t sequence = 0;
    *there = false;
    if (act->entry.type == EVIDENCE_DELETE) return OK;
    const struct store_bucket *bucket = store_bucket_find(&x->buckets, values->of[EVIDENCE_BUCKET]);
    if (bucket == NULL || values->of[EVIDENCE_KEY].len > LIMIT_KEY_BYTES) return OK;
    if (!store_version_read(values->of[EVIDENCE_VERSION], &is_null, &sequence)) return OK;
    TRY(store_version_find(x->view, bucket->id, values->of[EVIDENCE_KEY], true, is_null, sequence,
                           arena, version, there, e));
    if (*there &&
        (version->entry != index || gate_eras_find(x->gate->eras, version->sequence) != number))
        *there = false;
    return OK;
}

static enum error_code entry_export(struct exporting *x, uint32_t number, uint64_t index,
                                    struct error *e) {
    struct arena arena = x->arena;
    struct act act;
    struct store_version version;
    bool there;
    char text[STORE_VERSION_TEXT_BYTES];
    TRY(act_read(x, number, index, &arena, &act, e));
    if (!act.of_five || !act.opened) return OK;
    TRY(version_behind(x, &act, number, index, &arena, &version, &there, e));
    struct evidence_listing_row row = {
        .kind = EVIDENCE_LISTED_ACT, .log = number - 1, .index = index};
    if (there) {
        row.kind = version.is_delete_marker ? EVIDENCE_LISTED_MARKER : EVIDENCE_LISTED_VERSION;
        row.bytes = version.body.bytes;
        row.content = version.content;
        row.bucket = act.opening.values.of[EVIDENCE_BUCKET];
        row.key = version.key;
        row.version = version_of(&version, text);
    }
    TRY(extra_make(&act, row.kind == EVIDENCE_LISTED_VERSION, &arena, &row.extra, e));
    TRY(row_write(x, &row, e));
    return x->bodies && row.kind == EVIDENCE_LISTED_VERSION ? body_write(x, &version.body, arena, e)
                                                            : OK;
}

/* Every log of the line, oldest first, with the entries that are left of it; of the newest, those
 * there were at that moment. */
static enum error_code logs_list(struct exporting *x, uint64_t size, struct error *e) {
    struct ledger *ledger = x->gate->ledger;
    uint32_t newest = ledger_number(ledger);
    if (newest > EVIDENCE_LOGS_MAX)
        return error_set(e, FAIL_LIMIT, "%u logs; a listing holds %d", newest, EVIDENCE_LOGS_MAX);
    struct gate_lost *lost;
    size_t lost_count;
    for (uint32_t number = 1; number < newest; number++) {
        struct ledger_old old = {.size = 0};
        struct evidence_listing_log *log = &x->head.logs[number - 1];
        char origin[TLOG_NAME_BYTES_MAX];
        size_t bytes;
        TRY(ledger_origin_find(ledger, number, origin, &bytes, e));
        TRY(arena_copy(&x->arena, str_of(origin, bytes), &log->origin, e));
        enum error_code code = ledger_old_find(ledger, number, &old, e);
        if (code != OK && code != FAIL_NOT_FOUND) return code;
        log->size = old.size;
    }
    TRY(gate_lost_find(x->gate, x->view, &x->arena, &lost, &lost_count, e));
    for (size_t i = 0; i < lost_count; i++) {
        x->is_gone[lost[i].number - 1] = true;
        x->head.logs[lost[i].number - 1].size = lost[i].left_size;
    }
    x->head.logs[newest - 1] = (struct evidence_listing_log){ledger_origin(ledger), size};
    x->head.log_count = newest;
    x->head.has_bodies = x->bodies;
    for (size_t i = 0; i < newest; i++) x->entries += x->head.logs[i].size;
    evidence_listing_head_write(&x->buffer, &x->head);
    return OK;
}

static enum error_code rows_export(struct exporting *x, struct error *e) {
    struct arena scratch = x->arena;
    scratch.next += EXPORT_SPACE_BYTES / 2; /* the walk's own memory, beyond what a row takes */
    TRY(store_walk(x->view, stray_find, x, scratch, e));
    uint64_t done = 0;
    for (uint32_t number = 1; number <= x->head.log_count; number++) {
        if (x->is_gone[number - 1]) continue;
        for (uint64_t i = 0; i < x->head.logs[number - 1].size; i++) {
            TRY(entry_export(x, number, i, e));
            if (++done == x->entries || done % 1024 == 1)
                if (x->progress != NULL) x->progress(x->progress_self, done, x->entries);
        }
    }
    evidence_listing_end_write(&x->buffer, x->rows);
    TRY(flush(x, e));
    return disk_sync(x->fd, "the listing", e);
}

enum error_code gate_export(struct gate_visit *visit, const char *dir, bool bodies,
                            void (*progress)(void *self, uint64_t done, uint64_t all), void *self,
                            struct error *e) {
    struct exporting x = {.gate = visit->gate,
                          .dir = dir,
                          .bodies = bodies,
                          .progress = progress,
                          .progress_self = self};
    struct moment m = {.view = NULL};
    struct arena_space space;
    char path[4096];
    TRY(gate_allow(visit, IDENTITY_ADMIN, STR_EMPTY, e));
    TRY(gate_target_make(visit->gate, dir, 0700, e));
    TRY(gate_rulebooks_write(visit, dir, e));
    if (snprintf(path, sizeof path, "%s/listing", dir) >= (int)sizeof path)
        return error_set(e, FAIL_LIMIT, "the folder's path is too long");
    m.work = (struct gate_work){.apply = moment_apply, .self = &m};
    TRY(gate_submit(visit->gate, &m.work, e));
    x.view = m.view;
    enum error_code code = arena_space_open(&space, EXPORT_SPACE_BYTES, &x.arena, e);
    if (code == OK) {
        code = store_buckets_load(x.view, &x.arena, &x.buckets, e);
        x.buffer = text_into(arena_bytes(&x.arena, EXPORT_BUFFER_BYTES), EXPORT_BUFFER_BYTES);
        if (code == OK)
            code =
                disk_open(AT_FDCWD, path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600, &x.fd, e);
        if (code == OK) {
            code = logs_list(&x, m.size, e);
            if (code == OK) code = rows_export(&x, e);
            disk_close(x.fd);
        }
        arena_space_release(&space);
    }
    engine_view_close(x.view);
    return code;
}
