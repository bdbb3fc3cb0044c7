/* Elements that several replies have. */
#include "s3/ops/ops.h"

void s3_xml_etag(struct s3_xml *x, const char *name, const struct store_etag *etag) {
    char text[S3_ETAG_TEXT_BYTES];
    s3_xml_text(x, name, str_of(text, s3_etag_write(etag, text)));
}

void s3_xml_owner(struct s3_xml *x, const char *name, str user) {
    s3_xml_open(x, name);
    s3_xml_text(x, "ID", user);
    s3_xml_text(x, "DisplayName", user);
    s3_xml_close(x, name);
}

str s3_checksum_type_name(bool composite) {
    return composite ? STR("COMPOSITE") : STR("FULL_OBJECT");
}

void s3_xml_checksum(struct s3_xml *x, const struct store_checksum *checksum, uint32_t parts) {
    char text[S3_CHECKSUM_TEXT_BYTES];
    if (checksum->kind == STORE_CHECKSUM_NONE) return;
    s3_xml_text(x, s3_checksum_element(checksum->kind).at,
                str_of(text, s3_checksum_write(checksum, parts, text)));
}

void s3_xml_tags(struct s3_xml *x, struct store_pairs tags) {
    s3_xml_open_root(x, "Tagging");
    s3_xml_open(x, "TagSet");
    for (size_t i = 0; i < tags.count; i++) {
        s3_xml_open(x, "Tag");
        s3_xml_text(x, "Key", tags.at[i].name);
        s3_xml_text(x, "Value", tags.at[i].value);
        s3_xml_close(x, "Tag");
    }
    s3_xml_close(x, "TagSet");
    s3_xml_close(x, "Tagging");
}

enum error_code s3_name_writer_begin(struct s3_request *r, struct s3_xml *x,
                                     struct s3_name_writer *out, struct error *e) {
    str type = s3_request_param(r, STR("encoding-type"));
    if (type.len > 0 && !str_equal(type, STR("url")))
        return error_set(e, FAIL_INVALID_ARGUMENT, "Invalid Encoding Method specified in Request");
    *out = (struct s3_name_writer){.x = x, .url = type.len > 0};
    /* Three times the longest name, apart from where the gate's answers go. */
    size_t cap = 3 * LIMIT_KEY_BYTES + 64;
    char *memory = arena_bytes(s3_request_arena(r), cap);
    if (memory == NULL) return error_set(e, FAIL_MEMORY, "no room to encode names");
    out->scratch = arena_over(memory, cap);
    return OK;
}

void s3_name_write(const struct s3_name_writer *w, const char *element, str name) {
    struct arena scratch = w->scratch;
    str shown = name;
    /* What a client sends as prefix or marker may be longer than any key; it is cut, as no key can
     * follow from it. */
    if (w->url && http_percent_encode(str_slice(name, 0, LIMIT_KEY_BYTES), true, &scratch, &shown,
                                      NULL) != OK)
        shown = STR_EMPTY;
    s3_xml_text(w->x, element, shown);
}

void s3_common_prefix_write(const struct s3_name_writer *w, str prefix) {
    s3_xml_open(w->x, "CommonPrefixes");
    s3_name_write(w, "Prefix", prefix);
    s3_xml_close(w->x, "CommonPrefixes");
}
