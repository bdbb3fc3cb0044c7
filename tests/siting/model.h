/* Models and sites of tests, from text. */
#ifndef AZEKURA_TESTS_SITING_MODEL_H
#define AZEKURA_TESTS_SITING_MODEL_H

#include "siting/siting.h"
#include "tests/test.h"

static char model_memory[1 << 25], model_scratch[1 << 23];

static inline enum error_code model_try(const char *yaml, struct arena *arena,
                                        struct siting_model *model, struct error *e) {
    struct doc doc;
    *model = (struct siting_model){0};
    TRY(doc_read_yaml(STR("events.yaml"), str_from_c(yaml), arena,
                      arena_over(model_scratch, sizeof model_scratch), &doc, e));
    for (size_t i = 0; i < doc.count; i++)
        TRY(siting_model_read(doc.documents[i], arena, model, e));
    return siting_model_check(model, e);
}
static inline struct siting_model model_of(const char *yaml, struct arena *arena) {
    struct siting_model model;
    struct error e;
    assert_ok(model_try(yaml, arena, &model, &e), &e);
    return model;
}

#endif
