/* Gathering what is said of an address and its names, each piece with who said it. */
#include "survey/case.h"

struct survey_source survey_source_of(const struct geo_edition *edition) {
    return edition == NULL ? (struct survey_source){0}
                           : (struct survey_source){edition->name, edition->date, edition->sha256};
}

struct survey_said *survey_case_say(struct survey_case *c, enum survey_method method,
                                    enum survey_about about, str says,
                                    const struct survey_source *source) {
    if (c->count == CASE_SAID) c->count--;
    struct survey_said *said = &c->said[c->count++];
    *said = (struct survey_said){.evidence = {.method = method,
                                              .about = about,
                                              .says = says,
                                              .source = source->name,
                                              .date = source->date,
                                              .sha256 = source->sha256}};
    return said;
}

static void place_say(struct survey_said *said, enum survey_kind kind, enum survey_tier tier,
                      geo_country country) {
    said->evidence.country = country;
    said->kind = kind;
    said->tier = tier;
}

/* ---- law ---- */

static void law_add(struct survey_case *c, geo_country country, const char *face, str why) {
    if (country.at[0] == 0 || c->law_count == CASE_LAWS) return;
    for (size_t i = 0; i < c->law_count; i++)
        if (geo_country_equal(c->law[i].country, country) && c->law[i].face == face) return;
    c->law[c->law_count++] = (struct survey_law){country, face, why};
}

static const char face_seat[] = "seat", face_parent[] = "parent", face_reach[] = "reach",
                  face_presumed[] = "presumed";

static enum error_code law_of_holder(const struct survey_world *w, str owner, geo_country seat,
                                     geo_country parent, struct arena *arena, struct survey_case *c,
                                     struct error *e) {
    struct survey_source source = {.name = STR("register-data/networks"), .date = w->holders_date};
    str why, says;
    if (seat.at[0] == 0) return OK;
    TRY(arena_format(arena, &why, e, "%.*s sits there", STR_FMT(owner)));
    law_add(c, seat, face_seat, why);
    TRY(arena_format(arena, &why, e, "who controls %.*s sits there", STR_FMT(owner)));
    law_add(c, parent, face_parent, why);
    TRY(arena_format(arena, &says, e, "%.*s sits in %.2s%s%.2s", STR_FMT(owner), seat.at,
                     parent.at[0] != 0 ? ", its parent in " : "", parent.at));
    survey_case_say(c, SURVEY_BY_HOLDER, SURVEY_ABOUT_LAW, says, &source)->evidence.country = seat;
    c->is_law_known = true;
    return OK;
}

static void law_of_set(const struct survey_world *w, const struct register_row *entity, str field,
                       const char *face, str why, struct survey_case *c) {
    const struct register_value *set = register_value_find(&entity->fields, field);
    if (!register_value_is_good(set, w->at_ns)) return;
    for (size_t i = 0; i < set->count; i++) {
        geo_country country;
        if (!geo_country_read(set->texts[i], &country)) continue;
        law_add(c, country, face, why);
        c->is_law_known = true;
    }
}

/* An entity of the register: its seats, those of the entities that control it, and what is said to reach it. */
static enum error_code law_of_entity(const struct survey_world *w,
                                     const struct register_row *entity, struct arena *arena,
                                     struct survey_case *c, struct error *e) {
    const struct register_value *parents = register_value_find(&entity->fields, STR("parents"));
    struct survey_source source = {.date = STR_EMPTY};
    str seat, reach, says;
    TRY(arena_format(arena, &seat, e, "%.*s sits there", STR_FMT(entity->id)));
    TRY(arena_format(arena, &reach, e, "the register says its law reaches %.*s",
                     STR_FMT(entity->id)));
    TRY(arena_format(arena, &source.name, e, "entities/%.*s", STR_FMT(entity->id)));
    c->law_count = 0;
    c->is_law_known = false;
    law_of_set(w, entity, STR("seats"), face_seat, seat, c);
    law_of_set(w, entity, STR("reach"), face_reach, reach, c);
    for (size_t i = 0; register_value_is_good(parents, w->at_ns) && i < parents->count; i++) {
        const struct register_row *parent =
            register_row_at(w->snapshot, REGISTER_ENTITIES, parents->texts[i], w->at_ns);
        str why;
        if (parent == NULL) continue;
        TRY(arena_format(arena, &why, e, "%.*s, which controls %.*s, sits there",
                         STR_FMT(parent->id), STR_FMT(entity->id)));
        law_of_set(w, parent, STR("seats"), face_parent, why, c);
    }
    TRY(arena_format(arena, &says, e, "run by %.*s", STR_FMT(entity->id)));
    survey_case_say(c, SURVEY_BY_REGISTER, SURVEY_ABOUT_LAW, says, &source);
    return OK;
}

