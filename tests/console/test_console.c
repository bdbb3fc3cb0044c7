/* The console over a gate of memory: what anybody gets, what only who signed in gets, and that
 * nothing put into a register can become markup. */
#include "console/console.h"
#include "tests/console/fake_gate.h"
#include "tests/http/server_test.h"

#include <time.h>

static struct site site;
static struct console *console;
static struct peer peer;

/* ---- a clock that a test can push on */

static int64_t pushed_ns;
static int64_t real_ns(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}
static int64_t wall_ns(void *self) {
    return real_ns(CLOCK_REALTIME) + pushed_ns;
}
static int64_t steady_ns(void *self) {
    return real_ns(CLOCK_MONOTONIC) + pushed_ns;
}
static const struct clock_source pushed_clock = {wall_ns, steady_ns, NULL};

/* ---- opening */

static const struct gate_tally tallies[] = {{STR("medicine"), STR("critical"), {1234567, 0, 3, 9}}};
static const struct gate_recent recents[] = {
    {.minute_ns = 1795312320 * NS_PER_S, /* 2026-11-22 01:52 */
     .sector = STR("medicine"),
     .class_ = STR("critical"),
     .act = STR("put"),
     .clause = STR("own/<b>at-home</b>"),
     .effect = GATE_REFUSE,
     .unknown = true}};
static struct gate_owed debts[] = {
    {STR("copies 2 (own/keep.at-home)"), 60, 0, 1795398720 * NS_PER_S,
     STR("azekura.example/sendai#41"), 0}, /* 2026-11-23 01:52 */
    {STR("approvals 1 (own/checked)"), 0, 7, INT64_MAX, STR("azekura.example/sendai/2#6"), 0}};

static void metrics_more(void *self, struct text *out) {
    text_add_c(out, "# TYPE azekura_more gauge\nazekura_more 1\n");
}

static enum error_code nobody(void *self, struct http_exchange *x, struct gate_visit *visit,
                              struct error *e) {
    return error_set(e, FAIL_SIGNATURE, "the signature does not hold");
}

static int console_setup(void **state) {
    struct error e;
    struct net_address any;
    if (runtime_setup(state) != 0) return -1;
    fake = (struct fake_gate){.state = {.site = STR("sendai"),
                                        .site_name_en = STR("Sendai \"<i>\" & Co"),
                                        .site_name_ja = STR("仙台"),
                                        .country = STR("JP"),
                                        .standing = STR("declared, nothing speaks against it"),
                                        .address_data = STR("Data by example (CC BY 4.0)"),
                                        .address_data_date = STR("2026-11-01"),
                                        .tallies = tallies,
                                        .tally_count = COUNT_OF(tallies),
                                        .recent = recents,
                                        .recent_count = COUNT_OF(recents),
                                        .debts = 60,
                                        .debts_owed = 60,
                                        .debts_due_ns = INT64_MAX,
                                        .owed = debts,
                                        .owed_count = 1}};
    struct console_options options = {
        .s3_address = STR("127.0.0.1:9000"), .authenticate = nobody, .metrics = metrics_more};
    assert_ok(console_open(&options, &console, &e), &e);
    assert_ok(net_address_read(STR("127.0.0.1:0"), &any, &e), &e);
    struct http_server_options server = {.addresses = &any,
                                         .address_count = 1,
                                         .serve = console_serve,
                                         .self = console,
                                         .server_name = STR("test")};
    assert_ok(http_server_open(*state, &server, &site.server, &e), &e);
    site.address = http_server_address(site.server, 0);
    server_left = site.server;
    return 0;
}

static int console_teardown(void **state) {
    assert_int_equal(fake.visits_open, 0); /* each visit begun was ended */
    int result = site_teardown(state);
    console_close(console);
    clock_use(NULL);
    pushed_ns = 0;
    return result;
}

static str get(const char *path, const char *headers) {
    static char request[1024];
    int count =
        snprintf(request, sizeof request,
                 "GET %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n%s\r\n", path, headers);
    str all = talk(&peer, &site, str_of(request, (size_t)count));
    assert_false(has(all, STR(FAKE_SECRET))); /* on no page, ever */
    return all;
}

