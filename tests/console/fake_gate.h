/* A gate of memory for the console's tests. */
#ifndef AZEKURA_TESTS_CONSOLE_FAKE_GATE_H
#define AZEKURA_TESTS_CONSOLE_FAKE_GATE_H

#include "tests/test.h"

#include "gate/gate.h"

#define FAKE_KEY    "AZKFAKE"
#define FAKE_SECRET "the-secret-that-no-page-shows"

struct fake_gate {
    struct gate_state state; /* what the page shows */
    bool sick, key_disabled, over;
    int visits_open, lists;
};
extern struct fake_gate fake;

#endif
