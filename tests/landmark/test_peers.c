/* Landmarks time each other over loopback: who signs what it answered is believed, nobody else. */
#include "landmark/landmark.h"
#include "tests/test.h"

static struct tlog_signer signer_of(const char *name, unsigned char seed_byte) {
    struct secret seed = {{seed_byte}};
    struct tlog_signer signer;
    struct error e;
    assert_ok(tlog_signer_make(str_from_c(name), TLOG_KEY_ED25519, &seed, &signer, &e), &e);
    return signer;
}

static struct landmark_server *server_of(const struct tlog_signer *signer, double lat) {
    struct landmark_server_options options = {
        .signer = signer, .place = {{lat, 140}, 0}, .every_ns = NS_PER_S};
    struct landmark_server *server;
    struct error e;
    assert_ok(net_address_read(STR("127.0.0.1:0"), &options.address, &e), &e);
    assert_ok(landmark_server_open(&options, &server, &e), &e);
    return server;
}

static void who_answers_is_timed(void **state) {
    struct tlog_signer signer = signer_of("a.test", 1);
    struct landmark_server *server = server_of(&signer, 38);
    struct landmark_peer peer = {signer.vkey, landmark_server_address(server)};
    struct landmark_timed timed;
    landmark_time(&peer, &timed);
    assert_true(timed.answered);
    assert_true(timed.rtt_ns > 0 && timed.rtt_ns < NS_PER_S);
    assert_str(timed.said.name, STR("a.test"));
    assert_true(timed.said.place.at.lat_deg == 38);
    landmark_server_close(server);
}

static void another_key_is_not_believed(void **state) {
    struct tlog_signer signer = signer_of("a.test", 1), other = signer_of("a.test", 2);
    struct landmark_server *server = server_of(&signer, 38);
    struct landmark_peer peer = {other.vkey, landmark_server_address(server)};
    struct landmark_timed timed;
    landmark_time(&peer, &timed);
    assert_false(timed.answered);
    assert_true(timed.problem[0] != 0);
    landmark_server_close(server);
}

static void nobody_there_is_said(void **state) {
    struct tlog_signer signer = signer_of("a.test", 1);
    struct landmark_server *server = server_of(&signer, 38);
    struct landmark_peer peer = {signer.vkey, landmark_server_address(server)};
    struct landmark_timed timed;
    landmark_server_close(server);
    landmark_time(&peer, &timed);
    assert_false(timed.answered);
    assert_string_equal(timed.problem, "no answer");
}

/* Three in one room, of which one claims to be far away. */
static void who_cannot_be_there_is_dropped(void **state) {
    struct tlog_signer signers[] = {signer_of("a.test", 1), signer_of("b.test", 2)};
    struct landmark_server *servers[2];
    static struct landmark_timed timed[2];
    struct locproof_place own = {{20, 140}, 0}; /* 2,000 km south of the others */
    bool dropped[LOCPROOF_PEERS_MAX + 1], disputed;
    for (size_t i = 0; i < 2; i++) {
        servers[i] = server_of(&signers[i], 38);
        struct landmark_peer peer = {signers[i].vkey, landmark_server_address(servers[i])};
        landmark_time(&peer, &timed[i]);
        assert_true(timed[i].answered);
    }
    landmark_judge(&own, STR("liar.test"), timed, 2, dropped, &disputed);
    assert_true(dropped[0] && !dropped[1] && !dropped[2]);
    own.at.lat_deg = 38;
    landmark_judge(&own, STR("honest.test"), timed, 2, dropped, &disputed);
    assert_true(!dropped[0] && !dropped[1] && !dropped[2] && !disputed);
    for (size_t i = 0; i < 2; i++) landmark_server_close(servers[i]);
}

static void peers_are_written_with_key_and_address(void **state) {
    struct tlog_signer signer = signer_of("a@b.test", 1);
    char vkey[TLOG_VKEY_TEXT_BYTES], text[sizeof vkey + 32];
    struct landmark_peer peer;
    struct error e;
    int len = snprintf(text, sizeof text, "%.*s@127.0.0.1:9",
                       (int)tlog_vkey_write(&signer.vkey, vkey), vkey);
    assert_ok(landmark_peer_read(str_of(text, (size_t)len), &peer, &e), &e);
    assert_true(tlog_vkey_equal(&peer.key, &signer.vkey));
    assert_int_equal(landmark_peer_read(STR("127.0.0.1:9"), &peer, &e), FAIL_USAGE);
    assert_int_equal(landmark_peer_read(STR("x@127.0.0.1:9"), &peer, &e), FAIL_SYNTAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_answers_is_timed),
        cmocka_unit_test(another_key_is_not_believed),
        cmocka_unit_test(nobody_there_is_said),
        cmocka_unit_test(who_cannot_be_there_is_dropped),
        cmocka_unit_test(peers_are_written_with_key_and_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
