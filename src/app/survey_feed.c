/* Servers on their way: read from files, resolved where they have a name alone, judged, written.
 *
 * What has an address is judged as it is read. Names wait for others, so that many are asked at once,
 * and come out in the order they were read. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "app/surveying.h"
#include "base/disk.h"
#include "base/limits.h"

enum { WAITING_MOST = 20000 };
enum {
    SERVER_ROOM = 64 << 20,
    WAITING_ROOM = 1 << 30,
    FILE_ROOM = 1100 << 20, /* of address space each */
    FILE_BYTES_MOST = 1 << 30
};

struct survey_waiting {
    struct survey_asked asked;    /* all of it in the arena `waiting` */
    bool is_name;                 /* it has no address yet */
    struct survey_probed *probed; /* what `asked` has of that, while it is gathered */
    enum resolve_status status;
};

enum error_code survey_feed_open(struct survey_feed *f, struct error *e) {
    TRY(arena_space_open(&f->space, SERVER_ROOM, &f->arena, e));
    TRY(arena_space_open(&f->waiting_space, WAITING_ROOM, &f->waiting, e));
    TRY(arena_space_open(&f->file_space, FILE_ROOM, &f->file, e));
    f->names = arena_new(&f->waiting, struct survey_waiting, WAITING_MOST);
    assert(f->names != NULL);
    return OK;
}

void survey_feed_close(struct survey_feed *f) {
    arena_space_release(&f->file_space);
    arena_space_release(&f->waiting_space);
    arena_space_release(&f->space);
}

/* ---- judging ---- */

static enum error_code judge(struct survey_feed *f, const struct survey_asked *asked,
                             struct error *e) {
    struct arena arena = f->arena; /* what a server takes is given back */
    struct survey_server server;
    str more = STR_EMPTY;
    if (f->passed_over > 0) {
        f->passed_over--;
        return OK;
    }
    TRY(survey_ask(f->judge, asked, &arena, &server, e));
    if (f->also != NULL) TRY(f->also(f->owner, &server, &more, e));
    if (f->writer != NULL) survey_writer_add(f->writer, &server, more);
    return OK;
}

static enum error_code network_judge(struct survey_feed *f, const struct survey_asked *asked,
                                     const struct geo_network *network, struct error *e) {
    struct survey_walk walk = survey_network_begin(network);
    struct geo_network part;
    while (survey_network_next(f->world, &walk, &part)) {
        struct survey_asked one = *asked;
        one.network = &part;
        TRY(judge(f, &one, e));
    }
    return OK;
}

/* ---- servers that wait: names to be resolved, and all of them when they are probed ---- */

static bool name_next(void *self, struct resolve_question *out) {
    struct survey_feed *f = self;
    while (f->name_asked < f->name_count && !f->names[f->name_asked].is_name) f->name_asked++;
    if (f->name_asked == f->name_count) return false;
    *out =
        (struct resolve_question){.name = f->names[f->name_asked].asked.name, .tag = f->name_asked};
    f->name_asked++;
    return true;
}

/* It has a name, and somebody may be asked what its address is. */
static bool is_unresolved(const struct survey_feed *f, const struct survey_asked *asked) {
    return f->resolves && asked->name.len > 0 && asked->address_count == 0 &&
           asked->unresolved.len == 0;
}

static enum error_code texts_copy(const str *from, size_t count, struct arena *arena,
                                  const str **out, struct error *e) {
    str *texts = arena_new(arena, str, count);
    if (texts == NULL) return error_set(e, FAIL_MEMORY, "no room for names that wait");
    for (size_t i = 0; i < count; i++) TRY(arena_copy(arena, from[i], &texts[i], e));
    *out = texts;
    return OK;
}

