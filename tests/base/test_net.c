/* Sockets on fibers and on plain threads; and addresses as text. Each test on both back ends. */
#include "tests/base/runtime_test.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* ---- addresses */

static const struct {
    const char *name, *text, *written;
    size_t bytes;
    const char *hex;
} addresses[] = {
    {"IPv4", "127.0.0.1:9000", "127.0.0.1:9000", 4, "7f000001"},
    {"IPv6", "[::1]:9000", "[::1]:9000", 16, "00000000000000000000000000000001"},
    {"all addresses", ":9000", "[::]:9000", 16, "00000000000000000000000000000000"},
    {"any port", "10.1.2.3:0", "10.1.2.3:0", 4, "0a010203"},
    {"highest port", "[2001:db8::7]:65535", "[2001:db8::7]:65535", 16,
     "20010db8000000000000000000000007"},
    {"mapped is IPv4", "[::ffff:192.0.2.1]:80", "192.0.2.1:80", 4, "c0000201"},
    {"empty", "", NULL, 0, NULL},
    {"no port", "127.0.0.1", NULL, 0, NULL},
    {"empty port", "127.0.0.1:", NULL, 0, NULL},
    {"port too high", "127.0.0.1:65536", NULL, 0, NULL},
    {"port with sign", "127.0.0.1:+80", NULL, 0, NULL},
    {"port six digits", "127.0.0.1:000080", NULL, 0, NULL},
    {"a name", "localhost:9000", NULL, 0, NULL},
    {"three parts", "1.2.3:80", NULL, 0, NULL},
    {"bare IPv6", "::1:9000", NULL, 0, NULL},
    {"open bracket", "[::1:9000", NULL, 0, NULL},
    {"empty brackets", "[]:9000", NULL, 0, NULL},
    {"no colon after bracket", "[::1]9000", NULL, 0, NULL},
    {"IPv4 in brackets", "[127.0.0.1]:80", NULL, 0, NULL},
    {"space", " 127.0.0.1:80", NULL, 0, NULL},
    {"far too long", "1111111111111111111111111111111111111111111111111111111111111:80", NULL, 0,
     NULL},
};

static void address_table(void **state) {
    for (size_t i = 0; i < COUNT_OF(addresses); i++) {
        struct net_address address;
        struct error e;
        enum error_code code = net_address_read(str_from_c(addresses[i].text), &address, &e);
        assert_row(addresses[i].name, code == (addresses[i].written != NULL ? OK : FAIL_USAGE));
        if (code != OK) continue;
        char text[NET_TEXT_BYTES], hex[32];
        unsigned char bytes[16];
        size_t len = net_address_write(&address, text);
        assert_row(addresses[i].name, strcmp(text, addresses[i].written) == 0);
        assert_row(addresses[i].name, len == strlen(text));
        size_t count = net_address_bytes(&address, bytes);
        assert_row(addresses[i].name, count == addresses[i].bytes);
        hex_write(bytes, count, hex);
        assert_row(addresses[i].name, memcmp(hex, addresses[i].hex, 2 * count) == 0);
    }
}

static void address_with_nul(void **state) {
    struct net_address address;
    assert_int_equal(net_address_read(STR("127.0.0.1\0:80"), &address, NULL), FAIL_USAGE);
}

/* ---- a pair of connected sockets and a place to listen */

static void listen_somewhere(int *listener, struct net_address *at) {
    struct error e;
    assert_ok(net_address_read(STR("127.0.0.1:0"), at, &e), &e);
    assert_ok(net_listen(at, listener, &e), &e);
}

static void pair_make(int fd[2]) {
    int listener;
    struct net_address at, peer;
    struct error e;
    listen_somewhere(&listener, &at);
    assert_ok(net_connect(&at, in_ms(2000), &fd[0], &e), &e);
    assert_ok(net_accept(listener, in_ms(2000), &fd[1], &peer, &e), &e);
    char text[NET_TEXT_BYTES];
    net_address_write(&peer, text);
    assert_memory_equal(text, "127.0.0.1:", 10);
    net_close(listener);
}

/* ---- echo */

enum { ECHO_CLIENTS = 200, ECHO_ROUNDS = 20, ECHO_BYTES = 3000 };

