/* Rulebooks held against what a register can say: facts that nobody says, words and countries that no
 * row can bear, numbers of another kind. A clause that names one of these never applies, or never is
 * met, and its verdict does not tell a slip of the pen from a thing that is unknown. */
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
static const struct {
    const char *root, *names[8];
} computed[] = {
    {"act", {"purpose", "processed_at", "at"}},
    {"copies", {"count", "countries", "distance_km", "shared", "missing"}},
    {"far", {"entity"}},
    {"place",
     {"site", "bound_km", "landmark", "landmarks", "landmark_operators", "cosigned", "lists"}},
    {"reader", {"network", "country", "entity", "role"}},
    {"session", {"target"}},
    {"time", {"now"}},
    {"equipment", {"suspected_lists", "lists"}},
};

static bool is_computed(str root, str name) {
    for (size_t i = 0; i < COUNT_OF(computed); i++)
        for (size_t k = 0; str_equal(root, str_from_c(computed[i].root)) &&
                           k < COUNT_OF(computed[i].names) && computed[i].names[k] != NULL;
             k++)
            if (str_equal(name, str_from_c(computed[i].names[k]))) return true;
    return false;
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
    if (is_computed(root, rest)) return (struct place){.leads = LEADS_SOMEWHERE};
    if (fields_of(root, &fields)) return place_of(fields, rest);
    struct place found = {.leads = LEADS_SOMEWHERE};
    for (size_t i = 0; i < COUNT_OF(computed); i++) {
        if (!str_equal(root, str_from_c(computed[i].root))) continue;
        struct register_field names[COUNT_OF(computed[i].names) + 1] = {0};
        for (size_t k = 0; computed[i].names[k] != NULL; k++) names[k].name = computed[i].names[k];
        const char *near = register_field_near(rest, names);
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
    if (value->kind == RULEBOOK_SET) {
        for (size_t i = 0; i < value->set.count; i++) word_check(v, use, f, name, value->set.at[i]);
    } else if (value->kind == RULEBOOK_TEXT && (f->type == REGISTER_COUNTRY || f->words != NULL)) {
        word_check(v, use, f, name, value->text);
    } else if (!kind_fits(f, value)) {
        snprintf(what, sizeof what, "%s is %s, and is compared with something else", name,
                 kind_words(f, room, sizeof room));
        say(v, use, what);
    }
}

static void look(struct rulebook_use_visitor *self, const struct rulebook_use_at *use) {
    struct vocabulary *v = (struct vocabulary *)self;
    char name[160], what[ERROR_MESSAGE_BYTES];
    bool is_field = use->list.len > 0;
    snprintf(name, sizeof name, "%.*s%s%.*s", STR_FMT(use->list), is_field ? "." : "",
             STR_FMT(use->path));
    struct place at = is_field ? element_place(use->list, use->path) : fact_place(use->path);
    if (at.leads == LEADS_TO_FIELD) against_check(v, use, at.field, name);
    if (at.leads != LEADS_NOWHERE) return;
    if (at.near != NULL)
        snprintf(what, sizeof what, "nobody says %s; did you mean \"%s\" for \"%.*s\"?", name,
                 at.near, STR_FMT(at.missing));
    else
        snprintf(what, sizeof what, "nobody says %s: a register has no \"%.*s\" there", name,
                 STR_FMT(at.missing));
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
