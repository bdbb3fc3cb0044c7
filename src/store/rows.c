/* The store's rows: how keys sort and what values hold. One writer and one reader each, together.
 */
#include "store/rows.h"

enum { ROW_FORMAT = 1 };

/* ---- keys ---- */

static void key_add(struct row_key *k, const void *bytes, size_t count) {
    assert(count <= sizeof k->at - k->len);
    if (count > 0) memcpy(k->at + k->len, bytes, count);
    k->len += count;
}

static void key_add_u64(struct row_key *k, uint64_t v) {
    unsigned char bytes[8];
    write_be64(bytes, v);
    key_add(k, bytes, sizeof bytes);
}

static void key_add_u16(struct row_key *k, uint16_t v) {
    unsigned char bytes[2];
    write_be16(bytes, v);
    key_add(k, bytes, sizeof bytes);
}

static struct row_key key_of(char family) {
    struct row_key k; /* a KiB that is filled as far as it is used, and no further */
    k.len = 0;
    key_add(&k, &family, 1);
    key_add(&k, "/", 1);
    return k;
}

/* FAMILY / bucket id NUL key: NUL sorts first and stands in no key, so "a" comes before "ab". */
static struct row_key key_in_bucket(char family, uint64_t bucket_id, str key) {
    assert(key.len <= LIMIT_KEY_BYTES);
    struct row_key k = key_of(family);
    key_add_u64(&k, bucket_id);
    key_add(&k, "\0", 1);
    key_add(&k, key.at, key.len);
    return k;
}

struct row_key row_bucket(str name) {
    assert(name.len <= LIMIT_KEY_BYTES);
    struct row_key k = key_of('b');
    key_add(&k, name.at, name.len);
    return k;
}

struct row_key row_object(uint64_t bucket_id, str key) {
    return key_in_bucket('o', bucket_id, key);
}

struct row_key row_versions(uint64_t bucket_id, str key) {
    struct row_key k = key_in_bucket('v', bucket_id, key);
    key_add(&k, "\0", 1);
    return k;
}

struct row_key row_version(uint64_t bucket_id, str key, uint64_t sequence) {
    struct row_key k = row_versions(bucket_id, key);
    key_add_u64(&k, ~sequence); /* newest first */
    return k;
}

struct row_key row_null(uint64_t bucket_id, str key) {
    return key_in_bucket('z', bucket_id, key);
}

struct row_key row_uploads(uint64_t bucket_id, str key) {
    struct row_key k = key_in_bucket('u', bucket_id, key);
    key_add(&k, "\0", 1);
    return k;
}

struct row_key row_upload(uint64_t bucket_id, str key, struct store_upload_id id) {
    struct row_key k = row_uploads(bucket_id, key);
    key_add(&k, id.at, sizeof id.at);
    return k;
}

static struct row_key key_of_upload(char family, struct store_upload_id id) {
    struct row_key k = key_of(family);
    key_add(&k, id.at, sizeof id.at);
    return k;
}

struct row_key row_part(struct store_upload_id id, uint16_t number) {
    struct row_key k = key_of_upload('p', id);
    key_add_u16(&k, number);
    return k;
}

struct row_key row_page(struct store_upload_id id, uint64_t end, uint16_t first) {
    struct row_key k = key_of_upload('m', id);
    key_add_u64(&k, end);
    key_add_u16(&k, first);
    return k;
}

struct row_key row_change(struct store_upload_id id) {
    return key_of_upload('w', id);
}
struct row_key row_garbage(struct store_upload_id id) {
    return key_of_upload('g', id);
}

struct row_key row_expiry(int64_t finished_ns, struct store_upload_id id) {
    struct row_key k = key_of('x');
    key_add_u64(&k, (uint64_t)finished_ns);
    key_add(&k, id.at, sizeof id.at);
    return k;
}

struct row_key row_blob(struct engine_blob_id id) {
    struct row_key k = key_of('r');
    key_add(&k, id.at, sizeof id.at);
    return k;
}

struct row_key row_after(struct row_key k) {
    while (k.len > 0 && k.at[k.len - 1] == 0xff) k.len--;
    assert(k.len > 0); /* every key starts with a letter */
    k.at[k.len - 1]++;
    return k;
}

bool row_object_key(str row, str *key) {
    if (row.len < 2 + 8 + 1) return false;
    *key = str_skip(row, 2 + 8 + 1);
    return true;
}

