/* Inner: datagram sockets that block, and the clock for round trips. */
#ifndef AZEKURA_LANDMARK_INNER_H
#define AZEKURA_LANDMARK_INNER_H

#include "landmark/landmark.h"

/* CLOCK_MONOTONIC_RAW. */
int64_t landmark_raw_ns(void);

/* A moment by two clocks: the kernel stamps arrivals by the one that can be set. */
struct landmark_moment {
    int64_t raw_ns, wall_ns;
};
struct landmark_moment landmark_moment_now(void);

/* A socket bound to `address`, which gets the port given; NULL: of that family, for asking `to`. */
enum error_code landmark_socket_bind(struct net_address *address, int *fd,
                                     struct error *e) MUST_USE;
enum error_code landmark_socket_to(const struct net_address *to, int *fd, struct error *e) MUST_USE;
void landmark_socket_close(int fd);
/* `memory` holds what the message views. */
struct landmark_datagram {
    struct locproof_message message;
    struct net_address from;
    struct landmark_moment at; /* when it was read */
    int64_t stamped_wall_ns;   /* when the kernel took it from the network; 0: not said */
    unsigned char memory[LOCPROOF_DATAGRAM_BYTES + 1];
};
/* With what its message views. */
void landmark_datagram_copy(struct landmark_datagram *to, const struct landmark_datagram *from);
/* One datagram of at most LOCPROOF_DATAGRAM_BYTES, parsed; what does not parse is skipped. False: none
 * came until `deadline_ns` (raw clock). */
bool landmark_receive(int fd, int64_t deadline_ns, struct landmark_datagram *out);
/* The round trip since `sent`: until the kernel's stamp, so that no waiting for a core is in it; by the
 * raw clock alone where there is no stamp, or where the two clocks went apart on the way. */
int64_t landmark_rtt_ns(const struct landmark_moment *sent, const struct landmark_datagram *d);
/* `to` NULL: a connected socket. A datagram that cannot be sent is one that is lost. */
void landmark_send(int fd, const struct locproof_message *message, const struct net_address *to);

/* So many a second, and as many at once. */
struct landmark_bucket {
    int64_t tokens, at_ns;
};
bool landmark_bucket_take(struct landmark_bucket *bucket, int64_t a_second);

/* Asks the peer of report->peers[index] to cosign the report's transcript. False: it did not, or what it
 * signed is not about this report; `out` is untouched then. Blocks for at most some two seconds. */
bool landmark_cosign(const struct landmark_peer *peer, const struct tlog_signer *signer,
                     const struct locproof_report *report, size_t index,
                     struct locproof_cosigned *out);

/* What a store gives for LOCPROOF_HEAD: its ledger's verifier key, a line; the landmark's place by the
 * register, a line; then the checkpoint. */
enum { LANDMARK_HEAD_BYTES = 64 * 1024 };

#endif
