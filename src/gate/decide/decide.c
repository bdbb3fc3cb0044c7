/* Deciding: the visitor's few facts meet the table of dataset and act; the answer becomes what the
 * ledger will hold and what the client will read. */
#include "gate/decide/effect.h"
#include "gate/decide/oblige.h"
#include "gate/rules/rules.h"
#include "gate/thread.h"

#include <stdlib.h>

enum { CLAUSES_HEADER_BYTES = 2048, MESSAGE_BYTES = 2048 };

/* ---- the reader ---- */

/* Found once a visit; under other rules than the visit's own anew, in `scratch`: their register may
 * know the network otherwise, and they may go before the visit does. */
static const struct facts_reader *reader_of(struct gate_visit *visit,
                                            const struct gate_rules *rules, struct arena *scratch) {
    bool own = rules == visit->world->rules;
    if (own && visit->reader != NULL) return visit->reader;
    struct facts_reader *reader = arena_new(own ? visit->arena : scratch, struct facts_reader, 1);
    if (reader == NULL) return NULL;
    unsigned char bytes[16];
    size_t count = net_address_bytes(&visit->peer, bytes);
    struct geo_address peer = {.len = 0};
    if (count > 0) geo_address_of(bytes, count, &peer);
    facts_reader_find(rules->world, &peer, visit->forwarded_for, reader);
    if (own) visit->reader = reader;
    return reader;
}

size_t gate_reader_bytes(struct gate_visit *visit, unsigned char out[16]) {
    const struct facts_reader *reader = reader_of(visit, visit->world->rules, NULL);
    if (reader == NULL || reader->address.len == 0) return net_address_bytes(&visit->peer, out);
    memcpy(out, reader->address.at, reader->address.len);
    return reader->address.len;
}

/* ---- clauses ---- */

static uint8_t effect_of(const struct rulebook_spoke *spoke) {
    uint8_t effect = (uint8_t)spoke->effect;
    if (spoke->verdict == RULEBOOK_LIFTED) effect = EVIDENCE_EFFECT_LIFTED;
    if (spoke->verdict == RULEBOOK_EXCEPTED)
        effect = spoke->exception != NULL && spoke->exception->kind == RULEBOOK_BREAK_GLASS
                     ? EVIDENCE_EFFECT_BROKEN
                     : EVIDENCE_EFFECT_EXCEPTED;
    if (spoke->truth == RULEBOOK_UNKNOWN_TRUTH) effect |= EVIDENCE_EFFECT_UNKNOWN;
    return effect;
}

static enum error_code clause_name(struct gate_visit *visit, const struct rulebook_clause *clause,
                                   str *out, struct error *e) {
    return arena_format(visit->arena, out, e, "%.*s/%.*s", STR_FMT(clause->rulebook->name),
                        STR_FMT(clause->id));
}

/* A clause whose requirement is met and whose obligation cannot be is what refuses or warns. */
static uint8_t effect_with(uint8_t effect, const struct rulebook_clause *clause,
                           const struct gate_obliged *obliged) {
    for (size_t i = 0; i < obliged->cannot_count; i++) {
        const struct rulebook_obligation *o = obliged->cannot[i];
        uint8_t its = o->asked ? EVIDENCE_EFFECT_WARN : EVIDENCE_EFFECT_REFUSE;
        if (o->clause == clause && gate_effect_rank(its) < gate_effect_rank(effect)) effect = its;
    }
    return effect;
}

static enum error_code clauses_take(struct gate_visit *visit,
                                    const struct rulebook_decision *decision,
                                    const struct gate_obliged *obliged, struct gate_decided *out,
                                    struct error *e) {
    size_t count = decision->fixed_count + decision->spoke_count;
    struct gate_decided_clause *clauses =
        arena_new(visit->arena, struct gate_decided_clause, count);
    if (clauses == NULL) return error_set(e, FAIL_MEMORY, "no room for %zu clauses", count);
    for (size_t i = 0; i < count; i++) {
        const struct rulebook_spoke *spoke = rulebook_decision_spoke(decision, i);
        TRY(clause_name(visit, spoke->clause, &clauses[i].name, e));
        clauses[i].effect = effect_with(effect_of(spoke), spoke->clause, obliged);
        clauses[i].strength = (uint8_t)spoke->strength;
        if ((clauses[i].effect & 0x7f) == EVIDENCE_EFFECT_BROKEN) out->must_record = true;
        if (spoke->exception == NULL) continue;
        TRY(arena_copy(visit->arena, spoke->exception->id, &clauses[i].loosened, e));
    }
    out->clauses = clauses;
    out->clause_count = count;
    return OK;
}

