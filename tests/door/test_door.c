/* The door as a command uses it where no server runs: what it answers, and what it says no to. */
#include "door/door.h"
#include "tests/gate/shown.h"

static enum error_code asks_offline(struct hall *hall, const char *method, const char *request,
                                    struct error *e) {
    static char memory[1 << 20];
    struct arena arena = arena_over(memory, sizeof memory);
    struct door_call call = {
        .data_dir = hall->data, .method = str_from_c(method), .request = str_from_c(request)};
    str reply;
    return door_call(&call, &arena, &reply, e);
}

/* A command on a stopped store made new keys in DATA/keys, where the server had none, and could open
 * nothing with them. */
static void a_command_finds_keys_that_lie_elsewhere(void **state) {
    struct hall *hall = *state;
    struct error e;
    char kept[128], said_memory[2048];
    const char *prove = "{\"bucket\":\"plain-a\",\"key\":\"k\",\"open\":[\"key\"]}";
    hall_stop(hall);
    snprintf(kept, sizeof kept, "%s/kept/keys", hall->dir);
    hall_shell("rm -r '%s' && mkdir '%s/kept'", hall->data, hall->dir);
    hall->options.key_dir = kept;
    hall_start(hall);
    assert_int_equal(root_makes(hall, "plain-a").code, OK);
    assert_int_equal(root_puts(hall, "plain-a", "k", "hello").code, OK);
    hall_stop(hall);
    assert_ok(asks_offline(hall, "prove", prove, &e), &e);
    hall_shell("test ! -e '%s/keys'", hall->data);

    hall_shell("mv '%s' '%s.away'", kept, kept);
    assert_int_equal(asks_offline(hall, "prove", prove, &e), FAIL_NOT_FOUND);
    assert_non_null(strstr(e.message, kept));
    hall_shell("test ! -e '%s' && test ! -e '%s/keys'", kept, hall->data);
    hall_shell("mv '%s.away' '%s'", kept, kept);

    /* the way out knows them too, without a configuration */
    hall_shell("cp -r '%s' '%s/copy'", hall->data, hall->dir);
    hall_start(hall);
    assert_int_equal(root_puts(hall, "plain-a", "lost", "lost").code, OK);
    hall_stop(hall);
    struct gate_options options = hall->options;
    options.key_dir = NULL;
    hall_shell("cp '%s/ledger/signed' '%s/signed' && rm -r '%s'", hall->data, hall->dir,
               hall->data);
    hall_shell("cp -r '%s/copy' '%s' && cp '%s/signed' '%s/ledger/signed'", hall->dir, hall->data,
               hall->dir, hall->data);
    struct text said = text_into(said_memory, sizeof said_memory);
    assert_ok(gate_succeed(&options, STR("a copy was put back"), &said, &e), &e);
    hall_start(hall);
    says(verified(hall, 0), "1 succession");
    hall_stop(hall);

    /* moved back into DATA, they are found there */
    hall_shell("mv '%s' '%s/keys'", kept, hall->data);
    assert_ok(asks_offline(hall, "prove", prove, &e), &e);
    hall->options.key_dir = NULL;
    hall_start(hall);
}

/* What comes back for what no method, no JSON and no key is. */
static void what_is_wrong_is_said(void **state) {
    static const struct {
        const char *name, *method, *request, *access_key, *secret_key;
        enum error_code code;
        const char *says;
    } cases[] = {
        {"a method", "identity/list", "{}", "", "", OK, ""},
        {"no method", "identity/lost", "{}", "", "", FAIL_NOT_FOUND, "identity/lost"},
        {"no JSON", "identity/list", "{", "", "", FAIL_SYNTAX, "line 1"},
        {"a key twice", "user/add", "{\"user\":\"a\",\"user\":\"b\"}", "", "", FAIL_SYNTAX,
         "line 1"},
        {"a word missing", "user/add", "{}", "", "", FAIL_USAGE, "\"user\" is missing"},
        {"no day", "register/show", "{\"id\":\"here\",\"at\":\"May\"}", "", "", FAIL_USAGE,
         "no day or time"},
        {"an unknown key", "identity/list", "{}", "AKIANOBODY", "x", FAIL_ACCESS_KEY, ""},
        {"another's secret", "identity/list", "{}", "root", "x", FAIL_ACCESS_DENIED,
         "not that access key's"},
    };
    struct hall *hall = *state;
    hall_stop(hall);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        static char memory[1 << 23];
        struct arena arena = arena_over(memory, sizeof memory);
        struct error e = {0};
        str key = str_from_c(cases[i].access_key), reply;
        if (str_equal(key, STR("root"))) key = str_from_c(hall->root_key);
        struct door_call call = {.data_dir = hall->data,
                                 .method = str_from_c(cases[i].method),
                                 .request = str_from_c(cases[i].request),
                                 .access_key = key,
                                 .secret_key = str_from_c(cases[i].secret_key)};
        print_message("%s\n", cases[i].name);
        assert_int_equal(door_call(&call, &arena, &reply, &e), cases[i].code);
        if (cases[i].code == OK)
            assert_true(str_starts(reply, STR("{\"users\":[{")));
        else
            assert_non_null(strstr(e.message, cases[i].says));
    }
    hall_start(hall);
}

#define IN_A_HALL(f) cmocka_unit_test_setup_teardown(f, hall_open, hall_close)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_A_HALL(a_command_finds_keys_that_lie_elsewhere),
        IN_A_HALL(what_is_wrong_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
