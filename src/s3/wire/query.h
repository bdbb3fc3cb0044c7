/* The query of a request, decoded once.
 *
 * Signature and routing read the same decoded parameters, so no two parsers can disagree about what
 * was signed. */
#ifndef AZEKURA_S3_WIRE_QUERY_H
#define AZEKURA_S3_WIRE_QUERY_H

#include "base/base.h"

enum { S3_PARAMS_MAX = 128 }; /* more in one query is refused; presigned URLs carry about 30 */

struct s3_param {
    str name, value; /* decoded; "+" in a query is a space, as S3 reads it */
    bool has_value;  /* "?uploads" has none, "?prefix=" has an empty one */
};

struct s3_query {
    struct s3_param *at; /* in the arena; in the order sent */
    unsigned count;
};

/* FAIL_INVALID_URI: bad escape, or more than S3_PARAMS_MAX parameters; FAIL_MEMORY. Empty pieces
 * ("a&&b") are passed over. */
enum error_code s3_query_read(str raw, struct arena *arena, struct s3_query *out,
                              struct error *e) MUST_USE;

/* The first parameter of that exact name, or NULL. */
const struct s3_param *s3_query_find(const struct s3_query *query, str name);
/* Its value, or the empty slice. */
str s3_query_value(const struct s3_query *query, str name);

#endif
