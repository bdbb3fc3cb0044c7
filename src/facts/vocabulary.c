/* Rulebooks held against what a register can say: facts that nobody says, words and countries that no
 * row can bear, numbers of another kind. A clause that names one of these never applies, or never is
 * met, and its verdict does not tell a slip of the pen from a thing that is unknown. */
#include <math.h>
#include <stdio.h>

#include "facts/inner.h"

struct vocabulary {
    struct rulebook_use_visitor visitor;
    struct arena *arena;
    str *warnings;
    size_t count, room;
    struct error *e;
    enum error_code code;
};

static void say(struct vocabulary *v, const struct rulebook_use_at *use, const char *what) {
    if (v->code != OK || v->count == v->room) return;
    str whose = use->clause != NULL ? use->clause->id : use->rulebook->name;
    v->code = arena_format(v->arena, &v->warnings[v->count], v->e, "%.*s:%u:%u: %s %.*s: %s",
                           STR_FMT(use->file), use->line, use->column,
                           use->clause != NULL ? "clause" : "rulebook", STR_FMT(whose), what);
    if (v->code == OK) v->count++;
}

/* ---- what can be said ---- */

/* Facts that are computed, or that only a request says, by root. Of roots that are none of the
 * register's kinds, and of these names, nobody but the gate has the list: there only what is nearly a
 * name is told. */
#define ANY_WORD(name_)                                                                            \
    { .name = (name_), .type = REGISTER_CODE }
#define A_TIME(name_)                                                                              \
    { .name = (name_), .type = REGISTER_TIME }
#define COUNT_OF_THEM(name_)                                                                       \
    { .name = (name_), .type = REGISTER_NUMBER, .most = 1e9 }
#define DISTANCE(name_)                                                                            \
    { .name = (name_), .type = REGISTER_NUMBER, .unit = "m", .most = 20037.5e3 }
static const struct {
    const char *root;
    struct register_field names[8];
} computed[] = {
    {"act", {ANY_WORD("purpose"), A_TIME("processed_at"), A_TIME("at")}},
    {"copies",
     {COUNT_OF_THEM("count"),
      {.name = "countries", .type = REGISTER_COUNTRY, .shape = REGISTER_SET},
      DISTANCE("distance_km"),
      {.name = "shared", .type = REGISTER_CODE, .shape = REGISTER_SET},
      {.name = "missing", .type = REGISTER_CODE, .shape = REGISTER_SET}}},
    {"far", {ANY_WORD("entity")}},
    {"place",
     {ANY_WORD("site"), DISTANCE("bound_km"), ANY_WORD("landmark"), COUNT_OF_THEM("landmarks"),
      COUNT_OF_THEM("landmark_operators"), ANY_WORD("cosigned"), ANY_WORD("lists")}},
    {"reader",
     {ANY_WORD("network"),
      {.name = "country", .type = REGISTER_COUNTRY},
      ANY_WORD("entity"),
      ANY_WORD("role")}},
    {"session", {ANY_WORD("target")}},
    {"time", {A_TIME("now")}},
    {"equipment", {ANY_WORD("suspected_lists"), ANY_WORD("lists")}},
};

static const struct register_field *computed_find(str root, str name) {
    for (size_t i = 0; i < COUNT_OF(computed); i++)
        for (const struct register_field *f = computed[i].names;
             str_equal(root, str_from_c(computed[i].root)) && f->name != NULL; f++)
            if (str_equal(name, str_from_c(f->name))) return f;
    return NULL;
}

/* Where a path leads in the tables of fields. */
struct place {
    enum { LEADS_NOWHERE, LEADS_TO_FIELD, LEADS_SOMEWHERE } leads;
    const struct register_field *field; /* TO_FIELD */
    str missing;                        /* NOWHERE: this name */
    const char *near;                   /* NOWHERE: perhaps this one; NULL: none is near */
};

