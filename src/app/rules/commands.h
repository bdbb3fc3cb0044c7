/* Inner: the parts of `azekura rulebook`, each in a file of its own. They print, and return the
 * exit code. */
#ifndef AZEKURA_APP_RULEBOOK_COMMANDS_H
#define AZEKURA_APP_RULEBOOK_COMMANDS_H

#include "app/options.h"
#include "rulebook/rulebook.h"

int rulebook_check_command(const char **paths, bool json);
int rulebook_show_command(const char **paths, enum rulebook_language language);
/* FILE, or FILE:NAME where a file has several. */
int rulebook_diff_command(const char *before, const char *after, enum rulebook_language language,
                          bool json);
/* With options of their own; argv[0] is the word. */
int rulebook_impact_command(int argc, char **argv);
int rulebook_try_command(int argc, char **argv);
int rulebook_keygen_command(int argc, char **argv);
int rulebook_sign_command(int argc, char **argv);
int rulebook_verify_command(int argc, char **argv);

#endif
