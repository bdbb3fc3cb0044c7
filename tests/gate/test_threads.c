/* Many at once: one key, worlds that change under open visits, and a commit that fails. */
#include "tests/gate/hall.h"

#include <unistd.h>

enum { WRITERS = 4, ROUNDS = 25 };

struct writer {
    struct hall *hall;
    pthread_t thread;
    unsigned won, lost, other;
    _Atomic(bool) *stop;
};

static void *creator_run(void *self) {
    struct writer *w = self;
    for (unsigned i = 0; i < ROUNDS; i++) {
        char key[16];
        snprintf(key, sizeof key, "k%u", i);
        struct guest *g = root_enters(w->hall);
        struct gate_put put = {
            .bucket = STR("plain-a"), .key = str_from_c(key), .condition = {.if_none = true}};
        switch (put_opened(g, &put, STR("x"))) {
        case OK: w->won++; break;
        case FAIL_PRECONDITION: w->lost++; break;
        default: w->other++;
        }
        leaves(g);
    }
    return NULL;
}

static void of_many_creators_one_wins(void **state) {
    struct hall *hall = *state;
    struct writer writers[WRITERS];
    unsigned won = 0, lost = 0;
    assert_int_equal(root_makes(hall, "plain-a").code, OK);
    uint64_t before = entries(hall);
    for (size_t i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){.hall = hall};
        assert_int_equal(pthread_create(&writers[i].thread, NULL, creator_run, &writers[i]), 0);
    }
    for (size_t i = 0; i < WRITERS; i++) {
        pthread_join(writers[i].thread, NULL);
        won += writers[i].won;
        lost += writers[i].lost;
        assert_int_equal(writers[i].other, 0);
    }
    assert_int_equal(won, ROUNDS);
    assert_int_equal(lost, ROUNDS * (WRITERS - 1));
    assert_int_equal(entries_of(hall, EVIDENCE_PUT, before), ROUNDS);
}

/* ---- worlds change under open visits ---- */

static void *reader_run(void *self) {
    struct writer *w = self;
    char text[64];
    while (!atomic_load(w->stop)) {
        struct guest *g = root_enters(w->hall);
        switch (get_text(g, "critical-a", "k", text)) {
        case OK: w->won++; break;
        case FAIL_REFUSED: w->lost++; break;
        default: w->other++;
        }
        leaves(g);
    }
    return NULL;
}

static void worlds_go_when_nobody_is_in_them(void **state) {
    struct hall *hall = *state;
    struct writer readers[3];
    _Atomic(bool) stop = false;
    struct error e;
    char name[32], text[64];
    assert_int_equal(root_makes(hall, "critical-a").code, OK);
    assert_int_equal(root_puts(hall, "critical-a", "k", "x").code, OK);
    struct guest *early = root_enters(hall); /* stays in the first world throughout */
    for (size_t i = 0; i < COUNT_OF(readers); i++) {
        readers[i] = (struct writer){.hall = hall, .stop = &stop};
        assert_int_equal(pthread_create(&readers[i].thread, NULL, reader_run, &readers[i]), 0);
    }
    for (unsigned i = 0; i < 12; i++) {
        snprintf(name, sizeof name, "plain-%u", i);
        assert_int_equal(root_makes(hall, name).code, OK);
        hall_edit(hall, hall_rules(hall), i % 2 == 0 ? "is duty" : "is leisure",
                  i % 2 == 0 ? "is leisure" : "is duty");
        assert_ok(gate_reload(hall->gate, &e), &e);
    }
    atomic_store(&stop, true);
    for (size_t i = 0; i < COUNT_OF(readers); i++) {
        pthread_join(readers[i].thread, NULL);
        assert_int_equal(readers[i].other, 0);
        assert_int_equal(readers[i].won, 0); /* nobody stated a purpose */
        assert_true(readers[i].lost > 0);
    }
    /* Whoever came first still asks by the rules of then. */
    early->visit.purpose = STR("duty");
    assert_ok(get_text(early, "critical-a", "k", text), &early->e);
    assert_non_null(atomic_load(&hall->gate->world)->older);
    leaves(early);
    /* Each turn looks once more, the keeper's too. */
    for (int i = 0; i < 100 && atomic_load(&hall->gate->world)->older != NULL; i++) usleep(50000);
    assert_null(atomic_load(&hall->gate->world)->older);
}

/* ---- commits that fail ---- */

/* Every call of the engine fails once under a put and the turn it needs: the answer is honest, the
 * store goes on, and what was acknowledged is there. */
static void every_call_fails_once(void **state) {
    struct hall *hall = *state;
    char text[64], key[16];
    unsigned failed = 0, reopened = 0;
    assert_int_equal(root_makes(hall, "advised-a").code, OK);
    gate_keeper_close(hall->gate); /* its turns would take the failure */
    for (uint64_t n = 1; n < 400; n++) {
        snprintf(key, sizeof key, "k%llu", (unsigned long long)n);
        uint64_t before = entries(hall), turns = atomic_load(&hall->gate->counters.turns_failed);
        struct guest *g = root_enters(hall);
        engine_lab_fail_at(hall->gate->engine, n);
        enum error_code code = put(g, "advised-a", key, STR("hello"));
        bool reached = engine_lab_calls(hall->gate->engine) >= n;
        engine_lab_fail_at(hall->gate->engine, 0);
        leaves(g);
        reopened += atomic_load(&hall->gate->counters.turns_failed) > turns;
        failed += code != OK;
        assert_int_equal(entries_of(hall, EVIDENCE_PUT, before), code == OK);
        assert_int_equal(root_gets(hall, "advised-a", key, text).code,
                         code == OK ? OK : FAIL_NO_SUCH_KEY);
        store_is_sound(hall);
        if (!reached) break;
        assert_true(n < 399);
    }
    assert_true(failed > 5);
    assert_int_equal(reopened, 1); /* the commit itself; all else is withdrawn alone */
    assert_int_equal(root_puts(hall, "advised-a", "after", "x").code, OK);
}

/* A refusal whose turn failed is no refusal: nothing of it is folded. */
static void folds_forget_what_failed(void **state) {
    struct hall *hall = *state;
    assert_int_equal(root_makes(hall, "mystery-a").code, OK);
    gate_keeper_close(hall->gate);
    bool any_failed = false;
    for (uint64_t n = 1; n < 100; n++) {
        struct guest *g = root_enters(hall);
        engine_lab_fail_at(hall->gate->engine, n);
        enum error_code code = put(g, "mystery-a", "k", STR("x"));
        engine_lab_fail_at(hall->gate->engine, 0);
        leaves(g);
        if (code == FAIL_REFUSED) break;
        any_failed = true;
        assert_int_equal(entries_of(hall, EVIDENCE_REFUSE, 0), 0);
    }
    assert_true(any_failed);
    struct once refused = root_puts(hall, "mystery-a", "k", "x");
    assert_int_equal(refused.code, FAIL_REFUSED);
    struct seen *seen = calloc(1, sizeof *seen);
    entry_read(hall, receipt_index(refused.receipt), seen);
    assert_int_equal(seen->entry.type, EVIDENCE_REFUSE);
    free(seen);
    assert_int_equal(entries_of(hall, EVIDENCE_REFUSE, 0), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(of_many_creators_one_wins, hall_open, hall_close),
        cmocka_unit_test_setup_teardown(worlds_go_when_nobody_is_in_them, hall_open, hall_close),
        cmocka_unit_test_setup_teardown(every_call_fails_once, hall_open_lab, hall_close),
        cmocka_unit_test_setup_teardown(folds_forget_what_failed, hall_open_lab, hall_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