static struct place place_of(const struct register_field *fields, str path) {
    str rest = path, name;
    bool has_more = str_cut(&rest, '.', &name);
    if (!has_more) name = path;
    if (str_equal(name, STR("id"))) return (struct place){.leads = LEADS_SOMEWHERE};
    const struct register_field *f = fields;
    while (f->name != NULL && !str_equal(name, str_from_c(f->name))) f++;
    if (f->name == NULL)
        return (struct place){
            .leads = LEADS_NOWHERE, .missing = name, .near = register_field_near(name, fields)};
    if (!has_more) return (struct place){.leads = LEADS_TO_FIELD, .field = f};
    if (f->members != NULL) return place_of(f->members, rest);
    bool is_named = f->shape == REGISTER_MAP || f->shape == REGISTER_SETS;
    if (is_named || f->type == REGISTER_NAME) return (struct place){.leads = LEADS_SOMEWHERE};
    struct place found = {.leads = LEADS_NOWHERE, .missing = rest};
    for (unsigned k = 0; f->type == REGISTER_REF && k < REGISTER_KIND_COUNT; k++) {
        if ((f->kinds >> k & 1) == 0) continue;
        found = place_of(register_kind_of((enum register_kind)k)->fields, rest);
        if (found.leads != LEADS_NOWHERE) break;
    }
    return found;
}

/* The table a root's facts come from; false: it is none of the register's. */
static bool fields_of(str root, const struct register_field **out) {
    enum register_kind kind;
    if (str_equal(root, STR("place"))) root = STR("site");
    if (!register_kind_find(root, &kind)) return false;
    *out = register_kind_of(kind)->fields;
    return true;
}

static struct place fact_place(str path) {
    str rest = path, root;
    const struct register_field *fields;
    if (str_starts(path, STR("keys.holder."))) return (struct place){.leads = LEADS_SOMEWHERE};
    if (str_starts(path, STR("keys."))) {
        fields_of(STR("dataset"), &fields);
        return place_of(fields, path);
    }
    if (!str_cut(&rest, '.', &root)) return (struct place){.leads = LEADS_SOMEWHERE};
    const struct register_field *by_us = computed_find(root, rest);
    if (by_us != NULL && by_us->type == REGISTER_CODE) /* whatever shape it has */
        return (struct place){.leads = LEADS_SOMEWHERE};
    if (by_us != NULL) return (struct place){.leads = LEADS_TO_FIELD, .field = by_us};
    if (fields_of(root, &fields)) return place_of(fields, rest);
    struct place found = {.leads = LEADS_SOMEWHERE};
    for (size_t i = 0; i < COUNT_OF(computed); i++) {
        if (!str_equal(root, str_from_c(computed[i].root))) continue;
        const char *near = register_field_near(rest, computed[i].names);
        if (near != NULL) found = (struct place){LEADS_NOWHERE, NULL, rest, near};
    }
    return found;
}

/* A field of the elements of a list: of the register's rows, or of records in a field. */
static struct place element_place(str list, str field) {
    static const str own[] = {{"id", 2}, {"valid", 5}, {"age", 3}};
    const struct register_field *fields;
    for (size_t i = 0; i < COUNT_OF(own); i++)
        if (str_equal(field, own[i])) return (struct place){.leads = LEADS_SOMEWHERE};
    if (fields_of(list, &fields)) return place_of(fields, field);
    struct place of = fact_place(list);
    if (of.leads != LEADS_TO_FIELD || of.field->members == NULL)
        return (struct place){.leads = LEADS_SOMEWHERE};
    return place_of(of.field->members, field);
}

const struct register_field *vocabulary_field(str list, str path) {
    struct place at = list.len > 0 ? element_place(list, path) : fact_place(path);
    return at.leads == LEADS_TO_FIELD ? at.field : NULL;
}

/* ---- what it is compared with ---- */

static bool word_fits(const struct register_field *f, str word) {
    geo_country ignored;
    if (f->type == REGISTER_COUNTRY) return geo_country_read(word, &ignored);
    if (f->type == REGISTER_YES_NO)
        return str_equal(word, STR("true")) || str_equal(word, STR("false"));
    return f->type != REGISTER_CODE || register_word_fits(f, word);
}

static void word_check(struct vocabulary *v, const struct rulebook_use_at *use,
                       const struct register_field *f, const char *name, str word) {
    if (word_fits(f, word)) return;
    char what[ERROR_MESSAGE_BYTES], wanted[200];
    if (f->type == REGISTER_COUNTRY) {
        snprintf(wanted, sizeof wanted, "a country by its two capital letters");
    } else {
        snprintf(wanted, sizeof wanted, "one of the words %s",
                 f->words != NULL ? f->words : "true false");
    }
    snprintf(what, sizeof what, "%s is compared with \"%.*s\", which no row can bear; expected %s",
             name, STR_FMT(str_slice(word, 0, 60)), wanted);
    say(v, use, what);
}

