/* What adopted rulebooks say to a server's data standing where it was found, under the law that reaches its
 * owner: for each of its datasets the clauses about copies that read a place or who can reach its keeper.
 *
 * The facts are those of an assessment of the same copy, with what was measured laid over them: the country
 * (unknown where the survey does not know), and the countries whose law reaches the owner. Where the measured
 * country is not that of the declared site, the site's other facts are not of this place, and are left out. */
#include "census/inner.h"

enum { DATASETS_MOST = 64, CLAUSES_TOLD = 16, ANSWERS_MOST = 1 << 16, ADVICE_BYTES = 1024 };

static const char *const measured_paths[] = {"place.country", "place.region", "place.law",
                                             "entity.reach", "entity.seats"};

/* What was found of one dataset at one place under one law; servers alike in these are alike in it. */
struct answer {
    str key;
    enum census_ruling ruling;
    const str *clauses;
    size_t clause_count;
    str advice, advice_ja;
    digest facts;
};

struct rules {
    const struct facts_world *world;
    const struct rulebook_set *set;
    int64_t at_ns;
    const uint32_t *clauses; /* of the set, that are about place or reach */
    size_t clause_count;
    struct answer *answers; /* open addressing, twice ANSWERS_MOST */
    size_t answer_count;
    struct arena_space space;
};

/* ---- which clauses ---- */

struct path_finder {
    struct rulebook_path_visitor visitor;
    bool found;
};

static void path_visit(struct rulebook_path_visitor *visitor, str path, enum rulebook_use use,
                       str list) {
    struct path_finder *finder = (struct path_finder *)visitor;
    for (size_t i = 0; i < COUNT_OF(measured_paths); i++)
        finder->found |= str_equal(path, str_from_c(measured_paths[i]));
}

static bool is_asked(const struct rulebook_set *set, size_t index, int64_t at_ns) {
    const struct rulebook_clause *clause = rulebook_set_clause(set, index);
    struct path_finder finder = {{path_visit}, false};
    if (clause == NULL || ((unsigned)clause->about & RULEBOOK_ABOUT_COPY) == 0 ||
        !rulebook_set_clause_binds(set, index, at_ns))
        return false;
    rulebook_clause_paths(set, index, false, &finder.visitor);
    return finder.found;
}

enum error_code rules_open(const struct census_options *options, struct arena *arena,
                           struct rules **out, struct error *e) {
    struct arena table;
    size_t all = rulebook_set_clause_count(options->set);
    struct rules *rules = arena_new(arena, struct rules, 1);
    uint32_t *clauses = arena_new(arena, uint32_t, all);
    if (rules == NULL || clauses == NULL) return error_set(e, FAIL_MEMORY, "no room for clauses");
    *rules = (struct rules){options->world, options->set, options->at_ns, .clauses = clauses};
    for (size_t i = 0; i < all; i++)
        if (is_asked(options->set, i, options->at_ns)) clauses[rules->clause_count++] = (uint32_t)i;
    *out = rules;
    TRY(arena_space_open(&rules->space, 2 * ANSWERS_MOST * sizeof *rules->answers + 64, &table, e));
    rules->answers = (struct answer *)rules->space.at;
    return OK;
}

void rules_close(struct rules *rules) {
    if (rules != NULL) arena_space_release(&rules->space);
}

/* ---- facts ---- */

static struct rulebook_value measured(struct rulebook_value value, str source) {
    value.by = RULEBOOK_BY_MEASURED;
    value.source = source;
    return value;
}

static enum error_code countries_of(const struct survey_judgement *j, const char *face,
                                    struct arena *arena, str **out, size_t *count,
                                    struct error *e) {
    *out = arena_new(arena, str, j->law_count);
    *count = 0;
    if (*out == NULL) return error_set(e, FAIL_MEMORY, "no room for countries");
    for (size_t i = 0; i < j->law_count; i++)
        if (face == NULL || strcmp(face, j->law[i].face) == 0)
            (*out)[(*count)++] = str_of(j->law[i].country.at, 2);
    *count = rulebook_items_sort(*out, *count);
    return OK;
}

