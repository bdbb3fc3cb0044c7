/* Logs that were succeeded: eras, words, and the steps back that a proof takes. */
#include "gate/turn/past.h"

/* ---- eras ---- */

enum { ERA_KEY_BYTES = 2 + 4, WORD_KEY_BYTES = 2 + 4 + 1 + 4, CODE_KEY_BYTES = 2 + 1 + 4 };

static enum error_code era_read(str key, str row, struct gate_era *out, struct error *e) {
    if (key.len != ERA_KEY_BYTES || row.len != 8)
        return error_set(e, FAIL_CORRUPT, "the row of an old log has %zu and %zu bytes", key.len,
                         row.len);
    *out = (struct gate_era){read_be32(key.at + 2), read_be64(row.at)};
    return OK;
}

static enum error_code eras_read(struct engine_view *view, struct gate_era *eras, size_t *out,
                                 struct error *e) {
    struct engine_scan *scan;
    size_t count = 0;
    bool more = true;
    TRY(engine_view_scan(view, ENGINE_META, STR("l/"), STR("l0"), &scan, e));
    enum error_code code = OK;
    while (code == OK) {
        str key, row;
        code = engine_scan_next(scan, &more, &key, &row, e);
        if (code != OK || !more) break;
        code = count == EVIDENCE_LOGS_MAX
                   ? error_set(e, FAIL_LIMIT, "over %d logs", EVIDENCE_LOGS_MAX)
                   : era_read(key, row, &eras[count++], e);
    }
    engine_scan_close(scan);
    if (code == OK) *out = count;
    return code;
}

enum error_code gate_eras_open(struct gate *gate, struct error *e) {
    struct gate_eras *eras = arena_new(&gate->text, struct gate_eras, 1);
    struct gate_era *at = arena_new(&gate->text, struct gate_era, EVIDENCE_LOGS_MAX);
    struct engine_view *view;
    if (eras == NULL || at == NULL) return error_set(e, FAIL_MEMORY, "no room for old logs");
    *eras = (struct gate_eras){.at = at, .now = ledger_number(gate->ledger)};
    TRY(engine_view_open(gate->engine, &view, e));
    enum error_code code = eras_read(view, at, &eras->count, e);
    engine_view_close(view);
    gate->eras = eras;
    return code;
}

uint32_t gate_eras_find(const struct gate_eras *eras, uint64_t sequence) {
    for (size_t i = 0; i < eras->count; i++)
        if (sequence <= eras->at[i].last) return eras->at[i].number;
    return eras->now;
}

/* ---- names of entries ---- */

enum error_code gate_entry_name(const struct gate *gate, uint32_t number, uint64_t index,
                                struct arena *arena, str *out, struct error *e) {
    char origin[TLOG_NAME_BYTES_MAX];
    size_t bytes;
    TRY(ledger_origin_find(gate->ledger, number, origin, &bytes, e));
    return arena_format(arena, out, e, "%.*s#%llu", (int)bytes, origin, (unsigned long long)index);
}

enum error_code gate_entry_named(const struct gate *gate, str name, uint32_t *number,
                                 uint64_t *index, struct error *e) {
    char memory[TLOG_NAME_BYTES_MAX];
    size_t bytes;
    str digits = name, origin = STR_EMPTY;
    bool has_origin = str_cut(&digits, '#', &origin);
    if (!str_u64(digits, index))
        return error_set(e, FAIL_USAGE,
                         "an entry is ORIGIN#INDEX, or the INDEX alone, not \"%.*s\"",
                         STR_FMT(str_slice(name, 0, 100)));
    *number = ledger_number(gate->ledger);
    if (!has_origin) return OK;
    for (; *number > 0; --*number) {
        TRY(ledger_origin_find(gate->ledger, *number, memory, &bytes, e));
        if (str_equal(origin, str_of(memory, bytes))) return OK;
    }
    return error_set(e, FAIL_NOT_FOUND, "no log of this store is called \"%.*s\"",
                     STR_FMT(str_slice(origin, 0, 100)));
}

enum error_code gate_last_time(struct engine_turn *turn, int64_t *last_ns, struct error *e) {
    unsigned char memory[64];
    struct arena scratch = arena_over(memory, sizeof memory);
    str row;
    bool found;
    TRY(engine_turn_get(turn, ENGINE_META, STR("t/last"), &scratch, &row, &found, e));
    if (found && row.len != 8)
        return error_set(e, FAIL_CORRUPT, "the row of the latest time has %zu bytes", row.len);
    *last_ns = found ? (int64_t)read_be64(row.at) : 0;
    return OK;
}

/* ---- words ---- */

static str word_key(uint32_t number, enum evidence_code_kind kind, uint32_t code,
                    unsigned char memory[WORD_KEY_BYTES]) {
    memcpy(memory, "y/", 2);
    write_be32(memory + 2, number);
    memory[6] = (unsigned char)kind;
    write_be32(memory + 7, code);
    return str_of(memory, WORD_KEY_BYTES);
}

static str code_key(enum evidence_code_kind kind, uint32_t code,
                    unsigned char memory[CODE_KEY_BYTES]) {
    memcpy(memory, "c/", 2);
    memory[2] = (unsigned char)kind;
    write_be32(memory + 3, code);
    return str_of(memory, CODE_KEY_BYTES);
}

