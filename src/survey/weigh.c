/* Weighing a case: which country, how surely, and what it would have been without each piece.
 *
 * A piece that is wrong in a share w of cases gives its country the odds (1-w) against w, and every other
 * country a small part of w. Pieces that do not share sources multiply. Probability that falls on
 * countries nobody named counts neither as inside nor as outside.
 *
 * What a round trip excludes comes first: a piece that names a country too far away is known to be wrong and
 * not heard, and no probability falls there. Only what is said here and now stands above it; and of a machine that
 * answers from many places it excludes nothing, since it speaks of the one that answered. */
#include <math.h>

#include "survey/case.h"

struct outcome {
    enum survey_answer answer;
    struct survey_country countries[CASE_COUNTRIES]; /* named by evidence, likeliest first */
    size_t count;
    double elsewhere; /* in a country that nobody named, and that is known not to be home */
};

enum { NOBODY = CASE_SAID }; /* no piece is left out */

/* How far the machine can be without a piece; 0: anywhere. */
static double reach_km(const struct survey_case *c, size_t left_out) {
    return left_out == c->round_trip ? 0 : c->reach_km;
}

static bool is_possible(const struct survey_world *w, const struct survey_case *c, size_t left_out,
                        geo_country country) {
    double km = reach_km(c, left_out);
    return km <= 0 || survey_reach_holds(w, km, country);
}

static bool is_heard(const struct survey_said *said) {
    return said->tier != TIER_TELLS && !said->is_repeat &&
           (said->is_many || said->evidence.country.at[0] != 0);
}

static bool speaks(const struct survey_world *w, const struct survey_case *c, size_t left_out,
                   const struct survey_said *said) {
    return is_heard(said) && (said->is_many || said->tier == TIER_FIRST ||
                              is_possible(w, c, left_out, said->evidence.country));
}

static enum survey_tier tier_highest(const struct survey_world *w, const struct survey_case *c,
                                     size_t left_out) {
    enum survey_tier highest = TIER_TELLS;
    for (size_t i = 0; i < c->count; i++)
        if (i != left_out && speaks(w, c, left_out, &c->said[i]) && c->said[i].tier > highest)
            highest = c->said[i].tier;
    return highest;
}

static size_t country_row(struct outcome *o, geo_country country) {
    size_t i = 0;
    while (i < o->count && !geo_country_equal(o->countries[i].country, country)) i++;
    if (i == o->count && i < CASE_COUNTRIES) o->countries[o->count++].country = country;
    return i;
}

/* Log of how likely all pieces are if the machine stands there, in any country; or in one of so many alike. */
static double log_likelihood(const struct survey_world *w, const struct survey_case *c,
                             size_t left_out, enum survey_tier tier, geo_country there) {
    double sum = 0;
    for (size_t i = 0; i < c->count; i++) {
        const struct survey_said *said = &c->said[i];
        if (i == left_out || said->tier != tier || !speaks(w, c, left_out, said) || said->is_many)
            continue;
        double wrong = w->weights.wrong[said->kind];
        bool is_either = said->or_else.at[0] != 0;
        if (geo_country_equal(said->evidence.country, there) ||
            (is_either && geo_country_equal(said->or_else, there)))
            sum += log((1 - wrong) / (is_either ? 2 : 1));
        else
            sum += log(wrong * w->weights.spread);
    }
    return sum;
}

static void sort_likeliest(struct outcome *o) {
    for (size_t i = 1; i < o->count; i++)
        for (size_t k = i; k > 0 && o->countries[k].probability > o->countries[k - 1].probability;
             k--) {
            struct survey_country swap = o->countries[k];
            o->countries[k] = o->countries[k - 1];
            o->countries[k - 1] = swap;
        }
}

static enum survey_answer answer_of(const struct survey_world *w, const struct outcome *o) {
    double inside = 0, outside = o->elsewhere;
    for (size_t i = 0; i < o->count; i++)
        if (geo_country_equal(o->countries[i].country, w->home))
            inside += o->countries[i].probability;
        else
            outside += o->countries[i].probability;
    return inside >= w->weights.sure    ? SURVEY_INSIDE
           : outside >= w->weights.sure ? SURVEY_OUTSIDE
                                        : SURVEY_UNDETERMINED;
}

/* Where nothing else is possible, all that is possible is named; else there are many that nobody named. How many. */
static double rest_add(const struct survey_world *w, const struct survey_case *c, size_t left_out,
                       enum survey_tier tier, struct outcome *o) {
    double km = tier == TIER_FIRST ? 0 : reach_km(c, left_out), many = 1 / w->weights.spread;
    geo_country near[CASE_COUNTRIES];
    if (km <= 0) return many;
    size_t count = survey_reach_count(w, km, near, CASE_COUNTRIES);
    if (count > CASE_COUNTRIES) return fmin(many, (double)(count - o->count));
    for (size_t i = 0; i < count; i++) country_row(o, near[i]);
    return 0;
}

/* Of a provider that runs regions abroad a mistake means another of its regions: what nobody named is then outside, but
 * for the part that home has in it. */
