/* Inner: rulebook files for commands that open no store. */
#ifndef AZEKURA_APP_RULEBOOKS_H
#define AZEKURA_APP_RULEBOOKS_H

#include "app/options.h"
#include "rulebook/rulebook.h"

/* Reads files, and *.yaml of folders, into input->rulebooks. FAIL_NOT_FOUND, FAIL_SYNTAX. */
enum error_code rulebooks_load(const struct option_list *paths, struct arena *arena,
                               struct arena scratch, struct rulebook_set_input *input,
                               struct error *e) MUST_USE;

#endif
