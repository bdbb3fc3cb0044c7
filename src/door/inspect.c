/* The methods for those who look and find: inspections, findings, and what is decided from. */
#include "door/methods.h"
#include "register/register.h"

#include <stdlib.h>

enum { PAGE_BYTES = 2 << 20, LIST_DEFAULT = 1000, REPORT_PAGE_MOST = 1000 };

static void digest_put(json_t *out, const char *name, const digest *d) {
    char hex[2 * DIGEST_BYTES];
    hex_write(d->at, DIGEST_BYTES, hex);
    door_put(out, name, str_of(hex, sizeof hex));
}

static enum error_code digest_need(const json_t *in, const char *name, digest *out,
                                   struct error *e) {
    str text;
    TRY(door_need(in, name, &text, e));
    if (text.len == 2 * DIGEST_BYTES && hex_read(text, out->at, DIGEST_BYTES)) return OK;
    return error_set(e, FAIL_USAGE, "%s: expected %d hex digits", name, 2 * DIGEST_BYTES);
}

/* ---- inspections ---- */

static void inspection_put(json_t *row, const struct gate_inspection *x) {
    static const char *const states[] = {"confirmed", "withdrawn", "expired"};
    const struct {
        const char *name;
        str value;
    } texts[] = {{"id", x->id},
                 {"subject", x->subject},
                 {"fact", x->field},
                 {"found", x->found},
                 {"register", x->said},
                 {"reason", x->reason},
                 {"requester", x->requester},
                 {"inspector", x->inspector},
                 {"entry", x->entry}};
    for (size_t i = 0; i < COUNT_OF(texts); i++) door_put(row, texts[i].name, texts[i].value);
    json_object_set_new(row, "agrees", json_boolean(x->agrees));
    json_object_set_new(row, "state", json_string(states[x->state]));
    door_time_put(row, "at", x->at_ns);
    if (x->until_ns != INT64_MAX) door_time_put(row, "until", x->until_ns);
    if (x->ended_ns != 0) door_time_put(row, "ended", x->ended_ns);
}

static enum error_code inspect_confirm(struct gate_visit *v, const json_t *in, json_t *out,
                                       struct error *e) {
    struct gate_answer answer;
    struct gate_inspection x = {.reason = door_text(in, "reason"),
                                .requester = door_text(in, "requester"),
                                .until_ns = INT64_MAX};
    TRY(door_need(in, "subject", &x.subject, e));
    TRY(door_need(in, "fact", &x.field, e));
    TRY(door_need(in, "value", &x.found, e));
    if (door_text(in, "until").len > 0) TRY(door_time(in, "until", &x.until_ns, e));
    TRY(gate_inspect_confirm(v, &x, &answer, e));
    inspection_put(out, &x);
    return door_receipt(out, &answer, OK);
}

static enum error_code inspect_withdraw(struct gate_visit *v, const json_t *in, json_t *out,
                                        struct error *e) {
    struct gate_answer answer;
    str id;
    TRY(door_need(in, "id", &id, e));
    return door_receipt(out, &answer,
                        gate_inspect_withdraw(v, id, door_text(in, "reason"), &answer, e));
}

/* What judges by it needs times to the nanosecond, and the source as the gate writes it. */
static enum error_code inspection_show(void *self, const struct gate_inspection *x,
                                       struct error *e) {
    json_t *row = json_object();
    char memory[4096];
    struct arena arena = arena_over(memory, sizeof memory);
    struct register_inspected said;
    enum error_code code = gate_inspection_said(x, &arena, &said, e);
    if (code == OK) {
        inspection_put(row, x);
        door_put(row, "source", said.source);
        json_object_set_new(row, "since_ns", json_integer(said.since_ns));
        json_object_set_new(row, "until_ns", json_integer(said.until_ns));
        json_array_append(self, row);
    }
    json_decref(row);
    return code;
}

static enum error_code inspect_list(struct gate_visit *v, const json_t *in, json_t *out,
                                    struct error *e) {
    json_t *list = json_array();
    json_object_set_new(out, "inspections", list);
    return gate_inspect_list(v, inspection_show, list, e);
}

