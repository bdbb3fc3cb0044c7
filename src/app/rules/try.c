/* azekura rulebook try: recorded acts decided again, as if a rulebook had been adopted and in force
 * then, over the facts that were recorded then and no others. What nobody recorded is unknown, and a
 * refusal for that alone is only one that might have been. */
#include "app/reach/call.h"
#include "app/rules/commands.h"
#include "app/rules/rulebooks.h"
#include "base/pack.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum { TRY_SPACE_BYTES = 256 << 20, TALLIES_MAX = 4096, EXAMPLES_MAX = 10, JOINED_DEPTH = 8 };

enum outcome { WOULD_NOT, MIGHT_REFUSE, WOULD_REFUSE, OUTCOME_COUNT };
static const char *const outcome_names[] = {"would-not", "might-refuse", "would-refuse"};

struct tally {
    str name;
    uint64_t count[OUTCOME_COUNT];
};
struct tallies {
    struct tally *at;
    size_t count;
};

struct trying {
    struct call call;
    struct option_list planned, rulebooks;
    struct arena_space space, act_space, scratch_space;
    struct arena arena, of_act, scratch; /* of_act: passed by copy, fresh for each act */
    const struct rulebook_set *set;
    struct tallies clauses, acts, datasets;
    uint64_t count[OUTCOME_COUNT], newly, untold;
    json_t *examples[OUTCOME_COUNT];
};

/* ---- as if adopted and in force ---- */

static enum error_code timeless(struct trying *x, const struct rulebook *book,
                                const struct rulebook **out, struct error *e) {
    struct rulebook *copy = arena_new(&x->arena, struct rulebook, 1);
    struct rulebook_clause *clauses =
        arena_new(&x->arena, struct rulebook_clause, book->clause_count);
    const struct rulebook_span always = {RULEBOOK_EVER, RULEBOOK_ALWAYS};
    if (copy == NULL || clauses == NULL) return error_set(e, FAIL_MEMORY, "no room for rulebooks");
    *copy = *book;
    copy->in_force = always;
    copy->clauses = clauses;
    for (size_t i = 0; i < book->clause_count; i++) {
        clauses[i] = book->clauses[i];
        clauses[i].rulebook = copy;
        clauses[i].in_force = always;
    }
    *out = copy;
    return OK;
}

static enum error_code set_open(struct trying *x, struct error *e) {
    struct rulebook_set_input planned = {0}, others = {0};
    TRY(rulebooks_load(&x->planned, &x->arena, x->scratch, &planned, e));
    TRY(rulebooks_load(&x->rulebooks, &x->arena, x->scratch, &others, e));
    size_t most = planned.rulebook_count + others.rulebook_count;
    const struct rulebook **all = arena_new(&x->arena, const struct rulebook *, most);
    struct rulebook_adoption *adopted =
        arena_new(&x->arena, struct rulebook_adoption, planned.rulebook_count);
    if (all == NULL || adopted == NULL) return error_set(e, FAIL_MEMORY, "no room for rulebooks");
    struct rulebook_set_input input = {.rulebooks = all,
                                       .rulebook_count = most,
                                       .adoptions = adopted,
                                       .adoption_count = planned.rulebook_count};
    for (size_t i = 0; i < planned.rulebook_count; i++) {
        TRY(timeless(x, planned.rulebooks[i], &all[i], e));
        adopted[i] = (struct rulebook_adoption){
            .rulebook = all[i]->name, .elects_all = true, .span = {RULEBOOK_EVER, RULEBOOK_ALWAYS}};
    }
    for (size_t i = 0; i < others.rulebook_count; i++)
        all[planned.rulebook_count + i] = others.rulebooks[i];
    return rulebook_set_compile(&input, &x->arena, x->scratch, &x->set, e);
}

/* ---- counting ---- */

static enum error_code tally_add(struct trying *x, struct tallies *t, str name,
                                 enum outcome outcome, struct error *e) {
    size_t i = 0;
    while (i < t->count && !str_equal(t->at[i].name, name)) i++;
    if (i == TALLIES_MAX)
        return error_set(e, FAIL_LIMIT, "over %d clauses or datasets", TALLIES_MAX);
    if (i == t->count) {
        TRY(arena_copy(&x->arena, name, &t->at[i].name, e));
        t->count++;
    }
    t->at[i].count[outcome]++;
    return OK;
}