/* A refusal says what refused, a warning what warned: nothing of what an exception let through. */
static void message_write(const struct rulebook_decision *decision,
                          const struct gate_obliged *obliged, enum gate_effect effect,
                          struct arena scratch, struct text *message) {
    size_t count = decision->fixed_count + decision->spoke_count;
    struct error e;
    if (effect == GATE_ALLOW) return;
    for (size_t i = 0; i < count; i++) {
        const struct rulebook_spoke *spoke = rulebook_decision_spoke(decision, i);
        if ((enum gate_effect)spoke->effect != effect) continue;
        if (message->len > 0) text_add_c(message, "; ");
        error_ignore(
            rulebook_explain_line(decision, spoke, RULEBOOK_ENGLISH, scratch, message, &e));
    }
    gate_obligations_say(obliged, effect, message);
}

/* ---- one decision ---- */

static bool act_writes(str act) {
    return str_equal(act, STR("put")) || str_equal(act, STR("copy"));
}

bool gate_read_is_recorded(const struct gate_visit *visit, const struct gate_decided *decided) {
    return decided->effect != GATE_ALLOW || decided->must_record || gate_visit_is_inspector(visit);
}

/* What is asked, and how much of the facts is kept. */
struct asking {
    str act;
    const struct gate_dataset *dataset;
    str bucket;
    size_t facts_most;
    bool is_read; /* facts are kept only of what is recorded */
};

/* Works in the thread's scratch; what outlives the call is copied into the visit's arena, so that a
 * decision of many clauses costs the visit no more than what it says. */
static enum error_code decide(struct gate_visit *visit, const struct gate_rules *rules,
                              const struct asking *asking, struct gate_decided *out,
                              struct error *e) {
    struct rulebook_fact facts[FACTS_REQUEST_COUNT];
    const struct gate_dataset *dataset = asking->dataset;
    const struct rulebook_table *table = gate_table_find(dataset, asking->act);
    struct rulebook_decision decision;
    struct arena scratch, near;
    str bytes;
    assert(table != NULL); /* acts are ours to name */
    TRY(gate_scratch(&scratch, e));
    near = arena_over(scratch.next, arena_left(&scratch) / 2);
    scratch.next = near.end;
    const struct facts_reader *reader = reader_of(visit, rules, &near);
    char *message_memory = arena_bytes(&near, MESSAGE_BYTES);
    if (reader == NULL || message_memory == NULL)
        return error_set(e, FAIL_MEMORY, "no room to decide");
    struct text message = text_into(message_memory, MESSAGE_BYTES);
    struct rulebook_facts request = facts_request(reader, visit->purpose, facts);
    TRY(rulebook_decide(table, &request, clock_wall_ns(), &near, scratch, &decision, e));
    *out = (struct gate_decided){.asked = true,
                                 .effect = (enum gate_effect)decision.effect,
                                 .act = asking->act,
                                 .dataset = dataset->id,
                                 .sector = dataset->sector,
                                 .class_ = dataset->class_,
                                 .site = rules->site,
                                 .rule_digest = *gate_rules_digest(rules),
                                 .generation = rules->generation,
                                 .encrypt = dataset->encrypted,
                                 .good_until_ns = decision.good_until_ns,
                                 .parts = {{asking->act, dataset->id, asking->bucket}},
                                 .part_count = 1};
    struct gate_obliged obliged = {0};
    if (decision.obligation_count > 0) {
        bool writes = act_writes(asking->act);
        TRY(gate_obligations_take(rules, dataset, &decision, writes, near, &obliged, e));
        TRY(arena_copy(visit->arena, obliged.debts, &out->debts, e));
    }
    if (obliged.effect > out->effect) out->effect = obliged.effect;
    out->encrypt = out->encrypt || obliged.encrypt;
    out->must_record = obliged.must_record;
    TRY(clauses_take(visit, &decision, &obliged, out, e));
    message_write(&decision, &obliged, out->effect, scratch, &message);
    TRY(arena_copy(visit->arena, text_str(&message), &out->message, e));
    if (asking->is_read && !gate_read_is_recorded(visit, out)) return OK;
    TRY(gate_facts_write(&decision, asking->facts_most, &near, scratch, &bytes, e));
    return gate_facts_keep(visit, bytes, &out->facts, e);
}

enum error_code gate_decide_dataset(struct gate_visit *visit, str act, str id,
                                    struct gate_decided *out, struct error *e) {
    const struct gate_rules *rules = visit->world->rules;
    const struct gate_dataset *dataset = gate_dataset_find(rules, id);
    if (dataset == NULL)
        return error_set(e, FAIL_NO_DATASET,
                         "the dataset \"%.*s\" is not in the register any more; whoever keeps the "
                         "register must say what this data is",
                         STR_FMT(id));
    struct asking asking = {act, dataset, STR_EMPTY, LIMIT_DECISION_MORE_BYTES, false};
    return decide(visit, rules, &asking, out, e);
}

