/* The store against its entries: two lists in the order of the log, walked together. */
#include "verify/store.h"

#include "base/disk.h"
#include "verify/bodies.h"
#include "verify/listed.h"
#include "verify/listing.h"

#include <fcntl.h>

enum {
    REDACTED_MAX = 65536, /* redacted entries a ledger may have */
    SILENT_MAX = 65536,   /* runs of entries without a row */
};

/* The listing is of the line's logs, no further on than they are. */
static enum error_code logs_compare(struct verify_store *s, struct error *e) {
    const struct verify_line *line = s->line;
    if (s->head.log_count != line->count)
        return error_set(e, FAIL_PROOF, "the listing is of %zu logs, the ledger shows %zu",
                         s->head.log_count, line->count);
    for (size_t i = 0; i < line->count; i++) {
        const struct evidence_listing_log *listed = &s->head.logs[i];
        const struct verify_log *log = &line->logs[i];
        bool is_newest = i + 1 == line->count;
        if (!str_equal(listed->origin, log->origin))
            return error_set(e, FAIL_PROOF, "the listing is of log \"%.*s\", not of \"%.*s\"",
                             STR_FMT(listed->origin), STR_FMT(log->origin));
        if (is_newest && listed->size > log->size)
            return error_set(e, FAIL_PROOF,
                             "the listing was made at %llu entries, the checkpoint has %llu: "
                             "take a newer ledger",
                             (unsigned long long)listed->size, (unsigned long long)log->size);
        if (!is_newest && listed->size != log->size)
            return error_set(
                e, FAIL_PROOF,
                "the listing knows %llu entries of log \"%.*s\", of which %llu are left",
                (unsigned long long)listed->size, STR_FMT(log->origin),
                (unsigned long long)log->size);
    }
    s->places = verify_line_newest(line)->first + s->head.logs[line->count - 1].size;
    return OK;
}

enum error_code verify_store_open(struct verify_store *s, const char *path,
                                  const struct verify_line *line, struct arena *arena,
                                  struct verify_result *result, struct error *e) {
    memset(s, 0, sizeof *s);
    s->dir_fd = s->listing_fd = -1;
    s->line = line;
    s->result = result;
    s->buffer = arena_bytes(arena, VERIFY_LISTING_BUFFER_BYTES);
    s->redacted = arena_new(arena, struct verify_span, REDACTED_MAX);
    s->silent = arena_new(arena, struct verify_span, SILENT_MAX);
    char *row_memory = arena_bytes(arena, 2 * EVIDENCE_LISTING_LINE_BYTES);
    char *memory = arena_bytes(arena, 4 << 20);
    if (!s->buffer || !s->redacted || !s->silent || !row_memory || !memory)
        return error_set(e, FAIL_MEMORY, "no room for a store listing");
    s->row_arena = arena_over(row_memory, 2 * EVIDENCE_LISTING_LINE_BYTES);
    s->arena = arena_over(memory, 4 << 20);
    TRY(disk_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0, &s->dir_fd, e));
    TRY(disk_open(s->dir_fd, "listing", O_RDONLY, 0, &s->listing_fd, e));
    TRY(listing_open(s, e));
    TRY(logs_compare(s, e));
    TRY(verify_table_open(&s->names, s->places, e));
    TRY(verify_table_open(&s->salts, s->places, e));
    return listing_next(s, e);
}

void verify_store_close(struct verify_store *s) {
    if (s->buffer == NULL) return;
    if (s->listing_fd >= 0) disk_close(s->listing_fd);
    if (s->dir_fd >= 0) disk_close(s->dir_fd);
    verify_table_close(&s->names);
    verify_table_close(&s->salts);
    s->buffer = NULL;
}

/* ---- names */

static const struct verify_log *log_at(const struct verify_store *s, uint64_t place) {
    const struct verify_log *log = verify_line_newest(s->line);
    while (log > s->line->logs && place < log->first) log--;
    return log;
}

