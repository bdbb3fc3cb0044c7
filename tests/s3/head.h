/* A request head from text, with its query decoded: what the tests of signatures begin with. */
#ifndef AZEKURA_TESTS_S3_HEAD_H
#define AZEKURA_TESTS_S3_HEAD_H

#include "s3/wire/signature.h"
#include "tests/test.h"

#define EXAMPLE_KEY    STR("AKIAIOSFODNN7EXAMPLE")
#define EXAMPLE_SECRET STR("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")

struct test_head {
    char memory[LIMIT_ARENA_BYTES];
    struct arena arena;
    struct http_request_head http;
    struct s3_head head;
};

/* Fails the test when the text is no head: the case itself would be wrong. */
static inline void test_head_read(struct test_head *t, const char *text) {
    struct error e = {0};
    size_t consumed = 0;
    t->arena = arena_over(t->memory, sizeof t->memory);
    assert_ok(http_request_head_parse(str_from_c(text), &t->http, &consumed, &e), &e);
    assert_int_equal(consumed, strlen(text));
    t->head.http = &t->http;
    assert_ok(s3_query_read(t->http.query, &t->arena, &t->head.query, &e), &e);
}

#endif
