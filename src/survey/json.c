/* Servers as JSON. A judgement that many servers share is written once and copied for each. */
#include <stdio.h>

#include "survey/write.h"

static void key(struct text *out, const char *name) {
    text_add_char(out, ',');
    text_add_char(out, '"');
    text_add_c(out, name);
    text_add(out, STR("\":"));
}

static void put(struct text *out, const char *name, str value) {
    key(out, name);
    text_add_json(out, value);
}

static void put_some(struct text *out, const char *name, str value) {
    if (value.len > 0) put(out, name, value);
}

/* A sentence; in Japanese beside it, where that is asked and known. */
static void put_said(struct text *out, const char *name, str english, bool is_japanese) {
    char memory[SURVEY_PHRASE_BYTES], beside[32];
    put(out, name, english);
    if (!is_japanese) return;
    str said = survey_phrase(english, STR("ja"), memory, sizeof memory);
    if (str_equal(said, english)) return;
    int len = snprintf(beside, sizeof beside, "%s_ja", name);
    assert(len > 0 && (size_t)len < sizeof beside);
    put(out, beside, said);
}

static void put_country(struct text *out, const char *name, const geo_country *country) {
    if (country->at[0] != 0) put(out, name, geo_country_str(country));
}

/* ---- judgements ---- */

static void countries_write(const struct survey_judgement *j, struct text *out) {
    key(out, "countries");
    text_add_char(out, '[');
    for (size_t i = 0; i < j->country_count; i++)
        text_format(out, "%s{\"country\":\"%.2s\",\"probability\":%.3f}", i > 0 ? "," : "",
                    j->countries[i].country.at, j->countries[i].probability);
    text_add_char(out, ']');
}

static void law_write(const struct survey_judgement *j, bool is_japanese, struct text *out) {
    key(out, "law");
    text_add_char(out, '[');
    for (size_t i = 0; i < j->law_count; i++) {
        text_format(out, "%s{\"country\":\"%.2s\",\"face\":\"%s\"", i > 0 ? "," : "",
                    j->law[i].country.at, j->law[i].face);
        put_said(out, "why", j->law[i].why, is_japanese);
        text_add_char(out, '}');
    }
    text_add_char(out, ']');
    key(out, "law_known");
    text_add_c(out, j->is_law_known ? "true" : "false");
    key(out, "foreign_law");
    text_add_c(out, j->is_foreign_law ? "true" : "false");
}

static bool is_digest(const digest *sha256) {
    static const digest none;
    return memcmp(sha256, &none, sizeof none) != 0;
}

static void evidence_write(const struct survey_judgement *j, const struct survey_evidence *v,
                           bool is_japanese, struct text *out) {
    text_format(out, "{\"method\":\"%s\",\"about\":\"%s\"", survey_method_name(v->method),
                survey_about_name(v->about));
    put_country(out, "country", &v->country);
    put_said(out, "says", v->says, is_japanese);
    put_some(out, "source", v->source);
    put_some(out, "date", v->date);
    if (is_digest(&v->sha256)) {
        char hex[2 * DIGEST_BYTES];
        hex_write(&v->sha256, DIGEST_BYTES, hex);
        put(out, "sha256", str_of(hex, sizeof hex));
    }
    if (v->weight > 0) text_format(out, ",\"weight\":%.2f", v->weight);
    if (v->without != j->answer) put(out, "without_it", str_from_c(survey_answer_name(v->without)));
    text_add_char(out, '}');
}

