/* One proof file: checkpoint, inclusion, then each opened field and each name by itself. */
#include "verify/proof.h"

#include "evidence/evidence.h"

static const char *const decisions[] = {"allow", "warn", "refuse"};
static const char *const effects[] = {"not against it",
                                      "warned",
                                      "refused",
                                      "not met, but for a recorded exception",
                                      "not met, lifted by its own terms",
                                      "not met, broken open by two people"};
_Static_assert(COUNT_OF(effects) == EVIDENCE_EFFECT_COUNT, "a word for each effect");

struct proof_names {
    const struct evidence_extra *extra;
    uint64_t tree_size;
    struct arena scratch;
};

/* A code's name, and whether the log itself shows it. */
static str code_name(const struct proof_names *names, enum evidence_code_kind kind, uint32_t code,
                     struct verify_result *result) {
    struct arena scratch = names->scratch;
    str text = STR_EMPTY;
    bool shown = false;
    for (size_t i = 0; i < names->extra->name_count; i++) {
        const struct evidence_name *name = &names->extra->names[i];
        struct evidence_entry row;
        struct arena each = scratch;
        if (evidence_entry_decode(name->entry, &each, &row, NULL) != OK) continue;
        if (row.type != EVIDENCE_CODE_ROW || row.code_kind != kind || row.code != code) continue;
        text = row.code_text;
        shown = name->path_count > 0 || names->tree_size == 1;
    }
    str out = STR_EMPTY;
    enum error_code done;
    if (text.len == 0) {
        done = arena_format(result->arena, &out, NULL, "code %u", code);
    } else {
        if (!shown) result->limits |= VERIFY_LIMIT_NAMES;
        done = arena_format(result->arena, &out, NULL, "%.*s%s", STR_FMT(text),
                            shown ? "" : " (code's name not shown by the log)");
    }
    if (done != OK) result->cut = true;
    return out;
}

static void decision_say(const struct evidence_entry *entry, const struct proof_names *names,
                         struct verify_result *result) {
    static const struct {
        const char *item;
        enum evidence_code_kind kind;
    } kinds[] = {{"act", EVIDENCE_CODE_ACT},
                 {"sector", EVIDENCE_CODE_SECTOR},
                 {"class", EVIDENCE_CODE_CLASS}};
    const uint16_t codes[] = {entry->act, entry->sector, entry->data_class};
    verify_item(result, "decision", "%s", decisions[entry->decision]);
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (codes[i] == 0) continue;
        str name = code_name(names, kinds[i].kind, codes[i], result);
        verify_item(result, kinds[i].item, "%.*s", STR_FMT(name));
    }
    for (size_t i = 0; i < entry->site_count; i++) {
        str name = code_name(names, EVIDENCE_CODE_SITE, entry->sites[i], result);
        verify_item(result, "site", "%.*s", STR_FMT(name));
    }
    for (size_t i = 0; i < entry->clause_count; i++) {
        unsigned effect = entry->clauses[i].effect;
        str name = code_name(names, EVIDENCE_CODE_CLAUSE, entry->clauses[i].code, result);
        verify_item(result, "clause", "%.*s: %s%s", STR_FMT(name),
                    effects[effect & ~(unsigned)EVIDENCE_EFFECT_UNKNOWN],
                    effect & EVIDENCE_EFFECT_UNKNOWN ? ", a fact it reads was unknown" : "");
    }
}

static void digest_say(const char *item, const digest *hash, struct verify_result *result) {
    char hex[2 * DIGEST_BYTES];
    hex_write(hash->at, DIGEST_BYTES, hex);
    verify_item(result, item, "%.*s", (int)sizeof hex, hex);
}

static void entry_say(const struct evidence_entry *entry, const struct proof_names *names,
                      struct verify_result *result) {
    unsigned parts = evidence_type_parts(entry->type);
    char when[CLOCK_TEXT_BYTES];
    clock_iso_s_write((int64_t)entry->minute * 60 * NS_PER_S, when);
    verify_item(result, "type", "%s", evidence_type_name(entry->type));
    verify_item(result, "minute", "%s", when);
    if (parts & EVIDENCE_DECISION) decision_say(entry, names, result);
    if (parts & EVIDENCE_RULES) digest_say("rule set", &entry->rules, result);
    if (parts & EVIDENCE_STORED) digest_say("stored root", &entry->stored_root, result);
    if (parts & EVIDENCE_DIGEST) digest_say("digest", &entry->other, result);
    if (parts & EVIDENCE_SPAN)
        verify_item(result, "entries concerned", "%llu from %llu",
                    (unsigned long long)entry->span_count, (unsigned long long)entry->span_first);
    if (parts & EVIDENCE_CODE)
        verify_item(result, "code", "%s %u: %.*s", evidence_code_kind_name(entry->code_kind),
                    entry->code, STR_FMT(entry->code_text));
    if (parts & EVIDENCE_PRIOR)
        verify_item(result, "earlier log", "%.*s, known to %llu entries, of which %llu were left",
                    STR_FMT(entry->prior_origin), (unsigned long long)entry->known_size,
                    (unsigned long long)entry->left_size);
}

