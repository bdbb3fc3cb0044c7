/* The compiled table as it lies in memory: compile.c makes it, atlas.c asks it.
 *
 *   address -> index by its first bits -> cuts -> record -> what each source says
 *
 * A cut is where another record begins. A record is one word a source, so that many cuts share one. */
#ifndef AZEKURA_GEO_ATLAS_H
#define AZEKURA_GEO_ATLAS_H

#include "geo/layer.h"

enum geo_says {
    SAYS_USE,
    SAYS_NETWORK,
    SAYS_ASN,
    SAYS_REGION,
    SAYS_SERVICE,
    SAYS_OWN,
    SAYS_OVERRIDE,
    SAYS_COUNT
};
/* 0 is silence. Else use + 1, the two letters of a country, or which row of the atlas + 1. */
struct geo_record {
    uint32_t says[SAYS_COUNT];
};
struct geo_atlas_asn {
    uint32_t asn;
    uint32_t holder; /* which + 1; 0: none known */
    str organisation;
    uint32_t edition;
    bool is_between; /* no system, but the gap between two of one provider; asn is 0 */
};
/* A place of a cloud list with what the tables of regions and holders say of it. */
struct geo_atlas_place {
    struct geo_cloud_place place;
    str provider, named;
    geo_country country;
    uint32_t holder, edition;
};
/* IPv6 addresses are compared by halves. */
struct geo_half {
    uint64_t high, low;
};
/* In 2^bits pieces of the family's space: the last cut that begins before or at the piece. */
enum { INDEX_BITS_V4 = 16, INDEX_BITS_V6 = 20 };

struct geo_atlas {
    struct arena_space space; /* everything below lies in it */
    const uint32_t *starts_v4, *records_v4, *index_v4;
    const struct geo_half *starts_v6;
    const uint32_t *records_v6, *index_v6;
    size_t cuts_v4, cuts_v6;
    const struct geo_record *records;
    const struct geo_atlas_asn *asns;
    const struct geo_atlas_place *places;
    const struct geo_holder *holders;
    const struct geo_own *own, *override;
    size_t record_count, asn_count, place_count, holder_count, own_count, override_count;
    const struct geo_edition *editions;
    size_t edition_count;
    uint32_t data_edition, own_edition, override_edition; /* which + 1 */
    size_t bytes;
};

#endif