/* ---- findings ---- */

static enum error_code finding_read(const json_t *in, struct arena *arena, struct gate_finding *out,
                                    struct error *e) {
    const json_t *names = json_object_get(in, "clauses");
    size_t count = json_array_size(names);
    str *clauses = arena_new(arena, str, count);
    if (clauses == NULL) return error_set(e, FAIL_MEMORY, "no room for a finding");
    for (size_t i = 0; i < count; i++) {
        const json_t *name = json_array_get(names, i);
        clauses[i] = str_of(json_string_value(name), json_string_length(name));
    }
    *out = (struct gate_finding){
        .clauses = clauses, .clause_count = count, .text = door_text(in, "text")};
    TRY(door_need(in, "kind", &out->kind, e));
    TRY(door_need(in, "subject", &out->subject, e));
    TRY(door_need(in, "verdict", &out->verdict, e));
    return digest_need(in, "facts", &out->facts, e);
}

static enum error_code finding_report(struct gate_visit *v, const json_t *in, json_t *out,
                                      struct error *e) {
    const json_t *list = json_object_get(in, "findings");
    size_t count = json_array_size(list);
    struct gate_finding *findings = arena_new(v->arena, struct gate_finding, count);
    struct gate_report report = {.detail = door_text(in, "detail"),
                                 .findings = findings,
                                 .count = count,
                                 .is_last = json_is_true(json_object_get(in, "last"))};
    struct gate_report_taken taken;
    struct gate_answer answer;
    if (findings == NULL) return error_set(e, FAIL_MEMORY, "no room for findings");
    if (count > REPORT_PAGE_MOST)
        return error_set(e, FAIL_LIMIT, "a page of a report has at most %d findings",
                         REPORT_PAGE_MOST);
    TRY(door_need(in, "source", &report.source, e));
    TRY(digest_need(in, "report", &report.digest, e));
    for (size_t i = 0; i < count; i++)
        TRY(finding_read(json_array_get(list, i), v->arena, &findings[i], e));
    TRY(gate_report_take(v, &report, &taken, &answer, e));
    json_object_set_new(out, "standing", json_integer((json_int_t)taken.standing));
    json_object_set_new(out, "entered", json_integer((json_int_t)taken.entered));
    json_object_set_new(out, "gone", json_integer((json_int_t)taken.gone));
    return door_receipt(out, &answer, OK);
}

static void finding_put(json_t *row, const struct gate_finding *f) {
    json_t *clauses = json_array();
    for (size_t i = 0; i < f->clause_count; i++)
        json_array_append_new(clauses, json_stringn(f->clauses[i].at, f->clauses[i].len));
    door_put(row, "id", f->id);
    json_object_set_new(row, "state", json_string(f->stands ? "standing" : "gone"));
    door_put(row, "kind", f->kind);
    door_put(row, "subject", f->subject);
    json_object_set_new(row, "clauses", clauses);
    door_put(row, "verdict", f->verdict);
    door_put(row, "text", f->text);
    door_put(row, "source", f->source);
    door_time_put(row, "first", f->first_ns);
    door_time_put(row, "last", f->last_ns);
    if (f->gone_ns != 0) door_time_put(row, "gone", f->gone_ns);
    json_object_set_new(row, "times", json_integer((json_int_t)f->times));
    door_put(row, "first_entry", f->first_entry);
    door_put(row, "last_entry", f->last_entry);
    digest_put(row, "facts", &f->facts);
    digest_put(row, "report", &f->report);
}

static enum error_code finding_row(void *self, const struct gate_finding *f, struct error *e) {
    json_t *row = json_object();
    finding_put(row, f);
    json_array_append_new(self, row);
    return OK;
}

