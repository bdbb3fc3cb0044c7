/* The gate of the tests. One reactor, no locks; memory that is never given back before the end. */
#include "tests/s3/fake_gate.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum { OBJECTS_MAX = 4096, UPLOADS_MAX = 64, PARTS_MAX = 256, BUCKETS_MAX = 32 };

struct fake_object {
    str bucket;
    struct store_version version;
    str bytes;
    struct store_part parts[PARTS_MAX];
    unsigned part_count;
    bool gone;
};
struct fake_upload {
    str bucket;
    struct store_upload upload;
    struct store_part parts[PARTS_MAX];
    str bytes[PARTS_MAX];
    unsigned part_count;
    bool gone;
    str version;
};
struct gate {
    struct arena_space space;
    struct arena arena;
    struct store_bucket buckets[BUCKETS_MAX];
    unsigned bucket_count;
    struct fake_object objects[OBJECTS_MAX];
    unsigned object_count;
    struct fake_upload uploads[UPLOADS_MAX];
    unsigned upload_count;
    uint64_t calls, lookups, entries, sequence;
    unsigned open_writings, fail_after;
    enum error_code fail_code;
};
struct gate_writing {
    struct gate_visit *visit;
    struct gate_put put;
    char *bytes;
    size_t len, cap;
    struct gate_digests digests;
};
struct gate_inner_reading {
    const struct fake_object *object;
    uint64_t at, end;
};

struct gate *fake_gate_open(void) {
    struct gate *gate = calloc(1, sizeof *gate);
    struct error e;
    assert(gate != NULL);
    assert(arena_space_open(&gate->space, (size_t)1 << 31, &gate->arena, &e) == OK);
    gate->sequence = (uint64_t)clock_wall_ns();
    return gate;
}
void fake_gate_close(struct gate *gate) {
    arena_space_release(&gate->space);
    free(gate);
}
uint64_t fake_gate_calls(const struct gate *gate) {
    return gate->calls;
}
uint64_t fake_gate_lookups(const struct gate *gate) {
    return gate->lookups;
}
unsigned fake_gate_open_writings(const struct gate *gate) {
    return gate->open_writings;
}
void fake_gate_fail(struct gate *gate, unsigned after, enum error_code code) {
    gate->fail_after = after;
    gate->fail_code = code;
}

static str keep(struct gate *gate, str s) {
    struct error e;
    str out;
    assert(arena_copy(&gate->arena, s, &out, &e) == OK);
    return out;
}
static struct store_pairs keep_pairs(struct gate *gate, struct store_pairs pairs) {
    struct store_pair *at = arena_new(&gate->arena, struct store_pair, pairs.count);
    for (size_t i = 0; i < pairs.count; i++)
        at[i] = (struct store_pair){keep(gate, pairs.at[i].name), keep(gate, pairs.at[i].value)};
    return (struct store_pairs){at, pairs.count};
}

/* ---- visits and decisions ---- */

void gate_visit_begin(struct gate *gate, struct gate_visit *visit, struct arena *arena) {
    visit->gate = gate;
    visit->arena = arena;
}
void gate_visit_end(struct gate_visit *visit) {
    (void)visit;
}
enum error_code gate_visit_key(struct gate_visit *visit, str access_key, str *secret,
                               struct error *e) {
    visit->gate->lookups++;
    if (!str_equal(access_key, FAKE_KEY))
        return error_set(e, FAIL_ACCESS_KEY, "the access key is not known here");
    *secret = FAKE_SECRET;
    visit->access_key = access_key;
    return OK;
}
void gate_visit_vouch(struct gate_visit *visit) {
    visit->user = visit->gate;
}
str gate_visit_user(const struct gate_visit *visit) {
    return visit->user != NULL ? STR("root") : STR_EMPTY;
}

static enum error_code decide(struct gate_visit *visit, str bucket, bool makes_entry,
                              struct gate_answer *answer, struct error *e) {
    visit->gate->calls++;
    assert(visit->user != NULL); /* nobody comes here unvouched */
    *answer = (struct gate_answer){.decided = true};
    if (str_starts(bucket, STR("warned-"))) {
        answer->effect = GATE_WARN;
        answer->clauses = STR("test/warns");
    }
    bool refused = str_starts(bucket, STR("refused-"));
    if (makes_entry || refused) {
        uint64_t entry = visit->gate->entries++;
        TRY(arena_format(visit->arena, &answer->receipt, e, "test#%llu",
                         (unsigned long long)entry));
    }
    if (!refused) return OK;
    answer->effect = GATE_REFUSE;
    answer->clauses = STR("test/refuses");
    return error_set(e, FAIL_REFUSED, "refused by test/refuses: the place is abroad");
}

