/* What a challenge found, or a kept transcript shows, as text in two languages and as JSON; what it does
 * not show, always. */
#include "app/landmark/landmarks.h"

struct words {
    bool is_ja;
    struct report_out *out;
};

static const char *say(const struct words *w, const char *en, const char *ja) {
    return w->is_ja ? ja : en;
}

static double ms_of(int64_t ns) {
    return (double)ns / 1e6;
}

/* ---- text ---- */

static void verdict_tell(const struct words *w, const struct locproof_report *r, double max_km) {
    const struct locproof_figures *f = &r->figures;
    double km = locproof_report_bound_km(r);
    if (f->verdict == LOCPROOF_WITHIN)
        report_format(w->out,
                      say(w, "within %.0f km of landmark %.*s\n",
                          "基準点からの距離は %.0f km 以内（基準点 %.*s）\n"),
                      km, STR_FMT(r->name));
    else
        report_format(w->out, "%s: %s\n",
                      f->verdict == LOCPROOF_FAILED ? say(w, "FAILED", "不合格")
                                                    : say(w, "inconclusive", "判定できない"),
                      f->why);
    if (max_km > 0 && f->verdict == LOCPROOF_WITHIN && km > max_km)
        report_format(
            w->out,
            say(w,
                "that is more than the %.0f km asked for; a slow answer proves nothing, "
                "so ask again\n",
                "求められた %.0f km を超える。遅い応答は何も証明しないので、再度測定すること\n"),
            max_km);
}

static void figures_tell(const struct words *w, const struct locproof_report *r) {
    const struct locproof_figures *f = &r->figures;
    report_format(
        w->out,
        say(w,
            "  pieces     %u of %u wanted; lost %u, wrong %u\n"
            "  drawn too  %u entries that stored nothing, %u bodies gone since, %u untold\n",
            "  断片       %u / %u 個。無応答 %u、誤り %u\n"
            "  ほかの抽選 保管のない記録 %u、すでにない本体 %u、確かめられないもの %u\n"),
        f->pieces, r->wanted, f->lost, f->bad, f->no_body, f->gone, f->untold);
    if (f->min_ns >= 0)
        report_format(w->out, say(w, "  least      %.3f ms\n", "  最小       %.3f ms\n"),
                      ms_of(f->min_ns));
    if (f->median_ns >= 0)
        report_format(w->out, say(w, "  median     %.3f ms\n", "  中央値     %.3f ms\n"),
                      ms_of(f->median_ns));
    if (f->p95_ns >= 0)
        report_format(w->out, say(w, "  95 %%       %.3f ms\n", "  95 %%       %.3f ms\n"),
                      ms_of(f->p95_ns));
    report_format(w->out,
                  say(w, "  medium     %s, %.3f ms as the store says\n",
                      "  媒体       %s、保管側によれば %.3f ms\n"),
                  locproof_medium_name(r->medium), ms_of(f->service_ns));
}

static bool is_cosigned(const struct locproof_report *r, const struct landmark_timed *t) {
    for (size_t i = 0; t->answered && i < r->peer_count; i++)
        if (str_equal(r->peers[i].name, t->said.name)) return r->peers[i].cosigned.is_there;
    return false;
}

static void peers_tell(const struct words *w, const struct landmark_told *told) {
    const struct landmark_found *f = told->found;
    for (size_t i = 0; i < told->peer_count; i++) {
        const struct landmark_timed *t = &f->timed[i];
        str name = tlog_vkey_name(&told->peers[i].key);
        if (!t->answered)
            report_format(w->out, say(w, "  peer       %.*s: %s\n", "  他の基準点 %.*s：%s\n"),
                          STR_FMT(name), t->problem);
        else
            report_format(
                w->out, say(w, "  peer       %.*s: %.3f ms%s\n", "  他の基準点 %.*s：%.3f ms%s\n"),
                STR_FMT(name), ms_of(t->rtt_ns),
                f->dropped[i + 1]            ? say(w, ", dropped: it cannot be where it says",
                                                   "、除外：その場所にはありえない")
                : is_cosigned(&f->report, t) ? say(w, ", cosigned", "、連署あり")
                                             : "");
    }
    if (f->disputed && told->peer_count > 0)
        report_add_c(w->out,
                     say(w,
                         "  two landmarks contradict each other, and no third says which "
                         "is wrong\n",
                         "  二つの基準点が食い違い、どちらが誤りかを示す第三の基準点がない\n"));
}

