/* What a row says, word by word:
 *   A=ADDR  AAAA=ADDR  PTR=NAME  CNAME=NAME   a record of the name that was last told; after CNAME= that is its target
 *   OWNER=NAME                                the name that the next records are of
 *   RCODE=N  SOA                              of the reply; a SOA in its authority section
 *   DROP  DROP-FIRST                          no reply; none to the first question for it
 *   TC                                        over UDP only "truncated"
 *   WRONG-ID  WRONG-NAME                      such a reply goes before the right one
 *   CIRCLE  SHORT  EMPTY                      an owner that points to itself; cut within a record; no bytes but a header
 *   MANY=N                                    so many A records
 *   NEXT                                      CNAME of the name with a number one higher: c3.test to c4.test
 * A record whose type is not asked for is left out, but CNAME. A name of no row does not exist (RCODE=3). */
#include "tests/resolve/dns_server.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MESSAGE_BYTES = 65535, DROPS_MAX = 16 };

struct dns_server {
    const struct dns_row *rows;
    size_t count;
    int udp, tcp, quit[2];
    uint16_t port;
    pthread_t thread;
    atomic_uint asked_udp, asked_tcp;
    unsigned dropped[64][2]; /* by row: A or PTR, AAAA */
};

struct reply {
    unsigned char at[MESSAGE_BYTES];
    size_t len;
    unsigned answers, authorities;
};

/* ---- writing ---- */

static void put(struct reply *r, const void *bytes, size_t count) {
    assert(count <= sizeof r->at - r->len);
    memcpy(r->at + r->len, bytes, count);
    r->len += count;
}
static void put16(struct reply *r, unsigned value) {
    unsigned char bytes[2] = {(unsigned char)(value >> 8), (unsigned char)value};
    put(r, bytes, 2);
}
static void put_name(struct reply *r, const char *name) {
    while (*name != 0) {
        size_t label = strcspn(name, ".");
        unsigned char length = (unsigned char)label;
        put(r, &length, 1);
        put(r, name, label);
        name += label + (name[label] == '.');
    }
    put(r, "", 1);
}
static void put_head(struct reply *r, const char *owner, unsigned type, size_t bytes) {
    put_name(r, owner);
    put16(r, type);
    put16(r, 1);
    put16(r, 0);
    put16(r, 300);
    put16(r, (unsigned)bytes);
}
static void put_name_record(struct reply *r, const char *owner, unsigned type, const char *name) {
    put_head(r, owner, type, strlen(name) + 2);
    put_name(r, name);
    r->answers++;
}
static void put_address(struct reply *r, const char *owner, unsigned type, const char *text) {
    unsigned char bytes[16];
    int made = inet_pton(type == 1 ? AF_INET : AF_INET6, text, bytes);
    assert(made == 1);
    put_head(r, owner, type, type == 1 ? 4 : 16);
    put(r, bytes, type == 1 ? 4 : 16);
    r->answers++;
}

/* ---- one question ---- */

struct question {
    char name[256];
    unsigned type;
    size_t end; /* of the question section */
};

static bool question_read(const unsigned char *message, size_t len, struct question *out) {
    size_t at = 12, used = 0;
    while (at < len && message[at] != 0) {
        size_t label = message[at];
        if (label > 63 || at + 1 + label >= len || used + label + 2 > sizeof out->name)
            return false;
        if (used > 0) out->name[used++] = '.';
        for (size_t i = 0; i < label; i++) {
            char c = (char)message[at + 1 + i];
            out->name[used++] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
        }
        at += label + 1;
    }
    if (at + 5 > len) return false;
    out->name[used] = 0;
    out->type = (unsigned)message[at + 1] << 8 | message[at + 2];
    out->end = at + 5;
    return true;
}

static const struct dns_row *row_find(const struct dns_server *s, const char *name) {
    for (size_t i = 0; i < s->count; i++) {
        const char *star = strchr(s->rows[i].name, '*');
        if (star == NULL ? strcmp(s->rows[i].name, name) == 0
                         : strncmp(s->rows[i].name, name, (size_t)(star - s->rows[i].name)) == 0 &&
                               strlen(name) > strlen(star + 1) &&
                               strcmp(name + strlen(name) - strlen(star + 1), star + 1) == 0)
            return &s->rows[i];
    }
    return NULL;
}

static void reply_begin(struct reply *r, const unsigned char *message, const struct question *q) {
    memset(r->at, 0, 12);
    r->len = r->answers = r->authorities = 0;
    put(r, message, q->end);
    r->at[2] = 0x81; /* a reply, recursion was desired */
    r->at[3] = 0x80;
    memset(r->at + 6, 0, 6);
}
static void reply_end(struct reply *r) {
    r->at[7] = (unsigned char)r->answers;
    r->at[6] = (unsigned char)(r->answers >> 8);
    r->at[9] = (unsigned char)r->authorities;
}

