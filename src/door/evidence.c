/* The methods for what is shown to others: proofs, why, acts, exports, bundles. */
#include "door/methods.h"

#include "evidence/evidence.h"
#include "tlog/tlog.h"

#include <stdlib.h>

static enum error_code prove(struct gate_visit *v, const json_t *in, json_t *out, struct error *e) {
    struct gate_get get = {.version = door_text(in, "version")};
    struct gate_answer answer;
    const json_t *open = json_object_get(in, "open");
    size_t count = json_array_size(open);
    str *fields = arena_new(v->arena, str, count);
    char *memory = arena_bytes(v->arena, TLOG_PROOF_BYTES_MAX);
    struct text text = text_into(memory, TLOG_PROOF_BYTES_MAX);
    if (fields == NULL || memory == NULL) return error_set(e, FAIL_MEMORY, "no room for a proof");
    TRY(door_need(in, "bucket", &get.bucket, e));
    TRY(door_need(in, "key", &get.key, e));
    get.with_version = get.version.len > 0;
    for (size_t i = 0; i < count; i++)
        fields[i] = str_from_c(json_string_value(json_array_get(open, i)));
    TRY(gate_prove(v, &get, fields, count, &text, &answer, e));
    door_put(out, "proof", text_str(&text));
    return OK;
}

/* The lines of an answer, each a name and a text, for programs. */
static void lines_put(json_t *out, const char *name, str text) {
    json_t *items = json_array();
    str line;
    while (str_cut(&text, '\n', &line)) {
        str word;
        json_t *item = json_object();
        if (!str_cut(&line, ' ', &word)) word = line;
        door_put(item, "name", word);
        door_put(item, "text", str_trim(line));
        json_array_append_new(items, item);
    }
    json_object_set_new(out, name, items);
}

static enum error_code why(struct gate_visit *v, const json_t *in, json_t *out, struct error *e) {
    char *memory = arena_bytes(v->arena, 65536);
    struct text text = text_into(memory, 65536);
    str id;
    if (memory == NULL) return error_set(e, FAIL_MEMORY, "no room for an answer");
    TRY(door_need(in, "request", &id, e));
    TRY(gate_why(v, id, &text, e));
    door_put(out, "text", text_str(&text));
    lines_put(out, "items", text_str(&text));
    return OK;
}

enum { LOST_TEXT_BYTES = 32768 };   /* the lines of some eighty logs; the rest is cut */
enum { ACTS_PAGE_BYTES = 2 << 20 }; /* base64 and JSON stay below the 8 MiB of an answer */

static enum error_code act_show(void *self, const struct gate_act *act, struct error *e) {
    json_t *row = json_object();
    char *text = malloc(base64_bytes(act->decision.len));
    if (text == NULL) {
        json_decref(row);
        return error_set(e, FAIL_MEMORY, "no room for an act");
    }
    size_t len = base64_write(act->decision.at, act->decision.len, text);
    door_put(row, "entry", act->name);
    json_object_set_new(row, "time_ns", json_integer((json_int_t)act->time_ns));
    door_put(row, "decision", str_of(text, len));
    free(text);
    json_array_append_new(self, row);
    return OK;
}

static enum error_code act_list(struct gate_visit *v, const json_t *in, json_t *out,
                                struct error *e) {
    json_int_t first = json_integer_value(json_object_get(in, "first")),
               log = json_integer_value(json_object_get(in, "log"));
    struct gate_act_next next;
    struct gate_act_page ask = {.log = log > 0 && log <= UINT32_MAX ? (uint32_t)log : 0,
                                .first = first > 0 ? (uint64_t)first : 0,
                                .from_ns = INT64_MIN,
                                .until_ns = INT64_MAX,
                                .bytes_most = ACTS_PAGE_BYTES};
    if (door_text(in, "from").len > 0) TRY(door_time(in, "from", &ask.from_ns, e));
    if (door_text(in, "to").len > 0) TRY(door_time(in, "to", &ask.until_ns, e));
    json_t *acts = json_array();
    json_object_set_new(out, "acts", acts);
    TRY(gate_act_list(v, &ask, act_show, acts, &next, e));
    json_object_set_new(out, "log", json_integer((json_int_t)next.log));
    json_object_set_new(out, "first", json_integer((json_int_t)next.first));
    json_object_set_new(out, "end", json_boolean(next.is_end));
    json_object_set_new(out, "done", json_integer((json_int_t)next.done));
    json_object_set_new(out, "entries", json_integer((json_int_t)next.all));
    return OK;
}

