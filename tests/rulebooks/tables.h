/* Tables of questions to the shipped rulebooks, and the two ways to ask them. */
#ifndef AZEKURA_TESTS_RULEBOOKS_TABLES_H
#define AZEKURA_TESTS_RULEBOOKS_TABLES_H

#include "tests/test.h"

#include "base/text.h"
#include "rulebook/rulebook.h"

#define TABLES_ROOT    AZEKURA_SOURCE_ROOT "/tests/rulebooks/"
#define RULEBOOKS_ROOT AZEKURA_SOURCE_ROOT "/rulebooks/"

struct duty_wanted {
    str stage, within;
};

/* One question and its answer. What a row does not say is empty. */
struct table_row {
    char place[112]; /* "tests/rulebooks/x.yaml:12", for people */
    str rulebook, clause, name, ask, at, subject;
    const struct doc_node *facts; /* a map, or NULL */
    str verdict, effect, applies, strength;
    const struct duty_wanted *duties;
    size_t duty_count;
    const str *obligations;
    size_t obligation_count;
};

struct table {
    char name[96];          /* "jp-espa.yaml" */
    char files[8][200];     /* rulebook files, full paths */
    char registers[4][200]; /* register files, full paths */
    size_t file_count, register_count;
    const struct table_row *rows;
    size_t row_count;
};

/* Memory that lives as long as the program, and memory of one question. */
extern struct arena table_arena, question_arena, question_scratch;

/* All tables beside the source of this test, by name. Fails the test when one cannot be read. */
size_t tables_read(const struct table **out);
str file_bytes(const char *path, struct arena *arena);

/* What a clause said. `verdict` "silent": it did not speak. */
struct answer {
    str verdict, effect, applies, strength;
    struct duty_wanted duties[8];
    size_t duty_count;
    str obligations[16];
    size_t obligation_count;
};

/* In the process, over rulebooks read before: slowly and by a table, which must agree. */
struct answer ask_here(const struct rulebook_set *set, const struct table_row *row);
/* Through the program at `azekura`. */
struct answer ask_command(const char *azekura, const struct table *table,
                          const struct table_row *row);

/* A set in which every rulebook of the texts binds everyone. */
const struct rulebook_set *set_of(const struct table *table, const str *texts, struct arena *arena,
                                  struct rulebook_read *all);

/* NULL, or what is not as the row says; valid until the next call. */
const char *row_differs(const struct table_row *row, const struct answer *answer);

#endif
