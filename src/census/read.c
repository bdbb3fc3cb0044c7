/* A survey that was written, server by server: {…, "servers": […], …} or a line each. However large it is, one
 * server at a time is held. A file that ends in the middle, or is damaged, gives what stands before that. */
#include "census/reading.h"
#include "census/window.h"

#include <stdlib.h>

enum reading_state { READING_LIST, READING_LINES, READING_OVER };

struct census_reader {
    struct window window;
    struct arena_space space;
    struct arena arena; /* of what the survey says of itself */
    enum reading_state state;
    json_t
        *pending; /* owned; the first of the lines, which had to be read to be told from a head */
    geo_country home;
    struct census_survey survey;
};

#define SURVEY_SPACE ((size_t)64 << 20)

static enum error_code is_none(const struct census_reader *r, const char *why, struct error *e) {
    return error_set(
        e, FAIL_SYNTAX,
        "%s is no survey: %s; expected what `azekura survey --format json` or jsonl wrote",
        r->window.path, why);
}

/* ---- what a survey says of itself ---- */

static enum error_code text_keep(struct census_reader *r, const json_t *value, str *out,
                                 struct error *e) {
    *out = STR_EMPTY;
    if (!json_is_string(value)) return OK;
    return arena_copy(&r->arena, str_of(json_string_value(value), json_string_length(value)), out,
                      e);
}

static enum error_code editions_keep(struct census_reader *r, const json_t *list, struct error *e) {
    size_t count = json_array_size(list);
    struct census_edition *editions = arena_new(&r->arena, struct census_edition, count);
    if (editions == NULL) return error_set(e, FAIL_MEMORY, "no room for editions");
    for (size_t i = 0; i < count; i++) {
        const json_t *one = json_array_get(list, i);
        TRY(text_keep(r, json_object_get(one, "name"), &editions[i].name, e));
        TRY(text_keep(r, json_object_get(one, "date"), &editions[i].date, e));
        TRY(text_keep(r, json_object_get(one, "sha256"), &editions[i].sha256, e));
        TRY(text_keep(r, json_object_get(one, "attribution"), &editions[i].attribution, e));
    }
    r->survey.editions = editions;
    r->survey.edition_count = count;
    return OK;
}

static enum error_code warnings_keep(struct census_reader *r, const json_t *list, struct error *e) {
    size_t count = json_array_size(list);
    str *warnings = arena_new(&r->arena, str, count);
    if (warnings == NULL) return error_set(e, FAIL_MEMORY, "no room for warnings");
    for (size_t i = 0; i < count; i++) TRY(text_keep(r, json_array_get(list, i), &warnings[i], e));
    r->survey.warnings = warnings;
    r->survey.warning_count = count;
    return OK;
}

