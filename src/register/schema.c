/* JSON Schema (draft 2020-12) of a register file, written from the table of fields. Editors check
 * and complete YAML by it. It is a little looser than the loader: references, nearness of names and
 * the sense of times need all files at once.
 * Source: json-schema.org/draft/2020-12 (core, validation). */
#include "register/register.h"

static void comma(struct text *t) {
    if (t->len > 0 && t->at[t->len - 1] != '{' && t->at[t->len - 1] != '[') text_add_char(t, ',');
}

static void pair(struct text *t, const char *key, const char *value) {
    comma(t);
    text_format(t, "\"%s\":", key);
    text_add_json(t, str_from_c(value));
}

static void refer(struct text *t, const char *key, const char *to) {
    comma(t);
    if (key != NULL) text_format(t, "\"%s\":", key);
    text_format(t, "{\"$ref\":\"#/$defs/%s\"}", to);
}

/* What one scalar of the type may look like. */
static const char *type_name(enum register_type type) {
    static const char *const names[REGISTER_TYPE_COUNT] = {
        [REGISTER_TEXT] = "text",       [REGISTER_CODE] = "code",
        [REGISTER_NAME] = "name",       [REGISTER_COUNTRY] = "country",
        [REGISTER_NUMBER] = "number",   [REGISTER_YES_NO] = "yes_no",
        [REGISTER_TIME] = "time",       [REGISTER_DURATION] = "duration",
        [REGISTER_REF] = "code",        [REGISTER_NETWORK] = "network",
        [REGISTER_PATTERN] = "pattern", [REGISTER_NONE] = "code",
    };
    return names[type];
}

/* What one scalar of the field may be. */
static void scalar_add(struct text *t, const struct register_field *f) {
    if (f->words == NULL) {
        text_format(t, "{\"$ref\":\"#/$defs/%s\"}", type_name(f->type));
        return;
    }
    str rest = str_from_c(f->words), word;
    text_add_c(t, "{\"enum\":[");
    while (str_cut(&rest, ' ', &word)) text_format(t, "\"%.*s\",", STR_FMT(word));
    text_format(t, "\"%.*s\"]}", STR_FMT(rest));
}

static void properties_add(struct text *t, const struct register_field *fields);

/* A map of the members, nothing else in it. */
static void record_add(struct text *t, const struct register_field *members) {
    comma(t);
    text_add_c(t, "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{");
    refer(t, "valid", "valid");
    properties_add(t, members);
    text_add_c(t, "}}");
}

static void said_open(struct text *t, const char *inside) {
    comma(t);
    text_format(t,
                "{\"type\":\"object\",\"additionalProperties\":false,\"oneOf\":[{\"required\":"
                "[\"%s\"]},{\"required\":[\"is\"]}],\"properties\":{\"is\":{\"enum\":"
                "[\"unknown\",\"withheld\"]},\"by\":{\"$ref\":\"#/$defs/by\"},\"since\":{\"$ref\":"
                "\"#/$defs/time\"},\"until\":{\"$ref\":\"#/$defs/time\"},\"source\":{\"$ref\":"
                "\"#/$defs/text\"},",
                inside);
}

/* A list of `item`s, or the same with who said so and whether it is all there is. */
static void list_add(struct text *t, const struct register_field *f) {
    for (unsigned with_provenance = 0; with_provenance < 2; with_provenance++) {
        if (with_provenance) {
            said_open(t, "items");
            text_add_c(t, "\"complete\":{\"$ref\":\"#/$defs/yes_no\"},\"as_of\":{\"$ref\":"
                          "\"#/$defs/time\"},\"items\":");
        } else {
            comma(t);
        }
        text_add_c(t, "{\"type\":\"array\",\"items\":");
        if (f->shape == REGISTER_RECORDS) {
            text_add_c(t, "{\"allOf\":[");
            record_add(t, f->members);
            text_add_c(t, "]}}");
        } else {
            scalar_add(t, f);
            text_add_char(t, '}');
        }
        if (with_provenance) text_add_c(t, "}}");
    }
}

static void one_add(struct text *t, const struct register_field *f) {
    comma(t);
    scalar_add(t, f);
    said_open(t, "value");
    text_add_c(t, "\"value\":");
    scalar_add(t, f);
    text_add_c(t, "}}");
}

static void field_add(struct text *t, const struct register_field *f) {
    comma(t);
    text_format(t, "\"%s\":{", f->name);
    pair(t, "description", f->about);
    text_add_c(t, ",\"anyOf\":[");
    switch (f->shape) {
    case REGISTER_ONE: one_add(t, f); break;
    case REGISTER_SET:
    case REGISTER_RECORDS: list_add(t, f); break;
    case REGISTER_SETS:
        list_add(t, f);
        text_add_c(t, ",{\"type\":\"object\",\"additionalProperties\":{\"anyOf\":[");
        list_add(t, f);
        text_add_c(t, "]}}");
        break;
    case REGISTER_MAP:
        text_add_c(t, "{\"type\":\"object\",\"additionalProperties\":{\"anyOf\":[");
        one_add(t, f);
        text_add_c(t, "]}}");
        break;
    case REGISTER_RECORD: record_add(t, f->members); break;
    case REGISTER_SHAPE_COUNT: break;
    }
    refer(t, NULL, "unsaid");
    text_add_c(t, "]}");
}