static struct store_bucket *bucket_find(struct gate *gate, str name) {
    for (unsigned i = 0; i < gate->bucket_count; i++)
        if (str_equal(gate->buckets[i].name, name)) return &gate->buckets[i];
    return NULL;
}
static enum error_code come(struct gate_visit *visit, str name, bool makes_entry,
                            struct store_bucket **out, struct gate_answer *answer,
                            struct error *e) {
    TRY(decide(visit, name, makes_entry, answer, e));
    *out = bucket_find(visit->gate, name);
    if (*out == NULL)
        return error_set(e, FAIL_NO_SUCH_BUCKET, "The specified bucket does not exist");
    return OK;
}

/* ---- buckets ---- */

enum error_code gate_bucket_list(struct gate_visit *visit,
                                 enum error_code (*each)(void *self, const struct store_bucket *,
                                                         struct error *e),
                                 void *self, struct gate_answer *answer, struct error *e) {
    struct gate *gate = visit->gate;
    *answer = (struct gate_answer){0};
    gate->calls++;
    for (unsigned i = 0; i < gate->bucket_count; i++) TRY(each(self, &gate->buckets[i], e));
    return OK;
}
enum error_code gate_bucket_expect(struct gate_visit *visit, str bucket, str owner,
                                   struct error *e) {
    const struct store_bucket *found = bucket_find(visit->gate, bucket);
    if (found == NULL || str_equal(found->owner, owner)) return OK;
    return error_set(e, FAIL_ACCESS_DENIED, "Access Denied");
}
enum error_code gate_bucket_get(struct gate_visit *visit, str bucket,
                                const struct store_bucket **out, struct gate_answer *answer,
                                struct error *e) {
    struct store_bucket *found;
    TRY(come(visit, bucket, false, &found, answer, e));
    *out = found;
    return OK;
}
enum error_code gate_bucket_create(struct gate_visit *visit, str bucket, struct gate_answer *answer,
                                   struct error *e) {
    struct gate *gate = visit->gate;
    TRY(decide(visit, bucket, true, answer, e));
    if (bucket_find(gate, bucket) != NULL) return error_set(e, FAIL_BUCKET_OWNED, "yours already");
    assert(gate->bucket_count < BUCKETS_MAX);
    unsigned at = gate->bucket_count++;
    while (at > 0 && str_compare(gate->buckets[at - 1].name, bucket) > 0) {
        gate->buckets[at] = gate->buckets[at - 1];
        at--;
    }
    gate->buckets[at] = (struct store_bucket){
        .name = keep(gate, bucket), .created_ns = clock_wall_ns(), .owner = STR("root")};
    return OK;
}
enum error_code gate_bucket_delete(struct gate_visit *visit, str bucket, struct gate_answer *answer,
                                   struct error *e) {
    struct gate *gate = visit->gate;
    struct store_bucket *found;
    TRY(come(visit, bucket, true, &found, answer, e));
    for (unsigned i = 0; i < gate->object_count; i++)
        if (!gate->objects[i].gone && str_equal(gate->objects[i].bucket, bucket))
            return error_set(e, FAIL_BUCKET_NOT_EMPTY, "the bucket is not empty");
    unsigned at = (unsigned)(found - gate->buckets);
    for (gate->bucket_count--; at < gate->bucket_count; at++)
        gate->buckets[at] = gate->buckets[at + 1];
    return OK;
}
enum error_code gate_bucket_versioning(struct gate_visit *visit, str bucket,
                                       enum store_versioning versioning, struct gate_answer *answer,
                                       struct error *e) {
    struct store_bucket *found;
    TRY(come(visit, bucket, true, &found, answer, e));
    found->versioning = versioning;
    return OK;
}
enum error_code gate_bucket_tags(struct gate_visit *visit, str bucket, struct store_pairs tags,
                                 struct gate_answer *answer, struct error *e) {
    struct store_bucket *found;
    TRY(come(visit, bucket, true, &found, answer, e));
    found->tags = keep_pairs(visit->gate, tags);
    return OK;
}

