/* The listing file, row by row. */
#include "verify/listing.h"

#include "base/disk.h"

/* Moves what is left to the front and reads on; at_end when the file has no more. */
static enum error_code refill(struct verify_store *s, struct error *e) {
    size_t left = s->end - s->begin, got;
    memmove(s->buffer, s->buffer + s->begin, left);
    s->begin = 0;
    s->end = left;
    size_t room = VERIFY_LISTING_BUFFER_BYTES - left;
    TRY(disk_read(s->listing_fd, s->buffer + left, room, s->offset, &got, "listing", e));
    s->offset += got;
    s->end += got;
    s->at_end = got < room;
    return OK;
}

static enum error_code line_next(struct verify_store *s, str *line, struct error *e) {
    for (;;) {
        str rest = str_of(s->buffer + s->begin, s->end - s->begin);
        if (str_cut(&rest, '\n', line)) {
            s->begin += line->len + 1;
            return OK;
        }
        if (s->at_end || s->end - s->begin > EVIDENCE_LISTING_LINE_BYTES)
            return error_set(e, FAIL_SYNTAX,
                             "the store listing is cut short, or has a line over %d bytes",
                             EVIDENCE_LISTING_LINE_BYTES);
        TRY(refill(s, e));
    }
}

enum error_code listing_open(struct verify_store *s, struct error *e) {
    TRY(refill(s, e));
    str rest = str_of(s->buffer, s->end);
    TRY(evidence_listing_head_read(&rest, &s->head, e));
    for (size_t i = 0; i < s->head.log_count; i++)
        TRY(arena_copy(&s->arena, s->head.logs[i].origin, &s->head.logs[i].origin, e));
    s->begin = s->end - rest.len;
    return OK;
}

/* Where the row's entry is among those of all logs. */
static enum error_code place_find(struct verify_store *s, struct error *e) {
    const struct evidence_listing_row *row = &s->row;
    s->row_place = VERIFY_NO_PLACE;
    if (row->index == EVIDENCE_LISTING_NO_INDEX) return OK;
    if (row->log >= s->head.log_count || row->index >= s->head.logs[row->log].size)
        return error_set(e, FAIL_SYNTAX,
                         "the store listing has a row for entry %llu of log %u, which is not in "
                         "its head",
                         (unsigned long long)row->index, row->log + 1);
    assert(row->log < s->line->count); /* the head was held against the line */
    s->row_place = s->line->logs[row->log].first + row->index;
    return OK;
}

enum error_code listing_next(struct verify_store *s, struct error *e) {
    uint64_t before = s->has_row ? s->row_place : VERIFY_NO_PLACE, announced;
    bool first = s->rows == 0, is_end;
    str line;
    s->has_row = false;
    TRY(line_next(s, &line, e));
    struct arena arena = s->row_arena;
    TRY(evidence_listing_line_read(line, &arena, &s->row, &is_end, &announced, e));
    if (is_end) {
        if (announced != s->rows || s->begin != s->end || !s->at_end)
            return error_set(e, FAIL_SYNTAX, "the store listing's end is not after its %llu rows",
                             (unsigned long long)s->rows);
        return OK;
    }
    TRY(place_find(s, e));
    bool ascends = first || before == VERIFY_NO_PLACE ||
                   (s->row_place != VERIFY_NO_PLACE && s->row_place > before);
    if (!ascends)
        return error_set(e, FAIL_SYNTAX,
                         "the store listing's rows do not ascend by log and index at row %llu",
                         (unsigned long long)s->rows);
    s->has_row = true;
    s->rows++;
    return OK;
}
