/* A small DNS server for tests, on a loopback port over UDP and TCP, with the manners of many: it drops,
 * truncates, answers with another's id, in circles, and with what nobody asked for. */
#ifndef AZEKURA_TESTS_RESOLVE_DNS_SERVER_H
#define AZEKURA_TESTS_RESOLVE_DNS_SERVER_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct dns_row {
    const char *name; /* lower case; "k*.test" is k0.test, k1.test … */
    const char *says; /* what it does, in words of its own: see dns_server.c */
};
struct dns_server;
/* Rows are borrowed. Stops the program where a socket cannot be had. */
struct dns_server *dns_server_start(const struct dns_row *rows, size_t count);
/* Connections are refused, as by a firewall that was told of UDP alone. */
struct dns_server *dns_server_start_without_tcp(const struct dns_row *rows, size_t count);
uint16_t dns_server_port(const struct dns_server *server);
unsigned dns_server_asked(struct dns_server *server, int over_tcp); /* questions that came */
void dns_server_stop(struct dns_server *server);

#endif