/* ---- objects ---- */

/* Newest last in the array; so the last one found is the current one. */
static struct fake_object *object_find(struct gate *gate, str bucket, str key, bool with_version,
                                       str version) {
    for (unsigned i = gate->object_count; i-- > 0;) {
        struct fake_object *o = &gate->objects[i];
        char text[STORE_VERSION_TEXT_BYTES];
        if (o->gone || !str_equal(o->bucket, bucket) || !str_equal(o->version.key, key)) continue;
        if (with_version &&
            !str_equal(version, str_of(text, store_version_text(&o->version, text))))
            continue;
        return o;
    }
    return NULL;
}
static str version_text(struct gate_visit *visit, const struct store_bucket *bucket,
                        const struct store_version *version) {
    char text[STORE_VERSION_TEXT_BYTES];
    struct error e;
    str out = STR_EMPTY;
    if (bucket->versioning == STORE_UNVERSIONED) return out;
    assert(arena_copy(visit->arena, str_of(text, store_version_text(version, text)), &out, &e) ==
           OK);
    return out;
}
static struct fake_object *object_add(struct gate *gate, const struct store_bucket *bucket,
                                      struct store_version version, str bytes) {
    assert(gate->object_count < OBJECTS_MAX);
    version.is_null = bucket->versioning != STORE_ENABLED;
    if (version.is_null) {
        struct fake_object *old = object_find(gate, bucket->name, version.key, true, STR("null"));
        if (old != NULL) old->gone = true;
    }
    version.sequence = ++gate->sequence;
    version.modified_ns = clock_wall_ns();
    version.key = keep(gate, version.key);
    version.owner = STR("root");
    version.headers = keep_pairs(gate, version.headers);
    version.tags = keep_pairs(gate, version.tags);
    version.body.bytes = bytes.len;
    version.body.encrypted = true;
    struct fake_object *o = &gate->objects[gate->object_count++];
    *o = (struct fake_object){.bucket = bucket->name, .version = version, .bytes = bytes};
    return o;
}
static enum error_code condition_judge(struct gate *gate, str bucket, str key,
                                       const struct store_condition *condition, struct error *e) {
    struct fake_object *now = object_find(gate, bucket, key, false, STR_EMPTY);
    bool there = now != NULL && !now->version.is_delete_marker;
    if (condition->if_none && there) return error_set(e, FAIL_PRECONDITION, "it is there");
    if (!condition->if_match && !condition->if_any) return OK;
    if (!there) return error_set(e, FAIL_NO_SUCH_KEY, "nothing to match");
    if (!condition->if_match) return OK;
    if (memcmp(condition->etag.md5, now->version.etag.md5, MD5_BYTES) != 0)
        return error_set(e, FAIL_PRECONDITION, "another one is there");
    return OK;
}

enum error_code gate_put_open(struct gate_visit *visit, const struct gate_put *put,
                              struct gate_writing **out, struct gate_answer *answer,
                              struct error *e) {
    struct store_bucket *bucket;
    TRY(come(visit, put->bucket, !put->is_part, &bucket, answer, e));
    struct gate_writing *w = calloc(1, sizeof *w);
    assert(w != NULL);
    w->visit = visit;
    w->put = *put;
    visit->gate->open_writings++;
    *out = w;
    return OK;
}
enum error_code gate_put_write(struct gate_writing *w, str bytes, struct error *e) {
    struct gate *gate = w->visit->gate;
    if (gate->fail_after > 0 && --gate->fail_after == 0)
        return error_set(e, gate->fail_code, "told to fail");
    if (w->len + bytes.len > w->cap) {
        w->cap = 2 * (w->len + bytes.len);
        w->bytes = realloc(w->bytes, w->cap);
        assert(w->bytes != NULL);
    }
    memcpy(w->bytes + w->len, bytes.at, bytes.len);
    w->len += bytes.len;
    return OK;
}
enum error_code gate_put_finish(struct gate_writing *w, struct gate_digests *out, struct error *e) {
    struct md5 md5;
    md5_begin(&md5);
    md5_add(&md5, w->bytes, w->len);
    md5_end(&md5, w->digests.md5);
    w->digests.sha256 = sha256_of(str_of(w->bytes, w->len));
    w->digests.bytes = w->len;
    *out = w->digests;
    return OK;
}
void gate_put_abandon(struct gate_writing *w) {
    w->visit->gate->open_writings--;
    free(w->bytes);
    free(w);
}

