/* Request bodies: what they say, and what is refused before it costs anything. */
#include "s3/wire/documents.h"
#include "tests/test.h"

#define NS " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\""

static char memory[4 << 20];

/* Reads `body` in pieces of `piece` bytes; the caller releases. */
static enum error_code read_in(struct s3_document *d, enum s3_document_kind kind, str body,
                               size_t piece, struct error *e) {
    static struct arena arena;
    arena = arena_over(memory, sizeof memory);
    TRY(s3_document_begin(d, kind, body.len, &arena, e));
    for (size_t at = 0; at < body.len; at += piece)
        TRY(s3_document_feed(d, str_slice(body, at, piece), e));
    return s3_document_end(d, e);
}

static const struct {
    const char *name;
    enum s3_document_kind kind;
    const char *body;
    int code;
} cases[] = {
    {"versioning enabled", S3_DOCUMENT_VERSIONING,
     "<VersioningConfiguration" NS "><Status>Enabled</Status></VersioningConfiguration>", OK},
    {"versioning without namespace", S3_DOCUMENT_VERSIONING,
     "<?xml version=\"1.0\"?>\n<VersioningConfiguration>\n <Status>\nSuspended </Status>\n"
     "</VersioningConfiguration>\n",
     OK},
    {"versioning neither", S3_DOCUMENT_VERSIONING,
     "<VersioningConfiguration><Status>enabled</Status></VersioningConfiguration>",
     FAIL_MALFORMED_XML},
    {"versioning without status", S3_DOCUMENT_VERSIONING, "<VersioningConfiguration/>",
     FAIL_MALFORMED_XML},
    {"status twice", S3_DOCUMENT_VERSIONING,
     "<VersioningConfiguration><Status>Enabled</Status><Status>Suspended</Status>"
     "</VersioningConfiguration>",
     FAIL_MALFORMED_XML},
    {"MFA delete", S3_DOCUMENT_VERSIONING,
     "<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Enabled</MfaDelete>"
     "</VersioningConfiguration>",
     FAIL_NOT_IMPLEMENTED},
    {"nothing", S3_DOCUMENT_TAGGING, "", FAIL_MISSING_BODY},
    {"white space", S3_DOCUMENT_TAGGING, "  \n", FAIL_MALFORMED_XML},
    {"not XML", S3_DOCUMENT_TAGGING, "{\"Tagging\": []}", FAIL_MALFORMED_XML},
    {"another root", S3_DOCUMENT_TAGGING, "<Delete/>", FAIL_MALFORMED_XML},
    {"an unknown element", S3_DOCUMENT_TAGGING, "<Tagging><TagSet/><Extra/></Tagging>",
     FAIL_MALFORMED_XML},
    {"a known element in a wrong place", S3_DOCUMENT_TAGGING, "<Tagging><Tag/></Tagging>",
     FAIL_MALFORMED_XML},
    {"an element in a text", S3_DOCUMENT_TAGGING,
     "<Tagging><TagSet><Tag><Key><Key>a</Key></Key><Value/></Tag></TagSet></Tagging>",
     FAIL_MALFORMED_XML},
    {"text between elements", S3_DOCUMENT_TAGGING, "<Tagging>hello<TagSet/></Tagging>",
     FAIL_MALFORMED_XML},
    {"cut short", S3_DOCUMENT_TAGGING, "<Tagging><TagSet>", FAIL_MALFORMED_XML},
    {"two roots", S3_DOCUMENT_TAGGING, "<Tagging/><Tagging/>", FAIL_MALFORMED_XML},
    {"bad UTF-8", S3_DOCUMENT_TAGGING, "<Tagging>\xc0\xaf</Tagging>", FAIL_MALFORMED_XML},
    {"another encoding", S3_DOCUMENT_TAGGING,
     "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><Tagging><TagSet/></Tagging>", OK},
    {"a DOCTYPE", S3_DOCUMENT_TAGGING, "<!DOCTYPE Tagging><Tagging/>", FAIL_MALFORMED_XML},
    {"entities that grow", S3_DOCUMENT_TAGGING,
     "<!DOCTYPE t [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]><Tagging>&b;</Tagging>",
     FAIL_MALFORMED_XML},
    {"a file from elsewhere", S3_DOCUMENT_TAGGING,
     "<!DOCTYPE t [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><Tagging>&x;</Tagging>",
     FAIL_MALFORMED_XML},
    {"an entity nobody declared", S3_DOCUMENT_TAGGING, "<Tagging>&x;</Tagging>",
     FAIL_MALFORMED_XML},
    {"no tags", S3_DOCUMENT_TAGGING, "<Tagging><TagSet/></Tagging>", OK},
    {"a tag without value", S3_DOCUMENT_TAGGING,
     "<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>", FAIL_MALFORMED_XML},
    {"a tag without key", S3_DOCUMENT_TAGGING,
     "<Tagging><TagSet><Tag><Value>a</Value></Tag></TagSet></Tagging>", FAIL_MALFORMED_XML},
    {"a key twice", S3_DOCUMENT_TAGGING,
     "<Tagging><TagSet><Tag><Key>a</Key><Value/></Tag><Tag><Key>a</Key><Value>b</Value></Tag>"
     "</TagSet></Tagging>",
     FAIL_INVALID_TAG},
    {"an empty key", S3_DOCUMENT_TAGGING,
     "<Tagging><TagSet><Tag><Key/><Value/></Tag></TagSet></Tagging>", FAIL_INVALID_TAG},
    {"a reserved key", S3_DOCUMENT_TAGGING,
     "<Tagging><TagSet><Tag><Key>aws:x</Key><Value/></Tag></TagSet></Tagging>", FAIL_INVALID_TAG},
    {"delete nothing", S3_DOCUMENT_DELETE, "<Delete/>", FAIL_MALFORMED_XML},
    {"delete without key", S3_DOCUMENT_DELETE, "<Delete><Object/></Delete>", FAIL_MALFORMED_XML},
    {"delete with an empty key", S3_DOCUMENT_DELETE, "<Delete><Object><Key/></Object></Delete>",
     FAIL_INVALID_ARGUMENT},
    {"delete with an empty version", S3_DOCUMENT_DELETE,
     "<Delete><Object><Key>k</Key><VersionId/></Object></Delete>", FAIL_INVALID_ARGUMENT},
    {"delete if the size is", S3_DOCUMENT_DELETE,
     "<Delete><Object><Key>k</Key><Size>3</Size></Object></Delete>", FAIL_NOT_IMPLEMENTED},
    {"delete if the tag is none", S3_DOCUMENT_DELETE,
     "<Delete><Object><Key>k</Key><ETag> </ETag></Object></Delete>", FAIL_INVALID_ARGUMENT},
    {"quiet maybe", S3_DOCUMENT_DELETE,
     "<Delete><Quiet>maybe</Quiet><Object><Key>k</Key></Object></Delete>", FAIL_MALFORMED_XML},
    {"two keys in one object", S3_DOCUMENT_DELETE,
     "<Delete><Object><Key>a</Key><Key>b</Key></Object></Delete>", FAIL_MALFORMED_XML},
    {"complete without parts", S3_DOCUMENT_COMPLETE, "<CompleteMultipartUpload/>",
     FAIL_MALFORMED_XML},
    {"part number 0", S3_DOCUMENT_COMPLETE,
     "<CompleteMultipartUpload><Part><PartNumber>0</PartNumber></Part></CompleteMultipartUpload>",
     FAIL_INVALID_ARGUMENT},
    {"part number 10001", S3_DOCUMENT_COMPLETE,
     "<CompleteMultipartUpload><Part><PartNumber>10001</PartNumber></Part>"
     "</CompleteMultipartUpload>",
     FAIL_INVALID_ARGUMENT},
    {"part number no number", S3_DOCUMENT_COMPLETE,
     "<CompleteMultipartUpload><Part><PartNumber>one</PartNumber></Part></CompleteMultipartUpload>",
     FAIL_MALFORMED_XML},
    {"a part's tag is none", S3_DOCUMENT_COMPLETE,
     "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>x</ETag></Part>"
     "</CompleteMultipartUpload>",
     FAIL_INVALID_PART},
    {"a part without tag", S3_DOCUMENT_COMPLETE,
     "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber></Part></CompleteMultipartUpload>",
     FAIL_MALFORMED_XML},
    {"a checksum of another length", S3_DOCUMENT_COMPLETE,
     "<CompleteMultipartUpload><Part><ChecksumCRC32>AAAA</ChecksumCRC32></Part>"
     "</CompleteMultipartUpload>",
     FAIL_INVALID_REQUEST},
    {"two checksums", S3_DOCUMENT_COMPLETE,
     "<CompleteMultipartUpload><Part><ChecksumCRC32>y/Q5Jg==</ChecksumCRC32>"
     "<ChecksumCRC32C>4waSgw==</ChecksumCRC32C></Part></CompleteMultipartUpload>",
     FAIL_INVALID_REQUEST},
    {"a bucket here", S3_DOCUMENT_CREATE_BUCKET,
     "<CreateBucketConfiguration" NS "><LocationConstraint>eu-west-1</LocationConstraint>"
     "</CreateBucketConfiguration>",
     OK},
    {"the owner's own list", S3_DOCUMENT_ACL,
     "<AccessControlPolicy><Owner><ID>root</ID></Owner><AccessControlList><Grant><Grantee "
     "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"CanonicalUser\"><ID>root"
     "</ID><DisplayName>root</DisplayName></Grantee><Permission>FULL_CONTROL</Permission></Grant>"
     "</AccessControlList></AccessControlPolicy>",
     OK},
    {"a list for everybody", S3_DOCUMENT_ACL,
     "<AccessControlPolicy><AccessControlList><Grant><Grantee><URI>http://acs.amazonaws.com/groups/"
     "global/AllUsers</URI></Grantee><Permission>READ</Permission></Grant></AccessControlList>"
     "</AccessControlPolicy>",
     FAIL_ACL},
    {"a list for two", S3_DOCUMENT_ACL,
     "<AccessControlPolicy><AccessControlList><Grant><Grantee><ID>root</ID></Grantee><Permission>"
     "FULL_CONTROL</Permission></Grant><Grant><Grantee><ID>other</ID></Grantee><Permission>"
     "FULL_CONTROL</Permission></Grant></AccessControlList></AccessControlPolicy>",
     FAIL_ACL},
    {"a list that only lets read", S3_DOCUMENT_ACL,
     "<AccessControlPolicy><AccessControlList><Grant><Grantee><ID>root</ID></Grantee><Permission>"
     "READ</Permission></Grant></AccessControlList></AccessControlPolicy>",
     FAIL_ACL},
    {"a list for nobody", S3_DOCUMENT_ACL,
     "<AccessControlPolicy><AccessControlList/></AccessControlPolicy>", FAIL_ACL},
    {"a directory bucket", S3_DOCUMENT_CREATE_BUCKET,
     "<CreateBucketConfiguration><Bucket/></CreateBucketConfiguration>", FAIL_NOT_IMPLEMENTED},
};

