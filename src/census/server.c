/* One server as JSON, read back into what a survey hands out. What is not there is not known; what is of
 * another kind than it should be counts as not there, but for the answer, without which it is no server. */
#include "census/reading.h"

#include <stdlib.h>

enum { LIST_MOST = 4096 };

static str text_of(const json_t *value) {
    if (!json_is_string(value)) return STR_EMPTY;
    return str_of(json_string_value(value), json_string_length(value));
}
static str member(const json_t *object, const char *name) {
    return text_of(json_object_get(object, name));
}
static enum error_code take(const json_t *object, const char *name, struct arena *arena, str *out,
                            struct error *e) {
    str text = member(object, name);
    *out = STR_EMPTY;
    return text.len > 0 ? arena_copy(arena, text, out, e) : OK;
}
static geo_country country_of(const json_t *object, const char *name) {
    geo_country out = {{0, 0}};
    (void)geo_country_read(member(object, name), &out); /* no country is an answer too */
    return out;
}
static size_t items(const json_t *list) {
    return size_min(json_array_size(list), LIST_MOST);
}
static enum error_code no_room(struct error *e) {
    return error_set(e, FAIL_MEMORY, "no room for a server");
}

/* ---- addresses ---- */

static enum error_code addresses_read(const json_t *object, struct arena *arena,
                                      struct survey_server *out, struct error *e) {
    const json_t *list = json_object_get(object, "addresses");
    str one = member(object, "address");
    size_t count = one.len > 0 ? 1 : items(list);
    struct geo_address *addresses = arena_new(arena, struct geo_address, count);
    struct geo_network *whole = arena_new(arena, struct geo_network, 1);
    bool is_network = one.len > 0 && memchr(one.at, '/', one.len) != NULL;
    if (addresses == NULL || whole == NULL) return no_room(e);
    if (is_network && geo_network_read(one, whole, NULL) == OK) out->network = whole;
    for (size_t i = 0; i < count && !is_network; i++) {
        str text = one.len > 0 ? one : text_of(json_array_get(list, i));
        if (geo_address_read(text, &addresses[out->address_count])) out->address_count++;
    }
    out->addresses = addresses;
    return OK;
}

/* ---- the judgement ---- */

static int by_probability(const void *a, const void *b) {
    double x = ((const struct survey_country *)a)->probability,
           y = ((const struct survey_country *)b)->probability;
    return (x < y) - (x > y);
}

static enum error_code countries_read(const json_t *object, struct arena *arena,
                                      struct survey_judgement *out, struct error *e) {
    const json_t *list = json_object_get(object, "countries");
    struct survey_country *countries = arena_new(arena, struct survey_country, items(list));
    if (countries == NULL) return no_room(e);
    for (size_t i = 0; i < items(list); i++) {
        const json_t *item = json_array_get(list, i);
        geo_country country = country_of(item, "country");
        double probability = json_number_value(json_object_get(item, "probability"));
        if (country.at[0] == 0 || !(probability >= 0 && probability <= 1)) continue;
        countries[out->country_count++] = (struct survey_country){country, probability};
    }
    if (out->country_count > 1)
        qsort(countries, out->country_count, sizeof *countries, by_probability);
    out->countries = countries;
    return OK;
}

static const char *face_of(str name) {
    static const char *const faces[] = {"seat", "parent", "reach"};
    for (size_t i = 0; i < COUNT_OF(faces); i++)
        if (str_equal(name, str_from_c(faces[i]))) return faces[i];
    return "reach";
}

/* Without "law_known" a list of none means that nobody knows whose law it is. */
static enum error_code law_read(const json_t *object, geo_country home, struct arena *arena,
                                struct survey_judgement *out, struct error *e) {
    const json_t *list = json_object_get(object, "law");
    struct survey_law *law = arena_new(arena, struct survey_law, items(list));
    if (law == NULL) return no_room(e);
    for (size_t i = 0; i < items(list); i++) {
        const json_t *item = json_array_get(list, i);
        geo_country country = country_of(item, "country");
        if (country.at[0] == 0) continue;
        struct survey_law *one = &law[out->law_count++];
        *one = (struct survey_law){.country = country, .face = face_of(member(item, "face"))};
        TRY(take(item, "why", arena, &one->why, e));
        out->is_foreign_law |= home.at[0] != 0 && !geo_country_equal(country, home);
    }
    out->law = law;
    const json_t *known = json_object_get(object, "law_known"),
                 *foreign = json_object_get(object, "foreign_law");
    out->is_law_known = json_is_boolean(known) ? json_is_true(known) : out->law_count > 0;
    if (json_is_boolean(foreign)) out->is_foreign_law = json_is_true(foreign);
    return OK;
}

static enum survey_method method_of(str name) {
    for (unsigned i = 0; i < SURVEY_METHOD_COUNT; i++)
        if (str_equal(name, str_from_c(survey_method_name((enum survey_method)i))))
            return (enum survey_method)i;
    return SURVEY_METHOD_COUNT; /* of a later version */
}
static enum survey_about about_of(str name) {
    for (unsigned i = SURVEY_ABOUT_PLACE; i <= SURVEY_ABOUT_DATA; i++)
        if (str_equal(name, str_from_c(survey_about_name((enum survey_about)i))))
            return (enum survey_about)i;
    return SURVEY_ABOUT_PLACE;
}

