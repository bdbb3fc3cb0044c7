/* One table says which fields a kind of datagram has; writing and reading follow it. */
#include "locproof/message.h"

enum { VERSION = 1, HEAD_BYTES = 6, TOTAL_MAX = 1 << 20 };
static const char magic[4] = {'a', 'z', 'k', 'L'};

enum field {
    SESSION = 1 << 0,
    HASH = 1 << 1,
    NONCE = 1 << 2,
    OTHER = 1 << 3,
    COOKIE = 1 << 4,
    NUMBER = 1 << 5,
    FRAGMENT = 1 << 6,
    TOTAL = 1 << 7,
    SERVICE = 1 << 8,
    DRAW = 1 << 9,
    CODE = 1 << 10,
    DATA = 1 << 11,   /* the rest: what fragment and total say */
    TEXT = 1 << 12,   /* the rest */
    PADDED = 1 << 13, /* the rest is zeros, up to the longest datagram */
    BLOCK = 1 << 14,  /* as much as total says */
};

static const struct {
    unsigned fields;
    uint8_t code_last; /* codes are 1 .. this; a medium begins at 0 */
} kinds[LOCPROOF_KIND_LAST + 1] = {
    [LOCPROOF_HELLO] = {HASH | PADDED, 0},
    [LOCPROOF_COOKIE] = {HASH | COOKIE, 0},
    [LOCPROOF_OPEN] = {HASH | COOKIE | TEXT, 0},
    [LOCPROOF_COMMIT] = {SESSION | HASH | NONCE | TOTAL | CODE, LOCPROOF_MEMORY},
    [LOCPROOF_FETCH] = {SESSION | CODE | NUMBER | FRAGMENT, LOCPROOF_SHOWN},
    [LOCPROOF_GIVE] = {SESSION | CODE | NUMBER | FRAGMENT | TOTAL | DATA, LOCPROOF_SHOWN},
    [LOCPROOF_CHALLENGE] = {SESSION | NUMBER | DRAW, 0},
    [LOCPROOF_PIECE] = {SESSION | NUMBER | SERVICE | FRAGMENT | TOTAL | DATA, 0},
    [LOCPROOF_NONE] = {SESSION | NUMBER | SERVICE | CODE, LOCPROOF_WHY_LAST},
    [LOCPROOF_REVEAL] = {SESSION | NONCE, 0},
    [LOCPROOF_REVEALED] = {SESSION, 0},
    [LOCPROOF_RESULT] = {SESSION | FRAGMENT | TOTAL | DATA, 0},
    [LOCPROOF_TAKEN] = {SESSION | FRAGMENT | CODE | TEXT, LOCPROOF_DECLINED},
    [LOCPROOF_REFUSED] = {HASH | CODE | TEXT, LOCPROOF_BAD},
    [LOCPROOF_PING] = {NONCE | PADDED, 0},
    [LOCPROOF_PONG] = {NONCE | OTHER, 0},
    [LOCPROOF_ASK] = {NONCE | PADDED, 0},
    [LOCPROOF_SAID] = {TEXT, 0},
    [LOCPROOF_COSIGN] = {TOTAL | BLOCK | PADDED, 0},
    [LOCPROOF_SEEN] = {TEXT, 0},
};

static const char *const media[] = {"unknown", "hdd", "ssd", "memory"};

const char *locproof_medium_name(enum locproof_medium medium) {
    assert((size_t)medium < COUNT_OF(media));
    return media[medium];
}

bool locproof_medium_find(str name, enum locproof_medium *out) {
    for (size_t i = 0; i < COUNT_OF(media); i++) {
        if (!str_equal(name, str_from_c(media[i]))) continue;
        *out = (enum locproof_medium)i;
        return true;
    }
    return false;
}

uint32_t locproof_fragment_count(uint32_t total) {
    return total == 0 ? 1 : (total - 1) / LOCPROOF_FRAGMENT_BYTES + 1;
}

size_t locproof_fragment_bytes(uint32_t total, uint32_t number) {
    if (number >= locproof_fragment_count(total)) return 0;
    uint32_t from = number * LOCPROOF_FRAGMENT_BYTES;
    return size_min(total - from, LOCPROOF_FRAGMENT_BYTES);
}

static bool is_in_range(const struct locproof_message *m, unsigned fields) {
    uint8_t least = m->kind == LOCPROOF_COMMIT ? LOCPROOF_MEDIUM_UNKNOWN : 1;
    if ((fields & CODE) && (m->code < least || m->code > kinds[m->kind].code_last)) return false;
    if (m->total > TOTAL_MAX || m->fragment > TOTAL_MAX / LOCPROOF_FRAGMENT_BYTES) return false;
    if (m->kind == LOCPROOF_PIECE && (m->total == 0 || m->total > LIMIT_STORED_PIECE_BYTES))
        return false;
    if (fields & DATA)
        return m->fragment < locproof_fragment_count(m->total) &&
               m->bytes.len == locproof_fragment_bytes(m->total, m->fragment);
    if ((fields & BLOCK) && m->bytes.len != m->total) return false;
    return m->bytes.len <= LOCPROOF_TEXT_BYTES;
}

