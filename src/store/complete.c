/* Completing an upload: what is slow is done under a view, the turn only writes.
 *
 * An object of parts keeps its part rows; pages of 512 parts say where each begins, and are keyed
 * by the byte they end at, so that the page holding an offset is found by one seek. */
#include "store/version.h"

enum { PAGE_PARTS = 512, PAGE_ROW_BYTES = 2 + 8 + 4 + PAGE_PARTS * (2 + 8) };

struct claimed_part {
    uint16_t number;
    uint64_t bytes;
    digest root, content;
};

struct store_completion {
    struct store_upload upload;
    uint64_t bytes, stored_bytes, change, part_bytes_min;
    bool any_encrypted, any_in_clear;
    struct store_etag etag;
    size_t count, unclaimed_count;
    struct claimed_part *parts;
    uint16_t *unclaimed; /* uploaded, not named: dropped on completing */
};

uint64_t store_completion_bytes(const struct store_completion *c) {
    return c->bytes;
}
struct store_etag store_completion_etag(const struct store_completion *c) {
    return c->etag;
}
size_t store_completion_count(const struct store_completion *c) {
    return c->count;
}
digest store_completion_part_root(const struct store_completion *c, size_t i) {
    assert(i < c->count);
    return c->parts[i].root;
}

digest store_completion_part_content(const struct store_completion *c, size_t i) {
    assert(i < c->count);
    return c->parts[i].content;
}

static enum error_code claims_check(const struct store_part_claim *claims, size_t count,
                                    struct error *e) {
    if (count == 0 || count > LIMIT_PART_COUNT)
        return error_set(e, FAIL_MALFORMED_XML, "%zu parts named; 1 to %d can be", count,
                         LIMIT_PART_COUNT);
    for (size_t i = 0; i < count; i++) {
        if (claims[i].number < 1 || claims[i].number > LIMIT_PART_COUNT)
            return error_set(e, FAIL_INVALID_PART, "part number %u is not 1 to %d",
                             claims[i].number, LIMIT_PART_COUNT);
        if (i > 0 && claims[i].number <= claims[i - 1].number)
            return error_set(e, FAIL_INVALID_PART_ORDER, "part %u is named after part %u",
                             claims[i].number, claims[i - 1].number);
    }
    return OK;
}

/* One uploaded part against the next claim: part rows and claims both come in ascending order. */
static enum error_code part_meet(struct store_completion *c, const struct store_part_claim *claims,
                                 size_t count, const struct store_part *part, struct md5 *md5,
                                 struct error *e) {
    if (c->count == count || part->number < claims[c->count].number) {
        c->unclaimed[c->unclaimed_count++] = part->number;
        return OK;
    }
    const struct store_part_claim *claim = &claims[c->count];
    if (part->number > claim->number)
        return error_set(e, FAIL_INVALID_PART, "part %u was never uploaded", claim->number);
    if (memcmp(part->md5, claim->md5, sizeof claim->md5) != 0)
        return error_set(e, FAIL_INVALID_PART, "part %u was uploaded with another ETag",
                         claim->number);
    if (c->count + 1 < count && part->body.bytes < c->part_bytes_min)
        return error_set(e, FAIL_ENTITY_TOO_SMALL,
                         "part %u has %llu bytes; all but the last need %llu", part->number,
                         (unsigned long long)part->body.bytes,
                         (unsigned long long)c->part_bytes_min);
    c->parts[c->count++] = (struct claimed_part){part->number, part->body.bytes,
                                                 part->body.stored_root, part->content};
    if (!u64_add(c->bytes, part->body.bytes, &c->bytes) || c->bytes > LIMIT_OBJECT_BYTES)
        return error_set(e, FAIL_ENTITY_TOO_LARGE, "the parts are over 5 TiB together");
    c->stored_bytes += part->body.stored_bytes;
    if (part->body.bytes > 0 && part->body.encrypted) c->any_encrypted = true;
    if (part->body.bytes > 0 && !part->body.encrypted) c->any_in_clear = true;
    md5_add(md5, part->md5, sizeof part->md5);
    return OK;
}

struct meeting {
    struct store_completion *c;
    const struct store_part_claim *claims;
    size_t count;
    struct md5 md5;
};

static enum error_code meeting_part(void *self, const struct store_part *part, struct error *e) {
    struct meeting *m = self;
    return part_meet(m->c, m->claims, m->count, part, &m->md5, e);
}

static enum error_code change_read(struct engine_view *view, struct store_upload_id id,
                                   struct arena scratch, uint64_t *change, struct error *e) {
    struct row_key row = row_change(id);
    str value;
    bool found;
    TRY(engine_view_get(view, ENGINE_META, row_key_str(&row), &scratch, &value, &found, e));
    if (!found || value.len != 8)
        return error_set(e, FAIL_CORRUPT, "an open upload has no counter");
    *change = read_be64(value.at);
    return OK;
}

