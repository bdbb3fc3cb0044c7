/* A writer: servers in, a report out, as they come. Text is told at the end, so that its first line can be
 * the answer.
 *
 * A server that is an address and nothing else is written by a thread beside, a block of them at a time, while
 * the caller judges the next block: of a million lines writing is half of the work. Whatever has more to it waits
 * for that thread and is written here, so that the order stays. */
#include <pthread.h>
#include <stdlib.h>

#include "survey/write.h"

enum { SERVER_BYTES_MOST = 1 << 20, WRITER_ROOM = 1 << 30, TOLD_EACH = 100 };

struct told {
    str name, addresses, country, operator_name, why;
};
/* A server of one address, of which nothing is known but that. */
struct bare {
    struct geo_address address;
    const struct survey_judgement *judgement;
};
enum { BLOCK_BARE = 4096 };
struct beside {
    pthread_t thread;
    bool is_running;
    struct bare *blocks[2]; /* one is filled while the other is written */
    size_t filling, filled;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t changed;
    size_t handed; /* entries of the other block still to be written; 0: the thread is idle */
    bool ends;
};
struct survey_writer {
    const struct survey_world *world;
    enum survey_format format;
    bool is_japanese;
    struct report_out *out; /* borrowed */
    struct arena_space space;
    struct arena arena;
    char *line;  /* SERVER_BYTES_MOST */
    str *shared; /* by a judgement's number: its members */
    size_t shared_cap;
    struct survey_tally tally;
    struct report_json json;
    bool is_listed; /* the list of servers is closed */
    struct told told[SURVEY_ANSWER_COUNT][TOLD_EACH];
    enum error_code failed;
    struct error error;
    struct beside beside;
};

static enum error_code no_room(struct error *e) {
    return error_set(e, FAIL_MEMORY, "no room for writing a survey");
}

/* ---- JSON ---- */

/* The members of a judgement: of one that servers share they are written once. */
static str members_of(struct survey_writer *w, const struct survey_judgement *j, char *memory,
                      size_t cap) {
    bool is_shared = j->number > 0;
    if (is_shared && j->number < w->shared_cap && w->shared[j->number].len > 0)
        return w->shared[j->number];
    struct text text = text_into(memory, cap);
    survey_json_judgement(w->world, j, w->is_japanese, &text);
    if (text.overflow || !is_shared) return text.overflow ? STR_EMPTY : text_str(&text);
    if (j->number >= w->shared_cap) {
        size_t cap_new = size_max(1024, w->shared_cap * 2);
        while (cap_new <= j->number) cap_new *= 2;
        str *larger = arena_new(&w->arena, str, cap_new);
        if (larger == NULL) return text_str(&text);
        if (w->shared_cap > 0) memcpy(larger, w->shared, w->shared_cap * sizeof *larger);
        w->shared = larger;
        w->shared_cap = cap_new;
    }
    struct error ignored;
    error_ignore(
        arena_copy(&w->arena, text_str(&text), &w->shared[j->number], &ignored)); /* again, then */
    return text_str(&text);
}

static void json_add(struct survey_writer *w, const struct survey_server *server, str more) {
    enum { HALF = SERVER_BYTES_MOST / 2 };
    str members = members_of(w, server->judgement, w->line, HALF);
    struct text line = text_into(w->line + HALF, HALF);
    survey_json_server(server, members, more, w->is_japanese, &line);
    if (members.len == 0 || line.overflow) {
        if (w->failed == OK)
            w->failed = error_set(&w->error, FAIL_LIMIT, "server \"%.*s\" takes more than %d bytes",
                                  STR_FMT(str_slice(server->name, 0, 80)), HALF);
        return;
    }
    if (w->format == SURVEY_JSON) {
        report_json_raw(&w->json, text_str(&line));
        return;
    }
    text_add_char(&line, '\n');
    report_add(w->out, text_str(&line));
}

/* ---- text ---- */

/* At most so many bytes, and no part of a character. */
static str text_cut(str text, size_t most) {
    if (text.len <= most) return text;
    while (most > 0 && ((unsigned char)text.at[most] & 0xc0) == 0x80) most--;
    return str_slice(text, 0, most);
}

