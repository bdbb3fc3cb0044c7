/* The door: what comes in over a socket without right reaches nothing, and what is answered is S3's.
 * Attack rows 1-4, 7, 9, 11, 21, 24 of the checklist, each with the gate asked whether it was
 * touched. */
#include "s3/route.h"
#include "tests/s3/fake_gate.h"
#include "tests/s3/head.h"

#include "base/log.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

static struct runtime *runtime;
static struct gate *gate;
static struct s3 *s3;
static struct http_server *server;
static struct net_address address;

static int open_all(void **state) {
    static const str domains[] = {{"s3.example.jp", 13}};
    struct error e = {0};
    struct runtime_options options = {.reactors = 1};
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    assert_ok(log_open(nowhere, LOG_ERROR, &e), &e);
    assert_ok(runtime_open(&options, &runtime, &e), &e);
    gate = fake_gate_open();
    struct s3_options s3_opts = {
        .gate = gate, .runtime = runtime, .domains = domains, .domain_count = 1};
    assert_ok(s3_open(&s3_opts, &s3, &e), &e);
    assert_ok(net_address_read(STR("127.0.0.1:0"), &address, &e), &e);
    struct http_server_options server_options = {.addresses = &address,
                                                 .address_count = 1,
                                                 .serve = s3_serve,
                                                 .fault = s3_fault,
                                                 .self = s3};
    assert_ok(http_server_open(runtime, &server_options, &server, &e), &e);
    address = http_server_address(server, 0);
    return 0;
}

static int close_all(void **state) {
    http_server_close(server);
    runtime_close(runtime);
    s3_close(s3);
    fake_gate_close(gate);
    log_close();
    return 0;
}

/* ---- a client that says anything ---- */

static char reply_memory[1 << 20];
struct reply {
    int status;
    str head, body;
};

static struct reply talk(str request) {
    struct reply reply = {0};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address.at, address.len), 0);
    for (size_t at = 0; at < request.len;) {
        ssize_t sent = send(fd, request.at + at, request.len - at, MSG_NOSIGNAL);
        if (sent <= 0) break; /* answered early and closed */
        at += (size_t)sent;
    }
    size_t len = 0;
    for (ssize_t got = 1; got > 0 && len<sizeof reply_memory; len += got> 0 ? (size_t)got : 0)
        got = recv(fd, reply_memory + len, sizeof reply_memory - len, 0);
    close(fd);
    str all = str_of(reply_memory, len);
    size_t end;
    if (!str_find(all, STR("\r\n\r\n"), &end)) return reply;
    reply.head = str_slice(all, 0, end + 2);
    reply.body = str_skip(all, end + 4);
    uint32_t status = 0;
    str_u32(str_slice(all, 9, 3), &status);
    reply.status = (int)status;
    return reply;
}

static bool body_has(struct reply reply, const char *text) {
    size_t at;
    return str_find(reply.body, str_from_c(text), &at);
}

struct spec {
    const char *method, *target;
    const char *payload;   /* x-amz-content-sha256; NULL: UNSIGNED-PAYLOAD */
    const char *headers;   /* signed, "name: value\r\n" in lower case, sorted */
    const char *unsigned_; /* the same, not signed */
    const char *body;
    size_t body_bytes; /* 0: strlen */
    bool chunked;      /* no Content-Length: framed by the caller */
};

static int name_compare(const void *a, const void *b) {
    return str_compare(*(const str *)a, *(const str *)b);
}

/* "a;b;c" of the signed lines and our own three. */
static void names_write(const char *headers, struct text *out) {
    str names[16] = {STR("host"), STR("x-amz-content-sha256"), STR("x-amz-date")};
    size_t count = 3;
    str rest = str_from_c(headers), line;
    while (str_cut(&rest, '\n', &line)) str_cut(&line, ':', &names[count++]);
    qsort(names, count, sizeof names[0], name_compare);
    for (size_t i = 0; i < count; i++) {
        if (i > 0) text_add_char(out, ';');
        text_add(out, names[i]);
    }
}