/* One layer over what the register says. Sorted by path. */
static enum error_code measured_add(const struct survey_server *server, geo_country country,
                                    const struct rulebook_facts *below, struct arena *arena,
                                    struct rulebook_facts *out, struct error *e) {
    const struct survey_judgement *j = server->judgement;
    struct rulebook_fact *facts = arena_new(arena, struct rulebook_fact, 3);
    str *reach, *seats, *code = arena_new(arena, str, 1);
    size_t reach_count, seat_count, count = 0;
    if (facts == NULL || code == NULL) return error_set(e, FAIL_MEMORY, "no room for facts");
    TRY(countries_of(j, NULL, arena, &reach, &reach_count, e));
    TRY(countries_of(j, "seat", arena, &seats, &seat_count, e));
    if (j->is_law_known) {
        struct rulebook_value value = measured(rulebook_set_of(reach, reach_count), STR("survey"));
        value.open = true; /* who else owns the owner is not in the survey */
        facts[count++] = (struct rulebook_fact){STR("entity.reach"), value};
        value = measured(rulebook_set_of(seats, seat_count), STR("survey"));
        if (seat_count > 0) facts[count++] = (struct rulebook_fact){STR("entity.seats"), value};
    }
    struct rulebook_value place = rulebook_unknown();
    place.source = STR("the survey cannot tell where it stands");
    if (country.at[0] != 0) {
        TRY(arena_copy(arena, str_of(country.at, 2), code, e));
        place = measured(rulebook_text(*code), STR("survey"));
        if (rests_on_word(j)) place.by = RULEBOOK_BY_DECLARED;
    }
    facts[count++] = (struct rulebook_fact){STR("place.country"), place};
    *out = (struct rulebook_facts){facts, count, below};
    return OK;
}

/* The declared site, if the server stands in its country. */
static str site_of(const struct rules *rules, const struct survey_server *server,
                   geo_country country) {
    str said;
    const struct register_row *row = register_row_at(
        facts_world_register(rules->world), REGISTER_SITES, server->declared.site, rules->at_ns);
    bool is_there = row != NULL && country.at[0] != 0 &&
                    register_text_at(row, STR("country"), rules->at_ns, &said) &&
                    str_equal(said, str_of(country.at, 2));
    return is_there ? row->id : STR_EMPTY;
}

/* ---- asking ---- */

static enum census_ruling ruling_of(const struct rulebook_spoke *spoke) {
    switch (spoke->verdict) {
    case RULEBOOK_PASS:
    case RULEBOOK_ATTESTED: return CENSUS_ALLOWED;
    case RULEBOOK_LIFTED:
    case RULEBOOK_EXCEPTED: return CENSUS_EXCEPTED;
    case RULEBOOK_VERDICT_UNKNOWN: return CENSUS_UNDECIDED;
    case RULEBOOK_FAIL: break;
    }
    return spoke->effect == RULEBOOK_REFUSE ? CENSUS_REFUSED : CENSUS_WARNED;
}

/* Not met or not decided. */
static bool is_told(enum census_ruling ruling) {
    return ruling >= CENSUS_WARNED;
}

struct asking {
    struct rules *rules;
    const struct rulebook_asking *asking;
    struct answer *answer;
    struct text advice, advice_ja;
    struct sha256 facts;
    str clauses[CLAUSES_TOLD];
    size_t clause_count;
};

/* "keep.at-home: place.country must be one of [JP]" */
static void advice_add(const struct asking *a, uint32_t index, const struct rulebook_spoke *spoke,
                       enum rulebook_language language, struct text *out) {
    bool japanese = language == RULEBOOK_JAPANESE;
    const char *between = japanese ? "；" : "; ";
    text_format(out, "%s%.*s%s", out->len > 0 ? between : "", STR_FMT(spoke->clause->id),
                japanese ? "：" : ": ");
    rulebook_asking_advice(a->asking, index, spoke, language, out);
    while (out->len > 0 && out->at[out->len - 1] == '\n') out->len--;
}

