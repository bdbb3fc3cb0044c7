/* The shipped rulebooks say what the tables beside this file say they do. See README.md. */
#include "tests/rulebooks/tables.h"

#include "base/clock.h"
#include "rulebook/read/file.h"

static const char *azekura; /* NULL: in the process */

/* Runs `body` with question memory given back afterwards. */
#define WITH_QUESTION_MEMORY(...)                                                                  \
    do {                                                                                           \
        struct arena kept_ = question_arena;                                                       \
        __VA_ARGS__;                                                                               \
        question_arena = kept_;                                                                    \
    } while (0)

static const struct rulebook_set *set_read(const struct table *t, str *texts,
                                           struct rulebook_read *all) {
    for (size_t i = 0; i < t->file_count; i++) texts[i] = file_bytes(t->files[i], &question_arena);
    return set_of(t, texts, &question_arena, all);
}

/* ---- every row ---- */

static size_t rows_ask(const struct table *t) {
    str texts[8];
    struct rulebook_read all;
    size_t wrong = 0;
    const struct rulebook_set *set = set_read(t, texts, &all);
    for (size_t i = 0; i < t->row_count; i++) {
        const struct table_row *row = &t->rows[i];
        if (azekura == NULL && row->subject.len > 0) continue; /* facts come from a register */
        WITH_QUESTION_MEMORY({
            struct answer a = azekura == NULL ? ask_here(set, row) : ask_command(azekura, t, row);
            const char *differs = row_differs(row, &a);
            if (differs != NULL) {
                print_message("%s %.*s (%.*s): %s\n", row->place, STR_FMT(row->clause),
                              STR_FMT(row->name), differs);
                wrong++;
            }
        });
    }
    return wrong;
}

static void each_row_comes_out_as_written(void **state) {
    const struct table *tables;
    size_t count = tables_read(&tables), wrong = 0, rows = 0;
    for (size_t i = 0; i < count; i++) {
        WITH_QUESTION_MEMORY(wrong += rows_ask(&tables[i]));
        rows += tables[i].row_count;
    }
    print_message("%zu rows of %zu tables\n", rows, count);
    if (wrong > 0) fail_msg("%zu of %zu rows", wrong, rows);
}

/* ---- no clause without its rows ---- */

static bool has_row(const struct table *t, const struct rulebook_clause *c, const char *verdicts) {
    for (size_t i = 0; i < t->row_count; i++) {
        const struct table_row *row = &t->rows[i];
        char word[24];
        if (!str_equal(row->clause, c->id) || !str_equal(row->rulebook, c->rulebook->name))
            continue;
        snprintf(word, sizeof word, " %.*s ", STR_FMT(row->verdict));
        if (strstr(verdicts, word) != NULL) return true;
    }
    return false;
}

/* `known` is never unknown, nor what is made of it alone. */
static bool can_be_unknown(const struct condition *c) {
    if (c == NULL || c->kind == CONDITION_KNOWN) return false;
    bool is_group =
        c->kind == CONDITION_ALL || c->kind == CONDITION_ANY || c->kind == CONDITION_NOT;
    if (!is_group) return true;
    for (size_t i = 0; i < c->part_count; i++)
        if (can_be_unknown(&c->parts[i])) return true;
    return false;
}

/* Limited by more than the act, which an assessment does not look at. */
static bool can_be_silent(const struct clause_rule *rule) {
    for (size_t i = 0; i < rule->applies_count; i++)
        if (!str_equal(rule->applies[i].path, STR("act"))) return true;
    return rule->when != NULL;
}

static size_t clause_misses(const struct table *t, const struct rulebook_clause *c) {
    const struct {
        bool needed;
        const char *verdicts;
    } wants[] = {
        {true, " pass attested "},
        {c->rule->require != NULL, " fail lifted "},
        {can_be_unknown(c->rule->require), " unknown "},
        {can_be_silent(c->rule), " silent "},
    };
    size_t missing = 0;
    for (size_t i = 0; i < COUNT_OF(wants); i++) {
        if (!wants[i].needed || has_row(t, c, wants[i].verdicts)) continue;
        print_message("%s: no row%sof %.*s/%.*s\n", t->name, wants[i].verdicts,
                      STR_FMT(c->rulebook->name), STR_FMT(c->id));
        missing++;
    }
    return missing;
}