/* Writes the request with the signature its head asks for; `broken` changes its last digit. */
static str request_write(const struct spec *spec, bool broken, char *memory, size_t cap) {
    char date[CLOCK_TEXT_BYTES], names[512], signature[65];
    struct text list = text_into(names, sizeof names);
    struct test_head *t = calloc(1, sizeof *t);
    struct s3_authorization auth;
    struct s3_signature_fault fault = {0};
    struct secret key;
    struct error e = {0};
    clock_amz_write(clock_wall_ns(), date);
    const char *headers = spec->headers ? spec->headers : "";
    const char *body = spec->body ? spec->body : "";
    size_t body_bytes = spec->body_bytes ? spec->body_bytes : strlen(body);
    names_write(headers, &list);
    memset(signature, '0', 64);
    signature[64] = 0;
    int len = 0;
    for (int round = 0; round < 2; round++) {
        len = snprintf(memory, cap,
                       "%s %s HTTP/1.1\r\nHost: s3.test\r\nConnection: close\r\n%s%s"
                       "x-amz-date: %s\r\nx-amz-content-sha256: %s\r\n"
                       "Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/%.8s/"
                       "us-east-1/s3/aws4_request, SignedHeaders=%.*s, Signature=%s\r\n",
                       spec->method, spec->target, headers, spec->unsigned_ ? spec->unsigned_ : "",
                       date, spec->payload ? spec->payload : "UNSIGNED-PAYLOAD", date,
                       STR_FMT(text_str(&list)), signature);
        if (spec->chunked)
            len += snprintf(memory + len, cap - (size_t)len, "Transfer-Encoding: chunked\r\n\r\n");
        else
            len += snprintf(memory + len, cap - (size_t)len, "Content-Length: %zu\r\n\r\n",
                            body_bytes);
        if (round == 1) break;
        test_head_read(t, memory);
        assert_ok(s3_authorization_read(&t->head, &auth, &e), &e);
        s3_signing_key(EXAMPLE_SECRET, auth.date, auth.region, &key);
        enum error_code code =
            s3_authorization_verify(&auth, &t->head, &key, &t->arena, &fault, &e);
        if (code == FAIL_INVALID_URI) continue; /* such a path cannot be signed */
        assert_int_equal(code, FAIL_SIGNATURE);
        digest made = hmac_sha256(str_of(key.at, SECRET_BYTES), fault.to_sign);
        hex_write(made.at, DIGEST_BYTES, signature);
        if (broken) signature[63] = signature[63] == '0' ? '1' : '0';
    }
    free(t);
    memcpy(memory + len, body, body_bytes);
    return str_of(memory, (size_t)len + body_bytes);
}

static char request_memory[1 << 20];

static struct reply ask(const struct spec *spec) {
    return talk(request_write(spec, false, request_memory, sizeof request_memory));
}

static void expect(const char *name, struct reply reply, int status, const char *code) {
    char element[64];
    snprintf(element, sizeof element, "<Code>%s</Code>", code);
    if (reply.status != status || (code[0] != 0 && !body_has(reply, element)))
        fail_msg("row \"%s\": got %d %.*s, expected %d %s", name, reply.status, STR_FMT(reply.body),
                 status, code);
}

/* ---- nobody gets in ---- */

static void target_of(const struct s3_operation *row, char *out, size_t cap) {
    snprintf(out, cap, "%s%s%s",
             row->level == S3_SERVICE  ? "/"
             : row->level == S3_BUCKET ? "/test"
                                       : "/test/key",
             row->subresource ? "?" : "", row->subresource ? row->subresource : "");
}

/* Without what differs by request: the id and the path. */
static str comparable(struct reply reply, char *out, size_t cap) {
    struct text to = text_into(out, cap);
    size_t at;
    str rest = reply.body;
    assert_true(str_find(rest, STR("<Resource>"), &at));
    text_add(&to, str_slice(rest, 0, at));
    return text_str(&to);
}

