/* Findings: what a survey, a watch, an assessment or an inspection noticed. They come in through the
 * door, in reports; what is new or says something new is an entry, what a later report of the same
 * source does not find any more is one too, and what stands unchanged only counts. */
#include "gate/finding/finding.h"

#include "gate/loosen/loosen.h"
#include "gate/state.h"

enum { FINDINGS_A_TURN = 64, GONE_MOST = GATE_FINDINGS_MAX };

static str key_of(const char *prefix, str name, char memory[FINDING_KEY_BYTES]) {
    struct text text = text_into(memory, FINDING_KEY_BYTES);
    text_add_c(&text, prefix);
    text_add(&text, name);
    return text_str(&text);
}

void finding_id(str source, str kind, str subject, const str *clauses, size_t clause_count,
                char out[FINDING_ID_BYTES]) {
    struct sha256 hash;
    const str texts[] = {source, kind, subject};
    sha256_begin(&hash);
    for (size_t i = 0; i < COUNT_OF(texts) + clause_count; i++) {
        str text = i < COUNT_OF(texts) ? texts[i] : clauses[i - COUNT_OF(texts)];
        sha256_add(&hash, text.at, text.len);
        sha256_add(&hash, "", 1); /* no text has a NUL */
    }
    digest whole = sha256_end(&hash);
    hex_write(whole.at, FINDING_ID_BYTES / 2, out);
}

/* ---- rows ---- */

static enum error_code row_write(struct gate_turn *turn, const struct gate_finding *f,
                                 struct error *e) {
    struct arena scratch = turn->scratch;
    char *memory = arena_bytes(&scratch, FINDING_ROW_BYTES), key[FINDING_KEY_BYTES];
    if (memory == NULL) return error_set(e, FAIL_MEMORY, "no room for a finding");
    struct pack p = pack_into(memory, FINDING_ROW_BYTES);
    str row;
    pack_u8(&p, 1);
    pack_u8(&p, f->stands);
    pack_i64(&p, f->first_ns);
    pack_i64(&p, f->last_ns);
    pack_i64(&p, f->gone_ns);
    pack_u64(&p, f->times);
    pack_raw(&p, f->facts.at, DIGEST_BYTES);
    pack_raw(&p, f->report.at, DIGEST_BYTES);
    const str texts[] = {f->source, f->kind,        f->subject,   f->verdict,
                         f->text,   f->first_entry, f->last_entry};
    for (size_t i = 0; i < COUNT_OF(texts); i++) pack_str(&p, texts[i]);
    pack_u8(&p, (uint8_t)f->clause_count);
    for (size_t i = 0; i < f->clause_count; i++) pack_str(&p, f->clauses[i]);
    TRY(pack_done(&p, "a finding", &row, e));
    turn->wrote = true;
    return engine_turn_put(turn->engine, ENGINE_META, key_of("F/", f->id, key), row, e);
}

static enum error_code row_read(str id, str row, struct arena *arena, struct gate_finding *f,
                                struct error *e) {
    struct unpack u = unpack_from(row);
    unsigned format = unpack_u8(&u);
    if (format != 1) return error_set(e, FAIL_VERSION, "a finding of format %u", format);
    *f = (struct gate_finding){.stands = unpack_u8(&u) == 1};
    f->first_ns = unpack_i64(&u);
    f->last_ns = unpack_i64(&u);
    f->gone_ns = unpack_i64(&u);
    f->times = unpack_u64(&u);
    unpack_raw(&u, f->facts.at, DIGEST_BYTES);
    unpack_raw(&u, f->report.at, DIGEST_BYTES);
    str *texts[] = {&f->source, &f->kind,        &f->subject,   &f->verdict,
                    &f->text,   &f->first_entry, &f->last_entry};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        TRY(arena_copy(arena, unpack_str(&u), texts[i], e));
    f->clause_count = unpack_u8(&u);
    str *clauses = arena_new(arena, str, f->clause_count);
    if (clauses == NULL) return error_set(e, FAIL_MEMORY, "no room for a finding");
    for (size_t i = 0; i < f->clause_count; i++)
        TRY(arena_copy(arena, unpack_str(&u), &clauses[i], e));
    f->clauses = clauses;
    TRY(arena_copy(arena, id, &f->id, e));
    return unpack_done(&u, "a finding", e);
}

