/* A snapshot: rows in order, looked up as of a time; its digest and its boundaries in time. */
#include <stdlib.h>

#include "register/inner.h"

/* ---- making one ---- */

enum error_code snapshot_open(size_t bytes, size_t rows_max, struct register_snapshot **out,
                              struct error *e) {
    struct arena_space space = {0};
    struct arena arena;
    TRY(arena_space_open(&space, bytes, &arena, e));
    struct register_snapshot *s = arena_new(&arena, struct register_snapshot, 1);
    struct register_row *rows = arena_new(&arena, struct register_row, rows_max);
    if (s == NULL || rows == NULL) {
        arena_space_release(&space);
        return error_set(e, FAIL_MEMORY, "no room for %zu rows of the register", rows_max);
    }
    for (unsigned k = 0; k < REGISTER_KIND_COUNT; k++)
        s->lists[k] = (struct list_state){.as_of_ns = REGISTER_ALWAYS_NS};
    s->space = space;
    s->arena = arena;
    s->rows = rows;
    *out = s;
    return OK;
}

void register_release(struct register_snapshot *snapshot) {
    if (snapshot == NULL) return;
    struct arena_space space = snapshot->space; /* the snapshot lies in it */
    arena_space_release(&space);
}

int row_compare(const struct register_row *a, const struct register_row *b) {
    if (a->kind != b->kind) return a->kind < b->kind ? -1 : 1;
    int order = str_compare(a->id, b->id);
    if (order != 0) return order;
    return a->valid_from_ns < b->valid_from_ns ? -1 : a->valid_from_ns > b->valid_from_ns;
}
static int rows_order(const void *a, const void *b) {
    return row_compare(a, b);
}

static enum error_code patterns_collect(struct register_snapshot *s, struct error *e) {
    size_t most = 0;
    const struct register_row *rows = s->rows + s->first[REGISTER_DATASETS];
    size_t count = s->first[REGISTER_DATASETS + 1] - s->first[REGISTER_DATASETS];
    for (size_t i = 0; i < count; i++) {
        const struct register_value *buckets = register_value_find(&rows[i].fields, STR("buckets"));
        if (buckets != NULL) most += buckets->count;
    }
    s->patterns = arena_new(&s->arena, struct bucket_pattern, most);
    if (s->patterns == NULL) return error_set(e, FAIL_MEMORY, "no room for bucket patterns");
    for (size_t i = 0; i < count; i++) {
        const struct register_value *buckets = register_value_find(&rows[i].fields, STR("buckets"));
        for (size_t b = 0; buckets != NULL && b < buckets->count; b++)
            s->patterns[s->pattern_count++] = (struct bucket_pattern){buckets->texts[b], &rows[i]};
    }
    return OK;
}

/* ---- boundaries: instants at which something begins or ends ---- */

struct boundaries {
    int64_t *at; /* NULL: only counting */
    size_t count;
};

static void boundary_add(struct boundaries *b, int64_t at_ns) {
    if (at_ns == REGISTER_ALWAYS_NS || at_ns == REGISTER_NEVER_NS) return;
    if (b->at != NULL) b->at[b->count] = at_ns;
    b->count++;
}

static void record_boundaries(struct boundaries *b, const struct register_record *record) {
    boundary_add(b, record->valid_from_ns);
    boundary_add(b, record->valid_until_ns);
    for (size_t i = 0; i < record->count; i++) {
        const struct register_value *v = &record->values[i];
        boundary_add(b, v->since_ns);
        boundary_add(b, v->until_ns);
        size_t records = v->records == NULL                    ? 0
                         : v->field->shape == REGISTER_RECORDS ? v->count
                                                               : 1;
        for (size_t r = 0; r < records; r++) record_boundaries(b, &v->records[r]);
    }
}

static void all_boundaries(struct boundaries *b, const struct register_snapshot *s) {
    for (size_t i = 0; i < s->row_count; i++) {
        boundary_add(b, s->rows[i].valid_from_ns);
        boundary_add(b, s->rows[i].valid_until_ns);
        record_boundaries(b, &s->rows[i].fields);
    }
}

