/* azekura site import: official hazard maps as a file of events. */
#include "app/commands.h"
#include "app/reach/call.h"
#include "app/site/siting.h"
#include "base/disk.h"
#include "siting/siting.h"

#include <fcntl.h>
#include <stdio.h>

enum { FILES_MOST = 64, SITES_NAMED = 8 };
static const uint64_t file_bytes_most = UINT64_C(2)
                                        << 30; /* of address space; a prefecture's is less */

struct importing {
    struct option_list registers;
    const char *kind, *source, *edition, *licence, *as_of, *out;
    struct arena_space space, scratch_space, file_space;
    struct arena arena, scratch;
    struct register_snapshot *snapshot;
    struct facts_grounds grounds;
    struct siting_model model;
    struct siting_official official;
};

static enum error_code words_check(const struct importing *x, enum siting_official_kind *kind,
                                   struct error *e) {
    if (x->kind == NULL || !siting_official_kind_find(str_from_c(x->kind), kind))
        return error_set(e, FAIL_USAGE, "--kind takes quake, flood, tsunami or landslide%s%s%s",
                         x->kind != NULL ? ", not \"" : "", x->kind != NULL ? x->kind : "",
                         x->kind != NULL ? "\"" : "");
    if (x->edition == NULL || x->edition[0] == 0)
        return error_set(e, FAIL_USAGE,
                         "--edition is missing: which edition of the map, and which case of it?");
    if (x->licence == NULL || x->licence[0] == 0)
        return error_set(e, FAIL_USAGE,
                         "--licence is missing: under which terms may it be used? They differ by "
                         "map and prefecture");
    return OK;
}

static enum error_code sites_open(struct importing *x, struct error *e) {
    str paths[OPTION_LIST_MAX];
    struct facts_grounds_options about = {.model = &x->model, .at_ns = clock_wall_ns()};
    if (x->registers.count == 0) return OK;
    if (x->as_of != NULL && !clock_iso_read(str_from_c(x->as_of), &about.at_ns))
        return error_set(e, FAIL_USAGE,
                         "--as-of takes a day or time such as 2024-05-17, not \"%s\"", x->as_of);
    for (size_t i = 0; i < x->registers.count; i++) paths[i] = str_from_c(x->registers.at[i]);
    TRY(register_load(paths, x->registers.count, &x->snapshot, NULL, e));
    about.snapshot = x->snapshot;
    return facts_grounds_make(&about, &x->arena, x->scratch, &x->grounds, e);
}

static enum error_code file_take(struct importing *x, const char *path, struct error *e) {
    struct arena file;
    str bytes;
    TRY(arena_space_open(&x->file_space, (size_t)file_bytes_most + 4096, &file, e));
    enum error_code code = disk_file_read(AT_FDCWD, path, file_bytes_most, &file, &bytes, e);
    if (code == OK)
        code = siting_official_read(&x->official, str_from_c(path), bytes, x->scratch, e);
    arena_space_release(&x->file_space);
    return code;
}

static enum error_code import(struct importing *x, const char *const *files, struct error *e) {
    const size_t bytes = (size_t)2 << 30; /* address space: pages cost once touched */
    enum siting_official_kind kind = SITING_QUAKE;
    struct report_out report;
    TRY(words_check(x, &kind, e));
    TRY(arena_space_open(&x->space, bytes, &x->arena, e));
    TRY(arena_space_open(&x->scratch_space, bytes, &x->scratch, e));
    TRY(sites_open(x, e));
    char *values = arena_bytes(&x->arena, LIMIT_DOC_BYTES),
         *written = arena_bytes(&x->arena, 2 * LIMIT_DOC_BYTES);
    if (values == NULL || written == NULL) return error_set(e, FAIL_MEMORY, "no memory for values");
    struct text kept = text_into(values, LIMIT_DOC_BYTES),
                out = text_into(written, 2 * LIMIT_DOC_BYTES);
    const struct siting_site *sites = x->registers.count > 0 ? x->grounds.sites : NULL;
    TRY(siting_official_begin(kind, sites, x->grounds.count, &x->arena, &kept, &x->official, e));
    for (size_t i = 0; files[i] != NULL; i++) TRY(file_take(x, files[i], e));
    const struct siting_official_head head = {str_from_c(x->source), str_from_c(x->edition),
                                              str_from_c(x->licence)};
    TRY(siting_official_write(&x->official, &head, &out, e));
    TRY(report_open(x->out, &report, e));
    report_add(&report, text_str(&out));
    return report_close(&report, e);
}

