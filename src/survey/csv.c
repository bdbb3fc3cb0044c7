/* Servers as CSV, a row each, for a spreadsheet. */
#include <stdio.h>

#include "survey/write.h"

static const char *const head[] = {
    "name",        "addresses",         "answer",   "country", "probability", "grounds",
    "operator",    "organisation",      "asn",      "region",  "law",         "foreign_law",
    "declared_by", "declared_operator", "system",   "dataset", "class",       "declared_country",
    "decisive",    "conflicts",         "listed_by"};

void survey_csv_head(struct report_out *out) {
    for (size_t i = 0; i < COUNT_OF(head); i++)
        report_csv_cell(out, str_from_c(head[i]), i + 1 == COUNT_OF(head));
}

static void cell(struct report_out *out, str text) {
    report_csv_cell(out, text, false);
}

static void addresses_cell(const struct survey_server *server, struct report_out *out) {
    char memory[4096];
    struct text t = text_into(memory, sizeof memory);
    char text[GEO_TEXT_BYTES];
    if (server->network != NULL) {
        geo_network_write(server->network, text);
        text_add_c(&t, text);
    }
    for (size_t i = 0; server->network == NULL && i < server->address_count; i++) {
        geo_address_write(&server->addresses[i], text);
        text_format(&t, "%s%s", i > 0 ? " " : "", text);
    }
    cell(out, text_str(&t));
}

static void law_cell(const struct survey_judgement *j, struct report_out *out) {
    char memory[512];
    struct text t = text_into(memory, sizeof memory);
    for (size_t i = 0; i < j->law_count; i++)
        text_format(&t, "%s%.2s (%s)", i > 0 ? " " : "", j->law[i].country.at, j->law[i].face);
    cell(out, text_str(&t));
}

static void decisive_cell(const struct survey_judgement *j, struct report_out *out) {
    char memory[2048];
    struct text t = text_into(memory, sizeof memory);
    for (size_t i = 0; i < j->evidence_count; i++) {
        const struct survey_evidence *v = &j->evidence[i];
        if (v->without != j->answer)
            text_format(&t, "%s%.*s: %.*s", t.len > 0 ? "; " : "", STR_FMT(v->source),
                        STR_FMT(v->says));
    }
    cell(out, text_str(&t));
}

static void conflicts_cell(const struct survey_judgement *j, struct report_out *out) {
    char memory[2048];
    struct text t = text_into(memory, sizeof memory);
    for (size_t i = 0; i < j->conflict_count; i++)
        text_format(&t, "%s%.*s", i > 0 ? "; " : "", STR_FMT(j->conflicts[i].says));
    cell(out, text_str(&t));
}

/* All sources, where there are several. */
static void listings_cell(const struct survey_server *server, struct report_out *out) {
    char memory[4096];
    struct text t = text_into(memory, sizeof memory);
    for (size_t i = 0; i < server->listing_count; i++)
        text_format(&t, "%s%.*s", i > 0 ? "; " : "", STR_FMT(server->listings[i].by));
    report_csv_cell(out, text_str(&t), true);
}

void survey_csv_server(const struct survey_server *server, struct report_out *out) {
    const struct survey_judgement *j = server->judgement;
    const struct survey_declared *d = &server->declared;
    char number[32];
    cell(out, server->name);
    addresses_cell(server, out);
    cell(out, str_from_c(survey_answer_name(j->answer)));
    cell(out, j->country_count > 0 ? geo_country_str(&j->countries[0].country) : STR_EMPTY);
    snprintf(number, sizeof number, "%.3f", j->country_count > 0 ? j->countries[0].probability : 0);
    cell(out, str_from_c(j->country_count > 0 ? number : ""));
    cell(out, str_from_c(j->grounds < SURVEY_METHOD_COUNT ? survey_method_name(j->grounds) : ""));
    cell(out, j->operator_name);
    cell(out, j->organisation);
    snprintf(number, sizeof number, "%u", j->asn);
    cell(out, str_from_c(j->asn > 0 ? number : ""));
    cell(out, j->zone.len > 0 ? j->zone : j->region);
    law_cell(j, out);
    cell(out, j->is_foreign_law ? STR("yes") : j->is_law_known ? STR("no") : STR("unknown"));
    cell(out, d->by);
    cell(out, d->operator_id);
    cell(out, d->system);
    cell(out, d->dataset);
    cell(out, d->class_name);
    cell(out, geo_country_str(&d->country));
    decisive_cell(j, out);
    conflicts_cell(j, out);
    listings_cell(server, out);
}
