/* The methods for what is owed. */
#include "door/methods.h"

enum { LIST_DEFAULT = 1000 };

static void debt_put(json_t *row, const struct gate_debt *d) {
    static const char *const states[] = {"owed", "late", "met"};
    door_put(row, "id", d->name);
    json_object_set_new(row, "state", json_string(states[d->state]));
    door_put(row, "what", d->what);
    door_put(row, "clause", d->clause);
    door_put(row, "dataset", d->dataset);
    door_put(row, "bucket", d->bucket);
    door_put(row, "key", d->key);
    door_put(row, "version", d->version);
    door_time_put(row, "since", d->since_ns);
    if (d->due_ns != INT64_MAX) door_time_put(row, "due", d->due_ns);
    if (d->start.len > 0) door_put(row, "start", d->start);
    door_put(row, "act", d->act_name);
    if (d->settled_name.len > 0) door_put(row, "settled", d->settled_name);
    json_object_set_new(row, "object_gone", json_boolean(d->object_gone));
}

static enum error_code debt_row(void *self, const struct gate_debt *debt, struct error *e) {
    json_t *row = json_object();
    debt_put(row, debt);
    json_array_append_new(self, row);
    return OK;
}

static enum error_code debt_list(struct gate_visit *v, const json_t *in, json_t *out,
                                 struct error *e) {
    const json_t *max = json_object_get(in, "max");
    struct gate_debt_filter filter = {.dataset = door_text(in, "dataset"),
                                      .only_late = json_is_true(json_object_get(in, "late")),
                                      .max = LIST_DEFAULT};
    json_t *list = json_array();
    if (json_is_integer(max) && json_integer_value(max) >= 0)
        filter.max = (size_t)json_integer_value(max);
    enum error_code code = gate_debt_list(v, &filter, debt_row, list, e);
    json_object_set_new(out, "debts", list);
    return code;
}

static enum error_code account_row(void *self, const struct gate_debt_account *a, struct error *e) {
    json_t *row = json_object();
    door_put(row, "what", a->what);
    door_put(row, "clause", a->clause);
    door_put(row, "dataset", a->dataset);
    json_object_set_new(row, "owed", json_integer((json_int_t)a->owed));
    json_object_set_new(row, "late", json_integer((json_int_t)a->late));
    json_object_set_new(row, "met", json_integer((json_int_t)a->met));
    if (a->due_ns != INT64_MAX) door_time_put(row, "next_due", a->due_ns);
    json_array_append_new(self, row);
    return OK;
}

static enum error_code debt_accounts(struct gate_visit *v, const json_t *in, json_t *out,
                                     struct error *e) {
    json_t *list = json_array();
    enum error_code code = gate_debt_accounts(v, account_row, list, e);
    json_object_set_new(out, "accounts", list);
    return code;
}

static enum error_code debt_show(struct gate_visit *v, const json_t *in, json_t *out,
                                 struct error *e) {
    struct gate_debt debt;
    str id;
    TRY(door_need(in, "id", &id, e));
    TRY(gate_debt_show(v, id, &debt, e));
    debt_put(out, &debt);
    return OK;
}

static enum error_code debt_pay(struct gate_visit *v, const json_t *in, json_t *out,
                                struct error *e) {
    struct gate_answer answer;
    str id, document;
    TRY(door_need(in, "id", &id, e));
    TRY(door_need(in, "by", &document, e));
    return door_receipt(out, &answer, gate_debt_pay(v, id, document, &answer, e));
}

const struct door_method door_debts[] = {
    {"debt/list", debt_list},
    {"debt/accounts", debt_accounts},
    {"debt/show", debt_show},
    {"debt/pay", debt_pay},
};
const size_t door_debts_count = COUNT_OF(door_debts);
