/* Asking a row's question: by the evaluators, or through the program. */
#include "tests/rulebooks/tables.h"

#include "base/clock.h"
#include "rulebook/say/phrase.h"

#include <jansson.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- comparing ---- */

const char *row_differs(const struct table_row *row, const struct answer *a) {
    static char said[400];
    if (!str_equal(row->verdict, a->verdict) || !str_equal(row->effect, a->effect)) {
        snprintf(said, sizeof said, "%.*s, %.*s; expected %.*s, %.*s", STR_FMT(a->verdict),
                 STR_FMT(a->effect), STR_FMT(row->verdict), STR_FMT(row->effect));
        return said;
    }
    if (row->applies.len > 0 && !str_equal(row->applies, a->applies)) return "applies otherwise";
    if (row->strength.len > 0 && !str_equal(row->strength, a->strength)) return "another strength";
    for (size_t i = 0; i < row->duty_count; i++) {
        bool found = false;
        for (size_t k = 0; k < a->duty_count; k++)
            found |= str_equal(row->duties[i].stage, a->duties[k].stage) &&
                     str_equal(row->duties[i].within, a->duties[k].within);
        if (found) continue;
        snprintf(said, sizeof said, "no duty %.*s within %.*s", STR_FMT(row->duties[i].stage),
                 STR_FMT(row->duties[i].within));
        return said;
    }
    if (row->duty_count > 0 && row->duty_count != a->duty_count) return "more duties";
    for (size_t i = 0; i < row->obligation_count; i++) {
        bool found = false;
        for (size_t k = 0; k < a->obligation_count; k++)
            found |= str_equal(row->obligations[i], a->obligations[k]);
        if (!found) return "an obligation is missing";
    }
    return NULL;
}

/* ---- in the process ---- */

const struct rulebook_set *set_of(const struct table *table, const str *texts, struct arena *arena,
                                  struct rulebook_read *all) {
    const struct rulebook **together = arena_new(arena, const struct rulebook *, 256);
    struct error e = {0};
    *all = (struct rulebook_read){.rulebooks = together};
    for (size_t i = 0; i < table->file_count; i++) {
        struct rulebook_read read;
        if (rulebook_read(str_from_c(table->files[i]), texts[i], arena, question_scratch, &read,
                          &e) != OK)
            fail_msg("%s", e.message);
        for (size_t k = 0; k < read.count; k++) together[all->count++] = read.rulebooks[k];
    }
    struct rulebook_set_input input = {
        .rulebooks = together, .rulebook_count = all->count, .what_if = true};
    const struct rulebook_set *set = NULL;
    if (rulebook_set_compile(&input, arena, question_scratch, &set, &e) != OK)
        fail_msg("%s: %s", table->name, e.message);
    return set;
}

static void decide_both(const struct rulebook_set *set, const struct rulebook_subject *subject,
                        const struct rulebook_facts *facts, int64_t at_ns, const char *place,
                        struct rulebook_decision *slow) {
    struct error e = {0};
    struct rulebook_decision fast;
    const struct rulebook_table *table;
    struct rulebook_facts none = {0};
    str a, b;
    assert_ok(rulebook_evaluate_slow(set, subject, facts, at_ns, &question_arena, question_scratch,
                                     slow, &e),
              &e);
    assert_ok(rulebook_table_build(set, subject, facts, NULL, 0, at_ns, &question_arena,
                                   question_scratch, &table, &e),
              &e);
    assert_ok(rulebook_decide(table, &none, at_ns, &question_arena, question_scratch, &fast, &e),
              &e);
    assert_ok(rulebook_decision_canonical(slow, NULL, 0, &question_arena, question_scratch, &a, &e),
              &e);
    assert_ok(
        rulebook_decision_canonical(&fast, NULL, 0, &question_arena, question_scratch, &b, &e), &e);
    if (!str_equal(a, b)) fail_msg("%s: table and slow evaluator differ", place);
}

static void duties_add(const struct rulebook_clause *c, struct answer *a) {
    for (size_t i = 0; i < c->duty_count && i < COUNT_OF(a->duties); i++) {
        char *buffer = arena_bytes(&question_arena, 256);
        struct text within = text_into(buffer, 256);
        phrase_periods(&c->duties[i].within, RULEBOOK_ENGLISH, &within);
        a->duties[a->duty_count++] = (struct duty_wanted){c->duties[i].stage, text_str(&within)};
    }
}

static struct answer answer_of(const struct rulebook_decision *d, const struct table_row *row) {
    for (size_t i = 0; i < d->fixed_count + d->spoke_count; i++) {
        const struct rulebook_spoke *s = rulebook_decision_spoke(d, i);
        if (!str_equal(s->clause->id, row->clause) ||
            !str_equal(s->clause->rulebook->name, row->rulebook))
            continue;
        struct answer a = {.verdict = str_from_c(rulebook_verdict_name(s->verdict)),
                           .effect = str_from_c(rulebook_effect_name(s->effect)),
                           .applies = str_from_c(rulebook_truth_name(s->applied)),
                           .strength = str_from_c(rulebook_strength_name(s->strength))};
        duties_add(s->clause, &a);
        for (size_t k = 0; k < d->obligation_count && k < COUNT_OF(a.obligations); k++)
            a.obligations[a.obligation_count++] =
                str_from_c(rulebook_obligation_name(d->obligations[k].kind));
        return a;
    }
    return (struct answer){.verdict = STR("silent")};
}

