/* YAML to a tree, from libyaml's events.
 *
 * The parser below is a descent over events: a node reads its children, keeps them as a chain in
 * scratch memory until their number is known, and then lays them out as an array in the arena.
 * Of a file that another program reads too (`faults`), what stands before the first fault is kept.
 * Depth is bounded before each step down, nodes are counted, and the file's size is checked first,
 * so that hostile bytes cost at most what an honest file of that size costs. */
#include <yaml.h>

#include "base/limits.h"
#include "doc/build.h"

struct reader {
    yaml_parser_t yaml;
    struct doc_build build;
    const struct doc_faults *faults; /* NULL: the first fault ends the reading */
    bool is_over;                    /* a fault was told: nothing more is read */
    str bytes;                       /* all of it, for what is said of a fault */
    struct error *e;
    bool event_held; /* `event` is to be released */
    yaml_event_t event;
};

static enum error_code fail_at(struct reader *r, yaml_mark_t mark, const char *what) {
    return error_set(r->e, FAIL_SYNTAX, "%.*s:%zu:%zu: %s", STR_FMT(*r->build.file), mark.line + 1,
                     mark.column + 1, what);
}

static void release_event(struct reader *r) {
    if (r->event_held) yaml_event_delete(&r->event);
    r->event_held = false;
}

/* Signs that an input method leaves behind where YAML has its own; NULL: none stands in that line. */
static const char *full_width_in(const struct reader *r, size_t line) {
    static const char *const signs[] = {"：", "　", "，", "、", "［", "］",
                                        "｛", "｝", "＂", "“",  "”"};
    str rest = r->bytes, one = STR_EMPTY;
    size_t at;
    for (size_t i = 0; i <= line; i++)
        if (!str_cut(&rest, '\n', &one)) one = i == line ? rest : STR_EMPTY;
    for (size_t i = 0; i < COUNT_OF(signs); i++)
        if (str_find(one, str_from_c(signs[i]), &at)) return signs[i];
    return NULL;
}

static enum error_code tell_fault(struct reader *r) {
    static const char found[] = "found ";
    const char *problem = r->yaml.problem != NULL ? r->yaml.problem : "not YAML";
    const char *context = r->yaml.context != NULL ? r->yaml.context : "";
    yaml_mark_t mark = r->yaml.problem_mark;
    if (r->yaml.error == YAML_READER_ERROR) mark = r->yaml.mark;
    /* a key without its colon shows only on the line after it */
    if (strstr(context, "a simple key") != NULL) mark = r->yaml.context_mark;
    if (strncmp(problem, found, sizeof found - 1) == 0) problem += sizeof found - 1;
    const char *sign = full_width_in(r, mark.line);
    char what[200];
    snprintf(what, sizeof what, "expected YAML, found: %s%s%s%s%s%s", problem,
             context[0] != '\0' ? " " : "", context, sign != NULL ? " (full-width \"" : "",
             sign != NULL ? sign : "", sign != NULL ? "\" is none of its signs)" : "");
    return fail_at(r, mark, what);
}

static enum error_code next_event(struct reader *r) {
    release_event(r);
    if (yaml_parser_parse(&r->yaml, &r->event)) {
        r->event_held = true;
        return OK;
    }
    if (r->yaml.error == YAML_MEMORY_ERROR)
        return error_set(r->e, FAIL_MEMORY, "%.*s: no memory to read it", STR_FMT(*r->build.file));
    return tell_fault(r);
}

static enum error_code read_node(struct reader *r, unsigned depth, struct doc_node **out);

/* A fault that was told: what was read before it stands. */
static bool is_told(struct reader *r, enum error_code code) {
    if (code != FAIL_SYNTAX || r->faults == NULL) return false;
    r->faults->told(r->faults->self, r->e);
    r->is_over = true;
    return true;
}

/* *more false: the list or map is over, by its end or by a fault. */
static enum error_code next_child(struct reader *r, yaml_event_type_t end, bool *more) {
    *more = false;
    if (r->is_over) return OK;
    enum error_code code = next_event(r);
    if (code != OK) return is_told(r, code) ? OK : code;
    *more = r->event.type != end;
    return OK;
}