str locproof_message_write(const struct locproof_message *m,
                           unsigned char out[LOCPROOF_DATAGRAM_BYTES]) {
    assert(m->kind >= LOCPROOF_HELLO && m->kind <= LOCPROOF_KIND_LAST);
    unsigned fields = kinds[m->kind].fields;
    assert(is_in_range(m, fields));
    struct pack p = pack_into(out, LOCPROOF_DATAGRAM_BYTES);
    pack_raw(&p, magic, sizeof magic);
    pack_u8(&p, VERSION);
    pack_u8(&p, (uint8_t)m->kind);
    if (fields & SESSION) pack_u64(&p, m->session);
    if (fields & HASH) pack_raw(&p, m->hash.at, sizeof m->hash.at);
    if (fields & NONCE) pack_raw(&p, m->nonce.at, sizeof m->nonce.at);
    if (fields & OTHER) pack_raw(&p, m->other.at, sizeof m->other.at);
    if (fields & COOKIE) pack_raw(&p, m->cookie, sizeof m->cookie);
    if (fields & CODE) pack_u8(&p, m->code);
    if (fields & NUMBER) pack_u32(&p, m->number);
    if (fields & SERVICE) pack_u32(&p, m->service_us);
    if (fields & FRAGMENT) pack_u32(&p, m->fragment);
    if (fields & TOTAL) pack_u32(&p, m->total);
    if (fields & DRAW) {
        pack_u64(&p, m->draw.entry);
        pack_u64(&p, m->draw.piece_bits);
        pack_u64(&p, m->draw.list_bits);
    }
    if (fields & (DATA | TEXT | BLOCK)) pack_raw(&p, m->bytes.at, m->bytes.len);
    assert(!p.overflow);
    if (fields & PADDED) {
        memset(out + p.len, 0, LOCPROOF_DATAGRAM_BYTES - p.len);
        p.len = LOCPROOF_DATAGRAM_BYTES;
    }
    return str_of(out, p.len);
}

static bool is_zeros(str s) {
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] != 0) return false;
    return true;
}

enum error_code locproof_message_read(str datagram, struct locproof_message *out, struct error *e) {
    struct unpack u = unpack_from(datagram);
    struct locproof_message m = {0};
    char start[sizeof magic];
    unpack_raw(&u, start, sizeof start);
    uint8_t version = unpack_u8(&u), kind = unpack_u8(&u);
    if (u.broken || memcmp(start, magic, sizeof magic) != 0 ||
        datagram.len > LOCPROOF_DATAGRAM_BYTES)
        return error_set(e, FAIL_SYNTAX, "%zu bytes that are no datagram of a landmark",
                         datagram.len);
    if (version != VERSION)
        return error_set(e, FAIL_VERSION, "a landmark's datagram of version %u", version);
    if (kind < LOCPROOF_HELLO || kind > LOCPROOF_KIND_LAST)
        return error_set(e, FAIL_SYNTAX, "a landmark's datagram of kind %u", kind);
    unsigned fields = kinds[kind].fields;
    m.kind = (enum locproof_kind)kind;
    if (fields & SESSION) m.session = unpack_u64(&u);
    if (fields & HASH) unpack_raw(&u, m.hash.at, sizeof m.hash.at);
    if (fields & NONCE) unpack_raw(&u, m.nonce.at, sizeof m.nonce.at);
    if (fields & OTHER) unpack_raw(&u, m.other.at, sizeof m.other.at);
    if (fields & COOKIE) unpack_raw(&u, m.cookie, sizeof m.cookie);
    if (fields & CODE) m.code = unpack_u8(&u);
    if (fields & NUMBER) m.number = unpack_u32(&u);
    if (fields & SERVICE) m.service_us = unpack_u32(&u);
    if (fields & FRAGMENT) m.fragment = unpack_u32(&u);
    if (fields & TOTAL) m.total = unpack_u32(&u);
    if (fields & DRAW) {
        m.draw.entry = unpack_u64(&u);
        m.draw.piece_bits = unpack_u64(&u);
        m.draw.list_bits = unpack_u64(&u);
    }
    if (fields & (DATA | TEXT)) m.bytes = u.rest;
    if (fields & BLOCK) {
        m.bytes = str_slice(u.rest, 0, m.total);
        u.rest = str_skip(u.rest, m.bytes.len);
    }
    bool ends = (fields & (DATA | TEXT)) != 0 || u.rest.len == 0;
    if (fields & PADDED) ends = datagram.len == LOCPROOF_DATAGRAM_BYTES && is_zeros(u.rest);
    if (u.broken || !ends || !is_in_range(&m, fields))
        return error_set(e, FAIL_SYNTAX, "a landmark's datagram of kind %u and %zu bytes", kind,
                         datagram.len);
    *out = m;
    return OK;
}
