/* The ledger's part of a bundle: the entries of a period with their tiles, the fields that are opened,
 * and the counts. Reads what was exported, so that counts are of those very bytes. */
#include "gate/show/bundle.h"

#include "base/disk.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    BUNDLE_SPACE_BYTES = 64 << 20,
    BUNDLE_FILE_BYTES = 2 << 20, /* 256 entries of LIMIT_ENTRY_BYTES, and their lengths */
    OPENED_BUFFER_BYTES = 1 << 20,
    OPENED_LINE_BYTES = (EVIDENCE_OPENING_BYTES + LIMIT_ENTRY_BYTES + 8192) * 4 / 3,
    FIELDS_MOST = EVIDENCE_FIELD_LAST,
};
_Static_assert(TLOG_TILE_WIDTH *(2 + LIMIT_ENTRY_BYTES) <= BUNDLE_FILE_BYTES, "a bundle fits");
_Static_assert(2 * OPENED_LINE_BYTES <= OPENED_BUFFER_BYTES, "a line fits");

struct bundling {
    struct gate_visit *visit;
    struct gate *gate;
    const struct gate_bundle_ask *ask;
    struct bundle_range range;
    enum evidence_field fields[FIELDS_MOST]; /* ascending */
    size_t field_count;
    bool *has_codes; /* of each entry bundle: it is needed for what codes mean */
    uint64_t bundle_count;
    struct engine_view *view;
    struct arena arena, once; /* of the whole; of one bundle, passed by copy */
    struct evidence_tally tally;
    struct text buffer;
    int fd;
    uint64_t written, entries, opened, withheld;
};

enum error_code bundle_path(const char *dir, const char *name, char out[BUNDLE_PATH_BYTES],
                            struct error *e) {
    int used = snprintf(out, BUNDLE_PATH_BYTES, "%s/%s", dir, name);
    if (used > 0 && used < BUNDLE_PATH_BYTES) return OK;
    return error_set(e, FAIL_LIMIT, "the folder's path is too long");
}

/* ---- the period ---- */

/* The first of `size` entries that is not before `minute`. */
static enum error_code edge_find(struct gate *gate, uint32_t number, struct engine_view *view,
                                 uint32_t minute, uint64_t size, struct arena arena, uint64_t *out,
                                 struct error *e) {
    uint64_t low = 0, high = size;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        struct arena near = arena, scratch = arena;
        struct evidence_entry entry;
        str bytes;
        near.end = near.next + 2 * LIMIT_ENTRY_BYTES + 8192;
        scratch.next = near.end;
        TRY(ledger_entry_read(gate->ledger, number, middle, view, &near, scratch, &bytes, e));
        TRY(evidence_entry_decode(bytes, &near, &entry, e));
        if (entry.minute < minute)
            low = middle + 1;
        else
            high = middle;
    }
    *out = low;
    return OK;
}

enum error_code bundle_range_find(struct gate *gate, uint32_t number,
                                  const struct gate_bundle_ask *ask, uint64_t size,
                                  struct arena arena, struct bundle_range *out, struct error *e) {
    struct engine_view *view;
    TRY(engine_view_open(gate->engine, &view, e));
    out->size = size;
    enum error_code code = edge_find(gate, number, view, ask->from, size, arena, &out->first, e);
    if (code == OK) code = edge_find(gate, number, view, ask->until, size, arena, &out->end, e);
    engine_view_close(view);
    return code;
}

enum error_code bundle_head_read(struct gate *gate, const char *dir, struct arena *arena,
                                 struct tlog_checkpoint *out, str *note, struct error *e) {
    char path[BUNDLE_PATH_BYTES];
    struct tlog_vkey key;
    TRY(bundle_path(dir, "ledger/checkpoint", path, e));
    TRY(disk_file_read(AT_FDCWD, path, TLOG_NOTE_BYTES_MAX, arena, note, e));
    TRY(tlog_vkey_parse(gate_ledger_vkey(gate), &key, e));
    return tlog_checkpoint_open(*note, &key, NULL, out, e);
}

/* ---- which bundles ---- */

