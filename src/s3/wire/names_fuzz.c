/* Any bytes as a copy source, a path with a host, a tagging header, the name of a bucket, an entity
 * tag, a checksum and a header's value: what is read keeps its rules, and tags and sums are written back the
 * same. */
#include "s3/wire/documents.h"
#include "s3/wire/names.h"
#include "s3/wire/signature.h"

static void bucket_holds(str text) {
    struct error e;
    if (s3_bucket_check(text, &e) != OK) {
        assert(e.code == FAIL_BUCKET_NAME);
        return;
    }
    assert(text.len >= 3 && text.len <= LIMIT_BUCKET_NAME_BYTES);
    for (size_t i = 0; i < text.len; i++)
        assert((text.at[i] >= 'a' && text.at[i] <= 'z') ||
               (text.at[i] >= '0' && text.at[i] <= '9') || text.at[i] == '.' || text.at[i] == '-');
}

static void etag_holds(str text) {
    struct store_etag etag, again;
    char written[S3_ETAG_TEXT_BYTES];
    if (!s3_etag_read(text, &etag)) return;
    str quoted = str_of(written, s3_etag_write(&etag, written));
    assert(s3_etag_read(quoted, &again) && s3_etag_equal(&etag, &again));
    assert(str_equal_nocase(quoted, text) ||
           str_equal_nocase(str_slice(quoted, 1, quoted.len - 2), text));
}

static void checksum_holds(str text) {
    char written[S3_CHECKSUM_TEXT_BYTES];
    enum store_checksum_kind named = s3_checksum_of_header(text), kind;
    if (named != STORE_CHECKSUM_NONE) assert(str_equal_nocase(s3_checksum_header(named), text));
    if (s3_checksum_kind_read(text, &kind))
        assert(str_equal_nocase(s3_checksum_name(kind), text) && s3_checksum_bytes(kind) > 0);
    for (kind = STORE_CHECKSUM_CRC32; kind <= STORE_CHECKSUM_SHA256; kind++) {
        struct store_checksum sum, again;
        uint32_t parts;
        if (!s3_checksum_read(kind, text, &sum, &parts)) continue;
        assert(sum.len == s3_checksum_bytes(kind) && parts <= LIMIT_PART_COUNT);
        sum.composite = parts > 0;
        str spelled = str_of(written, s3_checksum_write(&sum, parts, written));
        assert(s3_checksum_read(kind, spelled, &again, &parts));
        again.composite = parts > 0;
        assert(s3_checksum_equal(&sum, &again));
    }
}

static void value_holds(str text) {
    static char memory[1 << 17];
    struct text out = text_into(memory, sizeof memory);
    s3_value_add(&out, text);
    assert(!out.overflow && str_is_utf8(text_str(&out)) && out.len <= 2 * text.len);
    if (str_is_utf8(text)) assert(str_equal(text_str(&out), text));
}

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
    bucket_holds(text);
    etag_holds(text);
    checksum_holds(text);
    if (count <= 1 << 16) value_holds(text);
    arena = arena_over(memory, sizeof memory);
    struct store_pairs tags;
    if (s3_tags_of_header(text, &arena, &tags, &e) == OK) assert(tags.count <= LIMIT_TAGS);
    return 0;
}