/* *out NULL: it was a fault that was told. */
static enum error_code read_child(struct reader *r, unsigned depth, struct doc_node **out) {
    *out = NULL;
    enum error_code code = read_node(r, depth, out);
    if (code == OK || !is_told(r, code)) return code;
    *out = NULL;
    return OK;
}

/* Source: YAML 1.1 10.1 (the repository tag:yaml.org,2002, which says what is plain anyway). */
static bool is_plain_tag(const yaml_char_t *tag) {
    return str_starts(str_from_c((const char *)tag), STR("tag:yaml.org,2002:"));
}

static enum error_code take_decoration(struct reader *r, const yaml_char_t *anchor,
                                       const yaml_char_t *tag, struct doc_node *node) {
    if (r->faults != NULL) {
        node->tagged = tag != NULL && !is_plain_tag(tag);
        return OK;
    }
    if (anchor != NULL)
        return fail_at(r, r->event.start_mark,
                       "expected a value, found an anchor (&): write it out");
    if (tag != NULL)
        return fail_at(r, r->event.start_mark,
                       "expected a value, found a tag (!): all values are text");
    return OK;
}

static enum error_code read_scalar(struct reader *r, struct doc_node *node) {
    TRY(take_decoration(r, r->event.data.scalar.anchor, r->event.data.scalar.tag, node));
    node->kind = DOC_SCALAR;
    node->quoted = r->event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    str text = str_of(r->event.data.scalar.value, r->event.data.scalar.length);
    if (memchr(text.at, 0, text.len) != NULL) /* "\0" in double quotes */
        return fail_at(r, r->event.start_mark, "expected text, found a NUL character in it");
    return arena_copy(r->build.arena, text, &node->text, r->e);
}

static enum error_code read_list(struct reader *r, unsigned depth, struct doc_node *node) {
    TRY(take_decoration(r, r->event.data.sequence_start.anchor, r->event.data.sequence_start.tag,
                        node));
    node->kind = DOC_LIST;
    node->flow = r->event.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
    struct doc_chain items = {0};
    for (bool more;;) {
        TRY(next_child(r, YAML_SEQUENCE_END_EVENT, &more));
        if (!more) break;
        struct doc_node *item;
        TRY(read_child(r, depth + 1, &item));
        if (item != NULL) TRY(doc_chain_add(&r->build, &items, item, r->e));
    }
    node->count = items.count;
    return doc_chain_array(&r->build, &items, &node->items, r->e);
}

/* *key NULL: the map is over. A key whose value cannot be read goes with it. */
static enum error_code read_entry(struct reader *r, unsigned depth, struct doc_node **key,
                                  struct doc_node **value) {
    bool more;
    struct doc_node *name;
    *key = NULL;
    TRY(next_child(r, YAML_MAPPING_END_EVENT, &more));
    if (!more) return OK;
    TRY(read_child(r, depth, &name));
    if (name == NULL || r->is_over) return OK;
    if (name->kind != DOC_SCALAR) {
        enum error_code code = doc_expected(name, r->e, "a key that is text");
        return is_told(r, code) ? OK : code;
    }
    TRY(next_child(r, YAML_NO_EVENT, &more));
    if (!more) return OK;
    TRY(read_child(r, depth, value));
    if (*value != NULL) *key = name;
    return OK;
}

static enum error_code read_map(struct reader *r, unsigned depth, struct doc_node *node) {
    TRY(take_decoration(r, r->event.data.mapping_start.anchor, r->event.data.mapping_start.tag,
                        node));
    node->kind = DOC_MAP;
    node->flow = r->event.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
    struct doc_chain keys = {0}, values = {0};
    for (;;) {
        struct doc_node *key, *value;
        TRY(read_entry(r, depth + 1, &key, &value));
        if (key == NULL) break;
        TRY(doc_chain_add(&r->build, &keys, key, r->e));
        TRY(doc_chain_add(&r->build, &values, value, r->e));
    }
    node->count = keys.count;
    TRY(doc_chain_array(&r->build, &keys, &node->keys, r->e));
    TRY(doc_chain_array(&r->build, &values, &node->items, r->e));
    enum error_code code = doc_map_sort(&r->build, node, r->e);
    if (code != FAIL_SYNTAX || r->faults == NULL) return code;
    r->faults->told(r->faults->self, r->e); /* a key again: all are there, and the map is sorted */
    return OK;
}

