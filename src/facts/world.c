/* The world as of one moment: the lists all subjects share, the networks, who may forward. */
#include "facts/inner.h"

#include <stdlib.h>

/* ---- following references ---- */

const struct register_row *world_follow(const struct facts_world *w, const struct register_row *row,
                                        const char *field, enum register_kind kind) {
    str id;
    if (row == NULL || !register_text_at(row, str_from_c(field), w->options.at_ns, &id))
        return NULL;
    return world_row(w, kind, id);
}

const struct register_row *world_entity_of(const struct facts_world *w,
                                           const struct register_row *row, const char *field) {
    const struct register_row *entity = world_follow(w, row, field, REGISTER_ENTITIES);
    if (entity != NULL) return entity;
    const struct register_row *operator= world_follow(w, row, field, REGISTER_OPERATORS);
    return world_follow(w, operator, "entity", REGISTER_ENTITIES);
}

bool world_is_contradicted(const struct facts_world *w, str site) {
    const struct facts_evidence *evidence = w->options.evidence;
    return evidence != NULL && evidence->contradicted && str_equal(evidence->site, site);
}

str facts_operator_of(const struct facts_world *world, str dataset) {
    int64_t at_ns = world->options.at_ns;
    const struct register_row *row = world_row(world, REGISTER_DATASETS, dataset);
    str id;
    if (row != NULL && register_text_at(row, STR("operator"), at_ns, &id)) return id;
    size_t cursor = 0;
    const struct register_snapshot *s = world->options.snapshot;
    const struct register_row *first = register_row_next(s, REGISTER_OPERATORS, at_ns, &cursor);
    if (first == NULL) return STR_EMPTY;
    return register_row_next(s, REGISTER_OPERATORS, at_ns, &cursor) == NULL ? first->id : STR_EMPTY;
}

/* ---- shared lists ---- */

/* When it was written, done or received: before that it is not there, and a review of this year does
 * not answer for the year before. Of rows that do not say: always. */
static int64_t happened_ns(const struct register_row *row, int64_t at_ns) {
    static const str days[] = {{"date", 4}, {"happened", 8}, {"received", 8}, {"occurred", 8}};
    int64_t last_ns = INT64_MIN;
    for (size_t i = 0; i < COUNT_OF(days); i++) {
        const struct register_value *day = register_value_find(&row->fields, days[i]);
        if (register_value_is_good(day, at_ns) && day->field->type == REGISTER_TIME)
            last_ns = i64_max(last_ns, day->time_ns);
    }
    return last_ns;
}

/* Papers are listed also when they hold no more, which is a fact of theirs (it.valid); other rows
 * while they are true. */
static bool is_listed(struct facts_world *w, const struct register_row *row) {
    int64_t at_ns = w->options.at_ns, since_ns = happened_ns(row, at_ns);
    if (since_ns > at_ns) w->until_ns = i64_min(w->until_ns, since_ns);
    if (row->valid_from_ns > at_ns || since_ns > at_ns) return false;
    if (row->kind == REGISTER_DOCUMENTS || row->kind == REGISTER_REVIEWS) return true;
    return at_ns < row->valid_until_ns;
}

static enum error_code list_add(struct facts_world *w, struct layer *layer, enum register_kind kind,
                                struct error *e) {
    size_t row_count, count = 0;
    int64_t as_of_ns = 0;
    const struct register_row *rows = register_rows(w->options.snapshot, kind, &row_count);
    struct rulebook_record *records = arena_new(&w->arena, struct rulebook_record, row_count);
    if (records == NULL) return error_set(e, FAIL_MEMORY, "no room for the register's lists");
    for (size_t i = 0; i < row_count; i++) {
        str origin;
        if (!is_listed(w, &rows[i])) continue;
        TRY(origin_of(&rows[i], &w->arena, &origin, e));
        TRY(record_of(&rows[i].fields, rows[i].id, rows[i].valid_from_ns, rows[i].valid_until_ns,
                      origin, w->options.at_ns, &w->arena, layer->scratch, &records[count++], e));
    }
    const char *key = register_kind_of(kind)->key;
    bool is_complete = register_is_complete(w->options.snapshot, kind, &as_of_ns);
    struct rulebook_value list = {.kind = RULEBOOK_LIST,
                                  .by = RULEBOOK_BY_DECLARED,
                                  .open = !is_complete,
                                  .since_ns = RULEBOOK_EVER,
                                  .as_of_ns = is_complete ? as_of_ns : 0,
                                  .source = str_from_c(key)};
    list.list.at = records;
    list.list.count = count;
    return layer_set(layer, str_from_c(key), STR_EMPTY, list, e);
}

