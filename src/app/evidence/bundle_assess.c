/* The assessment on a bundle's cover: what `azekura assess` says of the same files, in short. */
#include "app/evidence/bundle.h"

#include "app/assess/judging.h"
#include "assess/assess.h"

#include <stdio.h>

enum { ROWS_SHOWN = 40 };

static void text_set(json_t *out, const char *name, str value) {
    json_object_set_new(out, name, json_stringn(value.at != NULL ? value.at : "", value.len));
}

static void number_set(json_t *out, const char *name, uint64_t value) {
    json_object_set_new(out, name, json_integer((json_int_t)value));
}

static void row_tell(const struct assess_row *row, json_t *list) {
    const struct rulebook_clause *clause = row->clause;
    json_t *out = json_object();
    char name[512];
    snprintf(name, sizeof name, "%.*s/%.*s", STR_FMT(clause->rulebook->name), STR_FMT(clause->id));
    json_object_set_new(out, "clause", json_string(name));
    text_set(out, "en", clause->title.en);
    text_set(out, "ja", clause->title.ja);
    text_set(out, "subject", row->subject);
    text_set(out, "change", row->change);
    number_set(out, "count", row->count);
    json_array_append_new(list, out);
}

static json_t *rows_tell(const struct assessment *a, enum assess_verdict verdict) {
    json_t *list = json_array();
    for (size_t i = 0; i < a->row_count && json_array_size(list) < ROWS_SHOWN; i++)
        if (a->rows[i].verdict == verdict) row_tell(&a->rows[i], list);
    return list;
}

static json_t *tell(const struct assessment *a) {
    json_t *out = json_object(), *totals = json_object(), *gaps = json_array();
    char time[CLOCK_TEXT_BYTES], hex[2 * DIGEST_BYTES];
    clock_iso_s_write(a->at_ns, time);
    json_object_set_new(out, "as_of", json_string(time));
    hex_write(a->rules.at, DIGEST_BYTES, hex);
    text_set(out, "rules", str_of(hex, sizeof hex));
    hex_write(a->register_digest.at, DIGEST_BYTES, hex);
    text_set(out, "register", str_of(hex, sizeof hex));
    for (unsigned v = 0; v < ASSESS_VERDICT_COUNT; v++)
        number_set(totals, assess_verdict_name((enum assess_verdict)v), a->total[v]);
    json_object_set_new(out, "totals", totals);
    json_object_set_new(out, "fail", rows_tell(a, ASSESS_FAIL));
    json_object_set_new(out, "unknown", rows_tell(a, ASSESS_UNKNOWN));
    json_object_set_new(out, "excepted", rows_tell(a, ASSESS_EXCEPTED));
    for (size_t i = 0; i < a->gap_count; i++)
        json_array_append_new(gaps, json_stringn(a->gaps[i].at, a->gaps[i].len));
    json_object_set_new(out, "gaps", gaps);
    uint64_t at_gate = 0;
    for (size_t i = 0; i < a->tally_count; i++)
        if (a->tallies[i].unchecked != NULL && strcmp(a->tallies[i].unchecked, "gate") == 0)
            at_gate++;
    number_set(out, "at_gate", at_gate);
    return out;
}

static enum error_code run(struct judging *j, const struct bundle_assessing *ask,
                           struct assess_work **work, json_t **out, struct error *e) {
    const struct assessment *result;
    TRY(judging_open(j, NULL, true, e));
    struct assess_options options = judging_options(j);
    options.store_site = str_from_c(ask->store_site);
    TRY(assess_run(&options, work, &result, e));
    *out = tell(result);
    return OK;
}

enum error_code bundle_assess(const struct bundle_assessing *ask, json_t **out, struct error *e) {
    char time[CLOCK_TEXT_BYTES];
    struct assess_work *work = NULL;
    clock_iso_write(ask->at_ns, time);
    struct judging j = {.registers = *ask->registers,
                        .rulebooks = *ask->rulebooks,
                        .as_of = time,
                        .data = ask->data,
                        .credentials = ask->credentials,
                        .held_ns = ask->held_ns};
    enum error_code code = run(&j, ask, &work, out, e);
    assess_release(work);
    judging_close(&j);
    return code;
}