static void nobody_gets_the_same_answer_everywhere(void **state) {
    size_t count;
    const struct s3_operation *rows = s3_operations(&count);
    static const char *const conditions[] = {
        "", "If-None-Match: *\r\n", "If-Modified-Since: Sat, 21 Nov 2026 08:09:10 GMT\r\n",
        ("x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\r\n")};
    char first[2048] = "";
    size_t first_len = 0;
    uint64_t calls = fake_gate_calls(gate), lookups = fake_gate_lookups(gate);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < COUNT_OF(conditions); k++) {
            char target[128], text[1024], body[2048];
            target_of(&rows[i], target, sizeof target);
            snprintf(text, sizeof text,
                     "%.*s %s HTTP/1.1\r\nHost: h\r\n%sConnection: close\r\n\r\n",
                     STR_FMT(http_method_name(rows[i].method)), target, conditions[k]);
            struct reply reply = talk(str_from_c(text));
            assert_row(rows[i].name, reply.status == 403);
            if (rows[i].method == HTTP_HEAD) continue;
            str now = comparable(reply, body, sizeof body);
            if (first_len == 0) {
                memcpy(first, now.at, now.len);
                first_len = now.len;
            }
            assert_row(rows[i].name, str_equal(now, str_of(first, first_len)));
        }
    }
    assert_int_equal(fake_gate_calls(gate), calls);
    assert_int_equal(fake_gate_lookups(gate), lookups);
}

static void a_broken_signature_reaches_nothing(void **state) {
    static const char *const payloads[] = {NULL, "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
                                           "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
                                           "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"};
    size_t count;
    const struct s3_operation *rows = s3_operations(&count);
    uint64_t calls = fake_gate_calls(gate);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < COUNT_OF(payloads); k++) {
            char target[128], method[8];
            target_of(&rows[i], target, sizeof target);
            snprintf(method, sizeof method, "%.*s", STR_FMT(http_method_name(rows[i].method)));
            struct spec spec = {.method = method, .target = target, .payload = payloads[k]};
            struct reply reply =
                talk(request_write(&spec, true, request_memory, sizeof request_memory));
            assert_row(rows[i].name, reply.status == 403);
            size_t at;
            assert_false(str_find(reply.body, EXAMPLE_SECRET, &at));
        }
    }
    assert_int_equal(fake_gate_calls(gate), calls);
}