static enum error_code lists_make(struct facts_world *w, struct arena scratch, struct error *e) {
    static const enum register_kind kinds[] = {
        REGISTER_DOCUMENTS, REGISTER_REVIEWS,  REGISTER_REQUESTS, REGISTER_CONTRACTS,
        REGISTER_SUPPLIES,  REGISTER_PLANS,    REGISTER_CHANGES,  REGISTER_TRANSFERS,
        REGISTER_DRILLS,    REGISTER_INCIDENTS};
    struct layer layer;
    TRY(layer_open(&layer, COUNT_OF(kinds) + list_count(w), &w->arena, scratch, w->options.at_ns,
                   e));
    for (size_t i = 0; i < COUNT_OF(kinds); i++) TRY(list_add(w, &layer, kinds[i], e));
    TRY(list_facts_add(w, &layer, e));
    w->lists = layer_close(&layer, NULL);
    return OK;
}

/* ---- opening ---- */

static enum error_code trusted_make(struct facts_world *w, struct error *e) {
    size_t count = w->options.trusted_proxy_count;
    struct geo_row *rows = arena_new(&w->arena, struct geo_row, count);
    if (rows == NULL) return error_set(e, FAIL_MEMORY, "no room for trusted proxies");
    for (size_t i = 0; i < count; i++)
        if (geo_network_read(w->options.trusted_proxies[i], &rows[i].network, e) != OK)
            return error_note(e, __func__, "reading the trusted proxies");
    return geo_table_build(rows, count, &w->arena, &w->trusted, e);
}

static enum error_code geo_source_make(struct facts_world *w, struct error *e) {
    if (w->options.geo == NULL) return OK;
    const struct geo_edition *edition = geo_data_edition(w->options.geo);
    return arena_format(&w->arena, &w->geo_source, e, "%.*s of %.*s", STR_FMT(edition->name),
                        STR_FMT(edition->date));
}

/* Papers grow a day older at midnight. */
static int64_t next_midnight_ns(int64_t at_ns) {
    const int64_t day_ns = 86400 * NS_PER_S;
    int64_t into = at_ns % day_ns;
    if (into < 0) into += day_ns;
    return at_ns > INT64_MAX - day_ns ? INT64_MAX : at_ns - into + day_ns;
}

static enum error_code world_make(struct facts_world *w, struct error *e) {
    const struct register_snapshot *s = w->options.snapshot;
    size_t half = arena_left(&w->arena) / 2, network_count;
    struct arena scratch = arena_over(w->arena.end - half, half);
    w->arena.end -= half;
    const struct facts_grounds_options about = {s, w->options.events, w->options.at_ns};
    if (w->options.events != NULL)
        TRY(facts_grounds_make(&about, &w->arena, scratch, &w->grounds, e));
    w->network_rows = register_rows(s, REGISTER_NETWORKS, &network_count);
    w->until_ns =
        i64_min(register_next_change_ns(s, w->options.at_ns), next_midnight_ns(w->options.at_ns));
    TRY(register_networks(s, w->options.at_ns, &w->arena, &w->networks, e));
    TRY(trusted_make(w, e));
    TRY(geo_source_make(w, e));
    TRY(list_index_make(w, e));
    TRY(lists_make(w, scratch, e));
    return computed_make(w, scratch, e);
}

enum error_code facts_world_open(const struct facts_world_options *options,
                                 struct facts_world **out, struct error *e) {
    enum { BYTES_LEAST = 32 << 20, BYTES_A_ROW = 16384 }; /* address space; touched pages cost */
    struct arena_space space = {0};
    struct arena arena;
    size_t bytes = BYTES_LEAST + register_row_count(options->snapshot) * BYTES_A_ROW;
    TRY(arena_space_open(&space, bytes, &arena, e));
    struct facts_world *w = arena_new(&arena, struct facts_world, 1);
    assert(w != NULL); /* the first thing in 32 MiB */
    *w = (struct facts_world){.space = space, .options = *options, .arena = arena};
    enum error_code code = world_make(w, e);
    if (code != OK) {
        arena_space_release(&space);
        return code;
    }
    *out = w;
    return OK;
}

void facts_world_close(struct facts_world *world) {
    if (world == NULL) return;
    struct arena_space space = world->space; /* the world lies in it */
    arena_space_release(&space);
}

int64_t facts_world_until_ns(const struct facts_world *world) {
    return world->until_ns;
}
const struct register_snapshot *facts_world_register(const struct facts_world *world) {
    return world->options.snapshot;
}
const struct rulebook_facts *facts_world_lists(const struct facts_world *world) {
    return &world->lists;
}
