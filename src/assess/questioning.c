/* One subject asked clause by clause: by its facts, by what was observed of it, and by its clocks. */
#include "assess/inner.h"

static enum assess_verdict verdict_of(enum rulebook_asked asked,
                                      const struct rulebook_spoke *spoke) {
    if (asked == RULEBOOK_NOT_APPLICABLE) return ASSESS_NOT_APPLICABLE;
    switch (spoke->verdict) {
    case RULEBOOK_PASS: return ASSESS_PASS;
    case RULEBOOK_FAIL: return ASSESS_FAIL;
    case RULEBOOK_VERDICT_UNKNOWN: return ASSESS_UNKNOWN;
    case RULEBOOK_ATTESTED: return ASSESS_ATTESTED;
    case RULEBOOK_LIFTED:
    case RULEBOOK_EXCEPTED: return ASSESS_EXCEPTED;
    }
    return ASSESS_UNKNOWN;
}

const str questioning_suspected_path = {"equipment.suspected_lists", 25};
static const str lists_paths[] = {{"entity.lists", 12}, {"equipment.maker.lists", 21}};

/* As if the maker stood on the lists that whoever was observed stands on. */
static enum error_code suspect(const struct assess_work *w, const struct rulebook_subject *subject,
                               const struct rulebook_facts *facts,
                               const struct rulebook_value *lists, struct arena *arena,
                               const struct rulebook_asking **out, struct error *e) {
    struct rulebook_fact *own = arena_new(arena, struct rulebook_fact, COUNT_OF(lists_paths));
    if (own == NULL) return error_set(e, FAIL_MEMORY, "no room for facts");
    for (size_t i = 0; i < COUNT_OF(lists_paths); i++)
        own[i] = (struct rulebook_fact){lists_paths[i], *lists};
    struct rulebook_facts layer = {own, COUNT_OF(lists_paths), facts};
    return rulebook_asking_begin(w->options.set, subject, &layer, w->options.at_ns, arena, out, e);
}

enum error_code questioning_begin(const struct assess_work *w,
                                  const struct rulebook_subject *subject,
                                  const struct register_row *record,
                                  const struct rulebook_facts *facts, int64_t at_ns,
                                  struct arena *arena, struct questioning *out, struct error *e) {
    struct rulebook_facts *kept = arena_new(arena, struct rulebook_facts, 1);
    if (kept == NULL) return error_set(e, FAIL_MEMORY, "no room for facts");
    *kept = *facts;
    *out = (struct questioning){.record = record, .facts = kept, .now_ns = w->options.at_ns};
    TRY(rulebook_asking_begin(w->options.set, subject, kept, at_ns, arena, &out->asking, e));
    if ((subject->about & RULEBOOK_ABOUT_EQUIPMENT) == 0) return OK;
    const struct rulebook_value *lists = rulebook_facts_find(kept, questioning_suspected_path);
    if (lists == NULL || lists->kind != RULEBOOK_SET || lists->set.count == 0) return OK;
    return suspect(w, subject, kept, lists, arena, &out->suspecting, e);
}

unsigned char questioning_ask(const struct questioning *q, uint32_t clause,
                              enum rulebook_asked *asked, struct rulebook_spoke *spoke) {
    *asked = rulebook_ask(q->asking, clause, spoke);
    if (*asked == RULEBOOK_NOT_CONSIDERED) return VERDICT_NONE;
    enum assess_verdict verdict = verdict_of(*asked, spoke);
    enum assess_verdict by_clock = ASSESS_PASS;
    if (*asked == RULEBOOK_SPOKE) by_clock = duties_of_met(spoke, q->record, q->facts, q->now_ns);
    if (by_clock != ASSESS_PASS) verdict = by_clock;
    unsigned flags =
        *asked == RULEBOOK_SPOKE && spoke->strength == RULEBOOK_SCORE ? VERDICT_SCORED : 0u;
    bool is_open = verdict == ASSESS_PASS || verdict == ASSESS_UNKNOWN;
    struct rulebook_spoke worse = {0};
    if (q->suspecting != NULL && is_open &&
        rulebook_ask(q->suspecting, clause, &worse) == RULEBOOK_SPOKE &&
        verdict_of(RULEBOOK_SPOKE, &worse) == ASSESS_FAIL) {
        verdict = ASSESS_UNKNOWN; /* what was observed is a hint, no proof */
        flags |= VERDICT_SUSPECTED;
    }
    return (unsigned char)(verdict | flags);
}
