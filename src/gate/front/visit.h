/* A visit: one request. Who asks, from where, and what is in force for it; each act answers with what was
 * decided and the receipt of its entry. */
#ifndef AZEKURA_GATE_FRONT_VISIT_H
#define AZEKURA_GATE_FRONT_VISIT_H

#include "base/base.h"
#include "base/runtime.h"

struct gate;

struct gate_visit {
    struct gate *gate;
    struct arena *arena; /* the request's: answers live in it */
    str request_id;
    struct net_address peer; /* the other end of the socket */
    str forwarded_for;       /* X-Forwarded-For as it came; believed of trusted proxies only */
    str purpose;             /* act.purpose; empty: none stated */
    const struct gate_world *world;    /* inner: what is in force for this visit */
    unsigned world_slot;               /* inner */
    const void *user;                  /* inner: the identity's user, once vouched for */
    const void *over;                  /* inner: the same of an inspector whose time has ended */
    const struct facts_reader *reader; /* inner: found at the first decision */
    str who, address;                  /* inner: hidden fields, made at the first record */
    str access_key;
    struct arena_space long_space; /* inner: facts too long for the request's arena; at need */
    struct arena long_facts;
};

/* Takes what is in force now; the caller has set request_id, peer, forwarded_for and purpose, or
 * sets them before the first question. Ends with gate_visit_end, whatever happens between. */
void gate_visit_begin(struct gate *gate, struct gate_visit *visit, struct arena *arena);
void gate_visit_end(struct gate_visit *visit);

/* Who says to come: looks up an access key and gives its secret for checking a signature. The
 * visitor counts as that key's user only after gate_visit_vouch (the signature held).
 * FAIL_ACCESS_KEY: unknown or disabled. *secret is valid until gate_visit_end; wipe copies. */
enum error_code gate_visit_key(struct gate_visit *visit, str access_key, str *secret,
                               struct error *e) MUST_USE;
void gate_visit_vouch(struct gate_visit *visit);
/* The same, for who signs in: FAIL_ACCESS_DENIED says when an inspector's time ended. */
enum error_code gate_visit_admit(struct gate_visit *visit, struct error *e) MUST_USE;
/* The user id of a vouched visitor; empty: anonymous. */
str gate_visit_user(const struct gate_visit *visit);

enum gate_effect { GATE_ALLOW, GATE_WARN, GATE_REFUSE };
struct gate_answer {
    bool decided; /* the rulebook was asked */
    enum gate_effect effect;
    str clauses;    /* "rulebook/clause rulebook/clause", those that spoke; may be empty */
    str receipt;    /* "ORIGIN#INDEX" or "ORIGIN#FIRST-LAST"; empty: no entry */
    bool of_source; /* what failed is the source of a copy, not its target */
};

/* Whoever sits at the machine and owns the process (peer credentials of the Unix socket, or the
 * command that opened DATA itself) comes as the user "local" from 127.0.0.1, who may administer,
 * inspect and read, by the same rules as any reader. */
void gate_visit_local(struct gate_visit *visit);

#endif
