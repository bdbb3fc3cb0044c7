/* A whole ledger, walked once from its first entry to its last; of a line of logs the oldest first.
 *
 * Each entry is hashed into a growing tree; whenever 256 hashes of a tile level are together they
 * are held against the tile file, and at the end the root against the checkpoint, or, of a log that
 * was succeeded, against the root that a later log names. Names of codes begin anew with each log. */
#include "verify/ledger.h"

#include "verify/codes.h"
#include "verify/old.h"

enum {
    CODES_MAX = 200000,
    TYPES = 256,
    PROGRESS_ENTRIES = 16384,
};

struct walk {
    const struct verify_ledger *ledger;
    const struct verify_line *line;
    const struct verify_log *log; /* the one under way */
    struct verify_below below;
    struct verify_source source; /* its files */
    struct verify_result *result;
    struct arena arena; /* for the pieces of one step; passed on by copy */
    struct tlog_tree tree;
    struct walk_level {
        unsigned count;
        digest hashes[TLOG_TILE_WIDTH];
    } * levels;      /* TLOG_TILE_LEVELS of them */
    bool tiles_wait; /* a level has 256 hashes */
    struct verify_table codes;
    uint32_t last_minute; /* of any log: time goes on */
    uint64_t of_type[TYPES], of_decision[3];
    struct verify_marks marks; /* what the tree has to pass through */
};

static str entry_name(const struct walk *w, uint64_t index) {
    return verify_entry_name(w->line, w->log, index, w->result);
}

static void node_keep(void *self, unsigned level, uint64_t index, const digest *hash) {
    struct walk *w = self;
    if (level % TLOG_TILE_HEIGHT != 0 || level / TLOG_TILE_HEIGHT >= TLOG_TILE_LEVELS) return;
    struct walk_level *l = &w->levels[level / TLOG_TILE_HEIGHT];
    assert(l->count < TLOG_TILE_WIDTH);
    assert(index % TLOG_TILE_WIDTH == l->count);
    l->hashes[l->count++] = *hash;
    if (l->count == TLOG_TILE_WIDTH) w->tiles_wait = true;
}

/* Holds what a level has collected against its tile. What is missing or differs is a finding: the
 * entries themselves decide whether the log is right. */
static void tile_check(struct walk *w, unsigned level) {
    struct walk_level *l = &w->levels[level];
    uint64_t hashes = w->tree.size >> (TLOG_TILE_HEIGHT * level);
    struct tlog_tile tile = {
        .level = level, .index = (hashes - 1) / TLOG_TILE_WIDTH, .width = l->count};
    char path[TLOG_TILE_PATH_BYTES];
    struct arena arena = w->arena;
    struct error e;
    str bytes;
    tlog_tile_path_write(&tile, path);
    if (verify_tile_read(&w->source, &tile, &arena, &bytes, &e) != OK) {
        verify_finding(w->result, "%s%s: %s", w->log->prefix, path, e.message);
    } else if (memcmp(bytes.at, l->hashes, tile.width * sizeof l->hashes[0]) != 0) {
        verify_finding(w->result, "%s%s is not what the entries hash to", w->log->prefix, path);
    }
    l->count = 0;
}

static void tiles_check(struct walk *w, bool at_end) {
    for (unsigned level = 0; level < TLOG_TILE_LEVELS; level++) {
        if (w->levels[level].count == TLOG_TILE_WIDTH || (at_end && w->levels[level].count > 0))
            tile_check(w, level);
    }
    w->tiles_wait = false;
}

/* ---- entries */

static void span_check(struct walk *w, uint64_t index, const struct evidence_entry *entry) {
    bool earlier = entry->span_count == 0 ||
                   (entry->span_first < index && (entry->type == EVIDENCE_FOLD ||
                                                  entry->span_count <= index - entry->span_first));
    if (!earlier)
        verify_finding(w->result, "%.*s speaks of entries that are not before it",
                       STR_FMT(entry_name(w, index)));
}

/* The first entries of a log were read once already, to find the logs before it: a source that told
 * something else then would have had another log's entries taken for this line's. */
