/* A transcript judged: a small log of entries, a store that answers well, and each way not to. */
#include "tests/locproof/world.h"

static struct locproof_figures judged(void) {
    struct locproof_figures f;
    struct error e;
    assert_ok(locproof_transcript_check(&w.t, arena_over(w.memory, sizeof w.memory), &f, &e), &e);
    return f;
}

static void right_answers_bound(void **state) {
    world_answer();
    struct locproof_figures f = judged();
    assert_int_equal(f.verdict, LOCPROOF_WITHIN);
    assert_int_equal(f.pieces, w.t.wanted);
    assert_int_equal(f.pieces + f.no_body + f.gone, ROUNDS);
    assert_true(f.no_body > 0 && f.gone > 0 && f.bad == 0);
    assert_true(f.min_ns >= 300000 && f.min_ns <= f.median_ns && f.median_ns <= f.p95_ns);
    assert_int_equal(f.service_ns, 80000);
}

/* Bytes a reader elsewhere must make sense of: of all that is above. */
static void the_bytes_are_as_written_down(void **state) {
    struct arena arena = arena_over(w.memory, sizeof w.memory);
    struct locproof_transcript back;
    struct locproof_figures f;
    struct error e;
    str bytes;
    char hex[2 * DIGEST_BYTES];
    world_answer();
    assert_ok(locproof_transcript_write(&w.t, w.transcript, sizeof w.transcript, &bytes, &e), &e);
    digest all = sha256_of(bytes);
    hex_write(all.at, DIGEST_BYTES, hex);
    assert_str(str_of(hex, sizeof hex),
               STR("df9e9cb2dcde77715470f4e7fd6b377ec0805a483d2d46a8c1e4cbdb31681cda"));
    assert_ok(locproof_transcript_read(bytes, &arena, &back, &e), &e);
    assert_ok(locproof_transcript_check(&back, arena, &f, &e), &e);
    assert_int_equal(f.verdict, LOCPROOF_WITHIN);
    for (size_t cut = 0; cut < bytes.len; cut += 1 + cut / 64) {
        struct arena again = arena_over(w.memory, sizeof w.memory);
        assert_int_not_equal(locproof_transcript_read(str_slice(bytes, 0, cut), &again, &back, &e),
                             OK);
    }
}

static void each_false_answer_fails(void **state) {
    struct locproof_figures f;
    world_answer();
    world_round(1)->answer.leaf.at[5] ^= 1; /* other bytes */
    f = judged();
    assert_true(f.verdict == LOCPROOF_FAILED && f.bad == 1 && strstr(f.why, "not what") != NULL);

    world_answer();
    world_round(3)->answer.leaf =
        w.part_leaves[0]; /* the list of parts in place of a part's bytes */
    assert_int_equal(judged().verdict, LOCPROOF_FAILED);

    world_answer();
    world_round(1)->answer = (struct locproof_answer){.why = LOCPROOF_NO_BODY}; /* it has one */
    assert_int_equal(judged().verdict, LOCPROOF_FAILED);

    world_answer();
    world_round(0)->answer.why = LOCPROOF_GONE; /* it never had one */
    assert_int_equal(judged().verdict, LOCPROOF_FAILED);

    world_answer();
    *world_round(1) = (struct locproof_round){.answer = {.why = LOCPROOF_UNREADABLE}};
    f = judged();
    assert_true(f.verdict == LOCPROOF_FAILED && strstr(f.why, "cannot read") != NULL);

    world_answer();
    world_round(1)->shown = STR_EMPTY; /* it does not show it */
    assert_int_equal(judged().verdict, LOCPROOF_FAILED);

    world_answer();
    struct locproof_round swapped = *world_round(1);
    *world_round(1) = *world_round(4);
    *world_round(4) = swapped; /* a right answer to another question */
    assert_int_equal(judged().verdict, LOCPROOF_FAILED);
}

static void what_is_lost_counts_as_slow(void **state) {
    unsigned lost = 0;
    world_answer();
    for (size_t i = 0; i < ROUNDS && lost < 1; i++)
        if (w.rounds[i].answer.has_piece) {
            w.rounds[i] = (struct locproof_round){.outcome = LOCPROOF_LOST};
            lost++;
        }
    assert_int_equal(judged().verdict, LOCPROOF_WITHIN); /* one of some 24: under 5 % */
    for (size_t i = 0; i < ROUNDS && lost < 4; i++)
        if (w.rounds[i].answer.has_piece) {
            w.rounds[i] = (struct locproof_round){.outcome = LOCPROOF_LOST};
            lost++;
        }
    struct locproof_figures f = judged();
    assert_true(f.verdict == LOCPROOF_INCONCLUSIVE && f.p95_ns == -1 && f.min_ns > 0);
    world_answer();
    w.t.wanted += 5; /* fewer than were asked for */
    assert_int_equal(judged().verdict, LOCPROOF_INCONCLUSIVE);
}

static void another_ledger_s_checkpoint_is_refused(void **state) {
    struct secret seed = {{4}};
    struct tlog_signer other;
    char vkey[TLOG_VKEY_TEXT_BYTES];
    struct locproof_figures f;
    struct error e;
    world_answer();
    str before = w.t.ledger;
    assert_ok(tlog_signer_make(STR("log.test"), TLOG_KEY_ED25519, &seed, &other, &e), &e);
    w.t.ledger = str_of(vkey, tlog_vkey_write(&other.vkey, vkey));
    assert_int_equal(locproof_transcript_check(&w.t, arena_over(w.memory, sizeof w.memory), &f, &e),
                     FAIL_PROOF);
    w.t.ledger = before;
}

static void percentiles_go_by_nearest_rank(void **state) {
    int64_t times[32];
    for (unsigned i = 0; i < 32; i++) times[i] = 32 - (int64_t)i;
    assert_int_equal(locproof_percentile(times, 32, 95), 31); /* one of 32 may be slow */
    assert_int_equal(locproof_percentile(times, 32, 50), 16);
    assert_int_equal(locproof_percentile(times, 1, 95), 1);
    assert_int_equal(locproof_percentile(times, 20, 95), 19);
    assert_int_equal(locproof_percentile(times, 32, 100), 32);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_answers_bound),
        cmocka_unit_test(the_bytes_are_as_written_down),
        cmocka_unit_test(each_false_answer_fails),
        cmocka_unit_test(what_is_lost_counts_as_slow),
        cmocka_unit_test(another_ledger_s_checkpoint_is_refused),
        cmocka_unit_test(percentiles_go_by_nearest_rank),
    };
    return cmocka_run_group_tests(tests, world_setup, NULL);
}
