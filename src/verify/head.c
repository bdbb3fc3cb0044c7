/* The checkpoint, held against key and policy. */
#include "verify/head.h"

const struct tlog_vkey *verify_key_find(const struct verify_trust *trust, str origin) {
    if (str_equal(tlog_vkey_name(&trust->log), origin)) return &trust->log;
    for (size_t i = 0; i < trust->more_count; i++)
        if (str_equal(tlog_vkey_name(&trust->more[i]), origin)) return &trust->more[i];
    return NULL;
}

const struct tlog_vkey *verify_key_for(const struct verify_trust *trust, str note) {
    struct tlog_note parsed;
    struct tlog_checkpoint checkpoint;
    const struct tlog_vkey *key = NULL;
    if (tlog_note_parse(note, &parsed, NULL) == OK &&
        tlog_checkpoint_parse(parsed.text, &checkpoint, NULL) == OK)
        key = verify_key_find(trust, checkpoint.origin);
    return key ? key : &trust->log;
}

static void witnesses_say(const struct tlog_policy *policy, const struct tlog_policy_result *found,
                          struct verify_result *result) {
    for (unsigned i = 0; i < policy->witness_count; i++) {
        const struct tlog_policy_witness *witness = &policy->witnesses[i];
        if (!(found->witnesses_signed >> i & 1)) {
            verify_item(result, "witness", "%.*s has not cosigned", STR_FMT(witness->name));
            continue;
        }
        char when[CLOCK_TEXT_BYTES] = "a time beyond the calendar";
        if (found->times_s[i] < INT64_MAX / NS_PER_S)
            clock_iso_s_write((int64_t)found->times_s[i] * NS_PER_S, when);
        verify_item(result, "witness", "%.*s (%.*s) cosigned at %s", STR_FMT(witness->name),
                    STR_FMT(tlog_vkey_name(&witness->key)), when);
    }
}

static enum error_code policy_head(const struct verify_trust *trust, str note,
                                   struct verify_result *result, struct tlog_checkpoint *out,
                                   struct error *e) {
    struct tlog_policy_result found;
    TRY(tlog_policy_open(trust->policy, verify_key_for(trust, note), note, out, &found, e));
    int count = __builtin_popcountll(found.witnesses_signed);
    witnesses_say(trust->policy, &found, result);
    if (count == 0) {
        result->signed_by = STR("signed by the operator alone, which the policy allows");
        result->limits |= VERIFY_LIMIT_ALONE;
        return OK;
    }
    result->limits |= VERIFY_LIMIT_WITNESSED;
    return arena_format(result->arena, &result->signed_by, e,
                        "signed by the operator and by %d of the policy's %u witnesses, which is "
                        "its quorum",
                        count, trust->policy->witness_count);
}

enum error_code verify_head(const struct verify_trust *trust, str note,
                            struct verify_result *result, struct tlog_checkpoint *out,
                            struct error *e) {
    if (trust->policy) {
        TRY(policy_head(trust, note, result, out, e));
    } else {
        TRY(tlog_checkpoint_open(note, verify_key_for(trust, note), NULL, out, e));
        result->signed_by = STR("signed by the operator alone");
        result->limits |= VERIFY_LIMIT_ALONE;
    }
    result->limits |= VERIFY_LIMIT_AGE;
    char root[2 * DIGEST_BYTES];
    hex_write(out->root.at, DIGEST_BYTES, root);
    verify_item(result, "log", "%.*s", STR_FMT(out->origin));
    verify_item(result, "entries in the log", "%llu", (unsigned long long)out->size);
    verify_item(result, "root", "%.*s", (int)sizeof root, root);
    return OK;
}
