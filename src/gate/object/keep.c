/* Keeping: while a clause obliges to keep what is here (`keep_at_least`), nobody deletes it and
 * nobody writes over it. The length counts from the object's own act, or from the fact the clause
 * names; where that is not known, nobody can say that the time is over. Source: RULEBOOK 5. */
#include "gate/object/keep.h"

#include "gate/debt/debt.h"
#include "gate/thread.h"

/* ---- what would go ---- */

enum error_code gate_going_find(struct gate_turn *turn, const struct store_bucket *bucket, str key,
                                bool with_version, bool is_null, uint64_t sequence,
                                struct arena *arena, struct gate_going *out, struct error *e) {
    const struct gate_rules *rules = atomic_load(&turn->gate->world)->rules;
    *out = (struct gate_going){0};
    if (!rules->keeps && !atomic_load(&turn->gate->debts_any)) return OK;
    if (!with_version && bucket->versioning == STORE_ENABLED) return OK;
    enum error_code code =
        store_version_get(turn->engine, bucket, key, true, with_version ? is_null : true,
                          with_version ? sequence : 0, arena, &out->version, e);
    if (code == FAIL_NO_SUCH_VERSION || code == FAIL_NO_SUCH_KEY) return OK;
    if (code != OK) return code;
    out->found = !out->version.is_delete_marker;
    return OK;
}

/* ---- one clause ---- */

struct keeping {
    const struct gate_rules *rules;
    const struct gate_dataset *dataset;
    const struct rulebook_decision *decision; /* of the act that would bring the object here */
    const struct store_version *version;
    const struct rulebook_obligation *holds, *asks; /* the ones that end last; NULL: none */
    int64_t holds_until_ns, asks_until_ns;
};

/* false: it binds another place, or its time is over. *until: DEBT_NO_DUE where nobody knows. */
static bool still_binds(const struct keeping *k, const struct rulebook_obligation *o,
                        int64_t now_ns, int64_t *until_ns) {
    int64_t start_ns = k->version->modified_ns;
    str country = k->rules->site_country;
    /* A place that is contradicted may be the one that is meant. */
    if (o->word_count > 0 && country.len > 0 && !gate_words_have(o->words, o->word_count, country))
        return false;
    bool known = o->start.len == 0 ||
                 debt_start_find(&k->decision->facts, o->start, k->dataset->id, true, &start_ns);
    if (!known || !rulebook_periods_latest(&o->periods, start_ns, until_ns))
        *until_ns = DEBT_NO_DUE;
    return now_ns < *until_ns;
}

static void weigh(struct keeping *k, int64_t now_ns) {
    for (size_t i = 0; i < k->decision->obligation_count; i++) {
        const struct rulebook_obligation *o = &k->decision->obligations[i];
        int64_t until_ns;
        if (o->kind != RULEBOOK_OBLIGE_KEEP_AT_LEAST || !still_binds(k, o, now_ns, &until_ns))
            continue;
        if (o->asked && (k->asks == NULL || until_ns > k->asks_until_ns)) {
            k->asks = o;
            k->asks_until_ns = until_ns;
        } else if (!o->asked && (k->holds == NULL || until_ns > k->holds_until_ns)) {
            k->holds = o;
            k->holds_until_ns = until_ns;
        }
    }
}

/* ---- said, and recorded ---- */

static enum error_code say(struct gate_visit *visit, const struct rulebook_obligation *o,
                           int64_t until_ns, str *out, struct error *e) {
    char time[CLOCK_TEXT_BYTES], memory[256];
    struct text until = text_into(memory, sizeof memory);
    if (until_ns != DEBT_NO_DUE) {
        clock_iso_s_write(until_ns, time);
        text_format(&until, "until %s", time);
    } else if (o->start.len > 0) {
        text_format(&until, "and %.*s, from which it counts, is not known, or no number is stated",
                    STR_FMT(o->start));
    } else {
        text_add_c(&until, "and the text states no number");
    }
    return arena_format(visit->arena, out, e,
                        "%.*s/%.*s: it must be kept %.*s; an exception that two people approve "
                        "would let it go",
                        STR_FMT(o->clause->rulebook->name), STR_FMT(o->clause->id),
                        STR_FMT(text_str(&until)));
}

