/* What a survey of a million addresses costs, from opening the data to the last line of JSON.
 *
 *   bench_survey DATA.mmdb ASN-V4.csv ASN-V6.csv [PROVIDER=FILE.json]…
 *
 * Addresses out of announced ranges, each range as likely as another, so that neighbours differ: the worst for
 * what is judged once. Lines go to a file in memory. Prints one line of JSON. Source: DESIGN 8, a survey of a
 * million addresses takes seconds; issue of the survey, under 5 s and 1 GiB on two cores. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/disk.h"
#include "survey/survey.h"

enum { ASKED = 1000000, CLOUDS = 8 };
static const char lines[] = "/dev/shm/azekura-bench-survey.jsonl";

static void or_die(enum error_code code, const struct error *e) {
    char text[1400];
    if (code == OK) return;
    fprintf(stderr, "bench_survey: %s\n", error_text(e, text, sizeof text));
    exit(1);
}

static double now_s(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* One address out of each of as many random ranges. */
static struct geo_address *ask(const char *path, struct arena *arena) {
    struct geo_address *asked = arena_new(arena, struct geo_address, ASKED);
    struct random_seeded dice;
    struct geo_asn asn;
    struct error e;
    str bytes;
    assert(asked != NULL);
    random_seed(&dice, 1);
    or_die(disk_file_read(AT_FDCWD, path, 1 << 28, arena, &bytes, &e), &e);
    or_die(geo_asn_read(str_from_c(path), STR_EMPTY, bytes, arena, &asn, &e), &e);
    for (size_t i = 0; i < ASKED; i++) {
        asked[i] = asn.ranges[random_below(&dice, asn.count)].first;
        asked[i].at[3] = (unsigned char)(asked[i].at[3] | random_below(&dice, 256));
    }
    return asked;
}

static uint64_t write_all(const struct survey_world *world, const struct geo_address *asked) {
    static unsigned char memory[1 << 20];
    struct survey_judge *judge;
    struct survey_writer *writer;
    struct report_out out;
    struct error e;
    or_die(report_open(lines, &out, &e), &e);
    or_die(survey_judge_open(world, &judge, &e), &e);
    or_die(survey_writer_open(world, SURVEY_JSONL, STR_EMPTY, &out, &writer, &e), &e);
    for (size_t i = 0; i < ASKED; i++) {
        struct arena arena = arena_over(memory, sizeof memory);
        struct survey_asked one = {.addresses = &asked[i], .address_count = 1};
        struct survey_server server;
        or_die(survey_ask(judge, &one, &arena, &server, &e), &e);
        survey_writer_add(writer, &server, STR_EMPTY);
    }
    or_die(survey_writer_close(writer, &e), &e);
    uint64_t bytes = out.written_bytes;
    or_die(report_close(&out, &e), &e);
    survey_judge_close(judge);
    remove(lines);
    return bytes;
}

int main(int count, char **words) {
    static struct survey_list lists[CLOUDS];
    struct survey_options options = {.address_data_count = 1, .asn_count = 2, .clouds = lists};
    struct arena_space space;
    struct arena arena;
    struct survey_world *world;
    struct rusage used;
    struct error e;
    if (count < 4 || count > 4 + CLOUDS) {
        fprintf(stderr, "usage: bench_survey DATA.mmdb ASN-V4.csv ASN-V6.csv [PROVIDER=FILE]...\n");
        return 2;
    }
    for (int i = 4; i < count; i++) {
        char *equals = strchr(words[i], '=');
        if (equals == NULL) return 2;
        *equals = 0;
        lists[options.cloud_count++] = (struct survey_list){words[i], equals + 1};
    }
    options.address_data = (const char *const *)&words[1];
    options.asn = (const char *const *)&words[2];
    or_die(arena_space_open(&space, 1 << 30, &arena, &e), &e);
    const struct geo_address *asked = ask(words[2], &arena);
    double begin = now_s(CLOCK_MONOTONIC), cpu = now_s(CLOCK_PROCESS_CPUTIME_ID);
    or_die(survey_world_open(&options, &world, &e), &e);
    double opened = now_s(CLOCK_MONOTONIC);
    uint64_t bytes = write_all(world, asked);
    double ended = now_s(CLOCK_MONOTONIC);
    getrusage(RUSAGE_SELF, &used);
    printf("{\"addresses\": %d, \"open_s\": %.2f, \"judge_and_write_s\": %.2f, \"wall_s\": %.2f, "
           "\"cpu_s\": %.2f, \"lines_bytes\": %llu, \"resident_kib\": %ld}\n",
           ASKED, opened - begin, ended - opened, ended - begin,
           now_s(CLOCK_PROCESS_CPUTIME_ID) - cpu, (unsigned long long)bytes, used.ru_maxrss);
    survey_world_close(world);
    arena_space_release(&space);
    return 0;
}
