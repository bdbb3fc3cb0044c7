/* One answer as a row that outlives the asking. */
#include <stdlib.h>

#include "assess/inner.h"

static enum error_code change_say(const struct rulebook_asking *asking, uint32_t clause_index,
                                  const struct rulebook_spoke *spoke,
                                  enum rulebook_language language, struct arena *arena, str *out,
                                  struct error *e) {
    char room[8192];
    struct text t = text_into(room, sizeof room);
    if (spoke->truth == RULEBOOK_TRUE) return OK;
    rulebook_asking_advice(asking, clause_index, spoke, language, &t);
    str said = text_str(&t);
    while (t.overflow && said.len > 0 && ((unsigned char)said.at[said.len - 1] & 0xc0) == 0x80)
        said.len--; /* cut at a character */
    while (said.len > 0 && said.at[said.len - 1] == '\n') said.len--;
    return arena_copy(arena, said, out, e);
}

/* A clause whose conditions are met, and whose clocks are not. */
static bool is_by_clock(const struct assess_row *row, enum rulebook_asked asked,
                        const struct rulebook_spoke *spoke) {
    bool is_open = row->verdict == ASSESS_FAIL || row->verdict == ASSESS_UNKNOWN;
    return asked == RULEBOOK_SPOKE && is_open && !row->suspected && spoke->truth == RULEBOOK_TRUE &&
           spoke->clause->duty_count > 0;
}

static enum error_code duty_say(const struct assess_work *w, const struct questioning *q,
                                const struct rulebook_spoke *spoke, struct arena *arena,
                                struct assess_row *out, struct error *e) {
    char room[1024];
    struct duty_row worst;
    struct text t = text_into(room, sizeof room);
    duties_judge(spoke, q->record, q->facts, q->now_ns, &worst);
    duty_advice(&worst, w->options.language, &t);
    out->effect = duty_effect(spoke->strength);
    return arena_copy(arena, text_str(&t), &out->change, e);
}

static int by_path(const void *a, const void *b) {
    return str_compare(((const struct rulebook_reading *)a)->path,
                       ((const struct rulebook_reading *)b)->path);
}

static void reading_add(const struct questioning *q, str path, struct rulebook_reading *all,
                        size_t *count) {
    for (size_t i = 0; i < *count; i++)
        if (str_equal(all[i].path, path)) return;
    all[(*count)++] = (struct rulebook_reading){path, rulebook_asking_fact(q->asking, path)};
}

/* When its clocks began and what was reported, beside the facts that its conditions read. */
static enum error_code facts_with_clocks(const struct questioning *q,
                                         const struct rulebook_clause *clause, struct arena *arena,
                                         const struct rulebook_reading **readings, size_t *count,
                                         struct error *e) {
    size_t most = *count + clause->duty_count + 1;
    struct rulebook_reading *all = arena_new(arena, struct rulebook_reading, most);
    str reports;
    if (all == NULL) return error_set(e, FAIL_MEMORY, "no room for facts");
    if (*count > 0) memcpy(all, *readings, *count * sizeof *all);
    for (size_t i = 0; i < clause->duty_count; i++)
        if (!clause->duties[i].starts_on_day) reading_add(q, clause->duties[i].start, all, count);
    TRY(arena_format(arena, &reports, e, "%s.reports", rulebook_about_name(clause->about)));
    reading_add(q, reports, all, count);
    qsort(all, *count, sizeof *all, by_path);
    *readings = all;
    return OK;
}

/* The hint that made it suspected, beside the facts the clause reads. */
static enum error_code facts_with_hint(const struct questioning *q, uint32_t clause_index,
                                       const struct rulebook_spoke *spoke, struct arena *arena,
                                       struct arena scratch, const struct rulebook_reading **out,
                                       size_t *count, struct error *e) {
    const struct rulebook_reading *said;
    size_t found;
    TRY(rulebook_asking_facts(q->asking, clause_index, spoke, arena, scratch, &said, &found, e));
    struct rulebook_reading *all = arena_new(arena, struct rulebook_reading, found + 1);
    if (all == NULL) return error_set(e, FAIL_MEMORY, "no room for facts");
    memcpy(all, said, found * sizeof *all);
    all[found] = (struct rulebook_reading){
        questioning_suspected_path, rulebook_asking_fact(q->asking, questioning_suspected_path)};
    *out = all;
    *count = found + 1;
    return OK;
}

enum error_code row_make(const struct assess_work *w, const struct questioning *q,
                         uint32_t clause_index, struct arena *arena, struct arena scratch,
                         struct assess_row *out, struct error *e) {
    struct rulebook_spoke spoke = {0};
    struct arena half = arena_over(scratch.next, arena_left(&scratch) / 2);
    const struct rulebook_reading *readings;
    size_t count;
    enum rulebook_asked asked;
    unsigned char byte = questioning_ask(q, clause_index, &asked, &spoke);
    assert(byte != VERDICT_NONE);
    scratch.next = half.end;
    *out = (struct assess_row){.clause = rulebook_set_clause(w->options.set, clause_index),
                               .clause_index = clause_index,
                               .verdict = (enum assess_verdict)(byte & VERDICT_BITS),
                               .suspected = (byte & VERDICT_SUSPECTED) != 0,
                               .count = 1};
    out->strength = out->clause->strength;
    if (asked == RULEBOOK_SPOKE) {
        out->effect = spoke.effect;
        out->strength = spoke.strength;
        out->compelled = spoke.compelled;
        out->raised_by = spoke.raised_by;
        out->exception = spoke.verdict == RULEBOOK_EXCEPTED ? spoke.exception : NULL;
        out->lifted = spoke.verdict == RULEBOOK_LIFTED;
        out->adoption = spoke.adoption;
        out->applies_unknown = spoke.applied == RULEBOOK_UNKNOWN_TRUTH;
        TRY(change_say(q->asking, clause_index, &spoke, w->options.language, arena, &out->change,
                       e));
        if (is_by_clock(out, asked, &spoke)) TRY(duty_say(w, q, &spoke, arena, out, e));
    }
    const struct rulebook_spoke *said = asked == RULEBOOK_SPOKE ? &spoke : NULL;
    if (out->suspected)
        TRY(facts_with_hint(q, clause_index, said, &half, scratch, &readings, &count, e));
    else
        TRY(rulebook_asking_facts(q->asking, clause_index, said, &half, scratch, &readings, &count,
                                  e));
    if (said != NULL && q->record != NULL && out->clause->duty_count > 0)
        TRY(facts_with_clocks(q, out->clause, &half, &readings, &count, e));
    return row_facts(readings, count, arena, out, e);
}