/* The entry at a place, in words. */
static str entry_text(const struct verify_store *s, uint64_t place) {
    const struct verify_log *log = log_at(s, place);
    return verify_entry_name(s->line, log, place - log->first, s->result);
}

static str version_plain(str version) {
    return version.len == 0 ? STR("null") : version;
}

static void name_key(str bucket, str key, str version, unsigned char out[VERIFY_NAME_BYTES]) {
    const str parts[] = {bucket, key, version_plain(version)};
    struct sha256 h;
    sha256_begin(&h);
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        unsigned char length[8];
        write_be64(length, parts[i].len);
        sha256_add(&h, length, sizeof length);
        sha256_add(&h, parts[i].at, parts[i].len);
    }
    digest hash = sha256_end(&h);
    memcpy(out, hash.at, VERIFY_NAME_BYTES);
}

/* "BUCKET/KEY version V", for findings; object keys may hold anything, so it is escaped. */
static str name_text(struct verify_store *s, const struct evidence_listing_row *row) {
    char memory[8192];
    struct text t = text_into(memory, sizeof memory);
    evidence_value_write(EVIDENCE_BUCKET, row->bucket, &t);
    text_add_char(&t, '/');
    evidence_value_write(EVIDENCE_KEY, row->key, &t);
    text_add(&t, STR(" version "));
    evidence_value_write(EVIDENCE_VERSION, version_plain(row->version), &t);
    str out;
    if (arena_copy(s->result->arena, text_str(&t), &out, NULL) == OK) return out;
    s->result->cut = true;
    return STR_EMPTY;
}

/* ---- one row against its entry */

static const struct evidence_open *open_of(const struct evidence_extra *extra,
                                           enum evidence_field field) {
    for (size_t i = 0; i < extra->open_count; i++) {
        if (extra->opens[i].field == field) return &extra->opens[i];
    }
    return NULL;
}

static bool fields_open(struct verify_store *s, uint64_t index, const struct evidence_entry *entry,
                        const struct evidence_extra *extra) {
    static const enum evidence_field named[] = {EVIDENCE_BUCKET, EVIDENCE_KEY, EVIDENCE_VERSION};
    static const enum evidence_field measured[] = {EVIDENCE_SIZE, EVIDENCE_CONTENT};
    for (size_t i = 0; i < extra->open_count; i++) {
        if (evidence_open_check(entry, &extra->opens[i], NULL) == OK) continue;
        verify_finding(s->result, "%.*s never committed to the %s its row opens",
                       STR_FMT(entry_text(s, index)), evidence_field_name(extra->opens[i].field));
        return false;
    }
    bool all = true;
    for (size_t i = 0; i < COUNT_OF(named); i++) all = all && open_of(extra, named[i]);
    for (size_t i = 0; i < COUNT_OF(measured) && s->row.kind == EVIDENCE_LISTED_VERSION; i++)
        all = all && open_of(extra, measured[i]);
    if (!all)
        verify_finding(s->result, "the row of %.*s does not open what it has to",
                       STR_FMT(entry_text(s, index)));
    return all;
}

static enum error_code salt_check(struct verify_store *s, uint64_t index,
                                  const struct evidence_open *bucket, struct error *e) {
    struct verify_slot *slot;
    TRY(verify_table_take(&s->salts, bucket->salt.at, &slot, e));
    if (slot->live)
        verify_finding(s->result, "%.*s uses the salt of %.*s again", STR_FMT(entry_text(s, index)),
                       STR_FMT(entry_text(s, slot->index)));
    *slot = (struct verify_slot){.used = true, .live = true, .index = index};
    memcpy(slot->name, bucket->salt.at, VERIFY_NAME_BYTES);
    return OK;
}
_Static_assert((int)VERIFY_NAME_BYTES == (int)EVIDENCE_SALT_BYTES, "a salt is a name in a table");

