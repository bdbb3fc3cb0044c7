/* Any bytes as Ansible's hosts and groups, in INI, YAML or JSON. The first byte says how they are called, and whether
 * what stands behind the first zero lies beside them as variables; what is handed over has a host or a store in it, and each
 * pattern stands for names within the limits. */
#include <stdlib.h>

#include "inventory/ansible/estate.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static enum error_code name_count(void *self, str name) {
    size_t *count = self;
    assert(name.len <= 255);
    assert(++*count <= LIMIT_INVENTORY_GENERATED);
    return OK;
}

static enum error_code server_check(void *self, const struct inventory_server *server,
                                    struct error *e) {
    const str *file = self;
    assert(server->name.len > 0 || server->address_count > 0 || server->has_network ||
           server->said[INVENTORY_STORE].len > 0);
    assert(server->said[INVENTORY_LABEL].len > 0);
    assert(server->line > 0 && server->offset <= file->len);
    for (size_t i = 0; i < INVENTORY_FIELD_COUNT; i++) {
        assert(str_is_utf8(server->said[i]));
        bool is_of_name = i == INVENTORY_LABEL || i == INVENTORY_KIND; /* no variable's value */
        assert(is_of_name || !ansible_is_template(server->said[i]));
    }
    return OK;
}

/* Each file beside the inventory has the same bytes. */
static bool beside_open(void *self, str file, str included, struct arena *arena, str *name,
                        str *bytes, const char **why) {
    struct error e;
    *why = "there is no room for it";
    return arena_copy(arena, included, name, &e) == OK &&
           arena_copy(arena, *(const str *)self, bytes, &e) == OK;
}

static bool beside_list(void *self, str file, str folder, struct arena *arena, const str **names,
                        size_t *count, const char **why) {
    static const str groups[] = {{"all", 3}, {"web.yml", 7}}, hosts[] = {{"a", 1}, {"b.json", 6}},
                     files[] = {{".x", 2}, {"a.yml", 5}, {"b~", 2}, {"c", 1}};
    bool is_groups = str_equal(folder, STR("group_vars"));
    bool is_hosts = str_equal(folder, STR("host_vars"));
    *names = is_groups ? groups : is_hosts ? hosts : files;
    *count = is_groups || is_hosts ? 2 : 4;
    return is_groups || is_hosts || str_equal(folder, STR("group_vars/all"));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    enum { ROOM = 64 << 20, PROBLEMS = 1 << 16 };
    static void *memory, *problems;
    if (count == 0) return 0;
    if (memory == NULL) memory = malloc(ROOM), problems = malloc(PROBLEMS);
    assert(memory != NULL && problems != NULL);
    char *own = malloc(count); /* of its exact size, so that a byte too far is seen */
    assert(own != NULL);
    memcpy(own, bytes + 1, count - 1);
    str text = str_of(own, count - 1), beside = STR_EMPTY,
        file = bytes[0] % 2 == 0 ? STR("f") : STR("f.yml");
    struct inventory_opener opener = {beside_open, &beside, beside_list};
    struct inventory_options options = {.format = INVENTORY_ANSIBLE};
    size_t zero;
    if ((bytes[0] & 2) != 0 && str_find_char(text, 0, &zero)) {
        beside = str_skip(text, zero + 1);
        text = str_slice(text, 0, zero);
        options.opener = &opener;
    }
    struct inventory_sink sink = {server_check, &text};
    struct inventory_report report;
    struct error e;
    struct arena arena = arena_over(problems, PROBLEMS);
    enum error_code code =
        inventory_read(file, text, &options, &sink, &arena, arena_over(memory, ROOM), &report, &e);
    assert(code == OK || code == FAIL_SYNTAX || code == FAIL_MEMORY);
    bool is_told = str_starts(str_from_c(e.message), file) || code == FAIL_MEMORY ||
                   options.opener != NULL; /* of a file beside it */
    if (code != OK) assert(is_told);
    size_t names = 0, line = 0;
    const struct ansible_names counted = {name_count, &names};
    const char *why;
    (void)str_find_char(text, '\n', &line);
    assert(ansible_range_expand(str_slice(text, 0, line), &counted, &why) == OK);
    free(own);
    return 0;
}