bool row_version_key(str row, str *key, uint64_t *sequence) {
    if (row.len < 2 + 8 + 1 + 1 + 8) return false;
    *key = str_slice(row, 2 + 8 + 1, row.len - (2 + 8 + 1 + 1 + 8));
    *sequence = ~read_be64(row.at + row.len - 8);
    return true;
}

bool row_upload_key(str row, str *key, struct store_upload_id *id) {
    size_t tail = 1 + sizeof id->at;
    if (row.len < 2 + 8 + 1 + tail) return false;
    *key = str_slice(row, 2 + 8 + 1, row.len - (2 + 8 + 1) - tail);
    memcpy(id->at, row.at + row.len - sizeof id->at, sizeof id->at);
    return true;
}

/* ---- values ---- */

static enum error_code row_begin(struct arena *arena, struct pack *p, struct error *e) {
    size_t cap = size_min(arena_left(arena), ROW_BYTES_MAX);
    char *at = (char *)arena->next;
    if (cap < 64) return error_set(e, FAIL_MEMORY, "no room to write a row");
    *p = pack_into(at, cap);
    pack_u8(p, ROW_FORMAT);
    return OK;
}

static enum error_code row_end(struct arena *arena, struct pack *p, const char *what, str *out,
                               struct error *e) {
    TRY(pack_done(p, what, out, e));
    arena->next += out->len;
    return OK;
}

static enum error_code row_open(str row, const char *what, struct unpack *u, struct error *e) {
    *u = unpack_from(row);
    unsigned format = unpack_u8(u);
    if (format != ROW_FORMAT)
        return error_set(e, FAIL_VERSION, "%s has format %u; this program knows %d", what, format,
                         ROW_FORMAT);
    return OK;
}

/* One value has one spelling: what is neither 0 nor 1 is not ours. */
static bool bool_read(struct unpack *u) {
    unsigned value = unpack_u8(u);
    if (value > 1) u->broken = true;
    return value == 1;
}

static void pairs_write(struct pack *p, struct store_pairs pairs) {
    pack_u16(p, (uint16_t)pairs.count);
    for (size_t i = 0; i < pairs.count; i++) {
        pack_str(p, pairs.at[i].name);
        pack_str(p, pairs.at[i].value);
    }
}

static enum error_code pairs_read(struct unpack *u, struct arena *arena, struct store_pairs *out,
                                  struct error *e) {
    size_t count = unpack_u16(u);
    struct store_pair *at = arena_new(arena, struct store_pair, count);
    if (at == NULL) return error_set(e, FAIL_MEMORY, "no room for %zu pairs", count);
    for (size_t i = 0; i < count && !u->broken; i++) {
        str name = unpack_str(u), value = unpack_str(u);
        TRY(arena_copy(arena, name, &at[i].name, e));
        TRY(arena_copy(arena, value, &at[i].value, e));
    }
    *out = (struct store_pairs){at, u->broken ? 0 : count};
    return OK;
}

static void checksum_write(struct pack *p, const struct store_checksum *c) {
    pack_u8(p, (uint8_t)c->kind);
    pack_u8(p, c->composite);
    pack_u8(p, c->len);
    pack_raw(p, c->at, c->len);
}

static void checksum_read(struct unpack *u, struct store_checksum *c) {
    *c = (struct store_checksum){0};
    c->kind = unpack_u8(u);
    c->composite = bool_read(u);
    c->len = unpack_u8(u);
    if (c->kind > STORE_CHECKSUM_SHA256 || c->len > sizeof c->at)
        u->broken = true;
    else
        unpack_raw(u, c->at, c->len);
}

static void etag_write(struct pack *p, const struct store_etag *etag) {
    pack_raw(p, etag->md5, sizeof etag->md5);
    pack_u16(p, etag->parts);
}

static void etag_read(struct unpack *u, struct store_etag *etag) {
    unpack_raw(u, etag->md5, sizeof etag->md5);
    etag->parts = unpack_u16(u);
}

static void body_write(struct pack *p, const struct store_body *b) {
    pack_u8(p, (uint8_t)b->kind);
    pack_u8(p, b->encrypted);
    pack_u64(p, b->bytes);
    pack_u64(p, b->stored_bytes);
    pack_raw(p, b->stored_root.at, sizeof b->stored_root.at);
    pack_str(p, b->key_dataset);
    pack_str(p, b->key_wrap);
    if (b->kind == STORE_BODY_INLINE || b->kind == STORE_BODY_FILE)
        pack_raw(p, b->blob.at, sizeof b->blob.at);
    if (b->kind == STORE_BODY_PARTS) {
        pack_raw(p, b->upload.at, sizeof b->upload.at);
        pack_u16(p, b->part_count);
    }
}