/* What no export has of the line is said with it. */
static enum error_code lost_put(struct gate_visit *v, json_t *out, struct error *e) {
    char *memory = arena_bytes(v->arena, LOST_TEXT_BYTES);
    struct text text = text_into(memory, LOST_TEXT_BYTES);
    bool incomplete;
    if (memory == NULL) return error_set(e, FAIL_MEMORY, "no room for an answer");
    TRY(gate_lost_tell(v, &text, &incomplete, e));
    if (text.len == 0) return OK;
    door_put(out, "lost", text_str(&text));
    json_object_set_new(out, "incomplete", json_boolean(incomplete));
    return OK;
}

static enum error_code export_store(struct gate_visit *v, const json_t *in, json_t *out,
                                    struct error *e) {
    str dir, kept;
    TRY(door_need(in, "to", &dir, e));
    TRY(arena_copy(v->arena, dir, &kept, e));
    TRY(gate_export(v, kept.at, json_is_true(json_object_get(in, "bodies")), NULL, NULL, e));
    return lost_put(v, out, e);
}

static enum error_code export_ledger(struct gate_visit *v, const json_t *in, json_t *out,
                                     struct error *e) {
    str dir, kept;
    TRY(door_need(in, "to", &dir, e));
    TRY(arena_copy(v->arena, dir, &kept, e));
    TRY(gate_ledger_export(v, kept.at, NULL, NULL, e));
    door_put(out, "vkey", gate_ledger_vkey(v->gate));
    return lost_put(v, out, e);
}

static enum error_code bundle_ask_read(struct gate_visit *v, const json_t *in,
                                       struct gate_bundle_ask *ask, struct error *e) {
    const json_t *open = json_object_get(in, "open");
    int64_t from_ns, until_ns;
    size_t count = json_array_size(open);
    str *fields = arena_new(v->arena, str, count), dir, kept;
    if (fields == NULL) return error_set(e, FAIL_MEMORY, "no room for a bundle");
    TRY(door_need(in, "to", &dir, e));
    TRY(arena_copy(v->arena, dir, &kept, e));
    TRY(door_time(in, "from", &from_ns, e));
    TRY(door_time(in, "until", &until_ns, e));
    for (size_t i = 0; i < count; i++)
        fields[i] = str_from_c(json_string_value(json_array_get(open, i)));
    str whom = door_text(in, "for");
    if (whom.len == 0 || whom.len > 512)
        return error_set(e, FAIL_USAGE, "for: 1 to 512 bytes say for whom the bundle is");
    *ask = (struct gate_bundle_ask){.dir = kept.at,
                                    .whom = whom,
                                    .from = evidence_minute(from_ns),
                                    .until = evidence_minute(until_ns),
                                    .fields = fields,
                                    .field_count = count};
    return OK;
}

static enum error_code bundle_write(struct gate_visit *v, const json_t *in, json_t *out,
                                    struct error *e) {
    struct gate_bundle_ask ask;
    TRY(bundle_ask_read(v, in, &ask, e));
    return gate_bundle_write(v, &ask, out, e);
}

static enum error_code bundle_seal(struct gate_visit *v, const json_t *in, json_t *out,
                                   struct error *e) {
    struct gate_bundle_ask ask;
    TRY(bundle_ask_read(v, in, &ask, e));
    return gate_bundle_seal(v, &ask, e);
}

const struct door_method door_evidence[] = {
    {"prove", prove},
    {"why", why},
    {"act/list", act_list},
    {"export/store", export_store},
    {"export/ledger", export_ledger},
    {"bundle/write", bundle_write},
    {"bundle/seal", bundle_seal},
};
const size_t door_evidence_count = COUNT_OF(door_evidence);
