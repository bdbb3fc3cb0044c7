/* Lists that come along with the program. */
#ifndef AZEKURA_REGISTER_FRONT_LISTS_H
#define AZEKURA_REGISTER_FRONT_LISTS_H

#include "base/base.h"

/* A table of facts shipped with the program (register-data/): capitals, grids, regions. Texts and
 * arrays lie in the arena it was read into. */
struct register_prefilled_column {
    str name, title_en, title_ja;
    str source; /* which of the sources; empty: the list's own names */
    str since;  /* the day that edition came out; empty: not said */
};
struct register_prefilled_source {
    str name, text;
};
struct register_prefilled {
    str name, title_en, title_ja, as_of, licence;
    const struct register_prefilled_source *sources;
    size_t source_count;
    const struct register_prefilled_column *columns;
    size_t column_count;
    const str *cells; /* row by row; empty: the source does not say */
    size_t row_count;
};
/* The names of the lists in order; NULL: no further one. */
const char *register_prefilled_name(size_t index);
/*   FAIL_NOT_FOUND  there is no such list     FAIL_MEMORY: some 300 KiB */
enum error_code register_prefilled_read(str name, struct arena *arena, struct arena scratch,
                                        struct register_prefilled *out, struct error *e) MUST_USE;
/* The cell of a row under the column of that name; empty: there is no such column. */
str register_prefilled_cell(const struct register_prefilled *list, size_t row, str column);

/* What people call an id that registers and rulebooks share, of list `words`. */
struct register_word {
    str en, ja;
};
struct register_words;
/* FAIL_MEMORY: some 64 KiB. Lies in the arena. */
enum error_code register_words_read(struct arena *arena, struct arena scratch,
                                    const struct register_words **out, struct error *e) MUST_USE;
/* `facet`: "sector", "class" or "kind". The id itself in both languages where nobody has a word. */
struct register_word register_words_find(const struct register_words *words, const char *facet,
                                         str id);

#endif