static bool kind_fits(const struct register_field *f, const struct rulebook_value *value) {
    static const struct {
        const char *text;
        enum rulebook_unit unit;
    } units[] = {{"%", RULEBOOK_UNIT_PERCENT},
                 {"m", RULEBOOK_UNIT_METRE},
                 {"W", RULEBOOK_UNIT_WATT},
                 {"persons", RULEBOOK_UNIT_PERSONS},
                 {"bytes", RULEBOOK_UNIT_BYTES}};
    if (f->shape != REGISTER_ONE) return true;
    switch (f->type) {
    case REGISTER_NUMBER:
        if (value->kind != RULEBOOK_NUMBER) return false;
        for (size_t i = 0; f->unit != NULL && i < COUNT_OF(units); i++)
            if (strcmp(f->unit, units[i].text) == 0)
                return value->number.unit == units[i].unit ||
                       value->number.unit == RULEBOOK_UNIT_ONE;
        return true;
    case REGISTER_DURATION: return value->kind == RULEBOOK_DURATION;
    case REGISTER_TIME: return value->kind == RULEBOOK_DATE;
    case REGISTER_YES_NO: return value->kind == RULEBOOK_YES_NO;
    default: return true;
    }
}

static const char *kind_words(const struct register_field *f, char *room, size_t bytes) {
    switch (f->type) {
    case REGISTER_NUMBER:
        snprintf(room, bytes, "a number%s%s", f->unit != NULL ? " of " : "",
                 f->unit != NULL ? f->unit : "");
        return room;
    case REGISTER_DURATION: return "a length of time";
    case REGISTER_TIME: return "a day or instant";
    case REGISTER_YES_NO: return "true or false";
    default: return "a word";
    }
}

/* A share of 150 % is none: what is asked of it is answered before anybody says anything. */
static bool lies_within(const struct register_field *f, const struct rulebook_value *value) {
    if (f->type != REGISTER_NUMBER || f->shape != REGISTER_ONE || value->kind != RULEBOOK_NUMBER)
        return true;
    double low = (double)value->number.low / RULEBOOK_MILLI,
           high = (double)value->number.high / RULEBOOK_MILLI;
    return low >= f->least && high <= f->most;
}

/* Numbers, lengths and days are ordered, not among words: `applies` cannot ask for them. */
static bool is_measured(const struct register_field *f) {
    return f->type == REGISTER_NUMBER || f->type == REGISTER_DURATION || f->type == REGISTER_TIME;
}

static void against_check(struct vocabulary *v, const struct rulebook_use_at *use,
                          const struct register_field *f, const char *name) {
    const struct rulebook_value *value = use->against;
    char what[ERROR_MESSAGE_BYTES], room[60];
    bool is_plain = f->shape == REGISTER_ONE || f->shape == REGISTER_SET;
    if (use->holds && !(f->type == REGISTER_YES_NO && f->shape == REGISTER_ONE)) {
        snprintf(what, sizeof what, "%s stands alone, and is not said with yes or no", name);
        say(v, use, what);
    }
    if (value == NULL || !is_plain) return;
    if (use->at_applies && is_measured(f)) {
        snprintf(what, sizeof what, "%s is %s, and `applies` compares words; ask for it in `when`",
                 name, kind_words(f, room, sizeof room));
        say(v, use, what);
    } else if (value->kind == RULEBOOK_SET) {
        for (size_t i = 0; i < value->set.count; i++) word_check(v, use, f, name, value->set.at[i]);
    } else if (value->kind == RULEBOOK_TEXT && (f->type == REGISTER_COUNTRY || f->words != NULL)) {
        word_check(v, use, f, name, value->text);
    } else if (!kind_fits(f, value)) {
        snprintf(what, sizeof what, "%s is %s, and is compared with something else", name,
                 kind_words(f, room, sizeof room));
        say(v, use, what);
    } else if (!lies_within(f, value)) {
        const char *unit = f->unit != NULL ? f->unit : "", *between = *unit != 0 ? " " : "";
        struct text t = text_into(what, sizeof what - 1);
        text_format(&t,
                    "%s is compared with a number that no row can bear; expected at least %g%s%s",
                    name, f->least, between, unit);
        if (isfinite(f->most)) text_format(&t, " and at most %g%s%s", f->most, between, unit);
        what[t.len] = 0;
        say(v, use, what);
    }
}

/* ---- what it has to be ---- */

