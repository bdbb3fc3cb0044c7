/* Credentials as words: taken apart, and held against clock and configuration. The arithmetic is in
 * signature.c. */
#include "s3/wire/signature.h"

#include <inttypes.h>

/* The one header of that name; *count says when there are more, or none. */
static str header_of(const struct s3_head *head, str name, size_t *count) {
    str value = STR_EMPTY;
    *count = http_headers_count(&head->http->headers, name);
    if (*count > 0) http_headers_find(&head->http->headers, name, &value);
    return value;
}

static enum error_code fault_at(enum s3_auth_kind kind, const char *what, struct error *e) {
    if (kind == S3_AUTH_HEADER)
        return error_set(e, FAIL_AUTH_HEADER, "The authorization header is malformed; %s", what);
    return error_set(e, FAIL_AUTH_QUERY, "%s", what);
}

/* KEY/20130524/us-east-1/s3/aws4_request; a key id may hold slashes, so from the right. */
static enum error_code credential_read(enum s3_auth_kind kind, str credential,
                                       struct s3_authorization *out, struct error *e) {
    str part[4], rest = credential; /* aws4_request, s3, region, date */
    for (int i = 0; i < 4; i++) {
        size_t at = rest.len;
        while (at > 0 && rest.at[at - 1] != '/') at--;
        if (at == 0)
            return fault_at(kind,
                            "the Credential is mal-formed; expecting "
                            "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\"",
                            e);
        part[i] = str_skip(rest, at);
        rest = str_slice(rest, 0, at - 1);
    }
    int64_t day_ns;
    char day[16];
    if (rest.len == 0) return fault_at(kind, "the Credential names no access key", e);
    if (!str_equal(part[0], STR("aws4_request")))
        return fault_at(kind, "incorrect terminal of the Credential; expecting \"aws4_request\"",
                        e);
    if (!str_equal(part[1], STR("s3")))
        return fault_at(kind, "incorrect service in the Credential; expecting \"s3\"", e);
    if (part[2].len == 0) return fault_at(kind, "the Credential names no region", e);
    if (part[3].len != 8) return fault_at(kind, "the Credential's date is not YYYYMMDD", e);
    memcpy(day, part[3].at, 8);
    memcpy(day + 8, "T000000Z", 8);
    if (!clock_amz_read(str_of(day, sizeof day), &day_ns))
        return fault_at(kind, "the Credential's date is not YYYYMMDD", e);
    out->key_id = rest;
    out->date = part[3];
    out->region = part[2];
    out->scope = str_of(part[3].at, (size_t)(credential.at + credential.len - part[3].at));
    return OK;
}

/* Lower case, each name greater than the one before: so neither empty nor twice. */
static enum error_code names_read(enum s3_auth_kind kind, str list, struct s3_authorization *out,
                                  struct error *e) {
    str rest = list;
    bool more = true;
    out->signed_headers = list;
    while (more) {
        str name = STR_EMPTY;
        more = str_cut(&rest, ';', &name);
        if (!more) name = rest;
        if (name.len == 0) return fault_at(kind, "SignedHeaders holds an empty name", e);
        if (out->name_count == S3_SIGNED_NAMES_MAX)
            return fault_at(kind, "SignedHeaders holds more than 64 names", e);
        for (size_t i = 0; i < name.len; i++)
            if (name.at[i] <= ' ' || name.at[i] > '~' || (name.at[i] >= 'A' && name.at[i] <= 'Z'))
                return fault_at(kind, "SignedHeaders holds a name that is not in lower case", e);
        if (out->name_count > 0 && str_compare(out->names[out->name_count - 1], name) >= 0)
            return fault_at(kind, "SignedHeaders is not sorted, or names a header twice", e);
        out->names[out->name_count++] = name;
    }
    return OK;
}

static enum error_code signature_read(enum s3_auth_kind kind, str signature,
                                      struct s3_authorization *out, struct error *e) {
    bool good = signature.len == S3_SIGNATURE_HEX;
    for (size_t i = 0; good && i < signature.len; i++) {
        char c = signature.at[i];
        good = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    }
    if (!good) return fault_at(kind, "the Signature is not 64 lower-case hex digits", e);
    out->signature = signature;
    return OK;
}

