/* Earlier surveys, held against servers as they go by: what is new, gone, answered otherwise, and on which
 * other evidence; and which answers flap. */
#include "census/inner.h"

#include <stdlib.h>

enum { SURVEYS_MOST = 64, CHANGES_MOST = 100000, TABLE_FIRST = 1 << 12 };
#define DIFF_SPACE   ((size_t)8 << 30) /* address space: pages cost once touched */
#define SERVER_SPACE ((size_t)64 << 20)

/* One server over all surveys. Of several that are called alike, each is found by its turn. */
struct past {
    str key;                  /* subject, and which of those called so */
    struct census_then *then; /* one a survey, and one for now */
    size_t then_count;        /* without now */
    const str *evidence;      /* of the last survey that had it, in order */
    size_t evidence_count;
    uint32_t turn; /* of a bare subject: how many were called so in the survey under way */
    bool is_seen;
    bool is_recalled; /* its answers are known, their evidence is not */
};

struct table {
    struct past **at; /* open addressing */
    size_t count, cap;
    struct arena_space space;
};

struct census_diff {
    struct arena_space space, server_space;
    struct arena arena, server_arena;
    struct intern texts;
    struct table pasts, names; /* names: how often a subject came, in the survey under way */
    size_t survey_count;
    int64_t at_ns[SURVEYS_MOST];
    struct census_change *changes;
    size_t change_count;
    struct census_difference out;
};

/* ---- tables ---- */

static enum error_code table_open(struct table *t, size_t cap, struct error *e) {
    struct arena arena;
    TRY(arena_space_open(&t->space, cap * sizeof *t->at + 64, &arena, e));
    t->at = (struct past **)t->space.at;
    t->cap = cap;
    return OK;
}

static struct past **table_place(const struct table *t, str key) {
    size_t at = (size_t)str_hash(key, 0) & (t->cap - 1);
    while (t->at[at] != NULL && !str_equal(t->at[at]->key, key)) at = (at + 1) & (t->cap - 1);
    return &t->at[at];
}

static enum error_code table_take(struct census_diff *d, struct table *t, str key,
                                  struct past **out, struct error *e) {
    if (2 * t->count >= t->cap) {
        struct table larger = {.count = t->count};
        TRY(table_open(&larger, 2 * t->cap, e));
        for (size_t i = 0; i < t->cap; i++)
            if (t->at[i] != NULL) *table_place(&larger, t->at[i]->key) = t->at[i];
        arena_space_release(&t->space);
        *t = larger;
    }
    struct past **place = table_place(t, key);
    if (*place == NULL) {
        *place = arena_new(&d->arena, struct past, 1);
        if (*place == NULL) return error_set(e, FAIL_MEMORY, "no room for earlier surveys");
        TRY(arena_copy(&d->arena, key, &(*place)->key, e));
        t->count++;
    }
    *out = *place;
    return OK;
}

/* The server's past, new or known. `survey` begins anew for each survey: turns are counted in it. */
static enum error_code past_take(struct census_diff *d, const struct survey_server *server,
                                 struct past **out, struct error *e) {
    struct arena scratch = d->server_arena;
    char subject[CENSUS_SUBJECT_BYTES];
    struct past *name;
    str key = census_subject(server, subject);
    TRY(table_take(d, &d->names, key, &name, e));
    if (name->turn++ > 0)
        TRY(arena_format(&scratch, &key, e, "%.*s #%u", STR_FMT(key), name->turn));
    TRY(table_take(d, &d->pasts, key, out, e));
    if ((*out)->then != NULL) return OK;
    (*out)->then = arena_new(&d->arena, struct census_then, d->survey_count + 1);
    if ((*out)->then == NULL) return error_set(e, FAIL_MEMORY, "no room for earlier surveys");
    (*out)->then_count = d->survey_count;
    for (size_t i = 0; i < d->survey_count; i++) (*out)->then[i].at_ns = d->at_ns[i];
    return OK;
}

static void turns_forget(struct census_diff *d) {
    for (size_t i = 0; i < d->names.cap; i++)
        if (d->names.at[i] != NULL) d->names.at[i]->turn = 0;
}

/* ---- evidence as lines ---- */

static int texts_order(const void *a, const void *b) {
    return str_compare(*(const str *)a, *(const str *)b);
}

/* The milliseconds of an answer are others each time; what they exclude shows in the countries. */
static str says_lastingly(const struct survey_evidence *v) {
    bool is_answer = v->method == SURVEY_BY_ROUND_TRIP && !str_starts(v->says, STR("no answer"));
    return is_answer ? STR("an answer to a probe") : v->says;
}