/* Rows of the code table say which entries name codes. */
static enum error_code codes_find(struct bundling *b, struct error *e) {
    struct engine_scan *scan;
    bool more = true;
    TRY(engine_view_scan(b->view, ENGINE_META, STR("c/"), STR("c0"), &scan, e));
    enum error_code code = OK;
    while (code == OK) {
        str key, row;
        code = engine_scan_next(scan, &more, &key, &row, e);
        if (code != OK || !more) break;
        uint64_t at = row.len > 8 ? read_be64(row.at) / TLOG_TILE_WIDTH : UINT64_MAX;
        if (at < b->bundle_count) b->has_codes[at] = true;
    }
    engine_scan_close(scan);
    return code;
}

static bool bundle_wanted(void *self, uint64_t bundle) {
    const struct bundling *b = self;
    uint64_t first = bundle * TLOG_TILE_WIDTH;
    bool in_period = first < b->range.end && first + TLOG_TILE_WIDTH > b->range.first;
    return in_period || (bundle < b->bundle_count && b->has_codes[bundle]);
}

static enum error_code ledger_write(struct bundling *b, struct error *e) {
    char path[BUNDLE_PATH_BYTES];
    struct ledger_state state;
    struct tlog_checkpoint head;
    str note;
    ledger_state(b->gate->ledger, &state);
    b->bundle_count = tlog_tile_count(0, state.committed_size);
    b->has_codes = arena_new(&b->arena, bool, b->bundle_count);
    if (b->has_codes == NULL) return error_set(e, FAIL_LIMIT, "a log too long for one bundle");
    TRY(bundle_range_find(b->gate, ledger_number(b->gate->ledger), b->ask, state.committed_size,
                          b->once, &b->range, e));
    /* What is written meanwhile may belong to a period that is not over. */
    if (b->range.end == state.committed_size) b->range.end = UINT64_MAX;
    TRY(codes_find(b, e));
    TRY(bundle_path(b->ask->dir, "ledger", path, e));
    TRY(ledger_export_part(b->gate->ledger, path, bundle_wanted, b, e));
    TRY(bundle_head_read(b->gate, b->ask->dir, &b->arena, &head, &note, e));
    /* One that has the openings of everything the head has. */
    engine_view_close(b->view);
    b->view = NULL;
    TRY(engine_view_open(b->gate->engine, &b->view, e));
    return bundle_range_find(b->gate, ledger_number(b->gate->ledger), b->ask, head.size, b->once,
                             &b->range, e);
}

/* ---- what is opened ---- */

static enum error_code fields_take(struct bundling *b, struct error *e) {
    bool wanted[FIELDS_MOST + 1] = {false};
    for (size_t i = 0; i < b->ask->field_count; i++) {
        enum evidence_field field;
        if (!evidence_field_find(b->ask->fields[i], &field))
            return error_set(e, FAIL_USAGE,
                             "\"%.*s\" is no field: bucket key version size digest time user "
                             "address facts request dataset source detail subject",
                             STR_FMT(b->ask->fields[i]));
        wanted[field] = true;
    }
    for (unsigned field = 1; field <= FIELDS_MOST; field++)
        if (wanted[field]) b->fields[b->field_count++] = (enum evidence_field)field;
    return OK;
}

static bool type_has(enum evidence_type type, enum evidence_field field) {
    const enum evidence_field *fields;
    size_t count = evidence_type_fields(type, &fields);
    for (size_t i = 0; i < count; i++)
        if (fields[i] == field) return true;
    return false;
}

static enum error_code opened_flush(struct bundling *b, struct error *e) {
    TRY(disk_write(b->fd, b->buffer.at, b->buffer.len, b->written, "the opened fields", e));
    b->written += b->buffer.len;
    b->buffer.len = 0;
    return OK;
}

static enum error_code line_write(struct bundling *b, uint64_t index, str extra, struct error *e) {
    if (b->buffer.cap - b->buffer.len < OPENED_LINE_BYTES + 32) TRY(opened_flush(b, e));
    text_add_count(&b->buffer, index);
    text_add_char(&b->buffer, ' ');
    if (base64_bytes(extra.len) + 1 > b->buffer.cap - b->buffer.len)
        return error_set(e, FAIL_LIMIT, "an opening is too long");
    b->buffer.len += base64_write(extra.at, extra.len, b->buffer.at + b->buffer.len);
    text_add_char(&b->buffer, '\n');
    return OK;
}

