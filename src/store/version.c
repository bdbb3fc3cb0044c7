/* Objects and their versions: writing, deleting, finding.
 *
 * Every version has its row under v/, newest first. The current version, unless it is a delete
 * marker, stands once more under o/, so that a GET is one look-up and a listing one walk. A key has
 * at most one version whose id is "null": in a bucket never versioned it is the current one; in
 * others z/ remembers which it is. */
#include "store/version.h"

/* ---- helpers over rows ---- */

static enum error_code turn_version(struct engine_turn *turn, struct row_key row, str key,
                                    struct arena *arena, struct store_version *out, bool *found,
                                    struct error *e) {
    str value;
    TRY(engine_turn_get(turn, ENGINE_META, row_key_str(&row), arena, &value, found, e));
    return *found ? row_version_read(key, value, arena, out, e) : OK;
}

static enum error_code row_put(struct engine_turn *turn, struct row_key row, str value,
                               struct error *e) {
    return engine_turn_put(turn, ENGINE_META, row_key_str(&row), value, e);
}

static enum error_code row_delete(struct engine_turn *turn, struct row_key row, struct error *e) {
    return engine_turn_delete(turn, ENGINE_META, row_key_str(&row), e);
}

static enum error_code null_sequence(struct engine_turn *turn, uint64_t bucket_id, str key,
                                     struct arena scratch, uint64_t *sequence, bool *found,
                                     struct error *e) {
    struct row_key row = row_null(bucket_id, key);
    str value;
    TRY(engine_turn_get(turn, ENGINE_META, row_key_str(&row), &scratch, &value, found, e));
    if (!*found) return OK;
    if (value.len != 8)
        return error_set(e, FAIL_CORRUPT, "a null-version row of %zu bytes", value.len);
    *sequence = read_be64(value.at);
    return OK;
}

static enum error_code null_remember(struct engine_turn *turn, uint64_t bucket_id, str key,
                                     uint64_t sequence, struct error *e) {
    unsigned char bytes[8];
    write_be64(bytes, sequence);
    return row_put(turn, row_null(bucket_id, key), str_of(bytes, sizeof bytes), e);
}

enum error_code body_drop(struct engine_turn *turn, const struct store_body *body,
                          struct error *e) {
    switch (body->kind) {
    case STORE_BODY_EMPTY: return OK;
    case STORE_BODY_INLINE:
        return engine_turn_delete(turn, ENGINE_BODY, str_of(body->blob.at, sizeof body->blob.at),
                                  e);
    case STORE_BODY_FILE:
        TRY(row_delete(turn, row_blob(body->blob), e));
        return engine_turn_blob_drop(turn, body->blob, e);
    case STORE_BODY_PARTS: return row_put(turn, row_garbage(body->upload), STR("1"), e);
    }
    return error_set(e, FAIL_CORRUPT, "a body of kind %d", (int)body->kind);
}

enum error_code body_name(struct engine_turn *turn, const struct store_body *body,
                          struct error *e) {
    if (body->kind != STORE_BODY_FILE) return OK;
    return row_put(turn, row_blob(body->blob), STR("1"), e);
}

/* ---- writing ---- */

static enum error_code condition_check(const struct store_condition *condition, bool found,
                                       const struct store_version *current, str key,
                                       struct error *e) {
    if (condition == NULL) return OK;
    if (condition->if_none && found)
        return error_set(e, FAIL_PRECONDITION,
                         "If-None-Match: * does not hold: the key has an object");
    if (!condition->if_match && !condition->if_any) return OK;
    if (!found)
        return error_set(e, FAIL_NO_SUCH_KEY, "If-Match does not hold: the key has no object");
    if (!condition->if_match) return OK;
    if (memcmp(condition->etag.md5, current->etag.md5, MD5_BYTES) != 0 ||
        condition->etag.parts != current->etag.parts)
        return error_set(e, FAIL_PRECONDITION, "If-Match does not hold: the ETag is another");
    return OK;
}