static void limits_tell(const struct words *w) {
    report_add_c(w->out, say(w, "what this does not show:\n", "これが示さないこと：\n"));
    for (size_t i = 0; i < locproof_limit_count; i++)
        report_format(w->out, "  - %s\n", say(w, locproof_limits[i].en, locproof_limits[i].ja));
}

static void site_tell(const struct words *w, const struct locproof_report *r) {
    report_format(w->out,
                  say(w, "  site       %.*s, ledger %.*s at %llu entries\n",
                      "  拠点       %.*s、台帳 %.*s（記録 %llu 件）\n"),
                  STR_FMT(r->site), STR_FMT(r->origin), (unsigned long long)r->figures.ledger_size);
}

void landmark_text(struct report_out *out, const struct landmark_told *told, bool is_ja) {
    const struct words w = {is_ja, out};
    const struct locproof_report *r = &told->found->report;
    verdict_tell(&w, r, told->max_km);
    site_tell(&w, r);
    figures_tell(&w, r);
    peers_tell(&w, told);
    report_format(out,
                  told->found->recorded ? say(&w, "  entry      %.*s\n", "  記録       %.*s\n")
                                        : say(&w, "  not an entry of the store: %.*s\n",
                                              "  台帳に記録されていない：%.*s\n"),
                  STR_FMT(told->found->receipt));
    limits_tell(&w);
}

/* ---- a kept transcript, as text ---- */

static void word_tell(const struct words *w, const struct locproof_checked *c, size_t i) {
    const struct locproof_peer *p = &c->report.peers[i];
    char at[CLOCK_TEXT_BYTES];
    report_format(w->out, say(w, "  peer       %.*s: %.3f ms", "  他の基準点 %.*s：%.3f ms"),
                  STR_FMT(p->name), ms_of(p->rtt_ns));
    if (c->words[i] == LOCPROOF_SILENT) {
        report_add_c(w->out, say(w, ", did not cosign\n", "、連署なし\n"));
        return;
    }
    if (c->words[i] == LOCPROOF_NO_KEY) {
        report_add_c(w->out, say(w, ", cosigned; no --vkey of that name to check it with\n",
                                 "、連署あり。その名の --vkey がないため確かめていない\n"));
        return;
    }
    clock_iso_s_write(p->cosigned.time_ns, at);
    report_format(
        w->out,
        say(w, ", cosigned at %s: %.3f ms from there\n", "、連署あり（%s、先方からは %.3f ms）\n"),
        at, ms_of(p->cosigned.rtt_ns));
}

static void tag_tell(const struct words *w, const struct landmark_checked *told) {
    const struct locproof_attest *a = told->tag;
    char hex[2 * DIGEST_BYTES];
    if (a == NULL) return;
    hex_write(a->contents.at, DIGEST_BYTES, hex);
    report_format(
        w->out,
        say(w, "  asset tag  certified by the TPM for this transcript: record %.16s…%s%s\n",
            "  資産タグ   この記録について TPM が証明した：登録書 %.16s…%s%s\n"),
        hex,
        told->record_given ? say(w, ", which is the one given", "（与えられたものと一致）")
                           : say(w, " (give it with --record)", "（--record で与えること）"),
        told->name_given ? ""
                         : say(w, "; the index's name is not held against the one noted: --nv-name",
                               "。索引の名は控えと照合していない（--nv-name）"));
}

static void tag_limit_tell(const struct words *w, const struct landmark_checked *told) {
    if (told->tag != NULL)
        report_format(w->out, "  - %s\n", say(w, locproof_tag_limit.en, locproof_tag_limit.ja));
}

void landmark_checked_text(struct report_out *out, const struct landmark_checked *told,
                           bool is_ja) {
    const struct locproof_checked *c = told->checked;
    const struct words w = {is_ja, out};
    const struct locproof_report *r = &c->report;
    char at[CLOCK_TEXT_BYTES];
    clock_iso_s_write(r->time_ns, at);
    report_format(out,
                  say(&w, "holds: what landmark %.*s signed at %s is what its transcript shows\n",
                      "成立：基準点 %.*s が %s に署名した内容は、記録の示すとおりである\n"),
                  STR_FMT(r->name), at);
    verdict_tell(&w, r, told->max_km);
    site_tell(&w, r);
    report_add_c(out, c->ledger_given
                          ? say(&w, "  checkpoint signed by the key given\n",
                                "  検査点     与えられた鍵で署名されている\n")
                          : say(&w,
                                "  checkpoint signed by a key that the transcript itself "
                                "names: --ledger says which it must be\n",
                                "  検査点     記録自身が示す鍵で署名されている。正しい鍵は "
                                "--ledger で与えること\n"));
    report_format(out,
                  say(&w, "  draws      %zu made again, each answer held against the checkpoint\n",
                      "  抽選       %zu 件を再現し、各応答を検査点と照合した\n"),
                  c->transcript.count);
    figures_tell(&w, r);
    for (size_t i = 0; i < r->peer_count; i++) word_tell(&w, c, i);
    tag_tell(&w, told);
    limits_tell(&w);
    tag_limit_tell(&w, told);
}

