/* A kept transcript held against keys: one that holds, and each way a landmark, a peer or somebody on the
 * way could have it say more than was shown. */
#include "tests/locproof/world.h"

#include <stdio.h>

static struct tlog_signer osaka, kobe, nara, stranger;
static char text_memory[LOCPROOF_REPORT_BYTES], note_memory[2 * LOCPROOF_REPORT_BYTES];
static unsigned char arena_memory[1 << 20];
static struct locproof_checked checked;

static void signer_make(const char *name, unsigned char byte, struct tlog_signer *out) {
    struct secret seed = {{byte}};
    struct error e;
    assert_ok(tlog_signer_make(str_from_c(name), TLOG_KEY_ED25519, &seed, out, &e), &e);
}

static int setup(void **state) {
    signer_make("osaka.test", 11, &osaka);
    signer_make("kobe.test", 12, &kobe);
    signer_make("nara.test", 13, &nara);
    signer_make("osaka.test", 14, &stranger);
    return world_setup(state);
}

static str note_sign(str text, const struct tlog_signer *signer) {
    struct text note = text_into(note_memory, sizeof note_memory);
    struct error e;
    text_add(&note, text);
    text_add_char(&note, '\n');
    assert_ok(tlog_note_sign(&note, text, signer, 0, &e), &e);
    return text_str(&note);
}

/* What peer `which` says of the report, kept in it. */
static void cosign(struct locproof_report *r, size_t which, const struct tlog_signer *signer) {
    char memory[LOCPROOF_TEXT_BYTES];
    struct text text = text_into(memory, sizeof memory);
    struct locproof_seen seen = {.name = r->peers[which].name,
                                 .place = r->peers[which].place,
                                 .of = r->name,
                                 .of_place = r->place,
                                 .rtt_ns = 700000,
                                 .transcript = r->transcript,
                                 .time_ns = r->time_ns};
    struct error e;
    assert_ok(locproof_seen_write(&seen, &text, &e), &e);
    assert_ok(locproof_cosigned_take(r, which, note_sign(text_str(&text), signer), &signer->vkey,
                                     &r->peers[which].cosigned, &e),
              &e);
}

/* The transcript as it stands, and what an honest landmark would sign of it; kobe cosigns. */
static str transcript_write(void) {
    struct error e;
    str bytes;
    assert_ok(locproof_transcript_write(&w.t, w.transcript, sizeof w.transcript, &bytes, &e), &e);
    return bytes;
}

static struct locproof_report report_of(const struct locproof_figures *figures) {
    struct locproof_report r = {
        .name = STR("osaka.test"),
        .place = {{34.6863, 135.52}, 50},
        .site = STR("sendai"),
        .origin = STR("log.test"),
        .time_ns = 1764000000 * NS_PER_S,
        .wanted = w.t.wanted,
        .medium = w.t.medium,
        .figures = *figures,
        .peers = {{.name = STR("kobe.test"), .place = {{34.69130, 135.18300}, 0}, .rtt_ns = 600000},
                  {.name = STR("nara.test"),
                   .place = {{34.68510, 135.80500}, 0},
                   .rtt_ns = 800000}},
        .peer_count = 2};
    r.transcript = sha256_of(transcript_write());
    cosign(&r, 0, &kobe);
    return r;
}

static struct locproof_figures judged(void) {
    struct locproof_figures f;
    struct error e;
    assert_ok(locproof_transcript_check(&w.t, arena_over(w.memory, sizeof w.memory), &f, &e), &e);
    return f;
}

static str report_sign(const struct locproof_report *r) {
    struct text text = text_into(text_memory, sizeof text_memory);
    struct error e;
    assert_ok(locproof_report_write(r, &text, &e), &e);
    return note_sign(text_str(&text), &osaka);
}

/* Keys of all but nara's. */
static enum error_code check(str note, str transcript, const struct tlog_vkey *ledger,
                             struct error *e) {
    const struct tlog_vkey keys[] = {kobe.vkey, osaka.vkey};
    struct locproof_kept kept = {
        .note = note, .transcript = transcript, .keys = keys, .key_count = 2, .ledger = ledger};
    struct arena arena = arena_over(arena_memory, sizeof arena_memory);
    return locproof_check(&kept, &arena, &checked, e);
}

