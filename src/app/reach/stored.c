/* Register and rulebooks out of a store, through the door. */
#include "app/reach/stored.h"

#include "app/reach/call.h"
#include "app/rules/rulebooks.h"

#include <stdlib.h>

enum { PAGES_MOST = 4096 };

/* The reply is given back with json_decref. */
static enum error_code ask(const struct stored *s, const char *method, json_t *request,
                           struct arena *arena, json_t **out, struct error *e) {
    struct door_call call = {.data_dir = s->data, .method = str_from_c(method)};
    str reply = STR_EMPTY;
    char *text = json_dumps(request, JSON_COMPACT);
    enum error_code code = text != NULL ? OK : error_set(e, FAIL_USAGE, "a word is not UTF-8");
    json_decref(request);
    call.request = str_from_c(text);
    if (code == OK && s->credentials != NULL)
        code = credentials_read(s->credentials, arena, &call.access_key, &call.secret_key, e);
    if (code == OK) code = door_call(&call, arena, &reply, e);
    free(text);
    if (code != OK) return code;
    *out = json_loadb(reply.at, reply.len, 0, NULL);
    return *out != NULL ? OK : error_set(e, FAIL_INTERNAL, "the answer is not JSON");
}

static const char *text_of(const json_t *row, const char *name) {
    const char *text = json_string_value(json_object_get(row, name));
    return text != NULL ? text : "";
}

/* ---- the register, page by page ---- */

struct page {
    const char *kind, *complete[REGISTER_KIND_COUNT]; /* of kinds so far: as of when */
    str complete_kept[REGISTER_KIND_COUNT];
};

static void kind_end(struct page *p, struct text *out) {
    if (p->kind != NULL) text_add_c(out, "]}");
    p->kind = NULL;
}

static enum error_code kind_begin(struct page *p, const char *kind, struct text *out,
                                  struct error *e) {
    enum register_kind which;
    if (!register_kind_find(str_from_c(kind), &which))
        return error_set(e, FAIL_CORRUPT, "the register has no kind \"%.40s\"", kind);
    text_format(out, "%s\"%s\":{", out->len > 1 ? "," : "", kind);
    str as_of = p->complete_kept[which];
    if (as_of.len > 0) text_format(out, "\"complete\":true,\"as_of\":\"%.*s\",", STR_FMT(as_of));
    text_add_c(out, "\"items\":[");
    p->kind = register_kind_of(which)->key;
    return OK;
}

/* Rows come kind by kind; that a list is complete comes before its rows. */
static enum error_code page_write(struct page *p, const json_t *rows, struct arena *arena,
                                  struct text *out, struct error *e) {
    size_t i;
    json_t *row;
    p->kind = NULL;
    text_add_char(out, '{');
    json_array_foreach(rows, i, row) {
        const char *kind = text_of(row, "kind"), *as_of = text_of(row, "complete_as_of");
        enum register_kind which;
        if (as_of[0] != 0 && register_kind_find(str_from_c(kind), &which))
            TRY(arena_copy(arena, str_from_c(as_of), &p->complete_kept[which], e));
        bool same = p->kind != NULL && strcmp(p->kind, kind) == 0;
        bool first = !same;
        if (!same) kind_end(p, out);
        if (!same) TRY(kind_begin(p, kind, out, e));
        if (as_of[0] != 0) continue;
        bool after_row = !first && out->at[out->len - 1] != '[';
        text_format(out, "%s%s", after_row ? "," : "", text_of(row, "row"));
    }
    kind_end(p, out);
    text_add_char(out, '}');
    return out->overflow ? error_set(e, FAIL_LIMIT, "a page of the register is too long") : OK;
}

static enum error_code pages_read(const struct stored *s, struct arena *arena,
                                  struct register_text *texts, size_t *count, str *digest_hex,
                                  struct error *e) {
    struct page page = {0};
    json_int_t first = 0;
    *count = 0;
    do {
        json_t *request = json_pack("{s:I}", "first", first), *reply;
        char held[CLOCK_TEXT_BYTES];
        clock_iso_write(s->held_ns, held);
        if (s->held_ns != INT64_MAX) json_object_set_new(request, "held", json_string(held));
        TRY(ask(s, "register/read", request, arena, &reply, e));
        size_t room = size_min(arena_left(arena) / 2, LIMIT_DOC_BYTES);
        struct text out = text_into(arena_bytes(arena, room), room);
        enum error_code code =
            *count == PAGES_MOST
                ? error_set(e, FAIL_LIMIT, "a register of too many pages")
                : page_write(&page, json_object_get(reply, "rows"), arena, &out, e);
        if (code == OK)
            texts[(*count)++] = (struct register_text){STR("store.yaml"), text_str(&out)};
        if (code == OK)
            code = arena_copy(arena, str_from_c(text_of(reply, "digest")), digest_hex, e);
        first = json_integer_value(json_object_get(reply, "next"));
        json_decref(reply);
        if (code != OK) return code;
    } while (first > 0);
    return OK;
}

static enum error_code is_whole(const struct register_snapshot *snapshot, str digest_hex,
                                struct error *e) {
    digest is = register_digest(snapshot);
    char hex[2 * DIGEST_BYTES];
    hex_write(is.at, DIGEST_BYTES, hex);
    if (str_equal(digest_hex, str_of(hex, sizeof hex))) return OK;
    return error_set(e, FAIL_CORRUPT,
                     "the store's register did not come whole, or changed meanwhile: ask again");
}

/* ---- inspections ---- */

