/* What a look-up costs in the compiled table of networks, and what the table costs to make.
 *
 *   bench_geo DATA.mmdb [ASN.csv|PROVIDER=FILE.json]…
 *
 * Asks of ten million addresses in random order: anywhere in IPv4, inside the listed networks, inside the
 * IPv6 networks that are said to be somewhere, and for the whole answer as well. One thread. Prints one
 * line of JSON. Source: DESIGN 8, a flow costs one look-up an end. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/base.h"
#include "geo/geo.h"

enum { ASKED = 1 << 20, ROUNDS = 10, FILES = 16 };

static struct random_seeded dice;
static struct geo_address asked[ASKED];

static void or_die(enum error_code code, const struct error *e) {
    char text[1400];
    if (code == OK) return;
    fprintf(stderr, "bench_geo: %s\n", error_text(e, text, sizeof text));
    exit(1);
}

static double now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static str file_map(const char *path) {
    struct stat file;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &file) != 0) {
        fprintf(stderr, "bench_geo: cannot read %s\n", path);
        exit(1);
    }
    void *at = mmap(NULL, (size_t)file.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    return at == MAP_FAILED ? STR_EMPTY : str_of(at, (size_t)file.st_size);
}

static void random_bytes_into(struct geo_address *address, unsigned from_bit) {
    for (unsigned bit = from_bit; bit < address->len * 8; bit++)
        if (random_below(&dice, 2) != 0)
            address->at[bit / 8] = (unsigned char)(address->at[bit / 8] | 0x80u >> bit % 8);
}

static void ask_anywhere(unsigned len) {
    for (size_t i = 0; i < ASKED; i++) {
        asked[i] = (struct geo_address){.len = len};
        random_bytes_into(&asked[i], 0);
    }
}

/* Addresses out of announced ranges: the first of a random one, with the last bits random. */
static void ask_announced(const struct geo_asn *asn) {
    for (size_t i = 0; i < ASKED; i++) {
        asked[i] = asn->ranges[random_below(&dice, asn->count)].first;
        random_bytes_into(&asked[i], asked[i].len == 4 ? 24 : 64);
    }
}

static double record_ns(const struct geo_atlas *atlas) {
    uint64_t sum = 0;
    double begin = now_ns();
    for (unsigned round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < ASKED; i++) sum += geo_atlas_record(atlas, &asked[i]);
    double each = (now_ns() - begin) / ROUNDS / ASKED;
    if (sum == UINT64_MAX) fprintf(stderr, "never\n"); /* so that the sum is needed */
    return each;
}

static double answer_ns(const struct geo_atlas *atlas) {
    uint64_t known = 0;
    double begin = now_ns();
    for (unsigned round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < ASKED; i++) {
            struct geo_answer answer;
            geo_atlas_find(atlas, &asked[i], &answer);
            known += answer.basis != GEO_BY_NOBODY;
        }
    double each = (now_ns() - begin) / ROUNDS / ASKED;
    if (known == UINT64_MAX) fprintf(stderr, "never\n");
    return each;
}

static void measure(const struct geo_atlas *atlas, const char *what) {
    printf(", \"%s_ns\": %.1f, \"%s_answer_ns\": %.1f", what, record_ns(atlas), what,
           answer_ns(atlas));
}

int main(int count, char **words) {
    static struct geo_asn asns[FILES];
    static struct geo_cloud clouds[FILES];
    struct geo_atlas_options options = {.asn = asns, .clouds = clouds};
    struct geo_data *data;
    struct geo_atlas *atlas;
    struct arena_space space;
    struct arena arena;
    struct error e;
    if (count < 2 || count > FILES) {
        fprintf(stderr, "usage: bench_geo DATA.mmdb [ASN.csv|PROVIDER=FILE.json]...\n");
        return 2;
    }
    random_seed(&dice, 1);
    or_die(arena_space_open(&space, 1 << 30, &arena, &e), &e);
    double begin = now_ns();
    or_die(geo_data_open(&(struct geo_data_options){.path = words[1]}, &data, &e), &e);
    options.data = data;
    for (int i = 2; i < count; i++) {
        str path = str_from_c(words[i]), provider;
        if (str_cut(&path, '=', &provider))
            or_die(geo_cloud_read(provider, path, file_map(path.at), &arena,
                                  &clouds[options.cloud_count++], &e),
                   &e);
        else
            or_die(geo_asn_read(path, STR_EMPTY, file_map(path.at), &arena,
                                &asns[options.asn_count++], &e),
                   &e);
    }
    double read = now_ns();
    or_die(geo_atlas_build(&options, &atlas, &e), &e);
    double built = now_ns();
    geo_data_close(data);
    struct geo_atlas_sizes sizes = geo_atlas_sizes(atlas);
    printf("{\"read_ms\": %.0f, \"build_ms\": %.0f, \"bytes\": %zu, \"records\": %zu, \"cuts_v4\": "
           "%zu, "
           "\"cuts_v6\": %zu",
           (read - begin) / 1e6, (built - read) / 1e6, sizes.bytes, sizes.records, sizes.cuts_v4,
           sizes.cuts_v6);
    ask_anywhere(4);
    measure(atlas, "v4_anywhere");
    for (size_t i = 0; i < options.asn_count; i++) {
        ask_announced(&asns[i]);
        measure(atlas, asns[i].ranges[0].first.len == 4 ? "v4_announced" : "v6_announced");
    }
    printf("}\n");
    geo_atlas_close(atlas);
    arena_space_release(&space);
    return 0;
}
