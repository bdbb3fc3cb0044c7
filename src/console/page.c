/* The page: what this store is, in Japanese and English. Counts and codes for anyone; names of
 * buckets and keys only for who signed in, and only where they may list. No script, no other host. */
#include "console/inner.h"

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

static void escaped(struct text *out, const char *before, str s, const char *after) {
    text_add_c(out, before);
    escape(out, s);
    text_add_c(out, after);
}

static void title(struct text *out, const char *ja, const char *en) {
    text_format(out, "<section><h2>%s <span lang=\"en\">%s</span></h2>", ja, en);
}

static void term(struct text *out, const char *ja, const char *en) {
    text_format(out, "<dt>%s <span lang=\"en\">%s</span></dt>", ja, en);
}

static void column(struct text *out, const char *kind, const char *ja, const char *en) {
    text_format(out, "<th%s>%s <span lang=\"en\">%s</span></th>", kind, ja, en);
}

static void cell_number(struct text *out, const char *kind, uint64_t n) {
    text_format(out, "<td class=\"n %s\">", n == 0 ? "zero" : kind);
    console_number(out, n);
    text_add_c(out, "</td>");
}

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
    term(out, "拠点", "site");
    escaped(out, "<dd>", s->site_name_ja, "<br>");
    escaped(out, "<span class=\"soft\" lang=\"en\">", s->site_name_en, "</span> ");
    escaped(out, "<code>", s->site, "</code></dd>");
    term(out, "国", "country");
    if (s->country.len > 0)
        escaped(out, "<dd><strong>", s->country, "</strong></dd>");
    else
        text_add_c(out, "<dd class=\"bad\"><strong>不明 <span lang=\"en\">unknown</span></strong>"
                        "</dd>");
    term(out, "根拠", "how it is known");
    text_format(out, "<dd class=\"%s\">%s<br>", s->contradicted ? "bad" : "",
                console_standing_ja(s));
    escaped(out, "<span lang=\"en\">", s->standing, "</span></dd>");
    if (s->evidence_count > 0) term(out, "調べたもの", "what was asked");
    for (size_t i = 0; i < s->evidence_count; i++) {
        if (i > 0) text_add_c(out, "<dt></dt>");
        escaped(out, "<dd class=\"soft\">", s->evidence_ja[i], "<br>");
        escaped(out, "<span lang=\"en\">", s->evidence[i], "</span></dd>");
    }
    text_add_c(out, "</dl></section>");
}

/* ---- kept, warned, refused ---- */

static void tallies(struct text *out, const struct gate_state *s) {
    title(out, "保管・警告・拒否", "Kept, warned and refused, by sector and class");
    text_add_c(out, "<div class=\"wide\"><table><thead><tr>");
    column(out, "", "分野", "sector");
    column(out, "", "区分", "class");
    column(out, " class=\"n\"", "保管", "kept");
    column(out, " class=\"n\"", "警告", "warned");
    column(out, " class=\"n\"", "拒否", "refused");
    column(out, " class=\"n\"", "記録した閲覧", "reads recorded");
    text_add_c(out, "</tr></thead><tbody>");
    if (s->tally_count == 0)
        text_add_c(out, "<tr><td colspan=\"6\" class=\"soft\">まだありません <span "
                        "lang=\"en\">nothing yet</span></td></tr>");
    for (size_t i = 0; i < s->tally_count; i++) {
        const struct gate_tally *t = &s->tallies[i];
        escaped(out, "<tr><td>", t->sector.len > 0 ? t->sector : STR("-"), "</td>");
        escaped(out, "<td>", t->class_.len > 0 ? t->class_ : STR("-"), "</td>");
        cell_number(out, "good", t->counts[GATE_KEPT]);
        cell_number(out, "warn", t->counts[GATE_WARNED]);
        cell_number(out, "bad", t->counts[GATE_REFUSED]);
        cell_number(out, "", t->counts[GATE_READ]);
        text_add_c(out, "</tr>");
    }
    text_add_c(out, "</tbody></table></div></section>");
}

/* ---- debts ---- */

static void due(struct text *out, int64_t due_ns) {
    if (due_ns == INT64_MAX)
        text_add_c(out, "<span class=\"soft\">不明 <span lang=\"en\">not known</span></span>");
    else
        console_minute(out, due_ns);
}

static void debt_row(struct text *out, const struct gate_owed *owed) {
    str obligation, clause;
    console_owed_cut(owed->what, &obligation, &clause);
    escaped(out, "<tr><td>", obligation, "</td>");
    escaped(out, "<td><code>", clause.len > 0 ? clause : STR("-"), "</code></td>");
    cell_number(out, "warn", owed->count);
    cell_number(out, "bad", owed->late);
    text_add_c(out, "<td class=\"n\">");
    if (owed->count > 0)
        due(out, owed->due_ns);
    else
        text_add_char(out, '-');
    text_add_c(out, "</td>");
    escaped(out, "<td><code>", owed->first.len > 0 ? owed->first : STR("-"), "</code></td></tr>");
}

