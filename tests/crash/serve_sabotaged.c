/* The program with a store built wrong on purpose, so that the crash tests can show that they find it; and
 * with the recorder's tap before the disk seam, so that they see what io_uring does.
 *
 * azekura itself has no such option. This links the same objects with `--wrap=engine_open_local`: the gate's
 * call comes here first, gets what AZEKURA_SABOTAGE names (words with commas between), and goes on to the
 * engine. */
#include "engine/engine.h"
#include "tests/lab/ring_tap.h"

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
    str rest = str_from_c(name), word;
    for (bool more = rest.len > 0; more;) {
        more = str_cut(&rest, ',', &word);
        if (!more) word = rest;
        if (str_equal(word, STR("tap-ring")))
            ring_tap_use();
        else if (str_equal(word, STR("no-wal-sync")))
            wrong.sabotage_no_wal_sync = true;
        else if (str_equal(word, STR("no-dir-sync")))
            wrong.sabotage_no_dir_sync = true;
        else if (str_equal(word, STR("link-after-commit")))
            wrong.sabotage_link_after_commit = true;
        else {
            fprintf(stderr, "AZEKURA_SABOTAGE: there is no \"%.*s\"\n", STR_FMT(word));
            exit(2);
        }
    }
    return __real_engine_open_local(&wrong, out, e);
}
