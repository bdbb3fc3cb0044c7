/* Users, keys, grants, inspectors. All need the right `admin`, have an entry each and are durable on
 * return. */
#ifndef AZEKURA_GATE_FRONT_IDENTITIES_H
#define AZEKURA_GATE_FRONT_IDENTITIES_H

#include "gate/front/visit.h"

struct gate_new_key {
    str id, secret; /* in the visit's arena; shown once; wipe it */
};
enum error_code gate_user_add(struct gate_visit *visit, str user, struct gate_answer *answer,
                              struct error *e) MUST_USE;
/* One who reads for a time: `inspect`, and what is granted of read and list. Each look at what is no
 * object is an entry, repeats within a minute a count. FAIL_USAGE: that time is over. */
enum error_code gate_inspector_add(struct gate_visit *visit, str user, int64_t until_ns,
                                   struct gate_answer *answer, struct error *e) MUST_USE;
/* Another end, later or sooner. FAIL_USAGE: no inspector, or a time that is over. */
enum error_code gate_inspector_until(struct gate_visit *visit, str user, int64_t until_ns,
                                     struct gate_answer *answer, struct error *e) MUST_USE;
enum error_code gate_user_enable(struct gate_visit *visit, str user, bool enabled,
                                 struct gate_answer *answer, struct error *e) MUST_USE;
enum error_code gate_key_add(struct gate_visit *visit, str user, struct gate_new_key *out,
                             struct gate_answer *answer, struct error *e) MUST_USE;
enum error_code gate_key_enable(struct gate_visit *visit, str key_id, bool enabled,
                                struct gate_answer *answer, struct error *e) MUST_USE;
/* rights: "read,write", "all", "inspect"; empty removes the grant. */
enum error_code gate_grant(struct gate_visit *visit, str user, str pattern, str rights,
                           struct gate_answer *answer, struct error *e) MUST_USE;
/* Users with keys and grants as JSON, without secrets. */
enum error_code gate_identities_json(struct gate_visit *visit, struct text *out,
                                     struct error *e) MUST_USE;

#endif