enum error_code store_completion_prepare(struct engine_view *view, uint64_t bucket_id, str key,
                                         struct store_upload_id id,
                                         const struct store_part_claim *claims, size_t count,
                                         uint64_t part_bytes_min, struct arena *arena,
                                         struct store_upload *upload, bool *finished,
                                         struct store_completion **out, struct error *e) {
    bool found;
    TRY(claims_check(claims, count, e));
    TRY(store_upload_find(view, bucket_id, key, id, arena, upload, &found, e));
    if (!found) return error_set(e, FAIL_NO_SUCH_UPLOAD, "there is no such upload of this key");
    *finished = upload->finished;
    if (*finished) return OK;
    struct store_completion *c = arena_new(arena, struct store_completion, 1);
    if (c == NULL) return error_set(e, FAIL_MEMORY, "no room to complete an upload");
    c->upload = *upload;
    c->part_bytes_min = part_bytes_min;
    c->parts = arena_new(arena, struct claimed_part, count);
    c->unclaimed = arena_new(arena, uint16_t, LIMIT_PART_COUNT);
    if (c->parts == NULL || c->unclaimed == NULL)
        return error_set(e, FAIL_MEMORY, "no room to complete %zu parts", count);
    TRY(change_read(view, id, *arena, &c->change, e));
    struct meeting m = {.c = c, .claims = claims, .count = count};
    bool truncated;
    md5_begin(&m.md5);
    TRY(store_part_list(view, id, 0, LIMIT_PART_COUNT, meeting_part, &m, *arena, &truncated, e));
    if (c->count < count)
        return error_set(e, FAIL_INVALID_PART, "part %u was never uploaded",
                         claims[c->count].number);
    md5_end(&m.md5, c->etag.md5);
    c->etag.parts = (uint16_t)count;
    *out = c;
    return OK;
}

/* Pages: first position (2), first byte (8), count (4), then number (2) and end (8) of each part.
 */
static enum error_code pages_write(struct engine_turn *turn, const struct store_completion *c,
                                   struct arena scratch, struct error *e) {
    uint64_t end = 0;
    for (size_t first = 0; first < c->count; first += PAGE_PARTS) {
        struct arena here = scratch;
        char *memory = arena_bytes(&here, PAGE_ROW_BYTES);
        if (memory == NULL) return error_set(e, FAIL_MEMORY, "no room for a page of parts");
        struct pack p = pack_into(memory, PAGE_ROW_BYTES);
        size_t count = size_min(PAGE_PARTS, c->count - first);
        pack_u16(&p, (uint16_t)first);
        pack_u64(&p, end);
        pack_u32(&p, (uint32_t)count);
        for (size_t i = first; i < first + count; i++) {
            end += c->parts[i].bytes;
            pack_u16(&p, c->parts[i].number);
            pack_u64(&p, end);
        }
        str value;
        struct row_key row = row_page(c->upload.id, end, (uint16_t)first);
        TRY(pack_done(&p, "a page of parts", &value, e));
        TRY(engine_turn_put(turn, ENGINE_META, row_key_str(&row), value, e));
    }
    return OK;
}

static enum error_code unclaimed_drop(struct engine_turn *turn, const struct store_completion *c,
                                      struct arena scratch, struct error *e) {
    for (size_t i = 0; i < c->unclaimed_count; i++) {
        struct arena here = scratch;
        struct row_key row = row_part(c->upload.id, c->unclaimed[i]);
        struct store_part part;
        str value;
        bool found;
        TRY(engine_turn_get(turn, ENGINE_META, row_key_str(&row), &here, &value, &found, e));
        if (!found) continue;
        TRY(row_part_read(c->unclaimed[i], value, &here, &part, e));
        TRY(body_drop(turn, &part.body, e));
        TRY(engine_turn_delete(turn, ENGINE_META, row_key_str(&row), e));
    }
    return OK;
}

static enum error_code upload_finish(struct engine_turn *turn, const struct store_bucket *bucket,
                                     const struct store_completion *c,
                                     const struct store_version *version, struct arena scratch,
                                     struct error *e) {
    struct store_upload upload = c->upload;
    upload.finished = true;
    upload.result = *version;
    struct row_key row = row_upload(bucket->id, upload.key, upload.id),
                   change = row_change(upload.id),
                   expiry = row_expiry(version->modified_ns, upload.id);
    str value;
    TRY(row_upload_write(&upload, &scratch, &value, e));
    TRY(engine_turn_put(turn, ENGINE_META, row_key_str(&row), value, e));
    TRY(engine_turn_put(turn, ENGINE_META, row_key_str(&expiry), row_key_str(&row), e));
    return engine_turn_delete(turn, ENGINE_META, row_key_str(&change), e);
}

