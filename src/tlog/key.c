/* Key names, ids, and the one-line texts of verifier and signer keys. */
#include "tlog/signature.h"

/* White space as Unicode has it: property White_Space, plus nothing.
 * Source: Unicode, PropList.txt. */
static const struct {
    uint32_t first, last;
} spaces[] = {
    {0x0009, 0x000D}, {0x0020, 0x0020}, {0x0085, 0x0085}, {0x00A0, 0x00A0}, {0x1680, 0x1680},
    {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000},
};

/* The next code point of well-formed UTF-8. */
static uint32_t code_point_take(str *rest) {
    const unsigned char *b = (const unsigned char *)rest->at;
    size_t count = b[0] < 0x80 ? 1 : b[0] < 0xE0 ? 2 : b[0] < 0xF0 ? 3 : 4;
    uint32_t point = count == 1 ? b[0] : b[0] & (0x7FU >> count);
    for (size_t i = 1; i < count; i++) point = point << 6 | (b[i] & 0x3F);
    *rest = str_skip(*rest, count);
    return point;
}

bool tlog_name_is_valid(str name) {
    if (name.len == 0 || name.len > TLOG_NAME_BYTES_MAX || !str_is_utf8(name)) return false;
    while (name.len > 0) {
        uint32_t point = code_point_take(&name);
        if (point < 0x20 || point == 0x7F || point == '+') return false;
        for (size_t i = 0; i < COUNT_OF(spaces); i++) {
            if (point >= spaces[i].first && point <= spaces[i].last) return false;
        }
    }
    return true;
}

static uint32_t key_id(str name, uint8_t type, const unsigned char public_key[32]) {
    struct sha256 h;
    sha256_begin(&h);
    sha256_add(&h, name.at, name.len);
    sha256_add(&h, "\n", 1);
    sha256_add(&h, &type, 1);
    sha256_add(&h, public_key, 32);
    digest whole = sha256_end(&h);
    return read_be32(whole.at);
}

bool tlog_vkey_equal(const struct tlog_vkey *a, const struct tlog_vkey *b) {
    return str_equal(tlog_vkey_name(a), tlog_vkey_name(b)) && a->type == b->type &&
           memcmp(a->public_key, b->public_key, sizeof a->public_key) == 0;
}

enum error_code tlog_vkey_make(str name, uint8_t type, const unsigned char public_key[32],
                               struct tlog_vkey *out, struct error *e) {
    if (!tlog_name_is_valid(name))
        return error_set(e, FAIL_SYNTAX, "\"%.*s\" is not a key name", STR_FMT(name));
    if (!signature_type_find(type))
        return error_set(e, FAIL_VERSION, "signature type 0x%02x is not one we know", type);
    memset(out, 0, sizeof *out);
    out->name_bytes = (uint8_t)name.len;
    memcpy(out->name, name.at, name.len);
    out->type = type;
    memcpy(out->public_key, public_key, sizeof out->public_key);
    out->id = key_id(name, type, public_key);
    return OK;
}

/* name+hex8+base64(type || 32 bytes), the shape both texts share. */
static enum error_code key_text_parse(str text, const char *what, str *name, uint32_t *id,
                                      unsigned char type_and_key[33], struct error *e) {
    str rest = text, hex;
    uint64_t number;
    if (!str_cut(&rest, '+', name) || !str_cut(&rest, '+', &hex) || hex.len != 8 ||
        !str_hex_u64(hex, &number) || !tlog_name_is_valid(*name))
        return error_set(e, FAIL_SYNTAX, "%s: not of the form name+id+key", what);
    unsigned char head[3];
    size_t count;
    if (!base64_read(str_slice(rest, 0, 4), head, sizeof head, &count) || count == 0)
        return error_set(e, FAIL_SYNTAX, "%s: the key is not base64", what);
    if (!signature_type_find(head[0]))
        return error_set(e, FAIL_VERSION, "%s: signature type 0x%02x is not one we know", what,
                         head[0]);
    if (!base64_read(rest, type_and_key, 33, &count) || count != 33)
        return error_set(e, FAIL_SYNTAX, "%s: the key is not base64 of a type and 32 bytes", what);
    *id = (uint32_t)number;
    return OK;
}

