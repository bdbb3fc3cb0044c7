/* Codes of grid squares: known points, the squares of the 47 capitals, and back. */
#include <math.h>

#include "geo/geo.h"
#include "tests/test.h"

static const struct {
    double lat, lon;
    const char *code;
} known[] = {
    {43.064359, 141.347449, "6441427742"},   /* 札幌市 */
    {40.824294, 140.740054, "6140158933"},   /* 青森市 */
    {39.70353, 141.152667, "5941414213"},    /* 盛岡市 */
    {38.268737, 140.872183, "5740362922"},   /* 仙台市 */
    {39.718175, 140.103356, "5940406812"},   /* 秋田市 */
    {38.240127, 140.362533, "5740228933"},   /* 山形市 */
    {37.750146, 140.466754, "5640530712"},   /* 福島市 */
    {36.341817, 140.446796, "5440431521"},   /* 水戸市 */
    {36.56575, 139.883526, "5439677043"},    /* 宇都宮市 */
    {36.391205, 139.060917, "5439406444"},   /* 前橋市 */
    {35.857771, 139.647804, "5339652144"},   /* さいたま市 */
    {35.604563, 140.123179, "5340302942"},   /* 千葉市 */
    {35.689185, 139.691648, "5339452532"},   /* 東京都庁 */
    {35.447505, 139.642347, "5339153132"},   /* 横浜市 */
    {37.901699, 139.022728, "5639608122"},   /* 新潟市 */
    {36.695274, 137.211302, "5537013624"},   /* 富山市 */
    {36.594729, 136.62555, "5436751013"},    /* 金沢市 */
    {36.06522, 136.221641, "5436017743"},    /* 福井市 */
    {35.665102, 138.568985, "5338349543"},   /* 甲府市 */
    {36.651282, 138.180972, "5438718412"},   /* 長野市 */
    {35.39116, 136.722204, "5336056744"},    /* 岐阜市 */
    {34.976987, 138.383057, "5238337021"},   /* 静岡市 */
    {35.180247, 136.906698, "5236671241"},   /* 名古屋市 */
    {34.730547, 136.50861, "5236047041"},    /* 津市 */
    {35.004532, 135.868588, "5235460932"},   /* 大津市 */
    {35.0209962, 135.7531135, "5235462031"}, /* 京都市 */
    {34.686492, 135.518992, "5235042123"},   /* 大阪市 */
    {34.69128, 135.183087, "5235012443"},    /* 神戸市 */
    {34.685296, 135.832745, "5235062621"},   /* 奈良市 */
    {34.224806, 135.16795, "5135216334"},    /* 和歌山市 */
    {35.503463, 134.238258, "5334210913"},   /* 鳥取市 */
    {35.472248, 133.05083, "5333106431"},    /* 松江市 */
    {34.66132, 133.934414, "5133779424"},    /* 岡山市 */
    {34.396033, 132.459595, "5132437642"},   /* 広島市 */
    {34.185648, 131.470755, "5131232723"},   /* 山口市 */
    {34.065732, 134.559293, "5134047443"},   /* 徳島市 */
    {34.34014, 134.04297, "5134400334"},     /* 高松市 */
    {33.841649, 132.76585, "5032660134"},    /* 松山市 */
    {33.55969, 133.530887, "5033247212"},    /* 高知市 */
    {33.606767, 130.418228, "5030332334"},   /* 福岡市 */
    {33.249367, 130.298822, "4930629344"},   /* 佐賀市 */
    {32.744542, 129.873037, "4929069924"},   /* 長崎市 */
    {32.790385, 130.742345, "4930154934"},   /* 熊本市 */
    {33.2382, 131.612674, "4931648931"},     /* 大分市 */
    {31.91109, 131.423855, "4731639324"},    /* 宮崎市 */
    {31.560219, 130.557906, "4730247421"},   /* 鹿児島市 */
    {26.211538, 127.681115, "3927255414"},   /* 那覇市 */
    {0, 100, "0000000011"},
};

static void known_points_have_their_codes(void **state) {
    char code[GEO_MESH_DIGITS + 1];
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        struct geo_point point = {known[i].lat, known[i].lon};
        assert_true(geo_mesh_write(point, GEO_MESH_250M, code));
        assert_string_equal(code, known[i].code);
        assert_true(geo_mesh_write(point, GEO_MESH_1KM, code));
        assert_int_equal(strlen(code), 8);
        assert_memory_equal(code, known[i].code, 8);
    }
    static const struct geo_point none[] = {{-0.1, 139}, {35, 99.9}, {67, 139}, {35, 180}};
    for (size_t i = 0; i < COUNT_OF(none); i++)
        assert_false(geo_mesh_write(none[i], GEO_MESH_1KM, code));
}

static void a_code_gives_the_square_that_holds_the_point(void **state) {
    struct random_seeded r;
    random_seed(&r, 47);
    static const enum geo_mesh meshes[] = {GEO_MESH_80KM, GEO_MESH_10KM, GEO_MESH_1KM,
                                           GEO_MESH_500M, GEO_MESH_250M};
    for (int i = 0; i < 20000; i++) {
        struct geo_point point = {20 + (double)random_below(&r, 26000000) / 1e6,
                                  122 + (double)random_below(&r, 32000000) / 1e6},
                         corner;
        char code[GEO_MESH_DIGITS + 1];
        double lat, lon;
        assert_true(geo_mesh_write(point, meshes[i % 5], code));
        assert_true(geo_mesh_read(str_from_c(code), &corner, &lat, &lon));
        assert_true(point.lat_deg >= corner.lat_deg - 1e-9 &&
                    point.lat_deg < corner.lat_deg + lat + 1e-9);
        assert_true(point.lon_deg >= corner.lon_deg - 1e-9 &&
                    point.lon_deg < corner.lon_deg + lon + 1e-9);
    }
}

static void what_is_no_code_is_none(void **state) {
    static const char *const none[] = {"",          "5",          "533",      "53394",
                                       "5339452",   "53395a25",   "53398525", "533945250",
                                       "533945255", "53394525111"};
    struct geo_point corner;
    double lat, lon;
    for (size_t i = 0; i < COUNT_OF(none); i++)
        assert_row(none[i], !geo_mesh_read(str_from_c(none[i]), &corner, &lat, &lon));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_points_have_their_codes),
        cmocka_unit_test(a_code_gives_the_square_that_holds_the_point),
        cmocka_unit_test(what_is_no_code_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