/* What the store says it has, against what the entry says was stored. */
static void row_compare(struct verify_store *s, uint64_t index,
                        const struct evidence_extra *extra) {
    const struct evidence_listing_row *row = &s->row;
    const struct {
        enum evidence_field field;
        str has;
    } names[] = {{EVIDENCE_BUCKET, row->bucket},
                 {EVIDENCE_KEY, row->key},
                 {EVIDENCE_VERSION, version_plain(row->version)}};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        str said = open_of(extra, names[i].field)->value;
        if (names[i].field == EVIDENCE_VERSION) said = version_plain(said);
        if (str_equal(said, names[i].has)) continue;
        verify_finding(s->result, "%.*s stands on %.*s, which is about another %s",
                       STR_FMT(name_text(s, row)), STR_FMT(entry_text(s, index)),
                       evidence_field_name(names[i].field));
    }
    if (row->kind != EVIDENCE_LISTED_VERSION) return;
    unsigned char size[8];
    write_be64(size, row->bytes);
    if (!str_equal(open_of(extra, EVIDENCE_SIZE)->value, str_of(size, sizeof size)))
        verify_finding(s->result, "%.*s has %llu bytes; %.*s says otherwise",
                       STR_FMT(name_text(s, row)), (unsigned long long)row->bytes,
                       STR_FMT(entry_text(s, index)));
    if (!str_equal(open_of(extra, EVIDENCE_CONTENT)->value, digest_str(&row->content)))
        verify_finding(s->result, "%.*s was swapped: its digest is not the one of %.*s",
                       STR_FMT(name_text(s, row)), STR_FMT(entry_text(s, index)));
}

static void body_check(struct verify_store *s, const struct evidence_entry *entry,
                       struct arena scratch) {
    struct error e;
    enum error_code code = bodies_check(s, entry, scratch, &e);
    if (code == FAIL_PROOF) {
        verify_finding(s->result, "the stored bytes of %.*s are not the ones of its entry: %s",
                       STR_FMT(name_text(s, &s->row)), e.message);
    } else if (code != OK) {
        verify_finding(s->result, "%.*s has no stored bytes: %s", STR_FMT(name_text(s, &s->row)),
                       e.message);
    }
}

/* ---- for who wants to see them all */

static void list_row(struct verify_store *s, uint64_t place, const struct evidence_entry *entry) {
    const struct verify_log *log = log_at(s, place);
    struct verify_listed listed = {.row = &s->row,
                                   .entry = entry,
                                   .origin = log->origin,
                                   .index = place - log->first,
                                   .is_first = s->listed++ == 0};
    verify_listed_write(&listed, s->list_json, s->list);
}

/* ---- one entry */

static bool makes_version(enum evidence_type type) {
    return type == EVIDENCE_PUT || type == EVIDENCE_COPY || type == EVIDENCE_UPLOAD_COMPLETE;
}

/* A slot's version goes: by a later one of the same name, or by a delete. */
static void slot_end(struct verify_store *s, struct verify_slot *slot, uint64_t by) {
    if (slot->live && slot->listed)
        verify_finding(s->result, "the store still holds the version of %.*s, which %.*s ended",
                       STR_FMT(entry_text(s, slot->index)), STR_FMT(entry_text(s, by)));
    slot->live = slot->listed = false;
}

