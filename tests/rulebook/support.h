/* What the tests of rulebooks share: memory, facts as people write them, questions. */
#ifndef AZEKURA_TESTS_RULEBOOK_SUPPORT_H
#define AZEKURA_TESTS_RULEBOOK_SUPPORT_H

#include "tests/test.h"

#include "base/clock.h"
#include "rulebook/rulebook.h"

enum { SUPPORT_BYTES = 64 << 20 };

/* Fresh memory for a row; valid until the next call. */
static struct arena support_arena, support_scratch;
static void support_begin(void) {
    static unsigned char *memory;
    if (memory == NULL) memory = malloc(2 * (size_t)SUPPORT_BYTES);
    assert_non_null(memory);
    support_arena = arena_over(memory, SUPPORT_BYTES);
    support_scratch = arena_over(memory + SUPPORT_BYTES, SUPPORT_BYTES);
}

/* The file's bytes, valid until the next call; empty: it is not there. */
static inline str support_file(const char *path) {
    static char bytes[1 << 20];
    FILE *f = fopen(path, "rb");
    if (f == NULL) return STR_EMPTY;
    size_t len = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    assert_true(len < sizeof bytes);
    return str_of(bytes, len);
}

static inline int64_t support_time(const char *iso) {
    int64_t ns = 0;
    if (!clock_iso_read(str_from_c(iso), &ns)) fail_msg("no time: %s", iso);
    return ns;
}

/* Facts from YAML text, `{place.country: JP}`. */
static inline struct rulebook_facts support_facts(const char *name, const char *yaml) {
    struct error e = {0};
    struct doc doc;
    struct rulebook_facts facts = {0};
    if (yaml == NULL || yaml[0] == 0) return facts;
    if (doc_read_yaml(STR("facts"), str_from_c(yaml), &support_arena, support_scratch, &doc, &e) !=
            OK ||
        rulebook_facts_of(doc.documents[0], &support_arena, support_scratch, &facts, &e) != OK)
        fail_msg("row \"%s\": %s", name, e.message);
    return facts;
}

static inline struct rulebook_read support_rulebooks(const char *name, str yaml) {
    struct error e = {0};
    struct rulebook_read read;
    if (rulebook_read(str_from_c(name), yaml, &support_arena, support_scratch, &read, &e) != OK)
        fail_msg("row \"%s\": %s", name, e.message);
    return read;
}

/* A set in which every rulebook binds everyone. */
static inline const struct rulebook_set *support_what_if(const struct rulebook_read *read) {
    struct rulebook_set_input input = {
        .rulebooks = read->rulebooks, .rulebook_count = read->count, .what_if = true};
    const struct rulebook_set *set = NULL;
    struct error e = {0};
    assert_ok(rulebook_set_compile(&input, &support_arena, support_scratch, &set, &e), &e);
    return set;
}

/* Decides slowly and by a table of everything below `request`; both must say the same. */
static inline struct rulebook_decision support_decide(const struct rulebook_set *set,
                                                      const struct rulebook_subject *subject,
                                                      const struct rulebook_facts *facts,
                                                      int64_t at_ns) {
    struct error e = {0};
    struct rulebook_decision slow, fast;
    const struct rulebook_table *table;
    assert_ok(rulebook_evaluate_slow(set, subject, facts, at_ns, &support_arena, support_scratch,
                                     &slow, &e),
              &e);
    struct rulebook_facts none = {0};
    assert_ok(rulebook_table_build(set, subject, facts, NULL, 0, at_ns, &support_arena,
                                   support_scratch, &table, &e),
              &e);
    assert_ok(rulebook_decide(table, &none, at_ns, &support_arena, support_scratch, &fast, &e), &e);
    str a, b;
    struct arena scratch = support_scratch;
    assert_ok(rulebook_decision_canonical(&slow, NULL, 0, &support_arena, scratch, &a, &e), &e);
    assert_ok(rulebook_decision_canonical(&fast, NULL, 0, &support_arena, scratch, &b, &e), &e);
    assert_true(str_equal(a, b));
    return slow;
}

static inline const struct rulebook_spoke *support_spoke(const struct rulebook_decision *d,
                                                         const char *id) {
    for (size_t i = 0; i < d->fixed_count + d->spoke_count; i++)
        if (str_equal(rulebook_decision_spoke(d, i)->clause->id, str_from_c(id)))
            return rulebook_decision_spoke(d, i);
    return NULL;
}

#endif
