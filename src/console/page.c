/* The page: what this store is, in Japanese and English. Counts and codes for anyone; names of
 * buckets and keys only for who signed in, and only where they may list. No script, no other host. */
#include "console/inner.h"

static const char style[] =
    ":root{--ink:#1c2024;--soft:#5b6570;--line:#d9dde2;--paper:#fff;--ground:#f5f6f4;--wood:#"
    "7a4a21;"
    "--good:#1d6b3a;--warn:#8a5a00;--bad:#a3231f}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e7e9ec;--soft:#a3abb5;--line:#343a41;--paper:#"
    "1b1f23;"
    "--ground:#121517;--wood:#d9a066;--good:#6fcf8e;--warn:#e6b450;--bad:#f0847f}}"
    "*{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--ink);"
    "font:15px/1.55 system-ui,'Noto Sans JP','Hiragino Sans',sans-serif}"
    "main{max-width:70rem;margin:0 auto;padding:1.5rem 1rem 4rem}"
    "header{border-bottom:3px double var(--wood);padding-bottom:.6rem;margin-bottom:1.2rem}"
    "h1{font-size:1.5rem;margin:0}h1 small{color:var(--wood);font-weight:600;margin-left:.4rem}"
    "h2{font-size:1.05rem;margin:2rem 0 .5rem}h2 span,header "
    "p,.soft{color:var(--soft);font-weight:400}"
    "header p{margin:.2rem 0 0}section{background:var(--paper);border:1px solid "
    "var(--line);border-radius:8px;"
    "padding:.2rem 1.1rem 1rem;margin:1rem 0}"
    "dl{display:grid;grid-template-columns:minmax(9rem,14rem) 1fr;gap:.25rem 1rem;margin:.4rem 0}"
    "dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}"
    ".wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-"
    "nums}"
    "th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid "
    "var(--line);white-space:nowrap}"
    "th{font-weight:600;color:var(--soft)}td.n,th.n{text-align:right}"
    ".good{color:var(--good)}.warn{color:var(--warn)}.bad{color:var(--bad)}"
    "code{font:.86em/1.4 "
    "ui-monospace,monospace}form{display:flex;gap:.6rem;flex-wrap:wrap;align-items:end}"
    "label{display:block;font-size:.85rem;color:var(--soft)}"
    "input,button{font:inherit;padding:.35rem .6rem;border:1px solid var(--line);border-radius:6px;"
    "background:var(--ground);color:var(--ink)}button{border-color:var(--wood);cursor:pointer}";

/* Text between tags; what could end it is spelled out. */
static void escape(struct text *out, str s) {
    for (size_t i = 0; i < s.len; i++) {
        char c = s.at[i];
        if (c == '<')
            text_add_c(out, "&lt;");
        else if (c == '>')
            text_add_c(out, "&gt;");
        else if (c == '&')
            text_add_c(out, "&amp;");
        else if (c == '"')
            text_add_c(out, "&quot;");
        else if ((unsigned char)c >= 0x20 || c == '\n')
            text_add_char(out, c);
    }
}

static void title(struct text *out, const char *ja, const char *en) {
    text_format(out, "<section><h2>%s <span>%s</span></h2>", ja, en);
}

static void term(struct text *out, const char *ja, const char *en) {
    text_format(out, "<dt>%s <span class=\"soft\">%s</span></dt>", ja, en);
}

static void place(struct text *out, const struct gate_state *s) {
    title(out, "場所", "Place");
    text_add_c(out, "<dl>");
    term(out, "拠点", "site");
    text_add_c(out, "<dd>");
    escape(out, s->site_name_ja);
    text_add_c(out, " / ");
    escape(out, s->site_name_en);
    text_add_c(out, " <code>");
    escape(out, s->site);
    text_add_c(out, "</code></dd>");
    term(out, "国", "country");
    if (s->country.len > 0) {
        text_add_c(out, "<dd><strong>");
        escape(out, s->country);
        text_add_c(out, "</strong></dd>");
    } else {
        text_add_c(out, "<dd class=\"bad\">不明 / unknown</dd>");
    }
    term(out, "根拠", "how it is known");
    text_format(out, "<dd class=\"%s\">", s->contradicted ? "bad" : "");
    escape(out, s->standing);
    text_add_c(out, "</dd>");
    for (size_t i = 0; i < s->evidence_count; i++) {
        text_add_c(out, "<dt></dt><dd class=\"soft\">");
        escape(out, s->evidence[i]);
        text_add_c(out, "</dd>");
    }
    text_add_c(out, "</dl></section>");
}

