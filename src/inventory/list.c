/* Text with what is said of one server a line: hosts, addresses, networks, URLs, and lines of /etc/hosts. */
#include "inventory/reading.h"

/* Without comment: from '#' or ';' at the beginning, or behind a space, since URLs hold both. */
static str line_bare(str line) {
    for (size_t i = 0; i < line.len; i++) {
        bool is_mark = line.at[i] == '#' || line.at[i] == ';';
        if (is_mark && (i == 0 || line.at[i - 1] == ' ' || line.at[i - 1] == '\t'))
            return str_trim(str_slice(line, 0, i));
    }
    return str_trim(line);
}

static const char *words_add(struct making *m, str line, str *bad) {
    for (size_t i = 0; i < line.len;) {
        size_t begin = i;
        while (i < line.len && line.at[i] != ' ' && line.at[i] != '\t') i++;
        *bad = str_slice(line, begin, i - begin);
        const char *why = bad->len > 0 ? making_host(m, *bad, false) : NULL;
        if (why != NULL) return why;
        i++;
    }
    return NULL;
}

static enum error_code line_read(struct making *m, str line) {
    struct reading *r = m->reading;
    str bare = line_bare(str_ends(line, STR("\r")) ? str_slice(line, 0, line.len - 1) : line), bad;
    bool was_server;
    if (bare.len == 0) return OK;
    if (bare.len > LIMIT_INVENTORY_ROW_BYTES) {
        reading_problem(r, r->line, "a line of %zu bytes is over %d", bare.len,
                        LIMIT_INVENTORY_ROW_BYTES);
        return OK;
    }
    const char *why = words_add(m, bare, &bad);
    if (why != NULL)
        reading_problem(r, r->line,
                        "expected a host, an address, a network or a URL: %s, found \"%.*s\"", why,
                        STR_FMT(reading_shown(bad)));
    return making_end(m, &was_server);
}

enum error_code list_read(struct reading *r) {
    struct making *m = arena_new(&r->scratch, struct making, 1);
    if (m == NULL)
        return error_set(r->e, FAIL_MEMORY, "%.*s: no room to read it", STR_FMT(r->file));
    str rest = r->bytes, line;
    for (bool more = true; more; r->line++) {
        size_t offset = r->bytes.len - rest.len;
        more = str_cut(&rest, '\n', &line);
        if (!more && rest.len == 0) break;
        making_begin(m, r, r->line, offset);
        TRY(line_read(m, more ? line : rest));
        if (!more) reading_unended(r, r->line);
    }
    return OK;
}