static void each_body_is_read_or_refused_at_every_cut(void **state) {
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        str body = str_from_c(cases[i].body);
        for (size_t piece = 1; piece <= body.len + 1; piece += piece < 8 ? 1 : 29) {
            struct s3_document d = {0};
            struct error e = {0};
            enum error_code code = read_in(&d, cases[i].kind, body, piece, &e);
            s3_document_release(&d);
            if (code != (enum error_code)cases[i].code)
                fail_msg("row \"%s\" in pieces of %zu: got %s (%s)", cases[i].name, piece,
                         error_name(code), e.message);
        }
    }
}

static void values_come_out(void **state) {
    struct s3_document d;
    struct error e = {0};
    assert_ok(
        read_in(&d, S3_DOCUMENT_DELETE,
                STR("<Delete><Quiet>true</Quiet><Object><Key> a&amp;b&#10;/../ </Key></Object>"
                    "<Object><VersionId>null</VersionId><Key>k</Key><ETag>"
                    "&quot;0123456789abcdef0123456789ABCDEF-7&quot;</ETag></Object></Delete>"),
                5, &e),
        &e);
    assert_true(d.quiet);
    assert_int_equal(d.count, 2);
    assert_str(d.deletes[0].key, STR(" a&b\n/../ ")); /* a key is itself, blanks and all */
    assert_str(d.deletes[0].version, STR(""));
    assert_str(d.deletes[1].version, STR("null"));
    assert_str(d.deletes[1].etag, STR("\"0123456789abcdef0123456789ABCDEF-7\""));
    s3_document_release(&d);

    assert_ok(read_in(&d, S3_DOCUMENT_COMPLETE,
                      STR("<CompleteMultipartUpload><Part><PartNumber>3</PartNumber><ETag>"
                          "\"0123456789abcdef0123456789abcdef\"</ETag><ChecksumCRC32C>4waSgw=="
                          "</ChecksumCRC32C></Part></CompleteMultipartUpload>"),
                      7, &e),
              &e);
    assert_int_equal(d.count, 1);
    assert_int_equal(d.parts[0].number, 3);
    assert_int_equal(d.parts[0].checksum.kind, STORE_CHECKSUM_CRC32C);
    assert_int_equal(d.parts[0].md5[0], 0x01);
    s3_document_release(&d);

    assert_ok(read_in(&d, S3_DOCUMENT_TAGGING,
                      STR("<Tagging><TagSet><Tag><Key>\xe5\xb8\x82</Key><Value/></Tag><Tag><Value>v"
                          "</Value><Key>k</Key></Tag></TagSet></Tagging>"),
                      3, &e),
              &e);
    assert_int_equal(d.count, 2);
    assert_str(d.tags[0].name, STR("\xe5\xb8\x82"));
    assert_str(d.tags[1].value, STR("v"));
    s3_document_release(&d);
}