void survey_json_judgement(const struct survey_world *world, const struct survey_judgement *j,
                           bool is_japanese, struct text *out) {
    text_format(out, "\"answer\":\"%s\"", survey_answer_name(j->answer));
    put_country(out, "home", &world->home);
    countries_write(j, out);
    if (j->grounds < SURVEY_METHOD_COUNT)
        put(out, "grounds", str_from_c(survey_method_name(j->grounds)));
    put(out, "operator", j->operator_name);
    put_some(out, "organisation", j->organisation);
    if (j->asn != 0) {
        key(out, "asn");
        text_add_count(out, j->asn);
    }
    put_some(out, "region", j->region);
    put_some(out, "zone", j->zone);
    put_some(out, "service", j->service);
    if (j->is_edge) {
        key(out, "edge");
        text_add_c(out, "true");
    }
    law_write(j, is_japanese, out);
    key(out, "evidence");
    for (size_t i = 0; i < j->evidence_count; i++) {
        text_add_char(out, i == 0 ? '[' : ',');
        evidence_write(j, &j->evidence[i], is_japanese, out);
    }
    text_add_c(out, j->evidence_count == 0 ? "[]" : "]");
    key(out, "conflicts");
    for (size_t i = 0; i < j->conflict_count; i++) {
        text_format(out, "%c{\"about\":\"%s\"", i == 0 ? '[' : ',',
                    survey_about_name(j->conflicts[i].about));
        put_said(out, "says", j->conflicts[i].says, is_japanese);
        text_add_char(out, '}');
    }
    text_add_c(out, j->conflict_count == 0 ? "[]" : "]");
}

/* ---- servers ---- */

static void texts_write(const char *name, const str *texts, size_t count, struct text *out) {
    if (count == 0) return;
    key(out, name);
    for (size_t i = 0; i < count; i++) {
        text_add_char(out, i == 0 ? '[' : ',');
        text_add_json(out, texts[i]);
    }
    text_add_char(out, ']');
}

static void declared_write(const struct survey_declared *d, str by, struct text *out) {
    if (by.len == 0) return;
    key(out, "declared");
    text_add(out, STR("{\"by\":"));
    text_add_json(out, by);
    put_some(out, "operator", d->operator_id);
    put_some(out, "system", d->system);
    put_some(out, "dataset", d->dataset);
    if (d->dataset.len == 0 && d->dataset_count > 0) {
        key(out, "datasets");
        for (size_t i = 0; i < d->dataset_count; i++) {
            text_add_char(out, i == 0 ? '[' : ',');
            text_add_json(out, d->dataset_rows[i]->id);
        }
        text_add_char(out, ']');
    }
    put_some(out, "site", d->site);
    put_some(out, "provider", d->provider);
    put_some(out, "region", d->region);
    put_country(out, "country", &d->country);
    put_some(out, "sector", d->sector);
    put_some(out, "class", d->class_name);
    texts_write("kinds", d->kinds, d->kind_count, out);
    text_add_char(out, '}');
}

static void addresses_write(const struct geo_network *network, const struct geo_address *addresses,
                            size_t count, struct text *out) {
    char text[GEO_TEXT_BYTES];
    if (network != NULL || count == 1) {
        size_t len = network != NULL ? geo_network_write(network, text)
                                     : geo_address_write(&addresses[0], text);
        text_add(out, STR(",\"address\":\""));
        text_add(out, str_of(text, len));
        text_add_char(out, '"');
        return;
    }
    text_add(out, STR(",\"addresses\":["));
    for (size_t i = 0; i < count; i++) {
        size_t len = geo_address_write(&addresses[i], text);
        text_add_c(out, i == 0 ? "\"" : ",\"");
        text_add(out, str_of(text, len));
        text_add_char(out, '"');
    }
    text_add_char(out, ']');
}

/* What each source said, where there are several. */
static void listings_write(const struct survey_server *server, struct text *out) {
    if (server->listing_count == 0) return;
    key(out, "listings");
    for (size_t i = 0; i < server->listing_count; i++) {
        const struct survey_listing *one = &server->listings[i];
        text_add_c(out, i == 0 ? "[{\"by\":" : ",{\"by\":");
        text_add_json(out, one->by);
        put_some(out, "name", one->name);
        if (one->address_count > 0) addresses_write(NULL, one->addresses, one->address_count, out);
        if (one->declared != NULL) declared_write(one->declared, one->by, out);
        text_add_char(out, '}');
    }
    text_add_char(out, ']');
}

void survey_json_server(const struct survey_server *server, str members, str more, bool is_japanese,
                        struct text *out) {
    text_add(out, STR("{\"name\":"));
    text_add_json(out, server->name);
    addresses_write(server->network, server->addresses, server->address_count, out);
    texts_write("aliases", server->aliases, server->alias_count, out);
    texts_write("names", server->named, server->named_count, out);
    texts_write("reverse", server->reverse, server->reverse_count, out);
    if (server->unresolved.len > 0) put_said(out, "unresolved", server->unresolved, is_japanese);
    declared_write(&server->declared, server->declared.by, out);
    listings_write(server, out);
    text_add_char(out, ',');
    text_add(out, members);
    if (more.len > 0) text_add_char(out, ',');
    text_add(out, more);
    text_add_char(out, '}');
}

