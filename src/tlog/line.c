/* Lines, decimals and hashes as all the text formats here spell them. */
#include "tlog/line.h"

bool line_decimal(str text, uint64_t *out) {
    if (text.len > 1 && text.at[0] == '0') return false;
    return str_u64(text, out);
}

bool line_hash(str text, digest *out) {
    digest hash;
    size_t count;
    if (text.len != base64_bytes(DIGEST_BYTES)) return false;
    if (!base64_read(text, hash.at, sizeof hash.at, &count) || count != DIGEST_BYTES) return false;
    *out = hash;
    return true;
}

void line_hash_write(struct text *out, const digest *hash) {
    char base64[44];
    size_t count = base64_write(hash->at, DIGEST_BYTES, base64);
    assert(count == sizeof base64);
    text_add(out, str_of(base64, count));
    text_add_char(out, '\n');
}

enum error_code line_path(str *rest, const char *what, struct tlog_path *out, struct error *e) {
    struct tlog_path path = {.count = 0};
    str left = *rest, line;
    for (;;) {
        if (!line_take(&left, &line))
            return error_set(e, FAIL_SYNTAX, "%s: no empty line after the hashes", what);
        if (line.len == 0) break;
        if (path.count == TLOG_PATH_MAX)
            return error_set(e, FAIL_LIMIT, "%s: more than %d hashes", what, TLOG_PATH_MAX);
        if (!line_hash(line, &path.at[path.count]))
            return error_set(e, FAIL_SYNTAX, "%s: hash %u is not base64 of 32 bytes", what,
                             path.count);
        path.count++;
    }
    *out = path;
    *rest = left;
    return OK;
}

void line_path_write(struct text *out, const struct tlog_path *path) {
    assert(path->count <= TLOG_PATH_MAX);
    for (unsigned i = 0; i < path->count; i++) line_hash_write(out, &path->at[i]);
    text_add_char(out, '\n');
}