static void fact_say(void *self, const char *name, str text) {
    verify_item(self, name, "%.*s", STR_FMT(text));
}

/* False: they are of a form that this program does not read, and are shown as they are. */
static bool facts_say(str facts, struct text line, struct verify_result *result) {
    struct error unread;
    size_t before = result->item_count;
    if (evidence_facts_tell(facts, line, fact_say, result, &unread) == OK) return true;
    result->item_count = before;
    return false;
}

static void opens_say(const struct evidence_extra *extra, const struct evidence_entry *entry,
                      struct verify_result *result) {
    const enum evidence_field *fields;
    size_t count = evidence_type_fields(entry->type, &fields);
    if (extra->open_count < count) result->limits |= VERIFY_LIMIT_HIDDEN;
    for (size_t i = 0; i < extra->open_count; i++) {
        static char memory[4 * EVIDENCE_OPENING_BYTES];
        struct text value = text_into(memory, sizeof memory);
        if (extra->opens[i].field == EVIDENCE_FACTS &&
            facts_say(extra->opens[i].value, value, result))
            continue;
        evidence_value_write(extra->opens[i].field, extra->opens[i].value, &value);
        verify_item(result, evidence_field_name(extra->opens[i].field), "%.*s",
                    STR_FMT(text_str(&value)));
    }
}

/* The extra is nobody's word: each thing it says is shown by a path of its own, or marked. `root` of
 * `size` entries is the tree the entry was shown to be in. */
static enum error_code extra_check(const struct evidence_extra *extra, uint64_t size,
                                   const digest *root, struct arena *arena,
                                   struct verify_result *result, struct error *e) {
    struct evidence_entry entry;
    size_t names_shown;
    TRY(evidence_extra_check(extra, size, root, arena, &entry, &names_shown, e));
    struct proof_names names = {.extra = extra, .tree_size = size, .scratch = *arena};
    /* result and scratch grow in different arenas */
    entry_say(&entry, &names, result);
    opens_say(extra, &entry, result);
    result->limits |= VERIFY_LIMIT_FACTS | VERIFY_LIMIT_COPIES | VERIFY_LIMIT_ROOT;
    return OK;
}

/* From the log that signed back to the entry's own: each step's entry names what is left of the log
 * before, and the next entry is in that. *size and *root: of the last. */
static enum error_code steps_check(const struct evidence_extra *extra, struct arena *arena,
                                   struct verify_result *result, uint64_t *size, digest *root,
                                   struct error *e) {
    for (size_t i = 0; i < extra->step_count; i++) {
        struct evidence_entry step;
        char hex[2 * DIGEST_BYTES];
        TRY(evidence_step_check(extra, i, arena, &step, e));
        hex_write(step.left_root.at, DIGEST_BYTES, hex);
        verify_item(result, "earlier log",
                    "%.*s, named by that entry: known up to %llu entries, %llu are left, root %.*s",
                    STR_FMT(step.prior_origin), (unsigned long long)step.known_size,
                    (unsigned long long)step.left_size, (int)sizeof hex, hex);
        verify_item(result, "entry", "number %llu is in what is left of it",
                    (unsigned long long)extra->steps[i].index);
        *size = step.left_size;
        *root = step.left_root;
        result->limits |= VERIFY_LIMIT_SUCCESSION;
    }
    return OK;
}

static enum error_code entry_find(const struct tlog_proof *proof, str given, struct arena *arena,
                                  struct evidence_extra *extra, bool *has_extra, str *entry,
                                  struct error *e) {
    *has_extra = proof->extra.at != NULL && str_starts(proof->extra, STR("AZKX"));
    if (*has_extra) {
        TRY(evidence_extra_decode(proof->extra, arena, extra, e));
        *entry = evidence_extra_leaf(extra);
        if (given.at && !str_equal(given, extra->entry))
            return error_set(e, FAIL_PROOF, "the entry given is not the one in the proof file");
        return OK;
    }
    if (!given.at)
        return error_set(e, FAIL_PROOF,
                         "the proof file does not carry its entry: give it with --entry");
    *entry = given;
    return OK;
}

enum error_code verify_proof(const struct verify_trust *trust, str file, str given,
                             struct arena *arena, struct verify_result *result, struct error *e) {
    struct tlog_proof proof;
    struct tlog_checkpoint head;
    struct evidence_extra extra;
    bool has_extra;
    str entry;
    TRY(tlog_proof_parse(file, arena, &proof, e));
    TRY(verify_head(trust, proof.checkpoint, result, &head, e));
    TRY(entry_find(&proof, given, arena, &extra, &has_extra, &entry, e));
    digest leaf = tlog_leaf_hash(entry);
    TRY(tlog_inclusion_verify(proof.index, head.size, &leaf, &proof.path, &head.root, e));
    verify_item(result, "entry", "number %llu, %zu bytes, is in the log",
                (unsigned long long)proof.index, entry.len);
    if (!has_extra) return OK;
    uint64_t size = head.size;
    digest root = head.root;
    TRY(steps_check(&extra, arena, result, &size, &root, e));
    return extra_check(&extra, size, &root, arena, result, e);
}
