/* What only all rows together can show: rows told twice, references to nothing, buckets of two
 * datasets, networks that stand twice. */
#include <stdio.h>

#include "register/inner.h"

static enum error_code row_error(const struct register_row *row, struct error *e, const char *what,
                                 const struct register_row *other) {
    return error_set(e, FAIL_SYNTAX, "%.*s:%u:%u: %s \"%.*s\" %s %.*s:%u", STR_FMT(row->file),
                     row->line, row->column, register_kind_of(row->kind)->noun, STR_FMT(row->id),
                     what, STR_FMT(other->file), other->line);
}

static bool spans_meet(const struct register_row *a, const struct register_row *b) {
    return a->valid_from_ns < b->valid_until_ns && b->valid_from_ns < a->valid_until_ns;
}

static void twins_check(const struct register_snapshot *s, struct problems *problems) {
    struct error e;
    for (size_t i = 1; i < s->row_count; i++) {
        const struct register_row *before = &s->rows[i - 1], *row = &s->rows[i];
        if (before->kind != row->kind || !str_equal(before->id, row->id)) continue;
        if (!spans_meet(before, row)) continue;
        bool is_first = before->line > row->line && str_equal(before->file, row->file);
        error_ignore(row_error(is_first ? before : row, &e,
                               "is true at the same time as the one at", is_first ? row : before));
        problem_add(problems, &e, false);
    }
}

bool snapshot_has(const struct register_snapshot *s, enum register_kind kind, str id) {
    size_t low = s->first[kind], high = s->first[kind + 1];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_compare(s->rows[middle].id, id);
        if (order == 0) return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return s->parts != NULL && parts_have(s->parts, kind, id);
}

static enum error_code references_check(const struct register_snapshot *s,
                                        const struct reference *references,
                                        const struct untaken_rows *untaken, struct arena scratch,
                                        struct problems *problems, struct error *e) {
    const struct untaken *sorted = NULL;
    TRY(untaken_sort(untaken, &scratch, &sorted, e));
    for (const struct reference *r = references; r != NULL; r = r->next) {
        struct error why;
        bool is_there = false;
        char wanted[64] = "";
        size_t used = 0;
        for (unsigned k = 0; k < REGISTER_KIND_COUNT; k++) {
            if ((r->field->kinds >> k & 1) == 0) continue;
            is_there = is_there || snapshot_has(s, (enum register_kind)k, r->node->text);
            int wrote =
                snprintf(wanted + used, sizeof wanted - used, "%s%s", used > 0 ? " or " : "",
                         register_kind_of((enum register_kind)k)->key);
            used = size_min(sizeof wanted - 1, used + (wrote > 0 ? (size_t)wrote : 0));
        }
        if (is_there || untaken_may_be(untaken, sorted, r)) continue;
        error_ignore(doc_expected(r->node, &why, "the id of a row of %s", wanted));
        problem_add(problems, &why, false);
    }
    return OK;
}

static void patterns_check(const struct register_snapshot *s, struct problems *problems) {
    struct error e;
    char what[LIMIT_BUCKET_NAME_BYTES * 2 + 80];
    for (size_t i = 0; i < s->pattern_count; i++)
        for (size_t j = 0; j < i; j++) {
            const struct bucket_pattern *a = &s->patterns[i], *b = &s->patterns[j];
            if (a->dataset == b->dataset || !spans_meet(a->dataset, b->dataset)) continue;
            if (!patterns_meet(a->pattern, b->pattern)) continue;
            snprintf(what, sizeof what, "and its buckets %.*s meet %.*s of \"%.16s\" at",
                     STR_FMT(a->pattern), STR_FMT(b->pattern), b->dataset->id.at);
            error_ignore(row_error(a->dataset, &e, what, b->dataset));
            problem_add(problems, &e, false);
        }
}

static bool takes_strays(const struct register_row *row) {
    const struct register_value *strays = register_value_find(&row->fields, STR("strays"));
    return strays != NULL && strays->yes;
}

/* Rows lie by id: two that meet need not be neighbours. */
static void strays_check(const struct register_snapshot *s, struct problems *problems) {
    struct error e;
    size_t count;
    const struct register_row *rows = register_rows(s, REGISTER_DATASETS, &count);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i && takes_strays(&rows[i]); j++) {
            if (!takes_strays(&rows[j]) || !spans_meet(&rows[j], &rows[i])) continue;
            error_ignore(row_error(&rows[i], &e, "takes strays, and so does the one at", &rows[j]));
            problem_add(problems, &e, false);
            break;
        }
}

