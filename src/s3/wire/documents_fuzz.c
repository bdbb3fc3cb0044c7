/* Any bytes as an XML body of each kind, in two pieces: read or refused, within its bounds. */
#include "s3/wire/documents.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    static char memory[4 << 20];
    if (count < 2) return 0;
    struct arena arena = arena_over(memory, sizeof memory);
    struct s3_document d;
    struct error e;
    str body = str_of(bytes + 2, count - 2);
    size_t cut = size_min(bytes[1], body.len);
    enum s3_document_kind kind = (enum s3_document_kind)(bytes[0] % S3_DOCUMENT_KIND_COUNT);
    enum error_code code = s3_document_begin(&d, kind, body.len, &arena, &e);
    if (code == OK) code = s3_document_feed(&d, str_slice(body, 0, cut), &e);
    if (code == OK) code = s3_document_feed(&d, str_skip(body, cut), &e);
    if (code == OK) code = s3_document_end(&d, &e);
    assert(d.count <= d.rows_max);
    assert(d.reader.memory_used <= S3_XML_MEMORY_BYTES);
    for (size_t i = 0; code == OK && kind == S3_DOCUMENT_DELETE && i < d.count; i++)
        assert(d.deletes[i].key.len > 0 && d.deletes[i].key.len <= LIMIT_KEY_BYTES);
    for (size_t i = 0; code == OK && kind == S3_DOCUMENT_COMPLETE && i < d.count; i++)
        assert(d.parts[i].number >= 1 && d.parts[i].number <= LIMIT_PART_COUNT);
    s3_document_release(&d);
    return 0;
}
