/* A wrong signature is refused after the same number of machine instructions wherever it is wrong, so
 * nobody learns its digits one by one (attack row 22). Counted, not timed: a child checks signatures,
 * and its parent runs it one instruction at a time. */
#include "tests/s3/head.h"

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define GOOD "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
#define HEAD                                                                                       \
    "GET /test.txt HTTP/1.1\r\n"                                                                   \
    "Host: examplebucket.s3.amazonaws.com\r\n"                                                     \
    "Authorization: AWS4-HMAC-SHA256 "                                                             \
    "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request"                           \
    ",SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=" GOOD "\r\n"             \
    "Range: bytes=0-9\r\n"                                                                         \
    "x-amz-content-sha256: "                                                                       \
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\r\n"                         \
    "x-amz-date: 20130524T000000Z\r\n\r\n"

enum { DIGITS = 64, ROUNDS = 8 };
/* Which digits are wrong in each round; -1: all. The first round warms up. */
static const int wrong_digit[ROUNDS] = {-1, 0, 1, 15, 31, 32, 63, -1};

/* In the child: each check lies between two stops. */
static void child_checks(void) {
    static struct test_head t;
    static struct s3_authorization auth;
    struct secret key;
    struct error e;
    test_head_read(&t, HEAD);
    if (s3_authorization_read(&t.head, &auth, &e) != OK) _exit(2);
    s3_signing_key(EXAMPLE_SECRET, auth.date, auth.region, &key);
    str good = auth.signature;
    for (unsigned i = 0; i < ROUNDS; i++) {
        char wrong[DIGITS];
        struct arena arena = t.arena;
        struct s3_signature_fault fault = {0};
        memcpy(wrong, good.at, DIGITS);
        for (unsigned k = 0; k < DIGITS; k++)
            if (wrong_digit[i] < 0 || k == (unsigned)wrong_digit[i])
                wrong[k] = wrong[k] == 'a' ? 'b' : 'a';
        auth.signature = str_of(wrong, DIGITS);
        raise(SIGSTOP);
        enum error_code code = s3_authorization_verify(&auth, &t.head, &key, &arena, &fault, &e);
        raise(SIGSTOP);
        if (code != FAIL_SIGNATURE) _exit(3);
    }
    _exit(0);
}

/* Runs a stopped child instruction by instruction to its next stop. 0: it ended instead. */
static uint64_t steps_to_stop(pid_t child) {
    int status;
    for (uint64_t steps = 0;; steps++) {
        assert_int_equal(ptrace(PTRACE_SINGLESTEP, child, NULL, NULL), 0);
        assert_int_equal(waitpid(child, &status, 0), child);
        if (!WIFSTOPPED(status)) return 0;
        if (WSTOPSIG(status) == SIGSTOP) return steps;
    }
}

static void every_wrong_digit_costs_the_same(void **state) {
    uint64_t steps[ROUNDS];
    int status;
    pid_t child = fork();
    if (child == 0) {
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0) _exit(77);
        child_checks();
    }
    for (unsigned i = 0; i < ROUNDS; i++) {
        assert_int_equal(waitpid(child, &status, 0), child); /* before the check */
        if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
            print_message("no process may be traced here: not counted\n");
            skip();
        }
        assert_true(WIFSTOPPED(status));
        steps[i] = steps_to_stop(child);
        assert_true(steps[i] > 1000); /* two hashes at least */
        assert_int_equal(ptrace(PTRACE_CONT, child, NULL, NULL), 0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    for (unsigned i = 2; i < ROUNDS; i++)
        if (steps[i] != steps[1])
            fail_msg("digit %d wrong: %llu instructions; the first wrong: %llu", wrong_digit[i],
                     (unsigned long long)steps[i], (unsigned long long)steps[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_wrong_digit_costs_the_same)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
