/* A rulebook file: documents, their keys, and the clauses in them. Clauses are read in clause.c,
 * obligations in oblige.c, named sets and the like in names.c. */
#include "rulebook/read/file.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/limits.h"

/* ---- shared helpers ---- */

enum error_code file_warn(struct file_reader *r, const struct doc_node *at, const char *format,
                          ...) {
    char what[512], place[160];
    va_list values;
    va_start(values, format);
    vsnprintf(what, sizeof what, format, values);
    va_end(values);
    if (r->warning_count == r->warning_room) return OK; /* the first hundreds say enough */
    return arena_format(r->arena, &r->warnings[r->warning_count++].text, r->e, "%s: %s",
                        doc_place(at, place, sizeof place), what);
}

enum error_code file_optional_text(struct file_reader *r, const struct doc_node *map, str key,
                                   str *out) {
    const struct doc_node *node = doc_map_find(map, key);
    return node == NULL ? OK : doc_text(node, out, r->e);
}

enum error_code file_name(struct file_reader *r, const struct doc_node *node, str *out) {
    TRY(doc_code(node, out, r->e));
    if (out->len > LIMIT_RULE_NAME_BYTES)
        return doc_expected(node, r->e, "a name of at most %d bytes", LIMIT_RULE_NAME_BYTES);
    if (str_trim(*out).len != out->len)
        return doc_expected(node, r->e, "a name without blanks at its ends");
    return OK;
}

enum error_code file_codes(struct file_reader *r, const struct doc_node *node, const str **out,
                           size_t *count) {
    size_t room = node->kind == DOC_LIST ? node->count : 1;
    if (node->kind == DOC_MAP) return doc_expected(node, r->e, "a list of texts");
    if (room == 0) return doc_error(node, r->e, "expected a list of texts, found an empty one");
    str *items = arena_new(r->arena, str, room);
    if (items == NULL) return error_set(r->e, FAIL_MEMORY, "no room for a rulebook");
    if (node->kind == DOC_SCALAR) {
        TRY(doc_code(node, &items[0], r->e));
    } else {
        for (size_t i = 0; i < room; i++) TRY(doc_code(node->items[i], &items[i], r->e));
    }
    *count = rulebook_items_sort(items, room);
    *out = items;
    return OK;
}

/* "+09:00": where the instrument's days begin. */
bool file_zone_read(str zone, int64_t *offset_ns) {
    char text[40];
    int len = snprintf(text, sizeof text, "1970-01-02T00:00%.*s", STR_FMT(zone));
    int64_t shifted;
    if (zone.len != 6 || len != 22 || !clock_iso_read(str_of(text, (size_t)len), &shifted))
        return false;
    *offset_ns = shifted - 86400 * NS_PER_S;
    return true;
}

enum error_code file_day_or_instant(const struct file_reader *r, const struct doc_node *node,
                                    int64_t zone_ns, int64_t *out) {
    int64_t at_ns;
    TRY(doc_time_ns(node, &at_ns, r->e));
    bool is_day = memchr(node->text.at, 'T', node->text.len) == NULL;
    *out = is_day ? at_ns + zone_ns : at_ns;
    return OK;
}

enum error_code file_span(struct file_reader *r, const struct doc_node *node,
                          struct rulebook_span *out) {
    static const str keys[] = {{"from", 4}, {"until", 5}, {"zone", 4}};
    TRY(doc_map_only(node, keys, COUNT_OF(keys), r->e));
    struct rulebook_span span = {RULEBOOK_EVER, RULEBOOK_ALWAYS};
    int64_t offset_ns = r->rulebook->zone_ns;
    const struct doc_node *at = doc_map_find(node, STR("zone"));
    if (at != NULL && (at->kind != DOC_SCALAR || !file_zone_read(at->text, &offset_ns)))
        return doc_expected(at, r->e, "a zone as +09:00");
    at = doc_map_find(node, STR("from"));
    if (at != NULL) TRY(file_day_or_instant(r, at, offset_ns, &span.from_ns));
    at = doc_map_find(node, STR("until"));
    if (at != NULL) {
        TRY(file_day_or_instant(r, at, offset_ns, &span.until_ns));
        if (span.until_ns <= span.from_ns)
            return doc_expected(at, r->e,
                                "a day after `from` (until is the first day not in force)");
    }
    *out = span;
    return OK;
}

