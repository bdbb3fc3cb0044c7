/* Decimal numbers. */
#include "siting/number.h"

#include <math.h>
#include <stdlib.h>

enum { NUMBER_CHARACTERS = 40 };

/* Digits with at most one point, then an exponent or none: what JSON and people write. strtod alone
 * would also take "0x1p3", "inf" and white space. */
static bool is_decimal(str s) {
    size_t at = 0, digits = 0;
    if (at < s.len && (s.at[at] == '-' || s.at[at] == '+')) at++;
    for (; at < s.len && s.at[at] >= '0' && s.at[at] <= '9'; at++) digits++;
    if (at < s.len && s.at[at] == '.')
        for (at++; at < s.len && s.at[at] >= '0' && s.at[at] <= '9'; at++) digits++;
    if (digits == 0) return false;
    if (at == s.len) return true;
    if (s.at[at] != 'e' && s.at[at] != 'E') return false;
    at++;
    if (at < s.len && (s.at[at] == '-' || s.at[at] == '+')) at++;
    size_t exponent = at;
    while (at < s.len && s.at[at] >= '0' && s.at[at] <= '9') at++;
    return at > exponent && at == s.len;
}

enum error_code number_read(const struct doc_node *node, double low, double high, const char *what,
                            double *out, struct error *e) {
    char digits[NUMBER_CHARACTERS + 1];
    if (node->kind != DOC_SCALAR || node->text.len > NUMBER_CHARACTERS || !is_decimal(node->text))
        return doc_expected(node, e, "%s", what);
    memcpy(digits, node->text.at, node->text.len);
    digits[node->text.len] = 0;
    double number = strtod(digits, NULL); /* the program never leaves the locale "C" */
    if (!(number >= low && number <= high) || !isfinite(number))
        return doc_expected(node, e, "%s", what);
    *out = number;
    return OK;
}

enum error_code number_find(const struct doc_node *map, const char *key, double low, double high,
                            const char *what, double *out, struct error *e) {
    const struct doc_node *node = doc_map_find(map, str_from_c(key));
    return node == NULL ? OK : number_read(node, low, high, what, out, e);
}