static struct fake_upload *upload_find(struct gate *gate, str bucket, str key,
                                       struct store_upload_id id) {
    for (unsigned i = 0; i < gate->upload_count; i++) {
        struct fake_upload *u = &gate->uploads[i];
        if (!u->gone && str_equal(u->bucket, bucket) && str_equal(u->upload.key, key) &&
            memcmp(u->upload.id.at, id.at, sizeof id.at) == 0)
            return u;
    }
    return NULL;
}
static enum error_code part_keep(struct gate *gate, const struct gate_put *put,
                                 const struct store_part *part, str bytes, struct error *e) {
    struct fake_upload *u = upload_find(gate, put->bucket, put->key, put->upload);
    if (u == NULL || u->upload.finished) return error_set(e, FAIL_NO_SUCH_UPLOAD, "no such upload");
    unsigned at = 0;
    while (at < u->part_count && u->parts[at].number < part->number) at++;
    if (at == u->part_count || u->parts[at].number != part->number) {
        assert(u->part_count < PARTS_MAX);
        memmove(&u->parts[at + 1], &u->parts[at], (u->part_count - at) * sizeof u->parts[0]);
        memmove(&u->bytes[at + 1], &u->bytes[at], (u->part_count - at) * sizeof u->bytes[0]);
        u->part_count++;
    }
    u->parts[at] = *part;
    u->bytes[at] = bytes;
    return OK;
}
static enum error_code body_keep(struct gate_visit *visit, const struct gate_put *put, str bytes,
                                 const unsigned char md5[MD5_BYTES],
                                 const struct store_checksum *checksum, struct gate_stored *out,
                                 struct error *e) {
    struct gate *gate = visit->gate;
    struct store_bucket *bucket = bucket_find(gate, put->bucket);
    *out = (struct gate_stored){.checksum = *checksum,
                                .bytes = bytes.len,
                                .modified_ns = clock_wall_ns(),
                                .encrypted = bytes.len > 0};
    memcpy(out->etag.md5, md5, MD5_BYTES);
    if (put->is_part) {
        struct store_part part = {.number = put->part_number,
                                  .checksum = *checksum,
                                  .modified_ns = out->modified_ns,
                                  .body = {.bytes = bytes.len}};
        memcpy(part.md5, md5, MD5_BYTES);
        return part_keep(gate, put, &part, bytes, e);
    }
    TRY(condition_judge(gate, put->bucket, put->key, &put->condition, e));
    struct store_version version = {.key = put->key,
                                    .headers = put->headers,
                                    .tags = put->tags,
                                    .checksum = *checksum,
                                    .etag = out->etag};
    struct fake_object *o = object_add(gate, bucket, version, bytes);
    out->version = version_text(visit, bucket, &o->version);
    return OK;
}
enum error_code gate_put_commit(struct gate_writing *w, const struct store_checksum *checksum,
                                struct gate_stored *out, struct gate_answer *answer,
                                struct error *e) {
    struct gate *gate = w->visit->gate;
    str bytes = keep(gate, str_of(w->bytes, w->len));
    enum error_code code = body_keep(w->visit, &w->put, bytes, w->digests.md5, checksum, out, e);
    gate_put_abandon(w);
    return code;
}

/* ---- reading ---- */

