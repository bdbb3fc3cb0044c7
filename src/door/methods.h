/* Inner: a method of the door, the tables of them, and what they share. */
#ifndef AZEKURA_DOOR_METHODS_H
#define AZEKURA_DOOR_METHODS_H

#include "gate/gate.h"

#include <jansson.h>

/* Runs the method of that name: reads `in`, fills the object `out`. FAIL_NOT_FOUND: no such method.
 */
enum error_code door_handle(struct gate_visit *visit, str method, const json_t *in, json_t *out,
                            struct error *e) MUST_USE;

struct door_method {
    const char *name;
    enum error_code (*run)(struct gate_visit *v, const json_t *in, json_t *out, struct error *e);
};
extern const struct door_method door_identities[], door_loosening[], door_debts[],
    door_inspecting[], door_register[], door_evidence[];
extern const size_t door_identities_count, door_loosening_count, door_debts_count,
    door_inspecting_count, door_register_count, door_evidence_count;

/* Reading a request: empty when it is not there; FAIL_USAGE when it must be. */
str door_text(const json_t *in, const char *name);
enum error_code door_need(const json_t *in, const char *name, str *out, struct error *e) MUST_USE;
enum error_code door_time(const json_t *in, const char *name, int64_t *out,
                          struct error *e) MUST_USE;
/* Writing a reply. */
void door_put(json_t *out, const char *name, str value);
void door_time_put(json_t *out, const char *name, int64_t wall_ns); /* to the second */
/* The answer's receipt where `code` is OK; returns `code`. */
enum error_code door_receipt(json_t *out, const struct gate_answer *answer,
                             enum error_code code) MUST_USE;

#endif