/* What a client may send at most is taken, one more is not. */
static void row_counts_are_bounded(void **state) {
    static char body[4 << 20];
    static const struct {
        enum s3_document_kind kind;
        const char *open, *row, *close;
        int most;
    } bounds[] = {
        {S3_DOCUMENT_DELETE, "<Delete>", "<Object><Key>k</Key></Object>", "</Delete>", 1000},
        {S3_DOCUMENT_COMPLETE, "<CompleteMultipartUpload>",
         "<Part><PartNumber>1</PartNumber><ETag>0123456789abcdef0123456789abcdef</ETag></Part>",
         "</CompleteMultipartUpload>", 10000},
    };
    for (size_t i = 0; i < COUNT_OF(bounds); i++) {
        for (int more = 0; more < 2; more++) {
            struct text to = text_into(body, sizeof body);
            text_add_c(&to, bounds[i].open);
            for (int row = 0; row < bounds[i].most + more; row++) text_add_c(&to, bounds[i].row);
            text_add_c(&to, bounds[i].close);
            struct s3_document d;
            struct error e = {0};
            enum error_code code = read_in(&d, bounds[i].kind, text_str(&to), 65536, &e);
            s3_document_release(&d);
            assert_int_equal(code, more ? FAIL_MALFORMED_XML : OK);
            if (!more) assert_int_equal(d.count, bounds[i].most);
        }
    }
}

