/* What a store keeps of peers' words on a report: those that the keys of its site's row made, no others. */
#include "gate/location/location.h"
#include "tests/test.h"

static struct tlog_signer signer_of(const char *name, unsigned char byte) {
    struct secret seed = {{byte}};
    struct tlog_signer signer;
    struct error e;
    assert_ok(tlog_signer_make(str_from_c(name), TLOG_KEY_ED25519, &seed, &signer, &e), &e);
    return signer;
}

static void cosign(struct locproof_report *r, size_t which, const struct tlog_signer *by) {
    char text_memory[LOCPROOF_TEXT_BYTES], note_memory[LOCPROOF_TEXT_BYTES];
    struct text text = text_into(text_memory, sizeof text_memory),
                note = text_into(note_memory, sizeof note_memory);
    struct locproof_seen seen = {.name = r->peers[which].name,
                                 .place = r->peers[which].place,
                                 .of = r->name,
                                 .of_place = r->place,
                                 .rtt_ns = 100000,
                                 .transcript = r->transcript};
    struct error e;
    assert_ok(locproof_seen_write(&seen, &text, &e), &e);
    text_add(&note, text_str(&text));
    text_add_char(&note, '\n');
    assert_ok(tlog_note_sign(&note, text_str(&text), by, 0, &e), &e);
    assert_ok(
        locproof_cosigned_take(r, which, text_str(&note), &by->vkey, &r->peers[which].cosigned, &e),
        &e);
}

static void only_words_of_the_row_s_keys_are_kept(void **state) {
    struct tlog_signer kobe = signer_of("kobe.test", 1), forger = signer_of("kobe.test", 2),
                       stranger = signer_of("nara.test", 3);
    struct gate_landmarks landmarks = {
        .at = {{.name = STR("osaka.test")},
               {.name = STR("kobe.test"), .has_key = true, .key = kobe.vkey}},
        .count = 2};
    struct locproof_report sound = {.name = STR("osaka.test"),
                                    .peers = {{.name = STR("kobe.test")},
                                              {.name = STR("nara.test")},
                                              {.name = STR("kyoto.test")}},
                                    .peer_count = 3};
    unsigned bad;
    cosign(&sound, 0, &kobe);
    cosign(&sound, 1, &stranger);
    struct locproof_report r = sound;
    gate_cosigned_hold(&landmarks, &r, &bad);
    assert_true(r.peers[0].cosigned.is_there && bad == 0);
    assert_false(r.peers[1].cosigned.is_there); /* nobody here knows it: no word, and no lie */
    assert_false(r.peers[2].cosigned.is_there);
    r = sound;
    r.peers[0].cosigned.rtt_ns--; /* nearer than kobe said */
    gate_cosigned_hold(&landmarks, &r, &bad);
    assert_true(!r.peers[0].cosigned.is_there && bad == 1);
    r = sound;
    cosign(&r, 0, &forger);
    gate_cosigned_hold(&landmarks, &r, &bad);
    assert_true(!r.peers[0].cosigned.is_there && bad == 1);
    landmarks.at[1].has_key = false; /* the row names it without a key */
    r = sound;
    gate_cosigned_hold(&landmarks, &r, &bad);
    assert_true(!r.peers[0].cosigned.is_there && bad == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_words_of_the_row_s_keys_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