static enum error_code name_done(void *self, const struct resolve_answer *answer, struct error *e) {
    struct survey_feed *f = self;
    struct survey_waiting *name = &f->names[answer->tag];
    struct survey_asked *asked = &name->asked;
    struct geo_address *addresses =
        arena_new(&f->waiting, struct geo_address, answer->address_count);
    if (addresses == NULL) return error_set(e, FAIL_MEMORY, "no room for addresses");
    name->status = answer->status;
    asked->address_count = 0;
    for (size_t i = 0; i < answer->address_count; i++)
        asked->address_count += geo_address_of(answer->addresses[i].at, answer->addresses[i].len,
                                               &addresses[asked->address_count]);
    asked->addresses = addresses;
    if (answer->status != RESOLVE_FOUND)
        asked->unresolved = str_from_c(resolve_status_text(answer->status));
    if (answer->chain_count == 0) return OK; /* the inventory may know where the name leads */
    asked->alias_count = answer->chain_count;
    return texts_copy(answer->chain, answer->chain_count, &f->waiting, &asked->aliases, e);
}

/* Machines of one's own, or those of others: the first addresses of each that waits. */
static size_t probing_add(const struct survey_feed *f, bool is_own, struct survey_probing *of) {
    size_t count = 0;
    for (size_t i = 0; i < f->name_count; i++) {
        const struct survey_asked *asked = &f->names[i].asked;
        size_t most = size_min(asked->address_count, LIMIT_PROBED_ADDRESSES);
        for (size_t k = 0; k < most; k++)
            if (survey_world_is_own(f->world, &asked->addresses[k]) == is_own)
                of[count++] = (struct survey_probing){
                    .address = asked->addresses[k], .host = asked->name, .tag = i};
    }
    return count;
}

static enum error_code waiting_probe(struct survey_feed *f, struct error *e) {
    struct survey_probing *of =
        arena_new(&f->waiting, struct survey_probing, f->name_count * LIMIT_PROBED_ADDRESSES);
    if (of == NULL) return error_set(e, FAIL_MEMORY, "no room for what is probed");
    size_t count = probing_add(f, true, of);
    if (f->probes_all) count += probing_add(f, false, of + count);
    TRY(survey_probe_all(of, count, &f->probe, &f->waiting, e));
    for (size_t i = 0; i < count; i++) {
        struct survey_waiting *server = &f->names[of[i].tag];
        if (server->probed == NULL)
            server->probed = arena_new(&f->waiting, struct survey_probed, LIMIT_PROBED_ADDRESSES);
        if (server->probed == NULL)
            return error_set(e, FAIL_MEMORY, "no room for what probes showed");
        server->probed[server->asked.probed_count++] = of[i].probed;
        server->asked.probed = server->probed;
    }
    return OK;
}

/* Asks for all that wait, then judges them in the order they came. */
static enum error_code waiting_judge(struct survey_feed *f, struct error *e) {
    const struct resolve_source source = {name_next, f};
    const struct resolve_sink sink = {name_done, f};
    struct resolve_report report;
    if (f->name_count == 0) return OK;
    f->name_asked = 0;
    if (f->resolves && f->passed_over < f->name_count)
        TRY(resolve_run(&f->resolve, &source, &sink, &report, e));
    if (f->probes) TRY(waiting_probe(f, e));
    for (size_t i = 0; i < f->name_count; i++) TRY(judge(f, &f->names[i].asked, e));
    f->name_count = 0;
    f->waiting = arena_over(f->waiting_space.at, f->waiting_space.bytes);
    f->names = arena_new(&f->waiting, struct survey_waiting, WAITING_MOST);
    assert(f->names != NULL);
    return OK;
}

static enum error_code declared_copy(struct survey_declared *d, struct arena *arena,
                                     struct error *e) {
    str *const texts[] = {&d->by,       &d->operator_id, &d->system, &d->dataset,   &d->site,
                          &d->provider, &d->region,      &d->sector, &d->class_name};
    for (size_t i = 0; i < COUNT_OF(texts); i++) TRY(arena_copy(arena, *texts[i], texts[i], e));
    return texts_copy(d->kinds, d->kind_count, arena, &d->kinds, e);
}

