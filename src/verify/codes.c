/* The code table along a log. */
#include "verify/codes.h"

static void code_key(enum evidence_code_kind kind, uint32_t code,
                     unsigned char out[VERIFY_NAME_BYTES]) {
    unsigned char bytes[5] = {(unsigned char)kind};
    write_be32(bytes + 1, code);
    digest hash = sha256_of(str_of(bytes, sizeof bytes));
    memcpy(out, hash.at, VERIFY_NAME_BYTES);
}

struct using {
    const struct verify_table *codes;
    const struct verify_line *line;
    const struct verify_log *log;
    uint64_t index;
    struct verify_result *result;
};

static void code_used(const struct using *u, enum evidence_code_kind kind, uint32_t code) {
    unsigned char name[VERIFY_NAME_BYTES];
    if (code == 0) return; /* none */
    code_key(kind, code, name);
    if (!verify_table_find(u->codes, name))
        verify_finding(u->result, "%.*s uses %s code %u, which no earlier entry names",
                       STR_FMT(verify_entry_name(u->line, u->log, u->index, u->result)),
                       evidence_code_kind_name(kind), code);
}

enum error_code verify_codes(struct verify_table *codes, const struct verify_line *line,
                             const struct verify_log *log, uint64_t index,
                             const struct evidence_entry *entry, struct verify_result *result,
                             struct error *e) {
    unsigned parts = evidence_type_parts(entry->type);
    if (parts & EVIDENCE_CODE) {
        unsigned char name[VERIFY_NAME_BYTES];
        struct verify_slot *slot;
        code_key(entry->code_kind, entry->code, name);
        TRY(verify_table_take(codes, name, &slot, e));
        if (slot->live)
            verify_finding(result, "%.*s names %s code %u again: entry %llu did before",
                           STR_FMT(verify_entry_name(line, log, index, result)),
                           evidence_code_kind_name(entry->code_kind), entry->code,
                           (unsigned long long)slot->index);
        if (!slot->live) slot->index = index;
        slot->live = true;
    }
    if (!(parts & EVIDENCE_DECISION)) return OK;
    struct using u = {codes, line, log, index, result};
    code_used(&u, EVIDENCE_CODE_ACT, entry->act);
    code_used(&u, EVIDENCE_CODE_SECTOR, entry->sector);
    code_used(&u, EVIDENCE_CODE_CLASS, entry->data_class);
    for (size_t i = 0; i < entry->site_count; i++)
        code_used(&u, EVIDENCE_CODE_SITE, entry->sites[i]);
    for (size_t i = 0; i < entry->clause_count; i++)
        code_used(&u, EVIDENCE_CODE_CLAUSE, entry->clauses[i].code);
    return OK;
}
