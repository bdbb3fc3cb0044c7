/* JSON as items: the large structure goes by, each item is read as a tree and forgotten before the next.
 * So a damaged file gives what stands before, and memory is that of one item. */
#ifndef AZEKURA_INVENTORY_ITEMS_H
#define AZEKURA_INVENTORY_ITEMS_H

#include "inventory/reading.h"

enum {
    ITEMS_DEPTH = 8
}; /* objects and arrays that are walked into; within an item doc's own limit */

struct items {
    struct reading *reading;
    str bytes;
    size_t at;
    unsigned depth;
    bool is_first[ITEMS_DEPTH + 1]; /* nothing of that object or array has been met */
    const char *expected;           /* set once it is no JSON: nothing more is found */
};

void items_begin(struct items *items, struct reading *r);
char items_next(struct items *items); /* the first character of what comes; 0: the end */
/* Walks into the object '{' or array '[' that comes; false: it is something else. */
bool items_enter(struct items *items, char open);
/* The next member of the innermost object: its key (escapes as they are), and its value comes. False:
 * there are no more, and the object is left. */
bool items_key(struct items *items, str *key);
/* The next element of the innermost array comes; false: there are no more, and the array is left. */
bool items_element(struct items *items);
/* Passes over a whole value; *value is its text. False: it has no end. */
bool items_skip(struct items *items, str *value);
/* A text without escapes; empty if the value that comes is something else. It is passed over. */
str items_text(struct items *items);
/* Tells the damage, if there was one, as a problem. To be called at the end. */
void items_end(struct items *items);

/* An item's tree in `arena`; NULL if it is none, which is told as a problem. `line`: where it begins. */
const struct doc_node *items_tree(struct items *items, str value, uint64_t line,
                                  struct arena *arena);
/* making_begin at what comes. */
void items_making(struct items *items, struct making *m);

/* ---- files that are read whole ---- */

/* YAML, of which a fault is told and what stands before it read; `is_json`: JSON, which is YAML where it is damaged. The
 * trees lie in the reading's scratch. `advice`: what to give instead of what is too large. */
enum error_code whole_read(struct reading *r, bool is_json, const char *advice,
                           struct doc *doc) MUST_USE;
void whole_unended(struct reading *r); /* tells of a last line without an end */
/* Where a node begins in the file; nodes are asked in the file's order. */
size_t tree_offset(struct reading *r, const struct doc_node *node);

/* ---- trees ---- */

/* The text of a scalar that is not null; empty if the key is absent. */
str tree_text(const struct doc_node *map, const char *key);
const struct doc_node *tree_map(const struct doc_node *map, const char *key);  /* or NULL */
const struct doc_node *tree_list(const struct doc_node *map, const char *key); /* or NULL */
bool tree_is_null(const struct doc_node *node);

/* What a known key says: a value, or each of a list. */
void tree_word(struct making *m, const struct word *word, const struct doc_node *value,
               bool is_guess);
/* All that known keys of an object say. `is_guess`: a value that is no host is passed over instead of
 * told. */
void tree_words(struct making *m, const struct doc_node *map, bool is_guess);
/* The addresses that objects within it hold under known keys. */
void tree_addresses(struct making *m, const struct doc_node *map);

#endif
