/* What a rulebook says and nothing in it ever reads: names that no condition asks for, keys with nothing
 * in them, clauses that no act meets. Nothing of it is wrong by itself, and most of it is a slip of the pen
 * whose other half stands elsewhere: each is a warning. Source: RULEBOOK 3, 4. */
#include "rulebook/read/file.h"

/* ---- names that nothing asks for ---- */

static bool is_name_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

/* `before` and the name stand in the text, and the name ends there. */
static bool text_names(str text, str before, str name) {
    for (size_t at; str_find(text, before, &at);) {
        text = str_skip(text, at + before.len);
        bool is_whole =
            str_starts(text, name) && (text.len == name.len || !is_name_char(text.at[name.len]));
        if (is_whole) return true;
    }
    return false;
}

static bool tree_names(const struct doc_node *node, str before, str name) {
    if (node == NULL) return false;
    if (node->kind == DOC_SCALAR) return text_names(node->text, before, name);
    for (size_t i = 0; i < node->count; i++)
        if (tree_names(node->items[i], before, name)) return true;
    return false;
}

/* The names below one of the rulebook's keys, each of which something elsewhere has to name as
 * `before` and it. A derived set may start from itself, so its own lines do not count. */
static enum error_code warn_names(struct file_reader *r, const struct doc_node *map, str key,
                                  const char *what, str before) {
    static const str readers[] = {{"clauses", 7}, {"raises", 6}, {"measures", 8}, {"derived", 7}};
    const struct doc_node *names = doc_map_find(map, key);
    for (size_t i = 0; names != NULL && i < names->count; i++) {
        bool is_named = false;
        for (size_t k = 0; k < COUNT_OF(readers) && !is_named; k++) {
            const struct doc_node *reader = doc_map_find(map, readers[k]);
            bool is_own = reader == names;
            for (size_t m = 0; is_own && m < names->count; m++)
                is_named |= m != i && tree_names(names->items[m], before, names->keys[i]->text);
            is_named |= !is_own && tree_names(reader, before, names->keys[i]->text);
        }
        if (!is_named)
            TRY(file_warn(r, names->keys[i], "nothing in this rulebook reads %s %.*s", what,
                          STR_FMT(names->keys[i]->text)));
    }
    return OK;
}

/* ---- keys with nothing in them ---- */

/* These say something by being empty: no clauses beside what is raised, no days of rest. */
static bool may_be_empty(str key) {
    static const str names[] = {{"clauses", 7}, {"holidays", 8}, {"also", 4}, {"rests", 5}};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (str_equal(key, names[i])) return true;
    return false;
}

static enum error_code warn_empty(struct file_reader *r, const struct doc_node *node) {
    for (size_t i = 0; i < node->count; i++) {
        const struct doc_node *item = node->items[i];
        bool is_empty = item->kind != DOC_SCALAR && item->count == 0 && node->kind == DOC_MAP;
        if (item->kind != DOC_SCALAR) TRY(warn_empty(r, item));
        if (is_empty && !may_be_empty(node->keys[i]->text))
            TRY(file_warn(r, item, "`%.*s` says nothing", STR_FMT(node->keys[i]->text)));
    }
    return OK;
}

/* Days of rest and holidays are counted where it is known when days begin. */
static enum error_code warn_zones(struct file_reader *r) {
    static const str counted[] = {{"holidays", 8}, {"rests", 5}};
    for (size_t i = 0; i < r->more->calendar_count; i++) {
        const struct calendar *c = &r->more->calendars[i];
        for (size_t k = 0; k < COUNT_OF(counted) && !c->has_offset; k++) {
            if (doc_map_find(c->node, counted[k]) == NULL) continue;
            TRY(file_warn(r, doc_map_find(c->node, STR("zone")),
                          "the name %.*s does not tell when days begin, so `%.*s` counts for "
                          "nothing: expected a zone as +09:00",
                          STR_FMT(c->zone), STR_FMT(counted[k])));
            break;
        }
    }
    return OK;
}

