/* Servers on their way out: what several sources list made one, names asked for, judged, told.
 *
 * All names are asked for before the first server is judged, so that a name and an address that lead to one
 * machine come out as one. A survey that may be interrupted asks for a part of them at a time instead: lines that
 * are told then hang together by what the files say alone, which stays the same the next time. */
#include "app/survey/surveying.h"
#include "base/limits.h"

enum { ASKED_MOST = 20000, PROBED_TOGETHER = 20000 }; /* questions, servers of a part */
#define PART_ROOM ((size_t)1 << 30)                   /* of address space */

/* A server whose names are asked for, and what has come back. */
struct asked_for {
    uint32_t number;
    enum resolve_status status; /* of its name, until something is found */
    struct survey_found found;
};
struct question {
    size_t server;
    str name;
    const struct geo_address *address; /* its names are asked for; NULL: the name's addresses */
    bool is_first;
};
struct part {
    struct survey_feed *feed;
    struct arena_space space;
    struct arena arena;
    struct asked_for *servers;
    struct question *questions;
    size_t server_count, question_count, at;
};

/* ---- questions ---- */

static void question_add(struct part *p, str name, const struct geo_address *address) {
    if (p->question_count == ASKED_MOST) return;
    bool is_first =
        p->question_count == 0 || p->questions[p->question_count - 1].server != p->server_count;
    p->questions[p->question_count++] = (struct question){p->server_count, name, address, is_first};
}

static void questions_add(struct part *p, const struct survey_asked *asked, uint32_t number) {
    size_t before = p->question_count;
    bool has_host = asked->name.len > 0 && !asked->is_label;
    if (asked->network != NULL) return;
    if (asked->address_count == 0 && p->feed->resolves) {
        if (has_host) question_add(p, asked->name, NULL);
        for (size_t i = 0; i < asked->named_count; i++) question_add(p, asked->named[i], NULL);
    }
    for (size_t i = 0; p->feed->reverses && !has_host && i < asked->address_count; i++)
        if (geo_address_use(&asked->addresses[i]) == GEO_PUBLIC)
            question_add(p, STR_EMPTY, &asked->addresses[i]);
    if (p->question_count == before) return;
    p->servers[p->server_count++] = (struct asked_for){.number = number, .status = RESOLVE_NO_NAME};
}

static bool question_next(void *self, struct resolve_question *out) {
    struct part *p = self;
    if (p->at == p->question_count) return false;
    const struct question *q = &p->questions[p->at];
    *out = (struct resolve_question){.name = q->name, .tag = p->at++};
    if (q->address != NULL) {
        memcpy(out->reverse.at, q->address->at, q->address->len);
        out->reverse.len = q->address->len;
    }
    return true;
}

/* ---- answers ---- */

static enum error_code texts_join(const str *more, size_t count, struct arena *arena,
                                  const str **texts, size_t *used, struct error *e) {
    if (count == 0) return OK;
    str *all = arena_new(arena, str, *used + count);
    if (all == NULL) return error_set(e, FAIL_MEMORY, "no room for what a resolver said");
    for (size_t i = 0; i < *used; i++) all[i] = (*texts)[i];
    for (size_t i = 0; i < count; i++) TRY(arena_copy(arena, more[i], &all[(*used)++], e));
    *texts = all;
    return OK;
}

static enum error_code addresses_join(const struct resolve_answer *answer, struct arena *arena,
                                      struct survey_found *found, struct error *e) {
    struct geo_address *all =
        arena_new(arena, struct geo_address, found->address_count + answer->address_count);
    if (all == NULL) return error_set(e, FAIL_MEMORY, "no room for addresses");
    for (size_t i = 0; i < found->address_count; i++) all[i] = found->addresses[i];
    for (size_t i = 0; i < answer->address_count; i++) {
        struct geo_address one;
        size_t at = 0;
        if (!geo_address_of(answer->addresses[i].at, answer->addresses[i].len, &one)) continue;
        while (at < found->address_count && !geo_address_equal(&all[at], &one)) at++;
        if (at == found->address_count) all[found->address_count++] = one;
    }
    found->addresses = all;
    return OK;
}

static enum error_code answer_take(void *self, const struct resolve_answer *answer,
                                   struct error *e) {
    struct part *p = self;
    const struct question *q = &p->questions[answer->tag];
    struct asked_for *server = &p->servers[q->server];
    struct survey_found *found = &server->found;
    if (q->address != NULL)
        return texts_join(answer->names, answer->name_count, &p->arena, &found->reverse,
                          &found->reverse_count, e);
    if (q->is_first && server->status != RESOLVE_FOUND) server->status = answer->status;
    if (answer->status == RESOLVE_FOUND) server->status = RESOLVE_FOUND;
    TRY(addresses_join(answer, &p->arena, found, e));
    return texts_join(answer->chain, answer->chain_count, &p->arena, &found->aliases,
                      &found->alias_count, e);
}

