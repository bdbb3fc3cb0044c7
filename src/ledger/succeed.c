/* Succession: the way out when history was lost. The old log is sealed as far as it goes, unsigned;
 * a new one begins whose first entry says what was known of the old and what is left of it.
 *
 *   1  old log: full and partial tiles of what is left -> its directory; "left" (size, root)
 *   2  new log: its directory and a watermark of size 0
 *   3  one turn: the old rows go, the first entry and the new head come
 *
 * Before 3 is committed a start sees the old log and refuses as before, and all can be done again;
 * files are written once and compared. After it the new log is there. An unfinished step 2 counts
 * as nothing.
 *
 * A copy from before an earlier succession shows a log that others came after. All of those are lost
 * then, and the new log begins with an entry for each: from the newest that anybody knows back to
 * the one the engine shows. So every log that ever was is named, and no name is used twice. */
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

enum { LOGS_MAX = 64 }; /* logs one succession names; ours: usually it is one */

struct old_log {
    char origin[TLOG_NAME_BYTES_MAX];
    struct ledger_succession story; /* old_origin views `origin` */
};

/* The newest of a log's signed notes that survives: in its directory, as the anchor, at a witness. */
struct survivor {
    uint64_t size;
    size_t bytes; /* 0: none does */
    bool is_new;  /* other than what its directory has */
    char note[LEDGER_NOTE_BYTES];
};

/* What a succession works with; too large for a stack. */
struct succeeding {
    struct ledger ledger; /* what reading one old log after the other needs; never published from */
    char line[TLOG_NAME_BYTES_MAX]; /* the name of one log of the line, from which all follow … */
    size_t line_bytes;
    uint32_t line_number;          /* … and which one that is */
    uint32_t newest, shown;        /* numbers: of the newest log known, of the one in the engine */
    struct old_log olds[LOGS_MAX]; /* newest first */
    size_t old_count;
    struct survivor kept;                                         /* of the log under way */
    char dir[LEDGER_PATH_BYTES], new_origin[TLOG_NAME_BYTES_MAX]; /* of the new log */
    size_t new_origin_bytes;
    struct ledger_signed next;
    char memory[1 << 17]; /* for an entry, an anchor, a witness's answer */
};

/* ---- which logs there were ---- */

static enum error_code name_of(const struct succeeding *s, uint32_t number,
                               char out[TLOG_NAME_BYTES_MAX], size_t *bytes, struct error *e) {
    return ledger_origin_of_number(str_of(s->line, s->line_bytes), s->line_number, number, out,
                                   bytes, e);
}

static enum error_code signer_of(struct succeeding *s, struct seal_keys *keys, uint32_t number,
                                 struct error *e) {
    char name[TLOG_NAME_BYTES_MAX];
    size_t bytes;
    struct secret seed;
    TRY(name_of(s, number, name, &bytes, e));
    seal_ledger_seed(keys, &seed);
    enum error_code code =
        tlog_signer_make(str_of(name, bytes), TLOG_KEY_ED25519, &seed, &s->ledger.signer, e);
    secret_wipe(&seed);
    return code;
}

static enum error_code line_take(struct succeeding *s, str origin, uint32_t number,
                                 struct error *e) {
    if (!tlog_name_is_valid(origin)) return error_set(e, FAIL_SYNTAX, "the old log has no name");
    memcpy(s->line, origin.at, origin.len); /* valid names are at most so long */
    s->line_bytes = origin.len;
    s->line_number = number;
    return OK;
}

/* The newest log that files speak of: the engine's, or one a later watermark knows; and a name. */
static enum error_code files_ask(struct succeeding *s, const struct ledger_options *options,
                                 struct error *e) {
    TRY(line_take(s, options->origin, s->shown, e));
    s->newest = s->shown;
    for (uint32_t n = s->shown;; n++) {
        char dir[LEDGER_PATH_BYTES];
        struct ledger_signed file;
        bool found;
        TRY(ledger_log_dir(options->dir, n, dir, e));
        TRY(ledger_signed_read(dir, &file, &found, e));
        if (!found && n > s->shown) return OK;
        if (found) TRY(line_take(s, str_of(file.origin, file.origin_bytes), n, e));
        if (found && file.size > 0) s->newest = n;
    }
}

