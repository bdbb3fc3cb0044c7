/* Where: addresses and networks, what public data, providers and registers say of an address, points,
 * distances, and what a round trip proves about them.
 *
 * An address's country is where a network is said to be, not where a person sits: whoever shows it
 * says so. Data are dated, replaceable files; nothing here is truth. Pure but for geo_data_open.
 *
 * What is promised of each idea has a header of its own in geo/front/; this one brings them all, and is
 * the only one that others include. */
#ifndef AZEKURA_GEO_GEO_H
#define AZEKURA_GEO_GEO_H

#include "geo/front/address.h"
#include "geo/front/atlas.h"
#include "geo/front/bounds.h"
#include "geo/front/country.h"
#include "geo/front/data.h"
#include "geo/front/ground.h"
#include "geo/front/lists.h"

#endif
