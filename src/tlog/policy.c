/* Policies: read line by line, then judged over bits. */
#include "tlog/policy.h"

/* ---- reading */

struct policy_reader {
    struct tlog_policy *policy;
    struct tlog_policy_set members; /* names that are a member of some group already */
    bool has_quorum;
    unsigned line; /* its number, from 1 */
};

static enum error_code at_line(const struct policy_reader *r, const char *what, struct error *e) {
    return error_set(e, FAIL_SYNTAX, "policy line %u: %s", r->line, what);
}

/* The next item of a line; items stand apart by spaces and tabs. false: none left. */
static bool item_take(str *rest, str *item) {
    while (rest->len > 0 && (rest->at[0] == ' ' || rest->at[0] == '\t')) *rest = str_skip(*rest, 1);
    size_t end = 0;
    while (end < rest->len && rest->at[end] != ' ' && rest->at[end] != '\t') end++;
    *item = str_slice(*rest, 0, end);
    *rest = str_skip(*rest, end);
    return item->len > 0;
}

static bool name_find(const struct tlog_policy *policy, str name, struct tlog_policy_set *out) {
    for (unsigned i = 0; i < policy->witness_count; i++) {
        if (!str_equal(policy->witnesses[i].name, name)) continue;
        *out = (struct tlog_policy_set){.witnesses = (uint64_t)1 << i};
        return true;
    }
    for (unsigned i = 0; i < policy->group_count; i++) {
        if (!str_equal(policy->groups[i].name, name)) continue;
        *out = (struct tlog_policy_set){.groups = (uint64_t)1 << i};
        return true;
    }
    return false;
}

static enum error_code name_take_new(struct policy_reader *r, str *rest, str *name,
                                     struct error *e) {
    struct tlog_policy_set found;
    if (!item_take(rest, name)) return at_line(r, "a name is missing", e);
    if (str_equal(*name, STR("none"))) return at_line(r, "\"none\" cannot be a name", e);
    if (name_find(r->policy, *name, &found)) return at_line(r, "the name is used already", e);
    return OK;
}

/* "<vkey> [<url>]" to the end of the line. */
static enum error_code key_take(struct policy_reader *r, str rest, uint8_t type,
                                struct tlog_vkey *key, str *url, struct error *e) {
    str item, more;
    if (!item_take(&rest, &item)) return at_line(r, "the key is missing", e);
    enum error_code code = tlog_vkey_parse(item, key, e);
    if (code != OK) return error_note(e, "tlog_policy_parse", "policy line %u", r->line);
    if (key->type != type)
        return at_line(r,
                       type == TLOG_KEY_ED25519 ? "a log's key has type 0x01"
                                                : "a witness's key has type 0x04",
                       e);
    if (!item_take(&rest, url)) *url = STR_EMPTY;
    if (item_take(&rest, &more)) return at_line(r, "more than a key and an address", e);
    return OK;
}

static bool key_is_same(const struct tlog_vkey *a, const struct tlog_vkey *b) {
    return memcmp(a->public_key, b->public_key, sizeof a->public_key) == 0;
}

static enum error_code log_read(struct policy_reader *r, str rest, struct error *e) {
    struct tlog_policy *policy = r->policy;
    if (policy->log_count == TLOG_POLICY_LOGS_MAX)
        return error_set(e, FAIL_LIMIT, "policy: more than %d logs", TLOG_POLICY_LOGS_MAX);
    struct tlog_policy_log *log = &policy->logs[policy->log_count];
    TRY(key_take(r, rest, TLOG_KEY_ED25519, &log->key, &log->url, e));
    for (unsigned i = 0; i < policy->log_count; i++) {
        if (key_is_same(&policy->logs[i].key, &log->key))
            return at_line(r, "the log's key stands in another line", e);
    }
    policy->log_count++;
    return OK;
}

