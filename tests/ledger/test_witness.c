/* Witnesses: their cosignatures join the note; what they saw and we have not stops the log; when they are
 * away, or talk nonsense, only words change. The witness here is a small one of the test's own. */
#include "base/runtime.h"
#include "http/http.h"
#include "tests/ledger/world.h"

#include <fcntl.h>

/* ---- a witness ---- */

enum mood { HONEST, AWAY, STRANGER, WRONG_KEY, NONSENSE, REFUSES, LIES_BIG, FICKLE };

static struct {
    struct runtime *runtime;
    struct http_server *server;
    struct tlog_signer signer, other;
    char vkey[TLOG_VKEY_TEXT_BYTES], url[96];
    struct ledger_witness configured;
    enum mood mood;
    bool has;
    uint64_t size;
    digest root;
    char note[8192];
    size_t note_bytes;
    unsigned asked, conflicts;
    const struct tlog_vkey *log;
    char later_path[2 * DIGEST_BYTES + 32]; /* of a log after that one; empty: it knows of none */
    char later[8192];
    size_t later_bytes;
    bool shows_nothing;
} witness;

static void reply(struct http_exchange *x, int status, str body) {
    struct error e;
    error_ignore(http_reply_send(x, status, NULL, 0, body, &e));
}
static void reply_size(struct http_exchange *x, uint64_t size) {
    char line[32];
    int count = snprintf(line, sizeof line, "%llu\n", (unsigned long long)size);
    reply(x, 409, str_of(line, (size_t)count));
}

static void add_checkpoint(struct http_exchange *x, str body) {
    struct tlog_add_checkpoint request;
    struct tlog_checkpoint checkpoint;
    struct tlog_note note;
    struct error e;
    char memory[1024];
    if (tlog_add_checkpoint_parse(body, &request, &e) != OK ||
        tlog_note_parse(request.checkpoint, &note, &e) != OK ||
        tlog_checkpoint_parse(note.text, &checkpoint, &e) != OK) {
        reply(x, 400, STR("unreadable\n"));
        return;
    }
    if (witness.has && request.old_size != witness.size) {
        witness.conflicts++;
        reply_size(x, witness.size);
        return;
    }
    if (witness.has && tlog_consistency_verify(witness.size, &witness.root, checkpoint.size,
                                               &checkpoint.root, &request.path, &e) != OK) {
        reply(x, 422, STR_EMPTY);
        return;
    }
    witness.has = true;
    witness.size = checkpoint.size;
    witness.root = checkpoint.root;
    memcpy(witness.note, request.checkpoint.at, request.checkpoint.len);
    witness.note_bytes = request.checkpoint.len;
    struct text lines = text_into(memory, sizeof memory);
    const struct tlog_signer *signer = witness.mood == WRONG_KEY ? &witness.other : &witness.signer;
    assert_ok(tlog_note_sign(&lines, note.text, signer, 1792000000, &e), &e);
    reply(x, 200, text_str(&lines));
}

static void serve(void *self, struct http_exchange *x) {
    static char body[200000];
    struct error e;
    size_t used = 0, got;
    witness.asked++;
    if (x->head.method == HTTP_GET) {
        bool later =
            witness.later_path[0] != 0 && str_ends(x->head.target, str_from_c(witness.later_path));
        if (later)
            reply(x, 200, str_of(witness.later, witness.later_bytes));
        else if (witness.note_bytes > 0 && !witness.shows_nothing)
            reply(x, 200, str_of(witness.note, witness.note_bytes));
        else
            reply(x, 404, STR_EMPTY);
        return;
    }
    do {
        if (http_body_read(x, body + used, sizeof body - used, &got, &e) != OK) return;
        used += got;
    } while (got > 0);
    switch (witness.mood) {
    case STRANGER: reply(x, 404, STR("unknown origin\n")); return;
    case NONSENSE: reply(x, 200, STR("thank you\n")); return;
    case REFUSES: reply(x, 422, STR_EMPTY); return;
    case LIES_BIG: reply_size(x, 1000000); return;
    case FICKLE: reply_size(x, 0); return;
    default: add_checkpoint(x, str_of(body, used));
    }
}

