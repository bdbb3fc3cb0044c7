/* One call: connect, send, read. A connection a call: those we ask (witnesses, a local socket,
 * probes) are asked rarely, and a fresh connection has no half-dead states to reason about. */
#include "http/body.h"
#include "http/chars.h"
#include "http/http.h"
#include "http/tls.h"

#include <netdb.h>
#include <stdlib.h>

struct http_client {
    SSL_CTX *tls; /* NULL: without */
    bool verify;
};

struct http_client_wire {
    struct http_wire wire;
    struct http_input input;
    struct http_body_reader body;
    char input_memory[HTTP_INPUT_BYTES];
};

enum error_code http_client_open(const struct http_client_options *options,
                                 struct http_client **out, struct error *e) {
    char path[4096];
    bool own_ca = options->ca_path.len > 0;
    if (options->ca_path.len >= sizeof path)
        return error_set(e, FAIL_USAGE, "the path of the trusted certificates is too long");
    if (own_ca) memcpy(path, options->ca_path.at, options->ca_path.len);
    path[options->ca_path.len] = 0;
    struct http_client *client = calloc(1, sizeof *client);
    if (client == NULL) return error_set(e, FAIL_MEMORY, "no memory for a client");
    client->verify = !options->accept_anybody;
    enum error_code code = OK;
    if (!options->without_tls)
        code = tls_client_context(own_ca ? path : NULL, client->verify, &client->tls, e);
    if (code == OK)
        *out = client;
    else
        free(client);
    return code;
}

void http_client_close(struct http_client *client) {
    if (client == NULL) return;
    SSL_CTX_free(client->tls);
    free(client);
}

/* ---- connecting ---- */

enum { ADDRESSES_TRIED = 8 };

struct resolution {
    char host[256], port[6];
    struct net_address at[ADDRESSES_TRIED];
    size_t count;
    int failed; /* of getaddrinfo */
};

static void resolve_run(void *argument) { /* blocks: on a worker */
    struct resolution *r = argument;
    struct addrinfo want = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG}, *found = NULL;
    r->failed = getaddrinfo(r->host, r->port, &want, &found);
    if (r->failed != 0) return;
    for (struct addrinfo *a = found; a != NULL && r->count < ADDRESSES_TRIED; a = a->ai_next) {
        r->at[r->count].len = a->ai_addrlen;
        memcpy(&r->at[r->count++].at, a->ai_addr, a->ai_addrlen);
    }
    freeaddrinfo(found);
}

/* Numbers need no resolver, and with AI_ADDRCONFIG it would refuse some of them. */
static bool resolve_number(const struct http_url *url, struct resolution *r) {
    char memory[300];
    struct text t = text_into(memory, sizeof memory);
    size_t at;
    bool six = str_find_char(url->host, ':', &at);
    text_format(&t, six ? "[%.*s]:%.*s" : "%.*s:%.*s", STR_FMT(url->host), STR_FMT(url->port));
    if (t.overflow || net_address_read(text_str(&t), &r->at[0], NULL) != OK) return false;
    r->count = 1;
    return true;
}

static enum error_code resolve(const struct http_url *url, struct resolution *r, struct error *e) {
    *r = (struct resolution){0};
    if (url->host.len >= sizeof r->host || url->port.len >= sizeof r->port)
        return error_set(e, FAIL_INVALID_URI, "the host's name is too long");
    if (resolve_number(url, r)) return OK;
    memcpy(r->host, url->host.at, url->host.len);
    memcpy(r->port, url->port.at, url->port.len);
    worker_do(resolve_run, r);
    if (r->failed != 0)
        return error_set(e, FAIL_NOT_FOUND, "no address for %s: %s", r->host,
                         gai_strerror(r->failed));
    return OK;
}

static enum error_code connect_any(const struct http_url *url, int64_t deadline_ns, int *fd,
                                   struct error *e) {
    struct resolution r;
    enum error_code code = FAIL_NOT_FOUND;
    TRY(resolve(url, &r, e));
    for (size_t i = 0; i < r.count && code != OK; i++)
        code = net_connect(&r.at[i], deadline_ns, fd, e);
    return code;
}

static enum error_code wire_open(struct http_client *client, const struct http_client_request *q,
                                 const struct http_url *url, struct http_wire *w, struct error *e) {
    bool local = q->unix_path.len > 0;
    if (url->tls && !local && client->tls == NULL)
        return error_set(e, FAIL_USAGE, "this client was opened without TLS");
    if (local)
        TRY(net_connect_unix(q->unix_path, q->deadline_ns, &w->fd, e));
    else
        TRY(connect_any(url, q->deadline_ns, &w->fd, e));
    if (!url->tls || local) return OK;
    enum error_code code =
        tls_connect(w, client->tls, url->host, client->verify, q->deadline_ns, e);
    if (code != OK) wire_close(w, true);
    return code;
}