static const struct {
    const char *name;
    struct spec spec;
    int status;
    const char *code;
} untouching[] = {
    {"an unsigned copy source",
     {"PUT", "/test/k", NULL, NULL, "x-amz-copy-source: /secret/k\r\n"},
     403,
     "AccessDenied"},
    {"an unsigned acl",
     {"PUT", "/test/k", NULL, NULL, "X-Amz-Acl: private\r\n"},
     403,
     "AccessDenied"},
    {"a header twice, signed as a list",
     {"GET", "/test/k", NULL, "x-amz-a: 1\r\n", "X-AMZ-A: 1\r\n"},
     400,
     "InvalidRequest"},
    {"NUL in the path", {"PUT", "/test/a%00b"}, 400, "InvalidURI"},
    {"a cut escape", {"GET", "/test/a%2"}, 400, "InvalidURI"},
    {"no UTF-8", {"PUT", "/test/%c0%af"}, 400, "InvalidURI"},
    {"a path of nothing but slashes", {"GET", "//k"}, 400, "InvalidBucketName"},
    {"a bucket that is no name", {"GET", "/Test_/k"}, 400, "InvalidBucketName"},
    {"dots as a bucket", {"GET", "/../etc/passwd"}, 400, "InvalidBucketName"},
    {"an empty copy source",
     {"PUT", "/test/k", NULL, "x-amz-copy-source: /\r\n"},
     400,
     "InvalidArgument"},
    {"a copy source with a bad escape",
     {"PUT", "/test/k", NULL, "x-amz-copy-source: /test/any%.txt\r\n"},
     400,
     "InvalidArgument"},
    {"an acl is not an object",
     {"PUT", "/test/k?acl", NULL, NULL, NULL, "<x/>"},
     400,
     "MalformedXML"},
    {"a lock is not an object",
     {"PUT", "/test/k?retention", NULL, NULL, NULL, "<x/>"},
     501,
     "NotImplemented"},
    {"an unknown subresource is not an object",
     {"PUT", "/test/k?new-thing", NULL, NULL, NULL, "x"},
     501,
     "NotImplemented"},
    {"a form", {"POST", "/test"}, 405, "MethodNotAllowed"},
    {"OPTIONS", {"OPTIONS", "/test/k"}, 405, "MethodNotAllowed"},
    {"SSE-C",
     {"PUT", "/test/k", NULL, "x-amz-server-side-encryption-customer-algorithm: AES256\r\n"},
     501,
     "NotImplemented"},
    {"a size condition on a delete",
     {"DELETE", "/test/k", NULL, "x-amz-if-match-size: 3\r\n"},
     501,
     "NotImplemented"},
    {"a condition writes do not have",
     {"PUT", "/test/k", NULL, NULL, "If-Unmodified-Since: Sat, 21 Nov 2026 08:09:10 GMT\r\n"},
     501,
     "NotImplemented"},
    {"if none of some tag",
     {"PUT", "/test/k", NULL, NULL, "If-None-Match: \"x\"\r\n"},
     501,
     "NotImplemented"},
    {"part 0", {"PUT", "/test/k?partNumber=0&uploadId=x"}, 400, "InvalidArgument"},
    {"part 10001", {"PUT", "/test/k?partNumber=10001&uploadId=x"}, 400, "InvalidArgument"},
    {"an upload id that is none", {"PUT", "/test/k?partNumber=1&uploadId=x"}, 404, "NoSuchUpload"},
    {"two checksums",
     {"PUT", "/test/k", NULL,
      "x-amz-checksum-crc32: y/Q5Jg==\r\nx-amz-checksum-crc32c: 4waSgw==\r\n", NULL, "123456789"},
     400,
     "InvalidRequest"},
    {"a checksum that is none",
     {"PUT", "/test/k", NULL, "x-amz-checksum-crc32: y/Q5\r\n"},
     400,
     "InvalidRequest"},
    {"an unknown algorithm",
     {"PUT", "/test/k", NULL, "x-amz-sdk-checksum-algorithm: MD4\r\n"},
     400,
     "InvalidRequest"},
    {"no decoded length",
     {"PUT", "/test/k", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", NULL, NULL, "0\r\n\r\n"},
     411,
     "MissingContentLength"},
    {"a put over 5 GiB",
     {"PUT", "/test/k", "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
      "x-amz-decoded-content-length: 5368709121\r\n", NULL, "0\r\n\r\n"},
     400,
     "EntityTooLarge"},
    {"an XML body that is none",
     {"PUT", "/test?versioning", NULL, NULL, NULL, "<!DOCTYPE a [<!ENTITY b \"c\">]><a/>"},
     400,
     "MalformedXML"},
    {"a delete nobody vouches for",
     {"POST", "/test?delete", NULL, NULL, NULL, "<Delete><Object><Key>k</Key></Object></Delete>"},
     400,
     "InvalidRequest"},
    {"a delete vouched for wrongly",
     {"POST", "/test?delete", NULL, NULL, "Content-MD5: 1B2M2Y8AsgTpgAmY7PhCfg==\r\n",
      "<Delete><Object><Key>k</Key></Object></Delete>"},
     400,
     "BadDigest"},
    {"encoding-type base64", {"GET", "/test?encoding-type=base64"}, 400, "InvalidArgument"},
    {"max-keys negative", {"GET", "/test?max-keys=-1"}, 400, "InvalidArgument"},
    {"a continuation token that is none",
     {"GET", "/test?list-type=2&continuation-token=%2A"},
     400,
     "InvalidArgument"},
    {"list-type 3", {"GET", "/test?list-type=3"}, 400, "InvalidArgument"},
    {"a version marker without its key",
     {"GET", "/test?versions&version-id-marker=a"},
     400,
     "InvalidArgument"},
    {"composite CRC64NVME",
     {"POST", "/test/k?uploads", NULL,
      "x-amz-checksum-algorithm: CRC64NVME\r\nx-amz-checksum-type: COMPOSITE\r\n"},
     400,
     "InvalidRequest"},
    {"whole SHA256",
     {"POST", "/test/k?uploads", NULL,
      "x-amz-checksum-algorithm: SHA256\r\nx-amz-checksum-type: FULL_OBJECT\r\n"},
     400,
     "InvalidRequest"},
};

static void what_cannot_be_touches_nothing(void **state) {
    for (size_t i = 0; i < COUNT_OF(untouching); i++) {
        uint64_t calls = fake_gate_calls(gate);
        struct reply reply = ask(&untouching[i].spec);
        expect(untouching[i].name, reply, untouching[i].status, untouching[i].code);
        assert_row(untouching[i].name, fake_gate_calls(gate) == calls);
    }
}

/* ---- whose bucket it is said to be ---- */

static void another_owner_s_bucket_is_not_touched(void **state) {
    static const struct {
        const char *name;
        struct spec spec;
        int status;
        const char *code;
    } rows[] = {
        {"the owner", {"HEAD", "/owned", NULL, "x-amz-expected-bucket-owner: root\r\n"}, 200, ""},
        {"another",
         {"GET", "/owned/k", NULL, "x-amz-expected-bucket-owner: 111122223333\r\n"},
         403,
         "AccessDenied"},
        {"another, to write",
         {"PUT", "/owned/k", NULL, "x-amz-expected-bucket-owner: rooT\r\n", NULL, "x"},
         403,
         "AccessDenied"},
        {"another, to delete",
         {"DELETE", "/owned", NULL, "x-amz-expected-bucket-owner: nobody\r\n"},
         403,
         "AccessDenied"},
        {"another's source",
         {"PUT", "/owned/k", NULL,
          "x-amz-copy-source: /owned/k\r\nx-amz-source-expected-bucket-owner: nobody\r\n"},
         403,
         "AccessDenied"},
        {"no such bucket",
         {"GET", "/none/k", NULL, "x-amz-expected-bucket-owner: nobody\r\n"},
         404,
         "NoSuchBucket"},
    };
    struct spec make = {.method = "PUT", .target = "/owned"};
    assert_int_equal(ask(&make).status, 200);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        expect(rows[i].name, ask(&rows[i].spec), rows[i].status, rows[i].code);
    struct spec get = {.method = "GET", .target = "/owned/k"};
    expect("nothing was written", ask(&get), 404, "NoSuchKey");
}

/* ---- bodies that are not what was promised leave nothing ---- */

static void bucket_make(void) {
    struct spec make = {.method = "PUT", .target = "/test"};
    assert_int_equal(ask(&make).status, 200);
}

static const struct {
    const char *name;
    struct spec spec;
    int status;
    const char *code;
} bodies[] = {
    {"another SHA-256",
     {"PUT", "/test/k", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", NULL,
      NULL, "x"},
     400,
     "XAmzContentSHA256Mismatch"},
    {"another MD5",
     {"PUT", "/test/k", NULL, NULL, "Content-MD5: 1B2M2Y8AsgTpgAmY7PhCfg==\r\n", "x"},
     400,
     "BadDigest"},
    {"another CRC32",
     {"PUT", "/test/k", NULL, "x-amz-checksum-crc32: y/Q5Jg==\r\n", NULL, "x"},
     400,
     "BadDigest"},
    {"another trailer",
     {"PUT", "/test/k", "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
      "x-amz-decoded-content-length: 1\r\nx-amz-trailer: x-amz-checksum-crc32\r\n", NULL,
      "1\r\nx\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\n"},
     400,
     "BadDigest"},
    {"no trailer",
     {"PUT", "/test/k", "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
      "x-amz-decoded-content-length: 1\r\nx-amz-trailer: x-amz-checksum-crc32\r\n", NULL,
      "1\r\nx\r\n0\r\n\r\n"},
     400,
     "MalformedTrailerError"},
    {"a bad chunk size",
     {"PUT", "/test/k", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "x-amz-decoded-content-length: 1\r\n",
      NULL, "-1\r\nx\r\n0\r\n\r\n"},
     400,
     "InvalidRequest"},
    {"unsigned chunks where signed ones were announced",
     {"PUT", "/test/k", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "x-amz-decoded-content-length: 1\r\n",
      NULL, "1\r\nx\r\n0\r\n\r\n"},
     400,
     "InvalidRequest"},
    {"a chunk with a made-up signature",
     {"PUT", "/test/k", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "x-amz-decoded-content-length: 1\r\n",
      NULL,
      "1;chunk-signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41\r\nx\r\n"
      "0;chunk-signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41\r\n\r\n"},
     403,
     "SignatureDoesNotMatch"},
    {"fewer bytes than announced",
     {"PUT", "/test/k", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "x-amz-decoded-content-length: 2\r\n",
      NULL, "1\r\nx\r\n0\r\n\r\n"},
     400,
     "IncompleteBody"},
};

static void a_broken_promise_leaves_nothing(void **state) {
    bucket_make();
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        expect(bodies[i].name, ask(&bodies[i].spec), bodies[i].status, bodies[i].code);
        assert_row(bodies[i].name, fake_gate_open_writings(gate) == 0);
        struct spec get = {.method = "GET", .target = "/test/k"};
        expect(bodies[i].name, ask(&get), 404, "NoSuchKey");
    }
}

