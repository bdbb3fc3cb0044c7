/* The arithmetic of Signature V4: canonical request, string to sign, keys.
 *
 *   canonical = METHOD \n PATH \n QUERY \n (name:value \n)* \n SIGNED-HEADERS \n PAYLOAD
 *   to sign   = AWS4-HMAC-SHA256 \n TIME \n SCOPE \n hex(sha256(canonical))
 *   signature = hex(hmac(signing key, to sign))
 *
 * PATH and QUERY are made from what was decoded, encoded once and not normalised: so a second way
 * to write the same target has the same signature, and a twice-encoded one another key. */
#include "s3/wire/signature.h"

struct encoded_param {
    str name, value;
};

static int encoded_compare(const struct encoded_param *a, const struct encoded_param *b) {
    int order = str_compare(a->name, b->name);
    return order != 0 ? order : str_compare(a->value, b->value);
}

/* Sorted by what is encoded, by insertion: parameters are few and mostly sorted already. */
static enum error_code query_add(struct text *to, const struct s3_authorization *auth,
                                 const struct s3_query *query, struct arena scratch,
                                 struct error *e) {
    struct encoded_param *sorted = arena_new(&scratch, struct encoded_param, query->count);
    if (sorted == NULL) return error_set(e, FAIL_MEMORY, "no room to sort parameters");
    unsigned count = 0;
    for (unsigned i = 0; i < query->count; i++) {
        const struct s3_param *param = &query->at[i];
        if (auth->kind == S3_AUTH_QUERY && str_equal(param->name, STR("X-Amz-Signature"))) continue;
        struct encoded_param next;
        TRY(http_percent_encode(param->name, false, &scratch, &next.name, e));
        TRY(http_percent_encode(param->value, false, &scratch, &next.value, e));
        unsigned at = count++;
        for (; at > 0 && encoded_compare(&sorted[at - 1], &next) > 0; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = next;
    }
    for (unsigned i = 0; i < count; i++) {
        if (i > 0) text_add_char(to, '&');
        text_add(to, sorted[i].name);
        text_add_char(to, '=');
        text_add(to, sorted[i].value);
    }
    return OK;
}

static void char_add(struct text *to, char c, bool is_utf8) {
    unsigned char byte = (unsigned char)c;
    if (is_utf8 || byte < 0x80) {
        text_add_char(to, c);
        return;
    }
    text_add_char(to, (char)(0xc0 | byte >> 6));
    text_add_char(to, (char)(0x80 | (byte & 0x3f)));
}

void s3_value_add(struct text *to, str value) {
    bool is_utf8 = str_is_utf8(value);
    for (size_t i = 0; i < value.len; i++) char_add(to, value.at[i], is_utf8);
}

/* ASCII whose blanks stand alone: most values, and they stand as they are. */
static bool is_canonical(str value) {
    bool was_blank = false, good = true;
    for (size_t i = 0; i < value.len; i++) {
        bool is_blank = value.at[i] == ' ';
        good = good && (unsigned char)value.at[i] < 0x80 && value.at[i] != '\t' &&
               !(is_blank && was_blank);
        was_blank = is_blank;
    }
    return good;
}

/* Trimmed, and runs of blanks inside folded to one: what every SDK signs. */
static void value_add(struct text *to, str value) {
    str rest = str_trim(value);
    if (is_canonical(rest)) {
        text_add(to, rest);
        return;
    }
    bool was_blank = false, is_utf8 = str_is_utf8(rest);
    for (size_t i = 0; i < rest.len; i++) {
        bool is_blank = rest.at[i] == ' ' || rest.at[i] == '\t';
        if (!is_blank)
            char_add(to, rest.at[i], is_utf8);
        else if (!was_blank)
            text_add_char(to, ' ');
        was_blank = is_blank;
    }
}

static enum error_code header_add(struct text *to, const struct s3_head *head, str name,
                                  struct error *e) {
    bool found = false;
    str value;
    text_add(to, name);
    for (size_t i = 0; http_headers_next(&head->http->headers, name, &i, &value); found = true) {
        text_add_char(to, found ? ',' : ':');
        value_add(to, value);
    }
    text_add_char(to, '\n');
    if (found) return OK;
    return error_set(
        e, FAIL_SIGNATURE,
        "The header %.*s was signed but did not arrive; something on the way removed it",
        STR_FMT(name));
}

static size_t canonical_bytes_max(const struct s3_authorization *auth, const struct s3_head *head,
                                  size_t path_bytes) {
    size_t bytes = 16 + path_bytes + auth->signed_headers.len * 2 + auth->payload_text.len + 8;
    for (unsigned i = 0; i < head->query.count; i++)
        bytes += head->query.at[i].name.len * 3 + head->query.at[i].value.len * 3 + 2;
    const struct http_headers *headers = &head->http->headers;
    for (size_t i = 0; i < headers->count; i++) bytes += headers->at[i].value.len * 2 + 2;
    return bytes + 2 * (size_t)auth->name_count;
}

static enum error_code canonical_write(const struct s3_authorization *auth,
                                       const struct s3_head *head, struct arena *arena, str *out,
                                       struct error *e) {
    str path;
    TRY(http_percent_decode(head->http->path, 0, arena, &path, e));
    TRY(http_percent_encode(path, true, arena, &path, e));
    size_t cap = canonical_bytes_max(auth, head, path.len);
    char *memory = arena_bytes(arena, cap);
    if (memory == NULL) return error_set(e, FAIL_MEMORY, "no room for the canonical request");
    struct text to = text_into(memory, cap);
    text_add(&to, http_method_name(head->http->method));
    text_add_char(&to, '\n');
    text_add(&to, path);
    text_add_char(&to, '\n');
    TRY(query_add(&to, auth, &head->query, *arena, e));
    text_add_char(&to, '\n');
    for (unsigned i = 0; i < auth->name_count; i++) TRY(header_add(&to, head, auth->names[i], e));
    text_add_char(&to, '\n');
    text_add(&to, auth->signed_headers);
    text_add_char(&to, '\n');
    text_add(&to, auth->payload_text);
    assert(!to.overflow); /* canonical_bytes_max counted every part */
    *out = text_str(&to);
    return OK;
}

enum error_code s3_authorization_verify(const struct s3_authorization *auth,
                                        const struct s3_head *head,
                                        const struct secret *signing_key, struct arena *arena,
                                        struct s3_signature_fault *fault, struct error *e) {
    assert(auth->kind != S3_AUTH_ANONYMOUS);
    struct arena scratch = *arena;
    str canonical;
    TRY(canonical_write(auth, head, &scratch, &canonical, e));
    digest hashed = sha256_of(canonical);
    char hex[2 * DIGEST_BYTES];
    hex_write(hashed.at, DIGEST_BYTES, hex);
    size_t cap =
        sizeof "AWS4-HMAC-SHA256" + sizeof auth->time_text + auth->scope.len + 2 + sizeof hex;
    char *memory = arena_bytes(&scratch, cap);
    if (memory == NULL) return error_set(e, FAIL_MEMORY, "no room for the string to sign");
    struct text to_sign = text_into(memory, cap);
    text_add(&to_sign, STR("AWS4-HMAC-SHA256\n"));
    text_add(&to_sign, str_of(auth->time_text, sizeof auth->time_text));
    text_add_char(&to_sign, '\n');
    text_add(&to_sign, auth->scope);
    text_add_char(&to_sign, '\n');
    text_add(&to_sign, str_of(hex, sizeof hex));
    assert(!to_sign.overflow);
    digest made = hmac_sha256(str_of(signing_key->at, SECRET_BYTES), text_str(&to_sign));
    hex_write(made.at, DIGEST_BYTES, hex);
    bool same = str_equal_secret(str_of(hex, sizeof hex), auth->signature);
    memory_wipe(hex, sizeof hex);
    memory_wipe(&made, sizeof made);
    if (same) return OK;
    *arena = scratch;
    fault->canonical = canonical;
    fault->to_sign = text_str(&to_sign);
    return error_set(e, FAIL_SIGNATURE,
                     "The request signature we calculated does not match the signature you "
                     "provided. Check your key and signing method.");
}

void s3_signing_key(str secret, str date, str region, struct secret *out) {
    char first[4 + 256];
    size_t len = size_min(secret.len, sizeof first - 4);
    assert(len == secret.len); /* identity gives out secrets of 40 characters */
    memcpy(first, "AWS4", 4);
    if (len > 0) memcpy(first + 4, secret.at, len);
    digest key = hmac_sha256(str_of(first, 4 + len), date);
    key = hmac_sha256(digest_str(&key), region);
    key = hmac_sha256(digest_str(&key), STR("s3"));
    key = hmac_sha256(digest_str(&key), STR("aws4_request"));
    memcpy(out->at, key.at, SECRET_BYTES);
    memory_wipe(first, sizeof first);
    memory_wipe(&key, sizeof key);
}

const struct secret *s3_key_cache_get(struct s3_key_cache *cache, str key_id, str secret, str date,
                                      str region) {
    struct sha256 h;
    const str parts[] = {key_id, secret, date, region};
    sha256_begin(&h);
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        unsigned char len[4];
        write_be32(len, (uint32_t)parts[i].len);
        sha256_add(&h, len, sizeof len);
        sha256_add(&h, parts[i].at, parts[i].len);
    }
    digest of = sha256_end(&h);
    struct s3_key_slot *slot = &cache->slots[read_be16(of.at) % S3_KEY_CACHE_SLOTS];
    if (!slot->used || !digest_equal(&slot->of, &of)) {
        s3_signing_key(secret, date, region, &slot->key);
        slot->of = of;
        slot->used = true;
    }
    return &slot->key;
}

void s3_key_cache_release(struct s3_key_cache *cache) {
    memory_wipe(cache, sizeof *cache);
}
