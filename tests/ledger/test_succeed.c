/* The way out: when history was lost a new log begins, and its first entry says of the old one what was
 * known and what is left. It can be repeated after a crash at any point, and nothing of the old is lost. */
#include "base/disk.h"
#include "tests/ledger/world.h"

#include <fcntl.h>
#include <stdlib.h>

static char big[2 << 20];

/* What the gate would encode; here words that a test can read. */
static enum error_code first_words(void *self, struct engine_turn *turn,
                                   const struct ledger_succession *s, struct arena *arena,
                                   str *entry, struct error *e) {
    TRY(engine_turn_put(turn, ENGINE_OPENING, STR("of the first"), STR("opening"), e));
    return arena_format(arena, entry, e, "%.*s #%u knew %llu, left %llu, now %.*s",
                        STR_FMT(s->old_origin), s->old_number, (unsigned long long)s->known_size,
                        (unsigned long long)s->left_size, STR_FMT(s->new_origin));
}

static enum error_code succeed(struct world *w, struct error *e) {
    return ledger_succeed(w->engine, w->keys, &w->options, first_words, NULL, e);
}

/* Appends that commit while the log never hears of them being published, then are lost. */
static void lose_history(struct world *w, uint64_t left, uint64_t known) {
    struct error e;
    struct engine_turn *turn;
    char key[LEDGER_ENTRY_KEY_BYTES], memory[256], row_memory[LEDGER_ROW_BYTES];
    world_open(w);
    world_fill(w, known - ledger_next_index(w->ledger));
    assert_ok(ledger_publish(w->ledger, &e), &e);
    uint32_t number = ledger_number(w->ledger);
    world_close(w);
    assert_ok(engine_turn_begin(w->engine, &turn, &e), &e);
    struct ledger_row row = {.number = number};
    tlog_tree_init(&row.tree);
    for (uint64_t i = 0; i < known; i++) {
        str entry = entry_of(i, memory);
        digest leaf = tlog_leaf_hash(entry);
        assert_ok(engine_turn_delete(turn, ENGINE_LEDGER, ledger_entry_key(i, key), &e), &e);
        if (i >= left) continue;
        tlog_tree_append(&row.tree, &leaf, NULL);
        row_put(turn, i, entry);
    }
    assert_ok(engine_turn_put(turn, ENGINE_LEDGER, ledger_row_key,
                              ledger_row_write(&row, row_memory), &e),
              &e);
    assert_ok(engine_turn_commit(turn, &e), &e);
    assert_int_equal(world_open_try(w, &e), FAIL_ROLLED_BACK);
}

static str entry_read(struct world *w, uint32_t number, uint64_t index) {
    struct error e;
    struct engine_view *view;
    str entry;
    struct arena arena = arena_over(big, 1 << 16), scratch = arena_over(big + (1 << 16), 1 << 20);
    assert_ok(engine_view_open(w->engine, &view, &e), &e);
    assert_ok(ledger_entry_read(w->ledger, number, index, view, &arena, scratch, &entry, &e), &e);
    engine_view_close(view);
    return entry;
}

static void check_successor(struct world *w, uint64_t left, uint64_t known) {
    struct error e;
    char memory[256], words[256];
    world_open(w);
    assert_int_equal(ledger_number(w->ledger), 2);
    assert_str(ledger_origin(w->ledger), STR("ledger.aoba/sendai/2"));
    assert_int_equal(ledger_next_index(w->ledger), 1);
    snprintf(words, sizeof words,
             "ledger.aoba/sendai #1 knew %llu, left %llu, now ledger.aoba/sendai/2",
             (unsigned long long)known, (unsigned long long)left);
    assert_str(entry_read(w, 2, 0), str_from_c(words));

    /* the old one's entries still read and prove, to the root the first entry names */
    for (uint64_t i = 0; i < left; i += i < 3 ? 1 : 61) {
        assert_str(entry_read(w, 1, i), entry_of(i, memory));
        struct ledger_proof proof;
        struct arena arena = arena_over(big, 1 << 20),
                     scratch = arena_over(big + (1 << 20), 1 << 20);
        assert_ok(ledger_prove(w->ledger, 1, i, &arena, scratch, &proof, &e), &e);
        assert_int_equal(proof.size, left);
        digest root = world_root(left), leaf = tlog_leaf_hash(entry_of(i, memory));
        assert_memory_equal(proof.root.at, root.at, DIGEST_BYTES);
        assert_int_equal(proof.note.len, 0);
        assert_ok(tlog_inclusion_verify(i, left, &leaf, &proof.path, &root, &e), &e);
    }
    struct ledger_proof proof;
    struct arena arena = arena_over(big, 1 << 20), scratch = arena_over(big + (1 << 20), 1 << 20);
    assert_int_equal(ledger_prove(w->ledger, 1, left, &arena, scratch, &proof, &e), FAIL_NOT_FOUND);
}

