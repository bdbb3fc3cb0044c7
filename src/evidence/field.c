/* Hidden fields: their table, commitments to them, and openings.
 *
 * A commitment costs three hashes and a share of a node, about 0.4 µs; an act has twelve. The
 * preimages are laid in one buffer each, because every call into the hash costs as much as a block
 * of it. */
#include "evidence/evidence.h"

#include <arpa/inet.h>

#include <assert.h>

static const char commitment_prefix[] = "azekura-field-v1"; /* with its closing zero: 17 bytes */

/* ---- the table ---- */

static const struct {
    const char *name;
    enum evidence_value_kind kind;
} fields[EVIDENCE_FIELD_LAST + 1] = {
#define ROW(constant, id, name, kind) [id] = {(name), (kind)},
    EVIDENCE_FIELD_TABLE(ROW)
#undef ROW
};

const char *evidence_field_name(enum evidence_field field) {
    return field >= EVIDENCE_BUCKET && field <= EVIDENCE_FIELD_LAST ? fields[field].name : NULL;
}

bool evidence_field_find(str name, enum evidence_field *field) {
    for (unsigned id = EVIDENCE_BUCKET; id <= EVIDENCE_FIELD_LAST; id++) {
        if (!str_equal(name, str_from_c(fields[id].name))) continue;
        *field = (enum evidence_field)id;
        return true;
    }
    return false;
}

enum evidence_value_kind evidence_field_kind(enum evidence_field field) {
    assert(evidence_field_name(field) != NULL);
    return fields[field].kind;
}

static size_t value_bytes_max(enum evidence_field field) {
    return field == EVIDENCE_FACTS ? LIMIT_FACTS_BYTES : EVIDENCE_VALUE_BYTES;
}

/* Has the value a length its kind can have? Empty is always one: it does not apply. */
static bool value_fits(enum evidence_field field, str value) {
    if (value.len == 0) return true;
    switch (fields[field].kind) {
    case EVIDENCE_VALUE_TEXT: return value.len <= value_bytes_max(field);
    case EVIDENCE_VALUE_NUMBER:
    case EVIDENCE_VALUE_TIME: return value.len == 8;
    case EVIDENCE_VALUE_DIGEST: return value.len == DIGEST_BYTES;
    case EVIDENCE_VALUE_ADDRESS: return value.len == 4 || value.len == 16;
    }
    return false;
}

/* Where a field stands in its type's list; false: it is not in it. */
static bool field_place(enum evidence_type type, enum evidence_field field, size_t *place,
                        size_t *count) {
    const enum evidence_field *list = NULL;
    *count = evidence_type_fields(type, &list);
    for (size_t i = 0; i < *count; i++) {
        if (list[i] != field) continue;
        *place = i;
        return true;
    }
    return false;
}

/* ---- values ---- */

str evidence_value_number(unsigned char memory[8], uint64_t value) {
    write_be64(memory, value);
    return str_of(memory, 8);
}
str evidence_value_time(unsigned char memory[8], int64_t wall_ns) {
    return evidence_value_number(memory, (uint64_t)wall_ns);
}

static void write_plain(str value, struct text *out) {
    bool whole = str_is_utf8(value);
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.at[i];
        bool shown = c >= 0x20 && c != 0x7f && c != '\\' && (c < 0x80 || whole);
        if (c == 0xc2 && whole && (unsigned char)value.at[i + 1] < 0xa0) shown = false;
        if (shown) {
            text_add_char(out, (char)c);
        } else if (c == 0xc2 && whole) { /* a control character above U+007F: both its bytes */
            text_format(out, "\\x%02x\\x%02x", c, (unsigned char)value.at[++i]);
        } else {
            text_format(out, "\\x%02x", c);
        }
    }
}

void evidence_value_write(enum evidence_field field, str value, struct text *out) {
    char words[INET6_ADDRSTRLEN > CLOCK_TEXT_BYTES ? INET6_ADDRSTRLEN : CLOCK_TEXT_BYTES];
    char hex[2 * DIGEST_BYTES];
    if (value.len == 0) return;
    if (!value_fits(field, value)) {
        write_plain(value, out);
        return;
    }
    switch (evidence_field_kind(field)) {
    case EVIDENCE_VALUE_TEXT: write_plain(value, out); return;
    case EVIDENCE_VALUE_NUMBER:
        text_format(out, "%llu", (unsigned long long)read_be64(value.at));
        return;
    case EVIDENCE_VALUE_TIME:
        text_add(out, str_of(words, clock_iso_write((int64_t)read_be64(value.at), words)));
        return;
    case EVIDENCE_VALUE_DIGEST:
        hex_write(value.at, value.len, hex);
        text_add(out, str_of(hex, sizeof hex));
        return;
    case EVIDENCE_VALUE_ADDRESS:
        inet_ntop(value.len == 4 ? AF_INET : AF_INET6, value.at, words, sizeof words);
        text_add_c(out, words);
        return;
    }
}

