/* Socket addresses as text and back. */
#include "base/runtime.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/un.h>

static bool port_read(str text, in_port_t *out) {
    uint32_t port;
    if (text.len > 5 || !str_u32(text, &port) || port > 65535) return false;
    *out = htons((uint16_t)port);
    return true;
}

static bool host_copy(str host, char out[INET6_ADDRSTRLEN]) {
    if (host.len == 0 || host.len >= INET6_ADDRSTRLEN || memchr(host.at, 0, host.len) != NULL)
        return false;
    memcpy(out, host.at, host.len);
    out[host.len] = 0;
    return true;
}

static bool ipv6_read(str host, str port, struct net_address *out) {
    char text[INET6_ADDRSTRLEN];
    struct sockaddr_in6 at = {.sin6_family = AF_INET6, .sin6_addr = in6addr_any};
    if (host.len > 0 && (!host_copy(host, text) || inet_pton(AF_INET6, text, &at.sin6_addr) != 1))
        return false;
    if (!port_read(port, &at.sin6_port)) return false;
    *out = (struct net_address){.len = sizeof at};
    memcpy(&out->at, &at, sizeof at);
    return true;
}

static bool ipv4_read(str host, str port, struct net_address *out) {
    char text[INET6_ADDRSTRLEN];
    struct sockaddr_in at = {.sin_family = AF_INET};
    if (!host_copy(host, text) || inet_pton(AF_INET, text, &at.sin_addr) != 1) return false;
    if (!port_read(port, &at.sin_port)) return false;
    *out = (struct net_address){.len = sizeof at};
    memcpy(&out->at, &at, sizeof at);
    return true;
}

enum error_code net_address_read(str text, struct net_address *out, struct error *e) {
    str rest = text, head;
    bool good = false;
    if (str_starts(text, STR("["))) {
        rest = str_skip(text, 1);
        good = str_cut(&rest, ']', &head) && head.len > 0 && str_starts(rest, STR(":")) &&
               ipv6_read(head, str_skip(rest, 1), out);
    } else if (str_cut(&rest, ':', &head)) {
        good = head.len == 0 ? ipv6_read(head, rest, out) : ipv4_read(head, rest, out);
    }
    if (good) return OK;
    return error_set(e, FAIL_USAGE,
                     "\"%.*s\" is no address; write 127.0.0.1:9000, [::1]:9000 or :9000",
                     STR_FMT(str_slice(text, 0, 64)));
}

static bool ipv4_mapped(const unsigned char at[16]) {
    static const unsigned char prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return memcmp(at, prefix, sizeof prefix) == 0;
}

size_t net_address_bytes(const struct net_address *address, unsigned char out[16]) {
    if (address->at.ss_family == AF_INET) {
        struct sockaddr_in at;
        memcpy(&at, &address->at, sizeof at);
        memcpy(out, &at.sin_addr, 4);
        return 4;
    }
    if (address->at.ss_family != AF_INET6) return 0;
    struct sockaddr_in6 at;
    memcpy(&at, &address->at, sizeof at);
    const unsigned char *bytes = at.sin6_addr.s6_addr;
    size_t count = ipv4_mapped(bytes) ? 4 : 16;
    memcpy(out, bytes + 16 - count, count);
    return count;
}

static unsigned port_of(const struct net_address *address) {
    struct sockaddr_in at; /* the port lies at the same place in sockaddr_in6 */
    _Static_assert(offsetof(struct sockaddr_in, sin_port) ==
                       offsetof(struct sockaddr_in6, sin6_port),
                   "one read serves both");
    memcpy(&at, &address->at, sizeof at);
    return ntohs(at.sin_port);
}

static size_t unix_write(const struct net_address *address, char out[NET_TEXT_BYTES]) {
    struct sockaddr_un at;
    memcpy(&at, &address->at, sizeof at);
    size_t from = offsetof(struct sockaddr_un, sun_path);
    size_t len = address->len > from ? strnlen(at.sun_path, address->len - from) : 0;
    int used = snprintf(out, NET_TEXT_BYTES, "unix:%.*s", (int)len, at.sun_path);
    return used < NET_TEXT_BYTES ? (size_t)used : NET_TEXT_BYTES - 1;
}

size_t net_address_write(const struct net_address *address, char out[NET_TEXT_BYTES]) {
    if (address->at.ss_family == AF_UNIX) return unix_write(address, out);
    unsigned char bytes[16];
    size_t count = net_address_bytes(address, bytes);
    int used;
    if (count == 0) {
        used = snprintf(out, NET_TEXT_BYTES, "unknown");
        return (size_t)used;
    }
    char text[INET6_ADDRSTRLEN];
    inet_ntop(count == 4 ? AF_INET : AF_INET6, bytes, text, sizeof text);
    used = snprintf(out, NET_TEXT_BYTES, count == 4 ? "%s:%u" : "[%s]:%u", text, port_of(address));
    return (size_t)used; /* 45 + 8 at most */
}
