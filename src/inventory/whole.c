/* Files that are read whole, as trees: YAML, and JSON of the same shape. */
#include "inventory/items.h"

size_t tree_offset(struct reading *r, const struct doc_node *node) {
    str bytes = r->bytes;
    while (r->line < node->line && r->counted < bytes.len)
        r->line += bytes.at[r->counted++] == '\n';
    size_t at = r->counted;
    for (uint32_t column = 1; column < node->column && at < bytes.len; column++)
        for (at++; at < bytes.len && ((unsigned char)bytes.at[at] & 0xc0) == 0x80;) at++;
    return at;
}

static void fault_told(void *self, const struct error *why) {
    struct reading *r = self;
    geo_problems_add(&r->report.problems, r->arena, "%s", why->message);
}

/* The whole lines before the first that is no text. */
static str text_of(struct reading *r) {
    str rest = r->bytes, line;
    uint64_t number = 1;
    size_t zero;
    if (str_is_utf8(rest) && !str_find_char(rest, 0, &zero)) return rest;
    for (bool more = true; more; number++) {
        size_t at = r->bytes.len - rest.len;
        more = str_cut(&rest, '\n', &line);
        if (!more) line = rest;
        if (str_is_utf8(line) && !str_find_char(line, 0, &zero)) continue;
        reading_problem(r, number,
                        "expected a line in UTF-8, found other bytes; what stands before was read");
        r->report.problems.is_cut = true;
        return str_slice(r->bytes, 0, at);
    }
    return r->bytes;
}

enum error_code whole_read(struct reading *r, bool is_json, const char *advice, struct doc *doc) {
    struct error why;
    const struct doc_faults faults = {fault_told, r};
    str text = text_of(r);
    size_t half = arena_left(&r->scratch) / 2;
    struct arena trees = arena_over(r->scratch.next, half);
    struct arena scratch = arena_over(r->scratch.next + half, half);
    enum error_code code =
        is_json ? doc_read_json(r->file, text, &trees, scratch, doc, &why) : FAIL_SYNTAX;
    if (code == FAIL_SYNTAX) /* damaged JSON is YAML up to where it is damaged */
        code = doc_read_yaml_all(r->file, text, &faults, &trees, scratch, doc, &why);
    r->scratch.next = trees.next;
    if (code == FAIL_LIMIT) return error_set(r->e, FAIL_SYNTAX, "%.160s: %s", why.message, advice);
    if (code != OK) *r->e = why;
    return code;
}

void whole_unended(struct reading *r) {
    str rest = r->bytes, line;
    uint64_t number = 1;
    if (rest.len == 0 || str_ends(rest, STR("\n"))) return;
    while (str_cut(&rest, '\n', &line)) number++;
    reading_unended(r, number);
}