static enum error_code row_find(struct gate_turn *turn, str id, struct arena *arena,
                                struct gate_finding *out, bool *found, struct error *e) {
    char key[FINDING_KEY_BYTES];
    str row;
    TRY(engine_turn_get(turn->engine, ENGINE_META, key_of("F/", id, key), arena, &row, found, e));
    return *found ? row_read(id, row, arena, out, e) : OK;
}

/* How many of a kind stand, one more or one less. */
static enum error_code count_move(struct gate_turn *turn, str kind, bool more, struct error *e) {
    unsigned char memory[16], row[8];
    char key[FINDING_KEY_BYTES];
    struct arena arena = arena_over(memory, sizeof memory);
    str value;
    bool found;
    str name = key_of("f/", kind, key);
    TRY(engine_turn_get(turn->engine, ENGINE_META, name, &arena, &value, &found, e));
    uint64_t count = found && value.len == 8 ? read_be64(value.at) : 0;
    if (more && count >= GATE_FINDINGS_MAX)
        return error_set(e, FAIL_LIMIT,
                         "%d findings of kind %.*s stand already: narrow the report, or fold it",
                         GATE_FINDINGS_MAX, STR_FMT(kind));
    write_be64(row, more ? count + 1 : count - (count > 0));
    return engine_turn_put(turn->engine, ENGINE_META, name, str_of(row, sizeof row), e);
}

/* ---- entries ---- */

static enum error_code entry_write(struct gate_turn *turn, const struct gate_finding *f,
                                   const char *said, const struct evidence_values *who,
                                   uint64_t *entry, struct error *e) {
    const struct gate_rules *rules = atomic_load(&turn->gate->world)->rules;
    struct gate_turn narrower = *turn;
    struct gate_decided_clause *clauses =
        arena_new(&narrower.scratch, struct gate_decided_clause, f->clause_count);
    uint8_t effect = f->stands ? EVIDENCE_EFFECT_WARN : EVIDENCE_EFFECT_ALLOW;
    char facts[2 * DIGEST_BYTES];
    if (clauses == NULL) return error_set(e, FAIL_MEMORY, "no room for a finding");
    if (str_equal(f->verdict, STR("unknown"))) effect |= EVIDENCE_EFFECT_UNKNOWN;
    for (size_t i = 0; i < f->clause_count; i++)
        clauses[i] = (struct gate_decided_clause){.name = f->clauses[i], .effect = effect};
    struct gate_decided decided = {.act = STR("administer"),
                                   .effect = f->stands ? GATE_WARN : GATE_ALLOW,
                                   .rule_digest = *gate_rules_digest(rules),
                                   .clauses = clauses,
                                   .clause_count = f->clause_count};
    struct gate_record record = {.type = EVIDENCE_FINDING, .decided = &decided};
    if (who != NULL) record.values = *who;
    hex_write(f->facts.at, DIGEST_BYTES, facts);
    record.values.of[EVIDENCE_SUBJECT] = f->subject;
    TRY(arena_format(&narrower.scratch, &record.values.of[EVIDENCE_DETAIL], e,
                     "%s %.*s by %.*s: %.*s: %.*s; facts sha256:%.*s", said, STR_FMT(f->kind),
                     STR_FMT(f->source), STR_FMT(f->verdict), STR_FMT(f->text), (int)sizeof facts,
                     facts));
    TRY(gate_record_append(&narrower, &record, entry, e));
    turn->wrote = true;
    return OK;
}

static enum error_code receipt_write(struct gate_turn *turn, uint64_t entry, struct arena *arena,
                                     str *out, struct error *e) {
    char text[LEDGER_RECEIPT_BYTES];
    size_t len = ledger_receipt_write(turn->gate->ledger, entry, entry, text);
    return arena_copy(arena, str_of(text, len), out, e);
}

static bool is_word(str text, size_t most) {
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] < 0x20 || text.at[i] == 0x7f) return false;
    return text.len > 0 && text.len <= most;
}