static void told_add(struct survey_writer *w, const struct survey_server *server) {
    const struct survey_judgement *j = server->judgement;
    uint64_t before = w->tally.answers[j->answer] - 1;
    if (before >= TOLD_EACH) return;
    struct told *told = &w->told[j->answer][before];
    struct error ignored;
    char text[GEO_TEXT_BYTES] = "";
    str why = STR_EMPTY;
    if (server->network != NULL) geo_network_write(server->network, text);
    if (server->network == NULL && server->address_count > 0)
        geo_address_write(&server->addresses[0], text);
    for (size_t i = 0; i < j->evidence_count && why.len == 0; i++)
        if (j->evidence[i].method == j->grounds && j->evidence[i].about == SURVEY_ABOUT_PLACE)
            why = j->evidence[i].says;
    if (j->conflict_count > 0) why = j->conflicts[0].says;
    if (why.len == 0) why = server->unresolved;
    for (size_t i = 0; i < j->evidence_count && why.len == 0; i++)
        if (j->evidence[i].about == SURVEY_ABOUT_PLACE) why = j->evidence[i].says;
    error_ignore(
        arena_copy(&w->arena, server->name, &told->name, &ignored)); /* a cell stays empty */
    error_ignore(arena_format(&w->arena, &told->addresses, &ignored, "%s%s", text,
                              server->network == NULL && server->address_count > 1 ? " …" : ""));
    error_ignore(arena_format(&w->arena, &told->country, &ignored, "%.2s",
                              j->country_count > 0 ? j->countries[0].country.at : "- "));
    error_ignore(
        arena_copy(&w->arena, str_slice(j->operator_name, 0, 32), &told->operator_name, &ignored));
    char phrase[SURVEY_PHRASE_BYTES];
    why = survey_phrase(why, w->is_japanese ? STR("ja") : STR("en"), phrase, sizeof phrase);
    error_ignore(
        arena_copy(&w->arena, text_cut(why, w->is_japanese ? 200 : 100), &told->why, &ignored));
}

static enum error_code told_write(struct survey_writer *w, enum survey_answer answer,
                                  struct error *e) {
    static const char *const heads[2][5] = {
        {"name", "address", "country", "operator", "how we know"},
        {"名前", "アドレス", "国", "運用者", "根拠"},
    };
    size_t count = (size_t)u64_min(w->tally.answers[answer], TOLD_EACH);
    struct report_table table;
    if (count == 0) return OK;
    report_format(w->out, "\n%s: %llu\n",
                  survey_answer_word(answer, w->is_japanese ? STR("ja") : STR("en")),
                  (unsigned long long)w->tally.answers[answer]);
    TRY(report_table_open(&table, heads[w->is_japanese], COUNT_OF(heads[0]), count, &w->arena, e));
    for (size_t i = 0; i < count; i++) {
        const struct told *told = &w->told[answer][i];
        str cells[] = {told->name, told->addresses, told->country, told->operator_name, told->why};
        TRY(report_table_row(&table, cells, e));
    }
    report_table_write(&table, w->out);
    if (w->tally.answers[answer] > TOLD_EACH)
        report_format(w->out,
                      w->is_japanese ? "ほか %llu 件。--format jsonl で全件を出力\n"
                                     : "and %llu more; --format jsonl tells them all\n",
                      (unsigned long long)(w->tally.answers[answer] - TOLD_EACH));
    return OK;
}

static enum error_code text_write(struct survey_writer *w, struct error *e) {
    size_t count;
    if (w->is_japanese)
        survey_text_first_ja(w->world, &w->tally, w->out);
    else
        survey_text_first(w->world, &w->tally, w->out);
    TRY(told_write(w, SURVEY_OUTSIDE, e));
    TRY(told_write(w, SURVEY_MANY, e));
    TRY(told_write(w, SURVEY_UNDETERMINED, e));
    TRY(told_write(w, SURVEY_INSIDE, e));
    const struct geo_edition *editions = survey_world_editions(w->world, &count);
    report_add_c(w->out, count == 0 ? "" : w->is_japanese ? "\n出典:\n" : "\nsources:\n");
    for (size_t i = 0; i < count; i++)
        report_format(w->out, "  %.*s%s%.*s%s%.*s\n", STR_FMT(editions[i].name),
                      editions[i].date.len > 0 ? " " : "", STR_FMT(editions[i].date),
                      editions[i].attribution.len > 0 ? ": " : "",
                      STR_FMT(editions[i].attribution));
    const str *warnings = survey_world_warnings(w->world, &count);
    for (size_t i = 0; i < count; i++) {
        char memory[SURVEY_PHRASE_BYTES];
        str phrase = survey_phrase(warnings[i], w->is_japanese ? STR("ja") : STR("en"), memory,
                                   sizeof memory);
        report_format(w->out, "%s%s: %.*s\n", i == 0 ? "\n" : "", w->is_japanese ? "注" : "note",
                      STR_FMT(phrase));
    }
    return OK;
}

/* ---- any ---- */

static void server_write(struct survey_writer *w, const struct survey_server *server, str more) {
    survey_tally_add(&w->tally, server);
    switch (w->format) {
    case SURVEY_JSON:
    case SURVEY_JSONL: json_add(w, server, more); return;
    case SURVEY_CSV: survey_csv_server(server, w->out); return;
    default: told_add(w, server); return;
    }
}

/* ---- the thread beside ---- */

static void bare_write(struct survey_writer *w, const struct bare *bare) {
    const struct survey_server server = {
        .addresses = &bare->address, .address_count = 1, .judgement = bare->judgement};
    server_write(w, &server, STR_EMPTY);
}

static void *blocks_write(void *context) {
    struct survey_writer *w = context;
    struct beside *b = &w->beside;
    pthread_mutex_lock(&b->lock);
    for (;;) {
        while (b->handed == 0 && !b->ends) pthread_cond_wait(&b->changed, &b->lock);
        if (b->handed == 0) break;
        const struct bare *block = b->blocks[1 - b->filling];
        size_t count = b->handed;
        pthread_mutex_unlock(&b->lock);
        for (size_t i = 0; i < count; i++) bare_write(w, &block[i]);
        pthread_mutex_lock(&b->lock);
        b->handed = 0;
        pthread_cond_signal(&b->changed);
    }
    pthread_mutex_unlock(&b->lock);
    return NULL;
}

