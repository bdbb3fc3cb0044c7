/* Facts: layers, paths, and how people write them. */
#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "rulebook/value/value.h"

/* ---- finding ---- */

static int compare_facts(const void *a, const void *b) {
    return str_compare(((const struct rulebook_fact *)a)->path,
                       ((const struct rulebook_fact *)b)->path);
}

void rulebook_facts_sort(struct rulebook_fact *facts, size_t count) {
    if (count > 1) qsort(facts, count, sizeof *facts, compare_facts);
}

static const struct rulebook_value *find_exact(const struct rulebook_fact *at, size_t count,
                                               str path) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_compare(at[middle].path, path);
        if (order == 0) return &at[middle].value;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const struct rulebook_value *rulebook_record_find(const struct rulebook_record *record, str path) {
    const struct rulebook_value *found = find_exact(record->at, record->count, path);
    /* "keys.holder.name": the record "keys.holder" has a field "name" */
    for (size_t i = path.len; found == NULL && i-- > 1;) {
        if (path.at[i] != '.') continue;
        const struct rulebook_value *outer =
            find_exact(record->at, record->count, str_slice(path, 0, i));
        if (outer == NULL) continue;
        if (outer->kind != RULEBOOK_RECORD) return NULL;
        return rulebook_record_find(outer->list.at, str_skip(path, i + 1));
    }
    return found;
}

const struct rulebook_value *rulebook_facts_find(const struct rulebook_facts *facts, str path) {
    for (; facts != NULL; facts = facts->next) {
        struct rulebook_record layer = {facts->at, facts->count};
        const struct rulebook_value *found = rulebook_record_find(&layer, path);
        if (found != NULL) return found;
    }
    return NULL;
}

str facts_name_read(const struct rulebook_facts *facts, str path, str brief) {
    bool is_brief = brief.len > 0 && rulebook_facts_find(facts, path) == NULL &&
                    rulebook_facts_find(facts, brief) != NULL;
    return is_brief ? brief : path;
}

/* ---- paths ---- */

static const str roots[] = {
    {"act", 3},       {"changes", 7}, {"contract", 8},  {"contracts", 9}, {"copies", 6},
    {"change", 6},    {"dataset", 7}, {"derived", 7},   {"documents", 9}, {"drill", 5},
    {"drills", 6},    {"entity", 6},  {"equipment", 9}, {"far", 3},       {"incident", 8},
    {"incidents", 9}, {"keys", 4},    {"list", 4},      {"log", 3},       {"logs", 4},
    {"measure", 7},   {"network", 7}, {"operator", 8},  {"param", 5},     {"place", 5},
    {"plan", 4},      {"plans", 5},   {"reader", 6},    {"request", 7},   {"requests", 8},
    {"reviews", 7},   {"service", 7}, {"site", 4},      {"session", 7},   {"sessions", 8},
    {"supplies", 8},  {"supply", 6},  {"system", 6},    {"time", 4},      {"transfer", 8},
    {"transfers", 9},
};

static bool is_path_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '/';
}

enum error_code rulebook_path_check(str path, struct error *e) {
    bool was_dot = true;
    for (size_t i = 0; i < path.len; i++) {
        bool is_dot = path.at[i] == '.';
        if ((is_dot && was_dot) || (!is_dot && !is_path_char(path.at[i])))
            return error_set(e, FAIL_SYNTAX, "expected the path of a fact, found \"%.*s\"",
                             STR_FMT(path));
        was_dot = is_dot;
    }
    if (was_dot)
        return error_set(e, FAIL_SYNTAX, "expected the path of a fact, found \"%.*s\"",
                         STR_FMT(path));
    str rest = path, head;
    str root = str_cut(&rest, '.', &head) ? head : path;
    for (size_t i = 0; i < COUNT_OF(roots); i++)
        if (str_equal(root, roots[i])) return OK;
    return error_set(
        e, FAIL_SYNTAX,
        "expected a path that begins with act, operator, dataset, copies, place, "
        "reader, far, entity, contract, supply, equipment, keys, system, service, "
        "network, documents, reviews, measure, time or a record's kind, found \"%.*s\"",
        STR_FMT(path));
}

/* ---- values from nodes ---- */

struct value_reader {
    struct arena *arena;
    struct error *e;
};

static enum error_code read_value(struct value_reader *r, const struct doc_node *node,
                                  struct rulebook_value *out);

static enum error_code no_room(struct error *e) {
    return error_set(e, FAIL_MEMORY, "no room for the facts");
}

