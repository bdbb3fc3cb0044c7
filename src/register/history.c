/* What changed between two snapshots, and the register in the engine: every row as it is and as it
 * was, by generation.
 *
 *   reg/gen/GENERATION                             register/generation.c
 *   reg/head                                       version, generation, digest, time, rows
 *   reg/now/KIND\0ID\0FROM                         generation it came with, canonical row
 *   reg/was/KIND\0ID\0FROM GENERATION              generation that replaced it, time, canonical row
 *
 * KIND is the key of the table ("sites"), FROM the row's valid_from as 8 bytes that sort,
 * GENERATION 8 bytes: the one the row came with. An empty ID stands for the list itself:
 * {"complete":true,…}. docs/formats/register.md */
#include <stdlib.h>

#include "register/inner.h"

enum { REGISTER_FORMAT_VERSION = 1, KEY_BYTES = 256 };
_Static_assert(KEY_BYTES >= 8 + 16 + LIMIT_REGISTER_ID_BYTES + 2 + 16, "a key fits");

/* ---- differences ---- */

static int row_twins(const struct register_row *a, const struct register_row *b) {
    return row_compare(a, b);
}

enum error_code register_diff(const struct register_snapshot *before,
                              const struct register_snapshot *after, struct arena *arena,
                              struct register_changes *out, struct error *e) {
    size_t before_count = before != NULL ? before->row_count : 0, b = 0, a = 0;
    struct register_changes changes = {0};
    changes.list = arena_new(arena, struct register_change, before_count + after->row_count);
    if (changes.list == NULL) return error_set(e, FAIL_MEMORY, "no room for a list of changes");
    while (b < before_count || a < after->row_count) {
        const struct register_row *old = b < before_count ? &before->rows[b] : NULL;
        const struct register_row *new = a < after->row_count ? &after->rows[a] : NULL;
        int order = old == NULL ? 1 : new == NULL ? -1 : row_twins(old, new);
        const struct register_row *row = order <= 0 ? old : new;
        struct register_change change = {.kind = row->kind,
                                         .id = row->id,
                                         .valid_from_ns = row->valid_from_ns,
                                         .before = order <= 0 ? old->canonical : STR_EMPTY,
                                         .after = order >= 0 ? new->canonical : STR_EMPTY};
        change.what = order < 0 ? REGISTER_REMOVED : order > 0 ? REGISTER_ADDED : REGISTER_CHANGED;
        b += order <= 0;
        a += order >= 0;
        if (order == 0 && str_equal(change.before, change.after)) continue;
        changes.list[changes.count++] = change;
    }
    *out = changes;
    return OK;
}

/* ---- keys and rows ---- */

struct key {
    char at[KEY_BYTES];
    size_t len;
};

static struct key key_of(const char *prefix, const char *kind, str id, int64_t from_ns) {
    struct key k;
    struct pack p = pack_into(k.at, sizeof k.at);
    pack_raw(&p, prefix, strlen(prefix));
    pack_raw(&p, kind, strlen(kind));
    pack_u8(&p, 0);
    pack_raw(&p, id.at, id.len);
    pack_u8(&p, 0);
    pack_u64(&p, (uint64_t)from_ns ^ (uint64_t)1 << 63); /* sorts as the number does */
    assert(!p.overflow);
    k.len = p.len;
    return k;
}

static struct key key_with_generation(struct key k, uint64_t generation) {
    assert(k.len + 8 <= sizeof k.at);
    write_be64(k.at + k.len, generation);
    k.len += 8;
    return k;
}

static str key_str(const struct key *k) {
    return str_of(k->at, k->len);
}

/* What stands after the prefix: kind, id, from; and the generation in rows of history. */
struct key_parts {
    enum register_kind kind;
    str id;
    int64_t from_ns;
    uint64_t generation;
};
static enum error_code key_read(str key, str prefix, bool with_generation, struct key_parts *out,
                                struct error *e) {
    str rest = str_skip(key, prefix.len), kind, id;
    size_t tail = with_generation ? 16 : 8;
    if (!str_starts(key, prefix) || !str_cut(&rest, 0, &kind) || !str_cut(&rest, 0, &id) ||
        rest.len != tail || !register_kind_find(kind, &out->kind))
        return error_set(e, FAIL_CORRUPT, "a row of the register has a key that is none");
    out->id = id;
    out->from_ns = (int64_t)(read_be64(rest.at) ^ (uint64_t)1 << 63);
    out->generation = with_generation ? read_be64(rest.at + 8) : 0;
    return OK;
}

static const str head_key = {"reg/head", 8}, now_prefix = {"reg/now/", 8},
                 was_prefix = {"reg/was/", 8}, now_end = {"reg/now0", 8}, was_end = {"reg/was0", 8};

static enum error_code head_parse(str row, struct register_head *out, struct error *e) {
    struct unpack u = unpack_from(row);
    uint8_t version = unpack_u8(&u);
    if (!u.broken && version != REGISTER_FORMAT_VERSION)
        return error_set(e, FAIL_VERSION,
                         "the register is kept in format %u; this program knows %d", version,
                         REGISTER_FORMAT_VERSION);
    struct register_head head = {.generation = unpack_u64(&u)};
    unpack_raw(&u, head.sha256.at, DIGEST_BYTES);
    head.imported_ns = unpack_i64(&u);
    head.row_count = unpack_u64(&u);
    TRY(unpack_done(&u, "the register's head", e));
    *out = head;
    return OK;
}

