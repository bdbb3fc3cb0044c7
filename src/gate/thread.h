/* Inner: what each thread keeps for the fibers that run on it. */
#ifndef AZEKURA_GATE_THREAD_H
#define AZEKURA_GATE_THREAD_H

#include "gate/inner.h"

struct gate_writing;
struct gate_inner_reading;

/* Memory for a moment: gone with the next call that asks for it, so for code that neither parks nor
 * calls such code. FAIL_MEMORY. */
enum { GATE_SCRATCH_BYTES = 8 << 20 }; /* address space: pages cost once touched */
enum error_code gate_scratch(struct arena *out, struct error *e) MUST_USE;

/* Writings and readings are 130 KiB each and live for one request: kept for the next one, so many
 * at most. */
enum { GATE_POOL_KEPT = 64 };
struct gate_pool {
    void *first;
    unsigned count;
};
enum gate_pool_kind { GATE_POOL_WRITINGS, GATE_POOL_READINGS, GATE_POOL_KINDS };
/* NULL: no memory left. Uninitialised but for what the pool itself wrote into its first bytes. */
void *gate_pool_take(enum gate_pool_kind kind, size_t bytes);
void gate_pool_give(enum gate_pool_kind kind, void *at);

#endif
