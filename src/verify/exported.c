/* An export's rulebooks. The log names no file, only one digest over all that was adopted, which takes the
 * rulebooks' language to make again: so what can be said here is what issuers signed and whether the files'
 * numbers have a gap; the rest is told as not shown. */
#include "verify/exported.h"

#include "verify/bundle.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

enum { PATH_BYTES = 64, NUMBER_DIGITS = 6 };

/* ---- what the log says */

static enum error_code rules_entry(void *self, const struct verify_log *log, uint64_t index,
                                   str bytes, const struct evidence_entry *entry, struct error *e) {
    struct verify_exported *x = self;
    (void)bytes;
    (void)e;
    bool names = (evidence_type_parts(entry->type) & EVIDENCE_RULES) != 0;
    if (!names || log->first + index >= x->places) return OK;
    x->has_rules = true;
    x->rules = entry->rules;
    x->log = log;
    x->index = index;
    return OK;
}

struct verify_observer verify_exported_observer(struct verify_exported *exported) {
    return (struct verify_observer){.entry = rules_entry, .self = exported};
}

static void rules_say(const struct verify_exported *x, struct verify_result *result) {
    char hex[2 * DIGEST_BYTES];
    if (!x->has_rules) return;
    hex_write(x->rules.at, DIGEST_BYTES, hex);
    verify_item(result, "rule set",
                "%.*s when the listing was made, as entry %llu of %.*s names it", (int)sizeof hex,
                hex, (unsigned long long)x->index, STR_FMT(x->log->origin));
}

/* ---- the files */

struct row {
    size_t count; /* files numbered from 0 on without a gap */
    struct verify_result *result;
};

/* NNNNNN.yaml, or the signature of one. */
static bool number_read(str name, uint64_t *number) {
    if (str_ends(name, STR(".sig"))) name.len -= 4;
    return name.len == NUMBER_DIGITS + 5 && str_ends(name, STR(".yaml")) &&
           str_u64(str_slice(name, 0, NUMBER_DIGITS), number);
}

/* Whoever loads the folder takes in every file that ends so. */
static bool is_meant(str name) {
    return str_ends(name, STR(".yaml")) || str_ends(name, STR(".yml")) ||
           str_ends(name, STR(".sig"));
}

static void name_check(void *self, str name) {
    const struct row *row = self;
    uint64_t number;
    if (!is_meant(name)) return;
    if (!number_read(name, &number)) {
        verify_finding(row->result,
                       "rulebooks/%.*s: an export has no file of that name: it was added",
                       STR_FMT(name));
    } else if (number >= row->count) {
        verify_finding(row->result,
                       "rulebooks/%.*s: the files of an export are numbered without a gap, and "
                       "there is no rulebooks/%06zu.yaml: that was taken away, or this added",
                       STR_FMT(name), row->count);
    }
}

static enum error_code file_check(const struct verify_trust *trust,
                                  const struct verify_folder *folder, const char *path,
                                  bool is_signed, struct arena arena, struct verify_result *result,
                                  struct error *e) {
    char signature[PATH_BYTES + 4];
    snprintf(signature, sizeof signature, "%s.sig", path);
    if (is_signed)
        TRY(verify_bundle_issued(trust, folder, str_from_c(signature), arena, result, e));
    return verify_bundle_covered(trust, folder, str_from_c(path), is_signed, arena, result, e);
}

static bool is_there(const struct verify_folder *folder, size_t number, const char *ending,
                     char path[PATH_BYTES]) {
    struct stat about;
    snprintf(path, PATH_BYTES, "rulebooks/%06zu.yaml%s", number, ending);
    return fstatat(folder->dir_fd, path, &about, AT_SYMLINK_NOFOLLOW) == 0;
}

enum error_code verify_exported_check(const struct verify_exported *exported,
                                      const struct verify_trust *trust,
                                      const struct verify_folder *folder,
                                      const struct verify_source *source, struct arena arena,
                                      struct verify_result *result, struct error *e) {
    struct row row = {.result = result};
    char path[PATH_BYTES];
    size_t signed_count = 0;
    for (;; row.count++) {
        bool is_signed = is_there(folder, row.count, ".sig", path);
        if (!is_there(folder, row.count, "", path)) break;
        TRY(file_check(trust, folder, path, is_signed, arena, result, e));
        signed_count += is_signed;
    }
    source->list(source->self, "rulebooks", name_check, &row);
    if (row.count == 0) return OK;
    verify_item(result, "rulebook files",
                "%zu, %zu of them signed; that these were in force is the operator's word",
                row.count, signed_count);
    rules_say(exported, result);
    result->limits |= VERIFY_LIMIT_RULES | VERIFY_LIMIT_FILES;
    return OK;
}
