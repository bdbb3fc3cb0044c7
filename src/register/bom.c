/* A CycloneDX bill of materials as equipment: the thing it describes, with all its parts, makers and
 * origins. A bill that describes no thing of its own is an inventory: each component is a thing.
 *
 * Its `supplier` and `manufacturer` become entities, so that lists and rules about makers work. The
 * `manufacturer` of the metadata made the bill, not the thing, and is passed over. */
#include <stdlib.h>

#include "register/making.h"

struct bom {
    struct making *m;
    struct problems *problems;
    const struct doc_node *top, *metadata; /* metadata may be NULL */
    str *complete;                         /* bom-refs whose parts are all listed; sorted */
    size_t complete_count;
};

/* ---- finding ---- */

static bool is_null(const struct doc_node *node) {
    return node == NULL ||
           (node->kind == DOC_SCALAR && !node->quoted && str_equal(node->text, STR("null")));
}

/* NULL when it is not there. */
static enum error_code find(const struct doc_node *map, const char *key, enum doc_kind kind,
                            const char *what, const struct doc_node **out, struct error *e) {
    const struct doc_node *node = map != NULL ? doc_map_find(map, str_from_c(key)) : NULL;
    *out = NULL;
    if (is_null(node)) return OK;
    TRY(doc_want(node, kind, what, e));
    *out = node;
    return OK;
}

static enum error_code text_find(const struct doc_node *map, const char *key,
                                 const struct doc_node **out, struct error *e) {
    TRY(find(map, key, DOC_SCALAR, "a text", out, e));
    if (*out != NULL && !(*out)->quoted) return doc_expected(*out, e, "a text in quotes");
    if (*out != NULL && (*out)->text.len == 0) *out = NULL;
    return OK;
}

/* The name everything in a bill has. A number is none: nobody would find it by another spelling. */
static enum error_code name_get(const struct doc_node *of, const struct doc_node **out,
                                struct error *e) {
    const struct doc_node *there;
    TRY(doc_map_get(of, STR("name"), &there, e));
    TRY(text_find(of, "name", out, e));
    return *out != NULL ? OK : doc_expected(there, e, "a name");
}

static size_t count_of(const struct doc_node *list) {
    return list != NULL ? list->count : 0;
}

/* The value of the property of that name; NULL: none, or it is empty. */
static enum error_code property_find(const struct doc_node *component, const char *name,
                                     const struct doc_node **out, struct error *e) {
    const struct doc_node *list, *named;
    *out = NULL;
    TRY(find(component, "properties", DOC_LIST, "a list of properties", &list, e));
    for (size_t i = 0; i < count_of(list); i++) {
        TRY(doc_want(list->items[i], DOC_MAP, "a property", e));
        TRY(text_find(list->items[i], "name", &named, e));
        if (named != NULL && str_equal(named->text, str_from_c(name)))
            return text_find(list->items[i], "value", out, e);
    }
    return OK;
}

/* ---- what a component says ---- */

/* What rules call it. A device is what its function says; if that is not said, nobody knows. */
static enum error_code category_of(struct bom *b, const struct doc_node *component,
                                   const struct doc_node **out, struct error *e) {
    static const struct {
        const char *type, *category;
    } rows[] = {{"application", "software"},
                {"framework", "software"},
                {"library", "software"},
                {"container", "software"},
                {"platform", "software"},
                {"operating-system", "software"},
                {"device-driver", "software"},
                {"firmware", "firmware"},
                {"file", "file"},
                {"data", "data"},
                {"machine-learning-model", "machine-learning-model"},
                {"cryptographic-asset", "cryptographic-asset"},
                {"device", NULL}};
    const struct doc_node *type;
    TRY(doc_map_get(component, STR("type"), &type, e));
    size_t i = 0;
    while (i < COUNT_OF(rows) && !(type->kind == DOC_SCALAR && type->quoted &&
                                   str_equal(type->text, str_from_c(rows[i].type))))
        i++;
    if (i == COUNT_OF(rows))
        return doc_expected(type, e, "a type of component, such as device or application");
    if (rows[i].category == NULL) return property_find(component, "cdx:device:function", out, e);
    *out = made_text(b->m, type, str_from_c(rows[i].category));
    return OK;
}

