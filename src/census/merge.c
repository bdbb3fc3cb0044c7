/* Surveys of several operators as one form. What two of them speak of both is told, and counted once. */
#include "census/inner.h"

#include <stdlib.h>

enum { REPEATS_MOST = 100000, PARTED_MOST = 256, KNOWN_FIRST = 1 << 16 };
#define MERGE_SPACE  ((size_t)4 << 30) /* address space: pages cost once touched */
#define SERVER_SPACE ((size_t)64 << 20)

/* A server as its survey knows it: found by its name and by each of its addresses. */
struct known {
    str key;
    uint32_t survey;
    enum survey_answer answer;
    geo_country country;
};

struct census_merging {
    struct arena_space space, server_space;
    struct arena arena, server_arena;
    struct census *census;
    struct census_reader **readers;
    size_t reader_count;
    struct known *known; /* open addressing */
    size_t known_count, known_cap;
    struct arena_space known_space;
    struct census_merged merged;
    struct census_repeat *repeats;
    struct census_parted *parted;
};

/* ---- what a server is known by ---- */

static enum error_code known_open(struct census_merging *m, size_t cap, struct error *e) {
    struct arena arena;
    TRY(arena_space_open(&m->known_space, cap * sizeof *m->known + 64, &arena, e));
    m->known = (struct known *)m->known_space.at;
    m->known_cap = cap;
    return OK;
}

static struct known *known_place(struct known *known, size_t cap, str key) {
    size_t at = (size_t)str_hash(key, 0) & (cap - 1);
    while (known[at].key.at != NULL && !str_equal(known[at].key, key)) at = (at + 1) & (cap - 1);
    return &known[at];
}

static enum error_code known_grow(struct census_merging *m, struct error *e) {
    struct arena_space before = m->known_space;
    struct known *old = m->known;
    size_t old_cap = m->known_cap;
    TRY(known_open(m, 2 * old_cap, e));
    for (size_t i = 0; i < old_cap; i++)
        if (old[i].key.at != NULL) *known_place(m->known, m->known_cap, old[i].key) = old[i];
    arena_space_release(&before);
    return OK;
}

/* A host name: only what has a dot is the same server to two operators. */
static bool is_host(str name) {
    size_t at;
    return str_find_char(name, '.', &at) && !str_find_char(name, ' ', &at) &&
           !str_find_char(name, '/', &at);
}

struct meeting {
    struct known as; /* what this survey says */
    bool is_found;
    struct known before; /* what another one said, by its key */
};

/* Whether another survey has a server of that key; else it is remembered as this one's. */
static enum error_code key_meet(struct census_merging *m, str key, struct meeting *meeting,
                                struct error *e) {
    if (2 * m->known_count >= m->known_cap) TRY(known_grow(m, e));
    struct known *place = known_place(m->known, m->known_cap, key);
    if (place->key.at != NULL) {
        if (place->survey == meeting->as.survey || meeting->is_found) return OK;
        meeting->is_found = true;
        meeting->before = *place;
        return OK;
    }
    *place = meeting->as;
    m->known_count++;
    return arena_copy(&m->arena, key, &place->key, e);
}

static enum error_code server_meet(struct census_merging *m, const struct survey_server *server,
                                   uint32_t survey, bool *is_again, struct error *e) {
    const struct survey_judgement *j = server->judgement;
    struct meeting meeting = {
        .as = {.survey = survey, .answer = j->answer, .country = place_of(j)}};
    char text[GEO_TEXT_BYTES], subject[CENSUS_SUBJECT_BYTES];
    if (is_host(server->name)) TRY(key_meet(m, server->name, &meeting, e));
    for (size_t i = 0; i < server->address_count; i++)
        if (geo_address_use(&server->addresses[i]) == GEO_PUBLIC)
            TRY(key_meet(m, str_of(text, geo_address_write(&server->addresses[i], text)), &meeting,
                         e));
    if (server->network != NULL && geo_address_use(&server->network->base) == GEO_PUBLIC)
        TRY(key_meet(m, str_of(text, geo_network_write(server->network, text)), &meeting, e));
    *is_again = meeting.is_found;
    if (!meeting.is_found || m->merged.repeat_count == REPEATS_MOST) return OK;
    struct census_repeat *repeat = &m->repeats[m->merged.repeat_count++];
    *repeat = (struct census_repeat){.by = meeting.before.key,
                                     .first = meeting.before.survey,
                                     .second = survey,
                                     .first_answer = meeting.before.answer,
                                     .second_answer = meeting.as.answer,
                                     .first_country = meeting.before.country,
                                     .second_country = meeting.as.country};
    return arena_copy(&m->arena, census_subject(server, subject), &repeat->subject, e);
}

/* ---- what the surveys rest on ---- */

static str edition_of(const struct census_edition *x) {
    return x->date.len > 0 ? x->date : str_slice(x->sha256, 0, 12);
}