static void a_failing_disk_is_an_internal_error(void **state) {
    struct spec put = {.method = "PUT", .target = "/test/fails", .body = "bytes"};
    fake_gate_fail(gate, 1, FAIL_SYSTEM);
    struct reply reply = ask(&put);
    expect("a failing write", reply, 500, "InternalError");
    assert_false(body_has(reply, "told to fail")); /* the log's, not a stranger's */
    assert_int_equal(fake_gate_open_writings(gate), 0);
    fake_gate_fail(gate, 1, FAIL_DISK_FULL);
    expect("a full disk", ask(&put), 507, "InsufficientStorage");
}

/* ---- bodies in every framing come in whole ---- */

static const struct {
    const char *name;
    struct spec spec;
    const char *stored;
} framings[] = {
    {"plain", {"PUT", "/test/f", NULL, NULL, NULL, "hello"}, "hello"},
    {"empty", {"PUT", "/test/f", NULL, NULL, NULL, ""}, ""},
    {"aws-chunked, no Content-Length",
     {.method = "PUT",
      .target = "/test/f",
      .payload = "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
      .headers = "x-amz-decoded-content-length: 5\r\nx-amz-trailer: x-amz-checksum-crc32\r\n",
      .unsigned_ = "Content-Encoding: aws-chunked\r\n",
      .body =
          "a\r\n5\r\nhello\r\n\r\n24\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n\r\n0\r\n\r\n",
      .chunked = true},
     "hello"},
    {"aws-chunked with Content-Length",
     {"PUT", "/test/f", "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
      "x-amz-decoded-content-length: 5\r\nx-amz-trailer: x-amz-checksum-crc32\r\n", NULL,
      "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n"},
     "hello"},
    {"aws-chunked without any checksum",
     {"PUT", "/test/f", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "x-amz-decoded-content-length: 5\r\n",
      NULL, "5\r\nhello\r\n0\r\n\r\n"},
     "hello"},
    {"HTTP chunks alone",
     {.method = "PUT", .target = "/test/f", .body = "5\r\nhello\r\n0\r\n\r\n", .chunked = true},
     "hello"},
};

