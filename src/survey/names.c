/* Names: what their ending says of who answers, and codes of regions, airports and cities within. */
#include "survey/names.h"

/* ---- the lists ---- */

static enum error_code ending_kind(str word, enum survey_ending *out, struct error *e) {
    static const char *const kinds[] = {"endpoint", "cdn", "balancer"};
    for (unsigned i = 0; i < COUNT_OF(kinds); i++)
        if (str_equal(word, str_from_c(kinds[i]))) {
            *out = (enum survey_ending)i;
            return OK;
        }
    return error_set(e, FAIL_SYNTAX, "names: expected endpoint, cdn or balancer, found \"%.*s\"",
                     STR_FMT(str_slice(word, 0, 40)));
}

static enum error_code endings_read(struct arena *arena, struct arena scratch,
                                    struct survey_names *out, struct error *e) {
    struct register_prefilled list;
    TRY(register_prefilled_read(STR("names"), arena, scratch, &list, e));
    struct survey_name_row *rows = arena_new(arena, struct survey_name_row, list.row_count);
    if (rows == NULL) return error_set(e, FAIL_MEMORY, "no room for the list of names");
    for (size_t i = 0; i < list.row_count; i++) {
        rows[i].ending = register_prefilled_cell(&list, i, STR("id"));
        rows[i].provider = register_prefilled_cell(&list, i, STR("provider"));
        TRY(ending_kind(register_prefilled_cell(&list, i, STR("kind")), &rows[i].kind, e));
    }
    out->endings = rows;
    out->ending_count = list.row_count;
    out->endings_date = list.as_of;
    return OK;
}

static enum error_code codes_read(struct arena *arena, struct arena scratch,
                                  struct survey_names *out, struct error *e) {
    struct register_prefilled list;
    TRY(register_prefilled_read(STR("codes"), arena, scratch, &list, e));
    struct survey_code_row *rows = arena_new(arena, struct survey_code_row, list.row_count);
    if (rows == NULL) return error_set(e, FAIL_MEMORY, "no room for the list of place codes");
    for (size_t i = 0; i < list.row_count; i++) {
        rows[i] = (struct survey_code_row){
            .code = register_prefilled_cell(&list, i, STR("id")),
            .named = register_prefilled_cell(&list, i, STR("named")),
            .is_city = str_equal(register_prefilled_cell(&list, i, STR("kind")), STR("city")),
            .is_ambiguous = register_prefilled_cell(&list, i, STR("ambiguous")).len > 0};
        if (!geo_country_read(register_prefilled_cell(&list, i, STR("country")), &rows[i].country))
            return error_set(e, FAIL_SYNTAX, "codes: expected a country beside \"%.*s\"",
                             STR_FMT(rows[i].code));
        if (i > 0 && str_compare(rows[i - 1].code, rows[i].code) >= 0)
            return error_set(e, FAIL_SYNTAX, "codes: \"%.*s\" is not in order",
                             STR_FMT(rows[i].code));
    }
    out->codes = rows;
    out->code_count = list.row_count;
    out->codes_date = list.as_of;
    return OK;
}

enum error_code survey_names_read(const struct geo_region *regions, size_t region_count,
                                  struct arena *arena, struct arena scratch,
                                  struct survey_names *out, struct error *e) {
    struct survey_names names = {.regions = regions, .region_count = region_count};
    TRY(endings_read(arena, scratch, &names, e));
    TRY(codes_read(arena, scratch, &names, e));
    *out = names;
    return OK;
}

/* ---- hearing ---- */

static bool is_letter(char c) {
    return c >= 'a' && c <= 'z';
}
static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* "host.example" is under "example"; so is "example" itself. */
static bool is_under(str name, str ending) {
    if (!str_ends(name, ending)) return false;
    return name.len == ending.len || name.at[name.len - ending.len - 1] == '.';
}

static const struct survey_name_row *ending_find(const struct survey_names *names, str name) {
    const struct survey_name_row *found = NULL;
    for (size_t i = 0; i < names->ending_count; i++)
        if (is_under(name, names->endings[i].ending) &&
            (found == NULL || names->endings[i].ending.len > found->ending.len))
            found = &names->endings[i];
    return found;
}