static enum error_code head_keep(struct census_reader *r, const json_t *head, struct error *e) {
    str at;
    if (json_object_get(head, "home") != NULL) {
        TRY(text_keep(r, json_object_get(head, "home"), &r->survey.home, e));
        (void)geo_country_read(r->survey.home, &r->home); /* else no law is foreign */
    }
    TRY(text_keep(r, json_object_get(head, "at"), &at, e));
    (void)clock_iso_read(at, &r->survey.at_ns); /* else it is not told */
    if (json_object_get(head, "sources") != NULL)
        TRY(editions_keep(r, json_object_get(head, "sources"), e));
    if (json_object_get(head, "warnings") != NULL)
        TRY(warnings_keep(r, json_object_get(head, "warnings"), e));
    return OK;
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

/* One member; those that matter go into `head`. *at_servers: the list of servers begins. */
static enum error_code member_read(struct census_reader *r, json_t *head, bool *whole,
                                   bool *at_servers, struct error *e) {
    struct window *w = &r->window;
    str text;
    char c;
    TRY(window_value(w, &text, whole, e));
    json_t *key = *whole ? json_loadb(text.at, text.len, JSON_DECODE_ANY, NULL) : NULL;
    if (!json_is_string(key)) {
        json_decref(key);
        *whole = false;
        return OK;
    }
    enum error_code code = window_peek(w, &c, e);
    str name = str_of(json_string_value(key), json_string_length(key));
    *whole = code == OK && c == ':';
    if (*whole) {
        window_take(w);
        code = window_peek(w, &c, e);
        *at_servers = code == OK && c == '[' && str_equal(name, STR("servers"));
        if (code == OK && !*at_servers && (is_kept(name) || is_of_a_line(name))) {
            code = window_value(w, &text, whole, e);
            json_t *value =
                code == OK && *whole ? json_loadb(text.at, text.len, JSON_DECODE_ANY, NULL) : NULL;
            *whole = value != NULL;
            if (value != NULL) json_object_set_new(head, json_string_value(key), value);
        } else if (code == OK && !*at_servers)
            code = window_pass(w, whole, e);
    }
    json_decref(key);
    return code;
}

/* Members up to the servers or the object's end. */
static enum error_code members_read(struct census_reader *r, json_t *head, bool *whole,
                                    bool *at_servers, struct error *e) {
    char c;
    *whole = true;
    *at_servers = false;
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
    bool whole, at_servers;
    char c;
    TRY(window_peek(&r->window, &c, e));
    if (c == 0) return is_none(r, "it is empty", e);
    if (c != '{') return is_none(r, "it does not begin with {", e);
    window_take(&r->window);
    json_t *head = json_object();
    enum error_code code = members_read(r, head, &whole, &at_servers, e);
    const char *format = json_string_value(json_object_get(head, "format"));
    bool is_head = format != NULL && strncmp(format, "azekura-survey", 14) == 0,
         is_line = json_is_string(json_object_get(head, "answer"));
    if (code == OK && is_head && strcmp(format, "azekura-survey-form/1") == 0)
        code = is_none(r, "it is a form without its servers, as a merge writes it", e);
    else if (code == OK && !whole)
        code = is_none(r, "it is no JSON, or ends before its servers", e);
    else if (code == OK && !is_line && !is_head && !at_servers)
        code = is_none(r, "it has neither servers nor the answer of one", e);
    if (code == OK) code = head_keep(r, head, e);
    if (code == OK && at_servers) {
        window_take(&r->window);
        r->state = READING_LIST;
    } else if (code == OK) {
        r->state = READING_LINES;
        if (is_line) r->pending = json_incref(head);
    }
    json_decref(head);
    return code;
}

enum error_code reader_over(struct window *window, struct census_reader **out, struct error *e) {
    struct census_reader *r = calloc(1, sizeof *r);
    if (r == NULL) {
        window_close(window);
        return error_set(e, FAIL_MEMORY, "no memory to read a survey");
    }
    r->window = *window;
    r->survey.path = str_from_c(window->path);
    enum error_code code = arena_space_open(&r->space, SURVEY_SPACE, &r->arena, e);
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
    json_decref(r->pending);
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
    json_t *tail = json_object();
    enum error_code code = members_read(r, tail, &whole, &at_servers, e);
    if (code == OK && (!whole || at_servers)) partial(r, "the file ends before its object does");
    if (code == OK) code = head_keep(r, tail, e);
    json_decref(tail);
    return code;
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

static enum error_code next_object(struct census_reader *r, json_t **out, struct error *e) {
    char c;
    bool whole;
    str text;
    *out = r->pending;
    r->pending = NULL;
    if (*out != NULL || r->state == READING_OVER) return OK;
    TRY(window_peek(&r->window, &c, e));
    if (r->state == READING_LIST && c == ',') {
        window_take(&r->window);
        TRY(window_peek(&r->window, &c, e));
    }
    if (c == (r->state == READING_LIST ? ']' : 0)) return finish(r, e);
    if (c != '{') return stop(r, c == 0 ? "the file ends here" : "expected a server", e);
    TRY(window_value(&r->window, &text, &whole, e));
    if (!whole) return stop(r, "the file ends in the middle of a server", e);
    *out = json_loadb(text.at, text.len, JSON_REJECT_DUPLICATES, NULL);
    return *out != NULL ? OK : stop(r, "before this, a server that is no JSON", e);
}

enum error_code census_reader_next(struct census_reader *r, struct arena *arena,
                                   struct survey_server *out, struct census_ruled *ruled,
                                   bool *more, struct error *e) {
    json_t *object;
    struct error own = {0};
    *more = false;
    TRY(next_object(r, &object, e));
    if (object == NULL) return OK;
    enum error_code code = server_read(object, r->home, arena, out, ruled, &own);
    json_decref(object);
    if (code == FAIL_SYNTAX) return stop(r, own.message, e);
    if (code != OK) {
        if (e != NULL) *e = own;
        return code;
    }
    r->survey.servers++;
    *more = true;
    return OK;
}
