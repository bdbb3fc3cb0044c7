/* The ledger's files: names, the watermark, and tiles that are written once.
 *
 * A tile is immutable: once named it never changes, so putting one that is there means comparing.
 * Bytes are synced before the name, and the directory before anything is trimmed or signed that
 * counts on it. Format of all of them: docs/formats/ledger.md. */
#include "base/disk.h"
#include "ledger/inner.h"

#include <fcntl.h>
#include <stdio.h>

/* ---- names ---- */

static enum error_code path_made(int count, const char *dir, struct error *e) {
    if (count > 0 && count < LEDGER_PATH_BYTES) return OK;
    return error_set(e, FAIL_LIMIT, "the path %.60s... is too long", dir);
}

enum error_code ledger_path(const char *dir, const char *name, char out[LEDGER_PATH_BYTES],
                            struct error *e) {
    return path_made(snprintf(out, LEDGER_PATH_BYTES, "%s/%s", dir, name), dir, e);
}

enum error_code ledger_log_dir(const char *dir, uint32_t number, char out[LEDGER_PATH_BYTES],
                               struct error *e) {
    if (number <= 1) return path_made(snprintf(out, LEDGER_PATH_BYTES, "%s", dir), dir, e);
    return path_made(snprintf(out, LEDGER_PATH_BYTES, "%s/log-%u", dir, number), dir, e);
}

enum error_code ledger_tile_path(const char *dir, const struct tlog_tile *tile,
                                 char out[LEDGER_PATH_BYTES], struct error *e) {
    char name[TLOG_TILE_PATH_BYTES];
    tlog_tile_path_write(tile, name);
    return ledger_path(dir, name, out, e);
}

/* ---- "signed", the watermark ---- */

static const char signed_head[] = "azekura-ledger-signed-v1";

void ledger_signed_print(const struct ledger_signed *file, struct text *out) {
    char root[44];
    text_format(out, "%s\nlog %u\norigin ", signed_head, file->number);
    text_add(out, str_of(file->origin, file->origin_bytes));
    base64_write(file->root.at, DIGEST_BYTES, root);
    text_format(out, "\nkey %08x\nsize %llu\nroot ", file->key_id, (unsigned long long)file->size);
    text_add(out, str_of(root, sizeof root));
    text_add_char(out, '\n');
}

static bool line_take(str *rest, str word, str *value) {
    str line;
    if (!str_cut(rest, '\n', &line) || !str_starts(line, word)) return false;
    *value = str_skip(line, word.len);
    return true;
}

static bool signed_lines(str rest, struct ledger_signed *out) {
    str number, origin, key, size, root;
    uint64_t key_id;
    size_t count;
    if (!line_take(&rest, STR("log "), &number) || !str_u32(number, &out->number)) return false;
    if (!line_take(&rest, STR("origin "), &origin) || !tlog_name_is_valid(origin)) return false;
    if (!line_take(&rest, STR("key "), &key) || !str_hex_u64(key, &key_id) || key_id > UINT32_MAX)
        return false;
    if (!line_take(&rest, STR("size "), &size) || !str_u64(size, &out->size)) return false;
    if (!line_take(&rest, STR("root "), &root) || rest.len > 0) return false;
    if (!base64_read(root, out->root.at, DIGEST_BYTES, &count) || count != DIGEST_BYTES)
        return false;
    out->key_id = (uint32_t)key_id;
    memcpy(out->origin, origin.at, origin.len); /* valid names are at most so long */
    out->origin_bytes = origin.len;
    return out->number > 0 && out->size <= TLOG_SIZE_MAX;
}

enum error_code ledger_signed_parse(str bytes, struct ledger_signed *out, struct error *e) {
    str rest = bytes, head;
    if (!str_cut(&rest, '\n', &head) || !str_starts(head, STR("azekura-ledger-signed-")))
        return error_set(e, FAIL_CORRUPT, "not the ledger's file of signed heads");
    if (!str_equal(head, str_from_c(signed_head)))
        return error_set(e, FAIL_VERSION, "the format is %.*s; this program knows %s",
                         STR_FMT(str_slice(head, 0, 40)), signed_head);
    struct ledger_signed file = {0};
    char again[1024];
    struct text written = text_into(again, sizeof again);
    bool reads = signed_lines(rest, &file);
    if (reads) ledger_signed_print(&file, &written);
    if (!reads || !str_equal(text_str(&written), bytes)) /* one spelling only */
        return error_set(e, FAIL_CORRUPT, "the ledger's file of signed heads does not read");
    *out = file;
    return OK;
}

enum error_code ledger_signed_read(const char *dir, struct ledger_signed *out, bool *found,
                                   struct error *e) {
    char path[LEDGER_PATH_BYTES], memory[1536];
    TRY(ledger_path(dir, "signed", path, e));
    struct arena arena = arena_over(memory, sizeof memory);
    str bytes;
    enum error_code code = disk_file_read(AT_FDCWD, path, 1024, &arena, &bytes, e);
    *found = code != FAIL_NOT_FOUND;
    if (!*found) return OK;
    if (code == OK) code = ledger_signed_parse(bytes, out, e);
    return code == OK ? OK : error_note(e, "ledger_signed_read", "reading %.80s", path);
}

