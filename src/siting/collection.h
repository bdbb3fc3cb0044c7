/* Inner: GeoJSON feature by feature, and what words of depth mean. */
#ifndef AZEKURA_SITING_COLLECTION_H
#define AZEKURA_SITING_COLLECTION_H

#include "base/base.h"

/* Calls `each` with every element of `features`, as its bytes and where they begin.
 *   FAIL_SYNTAX  "file:line:column: …": not a FeatureCollection; cut off; coordinates that are not degrees
 *                on the ground of WGS 84 or JGD (`crs`); and what `each` says */
enum error_code collection_each(str file, str bytes,
                                enum error_code (*each)(void *self, size_t at, str feature,
                                                        struct error *e),
                                void *self, struct error *e) MUST_USE;
/* The bytes of a feature's geometry.coordinates; empty: it has none. FAIL_SYNTAX. */
enum error_code collection_coordinates(str file, str feature, str *out, struct error *e) MUST_USE;
/* "file:LINE:COLUMN: …" of a byte. FAIL_SYNTAX, always. */
enum error_code collection_fail(str file, str bytes, size_t at, struct error *e, const char *format,
                                ...) PRINTF_LIKE(5, 6) MUST_USE;
/* "0.3m以上 ～ 1m未満", "10m以上", "0.5未満": metres. False: no depth is named. Pure. */
bool collection_depth_read(str words, double *low, double *high);

#endif
