/* The witness itself: a request in, an answer out, and between them the one rule. */
#include "witness/witness.h"

#include "base/disk.h"
#include "base/log.h"
#include "witness/inner.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

enum { KEY_FILE_BYTES_MAX = 4096 };

/* ---- opening */

struct witness_log *witness_log_find(struct witness *w, str origin) {
    for (size_t i = 0; i < w->log_count; i++) {
        if (str_equal(witness_log_origin(&w->logs[i]), origin)) return &w->logs[i];
    }
    return NULL;
}

static enum error_code log_add(struct witness *w, const char *text, struct error *e) {
    struct tlog_vkey key;
    TRY(tlog_vkey_parse(str_from_c(text), &key, e));
    if (key.type != TLOG_KEY_ED25519)
        return error_set(e, FAIL_SYNTAX, "%.*s: a log's key has type 0x01",
                         STR_FMT(tlog_vkey_name(&key)));
    struct witness_log *log = witness_log_find(w, tlog_vkey_name(&key));
    if (log == NULL) {
        if (w->log_count == WITNESS_LOGS_MAX)
            return error_set(e, FAIL_LIMIT, "more than %d logs", WITNESS_LOGS_MAX);
        digest hash = sha256_of(tlog_vkey_name(&key));
        log = &w->logs[w->log_count++];
        hex_write(hash.at, DIGEST_BYTES, log->hex);
    }
    for (unsigned i = 0; i < log->key_count; i++) {
        if (tlog_vkey_equal(&log->keys[i], &key))
            return error_set(e, FAIL_SYNTAX, "log \"%.*s\" is named twice with one key",
                             STR_FMT(tlog_vkey_name(&key)));
    }
    if (log->key_count == COUNT_OF(log->keys))
        return error_set(e, FAIL_LIMIT, "more than %zu keys for log \"%.*s\"", COUNT_OF(log->keys),
                         STR_FMT(tlog_vkey_name(&key)));
    log->keys[log->key_count++] = key;
    return OK;
}

/* Tools write signer keys of type 0x01 for witnesses too: the seed is what counts. */
static enum error_code key_load(struct witness *w, const char *path, struct arena scratch,
                                struct error *e) {
    str text;
    struct tlog_signer signer;
    TRY(disk_file_read(AT_FDCWD, path, KEY_FILE_BYTES_MAX, &scratch, &text, e));
    enum error_code code = tlog_signer_parse(text, &signer, e);
    memory_wipe((void *)(uintptr_t)text.at, text.len);
    if (code != OK) return error_note(e, "witness_open", "reading %s", path);
    code = tlog_signer_make(tlog_vkey_name(&signer.vkey), TLOG_KEY_COSIGNATURE, &signer.seed,
                            &w->signer, e);
    tlog_signer_wipe(&signer);
    return code;
}

static enum error_code dir_take(struct witness *w, const char *path, struct error *e) {
    TRY(disk_make_dirs(AT_FDCWD, path, 0755, e));
    TRY(disk_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0, &w->dir_fd, e));
    TRY(disk_open(w->dir_fd, "lock", O_RDWR | O_CREAT, 0644, &w->lock_fd, e));
    if (flock(w->lock_fd, LOCK_EX | LOCK_NB) == 0) return OK;
    if (errno == EWOULDBLOCK)
        return error_set(e, FAIL_LOCKED, "another witness owns the state in %s", path);
    return error_set_errno(e, errno, "locking %s", path);
}

static enum error_code witness_fill(struct witness *w, const struct witness_options *options,
                                    struct arena scratch, struct error *e) {
    TRY(key_load(w, options->key_path, scratch, e));
    for (size_t i = 0; i < options->log_count; i++) TRY(log_add(w, options->logs[i], e));
    TRY(dir_take(w, options->state_dir, e));
    for (size_t i = 0; i < w->log_count; i++) TRY(state_load(w, &w->logs[i], scratch, e));
    return OK;
}

enum error_code witness_open(const struct witness_options *options, struct witness **out,
                             struct error *e) {
    struct arena_space space;
    struct arena arena;
    if (options->log_count == 0) return error_set(e, FAIL_USAGE, "a witness of no log");
    TRY(arena_space_open(&space, (size_t)4 << 20, &arena, e));
    struct witness *w = arena_new(&arena, struct witness, 1);
    assert(w != NULL);
    w->space = space;
    w->dir_fd = w->lock_fd = -1;
    w->logs = arena_new(&arena, struct witness_log, WITNESS_LOGS_MAX);
    assert(w->logs != NULL);
    enum error_code code = witness_fill(w, options, arena, e);
    if (code == OK) {
        *out = w;
    } else {
        witness_close(w);
    }
    return code;
}