static str post(const char *path, const char *headers, const char *form) {
    static char request[1024];
    int count = snprintf(request, sizeof request,
                         "POST %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: "
                         "%zu\r\n%s\r\n%s",
                         path, strlen(form), headers, form);
    str all = talk(&peer, &site, str_of(request, (size_t)count));
    assert_false(has(all, STR(FAKE_SECRET)));
    return all;
}

/* Signs in and gives the Cookie header of the session. */
static const char *sign_in(void) {
    static char header[128];
    size_t at;
    str all = post("/sign-in", "", "access_key=" FAKE_KEY "&secret_key=" FAKE_SECRET);
    assert_true(str_starts(all, STR("HTTP/1.1 303 ")));
    assert_has(all, STR("HttpOnly; SameSite=Strict; Max-Age=3600"));
    assert_true(str_find(all, STR("azekura="), &at));
    snprintf(header, sizeof header, "Cookie: other=1; azekura=%.32s\r\n", all.at + at + 8);
    return header;
}

/* ---- the page */

static void anybody_sees_codes_and_no_names(void **state) {
    str page = get("/", "");
    assert_true(str_starts(page, STR("HTTP/1.1 200 ")));
    assert_has(page, STR("1,234,567"));
    assert_has(page, STR("2026-11-22 01:52"));
    assert_has(page, STR("申告のみ"));
    assert_has(page, STR("declared, nothing speaks against it"));
    assert_has(page, STR("Data by example (CC BY 4.0)"));
    assert_has(page, STR("copies 2"));
    assert_has(page, STR("own/keep.at-home"));
    assert_has(page, STR("2026-11-23 01:52")); /* when it falls due */
    assert_has(page, STR("不明な事実あり"));
    assert_false(has(page, STR("緩和中")));
    assert_false(has(page, STR("secret-bucket")));
    assert_int_equal(fake.lists, 0);
    assert_has(page, STR("cache-control: no-store"));
    assert_has(page, STR("default-src 'none'"));
    assert_false(has(page, STR("class=\"alarm\"")));
}

static void nothing_becomes_markup(void **state) {
    str page = get("/", sign_in());
    assert_has(page, STR("Sendai &quot;&lt;i&gt;&quot; &amp; Co"));
    assert_has(page, STR("own/&lt;b&gt;at-home&lt;/b&gt;"));
    assert_has(page, STR("a&lt;script&gt;alert(1)&lt;/script&gt;&quot;&amp;'"));
    assert_has(page, STR("inspector&lt;1&gt;"));
    assert_false(has(page, STR("<script")));
    assert_false(has(page, STR("<i>")));
}

static void a_contradiction_is_an_alarm(void **state) {
    static const str lines[] = {STR("the metadata service says <b>us-east-1</b>")};
    fake.state.contradicted = true;
    fake.state.country = STR_EMPTY;
    fake.state.standing = STR("contradicted: the metadata service says <b>us-east-1</b>");
    static const str lines_ja[] = {STR("メタデータサービスは <b>us-east-1</b> と答える")};
    fake.state.evidence = lines;
    fake.state.evidence_ja = lines_ja;
    fake.state.evidence_count = 1;
    str page = get("/", "");
    assert_has(page, STR("<section class=\"alarm\">"));
    assert_has(page, STR("不明 <span lang=\"en\">unknown</span>"));
    assert_has(page, STR("&lt;b&gt;us-east-1&lt;/b&gt;"));
    assert_false(has(page, STR("<b>us-east-1")));
    str text = get("/?format=text", "");
    assert_has(text, STR("content-type: text/plain"));
    assert_has(text, STR("不明 / unknown"));
    assert_has(text, STR("申告と矛盾"));
    assert_has(text, STR("と答える / the metadata service says"));
    assert_has(page, STR("メタデータサービスは &lt;b&gt;us-east-1&lt;/b&gt; と答える"));
}