static enum error_code body_read(struct unpack *u, struct arena *arena, struct store_body *b,
                                 struct error *e) {
    *b = (struct store_body){0};
    b->kind = unpack_u8(u);
    if (b->kind > STORE_BODY_PARTS) u->broken = true;
    b->encrypted = bool_read(u);
    b->bytes = unpack_u64(u);
    b->stored_bytes = unpack_u64(u);
    unpack_raw(u, b->stored_root.at, sizeof b->stored_root.at);
    TRY(arena_copy(arena, unpack_str(u), &b->key_dataset, e));
    TRY(arena_copy(arena, unpack_str(u), &b->key_wrap, e));
    if (b->kind == STORE_BODY_INLINE || b->kind == STORE_BODY_FILE)
        unpack_raw(u, b->blob.at, sizeof b->blob.at);
    if (b->kind == STORE_BODY_PARTS) {
        unpack_raw(u, b->upload.at, sizeof b->upload.at);
        b->part_count = unpack_u16(u);
    }
    return OK;
}

enum error_code row_bucket_write(const struct store_bucket *b, struct arena *arena, str *out,
                                 struct error *e) {
    struct pack p;
    TRY(row_begin(arena, &p, e));
    pack_u64(&p, b->id);
    pack_i64(&p, b->created_ns);
    pack_str(&p, b->owner);
    pack_u8(&p, (uint8_t)b->versioning);
    pairs_write(&p, b->tags);
    return row_end(arena, &p, "a bucket row", out, e);
}

enum error_code row_bucket_read(str name, str row, struct arena *arena, struct store_bucket *out,
                                struct error *e) {
    struct unpack u;
    struct store_bucket b = {0};
    TRY(row_open(row, "a bucket row", &u, e));
    TRY(arena_copy(arena, name, &b.name, e));
    b.id = unpack_u64(&u);
    b.created_ns = unpack_i64(&u);
    TRY(arena_copy(arena, unpack_str(&u), &b.owner, e));
    b.versioning = unpack_u8(&u);
    if (b.versioning > STORE_SUSPENDED) u.broken = true;
    TRY(pairs_read(&u, arena, &b.tags, e));
    TRY(unpack_done(&u, "a bucket row", e));
    *out = b;
    return OK;
}

enum { FLAG_NULL = 1, FLAG_MARKER = 2 }; /* in the byte behind the format */

bool row_version_is_marker(str row) {
    return row.len > 1 && ((unsigned char)row.at[1] & FLAG_MARKER) != 0;
}

enum error_code row_version_write(const struct store_version *v, struct arena *arena, str *out,
                                  struct error *e) {
    struct pack p;
    TRY(row_begin(arena, &p, e));
    pack_u8(&p, (uint8_t)((v->is_null ? FLAG_NULL : 0) | (v->is_delete_marker ? FLAG_MARKER : 0)));
    pack_u64(&p, v->sequence);
    pack_i64(&p, v->modified_ns);
    etag_write(&p, &v->etag);
    checksum_write(&p, &v->checksum);
    pack_raw(&p, v->content.at, sizeof v->content.at);
    pack_str(&p, v->owner);
    pack_u64(&p, v->entry);
    pairs_write(&p, v->headers);
    pairs_write(&p, v->tags);
    pairs_write(&p, v->datasets);
    body_write(&p, &v->body);
    return row_end(arena, &p, "an object row", out, e);
}