static void a_new_log_begins(void **state) {
    static const struct {
        uint64_t left, known;
    } rows[] = {{0, 5}, {1, 2}, {255, 257}, {256, 300}, {600, 601}, {700, 1500}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct world w;
        struct error e;
        world_begin(&w);
        lose_history(&w, rows[i].left, rows[i].known);
        assert_ok(succeed(&w, &e), &e);
        check_successor(&w, rows[i].left, rows[i].known);
        /* it lives: appends, publishes, restarts */
        struct engine_turn *turn;
        uint64_t index;
        assert_ok(engine_turn_begin(w.engine, &turn, &e), &e);
        ledger_turn_begin(w.ledger, turn);
        for (int n = 0; n < 400; n++)
            assert_ok(ledger_append(w.ledger, STR("after"), &index, &e), &e);
        assert_ok(ledger_turn_end(w.ledger, &e), &e);
        assert_ok(engine_turn_commit(turn, &e), &e);
        ledger_turn_done(w.ledger);
        assert_ok(ledger_publish(w.ledger, &e), &e);
        world_close(&w);
        world_open(&w);
        assert_int_equal(ledger_next_index(w.ledger), 401);
        world_end(&w);
    }
}

static void a_log_that_opens_is_not_succeeded(void **state) {
    struct world w;
    struct error e;
    world_begin(&w);
    world_open(&w);
    world_fill(&w, 3);
    world_close(&w);
    assert_int_equal(succeed(&w, &e), FAIL_USAGE);
    world_open(&w);
    assert_int_equal(ledger_number(w.ledger), 1);
    world_end(&w);
}

/* The anchor knew more than the watermark: the larger one is named, and the anchor is taken over. */
static void the_anchor_is_taken_over(void **state) {
    struct world w;
    struct error e;
    struct ledger_state s;
    world_begin(&w);
    w.options.anchor_path = w.anchor;
    lose_history(&w, 10, 20);
    assert_ok(succeed(&w, &e), &e);
    check_successor(&w, 10, 20); /* the old log's anchor is no reason to refuse */
    ledger_state(w.ledger, &s);
    assert_true(s.anchor_current);
    world_close(&w);
    world_open(&w);
    ledger_state(w.ledger, &s);
    assert_int_equal(s.rollback, LEDGER_GUARDED);
    world_end(&w);
}

/* ---- cosignatures of other copies of the last checkpoint ---- */

static struct tlog_signer witness_of(const char *name, unsigned char fill) {
    struct tlog_signer signer;
    struct secret seed;
    struct error e;
    memset(seed.at, fill, sizeof seed.at);
    assert_ok(tlog_signer_make(str_from_c(name), TLOG_KEY_COSIGNATURE, &seed, &signer, &e), &e);
    return signer;
}

static void cosign(const char *path, const struct tlog_signer *by, uint64_t time_s) {
    char memory[8192];
    struct arena arena = arena_over(big, 1 << 16);
    struct tlog_note note;
    struct error e;
    str bytes;
    assert_ok(disk_file_read(AT_FDCWD, path, 8192, &arena, &bytes, &e), &e);
    assert_ok(tlog_note_parse(bytes, &note, &e), &e);
    struct text out = text_into(memory, sizeof memory);
    text_add(&out, bytes);
    assert_ok(tlog_note_sign(&out, note.text, by, time_s, &e), &e);
    assert_ok(disk_file_replace(AT_FDCWD, path, text_str(&out), 0644, &e), &e);
}