static enum error_code party_of(struct bom *b, const struct doc_node *of, const char *key,
                                const struct doc_node **out, struct error *e) {
    const struct doc_node *organization, *name;
    TRY(find(of, key, DOC_MAP, "an organization", &organization, e));
    if (organization == NULL) return OK;
    TRY(text_find(organization, "name", &name, e));
    return name != NULL ? made_party(b->m, organization, out, e) : OK;
}

static const struct doc_node *origin_make(struct bom *b, const struct doc_node *stage,
                                          const struct doc_node *country,
                                          const struct doc_node *percent) {
    const struct doc_node *at = country != NULL ? country : percent != NULL ? percent : stage;
    if (at == NULL) return NULL;
    struct made *origin = made_open(b->m, at, DOC_MAP, 3);
    made_put(b->m, origin, STR("stage"), stage);
    made_put(b->m, origin, STR("country"), country);
    made_put(b->m, origin, STR("percent"), percent);
    return made_node(origin);
}

/* {stage, distribution: [{isoCode, percentage}]}, or {stage, country, percent} as rows have it. */
static enum error_code origin_read(struct bom *b, const struct doc_node *origin, struct made *out,
                                   struct error *e) {
    const struct doc_node *stage, *country, *percent, *shares;
    TRY(doc_want(origin, DOC_MAP, "an origin: {stage, distribution}", e));
    TRY(text_find(origin, "stage", &stage, e));
    TRY(text_find(origin, "country", &country, e));
    TRY(find(origin, "percent", DOC_SCALAR, "a number", &percent, e));
    TRY(find(origin, "distribution", DOC_LIST, "a list of countries", &shares, e));
    if (count_of(shares) == 0) made_add(b->m, out, origin_make(b, stage, country, percent));
    for (size_t i = 0; i < count_of(shares); i++) {
        TRY(doc_want(shares->items[i], DOC_MAP, "a share: {isoCode, percentage}", e));
        TRY(text_find(shares->items[i], "isoCode", &country, e));
        TRY(find(shares->items[i], "percentage", DOC_SCALAR, "a number", &percent, e));
        made_add(b->m, out, origin_make(b, stage, country, percent));
    }
    return OK;
}

static enum error_code origins_of(struct bom *b, const struct doc_node *component,
                                  const struct doc_node **out, struct error *e) {
    const struct doc_node *list, *shares;
    TRY(find(component, "origins", DOC_LIST, "a list of origins", &list, e));
    size_t most = count_of(list);
    for (size_t i = 0; i < count_of(list); i++) {
        TRY(find(list->items[i], "distribution", DOC_LIST, "a list of countries", &shares, e));
        most += count_of(shares);
    }
    if (most == 0) return OK;
    struct made *origins = made_open(b->m, list, DOC_LIST, most);
    if (origins == NULL) return made_done(b->m, e);
    for (size_t i = 0; i < list->count; i++) TRY(origin_read(b, list->items[i], origins, e));
    *out = made_node(origins);
    return OK;
}

/* ---- parts ---- */

static enum error_code part_make(struct bom *b, const struct doc_node *component, struct made *out,
                                 struct error *e) {
    const struct doc_node *name, *version, *category = NULL, *maker = NULL, *origins = NULL;
    TRY(name_get(component, &name, e));
    TRY(text_find(component, "version", &version, e));
    TRY(category_of(b, component, &category, e));
    TRY(party_of(b, component, "manufacturer", &maker, e));
    if (maker == NULL) TRY(party_of(b, component, "supplier", &maker, e));
    TRY(origins_of(b, component, &origins, e));
    struct made *part = made_open(b->m, component, DOC_MAP, 5);
    made_put(b->m, part, STR("name"), name);
    made_put(b->m, part, STR("category"), category);
    made_put(b->m, part, STR("maker"), maker);
    made_put(b->m, part, STR("version"), version);
    made_put(b->m, part, STR("origins"), origins);
    made_add(b->m, out, made_node(part));
    return OK;
}

