/* azekura survey --resume: a survey that was interrupted goes on where it left.
 *
 * Beside FILE.new, which has the lines that were told, lies FILE.resume: when the survey began, and a digest of
 * what is asked and of the data it is answered from. Where both are the same the lines that are there are those
 * that would be told again, so they are passed over; where they are not, going on would mix two surveys. */
#include "app/survey/surveying.h"

#include "base/disk.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { STATE_BYTES = 4096, TARGET_BYTES_MOST = 1 << 30, INCLUDED_ROOM = 64 << 20 };

static enum error_code state_path(const struct survey_resume *r, char path[4096], struct error *e) {
    int len = snprintf(path, 4096, "%s.resume", r->out);
    return len > 0 && len < 4096 ? OK : error_set(e, FAIL_USAGE, "a path is over 4,000 bytes");
}

/* *found false: no survey was interrupted. */
static enum error_code state_read(struct survey_resume *r, bool *found, struct error *e) {
    char path[4096], memory[2 * STATE_BYTES];
    struct arena arena = arena_over(memory, sizeof memory);
    str bytes, asked = STR_EMPTY;
    *found = false;
    TRY(state_path(r, path, e));
    if (access(path, F_OK) != 0) return OK;
    TRY(disk_file_read(AT_FDCWD, path, STATE_BYTES, &arena, &bytes, e));
    json_t *state = json_loadb(bytes.at, bytes.len, 0, NULL);
    const json_t *text = json_object_get(state, "asked"), *at = json_object_get(state, "at_ns");
    if (json_is_string(text)) asked = str_from_c(json_string_value(text));
    *found = json_is_integer(at) && hex_read(asked, r->asked.at, DIGEST_BYTES);
    r->at_ns = json_integer_value(at);
    json_decref(state);
    return *found
               ? OK
               : error_set(e, FAIL_SYNTAX,
                           "%s is not what an interrupted survey leaves: remove it to begin anew",
                           path);
}

static enum error_code state_write(const struct survey_resume *r, struct error *e) {
    char path[4096], memory[STATE_BYTES], hex[2 * DIGEST_BYTES];
    struct text text = text_into(memory, sizeof memory);
    TRY(state_path(r, path, e));
    hex_write(r->asked.at, DIGEST_BYTES, hex);
    text_format(&text,
                "{\"format\":\"azekura-survey-resume/1\",\"at_ns\":%lld,\"asked\":\"%.*s\"}\n",
                (long long)r->at_ns, (int)sizeof hex, hex);
    return disk_file_replace(AT_FDCWD, path, text_str(&text), 0644, e);
}

static void add(struct sha256 *hash, str text) {
    unsigned char length[8];
    write_be64(length, text.len);
    sha256_add(hash, length, sizeof length);
    sha256_add(hash, text.at, text.len);
}

struct including {
    struct sha256 *hash;
};
static bool include_add(void *self, str file, str included, struct arena *arena, str *name,
                        str *bytes, const char **why) {
    struct including *x = self;
    bool is_there =
        survey_includes.open(survey_includes.self, file, included, arena, name, bytes, why);
    add(x->hash, included);
    if (is_there) add(x->hash, *bytes);
    return is_there;
}
static bool beside_list(void *self, str file, str folder, struct arena *arena, const str **names,
                        size_t *count, const char **why) {
    return survey_includes.list(survey_includes.self, file, folder, arena, names, count, why);
}
static enum error_code nothing_take(void *self, const struct inventory_server *s, struct error *e) {
    return OK;
}

/* What a zone file includes counts too, and what lies beside an inventory of Ansible's. What is wrong with it is told
 * when it is surveyed. */
