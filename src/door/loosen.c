/* The methods for what lets a rule wait: exceptions and broken glass. */
#include "door/methods.h"
#include "rulebook/rulebook.h"

/* ---- exceptions ---- */

static enum error_code exception_propose(struct gate_visit *v, const json_t *in, json_t *out,
                                         struct error *e) {
    struct gate_answer answer;
    struct gate_exception x = {.clause = door_text(in, "clause"),
                               .dataset = door_text(in, "dataset"),
                               .site = door_text(in, "site"),
                               .reason = door_text(in, "reason"),
                               .measure = door_text(in, "measure"),
                               .from_ns = clock_wall_ns()};
    TRY(door_time(in, "until", &x.until_ns, e));
    if (door_text(in, "from").len > 0) TRY(door_time(in, "from", &x.from_ns, e));
    TRY(gate_exception_propose(v, &x, &answer, e));
    door_put(out, "id", x.id);
    return door_receipt(out, &answer, OK);
}

static enum error_code exception_approve(struct gate_visit *v, const json_t *in, json_t *out,
                                         struct error *e) {
    struct gate_answer answer;
    str id;
    TRY(door_need(in, "id", &id, e));
    return door_receipt(out, &answer, gate_exception_approve(v, id, &answer, e));
}

static enum error_code exception_renew(struct gate_visit *v, const json_t *in, json_t *out,
                                       struct error *e) {
    struct gate_answer answer;
    int64_t until_ns;
    str id;
    TRY(door_need(in, "id", &id, e));
    TRY(door_time(in, "until", &until_ns, e));
    return door_receipt(out, &answer, gate_exception_renew(v, id, until_ns, &answer, e));
}

static enum error_code exception_end(struct gate_visit *v, const json_t *in, json_t *out,
                                     struct error *e) {
    struct gate_answer answer;
    str id;
    TRY(door_need(in, "id", &id, e));
    return door_receipt(out, &answer, gate_exception_end(v, id, &answer, e));
}

static enum error_code exception_show(void *self, const struct gate_exception *x, struct error *e) {
    static const char *const states[] = {"proposed", "approved", "ended", "expired"};
    json_t *row = json_object();
    char time[CLOCK_TEXT_BYTES];
    const struct {
        const char *name;
        str value;
    } texts[] = {{"id", x->id},
                 {"clause", x->clause},
                 {"dataset", x->dataset},
                 {"site", x->site},
                 {"reason", x->reason},
                 {"measure", x->measure},
                 {"requester", x->requester},
                 {"approver", x->approver}};
    for (size_t i = 0; i < COUNT_OF(texts); i++) door_put(row, texts[i].name, texts[i].value);
    json_object_set_new(row, "state", json_string(states[x->state]));
    clock_iso_s_write(x->from_ns, time);
    json_object_set_new(row, "from", json_string(time));
    clock_iso_s_write(x->until_ns, time);
    json_object_set_new(row, "until", json_string(time));
    json_object_set_new(row, "renewals", json_integer(x->renewals));
    if (x->renewal_until_ns > 0) {
        clock_iso_s_write(x->renewal_until_ns, time);
        json_object_set_new(row, "renewal_until", json_string(time));
        door_put(row, "renewal_by", x->renewal_by);
    }
    json_array_append_new(self, row);
    return OK;
}

static enum error_code exception_list(struct gate_visit *v, const json_t *in, json_t *out,
                                      struct error *e) {
    json_t *list = json_array();
    enum error_code code = gate_exception_list(v, exception_show, list, e);
    json_object_set_new(out, "exceptions", list);
    return code;
}

/* ---- broken glass ---- */

static enum error_code length_need(struct gate_visit *v, const json_t *in, int64_t *out_ns,
                                   struct error *e) {
    struct rulebook_value value;
    struct arena scratch = *v->arena;
    str text;
    TRY(door_need(in, "for", &text, e));
    scratch.next = scratch.end - arena_left(&scratch) / 2;
    if (rulebook_value_read(STR("for"), text, v->arena, scratch, &value, e) == OK &&
        value.kind == RULEBOOK_DURATION && value.duration.months == 0) {
        *out_ns = value.duration.ns;
        return OK;
    }
    return error_set(e, FAIL_USAGE, "for: \"%.*s\" is no length such as 8 h or 90 min",
                     STR_FMT(text));
}

