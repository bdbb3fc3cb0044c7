/* Finding duties and setting their clocks. */
#include "assess/duties.h"

#include <stdio.h>
#include <stdlib.h>

#include "assess/inner.h"

enum { DUTIES_MOST = 100000, RECORD_BYTES = 4 << 20 };

const char *duty_state_name(enum duty_state state) {
    static const char *const names[DUTY_STATE_COUNT] = {"met", "late", "open", "overdue",
                                                        "unknown"};
    assert(state < DUTY_STATE_COUNT);
    return names[state];
}

struct finding {
    const struct duties_options *o;
    struct facts_world *world;
    struct arena *arena;
    struct arena scratch;
    struct duty_row *rows;
    size_t count;
    struct error *e;
};

/* ---- events of a record ---- */

/* The first known time that the register tells after the one of that name: it is no earlier. */
static bool next_event(const struct register_row *row, str start, int64_t at_ns, str *name,
                       int64_t *event_ns) {
    str noun = str_from_c(register_kind_of(row->kind)->noun), field = start, root;
    if (!str_cut(&field, '.', &root) || !str_equal(root, noun)) return false;
    bool is_after = false;
    for (const struct register_field *f = register_kind_of(row->kind)->fields; f->name != NULL;
         f++) {
        str own = str_from_c(f->name);
        const struct register_value *v = register_value_find(&row->fields, own);
        if (is_after && f->type == REGISTER_TIME && register_value_is_good(v, at_ns)) {
            *name = own;
            *event_ns = v->time_ns;
            return true;
        }
        is_after = is_after || str_equal(own, field);
    }
    return false;
}

/* ---- clocks ---- */

static bool is_without_number(const struct rulebook_periods *p) {
    for (size_t i = 0; i < p->count; i++)
        if (p->at[i].kind != RULEBOOK_PERIOD_PROMPTLY && p->at[i].kind != RULEBOOK_PERIOD_NO_NUMBER)
            return false;
    return true;
}

/* within_STAGE of the adoption, for this clause or for all. */
static const struct rulebook_value *own_value(const struct rulebook_spoke *spoke, str stage) {
    char name[256];
    if (spoke->adoption == NULL) return NULL;
    const struct rulebook_facts *params = &spoke->adoption->params;
    int len =
        snprintf(name, sizeof name, "%.*s/within_%.*s", STR_FMT(spoke->clause->id), STR_FMT(stage));
    const struct rulebook_value *v = NULL;
    if (len > 0 && (size_t)len < sizeof name)
        v = rulebook_facts_find(params, str_of(name, (size_t)len));
    len = snprintf(name, sizeof name, "within_%.*s", STR_FMT(stage));
    if (v == NULL && len > 0 && (size_t)len < sizeof name)
        v = rulebook_facts_find(params, str_of(name, (size_t)len));
    return v != NULL && v->kind == RULEBOOK_DURATION ? v : NULL;
}

/* Working days that nobody can count end no earlier than as many days. */
static bool bound_by_days(const struct rulebook_periods *p, int64_t start_ns, int64_t *end_ns) {
    bool found = false;
    for (size_t i = 0; i < p->count; i++) {
        if (p->at[i].kind != RULEBOOK_PERIOD_BUSINESS_DAYS) continue;
        int64_t end = start_ns + (int64_t)p->at[i].days * 86400 * NS_PER_S;
        *end_ns = found ? i64_min(*end_ns, end) : end;
        found = true;
    }
    return found;
}

/* The end of the clock that began at `start_ns`; false: no number tells it. */
static bool clock_end(const struct duty_row *row, const struct rulebook_value *own,
                      int64_t start_ns, int64_t *end_ns) {
    if (rulebook_periods_latest(&row->duty->within, start_ns, end_ns)) return true;
    if (own == NULL) return false;
    const struct rulebook_period period = {
        .kind = RULEBOOK_PERIOD_LENGTH, .length = own->duration, .text = own->text};
    const struct rulebook_periods periods = {&period, 1};
    return rulebook_periods_latest(&periods, start_ns, end_ns);
}

static bool says_to(const struct rulebook_duty *duty, str to) {
    for (size_t i = 0; i < duty->to_count; i++)
        if (str_equal(duty->to[i], to)) return true;
    return duty->to_count == 0;
}

