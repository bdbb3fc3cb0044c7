/* A place by its landmarks, and landmarks by each other. */
#include "locproof/locproof.h"
#include "tests/test.h"

static const struct geo_point sendai = {38.26874, 140.87218}, osaka = {34.6863, 135.52},
                              tokyo = {35.68956, 139.69172}, naha = {26.2124, 127.6809};

static struct locproof_report within(int64_t min_ns, int64_t p95_ns) {
    return (struct locproof_report){.figures = {.verdict = LOCPROOF_WITHIN,
                                                .pieces = 32,
                                                .min_ns = min_ns,
                                                .median_ns = min_ns,
                                                .p95_ns = p95_ns}};
}

static struct locproof_witness at(str name, struct geo_point point,
                                  const struct locproof_report *report) {
    return (struct locproof_witness){
        .name = name, .place = {.at = point}, .foreign_km = -1, .home_km = -1, .report = report};
}

static void nearness_is_a_distance_from_the_landmark(void **state) {
    static const struct {
        const char *name;
        int64_t p95_ns;
        double km;
    } rows[] = {{"0.3 ms: within 100 km", 300000, 30}, {"12 ms: within 1,199 km", 12000000, 1199}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct locproof_report r = within(200000, rows[i].p95_ns);
        struct locproof_witness w = at(STR("a"), sendai, &r);
        struct locproof_standing s;
        locproof_stand(&w, 1, &sendai, &s);
        assert_row(rows[i].name, s.stands == LOCPROOF_MEASURED);
        assert_row(rows[i].name, (int)(s.bound_km + 0.5) == (int)rows[i].km);
        assert_row(rows[i].name, !s.excludes_abroad);
    }
}

static void a_bound_before_the_border_excludes_abroad(void **state) {
    struct locproof_report r = within(1000000, 2000000);
    struct locproof_witness w = at(STR("fukuoka"), sendai, &r);
    struct locproof_standing s;
    w.foreign_km = 214; /* Fukuoka to Busan: 2.14 ms */
    locproof_stand(&w, 1, NULL, &s);
    assert_true(s.excludes_abroad);
    r.figures.p95_ns = 2200000;
    locproof_stand(&w, 1, NULL, &s);
    assert_true(s.stands == LOCPROOF_MEASURED && !s.excludes_abroad);
}

/* From so near that the declared country is out of reach: whatever the row says of the point. */
static void a_country_without_land_there_is_contradicted(void **state) {
    struct locproof_report r = within(1000000, 2000000);
    struct locproof_witness w = at(STR("busan"), sendai, &r);
    struct locproof_standing s;
    w.home_km = 120;
    locproof_stand(&w, 1, NULL, &s);
    assert_int_equal(s.stands, LOCPROOF_CONTRADICTED);
    assert_non_null(strstr(s.why, "within 100 km"));
    w.home_km = 99;
    locproof_stand(&w, 1, NULL, &s);
    assert_int_equal(s.stands, LOCPROOF_MEASURED);
}

/* Three agree, two of one operator, one of nobody known; two cosigned, one of them dropped by nobody. */
static void those_that_agree_are_counted(void **state) {
    struct locproof_report least = within(200000, 300000), wide = within(200000, 400000);
    struct locproof_standing s;
    least.peers[0] = (struct locproof_peer){.name = STR("b"),
                                            .place = {sendai, 0},
                                            .rtt_ns = 100000,
                                            .cosigned = {.is_there = true, .rtt_ns = 100000}};
    least.peers[1] =
        (struct locproof_peer){.name = STR("c"), .place = {sendai, 0}, .rtt_ns = 100000};
    least.peers[2] = (struct locproof_peer){.name = STR("stranger"),
                                            .place = {sendai, 0},
                                            .rtt_ns = 100000,
                                            .cosigned = {.is_there = true, .rtt_ns = 100000}};
    least.peer_count = 3;
    struct locproof_witness all[] = {at(STR("a"), sendai, &least), at(STR("b"), sendai, &wide),
                                     at(STR("c"), sendai, &wide), at(STR("d"), sendai, NULL)};
    all[0].run_by = all[1].run_by = STR("op-1");
    locproof_stand(all, 4, &sendai, &s);
    assert_true(s.stands == LOCPROOF_MEASURED && s.by == 0);
    assert_int_equal(s.landmarks, 3);
    assert_int_equal(s.operators, 1); /* c's may be the same */
    assert_int_equal(s.cosigned, 1);  /* of a stranger the register says nothing */
    all[2].run_by = STR("op-2");
    locproof_stand(all, 4, &sendai, &s);
    assert_int_equal(s.operators, 2);
    all[0].run_by = all[1].run_by = all[2].run_by = STR_EMPTY;
    locproof_stand(all, 4, &sendai, &s);
    assert_int_equal(s.operators, 1);
}

