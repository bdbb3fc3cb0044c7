/* Landmarks: the challenger, the keyed responder at a known place, and the end of a store that
 * answers them. The protocol itself is locproof's; here are sockets, clocks, keys.
 *
 *   challenge  a landmark asks a store for drawn pieces, times the answers, signs what it saw
 *   serve      a landmark answers others who time it, and times them
 *   store      the store's end: sessions for landmarks that its site's row names, one each, a few at once
 *
 * Round trips are taken by CLOCK_MONOTONIC_RAW, which nobody steps or slews, around the whole of a
 * round, or until the kernel's own stamp of the last datagram where there is one: whatever the machine
 * adds makes the bound wider, never narrower.
 * Source: docs/formats/locproof.md; clock_gettime(2), SO_TIMESTAMPING. */
#ifndef AZEKURA_LANDMARK_LANDMARK_H
#define AZEKURA_LANDMARK_LANDMARK_H

#include "base/base.h"
#include "base/runtime.h"
#include "gate/gate.h"
#include "locproof/locproof.h"

/* ---- keys ---- */

/* Makes a key of that name and writes it to `path` (0600), which must not be there. FAIL_EXISTS. */
enum error_code landmark_key_make(const char *path, str name, struct tlog_vkey *out,
                                  struct error *e) MUST_USE;
/* FAIL_NOT_FOUND, FAIL_SYNTAX. The caller wipes it. */
enum error_code landmark_key_load(const char *path, struct tlog_signer *out,
                                  struct error *e) MUST_USE;

/* ---- others ---- */

struct landmark_peer {
    struct tlog_vkey key;
    struct net_address address;
};
/* "VKEY@ADDR:PORT". FAIL_SYNTAX, FAIL_USAGE. */
enum error_code landmark_peer_read(str text, struct landmark_peer *out, struct error *e) MUST_USE;

/* What timing a peer gave: the least of a few round trips, and what it signed about itself. */
struct landmark_timed {
    bool answered;
    int64_t rtt_ns;
    struct locproof_said said; /* views into `note` */
    char note[LOCPROOF_TEXT_BYTES];
    char problem[160]; /* closed: why it did not */
};
/* Blocks for at most some two seconds. `out` must not move. */
void landmark_time(const struct landmark_peer *peer, struct landmark_timed *out);

/* Landmarks held against each other: this one, number 0, and its peers, those that answered. dropped[i]
 * and *disputed as locproof_drop has them. */
void landmark_judge(const struct locproof_place *own, str name, const struct landmark_timed *timed,
                    size_t count, bool dropped[LOCPROOF_PEERS_MAX + 1], bool *disputed);

/* ---- serve ---- */

struct landmark_server;
struct landmark_server_options {
    const struct tlog_signer *signer; /* borrowed, as all here */
    struct locproof_place place;
    struct net_address address;
    const struct landmark_peer *peers;
    size_t peer_count;
    int64_t every_ns; /* how often peers are timed */
    /* Told after each round over the peers, on a thread of its own; NULL: nobody. */
    void (*round)(void *self, const struct landmark_timed *timed, size_t count, const bool *dropped,
                  bool disputed);
    void *self;
};
enum error_code landmark_server_open(const struct landmark_server_options *options,
                                     struct landmark_server **out, struct error *e) MUST_USE;
struct net_address landmark_server_address(const struct landmark_server *server);
void landmark_server_close(struct landmark_server *server); /* NULL is fine */

/* ---- a store's end ---- */

struct landmark_store;
enum error_code landmark_store_open(struct gate *gate, const struct net_address *address,
                                    struct landmark_store **out, struct error *e) MUST_USE;
struct net_address landmark_store_address(const struct landmark_store *store);
/* Ends the sessions under way. Before gate_close. NULL is fine. */
void landmark_store_close(struct landmark_store *store);

/* ---- challenge ---- */

struct landmark_challenge {
    const struct tlog_signer *signer;
    bool has_place;              /* false: as the store's register says; then no peers */
    struct locproof_place place; /* where this landmark stands */
    struct net_address store;
    str site;
    uint32_t rounds;                /* pieces wanted: 1 .. LOCPROOF_ROUNDS_MAX */
    const struct tlog_vkey *ledger; /* the store's ledger, if known; NULL: as the store says */
    const struct landmark_peer *peers;
    size_t peer_count;
    int64_t round_ns; /* a round without a whole answer after so long is lost; 0: one second */
    void (*progress)(void *self, uint32_t done, uint32_t all);
    void *progress_self;
};
struct landmark_found {
    struct locproof_report report; /* in the arena, as the rest */
    str note, transcript;          /* the report signed; what it is about */
    bool recorded;
    str receipt;                          /* of the entry; where it was not recorded, why not */
    const struct landmark_timed *timed;   /* a peer each */
    bool dropped[LOCPROOF_PEERS_MAX + 1]; /* by landmark_judge */
    bool disputed;
};
/* Blocks. What a store does wrong is a verdict; an error is that no session came about, or broke off
 * before there was anything to judge:
 *   FAIL_TIMEOUT        nobody answers there
 *   FAIL_ACCESS_DENIED  the site's row does not name this landmark with this key
 *   FAIL_REFUSED        the store's rules refuse the session; the message names the clause
 *   FAIL_BUSY           it has been with others for half a minute, as many as it takes at once
 *   FAIL_PROOF          its checkpoint is not signed by the ledger that was named */
enum error_code landmark_challenge(const struct landmark_challenge *challenge, struct arena *arena,
                                   struct landmark_found *out, struct error *e) MUST_USE;

#endif
