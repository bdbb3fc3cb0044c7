/* A transcript judged: a small log of entries, a store that answers well, and each way not to. */
#include "evidence/evidence.h"
#include "locproof/locproof.h"
#include "tests/test.h"

enum { ENTRIES = 6, PIECES = 5, PARTS = 3, ROUNDS = 48 };

static struct {
    char entry_bytes[ENTRIES][LIMIT_ENTRY_BYTES];
    str entries[ENTRIES];
    digest leaves[ENTRIES];
    digest pieces[PIECES], part_roots[PARTS], part_leaves[PARTS], parts[PARTS][2];
    struct tlog_signer signer;
    char vkey[TLOG_VKEY_TEXT_BYTES], note[1024], transcript[1 << 18];
    char shown[ROUNDS][LOCPROOF_SHOWN_BYTES];
    struct locproof_round rounds[ROUNDS];
    struct locproof_transcript t;
    unsigned char memory[1 << 20];
} w;

/* 0: a start; 1 and 4: a put of five pieces; 2: an empty put; 3: an upload of three parts of two
 * pieces; 5: a put whose version is gone. */
static void entry_make(unsigned i) {
    static const enum evidence_type types[ENTRIES] = {EVIDENCE_START, EVIDENCE_PUT,
                                                      EVIDENCE_PUT,   EVIDENCE_UPLOAD_COMPLETE,
                                                      EVIDENCE_PUT,   EVIDENCE_PUT};
    struct evidence_entry entry = {.type = types[i], .minute = 29000000 + i};
    struct error e;
    entry.stored_root = i == 2   ? tlog_empty_root()
                        : i == 3 ? tlog_root_of(w.part_leaves, PARTS)
                                 : tlog_root_of(w.pieces, PIECES);
    assert_ok(evidence_entry_encode(&entry, w.entry_bytes[i], LIMIT_ENTRY_BYTES, &w.entries[i], &e),
              &e);
    w.leaves[i] = tlog_leaf_hash(w.entries[i]);
}

static void answer_make(size_t number, const struct locproof_draw *draw) {
    struct locproof_shown shown = {.entry = w.entries[draw->entry]};
    struct locproof_round *r = &w.rounds[number];
    struct error e;
    *r = (struct locproof_round){
        .outcome = LOCPROOF_ANSWERED, .rtt_ns = 300000 + (int64_t)number, .service_us = 80};
    tlog_path_of(w.leaves, ENTRIES, draw->entry, &shown.entry_path);
    if (draw->entry == 0 || draw->entry == 2) {
        r->answer.why = LOCPROOF_NO_BODY;
    } else if (draw->entry == 5) {
        r->answer.why = LOCPROOF_GONE;
    } else if (draw->entry == 3) {
        size_t part = (size_t)locproof_leaf_of(draw->list_bits, PARTS);
        size_t piece = (size_t)locproof_leaf_of(draw->piece_bits, 2);
        r->answer = (struct locproof_answer){.has_piece = true, .leaf = w.parts[part][piece]};
        shown.has_piece = shown.has_part = true;
        shown.part_root = w.part_roots[part];
        tlog_path_of(w.part_leaves, PARTS, part, &shown.part_path);
        tlog_path_of(w.parts[part], 2, piece, &shown.piece_path);
    } else {
        size_t piece = (size_t)locproof_leaf_of(draw->piece_bits, PIECES);
        r->answer = (struct locproof_answer){.has_piece = true, .leaf = w.pieces[piece]};
        shown.has_piece = true;
        tlog_path_of(w.pieces, PIECES, piece, &shown.piece_path);
    }
    assert_ok(locproof_shown_write(&shown, w.shown[number], LOCPROOF_SHOWN_BYTES, &r->shown, &e),
              &e);
}