void witness_close(struct witness *w) {
    if (w == NULL) return;
    if (w->lock_fd >= 0) disk_close(w->lock_fd);
    if (w->dir_fd >= 0) disk_close(w->dir_fd);
    tlog_signer_wipe(&w->signer);
    struct arena_space space = w->space; /* w lies in it */
    arena_space_release(&space);
}

const struct tlog_vkey *witness_vkey(const struct witness *w) {
    return &w->signer.vkey;
}

/* ---- answering */

#define PLAIN STR("text/plain; charset=utf-8")

static enum error_code answer(struct witness_answer *out, int status, str content_type, str body) {
    *out = (struct witness_answer){.status = status, .content_type = content_type, .body = body};
    return OK;
}

static enum error_code refuse(struct witness_answer *out, int status, const struct error *why,
                              struct arena *arena, struct error *e) {
    str body;
    TRY(arena_format(arena, &body, e, "%s\n", why->message));
    return answer(out, status, PLAIN, body);
}

enum error_code witness_note_check(const struct witness_log *log, const struct tlog_note *note,
                                   const struct tlog_vkey **signed_by, struct error *e) {
    struct tlog_signed by[COUNT_OF(log->keys)];
    TRY(tlog_note_verify(note, log->keys, log->key_count, by, e));
    for (unsigned i = 0; i < log->key_count; i++) {
        if (!by[i].valid) continue;
        *signed_by = &log->keys[i];
        return OK;
    }
    return error_set(e, FAIL_PROOF, "the checkpoint is not signed by a key of \"%.*s\"",
                     STR_FMT(witness_log_origin(log)));
}

/* A request taken apart; `why` says what is wrong with it. */
struct asked {
    struct tlog_add_checkpoint request;
    struct tlog_note note;
    struct tlog_checkpoint checkpoint;
    struct witness_log *log;
    const struct tlog_vkey *signed_by;
};

/* The status that refuses, or 0. Needs no lock: state is not looked at. */
static int asked_read(struct witness *w, str body, struct asked *a, struct error *why) {
    if (tlog_add_checkpoint_parse(body, &a->request, why) != OK ||
        tlog_note_parse(a->request.checkpoint, &a->note, why) != OK ||
        tlog_checkpoint_parse(a->note.text, &a->checkpoint, why) != OK)
        return 400;
    a->log = witness_log_find(w, a->checkpoint.origin);
    if (a->log == NULL) {
        error_set(why, FAIL_NOT_FOUND, "this witness does not know that log");
        return 404;
    }
    enum error_code code = witness_note_check(a->log, &a->note, &a->signed_by, why);
    if (code != OK) return code == FAIL_LIMIT ? 400 : 403;
    if (a->request.old_size > a->checkpoint.size) {
        error_set(why, FAIL_SYNTAX, "the old size is over the checkpoint's");
        return 400;
    }
    return 0;
}

/* The one rule: what is cosigned next continues what was cosigned last. */
static enum error_code follows(const struct asked *a, struct error *why) {
    digest empty = tlog_empty_root();
    if (a->checkpoint.size == 0 && !digest_equal(&a->checkpoint.root, &empty))
        return error_set(why, FAIL_PROOF, "a log of no entries has another root");
    const digest *old_root = a->log->is_known ? &a->log->root : &empty;
    return tlog_consistency_verify(a->log->size, old_root, a->checkpoint.size, &a->checkpoint.root,
                                   &a->request.path, why);
}

/* The note to remember: text, the log's own line as it came, our cosignature. *line is that. */
static enum error_code note_make(struct witness *w, const struct asked *a, struct arena *arena,
                                 str *note, str *line, struct error *e) {
    size_t cap = a->note.text.len + 2 * (TLOG_NAME_BYTES_MAX + 256);
    char *memory = arena_bytes(arena, cap);
    if (!memory) return error_set(e, FAIL_MEMORY, "no room for a cosignature");
    struct text out = text_into(memory, cap);
    text_add(&out, a->note.text);
    text_add_char(&out, '\n');
    for (unsigned i = 0; i < a->note.count; i++) {
        const struct tlog_note_line *l = &a->note.lines[i];
        if (l->key_id != a->signed_by->id || !str_equal(l->name, tlog_vkey_name(a->signed_by)))
            continue;
        text_format(&out, "\xe2\x80\x94 %.*s %.*s\n", STR_FMT(l->name), STR_FMT(l->base64));
        break;
    }
    size_t begin = out.len;
    uint64_t now_s = (uint64_t)i64_max(clock_wall_ns() / NS_PER_S, 1); /* 0 would mean "no time" */
    TRY(tlog_note_sign(&out, a->note.text, &w->signer, now_s, e));
    *note = text_str(&out);
    *line = str_skip(*note, begin);
    return OK;
}

