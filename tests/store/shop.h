/* A store under test: one engine, one bucket, short words for what every test does. Each act is a
 * turn of its own, and after each the invariants hold. */
#ifndef AZEKURA_TESTS_STORE_SHOP_H
#define AZEKURA_TESTS_STORE_SHOP_H

#include "store/store.h"
#include "tests/engine/world.h"

struct shop {
    struct world *world;
    struct store_bucket bucket;
    uint64_t clock; /* the last sequence given out */
    uint64_t part_bytes_min;
    struct arena arena;
    char memory[8 << 20];
    char check_memory[8 << 20];
};

int shop_open_lab(void **state);
int shop_open_local(void **state);
int shop_close(void **state);

void shop_check(struct shop *shop);
struct arena *shop_arena(struct shop *shop); /* begun anew */
struct engine_turn *shop_turn(struct shop *shop);
struct engine_view *shop_view(struct shop *shop);
void shop_versioning(struct shop *shop, enum store_versioning versioning);

enum body_size { SMALL, LARGE, EMPTY };
/* A version in a turn, with a body that is really there; its ETag is the MD5 of `text`. */
enum error_code shop_put_in(struct shop *shop, struct engine_turn *turn, str key, const char *text,
                            enum body_size size, const struct store_condition *condition,
                            uint64_t *sequence, struct error *e);
/* The same in a turn of its own; fails the test if it fails. The sequence. */
uint64_t shop_put(struct shop *shop, const char *key, const char *text);
enum error_code shop_put_if(struct shop *shop, const char *key, const char *text,
                            const struct store_condition *condition);
struct store_etag shop_etag(const char *text);

struct which {
    bool with_version, is_null;
    uint64_t sequence;
};
static const struct which PLAIN = {.with_version = false}, NULL_ONE = {true, true, 0};
static inline struct which VERSION(uint64_t sequence) {
    return (struct which){true, false, sequence};
} struct store_deleted shop_delete(struct shop *shop, const char *key, struct which which);
/* "text" of the version, "(marker)" or "(none)": the text its ETag was made of is in owner. */
const char *shop_find(struct shop *shop, const char *key, struct which which);
/* "key:text key:(marker) prefix/" … of a listing, all of it, in pages of `max`. */
const char *shop_list(struct shop *shop, const struct store_listing *listing);

/* ---- uploads ---- */

struct store_upload_id shop_upload(struct shop *shop, const char *key);
enum error_code shop_part(struct shop *shop, const char *key, struct store_upload_id id,
                          uint16_t number, const char *text, uint64_t bytes);
struct store_part_claim shop_claim(uint16_t number, const char *text);
enum error_code shop_complete(struct shop *shop, const char *key, struct store_upload_id id,
                              const struct store_part_claim *claims, size_t count, bool *finished);
enum error_code shop_abort(struct shop *shop, const char *key, struct store_upload_id id);
void shop_tidy(struct shop *shop, int64_t now_ns, uint32_t rows); /* until there is no more */
uint64_t shop_rows(struct shop *shop, const char *from, const char *until);

#endif
