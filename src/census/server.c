/* One server as JSON, read back into what a survey hands out. What is not there is not known; what is of
 * another kind than it should be counts as not there, but for the answer, without which it is no server. */
#include "census/reading.h"

#include <math.h>
#include <stdlib.h>

enum { LIST_MOST = 4096 };

static str text_of(const struct doc_node *value) {
    bool is_text = value != NULL && value->kind == DOC_SCALAR && value->quoted;
    return is_text ? value->text : STR_EMPTY;
}
static str member(const struct doc_node *object, const char *name) {
    return text_of(doc_map_find(object, str_from_c(name)));
}
/* true, false, null or a number, as it is written; empty: none of them */
static str word_of(const struct doc_node *object, const char *name) {
    const struct doc_node *value = doc_map_find(object, str_from_c(name));
    bool is_word = value != NULL && value->kind == DOC_SCALAR && !value->quoted;
    return is_word ? value->text : STR_EMPTY;
}
static double number(const struct doc_node *object, const char *name) {
    char text[32];
    str word = word_of(object, name);
    if (word.len == 0 || word.len >= sizeof text) return 0;
    memcpy(text, word.at, word.len);
    text[word.len] = 0;
    double value = strtod(text, NULL); /* of a word it is 0 */
    return isfinite(value) ? value : 0;
}
static bool is_true(const struct doc_node *object, const char *name) {
    return str_equal(word_of(object, name), STR("true"));
}
static bool is_false(const struct doc_node *object, const char *name) {
    return str_equal(word_of(object, name), STR("false"));
}
static enum error_code take(const struct doc_node *object, const char *name, struct arena *arena,
                            str *out, struct error *e) {
    str text = member(object, name);
    *out = STR_EMPTY;
    return text.len > 0 ? arena_copy(arena, text, out, e) : OK;
}
static geo_country country_of(const struct doc_node *object, const char *name) {
    geo_country out = {{0, 0}};
    (void)geo_country_read(member(object, name), &out); /* no country is an answer too */
    return out;
}
static size_t items(const struct doc_node *list) {
    return list != NULL && list->kind == DOC_LIST ? size_min(list->count, LIST_MOST) : 0;
}
static enum error_code no_room(struct error *e) {
    return error_set(e, FAIL_MEMORY, "no room for a server");
}

/* ---- addresses ---- */

