/* Findings of one report into a store, page by page; of azekura assess --record those rows that fail or are
 * unknown. */
#include "app/assess/recording.h"

#include "gate/gate.h"

#include <stdio.h>
#include <stdlib.h>

enum { PAGE_FINDINGS = 400, TEXT_BYTES = 1024 }; /* 400 of some 2 KiB stay below a request's MiB */
_Static_assert((int)TEXT_BYTES <= (int)GATE_FINDING_TEXT_BYTES, "a finding's text fits");

static void text_set(json_t *out, const char *name, str value) {
    json_object_set_new(out, name, json_stringn(value.at != NULL ? value.at : "", value.len));
}

static void digest_set(json_t *out, const char *name, const digest *d) {
    char hex[2 * DIGEST_BYTES];
    hex_write(d->at, DIGEST_BYTES, hex);
    text_set(out, name, str_of(hex, sizeof hex));
}

static enum error_code report_hash(const struct assessment *a, digest *out, struct error *e) {
    struct report_out report;
    struct sha256 hash;
    sha256_begin(&hash);
    TRY(report_open_hash(&hash, &report, e));
    assess_write_json(a, &report);
    TRY(report_close(&report, e));
    *out = sha256_end(&hash);
    return OK;
}

/* Over the facts a row read, with who said each: another fact is another saying. */
static digest facts_hash(const struct assess_row *row) {
    struct sha256 hash;
    sha256_begin(&hash);
    for (size_t i = 0; i < row->fact_count; i++) {
        const struct assess_fact *fact = &row->facts[i];
        const str texts[] = {fact->path, fact->value, fact->source};
        unsigned char by = (unsigned char)fact->by;
        if (str_equal(fact->path, STR("time.now"))) continue; /* the clock alone is no news */
        for (size_t k = 0; k < COUNT_OF(texts); k++) {
            sha256_add(&hash, texts[k].at, texts[k].len);
            sha256_add(&hash, "", 1);
        }
        sha256_add(&hash, &by, 1);
    }
    return sha256_end(&hash);
}

/* At most so many bytes, whole characters, one line. */
static str cut(str text, char memory[TEXT_BYTES]) {
    size_t len = size_min(text.len, TEXT_BYTES);
    while (len < text.len && len > 0 && ((unsigned char)text.at[len] & 0xc0) == 0x80) len--;
    for (size_t i = 0; i < len; i++) memory[i] = text.at[i] == '\n' ? ' ' : text.at[i];
    return str_of(memory, len);
}

static bool is_finding(const struct assess_row *row) {
    return row->verdict == ASSESS_FAIL || row->verdict == ASSESS_UNKNOWN;
}

json_t *recording_finding(const char *kind, str subject, str verdict, str text,
                          const digest *facts) {
    char memory[TEXT_BYTES];
    json_t *out = json_object();
    json_object_set_new(out, "kind", json_string(kind));
    text_set(out, "subject", subject);
    json_object_set_new(out, "clauses", json_array());
    text_set(out, "verdict", verdict);
    text_set(out, "text", cut(text, memory));
    digest_set(out, "facts", facts);
    return out;
}

static json_t *finding_of(const struct assess_row *row) {
    char name[512];
    const struct rulebook_clause *clause = row->clause;
    digest facts = facts_hash(row);
    json_t *out =
        recording_finding("assessment", row->subject, str_from_c(assess_verdict_name(row->verdict)),
                          row->change.len > 0 ? row->change : clause->title.en, &facts);
    snprintf(name, sizeof name, "%.*s/%.*s", STR_FMT(clause->rulebook->name), STR_FMT(clause->id));
    json_array_append_new(json_object_get(out, "clauses"), json_string(name));
    return out;
}

