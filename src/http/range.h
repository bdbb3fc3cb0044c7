/* Byte ranges of GET. Pure. */
#ifndef AZEKURA_HTTP_RANGE_H
#define AZEKURA_HTTP_RANGE_H

#include "base/base.h"

struct http_range {
    uint64_t first, count; /* count > 0, and first + count <= size */
};

/* Reads a Range header against an object of `size` bytes.
 *
 * One range only: S3 serves no lists of ranges, nor do we. On error *out is untouched.
 *   FAIL_RANGE_SYNTAX   not "bytes=a-b", "bytes=a-" or "bytes=-n"; the caller may ignore it
 *   FAIL_RANGE_OUTSIDE  well formed, but holds no byte of this object
 * Source: RFC 9110 section 14.1.2 (byte ranges), 15.5.17 (416). */
enum error_code http_range_parse(str header, uint64_t size, struct http_range *out,
                                 struct error *e) MUST_USE;

#endif