enum error_code register_head_read(struct engine_view *view, struct register_head *out,
                                   struct error *e) {
    char memory[256];
    struct arena arena = arena_over(memory, sizeof memory);
    str row;
    bool found;
    TRY(engine_view_get(view, ENGINE_META, head_key, &arena, &row, &found, e));
    if (found) return head_parse(row, out, e);
    *out = (struct register_head){0};
    return OK;
}

/* ---- importing ---- */

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

static enum error_code now_write(struct import *i, const struct key *key, str canonical,
                                 struct error *e) {
    struct pack p = pack_into(i->row, i->row_cap);
    str row;
    pack_u64(&p, i->generation);
    pack_str(&p, canonical);
    TRY(pack_done(&p, "a row of the register", &row, e));
    return engine_turn_put(i->turn, ENGINE_META, key_str(key), row, e);
}

static enum error_code was_write(struct import *i, const struct key *key, uint64_t came_with,
                                 str canonical, struct error *e) {
    struct pack p = pack_into(i->row, i->row_cap);
    struct key was = key_with_generation(*key, came_with);
    str row;
    memcpy(was.at, was_prefix.at, was_prefix.len); /* both prefixes are as long */
    pack_u64(&p, i->generation);
    pack_i64(&p, i->at_ns);
    pack_str(&p, canonical);
    TRY(pack_done(&p, "a row of the register", &row, e));
    return engine_turn_put(i->turn, ENGINE_META, key_str(&was), row, e);
}

/* Writes one change: `before` is empty for what is new, `after` for what is gone. */
static enum error_code change_write(struct import *i, const struct key *key, uint64_t came_with,
                                    const struct register_change *change, struct error *e) {
    if (change->before.len > 0) TRY(was_write(i, key, came_with, change->before, e));
    if (change->after.len > 0) return now_write(i, key, change->after, e);
    return engine_turn_delete(i->turn, ENGINE_META, key_str(key), e);
}