/* What peers cosign is a timing too: it drops who names no peer's, and so could not be judged. */
static void a_cosigned_time_is_held_against_the_places(void **state) {
    struct locproof_report r = within(200000, 300000);
    struct locproof_standing s;
    for (size_t i = 0; i < 2; i++)
        r.peers[i] = (struct locproof_peer){.name = i == 0 ? STR("b") : STR("c"),
                                            .place = {sendai, 0},
                                            .rtt_ns = 30000000, /* as it says itself */
                                            .cosigned = {.is_there = true, .rtt_ns = 500000}};
    r.peer_count = 2;
    struct locproof_witness all[] = {at(STR("liar"), naha, &r), at(STR("b"), sendai, NULL),
                                     at(STR("c"), sendai, NULL)};
    locproof_stand(all, 3, NULL, &s);
    assert_true(s.dropped[0] && !s.dropped[1] && !s.dropped[2]);
    assert_int_equal(s.stands, LOCPROOF_UNMEASURED);
}

static void no_report_measures_nothing(void **state) {
    struct locproof_report r = within(-1, -1), everywhere = within(1000000, 210000000);
    struct locproof_witness w = at(STR("a"), sendai, NULL);
    struct locproof_standing s;
    locproof_stand(&w, 1, &sendai, &s);
    assert_int_equal(s.stands, LOCPROOF_UNMEASURED);
    r.figures.verdict = LOCPROOF_INCONCLUSIVE;
    w.report = &r;
    locproof_stand(&w, 1, &sendai, &s);
    assert_int_equal(s.stands, LOCPROOF_UNMEASURED);
    w.report = &everywhere; /* half round the earth and more */
    locproof_stand(&w, 1, &sendai, &s);
    assert_int_equal(s.stands, LOCPROOF_UNMEASURED);
}

static void what_cannot_be_contradicts(void **state) {
    struct locproof_report fast = within(300000, 400000), slow = within(30000000, 31000000),
                           failed = within(300000, 400000);
    struct locproof_standing s;
    failed.figures.verdict = LOCPROOF_FAILED;
    snprintf(failed.figures.why, sizeof failed.figures.why, "draw 3");
    struct locproof_witness nearer = at(STR("osaka"), osaka, &fast);
    locproof_stand(&nearer, 1, &sendai, &s); /* 0.3 ms from Osaka is not Sendai */
    assert_int_equal(s.stands, LOCPROOF_CONTRADICTED);
    assert_true(strstr(s.why, "osaka") != NULL && strstr(s.why_ja, "osaka") != NULL);
    struct locproof_witness two[] = {at(STR("osaka"), osaka, &fast),
                                     at(STR("sendai"), sendai, &fast)};
    locproof_stand(two, 2, NULL, &s);
    assert_int_equal(s.stands, LOCPROOF_CONTRADICTED);
    struct locproof_witness mixed[] = {at(STR("sendai"), sendai, &fast),
                                       at(STR("naha"), naha, &slow)};
    locproof_stand(mixed, 2, &sendai, &s); /* slow contradicts nothing; the least bound counts */
    assert_true(s.stands == LOCPROOF_MEASURED && s.by == 0);
    mixed[1].report = &failed;
    locproof_stand(mixed, 2, &sendai, &s); /* one false answer outweighs a fast one */
    assert_true(s.stands == LOCPROOF_CONTRADICTED && s.by == 1);
}

static int64_t ns_between(struct geo_point a, struct geo_point b) {
    return geo_bound_ns(geo_distance_km(a, b)) * 3 / 2; /* fibre is never straight */
}

