/* What the two readers share: nodes, chains of children, the order of a map's keys. */
#ifndef AZEKURA_DOC_BUILD_H
#define AZEKURA_DOC_BUILD_H

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "doc/doc.h"

struct doc_build {
    const str *file; /* in the arena */
    struct arena *arena, *scratch;
    size_t node_count;
};

/* Checks size, NUL and UTF-8, cuts a byte order mark off *bytes, and keeps the file's name. */
enum error_code doc_build_begin(struct doc_build *b, str file, str *bytes, struct arena *arena,
                                struct arena *scratch, struct error *e) MUST_USE;

/* A zeroed node with its place; FAIL_LIMIT over LIMIT_DOC_NODES. */
enum error_code doc_node_new(struct doc_build *b, size_t line, size_t column, struct doc_node **out,
                             struct error *e) MUST_USE;

/* Children whose number is not known yet; links lie in scratch. */
struct doc_link {
    struct doc_link *next;
    const struct doc_node *node;
};
struct doc_chain {
    struct doc_link *first, *last;
    size_t count;
};
enum error_code doc_chain_add(struct doc_build *b, struct doc_chain *chain,
                              const struct doc_node *node, struct error *e) MUST_USE;
enum error_code doc_chain_array(struct doc_build *b, const struct doc_chain *chain,
                                const struct doc_node *const **out, struct error *e) MUST_USE;

/* Fills `sorted` from the keys; FAIL_SYNTAX at the second of two keys alike. */
enum error_code doc_map_sort(struct doc_build *b, struct doc_node *map, struct error *e) MUST_USE;

#endif