enum error_code row_version_read(str key, str row, struct arena *arena, struct store_version *out,
                                 struct error *e) {
    struct unpack u;
    struct store_version v = {0};
    TRY(row_open(row, "an object row", &u, e));
    TRY(arena_copy(arena, key, &v.key, e));
    unsigned flags = unpack_u8(&u);
    if ((flags & ~(unsigned)(FLAG_NULL | FLAG_MARKER)) != 0) u.broken = true;
    v.is_null = (flags & FLAG_NULL) != 0;
    v.is_delete_marker = (flags & FLAG_MARKER) != 0;
    v.sequence = unpack_u64(&u);
    v.modified_ns = unpack_i64(&u);
    etag_read(&u, &v.etag);
    checksum_read(&u, &v.checksum);
    unpack_raw(&u, v.content.at, sizeof v.content.at);
    TRY(arena_copy(arena, unpack_str(&u), &v.owner, e));
    v.entry = unpack_u64(&u);
    TRY(pairs_read(&u, arena, &v.headers, e));
    TRY(pairs_read(&u, arena, &v.tags, e));
    TRY(pairs_read(&u, arena, &v.datasets, e));
    TRY(body_read(&u, arena, &v.body, e));
    TRY(unpack_done(&u, "an object row", e));
    *out = v;
    return OK;
}

enum error_code row_upload_write(const struct store_upload *u, struct arena *arena, str *out,
                                 struct error *e) {
    struct pack p;
    TRY(row_begin(arena, &p, e));
    pack_i64(&p, u->initiated_ns);
    pack_str(&p, u->owner);
    pairs_write(&p, u->headers);
    pairs_write(&p, u->tags);
    pairs_write(&p, u->datasets);
    pack_u8(&p, (uint8_t)u->checksum_kind);
    pack_u8(&p, u->checksum_composite);
    pack_u64(&p, u->entry);
    pack_u8(&p, u->finished);
    if (u->finished) {
        pack_u64(&p, u->result.sequence);
        pack_u8(&p, u->result.is_null);
        pack_i64(&p, u->result.modified_ns);
        etag_write(&p, &u->result.etag);
        checksum_write(&p, &u->result.checksum);
        pack_u64(&p, u->result.body.bytes);
        pack_u64(&p, u->result.entry);
    }
    return row_end(arena, &p, "an upload row", out, e);
}

enum error_code row_upload_read(str key, struct store_upload_id id, str row, struct arena *arena,
                                struct store_upload *out, struct error *e) {
    struct unpack u;
    struct store_upload up = {.id = id};
    TRY(row_open(row, "an upload row", &u, e));
    TRY(arena_copy(arena, key, &up.key, e));
    up.initiated_ns = unpack_i64(&u);
    TRY(arena_copy(arena, unpack_str(&u), &up.owner, e));
    TRY(pairs_read(&u, arena, &up.headers, e));
    TRY(pairs_read(&u, arena, &up.tags, e));
    TRY(pairs_read(&u, arena, &up.datasets, e));
    up.checksum_kind = unpack_u8(&u);
    if (up.checksum_kind > STORE_CHECKSUM_SHA256) u.broken = true;
    up.checksum_composite = bool_read(&u);
    up.entry = unpack_u64(&u);
    up.finished = bool_read(&u);
    if (up.finished) {
        up.result.key = up.key;
        up.result.sequence = unpack_u64(&u);
        up.result.is_null = bool_read(&u);
        up.result.modified_ns = unpack_i64(&u);
        etag_read(&u, &up.result.etag);
        checksum_read(&u, &up.result.checksum);
        up.result.body.bytes = unpack_u64(&u);
        up.result.entry = unpack_u64(&u);
    }
    TRY(unpack_done(&u, "an upload row", e));
    *out = up;
    return OK;
}

enum error_code row_part_write(const struct store_part *part, struct arena *arena, str *out,
                               struct error *e) {
    struct pack p;
    TRY(row_begin(arena, &p, e));
    pack_i64(&p, part->modified_ns);
    pack_raw(&p, part->md5, sizeof part->md5);
    pack_raw(&p, part->content.at, sizeof part->content.at);
    checksum_write(&p, &part->checksum);
    body_write(&p, &part->body);
    return row_end(arena, &p, "a part row", out, e);
}

enum error_code row_part_read(uint16_t number, str row, struct arena *arena, struct store_part *out,
                              struct error *e) {
    struct unpack u;
    struct store_part part = {.number = number};
    TRY(row_open(row, "a part row", &u, e));
    part.modified_ns = unpack_i64(&u);
    unpack_raw(&u, part.md5, sizeof part.md5);
    unpack_raw(&u, part.content.at, sizeof part.content.at);
    checksum_read(&u, &part.checksum);
    TRY(body_read(&u, arena, &part.body, e));
    TRY(unpack_done(&u, "a part row", e));
    if (part.body.kind == STORE_BODY_PARTS)
        return error_set(e, FAIL_CORRUPT, "part %u is made of parts", number);
    *out = part;
    return OK;
}
