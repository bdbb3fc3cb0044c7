/* Succession: the way out when history was lost. The old log is sealed as far as it goes, unsigned;
 * a new one begins whose first entry says what was known of the old and what is left of it.
 *
 *   1  old log: full and partial tiles of what is left -> its directory; "left" (size, root)
 *   2  new log: its directory and a watermark of size 0
 *   3  one turn: the old rows go, the first entry and the new head come
 *
 * Before 3 is committed a start sees the old log and refuses as before, and all can be done again;
 * files are written once and compared. After it the new log is there. An unfinished step 2 counts
 * as nothing. */
#include "base/disk.h"
#include "base/log.h"
#include "ledger/inner.h"

#include <fcntl.h>
#include <stdlib.h>

/* ---- "left" ---- */

static const char left_head[] = "azekura-ledger-left-v1\n";

static enum error_code left_write(const char *dir, uint64_t size, const digest *root,
                                  struct error *e) {
    char path[LEDGER_PATH_BYTES], memory[256], base64[44];
    struct text text = text_into(memory, sizeof memory);
    base64_write(root->at, DIGEST_BYTES, base64);
    text_format(&text, "%ssize %llu\nroot %.44s\n", left_head, (unsigned long long)size, base64);
    TRY(ledger_path(dir, "left", path, e));
    return disk_file_replace(AT_FDCWD, path, text_str(&text), 0644, e);
}

enum error_code ledger_left_read(const char *dir, uint64_t *size, digest *root, struct error *e) {
    char path[LEDGER_PATH_BYTES], memory[300];
    struct arena arena = arena_over(memory, sizeof memory);
    str rest, size_line, root_line;
    size_t count;
    TRY(ledger_path(dir, "left", path, e));
    TRY(disk_file_read(AT_FDCWD, path, sizeof memory - 2, &arena, &rest, e));
    if (!str_starts(rest, str_from_c(left_head)))
        return error_set(e, FAIL_VERSION, "%s is not in the format this program knows", path);
    rest = str_skip(rest, sizeof left_head - 1);
    bool reads = str_cut(&rest, '\n', &size_line) && str_starts(size_line, STR("size ")) &&
                 str_u64(str_skip(size_line, 5), size) && str_cut(&rest, '\n', &root_line) &&
                 str_starts(root_line, STR("root ")) && rest.len == 0 &&
                 base64_read(str_skip(root_line, 5), root->at, DIGEST_BYTES, &count) &&
                 count == DIGEST_BYTES;
    if (!reads) return error_set(e, FAIL_CORRUPT, "%s does not read", path);
    return OK;
}

/* ---- what was known, what is left ---- */

/* What a succession works with; too large for a stack. */
struct succeeding {
    struct ledger ledger;        /* only what reading the old log needs; never published from */
    char dir[LEDGER_PATH_BYTES]; /* of the new log */
    char old_origin[TLOG_NAME_BYTES_MAX], new_origin[TLOG_NAME_BYTES_MAX];
    struct ledger_succession story;
    struct ledger_signed next;
    char memory[1 << 17]; /* for the first entry and anchors */
};

/* The newest log anything is known of: the engine's, or one a later watermark speaks of. */
static enum error_code newest_number(const char *dir, uint32_t in_engine, uint32_t *number,
                                     struct error *e) {
    char log_dir[LEDGER_PATH_BYTES];
    *number = in_engine == 0 ? 1 : in_engine;
    for (uint32_t n = *number + 1;; n++) {
        struct ledger_signed file;
        bool found;
        TRY(ledger_log_dir(dir, n, log_dir, e));
        TRY(ledger_signed_read(log_dir, &file, &found, e));
        if (!found) return OK;
        if (file.size > 0) *number = n;
    }
}

static void known_raise(struct ledger_succession *story, uint64_t size, const digest *root) {
    if (size < story->known_size) return;
    story->known_size = size;
    story->known_root = *root;
}

/* What a guard does not tell is logged and left out: the way out must not need all of them. */
static void anchor_gather(struct succeeding *s, const struct ledger_options *options) {
    struct arena arena = arena_over(s->memory, sizeof s->memory);
    struct tlog_checkpoint anchor;
    struct error e;
    bool found;
    if (options->anchor_path == NULL) return;
    if (ledger_anchor_read(options->anchor_path, &s->ledger.signer.vkey, s->ledger.number, &arena,
                           &anchor, &found, &e) != OK)
        log_error("the anchor tells nothing of the old log", &e);
    else if (found)
        known_raise(&s->story, anchor.size, &anchor.root);
}

