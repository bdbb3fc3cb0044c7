/* What one DNS message says of a name: only what its own chain of CNAMEs leads to counts.
 *
 * Nothing is kept of the message but what is told; names are written out each time they are compared, so
 * that compression costs no memory. Source: RFC 1035 4.1 (messages), 4.1.4 (compression), 5.1 (\DDD). */
#include "resolve/resolve.h"

enum {
    HEADER_BYTES = 12,
    TYPE_A = 1,
    TYPE_CNAME = 5,
    TYPE_SOA = 6,
    TYPE_PTR = 12,
    TYPE_AAAA = 28,
    CLASS_IN = 1,
    NAME_WIRE_BYTES = 255,
    NAME_TEXT_BYTES = 4 * NAME_WIRE_BYTES, /* every byte as \DDD */
};

struct name {
    char at[NAME_TEXT_BYTES];
    size_t len;
};

struct record {
    struct name owner;
    unsigned type, class;
    uint32_t ttl_s;
    size_t data, data_bytes; /* where in the message */
};

struct parser {
    str message;
    size_t at;
};

/* ---- names ---- */

static void label_write(const unsigned char *label, size_t bytes, struct name *out) {
    for (size_t i = 0; i < bytes; i++) {
        unsigned char c = label[i];
        if (c <= ' ' || c >= 0x7f || c == '.' || c == '\\') {
            out->at[out->len++] = '\\';
            out->at[out->len++] = (char)('0' + c / 100);
            out->at[out->len++] = (char)('0' + c / 10 % 10);
            out->at[out->len++] = (char)('0' + c % 10);
        } else {
            out->at[out->len++] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
        }
    }
}

/* Moves `at` behind the name. A pointer leads only backward, so none leads in a circle. False: no name. */
static bool name_read(struct parser *p, struct name *out) {
    const unsigned char *bytes = (const unsigned char *)p->message.at;
    size_t at = p->at, earliest = at, wire = 1, after = 0;
    out->len = 0;
    for (;;) {
        if (at >= p->message.len) return false;
        unsigned length = bytes[at];
        if (length >= 0xc0) {
            if (p->message.len - at < 2) return false;
            if (after == 0) after = at + 2;
            at = (size_t)(length & 0x3f) << 8 | bytes[at + 1];
            if (at >= earliest) return false;
            earliest = at;
            continue;
        }
        if (length > 63 || length >= p->message.len - at) return false;
        if (length == 0) break;
        wire += length + 1;
        if (wire > NAME_WIRE_BYTES) return false;
        if (out->len > 0) out->at[out->len++] = '.';
        label_write(&bytes[at + 1], length, out);
        at += length + 1;
    }
    p->at = after != 0 ? after : at + 1;
    return true;
}

static str name_str(const struct name *name) {
    return str_of(name->at, name->len);
}

/* ---- records ---- */

static bool record_read(struct parser *p, struct record *out) {
    if (!name_read(p, &out->owner) || p->message.len - p->at < 10) return false;
    const char *at = p->message.at + p->at;
    out->type = read_be16(at);
    out->class = read_be16(at + 2);
    out->ttl_s = read_be32(at + 4);
    if (out->ttl_s > INT32_MAX) out->ttl_s = 0; /* RFC 2181 8 */
    out->data_bytes = read_be16(at + 8);
    out->data = p->at + 10;
    if (out->data_bytes > p->message.len - out->data) return false;
    p->at = out->data + out->data_bytes;
    return true;
}

/* The name that a CNAME or PTR holds, and nothing behind it. */
static bool record_name(str message, const struct record *record, struct name *out) {
    struct parser p = {message, record->data};
    return name_read(&p, out) && p.at == record->data + record->data_bytes;
}

/* ---- the sections ---- */

struct sections {
    str message;
    size_t answers; /* where they begin */
    unsigned answer_count;
    bool
        has_soa; /* in the authority section: that nothing more is there is certain; RFC 2308 2.2 */
};

static bool question_matches(struct parser *p, str question, unsigned type) {
    struct name name;
    if (!name_read(p, &name) || p->message.len - p->at < 4) return false;
    bool is_type = read_be16(p->message.at + p->at) == type;
    bool is_in = read_be16(p->message.at + p->at + 2) == CLASS_IN;
    p->at += 4;
    return is_type && is_in && str_equal_nocase(name_str(&name), question);
}

/* False: no answer to that question, or some record of it cannot be read. */
static bool sections_read(str message, str question, unsigned type, struct sections *out) {
    struct parser p = {message, HEADER_BYTES};
    struct record record;
    unsigned questions = read_be16(message.at + 4), rcode = (unsigned)message.at[3] & 15;
    bool is_error_alone = questions == 0 && rcode != 0; /* some servers leave the question out */
    if (!is_error_alone && (questions != 1 || !question_matches(&p, question, type))) return false;
    *out = (struct sections){message, p.at, read_be16(message.at + 6), false};
    for (unsigned i = 0; i < out->answer_count; i++)
        if (!record_read(&p, &record)) return false;
    unsigned authorities = read_be16(message.at + 8);
    for (unsigned i = 0; i < authorities; i++) {
        if (!record_read(&p, &record)) break; /* what is behind the answers is of no use anyway */
        out->has_soa = out->has_soa || record.type == TYPE_SOA;
    }
    return true;
}