static int begin(void **state) {
    struct error e;
    struct secret seed = {{7}}, other = {{8}};
    struct net_address address;
    char where[NET_TEXT_BYTES];
    assert_ok(
        runtime_open(&(struct runtime_options){.reactors = 1, .workers = 2}, &witness.runtime, &e),
        &e);
    assert_ok(net_address_read(STR("127.0.0.1:0"), &address, &e), &e);
    struct http_server_options options = {
        .addresses = &address, .address_count = 1, .serve = serve};
    assert_ok(http_server_open(witness.runtime, &options, &witness.server, &e), &e);
    address = http_server_address(witness.server, 0);
    net_address_write(&address, where);
    snprintf(witness.url, sizeof witness.url, "http://%s/w/", where);
    assert_ok(tlog_signer_make(STR("ministry.example/w1"), TLOG_KEY_COSIGNATURE, &seed,
                               &witness.signer, &e),
              &e);
    assert_ok(tlog_signer_make(STR("ministry.example/w1"), TLOG_KEY_COSIGNATURE, &other,
                               &witness.other, &e),
              &e);
    size_t bytes = tlog_vkey_write(&witness.signer.vkey, witness.vkey);
    witness.configured = (struct ledger_witness){STR("ministry"), str_of(witness.vkey, bytes),
                                                 str_from_c(witness.url)};
    return 0;
}
static int end(void **state) {
    http_server_close(witness.server);
    runtime_close(witness.runtime);
    return 0;
}

static void world_with_witness(struct world *w) {
    world_begin(w);
    w->options.witnesses = &witness.configured;
    w->options.witness_count = 1;
    witness.configured.url = str_from_c(witness.url);
    witness.mood = HONEST;
    witness.has = false;
    witness.note_bytes = 0;
    witness.asked = witness.conflicts = 0;
    witness.later_path[0] = 0;
    witness.shows_nothing = false;
}

static enum error_code round_now(struct world *w, struct error *e) {
    w->ledger->witnesses[0].next_try_ns = 0; /* not after a pause */
    return ledger_witness_round(w->ledger, clock_steady_ns() + 5 * NS_PER_S, e);
}

/* Does the published note carry the witness's valid line? */
static bool note_is_cosigned(struct world *w) {
    static char memory[16384];
    struct error e;
    struct tlog_note note;
    struct tlog_signed said;
    struct arena arena = arena_over(memory, sizeof memory);
    str bytes;
    assert_ok(ledger_checkpoint(w->ledger, &arena, NULL, &bytes, &e), &e);
    assert_ok(tlog_checkpoint_open(bytes, ledger_vkey(w->ledger), &note, NULL, &e), &e);
    assert_ok(tlog_note_verify(&note, &witness.signer.vkey, 1, &said, &e), &e);
    if (said.valid) assert_int_equal(said.time_s, 1792000000);
    /* what is published in memory is what is in the file */
    struct arena more = arena_over(memory + 9000, 7000);
    str file;
    char path[LEDGER_PATH_BYTES];
    assert_ok(ledger_path(w->ledger->dir, "checkpoint", path, &e), &e);
    assert_ok(disk_file_read(AT_FDCWD, path, 6000, &more, &file, &e), &e);
    assert_str(file, bytes);
    return said.valid;
}

static struct ledger_state state_of(struct world *w) {
    struct ledger_state s;
    ledger_state(w->ledger, &s);
    return s;
}

/* ---- tests ---- */

