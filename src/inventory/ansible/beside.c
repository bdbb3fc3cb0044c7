/* What lies beside an inventory: variables of groups under group_vars/ and of hosts under host_vars/, a file or a
 * folder of files each.
 *
 * Read after the inventory, which says whose files there can be. Source: Ansible, "Organizing host and group
 * variables", the host_group_vars plugin's documentation (names and endings), "Variable precedence". */
#include "inventory/ansible/estate.h"

struct beside {
    struct estate *estate;
    const str *names; /* of the folder at hand, in the order of their bytes */
    size_t count;
    uint64_t files;
    bool is_over; /* the limit, and that was told */
    bool is_of_groups;
};

static const char *const endings[] = {"", ".yml", ".yaml", ".json"};

static void wrong(struct beside *b, str path, const char *why) {
    struct reading *r = b->estate->reading;
    geo_problems_add(&r->report.problems, r->arena,
                     "%.*s: expected variables in \"%.*s\" beside it: %s", STR_FMT(r->file),
                     STR_FMT(reading_shown(path)), why);
}

static enum error_code path_make(struct beside *b, str folder, str name, const char *ending,
                                 str *out) {
    struct reading *r = b->estate->reading;
    return arena_format(&r->scratch, out, r->e, "%.*s/%.*s%s", STR_FMT(folder), STR_FMT(name),
                        ending);
}

/* What the file's variables say goes before what the files before it do. */
static enum error_code file_take(struct beside *b, struct estate_link **said, str path) {
    struct reading *r = b->estate->reading;
    const struct inventory_opener *opener = r->options->opener;
    if (b->files++ == LIMIT_INVENTORY_BESIDE && !b->is_over) {
        b->is_over = true;
        wrong(b, path, "over 65,536 files in all; what the others say was left out");
    }
    if (b->is_over) return OK;
    size_t half = arena_left(&r->scratch) / 2; /* behind it, what is read goes with the file */
    struct arena far = arena_over(r->scratch.next + half, half);
    str name, bytes;
    const char *why = NULL;
    if (!opener->open(opener->self, r->file, path, &far, &name, &bytes, &why))
        return wrong(b, path, why), OK;
    TRY(arena_copy(&r->scratch, name, &name, r->e));
    return ansible_vars_read(b->estate, name, bytes, far, said, b->is_of_groups);
}

/* *is_folder false: there is none of that name; one that may not be read is told. */
static bool folder_list(struct beside *b, str path, bool *is_folder, const str **names,
                        size_t *count) {
    struct reading *r = b->estate->reading;
    const struct inventory_opener *opener = r->options->opener;
    const char *why = NULL;
    *is_folder =
        opener->list(opener->self, r->file, path, &r->scratch, names, count, &why) && why == NULL;
    if (why != NULL) wrong(b, path, why);
    return why == NULL;
}

/* What is behind the last dot, with it. */
static str ending_of(str name) {
    size_t at = name.len;
    while (at > 0 && name.at[at - 1] != '.') at--;
    return at == 0 ? STR_EMPTY : str_skip(name, at - 1);
}

static bool is_ending(str ending) {
    for (size_t i = 0; i < COUNT_OF(endings); i++)
        if (str_equal(ending, str_from_c(endings[i]))) return true;
    return false;
}

static enum error_code folder_take(struct beside *b, struct estate_link **said, str path,
                                   const str *names, size_t count, unsigned depth) {
    if (depth == LIMIT_INVENTORY_INCLUDE_DEPTH)
        return wrong(b, path, "folders within folders over 8 deep"), OK;
    for (size_t i = 0; i < count; i++) {
        str own, ending = ending_of(names[i]);
        const str *inner;
        size_t inner_count;
        bool is_folder = false;
        if (str_starts(names[i], STR(".")) || str_ends(names[i], STR("~")) || !is_ending(ending))
            continue; /* hidden, an editor's copy, or of another kind */
        TRY(path_make(b, path, names[i], "", &own));
        if (ending.len == 0 && !folder_list(b, own, &is_folder, &inner, &inner_count)) continue;
        if (is_folder)
            TRY(folder_take(b, said, own, inner, inner_count, depth + 1));
        else
            TRY(file_take(b, said, own));
    }
    return OK;
}

static bool has(const struct beside *b, str name, const char *ending) {
    size_t low = 0, high = b->count, more = strlen(ending);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        str there = b->names[middle], head = str_slice(there, 0, name.len);
        int order = str_compare(head, name);
        if (order == 0) order = str_compare(str_skip(there, name.len), str_of(ending, more));
        if (order == 0) return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* The file or folder of one group or host: the first of its names that is there. */
static enum error_code owner_take(struct beside *b, struct estate_link **said, const char *folder,
                                  str name) {
    for (size_t i = 0; i < COUNT_OF(endings); i++) {
        str path;
        const str *names;
        size_t count;
        bool is_folder;
        if (!has(b, name, endings[i])) continue;
        TRY(path_make(b, str_from_c(folder), name, endings[i], &path));
        if (!folder_list(b, path, &is_folder, &names, &count)) return OK;
        if (!is_folder) return file_take(b, said, path);
        if (i == 0) return folder_take(b, said, path, names, count, 0);
    }
    return OK;
}

enum error_code ansible_beside_read(struct estate *x) {
    const struct inventory_opener *opener = x->reading->options->opener;
    struct beside b = {.estate = x, .is_of_groups = true};
    bool is_folder;
    if (opener == NULL || opener->list == NULL) return OK;
    if (folder_list(&b, STR("group_vars"), &is_folder, &b.names, &b.count) && is_folder)
        for (struct estate_group *g = x->groups; g != NULL; g = g->next)
            TRY(owner_take(&b, &g->beside, "group_vars", g->name));
    b.is_of_groups = false;
    if (folder_list(&b, STR("host_vars"), &is_folder, &b.names, &b.count) && is_folder)
        for (struct estate_host *h = x->hosts; h != NULL; h = h->next)
            TRY(owner_take(&b, &h->beside, "host_vars", h->name));
    return OK;
}
