/* Any bytes as a copy source, a path with a host, and a tagging header. */
#include "s3/wire/documents.h"
#include "s3/wire/names.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    static char memory[LIMIT_ARENA_BYTES];
    static const str domains[] = {{"s3.example.jp", 13}};
    struct error e;
    str text = str_of(bytes, count), host = STR_EMPTY, path = text;
    struct arena arena = arena_over(memory, sizeof memory);
    struct s3_copy_source source;
    if (s3_copy_source_read(text, &arena, &source, &e) == OK) {
        assert(source.bucket.len > 0);
        assert(s3_key_check(source.key, &e) == OK);
    }
    arena = arena_over(memory, sizeof memory);
    struct s3_address address;
    str_cut(&path, ' ', &host);
    if (s3_address_read(host, path, domains, 1, &arena, &address, &e) == OK)
        assert(!address.virtual_hosted || address.bucket.len > 0);
    arena = arena_over(memory, sizeof memory);
    struct store_pairs tags;
    if (s3_tags_of_header(text, &arena, &tags, &e) == OK) assert(tags.count <= LIMIT_TAGS);
    return 0;
}