static enum error_code read_scalar(struct value_reader *r, const struct doc_node *node,
                                   struct rulebook_value *out) {
    if (!node->quoted) {
        if (node->text.len == 0 || str_equal(node->text, STR("null")) ||
            str_equal(node->text, STR("unknown"))) {
            *out = value_unknown;
            return OK;
        }
        if (str_equal(node->text, STR("withheld"))) {
            *out = (struct rulebook_value){.kind = RULEBOOK_WITHHELD, .by = RULEBOOK_BY_DECLARED};
            return OK;
        }
        if (str_equal(node->text, STR("true")) || str_equal(node->text, STR("false"))) {
            *out = rulebook_yes_no(node->text.at[0] == 't');
            return OK;
        }
    }
    str text = node->text;
    if (!node->quoted) TRY(doc_code(node, &text, r->e));
    *out = value_of_text(text);
    return OK;
}

static enum error_code read_record(struct value_reader *r, const struct doc_node *map,
                                   struct rulebook_record *out) {
    struct rulebook_fact *fields = arena_new(r->arena, struct rulebook_fact, map->count);
    if (fields == NULL) return no_room(r->e);
    for (size_t i = 0; i < map->count; i++) {
        fields[i].path = map->keys[i]->text;
        TRY(read_value(r, map->items[i], &fields[i].value));
    }
    rulebook_facts_sort(fields, map->count);
    *out = (struct rulebook_record){fields, map->count};
    return OK;
}

static enum error_code read_items(struct value_reader *r, const struct doc_node *list,
                                  struct rulebook_value *out) {
    *out = (struct rulebook_value){.by = RULEBOOK_BY_DECLARED, .since_ns = RULEBOOK_EVER};
    if (list->count > 0 && list->items[0]->kind == DOC_SCALAR) {
        str *items = arena_new(r->arena, str, list->count);
        if (items == NULL) return no_room(r->e);
        for (size_t i = 0; i < list->count; i++) {
            TRY(doc_want(list->items[i], DOC_SCALAR, "text like the items before", r->e));
            TRY(doc_code(list->items[i], &items[i], r->e));
        }
        out->kind = RULEBOOK_SET;
        out->set.at = items;
        out->set.count = rulebook_items_sort(items, list->count);
        return OK;
    }
    struct rulebook_record *records = arena_new(r->arena, struct rulebook_record, list->count);
    if (records == NULL) return no_room(r->e);
    for (size_t i = 0; i < list->count; i++) {
        TRY(doc_want(list->items[i], DOC_MAP, i == 0 ? "text or a map" : "a map", r->e));
        TRY(read_record(r, list->items[i], &records[i]));
    }
    out->kind = RULEBOOK_LIST;
    out->open = true;
    out->list.at = records;
    out->list.count = list->count;
    return OK;
}

static const str value_keys[] = {{"value", 5}, {"items", 5}, {"complete", 8}, {"as_of", 5},
                                 {"by", 2},    {"since", 5}, {"until", 5},    {"source", 6}};

static bool is_value_map(const struct doc_node *map) {
    bool has_value = false;
    for (size_t i = 0; i < map->count; i++) {
        size_t k = 0;
        while (k < COUNT_OF(value_keys) && !str_equal(map->keys[i]->text, value_keys[k])) k++;
        if (k == COUNT_OF(value_keys)) return false;
        if (k < 2) has_value = true;
    }
    return has_value;
}

static enum error_code read_provenance(struct value_reader *r, const struct doc_node *map,
                                       struct rulebook_value *v) {
    const struct doc_node *at = doc_map_find(map, STR("by"));
    if (at != NULL) {
        str name;
        TRY(doc_text(at, &name, r->e));
        if (!rulebook_by_find(name, &v->by))
            return doc_expected(at, r->e, "declared, document, inspected, measured or computed");
    }
    at = doc_map_find(map, STR("since"));
    if (at != NULL) TRY(doc_time_ns(at, &v->since_ns, r->e));
    at = doc_map_find(map, STR("until"));
    if (at != NULL) TRY(doc_time_ns(at, &v->until_ns, r->e));
    at = doc_map_find(map, STR("as_of"));
    if (at != NULL) TRY(doc_time_ns(at, &v->as_of_ns, r->e));
    at = doc_map_find(map, STR("source"));
    if (at != NULL) TRY(doc_text(at, &v->source, r->e));
    at = doc_map_find(map, STR("complete"));
    if (at == NULL) return OK;
    bool complete;
    TRY(doc_bool(at, &complete, r->e));
    if (v->kind != RULEBOOK_SET && v->kind != RULEBOOK_LIST)
        return doc_expected(at, r->e, "`complete` only beside `items`");
    v->open = !complete;
    return OK;
}

