/* Reading a file of events, in parts. */
#ifndef AZEKURA_SITING_READ_H
#define AZEKURA_SITING_READ_H

#include "siting/siting.h"

/* The rate of an event or group: rate, rate_lo and rate_hi, or p30_lo and p30_hi. */
enum error_code read_rates(const struct doc_node *map, struct siting_event *out,
                           struct error *e) MUST_USE;
/* `name`: a text, or one each language; what is said in one language only goes for both. */
enum error_code read_name(const struct doc_node *map, str nameless, str *out_en, str *out_ja,
                          struct error *e) MUST_USE;
/* A list of codes under a key; absent: none. */
enum error_code read_codes(const struct doc_node *map, const char *key, struct arena *arena,
                           const str **out, size_t *count, struct error *e) MUST_USE;
/* The branches of an event: `branches`, or one of probability 1 that stands in the event itself. */
enum error_code read_branches(const struct doc_node *event, struct arena *arena,
                              struct siting_event *out, struct error *e) MUST_USE;
/* A feature as a part of a footprint. */
enum error_code read_feature(const struct doc_node *feature, struct arena *arena,
                             struct siting_part *out, struct error *e) MUST_USE;
/* shapes.c: a FeatureCollection whose features name events. */
enum error_code read_shapes(const struct doc_node *document, str file, struct arena *arena,
                            struct siting_model *model, struct error *e) MUST_USE;
/* Gives events of rows the features that name them, of whichever file came first. */
enum error_code shapes_join(struct arena *arena, struct siting_model *model,
                            struct error *e) MUST_USE;
/* `hazards`, added to the model's. */
enum error_code read_hazards(const struct doc_node *document, struct arena *arena,
                             struct siting_model *model, struct error *e) MUST_USE;

#endif
