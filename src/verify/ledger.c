/* A whole ledger, walked once from its first entry to its last.
 *
 * Each entry is hashed into a growing tree; whenever 256 hashes of a tile level are together they
 * are held against the tile file, and at the end the root against the checkpoint. */
#include "verify/ledger.h"

#include "verify/codes.h"

enum {
    CODES_MAX = 200000,
    TYPES = 256,
    PROGRESS_ENTRIES = 16384,
};

struct walk {
    const struct verify_ledger *ledger;
    struct verify_result *result;
    struct arena arena; /* for the pieces of one step; passed on by copy */
    struct tlog_tree tree;
    uint64_t size;
    struct walk_level {
        unsigned count;
        digest hashes[TLOG_TILE_WIDTH];
    } * levels;      /* TLOG_TILE_LEVELS of them */
    bool tiles_wait; /* a level has 256 hashes */
    struct verify_table codes;
    uint32_t last_minute;
    uint64_t of_type[TYPES], of_decision[3];
    bool has_since;
    struct tlog_checkpoint since;
};

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
    if (verify_tile_read(w->ledger->source, &tile, &arena, &bytes, &e) != OK) {
        verify_finding(w->result, "%s: %s", path, e.message);
    } else if (memcmp(bytes.at, l->hashes, tile.width * sizeof l->hashes[0]) != 0) {
        verify_finding(w->result, "%s is not what the entries hash to", path);
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
        verify_finding(w->result, "entry %llu speaks of entries that are not before it",
                       (unsigned long long)index);
}

static enum error_code entry_check(struct walk *w, uint64_t index, str bytes, struct error *e) {
    struct arena arena = w->arena;
    struct evidence_entry entry;
    enum error_code code = evidence_entry_decode(bytes, &arena, &entry, e);
    if (code != OK)
        return error_note(e, "verify_ledger_check", "entry %llu", (unsigned long long)index);
    if (entry.minute < w->last_minute)
        verify_finding(w->result, "entry %llu is %u minutes earlier than one before it",
                       (unsigned long long)index, w->last_minute - entry.minute);
    w->last_minute = entry.minute > w->last_minute ? entry.minute : w->last_minute;
    if (entry.type == EVIDENCE_SUCCESSION && index != 0)
        verify_finding(w->result, "entry %llu is a succession, which only a first entry can be",
                       (unsigned long long)index);
    unsigned parts = evidence_type_parts(entry.type);
    if (parts & EVIDENCE_SPAN) span_check(w, index, &entry);
    if (parts & EVIDENCE_DECISION) w->of_decision[entry.decision]++;
    assert((unsigned)entry.type < TYPES);
    w->of_type[entry.type]++;
    TRY(verify_codes(&w->codes, index, &entry, w->result, e));
    const struct verify_observer *observer = w->ledger->observer;
    return observer ? observer->entry(observer->self, index, bytes, &entry, e) : OK;
}

/* The older checkpoint is a prefix if the tree had its root when it had its size. */
static void since_check(struct walk *w) {
    if (!w->has_since || w->tree.size != w->since.size) return;
    digest root = tlog_tree_root(&w->tree);
    if (!digest_equal(&root, &w->since.root))
        verify_finding(w->result,
                       "the older checkpoint of %llu entries is not a beginning of this log: its "
                       "history was rewritten, or there are two",
                       (unsigned long long)w->since.size);
}

static enum error_code bundle_check(struct walk *w, uint64_t index, struct error *e) {
    struct tlog_tile tile = {
        .is_entries = true, .index = index, .width = tlog_tile_width(0, index, w->size)};
    struct tlog_node_listener listener = {.node = node_keep, .self = w};
    struct arena kept = w->arena;
    str bundle, entries[TLOG_TILE_WIDTH];
    TRY(verify_tile_read(w->ledger->source, &tile, &w->arena, &bundle, e));
    TRY(tlog_bundle_read(bundle, tile.width, entries, e));
    for (unsigned i = 0; i < tile.width; i++) {
        digest leaf = tlog_leaf_hash(entries[i]);
        since_check(w);
        tlog_tree_append(&w->tree, &leaf, &listener);
        if (w->tiles_wait) tiles_check(w, false);
        TRY(entry_check(w, w->tree.size - 1, entries[i], e));
    }
    w->arena = kept;
    return OK;
}

/* ---- the whole */

static enum error_code since_open(struct walk *w, struct error *e) {
    if (!w->ledger->since.at) return OK;
    TRY(tlog_checkpoint_open(w->ledger->since, &w->ledger->trust->log, NULL, &w->since, e));
    w->has_since = true;
    if (w->since.size > w->size)
        verify_finding(w->result,
                       "the older checkpoint has %llu entries, more than this log: it was rolled "
                       "back",
                       (unsigned long long)w->since.size);
    return OK;
}

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
    if (w->has_since)
        verify_item(w->result, "older checkpoint", "%llu entries",
                    (unsigned long long)w->since.size);
}

static enum error_code walk_all(struct walk *w, const struct tlog_checkpoint *head,
                                struct error *e) {
    TRY(since_open(w, e));
    uint64_t bundles = tlog_tile_count(0, w->size);
    for (uint64_t i = 0; i < bundles; i++) {
        TRY(bundle_check(w, i, e));
        if (w->ledger->progress && w->tree.size % PROGRESS_ENTRIES == 0)
            w->ledger->progress(w->tree.size, w->size);
    }
    tiles_check(w, true);
    since_check(w);
    assert(w->tree.size == w->size);
    digest root = tlog_tree_root(&w->tree);
    if (!digest_equal(&root, &head->root))
        verify_finding(w->result, "the entries do not hash to the root that was signed");
    counts_say(w);
    w->result->limits |= VERIFY_LIMIT_FACTS | VERIFY_LIMIT_COPIES | VERIFY_LIMIT_ROOT;
    return OK;
}

enum error_code verify_ledger_head(const struct verify_ledger *ledger, struct arena *arena,
                                   struct verify_result *result, struct tlog_checkpoint *out,
                                   struct error *e) {
    str note;
    const struct verify_source *source = ledger->source;
    TRY(source->read(source->self, "checkpoint", TLOG_NOTE_BYTES_MAX, arena, &note, e));
    return verify_head(ledger->trust, note, result, out, e);
}

enum error_code verify_ledger_check(const struct verify_ledger *ledger,
                                    const struct tlog_checkpoint *head, struct arena *arena,
                                    struct verify_result *result, struct error *e) {
    struct walk *w = arena_new(arena, struct walk, 1);
    struct walk_level *levels = arena_new(arena, struct walk_level, TLOG_TILE_LEVELS);
    if (!w || !levels) return error_set(e, FAIL_MEMORY, "no room to walk a ledger");
    w->ledger = ledger;
    w->result = result;
    w->arena = *arena;
    w->levels = levels;
    w->size = head->size;
    tlog_tree_init(&w->tree);
    TRY(verify_table_open(&w->codes, CODES_MAX, e));
    enum error_code code = walk_all(w, head, e);
    verify_table_close(&w->codes);
    return code;
}
