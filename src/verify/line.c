/* Reading a line of logs back from its newest. */
#include "verify/line.h"

#include <stdio.h>

enum { PATH_BYTES = VERIFY_PREFIX_BYTES + TLOG_TILE_PATH_BYTES };

/* ---- files of one log */

static enum error_code below_read(void *self, const char *path, size_t bytes_max,
                                  struct arena *arena, str *out, struct error *e) {
    const struct verify_below *below = self;
    char full[PATH_BYTES];
    int used = snprintf(full, sizeof full, "%s%s", below->prefix, path);
    assert(used > 0 && (size_t)used < sizeof full);
    return below->source->read(below->source->self, full, bytes_max, arena, out, e);
}

struct verify_source verify_below(struct verify_below *below) {
    return (struct verify_source){.read = below_read, .self = below};
}

/* ---- names: NAME, NAME/2, NAME/3 … */

bool verify_name_cut(str origin, str *base, uint32_t *number) {
    size_t at = origin.len;
    while (at > 0 && origin.at[at - 1] != '/') at--;
    str digits = str_skip(origin, at);
    if (at < 2 || !str_u32(digits, number) || *number < 2 || digits.at[0] == '0') return false;
    *base = str_slice(origin, 0, at - 1);
    return true;
}

bool verify_name_is(str origin, str base, uint32_t number) {
    char memory[TLOG_NAME_BYTES_MAX + 16];
    struct text t = text_into(memory, sizeof memory);
    text_add(&t, base);
    if (number > 1) text_format(&t, "/%u", number);
    return str_equal(text_str(&t), origin);
}

/* ---- one log's first entries */

struct reading {
    const struct verify_source *source;
    struct arena names, scratch; /* kept; for a bundle */
    struct verify_result *result;
    struct verify_log *logs; /* newest first, while reading */
    size_t count;
    str base; /* what the oldest has to be called */
};

static enum error_code named_add(struct reading *r, const struct verify_log *by, uint64_t at,
                                 const struct evidence_entry *entry, struct error *e) {
    uint32_t number = by->number - 1 - (uint32_t)at;
    if (!verify_name_is(entry->prior_origin, r->base, number))
        verify_finding(r->result,
                       "entry %llu of %.*s names the log %.*s, which is not the one before",
                       (unsigned long long)at, STR_FMT(by->origin), STR_FMT(entry->prior_origin));
    struct verify_log log = {.number = number,
                             .size = entry->left_size,
                             .root = entry->left_root,
                             .known_size = entry->known_size,
                             .known_root = entry->known_root,
                             .named_in = by->number,
                             .named_at = at};
    snprintf(log.prefix, sizeof log.prefix, "old/%u/", number);
    TRY(arena_copy(&r->names, entry->prior_origin, &log.origin, e));
    if (log.size > TLOG_SIZE_MAX)
        return error_set(e, FAIL_PROOF, "entry %llu of %.*s names a log of %llu entries",
                         (unsigned long long)at, STR_FMT(by->origin), (unsigned long long)log.size);
    r->logs[r->count++] = log;
    return OK;
}

/* The entry at `at` of a log, if it is a succession. */
static enum error_code first_entry(struct reading *r, str bundle_rest, str *rest,
                                   struct arena *arena, struct evidence_entry *entry, bool *names,
                                   struct error *e) {
    str bytes;
    *names = false;
    *rest = bundle_rest;
    if (bundle_rest.len == 0) return OK;
    TRY(tlog_bundle_next(rest, &bytes, e));
    TRY(evidence_entry_decode(bytes, arena, entry, e));
    *names = entry->type == EVIDENCE_SUCCESSION;
    return OK;
}

static enum error_code bundle_read(struct reading *r, const struct verify_log *log,
                                   struct arena *scratch, str *bundle, struct error *e) {
    struct verify_below below = {r->source, log->prefix};
    struct verify_source source = verify_below(&below);
    struct tlog_tile tile = {.is_entries = true, .width = tlog_tile_width(0, 0, log->size)};
    return verify_tile_read(&source, &tile, scratch, bundle, e);
}

