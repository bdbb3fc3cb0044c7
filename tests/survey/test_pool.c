/* Many machines probed at once, on loopback: each result is that of its own address. One that hangs up in the middle of a handshake
 * ended the survey by SIGPIPE, and one that hung up before anybody looked counted as silent. */
#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "survey/survey.h"
#include "tests/test.h"

enum { MACHINES = 24, TRIES = 3 };

static int listener;
static uint16_t port;
static char memory[1 << 20];

/* Takes connections and drops them. */
static void *hang_up(void *unused) {
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0) return unused;
        const struct linger now = {.l_onoff = 1};
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        close(fd);
    }
}

static void each_result_is_of_its_own_address(void **state) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    struct survey_probing of[MACHINES] = {0};
    struct arena arena = arena_over(memory, sizeof memory);
    struct error e;
    pthread_t thread;
    listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(listener, 64), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &len), 0);
    port = ntohs(at.sin_port);
    assert_int_equal(pthread_create(&thread, NULL, hang_up, NULL), 0);
    for (size_t i = 0; i < MACHINES; i++) {
        unsigned char bytes[4] = {127, 0, 0, (unsigned char)(1 + i)}; /* the first listens */
        assert_true(geo_address_of(bytes, 4, &of[i].address));
        of[i].tag = i;
    }
    const struct survey_probe_options options = {.port = port, .tries = TRIES, .timeout_ms = 60000};
    assert_ok(survey_probe_all(of, MACHINES, &options, &arena, &e), &e);
    for (size_t i = 0; i < MACHINES; i++) {
        assert_int_equal(of[i].tag, i);
        assert_true(geo_address_equal(&of[i].probed.address, &of[i].address));
        assert_int_equal(of[i].probed.port, port);
        assert_int_equal(of[i].probed.tries, TRIES);
        assert_int_equal(of[i].probed.answers, TRIES);
        assert_true(of[i].probed.rtt_ns > 0);
        assert_false(of[i].probed.is_answered_for);
    }
    shutdown(listener, SHUT_RDWR);
    pthread_join(thread, NULL);
    close(listener);
}

static void nothing_to_probe_is_done_at_once(void **state) {
    struct arena arena = arena_over(memory, sizeof memory);
    struct error e;
    const struct survey_probe_options options = {.port = 1};
    assert_ok(survey_probe_all(NULL, 0, &options, &arena, &e), &e);
}

static void too_little_room_is_told(void **state) {
    struct arena arena = arena_over(memory, SURVEY_PROBED_BYTES);
    struct survey_probing of[2] = {0};
    struct error e;
    const struct survey_probe_options options = {.port = 1};
    assert_true(geo_address_read(STR("127.0.0.1"), &of[0].address));
    of[1] = of[0];
    assert_int_equal(survey_probe_all(of, 2, &options, &arena, &e), FAIL_MEMORY);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_result_is_of_its_own_address),
        cmocka_unit_test(nothing_to_probe_is_done_at_once),
        cmocka_unit_test(too_little_room_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
