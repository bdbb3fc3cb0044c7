/* Questions in, answers out: so many slots, an epoll, and c-ares between them.
 *
 * c-ares calls back from within; there only "done" is noted, and answers are told from the loop, so that
 * the caller's sink may do what it likes. Names that one step finishes never pile up on the stack. */
#include "resolve/resolve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "resolve/lookup.h"

enum {
    TYPE_A = 1,
    TYPE_PTR = 12,
    TYPE_AAAA = 28,
    PARALLEL_USUAL =
        100, /* two questions each: what a resolver's socket holds of Linux's usual 208 KiB */
    TIMEOUT_MS_USUAL = 2000,
    TRIES_USUAL = 3,
    EVENTS = 64,
    RESOLVERS_MAX = 16,
    RECEIVE_BYTES = 4 << 20, /* answers to all that is under way fit the socket */
    EDNS_BYTES = 1232,       /* passes without fragments. Source: DNS flag day 2020 */
    REVERSE_BYTES = 80,
};

struct slot {
    struct run *run;
    struct slot *next; /* of the free ones, or of the finished ones */
    uint64_t tag;
    int64_t begun_ns;
    char name[LOOKUP_NAME_BYTES];
    size_t name_bytes;
    bool is_reverse, is_wrong; /* wrong: nothing was asked, the name cannot be */
    unsigned waiting;          /* lookups not done */
    struct lookup v4, v6;      /* of an address only v4 is used, for PTR */
};

struct run {
    const struct resolve_options *options;
    const struct resolve_source *source;
    const struct resolve_sink *sink;
    struct error *e;
    ares_channel channel,
        tcp; /* apart: one connection that is refused costs all questions of a channel their tries */
    int epoll;
    int failed_errno; /* of epoll, seen within c-ares; 0: none */
    struct slot *slots, *free, *finished;
    size_t in_use;
    bool is_dry; /* the source has no more */
    struct resolve_report report;
};

/* ---- words ---- */

static const struct {
    const char *name, *text;
} words[RESOLVE_STATUS_COUNT] = {
    [RESOLVE_FOUND] = {"found", "found"},
    [RESOLVE_NO_NAME] = {"no-name", "no such name (NXDOMAIN)"},
    [RESOLVE_NO_DATA] = {"no-data", "the name has no address"},
    [RESOLVE_FAILED] = {"failed", "the resolver failed (SERVFAIL)"},
    [RESOLVE_REFUSED] = {"refused", "the resolver refused (REFUSED)"},
    [RESOLVE_TIMEOUT] = {"timeout", "the resolver did not answer in time"},
    [RESOLVE_UNREACHABLE] = {"unreachable", "nobody listens at the resolver's address"},
    [RESOLVE_BAD_ANSWER] = {"bad-answer", "what the resolver sent is no answer"},
    [RESOLVE_LOOP] = {"loop", "its aliases (CNAME) lead back, or are too many"},
    [RESOLVE_BAD_NAME] = {"bad-name", "no name that can be asked for"},
};

const char *resolve_status_name(enum resolve_status status) {
    assert(status < RESOLVE_STATUS_COUNT);
    return words[status].name;
}
const char *resolve_status_text(enum resolve_status status) {
    assert(status < RESOLVE_STATUS_COUNT);
    return words[status].text;
}

/* ---- names ---- */

/* Source: RFC 1035 2.3.4 (lengths). */
static bool is_askable(str name) {
    size_t label = 0;
    if (name.len == 0 || name.len > 253) return false;
    for (size_t i = 0; i <= name.len; i++) {
        if (i < name.len && name.at[i] != '.') {
            unsigned char c = (unsigned char)name.at[i];
            if (c <= ' ' || c >= 0x7f || c == '\\' || ++label > 63) return false;
        } else if (label == 0) {
            return false;
        } else {
            label = 0;
        }
    }
    return true;
}

/* Source: RFC 1035 3.5, RFC 3596 2.5. */
static size_t reverse_write(const struct resolve_address *address, char out[REVERSE_BYTES]) {
    struct text text = text_into(out, REVERSE_BYTES);
    for (unsigned i = address->len; i-- > 0;) {
        unsigned byte = address->at[i];
        if (address->len == 4)
            text_format(&text, "%u.", byte);
        else
            text_format(&text, "%x.%x.", byte & 15, byte >> 4);
    }
    text_add_c(&text, address->len == 4 ? "in-addr.arpa" : "ip6.arpa");
    assert(!text.overflow);
    return text.len;
}