/* Without a thread everything is written where it is added. */
static void beside_begin(struct survey_writer *w) {
    struct beside *b = &w->beside;
    for (size_t i = 0; i < 2; i++) b->blocks[i] = arena_new(&w->arena, struct bare, BLOCK_BARE);
    assert(b->blocks[0] != NULL && b->blocks[1] != NULL);
    pthread_mutex_init(&b->lock, NULL);
    pthread_cond_init(&b->changed, NULL);
    b->is_running = pthread_create(&b->thread, NULL, blocks_write, w) == 0;
}

/* Hands over what was filled; with `all` waits until it is written too. */
static void beside_hand(struct survey_writer *w, bool all) {
    struct beside *b = &w->beside;
    pthread_mutex_lock(&b->lock);
    while (b->handed > 0) pthread_cond_wait(&b->changed, &b->lock);
    b->filling = 1 - b->filling;
    b->handed = b->filled;
    b->filled = 0;
    pthread_cond_signal(&b->changed);
    while (all && b->handed > 0) pthread_cond_wait(&b->changed, &b->lock);
    pthread_mutex_unlock(&b->lock);
}

static void beside_end(struct survey_writer *w) {
    struct beside *b = &w->beside;
    if (b->is_running) {
        beside_hand(w, true);
        pthread_mutex_lock(&b->lock);
        b->ends = true;
        pthread_cond_signal(&b->changed);
        pthread_mutex_unlock(&b->lock);
        pthread_join(b->thread, NULL);
        b->is_running = false;
    }
    pthread_cond_destroy(&b->changed);
    pthread_mutex_destroy(&b->lock);
}

static bool is_bare(const struct survey_server *server) {
    return server->judgement->number > 0 && server->address_count == 1 && server->name.len == 0 &&
           server->network == NULL && server->alias_count == 0 && server->named_count == 0 &&
           server->reverse_count == 0 && server->listing_count == 0 &&
           server->unresolved.len == 0 && server->declared.by.len == 0;
}

void survey_writer_add(struct survey_writer *w, const struct survey_server *server, str more) {
    struct beside *b = &w->beside;
    if (!b->is_running) {
        server_write(w, server, more);
        return;
    }
    if (more.len > 0 || !is_bare(server)) {
        beside_hand(w, true);
        server_write(w, server, more);
        return;
    }
    b->blocks[b->filling][b->filled++] = (struct bare){server->addresses[0], server->judgement};
    if (b->filled == BLOCK_BARE) beside_hand(w, false);
}

/* ---- opening and closing ---- */

enum error_code survey_writer_open(const struct survey_world *world, enum survey_format format,
                                   str language, struct report_out *out,
                                   struct survey_writer **writer, struct error *e) {
    struct survey_writer *w = calloc(1, sizeof *w);
    if (w == NULL) return no_room(e);
    w->world = world;
    w->format = format;
    w->is_japanese = str_equal(language, STR("ja"));
    w->out = out;
    enum error_code code = arena_space_open(&w->space, WRITER_ROOM, &w->arena, e);
    if (code != OK) {
        free(w);
        return code;
    }
    w->line = arena_bytes(&w->arena, SERVER_BYTES_MOST);
    assert(w->line != NULL);
    if (format == SURVEY_CSV) survey_csv_head(out);
    if (format == SURVEY_JSON) {
        w->json = report_json_begin(out, 1);
        report_json_object(&w->json);
        report_json_put_c(&w->json, "format", "azekura-survey/1");
        report_json_put(&w->json, "home", geo_country_str(&world->home));
        report_json_put_time(&w->json, "at", world->at_ns);
        report_json_key(&w->json, "servers");
        report_json_array(&w->json);
    }
    beside_begin(w);
    *writer = w;
    return OK;
}

const struct survey_tally *survey_writer_tally(struct survey_writer *w) {
    if (w->beside.is_running) beside_hand(w, true);
    return &w->tally;
}

struct report_json *survey_writer_members(struct survey_writer *w) {
    if (w->format != SURVEY_JSON) return NULL;
    if (w->beside.is_running) beside_hand(w, true);
    if (!w->is_listed) {
        report_json_array_end(&w->json);
        w->is_listed = true;
    }
    return &w->json;
}

enum error_code survey_writer_close(struct survey_writer *w, struct error *e) {
    beside_end(w);
    enum error_code code = w->failed;
    if (code != OK) *e = w->error;
    if (survey_writer_members(w) != NULL) {
        survey_json_tally(w->world, &w->tally, w->is_japanese, &w->json);
        report_json_object_end(&w->json);
        report_add_c(w->out, "\n");
    }
    if (code == OK && w->format == SURVEY_TEXT) code = text_write(w, e);
    arena_space_release(&w->space);
    free(w);
    return code;
}
