/* One scalar of each type, from what a person wrote to what rules compare. */
#include <stdio.h>
#include <stdlib.h>

#include "register/inner.h"

/* Where a text holds what canonical JSON cannot carry through a YAML reader: control characters,
 * line breaks other than \n, the byte order mark. */
static bool text_is_plain(str text, bool one_line) {
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c == 0x7f || (c < 0x20 && (one_line || c != '\n'))) return false;
        if (c < 0xc2 || i + 1 == text.len) continue;
        unsigned char second = (unsigned char)text.at[i + 1];
        if (c == 0xc2 && second < 0xa0) return false; /* U+0080 … U+009F */
        if (c < 0xe0 || i + 2 >= text.len) continue;
        unsigned code =
            (c & 0xfu) << 12 | (second & 0x3fu) << 6 | ((unsigned char)text.at[i + 2] & 0x3fu);
        if (c < 0xf0 && (code == 0x2028 || code == 0x2029 || code == 0xfeff || code >= 0xfffe))
            return false;
    }
    return true;
}

static enum error_code text_read(const struct doc_node *node, bool one_line, str *out,
                                 struct error *e) {
    str text;
    TRY(doc_text(node, &text, e));
    while (text.len > 0 && strchr(" \t\n", text.at[0]) != NULL) text = str_skip(text, 1);
    while (text.len > 0 && strchr(" \t\n", text.at[text.len - 1]) != NULL) text.len--;
    if (text.len == 0) return doc_expected(node, e, "some text");
    if (!text_is_plain(text, one_line))
        return doc_error(node, e, "a text may not hold control characters");
    *out = text;
    return OK;
}

static enum error_code country_read(const struct doc_node *node, str *out, struct error *e) {
    TRY(doc_code(node, out, e));
    geo_country country;
    if (geo_country_read(*out, &country)) return OK;
    char upper[2] = {0};
    if (out->len == 2) {
        upper[0] = (char)(out->at[0] & ~0x20), upper[1] = (char)(out->at[1] & ~0x20);
        if (geo_country_read(str_of(upper, 2), &country))
            return doc_error(node, e, "country codes are written in capitals: %.2s", upper);
    }
    return doc_expected(node, e, "a country by its two letters (ISO 3166-1 alpha-2)");
}

/* "-12.5 km" to digits and unit. Up to 18 digits, up to 9 of them after the point. */
struct quantity {
    str digits, unit;
    double number;
};
static bool quantity_split(str text, struct quantity *out) {
    size_t at = 0, whole = 0, part = 0;
    uint64_t value = 0;
    double scale = 1;
    bool negative = text.len > 0 && text.at[0] == '-';
    if (negative) at++;
    for (; at < text.len && text.at[at] >= '0' && text.at[at] <= '9'; at++, whole++)
        value = value * 10 + (uint64_t)(text.at[at] - '0');
    if (at < text.len && text.at[at] == '.')
        for (at++; at < text.len && text.at[at] >= '0' && text.at[at] <= '9'; at++, part++)
            value = value * 10 + (uint64_t)(text.at[at] - '0'), scale *= 10;
    if (whole == 0 || whole + part > 18 || part > 9) return false;
    if (text.at[at - 1] == '.') return false;
    out->digits = str_slice(text, 0, at);
    out->unit = str_trim(str_skip(text, at));
    out->number = (double)value / scale * (negative ? -1 : 1);
    return true;
}

static const struct {
    const char *unit, *base;
    double times;
} units[] = {
    {"%", "%", 1},         {"m", "m", 1},    {"km", "m", 1e3}, {"W", "W", 1},
    {"kW", "W", 1e3},      {"MW", "W", 1e6}, {"GW", "W", 1e9}, {"persons", "persons", 1},
    {"bytes", "bytes", 1},
};

/* The base unit and how many of it; false: no such unit. */
static bool unit_find(str unit, const char **base, double *times) {
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        if (!str_equal(unit, str_from_c(units[i].unit))) continue;
        *base = units[i].base;
        *times = units[i].times;
        return true;
    }
    return false;
}

/* Map tools write degrees to fifteen places. What is behind the ninth is less than a tenth of a
 * millimetre. */
static str degrees_cut(const struct register_field *field, str text) {
    size_t point = 0, places = 0;
    if (strcmp(field->name, "lat") != 0 && strcmp(field->name, "lon") != 0) return text;
    while (point < text.len && text.at[point] != '.') point++;
    str part = str_skip(text, point < text.len ? point + 1 : point);
    while (places < part.len && part.at[places] >= '0' && part.at[places] <= '9') places++;
    return places > 9 && places == part.len ? str_slice(text, 0, point + 10) : text;
}

