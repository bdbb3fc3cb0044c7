/* What a probe shows, as evidence.
 *
 * A round trip bounds how far whoever answered can be from here. Where somebody says where here is, countries that are
 * farther are excluded: that can prove a machine to be at home and never that it is abroad, for delay can be added and
 * not taken away. It holds for the machine that answered; of one that answers from many places it says where this one is,
 * and a balancer or relay answers for itself. A certificate is what the machine says of itself. A distributor's header
 * names the place that answered this time, and shows that what is behind it may be anywhere. */
#include "survey/case.h"

static bool is_of_many(const struct survey_case *c) {
    for (size_t i = 0; i < c->count; i++)
        if (c->said[i].is_many) return true;
    return false;
}

/* "; only JP is so near", and what follows for the case. */
static enum error_code reach_say(const struct survey_world *w, double bound_km, struct arena *arena,
                                 struct survey_case *c, str *out, struct error *e) {
    enum { NAMED = 4 };
    geo_country near[NAMED];
    double reach_km = bound_km + w->vantage.error_km;
    size_t count = survey_reach_count(w, reach_km, near, NAMED);
    char memory[NAMED * 4 + 1];
    struct text names = text_into(memory, sizeof memory);
    if (count == 0)
        return arena_format(
            arena, out, e,
            "; no country is so near, so it is not there that probes start, and none is excluded");
    c->reach_km = reach_km;
    if (count > NAMED)
        return arena_format(arena, out, e, "; %zu of %d countries are so near", count,
                            GEO_COUNTRIES);
    for (size_t i = 0; i < count; i++) text_format(&names, "%s%.2s", i > 0 ? ", " : "", near[i].at);
    return arena_format(arena, out, e, "; only %.*s %s so near", STR_FMT(text_str(&names)),
                        count == 1 ? "is" : "are");
}

/* What the fastest answer shows of where whoever gave it can be. */
static enum error_code bound_say(const struct survey_world *w, const struct survey_probed *p,
                                 struct arena *arena, struct survey_case *c, str *out,
                                 struct error *e) {
    double bound_km = geo_bound_km(p->rtt_ns);
    const char *who = is_of_many(c) ? "the one of its places that answered" : "whoever answered";
    str near = STR_EMPTY;
    if (p->is_answered_for)
        return arena_format(arena, out, e,
                            "somebody on the way answers for others, even for an address that "
                            "nobody has: how far the machine is is not known");
    if (w->away_km == NULL)
        return arena_format(arena, out, e, "%s is within %.0f km of here over fibre", who,
                            bound_km);
    TRY(reach_say(w, bound_km, arena, c, &near, e));
    return arena_format(arena, out, e,
                        "%s is within %.0f km of %.*s (known to %.1f km) over fibre%.*s", who,
                        bound_km, STR_FMT(w->vantage.name), w->vantage.error_km, STR_FMT(near));
}

static enum error_code round_trip_say(const struct survey_world *w, const struct survey_probed *p,
                                      struct arena *arena, struct survey_case *c, struct error *e) {
    struct survey_source source = {.name = STR("probe")};
    char address[GEO_TEXT_BYTES];
    size_t len = geo_address_write(&p->address, address);
    str says, bound;
    if (p->answers == 0) {
        TRY(arena_format(arena, &says, e, "no answer to %u connections to port %u of %.*s",
                         p->tries, p->port, (int)len, address));
        survey_case_say(c, SURVEY_BY_ROUND_TRIP, SURVEY_ABOUT_PLACE, says, &source);
        return OK;
    }
    TRY(bound_say(w, p, arena, c, &bound, e));
    TRY(arena_format(arena, &says, e,
                     "%.*s; port %u of %.*s answered %u of %u connections, the fastest in %.3f ms",
                     STR_FMT(bound), p->port, (int)len, address, p->answers, p->tries,
                     (double)p->rtt_ns / 1e6));
    survey_case_say(c, SURVEY_BY_ROUND_TRIP, SURVEY_ABOUT_PLACE, says, &source);
    c->round_trip = c->count - 1;
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
    TRY(round_trip_say(w, p, arena, c, e));
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