static enum error_code finding_check(const struct gate_finding *f, struct error *e) {
    const struct {
        const char *name;
        str text;
        size_t most;
    } texts[] = {{"source", f->source, 256},
                 {"kind", f->kind, 32},
                 {"subject", f->subject, 512},
                 {"verdict", f->verdict, 32},
                 {"text", f->text, GATE_FINDING_TEXT_BYTES}};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (!(i == 4 ? f->text.len <= texts[i].most : is_word(texts[i].text, texts[i].most)))
            return error_set(e, FAIL_USAGE, "a finding's %s is %s%zu bytes%s", texts[i].name,
                             i == 4 ? "at most " : "1 to ", texts[i].most,
                             i == 4 ? "" : " without control characters");
    if (f->clause_count > GATE_FINDING_CLAUSES)
        return error_set(e, FAIL_USAGE, "a finding concerns at most %d clauses",
                         GATE_FINDING_CLAUSES);
    for (size_t i = 0; i < f->clause_count; i++)
        if (!is_word(f->clauses[i], 256))
            return error_set(e, FAIL_USAGE, "a clause is named as RULEBOOK/ID");
    return OK;
}

/* ---- standing and ending ---- */

enum error_code finding_stands(struct gate_turn *turn, const struct gate_finding *finding,
                               const digest *report, const struct evidence_values *who,
                               uint64_t *entry, struct error *e) {
    struct gate_turn narrower = *turn;
    struct gate_finding f = *finding, before;
    char id[FINDING_ID_BYTES];
    bool found;
    *entry = UINT64_MAX;
    TRY(finding_check(finding, e));
    finding_id(f.source, f.kind, f.subject, f.clauses, f.clause_count, id);
    f.id = str_of(id, sizeof id);
    TRY(row_find(turn, f.id, &narrower.scratch, &before, &found, e));
    bool stood = found && before.stands;
    bool same = stood && str_equal(before.verdict, f.verdict) &&
                digest_equal(&before.facts, &f.facts) && str_equal(before.text, f.text);
    f.stands = true;
    f.report = *report;
    f.first_ns = stood ? before.first_ns : turn->now_ns;
    f.last_ns = turn->now_ns;
    f.gone_ns = 0;
    f.times = (stood ? before.times : 0) + 1;
    f.first_entry = stood ? before.first_entry : STR_EMPTY;
    f.last_entry = stood ? before.last_entry : STR_EMPTY;
    if (!stood) TRY(count_move(turn, f.kind, true, e));
    if (!same) {
        TRY(entry_write(&narrower, &f, stood ? "changed" : "found", who, entry, e));
        TRY(receipt_write(turn, *entry, &narrower.scratch, &f.last_entry, e));
        if (!stood) f.first_entry = f.last_entry;
    }
    TRY(row_write(&narrower, &f, e));
    turn->wrote = true;
    return OK;
}

enum error_code finding_ends(struct gate_turn *turn, str id, const digest *report, const char *why,
                             const struct evidence_values *who, bool *gone, struct error *e) {
    struct gate_turn narrower = *turn;
    struct gate_finding f;
    uint64_t entry;
    TRY(row_find(turn, id, &narrower.scratch, &f, gone, e));
    *gone = *gone && f.stands && (report == NULL || !digest_equal(&f.report, report));
    if (!*gone) return OK;
    f.stands = false;
    f.gone_ns = turn->now_ns;
    TRY(count_move(turn, f.kind, false, e));
    TRY(entry_write(&narrower, &f, why, who, &entry, e));
    TRY(receipt_write(turn, entry, &narrower.scratch, &f.last_entry, e));
    TRY(row_write(&narrower, &f, e));
    turn->wrote = true;
    return OK;
}

/* ---- a report comes in ---- */

struct taking {
    struct gate_work work;
    struct gate_visit *visit;
    const struct gate_report *report;
    size_t at, end; /* of its findings, in this turn */
    const str *gone;
    struct evidence_values who;
    struct gate_report_taken *out;
    struct gate_report_taken before; /* of this turn: a withdrawn one counts for nothing */
    uint64_t entry;
};

static enum error_code findings_apply(struct gate_turn *turn, void *self, struct error *e) {
    struct taking *t = self;
    const struct gate_report *r = t->report;
    TRY(gate_still_allowed(turn, t->visit, IDENTITY_ADMIN, STR_EMPTY, e));
    *t->out = t->before;
    for (size_t i = t->at; i < t->end; i++) {
        struct gate_finding f = r->findings[i];
        uint64_t entry;
        f.source = r->source;
        TRY(finding_stands(turn, &f, &r->digest, &t->who, &entry, e));
        t->out->entered += entry != UINT64_MAX;
        t->out->standing++;
    }
    return OK;
}