struct telling {
    struct dns_server *server;
    const struct question *question;
    struct reply *reply;
    char owner[256];
    bool is_tcp;
    bool before_wrong_id, before_wrong_name;
};

/* "c3.test" to "c4.test" */
static void next_name(const char *name, char out[256]) {
    size_t letters = strcspn(name, "0123456789");
    char *rest;
    unsigned long number = strtoul(name + letters, &rest, 10);
    snprintf(out, 256, "%.*s%lu%s", (int)letters, name, number + 1, rest);
}

static void records_word(struct telling *t, const char *word) {
    unsigned type = t->question->type;
    const char *value = strchr(word, '=');
    value = value != NULL ? value + 1 : "";
    char next[256];
    if (strncmp(word, "A=", 2) == 0 && type == 1) put_address(t->reply, t->owner, 1, value);
    if (strncmp(word, "AAAA=", 5) == 0 && type == 28) put_address(t->reply, t->owner, 28, value);
    if (strncmp(word, "PTR=", 4) == 0 && type == 12) put_name_record(t->reply, t->owner, 12, value);
    if (strncmp(word, "CNAME=", 6) == 0) {
        put_name_record(t->reply, t->owner, 5, value);
        snprintf(t->owner, sizeof t->owner, "%s", value);
    }
    if (strcmp(word, "NEXT") == 0) {
        next_name(t->question->name, next);
        put_name_record(t->reply, t->owner, 5, next);
    }
    if (strncmp(word, "OWNER=", 6) == 0) snprintf(t->owner, sizeof t->owner, "%s", value);
    if (strncmp(word, "MANY=", 5) == 0 && type == 1)
        for (int i = 0; i < atoi(value); i++) {
            char address[32];
            snprintf(address, sizeof address, "198.51.%d.%d", i / 256, i % 256);
            put_address(t->reply, t->owner, 1, address);
        }
}

/* False: no reply. */
static bool manners_word(struct telling *t, const char *word, unsigned *dropped) {
    struct reply *r = t->reply;
    if (strcmp(word, "DROP") == 0) return false;
    if (strcmp(word, "DROP-FIRST") == 0 && (*dropped)++ == 0) return false;
    if (strncmp(word, "RCODE=", 6) == 0) r->at[3] = (unsigned char)(0x80 | atoi(word + 6));
    if (strcmp(word, "TC") == 0 && !t->is_tcp) r->at[2] |= 2;
    if (strcmp(word, "WRONG-ID") == 0) t->before_wrong_id = true;
    if (strcmp(word, "WRONG-NAME") == 0) t->before_wrong_name = true;
    if (strcmp(word, "SOA") == 0) {
        put_head(r, "test", 6, 22);
        put(r, "\0\0\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1", 22);
        r->authorities++;
    }
    if (strcmp(word, "CIRCLE") == 0) {
        unsigned char pointer[2] = {(unsigned char)(0xc0 | r->len >> 8), (unsigned char)r->len};
        put(r, pointer, 2);
        put(r, "\0\1\0\1\0\0\0\1\0\4\300\0\2\1", 14);
        r->answers++;
    }
    if (strcmp(word, "SHORT") == 0) {
        put_head(r, t->owner, 1, 4);
        put(r, "\300", 1);
        r->answers++;
    }
    return true;
}

/* False: no reply. */
static bool reply_make(struct telling *t, const unsigned char *message) {
    struct dns_server *s = t->server;
    const struct dns_row *row = row_find(s, t->question->name);
    char says[512], *rest = says;
    reply_begin(t->reply, message, t->question);
    snprintf(t->owner, sizeof t->owner, "%s", t->question->name);
    snprintf(says, sizeof says, "%s", row != NULL ? row->says : "RCODE=3 SOA");
    size_t number = row != NULL ? (size_t)(row - s->rows) : 63;
    unsigned *dropped = &s->dropped[number % 64][t->question->type == 28];
    for (char *word; (word = strtok_r(rest, " ", &rest)) != NULL;) {
        records_word(t, word);
        if (!manners_word(t, word, dropped)) return false;
    }
    reply_end(t->reply);
    return true;
}

/* ---- sockets ---- */

