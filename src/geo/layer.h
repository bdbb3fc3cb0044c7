/* Layers: one source's word on all addresses of a family, as cuts. From a cut on to the next, its value
 * holds; 0 is silence. Several layers are merged by walking their cuts together.
 *
 *   address   0        10      20      30
 *   value     | 0      | 7     | 0     | 3 …    */
#ifndef AZEKURA_GEO_LAYER_H
#define AZEKURA_GEO_LAYER_H

#include "geo/geo.h"

typedef unsigned __int128 geo_key; /* an address as a number */

static inline geo_key geo_key_of(const struct geo_address *address) {
    geo_key key = 0;
    for (unsigned i = 0; i < address->len; i++) key = key << 8 | address->at[i];
    return key;
}
struct geo_address geo_key_address(geo_key key, unsigned len);
static inline geo_key geo_key_max(unsigned len) {
    return len == 4 ? (geo_key)UINT32_MAX : ~(geo_key)0;
}

struct geo_span {
    geo_key first, last;
    uint32_t value; /* not 0 */
    uint32_t rank;  /* of two alike the lower is believed */
};
struct geo_cut {
    geo_key start;
    uint32_t value;
};
struct geo_layer {
    const struct geo_cut *at; /* the first starts at 0; neighbours differ */
    size_t count;
};
struct geo_span geo_span_of(const struct geo_network *network, uint32_t value, uint32_t rank);

/* Spans lie inside one another or apart, and the innermost speaks. Sorts them in place.
 *   FAIL_MEMORY  no room in the arena for two cuts a span and one more */
enum error_code geo_layer_build(struct geo_span *spans, size_t count, unsigned len,
                                struct arena *arena, struct geo_layer *out,
                                struct error *e) MUST_USE;

/* The address data's countries, in order: `bits` of the network at `at`. */
typedef enum error_code geo_data_each_f(void *owner, geo_key at, unsigned bits, geo_country country,
                                        struct error *e);
/*   FAIL_CORRUPT  the file is damaged; what `each` says */
enum error_code geo_data_walk(const struct geo_data *data, unsigned len, geo_data_each_f *each,
                              void *owner, struct error *e) MUST_USE;

/* Rows of the special-purpose registries, inner ones and outer ones; false: no further one. */
bool geo_set_aside(size_t index, struct geo_network *network, enum geo_use *use);

#endif
