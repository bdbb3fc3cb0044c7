/* An assessment held against an earlier one: which verdicts changed, appeared or vanished, and which
 * fact moved. The earlier one is the JSON this program wrote then. */
#include <jansson.h>
#include <stdlib.h>

#include "assess/written.h"

/* RULEBOOK \0 CLAUSE \0 ABOUT \0 SUBJECT: what makes a row the same row. */
struct earlier_row {
    str key;
    json_t *row; /* borrowed from the document */
    bool is_met;
};

struct earlier {
    struct arena *arena;
    struct earlier_row *rows; /* sorted by key */
    size_t count;
};

static str member(const json_t *row, const char *name) {
    const json_t *value = json_object_get(row, name);
    if (!json_is_string(value)) return STR_EMPTY;
    return str_of(json_string_value(value), json_string_length(value));
}

static enum error_code key_of(str rulebook, str clause, str about, str subject, struct arena *arena,
                              str *out, struct error *e) {
    return arena_format(arena, out, e, "%.*s\n%.*s\n%.*s\n%.*s", STR_FMT(rulebook), STR_FMT(clause),
                        STR_FMT(about), STR_FMT(subject));
}

static int rows_order(const void *a, const void *b) {
    return str_compare(((const struct earlier_row *)a)->key, ((const struct earlier_row *)b)->key);
}

static enum error_code earlier_read(const json_t *document, struct arena *arena,
                                    struct earlier *out, struct error *e) {
    const json_t *rows = json_object_get(document, "rows");
    bool is_ours = json_integer_value(json_object_get(document, "format")) == 1;
    if (!is_ours || !json_is_array(rows))
        return error_set(e, FAIL_SYNTAX,
                         "the earlier assessment is not one that --format json wrote");
    *out = (struct earlier){.arena = arena, .count = json_array_size(rows)};
    out->rows = arena_new(arena, struct earlier_row, out->count);
    if (out->rows == NULL) return error_set(e, FAIL_MEMORY, "no room for the earlier assessment");
    for (size_t i = 0; i < out->count; i++) {
        json_t *row = json_array_get(rows, i);
        enum assess_verdict verdict;
        out->rows[i].row = row;
        if (!assess_verdict_find(member(row, "verdict"), &verdict))
            return error_set(e, FAIL_SYNTAX, "row %zu of the earlier assessment has no verdict", i);
        TRY(key_of(member(row, "rulebook"), member(row, "clause"), member(row, "about"),
                   member(row, "subject"), arena, &out->rows[i].key, e));
    }
    if (out->count > 1) qsort(out->rows, out->count, sizeof *out->rows, rows_order);
    return OK;
}

static struct earlier_row *earlier_find(const struct earlier *earlier, str key) {
    struct earlier_row wanted = {.key = key};
    if (earlier->count == 0) return NULL;
    return bsearch(&wanted, earlier->rows, earlier->count, sizeof wanted, rows_order);
}

/* ---- what changed ---- */

struct diff {
    const struct assessment *a;
    struct report_out *out;
    struct report_json *j; /* NULL: text */
    struct arena arena;
    str then; /* as of when the earlier one was made */
    uint64_t changed, appeared, vanished;
    struct error *e;
};

/* What was said of a path then, as JSON; NULL: nothing. */
static const json_t *value_then(const json_t *row, str path) {
    const json_t *facts = json_object_get(row, "facts");
    for (size_t i = 0; i < json_array_size(facts); i++)
        if (str_equal(member(json_array_get(facts, i), "path"), path))
            return json_object_get(json_array_get(facts, i), "value");
    return NULL;
}

static bool has_moved(const json_t *then, str now) {
    json_t *value = json_loadb(now.at, now.len, JSON_DECODE_ANY, NULL);
    bool moved = then == NULL || value == NULL || !json_equal(then, value);
    json_decref(value);
    return moved;
}

