/* The tlog-proof file. Its parts are checked by who reads it: the path with tlog_inclusion_verify,
 * the checkpoint with tlog_checkpoint_open or tlog_policy_open. */
#include "tlog/checkpoint.h"

#include "tlog/line.h"

#define PROOF_FAMILY  STR("c2sp.org/tlog-proof@")
#define PROOF_VERSION STR("c2sp.org/tlog-proof@v1")

static enum error_code version_check(str line, struct error *e) {
    if (str_equal(line, PROOF_VERSION)) return OK;
    if (str_starts(line, PROOF_FAMILY))
        return error_set(e, FAIL_VERSION, "tlog-proof: version \"%.*s\" is not v1",
                         (int)size_min(line.len - PROOF_FAMILY.len, 40),
                         line.at + PROOF_FAMILY.len);
    return error_set(e, FAIL_SYNTAX, "tlog-proof: the first line is not \"%.*s\"",
                     STR_FMT(PROOF_VERSION));
}

static enum error_code extra_read(str base64, struct arena *arena, str *out, struct error *e) {
    size_t cap = base64.len / 4 * 3, count;
    if (cap > TLOG_EXTRA_BYTES_MAX)
        return error_set(e, FAIL_LIMIT, "tlog-proof: extra data over %d bytes",
                         TLOG_EXTRA_BYTES_MAX);
    char *bytes = arena_bytes(arena, cap);
    if (!bytes) return error_set(e, FAIL_MEMORY, "tlog-proof: no memory for the extra data");
    if (!base64_read(base64, bytes, cap, &count))
        return error_set(e, FAIL_SYNTAX, "tlog-proof: the extra data is not base64");
    *out = str_of(bytes, count);
    return OK;
}

enum error_code tlog_proof_parse(str file, struct arena *arena, struct tlog_proof *out,
                                 struct error *e) {
    if (file.len > TLOG_PROOF_BYTES_MAX)
        return error_set(e, FAIL_LIMIT, "tlog-proof: %zu bytes is over %d", file.len,
                         TLOG_PROOF_BYTES_MAX);
    struct tlog_proof proof = {.extra = STR_EMPTY};
    str rest = file, line;
    if (!line_take(&rest, &line)) return error_set(e, FAIL_SYNTAX, "tlog-proof: no first line");
    TRY(version_check(line, e));
    if (!line_take(&rest, &line)) return error_set(e, FAIL_SYNTAX, "tlog-proof: no index line");
    if (str_starts(line, STR("extra "))) {
        TRY(extra_read(str_skip(line, 6), arena, &proof.extra, e));
        if (!line_take(&rest, &line)) return error_set(e, FAIL_SYNTAX, "tlog-proof: no index line");
    }
    if (!str_starts(line, STR("index ")) || !line_decimal(str_skip(line, 6), &proof.index))
        return error_set(e, FAIL_SYNTAX,
                         "tlog-proof: the index line is not \"index\" and a number");
    TRY(line_path(&rest, "tlog-proof", &proof.path, e));
    proof.checkpoint = rest;
    *out = proof;
    return OK;
}

/* Base64 of any length, in pieces that end on whole groups. */
static void base64_add(struct text *out, str bytes) {
    char piece[1024];
    while (bytes.len > 0) {
        str head = str_slice(bytes, 0, sizeof piece / 4 * 3);
        bytes = str_skip(bytes, head.len);
        text_add(out, str_of(piece, base64_write(head.at, head.len, piece)));
    }
}

enum error_code tlog_proof_write(struct text *out, const struct tlog_proof *proof,
                                 struct error *e) {
    if (proof->extra.len > TLOG_EXTRA_BYTES_MAX)
        return error_set(e, FAIL_LIMIT, "tlog-proof: extra data over %d bytes",
                         TLOG_EXTRA_BYTES_MAX);
    text_add(out, PROOF_VERSION);
    text_add_char(out, '\n');
    if (proof->extra.at) {
        text_add(out, STR("extra "));
        base64_add(out, proof->extra);
        text_add_char(out, '\n');
    }
    text_format(out, "index %llu\n", (unsigned long long)proof->index);
    line_path_write(out, &proof->path);
    text_add(out, proof->checkpoint);
    if (out->overflow) return error_set(e, FAIL_LIMIT, "no room for the proof");
    return OK;
}
