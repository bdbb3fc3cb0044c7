/* Inner: rulebook files for commands that open no store. */
#ifndef AZEKURA_APP_RULEBOOKS_H
#define AZEKURA_APP_RULEBOOKS_H

#include "app/options.h"
#include "rulebook/rulebook.h"

/* Reads files, and *.yaml of folders, into input->rulebooks. FAIL_NOT_FOUND, FAIL_SYNTAX. */
enum error_code rulebooks_load(const struct option_list *paths, struct arena *arena,
                               struct arena scratch, struct rulebook_set_input *input,
                               struct error *e) MUST_USE;

enum { RULEBOOKS_MAX = 4096 }; /* rulebooks of one command: forty times what is shipped */

/* Calls `visit` for the file, or by name for each of the folder that is one; ends with the first error.
 * FAIL_NOT_FOUND: neither is there. */
typedef enum error_code rulebooks_visit(void *context, const char *path, struct error *e);
enum error_code files_walk(const char *path, bool (*is_one)(str name), rulebooks_visit *visit,
                           void *context, struct error *e) MUST_USE;
/* The same for each *.yaml. */
enum error_code rulebooks_walk(const char *path, rulebooks_visit *visit, void *context,
                               struct error *e) MUST_USE;

/* Where a folder of data lies that came with the program ("rulebooks", "events"): beside it as installed
 * (../share/azekura), or in the tree it was built from. FAIL_NOT_FOUND: in neither; then the command
 * asks for `option`. */
enum error_code shipped_folder(const char *name, const char *option, char *path, size_t bytes,
                               struct error *e) MUST_USE;
enum error_code rulebooks_shipped(char *path, size_t bytes, struct error *e) MUST_USE;

#endif
