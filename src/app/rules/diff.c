/* azekura rulebook diff: what one edition says that another does not, clause by clause, in the prose
 * that people read; what prose leaves out, by the keys of the files. */
#include "app/reach/call.h"
#include "app/rules/commands.h"
#include "app/rules/rulebooks.h"

#include <stdio.h>
#include <string.h>

enum { DIFF_SPACE_BYTES = 128 << 20, CLAUSE_TEXT_BYTES = 64 << 10, CLAUSE_LINES_MAX = 1024 };

struct side {
    const struct rulebook *rulebook;
    str *at; /* lines of the clause at hand */
    size_t count;
};

struct differing {
    struct arena_space space, scratch_space;
    struct arena arena, scratch;
    enum rulebook_language language;
    struct side before, after;
    json_t *added, *removed, *changed, *beside; /* NULL: as text */
    size_t same, differences;
};

/* FILE, or FILE:NAME; a name never has a slash, so the last ':' after the last '/' parts them. */
static enum error_code side_open(struct differing *d, const char *given, struct side *out,
                                 struct error *e) {
    const char *slash = strrchr(given, '/');
    const char *colon = strrchr(slash != NULL ? slash : given, ':');
    struct rulebook_set_input input = {0};
    str path = str_from_c(given);
    if (colon != NULL) TRY(arena_copy(&d->arena, (str){given, (size_t)(colon - given)}, &path, e));
    struct option_list one = {.at = {path.at}, .count = 1};
    TRY(rulebooks_load(&one, &d->arena, d->scratch, &input, e));
    if (colon == NULL && input.rulebook_count != 1)
        return error_set(
            e, FAIL_USAGE, "\"%s\" has %zu rulebooks: name one, %s:%.*s", given,
            input.rulebook_count, given,
            STR_FMT(input.rulebook_count > 0 ? input.rulebooks[0]->name : STR("NAME")));
    for (size_t i = 0; i < input.rulebook_count; i++)
        if (colon == NULL || str_equal(input.rulebooks[i]->name, str_from_c(colon + 1)))
            out->rulebook = input.rulebooks[i];
    if (out->rulebook == NULL)
        return error_set(e, FAIL_NOT_FOUND, "\"%.*s\" has no rulebook \"%s\"", STR_FMT(path),
                         colon + 1);
    out->at = arena_new(&d->arena, str, CLAUSE_LINES_MAX);
    return out->at != NULL ? OK : error_set(e, FAIL_MEMORY, "no room for lines");
}

static const struct rulebook_clause *clause_find(const struct rulebook *rulebook, str id) {
    for (size_t i = 0; i < rulebook->clause_count; i++)
        if (str_equal(rulebook->clauses[i].id, id)) return &rulebook->clauses[i];
    return NULL;
}

/* The first line names rulebook and clause, which is no difference. */
static void side_lines(const struct differing *d, struct side *side,
                       const struct rulebook_clause *clause, struct arena scratch) {
    char *memory = arena_bytes(&scratch, CLAUSE_TEXT_BYTES);
    struct text text = text_into(memory, memory != NULL ? CLAUSE_TEXT_BYTES : 0);
    rulebook_clause_text(clause, d->language, &text);
    str rest = {text.at, text.len}, line;
    side->count = 0;
    for (bool more = rest.len > 0; more && side->count < CLAUSE_LINES_MAX;) {
        more = str_cut(&rest, '\n', &line);
        if (!more) line = rest;
        if (line.len > 0) side->at[side->count++] = line;
    }
}

static bool side_has(const struct side *side, str line) {
    for (size_t i = 0; i < side->count; i++)
        if (str_equal(side->at[i], line)) return true;
    return false;
}

/* Lines of `side` below its first that `other` lacks; text, or into `list`. */
static size_t lines_tell(const struct side *side, const struct side *other, char mark,
                         json_t *list) {
    size_t told = 0;
    for (size_t i = 1; i < side->count; i++) {
        if (side_has(other, side->at[i])) continue;
        told++;
        if (list != NULL)
            json_array_append_new(list, json_stringn(side->at[i].at, side->at[i].len));
        else if (mark != 0)
            printf("    %c %.*s\n", mark, STR_FMT(side->at[i]));
    }
    return told;
}

static json_t *keys_list(const str *keys, size_t count) {
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_stringn(keys[i].at, keys[i].len));
    return list;
}

static void changed_tell(struct differing *d, str id, const str *keys, size_t key_count) {
    if (d->changed == NULL) {
        printf("~ %.*s\n", STR_FMT(id));
        size_t told = lines_tell(&d->before, &d->after, '-', NULL);
        told += lines_tell(&d->after, &d->before, '+', NULL);
        for (size_t i = 0; told == 0 && i < key_count; i++)
            printf("    ~ %.*s\n", STR_FMT(keys[i]));
        return;
    }
    json_t *before = json_array(), *after = json_array();
    lines_tell(&d->before, &d->after, 0, before);
    lines_tell(&d->after, &d->before, 0, after);
    json_array_append_new(d->changed,
                          json_pack("{s:s%, s:o, s:o, s:o}", "clause", id.at, id.len, "before",
                                    before, "after", after, "keys", keys_list(keys, key_count)));
}

static const char *in(const struct differing *d, const char *en, const char *ja) {
    return d->language == RULEBOOK_JAPANESE ? ja : en;
}

