/* The entry codec. The type says which parts an entry has, the parts lie in the order of their
 * bits, and every part has fixed widths and sorted lists, so a value has one encoding. The checks
 * that make it so are one function, asked before writing and after reading. Layout:
 * docs/formats/entry.md. */
#include "evidence/evidence.h"

static const char magic[4] = {'A', 'Z', 'K', 'E'};

/* ---- the table of types ---- */

enum field_list { LIST_NONE, LIST_ACT, LIST_RECORD };

static const enum evidence_field act_fields[] = {
    EVIDENCE_BUCKET,  EVIDENCE_KEY,     EVIDENCE_VERSION, EVIDENCE_SIZE,
    EVIDENCE_CONTENT, EVIDENCE_TIME,    EVIDENCE_USER,    EVIDENCE_ADDRESS,
    EVIDENCE_FACTS,   EVIDENCE_REQUEST, EVIDENCE_DATASET, EVIDENCE_SOURCE,
};
static const enum evidence_field record_fields[] = {
    EVIDENCE_TIME,    EVIDENCE_USER,    EVIDENCE_ADDRESS, EVIDENCE_FACTS,
    EVIDENCE_REQUEST, EVIDENCE_DATASET, EVIDENCE_DETAIL,  EVIDENCE_SUBJECT,
};
_Static_assert(COUNT_OF(act_fields) <= 1 << EVIDENCE_PATH_MAX, "paths fit");
_Static_assert(COUNT_OF(record_fields) <= 1 << EVIDENCE_PATH_MAX, "paths fit");

struct type_row {
    const char *name;
    unsigned parts;
    enum field_list list;
};

/* NULL: no such type. */
static const struct type_row *type_row(enum evidence_type type) {
    switch (type) {
#define ROW(constant, number, name, parts, list)                                                   \
    case constant: {                                                                               \
        static const struct type_row row = {(name), (parts), LIST_##list};                         \
        return &row;                                                                               \
    }
        EVIDENCE_TYPE_TABLE(ROW)
#undef ROW
    }
    return NULL;
}

const char *evidence_type_name(enum evidence_type type) {
    const struct type_row *row = type_row(type);
    return row == NULL ? NULL : row->name;
}
unsigned evidence_type_parts(enum evidence_type type) {
    const struct type_row *row = type_row(type);
    return row == NULL ? 0 : row->parts;
}

size_t evidence_type_fields(enum evidence_type type, const enum evidence_field **fields) {
    const struct type_row *row = type_row(type);
    enum field_list list = row == NULL ? LIST_NONE : row->list;
    if (list == LIST_ACT) {
        *fields = act_fields;
        return COUNT_OF(act_fields);
    }
    if (list == LIST_RECORD) {
        *fields = record_fields;
        return COUNT_OF(record_fields);
    }
    return 0;
}

const char *evidence_code_kind_name(enum evidence_code_kind kind) {
    switch (kind) {
    case EVIDENCE_CODE_ACT: return "act";
    case EVIDENCE_CODE_CLAUSE: return "clause";
    case EVIDENCE_CODE_SECTOR: return "sector";
    case EVIDENCE_CODE_CLASS: return "class";
    case EVIDENCE_CODE_SITE: return "site";
    }
    return NULL;
}

uint32_t evidence_minute(int64_t wall_ns) {
    if (wall_ns < 0) return 0;
    return (uint32_t)(wall_ns / (60 * NS_PER_S)); /* int64_t nanoseconds end in the year 2262 */
}

/* ---- what an entry may not say; NULL: nothing wrong ---- */

static bool text_is_plain(str s) {
    if (s.len == 0 || s.len > EVIDENCE_TEXT_BYTES || !str_is_utf8(s)) return false;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.at[i];
        if (c < 0x20 || c == 0x7f) return false;
        if (c == 0xc2 && (unsigned char)s.at[i + 1] < 0xa0) return false; /* U+0080 to U+009F */
    }
    return true;
}

static const char *decision_fault(const struct evidence_entry *entry) {
    if (entry->decision > EVIDENCE_REFUSED) return "a decision that is none";
    if (entry->clause_count > EVIDENCE_CLAUSES_MAX) return "too many clauses";
    if (entry->site_count > EVIDENCE_SITES_MAX) return "too many sites";
    for (size_t i = 0; i < entry->clause_count; i++) {
        const struct evidence_clause *clause = &entry->clauses[i];
        if (clause->code <= (i == 0 ? 0 : clause[-1].code))
            return "clause codes that do not ascend from 1";
        if ((clause->effect & ~EVIDENCE_EFFECT_UNKNOWN) >= EVIDENCE_EFFECT_COUNT)
            return "an effect that is none";
    }
    for (size_t i = 0; i < entry->site_count; i++)
        if (entry->sites[i] <= (i == 0 ? 0 : entry->sites[i - 1]))
            return "site codes that do not ascend from 1";
    return NULL;
}

