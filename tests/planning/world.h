/* Worlds of tests, from texts. */
#ifndef AZEKURA_TESTS_PLANNING_WORLD_H
#define AZEKURA_TESTS_PLANNING_WORLD_H

#include "planning/planning.h"
#include "tests/test.h"

static char world_memory[1 << 26], world_scratch[1 << 24];

struct test_world {
    struct arena arena;
    struct register_snapshot *snapshot;
    struct siting_model model;
    struct planning_world world;
};

static inline void test_model_add(struct test_world *w, str name, str yaml) {
    struct doc doc;
    struct error e;
    assert_ok(doc_read_yaml(name, yaml, &w->arena, arena_over(world_scratch, sizeof world_scratch),
                            &doc, &e),
              &e);
    for (size_t i = 0; i < doc.count; i++)
        assert_ok(siting_model_read(doc.documents[i], &w->arena, &w->model, &e), &e);
}
static inline void test_world_begin(struct test_world *w) {
    *w = (struct test_world){.arena = arena_over(world_memory, sizeof world_memory)};
}
static inline void test_world_make(struct test_world *w, const char *rows) {
    const struct register_text text = {STR("rows.yaml"), str_from_c(rows)};
    struct planning_options options = {.model = &w->model, .language = STR("en")};
    struct error e;
    assert_true(clock_iso_read(STR("2026-11-22"), &options.at_ns));
    assert_ok(siting_model_check(&w->model, &e), &e);
    assert_ok(register_load_texts(&text, 1, &w->snapshot, NULL, &e), &e);
    options.snapshot = w->snapshot;
    assert_ok(planning_world_make(&options, &w->arena,
                                  arena_over(world_scratch, sizeof world_scratch), &w->world, &e),
              &e);
}
static inline const struct planning_struck *test_struck(const struct planning_struck *list,
                                                        size_t count, const char *id) {
    for (size_t i = 0; i < count; i++)
        if (str_equal(list[i].row->id, str_from_c(id))) return &list[i];
    fail_msg("there is no %s", id);
    return NULL;
}

#endif