struct echo {
    int listener;
    struct net_address at;
    struct reactor *server;
    _Atomic int served;
};

struct echo_one {
    struct echo *echo;
    int fd;
};

static void echo_serve(void *argument) {
    struct echo_one one = *(struct echo_one *)argument;
    free(argument);
    char bytes[1500];
    size_t got;
    struct error e;
    for (;;) {
        assert_ok(net_recv(one.fd, bytes, sizeof bytes, in_ms(10000), &got, &e), &e);
        if (got == 0) break;
        assert_ok(net_send(one.fd, bytes, got, in_ms(10000), &e), &e);
    }
    net_close(one.fd);
    atomic_fetch_add(&one.echo->served, 1);
}

static void echo_accept(void *argument) {
    struct echo *echo = argument;
    struct error e;
    int fd;
    for (int i = 0; i < ECHO_CLIENTS; i++) {
        assert_ok(net_accept(echo->listener, in_ms(10000), &fd, NULL, &e), &e);
        struct echo_one *one = malloc(sizeof *one);
        *one = (struct echo_one){echo, fd};
        /* every other one on another reactor than the one that accepted it */
        assert_ok(fiber_start(i % 2 ? reactor_current() : echo->server, echo_serve, one, &e), &e);
    }
    assert_int_equal(net_accept(echo->listener, in_ms(10), &fd, NULL, &e), FAIL_TIMEOUT);
}

static void echo_ask(void *argument) {
    struct echo *echo = argument;
    struct error e;
    int fd;
    char sent[ECHO_BYTES], back[ECHO_BYTES];
    assert_ok(net_connect(&echo->at, in_ms(10000), &fd, &e), &e);
    for (int round = 0; round < ECHO_ROUNDS; round++) {
        memset(sent, 'a' + round, sizeof sent);
        struct iovec parts[3] = {{sent, 1}, {sent + 1, 0}, {sent + 1, sizeof sent - 1}};
        assert_ok(net_send_parts(fd, parts, 3, in_ms(10000), &e), &e);
        for (size_t have = 0, got; have < sizeof back; have += got) {
            assert_ok(net_recv(fd, back + have, sizeof back - have, in_ms(10000), &got, &e), &e);
            assert_true(got > 0);
        }
        assert_memory_equal(sent, back, sizeof sent);
    }
    net_close(fd);
}

static void echo_of_two_hundred(void **state) {
    static struct piece clients[ECHO_CLIENTS];
    struct echo echo = {.server = runtime_reactor(*state, 1)};
    listen_somewhere(&echo.listener, &echo.at);
    struct piece accept = {.run = echo_accept, .argument = &echo};
    piece_start(&accept, runtime_reactor(*state, 0));
    for (unsigned i = 0; i < ECHO_CLIENTS; i++) {
        clients[i] = (struct piece){.run = echo_ask, .argument = &echo};
        piece_start(&clients[i], runtime_reactor(*state, i % 2));
    }
    for (unsigned i = 0; i < ECHO_CLIENTS; i++) piece_wait(&clients[i]);
    piece_wait(&accept);
    int64_t until_ns = in_ms(5000);
    while (atomic_load(&echo.served) < ECHO_CLIENTS && clock_steady_ns() < until_ns) usleep(1000);
    assert_int_equal(atomic_load(&echo.served), ECHO_CLIENTS);
    net_close(echo.listener);
}

/* The same calls on plain threads. */
static void *echo_thread(void *argument) {
    int fd = *(int *)argument;
    char bytes[512];
    size_t got;
    while (net_recv(fd, bytes, sizeof bytes, INT64_MAX, &got, NULL) == OK && got > 0)
        if (net_send(fd, bytes, got, INT64_MAX, NULL) != OK) break;
    net_close(fd);
    return NULL;
}

static void echo_without_fibers(void **state) {
    int fd[2];
    pthread_t thread;
    struct error e;
    pair_make(fd);
    pthread_create(&thread, NULL, echo_thread, &fd[1]);
    char back[5];
    size_t have = 0, got;
    assert_ok(net_send(fd[0], "hello", 5, in_ms(2000), &e), &e);
    for (; have < 5; have += got)
        assert_ok(net_recv(fd[0], back + have, 5 - have, in_ms(2000), &got, &e), &e);
    assert_memory_equal(back, "hello", 5);
    assert_int_equal(net_recv(fd[0], back, 5, in_ms(10), &got, &e), FAIL_TIMEOUT);
    net_shutdown_send(fd[0]);
    assert_ok(net_recv(fd[0], back, 5, in_ms(2000), &got, &e), &e);
    assert_int_equal(got, 0);
    pthread_join(thread, NULL);
    net_close(fd[0]);
}