static void debts(struct text *out, const struct gate_state *s) {
    text_format(out,
                "<section%s><h2>未履行の義務 <span lang=\"en\">Debts: obligations that have "
                "time</span></h2>",
                s->debts_late > 0 ? " class=\"alarm\"" : "");
    if (s->debts == 0) {
        text_add_c(out, "<p class=\"soft\">ありません <span lang=\"en\">none</span></p></section>");
        return;
    }
    text_add_c(out, "<div class=\"wide\"><table><thead><tr>");
    column(out, "", "義務", "obligation");
    column(out, "", "条項", "clause");
    column(out, " class=\"n\"", "期限前", "owed");
    column(out, " class=\"n\"", "期限超過", "late");
    column(out, " class=\"n\"", "次の期限（UTC）", "next due");
    column(out, "", "最初の項目", "first of them");
    text_add_c(out, "</tr></thead><tbody>");
    for (size_t i = 0; i < s->owed_count; i++) debt_row(out, &s->owed[i]);
    text_add_c(out, "</tbody></table></div></section>");
}

/* ---- loosened ---- */

static void loosened(struct text *out, const struct gate_state *s) {
    if (s->exceptions_in_force + s->glass_in_effect == 0) return;
    text_format(out,
                "<section%s><h2>緩和中の規則 <span lang=\"en\">Rules that are loosened "
                "now</span></h2><dl>",
                s->glass_in_effect > 0 ? " class=\"alarm\"" : "");
    term(out, "例外", "exceptions");
    text_add_c(out, "<dd>");
    console_number(out, s->exceptions_in_force);
    text_add_c(out, "</dd>");
    term(out, "緊急解除", "broken glass");
    text_add_c(out, "<dd>");
    console_number(out, s->glass_in_effect);
    text_add_c(out, "</dd></dl></section>");
}

/* ---- findings ---- */

static void findings(struct text *out, const struct gate_state *s) {
    title(out, "所見", "Findings that stand");
    if (s->findings == 0) {
        text_add_c(out, "<p class=\"soft\">ありません <span lang=\"en\">none</span></p></section>");
        return;
    }
    text_add_c(out, "<dl>");
    for (size_t i = 0; i < s->finding_kind_count; i++) {
        const struct gate_count_of *of = &s->finding_kinds[i];
        escaped(out, "<dt>", str_from_c(console_finding_ja(of->name)), " ");
        escaped(out, "<span lang=\"en\">", of->name, "</span></dt><dd class=\"warn\">");
        console_number(out, of->count);
        text_add_c(out, "</dd>");
    }
    text_add_c(out, "</dl></section>");
}

/* ---- ledger ---- */

static void witnesses(struct text *out, const struct gate_state *s) {
    term(out, "立会人", "witnesses");
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
    term(out, "巻き戻し", "rollback");
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
        escape(out, str_from_c(s->ledger.story));
        text_add_c(out, "</span></p>");
    }
    text_add_c(out, "<dl>");
    term(out, "記録", "entries");
    text_add_c(out, "<dd>");
    console_number(out, s->ledger.committed_size);
    text_add_c(out, "</dd>");
    term(out, "署名済み", "signed");
    text_add_c(out, "<dd>");
    console_number(out, s->ledger.published_size);
    if (s->ledger.published_ns != 0) {
        text_add_c(out, " <span class=\"soft\">（");
        console_second(out, s->ledger.published_ns);
        text_add_c(out, " UTC）</span>");
    }
    text_add_c(out, " <a href=\"/ledger/checkpoint\">checkpoint</a></dd>");
    witnesses(out, s);
    term(out, "検証鍵", "verifier key");
    escaped(out, "<dd><code>", vkey, "</code></dd>");
    term(out, "採択した規則", "adopted rules");
    text_format(out, "<dd><code>%.*s</code></dd></dl></section>", (int)sizeof hex, hex);
}

/* ---- the last decisions ---- */

static void recent_row(struct text *out, const struct gate_recent *r) {
    static const char *const words[] = {
        "<span class=\"good\">許可 <span lang=\"en\">allow</span></span>",
        "<span class=\"warn\">警告 <span lang=\"en\">warn</span></span>",
        "<span class=\"bad\">拒否 <span lang=\"en\">refuse</span></span>"};
    text_add_c(out, "<tr><td>");
    console_minute(out, r->minute_ns);
    text_format(out, "</td><td>%s</td>", words[r->effect]);
    text_format(out, "<td>%s ", console_act_ja(r->act));
    escaped(out, "<span class=\"soft\">", r->act, "</span></td>");
    escaped(out, "<td>", r->sector.len > 0 ? r->sector : STR("-"), "</td>");
    escaped(out, "<td>", r->class_.len > 0 ? r->class_ : STR("-"), "</td>");
    escaped(out, "<td><code>", r->clause.len > 0 ? r->clause : STR("-"), "</code>");
    if (r->unknown)
        text_add_c(out, " <span class=\"warn\">不明な事実あり <span lang=\"en\">a fact is "
                        "unknown</span></span>");
    text_add_c(out, "</td></tr>");
}

