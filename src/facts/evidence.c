/* A store's place is a row of the register. Here it is held against what the machine it runs on
 * says: its strings, the metadata service of the cloud they name, the countries of its own
 * addresses.
 *
 * Agreement proves nothing (a string can be set, an address can be announced anywhere), so it
 * leaves the place declared; one contradiction is enough to make it unknown. */
#include "facts/inner.h"

#include <stdarg.h>
#include <stdio.h>

struct gathering {
    const struct facts_evidence_options *options;
    const struct register_row *site;
    str country, provider, region; /* as the row says; empty: it does not */
    struct evidence_lines lines;
    struct arena scratch;
};

enum error_code evidence_add(struct evidence_lines *lines, const char *source, enum facts_says says,
                             str country, struct error *e, const char *japanese, const char *format,
                             ...) {
    if (lines->count == EVIDENCE_LINES) return OK;
    char text[400], text_ja[400];
    va_list values, again;
    va_start(values, format);
    va_copy(again, values);
    vsnprintf(text, sizeof text, format, values);
    vsnprintf(text_ja, sizeof text_ja, japanese, again);
    va_end(again);
    va_end(values);
    struct facts_evidence_line line = {.source = str_from_c(source), .says = says};
    TRY(arena_copy(lines->arena, str_from_c(text), &line.text, e));
    TRY(arena_copy(lines->arena, str_from_c(text_ja), &line.text_ja, e));
    TRY(arena_copy(lines->arena, country, &line.country, e));
    lines->list[lines->count++] = line;
    return OK;
}

static enum facts_says compared(str declared, str said) {
    if (declared.len == 0 || said.len == 0) return FACTS_NEITHER;
    return str_equal(declared, said) ? FACTS_FOR : FACTS_AGAINST;
}

/* ---- strings ---- */

static enum error_code strings_say(struct gathering *g, const struct cloud **cloud,
                                   struct error *e) {
    const char *dir = g->options->dmi_dir != NULL ? g->options->dmi_dir : "/sys/class/dmi/id";
    str strings, first = STR_EMPTY, rest;
    struct arena scratch = g->scratch;
    *cloud = NULL;
    if (strcmp(dir, "off") == 0) return OK;
    TRY(machine_strings(dir, &scratch, &strings, e));
    if (strings.len == 0)
        return evidence_add(&g->lines, "dmi", FACTS_NEITHER, STR_EMPTY, e,
                            "この機械には DMI 文字列がない", "the machine has no DMI strings");
    *cloud = cloud_of_strings(strings);
    rest = strings;
    str_cut(&rest, '\n', &first);
    if (*cloud == NULL)
        return evidence_add(&g->lines, "dmi", FACTS_NEITHER, STR_EMPTY, e,
                            "機械の文字列（「%.*s」ほか）にクラウドの名はない",
                            "the machine's strings (\"%.*s\" …) name no cloud", STR_FMT(first));
    const char *name = cloud_name(*cloud);
    if (compared(g->provider, str_from_c(name)) == FACTS_AGAINST)
        return evidence_add(&g->lines, "dmi", FACTS_AGAINST, STR_EMPTY, e,
                            "機械の文字列はクラウド %s を示すが、登録では %.*s とある",
                            "the machine's strings name the cloud %s; the register says %.*s", name,
                            STR_FMT(g->provider));
    return evidence_add(&g->lines, "dmi", compared(g->provider, str_from_c(name)), STR_EMPTY, e,
                        "機械の文字列はクラウド %s を示す",
                        "the machine's strings name the cloud %s", name);
}

/* ---- metadata ---- */

/* The row of sites that is this region; its country. */
static const struct register_row *region_place(const struct gathering *g, str provider, str region,
                                               str *country) {
    size_t cursor = 0;
    int64_t at_ns = g->options->at_ns;
    const struct register_row *row;
    while ((row = register_row_next(g->options->snapshot, REGISTER_SITES, at_ns, &cursor)) !=
           NULL) {
        str of, named;
        if (!register_text_at(row, STR("cloud.provider"), at_ns, &of) || !str_equal(of, provider))
            continue;
        if (!register_text_at(row, STR("cloud.region"), at_ns, &named) || !str_equal(named, region))
            continue;
        if (row == g->site || !register_text_at(row, STR("country"), at_ns, country)) continue;
        return row;
    }
    return NULL;
}

