/* The door: local commands reach a running server through DATA/azekura.sock, and open DATA
 * themselves when none runs; the same functions serve both. Format: docs/formats/door.md. */
#include "door/door.h"

#include "door/methods.h"
#include "http/http.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { DOOR_BODY_BYTES = 1 << 20, DOOR_SPACE_BYTES = 64 << 20 };
#define DOOR_TIME_NS ((int64_t)24 * 3600 * NS_PER_S) /* an export of a large store takes hours */

struct door {
    struct gate *gate;
    struct http_server *server;
};

/* ---- one call, wherever it runs ---- */

static enum error_code visitor_admit(struct gate_visit *visit, str access_key, str secret_key,
                                     struct error *e) {
    str secret;
    if (access_key.len == 0) {
        gate_visit_local(visit);
        return OK;
    }
    TRY(gate_visit_key(visit, access_key, &secret, e));
    if (!str_equal_secret(secret, secret_key))
        return error_set(e, FAIL_ACCESS_DENIED, "the secret key is not that access key's");
    return gate_visit_admit(visit, e);
}

static enum error_code call_run(struct gate *gate, str method, str request, str access_key,
                                str secret_key, struct arena *arena, str *reply, struct error *e) {
    struct gate_visit visit = {.request_id = STR("local")};
    json_error_t where;
    json_t *in = json_loadb(request.at, request.len, JSON_REJECT_DUPLICATES, &where);
    if (in == NULL)
        return error_set(e, FAIL_SYNTAX, "the request is not JSON: line %d: %s", where.line,
                         where.text);
    json_t *out = json_object();
    gate_visit_begin(gate, &visit, arena);
    enum error_code code = visitor_admit(&visit, access_key, secret_key, e);
    if (code == OK) code = door_handle(&visit, method, in, out, e);
    gate_visit_end(&visit);
    if (code == OK) {
        char *text = json_dumps(out, JSON_COMPACT);
        code = text == NULL ? error_set(e, FAIL_MEMORY, "no room for the answer")
                            : arena_copy(arena, str_from_c(text), reply, e);
        free(text);
    }
    json_decref(in);
    json_decref(out);
    return code;
}

/* ---- the server's side ---- */

struct serving {
    struct door *door;
    struct http_exchange *x;
    str request, reply;
    struct arena arena;
    enum error_code code;
    struct error error;
};

/* On a worker: compiling rules and writing exports block. */
static void serve_call(void *argument) {
    struct serving *s = argument;
    str access_key = STR_EMPTY, secret_key = STR_EMPTY;
    http_header_find(s->x, STR("x-azekura-access-key"), &access_key);
    http_header_find(s->x, STR("x-azekura-secret-key"), &secret_key);
    s->code = call_run(s->door->gate, str_skip(s->x->head.path, 1), s->request, access_key,
                       secret_key, &s->arena, &s->reply, &s->error);
}

static enum error_code body_take(struct serving *s, struct error *e) {
    char *memory = arena_bytes(&s->arena, DOOR_BODY_BYTES);
    size_t len = 0, got = 1;
    if (memory == NULL) return error_set(e, FAIL_MEMORY, "no room for a request");
    while (got > 0) {
        if (len == DOOR_BODY_BYTES)
            return error_set(e, FAIL_LIMIT, "the request is over %d bytes", DOOR_BODY_BYTES);
        TRY(http_body_read(s->x, memory + len, DOOR_BODY_BYTES - len, &got, e));
        len += got;
    }
    s->request = str_of(memory, len);
    return OK;
}

static enum error_code fault_write(struct serving *s, struct error *e) {
    char memory[ERROR_MESSAGE_BYTES * 3], text[ERROR_MESSAGE_BYTES + 512];
    struct text out = text_into(memory, sizeof memory);
    text_format(&out, "{\"code\":\"%s\",\"message\":", error_name(s->code));
    text_add_json(&out, str_from_c(error_text(&s->error, text, sizeof text)));
    text_add_char(&out, '}');
    return arena_copy(&s->arena, text_str(&out), &s->reply, e);
}

static bool peer_is_owner(const struct http_exchange *x) {
    uint32_t user, group;
    int32_t process;
    return http_peer_user(x, &user, &group, &process) && (user == 0 || user == (uint32_t)geteuid());
}

static void door_serve(void *self, struct http_exchange *x) {
    static const struct http_header json = {{"content-type", 12}, {"application/json", 16}};
    struct serving s = {.door = self, .x = x};
    struct arena_space space;
    struct error e;
    if (arena_space_open(&space, DOOR_SPACE_BYTES, &s.arena, &s.error) != OK) return;
    if (!peer_is_owner(x))
        s.code =
            error_set(&s.error, FAIL_ACCESS_DENIED, "the socket is for the store's owner and root");
    else
        s.code = body_take(&s, &s.error);
    if (s.code == OK) worker_do(serve_call, &s);
    if (s.code != OK && fault_write(&s, &e) != OK) s.reply = STR("{}");
    error_ignore(
        http_reply_send(x, s.code == OK ? 200 : error_http_status(s.code), &json, 1, s.reply, &e));
    memory_wipe(space.at, s.reply.len > 0 ? (size_t)(s.arena.next - (unsigned char *)space.at) : 0);
    arena_space_release(&space);
}