static void udp_answer(struct dns_server *s) {
    unsigned char message[1500];
    struct sockaddr_storage from;
    socklen_t from_len = sizeof from;
    static struct reply reply; /* one thread alone */
    struct question question;
    ssize_t len = recvfrom(s->udp, message, sizeof message, MSG_DONTWAIT, (void *)&from, &from_len);
    if (len < 12 || !question_read(message, (size_t)len, &question)) return;
    atomic_fetch_add(&s->asked_udp, 1);
    struct telling t = {.server = s, .question = &question, .reply = &reply};
    if (!reply_make(&t, message)) return;
    if (t.before_wrong_id || t.before_wrong_name) {
        unsigned char kept = reply.at[t.before_wrong_id ? 1 : 13];
        reply.at[t.before_wrong_id ? 1 : 13] ^= 1;
        (void)sendto(s->udp, reply.at, reply.len, 0, (void *)&from, from_len);
        reply.at[t.before_wrong_id ? 1 : 13] = kept;
    }
    if ((reply.at[2] & 2) != 0) reply.len = question.end, reply.at[6] = reply.at[7] = 0;
    (void)sendto(s->udp, reply.at, reply.len, 0, (void *)&from, from_len);
}

static bool read_all(int fd, unsigned char *at, size_t count) {
    while (count > 0) {
        ssize_t got = read(fd, at, count);
        if (got <= 0) return false;
        at += got;
        count -= (size_t)got;
    }
    return true;
}

static void tcp_answer(struct dns_server *s) {
    static struct reply reply;
    unsigned char head[2], message[1500];
    struct question question;
    struct timeval most = {.tv_sec = 1};
    int fd = accept(s->tcp, NULL, NULL);
    if (fd < 0) return;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
    while (read_all(fd, head, 2)) {
        size_t len = (size_t)head[0] << 8 | head[1];
        if (len > sizeof message || !read_all(fd, message, len)) break;
        if (len < 12 || !question_read(message, len, &question)) break;
        atomic_fetch_add(&s->asked_tcp, 1);
        struct telling t = {.server = s, .question = &question, .reply = &reply, .is_tcp = true};
        if (!reply_make(&t, message)) break;
        unsigned char bytes[2] = {(unsigned char)(reply.len >> 8), (unsigned char)reply.len};
        if (write(fd, bytes, 2) != 2 || write(fd, reply.at, reply.len) != (ssize_t)reply.len) break;
    }
    close(fd);
}

static void *serve(void *self) {
    struct dns_server *s = self;
    struct pollfd fds[] = {{s->udp, POLLIN, 0}, {s->tcp, POLLIN, 0}, {s->quit[0], POLLIN, 0}};
    for (;;) {
        if (poll(fds, 3, -1) < 0 && errno != EINTR) return NULL;
        if (fds[2].revents != 0) return NULL;
        if (fds[0].revents != 0) udp_answer(s);
        if (fds[1].revents != 0) tcp_answer(s);
    }
}

static void or_die(bool is_good, const char *what) {
    if (is_good) return;
    fprintf(stderr, "dns_server: %s: %s\n", what, strerror(errno));
    abort();
}

static struct dns_server *start(const struct dns_row *rows, size_t count, bool has_tcp) {
    struct dns_server *s = calloc(1, sizeof *s);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof at;
    int room = 4 << 20;
    or_die(s != NULL && count < 64, "no room");
    s->rows = rows;
    s->count = count;
    s->udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    s->tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    or_die(s->udp >= 0 && s->tcp >= 0 && pipe(s->quit) == 0, "no sockets");
    setsockopt(s->udp, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    or_die(bind(s->tcp, (void *)&at, sizeof at) == 0 && listen(s->tcp, 64) == 0, "no TCP port");
    or_die(getsockname(s->tcp, (void *)&at, &len) == 0, "no port");
    or_die(bind(s->udp, (void *)&at, sizeof at) == 0, "no UDP port of that number");
    s->port = ntohs(at.sin_port);
    if (!has_tcp) close(s->tcp), s->tcp = -1; /* which poll(2) passes over */
    or_die(pthread_create(&s->thread, NULL, serve, s) == 0, "no thread");
    return s;
}
struct dns_server *dns_server_start(const struct dns_row *rows, size_t count) {
    return start(rows, count, true);
}
struct dns_server *dns_server_start_without_tcp(const struct dns_row *rows, size_t count) {
    return start(rows, count, false);
}
uint16_t dns_server_port(const struct dns_server *s) {
    return s->port;
}
unsigned dns_server_asked(struct dns_server *s, int over_tcp) {
    return atomic_load(over_tcp ? &s->asked_tcp : &s->asked_udp);
}
void dns_server_stop(struct dns_server *s) {
    or_die(write(s->quit[1], "", 1) == 1, "cannot stop");
    pthread_join(s->thread, NULL);
    close(s->udp);
    if (s->tcp >= 0) close(s->tcp);
    close(s->quit[0]);
    close(s->quit[1]);
    free(s);
}