static bool guard_knows(struct succeeding *s, const struct ledger_options *options,
                        uint32_t number) {
    struct arena arena = arena_over(s->memory, sizeof s->memory);
    struct tlog_checkpoint seen;
    bool found = false;
    enum error_code code = options->anchor_path == NULL
                               ? OK
                               : ledger_anchor_read(options->anchor_path, &s->ledger.signer.vkey,
                                                    number, &arena, &seen, &found, NULL);
    if (code == FAIL_ROLLED_BACK || found) return true; /* of a later one, or of this one */
    for (size_t i = 0; i < s->ledger.witness_count; i++) {
        arena = arena_over(s->memory, sizeof s->memory);
        str note;
        if (ledger_witness_known(&s->ledger, &s->ledger.witnesses[i], &s->ledger.signer.vkey,
                                 INT64_MAX, &arena, &seen, &note, NULL) == OK)
            return true;
    }
    return false;
}

/* Where all of DATA was put back, only guards know of logs that came after. A name must not be
 * given to a second log, and a log that no guard ever saw may lie before one that some did see. */
static enum error_code guards_ask(struct succeeding *s, struct seal_keys *keys,
                                  const struct ledger_options *options, struct error *e) {
    for (uint32_t n = s->newest + 1; n <= s->newest + LEDGER_LATER_LOGS; n++) {
        TRY(signer_of(s, keys, n, e));
        if (guard_knows(s, options, n)) s->newest = n;
        if (s->newest - s->shown >= LOGS_MAX)
            return error_set(e, FAIL_LIMIT, "over %d logs came after the one that the engine shows",
                             LOGS_MAX - 1);
    }
    return OK;
}

/* ---- what was known of each ---- */

static void known_raise(struct ledger_succession *story, uint64_t size, const digest *root) {
    if (size < story->known_size) return;
    story->known_size = size;
    story->known_root = *root;
}

/* Cosignatures of another copy of the same note. */
static void lines_add(struct survivor *kept, const struct tlog_note *there,
                      const struct tlog_note *more) {
    struct text note = text_into(kept->note, sizeof kept->note);
    note.len = kept->bytes;
    for (unsigned i = 0; i < more->count; i++) {
        const struct tlog_note_line *line = &more->lines[i];
        bool has = false;
        for (unsigned k = 0; k < there->count && !has; k++)
            has = there->lines[k].key_id == line->key_id &&
                  str_equal(there->lines[k].name, line->name);
        if (has) continue;
        text_format(&note, "\u2014 %.*s %.*s\n", STR_FMT(line->name), STR_FMT(line->base64));
        if (note.overflow) return; /* what fits is enough */
        kept->bytes = note.len;
        kept->is_new = true;
    }
}

static void note_keep(struct succeeding *s, uint64_t size, str bytes) {
    struct survivor *kept = &s->kept;
    struct tlog_note there, more;
    if (bytes.len > sizeof kept->note || (kept->bytes > 0 && size < kept->size)) return;
    if (kept->bytes > 0 && size == kept->size) {
        if (tlog_note_parse(str_of(kept->note, kept->bytes), &there, NULL) == OK &&
            tlog_note_parse(bytes, &more, NULL) == OK && str_equal(there.text, more.text))
            lines_add(kept, &there, &more);
        return;
    }
    memcpy(kept->note, bytes.at, bytes.len);
    kept->bytes = bytes.len;
    kept->size = size;
    kept->is_new = true;
}

static void note_gather(struct succeeding *s, struct ledger_succession *story) {
    char path[LEDGER_PATH_BYTES];
    struct arena arena = arena_over(s->memory, sizeof s->memory);
    struct tlog_checkpoint seen;
    str note;
    s->kept.bytes = 0;
    if (ledger_path(s->ledger.dir, "checkpoint", path, NULL) == OK &&
        disk_file_read(AT_FDCWD, path, LEDGER_NOTE_BYTES, &arena, &note, NULL) == OK &&
        tlog_checkpoint_open(note, &s->ledger.signer.vkey, NULL, &seen, NULL) == OK) {
        note_keep(s, seen.size, note);
        known_raise(story, seen.size, &seen.root);
    }
    s->kept.is_new = false;
}

/* Where others have more of it than its directory, that is put there: it is what an export shows of a
 * log that was lost whole. */
static enum error_code note_write(struct succeeding *s, struct error *e) {
    char path[LEDGER_PATH_BYTES];
    if (!s->kept.is_new) return OK;
    TRY(disk_make_dirs(AT_FDCWD, s->ledger.dir, 0755, e));
    TRY(ledger_path(s->ledger.dir, "checkpoint", path, e));
    return disk_file_replace(AT_FDCWD, path, str_of(s->kept.note, s->kept.bytes), 0644, e);
}