static enum error_code region_says(struct gathering *g, const struct cloud *cloud, str region,
                                   struct error *e) {
    str name = str_from_c(cloud_name(cloud)), country = STR_EMPTY;
    const struct register_row *place = region_place(g, name, region, &country);
    enum facts_says says = FACTS_NEITHER;
    if (g->region.len > 0 && str_equal(g->provider, name)) says = compared(g->region, region);
    if (says != FACTS_AGAINST && compared(g->country, country) != FACTS_NEITHER)
        says = compared(g->country, country);
    if (place != NULL)
        return evidence_add(
            &g->lines, "metadata", says, country, e,
            "メタデータサービスは %.*s %.*s と答え、登録では %.*s にある（sites/%.*s）",
            "the metadata service says %.*s %.*s, which the register places in %.*s "
            "(sites/%.*s)",
            STR_FMT(name), STR_FMT(region), STR_FMT(country), STR_FMT(place->id));
    return evidence_add(&g->lines, "metadata", says, STR_EMPTY, e,
                        says == FACTS_FOR ? "メタデータサービスは %.*s %.*s と答え、登録と一致する"
                        : says == FACTS_AGAINST
                            ? "メタデータサービスは %.*s %.*s と答え、登録のリージョンと異なる"
                            : "メタデータサービスは %.*s %.*s と答えるが、登録のどの拠点でもない",
                        says == FACTS_FOR ? "the metadata service says %.*s %.*s, as the row does"
                        : says == FACTS_AGAINST
                            ? "the metadata service says %.*s %.*s, which is not the row's region"
                            : "the metadata service says %.*s %.*s, which no row of sites places",
                        STR_FMT(name), STR_FMT(region));
}

static enum error_code metadata_ask(struct gathering *g, const struct cloud *cloud,
                                    const char *base, int64_t deadline_ns, bool *answered,
                                    struct error *e) {
    str region;
    struct error why;
    struct arena scratch = g->scratch;
    enum error_code code = cloud_region_ask(cloud, base, deadline_ns, &scratch, &region, &why);
    *answered = code == OK;
    if (code == FAIL_MEMORY) return error_set(e, code, "%s", why.message);
    if (code == OK) return region_says(g, cloud, region, e);
    return evidence_add(&g->lines, "metadata", FACTS_NEITHER, STR_EMPTY, e,
                        "%s のメタデータサービスは場所を答えない：%s",
                        "the metadata service of %s does not say where: %s", cloud_name(cloud),
                        why.message);
}

/* Asked only where the strings name a cloud; with strings switched off and an address given, that
 * address is asked in each provider's way. */
static enum error_code metadata_says(struct gathering *g, const struct cloud *cloud,
                                     struct error *e) {
    const char *base = g->options->metadata_url;
    bool is_off = base != NULL && strcmp(base, "off") == 0, answered = false;
    bool strings_off = g->options->dmi_dir != NULL && strcmp(g->options->dmi_dir, "off") == 0;
    int64_t deadline_ns =
        g->options->deadline_ns != 0 ? g->options->deadline_ns : clock_steady_ns() + 2 * NS_PER_S;
    if (is_off) return OK;
    if (cloud != NULL) return metadata_ask(g, cloud, base, deadline_ns, &answered, e);
    if (!strings_off || base == NULL) return OK;
    size_t before = g->lines.count;
    for (size_t i = 0; cloud_at(i) != NULL && !answered; i++) {
        g->lines.count = before; /* who did not answer in the one way is no news */
        TRY(metadata_ask(g, cloud_at(i), base, deadline_ns, &answered, e));
    }
    return OK;
}

/* ---- addresses ---- */

static enum error_code addresses_say(struct gathering *g, struct error *e) {
    struct geo_address *list;
    size_t count;
    struct error why;
    struct arena scratch = g->scratch;
    if (!g->options->own_addresses) return OK;
    if (machine_addresses(&scratch, &list, &count, &why) != OK)
        return evidence_add(&g->lines, "address", FACTS_NEITHER, STR_EMPTY, e,
                            "この機械のアドレスを読めない：%s",
                            "this machine's addresses cannot be read: %s", why.message);
    if (count == 0)
        return evidence_add(&g->lines, "address", FACTS_NEITHER, STR_EMPTY, e,
                            "この機械に公開アドレスはない", "this machine has no public address");
    for (size_t i = 0; i < count; i++) {
        char text[GEO_TEXT_BYTES];
        geo_address_write(&list[i], text);
        struct geo_place place = geo_data_find(g->options->geo, &list[i]);
        str country = geo_country_str(&place.country);
        if (place.why != GEO_KNOWN)
            TRY(evidence_add(&g->lines, "address", FACTS_NEITHER, STR_EMPTY, e,
                             "%s の国は分からない（%s）", "%s: %s", text, geo_why_text(&place)));
        else
            TRY(evidence_add(&g->lines, "address", compared(g->country, country), country, e,
                             "%s は %.*s のネットワークにある（%.*s、%.*s 版）",
                             "%s is in a network of %.*s, as %.*s of %.*s says", text,
                             STR_FMT(country), STR_FMT(geo_data_edition(g->options->geo)->name),
                             STR_FMT(geo_data_edition(g->options->geo)->date)));
    }
    return OK;
}