enum error_code file_idle(struct file_reader *r, const struct doc_node *map) {
    TRY(warn_zones(r));
    TRY(warn_names(r, map, STR("sets"), "the set", STR("$")));
    TRY(warn_names(r, map, STR("derived"), "the derived set", STR("$")));
    TRY(warn_names(r, map, STR("measures"), "the measure", STR("measure.")));
    TRY(warn_names(r, map, STR("calendars"), "the calendar", STR(" ")));
    return warn_empty(r, map);
}

/* ---- clauses ---- */

static enum error_code warn_params(struct file_reader *r, const struct doc_node *map,
                                   const struct rulebook_clause *c) {
    const struct doc_node *params = doc_map_find(map, STR("params"));
    for (size_t i = 0; params != NULL && i < params->count; i++)
        if (!tree_names(map, STR("$"), params->keys[i]->text))
            TRY(file_warn(r, params->keys[i], "clause %.*s: none of its conditions reads $%.*s",
                          STR_FMT(c->id), STR_FMT(params->keys[i]->text)));
    return OK;
}

/* Acts of which none is ever about what the clause is about: no gate would ask it. */
static enum error_code warn_acts(struct file_reader *r, const struct doc_node *map,
                                 const struct rulebook_clause *c) {
    const struct doc_node *acts = doc_map_find(doc_map_find(map, STR("applies")), STR("act"));
    if (acts == NULL) return OK;
    for (size_t i = 0; i < (acts->kind == DOC_LIST ? acts->count : 1); i++) {
        struct rulebook_subject subject;
        const struct doc_node *act = acts->kind == DOC_LIST ? acts->items[i] : acts;
        if (!rulebook_subject_of_act(act->text, &subject) || (subject.about & c->about) != 0)
            return OK;
    }
    return file_warn(r, acts,
                     "clause %.*s: none of these acts is about its subject, %s: no gate asks it",
                     STR_FMT(c->id), rulebook_about_name(c->about));
}

static enum error_code warn_compelled(struct file_reader *r, const struct doc_node *map,
                                      const struct rulebook_clause *c) {
    const struct doc_node *list = doc_map_find(map, STR("compelled"));
    for (size_t i = 0; i < c->compelled_count; i++)
        if (c->compelled[i].since.from_ns >= r->rulebook->in_force.until_ns ||
            c->compelled[i].since.from_ns >= c->in_force.until_ns)
            TRY(file_warn(r, doc_map_find(list->items[i], STR("since")),
                          "clause %.*s is in force no longer on the day since when this compels",
                          STR_FMT(c->id)));
    return OK;
}

/* Which acts a clause is asked about. */
struct acts {
    const str *at;
    size_t count;
    bool all;    /* it names none: any */
    bool making; /* it names none and is about copies: what makes one */
};

/* false: they are read from elsewhere. */
static bool acts_of(const struct rulebook_clause *c, struct acts *out) {
    *out = (struct acts){.making = c->about == RULEBOOK_ABOUT_COPY,
                         .all = c->about != RULEBOOK_ABOUT_COPY};
    for (size_t i = 0; i < c->rule->applies_count; i++) {
        const struct applies *entry = &c->rule->applies[i];
        if (!str_equal(entry->path, STR("act"))) continue;
        *out = (struct acts){entry->among.value.set.at, entry->among.value.set.count, false, false};
        return entry->among.kind == OPERAND_LITERAL && entry->among.value.kind == RULEBOOK_SET;
    }
    return true;
}

static bool any_makes_copy(const struct acts *acts) {
    for (size_t i = 0; i < acts->count; i++)
        if (act_makes_copy(acts->at[i])) return true;
    return acts->all || acts->making;
}

/* "read" and "write" are of several acts. */
static bool word_is_of(str word, str act) {
    bool reads = str_equal(act, STR("get")) || str_equal(act, STR("list"));
    if (str_equal(word, STR("read"))) return reads;
    return str_equal(word, STR("write")) ? !reads : str_equal(word, act);
}

static bool any_is_recorded(const struct acts *acts, str word) {
    for (size_t i = 0; i < acts->count; i++)
        if (word_is_of(word, acts->at[i])) return true;
    bool is_making = str_equal(word, STR("write")) || act_makes_copy(word);
    return acts->all || (acts->making && is_making);
}

