/* Bucket patterns: a name in which * stands for any characters, none too. */
#include "register/inner.h"

bool pattern_matches(str pattern, str name) {
    size_t p = 0, n = 0, star = SIZE_MAX, star_n = 0;
    while (n < name.len) {
        if (p < pattern.len && pattern.at[p] == '*') {
            star = p++;
            star_n = n;
        } else if (p < pattern.len && pattern.at[p] == name.at[n]) {
            p++, n++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            n = ++star_n; /* the star takes one character more */
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.at[p] == '*') p++;
    return p == pattern.len;
}

/* meet[i][j]: some text matches both a from i and b from j. Filled from the ends. */
bool patterns_meet(str a, str b) {
    bool meet[LIMIT_BUCKET_NAME_BYTES + 1][LIMIT_BUCKET_NAME_BYTES + 1];
    assert(a.len <= LIMIT_BUCKET_NAME_BYTES);
    assert(b.len <= LIMIT_BUCKET_NAME_BYTES);
    for (size_t i = a.len + 1; i-- > 0;)
        for (size_t j = b.len + 1; j-- > 0;) {
            bool a_ends = i == a.len, b_ends = j == b.len, both = a_ends && b_ends;
            if (!a_ends && a.at[i] == '*') both |= meet[i + 1][j] || (!b_ends && meet[i][j + 1]);
            if (!b_ends && b.at[j] == '*') both |= meet[i][j + 1] || (!a_ends && meet[i + 1][j]);
            if (!a_ends && !b_ends && a.at[i] == b.at[j]) both |= meet[i + 1][j + 1];
            meet[i][j] = both;
        }
    return meet[0][0];
}
