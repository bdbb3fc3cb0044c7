/* A snapshot imported into a turn: what is new and what it replaces, written under one more generation. */
#include <stdlib.h>

#include "register/kept.h"

struct import {
    struct engine_turn *turn;
    const struct register_snapshot *snapshot;
    struct arena *arena;
    uint64_t generation;
    int64_t at_ns;
    struct register_changes changes;
    char *row; /* memory for one engine row */
    size_t row_cap;
};

static enum error_code now_write(struct import *i, const struct kept_key *key, str canonical,
                                 struct error *e) {
    struct pack p = pack_into(i->row, i->row_cap);
    str row;
    pack_u64(&p, i->generation);
    pack_str(&p, canonical);
    TRY(pack_done(&p, "a row of the register", &row, e));
    return engine_turn_put(i->turn, ENGINE_META, kept_key_str(key), row, e);
}

static enum error_code was_write(struct import *i, const struct kept_key *key, uint64_t came_with,
                                 str canonical, struct error *e) {
    struct pack p = pack_into(i->row, i->row_cap);
    struct kept_key was = kept_key_with_generation(*key, came_with);
    str row;
    memcpy(was.at, KEPT_WAS.at, KEPT_WAS.len); /* both prefixes are as long */
    pack_u64(&p, i->generation);
    pack_i64(&p, i->at_ns);
    pack_str(&p, canonical);
    TRY(pack_done(&p, "a row of the register", &row, e));
    return engine_turn_put(i->turn, ENGINE_META, kept_key_str(&was), row, e);
}

/* Writes one change: `before` is empty for what is new, `after` for what is gone. */
static enum error_code change_write(struct import *i, const struct kept_key *key,
                                    uint64_t came_with, const struct register_change *change,
                                    struct error *e) {
    if (change->before.len > 0) TRY(was_write(i, key, came_with, change->before, e));
    if (change->after.len > 0) return now_write(i, key, change->after, e);
    return engine_turn_delete(i->turn, ENGINE_META, kept_key_str(key), e);
}

/* An old row of the engine, copied. */
struct old_row {
    struct kept_parts parts;
    uint64_t came_with;
    str canonical;
};
static enum error_code old_row_read(str key, str row, struct arena *arena, struct old_row *out,
                                    struct error *e) {
    struct unpack u = unpack_from(row);
    out->came_with = unpack_u64(&u);
    str canonical = unpack_str(&u);
    TRY(unpack_done(&u, "a row of the register", e));
    TRY(arena_copy(arena, key, &key, e));
    TRY(kept_key_read(key, KEPT_NOW, false, &out->parts, e));
    return arena_copy(arena, canonical, &out->canonical, e);
}

struct old_rows {
    struct old_row *list;
    size_t count, most;
};
static enum error_code old_rows_read(struct import *i, uint64_t row_count, struct old_rows *out,
                                     struct error *e) {
    struct engine_scan *scan;
    out->most = (size_t)row_count + REGISTER_KIND_COUNT;
    out->list = arena_new(i->arena, struct old_row, out->most);
    if (out->list == NULL) return error_set(e, FAIL_MEMORY, "no room for the register's old rows");
    TRY(engine_turn_scan(i->turn, ENGINE_META, KEPT_NOW, KEPT_NOW_END, &scan, e));
    enum error_code code = OK;
    bool more = true;
    while (code == OK) {
        str key, row;
        code = engine_scan_next(scan, &more, &key, &row, e);
        if (code != OK || !more) break;
        if (out->count == out->most)
            code = error_set(e, FAIL_CORRUPT, "the register holds more rows than its head says");
        else if ((code = old_row_read(key, row, i->arena, &out->list[out->count], e)) == OK)
            out->count++;
    }
    engine_scan_close(scan);
    return code;
}

static int parts_compare(const struct kept_parts *a, const struct kept_parts *b) {
    if (a->kind != b->kind) return a->kind < b->kind ? -1 : 1;
    int order = str_compare(a->id, b->id);
    if (order != 0) return order;
    return a->from_ns < b->from_ns ? -1 : a->from_ns > b->from_ns;
}
static int old_rows_order(const void *a, const void *b) {
    return parts_compare(&((const struct old_row *)a)->parts, &((const struct old_row *)b)->parts);
}