static void properties_add(struct text *t, const struct register_field *fields) {
    for (const struct register_field *f = fields; f->name != NULL; f++) field_add(t, f);
}

static void required_add(struct text *t, enum register_kind kind) {
    text_add_c(t, "\"required\":[");
    if (kind != REGISTER_ADOPTS) text_add_c(t, "\"id\"");
    for (const struct register_field *f = register_kind_of(kind)->fields; f->name != NULL; f++) {
        if (!f->required) continue;
        comma(t);
        text_format(t, "\"%s\"", f->name);
    }
    text_add_c(t, "]");
}

static void kind_add(struct text *t, enum register_kind kind) {
    const struct register_kind_row *of = register_kind_of(kind);
    comma(t);
    text_format(t, "\"%s\":{", of->noun);
    pair(t, "description", of->about);
    text_add_c(t, ",\"type\":\"object\",\"additionalProperties\":false,");
    required_add(t, kind);
    text_add_c(t, ",\"properties\":{");
    refer(t, "id", "id");
    refer(t, "valid", "valid");
    refer(t, "note", "text");
    properties_add(t, of->fields);
    text_add_c(t, "}}");
}

static const char shared_defs[] =
    "\"id\":{\"description\":\"What other rows call this one.\",\"type\":[\"string\",\"number\"],"
    "\"pattern\":\"^[^\\\\s/\\\"]{1,128}$\"},"
    "\"valid\":{\"description\":\"From and until when the row is true; until is the first day it "
    "is "
    "not.\",\"type\":\"object\",\"additionalProperties\":false,\"properties\":{\"from\":{\"$ref\":"
    "\"#/$defs/time\"},\"until\":{\"$ref\":\"#/$defs/time\"}}},"
    "\"unsaid\":{\"enum\":[\"unknown\",\"withheld\"]},"
    "\"by\":{\"enum\":[\"declared\",\"measured\",\"document\",\"inspected\",\"computed\"]},"
    "\"text\":{\"type\":[\"string\",\"number\"]},"
    "\"code\":{\"type\":[\"string\",\"number\"]},"
    "\"name\":{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"object\",\"additionalProperties\":{"
    "\"type\":"
    "\"string\"}}]},"
    "\"country\":{\"type\":\"string\",\"pattern\":\"^[A-Z]{2}$\"},"
    "\"number\":{\"anyOf\":[{\"type\":\"number\"},{\"type\":\"string\",\"pattern\":"
    "\"^-?[0-9]+(\\\\.[0-9]+)?( *[A-Za-z%]+)?$\"}]},"
    "\"yes_no\":{\"anyOf\":[{\"type\":\"boolean\"},{\"enum\":[\"yes\",\"no\",\"true\",\"false\"]}]}"
    ","
    "\"time\":{\"type\":\"string\",\"pattern\":\"^[0-9]{4}-[0-9]{2}-[0-9]{2}(T.*)?$\"},"
    "\"duration\":{\"type\":\"string\",\"pattern\":\"^[0-9]+ *(s|min|h|d|months?|years?)$\"},"
    "\"network\":{\"type\":\"string\",\"pattern\":\"^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$\"},"
    "\"pattern\":{\"type\":\"string\",\"pattern\":\"^[a-z0-9.*-]{1,63}$\"}";

void register_schema_write(struct text *t) {
    text_add_c(t, "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",");
    text_add_c(t,
               "\"title\":\"Azekura register\",\"type\":\"object\",\"additionalProperties\":false,"
               "\"properties\":{");
    for (unsigned k = 0; k < REGISTER_KIND_COUNT; k++) {
        const struct register_kind_row *of = register_kind_of((enum register_kind)k);
        comma(t);
        text_format(
            t,
            "\"%s\":{\"anyOf\":[{\"type\":\"array\",\"items\":{\"$ref\":\"#/$defs/%s\"}},"
            "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"items\"],"
            "\"properties\":{\"complete\":{\"$ref\":\"#/$defs/yes_no\"},\"as_of\":{\"$ref\":"
            "\"#/$defs/time\"},\"items\":{\"type\":\"array\",\"items\":{\"$ref\":"
            "\"#/$defs/%s\"}}}}]}",
            of->key, of->noun, of->noun);
    }
    text_add_c(t, "},\"$defs\":{");
    for (unsigned k = 0; k < REGISTER_KIND_COUNT; k++) kind_add(t, (enum register_kind)k);
    comma(t);
    text_add_c(t, shared_defs);
    text_add_c(t, "}}\n");
}
