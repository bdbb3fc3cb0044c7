/* On which field of its row a fact hangs, so that rows alike in what a clause reads need asking but
 * once. What is said here must agree with subject.c; tests/facts/test_hangs.c holds them together. */
#include "facts/inner.h"

static bool kind_has(enum register_kind kind, str field) {
    for (const struct register_field *f = register_kind_of(kind)->fields; f->name != NULL; f++)
        if (str_equal(field, str_from_c(f->name))) return true;
    return false;
}

/* The same for every subject: the world's lists, the clock, what the operator or a rulebook set. */
static bool is_shared(str root) {
    static const str others[] = {{"time", 4}, {"list", 4}, {"param", 5}, {"derived", 7}};
    static const enum register_kind lists[] = {
        REGISTER_DOCUMENTS, REGISTER_REVIEWS,  REGISTER_REQUESTS, REGISTER_CONTRACTS,
        REGISTER_SUPPLIES,  REGISTER_PLANS,    REGISTER_CHANGES,  REGISTER_TRANSFERS,
        REGISTER_DRILLS,    REGISTER_INCIDENTS};
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (str_equal(root, others[i])) return true;
    for (size_t i = 0; i < COUNT_OF(lists); i++)
        if (str_equal(root, str_from_c(register_kind_of(lists[i])->key))) return true;
    return false;
}

bool facts_row_field(enum register_kind kind, str path, str *field) {
    static const struct {
        enum register_kind kind;
        str root, field;
    } links[] = {
        {REGISTER_EQUIPMENT, {"entity", 6}, {"maker", 5}},
        {REGISTER_EQUIPMENT, {"place", 5}, {"site", 4}},
        {REGISTER_SUPPLIES, {"entity", 6}, {"entity", 6}},
        {REGISTER_SUPPLIES, {"plan", 4}, {"plan", 4}},
        {REGISTER_CHANGES, {"plan", 4}, {"plan", 4}},
        {REGISTER_SYSTEMS, {"entity", 6}, {"entity", 6}},
        {REGISTER_CONTRACTS, {"entity", 6}, {"entity", 6}},
    };
    str rest = path, root;
    bool has_more = str_cut(&rest, '.', &root);
    if (!has_more) root = path;
    if (is_shared(root)) {
        *field = STR_EMPTY;
        return true;
    }
    if (kind == REGISTER_ENTITIES || kind == REGISTER_SITES || kind == REGISTER_DATASETS)
        return false; /* reach, evidence and homes come from several fields and rows */
    if (str_equal(root, STR("operator"))) {
        *field = kind_has(kind, root) ? root : STR_EMPTY;
        return true;
    }
    if (has_more && str_equal(root, str_from_c(register_kind_of(kind)->noun))) {
        str name = rest;
        if (str_cut(&rest, '.', &name)) {
            /* below a field */
        }
        *field = name;
        return str_equal(name, STR("id")) || kind_has(kind, name);
    }
    for (size_t i = 0; i < COUNT_OF(links); i++)
        if (links[i].kind == kind && str_equal(root, links[i].root)) {
            *field = links[i].field;
            return true;
        }
    return false;
}

/* ---- clauses about placement ---- */

struct place_visitor {
    struct rulebook_path_visitor visitor;
    size_t count;
};

static void place_visit(struct rulebook_path_visitor *self, str path, enum rulebook_use use,
                        str list) {
    struct place_visitor *v = (struct place_visitor *)self;
    if (str_starts(path, STR("copies.")) || str_starts(path, STR("place."))) v->count++;
}

bool facts_clause_is_placement(const struct rulebook_set *set, size_t index) {
    const unsigned abouts = RULEBOOK_ABOUT_COPY | RULEBOOK_ABOUT_DATASET | RULEBOOK_ABOUT_SITE;
    const struct rulebook_clause *clause = rulebook_set_clause(set, index);
    struct place_visitor all = {{place_visit}, 0}, applies = {{place_visit}, 0};
    if (clause == NULL || ((unsigned)clause->about & abouts) == 0) return false;
    rulebook_clause_paths(set, index, false, &all.visitor);
    rulebook_clause_paths(set, index, true, &applies.visitor);
    return all.count > applies.count;
}