/* ---- JSON ---- */

static void ms_put(struct report_json *j, const char *key, int64_t ns) {
    char text[40];
    report_json_key(j, key);
    if (ns < 0) {
        report_json_null(j);
        return;
    }
    int len = snprintf(text, sizeof text, "%.6f", ms_of(ns));
    report_json_raw(j, str_of(text, (size_t)len));
}

static void number_put(struct report_json *j, const char *key, const char *format, double value) {
    char text[40];
    int len = snprintf(text, sizeof text, format, value);
    report_json_key(j, key);
    report_json_raw(j, str_of(text, (size_t)len));
}

static void digest_put(struct report_json *j, const char *key, const digest *d) {
    char hex[2 * DIGEST_BYTES];
    hex_write(d->at, DIGEST_BYTES, hex);
    report_json_put(j, key, str_of(hex, sizeof hex));
}

static void bound_put(struct report_json *j, const struct locproof_report *r) {
    double km = locproof_report_bound_km(r);
    if (r->figures.verdict == LOCPROOF_WITHIN)
        number_put(j, "bound_km", "%.1f", km);
    else {
        report_json_key(j, "bound_km");
        report_json_null(j);
    }
}

static void peers_put(struct report_json *j, const struct landmark_told *told) {
    report_json_key(j, "peers");
    report_json_array(j);
    for (size_t i = 0; i < told->peer_count; i++) {
        const struct landmark_timed *t = &told->found->timed[i];
        report_json_object(j);
        report_json_put(j, "name", tlog_vkey_name(&told->peers[i].key));
        report_json_put_bool(j, "answered", t->answered);
        ms_put(j, "rtt_ms", t->answered ? t->rtt_ns : -1);
        report_json_put_bool(j, "dropped", told->found->dropped[i + 1]);
        report_json_put_bool(j, "cosigned", is_cosigned(&told->found->report, t));
        if (!t->answered) report_json_put_c(j, "problem", t->problem);
        report_json_object_end(j);
    }
    report_json_array_end(j);
    report_json_put_bool(j, "disputed", told->found->disputed);
}

static void limits_put(struct report_json *j) {
    report_json_key(j, "limits");
    report_json_array(j);
    for (size_t i = 0; i < locproof_limit_count; i++) {
        report_json_object(j);
        report_json_put_c(j, "en", locproof_limits[i].en);
        report_json_put_c(j, "ja", locproof_limits[i].ja);
        report_json_object_end(j);
    }
    report_json_array_end(j);
}

/* What a report says, of a challenge and of a kept one alike. */
static void report_put(struct report_json *to, const struct locproof_report *r, double max_km) {
    const struct locproof_figures *f = &r->figures;
    struct report_json j = *to;
    report_json_put_c(&j, "verdict", locproof_verdict_name(f->verdict));
    report_json_key(&j, "why");
    if (f->why[0] != 0)
        report_json_c(&j, f->why);
    else
        report_json_null(&j);
    bound_put(&j, r);
    ms_put(&j, "min_ms", f->min_ns);
    ms_put(&j, "median_ms", f->median_ns);
    ms_put(&j, "p95_ms", f->p95_ns);
    if (max_km > 0) {
        number_put(&j, "max_km", "%.1f", max_km);
        report_json_put_bool(&j, "within_max",
                             f->verdict == LOCPROOF_WITHIN &&
                                 locproof_report_bound_km(r) <= max_km);
    }
    report_json_put(&j, "landmark", r->name);
    number_put(&j, "lat", "%.5f", r->place.at.lat_deg);
    number_put(&j, "lon", "%.5f", r->place.at.lon_deg);
    report_json_put_u64(&j, "error_m", r->place.error_m);
    report_json_put(&j, "site", r->site);
    report_json_put(&j, "ledger", r->origin);
    report_json_put_u64(&j, "ledger_size", f->ledger_size);
    report_json_put_time(&j, "time", r->time_ns);
    report_json_put_u64(&j, "rounds", r->wanted);
    report_json_put_u64(&j, "pieces", f->pieces);
    report_json_put_u64(&j, "lost", f->lost);
    report_json_put_u64(&j, "wrong", f->bad);
    report_json_put_u64(&j, "no_body", f->no_body);
    report_json_put_u64(&j, "gone", f->gone);
    report_json_put_u64(&j, "untold", f->untold);
    report_json_put_c(&j, "medium", locproof_medium_name(r->medium));
    ms_put(&j, "medium_ms", f->service_ns);
    digest_put(&j, "transcript_sha256", &r->transcript);
    *to = j;
}