static enum outcome outcome_of(const struct rulebook_spoke *spoke) {
    if (spoke->effect != RULEBOOK_REFUSE) return WOULD_NOT;
    bool is_sure = spoke->verdict == RULEBOOK_FAIL && spoke->applied == RULEBOOK_TRUE;
    return is_sure ? WOULD_REFUSE : MIGHT_REFUSE;
}

struct answer {
    enum outcome outcome;
    bool was_refused;
    str act, dataset;
    json_t *clauses; /* of an example; borrowed by nobody else */
};

static json_t *unknown_facts(const struct rulebook_decision *d, const struct rulebook_spoke *spoke,
                             struct arena arena, struct arena scratch) {
    const struct rulebook_reading *read;
    size_t count;
    json_t *list = json_array();
    struct error e;
    if (rulebook_spoke_facts(d, spoke, &arena, scratch, &read, &count, &e) != OK) return list;
    for (size_t i = 0; i < count; i++)
        if (!rulebook_value_is_known(read[i].value))
            json_array_append_new(list, json_stringn(read[i].path.at, read[i].path.len));
    return list;
}

/* Clauses are counted once an act, by the worst they say of it. */
static enum error_code decision_count(struct trying *x, const struct rulebook_decision *d,
                                      struct arena arena, struct arena scratch, struct answer *out,
                                      struct error *e) {
    for (size_t i = 0; i < d->fixed_count + d->spoke_count; i++) {
        const struct rulebook_spoke *spoke = rulebook_decision_spoke(d, i);
        enum outcome outcome = outcome_of(spoke);
        struct arena of_name = scratch;
        str name;
        TRY(arena_format(&of_name, &name, e, "%.*s/%.*s", STR_FMT(spoke->clause->rulebook->name),
                         STR_FMT(spoke->clause->id)));
        TRY(tally_add(x, &x->clauses, name, outcome, e));
        if (outcome > out->outcome) out->outcome = outcome;
        if (outcome == WOULD_NOT) continue;
        json_array_append_new(out->clauses,
                              json_pack("{s:s%, s:s, s:o}", "clause", name.at, name.len, "verdict",
                                        outcome_names[outcome], "not_recorded",
                                        unknown_facts(d, spoke, arena, of_name)));
    }
    return OK;
}

/* ---- deciding again ---- */

static enum error_code one_decide(struct trying *x, str bytes, int64_t at_ns, struct answer *out,
                                  struct error *e) {
    struct arena arena = x->of_act;
    struct rulebook_recorded recorded;
    struct rulebook_decision d;
    TRY(rulebook_recorded_read(bytes, &arena, &recorded, e));
    TRY(rulebook_evaluate_slow(x->set, &recorded.subject, &recorded.facts, at_ns, &arena,
                               x->scratch, &d, e));
    out->act = recorded.subject.act;
    out->dataset = recorded.subject.dataset_id;
    out->was_refused |= recorded.effect == RULEBOOK_REFUSE;
    return decision_count(x, &d, arena, x->scratch, out, e);
}

static enum error_code decide(struct trying *x, str bytes, int64_t at_ns, unsigned depth,
                              struct answer *out, struct error *e) {
    /* Joined ones begin with a length below 2^24, so with 0; a version is never 0. */
    if (bytes.len == 0 || bytes.at[0] != 0) return one_decide(x, bytes, at_ns, out, e);
    struct unpack u = unpack_from(bytes);
    str a = unpack_str(&u), b = unpack_str(&u);
    TRY(unpack_done(&u, "joined decisions", e));
    if (depth == JOINED_DEPTH) return error_set(e, FAIL_CORRUPT, "decisions joined too often");
    TRY(decide(x, a, at_ns, depth + 1, out, e));
    return decide(x, b, at_ns, depth + 1, out, e);
}