static enum error_code gone_apply(struct gate_turn *turn, void *self, struct error *e) {
    struct taking *t = self;
    TRY(gate_still_allowed(turn, t->visit, IDENTITY_ADMIN, STR_EMPTY, e));
    *t->out = t->before;
    for (size_t i = t->at; i < t->end; i++) {
        bool gone;
        TRY(finding_ends(turn, t->gone[i], &t->report->digest, "not found any more:", &t->who,
                         &gone, e));
        t->out->gone += gone;
    }
    return OK;
}

static enum error_code report_apply(struct gate_turn *turn, void *self, struct error *e) {
    struct taking *t = self;
    struct gate_record record = {
        .type = EVIDENCE_REPORT, .values = t->who, .other = t->report->digest};
    TRY(gate_still_allowed(turn, t->visit, IDENTITY_ADMIN, STR_EMPTY, e));
    record.values.of[EVIDENCE_SUBJECT] = t->report->source;
    record.values.of[EVIDENCE_DETAIL] = t->report->detail;
    return gate_record_append(turn, &record, &t->entry, e);
}

static enum error_code in_turns(struct taking *t, size_t count,
                                enum error_code (*apply)(struct gate_turn *turn, void *self,
                                                         struct error *e),
                                struct error *e) {
    for (size_t at = 0; at < count; at = t->end) {
        t->at = at;
        t->end = size_min(count, at + FINDINGS_A_TURN);
        t->before = *t->out;
        t->work = (struct gate_work){.apply = apply, .self = t, .bytes = 4096 * (t->end - at)};
        TRY(gate_submit(t->visit->gate, &t->work, e));
    }
    return OK;
}

struct passed_over {
    const struct gate_report *report;
    str *ids;
    size_t count;
    struct arena *arena;
};

/* Scanned beside turns; the turn looks again. */
static enum error_code gone_take(void *self, str id, str row, struct arena *once, struct error *e) {
    struct passed_over *p = self;
    struct gate_finding f;
    TRY(row_read(id, row, once, &f, e));
    bool gone = f.stands && str_equal(f.source, p->report->source) &&
                !digest_equal(&f.report, &p->report->digest);
    if (!gone || p->count == GONE_MOST) return OK;
    return arena_copy(p->arena, id, &p->ids[p->count++], e);
}

static enum error_code gone_end(struct taking *t, struct error *e) {
    struct arena_space space, scratch_space;
    struct arena arena, scratch;
    struct passed_over p = {.report = t->report, .arena = &arena};
    TRY(arena_space_open(&space, GONE_MOST * (sizeof(str) + 32) + 4096, &arena, e));
    enum error_code code = arena_space_open(&scratch_space, 1 << 20, &scratch, e);
    if (code != OK) {
        arena_space_release(&space);
        return code;
    }
    p.ids = arena_new(&arena, str, GONE_MOST);
    assert(p.ids != NULL); /* the space was made for them */
    code = loosen_walk(t->visit->gate, STR("F/"), STR("F0"), &scratch, false, gone_take, &p, e);
    t->gone = p.ids;
    if (code == OK) code = in_turns(t, p.count, gone_apply, e);
    arena_space_release(&scratch_space);
    arena_space_release(&space);
    return code;
}

enum error_code gate_report_take(struct gate_visit *visit, const struct gate_report *report,
                                 struct gate_report_taken *out, struct gate_answer *answer,
                                 struct error *e) {
    struct taking t = {.visit = visit, .report = report, .out = out};
    *out = (struct gate_report_taken){0};
    *answer = (struct gate_answer){0};
    TRY(gate_allow(visit, IDENTITY_ADMIN, STR_EMPTY, e));
    if (!is_word(report->source, 256))
        return error_set(e, FAIL_USAGE, "a report names its source in 1 to 256 bytes");
    if (report->detail.len > GATE_FINDING_TEXT_BYTES)
        return error_set(e, FAIL_USAGE, "what a report says of itself is over %d bytes",
                         GATE_FINDING_TEXT_BYTES);
    TRY(gate_visit_values(visit, STR_EMPTY, STR_EMPTY, &t.who, e));
    TRY(in_turns(&t, report->count, findings_apply, e));
    if (!report->is_last) return OK;
    TRY(gone_end(&t, e));
    t.work = (struct gate_work){.apply = report_apply, .self = &t, .bytes = 4096};
    TRY(gate_submit(visit->gate, &t.work, e));
    return gate_receipt(visit, t.entry, t.entry, &answer->receipt, e);
}

