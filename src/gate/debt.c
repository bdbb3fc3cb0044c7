/* Debts: obligations that had time. Each is an entry `owed`, and a row until it is met.
 *
 *   d/ index of the entry that owes   what is owed, since when, of which dataset */
#include "gate/committer.h"

enum error_code gate_debts_owe(struct gate_turn *turn, const struct gate_decided *decided,
                               const struct evidence_values *values, uint64_t entry,
                               struct error *e) {
    if (decided->debts.len == 0) return OK;
    struct arena scratch = turn->scratch;
    struct gate_record record = {
        .type = EVIDENCE_DEBT_OWED, .decided = decided, .span_first = entry, .span_count = 1};
    uint64_t index;
    char *memory = arena_bytes(&scratch, 4096);
    unsigned char key[2 + 8] = "d/";
    if (memory == NULL) return error_set(e, FAIL_MEMORY, "no room for a debt");
    record.values.of[EVIDENCE_DETAIL] = decided->debts;
    record.values.of[EVIDENCE_USER] = values->of[EVIDENCE_USER];
    record.values.of[EVIDENCE_SUBJECT] = values->of[EVIDENCE_BUCKET];
    TRY(gate_record_append(turn, &record, &index, e));
    struct pack p = pack_into(memory, 4096);
    str row;
    pack_u8(&p, 1);
    pack_i64(&p, turn->now_ns);
    pack_u64(&p, index);
    pack_str(&p, decided->dataset);
    pack_str(&p, decided->debts);
    TRY(pack_done(&p, "a debt", &row, e));
    write_be64(key + 2, entry);
    return engine_turn_put(turn->engine, ENGINE_META, str_of(key, sizeof key), row, e);
}