/* Takes away the null version of a key, if there is one, with its body. */
static enum error_code null_remove(struct engine_turn *turn, const struct store_bucket *bucket,
                                   str key, bool has_current, const struct store_version *current,
                                   struct arena scratch, struct error *e) {
    bool found = has_current && current->is_null;
    uint64_t sequence = found ? current->sequence : 0;
    if (!found && bucket->versioning != STORE_UNVERSIONED)
        TRY(null_sequence(turn, bucket->id, key, scratch, &sequence, &found, e));
    if (!found) return OK;
    struct store_version old;
    struct row_key row = row_version(bucket->id, key, sequence);
    TRY(turn_version(turn, row, key, &scratch, &old, &found, e));
    if (!found) return error_set(e, FAIL_CORRUPT, "the null version of a key has no row");
    TRY(body_drop(turn, &old.body, e));
    return row_delete(turn, row, e);
}

/* A null version that is current in a versioned bucket is about to be covered: remember it. */
static enum error_code null_cover(struct engine_turn *turn, const struct store_bucket *bucket,
                                  str key, bool has_current, const struct store_version *current,
                                  struct error *e) {
    if (!has_current || !current->is_null) return OK;
    return null_remember(turn, bucket->id, key, current->sequence, e);
}

static enum error_code version_insert(struct engine_turn *turn, const struct store_bucket *bucket,
                                      const struct store_version *v, struct arena scratch,
                                      struct error *e) {
    str value;
    TRY(row_version_write(v, &scratch, &value, e));
    TRY(row_put(turn, row_version(bucket->id, v->key, v->sequence), value, e));
    TRY(v->is_delete_marker ? row_delete(turn, row_object(bucket->id, v->key), e)
                            : row_put(turn, row_object(bucket->id, v->key), value, e));
    if (v->is_null && bucket->versioning != STORE_UNVERSIONED)
        TRY(null_remember(turn, bucket->id, v->key, v->sequence, e));
    return body_name(turn, &v->body, e);
}

static enum error_code version_supersede(struct engine_turn *turn,
                                         const struct store_bucket *bucket, struct store_version *v,
                                         bool has_current, const struct store_version *current,
                                         struct arena scratch, struct error *e) {
    v->is_null = bucket->versioning != STORE_ENABLED;
    TRY(v->is_null ? null_remove(turn, bucket, v->key, has_current, current, scratch, e)
                   : null_cover(turn, bucket, v->key, has_current, current, e));
    return version_insert(turn, bucket, v, scratch, e);
}

enum error_code store_put(struct engine_turn *turn, const struct store_bucket *bucket,
                          struct store_version *version, const struct store_condition *condition,
                          struct arena scratch, struct error *e) {
    assert(!version->is_delete_marker);
    struct store_version current = {0};
    bool found;
    TRY(turn_version(turn, row_object(bucket->id, version->key), version->key, &scratch, &current,
                     &found, e));
    TRY(condition_check(condition, found, &current, version->key, e));
    TRY(version_supersede(turn, bucket, version, found, &current, scratch, e));
    version->is_current = true;
    return OK;
}

/* ---- deleting ---- */

static enum error_code delete_plain(struct engine_turn *turn, const struct store_bucket *bucket,
                                    str key, bool found, const struct store_version *current,
                                    struct arena *arena, struct store_deleted *out,
                                    struct error *e) {
    if (!found) return OK;
    TRY(row_delete(turn, row_version(bucket->id, key, current->sequence), e));
    TRY(row_delete(turn, row_object(bucket->id, key), e));
    TRY(body_drop(turn, &current->body, e));
    out->found = true;
    out->version = *current;
    return OK;
}

/* The newest version that is left, if it is an object, becomes what o/ shows. */
static enum error_code current_renew(struct engine_turn *turn, uint64_t bucket_id, str key,
                                     struct arena scratch, struct error *e) {
    struct row_key from = row_versions(bucket_id, key), until = row_after(from);
    struct engine_scan *scan;
    bool more;
    str row_key, row;
    TRY(engine_turn_scan(turn, ENGINE_META, row_key_str(&from), row_key_str(&until), &scan, e));
    enum error_code code = engine_scan_next(scan, &more, &row_key, &row, e);
    str kept = STR_EMPTY;
    /* The turn may not be written while the scan is open: keep the row, then close. */
    if (code == OK && more && !row_version_is_marker(row))
        code = arena_copy(&scratch, row, &kept, e);
    engine_scan_close(scan);
    if (code != OK) return code;
    return kept.len > 0 ? row_put(turn, row_object(bucket_id, key), kept, e)
                        : row_delete(turn, row_object(bucket_id, key), e);
}