static enum error_code addresses_read(const struct doc_node *object, struct arena *arena,
                                      struct survey_server *out, struct error *e) {
    const struct doc_node *list = doc_map_find(object, STR("addresses"));
    str one = member(object, "address");
    size_t count = one.len > 0 ? 1 : items(list);
    struct geo_address *addresses = arena_new(arena, struct geo_address, count);
    struct geo_network *whole = arena_new(arena, struct geo_network, 1);
    bool is_network = one.len > 0 && memchr(one.at, '/', one.len) != NULL;
    if (addresses == NULL || whole == NULL) return no_room(e);
    if (is_network && geo_network_read(one, whole, NULL) == OK) out->network = whole;
    for (size_t i = 0; i < count && !is_network; i++) {
        str text = one.len > 0 ? one : text_of(list->items[i]);
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

static enum error_code countries_read(const struct doc_node *object, struct arena *arena,
                                      struct survey_judgement *out, struct error *e) {
    const struct doc_node *list = doc_map_find(object, STR("countries"));
    struct survey_country *countries = arena_new(arena, struct survey_country, items(list));
    if (countries == NULL) return no_room(e);
    for (size_t i = 0; i < items(list); i++) {
        const struct doc_node *item = list->items[i];
        geo_country country = country_of(item, "country");
        double probability = number(item, "probability");
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
static enum error_code law_read(const struct doc_node *object, geo_country home,
                                struct arena *arena, struct survey_judgement *out,
                                struct error *e) {
    const struct doc_node *list = doc_map_find(object, STR("law"));
    struct survey_law *law = arena_new(arena, struct survey_law, items(list));
    if (law == NULL) return no_room(e);
    for (size_t i = 0; i < items(list); i++) {
        const struct doc_node *item = list->items[i];
        geo_country country = country_of(item, "country");
        if (country.at[0] == 0) continue;
        struct survey_law *one = &law[out->law_count++];
        *one = (struct survey_law){.country = country, .face = face_of(member(item, "face"))};
        TRY(take(item, "why", arena, &one->why, e));
        out->is_foreign_law |= home.at[0] != 0 && !geo_country_equal(country, home);
    }
    out->law = law;
    out->is_law_known =
        is_true(object, "law_known") || (out->law_count > 0 && !is_false(object, "law_known"));
    if (is_true(object, "foreign_law")) out->is_foreign_law = true;
    if (is_false(object, "foreign_law")) out->is_foreign_law = false;
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

static enum error_code evidence_read(const struct doc_node *object, struct arena *arena,
                                     struct survey_judgement *out, struct error *e) {
    const struct doc_node *list = doc_map_find(object, STR("evidence"));
    struct survey_evidence *evidence = arena_new(arena, struct survey_evidence, items(list));
    if (evidence == NULL) return no_room(e);
    for (size_t i = 0; i < items(list); i++) {
        const struct doc_node *item = list->items[i];
        struct survey_evidence *one = &evidence[out->evidence_count];
        enum survey_method method = method_of(member(item, "method"));
        if (method == SURVEY_METHOD_COUNT) continue;
        *one = (struct survey_evidence){.method = method,
                                        .about = about_of(member(item, "about")),
                                        .country = country_of(item, "country"),
                                        .weight = number(item, "weight"),
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

static enum error_code conflicts_read(const struct doc_node *object, struct arena *arena,
                                      struct survey_judgement *out, struct error *e) {
    const struct doc_node *list = doc_map_find(object, STR("conflicts"));
    struct survey_conflict *conflicts = arena_new(arena, struct survey_conflict, items(list));
    if (conflicts == NULL) return no_room(e);
    for (size_t i = 0; i < items(list); i++) {
        const struct doc_node *item = list->items[i];
        conflicts[i].about = about_of(member(item, "about"));
        TRY(item->kind == DOC_SCALAR ? arena_copy(arena, text_of(item), &conflicts[i].says, e)
                                     : take(item, "says", arena, &conflicts[i].says, e));
    }
    out->conflicts = conflicts;
    out->conflict_count = items(list);
    return OK;
}

static enum error_code operator_read(const struct doc_node *object, struct arena *arena,
                                     struct survey_judgement *out, struct error *e) {
    TRY(take(object, "operator", arena, &out->operator_name, e));
    TRY(take(object, "organisation", arena, &out->organisation, e));
    TRY(take(object, "region", arena, &out->region, e));
    TRY(take(object, "zone", arena, &out->zone, e));
    TRY(take(object, "service", arena, &out->service, e));
    if (!str_u32(word_of(object, "asn"), &out->asn)) out->asn = 0;
    out->is_edge = is_true(object, "edge");
    return OK;
}

/* ---- what is declared ---- */

static enum error_code declared_read(const struct doc_node *object, struct arena *arena,
                                     struct survey_declared *out, struct error *e) {
    const struct doc_node *said = doc_map_find(object, STR("declared")),
                          *kinds = doc_map_find(said, STR("kinds"));
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
        str kind = text_of(kinds->items[i]);
        if (kind.len > 0) TRY(arena_copy(arena, kind, &list[out->kind_count++], e));
    }
    out->kinds = list;
    return OK;
}

static enum error_code ruled_read(const struct doc_node *object, const struct survey_server *server,
                                  struct arena *arena, struct census_ruled *out, struct error *e) {
    const struct doc_node *said = doc_map_find(object, STR("comparison")),
                          *list = doc_map_find(said, STR("clauses"));
    str *clauses = arena_new(arena, str, items(list));
    if (clauses == NULL) return no_room(e);
    *out = (struct census_ruled){.match = match_of(server), .clauses = clauses};
    (void)census_match_find(member(said, "declared"), &out->match);  /* else as it comes out now */
    (void)census_ruling_find(member(said, "allowed"), &out->ruling); /* else nobody was asked */
    for (size_t i = 0; i < items(list); i++)
        TRY(arena_copy(arena, text_of(list->items[i]), &clauses[out->clause_count++], e));
    return OK;
}

/* ---- the server ---- */

enum error_code server_read(const struct doc_node *object, geo_country home, struct arena *arena,
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
