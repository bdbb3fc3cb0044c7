/* Asking one name for one type, and further where the answer's chain leads out of the answer. */
#include "resolve/lookup.h"

static void ask(struct lookup *lookup, str name);

static void finish(struct lookup *lookup, enum resolve_status status) {
    lookup->status = status;
    lookup->is_done = true;
    lookup->done(lookup->owner);
}

static bool is_in_chain(const struct lookup *lookup, str name) {
    for (size_t i = 0; i < lookup->chain_count; i++)
        if (str_equal(lookup->chain[i], name)) return true;
    return false;
}

/* False: it came back to where it was, or is too long. */
static bool chain_add(struct lookup *lookup, const struct resolve_message *message) {
    for (size_t i = 0; i < message->chain_count; i++) {
        str name = message->chain[i];
        bool is_back = is_in_chain(lookup, name) || str_equal_nocase(name, lookup->first);
        if (is_back || lookup->chain_count == LIMIT_RESOLVE_CHAIN) return false;
        lookup->chain[lookup->chain_count++] = name;
    }
    return true;
}

static void message_take(struct lookup *lookup, str bytes) {
    struct resolve_message message;
    str asked = str_from_c(lookup->asked);
    resolve_message_read(bytes, asked, lookup->type, &lookup->arena, &message);
    lookup->ttl_s = (uint32_t)u64_min(lookup->ttl_s, message.ttl_s);
    if (!chain_add(lookup, &message)) {
        finish(lookup, RESOLVE_LOOP);
        return;
    }
    lookup->addresses = message.addresses;
    lookup->address_count = message.address_count;
    lookup->names = message.names;
    lookup->name_count = message.name_count;
    if (!message.leads_out) {
        finish(lookup, message.status);
        return;
    }
    if (lookup->chain_count == LIMIT_RESOLVE_CHAIN) {
        finish(lookup, RESOLVE_LOOP);
        return;
    }
    ask(lookup, lookup->chain[lookup->chain_count - 1]);
}

static enum resolve_status status_of(int status) {
    switch (status) {
    case ARES_ETIMEOUT: return RESOLVE_TIMEOUT;
    case ARES_ECONNREFUSED: return RESOLVE_UNREACHABLE;
    case ARES_EBADNAME: return RESOLVE_BAD_NAME;
    case ARES_ENOTFOUND: return RESOLVE_NO_NAME; /* .onion is never asked: RFC 7686 */
    case ARES_ESERVFAIL: return RESOLVE_FAILED;
    case ARES_EREFUSED: return RESOLVE_REFUSED;
    default: return RESOLVE_BAD_ANSWER;
    }
}

/* Source: RFC 1035 4.1.1 (TC), RFC 7766 5. */
static bool is_truncated(const unsigned char *bytes, int count) {
    return count > 2 && (bytes[2] & 2) != 0;
}

static void answer_came(void *self, int status, int timeouts, unsigned char *bytes, int count) {
    struct lookup *lookup = self;
    if (bytes != NULL && !lookup->is_tcp && is_truncated(bytes, count)) {
        lookup->is_tcp = true;
        ares_query(lookup->tcp, lookup->asked, 1, (int)lookup->type, answer_came, lookup);
    } else if (bytes != NULL && count > 0)
        message_take(lookup, str_of(bytes, (size_t)count));
    else if (status != ARES_EDESTRUCTION) /* then nobody waits for it any more */
        finish(lookup, status_of(status));
}

/* A name that holds more than letters would have to be spelled otherwise for c-ares; no host has one. */
static void ask(struct lookup *lookup, str name) {
    size_t escape;
    if (name.len == 0 || name.len >= sizeof lookup->asked || str_find_char(name, '\\', &escape)) {
        finish(lookup, RESOLVE_BAD_NAME);
        return;
    }
    memcpy(lookup->asked, name.at, name.len);
    lookup->asked[name.len] = 0;
    lookup->is_tcp = false;
    ++*lookup->queries;
    ares_query(lookup->channel, lookup->asked, 1, (int)lookup->type, answer_came, lookup);
}

void lookup_start(struct lookup *lookup, str name) {
    lookup->is_done = false;
    lookup->first = name;
    lookup->address_count = lookup->name_count = lookup->chain_count = 0;
    lookup->ttl_s = UINT32_MAX;
    lookup->arena = arena_over(lookup->memory, sizeof lookup->memory);
    ask(lookup, name);
}
