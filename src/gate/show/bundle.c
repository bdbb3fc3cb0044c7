/* The ledger's part of a bundle: which logs of the line the period reaches, what is opened of their
 * entries, and what is told of it. */
#include "gate/show/bundle.h"

#include "base/disk.h"

#include <fcntl.h>
#include <stdio.h>

enum { BUNDLE_SPACE_BYTES = 64 << 20 };

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

/* ---- what is opened ---- */

static enum error_code fields_take(struct bundling *b, struct error *e) {
    bool wanted[BUNDLE_FIELDS_MOST + 1] = {false};
    for (size_t i = 0; i < b->ask->field_count; i++) {
        enum evidence_field field;
        if (!evidence_field_find(b->ask->fields[i], &field))
            return error_set(e, FAIL_USAGE,
                             "\"%.*s\" is no field: bucket key version size digest time user "
                             "address facts request dataset source detail subject",
                             STR_FMT(b->ask->fields[i]));
        wanted[field] = true;
    }
    for (unsigned field = 1; field <= BUNDLE_FIELDS_MOST; field++)
        if (wanted[field]) b->fields[b->field_count++] = (enum evidence_field)field;
    return OK;
}

/* ---- what is told of it ---- */

static void text_set(json_t *out, const char *name, str value) {
    json_object_set_new(out, name, json_stringn(value.at != NULL ? value.at : "", value.len));
}

static void number_set(json_t *out, const char *name, uint64_t value) {
    json_object_set_new(out, name, json_integer((json_int_t)value));
}

static void counts_begin(struct bundling *b, json_t *out) {
    b->counts = json_object();
    for (unsigned k = 0; k < EVIDENCE_TALLY_KINDS; k++)
        json_object_set_new(b->counts, evidence_tally_name((enum evidence_tally_kind)k),
                            json_object());
    json_object_set_new(out, "counts", b->counts);
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
    number_set(out, "first", b->plan->logs[0].range.first);
    number_set(out, "end", b->plan->logs[0].range.end);
    number_set(out, "entries", b->entries);
    json_object_set_new(out, "opened_fields", fields);
    number_set(out, "opened", b->opened);
    number_set(out, "withheld", b->withheld);
    return OK;
}

/* The newest first: of its first entries in the period depends which others belong here. */
static enum error_code logs_write(struct bundling *b, struct error *e) {
    struct bundle_plan *plan = arena_new(&b->arena, struct bundle_plan, 1);
    if (plan == NULL) return error_set(e, FAIL_MEMORY, "no room for a bundle");
    b->plan = plan;
    plan->count = 1;
    plan->logs[0].number = ledger_number(b->gate->ledger);
    TRY(bundle_log_write(b, &plan->logs[0], e));
    TRY(bundle_plan_rest(b->gate, b->ask, b->once, plan, e));
    for (size_t i = 1; i < plan->count; i++) TRY(bundle_log_write(b, &plan->logs[i], e));
    for (size_t i = 0; i < plan->count; i++) TRY(bundle_log_open(b, &plan->logs[i], e));
    return OK;
}

static enum error_code write_all(struct bundling *b, json_t *out, struct error *e) {
    counts_begin(b, out);
    TRY(fields_take(b, e));
    TRY(gate_target_make(b->gate, b->ask->dir, 0755, e));
    TRY(logs_write(b, e));
    TRY(head_tell(b, out, e));
    TRY(bundle_past_tell(b, out, e));
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
