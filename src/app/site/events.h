/* Inner: tables of events for commands that open no store. */
#ifndef AZEKURA_APP_EVENTS_H
#define AZEKURA_APP_EVENTS_H

#include "app/options.h"
#include "siting/siting.h"

/* Reads files, and *.yaml of folders, and checks them together; where none is named, the tables that came with
 * the program, which `paths` has then. Views into the arena. FAIL_NOT_FOUND, and what siting says. */
enum error_code events_open(struct option_list *paths, struct arena *arena, struct arena scratch,
                            struct siting_model *model, struct error *e) MUST_USE;

#endif