static void only_tell(struct differing *d, char mark, const struct rulebook_clause *clause,
                      json_t *list) {
    const struct rulebook_title *t = &clause->title;
    str title = d->language == RULEBOOK_JAPANESE && t->ja.len > 0 ? t->ja : t->en;
    d->differences++;
    if (list != NULL)
        json_array_append_new(list, json_stringn(clause->id.at, clause->id.len));
    else
        printf("%c %.*s%s%.*s\n", mark, STR_FMT(clause->id), title.len > 0 ? "  " : "",
               STR_FMT(title));
}

static enum error_code clauses_compare(struct differing *d, struct error *e) {
    const struct rulebook *before = d->before.rulebook, *after = d->after.rulebook;
    struct arena halves[2];
    for (size_t i = 0; i < COUNT_OF(halves); i++) {
        char *half = arena_bytes(&d->arena, CLAUSE_TEXT_BYTES + 64);
        if (half == NULL) return error_set(e, FAIL_MEMORY, "no room for prose");
        halves[i] = arena_over(half, CLAUSE_TEXT_BYTES + 64);
    }
    for (size_t i = 0; i < before->clause_count; i++)
        if (clause_find(after, before->clauses[i].id) == NULL)
            only_tell(d, '-', &before->clauses[i], d->removed);
    for (size_t i = 0; i < after->clause_count; i++) {
        const struct rulebook_clause *clause = &after->clauses[i];
        const struct rulebook_clause *old = clause_find(before, clause->id);
        if (old == NULL) {
            only_tell(d, '+', clause, d->added);
            continue;
        }
        side_lines(d, &d->before, old, halves[0]);
        side_lines(d, &d->after, clause, halves[1]);
        str keys[RULEBOOK_KEYS_MOST];
        size_t key_count = rulebook_clause_differs(old, clause, keys);
        size_t lines =
            lines_tell(&d->before, &d->after, 0, NULL) + lines_tell(&d->after, &d->before, 0, NULL);
        if (lines + key_count == 0) {
            d->same++;
            continue;
        }
        d->differences++;
        changed_tell(d, clause->id, keys, key_count);
    }
    return OK;
}

/* The line about who issued it to whom, and when it is in force. */
static str head_line(const struct differing *d, const struct rulebook *of, char *room,
                     size_t bytes) {
    struct rulebook head = *of;
    head.clause_count = 0;
    struct text t = text_into(room, bytes);
    rulebook_text_of(&head, d->language, &t);
    str rest = text_str(&t), line;
    if (!str_cut(&rest, '\n', &line)) return STR_EMPTY;
    return str_cut(&rest, '\n', &line) ? str_trim(line) : str_trim(rest);
}

static void head_tell(const struct differing *d) {
    char before[2048], after[2048];
    str old = head_line(d, d->before.rulebook, before, sizeof before);
    str new = head_line(d, d->after.rulebook, after, sizeof after);
    if (str_equal(old, new)) return;
    printf("    - %.*s\n    + %.*s\n", STR_FMT(old), STR_FMT(new));
}

/* Sets, calendars and the like: of these only which. */
static void beside_compare(struct differing *d) {
    str keys[RULEBOOK_KEYS_MOST];
    size_t count = rulebook_differs(d->before.rulebook, d->after.rulebook, keys);
    d->differences += count;
    if (d->added != NULL) {
        d->beside = keys_list(keys, count);
        return;
    }
    for (size_t i = 0; i < count; i++)
        printf(in(d, "~ %.*s: of the rulebook\n", "~ %.*s：規則集そのもの\n"), STR_FMT(keys[i]));
    head_tell(d);
}

static enum error_code diff(struct differing *d, const char *before, const char *after,
                            struct error *e) {
    TRY(arena_space_open(&d->space, DIFF_SPACE_BYTES, &d->arena, e));
    TRY(arena_space_open(&d->scratch_space, DIFF_SPACE_BYTES, &d->scratch, e));
    TRY(side_open(d, before, &d->before, e));
    TRY(side_open(d, after, &d->after, e));
    beside_compare(d);
    return clauses_compare(d, e);
}

static void print_end(const struct differing *d) {
    str from = d->before.rulebook->name, to = d->after.rulebook->name;
    if (d->added == NULL) {
        printf(in(d, "%.*s → %.*s: %zu different, %zu the same\n",
                  "%.*s → %.*s：相違 %zu 件、同一 %zu 件\n"),
               STR_FMT(from), STR_FMT(to), d->differences, d->same);
        return;
    }
    json_t *out =
        json_pack("{s:s%, s:s%, s:O, s:O, s:O, s:O, s:I}", "from", from.at, from.len, "to", to.at,
                  to.len, "added", d->added, "removed", d->removed, "changed", d->changed, "beside",
                  d->beside, "same", (json_int_t)d->same);
    json_dumpf(out, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(out);
}

int rulebook_diff_command(const char *before, const char *after, enum rulebook_language language,
                          bool json) {
    struct differing d = {.language = language};
    struct error e = {0};
    if (json) d.added = json_array(), d.removed = json_array(), d.changed = json_array();
    enum error_code code = diff(&d, before, after, &e);
    if (code == OK)
        print_end(&d);
    else
        command_fail("azekura rulebook diff", &e);
    json_decref(d.added);
    json_decref(d.removed);
    json_decref(d.changed);
    json_decref(d.beside);
    arena_space_release(&d.scratch_space);
    arena_space_release(&d.space);
    if (code != OK) return code == FAIL_USAGE ? 2 : 1;
    return d.differences == 0 ? 0 : 1;
}