/* What a guard does not tell is logged and left out: the way out must not need all of them. */
static void anchor_gather(struct succeeding *s, const struct ledger_options *options,
                          struct ledger_succession *story) {
    struct arena arena = arena_over(s->memory, sizeof s->memory);
    struct tlog_checkpoint anchor;
    struct error e;
    bool found;
    if (options->anchor_path == NULL) return;
    enum error_code code = ledger_anchor_read(options->anchor_path, &s->ledger.signer.vkey,
                                              story->old_number, &arena, &anchor, &found, &e);
    if (code == FAIL_ROLLED_BACK) return; /* of a log after this one, which is asked about itself */
    if (code != OK) log_error("the anchor tells nothing of the old log", &e);
    if (code != OK || !found) return;
    known_raise(story, anchor.size, &anchor.root);
    str note;
    if (disk_file_read(AT_FDCWD, options->anchor_path, LEDGER_NOTE_BYTES, &arena, &note, NULL) ==
        OK)
        note_keep(s, anchor.size, note);
}

static void witnesses_gather(struct succeeding *s, struct ledger_succession *story) {
    for (size_t i = 0; i < s->ledger.witness_count; i++) {
        struct arena arena = arena_over(s->memory, sizeof s->memory);
        struct tlog_checkpoint seen;
        struct error e;
        str note;
        if (ledger_witness_known(&s->ledger, &s->ledger.witnesses[i], &s->ledger.signer.vkey,
                                 INT64_MAX, &arena, &seen, &note, &e) != OK) {
            log_error("a witness tells nothing of the old log", &e);
            continue;
        }
        known_raise(story, seen.size, &seen.root);
        note_keep(s, seen.size, note);
    }
}

static enum error_code known_gather(struct succeeding *s, struct seal_keys *keys,
                                    const struct ledger_options *options, uint32_t number,
                                    struct error *e) {
    struct ledger *old = &s->ledger;
    struct old_log *log = &s->olds[s->old_count];
    bool found;
    size_t bytes;
    old->number = number;
    TRY(name_of(s, number, log->origin, &bytes, e));
    log->story =
        (struct ledger_succession){.old_origin = str_of(log->origin, bytes),
                                   .old_number = number,
                                   .known_root = tlog_empty_root(),
                                   .left_root = tlog_empty_root(),
                                   .new_origin = str_of(s->new_origin, s->new_origin_bytes),
                                   .new_number = s->newest + 1,
                                   .index = s->old_count,
                                   .is_last = number == s->shown};
    TRY(ledger_log_dir(options->dir, number, old->dir, e));
    TRY(ledger_signed_read(old->dir, &old->last_signed, &found, e));
    if (found) known_raise(&log->story, old->last_signed.size, &old->last_signed.root);
    TRY(signer_of(s, keys, number, e));
    note_gather(s, &log->story);
    anchor_gather(s, options, &log->story);
    witnesses_gather(s, &log->story);
    s->old_count++;
    return note_write(s, e);
}

/* Step 1. Only of the log that the engine shows is there anything left. */
static enum error_code old_seal(struct succeeding *s, struct old_log *log,
                                const struct ledger_row *row, struct engine_view *view,
                                struct error *e) {
    struct ledger *old = &s->ledger;
    if (row->number == old->number) {
        struct ledger_publisher *p = &old->publisher;
        p->dir = old->dir;
        old->bundle_memory = malloc(LEDGER_BUNDLE_BYTES);
        if (old->bundle_memory == NULL) return error_set(e, FAIL_MEMORY, "no memory for a bundle");
        p->bundle = pack_into(old->bundle_memory, LEDGER_BUNDLE_BYTES);
        TRY(ledger_publisher_load(p, row, e));
        TRY(ledger_publisher_advance(p, view, row, e));
        log->story.left_size = row->tree.size;
        log->story.left_root = tlog_tree_root(&row->tree);
        TRY(ledger_partials_write(old->dir, view, row->tree.size, &p->edge, e));
    }
    TRY(disk_make_dirs(AT_FDCWD, old->dir, 0755, e));
    return left_write(old->dir, log->story.left_size, &log->story.left_root, e);
}