/* Every fact comes from a register: what such rows add, nothing in the process can ask. */
static bool asks_rows_alone(const struct table *t) {
    for (size_t i = 0; i < t->row_count; i++)
        if (t->rows[i].subject.len == 0) return false;
    return true;
}

static size_t clauses_miss(const struct table *t) {
    str texts[8];
    struct rulebook_read all;
    size_t missing = 0;
    if (asks_rows_alone(t)) return 0; /* its clauses stand in another table */
    set_read(t, texts, &all);
    for (size_t i = 0; i < all.count; i++)
        for (size_t k = 0; k < all.rulebooks[i]->clause_count; k++)
            missing += clause_misses(t, &all.rulebooks[i]->clauses[k]);
    return missing;
}

static void each_clause_is_asked_every_way(void **state) {
    const struct table *tables;
    size_t count = tables_read(&tables), missing = 0;
    for (size_t i = 0; i < count; i++) WITH_QUESTION_MEMORY(missing += clauses_miss(&tables[i]));
    if (missing > 0) fail_msg("%zu rows are missing", missing);
}

/* ---- both sides of every number ---- */

/* A number of a condition in the text: [at, at + len), with what follows it as unit. */
struct number {
    size_t at, len;
    bool is_whole; /* people, things, months: moved by one; else by a thousandth */
    bool is_day;   /* a day is moved by a day, an instant by a second */
};

static bool number_next(str text, size_t from, struct number *out) {
    static const char *const whole[] = {" months", " years", " persons", " users"};
    for (size_t i = from; i + 2 < text.len; i++) {
        if (text.at[i] != '<' && text.at[i] != '>') continue;
        size_t at = i + 1;
        if (text.at[at] == '=') at++;
        if (at >= text.len || text.at[at++] != ' ') continue;
        size_t end = at;
        while (end < text.len &&
               ((text.at[end] >= '0' && text.at[end] <= '9') || text.at[end] == '.'))
            end++;
        if (end == at) continue;
        bool is_day = end < text.len && text.at[end] == '-';
        while (is_day && end < text.len && strchr(" \n)", text.at[end]) == NULL) end++;
        *out = (struct number){.at = at, .len = end - at, .is_day = is_day};
        str rest = str_slice(text, end, text.len - end);
        for (size_t k = 0; k < COUNT_OF(whole); k++)
            out->is_whole |= str_starts(rest, str_from_c(whole[k]));
        /* a bare number ends the condition, or its parentheses */
        bool is_bare = rest.len == 0 || rest.at[0] == '\n' || rest.at[0] == ')' ||
                       str_starts(rest, STR(" and")) || str_starts(rest, STR("  "));
        out->is_whole |= is_bare;
        return true;
    }
    return false;
}

static void day_moved(str day, int by, char out[CLOCK_TEXT_BYTES + 1]) {
    int64_t ns = 0, step = day.len == 10 ? 86400 * NS_PER_S : NS_PER_S;
    if (!clock_iso_read(day, &ns)) fail_msg("no day: %.*s", STR_FMT(day));
    size_t len = clock_iso_s_write(ns + by * step, out);
    out[day.len == 10 ? 10 : len] = 0;
}

static str moved(str text, const struct number *n, int by) {
    double value = strtod(text.at + n->at, NULL);
    char digits[CLOCK_TEXT_BYTES + 40];
    if (n->is_day)
        day_moved(str_slice(text, n->at, n->len), by, digits);
    else if (n->is_whole)
        snprintf(digits, sizeof digits, "%.0f", value + by);
    else
        snprintf(digits, sizeof digits, "%.3f", value + by / 1000.0);
    size_t len = strlen(digits);
    char *out = arena_bytes(&question_arena, text.len - n->len + len);
    memcpy(out, text.at, n->at);
    memcpy(out + n->at, digits, len);
    memcpy(out + n->at + len, text.at + n->at + n->len, text.len - n->at - n->len);
    return str_of(out, text.len - n->len + len);
}