/* ---- landmarks ---- */

static enum error_code landmark_line(struct gathering *g, const struct locproof_witness *w,
                                     enum facts_says says, struct error *e) {
    const struct locproof_report *r = w->report;
    char at[CLOCK_TEXT_BYTES];
    if (r == NULL)
        return evidence_add(&g->lines, "landmark", FACTS_NEITHER, STR_EMPTY, e,
                            "基準点 %.*s の新しい報告はない", "landmark %.*s has no fresh report",
                            STR_FMT(w->name));
    clock_iso_s_write(r->time_ns, at);
    if (r->figures.verdict != LOCPROOF_WITHIN)
        return evidence_add(&g->lines, "landmark", says, STR_EMPTY, e, "基準点 %.*s：%s（%s、%s）",
                            "landmark %.*s: %s (%s, %s)", STR_FMT(w->name),
                            locproof_verdict_name(r->figures.verdict), r->figures.why, at);
    double bound_km = locproof_report_bound_km(r) + (double)w->place.error_m / 1000;
    return evidence_add(&g->lines, "landmark", says, STR_EMPTY, e,
                        "%.0f km 以内、基準点 %.*s から（断片 %u 個、95 %% が %.3f ms "
                        "以内、うち媒体 %s の読み出しは保管側によれば "
                        "%.3f ms、%s）",
                        "within %.0f km of landmark %.*s (%u pieces, 95 %% within %.3f ms, of "
                        "which the medium, %s, "
                        "takes %.3f ms as the store says; %s)",
                        bound_km, STR_FMT(w->name), r->figures.pieces,
                        (double)r->figures.p95_ns / 1e6, locproof_medium_name(r->medium),
                        (double)r->figures.service_ns / 1e6, at);
}

/* What each says; then what they say together, where that speaks against the row. */
static enum error_code landmarks_say(struct gathering *g, struct error *e) {
    const struct facts_location *l = g->options->location;
    for (size_t i = 0; l != NULL && i < l->count; i++) {
        const struct locproof_standing *s = &l->standing;
        const struct locproof_witness *w = &l->witnesses[i];
        if (s->dropped[i]) {
            TRY(evidence_add(
                &g->lines, "landmark", FACTS_NEITHER, STR_EMPTY, e,
                "基準点 %.*s は、他の基準点との時間からその場所にありえず、数えない",
                "landmark %.*s cannot be where it says, by its timings with others: it "
                "does not count",
                STR_FMT(w->name)));
            continue;
        }
        bool counts = s->stands == LOCPROOF_MEASURED && s->by == i;
        TRY(landmark_line(g, w, counts ? FACTS_FOR : FACTS_NEITHER, e));
    }
    if (l != NULL && l->standing.disputed)
        TRY(evidence_add(
            &g->lines, "landmark", FACTS_NEITHER, STR_EMPTY, e,
            "二つの基準点が食い違い、第三の基準点がないため、何も計測とみなさない",
            "two landmarks contradict each other's places, and no third tells which is "
            "wrong: nothing counts as measured"));
    if (l == NULL || l->standing.stands != LOCPROOF_CONTRADICTED) return OK;
    TRY(evidence_add(&g->lines, "landmark", FACTS_AGAINST, STR_EMPTY, e, "%s", "%s",
                     l->standing.why));
    return arena_copy(g->lines.arena, str_from_c(l->standing.why_ja),
                      &g->lines.list[g->lines.count - 1].text_ja, e);
}

/* ---- together ---- */

/* Whether the bound leaves the declared country alone: it is measured only then. */
static void country_word(const struct facts_location *l, char *en, size_t en_cap, char *ja,
                         size_t ja_cap) {
    const struct locproof_standing *s = &l->standing;
    const struct locproof_witness *by = &l->witnesses[s->by], *other = &l->witnesses[s->abroad_by];
    if (s->excludes_abroad && s->abroad_by == s->by) {
        snprintf(en, en_cap, ", which excludes every other country");
        snprintf(ja, ja_cap, "（ほかの国はすべて除かれる）");
    } else if (s->excludes_abroad) {
        snprintf(en, en_cap, "; that of landmark %.*s excludes every other country",
                 STR_FMT(str_slice(other->name, 0, 100)));
        snprintf(ja, ja_cap, "（基準点 %.*s の上限により、ほかの国はすべて除かれる）",
                 STR_FMT(str_slice(other->name, 0, 100)));
    } else if (by->foreign_km >= 0) {
        snprintf(en, en_cap,
                 "; another country may be %.0f km from there, so the country stays declared",
                 by->foreign_km);
        snprintf(ja, ja_cap, "（他国がそこから %.0f km にありうるため、国は宣言のままである）",
                 by->foreign_km);
    } else {
        snprintf(en, en_cap,
                 "; how near other countries are to it is not known, so the country stays "
                 "declared: say it in the site's row, landmarks[].foreign");
        snprintf(ja, ja_cap,
                 "（他国までの距離が不明のため、国は宣言のままである。拠点の行の "
                 "landmarks[].foreign に記すこと）");
    }
}