/* ---- who announces it ---- */

static enum error_code owner_gather(const struct survey_world *w, const struct geo_answer *a,
                                    struct arena *arena, struct survey_case *c, struct error *e) {
    const struct survey_asn *asn = survey_asn_find(w, a->asn);
    struct survey_source source = survey_source_of(a->asn_by);
    str owner = a->organisation.len > 0 ? a->organisation : a->provider, says;
    c->operator_name = a->provider.len > 0 ? a->provider : a->organisation;
    c->organisation = a->organisation;
    c->asn = a->asn;
    if (a->asn != 0) {
        TRY(arena_format(arena, &says, e, "announced by AS%u %.*s", a->asn,
                         STR_FMT(a->organisation)));
        survey_case_say(c, SURVEY_BY_HOLDER, SURVEY_ABOUT_OPERATOR, says, &source);
    } else if (a->is_between) {
        TRY(arena_format(arena, &says, e, "not announced, and %.*s announces both sides of it",
                         STR_FMT(a->provider)));
        survey_case_say(c, SURVEY_BY_HOLDER, SURVEY_ABOUT_OPERATOR, says, &source);
    } else if (w->has_asn && a->use == GEO_PUBLIC) {
        source = (struct survey_source){.name = STR("the data of autonomous systems")};
        survey_case_say(c, SURVEY_BY_HOLDER, SURVEY_ABOUT_OPERATOR, STR("announced by nobody"),
                        &source);
    }
    if (a->seat.at[0] != 0) return law_of_holder(w, owner, a->seat, a->parent, arena, c, e);
    if (asn == NULL || !asn->is_domestic) return OK;
    TRY(arena_format(arena, &says, e, "nearly all that AS%u announces is said to be there",
                     a->asn));
    law_add(c, asn->country, face_presumed, says);
    return OK;
}

/* ---- where it stands ---- */

/* Does the owner sit there, or a daughter of the provider? The mother announces blocks that a daughter registered, and address
 * data that know no better repeat the daughter's seat. */
static bool sits_in(const struct survey_world *w, const struct geo_answer *a, geo_country country,
                    bool *runs_abroad) {
    bool sits = geo_country_equal(a->seat, country);
    *runs_abroad = false;
    for (size_t i = 0; a->provider.len > 0 && i < w->holder_count; i++) {
        if (!str_equal(w->holders[i].provider, a->provider)) continue;
        sits = sits ||
               (w->holders[i].parent.at[0] != 0 && geo_country_equal(w->holders[i].seat, country));
        *runs_abroad = *runs_abroad || w->is_abroad[i];
    }
    return sits;
}

/* Does the country that address data name tell more than where its owner sits? */
static enum survey_kind address_kind(const struct survey_world *w, const struct geo_answer *a,
                                     bool is_v6, geo_country country) {
    const struct survey_asn *asn = survey_asn_find(w, a->asn);
    enum survey_kind echo = is_v6 || a->asn == 0 ? KIND_ECHO_WEAK : KIND_ECHO;
    bool runs_abroad;
    if (a->seat.at[0] != 0) {
        if (!sits_in(w, a, country, &runs_abroad)) return KIND_AGAINST;
        bool is_daughter = !geo_country_equal(a->seat, country);
        return runs_abroad && (echo == KIND_ECHO || (is_daughter && !is_v6)) ? KIND_SEAT : echo;
    }
    if (asn == NULL) return KIND_OWNERLESS;
    if (!geo_country_equal(asn->country, country)) return KIND_AGAINST;
    return asn->is_domestic ? KIND_DOMESTIC : echo;
}

/* Registrations write CN for Hong Kong too: of the 158 networks that AWS announces and the data put in China the
 * list puts 142 in Hong Kong. */
static const geo_country china = {{'C', 'N'}}, hong_kong = {{'H', 'K'}};