/* The first report of that stage to one it is owed to. */
static void find_report(struct duty_row *row, int64_t at_ns) {
    const struct register_value *reports =
        register_value_find(&row->record->fields, STR("reports"));
    for (size_t i = 0; register_value_is_good(reports, at_ns) && i < reports->count; i++) {
        const struct register_value *stage =
            register_value_find(&reports->records[i], STR("stage"));
        const struct register_value *to = register_value_find(&reports->records[i], STR("to"));
        const struct register_value *at = register_value_find(&reports->records[i], STR("at"));
        if (stage == NULL || at == NULL || at->state != REGISTER_KNOWN || at->time_ns > at_ns ||
            !str_equal(stage->text, row->duty->stage) ||
            (to != NULL && !says_to(row->duty, to->text)))
            continue;
        if (!row->is_sent || at->time_ns < row->sent_ns) row->sent_ns = at->time_ns;
        row->is_sent = true;
    }
}

static void set_state(struct duty_row *row, int64_t at_ns) {
    if (row->is_sent)
        row->state = row->has_deadline && row->sent_ns > row->deadline_ns ? DUTY_LATE : DUTY_MET;
    else if (!row->has_start)
        row->state = DUTY_UNKNOWN;
    else
        row->state = row->has_deadline && at_ns > row->deadline_ns ? DUTY_OVERDUE : DUTY_OPEN;
    row->is_urgent = row->state == DUTY_OVERDUE || row->state == DUTY_UNKNOWN;
}

static void set_clock(struct duty_row *row, const struct rulebook_facts *facts,
                      const struct rulebook_spoke *spoke, int64_t at_ns) {
    const struct rulebook_value *own = own_value(spoke, row->duty->stage);
    row->has_no_number = is_without_number(&row->duty->within);
    row->has_start = rulebook_duty_start(row->duty, facts, &row->start_ns);
    int64_t event_ns, end_ns;
    if (row->has_start) {
        row->has_deadline = clock_end(row, own, row->start_ns, &row->deadline_ns);
        row->has_own_value = row->has_deadline && row->has_no_number;
        row->lacks_holidays = !row->has_deadline &&
                              bound_by_days(&row->duty->within, row->start_ns, &row->not_before_ns);
    } else if (next_event(row->record, row->duty->start, at_ns, &row->next_event, &event_ns)) {
        row->no_later_ns = clock_end(row, own, event_ns, &end_ns) ? end_ns : event_ns;
    }
    find_report(row, at_ns);
    set_state(row, at_ns);
}

/* ---- verdicts ---- */

static enum assess_verdict verdict_of(const struct duty_row *row, int64_t now_ns) {
    switch (row->state) {
    case DUTY_MET: return ASSESS_PASS;
    case DUTY_LATE:
    case DUTY_OVERDUE: return ASSESS_FAIL;
    case DUTY_OPEN: {
        bool is_early = row->lacks_holidays && now_ns < row->not_before_ns;
        return row->has_deadline || is_early ? ASSESS_PASS : ASSESS_UNKNOWN;
    }
    case DUTY_UNKNOWN:
    case DUTY_STATE_COUNT: break;
    }
    return ASSESS_UNKNOWN;
}

static int badness(enum assess_verdict v) {
    return v == ASSESS_FAIL ? 2 : v == ASSESS_UNKNOWN ? 1 : 0;
}

void duty_clock(const struct rulebook_spoke *spoke, const struct rulebook_duty *duty,
                const struct register_row *record, const struct rulebook_facts *facts,
                int64_t now_ns, struct duty_row *out) {
    *out = (struct duty_row){.clause = spoke->clause, .duty = duty, .record = record};
    set_clock(out, facts, spoke, now_ns);
}

enum assess_verdict duties_judge(const struct rulebook_spoke *spoke,
                                 const struct register_row *record,
                                 const struct rulebook_facts *facts, int64_t now_ns,
                                 struct duty_row *worst) {
    enum assess_verdict verdict = ASSESS_PASS;
    for (size_t i = 0; i < spoke->clause->duty_count; i++) {
        struct duty_row row;
        duty_clock(spoke, &spoke->clause->duties[i], record, facts, now_ns, &row);
        enum assess_verdict one = verdict_of(&row, now_ns);
        if (i > 0 && badness(one) <= badness(verdict)) continue;
        verdict = one;
        *worst = row;
    }
    return verdict;
}

enum assess_verdict duties_of_met(const struct rulebook_spoke *spoke,
                                  const struct register_row *record,
                                  const struct rulebook_facts *facts, int64_t now_ns) {
    struct duty_row worst;
    bool is_met = spoke->verdict == RULEBOOK_PASS || spoke->verdict == RULEBOOK_ATTESTED;
    if (!is_met || record == NULL || spoke->clause->duty_count == 0) return ASSESS_PASS;
    return duties_judge(spoke, record, facts, now_ns, &worst);
}

