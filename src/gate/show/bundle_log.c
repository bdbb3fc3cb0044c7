/* One log's share of a bundle: its tiles and the entries of the period, the fields that are opened, and
 * the counts. Reads what was exported, so that counts are of those very bytes. */
#include "gate/show/bundle.h"

#include "base/disk.h"

#include <fcntl.h>
#include <stdio.h>

enum {
    BUNDLE_FILE_BYTES = 2 << 20, /* 256 entries of LIMIT_ENTRY_BYTES, and their lengths */
    TALLY_SPACE_BYTES = 64 << 20,
    OPENED_BUFFER_BYTES = 1 << 20,
    OPENED_LINE_BYTES = (EVIDENCE_OPENING_BYTES + LIMIT_ENTRY_BYTES + 8192) * 4 / 3,
    NAME_BYTES = 32, /* of a log's folder and file */
};
_Static_assert(TLOG_TILE_WIDTH *(2 + LIMIT_ENTRY_BYTES) <= BUNDLE_FILE_BYTES, "a bundle fits");
_Static_assert(2 * OPENED_LINE_BYTES <= OPENED_BUFFER_BYTES, "a line fits");

/* What is opened of one log, on its way into the file. */
struct opening_out {
    struct bundling *bundling;
    const struct bundle_log *log;
    struct evidence_tally tally;
    struct text buffer;
    int fd;
    uint64_t written;
};

static bool is_newest(const struct bundling *b, const struct bundle_log *log) {
    return log->number == ledger_number(b->gate->ledger);
}

static void folder_name(const struct bundling *b, const struct bundle_log *log,
                        char out[NAME_BYTES]) {
    if (is_newest(b, log))
        snprintf(out, NAME_BYTES, "ledger");
    else
        snprintf(out, NAME_BYTES, "ledger/old/%u", log->number);
}

static void opened_name(const struct bundling *b, const struct bundle_log *log,
                        char out[NAME_BYTES]) {
    if (is_newest(b, log))
        snprintf(out, NAME_BYTES, "opened");
    else
        snprintf(out, NAME_BYTES, "opened-%u", log->number);
}

/* ---- which entries ---- */

/* Rows of the code table say which entries name codes: c/ those of the newest log, y/ NUMBER the others'. */
static enum error_code codes_find(struct bundling *b, struct bundle_log *log, struct error *e) {
    unsigned char from[6] = "y/", until[6] = "y/";
    str first = STR("c/"), end = STR("c0");
    struct engine_scan *scan;
    bool more = true;
    if (!is_newest(b, log)) {
        write_be32(from + 2, log->number);
        write_be32(until + 2, log->number + 1);
        first = str_of(from, sizeof from);
        end = str_of(until, sizeof until);
    }
    log->has_codes = arena_new(&b->arena, bool, log->bundle_count);
    if (log->has_codes == NULL) return error_set(e, FAIL_LIMIT, "a log too long for one bundle");
    TRY(engine_view_scan(b->view, ENGINE_META, first, end, &scan, e));
    enum error_code code = OK;
    while (code == OK) {
        str key, row;
        code = engine_scan_next(scan, &more, &key, &row, e);
        if (code != OK || !more) break;
        uint64_t at = row.len > 8 ? read_be64(row.at) / TLOG_TILE_WIDTH : UINT64_MAX;
        if (at < log->bundle_count) log->has_codes[at] = true;
    }
    engine_scan_close(scan);
    return code;
}

/* The entries of the period, and one on each side of it, which shows that it begins and ends there. In a log
 * whose first entry is of the period or later, its first entries say which logs came before. */
static bool bundle_wanted(void *self, uint64_t bundle) {
    const struct bundle_log *log = self;
    uint64_t first = bundle * TLOG_TILE_WIDTH;
    uint64_t low = log->range.first > 0 ? log->range.first - 1 : 0;
    bool in_period = first <= log->range.end && first + TLOG_TILE_WIDTH > low;
    return in_period || bundle == log->marked ||
           (bundle < log->bundle_count && log->has_codes[bundle]);
}