static bool is_same(const struct census_edition *a, const struct census_edition *b) {
    if (a->sha256.len > 0 && b->sha256.len > 0) return str_equal(a->sha256, b->sha256);
    return str_equal(a->date, b->date);
}

/* Each against the first survey that has data of that name. */
static void editions_compare(struct census_merging *m, size_t survey) {
    const struct census_survey *own = m->merged.surveys[survey];
    for (size_t i = 0; i < own->edition_count; i++) {
        bool is_met = false;
        for (size_t s = 0; s < survey && !is_met; s++)
            for (size_t k = 0; k < m->merged.surveys[s]->edition_count && !is_met; k++) {
                const struct census_edition *other = &m->merged.surveys[s]->editions[k];
                if (!str_equal(other->name, own->editions[i].name)) continue;
                is_met = true;
                if (is_same(other, &own->editions[i]) || m->merged.parted_count == PARTED_MOST)
                    continue;
                m->parted[m->merged.parted_count++] =
                    (struct census_parted){.name = other->name,
                                           .first = s,
                                           .second = survey,
                                           .first_date = edition_of(other),
                                           .second_date = edition_of(&own->editions[i])};
            }
    }
}

/* ---- reading ---- */

static enum error_code home_take(struct census_merging *m, const struct census_survey *survey,
                                 geo_country *home, struct error *e) {
    geo_country own;
    if (survey->home.len == 0 || !geo_country_read(survey->home, &own)) return OK;
    if (home->at[0] == 0) *home = own;
    if (geo_country_equal(*home, own)) return OK;
    return error_set(
        e, FAIL_USAGE,
        "%.*s is a survey from %.2s, those before it are from %.2s: what is inside for "
        "one is outside for the other; merge those of one country",
        STR_FMT(survey->path), own.at, home->at);
}

static enum error_code survey_read(struct census_merging *m, size_t at, struct error *e) {
    for (bool more = true; more;) {
        struct survey_server server;
        struct census_ruled ruled;
        struct arena once = m->server_arena;
        bool is_again;
        TRY(census_reader_next(m->readers[at], &once, &server, &ruled, &more, e));
        if (!more) break;
        TRY(server_meet(m, &server, (uint32_t)at, &is_again, e));
        TRY(census_add(m->census, &server, &ruled, is_again, NULL, e));
    }
    editions_compare(m, at);
    return OK;
}

static enum error_code merge(struct census_merging *m, const char *const *paths, size_t count,
                             struct error *e) {
    struct census_options options = {.tells_servers = true};
    const struct census_survey **surveys;
    TRY(arena_space_open(&m->space, MERGE_SPACE, &m->arena, e));
    TRY(arena_space_open(&m->server_space, SERVER_SPACE, &m->server_arena, e));
    TRY(known_open(m, KNOWN_FIRST, e));
    m->readers = arena_new(&m->arena, struct census_reader *, count);
    surveys = arena_new(&m->arena, const struct census_survey *, count);
    m->repeats = arena_new(&m->arena, struct census_repeat, REPEATS_MOST);
    m->parted = arena_new(&m->arena, struct census_parted, PARTED_MOST);
    assert(m->readers != NULL && surveys != NULL); /* the space is far larger */
    assert(m->repeats != NULL && m->parted != NULL);
    m->merged.surveys = surveys;
    m->merged.repeats = m->repeats;
    m->merged.parted = m->parted;
    for (size_t i = 0; i < count; i++) { /* all heads first: nothing is read of what does not fit */
        TRY(census_reader_open(paths[i], &m->readers[i], e));
        m->reader_count++;
        surveys[i] = census_reader_survey(m->readers[i]);
        TRY(home_take(m, surveys[i], &options.home, e));
        options.at_ns = i64_max(options.at_ns, surveys[i]->at_ns);
    }
    m->merged.survey_count = count;
    TRY(census_open(&options, &m->census, e));
    for (size_t i = 0; i < count; i++) TRY(survey_read(m, i, e));
    return census_form_make(m->census, &m->merged.form, e);
}

enum error_code census_merge(const char *const *paths, size_t count, struct census_merging **work,
                             const struct census_merged **out, struct error *e) {
    struct census_merging *m = calloc(1, sizeof *m);
    if (m == NULL) return error_set(e, FAIL_MEMORY, "no memory for a merge");
    enum error_code code = merge(m, paths, count, e);
    if (code != OK) {
        census_merge_close(m);
        return code;
    }
    *work = m;
    *out = &m->merged;
    return OK;
}

void census_merge_close(struct census_merging *m) {
    if (m == NULL) return;
    census_close(m->census);
    for (size_t i = 0; i < m->reader_count; i++) census_reader_close(m->readers[i]);
    arena_space_release(&m->known_space);
    arena_space_release(&m->server_space);
    arena_space_release(&m->space);
    free(m);
}