/* ---- what was counted ---- */

static void answers_put(struct report_json *j, const uint64_t *answers) {
    report_json_object(j);
    for (unsigned i = 0; i < SURVEY_ANSWER_COUNT; i++)
        report_json_put_u64(j, survey_answer_name((enum survey_answer)i), answers[i]);
    report_json_object_end(j);
}

static void vantage_put(const struct survey_vantage *vantage, struct report_json *j) {
    char memory[128];
    struct text where = text_into(memory, sizeof memory);
    text_format(&where, "{\"lat\":%.6f,\"lon\":%.6f,\"error_km\":%.3f}", vantage->at.lat_deg,
                vantage->at.lon_deg, vantage->error_km);
    report_json_key(j, "vantage");
    report_json_object(j);
    report_json_put(j, "name", vantage->name);
    report_json_key(j, "at");
    report_json_raw(j, text_str(&where));
    report_json_object_end(j);
}

/* As many in Japanese, in the same order; one that is not known as it is. */
static void warnings_ja_put(const str *warnings, size_t count, struct report_json *j) {
    report_json_key(j, "warnings_ja");
    report_json_array(j);
    for (size_t i = 0; i < count; i++) {
        char memory[SURVEY_PHRASE_BYTES];
        report_json_str(j, survey_phrase(warnings[i], STR("ja"), memory, sizeof memory));
    }
    report_json_array_end(j);
}

void survey_json_tally(const struct survey_world *world, const struct survey_tally *tally,
                       bool is_japanese, struct report_json *j) {
    size_t editions, warnings;
    const struct geo_edition *edition = survey_world_editions(world, &editions);
    const str *warning = survey_world_warnings(world, &warnings);
    report_json_key(j, "counted");
    report_json_object(j);
    report_json_put_u64(j, "servers", tally->servers);
    report_json_key(j, "answers");
    answers_put(j, tally->answers);
    report_json_key(j, "foreign_law");
    answers_put(j, tally->foreign_law);
    report_json_key(j, "undeclared");
    answers_put(j, tally->undeclared);
    report_json_put_u64(j, "with_conflicts", tally->conflicts);
    report_json_key(j, "countries");
    report_json_object(j);
    for (size_t i = 0; i < COUNT_OF(tally->countries); i++) {
        char code[3] = {(char)('A' + i / 26), (char)('A' + i % 26), 0};
        if (tally->countries[i] > 0) report_json_put_u64(j, code, tally->countries[i]);
    }
    report_json_object_end(j);
    report_json_key(j, "classes");
    report_json_array(j);
    for (size_t i = 0; i < tally->class_count; i++) {
        report_json_object(j);
        report_json_put_c(j, "class", tally->classes[i].name);
        report_json_key(j, "answers");
        answers_put(j, tally->classes[i].answers);
        report_json_object_end(j);
    }
    report_json_array_end(j);
    report_json_object_end(j);
    if (world->away_km != NULL) vantage_put(&world->vantage, j);
    report_json_key(j, "sources");
    report_json_array(j);
    for (size_t i = 0; i < editions; i++) {
        char hex[2 * DIGEST_BYTES];
        report_json_object(j);
        report_json_put(j, "name", edition[i].name);
        report_json_put(j, "date", edition[i].date);
        hex_write(&edition[i].sha256, DIGEST_BYTES, hex);
        if (is_digest(&edition[i].sha256)) report_json_put(j, "sha256", str_of(hex, sizeof hex));
        if (edition[i].attribution.len > 0)
            report_json_put(j, "attribution", edition[i].attribution);
        report_json_object_end(j);
    }
    report_json_array_end(j);
    report_json_key(j, "warnings");
    report_json_array(j);
    for (size_t i = 0; i < warnings; i++) report_json_str(j, warning[i]);
    report_json_array_end(j);
    if (is_japanese) warnings_ja_put(warning, warnings, j);
}