/* One witness signed the copy beside the log, another that of the anchor, and a third both: the note that is
 * kept of the old log has each of them once. */
static void cosignatures_of_all_copies_are_kept(void **state) {
    struct world w;
    struct error e;
    struct tlog_note note;
    struct tlog_signed said[3];
    char path[512];
    str bytes;
    const struct tlog_signer signers[] = {
        witness_of("one.example", 1), witness_of("two.example", 2), witness_of("both.example", 3)};
    const struct tlog_vkey keys[] = {signers[0].vkey, signers[1].vkey, signers[2].vkey};
    world_begin(&w);
    w.options.anchor_path = w.anchor;
    lose_history(&w, 10, 20);
    snprintf(path, sizeof path, "%s/checkpoint", w.ledger_dir);
    cosign(path, &signers[0], 1700000000);
    cosign(path, &signers[2], 1700000001);
    cosign(w.anchor, &signers[1], 1700000002);
    cosign(w.anchor, &signers[2], 1700000003);
    assert_ok(succeed(&w, &e), &e);
    world_open(&w);
    struct arena arena = arena_over(big, 1 << 20);
    assert_ok(ledger_old_file(w.ledger, 1, STR("checkpoint"), &arena, &bytes, &e), &e);
    assert_ok(tlog_note_parse(bytes, &note, &e), &e);
    assert_int_equal(note.count, 4); /* the log's own, and three */
    assert_ok(tlog_note_verify(&note, keys, 3, said, &e), &e);
    for (size_t i = 0; i < 3; i++) assert_true(said[i].valid);
    assert_int_equal(said[1].time_s, 1700000002);
    assert_int_equal(said[2].time_s, 1700000001); /* the copy beside the log came first */
    world_end(&w);
}

/* An engine put back from before the succession is seen. */
static void a_succeeded_log_does_not_come_back(void **state) {
    struct world w;
    struct error e;
    world_begin(&w);
    lose_history(&w, 10, 20);
    assert_ok(succeed(&w, &e), &e);
    check_successor(&w, 10, 20);
    world_close(&w);
    engine_close(w.engine);
    w.engine = world_engine_at(25); /* all the old one ever had, and more */
    assert_int_equal(world_open_try(&w, &e), FAIL_ROLLED_BACK);
    assert_non_null(strstr(e.message, "succeeded"));
    engine_close(w.engine);
    assert_ok(engine_open_lab(&w.lab, &w.engine, &e), &e); /* nothing at all */
    assert_int_equal(world_open_try(&w, &e), FAIL_ROLLED_BACK);
    /* and the way out of that: a third log that names both, the second first */
    assert_ok(succeed(&w, &e), &e);
    world_open(&w);
    assert_int_equal(ledger_number(w.ledger), 3);
    assert_str(ledger_origin(w.ledger), STR("ledger.aoba/sendai/3"));
    assert_str(entry_read(&w, 3, 0),
               STR("ledger.aoba/sendai/2 #2 knew 1, left 0, now ledger.aoba/sendai/3"));
    assert_str(entry_read(&w, 3, 1),
               STR("ledger.aoba/sendai #1 knew 20, left 0, now ledger.aoba/sendai/3"));
    world_end(&w);
}

static void it_can_be_repeated_after_any_failure(bool engine) {
    for (uint64_t n = 1;; n++) {
        struct world w;
        struct error e;
        struct failing_disk disk;
        world_begin(&w);
        lose_history(&w, 300, 310);
        if (engine)
            engine_lab_fail_at(w.engine, n);
        else
            failing_disk_use(&disk, n, true);
        enum error_code code = succeed(&w, &e);
        engine_lab_fail_at(w.engine, 0);
        disk_use(NULL);
        bool reached = engine ? code != OK : disk.calls >= n;
        if (engine_is_broken(w.engine)) assert_ok(engine_reopen(w.engine, &e), &e);
        if (code != OK) {
            enum error_code again = succeed(&w, &e);
            assert_true(again == OK || again == FAIL_USAGE); /* the turn may have been written */
        }
        check_successor(&w, 300, 310);
        world_end(&w);
        if (!reached) {
            assert_int_equal(code, OK);
            break;
        }
        assert_true(n < 3000);
        if (engine && n > 60) n += 36; /* hundreds of deletes are alike */
    }
}
static void disk_failures(void **state) {
    it_can_be_repeated_after_any_failure(false);
}
static void engine_failures(void **state) {
    it_can_be_repeated_after_any_failure(true);
}

