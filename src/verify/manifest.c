/* The manifest of a bundle, and the list of files whose digest it names: lines of words, each number in
 * its one spelling. */
#include "verify/manifest.h"

enum { FILES_MAX = 1 << 20 }; /* ours: a period of 250 million entries */

static enum error_code line_take(str *rest, str name, str *out, struct error *e) {
    str line, word;
    if (!str_cut(rest, '\n', &line) || !str_cut(&line, ' ', &word) || !str_equal(word, name))
        return error_set(e, FAIL_SYNTAX, "manifest: expected a line \"%.*s …\"", STR_FMT(name));
    *out = line;
    return OK;
}

/* A decimal in its one spelling. */
static bool number_read(str text, uint64_t *out) {
    return str_u64(text, out) && (text.len == 1 || text.at[0] != '0');
}

static enum error_code number_take(str *rest, str name, uint64_t *out, struct error *e) {
    str text;
    TRY(line_take(rest, name, &text, e));
    if (number_read(text, out)) return OK;
    return error_set(e, FAIL_SYNTAX, "manifest: \"%.*s\" is no number", STR_FMT(text));
}

enum error_code verify_manifest_parse(str text, struct verify_manifest *out, struct error *e) {
    struct verify_manifest read;
    str line, range, first, list, hex;
    if (!str_cut(&text, '\n', &line) || !str_equal(line, STR("azekura-bundle@v1")))
        return error_set(e, FAIL_VERSION, "the manifest is no azekura-bundle@v1");
    TRY(line_take(&text, STR("log"), &read.origin, e));
    TRY(line_take(&text, STR("key"), &read.vkey, e));
    TRY(number_take(&text, STR("from"), &read.from, e));
    TRY(number_take(&text, STR("until"), &read.until, e));
    TRY(line_take(&text, STR("range"), &range, e));
    TRY(line_take(&text, STR("files"), &list, e));
    bool right = str_cut(&range, ' ', &first) && number_read(first, &read.first) &&
                 number_read(range, &read.end) && str_cut(&list, ' ', &hex) &&
                 hex_read(hex, read.files.at, DIGEST_BYTES) &&
                 number_read(list, &read.files_bytes) && text.len == 0;
    if (!right) return error_set(e, FAIL_SYNTAX, "manifest: a range or a list that is none");
    *out = read;
    return OK;
}

static size_t lines_in(str text) {
    size_t count = 0;
    for (str line; str_cut(&text, '\n', &line);) count++;
    return count;
}

/* A place in the bundle and nowhere else: parts of a-z 0-9 . _ - that begin with no point. */
static bool path_is_fine(str path, str before) {
    if (str_compare(before, path) >= 0) return false;
    char last = '/';
    for (size_t i = 0; i < path.len; i++) {
        char c = path.at[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
        if (!plain && (last == '/' || (c != '.' && c != '/'))) return false;
        last = c;
    }
    return last != '/';
}

enum error_code verify_manifest_files(str text, struct arena *arena, struct verify_listed **out,
                                      size_t *count, struct error *e) {
    str before = STR_EMPTY;
    size_t room = size_min(lines_in(text), FILES_MAX), used = 0;
    struct verify_listed *files = arena_new(arena, struct verify_listed, room);
    if (!files) return error_set(e, FAIL_MEMORY, "no room for a list of files");
    for (; text.len > 0; used++) {
        str line, hex, bytes;
        bool right = used < room && str_cut(&text, '\n', &line) && str_cut(&line, ' ', &hex) &&
                     hex_read(hex, files[used].hash.at, DIGEST_BYTES) &&
                     str_cut(&line, ' ', &bytes) && number_read(bytes, &files[used].bytes) &&
                     path_is_fine(line, before);
        if (!right)
            return error_set(e, FAIL_SYNTAX, "files: line %zu names no file, or out of order",
                             used + 1);
        TRY(arena_copy(arena, line, &files[used].path, e)); /* closed by a zero */
        before = files[used].path;
    }
    *out = files;
    *count = used;
    return OK;
}
