/* The form for programs: docs/formats/survey.md. */
#include "census/inner.h"

/* ---- parts ---- */

static void put_country(struct report_json *j, const char *key, geo_country country) {
    if (country.at[0] != 0) report_json_put(j, key, geo_country_str(&country));
}

static void put_answers(struct report_json *j, const char *key,
                        const uint64_t of[SURVEY_ANSWER_COUNT]) {
    report_json_key(j, key);
    report_json_object(j);
    for (unsigned a = 0; a < SURVEY_ANSWER_COUNT; a++)
        report_json_put_u64(j, survey_answer_name((enum survey_answer)a), of[a]);
    report_json_object_end(j);
}

/* Members of an object that is open. */
static void put_counts(struct report_json *j, const struct census_counts *counts) {
    report_json_put_u64(j, "servers", counts->servers);
    put_answers(j, "answers", counts->answers);
    put_answers(j, "foreign_law", counts->foreign_law);
    put_answers(j, "law_unknown", counts->law_unknown);
}

/* "JP US" as a list; nothing where nobody knows. */
static void put_law(struct report_json *j, str law) {
    if (law.len == 0) return;
    str rest = law, one;
    report_json_key(j, "law");
    report_json_array(j);
    while (rest.len > 0) {
        if (!str_cut(&rest, ' ', &one)) {
            one = rest;
            rest = STR_EMPTY;
        }
        report_json_str(j, one);
    }
    report_json_array_end(j);
}

static void put_lines(struct report_json *j, const char *key, const struct census_lines *lines) {
    report_json_key(j, key);
    report_json_array(j);
    for (size_t i = 0; i < lines->count; i++) {
        report_json_object(j);
        report_json_key(j, "name");
        if (lines->at[i].name.len > 0)
            report_json_str(j, lines->at[i].name);
        else
            report_json_null(j);
        if (lines->at[i].name.len > 0) {
            report_json_key(j, "word");
            report_json_object(j);
            report_json_put(j, "en", lines->at[i].word.en);
            report_json_put(j, "ja", lines->at[i].word.ja);
            report_json_object_end(j);
        }
        put_counts(j, &lines->at[i].counts);
        report_json_object_end(j);
    }
    report_json_array_end(j);
}

static void put_places(struct report_json *j, const struct census_form *form) {
    report_json_key(j, "places");
    report_json_array(j);
    for (size_t i = 0; i < form->place_count; i++) {
        const struct census_place *p = &form->places[i];
        report_json_object(j);
        report_json_put_c(j, "answer", survey_answer_name(p->answer));
        put_country(j, "country", p->country);
        if (p->region.len > 0) {
            report_json_put(j, "provider", p->provider);
            report_json_put(j, "region", p->region);
        }
        put_counts(j, &p->counts);
        report_json_object_end(j);
    }
    report_json_array_end(j);
}

static void put_unders(struct report_json *j, const struct census_form *form) {
    report_json_key(j, "laws");
    report_json_array(j);
    for (size_t i = 0; i < form->under_count; i++) {
        const struct census_under *u = &form->unders[i];
        report_json_object(j);
        report_json_put_c(j, "answer", survey_answer_name(u->answer));
        put_country(j, "country", u->country);
        put_law(j, u->law);
        report_json_put_u64(j, "servers", u->servers);
        report_json_object_end(j);
    }
    report_json_array_end(j);
}

static void put_three(struct report_json *j, const struct census_form *form) {
    report_json_key(j, "comparison");
    report_json_array(j);
    for (unsigned m = 0; m < CENSUS_MATCH_COUNT; m++)
        for (unsigned r = 0; r < CENSUS_RULING_COUNT; r++) {
            if (form->three[m][r] == 0) continue;
            report_json_object(j);
            report_json_put_c(j, "declared", census_match_name((enum census_match)m));
            report_json_put_c(j, "allowed", census_ruling_name((enum census_ruling)r));
            report_json_put_u64(j, "servers", form->three[m][r]);
            report_json_object_end(j);
        }
    report_json_array_end(j);
}

