/* Inner: the register in the engine. Every row as it is and as it was, by generation.
 *
 *   reg/gen/GENERATION                             register/generation.c
 *   reg/head                                       version, generation, digest, time, rows
 *   reg/now/KIND\0ID\0FROM                         generation it came with, canonical row
 *   reg/was/KIND\0ID\0FROM GENERATION              generation that replaced it, time, canonical row
 *
 * KIND is the key of the table ("sites"), FROM the row's valid_from as 8 bytes that sort,
 * GENERATION 8 bytes: the one the row came with. An empty ID stands for the list itself:
 * {"complete":true,…}. docs/formats/register.md */
#ifndef AZEKURA_REGISTER_KEPT_H
#define AZEKURA_REGISTER_KEPT_H

#include "register/inner.h"

enum { KEPT_VERSION = 1, KEPT_KEY_BYTES = 256 };
_Static_assert(KEPT_KEY_BYTES >= 8 + 16 + LIMIT_REGISTER_ID_BYTES + 2 + 16, "a key fits");

#define KEPT_HEAD    STR("reg/head")
#define KEPT_NOW     STR("reg/now/")
#define KEPT_NOW_END STR("reg/now0")
#define KEPT_WAS     STR("reg/was/") /* as long as KEPT_NOW */
#define KEPT_WAS_END STR("reg/was0")

struct kept_key {
    char at[KEPT_KEY_BYTES];
    size_t len;
};
struct kept_key kept_key_of(str prefix, const char *kind, str id, int64_t from_ns);
struct kept_key kept_key_with_generation(struct kept_key k, uint64_t generation);
str kept_key_str(const struct kept_key *k); /* a view of *k */

/* What stands after the prefix: kind, id, from; and the generation in rows of history. */
struct kept_parts {
    enum register_kind kind;
    str id;
    int64_t from_ns;
    uint64_t generation;
};
/* FAIL_CORRUPT: no such key. The id is a view of it. */
enum error_code kept_key_read(str key, str prefix, bool with_generation, struct kept_parts *out,
                              struct error *e) MUST_USE;
/* FAIL_VERSION, FAIL_CORRUPT. */
enum error_code kept_head_parse(str row, struct register_head *out, struct error *e) MUST_USE;

#endif