static void cosignatures_join_the_note(void **state) {
    struct world w;
    struct error e;
    world_with_witness(&w);
    world_open(&w);
    assert_true(note_is_cosigned(&w)); /* of the empty log, at the start */
    assert_int_equal(state_of(&w).rollback, LEDGER_GUARDED);
    static const uint64_t steps[] = {1, 2, 253, 300, 1, 70};
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        world_fill(&w, steps[i]);
        assert_false(ledger_witness_due(w.ledger));
        assert_ok(ledger_publish(w.ledger, &e), &e);
        assert_false(note_is_cosigned(&w));
        assert_int_equal(state_of(&w).cosigned_count, 0);
        assert_true(ledger_witness_due(w.ledger));
        assert_ok(ledger_witness_round(w.ledger, clock_steady_ns() + 5 * NS_PER_S, &e), &e);
        assert_true(note_is_cosigned(&w));
        struct ledger_state s = state_of(&w);
        assert_int_equal(s.cosigned_count, 1);
        assert_int_equal(s.witnesses[0].cosigned_size, s.published_size);
        assert_true(s.witnesses[0].reachable);
        assert_int_equal(witness.size, s.published_size);
        assert_false(ledger_witness_due(w.ledger));
    }
    assert_int_equal(witness.conflicts, 0);
    world_close(&w);
    world_open(&w); /* the size it has is unknown after a restart: one 409, then all is well */
    assert_int_equal(witness.conflicts, 1);
    assert_true(note_is_cosigned(&w));
    world_end(&w);
}

static void a_rolled_back_log_is_refused(void **state) {
    struct world w;
    struct error e;
    world_with_witness(&w);
    world_open(&w);
    world_fill(&w, 20);
    assert_ok(ledger_publish(w.ledger, &e), &e);
    assert_ok(round_now(&w, &e), &e);
    world_close(&w);
    /* all of DATA is put back to its first day: only the witness knows */
    engine_close(w.engine);
    assert_ok(engine_open_lab(&w.lab, &w.engine, &e), &e);
    char command[600];
    snprintf(command, sizeof command, "rm -rf %s", w.ledger_dir);
    assert_int_equal(system(command), 0);
    assert_int_equal(world_open_try(&w, &e), FAIL_ROLLED_BACK);
    assert_non_null(strstr(e.message, "ministry"));
    assert_non_null(strstr(e.message, "20"));
    w.options.without_start_witnesses = true; /* a tool that only reads may look */
    world_open(&w);
    assert_int_equal(state_of(&w).rollback, LEDGER_UNCONFIRMED);
    world_end(&w);
}

static enum error_code first_words(void *self, struct engine_turn *turn,
                                   const struct ledger_succession *s, struct arena *arena,
                                   str *entry, struct error *e) {
    digest *known = self;
    *known = s->known_root;
    return arena_format(arena, entry, e, "known %llu left %llu", (unsigned long long)s->known_size,
                        (unsigned long long)s->left_size);
}

/* The succession after that names what the witness knows. */
static void a_succession_asks_the_witness(void **state) {
    struct world w;
    struct error e;
    char command[600];
    world_with_witness(&w);
    world_open(&w);
    world_fill(&w, 20);
    assert_ok(ledger_publish(w.ledger, &e), &e);
    assert_ok(round_now(&w, &e), &e);
    world_close(&w);
    engine_close(w.engine);
    assert_ok(engine_open_lab(&w.lab, &w.engine, &e), &e);
    snprintf(command, sizeof command, "rm -rf %s", w.ledger_dir);
    assert_int_equal(system(command), 0);
    digest known, truth = world_root(20);
    assert_ok(ledger_succeed(w.engine, w.keys, &w.options, first_words, &known, &e), &e);
    assert_memory_equal(known.at, truth.at, DIGEST_BYTES);
    witness.has = false; /* it is told of the new name */
    world_open(&w);
    assert_int_equal(ledger_number(w.ledger), 2);
    assert_true(note_is_cosigned(&w));
    char memory[4096];
    struct engine_view *view;
    str entry;
    struct arena arena = arena_over(memory, 2048), scratch = arena_over(memory + 2048, 2048);
    assert_ok(engine_view_open(w.engine, &view, &e), &e);
    assert_ok(ledger_entry_read(w.ledger, 2, 0, view, &arena, scratch, &entry, &e), &e);
    assert_str(entry, STR("known 20 left 0"));
    engine_view_close(view);
    world_end(&w);
}

