/* The roll: what each source says of each server, kept small, and handed out a server at a time. */
#include "survey/roll.h"

#include <stdlib.h>

#define TEXT_ROOM ((size_t)8 << 30) /* address space: pages cost once touched */
enum { ROLL_FILES = 4097, DECLARED_FIRST = 1 << 10 };

/* ---- opening ---- */

static enum error_code make(struct survey_roll *roll, struct error *e) {
    struct arena ignored;
    size_t bytes = (size_t)LIMIT_SURVEY_LISTED * sizeof *roll->records;
    TRY(arena_space_open(&roll->record_space, bytes, &ignored, e));
    roll->records = roll->record_space.at; /* of zeros, without touching them */
    TRY(arena_space_open(&roll->text_space, TEXT_ROOM, &roll->arena, e));
    roll->files = arena_new(&roll->arena, str, ROLL_FILES);
    roll->declared = calloc(DECLARED_FIRST, sizeof *roll->declared);
    roll->declared_cap = DECLARED_FIRST;
    return roll->files != NULL && roll->declared != NULL
               ? OK
               : error_set(e, FAIL_MEMORY, "no room for what inventories list");
}

enum error_code survey_roll_open(struct survey_roll **out, struct error *e) {
    struct survey_roll *roll = calloc(1, sizeof *roll);
    if (roll == NULL) return error_set(e, FAIL_MEMORY, "no room for what inventories list");
    enum error_code code = make(roll, e);
    if (code == OK)
        *out = roll;
    else
        survey_roll_close(roll);
    return code;
}

void survey_roll_close(struct survey_roll *roll) {
    if (roll == NULL) return;
    arena_space_release(&roll->text_space);
    arena_space_release(&roll->record_space);
    free(roll->declared);
    free(roll);
}

/* ---- what many declare alike ---- */

enum { DECLARED_TEXTS = 8 };
static void texts_of(struct survey_declared *d, str *texts[DECLARED_TEXTS]) {
    str *const all[DECLARED_TEXTS] = {&d->operator_id, &d->system, &d->dataset, &d->site,
                                      &d->provider,    &d->region, &d->sector,  &d->class_name};
    memcpy(texts, all, sizeof all);
}

static uint64_t declared_hash(struct survey_declared d) {
    str *texts[DECLARED_TEXTS];
    uint64_t hash = str_hash(str_of(d.country.at, sizeof d.country.at), 1);
    texts_of(&d, texts);
    for (size_t i = 0; i < DECLARED_TEXTS; i++) hash = str_hash(*texts[i], hash);
    return hash;
}

static bool declared_equal(struct survey_declared a, struct survey_declared b) {
    str *texts[2][DECLARED_TEXTS];
    texts_of(&a, texts[0]);
    texts_of(&b, texts[1]);
    for (size_t i = 0; i < DECLARED_TEXTS; i++)
        if (!str_equal(*texts[0][i], *texts[1][i])) return false;
    return geo_country_equal(a.country, b.country);
}

static const struct survey_declared **declared_slot(const struct survey_declared **slots,
                                                    size_t cap, const struct survey_declared *d) {
    size_t at = (size_t)declared_hash(*d) & (cap - 1);
    while (slots[at] != NULL && !declared_equal(*slots[at], *d)) at = (at + 1) & (cap - 1);
    return &slots[at];
}

static enum error_code declared_grow(struct survey_roll *roll, struct error *e) {
    size_t cap = 2 * roll->declared_cap;
    const struct survey_declared **larger = calloc(cap, sizeof *larger);
    if (larger == NULL) return error_set(e, FAIL_MEMORY, "no room for what inventories declare");
    for (size_t i = 0; i < roll->declared_cap; i++)
        if (roll->declared[i] != NULL)
            *declared_slot(larger, cap, roll->declared[i]) = roll->declared[i];
    free(roll->declared);
    roll->declared = larger;
    roll->declared_cap = cap;
    return OK;
}