/* ---- one question ---- */

static void slot_finish(struct slot *slot) {
    slot->next = slot->run->finished;
    slot->run->finished = slot;
}

static void lookup_done(void *owner) {
    struct slot *slot = owner;
    assert(slot->waiting > 0);
    if (--slot->waiting == 0) slot_finish(slot);
}

static void slot_name(struct slot *slot, const struct resolve_question *question) {
    slot->is_reverse = question->reverse.len != 0;
    if (slot->is_reverse) {
        assert(question->reverse.len == 4 || question->reverse.len == 16);
        slot->name_bytes = reverse_write(&question->reverse, slot->name);
        slot->is_wrong = false;
        return;
    }
    str name = question->name;
    if (str_ends(name, STR("."))) name.len--;
    slot->is_wrong = !is_askable(name);
    name = str_slice(name, 0, sizeof slot->name);
    if (name.len > 0) memcpy(slot->name, name.at, name.len);
    slot->name_bytes = name.len;
}

static void slot_start(struct run *run, const struct resolve_question *question) {
    struct slot *slot = run->free;
    run->free = slot->next;
    run->in_use++;
    run->report.asked++;
    slot->tag = question->tag;
    slot->begun_ns = clock_steady_ns();
    slot_name(slot, question);
    str name = str_of(slot->name, slot->name_bytes);
    if (slot->is_wrong) {
        slot_finish(slot);
        return;
    }
    bool has_v6 = !slot->is_reverse && !run->options->is_v4_only;
    slot->v4.type = slot->is_reverse ? TYPE_PTR : TYPE_A;
    slot->v6.is_done = false;
    slot->waiting = has_v6 ? 2 : 1;
    lookup_start(&slot->v4, name);
    if (has_v6) lookup_start(&slot->v6, name);
}

/* What A and AAAA say together: whatever was found, else what went wrong, else that nothing is there. */
static enum resolve_status status_of(enum resolve_status v4, enum resolve_status v6) {
    if (v4 == RESOLVE_FOUND || v6 == RESOLVE_FOUND) return RESOLVE_FOUND;
    return v4 == RESOLVE_NO_DATA ? v6 : v4;
}

static enum error_code slot_tell(struct run *run, struct slot *slot) {
    struct resolve_address addresses[2 * LIMIT_RESOLVE_ADDRESSES];
    const struct lookup *v4 = &slot->v4, *v6 = &slot->v6;
    struct resolve_answer answer = {.tag = slot->tag,
                                    .name = str_of(slot->name, slot->name_bytes),
                                    .status = RESOLVE_BAD_NAME,
                                    .v4 = RESOLVE_BAD_NAME,
                                    .v6 = RESOLVE_BAD_NAME,
                                    .addresses = addresses,
                                    .took_ns = clock_steady_ns() - slot->begun_ns};
    if (!slot->is_wrong) {
        bool has_v6 = v6->is_done;
        answer.v4 = v4->status;
        answer.v6 = has_v6 ? v6->status : slot->is_reverse ? v4->status : RESOLVE_NO_DATA;
        answer.status = status_of(answer.v4, answer.v6);
        const struct lookup *longer = has_v6 && v6->chain_count > v4->chain_count ? v6 : v4;
        answer.chain = longer->chain;
        answer.chain_count = longer->chain_count;
        answer.names = v4->names;
        answer.name_count = v4->name_count;
        for (size_t i = 0; i < v4->address_count; i++)
            addresses[answer.address_count++] = v4->addresses[i];
        for (size_t i = 0; has_v6 && i < v6->address_count; i++)
            addresses[answer.address_count++] = v6->addresses[i];
        uint32_t ttl_s = (uint32_t)u64_min(v4->ttl_s, has_v6 ? v6->ttl_s : UINT32_MAX);
        answer.ttl_s = ttl_s == UINT32_MAX ? 0 : ttl_s;
    }
    run->report.by_status[answer.status]++;
    return run->sink->done(run->sink->self, &answer, run->e);
}

/* ---- the loop ---- */