static enum error_code cosign(struct witness *w, const struct asked *a, struct arena *arena,
                              struct witness_answer *out, struct error *e) {
    str note, line = STR_EMPTY;
    TRY(note_make(w, a, arena, &note, &line, e));
    TRY(state_save(w, a->log, note, e));
    a->log->is_known = true;
    a->log->size = a->checkpoint.size;
    a->log->root = a->checkpoint.root;
    log_event(LOG_INFO, "cosigned", LOG_STR("log", a->checkpoint.origin),
              LOG_INT("size", a->checkpoint.size));
    return answer(out, 200, PLAIN, line);
}

static enum error_code decide(struct witness *w, const struct asked *a, str body,
                              struct arena *arena, struct witness_answer *out, struct error *e) {
    struct error why;
    if (a->request.old_size != a->log->size) {
        str size;
        TRY(arena_format(arena, &size, e, "%llu\n", (unsigned long long)a->log->size));
        return answer(out, 409, STR("text/x.tlog.size"), size);
    }
    if (follows(a, &why) == OK) return cosign(w, a, arena, out, e);
    log_event(LOG_WARNING, "refused a checkpoint that does not follow",
              LOG_STR("log", a->checkpoint.origin), LOG_INT("known_size", a->log->size),
              LOG_INT("size", a->checkpoint.size), LOG_STR("why", str_from_c(why.message)));
    state_keep_refused(w, a->log, body);
    return refuse(out, 422, &why, arena, e);
}

enum error_code witness_add_checkpoint(struct witness *w, str body, struct arena *arena,
                                       struct witness_answer *out, struct error *e) {
    struct asked *a = arena_new(arena, struct asked, 1);
    struct error why;
    if (!a) return error_set(e, FAIL_MEMORY, "no room for a request");
    int refused = asked_read(w, body, a, &why);
    if (refused != 0) return refuse(out, refused, &why, arena, e);
    fiber_lock_take(&a->log->lock);
    enum error_code code = decide(w, a, body, arena, out, e);
    fiber_lock_give(&a->log->lock);
    return code;
}

enum error_code witness_checkpoint(struct witness *w, str origin_hex, struct arena *arena,
                                   struct witness_answer *out, struct error *e) {
    for (size_t i = 0; i < w->log_count; i++) {
        if (!str_equal(str_from_c(w->logs[i].hex), origin_hex) || !w->logs[i].is_known) continue;
        str note;
        TRY(state_read(w, &w->logs[i], arena, &note, e));
        return answer(out, 200, PLAIN, note);
    }
    return answer(out, 404, PLAIN, STR("nothing was cosigned for that log\n"));
}

/* ---- keys */

enum error_code witness_key_generate(const char *path, str name, struct tlog_vkey *out,
                                     struct error *e) {
    int fd;
    enum error_code code = disk_open(AT_FDCWD, path, O_RDONLY, 0, &fd, e);
    if (code == OK) {
        disk_close(fd);
        return error_set(e, FAIL_EXISTS, "%s exists: a key is never written over", path);
    }
    if (code != FAIL_NOT_FOUND) return code;
    struct secret seed;
    struct tlog_signer signer;
    random_fill(seed.at, sizeof seed.at);
    code = tlog_signer_make(name, TLOG_KEY_COSIGNATURE, &seed, &signer, e);
    secret_wipe(&seed);
    TRY(code);
    char text[TLOG_SKEY_TEXT_BYTES + 1];
    size_t count = tlog_signer_write(&signer, text);
    text[count++] = '\n';
    code = disk_file_replace(AT_FDCWD, path, str_of(text, count), 0600, e);
    memory_wipe(text, sizeof text);
    if (code == OK) *out = signer.vkey;
    tlog_signer_wipe(&signer);
    return code;
}
