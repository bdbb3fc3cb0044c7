/* Inner: a world as it lies in memory: the compiled table and what is known beside it. */
#ifndef AZEKURA_SURVEY_WORLD_H
#define AZEKURA_SURVEY_WORLD_H

#include "survey/names.h"
#include "survey/weights.h"

/* In which country an autonomous system's addresses are said to be. */
struct survey_asn {
    uint32_t asn;        /* 0: a free slot */
    geo_country country; /* that most of its ranges are said to be in; zero: no country has most */
    bool is_domestic;    /* nearly all are */
};

/* A network of the register, with the rows that say more of it. */
struct survey_own {
    const struct register_row *network, *site, *entity; /* site, entity: NULL: none */
    geo_country country;
};

enum { SURVEY_MORE_DATA = 2 }; /* address data beside the first: three opinions are enough */

struct survey_world {
    struct arena_space space;
    struct arena arena;
    struct geo_atlas *atlas;
    struct geo_data *more[SURVEY_MORE_DATA]; /* owned */
    size_t more_count;
    struct survey_weights weights;
    struct survey_names names;
    const struct geo_region *regions;
    const struct geo_holder *holders;
    const bool *is_abroad; /* by holder: its provider runs regions in other countries */
    size_t region_count, holder_count;
    str regions_date, holders_date;
    const struct survey_asn *asns; /* by number; asn_mask + 1 slots */
    size_t asn_mask;
    bool has_asn;                             /* data of autonomous systems were given */
    const struct register_snapshot *snapshot; /* borrowed; NULL: none */
    int64_t at_ns;
    geo_country home;
    struct survey_vantage vantage; /* its name is empty: none */
    double *away_km; /* of each country from there, by its letters; NULL: without a vantage */
    const struct survey_own *own; /* by geo_own's value */
    struct geo_table equipment;   /* to rows of: */
    const struct register_row *const *equipment_rows;
    const struct geo_edition *editions;
    size_t edition_count;
    const str *warnings;
    size_t warning_count;
};

const struct survey_asn *survey_asn_find(const struct survey_world *world, uint32_t asn);
/* The first row of a provider speaks for it; NULL: it is not in the list. */
const struct geo_holder *survey_holder_find(const struct survey_world *world, str provider);

/* reach.c: how far each country is from the vantage. */
enum error_code survey_reach_measure(struct survey_world *world,
                                     const struct survey_vantage *vantage,
                                     struct error *e) MUST_USE;
/* Can somebody in that country be within so many km of the vantage? Without one, and without an outline: true. */
bool survey_reach_holds(const struct survey_world *world, double reach_km, geo_country country);
/* How many countries that is so of; the first `most` of them by code go to `out`. */
size_t survey_reach_count(const struct survey_world *world, double reach_km, geo_country *out,
                          size_t most);

/* register.c: the register's networks, equipment and home as the world wants them. */
enum error_code survey_register_read(struct survey_world *world, struct geo_own_list *own,
                                     struct error *e) MUST_USE;
/* Fills what the register adds to a declaration, of the thing at that address, else of that id: rows of system and datasets, operator, class, place. */
enum error_code survey_declared_fill(const struct survey_world *world,
                                     const struct geo_address *address, str name,
                                     struct survey_declared *declared, struct arena *arena,
                                     struct error *e) MUST_USE;
/* A cloud's region that is declared is a country that is declared. */
void survey_declared_region(const struct survey_world *world, struct survey_declared *declared);

#endif