/* Acts are a closed list, and a clause whose act is misspelled would silently never apply. */
static enum error_code check_acts(const struct file_reader *r, const struct doc_node *value) {
    struct rulebook_subject subject;
    size_t count = value->kind == DOC_LIST ? value->count : 1;
    for (size_t i = 0; i < count; i++) {
        const struct doc_node *act = value->kind == DOC_LIST ? value->items[i] : value;
        if (!rulebook_subject_of_act(act->text, &subject))
            return doc_expected(act, r->e, ACT_WORDS);
    }
    return OK;
}

enum error_code file_applies(struct file_reader *r, const struct doc_node *map,
                             const struct applies **out, size_t *count) {
    TRY(doc_want(map, DOC_MAP, "a map of fact paths and the values they may have", r->e));
    struct applies *entries = arena_new(r->arena, struct applies, map->count);
    if (entries == NULL) return error_set(r->e, FAIL_MEMORY, "no room for a rulebook");
    for (size_t i = 0; i < map->count; i++) {
        struct error why;
        const struct doc_node *value = map->items[i];
        entries[i].path = map->keys[i]->text;
        if (rulebook_path_check(entries[i].path, &why) != OK)
            return doc_error(map->keys[i], r->e, "%s", why.message);
        if (value->kind == DOC_SCALAR && str_starts(value->text, STR("$"))) {
            TRY(condition_read_name(&r->scope, value, str_skip(value->text, 1), &entries[i].among,
                                    r->e));
            continue;
        }
        const str *items;
        size_t item_count;
        bool is_yes_no =
            value->kind == DOC_SCALAR && !value->quoted &&
            (str_equal(value->text, STR("true")) || str_equal(value->text, STR("false")));
        if (is_yes_no) {
            items = &value->text;
            item_count = 1;
        } else {
            TRY(file_codes(r, value, &items, &item_count));
            if (str_equal(entries[i].path, STR("act"))) TRY(check_acts(r, value));
        }
        entries[i].among =
            (struct operand){.kind = OPERAND_LITERAL, .value = rulebook_set_of(items, item_count)};
    }
    *out = entries;
    *count = map->count;
    return OK;
}

enum error_code file_title(struct file_reader *r, const struct doc_node *node,
                           struct rulebook_title *out) {
    static const str keys[] = {{"en", 2}, {"ja", 2}};
    if (node->kind == DOC_SCALAR) return doc_text(node, &out->en, r->e);
    TRY(doc_map_only(node, keys, COUNT_OF(keys), r->e));
    TRY(file_optional_text(r, node, keys[0], &out->en));
    return file_optional_text(r, node, keys[1], &out->ja);
}

/* ---- the file ---- */

static enum error_code read_head(struct file_reader *r, const struct doc_node *map) {
    struct rulebook *b = r->rulebook;
    const struct doc_node *at;
    TRY(doc_map_get(map, STR("rulebook"), &at, r->e));
    TRY(file_name(r, at, &b->name));
    if (memchr(b->name.at, '/', b->name.len) != NULL)
        return doc_expected(at, r->e, "a name without \"/\"");
    at = doc_map_find(map, STR("line"));
    if (at != NULL) TRY(file_name(r, at, &b->line));
    TRY(doc_map_get(map, STR("issuer"), &at, r->e));
    TRY(doc_text(at, &b->issuer, r->e));
    TRY(file_optional_text(r, map, STR("addressed_to"), &b->addressed_to));
    TRY(file_optional_text(r, map, STR("superseded_by"), &b->superseded_by));
    at = doc_map_find(map, STR("title"));
    if (at != NULL) TRY(file_title(r, at, &b->title));
    at = doc_map_find(map, STR("in_force"));
    b->in_force = (struct rulebook_span){RULEBOOK_EVER, RULEBOOK_ALWAYS};
    if (at == NULL) return OK;
    const struct doc_node *zone = doc_map_find(at, STR("zone"));
    TRY(file_span(r, at, &b->in_force));
    bool is_zone = zone == NULL || file_zone_read(zone->text, &b->zone_ns);
    assert(is_zone); /* file_span has read it too */
    return OK;
}

static enum error_code read_clauses(struct file_reader *r, const struct doc_node *list) {
    TRY(doc_want(list, DOC_LIST, "a list of clauses", r->e));
    struct rulebook_clause *clauses = arena_new(r->arena, struct rulebook_clause, list->count);
    if (clauses == NULL) return error_set(r->e, FAIL_MEMORY, "no room for a rulebook");
    for (size_t i = 0; i < list->count; i++) {
        clauses[i].rulebook = r->rulebook;
        TRY(file_clause(r, list->items[i], &clauses[i]));
        for (size_t k = 0; k < i; k++)
            if (str_equal(clauses[k].id, clauses[i].id))
                return doc_expected(doc_map_find(list->items[i], STR("id")), r->e,
                                    "an id no other clause has");
    }
    r->rulebook->clauses = clauses;
    r->rulebook->clause_count = list->count;
    return OK;
}