static enum error_code witness_read(struct policy_reader *r, str rest, struct error *e) {
    struct tlog_policy *policy = r->policy;
    if (policy->witness_count == TLOG_POLICY_WITNESSES_MAX)
        return error_set(e, FAIL_LIMIT, "policy: more than %d witnesses",
                         TLOG_POLICY_WITNESSES_MAX);
    struct tlog_policy_witness *witness = &policy->witnesses[policy->witness_count];
    TRY(name_take_new(r, &rest, &witness->name, e));
    TRY(key_take(r, rest, TLOG_KEY_COSIGNATURE, &witness->key, &witness->url, e));
    for (unsigned i = 0; i < policy->witness_count; i++) {
        if (key_is_same(&policy->witnesses[i].key, &witness->key))
            return at_line(r, "the witness's key stands in another line", e);
    }
    policy->witness_count++;
    return OK;
}

static enum error_code threshold_read(struct policy_reader *r, str word, unsigned count,
                                      unsigned *out, struct error *e) {
    uint64_t k;
    if (str_equal(word, STR("any"))) {
        k = 1;
    } else if (str_equal(word, STR("all"))) {
        k = count;
    } else if (!str_u64(word, &k)) {
        return at_line(r, "a group wants all, any or a number", e);
    }
    if (k < 1 || k > count) return at_line(r, "the number is not between 1 and the members", e);
    *out = (unsigned)k;
    return OK;
}

static enum error_code group_read(struct policy_reader *r, str rest, struct error *e) {
    struct tlog_policy *policy = r->policy;
    if (policy->group_count == TLOG_POLICY_GROUPS_MAX)
        return error_set(e, FAIL_LIMIT, "policy: more than %d groups", TLOG_POLICY_GROUPS_MAX);
    struct tlog_policy_group *group = &policy->groups[policy->group_count];
    memset(group, 0, sizeof *group);
    str word, member;
    TRY(name_take_new(r, &rest, &group->name, e));
    if (!item_take(&rest, &word)) return at_line(r, "a group wants all, any or a number", e);
    unsigned count = 0;
    for (; item_take(&rest, &member); count++) {
        struct tlog_policy_set set;
        if (!name_find(policy, member, &set))
            return at_line(r, "a member is no witness or group of an earlier line", e);
        if ((set.witnesses & r->members.witnesses) || (set.groups & r->members.groups))
            return at_line(r, "a member belongs to a group already", e);
        r->members.witnesses |= set.witnesses;
        r->members.groups |= set.groups;
        group->members.witnesses |= set.witnesses;
        group->members.groups |= set.groups;
    }
    if (count == 0) return at_line(r, "a group wants a member", e);
    TRY(threshold_read(r, word, count, &group->threshold, e));
    policy->group_count++;
    return OK;
}

static enum error_code quorum_read(struct policy_reader *r, str rest, struct error *e) {
    str name, more;
    if (r->has_quorum) return at_line(r, "a second quorum", e);
    if (!item_take(&rest, &name)) return at_line(r, "the quorum is missing", e);
    if (str_equal(name, STR("none"))) {
        r->policy->quorum_is_none = true;
    } else if (!name_find(r->policy, name, &r->policy->quorum)) {
        return at_line(r, "the quorum is no witness or group of an earlier line", e);
    }
    if (item_take(&rest, &more)) return at_line(r, "more than one name for the quorum", e);
    r->has_quorum = true;
    return OK;
}

static enum error_code policy_line(struct policy_reader *r, str line, struct error *e) {
    static const struct {
        str word;
        enum error_code (*read)(struct policy_reader *r, str rest, struct error *e);
    } kinds[] = {
        {{"log", 3}, log_read},
        {{"witness", 7}, witness_read},
        {{"group", 5}, group_read},
        {{"quorum", 6}, quorum_read},
    };
    str word;
    if (!item_take(&line, &word) || word.at[0] == '#') return OK;
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (str_equal(word, kinds[i].word)) return kinds[i].read(r, line, e);
    }
    return at_line(r, "not log, witness, group or quorum", e);
}