/* The rows of the new snapshot with those that stand for complete lists, in order. */
struct new_row {
    struct kept_parts parts;
    str canonical;
};
static enum error_code new_rows_make(struct import *i, struct new_row **out, size_t *count,
                                     struct error *e) {
    const struct register_snapshot *s = i->snapshot;
    struct new_row *rows = arena_new(i->arena, struct new_row, s->row_count + REGISTER_KIND_COUNT);
    if (rows == NULL) return error_set(e, FAIL_MEMORY, "no room for the register's rows");
    *count = 0;
    for (unsigned k = 0; k < REGISTER_KIND_COUNT; k++) {
        if (s->lists[k].is_complete) {
            char as_of[CLOCK_TEXT_BYTES];
            time_write(s->lists[k].as_of_ns, as_of);
            struct new_row *row = &rows[(*count)++];
            row->parts = (struct kept_parts){.kind = (enum register_kind)k, .from_ns = INT64_MIN};
            TRY(arena_format(i->arena, &row->canonical, e, "{\"complete\":true,\"as_of\":\"%s\"}",
                             as_of));
        }
        for (size_t r = s->first[k]; r < s->first[k + 1]; r++)
            rows[(*count)++] = (struct new_row){
                {(enum register_kind)k, s->rows[r].id, s->rows[r].valid_from_ns, 0},
                s->rows[r].canonical};
    }
    *out = rows;
    return OK;
}

static enum error_code head_write(struct import *i, size_t row_count, struct register_head *head,
                                  struct error *e) {
    struct pack p = pack_into(i->row, i->row_cap);
    str row;
    *head = (struct register_head){i->generation, i->snapshot->sha256, i->at_ns, row_count};
    pack_u8(&p, KEPT_VERSION);
    pack_u64(&p, head->generation);
    pack_raw(&p, head->sha256.at, DIGEST_BYTES);
    pack_i64(&p, head->imported_ns);
    pack_u64(&p, head->row_count);
    TRY(pack_done(&p, "the register's head", &row, e));
    return engine_turn_put(i->turn, ENGINE_META, KEPT_HEAD, row, e);
}

/* Both lists in order: walks them side by side and writes what differs. */
static enum error_code rows_merge(struct import *i, const struct old_rows *old,
                                  const struct new_row *new, size_t new_count, struct error *e) {
    size_t o = 0, n = 0;
    i->changes.list = arena_new(i->arena, struct register_change, old->count + new_count);
    if (i->changes.list == NULL) return error_set(e, FAIL_MEMORY, "no room for a list of changes");
    while (o < old->count || n < new_count) {
        int order = o == old->count  ? 1
                    : n == new_count ? -1
                                     : parts_compare(&old->list[o].parts, &new[n].parts);
        const struct kept_parts *parts = order <= 0 ? &old->list[o].parts : &new[n].parts;
        uint64_t came_with = order <= 0 ? old->list[o].came_with : 0;
        struct register_change change = {.what = order < 0   ? REGISTER_REMOVED
                                                 : order > 0 ? REGISTER_ADDED
                                                             : REGISTER_CHANGED,
                                         .kind = parts->kind,
                                         .id = parts->id,
                                         .valid_from_ns = parts->from_ns,
                                         .before = order <= 0 ? old->list[o].canonical : STR_EMPTY,
                                         .after = order >= 0 ? new[n].canonical : STR_EMPTY};
        o += order <= 0;
        n += order >= 0;
        if (order == 0 && str_equal(change.before, change.after)) continue;
        struct kept_key key =
            kept_key_of(KEPT_NOW, register_kind_of(parts->kind)->key, parts->id, parts->from_ns);
        TRY(change_write(i, &key, came_with, &change, e));
        i->changes.list[i->changes.count++] = change;
    }
    return OK;
}

static enum error_code turn_head(struct engine_turn *turn, struct register_head *out,
                                 struct error *e) {
    char memory[256];
    struct arena arena = arena_over(memory, sizeof memory);
    str row;
    bool found;
    *out = (struct register_head){0};
    TRY(engine_turn_get(turn, ENGINE_META, KEPT_HEAD, &arena, &row, &found, e));
    return found ? kept_head_parse(row, out, e) : OK;
}

enum error_code register_import(struct engine_turn *turn, const struct register_snapshot *snapshot,
                                int64_t at_ns, struct arena *arena,
                                struct register_changes *changes, struct register_head *head,
                                struct error *e) {
    struct import i = {.turn = turn, .snapshot = snapshot, .arena = arena, .at_ns = at_ns};
    struct register_head before;
    struct old_rows old = {0};
    struct new_row *new = NULL;
    size_t new_count = 0;
    TRY(turn_head(turn, &before, e));
    if (before.generation > 0 && digest_equal(&before.sha256, &snapshot->sha256)) {
        *changes = (struct register_changes){0};
        *head = before;
        return OK;
    }
    i.generation = before.generation + 1;
    i.row_cap = LIMIT_REGISTER_ROW_BYTES + 64;
    i.row = arena_bytes(arena, i.row_cap);
    if (i.row == NULL) return error_set(e, FAIL_MEMORY, "no room for a row of the register");
    TRY(old_rows_read(&i, before.row_count, &old, e));
    if (old.count > 0) qsort(old.list, old.count, sizeof *old.list, old_rows_order);
    TRY(new_rows_make(&i, &new, &new_count, e));
    TRY(rows_merge(&i, &old, new, new_count, e));
    TRY(head_write(&i, new_count, head, e));
    *changes = i.changes;
    return OK;
}