static enum error_code unknown_name(void *self, const struct doc_node *at, str name,
                                    struct error *e) {
    (void)e;
    struct rulebook_more *more = ((struct file_reader *)self)->more;
    bool is_known = more->list_name_count == RULEBOOK_LISTS_MOST;
    for (size_t i = 0; i < more->list_name_count && !is_known; i++)
        is_known = str_equal(more->list_names[i], name);
    if (!is_known) more->list_names[more->list_name_count++] = name;
    struct file_reader *r = self;
    size_t before = r->warning_count;
    TRY(file_warn(r, at,
                  "$%.*s is no set, derived set or parameter of this file: it is read from the "
                  "register's list of that name (fact list.%.*s)",
                  STR_FMT(name), STR_FMT(name)));
    if (r->warning_count > before) r->warnings[before].of_list = true;
    return OK;
}

static enum error_code read_rulebook(struct file_reader *r, const struct doc_node *map,
                                     const struct rulebook **out) {
    static const str keys[] = {{"rulebook", 8},       {"line", 4},     {"issuer", 6},
                               {"addressed_to", 12},  {"title", 5},    {"in_force", 8},
                               {"superseded_by", 13}, {"sets", 4},     {"calendars", 9},
                               {"derived", 7},        {"measures", 8}, {"raises", 6},
                               {"extends", 7},        {"clauses", 7}};
    TRY(doc_want(map, DOC_MAP, "a rulebook", r->e));
    TRY(doc_map_only(map, keys, COUNT_OF(keys), r->e));
    size_t first_warning = r->warning_count;
    r->rulebook = arena_new(r->arena, struct rulebook, 1);
    r->more = arena_new(r->arena, struct rulebook_more, 1);
    if (r->rulebook == NULL || r->more == NULL)
        return error_set(r->e, FAIL_MEMORY, "no room for a rulebook");
    r->rulebook->more = r->more;
    TRY(read_head(r, map));
    r->scope = (struct scope){
        .rulebook = r->rulebook->name, .arena = r->arena, .unknown_name = unknown_name, .self = r};
    TRY(file_names(r, map));
    r->more->node = map;
    r->more->named_at = doc_map_find(map, STR("rulebook"));
    r->more->extends_at = doc_map_find(map, STR("extends"));
    if (r->more->extends_at != NULL) TRY(doc_code(r->more->extends_at, &r->more->extends, r->e));
    const struct doc_node *clauses;
    TRY(doc_map_get(map, STR("clauses"), &clauses, r->e));
    TRY(read_clauses(r, clauses));
    TRY(file_idle(r, map));
    struct sha256 h;
    sha256_begin(&h);
    doc_canonical(map, &h);
    r->rulebook->canonical = sha256_end(&h);
    r->rulebook->warnings = r->warnings + first_warning;
    r->rulebook->warning_count = r->warning_count - first_warning;
    *out = r->rulebook;
    return OK;
}

enum { WARNINGS_MAX = 256 };

enum error_code rulebook_read(str file, str bytes, struct arena *arena, struct arena scratch,
                              struct rulebook_read *out, struct error *e) {
    struct doc doc;
    TRY(doc_read_yaml(file, bytes, arena, scratch, &doc, e));
    struct file_reader r = {.arena = arena, .scratch = &scratch, .e = e};
    const struct rulebook **rulebooks = arena_new(arena, const struct rulebook *, doc.count);
    r.warnings = arena_new(arena, struct rulebook_warning, WARNINGS_MAX);
    r.warning_room = WARNINGS_MAX;
    if (rulebooks == NULL || r.warnings == NULL)
        return error_set(e, FAIL_MEMORY, "no room for a rulebook");
    if (doc.count == 0)
        return error_set(e, FAIL_SYNTAX, "%.*s:1:1: expected a rulebook, found nothing",
                         STR_FMT(file));
    for (size_t i = 0; i < doc.count; i++) {
        TRY(read_rulebook(&r, doc.documents[i], &rulebooks[i]));
        for (size_t k = 0; k < i; k++)
            if (str_equal(rulebooks[k]->name, rulebooks[i]->name))
                return doc_expected(doc_map_find(doc.documents[i], STR("rulebook")), e,
                                    "a name no other rulebook of the file has");
    }
    *out = (struct rulebook_read){rulebooks, doc.count, r.warnings, r.warning_count};
    return OK;
}
