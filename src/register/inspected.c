/* What an inspector found, held against what the register says. A register says who said each value;
 * an inspection makes a value that was found so `inspected`, for as long as it is good. The canonical
 * rows and the digest stay what was written. */
#include "register/inner.h"

#include <math.h>
#include <stdlib.h>

enum { FACT_BYTES = 1024 }; /* ours: what a person says of one fact */

/* "sites/sendai" or "site/sendai". */
static enum error_code subject_cut(str subject, enum register_kind *kind, str *id,
                                   struct error *e) {
    str rest = subject, word;
    bool is_one = str_cut(&rest, '/', &word) && rest.len > 0;
    if (is_one && register_kind_find(word, kind)) {
        *id = rest;
        return OK;
    }
    return error_set(e, FAIL_USAGE,
                     "\"%.*s\" is no subject: expected a kind and an id such as sites/sendai",
                     STR_FMT(str_slice(subject, 0, 60)));
}

/* A fact may be named as rules name it: site.country, place.country for sites. */
static str field_of(enum register_kind kind, str fact) {
    str rest = fact, root;
    if (!str_cut(&rest, '.', &root)) return fact;
    bool is_place = kind == REGISTER_SITES && str_equal(root, STR("place"));
    return is_place || str_equal(root, str_from_c(register_kind_of(kind)->noun)) ? rest : fact;
}

static bool has_one_value(const struct register_field *field) {
    return field->shape == REGISTER_ONE || field->shape == REGISTER_SET;
}

static enum error_code value_get(const struct register_snapshot *s, enum register_kind kind, str id,
                                 str path, int64_t at_ns, const struct register_value **out,
                                 struct error *e) {
    const char *key = register_kind_of(kind)->key;
    const struct register_row *row = register_row_at(s, kind, id, at_ns);
    if (row == NULL)
        return error_set(e, FAIL_NOT_FOUND, "the register has no %s/%.*s at that time", key,
                         STR_FMT(str_slice(id, 0, 60)));
    *out = register_value_find(&row->fields, path);
    if (*out == NULL)
        return error_set(e, FAIL_NOT_FOUND,
                         "%s/%.*s says nothing of \"%.*s\"; whoever keeps the register declares it "
                         "before it can be confirmed",
                         key, STR_FMT(str_slice(id, 0, 60)), STR_FMT(str_slice(path, 0, 60)));
    if (!has_one_value((*out)->field))
        return error_set(e, FAIL_USAGE,
                         "\"%.*s\" holds several fields: name one of them, such as %.*s.NAME",
                         STR_FMT(str_slice(path, 0, 40)), STR_FMT(str_slice(path, 0, 40)));
    return OK;
}

/* ---- values as one text ---- */

static int text_order(const void *a, const void *b) {
    return str_compare(*(const str *)a, *(const str *)b);
}

static str said_write(const struct register_value *v, struct text *out) {
    bool by_language = v->field->type == REGISTER_NAME && v->records != NULL;
    if (v->state != REGISTER_KNOWN)
        text_add_c(out, v->state == REGISTER_UNKNOWN ? "unknown" : "withheld");
    else if (v->field->shape == REGISTER_SET)
        for (size_t i = 0; i < v->count; i++)
            text_format(out, "%s%.*s", i > 0 ? ", " : "", STR_FMT(v->texts[i]));
    else
        text_add(out, by_language ? v->records->values[0].text : v->text);
    return text_str(out);
}

/* One value of the field's type, as a register file would give it. */
static enum error_code one_read(const struct register_field *field, str text, struct arena *arena,
                                struct register_value *out, struct error *e) {
    static const str file = {"the value", 9};
    struct reading reading = {.arena = arena, .doc_arena = arena};
    const struct doc_node node = {.kind = DOC_SCALAR,
                                  .quoted = field->type != REGISTER_YES_NO, /* NO is Norway */
                                  .line = 1,
                                  .column = 1,
                                  .file = &file,
                                  .text = str_trim(text)};
    *out = (struct register_value){.field = field};
    return scalar_read(&reading, field, &node, out, e);
}

/* Items separated by commas, sorted, each once. */
static enum error_code set_read(const struct register_field *field, str text, struct arena *arena,
                                struct register_value *out, struct error *e) {
    size_t most = 1;
    for (size_t i = 0; i < text.len; i++) most += text.at[i] == ',';
    str *items = arena_new(arena, str, most), rest = text, item;
    if (items == NULL) return error_set(e, FAIL_MEMORY, "no room for a value");
    size_t count = 0;
    for (bool more = true; more;) {
        struct register_value one;
        more = str_cut(&rest, ',', &item);
        TRY(one_read(field, more ? item : rest, arena, &one, e));
        items[count++] = one.text;
    }
    qsort(items, count, sizeof *items, text_order);
    size_t kept = 1;
    for (size_t i = 1; i < count; i++)
        if (!str_equal(items[i], items[kept - 1])) items[kept++] = items[i];
    *out = (struct register_value){.field = field, .texts = items, .count = kept};
    return OK;
}

