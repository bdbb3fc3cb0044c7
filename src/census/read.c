/* A survey that was written, server by server: {…, "servers": […], …} or a line each. However large it is, one
 * server at a time is held. A file that ends in the middle, or is damaged, gives what stands before that. */
#include "census/reading.h"
#include "census/window.h"

#include <stdlib.h>

enum reading_state { READING_LIST, READING_LINES, READING_OVER };

/* Members of an object that are read one by one. One that comes twice counts as it came last. */
enum { MEMBERS_MOST = 32 };
struct members {
    const struct doc_node *keys[MEMBERS_MOST], *values[MEMBERS_MOST];
    size_t count;
};

struct census_reader {
    struct window window;
    struct arena_space space, parse_space;
    struct arena arena; /* of what the survey says of itself */
    struct arena parse; /* of a value's tree; passed by copy, or begun anew */
    struct arena work;  /* what the parser needs beside that */
    enum reading_state state;
    struct members first; /* the first of the lines, which had to be read to be told from a head */
    bool is_pending;
    geo_country home;
    struct census_survey survey;
};

#define SURVEY_SPACE ((size_t)64 << 20)
#define PARSE_SPACE                                                                                \
    ((size_t)768 << 20) /* address space, twice of it: a tree is far larger than its text */

static enum error_code is_none(const struct census_reader *r, const char *why, struct error *e) {
    return error_set(
        e, FAIL_SYNTAX,
        "%s is no survey: %s; expected what `azekura survey --format json` or jsonl wrote",
        r->window.path, why);
}

/* ---- what a survey says of itself ---- */

static const struct doc_node *member_find(const struct members *m, str key) {
    for (size_t i = 0; i < m->count; i++)
        if (str_equal(m->keys[i]->text, key)) return m->values[i];
    return NULL;
}

static bool is_text(const struct doc_node *value) {
    return value != NULL && value->kind == DOC_SCALAR && value->quoted;
}

static enum error_code text_keep(struct census_reader *r, const struct doc_node *value, str *out,
                                 struct error *e) {
    *out = STR_EMPTY;
    return is_text(value) ? arena_copy(&r->arena, value->text, out, e) : OK;
}

static enum error_code editions_keep(struct census_reader *r, const struct doc_node *list,
                                     struct error *e) {
    size_t count = list->kind == DOC_LIST ? list->count : 0;
    struct census_edition *editions = arena_new(&r->arena, struct census_edition, count);
    if (editions == NULL) return error_set(e, FAIL_MEMORY, "no room for editions");
    for (size_t i = 0; i < count; i++) {
        const struct doc_node *one = list->items[i];
        TRY(text_keep(r, doc_map_find(one, STR("name")), &editions[i].name, e));
        TRY(text_keep(r, doc_map_find(one, STR("date")), &editions[i].date, e));
        TRY(text_keep(r, doc_map_find(one, STR("sha256")), &editions[i].sha256, e));
        TRY(text_keep(r, doc_map_find(one, STR("attribution")), &editions[i].attribution, e));
    }
    r->survey.editions = editions;
    r->survey.edition_count = count;
    return OK;
}

static enum error_code warnings_keep(struct census_reader *r, const struct doc_node *list,
                                     struct error *e) {
    size_t count = list->kind == DOC_LIST ? list->count : 0;
    str *warnings = arena_new(&r->arena, str, count);
    if (warnings == NULL) return error_set(e, FAIL_MEMORY, "no room for warnings");
    for (size_t i = 0; i < count; i++) TRY(text_keep(r, list->items[i], &warnings[i], e));
    r->survey.warnings = warnings;
    r->survey.warning_count = count;
    return OK;
}

static enum error_code head_keep(struct census_reader *r, const struct members *head,
                                 struct error *e) {
    const struct doc_node *home = member_find(head, STR("home")),
                          *sources = member_find(head, STR("sources")),
                          *warnings = member_find(head, STR("warnings"));
    str at;
    if (home != NULL) {
        TRY(text_keep(r, home, &r->survey.home, e));
        (void)geo_country_read(r->survey.home, &r->home); /* else no law is foreign */
    }
    TRY(text_keep(r, member_find(head, STR("at")), &at, e));
    (void)clock_iso_read(at, &r->survey.at_ns); /* else it is not told */
    if (sources != NULL) TRY(editions_keep(r, sources, e));
    return warnings != NULL ? warnings_keep(r, warnings, e) : OK;
}

/* ---- members of the document ---- */

static bool is_kept(str key) {
    static const char *const kept[] = {"format", "at", "home", "sources", "warnings", "answer"};
    for (size_t i = 0; i < COUNT_OF(kept); i++)
        if (str_equal(key, str_from_c(kept[i]))) return true;
    return false;
}