/* The witness knows log `number` of the line with so many entries, signed by that log's key. */
static void later_log_is_known(struct world *w, const char *origin, uint64_t size,
                               bool by_our_key) {
    struct error e;
    struct secret seed;
    struct tlog_signer signer;
    char hex[2 * DIGEST_BYTES];
    struct text note = text_into(witness.later, sizeof witness.later);
    struct tlog_checkpoint checkpoint = {
        .origin = str_from_c(origin), .size = size, .root = world_root(size)};
    seal_ledger_seed(w->keys, &seed);
    if (!by_our_key) seed.at[0] ^= 1;
    assert_ok(tlog_signer_make(checkpoint.origin, TLOG_KEY_ED25519, &seed, &signer, &e), &e);
    assert_ok(tlog_checkpoint_sign(&note, &checkpoint, &signer, &e), &e);
    str text = text_str(&note);
    text.len = (size_t)(strstr(witness.later, "\n\n") + 1 - witness.later);
    assert_ok(tlog_note_sign(&note, text, &witness.signer, 1792000000, &e), &e);
    witness.later_bytes = note.len;
    digest name = sha256_of(checkpoint.origin);
    hex_write(name.at, sizeof name.at, hex);
    snprintf(witness.later_path, sizeof witness.later_path, "/%.*s/checkpoint", (int)sizeof hex,
             hex);
}

/* All of DATA put back from before a succession started, as long as the log it shows was no shorter
 * than the witness had it: only a succession asked for later logs. */
