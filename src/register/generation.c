/* What the engine keeps of each generation, and of one id over all of them.
 *
 *   reg/gen/GENERATION    version, digest, time, rows, rows changed, number and origin of the log,
 *                         index of the entry
 *
 * GENERATION is 8 bytes. Who imported it stands in the entry's opening alone, so that redacting that
 * takes it away here too. docs/formats/register.md */
#include <stdlib.h>

#include "register/inner.h"

enum { GENERATION_VERSION = 1, GENERATION_BYTES = 1024, KEY_BYTES = 256, KEY_TAIL_BYTES = 8 };
_Static_assert(KEY_BYTES >= 8 + 16 + LIMIT_REGISTER_ID_BYTES + 2, "a key fits");

/* ---- generations ---- */

static const char gen_prefix[] = "reg/gen/";
enum { GEN_KEY_BYTES = sizeof gen_prefix - 1 + 8 };

static str gen_key(uint64_t generation, char memory[GEN_KEY_BYTES]) {
    memcpy(memory, gen_prefix, sizeof gen_prefix - 1);
    write_be64(memory + sizeof gen_prefix - 1, generation);
    return str_of(memory, GEN_KEY_BYTES);
}

enum error_code register_generation_write(struct engine_turn *turn,
                                          const struct register_generation *generation,
                                          struct error *e) {
    char key[GEN_KEY_BYTES], memory[GENERATION_BYTES];
    struct pack p = pack_into(memory, sizeof memory);
    str row;
    pack_u8(&p, GENERATION_VERSION);
    pack_raw(&p, generation->sha256.at, DIGEST_BYTES);
    pack_i64(&p, generation->imported_ns);
    pack_u64(&p, generation->row_count);
    pack_u64(&p, generation->changed_count);
    pack_u32(&p, generation->log_number);
    pack_str(&p, generation->origin);
    pack_u64(&p, generation->entry);
    TRY(pack_done(&p, "a generation of the register", &row, e));
    return engine_turn_put(turn, ENGINE_META, gen_key(generation->generation, key), row, e);
}

static enum error_code generation_parse(str row, struct register_generation *out, struct error *e) {
    struct unpack u = unpack_from(row);
    uint8_t version = unpack_u8(&u);
    if (!u.broken && version != GENERATION_VERSION)
        return error_set(e, FAIL_VERSION,
                         "a generation of the register is kept in format %u; this program knows %d",
                         version, GENERATION_VERSION);
    struct register_generation g = {.generation = out->generation, .is_recorded = true};
    unpack_raw(&u, g.sha256.at, DIGEST_BYTES);
    g.imported_ns = unpack_i64(&u);
    g.row_count = unpack_u64(&u);
    g.changed_count = unpack_u64(&u);
    g.log_number = unpack_u32(&u);
    g.origin = unpack_str(&u);
    g.entry = unpack_u64(&u);
    TRY(unpack_done(&u, "a generation of the register", e));
    *out = g;
    return OK;
}

enum error_code register_generation_read(struct engine_view *view, const struct register_head *head,
                                         uint64_t generation, struct arena *arena,
                                         struct register_generation *out, struct error *e) {
    struct register_generation g = {.generation = generation};
    char key[GEN_KEY_BYTES];
    str row;
    bool found;
    if (generation == 0 || generation > head->generation)
        return error_set(e, FAIL_NOT_FOUND,
                         "the register has no generation %llu; the newest is %llu",
                         (unsigned long long)generation, (unsigned long long)head->generation);
    TRY(engine_view_get(view, ENGINE_META, gen_key(generation, key), arena, &row, &found, e));
    if (found) TRY(generation_parse(row, &g, e));
    if (generation == head->generation) {
        if (found && !digest_equal(&g.sha256, &head->sha256))
            return error_set(e, FAIL_CORRUPT,
                             "the newest generation of the register has another digest than its "
                             "head");
        g.sha256 = head->sha256;
        g.imported_ns = head->imported_ns;
        g.row_count = head->row_count;
    }
    *out = g;
    return OK;
}

static enum error_code none_at(int64_t at_ns, uint64_t first, int64_t first_ns, struct error *e) {
    char at[CLOCK_TEXT_BYTES], since[CLOCK_TEXT_BYTES];
    clock_iso_s_write(at_ns, at);
    clock_iso_s_write(first_ns, since);
    if (first <= 1)
        return error_set(e, FAIL_NOT_FOUND,
                         "the store had no register at %s; its first was imported at %s", at,
                         since);
    return error_set(e, FAIL_NOT_FOUND,
                     "what held at %s is not known: generations 1 to %llu were imported before "
                     "times were kept, generation %llu at %s",
                     at, (unsigned long long)(first - 1), (unsigned long long)first, since);
}

