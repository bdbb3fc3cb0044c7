/* What landmarks sign: golden text, one spelling, the right key. */
#include "locproof/locproof.h"
#include "tests/test.h"

static const char golden[] =
    "azekura-location-proof-v1\n"
    "landmark osaka.test\n"
    "at 34.68630 135.52000 50\n"
    "site sendai\n"
    "ledger azekura.local/sendai 57 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
    "time 2026-11-22T10:00:00Z\n"
    "figures 32 32 0 20 5 0 0\n"
    "rtt-ns 210000 250000 340000\n"
    "service-ns 80000 ssd\n"
    "verdict within -\n"
    "transcript 0101010101010101010101010101010101010101010101010101010101010101\n"
    "peer tokyo.test 35.68956 139.69172 0 4300000\n";

static struct locproof_report sample(void) {
    struct locproof_report r = {.name = STR("osaka.test"),
                                .place = {{34.6863, 135.52}, 50},
                                .site = STR("sendai"),
                                .origin = STR("azekura.local/sendai"),
                                .wanted = 32,
                                .medium = LOCPROOF_SOLID,
                                .figures = {.verdict = LOCPROOF_WITHIN,
                                            .pieces = 32,
                                            .no_body = 20,
                                            .gone = 5,
                                            .min_ns = 210000,
                                            .median_ns = 250000,
                                            .p95_ns = 340000,
                                            .service_ns = 80000,
                                            .ledger_size = 57},
                                .peers = {{.name = STR("tokyo.test"),
                                           .place = {{35.68956, 139.69172}, 0},
                                           .rtt_ns = 4300000}},
                                .peer_count = 1};
    memset(r.transcript.at, 1, DIGEST_BYTES);
    assert_true(clock_iso_read(STR("2026-11-22T10:00:00Z"), &r.time_ns));
    return r;
}

static void a_report_is_as_written_down(void **state) {
    char memory[LOCPROOF_REPORT_BYTES];
    struct text text = text_into(memory, sizeof memory);
    struct locproof_report r = sample(), back;
    struct error e;
    assert_ok(locproof_report_write(&r, &text, &e), &e);
    assert_str(text_str(&text), str_of(golden, sizeof golden - 1));
    assert_ok(locproof_report_read(text_str(&text), &back, &e), &e);
    assert_str(back.name, r.name);
    assert_int_equal(back.figures.p95_ns, 340000);
    assert_int_equal((int)(locproof_report_bound_km(&back) * 100), 3397);
    assert_str(back.peers[0].name, STR("tokyo.test"));
}

static void another_spelling_is_refused(void **state) {
    static const struct {
        const char *name, *from, *to;
    } rows[] = {{"a zero in front", "figures 32", "figures 032"},
                {"six decimals", "34.68630", "34.686300"},
                {"north of the pole", "34.68630", "94.68630"},
                {"an unknown verdict", "within", "there"},
                {"an unknown medium", "ssd", "tape"},
                {"no 95 %, and yet within", "250000 340000", "250000 -1"},
                {"a time without seconds", "10:00:00Z", "10:00Z"},
                {"a line too many", "verdict", "verdict"},
                {"another first line", "proof-v1", "proof-v2"},
                {"a root of 31 bytes", "AAA=", "A==="}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char changed[sizeof golden + 64];
        const char *at = strstr(golden, rows[i].from);
        struct locproof_report r;
        struct error e;
        snprintf(changed, sizeof changed, "%.*s%s%s%s", (int)(at - golden), golden, rows[i].to,
                 at + strlen(rows[i].from), i == 7 ? "more\n" : "");
        assert_row(rows[i].name, locproof_report_read(str_from_c(changed), &r, &e) == FAIL_SYNTAX);
    }
}

static void only_its_own_key_speaks_for_it(void **state) {
    char memory[LOCPROOF_REPORT_BYTES + 512];
    struct secret seed = {{1}}, other_seed = {{2}};
    struct tlog_signer signer, stranger, renamed;
    struct locproof_report r;
    struct error e;
    assert_ok(tlog_signer_make(STR("osaka.test"), TLOG_KEY_ED25519, &seed, &signer, &e), &e);
    assert_ok(tlog_signer_make(STR("osaka.test"), TLOG_KEY_ED25519, &other_seed, &stranger, &e),
              &e);
    assert_ok(tlog_signer_make(STR("kobe.test"), TLOG_KEY_ED25519, &seed, &renamed, &e), &e);
    struct text note = text_into(memory, sizeof memory);
    text_add_c(&note, golden);
    text_add_char(&note, '\n');
    assert_ok(tlog_note_sign(&note, str_of(golden, sizeof golden - 1), &signer, 0, &e), &e);
    assert_ok(locproof_report_open(text_str(&note), &signer.vkey, &r, &e), &e);
    assert_int_equal(locproof_report_open(text_str(&note), &stranger.vkey, &r, &e), FAIL_PROOF);
    note.len = 0;
    text_add_c(&note, golden);
    text_add_char(&note, '\n');
    assert_ok(tlog_note_sign(&note, str_of(golden, sizeof golden - 1), &renamed, 0, &e), &e);
    assert_int_equal(locproof_report_open(text_str(&note), &renamed.vkey, &r, &e), FAIL_PROOF);
}

static void what_opens_a_session_comes_back(void **state) {
    char memory[512];
    struct text text = text_into(memory, sizeof memory);
    struct locproof_opening o = {.name = STR("a"), .site = STR("s"), .wanted = 32}, back;
    struct error e;
    assert_ok(locproof_opening_write(&o, &text, &e), &e);
    assert_ok(locproof_opening_read(text_str(&text), &back, &e), &e);
    assert_int_equal(back.wanted, 32);
    o.wanted = 0;
    text.len = 0;
    assert_ok(locproof_opening_write(&o, &text, &e), &e);
    assert_int_equal(locproof_opening_read(text_str(&text), &back, &e), FAIL_SYNTAX);
    o.name = STR("two words");
    assert_int_equal(locproof_opening_write(&o, &text, &e), FAIL_USAGE);
}

static void points_are_read_as_people_write_them(void **state) {
    static const struct {
        const char *text;
        bool ok;
    } rows[] = {{"38.268737,140.872183", true},
                {"-33.9, 18.4", true},
                {"90,180", true},
                {"90.1,0", false},
                {"0,181", false},
                {"38.2", false},
                {"nan,0", false},
                {",", false},
                {"1e1,2", false}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct geo_point p;
        assert_row(rows[i].text, locproof_point_read(str_from_c(rows[i].text), &p) == rows[i].ok);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_report_is_as_written_down),
        cmocka_unit_test(another_spelling_is_refused),
        cmocka_unit_test(only_its_own_key_speaks_for_it),
        cmocka_unit_test(what_opens_a_session_comes_back),
        cmocka_unit_test(points_are_read_as_people_write_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
