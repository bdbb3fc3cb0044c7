/* Values that are well spelled and cannot be: words of no closed list, shares over 100 %, what ends
 * before it begins, and adoptions that leave open what they decide. A rule would take each for an
 * answer, and mostly for one that passes. Only what is loaded is held against this: what an engine
 * keeps was taken as it is. */
#include <stdio.h>

#include "register/inner.h"

struct sense {
    const struct register_row *row;
    struct problems *problems;
};

static void say(const struct sense *s, const struct register_value *at, const char *what) {
    struct error e;
    error_ignore(error_set(&e, FAIL_SYNTAX, "%.*s:%u:%u: %s", STR_FMT(s->row->file), at->line,
                           at->column, what));
    problem_add(s->problems, &e, false);
}

/* ---- words ---- */

bool register_word_fits(const struct register_field *field, str word) {
    if (field->words == NULL) return true;
    str rest = str_from_c(field->words), one;
    while (str_cut(&rest, ' ', &one))
        if (str_equal(one, word)) return true;
    return str_equal(rest, word);
}

static void word_check(const struct sense *s, const struct register_value *v, str word) {
    if (register_word_fits(v->field, word)) return;
    char list[160], what[ERROR_MESSAGE_BYTES];
    struct text t = text_into(list, sizeof list - 1);
    str rest = str_from_c(v->field->words), one;
    while (str_cut(&rest, ' ', &one))
        text_format(&t, "%s%.*s", t.len > 0 ? ", " : "", STR_FMT(one));
    text_format(&t, " or %.*s", STR_FMT(rest));
    list[t.len] = 0;
    snprintf(what, sizeof what, "expected %s for \"%s\", found \"%.*s\"", list, v->field->name,
             STR_FMT(str_slice(word, 0, 60)));
    say(s, v, what);
}

/* ---- numbers ---- */

static void number_check(const struct sense *s, const struct register_value *v) {
    char what[ERROR_MESSAGE_BYTES];
    const struct register_field *f = v->field;
    const char *unit = f->unit != NULL ? f->unit : "";
    if (v->number < f->least) {
        snprintf(what, sizeof what, "expected at least %g%s%s for \"%s\", found \"%.*s\"", f->least,
                 *unit != 0 ? " " : "", unit, f->name, STR_FMT(v->text));
        say(s, v, what);
    } else if (v->number > f->most) {
        snprintf(what, sizeof what, "expected at most %g%s%s for \"%s\", found \"%.*s\"", f->most,
                 *unit != 0 ? " " : "", unit, f->name, STR_FMT(v->text));
        say(s, v, what);
    }
}

static void record_check(const struct sense *s, const struct register_record *record) {
    for (size_t i = 0; i < record->count; i++) {
        const struct register_value *v = &record->values[i];
        if (v->state != REGISTER_KNOWN) continue;
        bool is_one = v->field->shape == REGISTER_ONE;
        if (is_one && v->field->type == REGISTER_NUMBER) number_check(s, v);
        if (is_one && v->field->type == REGISTER_CODE) word_check(s, v, v->text);
        if (v->field->shape == REGISTER_SET && v->field->words != NULL)
            for (size_t k = 0; k < v->count; k++) word_check(s, v, v->texts[k]);
        size_t records = v->field->shape == REGISTER_RECORDS ? v->count : v->records != NULL;
        for (size_t k = 0; k < records; k++) record_check(s, &v->records[k]);
    }
}

/* ---- what ends before it begins ---- */