/* "address-data JP: 198.51.100.0/24 is in JP (dbip-country 2026-06-01)" */
static enum error_code evidence_lines(struct census_diff *d, const struct survey_judgement *j,
                                      struct arena *arena, const str **out, size_t *count,
                                      struct error *e) {
    str *lines = arena_new(arena, str, j->evidence_count);
    if (lines == NULL) return error_set(e, FAIL_MEMORY, "no room for evidence");
    for (size_t i = 0; i < j->evidence_count; i++) {
        const struct survey_evidence *v = &j->evidence[i];
        struct arena scratch = d->server_arena;
        str line, source = STR_EMPTY;
        if (v->source.len > 0)
            TRY(arena_format(&scratch, &source, e, " (%.*s%s%.*s)", STR_FMT(v->source),
                             v->date.len > 0 ? " " : "", STR_FMT(v->date)));
        TRY(arena_format(&scratch, &line, e, "%s%s%.2s: %.*s%.*s", survey_method_name(v->method),
                         v->country.at[0] != 0 ? " " : "", v->country.at,
                         STR_FMT(says_lastingly(v)), STR_FMT(source)));
        TRY(intern_take(&d->texts, line, &d->arena, &lines[i], e));
    }
    if (j->evidence_count > 1) qsort(lines, j->evidence_count, sizeof *lines, texts_order);
    *out = lines;
    *count = j->evidence_count;
    return OK;
}

/* Those of `a` that are not in `b`, both in order; all texts are interned in one table. */
static enum error_code missing(const str *a, size_t a_count, const str *b, size_t b_count,
                               struct arena *arena, const str **out, size_t *count,
                               struct error *e) {
    str *only = arena_new(arena, str, a_count);
    size_t k = 0;
    if (only == NULL) return error_set(e, FAIL_MEMORY, "no room for evidence");
    *count = 0;
    for (size_t i = 0; i < a_count; i++) {
        while (k < b_count && str_compare(b[k], a[i]) < 0) k++;
        if (k == b_count || !str_equal(b[k], a[i])) only[(*count)++] = a[i];
    }
    *out = only;
    return OK;
}

/* ---- earlier surveys ---- */

static struct census_then then_of(const struct survey_judgement *j, int64_t at_ns) {
    return (struct census_then){.at_ns = at_ns,
                                .is_there = true,
                                .answer = j->answer,
                                .country = j->country_count > 0 ? j->countries[0].country
                                                                : (geo_country){{0, 0}}};
}

static bool is_same_answer(const struct census_then *a, const struct census_then *b) {
    return a->answer == b->answer &&
           (a->answer != SURVEY_OUTSIDE || geo_country_equal(a->country, b->country));
}

static enum error_code survey_take(struct census_diff *d, struct census_reader *reader, size_t at,
                                   struct error *e) {
    turns_forget(d);
    for (bool more = true; more;) {
        struct survey_server server;
        struct census_ruled ruled;
        struct arena before = d->server_arena;
        struct past *past;
        TRY(census_reader_next(reader, &d->server_arena, &server, &ruled, &more, e));
        if (!more) break;
        TRY(past_take(d, &server, &past, e));
        past->then[at] = then_of(server.judgement, d->at_ns[at]);
        TRY(evidence_lines(d, server.judgement, &d->arena, &past->evidence, &past->evidence_count,
                           e));
        d->server_arena = before;
    }
    return OK;
}

struct opened {
    const char *path;
    struct census_reader *reader;
    size_t given;
};
/* By time; files that tell none stay in the order given. */
static int opened_order(const void *a, const void *b) {
    const struct opened *x = a, *y = b;
    int64_t x_ns = census_reader_survey(x->reader)->at_ns,
            y_ns = census_reader_survey(y->reader)->at_ns;
    if (x_ns != 0 && y_ns != 0 && x_ns != y_ns) return x_ns < y_ns ? -1 : 1;
    return x->given < y->given ? -1 : 1;
}

static enum error_code surveys_take(struct census_diff *d, const char *const *paths, size_t count,
                                    struct error *e) {
    struct opened opened[SURVEYS_MOST] = {0};
    enum error_code code = OK;
    size_t open = 0;
    for (; open < count && code == OK; open += code == OK) {
        opened[open] = (struct opened){.path = paths[open], .given = open};
        code = census_reader_open(paths[open], &opened[open].reader, e);
    }
    if (code == OK && open > 1) qsort(opened, open, sizeof *opened, opened_order);
    for (size_t i = 0; i < open && code == OK; i++)
        d->at_ns[i] = census_reader_survey(opened[i].reader)->at_ns;
    d->survey_count = count;
    for (size_t i = 0; i < open && code == OK; i++) code = survey_take(d, opened[i].reader, i, e);
    for (size_t i = 0; i < open; i++) census_reader_close(opened[i].reader);
    turns_forget(d);
    return code;
}

static enum error_code begin(struct census_diff *d, const char *const *paths, size_t count,
                             struct error *e) {
    if (count > SURVEYS_MOST)
        return error_set(e, FAIL_USAGE, "over %d earlier surveys", (int)SURVEYS_MOST);
    TRY(arena_space_open(&d->space, DIFF_SPACE, &d->arena, e));
    TRY(arena_space_open(&d->server_space, SERVER_SPACE, &d->server_arena, e));
    TRY(intern_open(&d->texts, e));
    TRY(table_open(&d->pasts, TABLE_FIRST, e));
    TRY(table_open(&d->names, TABLE_FIRST, e));
    d->changes = arena_new(&d->arena, struct census_change, CHANGES_MOST);
    assert(d->changes != NULL); /* the space is far larger */
    return surveys_take(d, paths, count, e);
}

