/* Any bytes as a rulebook file: they read or they do not; what reads can be shown, compiled and
 * asked, and the table agrees with the slow evaluator. */
#include <assert.h>
#include <stdlib.h>

#include "rulebook/rulebook.h"

enum { MEMORY_BYTES = 32 << 20, TEXT_BYTES = 1 << 20 };
static unsigned char *memory;

static void ask(const struct rulebook_set *set, struct arena *arena, struct arena scratch) {
    static const str request[] = {{"reader", 6}, {"act.purpose", 11}};
    struct rulebook_fact facts[] = {{STR("dataset.class"), rulebook_text(STR("critical"))},
                                    {STR("place.country"), rulebook_text(STR("JP"))}};
    struct rulebook_fact reader[] = {{STR("reader.country"), rulebook_text(STR("US"))}};
    struct rulebook_facts below = {facts, COUNT_OF(facts), NULL};
    struct rulebook_facts top = {reader, COUNT_OF(reader), &below};
    struct rulebook_subject subject = {.about = 0xffff, .act = STR("put")};
    const struct rulebook_table *table;
    struct rulebook_decision slow, fast;
    struct error e;
    int64_t now_ns = 1795219200000000000;
    if (rulebook_evaluate_slow(set, &subject, &top, now_ns, arena, scratch, &slow, &e) != OK ||
        rulebook_table_build(set, &subject, &below, request, COUNT_OF(request), now_ns, arena,
                             scratch, &table, &e) != OK ||
        rulebook_decide(table, &top, now_ns, arena, scratch, &fast, &e) != OK)
        return;
    assert(slow.effect == fast.effect);
    assert(slow.fixed_count == fast.fixed_count + fast.spoke_count);
    struct arena half = arena_over(scratch.next, arena_left(&scratch) / 2), rest = scratch;
    rest.next = half.end;
    str a, b;
    if (rulebook_decision_canonical(&slow, NULL, 0, arena, half, &a, &e) == OK &&
        rulebook_decision_canonical(&fast, NULL, 0, arena, half, &b, &e) == OK)
        assert(str_equal(a, b));
    static char text[TEXT_BYTES];
    struct text out = text_into(text, sizeof text);
    struct rulebook_explain options = {RULEBOOK_JAPANESE, true, true};
    error_ignore(rulebook_explain_text(&fast, &options, half, &out, &e)); /* may be too long */
    out = text_into(text, sizeof text);
    error_ignore(rulebook_explain_json(&slow, &options, half, &out, &e));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    if (memory == NULL) memory = malloc(2 * (size_t)MEMORY_BYTES);
    if (memory == NULL) return 0;
    struct arena arena = arena_over(memory, MEMORY_BYTES);
    struct arena scratch = arena_over(memory + MEMORY_BYTES, MEMORY_BYTES);
    struct rulebook_read read;
    struct error e = {0};
    if (rulebook_read(STR("f"), str_of(bytes, count), &arena, scratch, &read, &e) != OK) {
        assert(e.message[0] != 0);
        return 0;
    }
    static char text[TEXT_BYTES];
    struct text out = text_into(text, sizeof text);
    for (size_t i = 0; i < read.count; i++)
        rulebook_text_of(read.rulebooks[i], i % 2 ? RULEBOOK_ENGLISH : RULEBOOK_JAPANESE, &out);
    struct rulebook_set_input input = {
        .rulebooks = read.rulebooks, .rulebook_count = read.count, .what_if = true};
    const struct rulebook_set *set;
    if (rulebook_set_compile(&input, &arena, scratch, &set, &e) == OK) ask(set, &arena, scratch);
    return 0;
}