static void late_debts_and_broken_glass_are_alarms(void **state) {
    str metrics = get("/metrics", "");
    assert_has(metrics, STR("\nazekura_debts_owed 60\n"));
    assert_has(metrics, STR("\nazekura_debts_late 0\n"));
    assert_false(has(metrics, STR("azekura_debts_next_due_seconds")));
    fake.state.debts_late = 7;
    fake.state.debts = 67;
    fake.state.owed_count = COUNT_OF(debts);
    fake.state.debts_due_ns = debts[0].due_ns;
    str page = get("/", "");
    assert_has(page, STR("<section class=\"alarm\"><h2>未履行の義務"));
    assert_has(page, STR("own/checked"));
    assert_has(page, STR("<code>azekura.example/sendai/2#6</code>"));
    assert_false(has(page, STR("緩和中")));
    metrics = get("/metrics", "");
    assert_has(metrics, STR("\nazekura_debts_late 7\n"));
    assert_has(metrics, STR("\nazekura_debts_next_due_seconds 1795398720\n"));
    assert_has(get("/?format=text", ""), STR("期限超過 late 7"));
    fake.state.glass_in_effect = 1;
    fake.state.exceptions_in_force = 3;
    assert_has(get("/", ""), STR("<section class=\"alarm\"><h2>緩和中の規則"));
    assert_has(get("/?format=text", ""), STR("broken glass 1"));
    assert_has(get("/metrics", ""), STR("\nazekura_broken_glass 1\n"));
}

/* ---- sessions */

static void who_signed_in_sees_names(void **state) {
    str page = get("/", sign_in());
    assert_has(page, STR("secret-bucket"));
    assert_int_equal(fake.lists, 1);
    page = get("/", "Cookie: azekura=00000000000000000000000000000000\r\n");
    assert_false(has(page, STR("secret-bucket")));
    page = get("/", "Cookie: azekura=\r\n");
    assert_false(has(page, STR("secret-bucket")));
}

static void a_wrong_secret_signs_nobody_in(void **state) {
    static const char *const forms[] = {
        "access_key=" FAKE_KEY "&secret_key=wrong", "access_key=&secret_key=", "",
        ("access_key=other&secret_key=" FAKE_SECRET), "access_key=%00%ff&secret_key=%"};
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        str all = post("/sign-in", "", forms[i]);
        assert_true(str_starts(all, STR("HTTP/1.1 403 ")));
        assert_has(all, STR("do not belong together"));
        assert_false(has(all, STR("set-cookie")));
    }
}

static void a_session_ends(void **state) {
    const char *cookie = sign_in();
    clock_use(&pushed_clock);
    pushed_ns = 3590 * NS_PER_S;
    assert_has(get("/", cookie), STR("secret-bucket"));
    pushed_ns = 3610 * NS_PER_S; /* an hour after it began */
    assert_false(has(get("/", cookie), STR("secret-bucket")));
}

static void a_disabled_key_ends_its_sessions(void **state) {
    const char *cookie = sign_in();
    fake.key_disabled = true;
    assert_false(has(get("/", cookie), STR("secret-bucket")));
}

static void an_inspector_whose_time_is_over_is_told_so(void **state) {
    const char *cookie = sign_in();
    fake.over = true;
    assert_false(has(get("/", cookie), STR("secret-bucket")));
    str all = post("/sign-in", "", "access_key=" FAKE_KEY "&secret_key=" FAKE_SECRET);
    assert_true(str_starts(all, STR("HTTP/1.1 403 ")));
    assert_has(all, STR("the time of the inspector ended"));
    assert_false(has(all, STR("set-cookie")));
}

static void signing_out_ends_it_on_the_server(void **state) {
    char cookie[128];
    snprintf(cookie, sizeof cookie, "%s", sign_in());
    assert_true(str_starts(post("/sign-out", cookie, ""), STR("HTTP/1.1 303 ")));
    assert_false(has(get("/", cookie), STR("secret-bucket")));
    assert_true(str_starts(post("/sign-out", "", ""), STR("HTTP/1.1 303 ")));
}

/* ---- machines */