static enum error_code server_wait(struct survey_feed *f, const struct survey_asked *asked,
                                   struct error *e) {
    struct survey_waiting *server = &f->names[f->name_count];
    struct survey_asked *kept = &server->asked;
    struct geo_address *addresses =
        arena_new(&f->waiting, struct geo_address, asked->address_count);
    if (addresses == NULL) return error_set(e, FAIL_MEMORY, "no room for addresses");
    *server = (struct survey_waiting){.asked = *asked, .is_name = is_unresolved(f, asked)};
    if (asked->address_count > 0)
        memcpy(addresses, asked->addresses, asked->address_count * sizeof *addresses);
    kept->addresses = addresses;
    TRY(arena_copy(&f->waiting, asked->name, &kept->name, e));
    TRY(arena_copy(&f->waiting, asked->unresolved, &kept->unresolved, e));
    TRY(texts_copy(asked->reverse, asked->reverse_count, &f->waiting, &kept->reverse, e));
    TRY(texts_copy(asked->aliases, asked->alias_count, &f->waiting, &kept->aliases, e));
    TRY(declared_copy(&kept->declared, &f->waiting, e));
    if (server->is_name)
        kept->resolver =
            f->resolve.resolvers.len > 0 ? f->resolve.resolvers : STR("the system's resolver");
    if (++f->name_count < WAITING_MOST) return OK;
    return waiting_judge(f, e);
}

/* Now, or once it has an address and was probed. */
static enum error_code server_give(struct survey_feed *f, const struct survey_asked *asked,
                                   struct error *e) {
    bool waits = f->probes || is_unresolved(f, asked);
    return waits ? server_wait(f, asked, e) : judge(f, asked, e);
}

enum error_code survey_feed_end(struct survey_feed *f, struct error *e) {
    return waiting_judge(f, e);
}

/* ---- inventories ---- */

struct taking {
    struct survey_feed *feed;
    str file; /* empty: a word of the command line */
};

/* "servers.csv:12" where the file says more than which server it is. */
static enum error_code declared_take(const struct taking *t, const struct inventory_server *s,
                                     struct arena *arena, struct survey_declared *d,
                                     struct error *e) {
    static const enum inventory_field telling[] = {
        INVENTORY_OPERATOR, INVENTORY_PROVIDER, INVENTORY_REGION, INVENTORY_COUNTRY,
        INVENTORY_SYSTEM,   INVENTORY_DATASET,  INVENTORY_STORE,  INVENTORY_OWNER,
        INVENTORY_SECTOR,   INVENTORY_CLASS};
    bool is_said = false;
    for (size_t i = 0; i < COUNT_OF(telling); i++) is_said = is_said || s->said[telling[i]].len > 0;
    if (!is_said) return OK;
    char upper[2];
    str country = s->said[INVENTORY_COUNTRY];
    *d = (struct survey_declared){.operator_id = s->said[INVENTORY_OPERATOR],
                                  .system = s->said[INVENTORY_SYSTEM],
                                  .dataset = s->said[INVENTORY_DATASET],
                                  .provider = s->said[INVENTORY_PROVIDER],
                                  .region = s->said[INVENTORY_REGION],
                                  .sector = s->said[INVENTORY_SECTOR],
                                  .class_name = s->said[INVENTORY_CLASS]};
    for (size_t i = 0; i < 2 && i < country.len; i++)
        upper[i] = (char)(country.at[i] >= 'a' && country.at[i] <= 'z' ? country.at[i] - 32
                                                                       : country.at[i]);
    if (country.len == 2 && !geo_country_read(str_of(upper, 2), &d->country))
        d->country = (geo_country){{0}};
    return arena_format(arena, &d->by, e, "%.*s:%llu", STR_FMT(t->file),
                        (unsigned long long)s->line);
}

static enum error_code server_take(void *self, const struct inventory_server *s, struct error *e) {
    struct taking *t = self;
    struct survey_feed *f = t->feed;
    struct arena before = f->arena;
    str store = s->said[INVENTORY_STORE], label = s->said[INVENTORY_LABEL];
    struct survey_asked asked = {.name = s->name.len > 0 ? s->name
                                         : store.len > 0 ? store
                                                         : label,
                                 .addresses = s->addresses,
                                 .address_count = s->address_count,
                                 .reverse = s->aliases,
                                 .reverse_count = s->alias_count};
    enum error_code code = declared_take(t, s, &f->arena, &asked.declared, e);
    if (s->target.len > 0) {
        asked.aliases = &s->target;
        asked.alias_count = 1;
    }
    bool has_address = s->address_count > 0 || s->has_network;
    if (!has_address && s->name.len == 0)
        asked.unresolved = STR("it has neither a host name nor an address");
    else if (!has_address && !f->resolves)
        asked.unresolved = STR("no resolver was asked");
    if (code == OK)
        code =
            s->has_network ? network_judge(f, &asked, &s->network, e) : server_give(f, &asked, e);
    f->arena = before;
    return code;
}

