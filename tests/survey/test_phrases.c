/* What evidence says, in Japanese: the sentences as they are made, with what stands between their words. */
#include "survey/survey.h"
#include "tests/test.h"

static const struct {
    const char *en, *ja;
} rows[] = {
    {"announced by AS8075 Microsoft Corporation", "AS8075 Microsoft Corporationが経路を広告する"},
    {"announced by nobody", "経路を広告する者がない"},
    {"JP, where its owner sits", "JP。所有者の所在国でもある"},
    {"JP, where its owner sits, which may be all they know",
     "JP。所有者の所在国にすぎないかもしれない"},
    {"US, where its owner sits, who runs regions in other countries too",
     "US。所有者の所在国だが、所有者は他の国にもリージョンを持つ"},
    {"CN, though its owner sits elsewhere, and may mean Hong Kong",
     "CN。所有者は別の国に所在する。香港を指すのかもしれない"},
    {"Microsoft Corporation sits in US", "Microsoft CorporationはUSに所在する"},
    {"Kaigan sits in JP, its parent in SG", "KaiganはJPに、その親会社はSGに所在する"},
    {"ocean, which controls kaigan, sits there", "kaiganを支配するoceanがそこに所在する"},
    {"a private address: nobody outside can say where it is",
     "プライベートアドレス：どこにあるか外からは分からない"},
    {"the inventory says JP, the register says US", "台帳はJP、登録簿はUS"},
    {"a.csv:2 says operator aoba, b.csv:7 says keyaki", "運用者：a.csv:2はaoba、b.csv:7はkeyaki"},
    {"a.csv:2 says JP, aws 1755789425 says US", "a.csv:2はJP、aws 1755789425はUS"},
    {"ap-northeast-1 (Tokyo) in db.ap-northeast-1.rds.amazonaws.com",
     "db.ap-northeast-1.rds.amazonaws.comに含まれるap-northeast-1（Tokyo）"},
    {"\"tyo\" in core1.tyo1.example.net, its reverse name",
     "逆引き名core1.tyo1.example.netに含まれる「tyo」"},
    {"JP, site sendai", "JP、拠点sendai"},
    {"whoever answered is within 40 km of tokyo-dc (known to 1.0 km) over fibre; only JP is so "
     "near; port 443 of "
     "3.112.0.9 answered 5 of 5 connections, the fastest in 0.400 ms",
     "応答した機器は光ファイバーの距離でtokyo-dc（誤差1.0 km）から40 "
     "km以内；そこまで近いのはJPのみ；3.112.0.9のポート443は5回の"
     "接続のうち5回に応答、最短は0.400 ms"},
    {"no such name (NXDOMAIN)", "名前が存在しない（NXDOMAIN）"},
    /* a name that is a word of the table stays a name within a longer one, and what nobody knows stays as it is */
    {"in network private-lan at site shared-dc", "拠点shared-dcのネットワークprivate-lan内"},
    {"ap-northeast-1 (Tokyo)", "ap-northeast-1 (Tokyo)"},
    {"", ""},
};

static void sentences_are_told_in_japanese(void **state) {
    (void)state;
    char memory[SURVEY_PHRASE_BYTES];
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        str en = str_from_c(rows[i].en);
        str ja = survey_phrase(en, STR("ja"), memory, sizeof memory);
        if (!str_equal(ja, str_from_c(rows[i].ja)))
            fail_msg("\"%s\": expected \"%s\", found \"%.*s\"", rows[i].en, rows[i].ja,
                     STR_FMT(ja));
        assert_true(str_equal(survey_phrase(en, STR("en"), memory, sizeof memory), en));
    }
    char small[8]; /* what there is no room for stays as it is */
    assert_str(survey_phrase(STR("announced by nobody"), STR("ja"), small, sizeof small),
               STR("announced by nobody"));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(sentences_are_told_in_japanese)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
