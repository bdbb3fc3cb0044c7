#include "tests/gate/shown.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

char shown_text[1 << 20];

const char *why(struct hall *hall, const char *request) {
    struct guest *g = local_enters(hall);
    struct text text = text_into(shown_text, sizeof shown_text - 1);
    assert_ok(gate_why(&g->visit, str_from_c(request), &text, &g->e), &g->e);
    shown_text[text.len] = 0;
    leaves(g);
    return shown_text;
}

void says(const char *told, const char *part) {
    assert_non_null(told);
    if (told == NULL || strstr(told, part) == NULL)
        fail_msg("no \"%s\" in\n%s", part, told == NULL ? "(nothing)" : told);
}

int verify(const char *arguments) {
    char command[2048];
    snprintf(command, sizeof command, "%s %s >/tmp/azekura-gate-verify.%d 2>&1", TEST_VERIFY,
             arguments, getpid());
    int status = system(command);
    char path[64];
    snprintf(path, sizeof path, "/tmp/azekura-gate-verify.%d", getpid());
    FILE *f = fopen(path, "r");
    size_t got = f != NULL ? fread(shown_text, 1, sizeof shown_text - 1, f) : 0;
    shown_text[got] = 0;
    if (f != NULL) fclose(f);
    unlink(path);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void exported(struct hall *hall, char ledger[128], char store[128]) {
    struct guest *g = local_enters(hall);
    snprintf(ledger, 128, "%s/ledger-export", hall->dir);
    snprintf(store, 128, "%s/store-export", hall->dir);
    assert_ok(gate_export(&g->visit, store, true, NULL, NULL, &g->e), &g->e);
    assert_ok(gate_ledger_export(&g->visit, ledger, NULL, NULL, &g->e), &g->e);
    leaves(g);
}

const char *verified(struct hall *hall, int expected) {
    char ledger[128], store[128], arguments[1024];
    snprintf(ledger, sizeof ledger, "%s/ledger-export", hall->dir);
    hall_shell("rm -rf '%s' '%s/store-export'", ledger, hall->dir);
    exported(hall, ledger, store);
    snprintf(arguments, sizeof arguments, "--ledger %s --key '%.*s' --store %s --summary", ledger,
             STR_FMT(gate_ledger_vkey(hall->gate)), store);
    int code = verify(arguments);
    if (code != expected) fail_msg("azekura-verify says %d:\n%s", code, shown_text);
    return shown_text;
}

/* The proof of an object, as azekura-verify reads it under the newest log's key alone. */
const char *proved(struct hall *hall, const char *key) {
    static char proof[1 << 18];
    char path[128], arguments[1024];
    struct guest *g = root_enters(hall);
    struct gate_get which = {.bucket = STR("plain-a"), .key = str_from_c(key)};
    const str fields[] = {STR("bucket"), STR("key"), STR("size")};
    struct text text = text_into(proof, sizeof proof);
    assert_ok(gate_prove(&g->visit, &which, fields, 3, &text, &g->answer, &g->e), &g->e);
    leaves(g);
    snprintf(path, sizeof path, "%s/p.tlog-proof", hall->dir);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fwrite(proof, 1, text.len, f);
    fclose(f);
    snprintf(arguments, sizeof arguments, "--key '%.*s' %s", STR_FMT(gate_ledger_vkey(hall->gate)),
             path);
    int code = verify(arguments);
    if (code != 0) fail_msg("azekura-verify says %d:\n%s", code, shown_text);
    return shown_text;
}