/* The table of each moment at which the networks are others than before. */
static enum error_code networks_check(const struct register_snapshot *s, struct arena scratch,
                                      struct problems *problems, struct error *e) {
    int64_t at_ns = REGISTER_ALWAYS_NS;
    for (size_t moments = 0; moments < 64; moments++) {
        struct arena arena = scratch;
        struct geo_table table;
        enum error_code code = register_networks(s, at_ns, &arena, &table, e);
        if (code == FAIL_EXISTS) {
            struct error twice;
            error_ignore(error_set(&twice, FAIL_SYNTAX, "networks: %s", e->message));
            problem_add(problems, &twice, false);
            return OK;
        }
        if (code != OK) return code;
        at_ns = register_next_change_ns(s, at_ns);
        if (at_ns == REGISTER_NEVER_NS) break;
    }
    return OK;
}

/* ---- warnings: good, but rules will not know what they ask ---- */

static void warn(struct problems *problems, const struct register_row *row, const char *what) {
    struct error e;
    error_ignore(error_set(&e, FAIL_SYNTAX, "%.*s:%u:%u: %s \"%.*s\" %s", STR_FMT(row->file),
                           row->line, row->column, register_kind_of(row->kind)->noun,
                           STR_FMT(row->id), what));
    problem_add(problems, &e, true);
}

static bool says(const struct register_row *row, const char *field) {
    const struct register_value *v = register_value_find(&row->fields, str_from_c(field));
    return v != NULL && v->state == REGISTER_KNOWN;
}

/* At most so many bytes, cut between characters. */
static str shortened(str text, size_t most) {
    str cut = str_slice(text, 0, most);
    if (cut.len < text.len)
        while (cut.len > 0 && ((unsigned char)text.at[cut.len] & 0xc0) == 0x80) cut.len--;
    return cut;
}

/* One warning a thing: the first observation that speaks against its declared maker. */
static void observed_check(const struct register_snapshot *s, const struct register_row *row,
                           struct arena scratch, struct problems *problems) {
    const struct register_value *seen = register_value_find(&row->fields, STR("observations"));
    char what[ERROR_MESSAGE_BYTES];
    for (size_t i = 0; seen != NULL && seen->state == REGISTER_KNOWN && i < seen->count; i++) {
        if (!observation_contradicts(s, row, &seen->records[i], scratch)) continue;
        const struct register_value *means = register_value_find(&seen->records[i], STR("means"));
        snprintf(
            what, sizeof what, "is declared to be of \"%.*s\", yet its %.*s suggests \"%.*s\"",
            STR_FMT(shortened(register_value_find(&row->fields, STR("maker"))->text, 24)),
            STR_FMT(means != NULL ? shortened(means->text, 12) : STR("observation")),
            STR_FMT(shortened(register_value_find(&seen->records[i], STR("maker"))->text, 40)));
        warn(problems, row, what);
        return;
    }
}

static void warnings_collect(const struct register_snapshot *s, struct arena scratch,
                             struct problems *problems) {
    for (size_t i = 0; i < s->row_count; i++) {
        const struct register_row *row = &s->rows[i];
        const struct register_value *kinds = register_value_find(&row->fields, STR("kinds"));
        bool is_dataset = row->kind == REGISTER_DATASETS;
        if (is_dataset && !says(row, "class"))
            warn(problems, row,
                 "names no class: every rule about a class counts as applying to it");
        if (is_dataset && (kinds == NULL || !kinds->is_complete))
            warn(problems, row,
                 "does not list its kinds as complete: every rule about a kind counts as applying");
        if (row->kind == REGISTER_SITES && !says(row, "country"))
            warn(problems, row, "names no country: place.country is unknown there");
        if (row->kind == REGISTER_SITES && says(row, "lat") != says(row, "lon"))
            warn(problems, row, "says one of lat and lon alone: nobody knows where it stands");
        if (row->kind == REGISTER_NETWORKS && !says(row, "site") && !says(row, "country") &&
            !says(row, "here"))
            warn(problems, row, "lies in no site and no country: its readers have none");
        if (row->kind == REGISTER_EQUIPMENT) observed_check(s, row, scratch, problems);
    }
}

enum error_code snapshot_check(struct register_snapshot *s, const struct reference *references,
                               const struct untaken_rows *untaken, struct arena scratch,
                               struct problems *problems, struct error *e) {
    twins_check(s, problems);
    TRY(references_check(s, references, untaken, scratch, problems, e));
    patterns_check(s, problems);
    strays_check(s, problems);
    for (size_t i = 0; i < s->row_count; i++) sense_check(&s->rows[i], problems);
    warnings_collect(s, scratch, problems);
    return networks_check(s, scratch, problems, e);
}
