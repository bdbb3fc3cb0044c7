/* Whether the rows agree with each other: what must hold between any two turns.
 *
 *   every o/ is the newest v/ of its key, and every newest v/ that is no marker has its o/
 *   a key has at most one null version, and z/ names it once it is covered
 *   every body is there, and nothing is there that no row names
 *   parts, pages, counters and leftovers belong to an upload that is open, an object, or garbage */
#include "store/version.h"

#include <stdlib.h>

enum upload_state { UPLOAD_OPEN, UPLOAD_OBJECT, UPLOAD_GARBAGE };
struct check_upload {
    struct store_upload_id id;
    enum upload_state state;
};

struct check {
    struct engine_view *view;
    struct arena scratch;
    struct check_upload *uploads; /* sorted by id before parts are looked at */
    size_t upload_count, upload_room;
    uint64_t open, finished; /* uploads */
    uint64_t currents, nulls, inlines, files;
    /* the key being walked */
    uint64_t bucket_id;
    char key[LIMIT_KEY_BYTES];
    size_t key_len;
    bool has_key;
    uint64_t null_sequence;
    bool has_null, null_is_newest;
};

typedef enum error_code check_row(struct check *c, str key, str row, struct error *e);

static enum error_code wrong(struct error *e, const char *what, str key) {
    return error_set(e, FAIL_CORRUPT, "%s (a key of %zu bytes, \"%.1s/\")", what, key.len,
                     key.len > 0 ? key.at : "?");
}

static enum error_code rows_walk(struct check *c, enum engine_family family, str from, str until,
                                 check_row *each, uint64_t *count, struct error *e) {
    struct engine_scan *scan;
    TRY(engine_view_scan(c->view, family, from, until, &scan, e));
    enum error_code code = OK;
    *count = 0;
    while (code == OK) {
        bool more;
        str key, row;
        code = engine_scan_next(scan, &more, &key, &row, e);
        if (code != OK || !more) break;
        (*count)++;
        if (each != NULL) code = each(c, key, row, e);
    }
    engine_scan_close(scan);
    return code;
}

static enum error_code row_get(struct check *c, enum engine_family family, str key,
                               struct arena *arena, str *row, bool *found, struct error *e) {
    return engine_view_get(c->view, family, key, arena, row, found, e);
}

static enum error_code row_need(struct check *c, struct row_key key, const char *what,
                                struct error *e) {
    struct arena scratch = c->scratch;
    str row;
    bool found;
    TRY(row_get(c, ENGINE_META, row_key_str(&key), &scratch, &row, &found, e));
    return found ? OK : wrong(e, what, row_key_str(&key));
}

static enum error_code upload_add(struct check *c, struct store_upload_id id,
                                  enum upload_state state, struct error *e) {
    if (c->upload_count == c->upload_room)
        return error_set(e, FAIL_MEMORY, "no room to check %zu uploads", c->upload_count);
    c->uploads[c->upload_count++] = (struct check_upload){id, state};
    return OK;
}

/* ---- bodies ---- */

static enum error_code body_check(struct check *c, const struct store_body *body, struct error *e) {
    struct arena scratch = c->scratch;
    str blob = str_of(body->blob.at, sizeof body->blob.at), row;
    bool found;
    switch (body->kind) {
    case STORE_BODY_EMPTY: return body->bytes == 0 ? OK : wrong(e, "an empty body has bytes", blob);
    case STORE_BODY_INLINE:
        c->inlines++;
        TRY(row_get(c, ENGINE_BODY, blob, &scratch, &row, &found, e));
        return found ? OK : wrong(e, "a small body is missing", blob);
    case STORE_BODY_FILE:
        c->files++;
        return row_need(c, row_blob(body->blob), "a file is named that r/ does not keep", e);
    case STORE_BODY_PARTS: return upload_add(c, body->upload, UPLOAD_OBJECT, e);
    }
    return wrong(e, "a body of no kind", blob);
}

/* ---- versions ---- */

static enum error_code key_end(struct check *c, struct error *e) {
    struct arena scratch = c->scratch;
    str key = str_of(c->key, c->key_len), row;
    bool found;
    if (!c->has_key) return OK;
    struct row_key z = row_null(c->bucket_id, key);
    TRY(row_get(c, ENGINE_META, row_key_str(&z), &scratch, &row, &found, e));
    if (found) c->nulls++;
    if (found && !c->has_null) return wrong(e, "z/ names a null version that is not there", key);
    if (found && (row.len != 8 || read_be64(row.at) != c->null_sequence))
        return wrong(e, "z/ names another version than the null one", key);
    if (!found && c->has_null && !c->null_is_newest)
        return wrong(e, "a covered null version is not remembered", key);
    return OK;
}

static enum error_code current_check(struct check *c, str key, str row, bool is_marker,
                                     struct error *e) {
    struct arena scratch = c->scratch;
    struct row_key o = row_object(c->bucket_id, key);
    str current;
    bool found;
    TRY(row_get(c, ENGINE_META, row_key_str(&o), &scratch, &current, &found, e));
    if (found == is_marker)
        return wrong(e, found ? "o/ shows a deleted key" : "o/ does not show the newest version",
                     key);
    if (found && !str_equal(current, row)) return wrong(e, "o/ is not the newest version", key);
    c->currents += found;
    return OK;
}

