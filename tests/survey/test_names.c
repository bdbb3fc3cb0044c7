/* What names tell, as a table: endings, regions within them, codes of airports and cities. */
#include "survey/names.h"
#include "survey/world.h"
#include "tests/test.h"

static struct survey_world *world;

static int make(void **state) {
    struct survey_options options = {.home = STR("JP")};
    struct error e;
    assert_ok(survey_world_open(&options, &world, &e), &e);
    return 0;
}
static int forget(void **state) {
    survey_world_close(world);
    return 0;
}

static const struct {
    const char *name, *ending, *region,
        *codes; /* codes: countries in the order heard, small if weak */
} cases[] = {
    {"ec2-3-112-23-4.ap-northeast-1.compute.amazonaws.com", "amazonaws.com", "ap-northeast-1", ""},
    {"ip-10-0-0-1.ap-northeast-3.compute.internal", "compute.internal", "ap-northeast-3", ""},
    {"s3-ap-northeast-1.amazonaws.com", "amazonaws.com", "ap-northeast-1", ""},
    {"records.s3.eu-west-1.amazonaws.com", "amazonaws.com", "eu-west-1", ""},
    {"ap-northeast-1.backup.s3.us-west-2.amazonaws.com", "amazonaws.com", "us-west-2", ""},
    {"s3.amazonaws.com", "amazonaws.com", "", ""},
    {"shop.japaneast.cloudapp.azure.com", "cloudapp.azure.com", "japaneast", ""},
    {"asia-northeast1-docker.pkg.dev", "pkg.dev", "asia-northeast1", ""},
    {"ASIA-NORTHEAST1-x.CloudFunctions.net.", "cloudfunctions.net", "asia-northeast1", ""},
    {"d111.cloudfront.net", "cloudfront.net", "", ""},
    {"nrt1.cloudfront.net", "cloudfront.net", "", ""}, /* a distributor's name gives no hint */
    {"notcloudfront.net", "", "", ""},
    {"shop.trafficmanager.net", "trafficmanager.net", "", ""},
    {"nrt1-core.example.net", "", "", "JP"},
    {"nrt-core.example.net", "", "", "jp"}, /* without a number a code hints at less */
    {"ash1.example.net", "", "", ""},       /* Nashua or Ashburn: not in the list */
    {"fra1.example.net", "", "", "de"},     /* also a name for Francesca's machine */
    {"tokyo.dc.example.co.jp", "", "", "JP"},
    {"tokyo-gas.co.jp", "", "", ""}, /* the company is called so */
    {"www.tokyo.jp", "", "", ""},
    {"lon2-nrt1.example.net", "", "", "gbjp"}, /* two places: neither is clear */
    {"osaka", "", "", ""},
    {"", "", "", ""},
    {"...", "", "", ""},
};

static void names_tell_what_the_table_says(void **state) {
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct survey_name_said heard;
        char codes[16] = "";
        survey_name_hear(&world->names, str_from_c(cases[i].name), &heard);
        str ending = heard.ending != NULL ? heard.ending->ending : STR_EMPTY;
        str region = heard.region != NULL ? heard.region->code : STR_EMPTY;
        for (size_t k = 0; k < heard.code_count; k++) {
            const struct survey_code_row *code = heard.codes[k];
            bool is_clear = heard.code_count == 1 && !code->is_ambiguous &&
                            (code->is_city || heard.is_numbered[k]);
            int bit = is_clear ? 0 : 0x20;
            snprintf(codes + 2 * k, 3, "%c%c", code->country.at[0] | bit,
                     code->country.at[1] | bit);
        }
        assert_row(cases[i].name, str_equal(ending, str_from_c(cases[i].ending)));
        assert_row(cases[i].name, str_equal(region, str_from_c(cases[i].region)));
        assert_row(cases[i].name, strcmp(codes, cases[i].codes) == 0);
    }
}

static void a_name_longer_than_any_is_heard_without_harm(void **state) {
    char name[5000];
    struct survey_name_said heard;
    memset(name, 'a', sizeof name);
    survey_name_hear(&world->names, str_of(name, sizeof name), &heard);
    assert_null(heard.ending);
    assert_int_equal(heard.code_count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_tell_what_the_table_says),
        cmocka_unit_test(a_name_longer_than_any_is_heard_without_harm),
    };
    return cmocka_run_group_tests(tests, make, forget);
}