/* An act that was held by a digest alone, or in a format of later programs, cannot be told. */
static enum error_code act_decide(struct trying *x, const json_t *act, struct error *e) {
    struct answer answer = {.clauses = json_array()};
    const char *name = json_string_value(json_object_get(act, "entry"));
    int64_t at_ns = json_integer_value(json_object_get(act, "time_ns"));
    const char *text = json_string_value(json_object_get(act, "decision"));
    struct arena memory = x->call.arena;
    size_t cap = text != NULL ? strlen(text) : 0, len = 0;
    char *bytes = arena_bytes(&memory, cap);
    if (bytes == NULL || !base64_read(str_from_c(text), bytes, cap, &len)) {
        json_decref(answer.clauses);
        return error_set(e, FAIL_CORRUPT, "entry %s: its decision is not base64", name);
    }
    enum error_code code = decide(x, str_of(bytes, len), at_ns, 0, &answer, e);
    if (code == FAIL_VERSION) {
        x->untold++;
        json_decref(answer.clauses);
        return OK;
    }
    if (code == OK) code = tally_add(x, &x->acts, answer.act, answer.outcome, e);
    if (code == OK) code = tally_add(x, &x->datasets, answer.dataset, answer.outcome, e);
    x->count[answer.outcome]++;
    if (answer.outcome == WOULD_REFUSE && !answer.was_refused) x->newly++;
    json_t *examples = x->examples[answer.outcome];
    if (code == OK && answer.outcome != WOULD_NOT && json_array_size(examples) < EXAMPLES_MAX)
        json_array_append_new(
            examples, json_pack("{s:s, s:s%, s:s%, s:b, s:O}", "entry", name, "act", answer.act.at,
                                answer.act.len, "dataset", answer.dataset.at, answer.dataset.len,
                                "was_refused", answer.was_refused, "clauses", answer.clauses));
    json_decref(answer.clauses);
    return code == OK ? OK : error_note(e, __func__, "deciding entry %s again", name);
}

/* The acts of a page; the request goes on after it. */
static bool page_decide(struct trying *x, bool *more) {
    struct error e = {0};
    if (!call_run(&x->call, "act/list")) return false;
    const json_t *acts = json_object_get(x->call.reply, "acts");
    enum error_code code = OK;
    for (size_t i = 0; code == OK && i < json_array_size(acts); i++)
        code = act_decide(x, json_array_get(acts, i), &e);
    if (code != OK) command_fail(x->call.command, &e);
    *more = json_is_false(json_object_get(x->call.reply, "end"));
    json_object_set(x->call.request, "log", json_object_get(x->call.reply, "log"));
    json_object_set(x->call.request, "first", json_object_get(x->call.reply, "first"));
    json_decref(x->call.reply);
    x->call.reply = NULL;
    return code == OK;
}

/* ---- telling ---- */

static json_t *tallies_json(const struct tallies *t, const char *what) {
    json_t *list = json_array();
    for (size_t i = 0; i < t->count; i++) {
        json_t *row = json_pack("{s:s%}", what, t->at[i].name.at, t->at[i].name.len);
        for (unsigned k = 0; k < OUTCOME_COUNT; k++)
            json_object_set_new(row, outcome_names[k], json_integer((json_int_t)t->at[i].count[k]));
        json_array_append_new(list, row);
    }
    return list;
}

static void print_json(const struct trying *x) {
    json_t *out = json_object();
    for (unsigned k = 0; k < OUTCOME_COUNT; k++)
        json_object_set_new(out, outcome_names[k], json_integer((json_int_t)x->count[k]));
    json_object_set_new(out, "newly_refused", json_integer((json_int_t)x->newly));
    json_object_set_new(out, "not_told", json_integer((json_int_t)x->untold));
    json_object_set_new(out, "by_clause", tallies_json(&x->clauses, "clause"));
    json_object_set_new(out, "by_act", tallies_json(&x->acts, "act"));
    json_object_set_new(out, "by_dataset", tallies_json(&x->datasets, "dataset"));
    json_t *examples = json_object();
    for (unsigned k = MIGHT_REFUSE; k < OUTCOME_COUNT; k++)
        json_object_set(examples, outcome_names[k], x->examples[k]);
    json_object_set_new(out, "examples", examples);
    json_dumpf(out, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(out);
}

static void print_tallies(const char *what, const struct tallies *t) {
    for (size_t i = 0; i < t->count; i++) {
        const struct tally *row = &t->at[i];
        if (row->count[WOULD_REFUSE] + row->count[MIGHT_REFUSE] == 0) continue;
        printf("  %-8s %.*s: %llu would refuse, %llu might, %llu would not\n", what,
               STR_FMT(row->name), (unsigned long long)row->count[WOULD_REFUSE],
               (unsigned long long)row->count[MIGHT_REFUSE],
               (unsigned long long)row->count[WOULD_NOT]);
    }
}

static void print_text(const struct trying *x) {
    printf("of %llu recorded acts %llu would be refused (%llu of them were not), %llu might be "
           "(facts were not recorded), %llu would not\n",
           (unsigned long long)(x->count[0] + x->count[1] + x->count[2]),
           (unsigned long long)x->count[WOULD_REFUSE], (unsigned long long)x->newly,
           (unsigned long long)x->count[MIGHT_REFUSE], (unsigned long long)x->count[WOULD_NOT]);
    if (x->untold > 0)
        printf("%llu more are held by a digest alone\n", (unsigned long long)x->untold);
    print_tallies("clause", &x->clauses);
    print_tallies("act", &x->acts);
    print_tallies("dataset", &x->datasets);
    for (unsigned k = OUTCOME_COUNT; k-- > MIGHT_REFUSE;)
        for (size_t i = 0; i < json_array_size(x->examples[k]); i++) {
            const json_t *row = json_array_get(x->examples[k], i);
            const json_t *first = json_array_get(json_object_get(row, "clauses"), 0);
            printf("  entry    %s %s %s: %s by %s\n",
                   json_string_value(json_object_get(row, "entry")),
                   json_string_value(json_object_get(row, "act")),
                   json_string_value(json_object_get(row, "dataset")), outcome_names[k],
                   json_string_value(json_object_get(first, "clause")));
        }
}

static enum error_code open_all(struct trying *x, struct error *e) {
    struct tallies *const all[] = {&x->clauses, &x->acts, &x->datasets};
    TRY(arena_space_open(&x->space, TRY_SPACE_BYTES, &x->arena, e));
    TRY(arena_space_open(&x->act_space, TRY_SPACE_BYTES, &x->of_act, e));
    TRY(arena_space_open(&x->scratch_space, TRY_SPACE_BYTES, &x->scratch, e));
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        all[i]->at = arena_new(&x->arena, struct tally, TALLIES_MAX);
        if (all[i]->at == NULL) return error_set(e, FAIL_MEMORY, "no room to count in");
    }
    for (unsigned k = 0; k < OUTCOME_COUNT; k++) x->examples[k] = json_array();
    return set_open(x, e);
}