static void witnesses_gather(struct succeeding *s) {
    for (size_t i = 0; i < s->ledger.witness_count; i++) {
        struct arena arena = arena_over(s->memory, sizeof s->memory);
        struct tlog_checkpoint seen;
        struct error e;
        if (ledger_witness_known(&s->ledger, &s->ledger.witnesses[i], &arena, &seen, &e) != OK)
            log_error("a witness tells nothing of the old log", &e);
        else
            known_raise(&s->story, seen.size, &seen.root);
    }
}

static enum error_code names_make(struct succeeding *s, const struct ledger_options *options,
                                  struct error *e) {
    struct ledger *old = &s->ledger;
    size_t bytes;
    str origin = old->last_signed.origin_bytes > 0
                     ? str_of(old->last_signed.origin, old->last_signed.origin_bytes)
                     : options->origin;
    if (!tlog_name_is_valid(origin)) return error_set(e, FAIL_SYNTAX, "the old log has no name");
    memcpy(s->old_origin, origin.at, origin.len);
    s->story.old_origin = str_of(s->old_origin, origin.len);
    s->story.old_number = old->number;
    TRY(ledger_origin_of_number(origin, old->number, old->number + 1, s->new_origin, &bytes, e));
    s->story.new_origin = str_of(s->new_origin, bytes);
    return OK;
}

static enum error_code known_gather(struct succeeding *s, struct seal_keys *keys,
                                    const struct ledger_options *options, struct error *e) {
    struct ledger *old = &s->ledger;
    bool found;
    TRY(ledger_log_dir(options->dir, old->number, old->dir, e));
    TRY(ledger_signed_read(old->dir, &old->last_signed, &found, e));
    TRY(names_make(s, options, e));
    s->story.known_root = s->story.left_root = tlog_empty_root();
    if (found) known_raise(&s->story, old->last_signed.size, &old->last_signed.root);

    struct secret seed;
    seal_ledger_seed(keys, &seed);
    enum error_code code =
        tlog_signer_make(s->story.old_origin, TLOG_KEY_ED25519, &seed, &old->signer, e);
    secret_wipe(&seed);
    if (code == OK) code = ledger_witnesses_open(old, options, e);
    if (code != OK) return code;
    anchor_gather(s, options);
    witnesses_gather(s);
    return OK;
}

/* Step 1. Only if the engine still shows the log that is succeeded is there anything left of it. */
static enum error_code old_seal(struct succeeding *s, const struct ledger_row *row,
                                struct engine_view *view, struct error *e) {
    struct ledger *old = &s->ledger;
    if (row->number == old->number) {
        struct ledger_publisher *p = &old->publisher;
        p->dir = old->dir;
        old->bundle_memory = malloc(LEDGER_BUNDLE_BYTES);
        if (old->bundle_memory == NULL) return error_set(e, FAIL_MEMORY, "no memory for a bundle");
        p->bundle = pack_into(old->bundle_memory, LEDGER_BUNDLE_BYTES);
        TRY(ledger_publisher_load(p, row, e));
        TRY(ledger_publisher_advance(p, view, row, e));
        s->story.left_size = row->tree.size;
        s->story.left_root = tlog_tree_root(&row->tree);
        TRY(ledger_partials_write(old->dir, view, row->tree.size, &p->edge, e));
    }
    TRY(disk_make_dirs(AT_FDCWD, old->dir, 0755, e));
    return left_write(old->dir, s->story.left_size, &s->story.left_root, e);
}