static const char *entry_fault(const struct evidence_entry *entry, unsigned parts) {
    uint64_t end;
    if (parts & EVIDENCE_DECISION) {
        const char *fault = decision_fault(entry);
        if (fault != NULL) return fault;
    }
    if ((parts & EVIDENCE_SPAN) && !u64_add(entry->span_first, entry->span_count, &end))
        return "a span that wraps";
    if (parts & EVIDENCE_CODE) {
        if (evidence_code_kind_name(entry->code_kind) == NULL) return "a kind of code that is none";
        if (entry->code == 0) return "code 0, which means none";
        if (entry->code_kind != EVIDENCE_CODE_CLAUSE && entry->code > UINT16_MAX)
            return "a code over 65535";
        if (!text_is_plain(entry->code_text)) return "a code text that is not plain";
    }
    if ((parts & EVIDENCE_PRIOR) && !tlog_name_is_valid(entry->prior_origin))
        return "an origin that is no name";
    return NULL;
}

/* ---- writing ---- */

static void put_digest(struct pack *p, const digest *d) {
    pack_raw(p, d->at, sizeof d->at);
}

static void put_decision(struct pack *p, const struct evidence_entry *entry) {
    pack_u16(p, entry->act);
    pack_u8(p, (uint8_t)entry->decision);
    pack_u16(p, entry->sector);
    pack_u16(p, entry->data_class);
    pack_u16(p, (uint16_t)entry->clause_count);
    for (size_t i = 0; i < entry->clause_count; i++) {
        pack_u32(p, entry->clauses[i].code);
        pack_u8(p, entry->clauses[i].effect);
    }
    pack_u8(p, (uint8_t)entry->site_count);
    for (size_t i = 0; i < entry->site_count; i++) pack_u16(p, entry->sites[i]);
}

static void put_code(struct pack *p, const struct evidence_entry *entry) {
    pack_u8(p, (uint8_t)entry->code_kind);
    pack_u32(p, entry->code);
    pack_u16(p, (uint16_t)entry->code_text.len);
    pack_raw(p, entry->code_text.at, entry->code_text.len);
}

static void put_prior(struct pack *p, const struct evidence_entry *entry) {
    pack_u8(p, (uint8_t)entry->prior_origin.len);
    pack_raw(p, entry->prior_origin.at, entry->prior_origin.len);
    pack_u64(p, entry->known_size);
    put_digest(p, &entry->known_root);
    pack_u64(p, entry->left_size);
    put_digest(p, &entry->left_root);
}

enum error_code evidence_entry_encode(const struct evidence_entry *entry, void *out, size_t cap,
                                      str *bytes, struct error *e) {
    unsigned parts = evidence_type_parts(entry->type);
    if (parts == 0) return error_set(e, FAIL_USAGE, "entry type %d is none", (int)entry->type);
    const char *fault = entry_fault(entry, parts);
    if (fault != NULL)
        return error_set(e, FAIL_USAGE, "a %s entry with %s", evidence_type_name(entry->type),
                         fault);

    struct pack p = pack_into(out, size_min(cap, LIMIT_ENTRY_BYTES));
    pack_raw(&p, magic, sizeof magic);
    pack_u8(&p, EVIDENCE_FORMAT);
    pack_u8(&p, (uint8_t)entry->type);
    pack_u32(&p, entry->minute);
    if (parts & EVIDENCE_RULES) put_digest(&p, &entry->rules);
    if (parts & EVIDENCE_DECISION) put_decision(&p, entry);
    if (parts & EVIDENCE_STORED) put_digest(&p, &entry->stored_root);
    if (parts & EVIDENCE_FIELDS) put_digest(&p, &entry->fields_root);
    if (parts & EVIDENCE_SPAN) {
        pack_u64(&p, entry->span_first);
        pack_u64(&p, entry->span_count);
    }
    if (parts & EVIDENCE_DIGEST) put_digest(&p, &entry->other);
    if (parts & EVIDENCE_CODE) put_code(&p, entry);
    if (parts & EVIDENCE_PRIOR) put_prior(&p, entry);
    return pack_done(&p, "an entry", bytes, e);
}

/* ---- reading ---- */

static void take_digest(struct unpack *u, digest *d) {
    unpack_raw(u, d->at, sizeof d->at);
}