static void included_add(struct sha256 *hash, const struct survey_resume *r, const char *target,
                         str bytes, struct arena scratch) {
    enum { PROBLEMS_BYTES = 1 << 14 };
    struct including including = {hash};
    const struct inventory_opener opener = {include_add, &including, beside_list};
    struct inventory_options options = {.opener = &opener};
    const struct inventory_sink sink = {nothing_take, NULL};
    struct inventory_report report;
    struct error ignored;
    bool is_named =
        r->input != NULL && inventory_format_find(str_from_c(r->input), &options.format);
    if (!is_named) options.format = inventory_format_guess(str_from_c(target), bytes);
    char *room = arena_bytes(&scratch, PROBLEMS_BYTES);
    bool brings = options.format == INVENTORY_ZONE || options.format == INVENTORY_ANSIBLE;
    if (room == NULL || !brings) return;
    struct arena problems = arena_over(room, PROBLEMS_BYTES);
    error_ignore(inventory_read(str_from_c(target), bytes, &options, &sink, &problems, scratch,
                                &report, &ignored));
}

static enum error_code target_add(struct sha256 *hash, const struct survey_resume *r,
                                  const char *target, struct error *e) {
    struct arena_space space;
    struct arena arena;
    str bytes;
    add(hash, str_from_c(target));
    if (access(target, F_OK) != 0) return OK;
    TRY(arena_space_open(&space, (size_t)TARGET_BYTES_MOST + INCLUDED_ROOM, &arena, e));
    /* one that cannot be read is told by who reads it */
    if (disk_file_read(AT_FDCWD, target, TARGET_BYTES_MOST, &arena, &bytes, e) == OK) {
        add(hash, bytes);
        included_add(hash, r, target, bytes, arena);
    }
    arena_space_release(&space);
    return OK;
}

static enum error_code asked_hash(const struct survey_resume *r, const struct survey_world *world,
                                  const struct register_snapshot *snapshot, digest *out,
                                  struct error *e) {
    struct sha256 hash;
    size_t count;
    const struct geo_edition *editions = survey_world_editions(world, &count);
    geo_country home = survey_world_home(world);
    sha256_begin(&hash);
    add(&hash, str_from_c(AZEKURA_VERSION));
    add(&hash, str_of(home.at, 2));
    add(&hash, str_from_c(r->resolver));
    add(&hash, str_from_c(r->input));
    if (r->is_japanese) add(&hash, STR("ja")); /* its lines have more members */
    if (r->reverses) add(&hash, STR("reverse"));
    if (r->as_of != NULL) {
        add(&hash, STR("as-of"));
        add(&hash, str_from_c(r->as_of));
    }
    for (size_t i = 0; i < r->columns->count; i++) add(&hash, str_from_c(r->columns->at[i]));
    for (size_t i = 0; i < count; i++) {
        add(&hash, editions[i].name);
        add(&hash, editions[i].date);
        add(&hash, digest_str(&editions[i].sha256));
    }
    if (snapshot != NULL) {
        digest rows = register_digest(snapshot);
        add(&hash, digest_str(&rows));
    }
    for (size_t i = 0; r->targets[i] != NULL; i++) TRY(target_add(&hash, r, r->targets[i], e));
    *out = sha256_end(&hash);
    return OK;
}

enum error_code survey_resume_find(struct survey_resume *r, struct error *e) {
    return state_read(r, &r->is_found, e);
}

enum error_code survey_resume_open(struct survey_resume *r, const struct survey_world *world,
                                   const struct register_snapshot *snapshot, struct report_out *out,
                                   uint64_t *lines, struct error *e) {
    digest asked;
    *lines = 0;
    TRY(asked_hash(r, world, snapshot, &asked, e));
    if (r->is_found && !digest_equal(&asked, &r->asked))
        return error_set(e, FAIL_USAGE,
                         "what is asked, or the data it is answered from, is not what %s was begun "
                         "with: remove %s.resume and %s.new to begin anew",
                         r->out, r->out, r->out);
    r->asked = asked;
    if (r->is_found) return report_resume(r->out, out, lines, e);
    TRY(report_open(r->out, out, e)); /* first: lines of another survey may lie there */
    enum error_code code = state_write(r, e);
    if (code != OK) report_abandon(out);
    return code;
}

enum error_code survey_resume_close(const struct survey_resume *r, struct error *e) {
    char path[4096];
    const struct disk *disk = disk_now();
    TRY(state_path(r, path, e));
    int failed = disk->unlink(disk->self, AT_FDCWD, path, 0);
    return failed == 0 ? OK : error_set_errno(e, -failed, "removing %s", path);
}