static enum error_code row_meets_entry(struct verify_store *s, uint64_t index, str bytes,
                                       const struct evidence_entry *entry, struct error *e) {
    struct evidence_extra extra;
    struct arena arena = s->arena;
    const struct evidence_listing_row *row = &s->row;
    TRY(evidence_extra_decode(row->extra, &arena, &extra, e));
    if (!str_equal(extra.entry, bytes)) {
        verify_finding(s->result, "the row of %.*s carries another entry",
                       STR_FMT(entry_text(s, index)));
        return OK;
    }
    if (!fields_open(s, index, entry, &extra)) return OK;
    TRY(salt_check(s, index, open_of(&extra, EVIDENCE_BUCKET), e));
    bool listed = row->kind != EVIDENCE_LISTED_ACT;
    enum evidence_listing_kind fits =
        entry->type == EVIDENCE_DELETE_MARKER ? EVIDENCE_LISTED_MARKER : EVIDENCE_LISTED_VERSION;
    if (listed && (entry->type == EVIDENCE_DELETE || row->kind != fits))
        verify_finding(s->result, "%.*s stands on %.*s, which is of type %s",
                       STR_FMT(name_text(s, row)), STR_FMT(entry_text(s, index)),
                       evidence_type_name(entry->type));
    if (listed) row_compare(s, index, &extra);
    if (listed && s->list) list_row(s, index, entry);
    if (row->kind == EVIDENCE_LISTED_VERSION && makes_version(entry->type) && s->head.has_bodies)
        body_check(s, entry, arena);

    unsigned char name[VERIFY_NAME_BYTES];
    struct verify_slot *slot;
    name_key(open_of(&extra, EVIDENCE_BUCKET)->value, open_of(&extra, EVIDENCE_KEY)->value,
             open_of(&extra, EVIDENCE_VERSION)->value, name);
    TRY(verify_table_take(&s->names, name, &slot, e));
    slot_end(s, slot, index);
    if (entry->type == EVIDENCE_DELETE) return OK;
    slot->live = true;
    slot->listed = listed;
    slot->index = index;
    return OK;
}

static void row_count(struct verify_store *s) {
    switch (s->row.kind) {
    case EVIDENCE_LISTED_VERSION: s->versions++; break;
    case EVIDENCE_LISTED_MARKER: s->markers++; break;
    case EVIDENCE_LISTED_ACT: s->acts++; break;
    }
}

/* An entry that ought to have a row has none: excused at the end, if its opening was destroyed. */
static enum error_code silent_add(struct verify_store *s, uint64_t index, struct error *e) {
    struct verify_span *last = s->silent_count > 0 ? &s->silent[s->silent_count - 1] : NULL;
    if (last && last->first + last->count == index) {
        last->count++;
        return OK;
    }
    if (s->silent_count == SILENT_MAX)
        return error_set(e, FAIL_LIMIT, "over %d runs of entries have no row in the listing",
                         SILENT_MAX);
    s->silent[s->silent_count++] = (struct verify_span){.first = index, .count = 1};
    return OK;
}

/* A whole month was forgotten where the count is 0; which one is hidden, so anything earlier may
 * have been in it. */
static enum error_code redacted_add(struct verify_store *s, const struct verify_log *log,
                                    uint64_t place, const struct evidence_entry *entry,
                                    struct error *e) {
    if (s->redacted_count == REDACTED_MAX)
        return error_set(e, FAIL_LIMIT, "over %d redacted entries", REDACTED_MAX);
    struct verify_span *span = &s->redacted[s->redacted_count++];
    *span = (struct verify_span){.first = 0, .count = place};
    if (entry->span_count == 0) return OK;
    uint64_t first = u64_min(entry->span_first, log->size); /* a span beyond is a finding already */
    *span = (struct verify_span){log->first + first, u64_min(entry->span_count, log->size - first)};
    return OK;
}

static enum error_code store_entry(void *self, const struct verify_log *log, uint64_t index,
                                   str bytes, const struct evidence_entry *entry, struct error *e) {
    struct verify_store *s = self;
    uint64_t place = log->first + index;
    if (entry->type == EVIDENCE_REDACTED) TRY(redacted_add(s, log, place, entry, e));
    while (s->has_row && (s->row_place == VERIFY_NO_PLACE || s->row_place < place)) {
        row_count(s);
        if (s->row_place == VERIFY_NO_PLACE) {
            verify_finding(s->result, "%.*s has no entry: it was slipped in",
                           STR_FMT(name_text(s, &s->row)));
        } else {
            verify_finding(s->result, "a row names %.*s, which is no put, copy, complete or delete",
                           STR_FMT(entry_text(s, s->row_place)));
        }
        TRY(listing_next(s, e));
    }
    bool concerns = makes_version(entry->type) || entry->type == EVIDENCE_DELETE_MARKER ||
                    entry->type == EVIDENCE_DELETE;
    if (!concerns || place >= s->places) return OK;
    if (!s->has_row || s->row_place != place) return silent_add(s, place, e);
    row_count(s);
    if (s->row.extra.len == 0) {
        TRY(silent_add(s, place, e));
    } else {
        TRY(row_meets_entry(s, place, bytes, entry, e));
    }
    return listing_next(s, e);
}

