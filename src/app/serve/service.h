/* Inner: a store that serves until it is told to stop. */
#ifndef AZEKURA_APP_SERVE_SERVICE_H
#define AZEKURA_APP_SERVE_SERVICE_H

#include "app/serve/config.h"

/* Without a runtime, which only a store that runs has. Borrows the configuration's texts. */
struct gate_options service_gate_options(const struct config *config);
/* Starts, prints the ready line, answers HUP by reading again, and drains on TERM or INT. Blocks
 * signals and takes as many files as the process may. `config_path`: what HUP holds against the file
 * as it was at start; NULL: there is none. Once a process. Returns an exit code; what went wrong is
 * on standard error. */
int service_run(const struct config *config, const char *config_path);

#endif
