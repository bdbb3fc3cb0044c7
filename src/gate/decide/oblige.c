/* Obligations at the gate: each that a decision brings is done by the act itself, becomes a debt, or
 * cannot be done in time, and then the act is refused; where only a `should` asks for it, warned.
 *
 *               the store itself does it when                       else, by ack   else, within
 *   encrypt       always, up to 256 bits: what must be is encrypted   refused        owed
 *   keys_in       its site's country is one of those                  refused        owed
 *   copies        one is enough                                       refused        owed *
 *   distance_km   none is asked                                       refused        owed *
 *   keep_at_least its site is such a place: deletes wait (keep.c)     refused **     owed *
 *   keep_at_most  never: whoever keeps it must delete it              owed; refused when over already
 *   approvals     none is asked                                       refused        owed
 *   record        always: writes have entries, reads get one
 *   return, begin                                                     owed: they have their own time
 *
 *   *  unless the register places the copies already    ** owed where other copies are allowed
 * Source: RULEBOOK 5. */
#include "gate/decide/oblige.h"

#include "gate/debt/debt.h"

enum outcome { DONE, OWED, CANNOT };

bool gate_words_have(const str *words, size_t count, str word) {
    for (size_t i = 0; i < count; i++)
        if (str_equal(words[i], word)) return true;
    return false;
}

struct obliged {
    const struct gate_rules *rules;
    const struct gate_dataset *dataset;
    const struct rulebook_decision *decision;
    struct arena scratch;
    int64_t now_ns;
};

/* ---- one obligation ---- */

static enum outcome later(const struct rulebook_obligation *o) {
    return o->by_ack ? CANNOT : OWED;
}

/* What the register says of the dataset's homes, asked of the same facts as the rules are. */
static bool is_placed(const struct obliged *x, const struct rulebook_obligation *o) {
    struct arena scratch = x->scratch;
    struct debt_account account = {.kind = o->kind,
                                   .number = o->number,
                                   .words = o->words,
                                   .word_count = o->word_count,
                                   .dataset = x->dataset->id};
    struct debt_shown shown;
    struct error e;
    return debt_shown_by_register(x->rules, &account, false, &scratch, &shown, &e) == OK &&
           shown.is_met;
}

static bool is_here(const struct obliged *x, const struct rulebook_obligation *o) {
    return o->word_count == 0 || (x->rules->site_country.len > 0 &&
                                  gate_words_have(o->words, o->word_count, x->rules->site_country));
}

static enum outcome keep_outcome(const struct obliged *x, const struct rulebook_obligation *o) {
    if (is_here(x, o)) return DONE;
    if (!o->other_copies) return later(o);
    return is_placed(x, o) ? DONE : OWED;
}

/* When its periods begin; the act where it names no start. */
static bool start_of(const struct obliged *x, const struct rulebook_obligation *o, bool latest,
                     int64_t *out) {
    *out = x->now_ns;
    if (o->start.len == 0) return true;
    return debt_start_find(&x->decision->facts, o->start, x->dataset->id, latest, out);
}

static enum outcome most_outcome(const struct obliged *x, const struct rulebook_obligation *o) {
    int64_t start, end;
    bool is_over = start_of(x, o, false, &start) &&
                   rulebook_periods_latest(&o->periods, start, &end) && end <= x->now_ns;
    return is_over ? CANNOT : OWED;
}

static enum outcome outcome_of(const struct obliged *x, const struct rulebook_obligation *o) {
    switch (o->kind) {
    case RULEBOOK_OBLIGE_RECORD: return DONE;
    case RULEBOOK_OBLIGE_ENCRYPT: return o->number <= 256 ? DONE : later(o);
    case RULEBOOK_OBLIGE_KEYS_IN: /* the keys lie beside the data, at this site */
        return o->word_count > 0 && is_here(x, o) ? DONE : later(o);
    case RULEBOOK_OBLIGE_COPIES:
    case RULEBOOK_OBLIGE_DISTANCE_KM:
        if (o->number <= (o->kind == RULEBOOK_OBLIGE_COPIES ? 1U : 0U)) return DONE;
        /* What is declared beside this store does not hold these bytes before the answer. */
        return !o->by_ack && is_placed(x, o) ? DONE : later(o);
    case RULEBOOK_OBLIGE_APPROVALS: return o->number == 0 ? DONE : later(o);
    case RULEBOOK_OBLIGE_KEEP_AT_LEAST: return keep_outcome(x, o);
    case RULEBOOK_OBLIGE_KEEP_AT_MOST: return most_outcome(x, o);
    case RULEBOOK_OBLIGE_RETURN:
    case RULEBOOK_OBLIGE_BEGIN: return OWED;
    }
    return CANNOT;
}