static bool run(struct trying *x) {
    struct error e = {0};
    if (open_all(x, &e) != OK) {
        command_fail(x->call.command, &e);
        return false;
    }
    for (bool more = true; more;)
        if (!page_decide(x, &more)) return false;
    if (call_wants_json(&x->call))
        print_json(x);
    else
        print_text(x);
    return true;
}

int rulebook_try_command(int argc, char **argv) {
    static struct trying x;
    const char *against = NULL, *from = NULL, *to = NULL;
    const struct option options[] = {
        {"against", OPTION_TEXT, &against, "ledger", "what to try them against; needed"},
        {"rulebook", OPTION_LIST, &x.rulebooks, "PATH", "rulebooks that NEW extends (repeatable)"},
        {"from", OPTION_TEXT, &from, "TIME", "acts from then on (the first)"},
        {"to", OPTION_TEXT, &to, "TIME", "acts before then (the last)"},
        CALL_OPTIONS(x.call),
        {0}};
    const struct command_line line = {
        .command = "azekura rulebook try",
        .synopsis = "NEW… --against ledger [--data DIR] [options]",
        .about = "Decides recorded acts again, as if the rulebooks in NEW had been adopted and in\n"
                 "force then, over the facts recorded then. A fact that was not recorded is\n"
                 "unknown: an act refused for that alone might have been refused. What a clause\n"
                 "obliges to is not tried. Exit: 0 nothing would be refused, 1 something would or\n"
                 "might be, or it failed, 2 wrong usage.",
        .examples = "  azekura rulebook try next-edition.yaml --against ledger --data ./data \\\n"
                    "      --from 2026-10-01 --format json\n",
        .options = options,
        .positional_min = 1,
        .positional_max = OPTION_LIST_MAX};
    const char *words[OPTION_LIST_MAX + 1];
    int ended;
    if (!options_read(&line, argc, argv, words, OPTION_LIST_MAX + 1, &ended)) return ended;
    if (against == NULL || strcmp(against, "ledger") != 0) {
        fprintf(stderr, "%s: say against what: --against ledger\n", line.command);
        return EXIT_USAGE;
    }
    for (; words[x.planned.count] != NULL; x.planned.count++)
        x.planned.at[x.planned.count] = words[x.planned.count];
    if (!call_begin(&x.call, line.command)) return 1;
    call_put(&x.call, "from", from);
    call_put(&x.call, "to", to);
    bool done = run(&x);
    for (unsigned k = 0; k < OUTCOME_COUNT; k++) json_decref(x.examples[k]);
    call_end(&x.call);
    arena_space_release(&x.scratch_space);
    arena_space_release(&x.act_space);
    arena_space_release(&x.space);
    return done && x.count[WOULD_REFUSE] + x.count[MIGHT_REFUSE] == 0 ? 0 : 1;
}