/* ---- shown ---- */

struct showing {
    const struct gate_finding_filter *filter;
    enum error_code (*each)(void *self, const struct gate_finding *, struct error *e);
    void *self;
    size_t shown;
};

static bool concerns(const struct gate_finding *f, str clause) {
    for (size_t i = 0; i < f->clause_count; i++)
        if (str_equal(f->clauses[i], clause)) return true;
    return clause.len == 0;
}

static enum error_code row_show(void *self, str id, str row, struct arena *arena, struct error *e) {
    struct showing *s = self;
    const struct gate_finding_filter *want = s->filter;
    struct gate_finding f;
    if (s->shown >= want->max || (want->after.len > 0 && str_compare(id, want->after) <= 0))
        return OK;
    TRY(row_read(id, row, arena, &f, e));
    bool wanted = (f.stands || want->gone_too) && concerns(&f, want->clause) &&
                  (want->kind.len == 0 || str_equal(f.kind, want->kind)) &&
                  (want->subject.len == 0 || str_equal(f.subject, want->subject));
    if (!wanted) return OK;
    s->shown++;
    return s->each(s->self, &f, e);
}

enum error_code
gate_finding_list(struct gate_visit *visit, const struct gate_finding_filter *filter,
                  enum error_code (*each)(void *self, const struct gate_finding *, struct error *e),
                  void *self, struct error *e) {
    struct showing s = {filter, each, self, 0};
    TRY(gate_allow_look(visit, e));
    TRY(gate_look(visit, "findings", STR("findings"), e));
    return loosen_walk(visit->gate, STR("F/"), STR("F0"), visit->arena, false, row_show, &s, e);
}

enum error_code gate_finding_show(struct gate_visit *visit, str id, struct gate_finding *out,
                                  struct error *e) {
    struct engine_view *view;
    char key[FINDING_KEY_BYTES];
    str row;
    bool found;
    TRY(gate_allow_look(visit, e));
    TRY(gate_look(visit, "findings", id, e));
    TRY(engine_view_open(visit->gate->engine, &view, e));
    enum error_code code = engine_view_get(
        view, ENGINE_META, key_of("F/", str_slice(id, 0, 60), key), visit->arena, &row, &found, e);
    engine_view_close(view);
    if (code == OK && !found)
        code = error_set(e, FAIL_NOT_FOUND, "there is no finding \"%.*s\"",
                         STR_FMT(str_slice(id, 0, 60)));
    return code == OK ? row_read(id, row, visit->arena, out, e) : code;
}

/* ---- counted ---- */

struct counting {
    struct gate_state *out;
    struct gate_count_of *kinds;
};

static enum error_code kind_count(void *self, str kind, str row, struct arena *arena,
                                  struct error *e) {
    struct counting *c = self;
    if (row.len != 8)
        return error_set(e, FAIL_CORRUPT, "a count of findings of %zu bytes", row.len);
    uint64_t count = read_be64(row.at);
    c->out->findings += count;
    if (count == 0 || c->out->finding_kind_count == GATE_FINDING_KINDS) return OK;
    struct gate_count_of *of = &c->kinds[c->out->finding_kind_count++];
    of->count = count;
    return arena_copy(arena, kind, &of->name, e);
}

enum error_code gate_findings_count(struct gate *gate, struct arena *arena, struct gate_state *out,
                                    struct error *e) {
    struct counting c = {out, arena_new(arena, struct gate_count_of, GATE_FINDING_KINDS)};
    if (c.kinds == NULL) return error_set(e, FAIL_MEMORY, "no room for findings");
    out->finding_kinds = c.kinds;
    return loosen_walk(gate, STR("f/"), STR("f0"), arena, true, kind_count, &c, e);
}