static void tell_moved(struct diff *d, const struct assess_fact *f, const json_t *then) {
    char *before = then != NULL ? json_dumps(then, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    const char *was = before != NULL ? before : "null";
    if (d->j != NULL) {
        report_json_object(d->j);
        report_json_put(d->j, "path", f->path);
        report_json_key(d->j, "before");
        report_json_raw(d->j, str_from_c(was));
        report_json_key(d->j, "after");
        report_json_raw(d->j, f->value);
        if (f->source.len > 0) report_json_put(d->j, "source", f->source);
        report_json_object_end(d->j);
    } else {
        report_format(d->out, "    %.*s: %s → %.*s", STR_FMT(f->path), was, STR_FMT(f->value));
        if (f->source.len > 0) report_format(d->out, " (%.*s)", STR_FMT(f->source));
        report_add_c(d->out, "\n");
    }
    free(before);
}

/* Nothing that was read has another value: papers ran out or grew old, a period ended. */
static void tell_time(struct diff *d) {
    char now[CLOCK_TEXT_BYTES];
    clock_iso_s_write(d->a->at_ns, now);
    if (d->j == NULL) {
        report_format(d->out, "    time.now: %.*s → %s\n", STR_FMT(d->then), now);
        return;
    }
    report_json_object(d->j);
    report_json_put_c(d->j, "path", "time.now");
    report_json_put(d->j, "before", d->then);
    report_json_put_c(d->j, "after", now);
    report_json_object_end(d->j);
}

/* time.now moves always; it is told only where nothing else did. */
static void tell_all_moved(struct diff *d, const struct assess_row *row, const json_t *then) {
    size_t told = 0;
    for (size_t i = 0; i < row->fact_count; i++) {
        const struct assess_fact *f = &row->facts[i];
        const json_t *value = value_then(then, f->path);
        if (str_equal(f->path, STR("time.now")) || !has_moved(value, f->value)) continue;
        tell_moved(d, f, value);
        told++;
    }
    if (told == 0) tell_time(d);
}

static void tell(struct diff *d, const char *what, str rulebook, str clause, str about, str subject,
                 str before, str after, const struct assess_row *row, const json_t *then) {
    if (d->j == NULL) {
        report_format(d->out, "%s %.*s/%.*s %.*s: %.*s → %.*s\n", what, STR_FMT(rulebook),
                      STR_FMT(clause), STR_FMT(subject), STR_FMT(before), STR_FMT(after));
        if (row != NULL && then != NULL) tell_all_moved(d, row, then);
        return;
    }
    report_json_object(d->j);
    report_json_put_c(d->j, "change", what);
    report_json_put(d->j, "rulebook", rulebook);
    report_json_put(d->j, "clause", clause);
    report_json_put(d->j, "about", about);
    report_json_put(d->j, "subject", subject);
    if (before.len > 0) report_json_put(d->j, "before", before);
    if (after.len > 0) report_json_put(d->j, "after", after);
    report_json_key(d->j, "moved");
    report_json_array(d->j);
    if (row != NULL && then != NULL) tell_all_moved(d, row, then);
    report_json_array_end(d->j);
    report_json_object_end(d->j);
}

static enum error_code diff_rows(struct diff *d, struct earlier *earlier) {
    for (size_t i = 0; i < d->a->row_count; i++) {
        const struct assess_row *row = &d->a->rows[i];
        str rulebook = row->clause->rulebook->name, clause = row->clause->id, key;
        str about = str_from_c(rulebook_about_name(row->clause->about));
        str after = str_from_c(assess_verdict_name(row->verdict));
        struct arena scratch = d->arena;
        TRY(key_of(rulebook, clause, about, row->subject, &scratch, &key, d->e));
        struct earlier_row *then = earlier_find(earlier, key);
        if (then == NULL) {
            tell(d, "appeared", rulebook, clause, about, row->subject, STR_EMPTY, after, NULL,
                 NULL);
            d->appeared++;
            continue;
        }
        then->is_met = true;
        str before = member(then->row, "verdict");
        if (str_equal(before, after)) continue;
        tell(d, "changed", rulebook, clause, about, row->subject, before, after, row, then->row);
        d->changed++;
    }
    for (size_t i = 0; i < earlier->count; i++) {
        const json_t *row = earlier->rows[i].row;
        if (earlier->rows[i].is_met) continue;
        tell(d, "vanished", member(row, "rulebook"), member(row, "clause"), member(row, "about"),
             member(row, "subject"), member(row, "verdict"), STR_EMPTY, NULL, NULL);
        d->vanished++;
    }
    return OK;
}

static enum error_code diff_write(struct diff *d, const json_t *document, struct earlier *earlier) {
    d->then = member(document, "as_of");
    char now[CLOCK_TEXT_BYTES];
    clock_iso_s_write(d->a->at_ns, now);
    if (d->j == NULL)
        report_format(d->out, say(d->a->language, "From %.*s to %s\n", "%.*s から %s まで\n"),
                      STR_FMT(d->then), now);
    if (d->j != NULL) {
        report_json_object(d->j);
        report_json_put_u64(d->j, "format", 1);
        report_json_put(d->j, "from", d->then);
        report_json_put_c(d->j, "to", now);
        report_json_key(d->j, "changes");
        report_json_array(d->j);
    }
    TRY(diff_rows(d, earlier));
    if (d->j == NULL) {
        report_format(d->out,
                      say(d->a->language, "%llu changed, %llu appeared, %llu vanished\n",
                          "変化 %llu、新規 %llu、消滅 %llu\n"),
                      (unsigned long long)d->changed, (unsigned long long)d->appeared,
                      (unsigned long long)d->vanished);
        return OK;
    }
    report_json_array_end(d->j);
    report_json_put_u64(d->j, "changed", d->changed);
    report_json_put_u64(d->j, "appeared", d->appeared);
    report_json_put_u64(d->j, "vanished", d->vanished);
    report_json_object_end(d->j);
    return OK;
}

enum error_code assess_write_diff(const struct assessment *a, str earlier_json, bool as_json,
                                  struct report_out *out, struct error *e) {
    struct arena_space space = {0};
    struct diff d = {.a = a, .out = out, .e = e};
    struct report_json j = report_json_begin(out, 2);
    struct earlier earlier = {0};
    json_error_t where;
    if (as_json) d.j = &j;
    json_t *document = json_loadb(earlier_json.at, earlier_json.len, 0, &where);
    if (document == NULL)
        return error_set(e, FAIL_SYNTAX, "the earlier assessment, line %d: %s", where.line,
                         where.text);
    /* Keys of rows, at most as long as the JSON they came from, and a row more. */
    enum error_code code =
        arena_space_open(&space, earlier_json.len * 2 + ((size_t)1 << 20), &d.arena, e);
    if (code == OK) code = earlier_read(document, &d.arena, &earlier, e);
    if (code == OK) code = diff_write(&d, document, &earlier);
    json_decref(document);
    arena_space_release(&space);
    return code;
}
