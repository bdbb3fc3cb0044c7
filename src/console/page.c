/* The page: what this store is, in Japanese and English. Counts and codes for anyone; names of
 * buckets and keys only for who signed in, and only where they may list. No script, no other host. */
#include "console/page.h"

/* ---- at a glance ---- */

static void sum(struct text *out, const char *kind, uint64_t n, const char *ja, const char *en) {
    text_format(out, "<div><b class=\"%s\">", n == 0 ? "" : kind);
    console_number(out, n);
    text_format(out, "</b><span>%s <span lang=\"en\">%s</span></span></div>", ja, en);
}

static void sums(struct text *out, const struct gate_state *s) {
    uint64_t all[GATE_COUNT_KINDS] = {0};
    for (size_t i = 0; i < s->tally_count; i++)
        for (size_t k = 0; k < GATE_COUNT_KINDS; k++) all[k] += s->tallies[i].counts[k];
    text_add_c(out, "<div class=\"sums\">");
    sum(out, "good", all[GATE_KEPT], "保管", "kept");
    sum(out, "warn", all[GATE_WARNED], "警告", "warned");
    sum(out, "bad", all[GATE_REFUSED], "拒否", "refused");
    sum(out, "", all[GATE_READ], "記録した閲覧", "reads recorded");
    sum(out, "warn", s->debts_owed, "期限前の義務", "debts owed");
    sum(out, "bad", s->debts_late, "期限を過ぎた義務", "debts late");
    sum(out, "", s->ledger.published_size, "署名済みの記録", "signed entries");
    text_add_c(out, "</div>");
}

/* ---- place, and how it is known ---- */

static void place(struct text *out, const struct gate_state *s) {
    text_format(out, "<section%s><h2>場所 <span lang=\"en\">Place, and how it is known</span></h2>",
                s->contradicted ? " class=\"alarm\"" : "");
    if (s->contradicted)
        text_add_c(out, "<p>申告された所在地と矛盾する証拠があるため、国は「不明」として扱います。"
                        "<br><span lang=\"en\">Something speaks against the declared place, so its "
                        "country counts as unknown.</span></p>");
    text_add_c(out, "<dl>");
    console_term(out, "拠点", "site");
    console_escaped(out, "<dd>", s->site_name_ja, "<br>");
    console_escaped(out, "<span class=\"soft\" lang=\"en\">", s->site_name_en, "</span> ");
    console_escaped(out, "<code>", s->site, "</code></dd>");
    console_term(out, "国", "country");
    if (s->country.len > 0)
        console_escaped(out, "<dd><strong>", s->country, "</strong></dd>");
    else
        text_add_c(out, "<dd class=\"bad\"><strong>不明 <span lang=\"en\">unknown</span></strong>"
                        "</dd>");
    console_term(out, "根拠", "how it is known");
    text_format(out, "<dd class=\"%s\">%s<br>", s->contradicted ? "bad" : "",
                console_standing_ja(s));
    console_escaped(out, "<span lang=\"en\">", s->standing, "</span></dd>");
    if (s->evidence_count > 0) console_term(out, "調べたもの", "what was asked");
    for (size_t i = 0; i < s->evidence_count; i++) {
        if (i > 0) text_add_c(out, "<dt></dt>");
        console_escaped(out, "<dd class=\"soft\">", s->evidence_ja[i], "<br>");
        console_escaped(out, "<span lang=\"en\">", s->evidence[i], "</span></dd>");
    }
    text_add_c(out, "</dl></section>");
}

/* ---- loosened ---- */

static void loosened(struct text *out, const struct gate_state *s) {
    if (s->exceptions_in_force + s->glass_in_effect == 0) return;
    text_format(out,
                "<section%s><h2>緩和中の規則 <span lang=\"en\">Rules that are loosened "
                "now</span></h2><dl>",
                s->glass_in_effect > 0 ? " class=\"alarm\"" : "");
    console_term(out, "例外", "exceptions");
    text_add_c(out, "<dd>");
    console_number(out, s->exceptions_in_force);
    text_add_c(out, "</dd>");
    console_term(out, "緊急解除", "broken glass");
    text_add_c(out, "<dd>");
    console_number(out, s->glass_in_effect);
    text_add_c(out, "</dd></dl></section>");
}

/* ---- findings ---- */

static void findings(struct text *out, const struct gate_state *s) {
    console_title(out, "所見", "Findings that stand");
    if (s->findings == 0) {
        text_add_c(out, "<p class=\"soft\">ありません <span lang=\"en\">none</span></p></section>");
        return;
    }
    text_add_c(out, "<dl>");
    for (size_t i = 0; i < s->finding_kind_count; i++) {
        const struct gate_count_of *of = &s->finding_kinds[i];
        console_escaped(out, "<dt>", str_from_c(console_finding_ja(of->name)), " ");
        console_escaped(out, "<span lang=\"en\">", of->name, "</span></dt><dd class=\"warn\">");
        console_number(out, of->count);
        text_add_c(out, "</dd>");
    }
    text_add_c(out, "</dl></section>");
}

/* ---- ledger ---- */

