/* The load generator measures what it says: signatures a server accepts, replies read to their last
 * byte however they are cut, latencies no finer and no coarser than promised. */
#include "tests/test.h"

#include <unistd.h>

#include "bench/measure.h"
#include "bench/reply.h"
#include "bench/signer.h"

/* Source: S3 API, "Authenticating Requests: Using the Authorization Header", example GET Bucket. */
static void signs_as_the_standard_says(void **state) {
    struct signer signer =
        signer_open(STR("AKIAIOSFODNN7EXAMPLE"), STR("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
                    STR("us-east-1"));
    struct signer_request request = {
        .method = "GET",
        .host = STR("examplebucket.s3.amazonaws.com"),
        .path = STR("/"),
        .query = STR("max-keys=2&prefix=J"),
        .payload = STR("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")};
    char memory[2048];
    int64_t days[] = {1369267200, 1369353600, 1369353600}; /* the key changes with the day */
    size_t at;
    for (size_t i = 0; i < COUNT_OF(days); i++) {
        struct text head = text_into(memory, sizeof memory);
        signer_head(&signer, &request, days[i] * NS_PER_S, &head);
        assert_false(head.overflow);
        bool is_right = str_find(
            text_str(&head),
            STR("Signature="
                "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7\r\n\r\n"),
            &at);
        assert_int_equal(is_right, i > 0);
    }
}

static const struct {
    const char *name, *bytes;
    int status;
    uint64_t body_bytes, keys;
    bool closes;
} replies[] = {
    {"length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde", 200, 5, 0, false},
    {"nothing", "HTTP/1.1 404 Not Found\r\ncontent-length:0\r\nConnection: close\r\n\r\n", 404, 0,
     0, true},
    {"no content", "HTTP/1.1 204 No Content\r\n\r\n", 204, 0, 0, false},
    {"continue first", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
     200, 1, 0, false},
    {"chunks",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: "
     "chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n",
     200, 13, 0, false},
    {"keys",
     "HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n<Key>a</Key><<Key>b</Key><Kex><Ke<Key>..", 200,
     40, 3, false},
};

static void replies_are_read_however_they_are_cut(void **state) {
    static struct reply reply;
    struct error e;
    for (size_t i = 0; i < COUNT_OF(replies); i++) {
        str all = str_from_c(replies[i].bytes);
        for (size_t piece = 1; piece <= all.len; piece++) {
            size_t at = 0, used;
            reply_begin(&reply, true);
            while (at < all.len && reply.state != REPLY_OVER) {
                assert_ok(reply_take(&reply, str_slice(all, at, piece), &used, &e), &e);
                at += used;
            }
            assert_row(replies[i].name, reply.state == REPLY_OVER && at == all.len);
            assert_row(replies[i].name, reply.status == replies[i].status);
            assert_row(replies[i].name, reply.keys == replies[i].keys);
            assert_row(replies[i].name, reply.closes == replies[i].closes);
            assert_row(replies[i].name, reply.body_bytes == replies[i].body_bytes);
        }
    }
}

static void what_is_no_reply_is_said(void **state) {
    static const char *const wrong[] = {
        "SSH-2.0-OpenSSH\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 2x0 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"};
    static struct reply reply;
    struct error e;
    size_t used;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        reply_begin(&reply, false);
        assert_row(wrong[i],
                   reply_take(&reply, str_from_c(wrong[i]), &used, &e) == FAIL_HTTP_SYNTAX);
    }
}

static void latencies_keep_their_precision(void **state) {
    static struct histogram h, other;
    assert_int_equal(histogram_at(&h, 500), 0);
    for (int64_t ns = 1; ns <= 1000000; ns++) histogram_add(&h, ns);
    for (unsigned i = 1; i < 1000; i++) {
        int64_t got = histogram_at(&h, i), exact = 1000 * (int64_t)i;
        assert_true(got >= exact && got <= exact + exact / 50 + 2);
    }
    histogram_add(&other, -5);
    histogram_add(&other, INT64_MAX);
    histogram_merge(&h, &other);
    assert_int_equal(h.count, 1000002);
    assert_true(h.max_ns == INT64_MAX);
}

static void the_kernel_is_asked_about_processes(void **state) {
    struct process_reading before = {0}, after = {0};
    struct error e;
    int64_t cpu_ns = own_cpu_ns();
    assert_ok(process_read(getpid(), &before, &e), &e);
    for (volatile unsigned i = 0; own_cpu_ns() - cpu_ns < 60 * NS_PER_MS; i++) {
    }
    assert_ok(process_read(getpid(), &after, &e), &e);
    int64_t used_ns = after.cpu_ns - before.cpu_ns;
    assert_true(used_ns >= 30 * NS_PER_MS && used_ns <= 120 * NS_PER_MS);
    assert_true(after.rss_bytes > 100000);
    assert_int_equal(process_read(1 << 29, &after, &e), FAIL_NOT_FOUND);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_as_the_standard_says),
        cmocka_unit_test(replies_are_read_however_they_are_cut),
        cmocka_unit_test(what_is_no_reply_is_said),
        cmocka_unit_test(latencies_keep_their_precision),
        cmocka_unit_test(the_kernel_is_asked_about_processes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