static enum error_code page_send(struct call *call, json_t *page, bool last, struct recorded *out,
                                 struct error *e) {
    char *text = NULL;
    str reply;
    struct arena arena = call->arena;
    struct door_call door = {.data_dir = call->data, .method = STR("finding/report")};
    json_object_set(call->request, "findings", page);
    json_object_set_new(call->request, "last", json_boolean(last));
    text = json_dumps(call->request, JSON_COMPACT);
    if (text == NULL) return error_set(e, FAIL_INTERNAL, "a finding is not UTF-8");
    door.request = str_from_c(text);
    enum error_code code = OK;
    if (call->credentials != NULL)
        code = credentials_read(call->credentials, &arena, &door.access_key, &door.secret_key, e);
    if (code == OK) code = door_call(&door, &arena, &reply, e);
    free(text);
    if (code != OK) return code;
    json_t *taken = json_loadb(reply.at, reply.len, 0, NULL);
    out->standing += (uint64_t)json_integer_value(json_object_get(taken, "standing"));
    out->entered += (uint64_t)json_integer_value(json_object_get(taken, "entered"));
    out->gone += (uint64_t)json_integer_value(json_object_get(taken, "gone"));
    const char *receipt = json_string_value(json_object_get(taken, "receipt"));
    snprintf(out->receipt, sizeof out->receipt, "%s", receipt != NULL ? receipt : "");
    json_decref(taken);
    return OK;
}

static enum error_code pages_send(struct call *call, const struct recording *r,
                                  struct recorded *out, struct error *e) {
    json_t *page = json_array(), *finding;
    enum error_code code = OK;
    while (code == OK && (finding = r->next(r->self)) != NULL) {
        json_array_append_new(page, finding);
        if (json_array_size(page) < PAGE_FINDINGS) continue;
        code = page_send(call, page, false, out, e);
        json_array_clear(page);
    }
    if (code == OK) code = page_send(call, page, true, out, e);
    json_decref(page);
    return code;
}

enum error_code recording_send(const struct call *store, const struct recording *r,
                               struct recorded *out, struct error *e) {
    struct call own = {.data = store->data, .credentials = store->credentials}, *call = &own;
    *out = (struct recorded){0};
    if (!call_begin(call, r->command)) return error_set(e, FAIL_MEMORY, "no room to record");
    text_set(call->request, "source", r->source);
    text_set(call->request, "detail", r->detail);
    digest_set(call->request, "report", &r->report);
    enum error_code code = pages_send(call, r, out, e);
    call_end(call);
    return code;
}

/* ---- of an assessment ---- */

struct walk {
    const struct assessment *a;
    size_t at;
};

static json_t *row_next(void *self) {
    struct walk *walk = self;
    while (walk->at < walk->a->row_count)
        if (is_finding(&walk->a->rows[walk->at++])) return finding_of(&walk->a->rows[walk->at - 1]);
    return NULL;
}

enum error_code recording_make(const struct call *store, const struct assessment *a,
                               struct recorded *out, struct error *e) {
    char source[256], detail[TEXT_BYTES], time[CLOCK_TEXT_BYTES], hex[2 * DIGEST_BYTES];
    struct walk walk = {.a = a};
    struct recording r = {.command = "azekura assess --record", .next = row_next, .self = &walk};
    TRY(report_hash(a, &r.report, e));
    clock_iso_s_write(a->at_ns, time);
    hex_write(a->register_digest.at, DIGEST_BYTES, hex);
    int len = snprintf(source, sizeof source, "azekura assess%s%.*s", a->filter.len > 0 ? " " : "",
                       STR_FMT(a->filter));
    struct text said = text_into(detail, sizeof detail);
    text_format(&said, "as of %s, register %.*s:", time, (int)sizeof hex, hex);
    for (unsigned v = 0; v < ASSESS_VERDICT_COUNT; v++)
        text_format(&said, " %s %llu", assess_verdict_name((enum assess_verdict)v),
                    (unsigned long long)a->total[v]);
    r.source = str_of(source, size_min((size_t)len, sizeof source - 1));
    r.detail = text_str(&said);
    return recording_send(store, &r, out, e);
}