static void put_cells(struct report_json *j, const struct census_form *form) {
    report_json_key(j, "cells");
    report_json_array(j);
    for (size_t i = 0; i < form->cell_count; i++) {
        const struct census_cell *c = &form->cells[i];
        const struct {
            const char *key;
            str text;
        } texts[] = {{"operator", c->operator_id}, {"sector", c->sector},
                     {"class", c->class_name},     {"kinds", c->kinds},
                     {"provider", c->provider},    {"region", c->region}};
        report_json_object(j);
        for (size_t k = 0; k < COUNT_OF(texts); k++)
            if (texts[k].text.len > 0) report_json_put(j, texts[k].key, texts[k].text);
        report_json_put_c(j, "answer", survey_answer_name(c->answer));
        put_country(j, "country", c->country);
        if (c->is_law_known) {
            put_law(j, c->law);
            report_json_put_bool(j, "foreign_law", c->is_foreign_law);
        }
        report_json_put_c(j, "declared", census_match_name(c->match));
        report_json_put_c(j, "allowed", census_ruling_name(c->ruling));
        if (c->is_again) report_json_put_bool(j, "again", true);
        report_json_put_u64(j, "servers", c->servers);
        report_json_object_end(j);
    }
    report_json_array_end(j);
}

static void put_findings(struct report_json *j, const struct census_form *form) {
    report_json_key(j, "findings");
    report_json_array(j);
    for (size_t i = 0; i < form->finding_count; i++) {
        const struct census_finding *f = &form->findings[i];
        report_json_object(j);
        report_json_put_c(j, "kind", f->is_ruling ? "not-allowed" : "contradicted");
        report_json_put(j, "subject", f->subject);
        report_json_put_c(j, "verdict",
                          f->is_ruling ? census_ruling_name(f->ruling)
                                       : census_match_name(CENSUS_CONTRADICTED));
        report_json_key(j, "clauses");
        report_json_array(j);
        for (size_t k = 0; k < f->clause_count; k++) report_json_str(j, f->clauses[k]);
        report_json_array_end(j);
        report_json_key(j, "text");
        report_json_object(j);
        report_json_put(j, "en", f->text);
        report_json_put(j, "ja", f->text_ja);
        report_json_object_end(j);
        report_json_object_end(j);
    }
    report_json_array_end(j);
}

void census_form_json(const struct census_form *form, struct report_json *j) {
    report_json_object(j);
    put_counts(j, &form->total);
    report_json_put_u64(j, "again", form->again);
    report_json_put_u64(j, "addresses", form->addresses);
    report_json_put_u64(j, "at_one_address", form->met);
    report_json_key(j, "undeclared");
    report_json_object(j);
    put_counts(j, &form->undeclared);
    report_json_object_end(j);
    report_json_put_bool(j, "rules_asked", form->is_judged);
    put_lines(j, "operators", &form->operators);
    put_lines(j, "sectors", &form->sectors);
    put_lines(j, "classes", &form->classes);
    put_lines(j, "kinds", &form->kinds);
    put_places(j, form);
    put_unders(j, form);
    put_three(j, form);
    put_cells(j, form);
    put_findings(j, form);
    if (form->findings_left_out > 0)
        report_json_put_u64(j, "findings_left_out", form->findings_left_out);
    report_json_object_end(j);
}

void census_ruled_json(const struct census_ruled *ruled, struct report_json *j) {
    report_json_key(j, "comparison");
    report_json_object(j);
    report_json_put_c(j, "declared", census_match_name(ruled->match));
    report_json_put_c(j, "allowed", census_ruling_name(ruled->ruling));
    if (ruled->clause_count > 0) {
        report_json_key(j, "clauses");
        report_json_array(j);
        for (size_t i = 0; i < ruled->clause_count; i++) report_json_str(j, ruled->clauses[i]);
        report_json_array_end(j);
    }
    report_json_object_end(j);
}

/* ---- a document ---- */

static void put_sentence(struct report_json *j, const char *language,
                         const struct census_form *form) {
    char memory[4096];
    struct report_out said;
    struct error e = {0};
    if (report_open_text(memory, sizeof memory, &said, &e) != OK) return;
    census_sentence(form, str_from_c(language), &said);
    if (report_close(&said, &e) == OK) report_json_put(j, language, report_text(&said));
}