static enum error_code delete_version(struct engine_turn *turn, const struct store_bucket *bucket,
                                      str key, bool is_null, uint64_t sequence, struct arena *arena,
                                      struct store_deleted *out, struct error *e) {
    struct store_version old;
    enum error_code code =
        store_version_get(turn, bucket, key, true, is_null, sequence, arena, &old, e);
    if (code == FAIL_NO_SUCH_VERSION) return OK;
    if (code != OK) return code;
    TRY(row_delete(turn, row_version(bucket->id, key, old.sequence), e));
    TRY(body_drop(turn, &old.body, e));
    if (old.is_null && bucket->versioning != STORE_UNVERSIONED)
        TRY(row_delete(turn, row_null(bucket->id, key), e));
    out->found = true;
    out->marker_removed = old.is_delete_marker;
    out->version = old;
    return current_renew(turn, bucket->id, key, *arena, e);
}

enum error_code store_delete(struct engine_turn *turn, const struct store_bucket *bucket, str key,
                             bool with_version, bool version_is_null, uint64_t version_sequence,
                             const struct store_condition *condition, uint64_t sequence, str owner,
                             uint64_t entry, struct arena *arena, struct store_deleted *out,
                             struct error *e) {
    *out = (struct store_deleted){0};
    struct store_version current = {0};
    bool found;
    TRY(turn_version(turn, row_object(bucket->id, key), key, arena, &current, &found, e));
    TRY(condition_check(condition, found, &current, key, e));
    if (with_version)
        return delete_version(turn, bucket, key, version_is_null, version_sequence, arena, out, e);
    if (bucket->versioning == STORE_UNVERSIONED)
        return delete_plain(turn, bucket, key, found, &current, arena, out, e);
    struct store_version marker = {.key = key,
                                   .sequence = sequence,
                                   .is_delete_marker = true,
                                   .is_current = true,
                                   .modified_ns = (int64_t)sequence,
                                   .owner = owner,
                                   .entry = entry};
    TRY(version_supersede(turn, bucket, &marker, found, &current, *arena, e));
    *out = (struct store_deleted){.found = found, .marker_made = true, .version = marker};
    return OK;
}

/* ---- one version: finding and updating ---- */

enum error_code store_version_get(struct engine_turn *turn, const struct store_bucket *bucket,
                                  str key, bool with_version, bool version_is_null,
                                  uint64_t version_sequence, struct arena *arena,
                                  struct store_version *out, struct error *e) {
    bool found;
    if (!with_version) {
        TRY(turn_version(turn, row_object(bucket->id, key), key, arena, out, &found, e));
        if (!found) return error_set(e, FAIL_NO_SUCH_KEY, "the key has no object");
        out->is_current = true;
        return OK;
    }
    uint64_t sequence = version_sequence;
    if (version_is_null) {
        struct store_version current;
        found = false;
        if (bucket->versioning != STORE_UNVERSIONED)
            TRY(null_sequence(turn, bucket->id, key, *arena, &sequence, &found, e));
        if (!found) {
            TRY(turn_version(turn, row_object(bucket->id, key), key, arena, &current, &found, e));
            if (found && current.is_null)
                sequence = current.sequence;
            else
                found = false;
        }
        if (!found) return error_set(e, FAIL_NO_SUCH_VERSION, "the key has no null version");
    }
    TRY(turn_version(turn, row_version(bucket->id, key, sequence), key, arena, out, &found, e));
    if (!found || out->is_null != version_is_null)
        return error_set(e, FAIL_NO_SUCH_VERSION, "the key has no such version");
    return OK;
}

enum error_code store_version_update(struct engine_turn *turn, const struct store_bucket *bucket,
                                     const struct store_version *version, struct arena scratch,
                                     struct error *e) {
    str value;
    bool found;
    struct store_version current;
    TRY(row_version_write(version, &scratch, &value, e));
    TRY(row_put(turn, row_version(bucket->id, version->key, version->sequence), value, e));
    TRY(turn_version(turn, row_object(bucket->id, version->key), version->key, &scratch, &current,
                     &found, e));
    if (found && current.sequence == version->sequence)
        TRY(row_put(turn, row_object(bucket->id, version->key), value, e));
    return OK;
}