/* ---- commitments ---- */

struct evidence_salt evidence_field_salt(const struct evidence_salt *osalt,
                                         enum evidence_field field) {
    unsigned char preimage[EVIDENCE_SALT_BYTES + 2];
    memcpy(preimage, osalt->at, EVIDENCE_SALT_BYTES);
    write_be16(preimage + EVIDENCE_SALT_BYTES, (uint16_t)field);
    digest hash = sha256_of(str_of(preimage, sizeof preimage));
    struct evidence_salt salt;
    memcpy(salt.at, hash.at, sizeof salt.at);
    return salt;
}

digest evidence_commitment(enum evidence_field field, const struct evidence_salt *salt, str value) {
    enum { HEAD = sizeof commitment_prefix + 2 + EVIDENCE_SALT_BYTES + 4, SHORT = 128 };
    assert(value.len <= UINT32_MAX);
    unsigned char preimage[HEAD + SHORT], *at = preimage;
    memcpy(at, commitment_prefix, sizeof commitment_prefix);
    at += sizeof commitment_prefix;
    write_be16(at, (uint16_t)field);
    memcpy(at + 2, salt->at, EVIDENCE_SALT_BYTES);
    write_be32(at + 2 + EVIDENCE_SALT_BYTES, (uint32_t)value.len);
    if (value.len <= SHORT) {
        if (value.len > 0) memcpy(preimage + HEAD, value.at, value.len);
        return sha256_of(str_of(preimage, HEAD + value.len));
    }
    struct sha256 h;
    sha256_begin(&h);
    sha256_add(&h, preimage, HEAD);
    sha256_add(&h, value.at, value.len);
    return sha256_end(&h);
}

/* The leaf hashes of all fields of a type; returns how many. */
static size_t leaves_make(enum evidence_type type, const struct evidence_salt *osalt,
                          const struct evidence_values *values,
                          digest leaves[1 << EVIDENCE_PATH_MAX]) {
    const enum evidence_field *list = NULL;
    size_t count = evidence_type_fields(type, &list);
    for (size_t i = 0; i < count; i++) {
        struct evidence_salt salt = evidence_field_salt(osalt, list[i]);
        digest commitment = evidence_commitment(list[i], &salt, values->of[list[i]]);
        leaves[i] = tlog_leaf_hash(digest_str(&commitment));
    }
    return count;
}

digest evidence_fields_root(enum evidence_type type, const struct evidence_salt *osalt,
                            const struct evidence_values *values) {
    digest leaves[1 << EVIDENCE_PATH_MAX];
    size_t count = leaves_make(type, osalt, values, leaves);
    assert(count > 0); /* asked only for types that hide something */
    return tlog_root_of(leaves, count);
}

enum error_code evidence_open_make(enum evidence_type type, const struct evidence_salt *osalt,
                                   const struct evidence_values *values, enum evidence_field field,
                                   struct evidence_open *out, struct error *e) {
    size_t place, count;
    if (!field_place(type, field, &place, &count))
        return error_set(e, FAIL_USAGE, "a %s entry has no field %s",
                         evidence_type_name(type) == NULL ? "?" : evidence_type_name(type),
                         evidence_field_name(field) == NULL ? "?" : evidence_field_name(field));
    digest leaves[1 << EVIDENCE_PATH_MAX];
    leaves_make(type, osalt, values, leaves);
    struct tlog_path path;
    tlog_path_of(leaves, count, place, &path);
    assert(path.count <= EVIDENCE_PATH_MAX);
    *out = (struct evidence_open){
        .field = field,
        .salt = evidence_field_salt(osalt, field),
        .value = values->of[field],
        .path_count = path.count,
    };
    memcpy(out->path, path.at, path.count * sizeof path.at[0]);
    return OK;
}

