/* Ansible's inventories in INI: sections of hosts, of variables and of groups in groups.
 *
 * Source: Ansible, "How to build your inventory", and the ini plugin's documentation: a line of hosts is split as a
 * shell does, a line of variables at its first '='. */
#include "inventory/ansible/estate.h"

enum section { SECTION_HOSTS, SECTION_VARS, SECTION_CHILDREN, SECTION_STRANGE };

struct ini {
    struct estate estate;
    enum section section;
    struct estate_group *group; /* of the section; NULL: over the limit */
    uint64_t line, offset;      /* of the line at hand */
};

/* ---- words of a line ---- */

/* Past one word as a shell takes it: quotes and backslashes are gone, '#' begins a comment. False: there is none, or a
 * quote has no partner (*why). The word is a view, or in the scratch where it had quotes. */
static bool word_cut(struct reading *r, str *rest, str *word, const char **why) {
    *rest = str_trim(*rest);
    if (rest->len == 0 || rest->at[0] == '#') return false;
    size_t end = 0;
    bool is_plain = true;
    while (end < rest->len && rest->at[end] != ' ' && rest->at[end] != '\t') {
        if (strchr("\"'\\", rest->at[end]) != NULL) {
            is_plain = false;
            break;
        }
        end++;
    }
    if (is_plain) {
        *word = str_slice(*rest, 0, end);
        *rest = str_skip(*rest, end);
        return true;
    }
    char *out = arena_bytes(&r->scratch, rest->len), quote = 0;
    size_t len = 0, i = 0;
    if (out == NULL) return *why = "no room for it", false;
    for (; i < rest->len; i++) {
        char c = rest->at[i];
        if (quote == 0 && (c == ' ' || c == '\t')) break;
        bool escapes = c == '\\' && i + 1 < rest->len &&
                       (quote == 0 || (quote == '"' && strchr("\"\\", rest->at[i + 1]) != NULL));
        if (escapes)
            out[len++] = rest->at[++i];
        else if (quote == 0 && (c == '"' || c == '\''))
            quote = c;
        else if (c == quote)
            quote = 0;
        else
            out[len++] = c;
    }
    if (quote != 0) return *why = "a quote without its partner", false;
    *word = str_of(out, len);
    *rest = str_skip(*rest, i);
    return true;
}

/* A value in quotes of Python's, which are no part of it. */
static str unquoted(str value) {
    if (value.len < 2 || value.at[0] != value.at[value.len - 1]) return value;
    bool is_quoted = value.at[0] == '"' || value.at[0] == '\'';
    return is_quoted ? str_slice(value, 1, value.len - 2) : value;
}

/* ---- sections ---- */

static bool is_group_char(char c) {
    return c != ':' && c != ']' && c != '[' && c != ' ' && c != '\t';
}

bool ansible_section_read(str line, str *name, str *kind) {
    str bare = str_trim(line);
    size_t at = 1;
    if (!str_starts(bare, STR("["))) return false;
    while (at < bare.len && is_group_char(bare.at[at])) at++;
    *name = str_slice(bare, 1, at - 1);
    *kind = STR_EMPTY;
    if (at < bare.len && bare.at[at] == ':') {
        size_t begin = ++at;
        while (at < bare.len && ((bare.at[at] >= 'a' && bare.at[at] <= 'z') || bare.at[at] == '_'))
            at++;
        *kind = str_slice(bare, begin, at - begin);
        if (kind->len == 0) return false;
    }
    if (name->len == 0 || at == bare.len || bare.at[at] != ']') return false;
    str rest = str_trim(str_skip(bare, at + 1));
    return rest.len == 0 || rest.at[0] == '#' || rest.at[0] == ';';
}

static enum error_code section_take(struct ini *ini, str name, str kind) {
    struct reading *r = ini->estate.reading;
    bool is_hosts = kind.len == 0, is_vars = str_equal(kind, STR("vars"));
    ini->section = is_hosts                           ? SECTION_HOSTS
                   : is_vars                          ? SECTION_VARS
                   : str_equal(kind, STR("children")) ? SECTION_CHILDREN
                                                      : SECTION_STRANGE;
    if (ini->section == SECTION_STRANGE) {
        reading_problem(r, ini->line,
                        "expected [GROUP], [GROUP:vars] or [GROUP:children], found \":%.*s\"; its "
                        "lines were left out",
                        STR_FMT(reading_shown(kind)));
        return OK;
    }
    TRY(estate_group(&ini->estate, name, ini->line, &ini->group));
    if (ini->group != NULL && !is_vars) ini->group->is_defined = true;
    return OK;
}