enum error_code gate_read_open(struct gate_visit *visit, const struct gate_get *get,
                               struct gate_reading *reading, struct gate_answer *answer,
                               struct error *e) {
    struct store_bucket *bucket;
    *reading = (struct gate_reading){0};
    TRY(come(visit, get->bucket, false, &bucket, answer, e));
    struct fake_object *o =
        object_find(visit->gate, get->bucket, get->key, get->with_version, get->version);
    if (o == NULL)
        return error_set(e, get->with_version ? FAIL_NO_SUCH_VERSION : FAIL_NO_SUCH_KEY,
                         "The specified key does not exist.");
    reading->version = o->version;
    reading->bucket_versioned = bucket->versioning != STORE_UNVERSIONED;
    reading->version_text = version_text(visit, bucket, &o->version);
    if (o->version.is_delete_marker)
        return error_set(e, get->with_version ? FAIL_METHOD_NOT_ALLOWED : FAIL_NO_SUCH_KEY,
                         "a delete marker");
    reading->inner = calloc(1, sizeof *reading->inner);
    assert(reading->inner != NULL);
    reading->inner->object = o;
    reading->inner->end = o->bytes.len;
    return OK;
}
enum error_code gate_read_range(struct gate_reading *reading, uint64_t first, uint64_t count,
                                struct error *e) {
    assert(first + count <= reading->version.body.bytes);
    reading->inner->at = first;
    reading->inner->end = first + count;
    return OK;
}
enum error_code gate_read_parts(struct gate_reading *reading, uint32_t after, uint32_t max,
                                enum error_code (*each)(void *self, const struct store_part *part,
                                                        struct error *e),
                                void *self, struct error *e) {
    const struct fake_object *o = reading->inner->object;
    for (uint32_t i = after; i < o->part_count && i - after < max; i++)
        TRY(each(self, &o->parts[i], e));
    return OK;
}
enum error_code gate_read_part(struct gate_reading *reading, uint32_t number, uint64_t *first,
                               uint64_t *count, uint32_t *part_count, struct error *e) {
    const struct fake_object *o = reading->inner->object;
    uint32_t parts = o->part_count;
    *first = 0;
    *count = o->bytes.len;
    *part_count = parts;
    if (number > (parts > 0 ? parts : 1))
        return error_set(e, FAIL_INVALID_PART_NUMBER, "no such part");
    for (uint32_t i = 0; parts > 0 && i < number; i++) {
        if (i > 0) *first += o->parts[i - 1].body.bytes;
        *count = o->parts[i].body.bytes;
    }
    return OK;
}
enum error_code gate_read_next(struct gate_reading *reading, str *piece, struct error *e) {
    struct gate_inner_reading *inner = reading->inner;
    *piece = str_slice(inner->object->bytes, (size_t)inner->at,
                       (size_t)u64_min(inner->end - inner->at, LIMIT_PIECE_BYTES));
    inner->at += piece->len;
    return OK;
}
/* Nothing here lies in a file. */
enum error_code gate_read_run(struct gate_reading *reading, struct gate_run *out, struct error *e) {
    *out = (struct gate_run){.file = -1};
    return OK;
}
void gate_read_close(struct gate_reading *reading) {
    free(reading->inner);
    reading->inner = NULL;
}

/* ---- delete, copy, tags ---- */