enum error_code gate_code_row(const struct gate *gate, struct engine_view *view, uint32_t number,
                              enum evidence_code_kind kind, uint32_t code, struct arena *arena,
                              str *row, bool *found, struct error *e) {
    unsigned char memory[WORD_KEY_BYTES];
    str key = number == ledger_number(gate->ledger) ? code_key(kind, code, memory)
                                                    : word_key(number, kind, code, memory);
    return engine_view_get(view, ENGINE_META, key, arena, row, found, e);
}

/* One row of c/, if there is any left. A turn may not be written while it is scanned. */
static enum error_code code_take(struct engine_turn *turn, struct arena *arena, str *key, str *row,
                                 bool *more, struct error *e) {
    struct engine_scan *scan;
    TRY(engine_turn_scan(turn, ENGINE_META, STR("c/"), STR("c0"), &scan, e));
    enum error_code code = engine_scan_next(scan, more, key, row, e);
    if (code == OK && *more) code = arena_copy(arena, *key, key, e);
    if (code == OK && *more) code = arena_copy(arena, *row, row, e);
    engine_scan_close(scan);
    return code;
}

enum error_code gate_era_end(struct engine_turn *turn, uint32_t number, struct error *e) {
    unsigned char key[ERA_KEY_BYTES] = "l/", last[8];
    int64_t last_ns;
    TRY(gate_last_time(turn, &last_ns, e));
    write_be32(key + 2, number);
    write_be64(last, (uint64_t)last_ns);
    TRY(engine_turn_put(turn, ENGINE_META, str_of(key, sizeof key), str_of(last, sizeof last), e));
    for (;;) {
        char memory[64 + EVIDENCE_TEXT_BYTES];
        unsigned char word_memory[WORD_KEY_BYTES];
        struct arena arena = arena_over(memory, sizeof memory);
        str old, row;
        bool more;
        TRY(code_take(turn, &arena, &old, &row, &more, e));
        if (!more) return OK;
        if (old.len != CODE_KEY_BYTES)
            return error_set(e, FAIL_CORRUPT, "a code row's key of %zu bytes", old.len);
        str word = word_key(number, (unsigned char)old.at[2], read_be32(old.at + 3), word_memory);
        TRY(engine_turn_put(turn, ENGINE_META, word, row, e));
        TRY(engine_turn_delete(turn, ENGINE_META, old, e));
    }
}

/* ---- steps ---- */

struct stepping {
    const struct gate *gate;
    struct engine_view *view;
    struct arena *arena, scratch;
};

/* The entry of log `in` that names log `wanted`, or, where that came before all it names, the last
 * of those it names. A log's first entries name the logs before it, newest first, without a gap. */
static enum error_code naming_find(struct stepping *s, uint32_t in, uint32_t wanted, str *bytes,
                                   uint64_t *index, struct error *e) {
    for (uint64_t i = 0;; i++) {
        struct evidence_entry entry;
        struct arena scratch = s->scratch;
        str next;
        enum error_code code =
            ledger_entry_read(s->gate->ledger, in, i, s->view, s->arena, s->scratch, &next, e);
        if (code == OK) code = evidence_entry_decode(next, &scratch, &entry, e);
        bool names = code == OK && entry.type == EVIDENCE_SUCCESSION;
        if (i == 0 && code != OK) return code;
        if (i == 0 && !names)
            return error_set(e, FAIL_CORRUPT, "log %u names no log before it", in);
        if (!names) return OK;
        *bytes = next;
        *index = i;
        if (in - 1 - i == wanted) return OK;
    }
}

/* The path of entry `index` of log `number` in what is left of it. */
static enum error_code step_path(struct stepping *s, uint32_t number, uint64_t index,
                                 struct evidence_step *step, struct error *e) {
    struct ledger_proof proof;
    TRY(ledger_prove(s->gate->ledger, number, index, s->arena, s->scratch, &proof, e));
    digest *path = arena_new(s->arena, digest, proof.path.count);
    if (path == NULL) return error_set(e, FAIL_MEMORY, "no room for a path");
    memcpy(path, proof.path.at, proof.path.count * sizeof *path);
    step->index = index;
    step->path = path;
    step->path_count = proof.path.count;
    return OK;
}

enum error_code gate_steps_make(const struct gate *gate, struct engine_view *view, uint32_t number,
                                uint64_t index, struct arena *arena, struct arena scratch,
                                struct evidence_extra *extra, uint64_t *first, struct error *e) {
    struct stepping s = {.gate = gate, .view = view, .arena = arena, .scratch = scratch};
    struct evidence_step *steps = arena_new(arena, struct evidence_step, EVIDENCE_STEPS_MAX);
    size_t count = 0;
    if (steps == NULL) return error_set(e, FAIL_MEMORY, "no room for a proof's steps");
    for (uint32_t at = ledger_number(gate->ledger); at > number;) {
        uint64_t naming = 0;
        str entry = STR_EMPTY;
        if (count == EVIDENCE_STEPS_MAX)
            return error_set(e, FAIL_LIMIT, "over %d logs came after log %u", EVIDENCE_STEPS_MAX,
                             number);
        TRY(naming_find(&s, at, number, &entry, &naming, e));
        if (count == 0)
            *first = naming;
        else
            TRY(step_path(&s, at, naming, &steps[count - 1], e));
        steps[count++].entry = entry;
        at -= (uint32_t)naming + 1;
    }
    TRY(step_path(&s, number, index, &steps[count - 1], e));
    extra->steps = steps;
    extra->step_count = count;
    return OK;
}