static int refs_order(const void *a, const void *b) {
    return str_compare(*(const str *)a, *(const str *)b);
}

static bool is_whole(const struct bom *b, const struct doc_node *component) {
    const struct doc_node *ref = doc_map_find(component, STR("bom-ref"));
    return ref != NULL && b->complete_count > 0 &&
           bsearch(&ref->text, b->complete, b->complete_count, sizeof *b->complete, refs_order) !=
               NULL;
}

/* How many there are at most, whatever the depth. */
static size_t parts_count(const struct doc_node *of) {
    const struct doc_node *list = doc_map_find(of, STR("components"));
    size_t count = 0;
    if (list == NULL || list->kind != DOC_LIST) return 0;
    for (size_t i = 0; i < list->count; i++) count += 1 + parts_count(list->items[i]);
    return count;
}

/* A part that cannot be is told and passed over, and then nobody knows them all. */
static enum error_code part_fault(struct bom *b, enum error_code code, bool *all_whole,
                                  struct error *e) {
    if (code == OK) return OK;
    *all_whole = false;
    return problem_note(b->problems, code, e);
}

/* Components and theirs, whatever the depth; of one that cannot be its own parts still. */
static enum error_code parts_walk(struct bom *b, const struct doc_node *of, struct made *out,
                                  bool *all_whole, struct error *e) {
    const struct doc_node *list;
    enum error_code code = find(of, "components", DOC_LIST, "a list of components", &list, e);
    TRY(part_fault(b, code, all_whole, e));
    for (size_t i = 0; code == OK && i < count_of(list); i++) {
        const struct doc_node *part = list->items[i];
        enum error_code made = doc_want(part, DOC_MAP, "a component", e);
        bool is_map = made == OK;
        if (is_map) made = part_make(b, part, out, e);
        TRY(part_fault(b, made, all_whole, e));
        *all_whole = *all_whole && is_whole(b, part);
        if (is_map) TRY(parts_walk(b, part, out, all_whole, e));
    }
    return OK;
}

/* What the thing calls upon: a part of the category service, made by its provider. */
static enum error_code service_make(struct bom *b, const struct doc_node *service, struct made *out,
                                    struct error *e) {
    const struct doc_node *name, *version, *maker = NULL;
    TRY(name_get(service, &name, e));
    TRY(text_find(service, "version", &version, e));
    TRY(party_of(b, service, "provider", &maker, e));
    struct made *part = made_open(b->m, service, DOC_MAP, 4);
    made_put(b->m, part, STR("name"), name);
    made_put(b->m, part, STR("category"), made_text(b->m, service, STR("service")));
    made_put(b->m, part, STR("maker"), maker);
    made_put(b->m, part, STR("version"), version);
    made_add(b->m, out, made_node(part));
    return OK;
}

/* All parts of a thing. The list is complete as of the bill's day when the bill says so of the thing
 * and of every part: its word about one does not go for the parts of that one. */
static enum error_code parts_of(struct bom *b, const struct doc_node *thing, bool is_bill,
                                const struct doc_node **out, struct error *e) {
    const struct doc_node *services = NULL, *day;
    bool all_whole = is_whole(b, thing);
    enum error_code code = text_find(b->metadata, "timestamp", &day, e);
    TRY(part_fault(b, code, &all_whole, e));
    if (is_bill) code = find(b->top, "services", DOC_LIST, "a list of services", &services, e);
    if (is_bill) TRY(part_fault(b, code, &all_whole, e));
    size_t most = parts_count(thing) + count_of(services) + (is_bill ? parts_count(b->top) : 0);
    struct made *list = made_open(b->m, thing, DOC_LIST, most);
    struct made *said = made_open(b->m, thing, DOC_MAP, 5);
    if (list == NULL || said == NULL) return made_done(b->m, e);
    TRY(parts_walk(b, thing, list, &all_whole, e));
    if (is_bill) TRY(parts_walk(b, b->top, list, &all_whole, e));
    for (size_t i = 0; i < count_of(services); i++)
        TRY(part_fault(b, service_make(b, services->items[i], list, e), &all_whole, e));
    all_whole = all_whole && day != NULL;
    if (made_node(list)->count == 0 && !all_whole) return made_done(b->m, e);
    made_put(b->m, said, STR("items"), made_node(list));
    made_put(b->m, said, STR("by"), made_text(b->m, thing, STR("document")));
    made_put(b->m, said, STR("source"), made_text(b->m, thing, made_source(thing)));
    if (all_whole) {
        made_put(b->m, said, STR("complete"), made_text(b->m, day, STR("true")));
        made_put(b->m, said, STR("as_of"), day);
    }
    *out = made_node(said);
    return made_done(b->m, e);
}

