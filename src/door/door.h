/* The door: DATA/azekura.sock, by which commands reach the store. JSON over HTTP on a Unix socket, both
 * ends of it; where no server runs the same methods run in the command itself.
 *
 * A method reads a request, does one act of the gate and writes what came of it: who may, and what is
 * recorded, is the gate's to say. Format and methods: docs/formats/door.md. */
#ifndef AZEKURA_DOOR_DOOR_H
#define AZEKURA_DOOR_DOOR_H

#include "base/base.h"

struct gate;
struct runtime;

/* The server's end; for the owner of the process and root alone (peer credentials).
 * FAIL_LIMIT: the socket's path would be over 107 bytes. */
struct door;
enum error_code door_open(struct gate *gate, struct runtime *runtime, const char *data_dir,
                          struct door **out, struct error *e) MUST_USE;
/* Calls under way have 5 s to end. NULL is fine. */
void door_close(struct door *door);

/* One call from a command: to the running server if there is one, else to the store in `data_dir`,
 * opened exclusively for the call. `request` and `*reply` are JSON objects, the reply in the arena.
 * `access_key` and `secret_key` name who comes; empty: whoever owns the process, as "local".
 * The error is the one the gate gave, and
 *   FAIL_NOT_FOUND      no store in data_dir, or no such method
 *   FAIL_SYNTAX         the request is no JSON
 *   FAIL_ACCESS_DENIED  the secret key is not that access key's */
struct door_call {
    const char *data_dir;
    str method; /* "user/add", "prove" …: docs/formats/door.md */
    str request;
    str access_key, secret_key;
};
enum error_code door_call(const struct door_call *call, struct arena *arena, str *reply,
                          struct error *e) MUST_USE;

#endif