static void routes_answer_as_promised(void **state) {
    assert_true(str_starts(get("/nowhere", ""), STR("HTTP/1.1 404 ")));
    assert_true(str_starts(get("/<script>", ""), STR("HTTP/1.1 400 ")) ||
                !has(get("/%3Cscript%3E", ""), STR("text/html")));
    assert_true(str_starts(post("/", "", "x"), STR("HTTP/1.1 405 ")));
    assert_true(str_starts(post("/health", "", "x"), STR("HTTP/1.1 405 ")));
    assert_true(str_starts(get("/sign-in", ""), STR("HTTP/1.1 404 ")));
    assert_true(str_starts(get("/health", ""), STR("HTTP/1.1 200 ")));
    assert_has(get("/health", ""), STR("{\"status\":\"ready\",\"rollback\":\"unguarded\"}\n"));
    fake.sick = true;
    assert_true(str_starts(get("/health", ""), STR("HTTP/1.1 503 ")));
    str head = talk(&peer, &site, STR("HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
    assert_true(str_starts(head, STR("HTTP/1.1 200 ")));
    assert_false(has(head, STR("<html")));
}

static void ledger_files_say_how_long_they_last(void **state) {
    str tile = get("/ledger/tile/0/000", "");
    assert_has(tile, STR("cache-control: public, max-age=31536000, immutable"));
    assert_has(get("/ledger/checkpoint", ""), STR("cache-control: no-store"));
    str denied = get("/ledger/tile/entries/000", "");
    assert_true(str_starts(denied, STR("HTTP/1.1 403 ")));
    assert_has(denied, STR("cache-control: no-store"));
    assert_true(str_starts(get("/ledger/../keys", ""), STR("HTTP/1.1 404 ")));
    assert_true(str_starts(get("/ledger/checkpoint", "Authorization: AWS4-HMAC-SHA256 x\r\n"),
                           STR("HTTP/1.1 403 ")));
    assert_true(str_starts(get("/prove?bucket=b", ""), STR("HTTP/1.1 400 ")));
    assert_true(str_starts(get("/prove?bucket=b&key=k", ""), STR("HTTP/1.1 403 ")));
}

/* The text that Prometheus reads: a comment or "name{labels} number" on each line, each name with
 * its type said before. Source: Prometheus exposition format 0.0.4. */
static void metrics_are_what_prometheus_reads(void **state) {
    static const struct gate_tally odd[] = {{STR("a\"b\\c"), STR("x\ny"), {1, 2, 3, 4}}};
    fake.state.tallies = odd;
    fake.state.tally_count = 1;
    str all = get("/metrics", ""), line;
    size_t at, samples = 0;
    assert_has(all, STR("content-type: text/plain; version=0.0.4"));
    assert_true(str_find(all, STR("\r\n\r\n"), &at));
    str body = str_skip(all, at + 4), rest = body;
    while (str_cut(&rest, '\n', &line)) {
        char named[200];
        size_t end = 0;
        if (line.at[0] == '#') continue;
        while (end < line.len && line.at[end] != '{' && line.at[end] != ' ') end++;
        snprintf(named, sizeof named, "# TYPE %.*s ", (int)end, line.at);
        if (!has(body, str_from_c(named))) fail_msg("no \"%s\"", named);
        uint64_t value;
        size_t space = line.len;
        while (line.at[space - 1] != ' ') space--;
        assert_true(str_u64(str_skip(line, space), &value));
        samples++;
    }
    assert_int_equal(rest.len, 0); /* the last line is ended too */
    assert_true(samples > 25);
    assert_has(body, STR("{sector=\"a\\\"b\\\\c\",class=\"x\\ny\",outcome=\"refused\"} 3\n"));
    assert_has(body, STR("azekura_more 1\n"));
}

#define CONSOLE_ON_BOTH(test)                                                                      \
    {#test " (io_uring)", test, console_setup, console_teardown, &test_uring}, {                   \
#test " (epoll)", test, console_setup, console_teardown, &test_epoll                       \
    }

int main(void) {
    const struct CMUnitTest tests[] = {
        CONSOLE_ON_BOTH(anybody_sees_codes_and_no_names),
        CONSOLE_ON_BOTH(nothing_becomes_markup),
        CONSOLE_ON_BOTH(a_contradiction_is_an_alarm),
        CONSOLE_ON_BOTH(late_debts_and_broken_glass_are_alarms),
        CONSOLE_ON_BOTH(who_signed_in_sees_names),
        CONSOLE_ON_BOTH(a_wrong_secret_signs_nobody_in),
        CONSOLE_ON_BOTH(a_session_ends),
        CONSOLE_ON_BOTH(a_disabled_key_ends_its_sessions),
        CONSOLE_ON_BOTH(an_inspector_whose_time_is_over_is_told_so),
        CONSOLE_ON_BOTH(signing_out_ends_it_on_the_server),
        CONSOLE_ON_BOTH(routes_answer_as_promised),
        CONSOLE_ON_BOTH(ledger_files_say_how_long_they_last),
        CONSOLE_ON_BOTH(metrics_are_what_prometheus_reads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