static void succession_check(struct walk *w, uint64_t index, const struct evidence_entry *entry) {
    if (entry->type != EVIDENCE_SUCCESSION) {
        if (index < w->log->names)
            verify_finding(w->result, "%.*s was a succession when it was first read",
                           STR_FMT(entry_name(w, index)));
        return;
    }
    const struct verify_log *named = NULL;
    for (size_t i = 0; i < w->line->count; i++)
        if (w->line->logs[i].named_in == w->log->number && w->line->logs[i].named_at == index)
            named = &w->line->logs[i];
    if (index >= w->log->names || !named) {
        verify_finding(w->result, "%.*s is a succession, which only a first entry can be",
                       STR_FMT(entry_name(w, index)));
    } else if (!str_equal(named->origin, entry->prior_origin) || named->size != entry->left_size ||
               named->known_size != entry->known_size ||
               !digest_equal(&named->root, &entry->left_root) ||
               !digest_equal(&named->known_root, &entry->known_root)) {
        verify_finding(w->result, "%.*s said something else when it was first read",
                       STR_FMT(entry_name(w, index)));
    }
}

static enum error_code entry_check(struct walk *w, uint64_t index, str bytes, struct error *e) {
    struct arena arena = w->arena;
    struct evidence_entry entry;
    enum error_code code = evidence_entry_decode(bytes, &arena, &entry, e);
    if (code != OK)
        return error_note(e, "verify_ledger_check", "entry %llu", (unsigned long long)index);
    if (entry.minute < w->last_minute)
        verify_finding(w->result, "%.*s is %u minutes earlier than one before it",
                       STR_FMT(entry_name(w, index)), w->last_minute - entry.minute);
    w->last_minute = entry.minute > w->last_minute ? entry.minute : w->last_minute;
    succession_check(w, index, &entry);
    unsigned parts = evidence_type_parts(entry.type);
    if (parts & EVIDENCE_SPAN) span_check(w, index, &entry);
    if (parts & EVIDENCE_DECISION) w->of_decision[entry.decision]++;
    assert((unsigned)entry.type < TYPES);
    w->of_type[entry.type]++;
    TRY(verify_codes(&w->codes, w->line, w->log, index, &entry, w->result, e));
    for (size_t i = 0; i < w->ledger->observer_count; i++) {
        const struct verify_observer *observer = &w->ledger->observers[i];
        TRY(observer->entry(observer->self, w->log, index, bytes, &entry, e));
    }
    return OK;
}

/* What was known of the log is a prefix if the tree had its root when it had its size. */
static void marks_check(struct walk *w) {
    for (size_t i = 0; i < w->marks.count; i++) {
        const struct verify_mark *mark = &w->marks.at[i];
        if (w->tree.size != mark->size) continue;
        digest root = tlog_tree_root(&w->tree);
        if (!digest_equal(&root, &mark->root)) verify_mark_missed(w->log, mark, w->result);
    }
}

static enum error_code bundle_check(struct walk *w, uint64_t index, struct error *e) {
    struct tlog_tile tile = {
        .is_entries = true, .index = index, .width = tlog_tile_width(0, index, w->log->size)};
    struct tlog_node_listener listener = {.node = node_keep, .self = w};
    struct arena kept = w->arena;
    str bundle, entries[TLOG_TILE_WIDTH];
    TRY(verify_tile_read(&w->source, &tile, &w->arena, &bundle, e));
    TRY(tlog_bundle_read(bundle, tile.width, entries, e));
    for (unsigned i = 0; i < tile.width; i++) {
        digest leaf = tlog_leaf_hash(entries[i]);
        marks_check(w);
        tlog_tree_append(&w->tree, &leaf, &listener);
        if (w->tiles_wait) tiles_check(w, false);
        TRY(entry_check(w, w->tree.size - 1, entries[i], e));
    }
    w->arena = kept;
    return OK;
}

/* ---- one log */

static void root_check(struct walk *w) {
    digest root = tlog_tree_root(&w->tree);
    if (digest_equal(&root, &w->log->root)) return;
    if (w->log == verify_line_newest(w->line))
        verify_finding(w->result, "the entries do not hash to the root that was signed");
    else
        verify_finding(
            w->result,
            "the entries of %.*s do not hash to the root that entry %llu of log %u names",
            STR_FMT(w->log->origin), (unsigned long long)w->log->named_at, w->log->named_in);
}

