/* The seal of a bundle: the digest of every file in it, and the log's signature under that. */
#include "gate/show/bundle.h"

#include "base/disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum {
    SEAL_SPACE_BYTES = 256 << 20, /* address space; pages cost once touched */
    SEAL_FILES_MAX = 1 << 20,     /* ours: a period of 250 million entries */
    SEAL_PIECE_BYTES = 1 << 20,
    SEAL_MANIFEST_BYTES = 32768, /* a line for each log, EVIDENCE_LOGS_MAX of them */
    SEAL_DEPTH_MAX = 12,         /* of a tile's name at 2^63 entries, and the folders above */
};

struct sealed_file {
    str path;
    uint64_t bytes;
    digest hash;
};
struct sealing {
    const char *dir;
    struct arena arena;
    struct sealed_file *files;
    size_t count;
    char *piece;
};

static bool name_is_plain(str name) {
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        bool plain =
            (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
        if (!plain) return false;
    }
    return name.len > 0 && name.at[0] != '.';
}

static enum error_code file_hash(struct sealing *s, struct sealed_file *file, struct error *e) {
    char path[BUNDLE_PATH_BYTES];
    struct sha256 hash;
    size_t got = 1;
    int fd;
    TRY(bundle_path(s->dir, file->path.at, path, e));
    TRY(disk_open(AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0, &fd, e));
    enum error_code code = OK;
    sha256_begin(&hash);
    while (code == OK && got > 0) {
        code = disk_read(fd, s->piece, SEAL_PIECE_BYTES, file->bytes, &got, path, e);
        if (code != OK) break;
        sha256_add(&hash, s->piece, got);
        file->bytes += got;
    }
    disk_close(fd);
    file->hash = sha256_end(&hash);
    return code;
}

static enum error_code folder_take(struct sealing *s, str below, unsigned depth, struct error *e);

static enum error_code name_take(struct sealing *s, str below, const char *name, unsigned depth,
                                 struct error *e) {
    char path[BUNDLE_PATH_BYTES];
    struct stat about;
    str full;
    if (below.len == 0 && (strcmp(name, "manifest") == 0 || strcmp(name, "files") == 0)) return OK;
    if (!name_is_plain(str_from_c(name)))
        return error_set(e, FAIL_EXISTS, "%.60s/%.60s is no part of a bundle: use a new folder",
                         s->dir, name);
    TRY(arena_format(&s->arena, &full, e, "%.*s%s%s", STR_FMT(below), below.len > 0 ? "/" : "",
                     name));
    TRY(arena_copy(&s->arena, full, &full, e)); /* closed by a zero */
    TRY(bundle_path(s->dir, full.at, path, e));
    if (lstat(path, &about) != 0)
        return error_set(e, FAIL_SYSTEM, "%.100s: %s", path, strerror(errno));
    if (S_ISDIR(about.st_mode)) return folder_take(s, full, depth + 1, e);
    if (!S_ISREG(about.st_mode))
        return error_set(e, FAIL_EXISTS, "%.100s is no plain file: use a new folder", path);
    if (s->count == SEAL_FILES_MAX)
        return error_set(e, FAIL_LIMIT, "over %d files in one bundle", SEAL_FILES_MAX);
    s->files[s->count] = (struct sealed_file){.path = full};
    return file_hash(s, &s->files[s->count++], e);
}

static enum error_code folder_take(struct sealing *s, str below, unsigned depth, struct error *e) {
    char path[BUNDLE_PATH_BYTES];
    if (depth > SEAL_DEPTH_MAX)
        return error_set(e, FAIL_LIMIT, "folders deeper than %d in a bundle", SEAL_DEPTH_MAX);
    TRY(bundle_path(s->dir, below.len > 0 ? below.at : ".", path, e));
    DIR *folder = opendir(path);
    if (folder == NULL) return error_set(e, FAIL_SYSTEM, "%.100s: %s", path, strerror(errno));
    enum error_code code = OK;
    for (struct dirent *entry; code == OK && (entry = readdir(folder)) != NULL;)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            code = name_take(s, below, entry->d_name, depth, e);
    closedir(folder);
    return code;
}

static int by_path(const void *a, const void *b) {
    return str_compare(((const struct sealed_file *)a)->path,
                       ((const struct sealed_file *)b)->path);
}