static enum error_code entry_open(struct bundling *b, uint64_t index, enum evidence_type type,
                                  str bytes, struct arena arena, struct error *e) {
    struct evidence_open opens[FIELDS_MOST];
    struct evidence_extra extra = {.entry = bytes, .opens = opens};
    struct evidence_opening opening;
    str encoded;
    bool any = false;
    for (size_t i = 0; i < b->field_count; i++) any |= type_has(type, b->fields[i]);
    if (!any) return OK;
    enum error_code code = gate_opening_read(b->gate, b->view, ledger_number(b->gate->ledger),
                                             index, &arena, &opening, e);
    if (code == FAIL_NOT_FOUND) b->withheld++; /* its opening was destroyed */
    if (code != OK) return code == FAIL_NOT_FOUND ? OK : code;
    for (size_t i = 0; i < b->field_count; i++)
        if (type_has(type, b->fields[i]))
            TRY(evidence_open_make(opening.type, &opening.osalt, &opening.values, b->fields[i],
                                   &opens[extra.open_count++], e));
    char *memory = arena_bytes(&arena, OPENED_LINE_BYTES);
    if (memory == NULL) return error_set(e, FAIL_MEMORY, "no room for opened fields");
    TRY(evidence_extra_encode(&extra, memory, OPENED_LINE_BYTES * 3 / 4, &encoded, e));
    b->opened += extra.open_count;
    return line_write(b, index, encoded, e);
}

/* ---- reading back what was exported ---- */

static enum error_code entry_take(struct bundling *b, uint64_t index, str bytes, struct arena arena,
                                  struct error *e) {
    struct evidence_entry entry;
    TRY(evidence_entry_decode(bytes, &arena, &entry, e));
    TRY(evidence_tally_learn(&b->tally, &entry, e));
    if (index < b->range.first || index >= b->range.end) return OK;
    b->entries++;
    TRY(evidence_tally_add(&b->tally, &entry, e));
    return entry_open(b, index, entry.type, bytes, arena, e);
}

static enum error_code bundle_take(struct bundling *b, uint64_t at, struct error *e) {
    struct tlog_tile tile = {
        .is_entries = true, .index = at, .width = tlog_tile_width(0, at, b->range.size)};
    char name[TLOG_TILE_PATH_BYTES], below[TLOG_TILE_PATH_BYTES + 8], path[BUNDLE_PATH_BYTES];
    struct arena arena = b->once;
    str file, entries[TLOG_TILE_WIDTH];
    tlog_tile_path_write(&tile, name);
    snprintf(below, sizeof below, "ledger/%s", name);
    TRY(bundle_path(b->ask->dir, below, path, e));
    TRY(disk_file_read(AT_FDCWD, path, BUNDLE_FILE_BYTES, &arena, &file, e));
    uint64_t first = at * TLOG_TILE_WIDTH;
    TRY(tlog_bundle_read(file, tile.width, entries, e));
    for (unsigned i = 0; i < tile.width; i++) TRY(entry_take(b, first + i, entries[i], arena, e));
    return OK;
}

static enum error_code entries_take(struct bundling *b, struct error *e) {
    char path[BUNDLE_PATH_BYTES];
    TRY(bundle_path(b->ask->dir, "opened", path, e));
    TRY(disk_open(AT_FDCWD, path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644, &b->fd, e));
    enum error_code code = OK;
    for (uint64_t at = 0; code == OK && at * TLOG_TILE_WIDTH < b->range.size; at++)
        if (bundle_wanted(b, at)) code = bundle_take(b, at, e);
    if (code == OK) code = opened_flush(b, e);
    if (code == OK) code = disk_sync(b->fd, "the opened fields", e);
    disk_close(b->fd);
    return code;
}

/* ---- what is told of it ---- */

static void text_set(json_t *out, const char *name, str value) {
    json_object_set_new(out, name, json_stringn(value.at != NULL ? value.at : "", value.len));
}

static void number_set(json_t *out, const char *name, uint64_t value) {
    json_object_set_new(out, name, json_integer((json_int_t)value));
}