static enum error_code payload_read(str text, struct s3_authorization *out, struct error *e) {
    static const struct {
        str text;
        enum s3_payload payload;
    } words[] = {
        {{"UNSIGNED-PAYLOAD", 16}, S3_PAYLOAD_UNSIGNED},
        {{"STREAMING-AWS4-HMAC-SHA256-PAYLOAD", 34}, S3_PAYLOAD_CHUNKS},
        {{"STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", 42}, S3_PAYLOAD_CHUNKS_TRAILER},
        {{"STREAMING-UNSIGNED-PAYLOAD-TRAILER", 34}, S3_PAYLOAD_UNSIGNED_CHUNKS_TRAILER},
    };
    out->payload_text = text;
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (!str_equal(text, words[i].text)) continue;
        out->payload = words[i].payload;
        return OK;
    }
    if (str_starts(text, STR("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD")))
        return error_set(e, FAIL_NOT_IMPLEMENTED,
                         "Signature V4A (ECDSA) is not served here; sign "
                         "with AWS4-HMAC-SHA256");
    if (!hex_read(text, out->payload_sha256.at, DIGEST_BYTES))
        return error_set(e, FAIL_INVALID_ARGUMENT,
                         "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, "
                         "STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, "
                         "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value");
    out->payload = S3_PAYLOAD_SHA256;
    return OK;
}