/* ---- deadlines, closing, resets */

static void fill_until_late(int fd) {
    static char bytes[1 << 20];
    struct error e;
    enum error_code code = OK;
    while (code == OK) code = net_send(fd, bytes, sizeof bytes, in_ms(50), &e);
    assert_int_equal(code, FAIL_TIMEOUT);
}

static void deadlines_end_waits(void *argument) {
    int fd[2], listener, other;
    struct net_address at;
    struct error e;
    char byte;
    size_t got = 77;
    pair_make(fd);
    int64_t begin_ns = clock_steady_ns();
    assert_int_equal(net_recv(fd[0], &byte, 1, begin_ns + 30 * NS_PER_MS, &got, &e), FAIL_TIMEOUT);
    assert_in_range(clock_steady_ns() - begin_ns, 30 * NS_PER_MS, 2000 * NS_PER_MS);
    assert_int_equal(got, 77); /* untouched */
    assert_int_equal(net_recv(fd[0], &byte, 1, begin_ns, &got, &e), FAIL_TIMEOUT);
    fill_until_late(fd[0]);
    listen_somewhere(&listener, &at);
    assert_int_equal(net_accept(listener, in_ms(20), &other, NULL, &e), FAIL_TIMEOUT);
    /* what timed out still works */
    assert_ok(net_send(fd[1], "x", 1, in_ms(1000), &e), &e);
    assert_ok(net_recv(fd[0], &byte, 1, in_ms(1000), &got, &e), &e);
    assert_int_equal(byte, 'x');
    net_close(listener);
    net_close(fd[0]);
    net_close(fd[1]);
}

static void deadlines(void **state) {
    on_fiber(*state, deadlines_end_waits, NULL);
    deadlines_end_waits(NULL);
}

struct waiting {
    int fd;
    enum error_code code;
    bool accepts, sends;
    struct wake done;
};

static void wait_on_socket(void *argument) {
    struct waiting *waiting = argument;
    static char bytes[1 << 20];
    size_t got;
    int fd;
    if (waiting->accepts)
        waiting->code = net_accept(waiting->fd, INT64_MAX, &fd, NULL, NULL);
    else if (waiting->sends)
        do waiting->code = net_send(waiting->fd, bytes, sizeof bytes, INT64_MAX, NULL);
        while (waiting->code == OK);
    else
        waiting->code = net_recv(waiting->fd, bytes, 1, INT64_MAX, &got, NULL);
    wake_fire(&waiting->done);
}

static void close_under_waiters(void *argument) {
    int fd[2], again[2], listener;
    struct net_address at;
    struct error e;
    pair_make(fd);
    listen_somewhere(&listener, &at);
    struct waiting waiting[3] = {
        {.fd = fd[0]}, {.fd = fd[0], .sends = true}, {.fd = listener, .accepts = true}};
    for (int i = 0; i < 3; i++)
        assert_ok(fiber_start(reactor_current(), wait_on_socket, &waiting[i], &e), &e);
    fiber_sleep_ns(30 * NS_PER_MS);
    net_close(fd[0]);
    net_close(listener);
    pair_make(again); /* takes the numbers over: the old waits must not touch the new sockets */
    for (int i = 0; i < 3; i++) {
        assert_ok(wake_wait(&waiting[i].done, in_ms(5000), &e), &e);
        assert_int_equal(waiting[i].code, FAIL_CLOSED);
    }
    char byte;
    size_t got;
    assert_ok(net_send(again[0], "y", 1, in_ms(1000), &e), &e);
    assert_ok(net_recv(again[1], &byte, 1, in_ms(1000), &got, &e), &e);
    assert_int_equal(byte, 'y');
    net_close(again[0]);
    net_close(again[1]);
    net_close(fd[1]);
}

static void close_wakes_waiters(void **state) {
    on_fiber(*state, close_under_waiters, NULL);
}