/* ---- sending ---- */

static bool header_is_ours(str name) {
    static const str ours[] = {
        {"host", 4}, {"content-length", 14}, {"transfer-encoding", 17}, {"connection", 10}};
    for (size_t i = 0; i < COUNT_OF(ours); i++)
        if (str_equal_nocase(name, ours[i])) return true;
    return false;
}

static uint64_t body_length(const struct http_client_request *q) {
    return q->body_next != NULL ? q->body_length : q->body.len;
}

static bool method_wants_length(enum http_method method) { /* RFC 9110 section 8.6 */
    return method == HTTP_PUT || method == HTTP_POST;
}

static enum error_code compose_head(const struct http_client_request *q, const struct http_url *url,
                                    struct text *t, struct error *e) {
    uint64_t length = body_length(q);
    text_format(t, "%.*s %.*s HTTP/1.1\r\nHost: %.*s\r\nConnection: close\r\n",
                STR_FMT(http_method_name(q->method)), STR_FMT(url->target),
                STR_FMT(url->authority));
    if (length == HTTP_LENGTH_UNKNOWN)
        text_add(t, STR("Transfer-Encoding: chunked\r\n"));
    else if (length > 0 || method_wants_length(q->method))
        text_format(t, "Content-Length: %llu\r\n", (unsigned long long)length);
    for (size_t i = 0; i < q->header_count; i++) {
        const struct http_header *h = &q->headers[i];
        if (!http_header_name_is_valid(h->name) || header_is_ours(h->name) ||
            !http_header_value_is_valid(h->value))
            return error_set(e, FAIL_USAGE, "not a header a request may set: \"%.*s\"",
                             STR_FMT(h->name));
        text_format(t, "%.*s: ", STR_FMT(h->name));
        text_add(t, h->value);
        text_add(t, STR("\r\n"));
    }
    text_add(t, STR("\r\n"));
    if (t->overflow) return error_set(e, FAIL_LIMIT, "the head of the request is too long");
    return OK;
}

static enum error_code send_piece(const struct http_client_request *q, struct http_wire *w,
                                  str head, str piece, struct error *e) {
    return wire_send(w, head, piece, INT64_MAX, q->deadline_ns, e);
}

static enum error_code send_pieces(const struct http_client_request *q, struct http_wire *w,
                                   struct error *e) {
    bool chunked = q->body_length == HTTP_LENGTH_UNKNOWN;
    uint64_t left = q->body_length;
    for (;;) {
        char line[20];
        struct text size = text_into(line, sizeof line);
        str piece = STR_EMPTY;
        TRY(q->body_next(q->body_self, &piece, e));
        if (!chunked && (piece.len > left || (piece.len == 0 && left > 0)))
            return error_set(e, FAIL_USAGE, "the body is not as long as it was said to be");
        if (piece.len == 0) return chunked ? send_piece(q, w, STR("0\r\n\r\n"), STR_EMPTY, e) : OK;
        if (chunked) {
            text_format(&size, "%zx\r\n", piece.len);
            TRY(send_piece(q, w, text_str(&size), piece, e));
            TRY(send_piece(q, w, STR("\r\n"), STR_EMPTY, e));
        } else {
            left -= piece.len;
            TRY(send_piece(q, w, STR_EMPTY, piece, e));
        }
    }
}

static enum error_code send_request(const struct http_client_request *q, struct http_wire *w,
                                    str head, struct error *e) {
    TRY(send_piece(q, w, head, q->body_next != NULL ? STR_EMPTY : q->body, e));
    return q->body_next != NULL ? send_pieces(q, w, e) : OK;
}

/* ---- receiving ---- */

