/* Which operation a request is: by method, by what it names, and by its subresource.
 *
 * A subresource is a parameter that makes another operation of the same method and path. One that
 * has no row for this method is refused by name; it never falls through to the plain operation, so
 * PUT /b/k?acl cannot overwrite an object. Pure. Source: S3 API reference, "Actions". */
#ifndef AZEKURA_S3_ROUTE_H
#define AZEKURA_S3_ROUTE_H

#include "s3/request.h"

enum s3_level { S3_SERVICE, S3_BUCKET, S3_OBJECT };

struct s3_operation {
    const char *name; /* as the S3 API calls it */
    enum http_method method;
    enum s3_level level;
    const char *subresource; /* NULL: the plain operation */
    s3_operation_run *run;
    enum error_code unset; /* what s3_bucket_unset_get answers */
};

/*   FAIL_METHOD_NOT_ALLOWED  no operation of this method here
 *   FAIL_NOT_IMPLEMENTED     a subresource this store does not serve with this method; on a method
 *                            that changes something also a parameter nobody knows
 *   FAIL_INVALID_ARGUMENT    two subresources at once
 * The message names what it was. */
enum error_code s3_route(enum http_method method, const struct s3_address *address,
                         const struct s3_query *query, const struct s3_operation **out,
                         struct error *e) MUST_USE;

/* Every row, for docs and tests. */
const struct s3_operation *s3_operations(size_t *count);

#endif
