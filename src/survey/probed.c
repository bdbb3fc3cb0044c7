/* What a probe shows, as evidence.
 *
 * A round trip bounds how far whoever answered can be from here; it excludes nothing unless somebody says where
 * here is, so it is told and not weighed. A certificate is what the machine says of itself. A distributor's header
 * names the place that answered this time, and shows that what is behind it may be anywhere. */
#include "survey/case.h"

static enum error_code round_trip_say(const struct survey_probed *p, struct arena *arena,
                                      struct survey_case *c, struct error *e) {
    struct survey_source source = {.name = STR("probe")};
    str says;
    if (p->answers == 0)
        return arena_format(
            arena,
            &survey_case_say(c, SURVEY_BY_ROUND_TRIP, SURVEY_ABOUT_PLACE, STR_EMPTY, &source)
                 ->evidence.says,
            e, "no answer to %u connections to port %u", p->tries, p->port);
    TRY(arena_format(
        arena, &says, e,
        "answered %u of %u connections to port %u, the fastest in %.3f ms: within %.0f km "
        "of here over fibre",
        p->answers, p->tries, p->port, (double)p->rtt_ns / 1e6, geo_bound_km(p->rtt_ns)));
    survey_case_say(c, SURVEY_BY_ROUND_TRIP, SURVEY_ABOUT_PLACE, says, &source);
    return OK;
}

static enum error_code certificate_say(const struct survey_probed *p, struct arena *arena,
                                       struct survey_case *c, struct error *e) {
    struct survey_source source = {.name = STR("probe")};
    str says;
    if (p->subject.len == 0 && p->issuer.len == 0) return OK;
    TRY(arena_format(arena, &says, e, "certificate for %.*s, issued by %.*s%s%.*s",
                     STR_FMT(str_slice(p->subject, 0, 120)), STR_FMT(str_slice(p->issuer, 0, 120)),
                     p->issuer_country.len > 0 ? " in " : "",
                     STR_FMT(str_slice(p->issuer_country, 0, 2))));
    survey_case_say(c, SURVEY_BY_CERTIFICATE, SURVEY_ABOUT_OPERATOR, says, &source);
    return OK;
}

enum error_code survey_case_probed(const struct survey_world *w, const struct survey_probed *p,
                                   struct arena *arena, struct survey_case *c, struct error *e) {
    struct survey_source source = {.name = STR("probe")};
    str says;
    TRY(round_trip_say(p, arena, c, e));
    TRY(certificate_say(p, arena, c, e));
    if (p->header.len == 0) return OK;
    TRY(arena_format(arena, &says, e,
                     "a distributor answered (%.*s: %.*s), and what is behind it may be anywhere",
                     STR_FMT(p->header), STR_FMT(str_slice(p->value, 0, 80))));
    struct survey_said *said =
        survey_case_say(c, SURVEY_BY_HEADER, SURVEY_ABOUT_PLACE, says, &source);
    said->tier = TIER_HARD;
    said->is_many = true;
    c->is_edge = true;
    return OK;
}
