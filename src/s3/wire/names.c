/* Buckets, keys, addresses and copy sources. */
#include "s3/wire/names.h"

#include "http/http.h"

static bool is_low_alnum(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* 192.168.5.4: four runs of digits. */
static bool looks_like_ipv4(str s) {
    unsigned dots = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] == '.')
            dots++;
        else if (s.at[i] < '0' || s.at[i] > '9')
            return false;
    }
    return dots == 3;
}

static const char *bucket_fault(str b) {
    if (b.len < 3 || b.len > LIMIT_BUCKET_NAME_BYTES) return "must be 3 to 63 characters long";
    if (!is_low_alnum(b.at[0]) || !is_low_alnum(b.at[b.len - 1]))
        return "must begin and end with a lower-case letter or a digit";
    for (size_t i = 0; i < b.len; i++) {
        if (!is_low_alnum(b.at[i]) && b.at[i] != '-' && b.at[i] != '.')
            return "may hold lower-case letters, digits, dots and hyphens only";
        if (b.at[i] == '.' && b.at[i - 1] == '.') return "must not hold two dots in a row";
    }
    if (looks_like_ipv4(b)) return "must not look like an IP address";
    if (str_starts(b, STR("xn--")) || str_starts(b, STR("sthree-")) ||
        str_starts(b, STR("amzn-s3-demo-")))
        return "begins with a reserved prefix";
    if (str_ends(b, STR("-s3alias")) || str_ends(b, STR("--ol-s3")) || str_ends(b, STR(".mrap")) ||
        str_ends(b, STR("--x-s3")) || str_ends(b, STR("--table-s3")))
        return "ends with a reserved suffix";
    return NULL;
}

enum error_code s3_bucket_check(str bucket, struct error *e) {
    const char *fault = bucket_fault(bucket);
    if (fault == NULL) return OK;
    return error_set(e, FAIL_BUCKET_NAME, "The specified bucket is not valid: its name %s", fault);
}

enum error_code s3_key_check(str key, struct error *e) {
    if (key.len == 0) return error_set(e, FAIL_INVALID_ARGUMENT, "The key is empty");
    if (key.len > LIMIT_KEY_BYTES)
        return error_set(e, FAIL_KEY_TOO_LONG, "Your key is too long: %zu bytes are over %d",
                         key.len, LIMIT_KEY_BYTES);
    if (memchr(key.at, 0, key.len) != NULL)
        return error_set(e, FAIL_INVALID_URI, "The key holds a NUL byte");
    if (!str_is_utf8(key)) return error_set(e, FAIL_INVALID_URI, "The key is not UTF-8");
    return OK;
}

/* Without ":PORT"; "[::1]:9000" keeps its brackets. */
static str host_name(str host) {
    size_t end = host.len;
    while (end > 0 && host.at[end - 1] >= '0' && host.at[end - 1] <= '9') end--;
    return end > 0 && host.at[end - 1] == ':' ? str_slice(host, 0, end - 1) : host;
}

/* The BUCKET of BUCKET.DOMAIN, empty when the host is not of that form. */
static str host_bucket(str host, const str *domains, unsigned domain_count) {
    for (unsigned i = 0; i < domain_count; i++) {
        str domain = domains[i];
        if (domain.len == 0 || host.len < domain.len + 2) continue;
        size_t before = host.len - domain.len;
        if (host.at[before - 1] == '.' && str_equal_nocase(str_skip(host, before), domain))
            return str_slice(host, 0, before - 1);
    }
    return STR_EMPTY;
}

static enum error_code lower_copy(str s, struct arena *arena, str *out, struct error *e) {
    char *to = arena_bytes(arena, s.len);
    if (to == NULL) return error_set(e, FAIL_MEMORY, "no room for a bucket name");
    for (size_t i = 0; i < s.len; i++)
        to[i] = s.at[i] >= 'A' && s.at[i] <= 'Z' ? (char)(s.at[i] + 32) : s.at[i];
    *out = str_of(to, s.len);
    return OK;
}

enum error_code s3_address_read(str host, str path, const str *domains, unsigned domain_count,
                                struct arena *arena, struct s3_address *out, struct error *e) {
    if (path.len == 0 || path.at[0] != '/')
        return error_set(e, FAIL_INVALID_URI, "the path does not begin with a slash");
    str decoded;
    TRY(http_percent_decode(path, 0, arena, &decoded, e));
    decoded = str_skip(decoded, 1);
    struct s3_address address = {0};
    str bucket = host_bucket(host_name(host), domains, domain_count);
    if (bucket.len > 0) {
        TRY(lower_copy(bucket, arena, &address.bucket, e));
        address.key = decoded;
        address.virtual_hosted = true;
    } else if (str_cut(&decoded, '/', &address.bucket)) {
        address.key = decoded;
    } else {
        address.bucket = decoded;
    }
    *out = address;
    return OK;
}

/* Splits off the last "?versionId=ID"; a "?" of the key itself comes escaped. */
static void version_cut(str *source, str *version) {
    str rest = *source, needle = STR("?versionId=");
    size_t at;
    *version = STR_EMPTY;
    while (str_find(rest, needle, &at)) {
        *source = str_of(source->at, (size_t)(rest.at + at - source->at));
        *version = str_skip(rest, at + needle.len);
        rest = *version;
    }
}

static enum error_code source_fault(struct error *e, const char *why) {
    return error_set(e, FAIL_INVALID_ARGUMENT,
                     "Invalid copy source: %s; expected BUCKET/KEY[?versionId=ID], URL-encoded",
                     why);
}

enum error_code s3_copy_source_read(str header, struct arena *arena, struct s3_copy_source *out,
                                    struct error *e) {
    str source = header;
    struct s3_copy_source copy = {0};
    bool has_mark = str_find(source, STR("?versionId="), &(size_t){0});
    version_cut(&source, &copy.version);
    if (has_mark && copy.version.len == 0) return source_fault(e, "the version id is empty");
    if (http_percent_decode(copy.version, 0, arena, &copy.version, NULL) != OK ||
        http_percent_decode(source, 0, arena, &source, NULL) != OK)
        return source_fault(e, "a percent sign without two hex digits");
    if (source.len > 0 && source.at[0] == '/') source = str_skip(source, 1);
    if (str_starts(source, STR("arn:"))) return source_fault(e, "access points are not served");
    if (!str_cut(&source, '/', &copy.bucket) || copy.bucket.len == 0)
        return source_fault(e, "the bucket or the key is missing");
    copy.key = source;
    if (copy.key.len == 0) return source_fault(e, "the key is empty");
    struct error why = {0};
    if (s3_key_check(copy.key, &why) != OK) return source_fault(e, why.message);
    *out = copy;
    return OK;
}
