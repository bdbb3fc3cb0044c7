/* Reading tables. */
#include "tests/rulebooks/tables.h"

#include <dirent.h>

enum { TABLES_MAX = 64, ARENA_BYTES = 64 << 20 };

struct arena table_arena, question_arena, question_scratch;
static struct arena scratch;

static void memory_begin(void) {
    unsigned char *memory = malloc(4 * (size_t)ARENA_BYTES);
    assert_non_null(memory);
    struct arena *const arenas[] = {&table_arena, &question_arena, &question_scratch, &scratch};
    for (size_t i = 0; i < COUNT_OF(arenas); i++)
        *arenas[i] = arena_over(memory + i * ARENA_BYTES, ARENA_BYTES);
}

str file_bytes(const char *path, struct arena *arena) {
    FILE *f = fopen(path, "rb");
    if (f == NULL) fail_msg("cannot open %s", path);
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    size_t len = (size_t)ftell(f);
    rewind(f);
    char *bytes = arena_bytes(arena, len + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, len, f), len);
    fclose(f);
    return str_of(bytes, len);
}

static str text_at(const struct doc_node *map, str key) {
    const struct doc_node *node = doc_map_find(map, key);
    return node != NULL && node->kind == DOC_SCALAR ? node->text : STR_EMPTY;
}

static void row_read(const struct doc_node *node, const struct table *t, struct table_row *row) {
    static const str keys[] = {{"clause", 6}, {"name", 4},    {"ask", 3},
                               {"at", 2},     {"facts", 5},   {"verdict", 7},
                               {"effect", 6}, {"applies", 7}, {"strength", 8},
                               {"duties", 6}, {"subject", 7}, {"obligations", 11}};
    struct error e = {0};
    snprintf(row->place, sizeof row->place, "%s:%u", t->name, node->line);
    if (doc_map_only(node, keys, COUNT_OF(keys), &e) != OK) fail_msg("%s", e.message);
    str id = text_at(node, STR("clause"));
    if (!str_cut(&id, '/', &row->rulebook)) fail_msg("%s: clause is RULEBOOK/ID", row->place);
    row->clause = id;
    row->name = text_at(node, STR("name"));
    row->ask = text_at(node, STR("ask"));
    row->at = text_at(node, STR("at"));
    if (row->at.len == 0) row->at = STR("2026-11-21");
    row->subject = text_at(node, STR("subject"));
    row->facts = doc_map_find(node, STR("facts"));
    row->verdict = text_at(node, STR("verdict"));
    row->effect = text_at(node, STR("effect"));
    row->applies = text_at(node, STR("applies"));
    row->strength = text_at(node, STR("strength"));
    bool is_silent = str_equal(row->verdict, STR("silent"));
    if (row->name.len == 0 || row->ask.len == 0 || row->verdict.len == 0)
        fail_msg("%s: a row has clause, name, ask and verdict", row->place);
    if (is_silent != (row->effect.len == 0))
        fail_msg("%s: a row has an effect unless it is silent", row->place);
    const struct doc_node *list = doc_map_find(node, STR("duties"));
    struct duty_wanted *duties = arena_new(&table_arena, struct duty_wanted, 8);
    for (size_t i = 0; list != NULL && i < list->count; i++)
        duties[row->duty_count++] = (struct duty_wanted){list->keys[i]->text, list->items[i]->text};
    row->duties = duties;
    list = doc_map_find(node, STR("obligations"));
    str *obligations = arena_new(&table_arena, str, 16);
    for (size_t i = 0; list != NULL && i < list->count; i++)
        obligations[row->obligation_count++] = list->items[i]->text;
    row->obligations = obligations;
}

static size_t paths_read(const struct doc_node *list, const char *root, char (*out)[200],
                         size_t most) {
    if (list == NULL) return 0;
    assert_true(list->count <= most);
    for (size_t i = 0; i < list->count; i++)
        snprintf(out[i], 200, "%s%.*s", root, STR_FMT(list->items[i]->text));
    return list->count;
}

static void table_read(const char *name, struct table *t) {
    static const str keys[] = {{"rulebooks", 9}, {"register", 8}, {"rows", 4}};
    char path[512];
    struct doc doc;
    struct error e = {0};
    snprintf(t->name, sizeof t->name, "%s", name);
    snprintf(path, sizeof path, TABLES_ROOT "%s", name);
    str bytes = file_bytes(path, &table_arena);
    if (doc_read_yaml(str_from_c(name), bytes, &table_arena, scratch, &doc, &e) != OK ||
        doc_map_only(doc.documents[0], keys, COUNT_OF(keys), &e) != OK)
        fail_msg("%s", e.message);
    const struct doc_node *rows = doc_map_find(doc.documents[0], STR("rows"));
    t->file_count = paths_read(doc_map_find(doc.documents[0], STR("rulebooks")), RULEBOOKS_ROOT,
                               t->files, COUNT_OF(t->files));
    t->register_count = paths_read(doc_map_find(doc.documents[0], STR("register")),
                                   AZEKURA_SOURCE_ROOT "/", t->registers, COUNT_OF(t->registers));
    if (t->file_count == 0 || rows == NULL || rows->count == 0)
        fail_msg("%s: a table has rulebooks and rows", name);
    struct table_row *all = arena_new(&table_arena, struct table_row, rows->count);
    for (size_t i = 0; i < rows->count; i++) row_read(rows->items[i], t, &all[i]);
    t->rows = all;
    t->row_count = rows->count;
}

static int is_table(const struct dirent *entry) {
    str name = str_from_c(entry->d_name);
    return name.at[0] != '.' && str_ends(name, STR(".yaml"));
}

size_t tables_read(const struct table **out) {
    static struct table tables[TABLES_MAX];
    static size_t table_count;
    struct dirent **entries;
    *out = tables;
    if (table_count > 0) return table_count;
    memory_begin();
    int count = scandir(TABLES_ROOT, &entries, is_table, alphasort);
    assert_true(count > 0 && count <= TABLES_MAX);
    for (int i = 0; i < count; i++) {
        table_read(entries[i]->d_name, &tables[table_count++]);
        free(entries[i]);
    }
    free(entries);
    return table_count;
}