static enum error_code log_walk(struct walk *w, struct error *e) {
    uint64_t bundles = tlog_tile_count(0, w->log->size);
    tlog_tree_init(&w->tree);
    for (uint64_t i = 0; i < bundles; i++) {
        TRY(bundle_check(w, i, e));
        uint64_t done = w->log->first + w->tree.size;
        if (w->ledger->progress && done % PROGRESS_ENTRIES < TLOG_TILE_WIDTH)
            w->ledger->progress(done, w->line->entries);
    }
    tiles_check(w, true);
    marks_check(w);
    assert(w->tree.size == w->log->size);
    root_check(w);
    return OK;
}

static enum error_code log_check(struct walk *w, const struct verify_log *log,
                                 const struct verify_log *since_log,
                                 const struct verify_marks *since, struct error *e) {
    w->log = log;
    w->below = (struct verify_below){w->ledger->source, log->prefix};
    w->source = verify_below(&w->below);
    w->marks.count = 0;
    if (log == since_log) w->marks = *since;
    if (log != verify_line_newest(w->line))
        verify_old_log(w->ledger->trust, &w->source, w->line, log, w->arena, w->result, &w->marks);
    if (log->is_missing) return OK;
    TRY(verify_table_open(&w->codes, CODES_MAX, e));
    enum error_code code = log_walk(w, e);
    verify_table_close(&w->codes);
    if (code != OK && log->prefix[0] != 0)
        return error_note(e, "verify_ledger_check", "in %.40s", log->prefix);
    return code;
}

/* ---- the whole */

static void counts_say(struct walk *w) {
    static const char *const decisions[] = {"allowed", "warned", "refused"};
    for (unsigned type = 0; type < TYPES; type++) {
        if (w->of_type[type] > 0)
            verify_item(w->result, "entries", "%llu %s", (unsigned long long)w->of_type[type],
                        evidence_type_name((enum evidence_type)type));
    }
    for (size_t i = 0; i < COUNT_OF(decisions); i++)
        verify_item(w->result, "decisions", "%llu %s", (unsigned long long)w->of_decision[i],
                    decisions[i]);
}

static enum error_code walk_all(struct walk *w, struct error *e) {
    const struct verify_log *since_log = NULL;
    struct verify_marks since = {.count = 0};
    if (w->ledger->since.at)
        TRY(verify_since(w->ledger->trust, w->line, w->ledger->since, w->result, &since_log, &since,
                         e));
    for (size_t i = 0; i < w->line->count; i++)
        TRY(log_check(w, &w->line->logs[i], since_log, &since, e));
    counts_say(w);
    w->result->limits |= VERIFY_LIMIT_FACTS | VERIFY_LIMIT_COPIES | VERIFY_LIMIT_ROOT;
    return OK;
}

enum error_code verify_ledger_head(const struct verify_ledger *ledger, struct arena *arena,
                                   struct verify_result *result, struct verify_line *out,
                                   struct error *e) {
    str note;
    struct tlog_checkpoint head;
    const struct verify_source *source = ledger->source;
    TRY(source->read(source->self, "checkpoint", TLOG_NOTE_BYTES_MAX, arena, &note, e));
    TRY(verify_head(ledger->trust, note, result, &head, e));
    return verify_line_read(source, &head, arena, result, out, e);
}

enum error_code verify_ledger_check(const struct verify_ledger *ledger,
                                    const struct verify_line *line, struct arena *arena,
                                    struct verify_result *result, struct error *e) {
    struct walk *w = arena_new(arena, struct walk, 1);
    struct walk_level *levels = arena_new(arena, struct walk_level, TLOG_TILE_LEVELS);
    if (!w || !levels) return error_set(e, FAIL_MEMORY, "no room to walk a ledger");
    w->ledger = ledger;
    w->line = line;
    w->result = result;
    w->arena = *arena;
    w->levels = levels;
    return walk_all(w, e);
}