static enum error_code clause_tell(struct asking *a, uint32_t index,
                                   const struct rulebook_spoke *spoke, struct arena *scratch,
                                   struct error *e) {
    const struct rulebook_clause *c = spoke->clause;
    const struct rulebook_reading *readings;
    size_t count;
    if (a->clause_count == CLAUSES_TOLD) return OK;
    TRY(arena_format(scratch, &a->clauses[a->clause_count], e, "%.*s/%.*s",
                     STR_FMT(c->rulebook->name), STR_FMT(c->id)));
    a->clause_count++;
    advice_add(a, index, spoke, RULEBOOK_ENGLISH, &a->advice);
    advice_add(a, index, spoke, RULEBOOK_JAPANESE, &a->advice_ja);
    struct arena once = *scratch, half = arena_over(once.next, arena_left(&once) / 2);
    once.next = half.end;
    TRY(rulebook_asking_facts(a->asking, index, spoke, &half, once, &readings, &count, e));
    for (size_t i = 0; i < count; i++) {
        char room[1024];
        struct text value = text_into(room, sizeof room);
        if (str_equal(readings[i].path, STR("time.now"))) continue; /* the clock alone is no news */
        rulebook_value_json(readings[i].value, &value);
        sha256_add(&a->facts, readings[i].path.at, readings[i].path.len);
        sha256_add(&a->facts, value.at, value.len);
    }
    return OK;
}

/* Advice is lines; a finding is one. Cut at a character where it was too long. */
static str one_line(struct text *text) {
    str said = text_str(text);
    while (said.len > 0 && said.at[said.len - 1] == '\n') said.len--;
    while (text->overflow && said.len > 0 && ((unsigned char)said.at[said.len - 1] & 0x80) != 0)
        said.len--;
    for (size_t i = 0; i < said.len; i++)
        if (text->at[i] == '\n') text->at[i] = ' ';
    return said;
}

static enum error_code clauses_ask(struct census *census, struct asking *a, struct arena scratch,
                                   struct error *e) {
    for (size_t i = 0; i < a->rules->clause_count; i++) {
        struct rulebook_spoke spoke = {0};
        uint32_t index = a->rules->clauses[i];
        if (rulebook_ask(a->asking, index, &spoke) != RULEBOOK_SPOKE) continue;
        enum census_ruling ruling = ruling_of(&spoke);
        if (ruling > a->answer->ruling) a->answer->ruling = ruling;
        if (is_told(ruling)) TRY(clause_tell(a, index, &spoke, &scratch, e));
    }
    str *kept = arena_new(&census->arena, str, a->clause_count);
    if (kept == NULL) return error_set(e, FAIL_MEMORY, "no room for clauses");
    for (size_t i = 0; i < a->clause_count; i++)
        TRY(intern_take(&census->texts, a->clauses[i], &census->arena, &kept[i], e));
    a->answer->clauses = kept;
    a->answer->clause_count = a->clause_count;
    TRY(arena_copy(&census->arena, one_line(&a->advice), &a->answer->advice, e));
    return arena_copy(&census->arena, one_line(&a->advice_ja), &a->answer->advice_ja, e);
}

static enum error_code evaluate(struct census *census, const struct survey_server *server,
                                str dataset, geo_country country, struct answer *out,
                                struct error *e) {
    struct rules *rules = census->rules;
    struct arena arena = census->scratch, scratch;
    size_t half = arena_left(&arena) / 2;
    char advice[ADVICE_BYTES], advice_ja[ADVICE_BYTES];
    struct rulebook_facts below, facts;
    scratch = arena_over(arena.end - half, half);
    arena.end -= half;
    str site = site_of(rules, server, country);
    TRY(facts_static(rules->world, dataset, site, &arena, scratch, &below, e));
    TRY(measured_add(server, country, &below, &arena, &facts, e));
    const struct rulebook_subject subject = {.about = RULEBOOK_ABOUT_COPY,
                                             .operator_id =
                                                 facts_operator_of(rules->world, dataset),
                                             .dataset_id = dataset,
                                             .site_id = site};
    struct asking a = {.rules = rules,
                       .answer = out,
                       .advice = text_into(advice, sizeof advice),
                       .advice_ja = text_into(advice_ja, sizeof advice_ja)};
    sha256_begin(&a.facts);
    TRY(rulebook_asking_begin(rules->set, &subject, &facts, rules->at_ns, &arena, &a.asking, e));
    TRY(clauses_ask(census, &a, scratch, e));
    out->facts = sha256_end(&a.facts);
    return OK;
}

/* ---- servers alike are asked once ---- */