static void order_check(const struct sense *s) {
    static const struct {
        enum register_kind kind;
        const char *first, *last;
        bool may_meet; /* it may be over in the moment it began */
    } orders[] = {{REGISTER_ADOPTS, "from", "until", false},
                  {REGISTER_EXCEPTIONS, "from", "until", false},
                  {REGISTER_CONTRACTS, "begins", "ends", false},
                  {REGISTER_REQUESTS, "received", "answered", true},
                  {REGISTER_INCIDENTS, "occurred", "detected", true},
                  {REGISTER_INCIDENTS, "occurred", "ended", true}};
    for (size_t i = 0; i < COUNT_OF(orders); i++) {
        if (orders[i].kind != s->row->kind) continue;
        const struct register_record *fields = &s->row->fields;
        const struct register_value *a = register_value_find(fields, str_from_c(orders[i].first));
        const struct register_value *b = register_value_find(fields, str_from_c(orders[i].last));
        if (a == NULL || b == NULL || a->state != REGISTER_KNOWN || b->state != REGISTER_KNOWN)
            continue;
        if (b->time_ns > a->time_ns || (orders[i].may_meet && b->time_ns == a->time_ns)) continue;
        char what[ERROR_MESSAGE_BYTES];
        snprintf(what, sizeof what, "expected \"%s\" after \"%s\" (%.*s), found \"%.*s\"",
                 orders[i].last, orders[i].first, STR_FMT(a->text), STR_FMT(b->text));
        say(s, b, what);
    }
}

/* ---- decisions ---- */

/* What binds and what loosens is decided by whoever writes it: nobody can say that it is unknown. */
static void decision_check(const struct sense *s) {
    bool is_decision = s->row->kind == REGISTER_ADOPTS || s->row->kind == REGISTER_EXCEPTIONS;
    for (size_t i = 0; i < s->row->fields.count; i++) {
        const struct register_value *v = &s->row->fields.values[i];
        if (v->state == REGISTER_KNOWN || !(is_decision || v->field->required)) continue;
        char what[ERROR_MESSAGE_BYTES];
        snprintf(what, sizeof what, "expected %s \"%s\" of %s \"%.*s\", found %s",
                 v->field->required ? "the" : "a value or nothing for", v->field->name,
                 register_kind_of(s->row->kind)->noun, STR_FMT(s->row->id),
                 v->state == REGISTER_WITHHELD ? "withheld" : "unknown");
        say(s, v, what);
    }
}

/* ---- places ---- */

/* A square that is none, or not the one in which the coordinates lie. */
static void mesh_check(const struct sense *s) {
    const struct register_record *fields = &s->row->fields;
    const struct register_value *mesh = register_value_find(fields, STR("mesh")),
                                *lat = register_value_find(fields, STR("lat")),
                                *lon = register_value_find(fields, STR("lon"));
    const double edge_deg = 1e-6; /* coordinates are rounded */
    char what[ERROR_MESSAGE_BYTES];
    struct geo_point corner;
    double lat_deg, lon_deg;
    if (s->row->kind != REGISTER_SITES || mesh == NULL || mesh->state != REGISTER_KNOWN) return;
    if (!geo_mesh_read(mesh->text, &corner, &lat_deg, &lon_deg)) {
        snprintf(what, sizeof what,
                 "expected a grid square code of JIS X 0410, 4 to 10 digits, for \"mesh\", found "
                 "\"%.*s\" (azekura geo mesh LAT LON tells them)",
                 STR_FMT(str_slice(mesh->text, 0, 24)));
        say(s, mesh, what);
        return;
    }
    if (lat == NULL || lon == NULL || lat->state != REGISTER_KNOWN || lon->state != REGISTER_KNOWN)
        return;
    bool is_within = lat->number >= corner.lat_deg - edge_deg &&
                     lat->number <= corner.lat_deg + lat_deg + edge_deg &&
                     lon->number >= corner.lon_deg - edge_deg &&
                     lon->number <= corner.lon_deg + lon_deg + edge_deg;
    if (is_within) return;
    snprintf(what, sizeof what,
             "expected the \"mesh\" that holds its coordinates, %.*s and %.*s, found \"%.*s\"",
             STR_FMT(lat->text), STR_FMT(lon->text), STR_FMT(mesh->text));
    say(s, mesh, what);
}

void sense_check(const struct register_row *row, struct problems *problems) {
    const struct sense s = {row, problems};
    record_check(&s, &row->fields);
    order_check(&s);
    mesh_check(&s);
    decision_check(&s);
}