static size_t key_text_write(struct text *out, const struct tlog_vkey *key,
                             const unsigned char key_bytes[32]) {
    unsigned char type_and_key[33] = {key->type};
    memcpy(type_and_key + 1, key_bytes, 32);
    char base64[44];
    size_t count = base64_write(type_and_key, sizeof type_and_key, base64);
    text_add(out, tlog_vkey_name(key));
    text_format(out, "+%08x+", key->id);
    text_add(out, str_of(base64, count));
    memory_wipe(type_and_key, sizeof type_and_key);
    memory_wipe(base64, sizeof base64);
    assert(!out->overflow);
    return out->len;
}

enum error_code tlog_vkey_parse(str text, struct tlog_vkey *out, struct error *e) {
    str name;
    uint32_t id;
    unsigned char bytes[33];
    struct tlog_vkey key;
    TRY(key_text_parse(text, "verifier key", &name, &id, bytes, e));
    TRY(tlog_vkey_make(name, bytes[0], bytes + 1, &key, e));
    if (key.id != id)
        return error_set(e, FAIL_PROOF, "verifier key of %.*s: id %08x, but name and key give %08x",
                         STR_FMT(name), id, key.id);
    *out = key;
    return OK;
}

size_t tlog_vkey_write(const struct tlog_vkey *key, char out[TLOG_VKEY_TEXT_BYTES]) {
    struct text t = text_into(out, TLOG_VKEY_TEXT_BYTES);
    return key_text_write(&t, key, key->public_key);
}

/* ---- signer keys */

#define SIGNER_PREFIX STR("PRIVATE+KEY+")

enum error_code tlog_signer_make(str name, uint8_t type, const struct secret *seed,
                                 struct tlog_signer *out, struct error *e) {
    unsigned char public_key[32];
    struct tlog_vkey vkey;
    TRY(signature_public_key(seed, public_key, e));
    TRY(tlog_vkey_make(name, type, public_key, &vkey, e));
    out->vkey = vkey;
    out->seed = *seed;
    return OK;
}

void tlog_signer_wipe(struct tlog_signer *signer) {
    memory_wipe(signer, sizeof *signer);
}

static enum error_code signer_parse(str text, struct secret *seed, unsigned char bytes[33],
                                    struct tlog_signer *out, struct error *e) {
    str name;
    uint32_t id;
    TRY(key_text_parse(text, "signer key", &name, &id, bytes, e));
    memcpy(seed->at, bytes + 1, sizeof seed->at);
    struct tlog_signer signer;
    TRY(tlog_signer_make(name, bytes[0], seed, &signer, e));
    bool right = signer.vkey.id == id;
    if (right) *out = signer;
    tlog_signer_wipe(&signer);
    if (right) return OK;
    return error_set(e, FAIL_PROOF, "signer key of %.*s: its id is not that of name and key",
                     STR_FMT(name));
}

enum error_code tlog_signer_parse(str text, struct tlog_signer *out, struct error *e) {
    if (!str_starts(text, SIGNER_PREFIX))
        return error_set(e, FAIL_SYNTAX, "signer key: does not begin with PRIVATE+KEY+");
    if (str_ends(text, STR("\n"))) text.len--;
    struct secret seed;
    unsigned char bytes[33];
    enum error_code code = signer_parse(str_skip(text, SIGNER_PREFIX.len), &seed, bytes, out, e);
    secret_wipe(&seed);
    memory_wipe(bytes, sizeof bytes);
    return code;
}

size_t tlog_signer_write(const struct tlog_signer *signer, char out[TLOG_SKEY_TEXT_BYTES]) {
    struct text t = text_into(out, TLOG_SKEY_TEXT_BYTES);
    text_add(&t, SIGNER_PREFIX);
    return key_text_write(&t, &signer->vkey, signer->seed.at);
}