static void addressees_say(const struct duty_row *row, struct text *out) {
    for (size_t i = 0; i < row->duty->to_count; i++)
        text_format(out, "%s%.*s", i > 0 ? ", " : "", STR_FMT(row->duty->to[i]));
}

void duty_advice(const struct duty_row *row, enum rulebook_language l, struct text *out) {
    char by[CLOCK_TEXT_BYTES], sent[CLOCK_TEXT_BYTES];
    clock_iso_s_write(row->has_deadline ? row->deadline_ns : row->no_later_ns, by);
    clock_iso_s_write(row->sent_ns, sent);
    str stage = row->duty->stage, start = row->duty->start;
    if (row->state == DUTY_LATE) {
        text_format(out,
                    say(l, "the report \"%.*s\" was sent %s, and due by %s",
                        "「%.*s」の報告は%sに行われ、期限は%sだった"),
                    STR_FMT(stage), sent, by);
        return;
    }
    if (row->state == DUTY_UNKNOWN) {
        text_format(out,
                    say(l, "first say: %.*s (unknown), which starts the clock of \"%.*s\"",
                        "まず示すこと：%.*s（不明）。「%.*s」の期間の起点である"),
                    STR_FMT(start), STR_FMT(stage));
        if (row->no_later_ns != 0)
            text_format(out, say(l, "; overdue no later than %s", "。遅くとも%sに期限を過ぎる"),
                        by);
        return;
    }
    text_format(out, say(l, "report \"%.*s\" to ", "「%.*s」を次へ報告する："), STR_FMT(stage));
    addressees_say(row, out);
    if (row->has_deadline)
        text_format(out, say(l, "; it was due by %s", "。期限は%sだった"), by);
    else if (row->has_no_number)
        text_format(out,
                    say(l, "; the text has no number: set within_%.*s at adoption",
                        "。本文に数値はない：採択時に within_%.*s を定める"),
                    STR_FMT(stage));
    else
        text_add_c(out, say(l, "; its deadline cannot be told, for want of holidays",
                            "。休日が分からないため、期限を示せない"));
}

/* ---- records ---- */

static enum error_code duty_add(struct finding *f, const struct register_row *record,
                                const struct rulebook_spoke *spoke,
                                const struct rulebook_duty *duty,
                                const struct rulebook_facts *facts, str operator_name) {
    if (f->o->stage.len > 0 && !str_equal(f->o->stage, duty->stage)) return OK;
    if (f->count == DUTIES_MOST)
        return error_set(f->e, FAIL_LIMIT, "over %d duties; choose a record", DUTIES_MOST);
    struct duty_row *row = &f->rows[f->count++];
    *row = (struct duty_row){.clause = spoke->clause,
                             .duty = duty,
                             .record = record,
                             .operator_name = operator_name,
                             .strength = spoke->strength,
                             .applies_unknown = spoke->applied == RULEBOOK_UNKNOWN_TRUTH};
    set_clock(row, facts, spoke, f->o->at_ns);
    return OK;
}

static str name_of_operator(const struct finding *f, str id) {
    const struct register_row *row =
        register_row_at(f->o->snapshot, REGISTER_OPERATORS, id, f->o->at_ns);
    if (row == NULL) return id;
    return register_row_name(row, str_from_c(say(f->o->language, "en", "ja")));
}

/* Changes, requests and the like are judged by the rules of their day; things in use by today's. */
static int64_t day_of_rules(const struct register_row *record, int64_t at_ns) {
    int64_t event_ns;
    bool is_event = record->kind != REGISTER_EQUIPMENT && record->kind != REGISTER_SYSTEMS;
    return is_event && facts_event_of(record, at_ns, &event_ns) ? event_ns : at_ns;
}

static enum error_code record_ask(struct finding *f, const struct register_row *record,
                                  enum rulebook_about about) {
    size_t count = rulebook_set_clause_count(f->o->set);
    struct arena room = arena_over(f->scratch.next, arena_left(&f->scratch) / 2);
    struct arena scratch = arena_over(room.end, arena_left(&f->scratch) / 2);
    struct rulebook_subject subject;
    struct rulebook_facts facts;
    const struct rulebook_asking *asking;
    TRY(facts_of_given_row(f->world, record, &room, scratch, &facts, &subject, f->e));
    TRY(rulebook_asking_begin(f->o->set, &subject, &facts, day_of_rules(record, f->o->at_ns), &room,
                              &asking, f->e));
    str operator_name = name_of_operator(f, subject.operator_id);
    for (size_t i = 0; i < count; i++) {
        const struct rulebook_clause *clause = rulebook_set_clause(f->o->set, i);
        struct rulebook_spoke spoke;
        if (clause == NULL || clause->about != about || clause->duty_count == 0) continue;
        if (rulebook_ask(asking, i, &spoke) != RULEBOOK_SPOKE) continue;
        for (size_t k = 0; k < clause->duty_count; k++)
            TRY(duty_add(f, record, &spoke, &clause->duties[k], &facts, operator_name));
    }
    return OK;
}

