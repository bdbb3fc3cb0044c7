/* The program with a store built wrong on purpose, so that the crash tests can show that they find it.
 *
 * azekura itself has no such option. This links the same objects with `--wrap=engine_open_local`: the gate's
 * call comes here first, gets the sabotage that AZEKURA_SABOTAGE names, and goes on to the engine. */
#include "engine/engine.h"

#include <stdio.h>
#include <stdlib.h>

enum error_code __real_engine_open_local(const struct engine_local_options *options,
                                         struct engine **out, struct error *e) MUST_USE;
enum error_code __wrap_engine_open_local(const struct engine_local_options *options,
                                         struct engine **out, struct error *e) MUST_USE;

enum error_code __wrap_engine_open_local(const struct engine_local_options *options,
                                         struct engine **out, struct error *e) {
    struct engine_local_options wrong = *options;
    const char *name = getenv("AZEKURA_SABOTAGE");
    if (name == NULL) return __real_engine_open_local(options, out, e);
    wrong.sabotage_no_wal_sync = strcmp(name, "no-wal-sync") == 0;
    wrong.sabotage_no_dir_sync = strcmp(name, "no-dir-sync") == 0;
    wrong.sabotage_link_after_commit = strcmp(name, "link-after-commit") == 0;
    if (!wrong.sabotage_no_wal_sync && !wrong.sabotage_no_dir_sync &&
        !wrong.sabotage_link_after_commit) {
        fprintf(stderr, "AZEKURA_SABOTAGE: there is no \"%s\"\n", name);
        exit(2);
    }
    return __real_engine_open_local(&wrong, out, e);
}