static void depth_text_and_size_are_bounded(void **state) {
    static char body[LIMIT_XML_BYTES + 4096];
    struct s3_document d;
    struct error e;
    struct text to = text_into(body, sizeof body);
    text_add_c(&to, "<Tagging><TagSet><Tag><Key>");
    for (int i = 0; i <= S3_XML_TEXT_BYTES; i++) text_add_char(&to, 'k');
    assert_int_equal(read_in(&d, S3_DOCUMENT_TAGGING, text_str(&to), 1000, &e), FAIL_MALFORMED_XML);
    s3_document_release(&d);
    to = text_into(body, sizeof body);
    text_add_c(&to, "<Tagging>");
    while (!to.overflow) text_add_c(&to, "                                ");
    assert_int_equal(read_in(&d, S3_DOCUMENT_TAGGING, text_str(&to), 65536, &e),
                     FAIL_MALFORMED_XML);
    s3_document_release(&d);
    /* One token that never ends must not fill the memory. */
    to = text_into(body, LIMIT_XML_BYTES);
    text_add_c(&to, "<Tagging a=\"");
    while (!to.overflow) text_add_c(&to, "aaaaaaaaaaaaaaaa");
    assert_int_equal(read_in(&d, S3_DOCUMENT_TAGGING, text_str(&to), 65536, &e),
                     FAIL_MALFORMED_XML);
    assert_true(d.reader.memory_used <= S3_XML_MEMORY_BYTES);
    s3_document_release(&d);
}

