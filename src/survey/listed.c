/* What several sources declare of one server, and what they say otherwise of it. */
#include "survey/case.h"

enum {
    DECLARING_MOST = 8
}; /* sources that are heard of the place; another country is always heard */

static bool is_heard(const struct survey_declared *all, size_t count, geo_country country) {
    for (size_t i = 0; i < count; i++)
        if (geo_country_equal(all[i].country, country)) return true;
    return false;
}

/* What an inventory says first does not keep what the register says from being heard. */
static enum error_code register_hear(const struct survey_world *w, const struct survey_asked *asked,
                                     const struct geo_address *address, struct arena *arena,
                                     struct survey_declared *all, size_t *count, struct error *e) {
    struct survey_declared own = {.by = STR_EMPTY};
    if (w->snapshot == NULL || asked->declared.by.len == 0) return OK;
    TRY(survey_declared_fill(w, address, asked->name, &own, arena, e));
    if (own.by.len > 0 && own.country.at[0] != 0) all[(*count)++] = own;
    return OK;
}

enum error_code survey_declarations_read(const struct survey_world *w,
                                         const struct survey_asked *asked,
                                         const struct geo_address *address, struct arena *arena,
                                         struct survey_declarations *out, struct error *e) {
    struct survey_declared *all =
        arena_new(arena, struct survey_declared, 2 + asked->listing_count);
    size_t count = 0;
    if (all == NULL) return error_set(e, FAIL_MEMORY, "no room for what is declared of a server");
    out->whole = asked->declared;
    TRY(survey_declared_fill(w, address, asked->name, &out->whole, arena, e));
    for (size_t i = 0; i < asked->listing_count; i++) {
        const struct survey_listing *listing = &asked->listings[i];
        if (listing->declared == NULL) continue;
        struct survey_declared one = *listing->declared;
        one.by = listing->by;
        survey_declared_region(w, &one);
        if (one.country.at[0] == 0) continue;
        if (count < DECLARING_MOST || !is_heard(all, count, one.country)) all[count++] = one;
    }
    if (count == 0 && out->whole.country.at[0] != 0) all[count++] = out->whole;
    TRY(register_hear(w, asked, address, arena, all, &count, e));
    out->all = all;
    out->count = count;
    return OK;
}

/* ---- what they say otherwise ---- */

struct matter {
    enum survey_about about;
    const char *called;
    size_t offset; /* in struct survey_declared: of a str, but for the country */
};
static const struct matter matters[] = {
    {SURVEY_ABOUT_PLACE, "country", offsetof(struct survey_declared, country)},
    {SURVEY_ABOUT_OPERATOR, "operator", offsetof(struct survey_declared, operator_id)},
    {SURVEY_ABOUT_OPERATOR, "provider", offsetof(struct survey_declared, provider)},
    {SURVEY_ABOUT_PLACE, "region", offsetof(struct survey_declared, region)},
    {SURVEY_ABOUT_DATA, "class", offsetof(struct survey_declared, class_name)},
    {SURVEY_ABOUT_DATA, "sector", offsetof(struct survey_declared, sector)},
};

static str matter_of(const struct survey_listing *listing, const struct matter *matter) {
    if (listing->declared == NULL) return STR_EMPTY;
    if (matter->offset == offsetof(struct survey_declared, country))
        return geo_country_str(&listing->declared->country);
    return *(const str *)((const char *)listing->declared + matter->offset);
}

/* Each matter once: the first source that speaks of it, and the first that says another. */
static enum error_code matter_compare(const struct survey_asked *asked, const struct matter *matter,
                                      struct arena *arena, struct survey_conflict *out,
                                      size_t *count, struct error *e) {
    const struct survey_listing *first = NULL;
    for (size_t i = 0; i < asked->listing_count; i++) {
        const struct survey_listing *one = &asked->listings[i];
        str says = matter_of(one, matter);
        if (says.len == 0) continue;
        if (first == NULL) first = one;
        if (str_equal_nocase(matter_of(first, matter), says)) continue;
        out[*count].about = matter->about;
        return arena_format(arena, &out[(*count)++].says, e, "%.*s says %s %.*s, %.*s says %.*s",
                            STR_FMT(first->by), matter->called, STR_FMT(matter_of(first, matter)),
                            STR_FMT(one->by), STR_FMT(says));
    }
    return OK;
}

enum error_code survey_declarations_compare(const struct survey_asked *asked, struct arena *arena,
                                            const struct survey_judgement **judgement,
                                            struct error *e) {
    const struct survey_judgement *before = *judgement;
    struct survey_conflict more[COUNT_OF(matters)];
    size_t count = 0;
    for (size_t i = 0; i < COUNT_OF(matters); i++)
        TRY(matter_compare(asked, &matters[i], arena, more, &count, e));
    if (count == 0) return OK;
    struct survey_judgement *after = arena_new(arena, struct survey_judgement, 1);
    struct survey_conflict *all =
        arena_new(arena, struct survey_conflict, before->conflict_count + count);
    if (after == NULL || all == NULL) return error_set(e, FAIL_MEMORY, "no room for a conflict");
    if (before->conflict_count > 0)
        memcpy(all, before->conflicts, before->conflict_count * sizeof *all);
    memcpy(all + before->conflict_count, more, count * sizeof *all);
    *after = *before;
    after->number = 0; /* it is this server's own now */
    after->conflicts = all;
    after->conflict_count += count;
    *judgement = after;
    return OK;
}