static str take_text(struct unpack *u, size_t count) {
    if (u->broken || count > u->rest.len) {
        u->broken = true;
        return STR_EMPTY;
    }
    str text = str_slice(u->rest, 0, count);
    u->rest = str_skip(u->rest, count);
    return text;
}

static enum error_code take_decision(struct unpack *u, struct arena *arena,
                                     struct evidence_entry *out, struct error *e) {
    out->act = unpack_u16(u);
    out->decision = unpack_u8(u);
    out->sector = unpack_u16(u);
    out->data_class = unpack_u16(u);

    /* Counts are held against what is there before memory is taken for them. */
    size_t count = unpack_u16(u);
    if (count > u->rest.len / 5) u->broken = true, count = 0;
    struct evidence_clause *clauses = arena_new(arena, struct evidence_clause, count);
    if (clauses == NULL) return error_set(e, FAIL_MEMORY, "no room for an entry's clauses");
    for (size_t i = 0; i < count; i++) {
        clauses[i].code = unpack_u32(u);
        clauses[i].effect = unpack_u8(u);
    }
    out->clauses = clauses;
    out->clause_count = count;

    count = unpack_u8(u);
    if (count > u->rest.len / 2) u->broken = true, count = 0;
    uint16_t *sites = arena_new(arena, uint16_t, count);
    if (sites == NULL) return error_set(e, FAIL_MEMORY, "no room for an entry's sites");
    for (size_t i = 0; i < count; i++) sites[i] = unpack_u16(u);
    out->sites = sites;
    out->site_count = count;
    return OK;
}

static enum error_code take_parts(struct unpack *u, unsigned parts, struct arena *arena,
                                  struct evidence_entry *out, struct error *e) {
    if (parts & EVIDENCE_RULES) take_digest(u, &out->rules);
    if (parts & EVIDENCE_DECISION) TRY(take_decision(u, arena, out, e));
    if (parts & EVIDENCE_STORED) take_digest(u, &out->stored_root);
    if (parts & EVIDENCE_FIELDS) take_digest(u, &out->fields_root);
    if (parts & EVIDENCE_SPAN) {
        out->span_first = unpack_u64(u);
        out->span_count = unpack_u64(u);
    }
    if (parts & EVIDENCE_DIGEST) take_digest(u, &out->other);
    if (parts & EVIDENCE_CODE) {
        out->code_kind = unpack_u8(u);
        out->code = unpack_u32(u);
        out->code_text = take_text(u, unpack_u16(u));
    }
    if (parts & EVIDENCE_PRIOR) {
        out->prior_origin = take_text(u, unpack_u8(u));
        out->known_size = unpack_u64(u);
        take_digest(u, &out->known_root);
        out->left_size = unpack_u64(u);
        take_digest(u, &out->left_root);
    }
    return OK;
}

enum error_code evidence_entry_decode(str bytes, struct arena *arena, struct evidence_entry *out,
                                      struct error *e) {
    if (bytes.len > LIMIT_ENTRY_BYTES)
        return error_set(e, FAIL_CORRUPT, "an entry of %zu bytes is over %d", bytes.len,
                         LIMIT_ENTRY_BYTES);
    if (!str_starts(bytes, str_of(magic, sizeof magic)) || bytes.len < 6)
        return error_set(e, FAIL_CORRUPT, "not an entry: it does not begin with AZKE");
    struct unpack u = unpack_from(str_skip(bytes, sizeof magic));
    unsigned format = unpack_u8(&u);
    if (format != EVIDENCE_FORMAT)
        return error_set(e, FAIL_VERSION, "entry format %u; this program knows %d", format,
                         EVIDENCE_FORMAT);
    struct evidence_entry entry = {.type = unpack_u8(&u)};
    unsigned parts = evidence_type_parts(entry.type);
    if (parts == 0)
        return error_set(e, FAIL_VERSION, "entry type %u, which this program does not know",
                         (unsigned)entry.type);

    const char *name = evidence_type_name(entry.type);
    entry.minute = unpack_u32(&u);
    struct arena used = *arena; /* an entry that fails leaves the caller's arena as it was */
    TRY(take_parts(&u, parts, &used, &entry, e));
    if (u.broken)
        return error_set(e, FAIL_CORRUPT, "a %s entry of %zu bytes is cut", name, bytes.len);
    if (u.rest.len > 0)
        return error_set(e, FAIL_CORRUPT, "a %s entry ends at byte %zu, %zu follow", name,
                         bytes.len - u.rest.len, u.rest.len);
    const char *fault = entry_fault(&entry, parts);
    if (fault != NULL) return error_set(e, FAIL_CORRUPT, "a %s entry with %s", name, fault);
    *arena = used;
    *out = entry;
    return OK;
}