/* Reads the node whose first event is at hand. */
static enum error_code read_node(struct reader *r, unsigned depth, struct doc_node **out) {
    yaml_mark_t mark = r->event.start_mark;
    if (depth > LIMIT_DOC_DEPTH)
        return error_set(r->e, FAIL_LIMIT, "%.*s:%zu:%zu: nested deeper than %d",
                         STR_FMT(*r->build.file), mark.line + 1, mark.column + 1, LIMIT_DOC_DEPTH);
    struct doc_node *node = NULL;
    TRY(doc_node_new(&r->build, mark.line + 1, mark.column + 1, &node, r->e));
    switch (r->event.type) {
    case YAML_SCALAR_EVENT: TRY(read_scalar(r, node)); break;
    case YAML_SEQUENCE_START_EVENT: TRY(read_list(r, depth, node)); break;
    case YAML_MAPPING_START_EVENT: TRY(read_map(r, depth, node)); break;
    case YAML_ALIAS_EVENT:
        if (r->faults == NULL)
            return fail_at(r, mark, "expected a value, found an alias (*): write it out");
        node->tagged = true;
        break;
    default: return fail_at(r, mark, "expected a value, found the end of the document");
    }
    *out = node;
    return OK;
}

static enum error_code read_documents(struct reader *r, struct doc *out) {
    struct doc_chain documents = {0};
    for (bool more;;) {
        TRY(next_child(r, YAML_STREAM_END_EVENT, &more));
        if (!more) break;
        if (r->event.type == YAML_STREAM_START_EVENT) continue;
        assert(r->event.type == YAML_DOCUMENT_START_EVENT);
        if (r->event.data.document_start.version_directive != NULL ||
            r->event.data.document_start.tag_directives.start !=
                r->event.data.document_start.tag_directives.end)
            return fail_at(r, r->event.start_mark, "expected a document, found a % directive");
        struct doc_node *root;
        TRY(next_child(r, YAML_NO_EVENT, &more));
        if (!more) break;
        TRY(read_child(r, 1, &root));
        bool is_nothing = root == NULL || (root->kind == DOC_SCALAR && root->text.len == 0 &&
                                           !root->quoted && !root->tagged);
        if (!is_nothing) TRY(doc_chain_add(&r->build, &documents, root, r->e));
        TRY(next_child(r, YAML_NO_EVENT, &more));
        assert(!more || r->event.type == YAML_DOCUMENT_END_EVENT);
    }
    struct doc doc = {.count = documents.count};
    TRY(doc_chain_array(&r->build, &documents, &doc.documents, r->e));
    *out = doc;
    return OK;
}

static enum error_code read_with(str file, str bytes, const struct doc_faults *faults,
                                 struct arena *arena, struct arena scratch, struct doc *out,
                                 struct error *e) {
    struct reader r = {.e = e, .faults = faults};
    TRY(doc_build_begin(&r.build, file, &bytes, arena, &scratch, e));
    if (!yaml_parser_initialize(&r.yaml))
        return error_set(e, FAIL_MEMORY, "%.*s: no memory to read it", STR_FMT(file));
    r.bytes = bytes;
    yaml_parser_set_encoding(&r.yaml, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.yaml, (const unsigned char *)(bytes.at ? bytes.at : ""),
                                 bytes.len);
    enum error_code code = read_documents(&r, out);
    release_event(&r);
    yaml_parser_delete(&r.yaml);
    return code;
}

enum error_code doc_read_yaml(str file, str bytes, struct arena *arena, struct arena scratch,
                              struct doc *out, struct error *e) {
    return read_with(file, bytes, NULL, arena, scratch, out, e);
}

enum error_code doc_read_yaml_all(str file, str bytes, const struct doc_faults *faults,
                                  struct arena *arena, struct arena scratch, struct doc *out,
                                  struct error *e) {
    assert(faults != NULL);
    return read_with(file, bytes, faults, arena, scratch, out, e);
}
