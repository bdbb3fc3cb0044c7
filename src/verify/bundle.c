/* A bundle's manifest and files: what was signed, and whether that is what lies there. */
#include "verify/bundle.h"

#include "base/disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    MANIFEST_BYTES = 32768, /* a line for each log, EVIDENCE_LOGS_MAX of them */
    LIST_BYTES = 128 << 20,
    PIECE_BYTES = 1 << 20,
    DEPTH_MAX = 12,
};

struct bundle_files {
    struct verify_folder folder;
    struct verify_result *result;
    struct verify_listed *files; /* by path */
    size_t count;
    struct arena arena;
    char *piece;
};

/* ---- the manifest ---- */

static enum error_code manifest_read(const struct verify_trust *trust, struct bundle_files *b,
                                     struct arena *arena, struct verify_manifest *out,
                                     struct error *e) {
    struct tlog_note *note = arena_new(arena, struct tlog_note, 1);
    struct tlog_signed said;
    char vkey[TLOG_VKEY_TEXT_BYTES];
    str bytes;
    if (!note) return error_set(e, FAIL_MEMORY, "no room for a manifest");
    TRY(disk_file_read(b->folder.dir_fd, "manifest", MANIFEST_BYTES, arena, &bytes, e));
    TRY(tlog_note_parse(bytes, note, e));
    TRY(tlog_note_verify(note, &trust->log, 1, &said, e));
    if (!said.valid || note->count != 1)
        return error_set(e, FAIL_PROOF, "the manifest is not signed by %.*s alone",
                         STR_FMT(tlog_vkey_name(&trust->log)));
    TRY(verify_manifest_parse(note->text, out, e));
    if (!str_equal(out->origin, tlog_vkey_name(&trust->log)) ||
        !str_equal(out->vkey, str_of(vkey, tlog_vkey_write(&trust->log, vkey))))
        return error_set(e, FAIL_PROOF, "the manifest is of another log or key than signed it");
    return OK;
}

/* ---- the files ---- */

static enum error_code file_hash(struct bundle_files *b, const char *path, uint64_t *bytes,
                                 digest *out, struct error *e) {
    struct sha256 hash;
    size_t got = 1;
    int fd;
    TRY(disk_open(b->folder.dir_fd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0, &fd, e));
    enum error_code code = OK;
    sha256_begin(&hash);
    for (*bytes = 0; code == OK && got > 0; *bytes += got) {
        got = 0;
        code = disk_read(fd, b->piece, PIECE_BYTES, *bytes, &got, path, e);
        if (code == OK) sha256_add(&hash, b->piece, got);
    }
    disk_close(fd);
    *out = sha256_end(&hash);
    return code;
}

static void file_check(struct bundle_files *b, const char *path, const digest *hash,
                       uint64_t bytes) {
    struct error e;
    uint64_t found_bytes;
    digest found;
    if (file_hash(b, path, &found_bytes, &found, &e) != OK)
        verify_finding(b->result, "%s: %s", path, e.message);
    else if (found_bytes != bytes || !digest_equal(&found, hash))
        verify_finding(b->result, "%s: other bytes than were signed", path);
}

static int by_path(const void *a, const void *b) {
    return str_compare(((const struct verify_listed *)a)->path,
                       ((const struct verify_listed *)b)->path);
}

static void folder_check(struct bundle_files *b, str below, unsigned depth);

static void name_check(struct bundle_files *b, str below, const char *name, unsigned depth) {
    struct arena kept = b->arena;
    struct stat about;
    str path;
    enum error_code code = arena_format(&b->arena, &path, NULL, "%.*s%s%s", STR_FMT(below),
                                        below.len > 0 ? "/" : "", name);
    if (code == OK) code = arena_copy(&b->arena, path, &path, NULL);
    if (code != OK || fstatat(b->folder.dir_fd, path.at, &about, AT_SYMLINK_NOFOLLOW) != 0) {
        verify_finding(b->result, "%s: cannot be looked at", name);
    } else if (S_ISDIR(about.st_mode)) {
        folder_check(b, path, depth + 1);
    } else {
        struct verify_listed key = {.path = path};
        bool known = str_equal(path, STR("manifest")) || str_equal(path, STR("files")) ||
                     bsearch(&key, b->files, b->count, sizeof key, by_path);
        if (!known)
            verify_finding(b->result, "%.*s: it is not among the files that were signed",
                           STR_FMT(path));
    }
    b->arena = kept;
}

static void folder_check(struct bundle_files *b, str below, unsigned depth) {
    int fd = openat(b->folder.dir_fd, below.len > 0 ? below.at : ".",
                    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir && fd >= 0) close(fd);
    if (!dir || depth > DEPTH_MAX) {
        verify_finding(b->result, "%.*s: a folder that cannot be looked into", STR_FMT(below));
        if (dir) closedir(dir);
        return;
    }
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            name_check(b, below, entry->d_name, depth);
    closedir(dir);
}

static enum error_code files_check(struct bundle_files *b, const struct verify_manifest *manifest,
                                   struct error *e) {
    str list;
    b->piece = arena_bytes(&b->arena, PIECE_BYTES);
    if (!b->piece) return error_set(e, FAIL_MEMORY, "no room for a file");
    file_check(b, "files", &manifest->files, manifest->files_bytes);
    TRY(disk_file_read(b->folder.dir_fd, "files", LIST_BYTES, &b->arena, &list, e));
    TRY(verify_manifest_files(list, &b->arena, &b->files, &b->count, e));
    for (size_t i = 0; i < b->count; i++)
        file_check(b, b->files[i].path.at, &b->files[i].hash, b->files[i].bytes);
    folder_check(b, STR_EMPTY, 0);
    verify_item(b->result, "files", "%zu as they were signed", b->count);
    return OK;
}

static bool is_listed(const struct bundle_files *b, str path) {
    struct verify_listed key = {.path = path};
    return bsearch(&key, b->files, b->count, sizeof key, by_path) != NULL;
}

/* Rulebooks against their issuers' signatures, and those that should have come with one. */
static enum error_code rulebooks_check(struct bundle_files *b, const struct verify_trust *trust,
                                       struct error *e) {
    for (size_t i = 0; i < b->count; i++) {
        struct arena arena = b->arena;
        str path = b->files[i].path, signature;
        bool is_signature = str_ends(path, STR(".sig"));
        if (!str_starts(path, STR("rulebooks/"))) continue;
        b->result->limits |= VERIFY_LIMIT_RULES;
        TRY(arena_format(&arena, &signature, e, "%.*s.sig", STR_FMT(path)));
        if (is_signature)
            TRY(verify_bundle_issued(trust, &b->folder, path, arena, b->result, e));
        else
            TRY(verify_bundle_covered(trust, &b->folder, path, is_listed(b, signature), arena,
                                      b->result, e));
    }
    return OK;
}

enum error_code verify_bundle(const struct verify_trust *trust, const char *dir,
                              struct arena *arena, struct verify_result *result, struct error *e) {
    struct verify_manifest manifest;
    struct verify_source source;
    struct bundle_files b = {.result = result};
    TRY(verify_folder_open(dir, &b.folder, &source, e));
    enum error_code code = manifest_read(trust, &b, arena, &manifest, e);
    b.arena = *arena; /* taken back for the entries */
    if (code == OK) code = files_check(&b, &manifest, e);
    if (code == OK) code = rulebooks_check(&b, trust, e);
    if (code == OK)
        code = verify_bundle_line(trust, &manifest, &b.folder, &source, arena, result, e);
    verify_folder_close(&b.folder);
    return code;
}
