/* Preconditions: If-Match and its kin, of reads, copies, writes and deletes. Pure but for where the
 * headers come from. Source: RFC 9110 section 13; S3 API, GetObject, CopyObject, PutObject,
 * DeleteObject. */
#ifndef AZEKURA_S3_CONDITIONS_H
#define AZEKURA_S3_CONDITIONS_H

#include "s3/request.h"

struct s3_conditions {
    str if_match, if_none_match, if_modified_since, if_unmodified_since; /* empty: not asked */
};
struct s3_conditions s3_conditions_of_read(const struct s3_request *r);
struct s3_conditions s3_conditions_of_copy(const struct s3_request *r);

/* Judged in the order of RFC 9110 section 13.2.2. FAIL_PRECONDITION, FAIL_NOT_MODIFIED. Dates that
 * are none are passed over, as the RFC says. */
enum error_code s3_conditions_judge(const struct s3_conditions *conditions,
                                    const struct store_version *version, struct error *e) MUST_USE;

/* Is the Range header to be honoured? If-Range names the version the client has a part of. */
bool s3_range_holds(const struct s3_request *r, const struct store_version *version);

/* Of a write: If-None-Match: *, If-Match: * or TAG. FAIL_NOT_IMPLEMENTED for the others: a condition
 * that is passed over is a write that should not have been. */
enum error_code s3_condition_of_write(const struct s3_request *r, struct store_condition *out,
                                      struct error *e) MUST_USE;
/* The If-Match alone: "*", a tag, quoted or not, or empty, which asks nothing. What is no tag matches
 * nothing. */
void s3_condition_match(str match, struct store_condition *out);

#endif