static enum error_code bucket_decide(struct gate_visit *visit, str act, str bucket, bool is_read,
                                     struct gate_decided *out, struct error *e) {
    const struct gate_rules *rules = visit->world->rules;
    struct asking asking = {act, gate_dataset_of_bucket(rules, bucket), bucket,
                            LIMIT_DECISION_BYTES, is_read};
    if (asking.dataset == NULL)
        return error_set(e, FAIL_NO_DATASET,
                         "the bucket \"%.*s\" belongs to no dataset of the register; add it to a "
                         "dataset's `buckets`, or name a dataset for strays",
                         STR_FMT(bucket));
    return decide(visit, rules, &asking, out, e);
}

enum error_code gate_decide(struct gate_visit *visit, str act, str bucket, struct gate_decided *out,
                            struct error *e) {
    return bucket_decide(visit, act, bucket, false, out, e);
}

enum error_code gate_decide_read(struct gate_visit *visit, str act, str bucket,
                                 struct gate_decided *out, struct error *e) {
    return bucket_decide(visit, act, bucket, true, out, e);
}

/* ---- two decisions as one ---- */

static enum error_code text_join(struct arena *arena, str a, str b, const char *between, str *out,
                                 struct error *e) {
    if (a.len == 0 || b.len == 0) {
        *out = a.len == 0 ? b : a;
        return OK;
    }
    return arena_format(arena, out, e, "%.*s%s%.*s", STR_FMT(a), between, STR_FMT(b));
}

enum error_code gate_decided_join(struct gate_visit *visit, const struct gate_decided *a,
                                  const struct gate_decided *b, struct gate_decided *out,
                                  struct error *e) {
    size_t count = a->clause_count + b->clause_count;
    struct gate_decided_clause *clauses =
        arena_new(visit->arena, struct gate_decided_clause, count);
    if (clauses == NULL) return error_set(e, FAIL_MEMORY, "no room for %zu clauses", count);
    if (a->part_count + b->part_count > GATE_DECIDED_PARTS)
        return error_set(e, FAIL_LIMIT, "more than %d datasets in one decision",
                         GATE_DECIDED_PARTS);
    if (a->clause_count > 0) memcpy(clauses, a->clauses, a->clause_count * sizeof *clauses);
    if (b->clause_count > 0)
        memcpy(clauses + a->clause_count, b->clauses, b->clause_count * sizeof *clauses);
    struct gate_decided joined = *a;
    joined.effect = a->effect > b->effect ? a->effect : b->effect;
    joined.clauses = clauses;
    joined.clause_count = count;
    joined.must_record = a->must_record || b->must_record;
    joined.encrypt = a->encrypt || b->encrypt;
    joined.good_until_ns = i64_min(a->good_until_ns, b->good_until_ns);
    memcpy(joined.parts + a->part_count, b->parts, b->part_count * sizeof *b->parts);
    joined.part_count = a->part_count + b->part_count;
    /* What the stricter says, and both where they are equally strict. */
    str said_a = a->effect == joined.effect ? a->message : STR_EMPTY,
        said_b = b->effect == joined.effect ? b->message : STR_EMPTY;
    TRY(text_join(visit->arena, said_a, said_b, "; ", &joined.message, e));
    TRY(text_join(visit->arena, a->debts, b->debts, "", &joined.debts, e));
    /* Both canonical forms, each with its length in front, as one value. */
    struct arena scratch;
    TRY(gate_scratch(&scratch, e));
    size_t cap = a->facts.len + b->facts.len + 8;
    struct pack p = pack_into(arena_bytes(&scratch, cap), cap);
    str facts;
    if (p.at == NULL) return error_set(e, FAIL_MEMORY, "no room for a decision's facts");
    pack_str(&p, a->facts);
    pack_str(&p, b->facts);
    TRY(pack_done(&p, "joined decisions", &facts, e));
    TRY(gate_facts_keep(visit, facts, &joined.facts, e));
    *out = joined;
    return OK;
}

/* ---- deciding again, under the turn ---- */

enum error_code gate_still_allowed(struct gate_turn *turn, const struct gate_visit *visit,
                                   enum identity_right right, str bucket, struct error *e) {
    const struct gate_world *now = atomic_load(&turn->gate->world);
    const struct identity_user *user = visit->user;
    bool over = user != NULL && identity_user_is_over(user, turn->now_ns);
    if (!over && (now->identities == visit->world->identities || gate_visit_is_local(visit)))
        return OK;
    const struct identity_key *key =
        identity_key_find(now->identities->snapshot, visit->access_key);
    if (key != NULL && identity_key_works(key) && identity_allows(key->user, right, bucket) &&
        !identity_user_is_over(key->user, turn->now_ns))
        return OK;
    atomic_fetch_add_explicit(&turn->gate->counters.denied, 1, memory_order_relaxed);
    return error_set(e, FAIL_ACCESS_DENIED, "Access Denied");
}

