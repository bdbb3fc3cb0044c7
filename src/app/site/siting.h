/* Inner: what the parts of `azekura site` share. */
#ifndef AZEKURA_APP_SITING_H
#define AZEKURA_APP_SITING_H

#include "app/options.h"
#include "app/site/events.h"
#include "planning/planning.h"

enum { EXIT_NO_SET = 1, EXIT_FAILED = 4 };

struct siting_call {
    struct option_list registers, rulebooks, events, countries, disjoint;
    const char *as_of, *lang, *format, *out;
    const char *dataset, *rebuild, *down_longer_than, *by, *store_site, *near, *near_km, *min_km;
    const char *branch, *outage;
    uint64_t copies, tolerate, simulate_years;
    bool known_only, what_if;
    /* What open() fills: */
    struct arena_space space, scratch_space;
    struct arena arena, scratch;
    struct register_snapshot *snapshot;
    struct siting_model model;
    struct planning_world world;
    enum planning_format format_kind;
};

/* app/site/request.c */

/* "48 h", "30d", "90 min"; to hours. FAIL_USAGE. */
enum error_code hours_of(const char *option, const char *text, double *hours,
                         struct error *e) MUST_USE;
/* Reads --tolerate, --rebuild, --by, --country and what else says how a set is meant; --copies is not asked
 * for. FAIL_USAGE. */
enum error_code set_request_read(struct siting_call *x, struct planning_request *out,
                                 struct error *e) MUST_USE;

/* That, and what else a plan takes: how many copies, near what, apart from what. FAIL_USAGE. */
enum error_code plan_request_read(struct siting_call *x, struct planning_request *out,
                                  struct error *e) MUST_USE;

/* app/site/explain.c: over a world that is open; NAMES are sites, NULL ends. */
enum error_code site_explain(struct siting_call *x, const char *const *names,
                             struct error *e) MUST_USE;

/* app/site/check.c: a command by itself; returns its exit status. */
int site_check(struct siting_call *x, const char *command);

#endif
