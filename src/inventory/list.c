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

/* The addresses that /etc/hosts gives to names of the machine it lies on, to groups of machines, and to what is never to be
 * reached. Source: hosts(5); RFC 6890, RFC 4291 2.4. */
static bool is_plumbing(const struct geo_address *address) {
    static const unsigned char all[4] = {255, 255, 255, 255};
    enum geo_use use = geo_address_use(address);
    bool is_none = address->len == 4 ? address->at[0] == 0 || memcmp(address->at, all, 4) == 0
                                     : (address->at[0] & 0xe0) != 0x20;
    return use == GEO_LOOPBACK || use == GEO_LINK_LOCAL || use == GEO_MULTICAST ||
           (use == GEO_RESERVED && is_none);
}

/* A line of /etc/hosts that names no server: "127.0.0.1 localhost", "fe80::1%lo0 localhost", "0.0.0.0 ads.example". Of the
 * line that Debian writes for the machine itself, "127.0.1.1 web1.example.jp web1", the names stay. */
static bool is_passed_over(str *line) {
    struct geo_address address;
    size_t end = 0, zone;
    while (end < line->len && line->at[end] != ' ' && line->at[end] != '\t') end++;
    str word = str_slice(*line, 0, end), names = str_trim(str_skip(*line, end));
    if (str_find_char(word, '%', &zone)) word.len = zone;
    if (names.len == 0 || !geo_address_read(word, &address) || !is_plumbing(&address)) return false;
    if (!str_equal(word, STR("127.0.1.1"))) return true;
    *line = names;
    return false;
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
    if (is_passed_over(&bare)) return r->report.passed_over++, OK;
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
