/* Any bytes as a policy: one that is accepted has a quorum that all its witnesses together meet. What
 * stands behind a NUL is a checkpoint held against it. */
#include "tlog/tlog.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t count);

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t count) {
    static struct tlog_policy policy;
    str note = str_of(bytes, count), text;
    if (!str_cut(&note, 0, &text)) {
        text = note;
        note = STR_EMPTY;
    }
    if (tlog_policy_parse(text, &policy, NULL) != OK) return 0;
    uint64_t all =
        policy.witness_count == 64 ? UINT64_MAX : ((uint64_t)1 << policy.witness_count) - 1;
    assert(tlog_policy_is_met(&policy, all));
    assert(policy.quorum_is_none || !tlog_policy_is_met(&policy, 0));
    struct tlog_checkpoint checkpoint;
    struct tlog_policy_result result;
    if (tlog_policy_open(&policy, NULL, note, &checkpoint, &result, NULL) != OK) return 0;
    assert(policy.log_count > 0);
    assert(str_equal(checkpoint.origin, tlog_vkey_name(&result.log)));
    assert((result.witnesses_signed & ~all) == 0);
    assert(tlog_policy_is_met(&policy, result.witnesses_signed));
    return 0;
}
