/* azekura geo: what the ground's own codes say. */
#include "app/commands.h"
#include "app/reach/call.h"
#include "geo/geo.h"

#include <stdio.h>
#include <stdlib.h>

static bool degrees_read(const char *text, double *out) {
    char *end;
    *out = strtod(text, &end);
    return end != text && *end == 0;
}

static void say_mesh(const char *const *codes, const char *const *names, size_t count,
                     bool as_json) {
    if (as_json) putchar('{');
    for (size_t i = 0; i < count; i++)
        if (as_json)
            printf("%s\"%s\":\"%s\"", i > 0 ? "," : "", names[i], codes[i]);
        else
            printf("%-6s %s\n", names[i], codes[i]);
    if (as_json) printf("}\n");
}

static int mesh(const char *lat, const char *lon, bool as_json) {
    static const enum geo_mesh meshes[] = {GEO_MESH_80KM, GEO_MESH_10KM, GEO_MESH_1KM,
                                           GEO_MESH_500M, GEO_MESH_250M};
    static const char *const names[] = {"80km", "10km", "1km", "500m", "250m"};
    char codes[COUNT_OF(meshes)][GEO_MESH_DIGITS + 1];
    const char *at[COUNT_OF(meshes)];
    struct geo_point point;
    bool is_point = degrees_read(lat, &point.lat_deg) && degrees_read(lon, &point.lon_deg) &&
                    geo_point_is_valid(point);
    for (size_t i = 0; is_point && i < COUNT_OF(meshes); i++) {
        at[i] = codes[i];
        is_point = geo_mesh_write(point, meshes[i], codes[i]);
    }
    if (!is_point) {
        fprintf(stderr,
                "azekura geo mesh: expected degrees, 0 to 66.66 north and 100 to 180 east, not "
                "\"%s\" \"%s\"\n",
                lat, lon);
        return EXIT_USAGE;
    }
    say_mesh(at, names, COUNT_OF(meshes), as_json);
    return 0;
}

int command_geo(int argc, char **argv) {
    const char *format = NULL;
    const struct option options[] = {
        {"format", OPTION_TEXT, &format, "text|json", "how to answer (text)"}, {0}};
    const struct command_line line = {.command = "azekura geo",
                                      .synopsis = "mesh LAT LON",
                                      .about =
                                          "The codes of the grid squares that hold a point, from "
                                          "80 km to 250 m (JIS X 0410), in which\n"
                                          "hazards of Japan are published. Degrees north and east.",
                                      .examples = "  azekura geo mesh 35.689185 139.691648\n",
                                      .options = options,
                                      .positional_min = 3,
                                      .positional_max = 3};
    const char *words[4];
    int ended;
    if (!options_read(&line, argc, argv, words, 4, &ended)) return ended;
    bool as_json = format != NULL && strcmp(format, "json") == 0;
    bool is_format = format == NULL || as_json || strcmp(format, "text") == 0;
    if (strcmp(words[0], "mesh") == 0 && is_format) return mesh(words[1], words[2], as_json);
    fprintf(stderr, "azekura geo: expected %s%s\n", line.synopsis,
            is_format ? "" : "; --format takes text or json");
    return EXIT_USAGE;
}
