/* Inner: where a site stands against shapes and squares, when a grid square is all that is known of its place. */
#ifndef AZEKURA_SITING_SQUARE_H
#define AZEKURA_SITING_SQUARE_H

#include "siting/siting.h"

enum square_side {
    SQUARE_OUT,
    SQUARE_PART, /* some of the square, or that is not known */
    SQUARE_IN    /* all of it */
};
/* A site's square against a shape, edges aside. A square that several polygons or circles hold only together is
 * said to be held in part. The site has a square. */
enum square_side square_in_area(const struct siting_site *site, const struct siting_area *area);
/* The same of any site: a point is in or out; without a place it is not known, which is SQUARE_PART. */
enum square_side site_in_area(const struct siting_site *site, const struct siting_area *area);
/* A site's square against another square, by its code. */
enum square_side square_in_mesh(const struct siting_site *site, str mesh);

/* Which of the smallest squares within a site's square were named, themselves or in a larger one. */
enum { SQUARE_COVER_SIDE = 40 }; /* squares of 250 m in one of 10 km */
struct square_cover {
    uint64_t bits[SQUARE_COVER_SIDE * SQUARE_COVER_SIDE / 64];
    unsigned count;
};
/* Adds a square of which square_in_mesh said SQUARE_PART. True: all of the site's is covered, which is never said of
 * squares of 80 km. */
bool square_cover_add(struct square_cover *cover, const struct siting_site *site, str mesh);

#endif
