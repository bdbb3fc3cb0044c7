/* Preconditions. */
#include "s3/conditions.h"

struct s3_conditions s3_conditions_of_read(const struct s3_request *r) {
    return (struct s3_conditions){
        .if_match = s3_request_header(r, STR("if-match")),
        .if_none_match = s3_request_header(r, STR("if-none-match")),
        .if_modified_since = s3_request_header(r, STR("if-modified-since")),
        .if_unmodified_since = s3_request_header(r, STR("if-unmodified-since"))};
}

struct s3_conditions s3_conditions_of_copy(const struct s3_request *r) {
    return (struct s3_conditions){
        .if_match = s3_request_header(r, STR("x-amz-copy-source-if-match")),
        .if_none_match = s3_request_header(r, STR("x-amz-copy-source-if-none-match")),
        .if_modified_since = s3_request_header(r, STR("x-amz-copy-source-if-modified-since")),
        .if_unmodified_since = s3_request_header(r, STR("x-amz-copy-source-if-unmodified-since"))};
}

/* A list of entity tags, quoted or not as S3's clients send them; "*" is any. */
static bool tags_match(str list, const struct store_etag *etag) {
    str rest = list;
    if (str_equal(str_trim(list), STR("*"))) return true;
    for (bool more = true; more;) {
        str token = STR_EMPTY;
        struct store_etag one;
        more = str_cut(&rest, ',', &token);
        token = str_trim(more ? token : rest);
        if (str_starts(token, STR("W/"))) token = str_skip(token, 2);
        if (s3_etag_read(token, &one) && s3_etag_equal(&one, etag)) return true;
    }
    return false;
}

/* HTTP dates have whole seconds; so has the time they are compared with. */
static int64_t modified_s(const struct store_version *version) {
    return version->modified_ns / NS_PER_S;
}

static bool date_read(str text, int64_t *seconds) {
    int64_t wall_ns;
    if (text.len == 0) return false;
    if (!clock_http_read(text, &wall_ns) && !clock_iso_read(text, &wall_ns)) return false;
    *seconds = wall_ns / NS_PER_S;
    return true;
}

static enum error_code precondition_failed(struct error *e, const char *which) {
    return error_set(e, FAIL_PRECONDITION,
                     "At least one of the pre-conditions you specified did not hold: %s", which);
}

enum error_code s3_conditions_judge(const struct s3_conditions *conditions,
                                    const struct store_version *version, struct error *e) {
    int64_t since_s;
    if (conditions->if_match.len > 0) {
        if (!tags_match(conditions->if_match, &version->etag))
            return precondition_failed(e, "If-Match");
    } else if (date_read(conditions->if_unmodified_since, &since_s)) {
        if (modified_s(version) > since_s) return precondition_failed(e, "If-Unmodified-Since");
    }
    if (conditions->if_none_match.len > 0) {
        if (tags_match(conditions->if_none_match, &version->etag))
            return error_set(e, FAIL_NOT_MODIFIED, "Not Modified");
    } else if (date_read(conditions->if_modified_since, &since_s)) {
        if (modified_s(version) <= since_s) return error_set(e, FAIL_NOT_MODIFIED, "Not Modified");
    }
    return OK;
}

bool s3_range_holds(const struct s3_request *r, const struct store_version *version) {
    str text = s3_request_header(r, STR("if-range"));
    struct store_etag etag;
    int64_t seconds;
    if (text.len == 0) return true;
    if (s3_etag_read(text, &etag)) return s3_etag_equal(&etag, &version->etag);
    return date_read(text, &seconds) && seconds == modified_s(version);
}

enum error_code s3_condition_of_write(const struct s3_request *r, struct store_condition *out,
                                      struct error *e) {
    str none = s3_request_header(r, STR("if-none-match")),
        match = s3_request_header(r, STR("if-match"));
    *out = (struct store_condition){0};
    if (s3_request_has_header(r, STR("if-modified-since")) ||
        s3_request_has_header(r, STR("if-unmodified-since")) || (none.len > 0 && match.len > 0) ||
        (none.len > 0 && !str_equal(none, STR("*"))))
        return error_set(e, FAIL_NOT_IMPLEMENTED,
                         "A header you provided implies functionality that is not implemented: "
                         "writes take If-None-Match: *, or If-Match with * or one entity tag");
    out->if_none = none.len > 0;
    s3_condition_match(match, out);
    return OK;
}

void s3_condition_match(str match, struct store_condition *out) {
    out->if_any = str_equal(str_trim(match), STR("*"));
    out->if_match = match.len > 0 && !out->if_any;
    /* A tag no object here can have matches none: 412, found in the turn. */
    if (out->if_match && !s3_etag_read(match, &out->etag))
        out->etag = (struct store_etag){.parts = UINT16_MAX};
}
