/* azekura rulebook check: one line a problem, file by file, so that a bad one does not hide the
 * others; then all together. */
#include "app/reach/call.h"
#include "app/rules/commands.h"
#include "app/rules/rulebooks.h"
#include "base/disk.h"
#include "facts/facts.h"

#include <fcntl.h>
#include <stdio.h>

enum { CHECK_SPACE_BYTES = 256 << 20 }; /* all shipped rulebooks take 20 MiB, read and compiled */

struct checking {
    struct arena_space space, scratch_space;
    struct arena arena, scratch;
    const struct rulebook **all;
    size_t count, clauses, problems, warnings;
    json_t *messages; /* NULL: to standard output as they come */
};

static void say(struct checking *c, const char *kind, str text) {
    if (c->messages == NULL)
        printf("%s: %.*s\n", kind, STR_FMT(text));
    else
        json_array_append_new(c->messages,
                              json_pack("{s:s, s:s%}", "kind", kind, "text", text.at, text.len));
}

static enum error_code check_file(void *context, const char *path, struct error *e) {
    struct checking *c = context;
    struct error wrong = {0};
    struct rulebook_read read;
    str name, bytes;
    TRY(arena_copy(&c->arena, str_from_c(path), &name, e));
    if (disk_file_read(AT_FDCWD, path, LIMIT_DOC_BYTES, &c->arena, &bytes, &wrong) != OK ||
        rulebook_read(name, bytes, &c->arena, c->scratch, &read, &wrong) != OK) {
        c->problems++;
        say(c, "error", str_from_c(wrong.message));
        return OK;
    }
    for (size_t i = 0; i < read.warning_count; i++) say(c, "warning", read.warnings[i].text);
    c->warnings += read.warning_count;
    for (size_t i = 0; i < read.count; i++) {
        if (c->count == RULEBOOKS_MAX)
            return error_set(e, FAIL_LIMIT, "more than %d rulebooks", RULEBOOKS_MAX);
        c->all[c->count++] = read.rulebooks[i];
        c->clauses += read.rulebooks[i]->clause_count;
    }
    return OK;
}

/* As if all were adopted: what `extends` claims is proved, `raises` find their clause, and
 * obligations that no value can meet at once are named. */
static enum error_code check_together(struct checking *c, struct error *e) {
    const struct rulebook_set *set;
    struct rulebook_set_input input = {
        .rulebooks = c->all, .rulebook_count = c->count, .what_if = true};
    size_t count;
    const str *unsaid;
    TRY(facts_vocabulary_check(c->all, c->count, &c->arena, &unsaid, &count, e));
    for (size_t i = 0; i < count; i++) say(c, "warning", unsaid[i]);
    c->warnings += count;
    TRY(rulebook_set_compile(&input, &c->arena, c->scratch, &set, e));
    const struct rulebook_warning *warnings = rulebook_set_warnings(set, &count);
    for (size_t i = 0; i < count; i++) say(c, "warning", warnings[i].text);
    c->warnings += count;
    const struct rulebook_conflict *conflicts = rulebook_set_conflicts(set, &count);
    for (size_t i = 0; i < count; i++) say(c, "conflict", conflicts[i].text);
    c->warnings += count;
    return OK;
}

static enum error_code check(struct checking *c, const char **paths, struct error *e) {
    TRY(arena_space_open(&c->space, CHECK_SPACE_BYTES, &c->arena, e));
    TRY(arena_space_open(&c->scratch_space, CHECK_SPACE_BYTES, &c->scratch, e));
    c->all = arena_new(&c->arena, const struct rulebook *, RULEBOOKS_MAX);
    if (c->all == NULL) return error_set(e, FAIL_MEMORY, "no room for rulebooks");
    for (; *paths != NULL; paths++) TRY(rulebooks_walk(*paths, check_file, c, e));
    return c->problems == 0 ? check_together(c, e) : OK;
}

static void print_end(struct checking *c) {
    if (c->messages == NULL) {
        printf("%zu rulebook%s, %zu clause%s, %zu problem%s, %zu warning%s\n", c->count,
               c->count == 1 ? "" : "s", c->clauses, c->clauses == 1 ? "" : "s", c->problems,
               c->problems == 1 ? "" : "s", c->warnings, c->warnings == 1 ? "" : "s");
        return;
    }
    json_t *out =
        json_pack("{s:b, s:I, s:I, s:O}", "ok", c->problems == 0, "rulebooks", (json_int_t)c->count,
                  "clauses", (json_int_t)c->clauses, "messages", c->messages);
    json_dumpf(out, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(out);
}

int rulebook_check_command(const char **paths, bool json) {
    struct checking c = {.messages = json ? json_array() : NULL};
    struct error e = {0};
    if (check(&c, paths, &e) != OK) {
        c.problems++;
        say(&c, "error", str_from_c(e.message));
    }
    print_end(&c);
    json_decref(c.messages);
    arena_space_release(&c.scratch_space);
    arena_space_release(&c.space);
    return c.problems == 0 ? 0 : 1;
}
