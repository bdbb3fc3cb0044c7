/* The first line: how many, where, how crucial. */
#include "census/inner.h"

enum { COUNTRIES_TOLD = 5, CLASSES_TOLD = 4 };

struct abroad {
    geo_country country;
    uint64_t servers;
};

/* Countries outside, the most servers first; regions of one country together. */
static size_t abroad_of(const struct census_form *form, struct abroad out[COUNTRIES_TOLD],
                        uint64_t *rest) {
    struct abroad all[26 * 26] = {0};
    size_t count = 0, told = 0;
    for (size_t i = 0; i < form->place_count; i++) {
        const struct census_place *p = &form->places[i];
        size_t at = 0;
        if (p->answer != SURVEY_OUTSIDE) continue;
        while (at < count && !geo_country_equal(all[at].country, p->country)) at++;
        if (at == COUNT_OF(all)) continue; /* there are no more codes */
        if (at == count) all[count++] = (struct abroad){p->country, 0};
        all[at].servers += p->counts.servers;
    }
    for (*rest = 0; told < count && told < COUNTRIES_TOLD; told++) {
        size_t most = told;
        for (size_t i = told + 1; i < count; i++)
            if (all[i].servers > all[most].servers) most = i;
        out[told] = all[most];
        all[most] = all[told];
    }
    for (size_t i = told; i < count; i++) *rest += all[i].servers;
    return told;
}

static void tell_countries(const struct census_form *form, str language, struct report_out *out) {
    struct abroad told[COUNTRIES_TOLD];
    uint64_t rest;
    size_t count = abroad_of(form, told, &rest);
    if (count == 0) return;
    report_add_c(out, say(language, " (", "（"));
    for (size_t i = 0; i < count; i++) {
        if (i > 0) report_add_c(out, say(language, ", ", "、"));
        report_add(out, told[i].country.at[0] != 0
                            ? census_country_name(&told[i].country, language)
                            : str_from_c(say(language, "which country is open", "国は不明")));
        report_add_c(out, say(language, " ", ""));
        census_number(out, told[i].servers);
    }
    if (rest > 0) {
        report_add_c(out, say(language, ", others ", "、その他"));
        census_number(out, rest);
    }
    report_add_c(out, say(language, ")", "）"));
}

static uint64_t not_inside(const struct census_counts *counts) {
    return counts->servers - counts->answers[SURVEY_INSIDE];
}

static void tell_where(const struct census_form *form, str language, struct report_out *out) {
    const struct census_counts *total = &form->total;
    uint64_t inside = total->answers[SURVEY_INSIDE], outside = total->answers[SURVEY_OUTSIDE],
             open = total->answers[SURVEY_UNDETERMINED], many = total->answers[SURVEY_MANY],
             reached = total->foreign_law[SURVEY_INSIDE];
    str home = census_country_name(&form->home, language);
    if (is_japanese(language)) {
        report_format(out, "%.*s国内", STR_FMT(home));
        census_number(out, inside);
        report_add_c(out, "台");
        if (reached > 0) {
            report_add_c(out, "（うち外国法の及ぶもの");
            census_number(out, reached);
            report_add_c(out, "台）");
        }
        report_add_c(out, "、国外");
        census_number(out, outside);
        report_add_c(out, "台");
        tell_countries(form, language, out);
        report_add_c(out, "、判定できず");
        census_number(out, open);
        report_add_c(out, "台、複数の場所");
        census_number(out, many);
        report_add_c(out, "台");
        return;
    }
    census_number(out, inside);
    report_format(out, " in %.*s", STR_FMT(home));
    if (reached > 0) {
        report_add_c(out, " (");
        census_number(out, reached);
        report_add_c(out, " of them under foreign law)");
    }
    report_add_c(out, ", ");
    census_number(out, outside);
    report_add_c(out, " abroad");
    tell_countries(form, language, out);
    report_add_c(out, ", ");
    census_number(out, open);
    report_add_c(out, " undetermined, ");
    census_number(out, many);
    report_add_c(out, " in many places");
}

