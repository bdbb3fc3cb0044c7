/* What the reports of several landmarks say of one place, together.
 *
 *   first    landmarks judge each other: whoever's own place cannot be true by the timings with two
 *            others is left out
 *   then     one false answer, two bounds that no place meets, or an answer from nearer than the place
 *            stands: contradicted
 *            or from so near a landmark that the declared country has no land there
 *   else     the place is within the least of the bounds; a slow answer only makes it wide. While two
 *            landmarks contradict each other and no third tells which is wrong, nothing is measured
 *
 * Source: VerLoc (USENIX Security 2022), BFT-PoLoc (2024): majority of mutual timings; geo.h. */
#ifndef AZEKURA_LOCPROOF_STANDING_H
#define AZEKURA_LOCPROOF_STANDING_H

#include "locproof/report.h"

enum { LOCPROOF_LANDMARKS_MAX = 16 };

/* A landmark as the register names it, and the newest report of it there is. */
struct locproof_witness {
    str name;
    struct locproof_place place; /* by the register */
    str run_by;                  /* who runs it; empty: not known */
    double foreign_km; /* to the nearest place abroad where a machine could stand; < 0: not known */
    double home_km; /* to the nearest land of the country the site is declared in; < 0: not known */
    const struct locproof_report
        *report; /* NULL: none, or none that is fresh. Of its cosignatures only
                                             those that were held against their keys */
    str receipt; /* of its entry; for words */
};

/* Timings between landmarks, from whoever measured. */
struct locproof_timing {
    size_t from, to; /* which landmarks */
    int64_t rtt_ns;
};
/* No round trip between two such places takes so little. */
bool locproof_places_contradict(const struct locproof_place *a, const struct locproof_place *b,
                                int64_t rtt_ns);
/* dropped[i]: the claims of i cannot be true by its timings with two others that stay. The one with
 * the most such goes first, so that one liar does not take the honest with it; of equals all go.
 * Two landmarks that contradict each other alone: neither is dropped, *disputed says so. */
void locproof_drop(const struct locproof_place *places, size_t count,
                   const struct locproof_timing *timings, size_t timing_count, bool *dropped,
                   bool *disputed);

enum locproof_stands {
    LOCPROOF_UNMEASURED,   /* no fresh report bounds it */
    LOCPROOF_MEASURED,     /* within bound_km of witnesses[by] */
    LOCPROOF_CONTRADICTED, /* by witnesses[by] */
};
struct locproof_standing {
    enum locproof_stands stands;
    size_t by;
    double bound_km; /* of MEASURED: from witnesses[by], its own error with it */
    /* The bound of witnesses[abroad_by] ends before the nearest place abroad: only then is the country
     * measured, not merely a distance. */
    bool excludes_abroad;
    size_t abroad_by;
    /* Of MEASURED. */
    unsigned landmarks; /* whose bounds stand together */
    unsigned operators; /* different ones among them, at least: those not known may be one */
    unsigned cosigned; /* other landmarks that cosigned the report of witnesses[by], none dropped */
    bool dropped[LOCPROOF_LANDMARKS_MAX];
    bool disputed;
    char why[240]; /* of CONTRADICTED, closed */
    char why_ja[400];
};
/* `site` NULL: the register does not say where it stands. count <= LOCPROOF_LANDMARKS_MAX. */
void locproof_stand(const struct locproof_witness *witnesses, size_t count,
                    const struct geo_point *site, struct locproof_standing *out);

#endif