static enum error_code data_gather(const struct survey_world *w, const struct geo_answer *a,
                                   bool is_v6, const geo_country *more, struct arena *arena,
                                   struct survey_case *c, struct error *e) {
    static const char *const whys[KIND_SEAT + 1] = {
        [KIND_AGAINST] = "though its owner sits elsewhere",
        [KIND_ECHO] = "where its owner sits",
        [KIND_ECHO_WEAK] = "where its owner sits, which may be all they know",
        [KIND_DOMESTIC] = "as nearly all of its network",
        [KIND_OWNERLESS] = "its owner is not known",
        [KIND_SEAT] = "where its owner sits, who runs regions in other countries too"};
    static const struct survey_source unsaid = {.name = {"address data", 12}};
    geo_country first = a->network_country;
    bool is_said = a->country.at[0] != 0 || a->is_many;
    for (size_t i = 0; i < 1 + w->more_count; i++) {
        geo_country country = i == 0 ? first : more[i - 1];
        struct survey_source source =
            survey_source_of(i == 0 ? a->network_by : geo_data_edition(w->more[i - 1]));
        str says;
        if (country.at[0] == 0) continue;
        is_said = true;
        enum survey_kind kind = address_kind(w, a, is_v6, country);
        bool is_hong_kong = kind == KIND_AGAINST && geo_country_equal(country, china);
        TRY(arena_format(arena, &says, e, "%.2s, %s%s", country.at, whys[kind],
                         is_hong_kong ? ", and may mean Hong Kong" : ""));
        struct survey_said *said =
            survey_case_say(c, SURVEY_BY_ADDRESS, SURVEY_ABOUT_PLACE, says, &source);
        place_say(said, kind, TIER_SOFT, country);
        said->is_repeat = i > 0 && geo_country_equal(country, first);
        if (is_hong_kong) said->or_else = hong_kong;
    }
    if (!is_said)
        survey_case_say(c, SURVEY_BY_ADDRESS, SURVEY_ABOUT_PLACE,
                        STR("no address data name a country for it"), &unsaid);
    return OK;
}

static enum error_code region_gather(const struct geo_answer *a, struct arena *arena,
                                     struct survey_case *c, struct error *e) {
    struct survey_source source =
        survey_source_of(a->region_by != NULL ? a->region_by : a->provider_by);
    str says, code = a->zone.len > 0 ? a->zone : a->region;
    c->region = a->region;
    c->zone = a->zone;
    c->service = a->service;
    c->is_edge = a->is_edge;
    if (a->region_by == NULL && a->provider_by != NULL) {
        TRY(arena_format(arena, &says, e, "listed by %.*s without a region", STR_FMT(a->provider)));
        survey_case_say(c, SURVEY_BY_REGION, SURVEY_ABOUT_OPERATOR, says, &source);
    }
    if (a->region_by == NULL || a->is_many) return OK;
    TRY(arena_format(arena, &says, e, "%.*s%s%.*s%s", STR_FMT(code), a->named.len > 0 ? " (" : "",
                     STR_FMT(a->named), a->named.len > 0 ? ")" : ""));
    struct survey_said *said =
        survey_case_say(c, SURVEY_BY_REGION, SURVEY_ABOUT_PLACE, says, &source);
    if (a->region_country.at[0] != 0) place_say(said, KIND_REGION, TIER_HARD, a->region_country);
    return OK;
}

static void many_gather(const struct survey_world *w, const struct geo_answer *a,
                        struct survey_case *c) {
    struct survey_source source =
        survey_source_of(a->region_by != NULL ? a->region_by : a->provider_by);
    if (!a->is_many) return;
    if (source.name.len == 0)
        source =
            (struct survey_source){.name = STR("register-data/networks"), .date = w->holders_date};
    struct survey_said *said = survey_case_say(c, SURVEY_BY_ANYCAST, SURVEY_ABOUT_PLACE,
                                               STR("announced from many places"), &source);
    said->tier = TIER_HARD;
    said->is_many = true;
}

