/* What reaches a site, and what it does there. */
#include <math.h>

#include "siting/area.h"
#include "siting/square.h"

static bool codes_have(const str *codes, size_t count, str code) {
    for (size_t i = 0; i < count; i++)
        if (str_equal(codes[i], code)) return true;
    return false;
}

/* "grid" of "grid:hokkaido"; empty: the id stands in no scheme. */
static str scheme_of(str group) {
    size_t colon;
    return str_find_char(group, ':', &colon) ? str_slice(group, 0, colon + 1) : STR_EMPTY;
}

static bool has_of_scheme(const struct siting_site *site, str scheme) {
    for (size_t i = 0; i < site->group_count; i++)
        if (str_starts(site->groups[i], scheme)) return true;
    return false;
}

/* "pref:JP-40" (ISO 3166-2) says its country: a site known to be in another one is in none of its parts,
 * whatever else is not known of it. */
static bool is_abroad(const struct siting_site *site, str group) {
    str code = str_starts(group, STR("pref:")) ? str_skip(group, 5) : STR_EMPTY;
    if (code.len < 4 || code.at[2] != '-') return false;
    for (size_t i = 0; i < site->group_count; i++)
        if (str_starts(site->groups[i], STR("country:")))
            return !str_equal(str_skip(site->groups[i], 8), str_slice(code, 0, 2));
    return false;
}

/* Where a scheme divides everything there is (grid areas, makers), a site of which no group of the
 * scheme is known may be in any. A list of members closes the question. */
static enum siting_reach reach_by_group(const struct siting_part *part,
                                        const struct siting_site *site) {
    enum siting_reach reach = SITING_OUTSIDE;
    for (size_t i = 0; i < part->group_count; i++) {
        str scheme = scheme_of(part->groups[i]);
        bool is_any = str_ends(part->groups[i], STR(":*")); /* of "maker:*" itself: any maker's */
        if (is_any && has_of_scheme(site, scheme)) return SITING_INSIDE;
        if (codes_have(site->groups, site->group_count, part->groups[i])) return SITING_INSIDE;
        if (scheme.len > 0 && part->site_count == 0 && !has_of_scheme(site, scheme) &&
            !is_abroad(site, part->groups[i]))
            reach = SITING_UNMAPPED;
    }
    return reach;
}

static enum siting_reach reach_of(const struct siting_event *event, const struct siting_part *part,
                                  const struct siting_site *site) {
    if (codes_have(part->sites, part->site_count, site->id)) return SITING_INSIDE;
    enum siting_reach by_group = reach_by_group(part, site);
    if (by_group == SITING_INSIDE || part->area == NULL) return by_group;
    enum square_side side = site_in_area(site, part->area);
    if (side != SQUARE_OUT) return side == SQUARE_IN ? SITING_INSIDE : SITING_UNMAPPED;
    bool has_looked = event->mapped == NULL || site_in_area(site, event->mapped) == SQUARE_IN;
    return has_looked ? by_group : SITING_UNMAPPED;
}

static const struct siting_fragility *fragility_of(const struct siting_model *model,
                                                   const struct siting_site *site) {
    str id = site->fragility.len > 0 ? site->fragility : STR("default");
    for (size_t i = 0; i < model->fragility_count; i++)
        if (str_equal(model->fragilities[i].id, id)) return &model->fragilities[i];
    return NULL;
}

static double p_of_grade(const struct siting_grade *grades, size_t count, str grade) {
    for (size_t i = 0; i < count; i++)
        if (str_equal(grades[i].grade, grade)) return grades[i].p;
    return 1; /* a fragility that does not speak of a grade does not make it harmless */
}

static void harm_of(const struct siting_fragility *fragility, const struct siting_part *part,
                    double *p_loss, double *p_down) {
    *p_loss = part->p_loss;
    *p_down = part->p_down;
    if (isnan(*p_loss))
        *p_loss =
            fragility == NULL ? 1 : p_of_grade(fragility->loss, fragility->loss_count, part->grade);
    if (isnan(*p_down))
        *p_down =
            fragility == NULL ? 1 : p_of_grade(fragility->down, fragility->down_count, part->grade);
}

/* A site known to be elsewhere is not reached; one of which that is not known may be. */
bool siting_is_elsewhere(const struct siting_event *event, const struct siting_site *site) {
    for (size_t i = 0; i < event->within_count; i++) {
        str scheme = scheme_of(event->within[i]);
        bool is_known =
            scheme.len == 0 || has_of_scheme(site, scheme) || is_abroad(site, event->within[i]);
        if (!is_known || codes_have(site->groups, site->group_count, event->within[i]))
            return false;
    }
    return event->within_count > 0;
}

void siting_strike(const struct siting_model *model, const struct siting_event *event,
                   const struct siting_branch *branch, const struct siting_site *site,
                   struct siting_harm *out) {
    const struct siting_fragility *fragility = fragility_of(model, site);
    double worst = 0; /* of a part that reaches it; the first one counts anyway */
    *out = (struct siting_harm){.reach = SITING_OUTSIDE};
    if (siting_is_elsewhere(event, site)) return;
    for (size_t i = 0; i < branch->part_count; i++) {
        const struct siting_part *part = &branch->parts[i];
        enum siting_reach reach = reach_of(event, part, site);
        if (reach == SITING_OUTSIDE) continue;
        double p_loss, p_down;
        harm_of(fragility, part, &p_loss, &p_down);
        out->p_loss[SITING_HI] = fmax(out->p_loss[SITING_HI], p_loss);
        out->p_down[SITING_HI] = fmax(out->p_down[SITING_HI], p_down);
        bool is_sure = reach == SITING_INSIDE,
             is_first_sure = is_sure && out->reach != SITING_INSIDE;
        if (is_sure) {
            out->p_loss[SITING_LO] = fmax(out->p_loss[SITING_LO], p_loss);
            out->p_down[SITING_LO] = fmax(out->p_down[SITING_LO], p_down);
        }
        if (is_first_sure || (reach == out->reach && siting_compare(p_loss + p_down, worst) > 0) ||
            out->reach == SITING_OUTSIDE) {
            worst = p_loss + p_down;
            out->grade = part->grade;
        }
        if (out->reach != SITING_INSIDE) out->reach = reach;
    }
}

double siting_lasts(const struct siting_branch *branch, const struct siting_site *site,
                    enum siting_end end, double longer_than_h) {
    double bridged_h = longer_than_h, median_h = branch->repair_h;
    if (branch->outage_h > 0) {
        median_h = branch->outage_h;
        if (!site->fuel_known && end == SITING_LO) return 0;
        if (site->fuel_known) bridged_h += site->fuel_h;
    }
    return median_h > 0 ? exp2(-bridged_h / median_h) : 1;
}