static int i64_compare(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static enum error_code boundaries_collect(struct register_snapshot *s, struct error *e) {
    struct boundaries b = {0};
    all_boundaries(&b, s);
    s->boundaries = arena_new(&s->arena, int64_t, b.count);
    if (s->boundaries == NULL) return error_set(e, FAIL_MEMORY, "no room for boundaries");
    b = (struct boundaries){s->boundaries, 0};
    all_boundaries(&b, s);
    s->boundary_count = b.count;
    if (b.count > 0) qsort(s->boundaries, b.count, sizeof *s->boundaries, i64_compare);
    return OK;
}

int64_t register_next_change_ns(const struct register_snapshot *s, int64_t at_ns) {
    size_t low = 0, high = s->boundary_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->boundaries[middle] <= at_ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low < s->boundary_count ? s->boundaries[low] : REGISTER_NEVER_NS;
}

/* ---- the digest ---- */

/* "azekura register 1\n", then for each kind in the order of the table "KEY open\n" or
 * "KEY complete DAY\n" where the list has said so, and its rows' canonical bytes a line each.
 * docs/formats/register.md */
static digest snapshot_digest(const struct register_snapshot *s) {
    struct sha256 h;
    sha256_begin(&h);
    sha256_add(&h, "azekura register 1\n", 19);
    for (unsigned k = 0; k < REGISTER_KIND_COUNT; k++) {
        char as_of[CLOCK_TEXT_BYTES];
        const char *key = register_kind_of((enum register_kind)k)->key;
        const struct list_state *list = &s->lists[k];
        sha256_add(&h, key, strlen(key));
        sha256_add(&h, list->is_complete ? " complete " : " open", list->is_complete ? 10 : 5);
        if (list->is_complete) sha256_add(&h, as_of, time_write(list->as_of_ns, as_of));
        sha256_add(&h, "\n", 1);
        for (size_t i = s->first[k]; i < s->first[k + 1]; i++) {
            sha256_add(&h, s->rows[i].canonical.at, s->rows[i].canonical.len);
            sha256_add(&h, "\n", 1);
        }
    }
    return sha256_end(&h);
}

/* Of sorted rows, those go that give way to another of the same id. */
static void rows_give_way(struct register_snapshot *s) {
    size_t kept = 0;
    for (size_t i = 0, end; i < s->row_count; i = end) {
        bool has_written = false;
        for (end = i; end < s->row_count && s->rows[end].kind == s->rows[i].kind &&
                      str_equal(s->rows[end].id, s->rows[i].id);
             end++)
            has_written = has_written || !s->rows[end].gives_way;
        for (size_t r = i; r < end; r++)
            if (!has_written || !s->rows[r].gives_way) s->rows[kept++] = s->rows[r];
    }
    s->row_count = kept;
}

enum error_code snapshot_close(struct register_snapshot *s, struct error *e) {
    if (s->row_count > 0) qsort(s->rows, s->row_count, sizeof *s->rows, rows_order);
    rows_give_way(s);
    size_t at = 0;
    for (unsigned k = 0; k < REGISTER_KIND_COUNT; k++) {
        s->first[k] = at;
        while (at < s->row_count && s->rows[at].kind == k) at++;
    }
    s->first[REGISTER_KIND_COUNT] = at;
    assert(at == s->row_count);
    TRY(patterns_collect(s, e));
    TRY(boundaries_collect(s, e));
    s->sha256 = snapshot_digest(s);
    return OK;
}

digest register_digest(const struct register_snapshot *snapshot) {
    return snapshot->sha256;
}
size_t register_row_count(const struct register_snapshot *snapshot) {
    return snapshot->row_count;
}

/* ---- looking up ---- */

const struct register_row *register_rows(const struct register_snapshot *s, enum register_kind kind,
                                         size_t *count) {
    assert(kind < REGISTER_KIND_COUNT);
    *count = s->first[kind + 1] - s->first[kind];
    return s->rows + s->first[kind];
}

static bool is_true_at(const struct register_row *row, int64_t at_ns) {
    return row->valid_from_ns <= at_ns && at_ns < row->valid_until_ns;
}

const struct register_row *register_row_at(const struct register_snapshot *s,
                                           enum register_kind kind, str id, int64_t at_ns) {
    assert(kind < REGISTER_KIND_COUNT);
    size_t low = s->first[kind], high = s->first[kind + 1], end = high;
    while (low < high) { /* the first row of that id */
        size_t middle = low + (high - low) / 2;
        if (str_compare(s->rows[middle].id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < end && str_equal(s->rows[low].id, id); low++)
        if (is_true_at(&s->rows[low], at_ns)) return &s->rows[low];
    return NULL;
}

const struct register_row *register_row_next(const struct register_snapshot *s,
                                             enum register_kind kind, int64_t at_ns,
                                             size_t *cursor) {
    assert(kind < REGISTER_KIND_COUNT);
    while (s->first[kind] + *cursor < s->first[kind + 1]) {
        const struct register_row *row = &s->rows[s->first[kind] + (*cursor)++];
        if (is_true_at(row, at_ns)) return row;
    }
    return NULL;
}

bool register_is_complete(const struct register_snapshot *s, enum register_kind kind,
                          int64_t *as_of_ns) {
    assert(kind < REGISTER_KIND_COUNT);
    if (!s->lists[kind].is_complete) return false;
    *as_of_ns = s->lists[kind].as_of_ns;
    return true;
}

const struct register_row *register_bucket_dataset(const struct register_snapshot *s, str bucket,
                                                   int64_t at_ns) {
    for (size_t i = 0; i < s->pattern_count; i++)
        if (is_true_at(s->patterns[i].dataset, at_ns) &&
            pattern_matches(s->patterns[i].pattern, bucket))
            return s->patterns[i].dataset;
    size_t cursor = 0;
    for (const struct register_row *row;
         (row = register_row_next(s, REGISTER_DATASETS, at_ns, &cursor)) != NULL;) {
        const struct register_value *strays = register_value_find(&row->fields, STR("strays"));
        if (register_value_is_good(strays, at_ns) && strays->yes) return row;
    }
    return NULL;
}

enum error_code register_networks(const struct register_snapshot *s, int64_t at_ns,
                                  struct arena *arena, struct geo_table *out, struct error *e) {
    size_t row_count, most = 0, count = 0;
    const struct register_row *rows = register_rows(s, REGISTER_NETWORKS, &row_count);
    for (size_t i = 0; i < row_count; i++) {
        const struct register_value *cidr = register_value_find(&rows[i].fields, STR("cidr"));
        if (cidr != NULL) most += cidr->count;
    }
    struct geo_row *networks = arena_new(arena, struct geo_row, most);
    if (networks == NULL) return error_set(e, FAIL_MEMORY, "no room for %zu networks", most);
    for (size_t i = 0; i < row_count; i++) {
        const struct register_value *cidr = register_value_find(&rows[i].fields, STR("cidr"));
        if (!is_true_at(&rows[i], at_ns) || !register_value_is_good(cidr, at_ns)) continue;
        for (size_t c = 0; c < cidr->count; c++) {
            TRY(geo_network_read(cidr->texts[c], &networks[count].network, e));
            networks[count++].value = (uint32_t)i;
        }
    }
    return geo_table_build(networks, count, arena, out, e);
}

/* ---- values ---- */

const struct register_value *register_value_find(const struct register_record *record, str path) {
    str rest = path, name = path;
    bool is_deeper = str_cut(&rest, '.', &name);
    for (size_t i = 0; i < record->count; i++) {
        const struct register_value *v = &record->values[i];
        if (!str_equal(v->name, name)) continue;
        if (!is_deeper) return v;
        bool is_record = v->records != NULL && v->field->shape != REGISTER_RECORDS;
        return is_record ? register_value_find(v->records, rest) : NULL;
    }
    return NULL;
}

bool register_value_is_good(const struct register_value *v, int64_t at_ns) {
    return v != NULL && v->state == REGISTER_KNOWN && v->since_ns <= at_ns && at_ns < v->until_ns;
}

bool register_text_at(const struct register_row *row, str path, int64_t at_ns, str *out) {
    const struct register_value *v = register_value_find(&row->fields, path);
    if (!register_value_is_good(v, at_ns) || v->field->shape != REGISTER_ONE || v->text.len == 0)
        return false;
    *out = v->text;
    return true;
}

str register_row_name(const struct register_row *row, str language) {
    const struct register_value *name = register_value_find(&row->fields, STR("name"));
    if (name == NULL || name->state != REGISTER_KNOWN) return row->id;
    if (name->records == NULL) return name->text;
    const struct register_value *in = register_value_find(name->records, language);
    if (in == NULL && name->records->count > 0) in = &name->records->values[0];
    return in != NULL && in->text.len > 0 ? in->text : row->id;
}
