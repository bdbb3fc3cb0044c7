/* Inner: what commands share: composing a call to the door, and saying what went wrong. */
#ifndef AZEKURA_APP_CALL_H
#define AZEKURA_APP_CALL_H

#include "app/options.h"
#include "door/door.h"

#include <jansson.h>

struct call {
    const char *command; /* for messages */
    const char *data;    /* --data */
    const char *credentials;
    const char *format;      /* --format: text or json */
    json_t *request, *reply; /* given back by call_end */
    struct arena_space space;
    struct arena arena;
};
/* The options every such command has; `extra` come first. */
#define CALL_OPTIONS(call)                                                                         \
    {"data", OPTION_TEXT, &(call).data, "DIR", "folder of the store (./data)"},                    \
        {"credentials", OPTION_TEXT, &(call).credentials, "FILE",                                  \
         "come as this key: lines access_key=…, secret_key=… (else as the store's owner)"},        \
    {                                                                                              \
        "format", OPTION_TEXT, &(call).format, "text|json", "how to answer (text)"                 \
    }

/* Prepares an empty request. false: a message was printed. */
bool call_begin(struct call *call, const char *command);
void call_put(struct call *call, const char *name, const char *value); /* NULL: leaves it out */
/* Calls. On false the message was printed and the exit code is 1. */
bool call_run(struct call *call, const char *method);
void call_end(struct call *call);
/* A text of the reply; "" when it is not there. */
const char *call_text(const struct call *call, const char *name);
/* A text of a row; `without` where it is not there or empty. */
const char *call_row_text(const json_t *row, const char *name, const char *without);
bool call_wants_json(const struct call *call);
void call_print_json(const struct call *call);
/* Calls what changes one thing, says "SAID ID (entry RECEIPT)" or the reply as JSON, and ends: the exit
 * code. */
int call_change(struct call *call, const char *method, const char *said);
/* A folder that may not exist yet, made and made absolute: a running server has another working
 * folder. false: a message was printed. */
bool call_folder(const char *command, const char *dir, char out[4096]);
/* Prints a path as a shell takes it back: quoted where it has more than letters, digits and ._/-+:@. */
void call_print_path(const char *path);
/* Prints an error as every command does. */
void command_fail(const char *command, const struct error *e);

/* Lines access_key=… and secret_key=… of a file; FAIL_SYNTAX names what is missing. */
enum error_code credentials_read(const char *path, struct arena *arena, str *access_key,
                                 str *secret_key, struct error *e) MUST_USE;

#endif