static double abroad_share(const struct survey_world *w, const struct outcome *o, double rest) {
    for (size_t i = 0; i < o->count; i++)
        if (geo_country_equal(o->countries[i].country, w->home)) return 1;
    return rest >= 1 ? (rest - 1) / rest : 0;
}

static void weigh(const struct survey_world *w, const struct survey_case *c, size_t left_out,
                  struct outcome *o) {
    enum survey_tier tier = tier_highest(w, c, left_out);
    bool is_seat = false;
    *o = (struct outcome){.answer = SURVEY_UNDETERMINED};
    for (size_t i = 0; i < c->count; i++) {
        const struct survey_said *said = &c->said[i];
        if (i == left_out || said->tier != tier || !speaks(w, c, left_out, said)) continue;
        if (said->is_many) o->answer = SURVEY_MANY;
        if (!said->is_many) country_row(o, said->evidence.country);
        if (said->or_else.at[0] != 0) country_row(o, said->or_else);
        is_seat = is_seat || said->kind == KIND_SEAT;
    }
    if (o->answer == SURVEY_MANY) o->count = 0;
    if (o->answer == SURVEY_MANY) return;
    double rest = rest_add(w, c, left_out, tier, o);
    bool is_away = tier != TIER_FIRST && !is_possible(w, c, left_out, w->home);
    if (is_away) o->answer = SURVEY_OUTSIDE;
    if (o->count == 0) return;
    double logs[CASE_COUNTRIES],
        elsewhere = log(rest) + log_likelihood(w, c, left_out, tier, (geo_country){{0}}),
        most = elsewhere, sum;
    for (size_t i = 0; i < o->count; i++) {
        logs[i] = log_likelihood(w, c, left_out, tier, o->countries[i].country);
        most = fmax(most, logs[i]);
    }
    sum = exp(elsewhere - most);
    for (size_t i = 0; i < o->count; i++) sum += exp(logs[i] - most);
    for (size_t i = 0; i < o->count; i++) o->countries[i].probability = exp(logs[i] - most) / sum;
    if (is_seat) o->elsewhere = abroad_share(w, o, rest) * exp(elsewhere - most) / sum;
    sort_likeliest(o);
    if (!is_away) o->answer = answer_of(w, o);
}

/* ---- conflicts ---- */

static const char *teller(const struct survey_said *said) {
    switch (said->evidence.method) {
    case SURVEY_BY_INVENTORY: return "the inventory";
    case SURVEY_BY_REGISTER: return "the register";
    case SURVEY_BY_HINT:
    case SURVEY_BY_ENDPOINT: return "the name";
    default: return NULL;
    }
}

static enum error_code conflict_say(const struct survey_said *a, const struct survey_said *b,
                                    struct arena *arena, str *out, struct error *e) {
    str names[2];
    const struct survey_said *two[2] = {a, b};
    bool is_one_kind = a->kind == KIND_DECLARED && b->kind == KIND_DECLARED;
    for (size_t i = 0; i < 2; i++)
        names[i] = teller(two[i]) != NULL && !is_one_kind ? str_from_c(teller(two[i]))
                                                          : two[i]->evidence.source;
    return arena_format(arena, out, e, "%.*s says %.2s, %.*s says %.2s", STR_FMT(names[0]),
                        a->evidence.country.at, STR_FMT(names[1]), b->evidence.country.at);
}

/* Each two countries that are named are told once, by the first pieces that name them. */
static bool is_first_of(const struct survey_case *c, size_t i) {
    for (size_t k = 0; k < i; k++)
        if (c->said[k].tier != TIER_TELLS &&
            geo_country_equal(c->said[k].evidence.country, c->said[i].evidence.country))
            return false;
    return c->said[i].tier != TIER_TELLS && c->said[i].evidence.country.at[0] != 0;
}

/* What a round trip excludes, by the first piece that names it. */
static enum error_code excluded_say(const struct survey_world *w, const struct survey_case *c,
                                    const struct survey_said *said, struct arena *arena, str *out,
                                    struct error *e) {
    const char *name = teller(said);
    return arena_format(arena, out, e, "%.*s says %.2s, the round trip says within %.0f km of %.*s",
                        STR_FMT(name != NULL ? str_from_c(name) : said->evidence.source),
                        said->evidence.country.at, c->reach_km, STR_FMT(w->vantage.name));
}

static bool is_excluded(const struct survey_world *w, const struct survey_case *c,
                        const struct survey_judgement *of, size_t i) {
    return of->answer != SURVEY_MANY && is_first_of(c, i) &&
           !is_possible(w, c, NOBODY, c->said[i].evidence.country);
}