/* ---- following ---- */

struct found {
    struct resolve_message *out;
    struct arena *arena;
    struct resolve_address *addresses;
    str *names, *chain;
    struct name alias; /* what the name at hand is an alias of */
    bool has_alias;
};

static void address_keep(struct found *f, const struct sections *s, const struct record *record) {
    struct resolve_message *out = f->out;
    if (record->data_bytes != (record->type == TYPE_A ? 4 : 16) ||
        out->address_count == LIMIT_RESOLVE_ADDRESSES)
        return;
    struct resolve_address *address = &f->addresses[out->address_count++];
    address->len = (unsigned)record->data_bytes;
    memcpy(address->at, s->message.at + record->data, record->data_bytes);
}

static void name_keep(struct found *f, const struct sections *s, const struct record *record) {
    struct name name;
    struct resolve_message *out = f->out;
    if (out->name_count == LIMIT_RESOLVE_NAMES || !record_name(s->message, record, &name)) return;
    struct error full;
    if (arena_copy(f->arena, name_str(&name), &f->names[out->name_count], &full) == OK)
        out->name_count++;
}

/* What the answers say of one name. */
static void owner_read(struct found *f, const struct sections *s, str owner, unsigned type) {
    struct parser p = {s->message, s->answers};
    struct record record;
    f->has_alias = false;
    for (unsigned i = 0; i < s->answer_count && record_read(&p, &record); i++) {
        if (record.class != CLASS_IN || !str_equal(name_str(&record.owner), owner)) continue;
        bool is_alias = record.type == TYPE_CNAME && !f->has_alias;
        if (is_alias) f->has_alias = record_name(s->message, &record, &f->alias);
        if (record.type == type && type == TYPE_PTR) name_keep(f, s, &record);
        if (record.type == type && type != TYPE_PTR) address_keep(f, s, &record);
        if (record.type == type || is_alias)
            f->out->ttl_s = (uint32_t)u64_min(f->out->ttl_s, record.ttl_s);
    }
}

static bool is_in_chain(const struct found *f, str question, str name) {
    for (size_t i = 0; i < f->out->chain_count; i++)
        if (str_equal(f->chain[i], name)) return true;
    return str_equal(question, name);
}

/* Along the chain, until something is found, it ends, or it comes back. */
static void chain_follow(struct found *f, const struct sections *s, str question, unsigned type) {
    struct resolve_message *out = f->out;
    struct error full;
    str name = question;
    for (;;) {
        owner_read(f, s, name, type);
        if (out->address_count > 0 || out->name_count > 0) {
            out->status = RESOLVE_FOUND;
            return;
        }
        if (!f->has_alias) break;
        if (is_in_chain(f, question, name_str(&f->alias)) ||
            out->chain_count == LIMIT_RESOLVE_CHAIN ||
            arena_copy(f->arena, name_str(&f->alias), &f->chain[out->chain_count], &full) != OK) {
            out->status = RESOLVE_LOOP;
            return;
        }
        name = f->chain[out->chain_count++];
    }
    out->leads_out = out->status == RESOLVE_NO_DATA && out->chain_count > 0 && !s->has_soa;
}

static enum resolve_status status_of(unsigned rcode) {
    switch (rcode) {
    case 0: return RESOLVE_NO_DATA;
    case 3: return RESOLVE_NO_NAME;
    case 5: return RESOLVE_REFUSED;
    default: return RESOLVE_FAILED;
    }
}

static bool question_lower(str question, struct name *out) {
    if (str_ends(question, STR("."))) question.len--;
    if (question.len > sizeof out->at) return false;
    for (size_t i = 0; i < question.len; i++) {
        char c = question.at[i];
        out->at[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    out->len = question.len;
    return true;
}

void resolve_message_read(str message, str question, unsigned type, struct arena *arena,
                          struct resolve_message *out) {
    struct sections sections;
    struct name asked;
    *out = (struct resolve_message){.status = RESOLVE_BAD_ANSWER, .ttl_s = UINT32_MAX};
    if (message.len < HEADER_BYTES || ((unsigned char)message.at[2] & 0x80) == 0) return;
    if (!question_lower(question, &asked) ||
        !sections_read(message, name_str(&asked), type, &sections))
        return;
    struct found found = {
        .out = out,
        .arena = arena,
        .addresses = arena_new(arena, struct resolve_address,
                               size_min(sections.answer_count, LIMIT_RESOLVE_ADDRESSES)),
        .names = arena_new(arena, str, size_min(sections.answer_count, LIMIT_RESOLVE_NAMES)),
        .chain = arena_new(arena, str, size_min(sections.answer_count, LIMIT_RESOLVE_CHAIN))};
    if (found.addresses == NULL || found.names == NULL || found.chain == NULL) return;
    out->status = status_of((unsigned)message.at[3] & 15);
    out->addresses = found.addresses;
    out->names = found.names;
    out->chain = found.chain;
    if (out->status == RESOLVE_NO_DATA || out->status == RESOLVE_NO_NAME)
        chain_follow(&found, &sections, name_str(&asked), type);
}
