/* What the attributes of an official map say: ranks, words and kinds of zone become numbers. */
#include "siting/official_inner.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "siting/collection.h"
#include "siting/number.h"

const struct doc_node *official_property(const struct doc_node *properties,
                                         const char *const *names, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const struct doc_node *node = doc_map_find(properties, str_from_c(names[i]));
        if (node != NULL) return node;
    }
    return NULL;
}

static bool digits_take(str *rest, double *out) {
    char digits[24];
    size_t len = 0;
    while (len < rest->len && len < sizeof digits - 1 &&
           ((rest->at[len] >= '0' && rest->at[len] <= '9') || rest->at[len] == '.'))
        len++;
    if (len == 0 || rest->at[0] == '.') return false;
    memcpy(digits, rest->at, len);
    digits[len] = 0;
    *out = strtod(digits, NULL);
    *rest = str_skip(*rest, len);
    return isfinite(*out);
}

bool collection_depth_read(str words, double *low, double *high) {
    static const str metres[] = {{" ", 1}, {"　", 3}, {"m", 1}, {"ｍ", 3}};
    bool has_low = false, has_high = false, is_wrong = false;
    *low = 0;
    *high = INFINITY;
    while (words.len > 0) {
        double number;
        if (!digits_take(&words, &number)) {
            words = str_skip(words, 1);
            continue;
        }
        for (size_t i = 0; i < COUNT_OF(metres);) {
            if (str_starts(words, metres[i])) {
                words = str_skip(words, metres[i].len);
                i = 0;
            } else
                i++;
        }
        if (str_starts(words, STR("以上"))) {
            is_wrong |= has_low;
            *low = number;
            has_low = true;
        } else if (str_starts(words, STR("未満")) || str_starts(words, STR("以下"))) {
            is_wrong |= has_high;
            *high = number;
            has_high = true;
        } else
            is_wrong = true;
    }
    return !is_wrong && (has_low || has_high) && *low <= *high;
}

/* Ranks of depth. Source: nlftp.mlit.go.jp/ksj, code list of depths (water_depth_code). */
static enum error_code flood_ends(const struct doc_node *rank, double *low, double *high,
                                  struct error *e) {
    static const double bounds[] = {0, 0.5, 3, 5, 10, 20, INFINITY};
    double number;
    TRY(number_read(rank, 1, 6, "a rank of depth, 1 to 6", &number, e));
    size_t at = (size_t)number;
    if ((double)at != number) return doc_expected(rank, e, "a rank of depth, 1 to 6");
    *low = bounds[at - 1];
    *high = bounds[at];
    return OK;
}

/* 3 and 4 are zones surveyed but not yet designated: as dangerous. */
static enum error_code zone_ends(const struct doc_node *zone, double *low, double *high,
                                 struct error *e) {
    double number;
    TRY(number_read(zone, 1, 4, "a kind of zone, 1 to 4", &number, e));
    if (number != floor(number)) return doc_expected(zone, e, "a kind of zone, 1 to 4");
    *low = *high = number == 2 || number == 4 ? 2 : 1;
    return OK;
}

enum error_code official_ends(enum siting_official_kind kind, const struct doc_node *properties,
                              double *low, double *high, struct error *e) {
    static const char *const names[SITING_COUNT][2] = {{"T30_I55_PS", "T30_I55_PS"},
                                                       {"A31a_205", "A31a_105"},
                                                       {"A40_003", "A40_003"},
                                                       {"A33_002", "A33_002"}};
    const struct doc_node *node = official_property(properties, names[kind], 2);
    if (node == NULL)
        return doc_error(properties, e, "there is no %s%s%s among the properties: not a map of %s",
                         names[kind][0], kind == SITING_FLOOD ? " or " : "",
                         kind == SITING_FLOOD ? names[kind][1] : "", official_kind_name(kind));
    switch (kind) {
    case SITING_QUAKE:
        TRY(number_read(node, 0, 1, "a probability from 0 to 1", low, e));
        *low = *high = *low * 100;
        return OK;
    case SITING_FLOOD: return flood_ends(node, low, high, e);
    case SITING_TSUNAMI:
        if (node->kind == DOC_SCALAR && collection_depth_read(node->text, low, high)) return OK;
        return doc_expected(node, e, "a depth in words, such as 0.3m以上 ～ 1m未満");
    case SITING_LANDSLIDE: return zone_ends(node, low, high, e);
    case SITING_COUNT: break;
    }
    return error_set(e, FAIL_INTERNAL, "no such kind of map");
}