static bool is_of_a_line(str key) {
    static const char *const kept[] = {"address",    "addresses",    "name",       "countries",
                                       "operator",   "organisation", "region",     "zone",
                                       "service",    "asn",          "edge",       "law",
                                       "evidence",   "conflicts",    "declared",   "comparison",
                                       "unresolved", "law_known",    "foreign_law"};
    for (size_t i = 0; i < COUNT_OF(kept); i++)
        if (str_equal(key, str_from_c(kept[i]))) return true;
    return false;
}

/* A value's tree; NULL: it is no JSON. It lies in `parse`. */
static enum error_code parse(struct census_reader *r, str text, struct arena *into,
                             const struct doc_node **out, struct error *e) {
    struct doc doc;
    struct error own = {0};
    enum error_code code = doc_read_json_part(r->survey.path, text, 1, into, r->work, &doc, &own);
    *out = code == OK ? doc.documents[0] : NULL;
    if (code != FAIL_MEMORY) return OK;
    if (e != NULL) *e = own;
    return code;
}

static void member_put(struct members *m, const struct doc_node *key,
                       const struct doc_node *value) {
    size_t i = 0;
    while (i < m->count && !str_equal(m->keys[i]->text, key->text)) i++;
    assert(i < MEMBERS_MOST); /* there are fewer names that are kept */
    m->keys[i] = key;
    m->values[i] = value;
    m->count = size_max(m->count, i + 1);
}

/* One member; those that matter go into `head`. *at_servers: the list of servers begins. */
static enum error_code member_read(struct census_reader *r, struct members *head, bool *whole,
                                   bool *at_servers, struct error *e) {
    struct window *w = &r->window;
    const struct doc_node *key = NULL, *value = NULL;
    str text;
    char c;
    TRY(window_value(w, &text, whole, e));
    if (*whole) TRY(parse(r, text, &r->parse, &key, e));
    *whole = is_text(key);
    if (!*whole) return OK;
    TRY(window_peek(w, &c, e));
    *whole = c == ':';
    if (!*whole) return OK;
    window_take(w);
    TRY(window_peek(w, &c, e));
    *at_servers = c == '[' && str_equal(key->text, STR("servers"));
    if (*at_servers) return OK;
    if (!is_kept(key->text) && !is_of_a_line(key->text)) return window_pass(w, whole, e);
    TRY(window_value(w, &text, whole, e));
    if (*whole) TRY(parse(r, text, &r->parse, &value, e));
    *whole = value != NULL;
    if (*whole) member_put(head, key, value);
    return OK;
}

/* Members up to the servers or the object's end. */
static enum error_code members_read(struct census_reader *r, struct members *head, bool *whole,
                                    bool *at_servers, struct error *e) {
    char c;
    *whole = true;
    *at_servers = false;
    *head = (struct members){.count = 0};
    for (;;) {
        TRY(window_peek(&r->window, &c, e));
        if (c == '}') {
            window_take(&r->window);
            return OK;
        }
        if (c == ',') window_take(&r->window);
        TRY(member_read(r, head, whole, at_servers, e));
        if (!*whole || *at_servers) return OK;
    }
}

static void partial(struct census_reader *r, const char *why) {
    str said;
    r->state = READING_OVER;
    r->survey.is_partial = true;
    if (arena_format(&r->arena, &said, NULL, "%s: byte %llu: %s; what stands before it counts",
                     r->window.path, (unsigned long long)window_place(&r->window), why) == OK)
        r->survey.partial = said;
}

/* ---- opening ---- */

static enum error_code begin(struct census_reader *r, struct error *e) {
    struct members *head = &r->first;
    bool whole, at_servers;
    char c;
    TRY(window_peek(&r->window, &c, e));
    if (c == 0) return is_none(r, "it is empty", e);
    if (c != '{') return is_none(r, "it does not begin with {", e);
    window_take(&r->window);
    TRY(members_read(r, head, &whole, &at_servers, e));
    const struct doc_node *format = member_find(head, STR("format"));
    bool is_head = is_text(format) && str_starts(format->text, STR("azekura-survey")),
         is_line = is_text(member_find(head, STR("answer")));
    if (is_head && str_equal(format->text, STR("azekura-survey-form/1")))
        return is_none(r, "it is a form without its servers, as a merge writes it", e);
    if (!whole) return is_none(r, "it is no JSON, or ends before its servers", e);
    if (!is_line && !is_head && !at_servers)
        return is_none(r, "it has neither servers nor the answer of one", e);
    TRY(head_keep(r, head, e));
    if (at_servers) window_take(&r->window);
    r->state = at_servers ? READING_LIST : READING_LINES;
    r->is_pending = is_line && !at_servers;
    return OK;
}