static enum error_code number_read(struct reading *r, const struct register_field *field,
                                   const struct doc_node *node, struct register_value *value,
                                   struct error *e) {
    str text;
    struct quantity q;
    TRY(text_read(node, true, &text, e));
    text = degrees_cut(field, text);
    if (!quantity_split(text, &q)) {
        size_t sign = text.len > 0 && text.at[0] == '-';
        bool has_digit = text.len > sign && text.at[sign] >= '0' && text.at[sign] <= '9';
        return doc_expected(node, e,
                            has_digit ? "a number of at most 18 digits, 9 of them after the point"
                                      : "a number");
    }
    bool is_free = field->unit != NULL && strcmp(field->unit, "any unit") == 0;
    const char *own = field->unit != NULL && !is_free ? field->unit : "", *base = own;
    double times = 1;
    if (q.unit.len > 0 && !unit_find(q.unit, &base, &times))
        return doc_expected(node, e, "a number in %%, m, km, W, kW, MW, GW, persons or bytes");
    if (!is_free && strcmp(base, own) != 0)
        return own[0] != 0 ? doc_expected(node, e, "a number of %s", own)
                           : doc_expected(node, e, "a number without a unit");
    str unit = q.unit.len > 0 ? q.unit : str_from_c(own);
    value->number = q.number * times;
    return arena_format(r->arena, &value->text, e, "%.*s%s%.*s", STR_FMT(q.digits),
                        unit.len > 0 ? " " : "", STR_FMT(unit));
}

bool duration_unit_s(str unit, double *seconds) {
    static const struct {
        const char *unit;
        double seconds;
    } rows[] = {{"s", 1},
                {"min", 60},
                {"h", 3600},
                {"d", 86400},
                {"months", 2592000},
                {"month", 2592000},
                {"years", 31536000},
                {"year", 31536000}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (!str_equal(unit, str_from_c(rows[i].unit))) continue;
        *seconds = rows[i].seconds;
        return true;
    }
    return false;
}

static enum error_code duration_read(struct reading *r, const struct doc_node *node,
                                     struct register_value *value, struct error *e) {
    str text;
    struct quantity q;
    double seconds;
    TRY(text_read(node, true, &text, e));
    if (!quantity_split(text, &q) || q.digits.at[0] == '-' || !duration_unit_s(q.unit, &seconds) ||
        memchr(q.digits.at, '.', q.digits.len) != NULL)
        return doc_expected(node, e, "a length of time such as 72 h, 30 d or 12 months");
    value->number = q.number * seconds;
    return arena_format(r->arena, &value->text, e, "%.*s %.*s", STR_FMT(q.digits), STR_FMT(q.unit));
}

static enum error_code time_read(struct reading *r, const struct doc_node *node,
                                 struct register_value *value, struct error *e) {
    char text[CLOCK_TEXT_BYTES];
    TRY(doc_time_ns(node, &value->time_ns, e));
    size_t len = time_write(value->time_ns, text);
    return arena_copy(r->arena, str_of(text, len), &value->text, e);
}

static enum error_code network_read(struct reading *r, const struct doc_node *node,
                                    struct register_value *value, struct error *e) {
    str text;
    struct geo_network network;
    struct error why;
    TRY(text_read(node, true, &text, e));
    if (geo_network_read(text, &network, &why) != OK) return doc_error(node, e, "%s", why.message);
    char spelled[GEO_TEXT_BYTES];
    size_t len = geo_network_write(&network, spelled);
    return arena_copy(r->arena, str_of(spelled, len), &value->text, e);
}

static enum error_code pattern_read(const struct doc_node *node, str *out, struct error *e) {
    TRY(doc_text(node, out, e));
    for (size_t i = 0; i < out->len; i++) {
        char c = out->at[i];
        bool fits =
            (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '*';
        if (!fits)
            return doc_expected(node, e,
                                "a bucket name of a-z, 0-9, - and . with * for any of them");
    }
    if (out->len > LIMIT_BUCKET_NAME_BYTES)
        return doc_error(node, e, "a bucket name has at most %d characters",
                         LIMIT_BUCKET_NAME_BYTES);
    return OK;
}

static enum error_code reference_read(struct reading *r, const struct register_field *field,
                                      const struct doc_node *node, str *out, struct error *e) {
    TRY(doc_code(node, out, e));
    struct reference *reference = arena_new(r->doc_arena, struct reference, 1);
    if (reference == NULL) return error_set(e, FAIL_MEMORY, "no room for a reference");
    *reference = (struct reference){node, field, r->references};
    r->references = reference;
    return OK;
}

enum error_code scalar_read(struct reading *r, const struct register_field *field,
                            const struct doc_node *node, struct register_value *value,
                            struct error *e) {
    if (node->kind != DOC_SCALAR) return doc_expected(node, e, "one value for \"%s\"", field->name);
    str text = STR_EMPTY;
    switch (field->type) {
    case REGISTER_NUMBER: return number_read(r, field, node, value, e);
    case REGISTER_DURATION: return duration_read(r, node, value, e);
    case REGISTER_TIME: return time_read(r, node, value, e);
    case REGISTER_NETWORK: return network_read(r, node, value, e);
    case REGISTER_YES_NO:
        TRY(doc_bool(node, &value->yes, e));
        value->text = value->yes ? STR("yes") : STR("no");
        return OK;
    case REGISTER_TEXT:
    case REGISTER_NAME: TRY(text_read(node, false, &text, e)); break;
    case REGISTER_CODE:
        TRY(doc_code(node, &text, e));
        TRY(text_read(node, true, &text, e));
        break;
    case REGISTER_COUNTRY: TRY(country_read(node, &text, e)); break;
    case REGISTER_PATTERN: TRY(pattern_read(node, &text, e)); break;
    case REGISTER_REF: TRY(reference_read(r, field, node, &text, e)); break;
    case REGISTER_NONE:
    case REGISTER_TYPE_COUNT:
        return error_set(e, FAIL_INTERNAL, "the field \"%s\" has no type", field->name);
    }
    return arena_copy(r->arena, text, &value->text, e);
}