static void every_framing_stores_the_same(void **state) {
    for (size_t i = 0; i < COUNT_OF(framings); i++) {
        struct reply reply = ask(&framings[i].spec);
        size_t at;
        if (reply.status != 200)
            fail_msg("row \"%s\": %d %.*s", framings[i].name, reply.status, STR_FMT(reply.body));
        assert_row(framings[i].name, str_find(reply.head, STR("x-azekura-decision: allow"), &at));
        assert_row(framings[i].name, str_find(reply.head, STR("x-amz-checksum-crc"), &at));
        struct spec get = {.method = "GET", .target = "/test/f"};
        reply = ask(&get);
        assert_row(framings[i].name, str_equal(reply.body, str_from_c(framings[i].stored)));
        assert_row(framings[i].name, !str_find(reply.head, STR("aws-chunked"), &at));
    }
}

/* ---- what the gate says is seen ---- */

static void decisions_stand_in_headers_and_errors(void **state) {
    struct spec make = {.method = "PUT", .target = "/warned-b"};
    struct reply reply = ask(&make);
    size_t at;
    assert_int_equal(reply.status, 200);
    assert_true(str_find(reply.head, STR("x-azekura-decision: warn\r\n"), &at));
    assert_true(str_find(reply.head, STR("x-azekura-clauses: test/warns\r\n"), &at));
    assert_true(str_find(reply.head, STR("x-azekura-receipt: test#"), &at));
    struct spec head = {.method = "HEAD", .target = "/refused-b/k"};
    reply = ask(&head);
    assert_int_equal(reply.status, 403);
    assert_int_equal(reply.body.len, 0);
    assert_true(str_find(reply.head, STR("x-azekura-clauses: test/refuses\r\n"), &at));
    struct spec post = {.method = "POST",
                        .target = "/refused-b?delete",
                        .unsigned_ = "Content-MD5: p5/WA/oEr30qrEEl21PAqw==\r\n",
                        .body = "<Delete><Object><Key>k</Key></Object></Delete>"};
    struct md5 md5;
    unsigned char sum[MD5_BYTES];
    char text[64], line[128];
    md5_begin(&md5);
    md5_add(&md5, post.body, strlen(post.body));
    md5_end(&md5, sum);
    snprintf(line, sizeof line, "Content-MD5: %.*s\r\n", (int)base64_write(sum, sizeof sum, text),
             text);
    post.unsigned_ = line;
    reply = ask(&post); /* answered out of the wide memory, which is given back before the reply */
    expect("a refused DeleteObjects", reply, 403, "AccessDenied");
    assert_true(str_find(reply.head, STR("x-azekura-clauses: test/refuses\r\n"), &at));
    assert_true(body_has(reply, "refused by test/refuses: the place is abroad"));
}