static int setup(void **state) {
    struct secret seed = {{3}};
    struct error e;
    for (unsigned i = 0; i < PIECES; i++) w.pieces[i] = tlog_leaf_hash(str_of(&"pieces"[i], 1));
    for (unsigned i = 0; i < PARTS; i++) {
        for (unsigned k = 0; k < 2; k++)
            w.parts[i][k] = tlog_leaf_hash(str_of(&"abcdef"[2 * i + k], 1));
        w.part_roots[i] = tlog_root_of(w.parts[i], 2);
        w.part_leaves[i] = tlog_leaf_hash(digest_str(&w.part_roots[i]));
    }
    for (unsigned i = 0; i < ENTRIES; i++) entry_make(i);
    assert_ok(tlog_signer_make(STR("log.test"), TLOG_KEY_ED25519, &seed, &w.signer, &e), &e);
    struct tlog_checkpoint checkpoint = {
        .origin = STR("log.test"), .size = ENTRIES, .root = tlog_root_of(w.leaves, ENTRIES)};
    struct text note = text_into(w.note, sizeof w.note);
    assert_ok(tlog_checkpoint_sign(&note, &checkpoint, &w.signer, &e), &e);
    w.t = (struct locproof_transcript){.name = STR("osaka.test"),
                                       .site = STR("sendai"),
                                       .ledger =
                                           str_of(w.vkey, tlog_vkey_write(&w.signer.vkey, w.vkey)),
                                       .checkpoint = text_str(&note),
                                       .begun_ns = 1,
                                       .medium = LOCPROOF_SOLID,
                                       .rounds = w.rounds,
                                       .count = ROUNDS};
    memset(w.t.landmark.at, 1, sizeof w.t.landmark.at);
    memset(w.t.store.at, 2, sizeof w.t.store.at);
    return 0;
}

static void answer_all(void) {
    digest seed = locproof_seed(&w.t.landmark, &w.t.store, w.t.checkpoint);
    w.t.wanted = 0;
    for (size_t i = 0; i < ROUNDS; i++) {
        struct locproof_draw draw = locproof_draw_of(&seed, (uint32_t)i, ENTRIES);
        answer_make(i, &draw);
        w.t.wanted += w.rounds[i].answer.has_piece;
    }
}

static struct locproof_figures judged(void) {
    struct locproof_figures f;
    struct error e;
    assert_ok(locproof_transcript_check(&w.t, arena_over(w.memory, sizeof w.memory), &f, &e), &e);
    return f;
}

/* The first round with a piece, or the first of parts, of no body, gone. */
static struct locproof_round *round_of(uint64_t entry) {
    digest seed = locproof_seed(&w.t.landmark, &w.t.store, w.t.checkpoint);
    for (size_t i = 0; i < ROUNDS; i++)
        if (locproof_draw_of(&seed, (uint32_t)i, ENTRIES).entry == entry) return &w.rounds[i];
    fail_msg("no draw of entry %u", (unsigned)entry);
    return NULL;
}

static void right_answers_bound(void **state) {
    answer_all();
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
    answer_all();
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
    answer_all();
    round_of(1)->answer.leaf.at[5] ^= 1; /* other bytes */
    f = judged();
    assert_true(f.verdict == LOCPROOF_FAILED && f.bad == 1 && strstr(f.why, "not what") != NULL);

    answer_all();
    round_of(3)->answer.leaf = w.part_leaves[0]; /* the list of parts in place of a part's bytes */
    assert_int_equal(judged().verdict, LOCPROOF_FAILED);

    answer_all();
    round_of(1)->answer = (struct locproof_answer){.why = LOCPROOF_NO_BODY}; /* it has one */
    assert_int_equal(judged().verdict, LOCPROOF_FAILED);

    answer_all();
    round_of(0)->answer.why = LOCPROOF_GONE; /* it never had one */
    assert_int_equal(judged().verdict, LOCPROOF_FAILED);

    answer_all();
    *round_of(1) = (struct locproof_round){.answer = {.why = LOCPROOF_UNREADABLE}};
    f = judged();
    assert_true(f.verdict == LOCPROOF_FAILED && strstr(f.why, "cannot read") != NULL);

    answer_all();
    round_of(1)->shown = STR_EMPTY; /* it does not show it */
    assert_int_equal(judged().verdict, LOCPROOF_FAILED);

    answer_all();
    struct locproof_round swapped = *round_of(1);
    *round_of(1) = *round_of(4);
    *round_of(4) = swapped; /* a right answer to another question */
    assert_int_equal(judged().verdict, LOCPROOF_FAILED);
}

static void what_is_lost_counts_as_slow(void **state) {
    unsigned lost = 0;
    answer_all();
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
    answer_all();
    w.t.wanted += 5; /* fewer than were asked for */
    assert_int_equal(judged().verdict, LOCPROOF_INCONCLUSIVE);
}

static void another_ledger_s_checkpoint_is_refused(void **state) {
    struct secret seed = {{4}};
    struct tlog_signer other;
    char vkey[TLOG_VKEY_TEXT_BYTES];
    struct locproof_figures f;
    struct error e;
    answer_all();
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
    return cmocka_run_group_tests(tests, setup, NULL);
}