static enum error_code answers_keep(struct part *p, struct error *e) {
    str resolvers = p->feed->resolve.resolvers;
    for (size_t i = 0; i < p->server_count; i++) {
        struct asked_for *server = &p->servers[i];
        server->found.resolver = resolvers.len > 0 ? resolvers : STR("the system's resolver");
        if (server->status != RESOLVE_FOUND && server->found.address_count == 0)
            server->found.unresolved = str_from_c(resolve_status_text(server->status));
        TRY(survey_roll_found(p->feed->roll, server->number, &server->found, e));
    }
    return OK;
}

/* ---- a part of the roll ---- */

/* How many lines a part comes to. */
static enum error_code lines_count(struct survey_feed *f, size_t from, size_t end, uint64_t *lines,
                                   struct error *e) {
    *lines = 0;
    while (from < end) {
        struct arena arena = f->arena;
        struct survey_asked asked;
        struct geo_network part;
        uint32_t number;
        bool more;
        TRY(survey_roll_next(f->roll, &from, &arena, &asked, &number, &more, e));
        if (!more) return OK;
        ++*lines;
        if (asked.network == NULL) continue;
        struct survey_walk walk = survey_network_begin(asked.network);
        for (--*lines; survey_network_next(f->world, &walk, &part);) ++*lines;
    }
    return OK;
}

static enum error_code part_gather(struct part *p, size_t *cursor, bool *more, struct error *e) {
    p->servers = arena_new(&p->arena, struct asked_for, ASKED_MOST);
    p->questions = arena_new(&p->arena, struct question, ASKED_MOST);
    assert(p->servers != NULL && p->questions != NULL); /* the space is far larger */
    for (*more = true; *more && p->question_count < ASKED_MOST - LIMIT_INVENTORY_NAMES;) {
        struct survey_asked asked;
        struct arena before = p->arena;
        size_t count = p->question_count;
        uint32_t number;
        TRY(survey_roll_next(p->feed->roll, cursor, &p->arena, &asked, &number, more, e));
        if (*more) questions_add(p, &asked, number);
        if (p->question_count == count) p->arena = before;
    }
    return OK;
}

/* Asks for names from *cursor on, and leaves it behind them. */
static enum error_code part_resolve(struct survey_feed *f, size_t *cursor, bool *more,
                                    struct error *e) {
    struct part part = {.feed = f};
    const struct resolve_source source = {question_next, &part};
    const struct resolve_sink sink = {answer_take, &part};
    struct resolve_report report;
    size_t from = *cursor;
    uint64_t lines = 0;
    TRY(arena_space_open(&part.space, PART_ROOM, &part.arena, e));
    enum error_code code = part_gather(&part, cursor, more, e);
    if (code == OK && f->passed_over > 0) code = lines_count(f, from, *cursor, &lines, e);
    bool is_told = lines > 0 && f->passed_over >= lines && !f->wants_all; /* all of it, before */
    if (code == OK && part.question_count > 0 && !is_told)
        code = resolve_run(&f->resolve, &source, &sink, &report, e);
    if (code == OK && !is_told) code = answers_keep(&part, e);
    arena_space_release(&part.space);
    return code;
}

/* ---- judging ---- */

static enum error_code judge(struct survey_feed *f, const struct survey_asked *asked,
                             struct arena arena, struct error *e) {
    struct survey_server server;
    str more = STR_EMPTY;
    bool is_told = f->passed_over > 0;
    f->passed_over -= is_told;
    if (is_told && !f->wants_all) return OK;
    TRY(survey_ask(f->judge, asked, &arena, &server, e));
    if (f->also != NULL) TRY(f->also(f->owner, &server, &more, e));
    if (f->writer != NULL && !is_told) survey_writer_add(f->writer, &server, more);
    return OK;
}

static enum error_code network_judge(struct survey_feed *f, const struct survey_asked *asked,
                                     struct arena arena, struct error *e) {
    struct survey_walk walk = survey_network_begin(asked->network);
    struct geo_network part;
    while (survey_network_next(f->world, &walk, &part)) {
        struct survey_asked one = *asked;
        one.network = &part;
        TRY(judge(f, &one, arena, e));
    }
    return OK;
}

/* Why there is no address, where no resolver says it. */
static void unresolved_say(const struct survey_feed *f, struct survey_asked *asked) {
    bool has_host = asked->name.len > 0 && !asked->is_label;
    if (asked->address_count > 0 || asked->network != NULL || asked->unresolved.len > 0) return;
    asked->unresolved = has_host && !f->resolves ? STR("no resolver was asked")
                                                 : STR("it has neither a host name nor an address");
}

