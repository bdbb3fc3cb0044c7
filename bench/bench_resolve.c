/* A hundred thousand names against a resolver: h0.survey.test, h1.survey.test … (tests/resolve/test_unbound.py
 * starts one that has them).
 *
 *   bench_resolve RESOLVER NAMES [PARALLEL]
 *
 * Prints one line of JSON: seconds, names a second, how many came out how, chains met, peak memory. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "resolve/resolve.h"

struct asking {
    uint64_t next, count, addresses, chained, wrong;
    char name[64];
};

static bool question_next(void *self, struct resolve_question *out) {
    struct asking *a = self;
    if (a->next == a->count) return false;
    int len = snprintf(a->name, sizeof a->name, "h%llu.survey.test", (unsigned long long)a->next);
    *out = (struct resolve_question){.name = str_of(a->name, (size_t)len), .tag = a->next++};
    return true;
}

/* The server has 10.a.b.c for number abc. */
static enum error_code answer_take(void *self, const struct resolve_answer *answer,
                                   struct error *e) {
    struct asking *a = self;
    a->addresses += answer->address_count;
    a->chained += answer->chain_count > 0;
    for (size_t i = 0; i < answer->address_count; i++) {
        const struct resolve_address *address = &answer->addresses[i];
        if (address->len == 4 && answer->chain_count == 0 &&
            (read_be32(address->at) & 0xffffff) != answer->tag)
            a->wrong++;
    }
    return OK;
}

int main(int argc, char **argv) {
    struct asking asking = {0};
    struct resolve_report report;
    struct error e;
    struct rusage usage;
    uint32_t parallel = 0;
    bool is_good = argc == 3 || (argc == 4 && str_u32(str_from_c(argv[3]), &parallel));
    if (!is_good || !str_u64(str_from_c(argv[2]), &asking.count)) {
        fprintf(stderr, "usage: bench_resolve RESOLVER NAMES [PARALLEL]\n");
        return 2;
    }
    struct resolve_options options = {.resolvers = str_from_c(argv[1]), .parallel = parallel};
    struct resolve_source source = {question_next, &asking};
    struct resolve_sink sink = {answer_take, &asking};
    int64_t begin_ns = clock_steady_ns();
    if (resolve_run(&options, &source, &sink, &report, &e) != OK) {
        char text[1400];
        fprintf(stderr, "bench_resolve: %s\n", error_text(&e, text, sizeof text));
        return 1;
    }
    double seconds = (double)(clock_steady_ns() - begin_ns) / 1e9;
    getrusage(RUSAGE_SELF, &usage);
    printf("{\"names\": %llu, \"seconds\": %.3f, \"names_per_s\": %.0f, \"queries\": %llu, "
           "\"addresses\": %llu, \"chained\": %llu, \"wrong\": %llu, \"cpu_s\": %.3f, "
           "\"peak_mib\": %.1f",
           (unsigned long long)report.asked, seconds, (double)report.asked / seconds,
           (unsigned long long)report.queries, (unsigned long long)asking.addresses,
           (unsigned long long)asking.chained, (unsigned long long)asking.wrong,
           (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
               (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6,
           (double)usage.ru_maxrss / 1024);
    for (unsigned i = 0; i < RESOLVE_STATUS_COUNT; i++)
        printf(", \"%s\": %llu", resolve_status_name((enum resolve_status)i),
               (unsigned long long)report.by_status[i]);
    printf("}\n");
    return 0;
}
