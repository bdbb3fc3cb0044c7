/* Names of buckets and keys, for who signed in and only where they may list; else the form. */
#include "console/page.h"

static enum error_code name_row(void *self, const struct gate_named *named, struct error *e) {
    struct text *out = self;
    text_add_c(out, "<tr><td>");
    console_second(out, named->time_ns);
    text_format(out, "</td><td>%s</td>", named->type);
    console_cell(out, named->bucket);
    console_cell(out, named->key);
    console_escaped(out, "<td>", named->user, "</td><td class=\"n\">");
    console_number(out, named->index);
    text_add_c(out, "</td></tr>");
    return OK;
}

static void names_list(struct text *out, struct gate_visit *visit) {
    struct error e = {0};
    console_escaped(
        out, "<div class=\"who\"><span><code>", gate_visit_user(visit),
        "</code> としてサインイン中 <span class=\"soft\" lang=\"en\">signed in; only of "
        "buckets that this user may list</span></span><form method=\"post\" "
        "action=\"/sign-out\"><button>サインアウト <span lang=\"en\">sign out</span></button>"
        "</form></div>");
    static const struct console_column columns[] = {
        {"日時（UTC）", "time", false}, {"種別", "entry", false},  {"バケット", "bucket", false},
        {"キー", "key", false},         {"利用者", "user", false}, {"番号", "index", true}};
    console_table_begin(out, columns, COUNT_OF(columns));
    if (gate_named_list(visit, name_row, out, &e) != OK)
        console_escaped(out, "<tr><td colspan=\"6\" class=\"bad\">", str_from_c(e.message),
                        "</td></tr>");
    console_table_end(out);
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

void console_names(struct console *console, struct http_exchange *x, bool refused, struct text *out,
                   struct arena *arena) {
    struct gate_visit visit = {.peer = x->peer, .request_id = STR("console")};
    gate_visit_begin(console->options.gate, &visit, arena);
    console_title(out, "名前", "Names");
    if (console_session_find(console, x, &visit))
        names_list(out, &visit);
    else
        names_form(out, refused);
    gate_visit_end(&visit);
    text_add_c(out, "</section>");
}
