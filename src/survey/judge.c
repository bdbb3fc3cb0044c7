/* Judging servers one by one. What is said of an address alone is judged once for all addresses of which
 * the same is said; only what names and declarations add is weighed anew. */
#include <stdlib.h>

#include "survey/case.h"

struct kept {
    uint64_t key; /* 0: a free slot */
    const struct survey_judgement *judgement;
};
struct survey_judge {
    const struct survey_world *world;
    struct arena_space space;
    struct arena arena;
    struct kept *slots; /* a table by key, at most half full */
    size_t slot_count, used;
};

enum { FIRST_SLOTS = 1 << 12 };
enum { JUDGE_ROOM = 1 << 30 }; /* of address space; a judgement is about 1 KiB */

enum error_code survey_judge_open(const struct survey_world *world, struct survey_judge **out,
                                  struct error *e) {
    struct survey_judge *judge = calloc(1, sizeof *judge);
    if (judge == NULL) return error_set(e, FAIL_MEMORY, "no room for a judge");
    judge->world = world;
    enum error_code code = arena_space_open(&judge->space, JUDGE_ROOM, &judge->arena, e);
    if (code == OK) judge->slots = arena_new(&judge->arena, struct kept, FIRST_SLOTS);
    if (code != OK) {
        free(judge);
        return code;
    }
    assert(judge->slots != NULL);
    judge->slot_count = FIRST_SLOTS;
    *out = judge;
    return OK;
}

void survey_judge_close(struct survey_judge *judge) {
    if (judge == NULL) return;
    arena_space_release(&judge->space);
    free(judge);
}

/* ---- what was judged already ---- */

static struct kept *slot_find(struct survey_judge *judge, uint64_t key) {
    size_t mask = judge->slot_count - 1;
    size_t i = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 20) & mask;
    while (judge->slots[i].key != 0 && judge->slots[i].key != key) i = (i + 1) & mask;
    return &judge->slots[i];
}

static enum error_code slots_grow(struct survey_judge *judge, struct error *e) {
    struct kept *before = judge->slots;
    size_t count = judge->slot_count;
    judge->slots = arena_new(&judge->arena, struct kept, count * 2);
    if (judge->slots == NULL) {
        judge->slots = before;
        return error_set(e, FAIL_MEMORY, "no room for more judgements");
    }
    judge->slot_count = count * 2;
    for (size_t i = 0; i < count; i++)
        if (before[i].key != 0) *slot_find(judge, before[i].key) = before[i];
    return OK;
}

/* Record, family and what further address data say: all that a judgement of an address depends on. */
static uint64_t key_of(const struct survey_world *w, const struct geo_address *address,
                       uint32_t record, geo_country *more) {
    uint64_t key = (uint64_t)record + 1;
    for (size_t i = 0; i < SURVEY_MORE_DATA; i++) {
        more[i] =
            i < w->more_count ? geo_data_find(w->more[i], address).country : (geo_country){{0}};
        uint64_t letters = more[i].at[0] == 0 ? 0
                                              : (uint64_t)(more[i].at[0] - 'A') * 26 +
                                                    (uint64_t)(more[i].at[1] - 'A') + 1;
        key = key << 10 | letters;
    }
    return key << 1 | (address->len == 16);
}

static enum error_code address_judge(struct survey_judge *judge, const struct geo_address *address,
                                     const struct survey_judgement **out, struct error *e) {
    const struct survey_world *w = judge->world;
    geo_country more[SURVEY_MORE_DATA];
    uint32_t record = geo_atlas_record(w->atlas, address);
    uint64_t key = key_of(w, address, record, more);
    struct kept *slot = slot_find(judge, key);
    if (slot->key == key) {
        *out = slot->judgement;
        return OK;
    }
    struct survey_case c = {.count = 0};
    struct geo_answer answer;
    struct survey_judgement *judgement = arena_new(&judge->arena, struct survey_judgement, 1);
    if (judgement == NULL) return error_set(e, FAIL_MEMORY, "no room for a judgement");
    geo_atlas_answer(w->atlas, record, &answer);
    TRY(survey_case_address(w, &answer, address->len == 16, more, &judge->arena, &c, e));
    TRY(survey_case_close(w, &c, &judge->arena, judgement, e));
    judgement->number = (uint32_t)++judge->used;
    *slot = (struct kept){key, judgement};
    *out = judgement;
    return judge->used * 2 > judge->slot_count ? slots_grow(judge, e) : OK;
}

