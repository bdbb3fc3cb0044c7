/* The logs in a bundle: from the newest, which is signed, back to those that its first entries lead to,
 * and then all of them from the oldest on. */
#include "base/disk.h"
#include "verify/bundle_log.h"
#include "verify/old.h"

#include <jansson.h>

enum {
    COVER_BYTES = 32 << 20,
    COUNTS_SPACE_BYTES = 64 << 20,
    LEAVES_BYTES = TLOG_TILE_WIDTH * (2 + LIMIT_ENTRY_BYTES)
};

struct bundle_line {
    const struct verify_trust *trust;
    const struct verify_manifest *manifest;
    struct verify_result *result;
    struct arena names; /* kept */
    struct verify_line line;
    struct verify_log *logs; /* newest first, while they are found */
    struct bundle_ends {
        uint64_t first, end;
    } * ends; /* beside them */
    size_t count;
    str base; /* what the oldest has to be called */
    struct bundle_log log;
    json_t *counts; /* of all logs, as the cover has them */
};

/* ---- which logs ---- */

static const struct verify_earlier *earlier_find(const struct verify_manifest *m, uint32_t number) {
    for (size_t i = 0; i < m->earlier_count; i++)
        if (m->earlier[i].number == number) return &m->earlier[i];
    return NULL;
}

static enum error_code ends_check(const struct verify_log *log, const struct bundle_ends *ends,
                                  struct error *e) {
    if (ends->end <= log->size && ends->first <= ends->end) return OK;
    return error_set(e, FAIL_PROOF, "the manifest's range is not within the log's entries%s%s",
                     log->prefix[0] != 0 ? ", in " : "", log->prefix);
}

/* What entry `at` of logs[by], a succession, says is left; *more: it is in the bundle. */
static enum error_code named_take(struct bundle_line *b, size_t by, uint64_t at,
                                  const struct evidence_entry *entry, bool *more, struct error *e) {
    uint32_t number = b->logs[by].number - 1 - (uint32_t)at;
    struct verify_log log = {.number = number,
                             .size = entry->left_size,
                             .root = entry->left_root,
                             .known_size = entry->known_size,
                             .known_root = entry->known_root,
                             .named_in = b->logs[by].number,
                             .named_at = at};
    const struct verify_earlier *there = earlier_find(b->manifest, number);
    if (!verify_name_is(entry->prior_origin, b->base, number))
        verify_finding(
            b->result, "entry %llu of %.*s names the log %.*s, which is not the one before",
            (unsigned long long)at, STR_FMT(b->logs[by].origin), STR_FMT(entry->prior_origin));
    log.origin = entry->prior_origin;
    if (log.size == 0) { /* lost whole: no part of the line, and not to be passed over in silence */
        verify_old_left(&log, b->logs[by].origin, b->result);
        return OK;
    }
    if (!there) {
        verify_finding(b->result,
                       "of the log %.*s %llu entries are left, some perhaps of the period, and it "
                       "is not in the bundle",
                       STR_FMT(entry->prior_origin), (unsigned long long)log.size);
        return OK;
    }
    if (log.size > TLOG_SIZE_MAX || b->count == EVIDENCE_LOGS_MAX)
        return error_set(e, FAIL_LIMIT, "entry %llu of %.*s names a log of %llu entries",
                         (unsigned long long)at, STR_FMT(b->logs[by].origin),
                         (unsigned long long)log.size);
    snprintf(log.prefix, sizeof log.prefix, "old/%u/", number);
    TRY(arena_copy(&b->names, entry->prior_origin, &log.origin, e));
    b->ends[b->count] = (struct bundle_ends){there->first, there->end};
    b->logs[b->count++] = log;
    *more = true;
    return ends_check(&log, &b->ends[b->count - 1], e);
}

/* The logs that logs[at] names, where its first entry is of the period or after it: what came before can be
 * of the period only then. */
static enum error_code names_take(struct bundle_line *b, size_t at, bool *more, struct error *e) {
    struct verify_log *log = &b->logs[at];
    struct arena arena = b->log.arena;
    str entries[TLOG_TILE_WIDTH];
    unsigned width;
    *more = false;
    TRY(verify_bundle_tree(&b->log, log, e));
    if (log->size == 0 || b->ends[at].first > 0) return OK;
    TRY(verify_bundle_read(&b->log, 0, &arena, entries, &width, e));
    for (unsigned i = 0; i < width; i++) {
        struct evidence_entry entry;
        struct arena each = arena;
        TRY(evidence_entry_decode(entries[i], &each, &entry, e));
        if (entry.type != EVIDENCE_SUCCESSION) return OK;
        if (i == 0 && at == 0 && !verify_name_cut(log->origin, &b->base, &log->number)) {
            verify_finding(b->result, "%.*s begins with a succession, and is not called NAME/N",
                           STR_FMT(log->origin));
            return OK;
        }
        if (log->number < 2 + i)
            return error_set(e, FAIL_LIMIT, "%.*s names more logs than can have been before it",
                             STR_FMT(log->origin));
        if (*more)
            verify_finding(b->result,
                           "of the log %.*s something is left, and a log before it is the one "
                           "that went on",
                           STR_FMT(b->logs[b->count - 1].origin));
        if (!*more) TRY(named_take(b, at, i, &entry, more, e));
        log->names++;
    }
    return OK;
}

