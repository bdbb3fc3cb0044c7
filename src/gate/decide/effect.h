/* Inner: which effect of a clause weighs more. Its number says what it is, not how much it matters:
 * what an exception let through has a greater number than what refused. */
#ifndef AZEKURA_GATE_DECIDE_EFFECT_H
#define AZEKURA_GATE_DECIDE_EFFECT_H

#include "evidence/evidence.h"

/* 0 weighs most: refuse, warn, broken, excepted, lifted, allow. */
static inline unsigned gate_effect_rank(uint8_t effect) {
    switch (effect & 0x7f) {
    case EVIDENCE_EFFECT_REFUSE: return 0;
    case EVIDENCE_EFFECT_WARN: return 1;
    case EVIDENCE_EFFECT_BROKEN: return 2;
    case EVIDENCE_EFFECT_EXCEPTED: return 3;
    case EVIDENCE_EFFECT_LIFTED: return 4;
    default: return 5;
    }
}

#endif
