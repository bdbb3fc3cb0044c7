/* Where address data lie that came with the program: installed beside it, or in the tree it was built
 * from, as npm put them there. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/survey/surveying.h"
#include "base/disk.h"

static const struct {
    const char *installed, *in_tree;
} places[] = {
    {"../share/azekura/address-data/geo-whois-asn-country.mmdb",
     "../../../node_modules/@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb"},
    {"../share/azekura/address-data/asn/asn-ipv4.csv",
     "../../../node_modules/@ip-location-db/asn/asn-ipv4.csv"},
    {"../share/azekura/address-data/asn/asn-ipv6.csv",
     "../../../node_modules/@ip-location-db/asn/asn-ipv6.csv"},
    {"../share/azekura/address-data/asn/package.json",
     "../../../node_modules/@ip-location-db/asn/package.json"},
};

static void place_find(size_t which, char *path, size_t cap) {
    char program[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);
    path[0] = 0;
    if (len < 0) return;
    program[len] = 0;
    char *slash = strrchr(program, '/');
    if (slash != NULL) *slash = 0;
    const char *tries[] = {places[which].installed, places[which].in_tree};
    for (size_t i = 0; i < COUNT_OF(tries); i++) {
        int wrote = snprintf(path, cap, "%s/%s", program, tries[i]);
        if (wrote > 0 && (size_t)wrote < cap && access(path, R_OK) == 0) return;
    }
    path[0] = 0;
}

/* The version ends in the day and hour of the edition: "2.3.2026061719". */
static void date_read(const char *path, char date[16]) {
    char memory[1 << 14];
    struct arena arena = arena_over(memory, sizeof memory);
    struct error ignored;
    str bytes, digits;
    size_t at;
    date[0] = 0;
    if (path[0] == 0 || disk_file_read(AT_FDCWD, path, 1 << 13, &arena, &bytes, &ignored) != OK ||
        !str_find(bytes, STR("\"version\": \"2.3."), &at))
        return;
    digits = str_slice(bytes, at + strlen("\"version\": \"2.3."), 8);
    uint64_t number;
    if (digits.len == 8 && str_u64(digits, &number))
        snprintf(date, 16, "%.4s-%.2s-%.2s", digits.at, digits.at + 4, digits.at + 6);
}

void survey_data_find(struct survey_data *out) {
    char package[4096];
    place_find(0, out->address, sizeof out->address);
    place_find(1, out->asn_v4, sizeof out->asn_v4);
    place_find(2, out->asn_v6, sizeof out->asn_v6);
    place_find(3, package, sizeof package);
    date_read(package, out->asn_date);
}
