/* Upkeep: parts that deletes and aborts left behind, and finished uploads whose day is over. */
#include "store/version.h"

#define FINISHED_KEPT_NS ((int64_t)24 * 3600 * NS_PER_S)

/* A slice of one upload's rows of a kind; *left false once none remain. */
static enum error_code rows_remove(struct engine_turn *turn, struct row_key prefix, bool are_parts,
                                   uint32_t *budget, struct arena scratch, bool *left,
                                   struct error *e) {
    struct row_key until = row_after(prefix), from = prefix;
    *left = true;
    while (*budget > 0) {
        struct arena here = scratch;
        struct engine_scan *scan;
        bool more;
        str key, row;
        TRY(engine_turn_scan(turn, ENGINE_META, row_key_str(&from), row_key_str(&until), &scan, e));
        enum error_code code = engine_scan_next(scan, &more, &key, &row, e);
        /* The turn may not be written while the scan is open: keep the row, then close. */
        if (code == OK && more) code = arena_copy(&here, key, &key, e);
        if (code == OK && more) code = arena_copy(&here, row, &row, e);
        engine_scan_close(scan);
        if (code != OK) return code;
        if (!more) {
            *left = false;
            return OK;
        }
        if (are_parts) {
            struct store_part part;
            TRY(row_part_read(read_be16(key.at + key.len - 2), row, &here, &part, e));
            TRY(body_drop(turn, &part.body, e));
        }
        TRY(engine_turn_delete(turn, ENGINE_META, key, e));
        /* The next scan begins behind it, or it would walk over all that was deleted. */
        assert(key.len < sizeof from.at);
        memcpy(from.at, key.at, key.len);
        from.at[key.len] = 0;
        from.len = key.len + 1;
        (*budget)--;
    }
    return OK;
}

static enum error_code garbage_take(struct engine_turn *turn, uint32_t *budget,
                                    struct arena scratch, bool *any, struct error *e) {
    struct engine_scan *scan;
    struct store_upload_id id;
    bool more, left;
    str key, row;
    TRY(engine_turn_scan(turn, ENGINE_META, STR("g/"), STR("g0"), &scan, e));
    enum error_code code = engine_scan_next(scan, &more, &key, &row, e);
    if (code == OK && more) {
        if (key.len == 2 + sizeof id.at)
            memcpy(id.at, key.at + 2, sizeof id.at);
        else
            code = error_set(e, FAIL_CORRUPT, "a garbage row's key of %zu bytes", key.len);
    }
    engine_scan_close(scan);
    if (code != OK) return code;
    *any = more;
    if (!more) return OK;
    struct row_key parts = row_part(id, 0), pages = row_page(id, 0, 0), garbage = row_garbage(id);
    parts.len -= 2;
    pages.len -= 8 + 2;
    TRY(rows_remove(turn, parts, true, budget, scratch, &left, e));
    if (!left) TRY(rows_remove(turn, pages, false, budget, scratch, &left, e));
    return left ? OK : engine_turn_delete(turn, ENGINE_META, row_key_str(&garbage), e);
}

static enum error_code expired_take(struct engine_turn *turn, int64_t now_ns, uint32_t *budget,
                                    struct arena scratch, bool *any, struct error *e) {
    struct engine_scan *scan;
    bool more;
    str key, row;
    TRY(engine_turn_scan(turn, ENGINE_META, STR("x/"), STR("x0"), &scan, e));
    enum error_code code = engine_scan_next(scan, &more, &key, &row, e);
    if (code == OK && more) code = arena_copy(&scratch, key, &key, e);
    if (code == OK && more) code = arena_copy(&scratch, row, &row, e);
    engine_scan_close(scan);
    if (code != OK) return code;
    *any = more && key.len >= 10 && (int64_t)read_be64(key.at + 2) + FINISHED_KEPT_NS <= now_ns;
    if (!*any) return OK;
    (*budget)--;
    TRY(engine_turn_delete(turn, ENGINE_META, row, e));
    return engine_turn_delete(turn, ENGINE_META, key, e);
}

enum error_code store_tidy(struct engine_turn *turn, int64_t now_ns, uint32_t rows_max,
                           struct arena scratch, bool *more, struct error *e) {
    uint32_t budget = rows_max;
    bool any = true;
    while (budget > 0 && any) TRY(garbage_take(turn, &budget, scratch, &any, e));
    bool garbage_left = any;
    any = true;
    while (budget > 0 && any) TRY(expired_take(turn, now_ns, &budget, scratch, &any, e));
    *more = garbage_left || (budget == 0 && any);
    return OK;
}

bool store_blob_is_named(void *self, struct engine_view *view, struct engine_blob_id id) {
    unsigned char memory[64];
    struct arena scratch = arena_over(memory, sizeof memory);
    struct row_key row = row_blob(id);
    struct error e;
    str value;
    bool found = false;
    /* When in doubt a file is kept: garbage costs room, a missing body costs data. */
    if (engine_view_get(view, ENGINE_META, row_key_str(&row), &scratch, &value, &found, &e) != OK)
        return true;
    return found;
}
