/* How the engine's rows of a register are spelled: keys that sort by kind, id and time, and the head. */
#include "register/kept.h"

struct kept_key kept_key_of(str prefix, const char *kind, str id, int64_t from_ns) {
    struct kept_key k;
    struct pack p = pack_into(k.at, sizeof k.at);
    pack_raw(&p, prefix.at, prefix.len);
    pack_raw(&p, kind, strlen(kind));
    pack_u8(&p, 0);
    pack_raw(&p, id.at, id.len);
    pack_u8(&p, 0);
    pack_u64(&p, (uint64_t)from_ns ^ (uint64_t)1 << 63); /* sorts as the number does */
    assert(!p.overflow);
    k.len = p.len;
    return k;
}

struct kept_key kept_key_with_generation(struct kept_key k, uint64_t generation) {
    assert(k.len + 8 <= sizeof k.at);
    write_be64(k.at + k.len, generation);
    k.len += 8;
    return k;
}

str kept_key_str(const struct kept_key *k) {
    return str_of(k->at, k->len);
}

enum error_code kept_key_read(str key, str prefix, bool with_generation, struct kept_parts *out,
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

enum error_code kept_head_parse(str row, struct register_head *out, struct error *e) {
    struct unpack u = unpack_from(row);
    uint8_t version = unpack_u8(&u);
    if (!u.broken && version != KEPT_VERSION)
        return error_set(e, FAIL_VERSION,
                         "the register is kept in format %u; this program knows %d", version,
                         KEPT_VERSION);
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
    TRY(engine_view_get(view, ENGINE_META, KEPT_HEAD, &arena, &row, &found, e));
    if (found) return kept_head_parse(row, out, e);
    *out = (struct register_head){0};
    return OK;
}