static enum error_code newest_write(struct bundling *b, struct bundle_log *log, const char *dir,
                                    struct error *e) {
    struct ledger_state state;
    struct tlog_checkpoint head;
    str note;
    ledger_state(b->gate->ledger, &state);
    log->bundle_count = tlog_tile_count(0, state.committed_size);
    TRY(bundle_range_find(b->gate, log->number, b->ask, state.committed_size, b->once, &log->range,
                          e));
    /* What is written meanwhile may belong to a period that is not over. */
    if (log->range.end == state.committed_size) log->range.end = UINT64_MAX;
    TRY(codes_find(b, log, e));
    TRY(ledger_export_part(b->gate->ledger, dir, bundle_wanted, log, e));
    TRY(bundle_head_read(b->gate, b->ask->dir, &b->arena, &head, &note, e));
    /* One that has the openings of everything the head has. */
    engine_view_close(b->view);
    b->view = NULL;
    TRY(engine_view_open(b->gate->engine, &b->view, e));
    return bundle_range_find(b->gate, log->number, b->ask, head.size, b->once, &log->range, e);
}

/* The entries up to its last checkpoint are held against that, where it is of fewer than are left. */
static void mark_find(struct bundling *b, struct bundle_log *log) {
    struct arena arena = b->once;
    struct tlog_checkpoint head;
    struct tlog_note *note = arena_new(&arena, struct tlog_note, 1);
    str bytes;
    if (note != NULL && ledger_old_note(b->gate->ledger, log->number, &arena, &bytes, NULL) == OK &&
        tlog_note_parse(bytes, note, NULL) == OK &&
        tlog_checkpoint_parse(note->text, &head, NULL) == OK && head.size > 0 &&
        head.size < log->range.size)
        log->marked = (head.size - 1) / TLOG_TILE_WIDTH;
}

enum error_code bundle_log_write(struct bundling *b, struct bundle_log *log, struct error *e) {
    char name[NAME_BYTES], path[BUNDLE_PATH_BYTES];
    folder_name(b, log, name);
    TRY(bundle_path(b->ask->dir, name, path, e));
    log->marked = UINT64_MAX;
    if (is_newest(b, log)) return newest_write(b, log, path, e);
    log->bundle_count = tlog_tile_count(0, log->range.size);
    TRY(codes_find(b, log, e));
    mark_find(b, log);
    TRY(disk_make_dirs(AT_FDCWD, path, 0755, e));
    return ledger_old_export_part(b->gate->ledger, log->number, path, bundle_wanted, log, e);
}

/* ---- what is opened ---- */

static bool type_has(enum evidence_type type, enum evidence_field field) {
    const enum evidence_field *fields;
    size_t count = evidence_type_fields(type, &fields);
    for (size_t i = 0; i < count; i++)
        if (fields[i] == field) return true;
    return false;
}

static enum error_code opened_flush(struct opening_out *o, struct error *e) {
    TRY(disk_write(o->fd, o->buffer.at, o->buffer.len, o->written, "the opened fields", e));
    o->written += o->buffer.len;
    o->buffer.len = 0;
    return OK;
}

static enum error_code line_write(struct opening_out *o, uint64_t index, str extra,
                                  struct error *e) {
    struct text *buffer = &o->buffer;
    if (buffer->cap - buffer->len < OPENED_LINE_BYTES + 32) TRY(opened_flush(o, e));
    text_add_count(buffer, index);
    text_add_char(buffer, ' ');
    if (base64_bytes(extra.len) + 1 > buffer->cap - buffer->len)
        return error_set(e, FAIL_LIMIT, "an opening is too long");
    buffer->len += base64_write(extra.at, extra.len, buffer->at + buffer->len);
    text_add_char(buffer, '\n');
    return OK;
}

static enum error_code entry_open(struct opening_out *o, uint64_t index, enum evidence_type type,
                                  str bytes, struct arena arena, struct error *e) {
    struct bundling *b = o->bundling;
    struct evidence_open opens[BUNDLE_FIELDS_MOST];
    struct evidence_extra extra = {.entry = bytes, .opens = opens};
    struct evidence_opening opening;
    str encoded;
    bool any = false;
    for (size_t i = 0; i < b->field_count; i++) any |= type_has(type, b->fields[i]);
    if (!any) return OK;
    enum error_code code =
        gate_opening_read(b->gate, b->view, o->log->number, index, &arena, &opening, e);
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
    return line_write(o, index, encoded, e);
}

