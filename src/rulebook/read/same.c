/* What differs between two clauses or two rulebooks, by the keys of their files: prose leaves out
 * what people rarely ask for, and says nothing of the order in which it stands. */
#include "rulebook/read/file.h"

static digest digest_under(const struct doc_node *map, str key) {
    struct sha256 h;
    sha256_begin(&h);
    const struct doc_node *at = doc_map_find(map, key);
    if (at != NULL) doc_canonical(at, &h);
    return sha256_end(&h);
}

static size_t keys_differ(const struct doc_node *a, const struct doc_node *b, const str *keys,
                          size_t key_count, str *out) {
    size_t count = 0;
    for (size_t i = 0; i < key_count; i++) {
        digest one = digest_under(a, keys[i]), other = digest_under(b, keys[i]);
        if (!digest_equal(&one, &other)) out[count++] = keys[i];
    }
    return count;
}

size_t rulebook_clause_differs(const struct rulebook_clause *a, const struct rulebook_clause *b,
                               str out[RULEBOOK_KEYS_MOST]) {
    static const str keys[] = {{"about", 5},     {"title", 5},    {"source", 6},  {"strength", 8},
                               {"applies", 7},   {"when", 4},     {"require", 7}, {"unless", 6},
                               {"lifts", 5},     {"accepts", 7},  {"reads", 5},   {"params", 6},
                               {"compelled", 9}, {"in_force", 8}, {"oblige", 6},  {"duty", 4},
                               {"evidence", 8},  {"note", 4}};
    _Static_assert(COUNT_OF(keys) <= RULEBOOK_KEYS_MOST, "room for each");
    return keys_differ(a->rule->node, b->rule->node, keys, COUNT_OF(keys), out);
}

size_t rulebook_differs(const struct rulebook *a, const struct rulebook *b,
                        str out[RULEBOOK_KEYS_MOST]) {
    static const str keys[] = {{"sets", 4},   {"calendars", 9}, {"derived", 7}, {"measures", 8},
                               {"raises", 6}, {"extends", 7},   {"in_force", 8}};
    return keys_differ(a->more->node, b->more->node, keys, COUNT_OF(keys), out);
}