static void witnesses(struct text *out, const struct gate_state *s) {
    console_term(out, "立会人", "witnesses");
    if (s->ledger.witness_count == 0)
        text_add_c(out, "<dd>事業者のみの署名<br><span class=\"soft\" lang=\"en\">signed by the "
                        "operator alone</span></dd>");
    else
        text_format(out,
                    "<dd class=\"%s\">%zu名中%zu名が連署<br><span class=\"soft\" lang=\"en\">%zu "
                    "of %zu have cosigned the newest checkpoint</span></dd>",
                    s->ledger.cosigned_count < s->ledger.witness_count ? "warn" : "good",
                    s->ledger.witness_count, s->ledger.cosigned_count, s->ledger.cosigned_count,
                    s->ledger.witness_count);
    console_term(out, "巻き戻し", "rollback");
    text_format(out, "<dd class=\"%s\">%s<br><span class=\"soft\" lang=\"en\">%s</span></dd>",
                s->ledger.rollback == LEDGER_GUARDED ? "good" : "warn",
                console_rollback_ja(s->ledger.rollback), ledger_rollback_name(s->ledger.rollback));
}

static void ledger(struct text *out, const struct gate_state *s, str vkey) {
    char hex[2 * DIGEST_BYTES];
    hex_write(s->rules.at, sizeof s->rules.at, hex);
    text_format(out, "<section%s><h2>台帳 <span lang=\"en\">Ledger</span></h2>",
                s->ledger.stopped ? " class=\"alarm\"" : "");
    if (s->ledger.stopped) {
        text_add_c(out, "<p>台帳を停止しました。書き込みはできません。<br><span lang=\"en\">The "
                        "ledger has stopped: ");
        console_escape(out, str_from_c(s->ledger.story));
        text_add_c(out, "</span></p>");
    }
    text_add_c(out, "<dl>");
    console_term(out, "記録", "entries");
    text_add_c(out, "<dd>");
    console_number(out, s->ledger.committed_size);
    text_add_c(out, "</dd>");
    console_term(out, "署名済み", "signed");
    text_add_c(out, "<dd>");
    console_number(out, s->ledger.published_size);
    if (s->ledger.published_ns != 0) {
        text_add_c(out, " <span class=\"soft\">（");
        console_second(out, s->ledger.published_ns);
        text_add_c(out, " UTC）</span>");
    }
    text_add_c(out, " <a href=\"/ledger/checkpoint\">checkpoint</a></dd>");
    witnesses(out, s);
    console_term(out, "検証鍵", "verifier key");
    console_escaped(out, "<dd><code>", vkey, "</code></dd>");
    console_term(out, "採択した規則", "adopted rules");
    text_format(out, "<dd><code>%.*s</code></dd></dl></section>", (int)sizeof hex, hex);
}

/* ---- all of it ---- */

static void footer(struct text *out, const struct gate_state *s) {
    text_add_c(out, "<footer><p><a href=\"/metrics\">metrics</a> &middot; <a "
                    "href=\"/health\">health</a> &middot; <a href=\"/?format=text\">text</a></p>");
    if (s->address_data.len > 0) {
        console_escaped(out, "<p>国別アドレス資料 <span lang=\"en\">address data</span>: ",
                        s->address_data, "（");
        console_escaped(out, "", s->address_data_date, "）</p>");
    }
    text_add_c(out, "</footer>");
}

static void page_write(struct console *console, struct http_exchange *x, bool refused,
                       const struct gate_state *s, struct text *out, struct arena *arena) {
    text_format(out,
                "<!doctype html><html lang=\"ja\"><head><meta charset=\"utf-8\">"
                "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
                "<title>校倉 Azekura</title><style>%s</style></head><body><main><header>"
                "<h1>校倉<small lang=\"en\">Azekura</small></h1>"
                "<p>重要インフラのデータを定められた場所に保管し、それを証明します。"
                "<span lang=\"en\">Keeps critical data where the rules say, and proves it.</span> "
                "S3 <code>",
                console_style);
    console_escaped(out, "", console->s3_address, "</code></p></header>");
    sums(out, s);
    text_add_c(out, "<div class=\"pair\">");
    place(out, s);
    ledger(out, s, gate_ledger_vkey(console->options.gate));
    text_add_c(out, "</div>");
    console_tallies(out, s);
    console_debts(out, s);
    findings(out, s);
    loosened(out, s);
    console_recent(out, s);
    console_names(console, x, refused, out, arena);
    footer(out, s);
    text_add_c(out, "</main></body></html>\n");
}

static void page_send(struct console *console, struct http_exchange *x, bool refused,
                      struct arena *arena) {
    struct gate_state state;
    struct error e = {0};
    if (gate_state_read(console->options.gate, arena, &state, &e) != OK) {
        console_fail(x, &e);
        return;
    }
    struct text out = text_into(arena_bytes(arena, CONSOLE_PAGE_BYTES), CONSOLE_PAGE_BYTES);
    bool as_text = str_equal(x->head.query, STR("format=text"));
    if (as_text)
        console_page_text(console, &state, &out);
    else
        page_write(console, x, refused, &state, &out, arena);
    if (out.overflow) {
        error_set(&e, FAIL_LIMIT, "the page is over %d bytes", CONSOLE_PAGE_BYTES);
        console_fail(x, &e);
        return;
    }
    console_send(x, refused ? 403 : 200,
                 as_text ? STR("text/plain; charset=utf-8") : STR("text/html; charset=utf-8"),
                 text_str(&out));
}

void console_page(struct console *console, struct http_exchange *x, bool refused) {
    struct arena_space space;
    struct arena arena;
    struct error e = {0};
    if (arena_space_open(&space, CONSOLE_SPACE_BYTES, &arena, &e) != OK) {
        console_fail(x, &e);
        return;
    }
    page_send(console, x, refused, &arena);
    arena_space_release(&space);
}
