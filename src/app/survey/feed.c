/* Servers on their way in: out of files, words of the command line and the register, onto the roll. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "app/survey/surveying.h"
#include "base/disk.h"
#include "base/limits.h"

enum {
    SERVER_ROOM = 64 << 20,
    FILE_ROOM = 1100 << 20, /* of address space each */
    FILE_BYTES_MOST = 1 << 30
};

enum error_code survey_feed_open(struct survey_feed *f, struct error *e) {
    TRY(survey_roll_open(&f->roll, e));
    TRY(arena_space_open(&f->space, SERVER_ROOM, &f->arena, e));
    return arena_space_open(&f->file_space, FILE_ROOM, &f->file, e);
}

void survey_feed_close(struct survey_feed *f) {
    survey_roll_close(f->roll);
    arena_space_release(&f->file_space);
    arena_space_release(&f->space);
}

/* ---- inventories ---- */

struct taking {
    struct survey_feed *feed;
    str file;         /* empty: a word of the command line */
    uint64_t strange; /* countries that are none */
};
enum { STRANGE_TOLD = 8 };

/* "servers.csv:12" where the file says more than which server it is. */
static enum error_code declared_take(struct taking *t, const struct inventory_server *s, str file,
                                     struct arena *arena, struct survey_declared *d,
                                     struct error *e) {
    static const enum inventory_field telling[] = {
        INVENTORY_OPERATOR, INVENTORY_PROVIDER, INVENTORY_REGION, INVENTORY_COUNTRY,
        INVENTORY_SYSTEM,   INVENTORY_DATASET,  INVENTORY_STORE,  INVENTORY_OWNER,
        INVENTORY_SECTOR,   INVENTORY_CLASS};
    bool is_said = false;
    for (size_t i = 0; i < COUNT_OF(telling); i++) is_said = is_said || s->said[telling[i]].len > 0;
    if (!is_said) return OK;
    str country = s->said[INVENTORY_COUNTRY];
    *d = (struct survey_declared){.operator_id = s->said[INVENTORY_OPERATOR],
                                  .system = s->said[INVENTORY_SYSTEM],
                                  .dataset = s->said[INVENTORY_DATASET],
                                  .provider = s->said[INVENTORY_PROVIDER],
                                  .region = s->said[INVENTORY_REGION],
                                  .sector = s->said[INVENTORY_SECTOR],
                                  .class_name = s->said[INVENTORY_CLASS]};
    if (country.len > 0 && !inventory_country_read(country, &d->country)) {
        if (t->strange++ < STRANGE_TOLD)
            fprintf(stderr,
                    "azekura survey: %.*s:%llu: expected a country as two or three letters (JP, "
                    "JPN) or by "
                    "a name in English or Japanese that means it alone, found \"%.*s\"\n",
                    STR_FMT(t->file), (unsigned long long)s->line,
                    STR_FMT(str_slice(country, 0, 60)));
        t->feed->is_cut = true;
    }
    return arena_format(arena, &d->by, e, "%.*s:%llu", STR_FMT(file), (unsigned long long)s->line);
}

static enum error_code server_take(void *self, const struct inventory_server *s, struct error *e) {
    struct taking *t = self;
    struct arena arena = t->feed->arena; /* what a server takes is given back */
    str store = s->said[INVENTORY_STORE], label = s->said[INVENTORY_LABEL];
    struct survey_asked asked = {.name = s->name.len > 0 ? s->name
                                         : store.len > 0 ? store
                                                         : label,
                                 .is_label = s->name.len == 0,
                                 .addresses = s->addresses,
                                 .address_count = s->address_count,
                                 .network = s->has_network ? &s->network : NULL,
                                 .named = s->aliases,
                                 .named_count = s->alias_count};
    if (s->target.len > 0) {
        asked.aliases = &s->target;
        asked.alias_count = 1;
    }
    str file = t->file.len > 0 ? s->file : t->file; /* a zone file may include another */
    TRY(declared_take(t, s, file, &arena, &asked.declared, e));
    return survey_roll_enter(t->feed->roll, &asked, file, s->line, e);
}

static void problems_tell(struct survey_feed *f, const struct inventory_report *report,
                          const char *file) {
    const struct geo_problems *problems = &report->problems;
    for (size_t i = 0; i < problems->count; i++)
        fprintf(stderr, "azekura survey: %.*s\n", STR_FMT(problems->at[i]));
    if (problems->total > problems->count)
        fprintf(stderr, "azekura survey: %s: %llu further problems\n", file,
                (unsigned long long)(problems->total - problems->count));
    f->is_cut = f->is_cut || problems->total > report->unended;
}

