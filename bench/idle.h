/* Idle connections: what a server pays for clients that are there and want nothing. */
#ifndef AZEKURA_BENCH_IDLE_H
#define AZEKURA_BENCH_IDLE_H

#include "bench/work.h"

/* Opens work->connections connections (over TLS: a handshake each, the certificate unchecked), asks
 * once on each, holds them for work->duration_ns, and prints the resident memory of the processes
 * before, while and after. Returns the exit status. */
int idle_run(const struct work *work, bool tls, const pid_t *pids, size_t pid_count, bool json);

#endif