static enum error_code glass_open(struct gate_visit *v, const json_t *in, json_t *out,
                                  struct error *e) {
    const json_t *list = json_object_get(in, "clauses");
    struct gate_answer answer;
    struct gate_glass glass = {.dataset = door_text(in, "dataset"),
                               .site = door_text(in, "site"),
                               .reason = door_text(in, "reason"),
                               .clause_count = json_array_size(list)};
    if (glass.clause_count > GATE_GLASS_CLAUSES)
        return error_set(e, FAIL_USAGE, "broken glass names 1 to %d clauses", GATE_GLASS_CLAUSES);
    str *clauses = arena_new(v->arena, str, glass.clause_count);
    if (clauses == NULL) return error_set(e, FAIL_MEMORY, "no room for clauses");
    for (size_t i = 0; i < glass.clause_count; i++) {
        const char *clause = json_string_value(json_array_get(list, i));
        clauses[i] = str_from_c(clause != NULL ? clause : "");
    }
    glass.clauses = clauses;
    TRY(length_need(v, in, &glass.length_ns, e));
    TRY(gate_glass_open(v, &glass, &answer, e));
    door_put(out, "id", glass.id);
    return door_receipt(out, &answer, OK);
}

static enum error_code glass_confirm(struct gate_visit *v, const json_t *in, json_t *out,
                                     struct error *e) {
    struct gate_answer answer;
    str id;
    TRY(door_need(in, "id", &id, e));
    return door_receipt(out, &answer, gate_glass_confirm(v, id, &answer, e));
}

static enum error_code glass_close(struct gate_visit *v, const json_t *in, json_t *out,
                                   struct error *e) {
    struct gate_answer answer;
    str id;
    TRY(door_need(in, "id", &id, e));
    return door_receipt(out, &answer, gate_glass_close(v, id, &answer, e));
}

static void glass_put(json_t *row, const struct gate_glass *g) {
    static const char *const states[] = {"opened", "in-effect", "closed", "expired"};
    json_t *clauses = json_array();
    for (size_t i = 0; i < g->clause_count; i++)
        json_array_append_new(clauses, json_stringn(g->clauses[i].at, g->clauses[i].len));
    door_put(row, "id", g->id);
    json_object_set_new(row, "state", json_string(states[g->state]));
    json_object_set_new(row, "clauses", clauses);
    door_put(row, "dataset", g->dataset);
    door_put(row, "site", g->site);
    door_put(row, "reason", g->reason);
    door_put(row, "opener", g->opener);
    door_put(row, "confirmer", g->confirmer);
    door_put(row, "closer", g->closer);
    door_time_put(row, "opened", g->opened_ns);
    json_object_set_new(row, "for_s", json_integer(g->length_ns / NS_PER_S));
    if (g->from_ns > 0) door_time_put(row, "from", g->from_ns);
    if (g->until_ns > 0) door_time_put(row, "until", g->until_ns);
}

static enum error_code glass_show(void *self, const struct gate_glass *g, struct error *e) {
    json_t *row = json_object();
    glass_put(row, g);
    json_array_append_new(self, row);
    return OK;
}

static enum error_code glass_list(struct gate_visit *v, const json_t *in, json_t *out,
                                  struct error *e) {
    json_t *list = json_array();
    enum error_code code = gate_glass_list(v, glass_show, list, e);
    json_object_set_new(out, "glass", list);
    return code;
}

static enum error_code act_show(void *self, const struct gate_glass_act *act, struct error *e) {
    json_t *row = json_object();
    door_put(row, "entry", act->name);
    json_object_set_new(row, "type", json_string(act->type));
    if (act->time_ns != 0) door_time_put(row, "time", act->time_ns);
    door_put(row, "bucket", act->bucket);
    door_put(row, "key", act->key);
    door_put(row, "user", act->user);
    door_put(row, "request", act->request);
    json_array_append_new(self, row);
    return OK;
}

static enum error_code glass_review(struct gate_visit *v, const json_t *in, json_t *out,
                                    struct error *e) {
    json_t *acts = json_array();
    struct gate_glass glass = {0};
    str id;
    enum error_code code = door_need(in, "id", &id, e);
    if (code == OK) code = gate_glass_review(v, id, &glass, act_show, acts, e);
    if (code == OK) glass_put(out, &glass);
    json_object_set_new(out, "acts", acts);
    return code;
}

const struct door_method door_loosening[] = {
    {"exception/propose", exception_propose}, {"exception/approve", exception_approve},
    {"exception/renew", exception_renew},     {"exception/end", exception_end},
    {"exception/list", exception_list},       {"break-glass/open", glass_open},
    {"break-glass/confirm", glass_confirm},   {"break-glass/close", glass_close},
    {"break-glass/list", glass_list},         {"break-glass/review", glass_review},
};
const size_t door_loosening_count = COUNT_OF(door_loosening);