static enum error_code spaces_open(struct census_reader *r, struct error *e) {
    TRY(arena_space_open(&r->space, SURVEY_SPACE, &r->arena, e));
    TRY(arena_space_open(&r->parse_space, 2 * PARSE_SPACE, &r->parse, e));
    r->work = r->parse;
    r->parse.end = r->parse.next + PARSE_SPACE;
    r->work.next = r->parse.end;
    return OK;
}

enum error_code reader_over(struct window *window, struct census_reader **out, struct error *e) {
    struct census_reader *r = calloc(1, sizeof *r);
    if (r == NULL) {
        window_close(window);
        return error_set(e, FAIL_MEMORY, "no memory to read a survey");
    }
    r->window = *window;
    r->survey.path = str_from_c(window->path);
    enum error_code code = spaces_open(r, e);
    if (code == OK) code = begin(r, e);
    if (code == OK)
        *out = r;
    else
        census_reader_close(r);
    return code;
}

enum error_code census_reader_open(const char *path, struct census_reader **out, struct error *e) {
    struct window window;
    TRY(window_open(path, &window, e));
    return reader_over(&window, out, e);
}

void census_reader_close(struct census_reader *r) {
    if (r == NULL) return;
    arena_space_release(&r->parse_space);
    arena_space_release(&r->space);
    window_close(&r->window);
    free(r);
}

const struct census_survey *census_reader_survey(const struct census_reader *r) {
    return &r->survey;
}

/* ---- servers ---- */

/* After the list there may be more that the survey says of itself. */
static enum error_code tail_read(struct census_reader *r, struct error *e) {
    bool whole, at_servers;
    struct members tail;
    TRY(members_read(r, &tail, &whole, &at_servers, e));
    if (!whole || at_servers) partial(r, "the file ends before its object does");
    return head_keep(r, &tail, e);
}

static enum error_code finish(struct census_reader *r, struct error *e) {
    if (r->state == READING_LIST) {
        window_take(&r->window); /* the bracket */
        r->state = READING_OVER;
        TRY(tail_read(r, e));
    }
    r->state = READING_OVER;
    return window_digest(&r->window, &r->survey.sha256, e);
}

static enum error_code stop(struct census_reader *r, const char *why, struct error *e) {
    partial(r, why);
    return window_digest(&r->window, &r->survey.sha256, e);
}

/* The members of the first line as the map that they were. */
static enum error_code pending_take(struct census_reader *r, struct arena *arena,
                                    const struct doc_node **out, struct error *e) {
    const struct members *m = &r->first;
    struct doc_node *map = arena_new(arena, struct doc_node, 1);
    uint32_t *sorted = arena_new(arena, uint32_t, m->count);
    if (map == NULL || sorted == NULL) return error_set(e, FAIL_MEMORY, "no room for a server");
    for (uint32_t i = 0; i < m->count; i++) {
        uint32_t at = i;
        for (; at > 0 && str_compare(m->keys[sorted[at - 1]]->text, m->keys[i]->text) > 0; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = i;
    }
    *map = (struct doc_node){
        .kind = DOC_MAP, .count = m->count, .keys = m->keys, .items = m->values, .sorted = sorted};
    r->is_pending = false;
    *out = map;
    return OK;
}

/* NULL: there is none. Its tree lies in `arena`. */
static enum error_code next_object(struct census_reader *r, struct arena *arena,
                                   const struct doc_node **out, struct error *e) {
    char c;
    bool whole;
    str text;
    *out = NULL;
    if (r->is_pending) return pending_take(r, arena, out, e);
    if (r->state == READING_OVER) return OK;
    TRY(window_peek(&r->window, &c, e));
    if (r->state == READING_LIST && c == ',') {
        window_take(&r->window);
        TRY(window_peek(&r->window, &c, e));
    }
    if (c == (r->state == READING_LIST ? ']' : 0)) return finish(r, e);
    if (c != '{') return stop(r, c == 0 ? "the file ends here" : "expected a server", e);
    TRY(window_value(&r->window, &text, &whole, e));
    if (!whole) return stop(r, "the file ends in the middle of a server", e);
    TRY(parse(r, text, arena, out, e));
    return *out != NULL ? OK : stop(r, "before this, a server that is no JSON", e);
}

enum error_code census_reader_next(struct census_reader *r, struct arena *arena,
                                   struct survey_server *out, struct census_ruled *ruled,
                                   bool *more, struct error *e) {
    const struct doc_node *object;
    struct arena once = r->parse;
    struct error own = {0};
    *more = false;
    TRY(next_object(r, &once, &object, e));
    if (object == NULL) return OK;
    enum error_code code = server_read(object, r->home, arena, out, ruled, &own);
    if (code == FAIL_SYNTAX) return stop(r, own.message, e);
    if (code != OK) {
        if (e != NULL) *e = own;
        return code;
    }
    r->survey.servers++;
    *more = true;
    return OK;
}
