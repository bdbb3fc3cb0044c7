/* Any bytes as a value, a map of facts, and a condition over them. */
#include <assert.h>
#include <stdlib.h>

#include "rulebook/read/condition.h"

enum { MEMORY_BYTES = 16 << 20 };
static unsigned char *memory;

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    if (memory == NULL) memory = malloc(2 * (size_t)MEMORY_BYTES);
    if (memory == NULL) return 0;
    struct arena arena = arena_over(memory, MEMORY_BYTES);
    struct arena scratch = arena_over(memory + MEMORY_BYTES, MEMORY_BYTES);
    struct error e = {0};
    /* a condition, a NUL, and the value or facts it is asked about */
    str text = str_of(bytes, count), condition_text;
    if (!str_cut(&text, 0, &condition_text) || !str_is_utf8(text) || !str_is_utf8(condition_text))
        return 0;
    enum rulebook_by by;
    if (rulebook_by_find(text, &by)) assert(str_equal(text, str_from_c(rulebook_by_name(by))));
    struct rulebook_subject subject;
    if (rulebook_subject_of_word(text, &subject)) assert(subject.about != 0);
    struct rulebook_value value;
    struct rulebook_facts facts = {0};
    if (rulebook_value_read(STR("f"), text, &arena, scratch, &value, &e) == OK) {
        static char shown[1 << 16];
        struct text out = text_into(shown, sizeof shown);
        rulebook_value_text(&value, &out);
        rulebook_value_json(&value, &out);
        str bytes_of;
        error_ignore(rulebook_value_canonical(&value, &arena, &bytes_of, &e)); /* may be large */
        (void)value_compare(VALUE_IS, &value, &value);
    }
    struct doc doc;
    if (doc_read_yaml(STR("f"), text, &arena, scratch, &doc, &e) == OK && doc.count == 1)
        error_ignore(rulebook_facts_of(doc.documents[0], &arena, scratch, &facts, &e));
    struct scope scope = {.rulebook = STR("r"), .clause = STR("c"), .arena = &arena};
    str name = STR("f");
    struct doc_node node = {.line = 1, .column = 1, .file = &name, .text = condition_text};
    const struct condition *condition;
    if (condition_read_text(&scope, &node, &condition, &e) != OK) return 0;
    const str accepted = STR("entity.holders");
    struct evaluation ev = {.facts = &facts, .now_ns = 1795219200000000000};
    enum rulebook_truth truth = condition_evaluate(condition, &ev);
    assert(truth <= RULEBOOK_TRUE);
    ev.accepts = &accepted; /* what is lawfully withheld makes nothing worse */
    ev.accept_count = 1;
    enum rulebook_truth lenient = condition_evaluate(condition, &ev);
    assert(truth == RULEBOOK_UNKNOWN_TRUTH || lenient == truth);
    return 0;
}
