/* One compiled table of all that is said of an address, with who says it. */
#ifndef AZEKURA_GEO_FRONT_ATLAS_H
#define AZEKURA_GEO_FRONT_ATLAS_H

#include "geo/front/lists.h"

/* Where a region or zone of a provider is: a row of register-data/regions.yaml. */
struct geo_region {
    str provider, code, named;
    geo_country country;
};
/* Who is behind an autonomous system: a row of register-data/networks.yaml. */
struct geo_holder {
    uint32_t asn;
    str provider;     /* the word that cloud lists go by: "aws" */
    geo_country seat; /* where the company that holds it sits; zero: not known */
    geo_country
        parent;   /* where the company that controls that one sits; zero: none, or not known */
    bool is_many; /* known to announce its addresses from many places */
    bool is_edge; /* known for caches that stand in front of somebody's machine */
};
/* A network of one's own, from a register or from a file of exceptions to it. */
struct geo_own {
    struct geo_network network;
    uint32_t value; /* whatever the caller counts with */
    str name, provider;
    geo_country country, seat; /* zero: says nothing about that */
    bool is_many;
};
struct geo_own_list {
    struct geo_edition edition;
    const struct geo_own *rows;
    size_t count;
};
struct geo_atlas_options {
    const struct geo_data *data; /* NULL: none. Needed only while building, like all that is here */
    const struct geo_asn *asn;
    const struct geo_cloud *clouds; /* of two that list one network the first is believed */
    const struct geo_region *regions;
    const struct geo_holder *holders;
    size_t asn_count, cloud_count, region_count, holder_count;
    const struct geo_own_list *own;      /* the register's; NULL: none */
    const struct geo_own_list *override; /* said here and now, and believed before all others */
};

struct geo_atlas; /* immutable; look-ups may come from any thread */
/* Copies what it needs. About 2 s for the address data, three lists and 515,000 ranges; 28 MB stay.
 *   FAIL_CORRUPT  the address data cannot be walked     FAIL_MEMORY */
enum error_code geo_atlas_build(const struct geo_atlas_options *options, struct geo_atlas **out,
                                struct error *e) MUST_USE;
void geo_atlas_close(struct geo_atlas *atlas); /* NULL is fine */

/* Who says where it stands, the most believed first. */
enum geo_basis { GEO_BY_NOBODY, GEO_BY_OVERRIDE, GEO_BY_REGISTER, GEO_BY_REGION, GEO_BY_NETWORK };

/* Where it stands, whose it is, where its owner sits and who can reach the owner are four answers, and
 * each names the edition it is from. A NULL edition: nobody said. All lie in the atlas. */
struct geo_answer {
    enum geo_use use;
    /* where the machine stands */
    geo_country country; /* by the first of `basis` that knows; none when is_many */
    enum geo_basis basis;
    const struct geo_edition *country_by;
    bool is_many, is_edge;
    geo_country network_country, region_country; /* what each says, whoever was believed */
    const struct geo_edition *network_by, *region_by;
    str region, zone, named;
    /* whose it is */
    str provider, service; /* a provider without a region: its list does not tell where */
    const struct geo_edition *provider_by;
    uint32_t asn; /* 0: none known */
    str organisation;
    const struct geo_edition *asn_by;
    bool
        is_between; /* nobody announces it, but the provider announces what is on both sides of it */
    /* where its owner sits, and the country that reaches the owner through who controls it */
    geo_country seat, parent;
    /* ours; `value` leads to the caller's row. NULL: not ours */
    const struct geo_own *own, *override;
};
/* One look-up: a number that is the same for all addresses of which the same is said, for keeping with
 * a flow; the answer can be had from it later. */
uint32_t geo_atlas_record(const struct geo_atlas *atlas, const struct geo_address *address);
void geo_atlas_answer(const struct geo_atlas *atlas, uint32_t record, struct geo_answer *out);
static inline void geo_atlas_find(const struct geo_atlas *atlas, const struct geo_address *address,
                                  struct geo_answer *out) {
    geo_atlas_answer(atlas, geo_atlas_record(atlas, address), out);
}
/* The same, and the last address up to which all have this record, beginning with `address`. */
uint32_t geo_atlas_run(const struct geo_atlas *atlas, const struct geo_address *address,
                       struct geo_address *last);
struct geo_atlas_sizes {
    size_t records, cuts_v4, cuts_v6, bytes;
};
struct geo_atlas_sizes geo_atlas_sizes(const struct geo_atlas *atlas);
/* All editions it was made of, for evidence and for whom to name. */
const struct geo_edition *geo_atlas_editions(const struct geo_atlas *atlas, size_t *count);

#endif
