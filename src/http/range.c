#include "http/range.h"

/* Digits of any length; what is over 2^64-1 lies beyond every object. */
static bool place_read(str digits, uint64_t *out) {
    for (size_t i = 0; i < digits.len; i++)
        if (digits.at[i] < '0' || digits.at[i] > '9') return false;
    if (!str_u64(digits, out)) *out = UINT64_MAX;
    return digits.len > 0;
}

enum error_code http_range_parse(str header, uint64_t size, struct http_range *out,
                                 struct error *e) {
    str unit, first_text, last_text = str_trim(header);
    uint64_t first, last;
    if (!str_cut(&last_text, '=', &unit) || !str_equal_nocase(str_trim(unit), STR("bytes")) ||
        !str_cut(&last_text, '-', &first_text))
        return error_set(e, FAIL_RANGE_SYNTAX, "the range is not of the form bytes=first-last");
    first_text = str_trim(first_text);
    last_text = str_trim(last_text);

    if (first_text.len == 0) { /* the last n bytes */
        if (!place_read(last_text, &last))
            return error_set(e, FAIL_RANGE_SYNTAX, "the range has no number");
        if (last == 0 || size == 0)
            return error_set(e, FAIL_RANGE_OUTSIDE, "the range holds no byte of %llu",
                             (unsigned long long)size);
        uint64_t count = u64_min(last, size);
        *out = (struct http_range){size - count, count};
        return OK;
    }
    if (!place_read(first_text, &first))
        return error_set(e, FAIL_RANGE_SYNTAX, "the range does not begin with a number");
    last = UINT64_MAX;
    if (last_text.len > 0 && (!place_read(last_text, &last) || last < first))
        return error_set(e, FAIL_RANGE_SYNTAX,
                         "the range does not end with a number behind its start");
    if (first >= size)
        return error_set(e, FAIL_RANGE_OUTSIDE, "the range begins at %llu, of %llu bytes",
                         (unsigned long long)first, (unsigned long long)size);
    last = u64_min(last, size - 1);
    *out = (struct http_range){first, last - first + 1};
    assert(out->count > 0);
    assert(out->first < size);
    assert(out->count <= size - out->first);
    return OK;
}