/* A copy from before a succession lost the entries of the log it showed: only the newest was named. */
static void an_engine_from_before_a_succession(void **state) {
    static const uint64_t shown[] = {1, 8, 10, 20, 25, 300};
    for (size_t i = 0; i < COUNT_OF(shown); i++) {
        struct world w;
        struct error e;
        char words[256], memory[256];
        struct ledger_old old;
        world_begin(&w);
        lose_history(&w, 10, 20);
        assert_ok(succeed(&w, &e), &e);
        check_successor(&w, 10, 20);
        world_close(&w);
        engine_close(w.engine);
        w.engine = world_engine_at(shown[i]);
        assert_int_equal(world_open_try(&w, &e), FAIL_ROLLED_BACK);
        assert_ok(succeed(&w, &e), &e);
        world_open(&w);
        assert_str(entry_read(&w, 3, 0),
                   STR("ledger.aoba/sendai/2 #2 knew 1, left 0, now ledger.aoba/sendai/3"));
        snprintf(words, sizeof words,
                 "ledger.aoba/sendai #1 knew 20, left %llu, now ledger.aoba/sendai/3",
                 (unsigned long long)shown[i]);
        assert_str(entry_read(&w, 3, 1), str_from_c(words));
        assert_int_equal(ledger_next_index(w.ledger), 2);
        assert_ok(ledger_old_find(w.ledger, 1, &old, &e), &e);
        digest root = world_root(shown[i]);
        assert_int_equal(old.size, shown[i]);
        assert_memory_equal(old.root.at, root.at, DIGEST_BYTES);
        assert_str(entry_read(&w, 1, shown[i] - 1), entry_of(shown[i] - 1, memory));
        assert_ok(ledger_old_find(w.ledger, 2, &old, &e), &e);
        assert_int_equal(old.size, 0);
        world_end(&w);
    }
}

/* All of DATA was put back from before a succession: only the anchor knows that the name of the next
 * log is taken. Signing another log under it would fork that one. */
static void a_name_is_not_given_twice(void **state) {
    struct world w;
    struct error e;
    char command[600];
    world_begin(&w);
    w.options.anchor_path = w.anchor;
    lose_history(&w, 10, 20);
    assert_ok(succeed(&w, &e), &e);
    check_successor(&w, 10, 20);
    world_close(&w);
    engine_close(w.engine);
    snprintf(command, sizeof command, "rm -r '%s/log-2'", w.ledger_dir);
    assert_int_equal(system(command), 0);
    w.engine = world_engine_at(20); /* all that log 1 had signed: by itself nothing is missing */
    assert_int_equal(world_open_try(&w, &e), FAIL_ROLLED_BACK);
    assert_non_null(strstr(e.message, "the anchor is of log ledger.aoba/sendai/2"));
    assert_ok(succeed(&w, &e), &e);
    world_open(&w);
    assert_str(ledger_origin(w.ledger), STR("ledger.aoba/sendai/3"));
    assert_str(entry_read(&w, 3, 0),
               STR("ledger.aoba/sendai/2 #2 knew 1, left 0, now ledger.aoba/sendai/3"));
    assert_str(entry_read(&w, 3, 1),
               STR("ledger.aoba/sendai #1 knew 20, left 20, now ledger.aoba/sendai/3"));
    world_end(&w);
}

/* ---- what is left of it, for others */

static void file_is(const char *dir, const char *name, str bytes) {
    char path[512];
    struct error e;
    struct arena arena = arena_over(big + (1 << 20), 1 << 20);
    str there;
    snprintf(path, sizeof path, "%s/%s", dir, name);
    enum error_code code = disk_file_read(AT_FDCWD, path, 1 << 20, &arena, &there, &e);
    if (code != OK) fail_msg("%s: %s", name, e.message);
    assert_str(there, bytes);
}

