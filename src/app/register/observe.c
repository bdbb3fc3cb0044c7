/* azekura register observe: neighbour tables, walks and sightings become rows of equipment. */
#include "app/commands.h"
#include "app/register/commands.h"
#include "base/disk.h"
#include "devices/devices.h"
#include "doc/doc.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { OBSERVE_SPACE_BYTES = 1 << 30, OBSERVE_SCRATCH_BYTES = 512 << 20 }; /* address space */
enum { FILE_BYTES_MOST = 256 << 20 };

struct observing {
    const struct register_words *words;
    int64_t seen_ns;
    enum inventory_neighbours as;
    struct arena_space space, scratch_space;
    struct arena arena, scratch;
    struct register_snapshot *snapshot;
    struct devices *devices;
    size_t problems;
};

static enum error_code words_check(struct observing *o, struct error *e) {
    const struct register_words *words = o->words;
    const char *format = words->call.format;
    o->seen_ns = clock_wall_ns();
    if (words->at != NULL && !clock_iso_read(str_from_c(words->at), &o->seen_ns))
        return error_set(e, FAIL_USAGE, "--at takes a day or time such as 2026-11-21, not \"%s\"",
                         words->at);
    if (words->as != NULL && !inventory_neighbours_find(str_from_c(words->as), &o->as))
        return error_set(e, FAIL_USAGE, "--as takes ip-neigh, arp, snmpwalk or lldp, not \"%s\"",
                         words->as);
    if (format != NULL && strcmp(format, "yaml") != 0 && strcmp(format, "json") != 0)
        return error_set(e, FAIL_USAGE, "--format takes yaml or json, not \"%s\"", format);
    if (words->call.data != NULL)
        return error_set(e, FAIL_USAGE,
                         "observe writes files: `azekura register import` brings them to a store");
    return OK;
}

/* ---- earlier rows ---- */

/* The file's name as the register tells it, where a folder of the register holds it. */
static bool name_in_register(const struct register_snapshot *snapshot, const char *path,
                             str *name) {
    struct stat wanted, found;
    size_t count;
    if (stat(path, &wanted) != 0) return false;
    const struct register_row *rows = register_rows(snapshot, REGISTER_EQUIPMENT, &count);
    for (size_t i = 0; i < count; i++) {
        char text[4096];
        bool is_known = i > 0 && str_equal(rows[i].file, rows[i - 1].file);
        if (is_known || rows[i].file.len == 0) continue;
        snprintf(text, sizeof text, "%.*s", STR_FMT(rows[i].file));
        if (stat(text, &found) != 0) continue;
        if (found.st_dev != wanted.st_dev || found.st_ino != wanted.st_ino) continue;
        *name = rows[i].file;
        return true;
    }
    return false;
}

static enum error_code earlier_read(struct observing *o, struct error *e) {
    str paths[OPTION_LIST_MAX + 1], name;
    size_t count = 0;
    struct stat info;
    const char *into = o->words->into;
    bool is_there = into != NULL && stat(into, &info) == 0;
    while (count < o->words->registers.count) {
        paths[count] = str_from_c(o->words->registers.at[count]);
        count++;
    }
    if (!is_there) return OK; /* the first time there is nothing to go on from */
    if (count > 0) {
        TRY(register_load(paths, count, &o->snapshot, NULL, e));
        if (name_in_register(o->snapshot, into, &name))
            return devices_go_on(o->devices, o->snapshot, name, e);
        register_release(o->snapshot);
        o->snapshot = NULL;
    }
    paths[count++] = str_from_c(into);
    TRY(register_load(paths, count, &o->snapshot, NULL, e));
    return devices_go_on(o->devices, o->snapshot, str_from_c(into), e);
}

/* ---- sightings in CSV ---- */

static enum error_code sighting_read(struct observing *o, const struct doc_node *row,
                                     struct error *e) {
    static const str keys[] = {{"mac", 3},  {"address", 7}, {"name", 4}, {"means", 5},
                               {"says", 4}, {"maker", 5},   {"seen", 4}};
    struct devices_sighting s = {.seen_ns = 0};
    str *const texts[] = {&s.mac, &s.address, &s.name, &s.means, &s.says, &s.maker};
    struct error why;
    TRY(doc_map_only(row, keys, COUNT_OF(keys), e));
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        const struct doc_node *cell = doc_map_find(row, keys[i]);
        if (cell != NULL) TRY(doc_want(cell, DOC_SCALAR, "one value", e));
        if (cell != NULL) *texts[i] = str_trim(cell->text);
    }
    const struct doc_node *seen = doc_map_find(row, STR("seen"));
    if (seen != NULL) TRY(doc_time_ns(seen, &s.seen_ns, e));
    enum error_code code = devices_note_sighting(o->devices, &s, &why);
    if (code == FAIL_SYNTAX) return doc_error(row, e, "%s", why.message);
    if (code != OK) *e = why;
    return code;
}