/* ---- reading back what was exported ---- */

static enum error_code entry_take(struct opening_out *o, uint64_t index, str bytes,
                                  struct arena arena, struct error *e) {
    const struct bundle_range *range = &o->log->range;
    struct evidence_entry entry;
    TRY(evidence_entry_decode(bytes, &arena, &entry, e));
    TRY(evidence_tally_learn(&o->tally, &entry, e));
    if (index < range->first || index >= range->end) return OK;
    o->bundling->entries++;
    TRY(evidence_tally_add(&o->tally, &entry, e));
    return entry_open(o, index, entry.type, bytes, arena, e);
}

static enum error_code bundle_take(struct opening_out *o, uint64_t at, struct error *e) {
    struct bundling *b = o->bundling;
    struct tlog_tile tile = {
        .is_entries = true, .index = at, .width = tlog_tile_width(0, at, o->log->range.size)};
    char folder[NAME_BYTES], name[TLOG_TILE_PATH_BYTES], below[NAME_BYTES + TLOG_TILE_PATH_BYTES],
        path[BUNDLE_PATH_BYTES];
    struct arena arena = b->once;
    str file, entries[TLOG_TILE_WIDTH];
    tlog_tile_path_write(&tile, name);
    folder_name(b, o->log, folder);
    snprintf(below, sizeof below, "%s/%s", folder, name);
    TRY(bundle_path(b->ask->dir, below, path, e));
    TRY(disk_file_read(AT_FDCWD, path, BUNDLE_FILE_BYTES, &arena, &file, e));
    uint64_t first = at * TLOG_TILE_WIDTH;
    TRY(tlog_bundle_read(file, tile.width, entries, e));
    for (unsigned i = 0; i < tile.width; i++) TRY(entry_take(o, first + i, entries[i], arena, e));
    return OK;
}

static enum error_code entries_take(struct opening_out *o, struct error *e) {
    struct bundling *b = o->bundling;
    char name[NAME_BYTES], path[BUNDLE_PATH_BYTES];
    opened_name(b, o->log, name);
    TRY(bundle_path(b->ask->dir, name, path, e));
    TRY(disk_open(AT_FDCWD, path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644, &o->fd, e));
    enum error_code code = OK;
    for (uint64_t at = 0; code == OK && at < o->log->bundle_count; at++)
        if (at * TLOG_TILE_WIDTH < o->log->range.size &&
            bundle_wanted((void *)(uintptr_t)o->log, at))
            code = bundle_take(o, at, e);
    if (code == OK) code = opened_flush(o, e);
    if (code == OK) code = disk_sync(o->fd, "the opened fields", e);
    disk_close(o->fd);
    return code;
}

/* Codes mean what their own log says: so each log is counted by itself, and the names are added up. */
static enum error_code counts_add(struct opening_out *o, struct error *e) {
    const struct evidence_tally_row *rows;
    size_t count;
    TRY(evidence_tally_rows(&o->tally, &rows, &count, e));
    for (size_t i = 0; i < count; i++) {
        json_t *table = json_object_get(o->bundling->counts, evidence_tally_name(rows[i].kind));
        str name = rows[i].name;
        json_int_t before = json_integer_value(json_object_getn(table, name.at, name.len));
        json_object_setn_new_nocheck(table, name.at, name.len,
                                     json_integer(before + (json_int_t)rows[i].count));
    }
    return OK;
}

enum error_code bundle_log_open(struct bundling *b, const struct bundle_log *log, struct error *e) {
    struct opening_out o = {.bundling = b, .log = log};
    struct arena_space space;
    struct arena arena;
    TRY(arena_space_open(&space, TALLY_SPACE_BYTES, &arena, e));
    char *buffer = arena_bytes(&arena, OPENED_BUFFER_BYTES);
    assert(buffer != NULL);
    o.buffer = text_into(buffer, OPENED_BUFFER_BYTES);
    enum error_code code = evidence_tally_open(&o.tally, &arena, e);
    if (code == OK) code = entries_take(&o, e);
    if (code == OK) code = counts_add(&o, e);
    arena_space_release(&space);
    return code;
}