static enum error_code read_value(struct value_reader *r, const struct doc_node *node,
                                  struct rulebook_value *out) {
    if (node->kind == DOC_SCALAR) return read_scalar(r, node, out);
    if (node->kind == DOC_LIST) return read_items(r, node, out);
    const struct doc_node *items = doc_map_find(node, STR("items"));
    if (is_value_map(node)) {
        if (items != NULL) {
            TRY(doc_want(items, DOC_LIST, "a list", r->e));
            if (doc_map_find(node, STR("value")) != NULL)
                return doc_error(node, r->e, "expected `value` or `items`, found both");
            TRY(read_items(r, items, out));
        } else {
            TRY(read_value(r, doc_map_find(node, STR("value")), out));
        }
        return read_provenance(r, node, out);
    }
    struct rulebook_record *record = arena_new(r->arena, struct rulebook_record, 1);
    if (record == NULL) return no_room(r->e);
    TRY(read_record(r, node, record));
    *out = (struct rulebook_value){
        .kind = RULEBOOK_RECORD, .by = RULEBOOK_BY_DECLARED, .since_ns = RULEBOOK_EVER};
    out->list.at = record;
    out->list.count = 1;
    return OK;
}

enum error_code rulebook_value_of(const struct doc_node *node, struct arena *arena,
                                  struct arena scratch, struct rulebook_value *out,
                                  struct error *e) {
    (void)scratch;
    struct value_reader r = {arena, e};
    struct rulebook_value value;
    TRY(read_value(&r, node, &value));
    *out = value;
    return OK;
}

enum error_code rulebook_value_read(str file, str text, struct arena *arena, struct arena scratch,
                                    struct rulebook_value *out, struct error *e) {
    text = str_trim(text);
    bool is_json = text.len > 0 && (text.at[0] == '[' || text.at[0] == '{');
    bool is_quoted = text.len >= 2 && text.at[0] == '"' && text.at[text.len - 1] == '"';
    if (is_json) {
        struct doc doc;
        TRY(doc_read_yaml(file, text, arena, scratch, &doc, e));
        if (doc.count != 1)
            return error_set(e, FAIL_SYNTAX, "%.*s: expected one value", STR_FMT(file));
        return rulebook_value_of(doc.documents[0], arena, scratch, out, e);
    }
    str copy;
    if (is_quoted) {
        TRY(arena_copy(arena, str_slice(text, 1, text.len - 2), &copy, e));
        *out = rulebook_text(copy);
        return OK;
    }
    TRY(arena_copy(arena, text, &copy, e));
    struct doc_node node = {
        .kind = DOC_SCALAR, .line = 1, .column = 1, .file = &file, .text = copy};
    return rulebook_value_of(&node, arena, scratch, out, e);
}

/* ---- a map of facts ---- */

static size_t count_facts(const struct doc_node *map) {
    size_t count = 0;
    for (size_t i = 0; i < map->count; i++) {
        const struct doc_node *value = map->items[i];
        count += value->kind == DOC_MAP && !is_value_map(value) ? count_facts(value) : 1;
    }
    return count;
}

struct facts_reader {
    struct value_reader value;
    struct rulebook_fact *facts;
    size_t count;
};

static enum error_code read_facts(struct facts_reader *r, const struct doc_node *map, str prefix) {
    struct error *e = r->value.e;
    for (size_t i = 0; i < map->count; i++) {
        str path = map->keys[i]->text;
        if (prefix.len > 0)
            TRY(arena_format(r->value.arena, &path, e, "%.*s.%.*s", STR_FMT(prefix),
                             STR_FMT(map->keys[i]->text)));
        const struct doc_node *value = map->items[i];
        if (value->kind == DOC_MAP && !is_value_map(value)) {
            TRY(read_facts(r, value, path));
            continue;
        }
        struct error why;
        if (rulebook_path_check(path, &why) != OK)
            return doc_error(map->keys[i], e, "%s", why.message);
        r->facts[r->count].path = path;
        TRY(read_value(&r->value, value, &r->facts[r->count].value));
        r->count++;
    }
    return OK;
}

enum error_code rulebook_facts_of(const struct doc_node *map, struct arena *arena,
                                  struct arena scratch, struct rulebook_facts *out,
                                  struct error *e) {
    (void)scratch;
    TRY(doc_want(map, DOC_MAP, "a map of facts", e));
    size_t count = count_facts(map);
    struct facts_reader r = {.value = {arena, e},
                             .facts = arena_new(arena, struct rulebook_fact, count)};
    if (r.facts == NULL) return no_room(e);
    TRY(read_facts(&r, map, STR_EMPTY));
    assert(r.count == count);
    rulebook_facts_sort(r.facts, r.count);
    for (size_t i = 1; i < r.count; i++)
        if (str_equal(r.facts[i - 1].path, r.facts[i].path))
            return doc_error(map, e, "expected each fact once, found \"%.*s\" again",
                             STR_FMT(r.facts[i].path));
    *out = (struct rulebook_facts){r.facts, r.count, NULL};
    return OK;
}