static enum error_code inspection_take(const json_t *row, struct arena *arena,
                                       struct register_inspected *out, struct error *e) {
    str subject, key;
    *out = (struct register_inspected){
        .agreed = json_is_true(json_object_get(row, "agrees")),
        .since_ns = json_integer_value(json_object_get(row, "since_ns")),
        .until_ns = json_integer_value(json_object_get(row, "until_ns"))};
    TRY(arena_copy(arena, str_from_c(text_of(row, "subject")), &subject, e));
    TRY(arena_copy(arena, str_from_c(text_of(row, "fact")), &out->field, e));
    TRY(arena_copy(arena, str_from_c(text_of(row, "found")), &out->value, e));
    TRY(arena_copy(arena, str_from_c(text_of(row, "source")), &out->source, e));
    out->id = subject;
    if (str_cut(&out->id, '/', &key) && register_kind_find(key, &out->kind)) return OK;
    return error_set(e, FAIL_CORRUPT, "an inspection of \"%.*s\"", STR_FMT(subject));
}

static enum error_code inspections_lay(const struct stored *s, struct register_snapshot *snapshot,
                                       struct arena *arena, struct error *e) {
    json_t *reply, *row;
    size_t i;
    int64_t next_ns;
    TRY(ask(s, "inspect/list", json_object(), arena, &reply, e));
    const json_t *rows = json_object_get(reply, "inspections");
    struct register_inspected *list =
        arena_new(arena, struct register_inspected, json_array_size(rows));
    enum error_code code = list != NULL ? OK : error_set(e, FAIL_MEMORY, "no room for inspections");
    json_array_foreach(rows, i, row) {
        if (code == OK) code = inspection_take(row, arena, &list[i], e);
    }
    if (code == OK)
        code = register_inspect(snapshot, list, json_array_size(rows), s->at_ns, true, arena,
                                &next_ns, e);
    json_decref(reply);
    return code;
}

enum error_code stored_register(const struct stored *s, struct arena *arena,
                                struct register_snapshot **out, struct error *e) {
    struct register_text *texts = arena_new(arena, struct register_text, PAGES_MOST);
    size_t count;
    str hex;
    if (texts == NULL) return error_set(e, FAIL_MEMORY, "no room for a register");
    TRY(pages_read(s, arena, texts, &count, &hex, e));
    TRY(register_load_texts(texts, count, out, NULL, e));
    enum error_code code = is_whole(*out, hex, e);
    if (code == OK) code = inspections_lay(s, *out, arena, e);
    if (code != OK) {
        register_release(*out);
        *out = NULL;
    }
    return code;
}

/* ---- rulebooks ---- */

enum error_code stored_rulebooks(const struct stored *s, struct arena *arena, struct arena scratch,
                                 struct rulebook_set_input *input, struct error *e) {
    const struct rulebook **all = arena_new(arena, const struct rulebook *, RULEBOOKS_MAX);
    json_t *reply, *row;
    size_t i;
    enum error_code code = OK;
    input->rulebook_count = 0;
    if (all == NULL) return error_set(e, FAIL_MEMORY, "no room for rulebooks");
    TRY(ask(s, "rulebook/read", json_object(), arena, &reply, e));
    json_array_foreach(json_object_get(reply, "rulebooks"), i, row) {
        struct rulebook_read read = {0};
        str name, bytes;
        if (code == OK) code = arena_copy(arena, str_from_c(text_of(row, "name")), &name, e);
        if (code == OK) code = arena_copy(arena, str_from_c(text_of(row, "text")), &bytes, e);
        if (code == OK) code = rulebook_read(name, bytes, arena, scratch, &read, e);
        for (size_t k = 0; code == OK && k < read.count; k++) {
            if (input->rulebook_count == RULEBOOKS_MAX)
                code = error_set(e, FAIL_LIMIT, "more than %d rulebooks", RULEBOOKS_MAX);
            else
                all[input->rulebook_count++] = read.rulebooks[k];
        }
    }
    json_decref(reply);
    input->rulebooks = all;
    return code;
}

/* ---- tables of events ---- */

/* One file, whose pieces follow each other; *file is the next one's number, or -1: it was the last. */
static enum error_code events_file(const struct stored *s, json_int_t *file, struct arena *arena,
                                   str *name, str *bytes, struct error *e) {
    const json_int_t number = *file;
    json_int_t at = 0;
    char *room = arena_bytes(arena, LIMIT_DOC_BYTES);
    if (room == NULL) return error_set(e, FAIL_MEMORY, "no room for a table of events");
    struct text out = text_into(room, LIMIT_DOC_BYTES);
    *name = STR_EMPTY;
    while (*file == number) {
        struct arena reply_room = *arena;
        json_t *reply, *request = json_pack("{s:I,s:I}", "file", number, "at", at);
        TRY(ask(s, "events/read", request, &reply_room, &reply, e));
        const json_t *next = json_object_get(reply, "file");
        text_add(&out, str_from_c(text_of(reply, "text")));
        enum error_code code =
            name->len > 0 ? OK : arena_copy(arena, str_from_c(text_of(reply, "name")), name, e);
        *file = next != NULL ? json_integer_value(next) : -1;
        at = json_integer_value(json_object_get(reply, "at"));
        json_decref(reply);
        if (code != OK) return code;
    }
    *bytes = text_str(&out);
    return out.overflow ? error_set(e, FAIL_LIMIT, "a table of events of over %d bytes",
                                    (int)LIMIT_DOC_BYTES)
                        : OK;
}

enum error_code stored_events(const struct stored *s, struct arena *arena, struct arena scratch,
                              struct siting_model *model, bool *is_there, struct error *e) {
    *is_there = false;
    for (json_int_t file = 0; file >= 0;) {
        str name, bytes;
        TRY(events_file(s, &file, arena, &name, &bytes, e));
        if (name.len == 0) return OK;
        *is_there = true;
        TRY(siting_file_read(name, bytes, arena, scratch, model, e));
    }
    return siting_model_check(model, e);
}