static enum error_code own_gather(const struct survey_world *w, const struct geo_answer *a,
                                  struct arena *arena, struct survey_case *c, struct error *e) {
    if (a->own == NULL) return OK;
    const struct survey_own *own = &w->own[a->own->value];
    struct survey_source source = {.sha256 = {{0}}};
    str says;
    TRY(arena_format(arena, &source.name, e, "networks/%.*s", STR_FMT(own->network->id)));
    TRY(arena_format(arena, &says, e, "in network %.*s%s%.*s", STR_FMT(own->network->id),
                     own->site != NULL ? " at site " : "",
                     STR_FMT(own->site != NULL ? own->site->id : STR_EMPTY)));
    struct survey_said *said =
        survey_case_say(c, SURVEY_BY_REGISTER, SURVEY_ABOUT_PLACE, says, &source);
    if (own->country.at[0] != 0) place_say(said, KIND_DECLARED, TIER_SOFT, own->country);
    if (own->entity == NULL) return OK;
    c->operator_name = own->entity->id;
    return law_of_entity(w, own->entity, arena, c, e);
}

static void override_gather(const struct geo_answer *a, struct survey_case *c) {
    struct survey_source source = survey_source_of(a->country_by);
    if (a->override == NULL || a->override->country.at[0] == 0) return;
    source.name = source.name.len > 0 ? source.name : STR("override");
    place_say(
        survey_case_say(c, SURVEY_BY_OVERRIDE, SURVEY_ABOUT_PLACE, a->override->name, &source),
        KIND_REGION, TIER_FIRST, a->override->country);
}

static enum error_code use_gather(const struct geo_answer *a, struct arena *arena,
                                  struct survey_case *c, struct error *e) {
    struct survey_source source = {.name = STR("IANA special-purpose registries")};
    str says;
    if (a->use == GEO_PUBLIC) return OK;
    TRY(arena_format(arena, &says, e, "a %s address: nobody outside can say where it is",
                     geo_use_name(a->use)));
    survey_case_say(c, SURVEY_BY_USE, SURVEY_ABOUT_PLACE, says, &source);
    return OK;
}

enum error_code survey_case_address(const struct survey_world *w, const struct geo_answer *a,
                                    bool is_v6, const geo_country *more, struct arena *arena,
                                    struct survey_case *c, struct error *e) {
    override_gather(a, c);
    TRY(use_gather(a, arena, c, e));
    TRY(region_gather(a, arena, c, e));
    many_gather(w, a, c);
    if (a->use == GEO_PUBLIC) {
        TRY(data_gather(w, a, is_v6, more, arena, c, e));
        TRY(owner_gather(w, a, arena, c, e));
    }
    return own_gather(w, a, arena, c, e);
}

/* ---- names ---- */

/* A reverse name that ends as a provider's, at an address that the provider does not announce. */
static enum error_code borrowed_gather(const struct survey_world *w, str name,
                                       const struct survey_name_said *heard, struct arena *arena,
                                       struct survey_case *c, struct error *e) {
    struct survey_source source = {.name = STR("register-data/names"),
                                   .date = w->names.endings_date};
    str says;
    TRY(arena_format(arena, &says, e, "its reverse name %.*s is %.*s's, who does not announce it",
                     STR_FMT(str_slice(name, 0, 120)), STR_FMT(heard->ending->provider)));
    struct survey_said *said =
        survey_case_say(c, SURVEY_BY_HINT, SURVEY_ABOUT_PLACE, says, &source);
    if (heard->region != NULL && heard->region->country.at[0] != 0)
        place_say(said, KIND_HINT_WEAK, TIER_SOFT, heard->region->country);
    return OK;
}