/* An old row of the engine, copied. */
struct old_row {
    struct key_parts parts;
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
    TRY(key_read(key, now_prefix, false, &out->parts, e));
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
    TRY(engine_turn_scan(i->turn, ENGINE_META, now_prefix, now_end, &scan, e));
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

static int parts_compare(const struct key_parts *a, const struct key_parts *b) {
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
    struct key_parts parts;
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
            row->parts = (struct key_parts){.kind = (enum register_kind)k, .from_ns = INT64_MIN};
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
    pack_u8(&p, REGISTER_FORMAT_VERSION);
    pack_u64(&p, head->generation);
    pack_raw(&p, head->sha256.at, DIGEST_BYTES);
    pack_i64(&p, head->imported_ns);
    pack_u64(&p, head->row_count);
    TRY(pack_done(&p, "the register's head", &row, e));
    return engine_turn_put(i->turn, ENGINE_META, head_key, row, e);
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
        const struct key_parts *parts = order <= 0 ? &old->list[o].parts : &new[n].parts;
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
        struct key key =
            key_of(now_prefix.at, register_kind_of(parts->kind)->key, parts->id, parts->from_ns);
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
    TRY(engine_turn_get(turn, ENGINE_META, head_key, &arena, &row, &found, e));
    return found ? head_parse(row, out, e) : OK;
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

/* ---- reading back ---- */

struct restoring {
    struct register_snapshot *s;
    struct arena_space space;
    struct arena arena;
    struct reading reading;
    uint64_t generation;
    size_t rows_max;
};

static enum error_code list_restore(struct restoring *r, enum register_kind kind,
                                    const struct doc_node *node, struct error *e) {
    const struct doc_node *as_of;
    TRY(doc_map_get(node, STR("as_of"), &as_of, e));
    r->s->lists[kind].is_named = r->s->lists[kind].is_complete = true;
    return doc_time_ns(as_of, &r->s->lists[kind].as_of_ns, e);
}

static enum error_code row_restore(struct restoring *r, const struct key_parts *parts,
                                   str canonical, struct error *e) {
    struct arena docs = r->arena, scratch;
    size_t half = arena_left(&docs) / 2;
    scratch = arena_over(docs.next + half, half);
    docs.end = docs.next + half;
    struct doc doc;
    bool is_good;
    TRY(doc_read_yaml(STR("register"), canonical, &docs, scratch, &doc, e));
    if (doc.count != 1) return error_set(e, FAIL_CORRUPT, "a row of the register is no row");
    if (parts->id.len == 0) return list_restore(r, parts->kind, doc.documents[0], e);
    if (r->s->row_count == r->rows_max)
        return error_set(e, FAIL_CORRUPT, "the register holds more rows than its head says");
    struct register_row *row = &r->s->rows[r->s->row_count];
    r->reading.doc_arena = &docs;
    r->reading.references = NULL;
    TRY(row_read(&r->reading, parts->kind, doc.documents[0], row, &is_good, e));
    row->file = STR_EMPTY;
    row->line = row->column = 0;
    TRY(row_canonical(row, &r->s->arena, e));
    if (!str_equal(row->canonical, canonical) || !str_equal(row->id, parts->id))
        return error_set(e, FAIL_CORRUPT,
                         "the row \"%.*s\" of the register is not what was written",
                         STR_FMT(parts->id));
    r->s->row_count++;
    return OK;
}

/* A row of reg/now is of the generation asked when it came no later. */
static enum error_code now_restore(struct restoring *r, str key, str value, struct error *e) {
    struct key_parts parts;
    struct unpack u = unpack_from(value);
    uint64_t came_with = unpack_u64(&u);
    str canonical = unpack_str(&u);
    TRY(unpack_done(&u, "a row of the register", e));
    TRY(key_read(key, now_prefix, false, &parts, e));
    return came_with <= r->generation ? row_restore(r, &parts, canonical, e) : OK;
}

/* A row of reg/was: when it came no later and was replaced later. */
static enum error_code was_restore(struct restoring *r, str key, str value, struct error *e) {
    struct key_parts parts;
    struct unpack u = unpack_from(value);
    uint64_t replaced_by = unpack_u64(&u);
    (void)unpack_i64(&u); /* when it was replaced: for people */
    str canonical = unpack_str(&u);
    TRY(unpack_done(&u, "a row of the register", e));
    TRY(key_read(key, was_prefix, true, &parts, e));
    bool was_then = parts.generation <= r->generation && r->generation < replaced_by;
    return was_then ? row_restore(r, &parts, canonical, e) : OK;
}

static enum error_code
rows_restore(struct restoring *r, struct engine_view *view, str from, str until,
             enum error_code (*one)(struct restoring *r, str key, str value, struct error *e),
             struct error *e) {
    struct engine_scan *scan;
    TRY(engine_view_scan(view, ENGINE_META, from, until, &scan, e));
    enum error_code code = OK;
    bool more = true;
    while (code == OK) {
        str key, value;
        code = engine_scan_next(scan, &more, &key, &value, e);
        if (code != OK || !more) break;
        code = one(r, key, value, e);
    }
    engine_scan_close(scan);
    return code;
}

/* How much there may be: every row, now and before. */
static enum error_code rows_measure(struct engine_view *view, str from, str until, size_t *rows,
                                    size_t *bytes, size_t *largest, struct error *e) {
    struct engine_scan *scan;
    TRY(engine_view_scan(view, ENGINE_META, from, until, &scan, e));
    enum error_code code = OK;
    bool more = true;
    while (code == OK) {
        str key, value;
        code = engine_scan_next(scan, &more, &key, &value, e);
        if (code != OK || !more) break;
        (*rows)++;
        *bytes += value.len;
        *largest = size_max(*largest, value.len);
    }
    engine_scan_close(scan);
    return code;
}

static enum error_code restoring_run(struct restoring *r, struct engine_view *view,
                                     const struct register_head *head, struct error *e) {
    r->reading = (struct reading){.arena = &r->s->arena};
    TRY(rows_restore(r, view, now_prefix, now_end, now_restore, e));
    if (r->generation < head->generation)
        TRY(rows_restore(r, view, was_prefix, was_end, was_restore, e));
    TRY(snapshot_close(r->s, e));
    if (r->generation == head->generation && !digest_equal(&r->s->sha256, &head->sha256))
        return error_set(e, FAIL_CORRUPT, "the register's rows do not have the digest of its head");
    return OK;
}

enum error_code register_restore(struct engine_view *view, uint64_t generation,
                                 struct register_snapshot **out, struct error *e) {
    struct register_head head;
    size_t rows = 0, bytes = 0, largest = 0;
    TRY(register_head_read(view, &head, e));
    if (generation == UINT64_MAX) generation = head.generation;
    if (generation == 0 || generation > head.generation)
        return error_set(e, FAIL_NOT_FOUND,
                         "the register has no generation %llu; the newest is %llu",
                         (unsigned long long)generation, (unsigned long long)head.generation);
    TRY(rows_measure(view, now_prefix, now_end, &rows, &bytes, &largest, e));
    if (generation < head.generation)
        TRY(rows_measure(view, was_prefix, was_end, &rows, &bytes, &largest, e));
    struct restoring r = {.generation = generation, .rows_max = rows};
    enum { DOC_BYTES_A_BYTE = 64, SNAPSHOT_BYTES_A_BYTE = 160, BYTES_LEAST = 4 << 20 };
    TRY(arena_space_open(&r.space, BYTES_LEAST + largest * DOC_BYTES_A_BYTE * 2, &r.arena, e));
    enum error_code code = snapshot_open(BYTES_LEAST + bytes * SNAPSHOT_BYTES_A_BYTE +
                                             rows * sizeof(struct register_row),
                                         rows, &r.s, e);
    if (code == OK) code = restoring_run(&r, view, &head, e);
    arena_space_release(&r.space);
    if (code != OK) {
        register_release(r.s);
        return code;
    }
    *out = r.s;
    return OK;
}