/* Never a town where only a distance is known. */
static enum error_code measured_take(const struct facts_location *l, struct arena *arena,
                                     struct facts_evidence *out, struct error *e) {
    const struct locproof_witness *by = &l->witnesses[l->standing.by];
    char text[240], text_ja[400];
    const struct locproof_standing *s = &l->standing;
    country_word(l, text, sizeof text, text_ja, sizeof text_ja);
    out->measured = true;
    out->country_measured = s->excludes_abroad;
    out->landmarks = s->landmarks;
    out->operators = s->operators;
    out->cosigned = s->cosigned;
    out->bound_km = l->standing.bound_km;
    out->landmark = by->name;
    out->measured_ns = by->report->time_ns;
    out->measured_until_ns = l->until_ns;
    TRY(arena_format(
        arena, &out->standing_ja, e,
        "計測：基準点 %.*s から %.0f km 以内%s。一致する基準点 %u、その運営者 %u、連署 %u",
        STR_FMT(by->name), out->bound_km, text_ja, s->landmarks, s->operators, s->cosigned));
    return arena_format(arena, &out->standing, e,
                        "measured: within %.0f km of landmark %.*s%s; landmarks that agree: %u, "
                        "operators: %u, cosigned by: %u",
                        out->bound_km, STR_FMT(by->name), text, s->landmarks, s->operators,
                        s->cosigned);
}

static enum error_code concluded(const struct gathering *g, struct arena *arena,
                                 struct facts_evidence *out, struct error *e) {
    const struct facts_evidence_line *against = NULL;
    struct facts_evidence evidence = {.site = g->site->id,
                                      .at_ns = g->options->at_ns,
                                      .lines = g->lines.list,
                                      .count = g->lines.count};
    for (size_t i = g->lines.count; i-- > 0;)
        if (g->lines.list[i].says == FACTS_AGAINST) against = &g->lines.list[i];
    const struct register_value *country = register_value_find(&g->site->fields, STR("country"));
    if (against != NULL) {
        str declared = g->country.len > 0 ? g->country : STR("no country");
        evidence.contradicted = true;
        TRY(arena_format(arena, &evidence.finding, e, "sites/%.*s is declared in %.*s, but %.*s",
                         STR_FMT(g->site->id), STR_FMT(declared), STR_FMT(against->text)));
        TRY(arena_format(arena, &evidence.standing, e, "contradicted: %.*s",
                         STR_FMT(against->text)));
    } else if (g->country.len == 0) {
        evidence.standing = STR("not declared");
    } else if (g->options->location != NULL &&
               g->options->location->standing.stands == LOCPROOF_MEASURED) {
        TRY(measured_take(g->options->location, arena, &evidence, e));
    } else if (country->by == REGISTER_MEASURED) {
        evidence.standing = STR("measured, nothing speaks against it");
    } else {
        evidence.standing = STR("declared, nothing speaks against it");
    }
    *out = evidence;
    return OK;
}

enum error_code facts_evidence_gather(const struct facts_evidence_options *options,
                                      struct arena *arena, struct facts_evidence *out,
                                      struct error *e) {
    enum { SCRATCH_BYTES = 1 << 20 };
    struct arena_space space = {0};
    const struct cloud *cloud = NULL;
    struct gathering g = {.options = options, .lines = {.arena = arena}};
    g.site = register_row_at(options->snapshot, REGISTER_SITES, options->site, options->at_ns);
    if (g.site == NULL)
        return error_set(e, FAIL_NOT_FOUND, "the register has no site \"%.*s\" at that time",
                         STR_FMT(options->site));
    register_text_at(g.site, STR("country"), options->at_ns, &g.country);
    register_text_at(g.site, STR("cloud.provider"), options->at_ns, &g.provider);
    register_text_at(g.site, STR("cloud.region"), options->at_ns, &g.region);
    g.lines.list = arena_new(arena, struct facts_evidence_line, EVIDENCE_LINES);
    if (g.lines.list == NULL) return error_set(e, FAIL_MEMORY, "no room for evidence");
    TRY(arena_space_open(&space, SCRATCH_BYTES, &g.scratch, e));
    enum error_code code = strings_say(&g, &cloud, e);
    if (code == OK) code = metadata_says(&g, cloud, e);
    if (code == OK) code = landmarks_say(&g, e);
    if (code == OK) code = addresses_say(&g, e);
    if (code == OK) code = concluded(&g, arena, out, e);
    arena_space_release(&space);
    return code;
}