enum error_code store_complete(struct engine_turn *turn, const struct store_bucket *bucket,
                               const struct store_completion *c, struct store_version *version,
                               const struct store_condition *condition, struct arena scratch,
                               struct error *e) {
    struct store_upload now;
    struct row_key change = row_change(c->upload.id);
    str value;
    bool found;
    TRY(store_upload_get(turn, bucket, c->upload.key, c->upload.id, &scratch, &now, e));
    TRY(engine_turn_get(turn, ENGINE_META, row_key_str(&change), &scratch, &value, &found, e));
    if (now.finished || !found || value.len != 8 || read_be64(value.at) != c->change)
        return error_set(e, FAIL_CONDITION_CONFLICT,
                         "the upload changed while it was being completed; try again");
    version->body = (struct store_body){.kind = STORE_BODY_PARTS,
                                        .upload = c->upload.id,
                                        .part_count = (uint16_t)c->count,
                                        .bytes = c->bytes,
                                        .stored_bytes = c->stored_bytes,
                                        .encrypted = c->any_encrypted && !c->any_in_clear,
                                        .stored_root = version->body.stored_root};
    version->etag = c->etag;
    TRY(store_put(turn, bucket, version, condition, scratch, e));
    TRY(pages_write(turn, c, scratch, e));
    TRY(unclaimed_drop(turn, c, scratch, e));
    return upload_finish(turn, bucket, c, version, scratch, e);
}

/* ---- finding a part again ---- */

struct page {
    struct unpack rest;
    uint32_t first, count;
    uint64_t begin;
};

static void page_open(str row, struct page *page) {
    page->rest = unpack_from(row);
    page->first = unpack_u16(&page->rest);
    page->begin = unpack_u64(&page->rest);
    page->count = unpack_u32(&page->rest);
    if (page->count > PAGE_PARTS) page->rest.broken = true;
}

static enum error_code part_get(struct engine_view *view, struct store_upload_id id,
                                uint16_t number, struct arena *arena, struct store_part *out,
                                struct error *e) {
    struct row_key row = row_part(id, number);
    str value;
    bool found;
    TRY(engine_view_get(view, ENGINE_META, row_key_str(&row), arena, &value, &found, e));
    if (!found) return error_set(e, FAIL_CORRUPT, "part %u of an object has no row", number);
    return row_part_read(number, value, arena, out, e);
}

/* Walks pages from `from` on until `is_it` says where to stop. */
static enum error_code page_search(struct engine_view *view, const struct store_version *version,
                                   struct row_key from, uint64_t offset, uint32_t position,
                                   uint16_t *number, uint64_t *first, bool *found,
                                   struct error *e) {
    struct row_key all = row_page(version->body.upload, 0, 0), until;
    struct engine_scan *scan;
    all.len -= 8 + 2;
    until = row_after(all);
    TRY(engine_view_scan(view, ENGINE_META, row_key_str(&from), row_key_str(&until), &scan, e));
    enum error_code code = OK;
    *found = false;
    while (code == OK && !*found) {
        struct page page;
        bool more;
        str key, row;
        code = engine_scan_next(scan, &more, &key, &row, e);
        if (code != OK || !more) break;
        page_open(row, &page);
        uint64_t begin = page.begin;
        for (uint32_t i = 0; i < page.count && !*found && !page.rest.broken; i++) {
            uint16_t part_number = unpack_u16(&page.rest);
            uint64_t end = unpack_u64(&page.rest);
            bool here = position > 0 ? page.first + i + 1 == position : offset < end;
            if (here && !page.rest.broken) {
                *number = part_number;
                *first = begin;
                *found = true;
            }
            begin = end;
        }
        if (page.rest.broken) code = error_set(e, FAIL_CORRUPT, "a page of parts ends too early");
    }
    engine_scan_close(scan);
    return code;
}

enum error_code store_part_at(struct engine_view *view, const struct store_version *version,
                              uint64_t offset, struct arena *arena, struct store_part *out,
                              uint64_t *first, struct error *e) {
    assert(version->body.kind == STORE_BODY_PARTS);
    uint16_t number;
    uint64_t begin;
    bool found;
    /* The first page that ends after the byte. */
    struct row_key from = row_page(version->body.upload, offset + 1, 0);
    TRY(page_search(view, version, from, offset, 0, &number, &begin, &found, e));
    if (!found)
        return error_set(e, FAIL_CORRUPT, "no part holds byte %llu", (unsigned long long)offset);
    TRY(part_get(view, version->body.upload, number, arena, out, e));
    if (offset - begin >= out->body.bytes)
        return error_set(e, FAIL_CORRUPT, "part %u is shorter than its page says", number);
    *first = begin;
    return OK;
}

enum error_code store_part_nth(struct engine_view *view, const struct store_version *version,
                               uint32_t number, struct arena *arena, struct store_part *out,
                               uint64_t *first, struct error *e) {
    assert(version->body.kind == STORE_BODY_PARTS);
    uint16_t part_number;
    bool found = false;
    if (number >= 1 && number <= version->body.part_count)
        TRY(page_search(view, version, row_page(version->body.upload, 0, 0), 0, number,
                        &part_number, first, &found, e));
    if (!found)
        return error_set(e, FAIL_INVALID_PART_NUMBER, "part %u is asked for; the object has %u",
                         number, version->body.part_count);
    return part_get(view, version->body.upload, part_number, arena, out, e);
}