static enum error_code row_delete(struct gate_visit *visit, const struct store_bucket *bucket,
                                  struct gate_delete *row, struct error *e) {
    struct gate *gate = visit->gate;
    if (row->condition.if_match || row->condition.if_any)
        TRY(condition_judge(gate, bucket->name, row->key, &row->condition, e));
    struct fake_object *o =
        object_find(gate, bucket->name, row->key, row->with_version, row->version);
    row->deleted.found = o != NULL;
    if (!row->with_version && bucket->versioning != STORE_UNVERSIONED) {
        struct store_version marker = {.key = row->key, .is_delete_marker = true};
        o = object_add(gate, bucket, marker, STR_EMPTY);
        row->deleted.marker_made = true;
        row->deleted_version = version_text(visit, bucket, &o->version);
    } else if (o != NULL) {
        o->gone = true;
        row->deleted.marker_removed = o->version.is_delete_marker;
        row->deleted_version = version_text(visit, bucket, &o->version);
    }
    return OK;
}
enum error_code gate_delete(struct gate_visit *visit, str bucket, struct gate_delete *rows,
                            size_t count, struct gate_answer *answer, struct error *e) {
    struct store_bucket *found;
    TRY(come(visit, bucket, true, &found, answer, e));
    for (size_t i = 0; i < count; i++) {
        struct error own = {0};
        rows[i].code = row_delete(visit, found, &rows[i], &own);
        if (rows[i].code != OK)
            TRY(arena_copy(visit->arena, str_from_c(own.message), &rows[i].message, e));
    }
    return OK;
}
enum error_code gate_copy(struct gate_visit *visit, const struct gate_copy *copy,
                          struct gate_stored *out, str *source_version, struct gate_answer *answer,
                          struct error *e) {
    struct gate_reading source;
    struct store_bucket *bucket;
    struct gate_put put = copy->target;
    TRY(gate_read_open(visit, &copy->source, &source, answer, e));
    enum error_code code = come(visit, put.bucket, true, &bucket, answer, e);
    if (code == OK && copy->judge != NULL) code = copy->judge(copy->judge_self, &source, e);
    str bytes = source.inner->object->bytes;
    if (copy->with_range) bytes = str_slice(bytes, (size_t)copy->first, (size_t)copy->count);
    if (!copy->replace_headers) put.headers = source.version.headers;
    if (!copy->replace_tags) put.tags = source.version.tags;
    struct store_checksum checksum = {.kind = STORE_CHECKSUM_CRC64NVME, .len = 8};
    write_be64(checksum.at, crc_64nvme(0, bytes.at, bytes.len));
    unsigned char md5_is[MD5_BYTES];
    struct md5 md5;
    md5_begin(&md5);
    md5_add(&md5, bytes.at, bytes.len);
    md5_end(&md5, md5_is);
    if (code == OK) code = body_keep(visit, &put, bytes, md5_is, &checksum, out, e);
    *source_version = source.version_text;
    gate_read_close(&source);
    return code;
}
enum error_code gate_tags_set(struct gate_visit *visit, const struct gate_get *which,
                              struct store_pairs tags, str *version, struct gate_answer *answer,
                              struct error *e) {
    struct store_bucket *bucket;
    TRY(come(visit, which->bucket, true, &bucket, answer, e));
    struct fake_object *o =
        object_find(visit->gate, which->bucket, which->key, which->with_version, which->version);
    if (o == NULL) return error_set(e, FAIL_NO_SUCH_KEY, "The specified key does not exist.");
    o->version.tags = keep_pairs(visit->gate, tags);
    *version = version_text(visit, bucket, &o->version);
    return OK;
}

/* ---- uploads ---- */

