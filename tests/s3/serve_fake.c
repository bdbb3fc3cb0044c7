/* S3 over the gate of the tests, for clients of other people: prints its port, ends when its input
 * does. */
#include "base/log.h"
#include "s3/s3.h"
#include "tests/s3/fake_gate.h"

#include <stdio.h>
#include <unistd.h>

int main(void) {
    static const str domains[] = {{"s3.localhost", 12}};
    struct error e = {0};
    struct runtime *runtime;
    struct s3 *s3;
    struct http_server *server;
    struct net_address address;
    char text[1024];
    struct gate *gate = fake_gate_open();
    struct runtime_options runtime_options = {.reactors = 1};
    struct s3_options options = {.gate = gate, .domains = domains, .domain_count = 1};
    if (log_open(2, LOG_ERROR, &e) != OK) goto failed;
    if (runtime_open(&runtime_options, &runtime, &e) != OK) goto failed;
    options.runtime = runtime;
    if (s3_open(&options, &s3, &e) != OK) goto failed;
    if (net_address_read(STR("127.0.0.1:0"), &address, &e) != OK) goto failed;
    struct http_server_options server_options = {.addresses = &address,
                                                 .address_count = 1,
                                                 .serve = s3_serve,
                                                 .fault = s3_fault,
                                                 .self = s3};
    if (http_server_open(runtime, &server_options, &server, &e) != OK) goto failed;
    address = http_server_address(server, 0);
    net_address_write(&address, text);
    printf("%s\n", text);
    fflush(stdout);
    while (read(0, text, sizeof text) > 0) {
    }
    http_server_close(server);
    runtime_close(runtime);
    s3_close(s3);
    fake_gate_close(gate);
    log_close();
    return 0;
failed:
    fprintf(stderr, "%s\n", error_text(&e, text, sizeof text));
    return 1;
}