static enum error_code ending_gather(const struct survey_world *w, str name,
                                     const struct survey_name_said *heard, enum survey_name_of of,
                                     struct arena *arena, struct survey_case *c, struct error *e) {
    const struct survey_name_row *ending = heard->ending;
    const struct geo_holder *holder = survey_holder_find(w, ending->provider);
    struct survey_source source = {.name = STR("register-data/names"),
                                   .date = w->names.endings_date};
    enum survey_method method =
        of == NAME_ALIAS || ending->kind != ENDING_ENDPOINT ? SURVEY_BY_ALIAS : SURVEY_BY_ENDPOINT;
    str says;
    if (of == NAME_REVERSE && !str_equal(c->operator_name, ending->provider))
        return borrowed_gather(w, name, heard, arena, c, e);
    if (ending->kind == ENDING_ENDPOINT && heard->region == NULL)
        TRY(arena_format(arena, &says, e, "%.*s is a name of %.*s, with no region in it",
                         STR_FMT(str_slice(name, 0, 120)), STR_FMT(ending->provider)));
    else if (ending->kind == ENDING_ENDPOINT)
        TRY(arena_format(arena, &says, e, "%.*s (%.*s) in %.*s", STR_FMT(heard->region->code),
                         STR_FMT(heard->region->named), STR_FMT(str_slice(name, 0, 120))));
    else
        TRY(arena_format(
            arena, &says, e, "%.*s: %s of %.*s answers%s", STR_FMT(str_slice(name, 0, 120)),
            ending->kind == ENDING_CDN ? "a distributor" : "a balancer", STR_FMT(ending->provider),
            ending->kind == ENDING_CDN ? ", and what is behind it may be anywhere"
                                       : ", and may send others elsewhere"));
    struct survey_said *said =
        survey_case_say(c, ending->kind == ENDING_ENDPOINT ? SURVEY_BY_ENDPOINT : method,
                        SURVEY_ABOUT_PLACE, says, &source);
    if (heard->region != NULL && heard->region->country.at[0] != 0)
        place_say(said, KIND_ENDPOINT, TIER_HARD, heard->region->country);
    if (ending->kind == ENDING_CDN) {
        said->tier = TIER_HARD;
        said->is_many = true;
    }
    c->is_edge = c->is_edge || ending->kind != ENDING_ENDPOINT;
    if (heard->region != NULL && c->region.len == 0) c->region = heard->region->code;
    if (c->operator_name.len == 0) c->operator_name = ending->provider;
    if (holder == NULL || c->law_count > 0) return OK;
    return law_of_holder(w, holder->provider, holder->seat, holder->parent, arena, c, e);
}

static bool is_hint(const struct survey_said *said) {
    return said->evidence.method == SURVEY_BY_HINT && said->tier == TIER_SOFT;
}

enum error_code survey_case_name(const struct survey_world *w, str name, enum survey_name_of of,
                                 struct arena *arena, struct survey_case *c, struct error *e) {
    struct survey_source source = {.name = STR("register-data/codes"), .date = w->names.codes_date};
    struct survey_name_said heard;
    survey_name_hear(&w->names, name, &heard);
    if (heard.ending != NULL) return ending_gather(w, name, &heard, of, arena, c, e);
    for (size_t i = 0; i < heard.code_count; i++) {
        const struct survey_code_row *code = heard.codes[i];
        bool is_clear =
            !code->is_ambiguous && (code->is_city || heard.is_numbered[i]) && heard.code_count == 1;
        str says;
        TRY(arena_format(arena, &says, e, "\"%.*s\" in %.*s%s", STR_FMT(code->code),
                         STR_FMT(str_slice(name, 0, 120)),
                         of == NAME_REVERSE ? ", its reverse name" : ""));
        struct survey_said *said =
            survey_case_say(c, SURVEY_BY_HINT, SURVEY_ABOUT_PLACE, says, &source);
        for (size_t k = 0; k + 1 < c->count; k++)
            said->is_repeat =
                said->is_repeat || (is_hint(&c->said[k]) &&
                                    geo_country_equal(c->said[k].evidence.country, code->country));
        place_say(said, is_clear ? KIND_HINT : KIND_HINT_WEAK, TIER_SOFT, code->country);
    }
    return OK;
}

/* ---- what is declared ---- */

enum error_code survey_case_declared(const struct survey_world *w, const struct survey_declared *d,
                                     struct arena *arena, struct survey_case *c, struct error *e) {
    bool is_register = str_starts(d->by, STR("equipment/"));
    struct survey_source source = {.name = d->by};
    str says;
    if (d->country.at[0] == 0) return OK;
    TRY(arena_format(arena, &says, e, "%.2s%s%.*s", d->country.at, d->site.len > 0 ? ", site " : "",
                     STR_FMT(d->site)));
    struct survey_said *said =
        survey_case_say(c, is_register ? SURVEY_BY_REGISTER : SURVEY_BY_INVENTORY,
                        SURVEY_ABOUT_PLACE, says, &source);
    for (size_t i = 0; i + 1 < c->count; i++) {
        struct survey_said *before = &c->said[i];
        if (before->tier != TIER_SOFT || !geo_country_equal(before->evidence.country, d->country))
            continue;
        if (before->kind == KIND_DECLARED) said->is_repeat = true;
        /* who names a machine and who declares it are one: their word counts once */
        if (is_hint(before)) before->is_repeat = true;
    }
    place_say(said, KIND_DECLARED, TIER_SOFT, d->country);
    return OK;
}
