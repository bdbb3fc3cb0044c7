/* `azekura witness` as a process: its words, its ready line, its end. */
#include "tests/test.h"
#include "witness/witness.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOG_VKEY "ledger.example.jp/site-a+72ad1ea7+ARpb+r7u9ieA92alTjLIlHp4m0DNSu9XZbEkfVThIlQN"

static char dir[64], key_path[96], state_dir[96];

static int setup(void **state) {
    snprintf(dir, sizeof dir, "/tmp/azekura-witness-XXXXXX");
    assert_non_null(mkdtemp(dir));
    snprintf(key_path, sizeof key_path, "%s/key", dir);
    snprintf(state_dir, sizeof state_dir, "%s/state", dir);
    return 0;
}

static int teardown(void **state) {
    char path[128];
    remove(key_path);
    snprintf(path, sizeof path, "%s/lock", state_dir);
    remove(path);
    rmdir(state_dir);
    return rmdir(dir);
}

/* Starts the command in a process of its own; *out reads both its outputs. */
static pid_t begin(char **words, FILE **out) {
    int ends[2], count = 0;
    while (words[count]) count++;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(ends[1], 1);
        dup2(ends[1], 2);
        close(ends[0]);
        int status = witness_command(count, words);
        fflush(stdout);
        _exit(status);
    }
    close(ends[1]);
    *out = fdopen(ends[0], "r");
    assert_non_null(*out);
    return child;
}

static int end(pid_t child, FILE *out) {
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    fclose(out);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int run(char **words, char line[512]) {
    FILE *out;
    pid_t child = begin(words, &out);
    if (!fgets(line, 512, out)) line[0] = 0;
    return end(child, out);
}

static void words_that_are_wrong(void **state) {
    char *cases[][8] = {
        {"witness", NULL},
        {"witness", "--nonsense", NULL},
        {"witness", "--key", NULL},
        {"witness", "--key", key_path, NULL},
        {"witness", "--key", key_path, "--listen", "127.0.0.1:0", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char line[512];
        assert_int_equal(run(cases[i], line), 2);
        assert_non_null(strstr(line, "azekura witness: "));
    }
    char line[512];
    char *help[] = {"witness", "--help", NULL};
    assert_int_equal(run(help, line), 0);
    assert_non_null(strstr(line, "cosigns"));
    char *nowhere[] = {"witness", "--key",  "/nowhere/key", "--listen", "127.0.0.1:0",
                       "--log",   LOG_VKEY, "--state",      state_dir,  NULL};
    assert_int_equal(run(nowhere, line), 1);
}

static void a_key_and_a_life(void **state) {
    char vkey[512], line[512];
    char *generate[] = {"witness", "--generate", "witness.example.jp/a", "--key", key_path, NULL};
    assert_int_equal(run(generate, vkey), 0);
    struct tlog_vkey key;
    struct error e;
    assert_ok(tlog_vkey_parse(str_of(vkey, strlen(vkey) - 1), &key, &e), &e);
    assert_int_equal(key.type, TLOG_KEY_COSIGNATURE);
    assert_int_equal(run(generate, line), 1); /* never written over */

    static const int signals[] = {SIGTERM, SIGINT};
    for (size_t i = 0; i < COUNT_OF(signals); i++) {
        char *serve[] = {"witness", "--listen", "127.0.0.1:0", "--key",   key_path,
                         "--log",   LOG_VKEY,   "--state",     state_dir, NULL};
        FILE *out;
        pid_t child = begin(serve, &out);
        assert_non_null(fgets(line, sizeof line, out));
        assert_int_equal(strncmp(line, "ready witness=127.0.0.1:", 24), 0);
        assert_non_null(strstr(line, vkey)); /* the same key, as a whole line's end */
        assert_int_equal(kill(child, signals[i]), 0);
        assert_int_equal(end(child, out), 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_that_are_wrong),
        cmocka_unit_test(a_key_and_a_life),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