/* Lines "HEX BYTES PATH", by path. */
static enum error_code files_write(struct sealing *s, digest *hash, uint64_t *bytes,
                                   struct error *e) {
    enum { LINE_MOST = 2 * DIGEST_BYTES + 24 + 256 };
    char path[BUNDLE_PATH_BYTES];
    size_t cap = 0;
    qsort(s->files, s->count, sizeof *s->files, by_path);
    for (size_t i = 0; i < s->count; i++) cap += LINE_MOST + s->files[i].path.len;
    char *memory = arena_bytes(&s->arena, cap);
    struct text list = text_into(memory, cap);
    if (memory == NULL) return error_set(e, FAIL_MEMORY, "no room for the list of files");
    for (size_t i = 0; i < s->count; i++) {
        char hex[2 * DIGEST_BYTES];
        hex_write(s->files[i].hash.at, DIGEST_BYTES, hex);
        text_format(&list, "%.*s %llu %.*s\n", (int)sizeof hex, hex,
                    (unsigned long long)s->files[i].bytes, STR_FMT(s->files[i].path));
    }
    if (list.overflow) return error_set(e, FAIL_LIMIT, "the list of files is too long");
    *hash = sha256_of(text_str(&list));
    *bytes = list.len;
    TRY(bundle_path(s->dir, "files", path, e));
    return disk_file_replace(AT_FDCWD, path, text_str(&list), 0644, e);
}

static enum error_code manifest_write(struct gate *gate, const struct gate_bundle_ask *ask,
                                      const struct bundle_plan *plan, const digest *files,
                                      uint64_t files_bytes, struct arena arena, struct error *e) {
    char *memory = arena_bytes(&arena, 2 * SEAL_MANIFEST_BYTES), hex[2 * DIGEST_BYTES],
         path[BUNDLE_PATH_BYTES];
    if (memory == NULL) return error_set(e, FAIL_MEMORY, "no room for a manifest");
    struct text head = text_into(memory, SEAL_MANIFEST_BYTES);
    struct text note = text_into(memory + SEAL_MANIFEST_BYTES, SEAL_MANIFEST_BYTES);
    hex_write(files->at, DIGEST_BYTES, hex);
    text_format(
        &head, "azekura-bundle@v2\nlog %.*s\nkey %.*s\nfrom %u\nuntil %u\nrange %llu %llu\n",
        STR_FMT(gate_origin(gate)), STR_FMT(gate_ledger_vkey(gate)), ask->from, ask->until,
        (unsigned long long)plan->logs[0].range.first, (unsigned long long)plan->logs[0].range.end);
    for (size_t i = plan->count; --i > 0;) /* the oldest first */
        text_format(&head, "earlier %u %llu %llu\n", plan->logs[i].number,
                    (unsigned long long)plan->logs[i].range.first,
                    (unsigned long long)plan->logs[i].range.end);
    text_format(&head, "files %.*s %llu\n", (int)sizeof hex, hex, (unsigned long long)files_bytes);
    if (head.overflow) return error_set(e, FAIL_LIMIT, "the manifest is too long");
    TRY(ledger_note_sign(gate->ledger, text_str(&head), &note, e));
    TRY(bundle_path(ask->dir, "manifest", path, e));
    return disk_file_replace(AT_FDCWD, path, text_str(&note), 0644, e);
}

/* ---- that it was made ---- */

enum error_code bundle_allowed(struct gate_visit *visit, struct error *e) {
    if (gate_visit_is_inspector(visit)) return OK;
    return gate_allow(visit, IDENTITY_ADMIN, STR_EMPTY, e);
}

struct giving {
    struct gate_work work;
    struct gate_visit *visit;
    const struct gate_bundle_ask *ask;
    const struct bundle_plan *plan;
    digest cover;
};

