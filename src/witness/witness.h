/* A witness: somebody other than the operator, who remembers one checkpoint of each log and cosigns
 * a newer one only when it is consistent with that. So a log cannot show one history to one reader
 * and another to the next, as long as one honest witness has to have signed.
 *
 * Three layers: the witness itself (bodies in, answers out), its HTTP server, its command.
 * Source: c2sp.org/tlog-witness, c2sp.org/tlog-cosignature. */
#ifndef AZEKURA_WITNESS_WITNESS_H
#define AZEKURA_WITNESS_WITNESS_H

#include "base/base.h"
#include "base/runtime.h"
#include "tlog/tlog.h"

enum {
    WITNESS_LOGS_MAX = 256,
    WITNESS_ANSWER_BYTES = 24 * 1024, /* of arena that one call needs at most */
};

struct witness;
struct witness_options {
    const char *key_path;    /* a signer key, docs/formats/witness.md */
    const char *const *logs; /* verifier keys of the logs to cosign; a name may stand twice, while
                              * its key is being replaced */
    size_t log_count;        /* 1..WITNESS_LOGS_MAX */
    const char *state_dir;   /* made when missing; of this witness alone */
};

/* Reads key and state. Nothing is copied from `options` by reference.
 *   FAIL_LOCKED   another process owns the state
 *   FAIL_CORRUPT  a state file is not a checkpoint of its log, signed by one of its keys
 *   FAIL_SYNTAX, FAIL_VERSION, FAIL_PROOF   a key; FAIL_LIMIT: too many logs; FAIL_NOT_FOUND */
enum error_code witness_open(const struct witness_options *options, struct witness **out,
                             struct error *e) MUST_USE;
void witness_close(struct witness *witness); /* no call may be under way; NULL is fine */
const struct tlog_vkey *witness_vkey(const struct witness *witness);

struct witness_answer {
    int status; /* as the specification says, below */
    str content_type, body;
};
/* One add-checkpoint request. Answers, in this order of checking:
 *   400  not a request or a checkpoint, or old size over the new one
 *   404  a log nobody named, 403  not signed by it, or a line of its key that fails
 *   409  old size is not what was cosigned last; the body is that size, type text/x.tlog.size
 *   422  the proof does not hold, other roots at one size, size 0 without the empty root
 *   200  the cosignature line; the new checkpoint is durable before this returns
 * An error (FAIL_SYSTEM, FAIL_DISK_FULL …) means that nothing was cosigned.
 * Calls for one log wait for each other: from fibers of one reactor, or from one plain thread.
 * Parks. */
enum error_code witness_add_checkpoint(struct witness *witness, str body, struct arena *arena,
                                       struct witness_answer *out, struct error *e) MUST_USE;
/* The latest cosigned checkpoint of the log whose origin has this lower-case hex SHA-256, 200; else
 * 404. Parks. */
enum error_code witness_checkpoint(struct witness *witness, str origin_hex, struct arena *arena,
                                   struct witness_answer *out, struct error *e) MUST_USE;

/* A new signer key of type 0x04 in a file of mode 0600. FAIL_EXISTS: there is one; FAIL_SYNTAX: not
 * a key name. */
enum error_code witness_key_generate(const char *path, str name, struct tlog_vkey *out,
                                     struct error *e) MUST_USE;

/* ---- over HTTP: POST /add-checkpoint, GET /<hex>/checkpoint */

struct witness_server;
/* `runtime` has to have one reactor (FAIL_USAGE): the locks are of fibers. Both are borrowed. */
enum error_code witness_server_open(struct witness *witness, struct runtime *runtime,
                                    const struct net_address *listen, struct witness_server **out,
                                    struct error *e) MUST_USE;
struct net_address witness_server_address(const struct witness_server *server);
void witness_server_close(struct witness_server *server); /* requests under way are finished */

/* `azekura witness …`: words, key, server, until INT or TERM. Returns the exit status: 0, 1 when
 * it cannot serve, 2 for wrong words. argv[0] is the command's name. */
int witness_command(int argc, char **argv);

#endif
