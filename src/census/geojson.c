/* Places for a map of somebody else's: GeoJSON (RFC 7946). A country's point is a point within it, for a
 * mark; nobody may read a machine's position from it, and each feature says how precise it is. */
#include "census/inner.h"

#include <stdio.h>

static void put_position(struct report_json *j, struct geo_point at) {
    char digits[64];
    int wrote = snprintf(digits, sizeof digits, "[%.7g, %.7g]", at.lon_deg, at.lat_deg);
    report_json_raw(j, str_of(digits, (size_t)wrote));
}

static void put_feature(struct report_json *j, const struct census_place *p, str language) {
    struct geo_point at = p->point;
    bool has_point = p->has_point || census_country_point(&p->country, &at);
    report_json_object(j);
    report_json_put_c(j, "type", "Feature");
    report_json_key(j, "geometry");
    if (has_point) {
        report_json_object(j);
        report_json_put_c(j, "type", "Point");
        report_json_key(j, "coordinates");
        put_position(j, at);
        report_json_object_end(j);
    } else
        report_json_null(j);
    report_json_key(j, "properties");
    report_json_object(j);
    report_json_put_c(j, "answer", survey_answer_name(p->answer));
    if (p->country.at[0] != 0) {
        report_json_put(j, "country", geo_country_str(&p->country));
        report_json_put(j, "name", census_country_name(&p->country, language));
    }
    if (p->region.len > 0) {
        report_json_put(j, "provider", p->provider);
        report_json_put(j, "region", p->region);
    }
    report_json_put_c(j, "precision", !has_point ? "none" : p->has_point ? "region" : "country");
    report_json_put_u64(j, "servers", p->counts.servers);
    report_json_put_u64(j, "foreign_law", p->counts.foreign_law[p->answer]);
    report_json_put_u64(j, "law_unknown", p->counts.law_unknown[p->answer]);
    report_json_object_end(j);
    report_json_object_end(j);
}

void census_geojson(const struct census_report *report, struct report_out *out) {
    const struct census_form *form = report->form;
    char memory[4096];
    struct report_out said;
    struct error e = {0};
    struct report_json j = report_json_begin(out, 3);
    report_json_object(&j);
    report_json_put_c(&j, "type", "FeatureCollection");
    if (report_open_text(memory, sizeof memory, &said, &e) == OK) {
        census_sentence(form, report->language, &said);
        if (report_close(&said, &e) == OK) report_json_put(&j, "sentence", report_text(&said));
    }
    report_json_put_time(&j, "at", form->at_ns);
    report_json_put_c(
        &j, "precision",
        say(report->language,
            "A point stands for the country or the provider's region that is named, "
            "not for where a machine stands; null: the place is not known, or there "
            "are many.",
            "点は国または事業者のリージョンを表し、機器の位置ではない。nullは所在不明また"
            "は複数の場所。"));
    report_json_key(&j, "attribution");
    report_json_array(&j);
    for (size_t i = 0; i < report->edition_count; i++)
        if (report->editions[i].attribution.len > 0)
            report_json_str(&j, report->editions[i].attribution);
    report_json_c(&j, "Natural Earth");
    report_json_array_end(&j);
    report_json_key(&j, "features");
    report_json_array(&j);
    for (size_t i = 0; i < form->place_count; i++)
        put_feature(&j, &form->places[i], report->language);
    report_json_array_end(&j);
    report_json_object_end(&j);
}