static bool imposes_duties(const struct rulebook_set *set, enum rulebook_about about) {
    for (size_t i = 0, count = rulebook_set_clause_count(set); i < count; i++) {
        const struct rulebook_clause *clause = rulebook_set_clause(set, i);
        if (clause != NULL && clause->about == about && clause->duty_count > 0) return true;
    }
    return false;
}

/* A change may be owed before it happens. */
bool record_is_yet_to_come(const struct register_row *row, int64_t at_ns) {
    int64_t event_ns;
    return row->kind == REGISTER_INCIDENTS && facts_event_of(row, at_ns, &event_ns) &&
           event_ns > at_ns;
}

static enum error_code records_ask(struct finding *f) {
    for (unsigned i = 0; i < RULEBOOK_ABOUT_COUNT; i++) {
        enum rulebook_about about = (enum rulebook_about)(1u << i);
        enum register_kind kind;
        size_t cursor = 0;
        const struct register_row *row;
        if (!imposes_duties(f->o->set, about) || about == RULEBOOK_ABOUT_DATASET ||
            !register_kind_find(str_from_c(rulebook_about_name(about)), &kind))
            continue;
        while ((row = register_row_next(f->o->snapshot, kind, f->o->at_ns, &cursor)) != NULL)
            if ((f->o->record.len == 0 || str_equal(row->id, f->o->record)) &&
                !record_is_yet_to_come(row, f->o->at_ns))
                TRY(record_ask(f, row, about));
    }
    return OK;
}

/* What burns first: overdue, unknown, open by deadline, then what is done. */
static int urgency(enum duty_state state) {
    static const int order[DUTY_STATE_COUNT] = {
        [DUTY_OVERDUE] = 0, [DUTY_UNKNOWN] = 1, [DUTY_OPEN] = 2, [DUTY_LATE] = 3, [DUTY_MET] = 4};
    return order[state];
}
static int64_t due_ns(const struct duty_row *r) {
    if (r->has_deadline) return r->deadline_ns;
    return r->no_later_ns != 0 ? r->no_later_ns : INT64_MAX;
}
static int rows_order(const void *a, const void *b) {
    const struct duty_row *x = a, *y = b;
    if (urgency(x->state) != urgency(y->state)) return urgency(x->state) - urgency(y->state);
    if (due_ns(x) != due_ns(y)) return due_ns(x) < due_ns(y) ? -1 : 1;
    int order = str_compare(x->record->id, y->record->id);
    if (order == 0) order = str_compare(x->clause->rulebook->name, y->clause->rulebook->name);
    if (order == 0) order = str_compare(x->clause->id, y->clause->id);
    return order != 0 ? order : (x->duty > y->duty) - (x->duty < y->duty);
}

enum error_code duties_find(const struct duties_options *options, struct arena *arena,
                            struct arena scratch, struct duties *out, struct error *e) {
    struct facts_world_options world = {.snapshot = options->snapshot, .at_ns = options->at_ns};
    struct finding f = {.o = options, .arena = arena, .scratch = scratch, .e = e};
    f.rows = arena_new(arena, struct duty_row, DUTIES_MOST);
    if (f.rows == NULL) return error_set(e, FAIL_MEMORY, "no room for duties");
    TRY(facts_world_open(&world, &f.world, e));
    enum error_code code = records_ask(&f);
    facts_world_close(f.world);
    TRY(code);
    if (f.count == 0 && options->record.len > 0)
        return error_set(e, FAIL_NOT_FOUND, "nothing is owed about \"%.*s\"%s%.*s",
                         STR_FMT(options->record), options->stage.len > 0 ? ", stage " : "",
                         STR_FMT(options->stage));
    if (f.count > 1) qsort(f.rows, f.count, sizeof *f.rows, rows_order);
    *out = (struct duties){options->at_ns, options->language, f.rows, f.count, {0}};
    for (size_t i = 0; i < f.count; i++) out->by_state[f.rows[i].state]++;
    return OK;
}
