/* The code table along a log. */
#include "verify/codes.h"

static void code_key(enum evidence_code_kind kind, uint32_t code,
                     unsigned char out[VERIFY_NAME_BYTES]) {
    unsigned char bytes[5] = {(unsigned char)kind};
    write_be32(bytes + 1, code);
    digest hash = sha256_of(str_of(bytes, sizeof bytes));
    memcpy(out, hash.at, VERIFY_NAME_BYTES);
}

static void code_used(const struct verify_table *codes, uint64_t index,
                      enum evidence_code_kind kind, uint32_t code, struct verify_result *result) {
    unsigned char name[VERIFY_NAME_BYTES];
    if (code == 0) return; /* none */
    code_key(kind, code, name);
    if (!verify_table_find(codes, name))
        verify_finding(result, "entry %llu uses %s code %u, which no earlier entry names",
                       (unsigned long long)index, evidence_code_kind_name(kind), code);
}

enum error_code verify_codes(struct verify_table *codes, uint64_t index,
                             const struct evidence_entry *entry, struct verify_result *result,
                             struct error *e) {
    unsigned parts = evidence_type_parts(entry->type);
    if (parts & EVIDENCE_CODE) {
        unsigned char name[VERIFY_NAME_BYTES];
        struct verify_slot *slot;
        code_key(entry->code_kind, entry->code, name);
        TRY(verify_table_take(codes, name, &slot, e));
        if (slot->live)
            verify_finding(result, "entry %llu names %s code %u again: entry %llu did before",
                           (unsigned long long)index, evidence_code_kind_name(entry->code_kind),
                           entry->code, (unsigned long long)slot->index);
        if (!slot->live) slot->index = index;
        slot->live = true;
    }
    if (!(parts & EVIDENCE_DECISION)) return OK;
    code_used(codes, index, EVIDENCE_CODE_ACT, entry->act, result);
    code_used(codes, index, EVIDENCE_CODE_SECTOR, entry->sector, result);
    code_used(codes, index, EVIDENCE_CODE_CLASS, entry->data_class, result);
    for (size_t i = 0; i < entry->site_count; i++)
        code_used(codes, index, EVIDENCE_CODE_SITE, entry->sites[i], result);
    for (size_t i = 0; i < entry->clause_count; i++)
        code_used(codes, index, EVIDENCE_CODE_CLAUSE, entry->clauses[i].code, result);
    return OK;
}