static enum error_code evidence_read(const json_t *object, struct arena *arena,
                                     struct survey_judgement *out, struct error *e) {
    const json_t *list = json_object_get(object, "evidence");
    struct survey_evidence *evidence = arena_new(arena, struct survey_evidence, items(list));
    if (evidence == NULL) return no_room(e);
    for (size_t i = 0; i < items(list); i++) {
        const json_t *item = json_array_get(list, i);
        struct survey_evidence *one = &evidence[out->evidence_count];
        enum survey_method method = method_of(member(item, "method"));
        if (method == SURVEY_METHOD_COUNT) continue;
        *one =
            (struct survey_evidence){.method = method,
                                     .about = about_of(member(item, "about")),
                                     .country = country_of(item, "country"),
                                     .weight = json_number_value(json_object_get(item, "weight")),
                                     .without = out->answer};
        /* else it was not decisive, or is no file */
        (void)survey_answer_find(member(item, "without_it"), &one->without);
        (void)hex_read(member(item, "sha256"), one->sha256.at, DIGEST_BYTES);
        TRY(take(item, "says", arena, &one->says, e));
        TRY(take(item, "source", arena, &one->source, e));
        TRY(take(item, "date", arena, &one->date, e));
        out->evidence_count++;
    }
    out->evidence = evidence;
    return OK;
}

static enum error_code conflicts_read(const json_t *object, struct arena *arena,
                                      struct survey_judgement *out, struct error *e) {
    const json_t *list = json_object_get(object, "conflicts");
    struct survey_conflict *conflicts = arena_new(arena, struct survey_conflict, items(list));
    if (conflicts == NULL) return no_room(e);
    for (size_t i = 0; i < items(list); i++) {
        const json_t *item = json_array_get(list, i);
        conflicts[i].about = about_of(member(item, "about"));
        TRY(json_is_string(item) ? arena_copy(arena, text_of(item), &conflicts[i].says, e)
                                 : take(item, "says", arena, &conflicts[i].says, e));
    }
    out->conflicts = conflicts;
    out->conflict_count = items(list);
    return OK;
}

static enum error_code operator_read(const json_t *object, struct arena *arena,
                                     struct survey_judgement *out, struct error *e) {
    TRY(take(object, "operator", arena, &out->operator_name, e));
    TRY(take(object, "organisation", arena, &out->organisation, e));
    TRY(take(object, "region", arena, &out->region, e));
    TRY(take(object, "zone", arena, &out->zone, e));
    TRY(take(object, "service", arena, &out->service, e));
    json_int_t asn = json_integer_value(json_object_get(object, "asn"));
    out->asn = asn > 0 && asn <= UINT32_MAX ? (uint32_t)asn : 0;
    out->is_edge = json_is_true(json_object_get(object, "edge"));
    return OK;
}

/* ---- what is declared ---- */

static enum error_code declared_read(const json_t *object, struct arena *arena,
                                     struct survey_declared *out, struct error *e) {
    const json_t *said = json_object_get(object, "declared"),
                 *kinds = json_object_get(said, "kinds");
    const struct {
        const char *name;
        str *to;
    } texts[] = {{"by", &out->by},           {"operator", &out->operator_id},
                 {"system", &out->system},   {"dataset", &out->dataset},
                 {"site", &out->site},       {"sector", &out->sector},
                 {"class", &out->class_name}};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        TRY(take(said, texts[i].name, arena, texts[i].to, e));
    out->country = country_of(said, "country");
    str *list = arena_new(arena, str, items(kinds));
    if (list == NULL) return no_room(e);
    for (size_t i = 0; i < items(kinds); i++) {
        str kind = text_of(json_array_get(kinds, i));
        if (kind.len > 0) TRY(arena_copy(arena, kind, &list[out->kind_count++], e));
    }
    out->kinds = list;
    return OK;
}

static enum error_code ruled_read(const json_t *object, const struct survey_server *server,
                                  struct arena *arena, struct census_ruled *out, struct error *e) {
    const json_t *said = json_object_get(object, "comparison"),
                 *list = json_object_get(said, "clauses");
    str *clauses = arena_new(arena, str, items(list));
    if (clauses == NULL) return no_room(e);
    *out = (struct census_ruled){.match = match_of(server), .clauses = clauses};
    (void)census_match_find(member(said, "declared"), &out->match);  /* else as it comes out now */
    (void)census_ruling_find(member(said, "allowed"), &out->ruling); /* else nobody was asked */
    for (size_t i = 0; i < items(list); i++)
        TRY(arena_copy(arena, text_of(json_array_get(list, i)), &clauses[out->clause_count++], e));
    return OK;
}

/* ---- the server ---- */

enum error_code server_read(const json_t *object, geo_country home, struct arena *arena,
                            struct survey_server *out, struct census_ruled *ruled,
                            struct error *e) {
    struct survey_judgement *j = arena_new(arena, struct survey_judgement, 1);
    if (j == NULL) return no_room(e);
    *out = (struct survey_server){.judgement = j};
    if (home.at[0] == 0) home = country_of(object, "home");
    if (!survey_answer_find(member(object, "answer"), &j->answer))
        return error_set(e, FAIL_SYNTAX,
                         "a server's \"answer\" is inside, outside, undetermined or many");
    TRY(take(object, "name", arena, &out->name, e));
    TRY(take(object, "unresolved", arena, &out->unresolved, e));
    TRY(addresses_read(object, arena, out, e));
    j->grounds = method_of(member(object, "grounds"));
    TRY(countries_read(object, arena, j, e));
    TRY(operator_read(object, arena, j, e));
    TRY(law_read(object, home, arena, j, e));
    TRY(evidence_read(object, arena, j, e));
    TRY(conflicts_read(object, arena, j, e));
    TRY(declared_read(object, arena, &out->declared, e));
    return ruled_read(object, out, arena, ruled, e);
}