static enum error_code judge_until(struct survey_feed *f, size_t *cursor, size_t end,
                                   struct error *e) {
    while (*cursor < end) {
        struct arena arena = f->arena; /* what a server takes is given back */
        struct survey_asked asked;
        uint32_t number;
        bool more;
        TRY(survey_roll_next(f->roll, cursor, &arena, &asked, &number, &more, e));
        if (!more) return OK;
        unresolved_say(f, &asked);
        TRY(asked.network != NULL ? network_judge(f, &asked, arena, e)
                                  : judge(f, &asked, arena, e));
    }
    return OK;
}

/* ---- probing: many at once, then judged in their order ---- */

struct probed_part {
    struct arena_space space;
    struct arena arena;
    struct survey_asked *servers;
    size_t count;
};

/* Machines of one's own, or those of others: the first addresses of each. */
static size_t probing_add(const struct survey_feed *f, const struct probed_part *p, bool is_own,
                          struct survey_probing *of) {
    size_t count = 0;
    for (size_t i = 0; i < p->count; i++) {
        const struct survey_asked *asked = &p->servers[i];
        size_t most = size_min(asked->address_count, LIMIT_PROBED_ADDRESSES);
        for (size_t k = 0; asked->network == NULL && k < most; k++)
            if (survey_world_is_own(f->world, &asked->addresses[k]) == is_own)
                of[count++] = (struct survey_probing){
                    .address = asked->addresses[k], .host = asked->name, .tag = i};
    }
    return count;
}

static enum error_code part_probe(struct survey_feed *f, struct probed_part *p, struct error *e) {
    struct survey_probing *of =
        arena_new(&p->arena, struct survey_probing, p->count * LIMIT_PROBED_ADDRESSES);
    struct survey_probed **kept = arena_new(&p->arena, struct survey_probed *, p->count);
    if (of == NULL || kept == NULL) return error_set(e, FAIL_MEMORY, "no room for what is probed");
    size_t count = probing_add(f, p, true, of);
    if (f->probes_all) count += probing_add(f, p, false, of + count);
    TRY(survey_probe_all(of, count, &f->probe, &p->arena, e));
    for (size_t i = 0; i < count; i++) {
        size_t at = of[i].tag;
        if (kept[at] == NULL)
            kept[at] = arena_new(&p->arena, struct survey_probed, LIMIT_PROBED_ADDRESSES);
        if (kept[at] == NULL) return error_set(e, FAIL_MEMORY, "no room for what probes showed");
        kept[at][p->servers[at].probed_count++] = of[i].probed;
        p->servers[at].probed = kept[at];
    }
    return OK;
}

static enum error_code part_take(struct survey_feed *f, struct probed_part *p, size_t *cursor,
                                 bool *more, struct error *e) {
    p->servers = arena_new(&p->arena, struct survey_asked, PROBED_TOGETHER);
    assert(p->servers != NULL); /* the space is far larger */
    for (*more = true; *more && p->count < PROBED_TOGETHER;) {
        struct survey_asked *asked = &p->servers[p->count];
        uint32_t number;
        TRY(survey_roll_next(f->roll, cursor, &p->arena, asked, &number, more, e));
        unresolved_say(f, asked);
        p->count += *more;
    }
    TRY(part_probe(f, p, e));
    for (size_t i = 0; i < p->count; i++)
        TRY(p->servers[i].network != NULL ? network_judge(f, &p->servers[i], f->arena, e)
                                          : judge(f, &p->servers[i], f->arena, e));
    return OK;
}

static enum error_code probe_and_judge(struct survey_feed *f, struct error *e) {
    size_t cursor = 0;
    for (bool more = true; more;) {
        struct probed_part part = {.count = 0};
        TRY(arena_space_open(&part.space, PART_ROOM, &part.arena, e));
        enum error_code code = part_take(f, &part, &cursor, &more, e);
        arena_space_release(&part.space);
        TRY(code);
    }
    return OK;
}

/* ---- all ---- */

static enum error_code walk_in_parts(struct survey_feed *f, struct error *e) {
    size_t from = 0, to = 0;
    for (bool more = true; more;) {
        TRY(part_resolve(f, &to, &more, e));
        TRY(judge_until(f, &from, to, e));
    }
    return OK;
}

enum error_code survey_feed_walk(struct survey_feed *f, struct error *e) {
    size_t cursor = 0;
    TRY(survey_roll_match(f->roll, e));
    bool asks = f->resolves || f->reverses;
    if (asks && f->resumes) return walk_in_parts(f, e);
    for (bool more = asks; more;) TRY(part_resolve(f, &cursor, &more, e));
    if (asks) TRY(survey_roll_match(f->roll, e));
    cursor = 0;
    if (f->probes) return probe_and_judge(f, e);
    return judge_until(f, &cursor, SIZE_MAX, e);
}
