/* Operations and keys: see work.h. */
#include "bench/work.h"

#include <stdio.h>

const char *const operation_names[OPERATION_COUNT] = {"bucket", "fill", "put", "get", "mix",
                                                      "list",   "del",  "raw", "part"};

/* Scatters numbers, so that new keys do not arrive in key order; no two numbers meet.
 * Source: the finaliser of SplitMix64. */
static uint64_t scatter(uint64_t x) {
    x ^= x >> 30;
    x *= 0xbf58476d1ce4e5b9u;
    x ^= x >> 27;
    x *= 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

static bool is_limited(enum operation operation) {
    return operation == OPERATION_FILL || operation == OPERATION_DEL || operation == OPERATION_PART;
}

static void path_of_key(const struct work *work, uint64_t key, struct work_target *out) {
    const char *slash = work->bucket.len > 0 ? "/" : "";
    snprintf(out->path, sizeof out->path, "%s%.*s/%.*s%08llu", slash, STR_FMT(work->bucket),
             STR_FMT(work->prefix), (unsigned long long)key);
}

static void target_put(const struct work *work, uint64_t number, bool is_new,
                       struct work_target *out) {
    if (is_new)
        snprintf(out->path, sizeof out->path, "/%.*s/%.*snew/%016llx", STR_FMT(work->bucket),
                 STR_FMT(work->prefix), (unsigned long long)scatter(work->run + number));
    else
        path_of_key(work, number, out);
    out->request.method = "PUT";
    out->request.payload = work->payload;
    out->request.body_bytes = work->object_bytes;
    out->has_body = true;
    out->expected_bytes = UINT64_MAX;
}

static void target_list(const struct work *work, struct random_seeded *dice,
                        struct work_target *out) {
    uint64_t last = work->key_count > LIMIT_LIST_KEYS ? work->key_count - LIMIT_LIST_KEYS : 1;
    snprintf(out->path, sizeof out->path, "/%.*s", STR_FMT(work->bucket));
    snprintf(out->query, sizeof out->query, "list-type=2&max-keys=1000&start-after=%.*s%08llu",
             STR_FMT(work->prefix), (unsigned long long)random_below(dice, last));
    out->expected_bytes = UINT64_MAX;
}

bool work_target_make(struct work *work, struct random_seeded *dice, struct work_target *out) {
    uint64_t number = atomic_fetch_add_explicit(&work->next, 1, memory_order_relaxed);
    uint64_t last = is_limited(work->operation) ? work->key_count : UINT64_MAX;
    if (work->count_max > 0 && work->count_max < last) last = work->count_max;
    if (work->operation == OPERATION_BUCKET) last = 1;
    if (number >= last) return false;
    out->query[0] = '\0';
    out->has_body = false;
    out->is_signed = work->operation != OPERATION_RAW;
    out->expected_bytes = work->object_bytes;
    out->request =
        (struct signer_request){.method = "GET",
                                .host = work->host,
                                .payload = STR("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca49"
                                               "5991b7852b855")}; /* SHA-256 of nothing */
    switch (work->operation) {
    case OPERATION_BUCKET:
        snprintf(out->path, sizeof out->path, "/%.*s", STR_FMT(work->bucket));
        out->request.method = "PUT";
        out->expected_bytes = UINT64_MAX;
        break;
    case OPERATION_FILL: target_put(work, number, false, out); break;
    case OPERATION_PUT: target_put(work, number, true, out); break;
    case OPERATION_MIX:
        if (number % 2 == 0) {
            target_put(work, number, true, out);
            break;
        } /* fall through */
    case OPERATION_GET:
    case OPERATION_RAW: path_of_key(work, random_below(dice, work->key_count), out); break;
    case OPERATION_LIST: target_list(work, dice, out); break;
    case OPERATION_DEL:
        path_of_key(work, number, out);
        out->request.method = "DELETE";
        out->expected_bytes = UINT64_MAX;
        break;
    case OPERATION_PART:
        target_put(work, number, false, out);
        snprintf(out->path, sizeof out->path, "/%.*s/%.*s", STR_FMT(work->bucket),
                 STR_FMT(work->prefix));
        snprintf(out->query, sizeof out->query, "partNumber=%llu&uploadId=%.*s",
                 (unsigned long long)number + 1, STR_FMT(work->upload));
        break;
    case OPERATION_COUNT: return false;
    }
    out->request.path = str_from_c(out->path);
    out->request.query = str_from_c(out->query);
    return true;
}