/* ---- what names and declarations add ---- */

static enum error_code extras_gather(const struct survey_world *w,
                                     const struct geo_address *address,
                                     const struct survey_asked *asked,
                                     const struct survey_declarations *declared,
                                     struct arena *arena, struct survey_case *c, struct error *e) {
    if (asked->unresolved.len > 0) {
        struct survey_source source = {.name = asked->resolver};
        survey_case_say(c, SURVEY_BY_RESOLVER, SURVEY_ABOUT_PLACE, asked->unresolved, &source);
    }
    TRY(survey_case_name(w, asked->name, NAME_OWN, arena, c, e));
    for (size_t i = 0; i < asked->named_count; i++)
        TRY(survey_case_name(w, asked->named[i], NAME_OWN, arena, c, e));
    for (size_t i = 0; i < asked->alias_count; i++)
        TRY(survey_case_name(w, asked->aliases[i], NAME_ALIAS, arena, c, e));
    for (size_t i = 0; i < asked->reverse_count; i++)
        TRY(survey_case_name(w, asked->reverse[i], NAME_REVERSE, arena, c, e));
    for (size_t i = 0; address != NULL && i < asked->probed_count; i++)
        if (geo_address_equal(&asked->probed[i].address, address))
            TRY(survey_case_probed(w, &asked->probed[i], arena, c, e));
    for (size_t i = 0; i < declared->count; i++)
        TRY(survey_case_declared(w, &declared->all[i], arena, c, e));
    return OK;
}

static enum error_code
address_judge_with(struct survey_judge *judge, const struct geo_address *address,
                   const struct survey_asked *asked, const struct survey_declarations *declared,
                   struct arena *arena, const struct survey_judgement **out, struct error *e) {
    const struct survey_world *w = judge->world;
    struct survey_judgement *judgement = arena_new(arena, struct survey_judgement, 1);
    struct survey_case c = {.count = 0};
    if (judgement == NULL) return error_set(e, FAIL_MEMORY, "no room for a judgement");
    if (address != NULL) {
        geo_country more[SURVEY_MORE_DATA];
        struct geo_answer answer;
        uint32_t record = geo_atlas_record(w->atlas, address);
        key_of(w, address, record, more);
        geo_atlas_answer(w->atlas, record, &answer);
        TRY(survey_case_address(w, &answer, address->len == 16, more, arena, &c, e));
    }
    TRY(extras_gather(w, address, asked, declared, arena, &c, e));
    TRY(survey_case_close(w, &c, arena, judgement, e));
    *out = judgement;
    return OK;
}

/* ---- one server ---- */

/* Do names or declarations add anything to what the addresses say? */
static bool has_extras(const struct survey_world *w, const struct survey_asked *asked,
                       const struct survey_declarations *declared) {
    struct survey_name_said heard;
    if (declared->count > 0 || asked->named_count > 0 || asked->reverse_count > 0 ||
        asked->alias_count > 0 || asked->unresolved.len > 0 || asked->probed_count > 0)
        return true;
    if (asked->name.len == 0) return false;
    survey_name_hear(&w->names, asked->name, &heard);
    return heard.ending != NULL || heard.code_count > 0;
}