/* ---- things ---- */

static enum error_code id_of(struct bom *b, const struct doc_node *thing,
                             const struct doc_node **out, struct error *e) {
    const struct doc_node *ref, *name, *version;
    str text;
    TRY(text_find(thing, "bom-ref", &ref, e));
    TRY(name_get(thing, &name, e));
    TRY(text_find(thing, "version", &version, e));
    if (ref == NULL && version != NULL)
        TRY(arena_format(b->m->arena, &text, e, "%.*s-%.*s", STR_FMT(name->text),
                         STR_FMT(version->text)));
    else
        text = ref != NULL ? ref->text : name->text;
    *out = made_text(b->m, ref != NULL ? ref : name, made_id(b->m, text));
    return OK;
}

/* Properties that say a field of the row. */
static enum error_code properties_put(struct bom *b, const struct doc_node *thing, struct made *row,
                                      struct error *e) {
    static const struct {
        const char *property, *field;
    } rows[] = {{"cdx:device:serialNumber", "serial"},
                {"cdx:device:quantity", "count"},
                {"cdx:lifecycle:milestone:endOfSupport", "support_end"}};
    const struct doc_node *value;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        TRY(property_find(thing, rows[i].property, &value, e));
        made_put(b->m, row, str_from_c(rows[i].field), made_said(b->m, value));
    }
    TRY(property_find(thing, "cdx:device:macAddress", &value, e));
    if (value == NULL) return OK;
    struct made *macs = made_open(b->m, value, DOC_LIST, 1);
    made_add(b->m, macs, value);
    made_put(b->m, row, STR("macs"), made_said_list(b->m, made_node(macs)));
    return OK;
}

/* All but its parts. */
static enum error_code thing_say(struct bom *b, const struct doc_node *thing, bool is_bill,
                                 struct made *row, struct error *e) {
    const struct doc_node *id, *name, *version, *category = NULL, *maker = NULL, *supplier = NULL;
    const struct doc_node *origins = NULL;
    TRY(id_of(b, thing, &id, e));
    TRY(name_get(thing, &name, e));
    TRY(text_find(thing, "version", &version, e));
    TRY(category_of(b, thing, &category, e));
    TRY(party_of(b, thing, "manufacturer", &maker, e));
    TRY(party_of(b, thing, "supplier", &supplier, e));
    if (is_bill && maker == NULL) TRY(party_of(b, b->metadata, "manufacture", &maker, e));
    if (is_bill && supplier == NULL) TRY(party_of(b, b->metadata, "supplier", &supplier, e));
    TRY(origins_of(b, thing, &origins, e));
    made_put(b->m, row, STR("id"), id);
    made_put(b->m, row, STR("name"), made_said(b->m, name));
    made_put(b->m, row, STR("category"), made_said(b->m, category));
    made_put(b->m, row, STR("maker"), made_said(b->m, maker));
    made_put(b->m, row, STR("supplier"), made_said(b->m, supplier));
    made_put(b->m, row, STR("version"), made_said(b->m, version));
    made_put(b->m, row, STR("origins"), made_said_list(b->m, origins));
    return properties_put(b, thing, row, e);
}

/* `is_bill`: the thing the whole bill is about, whose metadata and components speak of it too. What cannot
 * be is told, of the thing and of each part; a thing that is told is no row. */