static enum error_code finding_list(struct gate_visit *v, const json_t *in, json_t *out,
                                    struct error *e) {
    const json_t *max = json_object_get(in, "max");
    struct gate_finding_filter filter = {.kind = door_text(in, "kind"),
                                         .clause = door_text(in, "clause"),
                                         .subject = door_text(in, "subject"),
                                         .after = door_text(in, "after"),
                                         .gone_too = json_is_true(json_object_get(in, "all")),
                                         .max = LIST_DEFAULT};
    json_t *list = json_array();
    json_object_set_new(out, "findings", list);
    if (json_is_integer(max) && json_integer_value(max) >= 0)
        filter.max = size_min((size_t)json_integer_value(max), LIST_DEFAULT);
    return gate_finding_list(v, &filter, finding_row, list, e);
}

static enum error_code finding_show(struct gate_visit *v, const json_t *in, json_t *out,
                                    struct error *e) {
    struct gate_finding f;
    str id;
    TRY(door_need(in, "id", &id, e));
    TRY(gate_finding_show(v, id, &f, e));
    finding_put(out, &f);
    return OK;
}

/* ---- what is decided from ---- */

static enum error_code register_row_show(void *self, const struct gate_register_row *row,
                                         struct error *e) {
    json_t *out = json_object();
    door_put(out, "kind", row->kind);
    if (row->canonical.len > 0)
        door_put(out, "row", row->canonical);
    else
        door_time_put(out, "complete_as_of", row->as_of_ns);
    json_array_append_new(self, out);
    return OK;
}

static enum error_code register_read(struct gate_visit *v, const json_t *in, json_t *out,
                                     struct error *e) {
    json_int_t first = json_integer_value(json_object_get(in, "first"));
    struct gate_register_page ask = {
        .held_ns = INT64_MAX, .first = first > 0 ? (uint64_t)first : 0, .bytes_most = PAGE_BYTES};
    uint64_t next;
    digest sha256;
    json_t *rows = json_array();
    json_object_set_new(out, "rows", rows);
    if (door_text(in, "held").len > 0) TRY(door_time(in, "held", &ask.held_ns, e));
    TRY(gate_register_show(v, &ask, register_row_show, rows, &next, &sha256, e));
    json_object_set_new(out, "next", json_integer((json_int_t)next));
    digest_put(out, "digest", &sha256);
    return OK;
}

static enum error_code rulebook_show(void *self, str name, str bytes, struct error *e) {
    json_t *row = json_object();
    door_put(row, "name", name);
    door_put(row, "text", bytes);
    json_array_append_new(self, row);
    return OK;
}

static enum error_code rulebook_read_(struct gate_visit *v, const json_t *in, json_t *out,
                                      struct error *e) {
    json_t *list = json_array();
    json_object_set_new(out, "rulebooks", list);
    return gate_rulebooks_show(v, rulebook_show, list, e);
}

static enum error_code events_read(struct gate_visit *v, const json_t *in, json_t *out,
                                   struct error *e) {
    json_int_t file = json_integer_value(json_object_get(in, "file")),
               at = json_integer_value(json_object_get(in, "at"));
    struct gate_events_page ask = {.file = file > 0 ? (size_t)file : 0,
                                   .at = at > 0 ? (size_t)at : 0,
                                   .bytes_most = PAGE_BYTES};
    struct gate_events_piece piece;
    TRY(gate_events_show(v, &ask, &piece, e));
    door_put(out, "name", piece.name);
    door_put(out, "text", piece.bytes);
    if (piece.is_last) return OK;
    json_object_set_new(out, "file", json_integer((json_int_t)piece.file));
    json_object_set_new(out, "at", json_integer((json_int_t)piece.at));
    return OK;
}

const struct door_method door_inspecting[] = {
    {"inspect/confirm", inspect_confirm}, {"inspect/withdraw", inspect_withdraw},
    {"inspect/list", inspect_list},       {"finding/report", finding_report},
    {"finding/list", finding_list},       {"finding/show", finding_show},
    {"register/read", register_read},     {"rulebook/read", rulebook_read_},
    {"events/read", events_read},
};
const size_t door_inspecting_count = COUNT_OF(door_inspecting);