static const struct {
    const char *header;
    int count; /* -1: refused */
} tag_headers[] = {
    {"", 0},
    {"a=b", 1},
    {"a=b&c=d", 2},
    {"a", 1},
    {"a=", 1},
    {"%E5%B8%82=a+b", 1},
    {"a=b&a=c", -1},
    {"=b", -1},
    {"a=%", -1},
    {"%C0%AF=b", -1},
    {"aws:a=b", -1},
    {"1&2&3&4&5&6&7&8&9&0", 10},
    {"1&2&3&4&5&6&7&8&9&0&a", -1},
};

static void tags_come_in_a_header_too(void **state) {
    for (size_t i = 0; i < COUNT_OF(tag_headers); i++) {
        struct arena arena = arena_over(memory, sizeof memory);
        struct store_pairs tags = {0};
        struct error e;
        enum error_code code =
            s3_tags_of_header(str_from_c(tag_headers[i].header), &arena, &tags, &e);
        assert_row(tag_headers[i].header, (code == OK) == (tag_headers[i].count >= 0));
        if (code == OK) assert_row(tag_headers[i].header, (int)tags.count == tag_headers[i].count);
    }
}

static void entity_tags_go_both_ways(void **state) {
    struct store_etag etag;
    char text[S3_ETAG_TEXT_BYTES];
    assert_true(s3_etag_read(STR("0123456789abcdef0123456789abcdef"), &etag));
    assert_str(str_of(text, s3_etag_write(&etag, text)),
               STR("\"0123456789abcdef0123456789abcdef\""));
    assert_true(s3_etag_read(STR("\"0123456789abcdef0123456789abcdef-10000\""), &etag));
    assert_str(str_of(text, s3_etag_write(&etag, text)),
               STR("\"0123456789abcdef0123456789abcdef-10000\""));
    static const char *const wrong[] = {
        "",
        "\"",
        "*",
        "0123456789abcdef0123456789abcde",
        "0123456789abcdef0123456789abcdef-",
        "0123456789abcdef0123456789abcdef-0",
        "0123456789abcdef0123456789abcdef-10001",
        "0123456789abcdef0123456789abcdefg",
        "W/\"0123456789abcdef0123456789abcdef\"",
        "0123456789abcdef0123456789abcdef-07", /* a part count that S3 never spells so */
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_row(wrong[i], !s3_etag_read(str_from_c(wrong[i]), &etag));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_body_is_read_or_refused_at_every_cut),
        cmocka_unit_test(values_come_out),
        cmocka_unit_test(row_counts_are_bounded),
        cmocka_unit_test(depth_text_and_size_are_bounded),
        cmocka_unit_test(tags_come_in_a_header_too),
        cmocka_unit_test(entity_tags_go_both_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