/* Once, data and deadline in one turn of the loop made a fiber ready twice: it ran on after its end.
 * Here the thread itself is held until the deadline has passed and what ends the wait has come. */
struct late {
    int fd;
    struct wake wake, done;
    int ended;
    enum error_code code;
};

static void recv_until_soon(void *argument) {
    struct late *late = argument;
    char byte;
    size_t got;
    late->code = net_recv(late->fd, &byte, 1, in_ms(5), &got, NULL);
    late->ended++;
    wake_fire(&late->done);
}

static void wait_until_soon(void *argument) {
    struct late *late = argument;
    late->code = wake_wait(&late->wake, in_ms(5), NULL);
    late->ended++;
    wake_fire(&late->done);
}

static void end_at_the_deadline(void *argument) {
    for (int way = 0; way < 3; way++) {
        int fd[2];
        struct error e;
        pair_make(fd);
        struct late late = {.fd = fd[0]};
        void (*run)(void *) = way == 2 ? wait_until_soon : recv_until_soon;
        assert_ok(fiber_start(reactor_current(), run, &late, &e), &e);
        fiber_yield();
        fiber_yield();
        if (way == 0) assert_ok(net_send(fd[1], "d", 1, in_ms(1000), &e), &e);
        if (way == 1) net_close(fd[0]);
        if (way == 2) wake_fire(&late.wake);
        usleep(10000);
        assert_ok(wake_wait(&late.done, in_ms(1000), &e), &e);
        assert_int_equal(late.code, way == 1 ? FAIL_CLOSED : OK);
        fiber_sleep_ns(5 * NS_PER_MS);
        assert_int_equal(late.ended, 1);
        if (way != 1) net_close(fd[0]);
        net_close(fd[1]);
    }
}

static void wait_ends_once(void **state) {
    on_fiber(*state, end_at_the_deadline, NULL);
}

static void reset_by_peer(void *argument) {
    int fd[2];
    struct error e;
    char byte;
    size_t got;
    pair_make(fd);
    struct linger now = {.l_onoff = 1}; /* close sends a reset */
    setsockopt(fd[1], SOL_SOCKET, SO_LINGER, &now, sizeof now);
    net_close(fd[1]);
    assert_int_equal(net_recv(fd[0], &byte, 1, in_ms(1000), &got, &e), FAIL_CLOSED);
    assert_int_equal(net_send(fd[0], "x", 1, in_ms(1000), &e), FAIL_CLOSED); /* and no SIGPIPE */
    net_close(fd[0]);
}

static void reset_is_closed(void **state) {
    on_fiber(*state, reset_by_peer, NULL);
    reset_by_peer(NULL);
}

static void connect_to_nobody(void *argument) {
    int listener, fd;
    struct net_address at;
    struct error e;
    listen_somewhere(&listener, &at);
    net_close(listener);
    assert_int_equal(net_connect(&at, in_ms(1000), &fd, &e), FAIL_SYSTEM);
    assert_non_null(strstr(e.message, "refused"));
}

static void connection_refused(void **state) {
    on_fiber(*state, connect_to_nobody, NULL);
    connect_to_nobody(NULL);
}

/* A number closed on one reactor and used again on another: what the first knew of it (its epoll
 * registration) is of another socket. */
static void recv_one(void *argument) {
    struct waiting *waiting = argument;
    char byte;
    size_t got;
    waiting->code = net_recv(waiting->fd, &byte, 1, in_ms(5000), &got, NULL);
}

static void close_it(void *argument) {
    net_close(*(int *)argument);
}

static void number_used_again_elsewhere(void **state) {
    struct error e;
    for (int round = 0; round < 8; round++) {
        int fd[2];
        pair_make(fd);
        struct waiting waiting = {.fd = fd[0]};
        struct piece recv = {.run = recv_one, .argument = &waiting};
        piece_start(&recv, runtime_reactor(*state, 0));
        usleep(3000);
        assert_ok(net_send(fd[1], "z", 1, in_ms(1000), &e), &e);
        piece_wait(&recv);
        assert_int_equal(waiting.code, OK);
        struct piece shut = {.run = close_it, .argument = &fd[0]};
        piece_start(&shut, runtime_reactor(*state, 1));
        piece_wait(&shut);
        net_close(fd[1]);
    }
}

