/* Any bytes as Ansible's hosts and groups, in INI, YAML or JSON. The first byte says how they are called; what is
 * handed over has a host in it, and each pattern stands for names within the limits. */
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
    assert(server->name.len > 0 || server->address_count > 0 || server->has_network);
    assert(server->said[INVENTORY_LABEL].len > 0);
    assert(server->line > 0 && server->offset <= file->len);
    for (size_t i = 0; i < INVENTORY_FIELD_COUNT; i++) {
        assert(str_is_utf8(server->said[i]));
        bool is_of_name = i == INVENTORY_LABEL || i == INVENTORY_KIND; /* no variable's value */
        assert(is_of_name || !ansible_is_template(server->said[i]));
    }
    return OK;
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
    str text = str_of(own, count - 1), file = bytes[0] % 2 == 0 ? STR("f") : STR("f.yml");
    struct inventory_options options = {.format = INVENTORY_ANSIBLE};
    struct inventory_sink sink = {server_check, &text};
    struct inventory_report report;
    struct error e;
    struct arena arena = arena_over(problems, PROBLEMS);
    enum error_code code =
        inventory_read(file, text, &options, &sink, &arena, arena_over(memory, ROOM), &report, &e);
    assert(code == OK || code == FAIL_SYNTAX || code == FAIL_MEMORY);
    if (code != OK) assert(str_starts(str_from_c(e.message), file) || code == FAIL_MEMORY);
    size_t names = 0, line = 0;
    const struct ansible_names counted = {name_count, &names};
    const char *why;
    (void)str_find_char(text, '\n', &line);
    assert(ansible_range_expand(str_slice(text, 0, line), &counted, &why) == OK);
    free(own);
    return 0;
}