enum error_code gate_upload_create(struct gate_visit *visit, const struct gate_upload_new *new,
                                   struct store_upload_id *id, struct gate_answer *answer,
                                   struct error *e) {
    struct gate *gate = visit->gate;
    struct store_bucket *bucket;
    TRY(come(visit, new->bucket, true, &bucket, answer, e));
    assert(gate->upload_count < UPLOADS_MAX);
    struct fake_upload *u = &gate->uploads[gate->upload_count++];
    *u = (struct fake_upload){.bucket = bucket->name,
                              .upload = {.key = keep(gate, new->key),
                                         .initiated_ns = clock_wall_ns(),
                                         .owner = STR("root"),
                                         .headers = keep_pairs(gate, new->headers),
                                         .tags = keep_pairs(gate, new->tags),
                                         .checksum_kind = new->checksum_kind,
                                         .checksum_composite = new->checksum_composite}};
    random_fill(u->upload.id.at, sizeof u->upload.id.at);
    *id = u->upload.id;
    return OK;
}
static enum error_code upload_come(struct gate_visit *visit, str bucket, str key,
                                   struct store_upload_id id, bool makes_entry,
                                   struct fake_upload **out, struct gate_answer *answer,
                                   struct error *e) {
    struct store_bucket *found;
    TRY(come(visit, bucket, makes_entry, &found, answer, e));
    *out = upload_find(visit->gate, bucket, key, id);
    return *out != NULL ? OK : error_set(e, FAIL_NO_SUCH_UPLOAD, "no such upload");
}
enum error_code gate_upload_get(struct gate_visit *visit, str bucket, str key,
                                struct store_upload_id id, struct store_upload *out,
                                struct gate_answer *answer, struct error *e) {
    struct fake_upload *u;
    TRY(upload_come(visit, bucket, key, id, false, &u, answer, e));
    *out = u->upload;
    return OK;
}
enum error_code
gate_part_list(struct gate_visit *visit, str bucket, str key, struct store_upload_id id,
               uint16_t after, uint32_t max,
               enum error_code (*each)(void *self, const struct store_part *part, struct error *e),
               void *self, bool *truncated, struct gate_answer *answer, struct error *e) {
    struct fake_upload *u;
    uint32_t shown = 0;
    TRY(upload_come(visit, bucket, key, id, false, &u, answer, e));
    *truncated = false;
    for (unsigned i = 0; i < u->part_count; i++) {
        if (u->parts[i].number <= after) continue;
        if (shown++ == max) {
            *truncated = true;
            break;
        }
        TRY(each(self, &u->parts[i], e));
    }
    return OK;
}
enum error_code
gate_part_look(struct gate_visit *visit, str bucket, str key, struct store_upload_id id,
               enum error_code (*each)(void *self, const struct store_part *part, struct error *e),
               void *self, struct error *e) {
    struct gate_answer answer;
    bool truncated;
    return gate_part_list(visit, bucket, key, id, 0, PARTS_MAX, each, self, &truncated, &answer, e);
}
enum error_code
gate_upload_complete(struct gate_visit *visit, str bucket, str key, struct store_upload_id id,
                     const struct store_part_claim *claims, size_t count,
                     const struct store_checksum *checksum, const struct store_condition *condition,
                     struct gate_stored *out, struct gate_answer *answer, struct error *e) {
    struct gate *gate = visit->gate;
    struct fake_upload *u;
    TRY(upload_come(visit, bucket, key, id, true, &u, answer, e));
    struct md5 md5;
    size_t bytes = 0;
    struct store_version version = {
        .key = key,
        .headers = u->upload.headers,
        .tags = u->upload.tags,
        .etag = {.parts = (uint16_t)count},
        .body = {.kind = STORE_BODY_PARTS, .part_count = (uint16_t)count}};
    struct fake_object parts = {0};
    md5_begin(&md5);
    for (size_t i = 0; i < count; i++) {
        unsigned at = 0;
        while (at < u->part_count && u->parts[at].number != claims[i].number) at++;
        if (at == u->part_count || memcmp(u->parts[at].md5, claims[i].md5, MD5_BYTES) != 0)
            return error_set(e, FAIL_INVALID_PART, "part %u is not there", claims[i].number);
        md5_add(&md5, claims[i].md5, MD5_BYTES);
        parts.parts[i] = u->parts[at];
        bytes += u->bytes[at].len;
    }
    md5_end(&md5, version.etag.md5);
    TRY(condition_judge(gate, bucket, key, condition, e));
    char *whole = arena_bytes(&gate->arena, bytes);
    size_t len = 0;
    for (size_t i = 0; i < count; i++)
        for (unsigned at = 0; at < u->part_count; at++)
            if (u->parts[at].number == claims[i].number && u->bytes[at].len > 0) {
                memcpy(whole + len, u->bytes[at].at, u->bytes[at].len);
                len += u->bytes[at].len;
            }
    if (checksum != NULL) version.checksum = *checksum;
    if (!u->upload.finished) {
        struct store_bucket *found = bucket_find(gate, bucket);
        struct fake_object *o = object_add(gate, found, version, str_of(whole, len));
        memcpy(o->parts, parts.parts, sizeof o->parts);
        o->part_count = (unsigned)count;
        u->upload.finished = true;
        u->version = keep(gate, version_text(visit, found, &o->version));
    }
    *out = (struct gate_stored){.etag = version.etag,
                                .checksum = version.checksum,
                                .version = u->version,
                                .modified_ns = clock_wall_ns(),
                                .bytes = bytes};
    return OK;
}
enum error_code gate_upload_abort(struct gate_visit *visit, str bucket, str key,
                                  struct store_upload_id id, struct gate_answer *answer,
                                  struct error *e) {
    struct fake_upload *u;
    TRY(upload_come(visit, bucket, key, id, true, &u, answer, e));
    u->gone = true;
    return OK;
}

/* ---- listing ---- */