static enum error_code warn_recorded(struct file_reader *r, const struct doc_node *at,
                                     const struct rulebook_clause *c, const struct acts *acts,
                                     const struct rulebook_obligation *o) {
    for (size_t i = 0; i < o->word_count; i++)
        if (!any_is_recorded(acts, o->words[i]))
            TRY(file_warn(
                r, at,
                "clause %.*s: `record` asks for %.*s, which is none of the acts it applies "
                "to%s: name those acts in `applies`",
                STR_FMT(c->id), STR_FMT(o->words[i]),
                acts->making ? " (about copies and without `act`, what makes one)" : ""));
    return OK;
}

/* Obligations bind gates, and gates decide about copies and sessions; of datasets assessments tell
 * them. What is to become of a copy is asked when one is made: of a read only that it be recorded. */
static enum error_code warn_obliged(struct file_reader *r, const struct doc_node *map,
                                    const struct rulebook_clause *c) {
    const unsigned decided = RULEBOOK_ABOUT_COPY | RULEBOOK_ABOUT_SESSION | RULEBOOK_ABOUT_DATASET;
    const struct doc_node *oblige = doc_map_find(map, STR("oblige"));
    struct acts acts;
    if (c->obligation_count == 0) return OK;
    if ((c->about & decided) == 0)
        return file_warn(
            r, oblige,
            "clause %.*s: what it obliges to binds gates, which decide about copies and "
            "sessions; nobody asks for it of its subject, %s",
            STR_FMT(c->id), rulebook_about_name(c->about));
    if (c->about == RULEBOOK_ABOUT_DATASET || !acts_of(c, &acts)) return OK;
    for (size_t i = 0; i < c->obligation_count; i++) {
        const struct rulebook_obligation *o = &c->obligations[i];
        if (o->kind == RULEBOOK_OBLIGE_RECORD)
            TRY(warn_recorded(r, oblige->keys[i], c, &acts, o));
        else if (!any_makes_copy(&acts))
            TRY(file_warn(r, oblige->keys[i],
                          "clause %.*s: no gate asks for %s of these acts, none of which makes a "
                          "copy: name one that does, such as put, or state it under `require`",
                          STR_FMT(c->id), rulebook_obligation_name(o->kind)));
    }
    return OK;
}

/* Records that no other subject brings along. */
static bool is_record_kind(str root) {
    static const str kinds[] = {{"incident", 8}, {"drill", 5}, {"request", 7}, {"log", 3}};
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (str_equal(root, kinds[i])) return true;
    return false;
}

/* A duty about a change that begins with an incident would never begin: only one of them is at hand. */
static enum error_code warn_starts(struct file_reader *r, const struct doc_node *map,
                                   const struct rulebook_clause *c) {
    str about = str_from_c(rulebook_about_name(c->about));
    for (size_t i = 0; i < c->duty_count; i++) {
        str rest = c->duties[i].start, root = STR_EMPTY;
        if (c->duties[i].starts_on_day || !str_cut(&rest, '.', &root)) continue;
        if (!is_record_kind(root) || str_equal(root, about)) continue;
        TRY(file_warn(r, doc_map_find(map, STR("duty")),
                      "clause %.*s: its duty begins with %.*s, which is not known of its subject, "
                      "%.*s",
                      STR_FMT(c->id), STR_FMT(c->duties[i].start), STR_FMT(about)));
    }
    return OK;
}

enum error_code file_idle_clause(struct file_reader *r, const struct doc_node *map,
                                 const struct rulebook_clause *c) {
    if (c->rule->unless != NULL && c->rule->require == NULL)
        TRY(file_warn(r, doc_map_find(map, STR("unless")),
                      "clause %.*s requires nothing, and `unless` lifts only what is required",
                      STR_FMT(c->id)));
    TRY(warn_params(r, map, c));
    TRY(warn_acts(r, map, c));
    TRY(warn_compelled(r, map, c));
    TRY(warn_obliged(r, map, c));
    return warn_starts(r, map, c);
}
