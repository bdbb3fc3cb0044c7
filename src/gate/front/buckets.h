/* Buckets: made, shown, listed, taken away. */
#ifndef AZEKURA_GATE_FRONT_BUCKETS_H
#define AZEKURA_GATE_FRONT_BUCKETS_H

#include "gate/front/visit.h"
#include "store/store.h"

/* Those the visitor has any grant on, sorted by name, in the visit's world. */
enum error_code gate_bucket_list(struct gate_visit *visit,
                                 enum error_code (*each)(void *self, const struct store_bucket *,
                                                         struct error *e),
                                 void *self, struct gate_answer *answer, struct error *e) MUST_USE;
/* Whose it is said to be: FAIL_ACCESS_DENIED, in the words of a missing grant, where the bucket is
 * there and belongs to another user. Decides nothing; who may do nothing with a bucket learns
 * nothing, since what comes next answers the same. */
enum error_code gate_bucket_expect(struct gate_visit *visit, str bucket, str owner,
                                   struct error *e) MUST_USE;
/* HeadBucket, and what it is made of. FAIL_NO_SUCH_BUCKET only to who may list it. */
enum error_code gate_bucket_get(struct gate_visit *visit, str bucket,
                                const struct store_bucket **out, struct gate_answer *answer,
                                struct error *e) MUST_USE;
enum error_code gate_bucket_create(struct gate_visit *visit, str bucket, struct gate_answer *answer,
                                   struct error *e) MUST_USE;
enum error_code gate_bucket_delete(struct gate_visit *visit, str bucket, struct gate_answer *answer,
                                   struct error *e) MUST_USE;
enum error_code gate_bucket_versioning(struct gate_visit *visit, str bucket,
                                       enum store_versioning versioning, struct gate_answer *answer,
                                       struct error *e) MUST_USE;
enum error_code gate_bucket_tags(struct gate_visit *visit, str bucket, struct store_pairs tags,
                                 struct gate_answer *answer, struct error *e) MUST_USE;

enum error_code gate_list(struct gate_visit *visit, str bucket, const struct store_listing *listing,
                          enum error_code (*each)(void *self, const struct store_version *version,
                                                  str prefix_only, struct error *e),
                          void *self, struct store_listed *out, struct gate_answer *answer,
                          struct error *e) MUST_USE;

#endif
