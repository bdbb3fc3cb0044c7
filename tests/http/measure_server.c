/* What a reply costs: a server of one reactor that answers every request with so many bytes; a load
 * generator on the other core does the asking. When its standard input ends it prints CPU time per
 * request. Not a test: nothing here can fail.
 *
 *     sleep 8 | taskset -c 0 measure_http_server 127.0.0.1:9999 1024 uring [CERTIFICATE KEY] &
 *     taskset -c 1 wrk -t1 -c64 -d5s http://127.0.0.1:9999/ */
#include "http/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static char *body;
static size_t body_bytes;

static void answer(void *self, struct http_exchange *x) {
    char piece[65536];
    struct error e;
    size_t got = 1;
    while (x->head.method == HTTP_PUT && got > 0)
        if (http_body_read(x, piece, sizeof piece, &got, &e) != OK) return;
    error_ignore(http_reply_send(x, 200, NULL, 0, str_of(body, body_bytes), &e)); /* 500 says so */
}

static double cpu_us(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

static int fail(const struct error *e) {
    char text[1024];
    fprintf(stderr, "%s\n", error_text(e, text, sizeof text));
    return 1;
}

int main(int count, char **values) {
    struct error e;
    struct runtime *runtime;
    struct http_server *server;
    struct net_address address;
    uint64_t bytes;
    if ((count != 4 && count != 6) || !str_u64(str_from_c(values[2]), &bytes) || bytes > 1 << 30) {
        fprintf(stderr, "usage: %s ADDRESS BYTES uring|epoll [CERTIFICATE KEY]\n", values[0]);
        return 2;
    }
    body_bytes = (size_t)bytes;
    body = calloc(1, body_bytes + 1);
    bool uring = str_equal(str_from_c(values[3]), STR("uring"));
    struct runtime_options r = {.reactors = 1, .backend = uring ? RUNTIME_URING : RUNTIME_EPOLL};
    if (body == NULL || runtime_open(&r, &runtime, &e) != OK) return fail(&e);
    if (net_address_read(str_from_c(values[1]), &address, &e) != OK) return fail(&e);
    struct http_server_options o = {.addresses = &address, .address_count = 1, .serve = answer};
    if (count == 6) {
        o.certificate_path = str_from_c(values[4]);
        o.key_path = str_from_c(values[5]);
    }
    if (http_server_open(runtime, &o, &server, &e) != OK) return fail(&e);
    double before = cpu_us();
    while (getchar() != EOF) continue;
    struct http_counters c;
    struct rusage used;
    http_server_counters(server, &c);
    getrusage(RUSAGE_SELF, &used);
    printf("%llu requests, %.2f us of CPU each, %ld KiB resident at most\n",
           (unsigned long long)c.exchanges, (cpu_us() - before) / (double)u64_max(c.exchanges, 1),
           used.ru_maxrss);
    http_server_close(server);
    runtime_close(runtime);
    free(body);
    return 0;
}
