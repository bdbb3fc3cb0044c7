/* Opening and closing: what is the same for every request, and what each reactor has for itself. */
#include "s3/s3.h"

#include "s3/request.h"

#include <stdatomic.h>
#include <stdlib.h>

static enum error_code names_copy(struct s3 *s3, const str *from, size_t count, str *to,
                                  unsigned *to_count, struct error *e) {
    if (count > S3_NAMES_MAX)
        return error_set(e, FAIL_LIMIT, "%zu regions or domains are over %d", count, S3_NAMES_MAX);
    for (size_t i = 0; i < count; i++) TRY(arena_copy(&s3->names, from[i], &to[i], e));
    *to_count = (unsigned)count;
    return OK;
}

static enum error_code reactors_open(struct s3 *s3, struct error *e) {
    size_t size = sizeof *s3->reactors;
    s3->reactors = aligned_alloc(_Alignof(struct s3_reactor), s3->reactor_count * size);
    if (s3->reactors == NULL) return error_set(e, FAIL_MEMORY, "no room for S3's reactors");
    memset(s3->reactors, 0, s3->reactor_count * size);
    for (unsigned i = 0; i < s3->reactor_count; i++) {
        random_seed(&s3->reactors[i].ids, random_u64());
        for (int k = 0; k < S3_WIDE_COUNT; k++) {
            struct s3_wide *wide = &s3->reactors[i].wide[k];
            TRY(arena_space_open(&wide->space, S3_WIDE_BYTES, &wide->arena, e));
        }
    }
    return OK;
}

enum error_code s3_open(const struct s3_options *options, struct s3 **out, struct error *e) {
    static const str usual[] = {{"us-east-1", 9}, {"auto", 4}, {"default", 7}};
    struct s3 *s3 = calloc(1, sizeof *s3);
    if (s3 == NULL) return error_set(e, FAIL_MEMORY, "no room for S3");
    s3->gate = options->gate;
    s3->runtime = options->runtime;
    s3->reactor_count = runtime_reactor_count(options->runtime);
    const str *regions = options->region_count > 0 ? options->regions : usual;
    size_t region_count = options->region_count > 0 ? options->region_count : COUNT_OF(usual);
    enum error_code code = arena_space_open(&s3->names_space, 64 << 10, &s3->names, e);
    if (code == OK) code = names_copy(s3, regions, region_count, s3->regions, &s3->region_count, e);
    if (code == OK)
        code = names_copy(s3, options->domains, options->domain_count, s3->domains,
                          &s3->domain_count, e);
    if (code == OK) code = reactors_open(s3, e);
    if (code == OK)
        *out = s3;
    else
        s3_close(s3);
    return code;
}

void s3_close(struct s3 *s3) {
    if (s3 == NULL) return;
    for (unsigned i = 0; s3->reactors != NULL && i < s3->reactor_count; i++) {
        s3_key_cache_release(&s3->reactors[i].keys);
        for (int k = 0; k < S3_WIDE_COUNT; k++) arena_space_release(&s3->reactors[i].wide[k].space);
    }
    free(s3->reactors);
    arena_space_release(&s3->names_space);
    free(s3);
}

void s3_counters(const struct s3 *s3, struct s3_counters *out) {
    *out = (struct s3_counters){0};
    for (unsigned i = 0; i < s3->reactor_count; i++) {
        const struct s3_reactor *r = &s3->reactors[i];
        out->requests += atomic_load_explicit(&r->requests, memory_order_relaxed);
        out->unauthenticated += atomic_load_explicit(&r->unauthenticated, memory_order_relaxed);
        out->refused += atomic_load_explicit(&r->refused, memory_order_relaxed);
        out->failed += atomic_load_explicit(&r->failed, memory_order_relaxed);
        out->aborted += atomic_load_explicit(&r->aborted, memory_order_relaxed);
    }
}

struct s3_wide *s3_wide_take(struct s3_request *r) {
    struct s3_reactor *reactor = r->reactor;
    struct s3_wide *wide = &reactor->wide[reactor->wide_next++ % S3_WIDE_COUNT];
    for (int k = 0; k < S3_WIDE_COUNT; k++) {
        if (reactor->wide[k].lock.held) continue;
        wide = &reactor->wide[k];
        break;
    }
    fiber_lock_take(&wide->lock);
    wide->arena = arena_over(wide->space.at, wide->space.bytes);
    r->visit.arena = &wide->arena;
    return wide;
}

static str answer_keep(struct s3_request *r, str s) {
    str kept;
    return arena_copy(s3_request_arena(r), s, &kept, NULL) == OK ? kept : STR_EMPTY;
}

void s3_wide_give(struct s3_request *r, struct s3_wide *wide) {
    /* What the gate said lives in there, and the reply may still have to show it. */
    r->answer.clauses = answer_keep(r, r->answer.clauses);
    r->answer.receipt = answer_keep(r, r->answer.receipt);
    r->visit.arena = s3_request_arena(r);
    fiber_lock_give(&wide->lock);
}
