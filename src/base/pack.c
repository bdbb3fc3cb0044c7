/* Rows on disk: the packer and the unpacker. */
#include "base/pack.h"

#include "base/numbers.h"

struct pack pack_into(void *memory, size_t cap) {
    return (struct pack){memory, 0, cap, false};
}

static char *pack_room(struct pack *p, size_t count) {
    if (p->overflow || count > p->cap - p->len) {
        p->overflow = true;
        return NULL;
    }
    char *at = p->at + p->len;
    p->len += count;
    return at;
}

void pack_u8(struct pack *p, uint8_t v) {
    char *at = pack_room(p, 1);
    if (at != NULL) *at = (char)v;
}
void pack_u16(struct pack *p, uint16_t v) {
    char *at = pack_room(p, 2);
    if (at != NULL) write_be16(at, v);
}
void pack_u32(struct pack *p, uint32_t v) {
    char *at = pack_room(p, 4);
    if (at != NULL) write_be32(at, v);
}
void pack_u64(struct pack *p, uint64_t v) {
    char *at = pack_room(p, 8);
    if (at != NULL) write_be64(at, v);
}
void pack_i64(struct pack *p, int64_t v) {
    pack_u64(p, (uint64_t)v);
}

void pack_raw(struct pack *p, const void *bytes, size_t count) {
    char *at = pack_room(p, count);
    if (at != NULL && count > 0) memcpy(at, bytes, count);
}

void pack_str(struct pack *p, str s) {
    if (s.len > UINT32_MAX) {
        p->overflow = true;
        return;
    }
    pack_u32(p, (uint32_t)s.len);
    pack_raw(p, s.at, s.len);
}

enum error_code pack_done(const struct pack *p, const char *what, str *out, struct error *e) {
    if (p->overflow) return error_set(e, FAIL_LIMIT, "%s is over %zu bytes", what, p->cap);
    *out = str_of(p->at, p->len);
    return OK;
}

struct unpack unpack_from(str row) {
    return (struct unpack){row, false};
}

static const char *unpack_room(struct unpack *u, size_t count) {
    if (u->broken || count > u->rest.len) {
        u->broken = true;
        return NULL;
    }
    const char *at = u->rest.at;
    u->rest = str_skip(u->rest, count);
    return at;
}

uint8_t unpack_u8(struct unpack *u) {
    const char *at = unpack_room(u, 1);
    return at == NULL ? 0 : (uint8_t)*at;
}
uint16_t unpack_u16(struct unpack *u) {
    const char *at = unpack_room(u, 2);
    return at == NULL ? 0 : read_be16(at);
}
uint32_t unpack_u32(struct unpack *u) {
    const char *at = unpack_room(u, 4);
    return at == NULL ? 0 : read_be32(at);
}
uint64_t unpack_u64(struct unpack *u) {
    const char *at = unpack_room(u, 8);
    return at == NULL ? 0 : read_be64(at);
}
int64_t unpack_i64(struct unpack *u) {
    return (int64_t)unpack_u64(u);
}

void unpack_raw(struct unpack *u, void *to, size_t count) {
    const char *at = unpack_room(u, count);
    if (count == 0) return;
    if (at == NULL)
        memset(to, 0, count);
    else
        memcpy(to, at, count);
}

str unpack_str(struct unpack *u) {
    uint32_t len = unpack_u32(u);
    const char *at = unpack_room(u, len);
    return at == NULL ? STR_EMPTY : str_of(at, len);
}

enum error_code unpack_done(const struct unpack *u, const char *what, struct error *e) {
    if (u->broken) return error_set(e, FAIL_CORRUPT, "%s ends too early", what);
    if (u->rest.len > 0)
        return error_set(e, FAIL_CORRUPT, "%s has %zu bytes too many", what, u->rest.len);
    return OK;
}