/* ---- nobody keeps a reactor to himself */

struct pumping {
    bool stop;
    uint64_t rounds;
    struct wake done;
};

static void pump(void *argument) {
    struct pumping *pumping = argument;
    struct error e;
    int fd[2];
    char byte = 'p';
    size_t got;
    pair_make(fd);
    while (!pumping->stop) { /* each call finds what it wants at once */
        assert_ok(net_send(fd[0], &byte, 1, in_ms(5000), &e), &e);
        assert_ok(net_recv(fd[1], &byte, 1, in_ms(5000), &got, &e), &e);
        pumping->rounds++;
    }
    net_close(fd[0]);
    net_close(fd[1]);
    wake_fire(&pumping->done);
}

static void pump_and_stop(void *argument) {
    struct pumping pumping = {0};
    struct error e;
    assert_ok(fiber_start(reactor_current(), pump, &pumping, &e), &e);
    fiber_sleep_ns(20 * NS_PER_MS); /* without fairness it would never come back */
    pumping.stop = true;
    assert_ok(wake_wait(&pumping.done, in_ms(5000), &e), &e);
    assert_true(pumping.rounds > 0);
}

static void fast_peer_leaves_turns_to_others(void **state) {
    on_fiber(*state, pump_and_stop, NULL);
}

/* ---- Unix sockets */

static void unix_use(void *argument) {
    char *folder = argument, path[512];
    int listener, fd[2];
    struct error e;
    struct stat info;
    size_t got;
    char byte;
    /* a short path, and one longer than a sockaddr_un takes */
    static const char *const below[] = {"s", "a-folder-with-a-long-name-so-that-the-path-of-the-"
                                             "socket-in-it-is-over-one-hundred-and-seven-bytes/s"};
    for (size_t i = 0; i < COUNT_OF(below); i++) {
        snprintf(path, sizeof path, "%s/%s", folder, below[i]);
        assert_ok(net_listen_unix(str_from_c(path), &listener, &e), &e);
        assert_int_equal(stat(path, &info), 0);
        assert_int_equal(info.st_mode & 0777, 0600);
        int second;
        assert_int_equal(net_listen_unix(str_from_c(path), &second, &e), FAIL_LOCKED);
        assert_ok(net_connect_unix(str_from_c(path), in_ms(1000), &fd[0], &e), &e);
        struct net_address from;
        /* the attempt to listen twice knocked at the door first */
        assert_ok(net_accept(listener, in_ms(1000), &fd[1], &from, &e), &e);
        net_close(fd[1]);
        assert_ok(net_accept(listener, in_ms(1000), &fd[1], &from, &e), &e);
        assert_ok(net_send(fd[0], "u", 1, in_ms(1000), &e), &e);
        assert_ok(net_recv(fd[1], &byte, 1, in_ms(1000), &got, &e), &e);
        net_close(fd[0]);
        net_close(fd[1]);
        net_close(listener);
        /* the file stays behind; the next one takes its place */
        assert_ok(net_listen_unix(str_from_c(path), &listener, &e), &e);
        net_close(listener);
        unlink(path);
        assert_int_equal(net_connect_unix(str_from_c(path), in_ms(10), &fd[0], &e), FAIL_NOT_FOUND);
    }
}

static void unix_sockets(void **state) {
    char folder[] = "/tmp/azekura-net-XXXXXX", inner[512];
    assert_non_null(mkdtemp(folder));
    snprintf(inner, sizeof inner,
             "%s/a-folder-with-a-long-name-so-that-the-path-of-the-"
             "socket-in-it-is-over-one-hundred-and-seven-bytes",
             folder);
    assert_int_equal(mkdir(inner, 0700), 0);
    on_fiber(*state, unix_use, folder);
    unix_use(folder);
    rmdir(inner);
    rmdir(folder);
}

/* ---- files: what the page cache holds is sent at once, the rest by a worker */

enum { FILE_BYTES = 100000, WORKERS = 3 /* of runtime_setup */ };

struct stopped_workers {
    sem_t go;
    atomic_uint count;
};

static void worker_stop(void *argument) {
    struct stopped_workers *stopped = argument;
    atomic_fetch_add(&stopped->count, 1);
    while (sem_wait(&stopped->go) != 0) {
    } /* a signal came */
}

