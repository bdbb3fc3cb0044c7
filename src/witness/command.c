/* `azekura witness`: words, key, server, until INT or TERM. */
#include "base/log.h"
#include "witness/witness.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_WORDS = 2 };

struct words {
    const char *listen, *generate;
    struct witness_options witness;
    const char *logs[2 * WITNESS_LOGS_MAX];
    bool help;
};

static const char help[] =
    "azekura witness cosigns checkpoints of other stores' ledgers, so that none of them can show\n"
    "two histories. It keeps the newest checkpoint of each log and signs only what follows it.\n"
    "\n"
    "  azekura witness --generate NAME --key FILE\n"
    "  azekura witness --listen ADDR:PORT --key FILE --log VKEY… --state DIR\n"
    "\n"
    "  --generate NAME   make a key of that name (such as witness.example.jp/ministry) in --key;\n"
    "                    prints the verifier key that stores and policies need\n"
    "  --listen A:P      where to answer POST /add-checkpoint and GET /<origin hash>/checkpoint\n"
    "  --key FILE        the signer key; keep it from everyone else\n"
    "  --log VKEY        a log to cosign, as its store printed it; once for each\n"
    "  --state DIR       what must not be forgotten: never restore it from an older copy\n"
    "\n"
    "Exit status: 0 ended by INT or TERM, 1 cannot serve, 2 wrong usage.\n";

static enum error_code words_read(int argc, char **argv, struct words *w, struct error *e) {
    w->witness.logs = w->logs;
    for (int i = 1; i < argc; i++) {
        str word = str_from_c(argv[i]);
        if (str_equal(word, STR("--help")) || str_equal(word, STR("-h"))) {
            w->help = true;
            return OK;
        }
        const char **value = str_equal(word, STR("--listen"))     ? &w->listen
                             : str_equal(word, STR("--generate")) ? &w->generate
                             : str_equal(word, STR("--key"))      ? &w->witness.key_path
                             : str_equal(word, STR("--state"))    ? &w->witness.state_dir
                                                                  : NULL;
        if (str_equal(word, STR("--log"))) {
            if (w->witness.log_count == COUNT_OF(w->logs))
                return error_set(e, FAIL_USAGE, "too many logs");
            value = &w->logs[w->witness.log_count++];
        }
        if (value == NULL) return error_set(e, FAIL_USAGE, "\"%s\" is not an option", argv[i]);
        if (++i == argc) return error_set(e, FAIL_USAGE, "%s lacks its value", argv[i - 1]);
        *value = argv[i];
    }
    if (!w->witness.key_path) return error_set(e, FAIL_USAGE, "--key is missing");
    if (w->generate && !w->listen) return OK;
    if (!w->listen || !w->witness.state_dir || w->witness.log_count == 0)
        return error_set(e, FAIL_USAGE, "--listen, --state and at least one --log are needed");
    return OK;
}

static void vkey_print(const char *before, const struct tlog_vkey *key) {
    char text[TLOG_VKEY_TEXT_BYTES];
    printf("%s%.*s\n", before, (int)tlog_vkey_write(key, text), text);
    fflush(stdout);
}

/* INT and TERM are waited for, not caught: every thread started after this has them blocked. */
static void signals_block(sigset_t *set) {
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, set, NULL);
}

static enum error_code serve_until_told(struct witness *witness, struct runtime *runtime,
                                        const struct net_address *listen, const sigset_t *signals,
                                        struct error *e) {
    struct witness_server *server;
    char address[NET_TEXT_BYTES];
    int number;
    TRY(witness_server_open(witness, runtime, listen, &server, e));
    struct net_address given = witness_server_address(server);
    net_address_write(&given, address);
    printf("ready witness=%s ", address);
    vkey_print("vkey=", witness_vkey(witness));
    sigwait(signals, &number);
    log_event(LOG_INFO, "witness stops", LOG_INT("signal", number));
    witness_server_close(server);
    return OK;
}

static enum error_code witness_run(const struct words *words, struct error *e) {
    struct net_address listen;
    struct witness *witness;
    struct runtime *runtime;
    sigset_t signals;
    TRY(net_address_read(str_from_c(words->listen), &listen, e));
    TRY(witness_open(&words->witness, &witness, e));
    signals_block(&signals);
    struct runtime_options options = {.reactors = 1};
    enum error_code code = runtime_open(&options, &runtime, e);
    if (code == OK) {
        code = serve_until_told(witness, runtime, &listen, &signals, e);
        runtime_close(runtime);
    }
    witness_close(witness);
    return code;
}

int witness_command(int argc, char **argv) {
    static struct words words; /* a kilobyte of log names; once a process */
    struct error e;
    char text[1024];
    memset(&words, 0, sizeof words);
    if (words_read(argc, argv, &words, &e) != OK) {
        fprintf(stderr, "azekura witness: %s; --help tells more\n",
                error_text(&e, text, sizeof text));
        return EXIT_WORDS;
    }
    if (words.help) {
        fputs(help, stdout);
        return EXIT_DONE;
    }
    enum error_code code = OK;
    if (words.generate) {
        struct tlog_vkey key;
        code = witness_key_generate(words.witness.key_path, str_from_c(words.generate), &key, &e);
        if (code == OK && !words.listen) vkey_print("", &key);
    }
    if (code == OK && words.listen) code = witness_run(&words, &e);
    if (code == OK) return EXIT_DONE;
    fprintf(stderr, "azekura witness: %s\n", error_text(&e, text, sizeof text));
    return code == FAIL_USAGE ? EXIT_WORDS : EXIT_FAILED;
}