struct listed_row {
    str key; /* of an object, or a common prefix */
    const struct fake_object *object;
    const struct fake_upload *upload;
};
static int row_compare(const void *a, const void *b) {
    const struct listed_row *x = a, *y = b;
    int order = str_compare(x->key, y->key);
    if (order != 0 || x->object == NULL || y->object == NULL) return order;
    uint64_t s = x->object->version.sequence, t = y->object->version.sequence;
    return s > t ? -1 : s < t;
}
/* Folds, sorts and cuts rows in place; gives how many are shown. */
static size_t rows_fold(struct listed_row *rows, size_t count, const struct store_listing *listing,
                        struct store_listed *out) {
    size_t kept = 0, shown = 0;
    for (size_t i = 0; i < count; i++) {
        str key = rows[i].key, rest = str_skip(key, listing->prefix.len);
        size_t at;
        bool folds = listing->delimiter.len > 0 && str_find(rest, listing->delimiter, &at);
        if (!str_starts(key, listing->prefix)) continue;
        if (folds)
            rows[i] = (struct listed_row){
                .key = str_slice(key, 0, listing->prefix.len + at + listing->delimiter.len)};
        int order = str_compare(rows[i].key, listing->after);
        bool older = listing->versions && order == 0 && rows[i].object != NULL &&
                     rows[i].object->version.sequence < listing->after_sequence;
        if (listing->after.len > 0 && order <= 0 && !older) continue;
        rows[kept++] = rows[i];
    }
    qsort(rows, kept, sizeof *rows, row_compare);
    *out = (struct store_listed){0};
    for (size_t i = 0; i < kept; i++) {
        bool is_prefix = rows[i].object == NULL && rows[i].upload == NULL;
        if (is_prefix && shown > 0 && str_equal(rows[shown - 1].key, rows[i].key)) continue;
        if (shown == listing->max) {
            out->truncated = listing->max > 0;
            break;
        }
        rows[shown++] = rows[i];
    }
    out->count = (uint32_t)shown;
    if (shown > 0) {
        out->next_key = rows[shown - 1].key;
        if (rows[shown - 1].object != NULL)
            out->next_sequence = rows[shown - 1].object->version.sequence;
    }
    return shown;
}
enum error_code gate_list(struct gate_visit *visit, str bucket, const struct store_listing *listing,
                          enum error_code (*each)(void *self, const struct store_version *version,
                                                  str prefix_only, struct error *e),
                          void *self, struct store_listed *out, struct gate_answer *answer,
                          struct error *e) {
    static struct listed_row rows[OBJECTS_MAX];
    struct gate *gate = visit->gate;
    struct store_bucket *found;
    size_t count = 0;
    TRY(come(visit, bucket, false, &found, answer, e));
    for (unsigned i = 0; i < gate->object_count; i++) {
        const struct fake_object *o = &gate->objects[i];
        if (o->gone || !str_equal(o->bucket, bucket)) continue;
        bool current = object_find(gate, bucket, o->version.key, false, STR_EMPTY) == o;
        if (!listing->versions && (!current || o->version.is_delete_marker)) continue;
        rows[count++] = (struct listed_row){.key = o->version.key, .object = o};
    }
    count = rows_fold(rows, count, listing, out);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].object == NULL) {
            TRY(each(self, NULL, rows[i].key, e));
            continue;
        }
        struct store_version version = rows[i].object->version;
        version.is_current =
            object_find(gate, bucket, version.key, false, STR_EMPTY) == rows[i].object;
        TRY(each(self, &version, STR_EMPTY, e));
    }
    return OK;
}
enum error_code
gate_upload_list(struct gate_visit *visit, str bucket, const struct store_listing *listing,
                 struct store_upload_id after_id,
                 enum error_code (*each)(void *self, const struct store_upload *upload,
                                         str prefix_only, struct error *e),
                 void *self, struct store_listed *out, struct store_upload_id *next_id,
                 struct gate_answer *answer, struct error *e) {
    static struct listed_row rows[UPLOADS_MAX];
    struct gate *gate = visit->gate;
    struct store_bucket *found;
    size_t count = 0;
    TRY(come(visit, bucket, false, &found, answer, e));
    for (unsigned i = 0; i < gate->upload_count; i++) {
        const struct fake_upload *u = &gate->uploads[i];
        if (u->gone || u->upload.finished || !str_equal(u->bucket, bucket)) continue;
        rows[count++] = (struct listed_row){.key = u->upload.key, .upload = u};
    }
    count = rows_fold(rows, count, listing, out);
    *next_id = (struct store_upload_id){0};
    for (size_t i = 0; i < count; i++) {
        if (rows[i].upload != NULL) *next_id = rows[i].upload->upload.id;
        TRY(each(self, rows[i].upload != NULL ? &rows[i].upload->upload : NULL,
                 rows[i].upload != NULL ? STR_EMPTY : rows[i].key, e));
    }
    return OK;
}