/* Oldest first, as their entries follow each other in time. */
static void line_turn(struct bundle_line *b) {
    for (size_t i = 0; i < b->count / 2; i++) {
        size_t other = b->count - 1 - i;
        struct verify_log log = b->logs[i];
        struct bundle_ends ends = b->ends[i];
        b->logs[i] = b->logs[other];
        b->ends[i] = b->ends[other];
        b->logs[other] = log;
        b->ends[other] = ends;
    }
    b->line = (struct verify_line){.logs = b->logs, .count = b->count};
}

static enum error_code logs_find(struct bundle_line *b, const struct tlog_checkpoint *head,
                                 struct error *e) {
    const struct verify_manifest *m = b->manifest;
    bool more = m->version >= 2;
    b->logs[0] = (struct verify_log){
        .number = 1, .origin = head->origin, .size = head->size, .root = head->root};
    b->ends[0] = (struct bundle_ends){m->first, m->end};
    b->count = 1;
    b->line = (struct verify_line){.logs = b->logs, .count = 1};
    TRY(ends_check(&b->logs[0], &b->ends[0], e));
    for (size_t at = 0; more; at++) TRY(names_take(b, at, &more, e));
    for (size_t i = 0; i < m->earlier_count; i++) {
        bool found = false;
        for (size_t k = 1; k < b->count; k++) found |= b->logs[k].number == m->earlier[i].number;
        if (!found)
            verify_finding(b->result,
                           "manifest: no log of the period leads to log %u, of which it speaks",
                           m->earlier[i].number);
    }
    line_turn(b);
    return OK;
}

/* ---- one after the other ---- */

/* The last checkpoint of an old log is of a beginning of what is left, or of more. */
static void marks_check(struct bundle_line *b, const struct verify_log *log,
                        const struct verify_marks *marks) {
    struct tlog_nodes nodes = tlog_tiles_nodes(b->log.tiles);
    for (size_t i = 0; i < marks->count; i++) {
        const struct verify_mark *mark = &marks->at[i];
        digest root = tlog_empty_root();
        struct error e = {0};
        enum error_code code = mark->size > 0 ? tlog_root_make(&nodes, mark->size, &root, &e) : OK;
        if (code != OK && mark->kind == VERIFY_MARK_OLD)
            verify_finding(b->result, "%scheckpoint: what it is held against is not there: %s",
                           log->prefix, e.message);
        if (code == OK && !digest_equal(&root, &mark->root))
            verify_mark_missed(log, mark, b->result);
    }
}

/* What a code means is for its own log to say: so each is counted by itself, and the names are added up. */
static enum error_code counts_add(struct bundle_line *b, struct error *e) {
    const struct evidence_tally_row *rows;
    size_t count;
    TRY(evidence_tally_rows(&b->log.tally, &rows, &count, e));
    for (size_t i = 0; i < count; i++) {
        json_t *table = json_object_get(b->counts, evidence_tally_name(rows[i].kind));
        str name = rows[i].name;
        json_int_t before = json_integer_value(json_object_getn(table, name.at, name.len));
        json_object_setn_new_nocheck(table, name.at, name.len,
                                     json_integer(before + (json_int_t)rows[i].count));
    }
    return OK;
}

static enum error_code log_check(struct bundle_line *b, size_t at, struct error *e) {
    const struct verify_log *log = &b->logs[at];
    struct verify_marks marks = {.count = 0};
    struct arena_space space;
    struct arena counts;
    uint64_t before = b->log.entries;
    TRY(verify_bundle_tree(&b->log, log, e));
    b->log.first = b->ends[at].first;
    b->log.end = b->ends[at].end;
    if (log->prefix[0] != 0) {
        verify_old_log(b->trust, &b->log.source, &b->line, log, b->log.arena, b->result, &marks);
        marks_check(b, log, &marks);
    }
    TRY(arena_space_open(&space, COUNTS_SPACE_BYTES, &counts, e));
    enum error_code code = verify_bundle_entries(&b->log, &counts, e);
    if (code == OK) code = counts_add(b, e);
    arena_space_release(&space);
    if (code != OK) return code;
    char of[TLOG_NAME_BYTES_MAX + 8] = "";
    if (b->count > 1) snprintf(of, sizeof of, " of %.*s", STR_FMT(log->origin));
    verify_item(b->result, "entries of the period", "%llu, numbers %llu until before %llu%s",
                (unsigned long long)(b->log.entries - before), (unsigned long long)b->log.first,
                (unsigned long long)b->log.end, of);
    return OK;
}

/* ---- the cover sheet's counts ---- */