void census_sentence_json(const struct census_form *form, struct report_json *j) {
    report_json_key(j, "sentence");
    report_json_object(j);
    put_sentence(j, "en", form);
    put_sentence(j, "ja", form);
    report_json_object_end(j);
}

static void put_surveys(struct report_json *j, const struct census_merged *merged) {
    report_json_key(j, "surveys");
    report_json_array(j);
    for (size_t i = 0; i < merged->survey_count; i++) {
        const struct census_survey *s = merged->surveys[i];
        char hex[2 * DIGEST_BYTES];
        hex_write(s->sha256.at, DIGEST_BYTES, hex);
        report_json_object(j);
        report_json_put(j, "file", s->path);
        report_json_put(j, "sha256", str_of(hex, sizeof hex));
        if (s->at_ns != 0) report_json_put_time(j, "at", s->at_ns);
        report_json_put_u64(j, "servers", s->servers);
        if (s->is_partial) report_json_put(j, "partial", s->partial);
        report_json_object_end(j);
    }
    report_json_array_end(j);
}

static void put_repeats(struct report_json *j, const struct census_merged *merged) {
    report_json_key(j, "repeated");
    report_json_array(j);
    for (size_t i = 0; i < merged->repeat_count; i++) {
        const struct census_repeat *r = &merged->repeats[i];
        report_json_object(j);
        report_json_put(j, "subject", r->subject);
        report_json_put(j, "same", r->by);
        report_json_put(j, "first", merged->surveys[r->first]->path);
        report_json_put(j, "second", merged->surveys[r->second]->path);
        report_json_put_c(j, "first_answer", survey_answer_name(r->first_answer));
        put_country(j, "first_country", r->first_country);
        report_json_put_c(j, "second_answer", survey_answer_name(r->second_answer));
        put_country(j, "second_country", r->second_country);
        report_json_object_end(j);
    }
    report_json_array_end(j);
    report_json_key(j, "sources_differ");
    report_json_array(j);
    for (size_t i = 0; i < merged->parted_count; i++) {
        const struct census_parted *p = &merged->parted[i];
        report_json_object(j);
        report_json_put(j, "name", p->name);
        report_json_put(j, "first", merged->surveys[p->first]->path);
        report_json_put(j, "first_edition", p->first_date);
        report_json_put(j, "second", merged->surveys[p->second]->path);
        report_json_put(j, "second_edition", p->second_date);
        report_json_object_end(j);
    }
    report_json_array_end(j);
}

static void put_editions(struct report_json *j, const struct census_report *report) {
    report_json_key(j, "sources");
    report_json_array(j);
    for (size_t i = 0; i < report->edition_count; i++) {
        const struct census_edition *x = &report->editions[i];
        report_json_object(j);
        report_json_put(j, "name", x->name);
        if (x->date.len > 0) report_json_put(j, "date", x->date);
        if (x->sha256.len > 0) report_json_put(j, "sha256", x->sha256);
        if (x->attribution.len > 0) report_json_put(j, "attribution", x->attribution);
        report_json_object_end(j);
    }
    report_json_array_end(j);
    report_json_key(j, "warnings");
    report_json_array(j);
    for (size_t i = 0; i < report->warning_count; i++) report_json_str(j, report->warnings[i]);
    report_json_array_end(j);
}

void census_json(const struct census_report *report, struct report_out *out) {
    struct report_json j = report_json_begin(out, 4);
    report_json_object(&j);
    report_json_put_c(&j, "format", "azekura-survey-form/1");
    report_json_put_time(&j, "at", report->form->at_ns);
    put_country(&j, "home", report->form->home);
    census_sentence_json(report->form, &j);
    if (report->merged != NULL) {
        put_surveys(&j, report->merged);
        put_repeats(&j, report->merged);
    }
    put_editions(&j, report);
    report_json_key(&j, "form");
    census_form_json(report->form, &j);
    report_json_object_end(&j);
}