static void tallies(struct text *out, const struct gate_state *s) {
    title(out, "保管・警告・拒否", "Kept, warned, refused, by sector and class");
    text_add_c(out, "<div class=\"wide\"><table><thead><tr><th>分野 sector</th><th>区分 class</th>"
                    "<th class=\"n\">保管 kept</th><th class=\"n\">警告 warned</th>"
                    "<th class=\"n\">拒否 refused</th><th class=\"n\">記録した閲覧 reads "
                    "recorded</th></tr></thead><tbody>");
    if (s->tally_count == 0)
        text_add_c(out,
                   "<tr><td colspan=\"6\" class=\"soft\">まだありません / nothing yet</td></tr>");
    for (size_t i = 0; i < s->tally_count; i++) {
        const struct gate_tally *t = &s->tallies[i];
        text_add_c(out, "<tr><td>");
        escape(out, t->sector.len > 0 ? t->sector : STR("-"));
        text_add_c(out, "</td><td>");
        escape(out, t->class_.len > 0 ? t->class_ : STR("-"));
        text_format(
            out,
            "</td><td class=\"n good\">%llu</td><td class=\"n warn\">%llu</td>"
            "<td class=\"n bad\">%llu</td><td class=\"n\">%llu</td></tr>",
            (unsigned long long)t->counts[GATE_KEPT], (unsigned long long)t->counts[GATE_WARNED],
            (unsigned long long)t->counts[GATE_REFUSED], (unsigned long long)t->counts[GATE_READ]);
    }
    text_add_c(out, "</tbody></table></div></section>");
}

static void recent(struct text *out, const struct gate_state *s) {
    static const char *const words[] = {"<span class=\"good\">許可 allow</span>",
                                        "<span class=\"warn\">警告 warn</span>",
                                        "<span class=\"bad\">拒否 refuse</span>"};
    title(out, "最近の判定", "Last decisions recorded, as codes");
    text_add_c(out,
               "<div class=\"wide\"><table><thead><tr><th>時刻 time (UTC)</th><th>分野 sector</th>"
               "<th>区分 class</th><th>行為 act</th><th>条項 clause</th><th>判定 "
               "effect</th></tr></thead><tbody>");
    if (s->recent_count == 0)
        text_add_c(out, "<tr><td colspan=\"6\" class=\"soft\">起動後はまだありません / none since "
                        "the start</td></tr>");
    for (size_t i = 0; i < s->recent_count; i++) {
        const struct gate_recent *r = &s->recent[i];
        char time[CLOCK_TEXT_BYTES];
        clock_iso_s_write(r->minute_ns, time);
        text_format(out, "<tr><td>%.16s</td><td>", time);
        escape(out, r->sector);
        text_add_c(out, "</td><td>");
        escape(out, r->class_);
        text_add_c(out, "</td><td>");
        escape(out, r->act);
        text_add_c(out, "</td><td><code>");
        escape(out, r->clause.len > 0 ? r->clause : STR("-"));
        text_format(out, "</code></td><td>%s%s</td></tr>", words[r->effect],
                    r->unknown ? " <span class=\"soft\">不明な事実 a fact is unknown</span>" : "");
    }
    text_add_c(out, "</tbody></table></div></section>");
}

static void ledger(struct text *out, const struct gate_state *s, str vkey) {
    char hex[2 * DIGEST_BYTES], time[CLOCK_TEXT_BYTES] = "-";
    hex_write(s->rules.at, sizeof s->rules.at, hex);
    if (s->ledger.published_ns != 0) clock_iso_s_write(s->ledger.published_ns, time);
    title(out, "台帳", "Ledger");
    text_add_c(out, "<dl>");
    term(out, "記録数", "entries");
    text_format(out, "<dd>%llu</dd>", (unsigned long long)s->ledger.committed_size);
    term(out, "署名済み", "signed");
    text_format(out, "<dd>%llu (%s) &middot; <a href=\"/ledger/checkpoint\">checkpoint</a></dd>",
                (unsigned long long)s->ledger.published_size, time);
    term(out, "検証鍵", "verifier key");
    text_add_c(out, "<dd><code>");
    escape(out, vkey);
    text_add_c(out, "</code></dd>");
    term(out, "立会人", "witnesses");
    if (s->ledger.witness_count == 0)
        text_add_c(out, "<dd>事業者のみの署名 / signed by the operator alone</dd>");
    else
        text_format(out, "<dd class=\"%s\">%zu / %zu が連署 / have cosigned</dd>",
                    s->ledger.cosigned_count < s->ledger.witness_count ? "warn" : "good",
                    s->ledger.cosigned_count, s->ledger.witness_count);
    term(out, "巻き戻し", "rollback");
    text_format(out, "<dd class=\"%s\">%s</dd>",
                s->ledger.rollback == LEDGER_GUARDED ? "good" : "warn",
                ledger_rollback_name(s->ledger.rollback));
    term(out, "採用規則", "adopted rules");
    text_format(out, "<dd><code>%.*s</code></dd>", (int)sizeof hex, hex);
    term(out, "未履行の義務", "debts");
    text_format(out, "<dd>%llu</dd>", (unsigned long long)s->debts);
    if (s->ledger.stopped) {
        term(out, "停止", "stopped");
        text_add_c(out, "<dd class=\"bad\">");
        escape(out, str_from_c(s->ledger.story));
        text_add_c(out, "</dd>");
    }
    text_add_c(out, "</dl></section>");
}

