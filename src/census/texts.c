/* Texts that come again with every server, kept once: names of operators, classes, sources. */
#include "census/inner.h"

enum { TEXTS_FIRST = 1024 };

static enum error_code table_open(size_t cap, struct intern *out, struct error *e) {
    struct arena arena;
    TRY(arena_space_open(&out->space, cap * sizeof *out->at + 64, &arena, e));
    out->at = arena_new(&arena, str, cap);
    assert(out->at != NULL); /* the space was made for it */
    out->cap = cap;
    out->count = 0;
    return OK;
}

enum error_code intern_open(struct intern *intern, struct error *e) {
    *intern = (struct intern){0};
    return table_open(TEXTS_FIRST, intern, e);
}

void intern_close(struct intern *intern) {
    arena_space_release(&intern->space);
}

/* Where the text is, or the empty place where it belongs. */
static str *place(const struct intern *intern, str text) {
    size_t at = (size_t)str_hash(text, 0) & (intern->cap - 1);
    while (intern->at[at].at != NULL && !str_equal(intern->at[at], text))
        at = (at + 1) & (intern->cap - 1);
    return &intern->at[at];
}

static enum error_code grow(struct intern *intern, struct error *e) {
    struct intern larger = {0};
    TRY(table_open(2 * intern->cap, &larger, e));
    for (size_t i = 0; i < intern->cap; i++)
        if (intern->at[i].at != NULL) *place(&larger, intern->at[i]) = intern->at[i];
    larger.count = intern->count;
    intern_close(intern);
    *intern = larger;
    return OK;
}

enum error_code intern_take(struct intern *intern, str text, struct arena *arena, str *out,
                            struct error *e) {
    *out = STR_EMPTY;
    if (text.len == 0) return OK;
    if (2 * intern->count >= intern->cap) TRY(grow(intern, e));
    str *at = place(intern, text);
    if (at->at == NULL) {
        TRY(arena_copy(arena, text, at, e));
        intern->count++;
    }
    *out = *at;
    return OK;
}