static void problem_print(struct observing *o, const char *message) {
    fprintf(stderr, "%s\n", message);
    o->problems++;
}

static void fault_print(void *self, const struct error *why) {
    problem_print(self, why->message);
}

static enum error_code sightings_read(struct observing *o, str file, str bytes, struct error *e) {
    struct doc doc;
    struct arena half = arena_over(o->scratch.next, arena_left(&o->scratch) / 2);
    struct arena rest = arena_over(half.end, (size_t)(o->scratch.end - half.end));
    const struct doc_faults faults = {fault_print, o};
    TRY(doc_read_csv_all(file, bytes, &faults, &half, rest, &doc, e));
    for (size_t i = 0; doc.count > 0 && i < doc.documents[0]->count; i++) {
        enum error_code code = sighting_read(o, doc.documents[0]->items[i], e);
        if (code == FAIL_SYNTAX)
            problem_print(o, e->message);
        else if (code != OK)
            return code;
    }
    return OK;
}

/* ---- files ---- */

static enum error_code device_take(void *self, const struct inventory_device *device,
                                   struct error *e) {
    return devices_note(((struct observing *)self)->devices, device, e);
}

static enum error_code neighbours_read(struct observing *o, str file, str bytes, struct error *e) {
    const struct inventory_device_sink sink = {device_take, o};
    struct inventory_device_report report;
    TRY(inventory_devices_read(file, bytes, o->as, &sink, &o->arena, o->scratch, &report, e));
    for (size_t i = 0; i < report.problems.count; i++) {
        char text[ERROR_MESSAGE_BYTES];
        snprintf(text, sizeof text, "%.*s", STR_FMT(report.problems.at[i]));
        problem_print(o, text);
    }
    return OK;
}

static enum error_code file_read(struct observing *o, const char *path, struct error *e) {
    struct arena kept = o->scratch;
    str bytes, file = str_from_c(path);
    TRY(disk_file_read(AT_FDCWD, path, FILE_BYTES_MOST, &o->scratch, &bytes, e));
    enum error_code code = str_ends(file, STR(".csv")) ? sightings_read(o, file, bytes, e)
                                                       : neighbours_read(o, file, bytes, e);
    o->scratch = kept;
    if (code != FAIL_SYNTAX) return code;
    problem_print(o, e->message); /* the other files are read on */
    return OK;
}

static enum error_code run(struct observing *o, const char **files, struct error *e) {
    const struct devices_makers *makers;
    struct report_out out;
    const char *format = o->words->call.format;
    TRY(words_check(o, e));
    TRY(arena_space_open(&o->space, OBSERVE_SPACE_BYTES, &o->arena, e));
    TRY(arena_space_open(&o->scratch_space, OBSERVE_SCRATCH_BYTES, &o->scratch, e));
    TRY(devices_makers_open(&o->arena, o->scratch, &makers, e));
    TRY(devices_open(makers, o->seen_ns, &o->arena, &o->devices, e));
    TRY(earlier_read(o, e));
    for (; *files != NULL; files++) TRY(file_read(o, *files, e));
    TRY(report_open(o->words->out, &out, e));
    devices_write(o->devices, format != NULL && strcmp(format, "json") == 0, &out);
    return report_close(&out, e);
}

int register_observe(const struct register_words *words, const char **files) {
    struct observing o = {.words = words};
    struct error e = {0};
    enum error_code code = run(&o, files, &e);
    if (code != OK) {
        command_fail("azekura register observe", &e);
    } else {
        struct devices_counts counts = devices_count(o.devices);
        fprintf(stderr,
                "seen: %llu devices, %llu of them for the first time; %llu rows; %llu hardware "
                "addresses of nobody known; %zu problems\n",
                (unsigned long long)counts.noted, (unsigned long long)counts.fresh,
                (unsigned long long)counts.rows, (unsigned long long)counts.unnamed_macs,
                o.problems);
    }
    register_release(o.snapshot);
    arena_space_release(&o.space);
    arena_space_release(&o.scratch_space);
    return code == OK ? o.problems > 0 ? 1 : 0 : code == FAIL_USAGE ? 2 : 1;
}
