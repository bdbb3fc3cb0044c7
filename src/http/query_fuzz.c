/* Any bytes as a query, a range and a URL: each answers, and what is decoded survives the way back.
 */
#include "http/range.h"
#include "http/uri.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_query(str raw) {
    static char memory[1 << 16];
    struct arena arena = arena_over(memory, sizeof memory);
    struct http_query query = http_query_of(raw);
    struct http_parameter p;
    bool found = true;
    while (http_query_next(&query, HTTP_DECODE_REFUSE_NUL, &arena, &found, &p, NULL) == OK &&
           found) {
        str encoded, back;
        struct arena scratch = arena;
        assert(p.name.len <= p.raw_name.len);
        assert(p.raw_name.len + p.raw_value.len + p.has_value <= raw.len);
        if (http_percent_encode(p.value, false, &scratch, &encoded, NULL) != OK) continue;
        if (http_percent_decode(encoded, 0, &scratch, &back, NULL) != OK) continue;
        assert(str_equal(back, p.value));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    str bytes = str_of(data, size);
    struct http_range range;
    struct http_url url;
    check_query(bytes);
    if (http_range_parse(bytes, size * 3, &range, NULL) == OK) {
        assert(range.count > 0);
        assert(range.count <= size * 3 - range.first);
    }
    if (http_url_parse(bytes, &url, NULL) == OK) {
        assert(url.host.len > 0);
        assert(url.target.at[0] == '/');
    }
    return 0;
}