static enum error_code addresses_judge(struct survey_judge *judge, const struct survey_asked *asked,
                                       const struct survey_declarations *declared,
                                       const struct geo_address *addresses, size_t count,
                                       struct arena *arena, const struct survey_judgement **out,
                                       struct error *e) {
    bool is_plain = !has_extras(judge->world, asked, declared);
    if (count == 0) return address_judge_with(judge, NULL, asked, declared, arena, out, e);
    if (count == 1 && is_plain) return address_judge(judge, addresses, out, e);
    if (count == 1) return address_judge_with(judge, addresses, asked, declared, arena, out, e);
    const struct survey_judgement **of = arena_new(arena, const struct survey_judgement *, count);
    if (of == NULL)
        return error_set(e, FAIL_MEMORY, "no room for a server of %zu addresses", count);
    for (size_t i = 0; i < count; i++)
        TRY(is_plain ? address_judge(judge, &addresses[i], &of[i], e)
                     : address_judge_with(judge, &addresses[i], asked, declared, arena, &of[i], e));
    return survey_judgements_join(addresses, of, count, arena, out, e);
}

enum error_code survey_ask(struct survey_judge *judge, const struct survey_asked *asked,
                           struct arena *arena, struct survey_server *out, struct error *e) {
    bool is_network = asked->network != NULL;
    const struct geo_address *addresses = is_network ? &asked->network->base : asked->addresses;
    size_t count = is_network ? 1 : asked->address_count;
    struct survey_server server = {.name = asked->name,
                                   .addresses = asked->addresses,
                                   .address_count = asked->address_count,
                                   .network = asked->network,
                                   .aliases = asked->aliases,
                                   .alias_count = asked->alias_count,
                                   .named = asked->named,
                                   .named_count = asked->named_count,
                                   .reverse = asked->reverse,
                                   .reverse_count = asked->reverse_count,
                                   .listings = asked->listings,
                                   .listing_count = asked->listing_count,
                                   .unresolved = asked->unresolved};
    struct survey_declarations declared;
    TRY(survey_declarations_read(judge->world, asked, count > 0 ? &addresses[0] : NULL, arena,
                                 &declared, e));
    server.declared = declared.whole;
    TRY(addresses_judge(judge, asked, &declared, addresses, count, arena, &server.judgement, e));
    if (asked->listing_count > 0)
        TRY(survey_declarations_compare(asked, arena, &server.judgement, e));
    *out = server;
    return OK;
}

/* ---- networks ---- */

struct survey_walk survey_network_begin(const struct geo_network *network) {
    return (struct survey_walk){.whole = *network, .next = network->base};
}

/* The last address of a network. */
static struct geo_address last_of(const struct geo_network *network) {
    struct geo_address last = network->base;
    for (unsigned bit = network->bits; bit < last.len * 8; bit++)
        last.at[bit / 8] = (unsigned char)(last.at[bit / 8] | 0x80u >> bit % 8);
    return last;
}

/* The next one; false: there is none. */
static bool address_next(struct geo_address *address) {
    for (unsigned i = address->len; i-- > 0;)
        if (++address->at[i] != 0) return true;
    return false;
}

static bool is_aligned(const struct geo_address *address, unsigned bits) {
    for (unsigned bit = bits; bit < address->len * 8; bit++)
        if ((address->at[bit / 8] & 0x80u >> bit % 8) != 0) return false;
    return true;
}

bool survey_network_next(const struct survey_world *world, struct survey_walk *walk,
                         struct geo_network *out) {
    if (walk->is_over) return false;
    struct geo_address end = last_of(&walk->whole), run_end;
    geo_atlas_run(world->atlas, &walk->next, &run_end);
    if (memcmp(run_end.at, end.at, end.len) > 0) run_end = end;
    struct geo_network part = {.base = walk->next, .bits = walk->next.len * 8};
    while (part.bits > walk->whole.bits && is_aligned(&part.base, part.bits - 1)) {
        struct geo_network larger = {part.base, part.bits - 1};
        struct geo_address last = last_of(&larger);
        if (memcmp(last.at, run_end.at, last.len) > 0) break;
        part = larger;
    }
    walk->next = last_of(&part);
    walk->is_over = memcmp(walk->next.at, end.at, end.len) >= 0 || !address_next(&walk->next);
    *out = part;
    return true;
}