static struct answer *answer_place(const struct rules *rules, str key) {
    const size_t mask = 2 * ANSWERS_MOST - 1;
    size_t at = (size_t)str_hash(key, 0) & mask;
    while (rules->answers[at].key.at != NULL && !str_equal(rules->answers[at].key, key))
        at = (at + 1) & mask;
    return &rules->answers[at];
}

static enum error_code answer_of(struct census *census, const struct survey_server *server,
                                 str dataset, geo_country country, struct answer *out,
                                 struct error *e) {
    struct arena scratch = census->scratch;
    char law[256];
    str key;
    TRY(arena_format(&scratch, &key, e, "%.*s\n%.*s\n%.2s\n%d%d%.*s", STR_FMT(dataset),
                     STR_FMT(server->declared.site), country.at[0] != 0 ? country.at : "??",
                     server->judgement->is_law_known, rests_on_word(server->judgement),
                     STR_FMT(law_of(server->judgement, law))));
    struct answer *place = answer_place(census->rules, key);
    if (place->key.at != NULL) {
        *out = *place;
        return OK;
    }
    *out = (struct answer){0};
    TRY(evaluate(census, server, dataset, country, out, e));
    if (census->rules->answer_count == ANSWERS_MOST) return OK; /* asked anew each time */
    TRY(arena_copy(&census->arena, key, &out->key, e));
    *place = *out;
    census->rules->answer_count++;
    return OK;
}

/* ---- one server ---- */

struct datasets {
    str at[DATASETS_MOST];
    size_t count;
};

static struct datasets datasets_of(const struct rules *rules, const struct survey_declared *d) {
    struct datasets out = {.count = 0};
    for (size_t i = 0; i < d->dataset_count && out.count < DATASETS_MOST; i++)
        out.at[out.count++] = d->dataset_rows[i]->id;
    if (out.count == 0 && register_row_at(facts_world_register(rules->world), REGISTER_DATASETS,
                                          d->dataset, rules->at_ns) != NULL)
        out.at[out.count++] = d->dataset;
    return out;
}

/* Each country it may stand in is asked about: many places may all count. */
static enum error_code worst_of(struct census *census, const struct survey_server *server,
                                str dataset, struct answer *out, struct error *e) {
    const struct survey_judgement *j = server->judgement;
    const geo_country nowhere = {{0, 0}};
    if (place_of(j).at[0] != 0) return answer_of(census, server, dataset, place_of(j), out, e);
    if (j->answer != SURVEY_MANY || j->country_count == 0)
        return answer_of(census, server, dataset, nowhere, out, e);
    *out = (struct answer){0};
    for (size_t i = 0; i < j->country_count; i++) {
        struct answer one;
        TRY(answer_of(census, server, dataset, j->countries[i].country, &one, e));
        if (i == 0 || one.ruling > out->ruling) *out = one;
    }
    return OK;
}

static enum error_code told(struct census *census, const struct survey_server *server, str dataset,
                            const struct answer *answer, struct error *e) {
    struct arena scratch = census->scratch;
    char subject[CENSUS_SUBJECT_BYTES];
    struct census_finding finding = {.is_ruling = true,
                                     .ruling = answer->ruling,
                                     .clauses = answer->clauses,
                                     .clause_count = answer->clause_count,
                                     .text = answer->advice,
                                     .text_ja = answer->advice_ja,
                                     .facts = answer->facts};
    str name = census_subject(server, subject);
    TRY(arena_format(&scratch, &finding.subject, e, "%.*s/%.*s", STR_FMT(name), STR_FMT(dataset)));
    return finding_add(census, &finding, e);
}

enum error_code rules_ask(struct census *census, const struct survey_server *server,
                          struct census_ruled *out, struct error *e) {
    struct datasets datasets = datasets_of(census->rules, &server->declared);
    out->ruling = CENSUS_NOT_ASKED;
    out->clauses = NULL;
    out->clause_count = 0;
    for (size_t i = 0; i < datasets.count; i++) {
        struct answer answer;
        TRY(worst_of(census, server, datasets.at[i], &answer, e));
        if (is_told(answer.ruling)) TRY(told(census, server, datasets.at[i], &answer, e));
        if (answer.ruling <= out->ruling) continue;
        out->ruling = answer.ruling;
        out->clauses = answer.clauses;
        out->clause_count = answer.clause_count;
    }
    return OK;
}