static void worker_stop_one(void *argument) {
    worker_do(worker_stop, argument);
}

struct file_sending {
    int pair[2], file;
    struct piece piece;
    atomic_bool is_done;
};

static void file_send_all(void *argument) {
    struct file_sending *s = argument;
    struct error e;
    for (size_t at = 0, sent; at < FILE_BYTES; at += sent)
        assert_ok(net_send_file(s->pair[1], s->file, at, FILE_BYTES - at, in_ms(10000), &sent, &e),
                  &e);
    atomic_store(&s->is_done, true);
}

static void file_send_start(struct file_sending *s, struct runtime *runtime, bool is_cached) {
    char path[] = "/tmp/azekura-send-XXXXXX", block[1000];
    pair_make(s->pair);
    s->file = mkstemp(path);
    assert_true(s->file >= 0);
    unlink(path);
    /* of a hole no page is in memory */
    assert_int_equal(ftruncate(s->file, FILE_BYTES), 0);
    memset(block, 7, sizeof block);
    for (size_t at = 0; is_cached && at < FILE_BYTES; at += sizeof block)
        assert_int_equal(pwrite(s->file, block, sizeof block, (off_t)at), sizeof block);
    s->piece = (struct piece){.run = file_send_all, .argument = s};
    piece_start(&s->piece, runtime_reactor(runtime, 0));
}

static void file_send_end(struct file_sending *s, char expected) {
    static char got[FILE_BYTES];
    struct error e;
    for (size_t have = 0, more; have < sizeof got; have += more) {
        assert_ok(net_recv(s->pair[0], got + have, sizeof got - have, in_ms(10000), &more, &e), &e);
        assert_true(more > 0);
    }
    piece_wait(&s->piece);
    for (size_t i = 0; i < sizeof got; i++) assert_int_equal(got[i], expected);
    net_close(s->pair[0]);
    net_close(s->pair[1]);
    close(s->file);
}

static void nothing(void *argument) {}

static bool kernel_knows_its_cache(void) {
    return syscall(451 /* cachestat */, -1, NULL, NULL, 0) != 0 && errno != ENOSYS;
}

/* With every worker kept busy: a file of which nothing is in memory waits for one, and the reactor
 * goes on meanwhile; a file in memory needs none. */
static void file_not_in_memory_is_sent_by_a_worker(void **state) {
    struct stopped_workers stopped = {.count = 0};
    struct file_sending hole = {.file = -1}, cached = {.file = -1};
    struct piece stops[WORKERS];
    assert_int_equal(sem_init(&stopped.go, 0, 0), 0);
    for (int i = 0; i < WORKERS; i++) {
        stops[i] = (struct piece){.run = worker_stop_one, .argument = &stopped};
        piece_start(&stops[i], runtime_reactor(*state, 0));
    }
    while (atomic_load(&stopped.count) < WORKERS) usleep(1000);

    file_send_start(&hole, *state, false);
    usleep(50000);
    on_fiber(*state, nothing, NULL);
    assert_false(atomic_load(&hole.is_done));
    file_send_start(&cached, *state, true);
    if (kernel_knows_its_cache()) file_send_end(&cached, 7);
    assert_false(atomic_load(&hole.is_done));

    for (int i = 0; i < WORKERS; i++) sem_post(&stopped.go);
    for (int i = 0; i < WORKERS; i++) piece_wait(&stops[i]);
    file_send_end(&hole, 0);
    if (!kernel_knows_its_cache()) file_send_end(&cached, 7);
    sem_destroy(&stopped.go);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(address_table),
        cmocka_unit_test(address_with_nul),
        cmocka_unit_test(echo_without_fibers),
        ON_BOTH(echo_of_two_hundred),
        ON_BOTH(deadlines),
        ON_BOTH(close_wakes_waiters),
        ON_BOTH(wait_ends_once),
        ON_BOTH(reset_is_closed),
        ON_BOTH(connection_refused),
        ON_BOTH(number_used_again_elsewhere),
        ON_BOTH(fast_peer_leaves_turns_to_others),
        ON_BOTH(unix_sockets),
        ON_BOTH(file_not_in_memory_is_sent_by_a_worker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