static enum error_code declared_keep(struct survey_roll *roll, const struct survey_declared *from,
                                     const struct survey_declared **out, struct error *e) {
    str *texts[DECLARED_TEXTS];
    if (2 * roll->declared_count >= roll->declared_cap) TRY(declared_grow(roll, e));
    const struct survey_declared **slot = declared_slot(roll->declared, roll->declared_cap, from);
    if (*slot == NULL) {
        struct survey_declared *kept = arena_new(&roll->arena, struct survey_declared, 1);
        if (kept == NULL) return error_set(e, FAIL_MEMORY, "no room for what inventories declare");
        *kept = *from;
        kept->by = STR_EMPTY;
        texts_of(kept, texts);
        for (size_t i = 0; i < DECLARED_TEXTS; i++)
            TRY(arena_copy(&roll->arena, *texts[i], texts[i], e));
        *slot = kept;
        roll->declared_count++;
    }
    *out = *slot;
    return OK;
}

/* ---- entering ---- */

static enum error_code texts_keep(struct survey_roll *roll, const str *from, size_t count,
                                  const str **out, struct error *e) {
    str *texts = arena_new(&roll->arena, str, count);
    if (texts == NULL) return error_set(e, FAIL_MEMORY, "no room for what inventories list");
    for (size_t i = 0; i < count; i++) TRY(arena_copy(&roll->arena, from[i], &texts[i], e));
    *out = texts;
    return OK;
}

static enum error_code addresses_keep(struct survey_roll *roll, const struct geo_address *from,
                                      size_t count, const struct geo_address **out,
                                      struct error *e) {
    struct geo_address *kept = arena_new(&roll->arena, struct geo_address, count);
    if (kept == NULL) return error_set(e, FAIL_MEMORY, "no room for what inventories list");
    if (count > 0) memcpy(kept, from, count * sizeof *kept);
    *out = kept;
    return OK;
}

static enum error_code said_keep(struct survey_roll *roll, const struct survey_asked *asked,
                                 struct roll_said **out, struct error *e) {
    struct roll_said *said = arena_new(&roll->arena, struct roll_said, 1);
    size_t further = asked->address_count > 1 ? asked->address_count - 1 : 0;
    if (said == NULL) return error_set(e, FAIL_MEMORY, "no room for what inventories list");
    said->is_label = asked->is_label;
    said->address_count = (uint32_t)further;
    said->named_count = (uint32_t)asked->named_count;
    said->alias_count = (uint32_t)asked->alias_count;
    TRY(arena_copy(&roll->arena, asked->name, &said->name, e));
    TRY(arena_copy(&roll->arena, asked->unresolved, &said->unresolved, e));
    if (further > 0) TRY(addresses_keep(roll, asked->addresses + 1, further, &said->addresses, e));
    TRY(texts_keep(roll, asked->named, asked->named_count, &said->named, e));
    TRY(texts_keep(roll, asked->aliases, asked->alias_count, &said->aliases, e));
    if (asked->declared.by.len > 0) TRY(declared_keep(roll, &asked->declared, &said->declared, e));
    if (asked->network != NULL) {
        struct geo_network *network = arena_new(&roll->arena, struct geo_network, 1);
        if (network == NULL) return error_set(e, FAIL_MEMORY, "no room for a network");
        *network = *asked->network;
        said->network = network;
    }
    *out = said;
    return OK;
}

static enum error_code file_keep(struct survey_roll *roll, str file, uint32_t *out,
                                 struct error *e) {
    str *files = (str *)roll->files;
    *out = (uint32_t)roll->file_count - 1;
    if (roll->file_count > 0 && str_equal(files[roll->file_count - 1], file)) return OK;
    if (roll->file_count == ROLL_FILES)
        return error_set(e, FAIL_LIMIT, "over %d inventories in one survey", ROLL_FILES - 1);
    TRY(arena_copy(&roll->arena, file, &files[roll->file_count], e));
    *out = (uint32_t)roll->file_count++;
    return OK;
}