static enum error_code socket_path(const char *data_dir, char path[108], struct error *e) {
    int used = snprintf(path, 108, "%s/azekura.sock", data_dir);
    if (used > 0 && used < 108) return OK;
    return error_set(e, FAIL_LIMIT,
                     "the socket's path %s/azekura.sock is over 107 bytes; use a shorter "
                     "data folder",
                     data_dir);
}

enum error_code door_open(struct gate *gate, struct runtime *runtime, const char *data_dir,
                          struct door **out, struct error *e) {
    char path[108];
    struct door *door = calloc(1, sizeof *door);
    if (door == NULL) return error_set(e, FAIL_MEMORY, "no room for the door");
    door->gate = gate;
    enum error_code code = socket_path(data_dir, path, e);
    if (code == OK) {
        struct http_server_options options = {
            .unix_path = str_from_c(path), .serve = door_serve, .self = door};
        unlink(path); /* of a server that was killed: the data's lock is ours */
        code = http_server_open(runtime, &options, &door->server, e);
    }
    if (code != OK) {
        free(door);
        return code;
    }
    *out = door;
    return OK;
}

void door_close(struct door *door) {
    struct error e;
    if (door == NULL) return;
    error_ignore(http_server_drain(door->server, clock_steady_ns() + 5 * NS_PER_S, &e));
    http_server_close(door->server);
    free(door);
}

/* ---- the command's side ---- */

static enum error_code code_of_name(str name) {
    for (unsigned i = 1; i < ERROR_CODE_COUNT; i++)
        if (str_equal(name, str_from_c(error_name((enum error_code)i)))) return (enum error_code)i;
    return FAIL_INTERNAL;
}

static enum error_code call_over_socket(const struct door_call *call, const char *path,
                                        struct arena *arena, str *reply, struct error *e) {
    struct http_client *client;
    struct http_client_options options = {.without_tls = true};
    struct http_header headers[] = {{STR("x-azekura-access-key"), call->access_key},
                                    {STR("x-azekura-secret-key"), call->secret_key}};
    struct http_response_head head;
    str url;
    TRY(arena_format(arena, &url, e, "http://localhost/%.*s", STR_FMT(call->method)));
    struct http_client_request request = {.method = HTTP_POST,
                                          .url = url,
                                          .unix_path = str_from_c(path),
                                          .headers = headers,
                                          .header_count = call->access_key.len > 0 ? 2 : 0,
                                          .body = call->request,
                                          .deadline_ns = clock_steady_ns() + DOOR_TIME_NS};
    TRY(http_client_open(&options, &client, e));
    enum error_code code =
        http_client_fetch(client, &request, DOOR_BODY_BYTES * 8, arena, &head, reply, e);
    http_client_close(client);
    if (code != OK || head.status == 200) return code;
    json_t *fault = json_loadb(reply->at, reply->len, 0, NULL);
    const char *name = json_string_value(json_object_get(fault, "code"));
    const char *message = json_string_value(json_object_get(fault, "message"));
    code = error_set(e, code_of_name(str_from_c(name)), "%s",
                     message != NULL ? message : "the server gave no reason");
    json_decref(fault);
    return code;
}

static bool someone_listens(const char *path) {
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return false;
    assert(strlen(path) < sizeof at.sun_path);
    memcpy(at.sun_path, path, strlen(path));
    bool listens = connect(fd, (struct sockaddr *)&at, sizeof at) == 0;
    close(fd);
    return listens;
}

enum error_code door_call(const struct door_call *call, struct arena *arena, str *reply,
                          struct error *e) {
    char path[108];
    struct stat about;
    struct gate *gate;
    TRY(socket_path(call->data_dir, path, e));
    if (someone_listens(path)) return call_over_socket(call, path, arena, reply, e);
    if (stat(call->data_dir, &about) != 0 && errno != ENOENT)
        return error_set_errno(e, errno, "cannot reach the store in \"%s\"", call->data_dir);
    if (stat(call->data_dir, &about) != 0)
        return error_set(e, FAIL_NOT_FOUND, "there is no store in \"%s\"", call->data_dir);
    struct gate_options options = {
        .data_dir = call->data_dir, .dmi_dir = "off", .metadata_url = "off", .is_command = true};
    TRY(gate_open(&options, &gate, e));
    enum error_code code = call_run(gate, call->method, call->request, call->access_key,
                                    call->secret_key, arena, reply, e);
    gate_close(gate);
    return code;
}