enum error_code tlog_policy_parse(str text, struct tlog_policy *out, struct error *e) {
    if (text.len > TLOG_POLICY_BYTES_MAX)
        return error_set(e, FAIL_LIMIT, "policy: %zu bytes is over %d", text.len,
                         TLOG_POLICY_BYTES_MAX);
    for (size_t i = 0; i < text.len; i++) {
        unsigned char b = (unsigned char)text.at[i];
        if ((b < 0x20 && b != '\t' && b != '\n') || b == 0x7F)
            return error_set(e, FAIL_SYNTAX, "policy: control character 0x%02x at byte %zu", b, i);
    }
    memset(out, 0, sizeof *out);
    struct policy_reader r = {.policy = out};
    while (text.len > 0) {
        str line = text;
        if (!str_cut(&text, '\n', &line)) text = STR_EMPTY; /* the last line may lack its newline */
        r.line++;
        TRY(policy_line(&r, line, e));
    }
    if (!r.has_quorum) return error_set(e, FAIL_SYNTAX, "policy: no quorum line");
    return OK;
}

/* ---- judging */

static bool set_has(struct tlog_policy_set all, struct tlog_policy_set some) {
    return (some.witnesses & ~all.witnesses) == 0 && (some.groups & ~all.groups) == 0;
}

bool tlog_policy_is_met(const struct tlog_policy *policy, uint64_t witnesses_signed) {
    if (policy->quorum_is_none) return true;
    struct tlog_policy_set met = {.witnesses = witnesses_signed};
    for (unsigned i = 0; i < policy->group_count; i++) { /* members stand before their group */
        const struct tlog_policy_group *group = &policy->groups[i];
        int count = __builtin_popcountll(group->members.witnesses & met.witnesses) +
                    __builtin_popcountll(group->members.groups & met.groups);
        if ((unsigned)count >= group->threshold) met.groups |= (uint64_t)1 << i;
    }
    return set_has(met, policy->quorum);
}

static enum error_code log_try(const struct tlog_vkey *key, const struct tlog_note *note,
                               str origin, bool *signed_by_it, struct error *e) {
    struct tlog_signed by_log;
    *signed_by_it = false;
    if (!str_equal(tlog_vkey_name(key), origin)) return OK;
    TRY(tlog_note_verify(note, key, 1, &by_log, e));
    *signed_by_it = by_log.valid;
    return OK;
}

/* The log that has to have signed, by the checkpoint's origin. More than one key may bear one name
 * while a key is being replaced: any of them will do. */
static enum error_code log_check(const struct tlog_policy *policy, const struct tlog_vkey *only,
                                 const struct tlog_note *note, str origin, struct tlog_vkey *out,
                                 struct error *e) {
    bool found = false;
    const struct tlog_vkey *key = only;
    if (policy->log_count == 0 && only) TRY(log_try(key, note, origin, &found, e));
    for (unsigned i = 0; i < policy->log_count && !found; i++) {
        key = &policy->logs[i].key;
        if (only && !tlog_vkey_equal(only, key)) continue;
        TRY(log_try(key, note, origin, &found, e));
    }
    if (!found)
        return error_set(e, FAIL_PROOF,
                         "the checkpoint of \"%.*s\" is not signed by a log we accept",
                         STR_FMT(origin));
    *out = *key;
    return OK;
}

enum error_code tlog_policy_open(const struct tlog_policy *policy, const struct tlog_vkey *log,
                                 str bytes, struct tlog_checkpoint *out,
                                 struct tlog_policy_result *result, struct error *e) {
    struct tlog_note note;
    struct tlog_checkpoint checkpoint;
    struct tlog_policy_result found = {.witnesses_signed = 0};
    TRY(tlog_note_parse(bytes, &note, e));
    TRY(tlog_checkpoint_parse(note.text, &checkpoint, e));
    TRY(log_check(policy, log, &note, checkpoint.origin, &found.log, e));
    for (unsigned i = 0; i < policy->witness_count; i++) {
        struct tlog_signed by_witness;
        TRY(tlog_note_verify(&note, &policy->witnesses[i].key, 1, &by_witness, e));
        if (!by_witness.valid) continue;
        found.witnesses_signed |= (uint64_t)1 << i;
        found.times_s[i] = by_witness.time_s;
    }
    if (!tlog_policy_is_met(policy, found.witnesses_signed))
        return error_set(e, FAIL_PROOF,
                         "the policy's quorum is not met: %d of its %u witnesses cosigned",
                         __builtin_popcountll(found.witnesses_signed), policy->witness_count);
    *out = checkpoint;
    *result = found;
    return OK;
}
