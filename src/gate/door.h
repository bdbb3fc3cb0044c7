/* Inner: the door's methods. */
#ifndef AZEKURA_GATE_DOOR_H
#define AZEKURA_GATE_DOOR_H

#include "gate/rules.h"
#include "http/http.h"

#include <jansson.h>
#include <stdio.h>

/* Runs the method of that name: reads `in`, fills the object `out`. FAIL_NOT_FOUND: no such method.
 */
enum error_code gate_door_handle(struct gate_visit *visit, str method, const json_t *in,
                                 json_t *out, struct error *e) MUST_USE;

#endif
