/* A decision about one record, judged by its clocks too: what an explanation says of duties. */
#include "assess/duties.h"
#include "assess/inner.h"

static const struct duties_standing *standing_of(const struct rulebook_clocks *clocks) {
    return (const struct duties_standing *)(const void *)clocks;
}

static void say_clock(const struct rulebook_clocks *self, const struct rulebook_spoke *spoke,
                      const struct rulebook_duty *duty, enum rulebook_language language,
                      struct text *out) {
    const struct duties_standing *s = standing_of(self);
    struct duty_row row;
    duty_clock(spoke, duty, s->record, s->facts, s->now_ns, &row);
    duty_standing_say(&row, s->now_ns, language, out);
}

static void json_time(struct text *out, const char *name, int64_t ns) {
    char at[CLOCK_TEXT_BYTES];
    clock_iso_s_write(ns, at);
    text_format(out, ",\"%s\":\"%s\"", name, at);
}

/* By the names of docs/formats/assessment.md. */
static void json_clock(const struct rulebook_clocks *self, const struct rulebook_spoke *spoke,
                       const struct rulebook_duty *duty, struct text *out) {
    const struct duties_standing *s = standing_of(self);
    struct duty_row row;
    duty_clock(spoke, duty, s->record, s->facts, s->now_ns, &row);
    text_format(out, ",\"state\":\"%s\",\"urgent\":%s", duty_state_name(row.state),
                row.is_urgent ? "true" : "false");
    if (row.has_start) json_time(out, "started", row.start_ns);
    if (row.has_deadline) json_time(out, "deadline", row.deadline_ns);
    if (row.lacks_holidays) json_time(out, "not_before", row.not_before_ns);
    if (row.no_later_ns != 0) {
        json_time(out, "overdue_no_later_than", row.no_later_ns);
        text_add_c(out, ",\"counted_from\":");
        text_add_json(out, row.next_event);
    }
    if (row.is_sent) json_time(out, "sent", row.sent_ns);
}

static void advise(const struct rulebook_clocks *self, const struct rulebook_spoke *spoke,
                   enum rulebook_language language, struct text *out) {
    const struct duties_standing *s = standing_of(self);
    struct duty_row worst;
    if (spoke->clause->duty_count == 0 ||
        duties_judge(spoke, s->record, s->facts, s->now_ns, &worst) == ASSESS_PASS)
        return;
    duty_advice(&worst, language, out);
}

enum rulebook_effect duty_effect(enum rulebook_strength strength) {
    if (strength == RULEBOOK_SCORE) return RULEBOOK_ALLOW;
    return strength <= RULEBOOK_SHOULD ? RULEBOOK_WARN : RULEBOOK_REFUSE;
}

static void judge(const struct duties_standing *s, struct rulebook_spoke *spoke) {
    enum assess_verdict by_clock = duties_of_met(spoke, s->record, s->facts, s->now_ns);
    if (by_clock == ASSESS_PASS) return;
    spoke->verdict = by_clock == ASSESS_FAIL ? RULEBOOK_FAIL : RULEBOOK_VERDICT_UNKNOWN;
    spoke->effect = duty_effect(spoke->strength);
}

enum error_code duties_stand(const struct register_row *record, const struct rulebook_facts *facts,
                             int64_t now_ns, struct rulebook_decision *decision,
                             struct arena *arena, struct duties_standing *out, struct error *e) {
    size_t count = decision->fixed_count;
    struct rulebook_spoke *spokes = arena_new(arena, struct rulebook_spoke, count);
    if (spokes == NULL) return error_set(e, FAIL_MEMORY, "no room for what clauses said");
    if (count > 0) memcpy(spokes, decision->fixed, count * sizeof *spokes);
    *out = (struct duties_standing){{say_clock, json_clock, advise}, record, facts, now_ns};
    assert(decision->spoke_count == 0); /* of the slow evaluator all are fixed */
    for (size_t i = 0; i < count; i++) {
        judge(out, &spokes[i]);
        if (spokes[i].effect > decision->effect) decision->effect = spokes[i].effect;
    }
    decision->fixed = spokes;
    return OK;
}