static enum error_code file_take(struct survey_feed *f, const char *path, struct error *e) {
    struct arena arena = f->file;
    struct taking t = {.feed = f, .file = str_from_c(path)};
    const struct inventory_sink sink = {server_take, &t};
    struct inventory_report report;
    enum { PROBLEMS_BYTES = 1 << 14 };
    struct arena problems;
    str bytes;
    TRY(disk_file_read(AT_FDCWD, path, FILE_BYTES_MOST, &arena, &bytes, e));
    char *room = arena_bytes(&arena, PROBLEMS_BYTES);
    if (room == NULL) return error_set(e, FAIL_MEMORY, "no room to read \"%s\"", path);
    problems = arena_over(room, PROBLEMS_BYTES);
    struct inventory_options options = f->inventory;
    options.opener = &survey_includes;
    TRY(inventory_read(t.file, bytes, &options, &sink, &problems, arena, &report, e));
    problems_tell(f, &report, path);
    if (t.strange > STRANGE_TOLD)
        fprintf(stderr, "azekura survey: %s: %llu further countries that are none\n", path,
                (unsigned long long)(t.strange - STRANGE_TOLD));
    return OK;
}

static enum error_code target_take(struct survey_feed *f, const char *target, struct error *e) {
    struct arena arena = f->file;
    struct taking t = {.feed = f};
    struct inventory_server server;
    struct error why;
    if (access(target, F_OK) == 0) return file_take(f, target, e);
    if (inventory_target_read(str_from_c(target), &arena, &server, &why) != OK)
        return error_set(e, FAIL_NOT_FOUND, "there is no file \"%.256s\", and as a host %.640s",
                         target, why.message);
    return server_take(&t, &server, e);
}

/* What cannot be done for want of memory or over a limit ends the survey; one source does not. */
static bool is_of_source(enum error_code code) {
    return code == FAIL_SYNTAX || code == FAIL_NOT_FOUND || code == FAIL_SYSTEM;
}

enum error_code survey_feed_targets(struct survey_feed *f, const char *const *targets,
                                    struct error *e) {
    size_t unread = 0, count = 0;
    for (; targets[count] != NULL; count++) {
        char text[1400];
        struct error why;
        enum error_code code = target_take(f, targets[count], &why);
        if (code == OK) continue;
        *e = why;
        bool is_last_hope = targets[count + 1] == NULL && unread == count;
        if (f->wants_all || !is_of_source(code) || is_last_hope) return code;
        fprintf(stderr, "azekura survey: %s\n", error_text(&why, text, sizeof text));
        unread++;
    }
    f->is_cut = f->is_cut || unread > 0;
    return OK;
}

/* ---- the register's own ---- */

static const str the_register = STR("the register");

static const struct register_value *set_of(const struct survey_feed *f,
                                           const struct register_row *row, const char *field) {
    const struct register_value *value = register_value_find(&row->fields, str_from_c(field));
    return register_value_is_good(value, f->at_ns) ? value : NULL;
}

static enum error_code thing_take(struct survey_feed *f, const struct register_row *row,
                                  struct error *e) {
    const struct register_value *set = set_of(f, row, "addresses");
    size_t count = set == NULL ? 0 : set->count, used = 0;
    struct arena arena = f->arena;
    struct survey_asked asked = {.name = row->id, .is_label = true};
    struct geo_address *addresses = arena_new(&arena, struct geo_address, count);
    if (addresses == NULL) return error_set(e, FAIL_MEMORY, "no room for a thing's addresses");
    for (size_t i = 0; i < count; i++) {
        struct geo_network network;
        TRY(geo_network_read(set->texts[i], &network, e));
        asked.network = &network;
        if (network.bits == network.base.len * 8)
            addresses[used++] = network.base;
        else
            TRY(survey_roll_enter(f->roll, &asked, the_register, 0, e));
    }
    asked.network = NULL;
    asked.addresses = addresses;
    asked.address_count = used;
    return used == 0 ? OK : survey_roll_enter(f->roll, &asked, the_register, 0, e);
}

/* A body of data that others keep: no address is known of it, only what is declared. */
static enum error_code external_take(struct survey_feed *f, const struct register_row *row,
                                     struct error *e) {
    struct arena arena = f->arena;
    struct survey_asked asked = {.name = row->id,
                                 .is_label = true,
                                 .unresolved = STR("the register names no host of this dataset")};
    str store, file;
    if (!register_text_at(row, STR("store"), f->at_ns, &store) ||
        !str_equal(store, STR("external")))
        return OK;
    TRY(arena_format(&arena, &file, e, "datasets/%.*s", STR_FMT(row->id)));
    asked.declared.dataset = row->id;
    asked.declared.by = file;
    const struct register_value *systems = set_of(f, row, "systems");
    if (systems != NULL && systems->count > 0) asked.declared.system = systems->texts[0];
    return survey_roll_enter(f->roll, &asked, file, 0, e);
}

enum error_code survey_feed_register(struct survey_feed *f, struct error *e) {
    const struct register_row *row;
    size_t cursor = 0;
    while ((row = register_row_next(f->snapshot, REGISTER_EQUIPMENT, f->at_ns, &cursor)) != NULL)
        TRY(thing_take(f, row, e));
    cursor = 0;
    while ((row = register_row_next(f->snapshot, REGISTER_DATASETS, f->at_ns, &cursor)) != NULL)
        TRY(external_take(f, row, e));
    return OK;
}
