/* Policies: whose signatures make a checkpoint good enough, as a text file.
 *
 *   log <vkey> [<url>]
 *   witness <name> <vkey> [<url>]
 *   group <name> all|any|<k> <name>...          names of witnesses and earlier groups
 *   quorum <name>|none
 *
 * Source: c2sp.org/tlog-policy. */
#ifndef AZEKURA_TLOG_POLICY_H
#define AZEKURA_TLOG_POLICY_H

#include "tlog/checkpoint.h"

enum {
    TLOG_POLICY_BYTES_MAX = 64 * 1024,
    TLOG_POLICY_LOGS_MAX = 64,
    TLOG_POLICY_WITNESSES_MAX = 64,
    TLOG_POLICY_GROUPS_MAX = 64,
};

struct tlog_policy_set {
    uint64_t witnesses, groups; /* bit i: witness i, group i */
};
struct tlog_policy {
    unsigned log_count, witness_count, group_count;
    struct tlog_policy_log {
        struct tlog_vkey key;
        str url; /* empty: none */
    } logs[TLOG_POLICY_LOGS_MAX];
    struct tlog_policy_witness {
        str name;
        struct tlog_vkey key;
        str url;
    } witnesses[TLOG_POLICY_WITNESSES_MAX];
    struct tlog_policy_group {
        str name;
        unsigned threshold; /* so many members must have signed */
        struct tlog_policy_set members;
    } groups[TLOG_POLICY_GROUPS_MAX];
    bool quorum_is_none;
    struct tlog_policy_set quorum; /* one bit, unless none */
};
/* Views into `text`, which must outlive *out. About 60 KiB: keep it in an arena. On error *out
 * holds nothing of use.
 * FAIL_SYNTAX with the line number; also for a name used twice or before its line, the same witness
 * key twice, a name that is a member twice, k of 0 or over the members, no quorum line or two, a
 * key of the other kind (logs sign with type 0x01, witnesses with 0x04). FAIL_VERSION: a key of a
 * type we do not verify: to skip it quietly would change what the policy means.
 * No log line is fine where the caller knows the log. */
enum error_code tlog_policy_parse(str text, struct tlog_policy *out, struct error *e) MUST_USE;

/* Do these witnesses (bit i: witnesses[i] has signed) satisfy the quorum? */
bool tlog_policy_is_met(const struct tlog_policy *policy, uint64_t witnesses_signed);

struct tlog_policy_result {
    struct tlog_vkey log;      /* the one that signed */
    uint64_t witnesses_signed; /* bit i: witnesses[i] cosigned */
    uint64_t times_s[TLOG_POLICY_WITNESSES_MAX];
};
/* A checkpoint note held against a policy: signed by the log whose name is its origin, every line
 * of a known key holds, the quorum is met. `log`, when not NULL, is the only log accepted, and has
 * to stand in the policy if that names any. FAIL_PROOF otherwise. */
enum error_code tlog_policy_open(const struct tlog_policy *policy, const struct tlog_vkey *log,
                                 str bytes, struct tlog_checkpoint *out,
                                 struct tlog_policy_result *result, struct error *e) MUST_USE;

#endif
