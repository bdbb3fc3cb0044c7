/* The front door of base: slices, errors, arenas, numbers, digests, and the seams to the world.
 *
 * Fibers and reactors have a door of their own beside it, base/runtime.h, since pure modules do not
 * need them. */
#ifndef AZEKURA_BASE_BASE_H
#define AZEKURA_BASE_BASE_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/numbers.h"
#include "base/pack.h"
#include "base/random.h"
#include "base/secret.h"
#include "base/str.h"
#include "base/text.h"

#include <assert.h>

#endif
