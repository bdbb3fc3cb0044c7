/* What does not agree: kept for people and for a store's ledger. */
#include "census/inner.h"

#include <stdio.h>

enum error_code finding_add(struct census *census, const struct census_finding *finding,
                            struct error *e) {
    if (census->finding_count == CENSUS_FINDINGS) {
        census->findings_left_out++;
        return OK;
    }
    struct census_finding *kept = &census->findings[census->finding_count];
    *kept = *finding;
    TRY(arena_copy(&census->arena, finding->subject, &kept->subject, e));
    TRY(arena_copy(&census->arena, finding->text, &kept->text, e));
    TRY(arena_copy(&census->arena, finding->text_ja, &kept->text_ja, e));
    str *clauses = arena_new(&census->arena, str, finding->clause_count);
    if (clauses == NULL) return error_set(e, FAIL_MEMORY, "no room for a finding");
    for (size_t i = 0; i < finding->clause_count; i++)
        TRY(intern_take(&census->texts, finding->clauses[i], &census->arena, &clauses[i], e));
    kept->clauses = clauses;
    census->finding_count++;
    return OK;
}

/* Another edition that says the same is no other saying: the finding stands unchanged. */
static digest facts_of(const struct survey_server *server) {
    const struct survey_judgement *j = server->judgement;
    struct sha256 hash;
    sha256_begin(&hash);
    sha256_add(&hash, server->declared.country.at, 2);
    for (size_t i = 0; i < j->evidence_count; i++) {
        if (j->evidence[i].about != SURVEY_ABOUT_PLACE) continue;
        const str texts[] = {str_from_c(survey_method_name(j->evidence[i].method)),
                             geo_country_str(&j->evidence[i].country), j->evidence[i].says};
        for (size_t k = 0; k < COUNT_OF(texts); k++) {
            sha256_add(&hash, texts[k].at, texts[k].len);
            sha256_add(&hash, "", 1);
        }
    }
    return sha256_end(&hash);
}

static str first_saying(const struct survey_judgement *j, str *source) {
    for (size_t i = 0; i < j->evidence_count; i++)
        if (j->evidence[i].about == SURVEY_ABOUT_PLACE &&
            geo_country_equal(j->evidence[i].country, place_of(j))) {
            *source = j->evidence[i].source;
            return j->evidence[i].says;
        }
    *source = STR_EMPTY;
    return STR_EMPTY;
}

enum error_code contradiction_add(struct census *census, const struct survey_server *server,
                                  struct error *e) {
    struct arena scratch = census->scratch;
    char subject[CENSUS_SUBJECT_BYTES];
    const struct survey_declared *d = &server->declared;
    geo_country found = place_of(server->judgement);
    char phrase[SURVEY_PHRASE_BYTES];
    str source, says = first_saying(server->judgement, &source);
    str says_ja = survey_phrase(says, STR("ja"), phrase, sizeof phrase);
    const char *open = says.len > 0 ? " (" : "", *close = says.len > 0 ? ")" : "";
    struct census_finding finding = {.subject = census_subject(server, subject),
                                     .facts = facts_of(server)};
    TRY(arena_format(
        &scratch, &finding.text, e,
        "%.*s declares %.2s; measured is %.2s%s%.*s%s%.*s%s: correct the record or move "
        "the server",
        STR_FMT(d->by), d->country.at, found.at, open, STR_FMT(says), source.len > 0 ? ", " : "",
        STR_FMT(source), close));
    TRY(arena_format(&scratch, &finding.text_ja, e,
                     "%.*sの申告は%.2s、判定は%.2s%s%.*s%s%.*s%s：記録を直すか、サーバーを移すこと",
                     STR_FMT(d->by), d->country.at, found.at, open, STR_FMT(says_ja),
                     source.len > 0 ? "、" : "", STR_FMT(source), close));
    return finding_add(census, &finding, e);
}
