/* Probing one machine: round trips, its certificate, and the header that names the place that answered.
 *
 * Plain blocking sockets with a deadline for each step; pool.c asks many at once. Whoever answers has to repeat a number of
 * 32 bits that the question chose, so an answer cannot be sent ahead of it. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "survey/survey.h"

enum { HEAD_BYTES_MOST = 8192, TEXT_BYTES_MOST = 255 };
enum { SILENT_TRIES = 2 }; /* of a machine that has answered nothing: then it is left alone */
_Static_assert(4 * (TEXT_BYTES_MOST + 1) <= SURVEY_PROBED_BYTES, "three names and a header fit");

struct probing {
    const struct geo_address *address;
    str host;
    uint16_t port;
    int timeout_ms;
    struct arena *arena;
    struct survey_probed *out;
    struct error *e;
};

/* ---- connections ---- */

static socklen_t socket_address(const struct probing *p, struct sockaddr_storage *out) {
    memset(out, 0, sizeof *out);
    if (p->address->len == 4) {
        struct sockaddr_in *v4 = (struct sockaddr_in *)out;
        v4->sin_family = AF_INET;
        v4->sin_port = htons(p->port);
        memcpy(&v4->sin_addr, p->address->at, 4);
        return sizeof *v4;
    }
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(p->port);
    memcpy(&v6->sin6_addr, p->address->at, 16);
    return sizeof *v6;
}

/* What the kernel measured between question and answer, which is not late when this thread is. 0: it did not, or the
 * question had to be repeated, and it cannot tell which one was answered. */
static int64_t kernel_ns(int fd) {
    struct tcp_info info;
    socklen_t len = sizeof info;
    memset(&info, 0, sizeof info);
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0) return 0;
    return info.tcpi_total_retrans == 0 ? (int64_t)info.tcpi_rtt * 1000 : 0;
}

/* Who refuses is there; so is who accepts and hangs up before this thread looks. */
static bool is_answer(int failed) {
    return failed == 0 || failed == ECONNREFUSED || failed == ECONNRESET;
}

/* The socket, or -1; *rtt_ns is 0 unless somebody answered, be it by refusing. */
static int connect_timed(const struct probing *p, int64_t *rtt_ns) {
    struct sockaddr_storage to;
    socklen_t len = socket_address(p, &to);
    int fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int failed = 0;
    socklen_t failed_len = sizeof failed;
    *rtt_ns = 0;
    if (fd < 0) return -1;
    int64_t begin_ns = clock_steady_ns();
    int code = connect(fd, (struct sockaddr *)&to, len);
    if (code != 0) failed = errno;
    if (failed == EINPROGRESS) {
        struct pollfd wait = {.fd = fd, .events = POLLOUT};
        failed = poll(&wait, 1, p->timeout_ms) == 1 ? 0 : ETIMEDOUT;
        if (failed == 0) getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &failed_len);
    }
    if (is_answer(failed)) *rtt_ns = clock_steady_ns() - begin_ns;
    if (failed != 0) {
        close(fd);
        return -1;
    }
    int64_t measured_ns = kernel_ns(fd);
    if (measured_ns > 0 && measured_ns < *rtt_ns) *rtt_ns = measured_ns;
    return fd;
}

/* A blocking socket whose every wait ends. */
static bool deadlines_set(int fd, int timeout_ms) {
    struct timeval wait = {.tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000};
    int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) == 0 &&
           setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) == 0 &&
           setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait) == 0;
}

static int round_trips(struct probing *p, unsigned tries) {
    int last = -1;
    for (unsigned i = 0; i < tries; i++) {
        int64_t rtt_ns;
        if (last >= 0) close(last);
        if (i == SILENT_TRIES && p->out->answers == 0) return -1;
        p->out->tries++;
        last = connect_timed(p, &rtt_ns);
        if (rtt_ns == 0) continue;
        p->out->answers++;
        if (p->out->rtt_ns == 0 || rtt_ns < p->out->rtt_ns) p->out->rtt_ns = rtt_ns;
    }
    return last;
}

/* ---- the certificate ---- */

static enum error_code name_part(const struct probing *p, X509_NAME *name, int part, str *out) {
    char text[TEXT_BYTES_MOST + 1];
    int len = X509_NAME_get_text_by_NID(name, part, text, sizeof text);
    if (len <= 0) return OK;
    str got = str_of(text, size_min((size_t)len, sizeof text - 1));
    return str_is_utf8(got) ? arena_copy(p->arena, got, out, p->e) : OK;
}

