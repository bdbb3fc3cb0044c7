/* What a witness must not forget: one file a log, the note it cosigned last. Replaced whole before
 * the cosignature leaves, so that after a power cut it is never older than what was given out. */
#include "witness/inner.h"

#include "base/disk.h"
#include "base/log.h"

enum { STATE_BYTES_MAX = 16 * 1024 };

static void state_name(const struct witness_log *log, const char *ending,
                       char out[STATE_NAME_BYTES]) {
    struct text t = text_into(out, STATE_NAME_BYTES - 1);
    text_add_c(&t, log->hex);
    text_add_c(&t, ending);
    assert(!t.overflow);
    out[t.len] = 0;
}

enum error_code state_read(struct witness *witness, const struct witness_log *log,
                           struct arena *arena, str *note, struct error *e) {
    char name[STATE_NAME_BYTES];
    state_name(log, "", name);
    return disk_file_read(witness->dir_fd, name, STATE_BYTES_MAX, arena, note, e);
}

static enum error_code state_check(const struct witness_log *log, str bytes,
                                   struct tlog_checkpoint *out, struct error *e) {
    struct tlog_note note;
    const struct tlog_vkey *signed_by;
    TRY(tlog_note_parse(bytes, &note, e));
    TRY(tlog_checkpoint_parse(note.text, out, e));
    if (!str_equal(out->origin, witness_log_origin(log)))
        return error_set(e, FAIL_PROOF, "it is of another log");
    return witness_note_check(log, &note, &signed_by, e);
}

enum error_code state_load(struct witness *witness, struct witness_log *log, struct arena scratch,
                           struct error *e) {
    str bytes;
    struct tlog_checkpoint checkpoint;
    enum error_code code = state_read(witness, log, &scratch, &bytes, e);
    if (code == FAIL_NOT_FOUND) return OK;
    TRY(code);
    struct error why;
    if (state_check(log, bytes, &checkpoint, &why) != OK)
        return error_set(e, FAIL_CORRUPT, "state of \"%.*s\" (%.16s…): %s",
                         STR_FMT(witness_log_origin(log)), log->hex, why.message);
    log->is_known = true;
    log->size = checkpoint.size;
    log->root = checkpoint.root;
    return OK;
}

enum error_code state_save(struct witness *witness, const struct witness_log *log, str note,
                           struct error *e) {
    char name[STATE_NAME_BYTES];
    state_name(log, "", name);
    return disk_file_replace(witness->dir_fd, name, note, 0644, e);
}

void state_keep_refused(struct witness *witness, const struct witness_log *log, str body) {
    char name[STATE_NAME_BYTES];
    struct error e;
    state_name(log, ".refused", name);
    if (disk_file_replace(witness->dir_fd, name, body, 0644, &e) != OK)
        log_error("refused checkpoint not kept", &e);
}