static bool is_bare(const struct survey_asked *asked) {
    return asked->address_count == 1 && asked->name.len == 0 && asked->named_count == 0 &&
           asked->alias_count == 0 && asked->network == NULL && asked->declared.by.len == 0;
}

enum error_code survey_roll_enter(struct survey_roll *roll, const struct survey_asked *asked,
                                  str file, uint64_t line, struct error *e) {
    if (roll->count == LIMIT_SURVEY_LISTED)
        return error_set(e, FAIL_LIMIT,
                         "inventories list over %d servers: survey them in parts, and --merge",
                         (int)LIMIT_SURVEY_LISTED);
    struct roll_record *record = &roll->records[roll->count];
    TRY(file_keep(roll, file, &record->file, e));
    if (!is_bare(asked)) TRY(said_keep(roll, asked, &record->said, e));
    if (asked->address_count > 0) record->address = asked->addresses[0];
    record->line = (uint32_t)u64_min(line, UINT32_MAX);
    record->parent = record->last = (uint32_t)roll->count++;
    return OK;
}

/* ---- matching: each server's records in a chain, in the order they came ---- */

enum error_code survey_roll_match(struct survey_roll *roll, struct error *e) {
    TRY(roll_unite(roll, e));
    for (uint32_t i = 0; i < roll->count; i++) {
        roll->records[i].next = 0;
        roll->records[i].last = i;
    }
    for (uint32_t i = 0; i < roll->count; i++) {
        struct roll_record *first = &roll->records[roll_first(roll, i)];
        if (first == &roll->records[i]) continue;
        roll->records[first->last].next = i;
        first->last = i;
    }
    return OK;
}

enum error_code survey_roll_found(struct survey_roll *roll, uint32_t number,
                                  const struct survey_found *found, struct error *e) {
    struct roll_record *record = &roll->records[number];
    struct survey_found *kept = arena_new(&roll->arena, struct survey_found, 1);
    if (record->said == NULL) record->said = arena_new(&roll->arena, struct roll_said, 1);
    if (kept == NULL || record->said == NULL)
        return error_set(e, FAIL_MEMORY, "no room for what a resolver said");
    *kept = *found;
    TRY(addresses_keep(roll, found->addresses, found->address_count, &kept->addresses, e));
    TRY(texts_keep(roll, found->aliases, found->alias_count, &kept->aliases, e));
    TRY(texts_keep(roll, found->reverse, found->reverse_count, &kept->reverse, e));
    TRY(arena_copy(&roll->arena, found->unresolved, &kept->unresolved, e));
    TRY(arena_copy(&roll->arena, found->resolver, &kept->resolver, e));
    record->said->found = kept;
    return OK;
}

/* ---- walking ---- */

static enum error_code by_write(const struct survey_roll *roll, const struct roll_record *record,
                                struct arena *arena, str *out, struct error *e) {
    str file = roll->files[record->file];
    if (file.len == 0) {
        *out = STR("the command line");
        return OK;
    }
    if (record->line == 0) return arena_copy(arena, file, out, e);
    return arena_format(arena, out, e, "%.*s:%u", STR_FMT(file), record->line);
}

static size_t addresses_of(const struct roll_record *r) {
    return (r->address.len > 0) + (r->said != NULL ? r->said->address_count : 0);
}

/* Those of a record behind those that are there, each once. */
static size_t addresses_add(const struct roll_record *r, struct geo_address *out, size_t count) {
    for (size_t i = 0; i < addresses_of(r); i++) {
        const struct geo_address *one = i == 0 ? &r->address : &r->said->addresses[i - 1];
        size_t at = 0;
        while (at < count && !geo_address_equal(&out[at], one)) at++;
        if (at == count) out[count++] = *one;
    }
    return count;
}

static void found_take(const struct survey_found *found, struct survey_asked *out) {
    out->resolver = found->resolver;
    out->reverse = found->reverse;
    out->reverse_count = found->reverse_count;
    if (out->address_count == 0) {
        out->addresses = found->addresses;
        out->address_count = found->address_count;
        out->unresolved = found->unresolved;
    }
    if (found->alias_count == 0) return; /* the inventory may know where the name leads */
    out->aliases = found->aliases;
    out->alias_count = found->alias_count;
}

