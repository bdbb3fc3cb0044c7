/* Inner: what the files of this module share. */
#ifndef AZEKURA_CENSUS_INNER_H
#define AZEKURA_CENSUS_INNER_H

#include "census/census.h"

/* ---- words ---- */

static inline bool is_japanese(str language) {
    return str_equal(language, STR("ja"));
}
static inline const char *say(str language, const char *en, const char *ja) {
    return is_japanese(language) ? ja : en;
}
static inline str word_in(const struct register_word *word, str language) {
    return is_japanese(language) ? word->ja : word->en;
}
/* "1,204" */
void census_number(struct report_out *out, uint64_t number);

/* ---- texts that come again and again, kept once ---- */

struct intern {
    str *at; /* open addressing; empty texts are empty places */
    size_t cap, count;
    struct arena_space space;
};
enum error_code intern_open(struct intern *intern, struct error *e) MUST_USE;
void intern_close(struct intern *intern);
/* The one copy, which lies in the arena. The empty text is no copy. */
enum error_code intern_take(struct intern *intern, str text, struct arena *arena, str *out,
                            struct error *e) MUST_USE;

/* ---- servers that meet at one address ---- */

struct met;
struct addresses {
    struct met *at;    /* open addressing */
    size_t cap, count; /* count: public addresses that were met */
    struct arena_space space;
};
/* *is_met: a public address of the server's is one that another before it has, or it itself twice. FAIL_MEMORY */
enum error_code addresses_take(struct addresses *addresses, const struct survey_server *server,
                               bool *is_met, struct error *e) MUST_USE;
void addresses_close(struct addresses *addresses);

/* ---- a census under way ---- */

struct cells;
struct rules;

struct census {
    struct census_options options;
    struct arena_space space, scratch_space;
    struct arena arena;   /* all that is kept */
    struct arena scratch; /* of one server, or one summing up; passed by copy */
    struct intern texts;
    struct addresses addresses;
    uint64_t met; /* servers at an address that another before them has */
    const struct register_words *words;
    struct cells *cells;
    struct rules *rules; /* NULL: none are asked */
    struct census_finding *findings;
    size_t finding_count;
    uint64_t findings_left_out;
    struct census_told *told;
    size_t told_count;
    uint64_t told_left_out;
    bool is_judged;
};

/* ---- cells ---- */

enum error_code cells_open(struct cells **out, struct arena *arena, struct error *e) MUST_USE;
void cells_close(struct cells *cells);
/* Counts one server in the cell that is equal but for `servers`; its texts are interned. */
enum error_code cells_count(struct census *census, const struct census_cell *cell,
                            struct error *e) MUST_USE;
size_t cells_number(const struct cells *cells);
const struct census_cell *cells_at(const struct cells *cells, size_t index);

/* ---- one server ---- */

/* Countries that reach the owner, by code, joined by spaces. */
str law_of(const struct survey_judgement *judgement, char memory[256]);
/* The likeliest country where the answer is one of place; zero: none. */
geo_country place_of(const struct survey_judgement *judgement);
double probability_of(const struct survey_judgement *judgement, geo_country country);
/* The answer rests on what somebody declared. */
bool rests_on_word(const struct survey_judgement *judgement);
enum census_match match_of(const struct survey_server *server);

/* ---- rules ---- */

enum error_code rules_open(const struct census_options *options, struct arena *arena,
                           struct rules **out, struct error *e) MUST_USE;
void rules_close(struct rules *rules);
/* Asks for each dataset of the server; findings are added to the census. */
enum error_code rules_ask(struct census *census, const struct survey_server *server,
                          struct census_ruled *out, struct error *e) MUST_USE;

/* ---- findings ---- */

enum error_code finding_add(struct census *census, const struct census_finding *finding,
                            struct error *e) MUST_USE;
enum error_code contradiction_add(struct census *census, const struct survey_server *server,
                                  struct error *e) MUST_USE;

#endif