static enum error_code thing_make(struct bom *b, const struct doc_node *thing, bool is_bill,
                                  struct made *rows, struct error *e) {
    enum { FIELDS_MOST = 16 };
    const struct doc_node *parts = NULL;
    enum error_code code = doc_want(thing, DOC_MAP, "a component", e);
    if (code != OK) return problem_note(b->problems, code, e);
    struct made *row = made_open(b->m, thing, DOC_MAP, FIELDS_MOST);
    if (row == NULL) return made_done(b->m, e);
    code = thing_say(b, thing, is_bill, row, e);
    if (code != OK) TRY(problem_note(b->problems, code, e));
    TRY(parts_of(b, thing, is_bill, &parts, e));
    made_put(b->m, row, STR("components"), parts);
    if (code == OK) made_add(b->m, rows, made_node(row));
    return made_done(b->m, e);
}

/* ---- the bill ---- */

bool bom_is(const struct doc_node *top) {
    return doc_map_find(top, STR("bomFormat")) != NULL;
}

static enum error_code head_check(const struct doc_node *top, struct error *e) {
    static const char *const versions[] = {"1.5", "1.6", "1.7"};
    const struct doc_node *format, *version;
    TRY(doc_map_get(top, STR("bomFormat"), &format, e));
    if (format->kind != DOC_SCALAR || !str_equal(format->text, STR("CycloneDX")))
        return doc_expected(format, e, "\"CycloneDX\"");
    TRY(doc_map_get(top, STR("specVersion"), &version, e));
    for (size_t i = 0; i < COUNT_OF(versions); i++)
        if (version->kind == DOC_SCALAR && version->quoted &&
            str_equal(version->text, str_from_c(versions[i])))
            return OK;
    return doc_expected(version, e, "CycloneDX \"1.5\", \"1.6\" or \"1.7\"");
}

static enum error_code complete_read(struct bom *b, struct error *e) {
    const struct doc_node *list, *aggregate, *refs;
    size_t most = 0;
    TRY(find(b->top, "compositions", DOC_LIST, "a list of compositions", &list, e));
    for (size_t i = 0; i < count_of(list); i++) {
        TRY(find(list->items[i], "assemblies", DOC_LIST, "a list of bom-refs", &refs, e));
        most += count_of(refs);
    }
    b->complete = arena_new(b->m->arena, str, most);
    if (b->complete == NULL) return b->m->is_full = true, made_done(b->m, e);
    for (size_t i = 0; i < count_of(list); i++) {
        TRY(text_find(list->items[i], "aggregate", &aggregate, e));
        TRY(find(list->items[i], "assemblies", DOC_LIST, "a list of bom-refs", &refs, e));
        if (aggregate == NULL || !str_equal(aggregate->text, STR("complete"))) continue;
        for (size_t r = 0; r < count_of(refs); r++)
            b->complete[b->complete_count++] = refs->items[r]->text;
    }
    if (b->complete_count > 0)
        qsort(b->complete, b->complete_count, sizeof *b->complete, refs_order);
    return OK;
}

enum error_code bom_make(struct making *m, struct problems *problems, const struct doc_node *top,
                         const struct doc_node **out, struct error *e) {
    struct bom b = {.m = m, .problems = problems, .top = top};
    const struct doc_node *thing, *list;
    TRY(head_check(top, e));
    TRY(find(top, "metadata", DOC_MAP, "a map of metadata", &b.metadata, e));
    TRY(find(b.metadata, "component", DOC_MAP, "a component", &thing, e));
    TRY(find(top, "components", DOC_LIST, "a list of components", &list, e));
    TRY(complete_read(&b, e));
    struct made *rows = made_open(m, top, DOC_LIST, size_max(1, count_of(list)));
    struct made *file = made_open(m, top, DOC_MAP, 1);
    if (rows == NULL || file == NULL) return made_done(m, e);
    if (thing != NULL) TRY(thing_make(&b, thing, true, rows, e));
    for (size_t i = 0; thing == NULL && i < count_of(list); i++)
        TRY(thing_make(&b, list->items[i], false, rows, e));
    made_put(m, file, STR("equipment"), made_node(rows));
    *out = made_node(file);
    return made_done(m, e);
}
