/* Why: finds the entry of a request by its id and says, for a person, what was decided on what. */
#include "gate/decide/decision.h"
#include "gate/rules/rules.h"
#include "gate/turn/past.h"

enum { WHY_SPACE_BYTES = 8 << 20 };

struct looking {
    struct gate *gate;
    struct engine_view *view;
    struct arena arena;
    struct evidence_opening opening;
    struct evidence_entry entry;
    uint32_t number; /* of the log that is looked at */
    uint64_t index;
};

static enum error_code word_of_code(struct looking *l, enum evidence_code_kind kind, uint32_t code,
                                    str *word, struct error *e) {
    bool found;
    *word = STR("-");
    if (code == 0) return OK;
    TRY(gate_code_row(l->gate, l->view, l->number, kind, code, &l->arena, word, &found, e));
    *word = found && word->len > 8 ? str_skip(*word, 8) : STR("?");
    return OK;
}

static const char *effect_word(unsigned effect) {
    static const char *const words[] = {"passes",   "warns",  "refuses",
                                        "excepted", "lifted", "broken"};
    return (effect & 0x7f) < COUNT_OF(words) ? words[effect & 0x7f] : "?";
}

static enum error_code decision_tell(struct looking *l, struct text *out, struct error *e) {
    static const char *const decisions[] = {"allowed", "allowed with a warning", "refused"};
    const struct evidence_entry *entry = &l->entry;
    str act, sector, class_, word;
    TRY(word_of_code(l, EVIDENCE_CODE_ACT, entry->act, &act, e));
    TRY(word_of_code(l, EVIDENCE_CODE_SECTOR, entry->sector, &sector, e));
    TRY(word_of_code(l, EVIDENCE_CODE_CLASS, entry->data_class, &class_, e));
    text_format(out, "decision  %s: act %.*s, sector %.*s, class %.*s\n",
                decisions[entry->decision], STR_FMT(act), STR_FMT(sector), STR_FMT(class_));
    for (size_t i = 0; i < entry->site_count; i++) {
        TRY(word_of_code(l, EVIDENCE_CODE_SITE, entry->sites[i], &word, e));
        text_format(out, "site      %.*s\n", STR_FMT(word));
    }
    for (size_t i = 0; i < entry->clause_count; i++) {
        TRY(word_of_code(l, EVIDENCE_CODE_CLAUSE, entry->clauses[i].code, &word, e));
        text_format(
            out, "clause    %.*s %s%s\n", STR_FMT(word), effect_word(entry->clauses[i].effect),
            entry->clauses[i].effect & EVIDENCE_EFFECT_UNKNOWN ? " (a fact is unknown)" : "");
    }
    return OK;
}

static enum error_code tell(struct looking *l, struct text *out, struct error *e) {
    const enum evidence_field *fields;
    size_t count = evidence_type_fields(l->entry.type, &fields);
    str name;
    TRY(gate_entry_name(l->gate, l->number, l->index, &l->arena, &name, e));
    text_format(out, "entry     %.*s (%s)\n", STR_FMT(name), evidence_type_name(l->entry.type));
    if (evidence_type_parts(l->entry.type) & EVIDENCE_DECISION) TRY(decision_tell(l, out, e));
    for (size_t i = 0; i < count; i++) {
        str value = l->opening.values.of[fields[i]];
        if (value.len == 0 || fields[i] == EVIDENCE_FACTS) continue;
        text_format(out, "%-9s ", evidence_field_name(fields[i]));
        evidence_value_write(fields[i], value, out);
        text_add_char(out, '\n');
    }
    str facts = l->opening.values.of[EVIDENCE_FACTS];
    if (facts.len > 0) TRY(gate_decision_tell(facts, l->arena, out, e));
    return out->overflow ? error_set(e, FAIL_LIMIT, "the answer is too long") : OK;
}

static enum error_code entry_load(struct looking *l, uint64_t index, struct error *e) {
    struct ledger *ledger = l->gate->ledger;
    struct arena scratch = l->arena;
    str bytes;
    scratch.next += 1 << 16;
    TRY(ledger_entry_read(ledger, l->number, index, l->view, &l->arena, scratch, &bytes, e));
    TRY(evidence_entry_decode(bytes, &l->arena, &l->entry, e));
    l->index = index;
    return OK;
}

