/* Servers on their way into the form: counted in cells, and what of them is told by name. */
#include "census/inner.h"

#include <stdio.h>
#include <stdlib.h>

#define CENSUS_SPACE  ((size_t)4 << 30) /* address space: pages cost once touched */
#define SCRATCH_SPACE ((size_t)1 << 30)
enum { KINDS_BYTES = 2048 };

/* ---- opening ---- */

static enum error_code make(struct census *census, struct error *e) {
    TRY(arena_space_open(&census->space, CENSUS_SPACE, &census->arena, e));
    TRY(arena_space_open(&census->scratch_space, SCRATCH_SPACE, &census->scratch, e));
    census->findings = arena_new(&census->arena, struct census_finding, CENSUS_FINDINGS);
    census->told = arena_new(&census->arena, struct census_told, CENSUS_TOLD);
    assert(census->findings != NULL && census->told != NULL); /* the space is far larger */
    TRY(register_words_read(&census->arena, census->scratch, &census->words, e));
    TRY(intern_open(&census->texts, e));
    TRY(cells_open(&census->cells, &census->arena, e));
    if (census->options.world == NULL) return OK;
    census->is_judged = true;
    return rules_open(&census->options, &census->arena, &census->rules, e);
}

enum error_code census_open(const struct census_options *options, struct census **out,
                            struct error *e) {
    struct census *census = calloc(1, sizeof *census);
    if (census == NULL) return error_set(e, FAIL_MEMORY, "no memory for a census");
    census->options = *options;
    enum error_code code = make(census, e);
    if (code == OK)
        *out = census;
    else
        census_close(census);
    return code;
}

void census_close(struct census *census) {
    if (census == NULL) return;
    rules_close(census->rules);
    cells_close(census->cells);
    intern_close(&census->texts);
    addresses_close(&census->addresses);
    arena_space_release(&census->scratch_space);
    arena_space_release(&census->space);
    free(census);
}

/* ---- one server counted ---- */

static str kinds_of(const struct survey_declared *declared, char memory[KINDS_BYTES]) {
    struct text text = text_into(memory, KINDS_BYTES);
    for (size_t i = 0; i < declared->kind_count; i++) {
        if (i > 0) text_add_char(&text, ' ');
        text_add(&text, declared->kinds[i]);
    }
    return text_str(&text);
}

/* ---- what is told by name ---- */

static str why_of(const struct survey_judgement *j) {
    for (size_t i = 0; i < j->evidence_count; i++)
        if (j->evidence[i].about == SURVEY_ABOUT_PLACE && j->evidence[i].without != j->answer)
            return j->evidence[i].says;
    for (size_t i = 0; i < j->evidence_count; i++)
        if (j->evidence[i].about == SURVEY_ABOUT_PLACE) return j->evidence[i].says;
    return STR_EMPTY;
}

static enum error_code tell(struct census *census, const struct survey_server *server,
                            const struct census_ruled *ruled, str law, struct error *e) {
    const struct survey_judgement *j = server->judgement;
    char subject[CENSUS_SUBJECT_BYTES], address[GEO_TEXT_BYTES];
    bool is_plain = j->answer == SURVEY_INSIDE && ruled->match != CENSUS_CONTRADICTED &&
                    ruled->ruling != CENSUS_REFUSED;
    if (is_plain || !census->options.tells_servers) return OK;
    if (census->told_count == CENSUS_TOLD) {
        census->told_left_out++;
        return OK;
    }
    struct census_told *told = &census->told[census->told_count];
    *told =
        (struct census_told){.answer = j->answer,
                             .country = place_of(j),
                             .declared_country = server->declared.country,
                             .probability = j->country_count > 0 ? j->countries[0].probability : 0,
                             .match = ruled->match,
                             .ruling = ruled->ruling};
    str at = server->network != NULL ? str_of(address, geo_network_write(server->network, address))
             : server->address_count > 0
                 ? str_of(address, geo_address_write(&server->addresses[0], address))
                 : STR_EMPTY;
    str owner = j->organisation.len > 0 ? j->organisation : j->operator_name;
    const struct {
        str from, *to;
    } texts[] = {{census_subject(server, subject), &told->subject},
                 {at, &told->address},
                 {owner, &told->operator_name},
                 {j->region, &told->region},
                 {server->declared.by, &told->declared_by},
                 {j->answer == SURVEY_UNDETERMINED && server->unresolved.len > 0
                      ? server->unresolved
                      : why_of(j),
                  &told->why},
                 {law, &told->law},
                 {server->declared.class_name, &told->class_name}};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        TRY(intern_take(&census->texts, texts[i].from, &census->arena, texts[i].to, e));
    census->told_count++;
    return OK;
}

/* ---- one server ---- */

enum error_code census_add(struct census *census, const struct survey_server *server,
                           const struct census_ruled *known, bool is_again,
                           struct census_ruled *out, struct error *e) {
    const struct survey_judgement *j = server->judgement;
    const struct survey_declared *d = &server->declared;
    char law[256], kinds[KINDS_BYTES];
    struct census_ruled ruled = {.match = match_of(server)};
    if (known != NULL)
        ruled = *known;
    else if (census->rules != NULL)
        TRY(rules_ask(census, server, &ruled, e));
    if (known == NULL && ruled.match == CENSUS_CONTRADICTED)
        TRY(contradiction_add(census, server, e));
    census->is_judged |= ruled.ruling != CENSUS_NOT_ASKED;
    const struct census_cell cell = {.operator_id = d->operator_id,
                                     .sector = d->sector,
                                     .class_name = d->class_name,
                                     .kinds = kinds_of(d, kinds),
                                     .answer = j->answer,
                                     .country = place_of(j),
                                     .provider = j->region.len > 0 ? j->operator_name : STR_EMPTY,
                                     .region = j->region,
                                     .law = law_of(j, law),
                                     .is_law_known = j->is_law_known,
                                     .is_foreign_law = j->is_foreign_law,
                                     .match = ruled.match,
                                     .ruling = ruled.ruling,
                                     .is_again = is_again,
                                     .servers = 1};
    TRY(cells_count(census, &cell, e));
    if (!is_again) {
        bool is_met;
        TRY(addresses_take(&census->addresses, server, &is_met, e));
        census->met += is_met;
    }
    if (!is_again) TRY(tell(census, server, &ruled, cell.law, e));
    if (out != NULL) *out = ruled;
    return OK;
}
