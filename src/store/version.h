/* Inner: what writing objects and finishing uploads share. */
#ifndef AZEKURA_STORE_VERSION_H
#define AZEKURA_STORE_VERSION_H

#include "store/rows.h"

/* The body is no longer named: its bytes go with this turn, or (parts) soon after it. */
enum error_code body_drop(struct engine_turn *turn, const struct store_body *body,
                          struct error *e) MUST_USE;
/* A body that a row now names: remembered, so that a start's sweep keeps its file. */
enum error_code body_name(struct engine_turn *turn, const struct store_body *body,
                          struct error *e) MUST_USE;

#endif
