/* The disk as a tape left it: for every file what is durable and what is only in the cache, for
 * every name likewise; and the folders that a power cut may make of them. */
#ifndef AZEKURA_TESTS_LAB_IMAGE_H
#define AZEKURA_TESTS_LAB_IMAGE_H

#include "tests/lab/tape.h"

#include "base/base.h"

struct image;

/* What is left of that which was not durable. */
enum image_cut {
    CUT_NOTHING, /* none of it */
    CUT_ALL,
    CUT_NAMES, /* new names, no new bytes: the classic file of no length */
    CUT_BYTES, /* new bytes, no new names */
    CUT_SOME,  /* a random part */
    CUT_COUNT
};
extern const char *const image_cut_names[CUT_COUNT];

struct image *image_new(void);
void image_free(struct image *image);
/* Takes in one record; its data must stay where it is. */
void image_apply(struct image *image, const struct tape_record *record);
/* Builds the folder (made anew) as after a cut now. *what: a digest of everything in it, so that
 * like ones need not be checked twice. */
void image_build(const struct image *image, enum image_cut cut, struct random_seeded *random,
                 const char *to, digest *what);

#endif