/* A beginning is bound to the places where the same clause wants the data kept. */
static const struct rulebook_obligation *keeping_beside(const struct rulebook_obligation *begin) {
    for (size_t i = 0; begin->clause != NULL && i < begin->clause->obligation_count; i++)
        if (begin->clause->obligations[i].kind == RULEBOOK_OBLIGE_KEEP_AT_LEAST)
            return &begin->clause->obligations[i];
    return NULL;
}

static enum error_code owe(const struct obliged *x, const struct rulebook_obligation *o,
                           struct pack *debts, struct error *e) {
    struct rulebook_obligation named = *o;
    struct debt_new new = {0};
    if (o->kind == RULEBOOK_OBLIGE_BEGIN) {
        const struct rulebook_obligation *keeping = keeping_beside(o);
        if (keeping != NULL) {
            named.words = keeping->words;
            named.word_count = keeping->word_count;
        }
        new.is_done = is_here(x, &named);
    }
    new.start_known = start_of(x, o, false, &new.start_ns);
    return debt_new_pack(debts, &named, x->dataset, &new, x->scratch, e);
}

/* ---- all of a decision ---- */

static void cannot_say(const struct rulebook_obligation *o, struct text *out) {
    if (out->len > 0) text_add_c(out, "; ");
    if (o->clause != NULL)
        text_format(out, "%.*s/%.*s", STR_FMT(o->clause->rulebook->name), STR_FMT(o->clause->id));
    if (o->kind == RULEBOOK_OBLIGE_KEEP_AT_MOST) {
        text_add_c(out, ": the time it may be kept for is over already");
        return;
    }
    text_format(out, ": must be done before the act is acknowledged, and this store cannot: %s",
                rulebook_obligation_name(o->kind));
    if (o->number > 0) text_format(out, " %llu", (unsigned long long)o->number);
    for (size_t i = 0; i < o->word_count; i++) text_format(out, " %.*s", STR_FMT(o->words[i]));
}

enum error_code gate_obligations_take(const struct gate_rules *rules,
                                      const struct gate_dataset *dataset,
                                      const struct rulebook_decision *decision, bool writes,
                                      struct arena scratch, struct gate_obliged *out,
                                      struct error *e) {
    struct obliged x = {rules, dataset, decision, {0}, clock_wall_ns()};
    out->cannot =
        arena_new(&scratch, const struct rulebook_obligation *, decision->obligation_count);
    char *memory = arena_bytes(&scratch, GATE_DEBTS_BYTES);
    struct pack debts = pack_into(memory, GATE_DEBTS_BYTES);
    if (out->cannot == NULL || memory == NULL)
        return error_set(e, FAIL_MEMORY, "no room for obligations");
    x.scratch = scratch;
    for (size_t i = 0; i < decision->obligation_count; i++) {
        const struct rulebook_obligation *o = &decision->obligations[i];
        if (o->kind == RULEBOOK_OBLIGE_RECORD) out->must_record = true;
        if (o->kind == RULEBOOK_OBLIGE_ENCRYPT) out->encrypt = true;
        if (!writes) continue;
        enum outcome outcome = outcome_of(&x, o);
        if (outcome == OWED) TRY(owe(&x, o, &debts, e));
        if (outcome != CANNOT) continue;
        enum gate_effect effect = o->asked ? GATE_WARN : GATE_REFUSE;
        if (effect > out->effect) out->effect = effect;
        out->cannot[out->cannot_count++] = o;
    }
    return pack_done(&debts, "what a decision owes", &out->debts, e);
}

void gate_obligations_say(const struct gate_obliged *obliged, enum gate_effect effect,
                          struct text *message) {
    for (size_t i = 0; i < obliged->cannot_count; i++) {
        const struct rulebook_obligation *o = obliged->cannot[i];
        if (effect == (o->asked ? GATE_WARN : GATE_REFUSE)) cannot_say(o, message);
    }
}