/* Adds the logs that logs[at] names; *more: there were some. */
static enum error_code names_read(struct reading *r, size_t at, bool *more, struct error *e) {
    struct arena scratch = r->scratch;
    struct verify_log *log = &r->logs[at];
    str rest;
    *more = false;
    if (log->size == 0) return OK;
    enum error_code code = bundle_read(r, log, &scratch, &rest, e);
    if (code != OK && at == 0) return code;
    if (code != OK) { /* of an old log: the rest can still be looked at */
        verify_finding(r->result, "what is left of the log %.*s, %llu entries, is not there: %s",
                       STR_FMT(log->origin), (unsigned long long)log->size, e->message);
        log->is_missing = true;
        return OK;
    }
    for (uint64_t i = 0;; i++) {
        struct evidence_entry entry;
        struct arena each = scratch;
        bool names;
        if (first_entry(r, rest, &rest, &each, &entry, &names, NULL) != OK || !names) break;
        if (i == 0 && at == 0 && !verify_name_cut(log->origin, &r->base, &log->number)) {
            verify_finding(r->result, "%.*s begins with a succession, and is not called NAME/N",
                           STR_FMT(log->origin));
            break;
        }
        if (log->number < 2 + i || r->count == EVIDENCE_LOGS_MAX)
            return error_set(e, FAIL_LIMIT, "%.*s names more logs than can have been before it",
                             STR_FMT(log->origin));
        TRY(named_add(r, log, i, &entry, e));
        log->names++;
    }
    for (uint32_t i = 1; i < log->names; i++)
        if (r->logs[at + i].size > 0)
            verify_finding(r->result,
                           "of the log %.*s something is left, and a log before it is the "
                           "one that went on",
                           STR_FMT(r->logs[at + i].origin));
    *more = log->names > 0;
    return OK;
}

/* ---- the line */

static void old_name(void *self, str name) {
    const struct reading *r = self;
    uint32_t number;
    bool named = str_u32(name, &number) && name.at[0] != '0';
    for (size_t i = 1; named && i <= r->count; i++)
        if (i == r->count || r->logs[i].number == number) {
            named = i < r->count;
            break;
        }
    if (!named)
        verify_finding(r->result, "old/%.*s is there, and no log names one of that number",
                       STR_FMT(str_slice(name, 0, 100)));
}

/* Oldest first, and where each begins among all entries. */
static enum error_code line_turn(struct reading *r, struct verify_line *out, struct error *e) {
    struct verify_line line = {.logs = r->logs, .count = r->count};
    for (size_t i = 0; i < r->count / 2; i++) {
        struct verify_log kept = r->logs[i];
        r->logs[i] = r->logs[r->count - 1 - i];
        r->logs[r->count - 1 - i] = kept;
    }
    for (size_t i = 0; i < r->count; i++) {
        r->logs[i].first = line.entries;
        if (!u64_add(line.entries, r->logs[i].size, &line.entries))
            return error_set(e, FAIL_PROOF, "the logs have more entries than can be counted");
    }
    *out = line;
    return OK;
}

enum error_code verify_line_read(const struct verify_source *source,
                                 const struct tlog_checkpoint *head, struct arena *arena,
                                 struct verify_result *result, struct verify_line *out,
                                 struct error *e) {
    struct reading r = {.source = source, .result = result};
    struct error own;
    if (e == NULL) e = &own; /* a finding may quote it */
    r.logs = arena_new(arena, struct verify_log, EVIDENCE_LOGS_MAX);
    char *names = arena_bytes(arena, EVIDENCE_LOGS_MAX * (TLOG_NAME_BYTES_MAX + 1));
    if (!r.logs || !names) return error_set(e, FAIL_MEMORY, "no room for a line of logs");
    r.names = arena_over(names, EVIDENCE_LOGS_MAX * (TLOG_NAME_BYTES_MAX + 1));
    r.scratch = *arena;
    r.logs[r.count++] = (struct verify_log){
        .number = 1, .origin = head->origin, .size = head->size, .root = head->root};
    bool more = true;
    for (size_t at = 0; more; at = r.count - 1) TRY(names_read(&r, at, &more, e));
    if (source->list) source->list(source->self, "old", old_name, &r);
    return line_turn(&r, out, e);
}

const struct verify_log *verify_line_find(const struct verify_line *line, str origin) {
    for (size_t i = 0; i < line->count; i++)
        if (str_equal(line->logs[i].origin, origin)) return &line->logs[i];
    return NULL;
}

str verify_entry_name(const struct verify_line *line, const struct verify_log *log, uint64_t index,
                      struct verify_result *result) {
    str out = STR_EMPTY;
    enum error_code code =
        line->count == 1
            ? arena_format(result->arena, &out, NULL, "entry %llu", (unsigned long long)index)
            : arena_format(result->arena, &out, NULL, "entry %llu of %.*s",
                           (unsigned long long)index, STR_FMT(log->origin));
    if (code != OK) result->cut = true;
    return out;
}
