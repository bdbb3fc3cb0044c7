/* Any bytes as an inventory; the first byte says as which, or that it is to be recognised. What is handed
 * over is within its limits and means something; problems are told with the file's name. */
#include <stdlib.h>

#include "inventory/inventory.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void name_check(str name) {
    assert(name.len > 0 && name.len <= 253);
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        assert((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
               c == '.' || c == '*');
    }
}

static enum error_code server_check(void *self, const struct inventory_server *server,
                                    struct error *e) {
    uint64_t *count = self;
    ++*count;
    if (server->name.len > 0) name_check(server->name);
    for (size_t i = 0; i < server->alias_count; i++) name_check(server->aliases[i]);
    if (server->target.len > 0) name_check(server->target);
    assert(server->alias_count < LIMIT_INVENTORY_NAMES);
    assert(server->address_count <= LIMIT_INVENTORY_NAMES);
    for (size_t i = 0; i < server->address_count; i++)
        assert(server->addresses[i].len == 4 || server->addresses[i].len == 16);
    if (server->has_network) assert(server->network.bits < server->network.base.len * 8);
    assert(server->name.len > 0 || server->address_count > 0 || server->has_network ||
           server->said[INVENTORY_STORE].len > 0);
    for (size_t i = 0; i < INVENTORY_FIELD_COUNT; i++) assert(str_is_utf8(server->said[i]));
    assert(str_is_utf8(server->url));
    assert(server->line > 0);
    return OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    enum { ROOM = 8 << 20, PROBLEMS = 1 << 16 };
    static const str files[] = {{"f", 1}, {"f.jsonl", 7}, {"db.x.jp", 7}};
    static const struct inventory_column columns[] = {{INVENTORY_CLASS, {"c", 1}}};
    static void *memory, *problems;
    if (count == 0) return 0;
    if (memory == NULL) memory = malloc(ROOM), problems = malloc(PROBLEMS);
    assert(memory != NULL && problems != NULL);
    struct inventory_options options = {
        .format = (enum inventory_format)(bytes[0] % INVENTORY_FORMAT_COUNT),
        .columns = columns,
        .column_count = bytes[0] >= 0xc0};
    str file = files[bytes[0] / INVENTORY_FORMAT_COUNT % COUNT_OF(files)];
    uint64_t servers = 0;
    struct inventory_sink sink = {server_check, &servers};
    struct inventory_report report;
    struct error e;
    struct arena arena = arena_over(problems, PROBLEMS);
    char *own = malloc(count); /* of its exact size, so that a byte too far is seen */
    assert(own != NULL);
    memcpy(own, bytes + 1, count - 1);
    enum error_code code = inventory_read(file, str_of(own, count - 1), &options, &sink, &arena,
                                          arena_over(memory, ROOM), &report, &e);
    assert(code == OK || code == FAIL_SYNTAX || code == FAIL_MEMORY);
    if (code == OK) {
        assert(report.servers == servers && servers > 0);
        for (size_t i = 0; i < report.problems.count; i++)
            assert(str_starts(report.problems.at[i], file));
    } else {
        assert(str_starts(str_from_c(e.message), file) || code == FAIL_MEMORY);
    }
    free(own);
    return 0;
}
