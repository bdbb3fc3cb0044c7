/* A difference, for people and for programs. */
#include "census/inner.h"

enum { CHANGES_TOLD = 200 };

static const char *const names[] = {"new", "gone", "answered-otherwise", "flapping"};

static const char *word(enum census_change_kind what, str language) {
    static const char *const ja[] = {"新規", "消滅", "判定の変化", "判定の往復"},
                             *const en[] = {"new", "gone", "answered otherwise", "flapping"};
    return is_japanese(language) ? ja[what] : en[what];
}

static void then_text(const struct census_then *then, str language, struct report_out *out) {
    if (!then->is_there) {
        report_add_c(out, say(language, "absent", "なし"));
        return;
    }
    report_add_c(out, survey_answer_word(then->answer, language));
    if (then->answer == SURVEY_OUTSIDE && then->country.at[0] != 0)
        report_format(out, " %.2s", then->country.at);
}

static void time_text(const struct census_then *then, struct report_out *out) {
    char at[CLOCK_TEXT_BYTES];
    if (then->at_ns == 0) return;
    clock_iso_s_write(then->at_ns, at);
    report_format(out, " (%.10s)", at);
}

static void lines_text(const char *mark, const str *lines, size_t count, struct report_out *out) {
    for (size_t i = 0; i < count; i++) report_format(out, "    %s %.*s\n", mark, STR_FMT(lines[i]));
}

static void change_text(const struct census_change *c, str language, struct report_out *out) {
    report_format(out, "%s: %.*s: ", word(c->what, language), STR_FMT(c->subject));
    for (size_t i = 0; i < c->history_count; i++) {
        if (i > 0) report_add_c(out, " → ");
        then_text(&c->history[i], language, out);
        time_text(&c->history[i], out);
    }
    if (c->is_flapping && c->what != CENSUS_FLAPPING)
        report_format(out, " [%s]", word(CENSUS_FLAPPING, language));
    report_add_c(out, "\n");
    lines_text("+", c->appeared, c->appeared_count, out);
    lines_text("-", c->vanished, c->vanished_count, out);
}

void census_diff_text(const struct census_difference *d, str language, struct report_out *out) {
    for (unsigned i = 0; i <= CENSUS_ANSWERED_OTHERWISE; i++) {
        report_format(out, "%s%s ", i > 0 ? say(language, ", ", "、") : "",
                      word((enum census_change_kind)i, language));
        census_number(out, d->count[i]);
    }
    report_add_c(out, say(language, ", unchanged ", "、変化なし"));
    census_number(out, d->unchanged + d->count[CENSUS_FLAPPING]);
    report_add_c(out, say(language, " (on other evidence ", "（うち根拠が変わったもの"));
    census_number(out, d->other_evidence);
    report_add_c(out, say(language, "), flapping ", "）、判定が往復"));
    census_number(out, d->flapping);
    report_add_c(out, "\n");
    for (size_t i = 0; i < d->change_count && i < CHANGES_TOLD; i++)
        change_text(&d->changes[i], language, out);
    if (d->change_count > CHANGES_TOLD)
        report_format(
            out, say(language, "… and %zu more: --format json\n", "… ほか%zu件：--format json\n"),
            d->change_count - CHANGES_TOLD);
}

static void put_lines(struct report_json *j, const char *key, const str *lines, size_t count) {
    if (count == 0) return;
    report_json_key(j, key);
    report_json_array(j);
    for (size_t i = 0; i < count; i++) report_json_str(j, lines[i]);
    report_json_array_end(j);
}

static void put_then(struct report_json *j, const struct census_then *then) {
    report_json_object(j);
    if (then->at_ns != 0) report_json_put_time(j, "at", then->at_ns);
    if (then->is_there) report_json_put_c(j, "answer", survey_answer_name(then->answer));
    if (then->is_there && then->country.at[0] != 0)
        report_json_put(j, "country", geo_country_str(&then->country));
    report_json_object_end(j);
}

void census_diff_json(const struct census_difference *d, struct report_out *out) {
    struct report_json j = report_json_begin(out, 2);
    report_json_object(&j);
    report_json_put_c(&j, "format", "azekura-survey-diff/1");
    for (unsigned i = 0; i <= CENSUS_ANSWERED_OTHERWISE; i++)
        report_json_put_u64(&j, names[i], d->count[i]);
    report_json_put_u64(&j, "unchanged", d->unchanged + d->count[CENSUS_FLAPPING]);
    report_json_put_u64(&j, "on_other_evidence", d->other_evidence);
    report_json_put_u64(&j, "flapping", d->flapping);
    report_json_key(&j, "changes");
    report_json_array(&j);
    for (size_t i = 0; i < d->change_count; i++) {
        const struct census_change *c = &d->changes[i];
        report_json_object(&j);
        report_json_put_c(&j, "change", names[c->what]);
        report_json_put(&j, "subject", c->subject);
        report_json_put_bool(&j, "flapping", c->is_flapping);
        report_json_key(&j, "history");
        report_json_array(&j);
        for (size_t k = 0; k < c->history_count; k++) put_then(&j, &c->history[k]);
        report_json_array_end(&j);
        put_lines(&j, "appeared", c->appeared, c->appeared_count);
        put_lines(&j, "vanished", c->vanished, c->vanished_count);
        report_json_object_end(&j);
    }
    report_json_array_end(&j);
    report_json_object_end(&j);
}