/* ---- lines ---- */

/* "web1 ansible_host=203.0.113.7 country=JP". Of a line that cannot be read no word is shown but the host: the rest
 * may be a password. */
static enum error_code host_take(struct ini *ini, str rest) {
    struct estate *x = &ini->estate;
    struct reading *r = x->reading;
    const char *why = NULL;
    str host, word, value;
    struct estate_said *said = arena_new(&r->scratch, struct estate_said, 1);
    if (said == NULL)
        return error_set(r->e, FAIL_MEMORY, "%.*s: no room for the hosts in it", STR_FMT(r->file));
    size_t equals;
    bool has_host = word_cut(r, &rest, &host, &why);
    if (has_host && str_find_char(host, '=', &equals)) why = "a host comes before its variables";
    while (why == NULL && has_host && word_cut(r, &rest, &word, &why)) {
        value = word;
        if (!str_cut(&value, '=', &word) || word.len == 0)
            why = "behind a host stand variables, as key=value without spaces";
        else
            TRY(estate_say(x, said, word, unquoted(value), ini->line));
    }
    if (why == NULL)
        return has_host ? estate_hosts(x, host, ini->group, said, ini->line, ini->offset) : OK;
    reading_problem(r, ini->line, "expected a host and its variables: %s; the line was left out",
                    why);
    return OK;
}

static enum error_code variable_take(struct ini *ini, str line) {
    str key, value = line;
    if (ini->group == NULL) return OK;
    if (!str_cut(&value, '=', &key) || str_trim(key).len == 0) {
        reading_problem(ini->estate.reading, ini->line,
                        "expected a variable of the group as key=value; the line was left out");
        return OK;
    }
    return estate_say(&ini->estate, &ini->group->said, str_trim(key), unquoted(str_trim(value)),
                      ini->line);
}

static enum error_code child_take(struct ini *ini, str line) {
    struct estate_group *child;
    str name;
    const char *why = NULL;
    if (!word_cut(ini->estate.reading, &line, &name, &why)) return OK;
    TRY(estate_group(&ini->estate, name, ini->line, &child));
    return estate_child(&ini->estate, ini->group, child);
}

static enum error_code line_take(struct ini *ini, str text) {
    struct reading *r = ini->estate.reading;
    str line = str_trim(str_ends(text, STR("\r")) ? str_slice(text, 0, text.len - 1) : text);
    str name, kind;
    if (line.len == 0 || line.at[0] == '#' || line.at[0] == ';') return OK;
    if (line.len > LIMIT_INVENTORY_ROW_BYTES) {
        reading_problem(r, ini->line, "a line of %zu bytes is over %d", line.len,
                        LIMIT_INVENTORY_ROW_BYTES);
        return OK;
    }
    size_t zero;
    if (!str_is_utf8(line) || str_find_char(line, 0, &zero)) {
        reading_problem(r, ini->line,
                        "expected a line in UTF-8, found other bytes; it was left out");
        return OK;
    }
    if (ansible_section_read(line, &name, &kind)) return section_take(ini, name, kind);
    switch (ini->section) {
    case SECTION_HOSTS: return host_take(ini, line);
    case SECTION_VARS: return variable_take(ini, line);
    case SECTION_CHILDREN: return child_take(ini, line);
    case SECTION_STRANGE: break;
    }
    return OK;
}

enum error_code ansible_ini_read(struct reading *r) {
    struct ini ini = {.line = 1};
    str rest = r->bytes, line;
    TRY(estate_open(&ini.estate, r));
    TRY(estate_group(&ini.estate, STR("ungrouped"), 1, &ini.group));
    for (bool more = true; more; ini.line++) {
        ini.offset = r->bytes.len - rest.len;
        more = str_cut(&rest, '\n', &line);
        if (!more && rest.len == 0) break;
        TRY(line_take(&ini, more ? line : rest));
        if (!more) reading_unended(r, ini.line);
    }
    return estate_tell(&ini.estate);
}
