/* azekura: the one program. Names its commands; each has a file of its own. */
#include "app/commands.h"
#include "app/options.h"
#include "base/str.h"
#include "witness/witness.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_FAILED = 1, EXIT_NOT_DONE = 4 /* where 1 is an answer */ };

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *about;
    int unsaid; /* ends with it when its answer could not be written; 0: with EXIT_FAILED */
} commands[] = {
    {"serve", command_serve, "keep objects behind the S3 protocol, by the rulebooks"},
    {"explain", command_explain, "say how the rules decide an act or a subject, and why"},
    {"assess", command_assess, "give every clause a verdict about everything you own",
     EXIT_NOT_DONE},
    {"duties", command_duties, "say what must be told to whom by when; draft it", EXIT_NOT_DONE},
    {"site", command_site, "say which sites should hold the copies; replay a disaster",
     EXIT_NOT_DONE},
    {"survey", command_survey, "say where servers are, whose law reaches them, and how we know",
     EXIT_NOT_DONE},
    {"geo", command_geo, "codes of grid squares"},
    {"landmark", command_landmark, "bound where a store can be, by round trips for stored pieces",
     EXIT_NOT_DONE},
    {"rulebook", command_rulebook, "check, show and compare rulebooks, tell what new ones change"},
    {"prove", command_prove, "write a proof that an object's entry is in the ledger"},
    {"why", command_why, "say why a request was decided as it was"},
    {"user", command_user, "add, list, disable users and grant them rights"},
    {"key", command_key, "add, list and disable access keys"},
    {"exception", command_exception, "propose, approve, renew, end and list exceptions"},
    {"break-glass", command_break_glass, "lift own and contract clauses in an emergency, by two"},
    {"inspect", command_inspect, "countersign facts as an inspector, withdraw that, list"},
    {"finding", command_finding, "list and show what assessments and inspections found"},
    {"debt", command_debt, "list obligations that have time, and pay them with a document"},
    {"register", command_register, "check register files, print their schema, import them"},
    {"store", command_store, "export what the store holds, for verifying"},
    {"ledger", command_ledger, "export the ledger; open a successor after a loss"},
    {"witness", witness_command, "cosign other stores' checkpoints"},
};

static void usage(FILE *out) {
    fprintf(out, "usage: azekura COMMAND [arguments]\n\ncommands:\n");
    for (size_t i = 0; i < COUNT_OF(commands); i++)
        fprintf(out, "  %-11s %s\n", commands[i].name, commands[i].about);
    fprintf(out,
            "\n`azekura COMMAND --help` shows options and examples. Proofs are checked by the\n"
            "separate program azekura-verify.\n");
}

/* A file of the store must not get the number of a stream that is closed, and then its lines. */
static void streams_hold(void) {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd) _exit(EXIT_FAILED);
}

/* What is left in the buffer is written now; an answer that nobody got is none. */
static int told(int status, int unsaid) {
    bool failed = ferror(stdout) != 0;
    errno = 0;
    if (fflush(stdout) == 0 && !failed) return status;
    fprintf(stderr, "azekura: standard output: %s\n",
            errno != 0 ? strerror(errno) : "not all of it could be written");
    return status != 0 ? status : unsaid != 0 ? unsaid : EXIT_FAILED;
}

static int run(int argc, char **argv) {
    if (argc < 2) {
        usage(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        usage(stdout);
        return told(0, 0);
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("azekura %s\n", AZEKURA_VERSION);
        return told(0, 0);
    }
    for (size_t i = 0; i < COUNT_OF(commands); i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return told(commands[i].run(argc - 1, argv + 1), commands[i].unsaid);
    fprintf(stderr, "azekura: there is no command \"%s\"; try `azekura --help`\n", argv[1]);
    return EXIT_USAGE;
}

int main(int argc, char **argv) {
    streams_hold();
    return run(argc, argv);
}
