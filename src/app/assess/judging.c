/* Register and rulebooks, opened together. */
#include "app/assess/judging.h"

#include "app/reach/stored.h"

#include <stdio.h>
#include <string.h>

static enum error_code words_read(struct judging *j, struct error *e) {
    j->at_ns = clock_wall_ns();
    if (j->as_of != NULL && !clock_iso_read(str_from_c(j->as_of), &j->at_ns))
        return error_set(e, FAIL_USAGE,
                         "--as-of takes a day or time such as 2024-05-17, not \"%s\"", j->as_of);
    bool is_japanese = j->lang != NULL && strcmp(j->lang, "ja") == 0;
    if (j->lang != NULL && !is_japanese && strcmp(j->lang, "en") != 0)
        return error_set(e, FAIL_USAGE, "--lang takes en or ja, not \"%s\"", j->lang);
    j->language = is_japanese ? RULEBOOK_JAPANESE : RULEBOOK_ENGLISH;
    if (j->registers.count == 0 && j->data == NULL)
        return error_set(e, FAIL_USAGE, "--register is missing: what is to be judged?");
    return OK;
}

static struct stored stored_of(const struct judging *j) {
    return (struct stored){.data = j->data,
                           .credentials = j->credentials,
                           .held_ns = j->held_ns != 0 ? j->held_ns : INT64_MAX,
                           .at_ns = j->at_ns};
}

/* Nothing is judged while anything of it could not be read: verdicts on the rest would be on something else
 * than what stands in the files. But all mistakes are said at once. */
static enum error_code mistakes_tell(const struct register_report *report, struct error *e) {
    for (size_t i = 0; i < report->problem_count; i++)
        if (!report->problems[i].is_warning)
            fprintf(stderr, "%.*s\n", STR_FMT(report->problems[i].text));
    return error_set(e, FAIL_SYNTAX,
                     "%zu mistakes, and nothing was judged: verdicts on the rest would not be on "
                     "what the files are about",
                     report->error_count);
}

static enum error_code register_open(struct judging *j, const struct register_offer *offer,
                                     bool walks, struct error *e) {
    str paths[OPTION_LIST_MAX];
    size_t count = 0;
    const struct stored stored = stored_of(j);
    if (j->registers.count == 0 && offer != NULL)
        return error_set(e, FAIL_USAGE, "what is offered is judged by --register PATH");
    if (j->registers.count == 0) return stored_register(&stored, &j->arena, &j->snapshot, e);
    while (count < j->registers.count) {
        paths[count] = str_from_c(j->registers.at[count]);
        count++;
    }
    assert(walks || offer == NULL);
    struct register_report report;
    enum error_code code =
        walks ? register_load_parts(paths, count, offer, &j->snapshot, &j->parts, &report, e)
              : register_load(paths, count, &j->snapshot, &report, e);
    if (code == FAIL_SYNTAX && report.error_count > 1) code = mistakes_tell(&report, e);
    register_report_release(&report);
    return code;
}

enum error_code judging_mistakes(const struct judging *j, enum error_code code, struct error *e) {
    struct register_report report;
    if (code != FAIL_SYNTAX || j->parts == NULL) return code;
    enum error_code found = register_parts_check(j->parts, &report, e);
    if (found == FAIL_SYNTAX && report.error_count > 1) found = mistakes_tell(&report, e);
    register_report_release(&report);
    return found;
}

/* Those of the register, then those that a store has. */
static enum error_code exceptions_join(struct judging *j, struct error *e) {
    size_t count = j->binding.exception_count;
    struct rulebook_exception *all =
        arena_new(&j->arena, struct rulebook_exception, count + j->approved_count);
    if (all == NULL) return error_set(e, FAIL_MEMORY, "no room for exceptions");
    for (size_t i = 0; i < count; i++) all[i] = j->binding.exceptions[i];
    for (size_t i = 0; i < j->approved_count; i++) all[count + i] = j->approved[i];
    j->binding.exceptions = all;
    j->binding.exception_count = count + j->approved_count;
    return OK;
}

static enum error_code set_open(struct judging *j, struct error *e) {
    static char shipped[4096];
    struct rulebook_set_input input = {.what_if = j->what_if, .missing_allowed = true};
    const struct stored stored = stored_of(j);
    bool from_store = j->rulebooks.count == 0 && j->registers.count == 0;
    if (j->rulebooks.count == 0 && !from_store) {
        TRY(rulebooks_shipped(shipped, sizeof shipped, e));
        j->rulebooks.at[j->rulebooks.count++] = shipped;
    }
    TRY(from_store ? stored_rulebooks(&stored, &j->arena, j->scratch, &input, e)
                   : rulebooks_load(&j->rulebooks, &j->arena, j->scratch, &input, e));
    TRY(facts_binding_of(j->snapshot, &j->arena, j->scratch, &j->binding, e));
    if (j->approved_count > 0) TRY(exceptions_join(j, e));
    if (!j->what_if) {
        input.adoptions = j->binding.adoptions;
        input.adoption_count = j->binding.adoption_count;
        input.exceptions = j->binding.exceptions;
        input.exception_count = j->binding.exception_count;
    }
    return rulebook_set_compile(&input, &j->arena, j->scratch, &j->set, e);
}

enum error_code judging_open(struct judging *j, const struct register_offer *offer, bool walks,
                             struct error *e) {
    const size_t bytes = (size_t)3 << 30; /* address space: pages cost once touched */
    TRY(words_read(j, e));
    TRY(arena_space_open(&j->space, bytes, &j->arena, e));
    TRY(arena_space_open(&j->scratch_space, bytes, &j->scratch, e));
    TRY(register_open(j, offer, walks, e));
    return set_open(j, e);
}

void judging_close(struct judging *j) {
    register_parts_release(j->parts);
    register_release(j->snapshot);
    arena_space_release(&j->scratch_space);
    arena_space_release(&j->space);
}

struct assess_options judging_options(const struct judging *j) {
    return (struct assess_options){.snapshot = j->snapshot,
                                   .parts = j->parts,
                                   .set = j->set,
                                   .adoptions = j->binding.adoptions,
                                   .adoption_count = j->binding.adoption_count,
                                   .exceptions = j->binding.exceptions,
                                   .exception_count = j->binding.exception_count,
                                   .what_if = j->what_if,
                                   .at_ns = j->at_ns,
                                   .language = j->language};
}

enum error_code judging_writer(const char *format, assess_writer **out, struct error *e) {
    static const struct {
        const char *name;
        assess_writer *write;
    } writers[] = {{"text", assess_write_text},
                   {"json", assess_write_json},
                   {"csv", assess_write_csv},
                   {"html", assess_write_html},
                   {"oscal", assess_write_oscal}};
    for (size_t i = 0; i < COUNT_OF(writers); i++)
        if (strcmp(writers[i].name, format) == 0) {
            *out = writers[i].write;
            return OK;
        }
    return error_set(e, FAIL_USAGE, "--format takes text, json, csv, html or oscal, not \"%s\"",
                     format);
}
