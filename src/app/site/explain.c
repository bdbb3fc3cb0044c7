/* azekura site explain: why a set of sites is as good or bad as it is. */
#include "app/site/siting.h"

enum error_code site_explain(struct siting_call *x, const char *const *names, struct error *e) {
    struct planning_request request;
    struct planning_explanation *made = arena_new(&x->arena, struct planning_explanation, 1);
    str *sites = arena_new(&x->arena, str, SITING_SET_MAX);
    struct report_out out;
    size_t count = 0;
    if (made == NULL || sites == NULL) return error_set(e, FAIL_MEMORY, "no memory to explain");
    for (; names[count] != NULL; count++) sites[count] = str_from_c(names[count]);
    if (count == 0 && x->dataset == NULL)
        return error_set(e, FAIL_USAGE,
                         "explain what? Name sites, or --dataset for today's copies");
    if (count > 0 && x->dataset != NULL)
        return error_set(e, FAIL_USAGE, "--dataset is its copies today: leave the sites out");
    if (x->format_kind == PLANNING_GEOJSON)
        return error_set(e, FAIL_USAGE, "explain is written as text, json or html, not geojson");
    TRY(set_request_read(x, &request, e));
    TRY(planning_explain(&x->world, &request, sites, count, &x->arena, x->scratch, made, e));
    TRY(report_open(x->out, &out, e));
    planning_write_explanation(&x->world, made, x->scratch, x->format_kind, &out);
    return report_close(&out, e);
}
