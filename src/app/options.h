/* Inner: command lines. One table a command gives parsing, --help and the errors. */
#ifndef AZEKURA_APP_OPTIONS_H
#define AZEKURA_APP_OPTIONS_H

#include "base/base.h"

enum option_kind {
    OPTION_FLAG,   /* --print-keys                bool * */
    OPTION_TEXT,   /* --site ID                   const char **; a value "en|ja" is one of these */
    OPTION_NUMBER, /* --rounds N                  uint64_t * */
    OPTION_ON_OFF, /* --own-addresses on|off      bool * */
    OPTION_LIST,   /* --register PATH, repeatable struct option_list * */
};
enum { OPTION_LIST_MAX = 64 };
struct option_list {
    const char *at[OPTION_LIST_MAX];
    size_t count;
};
struct option {
    const char *name; /* without dashes */
    enum option_kind kind;
    void *to;
    const char *value; /* what --help calls it */
    const char *about;
};

struct command_line {
    const char *command;          /* "azekura serve" */
    const char *synopsis;         /* after the command */
    const char *about;            /* one paragraph */
    const char *examples;         /* indented lines */
    const struct option *options; /* closed by one without a name */
    size_t positional_min, positional_max;
};

enum { EXIT_USAGE = 2 }; /* the words were wrong, in every command */

/* Reads argv[1..]; what is no option is moved to `positional`, closed with NULL. "--name=value" and
 * "--name value" both; "--" ends options. False where the command ends here, with the exit status:
 * 0 after --help, EXIT_USAGE after a message about the words. */
bool options_read(const struct command_line *line, int argc, char **argv, const char **positional,
                  size_t positional_cap, int *ended);

#endif