/* Is entry `index` about the request? A fold is about those that it only counts. Entries without an
 * opening are about nothing that can be told. */
static enum error_code look_at(struct looking *l, uint64_t index, str request_id, bool *it_is,
                               struct error *e) {
    enum error_code code =
        gate_opening_read(l->gate, l->view, l->number, index, &l->arena, &l->opening, e);
    *it_is = false;
    if (code == FAIL_NOT_FOUND) return OK;
    if (code != OK) return code;
    str said = l->opening.values.of[EVIDENCE_REQUEST];
    bool folded = l->opening.type == EVIDENCE_FOLD && gate_fold_names(said, request_id);
    if (!folded && !str_equal(said, request_id)) return OK;
    *it_is = true;
    return entry_load(l, index, e);
}

/* The entry that stands for a repeat: the first alike, with all it says. */
static enum error_code first_tell(struct looking *l, uint64_t first, struct text *out,
                                  struct error *e) {
    TRY(entry_load(l, first, e));
    enum error_code code =
        gate_opening_read(l->gate, l->view, l->number, first, &l->arena, &l->opening, e);
    if (code == FAIL_NOT_FOUND) l->opening = (struct evidence_opening){.type = l->entry.type};
    if (code != OK && code != FAIL_NOT_FOUND) return code;
    return tell(l, out, e);
}

static enum error_code fold_tell(struct looking *l, struct text *out, struct error *e) {
    str first, name; /* a fold is of entries of its own log */
    TRY(gate_entry_name(l->gate, l->number, l->entry.span_first, &l->arena, &first, e));
    TRY(gate_entry_name(l->gate, l->number, l->index, &l->arena, &name, e));
    text_format(out,
                "repeat    one of %llu that followed %.*s within a minute, alike, and were only "
                "counted: in %.*s\n",
                (unsigned long long)l->entry.span_count, STR_FMT(first), STR_FMT(name));
    return first_tell(l, l->entry.span_first, out, e);
}

static enum error_code open_fold_tell(struct looking *l, const struct gate_fold_found *fold,
                                      struct text *out, struct error *e) {
    char ends[CLOCK_TEXT_BYTES];
    clock_iso_s_write(fold->ends_ns, ends);
    text_format(
        out,
        "repeat    of %.*s#%llu, alike within the minute, and only counted: %llu so far; the "
        "count is an entry at %s\n",
        STR_FMT(ledger_origin(l->gate->ledger)), (unsigned long long)fold->first,
        (unsigned long long)fold->count, ends);
    return first_tell(l, fold->first, out, e);
}

/* The newest `*room` of the `size` entries of one log; *room: how many may still be looked at. */
static enum error_code log_look(struct looking *l, str request_id, uint64_t size, uint64_t *room,
                                bool *it_is, struct error *e) {
    struct arena fresh = l->arena;
    for (uint64_t i = size; i > 0 && *room > 0; i--, --*room) {
        l->arena = fresh;
        TRY(look_at(l, i - 1, request_id, it_is, e));
        if (*it_is) return OK;
    }
    l->arena = fresh;
    return OK;
}

/* From the newest entry of the newest log back through the line. Files of an old log that are gone take
 * its entries with them, and nothing else: their openings say which request they were about. */
static enum error_code newest_tell(struct looking *l, str request_id, uint64_t size,
                                   struct text *out, struct error *e) {
    uint64_t room = WHY_ENTRIES_MAX;
    bool it_is = false;
    for (; l->number > 0 && room > 0; l->number--) {
        struct ledger_old old = {.size = size};
        bool is_newest = l->number == ledger_number(l->gate->ledger);
        enum error_code code =
            is_newest ? OK : ledger_old_find(l->gate->ledger, l->number, &old, e);
        if (code == FAIL_NOT_FOUND) continue; /* lost whole */
        if (code != OK) return code;
        TRY(log_look(l, request_id, old.size, &room, &it_is, e));
        if (it_is) return l->entry.type == EVIDENCE_FOLD ? fold_tell(l, out, e) : tell(l, out, e);
    }
    return error_set(e, FAIL_NOT_FOUND,
                     "none of the newest %llu entries names the request \"%.*s\"; a read that no "
                     "rule wants recorded leaves no entry, nor does what failed before a rule was "
                     "asked: the store's log tells of both",
                     (unsigned long long)(WHY_ENTRIES_MAX - room), STR_FMT(request_id));
}

