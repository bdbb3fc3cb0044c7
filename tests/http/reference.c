#include "tests/http/reference.h"

#include <llhttp.h>

static int on_header(llhttp_t *parser) {
    struct reference_view *seen = parser->data;
    seen->headers++;
    return 0;
}
static int on_head(llhttp_t *parser) {
    struct reference_view *seen = parser->data;
    seen->method = str_from_c(llhttp_method_name((llhttp_method_t)llhttp_get_method(parser)));
    seen->status = llhttp_get_status_code(parser);
    /* llhttp leaves it to its user to say which responses have no body. */
    int status = seen->status;
    bool bodiless = (status >= 100 && status < 200) || status == 204 || status == 304;
    return bodiless ? 1 : 0;
}
static int on_target(llhttp_t *parser, const char *at, size_t count) {
    struct reference_view *seen = parser->data;
    text_add(&seen->target, str_of(at, count));
    return 0;
}
static int on_body(llhttp_t *parser, const char *at, size_t count) {
    struct reference_view *seen = parser->data;
    seen->body_bytes += count;
    seen->body_hash = reference_hash(seen->body_hash, str_of(at, count));
    return 0;
}
static int on_end(llhttp_t *parser) {
    struct reference_view *seen = parser->data;
    seen->messages++;
    return 0;
}

bool reference_accepts(bool is_request, str bytes, bool until_close, struct reference_view *seen) {
    llhttp_settings_t settings;
    llhttp_t parser;
    llhttp_settings_init(&settings);
    settings.on_header_value_complete = on_header;
    settings.on_headers_complete = on_head;
    settings.on_url = on_target;
    settings.on_body = on_body;
    settings.on_message_complete = on_end;
    llhttp_init(&parser, is_request ? HTTP_REQUEST : HTTP_RESPONSE, &settings);
    parser.data = seen;
    *seen = (struct reference_view){.body_hash = REFERENCE_HASH_START};
    seen->target = text_into(seen->memory, sizeof seen->memory);
    llhttp_errno_t code = llhttp_execute(&parser, bytes.at, bytes.len);
    if (code == HPE_PAUSED_UPGRADE) return seen->messages == 1; /* it read the head, and stopped */
    if (code == HPE_OK && until_close) code = llhttp_finish(&parser);
    return code == HPE_OK && seen->messages == 1;
}