static enum error_code algorithm_check(enum s3_auth_kind kind, str name, struct error *e) {
    if (str_equal(name, STR("AWS4-HMAC-SHA256"))) return OK;
    if (str_starts(name, STR("AWS4-ECDSA-P256-SHA256")))
        return error_set(e, FAIL_NOT_IMPLEMENTED,
                         "Signature V4A (ECDSA) is not served here; sign "
                         "with AWS4-HMAC-SHA256");
    if (kind == S3_AUTH_QUERY)
        return fault_at(kind, "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"", e);
    if (str_equal(name, STR("AWS")))
        return error_set(e, FAIL_INVALID_REQUEST,
                         "The authorization mechanism you have provided "
                         "is not supported. Please use AWS4-HMAC-SHA256.");
    return error_set(e, FAIL_INVALID_ARGUMENT, "Unsupported Authorization Type");
}

static enum error_code time_set(str text, struct s3_authorization *out, struct error *e) {
    if (text.len != sizeof out->time_text || !clock_amz_read(text, &out->time_ns))
        return error_set(e, FAIL_ACCESS_DENIED,
                         "AWS authentication requires a valid Date or x-amz-date header: expected "
                         "YYYYMMDDThhmmssZ");
    memcpy(out->time_text, text.at, sizeof out->time_text);
    return OK;
}

/* x-amz-date, else Date; which of them was signed is judged with the other names. */
static enum error_code header_time_read(const struct s3_head *head, struct s3_authorization *out,
                                        struct error *e) {
    size_t count;
    str text_sent = header_of(head, STR("x-amz-date"), &count);
    if (count > 0) return time_set(count == 1 ? text_sent : STR_EMPTY, out, e);
    text_sent = header_of(head, STR("date"), &count);
    int64_t date_ns;
    if (count != 1) return time_set(STR_EMPTY, out, e);
    if (!clock_http_read(text_sent, &date_ns)) return time_set(text_sent, out, e);
    char text[CLOCK_TEXT_BYTES];
    return time_set(str_of(text, clock_amz_write(date_ns, text)), out, e);
}

static enum error_code header_read(const struct s3_head *head, str value,
                                   struct s3_authorization *out, struct error *e) {
    str scheme = STR_EMPTY, rest = str_trim(value), credential = STR_EMPTY, names = STR_EMPTY,
        signature = STR_EMPTY;
    if (!str_cut(&rest, ' ', &scheme)) scheme = rest;
    TRY(algorithm_check(S3_AUTH_HEADER, scheme, e));
    for (bool more = true; more;) {
        str field = STR_EMPTY, name = STR_EMPTY;
        more = str_cut(&rest, ',', &field);
        if (!more) field = rest;
        field = str_trim(field);
        str *slot = NULL;
        if (str_cut(&field, '=', &name)) {
            if (str_equal(name, STR("Credential"))) slot = &credential;
            if (str_equal(name, STR("SignedHeaders"))) slot = &names;
            if (str_equal(name, STR("Signature"))) slot = &signature;
        }
        if (slot == NULL || slot->len > 0 || field.len == 0)
            return fault_at(S3_AUTH_HEADER,
                            "the authorization header requires three components: Credential, "
                            "SignedHeaders, and Signature, each once",
                            e);
        *slot = field;
    }
    TRY(credential_read(S3_AUTH_HEADER, credential, out, e));
    TRY(names_read(S3_AUTH_HEADER, names, out, e));
    TRY(signature_read(S3_AUTH_HEADER, signature, out, e));
    TRY(header_time_read(head, out, e));
    size_t count;
    str payload = header_of(head, STR("x-amz-content-sha256"), &count);
    if (count == 0)
        return error_set(e, FAIL_INVALID_REQUEST,
                         "Missing required header for this request: x-amz-content-sha256");
    return payload_read(count == 1 ? payload : STR_EMPTY, out, e);
}

static enum error_code param_take(const struct s3_query *query, str name, str *out,
                                  struct error *e) {
    const struct s3_param *param = s3_query_find(query, name);
    if (param == NULL || param->value.len == 0)
        return error_set(e, FAIL_AUTH_QUERY,
                         "Query-string authentication version 4 requires the X-Amz-Algorithm, "
                         "X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and "
                         "X-Amz-Expires parameters; %.*s is missing",
                         STR_FMT(name));
    *out = param->value;
    return OK;
}

static bool is_amz(str name) {
    return name.len > 6 && str_equal_nocase(str_slice(name, 0, 6), STR("x-amz-"));
}

/* A second value would be signed beside the first, and who knows which one is read. */
static enum error_code params_once(const struct s3_query *query, struct error *e) {
    for (unsigned i = 0; i < query->count; i++) {
        if (!is_amz(query->at[i].name)) continue;
        for (unsigned k = i + 1; k < query->count; k++)
            if (str_equal_nocase(query->at[i].name, query->at[k].name))
                return error_set(e, FAIL_AUTH_QUERY, "The query parameter %.*s is there twice",
                                 STR_FMT(query->at[i].name));
    }
    return OK;
}

static enum error_code expires_read(str text, uint32_t *out, struct error *e) {
    if (!str_u32(text, out) || *out == 0)
        return error_set(e, FAIL_AUTH_QUERY,
                         "X-Amz-Expires should be a positive number of seconds");
    if (*out > LIMIT_PRESIGN_S)
        return error_set(e, FAIL_AUTH_QUERY,
                         "X-Amz-Expires must be less than a week (in seconds); "
                         "that is, the given X-Amz-Expires must be less than "
                         "604800 seconds");
    return OK;
}

static enum error_code query_read(const struct s3_head *head, struct s3_authorization *out,
                                  struct error *e) {
    const struct s3_query *query = &head->query;
    str name = STR_EMPTY, credential = STR_EMPTY, date = STR_EMPTY, expires = STR_EMPTY,
        names = STR_EMPTY, signature = STR_EMPTY;
    TRY(params_once(query, e));
    TRY(param_take(query, STR("X-Amz-Algorithm"), &name, e));
    TRY(algorithm_check(S3_AUTH_QUERY, name, e));
    TRY(param_take(query, STR("X-Amz-Credential"), &credential, e));
    TRY(param_take(query, STR("X-Amz-Date"), &date, e));
    TRY(param_take(query, STR("X-Amz-Expires"), &expires, e));
    TRY(param_take(query, STR("X-Amz-SignedHeaders"), &names, e));
    TRY(param_take(query, STR("X-Amz-Signature"), &signature, e));
    TRY(credential_read(S3_AUTH_QUERY, credential, out, e));
    TRY(names_read(S3_AUTH_QUERY, names, out, e));
    TRY(signature_read(S3_AUTH_QUERY, signature, out, e));
    TRY(expires_read(expires, &out->expires_s, e));
    if (time_set(date, out, NULL) != OK)
        return error_set(e, FAIL_AUTH_QUERY,
                         "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
    size_t count;
    str payload = header_of(head, STR("x-amz-content-sha256"), &count);
    if (count > 0) return payload_read(count == 1 ? payload : STR_EMPTY, out, e);
    const struct s3_param *param = s3_query_find(query, STR("X-Amz-Content-Sha256"));
    return payload_read(param != NULL ? param->value : STR("UNSIGNED-PAYLOAD"), out, e);
}

static bool has_query_auth(const struct s3_query *query) {
    for (unsigned i = 0; i < query->count; i++) {
        str name = query->at[i].name;
        if (str_equal_nocase(name, STR("X-Amz-Signature")) ||
            str_equal_nocase(name, STR("X-Amz-Credential")) ||
            str_equal_nocase(name, STR("X-Amz-Algorithm")))
            return true;
    }
    return false;
}

enum error_code s3_authorization_read(const struct s3_head *head, struct s3_authorization *out,
                                      struct error *e) {
    size_t count, token_count;
    str header = header_of(head, STR("authorization"), &count);
    bool in_query = has_query_auth(&head->query);
    struct s3_authorization auth = {.kind = S3_AUTH_ANONYMOUS};
    if (count > 1) return fault_at(S3_AUTH_HEADER, "it is there more than once", e);
    if (count > 0 && in_query)
        return error_set(e, FAIL_INVALID_REQUEST,
                         "Only one auth mechanism allowed; only the X-Amz-Algorithm query "
                         "parameter or the Authorization header should be specified");
    if (count == 0 && !in_query) {
        if (s3_query_find(&head->query, STR("AWSAccessKeyId")) != NULL)
            return algorithm_check(S3_AUTH_HEADER, STR("AWS"), e);
        *out = auth;
        return OK;
    }
    header_of(head, STR("x-amz-security-token"), &token_count);
    if (token_count > 0 || s3_query_find(&head->query, STR("X-Amz-Security-Token")) != NULL)
        return error_set(e, FAIL_TOKEN,
                         "The provided token is malformed or otherwise invalid: "
                         "this store issues no session tokens");
    auth.kind = in_query ? S3_AUTH_QUERY : S3_AUTH_HEADER;
    if (in_query)
        TRY(query_read(head, &auth, e));
    else
        TRY(header_read(head, header, &auth, e));
    *out = auth;
    return OK;
}

/* ---- judging ---- */

static bool is_signed(const struct s3_authorization *auth, str name) {
    for (unsigned i = 0; i < auth->name_count; i++)
        if (str_equal_nocase(auth->names[i], name)) return true;
    return false;
}

static enum error_code names_judge(const struct s3_authorization *auth, const struct s3_head *head,
                                   struct s3_signature_fault *fault, struct error *e) {
    str missing = is_signed(auth, STR("host")) ? STR_EMPTY : STR("host");
    const struct http_headers *headers = &head->http->headers;
    for (size_t i = 0; missing.len == 0 && i < headers->count; i++)
        if (is_amz(headers->at[i].name) && !is_signed(auth, headers->at[i].name))
            missing = headers->at[i].name;
    if (missing.len == 0) return OK;
    fault->unsigned_header = missing;
    return error_set(e, FAIL_ACCESS_DENIED,
                     "There were headers present in the request which were not signed: %.*s",
                     STR_FMT(missing));
}

static enum error_code region_judge(const struct s3_authorization *auth, const str *regions,
                                    unsigned region_count, struct s3_signature_fault *fault,
                                    struct error *e) {
    for (unsigned i = 0; i < region_count; i++)
        if (str_equal(auth->region, regions[i])) return OK;
    fault->region_is_wrong = true;
    if (auth->kind == S3_AUTH_HEADER)
        return error_set(e, FAIL_AUTH_HEADER,
                         "The authorization header is malformed; the region '%.*s' is wrong; "
                         "expecting '%.*s'",
                         STR_FMT(auth->region), STR_FMT(regions[0]));
    return error_set(e, FAIL_AUTH_QUERY,
                     "Error parsing the X-Amz-Credential parameter; the region '%.*s' is wrong; "
                     "expecting '%.*s'",
                     STR_FMT(auth->region), STR_FMT(regions[0]));
}

static enum error_code time_judge(const struct s3_authorization *auth, int64_t now_ns,
                                  struct error *e) {
    int64_t skew_ns = LIMIT_CLOCK_SKEW_S * NS_PER_S, age_ns = now_ns - auth->time_ns;
    if (auth->kind == S3_AUTH_HEADER) {
        if (age_ns <= skew_ns && age_ns >= -skew_ns) return OK;
        return error_set(e, FAIL_CLOCK_SKEW,
                         "The difference between the request time and the server's time is too "
                         "large: %" PRId64 " s, at most %d",
                         age_ns / NS_PER_S, LIMIT_CLOCK_SKEW_S);
    }
    if (age_ns < -skew_ns) return error_set(e, FAIL_ACCESS_DENIED, "Request is not yet valid");
    if (age_ns > auth->expires_s * NS_PER_S)
        return error_set(e, FAIL_EXPIRED, "Request has expired");
    return OK;
}

enum error_code s3_authorization_judge(const struct s3_authorization *auth,
                                       const struct s3_head *head, int64_t now_ns,
                                       const str *regions, unsigned region_count,
                                       struct s3_signature_fault *fault, struct error *e) {
    assert(auth->kind != S3_AUTH_ANONYMOUS);
    assert(region_count > 0);
    if (!str_equal(auth->date, str_of(auth->time_text, 8)))
        return fault_at(auth->kind, "the date of the Credential is not the date of the request", e);
    TRY(region_judge(auth, regions, region_count, fault, e));
    TRY(names_judge(auth, head, fault, e));
    return time_judge(auth, now_ns, e);
}