static void a_host_names_a_bucket(void **state) {
    bucket_make();
    struct spec put = {.method = "PUT", .target = "/test/by-host", .body = "x"};
    assert_int_equal(ask(&put).status, 200);
    struct spec get = {.method = "GET", .target = "/by-host"};
    str request = request_write(&get, false, request_memory, sizeof request_memory);
    /* Host is signed: another one must not be taken. */
    static char changed[1 << 16];
    int len = snprintf(changed, sizeof changed, "%.*sHost: test.s3.example.jp%s",
                       (int)(strstr(request.at, "Host: ") - request.at), request.at,
                       strstr(request.at, "\r\nConnection"));
    expect("another host", talk(str_of(changed, (size_t)len)), 403, "SignatureDoesNotMatch");
}

static void what_commands_sign_is_taken(void **state) {
    static char memory[4096];
    struct arena arena = arena_over(memory, sizeof memory);
    struct s3_signed headers;
    struct error e = {0};
    char text[2048];
    assert_ok(s3_sign_get(EXAMPLE_KEY, EXAMPLE_SECRET, STR("h:1"), STR("/test"), STR("prefix=a"),
                          clock_wall_ns(), &arena, &headers, &e),
              &e);
    struct text to = text_into(text, sizeof text);
    text_add_c(&to, "GET /test?prefix=a HTTP/1.1\r\nHost: h:1\r\nConnection: close\r\n");
    for (size_t i = 0; i < COUNT_OF(headers.at); i++)
        text_format(&to, "%.*s: %.*s\r\n", STR_FMT(headers.at[i].name),
                    STR_FMT(headers.at[i].value));
    text_add_c(&to, "\r\n");
    assert_int_equal(talk(text_str(&to)).status, 200);
}

static void faults_of_http_read_like_s3(void **state) {
    struct reply reply = talk(STR("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"));
    expect("two hosts", reply, 400, "BadRequest");
    struct s3_counters counters;
    s3_counters(s3, &counters);
    assert_true(counters.requests > 100);
    assert_true(counters.unauthenticated > 100);
    assert_int_equal(counters.refused, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_gets_the_same_answer_everywhere),
        cmocka_unit_test(a_broken_signature_reaches_nothing),
        cmocka_unit_test(what_cannot_be_touches_nothing),
        cmocka_unit_test(another_owner_s_bucket_is_not_touched),
        cmocka_unit_test(a_broken_promise_leaves_nothing),
        cmocka_unit_test(a_failing_disk_is_an_internal_error),
        cmocka_unit_test(every_framing_stores_the_same),
        cmocka_unit_test(decisions_stand_in_headers_and_errors),
        cmocka_unit_test(a_host_names_a_bucket),
        cmocka_unit_test(what_commands_sign_is_taken),
        cmocka_unit_test(faults_of_http_read_like_s3),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