static bool any_row_notices(const struct table *t, const str *texts) {
    struct rulebook_read all;
    const struct rulebook_set *set = set_of(t, texts, &question_arena, &all);
    bool noticed = false;
    for (size_t i = 0; i < t->row_count && !noticed; i++) {
        if (t->rows[i].subject.len > 0) continue;
        WITH_QUESTION_MEMORY({
            struct answer a = ask_here(set, &t->rows[i]);
            noticed = row_differs(&t->rows[i], &a) != NULL;
        });
    }
    return noticed;
}

static bool is_comment(str text, size_t at) {
    for (; at > 0 && text.at[at - 1] != '\n'; at--)
        if (text.at[at - 1] == '#') return true;
    return false;
}

static size_t numbers_unnoticed(const struct table *t, size_t *tried) {
    str texts[8];
    size_t unnoticed = 0;
    if (asks_rows_alone(t)) return 0;
    for (size_t i = 0; i < t->file_count; i++) texts[i] = file_bytes(t->files[i], &question_arena);
    for (size_t i = 0; i < t->file_count; i++) {
        struct number n;
        str text = texts[i];
        for (size_t from = 0; number_next(text, from, &n); from = n.at + n.len) {
            if (is_comment(text, n.at)) continue;
            for (int by = -1; by <= 1; by += 2) {
                WITH_QUESTION_MEMORY({
                    texts[i] = moved(text, &n, by);
                    ++*tried;
                    if (!any_row_notices(t, texts)) {
                        print_message("%s: nobody notices %.*s moved by %d: \"%.*s\"\n",
                                      t->files[i], (int)n.len, text.at + n.at, by, 60,
                                      text.at + (n.at > 40 ? n.at - 40 : 0));
                        unnoticed++;
                    }
                });
            }
        }
        texts[i] = text;
    }
    return unnoticed;
}

static void each_number_is_tried_on_both_sides(void **state) {
    if (azekura != NULL) skip(); /* the same rows */
    const struct table *tables;
    size_t count = tables_read(&tables), unnoticed = 0, tried = 0;
    for (size_t i = 0; i < count; i++)
        WITH_QUESTION_MEMORY(unnoticed += numbers_unnoticed(&tables[i], &tried));
    print_message("%zu moves of numbers\n", tried);
    assert_true(tried > 0);
    if (unnoticed > 0) fail_msg("%zu of %zu moves", unnoticed, tried);
}

/* ---- two languages ---- */

static void each_clause_prints_in_two_languages(void **state) {
    const struct table *tables;
    size_t count = tables_read(&tables);
    for (size_t i = 0; i < count; i++) {
        WITH_QUESTION_MEMORY({
            str texts[8];
            struct rulebook_read all;
            set_read(&tables[i], texts, &all);
            for (size_t b = 0; b < all.count; b++) {
                assert_true(all.rulebooks[b]->title.en.len > 0);
                assert_true(all.rulebooks[b]->title.ja.len > 0);
                for (size_t k = 0; k < all.rulebooks[b]->clause_count; k++) {
                    const struct rulebook_clause *c = &all.rulebooks[b]->clauses[k];
                    static char en_memory[16384], ja_memory[16384];
                    struct text en = text_into(en_memory, sizeof en_memory);
                    struct text ja = text_into(ja_memory, sizeof ja_memory);
                    size_t at;
                    rulebook_clause_text(c, RULEBOOK_ENGLISH, &en);
                    rulebook_clause_text(c, RULEBOOK_JAPANESE, &ja);
                    assert_false(en.overflow || ja.overflow);
                    if (c->title.en.len == 0 || c->title.ja.len == 0)
                        fail_msg("%.*s has no title in both languages", STR_FMT(c->id));
                    assert_true(str_find(text_str(&en), c->title.en, &at));
                    assert_true(str_find(text_str(&ja), c->title.ja, &at));
                    assert_true(str_find(text_str(&ja), c->where, &at));
                }
            }
        });
    }
}

int main(int argc, char **argv) {
    azekura = argc > 1 ? argv[1] : NULL;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_comes_out_as_written),
        cmocka_unit_test(each_clause_is_asked_every_way),
        cmocka_unit_test(each_number_is_tried_on_both_sides),
        cmocka_unit_test(each_clause_prints_in_two_languages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
