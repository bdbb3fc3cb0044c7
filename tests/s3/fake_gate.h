/* A gate made of memory: grants, decisions and objects as simple as can be, and a count of every
 * call, so that a test can say that nobody was asked. */
#ifndef AZEKURA_TESTS_S3_FAKE_GATE_H
#define AZEKURA_TESTS_S3_FAKE_GATE_H

#include "gate/gate.h"

/* Every bucket is open to the one user, with two words of magic: a bucket whose name begins with
 * "refused-" exists and is refused by a clause; one that begins with "warned-" warns. */
#define FAKE_KEY    STR("AKIAIOSFODNN7EXAMPLE")
#define FAKE_SECRET STR("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")

struct gate *fake_gate_open(void);
void fake_gate_close(struct gate *gate);
uint64_t fake_gate_calls(const struct gate *gate);   /* anything but begin, key, vouch, end */
uint64_t fake_gate_lookups(const struct gate *gate); /* keys looked up */
/* The n-th write from now fails with this; 0: none. */
void fake_gate_fail(struct gate *gate, unsigned after, enum error_code code);
unsigned
fake_gate_open_writings(const struct gate *gate); /* opened, neither committed nor abandoned */

#endif
