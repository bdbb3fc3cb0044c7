/* What providers and registries publish: lists of clouds, autonomous systems, and what of them could not
 * be read. */
#ifndef AZEKURA_GEO_FRONT_LISTS_H
#define AZEKURA_GEO_FRONT_LISTS_H

#include "geo/front/data.h"

/* ---- what was read, and what could not be ---- */

/* The first problems of a file in words, "file:line: expected …"; what could be read was kept. */
enum { GEO_PROBLEMS_SHOWN = 20 };
struct geo_problems {
    const str *at; /* GEO_PROBLEMS_SHOWN at most */
    size_t count;
    uint64_t total; /* all of them, told or not */
    bool is_cut;    /* the file ends in the middle, or is damaged so that the rest was not read */
};
/* For whoever reads such files: room for GEO_PROBLEMS_SHOWN; FAIL_MEMORY. */
enum error_code geo_problems_begin(struct geo_problems *problems, struct arena *arena,
                                   struct error *e) MUST_USE;
/* Kept while there is room, cut to 300 bytes; counted always. */
void geo_problems_add(struct geo_problems *problems, struct arena *arena, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* ---- the address lists that cloud providers publish ---- */

struct geo_cloud_place {
    str region; /* "ap-northeast-1"; "GLOBAL"; empty: the list says none */
    str zone; /* a part of the region that stands elsewhere: "ap-northeast-1-tpe-1" is in Taipei */
    str service;  /* "S3"; empty: none in particular */
    bool is_many; /* announced from many places */
    bool is_edge; /* a cache or relay answers there; what is behind it may be anywhere */
};
struct geo_cloud_row {
    struct geo_network network;
    uint32_t place; /* which of the places */
};
struct geo_cloud {
    str provider; /* "aws", "azure", "gcp", "google" */
    struct geo_edition
        edition; /* date as the file has it; Azure's has a number only, in its name */
    const struct geo_cloud_row *rows;
    const struct geo_cloud_place *places;
    size_t row_count, place_count;
    struct geo_problems problems;
};
/* Reads ip-ranges.json (aws), ServiceTags_*.json (azure), cloud.json (gcp) or goog.json (google), as
 * they are published. What stands before a damage is kept and the damage told in `problems`; a row
 * that is none is left out and told. All texts are copied; at most 20 bytes of arena a byte read and
 * 64 KiB.
 *   FAIL_USAGE   no such provider; the message lists them
 *   FAIL_SYNTAX  nothing could be read at all: other JSON, or none
 *   FAIL_MEMORY  the arena is full
 * Source: AWS, "AWS IP address ranges, syntax"; Microsoft, "Virtual network service tags"; Google Cloud,
 * "IP address ranges". */
enum error_code geo_cloud_read(str provider, str file, str bytes, struct arena *arena,
                               struct geo_cloud *out, struct error *e) MUST_USE;

/* ---- autonomous systems ---- */

struct geo_asn_range {
    struct geo_address first, last; /* both in it; of one family */
    uint32_t asn;
    str organisation;
};
struct geo_asn {
    struct geo_edition edition;
    const struct geo_asn_range *ranges; /* ascending, none meets another */
    size_t count;
    struct geo_problems problems;
};
/* Reads CSV without a header: first address, last address, number, organisation. `date` is that of the
 * edition, which the file does not tell. Texts are views of `bytes`, but for names with quotes in them.
 *   FAIL_SYNTAX, FAIL_MEMORY  as geo_cloud_read; 64 bytes of arena a line and as many as were read
 * Source: RFC 4180; the README of @ip-location-db/asn. */
enum error_code geo_asn_read(str file, str date, str bytes, struct arena *arena,
                             struct geo_asn *out, struct error *e) MUST_USE;

#endif