/* The rules it was made under may go before the visit does: nothing may point into them. */
static enum error_code decided_keep(struct gate_visit *visit, struct gate_decided *decided,
                                    struct error *e) {
    str *texts[] = {&decided->dataset, &decided->sector, &decided->class_, &decided->site};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        TRY(arena_copy(visit->arena, *texts[i], texts[i], e));
    for (size_t i = 0; i < decided->part_count; i++)
        TRY(arena_copy(visit->arena, decided->parts[i].dataset, &decided->parts[i].dataset, e));
    return OK;
}

enum error_code gate_renew(struct gate_turn *turn, struct gate_visit *visit,
                           enum identity_right right, str bucket, struct gate_decided *decided,
                           struct error *e) {
    const struct gate_rules *rules = atomic_load(&turn->gate->world)->rules;
    TRY(gate_still_allowed(turn, visit, right, bucket, e));
    if (rules->generation == decided->generation && turn->now_ns < decided->good_until_ns)
        return OK;
    struct gate_decided fresh = {0};
    for (size_t i = 0; i < decided->part_count; i++) {
        const struct gate_decided_part *part = &decided->parts[i];
        const struct gate_dataset *dataset = part->bucket.len > 0
                                                 ? gate_dataset_of_bucket(rules, part->bucket)
                                                 : gate_dataset_find(rules, part->dataset);
        struct gate_decided one, joined;
        if (dataset == NULL)
            return error_set(e, FAIL_NO_DATASET, "the dataset \"%.*s\" has left the register",
                             STR_FMT(part->dataset));
        struct asking asking = {part->act, dataset, part->bucket,
                                i == 0 ? LIMIT_DECISION_BYTES : LIMIT_DECISION_MORE_BYTES, false};
        TRY(decide(visit, rules, &asking, &one, e));
        if (i == 0) {
            fresh = one;
        } else {
            TRY(gate_decided_join(visit, &fresh, &one, &joined, e));
            fresh = joined;
        }
    }
    TRY(decided_keep(visit, &fresh, e));
    fresh.renewed = true;
    *decided = fresh;
    return fresh.effect == GATE_REFUSE ? error_set(e, FAIL_REFUSED, "%.*s", STR_FMT(fresh.message))
                                       : OK;
}

enum error_code gate_submit_decided(struct gate_visit *visit, struct gate_work *work,
                                    const struct gate_decided *decided,
                                    const struct evidence_values *values,
                                    struct gate_answer *answer, struct error *e) {
    enum error_code code = gate_submit(visit->gate, work, e);
    if (code == FAIL_REFUSED) return gate_decided_answer(visit, decided, values, false, answer, e);
    if (code == OK && decided->renewed) gate_decided_show(visit, decided, answer);
    return code;
}

/* ---- the answer ---- */

/* What refused first, then what warned, what was let through, what passed; of each the strongest
 * first, then by name: a header cut short still names what decided, and is the same each time.
 * Source: docs/acts.md. */
static int by_weight(const void *a, const void *b) {
    const struct gate_decided_clause *x = *(const struct gate_decided_clause *const *)a,
                                     *y = *(const struct gate_decided_clause *const *)b;
    unsigned x_rank = gate_effect_rank(x->effect), y_rank = gate_effect_rank(y->effect);
    if (x_rank != y_rank) return x_rank < y_rank ? -1 : 1;
    if (x->strength != y->strength) return x->strength > y->strength ? -1 : 1;
    return str_compare(x->name, y->name);
}

void gate_decided_show(struct gate_visit *visit, const struct gate_decided *decided,
                       struct gate_answer *answer) {
    *answer = (struct gate_answer){.decided = decided->asked, .effect = decided->effect};
    size_t room = size_min(CLAUSES_HEADER_BYTES, arena_left(visit->arena) / 2);
    char *memory = arena_bytes(visit->arena, room);
    struct text clauses = text_into(memory, room);
    struct arena scratch = *visit->arena; /* given back below: only the text is kept */
    const struct gate_decided_clause **sorted =
        arena_new(&scratch, const struct gate_decided_clause *, decided->clause_count);
    for (size_t i = 0; i < decided->clause_count && sorted != NULL; i++)
        sorted[i] = &decided->clauses[i];
    if (decided->clause_count > 1 && sorted != NULL)
        qsort(sorted, decided->clause_count, sizeof *sorted, by_weight);
    for (size_t i = 0; i < decided->clause_count; i++) {
        str name = sorted != NULL ? sorted[i]->name : decided->clauses[i].name;
        if (clauses.len + name.len + 1 > room) continue;
        if (clauses.len > 0) text_add_char(&clauses, ' ');
        text_add(&clauses, name);
    }
    answer->clauses = text_str(&clauses);
}