static void socket_changed(void *self, ares_socket_t fd, int wants_read, int wants_write) {
    struct run *run = self;
    struct epoll_event event = {.data.fd = fd,
                                .events = (wants_read ? (uint32_t)EPOLLIN : 0) |
                                          (wants_write ? (uint32_t)EPOLLOUT : 0)};
    if (event.events == 0) {
        epoll_ctl(run->epoll, EPOLL_CTL_DEL, fd, NULL);
        return;
    }
    if (epoll_ctl(run->epoll, EPOLL_CTL_MOD, fd, &event) == 0) return;
    if (errno != ENOENT || epoll_ctl(run->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
        run->failed_errno = errno;
}

static enum error_code finished_tell(struct run *run) {
    while (run->finished != NULL) {
        struct slot *slot = run->finished;
        run->finished = slot->next;
        TRY(slot_tell(run, slot));
        slot->next = run->free;
        run->free = slot;
        run->in_use--;
    }
    return OK;
}

static void slots_fill(struct run *run) {
    while (!run->is_dry && run->free != NULL) {
        struct resolve_question question = {0};
        run->is_dry = !run->source->next(run->source->self, &question);
        if (!run->is_dry) slot_start(run, &question);
    }
}

/* A channel passes over what is no socket of its own. */
static void process(struct run *run, ares_socket_t readable, ares_socket_t writable) {
    ares_process_fd(run->channel, readable, writable);
    ares_process_fd(run->tcp, readable, writable);
}

static enum error_code wait(struct run *run) {
    struct epoll_event events[EVENTS];
    struct timeval most = {.tv_sec = 1}, until, until_tcp;
    struct timeval *left = ares_timeout(run->channel, &most, &until);
    left = ares_timeout(run->tcp, left, &until_tcp);
    int wait_ms = (int)(left->tv_sec * 1000 + (left->tv_usec + 999) / 1000);
    int count = epoll_wait(run->epoll, events, EVENTS, wait_ms);
    if (count < 0 && errno != EINTR)
        return error_set_errno(run->e, errno, "cannot wait for the resolver");
    for (int i = 0; i < count; i++) {
        bool can_read = (events[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0;
        bool can_write = (events[i].events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0;
        process(run, can_read ? events[i].data.fd : ARES_SOCKET_BAD,
                can_write ? events[i].data.fd : ARES_SOCKET_BAD);
    }
    if (count <= 0) process(run, ARES_SOCKET_BAD, ARES_SOCKET_BAD); /* timeouts */
    if (run->failed_errno != 0)
        return error_set_errno(run->e, run->failed_errno, "cannot watch a socket to the resolver");
    return OK;
}

static enum error_code loop(struct run *run) {
    for (;;) {
        slots_fill(run);
        if (run->finished != NULL) {
            TRY(finished_tell(run));
            continue;
        }
        if (run->in_use == 0) return OK;
        TRY(wait(run));
    }
}

/* ---- resolvers ---- */

static enum error_code resolver_wrong(str text, struct error *e) {
    return error_set(e, FAIL_USAGE,
                     "\"%.*s\" is no address of a resolver: 192.0.2.53, 192.0.2.53:5353 or "
                     "[2001:db8::53]:5353",
                     STR_FMT(str_slice(text, 0, 80)));
}

static enum error_code resolver_read(str text, struct ares_addr_port_node *out, struct error *e) {
    str host = str_trim(text), port = STR("53");
    size_t at;
    bool is_bracketed = str_starts(host, STR("["));
    char address[64];
    uint32_t number;
    if (is_bracketed) {
        if (!str_find_char(host, ']', &at)) return resolver_wrong(text, e);
        str after = str_skip(host, at + 1);
        if (after.len > 0 && after.at[0] != ':') return resolver_wrong(text, e);
        if (after.len > 0) port = str_skip(after, 1);
        host = str_slice(host, 1, at - 1);
    } else if (str_find_char(host, ':', &at) && !str_find_char(str_skip(host, at + 1), ':', &at)) {
        port = str_skip(host, at + 1);
        host = str_slice(host, 0, at);
    }
    if (!str_u32(port, &number) || number == 0 || number > 65535 || host.len >= sizeof address)
        return resolver_wrong(text, e);
    memcpy(address, host.at, host.len);
    address[host.len] = 0;
    out->udp_port = out->tcp_port = (int)number;
    out->family = AF_INET;
    if (!is_bracketed && inet_pton(AF_INET, address, &out->addr) == 1) return OK;
    out->family = AF_INET6;
    return inet_pton(AF_INET6, address, &out->addr) == 1 ? OK : resolver_wrong(text, e);
}

static enum error_code resolvers_set(struct run *run, ares_channel channel) {
    struct ares_addr_port_node nodes[RESOLVERS_MAX] = {0};
    str rest = run->options->resolvers, head;
    size_t count = 0;
    if (rest.len == 0) return OK;
    for (bool more = true; more; count++) {
        if (count == RESOLVERS_MAX)
            return error_set(run->e, FAIL_USAGE, "over %d resolvers", RESOLVERS_MAX);
        more = str_cut(&rest, ',', &head);
        TRY(resolver_read(more ? head : rest, &nodes[count], run->e));
        if (count > 0) nodes[count - 1].next = &nodes[count];
    }
    int status = ares_set_servers_ports(channel, nodes);
    if (status != ARES_SUCCESS)
        return error_set(run->e, FAIL_SYSTEM, "cannot use these resolvers: %s",
                         ares_strerror(status));
    return OK;
}

/* ---- beginning and end ---- */

/* NOCHECKRESP: what a resolver answers is an answer, a refusal too; another is asked only where one
 * does not answer, since else the reason would be lost. */
static enum error_code channel_open(struct run *run, int transport, ares_channel *channel) {
    struct ares_options options = {
        .flags = transport | ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_NOCHECKRESP |
                 ARES_FLAG_EDNS,
        .timeout =
            (int)(run->options->timeout_ms != 0 ? run->options->timeout_ms : TIMEOUT_MS_USUAL),
        .tries = (int)(run->options->tries != 0 ? run->options->tries : TRIES_USUAL),
        .ednspsz = EDNS_BYTES,
        .socket_receive_buffer_size = RECEIVE_BYTES,
        .sock_state_cb = socket_changed,
        .sock_state_cb_data = run};
    int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EDNSPSZ |
               ARES_OPT_SOCK_RCVBUF | ARES_OPT_SOCK_STATE_CB;
    int status = ares_init_options(channel, &options, mask);
    if (status != ARES_SUCCESS)
        return error_set(run->e, status == ARES_ENOMEM ? FAIL_MEMORY : FAIL_SYSTEM,
                         "cannot set up resolving: %s", ares_strerror(status));
    return resolvers_set(run, *channel);
}

static void slots_make(struct run *run, unsigned parallel) {
    for (unsigned i = 0; i < parallel; i++) {
        struct slot *slot = &run->slots[i];
        slot->run = run;
        slot->v4.channel = slot->v6.channel = run->channel;
        slot->v4.tcp = slot->v6.tcp = run->tcp;
        slot->v4.queries = slot->v6.queries = &run->report.queries;
        slot->v4.done = slot->v6.done = lookup_done;
        slot->v4.owner = slot->v6.owner = slot;
        slot->v6.type = TYPE_AAAA;
        slot->next = run->free;
        run->free = slot;
    }
}

enum error_code resolve_run(const struct resolve_options *options,
                            const struct resolve_source *source, const struct resolve_sink *sink,
                            struct resolve_report *out, struct error *e) {
    struct run run = {.options = options, .source = source, .sink = sink, .e = e, .epoll = -1};
    unsigned parallel = options->parallel != 0 ? options->parallel : PARALLEL_USUAL;
    if (parallel > LIMIT_RESOLVE_PARALLEL)
        return error_set(e, FAIL_USAGE, "%u names at once are over %d", parallel,
                         LIMIT_RESOLVE_PARALLEL);
    struct arena_space space = {0};
    struct arena arena;
    enum error_code code = arena_space_open(&space, parallel * sizeof(struct slot), &arena, e);
    bool is_library = code == OK && ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS;
    if (code == OK && !is_library) code = error_set(e, FAIL_SYSTEM, "c-ares cannot be set up");
    if (code == OK && (run.epoll = epoll_create1(EPOLL_CLOEXEC)) < 0)
        code = error_set_errno(e, errno, "no epoll");
    if (code == OK) {
        run.slots = space.at; /* zeroed, and touched as names need it */
        code = channel_open(&run, ARES_FLAG_IGNTC, &run.channel);
        if (code == OK) code = channel_open(&run, ARES_FLAG_USEVC, &run.tcp);
    }
    if (code == OK) {
        slots_make(&run, parallel);
        code = loop(&run);
    }
    if (run.channel != NULL) ares_destroy(run.channel); /* while sockets can still be taken off */
    if (run.tcp != NULL) ares_destroy(run.tcp);
    if (run.epoll >= 0) close(run.epoll);
    if (is_library) ares_library_cleanup();
    arena_space_release(&space);
    if (code == OK) *out = run.report;
    return code;
}