/* What a planner must know beside the file: which sites no map has looked at. */
static void tell(const struct importing *x) {
    size_t unknown = 0, unplaced = 0;
    fprintf(stderr, "%llu features read, %llu values kept",
            (unsigned long long)x->official.features, (unsigned long long)x->official.kept);
    if (x->official.no_area > 0)
        fprintf(stderr, ", %llu points and lines left out",
                (unsigned long long)x->official.no_area);
    for (size_t i = 0; i < x->official.site_count; i++) {
        bool is_placed = siting_site_is_placed(&x->official.sites[i]);
        if (siting_official_knows(&x->official, i)) continue;
        unplaced += !is_placed;
        if (!is_placed || ++unknown > SITES_NAMED) continue;
        fprintf(stderr, "%s%.*s", unknown == 1 ? "; no feature holds " : ", ",
                STR_FMT(x->official.sites[i].id));
    }
    if (unknown > SITES_NAMED) fprintf(stderr, " and %zu more", unknown - SITES_NAMED);
    if (unknown > 0) fprintf(stderr, ": unknown there, not safe");
    if (unplaced > 0) fprintf(stderr, "; %zu sites have no place", unplaced);
    fprintf(stderr, "\n");
}

int command_site_import(int argc, char **argv) {
    static struct importing x;
    const struct option options[] = {
        {"kind", OPTION_TEXT, &x.kind, "quake|flood|tsunami|landslide", "which map"},
        {"edition", OPTION_TEXT, &x.edition, "TEXT",
         "which edition and case of it: \"Y2024 AVR TTL_MTTL\", \"A31a-25, largest scale\""},
        {"licence", OPTION_TEXT, &x.licence, "TEXT", "the terms it is used under"},
        {"source", OPTION_TEXT, &x.source, "TEXT", "who says so (the publisher of the kind)"},
        {"register", OPTION_LIST, &x.registers, "PATH",
         "keep only what holds a site of this register (repeatable)"},
        {"as-of", OPTION_TEXT, &x.as_of, "TIME", "with the sites of then (now)"},
        {"o", OPTION_TEXT, &x.out, "FILE", "write there (standard output)"},
        {0}};
    const struct command_line line = {
        .command = "azekura site import",
        .synopsis = "--kind KIND --edition TEXT --licence TEXT FILE… [options]",
        .about =
            "Makes a file of events of official hazard maps: J-SHIS (CSV of squares, or GeoJSON "
            "as its\n"
            "API answers), and of the National Land Numerical Information A31a (flood), A40 "
            "(tsunami) and\n"
            "A33 (landslide) as GeoJSON; hazard-import beside the rulebooks converts Shapefiles. "
            "Each value "
            "keeps source,\n"
            "edition, licence and range. Rules ask for them as place.hazard.quake_30y, "
            "flood_depth,\n"
            "tsunami_depth and landslide. Where a map is blank nothing is known. Exit: 0 done, "
            "2 wrong\n"
            "usage, 4 it could not be done.",
        .examples = "  azekura site import --kind flood --edition \"A31a-25, largest scale\" \\\n"
                    "      --licence \"CC BY 4.0\" A31a-20-25_04.geojson --register my-register -o "
                    "flood.yaml\n"
                    "  azekura site import --kind quake --edition \"Y2024 AVR TTL_MTTL\" \\\n"
                    "      --licence \"J-SHIS terms of use\" P-Y2024-MAP-AVR-TTL_MTTL-5740.csv -o "
                    "quake.yaml\n",
        .options = options,
        .positional_min = 1,
        .positional_max = FILES_MOST};
    const char *words[FILES_MOST + 1];
    int ended;
    if (!options_read(&line, argc, argv, words, COUNT_OF(words), &ended)) return ended;
    struct error e = {0};
    enum error_code code = import(&x, words, &e);
    if (code == OK)
        tell(&x);
    else
        command_fail(line.command, &e);
    register_release(x.snapshot);
    arena_space_release(&x.scratch_space);
    arena_space_release(&x.space);
    return code == OK ? 0 : code == FAIL_USAGE ? EXIT_USAGE : EXIT_FAILED;
}