static enum error_code certificate_read(const struct probing *p, const SSL *tls) {
    X509 *certificate = SSL_get1_peer_certificate(tls);
    if (certificate == NULL) return OK;
    X509_NAME *subject = X509_get_subject_name(certificate),
              *issuer = X509_get_issuer_name(certificate);
    enum error_code code = name_part(p, subject, NID_commonName, &p->out->subject);
    if (code == OK) code = name_part(p, issuer, NID_organizationName, &p->out->issuer);
    if (code == OK && p->out->issuer.len == 0)
        code = name_part(p, issuer, NID_commonName, &p->out->issuer);
    if (code == OK) code = name_part(p, issuer, NID_countryName, &p->out->issuer_country);
    X509_free(certificate);
    return code;
}

/* ---- the answer's head ---- */

/* Headers by which distributors name the machine that answered. Source: Cloudflare, "HTTP headers";
 * CloudFront, "response headers"; Fastly, "X-Served-By"; Azure Front Door, "HTTP headers". */
static const char *const placing[] = {"cf-ray", "x-amz-cf-pop", "x-served-by", "x-msedge-ref"};

static enum error_code head_read(const struct probing *p, str head) {
    str line;
    while (str_cut(&head, '\n', &line)) {
        str name;
        if (!str_cut(&line, ':', &name)) continue;
        for (size_t i = 0; i < COUNT_OF(placing); i++) {
            if (!str_equal_nocase(name, str_from_c(placing[i]))) continue;
            if (str_ends(line, STR("\r"))) line.len--;
            if (!str_is_utf8(line)) return OK;
            p->out->header = str_from_c(placing[i]);
            return arena_copy(p->arena, str_slice(str_trim(line), 0, TEXT_BYTES_MOST),
                              &p->out->value, p->e);
        }
    }
    return OK;
}

static enum error_code head_ask(const struct probing *p, SSL *tls) {
    char ask[512], head[HEAD_BYTES_MOST];
    size_t used = 0;
    int len = snprintf(ask, sizeof ask,
                       "HEAD / HTTP/1.1\r\nHost: %.*s\r\nUser-Agent: azekura-survey\r\n"
                       "Accept: */*\r\nConnection: close\r\n\r\n",
                       STR_FMT(str_slice(p->host, 0, 253)));
    if (SSL_write(tls, ask, len) != len) return OK;
    while (used < sizeof head) {
        size_t end;
        int got = SSL_read(tls, head + used, (int)(sizeof head - used));
        if (got <= 0) break;
        used += (size_t)got;
        if (str_find(str_of(head, used), STR("\r\n\r\n"), &end)) break;
    }
    return head_read(p, str_of(head, used));
}

/* Trusts nobody: what is read is only what the machine says. */
static enum error_code tls_ask(const struct probing *p, int fd) {
    char host[256];
    struct geo_address address;
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL *tls = context == NULL ? NULL : SSL_new(context);
    enum error_code code = OK;
    snprintf(host, sizeof host, "%.*s", STR_FMT(p->host));
    if (tls == NULL || SSL_set_fd(tls, fd) != 1) {
        code = error_set(p->e, FAIL_CRYPTO, "no TLS to probe with");
        goto done;
    }
    if (!geo_address_read(p->host, &address)) SSL_set_tlsext_host_name(tls, host);
    if (SSL_connect(tls) != 1) goto done;
    code = certificate_read(p, tls);
    if (code == OK) code = head_ask(p, tls);
done:
    SSL_free(tls);
    SSL_CTX_free(context);
    return code;
}

enum error_code survey_probe(const struct geo_address *address, str host,
                             const struct survey_probe_options *options, struct arena *arena,
                             struct survey_probed *out, struct error *e) {
    char text[GEO_TEXT_BYTES];
    struct survey_probed probed = {.address = *address,
                                   .port = options->port != 0 ? options->port : 443};
    struct probing p = {.address = address,
                        .host = host,
                        .port = probed.port,
                        .timeout_ms = (int)(options->timeout_ms != 0 ? options->timeout_ms : 2000),
                        .arena = arena,
                        .out = &probed,
                        .e = e};
    if (host.len == 0) p.host = str_of(text, geo_address_write(address, text));
    int fd = round_trips(&p, options->tries != 0 ? options->tries : 5);
    enum error_code code = OK;
    if (fd >= 0 && deadlines_set(fd, p.timeout_ms)) code = tls_ask(&p, fd);
    if (fd >= 0) close(fd);
    if (code == OK) *out = probed;
    return code;
}
