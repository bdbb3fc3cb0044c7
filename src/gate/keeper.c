/* The keeper: a thread for what happens without being asked. It signs checkpoints, asks witnesses,
 * has sealed rows trimmed, folded refusals counted and leftovers removed, and compiles the rules
 * anew when a day or a date in the register has passed. */
#include "gate/turn/committer.h"

#include <errno.h>
#include <stdlib.h>

enum { TIDY_ROWS = 500, WITNESS_ROUND_MS = 5000 };

struct gate_keeper {
    struct gate *gate;
    pthread_t thread;
    sem_t stop;
    int64_t published_ns; /* steady */
    bool publish_failed;
};

static enum error_code upkeep_apply(struct gate_turn *turn, void *self, struct error *e) {
    bool *more = self;
    uint64_t trimmed = 0;
    bool tidy_more = false;
    TRY(gate_folds_end(turn, false, e));
    if (ledger_trim_due(turn->gate->ledger)) {
        TRY(ledger_trim(turn->gate->ledger, &trimmed, e));
        if (trimmed > 0) turn->wrote = true;
    }
    uint64_t before = engine_turn_bytes(turn->engine);
    TRY(store_tidy(turn->engine, turn->now_ns, TIDY_ROWS, turn->scratch, &tidy_more, e));
    if (engine_turn_bytes(turn->engine) != before) turn->wrote = true;
    *more = tidy_more || trimmed == LEDGER_TRIM_MAX;
    return OK;
}

static bool upkeep(struct gate *gate) {
    bool more = false;
    struct error e;
    struct gate_work work = {.apply = upkeep_apply, .self = &more, .bytes = 64 << 10};
    if (gate_submit(gate, &work, &e) == OK) return more;
    if (work.code != FAIL_STOPPING) log_error("upkeep-failed", &e);
    return false;
}

static void publish(struct gate_keeper *k) {
    struct error e;
    if (!ledger_publish_due(k->gate->ledger)) return;
    bool failed = gate_publish_now(k->gate, &e) != OK;
    if (failed && !k->publish_failed) log_error("publish-failed", &e);
    k->publish_failed = failed;
    k->published_ns = clock_steady_ns();
}

static void witnesses(struct gate *gate) {
    struct error e;
    if (!ledger_witness_due(gate->ledger)) return;
    if (ledger_witness_round(gate->ledger, clock_steady_ns() + WITNESS_ROUND_MS * NS_PER_MS, &e) !=
        OK)
        log_error("witness-round", &e);
}

static void rules_age(struct gate *gate) {
    unsigned slot;
    struct gate_world *world = gate_world_take(gate, &slot);
    int64_t until = world->rules->until_ns;
    gate_world_give(world, slot);
    struct error e;
    if (clock_wall_ns() < until) return;
    if (gate_rules_change(gate, NULL, false, STR("a date has passed"), &e) != OK)
        log_error("rules-renewal-failed", &e);
}

static void *keeper_run(void *self) {
    struct gate_keeper *k = self;
    for (bool more = false;;) {
        struct timespec at;
        clock_gettime(CLOCK_REALTIME, &at);
        /* Twice a checkpoint's time, so that none is older than promised. */
        int64_t wait = more ? NS_PER_MS : LIMIT_CHECKPOINT_MS * NS_PER_MS / 2;
        at.tv_nsec += wait;
        at.tv_sec += at.tv_nsec / NS_PER_S;
        at.tv_nsec %= NS_PER_S;
        if (sem_timedwait(&k->stop, &at) == 0) return NULL;
        publish(k);
        witnesses(k->gate);
        more = upkeep(k->gate);
        rules_age(k->gate);
        /* A command that opens DATA for a moment leaves what falls due to the store itself. */
        if (!k->gate->options.is_command) {
            more = gate_loosenings_end(k->gate) || more;
            more = gate_debts_tend(k->gate) || more;
        }
    }
}

enum error_code gate_keeper_open(struct gate *gate, struct error *e) {
    struct gate_keeper *k = calloc(1, sizeof *k);
    if (k == NULL) return error_set(e, FAIL_MEMORY, "no room for the keeper");
    k->gate = gate;
    sem_init(&k->stop, 0, 0);
    int failed = pthread_create(&k->thread, NULL, keeper_run, k);
    if (failed != 0) {
        free(k);
        return error_set_errno(e, failed, "the keeper's thread");
    }
    gate->keeper = k;
    return OK;
}

void gate_keeper_close(struct gate *gate) {
    struct gate_keeper *k = gate->keeper;
    if (k == NULL) return;
    sem_post(&k->stop);
    pthread_join(k->thread, NULL);
    sem_destroy(&k->stop);
    free(k);
    gate->keeper = NULL;
}