/* Step 2. */
static enum error_code new_begin(struct succeeding *s, const struct ledger_options *options,
                                 struct seal_keys *keys, struct error *e) {
    struct tlog_signer signer;
    struct secret seed;
    seal_ledger_seed(keys, &seed);
    enum error_code code =
        tlog_signer_make(s->story.new_origin, TLOG_KEY_ED25519, &seed, &signer, e);
    secret_wipe(&seed);
    if (code != OK) return code;
    s->next = (struct ledger_signed){.number = s->story.old_number + 1,
                                     .key_id = signer.vkey.id,
                                     .origin_bytes = s->story.new_origin.len,
                                     .root = tlog_empty_root()};
    tlog_signer_wipe(&signer);
    memcpy(s->next.origin, s->new_origin, s->next.origin_bytes);
    TRY(ledger_log_dir(options->dir, s->next.number, s->dir, e));
    TRY(disk_make_dirs(AT_FDCWD, s->dir, 0755, e));
    return ledger_signed_write(s->dir, &s->next, e);
}

/* Step 3. */
static enum error_code
rows_change(struct succeeding *s, struct engine_turn *turn, const struct ledger_row *row,
            enum error_code (*first)(void *, struct engine_turn *, const struct ledger_succession *,
                                     struct arena *, str *, struct error *),
            void *self, struct error *e) {
    char key[LEDGER_ENTRY_KEY_BYTES], row_memory[LEDGER_ROW_BYTES];
    char run_memory[2 + LIMIT_ENTRY_BYTES];
    struct pack run = pack_into(run_memory, sizeof run_memory);
    TRY(ledger_run_delete(turn, row->trimmed, row->tree.size, e));
    struct arena arena = arena_over(s->memory, sizeof s->memory);
    str entry;
    TRY(first(self, turn, &s->story, &arena, &entry, e));
    if (entry.len == 0 || entry.len > LIMIT_ENTRY_BYTES)
        return error_set(e, FAIL_LIMIT, "a ledger entry of %zu bytes", entry.len);
    TRY(tlog_bundle_add(&run, entry, e));
    TRY(engine_turn_put(turn, ENGINE_LEDGER, ledger_entry_key(0, key), str_of(run.at, run.len), e));
    struct ledger_row next = {.number = s->next.number};
    tlog_tree_init(&next.tree);
    digest leaf = tlog_leaf_hash(entry);
    tlog_tree_append(&next.tree, &leaf, NULL);
    return engine_turn_put(turn, ENGINE_LEDGER, ledger_row_key, ledger_row_write(&next, row_memory),
                           e);
}

/* The old log must be one that does not open: else there is nothing to succeed. */
static enum error_code refused_check(struct engine *engine, struct seal_keys *keys,
                                     const struct ledger_options *options, struct error *e) {
    struct ledger *ledger = NULL;
    enum error_code code = ledger_open(engine, keys, options, &ledger, e);
    ledger_close(ledger);
    if (code == OK) return error_set(e, FAIL_USAGE, "the ledger opens as it is: nothing was lost");
    return code == FAIL_ROLLED_BACK ? OK : code;
}

enum error_code
ledger_succeed(struct engine *engine, struct seal_keys *keys, const struct ledger_options *options,
               enum error_code (*first)(void *self, struct engine_turn *turn,
                                        const struct ledger_succession *succession,
                                        struct arena *arena, str *entry, struct error *e),
               void *self, struct error *e) {
    struct engine_view *view = NULL;
    struct engine_turn *turn;
    struct ledger_row row;
    TRY(refused_check(engine, keys, options, e));
    struct succeeding *s = calloc(1, sizeof *s);
    if (s == NULL) return error_set(e, FAIL_MEMORY, "no memory for a succession");
    enum error_code code = engine_view_open(engine, &view, e);
    if (code == OK) code = ledger_row_load(view, &row, e);
    if (code == OK) code = newest_number(options->dir, row.number, &s->ledger.number, e);
    if (code == OK) code = known_gather(s, keys, options, e);
    if (code == OK) code = old_seal(s, &row, view, e);
    if (view != NULL) engine_view_close(view);
    if (code == OK) code = new_begin(s, options, keys, e);
    if (code == OK) code = engine_turn_begin(engine, &turn, e);
    if (code == OK) {
        code = rows_change(s, turn, &row, first, self, e);
        if (code == OK)
            code = engine_turn_commit(turn, e);
        else
            engine_turn_abandon(turn);
    }
    ledger_witnesses_close(&s->ledger);
    tlog_signer_wipe(&s->ledger.signer);
    free(s->ledger.bundle_memory);
    free(s);
    return code == OK ? OK : error_note(e, "ledger_succeed", "opening a new log");
}
