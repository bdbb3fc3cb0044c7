/* One judgement of a server out of those of its addresses. */
#include "survey/case.h"

/* Of an inner address nobody outside can say where it is. Where the register does not either, what else is heard of it
 * (names, inventories) is heard of the server's other addresses too. */
static bool is_silent(const struct geo_address *address, const struct survey_judgement *j) {
    enum geo_use use = geo_address_use(address);
    if (use != GEO_PRIVATE && use != GEO_SHARED && use != GEO_LINK_LOCAL && use != GEO_LOOPBACK)
        return false;
    for (size_t i = 0; i < j->evidence_count; i++) {
        const struct survey_evidence *v = &j->evidence[i];
        bool is_own = v->method == SURVEY_BY_REGISTER || v->method == SURVEY_BY_OVERRIDE;
        if (is_own && v->about == SURVEY_ABOUT_PLACE && v->country.at[0] != 0) return false;
    }
    return true;
}

/* Those that tell of the place first; how many they are, all where none does. */
static size_t speaking_first(const struct geo_address *addresses,
                             const struct survey_judgement **of, size_t count) {
    size_t speaking = 0;
    for (size_t i = 0; i < count; i++) {
        const struct survey_judgement *j = of[i];
        if (is_silent(&addresses[i], j)) continue;
        for (size_t k = i; k > speaking; k--) of[k] = of[k - 1];
        of[speaking++] = j;
    }
    return speaking > 0 ? speaking : count;
}

/* Alike: that. Inside and outside, or any of many places: many. Else not all is known. */
static enum survey_answer answers_join(const struct survey_judgement *const *of, size_t count) {
    bool seen[SURVEY_ANSWER_COUNT] = {false};
    for (size_t i = 0; i < count; i++) seen[of[i]->answer] = true;
    if (seen[SURVEY_MANY] || (seen[SURVEY_INSIDE] && seen[SURVEY_OUTSIDE])) return SURVEY_MANY;
    return seen[SURVEY_UNDETERMINED] ? SURVEY_UNDETERMINED : of[0]->answer;
}

static size_t countries_join(const struct survey_judgement *const *of, size_t count,
                             struct survey_country *out) {
    size_t used = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < of[i]->country_count; k++) {
            const struct survey_country *from = &of[i]->countries[k];
            size_t at = 0;
            while (at < used && !geo_country_equal(out[at].country, from->country)) at++;
            if (at == used) out[used++].country = from->country;
            out[at].probability += from->probability / (double)count;
        }
    for (size_t i = 1; i < used; i++)
        for (size_t k = i; k > 0 && out[k].probability > out[k - 1].probability; k--) {
            struct survey_country swap = out[k];
            out[k] = out[k - 1];
            out[k - 1] = swap;
        }
    return used;
}

static bool evidence_equal(const struct survey_evidence *a, const struct survey_evidence *b) {
    return a->method == b->method && a->about == b->about && str_equal(a->says, b->says) &&
           str_equal(a->source, b->source);
}

static size_t evidence_join(const struct survey_judgement *const *of, size_t count,
                            struct survey_evidence *out) {
    size_t used = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < of[i]->evidence_count; k++) {
            size_t at = 0;
            while (at < used && !evidence_equal(&out[at], &of[i]->evidence[k])) at++;
            if (at == used) out[used++] = of[i]->evidence[k];
        }
    return used;
}

static size_t laws_join(const struct survey_judgement *const *of, size_t count,
                        struct survey_law *out) {
    size_t used = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < of[i]->law_count; k++) {
            const struct survey_law *from = &of[i]->law[k];
            size_t at = 0;
            while (at < used && (!geo_country_equal(out[at].country, from->country) ||
                                 out[at].face != from->face))
                at++;
            if (at == used) out[used++] = *from;
        }
    return used;
}

static size_t conflicts_join(const struct survey_judgement *const *of, size_t count,
                             struct survey_conflict *out) {
    size_t used = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < of[i]->conflict_count; k++) {
            size_t at = 0;
            while (at < used && !str_equal(out[at].says, of[i]->conflicts[k].says)) at++;
            if (at == used) out[used++] = of[i]->conflicts[k];
        }
    return used;
}

enum error_code survey_judgements_join(const struct geo_address *addresses,
                                       const struct survey_judgement **of, size_t count,
                                       struct arena *arena, const struct survey_judgement **out,
                                       struct error *e) {
    size_t countries = 0, evidence = 0, laws = 0, conflicts = 0;
    size_t speaking = speaking_first(addresses, of, count);
    struct survey_judgement *all = arena_new(arena, struct survey_judgement, 1);
    for (size_t i = 0; i < count; i++) {
        countries += of[i]->country_count;
        evidence += of[i]->evidence_count;
        laws += of[i]->law_count;
        conflicts += of[i]->conflict_count;
    }
    struct survey_country *c = arena_new(arena, struct survey_country, countries);
    struct survey_evidence *v = arena_new(arena, struct survey_evidence, evidence);
    struct survey_law *l = arena_new(arena, struct survey_law, laws);
    struct survey_conflict *f = arena_new(arena, struct survey_conflict, conflicts);
    if (all == NULL || c == NULL || v == NULL || l == NULL || f == NULL)
        return error_set(e, FAIL_MEMORY, "no room for a server of %zu addresses", count);
    *all = *of[0];
    all->number = 0;
    all->answer = answers_join(of, speaking);
    all->countries = c;
    all->country_count = countries_join(of, speaking, c);
    all->evidence = v;
    all->evidence_count = evidence_join(of, count, v);
    all->law = l;
    all->law_count = laws_join(of, count, l);
    all->conflicts = f;
    all->conflict_count = conflicts_join(of, count, f);
    for (size_t i = 1; i < speaking; i++) {
        all->is_edge = all->is_edge || of[i]->is_edge;
        all->is_law_known = all->is_law_known && of[i]->is_law_known;
        all->is_foreign_law = all->is_foreign_law || of[i]->is_foreign_law;
        if (all->operator_name.len == 0) all->operator_name = of[i]->operator_name;
        if (!str_equal(all->region, of[i]->region)) all->region = all->zone = STR_EMPTY;
        if (all->asn != of[i]->asn) all->asn = 0;
    }
    *out = all;
    return OK;
}
