/* Facts that are computed from many rows: derived sets, and measures over windows of time. */
#ifndef AZEKURA_RULEBOOK_FRONT_COMPUTED_H
#define AZEKURA_RULEBOOK_FRONT_COMPUTED_H

#include "rulebook/front/sets.h"

/* The entities a register knows, one at a time. `facts` gives what is known of the i-th under
 * entity.*, in the arena, good until the next call; `id` its id, good as long as the universe. */
struct rulebook_universe {
    size_t count;
    bool is_complete; /* there are no others */
    void *self;
    str (*id)(void *self, size_t i);
    enum error_code (*facts)(void *self, size_t i, struct arena *arena, struct rulebook_facts *out,
                             struct error *e);
};

/* Who is in each derived set of the set's rulebooks, as facts for rules to read: derived.RULEBOOK/
 * NAME, who surely is (open: others may be), and derived.RULEBOOK/NAME.not, who surely is not. An
 * entity is in a set when it `starts` one, or when holders that are in it, or in a set it spreads
 * `from`, together hold at least the share: in one of the fields, through any number of entities
 * (`indirect`) or one. What is not known of a share or of a holder makes it possible, never sure;
 * over an open list of holders the rest up to 100 % is possible. The least such sets: owners in a
 * circle are not in for owning each other. Facts sorted, in the arena; none: *count 0.
 *   FAIL_MEMORY, and what `facts` fails with */
enum error_code rulebook_derive(const struct rulebook_set *set,
                                const struct rulebook_universe *universe, int64_t at_ns,
                                struct arena *arena, struct arena scratch,
                                struct rulebook_fact **out, size_t *count,
                                struct error *e) MUST_USE;

/* An act that a measure may count. */
struct rulebook_act {
    struct rulebook_facts facts;
    bool has_time;
    int64_t at_ns;
};
/* The acts a register knows, one at a time: what is known of the i-th, in the arena, good until the
 * next call. */
struct rulebook_acts {
    size_t count;
    bool is_complete; /* there were no others */
    void *self;
    enum error_code (*act)(void *self, size_t i, struct arena *arena, struct rulebook_act *out,
                           struct error *e);
};
/* What was counted, act by act. Opaque. */
struct rulebook_counted;

/* Looks at each act for every measure of the set's rulebooks. Acts after `at_ns` do not count. NULL
 * in *out: the set has no measures. FAIL_MEMORY, and what `act` fails with. */
enum error_code rulebook_measures_count(const struct rulebook_set *set,
                                        const struct rulebook_acts *acts, int64_t at_ns,
                                        struct arena *arena, struct arena scratch,
                                        const struct rulebook_counted **out,
                                        struct error *e) MUST_USE;
/* The facts measure.NAME for the i-th act: for each measure the most that any window of its length
 * which holds the act has counted, since crossing a number judges the whole window again. An
 * interval: distinct persons are at least those of the largest act and at most those of all; an
 * unknown count, time or key, and acts nobody told us of, leave it open above. Sorted, in the arena.
 *   FAIL_MEMORY */
enum error_code rulebook_measures_of(const struct rulebook_counted *counted, size_t act,
                                     struct arena *arena, struct rulebook_fact **out, size_t *count,
                                     struct error *e) MUST_USE;

#endif
