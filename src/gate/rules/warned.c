/* What is said of the rules when they are put in force: what they ask for in vain, and which of them no
 * value can meet at once. `azekura rulebook check` says it of files; this says it of what is adopted
 * here. Source: RULEBOOK 5. */
#include "base/log.h"
#include "gate/rules/rules.h"

enum { TOLD_MOST = 100 }; /* in the log, of each kind: the rest is counted */

static bool is_adopted(const struct rulebook_set_input *input, const struct rulebook *book) {
    for (size_t i = 0; i < input->adoption_count; i++) {
        str name = input->adoptions[i].rulebook;
        if (str_equal(name, book->name) || (book->line.len > 0 && str_equal(name, book->line)))
            return true;
    }
    return false;
}

/* What was said of the rulebooks when they were read; which lists are missing is told by name. */
static size_t said_of(const struct rulebook *const *books, size_t count, str *out) {
    size_t said = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < books[i]->warning_count; k++) {
            if (books[i]->warnings[k].of_list) continue;
            if (out != NULL) out[said] = books[i]->warnings[k].text;
            said++;
        }
    return said;
}

/* What the adopted rulebooks say in vain, what of them nobody can say, and what the set says of itself. */
static enum error_code warnings_list(struct gate_rules *rules,
                                     const struct rulebook_set_input *input, struct error *e) {
    size_t book_count, adopted = 0, asked_count, list_count, set_count;
    const struct rulebook *const *books = rulebook_set_rulebooks(rules->set, &book_count);
    const struct rulebook **chosen = arena_new(&rules->arena, const struct rulebook *, book_count);
    const str *asked, *lists;
    if (chosen == NULL) return error_set(e, FAIL_MEMORY, "no room for warnings");
    for (size_t i = 0; i < book_count; i++)
        if (is_adopted(input, books[i])) chosen[adopted++] = books[i];
    TRY(facts_vocabulary_check(chosen, adopted, &rules->arena, &asked, &asked_count, e));
    TRY(facts_missing_lists(rules->snapshot, chosen, adopted, clock_wall_ns(), &rules->arena,
                            &lists, &list_count, e));
    const struct rulebook_warning *of_set = rulebook_set_warnings(rules->set, &set_count);
    size_t said_count = said_of(chosen, adopted, NULL);
    str *list = arena_new(&rules->arena, str, set_count + said_count + asked_count + list_count);
    if (list == NULL) return error_set(e, FAIL_MEMORY, "no room for warnings");
    rules->warning_count = said_of(chosen, adopted, list);
    for (size_t i = 0; i < set_count; i++) list[rules->warning_count++] = of_set[i].text;
    for (size_t i = 0; i < list_count; i++) list[rules->warning_count++] = lists[i];
    for (size_t i = 0; i < asked_count; i++) list[rules->warning_count++] = asked[i];
    rules->warnings = list;
    return OK;
}

static enum error_code conflicts_list(struct gate_rules *rules, struct error *e) {
    size_t count;
    const struct rulebook_conflict *of_set = rulebook_set_conflicts(rules->set, &count);
    str *list = arena_new(&rules->arena, str, count);
    if (list == NULL) return error_set(e, FAIL_MEMORY, "no room for conflicts");
    for (size_t i = 0; i < count; i++) list[i] = of_set[i].text;
    rules->conflicts = list;
    rules->conflict_count = count;
    return OK;
}

enum error_code gate_rules_warn(struct gate_rules *rules, const struct rulebook_set_input *input,
                                struct error *e) {
    TRY(warnings_list(rules, input, e));
    return conflicts_list(rules, e);
}

static bool was_told(str text, const str *before, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (str_equal(before[i], text)) return true;
    return false;
}

static void list_tell(const char *event, const str *texts, size_t count, const str *before,
                      size_t before_count) {
    size_t told = 0, more = 0;
    for (size_t i = 0; i < count; i++) {
        if (was_told(texts[i], before, before_count)) continue;
        if (told++ < TOLD_MOST)
            log_event(LOG_WARNING, event, LOG_STR("text", texts[i]));
        else
            more++;
    }
    if (more > 0) log_event(LOG_WARNING, event, LOG_INT("more", more));
}

void gate_rules_tell(const struct gate_rules *rules, const struct gate_rules *before) {
    list_tell("rulebook-conflict", rules->conflicts, rules->conflict_count,
              before != NULL ? before->conflicts : NULL,
              before != NULL ? before->conflict_count : 0);
    list_tell("rulebook-warning", rules->warnings, rules->warning_count,
              before != NULL ? before->warnings : NULL, before != NULL ? before->warning_count : 0);
}