static bool texts_are_alike(const struct register_value *a, const struct register_value *b) {
    if (a->count != b->count) return false;
    for (size_t i = 0; i < a->count; i++)
        if (!str_equal(a->texts[i], b->texts[i])) return false;
    return true;
}

static bool is_alike(const struct register_value *said, const struct register_value *found) {
    const struct register_field *field = said->field;
    if (said->state != REGISTER_KNOWN) return false;
    if (field->shape == REGISTER_SET) return texts_are_alike(said, found);
    if (field->type == REGISTER_NUMBER || field->type == REGISTER_DURATION)
        return fabs(said->number - found->number) <= 1e-9 * fabs(found->number);
    for (size_t i = 0; field->type == REGISTER_NAME && said->records != NULL; i++) {
        if (i == said->records->count) return false;
        if (str_equal(said->records->values[i].text, found->text)) return true;
    }
    return str_equal(said->text, found->text);
}

static enum error_code found_read(const struct register_value *said, str value, struct arena *arena,
                                  struct register_value *out, struct error *e) {
    return said->field->shape == REGISTER_SET ? set_read(said->field, value, arena, out, e)
                                              : one_read(said->field, value, arena, out, e);
}

enum error_code register_compare(const struct register_snapshot *s, str subject, str fact,
                                 str value, int64_t at_ns, struct arena *arena,
                                 struct register_compared *out, struct error *e) {
    const struct register_value *said;
    struct register_value found;
    char memory[FACT_BYTES];
    struct text text = text_into(memory, sizeof memory);
    if (value.len == 0 || value.len > FACT_BYTES / 2)
        return error_set(e, FAIL_USAGE, "a value has 1 to %d bytes", FACT_BYTES / 2);
    TRY(subject_cut(subject, &out->kind, &out->id, e));
    out->field = field_of(out->kind, fact);
    TRY(value_get(s, out->kind, out->id, out->field, at_ns, &said, e));
    TRY(found_read(said, value, arena, &found, e));
    TRY(arena_copy(arena, said_write(said, &text), &out->said, e));
    text = text_into(memory, sizeof memory);
    TRY(arena_copy(arena, said_write(&found, &text), &out->found, e));
    out->by = said->by;
    out->agrees = is_alike(said, &found);
    return OK;
}

/* ---- into a snapshot ---- */

/* What was said by measuring is worth no less. */
static bool is_raised(enum register_by by) {
    return by == REGISTER_DECLARED || by == REGISTER_DOCUMENT || by == REGISTER_COMPUTED;
}

static enum error_code one_apply(struct register_value *said, const struct register_inspected *x,
                                 bool doubts, struct arena *arena, struct error *e) {
    struct register_value found;
    struct arena once = *arena;
    TRY(found_read(said, x->value, &once, &found, e));
    bool agrees = is_alike(said, &found);
    if (agrees) {
        if (!is_raised(said->by)) return OK;
        said->by = REGISTER_INSPECTED;
        return arena_copy(arena, x->source, &said->source, e);
    }
    /* It was confirmed, and the register says something else since: that is another value. */
    if (x->agreed) return OK;
    if (doubts) said->state = REGISTER_UNKNOWN;
    /* What inspectors disagree about is no better than declared. */
    if (said->by == REGISTER_INSPECTED) said->by = REGISTER_DECLARED;
    return arena_copy(arena, x->source, &said->source, e);
}

enum error_code register_inspect(struct register_snapshot *s, const struct register_inspected *list,
                                 size_t count, int64_t at_ns, bool doubts, struct arena *arena,
                                 int64_t *next_ns, struct error *e) {
    *next_ns = REGISTER_NEVER_NS;
    for (size_t i = 0; i < 2 * count; i++) { /* contradictions last: they outweigh */
        const struct register_inspected *x = &list[i % count];
        const struct register_value *said;
        if (x->agreed != (i < count)) continue;
        if (at_ns < x->since_ns) {
            *next_ns = i64_min(*next_ns, x->since_ns);
            continue;
        }
        if (at_ns >= x->until_ns) continue;
        *next_ns = i64_min(*next_ns, x->until_ns);
        enum error_code code = value_get(s, x->kind, x->id, x->field, at_ns, &said, e);
        /* Values of a snapshot lie in its own memory; only the digest may not change. */
        if (code == OK) code = one_apply((struct register_value *)said, x, doubts, arena, e);
        /* The register has moved on: nothing of it is left that could be inspected. */
        bool moved_on = code == FAIL_NOT_FOUND || code == FAIL_USAGE || code == FAIL_SYNTAX;
        if (code != OK && !moved_on) return code;
    }
    return OK;
}