static enum error_code counts_tell(struct bundling *b, json_t *out, struct error *e) {
    const struct evidence_tally_row *rows;
    size_t count;
    json_t *counts = json_object(), *tables[EVIDENCE_TALLY_KINDS];
    for (unsigned k = 0; k < EVIDENCE_TALLY_KINDS; k++) {
        tables[k] = json_object();
        json_object_set_new(counts, evidence_tally_name((enum evidence_tally_kind)k), tables[k]);
    }
    json_object_set_new(out, "counts", counts);
    TRY(evidence_tally_rows(&b->tally, &rows, &count, e));
    for (size_t i = 0; i < count; i++)
        json_object_setn_new_nocheck(tables[rows[i].kind], rows[i].name.at, rows[i].name.len,
                                     json_integer((json_int_t)rows[i].count));
    return OK;
}

static enum error_code head_tell(struct bundling *b, json_t *out, struct error *e) {
    struct tlog_checkpoint head;
    struct tlog_note *note = arena_new(&b->arena, struct tlog_note, 1);
    char hex[2 * DIGEST_BYTES];
    str bytes;
    if (note == NULL) return error_set(e, FAIL_MEMORY, "no room for a checkpoint");
    TRY(bundle_head_read(b->gate, b->ask->dir, &b->arena, &head, &bytes, e));
    TRY(tlog_note_parse(bytes, note, e));
    json_t *cosigned = json_array(), *fields = json_array();
    for (unsigned i = 0; i < note->count; i++)
        if (!str_equal(note->lines[i].name, head.origin))
            json_array_append_new(cosigned,
                                  json_stringn(note->lines[i].name.at, note->lines[i].name.len));
    for (size_t i = 0; i < b->field_count; i++)
        json_array_append_new(fields, json_string(evidence_field_name(b->fields[i])));
    hex_write(head.root.at, DIGEST_BYTES, hex);
    text_set(out, "log", head.origin);
    text_set(out, "key", gate_ledger_vkey(b->gate));
    number_set(out, "size", head.size);
    text_set(out, "root", str_of(hex, sizeof hex));
    json_object_set_new(out, "cosigned", cosigned);
    number_set(out, "first", b->range.first);
    number_set(out, "end", b->range.end);
    number_set(out, "entries", b->entries);
    json_object_set_new(out, "opened_fields", fields);
    number_set(out, "opened", b->opened);
    number_set(out, "withheld", b->withheld);
    return OK;
}

static enum error_code write_all(struct bundling *b, json_t *out, struct error *e) {
    char *buffer = arena_bytes(&b->arena, OPENED_BUFFER_BYTES);
    if (buffer == NULL) return error_set(e, FAIL_MEMORY, "no room for a bundle");
    b->buffer = text_into(buffer, OPENED_BUFFER_BYTES);
    TRY(evidence_tally_open(&b->tally, &b->arena, e));
    TRY(fields_take(b, e));
    TRY(disk_make_dirs(AT_FDCWD, b->ask->dir, 0755, e));
    TRY(ledger_write(b, e));
    TRY(entries_take(b, e));
    TRY(counts_tell(b, out, e));
    TRY(head_tell(b, out, e));
    TRY(bundle_past_tell(b->gate, b->ask, out, e));
    TRY(bundle_rulebooks(b->visit, b->ask, out, e));
    return bundle_about(b->visit, b->ask, out, e);
}

enum error_code gate_bundle_write(struct gate_visit *visit, const struct gate_bundle_ask *ask,
                                  json_t *out, struct error *e) {
    struct bundling b = {.visit = visit, .gate = visit->gate, .ask = ask};
    struct arena_space space, once_space = {0};
    TRY(bundle_allowed(visit, e));
    if (ask->from >= ask->until) return error_set(e, FAIL_USAGE, "the period is empty");
    TRY(gate_publish_now(visit->gate, e));
    TRY(arena_space_open(&space, BUNDLE_SPACE_BYTES, &b.arena, e));
    enum error_code code = arena_space_open(&once_space, BUNDLE_SPACE_BYTES, &b.once, e);
    if (code == OK) code = engine_view_open(visit->gate->engine, &b.view, e);
    if (code == OK) code = write_all(&b, out, e);
    if (b.view != NULL) engine_view_close(b.view);
    arena_space_release(&once_space);
    arena_space_release(&space);
    return code;
}