/* Each times each; `liar` stands at Sendai and claims another place. */
static void one_liar_is_dropped_alone(void **state) {
    struct geo_point true_at[] = {tokyo, osaka, naha, sendai};
    enum { LIAR = 3 };
    struct locproof_place places[] = {{tokyo, 0}, {osaka, 0}, {naha, 0}, {{43.0643, 141.3468}, 0}};
    struct locproof_timing timings[16];
    bool dropped[4], disputed;
    size_t count = 0;
    places[LIAR].at = (struct geo_point){26.3, 127.8}; /* says Okinawa */
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 4; j++)
            if (i != j)
                timings[count++] =
                    (struct locproof_timing){i, j, ns_between(true_at[i], true_at[j])};
    locproof_drop(places, 4, timings, count, dropped, &disputed);
    assert_true(dropped[LIAR] && !dropped[0] && !dropped[1] && !dropped[2]);
    places[LIAR].at = sendai;
    locproof_drop(places, 4, timings, count, dropped, &disputed);
    assert_true(!dropped[LIAR] && !dropped[0] && !disputed);
}

static void two_alone_dispute(void **state) {
    struct locproof_place places[] = {{tokyo, 0}, {osaka, 0}};
    struct locproof_timing timings[] = {{0, 1, 1000000}}; /* 395 km need 3.95 ms */
    bool dropped[2], disputed;
    locproof_drop(places, 2, timings, 1, dropped, &disputed);
    assert_true(!dropped[0] && !dropped[1] && disputed);
    timings[0].rtt_ns = 4200000;
    locproof_drop(places, 2, timings, 1, dropped, &disputed);
    assert_false(disputed);
    places[1].error_m = 400000; /* knows its place too badly to be caught */
    timings[0].rtt_ns = 1000000;
    locproof_drop(places, 2, timings, 1, dropped, &disputed);
    assert_false(disputed);
}

/* What a dropped landmark says of a store counts neither for nor against it. */
static void the_word_of_a_dropped_one_does_not_count(void **state) {
    struct locproof_report honest = within(300000, 400000), lying = within(300000, 400000);
    struct locproof_standing s;
    lying.figures.verdict = LOCPROOF_FAILED;
    honest.peers[0] =
        (struct locproof_peer){.name = STR("liar"), .place = {naha, 0}, .rtt_ns = 500000};
    honest.peers[1] =
        (struct locproof_peer){.name = STR("other"), .place = {sendai, 0}, .rtt_ns = 100000};
    honest.peer_count = 2;
    lying.peers[0] =
        (struct locproof_peer){.name = STR("other"), .place = {sendai, 0}, .rtt_ns = 600000};
    lying.peer_count = 1;
    struct locproof_witness all[] = {at(STR("honest"), sendai, &honest),
                                     at(STR("liar"), naha, &lying), at(STR("other"), sendai, NULL)};
    locproof_stand(all, 3, &sendai, &s);
    assert_true(s.dropped[1] && !s.dropped[0] && !s.dropped[2]);
    assert_true(s.stands == LOCPROOF_MEASURED && s.by == 0);
}

static void nothing_is_measured_while_two_dispute(void **state) {
    struct locproof_report r = within(300000, 400000);
    struct locproof_standing s;
    r.peers[0] = (struct locproof_peer){.name = STR("far"), .place = {naha, 0}, .rtt_ns = 500000};
    r.peer_count = 1;
    struct locproof_witness both[] = {at(STR("near"), sendai, &r), at(STR("far"), naha, NULL)};
    locproof_stand(both, 2, &sendai, &s);
    assert_true(s.disputed && s.stands == LOCPROOF_UNMEASURED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nearness_is_a_distance_from_the_landmark),
        cmocka_unit_test(a_bound_before_the_border_excludes_abroad),
        cmocka_unit_test(a_country_without_land_there_is_contradicted),
        cmocka_unit_test(those_that_agree_are_counted),
        cmocka_unit_test(a_cosigned_time_is_held_against_the_places),
        cmocka_unit_test(no_report_measures_nothing),
        cmocka_unit_test(what_cannot_be_contradicts),
        cmocka_unit_test(one_liar_is_dropped_alone),
        cmocka_unit_test(two_alone_dispute),
        cmocka_unit_test(nothing_is_measured_while_two_dispute),
        cmocka_unit_test(the_word_of_a_dropped_one_does_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