/* Does the code stand at `at`, between dots, hyphens or the ends? */
static bool stands_at(str text, size_t at, str code) {
    if (!str_starts(str_skip(text, at), code)) return false;
    size_t end = at + code.len;
    bool begins = at == 0 || text.at[at - 1] == '.' || text.at[at - 1] == '-';
    bool ends = end == text.len || text.at[end] == '.' || text.at[end] == '-';
    return begins && ends;
}

/* The region named last before the ending: what stands before it may be a bucket's name. Of two that
 * begin alike the longer. */
static const struct geo_region *region_find(const struct survey_names *names, str name,
                                            const struct survey_name_row *ending) {
    str before = str_slice(name, 0, name.len - ending->ending.len);
    while (before.len > 0 && before.at[before.len - 1] == '.') before.len--;
    for (size_t at = before.len; at-- > 0;) {
        const struct geo_region *found = NULL;
        if (!is_letter(before.at[at])) continue;
        for (size_t i = 0; i < names->region_count; i++) {
            const struct geo_region *r = &names->regions[i];
            if (str_equal(r->provider, ending->provider) && stands_at(before, at, r->code) &&
                (found == NULL || r->code.len > found->code.len))
                found = r;
        }
        if (found != NULL) return found;
    }
    return NULL;
}

static const struct survey_code_row *code_find(const struct survey_names *names, str code) {
    size_t low = 0, high = names->code_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_compare(names->codes[middle].code, code);
        if (order == 0) return &names->codes[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* What stands before the name that was registered: "tokyo" in tokyo.example.co.jp, nothing in
 * tokyo-gas.co.jp. Which names are registered under is guessed: two labels, three where the last but one
 * is as short as "co". */
static str host_part(str name) {
    size_t dots[3], count = 0;
    for (size_t i = name.len; i-- > 0 && count < 3;)
        if (name.at[i] == '.') dots[count++] = i;
    if (count < 2) return STR_EMPTY;
    bool is_deep = dots[0] - dots[1] <= 4; /* ".co", ".com" */
    if (is_deep && count < 3) return STR_EMPTY;
    return str_slice(name, 0, dots[is_deep ? 2 : 1]);
}

static void code_add(struct survey_name_said *said, const struct survey_code_row *code,
                     bool is_numbered) {
    for (size_t i = 0; i < said->code_count; i++)
        if (geo_country_equal(said->codes[i]->country, code->country)) return;
    if (said->code_count == COUNT_OF(said->codes)) return;
    said->is_numbered[said->code_count] = is_numbered;
    said->codes[said->code_count++] = code;
}

static void codes_hear(const struct survey_names *names, str host, struct survey_name_said *said) {
    for (size_t i = 0; i < host.len;) {
        size_t begin = i;
        while (i < host.len && is_letter(host.at[i])) i++;
        if (i == begin) {
            i++;
            continue;
        }
        const struct survey_code_row *code = code_find(names, str_slice(host, begin, i - begin));
        if (code != NULL) code_add(said, code, i < host.len && is_digit(host.at[i]));
    }
}

void survey_name_hear(const struct survey_names *names, str name, struct survey_name_said *out) {
    char lower[256]; /* a name of DNS has at most 253 characters; what follows is not read */
    *out = (struct survey_name_said){0};
    size_t len = size_min(name.len, sizeof lower);
    for (size_t i = 0; i < len; i++)
        lower[i] = name.at[i] >= 'A' && name.at[i] <= 'Z' ? (char)(name.at[i] + 32) : name.at[i];
    while (len > 0 && lower[len - 1] == '.') len--;
    str text = str_of(lower, len);
    out->ending = ending_find(names, text);
    if (out->ending == NULL)
        codes_hear(names, host_part(text), out);
    else if (out->ending->kind == ENDING_ENDPOINT)
        out->region = region_find(names, text, out->ending);
}
