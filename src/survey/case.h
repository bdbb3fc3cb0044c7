/* Inner: a case, all that is said of one address or name, and what follows from it.
 *
 * What speaks of the place stands in tiers. Only the highest tier that says anything is weighed: address
 * data cannot outvote the provider's own list. What lower tiers say otherwise is told as a conflict. Before that a
 * round trip excludes countries: what names one of them is not heard. */
#ifndef AZEKURA_SURVEY_CASE_H
#define AZEKURA_SURVEY_CASE_H

#include "survey/world.h"

enum survey_tier {
    TIER_TELLS, /* has no say about the place */
    TIER_SOFT,  /* address data, hints, what is declared */
    TIER_HARD,  /* the provider's own word, physics */
    TIER_FIRST, /* said here and now */
};
struct survey_said {
    struct survey_evidence evidence;
    enum survey_kind kind; /* with a country */
    enum survey_tier tier;
    geo_country or_else; /* the country it may as well mean; zero: none */
    bool is_many;        /* speaks for many places instead of a country */
    bool is_repeat;      /* another source has said so already that it shares its sources with */
};

enum { CASE_SAID = 32, CASE_LAWS = 12, CASE_CONFLICTS = 8, CASE_COUNTRIES = 8 };
struct survey_case {
    struct survey_said said[CASE_SAID];
    size_t count;
    bool is_edge, is_law_known;
    str operator_name, organisation, region, zone, service;
    uint32_t asn;
    struct survey_law law[CASE_LAWS];
    size_t law_count;
    double reach_km;   /* the machine is within so many km of the vantage; 0: nobody knows */
    size_t round_trip; /* the piece that says so */
};

struct survey_source {
    str name, date;
    digest sha256;
};
struct survey_source survey_source_of(const struct geo_edition *edition); /* NULL: nobody */

/* Adds a piece; one too many is dropped, which no case has come to. Returns where it is. */
struct survey_said *survey_case_say(struct survey_case *c, enum survey_method method,
                                    enum survey_about about, str says,
                                    const struct survey_source *source);

/* What geo says of a public or other address; `more` are the countries that further address data
 * name, as many as the world has. Texts lie in the arena or in the world. FAIL_MEMORY. */
enum error_code survey_case_address(const struct survey_world *world,
                                    const struct geo_answer *answer, bool is_v6,
                                    const geo_country *more, struct arena *arena,
                                    struct survey_case *c, struct error *e) MUST_USE;
/* What a name says. */
enum survey_name_of {
    NAME_OWN,   /* the server's, by its inventory */
    NAME_ALIAS, /* CNAMEs led through it */
    NAME_REVERSE, /* the reverse DNS has it: written by whoever holds the address, not by whom it names */
};
enum error_code survey_case_name(const struct survey_world *world, str name, enum survey_name_of of,
                                 struct arena *arena, struct survey_case *c,
                                 struct error *e) MUST_USE;
/* What is declared of the place. */
enum error_code survey_case_declared(const struct survey_world *world,
                                     const struct survey_declared *declared, struct arena *arena,
                                     struct survey_case *c, struct error *e) MUST_USE;

/* What is declared of a server: by all its sources together, and by each that says where it stands. */
struct survey_declarations {
    struct survey_declared whole;
    const struct survey_declared *all;
    size_t count;
};
/* listed.c: reads them out of what is asked, with what the register declares where an inventory does too.
 * FAIL_MEMORY */
enum error_code survey_declarations_read(const struct survey_world *world,
                                         const struct survey_asked *asked,
                                         const struct geo_address *address, struct arena *arena,
                                         struct survey_declarations *out, struct error *e) MUST_USE;
/* Adds what one source says and another says otherwise: the country, the operator, the class. *judgement is
 * replaced where there is any. FAIL_MEMORY */
enum error_code survey_declarations_compare(const struct survey_asked *asked, struct arena *arena,
                                            const struct survey_judgement **judgement,
                                            struct error *e) MUST_USE;

/* What a probe showed. After the address and its names: of many places it speaks of the one that answered. */
enum error_code survey_case_probed(const struct survey_world *world,
                                   const struct survey_probed *probed, struct arena *arena,
                                   struct survey_case *c, struct error *e) MUST_USE;

/* Weighs the case: fills weights and `without` of its evidence, and makes the judgement of it in the
 * arena. FAIL_MEMORY. */
enum error_code survey_case_close(const struct survey_world *world, struct survey_case *c,
                                  struct arena *arena, struct survey_judgement *out,
                                  struct error *e) MUST_USE;

/* One judgement out of those of a server's addresses, of which there are several; puts those that tell of the place first. */
enum error_code survey_judgements_join(const struct geo_address *addresses,
                                       const struct survey_judgement **of, size_t count,
                                       struct arena *arena, const struct survey_judgement **out,
                                       struct error *e) MUST_USE;

#endif