/* A server that one source lists. */
static enum error_code single_take(const struct survey_roll *roll, const struct roll_record *r,
                                   struct arena *arena, struct survey_asked *out, struct error *e) {
    const struct roll_said *said = r->said;
    *out = (struct survey_asked){.addresses = &r->address, .address_count = r->address.len > 0};
    if (said == NULL) return OK;
    out->name = said->name;
    out->is_label = said->is_label;
    out->named = said->named;
    out->named_count = said->named_count;
    out->aliases = said->aliases;
    out->alias_count = said->alias_count;
    out->network = said->network;
    out->unresolved = said->unresolved;
    if (said->declared != NULL) {
        out->declared = *said->declared;
        TRY(by_write(roll, r, arena, &out->declared.by, e));
    }
    if (said->address_count > 0) {
        struct geo_address *all = arena_new(arena, struct geo_address, 1 + said->address_count);
        if (all == NULL) return error_set(e, FAIL_MEMORY, "no room for a server's addresses");
        out->address_count = addresses_add(r, all, 0);
        out->addresses = all;
    }
    if (said->found != NULL) found_take(said->found, out);
    return OK;
}

static size_t text_add_once(str text, str *out, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (str_equal(out[i], text)) return count;
    out[count] = text;
    return count + (text.len > 0);
}

/* A host name before a word for people, a whole name before a word alone. */
static unsigned rank_of(const struct survey_asked *one) {
    size_t at;
    return one->name.len == 0 ? 0 : one->is_label ? 1 : !str_find_char(one->name, '.', &at) ? 2 : 3;
}

/* The first source to declare a thing is believed; what others declare is in their listings. */
static void declared_add(const struct survey_declared *from, struct survey_declared *to) {
    struct survey_declared more = *from;
    str *theirs[DECLARED_TEXTS], *own[DECLARED_TEXTS];
    if (from->by.len == 0) return;
    if (to->by.len == 0) to->by = from->by;
    texts_of(&more, theirs);
    texts_of(to, own);
    for (size_t i = 0; i < DECLARED_TEXTS; i++)
        if (own[i]->len == 0) *own[i] = *theirs[i];
    if (to->country.at[0] == 0) to->country = from->country;
}

struct joining {
    struct survey_asked *out;
    struct survey_listing *listings;
    struct geo_address *addresses;
    str *named, *aliases;
    size_t listings_count, records, address_most, text_most;
};

static enum error_code joining_open(struct survey_roll *roll, const struct roll_record *first,
                                    struct arena *arena, struct joining *j, struct error *e) {
    for (const struct roll_record *r = first;; r = &roll->records[r->next]) {
        j->records++;
        j->address_most += addresses_of(r);
        j->text_most += r->said == NULL ? 0 : 1 + r->said->named_count + r->said->alias_count;
        if (r->said != NULL && r->said->found != NULL)
            j->address_most += r->said->found->address_count;
        if (r->next == 0) break;
    }
    j->listings = arena_new(arena, struct survey_listing, j->records);
    j->addresses = arena_new(arena, struct geo_address, j->address_most);
    j->named = arena_new(arena, str, j->text_most + 1);
    j->aliases = arena_new(arena, str, j->text_most + 1);
    return j->listings != NULL && j->addresses != NULL && j->named != NULL && j->aliases != NULL
               ? OK
               : error_set(e, FAIL_MEMORY, "no room for a server that %zu sources list",
                           j->records);
}

