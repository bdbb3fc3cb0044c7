/* A generation read back: its rows made into a snapshot again, which must have its digest. */
#include "register/kept.h"

struct restoring {
    struct register_snapshot *s;
    struct arena_space space;
    struct arena arena;
    struct reading reading;
    uint64_t generation;
    size_t rows_max, bytes, largest;
};

static enum error_code list_restore(struct restoring *r, enum register_kind kind,
                                    const struct doc_node *node, struct error *e) {
    const struct doc_node *as_of;
    TRY(doc_map_get(node, STR("as_of"), &as_of, e));
    r->s->lists[kind].is_named = r->s->lists[kind].is_complete = true;
    return doc_time_ns(as_of, &r->s->lists[kind].as_of_ns, e);
}

static enum error_code row_restore(struct restoring *r, const struct kept_parts *parts,
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
    struct kept_parts parts;
    struct unpack u = unpack_from(value);
    uint64_t came_with = unpack_u64(&u);
    str canonical = unpack_str(&u);
    TRY(unpack_done(&u, "a row of the register", e));
    TRY(kept_key_read(key, KEPT_NOW, false, &parts, e));
    return came_with <= r->generation ? row_restore(r, &parts, canonical, e) : OK;
}

/* A row of reg/was: when it came no later and was replaced later. */
static enum error_code was_restore(struct restoring *r, str key, str value, struct error *e) {
    struct kept_parts parts;
    struct unpack u = unpack_from(value);
    uint64_t replaced_by = unpack_u64(&u);
    (void)unpack_i64(&u); /* when it was replaced: for people */
    str canonical = unpack_str(&u);
    TRY(unpack_done(&u, "a row of the register", e));
    TRY(kept_key_read(key, KEPT_WAS, true, &parts, e));
    bool was_then = parts.generation <= r->generation && r->generation < replaced_by;
    return was_then ? row_restore(r, &parts, canonical, e) : OK;
}

static enum error_code rows_walk(struct restoring *r, struct engine_view *view, str from, str until,
                                 enum error_code (*one)(struct restoring *r, str key, str value,
                                                        struct error *e),
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
static enum error_code row_measure(struct restoring *r, str key, str value, struct error *e) {
    r->rows_max++;
    r->bytes += value.len;
    r->largest = size_max(r->largest, value.len);
    return OK;
}

static enum error_code restoring_run(struct restoring *r, struct engine_view *view,
                                     const struct register_head *head, struct error *e) {
    r->reading = (struct reading){.arena = &r->s->arena};
    TRY(rows_walk(r, view, KEPT_NOW, KEPT_NOW_END, now_restore, e));
    if (r->generation < head->generation)
        TRY(rows_walk(r, view, KEPT_WAS, KEPT_WAS_END, was_restore, e));
    TRY(snapshot_close(r->s, e));
    if (r->generation == head->generation && !digest_equal(&r->s->sha256, &head->sha256))
        return error_set(e, FAIL_CORRUPT, "the register's rows do not have the digest of its head");
    return OK;
}

enum error_code register_restore(struct engine_view *view, uint64_t generation,
                                 struct register_snapshot **out, struct error *e) {
    struct register_head head;
    struct restoring r = {0};
    TRY(register_head_read(view, &head, e));
    if (generation == UINT64_MAX) generation = head.generation;
    if (generation == 0 || generation > head.generation)
        return error_set(e, FAIL_NOT_FOUND,
                         "the register has no generation %llu; the newest is %llu",
                         (unsigned long long)generation, (unsigned long long)head.generation);
    TRY(rows_walk(&r, view, KEPT_NOW, KEPT_NOW_END, row_measure, e));
    if (generation < head.generation)
        TRY(rows_walk(&r, view, KEPT_WAS, KEPT_WAS_END, row_measure, e));
    r.generation = generation;
    enum { DOC_BYTES_A_BYTE = 64, SNAPSHOT_BYTES_A_BYTE = 160, BYTES_LEAST = 4 << 20 };
    TRY(arena_space_open(&r.space, BYTES_LEAST + r.largest * DOC_BYTES_A_BYTE * 2, &r.arena, e));
    enum error_code code = snapshot_open(BYTES_LEAST + r.bytes * SNAPSHOT_BYTES_A_BYTE +
                                             r.rows_max * sizeof(struct register_row),
                                         r.rows_max, &r.s, e);
    if (code == OK) code = restoring_run(&r, view, &head, e);
    arena_space_release(&r.space);
    if (code != OK) {
        register_release(r.s);
        return code;
    }
    *out = r.s;
    return OK;
}