static enum error_code conflicts_find(const struct survey_world *w, const struct survey_case *c,
                                      struct arena *arena, struct survey_judgement *out,
                                      struct error *e) {
    struct survey_conflict conflicts[CASE_CONFLICTS];
    size_t count = 0;
    for (size_t i = 0; i < c->count && count < CASE_CONFLICTS; i++) {
        if (!is_excluded(w, c, out, i)) continue;
        conflicts[count].about = SURVEY_ABOUT_PLACE;
        TRY(excluded_say(w, c, &c->said[i], arena, &conflicts[count++].says, e));
    }
    for (size_t i = 0; i < c->count; i++)
        for (size_t k = i + 1; k < c->count; k++) {
            if (!is_first_of(c, i) || !is_first_of(c, k) || count == CASE_CONFLICTS) continue;
            conflicts[count].about = SURVEY_ABOUT_PLACE;
            TRY(conflict_say(&c->said[i], &c->said[k], arena, &conflicts[count++].says, e));
        }
    if (count == 0) return OK;
    struct survey_conflict *kept = arena_new(arena, struct survey_conflict, count);
    if (kept == NULL) return error_set(e, FAIL_MEMORY, "no room for a conflict");
    memcpy(kept, conflicts, count * sizeof *kept);
    out->conflicts = kept;
    out->conflict_count = count;
    return OK;
}

/* ---- the judgement ---- */

static void evidence_weigh(const struct survey_world *w, struct survey_case *c,
                           const struct outcome *all) {
    enum survey_tier tier = tier_highest(w, c, NOBODY);
    for (size_t i = 0; i < c->count; i++) {
        struct survey_said *said = &c->said[i];
        bool is_heard = said->tier == tier && speaks(w, c, NOBODY, said);
        struct outcome without;
        said->evidence.without = all->answer;
        if (!is_heard && (c->reach_km <= 0 || i != c->round_trip)) continue;
        double wrong = w->weights.wrong[said->kind];
        if (is_heard && !said->is_many) said->evidence.weight = log((1 - wrong) / wrong);
        weigh(w, c, i, &without);
        said->evidence.without = without.answer;
    }
}

/* A round trip that leaves one country proves it. */
static bool is_proved(const struct survey_world *w, const struct survey_case *c,
                      enum survey_answer answer) {
    geo_country only;
    return c->reach_km > 0 && answer != SURVEY_MANY && tier_highest(w, c, NOBODY) != TIER_FIRST &&
           survey_reach_count(w, c->reach_km, &only, 1) == 1;
}

/* What the answer rests on most. */
static enum survey_method grounds_of(const struct survey_world *w, const struct survey_case *c,
                                     enum survey_answer answer) {
    enum survey_tier tier = tier_highest(w, c, NOBODY);
    enum survey_method grounds = SURVEY_METHOD_COUNT;
    double most = -1;
    if (is_proved(w, c, answer)) return SURVEY_BY_ROUND_TRIP;
    for (size_t i = 0; i < c->count; i++) {
        const struct survey_said *said = &c->said[i];
        if (said->tier != tier || !speaks(w, c, NOBODY, said)) continue;
        double weight = said->is_many ? 100 : said->evidence.weight;
        if (weight <= most) continue;
        most = weight;
        grounds = said->evidence.method;
    }
    /* nobody said where it is, and still it cannot be at home */
    return most < 0 && answer == SURVEY_OUTSIDE ? SURVEY_BY_ROUND_TRIP : grounds;
}

static enum error_code lists_copy(const struct survey_case *c, const struct outcome *o,
                                  struct arena *arena, struct survey_judgement *out,
                                  struct error *e) {
    enum { LEAST_PER_MILLE = 5 };
    struct survey_evidence *evidence = arena_new(arena, struct survey_evidence, c->count);
    struct survey_country *countries = arena_new(arena, struct survey_country, o->count);
    struct survey_law *law = arena_new(arena, struct survey_law, c->law_count);
    if (evidence == NULL || countries == NULL || law == NULL)
        return error_set(e, FAIL_MEMORY, "no room for a judgement");
    for (size_t i = 0; i < c->count; i++) evidence[i] = c->said[i].evidence;
    for (size_t i = 0; i < o->count; i++)
        if (o->countries[i].probability * 1000 >= LEAST_PER_MILLE)
            countries[out->country_count++] = o->countries[i];
    if (c->law_count > 0) memcpy(law, c->law, c->law_count * sizeof *law);
    out->evidence = evidence;
    out->evidence_count = c->count;
    out->countries = countries;
    out->law = law;
    out->law_count = c->law_count;
    return OK;
}

enum error_code survey_case_close(const struct survey_world *w, struct survey_case *c,
                                  struct arena *arena, struct survey_judgement *out,
                                  struct error *e) {
    struct outcome o;
    weigh(w, c, NOBODY, &o);
    evidence_weigh(w, c, &o);
    *out = (struct survey_judgement){.answer = o.answer,
                                     .grounds = grounds_of(w, c, o.answer),
                                     .is_edge = c->is_edge,
                                     .operator_name = c->operator_name,
                                     .organisation = c->organisation,
                                     .region = c->region,
                                     .zone = c->zone,
                                     .service = c->service,
                                     .asn = c->asn,
                                     .is_law_known = c->is_law_known};
    for (size_t i = 0; i < c->law_count; i++)
        out->is_foreign_law = out->is_foreign_law || !geo_country_equal(c->law[i].country, w->home);
    TRY(lists_copy(c, &o, arena, out, e));
    return conflicts_find(w, c, arena, out, e);
}