enum error_code gate_why(struct gate_visit *visit, str request_id, struct text *out,
                         struct error *e) {
    struct looking l = {.gate = visit->gate, .number = ledger_number(visit->gate->ledger)};
    struct arena_space space;
    struct ledger_state state;
    struct gate_fold_found fold;
    TRY(gate_allow(visit, IDENTITY_ADMIN, STR_EMPTY, e));
    /* Asked before the entries: a window that closes in between has its entry by then. */
    TRY(gate_fold_find(visit->gate, request_id, &fold, e));
    ledger_state(visit->gate->ledger, &state);
    TRY(arena_space_open(&space, WHY_SPACE_BYTES, &l.arena, e));
    enum error_code code = engine_view_open(visit->gate->engine, &l.view, e);
    if (code == OK) {
        code = fold.found ? open_fold_tell(&l, &fold, out, e)
                          : newest_tell(&l, request_id, state.committed_size, out, e);
        engine_view_close(l.view);
    }
    arena_space_release(&space);
    return code;
}

/* ---- names, for who signed in ---- */

enum { NAMED_LOOKED_AT = 2000 };

static enum error_code named_show(struct looking *l, struct gate_visit *visit, uint64_t index,
                                  enum error_code (*each)(void *self, const struct gate_named *,
                                                          struct error *e),
                                  void *self, unsigned *shown, struct error *e) {
    enum error_code code =
        gate_opening_read(l->gate, l->view, l->number, index, &l->arena, &l->opening, e);
    if (code == FAIL_NOT_FOUND) return OK;
    if (code != OK) return code;
    const str *values = l->opening.values.of;
    if (values[EVIDENCE_BUCKET].len == 0) return OK;
    if (!identity_allows(visit->user, IDENTITY_LIST, values[EVIDENCE_BUCKET])) return OK;
    struct gate_named named = {.index = index,
                               .type = evidence_type_name(l->opening.type),
                               .bucket = values[EVIDENCE_BUCKET],
                               .key = values[EVIDENCE_KEY],
                               .user = values[EVIDENCE_USER]};
    if (values[EVIDENCE_TIME].len == 8)
        named.time_ns = (int64_t)read_be64(values[EVIDENCE_TIME].at);
    (*shown)++;
    return each(self, &named, e);
}

enum error_code gate_named_list(struct gate_visit *visit,
                                enum error_code (*each)(void *self, const struct gate_named *,
                                                        struct error *e),
                                void *self, struct error *e) {
    struct looking l = {.gate = visit->gate, .number = ledger_number(visit->gate->ledger)};
    struct arena_space space;
    struct ledger_state state;
    unsigned shown = 0;
    if (visit->user == NULL) return gate_denied(visit, "Access Denied", e);
    TRY(gate_look(visit, "page", STR("page"), e));
    ledger_state(visit->gate->ledger, &state);
    TRY(arena_space_open(&space, WHY_SPACE_BYTES, &l.arena, e));
    struct arena fresh = l.arena;
    uint64_t size = state.committed_size, least = size - u64_min(size, NAMED_LOOKED_AT);
    enum error_code code = engine_view_open(visit->gate->engine, &l.view, e);
    if (code == OK) {
        for (uint64_t i = size; i > least && code == OK && shown < GATE_RECENT_MAX; i--) {
            l.arena = fresh;
            code = named_show(&l, visit, i - 1, each, self, &shown, e);
        }
        engine_view_close(l.view);
    }
    arena_space_release(&space);
    return code;
}