static void problems_tell(struct survey_feed *f, const struct inventory_report *report,
                          const char *file) {
    const struct geo_problems *problems = &report->problems;
    for (size_t i = 0; i < problems->count; i++)
        fprintf(stderr, "azekura survey: %.*s\n", STR_FMT(problems->at[i]));
    if (problems->total > problems->count)
        fprintf(stderr, "azekura survey: %s: %llu further problems\n", file,
                (unsigned long long)(problems->total - problems->count));
    f->is_cut = f->is_cut || problems->total > (report->is_unended ? 1 : 0);
}

static enum error_code file_take(struct survey_feed *f, const char *path, struct error *e) {
    struct arena arena = f->file;
    struct taking t = {f, str_from_c(path)};
    const struct inventory_sink sink = {server_take, &t};
    struct inventory_report report;
    enum { PROBLEMS_BYTES = 1 << 14 };
    struct arena problems;
    str bytes;
    TRY(disk_file_read(AT_FDCWD, path, FILE_BYTES_MOST, &arena, &bytes, e));
    char *room = arena_bytes(&arena, PROBLEMS_BYTES);
    if (room == NULL) return error_set(e, FAIL_MEMORY, "no room to read \"%s\"", path);
    problems = arena_over(room, PROBLEMS_BYTES);
    TRY(inventory_read(t.file, bytes, &f->inventory, &sink, &problems, arena, &report, e));
    problems_tell(f, &report, path);
    return OK;
}

enum error_code survey_feed_target(struct survey_feed *f, const char *target, struct error *e) {
    struct arena arena = f->file;
    struct taking t = {f, STR_EMPTY};
    struct inventory_server server;
    struct error why;
    if (access(target, F_OK) == 0) return file_take(f, target, e);
    if (inventory_target_read(str_from_c(target), &arena, &server, &why) != OK)
        return error_set(e, FAIL_NOT_FOUND, "there is no file \"%.80s\", and as a host %.60s",
                         target, why.message);
    return server_take(&t, &server, e);
}

/* ---- the register's own ---- */

static const struct register_value *set_of(const struct survey_feed *f,
                                           const struct register_row *row, const char *field) {
    const struct register_value *value = register_value_find(&row->fields, str_from_c(field));
    return register_value_is_good(value, f->at_ns) ? value : NULL;
}

static enum error_code thing_take(struct survey_feed *f, const struct register_row *row,
                                  struct error *e) {
    const struct register_value *addresses = set_of(f, row, "addresses");
    for (size_t i = 0; addresses != NULL && i < addresses->count; i++) {
        struct survey_asked asked = {.name = row->id};
        struct geo_network network;
        TRY(geo_network_read(addresses->texts[i], &network, e));
        asked.addresses = &network.base;
        asked.address_count = 1;
        TRY(network.bits == network.base.len * 8 ? server_give(f, &asked, e)
                                                 : network_judge(f, &asked, &network, e));
    }
    return OK;
}

/* A body of data that others keep: no address is known of it, only what is declared. */
static enum error_code external_take(struct survey_feed *f, const struct register_row *row,
                                     struct error *e) {
    struct arena before = f->arena;
    struct survey_asked asked = {.name = row->id,
                                 .unresolved = STR("the register names no host of this dataset")};
    str store;
    if (!register_text_at(row, STR("store"), f->at_ns, &store) ||
        !str_equal(store, STR("external")))
        return OK;
    asked.declared.dataset = row->id;
    TRY(arena_format(&f->arena, &asked.declared.by, e, "datasets/%.*s", STR_FMT(row->id)));
    const struct register_value *systems = set_of(f, row, "systems");
    if (systems != NULL && systems->count > 0) asked.declared.system = systems->texts[0];
    enum error_code code = server_give(f, &asked, e);
    f->arena = before;
    return code;
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