static enum error_code record_join(const struct survey_roll *roll, const struct roll_record *r,
                                   struct arena *arena, struct joining *j, struct error *e) {
    struct survey_asked one, *out = j->out;
    struct survey_listing *listing = &j->listings[j->listings_count++];
    TRY(single_take(roll, r, arena, &one, e));
    TRY(by_write(roll, r, arena, &listing->by, e));
    listing->name = one.name;
    listing->addresses = one.addresses;
    listing->address_count = addresses_of(r) > 0 ? one.address_count : 0;
    listing->declared = r->said != NULL ? r->said->declared : NULL;
    if (rank_of(&one) > rank_of(out)) {
        if (!out->is_label) out->named_count = text_add_once(out->name, j->named, out->named_count);
        out->name = one.name;
        out->is_label = one.is_label;
    } else if (!one.is_label)
        out->named_count = text_add_once(one.name, j->named, out->named_count);
    for (size_t i = 0; i < one.named_count; i++)
        out->named_count = text_add_once(one.named[i], j->named, out->named_count);
    for (size_t i = 0; i < one.alias_count; i++)
        out->alias_count = text_add_once(one.aliases[i], j->aliases, out->alias_count);
    if (addresses_of(r) > 0)
        out->address_count = addresses_add(r, j->addresses, out->address_count);
    if (out->network == NULL) out->network = one.network;
    if (out->unresolved.len == 0) out->unresolved = one.unresolved;
    if (one.reverse_count > 0) {
        out->reverse = one.reverse;
        out->reverse_count = one.reverse_count;
    }
    declared_add(&one.declared, &out->declared);
    return OK;
}

/* What a resolver said counts where no source told an address. */
static void founds_join(const struct survey_roll *roll, const struct roll_record *first,
                        struct joining *j) {
    bool is_told = j->out->address_count > 0;
    for (const struct roll_record *r = first;; r = &roll->records[r->next]) {
        const struct survey_found *found = r->said != NULL ? r->said->found : NULL;
        if (found != NULL) j->out->resolver = found->resolver;
        for (size_t i = 0; found != NULL && !is_told && i < found->address_count; i++)
            j->addresses[j->out->address_count++] = found->addresses[i];
        if (r->next == 0) break;
    }
    for (const struct roll_record *r = first; j->out->address_count == 0;
         r = &roll->records[r->next]) {
        const struct survey_found *found = r->said != NULL ? r->said->found : NULL;
        if (found != NULL) j->out->unresolved = found->unresolved;
        if (r->next == 0) break;
    }
    if (j->out->address_count > 0) j->out->unresolved = STR_EMPTY;
}

/* The name itself is none of its further names. */
static void named_close(struct joining *j) {
    size_t kept = 0;
    for (size_t i = 0; i < j->out->named_count; i++)
        if (!str_equal(j->named[i], j->out->name)) j->named[kept++] = j->named[i];
    j->out->named_count = kept;
    j->out->named = j->named;
    j->out->aliases = j->aliases;
    j->out->addresses = j->addresses;
    j->out->listings = j->listings;
    j->out->listing_count = j->listings_count;
}

static enum error_code several_take(struct survey_roll *roll, const struct roll_record *first,
                                    struct arena *arena, struct survey_asked *out,
                                    struct error *e) {
    struct joining j = {.out = out};
    *out = (struct survey_asked){.name = STR_EMPTY};
    TRY(joining_open(roll, first, arena, &j, e));
    for (const struct roll_record *r = first;; r = &roll->records[r->next]) {
        TRY(record_join(roll, r, arena, &j, e));
        if (r->next == 0) break;
    }
    founds_join(roll, first, &j);
    named_close(&j);
    return OK;
}

enum error_code survey_roll_next(struct survey_roll *roll, size_t *cursor, struct arena *arena,
                                 struct survey_asked *out, uint32_t *number, bool *more,
                                 struct error *e) {
    while (*cursor < roll->count && roll->records[*cursor].parent != *cursor) ++*cursor;
    *more = *cursor < roll->count;
    if (!*more) return OK;
    const struct roll_record *first = &roll->records[*cursor];
    *number = (uint32_t)(*cursor)++;
    return first->next == 0 ? single_take(roll, first, arena, out, e)
                            : several_take(roll, first, arena, out, e);
}
