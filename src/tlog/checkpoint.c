/* Checkpoints, and the request that carries one to a witness. */
#include "tlog/checkpoint.h"

#include "tlog/line.h"

enum error_code tlog_checkpoint_parse(str text, struct tlog_checkpoint *out, struct error *e) {
    struct tlog_checkpoint checkpoint;
    str rest = text, size, root;
    if (!line_take(&rest, &checkpoint.origin) || !line_take(&rest, &size) ||
        !line_take(&rest, &root))
        return error_set(e, FAIL_SYNTAX, "checkpoint: fewer than three lines");
    if (checkpoint.origin.len == 0)
        return error_set(e, FAIL_SYNTAX, "checkpoint: the origin is empty");
    if (!line_decimal(size, &checkpoint.size))
        return error_set(e, FAIL_SYNTAX, "checkpoint: \"%.*s\" is not a size",
                         (int)size_min(size.len, 40), size.at);
    if (checkpoint.size > TLOG_SIZE_MAX)
        return error_set(e, FAIL_LIMIT, "checkpoint: size %llu is over 2^62",
                         (unsigned long long)checkpoint.size);
    if (!line_hash(root, &checkpoint.root))
        return error_set(e, FAIL_SYNTAX, "checkpoint: the root is not base64 of 32 bytes");
    checkpoint.extensions = rest;
    while (rest.len > 0) {
        str line;
        if (!line_take(&rest, &line) || line.len == 0)
            return error_set(e, FAIL_SYNTAX, "checkpoint: an extension line is empty or cut");
    }
    *out = checkpoint;
    return OK;
}

void tlog_checkpoint_write(struct text *out, const struct tlog_checkpoint *checkpoint) {
    text_add(out, checkpoint->origin);
    text_format(out, "\n%llu\n", (unsigned long long)checkpoint->size);
    line_hash_write(out, &checkpoint->root);
    text_add(out, checkpoint->extensions);
}

enum error_code tlog_checkpoint_open(str bytes, const struct tlog_vkey *log, struct tlog_note *note,
                                     struct tlog_checkpoint *out, struct error *e) {
    struct tlog_note parsed;
    struct tlog_checkpoint checkpoint;
    struct tlog_signed by_log;
    TRY(tlog_note_parse(bytes, &parsed, e));
    TRY(tlog_checkpoint_parse(parsed.text, &checkpoint, e));
    TRY(tlog_note_verify(&parsed, log, 1, &by_log, e));
    if (!str_equal(checkpoint.origin, tlog_vkey_name(log)))
        return error_set(e, FAIL_PROOF, "the checkpoint is of log \"%.*s\", not of \"%.*s\"",
                         STR_FMT(checkpoint.origin), STR_FMT(tlog_vkey_name(log)));
    if (!by_log.valid)
        return error_set(e, FAIL_PROOF, "the checkpoint is not signed by the key of \"%.*s\"",
                         STR_FMT(tlog_vkey_name(log)));
    if (note) *note = parsed;
    if (out) *out = checkpoint;
    return OK;
}

enum error_code tlog_checkpoint_sign(struct text *out, const struct tlog_checkpoint *checkpoint,
                                     const struct tlog_signer *signer, struct error *e) {
    size_t begin = out->len;
    tlog_checkpoint_write(out, checkpoint);
    if (out->overflow) return error_set(e, FAIL_LIMIT, "no room for a checkpoint");
    str text = str_of(out->at + begin, out->len - begin);
    text_add_char(out, '\n');
    return tlog_note_sign(out, text, signer, 0, e);
}

enum error_code tlog_add_checkpoint_parse(str body, struct tlog_add_checkpoint *out,
                                          struct error *e) {
    if (body.len > TLOG_ADD_CHECKPOINT_BYTES_MAX)
        return error_set(e, FAIL_LIMIT, "add-checkpoint: %zu bytes is over %d", body.len,
                         TLOG_ADD_CHECKPOINT_BYTES_MAX);
    struct tlog_add_checkpoint request;
    str rest = body, line;
    if (!line_take(&rest, &line) || !str_starts(line, STR("old ")) ||
        !line_decimal(str_skip(line, 4), &request.old_size))
        return error_set(e, FAIL_SYNTAX,
                         "add-checkpoint: the first line is not \"old\" and a size");
    TRY(line_path(&rest, "add-checkpoint", &request.path, e));
    request.checkpoint = rest;
    *out = request;
    return OK;
}

enum error_code tlog_add_checkpoint_write(struct text *out,
                                          const struct tlog_add_checkpoint *request,
                                          struct error *e) {
    text_format(out, "old %llu\n", (unsigned long long)request->old_size);
    line_path_write(out, &request->path);
    text_add(out, request->checkpoint);
    if (out->overflow) return error_set(e, FAIL_LIMIT, "no room for an add-checkpoint request");
    return OK;
}