static void recent(struct text *out, const struct gate_state *s) {
    title(out, "最近の判定", "The last decisions recorded, as codes");
    text_add_c(out, "<div class=\"wide\"><table><thead><tr>");
    column(out, "", "日時（UTC）", "minute");
    column(out, "", "判定", "effect");
    column(out, "", "行為", "act");
    column(out, "", "分野", "sector");
    column(out, "", "区分", "class");
    column(out, "", "条項", "clause");
    text_add_c(out, "</tr></thead><tbody>");
    if (s->recent_count == 0)
        text_add_c(out, "<tr><td colspan=\"6\" class=\"soft\">起動してからはまだありません <span "
                        "lang=\"en\">none since the start</span></td></tr>");
    for (size_t i = 0; i < s->recent_count; i++) recent_row(out, &s->recent[i]);
    text_add_c(out, "</tbody></table></div></section>");
}

/* ---- names, for who signed in ---- */

static enum error_code name_row(void *self, const struct gate_named *named, struct error *e) {
    struct text *out = self;
    text_add_c(out, "<tr><td>");
    console_second(out, named->time_ns);
    text_format(out, "</td><td>%s</td>", named->type);
    escaped(out, "<td>", named->bucket, "</td>");
    escaped(out, "<td>", named->key, "</td>");
    escaped(out, "<td>", named->user, "</td><td class=\"n\">");
    console_number(out, named->index);
    text_add_c(out, "</td></tr>");
    return OK;
}

static void names_list(struct text *out, struct gate_visit *visit) {
    struct error e = {0};
    escaped(out, "<div class=\"who\"><span><code>", gate_visit_user(visit),
            "</code> としてサインイン中 <span class=\"soft\" lang=\"en\">signed in; only of "
            "buckets that this user may list</span></span><form method=\"post\" "
            "action=\"/sign-out\"><button>サインアウト <span lang=\"en\">sign out</span></button>"
            "</form></div>");
    text_add_c(out, "<div class=\"wide\"><table><thead><tr>");
    column(out, "", "日時（UTC）", "time");
    column(out, "", "種別", "entry");
    column(out, "", "バケット", "bucket");
    column(out, "", "キー", "key");
    column(out, "", "利用者", "user");
    column(out, " class=\"n\"", "番号", "index");
    text_add_c(out, "</tr></thead><tbody>");
    if (gate_named_list(visit, name_row, out, &e) != OK)
        escaped(out, "<tr><td colspan=\"6\" class=\"bad\">", str_from_c(e.message), "</td></tr>");
    text_add_c(out, "</tbody></table></div>");
}

static void names_form(struct text *out, bool refused) {
    text_add_c(
        out,
        refused
            ? "<p class=\"bad\">アクセスキーとシークレットキーの組み合わせが正しくありません。<br>"
              "<span lang=\"en\">Access key and secret key do not belong together.</span></p>"
            : "<p class=\"soft\">バケットやキーの名前は、サインインすると一覧権限のある範囲で表示"
              "されます。<br><span lang=\"en\">Names of buckets and keys are shown after signing "
              "in, of buckets that the user may list.</span></p>");
    text_add_c(out,
               "<form method=\"post\" action=\"/sign-in\">"
               "<label>アクセスキー <span lang=\"en\">access key</span>"
               "<input name=\"access_key\" autocomplete=\"username\" required></label>"
               "<label>シークレットキー <span lang=\"en\">secret key</span>"
               "<input name=\"secret_key\" type=\"password\" autocomplete=\"current-password\" "
               "required></label>"
               "<button>サインイン <span lang=\"en\">sign in</span></button></form>");
}

static void names(struct console *console, struct http_exchange *x, bool refused, struct text *out,
                  struct arena *arena) {
    struct gate_visit visit = {.peer = x->peer, .request_id = STR("console")};
    gate_visit_begin(console->options.gate, &visit, arena);
    title(out, "名前", "Names");
    if (console_session_find(console, x, &visit))
        names_list(out, &visit);
    else
        names_form(out, refused);
    gate_visit_end(&visit);
    text_add_c(out, "</section>");
}

/* ---- all of it ---- */

static void footer(struct text *out, const struct gate_state *s) {
    text_add_c(out, "<footer><p><a href=\"/metrics\">metrics</a> &middot; <a "
                    "href=\"/health\">health</a> &middot; <a href=\"/?format=text\">text</a></p>");
    if (s->address_data.len > 0) {
        escaped(out, "<p>国別アドレス資料 <span lang=\"en\">address data</span>: ", s->address_data,
                "（");
        escaped(out, "", s->address_data_date, "）</p>");
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
    escaped(out, "", console->s3_address, "</code></p></header>");
    sums(out, s);
    text_add_c(out, "<div class=\"pair\">");
    place(out, s);
    ledger(out, s, gate_ledger_vkey(console->options.gate));
    text_add_c(out, "</div>");
    tallies(out, s);
    debts(out, s);
    findings(out, s);
    loosened(out, s);
    recent(out, s);
    names(console, x, refused, out, arena);
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