static enum error_code olds_seal(struct succeeding *s, struct seal_keys *keys,
                                 const struct ledger_options *options, const struct ledger_row *row,
                                 struct engine_view *view, struct error *e) {
    s->shown = row->number == 0 ? 1 : row->number;
    TRY(ledger_witnesses_open(&s->ledger, options, e));
    TRY(files_ask(s, options, e));
    TRY(guards_ask(s, keys, options, e));
    TRY(name_of(s, s->newest + 1, s->new_origin, &s->new_origin_bytes, e));
    for (uint32_t number = s->newest; number >= s->shown; number--) {
        TRY(known_gather(s, keys, options, number, e));
        TRY(old_seal(s, &s->olds[s->old_count - 1], row, view, e));
    }
    return OK;
}

/* Step 2. */
static enum error_code new_begin(struct succeeding *s, const struct ledger_options *options,
                                 struct seal_keys *keys, struct error *e) {
    TRY(signer_of(s, keys, s->newest + 1, e));
    s->next = (struct ledger_signed){.number = s->newest + 1,
                                     .key_id = s->ledger.signer.vkey.id,
                                     .origin_bytes = s->new_origin_bytes,
                                     .root = tlog_empty_root()};
    memcpy(s->next.origin, s->new_origin, s->next.origin_bytes);
    TRY(ledger_log_dir(options->dir, s->next.number, s->dir, e));
    TRY(disk_make_dirs(AT_FDCWD, s->dir, 0755, e));
    return ledger_signed_write(s->dir, &s->next, e);
}

typedef enum error_code first_fn(void *self, struct engine_turn *turn,
                                 const struct ledger_succession *succession, struct arena *arena,
                                 str *entry, struct error *e);

/* Step 3. */
static enum error_code rows_change(struct succeeding *s, struct engine_turn *turn,
                                   const struct ledger_row *row, first_fn *first, void *self,
                                   struct error *e) {
    char key[LEDGER_ENTRY_KEY_BYTES], row_memory[LEDGER_ROW_BYTES], run_memory[LEDGER_RUN_BYTES];
    struct pack run = pack_into(run_memory, sizeof run_memory);
    struct ledger_row next = {.number = s->next.number};
    TRY(ledger_run_delete(turn, row->trimmed, row->tree.size, e));
    tlog_tree_init(&next.tree);
    for (size_t i = 0; i < s->old_count; i++) {
        struct arena arena = arena_over(s->memory, sizeof s->memory);
        str entry;
        TRY(first(self, turn, &s->olds[i].story, &arena, &entry, e));
        if (entry.len == 0 || entry.len > LIMIT_ENTRY_BYTES)
            return error_set(e, FAIL_LIMIT, "a ledger entry of %zu bytes", entry.len);
        TRY(tlog_bundle_add(&run, entry, e));
        digest leaf = tlog_leaf_hash(entry);
        tlog_tree_append(&next.tree, &leaf, NULL);
    }
    TRY(engine_turn_put(turn, ENGINE_LEDGER, ledger_entry_key(0, key), str_of(run.at, run.len), e));
    return engine_turn_put(turn, ENGINE_LEDGER, ledger_row_key, ledger_row_write(&next, row_memory),
                           e);
}

/* The old log must be one that does not open: else there is nothing to succeed. */
static enum error_code refused_check(struct engine *engine, struct seal_keys *keys,
                                     const struct ledger_options *options, struct error *e) {
    struct ledger *ledger = NULL;
    enum error_code code = ledger_open(engine, keys, options, &ledger, e);
    ledger_close(ledger);
    bool alone = options->anchor_path == NULL && options->witness_count == 0;
    if (code == OK && alone)
        return error_set(
            e, FAIL_USAGE,
            "by its watermark alone the ledger opens as it is; if an anchor or a witness "
            "refused the start, name it by --config FILE or --anchor FILE");
    if (code == OK)
        return error_set(e, FAIL_USAGE,
                         "the ledger opens as it is: nothing was lost, by all that is known to its "
                         "watermark and to those of its guards that answer");
    return code == FAIL_ROLLED_BACK ? OK : code;
}

enum error_code ledger_succeed(struct engine *engine, struct seal_keys *keys,
                               const struct ledger_options *options, first_fn *first, void *self,
                               struct error *e) {
    struct engine_view *view = NULL;
    struct engine_turn *turn;
    struct ledger_row row;
    TRY(refused_check(engine, keys, options, e));
    struct succeeding *s = calloc(1, sizeof *s);
    if (s == NULL) return error_set(e, FAIL_MEMORY, "no memory for a succession");
    enum error_code code = engine_view_open(engine, &view, e);
    if (code == OK) code = ledger_row_load(view, &row, e);
    if (code == OK) code = olds_seal(s, keys, options, &row, view, e);
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