static void an_old_log_is_exported(void **state) {
    static const struct {
        const char *name;
        enum error_code code;
        size_t bytes; /* 0: not looked at */
    } files[] = {
        {"checkpoint", OK, 0},
        {"tile/0/000", OK, 8192},
        {"tile/0/002.p/88", OK, 88 * 32},
        {"tile/0/002.p/7", OK, 7 * 32}, /* as other tools ask for an earlier size */
        {"tile/1/000.p/2", OK, 64},
        {"tile/entries/001", OK, 0},
        {"tile/entries/002.p/88", OK, 0},
        {"tile/entries/002.p/1", OK, 13}, /* "entry 512 " and its dots; below */
        {"tile/0/002", FAIL_NOT_FOUND, 0},
        {"tile/0/002.p/89", FAIL_NOT_FOUND, 0},
        {"tile/0/003.p/1", FAIL_NOT_FOUND, 0},
        {"tile/63/000", FAIL_NOT_FOUND, 0},
        {"left", FAIL_NOT_FOUND, 0},
        {"../signed", FAIL_NOT_FOUND, 0},
        {"", FAIL_NOT_FOUND, 0},
    };
    struct world w;
    struct error e;
    struct engine_view *view;
    char dir[400], memory[256];
    world_begin(&w);
    lose_history(&w, 600, 601);
    assert_ok(succeed(&w, &e), &e);
    world_open(&w);
    snprintf(dir, sizeof dir, "%s/export", w.dir.path);
    assert_ok(engine_view_open(w.engine, &view, &e), &e);
    for (int again = 0; again < 2; again++)
        assert_ok(ledger_export(w.ledger, view, dir, NULL, NULL, &e), &e);
    engine_view_close(view);
    snprintf(dir, sizeof dir, "%s/export/old/1", w.dir.path);
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        struct arena arena = arena_over(big, 1 << 20);
        str bytes;
        enum error_code code =
            ledger_old_file(w.ledger, 1, str_from_c(files[i].name), &arena, &bytes, &e);
        assert_row(files[i].name, code == files[i].code);
        if (code != OK) continue;
        size_t want = files[i].bytes;
        if (want == 13) want = 2 + entry_of(512, memory).len;
        assert_row(files[i].name, want == 0 || bytes.len == want);
        if (strstr(files[i].name, "p/7") == NULL && strstr(files[i].name, "p/1") == NULL)
            file_is(dir, files[i].name, bytes);
    }
    struct arena arena = arena_over(big, 1 << 20);
    str bytes;
    assert_int_equal(ledger_old_file(w.ledger, 0, STR("checkpoint"), &arena, &bytes, &e),
                     FAIL_NOT_FOUND);
    assert_int_equal(ledger_old_file(w.ledger, 2, STR("checkpoint"), &arena, &bytes, &e),
                     FAIL_NOT_FOUND);
    world_end(&w);
}

static void names_of_a_line(void **state) {
    static const struct {
        const char *origin;
        uint32_t number, wanted;
        const char *name;
    } rows[] = {
        {"a.b/c", 1, 2, "a.b/c/2"}, {"a.b/c/2", 2, 3, "a.b/c/3"},
        {"a.b/c/3", 3, 1, "a.b/c"}, {"a.b/c/2", 1, 2, "a.b/c/2/2"},
        {"x", 1, 1, "x"},           {"x/9", 9, 10, "x/10"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct error e;
        char name[TLOG_NAME_BYTES_MAX];
        size_t bytes;
        assert_ok(ledger_origin_of_number(str_from_c(rows[i].origin), rows[i].number,
                                          rows[i].wanted, name, &bytes, &e),
                  &e);
        assert_str(str_of(name, bytes), str_from_c(rows[i].name));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_log_begins),
        cmocka_unit_test(a_log_that_opens_is_not_succeeded),
        cmocka_unit_test(the_anchor_is_taken_over),
        cmocka_unit_test(cosignatures_of_all_copies_are_kept),
        cmocka_unit_test(a_succeeded_log_does_not_come_back),
        cmocka_unit_test(an_engine_from_before_a_succession),
        cmocka_unit_test(a_name_is_not_given_twice),
        cmocka_unit_test(an_old_log_is_exported),
        cmocka_unit_test(disk_failures),
        cmocka_unit_test(engine_failures),
        cmocka_unit_test(names_of_a_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