/* A version on its way to its body. */
struct version_lead {
    struct engine_lead lead;
    str key;
    struct arena *arena;
    struct store_version *version;
};

static enum error_code body_of_version(struct engine_lead *lead, str row, str *body,
                                       struct error *e) {
    struct version_lead *l = (struct version_lead *)lead;
    TRY(row_version_read(l->key, row, l->arena, l->version, e));
    const struct store_body *stored = &l->version->body;
    *body = stored->kind == STORE_BODY_INLINE ? str_of(stored->blob.at, sizeof stored->blob.at)
                                              : STR_EMPTY;
    return OK;
}

/* `stored` NULL: the row alone. */
static enum error_code view_version(struct engine_view *view, struct row_key row, str key,
                                    struct arena *arena, struct store_version *out, str *stored,
                                    bool *found, struct error *e) {
    str value;
    if (stored == NULL) {
        TRY(engine_view_get(view, ENGINE_META, row_key_str(&row), arena, &value, found, e));
        return *found ? row_version_read(key, value, arena, out, e) : OK;
    }
    struct version_lead l = {{.family = ENGINE_BODY, .next = body_of_version}, key, arena, out};
    TRY(engine_view_get_led(view, ENGINE_META, row_key_str(&row), &l.lead, arena, &value, found,
                            e));
    if (*found && out->body.kind == STORE_BODY_INLINE && !l.lead.found)
        return error_set(e, FAIL_CORRUPT, "a body that a row names is not in the engine");
    *stored = l.lead.value;
    return OK;
}

/* Without an id and without an object: the newest version, if it is a delete marker. */
static enum error_code view_marker(struct engine_view *view, uint64_t bucket_id, str key,
                                   struct arena *arena, struct store_version *out, bool *found,
                                   struct error *e) {
    struct row_key from = row_versions(bucket_id, key), until = row_after(from);
    struct engine_scan *scan;
    str row_key, row;
    TRY(engine_view_scan(view, ENGINE_META, row_key_str(&from), row_key_str(&until), &scan, e));
    enum error_code code = engine_scan_next(scan, found, &row_key, &row, e);
    if (code == OK && *found) code = row_version_read(key, row, arena, out, e);
    engine_scan_close(scan);
    return code;
}

static enum error_code find(struct engine_view *view, uint64_t bucket_id, str key,
                            bool with_version, bool version_is_null, uint64_t version_sequence,
                            struct arena *arena, struct store_version *out, str *stored,
                            bool *found, struct error *e) {
    uint64_t sequence = version_sequence;
    if (!with_version || version_is_null) {
        TRY(view_version(view, row_object(bucket_id, key), key, arena, out, stored, found, e));
        if (*found && (!with_version || out->is_null)) {
            out->is_current = true;
            return OK;
        }
    }
    if (!with_version) {
        TRY(view_marker(view, bucket_id, key, arena, out, found, e));
        out->is_current = *found;
        return OK;
    }
    if (version_is_null) {
        struct row_key row = row_null(bucket_id, key);
        str value;
        TRY(engine_view_get(view, ENGINE_META, row_key_str(&row), arena, &value, found, e));
        if (!*found) return OK;
        if (value.len != 8)
            return error_set(e, FAIL_CORRUPT, "a null-version row of %zu bytes", value.len);
        sequence = read_be64(value.at);
    }
    TRY(view_version(view, row_version(bucket_id, key, sequence), key, arena, out, stored, found,
                     e));
    if (*found && out->is_null != version_is_null) *found = false;
    return OK;
}

enum error_code store_version_find(struct engine_view *view, uint64_t bucket_id, str key,
                                   bool with_version, bool version_is_null,
                                   uint64_t version_sequence, struct arena *arena,
                                   struct store_version *out, bool *found, struct error *e) {
    return find(view, bucket_id, key, with_version, version_is_null, version_sequence, arena, out,
                NULL, found, e);
}

enum error_code store_version_fetch(struct engine_view *view, uint64_t bucket_id, str key,
                                    bool with_version, bool version_is_null,
                                    uint64_t version_sequence, struct arena *arena,
                                    struct store_version *out, str *stored, bool *found,
                                    struct error *e) {
    *stored = STR_EMPTY;
    return find(view, bucket_id, key, with_version, version_is_null, version_sequence, arena, out,
                stored, found, e);
}
