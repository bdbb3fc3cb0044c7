/* Datagrams, byte for byte: "azkL", version, kind, then the kind's fields, big-endian.
 *
 * No amplification: until a source address has been shown to be the sender's (the cookie), no
 * answer is longer than what it answers, since HELLO, PING, ASK and COSIGN are padded to the longest
 * datagram there is. Only a session, which a registered landmark's signature opened, gets pieces.
 *
 *   landmark                                     store
 *   HELLO nonce hash, padded                 -> 
 *                                            <-  COOKIE of this address, hash and minute
 *   OPEN cookie, note: landmark, site, ...   ->  (asks the gate)
 *                                            <-  COMMIT session, nonce, size of the head   | REFUSED
 *   FETCH head, fragment                     ->
 *                                            <-  GIVE
 *   CHALLENGE number, draw                   ->  timed: one reading, no cipher
 *                                            <-  PIECE x 1..4                              | NONE
 *   REVEAL nonce                             ->
 *                                            <-  REVEALED
 *   FETCH shown, number, fragment            ->
 *                                            <-  GIVE
 *   RESULT fragment of the signed report     ->  (becomes an entry)
 *                                            <-  TAKEN
 *
 *   landmark                                     another landmark
 *   PING nonce, padded                       ->
 *                                            <-  PONG nonce, answer
 *   ASK nonce, padded                        ->
 *                                            <-  SAID note: who, where, that answer, its own timings
 *   COSIGN note: who, where, a transcript, padded -> 
 *                                            <-  SEEN note: how far that landmark seems from here
 */
#ifndef AZEKURA_LOCPROOF_MESSAGE_H
#define AZEKURA_LOCPROOF_MESSAGE_H

#include "locproof/draw.h"

enum {
    LOCPROOF_DATAGRAM_BYTES = 1232, /* fits IPv6's least link whole. Source: RFC 8200 section 5 */
    LOCPROOF_FRAGMENT_BYTES = 1024, /* data in one: a piece is four */
    LOCPROOF_COOKIE_BYTES = 16,
    LOCPROOF_TEXT_BYTES = 1100, /* a note, or a reason, in one datagram */
};

enum locproof_kind {
    LOCPROOF_HELLO = 1,
    LOCPROOF_COOKIE,
    LOCPROOF_OPEN,
    LOCPROOF_COMMIT,
    LOCPROOF_FETCH,
    LOCPROOF_GIVE,
    LOCPROOF_CHALLENGE,
    LOCPROOF_PIECE,
    LOCPROOF_NONE,
    LOCPROOF_REVEAL,
    LOCPROOF_REVEALED,
    LOCPROOF_RESULT,
    LOCPROOF_TAKEN,
    LOCPROOF_REFUSED,
    LOCPROOF_PING,
    LOCPROOF_PONG,
    LOCPROOF_ASK,
    LOCPROOF_SAID,
    LOCPROOF_COSIGN,
    LOCPROOF_SEEN,
    LOCPROOF_KIND_LAST = LOCPROOF_SEEN
};

/* Why a draw gave no piece. All but the last are no fault by themselves: what was drawn is shown. */
enum locproof_why {
    LOCPROOF_NO_BODY = 1, /* the entry stored nothing */
    LOCPROOF_GONE,        /* it did, and that version has been removed or written over since */
    LOCPROOF_UNTOLD,      /* its opening was destroyed: nobody can tell which version it was */
    LOCPROOF_UNREADABLE,  /* the version is there and its bytes are not: a failure */
    LOCPROOF_WHY_LAST = LOCPROOF_UNREADABLE
};
enum locproof_what { LOCPROOF_HEAD = 1, LOCPROOF_SHOWN };
enum locproof_taken { LOCPROOF_MORE = 1, LOCPROOF_RECORDED, LOCPROOF_DECLINED };
/* Why no session: of these only BUSY is worth another try. */
enum locproof_refusal {
    LOCPROOF_UNKNOWN_LANDMARK = 1,
    LOCPROOF_BUSY,
    LOCPROOF_BY_RULE,
    LOCPROOF_BAD
};
/* On what the pieces lie, as the store says. */
enum locproof_medium {
    LOCPROOF_MEDIUM_UNKNOWN,
    LOCPROOF_ROTATING,
    LOCPROOF_SOLID,
    LOCPROOF_MEMORY
};
const char *locproof_medium_name(enum locproof_medium medium); /* "unknown" "hdd" "ssd" "memory" */
bool locproof_medium_find(str name, enum locproof_medium *out);

/* Fields of all kinds; which of them a kind has, message.c says in one table. */
struct locproof_message {
    enum locproof_kind kind;
    uint64_t session;
    digest hash;                 /* H(landmark's nonce): HELLO COOKIE OPEN COMMIT REFUSED */
    struct locproof_nonce nonce; /* COMMIT: the store's; REVEAL: the landmark's; PING PONG ASK */
    struct locproof_nonce other; /* PONG: what the other made of it */
    unsigned char cookie[LOCPROOF_COOKIE_BYTES];
    uint32_t number;           /* of the round: CHALLENGE PIECE NONE FETCH GIVE */
    uint32_t fragment;         /* FETCH GIVE PIECE RESULT TAKEN */
    uint32_t total;            /* bytes of the whole: COMMIT (head) GIVE PIECE RESULT COSIGN */
    uint32_t service_us;       /* how long the store read, as it says: PIECE NONE */
    struct locproof_draw draw; /* CHALLENGE */
    uint8_t code;              /* enum of what, why, taken, refusal or medium, by kind */
    str bytes;                 /* data or text; a view into the datagram */
};

/* Writes one datagram; HELLO, PING, ASK and COSIGN come out padded. Asserts what the caller chooses: the
 * kind, that `bytes` fit. */
str locproof_message_write(const struct locproof_message *message,
                           unsigned char out[LOCPROOF_DATAGRAM_BYTES]);
/* FAIL_SYNTAX: not one of ours, cut, too long, a number out of its range. FAIL_VERSION: another
 * version. *out is untouched then. One datagram has one meaning: writing it again gives its bytes. */
enum error_code locproof_message_read(str datagram, struct locproof_message *out,
                                      struct error *e) MUST_USE;

/* Bytes of fragment `number` of a whole of `total`: 0 .. LOCPROOF_FRAGMENT_BYTES. */
size_t locproof_fragment_bytes(uint32_t total, uint32_t number);
/* How many a whole has: one even of no bytes. */
uint32_t locproof_fragment_count(uint32_t total);

#endif
