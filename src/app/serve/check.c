/* What `serve --check` finds wrong: each value as starting would take it, and every fault at once, so
 * that a person mends them in one go. */
#include "app/serve/config.h"
#include "base/runtime.h"
#include "http/http.h"

#include <pwd.h>
#include <stdio.h>

struct checking {
    int faults;
};

static void fault(struct checking *c, const char *key, enum error_code code,
                  const struct error *e) {
    char text[1400];
    if (code == OK) return;
    fprintf(stderr, "azekura serve: %s%s%s\n", key, key[0] != 0 ? ": " : "",
            error_text(e, text, sizeof text));
    c->faults++;
}

static void address_check(struct checking *c, const char *key, const char *text) {
    struct net_address address;
    struct error e;
    fault(c, key, net_address_read(str_from_c(text), &address, &e), &e);
}

static void tls_check(struct checking *c, const char *key, const char *certificate,
                      const char *private_key) {
    struct error e;
    if (certificate == NULL && private_key == NULL) return;
    fault(c, key, http_tls_check(str_from_c(certificate), str_from_c(private_key), &e), &e);
}

static enum error_code word_check(const char *word, const char *const *words, size_t count,
                                  const char *expected, struct error *e) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(word, words[i]) == 0) return OK;
    return error_set(e, FAIL_USAGE, "expected %s, not \"%.100s\"", expected, word);
}

static enum error_code user_check(const char *user, struct error *e) {
    if (user == NULL || getpwnam(user) != NULL) return OK;
    return error_set(e, FAIL_NOT_FOUND, "there is no user \"%.100s\" to become", user);
}

enum error_code config_metadata_check(const char *url, struct error *e) {
    if (url == NULL || strcmp(url, "off") == 0) return OK;
    if (strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0) return OK;
    return error_set(e, FAIL_USAGE,
                     "metadata: expected off or an http or https URL, not \"%.100s\"", url);
}

int config_log_level(const char *name) {
    static const char *const names[] = {"debug", "info", "warning", "error"};
    for (int i = 0; i < 4; i++)
        if (strcmp(name, names[i]) == 0) return i;
    return -1;
}

int config_check(const struct config *config, const struct gate_options *gate) {
    static const char *const backends[] = {"auto", "uring", "epoll"};
    struct checking c = {0};
    struct error e;
    address_check(&c, "s3", config->s3);
    address_check(&c, "console", config->console);
    address_check(&c, "landmark", config->landmark);
    tls_check(&c, "certificate", config->certificate, config->key);
    tls_check(&c, "console-certificate", config->console_certificate, config->console_key);
    fault(&c, "backend",
          word_check(config->backend, backends, COUNT_OF(backends), "auto, uring or epoll", &e),
          &e);
    if (config_log_level(config->log_level) < 0)
        fault(&c, "log-level",
              error_set(&e, FAIL_USAGE, "expected debug, info, warning or error, not \"%.100s\"",
                        config->log_level),
              &e);
    fault(&c, "run-as", user_check(config->user, &e), &e);
    fault(&c, "", config_metadata_check(config->metadata, &e), &e);
    if (config->site == NULL)
        fault(&c, "site",
              error_set(&e, FAIL_USAGE,
                        "none: say with --site which row of the register this store is"),
              &e);
    else
        fault(&c, "", gate_check(gate, &e), &e);
    return c.faults;
}