enum error_code ledger_signed_write(const char *dir, const struct ledger_signed *file,
                                    struct error *e) {
    char path[LEDGER_PATH_BYTES], memory[1024];
    TRY(ledger_path(dir, "signed", path, e));
    struct text text = text_into(memory, sizeof memory);
    ledger_signed_print(file, &text);
    assert(!text.overflow);
    return disk_file_replace(AT_FDCWD, path, text_str(&text), 0644, e);
}

/* ---- whole files ---- */

enum error_code ledger_file_get(const char *path, void *out, size_t bytes, struct error *e) {
    int fd;
    char one_more;
    size_t got = 0, more = 0;
    TRY(disk_open(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0, &fd, e));
    enum error_code code = disk_read(fd, out, bytes, 0, &got, path, e);
    if (code == OK) code = disk_read(fd, &one_more, 1, bytes, &more, path, e);
    disk_close(fd);
    if (code == OK && (got != bytes || more != 0))
        return error_set(e, FAIL_CORRUPT, "%s has not %zu bytes", path, bytes);
    return code;
}

/* Compares a file with what it should hold, piece by piece. */
static enum error_code file_compare(int fd, const char *path, str bytes, struct error *e) {
    char piece[4096];
    for (size_t at = 0; at <= bytes.len;) {
        size_t got;
        str want = str_slice(bytes, at, sizeof piece);
        TRY(disk_read(fd, piece, sizeof piece, at, &got, path, e));
        if (got != want.len || memcmp(piece, want.at == NULL ? "" : want.at, got) != 0)
            return error_set(e, FAIL_CORRUPT, "%s is not what the log's entries give", path);
        if (got < sizeof piece) break;
        at += got;
    }
    return OK;
}

static void parent_of(const char *path, char out[LEDGER_PATH_BYTES]) {
    const char *slash = strrchr(path, '/');
    assert(slash != NULL);
    size_t count = (size_t)(slash - path);
    memcpy(out, path, count);
    out[count] = 0;
}

static enum error_code directory_sync(const char *path, struct error *e) {
    int fd;
    TRY(disk_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, &fd, e));
    enum error_code code = disk_sync(fd, path, e);
    disk_close(fd);
    return code;
}

enum error_code ledger_fresh_sync(struct ledger_fresh *fresh, struct error *e) {
    if (fresh->dir[0] == 0) return OK;
    TRY(directory_sync(fresh->dir, e));
    fresh->dir[0] = 0;
    return OK;
}

static enum error_code fresh_note(struct ledger_fresh *fresh, const char *path, struct error *e) {
    char dir[LEDGER_PATH_BYTES];
    parent_of(path, dir);
    if (fresh->dir[0] != 0 && strcmp(fresh->dir, dir) != 0) TRY(ledger_fresh_sync(fresh, e));
    memcpy(fresh->dir, dir, strlen(dir) + 1);
    return OK;
}

static enum error_code file_write(const char *path, const char *draft, str bytes, struct error *e) {
    int fd;
    char dir[LEDGER_PATH_BYTES];
    const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
    enum error_code code = disk_open(AT_FDCWD, draft, flags, 0644, &fd, e);
    if (code == FAIL_NOT_FOUND) { /* first of its directory */
        parent_of(path, dir);
        TRY(disk_make_dirs(AT_FDCWD, dir, 0755, e));
        code = disk_open(AT_FDCWD, draft, flags, 0644, &fd, e);
    }
    if (code != OK) return code;
    code = disk_write(fd, bytes.at, bytes.len, 0, draft, e);
    if (code == OK) code = disk_data_sync(fd, draft, e);
    disk_close(fd);
    if (code != OK) return code;
    const struct disk *disk = disk_now();
    int result = disk->rename(disk->self, AT_FDCWD, draft, path);
    return result < 0 ? error_set_errno(e, -result, "naming %s", path) : OK;
}

enum error_code ledger_file_put(const char *path, str bytes, struct ledger_fresh *fresh,
                                struct error *e) {
    char draft[LEDGER_PATH_BYTES + 8];
    int fd;
    enum error_code code = disk_open(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0, &fd, e);
    if (code == OK) { /* a crash came between this and the trim; its name may not be durable yet */
        code = file_compare(fd, path, bytes, e);
        disk_close(fd);
        return code == OK ? fresh_note(fresh, path, e) : code;
    }
    if (code != FAIL_NOT_FOUND) return code;
    snprintf(draft, sizeof draft, "%s.new", path);
    TRY(file_write(path, draft, bytes, e));
    return fresh_note(fresh, path, e);
}
