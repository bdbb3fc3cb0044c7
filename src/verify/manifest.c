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

/* "FIRST END" */
static bool range_read(str text, uint64_t *first, uint64_t *end) {
    str word;
    return str_cut(&text, ' ', &word) && number_read(word, first) && number_read(text, end);
}

static bool version_read(str line, unsigned *out) {
    *out = str_equal(line, STR("azekura-bundle@v2")) ? 2 : 1;
    return *out == 2 || str_equal(line, STR("azekura-bundle@v1"));
}

/* Lines "earlier NUMBER FIRST END", by number. */
static enum error_code earlier_take(str *rest, struct verify_manifest *out, struct error *e) {
    while (str_starts(*rest, STR("earlier "))) {
        struct verify_earlier log = {0};
        uint64_t number = 0;
        str line, word;
        TRY(line_take(rest, STR("earlier"), &line, e));
        bool right = out->earlier_count < EVIDENCE_LOGS_MAX && str_cut(&line, ' ', &word) &&
                     number_read(word, &number) && number > 0 && number <= EVIDENCE_LOGS_MAX &&
                     range_read(line, &log.first, &log.end);
        log.number = (uint32_t)number;
        if (right && out->earlier_count > 0)
            right = number > out->earlier[out->earlier_count - 1].number;
        if (!right) return error_set(e, FAIL_SYNTAX, "manifest: an earlier log that is none");
        out->earlier[out->earlier_count++] = log;
    }
    return OK;
}

enum error_code verify_manifest_parse(str text, struct verify_manifest *out, struct error *e) {
    struct verify_manifest read = {.version = 1};
    str line, range, list, hex;
    if (!str_cut(&text, '\n', &line) || !version_read(line, &read.version))
        return error_set(e, FAIL_VERSION, "the manifest is no azekura-bundle@v1 or @v2");
    TRY(line_take(&text, STR("log"), &read.origin, e));
    TRY(line_take(&text, STR("key"), &read.vkey, e));
    TRY(number_take(&text, STR("from"), &read.from, e));
    TRY(number_take(&text, STR("until"), &read.until, e));
    TRY(line_take(&text, STR("range"), &range, e));
    if (read.version >= 2) TRY(earlier_take(&text, &read, e));
    TRY(line_take(&text, STR("files"), &list, e));
    bool right = range_read(range, &read.first, &read.end) && str_cut(&list, ' ', &hex) &&
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
