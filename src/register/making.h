/* Inner: rows out of the documents of others (bom.c, features.c).
 *
 * A document is turned into nodes of the same shape that a register file has, with the places of
 * the document, and goes through the one reader of rows. Making is sticky: once the arena is full,
 * everything gives NULL and made_done says so. */
#ifndef AZEKURA_REGISTER_MAKING_H
#define AZEKURA_REGISTER_MAKING_H

#include "register/inner.h"

struct party { /* one mention of an organization */
    str id;
    const struct doc_node *name, *address; /* address may be NULL */
    struct party *next;
};
struct making {
    struct arena *arena;
    bool is_full;
    struct party *parties;
    size_t party_count;
};
struct made { /* a list or map that is being filled; `most` entries */
    struct doc_node node;
    const struct doc_node **items, **keys;
    uint32_t *sorted;
    size_t most;
};

const struct doc_node *made_text(struct making *m, const struct doc_node *at, str text);
struct made *made_open(struct making *m, const struct doc_node *at, enum doc_kind kind,
                       size_t most);
void made_add(struct making *m, struct made *list, const struct doc_node *item); /* NULL: nothing */
void made_put(struct making *m, struct made *map, str key, const struct doc_node *value);
void made_put_as(struct making *m, struct made *map, const struct doc_node *key,
                 const struct doc_node *value); /* with the key as it was written */
const struct doc_node *made_node(const struct made *made);
/* The map with another value under one of its keys. */
const struct doc_node *made_with(struct making *m, const struct doc_node *map, str key,
                                 const struct doc_node *value);
/* {value, by: document, source: the file's name}; of a list {items, …}. NULL stays NULL. */
const struct doc_node *made_said(struct making *m, const struct doc_node *value);
const struct doc_node *made_said_list(struct making *m, const struct doc_node *list);
/* The name of the document without its folders: the same wherever it lies. */
str made_source(const struct doc_node *at);
/* Text with a hyphen for each byte that an id may not have. */
str made_id(struct making *m, str text);
/* Notes {name, address: {country …}}; *id becomes its entity's id. */
enum error_code made_party(struct making *m, const struct doc_node *organization,
                           const struct doc_node **id, struct error *e) MUST_USE;
/* One row of entities for each that was noted; *out is untouched when there was none. */
enum error_code made_entities(struct making *m, const struct doc_node **out,
                              struct error *e) MUST_USE;
/* FAIL_MEMORY when anything did not fit. */
enum error_code made_done(const struct making *m, struct error *e) MUST_USE;

/* CycloneDX: a map with "bomFormat". *out is a map {equipment: rows}; a thing that is broken
 * becomes a problem and no row, a part of one a problem and no part, and then the list of parts is not complete.
 * Source: CycloneDX 1.5, 1.6, 1.7 (ECMA-424), JSON; its property taxonomy, cdx:device; `origins` as
 * the 2.0 hardware draft has them. FAIL_SYNTAX, FAIL_MEMORY */
bool bom_is(const struct doc_node *top);
enum error_code bom_make(struct making *m, struct problems *problems, const struct doc_node *top,
                         const struct doc_node **out, struct error *e) MUST_USE;

/* GeoJSON: a map with "type" FeatureCollection. *out is a map {sites: rows}; a feature that
 * is broken becomes a problem and no row, properties that are no field of a site are warned about and passed over.
 * Source: RFC 7946. FAIL_SYNTAX, FAIL_MEMORY */
bool features_are(const struct doc_node *top);
enum error_code features_make(struct making *m, struct problems *problems,
                              const struct doc_node *top, const struct doc_node **out,
                              struct error *e) MUST_USE;

/* ---- offer.c: things somebody offers ---- */

/* Rows of an offer with names of makers and suppliers as parties; what stands among `ids` (sorted) is the
 * id of an entity already. FAIL_MEMORY */
enum error_code offer_make(struct making *m, const struct doc_node *rows, const str *ids,
                           size_t id_count, const struct doc_node **out, struct error *e) MUST_USE;

/* ---- near.c: sites that name what the lists have ---- */

struct near_lists {
    struct making *making;
    struct arena scratch;
    bool is_open; /* read once something asks */
    struct register_prefilled capitals, grids, regions;
};
/* Rows of sites with what they leave unsaid filled in: `near` from the capitals, a cloud region's
 * country, the frequency of a grid area. Names that are on no list are problems. FAIL_MEMORY */
enum error_code near_fill(struct near_lists *n, struct problems *problems,
                          const struct doc_node **rows, struct error *e) MUST_USE;

#endif