void landmark_json(struct report_out *out, const struct landmark_told *told) {
    struct report_json j = report_json_begin(out, 2);
    report_json_object(&j);
    report_put(&j, &told->found->report, told->max_km);
    peers_put(&j, told);
    report_json_put_bool(&j, "recorded", told->found->recorded);
    report_json_put(&j, told->found->recorded ? "entry" : "not_recorded", told->found->receipt);
    report_json_put(&j, "note", told->found->note);
    limits_put(&j);
    report_json_object_end(&j);
    report_add_c(out, "\n");
}

/* ---- a kept transcript, as JSON ---- */

static void words_put(struct report_json *j, const struct locproof_checked *c) {
    static const char *const words[] = {"no", "no-key", "yes"};
    report_json_key(j, "peers");
    report_json_array(j);
    for (size_t i = 0; i < c->report.peer_count; i++) {
        const struct locproof_peer *p = &c->report.peers[i];
        report_json_object(j);
        report_json_put(j, "name", p->name);
        ms_put(j, "rtt_ms", p->rtt_ns);
        report_json_put_c(j, "cosigned", words[c->words[i]]);
        if (c->words[i] == LOCPROOF_VOUCHED) {
            ms_put(j, "seen_ms", p->cosigned.rtt_ns);
            report_json_put_time(j, "seen", p->cosigned.time_ns);
        }
        report_json_object_end(j);
    }
    report_json_array_end(j);
    report_json_put_u64(j, "cosigned", c->cosigned);
}

static void hex_put(struct report_json *j, const char *key, str bytes) {
    char hex[2 * LOCPROOF_NV_NAME_BYTES];
    size_t count = size_min(bytes.len, LOCPROOF_NV_NAME_BYTES);
    hex_write(bytes.at, count, hex);
    report_json_put(j, key, str_of(hex, 2 * count));
}

static void tag_put(struct report_json *j, const struct landmark_checked *told) {
    const struct locproof_attest *a = told->tag;
    report_json_key(j, "tag");
    if (a == NULL) {
        report_json_null(j);
        return;
    }
    report_json_object(j);
    hex_put(j, "record_sha256", a->contents);
    report_json_put_bool(j, "record_given", told->record_given);
    hex_put(j, "nv_name", a->index);
    report_json_put_bool(j, "nv_name_given", told->name_given);
    hex_put(j, "signer", a->signer);
    report_json_put_u64(j, "clock_ms", a->clock_ms);
    report_json_put_u64(j, "resets", a->resets);
    report_json_put_c(j, "limit", locproof_tag_limit.en);
    report_json_put_c(j, "limit_ja", locproof_tag_limit.ja);
    report_json_object_end(j);
}

void landmark_checked_json(struct report_out *out, const struct landmark_checked *told) {
    const struct locproof_checked *c = told->checked;
    struct report_json j = report_json_begin(out, 2);
    report_json_object(&j);
    report_json_put_bool(&j, "holds", true);
    report_put(&j, &c->report, told->max_km);
    report_json_put_bool(&j, "withdrawn", c->withdrawn);
    report_json_put_bool(&j, "ledger_key_given", c->ledger_given);
    report_json_put_u64(&j, "draws", c->transcript.count);
    words_put(&j, c);
    tag_put(&j, told);
    limits_put(&j);
    report_json_object_end(&j);
    report_add_c(out, "\n");
}

void landmark_unchecked_json(struct report_out *out, const char *why) {
    struct report_json j = report_json_begin(out, 2);
    report_json_object(&j);
    report_json_put_bool(&j, "holds", false);
    report_json_put_c(&j, "error", why);
    report_json_object_end(&j);
    report_add_c(out, "\n");
}
