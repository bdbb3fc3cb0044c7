/* Parameters of a query, as a list to look things up in. */
#include "s3/wire/query.h"

#include "http/http.h"

enum error_code s3_query_read(str raw, struct arena *arena, struct s3_query *out, struct error *e) {
    size_t room = raw.len > 0 ? 1 : 0;
    for (size_t i = 0; i < raw.len; i++)
        if (raw.at[i] == '&') room++;
    room = size_min(room, S3_PARAMS_MAX);
    struct s3_query query = {.at = arena_new(arena, struct s3_param, room)};
    if (query.at == NULL) return error_set(e, FAIL_MEMORY, "no room for %zu parameters", room);
    struct http_query walk = http_query_of(raw);
    for (;;) {
        struct http_parameter next;
        bool found;
        TRY(http_query_next(&walk, HTTP_DECODE_PLUS_IS_SPACE, arena, &found, &next, e));
        if (!found) break;
        if (query.count == S3_PARAMS_MAX)
            return error_set(e, FAIL_INVALID_URI, "The query has more than %d parameters",
                             S3_PARAMS_MAX);
        query.at[query.count++] =
            (struct s3_param){.name = next.name, .value = next.value, .has_value = next.has_value};
    }
    *out = query;
    return OK;
}

const struct s3_param *s3_query_find(const struct s3_query *query, str name) {
    for (unsigned i = 0; i < query->count; i++)
        if (str_equal(query->at[i].name, name)) return &query->at[i];
    return NULL;
}

str s3_query_value(const struct s3_query *query, str name) {
    const struct s3_param *param = s3_query_find(query, name);
    return param ? param->value : STR_EMPTY;
}