static void a_start_asks_for_later_logs(void **state) {
    static const struct {
        const char *origin;
        bool by_our_key, refused;
    } rows[] = {
        {"ledger.aoba/sendai/2", true, true},
        {"ledger.aoba/sendai/4", true, true}, /* no guard ever saw those between */
        {"ledger.aoba/sendai/2", false, false},
        {"ledger.aoba/tokyo/2", true, false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct world w;
        struct error e;
        world_with_witness(&w);
        world_open(&w);
        world_fill(&w, 20);
        assert_ok(ledger_publish(w.ledger, &e), &e);
        assert_ok(round_now(&w, &e), &e);
        world_close(&w);
        later_log_is_known(&w, rows[i].origin, 7, rows[i].by_our_key);
        if (!rows[i].refused) {
            world_open(&w);
            assert_int_equal(state_of(&w).rollback, LEDGER_GUARDED);
        } else {
            assert_int_equal(world_open_try(&w, &e), FAIL_ROLLED_BACK);
            assert_non_null(strstr(e.message, "history was lost: witness ministry knows log "));
            assert_non_null(strstr(e.message, rows[i].origin));
            assert_non_null(strstr(e.message, "7 entries"));
            assert_int_equal(world_open_try(&w, &e), FAIL_ROLLED_BACK); /* nothing changed */
        }
        world_end(&w);
    }
}

static enum error_code names_told(void *self, struct engine_turn *turn,
                                  const struct ledger_succession *s, struct arena *arena,
                                  str *entry, struct error *e) {
    return arena_format(arena, entry, e, "%.*s known %llu left %llu", STR_FMT(s->old_origin),
                        (unsigned long long)s->known_size, (unsigned long long)s->left_size);
}

/* The way out of that names every log, and keeps what others still have of one that was lost whole. */
static void what_a_witness_has_of_a_lost_log_is_kept(void **state) {
    struct world w;
    struct error e;
    char memory[16384];
    struct arena arena = arena_over(memory, sizeof memory);
    struct tlog_vkey vkey;
    struct tlog_note note;
    struct tlog_checkpoint seen;
    struct tlog_signed said;
    str bytes;
    world_with_witness(&w);
    world_open(&w);
    world_fill(&w, 20);
    assert_ok(ledger_publish(w.ledger, &e), &e);
    assert_ok(ledger_vkey_of_number(w.ledger, 3, &vkey, &e), &e);
    world_close(&w);
    later_log_is_known(&w, "ledger.aoba/sendai/3", 7, true);
    assert_ok(ledger_succeed(w.engine, w.keys, &w.options, names_told, NULL, &e), &e);
    witness.later_path[0] = 0;
    witness.has = false;
    world_open(&w);
    assert_str(ledger_origin(w.ledger), STR("ledger.aoba/sendai/4"));
    for (uint64_t i = 0; i < 3; i++) {
        static const char *const entries[] = {"ledger.aoba/sendai/3 known 7 left 0",
                                              "ledger.aoba/sendai/2 known 0 left 0",
                                              "ledger.aoba/sendai known 20 left 20"};
        static char big[1 << 17];
        struct engine_view *view;
        struct arena entry_arena = arena_over(big, 1 << 16),
                     scratch = arena_over(big + (1 << 16), 1 << 16);
        str entry;
        assert_ok(engine_view_open(w.engine, &view, &e), &e);
        assert_ok(ledger_entry_read(w.ledger, 4, i, view, &entry_arena, scratch, &entry, &e), &e);
        assert_str(entry, str_from_c(entries[i]));
        engine_view_close(view);
    }
    assert_ok(ledger_old_file(w.ledger, 3, STR("checkpoint"), &arena, &bytes, &e), &e);
    assert_ok(tlog_checkpoint_open(bytes, &vkey, &note, &seen, &e), &e);
    assert_int_equal(seen.size, 7);
    assert_ok(tlog_note_verify(&note, &witness.signer.vkey, 1, &said, &e), &e);
    assert_true(said.valid); /* with its cosignature */
    assert_int_equal(ledger_old_file(w.ledger, 2, STR("checkpoint"), &arena, &bytes, &e),
                     FAIL_NOT_FOUND);
    world_end(&w);
}

/* While no guard could be asked the log opens and says so; what it hears then stops it. */
static void a_guard_that_was_away_is_asked_later(void **state) {
    struct world w;
    struct error e;
    world_with_witness(&w);
    world_open(&w);
    world_fill(&w, 20);
    assert_ok(ledger_publish(w.ledger, &e), &e);
    world_close(&w);
    struct ledger_witness gone = witness.configured;
    gone.url = STR("http://127.0.0.1:1");
    w.options.witnesses = &gone;
    world_open(&w);
    struct ledger_state s = state_of(&w);
    assert_int_equal(s.rollback, LEDGER_UNCONFIRMED);
    assert_false(s.witnesses[0].reachable);
    assert_false(s.stopped);
    later_log_is_known(&w, "ledger.aoba/sendai/2", 7, true);
    snprintf(w.ledger->witnesses[0].url, sizeof w.ledger->witnesses[0].url, "%.*s",
             (int)strlen(witness.url) - 1, witness.url); /* it comes back */
    w.ledger->witnesses[0].url_bytes = strlen(witness.url) - 1;
    assert_int_equal(round_now(&w, &e), FAIL_ROLLED_BACK);
    assert_true(ledger_stopped(w.ledger));
    assert_non_null(strstr(state_of(&w).story, "ledger.aoba/sendai/2"));
    world_end(&w);
}

/* Not every witness shows what it cosigned: that one would keep silent about a later log. */
static void a_witness_that_shows_nothing_is_named(void **state) {
    for (int blind = 0; blind < 2; blind++) {
        struct world w;
        world_with_witness(&w);
        witness.shows_nothing = blind == 1;
        world_open(&w);
        assert_int_equal(state_of(&w).witnesses[0].is_blind, blind == 1);
        world_end(&w);
    }
}

static void another_history_stops_a_running_log(void **state) {
    static const enum mood moods[] = {REFUSES, LIES_BIG};
    for (size_t i = 0; i < COUNT_OF(moods); i++) {
        struct world w;
        struct error e;
        struct engine_turn *turn;
        uint64_t index;
        world_with_witness(&w);
        world_open(&w);
        world_fill(&w, 9);
        assert_ok(ledger_publish(w.ledger, &e), &e);
        witness.mood = moods[i];
        assert_int_equal(round_now(&w, &e), FAIL_ROLLED_BACK);
        assert_true(ledger_stopped(w.ledger));
        assert_non_null(strstr(state_of(&w).story, "ministry"));
        assert_ok(engine_turn_begin(w.engine, &turn, &e), &e);
        ledger_turn_begin(w.ledger, turn);
        assert_int_equal(ledger_append(w.ledger, STR("x"), &index, &e), FAIL_STOPPING);
        ledger_turn_abandon(w.ledger);
        engine_turn_abandon(turn);
        world_end(&w);
    }
}

static void trouble_with_a_witness_is_its_own(void **state) {
    static const enum mood moods[] = {STRANGER, WRONG_KEY, NONSENSE, FICKLE};
    for (size_t i = 0; i < COUNT_OF(moods); i++) {
        struct world w;
        struct error e;
        world_with_witness(&w);
        witness.mood = moods[i];
        world_open(&w);
        world_fill(&w, 4);
        assert_ok(ledger_publish(w.ledger, &e), &e);
        assert_ok(round_now(&w, &e), &e);
        struct ledger_state s = state_of(&w);
        assert_false(s.stopped);
        assert_true(s.witnesses[0].tried);
        assert_true(s.witnesses[0].reachable);
        assert_int_not_equal(s.witnesses[0].problem[0], 0);
        assert_int_equal(s.cosigned_count, 0);
        assert_int_equal(s.rollback, LEDGER_UNCONFIRMED);
        assert_false(note_is_cosigned(&w));
        assert_false(ledger_witness_due(w.ledger)); /* not again at once */
        witness.mood = HONEST;
        witness.has = false;
        assert_ok(round_now(&w, &e), &e);
        assert_true(note_is_cosigned(&w));
        assert_int_equal(state_of(&w).witnesses[0].problem[0], 0);
        world_end(&w);
    }
}

static void an_unreachable_witness_stops_nothing(void **state) {
    struct world w;
    struct error e;
    world_with_witness(&w);
    w.options.witnesses =
        &(struct ledger_witness){STR("gone"), witness.configured.vkey, STR("http://127.0.0.1:1")};
    world_open(&w);
    world_fill(&w, 4);
    assert_ok(ledger_publish(w.ledger, &e), &e);
    assert_ok(round_now(&w, &e), &e);
    struct ledger_state s = state_of(&w);
    assert_false(s.witnesses[0].reachable);
    assert_int_not_equal(s.witnesses[0].problem[0], 0);
    assert_false(s.stopped);
    world_check_head(&w, 4);
    world_end(&w);
}

static void wrong_configuration_is_refused(void **state) {
    struct world w;
    struct error e;
    world_with_witness(&w);
    struct ledger_witness bad = witness.configured;
    w.options.witnesses = &bad;
    bad.vkey = STR("not a key");
    assert_int_equal(world_open_try(&w, &e), FAIL_SYNTAX);
    bad = witness.configured;
    bad.url = STR("/");
    assert_int_equal(world_open_try(&w, &e), FAIL_SYNTAX);
    char text[TLOG_VKEY_TEXT_BYTES];
    struct secret seed = {{3}};
    struct tlog_signer log;
    assert_ok(tlog_signer_make(STR("a.log"), TLOG_KEY_ED25519, &seed, &log, &e), &e);
    bad = witness.configured;
    bad.vkey = str_of(text, tlog_vkey_write(&log.vkey, text)); /* a log's key cosigns nothing */
    assert_int_equal(world_open_try(&w, &e), FAIL_SYNTAX);
    world_end(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cosignatures_join_the_note),
        cmocka_unit_test(a_rolled_back_log_is_refused),
        cmocka_unit_test(a_succession_asks_the_witness),
        cmocka_unit_test(a_start_asks_for_later_logs),
        cmocka_unit_test(what_a_witness_has_of_a_lost_log_is_kept),
        cmocka_unit_test(a_guard_that_was_away_is_asked_later),
        cmocka_unit_test(a_witness_that_shows_nothing_is_named),
        cmocka_unit_test(another_history_stops_a_running_log),
        cmocka_unit_test(trouble_with_a_witness_is_its_own),
        cmocka_unit_test(an_unreachable_witness_stops_nothing),
        cmocka_unit_test(wrong_configuration_is_refused),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
