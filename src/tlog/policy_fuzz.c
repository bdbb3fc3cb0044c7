/* Any bytes as a policy: one that is accepted has a quorum that all its witnesses together meet. */
#include "tlog/tlog.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t count);

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t count) {
    static struct tlog_policy policy;
    if (tlog_policy_parse(str_of(bytes, count), &policy, NULL) != OK) return 0;
    uint64_t all =
        policy.witness_count == 64 ? UINT64_MAX : ((uint64_t)1 << policy.witness_count) - 1;
    assert(tlog_policy_is_met(&policy, all));
    assert(policy.quorum_is_none || !tlog_policy_is_met(&policy, 0));
    return 0;
}
