/* Reading the weights, and fitting those that a truth can show.
 *
 * Prefixes of one provider are right or wrong together: whoever publishes a feed of its places is right
 * throughout, and who does not is wrong for whole blocks. So thousands of them say hardly more than
 * one, and one provider alone says nothing of others. */
#include "survey/weights.h"

#include <stdlib.h>

static const char *const names[KIND_COUNT] = {
    [KIND_AGAINST] = "address-against",     [KIND_ECHO] = "address-echo",
    [KIND_ECHO_WEAK] = "address-echo-weak", [KIND_DOMESTIC] = "address-domestic",
    [KIND_OWNERLESS] = "address-ownerless", [KIND_SEAT] = "address-seat",
    [KIND_REGION] = "cloud-region",         [KIND_ENDPOINT] = "endpoint-name",
    [KIND_DECLARED] = "declared",           [KIND_HINT] = "hint",
    [KIND_HINT_WEAK] = "hint-weak",         [KIND_HEADER] = "header",
};

const char *survey_kind_name(enum survey_kind kind) {
    assert(kind < KIND_COUNT);
    return names[kind];
}

/* ---- reading ---- */

static str cell_find(const struct register_prefilled *list, const char *id, const char *column) {
    for (size_t i = 0; i < list->row_count; i++)
        if (str_equal(register_prefilled_cell(list, i, STR("id")), str_from_c(id)))
            return register_prefilled_cell(list, i, str_from_c(column));
    return STR_EMPTY;
}

static enum error_code share_read(const struct register_prefilled *list, const char *id,
                                  const char *column, double *out, struct error *e) {
    char text[24], *end;
    str cell = cell_find(list, id, column);
    if (cell.len > 0 && cell.len < sizeof text) {
        memcpy(text, cell.at, cell.len);
        text[cell.len] = 0;
        *out = strtod(text, &end);
        if (*end == 0 && *out > 0 && *out < 1) return OK;
    }
    return error_set(e, FAIL_SYNTAX,
                     "the weights: expected a share under \"%s\" of %s, found \"%.*s\"", column, id,
                     STR_FMT(str_slice(cell, 0, 24)));
}

enum error_code survey_weights_read(struct arena *arena, struct arena scratch,
                                    struct survey_weights *out, struct error *e) {
    struct register_prefilled list;
    struct survey_weights weights = {0};
    TRY(register_prefilled_read(STR("weights"), arena, scratch, &list, e));
    for (unsigned k = 0; k < KIND_COUNT; k++) {
        TRY(share_read(&list, names[k], "value", &weights.wrong[k], e));
        TRY(share_read(&list, names[k], "prior", &weights.prior[k], e));
    }
    TRY(share_read(&list, "sure", "value", &weights.sure, e));
    TRY(share_read(&list, "spread", "value", &weights.spread, e));
    if (!geo_country_read(cell_find(&list, "home", "value"), &weights.home))
        return error_set(e, FAIL_SYNTAX, "the weights: expected a country as home");
    weights.date = list.as_of;
    *out = weights;
    return OK;
}

/* ---- fitting ---- */

enum { PRIOR_CASES = 25, PROVIDER_CASES = 50, ENOUGH_CASES = 30, ENOUGH_PROVIDERS = 2 };

void survey_weights_fit(const struct survey_seen (*seen)[KIND_FITTED], size_t provider_count,
                        struct survey_weights *weights) {
    for (unsigned k = 0; k < KIND_FITTED; k++) {
        double mistaken = weights->prior[k] * PRIOR_CASES, cases = PRIOR_CASES;
        size_t heard = 0;
        for (size_t p = 0; p < provider_count; p++) {
            const struct survey_seen *s = &seen[p][k];
            if (s->seen < ENOUGH_CASES) continue;
            heard++;
            mistaken += PROVIDER_CASES * ((double)s->mistaken / (double)s->seen);
            cases += PROVIDER_CASES;
        }
        weights->wrong[k] = heard >= ENOUGH_PROVIDERS ? mistaken / cases : weights->prior[k];
    }
}
