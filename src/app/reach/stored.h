/* Inner: register and rulebooks of a store, running or not, for commands that judge by them. */
#ifndef AZEKURA_APP_STORED_H
#define AZEKURA_APP_STORED_H

#include "register/register.h"
#include "rulebook/rulebook.h"
#include "siting/siting.h"

struct stored {
    const char *data, *credentials; /* of the store; who comes, NULL: its owner */
    int64_t held_ns;                /* the register as it was held then; INT64_MAX: now */
    int64_t at_ns;                  /* inspections that hold then are laid over it */
};
/* A fact that was found to be otherwise than declared counts as unknown. Released by register_release; the
 * arena holds what inspections say. What the door says, and FAIL_CORRUPT: it did not come whole. */
enum error_code stored_register(const struct stored *stored, struct arena *arena,
                                struct register_snapshot **out, struct error *e) MUST_USE;
/* Into input->rulebooks; FAIL_SYNTAX. */
enum error_code stored_rulebooks(const struct stored *stored, struct arena *arena,
                                 struct arena scratch, struct rulebook_set_input *input,
                                 struct error *e) MUST_USE;
/* The tables of events in force there, read into one model and checked; is_there false: it has none. Views
 * into the arena. FAIL_SYNTAX, FAIL_LIMIT. */
enum error_code stored_events(const struct stored *stored, struct arena *arena,
                              struct arena scratch, struct siting_model *model, bool *is_there,
                              struct error *e) MUST_USE;

#endif
