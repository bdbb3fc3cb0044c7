/* Codes: short numbers for acts, clauses, sectors, classes and sites, so that a supervisor can
 * count entries without opening them. A code's meaning is itself an entry, written in the turn that
 * first uses it, and a row for finding it again. Only the committer touches the table. */
#include "gate/turn/committer.h"

#include <stdlib.h>

enum { CODES_SLOTS = 1 << 14, CODES_MAX = CODES_SLOTS / 2 };

struct code {
    enum evidence_code_kind kind;
    uint32_t number;
    str word;
};
struct gate_codes {
    struct code all[CODES_MAX]; /* in the order they were learnt */
    uint32_t count, marked, kept;
    uint32_t next[EVIDENCE_CODE_KIND_LAST + 1];
    uint16_t slots[CODES_SLOTS]; /* 1 + position in `all`; 0: empty */
    struct arena_space space;
    struct arena words;
};

static uint32_t slot_of(const struct gate_codes *codes, enum evidence_code_kind kind, str word) {
    uint32_t slot = (uint32_t)str_hash(word, (uint64_t)kind) % CODES_SLOTS;
    while (codes->slots[slot] != 0) {
        const struct code *code = &codes->all[codes->slots[slot] - 1];
        if (code->kind == kind && str_equal(code->word, word)) break;
        slot = (slot + 1) % CODES_SLOTS;
    }
    return slot;
}

static enum error_code learn(struct gate_codes *codes, enum evidence_code_kind kind, str word,
                             uint32_t number, struct error *e) {
    if (codes->count == CODES_MAX)
        return error_set(e, FAIL_LIMIT, "more than %d words in the code table", CODES_MAX);
    struct code *code = &codes->all[codes->count];
    TRY(arena_copy(&codes->words, word, &code->word, e));
    code->kind = kind;
    code->number = number;
    codes->slots[slot_of(codes, kind, word)] = (uint16_t)++codes->count;
    if (number > codes->next[kind]) codes->next[kind] = number;
    return OK;
}

/* Newest first: nothing that was learnt later can have walked past the slot that is emptied. */
static void unlearn_to(struct gate_codes *codes, uint32_t count) {
    while (codes->count > count) {
        struct code *code = &codes->all[codes->count - 1];
        codes->slots[slot_of(codes, code->kind, code->word)] = 0;
        codes->next[code->kind] = code->number - 1;
        codes->count--;
    }
}

void gate_codes_mark(struct gate_codes *codes) {
    codes->marked = codes->count;
}
void gate_codes_rewind(struct gate_codes *codes) {
    unlearn_to(codes, codes->marked);
}
void gate_codes_keep(struct gate_codes *codes) {
    codes->kept = codes->count;
}
void gate_codes_forget(struct gate_codes *codes) {
    unlearn_to(codes, codes->kept);
}

static enum error_code row_write(struct gate_turn *turn, enum evidence_code_kind kind,
                                 uint32_t number, str word, uint64_t index, struct error *e) {
    unsigned char key[2 + 1 + 4] = "c/";
    key[2] = (unsigned char)kind;
    write_be32(key + 3, number);
    char memory[8 + EVIDENCE_TEXT_BYTES];
    struct pack p = pack_into(memory, sizeof memory);
    str row;
    pack_u64(&p, index); /* of the entry that says so: a proof shows it */
    pack_raw(&p, word.at, word.len);
    TRY(pack_done(&p, "a code's row", &row, e));
    return engine_turn_put(turn->engine, ENGINE_META, str_of(key, sizeof key), row, e);
}

static enum error_code entry_write(struct gate_turn *turn, enum evidence_code_kind kind,
                                   uint32_t number, str word, uint64_t *index, struct error *e) {
    struct evidence_entry entry = {.type = EVIDENCE_CODE_ROW,
                                   .minute = evidence_minute(turn->now_ns),
                                   .code_kind = kind,
                                   .code = number,
                                   .code_text = word};
    char memory[LIMIT_ENTRY_BYTES];
    str bytes;
    TRY(evidence_entry_encode(&entry, memory, sizeof memory, &bytes, e));
    return ledger_append(turn->gate->ledger, bytes, index, e);
}

enum error_code gate_code_of(struct gate_turn *turn, enum evidence_code_kind kind, str word,
                             uint32_t *code, struct error *e) {
    struct gate_codes *codes = turn->gate->codes;
    if (word.len == 0) {
        *code = 0;
        return OK;
    }
    uint32_t slot = slot_of(codes, kind, word);
    if (codes->slots[slot] != 0) {
        *code = codes->all[codes->slots[slot] - 1].number;
        return OK;
    }
    uint32_t number = codes->next[kind] + 1;
    uint64_t index;
    TRY(entry_write(turn, kind, number, word, &index, e));
    TRY(row_write(turn, kind, number, word, index, e));
    TRY(learn(codes, kind, word, number, e));
    turn->wrote = true;
    *code = number;
    return OK;
}

static enum error_code rows_load(struct gate_codes *codes, struct engine_view *view,
                                 struct error *e) {
    struct engine_scan *scan;
    TRY(engine_view_scan(view, ENGINE_META, STR("c/"), STR("c0"), &scan, e));
    enum error_code code = OK;
    while (code == OK) {
        bool more;
        str key, word;
        code = engine_scan_next(scan, &more, &key, &word, e);
        if (code != OK || !more) break;
        unsigned kind = key.len == 7 ? (unsigned char)key.at[2] : 0;
        if (kind < 1 || kind > EVIDENCE_CODE_KIND_LAST || word.len <= 8)
            code = error_set(e, FAIL_CORRUPT, "a code row's key of %zu bytes", key.len);
        else
            code = learn(codes, kind, str_skip(word, 8), read_be32(key.at + 3), e);
    }
    engine_scan_close(scan);
    return code;
}

enum error_code gate_codes_open(struct engine_view *view, struct gate_codes **out,
                                struct error *e) {
    struct gate_codes *codes = calloc(1, sizeof *codes);
    if (codes == NULL) return error_set(e, FAIL_MEMORY, "no room for the code table");
    enum error_code code = arena_space_open(&codes->space, (size_t)16 << 20, &codes->words, e);
    if (code == OK) code = rows_load(codes, view, e);
    if (code != OK) {
        gate_codes_close(codes);
        return code;
    }
    codes->kept = codes->marked = codes->count;
    *out = codes;
    return OK;
}

void gate_codes_close(struct gate_codes *codes) {
    if (codes == NULL) return;
    arena_space_release(&codes->space);
    free(codes);
}

enum error_code gate_codes_reload(struct gate *gate, struct error *e) {
    struct engine_view *view;
    struct gate_codes *fresh = NULL;
    TRY(engine_view_open(gate->engine, &view, e));
    enum error_code code = gate_codes_open(view, &fresh, e);
    engine_view_close(view);
    if (code != OK) return code;
    gate_codes_close(gate->codes);
    gate->codes = fresh;
    return OK;
}
