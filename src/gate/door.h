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

struct gate_door_method {
    const char *name;
    enum error_code (*run)(struct gate_visit *v, const json_t *in, json_t *out, struct error *e);
};
extern const struct gate_door_method gate_door_loosening[]; /* gate/methods_loosen.c */
extern const size_t gate_door_loosening_count;
extern const struct gate_door_method gate_door_inspecting[]; /* gate/methods_inspect.c */
extern const size_t gate_door_inspecting_count;
extern const struct gate_door_method gate_door_register[]; /* gate/methods_register.c */
extern const size_t gate_door_register_count;

/* Reading a request: empty when it is not there; FAIL_USAGE when it must be. */
str gate_door_text(const json_t *in, const char *name);
enum error_code gate_door_need(const json_t *in, const char *name, str *out,
                               struct error *e) MUST_USE;
enum error_code gate_door_time(const json_t *in, const char *name, int64_t *out,
                               struct error *e) MUST_USE;
/* Writing a reply. */
void gate_door_put(json_t *out, const char *name, str value);
enum error_code gate_door_receipt(json_t *out, const struct gate_answer *answer,
                                  enum error_code code) MUST_USE;

#endif
