#include "tests/rulebooks/shipped.h"

#include <dirent.h>

enum { ARENA_BYTES = 96 << 20, FILES_MAX = 64 };

struct shipped shipped;

str file_bytes(const char *path) {
    FILE *f = fopen(path, "rb");
    if (f == NULL) return STR_EMPTY;
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    size_t len = (size_t)ftell(f);
    rewind(f);
    char *bytes = arena_bytes(&shipped.arena, len + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, len, f), len);
    fclose(f);
    return str_of(bytes, len);
}

static int is_yaml(const struct dirent *entry) {
    return entry->d_name[0] != '.' && str_ends(str_from_c(entry->d_name), STR(".yaml"));
}

static void rulebooks_add(const char *name) {
    char path[512];
    struct rulebook_read read;
    struct error e = {0};
    snprintf(path, sizeof path, RULEBOOKS_DIR "%s", name);
    if (rulebook_read(str_from_c(name), file_bytes(path), &shipped.arena, shipped.scratch, &read,
                      &e) != OK)
        fail_msg("%s", e.message);
    for (size_t k = 0; k < read.count; k++) {
        assert_true(shipped.count < COUNT_OF(shipped.rulebooks));
        shipped.rulebooks[shipped.count++] = read.rulebooks[k];
    }
}

void shipped_read(void) {
    struct dirent **entries;
    unsigned char *memory = malloc(2 * (size_t)ARENA_BYTES);
    assert_non_null(memory);
    shipped.arena = arena_over(memory, ARENA_BYTES);
    shipped.scratch = arena_over(memory + ARENA_BYTES, ARENA_BYTES);
    int count = scandir(RULEBOOKS_DIR, &entries, is_yaml, alphasort);
    assert_true(count > 0 && count <= FILES_MAX);
    for (int i = 0; i < count; i++) {
        rulebooks_add(entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
}
