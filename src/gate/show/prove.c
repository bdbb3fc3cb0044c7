/* Proofs: an object's entry, shown to be in the ledger, with the fields the caller chooses to open
 * and the words its codes stand for. Format: docs/formats/proof.md. */
#include "gate/rules/rules.h"
#include "gate/turn/past.h"

enum { PROVE_SPACE_BYTES = 16 << 20, PROVE_NAMES_MAX = 96 };

struct proving {
    struct gate_visit *visit;
    struct engine_view *view;
    struct arena arena, scratch; /* two halves of one space: never the same bytes */
    uint32_t number;             /* of the entry's log: the newest, or one that it has succeeded */
    uint64_t index;
    struct evidence_entry entry;
    struct evidence_extra extra;
    struct evidence_name *names;
    size_t name_count;
};

/* ---- the words of codes, each with its own path ---- */

static enum error_code name_add(struct proving *p, enum evidence_code_kind kind, uint32_t code,
                                struct error *e) {
    str row;
    bool found;
    if (code == 0 || p->name_count == PROVE_NAMES_MAX) return OK;
    TRY(gate_code_row(p->visit->gate, p->view, p->number, kind, code, &p->arena, &row, &found, e));
    if (!found || row.len <= 8) return OK; /* the proof then shows the number alone */
    struct ledger *ledger = p->visit->gate->ledger;
    struct ledger_proof proof;
    struct evidence_name name = {.index = read_be64(row.at)};
    for (size_t i = 0; i < p->name_count; i++)
        if (p->names[i].index == name.index) return OK;
    TRY(ledger_prove(ledger, p->number, name.index, &p->arena, p->scratch, &proof, e));
    digest *path = arena_new(&p->arena, digest, proof.path.count);
    if (path == NULL) return error_set(e, FAIL_MEMORY, "no room for a path");
    memcpy(path, proof.path.at, proof.path.count * sizeof *path);
    TRY(ledger_entry_read(ledger, p->number, name.index, p->view, &p->arena, p->scratch,
                          &name.entry, e));
    name.path = path;
    name.path_count = proof.path.count;
    size_t at = p->name_count++;
    while (at > 0 && p->names[at - 1].index > name.index) {
        p->names[at] = p->names[at - 1];
        at--;
    }
    p->names[at] = name;
    return OK;
}

static enum error_code names_add(struct proving *p, struct error *e) {
    p->names = arena_new(&p->arena, struct evidence_name, PROVE_NAMES_MAX);
    if (p->names == NULL) return error_set(e, FAIL_MEMORY, "no room for names");
    TRY(name_add(p, EVIDENCE_CODE_ACT, p->entry.act, e));
    TRY(name_add(p, EVIDENCE_CODE_SECTOR, p->entry.sector, e));
    TRY(name_add(p, EVIDENCE_CODE_CLASS, p->entry.data_class, e));
    for (size_t i = 0; i < p->entry.site_count; i++)
        TRY(name_add(p, EVIDENCE_CODE_SITE, p->entry.sites[i], e));
    for (size_t i = 0; i < p->entry.clause_count; i++)
        TRY(name_add(p, EVIDENCE_CODE_CLAUSE, p->entry.clauses[i].code, e));
    p->extra.names = p->names;
    p->extra.name_count = p->name_count;
    return OK;
}

/* ---- the fields ---- */

static enum error_code opens_add(struct proving *p, const str *fields, size_t count,
                                 struct error *e) {
    struct evidence_opening opening;
    struct evidence_open *opens = arena_new(&p->arena, struct evidence_open, count);
    if (opens == NULL) return error_set(e, FAIL_MEMORY, "no room for opened fields");
    if (count == 0) return OK;
    TRY(gate_opening_read(p->visit->gate, p->view, p->number, p->index, &p->arena, &opening, e));
    for (size_t i = 0; i < count; i++) {
        enum evidence_field field;
        struct evidence_open open;
        if (!evidence_field_find(fields[i], &field))
            return error_set(e, FAIL_USAGE,
                             "\"%.*s\" is no field: bucket key version size digest time user "
                             "address facts request dataset source",
                             STR_FMT(fields[i]));
        TRY(evidence_open_make(opening.type, &opening.osalt, &opening.values, field, &open, e));
        size_t at = p->extra.open_count;
        while (at > 0 && opens[at - 1].field > field) at--;
        if (at > 0 && opens[at - 1].field == field) continue;
        memmove(&opens[at + 1], &opens[at], (p->extra.open_count - at) * sizeof *opens);
        opens[at] = open;
        p->extra.open_count++;
    }
    p->extra.opens = opens;
    return OK;
}

