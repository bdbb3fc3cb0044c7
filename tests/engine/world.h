/* The world of an engine test: one engine of either kind, a scratch directory, and short words for
 * what every test does. */
#ifndef AZEKURA_TESTS_ENGINE_WORLD_H
#define AZEKURA_TESTS_ENGINE_WORLD_H

#include "engine/engine.h"
#include "tests/test.h"

struct world {
    struct engine *engine;
    bool is_local;
    char dir[96]; /* of its own for each test; local only */
    struct engine_local_options options;
    struct arena arena;
    char memory[4 << 20];
};

int world_open_lab(void **state);
int world_open_local(void **state);
int world_close(void **state);
void world_reopen(struct world *world); /* closes and opens again; the lab loses nothing by crash */
void world_dir_make(char dir[64]);
void world_dir_remove(const char *dir);

struct engine_turn *turn_of(struct world *world);
void put(struct engine_turn *turn, enum engine_family family, const char *key, const char *value);
void put_one(struct world *world, enum engine_family family, const char *key, const char *value);
void delete_one(struct world *world, enum engine_family family, const char *key);
void commit(struct engine_turn *turn);
struct engine_view *view_of(struct world *world);
/* The value, or NULL when there is no row; lives in world->arena, which each call starts anew. */
const char *turn_value(struct world *world, struct engine_turn *turn, const char *key);
const char *view_value(struct world *world, struct engine_view *view, const char *key);
const char *value_now(struct world *world, const char *key); /* under a view of its own */
/* Keys of a scan, joined by spaces: "a b c". */
const char *scan_keys(struct world *world, struct engine_scan *scan);
struct engine_blob_id blob_of(struct world *world, const char *bytes);
/* "gone" when there is no such blob */
const char *blob_text(struct world *world, struct engine_blob_id id);
void wait_for_drops(struct world *world, uint64_t waiting); /* fails the test after 5 s */

#endif
