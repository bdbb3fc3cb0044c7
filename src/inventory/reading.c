/* Lines, problems, and the server that is being put together. */
#include "inventory/reading.h"

#include <stdarg.h>
#include <stdio.h>

uint64_t reading_line(struct reading *r, size_t offset) {
    assert(offset <= r->bytes.len);
    while (r->counted < offset) {
        const char *from = r->bytes.at + r->counted;
        const char *end = memchr(from, '\n', offset - r->counted);
        if (end == NULL) {
            r->counted = offset;
            break;
        }
        r->counted += (size_t)(end - from) + 1;
        r->line++;
    }
    return r->line;
}

void reading_problem(struct reading *r, uint64_t line, const char *format, ...) {
    char text[300];
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    geo_problems_add(&r->report.problems, r->arena, "%.*s:%llu: %s", STR_FMT(r->file),
                     (unsigned long long)line, text);
}

void reading_unended(struct reading *r, uint64_t line) {
    r->report.unended++;
    reading_problem(r, line,
                    "the last line has no end: it was read as it stands, and may have been cut");
}

str reading_shown(str text) {
    size_t at;
    while (str_find_char(str_skip(text, 1), '@', &at)) text = str_skip(text, at + 1);
    str shown = str_slice(text, 0, 60);
    while (shown.len > 0 && !str_is_utf8(shown)) shown.len--;
    for (size_t i = 0; i < shown.len; i++)
        if ((unsigned char)shown.at[i] < 0x20) return str_slice(shown, 0, i);
    return shown;
}

/* ---- one server ---- */

void making_begin(struct making *m, struct reading *r, uint64_t line, uint64_t offset) {
    m->reading = r;
    m->arena = r->scratch;
    m->server =
        (struct inventory_server){.line = line, .offset = offset + r->skipped, .file = r->file};
    m->name_count = 0;
    m->has_left_out = false;
}

void making_name(struct making *m, str name) {
    for (size_t i = 0; i < m->name_count; i++)
        if (str_equal(m->names[i], name)) return;
    if (m->name_count == LIMIT_INVENTORY_NAMES)
        m->has_left_out = true;
    else
        m->names[m->name_count++] = name;
}

void making_address(struct making *m, const struct geo_address *address) {
    for (size_t i = 0; i < m->server.address_count; i++)
        if (geo_address_equal(&m->addresses[i], address)) return;
    if (m->server.address_count == LIMIT_INVENTORY_NAMES)
        m->has_left_out = true;
    else
        m->addresses[m->server.address_count++] = *address;
}

void making_said(struct making *m, enum inventory_field field, str text) {
    assert(field != INVENTORY_HOST);
    str said = str_trim(text);
    if (said.len == 0 || m->server.said[field].len > 0 || !str_is_utf8(said)) return;
    if (field == INVENTORY_PROVIDER) said = word_provider(said);
    m->server.said[field] = said;
}

bool is_nothing(str text) {
    static const char *const words[] = {"-", "--", "n/a", "none", "null", "なし", "―", "ー"};
    enum { LONGEST = 6 };
    str bare = str_trim(text);
    if (bare.len > LONGEST) return false;
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (str_equal_nocase(bare, str_from_c(words[i]))) return true;
    return bare.len == 0;
}

static void host_problem(struct making *m, uint64_t line, const char *why, str found) {
    reading_problem(m->reading, line,
                    "expected a host, an address, a network or a URL: %s, found \"%.*s\"", why,
                    STR_FMT(reading_shown(found)));
}

/* One that is none is told, and those beside it are taken; of a sentence only its first word. */
static void hosts_add(struct making *m, str text, bool is_strict, uint64_t line, bool is_guess) {
    for (bool is_told = is_guess; text.len > 0; is_told = true) {
        str bad;
        size_t dot;
        const char *why = making_hosts(m, text, is_strict, &bad);
        if (why == NULL) return;
        if (!is_told || (!is_guess && str_find_char(bad, '.', &dot)))
            host_problem(m, line, why, bad);
        text = str_skip(text, (size_t)(bad.at + bad.len - text.at));
    }
}

/* "東京Web" in a column of hosts: what people call it, which is no name of DNS. */
static bool is_called(const struct making *m, str text) {
    enum inventory_format format = m->reading->report.format;
    bool is_ascii = true;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '.' || text.at[i] == ':' || text.at[i] == '/') return false;
        is_ascii = is_ascii && (unsigned char)text.at[i] < 0x80;
    }
    return !is_ascii && (format == INVENTORY_CSV || format == INVENTORY_JSON);
}

void making_word(struct making *m, const struct word *word, str text, uint64_t line,
                 bool is_guess) {
    str narrow = making_narrow(m, text);
    size_t slash;
    if (is_nothing(narrow)) return;
    if (word->field != INVENTORY_HOST)
        making_said(m, word->field, text);
    else if (word->wants == WANTS_ANY && is_called(m, narrow))
        making_said(m, INVENTORY_LABEL, text);
    else if (word->wants != WANTS_NETWORK || str_find_char(narrow, '/', &slash))
        hosts_add(m, narrow, word->wants != WANTS_ANY, line, is_guess);
    else if (!is_guess)
        host_problem(m, line, "a network has a number of bits behind a '/'", narrow);
}

bool making_is_server(const struct making *m) {
    const str *said = m->server.said;
    bool is_placed = said[INVENTORY_REGION].len > 0 || said[INVENTORY_COUNTRY].len > 0 ||
                     said[INVENTORY_PROVIDER].len > 0;
    return m->name_count > 0 || m->server.address_count > 0 || m->server.has_network ||
           (said[INVENTORY_STORE].len > 0 && is_placed);
}

/* What people call a server in their own lists is often its name. */
static void label_as_name(struct making *m) {
    enum inventory_format format = m->reading->report.format;
    if (format != INVENTORY_CSV && format != INVENTORY_JSON) return;
    str label = m->server.said[INVENTORY_LABEL], name;
    size_t dot;
    bool is_known = m->name_count > 0 || m->server.address_count > 0 || m->server.has_network;
    if (!is_known && str_find_char(label, '.', &dot) &&
        host_name_read(label, &m->arena, &name) == NULL)
        making_name(m, name);
}

enum error_code making_end(struct making *m, bool *was_server) {
    struct reading *r = m->reading;
    struct inventory_server *server = &m->server;
    label_as_name(m);
    *was_server = making_is_server(m);
    if (!*was_server) return OK;
    if (m->name_count > 0) {
        server->name = m->names[0];
        server->aliases = &m->names[1];
        server->alias_count = m->name_count - 1;
    }
    server->addresses = m->addresses;
    if (str_starts(server->said[INVENTORY_REGION], STR("https://www.googleapis.com/compute/")))
        making_said(m, INVENTORY_PROVIDER, STR("gcp")); /* whose zones are URLs */
    server->said[INVENTORY_REGION] =
        word_region(server->said[INVENTORY_PROVIDER], server->said[INVENTORY_REGION]);
    if (m->has_left_out)
        reading_problem(r, server->line, "over %d names or addresses of one server; %s",
                        LIMIT_INVENTORY_NAMES, "the others were left out");
    TRY(r->sink->server(r->sink->self, server, r->e));
    r->report.servers++;
    return OK;
}