struct answer ask_here(const struct rulebook_set *set, const struct table_row *row) {
    struct rulebook_subject subject;
    struct rulebook_facts facts = {0};
    struct rulebook_decision d;
    struct error e = {0};
    int64_t at_ns;
    if (!rulebook_subject_of_word(row->ask, &subject)) fail_msg("%s: ask what?", row->place);
    if (!clock_iso_read(row->at, &at_ns)) fail_msg("%s: at is no time", row->place);
    if (row->facts != NULL &&
        rulebook_facts_of(row->facts, &question_arena, question_scratch, &facts, &e) != OK)
        fail_msg("%s: %s", row->place, e.message);
    decide_both(set, &subject, &facts, at_ns, row->place, &d);
    return answer_of(&d, row);
}

/* ---- through the program ---- */

static void json_write(const struct doc_node *node, struct text *t) {
    if (node->kind == DOC_SCALAR) {
        bool is_bare = !node->quoted &&
                       (str_equal(node->text, STR("true")) || str_equal(node->text, STR("false")));
        if (is_bare)
            text_add(t, node->text);
        else
            text_add_json(t, node->text);
        return;
    }
    text_add_c(t, node->kind == DOC_LIST ? "[" : "{");
    for (size_t i = 0; i < node->count; i++) {
        if (i > 0) text_add_c(t, ",");
        if (node->kind == DOC_MAP) {
            text_add_json(t, node->keys[i]->text);
            text_add_c(t, ":");
        }
        json_write(node->items[i], t);
    }
    text_add_c(t, node->kind == DOC_LIST ? "]" : "}");
}

static char *word_of(str text) {
    char *word = arena_bytes(&question_arena, text.len + 1);
    memcpy(word, text.at, text.len);
    word[text.len] = 0;
    return word;
}

/* `--fact PATH=VALUE` as a person would type it. */
static char *fact_word(str path, const struct doc_node *value) {
    enum { BYTES = 16384 };
    struct text t = text_into(arena_bytes(&question_arena, BYTES), BYTES);
    text_add(&t, path);
    text_add_c(&t, "=");
    if (value->kind == DOC_SCALAR && !value->quoted)
        text_add(&t, value->text);
    else
        json_write(value, &t); /* what is quoted stays so: NO is Norway */
    text_add_char(&t, 0);
    assert_false(t.overflow);
    return t.at;
}

static json_t *run(char **words, const char *place) {
    extern char **environ;
    enum { OUT_BYTES = 4 << 20 };
    static char out[OUT_BYTES];
    int pipes[2], status;
    pid_t pid;
    posix_spawn_file_actions_t actions;
    assert_int_equal(pipe(pipes), 0);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipes[1], 1);
    posix_spawn_file_actions_addclose(&actions, pipes[0]);
    assert_int_equal(posix_spawn(&pid, words[0], &actions, NULL, words, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(pipes[1]);
    size_t len = 0;
    ssize_t got;
    while ((got = read(pipes[0], out + len, OUT_BYTES - len)) > 0) len += (size_t)got;
    close(pipes[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        for (size_t i = 0; words[i] != NULL; i++) fprintf(stderr, "%s ", words[i]);
        fail_msg("%s: azekura explain ended with %d", place, status);
    }
    json_error_t problem;
    json_t *said = json_loadb(out, len, 0, &problem);
    if (said == NULL) fail_msg("%s: no JSON: %s", place, problem.text);
    return said;
}

static str json_str(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text == NULL ? STR_EMPTY : str_from_c(word_of(str_from_c(text)));
}

static struct answer answer_of_json(const json_t *said, const struct table_row *row) {
    struct answer a = {.verdict = STR("silent")};
    size_t i;
    json_t *c, *item;
    json_array_foreach(json_object_get(said, "clauses"), i, c) {
        if (!str_equal(json_str(c, "clause"), row->clause) ||
            !str_equal(json_str(c, "rulebook"), row->rulebook))
            continue;
        a.verdict = json_str(c, "verdict");
        a.effect = json_str(c, "effect");
        a.applies = json_str(c, "applies");
        a.strength = json_str(c, "strength");
        json_array_foreach(json_object_get(c, "duties"), i, item) {
            if (a.duty_count < COUNT_OF(a.duties))
                a.duties[a.duty_count++] =
                    (struct duty_wanted){json_str(item, "stage"), json_str(item, "within")};
        }
        json_array_foreach(json_object_get(said, "obligations"), i, item) {
            if (a.obligation_count < COUNT_OF(a.obligations))
                a.obligations[a.obligation_count++] = json_str(item, "kind");
        }
        break;
    }
    return a;
}

struct answer ask_command(const char *azekura, const struct table *table,
                          const struct table_row *row) {
    char *words[160];
    size_t count = 0;
    const char *fixed[] = {azekura, "explain", word_of(row->ask), "--what-if", "--format",
                           "json",  "--at",    word_of(row->at)};
    for (size_t i = 0; i < COUNT_OF(fixed); i++) words[count++] = (char *)(uintptr_t)fixed[i];
    for (size_t i = 0; i < table->file_count; i++) {
        words[count++] = word_of(STR("--rulebook"));
        words[count++] = (char *)(uintptr_t)table->files[i];
    }
    for (size_t i = 0; i < table->register_count && row->subject.len > 0; i++) {
        words[count++] = word_of(STR("--register"));
        words[count++] = (char *)(uintptr_t)table->registers[i];
    }
    if (row->subject.len > 0) {
        words[count++] = word_of(STR("--subject"));
        words[count++] = word_of(row->subject);
    }
    for (size_t i = 0; row->facts != NULL && i < row->facts->count; i++) {
        assert_true(count + 3 < COUNT_OF(words));
        words[count++] = word_of(STR("--fact"));
        words[count++] = fact_word(row->facts->keys[i]->text, row->facts->items[i]);
    }
    words[count] = NULL;
    json_t *said = run(words, row->place);
    struct answer a = answer_of_json(said, row);
    json_decref(said);
    return a;
}