/* The act's own decision, with the clause that keeps beside its clauses and the facts of both. */
static enum error_code decided_with(struct gate_visit *visit, const struct keeping *k,
                                    const struct rulebook_obligation *o, int64_t until_ns,
                                    enum gate_effect effect, str facts,
                                    struct gate_decided *decided, struct error *e) {
    const struct rulebook_clause *c = o->clause;
    struct gate_decided_clause *clause = arena_new(visit->arena, struct gate_decided_clause, 1);
    struct gate_decided keeps = {.asked = true,
                                 .effect = effect,
                                 .dataset = decided->dataset,
                                 .clauses = clause,
                                 .clause_count = 1,
                                 .good_until_ns = decided->good_until_ns},
                        joined;
    if (clause == NULL) return error_set(e, FAIL_MEMORY, "no room for a clause");
    clause->effect = effect == GATE_REFUSE ? EVIDENCE_EFFECT_REFUSE : EVIDENCE_EFFECT_WARN;
    clause->strength = (uint8_t)c->strength;
    TRY(arena_format(visit->arena, &clause->name, e, "%.*s/%.*s", STR_FMT(c->rulebook->name),
                     STR_FMT(c->id)));
    TRY(say(visit, o, until_ns, &keeps.message, e));
    TRY(gate_facts_keep(visit, facts, &keeps.facts, e));
    TRY(gate_decided_join(visit, decided, &keeps, &joined, e));
    joined.renewed = true; /* the answer shows it */
    *decided = joined;
    return OK;
}

static enum error_code judge_act(struct gate_visit *visit, struct keeping *k, str act,
                                 int64_t now_ns, bool *asked, struct gate_decided *decided,
                                 struct error *e) {
    const struct rulebook_table *table = gate_table_find(k->dataset, act);
    struct rulebook_facts nobody = {0};
    struct rulebook_decision decision;
    struct arena scratch, near;
    str facts;
    assert(table != NULL); /* acts are ours to name */
    TRY(gate_scratch(&scratch, e));
    near = arena_over(scratch.next, arena_left(&scratch) / 2);
    scratch.next = near.end;
    TRY(rulebook_decide(table, &nobody, now_ns, &near, scratch, &decision, e));
    k->decision = &decision;
    k->holds = k->asks = NULL;
    weigh(k, now_ns);
    const struct rulebook_obligation *o = k->holds != NULL ? k->holds : k->asks;
    if (o == NULL || (k->holds == NULL && *asked)) return OK;
    *asked = true;
    bool refuses = k->holds != NULL;
    TRY(gate_facts_write(&decision, LIMIT_DECISION_MORE_BYTES, &near, scratch, &facts, e));
    TRY(decided_with(visit, k, o, refuses ? k->holds_until_ns : k->asks_until_ns,
                     refuses ? GATE_REFUSE : GATE_WARN, facts, decided, e));
    return refuses ? error_set(e, FAIL_REFUSED, "%.*s", STR_FMT(decided->message)) : OK;
}

enum error_code gate_keep_judge(struct gate_turn *turn, struct gate_visit *visit,
                                const struct gate_going *going, struct gate_decided *decided,
                                struct error *e) {
    static const str acts[] = {{"put", 3}, {"copy", 4}};
    const struct gate_rules *rules = atomic_load(&turn->gate->world)->rules;
    struct store_pairs datasets = going->version.datasets;
    bool asked = false; /* one warning is enough */
    if (!going->found || !rules->keeps) return OK;
    for (size_t i = 0; i < datasets.count; i++) {
        struct keeping k = {.rules = rules,
                            .dataset = gate_dataset_find(rules, datasets.at[i].name),
                            .version = &going->version};
        if (k.dataset == NULL) continue; /* left the register, and its rules with it */
        for (size_t act = 0; act < COUNT_OF(acts); act++)
            TRY(judge_act(visit, &k, acts[act], turn->now_ns, &asked, decided, e));
    }
    return OK;
}