enum error_code register_generation_at(struct engine_view *view, int64_t at_ns, struct arena *arena,
                                       struct register_generation *out, struct error *e) {
    struct register_head head;
    int64_t later_ns = 0; /* when the one after was imported */
    TRY(register_head_read(view, &head, e));
    if (head.generation == 0)
        return error_set(e, FAIL_NOT_FOUND, "the store has no register: nothing was imported");
    for (uint64_t n = head.generation; n > 0; n--) {
        struct arena fresh = *arena;
        struct register_generation g;
        TRY(register_generation_read(view, &head, n, &fresh, &g, e));
        if (!g.is_recorded && n < head.generation) return none_at(at_ns, n + 1, later_ns, e);
        later_ns = g.imported_ns;
        if (later_ns > at_ns) continue;
        *arena = fresh;
        *out = g;
        return OK;
    }
    return none_at(at_ns, 1, later_ns, e);
}

/* ---- one id over the generations ---- */

struct telling {
    struct engine_view *view;
    str id;
    struct arena *arena;
    struct register_told *list;
    size_t count, most;
};

static enum error_code told_room(struct telling *t, struct error *e) {
    if (t->count < t->most) return OK;
    size_t most = t->most == 0 ? 16 : t->most * 2;
    struct register_told *list = arena_new(t->arena, struct register_told, most);
    if (list == NULL)
        return error_set(e, FAIL_MEMORY, "no room for all rows of \"%.*s\"", STR_FMT(t->id));
    if (t->count > 0) memcpy(list, t->list, t->count * sizeof *list);
    t->list = list;
    t->most = most;
    return OK;
}

/* `tail`: what stands behind the id, FROM and in history the generation. */
static enum error_code told_add(struct telling *t, enum register_kind kind, str tail, str row,
                                bool is_was, struct error *e) {
    struct register_told told = {.kind = kind};
    struct unpack u = unpack_from(row);
    if (tail.len != (is_was ? 2 : 1) * KEY_TAIL_BYTES)
        return error_set(e, FAIL_CORRUPT, "a row of the register has a key that is none");
    told.valid_from_ns = (int64_t)(read_be64(tail.at) ^ (uint64_t)1 << 63);
    if (is_was) {
        told.came_with = read_be64(tail.at + KEY_TAIL_BYTES);
        told.replaced_by = unpack_u64(&u);
        told.replaced_ns = unpack_i64(&u);
    } else {
        told.came_with = unpack_u64(&u);
    }
    str canonical = unpack_str(&u);
    TRY(unpack_done(&u, "a row of the register", e));
    TRY(told_room(t, e));
    TRY(arena_copy(t->arena, canonical, &told.canonical, e));
    t->list[t->count++] = told;
    return OK;
}

static enum error_code told_scan(struct telling *t, enum register_kind kind, bool is_was,
                                 struct error *e) {
    char memory[KEY_BYTES], end[KEY_BYTES];
    struct text from = text_into(memory, sizeof memory);
    struct engine_scan *scan;
    text_format(&from, "reg/%s/%s", is_was ? "was" : "now", register_kind_of(kind)->key);
    text_add_char(&from, 0);
    text_add(&from, t->id);
    text_add_char(&from, 0);
    assert(!from.overflow);
    memcpy(end, from.at, from.len);
    end[from.len - 1] = 1;
    TRY(engine_view_scan(t->view, ENGINE_META, text_str(&from), str_of(end, from.len), &scan, e));
    enum error_code code = OK;
    for (bool more = true; code == OK;) {
        str key, row;
        code = engine_scan_next(scan, &more, &key, &row, e);
        if (code != OK || !more) break;
        code = told_add(t, kind, str_skip(key, from.len), row, is_was, e);
    }
    engine_scan_close(scan);
    return code;
}

static int told_order(const void *a, const void *b) {
    const struct register_told *x = a, *y = b;
    if (x->kind != y->kind) return x->kind < y->kind ? -1 : 1;
    if (x->valid_from_ns != y->valid_from_ns) return x->valid_from_ns < y->valid_from_ns ? -1 : 1;
    return x->came_with < y->came_with ? -1 : x->came_with > y->came_with;
}

enum error_code register_told_read(struct engine_view *view, str id, struct arena *arena,
                                   struct register_told **out, size_t *count, struct error *e) {
    struct telling t = {.view = view, .id = id, .arena = arena};
    if (id.len == 0 || id.len > LIMIT_REGISTER_ID_BYTES || str_find_char(id, 0, &(size_t){0}))
        return error_set(e, FAIL_NOT_FOUND, "no row can have that id: 1 to %d bytes",
                         LIMIT_REGISTER_ID_BYTES);
    for (unsigned k = 0; k < REGISTER_KIND_COUNT; k++) {
        TRY(told_scan(&t, (enum register_kind)k, true, e));
        TRY(told_scan(&t, (enum register_kind)k, false, e));
    }
    if (t.count > 0) qsort(t.list, t.count, sizeof *t.list, told_order);
    *out = t.list;
    *count = t.count;
    return OK;
}