static enum error_code giving_apply(struct gate_turn *turn, void *self, struct error *e) {
    struct giving *g = self;
    struct gate_record record = {.type = EVIDENCE_BUNDLE, .other = g->cover};
    char from[CLOCK_TEXT_BYTES], until[CLOCK_TEXT_BYTES];
    enum identity_right right =
        gate_visit_is_inspector(g->visit) ? IDENTITY_INSPECT : IDENTITY_ADMIN;
    const struct bundle_range *range = &g->plan->logs[0].range;
    uint64_t index, earlier = 0;
    for (size_t i = 1; i < g->plan->count; i++)
        earlier += g->plan->logs[i].range.end - g->plan->logs[i].range.first;
    TRY(gate_still_allowed(turn, g->visit, right, STR_EMPTY, e));
    TRY(gate_visit_values(g->visit, STR_EMPTY, STR_EMPTY, &record.values, e));
    clock_iso_s_write((int64_t)g->ask->from * 60 * NS_PER_S, from);
    clock_iso_s_write((int64_t)g->ask->until * 60 * NS_PER_S, until);
    record.values.of[EVIDENCE_SUBJECT] = g->ask->whom;
    char of_earlier[64] = "";
    if (earlier > 0)
        snprintf(of_earlier, sizeof of_earlier, ", and %llu of earlier logs",
                 (unsigned long long)earlier);
    TRY(arena_format(&turn->scratch, &record.values.of[EVIDENCE_DETAIL], e,
                     "from %s until %s: entries %llu to %llu of %llu%s", from, until,
                     (unsigned long long)range->first, (unsigned long long)range->end,
                     (unsigned long long)range->size, of_earlier));
    return gate_record_append(turn, &record, &index, e);
}

/* Before the signature: what was given out is in the ledger. */
static enum error_code giving_record(struct gate_visit *visit, const struct gate_bundle_ask *ask,
                                     const struct bundle_plan *plan, const struct sealing *s,
                                     struct error *e) {
    struct giving g = {.visit = visit, .ask = ask, .plan = plan};
    bool found = false;
    for (size_t i = 0; i < s->count && !found; i++) {
        found = str_equal(s->files[i].path, STR("cover.json"));
        g.cover = s->files[i].hash;
    }
    if (!found) return error_set(e, FAIL_NOT_FOUND, "%.100s has no cover.json", ask->dir);
    g.work = (struct gate_work){.apply = giving_apply, .self = &g, .bytes = 4096};
    return gate_submit(visit->gate, &g.work, e);
}

static enum error_code seal_all(struct gate_visit *visit, const struct gate_bundle_ask *ask,
                                struct sealing *s, struct arena scratch, struct error *e) {
    struct gate *gate = visit->gate;
    struct tlog_checkpoint head;
    struct bundle_plan *plan = arena_new(&s->arena, struct bundle_plan, 1);
    digest files;
    uint64_t files_bytes = 0;
    str note;
    s->piece = arena_bytes(&s->arena, SEAL_PIECE_BYTES);
    s->files = arena_new(&s->arena, struct sealed_file, SEAL_FILES_MAX);
    if (s->piece == NULL || s->files == NULL || plan == NULL)
        return error_set(e, FAIL_MEMORY, "no room for the list of files");
    plan->count = 1;
    TRY(bundle_head_read(gate, ask->dir, &s->arena, &head, &note, e));
    plan->logs[0].number = ledger_number(gate->ledger);
    TRY(bundle_range_find(gate, plan->logs[0].number, ask, head.size, scratch, &plan->logs[0].range,
                          e));
    TRY(bundle_plan_rest(gate, ask, scratch, plan, e));
    TRY(folder_take(s, STR_EMPTY, 0, e));
    TRY(files_write(s, &files, &files_bytes, e));
    TRY(giving_record(visit, ask, plan, s, e));
    return manifest_write(gate, ask, plan, &files, files_bytes, scratch, e);
}

enum error_code gate_bundle_seal(struct gate_visit *visit, const struct gate_bundle_ask *ask,
                                 struct error *e) {
    struct sealing s = {.dir = ask->dir};
    struct arena_space space, scratch_space;
    struct arena scratch;
    TRY(bundle_allowed(visit, e));
    if (ask->from >= ask->until) return error_set(e, FAIL_USAGE, "the period is empty");
    TRY(arena_space_open(&space, SEAL_SPACE_BYTES, &s.arena, e));
    enum error_code code = arena_space_open(&scratch_space, 16 << 20, &scratch, e);
    if (code == OK) {
        code = seal_all(visit, ask, &s, scratch, e);
        arena_space_release(&scratch_space);
    }
    arena_space_release(&space);
    return code;
}