static void what_was_shown_holds(void **state) {
    struct error e;
    world_answer();
    struct locproof_figures f = judged();
    struct locproof_report r = report_of(&f);
    cosign(&r, 1, &nara);
    assert_ok(check(report_sign(&r), transcript_write(), &w.signer.vkey, &e), &e);
    assert_int_equal(checked.figures.verdict, LOCPROOF_WITHIN);
    assert_true(checked.ledger_given && !checked.withdrawn && checked.cosigned == 1);
    assert_int_equal(checked.words[0], LOCPROOF_VOUCHED);
    assert_int_equal(checked.words[1], LOCPROOF_NO_KEY);
    r.peers[1].cosigned.is_there = false;
    assert_ok(check(report_sign(&r), transcript_write(), NULL, &e), &e);
    assert_true(!checked.ledger_given && checked.words[1] == LOCPROOF_SILENT);
    /* a failure that is told as one holds too */
    world_round(1)->answer.leaf.at[5] ^= 1;
    f = judged();
    assert_int_equal(f.verdict, LOCPROOF_FAILED);
    r = report_of(&f);
    assert_ok(check(report_sign(&r), transcript_write(), NULL, &e), &e);
    assert_int_equal(checked.figures.verdict, LOCPROOF_FAILED);
    assert_int_equal(checked.figures.bad, 1);
}

static void a_landmark_may_say_less_of_itself(void **state) {
    struct error e;
    world_answer();
    struct locproof_figures f = judged();
    struct locproof_report r = report_of(&f);
    r.figures.verdict = LOCPROOF_INCONCLUSIVE;
    snprintf(r.figures.why, sizeof r.figures.why, "%s", locproof_withdrawn);
    assert_ok(check(report_sign(&r), transcript_write(), NULL, &e), &e);
    assert_true(checked.withdrawn);
    snprintf(r.figures.why, sizeof r.figures.why, "no reason");
    assert_int_equal(check(report_sign(&r), transcript_write(), NULL, &e), FAIL_PROOF);
}

/* ---- forged by the landmark: it signs what its transcript does not give */

static void faster(struct locproof_report *r) {
    r->figures.p95_ns -= 10;
    r->figures.median_ns = r->figures.min_ns;
}
static void more_pieces(struct locproof_report *r) {
    r->figures.pieces++;
}
static void another_site(struct locproof_report *r) {
    r->site = STR("osaka");
}
static void another_ledger(struct locproof_report *r) {
    r->origin = STR("other.test");
}
static void another_root(struct locproof_report *r) {
    r->figures.ledger_root.at[0] ^= 1;
}
static void a_longer_ledger(struct locproof_report *r) {
    r->figures.ledger_size++;
}
static void another_medium(struct locproof_report *r) {
    r->medium = LOCPROOF_MEMORY;
}
static void fewer_wanted(struct locproof_report *r) {
    r->wanted--;
}
static void before_it_began(struct locproof_report *r) {
    r->time_ns = -NS_PER_S;
}
static void hides_what_is_gone(struct locproof_report *r) {
    r->figures.gone--;
    r->figures.no_body++;
}
static void a_peer_nearer(struct locproof_report *r) {
    r->peers[0].cosigned.rtt_ns -= 1000;
}
static void a_peer_elsewhere(struct locproof_report *r) {
    r->peers[0].place.at.lat_deg = 34.9;
}
static void moved_since_it_was_cosigned(struct locproof_report *r) {
    r->place.at.lat_deg = 35;
}
static void cosigned_at_another_hour(struct locproof_report *r) {
    r->peers[0].cosigned.time_ns += NS_PER_S;
}
static void a_cosignature_of_its_own(struct locproof_report *r) {
    r->peers[0].cosigned.signature[40] ^= 1;
}
static void cosigned_for_another_transcript(struct locproof_report *r) {
    digest right = r->transcript;
    r->transcript.at[0] ^= 1;
    cosign(r, 0, &kobe);
    r->transcript = right;
}
static void told_right_although_it_failed(struct locproof_report *r) {
    world_round(1)->answer.leaf.at[0] ^= 1;
    r->transcript = sha256_of(transcript_write());
}
static void steered_by_another_nonce(struct locproof_report *r) {
    w.t.landmark.at[0] ^= 1; /* until each_forged_… puts it back */
    r->transcript = sha256_of(transcript_write());
}
static void a_slow_round_left_out(struct locproof_report *r) {
    struct locproof_round first = w.rounds[0];
    memmove(w.rounds, w.rounds + 1, (ROUNDS - 1) * sizeof *w.rounds);
    w.rounds[ROUNDS - 1] = first;
    r->transcript = sha256_of(transcript_write());
}
static void asked_on_for_better_ones(struct locproof_report *r) {
    r->wanted = w.t.wanted -= 3;
    r->transcript = sha256_of(transcript_write());
}
static void times_of_another_hour(struct locproof_report *r) {
    world_round(1)->rtt_ns -= 100;
    r->transcript = sha256_of(transcript_write());
}