static enum error_code read_head(const struct http_client_request *q, struct http_client_wire *cw,
                                 struct http_response_head *head, struct error *e) {
    struct http_input *in = &cw->input;
    size_t head_bytes, got;
    for (;;) {
        TRY(http_response_head_parse(input_bytes(in), q->method == HTTP_HEAD, head, &head_bytes,
                                     e));
        if (head_bytes > 0) {
            in->from += head_bytes;
            if (head->status >= 200) break;
            continue; /* 1xx: another one follows */
        }
        if (in->from > 0) { /* what 1xx took */
            memmove(in->at, in->at + in->from, in->to - in->from);
            in->to -= in->from;
            in->from = 0;
        }
        TRY(wire_recv(&cw->wire, in->at + in->to, LIMIT_HEAD_BYTES - in->to, q->deadline_ns, &got,
                      e));
        if (got == 0) return error_set(e, FAIL_CLOSED, "the server closed without a reply");
        in->to += got;
    }
    in->floor = in->from;
    cw->body.pace = (struct http_pace){
        .pause_ns = INT64_MAX, .window_ns = INT64_MAX, .deadline_ns = q->deadline_ns};
    body_begin(&cw->body, &cw->wire, in, head->body, head->body_bytes);
    return OK;
}

static enum error_code exchange(const struct http_client_request *q, struct http_client_wire *cw,
                                str head, struct http_response_head *reply, struct error *e) {
    struct error none;
    enum error_code sent = send_request(q, &cw->wire, head, e);
    if (sent == OK) return read_head(q, cw, reply, e);
    /* A server that refuses early stops reading; its reply may be here all the same. */
    if (sent == FAIL_CLOSED && read_head(q, cw, reply, &none) == OK) return OK;
    return sent;
}

static enum error_code read_url(const struct http_client_request *q, struct http_url *url,
                                struct error *e) {
    if (q->unix_path.len == 0 || !str_starts(q->url, STR("/")))
        return http_url_parse(q->url, url, e);
    *url = (struct http_url){.authority = STR("localhost"), .target = q->url};
    if (!chars_are(q->url, CHAR_TARGET))
        return error_set(e, FAIL_INVALID_URI, "not a path that can be asked: %.*s",
                         STR_FMT(q->url));
    return OK;
}

enum error_code http_client_call(struct http_client *client,
                                 const struct http_client_request *request, struct arena *arena,
                                 struct http_client_reply *out, struct error *e) {
    struct http_url url;
    TRY(read_url(request, &url, e));
    struct http_client_wire *cw = arena_new(arena, struct http_client_wire, 1);
    struct arena scratch = *arena; /* the request's head is gone when the call returns */
    char *head_memory = arena_bytes(&scratch, LIMIT_HEAD_BYTES);
    if (cw == NULL || head_memory == NULL) return error_set(e, FAIL_MEMORY, "no room for a call");
    struct text head = text_into(head_memory, LIMIT_HEAD_BYTES);
    TRY(compose_head(request, &url, &head, e));
    cw->input = (struct http_input){.at = cw->input_memory, .cap = sizeof cw->input_memory};
    TRY(wire_open(client, request, &url, &cw->wire, e));
    enum error_code code = exchange(request, cw, text_str(&head), &out->head, e);
    if (code != OK) {
        wire_close(&cw->wire, false);
        return error_note(e, "http_client_call", "asking %.*s", STR_FMT(request->url));
    }
    out->wire = cw;
    return OK;
}

enum error_code http_client_read(struct http_client_reply *reply, void *bytes, size_t cap,
                                 size_t *got, struct error *e) {
    return body_read(&reply->wire->body, bytes, cap, got, e);
}

void http_client_reply_close(struct http_client_reply *reply) {
    wire_close(&reply->wire->wire, false);
    reply->wire = NULL;
}

static enum error_code read_all(struct http_client_reply *reply, size_t bytes_max,
                                struct arena *arena, str *body, struct error *e) {
    size_t cap = size_min(bytes_max, arena_left(arena)), used = 0, got = 1;
    char *to = arena_bytes(arena, cap), more;
    assert(to != NULL);
    while (got > 0 && used < cap) {
        TRY(http_client_read(reply, to + used, cap - used, &got, e));
        used += got;
    }
    if (got > 0) TRY(http_client_read(reply, &more, 1, &got, e));
    if (got > 0) return error_set(e, FAIL_LIMIT, "the reply is over %zu bytes", cap);
    arena->next = (unsigned char *)to + used; /* what was not needed goes back */
    *body = str_of(to, used);
    return OK;
}

enum error_code http_client_fetch(struct http_client *client,
                                  const struct http_client_request *request, size_t bytes_max,
                                  struct arena *arena, struct http_response_head *head, str *body,
                                  struct error *e) {
    struct http_client_reply reply;
    TRY(http_client_call(client, request, arena, &reply, e));
    enum error_code code = read_all(&reply, bytes_max, arena, body, e);
    http_client_reply_close(&reply);
    if (code == OK) *head = reply.head;
    return code;
}
