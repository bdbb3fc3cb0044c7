/* Ids and grades of tables as a planner would say them. */
#include "planning/page.h"

struct word {
    const char *code, *en, *ja;
};
static const struct word schemes[] = {{"country", "country", "国"},
                                      {"pref", "prefecture", "都道府県"},
                                      {"grid", "grid area", "電力エリア"},
                                      {"entity", "operator", "運営者"},
                                      {"owner", "owner", "所有者"},
                                      {"carrier", "carrier", "通信事業者"},
                                      {"maker", "maker", "メーカー"},
                                      {"software", "program", "ソフトウェア"},
                                      {"cloud", "cloud", "クラウド"},
                                      {"cloud-region", "cloud region", "クラウドの地域"},
                                      {"basin", "river basin", "流域"},
                                      {"coast", "coast", "海岸"},
                                      {"landing", "cable landing", "ケーブル陸揚げ"}};
/* Intensities are those of the Japan Meteorological Agency. */
static const struct word grades[] = {{"5-lower", "JMA 5-lower", "震度5弱"},
                                     {"5-upper", "JMA 5-upper", "震度5強"},
                                     {"6-lower", "JMA 6-lower", "震度6弱"},
                                     {"6-upper", "JMA 6-upper", "震度6強"},
                                     {"7", "JMA 7", "震度7"},
                                     {"flood", "flood", "浸水"},
                                     {"surge", "storm surge", "高潮"},
                                     {"ash", "ash", "降灰"}};

static const char *word_of(const struct planning_world *w, const struct word *words, size_t count,
                           str code) {
    bool japanese = str_equal(w->options.language, STR("ja"));
    for (size_t i = 0; i < count; i++)
        if (str_equal(code, str_from_c(words[i].code))) return japanese ? words[i].ja : words[i].en;
    return NULL;
}

/* Parties and makers by their names. */
static str member_name(const struct page *p, str id) {
    static const enum register_kind kinds[] = {REGISTER_ENTITIES, REGISTER_OPERATORS};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        const struct register_row *row =
            register_row_at(p->w->options.snapshot, kinds[i], id, p->w->options.at_ns);
        if (row != NULL) return register_row_name(row, p->w->options.language);
    }
    return id;
}

void page_group(const struct page *p, str group) {
    size_t colon;
    const char *word = NULL;
    if (str_find_char(group, ':', &colon))
        word = word_of(p->w, schemes, COUNT_OF(schemes), str_slice(group, 0, colon));
    if (word == NULL) {
        report_html_text(p->out, group);
        return;
    }
    report_format(p->out, "%s ", word);
    report_html_text(p->out, member_name(p, str_skip(group, colon + 1)));
}

void page_groups(const struct page *p, const str *groups, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (i > 0) report_add_c(p->out, in(p, ", ", "、"));
        page_group(p, groups[i]);
    }
}

bool planning_scheme_is_known(str scheme) {
    for (size_t i = 0; i < COUNT_OF(schemes); i++)
        if (str_equal(scheme, str_from_c(schemes[i].code))) return true;
    return false;
}

str planning_grade(const struct planning_world *w, str grade) {
    const char *word = word_of(w, grades, COUNT_OF(grades), grade);
    return word != NULL ? str_from_c(word) : grade;
}

void page_grade(const struct page *p, str grade) {
    report_html_text(p->out, planning_grade(p->w, grade));
}