static enum error_code version_check(struct check *c, str row_key, str row, struct error *e) {
    struct arena scratch = c->scratch;
    struct store_version v;
    uint64_t sequence;
    str key;
    if (!row_version_key(row_key, &key, &sequence) || key.len > LIMIT_KEY_BYTES)
        return wrong(e, "a version row's key", row_key);
    TRY(row_version_read(key, row, &scratch, &v, e));
    if (v.sequence != sequence) return wrong(e, "a version lies under another's sequence", key);
    uint64_t bucket_id = read_be64(row_key.at + 2);
    bool newest =
        !c->has_key || bucket_id != c->bucket_id || !str_equal(key, str_of(c->key, c->key_len));
    if (newest) {
        TRY(key_end(c, e));
        c->has_key = true;
        c->has_null = false;
        c->bucket_id = bucket_id;
        memcpy(c->key, key.at, key.len);
        c->key_len = key.len;
        TRY(current_check(c, key, row, v.is_delete_marker, e));
    }
    if (v.is_null && c->has_null) return wrong(e, "a key has two null versions", key);
    if (v.is_null) {
        c->has_null = true;
        c->null_sequence = sequence;
        c->null_is_newest = newest;
    }
    return body_check(c, &v.body, e);
}

/* ---- uploads ---- */

static enum error_code upload_check(struct check *c, str row_key, str row, struct error *e) {
    struct arena scratch = c->scratch;
    struct store_upload_id id;
    struct store_upload upload;
    str key;
    if (!row_upload_key(row_key, &key, &id)) return wrong(e, "an upload row's key", row_key);
    TRY(row_upload_read(key, id, row, &scratch, &upload, e));
    if (upload.finished) {
        c->finished++;
        return OK;
    }
    c->open++;
    TRY(row_need(c, row_change(id), "an open upload has no counter", e));
    return upload_add(c, id, UPLOAD_OPEN, e);
}

static enum error_code garbage_check(struct check *c, str key, str row, struct error *e) {
    struct store_upload_id id;
    if (key.len != 2 + sizeof id.at) return wrong(e, "a leftover's key", key);
    memcpy(id.at, key.at + 2, sizeof id.at);
    return upload_add(c, id, UPLOAD_GARBAGE, e);
}

static int by_id(const void *a, const void *b) {
    return memcmp(a, b, STORE_UPLOAD_ID_BYTES);
}

static const struct check_upload *upload_of(const struct check *c, str key) {
    if (key.len < 2 + STORE_UPLOAD_ID_BYTES || c->upload_count == 0) return NULL;
    return bsearch(key.at + 2, c->uploads, c->upload_count, sizeof *c->uploads, by_id);
}

static enum error_code part_check(struct check *c, str key, str row, struct error *e) {
    struct arena scratch = c->scratch;
    struct store_part part;
    if (upload_of(c, key) == NULL) return wrong(e, "a part belongs to no upload", key);
    TRY(row_part_read(read_be16(key.at + key.len - 2), row, &scratch, &part, e));
    return body_check(c, &part.body, e);
}

static enum error_code page_check(struct check *c, str key, str row, struct error *e) {
    const struct check_upload *upload = upload_of(c, key);
    if (upload != NULL && upload->state != UPLOAD_OPEN) return OK;
    return wrong(e, "a page of parts belongs to no object", key);
}

static enum error_code expiry_check(struct check *c, str key, str row, struct error *e) {
    struct arena scratch = c->scratch;
    str value;
    bool found;
    TRY(row_get(c, ENGINE_META, row, &scratch, &value, &found, e));
    return found ? OK : wrong(e, "x/ names an upload that is not there", key);
}

/* ---- all of it ---- */

static enum error_code same(uint64_t counted, uint64_t named, const char *what, struct error *e) {
    if (counted == named) return OK;
    return error_set(e, FAIL_CORRUPT, "%s: %llu rows, %llu of them named", what,
                     (unsigned long long)counted, (unsigned long long)named);
}

static enum error_code check_all(struct check *c, struct error *e) {
    uint64_t count;
    TRY(rows_walk(c, ENGINE_META, STR("u/"), STR("u0"), upload_check, &count, e));
    TRY(rows_walk(c, ENGINE_META, STR("g/"), STR("g0"), garbage_check, &count, e));
    TRY(rows_walk(c, ENGINE_META, STR("v/"), STR("v0"), version_check, &count, e));
    TRY(key_end(c, e));
    TRY(rows_walk(c, ENGINE_META, STR("o/"), STR("o0"), NULL, &count, e));
    TRY(same(count, c->currents, "o/", e));
    TRY(rows_walk(c, ENGINE_META, STR("z/"), STR("z0"), NULL, &count, e));
    TRY(same(count, c->nulls, "z/", e));
    TRY(rows_walk(c, ENGINE_META, STR("w/"), STR("w0"), NULL, &count, e));
    TRY(same(count, c->open, "w/", e));
    qsort(c->uploads, c->upload_count, sizeof *c->uploads, by_id);
    TRY(rows_walk(c, ENGINE_META, STR("p/"), STR("p0"), part_check, &count, e));
    TRY(rows_walk(c, ENGINE_META, STR("m/"), STR("m0"), page_check, &count, e));
    TRY(rows_walk(c, ENGINE_META, STR("x/"), STR("x0"), expiry_check, &count, e));
    TRY(same(count, c->finished, "x/", e));
    TRY(rows_walk(c, ENGINE_META, STR("r/"), STR("r0"), NULL, &count, e));
    TRY(same(count, c->files, "r/", e));
    TRY(rows_walk(c, ENGINE_BODY, STR_EMPTY, STR_EMPTY, NULL, &count, e));
    return same(count, c->inlines, "small bodies", e);
}

enum error_code store_check(struct engine_view *view, struct arena scratch, struct error *e) {
    struct check c = {.view = view};
    size_t room = arena_left(&scratch) / 2 / sizeof *c.uploads;
    c.uploads = arena_new(&scratch, struct check_upload, room);
    if (c.uploads == NULL) return error_set(e, FAIL_MEMORY, "no room to check the store");
    c.upload_room = room;
    c.scratch = scratch;
    return check_all(&c, e);
}
