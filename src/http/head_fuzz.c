/* Any bytes: a head is read, short or refused, and what was read keeps the header's promise. The
 * first byte says request or response. */
#include "http/head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(str whole, str part) {
    if (part.len == 0) return;
    if (part.len == 1 && part.at[0] == '/') return; /* the path of "http://host" is ours */
    assert(part.at >= whole.at);
    assert(part.at + part.len <= whole.at + whole.len);
}

static void check_headers(str head, const struct http_headers *headers) {
    assert(headers->count <= LIMIT_HEADER_COUNT);
    for (size_t i = 0; i < headers->count; i++) {
        inside(head, headers->at[i].name);
        inside(head, headers->at[i].value);
        assert(http_header_name_is_valid(headers->at[i].name));
        assert(http_header_value_is_valid(headers->at[i].value));
    }
    assert(http_headers_count(headers, STR("content-length")) <= 1);
    assert(http_headers_count(headers, STR("transfer-encoding")) <= 1);
}

static void check_request(str bytes) {
    static struct http_request_head h;
    size_t consumed = 0;
    if (http_request_head_parse(bytes, &h, &consumed, NULL) != OK || consumed == 0) return;
    str head = str_slice(bytes, 0, consumed);
    assert(consumed <= LIMIT_HEAD_BYTES);
    assert(str_ends(head, STR("\r\n\r\n")));
    check_headers(head, &h.headers);
    inside(head, h.target);
    inside(head, h.path);
    inside(head, h.query);
    assert(h.path.at[0] == '/' || h.method == HTTP_OPTIONS);
    assert(http_headers_count(&h.headers, STR("host")) == 1 || h.minor == 0);
    /* a prefix was short */
    size_t before = 1;
    assert(http_request_head_parse(str_slice(bytes, 0, consumed - 1), &h, &before, NULL) == OK);
    assert(before == 0);
}

static void check_response(str bytes, bool to_head) {
    static struct http_response_head h;
    size_t consumed = 0;
    if (http_response_head_parse(bytes, to_head, &h, &consumed, NULL) != OK || consumed == 0)
        return;
    check_headers(str_slice(bytes, 0, consumed), &h.headers);
    assert(h.status >= 100 && h.status <= 599);
    assert(h.body == HTTP_BODY_NONE || !to_head);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) return 0;
    str bytes = str_of(data + 1, size - 1);
    if (data[0] % 4 == 1)
        check_response(bytes, false);
    else if (data[0] % 4 == 2)
        check_response(bytes, true);
    else
        check_request(bytes);
    return 0;
}
