/* Calls to the door, from the command line. */
#include "app/reach/call.h"

#include "base/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CALL_SPACE_BYTES = 64 << 20, CREDENTIALS_BYTES = 4096 };

void command_fail(const char *command, const struct error *e) {
    char text[ERROR_MESSAGE_BYTES + 512];
    fprintf(stderr, "%s: %s\n", command, error_text(e, text, sizeof text));
}

void call_print_path(const char *path) {
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/-+:@";
    if (path[0] != 0 && path[strspn(path, plain)] == 0) {
        fputs(path, stdout);
        return;
    }
    putchar('\'');
    for (; *path != 0; path++)
        if (*path == '\'')
            fputs("'\\''", stdout);
        else
            putchar(*path);
    putchar('\'');
}

bool call_folder(const char *command, const char *dir, char out[4096]) {
    struct error e;
    enum error_code code = disk_make_dirs(AT_FDCWD, dir, 0700, &e);
    if (code == OK && (access(dir, W_OK) != 0 || realpath(dir, out) == NULL))
        code = error_set_errno(&e, errno, "cannot write to the folder \"%s\"", dir);
    if (code != OK) command_fail(command, &e);
    return code == OK;
}

enum error_code credentials_read(const char *path, struct arena *arena, str *access_key,
                                 str *secret_key, struct error *e) {
    str bytes, line;
    *access_key = *secret_key = STR_EMPTY;
    TRY(disk_file_read(AT_FDCWD, path, CREDENTIALS_BYTES, arena, &bytes, e));
    while (bytes.len > 0) {
        if (!str_cut(&bytes, '\n', &line)) {
            line = bytes;
            bytes = STR_EMPTY;
        }
        str name;
        line = str_trim(line);
        if (!str_cut(&line, '=', &name)) continue;
        if (str_equal(str_trim(name), STR("access_key"))) *access_key = str_trim(line);
        if (str_equal(str_trim(name), STR("secret_key"))) *secret_key = str_trim(line);
    }
    if (access_key->len > 0 && secret_key->len > 0) return OK;
    return error_set(e, FAIL_SYNTAX, "%s: expected lines access_key=… and secret_key=…", path);
}

bool call_begin(struct call *call, const char *command) {
    struct error e;
    call->command = command;
    call->request = json_object();
    if (arena_space_open(&call->space, CALL_SPACE_BYTES, &call->arena, &e) == OK) return true;
    command_fail(command, &e);
    return false;
}

void call_put(struct call *call, const char *name, const char *value) {
    if (value != NULL) json_object_set_new(call->request, name, json_string(value));
}

bool call_run(struct call *call, const char *method) {
    struct door_call door = {.data_dir = call->data != NULL ? call->data : "./data",
                             .method = str_from_c(method)};
    struct error e = {0};
    str reply = STR_EMPTY;
    enum error_code code = OK;
    struct arena arena = call->arena; /* by copy: a command may call a thousand times */
    char *text = json_dumps(call->request, JSON_COMPACT);
    if (text == NULL) code = error_set(&e, FAIL_USAGE, "an argument is not UTF-8");
    door.request = str_from_c(text);
    if (code == OK && call->credentials != NULL)
        code = credentials_read(call->credentials, &arena, &door.access_key, &door.secret_key, &e);
    if (code == OK) code = door_call(&door, &arena, &reply, &e);
    free(text);
    if (code == OK) {
        call->reply = json_loadb(reply.at, reply.len, 0, NULL);
        if (call->reply == NULL) code = error_set(&e, FAIL_INTERNAL, "the answer is not JSON");
    }
    if (code == OK) return true;
    command_fail(call->command, &e);
    return false;
}

void call_end(struct call *call) {
    json_decref(call->request);
    json_decref(call->reply);
    arena_space_release(&call->space);
}

const char *call_text(const struct call *call, const char *name) {
    const char *text = json_string_value(json_object_get(call->reply, name));
    return text != NULL ? text : "";
}

const char *call_row_text(const json_t *row, const char *name, const char *without) {
    const char *text = json_string_value(json_object_get(row, name));
    return text != NULL && text[0] != 0 ? text : without;
}

bool call_wants_json(const struct call *call) {
    return call->format != NULL && strcmp(call->format, "json") == 0;
}

void call_print_json(const struct call *call) {
    json_dumpf(call->reply, stdout, JSON_INDENT(2));
    printf("\n");
}

int call_change(struct call *call, const char *method, const char *said) {
    bool done = call_run(call, method);
    if (done && call_wants_json(call))
        call_print_json(call);
    else if (done)
        printf("%s%s%s (entry %s)\n", said, call_text(call, "id")[0] != 0 ? " " : "",
               call_text(call, "id"), call_text(call, "receipt"));
    call_end(call);
    return done ? 0 : 1;
}