static void role_check(struct vocabulary *v, const struct rulebook_use_at *use,
                       const struct register_field *f, const char *name) {
    static const char *const wanted[] = {
        [RULEBOOK_AS_TIME] = "something begins with it, and it is %s: expected a day or instant",
        [RULEBOOK_AS_AMOUNT] = "it is summed, and is %s: expected a number or a length of time",
        [RULEBOOK_AS_ORDERED] =
            "the most or least of it is taken, and it is %s: expected a number, a length or a day"};
    bool is_amount = f->type == REGISTER_NUMBER || f->type == REGISTER_DURATION, fits = true;
    if (use->as == RULEBOOK_AS_TIME) fits = f->type == REGISTER_TIME;
    if (use->as == RULEBOOK_AS_AMOUNT) fits = is_amount;
    if (use->as == RULEBOOK_AS_ORDERED) fits = is_measured(f);
    if (fits) return;
    char what[ERROR_MESSAGE_BYTES], room[60], why[200];
    snprintf(why, sizeof why, wanted[use->as], kind_words(f, room, sizeof room));
    snprintf(what, sizeof what, "%s: %s", name, why);
    say(v, use, what);
}

/* What a measure adds up: the transfer's own number of that name, or that of the data it gave. */
static void counted_check(struct vocabulary *v, const struct rulebook_use_at *use) {
    static const enum register_kind kinds[] = {REGISTER_TRANSFERS, REGISTER_DATASETS};
    char what[ERROR_MESSAGE_BYTES];
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        struct place at = place_of(register_kind_of(kinds[i])->fields, use->path);
        if (at.leads == LEADS_TO_FIELD && at.field->type == REGISTER_NUMBER) return;
    }
    snprintf(what, sizeof what,
             "a measure counts \"%.*s\", which is no number of a transfer or a dataset; expected "
             "one such as persons",
             STR_FMT(str_slice(use->path, 0, 60)));
    say(v, use, what);
}

static void nowhere_say(const struct place *at, const char *name, char *out, size_t bytes) {
    if (at->near != NULL)
        snprintf(out, bytes, "nobody says %s; did you mean \"%s\" for \"%.*s\"?", name, at->near,
                 STR_FMT(at->missing));
    else
        snprintf(out, bytes, "nobody says %s: a register has no \"%.*s\" there", name,
                 STR_FMT(at->missing));
}

bool facts_name_is_doubtful(str path, char why[ERROR_MESSAGE_BYTES]) {
    char name[160];
    struct place at = fact_place(path);
    if (at.leads != LEADS_NOWHERE) return false;
    snprintf(name, sizeof name, "%.*s", STR_FMT(path));
    nowhere_say(&at, name, why, ERROR_MESSAGE_BYTES);
    return true;
}

static void look(struct rulebook_use_visitor *self, const struct rulebook_use_at *use) {
    struct vocabulary *v = (struct vocabulary *)self;
    char name[160], what[ERROR_MESSAGE_BYTES];
    bool is_field = use->list.len > 0;
    if (use->as == RULEBOOK_AS_COUNTED) {
        counted_check(v, use);
        return;
    }
    snprintf(name, sizeof name, "%.*s%s%.*s", STR_FMT(use->list), is_field ? "." : "",
             STR_FMT(use->path));
    struct place at = is_field ? element_place(use->list, use->path) : fact_place(use->path);
    if (at.leads == LEADS_TO_FIELD) against_check(v, use, at.field, name);
    if (at.leads == LEADS_TO_FIELD && use->as != RULEBOOK_AS_IT_IS && use->as != RULEBOOK_AS_KEY)
        role_check(v, use, at.field, name);
    if (at.leads != LEADS_NOWHERE) return;
    nowhere_say(&at, name, what, sizeof what);
    say(v, use, what);
}

enum error_code facts_vocabulary_check(const struct rulebook *const *rulebooks, size_t count,
                                       struct arena *arena, const str **out, size_t *out_count,
                                       struct error *e) {
    enum { WARNINGS_MAX = 256 };
    struct vocabulary v = {.visitor = {look}, .arena = arena, .room = WARNINGS_MAX, .e = e};
    v.warnings = arena_new(arena, str, v.room);
    if (v.warnings == NULL) return error_set(e, FAIL_MEMORY, "no room for warnings");
    for (size_t i = 0; i < count; i++) rulebook_uses(rulebooks[i], &v.visitor);
    *out = v.warnings;
    *out_count = v.count;
    return v.code;
}