/* ---- names, for who signed in ---- */

static enum error_code name_row(void *self, const struct gate_named *named, struct error *e) {
    struct text *out = self;
    char time[CLOCK_TEXT_BYTES];
    clock_iso_s_write(named->time_ns, time);
    text_format(out, "<tr><td>%s</td><td>%s</td><td>", time, named->type);
    escape(out, named->bucket);
    text_add_c(out, "</td><td>");
    escape(out, named->key);
    text_add_c(out, "</td><td>");
    escape(out, named->user);
    text_format(out, "</td><td class=\"n\">%llu</td></tr>", (unsigned long long)named->index);
    return OK;
}

static void names(struct console *console, struct http_exchange *x, struct text *out,
                  struct arena *arena) {
    struct gate_visit visit = {.peer = x->peer, .request_id = STR("console")};
    struct error e = {0};
    gate_visit_begin(console->options.gate, &visit, arena);
    bool signed_in = console_session_find(console, x, &visit);
    title(out, "名称", "Names");
    if (signed_in) {
        text_add_c(out, "<p class=\"soft\">");
        escape(out, gate_visit_user(&visit));
        text_add_c(
            out,
            "</p><div class=\"wide\"><table><thead><tr><th>時刻 time (UTC)</th><th>種別 entry</th>"
            "<th>バケット bucket</th><th>キー key</th><th>利用者 user</th><th class=\"n\">番号 "
            "index</th>"
            "</tr></thead><tbody>");
        if (gate_named_list(&visit, name_row, out, &e) != OK) {
            text_add_c(out, "<tr><td colspan=\"6\">");
            escape(out, str_from_c(e.message));
            text_add_c(out, "</td></tr>");
        }
        text_add_c(out, "</tbody></table></div>");
    } else {
        text_add_c(
            out,
            "<form method=\"post\" action=\"/sign-in\"><label>アクセスキー access key<br>"
            "<input name=\"access_key\" autocomplete=\"username\"></label>"
            "<label>シークレットキー secret key<br><input name=\"secret_key\" type=\"password\" "
            "autocomplete=\"current-password\"></label><button>サインイン sign in</button></form>");
    }
    gate_visit_end(&visit);
    text_add_c(out, "</section>");
}

static void page_write(struct console *console, struct http_exchange *x, const struct gate_state *s,
                       struct text *out, struct arena *arena) {
    text_format(out,
                "<!doctype html><html lang=\"ja\"><head><meta charset=\"utf-8\">"
                "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
                "<title>校倉 Azekura</title><style>%s</style></head><body><main><header>"
                "<h1>校倉 <small>Azekura</small></h1>"
                "<p>重要インフラのデータを定められた場所に保管し、それを証明します。 "
                "Keeps critical data where the rules say, and proves it. &middot; S3 <code>",
                style);
    escape(out, console->s3_address);
    text_add_c(out, "</code></p></header>");
    place(out, s);
    tallies(out, s);
    ledger(out, s, gate_ledger_vkey(console->options.gate));
    recent(out, s);
    names(console, x, out, arena);
    text_add_c(out, "<p class=\"soft\"><a href=\"/metrics\">metrics</a> &middot; <a "
                    "href=\"/health\">health</a>");
    if (s->address_data.len > 0) {
        text_add_c(out, " &middot; 国別アドレス資料 address data: ");
        escape(out, s->address_data);
        text_add_c(out, " (");
        escape(out, s->address_data_date);
        text_add_c(out, ")");
    }
    text_add_c(out, "</p></main></body></html>\n");
}

void console_page(struct console *console, struct http_exchange *x) {
    struct arena_space space;
    struct arena arena;
    struct gate_state state;
    struct error e = {0};
    if (arena_space_open(&space, CONSOLE_SPACE_BYTES, &arena, &e) != OK) {
        console_fail(x, &e);
        return;
    }
    if (gate_state_read(console->options.gate, &arena, &state, &e) != OK) {
        console_fail(x, &e);
    } else {
        struct text out = text_into(arena_bytes(&arena, CONSOLE_PAGE_BYTES), CONSOLE_PAGE_BYTES);
        bool as_text = str_equal(x->head.query, STR("format=text"));
        if (as_text)
            console_page_text(console, &state, &out);
        else
            page_write(console, x, &state, &out, &arena);
        if (out.overflow) {
            error_set(&e, FAIL_LIMIT, "the page is over %d bytes", CONSOLE_PAGE_BYTES);
            console_fail(x, &e);
        } else {
            console_send(x, 200,
                         as_text ? STR("text/plain; charset=utf-8")
                                 : STR("text/html; charset=utf-8"),
                         text_str(&out));
        }
    }
    arena_space_release(&space);
}