/* Of those that are not shown to stand at home: by class, then those whose data nobody has declared. A
 * class is the operators' own word; which of them weigh more is theirs to say. */
static void tell_crucial(const struct census_form *form, str language, struct report_out *out) {
    bool japanese = is_japanese(language), any = false;
    uint64_t all = not_inside(&form->total), told = 0;
    size_t count = 0;
    if (all == 0) {
        report_add_c(
            out, say(language, "; none stands elsewhere or unknown", "。国外・不明のものはない"));
        return;
    }
    report_add_c(out, say(language, "; of the ", "。国内と確認できない"));
    census_number(out, all);
    report_add_c(out, say(language, " not shown to be in the country, ", "台のうち、"));
    for (size_t i = 0; i < form->classes.count && count < CLASSES_TOLD; i++) {
        const struct census_line *line = &form->classes.at[i];
        uint64_t servers = not_inside(&line->counts);
        if (line->name.len == 0 || servers == 0) continue;
        if (any) report_add_c(out, say(language, ", ", "、"));
        if (japanese) {
            report_format(out, "重要度「%.*s」のデータを持つもの",
                          STR_FMT(word_in(&line->word, language)));
            census_number(out, servers);
            report_add_c(out, "台");
        } else {
            census_number(out, servers);
            report_format(out, " %s %.*s data", servers == 1 ? "holds" : "hold",
                          STR_FMT(word_in(&line->word, language)));
        }
        told += servers;
        any = true;
        count++;
    }
    uint64_t undeclared = not_inside(&form->undeclared), others = all - told - undeclared;
    if (others > 0) {
        report_add_c(out, any ? say(language, ", ", "、") : "");
        report_add_c(out, say(language, "", "ほかのデータを持つもの"));
        census_number(out, others);
        report_add_c(out, japanese ? "台" : others == 1 ? " holds other data" : " hold other data");
        any = true;
    }
    if (undeclared == 0) return;
    report_add_c(out, any ? say(language, ", ", "、") : "");
    report_add_c(out, say(language, any ? "and for " : "for ", "データが未申告のもの"));
    census_number(out, undeclared);
    report_add_c(out, japanese          ? "台"
                      : undeclared == 1 ? " nobody has declared what it holds"
                                        : " nobody has declared what they hold");
}

void census_sentence(const struct census_form *form, str language, struct report_out *out) {
    bool japanese = is_japanese(language);
    if (japanese) report_add_c(out, "サーバー");
    census_number(out, form->total.servers);
    if (japanese)
        report_add_c(out, "台：");
    else
        report_add_c(out, form->total.servers == 1 ? " server: " : " servers: ");
    tell_where(form, language, out);
    tell_crucial(form, language, out);
    report_add_c(out, say(language, ".", "。"));
}

bool census_addresses_sentence(const struct census_form *form, str language,
                               struct report_out *out) {
    if (form->met == 0) return false;
    if (is_japanese(language)) {
        report_add_c(out, "名前ごとに数えている。うち");
        census_number(out, form->met);
        report_add_c(out, "台は、ほかのサーバーと同じ公開アドレスにある（アドレスは全部で");
        census_number(out, form->addresses);
        report_add_c(
            out,
            "個）。一つの機械の別名か、複数を代表して応答する機械かは、これだけでは分からない。");
        return true;
    }
    report_add_c(out, "Counted by name: ");
    census_number(out, form->met);
    report_add_c(out, form->met == 1 ? " of them is at a public address that another has too ("
                                     : " of them are at a public address that another has too (");
    census_number(out, form->addresses);
    report_add_c(out, form->addresses == 1 ? " address in all)" : " addresses in all)");
    report_add_c(out, "; whether that is one machine with several names, or one that answers for "
                      "several, is not known.");
    return true;
}