static enum error_code file_write(struct proving *p, struct text *out, struct error *e) {
    struct ledger *ledger = p->visit->gate->ledger;
    struct ledger_proof proof;
    char *memory;
    struct tlog_proof file = {.index = p->index};
    uint32_t newest = ledger_number(ledger);
    if (p->number < newest) /* the file proves the entry that leads to the log before */
        TRY(gate_steps_make(p->visit->gate, p->view, p->number, p->index, &p->arena, p->scratch,
                            &p->extra, &file.index, e));
    TRY(ledger_prove(ledger, newest, file.index, &p->arena, p->scratch, &proof, e));
    memory = arena_bytes(&p->arena, TLOG_EXTRA_BYTES_MAX);
    if (memory == NULL) return error_set(e, FAIL_MEMORY, "no room for a proof");
    TRY(evidence_extra_encode(&p->extra, memory, TLOG_EXTRA_BYTES_MAX, &file.extra, e));
    file.path = proof.path;
    file.checkpoint = proof.note;
    return tlog_proof_write(out, &file, e);
}

static enum error_code entry_prove(struct proving *p, uint64_t sequence, const str *fields,
                                   size_t count, struct text *out, struct error *e) {
    struct ledger *ledger = p->visit->gate->ledger;
    p->number = gate_eras_find(p->visit->gate->eras, sequence);
    TRY(ledger_entry_read(ledger, p->number, p->index, p->view, &p->arena, p->scratch,
                          &p->extra.entry, e));
    TRY(evidence_entry_decode(p->extra.entry, &p->arena, &p->entry, e));
    TRY(opens_add(p, fields, count, e));
    TRY(names_add(p, e));
    return file_write(p, out, e);
}

struct publishing {
    struct gate *gate;
    enum error_code code;
    struct error error;
};

/* On a worker: one publisher at a time, and whoever waits for another blocks no reactor. */
static void publish(void *argument) {
    struct publishing *p = argument;
    pthread_mutex_lock(&p->gate->publish_lock);
    p->code = ledger_publish(p->gate->ledger, &p->error);
    pthread_mutex_unlock(&p->gate->publish_lock);
}

enum error_code gate_publish_now(struct gate *gate, struct error *e) {
    struct publishing p = {.gate = gate};
    worker_do(publish, &p);
    if (p.code != OK && e != NULL) *e = p.error;
    return p.code;
}

/* What an inspector is shown: the object's entry, and which fields of it. */
static enum error_code proof_look(struct gate_visit *visit, const struct gate_get *get,
                                  const str *fields, size_t count, struct error *e) {
    char memory[EVIDENCE_VALUE_BYTES];
    struct text what = text_into(memory, sizeof memory);
    if (!gate_visit_is_inspector(visit)) return OK;
    text_format(&what, "proof:%.*s/%.*s", STR_FMT(get->bucket), STR_FMT(get->key));
    for (size_t i = 0; i < count && !what.overflow; i++)
        text_format(&what, "%c%.*s", i == 0 ? '?' : '&', STR_FMT(fields[i]));
    if (what.overflow) return error_set(e, FAIL_LIMIT, "over %zu bytes of names", sizeof memory);
    return gate_look(visit, "proof", text_str(&what), e);
}

enum error_code gate_prove(struct gate_visit *visit, const struct gate_get *which,
                           const str *fields, size_t count, struct text *out,
                           struct gate_answer *answer, struct error *e) {
    struct gate_reading reading;
    struct gate_get get = *which;
    struct proving p = {.visit = visit};
    struct arena_space space;
    get.head_only = get.for_proof = true;
    TRY(proof_look(visit, &get, fields, count, e));
    enum error_code code = gate_read_open(visit, &get, &reading, answer, e);
    /* A delete marker has its entry too: with its id it can be proved. */
    if (code == FAIL_METHOD_NOT_ALLOWED && reading.version.is_delete_marker) code = OK;
    if (code != OK) return code;
    uint64_t sequence = reading.version.sequence;
    p.index = reading.version.entry;
    gate_read_close(&reading);
    TRY(gate_publish_now(visit->gate, e));
    TRY(arena_space_open(&space, PROVE_SPACE_BYTES, &p.arena, e));
    p.scratch = arena_over(p.arena.next + PROVE_SPACE_BYTES / 2, PROVE_SPACE_BYTES / 2);
    p.arena.end = p.scratch.next;
    code = engine_view_open(visit->gate->engine, &p.view, e);
    if (code == OK) {
        code = entry_prove(&p, sequence, fields, count, out, e);
        engine_view_close(p.view);
    }
    arena_space_release(&space);
    return code;
}