static void count_check(struct bundle_line *b, const char *table, const char *name,
                        const json_t *said, const json_t *found) {
    if (json_integer_value(said) == json_integer_value(found)) return;
    verify_finding(b->result, "cover.json: %s %s: it says %lld, the entries say %lld", table, name,
                   (long long)json_integer_value(said), (long long)json_integer_value(found));
}

static enum error_code cover_check(struct bundle_line *b, struct error *e) {
    struct arena arena = b->log.arena;
    str bytes;
    const char *table, *name;
    json_t *said, *names, *value;
    TRY(disk_file_read(b->log.folder->dir_fd, "cover.json", COVER_BYTES, &arena, &bytes, e));
    json_t *cover = json_loadb(bytes.at, bytes.len, JSON_REJECT_DUPLICATES, NULL);
    if (!cover) return error_set(e, FAIL_SYNTAX, "cover.json is no JSON");
    said = json_object_get(cover, "counts");
    json_object_foreach(b->counts, table, names) json_object_foreach(names, name, value)
        count_check(b, table, name, json_object_get(json_object_get(said, table), name), value);
    json_object_foreach(said, table, names) json_object_foreach(names, name, value) {
        const json_t *found = json_object_get(json_object_get(b->counts, table), name);
        if (!found) count_check(b, table, name, value, NULL);
    }
    json_decref(cover);
    return OK;
}

/* ---- the whole ---- */

static void period_say(const struct bundle_line *b) {
    const struct verify_manifest *m = b->manifest;
    char from[CLOCK_TEXT_BYTES], until[CLOCK_TEXT_BYTES];
    clock_iso_s_write((int64_t)m->from * 60 * NS_PER_S, from);
    clock_iso_s_write((int64_t)m->until * 60 * NS_PER_S, until);
    verify_item(b->result, "period", "from %s until before %s", from, until);
    if (b->log.is_open)
        verify_item(b->result, "edges of the period",
                    "not shown: a bundle of format 1 may lack the entries beside it");
    verify_item(b->result, "opened fields", "%llu, each as it was committed to",
                (unsigned long long)b->log.opened);
    verify_item(b->result, "cover sheet", "its counts are those of the entries");
}

static enum error_code line_check(struct bundle_line *b, const struct tlog_checkpoint *head,
                                  struct error *e) {
    for (unsigned k = 0; k < EVIDENCE_TALLY_KINDS; k++)
        json_object_set_new(b->counts, evidence_tally_name((enum evidence_tally_kind)k),
                            json_object());
    TRY(logs_find(b, head, e));
    for (size_t i = 0; i < b->count; i++) TRY(log_check(b, i, e));
    TRY(cover_check(b, e));
    period_say(b);
    b->result->limits |=
        VERIFY_LIMIT_FACTS | VERIFY_LIMIT_COPIES | VERIFY_LIMIT_ROOT | VERIFY_LIMIT_HIDDEN;
    return OK;
}

enum error_code verify_bundle_line(const struct verify_trust *trust,
                                   const struct verify_manifest *manifest,
                                   const struct verify_folder *folder,
                                   const struct verify_source *source, struct arena *arena,
                                   struct verify_result *result, struct error *e) {
    enum { NAMES_BYTES = EVIDENCE_LOGS_MAX * (TLOG_NAME_BYTES_MAX + 1) };
    struct verify_below below = {source, "ledger/"};
    struct verify_source ledger = verify_below(&below);
    struct bundle_line *b = arena_new(arena, struct bundle_line, 1);
    struct tlog_checkpoint head;
    str note;
    if (manifest->until > UINT32_MAX)
        return error_set(e, FAIL_PROOF, "the manifest's period ends after all minutes");
    TRY(ledger.read(ledger.self, "checkpoint", TLOG_NOTE_BYTES_MAX, arena, &note, e));
    TRY(verify_head(trust, note, result, &head, e));
    char *names = arena_bytes(arena, NAMES_BYTES), *tile = arena_bytes(arena, LEAVES_BYTES);
    struct tlog_tiles *tiles = arena_new(arena, struct tlog_tiles, 1);
    struct verify_log *logs = arena_new(arena, struct verify_log, EVIDENCE_LOGS_MAX);
    struct bundle_ends *ends = arena_new(arena, struct bundle_ends, EVIDENCE_LOGS_MAX);
    if (!b || !names || !tile || !tiles || !logs || !ends)
        return error_set(e, FAIL_MEMORY, "no room for a bundle");
    *b = (struct bundle_line){.trust = trust,
                              .manifest = manifest,
                              .result = result,
                              .names = arena_over(names, NAMES_BYTES),
                              .logs = logs,
                              .ends = ends,
                              .counts = json_object()};
    b->log = (struct bundle_log){.manifest = manifest,
                                 .folder = folder,
                                 .ledger = &ledger,
                                 .line = &b->line,
                                 .result = result,
                                 .arena = *arena,
                                 .tile = arena_over(tile, LEAVES_BYTES),
                                 .tiles = tiles};
    enum error_code code = line_check(b, &head, e);
    json_decref(b->counts);
    return code;
}