static void each_forged_report_is_refused_with_its_reason(void **state) {
    static const struct {
        const char *name;
        void (*spoil)(struct locproof_report *r);
        const char *reason;
    } rows[] = {
        {"faster", faster, "median (ns): the report says 300"},
        {"more pieces", more_pieces, "pieces: the report says"},
        {"another site", another_site,
         "site: the report says \"osaka\", the transcript \"sendai\""},
        {"another ledger", another_ledger, "ledger: the report says \"other.test\""},
        {"another root", another_root, "another root than the checkpoint"},
        {"a longer ledger", a_longer_ledger,
         "entries in the ledger: the report says 7, the "
         "transcript gives 6"},
        {"another medium", another_medium, "medium: the report says \"memory\""},
        {"fewer wanted", fewer_wanted, "pieces wanted: the report says"},
        {"before it began", before_it_began, "older than what it reports"},
        {"hides what is gone", hides_what_is_gone, "without a body: the report says"},
        {"a peer nearer", a_peer_nearer, "signature"},
        {"a peer elsewhere", a_peer_elsewhere, "signature"},
        {"moved since it was cosigned", moved_since_it_was_cosigned, "signature"},
        {"cosigned at another hour", cosigned_at_another_hour, "signature"},
        {"a cosignature of its own", a_cosignature_of_its_own, "signature"},
        {"cosigned for another transcript", cosigned_for_another_transcript, "signature"},
        {"told right although it failed", told_right_although_it_failed, "pieces: the report says"},
        {"steered by another nonce", steered_by_another_nonce, "pieces: the report says"},
        {"a slow round left out", a_slow_round_left_out, "pieces: the report says"},
        {"asked on for better ones", asked_on_for_better_ones, "were wanted"},
        {"times of another hour", times_of_another_hour, "the report says"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct error e = {0};
        struct locproof_nonce nonce = w.t.landmark;
        world_answer();
        struct locproof_figures f = judged();
        struct locproof_report r = report_of(&f);
        rows[i].spoil(&r);
        str transcript = transcript_write();
        enum error_code code = check(report_sign(&r), transcript, &w.signer.vkey, &e);
        w.t.landmark = nonce;
        if (code != FAIL_PROOF) fail_msg("%s: %s", rows[i].name, e.message);
        if (strstr(e.message, rows[i].reason) == NULL)
            fail_msg("%s: \"%s\", not \"%s\"", rows[i].name, e.message, rows[i].reason);
    }
}

/* ---- forged by others: without the landmark's key */

static void what_others_change_is_refused(void **state) {
    struct error e;
    char changed[sizeof note_memory];
    world_answer();
    struct locproof_figures f = judged();
    struct locproof_report r = report_of(&f);
    str transcript = transcript_write(), note = report_sign(&r);
    const struct tlog_vkey strangers[] = {stranger.vkey};
    struct locproof_kept kept = {
        .note = note, .transcript = transcript, .keys = strangers, .key_count = 1};
    struct arena arena = arena_over(arena_memory, sizeof arena_memory);
    assert_int_equal(locproof_check(&kept, &arena, &checked, &e), FAIL_PROOF);
    assert_non_null(strstr(e.message, "not signed by osaka.test"));
    kept.keys = &kobe.vkey;
    assert_int_equal(locproof_check(&kept, &arena, &checked, &e), FAIL_NOT_FOUND);
    assert_non_null(strstr(e.message, "no key of that name was given"));
    assert_int_equal(check(note, transcript, &kobe.vkey, &e), FAIL_PROOF);
    assert_non_null(strstr(e.message, "the ledger's key"));
    for (size_t at = 0; at < transcript.len; at += 1 + transcript.len / 400) {
        w.transcript[at] ^= 1;
        assert_int_equal(check(note, transcript, NULL, &e), FAIL_PROOF);
        assert_non_null(strstr(e.message, "the transcript's digest is"));
        w.transcript[at] ^= 1;
    }
    memcpy(changed, note.at, note.len);
    for (size_t at = 0; at < note.len; at++) {
        changed[at] ^= 1;
        if (check(str_of(changed, note.len), transcript, NULL, &e) == OK)
            fail_msg("byte %zu of the note", at);
        changed[at] ^= 1;
    }
    assert_ok(check(str_of(changed, note.len), transcript, NULL, &e), &e);
    assert_int_equal(check(str_slice(note, 0, note.len - 1), transcript, NULL, &e), FAIL_SYNTAX);
}

static void a_later_version_is_refused_by_name(void **state) {
    struct error e;
    world_answer();
    struct locproof_figures f = judged();
    struct locproof_report r = report_of(&f);
    char memory[LOCPROOF_REPORT_BYTES];
    struct text text = text_into(memory, sizeof memory);
    assert_ok(locproof_report_write(&r, &text, &e), &e);
    assert_true(str_starts(text_str(&text), STR("azekura-location-proof-v2\n")));
    memory[strlen("azekura-location-proof-v")] = '3';
    assert_int_equal(check(note_sign(text_str(&text), &osaka), transcript_write(), NULL, &e),
                     FAIL_VERSION);
    assert_non_null(strstr(e.message, "azekura-location-proof-v3"));
}

/* ---- one of a real store and real landmarks, kept */

static str file_of(const char *name, void *memory, size_t cap) {
    char path[512];
    snprintf(path, sizeof path, "%s/landmark/%s", TEST_DATA, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    str bytes = str_of(memory, fread(memory, 1, cap, file));
    fclose(file);
    return bytes;
}

static void one_that_was_kept_still_holds(void **state) {
    static char transcript_bytes[1 << 18], note_bytes[LOCPROOF_REPORT_BYTES], vkeys[3][512];
    static const char *const names[] = {"landmark.vkey", "peer.vkey", "ledger.vkey"};
    struct tlog_vkey keys[3];
    struct error e;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        str file = file_of(names[i], vkeys[i], sizeof vkeys[i]), line;
        assert_true(str_cut(&file, '\n', &line));
        assert_ok(tlog_vkey_parse(line, &keys[i], &e), &e);
    }
    struct locproof_kept kept = {
        .note = file_of("transcript.note", note_bytes, sizeof note_bytes),
        .transcript = file_of("transcript", transcript_bytes, sizeof transcript_bytes),
        .keys = keys,
        .key_count = 2,
        .ledger = &keys[2]};
    struct arena arena = arena_over(arena_memory, sizeof arena_memory);
    assert_ok(locproof_check(&kept, &arena, &checked, &e), &e);
    assert_int_equal(checked.figures.verdict, LOCPROOF_WITHIN);
    assert_int_equal(checked.figures.pieces, 8);
    assert_int_equal(checked.cosigned, 1);
    kept.key_count = 1;
    arena = arena_over(arena_memory, sizeof arena_memory);
    assert_ok(locproof_check(&kept, &arena, &checked, &e), &e);
    assert_int_equal(checked.words[0], LOCPROOF_NO_KEY);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_shown_holds),
        cmocka_unit_test(a_landmark_may_say_less_of_itself),
        cmocka_unit_test(each_forged_report_is_refused_with_its_reason),
        cmocka_unit_test(what_others_change_is_refused),
        cmocka_unit_test(a_later_version_is_refused_by_name),
        cmocka_unit_test(one_that_was_kept_still_holds),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