enum error_code evidence_open_check(const struct evidence_entry *entry,
                                    const struct evidence_open *open, struct error *e) {
    size_t place, count;
    if (!field_place(entry->type, open->field, &place, &count))
        return error_set(e, FAIL_PROOF, "the entry's type has no field number %d",
                         (int)open->field);
    if (open->path_count > EVIDENCE_PATH_MAX)
        return error_set(e, FAIL_PROOF, "a path of %zu hashes to field %s", open->path_count,
                         evidence_field_name(open->field));
    struct tlog_path path = {.count = (unsigned)open->path_count};
    memcpy(path.at, open->path, open->path_count * sizeof open->path[0]);
    digest commitment = evidence_commitment(open->field, &open->salt, open->value);
    digest leaf = tlog_leaf_hash(digest_str(&commitment));
    if (tlog_inclusion_verify(place, count, &leaf, &path, &entry->fields_root, NULL) != OK)
        return error_set(e, FAIL_PROOF, "the entry did not commit to this value of field %s",
                         evidence_field_name(open->field));
    return OK;
}

/* ---- openings; layout: docs/formats/opening.md ---- */

enum error_code evidence_opening_encode(const struct evidence_opening *opening, void *out,
                                        size_t cap, str *bytes, struct error *e) {
    const enum evidence_field *list = NULL;
    size_t count = evidence_type_fields(opening->type, &list);
    if (count == 0)
        return error_set(e, FAIL_USAGE, "entry type %d hides no fields", (int)opening->type);
    struct pack p = pack_into(out, size_min(cap, EVIDENCE_OPENING_BYTES));
    pack_u8(&p, EVIDENCE_FORMAT);
    pack_u8(&p, (uint8_t)opening->type);
    pack_raw(&p, opening->osalt.at, sizeof opening->osalt.at);
    for (size_t i = 0; i < count; i++) {
        str value = opening->values.of[list[i]];
        if (value.len > value_bytes_max(list[i]))
            return error_set(e, FAIL_LIMIT, "field %s of %zu bytes is over %zu",
                             evidence_field_name(list[i]), value.len, value_bytes_max(list[i]));
        if (!value_fits(list[i], value))
            return error_set(e, FAIL_USAGE, "field %s cannot be %zu bytes",
                             evidence_field_name(list[i]), value.len);
        pack_u16(&p, (uint16_t)value.len);
        pack_raw(&p, value.at, value.len);
    }
    return pack_done(&p, "an opening", bytes, e);
}

enum error_code evidence_opening_decode(str bytes, struct evidence_opening *out, struct error *e) {
    if (bytes.len > EVIDENCE_OPENING_BYTES)
        return error_set(e, FAIL_CORRUPT, "an opening of %zu bytes is over %d", bytes.len,
                         EVIDENCE_OPENING_BYTES);
    struct unpack u = unpack_from(bytes);
    unsigned format = unpack_u8(&u);
    struct evidence_opening opening = {.type = unpack_u8(&u)};
    if (u.broken) return error_set(e, FAIL_CORRUPT, "an opening of %zu bytes", bytes.len);
    if (format != EVIDENCE_FORMAT)
        return error_set(e, FAIL_VERSION, "opening format %u; this program knows %d", format,
                         EVIDENCE_FORMAT);
    const enum evidence_field *list = NULL;
    size_t count = evidence_type_fields(opening.type, &list);
    if (count == 0)
        return error_set(e, FAIL_VERSION, "an opening for entry type %u, which hides nothing here",
                         (unsigned)opening.type);
    unpack_raw(&u, opening.osalt.at, sizeof opening.osalt.at);
    for (size_t i = 0; i < count; i++) {
        size_t len = unpack_u16(&u);
        if (u.broken || len > u.rest.len) {
            u.broken = true;
            break;
        }
        str value = str_slice(u.rest, 0, len);
        u.rest = str_skip(u.rest, len);
        if (!value_fits(list[i], value))
            return error_set(e, FAIL_CORRUPT, "an opening with %zu bytes as field %s", len,
                             evidence_field_name(list[i]));
        opening.values.of[list[i]] = value;
    }
    TRY(unpack_done(&u, "an opening", e));
    *out = opening;
    return OK;
}

enum error_code evidence_opening_check(const struct evidence_entry *entry,
                                       const struct evidence_opening *opening, struct error *e) {
    if (entry->type != opening->type)
        return error_set(e, FAIL_PROOF, "an opening of type %d for an entry of type %d",
                         (int)opening->type, (int)entry->type);
    const enum evidence_field *list = NULL;
    if (evidence_type_fields(entry->type, &list) == 0)
        return error_set(e, FAIL_PROOF, "entry type %d hides no fields", (int)entry->type);
    digest root = evidence_fields_root(opening->type, &opening->osalt, &opening->values);
    if (!digest_equal(&root, &entry->fields_root))
        return error_set(e, FAIL_PROOF, "the opening does not belong to this %s entry",
                         evidence_type_name(entry->type));
    return OK;
}
