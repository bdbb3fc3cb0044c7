/* The way out: when history was lost a new log begins, and its first entry says of the old one what was
 * known and what is left. It can be repeated after a crash at any point, and nothing of the old is lost. */
#include "base/disk.h"
#include "tests/ledger/world.h"

#include <fcntl.h>

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
    /* and the way out of that: a third log, of which the second is the one before */
    assert_ok(succeed(&w, &e), &e);
    world_open(&w);
    assert_int_equal(ledger_number(w.ledger), 3);
    assert_str(ledger_origin(w.ledger), STR("ledger.aoba/sendai/3"));
    assert_str(entry_read(&w, 3, 0),
               STR("ledger.aoba/sendai/2 #2 knew 1, left 0, now ledger.aoba/sendai/3"));
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
        cmocka_unit_test(a_succeeded_log_does_not_come_back),
        cmocka_unit_test(disk_failures),
        cmocka_unit_test(engine_failures),
        cmocka_unit_test(names_of_a_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