enum error_code census_diff_open(const char *const *paths, size_t count, struct census_diff **out,
                                 struct error *e) {
    struct census_diff *d = calloc(1, sizeof *d);
    if (d == NULL) return error_set(e, FAIL_MEMORY, "no memory to compare surveys");
    enum error_code code = begin(d, paths, count, e);
    if (code == OK)
        *out = d;
    else
        census_diff_close(d);
    return code;
}

void census_diff_close(struct census_diff *d) {
    if (d == NULL) return;
    arena_space_release(&d->names.space);
    arena_space_release(&d->pasts.space);
    intern_close(&d->texts);
    arena_space_release(&d->server_space);
    arena_space_release(&d->space);
    free(d);
}

enum error_code census_diff_recall(struct census_diff *d, str subject,
                                   const struct census_then *then, size_t count, struct error *e) {
    struct past *past;
    TRY(table_take(d, &d->pasts, subject, &past, e));
    past->then = arena_new(&d->arena, struct census_then, count + 1);
    if (past->then == NULL) return error_set(e, FAIL_MEMORY, "no room for earlier surveys");
    for (size_t i = 0; i < count; i++) past->then[i] = then[i];
    past->then_count = count;
    past->is_recalled = true;
    return OK;
}

/* ---- now ---- */

/* It left an answer and came back to it. Where it was absent says nothing. */
static bool flaps(const struct census_then *then, size_t count) {
    for (size_t last = 0; last < count; last++) {
        bool has_left = false;
        if (!then[last].is_there) continue;
        for (size_t i = last + 1; i < count; i++) {
            if (!then[i].is_there) continue;
            bool same = is_same_answer(&then[i], &then[last]);
            if (same && has_left) return true;
            has_left |= !same;
        }
    }
    return false;
}

static enum error_code change_add(struct census_diff *d, enum census_change_kind what,
                                  const struct past *past, const str *evidence,
                                  size_t evidence_count, struct error *e) {
    d->out.count[what]++;
    if (d->change_count == CHANGES_MOST) return OK;
    struct census_change *change = &d->changes[d->change_count++];
    *change = (struct census_change){.what = what,
                                     .subject = past->key,
                                     .history = past->then,
                                     .history_count = past->then_count + 1,
                                     .is_flapping = flaps(past->then, past->then_count + 1)};
    if (what == CENSUS_NEW || what == CENSUS_GONE || past->is_recalled) return OK;
    TRY(missing(evidence, evidence_count, past->evidence, past->evidence_count, &d->arena,
                &change->appeared, &change->appeared_count, e));
    return missing(past->evidence, past->evidence_count, evidence, evidence_count, &d->arena,
                   &change->vanished, &change->vanished_count, e);
}

static bool is_same_evidence(const struct past *past, const str *evidence, size_t count) {
    if (past->evidence_count != count) return false;
    for (size_t i = 0; i < count; i++)
        if (!str_equal(past->evidence[i], evidence[i])) return false;
    return true;
}

enum error_code census_diff_add(struct census_diff *d, const struct survey_server *server,
                                struct error *e) {
    struct arena before = d->server_arena;
    struct past *past;
    const str *evidence;
    size_t count;
    TRY(past_take(d, server, &past, e));
    TRY(evidence_lines(d, server->judgement, &d->server_arena, &evidence, &count, e));
    size_t now = past->then_count;
    past->is_seen = true;
    past->then[now] = then_of(server->judgement, 0);
    bool was_there = now > 0 && past->then[now - 1].is_there;
    bool is_flapping = flaps(past->then, now + 1);
    enum error_code code = OK;
    d->out.flapping += is_flapping;
    if (!was_there)
        code = change_add(d, CENSUS_NEW, past, NULL, 0, e);
    else if (!is_same_answer(&past->then[now - 1], &past->then[now]))
        code = change_add(d, CENSUS_ANSWERED_OTHERWISE, past, evidence, count, e);
    else if (is_flapping)
        code = change_add(d, CENSUS_FLAPPING, past, evidence, count, e);
    else {
        d->out.unchanged++;
        d->out.other_evidence += !past->is_recalled && !is_same_evidence(past, evidence, count);
    }
    d->server_arena = before;
    return code;
}

static int changes_order(const void *a, const void *b) {
    return str_compare(((const struct census_change *)a)->subject,
                       ((const struct census_change *)b)->subject);
}

enum error_code census_diff_end(struct census_diff *d, int64_t at_ns,
                                const struct census_difference **out, struct error *e) {
    for (size_t i = 0; i < d->pasts.cap; i++) {
        struct past *past = d->pasts.at[i];
        if (past == NULL) continue;
        size_t now = past->then_count;
        past->then[now].at_ns = at_ns;
        if (!past->is_seen && now > 0 && past->then[now - 1].is_there)
            TRY(change_add(d, CENSUS_GONE, past, NULL, 0, e));
    }
    if (d->change_count > 1) qsort(d->changes, d->change_count, sizeof *d->changes, changes_order);
    d->out.changes = d->changes;
    d->out.change_count = d->change_count;
    *out = &d->out;
    return OK;
}