struct verify_observer verify_store_observer(struct verify_store *store) {
    return (struct verify_observer){.entry = store_entry, .self = store};
}

/* ---- the end */

/* From `at`, how far one redacted entry's span excuses; 0: nobody excuses it, and *next is where
 * the next span begins, if that is before. */
static uint64_t excused_from(const struct verify_store *s, uint64_t at, uint64_t *next) {
    uint64_t count = 0;
    for (uint64_t i = 0; i < s->redacted_count; i++) {
        const struct verify_span *span = &s->redacted[i];
        if (span->first > at) {
            *next = u64_min(*next, span->first);
        } else if (at - span->first < span->count) {
            count = u64_max(count, span->count - (at - span->first));
        }
    }
    return count;
}

static void unopened_find(struct verify_store *s, uint64_t from, uint64_t to) {
    const char *rest = "opened in the listing, and no entry says that the opening was destroyed";
    if (to - from == 1) {
        verify_finding(s->result, "%.*s is not %s", STR_FMT(entry_text(s, from)), rest);
    } else {
        verify_finding(s->result, "%llu entries from %.*s on are not %s",
                       (unsigned long long)(to - from), STR_FMT(entry_text(s, from)), rest);
    }
}

static void silent_judge(struct verify_store *s) {
    uint64_t excused = 0;
    for (uint64_t i = 0; i < s->silent_count; i++) {
        uint64_t at = s->silent[i].first, end = at + s->silent[i].count;
        while (at < end) {
            uint64_t next = end, count = excused_from(s, at, &next);
            if (count == 0) unopened_find(s, at, next);
            if (count > 0) next = u64_min(count, end - at) + at;
            if (count > 0) excused += next - at;
            at = next;
        }
    }
    if (excused > 0) {
        verify_item(s->result, "openings destroyed", "%llu", (unsigned long long)excused);
        s->result->limits |= VERIFY_LIMIT_REDACTED;
    }
}

static void missing_find(struct verify_store *s) {
    for (uint64_t i = 0; i < s->names.slot_count; i++) {
        const struct verify_slot *slot = &s->names.slots[i];
        if (slot->live && !slot->listed)
            verify_finding(s->result,
                           "the version of %.*s is missing: nothing deleted it, and the store does "
                           "not hold it",
                           STR_FMT(entry_text(s, slot->index)));
    }
}

enum error_code verify_store_finish(struct verify_store *s, struct error *e) {
    while (s->has_row) { /* rows beyond the last entry, or a log without any */
        row_count(s);
        verify_finding(s->result,
                       s->row_place == VERIFY_NO_PLACE
                           ? "%.*s has no entry: it was slipped in"
                           : "%.*s stands on an entry beyond the log's end",
                       STR_FMT(name_text(s, &s->row)));
        TRY(listing_next(s, e));
    }
    silent_judge(s);
    missing_find(s);
    verify_item(s->result, "listing made at", "%llu entries",
                (unsigned long long)s->head.logs[s->head.log_count - 1].size);
    verify_item(s->result, "versions", "%llu", (unsigned long long)s->versions);
    verify_item(s->result, "delete markers", "%llu", (unsigned long long)s->markers);
    verify_item(s->result, "other acts opened", "%llu", (unsigned long long)s->acts);
    s->result->limits |= VERIFY_LIMIT_LISTING;
    s->result->limits |= s->head.has_bodies ? VERIFY_LIMIT_CIPHER : VERIFY_LIMIT_BODIES;
    if (s->head.has_bodies)
        verify_item(s->result, "stored bytes", "%llu in %llu bodies",
                    (unsigned long long)s->body_bytes, (unsigned long long)s->bodies);
    return OK;
}
