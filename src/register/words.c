/* The words of register-data/words.yaml: what people call the ids of fields, classes and kinds. */
#include "register/register.h"

struct register_words {
    struct register_prefilled list;
};

enum error_code register_words_read(struct arena *arena, struct arena scratch,
                                    const struct register_words **out, struct error *e) {
    struct register_words *words = arena_new(arena, struct register_words, 1);
    if (words == NULL) return error_set(e, FAIL_MEMORY, "no room for words");
    TRY(register_prefilled_read(STR("words"), arena, scratch, &words->list, e));
    *out = words;
    return OK;
}

struct register_word register_words_find(const struct register_words *words, const char *facet,
                                         str id) {
    const struct register_prefilled *list = &words->list;
    str about = str_from_c(facet);
    for (size_t i = 0; i < list->row_count; i++) {
        str row = register_prefilled_cell(list, i, STR("id")), left;
        if (str_cut(&row, '.', &left) && str_equal(left, about) && str_equal(row, id))
            return (struct register_word){register_prefilled_cell(list, i, STR("en")),
                                          register_prefilled_cell(list, i, STR("ja"))};
    }
    return (struct register_word){id, id};
}
